/* init.c: what POST calls once: vectors, BIOS data area, the first mode. */
#include "vbe.h"

#define COMBINATION_VGA_COLOR 11 /* in tables.S */
#define SWITCHES_VGA 0xf9
#define FIRST_MODE 3

extern const u8 int10_entry[];
void init(void);

static struct far here(const void *p)
{
    return (struct far){ NEAR(p), rom_segment() };
}

static void init_vectors(void)
{
    set_vector(VECTOR_PREVIOUS_VIDEO, get_vector(VECTOR_VIDEO));
    set_vector(VECTOR_VIDEO, here(int10_entry));
    set_vector(VECTOR_UPPER_FONT, (struct far){ NEAR(font_8x8 + 128 * 8), rom_segment() });
    set_vector(VECTOR_GRAPHICS_FONT, (struct far){ NEAR(font_8x8), rom_segment() });
}

static void init_bda(void)
{
    SET_BDA(equipment, (GET_BDA(equipment) & ~EQUIPMENT_DISPLAY_MASK) | EQUIPMENT_COLOR_80);
    SET_BDA(control, CONTROL_MEMORY_256K);
    SET_BDA(switches, SWITCHES_VGA);
    SET_BDA(options, OPTION_VGA_ACTIVE | OPTION_400_LINES | OPTION_DISPLAY_SWITCH);
    SET_BDA(combination, COMBINATION_VGA_COLOR);
    SET_BDA(save_pointers, (u32)rom_segment() << 16 | NEAR(save_pointer_table));
}

void init(void)
{
    init_vectors();
    init_bda();
    edid_init();
    mode_set(FIRST_MODE);
}
