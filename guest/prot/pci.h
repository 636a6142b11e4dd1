/* pci.h: configuration space by ports CF8 and CFC. A function is named by the address with register 0:
 *
 *   +---+---------+-------+----------+--------+---------------+-+-+
 *   |31 |30     24|23   16|15      11|10     8|7             2|1|0|
 *   +---+---------+-------+----------+--------+---------------+-+-+
 *   | E | reserved|  bus  |  device  |function|   register    |0|0|
 *   +---+---------+-------+----------+--------+---------------+-+-+ */
#ifndef GUEST_PCI_H
#define GUEST_PCI_H

#include "io.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000u
#define PCI_FUNCTION(device, function) (PCI_ENABLE | (u32)(device) << 11 | (u32)(function) << 8)
#define PCI_NONE 0

#define PCI_ID 0x00
#define PCI_COMMAND 0x04
#define PCI_CLASS 0x08
#define PCI_HEADER 0x0c
#define PCI_BAR0 0x10
#define PCI_INTERRUPT 0x3c
#define COMMAND_IO BIT(0)
#define COMMAND_MEMORY BIT(1)
#define COMMAND_MASTER BIT(2)

#define PCI_I440FX 0x12378086u
#define PCI_PIIX3 0x70008086u
#define PCI_PIIX3_IDE 0x70108086u
#define PCI_PIIX4_PM 0x71138086u
#define PCI_VGA 0x11111234u
#define PCI_E1000 0x100e8086u

static inline u32 pci_read(u32 function, u32 reg)
{
    outl(PCI_ADDRESS, function | (reg & 0xfc));
    return inl(PCI_DATA);
}

static inline void pci_write(u32 function, u32 reg, u32 v)
{
    outl(PCI_ADDRESS, function | (reg & 0xfc));
    outl(PCI_DATA, v);
}

static inline u8 pci_read8(u32 function, u32 reg)
{
    outl(PCI_ADDRESS, function | (reg & 0xfc));
    return inb((u16)(PCI_DATA + (reg & 3)));
}

static inline void pci_write8(u32 function, u32 reg, u8 v)
{
    outl(PCI_ADDRESS, function | (reg & 0xfc));
    outb((u16)(PCI_DATA + (reg & 3)), v);
}

/* The function on bus 0 with that device and vendor, or PCI_NONE. */
static inline u32 pci_find(u32 id)
{
    for (u32 device = 0; device < 32; device++)
        for (u32 function = 0; function < 8; function++)
            if (pci_read(PCI_FUNCTION(device, function), PCI_ID) == id)
                return PCI_FUNCTION(device, function);
    return PCI_NONE;
}

#endif
