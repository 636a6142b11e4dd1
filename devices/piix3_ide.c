/* piix3_ide.c: the IDE function of the Intel 82371SB (PIIX3): PCI function 1, two channels (ide_channel.c) with bus
 * masters (ide_bmdma.c). Data sheet: 82371FB/82371SB, order no. 290550, section 2.3.
 * As in QEMU's `pc` the legacy ports are always decoded: neither IDETIM's IDE decode enable nor the command register's
 * I/O enable closes them (the latter governs the bus master ports).
 * Not modelled: timing registers store and time nothing; the test mode bits. */
#include "piix3_ide.h"

enum piix3_ide_register {
    IDETIM0 = 0x40, /* primary, 2 bytes */
    IDETIM1 = 0x42, /* secondary */
    SIDETIM = 0x44, /* slaves */
};

#define BM_BAR 4
#define BM_CHANNEL_PORTS 8

static bool may_master(void *function)
{
    return pci_bus_master(function);
}

static void config_written(void *self, unsigned offset, unsigned size)
{
    struct piix3_ide *s = self;
    if (offset > PCI_COMMAND || offset + size <= PCI_COMMAND)
        return;
    ide_bmdma_wake(&s->channel[0]);
    ide_bmdma_wake(&s->channel[1]);
}

static void init_function(struct piix3_ide *s, struct pci_bus *bus, u8 devfn)
{
    static const struct pci_id id = { .vendor = 0x8086, .device = 0x7010, .class_code = 0x010180 };
    pci_device_init(&s->pci, bus, devfn, "piix3-ide", &id);
    pci_declare(&s->pci, PCI_STATUS, 2, PCI_STATUS_DEVSEL_MEDIUM | PCI_STATUS_FAST_BACK, 0);
    pci_declare(&s->pci, IDETIM0, 4, 0, 0xf3fff3ffu);
    pci_declare(&s->pci, SIDETIM, 1, 0, 0xff);
    s->pci.config_written = config_written;
    s->pci.self = s;
}

void piix3_ide_init(struct piix3_ide *s, struct pci_bus *bus, u8 devfn, struct clock *clock,
                    const struct irq_line irq[2], const struct ide_plug plug[4], struct log *log)
{
    memset(s, 0, sizeof(*s));
    init_function(s, bus, devfn);
    struct ide_wiring w = {
        .clock = clock, .log = log, .dma = &s->pci.dma, .may_master = may_master, .function = &s->pci
    };
    region_init_container(&s->bmdma, "piix-bmdma-container", 2 * BM_CHANNEL_PORTS);
    for (unsigned n = 0; n < 2; n++) {
        ide_channel_init(&s->channel[n], n, &w, irq[n], plug + 2 * (size_t)n);
        region_add(&s->bmdma, BM_CHANNEL_PORTS * n, &s->channel[n].bm_registers, 0);
        region_add(&s->bmdma, BM_CHANNEL_PORTS * n + 4, &s->channel[n].bm_table, 0);
    }
    pci_add_bar(&s->pci, BM_BAR, PCI_BAR_IO, &s->bmdma);
    piix3_ide_reset(s);
}

void piix3_ide_reset(void *self)
{
    struct piix3_ide *s = self;
    pci_device_reset(&s->pci);
    ide_channel_reset(&s->channel[0]);
    ide_channel_reset(&s->channel[1]);
}

static bool post_load(void *self)
{
    struct piix3_ide *s = self;
    pci_device_post_load(&s->pci);
    return true;
}

static const struct state_field piix3_ide_fields[] = { STATE_STRUCT(struct piix3_ide, pci, pci_device_fields),
                                                       STATE_ARRAY(struct piix3_ide, channel, ide_channel_fields),
                                                       STATE_END };
const struct state_table piix3_ide_state = { "piix3_ide", 1, piix3_ide_fields, post_load };
