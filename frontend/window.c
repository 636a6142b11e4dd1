/* window.c: between the machine and the window of sdl/. */
#include "session.h"

#ifdef HAVE_SDL

#include "sdl/sdl.h"

#include <stdlib.h>

struct window {
    struct display *display;
    struct vga_frame frame;
    u64 shown_ns; /* host time of the last picture */
};

bool window_available(void)
{
    return true;
}

struct window *window_open(const char *name, struct log *log)
{
    struct window *w = calloc(1, sizeof *w);
    if (!w) {
        log_host(log, "window", "no memory");
        return NULL;
    }
    w->display = display_open(name, log);
    if (!w->display) {
        free(w);
        return NULL;
    }
    return w;
}

void window_close(struct window *w)
{
    display_close(w->display);
    free(w->frame.pixels);
    free(w);
}

bool window_poll(struct window *w, struct machine *m)
{
    struct display_event e;
    while ((e = display_poll(w->display)).kind != DISPLAY_NONE) {
        if (e.kind == DISPLAY_QUIT)
            return false;
        machine_key(m, e.key, e.down);
    }
    return true;
}

/* Draws into the frame, which grows to the size of the picture. */
static bool draw(struct window *w, struct machine *m)
{
    if (machine_draw(m, &w->frame))
        return true;
    size_t room = (size_t)w->frame.width * w->frame.height;
    u32 *pixels = room ? realloc(w->frame.pixels, room * sizeof *pixels) : NULL;
    if (!pixels)
        return false;
    w->frame.pixels = pixels;
    w->frame.room = room;
    return machine_draw(m, &w->frame);
}

void window_show(struct window *w, struct machine *m, u64 host_ns)
{
    if (host_ns - w->shown_ns < WINDOW_FRAME_NS)
        return;
    w->shown_ns = host_ns;
    if (draw(w, m))
        display_show(w->display, &w->frame);
}

#else

bool window_available(void)
{
    return false;
}

struct window *window_open(const char *name, struct log *log)
{
    (void)name, (void)log;
    return NULL;
}

void window_close(struct window *w)
{
    (void)w;
}

bool window_poll(struct window *w, struct machine *m)
{
    (void)w, (void)m;
    return true;
}

void window_show(struct window *w, struct machine *m, u64 host_ns)
{
    (void)w, (void)m, (void)host_ns;
}

#endif
