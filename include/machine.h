/* machine.h: a PC as the front end sees it: what to build it from, how to run it, what goes in and what comes out.
 * A machine has no global state and never looks at the host by itself: the host's clock, disks and streams come in
 * through the configuration, so that two machines can live in one process and a run can be repeated. */
#ifndef PCEMU_MACHINE_H
#define PCEMU_MACHINE_H

#include "backend.h"
#include "cpu_model.h"
#include "frame.h"
#include "log.h"

#define MACHINE_DISKS 4 /* IDE: primary master and slave, secondary master and slave */
#define MACHINE_FLOPPIES 2
#define MACHINE_DRIVES (MACHINE_DISKS + MACHINE_FLOPPIES) /* numbered so: the disks, then A: and B: */
#define MACHINE_RAM_MIN MIB
#define MACHINE_RAM_MAX (1024 * GIB)
#define MACHINE_SHIFT_MAX 10
#define MACHINE_CPUS_MAX 8

#define MACHINE_NICS 4

struct machine;

/* A network card, an Intel 82540EM. */
struct machine_nic {
    u8 slot; /* of PCI bus 0 */
    u8 mac[6];
    struct net_backend net; /* outlives the machine; no send(): its cable is not plugged in */
    const u8 *rom;          /* the option ROM, NULL: none; copied */
    size_t rom_size;
};

enum machine_clock {
    MACHINE_CLOCK_INSN, /* virtual time is the count of instructions; idle time is skipped. Deterministic. */
    MACHINE_CLOCK_HOST, /* virtual time follows the host's clock; idle time passes in machine_idle_ns() */
};

/* Processors, and where they sit: sockets * cores * threads = max_cpus. 0 counts as 1, max_cpus 0 as all of the
 * sockets'. */
struct machine_smp {
    u8 cpus;     /* there at power-on */
    u8 max_cpus; /* places on the board, at most MACHINE_CPUS_MAX */
    u8 sockets, cores, threads;
};

#define MACHINE_MODULES 16

/* A kernel that is started without a boot loader. All outlives the machine. */
struct machine_kernel {
    const u8 *image; /* NULL: none, the firmware looks for disks */
    size_t size;
    const char *name;         /* of its file */
    const char *command_line; /* NULL: empty */
    const u8 *initrd;         /* Linux, PVH */
    size_t initrd_size;
    struct machine_module {
        const u8 *data;
        size_t size;
        const char *text;      /* file name and arguments */
    } module[MACHINE_MODULES]; /* Multiboot */
    unsigned modules;
};

/* How it would be started. The two kinds of Multiboot have modules instead of an initrd. */
enum machine_kernel_kind {
    MACHINE_KERNEL_LINUX,
    MACHINE_KERNEL_MULTIBOOT,
    MACHINE_KERNEL_MULTIBOOT2,
    MACHINE_KERNEL_PVH,
};
enum machine_kernel_kind machine_kernel_kind(const struct machine_kernel *kernel);
/* NULL: such a kernel can be started with `ram_size` bytes of memory; else why it can't, for people. */
const char *machine_kernel_check(const struct machine_kernel *kernel, u64 ram_size, struct log *log);

#define MACHINE_LOADS 128

/* Bytes that every reset puts into memory, from physical address `addr` on, with `zeros` behind them. They outlive the
 * machine. Where `starts`, processor `cpu` (one that is there) has instruction pointer `start` after a reset. */
struct machine_load {
    u64 addr;
    const u8 *data;
    size_t size;
    u64 zeros;
    bool starts;
    u8 cpu;
    u64 start;
};

/* Everything that a machine is made from. Memory pointed to is copied or, where it says so, outlives the machine. */
struct machine_config {
    u64 ram_size;          /* bytes, MACHINE_RAM_MIN … MACHINE_RAM_MAX, a multiple of 4 KiB */
    struct cpu_choice cpu; /* all zero: the default */
    struct machine_smp smp;
    const u8 *bios;
    size_t bios_size; /* a multiple of 64 KiB, at most 16 MiB */
    const u8 *vga_bios;
    size_t vga_bios_size;
    const u8 *vapic_rom; /* QEMU's option ROM kvmvapic.bin; outlives the machine; NULL: none */
    size_t vapic_rom_size;
    struct machine_kernel kernel;
    struct machine_load load[MACHINE_LOADS];
    unsigned loads;
    bool testdev;                                    /* pc-testdev */
    u8 edu_slot;                                     /* of PCI bus 0, for QEMU's device edu; 0: none */
    u64 edu_dma_mask;                                /* the addresses that it can reach */
    u8 pci_testdev_slot;                             /* for QEMU's pci-testdev; 0: none */
    const struct block_backend *disk[MACHINE_DISKS]; /* NULL: no drive there; outlive the machine */
    bool cdrom[MACHINE_DISKS];                       /* it is a CD-ROM drive, and empty when it has no sectors */
    /* NULL: no drive there, without sectors: an empty one; outlive the machine */
    const struct block_backend *floppy[MACHINE_FLOPPIES];
    struct machine_nic nic[MACHINE_NICS];
    unsigned nics;
    struct char_backend serial;  /* COM1 */
    bool parallel;               /* LPT1… */
    struct char_backend printer; /* …and what is printed there */
    bool debugcon;
    u16 debugcon_port;
    struct char_backend debugcon_out;
    bool exit_device; /* isa-debug-exit */
    u16 exit_port;
    u32 exit_size;      /* ports, at least 1 */
    s64 rtc_start;      /* what the clock chip shows at power-on, in seconds since 1970-01-01 00:00 */
    char boot_order[4]; /* letters a, c, d, n as in QEMU; the rest 0 */
    bool boot_menu;
    bool nographic; /* tells the firmware that nobody looks at the screen */
    enum machine_clock clock;
    unsigned icount_shift; /* MACHINE_CLOCK_INSN: an instruction takes 2^shift ns, at most MACHINE_SHIFT_MAX */
    u64 slice_insns;       /* MACHINE_CLOCK_INSN: instructions in a slice, which changes nothing; 0: some ms */
    /* The host's monotonic clock, ns. MACHINE_CLOCK_INSN needs it only to wait for the network, and may do without. */
    u64 (*host_now)(void *host);
    void *host;
    bool no_reboot;  /* a reset ends the run instead */
    u64 timeout_ns;  /* of virtual time; 0: none */
    u64 seed;        /* of RDRAND and RDSEED */
    struct log *log; /* outlives the machine */
};

/* What machine_run() came back for. From MACHINE_POWERED_OFF on the run is over; machine_reset() starts anew. */
enum machine_status {
    MACHINE_RUNNING, /* a slice is done: poll the host's input and call again */
    MACHINE_IDLE,    /* the processor waits: call again after input or after machine_idle_ns() */
    MACHINE_POWERED_OFF,
    MACHINE_DEBUG_EXIT,    /* isa-debug-exit was written: machine_exit_status() */
    MACHINE_RESET_REQUEST, /* no_reboot, and the guest asked for a reset */
    MACHINE_TRIPLE_FAULT,  /* no_reboot, and the processor shut down */
    MACHINE_TIMED_OUT,     /* timeout_ns has passed */
    MACHINE_STUCK,         /* halted with interrupts off, and nothing else wakes it */
    MACHINE_STOPPED,       /* a probe or machine_stop_at() asked for it (probe.h): calling again goes on */
};

/* Builds and resets a machine. NULL when the host lacks memory or the configuration can't be built; the log has said
 * why. */
struct machine *machine_new(const struct machine_config *config);
void machine_free(struct machine *m);
/* The reset button: all chips and the processor to power-on state; memory keeps its contents. */
void machine_reset(struct machine *m);

/* Runs for a slice of some milliseconds of host time. */
enum machine_status machine_run(struct machine *m);
/* After MACHINE_IDLE: how long the processor has nothing to do, in ns; UINT64_MAX: until there is input. */
u64 machine_idle_ns(struct machine *m);
/* What was written to isa-debug-exit, as an exit status: (value << 1) | 1. */
u32 machine_exit_status(const struct machine *m);

/* From within a backend's call (backend.h): machine_run() returns MACHINE_STOPPED after the instruction that made it.
 */
void machine_stop(struct machine *m);

u64 machine_now_ns(struct machine *m);
u64 machine_icount(const struct machine *m);

/* machine_run() comes back at this virtual time, so that what is done then happens at that very instant; UINT64_MAX: no
 * more. Nobody in the machine notices. */
void machine_set_alarm(struct machine *m, u64 ns);

/* Buttons, between slices only. The power button is ACPI's: the guest may do as it likes. */
void machine_press_power(struct machine *m);
void machine_press_nmi(struct machine *m);
/* Suspended to RAM: nothing runs until the guest's alarm, a key, the power button or machine_wake(). */
bool machine_suspended(const struct machine *m);
void machine_wake(struct machine *m);
/* From the next reset on the firmware boots in this order: up to three of the letters a, c, d, n. */
void machine_set_boot_order(struct machine *m, const char *order);

/* Input. Keys are those of keys.h; between slices only. */
void machine_key(struct machine *m, unsigned key, bool down);
/* The keyboard's buffer has room for another key; without, it would lose it, as keyboards do. */
bool machine_key_ready(const struct machine *m);
/* The mouse is moved by `dx` counts to the right, `dy` down, its wheel by `dz` notches towards the user, while
 * `buttons` (MOUSE_LEFT …) are held. */
#define MOUSE_LEFT BIT(0)
#define MOUSE_RIGHT BIT(1)
#define MOUSE_MIDDLE BIT(2)
#define MOUSE_BACK BIT(3)
#define MOUSE_FORWARD BIT(4)
void machine_mouse(struct machine *m, int dx, int dy, int dz, unsigned buttons);
/* The guest has a driver for an absolute pointer (vmport's): machine_pointer() instead. */
bool machine_wants_pointer(const struct machine *m);
/* The pointer is at a place of the screen, MACHINE_PLACES across and down, with the wheel and the buttons as above. */
#define MACHINE_PLACES 32768
void machine_pointer(struct machine *m, unsigned x, unsigned y, int dz, unsigned buttons);
/* The guest has seen the last change of the buttons: another one is not lost. Motion never is. */
bool machine_mouse_ready(const struct machine *m);
/* COM1 takes another byte now. */
bool machine_serial_ready(struct machine *m);
void machine_serial_receive(struct machine *m, u8 byte);

/* Removable media, of drive 0 … MACHINE_DRIVES - 1; between slices only. */
struct machine_drive {
    bool present;   /* there is such a drive */
    bool removable; /* its medium can be changed */
    bool locked;    /* the guest holds the tray closed */
    bool tray_open;
    const struct block_backend *medium; /* never NULL; sectors == 0: none */
};
struct machine_drive machine_drive(const struct machine *m, unsigned drive);

enum machine_media {
    MACHINE_MEDIA_OK,
    MACHINE_MEDIA_NO_DRIVE, /* there is no such drive */
    MACHINE_MEDIA_FIXED,    /* its medium can't be removed */
    MACHINE_MEDIA_LOCKED,   /* the guest has locked the tray; it was told that somebody pressed the button */
};
/* Takes the medium out and leaves the tray open; `force`: even out of a locked drive. Afterwards the machine does not
 * use the backend that was in it. */
enum machine_media machine_eject(struct machine *m, unsigned drive, bool force);
/* Puts `medium` (sectors != 0, outlives its stay) in place of what was there and closes the tray. */
enum machine_media machine_change(struct machine *m, unsigned drive, const struct block_backend *medium, bool force);

/* Plugs the cable of network card n in or out. */
void machine_set_link(struct machine *m, unsigned n, bool up);

/* The screen, see vga.h: false when frame->room is too small; the size is set in any case. */
bool machine_draw(struct machine *m, struct vga_frame *frame);
/* The text screen as UTF-8 lines; returns the length, 0 in graphics modes. */
size_t machine_text(struct machine *m, char *buf, size_t size);

/* The processor whose turn it is. */
unsigned machine_running_cpu(const struct machine *m);
/* Which rows of the instruction table the guest has used: see cpu_print_rows(). */
void machine_print_rows(const struct machine *m, FILE *out);

/* One number for the whole state, memory included: equal histories give equal numbers. */
u64 machine_hash(struct machine *m);

#endif
