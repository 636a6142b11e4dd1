/* test_kernel.c: what -kernel takes: Linux' setup header (boot.rst), the headers of Multiboot 1 and 2, ELF's and its
 * PVH note; and that no file, however broken, does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "elf_file.h"
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

/* Two segments at 1 MiB and behind it, a table of two sections, the second of which is not loaded. */
static void make_elf_file(struct bench *b)
{
    static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
    memcpy(b->image, ident, sizeof ident);
    put_le16(b->image + 18, 3);        /* e_machine */
    put_le32(b->image + 24, 0x100000); /* e_entry */
    put_le32(b->image + 28, 52);       /* e_phoff */
    put_le32(b->image + 32, 0x3000);   /* e_shoff */
    put_le16(b->image + 42, 32);       /* e_phentsize */
    put_le16(b->image + 44, 2);        /* e_phnum */
    put_le16(b->image + 46, 40);       /* e_shentsize */
    put_le16(b->image + 48, 2);        /* e_shnum */
    for (unsigned i = 0; i < 2; i++) {
        u8 *p = b->image + 52 + 32 * i;
        put_le32(p, 1);
        put_le32(p + 4, 0x1000 * (i + 1));
        put_le32(p + 12, 0x100000 + 0x10000 * i);
        put_le32(p + 16, 0x1000);
        put_le32(p + 20, 0x2000);
    }
    put_le32(b->image + 0x3000 + 40 + 4, 3); /* SHT_STRTAB */
    put_le32(b->image + 0x3000 + 40 + 16, 0x3100);
    put_le32(b->image + 0x3000 + 40 + 20, 0x80);
}

static void make_elf(struct bench *b)
{
    make_elf_file(b);
    put_le32(b->image + 256, 0x1badb002);
    put_le32(b->image + 260, 3);
    put_le32(b->image + 264, -(0x1badb002u + 3));
}

#define HEADER2 512 /* where the header of Multiboot 2 is */

/* Words behind the header's four. */
static void put_header2(struct bench *b, const u32 *words, unsigned n)
{
    u32 length = 16 + 4 * n;
    u8 *h = b->image + HEADER2;
    put_le32(h, 0xe85250d6);
    put_le32(h + 4, 0);
    put_le32(h + 8, length);
    put_le32(h + 12, -(0xe85250d6u + length));
    memcpy(h + 16, words, 4 * n);
}

static void make_multiboot2(struct bench *b)
{
    static const u32 tags[] = { 1, 16, 6, 9, 10, 24, 0x200000, 0x3ffffff, 0x100000, 1, 0, 8 };
    make_elf_file(b);
    put_header2(b, tags, ARRAY_LEN(tags));
}

static void make_multiboot2_addressed(struct bench *b)
{
    static const u32 tags[] = { 2, 24, 0x100200, 0x100000, 0x101000, 0x108000, 3, 12, 0x100300,
                                0, 5,  20,       640,      480,      32,       0, 0,  8 };
    put_header2(b, tags, ARRAY_LEN(tags));
}

/* An ELF file of 64 bits whose entry is a virtual address; Multiboot 1 would not take it. */
static void make_multiboot2_64(struct bench *b)
{
    static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    static const u32 tags[] = { 0, 8 };
    u8 *p = b->image + 64;
    memcpy(b->image, ident, sizeof ident);
    put_le16(b->image + 18, 62);                 /* e_machine */
    put_le64(b->image + 24, 0xffffffff80000010); /* e_entry */
    put_le64(b->image + 32, 64);                 /* e_phoff */
    put_le16(b->image + 54, 56);                 /* e_phentsize */
    put_le16(b->image + 56, 1);                  /* e_phnum */
    put_le32(p, 1);
    put_le32(p + 4, 5); /* PF_X | PF_R */
    put_le64(p + 8, 0x1000);
    put_le64(p + 16, 0xffffffff80000000);
    put_le64(p + 24, 0x200000);
    put_le64(p + 32, 0x1000);
    put_le64(p + 40, 0x3000);
    put_header2(b, tags, ARRAY_LEN(tags));
    put_le32(b->image + 256, 0x1badb002);
    put_le32(b->image + 264, -0x1badb002u);
}

static void make_pvh(struct bench *b)
{
    static const u32 note[] = { 4, 4, 18, 0x006e6558, 0x100010 };
    make_elf_file(b);
    put_le16(b->image + 44, 3);
    put_le32(b->image + 52 + 64, 4); /* PT_NOTE */
    put_le32(b->image + 52 + 64 + 4, 0x800);
    put_le32(b->image + 52 + 64 + 16, sizeof note);
    memcpy(b->image + 0x800, note, sizeof note);
}

static void (*const makers[])(struct bench *) = {
    make_linux, make_addressed, make_elf, make_multiboot2, make_multiboot2_addressed, make_pvh, make_multiboot2_64
};
static const enum machine_kernel_kind kinds[] = { MACHINE_KERNEL_LINUX,      MACHINE_KERNEL_MULTIBOOT,
                                                  MACHINE_KERNEL_MULTIBOOT,  MACHINE_KERNEL_MULTIBOOT2,
                                                  MACHINE_KERNEL_MULTIBOOT2, MACHINE_KERNEL_PVH,
                                                  MACHINE_KERNEL_MULTIBOOT2 };

static void good_kernels(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(makers); i++) {
        memset(b->image, 0, IMAGE);
        makers[i](b);
        b->kernel.command_line = "words";
        assert_null(check(b));
        assert_int_equal(machine_kernel_kind(&b->kernel), kinds[i]);
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
    make_elf(b);
    b->image[18] = 62; /* EM_X86_64 */
    assert_non_null(strstr(check(b), "32 bits"));
}

/* Where an entry point is that is given as a virtual address. */
static void entry_points(void **state)
{
    struct bench *b = *state;
    struct elf_file e;
    struct elf_extent extent;
    make_multiboot2_64(b);
    assert_null(elf_open(&e, b->image, IMAGE));
    assert_null(elf_measure(&e, &extent));
    assert_int_equal(extent.first, 0x200000);
    assert_int_equal(extent.end, 0x203000);
    assert_int_equal(extent.entry, 0x200010);
    put_le64(b->image + 64 + 24, UINT64_MAX - 0x1000); /* runs past the end of all addresses */
    assert_non_null(strstr(elf_open(&e, b->image, IMAGE), "impossible size"));
    put_le64(b->image + 64 + 24, 0x100000000);
    assert_non_null(strstr(check(b), "fit"));
    put_le64(b->image + 32, UINT64_MAX - 8);
    assert_non_null(strstr(elf_open(&e, b->image, IMAGE), "cut off"));
}

static void expect_multiboot2(struct bench *b, const u32 *tags, unsigned n, const char *words)
{
    memset(b->image, 0, IMAGE);
    make_elf_file(b);
    put_header2(b, tags, n);
    const char *why = check(b);
    if (!words)
        assert_null(why);
    else
        assert_non_null(strstr(why ? why : "", words));
}

/* What a kernel can't do without is refused, what it can is not. */
static void multiboot2_limits(void **state)
{
    struct bench *b = *state;
    static const u32 unknown[] = { 77, 8, 0, 8 }, optional[] = { 0x1004d, 8, 0, 8 }, efi[] = { 1, 12, 17, 0, 0, 8 },
                     optional_efi[] = { 0x10001, 12, 17, 0, 0, 8 }, strange[] = { 1, 12, 1000, 0, 0, 8 },
                     brief[] = { 2, 16, 0, 0, 0, 8 }, endless[] = { 6, 0, 0, 8 }, beyond[] = { 6, 800, 0, 8 },
                     nowhere[] = { 10, 24, 0x5000000, 0x6000000, 4096, 0, 0, 8 }, end[] = { 0, 8 },
                     no_entry[] = { 2, 24, 0x100200, 0x100000, 0, 0, 0, 8 },
                     backward[] = { 2, 24, 0x100000, 0x100200, 0, 0, 3, 12, 0x100000, 0, 0, 8 };
    expect_multiboot2(b, end, ARRAY_LEN(end), NULL);
    expect_multiboot2(b, unknown, ARRAY_LEN(unknown), "a feature of an unknown kind");
    expect_multiboot2(b, optional, ARRAY_LEN(optional), NULL);
    expect_multiboot2(b, efi, ARRAY_LEN(efi), "tag 17");
    expect_multiboot2(b, optional_efi, ARRAY_LEN(optional_efi), NULL);
    expect_multiboot2(b, strange, ARRAY_LEN(strange), "unknown kind");
    expect_multiboot2(b, brief, ARRAY_LEN(brief), "too short");
    expect_multiboot2(b, endless, ARRAY_LEN(endless), "cut off");
    expect_multiboot2(b, beyond, ARRAY_LEN(beyond), "cut off");
    expect_multiboot2(b, nowhere, ARRAY_LEN(nowhere), "where it can be");
    expect_multiboot2(b, no_entry, ARRAY_LEN(no_entry), "without an entry address");
    expect_multiboot2(b, backward, ARRAY_LEN(backward), "make no sense");
    b->kernel.modules = 1;
    b->kernel.module[0] = (struct machine_module){ b->initrd, RAM, "module" };
    expect_multiboot2(b, end, ARRAY_LEN(end), "fit");
    char words[0x8000];
    memset(words, 'x', sizeof words);
    words[sizeof words - 1] = 0;
    b->kernel.module[0] = (struct machine_module){ b->initrd, 1, words };
    expect_multiboot2(b, end, ARRAY_LEN(end), NULL); /* the file's name is not told */
    words[0] = ' ';
    expect_multiboot2(b, end, ARRAY_LEN(end), "too long");
}

static void pvh_limits(void **state)
{
    struct bench *b = *state;
    make_pvh(b);
    b->kernel.initrd = b->initrd;
    b->kernel.initrd_size = sizeof b->initrd;
    assert_null(check(b));
    b->kernel.initrd_size = RAM;
    assert_non_null(strstr(check(b), "fit"));
    b->kernel.initrd_size = 0;
    put_le32(b->image + 0x800 + 4, 2);
    assert_non_null(strstr(check(b), "impossible size"));
    put_le32(b->image + 0x800 + 4, 4000);
    assert_non_null(strstr(check(b), "without a note"));
    make_pvh(b);
    b->image[0x80c] = 'x'; /* somebody else's note */
    assert_non_null(strstr(check(b), "without a note"));
    make_pvh(b);
    put_le32(b->image + 52 + 4, IMAGE);
    assert_non_null(strstr(check(b), "cut off"));
    make_pvh(b);
    put_le32(b->image + 52 + 20, 1);
    assert_non_null(strstr(check(b), "impossible size"));
    make_pvh(b);
    put_le16(b->image + 18, 8); /* EM_MIPS */
    assert_non_null(strstr(check(b), "another processor"));
    put_le16(b->image + 18, 3);
    put_le16(b->image + 44, 0);
    assert_non_null(strstr(check(b), "object file"));
}

/* A byte of the headers at random, or a field with a value at some edge; files cut anywhere. */
static void damage(struct bench *b, u32 random)
{
    static const u16 fields[] = { 18,  24,  28,  32,  42,  44,  46,  48,  52,    56,    64,          68,         72,
                                  76,  80,  84,  88,  92,  116, 120, 132, 0x1f1, 0x206, 0x22c,       0x236,      0x238,
                                  256, 260, 520, 532, 536, 540, 544, 548, 0x800, 0x804, 0x3028 + 16, 0x3028 + 20 };
    static const u32 values[] = { 0,        1,          0x20,       0x7fff,     0xffff,    0x10000,
                                  0x100000, 0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX };
    if (random >> 31)
        put_le32(b->image + fields[(random >> 8) % ARRAY_LEN(fields)],
                 values[(random >> 16) % ARRAY_LEN(values)] + (random >> 28) - 12);
    else
        b->image[(random >> 8) % 640] = (u8)random;
}

/* The header's sum is right again, so that what is in it counts. */
static void mend_sum(struct bench *b)
{
    u8 *h = b->image + HEADER2;
    if (get_le32(h) == 0xe85250d6)
        put_le32(h + 12, -(get_le32(h) + get_le32(h + 4) + get_le32(h + 8)));
}

static void hostile_files(void **state)
{
    struct bench *b = *state;
    u32 random = 1;
    b->kernel.modules = 2;
    b->kernel.module[0] = b->kernel.module[1] = (struct machine_module){ b->initrd, sizeof b->initrd, "name words" };
    for (unsigned i = 0; i < FUZZ_RUNS; i++) {
        memset(b->image, 0, IMAGE);
        makers[i % ARRAY_LEN(makers)](b);
        for (unsigned n = 0; n < 3; n++) {
            random = random * 1664525 + 1013904223;
            damage(b, random ^ random >> 13);
        }
        mend_sum(b);
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
        cmocka_unit_test_setup_teardown(entry_points, setup, teardown),
        cmocka_unit_test_setup_teardown(multiboot2_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(pvh_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_files, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
