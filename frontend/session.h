/* session.h: one run of the emulator: the machine and everything of the host that it is connected to. */
#ifndef PCEMU_SESSION_H
#define PCEMU_SESSION_H

#include "disk.h"
#include "machine.h"
#include "options.h"
#include "rom.h"
#include "stream.h"

struct window;

struct session {
    const struct options *options;
    struct log log;
    FILE *log_file;    /* -D; NULL: stderr */
    FILE *screen_text; /* -screen-text; NULL: not asked for */
    struct disk disk[MACHINE_DISKS];
    bool disk_open[MACHINE_DISKS];
    struct stream serial, debugcon;
    struct rom bios, vga_bios;
    enum screen_kind screen;
    enum clock_kind clock;
    struct machine *machine;
    struct window *window; /* NULL: none */
    int signals;           /* a signalfd: SIGINT, SIGTERM, SIGHUP */
};

/* Opens what the options ask for and builds the machine. Return: STATUS_POWERED_OFF, or why it can't be: one line on
 * stderr has said it. session_close() in either case. */
enum exit_status session_open(struct session *s, const struct options *o);
/* Runs the machine to its end; returns the exit status. */
int session_run(struct session *s);
void session_close(struct session *s);

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
