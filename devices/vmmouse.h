/* vmmouse.h: the absolute pointer behind vmport. See vmmouse.c. */
#ifndef PCEMU_VMMOUSE_H
#define PCEMU_VMMOUSE_H

#include "log.h"
#include "ps2_mouse.h"
#include "state.h"

#define VMMOUSE_QUEUE 1024   /* words */
#define VMMOUSE_DATA_MAX 6   /* words that one command can read */
#define VMMOUSE_PLACES 32768 /* places across the screen, and down */

struct vmmouse {
    /* wiring */
    struct log *log;
    struct ps2_mouse *ps2;
    /* state */
    u32 queue[VMMOUSE_QUEUE];
    u16 count;
    bool enabled;  /* a driver has asked for it: what the user does comes here… */
    bool absolute; /* …as places instead of motion */
};

/* `ps2`: nudged when there is something to read; not owned. */
void vmmouse_init(struct vmmouse *s, struct ps2_mouse *ps2, struct log *log);
void vmmouse_reset(void *self);

/* The user moves it: as ps2_mouse_move(), or, where it is absolute, to a place (0 … VMMOUSE_PLACES - 1). */
void vmmouse_move(struct vmmouse *s, int x, int y, int dz, unsigned buttons);
/* There is room for another event. */
bool vmmouse_ready(const struct vmmouse *s);

/* The guest's commands, for vmport. */
u32 vmmouse_status(const struct vmmouse *s);
void vmmouse_command(struct vmmouse *s, u32 command);
/* Takes `size` words of the queue; false: there are not as many, and the mouse is off. */
bool vmmouse_data(struct vmmouse *s, u32 *data, u32 size);

extern const struct state_table vmmouse_state;

#endif
