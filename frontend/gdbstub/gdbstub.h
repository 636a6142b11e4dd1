/* gdbstub.h: GDB's remote protocol (GDB manual, appendix E) on a machine: one connection at a time, processors as
 * threads 1, 2, … of process 1, in the manner of QEMU's stub. A user of machine.h, debug.h and probe.h.
 *
 * Addresses are linear, or physical ones after `maintenance packet Qqemu.PhyMemMode:1`. Break- and watchpoints are
 * probes: none changes the guest's memory, and there is no limit but POINTS_MAX on their number. */
#ifndef PCEMU_GDBSTUB_H
#define PCEMU_GDBSTUB_H

#include "layout.h"
#include "monitor.h"
#include "packet.h"

#define POINTS_MAX 1024

/* As the digit in Z packets. */
enum point_kind { POINT_SOFTWARE, POINT_HARDWARE, POINT_WRITE, POINT_READ, POINT_ACCESS, POINT_KINDS };

struct gdbstub;

struct point {
    struct gdbstub *stub;
    u64 addr, len;
    u8 kind;
    int probe;
};

/* Why the machine stands. */
struct gdb_stop {
    unsigned signal; /* GDB's numbers */
    unsigned cpu;
    const char *what; /* "hwbreak", "watch", …; NULL: nothing to add */
    u64 addr;         /* of watchpoints */
};

enum gdb_move { MOVE_NONE, MOVE_CONTINUE, MOVE_STEP };

struct gdbstub {
    struct control *control;
    struct timeline *timeline; /* the way back; NULL: there is none */
    struct monitor monitor;    /* for `monitor COMMAND` */
    struct packet_link link;
    bool connected, close; /* close: drop the connection once all is sent */
    bool multiprocess, swbreak, hwbreak;
    bool physical;         /* memory is addressed physically */
    bool follow;           /* the description follows the processor's mode when GDB reads it anew */
    enum layout_arch arch; /* of the description that GDB has */
    unsigned general;      /* the processor that g, m and their like are about */
    struct point *point[POINTS_MAX];
    unsigned points;

    enum gdb_move move; /* what GDB asked for and waits for the end of */
    struct gdb_stop stop;
    bool ended; /* the machine's run is over, and GDB looks at what is left */
    struct {
        unsigned cpu;
        unsigned flags;       /* SSTEP_* */
        u64 first, last;      /* the range to stay in; last < first: none */
        u64 rip, rsp, linear; /* where the step began */
        bool started;         /* the other processors have had their turn */
        bool interrupted;     /* an interrupt came instead */
        bool returning;       /* its handler runs */
        int interrupt, exec;  /* probes; -1: none */
    } step;
};

/* `control` outlives the stub. */
void gdbstub_init(struct gdbstub *g, struct control *control);
void gdbstub_free(struct gdbstub *g);
/* A connection was made: the machine is stopped. Or lost: points are removed, the machine stays as it is. */
void gdbstub_connected(struct gdbstub *g);
void gdbstub_lost(struct gdbstub *g);
void gdbstub_receive(struct gdbstub *g, u8 byte);
/* To be called between slices: notices that somebody else stopped the machine. */
void gdbstub_poll(struct gdbstub *g);
/* machine_run() returned MACHINE_STOPPED; control->paused says afterwards whether the machine stands. */
void gdbstub_stopped(struct gdbstub *g);
/* The run is over, and why: `text` is printed by GDB. True: the end can wait until GDB goes on, the machine stands. */
bool gdbstub_ended(struct gdbstub *g, const char *text, bool can_wait, int exit_status);

/* ---- within the stub ---- */

#define GDB_SIGNAL_INT 2
#define GDB_SIGNAL_TRAP 5
#define GDB_SIGNAL_SEGV 11

/* QEMU's, of qqemu.sstep: step at all, without interrupts, without timers. */
#define SSTEP_ENABLE 1u
#define SSTEP_NOIRQ 2u
#define SSTEP_NOTIMER 4u

/* points.c */
bool points_add(struct gdbstub *g, enum point_kind kind, u64 addr, u64 len);
bool points_remove(struct gdbstub *g, enum point_kind kind, u64 addr, u64 len);
void points_clear(struct gdbstub *g);

/* resume.c */
void resume_continue(struct gdbstub *g);
/* One instruction of a processor; then on while its pc, as GDB knows it, lies in first … last. */
void resume_step(struct gdbstub *g, unsigned cpu, u64 first, u64 last);
void resume_cancel(struct gdbstub *g);
/* Stops the machine now. */
void resume_stop(struct gdbstub *g, unsigned signal);
void resume_send_stop(struct gdbstub *g);

/* reverse.c */
void resume_back(struct gdbstub *g, const char *text);
bool gdb_can_reverse(const struct gdbstub *g);
/* To be called before a register or memory is written. */
void gdb_changes_history(struct gdbstub *g);

/* query.c: q, Q and v packets but vCont. */
void query_packet(struct gdbstub *g, const char *text);

/* memory.c */
void memory_read(struct gdbstub *g, const char *text);
void memory_write(struct gdbstub *g, const char *text);
void memory_write_binary(struct gdbstub *g, const u8 *data, size_t len);
void memory_crc(struct gdbstub *g, const char *text);

/* Numbers of the protocol: hexadecimal; *text moves on. False: none stands there. */
bool gdb_number(const char **text, u64 *value);
/* A thread in GDB's notation: the processor, or -1 for all and GDB_ANY for any. False: there is none such. */
#define GDB_ALL (-1)
#define GDB_ANY (-2)
bool gdb_thread(const struct gdbstub *g, const char **text, int *cpu);
void gdb_put_thread(struct gdbstub *g, unsigned cpu);
/* Answers. */
void gdb_ok(struct gdbstub *g);
void gdb_error(struct gdbstub *g, const char *why);
enum layout_arch gdb_choose_arch(struct gdbstub *g);
u64 gdb_linear_rip(const struct debug_registers *r);

#endif
