/* pci_chips.c: what the board's own PCI functions must be told: where interrupts go, where power management stands.
 * No variables of POST: done again when the machine wakes from suspend to RAM.
 * Intel 82371SB (PIIX3) and 82371AB (PIIX4) data sheets. */
#include "post.h"

#define PIIX3_ISA 0x70008086u
#define PIIX4_ISA 0x71108086u
#define PIIX3_IDE 0x70108086u
#define PIIX4_IDE 0x71118086u
#define PIIX4_PM 0x71138086u

#define REG_HEADER 0x0e
#define HEADER_MULTI 0x80
#define REG_IRQ_LINE 0x3c
#define REG_IRQ_PIN 0x3d
#define PIRQ_ROUTE 0x60
#define IDE_TIMING 0x40
#define IDE_DECODE 0x8000
#define PM_BASE 0x40
#define PM_REGMISC 0x80
#define PM_SMB_BASE 0x90
#define PM_SMB_CONFIG 0xd2
#define SMB_ENABLE 0x09 /* with SCI */
#define IS_PORT 1
#define PM_PORT 0x600
#define SMB_PORT 0x700
#define SCI_IRQ 9

#define PORT_ELCR1 0x4d0
#define PORT_ELCR2 0x4d1

/* PIRQA-D: two ISA interrupts that nothing else of the board uses. */
static const u8 pirq_irq[4] = { 10, 10, 11, 11 };

/* Slots turn the pins: slot n's INTA# is PIRQ (n - 1). */
static u8 irq_of(u16 bdf, u8 pin)
{
    return pirq_irq[(pin - 1u + (bdf >> 3 & 31u) - 1u) & 3u];
}

static void setup_isa_bridge(u16 bdf)
{
    u8 elcr[2] = { 0, 0 };
    for (unsigned i = 0; i < 4; i++) {
        elcr[pirq_irq[i] >> 3] |= (u8)BIT(pirq_irq[i] & 7);
        pci_write8(bdf, (u8)(PIRQ_ROUTE + i), pirq_irq[i]);
    }
    outb(PORT_ELCR1, elcr[0]);
    outb(PORT_ELCR2, elcr[1]);
    FSEG->pir_irqs = (u16)(elcr[0] | elcr[1] << 8);
}

static void setup_pm(u16 bdf)
{
    pci_write8(bdf, REG_IRQ_LINE, SCI_IRQ);
    pci_write32(bdf, PM_BASE, PM_PORT | IS_PORT);
    pci_write8(bdf, PM_REGMISC, 1);
    pci_write32(bdf, PM_SMB_BASE, SMB_PORT | IS_PORT);
    pci_write8(bdf, PM_SMB_CONFIG, SMB_ENABLE);
    FSEG->pm_base = PM_PORT;
}

static void setup_function(u16 bdf, u32 id)
{
    u8 pin = pci_read8(bdf, REG_IRQ_PIN);
    if (pin && pin <= 4)
        pci_write8(bdf, REG_IRQ_LINE, irq_of(bdf, pin));
    switch (id) {
    case PIIX3_ISA:
    case PIIX4_ISA:
        setup_isa_bridge(bdf);
        break;
    case PIIX3_IDE:
    case PIIX4_IDE:
        pci_write16(bdf, IDE_TIMING, IDE_DECODE);
        pci_write16(bdf, IDE_TIMING + 2, IDE_DECODE);
        break;
    case PIIX4_PM:
        setup_pm(bdf);
        break;
    default:
        break;
    }
}

/* The next function after `bdf` that is there, by its registers alone; NO_FUNCTION: none. */
u32 pci_next(u32 bdf)
{
    u32 end = ((u32)FSEG->pci_last_bus << 8) + 0x100;
    for (bdf++; bdf < end; bdf++) {
        bool many = !(bdf & 7) || (pci_read8((u16)(bdf & ~7u), REG_HEADER) & HEADER_MULTI);
        if (many && (u16)pci_read32((u16)bdf, 0) != 0xffff)
            return bdf;
    }
    return NO_FUNCTION;
}

u32 pci_find_bdf(u32 id)
{
    for (u32 bdf = pci_next(NO_FUNCTION); bdf != NO_FUNCTION; bdf = pci_next(bdf))
        if (pci_read32((u16)bdf, 0) == id)
            return bdf;
    return NO_FUNCTION;
}

void pci_setup_chips(void)
{
    for (u32 bdf = pci_next(NO_FUNCTION); bdf != NO_FUNCTION; bdf = pci_next(bdf))
        setup_function((u16)bdf, pci_read32((u16)bdf, 0));
}
