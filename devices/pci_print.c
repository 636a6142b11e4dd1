/* pci_print.c: the functions of a bus as QEMU 7.2's `info pci` prints them. */
#include "pci.h"

#include <inttypes.h>

/* Class codes (PCI Local Bus Specification 2.1, appendix D) under the names that QEMU gives them. */
static const struct {
    u16 class_code; /* class << 8 | sub-class */
    const char *name;
} class_names[] = {
    { 0x0101, "IDE controller" }, { 0x0200, "Ethernet controller" }, { 0x0300, "VGA controller" },
    { 0x0600, "Host bridge" },    { 0x0601, "ISA bridge" },          { 0x0680, "Bridge" },
};

static void print_class(const struct pci_device *d, FILE *out)
{
    u16 code = (u16)pci_get(d, PCI_CLASS_CODE + 1, 2);
    for (unsigned i = 0; i < ARRAY_LEN(class_names); i++)
        if (class_names[i].class_code == code) {
            fputs(class_names[i].name, out);
            return;
        }
    fprintf(out, "Class %04d", code);
}

/* A base address register that places nothing shows the address -1, and its end follows from that. */
static void print_bar(const struct pci_device *d, unsigned n, FILE *out)
{
    const struct pci_bar *bar = &d->bar[n];
    if (!bar->region)
        return;
    u64 first = bar->region->enabled ? bar->region->addr : UINT64_MAX, last = first + bar->region->last;
    fprintf(out, "      BAR%u: ", n);
    if (bar->kind & PCI_BAR_IO)
        fprintf(out, "I/O at 0x%04" PRIx64 " [0x%04" PRIx64 "].\n", first, last);
    else
        fprintf(out, "%d bit%s memory at 0x%08" PRIx64 " [0x%08" PRIx64 "].\n", bar->kind & PCI_BAR_MEM64 ? 64 : 32,
                bar->kind & PCI_BAR_PREFETCH ? " prefetchable" : "", first, last);
}

static void print_function(const struct pci_device *d, FILE *out)
{
    fprintf(out, "  Bus %2d, device %3d, function %d:\n", 0, d->devfn >> 3, d->devfn & 7);
    fputs("    ", out);
    print_class(d, out);
    fprintf(out, ": PCI device %04x:%04x\n", pci_get(d, PCI_VENDOR_ID, 2), pci_get(d, PCI_DEVICE_ID, 2));
    fprintf(out, "      PCI subsystem %04x:%04x\n", pci_get(d, PCI_SUBSYSTEM_VENDOR_ID, 2),
            pci_get(d, PCI_SUBSYSTEM_ID, 2));
    u8 pin = d->config[PCI_INTERRUPT_PIN];
    if (pin)
        fprintf(out, "      IRQ %d, pin %c\n", d->config[PCI_INTERRUPT_LINE], 'A' + pin - 1);
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
        print_bar(d, n, out);
    fputs("      id \"\"\n", out);
}

static void print_qtree_bar(const struct pci_device *d, unsigned n, int indent, FILE *out)
{
    const struct pci_bar *bar = &d->bar[n];
    if (!bar->region)
        return;
    u64 first = bar->region->enabled ? bar->region->addr : UINT64_MAX;
    fprintf(out, "%*sbar %u: %s at 0x%" PRIx64 " [0x%" PRIx64 "]\n", indent, "", n,
            bar->kind & PCI_BAR_IO ? "i/o" : "mem", first, first + bar->region->last);
}

void pci_print_function(const struct pci_device *d, int indent, FILE *out)
{
    fprintf(out, "%*saddr = %02x.%x\n", indent, "", d->devfn >> 3, d->devfn & 7u);
    fprintf(out, "%*smultifunction = %s\n", indent, "",
            d->config[PCI_HEADER_TYPE] & PCI_HEADER_MULTI_FUNCTION ? "true" : "false");
    fprintf(out, "%*sclass ", indent, "");
    print_class(d, out);
    fprintf(out, ", addr 00:%02x.%x, pci id %04x:%04x (sub %04x:%04x)\n", d->devfn >> 3, d->devfn & 7u,
            pci_get(d, PCI_VENDOR_ID, 2), pci_get(d, PCI_DEVICE_ID, 2), pci_get(d, PCI_SUBSYSTEM_VENDOR_ID, 2),
            pci_get(d, PCI_SUBSYSTEM_ID, 2));
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
        print_qtree_bar(d, n, indent, out);
}

void pci_print(const struct pci_bus *b, FILE *out)
{
    for (unsigned i = 0; i < PCI_FUNCTIONS; i++)
        if (pci_function(b, (u8)i))
            print_function(b->function[i], out);
}
