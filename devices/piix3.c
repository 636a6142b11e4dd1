/* piix3.c: Intel 82371SB PCI ISA IDE Xcelerator (PIIX3), function 0: PCI interrupt steering (PIRQRC), reset control
 * (CF9), and the configuration registers of the ISA bridge. Data sheet: 82371FB/82371SB, order no. 290550. Reset values
 * and identity are those of QEMU's `pc`. Elsewhere: IDE is function 1 (piix3_ide.c); the 8259, 8254, 8237, ELCR and NMI
 * ports are chips of their own. Not modelled: positive decode of BIOS, RTC and keyboard ports by XBCS (they always
 * answer), motherboard interrupt and DMA steering (MBIRQ, MBDMA), ISA DMA forwarding (TOM), the SMI sources of the
 * SMICNTL group; these registers store, and what would have an effect is logged. */
#include "piix3.h"

enum piix3_register {
    IORT = 0x4c,   /* ISA I/O recovery timer */
    XBCS = 0x4e,   /* X-bus chip select */
    PIRQRC = 0x60, /* PIRQRC[A:D], 60 … 63 */
    TOM = 0x69,    /* top of memory for ISA masters */
    MSTAT = 0x6a,  /* miscellaneous status */
    MBIRQ0 = 0x70, /* motherboard device IRQ route */
    MBDMA0 = 0x76, /* motherboard DMA channel routes */
    PCSC = 0x78,   /* programmable chip select */
    APICBASE = 0x80,
    DLC = 0x82,     /* deterministic latency */
    SMICNTL = 0xa0, /* SMI control */
    SMIEN = 0xa2,   /* SMI sources */
    SEE = 0xa4,     /* system events */
    FTMR = 0xa8,    /* fast-off timer */
    SMIREQ = 0xaa,  /* SMI requests */
    CTLTMR = 0xac,  /* STPCLK# low timer */
    CTHTMR = 0xae,  /* STPCLK# high timer */
};

#define PIRQRC_DISABLE 0x80u
#define PIRQRC_ROUTE 0x0fu
#define SMICNTL_CSMIGATE 0x01u

/* RC, the reset control register at CF9. */
#define RCR_SRST 0x02u    /* hard rather than soft reset when RCPU rises */
#define RCR_RST_CPU 0x04u /* 0 to 1 resets */

/* IRQ0, 1, 2, 8 and 13 belong to the board and are reserved in PIRQRC. */
#define ROUTABLE 0xdef8u

int piix3_pirq_route(const struct piix3 *s, unsigned n)
{
    u8 v = s->pci.config[PIRQRC + n % PCI_PIRQS];
    unsigned irq = v & PIRQRC_ROUTE;
    return v & PIRQRC_DISABLE || !(ROUTABLE & BIT(irq)) ? -1 : (int)irq;
}

/* Several PIRQ wires may be steered to one ISA line: it is high while any of them is asserted. */
static void update_lines(struct piix3 *s)
{
    unsigned now = 0;
    for (unsigned i = 0; i < PCI_PIRQS; i++) {
        int irq = piix3_pirq_route(s, i);
        if ((s->pirq & BIT(i)) && irq >= 0)
            now |= BIT(irq);
    }
    unsigned changed = now ^ s->driven;
    s->driven = (u16)now;
    for (unsigned irq = 0; irq < PIIX3_ISA_IRQS; irq++)
        if (changed & BIT(irq))
            irq_set(&s->irq[irq], now & BIT(irq));
}

static void set_pirq(void *self, unsigned n, bool level)
{
    struct piix3 *s = self;
    u8 bit = (u8)BIT(n % PCI_PIRQS);
    s->pirq = (u8)(level ? s->pirq | bit : s->pirq & ~bit);
    update_lines(s);
}

static void routes_written(struct piix3 *s)
{
    for (unsigned i = 0; i < PCI_PIRQS; i++)
        if (!(s->pci.config[PIRQRC + i] & PIRQRC_DISABLE) && piix3_pirq_route(s, i) < 0)
            log_guest(s->log, "piix3", "PIRQRC%c steers to reserved IRQ %d", (int)('A' + i),
                      s->pci.config[PIRQRC + i] & PIRQRC_ROUTE);
    update_lines(s);
}

static bool touched(unsigned offset, unsigned size, unsigned first, unsigned bytes)
{
    return offset < first + bytes && first < offset + size;
}

static void config_written(void *self, unsigned offset, unsigned size)
{
    struct piix3 *s = self;
    if (touched(offset, size, PIRQRC, PCI_PIRQS))
        routes_written(s);
    if (touched(offset, size, SMIEN, 2) && pci_get(&s->pci, SMIEN, 2))
        log_unimp(s->log, "piix3", "SMI source enabled in SMIEN: %04x", pci_get(&s->pci, SMIEN, 2));
    if (touched(offset, size, PCSC, 2) && !(s->pci.config[PCSC] & 2))
        log_unimp(s->log, "piix3", "programmable chip select at %04x", pci_get(&s->pci, PCSC, 2) & 0xfffcu);
}

/* ---- CF9 ---- */

static u64 rcr_read(void *dev, u64 offset, unsigned size)
{
    const struct piix3 *s = dev;
    (void)offset, (void)size;
    return s->rcr;
}

/* RCPU never reads back as 1: the reset that its rising edge causes clears the register. */
static void rcr_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct piix3 *s = dev;
    (void)offset, (void)size;
    s->rcr = (u8)value & RCR_SRST;
    if (value & RCR_RST_CPU)
        s->cpu_reset(s->machine);
}

static const struct region_ops rcr_ops = { .read = rcr_read, .write = rcr_write, .max_size = 1 };

/* ---- the function ---- */

static void declare_registers(struct pci_device *d)
{
    pci_declare(d, IORT, 1, 0x4d, 0xff);
    pci_declare(d, XBCS, 2, 0x0003, 0x01ff);
    pci_declare(d, PIRQRC, 4, 0x80808080, 0x8f8f8f8f);
    pci_declare(d, TOM, 1, 0x02, 0xfe);
    pci_declare(d, MSTAT, 2, 0x0000, 0x80f5);
    pci_declare(d, MBIRQ0, 1, 0x80, 0xef);
    pci_declare(d, MBDMA0, 2, 0x0c0c, 0x8f8f);
    pci_declare(d, PCSC, 2, 0x0002, 0xffff);
    pci_declare(d, APICBASE, 1, 0x00, 0x7f);
    pci_declare(d, DLC, 1, 0x00, 0x0f);
    pci_declare(d, SMICNTL, 1, 0x08, 0x1f);
    pci_declare(d, SMIEN, 2, 0x0000, 0x00ff);
    pci_declare(d, SEE, 4, 0x00000000, 0xe000fffbu);
    pci_declare(d, FTMR, 1, 0x0f, 0xff);
    pci_declare(d, SMIREQ, 2, 0x0000, 0x0000); /* software may only clear requests, and there are none */
    pci_declare(d, CTLTMR, 1, 0x00, 0xff);
    pci_declare(d, CTHTMR, 1, 0x00, 0xff);
    pci_declare(d, PCI_STATUS, 2, PCI_STATUS_DEVSEL_MEDIUM, 0);
}

void piix3_init(struct piix3 *s, struct pci_bus *bus, u8 devfn, const struct irq_line irq[PIIX3_ISA_IRQS],
                void (*cpu_reset)(void *machine), void *machine, struct log *log)
{
    static const struct pci_id id = {
        .vendor = 0x8086, .device = 0x7000, .class_code = 0x060100, .multi_function = true
    };
    memset(s, 0, sizeof(*s));
    s->log = log;
    memcpy(s->irq, irq, sizeof(s->irq));
    s->cpu_reset = cpu_reset;
    s->machine = machine;
    pci_device_init(&s->pci, bus, devfn, "PIIX3", &id);
    declare_registers(&s->pci);
    s->pci.config_written = config_written;
    s->pci.self = s;
    region_init_io(&s->reset_control, "piix3-reset-control", 1, &rcr_ops, s);
    for (unsigned n = 0; n < PCI_PIRQS; n++)
        pci_bus_connect_pirq(bus, n, (struct irq_line){ set_pirq, s, n });
}

/* The PIRQ levels are the bus's and survive: whoever drives them is reset, too. */
void piix3_reset(void *self)
{
    struct piix3 *s = self;
    pci_device_reset(&s->pci);
    s->rcr = 0;
    update_lines(s);
}

static bool post_load(void *self)
{
    struct piix3 *s = self;
    pci_device_post_load(&s->pci);
    return true;
}

static const struct state_field piix3_fields[] = { STATE_STRUCT(struct piix3, pci, pci_device_fields),
                                                   STATE_MAX(struct piix3, pirq, 0x0f), STATE(struct piix3, driven),
                                                   STATE(struct piix3, rcr), STATE_END };
const struct state_table piix3_state = { "piix3", 1, piix3_fields, post_load };
