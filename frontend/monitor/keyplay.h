/* keyplay.h: the player that types keys for `sendkey` and for scripts. */
#ifndef PCEMU_KEYPLAY_H
#define PCEMU_KEYPLAY_H

#include "key_names.h"

#define KEY_PLAYER_MAX 256 /* changes that wait */

/* Keys that wait to go down or up. All zeros: none. */
struct key_player {
    struct {
        u16 key;
        bool down;
        u64 pause_ns; /* after it */
    } change[KEY_PLAYER_MAX];
    unsigned head, count;
    u64 next_ns; /* virtual time before which nothing is played */
};

/* Presses `count` keys one after the other and lets them go in reverse, each change followed by `hold_ns`. False: too
 * many wait already; none of them is taken. */
bool key_player_add(struct key_player *p, const u16 *keys, unsigned count, u64 hold_ns);

struct machine;
/* Gives the machine what is due and it has room for. Between slices. Return: the virtual time of the next look;
 * UINT64_MAX: no keys wait. */
u64 key_player_run(struct key_player *p, struct machine *m);

#endif
