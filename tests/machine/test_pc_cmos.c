/* test_pc_cmos.c: what the clock chip's memory says about the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pc_cmos.h"

static u64 no_time(void *source)
{
    (void)source;
    return 0;
}

struct bench {
    struct log log;
    struct clock clock;
    struct mc146818 rtc;
};

static void fill(struct bench *b, const struct pc_cmos_setup *setup)
{
    log_init(&b->log, NULL);
    clock_init(&b->clock);
    b->clock.now = no_time;
    rtc_init(&b->rtc, &b->clock, &b->log, (struct irq_line){ 0 }, 0);
    pc_cmos_fill(&b->rtc, setup);
}

static const struct block_backend *const no_disks[4];

static void memory(void **state)
{
    (void)state;
    struct bench b;
    fill(&b, &(struct pc_cmos_setup){ 3 * GIB, 3 * GIB, "", no_disks, no_disks, 1 });
    assert_int_equal(get_le16(&b.rtc.cmos[0x15]), 640);
    assert_int_equal(get_le16(&b.rtc.cmos[0x17]), 0xffff);
    assert_int_equal(get_le16(&b.rtc.cmos[0x30]), 0xffff);
    assert_int_equal(get_le16(&b.rtc.cmos[0x34]), (3 * GIB - 16 * MIB) / (64 * KIB));
    assert_int_equal(get_le32(&b.rtc.cmos[0x5b]) & 0xffffff, 3 * GIB / (64 * KIB));
    fill(&b, &(struct pc_cmos_setup){ 8 * MIB, 0, "", no_disks, no_disks, 1 });
    assert_int_equal(get_le16(&b.rtc.cmos[0x17]), 7 * 1024);
    assert_int_equal(get_le16(&b.rtc.cmos[0x34]), 0);
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "", no_disks, no_disks, 1 });
    assert_int_equal(get_le16(&b.rtc.cmos[0x17]), 0);
}

static void boot_order(void **state)
{
    (void)state;
    struct bench b;
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "", no_disks, no_disks, 1 });
    assert_int_equal(b.rtc.cmos[0x3d], 0x12);
    assert_int_equal(b.rtc.cmos[0x38], 0x30);
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "dn", no_disks, no_disks, 1 });
    assert_int_equal(b.rtc.cmos[0x3d], 0x43);
    assert_int_equal(b.rtc.cmos[0x38], 0);
}

static void disks(void **state)
{
    (void)state;
    struct bench b;
    const struct block_backend small = { .sectors = 63504 }, large = { .sectors = 8 * 1024 * 1024 };
    const struct block_backend *const both[4] = { &small, NULL, &large, NULL };
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "", both, no_disks, 2 });
    assert_int_equal(b.rtc.cmos[0x12], 0xf0);
    assert_int_equal(b.rtc.cmos[0x19], 47);
    assert_int_equal(get_le16(&b.rtc.cmos[0x1b]), 63);
    assert_int_equal(b.rtc.cmos[0x1d], 16);
    assert_int_equal(b.rtc.cmos[0x23], 63);
    assert_int_equal(b.rtc.cmos[0x5f], 1);      /* two processors */
    assert_int_equal(b.rtc.cmos[0x39], 1 << 4); /* disk 2 by LBA, disk 0 as it is */
}

static void floppies(void **state)
{
    (void)state;
    struct bench b;
    const struct block_backend empty = { 0 }, hd = { .sectors = 2880 }, dd = { .sectors = 720 };
    const struct block_backend *const one[2] = { &empty, NULL }, *const two[2] = { &hd, &dd };
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "", no_disks, no_disks, 1 });
    assert_int_equal(b.rtc.cmos[0x10], 0);
    assert_int_equal(b.rtc.cmos[0x14], 0x06);
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "", no_disks, one, 1 });
    assert_int_equal(b.rtc.cmos[0x10], 0x50);
    assert_int_equal(b.rtc.cmos[0x14], 0x07);
    fill(&b, &(struct pc_cmos_setup){ MIB, 0, "", no_disks, two, 1 });
    assert_int_equal(b.rtc.cmos[0x10], 0x42);
    assert_int_equal(b.rtc.cmos[0x14], 0x47);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory),
        cmocka_unit_test(boot_order),
        cmocka_unit_test(disks),
        cmocka_unit_test(floppies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
