/* test_acpi_aml.c: the AML writer, by the encodings of the ACPI specification's chapter 20. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "acpi_aml.h"

#define EXPECT(aml, ...)                                                                                               \
    do {                                                                                                               \
        static const u8 bytes[] = { __VA_ARGS__ };                                                                     \
        assert_int_equal((aml).len, sizeof(bytes));                                                                    \
        assert_memory_equal((aml).data, bytes, sizeof(bytes));                                                         \
        (aml).len = 0;                                                                                                 \
    } while (0)

static void aml_encodings(void **state)
{
    u8 buf[256];
    struct aml a = { .data = buf, .room = sizeof(buf) };

    (void)state;
    aml_int(&a, 0);
    aml_int(&a, 1);
    aml_int(&a, 2);
    aml_int(&a, 0x100);
    aml_int(&a, 0x10000);
    EXPECT(a, 0x00, 0x01, 0x0a, 2, 0x0b, 0, 1, 0x0c, 0, 0, 1, 0);
    aml_ref(&a, "\\_SB.PCI0");
    EXPECT(a, '\\', 0x2e, '_', 'S', 'B', '_', 'P', 'C', 'I', '0');
    aml_ref(&a, "A.BC.DEF");
    EXPECT(a, 0x2f, 3, 'A', '_', '_', '_', 'B', 'C', '_', '_', 'D', 'E', 'F', '_');
    aml_ref(&a, "\\");
    EXPECT(a, '\\', 0);
    aml_eisa_id(&a, "PNP0A03");
    EXPECT(a, 0x0c, 0x41, 0xd0, 0x0a, 0x03);
    aml_string(&a, "X");
    EXPECT(a, 0x0d, 'X', 0);
    size_t res = aml_resources(&a);
    aml_res_irq(&a, 4);
    aml_resources_end(&a, res);
    EXPECT(a, 0x11, 8, 0x0a, 5, 0x22, 0x10, 0, 0x79, 0);
}

/* Package lengths at the borders between one, two and three bytes. */
static void aml_package_lengths(void **state)
{
    static u8 buf[8192];
    static const struct {
        size_t content;
        u8 bytes[3];
        unsigned n;
    } table[] = { { 61, { 0x3f - 1 }, 1 },
                  { 62, { 0x3f }, 1 },
                  { 63, { 0x41, 0x04 }, 2 },
                  { 4093, { 0x4f, 0xff }, 2 },
                  { 4094, { 0x81, 0x00, 0x01 }, 3 } };

    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(table); i++) {
        struct aml a = { .data = buf, .room = sizeof(buf) };
        aml_u8(&a, 0xa0);
        size_t mark = a.len;
        for (size_t n = 0; n < table[i].content; n++)
            aml_u8(&a, (u8)n);
        aml_end(&a, mark);
        assert_int_equal(a.len, 1 + table[i].n + table[i].content);
        assert_memory_equal(buf + 1, table[i].bytes, table[i].n);
        assert_int_equal(buf[1 + table[i].n], 0);
        assert_int_equal(buf[a.len - 1], (u8)(table[i].content - 1));
    }
}

static void aml_room_runs_out(void **state)
{
    u8 buf[64];

    (void)state;
    for (size_t room = 0; room < sizeof(buf); room++) {
        struct aml a = { .data = buf, .room = room };
        memset(buf, 0xcc, sizeof(buf));
        size_t outer = a.len;
        aml_bytes(&a, "0123456789abcd", 14);
        size_t res = aml_resources(&a);
        aml_res_memory_range64(&a, 0, 0xfff, true);
        aml_resources_end(&a, res);
        aml_end(&a, outer);
        assert_true(a.full); /* 66 bytes are needed */
        assert_true(a.len <= room);
        for (size_t i = room; i < sizeof(buf); i++)
            assert_int_equal(buf[i], 0xcc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aml_encodings),
        cmocka_unit_test(aml_package_lengths),
        cmocka_unit_test(aml_room_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
