/* test_vga.c: the standard VGA's registers, memory window, Bochs display interface and PCI face, as IBM's "Video
 * Subsystem" and Bochs' "VBE Display API" say. The picture is test_vga_draw.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "space.h"
#include "vga_pci.h"
#include "vga_regs.h"

#define PLANE_SIZE 0x10000u
#define MISC_COLOR_RAM (MISC_COLOR | MISC_RAM_ENABLE)

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct region memory, io;
    struct pci_bus bus;
    struct vga_pci card;
    struct vga *vga;
};

static const u8 rom_bytes[] = { 0x55, 0xaa, 0x05, 0xe9 };

static void init_card(struct bench *b, struct vga_pci *card, u8 devfn)
{
    struct vga_pci_config config = { &b->bus, devfn, &b->h.clock, &b->h.log, &b->pool, rom_bytes, sizeof(rom_bytes) };
    assert_true(vga_pci_init(card, &config));
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    region_init_container(&b->memory, "pci", 0);
    region_init_container(&b->io, "io", 0x10000);
    pci_bus_init(&b->bus, &b->memory, &b->io, &b->h.dma, &b->h.log);
    init_card(b, &b->card, PCI_DEVFN(2, 0));
    b->vga = &b->card.vga;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

/* Port numbers as on the PC. */
static struct region *port_region(struct bench *b, unsigned port, u64 *offset)
{
    struct vga *s = b->vga;
    struct {
        unsigned first, last;
        struct region *region;
    } map[] = { { 0x3b4, 0x3b5, &s->crtc_mono },  { 0x3ba, 0x3ba, &s->status_mono },  { 0x3c0, 0x3cf, &s->ports },
                { 0x3d4, 0x3d5, &s->crtc_color }, { 0x3da, 0x3da, &s->status_color }, { 0x1ce, 0x1d1, &s->vbe } };
    for (unsigned i = 0; i < ARRAY_LEN(map); i++)
        if (port >= map[i].first && port <= map[i].last) {
            *offset = port - map[i].first;
            return map[i].region;
        }
    fail_msg("no region for port %x", port);
    return NULL;
}

static u8 in(struct bench *b, unsigned port)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    return (u8)harness_read(&b->h, r, offset, 1);
}

static void out(struct bench *b, unsigned port, u8 value)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    harness_write(&b->h, r, offset, value, 1);
}

static void outw(struct bench *b, unsigned port, u16 value)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    harness_write(&b->h, r, offset, value, 2);
}

static u16 inw(struct bench *b, unsigned port)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    return (u16)harness_read(&b->h, r, offset, 2);
}

/* Index and data in one word, as software writes them. */
static void indexed(struct bench *b, unsigned port, u8 index, u8 value)
{
    outw(b, port, (u16)(index | value << 8));
}

static u8 read_indexed(struct bench *b, unsigned port, u8 index)
{
    out(b, port, index);
    return in(b, port + 1);
}

static void dispi(struct bench *b, u16 index, u16 value)
{
    outw(b, 0x1ce, index);
    outw(b, 0x1d0, value);
}

static u16 read_dispi(struct bench *b, u16 index)
{
    outw(b, 0x1ce, index);
    return inw(b, 0x1d0);
}

static u8 peek(struct bench *b, u32 addr)
{
    return (u8)harness_read(&b->h, &b->vga->lowmem, addr - 0xa0000, 1);
}

static void poke(struct bench *b, u32 addr, u8 value)
{
    harness_write(&b->h, &b->vga->lowmem, addr - 0xa0000, value, 1);
}

static u8 *plane_byte(struct bench *b, u32 addr, unsigned plane)
{
    return &b->vga->vram.host[4 * addr + plane];
}

/* Ports. */

static void test_crtc_address_select(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, 0); /* monochrome: 3Bx */
    indexed(b, 0x3b4, CR_CURSOR_LOCATION_LOW, 0x5a);
    assert_int_equal(read_indexed(b, 0x3b4, CR_CURSOR_LOCATION_LOW), 0x5a);
    indexed(b, 0x3d4, CR_CURSOR_LOCATION_LOW, 0x11);
    assert_int_equal(in(b, 0x3d4), 0xff);
    assert_int_equal(in(b, 0x3da), 0xff);
    out(b, 0x3c2, MISC_COLOR);
    assert_int_equal(in(b, 0x3cc), MISC_COLOR);
    assert_int_equal(read_indexed(b, 0x3d4, CR_CURSOR_LOCATION_LOW), 0x5a);
    assert_int_equal(in(b, 0x3b5), 0xff);
    assert_int_equal(in(b, 0x3ba), 0xff);
}

static void test_crtc_protection(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR);
    indexed(b, 0x3d4, CR_HORIZONTAL_TOTAL, 0x5f);
    indexed(b, 0x3d4, CR_OVERFLOW, 0x1f);
    indexed(b, 0x3d4, CR_VERTICAL_RETRACE_END, CR_RETRACE_END_PROTECT | 0x0e);
    indexed(b, 0x3d4, CR_HORIZONTAL_TOTAL, 0x00);
    indexed(b, 0x3d4, CR_OVERFLOW, 0x00);
    indexed(b, 0x3d4, CR_PRESET_ROW_SCAN, 0x03);
    assert_int_equal(read_indexed(b, 0x3d4, CR_HORIZONTAL_TOTAL), 0x5f);
    assert_int_equal(read_indexed(b, 0x3d4, CR_OVERFLOW), 0x0f); /* but for line compare bit 8 */
    assert_int_equal(read_indexed(b, 0x3d4, CR_PRESET_ROW_SCAN), 0x03);
    assert_int_equal(read_indexed(b, 0x3d4, 0xc0), 0);
}

static void test_attribute_flip_flop(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR);
    in(b, 0x3da);
    out(b, 0x3c0, 0x03);
    out(b, 0x3c0, 0xff);
    assert_int_equal(in(b, 0x3c1), 0x3f); /* palette registers have six bits */
    out(b, 0x3c0, 0x05);                  /* index again */
    in(b, 0x3da);                         /* forget half a write */
    out(b, 0x3c0, AR_INDEX_PALETTE_SOURCE | AR_MODE);
    out(b, 0x3c0, 0xff);
    assert_int_equal(in(b, 0x3c1), 0xef);
    assert_int_equal(in(b, 0x3c0), AR_INDEX_PALETTE_SOURCE | AR_MODE);
    assert_int_equal(b->vga->ar[5], 0);
}

static void test_writable_bits(void **state)
{
    static const u8 seq[] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
    static const u8 gfx[] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
    struct bench *b = *state;
    for (u8 i = 0; i < ARRAY_LEN(seq); i++) {
        indexed(b, 0x3c4, i, 0xff);
        assert_int_equal(read_indexed(b, 0x3c4, i), seq[i]);
    }
    for (u8 i = 0; i < ARRAY_LEN(gfx); i++) {
        indexed(b, 0x3ce, i, 0xff);
        assert_int_equal(read_indexed(b, 0x3ce, i), gfx[i]);
    }
    indexed(b, 0x3c4, 6, 0x12);
    assert_true(harness_logged(&b->h, "sequencer register 06"));
}

static void test_dac(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c8, 0xff);
    for (u8 i = 0; i < 6; i++)
        out(b, 0x3c9, (u8)(0x40 + i)); /* colour FF, then 00 */
    assert_int_equal(in(b, 0x3c7), DAC_STATE_WRITE);
    assert_int_equal(in(b, 0x3c8), 0x01);
    out(b, 0x3c9, 0x3f); /* two thirds of a colour change nothing */
    out(b, 0x3c9, 0x3f);
    out(b, 0x3c7, 0xff);
    assert_int_equal(in(b, 0x3c7), DAC_STATE_READ);
    for (u8 i = 0; i < 6; i++)
        assert_int_equal(in(b, 0x3c9), i); /* six bits */
    assert_int_equal(in(b, 0x3c9), 0);
    assert_int_equal(in(b, 0x3c6), 0xff);
    out(b, 0x3c6, 0x0f);
    assert_int_equal(in(b, 0x3c6), 0x0f);
}

static void test_dac_8_bits(void **state)
{
    struct bench *b = *state;
    dispi(b, DISPI_ENABLE, DISPI_8BIT_DAC);
    out(b, 0x3c8, 7);
    out(b, 0x3c9, 0xc1);
    out(b, 0x3c9, 0xc2);
    out(b, 0x3c9, 0xc3);
    out(b, 0x3c7, 7);
    assert_int_equal(in(b, 0x3c9), 0xc1);
    assert_int_equal(in(b, 0x3c9), 0xc2);
    assert_int_equal(in(b, 0x3c9), 0xc3);
}

static void test_feature_and_subsystem(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR);
    out(b, 0x3da, 0x08);
    assert_int_equal(in(b, 0x3ca), 0x08);
    assert_int_equal(in(b, 0x3c3), 1);
    out(b, 0x3c3, 0);
    assert_int_equal(in(b, 0x3c3), 0);
    assert_true(harness_logged(&b->h, "3c3"));
}

/* Retrace. Text mode 3: 900 dots by 449 lines at 28.322 MHz: 14.268 ms. */
static void set_text_timing(struct bench *b)
{
    static const u8 crtc[] = { 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e,
                               0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3 };
    out(b, 0x3c2, 0x67);
    for (u8 i = 0; i < ARRAY_LEN(crtc); i++)
        indexed(b, 0x3d4, i, crtc[i]);
}

static void test_retrace_timing(void **state)
{
    struct bench *b = *state;
    const u64 line_ns = 31777, frame_ns = 14268060;
    set_text_timing(b);
    assert_int_equal(in(b, 0x3da), 0); /* line 0, dot 0 */
    harness_advance(&b->h, line_ns * 85 / 100);
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED); /* horizontal blanking from dot 720 of 900 */
    b->h.now = line_ns * 411;
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED); /* below the picture */
    b->h.now = line_ns * 412 + line_ns / 2;
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED | STATUS_VERTICAL_RETRACE);
    b->h.now = line_ns * 414 + line_ns / 2; /* two lines later */
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED);
    b->h.now = 1000 * frame_ns + line_ns * 5 / 2;
    assert_int_equal(in(b, 0x3da), 0);
}

static void test_retrace_comes_with_any_registers(void **state)
{
    struct bench *b = *state;
    srand(1);
    for (unsigned round = 0; round < 200; round++) {
        unsigned seen = 0;
        for (unsigned i = 0; i < VGA_CR_COUNT; i++)
            b->vga->cr[i] = (u8)rand();
        b->vga->sr[SR_CLOCKING_MODE] = (u8)rand();
        b->vga->misc_output = (u8)((u8)rand() | MISC_COLOR);
        for (unsigned i = 0; i < 40000 && seen != 3; i++) {
            harness_advance(&b->h, 7001);
            seen |= in(b, 0x3da) & STATUS_VERTICAL_RETRACE ? 1 : 2;
        }
        assert_int_equal(seen, 3);
    }
}

/* Memory. A model of the four planes written down from the data sheet, one plane and one bit at a time. */

struct model {
    u8 plane[4][PLANE_SIZE];
    u8 latch[4];
};

static bool model_bit(const struct vga *s, bool data, bool latch)
{
    switch (s->gr[GR_DATA_ROTATE] >> 3 & 3) {
    case 0:
        return data;
    case 1:
        return data && latch;
    case 2:
        return data || latch;
    default:
        return data != latch;
    }
}

static u8 model_plane_value(const struct vga *s, const struct model *m, unsigned plane, u8 value)
{
    unsigned mode = s->gr[GR_MODE] & 3, count = s->gr[GR_DATA_ROTATE] & 7;
    u8 result = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        bool latch = m->latch[plane] >> bit & 1, rotated = value >> ((bit + count) % 8) & 1;
        bool set = s->gr[GR_SET_RESET] >> plane & 1, masked = s->gr[GR_BIT_MASK] >> bit & 1;
        bool data = rotated, keep = !masked;
        if (mode == 0 && (s->gr[GR_ENABLE_SET_RESET] >> plane & 1))
            data = set;
        if (mode == 2)
            data = value >> plane & 1;
        if (mode == 3) {
            data = set;
            keep = !(masked && rotated);
        }
        bool now = mode == 1 || keep ? latch : model_bit(s, data, latch);
        result = (u8)(result | now << bit);
    }
    return result;
}

static void model_write(const struct vga *s, struct model *m, u32 offset, u8 value)
{
    bool chain4 = s->sr[SR_MEMORY_MODE] & SR_MEMORY_CHAIN_4;
    bool odd_even = !chain4 && !(s->sr[SR_MEMORY_MODE] & SR_MEMORY_SEQUENTIAL);
    for (unsigned plane = 0; plane < 4; plane++) {
        u32 addr = chain4 ? offset - offset % 4 : odd_even ? offset - offset % 2 : offset;
        if (!(s->sr[SR_MAP_MASK] >> plane & 1) || (chain4 && plane != offset % 4) ||
            (odd_even && plane % 2 != offset % 2))
            continue;
        m->plane[plane][addr % PLANE_SIZE] = model_plane_value(s, m, plane, value);
    }
}

static u8 model_read(const struct vga *s, struct model *m, u32 offset)
{
    bool chain4 = s->sr[SR_MEMORY_MODE] & SR_MEMORY_CHAIN_4, odd_even = !chain4 && (s->gr[GR_MODE] & GR_MODE_ODD_EVEN);
    u32 addr = chain4 ? offset - offset % 4 : odd_even ? offset - offset % 2 : offset;
    unsigned plane = chain4 ? offset % 4 : s->gr[GR_READ_MAP_SELECT];
    if (odd_even)
        plane = (plane & 2) + offset % 2;
    u8 equal = 0xff;
    for (unsigned p = 0; p < 4; p++) {
        m->latch[p] = m->plane[p][addr % PLANE_SIZE];
        for (unsigned bit = 0; bit < 8; bit++)
            if ((s->gr[GR_COLOR_DONT_CARE] >> p & 1) && (m->latch[p] >> bit & 1) != (s->gr[GR_COLOR_COMPARE] >> p & 1))
                equal &= (u8)~BIT(bit);
    }
    return s->gr[GR_MODE] & GR_MODE_READ_COMPARE ? equal : m->latch[plane];
}

static void random_registers(struct bench *b)
{
    out(b, 0x3c2, MISC_COLOR_RAM);
    for (u8 i = 0; i < VGA_GR_COUNT; i++)
        indexed(b, 0x3ce, i, (u8)rand());
    indexed(b, 0x3ce, GR_MISC, (u8)((rand() & ~0xc) | 4)); /* 64 KiB at A0000 */
    indexed(b, 0x3c4, SR_MAP_MASK, (u8)rand());
    indexed(b, 0x3c4, SR_MEMORY_MODE, (u8)(rand() & rand()));
}

static void check_planes(struct bench *b, const struct model *m)
{
    for (u32 i = 0; i < PLANE_SIZE; i++)
        for (unsigned p = 0; p < 4; p++)
            assert_int_equal(*plane_byte(b, i, p), m->plane[p][i]);
}

static void test_planar_memory_against_model(void **state)
{
    struct bench *b = *state;
    struct model *m = calloc(1, sizeof(*m));
    assert_non_null(m);
    srand(2);
    for (unsigned round = 0; round < 3000; round++) {
        random_registers(b);
        for (unsigned i = 0; i < 16; i++) {
            u32 offset = (u32)rand() % 64 + (i & 1 ? 0xffc0 : 0);
            u8 value = (u8)rand();
            if (rand() & 1) {
                poke(b, 0xa0000 + offset, value);
                model_write(b->vga, m, offset, value);
            } else {
                assert_int_equal(peek(b, 0xa0000 + offset), model_read(b->vga, m, offset));
            }
        }
    }
    check_planes(b, m);
    free(m);
}

static void test_wide_access_is_bytes(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR_RAM);
    indexed(b, 0x3ce, GR_BIT_MASK, 0xff);
    indexed(b, 0x3ce, GR_MODE, GR_MODE_ODD_EVEN);
    indexed(b, 0x3ce, GR_MISC, 0x0e); /* text: 32 KiB at B8000 */
    indexed(b, 0x3c4, SR_MAP_MASK, 0x03);
    indexed(b, 0x3c4, SR_MEMORY_MODE, 0x02);
    harness_write(&b->h, &b->vga->lowmem, 0x18004, 0x1f421f41, 4);
    assert_int_equal(*plane_byte(b, 4, 0), 'A');
    assert_int_equal(*plane_byte(b, 4, 1), 0x1f);
    assert_int_equal(*plane_byte(b, 6, 0), 'B');
    assert_int_equal(*plane_byte(b, 6, 1), 0x1f);
    assert_int_equal(harness_read(&b->h, &b->vga->lowmem, 0x18004, 4), 0x1f421f41);
}

static void test_memory_map_select(void **state)
{
    static const struct {
        u32 first, last;
    } map[] = { { 0xa0000, 0xbffff }, { 0xa0000, 0xaffff }, { 0xb0000, 0xb7fff }, { 0xb8000, 0xbffff } };
    static const u32 probe[] = { 0xa0000, 0xaffff, 0xb0000, 0xb7fff, 0xb8000, 0xbffff };
    struct bench *b = *state;
    memset(b->vga->vram.host, 0x5a, VGA_VRAM_SIZE);
    out(b, 0x3c2, MISC_COLOR_RAM);
    for (u8 n = 0; n < 4; n++) {
        indexed(b, 0x3ce, GR_MISC, (u8)(n << 2));
        for (unsigned i = 0; i < ARRAY_LEN(probe); i++)
            assert_int_equal(peek(b, probe[i]), probe[i] >= map[n].first && probe[i] <= map[n].last ? 0x5a : 0xff);
    }
    out(b, 0x3c2, MISC_COLOR); /* memory disabled */
    indexed(b, 0x3ce, GR_MISC, 0);
    assert_int_equal(peek(b, 0xa0000), 0xff);
    indexed(b, 0x3c4, SR_MAP_MASK, 0x0f);
    indexed(b, 0x3ce, GR_BIT_MASK, 0xff);
    poke(b, 0xa0000, 0x11);
    assert_int_equal(*plane_byte(b, 0, 0), 0x5a);
}

/* Decoded code lies in video memory, and the adapter changes it. */
struct listener {
    struct ram_listener link;
    unsigned calls;
    u64 page;
    u32 mask;
};

static void code_written(void *self, u64 ram_page, u32 mask)
{
    struct listener *l = self;
    l->calls++;
    l->page = ram_page;
    l->mask |= mask;
}

static void test_code_in_video_memory_is_dropped(void **state)
{
    struct bench *b = *state;
    struct listener l = { .link = { code_written, &l, NULL } };
    u64 page = (b->vga->vram.ram_base >> PAGE_SHIFT) + 1;
    ram_pool_listen(&b->pool, &l.link);
    b->pool.code_lines[page] = BIT(1);
    out(b, 0x3c2, MISC_COLOR_RAM);
    indexed(b, 0x3ce, GR_MISC, 0x05);
    indexed(b, 0x3ce, GR_BIT_MASK, 0xff);
    indexed(b, 0x3c4, SR_MAP_MASK, 0x0f);
    indexed(b, 0x3c4, SR_MEMORY_MODE, 0x06);
    poke(b, 0xa0000 + 0x400, 1); /* video memory 1000 to 1003: line 0 of page 1 */
    assert_int_equal(l.calls, 0);
    poke(b, 0xa0000 + 0x420, 1); /* line 1 */
    assert_int_equal(l.calls, 1);
    assert_int_equal(l.page, page);
    assert_int_equal(l.mask, BIT(1));
    b->pool.code_lines[page] = BIT(31);
    dispi(b, DISPI_XRES, 64);
    dispi(b, DISPI_YRES, 127);
    dispi(b, DISPI_BPP, 8);
    dispi(b, DISPI_ENABLE, DISPI_ENABLED); /* clears bytes 0 to 1FBF */
    assert_int_equal(l.mask, BIT(1) | BIT(31));
    assert_int_equal(b->pool.code_lines[page], 0);
}

/* Bochs display interface. */

static void set_mode(struct bench *b, u16 width, u16 height, u16 bpp, u16 flags)
{
    dispi(b, DISPI_ENABLE, 0);
    dispi(b, DISPI_XRES, width);
    dispi(b, DISPI_YRES, height);
    dispi(b, DISPI_BPP, bpp);
    dispi(b, DISPI_ENABLE, (u16)(DISPI_ENABLED | flags));
}

static void test_dispi_identity(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c5);
    dispi(b, DISPI_ID, 0xb0c0);
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c0);
    dispi(b, DISPI_ID, 0x1234);
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c0);
    assert_int_equal(read_dispi(b, DISPI_VIDEO_MEMORY_64K), 256);
    assert_int_equal(read_dispi(b, 11), 0);
    outw(b, 0x1ce, DISPI_ID);
    assert_int_equal(inw(b, 0x1cf), 0xb0c0);
    assert_int_equal(inw(b, 0x1ce), DISPI_ID);
    dispi(b, DISPI_ENABLE, DISPI_GETCAPS);
    assert_int_equal(read_dispi(b, DISPI_XRES), DISPI_MAX_XRES);
    assert_int_equal(read_dispi(b, DISPI_YRES), DISPI_MAX_YRES);
    assert_int_equal(read_dispi(b, DISPI_BPP), 32);
}

static void test_dispi_mode(void **state)
{
    struct bench *b = *state;
    memset(b->vga->vram.host, 0x77, VGA_VRAM_SIZE);
    set_mode(b, 1024, 768, 32, DISPI_LFB_ENABLED);
    assert_int_equal(read_dispi(b, DISPI_VIRT_WIDTH), 1024);
    assert_int_equal(read_dispi(b, DISPI_VIRT_HEIGHT), 4096);
    assert_int_equal(read_dispi(b, DISPI_ENABLE), DISPI_ENABLED | DISPI_LFB_ENABLED);
    assert_int_equal(b->vga->vram.host[1024 * 768 * 4 - 1], 0); /* cleared, and no further */
    assert_int_equal(b->vga->vram.host[1024 * 768 * 4], 0x77);
    dispi(b, DISPI_Y_OFFSET, 4000);
    assert_int_equal(read_dispi(b, DISPI_Y_OFFSET), 4096 - 768);
    dispi(b, DISPI_VIRT_WIDTH, 2048);
    assert_int_equal(read_dispi(b, DISPI_VIRT_HEIGHT), 2048);
    dispi(b, DISPI_X_OFFSET, 5000);
    assert_int_equal(read_dispi(b, DISPI_X_OFFSET), 1024);
    assert_int_equal(read_dispi(b, DISPI_Y_OFFSET), 2048 - 768);
    memset(b->vga->vram.host, 0x77, VGA_VRAM_SIZE);
    set_mode(b, 640, 480, 16, DISPI_NOCLEARMEM);
    assert_int_equal(b->vga->vram.host[0], 0x77);
    assert_int_equal(read_dispi(b, DISPI_X_OFFSET), 0);
}

static void test_dispi_limits(void **state)
{
    struct bench *b = *state;
    set_mode(b, 0, 0, 17, 0);
    assert_int_equal(read_dispi(b, DISPI_XRES), 8);
    assert_int_equal(read_dispi(b, DISPI_YRES), 1);
    assert_int_equal(read_dispi(b, DISPI_BPP), 8);
    assert_true(harness_logged(&b->h, "17 bits a pixel"));
    set_mode(b, 0xffff, 0xffff, 32, 0);
    assert_int_equal(read_dispi(b, DISPI_XRES), 4096);
    assert_int_equal(read_dispi(b, DISPI_YRES), 1024); /* what 16 MiB hold */
    set_mode(b, 1023, 10, 8, 0);
    assert_int_equal(read_dispi(b, DISPI_XRES), 1016);
}

static void test_dispi_banked_window(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR_RAM);
    set_mode(b, 1024, 768, 8, 0);
    dispi(b, DISPI_BANK, 3);
    poke(b, 0xa0005, 0x42);
    assert_int_equal(b->vga->vram.host[0x30005], 0x42);
    assert_int_equal(peek(b, 0xa0005), 0x42);
    assert_int_equal(peek(b, 0xb0005), 0xff);
    dispi(b, DISPI_BANK, 0x1ff); /* only 256 banks */
    poke(b, 0xaffff, 0x43);
    assert_int_equal(b->vga->vram.host[VGA_VRAM_SIZE - 1], 0x43);
    dispi(b, DISPI_ENABLE, 0);
    assert_int_equal(read_dispi(b, DISPI_BANK), 0);
}

static void test_dispi_banked_planes(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR_RAM);
    indexed(b, 0x3ce, GR_BIT_MASK, 0xff);
    indexed(b, 0x3c4, SR_MAP_MASK, 0x04);
    indexed(b, 0x3c4, SR_MEMORY_MODE, 0x06);
    set_mode(b, 1280, 1024, 4, 0);
    assert_int_equal(read_dispi(b, DISPI_VIRT_HEIGHT), 4 * 1024 * 1024 / 160);
    dispi(b, DISPI_BANK, 1);
    poke(b, 0xa0010, 0x99);
    assert_int_equal(*plane_byte(b, 0x10010, 2), 0x99);
    assert_int_equal(*plane_byte(b, 0x10010, 1), 0);
    dispi(b, DISPI_BANK, 0xff);
    poke(b, 0xaffff, 0x98); /* past the end of a plane: masked */
    assert_int_equal(*plane_byte(b, VGA_VRAM_SIZE / 4 - 1, 2), 0x98);
}

static void test_dispi_odd_accesses(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, 0x1ce), 0xff);
    out(b, 0x1d1, 1);
    assert_true(harness_logged(&b->h, "1-byte write"));
    dispi(b, 0x20, 1);
    assert_true(harness_logged(&b->h, "register 20"));
}

/* BAR 2. */

static u64 mmio_read(struct bench *b, u64 offset, unsigned size)
{
    return harness_read(&b->h, &b->vga->mmio, offset, size);
}

static void mmio_write(struct bench *b, u64 offset, u64 value, unsigned size)
{
    harness_write(&b->h, &b->vga->mmio, offset, value, size);
}

static void test_mmio_registers(void **state)
{
    struct bench *b = *state;
    mmio_write(b, 0x402, MISC_COLOR, 1); /* 3C2 */
    assert_int_equal(in(b, 0x3cc), MISC_COLOR);
    mmio_write(b, 0x414, 0x330f, 2); /* 3D4: index and data */
    assert_int_equal(read_indexed(b, 0x3d4, 0x0f), 0x33);
    mmio_write(b, 0x500 + 2 * DISPI_XRES, 800, 2);
    assert_int_equal(read_dispi(b, DISPI_XRES), 800);
    assert_int_equal(mmio_read(b, 0x500, 2), 0xb0c5);
    assert_int_equal(mmio_read(b, 0x514, 2), 256);
    assert_int_equal(mmio_read(b, 0x600, 4), 8);
    assert_int_equal(mmio_read(b, 0x604, 4), 0x1e1e1e1e);
    mmio_write(b, 0x604, 0xbebebebe, 4);
    assert_int_equal(mmio_read(b, 0x604, 4), 0xbebebebe);
    mmio_write(b, 0x604, 0x12345678, 4);
    assert_int_equal(mmio_read(b, 0x604, 4), 0xbebebebe);
    mmio_write(b, 0x604, 0x1e1e1e1e, 4);
    assert_int_equal(mmio_read(b, 0x604, 4), 0x1e1e1e1e);
}

static void test_edid(void **state)
{
    static const u8 pattern[8] = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 };
    static const u8 timing[18] = { 0xea, 0x29, 0x00, 0xc0, 0x51, 0x20, 0x1c, 0x30, 0x40,
                                   0x26, 0x44, 0x40, 0x45, 0xcb, 0x10, 0x00, 0x00, 0x18 };
    struct bench *b = *state;
    u8 edid[VGA_EDID_SIZE];
    for (unsigned i = 0; i < VGA_EDID_SIZE; i++)
        edid[i] = (u8)mmio_read(b, i, 1);
    for (unsigned block = 0; block < 3; block++) {
        unsigned sum = 0;
        for (unsigned i = 0; i < 128; i++)
            sum += edid[128 * block + i];
        assert_int_equal(sum % 256, 0);
    }
    assert_memory_equal(edid, pattern, sizeof(pattern));
    assert_memory_equal(edid + 54, timing, sizeof(timing));
    assert_int_equal(edid[126], 1); /* one extension */
    assert_int_equal(edid[128], 2); /* CTA-861 */
    assert_int_equal(edid[127], 0x3a);
    assert_int_equal(edid[255], 0x2f);
    mmio_write(b, 0, 0x12, 1);
    assert_int_equal(mmio_read(b, 0, 1), 0);
}

static void test_regions(void **state)
{
    struct bench *b = *state;
    struct vga *s = b->vga;
    const struct {
        struct region *r;
        const char *name;
        u64 size;
    } want[] = { { &s->vram, "vga.vram", 0x1000000 },
                 { &s->lowmem, "vga-lowmem", 0x20000 },
                 { &s->vbe, "vbe", 4 },
                 { &s->crtc_mono, "vga", 2 },
                 { &s->status_mono, "vga", 1 },
                 { &s->ports, "vga", 16 },
                 { &s->crtc_color, "vga", 2 },
                 { &s->status_color, "vga", 1 },
                 { &s->mmio, "vga.mmio", 0x1000 },
                 { &s->edid, "edid", 0x180 },
                 { &s->remapped, "vga ioports remapped", 0x20 },
                 { &s->dispi_mmio, "bochs dispi interface", 0x16 },
                 { &s->extended, "qemu extended regs", 8 } };
    for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(want[i].r->name, want[i].name);
        assert_int_equal(region_size(want[i].r), want[i].size);
    }
}

/* PCI. */

static void test_pci_function(void **state)
{
    struct bench *b = *state;
    u8 fn = PCI_DEVFN(2, 0);
    assert_int_equal(pci_config_read(&b->bus, fn, PCI_VENDOR_ID, 4), 0x11111234);
    assert_int_equal(pci_config_read(&b->bus, fn, PCI_REVISION_ID, 4), 0x03000002);
    assert_int_equal(pci_config_read(&b->bus, fn, PCI_INTERRUPT_PIN, 1), 0);
    pci_config_write(&b->bus, fn, 0x10, 0xffffffff, 4);
    assert_int_equal(pci_config_read(&b->bus, fn, 0x10, 4), 0xff000008); /* 16 MiB, prefetchable */
    pci_config_write(&b->bus, fn, 0x18, 0xffffffff, 4);
    assert_int_equal(pci_config_read(&b->bus, fn, 0x18, 4), 0xfffff000);
    pci_config_write(&b->bus, fn, 0x10, 0xfd000000, 4);
    pci_config_write(&b->bus, fn, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    assert_true(b->vga->vram.enabled);
    assert_int_equal(b->vga->vram.addr, 0xfd000000);
    assert_memory_equal(b->card.rom.host, rom_bytes, sizeof(rom_bytes));
    assert_string_equal(b->card.rom.name, "vga.rom");
}

static void test_reset(void **state)
{
    struct bench *b = *state;
    set_text_timing(b);
    set_mode(b, 640, 480, 32, 0);
    b->vga->vram.host[0] = 0x12;
    vga_pci_reset(&b->card);
    assert_int_equal(b->vga->cr[0], 0);
    assert_int_equal(b->vga->misc_output, 0);
    assert_false(vga_dispi_enabled(b->vga));
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c5);
    assert_int_equal(b->vga->vram.host[0], 0x12); /* memory keeps its contents */
}

static void test_state(void **state)
{
    struct bench *b = *state;
    struct vga_pci *other = calloc(1, sizeof(*other));
    assert_non_null(other);
    init_card(b, other, PCI_DEVFN(3, 0));
    harness_check_state(&vga_state, &b->card, other);
    free(other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct vga *s = b->vga;
    struct region *const regions[] = { &s->ports,  &s->crtc_color, &s->crtc_mono, &s->status_color, &s->vbe,
                                       &s->lowmem, &s->lowmem,     &s->lowmem,    &s->edid,         &s->remapped,
                                       &s->mmio,   &s->dispi_mmio, &s->extended };
    u8 *heap = malloc(VGA_VRAM_SIZE), *pool = s->vram.host; /* a heap block has walls that the sanitizer watches */
    assert_non_null(heap);
    memset(heap, 0, VGA_VRAM_SIZE);
    s->vram.host = heap;
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 300000);
    s->vram.host = pool;
    free(heap);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_crtc_address_select),
        TEST(test_crtc_protection),
        TEST(test_attribute_flip_flop),
        TEST(test_writable_bits),
        TEST(test_dac),
        TEST(test_dac_8_bits),
        TEST(test_feature_and_subsystem),
        TEST(test_retrace_timing),
        TEST(test_retrace_comes_with_any_registers),
        TEST(test_planar_memory_against_model),
        TEST(test_wide_access_is_bytes),
        TEST(test_memory_map_select),
        TEST(test_code_in_video_memory_is_dropped),
        TEST(test_dispi_identity),
        TEST(test_dispi_mode),
        TEST(test_dispi_limits),
        TEST(test_dispi_banked_window),
        TEST(test_dispi_banked_planes),
        TEST(test_dispi_odd_accesses),
        TEST(test_mmio_registers),
        TEST(test_edid),
        TEST(test_regions),
        TEST(test_pci_function),
        TEST(test_reset),
        TEST(test_state),
        TEST(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
