/* sdl.c: the window: see sdl.h. A streaming texture of the guest's size is scaled to the window by SDL, keeping the
 * picture's proportions. SDL numbers keys by place as keys.h does, so scancodes pass through as they are. */
#include "sdl.h"
#include "keys.h"
#include "library.h"
#include <SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_WIDTH 720
#define FIRST_HEIGHT 400
#define LEAST_WIDTH 320
#define LEAST_HEIGHT 200
#define WHO "sdl"
#define HOT_MODIFIERS (KMOD_LCTRL | KMOD_LALT)
#define NO_DISPLAY "no display to open a window on"
#define GRAB_HINT "Ctrl-Alt-G gives keyboard and mouse back"

_Static_assert((int)SDL_SCANCODE_A == KEY_A && (int)SDL_SCANCODE_RGUI == KEY_RIGHT_GUI, "scancodes are HID usages");
_Static_assert((int)SDL_SCANCODE_UP == KEY_UP && (int)SDL_SCANCODE_KP_EQUALS == KEY_KP_EQUAL, "and so are these");

struct display {
    struct log *log;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture; /* NULL before the first picture */
    u32 width, height;    /* of the texture */
    double scale;         /* the user's: of the window to the picture */
    const char *title;
    bool grabbed;           /* keyboard and mouse */
    bool grabbed_in_window; /* while full screen: before it */
    bool absolute;          /* the guest wants places */
    u8 buttons;             /* held, as the guest knows */
};

static struct display *failed(struct display *d, const char *what)
{
    log_host(d->log, WHO, "%s: %s", what, SDL_GetError());
    display_close(d);
    return NULL;
}

/* OpenGL without hardware for it is Mesa's, by LLVM: 60 MiB, and slower than SDL's own copying. */
static bool has_graphics_hardware(void)
{
    return access("/dev/dri", F_OK) == 0;
}

static void set_hints(void)
{
    if (!has_graphics_hardware()) {
        SDL_SetHint(SDL_HINT_RENDER_DRIVER, "software");
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    }
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* Ctrl-C in the terminal is the front end's business */
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_ALLOW_ALT_TAB_WHILE_GRABBED, "0");
    SDL_SetHint(SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0"); /* full screen: the end of a grab looks like that */
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
}

/* Where it finds neither X nor Wayland SDL takes a driver that draws for nobody. Whoever names one means it. */
static bool seen_by_nobody(void)
{
    static const char *const blind[] = { "offscreen", "dummy", "evdev" };
    const char *driver = SDL_GetCurrentVideoDriver();
    for (unsigned i = 0; driver && !SDL_GetHint(SDL_HINT_VIDEODRIVER) && i < ARRAY_LEN(blind); i++)
        if (strcmp(driver, blind[i]) == 0)
            return true;
    return false;
}

struct display *display_open(const char *title, struct log *log)
{
    const char *why = library_load(&library_sdl2);
    struct display *d = why ? NULL : calloc(1, sizeof(*d));
    if (!d) {
        log_host(log, WHO, "%s", why ? why : "out of memory");
        return NULL;
    }
    d->log = log;
    d->title = title;
    d->scale = 1;
    set_hints();
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) < 0) {
        log_host(log, WHO, "%s: %s", NO_DISPLAY, SDL_GetError());
        free(d);
        return NULL;
    }
    if (seen_by_nobody()) {
        SDL_SetError("neither X nor Wayland answers");
        return failed(d, NO_DISPLAY);
    }
    d->window = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, FIRST_WIDTH, FIRST_HEIGHT,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_HIDDEN);
    if (!d->window)
        return failed(d, "window not opened");
    d->renderer = SDL_CreateRenderer(d->window, -1, 0);
    if (!d->renderer)
        d->renderer = SDL_CreateRenderer(d->window, -1, SDL_RENDERER_SOFTWARE);
    if (!d->renderer)
        return failed(d, "nothing to draw with");
    SDL_SetWindowMinimumSize(d->window, LEAST_WIDTH, LEAST_HEIGHT);
    SDL_ShowWindow(d->window); /* not before: SDL puts another window in its place for the renderer's sake */
    SDL_StopTextInput();       /* keys, not text: no input method */
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

/* Dots as squares where each becomes as many of the host's as its neighbours, else smoothed: letters with strokes of
 * uneven width are hard to read. */
static SDL_ScaleMode scale_mode(const struct display *d)
{
    int w = 0, h = 0, width = (int)d->width, height = (int)d->height;
    SDL_GetRendererOutputSize(d->renderer, &w, &h);
    int times = w / width < h / height ? w / width : h / height;
    return times >= 1 && (w == width * times || h == height * times) ? SDL_ScaleModeNearest : SDL_ScaleModeLinear;
}

static void present(struct display *d)
{
    SDL_RenderClear(d->renderer);
    if (d->texture) {
        SDL_SetTextureScaleMode(d->texture, scale_mode(d));
        SDL_RenderCopy(d->renderer, d->texture, NULL, NULL);
    }
    SDL_RenderPresent(d->renderer);
}

static bool window_has_own_size(const struct display *d)
{
    return !(SDL_GetWindowFlags(d->window) & (SDL_WINDOW_MAXIMIZED | SDL_WINDOW_FULLSCREEN));
}

static double smaller_ratio(int w, int h, const struct display *d)
{
    double across = (double)w / d->width, down = (double)h / d->height;
    return across < down ? across : down;
}

/* Gives the window the picture's size times the user's scale, or what the screen has room for. */
static void fit_window(struct display *d)
{
    double scale = d->scale;
    SDL_Rect room = { 0 };
    if (!d->texture || !window_has_own_size(d))
        return;
    if (SDL_GetDisplayUsableBounds(SDL_GetWindowDisplayIndex(d->window), &room) == 0 && room.w > 0 && room.h > 0) {
        double most = smaller_ratio(room.w, room.h, d);
        scale = scale < most ? scale : most;
    }
    SDL_SetWindowSize(d->window, (int)(d->width * scale + 0.5), (int)(d->height * scale + 0.5));
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
    fit_window(d);
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

/* With the keyboard grabbed the guest gets the keys that the host's window manager keeps for itself, too; with the
 * mouse, ways that no edge of the host's screen ends. A guest that draws a pointer at places has the host's hidden
 * above it. */
static void apply_grab(struct display *d)
{
    char title[256];
    SDL_SetWindowKeyboardGrab(d->window, d->grabbed ? SDL_TRUE : SDL_FALSE);
    SDL_SetRelativeMouseMode(d->grabbed && !d->absolute ? SDL_TRUE : SDL_FALSE);
    SDL_ShowCursor(d->absolute ? SDL_DISABLE : SDL_ENABLE);
    snprintf(title, sizeof title, "%s - %s", d->title, GRAB_HINT);
    SDL_SetWindowTitle(d->window, d->grabbed ? title : d->title);
}

static void set_grab(struct display *d, bool grab)
{
    if (d->grabbed == grab)
        return;
    d->grabbed = grab;
    apply_grab(d);
}

void display_set_absolute(struct display *d, bool absolute)
{
    if (d->absolute == absolute)
        return;
    d->absolute = absolute;
    apply_grab(d);
}

static void toggle_full_screen(struct display *d)
{
    bool full = !(SDL_GetWindowFlags(d->window) & SDL_WINDOW_FULLSCREEN);
    if (full)
        d->grabbed_in_window = d->grabbed;
    else
        set_grab(d, d->grabbed_in_window);
    SDL_SetWindowFullscreen(d->window, full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    if (full)
        set_grab(d, true);
    fit_window(d); /* the guest may have changed its mode meanwhile */
}

static void original_size(struct display *d)
{
    d->scale = 1;
    fit_window(d);
}

/* QEMU's keys. The guest sees Ctrl and Alt, and is not told of the letter. */
static bool hot_key(struct display *d, const SDL_KeyboardEvent *e)
{
    if (e->type != SDL_KEYDOWN || (e->keysym.mod & HOT_MODIFIERS) != HOT_MODIFIERS)
        return false;
    switch (e->keysym.scancode) {
    case SDL_SCANCODE_F:
        toggle_full_screen(d);
        return true;
    case SDL_SCANCODE_G:
        set_grab(d, !d->grabbed);
        return true;
    case SDL_SCANCODE_U:
        original_size(d);
        return true;
    default:
        return false;
    }
}

static struct display_event key_event(struct display *d, const SDL_KeyboardEvent *e)
{
    unsigned code = (unsigned)e->keysym.scancode;
    if (code < KEY_A || code >= KEY_COUNT || e->repeat || hot_key(d, e))
        return (struct display_event){ 0 };
    return (struct display_event){ .kind = DISPLAY_KEY, .key = (u16)code, .down = e->type == SDL_KEYDOWN };
}

/* ---- the mouse ---- */

/* SDL gives places in dots of the picture, also beyond its edge where there are bars. */
static s32 place(s32 dot, u32 dots)
{
    s32 last = (s32)dots - 1;
    dot = dot > last ? last : dot < 0 ? 0 : dot;
    return last > 0 ? (s32)((s64)dot * (DISPLAY_PLACES - 1) / last) : 0;
}

static struct display_event mouse_event(const struct display *d, s32 x, s32 y, s32 dz)
{
    if (!d->absolute)
        return (struct display_event){ .kind = DISPLAY_MOUSE, .x = x, .y = y, .dz = dz, .buttons = d->buttons };
    return (struct display_event){
        .kind = DISPLAY_POINTER, .x = place(x, d->width), .y = place(y, d->height), .dz = dz, .buttons = d->buttons
    };
}

/* An event without motion. */
static struct display_event mouse_stays(const struct display *d, s32 dz)
{
    int x = 0, y = 0;
    if (d->absolute) {
        float across, down;
        SDL_GetMouseState(&x, &y);
        SDL_RenderWindowToLogical(d->renderer, x, y, &across, &down);
        x = (int)across;
        y = (int)down;
    }
    return mouse_event(d, x, y, dz);
}

static bool takes_mouse(const struct display *d)
{
    return d->grabbed || d->absolute;
}

static u8 button_bit(u8 sdl)
{
    static const u8 bit[] = { [SDL_BUTTON_LEFT] = DISPLAY_LEFT,
                              [SDL_BUTTON_MIDDLE] = DISPLAY_MIDDLE,
                              [SDL_BUTTON_RIGHT] = DISPLAY_RIGHT,
                              [SDL_BUTTON_X1] = DISPLAY_BACK,
                              [SDL_BUTTON_X2] = DISPLAY_FORWARD };
    return sdl < ARRAY_LEN(bit) ? bit[sdl] : 0;
}

/* The click that grabs the mouse is the window's. */
static struct display_event button_event(struct display *d, const SDL_MouseButtonEvent *e)
{
    u8 bit = button_bit(e->button);
    if (!takes_mouse(d)) {
        if (e->type == SDL_MOUSEBUTTONUP && e->button == SDL_BUTTON_LEFT)
            set_grab(d, true);
        return (struct display_event){ 0 };
    }
    d->buttons = (u8)(e->type == SDL_MOUSEBUTTONDOWN ? d->buttons | bit : d->buttons & ~bit);
    return d->absolute ? mouse_event(d, e->x, e->y, 0) : mouse_event(d, 0, 0, 0);
}

static struct display_event motion_event(struct display *d, const SDL_MouseMotionEvent *e)
{
    if (!takes_mouse(d))
        return (struct display_event){ 0 };
    return d->absolute ? mouse_event(d, e->x, e->y, 0) : mouse_event(d, e->xrel, e->yrel, 0);
}

static struct display_event wheel_event(struct display *d, const SDL_MouseWheelEvent *e)
{
    s32 away = e->direction == SDL_MOUSEWHEEL_FLIPPED ? -e->y : e->y;
    if (!takes_mouse(d) || !away)
        return (struct display_event){ 0 };
    return mouse_stays(d, -away);
}

/* The user works with another window: the guest's buttons come up. */
static struct display_event focus_lost(struct display *d)
{
    bool held = d->buttons;
    if (!(SDL_GetWindowFlags(d->window) & SDL_WINDOW_FULLSCREEN))
        set_grab(d, false);
    d->buttons = 0;
    return held ? mouse_stays(d, 0) : (struct display_event){ 0 };
}

static struct display_event window_event(struct display *d, const SDL_WindowEvent *e)
{
    if (e->event == SDL_WINDOWEVENT_FOCUS_LOST)
        return focus_lost(d);
    if (e->event == SDL_WINDOWEVENT_RESIZED && d->texture && window_has_own_size(d))
        d->scale = smaller_ratio(e->data1, e->data2, d); /* not by us */
    if (e->event == SDL_WINDOWEVENT_EXPOSED || e->event == SDL_WINDOWEVENT_SIZE_CHANGED)
        present(d);
    return (struct display_event){ 0 };
}

static struct display_event translate(struct display *d, const SDL_Event *e)
{
    switch (e->type) {
    case SDL_QUIT:
        return (struct display_event){ .kind = DISPLAY_QUIT };
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        return key_event(d, &e->key);
    case SDL_WINDOWEVENT:
        return window_event(d, &e->window);
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        return button_event(d, &e->button);
    case SDL_MOUSEMOTION:
        return motion_event(d, &e->motion);
    case SDL_MOUSEWHEEL:
        return wheel_event(d, &e->wheel);
    default:
        return (struct display_event){ 0 };
    }
}

struct display_event display_poll(struct display *d)
{
    SDL_Event e;
    if (!takes_mouse(d) && d->buttons) { /* held when the grab ended */
        d->buttons = 0;
        return mouse_stays(d, 0);
    }
    while (SDL_PollEvent(&e)) {
        struct display_event out = translate(d, &e);
        if (out.kind != DISPLAY_NONE)
            return out;
    }
    return (struct display_event){ 0 };
}
