/* dac.c: the colours that a mode starts with (IBM BIOS interface, function 00): those of the CGA, of the EGA, of a
 * monochrome display in 64 registers, or the 256 of mode 13. All components have six bits. */
#include "vgabios.h"

#define LOW_COLORS 64
#define ONE_THIRD 0x15
#define TWO_THIRDS 0x2a
#define FULL 0x3f
#define DAC_COLORS 256

static u8 third(u8 bright, u8 dim)
{
    return (u8)((bright ? TWO_THIRDS : 0) + (dim ? ONE_THIRD : 0));
}

/* Bits 5 to 0: red, green, blue of one third, red, green, blue of two thirds. */
static struct rgb ega_color(u8 i)
{
    return (struct rgb){ third(i & 4, i & 32), third(i & 2, i & 16), third(i & 1, i & 8) };
}

struct rgb dac_16_colors(u8 i)
{
    return (i & 0xf) == 6 ? ega_color(0x14) : ega_color((u8)((i & 8 ? 0x38 : 0) | (i & 7)));
}

/* Bit 4 is the intensity, as in the palette registers of the CGA's modes. */
static struct rgb cga_color(u8 i)
{
    return dac_16_colors((u8)((i & 0x10) >> 1 | (i & 7)));
}

/* Bit 3 is light, bit 4 intensity; both together are bright. */
static struct rgb mono_color(u8 i)
{
    u8 level = (i & 0x18) == 0x18 ? FULL : i & 0x18 ? TWO_THIRDS : 0;
    return (struct rgb){ level, level, level };
}

/* Mode 13: the CGA's colours, 16 grays, then 24 hues in three saturations and three intensities; the last eight are
 * black. A component takes five levels on its way between the least and the most. */
#define GRAYS_AT 16
#define HUES_AT 32
#define HUES 24
#define HUE_STEPS 4
static ROM_DATA ROM u8 grays[16] = { 0, 5, 8, 11, 14, 17, 20, 24, 28, 32, 36, 40, 45, 50, 56, 63 };
static ROM_DATA ROM u8 levels[9][5] = {
    { 0, 16, 31, 47, 63 }, { 31, 39, 47, 55, 63 }, { 45, 49, 54, 58, 63 },
    { 0, 7, 14, 21, 28 },  { 14, 17, 21, 24, 28 }, { 20, 22, 24, 26, 28 },
    { 0, 4, 8, 12, 16 },   { 8, 10, 12, 14, 16 },  { 11, 12, 13, 15, 16 },
};

static struct rgb hue_color(u8 n)
{
    ROM u8 *level = levels[n / HUES];
    u8 hue = n % HUES, up = level[hue % HUE_STEPS], down = level[HUE_STEPS - hue % HUE_STEPS];
    u8 none = level[0], full = level[HUE_STEPS];
    switch (hue / HUE_STEPS) {
    case 0:
        return (struct rgb){ up, none, full };
    case 1:
        return (struct rgb){ full, none, down };
    case 2:
        return (struct rgb){ full, up, none };
    case 3:
        return (struct rgb){ down, full, none };
    case 4:
        return (struct rgb){ none, full, up };
    default:
        return (struct rgb){ none, down, full };
    }
}

static struct rgb color_256(u8 i)
{
    if (i < GRAYS_AT)
        return dac_16_colors(i);
    if (i < HUES_AT)
        return (struct rgb){ grays[i - GRAYS_AT], grays[i - GRAYS_AT], grays[i - GRAYS_AT] };
    i = (u8)(i - HUES_AT);
    return i < ARRAY_LEN(levels) * HUES ? hue_color(i) : (struct rgb){ 0, 0, 0 };
}

static struct rgb color_of(enum palette palette, u8 i)
{
    if (palette == PALETTE_256)
        return color_256(i);
    if (i >= LOW_COLORS)
        return (struct rgb){ 0, 0, 0 };
    return palette == PALETTE_EGA ? ega_color(i) : palette == PALETTE_CGA ? cga_color(i) : mono_color(i);
}

void dac_load(enum palette palette)
{
    outb(PORT_PEL_MASK, 0xff);
    for (u16 i = 0; i < DAC_COLORS; i++)
        hw_dac_write((u8)i, color_of(palette, (u8)i));
}

/* 30 % of red, 59 % of green, 11 % of blue, as 256ths. */
void dac_gray(u16 first, u16 n)
{
    for (u16 i = first; n && i < DAC_COLORS; i++, n--) {
        struct rgb c = hw_dac_read((u8)i);
        u16 sum = (u16)((77 * c.r + 151 * c.g + 28 * c.b + 0x80) >> 8);
        u8 gray = (u8)(sum > FULL ? FULL : sum);
        hw_dac_write((u8)i, (struct rgb){ gray, gray, gray });
    }
}
