/* test_kernel.c: what -kernel takes: Linux' setup header (boot.rst), Multiboot's header and ELF's; and that no file,
 * however broken, does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "machine.h"

#define RAM (64 * MIB)
#define IMAGE 16384u
#define FUZZ_RUNS 20000u

struct bench {
    struct log log;
    u8 image[IMAGE], initrd[PAGE_SIZE];
    struct machine_kernel kernel;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    log_init(&b->log, NULL);
    b->kernel = (struct machine_kernel){ .image = b->image, .size = IMAGE, .name = "kernel" };
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static const char *check(struct bench *b)
{
    return machine_kernel_check(&b->kernel, RAM, &b->log);
}

static void make_linux(struct bench *b)
{
    b->image[0x1f1] = 4;
    memcpy(b->image + 0x202, "HdrS", 4);
    put_le16(b->image + 0x206, 0x20f);
    b->image[0x211] = 1;
    put_le32(b->image + 0x22c, 0x7fffffff);
    put_le32(b->image + 0x238, 2047);
}

static void make_addressed(struct bench *b)
{
    u8 *h = b->image + 64;
    put_le32(h, 0x1badb002);
    put_le32(h + 4, 0x10000);
    put_le32(h + 8, -(0x1badb002u + 0x10000));
    put_le32(h + 12, 0x100040);
    put_le32(h + 16, 0x100000);
    put_le32(h + 20, 0x101000);
    put_le32(h + 24, 0x108000);
    put_le32(h + 28, 0x100100);
}

static void make_elf(struct bench *b)
{
    static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
    memcpy(b->image, ident, sizeof ident);
    put_le16(b->image + 18, 3);        /* e_machine */
    put_le32(b->image + 24, 0x100000); /* e_entry */
    put_le32(b->image + 28, 52);       /* e_phoff */
    put_le16(b->image + 42, 32);       /* e_phentsize */
    put_le16(b->image + 44, 2);        /* e_phnum */
    for (unsigned i = 0; i < 2; i++) {
        u8 *p = b->image + 52 + 32 * i;
        put_le32(p, 1);
        put_le32(p + 4, 0x1000 * (i + 1));
        put_le32(p + 12, 0x100000 + 0x10000 * i);
        put_le32(p + 16, 0x1000);
        put_le32(p + 20, 0x2000);
    }
    put_le32(b->image + 256, 0x1badb002);
    put_le32(b->image + 260, 3);
    put_le32(b->image + 264, -(0x1badb002u + 3));
}

static void (*const makers[])(struct bench *) = { make_linux, make_addressed, make_elf };

static void good_kernels(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(makers); i++) {
        memset(b->image, 0, IMAGE);
        makers[i](b);
        b->kernel.command_line = "words";
        assert_null(check(b));
        assert_int_equal(machine_is_multiboot(&b->kernel), i > 0);
    }
}

static void linux_limits(void **state)
{
    struct bench *b = *state;
    char words[2049];
    memset(words, 'x', sizeof words);
    words[2048] = 0;
    make_linux(b);
    b->kernel.command_line = words;
    assert_non_null(strstr(check(b), "command line"));
    words[2047] = 0;
    assert_null(check(b));
    b->kernel.initrd = b->initrd;
    b->kernel.initrd_size = RAM;
    assert_non_null(strstr(check(b), "fit"));
    b->kernel.initrd_size = sizeof b->initrd;
    assert_null(check(b));
    put_le16(b->image + 0x206, 0x201);
    assert_non_null(strstr(check(b), "older than 2.02"));
    put_le16(b->image + 0x206, 0x20f);
    b->kernel.size = 5 * 512; /* the setup code alone */
    assert_non_null(strstr(check(b), "cut off"));
    b->kernel.size = 16;
    assert_non_null(strstr(check(b), "neither"));
}

static void multiboot_limits(void **state)
{
    struct bench *b = *state;
    make_addressed(b);
    put_le32(b->image + 64 + 16, 0x8000); /* over the firmware's data */
    put_le32(b->image + 64 + 12, 0x8040);
    put_le32(b->image + 64 + 20, 0x9000);
    assert_non_null(strstr(check(b), "fit"));
    make_addressed(b);
    put_le32(b->image + 64 + 24, RAM); /* to the end of memory */
    assert_non_null(strstr(check(b), "fit"));
    make_addressed(b);
    put_le32(b->image + 64 + 20, 0x100000 + IMAGE + 1);
    assert_non_null(strstr(check(b), "cut off"));
    put_le32(b->image + 64 + 20, 0x1000);
    assert_non_null(strstr(check(b), "cut off"));
    memset(b->image, 0, IMAGE);
    make_elf(b);
    b->kernel.modules = 1;
    b->kernel.module[0] = (struct machine_module){ b->initrd, RAM, "module" };
    assert_non_null(strstr(check(b), "fit"));
    b->kernel.modules = 0;
    put_le32(b->image + 52 + 16, IMAGE);
    assert_non_null(check(b));
    b->image[4] = 2; /* ELFCLASS64 */
    assert_non_null(strstr(check(b), "32 bits"));
}

/* Fields of headers at random, files cut anywhere. */
static void hostile_files(void **state)
{
    static const u16 fields[] = { 28, 42, 44, 52,    56,    64,    68,    72,    76, 80,
                                  84, 88, 92, 0x1f1, 0x206, 0x22c, 0x236, 0x238, 256 };
    static const u32 values[] = { 0,        1,          0x20,       0x7fff,     0xffff,    0x10000,
                                  0x100000, 0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX };
    struct bench *b = *state;
    u32 random = 1;
    for (unsigned i = 0; i < FUZZ_RUNS; i++) {
        memset(b->image, 0, IMAGE);
        makers[i % ARRAY_LEN(makers)](b);
        for (unsigned n = 0; n < 3; n++) {
            random = random * 1664525 + 1013904223;
            unsigned at = fields[(random >> 8) % ARRAY_LEN(fields)];
            put_le32(b->image + at, values[(random >> 16) % ARRAY_LEN(values)] + (random >> 28) - 8);
        }
        size_t size = i % 4 ? IMAGE : random % IMAGE;
        u8 *file = malloc(size ? size : 1); /* of its size, so that a byte too far is seen */
        memcpy(file, b->image, size);
        b->kernel.image = file;
        b->kernel.size = size;
        check(b);
        free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_kernels, setup, teardown),
        cmocka_unit_test_setup_teardown(linux_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(multiboot_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_files, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
