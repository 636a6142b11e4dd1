/* work.h: what a worker does: trials by number. A trial depends on seed and number alone, so that the same are run
 * however many workers share them. */
#ifndef PCEMU_TESTS_SILICON_WORK_H
#define PCEMU_TESTS_SILICON_WORK_H

#include "host.h"
#include "tally.h"

struct options {
    u64 seed, count;
    u64 only; /* of all trials, this one; UINT64_MAX: all */
    double seconds;
    const char *row, *report, *replay, *encodings;
    unsigned bits, insns, show, jobs;
};

#define EXIT_CANNOT 77

double work_clock(void);
/* As one of o->jobs workers: trial `first` and every o->jobs-th after it, until o->count or the time is over. Returns
 * an exit status. */
int work(const struct options *o, struct tally *t, u64 first, double until);
/* The opcode space. */
int work_encodings(const struct options *o);
/* One trial that was printed; 1: it still differs. */
int work_replay(const struct options *o);

#endif
