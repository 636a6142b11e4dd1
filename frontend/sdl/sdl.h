/* sdl.h: the machine's screen and keyboard as a window of the host (SDL 2). One thread only: the one that opened it. */
#ifndef PCEMU_SDL_H
#define PCEMU_SDL_H

#include "base.h"
#include "frame.h"
#include "log.h"

struct display;

enum display_event_kind {
    DISPLAY_NONE, /* nothing more for now */
    DISPLAY_KEY,
    DISPLAY_MOUSE,   /* a way, while the mouse is grabbed */
    DISPLAY_POINTER, /* a place of the picture, where the guest wants places */
    DISPLAY_QUIT     /* the window was closed */
};

struct display_event {
    enum display_event_kind kind;
    u16 key; /* enum key of keys.h */
    bool down;
    s32 x, y;   /* DISPLAY_MOUSE: dots right and down; DISPLAY_POINTER: DISPLAY_PLACES across the picture, and down */
    s32 dz;     /* notches of the wheel, towards the user */
    u8 buttons; /* enum display_button, held from now on */
};

#define DISPLAY_PLACES 32768
enum display_button { DISPLAY_LEFT = 1, DISPLAY_RIGHT = 2, DISPLAY_MIDDLE = 4, DISPLAY_BACK = 8, DISPLAY_FORWARD = 16 };

/* Opens a window of 720 x 400 with this title, which outlives it. NULL, after one line in the log (which outlives the
 * window), when the host has no display for it. Grabs neither keyboard nor mouse. */
struct display *display_open(const char *title, struct log *log);
void display_close(struct display *d);

/* Shows a picture; the window takes the picture's size when that changes, times what the user scaled it to before, and
 * no more than the screen has room for. False, after one line in the log, when the host fails. */
bool display_show(struct display *d, const struct vga_frame *frame);

/* The next thing the user did, without waiting. Keys held when the window loses the keyboard come up. The host's
 * repeats are left out: the guest's keyboard makes its own. Ctrl-Alt-F (full screen), Ctrl-Alt-G (grab keyboard and
 * mouse or give them back) and Ctrl-Alt-U (the picture's own size) act on the window instead; so does a click into a
 * window that has not grabbed the mouse. Full screen grabs, too; losing the keyboard ends a grab. Call until it says
 * DISPLAY_NONE. */
struct display_event display_poll(struct display *d);

/* Whether the guest wants places of a pointer (DISPLAY_POINTER, without a grab) instead of ways. */
void display_set_absolute(struct display *d, bool absolute);

#endif
