/* batch.h: `pcemu batch LIST`: many runs, each a process of its own, some at a time. docs/running.md is the user's
 * guide. */
#ifndef PCEMU_BATCH_H
#define PCEMU_BATCH_H

#include "base.h"

#include <stdio.h>
#include <sys/types.h>

enum batch_state { BATCH_WAITS, BATCH_RUNS, BATCH_DONE };

struct batch_run {
    char *name;
    char **word; /* the options */
    unsigned words;
    unsigned line; /* of the list */
    int expected;  /* exit status */
    enum batch_state state;
    int status;     /* how it ended: exit status, or 128 + the signal that killed it */
    bool late;      /* it was ended because it took too long */
    double seconds; /* of the host's */
    double started;
    pid_t process;
    FILE *output; /* what it wrote */
};

struct batch {
    const char *path; /* of the list; "-": standard input */
    unsigned jobs;
    double patience;     /* seconds for a run */
    const char *junit;   /* a file for a report in JUnit's XML; NULL: none */
    const char *outputs; /* a directory for what the runs write; NULL: it is kept for failures alone */
    struct batch_run *run;
    unsigned runs;
};

/* The list: a run a line, "NAME: OPTIONS" or "NAME STATUS: OPTIONS". Words are parted by blanks, quoted as in a shell
 * by '…', "…" and \; a \ at its end continues a line; # starts a comment. False: one line on `err` has said why. */
bool batch_read(struct batch *b, FILE *in, FILE *err);
void batch_free(struct batch *b);

bool batch_run_is_good(const struct batch_run *r);
/* Two reports: a run's result in the Test Anything Protocol, and all of them as JUnit's XML. */
void batch_tap(const struct batch *b, unsigned run, FILE *out);
void batch_junit(const struct batch *b, double seconds, FILE *out);

/* The program: argv[0] is "batch". */
int batch_tool(int argc, char **argv);

#endif
