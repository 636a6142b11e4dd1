/* vgabios.h: what the files of the VGA BIOS share. Function numbers and register meanings are those of IBM's "Personal
 * System/2 and Personal Computer BIOS Interface Technical Reference", interrupt 10h, and VESA's "VBE Core Functions
 * Standard 3.0"; register names those of IBM's "Video Subsystem" as in devices/vga_regs.h. */
#ifndef VGABIOS_H
#define VGABIOS_H

#include "bda.h"
#include "vga16.h"

/* A register and its halves. */
#define REGISTER(n)                                                                                                    \
    union {                                                                                                            \
        u32 e##n##x;                                                                                                   \
        u16 n##x;                                                                                                      \
        struct {                                                                                                       \
            u8 n##l, n##h;                                                                                             \
        };                                                                                                             \
    }

/* The caller's registers as entry.S pushes them; what is changed here is what the caller gets. */
struct regs {
    u16 gs, fs, es, ds;
    union {
        u32 edi;
        u16 di;
    };
    union {
        u32 esi;
        u16 si;
    };
    union {
        u32 ebp;
        u16 bp;
    };
    u32 esp;
    REGISTER(b);
    REGISTER(d);
    REGISTER(c);
    REGISTER(a);
    u16 ip, cs, flags;
};

/* ---- hw.c: the adapter's registers ---- */

#define PORT_ATTR 0x3c0
#define PORT_ATTR_READ 0x3c1
#define PORT_MISC_WRITE 0x3c2
#define PORT_SEQ 0x3c4
#define PORT_PEL_MASK 0x3c6
#define PORT_PEL_READ_INDEX 0x3c7
#define PORT_PEL_WRITE_INDEX 0x3c8
#define PORT_PEL_DATA 0x3c9
#define PORT_MISC_READ 0x3cc
#define PORT_GFX 0x3ce
#define PORT_CRTC_COLOR 0x3d4
#define PORT_CRTC_MONO 0x3b4
#define STATUS_1_FROM_CRTC 6 /* input status 1 is that far above the CRTC's index port */

#define MISC_COLOR BIT(0)
#define MISC_RAM_ENABLE BIT(1)

#define STATUS_VERTICAL_RETRACE BIT(3)

#define SEQ_CLOCKING 1
#define SEQ_SCREEN_OFF BIT(5)
#define SEQ_MAP_MASK 2
#define SEQ_CHARACTER_MAP 3
#define SEQ_MEMORY_MODE 4
#define SEQ_COUNT 5
#define ALL_PLANES 0x0f

#define GFX_SET_RESET 0
#define GFX_ENABLE_SET_RESET 1
#define GFX_READ_MAP 4
#define GFX_MODE 5
#define GFX_MODE_WRITE_LATCHES 1 /* write mode 1 */
#define GFX_MODE_READ_COMPARE BIT(3)
#define GFX_MISC 6
#define GFX_COUNT 9

#define ATTR_MODE 0x10
#define ATTR_MODE_BLINK BIT(3)
#define ATTR_MODE_P54 BIT(7)
#define ATTR_OVERSCAN 0x11
#define ATTR_COLOR_SELECT 0x14
#define ATTR_COUNT 0x15
#define ATTR_PALETTE_COUNT 0x10
#define ATTR_PALETTE_SOURCE 0x20

#define CRTC_HORIZONTAL_DISPLAY_END 0x01
#define CRTC_OVERFLOW 0x07
#define CRTC_MAXIMUM_SCAN_LINE 0x09
#define CRTC_CURSOR_START 0x0a
#define CRTC_CURSOR_END 0x0b
#define CRTC_START_HIGH 0x0c
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_RETRACE_END 0x11
#define CRTC_VERTICAL_DISPLAY_END 0x12
#define CRTC_OFFSET 0x13
#define CRTC_UNDERLINE 0x14
#define CRTC_COUNT 0x19

u16 hw_crtc_port(void);
u8 hw_read(u16 port, u8 index); /* sequencer, graphics controller, CRTC: index and data port */
void hw_write(u16 port, u8 index, u8 value);
u8 hw_attr_read(u8 index);
void hw_attr_write(u8 index, u8 value);
void hw_attr_modify(u8 index, u8 keep, u8 set); /* register = (register & keep) | set */
void hw_screen(bool on);
void hw_wait_retrace(void);
u16 hw_scan_lines(void); /* that are shown */

struct rgb {
    u8 r, g, b;
};
struct rgb hw_dac_read(u8 index);
void hw_dac_write(u8 index, struct rgb color);

/* ---- mode_table.c ---- */

enum model { MODEL_TEXT, MODEL_CGA4, MODEL_CGA2, MODEL_PLANAR, MODEL_PACKED };
enum palette { PALETTE_MONO, PALETTE_CGA, PALETTE_EGA, PALETTE_256 };

/* A row of IBM's video parameter table (BIOS interface, "video parameter table"). */
struct PACKED video_parameters {
    u8 columns, last_row, cell_height;
    u16 page_size;
    u8 seq[4]; /* 1 to 4 */
    u8 misc;
    u8 crtc[CRTC_COUNT];
    u8 attr[0x14];
    u8 gfx[GFX_COUNT];
};

struct mode {
    u8 number, model, bpp, palette;
    u8 parameters; /* row of the table, with 400 scan lines in text modes */
    u8 pages;
    u16 segment;
    u8 mode_select; /* BDA 465 */
};

extern ROM struct video_parameters video_parameters[];
extern ROM struct mode vga_modes[];
#define VGA_MODES 15
extern ROM u8 save_pointer_table[];
#define PARAMETERS_MODE_12 0x1b
#define PARAMETERS_MODE_13 0x1c
ROM struct mode *mode_find(u8 number); /* NULL: the adapter has no such mode */

/* ---- modes.c ---- */

#define MODE_NO_CLEAR 0x80
void mode_set(u8 mode); /* with MODE_NO_CLEAR or without; ignores modes that are not there */
void mode_load(ROM struct video_parameters *p, enum palette palette);
struct screen {
    u16 columns, rows, page_size;
    u8 cell_height;
};
void mode_reset_bda(struct screen s, u8 number, u16 vbe_mode);
void mode_set_control(bool no_clear, bool mono);
void int10_00_set_mode(struct regs *r);
void int10_0f_get_mode(struct regs *r);

/* ---- dac.c ---- */

void dac_load(enum palette palette);
void dac_gray(u16 first, u16 n);
struct rgb dac_16_colors(u8 index); /* the CGA's */

/* ---- palette.c ---- */

void int10_0b_colors(struct regs *r);
void int10_10_palette(struct regs *r);

/* ---- cursor.c ---- */

void cursor_set_shape(u16 shape);
void cursor_place(u8 page, u16 at); /* row in the high byte */
void cursor_show_page(u8 page);
void int10_01_cursor_shape(struct regs *r);
void int10_02_set_cursor(struct regs *r);
void int10_03_get_cursor(struct regs *r);
void int10_05_set_page(struct regs *r);

/* ---- surface.c: what characters and dots are written to ---- */

struct surface {
    u8 model, bpp, cell_height;
    bool linear; /* DISPI: more than 64 KiB, seen through a bank */
    u16 segment, columns, rows;
    u32 base;  /* bytes from the start of memory: the page */
    u32 pitch; /* bytes from line to line (from row to row in text modes) */
    u16 bank;  /* the one that is open */
};
void surface_open(struct surface *s, u8 page);

/* ---- graphics.c ---- */

void graphics_pixel_set(struct surface *s, u16 x, u16 y, u8 color);
u8 graphics_pixel_get(struct surface *s, u16 x, u16 y);
void graphics_glyph(struct surface *s, u16 column, u16 row, u8 code, u8 color);
u8 graphics_recognize(struct surface *s, u16 column, u16 row);
/* Lines of `columns` characters' width; upwards when to < from, else downwards. */
void graphics_copy(struct surface *s, u16 column, u16 columns, u16 to, u16 from, u16 lines);
void graphics_fill(struct surface *s, u16 column, u16 columns, u16 y, u16 lines, u8 color);
void int10_0c_write_dot(struct regs *r);
void int10_0d_read_dot(struct regs *r);

/* ---- text.c ---- */

struct cell {
    u8 code, attribute;
};
struct cell text_read(struct surface *s, u16 column, u16 row);
void int10_08_read_character(struct regs *r);
void int10_09_write_cells(struct regs *r);
void int10_0a_write_characters(struct regs *r);
void int10_0e_teletype(struct regs *r);
void int10_13_write_string(struct regs *r);

/* ---- scroll.c ---- */

struct window {
    u8 top, left, bottom, right;
};
/* By `lines` rows, 0: clears the window. */
void scroll(struct surface *s, struct window w, u8 lines, bool up, u8 attribute);
void int10_06_scroll_up(struct regs *r);
void int10_07_scroll_down(struct regs *r);

/* ---- font.c, and the fonts, made by font.py ---- */

extern ROM u8 font_8x16[256 * 16], font_8x14[256 * 14], font_8x8[256 * 8];
extern ROM u8 font_no_alternates[1];
void font_load(ROM u8 *font, u8 height, u8 block);
struct far font_glyphs(u8 code); /* of graphics modes: where character `code` is */
void font_graphics_default(u8 height);
void int10_11_font(struct regs *r);

/* ---- state.c ---- */

enum state_command { STATE_SIZE, STATE_SAVE, STATE_RESTORE };
#define STATE_DISPI BIT(3)
/* At ES:BX, the parts in CX; size in blocks of 64 bytes to BX. False: no such command. */
bool state_command(struct regs *r, u8 command);
void int10_1c_state(struct regs *r);

/* ---- info.c ---- */

void int10_04_light_pen(struct regs *r);
void int10_12_alternate_select(struct regs *r);
void int10_1a_combination(struct regs *r);
void int10_1b_functionality(struct regs *r);

/* ---- speaker.c ---- */

void speaker_beep(void);

/* ---- int10.c ---- */

void int10(struct regs *r);

#endif
