/* piix4_pm.h: power management and SMBus of the 82371AB (PIIX4), PCI function 3. See piix4_pm.c. */
#ifndef PCEMU_PIIX4_PM_H
#define PCEMU_PIIX4_PM_H

#include "clock.h"
#include "pci.h"
#include "pm_smbus.h"

#define PIIX4_PM_PORTS 64

/* What ends a sleep. */
enum piix4_wake { PIIX4_WAKE_NONE, PIIX4_WAKE_BUTTON, PIIX4_WAKE_RTC, PIIX4_WAKE_TIMER };

/* What the chip does to the machine; each may act after the call returns. */
struct piix4_pm_outputs {
    struct irq_line sci;              /* level; ISA IRQ9 in a PC */
    void (*smi)(void *machine);       /* SMI# to the processors */
    void (*power_off)(void *machine); /* soft off: SLP_TYP of S5 (or S4) with SLP_EN */
    void (*suspend)(void *machine);   /* to RAM: SLP_TYP of S3 with SLP_EN */
    void (*timer)(void *machine);     /* the PM timer has overflowed */
    void *machine;
};

struct piix4_pm {
    /* wiring */
    struct pci_device pci;
    struct clock *clock;
    struct log *log;
    struct piix4_pm_outputs out;
    struct region io;  /* piix4-pm: placed in the bus's port space by PMBASE */
    struct region evt; /* acpi-evt, acpi-cnt, acpi-tmr: in `io` */
    struct region cnt;
    struct region tmr;
    struct region gpe0;    /* acpi-gpe0: 4 ports, AFE0 */
    struct region apm;     /* apm-io: 2 ports, B2 */
    struct timer overflow; /* the next change of the PM timer's bit 23 */

    /* state (besides pci and overflow) */
    u16 pmsts, pmen, pmcntrl;
    u8 misc[PIIX4_PM_PORTS]; /* the other registers of `io`, at their offsets */
    u8 gpe_sts[2], gpe_en[2];
    u8 apmc, apms;
    struct pm_smbus smbus; /* its region is placed by SMBBA */
};

/* Puts function `devfn` (01.3 in a PC) on the bus. The regions gpe0 and apm are made, not placed. */
void piix4_pm_init(struct piix4_pm *s, struct pci_bus *bus, u8 devfn, struct clock *clock,
                   const struct piix4_pm_outputs *out, struct log *log);
void piix4_pm_reset(void *self);
/* The user presses the power button. */
void piix4_pm_power_button(struct piix4_pm *s);
/* Does this end a sleep? The button always does, the others where PMEN enables them. */
bool piix4_pm_wakes(const struct piix4_pm *s, enum piix4_wake by);
/* The machine has woken and been reset: PMSTS tells why. */
void piix4_pm_woke(struct piix4_pm *s, enum piix4_wake by);
extern const struct state_table piix4_pm_state;

#endif
