/* ioapic.h: the 82093AA I/O APIC: 24 interrupt inputs to messages for the local APICs. See ioapic.c. */
#ifndef PCEMU_IOAPIC_H
#define PCEMU_IOAPIC_H

#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define IOAPIC_PINS 24

/* A way for interrupt messages to the local APICs: `dest` is a physical ID (0xff: all) or, where `logical`, a set;
 * `delivery_mode` as in a redirection entry; `level` says that the target shall broadcast its EOI. */
struct apic_bus {
    void (*deliver)(void *owner, u32 dest, bool logical, u8 delivery_mode, u8 vector, bool level);
    void *owner;
};

struct ioapic {
    /* wiring */
    struct region region; /* "ioapic" */
    struct apic_bus bus;
    struct log *log;
    /* state */
    u8 ioregsel;
    u8 id;                  /* IOAPICID, bits 27:24 of the register */
    u64 redir[IOAPIC_PINS]; /* IOREDTBL */
    u32 level;              /* present level of each input */
};

extern const struct state_table ioapic_state;

void ioapic_init(struct ioapic *s, struct apic_bus bus, struct log *log);
void ioapic_reset(void *self);

/* Input `pin` (INTIN0 … INTIN23). On a PC the ISA interrupts stand at the pins of their numbers, but IRQ0 at 2. */
void ioapic_set_irq(void *self, unsigned pin, bool level);
struct irq_line ioapic_irq(struct ioapic *s, unsigned pin);

/* For people: its part of QEMU's `info pic`. */
void ioapic_print(const struct ioapic *s, FILE *out);

/* A local APIC ended the service of a level-triggered `vector`. */
void ioapic_eoi(void *self, u8 vector);

#endif
