/* pam.c: the i440FX's shadow memory (PAM, registers 59 to 5F): what reads and what writes find at D0000. Data sheet:
 * Intel 290549, 3.2.17. */
#include "pci.h"
#include "tests.h"

#define HOST PCI_FUNCTION(0, 0)
#define PAM_F0000 0x59
#define PAM_D0000 0x5c
#define READ 1
#define WRITE 2
#define SEGMENT 0xd0000u
#define PLACE (SEGMENT + 0x2f00)
#define RESET_VECTOR 0xffff0u

static void pam(u8 mode)
{
    pci_write8(HOST, PAM_D0000, (u8)((pci_read8(HOST, PAM_D0000) & 0xf0) | mode));
}

static u32 look(void)
{
    return MMIO32(PLACE);
}

/* What no register of the bridge is needed for. */
static void roms(void)
{
    u32 rom = MMIO32(0xc0000);
    is(rom & 0xffff, 0xaa55, "C0000-C7FFF: the VGA BIOS, with 55 AA in front");
    MMIO32(0xc0000) = ~rom;
    is(MMIO32(0xc0000), rom, "... a write changes nothing");
    rom = MMIO32(0xfffffff0u);
    MMIO32(0xfffffff0u) = ~rom;
    is(MMIO32(0xfffffff0u), rom, "FFFFFFF0: the firmware's ROM, which a write does not change, either");
}

void pam_tests(void)
{
    roms();
    u8 old = pci_read8(HOST, PAM_D0000);
    if (pci_read(HOST, PCI_ID) != PCI_I440FX) {
        tap_skip("PAM", "there is no i440FX");
        return;
    }
    pam(READ | WRITE);
    u32 kept = look();
    MMIO32(PLACE) = 0x11223344;
    is(look(), 0x11223344, "read and write enabled: memory at D2F00");
    pam(READ);
    MMIO32(PLACE) = 0x55667788;
    is(look(), 0x11223344, "read alone: writes go elsewhere");
    pam(0);
    u32 bus = look();
    ok(bus != 0x11223344, "neither: the bus answers, not memory");
    MMIO32(PLACE) = 0x99aabbcc;
    pam(READ);
    is(look(), 0x11223344, "... and takes the writes");
    pam(WRITE);
    MMIO32(PLACE) = 0xddeeff00;
    u32 seen = look();
    pam(READ);
    check_unless(ON_QEMU, seen == bus, "write alone: reads find the bus", "the emulator has no such mode");
    check_unless(ON_QEMU, look() == 0xddeeff00, "... while writes go to memory", "the emulator has no such mode");
    pam(READ | WRITE);
    MMIO32(PLACE) = kept;
    pci_write8(HOST, PAM_D0000, old);
    is(pci_read8(HOST, PAM_D0000), old, "the register reads back");
    is(*(volatile u8 *)RESET_VECTOR, 0xea, "F0000-FFFFF: shadow or ROM, FFFF0 holds the far JMP of the reset");
    u8 f = pci_read8(HOST, PAM_F0000);
    u32 vector = MMIO32(RESET_VECTOR);
    pci_write8(HOST, PAM_F0000, (u8)(f & 0x0f));
    u32 rom = MMIO32(RESET_VECTOR);
    pci_write8(HOST, PAM_F0000, f);
    is(rom, MMIO32(0xfffffff0u), "F0000 off: the ROM, as at FFFFFFF0");
    is(MMIO32(RESET_VECTOR), vector, "... and on again");
}
