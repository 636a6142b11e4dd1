/* tally.h: what has been compared: by row, code size and form of the operands. In memory that workers share with their
 * parent. */
#ifndef PCEMU_TESTS_SILICON_TALLY_H
#define PCEMU_TESTS_SILICON_TALLY_H

#include "block.h"
#include "compare.h"

#include <stdio.h>

struct count {
    u64 runs, faults; /* executions; those of them that ended in an exception */
    u64 form[FORMS];
};

struct tally {
    u64 under_way; /* the trial's number */
    u64 trials, executions;
    u64 aside;    /* met what can't be compared, or had no end */
    u64 unsteady; /* differed, but not again */
    u64 differences;
    u64 crashes; /* of a worker */
    u64 differences_of[ROWS_MAX];
    struct count count[ROWS_MAX][3];
};

struct tally *tally_new(void);
void tally_free(struct tally *t);
/* Counts the instructions of a trial that both sides have done alike. Where branches decide which were met, those that
 * are certain. */
void tally_trial(struct tally *t, const struct trial *trial, const struct state *host);
void tally_add(struct tally *to, const struct tally *from);
static inline unsigned mode_index(enum code_mode mode)
{
    return mode == CODE16 ? 0 : mode == CODE32 ? 1 : 2;
}

/* report.c. One line a row and code size; what was never met, and why. */
struct host_caps;
void report_write(FILE *f, const struct tally *t, const struct host_caps *caps);
/* The rows and modes that could be covered, and those that were. */
void report_coverage(const struct tally *t, unsigned *wanted, unsigned *met);

#endif
