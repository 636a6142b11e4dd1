/* qtree.c: the board's parts by the buses on which they sit, in the format of QEMU's `info qtree`: QEMU's names of the
 * devices, and those of their properties that this board has. */
#include "pc.h"

#include "debug.h"
#include "pc_map.h"

#include <inttypes.h>

static void line(FILE *out, int depth, const char *text)
{
    fprintf(out, "%*s%s\n", 2 * depth, "", text);
}

static void device(FILE *out, int depth, const char *name)
{
    fprintf(out, "%*sdev: %s, id \"\"\n", 2 * depth, "", name);
}

static void number(FILE *out, int depth, const char *name, u32 value)
{
    fprintf(out, "%*s%s = %u (0x%x)\n", 2 * depth, "", name, value, value);
}

static void mmio(FILE *out, int depth, const struct region *r)
{
    fprintf(out, "%*smmio %016" PRIx64 "/%016" PRIx64 "\n", 2 * depth, "", r->addr, region_size(r));
}

static void print_isa(FILE *out, int depth)
{
    static const struct {
        const char *name;
        u32 iobase;
        s32 irq; /* -1: none */
    } parts[] = {
        { "port92", PORT_92, -1 },
        { "vmport", PORT_VMPORT, -1 },
        { "i8042", PORT_KBD_DATA, IRQ_KBD },
        { "isa-fdc", PORT_FDC - 1, IRQ_FDC },
        { "isa-parallel", PORT_LPT1, IRQ_LPT1 },
        { "isa-serial", PORT_COM1, IRQ_COM1 },
        { "isa-pcspk", PORT_61, -1 },
        { "isa-pit", PORT_PIT, IRQ_PIT },
        { "mc146818rtc", PORT_RTC, IRQ_RTC },
        { "isa-i8259", PORT_PIC2, -1 },
        { "isa-i8259", PORT_PIC1, -1 },
        { "i8257", PORT_DMA2, -1 },
        { "i8257", PORT_DMA1, -1 },
    };
    line(out, depth, "bus: isa.0");
    line(out, depth + 1, "type ISA");
    for (unsigned i = 0; i < ARRAY_LEN(parts); i++) {
        device(out, depth + 1, parts[i].name);
        number(out, depth + 2, "iobase", parts[i].iobase);
        if (parts[i].irq >= 0)
            number(out, depth + 2, "irq", (u32)parts[i].irq);
    }
}

static void print_functions(const struct machine *m, FILE *out, int depth)
{
    for (unsigned i = 0; i < PCI_FUNCTIONS; i++) {
        const struct pci_device *d = pci_function(&m->pci, (u8)i);
        if (!d)
            continue;
        device(out, depth, d->name);
        pci_print_function(d, 2 * (depth + 1), out);
        if (d == &m->piix3.pci)
            print_isa(out, depth + 1);
    }
}

void debug_print_qtree(const struct machine *m, FILE *out)
{
    line(out, 0, "bus: main-system-bus");
    line(out, 1, "type System");
    device(out, 1, "hpet");
    mmio(out, 2, &m->hpet.region);
    device(out, 1, "ioapic");
    mmio(out, 2, &m->ioapic.region);
    device(out, 1, "i440FX-pcihost");
    line(out, 2, "bus: pci.0");
    line(out, 3, "type PCI");
    print_functions(m, out, 3);
    device(out, 1, "fw_cfg_io");
}
