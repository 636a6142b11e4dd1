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
void dispi_surface(struct surface *s);

#endif
