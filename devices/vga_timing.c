/* vga_timing.c: where the beam is at this virtual time: input status 1 and the frame count that blinking follows. The
 * dots of a line and the lines of a frame come from the CRTC's registers, the dot clock from the miscellaneous output
 * register (IBM, "Video Subsystem", CRT controller registers 00 to 12). While the registers describe no picture that
 * ever ends (before a mode is set), the timing of text mode 3 stands in, so that software which waits for a retrace
 * never waits for ever. */
#include "vga_regs.h"

#define DOT_CLOCK_25 25175000u /* Hz */
#define DOT_CLOCK_28 28322000u

#define HORIZONTAL_TOTAL_BIAS 5 /* characters in a line less what the register holds */
#define VERTICAL_TOTAL_BIAS 2   /* lines in a frame less what the register holds */

struct timing {
    u32 clock;                      /* dots a second */
    u32 line_dots, shown_dots;      /* dots of a whole line, and of its visible part */
    u32 lines, shown_lines;         /* the same of a frame */
    u32 retrace_start, retrace_len; /* lines */
};

static const struct timing text_mode_3 = { DOT_CLOCK_28, 900, 720, 449, 400, 412, 2 };

/* A vertical register's 8 bits with the two that the overflow register holds for it. */
static u32 vertical(const struct vga *s, unsigned reg, unsigned bit8, unsigned bit9)
{
    u32 overflow = s->cr[CR_OVERFLOW];
    return s->cr[reg] | ((overflow >> bit8) & 1) << 8 | ((overflow >> bit9) & 1) << 9;
}

u32 vga_vertical_display_end(const struct vga *s)
{
    return vertical(s, CR_VERTICAL_DISPLAY_END, 1, 6);
}

static u32 dot_clock(const struct vga *s)
{
    u32 select = (s->misc_output >> MISC_CLOCK_SHIFT) & MISC_CLOCK_MASK;
    u32 clock = select == 1 ? DOT_CLOCK_28 : DOT_CLOCK_25;
    return s->sr[SR_CLOCKING_MODE] & SR_CLOCKING_DOT_CLOCK_HALF ? clock / 2 : clock;
}

static struct timing registers_timing(const struct vga *s)
{
    u32 dots = s->sr[SR_CLOCKING_MODE] & SR_CLOCKING_8_DOTS ? 8 : 9;
    u32 twice = s->cr[CR_MODE_CONTROL] & CR_MODE_LINES_DOUBLED ? 2 : 1;
    u32 start = vertical(s, CR_VERTICAL_RETRACE_START, 2, 7);
    u32 len = (s->cr[CR_VERTICAL_RETRACE_END] - start) & CR_RETRACE_END_MASK; /* the end is a 4-bit comparison */
    struct timing t = {
        .clock = dot_clock(s),
        .line_dots = (s->cr[CR_HORIZONTAL_TOTAL] + HORIZONTAL_TOTAL_BIAS) * dots,
        .shown_dots = (s->cr[CR_HORIZONTAL_DISPLAY_END] + 1u) * dots,
        .lines = (vertical(s, CR_VERTICAL_TOTAL, 0, 5) + VERTICAL_TOTAL_BIAS) * twice,
        .shown_lines = (vga_vertical_display_end(s) + 1) * twice,
        .retrace_start = start * twice,
        .retrace_len = (len ? len : CR_RETRACE_END_MASK + 1) * twice,
    };
    return t;
}

static struct timing timing(const struct vga *s)
{
    struct timing t = registers_timing(s);
    bool ends = t.shown_dots < t.line_dots && t.shown_lines < t.lines && t.retrace_start < t.lines &&
                t.retrace_len < t.lines && (s->cr[CR_MODE_CONTROL] & CR_MODE_RUNNING);
    return ends ? t : text_mode_3;
}

struct vga_beam vga_beam(const struct vga *s)
{
    struct timing t = timing(s);
    u64 dots = muldiv64(clock_now(s->clock), t.clock, NS_PER_SEC), frame_dots = (u64)t.line_dots * t.lines;
    u32 line = (u32)(dots % frame_dots / t.line_dots), dot = (u32)(dots % t.line_dots);
    struct vga_beam beam = { .frame = dots / frame_dots };
    if (line >= t.shown_lines || dot >= t.shown_dots)
        beam.status |= STATUS_DISPLAY_DISABLED;
    if (line >= t.retrace_start && line - t.retrace_start < t.retrace_len)
        beam.status |= STATUS_VERTICAL_RETRACE;
    return beam;
}
