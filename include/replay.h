/* replay.h: a run's inputs in a file, and the same run again. A recording holds every input with its place in history,
 * what the network gave, under -clock host the host's time, and what the run began with; its end has the machine's
 * hash, so that a replay knows whether it was the same.
 *
 * The file is a snapshot's (snapshot.h) with another payload. */
#ifndef PCEMU_REPLAY_H
#define PCEMU_REPLAY_H

#include "snapshot.h"

/* What a run begins with that the command line leaves open or the host chooses: the machine is built with it. */
struct replay_start {
    u64 seed;
    s64 rtc_start;
    u64 timeout_ns;
    enum machine_clock clock;
    unsigned icount_shift;
    bool no_reboot;
};

struct replay;

/* Begins to record a machine that was just built, or restored from a snapshot. False: the host has no memory. */
bool machine_record(struct machine *m);
/* Ends it and writes the payload. False: it can't be written, or the host had no memory for an input. */
bool machine_record_end(struct machine *m, struct snapshot_writer *w);

/* Reads a file that snapshot_look() found good. NULL: why[SNAPSHOT_WHY_MAX] says why it is not a recording. */
struct replay *replay_open(const u8 *file, size_t len, char *why);
struct replay_start replay_start(const struct replay *r);
void replay_close(struct replay *r);

/* The machine, built (and restored) as the recorded one was, will run as that did; its own inputs are dropped. `change`
 * puts a medium into a drive: what was recorded is its backend's name. False: why says what differs. */
bool machine_replay(struct machine *m, struct replay *r,
                    bool (*change)(void *self, unsigned drive, const char *name, bool force), void *self, char *why);
enum machine_replay {
    MACHINE_REPLAY_NONE, /* the machine is not replayed */
    MACHINE_REPLAY_RUNS,
    MACHINE_REPLAY_SAME,     /* at its end, and the machine is what it was */
    MACHINE_REPLAY_DIVERGED, /* it is not, or an input met another history */
};
enum machine_replay machine_replay_state(struct machine *m);

#endif
