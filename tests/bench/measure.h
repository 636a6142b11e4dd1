/* measure.h: one run of one kernel on a machine of its own, and what it cost the host. */
#ifndef PCEMU_TESTS_BENCH_MEASURE_H
#define PCEMU_TESTS_BENCH_MEASURE_H

#include "bench_rom.h"

struct cost {
    u64 guest_insns;
    u64 host_ns;       /* processor time of this thread */
    u64 host_insns;    /* 0: the host's processor or kernel does not count them */
    u64 host_branches; /* likewise */
};

/* Runs the kernel that the ROM has selected, from its start line to its end line. False after saying why on stderr. */
bool measure_kernel(const struct bench_rom *rom, struct cost *cost);
/* What an indirect branch costs at this moment in a chain of calls as interpreters make them, ns. */
double measure_indirect_branch(void);

#endif
