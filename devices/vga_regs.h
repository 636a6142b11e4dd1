/* vga_regs.h: names of the VGA's registers and bits, and what the files of the adapter share. Registers and bits are
 * named as in IBM's "Personal System/2 Hardware Interface Technical Reference, Video Subsystem" (1992). */
#ifndef PCEMU_VGA_REGS_H
#define PCEMU_VGA_REGS_H

#include "vga.h"

/* Ports, counted from 3C0 as the memory-mapped copy does (offset 0 to 1F). */
enum vga_port {
    PORT_ATTR = 0x00,             /* index and data, write */
    PORT_ATTR_READ = 0x01,        /* data, read */
    PORT_MISC_WRITE = 0x02,       /* input status 0 when read */
    PORT_SUBSYSTEM_ENABLE = 0x03, /* video subsystem enable */
    PORT_SEQ_INDEX = 0x04,
    PORT_SEQ_DATA = 0x05,
    PORT_PEL_MASK = 0x06,
    PORT_PEL_READ_INDEX = 0x07, /* DAC state when read */
    PORT_PEL_WRITE_INDEX = 0x08,
    PORT_PEL_DATA = 0x09,
    PORT_FEATURE_READ = 0x0a,
    PORT_MISC_READ = 0x0c,
    PORT_GFX_INDEX = 0x0e,
    PORT_GFX_DATA = 0x0f,
    PORT_CRTC_INDEX = 0x14,
    PORT_CRTC_DATA = 0x15,
    PORT_STATUS_1 = 0x1a, /* feature control when written */
    VGA_PORTS = 0x20,
};

/* Miscellaneous output register. */
#define MISC_COLOR BIT(0) /* CRTC and status at 3Dx rather than 3Bx */
#define MISC_RAM_ENABLE BIT(1)
#define MISC_CLOCK_SHIFT 2
#define MISC_CLOCK_MASK 3

/* Input status register 1. */
#define STATUS_DISPLAY_DISABLED BIT(0) /* in horizontal or vertical blanking */
#define STATUS_VERTICAL_RETRACE BIT(3)

/* Video subsystem enable register. */
#define SUBSYSTEM_ENABLE BIT(0)

enum vga_sr { SR_RESET, SR_CLOCKING_MODE, SR_MAP_MASK, SR_CHARACTER_MAP, SR_MEMORY_MODE };
#define SR_RESET_RUNNING (BIT(0) | BIT(1)) /* neither reset is asserted */
#define SR_CLOCKING_8_DOTS BIT(0)
#define SR_CLOCKING_DOT_CLOCK_HALF BIT(3)
#define SR_CLOCKING_SCREEN_OFF BIT(5)
#define SR_MEMORY_SEQUENTIAL BIT(2) /* clear: odd/even */
#define SR_MEMORY_CHAIN_4 BIT(3)

enum vga_gr {
    GR_SET_RESET,
    GR_ENABLE_SET_RESET,
    GR_COLOR_COMPARE,
    GR_DATA_ROTATE,
    GR_READ_MAP_SELECT,
    GR_MODE,
    GR_MISC,
    GR_COLOR_DONT_CARE,
    GR_BIT_MASK
};
#define GR_ROTATE_COUNT_MASK 7
#define GR_FUNCTION_SHIFT 3
#define GR_MODE_WRITE_MASK 3
#define GR_MODE_READ_COMPARE BIT(3) /* read mode 1 */
#define GR_MODE_ODD_EVEN BIT(4)
#define GR_MODE_SHIFT_INTERLEAVE BIT(5)
#define GR_MODE_256_COLOR BIT(6)
#define GR_MISC_GRAPHICS BIT(0)
#define GR_MISC_MAP_SHIFT 2
#define GR_MISC_MAP_MASK 3

enum vga_ar {
    AR_MODE = 0x10,
    AR_OVERSCAN = 0x11,
    AR_COLOR_PLANE_ENABLE = 0x12,
    AR_PEL_PANNING = 0x13,
    AR_COLOR_SELECT = 0x14
};
#define AR_INDEX_MASK 0x1f
#define AR_INDEX_PALETTE_SOURCE BIT(5) /* set: the palette feeds the screen; clear: blank */
#define AR_MODE_LINE_GRAPHICS BIT(2)
#define AR_MODE_BLINK BIT(3)
#define AR_MODE_PANNING_COMPATIBLE BIT(5) /* no panning below the line compare */
#define AR_MODE_P54_SELECT BIT(7)

enum vga_cr {
    CR_HORIZONTAL_TOTAL = 0x00,
    CR_HORIZONTAL_DISPLAY_END = 0x01,
    CR_VERTICAL_TOTAL = 0x06,
    CR_OVERFLOW = 0x07,
    CR_PRESET_ROW_SCAN = 0x08,
    CR_MAXIMUM_SCAN_LINE = 0x09,
    CR_CURSOR_START = 0x0a,
    CR_CURSOR_END = 0x0b,
    CR_START_ADDRESS_HIGH = 0x0c,
    CR_START_ADDRESS_LOW = 0x0d,
    CR_CURSOR_LOCATION_HIGH = 0x0e,
    CR_CURSOR_LOCATION_LOW = 0x0f,
    CR_VERTICAL_RETRACE_START = 0x10,
    CR_VERTICAL_RETRACE_END = 0x11,
    CR_VERTICAL_DISPLAY_END = 0x12,
    CR_OFFSET = 0x13,
    CR_UNDERLINE_LOCATION = 0x14,
    CR_MODE_CONTROL = 0x17,
    CR_LINE_COMPARE = 0x18
};
#define CR_OVERFLOW_LINE_COMPARE_8 BIT(4)
#define CR_SCAN_LINE_MASK 0x1f /* in preset row scan, maximum scan line, cursor start and end, underline */
#define CR_MAXIMUM_LINE_COMPARE_9 BIT(6)
#define CR_MAXIMUM_DOUBLE_SCAN BIT(7)
#define CR_CURSOR_OFF BIT(5)
#define CR_RETRACE_END_MASK 0x0f
#define CR_RETRACE_END_PROTECT BIT(7)
#define CR_UNDERLINE_COUNT_BY_4 BIT(5)
#define CR_UNDERLINE_DOUBLEWORD BIT(6)
#define CR_MODE_RA0_NOT_A13 BIT(0) /* clear: row scan bit 0 is memory address bit 13 */
#define CR_MODE_RA1_NOT_A14 BIT(1) /* clear: row scan bit 1 is memory address bit 14 */
#define CR_MODE_LINES_DOUBLED BIT(2)
#define CR_MODE_COUNT_BY_2 BIT(3)
#define CR_MODE_WRAP_MA15 BIT(5)
#define CR_MODE_BYTE BIT(6)
#define CR_MODE_RUNNING BIT(7)

enum vga_dac_state { DAC_STATE_WRITE = 0, DAC_STATE_READ = 3 };

/* Bochs display interface, as the "VBE Display API" document of Bochs names it (version B0C5). */
enum vga_dispi {
    DISPI_ID,
    DISPI_XRES,
    DISPI_YRES,
    DISPI_BPP,
    DISPI_ENABLE,
    DISPI_BANK,
    DISPI_VIRT_WIDTH,
    DISPI_VIRT_HEIGHT,
    DISPI_X_OFFSET,
    DISPI_Y_OFFSET,
    DISPI_VIDEO_MEMORY_64K
};
#define DISPI_ID0 0xb0c0
#define DISPI_ID5 0xb0c5
#define DISPI_ENABLED BIT(0)
#define DISPI_GETCAPS BIT(1)
#define DISPI_8BIT_DAC BIT(5)
#define DISPI_LFB_ENABLED BIT(6)
#define DISPI_NOCLEARMEM BIT(7)
#define DISPI_MAX_XRES 4096
#define DISPI_MAX_YRES 4096
#define DISPI_MAX_BPP 32

/* vga_regs.c: one byte at an offset from 3C0. */
u8 vga_port_read(struct vga *s, unsigned port);
void vga_port_write(struct vga *s, unsigned port, u8 value);
void vga_ports_init(struct vga *s);

/* vga_timing.c */
struct vga_beam {
    u64 frame; /* frames since power-on at the present timing: the phase of all blinking */
    u8 status; /* STATUS_DISPLAY_DISABLED, STATUS_VERTICAL_RETRACE */
};
struct vga_beam vga_beam(const struct vga *s);
u32 vga_vertical_display_end(const struct vga *s);

/* vga_mem.c */
void vga_mem_init(struct vga *s);
/* To be called after the adapter changed bytes first … last of video memory: drops code decoded from there. */
void vga_vram_changed(struct vga *s, u64 first, u64 last);

/* vga_dispi.c */
u16 vga_dispi_read(struct vga *s, u16 index);
void vga_dispi_write(struct vga *s, u16 index, u16 value);
void vga_dispi_init(struct vga *s);
/* Brings the registers into their limits, where the interface is enabled. */
void vga_dispi_settle(struct vga *s);
/* Bytes from one line to the next in video memory (of one plane with 4 bits a pixel). */
u32 vga_dispi_pitch(const struct vga *s);

static inline bool vga_dispi_enabled(const struct vga *s)
{
    return s->dispi[DISPI_ENABLE] & DISPI_ENABLED;
}

/* vga_mmio.c, vga_edid.c */
void vga_mmio_init(struct vga *s);
void vga_edid_fill(u8 edid[VGA_EDID_SIZE]);

#endif
