/* mouse_queue.c: see mouse_queue.h. */
#include "mouse_queue.h"

static s32 add(s32 a, s32 b)
{
    s64 sum = (s64)a + b;
    return (s32)(sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum);
}

static void merge(struct mouse_change *to, const struct mouse_change *next)
{
    bool moves_on = !next->absolute && !to->absolute;
    to->x = moves_on ? add(to->x, next->x) : next->x;
    to->y = moves_on ? add(to->y, next->y) : next->y;
    to->dz = add(to->dz, next->dz);
    to->absolute = next->absolute;
    to->buttons = next->buttons;
}

void mouse_queue_put(struct mouse_queue *q, const struct mouse_change *change)
{
    struct mouse_change *last = &q->change[(q->head + q->count - 1) % MOUSE_QUEUE_SIZE];
    bool same = q->count && last->buttons == change->buttons && last->absolute == change->absolute;
    if (same || q->count == MOUSE_QUEUE_SIZE) {
        merge(last, change);
        return;
    }
    q->change[(q->head + q->count) % MOUSE_QUEUE_SIZE] = *change;
    q->count++;
}

bool mouse_queue_take(struct mouse_queue *q, struct mouse_change *change)
{
    if (!q->count)
        return false;
    *change = q->change[q->head];
    q->head = (q->head + 1) % MOUSE_QUEUE_SIZE;
    q->count--;
    return true;
}
