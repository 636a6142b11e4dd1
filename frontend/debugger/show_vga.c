/* show_vga.c: the display adapter for people: what it shows, and its registers by IBM's names (VGA technical
 * reference), with those of Bochs's VBE interface. */
#include "chip_text.h"

#include <inttypes.h>

#define CR_OVERFLOW 0x07u
#define CR_MAX_SCAN_LINE 0x09u
#define CR_VDE 0x12u
#define GR_MISC 6u
#define GRAPHICS BIT(0)
#define VBE_ENABLED BIT(0)
#define ROW_DOTS 8
#define SR_CLOCKING 1u
#define DOTS_8 BIT(0)

struct registers {
    const char *field; /* of the chip's state */
    const char *title;
    const char *const *name;
    unsigned count;
};

static const char *const sr_names[] = { "Reset", "Clocking Mode", "Map Mask", "Character Map Select", "Memory Mode" };
static const char *const gr_names[] = { "Set/Reset",     "Enable Set/Reset", "Color Compare",
                                        "Data Rotate",   "Read Map Select",  "Graphics Mode",
                                        "Miscellaneous", "Color Don't Care", "Bit Mask" };
static const char *const cr_names[] = { "Horizontal Total",
                                        "Horizontal Display Enable End",
                                        "Start Horizontal Blanking",
                                        "End Horizontal Blanking",
                                        "Start Horizontal Retrace",
                                        "End Horizontal Retrace",
                                        "Vertical Total",
                                        "Overflow",
                                        "Preset Row Scan",
                                        "Maximum Scan Line",
                                        "Cursor Start",
                                        "Cursor End",
                                        "Start Address High",
                                        "Start Address Low",
                                        "Cursor Location High",
                                        "Cursor Location Low",
                                        "Vertical Retrace Start",
                                        "Vertical Retrace End",
                                        "Vertical Display Enable End",
                                        "Offset",
                                        "Underline Location",
                                        "Start Vertical Blanking",
                                        "End Vertical Blanking",
                                        "CRTC Mode Control",
                                        "Line Compare" };
static const char *const ar_names[] = { "Palette 0",
                                        "Palette 1",
                                        "Palette 2",
                                        "Palette 3",
                                        "Palette 4",
                                        "Palette 5",
                                        "Palette 6",
                                        "Palette 7",
                                        "Palette 8",
                                        "Palette 9",
                                        "Palette 10",
                                        "Palette 11",
                                        "Palette 12",
                                        "Palette 13",
                                        "Palette 14",
                                        "Palette 15",
                                        "Attribute Mode Control",
                                        "Overscan Color",
                                        "Color Plane Enable",
                                        "Horizontal PEL Panning",
                                        "Color Select" };
static const char *const vbe_names[] = { "ID",   "XRES",       "YRES",        "BPP",      "ENABLE",
                                         "BANK", "VIRT_WIDTH", "VIRT_HEIGHT", "X_OFFSET", "Y_OFFSET" };

static const struct bit_name misc_bits[] = { { 0, "color ports (3Dx)", "" },
                                             { 1, "RAM enabled", "" },
                                             { 2, "28 MHz", "" },
                                             { 5, "odd/even high page", "" },
                                             { 6, "HSYNC-", "" },
                                             { 7, "VSYNC-", "" },
                                             { 0, NULL, NULL } };

static u64 cr(const struct chip_text *c, unsigned n)
{
    return chip_get(c, "vga.cr[%u]", n);
}

static void show_text_or_graphics(struct debugger *d, const struct chip_text *c)
{
    u64 lines = cr(c, CR_VDE) | (cr(c, CR_OVERFLOW) & 2) << 7 | (cr(c, CR_OVERFLOW) & 0x40) << 3;
    u64 columns = cr(c, 1) + 1, scan = (cr(c, CR_MAX_SCAN_LINE) & 31) + 1;
    u64 start = cr(c, 0x0c) << 8 | cr(c, 0x0d), cursor = cr(c, 0x0e) << 8 | cr(c, 0x0f);
    lines++;
    if (chip_get(c, "vga.gr[%u]", GR_MISC) & GRAPHICS)
        fprintf(d->out, "graphics: %" PRIu64 " characters of %u dots, %" PRIu64 " scan lines", columns, ROW_DOTS,
                lines);
    else
        fprintf(d->out, "text: %" PRIu64 " x %" PRIu64 " characters of %u x %" PRIu64 ", cursor at %" PRIX64 "h",
                columns, lines / scan, chip_get(c, "vga.sr[%u]", SR_CLOCKING) & DOTS_8 ? 8 : 9, scan, cursor);
    fprintf(d->out, ", from %" PRIX64 "h on\n", start);
}

static void show_registers(struct debugger *d, const struct chip_text *c, const struct registers *r)
{
    fprintf(d->out, "%s\n", r->title);
    for (unsigned n = 0; n < r->count; n++)
        fprintf(d->out, "  %02X  %02" PRIX64 "h  %s\n", n, chip_get(c, "vga.%s[%u]", r->field, n), r->name[n]);
}

void chip_show_vga(struct debugger *d, const struct chip_text *c)
{
    static const struct registers all[] = { { "sr", "sequencer (3C4h)", sr_names, ARRAY_LEN(sr_names) },
                                            { "cr", "CRT controller (3D4h)", cr_names, ARRAY_LEN(cr_names) },
                                            { "gr", "graphics controller (3CEh)", gr_names, ARRAY_LEN(gr_names) },
                                            { "ar", "attribute controller (3C0h)", ar_names, ARRAY_LEN(ar_names) },
                                            { "dispi", "VBE (1CEh)", vbe_names, ARRAY_LEN(vbe_names) } };
    if (chip_get(c, "vga.dispi[4]") & VBE_ENABLED)
        fprintf(d->out, "VBE: %" PRIu64 " x %" PRIu64 ", %" PRIu64 " bits a pixel\n", chip_get(c, "vga.dispi[1]"),
                chip_get(c, "vga.dispi[2]"), chip_get(c, "vga.dispi[3]"));
    else
        show_text_or_graphics(d, c);
    chip_print_bits(d->out, "Misc. Output", chip_get(c, "vga.misc_output"), misc_bits);
    for (unsigned i = 0; i < ARRAY_LEN(all); i++)
        show_registers(d, c, &all[i]);
}
