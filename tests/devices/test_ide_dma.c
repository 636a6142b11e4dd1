/* test_ide_dma.c: the bus master of an IDE channel (SFF-8038i). */
#include "ide_bench.h"

/* ---- bus master ---- */

static void test_bm_registers(void **state)
{
    struct bench *b = *state;
    out(b, bm(b) + BM_STATUS, 0xff, 1);
    assert_int_equal(bm_status(b), 0x60);
    out(b, bm(b) + BM_STATUS, 0x20, 1);
    assert_int_equal(bm_status(b), 0x20);
    out(b, bm(b) + BM_TABLE, 0x12345677, 4);
    assert_int_equal(in(b, bm(b) + BM_TABLE, 4), 0x12345674);
    out(b, bm(b) + BM_TABLE + 2, 0xabcd, 2);
    assert_int_equal(in(b, bm(b) + BM_TABLE, 4), 0xabcd5674);
    out(b, bm(b) + BM_TABLE, 0xff, 1);
    assert_int_equal(in(b, bm(b) + BM_TABLE, 4), 0xabcd56fc);
    out(b, bm(b) + BM_CMD, 0xff, 1);
    assert_int_equal(in(b, bm(b) + BM_CMD, 1), 0x09);
    assert_int_equal(in(b, bm(b) + 1, 1), 0);
    out(b, bm(b) + 8 + BM_TABLE, 0x100, 4); /* the other channel's */
    assert_int_equal(in(b, bm(b) + BM_TABLE, 4), 0xabcd56fc);
    pci_config_write(&b->bus, DEVFN, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    assert_int_equal(in(b, BM_BASE + BM_STATUS, 1), 0xff);
}

static void test_dma_read(void **state)
{
    struct bench *b = *state;
    prd(b, 0, 0x10001, 512, false); /* bit 0 of the address is not there */
    prd(b, 1, 0x20000, 6, false);
    prd(b, 2, 0x30000, 1024 - 6, true);
    bm_start(b, true);
    assert_int_equal(bm_status(b), 0x01);
    command28(b, 0xc8, 33, 3);
    wait(b);
    assert_true(irq(b));
    assert_int_equal(bm_status(b), 0x04);
    assert_ok(b);
    const u8 *d = b->disk[0].data + 33 * 512;
    assert_memory_equal(b->h.ram + 0x10000, d, 512);
    assert_memory_equal(b->h.ram + 0x20000, d + 512, 6);
    assert_int_equal(b->h.ram[0x20006], 0);
    assert_memory_equal(b->h.ram + 0x30000, d + 518, 1024 - 6);
    out(b, bm(b) + BM_CMD, 0, 1);
    out(b, bm(b) + BM_STATUS, 0x04, 1);
    assert_int_equal(bm_status(b), 0);
}

static void test_dma_started_after_command(void **state)
{
    struct bench *b = *state;
    prd(b, 0, 0x10000, 512, true);
    command48(b, 0x25, 12, 1);
    command28(b, 0xc8, 13, 1); /* ignored: busy */
    wait(b);
    assert_false(irq(b));
    assert_int_equal(alt_status(b), 0x80);
    bm_start(b, true);
    assert_false(irq(b)); /* not inside the write */
    wait(b);
    assert_ok(b);
    assert_memory_equal(b->h.ram + 0x10000, b->disk[0].data + 12 * 512, 512);
}

static void test_dma_write(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 0x4000; i++)
        b->h.ram[0x10000 + i] = (u8)(i * 11 + (i >> 8));
    prd(b, 0, 0x10000, 0x3ffe, false);
    prd(b, 1, 0x13ffe, 2, true);
    bm_start(b, false);
    command28(b, 0xca, 64, 32);
    wait(b);
    assert_ok(b);
    assert_int_equal(bm_status(b), 0x04);
    assert_memory_equal(b->disk[0].data + 64 * 512, b->h.ram + 0x10000, 0x4000);
    assert_int_equal(b->disk[0].writes, 2);
}

static void test_dma_large(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 8; i++)
        prd(b, i, 0x10000 + i * 0x10000, 0, i == 7); /* count 0: 64 KiB */
    bm_start(b, true);
    command48(b, 0x25, 1, 1024);
    wait(b);
    assert_false(irq(b)); /* it takes steps */
    harness_advance(&b->h, 20 * IDE_BLOCK_NS);
    assert_ok(b);
    assert_memory_equal(b->h.ram + 0x10000, b->disk[0].data + 512, 1024 * 512);
    assert_int_equal(bm_status(b), 0x04);
}

static void test_table_longer_than_transfer(void **state)
{
    struct bench *b = *state;
    prd(b, 0, 0x10000, 4096, true);
    bm_start(b, true);
    command28(b, 0xc8, 0, 1);
    wait(b);
    assert_ok(b);
    assert_int_equal(bm_status(b), 0x05); /* SFF-8038i: interrupt and still active */
    out(b, bm(b) + BM_CMD, 0, 1);
    assert_int_equal(bm_status(b), 0x04);
}

static void test_table_shorter_than_transfer(void **state)
{
    struct bench *b = *state;
    prd(b, 0, 0x10000, 700, true);
    bm_start(b, true);
    command28(b, 0xc8, 0, 3);
    harness_advance(&b->h, NS_PER_SEC);
    assert_false(irq(b));
    assert_int_equal(bm_status(b), 0x00); /* neither active nor interrupt: the drive wants more */
    assert_int_equal(alt_status(b), 0x80);
    prd(b, 0, 0x20000, 1536 - 700, true);
    out(b, bm(b) + BM_CMD, 0, 1);
    bm_start(b, true);
    wait(b);
    assert_ok(b);
    assert_memory_equal(b->h.ram + 0x10000, b->disk[0].data, 700);
    assert_memory_equal(b->h.ram + 0x20000, b->disk[0].data + 700, 1536 - 700);
}

static void test_stop_in_the_middle(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 4; i++)
        prd(b, i, 0x10000, 0, i == 3);
    bm_start(b, true);
    command48(b, 0x25, 0, 512);
    harness_advance(&b->h, IDE_COMMAND_NS);
    out(b, bm(b) + BM_CMD, 0x08, 1);
    assert_int_equal(bm_status(b), 0);
    harness_advance(&b->h, NS_PER_SEC);
    assert_false(irq(b));
    assert_int_equal(alt_status(b), 0x80);
}

static void test_endless_table(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 0x10000 / 8 + 8; i++)
        prd(b, i, 0x40000, 2, false); /* 16 KiB in all, no end */
    bm_start(b, true);
    command28(b, 0xc8, 0, 64);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(bm_status(b), 0x02);
    assert_true(harness_logged(&b->h, "descriptor table"));
    assert_false(irq(b));
}

static void test_table_in_nowhere(void **state)
{
    struct bench *b = *state;
    bm_start(b, true);
    out(b, bm(b) + BM_CMD, 0x00, 1);
    out(b, bm(b) + BM_TABLE, 0xfffffffc, 4); /* reads FF: address FFFFFFFE, count FFFE, EOT; wraps at 4 GiB */
    out(b, bm(b) + BM_CMD, 0x09, 1);
    command28(b, 0xc8, 0, 1);
    wait(b);
    assert_ok(b);
    assert_memory_equal(b->h.ram, b->disk[0].data + 2, 510); /* after the wrap */
}

static void test_bus_master_off(void **state)
{
    struct bench *b = *state;
    prd(b, 0, 0x10000, 512, true);
    pci_config_write(&b->bus, DEVFN, PCI_COMMAND, PCI_COMMAND_IO, 2);
    bm_start(b, true);
    command28(b, 0xc8, 3, 1);
    harness_advance(&b->h, NS_PER_SEC);
    assert_false(irq(b));
    assert_true(harness_logged(&b->h, "bus mastering off"));
    assert_int_equal(b->h.ram[0x10001], 0);
    pci_config_write(&b->bus, DEVFN, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MASTER, 2);
    wait(b);
    assert_ok(b);
    assert_memory_equal(b->h.ram + 0x10000, b->disk[0].data + 3 * 512, 512);
}

static void test_wrong_direction(void **state)
{
    struct bench *b = *state;
    prd(b, 0, 0x10000, 512, true);
    bm_start(b, false);
    command28(b, 0xc8, 3, 1);
    wait(b);
    assert_ok(b);
    assert_true(harness_logged(&b->h, "direction"));
}

static void test_pio_sets_bm_interrupt(void **state)
{
    struct bench *b = *state;
    simple(b, 0xe7, 0, 0);
    assert_int_equal(bm_status(b), 0x04);
    reg(b, R_STATUS);
    assert_int_equal(bm_status(b), 0x04);
    out(b, bm(b) + BM_STATUS, 0x04, 1);
    assert_int_equal(bm_status(b), 0);
}

static void test_dma_leaves_the_disk(void **state)
{
    struct bench *b = *state;
    static const u8 cmd[] = { 0xc8, 0xca };
    for (unsigned i = 0; i < ARRAY_LEN(cmd); i++) {
        memset(b->h.ram + 0x10000, 0x5a, 0x4000);
        prd(b, 0, 0x10000, 0x4000, true);
        bm_start(b, cmd[i] == 0xc8);
        command28(b, cmd[i], SMALL - 20, 32);
        wait(b);
        assert_true(irq(b));
        assert_int_equal(reg(b, R_STATUS), 0x51);
        assert_int_equal(reg(b, R_ERROR), 0x10);
        assert_int_equal(reg(b, R_LOW) | reg(b, R_MID) << 8, SMALL);
        assert_memory_equal(b->h.ram + 0x10000, b->disk[0].data + (SMALL - 20) * 512, 20 * 512);
        assert_int_equal(b->h.ram[0x10000 + 20 * 512], 0x5a);
        out(b, bm(b) + BM_CMD, 0, 1);
    }
}

static void test_dma_host_failure(void **state)
{
    struct bench *b = *state;
    b->disk[0].fail = true;
    prd(b, 0, 0x10000, 0, true);
    bm_start(b, true);
    command28(b, 0xc8, 3, 1);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x51);
    assert_int_equal(reg(b, R_ERROR), 0x40);
    bm_start(b, false);
    command28(b, 0xca, 3, 1);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x71);
}

static void test_trim(void **state)
{
    struct bench *b = *state;
    u8 *ranges = b->h.ram + 0x8000;
    u8 before[512];
    memcpy(before, b->disk[0].data, sizeof(before));
    put_le64(ranges, (u64)8 << 48 | 0);
    put_le64(ranges + 8, (u64)1 << 48 | (SMALL - 1));
    prd(b, 0, 0x8000, 512, true);
    set(b, R_FEATURES, 1);
    command48(b, 0x06, 0, 1);
    bm_start(b, false);
    harness_advance(&b->h, 4 * LATER);
    assert_ok(b);
    assert_int_equal(b->disk[0].writes, 0);
    assert_memory_equal(b->disk[0].data, before, sizeof(before));
    put_le64(ranges + 8, (u64)2 << 48 | (SMALL - 1)); /* beyond the end */
    command48(b, 0x06, 0, 1);
    bm_start(b, false);
    harness_advance(&b->h, 4 * LATER);
    assert_aborted(b);
    set(b, R_FEATURES, 0);
    command48(b, 0x06, 0, 1);
    wait(b);
    assert_aborted(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_trim),
        TEST(test_bm_registers),
        TEST(test_dma_read),
        TEST(test_dma_started_after_command),
        TEST(test_dma_write),
        TEST(test_dma_large),
        TEST(test_table_longer_than_transfer),
        TEST(test_table_shorter_than_transfer),
        TEST(test_stop_in_the_middle),
        TEST(test_endless_table),
        TEST(test_table_in_nowhere),
        TEST(test_bus_master_off),
        TEST(test_wrong_direction),
        TEST(test_pio_sets_bm_interrupt),
        TEST(test_dma_leaves_the_disk),
        TEST(test_dma_host_failure),
    };
    return cmocka_run_group_tests_name("ide_dma", tests, NULL, NULL);
}
