/* sdl.c: the window: see sdl.h. A streaming texture of the guest's size is scaled to the window by SDL, keeping the
 * picture's proportions. SDL numbers keys by place as keys.h does, so scancodes pass through as they are. */
#include "sdl.h"
#include "keys.h"
#include <SDL.h>
#include <stdlib.h>

#define FIRST_WIDTH 720
#define FIRST_HEIGHT 400
#define WHO "sdl"

_Static_assert((int)SDL_SCANCODE_A == KEY_A && (int)SDL_SCANCODE_RGUI == KEY_RIGHT_GUI, "scancodes are HID usages");
_Static_assert((int)SDL_SCANCODE_UP == KEY_UP && (int)SDL_SCANCODE_KP_EQUALS == KEY_KP_EQUAL, "and so are these");

struct display {
    struct log *log;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture; /* NULL before the first picture */
    u32 width, height;    /* of the texture */
};

static struct display *failed(struct display *d, const char *what)
{
    log_host(d->log, WHO, "%s: %s", what, SDL_GetError());
    display_close(d);
    return NULL;
}

static void set_hints(void)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* Ctrl-C in the terminal is the front end's business */
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "nearest");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
}

struct display *display_open(const char *title, struct log *log)
{
    struct display *d = calloc(1, sizeof(*d));
    if (!d) {
        log_host(log, WHO, "out of memory");
        return NULL;
    }
    d->log = log;
    set_hints();
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) < 0) {
        log_host(log, WHO, "no display to open a window on: %s", SDL_GetError());
        free(d);
        return NULL;
    }
    d->window = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, FIRST_WIDTH, FIRST_HEIGHT,
                                 SDL_WINDOW_RESIZABLE);
    if (!d->window)
        return failed(d, "window not opened");
    d->renderer = SDL_CreateRenderer(d->window, -1, 0);
    if (!d->renderer)
        d->renderer = SDL_CreateRenderer(d->window, -1, SDL_RENDERER_SOFTWARE);
    if (!d->renderer)
        return failed(d, "nothing to draw with");
    SDL_StopTextInput(); /* keys, not text: no input method */
    return d;
}

void display_close(struct display *d)
{
    if (!d)
        return;
    if (d->texture)
        SDL_DestroyTexture(d->texture);
    if (d->renderer)
        SDL_DestroyRenderer(d->renderer);
    if (d->window)
        SDL_DestroyWindow(d->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    free(d);
}

void display_set_title(struct display *d, const char *title)
{
    SDL_SetWindowTitle(d->window, title);
}

static void present(struct display *d)
{
    SDL_RenderClear(d->renderer);
    if (d->texture)
        SDL_RenderCopy(d->renderer, d->texture, NULL, NULL);
    SDL_RenderPresent(d->renderer);
}

/* A new guest mode: a texture and, unless the user maximised it, a window of that size. */
static bool resize(struct display *d, u32 width, u32 height)
{
    if (d->texture)
        SDL_DestroyTexture(d->texture);
    d->texture =
        SDL_CreateTexture(d->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, (int)width, (int)height);
    d->width = d->texture ? width : 0;
    d->height = d->texture ? height : 0;
    if (!d->texture)
        return false;
    if (!(SDL_GetWindowFlags(d->window) & (SDL_WINDOW_MAXIMIZED | SDL_WINDOW_FULLSCREEN)))
        SDL_SetWindowSize(d->window, (int)width, (int)height);
    return SDL_RenderSetLogicalSize(d->renderer, (int)width, (int)height) == 0;
}

bool display_show(struct display *d, const struct vga_frame *frame)
{
    if (frame->width == 0 || frame->height == 0 || (size_t)frame->width * frame->height > frame->room)
        return true; /* no picture in it */
    bool same = frame->width == d->width && frame->height == d->height;
    if ((!same && !resize(d, frame->width, frame->height)) ||
        SDL_UpdateTexture(d->texture, NULL, frame->pixels, (int)(frame->width * sizeof(u32))) != 0) {
        log_host(d->log, WHO, "picture of %u x %u not shown: %s", frame->width, frame->height, SDL_GetError());
        return false;
    }
    present(d);
    return true;
}

static struct display_event key_event(const SDL_KeyboardEvent *e)
{
    unsigned code = (unsigned)e->keysym.scancode;
    if (code < KEY_A || code >= KEY_COUNT || e->repeat)
        return (struct display_event){ 0 };
    return (struct display_event){ DISPLAY_KEY, (u16)code, e->type == SDL_KEYDOWN };
}

static struct display_event translate(struct display *d, const SDL_Event *e)
{
    switch (e->type) {
    case SDL_QUIT:
        return (struct display_event){ .kind = DISPLAY_QUIT };
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        return key_event(&e->key);
    case SDL_WINDOWEVENT:
        if (e->window.event == SDL_WINDOWEVENT_EXPOSED || e->window.event == SDL_WINDOWEVENT_SIZE_CHANGED)
            present(d);
        return (struct display_event){ 0 };
    default:
        return (struct display_event){ 0 };
    }
}

struct display_event display_poll(struct display *d)
{
    SDL_Event e;
    while (SDL_PollEvent(&e)) {
        struct display_event out = translate(d, &e);
        if (out.kind != DISPLAY_NONE)
            return out;
    }
    return (struct display_event){ 0 };
}
