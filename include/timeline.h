/* timeline.h: a machine's past, and going there. A timeline takes cheap snapshots of its machine as it runs (pages that
 * were written since the last one), and notes every input from outside with its place in history. Any earlier
 * instruction is then reached by restoring the snapshot before it and running again, with the same inputs at the same
 * places; the machine can't tell.
 *
 * Places are counts of instructions (machine_icount()). "The present" is the latest place that the machine has reached;
 * before it, the machine is "in the past": there inputs come from the notes, and those that the front end gives are
 * dropped; what the guest sends out (serial port, debug console, printer, network) was sent once already and is not
 * sent again. Running on from the past leads back to the present by itself, and then further.
 *
 * The machine stays usable through machine.h and debug.h in between; whoever uses a timeline runs the machine by
 * timeline_run() instead of machine_run(). What a debugger writes (debug_write(), debug_set_register()) is a change of
 * history: call timeline_fork() first, or it is lost at the next step back.
 *
 * Disks go with the machine: what it wrote since is taken back (in the image, unless -snapshot). A change of media
 * can't be undone: history begins anew there. */
#ifndef PCEMU_TIMELINE_H
#define PCEMU_TIMELINE_H

#include "machine.h"

struct timeline;

struct timeline_config {
    u64 spacing;      /* instructions between snapshots; 0: TIMELINE_SPACING */
    u64 memory_limit; /* bytes for all snapshots; beyond, old ones are thinned out; 0: TIMELINE_MEMORY */
};
#define TIMELINE_SPACING 10000000u
#define TIMELINE_MEMORY (1024 * MIB)

/* Begins a timeline at the machine's present state, between slices; the machine outlives it. One a machine. NULL: the
 * host has no memory. */
struct timeline *timeline_new(struct machine *m, const struct timeline_config *config);
/* The machine goes on from where it is. */
void timeline_free(struct timeline *t);

/* machine_run() with snapshots and notes taken. In the past it goes on up to the present and comes back there once with
 * MACHINE_RUNNING. Stops for probes and machine_stop_at() as machine_run() does. */
enum machine_status timeline_run(struct timeline *t);

/* The first and the last place that can be reached, and whether the machine is before the last. */
u64 timeline_first(const struct timeline *t);
u64 timeline_present(const struct timeline *t);
bool timeline_in_past(const struct timeline *t);

/* What has become of a wish to go somewhere. */
enum timeline_result {
    TIMELINE_OK,
    TIMELINE_BEGINNING, /* stopped at timeline_first(): nothing earlier is known, or nothing was found */
    TIMELINE_ENDED,     /* stopped at the present */
    TIMELINE_CANCELLED, /* by timeline_set_progress()'s callback; the machine is where the search began */
    TIMELINE_FAILED,    /* the host has no memory; the log has said so. The machine is somewhere in its past */
};

/* To the state before instruction `icount`, backwards or forwards, at most to the present. Probes are silent. */
enum timeline_result timeline_goto(struct timeline *t, u64 icount);
/* Backwards by `count` instructions (reverse-step). */
enum timeline_result timeline_step_back(struct timeline *t, u64 count);
/* Backwards to the last place before this one where a probe of the machine says PROBE_STOP, as if the machine had just
 * stopped there; the probes' callbacks are called for what happens on the way, perhaps more than once. */
enum timeline_result timeline_reverse_continue(struct timeline *t);

/* Backwards to the last place before this one at which `holds` said yes, called before each instruction (`m` stands
 * there). `reverse-next` and `when REGISTER = VALUE` are made of it: register changes by edge, see timeline_when(). */
enum timeline_result timeline_find_back(struct timeline *t, bool (*holds)(void *self, struct machine *m), void *self);
/* The last place before this one where the condition began to hold (it did not before the instruction before). The
 * machine is taken there. */
enum timeline_result timeline_when(struct timeline *t, bool (*holds)(void *self, struct machine *m), void *self);

/* What happened between `from` and this place is told to the machine's probes once more; what they answer does not
 * matter. The machine is where it was. TIMELINE_BEGINNING: `from` is before the first place, which was taken instead.
 */
enum timeline_result timeline_tell_again(struct timeline *t, u64 from);

/* The last write to a range of memory before the present place: by a processor (its page walker included) or a device's
 * DMA. The machine stays where it is. TIMELINE_BEGINNING: not written since timeline_first(). */
struct timeline_write {
    u64 icount; /* the machine stands before the writing instruction at this count: timeline_goto() leads there */
    unsigned cpu;
    u64 rip, linear; /* of the instruction: CS:RIP's offset, and its linear address */
    bool by_device;  /* DMA: `rip` is the instruction during or after which it took place */
    u64 address;     /* physical, of the first byte written within the range */
};
enum timeline_result timeline_who_wrote(struct timeline *t, u64 physical, u64 length, struct timeline_write *w);

/* Gives up the future: this place becomes the present, inputs are live again. */
void timeline_fork(struct timeline *t);

/* Called every some 10 ms while a search runs; false cancels it. */
void timeline_set_progress(struct timeline *t, bool (*go_on)(void *self, u64 icount), void *self);

/* For `info timeline`. */
struct timeline_info {
    u64 first, present, now;
    unsigned snapshots;
    u64 bytes;  /* that they hold */
    u64 events; /* inputs noted */
};
struct timeline_info timeline_info(const struct timeline *t);
#endif
