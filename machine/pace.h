/* pace.h: keeps virtual time beside the host's clock (-clock host). Before each slice it sets how many nanoseconds an
 * instruction takes, so that at the slice's end both clocks should show the same; what was wrong is put right by the
 * next slice. Time never jumps over a timer's deadline: a machine that has fallen behind gets fewer instructions
 * between two deadlines, not fewer timer interrupts. */
#ifndef PCEMU_PACE_H
#define PCEMU_PACE_H

#include "vtime.h"

#define PACE_SLICE_NS 4000000u

struct pace {
    u64 (*host_now)(void *host); /* ns, monotonic */
    void *host;
    u64 origin; /* host time at virtual time 0 */
    u64 speed;  /* measured: instructions a nanosecond of host time, 32.32 fixed point */
};

void pace_init(struct pace *p, u64 (*host_now)(void *host), void *host);
/* Says that virtual time `now` is as it should be: -clock insn goes beside the host's clock from here on. */
void pace_set(struct pace *p, u64 now);
/* Where virtual time should be now. */
u64 pace_target(const struct pace *p);
/* Sets the rate for the next slice; returns how many instructions it should have. */
u64 pace_begin(struct pace *p, struct vtime *t, u64 icount);
/* `insns` instructions took `ns` of host time. */
void pace_measure(struct pace *p, u64 insns, u64 ns);

#endif
