/* pci.c: configuration space: the address register's fields, the board's functions against the expected table, base
 * addresses, the interrupt routers. */
#include "pci.h"
#include "tests.h"

#define BAR_SIZE_MASK 0xfffffff0u
#define HEADER_MULTI 0x80
#define PIRQ_A 0x60

static const struct expected {
    u8 device, function;
    u32 id;
    u16 class;
    u8 optional; /* some boards have another, or none */
    const char *name;
} board[] = {
    { 0, 0, PCI_I440FX, 0x0600, 0, "00:00.0 is the i440FX host bridge, class 0600" },
    { 1, 0, PCI_PIIX3, 0x0601, 0, "00:01.0 is the PIIX3 ISA bridge, class 0601" },
    { 1, 1, PCI_PIIX3_IDE, 0x0101, 0, "00:01.1 is the PIIX3 IDE controller, class 0101" },
    { 1, 3, PCI_PIIX4_PM, 0x0680, 0, "00:01.3 is the PIIX4 power management, class 0680" },
    { 2, 0, PCI_VGA, 0x0300, 1, "00:02.0 is the VGA adapter, class 0300" },
    { 3, 0, PCI_E1000, 0x0200, 1, "00:03.0 is the 82540EM network card, class 0200" },
};

static void enumeration(void)
{
    u32 more = 0;
    for (u32 i = 0; i < ARRAY_LEN(board); i++) {
        u32 f = PCI_FUNCTION(board[i].device, board[i].function);
        int there = pci_read(f, PCI_ID) == board[i].id && pci_read(f, PCI_CLASS) >> 16 == board[i].class;
        check_unless(board[i].optional && ON_BOCHS && !there, there, board[i].name, "it is not on this board");
    }
    for (u32 device = 0; device < 32; device++)
        for (u32 function = 0; function < 8; function++) {
            u32 known = pci_read(PCI_FUNCTION(device, function), PCI_ID) == 0xffffffffu;
            for (u32 i = 0; i < ARRAY_LEN(board); i++)
                known |= board[i].device == device && board[i].function == function;
            if (!known && !(device == 1 && function == 2)) /* (USB, where it is asked for) */
                more++;
        }
    check_unless(ON_BOCHS && more, more == 0, "nothing else is on bus 0", "this board has more");
    ok(pci_read8(PCI_FUNCTION(1, 0), PCI_HEADER + 2) & HEADER_MULTI, "00:01.0 says that it has several functions");
    is(pci_read(PCI_FUNCTION(0, 0) | 1u << 16, PCI_ID), 0xffffffffu, "bits 16 to 23, bus 1: nobody answers, all ones");
    is(pci_read(PCI_FUNCTION(31, 7), PCI_ID), 0xffffffffu, "bits 8 to 15, device 31, function 7: nobody");
}

static void address_register(void)
{
    outl(PCI_ADDRESS, PCI_FUNCTION(1, 1) | 8);
    is(inl(PCI_ADDRESS), PCI_FUNCTION(1, 1) | 8, "CF8: bus, device, function and register read back");
    outb(PCI_ADDRESS, 0);
    is(inl(PCI_ADDRESS), PCI_FUNCTION(1, 1) | 8, "CF8: a byte is not for the address register");
    outl(PCI_ADDRESS, PCI_FUNCTION(0, 0));
    is(inw(PCI_DATA + 2), 0x1237, "CFE: the upper word of register 0");
    is(inb(PCI_DATA + 1), 0x80, "CFD: its second byte");
    outl(PCI_ADDRESS, PCI_FUNCTION(0, 0) & ~PCI_ENABLE);
    is(inl(PCI_DATA), 0xffffffffu, "CF8, bit 31 clear: CFC is no configuration space");
    outl(PCI_ADDRESS, PCI_FUNCTION(0, 0) | PCI_CLASS);
    is(inl(PCI_DATA) >> 16, 0x0600, "CF8, bits 2 to 7: the register");
}

static void base_addresses(void)
{
    u32 vga = pci_find(PCI_VGA), card = pci_find(PCI_E1000);
    if (vga != PCI_NONE) {
        u32 bar = pci_read(vga, PCI_BAR0);
        pci_write(vga, PCI_BAR0, 0xffffffffu);
        u32 size = ~(pci_read(vga, PCI_BAR0) & BAR_SIZE_MASK) + 1;
        pci_write(vga, PCI_BAR0, bar);
        is(size, 16 << 20, "VGA: base address 0 is for 16 MiB");
        ok((bar & 15) == 8 && pci_read(vga, PCI_BAR0) == bar,
           "... prefetchable memory; what was written is there again");
    } else {
        tap_skip("VGA: base address 0 is for 16 MiB", "there is no such adapter");
        tap_skip("... prefetchable memory; what was written is there again", "there is no such adapter");
    }
    if (card != PCI_NONE) {
        u32 bar = pci_read(card, PCI_BAR0) & BAR_SIZE_MASK, command = pci_read(card, PCI_COMMAND);
        u32 there = MMIO32(bar + 8);
        pci_write(card, PCI_COMMAND, command & ~COMMAND_MEMORY & 0xffff);
        u32 gone = MMIO32(bar + 8);
        pci_write(card, PCI_COMMAND, command & 0xffff);
        ok(there != 0xffffffffu && gone != there && MMIO32(bar + 8) == there,
           "e1000: the command register's memory bit takes its registers off the bus");
        is(pci_read8(card, PCI_INTERRUPT + 1), 1, "e1000: interrupt pin A");
    } else {
        tap_skip("e1000: the command register's memory bit takes its registers off the bus", "there is no such card");
        tap_skip("e1000: interrupt pin A", "there is no such card");
    }
}

static void routers(void)
{
    u32 isa = PCI_FUNCTION(1, 0);
    u8 old = pci_read8(isa, PIRQ_A);
    pci_write8(isa, PIRQ_A, 0x80);
    is(pci_read8(isa, PIRQ_A), 0x80, "PIIX3: the router of PIRQ A can be turned off");
    pci_write8(isa, PIRQ_A, old);
    u8 line = pci_read8(PCI_FUNCTION(1, 1), PCI_INTERRUPT);
    pci_write8(PCI_FUNCTION(1, 1), PCI_INTERRUPT, 0x5a);
    is(pci_read8(PCI_FUNCTION(1, 1), PCI_INTERRUPT), 0x5a, "the interrupt line register keeps a byte");
    pci_write8(PCI_FUNCTION(1, 1), PCI_INTERRUPT, line);
    pci_write(PCI_FUNCTION(0, 0), PCI_ID, 0);
    is(pci_read(PCI_FUNCTION(0, 0), PCI_ID), PCI_I440FX, "vendor and device can't be written");
}

void pci_tests(void)
{
    address_register();
    enumeration();
    base_addresses();
    routers();
}
