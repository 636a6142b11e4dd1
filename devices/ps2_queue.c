/* ps2_queue.c: the state of a PS/2 device's queue: see ps2_queue.h. */
#include "ps2_queue.h"

const struct state_field ps2_queue_fields[] = {
    STATE_BYTES(struct ps2_queue, byte),
    STATE_MAX(struct ps2_queue, head, PS2_QUEUE_SIZE - 1),
    STATE_MAX(struct ps2_queue, count, PS2_QUEUE_SIZE),
    STATE_END,
};
