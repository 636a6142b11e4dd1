/* test_fw_cfg.c: the firmware configuration device, register by register: selector, data port, DMA, directory, and the
 * items that the machine gives to SeaBIOS. Follows QEMU's docs/specs/fw_cfg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "acpi_tables.h"
#include "fw_cfg.h"
#include "harness.h"
#include "smbios.h"

#define SELECTOR 0
#define DATA 1

#define DMA_ERROR 0x01
#define DMA_READ 0x02
#define DMA_SKIP 0x04
#define DMA_SELECT 0x08
#define DMA_WRITE 0x10

#define DESC 0x1000
#define TARGET 0x2000

struct bench {
    struct harness h;
    struct fw_cfg dev;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    harness_init(&b->h);
    fw_cfg_init(&b->dev, b->h.dma, &b->h.log);
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

static void select_key(struct bench *b, u16 key)
{
    harness_write(&b->h, &b->dev.region, SELECTOR, key, 2);
}

static u8 next(struct bench *b)
{
    return (u8)harness_read(&b->h, &b->dev.region, DATA, 1);
}

static void read_bytes(struct bench *b, void *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        ((u8 *)out)[i] = next(b);
}

static u32 read_be32(struct bench *b)
{
    u8 bytes[4];

    read_bytes(b, bytes, 4);
    return __builtin_bswap32(get_le32(bytes));
}

/* The selector of file `name`, found as firmware finds it; 0 when it is not there. */
static u16 find_file(struct bench *b, const char *name, u32 *size)
{
    select_key(b, FW_CFG_FILE_DIR);
    u32 count = read_be32(b);
    for (u32 i = 0; i < count; i++) {
        u8 entry[FW_CFG_DIR_ENTRY];
        read_bytes(b, entry, sizeof(entry));
        if (strcmp((char *)entry + 8, name) != 0)
            continue;
        *size = __builtin_bswap32(get_le32(entry));
        return __builtin_bswap16(get_le16(entry + 4));
    }
    return 0;
}

static void signature_and_version(void **state)
{
    struct bench *b = *state;
    char text[6];
    u8 id[4];

    read_bytes(b, text, 6); /* item 0 is selected after a reset; past its end: zeros */
    assert_memory_equal(text, "QEMU\0\0", 6);
    select_key(b, FW_CFG_ID);
    read_bytes(b, id, 4);
    assert_int_equal(get_le32(id), 3);
    select_key(b, FW_CFG_SIGNATURE); /* selecting rewinds */
    assert_int_equal(next(b), 'Q');
    assert_int_equal(harness_read(&b->h, &b->dev.region, SELECTOR, 1), 'E'); /* both ports read as data */
}

static void keys_out_of_range(void **state)
{
    struct bench *b = *state;
    static const u16 keys[] = { 0x18, 0x1f, 0x20, 0x3f, 0x40, 0x3fff, 0x4040, 0x8000, 0x801f, 0x8020, 0x803f, 0xffff };

    for (unsigned i = 0; i < ARRAY_LEN(keys); i++) {
        select_key(b, keys[i]);
        for (unsigned n = 0; n < 100; n++)
            assert_int_equal(next(b), 0);
    }
    select_key(b, 0x4000); /* the write channel of item 0 reads as the item */
    assert_int_equal(next(b), 'Q');
}

static void items_are_read_only(void **state)
{
    struct bench *b = *state;

    select_key(b, FW_CFG_SIGNATURE);
    harness_write(&b->h, &b->dev.region, DATA, 'X', 1);
    assert_int_equal(next(b), 'Q');
    assert_true(harness_logged(&b->h, "read-only"));
}

static void architecture_keys(void **state)
{
    struct bench *b = *state;
    u8 bytes[4];

    assert_true(fw_cfg_add_u32(&b->dev, FW_CFG_IRQ0_OVERRIDE, 0x12345678));
    select_key(b, FW_CFG_IRQ0_OVERRIDE);
    read_bytes(b, bytes, 4);
    assert_int_equal(get_le32(bytes), 0x12345678);
    select_key(b, FW_CFG_IRQ0_OVERRIDE & 0x7fff); /* not the same item */
    assert_int_equal(next(b), 0);
}

static void directory_is_sorted(void **state)
{
    struct bench *b = *state;
    u32 size;

    assert_true(fw_cfg_add_file_copy(&b->dev, "etc/zebra", "zz", 2));
    assert_true(fw_cfg_add_file_copy(&b->dev, "bootorder", "b", 1));
    assert_true(fw_cfg_add_file(&b->dev, "etc/middle", "mmm", 3, 10));
    assert_false(fw_cfg_add_file_copy(&b->dev, "etc/zebra", "again", 5));
    select_key(b, FW_CFG_FILE_DIR);
    assert_int_equal(read_be32(b), 3);
    assert_int_equal(find_file(b, "bootorder", &size), 0x20);
    assert_int_equal(size, 1);
    assert_int_equal(find_file(b, "etc/middle", &size), 0x21);
    assert_int_equal(size, 10);
    assert_int_equal(find_file(b, "etc/zebra", &size), 0x22);
    select_key(b, 0x22);
    assert_int_equal(next(b), 'z');
    select_key(b, 0x21); /* the bytes that are not stored are zero */
    for (unsigned i = 0; i < 12; i++)
        assert_int_equal(next(b), i < 3 ? 'm' : 0);
}

static void directory_fills_up(void **state)
{
    struct bench *b = *state;
    char name[FW_CFG_NAME_LEN + 1];

    memset(name, 'x', sizeof(name));
    name[FW_CFG_NAME_LEN] = 0;
    assert_false(fw_cfg_add_file_copy(&b->dev, name, "", 0)); /* no room for the NUL */
    for (unsigned i = 0; i < FW_CFG_FILE_SLOTS; i++) {
        snprintf(name, sizeof(name), "file%02u", i);
        assert_true(fw_cfg_add_file_copy(&b->dev, name, &i, 1));
    }
    assert_false(fw_cfg_add_file_copy(&b->dev, "one too many", "", 0));
    select_key(b, 0x3f);
    assert_int_equal(next(b), 31);
}

static void pool_runs_out(void **state)
{
    struct bench *b = *state;
    static const u8 big[FW_CFG_POOL];

    assert_false(fw_cfg_add(&b->dev, FW_CFG_UUID, big, sizeof(big))); /* signature and version stand there, too */
    assert_false(fw_cfg_add_file_copy(&b->dev, "big", big, sizeof(big)));
}

/* DMA */

static void put_desc(struct bench *b, u32 control, u32 length, u64 addr)
{
    put_le32(b->h.ram + DESC, __builtin_bswap32(control));
    put_le32(b->h.ram + DESC + 4, __builtin_bswap32(length));
    put_le64(b->h.ram + DESC + 8, __builtin_bswap64(addr));
}

/* Starts a transfer as SeaBIOS does, and returns the control word afterwards. */
static u32 dma_go(struct bench *b, u32 control, u32 length, u64 addr)
{
    put_desc(b, control, length, addr);
    harness_write(&b->h, &b->dev.dma_region, 0, 0, 4);
    harness_write(&b->h, &b->dev.dma_region, 4, __builtin_bswap32(DESC), 4);
    return __builtin_bswap32(get_le32(b->h.ram + DESC));
}

static void dma_signature(void **state)
{
    struct bench *b = *state;
    static const char text[8] = "QEMU CFG";

    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(harness_read(&b->h, &b->dev.dma_region, i, 1), text[i]);
    assert_int_equal(harness_read(&b->h, &b->dev.dma_region, 0, 4), 0x554d4551);
    assert_int_equal(harness_read(&b->h, &b->dev.dma_region, 4, 4), 0x47464320);
}

static void dma_reads(void **state)
{
    struct bench *b = *state;

    memset(b->h.ram + TARGET, 0xaa, 16);
    assert_int_equal(dma_go(b, DMA_SELECT | DMA_READ | FW_CFG_SIGNATURE << 16, 8, TARGET), 0);
    assert_memory_equal(b->h.ram + TARGET, "QEMU\0\0\0\0\xaa", 9);
    /* the next read goes on where this one ended: past the end */
    assert_int_equal(next(b), 0);
    assert_int_equal(dma_go(b, DMA_SELECT | DMA_SKIP | FW_CFG_SIGNATURE << 16, 2, 0), 0);
    assert_int_equal(next(b), 'M');
    assert_int_equal(dma_go(b, DMA_READ, 1, TARGET), 0);
    assert_int_equal(b->h.ram[TARGET], 'U');
}

static void dma_one_64_bit_write(void **state)
{
    struct bench *b = *state;

    put_desc(b, DMA_SELECT | DMA_READ, 4, TARGET);
    harness_write(&b->h, &b->dev.dma_region, 0, __builtin_bswap64(DESC), 8);
    assert_memory_equal(b->h.ram + TARGET, "QEMU", 4);
}

static void dma_refuses_writes(void **state)
{
    struct bench *b = *state;

    memcpy(b->h.ram + TARGET, "hack", 4);
    assert_int_equal(dma_go(b, DMA_SELECT | DMA_WRITE, 4, TARGET), DMA_ERROR);
    select_key(b, FW_CFG_SIGNATURE);
    assert_int_equal(next(b), 'Q');
}

/* A guest can ask for 4 GiB from an item of four bytes: what exists is delivered, the rest is an error. */
static void dma_is_bounded(void **state)
{
    struct bench *b = *state;

    assert_int_equal(dma_go(b, DMA_SELECT | DMA_READ, UINT32_MAX, TARGET), DMA_ERROR);
    assert_memory_equal(b->h.ram + TARGET, "QEMU", 4);
    assert_int_equal(dma_go(b, DMA_SELECT | DMA_READ | 0xffffu << 16, UINT32_MAX, TARGET), DMA_ERROR);
    assert_int_equal(dma_go(b, DMA_SELECT | DMA_SKIP, UINT32_MAX, TARGET), 0);
    assert_int_equal(next(b), 0);
}

static void dma_over_its_own_descriptor(void **state)
{
    struct bench *b = *state;

    assert_int_equal(dma_go(b, DMA_SELECT | DMA_READ, 4, DESC), 0); /* the control word is written last */
}

static void dma_reads_padding(void **state)
{
    struct bench *b = *state;

    fw_cfg_add_file(&b->dev, "padded", "abc", 3, 1000);
    memset(b->h.ram + TARGET, 0xaa, 1001);
    assert_int_equal(dma_go(b, DMA_SELECT | DMA_READ | 0x20 << 16, 1000, TARGET), 0);
    assert_memory_equal(b->h.ram + TARGET, "abc\0", 4);
    assert_int_equal(b->h.ram[TARGET + 999], 0);
    assert_int_equal(b->h.ram[TARGET + 1000], 0xaa);
}

/* The machine's items */

/* What a machine of 1 GiB with an HPET says of itself. */
static void describe_machine(struct bench *b, const char *boot_order)
{
    static struct acpi_tables acpi;
    static struct smbios smbios;
    const struct e820_entry e820[] = { { 0xfd00000000, 0x300000000, E820_RESERVED }, { 0, 0x40000000, E820_RAM } };
    const struct acpi_machine am = { .cpus = 1 };
    const struct smbios_machine sm = { .manufacturer = "M", .product = "P", .version = "V", .cpus = 1 };
    struct fw_cfg_machine m = { .ram_size = 0x40000000, .cpus = 1, .max_cpus = 2, .hpet_base = 0xfed00000 };

    m.e820 = e820;
    m.e820_entries = ARRAY_LEN(e820);
    m.boot_order = boot_order;
    m.boot_fail_wait = -1;
    m.acpi = &acpi;
    m.smbios = &smbios;
    assert_true(acpi_build(&acpi, &am));
    assert_true(smbios_build(&smbios, &sm));
    assert_true(fw_cfg_add_machine(&b->dev, &m));
}

static void machine_items(void **state)
{
    struct bench *b = *state;
    static const u8 hpet[] = { 1, 0x01, 0xa2, 0x86, 0x80, 0, 0, 0xd0, 0xfe, 0, 0, 0, 0, 0, 0, 0 };
    u8 buf[sizeof(hpet)];

    describe_machine(b, NULL);
    select_key(b, FW_CFG_RAM_SIZE);
    read_bytes(b, buf, 8);
    assert_int_equal(get_le64(buf), 0x40000000);
    select_key(b, FW_CFG_NB_CPUS);
    read_bytes(b, buf, 3);
    assert_memory_equal(buf, "\1\0\0", 3);
    select_key(b, FW_CFG_MAX_CPUS);
    read_bytes(b, buf, 3);
    assert_memory_equal(buf, "\2\0\0", 3);
    select_key(b, FW_CFG_HPET);
    read_bytes(b, buf, sizeof(hpet));
    assert_memory_equal(buf, hpet, sizeof(hpet));
}

static void machine_files(void **state)
{
    struct bench *b = *state;
    static const char order[] = "/pci@i0cf8/ide@1,1";
    static const u8 states[] = { 0x80, 0, 0, 0x01, 0x02, 0x80 };
    u8 buf[64];
    u32 size;

    describe_machine(b, order);
    select_key(b, find_file(b, "etc/e820", &size));
    assert_int_equal(size, 40);
    read_bytes(b, buf, 40);
    assert_true(get_le64(buf) == 0xfd00000000);
    assert_int_equal(get_le32(buf + 16), 2);
    assert_int_equal(get_le64(buf + 28), 0x40000000);
    select_key(b, find_file(b, "etc/system-states", &size));
    read_bytes(b, buf, 6);
    assert_memory_equal(buf, states, 6);
    select_key(b, find_file(b, "bootorder", &size));
    assert_int_equal(size, sizeof(order));
    read_bytes(b, buf, size);
    assert_string_equal(buf, order);
}

static void machine_tables(void **state)
{
    struct bench *b = *state;
    u32 size;

    describe_machine(b, NULL);
    assert_int_not_equal(find_file(b, "etc/acpi/rsdp", &size), 0);
    assert_int_equal(size, 20);
    assert_int_not_equal(find_file(b, "etc/acpi/tables", &size), 0);
    assert_int_equal(size, 0x20000);
    assert_int_not_equal(find_file(b, "etc/table-loader", &size), 0);
    assert_int_equal(size, 0x1000);
    assert_int_not_equal(find_file(b, "etc/smbios/smbios-anchor", &size), 0);
    assert_int_not_equal(find_file(b, "etc/smbios/smbios-tables", &size), 0);
    assert_int_equal(find_file(b, "etc/nonsense", &size), 0);
}

static void reset_and_state(void **state)
{
    struct bench *b = *state;
    struct fw_cfg *other = calloc(1, sizeof(*other));

    fw_cfg_init(other, b->h.dma, &b->h.log);
    select_key(b, FW_CFG_ID);
    fw_cfg_reset(&b->dev);
    assert_int_equal(next(b), 'Q');
    harness_check_state(&fw_cfg_state, &b->dev, other);
    next(b); /* whatever was loaded: no harm */
    free(other);
}

static void fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->dev.region, &b->dev.dma_region };

    fw_cfg_add_file(&b->dev, "padded", "abc", 3, 1000);
    for (unsigned i = 0; i < HARNESS_RAM; i++)
        b->h.ram[i] = (u8)(i * 2654435761u >> 13);
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 20000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(signature_and_version),
        TEST(keys_out_of_range),
        TEST(items_are_read_only),
        TEST(architecture_keys),
        TEST(directory_is_sorted),
        TEST(directory_fills_up),
        TEST(pool_runs_out),
        TEST(dma_signature),
        TEST(dma_reads),
        TEST(dma_one_64_bit_write),
        TEST(dma_refuses_writes),
        TEST(dma_is_bounded),
        TEST(dma_over_its_own_descriptor),
        TEST(dma_reads_padding),
        TEST(machine_items),
        TEST(machine_files),
        TEST(machine_tables),
        TEST(reset_and_state),
        TEST(fuzz),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
