/* key_queue.h: keys on their way from the window to the machine. The guest's keyboard holds 16 bytes and loses what
 * comes on top, even the end of a key press; so keys wait here until it has room. A guest that reads no keys gets those
 * that fit; what is put in is balanced: a key that went down comes up. */
#ifndef PCEMU_KEY_QUEUE_H
#define PCEMU_KEY_QUEUE_H

#include "base.h"
#include "keys.h"

#define KEY_QUEUE_SIZE 64

struct key_change {
    u16 key; /* enum key */
    bool down;
};

/* All zeros: empty, no key held. */
struct key_queue {
    struct key_change change[KEY_QUEUE_SIZE];
    u32 head, count;
    u32 held; /* keys down at the queue's end; there is room for their ups: count + held <= KEY_QUEUE_SIZE */
    u32 down[(KEY_COUNT + 31) / 32]; /* which */
};

/* Appends a change. Left out: what is no change, unknown keys, and keys going down where there is no room. */
void key_queue_put(struct key_queue *q, unsigned key, bool down);
/* The oldest change; false: there is none. */
bool key_queue_take(struct key_queue *q, struct key_change *change);

#endif
