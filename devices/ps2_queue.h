/* ps2_queue.h: what the two kinds of PS/2 device have in common: the bytes that wait in them for the controller, and
 * the answers of the protocol (IBM PS/2 Hardware Interface Technical Reference, "Keyboards" and "Auxiliary Device"). */
#ifndef PCEMU_PS2_QUEUE_H
#define PCEMU_PS2_QUEUE_H

#include "state.h"

#define PS2_QUEUE_SIZE 32 /* a power of two */
/* The self-test takes 300 to 750 ms in real devices; nobody waits for that here. */
#define PS2_BAT_NS ((u64)10000000)

enum ps2_reply {
    PS2_BAT_OK = 0xaa,
    PS2_ACK = 0xfa,
    PS2_ERROR = 0xfc,
    PS2_RESEND = 0xfe,
};

struct ps2_queue {
    /* state */
    u8 byte[PS2_QUEUE_SIZE];
    u8 head, count;
};

/* False: it is full. Indices are masked, whatever state was loaded. */
static inline bool ps2_queue_push(struct ps2_queue *q, u8 v)
{
    if (q->count >= PS2_QUEUE_SIZE)
        return false;
    q->byte[(q->head + q->count) % PS2_QUEUE_SIZE] = v;
    q->count++;
    return true;
}

/* The queue must not be empty. */
static inline u8 ps2_queue_pop(struct ps2_queue *q)
{
    u8 v = q->byte[q->head % PS2_QUEUE_SIZE];
    q->head = (u8)((q->head + 1u) % PS2_QUEUE_SIZE);
    q->count--;
    return v;
}

static inline u8 ps2_queue_last(const struct ps2_queue *q)
{
    return q->byte[(q->head + q->count - 1u) % PS2_QUEUE_SIZE];
}

static inline void ps2_queue_clear(struct ps2_queue *q)
{
    q->head = q->count = 0;
}

extern const struct state_field ps2_queue_fields[];

#endif
