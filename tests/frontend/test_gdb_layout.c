/* test_gdb_layout.c: the registers as GDB sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "layout.h"

#define ARCHES 3

static unsigned find(enum layout_arch arch, const char *name)
{
    char *xml = NULL, want[64];
    size_t size = 0;
    unsigned n = 0;
    FILE *out = open_memstream(&xml, &size);
    layout_print_xml(arch, out);
    fclose(out);
    snprintf(want, sizeof want, "<reg name=\"%s\"", name);
    const char *at = strstr(xml, want);
    assert_non_null(at);
    for (const char *p = xml; (p = strstr(p, "<reg ")) && p < at; p++)
        n++;
    free(xml);
    return n;
}

/* Numbers that GDB's users and QEMU's scripts know. */
static void test_numbers_are_those_of_qemu(void **state)
{
    assert_int_equal(find(LAYOUT_AMD64, "rax"), 0);
    assert_int_equal(find(LAYOUT_AMD64, "rip"), 16);
    assert_int_equal(find(LAYOUT_AMD64, "eflags"), 17);
    assert_int_equal(find(LAYOUT_AMD64, "gs"), 23);
    assert_int_equal(find(LAYOUT_AMD64, "fs_base"), 24);
    assert_int_equal(find(LAYOUT_AMD64, "cr0"), 27);
    assert_int_equal(find(LAYOUT_AMD64, "efer"), 32);
    assert_int_equal(find(LAYOUT_AMD64, "st0"), 33);
    assert_int_equal(find(LAYOUT_AMD64, "xmm0"), 49);
    assert_int_equal(find(LAYOUT_AMD64, "mxcsr"), 65);
    assert_int_equal(find(LAYOUT_I386, "eip"), 8);
    assert_int_equal(find(LAYOUT_I386, "mxcsr"), 49);
    (void)state;
}

/* Every register that is put comes back, and no other changes. */
static void test_what_is_put_is_got(void **state)
{
    for (enum layout_arch arch = 0; arch < ARCHES; arch++)
        for (unsigned n = 0; n < layout_count(arch); n++) {
            struct debug_registers r = { .ftw = 0xff };
            u8 put[LAYOUT_VALUE_MAX] = { 0x54, 0x55 }, got[LAYOUT_VALUE_MAX] = { 0 };
            unsigned bytes = layout_bytes(arch, n);
            for (unsigned i = 2; i < bytes && i < sizeof put; i++)
                put[i] =
                    bytes == 16 || bytes == 10 ? (u8)(0x11 * i) : 0; /* 16-bit registers have 32 bits in the protocol */
            layout_put(arch, n, &r, put);
            assert_int_equal(layout_get(arch, n, &r, got), bytes);
            if (n != find(arch, "ftag"))
                assert_memory_equal(put, got, bytes);
        }
    (void)state;
}

static void test_narrow_layouts_keep_the_upper_half(void **state)
{
    struct debug_registers r = { .gpr = { 0x1122334455667788 } };
    u8 value[LAYOUT_VALUE_MAX] = { 1 };
    layout_put(LAYOUT_I386, 0, &r, value);
    assert_int_equal(r.gpr[0], 0x1122334400000001);
    (void)state;
}

static void test_sixteen_bit_code_is_seen_linearly(void **state)
{
    struct debug_registers r = { .rip = 0xfff0 };
    u32 value;
    u8 bytes[LAYOUT_VALUE_MAX];
    r.seg[DEBUG_CS].base = 0xffff0000;
    r.seg[DEBUG_SS].base = 0x12340;
    r.gpr[4] = 0x10;
    layout_get(LAYOUT_I8086, 8, &r, bytes);
    memcpy(&value, bytes, 4);
    assert_int_equal(value, 0xfffffff0);
    layout_get(LAYOUT_I8086, 4, &r, bytes);
    memcpy(&value, bytes, 4);
    assert_int_equal(value, 0x12350);
    layout_get(LAYOUT_I386, 8, &r, bytes);
    memcpy(&value, bytes, 4);
    assert_int_equal(value, 0xfff0);
    (void)state;
}

/* SDM vol. 1, figure 8-7. */
static void test_the_tag_word_is_whole(void **state)
{
    struct debug_registers r = { .ftw = 0x7, .fsw = 3 << 11 };
    u8 bytes[LAYOUT_VALUE_MAX];
    u32 value;
    r.fpr[0].mantissa = BIT64(63); /* 1.0 */
    r.fpr[0].exponent = 0x3fff;
    r.fpr[2].exponent = 0x7fff; /* 1 is zero, 2 special, the rest empty */
    r.fpr[3].mantissa = 0x55;
    layout_get(LAYOUT_AMD64, find(LAYOUT_AMD64, "ftag"), &r, bytes);
    memcpy(&value, bytes, 4);
    assert_int_equal(value, 0xffe4);
    layout_get(LAYOUT_AMD64, find(LAYOUT_AMD64, "st0"), &r, bytes);
    assert_int_equal(bytes[0], 0x55);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_those_of_qemu),
        cmocka_unit_test(test_what_is_put_is_got),
        cmocka_unit_test(test_narrow_layouts_keep_the_upper_half),
        cmocka_unit_test(test_sixteen_bit_code_is_seen_linearly),
        cmocka_unit_test(test_the_tag_word_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
