/* test_vga_memory.c: the standard VGA's memory window: planes, write modes, latches, maps, as IBM's "Video Subsystem"
 * says. */
#include "vga_bench.h"

#define PLANE_SIZE 0x10000u

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_planar_memory_against_model),
        TEST(test_wide_access_is_bytes),
        TEST(test_memory_map_select),
        TEST(test_code_in_video_memory_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
