/* pc.h: all of one machine, as machine.c and pc.c see it. */
#ifndef PCEMU_PC_H
#define PCEMU_PC_H

#include "machine.h"

#include "clock.h"
#include "cpu.h"
#include "device.h"
#include "pace.h"
#include "pc_kernel.h"
#include "space.h"
#include "vtime.h"

#include "acpi_hotplug.h"
#include "acpi_tables.h"
#include "debugcon.h"
#include "e1000.h"
#include "edu.h"
#include "fw_cfg.h"
#include "hpet.h"
#include "i440fx.h"
#include "i8042.h"
#include "i82078.h"
#include "i8237.h"
#include "i8254.h"
#include "i8259.h"
#include "ioapic.h"
#include "ioportf0.h"
#include "isa_debug_exit.h"
#include "kvmvapic.h"
#include "lapic.h"
#include "mc146818.h"
#include "ns16550.h"
#include "parallel.h"
#include "pc_testdev.h"
#include "pci_testdev.h"
#include "pcspk.h"
#include "piix3.h"
#include "piix3_ide.h"
#include "piix4_pm.h"
#include "port80.h"
#include "port92.h"
#include "ps2_keyboard.h"
#include "ps2_mouse.h"
#include "smbios.h"
#include "vga_pci.h"
#include "vmport.h"

#include "probe_set.h"
#include "journal.h"

#define PC_DEVICES_MAX 48
#define PC_GSIS IOAPIC_PINS

/* Who drives an interrupt wire of the board; the wire is high while any of them holds it so. */
enum pc_irq_source { IRQ_FROM_CHIP, IRQ_FROM_PIRQ, IRQ_FROM_HPET, IRQ_FROM_TEST };

#define PC_MASTERS_MAX 16

/* Memory as one PCI function sees it: all of it, while the function may be bus master, or nothing. */
struct pc_master {
    struct region root, window;
    struct address_space space;
};

#define PC_SPACE_NAME 16

/* A processor's place on the board: the processor, its local APIC, and memory as it sees it. */
struct pc_cpu {
    struct machine *machine;
    unsigned index;
    struct cpu *cpu;
    struct lapic lapic;
    struct region smm, smm_smram, smm_system; /* in system management mode: the same memory with SMRAM open */
    struct address_space memory, smm_memory;
    char memory_name[PC_SPACE_NAME], smm_name[PC_SPACE_NAME];
};

/* What stands between the board and the host's streams and networks, for journal.c. */
struct journal_stream_gate {
    struct machine *machine;
    struct char_backend real;
};

struct journal_net_gate {
    struct machine *machine;
    unsigned card;
    struct net_backend real;
};

#define PC_STREAMS 3

struct machine {
    /* wiring */
    struct machine_config config;
    struct log *log;
    struct clock clock;
    struct pc_cpu cpu[MACHINE_CPUS_MAX];
    unsigned cpus;

    struct ram_pool pool;
    struct region system, ram, ram_below_4g, ram_above_4g, pci_memory, bios, isa_bios, option_rom, ports;
    struct address_space memory_space, port_space;
    struct pc_master master[PC_MASTERS_MAX];
    unsigned masters;

    struct i8259_pair pic;
    struct ioapic ioapic;
    struct lapic_bus apic_bus;
    struct i8254 pit;
    struct hpet hpet;
    struct mc146818 rtc;
    struct ps2_keyboard keyboard;
    struct ps2_mouse mouse;
    struct i8042 i8042;
    struct vmmouse vmmouse;
    struct vmport vmport;
    struct kvmvapic kvmvapic;
    struct i8237_pair dmac;
    struct i82078 fdc;
    struct ns16550 com1;
    struct parallel lpt1;
    struct pcspk pcspk;
    struct port80 port80;
    struct port92 port92;
    struct ioportf0 portf0;
    struct pci_bus pci;
    struct i440fx i440fx;
    struct piix3 piix3;
    struct piix3_ide ide;
    struct piix4_pm pm;
    struct acpi_pci_hotplug pci_hotplug;
    struct acpi_cpu_hotplug cpu_hotplug;
    struct vga_pci vga;
    struct e1000 nic[MACHINE_NICS];
    struct fw_cfg fw_cfg;
    struct pc_kernel kernel;
    struct acpi_tables acpi;
    struct smbios smbios;
    struct debugcon debugcon;
    struct isa_debug_exit exit_device;
    struct pc_testdev testdev;
    struct edu edu;
    struct pci_testdev pci_testdev;
    struct device device[PC_DEVICES_MAX];
    unsigned devices;
    struct pace pace;        /* MACHINE_CLOCK_HOST */
    struct journal *journal; /* NULL: nobody records */
    struct journal_stream_gate stream_gate[PC_STREAMS];
    struct journal_net_gate net_gate[MACHINE_NICS];
    bool muted;      /* what goes out was said before */
    bool at_present; /* the past has been run through, and the one who asked for it does not know yet */

    /* state */
    struct vtime time;
    u8 turn;                /* index of the processor that runs or ran last: see turns.c */
    u64 turn_end;           /* count of all instructions at which its turn ends; TURN_FOR_EVER: when another has work */
    u64 icount_others;      /* instructions that the other processors have run */
    u64 irq_count[PC_GSIS]; /* how often each wire rose: for people */
    u8 irq_sources[PC_GSIS]; /* bit n: enum pc_irq_source n holds the wire high */
    bool halted;             /* all processors wait… */
    u64 halted_since;        /* …since then, ns */
    bool reset_asked;        /* by the guest, within the present instruction */
    bool suspended;          /* to RAM: no processor runs… */
    u8 wake;                 /* …until this is not PIIX4_WAKE_NONE: enum piix4_wake */
    u8 status;               /* enum machine_status: MACHINE_RUNNING, or how the run ended */
    u32 exit_status;
    struct timer timeout;

    struct timer alarm; /* machine_set_alarm() */
    bool alarm_rang;    /* and the front end does not know yet */

    /* while a slice runs */
    bool in_cpu;
    struct probe_set probes;
    int *probe_number; /* of each of them */
    int probes_made;
    bool stop_asked; /* machine_stop() */
    u64 stop_at;     /* count of instructions; UINT64_MAX: never */
    bool resting;    /* MACHINE_CLOCK_INSN: the wait for the network goes beside the host's clock */
};

/* pc.c: makes the parts and wires them. False when the host lacks memory or the configuration can't be built; the log
 * has said why. What was made is freed by pc_free() in either case. */
bool pc_build(struct machine *m);
void pc_free(struct machine *m);

/* Puts a chip on the list of what is reset, saved and hashed; and a chip's region at a port. */
void pc_add_device(struct machine *m, const struct device *d);
#define PC_ADD(m, part, reset_fn, table)                                                                               \
    pc_add_device(m, &(struct device){ (table).name, &(m)->part, reset_fn, &(table) })
void pc_place(struct machine *m, u16 port, struct region *r);

/* pc_firmware.c: fw_cfg and all that it holds; the last part to be made. */
bool pc_build_firmware_tables(struct machine *m);
/* Bytes of RAM below the PCI hole; the rest is above 4 GiB. */
u64 pc_ram_below_4g(u64 ram_size);

/* pc_nic.c: network cards, and what a guest pulls out of its slot: they are all that can be. */
void pc_eject_slot(void *machine, unsigned slot);
bool pc_slots_ok(const struct machine_config *c);
/* False: the host lacks memory, or an option ROM is too large; the log has said so. */
bool pc_build_nics(struct machine *m);
/* What the guest waits for may come from the host's world, at the host's speed. */
bool pc_waits_for_host(const struct machine *m);

/* pc_cpu.c: the processors, their local APICs, and the wires to their pins. INTR may be pulled before the processor is
 * there. */
void pc_build_lapics(struct machine *m);
bool pc_build_cpus(struct machine *m);
void pc_free_cpus(struct machine *m);
struct irq_line pc_a20_pin(struct machine *m);
struct irq_line pc_ignne_pin(struct machine *m);
struct irq_line pc_reset_pin(struct machine *m); /* not the processors' alone: the machine's */
void pc_smi_pin(void *machine);
struct vmport_cpu pc_vmport_cpu(struct machine *m);
/* The APIC ID of the board's place `n` (0 … max_cpus - 1). */
u8 pc_apic_id(const struct machine *m, unsigned n);

/* turns.c: which processor runs. */
#define TURN_FOR_EVER UINT64_MAX
/* The processor whose turn it is; NULL while the board is being built. */
static inline struct cpu *turn_cpu(const struct machine *m)
{
    return m->cpu[m->turn].cpu;
}
/* After a reset: the turn is the first processor's. */
void turn_reset(struct machine *m);
/* The next instruction is that of turn_cpu(). False: none has anything to do. */
bool turn_choose(struct machine *m);
/* Within a run: it ends when all instructions are `icount`, or now if they are more already. */
void turn_run_until(struct machine *m, u64 icount);
/* `cpu` has got something to do. */
void turn_woke(struct pc_cpu *cpu);
/* `cpu`, which runs, waits for what another processor does. */
void turn_paused(void *cpu);

/* machine.c: all state but memory, as the tables declare it; and what has changed since is put back, without a word to
 * the host. False: the host has no memory; the state is not this machine's. */
bool machine_save_chips(struct machine *m, struct state_buf *out);
bool machine_restore_chips(struct machine *m, struct state_buf *was);
/* Loads what machine_save_chips() saved, perhaps in another machine. False: why[SNAPSHOT_WHY_MAX] says what was
 * refused, and the machine is half loaded. */
bool machine_load_chips(struct machine *m, struct state_buf *in, char *why);
/* After loading from another run: what the configuration says of time (rate, time-out) holds from here on. */
void machine_settle(struct machine *m);

/* panel.c: before the first machine_set_alarm(). */
void pc_build_alarm(struct machine *m);

/* probe.c: a probe asked for the run to end, since the last question; or it has come to where it was to stop. */
bool probe_stops(struct machine *m);
/* The next count of instructions at which it will have something to do; UINT64_MAX: none. */
u64 probe_next_stop(const struct machine *m);
void probe_free(struct machine *m);
/* Nobody is told of anything until it is ended. */
void probe_silence(struct machine *m, bool silent);
/* Other probes instead of the machine's, for a while; the others are in *with then. False: no memory. */
bool probe_swap(struct machine *m, struct probe_set *with);

/* Inputs come from the journal. */
static inline bool journal_replays(const struct machine *m)
{
    return m->journal && m->journal->mode == JOURNAL_REPLAY;
}

/* sleep.c: something that may wake the machine has happened. */
void pc_wake(void *machine, enum piix4_wake by);
void pc_timer_wakes(void *machine);
/* The machine shall wake: between two instructions. */
void sleep_end(struct machine *m);

/* machine.c, sleep.c: what the parts ask of the machine, from within a device access. */
void machine_ask_reset(void *machine);
/* All chips and processors to power-on state. */
void pc_reset(struct machine *m);
void machine_ask_power_off(void *machine);
void machine_ask_suspend(void *machine);
void machine_ask_exit(void *machine, u32 status);
void machine_saw_triple_fault(void *machine);

#endif
