/* vga_draw.c: the picture on the screen, scan line by scan line: what the CRT controller addresses (IBM, "Video
 * Subsystem", CRT controller registers 01, 07 to 09, 0C to 18), the attribute controller turns into colour numbers and
 * the DAC into colours. Dots and lines come out as a monitor shows them: halved dot clocks and double-scanned lines are
 * drawn twice, so 320 x 200 modes make a picture of 640 x 400. Not modelled: see vga.c. */
#include "vga_draw.h"

#define BLANK_WIDTH 720 /* the picture while no mode is set */
#define BLANK_HEIGHT 400
#define CURSOR_BLINK_FRAMES 8 /* shown as long, then hidden as long */
#define CHARACTER_BLINK_FRAMES 16

static u32 panning(const struct vga *s, const struct vga_crtc *c)
{
    u32 value = s->ar[AR_PEL_PANNING] & 0xf;
    if (c->graphics && (s->gr[GR_MODE] & GR_MODE_256_COLOR))
        return value & 7; /* in dots; a pixel is two of them, and only even values are documented */
    if (c->dots == 9)
        return value < 8 ? value + 1 : 0;
    return value & 7;
}

static u32 line_compare(const struct vga *s)
{
    u32 bit8 = s->cr[CR_OVERFLOW] & CR_OVERFLOW_LINE_COMPARE_8 ? 0x100 : 0;
    u32 bit9 = s->cr[CR_MAXIMUM_SCAN_LINE] & CR_MAXIMUM_LINE_COMPARE_9 ? 0x200 : 0;
    return s->cr[CR_LINE_COMPARE] | bit8 | bit9;
}

struct vga_crtc vga_crtc(const struct vga *s)
{
    u8 mode = s->cr[CR_MODE_CONTROL], clocking = s->sr[SR_CLOCKING_MODE], preset = s->cr[CR_PRESET_ROW_SCAN];
    struct vga_crtc c = {
        .characters = s->cr[CR_HORIZONTAL_DISPLAY_END] + 1u,
        .lines = vga_vertical_display_end(s) + 1,
        .start = (u32)(s->cr[CR_START_ADDRESS_HIGH] << 8 | s->cr[CR_START_ADDRESS_LOW]) + ((preset >> 5) & 3u),
        .offset = 2u * s->cr[CR_OFFSET],
        .row_scan = preset & CR_SCAN_LINE_MASK,
        .row_end = s->cr[CR_MAXIMUM_SCAN_LINE] & CR_SCAN_LINE_MASK,
        .line_compare = line_compare(s),
        .panning_ends = s->ar[AR_MODE] & AR_MODE_PANNING_COMPATIBLE,
        .row_lines_doubled = s->cr[CR_MAXIMUM_SCAN_LINE] & CR_MAXIMUM_DOUBLE_SCAN,
        .all_lines_doubled = mode & CR_MODE_LINES_DOUBLED,
        .dots_doubled = clocking & SR_CLOCKING_DOT_CLOCK_HALF,
        .count_shift = s->cr[CR_UNDERLINE_LOCATION] & CR_UNDERLINE_COUNT_BY_4 ? 2
                       : mode & CR_MODE_COUNT_BY_2                            ? 1
                                                                              : 0,
        .graphics = s->gr[GR_MISC] & GR_MISC_GRAPHICS,
    };
    c.dots = c.graphics || (clocking & SR_CLOCKING_8_DOTS) ? 8 : 9;
    c.panning = panning(s, &c);
    return c;
}

u32 vga_crtc_address(const struct vga *s, u32 counter, u32 row_scan)
{
    u8 mode = s->cr[CR_MODE_CONTROL];
    u32 addr = counter & 0xffff;
    if (s->cr[CR_UNDERLINE_LOCATION] & CR_UNDERLINE_DOUBLEWORD)
        addr = addr << 2 | addr >> 14;
    else if (!(mode & CR_MODE_BYTE))
        addr = addr << 1 | ((addr >> (mode & CR_MODE_WRAP_MA15 ? 15 : 13)) & 1);
    if (!(mode & CR_MODE_RA0_NOT_A13))
        addr = (addr & ~BIT(13)) | (row_scan & 1) << 13;
    if (!(mode & CR_MODE_RA1_NOT_A14))
        addr = (addr & ~BIT(14)) | (row_scan & 2) << 13;
    return addr & 0xffff;
}

static u8 attribute_color(const struct vga *s, unsigned pixel)
{
    u8 color = s->ar[pixel & s->ar[AR_COLOR_PLANE_ENABLE] & 0xf], select = s->ar[AR_COLOR_SELECT];
    if (s->ar[AR_MODE] & AR_MODE_P54_SELECT)
        color = (u8)((color & 0x0f) | (select & 3) << 4);
    return (u8)((color & 0x3f) | (select & 0x0c) << 4);
}

static u32 component(const struct vga *s, u8 value)
{
    if (s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC)
        return value;
    value &= 0x3f;
    return (u32)(value << 2 | value >> 4);
}

struct vga_colors vga_colors(const struct vga *s)
{
    struct vga_colors colors;
    for (unsigned i = 0; i < 16; i++)
        colors.attribute[i] = attribute_color(s, i);
    for (unsigned i = 0; i < 256; i++) {
        const u8 *dac = &s->dac[3 * (i & s->dac_mask)];
        colors.rgb[i] = component(s, dac[0]) << 16 | component(s, dac[1]) << 8 | component(s, dac[2]);
    }
    return colors;
}

struct vga_blink vga_blink(const struct vga *s)
{
    u64 frame = vga_beam(s).frame;
    return (struct vga_blink){ .cursor_shown = !(frame / CURSOR_BLINK_FRAMES & 1),
                               .characters_shown = !(frame / CHARACTER_BLINK_FRAMES & 1) };
}

/* Where the counters stand from line to line. */
struct scan {
    u32 row_start, row_scan, panning;
    bool second; /* of two equal lines */
};

static void next_line(const struct vga_crtc *c, struct scan *at, u32 line)
{
    if (line == c->line_compare) {
        *at = (struct scan){ .panning = c->panning_ends ? 0 : at->panning };
        return;
    }
    if (c->row_lines_doubled && !at->second) {
        at->second = true;
        return;
    }
    at->second = false;
    if (at->row_scan == c->row_end) {
        at->row_scan = 0;
        at->row_start += c->offset;
    } else {
        at->row_scan = (at->row_scan + 1) & CR_SCAN_LINE_MASK;
    }
}

static void put_line(const struct vga_crtc *c, const struct vga_colors *colors, const u8 *dots, u32 *out)
{
    u32 n = c->characters * c->dots;
    if (!c->dots_doubled)
        for (u32 i = 0; i < n; i++)
            out[i] = colors->rgb[dots[i]];
    else
        for (u32 i = 0; i < n; i++)
            out[2 * i] = out[2 * i + 1] = colors->rgb[dots[i]];
}

static void draw_lines(const struct vga *s, const struct vga_crtc *c, struct vga_frame *frame)
{
    struct vga_colors colors = vga_colors(s);
    struct vga_blink blink = vga_blink(s);
    struct scan at = { c->start, c->row_scan, c->panning, false };
    u32 *out = frame->pixels, repeat = c->all_lines_doubled ? 2 : 1;
    u8 dots[VGA_MAX_DOTS];
    for (u32 line = 0; line < c->lines; line++) {
        if (at.second) {
            memcpy(out, out - frame->width, frame->width * sizeof(*out));
        } else {
            u32 n = c->characters + (at.panning ? 1 : 0);
            if (c->graphics)
                vga_graphics_line(s, c, &colors, at.row_start, at.row_scan, n, dots);
            else
                vga_text_line(s, c, &colors, blink, at.row_start, at.row_scan, n, dots);
            put_line(c, &colors, dots + at.panning, out);
        }
        out += frame->width;
        if (repeat == 2) {
            memcpy(out, out - frame->width, frame->width * sizeof(*out));
            out += frame->width;
        }
        next_line(c, &at, line);
    }
}

static bool screen_on(const struct vga *s)
{
    if (!(s->ar_index & AR_INDEX_PALETTE_SOURCE) || (s->sr[SR_CLOCKING_MODE] & SR_CLOCKING_SCREEN_OFF))
        return false;
    return vga_dispi_enabled(s) || (s->sr[SR_RESET] & SR_RESET_RUNNING) == SR_RESET_RUNNING;
}

static void frame_size(const struct vga *s, const struct vga_crtc *c, struct vga_frame *frame)
{
    if (vga_dispi_enabled(s)) {
        vga_dispi_frame_size(s, &frame->width, &frame->height);
    } else if (!(s->cr[CR_MODE_CONTROL] & CR_MODE_RUNNING)) {
        frame->width = BLANK_WIDTH;
        frame->height = BLANK_HEIGHT;
    } else {
        frame->width = c->characters * c->dots * (c->dots_doubled ? 2 : 1);
        frame->height = c->lines * (c->all_lines_doubled ? 2 : 1);
    }
}

bool vga_draw(struct vga *s, struct vga_frame *frame)
{
    struct vga_crtc c = vga_crtc(s);
    frame_size(s, &c, frame);
    size_t pixels = (size_t)frame->width * frame->height;
    if (pixels > frame->room)
        return false;
    if (!screen_on(s) || !(vga_dispi_enabled(s) || (s->cr[CR_MODE_CONTROL] & CR_MODE_RUNNING))) {
        memset(frame->pixels, 0, pixels * sizeof(*frame->pixels));
    } else if (vga_dispi_enabled(s)) {
        struct vga_colors colors = vga_colors(s);
        vga_draw_dispi(s, &colors, frame);
    } else {
        draw_lines(s, &c, frame);
    }
    return true;
}
