/* key_queue.c: see key_queue.h. */
#include "key_queue.h"

static bool has_room(const struct key_queue *q)
{
    return q->count + q->held + 2 <= KEY_QUEUE_SIZE; /* for the key going down and, some day, up */
}

void key_queue_put(struct key_queue *q, unsigned key, bool down)
{
    if (key >= KEY_COUNT)
        return;
    u32 bit = BIT(key % 32), *word = &q->down[key / 32];
    bool is_down = *word & bit;
    if (is_down == down || (down && !has_room(q)))
        return;
    *word ^= bit;
    q->held += down ? 1 : -1u;
    q->change[(q->head + q->count) % KEY_QUEUE_SIZE] = (struct key_change){ (u16)key, down };
    q->count++;
}

bool key_queue_take(struct key_queue *q, struct key_change *change)
{
    if (!q->count)
        return false;
    *change = q->change[q->head];
    q->head = (q->head + 1) % KEY_QUEUE_SIZE;
    q->count--;
    return true;
}
