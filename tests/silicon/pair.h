/* pair.h: one trial on both sides, and what is made of a difference: a line that can be replayed, and the smallest
 * trial that still shows it. */
#ifndef PCEMU_TESTS_SILICON_PAIR_H
#define PCEMU_TESTS_SILICON_PAIR_H

#include "compare.h"
#include "host.h"

enum verdict { SAME, ASIDE, UNSTEADY, DIFFERENT };

struct pair {
    struct bench *b;
    struct host_caps *caps;
    struct outcome host, emulator; /* of the last run */
    const char *what;              /* differs */
};

/* Runs the trial once on each side. */
enum verdict pair_run(struct pair *p, const struct trial *t);
/* The same; a difference must come again to be one, and must not be due to what can't be compared. */
enum verdict pair_judge(struct pair *p, const struct trial *t);

/* encodings.c: walks the opcode space in the code sizes of the options; 0: no unexplained difference. */
struct options;
int encodings_walk(struct pair *p, const struct options *o);

/* shrink.c: makes `t` smaller and simpler as long as it shows the same difference. */
void shrink(struct pair *p, struct trial *t);

/* replay.c: a trial as one word, and back. What is not told is as in a fresh process, memory 0. False: no trial. */
void replay_print(const struct trial *t);
bool replay_parse(const char *text, struct trial *t);
/* All but what is told: flat segments, FNINIT's x87, nothing in registers and memory. */
void replay_default(struct trial *t, enum code_mode mode);

#endif
