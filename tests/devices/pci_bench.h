/* pci_bench.h: a PCI bus with nothing but its spaces, for the tests of functions on it. */
#ifndef PCEMU_TESTS_PCI_BENCH_H
#define PCEMU_TESTS_PCI_BENCH_H

#include "harness.h"
#include "pci.h"

static inline void bench_bus_init(struct pci_bus *bus, struct region *memory, struct region *io, struct harness *h)
{
    region_init_container(memory, "pci", 0);
    region_init_container(io, "io", 0x10000);
    pci_bus_init(bus, memory, io, &h->dma, &h->log);
}

#endif
