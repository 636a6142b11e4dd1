/* test_i82078.c: the floppy controller's registers and the commands that move no data, after the 82078 data sheet. */
#include "fdc_bench.h"

static void test_regions(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->fdc.ports.name, "fdc");
    assert_int_equal(region_size(&b->fdc.ports), 5);
    assert_string_equal(b->fdc.dir_ccr.name, "fdc");
    assert_int_equal(region_size(&b->fdc.dir_ccr), 1);
}

static void test_power_on(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, P_DOR), 0);
    assert_int_equal(in(b, P_MSR), 0); /* held in reset */
    out(b, P_FIFO, 0x10);
    assert_true(harness_logged(&b->h, "FIFO is written"));
    harness_advance(&b->h, NS_PER_SEC);
    assert_false(irq(b));
}

/* After a reset polling reports all four drives; the interrupt comes once. */
static void test_reset_reports_four_drives(void **state)
{
    struct bench *b = *state;
    out(b, P_DOR, 0x0c);
    assert_int_equal(in(b, P_MSR), 0);
    assert_false(irq(b));
    wait_irq(b);
    assert_int_equal(in(b, P_MSR), 0x80);
    for (unsigned i = 0; i < 4; i++) {
        sense(b);
        assert_int_equal(b->results, 2);
        assert_int_equal(b->result[0], 0xc0 | i);
        assert_int_equal(b->result[1], 0);
        assert_false(irq(b));
    }
    sense(b);
    assert_int_equal(b->results, 1);
    assert_int_equal(b->result[0], 0x80);
}

static void test_dsr_reset(void **state)
{
    struct bench *b = *state;
    out(b, P_DSR, 0x80);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0xc0);
    assert_int_equal(b->h.rises[IRQ], 2);
}

/* Without the DMA gate INT is not connected. */
static void test_dma_gate(void **state)
{
    struct bench *b = *state;
    out(b, P_DOR, 0x04);
    harness_advance(&b->h, FDC_RESET_NS);
    assert_false(irq(b));
    out(b, P_DOR, 0x0c);
    assert_true(irq(b));
}

static void test_register_values(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, P_SRB), 0xe1); /* motor 0, drive 0 */
    out(b, P_DOR, 0x2d);
    assert_int_equal(in(b, P_SRB), 0xc2);
    assert_int_equal(in(b, P_DOR), 0x2d);
    out(b, P_TDR, 0x02);
    assert_int_equal(in(b, P_TDR), 0x02);
}

static void test_version_and_part(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x10);
    assert_int_equal(result(b), 1);
    assert_int_equal(b->result[0], 0x90);
    COMMAND(b, 0x18);
    assert_int_equal(result(b), 1);
    assert_int_equal(b->result[0], 0x41);
}

static void test_invalid_commands(void **state)
{
    struct bench *b = *state;
    static const u8 codes[] = { 0x00, 0x01, 0x0b, 0x15, 0x1a, 0x1f, 0x20, 0x48, 0x90, 0xff };
    for (size_t i = 0; i < sizeof(codes); i++) {
        COMMAND(b, codes[i]);
        assert_int_equal(result(b), 1);
        assert_int_equal(b->result[0], 0x80);
        assert_false(irq(b));
    }
}

static void test_dumpreg_configure_lock(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x03, 0xdf, 0x04);
    COMMAND(b, 0x13, 0x00, 0x57, 0x12);
    COMMAND(b, 0x12, 0x8e); /* OW, D0, D1, GAP */
    COMMAND(b, 0x94);
    assert_int_equal(result(b), 1);
    assert_int_equal(b->result[0], 0x10);
    seek(b, 1, 7);
    COMMAND(b, 0x0e);
    assert_int_equal(result(b), 10);
    assert_memory_equal(b->result, ((u8[]){ 0, 7, 0, 0, 0xdf, 0x04, 0, 0x8e, 0x57, 0x12 }), 10);
    /* a software reset leaves what is locked */
    out(b, P_DSR, 0x80);
    wait_irq(b);
    COMMAND(b, 0x0e);
    result(b);
    assert_int_equal(b->result[7], 0x8c);
    assert_int_equal(b->result[8], 0x07);
    assert_int_equal(b->result[9], 0x12);
    COMMAND(b, 0x14);
    result(b);
    assert_int_equal(b->result[0], 0);
    out(b, P_DSR, 0x80);
    wait_irq(b);
    COMMAND(b, 0x0e);
    result(b);
    assert_int_equal(b->result[8], 0x20); /* FIFO off, polling on, no implied seek */
    assert_int_equal(b->result[9], 0);
}

/* OW clear: the drives' bits stay. */
static void test_perpendicular(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x12, 0xbc);
    COMMAND(b, 0x12, 0x03);
    COMMAND(b, 0x0e);
    result(b);
    assert_int_equal(b->result[7], 0x3f);
}

static void test_save_restore(void **state)
{
    struct bench *b = *state;
    u8 restore[17] = { 0x4e };
    COMMAND(b, 0x03, 0xdf, 0x04);
    COMMAND(b, 0x13, 0x00, 0x57, 0x12);
    COMMAND(b, 0x17, 0x02);
    assert_int_equal(result(b), 1);
    assert_int_equal(b->result[0], 0x02);
    COMMAND(b, 0x2e);
    assert_int_equal(result(b), 16);
    memcpy(restore + 1, b->result, 16);
    out(b, P_DSR, 0x80);
    wait_irq(b);
    COMMAND(b, 0x03, 0, 0);
    command(b, 17, restore);
    assert_int_equal(in(b, P_MSR), 0x80);
    COMMAND(b, 0x2e);
    assert_int_equal(result(b), 16);
    assert_memory_equal(b->result, restore + 1, 16);
}

static void test_drive_specification(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x8e, 0x05, 0x2a, 0xc0); /* drives 0 and 1, done, no result */
    assert_int_equal(in(b, P_MSR), 0x80);
    COMMAND(b, 0x8e, 0x80);
    assert_int_equal(result(b), 4);
    assert_memory_equal(b->result, "\x05\x0a\x00\x00", 4);
    COMMAND(b, 0x33, 0x01);
    assert_int_equal(in(b, P_MSR), 0x80);
}

static void test_seek_and_sense(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x0f, 0x04, 20);
    assert_int_equal(in(b, P_MSR), 0x81); /* busy with a seek, ready for commands */
    COMMAND(b, 0x0f, 0x01, 10);           /* both drives at once */
    assert_int_equal(in(b, P_MSR), 0x83);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0x21);
    assert_int_equal(b->result[1], 10);
    assert_int_equal(in(b, P_MSR), 0x81);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0x24);
    assert_int_equal(b->result[1], 20);
    assert_int_equal(in(b, P_MSR), 0x80);
    assert_false(irq(b));
}

static void test_relative_seek_and_recalibrate(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0xcf, 0x00, 30);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[1], 30);
    COMMAND(b, 0x8f, 0x00, 12);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[1], 18);
    assert_int_equal(b->fdc.drive[0].cylinder, 18);
    COMMAND(b, 0x07, 0x00);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0x20);
    assert_int_equal(b->result[1], 0);
    /* further out than 80 steps, or no drive at all: equipment check */
    COMMAND(b, 0xcf, 0x00, 85);
    wait_irq(b);
    sense(b);
    COMMAND(b, 0x07, 0x00);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0x70);
    COMMAND(b, 0x07, 0x02);
    wait_irq(b);
    sense(b);
    assert_int_equal(b->result[0], 0x72);
}

static void test_sense_drive_status(void **state)
{
    struct bench *b = *state;
    COMMAND(b, 0x04, 0x00);
    assert_int_equal(result(b), 1);
    assert_int_equal(b->result[0], 0x38);
    seek(b, 0, 5);
    b->disk[0].backend.read_only = true;
    COMMAND(b, 0x04, 0x04);
    result(b);
    assert_int_equal(b->result[0], 0x6c);
    COMMAND(b, 0x04, 0x03);
    result(b);
    assert_int_equal(b->result[0], 0x2b);
}

/* DSKCHG stays until a step with a disk inside. */
static void test_disk_change(void **state)
{
    struct bench *b = *state;
    assert_int_equal(dir(b), 0x80);
    COMMAND(b, 0x07, 0x00); /* no step: the head is there already */
    wait_irq(b);
    sense(b);
    assert_int_equal(dir(b), 0x80);
    seek(b, 0, 1);
    assert_int_equal(dir(b), 0);
    fdc_change_disk(&b->fdc, 0, NULL);
    assert_true(b->fdc.drive[0].open);
    seek(b, 0, 2);
    assert_int_equal(dir(b), 0x80);
    fdc_change_disk(&b->fdc, 0, &b->disk[0].backend);
    assert_false(b->fdc.drive[0].open);
    assert_int_equal(dir(b), 0x80);
    seek(b, 0, 1);
    assert_int_equal(dir(b), 0);
    out(b, P_DOR, 0x2d);
    assert_int_equal(dir(b), 0x80); /* drive 1's */
}

static void test_reset_in_a_command(void **state)
{
    struct bench *b = *state;
    out(b, P_FIFO, 0x46);
    out(b, P_FIFO, 0x00);
    out(b, P_DOR, 0x18);
    out(b, P_DOR, 0x1c);
    wait_irq(b);
    COMMAND(b, 0x10);
    assert_int_equal(result(b), 1);
    assert_int_equal(b->result[0], 0x90);
}

/* ---- drives and their disks ---- */

static void test_formats(void **state)
{
    static const struct {
        u64 kib;
        u8 type, cylinders, heads, sectors, rate;
    } known[] = {
        { 160, FLOPPY_120, 40, 1, 8, FLOPPY_250K },   { 180, FLOPPY_120, 40, 1, 9, FLOPPY_300K },
        { 320, FLOPPY_120, 40, 2, 8, FLOPPY_250K },   { 360, FLOPPY_120, 40, 2, 9, FLOPPY_300K },
        { 720, FLOPPY_144, 80, 2, 9, FLOPPY_250K },   { 1200, FLOPPY_120, 80, 2, 15, FLOPPY_500K },
        { 1440, FLOPPY_144, 80, 2, 18, FLOPPY_500K }, { 1680, FLOPPY_144, 80, 2, 21, FLOPPY_500K },
        { 1722, FLOPPY_144, 82, 2, 21, FLOPPY_500K }, { 2880, FLOPPY_288, 80, 2, 36, FLOPPY_1M },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct block_backend disk = { .sectors = known[i].kib * 2 };
        struct floppy_format f = floppy_format(disk.sectors, FLOPPY_NONE);
        assert_int_equal(floppy_type_for(&disk), known[i].type);
        assert_int_equal(f.cylinders, known[i].cylinders);
        assert_int_equal(f.heads, known[i].heads);
        assert_int_equal(f.sectors, known[i].sectors);
        assert_int_equal(f.rate, known[i].rate);
    }
    assert_int_equal(floppy_type_for(&(struct block_backend){ 0 }), FLOPPY_288);
    assert_int_equal(floppy_type_for(NULL), FLOPPY_NONE);
    assert_int_equal(floppy_format(1234, FLOPPY_144).sectors, 18);
    assert_int_equal(floppy_format(1440, FLOPPY_120).rate, FLOPPY_250K); /* the format of the drive's own kind */
    assert_int_equal(floppy_format(1440, FLOPPY_120).type, FLOPPY_120);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->fdc.ports, &b->fdc.ports, &b->fdc.dir_ccr, &b->dmac.chip[0].cont_io };
    for (unsigned i = 0; i < 40; i++) {
        harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 500);
        out(b, P_DOR, 0x1c);
        harness_advance(&b->h, FDC_RESET_NS);
    }
}

/* A driver gone wild: well-formed commands with random parameters, in DMA and non-DMA mode. */
static void test_fuzz_commands(void **state)
{
    struct bench *b = *state;
    u32 seed = 12345;
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned msr = in(b, P_MSR);
        if ((msr & 0xc0) == 0xc0)
            in(b, P_FIFO);
        else if ((msr & 0xc0) == 0x80)
            out(b, P_FIFO, seed >> 28 ? seed >> 24 & 0x5f : 0x46);
        else
            harness_advance(&b->h, FDC_SECTOR_NS);
        if ((seed >> 8 & 0xff) == 0)
            dma_program(b, 0x40 | (seed >> 16 & 0x3c), 1 + (seed >> 20 & 0x7ff));
        if ((seed >> 8 & 0x3ff) == 1)
            fdc_change_disk(&b->fdc, seed >> 20 & 1, seed >> 21 & 1 ? &b->disk[0].backend : NULL);
    }
}

static void test_state(void **state)
{
    struct bench *b = *state;
    void *other_state;
    setup_cold(&other_state);
    struct bench *other = other_state;
    harness_check_state(&i82078_state, &b->fdc, &other->fdc);
    teardown(&other_state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_COLD(test_regions),
        TEST_COLD(test_power_on),
        TEST_COLD(test_reset_reports_four_drives),
        TEST(test_dsr_reset),
        TEST_COLD(test_dma_gate),
        TEST(test_register_values),
        TEST(test_version_and_part),
        TEST(test_invalid_commands),
        TEST(test_dumpreg_configure_lock),
        TEST(test_perpendicular),
        TEST(test_save_restore),
        TEST(test_drive_specification),
        TEST(test_seek_and_sense),
        TEST(test_relative_seek_and_recalibrate),
        TEST(test_sense_drive_status),
        TEST(test_disk_change),
        TEST(test_reset_in_a_command),
        cmocka_unit_test(test_formats),
        TEST_COLD(test_fuzz),
        TEST(test_fuzz_commands),
        TEST_COLD(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
