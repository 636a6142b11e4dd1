/* session.h: one run of the emulator: the machine and everything of the host that it is connected to. */
#ifndef PCEMU_SESSION_H
#define PCEMU_SESSION_H

#include "disk.h"
#include "gdbstub.h"
#include "monitor.h"
#include "machine.h"
#include "net.h"
#include "options.h"
#include "kernel_files.h"
#include "replay.h"
#include "rom.h"
#include "stream.h"

struct window;

#define TYPED_MAX 256

/* session_script.c: a script on its way. */
struct script_run {
    bool active; /* there are steps, or texts that must not come */
    struct script script;
    struct script_gate {
        struct session *session;
        enum script_place port;
        struct char_backend real;
    } gate[SCRIPT_PORTS]; /* between the machine's ports and their streams */
    bool stopped;         /* a gate has stopped the machine */
    bool limit_reached;   /* -insn-limit */
    bool begun;           /* the present step was: */
    const char *left;     /* what is not typed or sent of it */
    u64 step_ns;          /* the machine's time at which it goes on */
    u64 next;             /* and at which there is something to do at all */
    u64 next_frame;       /* the next look at the screen */
    u64 frame_icount;     /* instructions at the last one */
    unsigned patience;    /* frames between the two */
    char *screen;         /* its text */
};

struct session {
    const struct options *options;
    struct log log;
    FILE *log_file;                   /* -D; NULL: stderr */
    FILE *trace_file;                 /* -D, when more than the log is traced: the tracer's */
    struct coverage *coverage;        /* NULL: nothing is counted */
    struct tracer *tracer;            /* NULL: only the log, if that */
    FILE *screen_dump;                /* -screen-dump; NULL: not asked for */
    struct stats *stats;              /* -d stats; NULL: not asked for */
    FILE *screen_text;                /* -screen-text; NULL: not asked for */
    struct disk disk[MACHINE_DRIVES]; /* what is in the drives */
    bool disk_open[MACHINE_DRIVES];
    char *disk_path[MACHINE_DRIVES]; /* the names of images that were put in later */
    struct stream serial, parallel, debugcon;
    struct stream_option serial_option;
    struct stream monitor_stream; /* of a monitor that does not share the serial port's */
    struct monitor monitor;
    bool has_monitor, greeted, was_aside;
    struct stream gdb_stream;
    struct gdbstub *gdb; /* NULL: none */
    struct typed {
        u8 byte[TYPED_MAX];
        unsigned head, count;
    } typed; /* for the serial port, which has no room yet */
    struct control control;
    struct script_run script;
    u64 alarm;                   /* the machine's, as it was set */
    char stream_name[3][256];    /* of the streams, for `info chardev` */
    u64 paused_since, paused_ns; /* host time that the machine does not know of */
    struct kernel_files kernel_files;
    struct machine_kernel kernel;
    struct machine_load load[MACHINE_LOADS];
    unsigned loads;
    struct rom bios, vga_bios, vapic_rom, nic_rom[MACHINE_NICS];
    struct netdev netdev[NETDEVS_MAX];
    struct replay *replay; /* -replay: until the machine has it */
    struct replay_start replay_start;
    bool replays, records;
    enum screen_kind screen;
    enum clock_kind clock;
    struct machine *machine;
    struct lint *lint;         /* -lint; else NULL */
    struct timeline *timeline; /* the machine is recorded, for debuggers; NULL: it is not */
    struct window *window;     /* NULL: none */
    int signals;               /* a signalfd: SIGINT, SIGTERM, SIGHUP */
};

/* Opens what the options ask for and builds the machine. Return: STATUS_POWERED_OFF, or why it can't be: one line on
 * stderr has said it. session_close() in either case. */
enum exit_status session_open(struct session *s, const struct options *o);
/* Runs the machine to its end; returns the exit status. */
int session_run(struct session *s);
/* Says that the run ended here: how, after how many instructions, and when. */
void session_say_end(const struct session *s, const char *how);
/* The same under the debugger: debug_session.c. */
int session_debug(struct session *s);
/* From now on the machine's past can be gone back to. */
void session_record(struct session *s);
/* One slice of the machine, and a look at the host's input and output. MACHINE_IDLE, MACHINE_STUCK: nothing will wake
 * it; a window that was closed, and `quit` at the monitor, count as MACHINE_POWERED_OFF. */
enum machine_status session_slice(struct session *s);
/* The machine stops or goes on: the clock that it is paced by stands meanwhile. */
void session_pause(struct session *s, bool paused);
void session_close(struct session *s);

/* media.c: what is in the drives, numbered as in machine.h. */

/* Opens the images that the options name, or the bundled guest where there is none. False: one line on stderr has said
 * why. */
bool session_open_media(struct session *s);
void session_put_media(struct session *s, struct machine_config *c);
void session_close_media(struct session *s);
/* The drive that is called so: by its id= or as QEMU names it (ide0-hd0, ide1-cd0, floppy0); -1: none. */
int session_find_drive(const struct session *s, const char *name);
/* A drive's name, in buf where it has no id=. */
const char *session_drive_name(const struct session *s, unsigned drive, char buf[16]);
/* Takes the medium out of the drive called `name`; or puts the raw image `file` in its place. Between slices only.
 * False: one line on `err` has said why, in QEMU's words where it has some. */
enum media_mode { MEDIA_RETAIN, MEDIA_READ_ONLY, MEDIA_READ_WRITE }; /* RETAIN: as the drive's options say */
bool session_eject(struct session *s, const char *name, bool force, FILE *err);
bool session_change(struct session *s, const char *name, const char *file, enum media_mode mode, bool force, FILE *err);

/* Puts an image into a drive whose tray was opened, as a recording says. */
bool session_replay_change(struct session *s, unsigned drive, const char *file, FILE *err);

/* A file of the snapshots' kind: written beside `path` and put in its place when it is whole; read to the heap. */
bool session_write_file(struct session *s, const char *path,
                        bool (*write)(struct session *s, struct snapshot_writer *w), FILE *err);
bool session_read_file(const char *path, u8 **data, size_t *len, FILE *err);

/* replays.c: -record and -replay: before the machine is built, after it was built and restored, after each slice (true:
 * the run is over), and at its end. False: one line on `err` has said why. */
bool session_open_replay(struct session *s, FILE *err);
bool session_begin_replay(struct session *s, FILE *err);
bool session_replay_ended(struct session *s, enum machine_status status, int *exit_status);
bool session_end_recording(struct session *s, FILE *err);
void session_close_replay(struct session *s);

/* snapshots.c: the whole session in files, by their tags (or paths). False: one line on `err` has said why, and nothing
 * has changed. Between slices only. */
bool session_save(struct session *s, const char *tag, FILE *err);
bool session_load(struct session *s, const char *tag, FILE *err);
bool session_can_save(const struct session *s, FILE *err);
bool session_delete(struct session *s, const char *tag, FILE *err);
void session_list_snapshots(struct session *s, FILE *out);

/* session_script.c: what the options tell a run without a person to do and to look for. Before the machine is built;
 * what the machine shall write to instead of `real`; after it was built. False: no memory. */
void session_script_init(struct session *s);
struct char_backend session_script_gate(struct session *s, enum script_place port, struct char_backend real);
bool session_script_open(struct session *s);
void session_script_close(struct session *s);
/* machine_run() returned MACHINE_STOPPED: because of the script. */
bool session_script_stopped(struct session *s);
/* Does what is to be done now; returns the machine's time of the next look. */
u64 session_script_poll(struct session *s);
/* It has keys for the player, who has none. */
bool session_script_types(const struct session *s);
/* The run is over by the script's word. */
bool session_script_ended(const struct session *s);
/* The run is over: its exit status, where it would be `status` without a script. Says what is missing. */
int session_script_status(struct session *s, int status);

/* command_port.c: the monitor's end in the session. */
void monitor_open(struct session *s);
void monitor_close(struct session *s);
/* Input and output of the monitor, and what its commands have left to do. */
void monitor_poll(struct session *s);
/* Somebody may still come or type. */
bool monitor_listens(const struct session *s);
/* A byte for the monitor that came by the serial port's stream. */
void monitor_take(struct session *s, u8 byte);

/* gdb_port.c: the GDB stub's end in the session. False: the host has no memory. */
bool gdb_open(struct session *s);
void gdb_close(struct session *s);
/* Takes what GDB says, and sends it what is to be said. */
void gdb_poll(struct session *s);
/* machine_run() returned MACHINE_STOPPED. */
void gdb_stopped(struct session *s);
/* The run is over. True: not yet, GDB wants to look. */
bool gdb_ended(struct session *s, enum machine_status status, int exit_status);

/* window.c: the window, where pcemu was built with SDL. */
#define WINDOW_FRAME_NS 16666667u
bool window_available(void);
struct window *window_open(const char *name, struct log *log);
void window_close(struct window *w);
/* Gives the user's keys to the machine; false: the window was closed. */
bool window_poll(struct window *w, struct machine *m);
/* Shows the guest's screen, if a frame's time has passed since the last. */
void window_show(struct window *w, struct machine *m, u64 host_ns);

/* crash.c: a fatal signal is a mistake in pcemu: puts the terminal back, writes what the guest had sent, says so and
 * exits with STATUS_BUG. One session a process. */
void crash_watch(struct session *s);

#endif
