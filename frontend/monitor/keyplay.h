/* keyplay.h: QEMU's names of keys, as `sendkey` takes them, and the player that types them. */
#ifndef PCEMU_KEYPLAY_H
#define PCEMU_KEYPLAY_H

#include "base.h"
#include "keys.h"

/* The key (keys.h) called `name`, of `len` characters, or written as the number of its make code ("0x1c"; 0xe0 prefixed
 * ones with bit 7 set). KEY_NONE: there is none, or no PC keyboard has it. */
unsigned key_by_name(const char *name, size_t len);
/* The n-th of the names, for completion; NULL behind the last. */
const char *key_name(size_t n);

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
/* Gives the machine what is due and it has room for, and sets its alarm for the rest. Between slices. */
void key_player_run(struct key_player *p, struct machine *m);

#endif
