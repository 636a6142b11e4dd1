/* edid.c: the monitor's description, which the adapter has in its memory-mapped registers (BAR 2, offset 0), beyond
 * what real mode reaches. POST has us copy it into the ROM, which is shadowed in RAM then and becomes read-only after
 * it. */
#include "vbe.h"

#define EDID_BYTES 256
#define EDID_BAR 2
#define EDID_SECOND_BYTE 0xff /* of the pattern that it begins with */
#define ROM_UNITS_AT 2
#define ROM_UNIT 512

extern const u8 edid_blocks[];
u8 high_read8(u32 address); /* entry.S */

static u16 last_byte(void)
{
    return (u16)(get_far8(rom_segment(), ROM_UNITS_AT) * ROM_UNIT - 1);
}

/* With the ROM's checksum. */
static void rom_write(u16 at, u8 value)
{
    u16 segment = rom_segment();
    u8 was = get_far8(segment, at);
    set_far8(segment, at, value);
    if (get_far8(segment, at) == value && at != last_byte())
        set_far8(segment, last_byte(), (u8)(get_far8(segment, last_byte()) + was - value));
}

void edid_init(void)
{
    u32 from = pci_adapter_bar(EDID_BAR);
    if (!from || high_read8(from) != 0 || high_read8(from + 1) != EDID_SECOND_BYTE)
        return;
    for (u16 i = 0; i < EDID_BYTES; i++)
        rom_write((u16)(NEAR(edid_blocks) + i), high_read8(from + i));
}
