/* vga.c: the standard VGA adapter: creation, reset, state.
 *
 * Models the IBM VGA ("Personal System/2 Hardware Interface Technical Reference, Video Subsystem", 1992: sequencer, CRT
 * controller, graphics controller, attribute controller, DAC) with 16 MiB of video memory and the Bochs display
 * interface of version B0C5 ("VBE Display API" of Bochs), with the memory-mapped register copies of QEMU's standard VGA
 * (docs/specs/standard-vga) and its PCI identity.
 *
 * Not modelled: the interrupt at vertical retrace (the PCI adapter has no interrupt pin), the light pen, the border
 * (overscan colour), the video feedback bits of input status 1, reads of a register outside the set above, the blinking
 * of graphics modes, shift registers loaded every second or fourth character clock (sequencer register 1, bits 2
 * and 4). The picture is taken at one moment: register changes in the middle of a frame show in the next one whole. */
#include "vga_regs.h"

bool vga_init(struct vga *s, struct clock *clock, struct log *log, struct ram_pool *pool)
{
    memset(s, 0, sizeof(*s));
    s->clock = clock;
    s->log = log;
    s->pool = pool;
    if (!region_init_ram(&s->vram, "vga.vram", VGA_VRAM_SIZE, pool))
        return false;
    vga_ports_init(s);
    vga_mem_init(s);
    vga_dispi_init(s);
    vga_mmio_init(s);
    vga_reset(s);
    return true;
}

void vga_reset(void *self)
{
    struct vga *s = self;
    s->misc_output = s->feature_control = 0;
    s->subsystem_enable = SUBSYSTEM_ENABLE;
    s->sr_index = s->gr_index = s->cr_index = s->ar_index = 0;
    s->ar_flip_flop = false;
    memset(s->sr, 0, sizeof(s->sr));
    memset(s->gr, 0, sizeof(s->gr));
    memset(s->ar, 0, sizeof(s->ar));
    memset(s->cr, 0, sizeof(s->cr));
    s->dac_mask = 0xff;
    s->dac_state = DAC_STATE_WRITE;
    s->dac_component = s->dac_read_index = s->dac_write_index = 0;
    memset(s->dac_cache, 0, sizeof(s->dac_cache));
    memset(s->dac, 0, sizeof(s->dac));
    s->latch = 0;
    s->dispi_index = 0;
    memset(s->dispi, 0, sizeof(s->dispi));
    s->dispi[DISPI_ID] = DISPI_ID5;
    s->big_endian = false;
}

/* Every register is bounded where it is used, so any loaded value is harmless. */
const struct state_field vga_fields[] = {
    STATE(struct vga, misc_output),
    STATE(struct vga, feature_control),
    STATE(struct vga, subsystem_enable),
    STATE(struct vga, sr_index),
    STATE(struct vga, gr_index),
    STATE(struct vga, cr_index),
    STATE(struct vga, ar_index),
    STATE_MAX(struct vga, ar_flip_flop, 1),
    STATE_INTS(struct vga, sr),
    STATE_INTS(struct vga, gr),
    STATE_INTS(struct vga, ar),
    STATE_INTS(struct vga, cr),
    STATE(struct vga, dac_mask),
    STATE(struct vga, dac_state),
    STATE_MAX(struct vga, dac_component, 2),
    STATE(struct vga, dac_read_index),
    STATE(struct vga, dac_write_index),
    STATE_INTS(struct vga, dac_cache),
    STATE_BYTES(struct vga, dac),
    STATE(struct vga, latch),
    STATE(struct vga, dispi_index),
    STATE_INTS(struct vga, dispi),
    STATE_MAX(struct vga, big_endian, 1),
    STATE_END,
};
