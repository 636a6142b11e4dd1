/* vga_draw.h: what the drawing files of the adapter share. */
#ifndef PCEMU_VGA_DRAW_H
#define PCEMU_VGA_DRAW_H

#include "vga_regs.h"

#define VGA_MAX_CHARACTERS 256
#define VGA_MAX_DOTS ((VGA_MAX_CHARACTERS + 2) * 9) /* with what pixel panning brings into view */

/* What the CRT controller does during one frame, read out of its registers once. */
struct vga_crtc {
    u32 characters;         /* character clocks shown in a line */
    u32 dots;               /* of a character: 8 or 9 */
    u32 lines;              /* scan lines shown */
    u32 start;              /* memory address counter at the top */
    u32 offset;             /* added to it after each row */
    u32 row_scan;           /* row scan counter at the top */
    u32 row_end;            /* its last value */
    u32 line_compare;       /* scan line below which the counter restarts at 0 */
    u32 panning;            /* dots */
    bool panning_ends;      /* at the line compare */
    bool row_lines_doubled; /* each row scan value lasts two lines */
    bool all_lines_doubled; /* the whole vertical timing counts every second line */
    bool dots_doubled;
    u32 count_shift; /* the counter advances every 2^n characters */
    bool graphics;
};
struct vga_crtc vga_crtc(const struct vga *s);

/* The memory address counter and row scan counter as they come out on the planes' address lines (CRTC registers 14 and
 * 17); always within the 64 KiB of a plane. */
u32 vga_crtc_address(const struct vga *s, u32 counter, u32 row_scan);

/* The four planes' bytes at a plane address within 64 KiB. */
static inline u32 vga_planes(const struct vga *s, u32 addr)
{
    return get_le32(&s->vram.host[4 * (addr & 0xffff)]);
}

/* Colours as the attribute controller hands them to the DAC, for this frame. */
struct vga_colors {
    u8 attribute[16]; /* 4-bit pixel to DAC index */
    u32 rgb[256];     /* DAC index to 00RRGGBB, the pel mask applied */
};
struct vga_colors vga_colors(const struct vga *s);

/* Blink phases and cursor of a text screen. */
struct vga_blink {
    bool cursor_shown, characters_shown;
};
struct vga_blink vga_blink(const struct vga *s);

/* One scan line as DAC indices: `n` character clocks into dots[]. `counter` is the memory address counter at the line's
 * start. */
void vga_text_line(const struct vga *s, const struct vga_crtc *c, const struct vga_colors *colors,
                   struct vga_blink blink, u32 counter, u32 row_scan, u32 n, u8 *dots);
void vga_graphics_line(const struct vga *s, const struct vga_crtc *c, const struct vga_colors *colors, u32 counter,
                       u32 row_scan, u32 n, u8 *dots);

/* The whole picture of the Bochs display interface; width and height are those of the frame. */
void vga_draw_dispi(const struct vga *s, const struct vga_colors *colors, struct vga_frame *frame);
void vga_dispi_frame_size(const struct vga *s, u32 *width, u32 *height);

#endif
