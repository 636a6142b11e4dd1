/* test_smbios.c: the SMBIOS tables, read as DMTF DSP0134 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "smbios.h"

static const struct smbios_machine computer = {
    .manufacturer = "QEMU",
    .product = "Standard PC (i440FX + PIIX, 1996)",
    .version = "pc-i440fx-7.2",
    .uuid = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff },
    .cpus = 2,
    .cpu_cores = 4,
    .cpu_threads = 2,
    .cpu_mhz = 1000,
    .ram = { { 0, 0xc0000000 }, { 0x100000000, 0x540000000 } },
    .rams = 2,
};

/* String number `n` of the structure at p. */
static const char *smbios_string(const u8 *p, u8 n)
{
    const char *s = (const char *)p + p[1];

    while (--n)
        s += strlen(s) + 1;
    return s;
}

static const u8 *smbios_next(const u8 *p)
{
    const u8 *s = p + p[1];

    while (s[0] || s[1])
        s++;
    return s + 2;
}

static void smbios_structures(void **state)
{
    static const u8 types[] = { 1, 3, 4, 4, 16, 17, 17, 19, 19, 32, 127 };
    struct smbios *s = calloc(1, sizeof(*s));
    u16 largest = 0;

    (void)state;
    assert_true(smbios_build(s, &computer));
    const u8 *p = s->tables;
    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        assert_int_equal(p[0], types[i]);
        u16 size = (u16)(smbios_next(p) - p);
        largest = size > largest ? size : largest;
        p = smbios_next(p);
    }
    assert_ptr_equal(p, s->tables + s->len);
    assert_memory_equal(s->anchor, "_SM_", 4);
    assert_int_equal(s->anchor[6] << 8 | s->anchor[7], 0x0208);
    assert_int_equal(get_le16(s->anchor + 8), largest);
    assert_memory_equal(s->anchor + 16, "_DMI_", 5);
    assert_int_equal(get_le16(s->anchor + 22), s->len);
    assert_int_equal(get_le16(s->anchor + 28), ARRAY_LEN(types));
    free(s);
}

static void smbios_values(void **state)
{
    static const u8 uuid[] = { 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                               0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
    struct smbios *s = calloc(1, sizeof(*s));

    (void)state;
    assert_true(smbios_build(s, &computer));
    const u8 *p = s->tables;
    assert_string_equal(smbios_string(p, p[4]), "QEMU");
    assert_string_equal(smbios_string(p, p[5]), "Standard PC (i440FX + PIIX, 1996)");
    assert_memory_equal(p + 8, uuid, 16);
    while (p[0] != 4)
        p = smbios_next(p);
    assert_int_equal(p[0x23], 4); /* cores, those that are enabled, threads (7.5) */
    assert_int_equal(p[0x24], 4);
    assert_int_equal(p[0x25], 2);
    while (p[0] != 16)
        p = smbios_next(p);
    assert_int_equal(get_le32(p + 7), 24 * 1024 * 1024); /* KiB */
    assert_int_equal(get_le16(p + 13), 2);
    p = smbios_next(p); /* 16 GiB */
    assert_int_equal(get_le16(p + 12), 0x4000);
    assert_string_equal(smbios_string(p, p[16]), "DIMM 0");
    p = smbios_next(p); /* 8 GiB */
    assert_int_equal(get_le16(p + 12), 0x2000);
    p = smbios_next(p);
    assert_int_equal(get_le32(p + 4), 0);
    assert_int_equal(get_le32(p + 8), 0xc0000000 / 1024 - 1);
    p = smbios_next(p);
    assert_int_equal(get_le32(p + 4), 0x400000);
    free(s);
}

static void smbios_room_runs_out(void **state)
{
    struct smbios *s = calloc(1, sizeof(*s));
    struct smbios_machine m = computer;

    (void)state;
    m.cpus = 4000;
    assert_false(smbios_build(s, &m));
    assert_true(s->len <= SMBIOS_ROOM);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smbios_structures),
        cmocka_unit_test(smbios_values),
        cmocka_unit_test(smbios_room_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
