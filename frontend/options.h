/* options.h: the command line, in QEMU 7.2's dialect. docs/running.md is the user's guide to it. */
#ifndef PCEMU_OPTIONS_H
#define PCEMU_OPTIONS_H

#include "base.h"
#include "machine.h"
#include "net_options.h"
#include "script.h"
#include "status.h"
#include "trace/trace.h"

#include <stdio.h>

enum screen_kind { SCREEN_AUTO, SCREEN_NONE, SCREEN_SDL };
enum clock_kind { CLOCK_AUTO, CLOCK_INSN, CLOCK_HOST };

enum stream_kind {
    STREAM_UNSET, /* the option was not given */
    STREAM_NULL,
    STREAM_STDIO,
    STREAM_FILE,
    STREAM_UNIX,
    STREAM_TCP,
    STREAM_PIPE,
    STREAM_PTY,
};

/* Where a byte stream goes (-serial, -debugcon, -chardev). */
struct stream_option {
    enum stream_kind kind;
    const char *label;       /* "serial0": what it is called where it has no id */
    const char *path;        /* STREAM_FILE, STREAM_UNIX, STREAM_PIPE */
    const char *host, *port; /* STREAM_TCP */
    bool server, wait;       /* sockets: listen; and hold the machine until somebody has connected */
    bool telnet;             /* STREAM_TCP: the other end speaks the Telnet protocol */
    bool append;             /* STREAM_FILE: don't truncate */
    const char *log;         /* a file that gets the output, too; NULL: none */
    bool log_append;
    bool escape;    /* STREAM_STDIO: Ctrl-C goes to the guest, Ctrl-A is the escape character */
    bool mux;       /* the monitor shares the stream */
    const char *id; /* of -chardev */
    bool by_id;     /* the stream is the -chardev of this id */
};

#define STREAMS_MAX 8 /* -chardev */

struct drive_option {
    bool present;
    const char *file; /* NULL: an empty drive */
    const char *id;   /* the user's name for it; NULL: none */
    bool raw;         /* format=raw was said: don't look for other formats */
    bool read_only;
    bool cdrom;
    bool snapshot, snapshot_given;
    bool no_lock; /* file.locking=off */
};

enum rtc_base { RTC_BASE_DEFAULT, RTC_BASE_UTC, RTC_BASE_LOCALTIME, RTC_BASE_DATE };

#define LIB_DIRS_MAX 16
#define TEXTS_MAX 128
#define DEBUG_COMMANDS_MAX 256

#define LOADERS_MAX 16
#define COVERAGE_PROGRAMS_MAX 4

/* -device loader */
struct load_option {
    const char *file; /* NULL: `data_len` bytes of `data_bytes` */
    bool raw;         /* even if it is an ELF file */
    u64 addr;
    u8 data_bytes[8], data_len;
    bool starts; /* processor `cpu` starts at what was loaded, or at `addr` */
    u8 cpu;
};

struct options {
    struct drive_option drive[MACHINE_DRIVES]; /* numbered as in machine.h */
    bool no_defaults;
    bool snapshot;
    struct machine_smp smp;
    u64 ram_size;
    struct cpu_choice cpu;
    bool cpu_enforce, cpu_unchecked;
    const char *accel; /* wanted, and not to be had: kvm … */
    bool accel_tcg;    /* and so is the emulator's own */
    const char *pid_file;
    const char *bios;
    const char *kernel, *initrd, *kernel_arguments; /* NULL: none */
    const char *vga_rom;                            /* NULL: the machine's own */
    const char *lib_dir[LIB_DIRS_MAX];
    unsigned lib_dirs;
    enum screen_kind display;
    bool nographic;
    struct stream_option serial, parallel, debugcon, monitor, gdb, chardev[STREAMS_MAX];
    bool paused; /* -S */
    bool debug, batch, lint;
    struct {
        const char *text;
        bool file; /* -x: the commands of a file; else -ex */
    } debug_command[DEBUG_COMMANDS_MAX];
    unsigned debug_commands;
    unsigned serials, chardevs;
    bool no_parallel; /* not even the port */
    u16 debugcon_port;
    struct load_option loader[LOADERS_MAX];
    unsigned loaders;
    bool testdev;
    bool edu, pci_testdev;
    u8 edu_slot, pci_testdev_slot; /* 0, while parsing: the first that is free */
    u64 edu_dma_mask;
    bool exit_device;
    u16 exit_port;
    u32 exit_size;
    bool no_reboot, no_shutdown;
    struct netdev_option netdev[NETDEVS_MAX];
    struct nic_option nic[MACHINE_NICS];
    struct net_dump_option net_dump[NET_DUMPS_MAX];
    unsigned netdevs, nics, net_dumps;
    bool net_given; /* -nic, -netdev or -net: no card by default */
    enum rtc_base rtc_base;
    s64 rtc_date; /* RTC_BASE_DATE: seconds since 1970 */
    char boot_order[4];
    bool boot_menu;
    enum clock_kind clock;
    bool icount;
    unsigned icount_shift;
    u64 timeout_ns;
    u64 insn_limit; /* 0: none */
    struct script_option script;
    bool seed_given;
    u64 seed;
    const char *name;
    bool name_given;
    const char *record, *replay;   /* files of inputs; NULL: none */
    const char *rr_mode, *rr_file; /* -icount rr=, rrfile= */
    const char *load, *save;       /* snapshots to start from, and to write at the end; NULL: none */
    const char *screen_dump;       /* where the picture goes at the end; NULL: nowhere */
    const char *screen_text;       /* where the text on the screen goes at the end; NULL: nowhere */
    const char *log_file;
    bool log_chosen, log_unimp, log_guest, log_rows, log_stats;
    struct trace_options trace;
    const char *coverage_file; /* NULL: nothing is counted */
    const char *coverage_program[COVERAGE_PROGRAMS_MAX];
    unsigned coverage_programs;

    void (*list)(FILE *out); /* OPTIONS_LIST: prints what was asked for */

    /* while parsing */
    FILE *err;
    struct {
        bool floppy;
        int index;  /* among the disks or the floppy drives; -1: the first free place */
        bool aside; /* if=none: not in the machine before -device names it */
        struct drive_option drive;
    } asked[MACHINE_DRIVES];
    unsigned asked_drives;
    struct {
        const char *driver, *drive; /* ide-hd, ide-cd or floppy; the -drive's id */
        int index;
    } drive_device[MACHINE_DRIVES];
    unsigned drive_devices;
    char *text[TEXTS_MAX]; /* copies that the fields above point into */
    unsigned texts;
};

enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_LIST, OPTIONS_VERSION, OPTIONS_WRONG };

/* Parses the command line. On OPTIONS_WRONG one line on `err` has said what is wrong. Strings of argv must outlive the
 * options. */
enum options_result options_parse(struct options *o, int argc, char **argv, FILE *err);
void options_free(struct options *o);
void options_usage(FILE *out);

/* Is `name` (without dashes) an option of qemu-system-x86_64 7.2? */
bool qemu_has_option(const char *name);

/* Is `arg` the word help, and are there things to be listed for this option? Then o->list does it. */
bool options_list(struct options *o, const char *option, const char *arg);
void options_list_devices(FILE *out);

/* For the parsers of single options: says "pcemu: …" on o->err and returns false. */
bool options_fail(struct options *o, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same for what is had in another way: parsing goes on. */
void options_note(struct options *o, const char *format, ...) PRINTF_LIKE(2, 3);
/* A copy that lives as long as the options; NULL when the host has no memory. */
const char *options_keep(struct options *o, const char *text);

/* One function an option: `name` as it was written, without dashes. False: the error was said. */
bool option_disk_image(struct options *o, const char *name, const char *arg);
bool option_hd(struct options *o, const char *name, const char *arg);
bool option_fd(struct options *o, const char *name, const char *arg);
bool option_cdrom(struct options *o, const char *name, const char *arg);
bool option_drive(struct options *o, const char *name, const char *arg);
/* After the last option: gives the drives that were asked for their places. */
bool options_place_drives(struct options *o);

bool option_serial(struct options *o, const char *name, const char *arg);
bool option_parallel(struct options *o, const char *name, const char *arg);
bool option_debugcon(struct options *o, const char *name, const char *arg);
bool option_monitor(struct options *o, const char *name, const char *arg);
bool option_mon(struct options *o, const char *name, const char *arg);
bool option_gdb(struct options *o, const char *name, const char *arg);
bool option_gdb_short(struct options *o, const char *name, const char *arg);
bool option_chardev(struct options *o, const char *name, const char *arg);
bool option_device(struct options *o, const char *name, const char *arg);
bool option_global(struct options *o, const char *name, const char *arg);
/* After the last option: finds the streams named by -chardev id. */
bool options_find_streams(struct options *o);

bool option_netdev(struct options *o, const char *name, const char *arg);
bool option_nic(struct options *o, const char *name, const char *arg);
bool option_net(struct options *o, const char *name, const char *arg);
bool option_object(struct options *o, const char *name, const char *arg);
/* -device ide-hd, ide-cd, floppy, and -device e1000, with these properties. */
struct keyvals;
bool options_add_drive(struct options *o, const struct keyvals *kv);
bool options_add_e1000(struct options *o, const struct keyvals *kv);
/* options_pci.c: "3", "03" or "03.0": a slot of PCI bus 0, in hexadecimal. */
bool options_pci_slot(struct options *o, const char *text, u8 *slot);
/* Cards that were not put anywhere take the first free slots. False: two are to be in one. */
bool options_give_slots(struct options *o);
bool options_add_edu(struct options *o, const struct keyvals *kv);
bool options_add_pci_testdev(struct options *o, const struct keyvals *kv);
/* options_loader.c: -device loader. */
bool options_add_loader(struct options *o, const struct keyvals *kv);
/* After the last option: are the processors there that it names? */
bool options_settle_loaders(struct options *o);
/* After the last option: connects cards and networks, and gives them their places. */
bool options_settle_net(struct options *o);

bool option_expect(struct options *o, const char *name, const char *arg);
bool option_fail_text(struct options *o, const char *name, const char *arg);
bool option_type(struct options *o, const char *name, const char *arg);
bool option_send_serial(struct options *o, const char *name, const char *arg);
bool option_wait(struct options *o, const char *name, const char *arg);
bool option_insn_limit(struct options *o, const char *name, const char *arg);

/* options_coverage.c: -coverage [file=]FILE[,symbols=ELF…] */
bool option_coverage(struct options *o, const char *name, const char *arg);
/* After the last option: without symbols= it is the kernel that is counted. */
bool options_settle_coverage(struct options *o);
bool option_log_items(struct options *o, const char *name, const char *arg);
bool option_trace_filter(struct options *o, const char *name, const char *arg);
bool option_trace_from(struct options *o, const char *name, const char *arg);
bool option_trace_until(struct options *o, const char *name, const char *arg);

bool option_machine(struct options *o, const char *name, const char *arg);
bool option_enable_kvm(struct options *o, const char *name, const char *arg);
bool option_action(struct options *o, const char *name, const char *arg);
/* After the last option: says what processor it is where another was wanted. */
void options_settle_accel(struct options *o);
bool option_accel(struct options *o, const char *name, const char *arg);
bool option_cpu(struct options *o, const char *name, const char *arg);
bool option_smp(struct options *o, const char *name, const char *arg);
bool option_memory(struct options *o, const char *name, const char *arg);
bool option_rtc(struct options *o, const char *name, const char *arg);
bool option_boot(struct options *o, const char *name, const char *arg);
bool option_icount(struct options *o, const char *name, const char *arg);

#endif
