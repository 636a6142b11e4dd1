/* probe_set.h: the probes of a machine, as the parts that make events see them. */
#ifndef PCEMU_PROBE_SET_H
#define PCEMU_PROBE_SET_H

#include "probe.h"

struct probe_set {
    struct probe *probe;
    unsigned count;
    u32 kinds;                /* of all of them */
    const u64 *icount_others; /* added to a processor's own count of instructions gives the machine's */
    const struct probe *exec; /* the only one that asks for PROBE_EXEC, and for every instruction; or NULL */
};

/* Tells every probe that asks for it. True: one of them answered PROBE_STOP. */
bool probe_set_tell(const struct probe_set *s, const struct probe_event *e);
/* Does any probe of one of `kinds` (BIT) ask for some of the `bytes` bytes of memory at `linear`, which are at
 * `physical`? */
bool probe_set_overlaps(const struct probe_set *s, u32 kinds, u64 linear, u64 physical, u64 bytes);
/* Does any probe of one of `kinds` ask for an address, linear or physical, with this offset in its page? */
bool probe_set_has_offset(const struct probe_set *s, u32 kinds, unsigned offset);

#endif
