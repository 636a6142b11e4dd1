/* shadow.c: shadow RAM: C0000-FFFFF by the i440FX's PAM registers (82441FX data sheet, 3.2.14).
 *
 * Each of 13 segments has two bits: reads from RAM, writes to RAM. 59h's high half is F0000-FFFFF; 5Ah-5Fh hold two
 * segments of 16 KiB each, from C0000 up. Another host bridge (or none): the firmware then must be in RAM already. */
#include "post.h"

#define HOST_BRIDGE PCI_BDF(0, 0, 0)
#define ID_I440FX 0x12378086
#define PAM0 0x59
#define PAM_REGISTERS 7
#define RE 1
#define WE 2
#define SEGMENT 0x4000

bool have_pam;
static u32 low_start;

static void set_f_segment(u8 bits)
{
    pci_write8(HOST_BRIDGE, PAM0, (u8)((pci_read8(HOST_BRIDGE, PAM0) & 0x0f) | bits << 4));
}

static void set_segment(u32 base, u8 bits)
{
    unsigned n = (base - OPTION_ROM_START) / SEGMENT, shift = n % 2 * 4;
    u8 reg = (u8)(PAM0 + 1 + n / 2);
    pci_write8(HOST_BRIDGE, reg, (u8)((pci_read8(HOST_BRIDGE, reg) & ~(0x0f << shift)) | bits << shift));
}

bool shadow_open(void)
{
    have_pam = pci_read32(HOST_BRIDGE, 0) == ID_I440FX;
    if (!have_pam)
        return false;
    low_start = LOW_FIRST;
    set_f_segment(RE | WE);
    for (u32 at = OPTION_ROM_START; at < BIOS_BASE; at += SEGMENT)
        set_segment(at, RE | WE);
    memcpy((void *)BIOS_BASE, (const void *)FSEG_IN_ROM, 0x10000);
    return true;
}

bool low_grow(u32 base)
{
    if (!have_pam || base < LOW_BASE || base < option_roms_end())
        return false;
    while (low_start > base) {
        low_start -= SEGMENT;
        memset((void *)low_start, 0, SEGMENT);
    }
    return true;
}

/* From here on the F segment does not change. */
void shadow_close(void)
{
    if (!have_pam)
        return;
    for (u32 at = OPTION_ROM_START; at < BIOS_BASE; at += SEGMENT)
        set_segment(at, at >= low_start ? RE | WE : RE);
    for (unsigned i = 0; i < PAM_REGISTERS; i++)
        LOW->pam[i] = pci_read8(HOST_BRIDGE, (u8)(PAM0 + i));
    LOW->pam[0] = (u8)((LOW->pam[0] & 0x0f) | RE << 4);
    LOW->magic = LOW_MAGIC;
    set_f_segment(RE);
}

void shadow_restore(void)
{
    if (pci_read32(HOST_BRIDGE, 0) != ID_I440FX)
        return;
    set_segment(LOW_HEAP_TOP & ~(SEGMENT - 1u), RE | WE);
    if (LOW->magic != LOW_MAGIC)
        return;
    for (unsigned i = PAM_REGISTERS; i-- > 0;)
        pci_write8(HOST_BRIDGE, (u8)(PAM0 + i), LOW->pam[i]);
}
