/* vga.h: the standard VGA adapter with Bochs display interface (PCI 1234:1111, "std" VGA). See vga.c for what is
 * modelled. The files: vga.c (init, reset, state), vga_regs.c (ports), vga_timing.c (retrace), vga_mem.c (the window at
 * A0000), vga_dispi.c (linear modes), vga_mmio.c and vga_edid.c (BAR 2), vga_pci.c (the PCI function), vga_draw*.c and
 * vga_text.c (what the screen shows). */
#ifndef PCEMU_VGA_H
#define PCEMU_VGA_H

#include "base.h"
#include "clock.h"
#include "frame.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define VGA_VRAM_SIZE (16 * MIB) /* a power of two: every access is masked with it */
#define VGA_LOWMEM_SIZE 0x20000
#define VGA_MMIO_SIZE 0x1000
#define VGA_EDID_SIZE 0x180
#define VGA_SR_COUNT 5
#define VGA_GR_COUNT 9
#define VGA_AR_COUNT 0x15
#define VGA_CR_COUNT 0x19
#define VGA_DISPI_COUNT 10 /* registers that hold state: ID to Y offset */

/* No frame is larger than this: the CRTC ends at 256 characters of 9 dots, doubled; the Bochs display interface is
 * limited to 4096 x 4096. */
#define VGA_FRAME_MAX_WIDTH 4608
#define VGA_FRAME_MAX_HEIGHT 4096

struct vga {
    /* wiring */
    struct clock *clock;
    struct log *log;
    struct ram_pool *pool;
    struct region vram;         /* 16 MiB of RAM: byte 4n + p is byte n of plane p */
    struct region lowmem;       /* the window at A0000 to BFFFF */
    struct region crtc_mono;    /* CRTC index and data, monochrome address (2 ports) */
    struct region status_mono;  /* input status 1, feature control, monochrome address (1 port) */
    struct region ports;        /* attribute, sequencer, DAC, graphics, miscellaneous output (16 ports) */
    struct region crtc_color;   /* CRTC index and data, colour address (2 ports) */
    struct region status_color; /* input status 1, feature control, colour address (1 port) */
    struct region vbe;          /* Bochs display interface, index and data (4 ports) */
    struct region mmio;         /* BAR 2: the four below */
    struct region edid, remapped, dispi_mmio, extended;
    u8 edid_data[VGA_EDID_SIZE];

    /* state */
    u8 misc_output, feature_control, subsystem_enable;
    u8 sr_index, gr_index, cr_index;
    u8 ar_index;       /* with bit 5, palette address source */
    bool ar_flip_flop; /* false: the next write to the attribute port is an index */
    u8 sr[VGA_SR_COUNT], gr[VGA_GR_COUNT], ar[VGA_AR_COUNT], cr[VGA_CR_COUNT];
    u8 dac_mask, dac_state, dac_component, dac_read_index, dac_write_index;
    u8 dac_cache[3];
    u8 dac[256 * 3]; /* as written: 6 bits a component, or 8 with DISPI_8BIT_DAC */
    u32 latch;       /* the four planes' read latches, plane 0 lowest */
    u16 dispi_index;
    u16 dispi[VGA_DISPI_COUNT];
    bool big_endian; /* byte order of 15, 16, 24 and 32 bit pixels */
};

/* Sets the wiring and creates the regions (`pool` owns the 16 MiB of video memory); none is placed. The clock, log and
 * pool outlive the adapter. False when the host has no memory. */
bool vga_init(struct vga *s, struct clock *clock, struct log *log, struct ram_pool *pool);
/* Power-on state. Video memory keeps its contents. */
void vga_reset(void *self);

extern const struct state_field vga_fields[];

/* Draws what the screen shows at this virtual time. Sets width and height always; returns false, with no pixel drawn,
 * when frame->room is too small for them. */
bool vga_draw(struct vga *s, struct vga_frame *frame);

/* Writes the text screen as UTF-8 lines, trailing blanks cut, always terminated with a 0 (size > 0). Returns the length
 * without it; 0 in graphics modes. */
size_t vga_text(struct vga *s, char *buf, size_t size);

#endif
