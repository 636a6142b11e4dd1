/* test_fdc_transfer.c: the floppy controller's data commands, after the 82078 data sheet: addresses in the result
 * phase, terminal count and end of track, DMA and non-DMA mode, errors. */
#include "fdc_bench.h"

static const u8 *sector(struct bench *b, unsigned c, unsigned h, unsigned r)
{
    return b->disk[0].data + ((c * 2 + h) * 18 + r - 1) * (size_t)BLOCK_SECTOR;
}

static const u8 *memory(struct bench *b)
{
    return b->h.ram + DMA_AT;
}

static void test_read_by_dma(void **state)
{
    struct bench *b = *state;
    seek(b, 0, 3);
    dma_program(b, 0x44, 3 * 512);
    COMMAND(b, 0x46, 0x04, 3, 1, 5, 2, 18, 0x1b, 0xff);
    assert_int_equal(in(b, P_MSR), 0x10);
    assert_false(irq(b));
    assert_result(b, 0x04, 0, 0);
    assert_address(b, 3, 1, 8);
    assert_memory_equal(memory(b), sector(b, 3, 1, 5), 3 * 512);
    assert_int_equal(in(b, P_MSR), 0x80);
}

/* The data sheet's table of addresses after a terminal count. */
static void test_addresses_after_tc(void **state)
{
    static const struct {
        u8 code, head, r, c2, h2, r2;
    } t[] = {
        { 0x46, 0, 17, 2, 0, 18 }, { 0x46, 0, 18, 3, 0, 1 }, { 0x46, 1, 18, 3, 1, 1 },
        { 0xc6, 0, 18, 2, 1, 1 },  { 0xc6, 1, 18, 3, 0, 1 }, { 0xc6, 1, 17, 2, 1, 18 },
    };
    struct bench *b = *state;
    seek(b, 0, 2);
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        dma_program(b, 0x44, 512);
        COMMAND(b, t[i].code, (u8)(t[i].head << 2), 2, t[i].head, t[i].r, 2, 18, 0x1b, 0xff);
        wait_irq(b);
        result(b);
        assert_int_equal(b->result[1] | b->result[2], 0);
        assert_address(b, t[i].c2, t[i].h2, t[i].r2);
    }
}

static void test_multi_track_reads_a_cylinder(void **state)
{
    struct bench *b = *state;
    seek(b, 0, 1);
    dma_program(b, 0x44, 36 * 512);
    COMMAND(b, 0xe6, 0x00, 1, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x04, 0, 0);
    assert_address(b, 2, 0, 1);
    assert_memory_equal(memory(b), sector(b, 1, 0, 1), 36 * 512);
}

static void test_end_of_track_without_tc(void **state)
{
    struct bench *b = *state;
    dma_program(b, 0x44, 8 * 512);
    COMMAND(b, 0x46, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x80, 0);
    assert_memory_equal(memory(b), sector(b, 0, 0, 17), 2 * 512);
}

/* TC in the middle of a sector: what was asked for has moved. */
static void test_tc_within_a_sector(void **state)
{
    struct bench *b = *state;
    memset(b->h.ram + DMA_AT, 0xaa, 1024);
    dma_program(b, 0x44, 600);
    COMMAND(b, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0);
    assert_memory_equal(memory(b), sector(b, 0, 0, 1), 600);
    assert_int_equal(memory(b)[600], 0xaa);
    assert_address(b, 0, 0, 3);
    dma_program(b, 0x48, 100);
    COMMAND(b, 0x45, 0x00, 0, 0, 4, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0);
    assert_memory_equal(sector(b, 0, 0, 4), memory(b), 100);
    assert_int_equal(sector(b, 0, 0, 4)[100], 0); /* the rest is zeros */
    assert_int_equal(sector(b, 0, 0, 4)[511], 0);
}

static void test_write_by_dma(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 2 * 512; i++)
        b->h.ram[DMA_AT + i] = (u8)(i * 5 + i / 512);
    seek(b, 0, 79);
    dma_program(b, 0x48, 2 * 512);
    COMMAND(b, 0xc5, 0x04, 79, 1, 17, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x04, 0, 0);
    assert_memory_equal(sector(b, 79, 1, 17), memory(b), 1024);
    assert_address(b, 80, 0, 1);
}

/* Non-DMA: INT and RQM ask for each byte; without a TC the end of the track ends it, abnormally. */
static void test_pio(void **state)
{
    struct bench *b = *state;
    u8 got[1024];
    COMMAND(b, 0x03, 0xaf, 0x03);
    COMMAND(b, 0x46, 0x00, 0, 0, 2, 2, 3, 0x1b, 0xff);
    for (unsigned i = 0; i < sizeof(got); i++) {
        wait_irq(b);
        assert_int_equal(in(b, P_MSR), 0xf0);
        got[i] = in(b, P_FIFO);
    }
    assert_result(b, 0x40, 0x80, 0);
    assert_memory_equal(got, sector(b, 0, 0, 2), sizeof(got));
    COMMAND(b, 0x45, 0x00, 0, 0, 9, 2, 9, 0x1b, 0xff);
    for (unsigned i = 0; i < 512; i++) {
        wait_irq(b);
        assert_int_equal(in(b, P_MSR), 0xb0);
        out(b, P_FIFO, i * 3);
    }
    assert_result(b, 0x40, 0x80, 0);
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(sector(b, 0, 0, 9)[i], (u8)(i * 3));
}

static void test_read_id(void **state)
{
    struct bench *b = *state;
    bool seen[19] = { false };
    seek(b, 0, 7);
    for (unsigned i = 0; i < 60; i++) {
        COMMAND(b, 0x4a, 0x04);
        assert_result(b, 0x04, 0, 0);
        assert_int_equal(b->result[3], 7);
        assert_int_equal(b->result[4], 1);
        assert_in_range(b->result[5], 1, 18);
        seen[b->result[5]] = true;
    }
    for (unsigned r = 1; r <= 18; r++)
        assert_true(seen[r]);
}

/* Nothing is found at another rate, in an empty drive, with the motor off, on the far side of a single-sided disk. */
static void test_no_address_mark(void **state)
{
    struct bench *b = *state;
    rate(b, 2);
    COMMAND(b, 0x4a, 0x00);
    assert_result(b, 0x40, 0x01, 0);
    rate(b, 0);
    out(b, P_DOR, 0x0c);
    COMMAND(b, 0x4a, 0x00);
    assert_result(b, 0x40, 0x01, 0);
    out(b, P_DOR, 0x1c);
    fdc_change_disk(&b->fdc, 0, NULL);
    COMMAND(b, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x01, 0);
    COMMAND(b, 0x4d, 0x00, 2, 18, 0x54, 0xf6);
    assert_result(b, 0x40, 0x01, 0);
    COMMAND(b, 0x46, 0x02, 0, 0, 1, 2, 18, 0x1b, 0xff); /* no drive */
    assert_result(b, 0x42, 0x01, 0);
    COMMAND(b, 0x06, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff); /* FM */
    assert_result(b, 0x40, 0x01, 0);
}

static void test_identifiers_that_do_not_exist(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x46, 0x00, 0, 0, 19, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x04, 0);
    COMMAND(b, 0x46, 0x00, 0, 0, 0, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x04, 0);
    COMMAND(b, 0x46, 0x00, 0, 1, 1, 2, 18, 0x1b, 0xff); /* H differs from the head */
    assert_result(b, 0x40, 0x04, 0);
    COMMAND(b, 0x46, 0x00, 0, 0, 1, 3, 18, 0x1b, 0xff); /* N */
    assert_result(b, 0x40, 0x04, 0);
    COMMAND(b, 0x46, 0x00, 5, 0, 1, 2, 18, 0x1b, 0xff); /* another cylinder */
    assert_result(b, 0x40, 0x04, 0x10);
}

static void test_implied_seek(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x13, 0, 0x40, 0);
    dma_program(b, 0x44, 512);
    COMMAND(b, 0x46, 0x00, 40, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0);
    assert_memory_equal(memory(b), sector(b, 40, 0, 1), 512);
    assert_int_equal(b->fdc.drive[0].cylinder, 40);
}

static void test_write_protect(void **state)
{
    struct bench *b = *state;
    b->disk[0].backend.read_only = true;
    dma_program(b, 0x48, 512);
    COMMAND(b, 0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x02, 0);
    COMMAND(b, 0x4d, 0x00, 2, 18, 0x54, 0xf6);
    assert_result(b, 0x40, 0x02, 0);
    assert_int_equal(b->disk[0].writes, 0);
}

static void test_host_failure(void **state)
{
    struct bench *b = *state;
    b->disk[0].fail = true;
    COMMAND(b, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x20, 0x20);
    dma_program(b, 0x48, 512);
    COMMAND(b, 0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0x40, 0x20, 0x20);
}

static void test_format_track(void **state)
{
    struct bench *b = *state;
    seek(b, 0, 10);
    for (unsigned i = 0; i < 18; i++) {
        u8 *id = b->h.ram + DMA_AT + 4 * i;
        id[0] = 10;
        id[1] = 1;
        id[2] = (u8)(i * 5 % 18 + 1); /* interleaved */
        id[3] = 2;
    }
    dma_program(b, 0x48, 18 * 4);
    COMMAND(b, 0x4d, 0x04, 2, 18, 0x54, 0xf6);
    assert_result(b, 0x04, 0, 0);
    for (unsigned i = 0; i < 18 * 512; i++)
        assert_int_equal(sector(b, 10, 1, 1)[i], 0xf6);
    assert_int_not_equal(sector(b, 10, 0, 18)[4], 0xf6);
    /* sectors that the image has no room for */
    b->h.ram[DMA_AT + 2] = 19;
    dma_program(b, 0x48, 18 * 4);
    COMMAND(b, 0x4d, 0x04, 2, 18, 0x54, 0xf6);
    assert_result(b, 0x54, 0, 0);
    assert_true(harness_logged(&b->h, "which the image can't hold"));
}

static void test_format_and_write(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 2; i++) {
        u8 *at = b->h.ram + DMA_AT + i * 516;
        memcpy(at, (u8[]){ 0, 0, (u8)(i + 1), 2 }, 4);
        memset(at + 4, (int)(0x41 + i), 512);
    }
    dma_program(b, 0x48, 2 * 516);
    COMMAND(b, 0xed, 0x00, 2, 2, 0x54, 0xf6);
    assert_result(b, 0, 0, 0);
    assert_int_equal(sector(b, 0, 0, 1)[0], 0x41);
    assert_int_equal(sector(b, 0, 0, 2)[511], 0x42);
    assert_int_equal(sector(b, 0, 0, 3)[0], 2);
}

static void test_read_track(void **state)
{
    struct bench *b = *state;
    dma_program(b, 0x44, 18 * 512);
    COMMAND(b, 0x42, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0);
    assert_memory_equal(memory(b), sector(b, 0, 0, 1), 18 * 512);
    /* whatever R says, sectors come from the index hole on; the mismatch is reported */
    dma_program(b, 0x44, 2 * 512);
    COMMAND(b, 0x42, 0x00, 0, 0, 7, 2, 2, 0x1b, 0xff);
    wait_irq(b);
    result(b);
    assert_int_equal(b->result[1], 0x04);
    assert_memory_equal(memory(b), sector(b, 0, 0, 1), 2 * 512);
}

static void test_verify(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x56, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0); /* to the end of the track, no TC needed */
    COMMAND(b, 0x56, 0x80, 0, 0, 3, 2, 18, 0x1b, 4);
    assert_result(b, 0, 0, 0); /* EC: four sectors */
    assert_address(b, 0, 0, 7);
    COMMAND(b, 0x56, 0x80, 0, 0, 16, 2, 18, 0x1b, 4);
    assert_result(b, 0x40, 0x80, 0); /* there are but three */
}

static void test_deleted_data(void **state)
{
    struct bench *b = *state;
    dma_program(b, 0x44, 4 * 512);
    COMMAND(b, 0x4c, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0x40); /* one sector with the wrong mark, then the end */
    assert_memory_equal(memory(b), sector(b, 0, 0, 1), 512);
    assert_address(b, 0, 0, 2);
    COMMAND(b, 0x6c, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0x40); /* all skipped */
    dma_program(b, 0x48, 512);
    COMMAND(b, 0x49, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff);
    assert_result(b, 0, 0, 0);
    assert_true(harness_logged(&b->h, "WRITE DELETED"));
}

static void scan(struct bench *b, u8 code, u8 eot, u8 stp)
{
    dma_program(b, 0x48, 0x8000);
    COMMAND(b, code, 0x00, 0, 0, 1, 2, eot, 0x1b, stp);
    wait_irq(b);
    assert_int_equal(result(b), 7);
    assert_int_equal(b->result[1], 0);
}

static void test_scan(void **state)
{
    struct bench *b = *state;
    /* what the host sends for each sector: sector 3's contents */
    for (unsigned i = 0; i < 18; i++)
        memcpy(b->h.ram + DMA_AT + i * 512, sector(b, 0, 0, 3), 512);
    scan(b, 0x51, 18, 1);
    assert_int_equal(b->result[2], 0x08); /* SH: equal */
    assert_address(b, 0, 0, 4);
    scan(b, 0x51, 2, 1);
    assert_int_equal(b->result[2], 0x04); /* SN: not satisfied to the end */
    scan(b, 0x59, 18, 1);
    assert_int_equal(b->result[2], 0); /* sector 1 is lower */
    assert_address(b, 0, 0, 2);
    scan(b, 0x5d, 18, 1);
    assert_int_equal(b->result[2], 0x08); /* the first not lower is the equal one */
    scan(b, 0x51, 18, 2);
    assert_int_equal(b->result[2], 0x08); /* every second: 1, 3 */
    assert_address(b, 0, 0, 5);
    memset(b->h.ram + DMA_AT, 0xff, 512);
    scan(b, 0x51, 18, 1);
    assert_address(b, 0, 0, 2); /* FF matches anything */
}

static void test_360k_in_an_80_cylinder_drive(void **state)
{
    struct bench *b = *state;
    out(b, P_DOR, 0x2d);
    rate(b, 1);
    seek(b, 1, 20);
    dma_program(b, 0x44, 512);
    COMMAND(b, 0x46, 0x01, 20, 0, 1, 2, 9, 0x2a, 0xff);
    assert_result(b, 0x01, 0, 0);
    assert_int_equal(get_le32(memory(b)), 20 * 2 * 9);
    dma_program(b, 0x44, 512);
    COMMAND(b, 0x46, 0x01, 10, 0, 1, 2, 9, 0x2a, 0xff); /* two steps a cylinder */
    assert_result(b, 0x01, 0, 0);
    assert_int_equal(get_le32(memory(b)), 10 * 2 * 9);
}

/* The DMA channel is masked: the data wait, and a reset ends it. */
static void test_masked_channel(void **state)
{
    struct bench *b = *state;
    dma_out(b, 2, 4 | CHANNEL);
    COMMAND(b, 0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    harness_advance(&b->h, LONG_NS);
    assert_false(irq(b));
    assert_int_equal(in(b, P_MSR), 0x10);
    assert_int_equal(harness_read(&b->h, &b->dmac.chip[0].cont_io, 0, 1) & 0x40, 0x40);
    out(b, P_DSR, 0x80);
    assert_int_equal(harness_read(&b->h, &b->dmac.chip[0].cont_io, 0, 1) & 0x40, 0);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0xc0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read_by_dma),
        TEST(test_addresses_after_tc),
        TEST(test_multi_track_reads_a_cylinder),
        TEST(test_end_of_track_without_tc),
        TEST(test_tc_within_a_sector),
        TEST(test_write_by_dma),
        TEST(test_pio),
        TEST(test_read_id),
        TEST(test_no_address_mark),
        TEST(test_identifiers_that_do_not_exist),
        TEST(test_implied_seek),
        TEST(test_write_protect),
        TEST(test_host_failure),
        TEST(test_format_track),
        TEST(test_format_and_write),
        TEST(test_read_track),
        TEST(test_verify),
        TEST(test_deleted_data),
        TEST(test_scan),
        TEST(test_360k_in_an_80_cylinder_drive),
        TEST(test_masked_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
