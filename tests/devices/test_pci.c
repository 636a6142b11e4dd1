/* test_pci.c: configuration space, base address registers, interrupt pins and the bus master gate (PCI 2.1, chapter 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "pci.h"
#include "space.h"

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct region memory, io;
    struct address_space mem_space, io_space;
    struct pci_bus bus;
    struct pci_device dev, other;
    struct region bar_mem, bar_io, bar_64, rom, no_bar;
    unsigned hook_calls, hook_offset, hook_size;
};

static u64 reg_read(void *dev, u64 offset, unsigned size)
{
    (void)dev, (void)size;
    return 0x40 + offset;
}

static void reg_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)dev, (void)offset, (void)value, (void)size;
}

static const struct region_ops reg_ops = { .read = reg_read, .write = reg_write, .max_size = 1 };

static void on_write(void *self, unsigned offset, unsigned size)
{
    struct bench *b = self;
    b->hook_calls++;
    b->hook_offset = offset;
    b->hook_size = size;
}

#define DEVFN PCI_DEVFN(2, 0)
#define OTHER PCI_DEVFN(6, 0)
#define MEM_SIZE 0x10000u
#define IO_SIZE 16u
#define ROM_SIZE 0x8000u
#define BIG_SIZE 0x100000u

static void make_device(struct bench *b)
{
    static const struct pci_id id = {
        .vendor = 0x1234, .device = 0x1111, .revision = 2, .class_code = 0x030000, .interrupt_pin = 1
    };
    pci_device_init(&b->dev, &b->bus, DEVFN, "test", &id);
    region_init_io(&b->bar_mem, "mem", MEM_SIZE, &reg_ops, b);
    region_init_io(&b->bar_io, "io", IO_SIZE, &reg_ops, b);
    region_init_io(&b->bar_64, "big", BIG_SIZE, &reg_ops, b);
    region_init_io(&b->rom, "rom", ROM_SIZE, &reg_ops, b);
    pci_add_bar(&b->dev, 0, PCI_BAR_MEM | PCI_BAR_PREFETCH, &b->bar_mem);
    pci_add_bar(&b->dev, 1, PCI_BAR_IO, &b->bar_io);
    pci_add_bar(&b->dev, 2, PCI_BAR_MEM64, &b->bar_64);
    pci_add_bar(&b->dev, PCI_ROM_SLOT, PCI_BAR_MEM, &b->rom);
    pci_declare(&b->dev, 0x40, 4, 0x11223344, 0x00ff00ff);
    pci_declare_w1c(&b->dev, 0x48, 2, 0x0f0f);
    b->dev.config_written = on_write;
    b->dev.self = b;
}

static int setup(void **state)
{
    static const struct pci_id other_id = { .vendor = 0x4321, .device = 1, .interrupt_pin = 1, .multi_function = true };
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    region_init_container(&b->memory, "pci", 0);
    region_init_container(&b->io, "io", 0x10000);
    space_init(&b->mem_space, "memory", &b->memory, &b->pool, &b->h.log, false);
    space_init(&b->io_space, "I/O", &b->io, &b->pool, &b->h.log, true);
    pci_bus_init(&b->bus, &b->memory, &b->io, &b->h.dma, &b->h.log);
    for (unsigned n = 0; n < PCI_PIRQS; n++)
        pci_bus_connect_pirq(&b->bus, n, harness_irq(&b->h, n));
    make_device(b);
    pci_device_init(&b->other, &b->bus, OTHER, "other", &other_id);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    space_free(&b->mem_space);
    space_free(&b->io_space);
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

static u32 cfg(struct bench *b, unsigned offset, unsigned size)
{
    return pci_config_read(&b->bus, DEVFN, offset, size);
}

static void set(struct bench *b, unsigned offset, u32 value, unsigned size)
{
    pci_config_write(&b->bus, DEVFN, offset, value, size);
}

static void test_header(void **state)
{
    struct bench *b = *state;
    assert_int_equal(cfg(b, PCI_VENDOR_ID, 4), 0x11111234);
    assert_int_equal(cfg(b, PCI_REVISION_ID, 4), 0x03000002);
    assert_int_equal(cfg(b, PCI_SUBSYSTEM_VENDOR_ID, 4), 0x11001af4);
    assert_int_equal(cfg(b, PCI_INTERRUPT_LINE, 4), 0x0100);
    assert_int_equal(cfg(b, PCI_HEADER_TYPE, 1), 0);
    assert_int_equal(pci_config_read(&b->bus, OTHER, PCI_HEADER_TYPE, 1), 0x80);
}

static void test_write_masks(void **state)
{
    struct bench *b = *state;
    for (unsigned r = 0; r < 0x40; r += 4)
        set(b, r, UINT32_MAX, 4);
    assert_int_equal(cfg(b, 0x00, 4), 0x11111234);
    assert_int_equal(cfg(b, PCI_COMMAND, 4), 0x0507); /* as QEMU's functions answer */
    assert_int_equal(cfg(b, 0x08, 4), 0x03000002);
    assert_int_equal(cfg(b, 0x0c, 4), 0x000000ff);
    assert_int_equal(cfg(b, 0x28, 4), 0);
    assert_int_equal(cfg(b, 0x2c, 4), 0x11001af4);
    assert_int_equal(cfg(b, 0x34, 4), 0);
    assert_int_equal(cfg(b, 0x3c, 4), 0x01ff);
    set(b, 0x40, UINT32_MAX, 4);
    assert_int_equal(cfg(b, 0x40, 4), 0x11ff33ff);
    set(b, 0x42, 0, 1);
    assert_int_equal(cfg(b, 0x40, 4), 0x110033ff);
    set(b, 0x50, 0x55, 1);
    assert_int_equal(cfg(b, 0x50, 1), 0); /* not declared: not there */
}

static void test_write_one_clears(void **state)
{
    struct bench *b = *state;
    pci_set(&b->dev, 0x48, 0xffff, 2);
    set(b, 0x48, 0x0301, 2);
    assert_int_equal(cfg(b, 0x48, 2), 0xfcfe);
    set(b, 0x49, 0xff, 1);
    assert_int_equal(cfg(b, 0x48, 2), 0xf0fe);
    pci_set(&b->dev, PCI_STATUS, 0xf900, 2);
    set(b, PCI_COMMAND, 0x80000000, 4);
    assert_int_equal(cfg(b, PCI_STATUS, 2), 0x7900);
}

static void test_bytes_and_words(void **state)
{
    struct bench *b = *state;
    assert_int_equal(cfg(b, 0x01, 1), 0x12);
    assert_int_equal(cfg(b, 0x01, 2), 0x1112); /* any bytes of one dword */
    assert_int_equal(cfg(b, 0x03, 1), 0x11);
    set(b, 0x41, 0xaabb, 2);
    assert_int_equal(cfg(b, 0x40, 4), 0x11aa3344);
    assert_int_equal(b->hook_offset, 0x41);
    assert_int_equal(b->hook_size, 2);
}

static void test_nobody_there(void **state)
{
    struct bench *b = *state;
    assert_int_equal(pci_config_read(&b->bus, PCI_DEVFN(9, 0), 0, 4), UINT32_MAX);
    assert_int_equal(pci_config_read(&b->bus, PCI_DEVFN(2, 1), 0, 2), 0xffff);
    assert_int_equal(pci_config_read(&b->bus, PCI_DEVFN(31, 7), 0xff, 1), 0xff);
    pci_config_write(&b->bus, PCI_DEVFN(9, 0), 4, 7, 2);
}

static void test_hostile_cycles(void **state)
{
    struct bench *b = *state;
    assert_int_equal(cfg(b, 0xfe, 4), UINT32_MAX);
    assert_int_equal(cfg(b, 0x03, 2), 0xffff);
    assert_int_equal(cfg(b, 0x100, 1), 0xff);
    set(b, 0xfe, 0, 4);
    set(b, UINT32_MAX, 0, 4);
    set(b, 0x43, 0, 2);
    assert_int_equal(b->hook_calls, 0);
    assert_int_equal(cfg(b, 0x40, 4), 0x11223344);
}

static void test_sizing(void **state)
{
    struct bench *b = *state;
    for (unsigned n = 0; n < PCI_BARS; n++)
        set(b, PCI_BAR0 + 4 * n, UINT32_MAX, 4);
    set(b, PCI_ROM_BAR, 0xfffff800, 4);
    assert_int_equal(cfg(b, 0x10, 4), 0xffff0008);
    assert_int_equal(cfg(b, 0x14, 4), 0xfffffff1);
    assert_int_equal(cfg(b, 0x18, 4), 0xfff00004);
    assert_int_equal(cfg(b, 0x1c, 4), 0xffffffff);
    assert_int_equal(cfg(b, 0x20, 4), 0);
    assert_int_equal(cfg(b, PCI_ROM_BAR, 4), 0xffff8000);
    set(b, PCI_COMMAND, 3, 2); /* sizing with decoding on places nothing */
    assert_false(b->bar_mem.enabled);
    assert_false(b->bar_io.enabled);
}

static void test_memory_bar(void **state)
{
    struct bench *b = *state;
    set(b, 0x10, 0xfd012345, 4);
    assert_int_equal(cfg(b, 0x10, 4), 0xfd010008);
    assert_int_equal(space_read(&b->mem_space, 0xfd010003, 1), 0xff);
    set(b, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    assert_int_equal(space_read(&b->mem_space, 0xfd010003, 1), 0x43);
    assert_int_equal(space_read(&b->mem_space, 0xfd020003, 1), 0xff);
    set(b, 0x12, 0xfe02, 2); /* moved by its upper half */
    assert_int_equal(space_read(&b->mem_space, 0xfd010003, 1), 0xff);
    assert_int_equal(space_read(&b->mem_space, 0xfe020003, 1), 0x43);
    set(b, PCI_COMMAND, PCI_COMMAND_IO, 1);
    assert_int_equal(space_read(&b->mem_space, 0xfe020003, 1), 0xff);
}

static void test_io_bar(void **state)
{
    struct bench *b = *state;
    set(b, 0x14, 0xc040, 4);
    set(b, PCI_COMMAND, PCI_COMMAND_IO, 2);
    assert_int_equal(cfg(b, 0x14, 4), 0xc041);
    assert_int_equal(space_read(&b->io_space, 0xc042, 1), 0x42);
    set(b, 0x14, 0x1c040, 4); /* beyond 64 KiB of ports */
    assert_false(b->bar_io.enabled);
    set(b, 0x14, 0xfff0, 4);
    assert_int_equal(space_read(&b->io_space, 0xffff, 1), 0x4f);
    set(b, 0x14, 0, 4);
    assert_false(b->bar_io.enabled);
}

static void test_64_bit_bar(void **state)
{
    struct bench *b = *state;
    set(b, 0x1c, 0x00000012, 4);
    set(b, 0x18, 0x34500000, 4);
    set(b, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    assert_int_equal(space_read(&b->mem_space, 0x1234500001, 1), 0x41);
    set(b, 0x1c, UINT32_MAX, 4);
    assert_false(b->bar_64.enabled);
    set(b, 0x1c, 0, 4);
    assert_int_equal(space_read(&b->mem_space, 0x34500001, 1), 0x41);
}

static void test_bar_at_end_of_memory(void **state)
{
    struct bench *b = *state;
    set(b, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    set(b, 0x10, 0xfffe0000, 4);
    assert_true(b->bar_mem.enabled);
    set(b, 0x10, 0xffff0000, 4); /* what sizing leaves */
    assert_false(b->bar_mem.enabled);
}

static void test_rom(void **state)
{
    struct bench *b = *state;
    set(b, PCI_ROM_BAR, 0xfeb08000, 4);
    set(b, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    assert_false(b->rom.enabled);
    set(b, PCI_ROM_BAR, 0x01, 1);
    assert_int_equal(cfg(b, PCI_ROM_BAR, 4), 0xfeb08001);
    assert_int_equal(space_read(&b->mem_space, 0xfeb08002, 1), 0x42);
    set(b, PCI_COMMAND, 0, 2);
    assert_false(b->rom.enabled);
}

static void test_intx(void **state)
{
    struct bench *b = *state;
    pci_intx_set(&b->dev, true); /* slot 2, INTA# → PIRQB# */
    assert_true(b->h.irq[1]);
    assert_false(b->h.irq[0] || b->h.irq[2] || b->h.irq[3]);
    assert_int_equal(cfg(b, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, PCI_STATUS_INTERRUPT);
    pci_intx_set(&b->other, true); /* slot 6 shares the wire */
    pci_intx_set(&b->dev, false);
    assert_true(b->h.irq[1]);
    assert_int_equal(cfg(b, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
    pci_intx_set(&b->other, false);
    assert_false(b->h.irq[1]);
    assert_int_equal(b->h.rises[1], 1);
}

static void test_intx_routes(void **state)
{
    struct bench *b = *state;
    struct pci_device d[4];
    for (unsigned pin = 1; pin <= 4; pin++) {
        struct pci_id id = { .vendor = 1, .interrupt_pin = (u8)pin };
        pci_device_init(&d[pin - 1], &b->bus, PCI_DEVFN(4, pin - 1), "pins", &id);
        pci_intx_set(&d[pin - 1], true);
        for (unsigned n = 0; n < PCI_PIRQS; n++)
            assert_int_equal(b->h.irq[n], n == ((4 - 1 + pin - 1) & 3));
        pci_intx_set(&d[pin - 1], false);
    }
}

static void test_intx_disable(void **state)
{
    struct bench *b = *state;
    pci_intx_set(&b->dev, true);
    set(b, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE, 2);
    assert_false(b->h.irq[1]);
    assert_int_equal(cfg(b, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, PCI_STATUS_INTERRUPT);
    set(b, PCI_COMMAND, 0, 2);
    assert_true(b->h.irq[1]);
    pci_device_reset(&b->dev);
    assert_false(b->h.irq[1]);
}

static void test_no_pin(void **state)
{
    struct bench *b = *state;
    static const struct pci_id id = { .vendor = 1 };
    struct pci_device d;
    pci_device_init(&d, &b->bus, PCI_DEVFN(5, 0), "pinless", &id);
    pci_intx_set(&d, true);
    for (unsigned n = 0; n < PCI_PIRQS; n++)
        assert_false(b->h.irq[n]);
}

static void test_bus_master_gate(void **state)
{
    struct bench *b = *state;
    u8 buf[4] = { 1, 2, 3, 4 };
    dma_write(&b->dev.dma, 0x1000, buf, 4);
    assert_int_equal(b->h.ram[0x1000], 0);
    dma_read(&b->dev.dma, 0x1000, buf, 4);
    assert_int_equal(get_le32(buf), UINT32_MAX);
    assert_true(harness_logged(&b->h, "bus mastering off"));
    set(b, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    assert_true(pci_bus_master(&b->dev));
    put_le32(buf, 0x04030201);
    dma_write(&b->dev.dma, 0x1000, buf, 4);
    assert_int_equal(get_le32(b->h.ram + 0x1000), 0x04030201);
    put_le32(buf, 0);
    dma_read(&b->dev.dma, 0x1000, buf, 4);
    assert_int_equal(get_le32(buf), 0x04030201);
}

static void test_reset(void **state)
{
    struct bench *b = *state;
    set(b, 0x10, 0xfd010000, 4);
    set(b, 0x40, 0, 4);
    set(b, PCI_COMMAND, 7, 2);
    assert_true(b->bar_mem.enabled);
    pci_device_reset(&b->dev);
    assert_false(b->bar_mem.enabled);
    assert_int_equal(cfg(b, 0x10, 4), 0x00000008);
    assert_int_equal(cfg(b, 0x14, 4), 0x00000001);
    assert_int_equal(cfg(b, 0x40, 4), 0x11223344);
    assert_int_equal(cfg(b, PCI_COMMAND, 2), 0);
}

static bool post_load(void *self)
{
    pci_device_post_load(self);
    return true;
}

static void test_state(void **state)
{
    static void *twin_state;
    struct bench *b = *state;
    struct state_table t = { "pci_device", 1, pci_device_fields, post_load };
    setup(&twin_state);
    struct bench *twin = twin_state;
    harness_check_state(&t, &b->dev, &twin->dev);
    teardown(&twin_state);
}

static void test_load_places_regions(void **state)
{
    struct bench *b = *state;
    struct state_table t = { "pci_device", 1, pci_device_fields, post_load };
    struct state_buf image = { 0 };
    set(b, 0x10, 0xfd010000, 4);
    set(b, PCI_COMMAND, 2, 2);
    assert_true(state_save(&t, &b->dev, &image));
    pci_device_reset(&b->dev);
    assert_true(state_load(&t, &b->dev, &image, NULL));
    assert_int_equal(space_read(&b->mem_space, 0xfd010003, 1), 0x43);
    state_buf_free(&image);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Out of its slot: no answer, no place in memory, no interrupt; a reset changes nothing. */
static void test_removal(void **state)
{
    struct bench *b = *state;
    set(b, PCI_BAR0, 0xe0000000, 4);
    set(b, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
    pci_intx_set(&b->dev, true);
    assert_true(b->bar_mem.enabled);
    pci_remove(&b->dev);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(cfg(b, PCI_VENDOR_ID, 4), UINT32_MAX);
        assert_null(pci_function(&b->bus, DEVFN));
        assert_false(b->bar_mem.enabled);
        assert_false(pci_bus_master(&b->dev));
        for (unsigned n = 0; n < PCI_PIRQS; n++)
            assert_false(b->h.irq[n]);
        set(b, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
        assert_false(b->bar_mem.enabled);
        pci_device_reset(&b->dev);
    }
    assert_int_equal(pci_config_read(&b->bus, OTHER, PCI_VENDOR_ID, 2), 0x4321);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_header),
        TEST(test_write_masks),
        TEST(test_write_one_clears),
        TEST(test_bytes_and_words),
        TEST(test_nobody_there),
        TEST(test_hostile_cycles),
        TEST(test_sizing),
        TEST(test_memory_bar),
        TEST(test_io_bar),
        TEST(test_64_bit_bar),
        TEST(test_bar_at_end_of_memory),
        TEST(test_rom),
        TEST(test_intx),
        TEST(test_intx_routes),
        TEST(test_intx_disable),
        TEST(test_no_pin),
        TEST(test_bus_master_gate),
        TEST(test_reset),
        TEST(test_removal),
        TEST(test_state),
        TEST(test_load_places_regions),
    };
    return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
