/* vbe.h: VESA's functions and the Bochs display interface below them (dispi.c). */
#ifndef VGA_VBE_H
#define VGA_VBE_H

#include "vgabios.h"

/* ---- dispi.c ---- */

#define DISPI_ID 0
#define DISPI_XRES 1
#define DISPI_YRES 2
#define DISPI_BPP 3
#define DISPI_ENABLE 4
#define DISPI_BANK 5
#define DISPI_VIRT_WIDTH 6
#define DISPI_VIRT_HEIGHT 7
#define DISPI_X_OFFSET 8
#define DISPI_Y_OFFSET 9
#define DISPI_VIDEO_MEMORY_64K 10
#define DISPI_ENABLED BIT(0)
#define DISPI_GETCAPS BIT(1)
#define DISPI_8BIT_DAC BIT(5)
#define DISPI_LFB_ENABLED BIT(6)
#define DISPI_NOCLEARMEM BIT(7)

u16 dispi_read(u16 index);
void dispi_write(u16 index, u16 value);
bool dispi_present(void);
bool dispi_enabled(void);
void dispi_off(void);
/* Bytes from line to line of a picture so wide; of one plane, with 4 bits a pixel. */
u32 dispi_pitch(u16 width, u8 bpp);
/* Of the whole adapter, in units of 64 KiB. */
u16 dispi_memory(void);
/* Where the whole memory is, for 32-bit code. */
u32 dispi_frame_buffer(void);
/* The widest picture that the interface takes. */
u16 dispi_most_columns(void);
void dispi_surface(struct surface *s);

/* ---- vbe_modes.c ---- */

struct vbe_mode {
    u16 number, width, height;
    u8 bpp;
};
#define VBE_LIST_END 0xffff
ROM struct vbe_mode *vbe_mode_find(u16 number); /* NULL: this adapter can't show it */
void vbe_mode_list(u16 segment, u16 offset, u16 room);

/* ---- vbe_set.c ---- */

#define VBE_MODE_NUMBER 0x01ff
#define VBE_MODE_LINEAR BIT(14)
#define VBE_MODE_NO_CLEAR BIT(15)
bool vbe_set(u16 mode); /* number and flags; false: there is no such mode */

/* ---- vbe.c, vbe_info.c, vbe_scroll.c, vbe_monitor.c: function 4F by AL ---- */

enum vbe_status { VBE_OK = 0, VBE_FAILED = 1, VBE_NOT_HERE = 2, VBE_NOT_IN_THIS_MODE = 3 };
void int10_4f_vbe(struct regs *r);
enum vbe_status vbe_00_controller(struct regs *r);
enum vbe_status vbe_01_mode(struct regs *r);
enum vbe_status vbe_04_state(struct regs *r);
enum vbe_status vbe_05_window(struct regs *r);
enum vbe_status vbe_06_line_length(struct regs *r);
enum vbe_status vbe_07_display_start(struct regs *r);
enum vbe_status vbe_08_dac_width(struct regs *r);
enum vbe_status vbe_09_palette(struct regs *r);
enum vbe_status vbe_0a_protected_mode(struct regs *r);
enum vbe_status vbe_10_power(struct regs *r);
enum vbe_status vbe_15_monitor(struct regs *r);

/* ---- pci.c ---- */

/* The adapter's base address register `n` without its flags; 0: there is no such function on bus 0. */
u32 pci_adapter_bar(u8 n);

/* ---- edid.c ---- */

/* At POST, while the ROM can be written: takes over the monitor's description. */
void edid_init(void);

#endif
