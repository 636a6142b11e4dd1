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
    DISPLAY_QUIT /* the window was closed */
};

struct display_event {
    enum display_event_kind kind;
    u16 key; /* enum key of keys.h */
    bool down;
};

/* Opens a window of 720 x 400 with this title, which outlives it. NULL, after one line in the log (which outlives the
 * window), when the host has no display for it. Grabs neither keyboard nor mouse. */
struct display *display_open(const char *title, struct log *log);
void display_close(struct display *d);

/* Shows a picture; the window takes the picture's size when that changes, times what the user scaled it to before, and
 * no more than the screen has room for. False, after one line in the log, when the host fails. */
bool display_show(struct display *d, const struct vga_frame *frame);

/* The next thing the user did, without waiting. Keys held when the window loses the keyboard come up. The host's
 * repeats are left out: the guest's keyboard makes its own. Ctrl-Alt-F (full screen), Ctrl-Alt-G (grab the keyboard or
 * give it back) and Ctrl-Alt-U (the picture's own size) act on the window instead. Call until it says DISPLAY_NONE. */
struct display_event display_poll(struct display *d);

#endif
