/* debugger.h: the step debugger: commands on a machine that stands still, and ways to let it run to somewhere. It sees
 * the machine through machine.h, debug.h and probe.h alone; what the host does beside (streams, signals, a window) is
 * done by the front end, which lends it a function that runs a slice. docs/debugging.md is the user's guide. */
#ifndef PCEMU_DEBUGGER_H
#define PCEMU_DEBUGGER_H

#include "monitor.h"
#include "probe.h"
#include "timeline.h"
#include "view.h"

#define BREAKPOINTS_MAX 64
#define CONDITION_MAX 200
#define WHAT_MAX 120

struct debugger;
struct symbols;

struct debugger_host {
    void *self;
    /* Runs the machine for a slice, with what the host's side has to do around it. MACHINE_STOPPED: a probe or
     * machine_stop_at(). */
    enum machine_status (*run)(void *self);
    /* Somebody pressed Ctrl-C since the last call. */
    bool (*interrupted)(void *self);
    struct timeline *timeline; /* the recording, by which run() runs; NULL: there is none */
};

/* What stops the machine: a probe, and what its events must be like. */
struct breakpoint {
    struct debugger *owner;
    unsigned number; /* 0: the place is free */
    bool enabled, temporary;
    bool shown; /* in `info breakpoints`: not the debugger's own */
    int probe;  /* its number; -1: not attached */
    struct probe filter;
    int vector;  /* of interrupts and exceptions; -1: any */
    int reg;     /* control register; -1: any */
    int write;   /* direction; -1: both */
    int error;   /* error code; -1: any */
    bool change; /* a watchpoint that stops only where the value changes */
    u64 ignore, hits;
    char condition[CONDITION_MAX];
    char what[WHAT_MAX];
    /* Further test of the debugger's own; NULL: none. */
    bool (*wanted)(struct debugger *d, struct breakpoint *b, const struct probe_event *e);
};

#define BRANCHES 1024
#define BRANCHES_SHOWN 32
struct branch {
    u64 icount, from, to; /* count at `to`; linear addresses; from: DEBUG_NOWHERE for an interrupt or exception */
};

/* What `until text` waits for (until_text.c). */
struct watched_text {
    unsigned where;    /* is listened to; 0: nothing is */
    const char *place; /* where it has come; NULL: it has not */
    bool divisor;      /* COM1's data port is the divisor's */
    char text[ARGS_WORD_MAX];
    char serial[ARGS_WORD_MAX], console[ARGS_WORD_MAX]; /* what was said last, as long as the text */
};

enum stop_reason {
    STOP_NONE,
    STOP_STEPPED,
    STOP_BREAKPOINT,  /* debugger.hit */
    STOP_INTERRUPTED, /* Ctrl-C */
    STOP_WATCHED,     /* text on the screen or the serial port */
    STOP_IDLE,        /* nothing will ever wake the processor */
    STOP_ENDED,       /* debugger.status */
};

struct debugger {
    struct machine *machine;
    struct monitor monitor; /* whose commands the debugger has, too */
    struct expr_names names;
    struct debugger_host host;
    FILE *out;
    unsigned cpu;
    bool quit, batch;
    bool failed; /* the last command */
    bool quiet;  /* don't show where the machine stopped */
    struct breakpoint breakpoint[BREAKPOINTS_MAX];
    unsigned last_number;
    /* the last run */
    enum stop_reason reason;
    enum machine_status status;
    struct breakpoint *hit;
    struct probe_event event;       /* that stopped it; bytes is NULL */
    const struct probe_event *seen; /* while a condition is evaluated: its event */
    /* while steps go on */
    bool interrupted_by_device;
    bool into_handlers;
    u64 watched_sp;
    u64 begun_at; /* icount at which the last run began */
    bool left_function;
    struct watched_text watched;
    u64 until_ns;              /* virtual time; 0: no matter */
    char asked[CONDITION_MAX]; /* by `when` */
    char repeat[64];           /* what an empty line does */
    struct symbols *symbols;
    u64 list_at;                     /* where `list` goes on; DEBUG_NOWHERE: at the code */
    struct breakpoint *triple_fault; /* hit: one has happened */
    /* bochs.c */
    struct breakpoint *shutdown; /* hit: the guest has written "Shutdown" to port 8900 */
    size_t shutdown_heard;       /* how much of it */
    /* branches.c */
    struct breakpoint *branch_probe; /* NULL: not recorded */
    struct branch branch[BRANCHES];
    u64 branches;                  /* how many there were */
    u64 delivered_at;              /* count at the last interrupt's delivery */
    const struct breakpoint *only; /* no other is heard, while history is run again; NULL: all are */
    u64 memory_at;                 /* what the layout shows of memory; DEBUG_NOWHERE: around DS:SI */
    bool has_terminal;
    bool layout; /* the whole terminal is wanted */
};

/* A debugger of the machine that `control` names; output goes to `out`. False: the host has no memory. */
bool debugger_init(struct debugger *d, struct control *control, const struct debugger_host *host, FILE *out);
void debugger_free(struct debugger *d);
/* One line. */
void debugger_command(struct debugger *d, const char *line);
/* The lines of a file; false: it can't be read, and d->out says so. */
bool debugger_source(struct debugger *d, const char *path);
/* Words that the last of the `len` characters at `text` could go on to: as command_complete() of the monitor. */
size_t debugger_complete(struct debugger *d, const char *text, size_t len, const char **words, size_t room,
                         size_t *typed);
/* Where the machine stands: its next instruction. */
void debugger_where(struct debugger *d);

/* ---- for its own files ---- */

/* An error of a command: said, and remembered for -batch. */
void debugger_fail(struct debugger *d, const char *format, ...) PRINTF_LIKE(2, 3);
/* Reads an expression; false: the error was said. */
bool debugger_expression(struct debugger *d, const char **text, u64 *value);
/* The next word of a line, blanks skipped: its length; *text is moved to where it starts. */
size_t debugger_word(const char **text);
bool debugger_is(const char *text, size_t len, const char *word);

typedef void debugger_fn(struct debugger *d, const char *args);
struct debugger_command {
    const char *name;
    const char *aliases; /* divided by | */
    const char *params, *help;
    debugger_fn *run;
};

/* names.c */
void names_init(struct debugger *d);

/* stops.c: breakpoints. */
struct breakpoint *stop_add(struct debugger *d, u32 kinds, const char *what);
bool stop_attach(struct breakpoint *b);
void stop_detach(struct breakpoint *b);
void stop_delete(struct breakpoint *b);
void stop_delete_all(struct debugger *d);
void stop_report(struct debugger *d);

/* stop_parse.c: "exec ADDRESS", "write ADDRESS [LENGTH]", "port N", …: fills b; false: the error was said. */
bool stop_parse(struct debugger *d, struct breakpoint *b, const char *args);
bool stop_is_kind(const char *word, size_t len);
extern const char *const stop_kinds[]; /* their names, until NULL */

/* motion.c */
void motion_run(struct debugger *d, u64 until_icount);
void motion_report(struct debugger *d);
bool motion_triple_fault(struct debugger *d, struct breakpoint *b, const struct probe_event *e);
/* One instruction, by the program's own course. False: something else stopped it. */
bool motion_step(struct debugger *d);

/* until_text.c: "text", "screen", "serial" or "debugcon". */
bool text_is_place(const char *word, size_t len);
void text_run(struct debugger *d, const char *word, size_t len, const char *args);
bool text_on_screen(struct debugger *d);

/* listing.c */
void listing_print(struct debugger *d, u64 linear, u64 rip, u64 count);
void listing_line(const struct view *v, u64 linear, u64 rip, const char *mark, FILE *out, unsigned *length);

debugger_fn cmd_break, cmd_tbreak, cmd_watch, cmd_delete, cmd_enable, cmd_disable, cmd_ignore, cmd_condition;
debugger_fn cmd_step, cmd_next, cmd_finish, cmd_until, cmd_continue, cmd_run_until_block;
/* bochs.c */
void bochs_listen(struct debugger *d);
bool bochs_is_magic(struct debugger *d, struct breakpoint *b, const struct probe_event *e);

/* branches.c */
void branches_set(struct debugger *d, bool on);
/* The last `count`, one a line; nothing where they are not known. */
void branches_print(struct debugger *d, u64 count);
/* Their targets in short; from the flight recorder where they are not known. */
void branches_trail(struct debugger *d, u64 count);
debugger_fn show_branches;

/* travel.c: what is changed from outside in the past makes another future. */
void travel_fork(struct debugger *d);
debugger_fn cmd_reverse_step, cmd_reverse_next, cmd_reverse_continue, cmd_goto, cmd_when, cmd_who_wrote, show_timeline;
debugger_fn cmd_layout, cmd_backtrace, cmd_symbol_file, cmd_add_symbol_file, show_symbol;
debugger_fn cmd_explain, cmd_list, cmd_examine, cmd_where, cmd_why, cmd_set, cmd_echo, cmd_source, cmd_dhelp, cmd_dquit;
debugger_fn show_gdt, show_ldt, show_idt, show_ivt, show_tss, show_cr, show_msr, show_mode, show_paging, show_bda,
    show_ebda, show_e820, show_acpi, show_chip, show_breakpoints, show_history, show_descriptor, show_flags;

#endif
