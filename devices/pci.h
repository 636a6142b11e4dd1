/* pci.h: PCI bus 0 as one machine sees it: functions with 256 bytes of configuration space, base address registers that
 * place regions, INTx wires, and the bus master gate. PCI Local Bus Specification 2.1, chapter 6; names of registers
 * and bits as there. A chip that is a PCI function embeds a struct pci_device:
 *
 *     static const struct pci_id id = { .vendor = 0x1234, .device = 0x1111, .revision = 2, .class_code = 0x030000 };
 *     pci_device_init(&s->pci, bus, PCI_DEVFN(2, 0), "VGA", &id);
 *     pci_add_bar(&s->pci, 0, PCI_BAR_MEM | PCI_BAR_PREFETCH, &s->vram);     region: initialised, not placed
 *     pci_add_bar(&s->pci, 2, PCI_BAR_MEM, &s->mmio);
 *     pci_add_bar(&s->pci, PCI_ROM_SLOT, PCI_BAR_MEM, &s->rom);
 *     …in its reset:       pci_device_reset(&s->pci);
 *     …in its state table: STATE_STRUCT(struct vga_pci, pci, pci_device_fields),
 *     …in its post_load:   pci_device_post_load(&s->pci);
 */
#ifndef PCEMU_PCI_H
#define PCEMU_PCI_H

#include "base.h"
#include "dma.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define PCI_DEVFN(slot, fn) ((u8)(((slot) << 3) | (fn)))
#define PCI_CONFIG_SIZE 256
#define PCI_FUNCTIONS 256 /* 32 slots of 8 functions */
#define PCI_BARS 6
#define PCI_ROM_SLOT PCI_BARS /* the expansion ROM's base address register */
#define PCI_PIRQS 4

/* Configuration space header, type 00h (section 6.1). */
enum pci_register {
    PCI_VENDOR_ID = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION_ID = 0x08,
    PCI_CLASS_CODE = 0x09, /* 3 bytes: programming interface, sub-class, class */
    PCI_CACHE_LINE_SIZE = 0x0c,
    PCI_LATENCY_TIMER = 0x0d,
    PCI_HEADER_TYPE = 0x0e,
    PCI_BIST = 0x0f,
    PCI_BAR0 = 0x10,
    PCI_SUBSYSTEM_VENDOR_ID = 0x2c,
    PCI_SUBSYSTEM_ID = 0x2e,
    PCI_ROM_BAR = 0x30,
    PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,
};

#define PCI_COMMAND_IO BIT(0)
#define PCI_COMMAND_MEMORY BIT(1)
#define PCI_COMMAND_MASTER BIT(2)
#define PCI_COMMAND_SERR BIT(8)
#define PCI_COMMAND_INTX_DISABLE BIT(10)
#define PCI_STATUS_INTERRUPT BIT(3)
#define PCI_STATUS_CAPABILITIES BIT(4)
#define PCI_STATUS_FAST_BACK BIT(7)
#define PCI_STATUS_DEVSEL_MEDIUM BIT(9)
#define PCI_HEADER_MULTI_FUNCTION 0x80
#define PCI_ROM_ENABLE BIT(0)

/* The low bits of a base address register; PCI_BAR_MEM alone is 32-bit memory. */
enum pci_bar_kind { PCI_BAR_MEM = 0, PCI_BAR_IO = 1, PCI_BAR_MEM64 = 4, PCI_BAR_PREFETCH = 8 };

struct pci_id {
    u16 vendor, device;
    u8 revision;
    u32 class_code;      /* 24 bits: class << 16 | sub-class << 8 | programming interface */
    u8 interrupt_pin;    /* 0 none, 1 INTA#, … 4 INTD# */
    bool multi_function; /* bit 7 of the header type; set it in function 0 of a slot with several */
};

struct pci_bus;

struct pci_device {
    /* wiring */
    const char *name; /* not owned */
    struct pci_bus *bus;
    u8 devfn;
    struct dma dma;    /* bus master access of this function: does nothing while PCI_COMMAND_MASTER is clear */
    struct dma memory; /* where it leads: the bus's, or a view of the function's own */
    struct region *master_window; /* enabled while PCI_COMMAND_MASTER is set; NULL: none */
    struct pci_bar {
        struct region *region; /* NULL: not built */
        u8 kind;               /* enum pci_bar_kind */
    } bar[PCI_BARS + 1];
    u8 reset_value[PCI_CONFIG_SIZE];
    u8 writable[PCI_CONFIG_SIZE];         /* bits that take what is written */
    u8 write_one_clears[PCI_CONFIG_SIZE]; /* bits that a written 1 clears */
    /* Called after a configuration write changed bytes offset … offset + size - 1 (inside one dword). May be NULL. */
    void (*config_written)(void *self, unsigned offset, unsigned size);
    void *self;
    u8 msi_at; /* pci_msi.h: where its capability is in configuration space; 0: none */

    /* state */
    u8 config[PCI_CONFIG_SIZE];
    bool intx;    /* level the function drives on its interrupt pin, before PCI_COMMAND_INTX_DISABLE */
    bool removed; /* pulled out of its slot: it answers nothing any more, not even after a reset */
};

struct pci_bus {
    /* wiring */
    struct region *memory, *io; /* containers that base address registers place their regions in */
    struct dma dma;             /* guest memory */
    struct log *log;
    struct pci_device *function[PCI_FUNCTIONS];
    struct irq_line pirq[PCI_PIRQS]; /* to the PCI-to-ISA bridge */
    /* A function's write of `data` to `address` in FEExxxxx; NULL: nobody listens. */
    void (*message)(void *owner, u32 address, u32 data);
    void *message_owner;
};

/* An empty bus. `memory` is the container `pci`, `io` the container `io`; both outlive the bus. */
void pci_bus_init(struct pci_bus *b, struct region *memory, struct region *io, const struct dma *dma, struct log *log);
/* Connects one of the four PIRQ wires of the board. */
void pci_bus_connect_pirq(struct pci_bus *b, unsigned n, struct irq_line line);
/* A configuration cycle on bus 0: 1, 2 or 4 bytes at `offset`, inside one dword. Where no function answers, reads give
 * all ones (master abort) and writes are dropped. */
u32 pci_config_read(struct pci_bus *b, u8 devfn, unsigned offset, unsigned size);
void pci_config_write(struct pci_bus *b, u8 devfn, unsigned offset, u32 value, unsigned size);

/* Fills in the standard header (subsystem 1af4:1100, as all functions of the machine have) and puts the function on the
 * bus at `devfn`, which must be free. `config_written` and `self` may be set afterwards. */
void pci_device_init(struct pci_device *d, struct pci_bus *bus, u8 devfn, const char *name, const struct pci_id *id);
/* Pulls the function out of its slot; its chip is to be reset by the caller. There is no way back. */
void pci_remove(struct pci_device *d);
/* The function at `devfn`; NULL: none is there (any more). */
struct pci_device *pci_function(const struct pci_bus *b, u8 devfn);
/* Gives the function a view of memory of its own: `window`, in it, is enabled while the function may be bus master. */
void pci_connect_master(struct pci_device *d, struct region *window, const struct dma *memory);
/* Declares a register of 1, 2 or 4 bytes: its value at reset and the bits that the guest can write. */
void pci_declare(struct pci_device *d, unsigned offset, unsigned size, u32 reset_value, u32 writable);
/* Bits of a register that a written 1 clears. */
void pci_declare_w1c(struct pci_device *d, unsigned offset, unsigned size, u32 bits);
/* Declares base address register n (0 … 5, PCI_ROM_SLOT) for a region whose size is a power of two (memory: at least 16
 * bytes, I/O: at least 4, ROM: at least 2 KiB). The region is placed, disabled; the bus moves and enables it.
 * PCI_BAR_MEM64 takes n + 1 as well. */
void pci_add_bar(struct pci_device *d, unsigned n, unsigned kind, struct region *region);
/* Configuration space to its reset values, base address registers unmapped, interrupt pin released. */
void pci_device_reset(struct pci_device *d);

/* A configuration register as the chip itself sees it: `offset + size` within 256, no side effects. */
u32 pci_get(const struct pci_device *d, unsigned offset, unsigned size);
void pci_set(struct pci_device *d, unsigned offset, u32 value, unsigned size);
/* Drives the function's interrupt pin (none if interrupt_pin is 0). */
void pci_intx_set(struct pci_device *d, bool level);
bool pci_bus_master(const struct pci_device *d);

/* For people: the functions of the bus, as QEMU's `info pci` prints them. */
void pci_print(const struct pci_bus *b, FILE *out);
/* And one of them as in its `info qtree`, `indent` blanks from the left. */
void pci_print_function(const struct pci_device *d, int indent, FILE *out);

extern const struct state_field pci_device_fields[];
/* Places the regions as the loaded configuration says. The PIRQ lines are not driven: their receiver loads its own
 * state. */
void pci_device_post_load(struct pci_device *d);

#endif
