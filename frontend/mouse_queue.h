/* mouse_queue.h: what the user does with the mouse, on its way from the window to the machine. The guest's mouse tells
 * the state of its buttons now and then, so clicks wait here until the last change was told; motion with the same
 * buttons adds up. */
#ifndef PCEMU_MOUSE_QUEUE_H
#define PCEMU_MOUSE_QUEUE_H

#include "base.h"

#define MOUSE_QUEUE_SIZE 64

struct mouse_change {
    bool absolute;    /* x, y are a place of the screen, MACHINE_PLACES across and down; else a way in counts */
    s32 x, y;         /* right, down */
    s32 dz;           /* notches of the wheel towards the user */
    unsigned buttons; /* MOUSE_LEFT … of machine.h, held from now on */
};

/* All zeros: empty. */
struct mouse_queue {
    struct mouse_change change[MOUSE_QUEUE_SIZE];
    u32 head, count;
};

/* Appends a change. Where there is no room it becomes part of the last one: the end of a press is not lost. */
void mouse_queue_put(struct mouse_queue *q, const struct mouse_change *change);
/* The oldest change; false: there is none. */
bool mouse_queue_take(struct mouse_queue *q, struct mouse_change *change);

#endif
