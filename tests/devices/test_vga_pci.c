/* test_vga_pci.c: the standard VGA as a PCI function: registers by MMIO, EDID, regions, reset, state, fuzz. */
#include "vga_bench.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_mmio_registers), TEST(test_edid),  TEST(test_regions), TEST(test_pci_function),
        TEST(test_reset),          TEST(test_state), TEST(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
