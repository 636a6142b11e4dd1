/* vga_regs.c: the VGA's registers behind ports: external registers, sequencer, CRT controller, graphics controller,
 * attribute controller and DAC. IBM, "Video Subsystem", chapter 2 ("VGA Function"). Models what vga.c says. */
#include "vga_regs.h"

#define WHO "vga"
#define SR_INDEX_MASK 0x07
#define GR_INDEX_MASK 0x0f
#define AR_PALETTE_MASK 0x3f
#define DAC_6BIT_MASK 0x3f
#define CR_PROTECTED 8 /* registers below are write-protected by CR_RETRACE_END_PROTECT */
#define OPEN_BUS 0xff

static const u8 sr_writable[VGA_SR_COUNT] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
static const u8 gr_writable[VGA_GR_COUNT] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
static const u8 ar_writable[VGA_AR_COUNT - AR_MODE] = { 0xef, 0xff, 0x3f, 0x0f, 0x0f };

static void sr_write(struct vga *s, u8 value)
{
    if (s->sr_index < VGA_SR_COUNT)
        s->sr[s->sr_index] = value & sr_writable[s->sr_index];
    else
        log_unimp(s->log, WHO, "sequencer register %02x written with %02x", s->sr_index, value);
}

static void gr_write(struct vga *s, u8 value)
{
    if (s->gr_index < VGA_GR_COUNT)
        s->gr[s->gr_index] = value & gr_writable[s->gr_index];
    else
        log_unimp(s->log, WHO, "graphics register %02x written with %02x", s->gr_index, value);
}

static void cr_write(struct vga *s, u8 value)
{
    u8 i = s->cr_index;
    if (i >= VGA_CR_COUNT) {
        log_unimp(s->log, WHO, "CRTC register %02x written with %02x", i, value);
        return;
    }
    if (i < CR_PROTECTED && (s->cr[CR_VERTICAL_RETRACE_END] & CR_RETRACE_END_PROTECT)) {
        if (i == CR_OVERFLOW) /* the line compare bit is not protected */
            s->cr[i] = (u8)((s->cr[i] & ~CR_OVERFLOW_LINE_COMPARE_8) | (value & CR_OVERFLOW_LINE_COMPARE_8));
        return;
    }
    s->cr[i] = value;
}

/* Index and data go through one port in turn; reading input status 1 makes the next write an index. */
static void ar_write(struct vga *s, u8 value)
{
    u8 i = s->ar_index & AR_INDEX_MASK;
    s->ar_flip_flop = !s->ar_flip_flop;
    if (s->ar_flip_flop)
        s->ar_index = value & (AR_INDEX_MASK | AR_INDEX_PALETTE_SOURCE);
    else if (i < AR_MODE)
        s->ar[i] = value & AR_PALETTE_MASK;
    else if (i < VGA_AR_COUNT)
        s->ar[i] = value & ar_writable[i - AR_MODE];
    else
        log_unimp(s->log, WHO, "attribute register %02x written with %02x", i, value);
}

static u8 ar_read(struct vga *s)
{
    u8 i = s->ar_index & AR_INDEX_MASK;
    return i < VGA_AR_COUNT ? s->ar[i] : 0;
}

static void dac_set_index(struct vga *s, u8 *index, u8 value, enum vga_dac_state state)
{
    *index = value;
    s->dac_state = (u8)state;
    s->dac_component = 0;
}

static u8 dac_read(struct vga *s)
{
    u8 value = s->dac[3 * s->dac_read_index + s->dac_component];
    if (++s->dac_component == 3) {
        s->dac_component = 0;
        s->dac_read_index++;
    }
    return value;
}

/* A colour is taken over when its third component has arrived. */
static void dac_write(struct vga *s, u8 value)
{
    s->dac_cache[s->dac_component] = s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC ? value : value & DAC_6BIT_MASK;
    if (++s->dac_component == 3) {
        s->dac_component = 0;
        memcpy(&s->dac[3 * s->dac_write_index], s->dac_cache, 3);
        s->dac_write_index++;
    }
}

static u8 status_1_read(struct vga *s)
{
    s->ar_flip_flop = false;
    return vga_beam(s).status;
}

static void subsystem_enable_write(struct vga *s, u8 value)
{
    s->subsystem_enable = value & SUBSYSTEM_ENABLE;
    if (!s->subsystem_enable)
        log_unimp(s->log, WHO, "video subsystem disabled by port 3c3: the adapter goes on answering");
}

u8 vga_port_read(struct vga *s, unsigned port)
{
    switch (port) {
    case PORT_ATTR:
        return s->ar_index;
    case PORT_ATTR_READ:
        return ar_read(s);
    case PORT_MISC_WRITE:
        return 0; /* input status 0: no interrupt, switch sense open */
    case PORT_SUBSYSTEM_ENABLE:
        return s->subsystem_enable;
    case PORT_SEQ_INDEX:
        return s->sr_index;
    case PORT_SEQ_DATA:
        return s->sr_index < VGA_SR_COUNT ? s->sr[s->sr_index] : 0;
    case PORT_PEL_MASK:
        return s->dac_mask;
    case PORT_PEL_READ_INDEX:
        return s->dac_state;
    case PORT_PEL_WRITE_INDEX:
        return s->dac_write_index;
    case PORT_PEL_DATA:
        return dac_read(s);
    case PORT_FEATURE_READ:
        return s->feature_control;
    case PORT_MISC_READ:
        return s->misc_output;
    case PORT_GFX_INDEX:
        return s->gr_index;
    case PORT_GFX_DATA:
        return s->gr_index < VGA_GR_COUNT ? s->gr[s->gr_index] : 0;
    case PORT_CRTC_INDEX:
        return s->cr_index;
    case PORT_CRTC_DATA:
        return s->cr_index < VGA_CR_COUNT ? s->cr[s->cr_index] : 0;
    case PORT_STATUS_1:
        return status_1_read(s);
    default:
        return OPEN_BUS;
    }
}

void vga_port_write(struct vga *s, unsigned port, u8 value)
{
    switch (port) {
    case PORT_ATTR:
        ar_write(s, value);
        break;
    case PORT_MISC_WRITE:
        s->misc_output = value;
        break;
    case PORT_SUBSYSTEM_ENABLE:
        subsystem_enable_write(s, value);
        break;
    case PORT_SEQ_INDEX:
        s->sr_index = value & SR_INDEX_MASK;
        break;
    case PORT_SEQ_DATA:
        sr_write(s, value);
        break;
    case PORT_PEL_MASK:
        s->dac_mask = value;
        break;
    case PORT_PEL_READ_INDEX:
        dac_set_index(s, &s->dac_read_index, value, DAC_STATE_READ);
        break;
    case PORT_PEL_WRITE_INDEX:
        dac_set_index(s, &s->dac_write_index, value, DAC_STATE_WRITE);
        break;
    case PORT_PEL_DATA:
        dac_write(s, value);
        break;
    case PORT_GFX_INDEX:
        s->gr_index = value & GR_INDEX_MASK;
        break;
    case PORT_GFX_DATA:
        gr_write(s, value);
        break;
    case PORT_CRTC_INDEX:
        s->cr_index = value;
        break;
    case PORT_CRTC_DATA:
        cr_write(s, value);
        break;
    case PORT_STATUS_1:
        s->feature_control = value;
        break;
    default:
        break; /* read-only */
    }
}

static u64 ports_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return vga_port_read(dev, (unsigned)offset);
}

static void ports_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)size;
    vga_port_write(dev, (unsigned)offset, (u8)value);
}

/* The CRTC and input status 1 answer at one of two addresses. */
static u8 banked_read(struct vga *s, bool color, unsigned port)
{
    return (bool)(s->misc_output & MISC_COLOR) == color ? vga_port_read(s, port) : OPEN_BUS;
}

static void banked_write(struct vga *s, bool color, unsigned port, u64 value)
{
    if ((bool)(s->misc_output & MISC_COLOR) == color)
        vga_port_write(s, port, (u8)value);
}

static u64 crtc_mono_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return banked_read(dev, false, PORT_CRTC_INDEX + (unsigned)offset);
}

static void crtc_mono_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)size;
    banked_write(dev, false, PORT_CRTC_INDEX + (unsigned)offset, value);
}

static u64 crtc_color_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return banked_read(dev, true, PORT_CRTC_INDEX + (unsigned)offset);
}

static void crtc_color_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)size;
    banked_write(dev, true, PORT_CRTC_INDEX + (unsigned)offset, value);
}

static u64 status_mono_read(void *dev, u64 offset, unsigned size)
{
    (void)offset;
    (void)size;
    return banked_read(dev, false, PORT_STATUS_1);
}

static void status_mono_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)offset;
    (void)size;
    banked_write(dev, false, PORT_STATUS_1, value);
}

static u64 status_color_read(void *dev, u64 offset, unsigned size)
{
    (void)offset;
    (void)size;
    return banked_read(dev, true, PORT_STATUS_1);
}

static void status_color_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)offset;
    (void)size;
    banked_write(dev, true, PORT_STATUS_1, value);
}

void vga_ports_init(struct vga *s)
{
    static const struct region_ops ports = { ports_read, ports_write, 1, 1 };
    static const struct region_ops crtc_mono = { crtc_mono_read, crtc_mono_write, 1, 1 };
    static const struct region_ops crtc_color = { crtc_color_read, crtc_color_write, 1, 1 };
    static const struct region_ops status_mono = { status_mono_read, status_mono_write, 1, 1 };
    static const struct region_ops status_color = { status_color_read, status_color_write, 1, 1 };
    region_init_io(&s->crtc_mono, "vga", 2, &crtc_mono, s);
    region_init_io(&s->status_mono, "vga", 1, &status_mono, s);
    region_init_io(&s->ports, "vga", 0x10, &ports, s);
    region_init_io(&s->crtc_color, "vga", 2, &crtc_color, s);
    region_init_io(&s->status_color, "vga", 1, &status_color, s);
}
