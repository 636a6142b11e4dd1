/* test_acpi_asl.c: the assembler of AML: what it writes, by the encodings of the ACPI specification's chapter 20. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "acpi_asl.h"

static u8 buf[8192];

#define EXPECT(...)                                                                                                    \
    do {                                                                                                               \
        static const u8 bytes[] = { __VA_ARGS__ };                                                                     \
        assert_int_equal(a.len, sizeof(bytes));                                                                        \
        assert_memory_equal(a.data, bytes, sizeof(bytes));                                                             \
    } while (0)
#define ASSEMBLE(...)                                                                                                  \
    struct aml a = { .data = buf, .room = sizeof(buf) };                                                               \
    (void)state;                                                                                                       \
    asl(&a, __VA_ARGS__)

static void data(void **state)
{
    ASSEMBLE("0 1 2 0x100 65536 \"text\" (eisa \"PNP0A03\") (buffer 2 7 0xff) (package 2 %u NAME)", 3);
    EXPECT(0x00, 0x01, 0x0a, 2, 0x0b, 0, 1, 0x0c, 0, 0, 1, 0, 0x0d, 't', 'e', 'x', 't', 0, 0x0c, 0x41, 0xd0, 0x0a, 0x03,
           0x11, 5, 0x0a, 2, 7, 0xff, 0x12, 8, 2, 0x0a, 3, 'N', 'A', 'M', 'E');
}

static void names(void **state)
{
    ASSEMBLE("\\_SB.PCI0 FOO \\ A.BC.DEF -");
    EXPECT('\\', 0x2e, '_', 'S', 'B', '_', 'P', 'C', 'I', '0', 'F', 'O', 'O', '_', '\\', 0, 0x2f, 3, 'A', '_', '_', '_',
           'B', 'C', '_', '_', 'D', 'E', 'F', '_', 0);
}

static void objects(void **state)
{
    ASSEMBLE("(scope \\ (name _UID 1)) (method FOO 10 (return 0)) (mutex LOCK 0) (processor C000 7 0x10203 6)\n"
             "(region PORT 1 0x70 2) (field PORT 0x41 - 3 BITS 5)");
    EXPECT(0x10, 9, '\\', 0, 0x08, '_', 'U', 'I', 'D', 1,                        /* Scope (\) { Name (_UID, 1) } */
           0x14, 8, 'F', 'O', 'O', '_', 0x0a, 0xa4, 0,                           /* Method (FOO, 2, Serialized) */
           0x5b, 0x01, 'L', 'O', 'C', 'K', 0,                                    /* Mutex */
           0x5b, 0x83, 11, 'C', '0', '0', '0', 7, 3, 2, 1, 0, 6,                 /* Processor */
           0x5b, 0x80, 'P', 'O', 'R', 'T', 1, 0x0a, 0x70, 0x0a, 2,               /* OperationRegion */
           0x5b, 0x81, 13, 'P', 'O', 'R', 'T', 0x41, 0, 3, 'B', 'I', 'T', 'S', 5 /* Field */
    );
}

static void statements(void **state)
{
    ASSEMBLE("(if (lnot (lequal local0 arg6)) (store 1 local7) break) (else (increment local1))"
             "(acquire LOCK 0xffff) (release LOCK) (store (derefof (index NAME 0 -)) debug)");
    EXPECT(0xa0, 9, 0x92, 0x93, 0x60, 0x6e, 0x70, 1, 0x67, 0xa5, 0xa1, 3, 0x75, 0x61, /* If, Else */
           0x5b, 0x23, 'L', 'O', 'C', 'K', 0xff, 0xff, 0x5b, 0x27, 'L', 'O', 'C', 'K', 0x70, 0x83, 0x88, 'N', 'A', 'M',
           'E', 0, 0, 0x5b, 0x31);
}

static void resource_templates(void **state)
{
    ASSEMBLE("(resources (io 0x3f8 0 8) (irq 4) (dma 2) (interrupts 5 10) (memory32 0xfed00000 0x400 0))"
             "(resources (bus 0 255) (ports 0 0xcf7) (range32 0xa0000 0xbffff 1))");
    EXPECT(0x11, 44, 0x0a, 41, 0x47, 1, 0xf8, 3, 0xf8, 3, 0, 8, 0x22, 0x10, 0, 0x2a, 4, 0, /* IO, IRQ, DMA */
           0x89, 10, 0, 9, 2, 5, 0, 0, 0, 10, 0, 0, 0, 0x86, 9, 0, 0, 0, 0, 0xd0, 0xfe, 0, 4, 0, 0, 0x79, 0, 0x11, 0x3f,
           0x0a, 60, 0x88, 13, 0, 2, 12, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 1, /* bus numbers */
           0x88, 13, 0, 1, 12, 3, 0, 0, 0, 0, 0xf7, 0x0c, 0, 0, 0xf8, 0x0c, /* ports */
           0x87, 23, 0, 0, 12, 3, 0, 0, 0, 0, 0, 0, 0x0a, 0, 0xff, 0xff, 0x0b, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0x79, 0);
}

static void an_object_of_several_calls(void **state)
{
    ASSEMBLE("(name A 0)");
    a.len = 0;
    size_t outer = asl_open_device(&a, "DEV"), inner = asl_open_method(&a, "M", 1);
    for (int i = 0; i < 3; i++)
        asl(&a, "(store %d local0)", i);
    asl_close(&a, inner);
    asl_close(&a, outer);
    EXPECT(0x5b, 0x82, 0x16, 'D', 'E', 'V', '_', 0x14, 16, 'M', '_', '_', '_', 1, 0x70, 0, 0x60, 0x70, 1, 0x60, 0x70,
           0x0a, 2, 0x60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data),
        cmocka_unit_test(names),
        cmocka_unit_test(objects),
        cmocka_unit_test(statements),
        cmocka_unit_test(resource_templates),
        cmocka_unit_test(an_object_of_several_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
