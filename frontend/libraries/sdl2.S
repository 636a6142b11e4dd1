/* sdl2.S: the window (SDL 2), see library.h. */
#include "functions.S.h"

    LIBRARY sdl2, LIBRARY_FILE
    FUNCTION SDL_CreateRenderer
    FUNCTION SDL_CreateTexture
    FUNCTION SDL_CreateWindow
    FUNCTION SDL_DestroyRenderer
    FUNCTION SDL_DestroyTexture
    FUNCTION SDL_DestroyWindow
    FUNCTION SDL_GetCurrentVideoDriver
    FUNCTION SDL_GetDisplayUsableBounds
    FUNCTION SDL_GetError
    FUNCTION SDL_GetHint
    FUNCTION SDL_GetMouseState
    FUNCTION SDL_GetRendererOutputSize
    FUNCTION SDL_GetWindowDisplayIndex
    FUNCTION SDL_GetWindowFlags
    FUNCTION SDL_InitSubSystem
    FUNCTION SDL_PollEvent
    FUNCTION SDL_QuitSubSystem
    FUNCTION SDL_RenderClear
    FUNCTION SDL_RenderCopy
    FUNCTION SDL_RenderPresent
    FUNCTION SDL_RenderSetLogicalSize
    FUNCTION SDL_RenderWindowToLogical
    FUNCTION SDL_SetError
    FUNCTION SDL_SetHint
    FUNCTION SDL_SetRelativeMouseMode
    FUNCTION SDL_SetTextureScaleMode
    FUNCTION SDL_SetWindowFullscreen
    FUNCTION SDL_SetWindowKeyboardGrab
    FUNCTION SDL_SetWindowMinimumSize
    FUNCTION SDL_SetWindowSize
    FUNCTION SDL_SetWindowTitle
    FUNCTION SDL_ShowCursor
    FUNCTION SDL_ShowWindow
    FUNCTION SDL_StopTextInput
    FUNCTION SDL_UpdateTexture
    END
