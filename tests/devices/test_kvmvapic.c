/* test_kvmvapic.c: the announcement of QEMU's option ROM, as its kvmvapic.c takes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "kvmvapic.h"

#define ROMS 0xc0000u
#define ROM 0xcb000u
#define TABLE 0x40

struct bench {
    struct harness h;
    struct region ram;
    struct region system;
    struct kvmvapic vapic;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    region_init_container(&b->system, "system", 0);
    region_init_container(&b->ram, "pc.ram", HARNESS_RAM);
    kvmvapic_init(&b->vapic, &b->ram, ROMS, &b->h.dma, &b->h.log);
    region_add(&b->system, ROMS, &b->vapic.rom, 1000);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    harness_free(&b->h);
    free(b);
    return 0;
}

static void put_rom(struct bench *b, u32 at, u8 blocks, u32 table)
{
    static const u8 header[] = { 0x55, 0xaa };
    memcpy(b->h.ram + at, header, sizeof header);
    b->h.ram[at + 2] = blocks;
    memcpy(b->h.ram + at + table, "kvm aPiC", 8);
}

static void announce(struct bench *b, u16 table)
{
    b->vapic.io.ops->write(b->vapic.io.dev, 0, table, 2);
}

static void test_ports(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->vapic.io.name, "kvmvapic");
    assert_int_equal(region_size(&b->vapic.io), 2);
    assert_true(b->vapic.io.wide);
    assert_int_equal(harness_read(&b->h, &b->vapic.io, 0, 1), 0xff);
    assert_int_equal(harness_read(&b->h, &b->vapic.io, 0, 2), 0xffff);
    assert_false(b->vapic.rom.enabled);
}

static void test_announcement(void **state)
{
    struct bench *b = *state;
    put_rom(b, 0xc0000, 79, 0x200); /* others: no table there */
    put_rom(b, ROM, 18, TABLE);
    announce(b, TABLE);
    assert_true(b->vapic.rom.enabled);
    assert_string_equal(b->vapic.rom.name, "kvmvapic-rom");
    assert_int_equal(b->vapic.rom.addr, ROM);
    assert_int_equal(b->vapic.rom.target_offset, ROM);
    assert_int_equal(region_size(&b->vapic.rom), 0x3000); /* 9 KiB */
    b->h.ram[ROM + 2] = 8;
    announce(b, TABLE); /* once more, smaller */
    assert_int_equal(region_size(&b->vapic.rom), 0x1000);
    kvmvapic_reset(&b->vapic);
    assert_false(b->vapic.rom.enabled);
}

/* A ROM within a page takes the pages that it touches. */
static void test_whole_pages(void **state)
{
    struct bench *b = *state;
    put_rom(b, ROM + 0x800, 5, TABLE);
    announce(b, TABLE);
    assert_int_equal(b->vapic.rom.addr, ROM);
    assert_int_equal(region_size(&b->vapic.rom), 0x2000);
}

static void test_calls_are_replaced(void **state)
{
    struct bench *b = *state;
    static const u8 intel[] = { 0xb8, 1, 0, 0, 0, 0x0f, 0x01, 0xc1 }, amd[] = { 0xb8, 1, 0, 0, 0, 0x0f, 0x01, 0xd9 };
    static const u8 other[] = { 0xb8, 2, 0, 0, 0, 0x0f, 0x01, 0xc1 }, port[] = { 0xb8, 1, 0, 0, 0, 0x90, 0xe7, 0x7e };
    put_rom(b, ROM, 4, TABLE);
    memcpy(b->h.ram + ROM + 0x123, intel, 8);
    memcpy(b->h.ram + ROM + 0x200, other, 8);
    memcpy(b->h.ram + ROM + 4 * 512 - 8, amd, 8);
    memcpy(b->h.ram + ROM + 4 * 512, intel, 8); /* beyond its end */
    announce(b, TABLE);
    assert_memory_equal(b->h.ram + ROM + 0x123, port, 8);
    assert_memory_equal(b->h.ram + ROM + 0x200, other, 8);
    assert_memory_equal(b->h.ram + ROM + 4 * 512 - 8, port, 8);
    assert_memory_equal(b->h.ram + ROM + 4 * 512, intel, 8);
}

static void test_false_announcements(void **state)
{
    struct bench *b = *state;
    announce(b, TABLE); /* nothing there */
    put_rom(b, ROM, 18, TABLE);
    announce(b, TABLE + 1);
    announce(b, 0xffff);
    put_rom(b, 0xdf800, 200, TABLE); /* longer than the area */
    b->h.ram[ROM] = 0;
    announce(b, TABLE);
    assert_false(b->vapic.rom.enabled);
    assert_true(harness_logged(&b->h, "no option ROM has its table at 0040"));
    b->vapic.io.ops->write(b->vapic.io.dev, 0, 1, 4); /* a look for interrupts */
    assert_false(harness_logged(&b->h, "patching"));
    harness_write(&b->h, &b->vapic.io, 0, 1, 1);
    assert_true(harness_logged(&b->h, "patching"));
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&kvmvapic_state, &b->vapic, &other->vapic);
    teardown((void **)&other);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_ports),
        T(test_announcement),
        T(test_whole_pages),
        T(test_calls_are_replaced),
        T(test_false_announcements),
        T(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
