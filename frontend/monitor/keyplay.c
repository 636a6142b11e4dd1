/* keyplay.c: see keyplay.h. */
#include "keyplay.h"

#include "machine.h"

#define RETRY_NS 1000000u /* of virtual time, where the keyboard has no room: a moment that no slice decides */

static void put(struct key_player *p, u16 key, bool down, u64 pause_ns)
{
    unsigned at = (p->head + p->count++) % KEY_PLAYER_MAX;
    p->change[at].key = key;
    p->change[at].down = down;
    p->change[at].pause_ns = pause_ns;
}

bool key_player_add(struct key_player *p, const u16 *keys, unsigned count, u64 hold_ns)
{
    if (count > KEY_PLAYER_MAX / 2 || p->count + 2 * count > KEY_PLAYER_MAX)
        return false;
    for (unsigned i = 0; i < count; i++)
        put(p, keys[i], true, hold_ns);
    for (unsigned i = count; i-- > 0;)
        put(p, keys[i], false, hold_ns);
    return true;
}

u64 key_player_run(struct key_player *p, struct machine *m)
{
    u64 now = machine_now_ns(m);
    while (p->count && now >= p->next_ns) {
        unsigned at = p->head;
        if (!machine_key_ready(m)) {
            p->next_ns = now + RETRY_NS;
            break;
        }
        machine_key(m, p->change[at].key, p->change[at].down);
        p->next_ns = now + p->change[at].pause_ns;
        p->head = (p->head + 1) % KEY_PLAYER_MAX;
        p->count--;
    }
    return p->count ? p->next_ns : UINT64_MAX;
}
