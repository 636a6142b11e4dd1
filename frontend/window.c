/* window.c: between the machine and the window of sdl/. */
#include "session.h"

#ifdef HAVE_SDL

#include "key_queue.h"
#include "mouse_queue.h"
#include "picture.h"
#include "sdl/sdl.h"

#include <stdlib.h>

struct window {
    struct display *display;
    struct key_queue keys;
    struct mouse_queue mouse;
    struct vga_frame frame; /* the next picture */
    struct vga_frame shown; /* the one in the window */
    u64 drawn_ns;           /* host time of the last look at the screen */
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
    free(w->shown.pixels);
    free(w);
}

_Static_assert((int)DISPLAY_LEFT == MOUSE_LEFT && (int)DISPLAY_RIGHT == MOUSE_RIGHT &&
                   (int)DISPLAY_MIDDLE == MOUSE_MIDDLE && (int)DISPLAY_BACK == MOUSE_BACK &&
                   (int)DISPLAY_FORWARD == MOUSE_FORWARD && DISPLAY_PLACES == MACHINE_PLACES,
               "the window's mouse is the machine's");

static void queue_mouse(struct window *w, const struct display_event *e)
{
    const struct mouse_change change = { e->kind == DISPLAY_POINTER, e->x, e->y, e->dz, e->buttons };
    mouse_queue_put(&w->mouse, &change);
}

static void feed_mouse(struct window *w, struct machine *m)
{
    struct mouse_change c;
    while (machine_mouse_ready(m) && mouse_queue_take(&w->mouse, &c)) {
        if (c.absolute)
            machine_pointer(m, (unsigned)c.x, (unsigned)c.y, c.dz, c.buttons);
        else
            machine_mouse(m, c.x, c.y, c.dz, c.buttons);
    }
}

bool window_poll(struct window *w, struct machine *m)
{
    struct display_event e;
    display_set_absolute(w->display, machine_wants_pointer(m));
    while ((e = display_poll(w->display)).kind != DISPLAY_NONE) {
        if (e.kind == DISPLAY_QUIT)
            return false;
        if (e.kind == DISPLAY_KEY)
            key_queue_put(&w->keys, e.key, e.down);
        else
            queue_mouse(w, &e);
    }
    struct key_change key;
    while (machine_key_ready(m) && key_queue_take(&w->keys, &key))
        machine_key(m, key.key, key.down);
    feed_mouse(w, m);
    return true;
}

static bool same_picture(const struct vga_frame *a, const struct vga_frame *b)
{
    return a->width == b->width && a->height == b->height &&
           memcmp(a->pixels, b->pixels, (size_t)a->width * a->height * sizeof *a->pixels) == 0;
}

/* Most pictures are those of a guest that waits for its user: they cost a drawing and a comparison. */
void window_show(struct window *w, struct machine *m, u64 host_ns)
{
    if (host_ns - w->drawn_ns < WINDOW_FRAME_NS)
        return;
    w->drawn_ns = host_ns;
    if (!picture_draw(&w->frame, m) || same_picture(&w->frame, &w->shown) || !display_show(w->display, &w->frame))
        return;
    struct vga_frame next = w->shown;
    w->shown = w->frame;
    w->frame = next;
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
