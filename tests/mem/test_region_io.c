/* test_region_io.c: an access meets a device that knows only some widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "region_io.h"

/* Sixteen bytes of registers that write down how they were reached. */
struct device {
    u8 reg[16];
    char seen[256];
};

static void note(struct device *d, char what, u64 offset, unsigned size)
{
    size_t used = strlen(d->seen);
    snprintf(d->seen + used, sizeof d->seen - used, "%c%u.%u ", what, (unsigned)offset, size);
}

static u64 device_read(void *dev, u64 offset, unsigned size)
{
    struct device *d = dev;
    u64 v = 0;
    assert_true(offset + size <= sizeof d->reg);
    note(d, 'r', offset, size);
    memcpy(&v, d->reg + offset, size);
    return v | (size < 8 ? 0xa5a5a5a5a5a5a5a5u << (8 * size) : 0); /* a device may be careless above its width */
}

static void device_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct device *d = dev;
    assert_true(offset + size <= sizeof d->reg);
    assert_true(value == low_bytes(value, size));
    note(d, 'w', offset, size);
    memcpy(d->reg + offset, &value, size);
}

static void device_init(struct device *d, struct region *r, struct region_ops *ops, u8 min, u8 max)
{
    *d = (struct device){ 0 };
    for (unsigned i = 0; i < sizeof d->reg; i++)
        d->reg[i] = (u8)(0x10 + i);
    *ops = (struct region_ops){ device_read, device_write, min, max };
    region_init_io(r, "device", sizeof d->reg, ops, d);
}

static void read_is(u8 min, u8 max, u64 offset, unsigned size, u64 value, const char *seen)
{
    struct device d;
    struct region r;
    struct region_ops ops;
    device_init(&d, &r, &ops, min, max);
    assert_true(region_io_read(&r, offset, size) == value);
    assert_string_equal(d.seen, seen);
}

static void reads_are_fitted(void **state)
{
    (void)state;
    read_is(0, 0, 0, 1, 0x10, "r0.1 ");
    read_is(0, 0, 3, 8, 0x1a19181716151413, "r3.8 ");
    read_is(1, 1, 0xc, 4, 0x1f1e1d1c, "r12.1 r13.1 r14.1 r15.1 ");
    read_is(1, 2, 1, 4, 0x14131211, "r1.2 r3.2 ");
    read_is(1, 4, 8, 8, 0x1f1e1d1c1b1a1918, "r8.4 r12.4 ");
    read_is(4, 4, 4, 4, 0x17161514, "r4.4 ");
    read_is(4, 4, 6, 1, 0x16, "r4.4 ");
    read_is(4, 4, 7, 2, 0x1817, "r4.4 r8.4 ");
    read_is(4, 8, 6, 8, 0x1d1c1b1a19181716, "r4.4 r8.4 r12.4 ");
    read_is(8, 8, 15, 1, 0x1f, "r8.8 ");
}

static void write_is(u8 min, u8 max, u64 offset, unsigned size, u64 value, const char *seen)
{
    struct device d;
    struct region r;
    struct region_ops ops;
    u8 expected[16];
    device_init(&d, &r, &ops, min, max);
    memcpy(expected, d.reg, sizeof expected);
    memcpy(expected + offset, &value, size);
    region_io_write(&r, offset, value, size);
    assert_memory_equal(d.reg, expected, sizeof expected);
    assert_string_equal(d.seen, seen);
}

static void writes_are_fitted(void **state)
{
    (void)state;
    u64 v = 0xf8f7f6f5f4f3f2f1;
    write_is(0, 0, 5, 2, v, "w5.2 ");
    write_is(1, 1, 14, 2, v, "w14.1 w15.1 ");
    write_is(1, 4, 0, 8, v, "w0.4 w4.4 ");
    write_is(4, 4, 12, 4, v, "w12.4 ");
    write_is(4, 4, 2, 1, v, "r0.4 w0.4 ");
    write_is(4, 4, 6, 4, v, "r4.4 w4.4 r8.4 w8.4 ");
    write_is(4, 4, 2, 8, v, "r0.4 w0.4 w4.4 r8.4 w8.4 ");
}

static void absent_callbacks_are_harmless(void **state)
{
    (void)state;
    static const struct region_ops none = { 0 };
    struct region r;
    region_init_io(&r, "none", 4, &none, NULL);
    assert_int_equal(region_io_read(&r, 0, 2), 0xffff);
    region_io_write(&r, 0, 1, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_are_fitted),
        cmocka_unit_test(writes_are_fitted),
        cmocka_unit_test(absent_callbacks_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
