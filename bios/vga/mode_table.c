/* mode_table.c: the adapter's modes, the video parameter table that IBM's VGA has in this layout (29 rows; programs
 * find it through the save pointer table at 40:A8, tables.S). */
#include "vgabios.h"

/* clang-format off */
ROM_DATA ROM struct mode vga_modes[VGA_MODES] = {
    /* mode  model         bpp palette        row   pages segment 465 */
    { 0x00, MODEL_TEXT,    4, PALETTE_EGA,   0x17, 8,  0xb800, 0x2c },
    { 0x01, MODEL_TEXT,    4, PALETTE_EGA,   0x17, 8,  0xb800, 0x28 },
    { 0x02, MODEL_TEXT,    4, PALETTE_EGA,   0x18, 8,  0xb800, 0x2d },
    { 0x03, MODEL_TEXT,    4, PALETTE_EGA,   0x18, 8,  0xb800, 0x29 },
    { 0x04, MODEL_CGA4,    2, PALETTE_CGA,   0x04, 1,  0xb800, 0x2a },
    { 0x05, MODEL_CGA4,    2, PALETTE_CGA,   0x05, 1,  0xb800, 0x2e },
    { 0x06, MODEL_CGA2,    1, PALETTE_CGA,   0x06, 1,  0xb800, 0x1e },
    { 0x07, MODEL_TEXT,    4, PALETTE_MONO,  0x19, 8,  0xb000, 0x29 },
    { 0x0d, MODEL_PLANAR,  4, PALETTE_CGA,   0x0d, 8,  0xa000, 0x29 },
    { 0x0e, MODEL_PLANAR,  4, PALETTE_CGA,   0x0e, 4,  0xa000, 0x29 },
    { 0x0f, MODEL_PLANAR,  1, PALETTE_MONO,  0x11, 2,  0xa000, 0x29 },
    { 0x10, MODEL_PLANAR,  4, PALETTE_EGA,   0x12, 2,  0xa000, 0x29 },
    { 0x11, MODEL_PLANAR,  1, PALETTE_EGA,   0x1a, 1,  0xa000, 0x29 },
    { 0x12, MODEL_PLANAR,  4, PALETTE_EGA,   0x1b, 1,  0xa000, 0x29 },
    { 0x13, MODEL_PACKED,  8, PALETTE_256,   0x1c, 1,  0xa000, 0x29 },
};

/* CRTC registers 00 to 05 for 40 and 80 columns, of text and of graphics; 06 to 18 for 400, 350 and 480 lines: cell,
 * maximum scan line; cursor, its first line (0 in graphics); offset, underline and mode control. */
#define H40 0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0
#define H80 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81
#define H40_GRAPHICS 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80
#define H80_GRAPHICS 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80
#define CURSOR_LINES(cursor) (cursor), ((cursor) ? (cursor) + 1 : 0), 0, 0, 0, 0
#define V400(cell, cursor, offset, underline, mode)                                                                    \
    0xbf, 0x1f, 0x00, (cell), CURSOR_LINES(cursor), 0x9c, 0x8e, 0x8f, (offset), (underline), 0x96, 0xb9, (mode), 0xff
#define V350(cell, cursor, offset, underline, mode)                                                                    \
    0xbf, 0x1f, 0x00, (cell), CURSOR_LINES(cursor), 0x83, 0x85, 0x5d, (offset), (underline), 0x63, 0xba, (mode), 0xff
#define V480(mode)                                                                                                     \
    0x0b, 0x3e, 0x00, 0x40, CURSOR_LINES(0), 0xea, 0x8c, 0xdf, 0x28, 0x00, 0xe7, 0x04, (mode), 0xff
#define CRTC(...) { __VA_ARGS__ }

#define ATTR_CGA_TEXT(mode, panning)                                                                                   \
    { 0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, (mode), 0, 0x0f, (panning) }
#define ATTR_EGA(mode, panning)                                                                                        \
    { 0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, (mode), 0, 0x0f, (panning) }
#define ATTR_CGA4 { 0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x01, 0, 0x03, 0 }
#define ATTR_CGA2                                                                                                      \
    { 0, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x01, 0, 0x01, 0 }
#define ATTR_MDA { 0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x0e, 0, 0x0f, 0x08 }
#define ATTR_MONO { 0, 8, 0, 0, 0x18, 0x18, 0, 0, 0, 8, 0, 0, 0, 0x18, 0, 0, 0x0b, 0, 0x05, 0 }
#define ATTR_2                                                                                                         \
    { 0, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x01, 0, 0x0f, 0 }
#define ATTR_256 { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0 }

#define GFX_TEXT { 0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff }
#define GFX_MDA { 0, 0, 0, 0, 0, 0x10, 0x0a, 0, 0xff }
#define GFX_CGA4 { 0, 0, 0, 0, 0, 0x30, 0x0f, 0x0f, 0xff }
#define GFX_CGA2 { 0, 0, 0, 0, 0, 0x00, 0x0d, 0x0f, 0xff }
#define GFX_PLANAR { 0, 0, 0, 0, 0, 0x00, 0x05, 0x0f, 0xff }
#define GFX_MONO { 0, 0, 0, 0, 0, 0x00, 0x05, 0x05, 0xff }
#define GFX_256 { 0, 0, 0, 0, 0, 0x40, 0x05, 0x0f, 0xff }

#define SEQ(clocking, map_mask, memory_mode) { (clocking), (map_mask), 0x00, (memory_mode) }

#define TEXT_200_40 { 40, 24, 8, 0x0800, SEQ(0x09, 3, 2), 0x63,                                                        \
    CRTC(H40, V400(0xc7, 0x06, 0x14, 0x1f, 0xa3)), ATTR_CGA_TEXT(0x08, 0), GFX_TEXT }
#define TEXT_200_80 { 80, 24, 8, 0x1000, SEQ(0x01, 3, 2), 0x63,                                                        \
    CRTC(H80, V400(0xc7, 0x06, 0x28, 0x1f, 0xa3)), ATTR_CGA_TEXT(0x08, 0), GFX_TEXT }
#define TEXT_350_40 { 40, 24, 14, 0x0800, SEQ(0x09, 3, 2), 0xa3,                                                       \
    CRTC(H40, V350(0x4d, 0x0b, 0x14, 0x1f, 0xa3)), ATTR_EGA(0x08, 0), GFX_TEXT }
#define TEXT_350_80 { 80, 24, 14, 0x1000, SEQ(0x01, 3, 2), 0xa3,                                                       \
    CRTC(H80, V350(0x4d, 0x0b, 0x28, 0x1f, 0xa3)), ATTR_EGA(0x08, 0), GFX_TEXT }
#define CGA4 { 40, 24, 8, 0x4000, SEQ(0x09, 3, 2), 0x63,                                                               \
    CRTC(H40_GRAPHICS, V400(0xc1, 0, 0x14, 0x00, 0xa2)), ATTR_CGA4, GFX_CGA4 }
#define MONO_350 { 80, 24, 14, 0x8000, SEQ(0x01, 0x0f, 6), 0xa2,                                                       \
    CRTC(H80_GRAPHICS, V350(0x40, 0, 0x28, 0x0f, 0xe3)), ATTR_MONO, GFX_MONO }
#define COLOR_350 { 80, 24, 14, 0x8000, SEQ(0x01, 0x0f, 6), 0xa3,                                                      \
    CRTC(H80_GRAPHICS, V350(0x40, 0, 0x28, 0x0f, 0xe3)), ATTR_EGA(0x01, 0), GFX_PLANAR }
#define NO_MODE { 0, 0, 0, 0, { 0 }, 0, { 0 }, { 0 }, { 0 } }

ROM_DATA ROM struct video_parameters video_parameters[] = {
    /* 00 to 06: the CGA's modes on 200 lines */
    TEXT_200_40, TEXT_200_40, TEXT_200_80, TEXT_200_80, CGA4, CGA4,
    { 80, 24, 8, 0x4000, SEQ(0x01, 1, 6), 0x63,
      CRTC(H80_GRAPHICS, V400(0xc1, 0, 0x28, 0x00, 0xc2)), ATTR_CGA2, GFX_CGA2 },
    /* 07: monochrome text on 350 lines */
    { 80, 24, 14, 0x1000, SEQ(0x00, 3, 3), 0xa6, CRTC(H80, V350(0x4d, 0x0b, 0x28, 0x0d, 0xa3)), ATTR_MDA, GFX_MDA },
    /* 08 to 0C: modes of other adapters */
    NO_MODE, NO_MODE, NO_MODE, NO_MODE, NO_MODE,
    /* 0D, 0E */
    { 40, 24, 8, 0x2000, SEQ(0x09, 0x0f, 6), 0x63,
      CRTC(H40_GRAPHICS, V400(0xc0, 0, 0x14, 0x00, 0xe3)), ATTR_CGA_TEXT(0x01, 0), GFX_PLANAR },
    { 80, 24, 8, 0x4000, SEQ(0x01, 0x0f, 6), 0x63,
      CRTC(H80_GRAPHICS, V400(0xc0, 0, 0x28, 0x00, 0xe3)), ATTR_CGA_TEXT(0x01, 0), GFX_PLANAR },
    /* 0F, 10: with 64 KiB of memory, which a VGA has in any case; 11, 12: with more */
    MONO_350, COLOR_350, MONO_350, COLOR_350,
    /* 13 to 16: modes 0 to 3 on 350 lines */
    TEXT_350_40, TEXT_350_40, TEXT_350_80, TEXT_350_80,
    /* 17: modes 0 and 1, 18: modes 2 and 3, 19: mode 7, all on 400 lines */
    { 40, 24, 16, 0x0800, SEQ(0x08, 3, 2), 0x67,
      CRTC(H40, V400(0x4f, 0x0d, 0x14, 0x1f, 0xa3)), ATTR_EGA(0x0c, 8), GFX_TEXT },
    { 80, 24, 16, 0x1000, SEQ(0x00, 3, 2), 0x67,
      CRTC(H80, V400(0x4f, 0x0d, 0x28, 0x1f, 0xa3)), ATTR_EGA(0x0c, 8), GFX_TEXT },
    { 80, 24, 16, 0x1000, SEQ(0x00, 3, 2), 0x66, CRTC(H80, V400(0x4f, 0x0d, 0x28, 0x0f, 0xa3)), ATTR_MDA, GFX_MDA },
    /* 1A to 1C: modes 11, 12, 13 */
    { 80, 29, 16, 0xa000, SEQ(0x01, 0x0f, 6), 0xe3, CRTC(H80_GRAPHICS, V480(0xc3)), ATTR_2, GFX_PLANAR },
    { 80, 29, 16, 0xa000, SEQ(0x01, 0x0f, 6), 0xe3, CRTC(H80_GRAPHICS, V480(0xe3)), ATTR_EGA(0x01, 0), GFX_PLANAR },
    { 40, 24, 8, 0xfa00, SEQ(0x01, 0x0f, 0x0e), 0x63,
      CRTC(H80_GRAPHICS, V400(0x41, 0, 0x28, 0x40, 0xa3)), ATTR_256, GFX_256 },
};
/* clang-format on */

ROM struct mode *mode_find(u8 number)
{
    for (u8 i = 0; i < ARRAY_LEN(vga_modes); i++)
        if (vga_modes[i].number == number)
            return &vga_modes[i];
    return NULL;
}
