/* test_ide_atapi.c: the CD drive's commands that read, by ATA/ATAPI-4 and MMC-2. Media: test_ide_atapi_media.c. */
#include "ide_atapi_bench.h"

static const u8 *sector(struct bench *b, unsigned lba)
{
    return b->disk[1].data + (size_t)lba * 2048;
}

static void test_signature(void **state)
{
    struct bench *b = *state;
    assert_int_equal(reg(b, R_STATUS), 0); /* not "ready" before its first command */
    assert_int_equal(reg(b, R_COUNT), 1);
    assert_int_equal(reg(b, R_LOW), 1);
    assert_int_equal(reg(b, R_MID), 0x14);
    assert_int_equal(reg(b, R_HIGH), 0xeb);
    set(b, R_MID, 0);
    set(b, R_COMMAND, 0xec); /* IDENTIFY DEVICE finds out */
    wait(b);
    assert_aborted(b);
    assert_int_equal(reg(b, R_MID), 0x14);
    assert_int_equal(reg(b, R_HIGH), 0xeb);
    soft_reset(b);
    set(b, R_DEVICE, 0xb0);
    assert_int_equal(reg(b, R_STATUS), 0);
    assert_int_equal(reg(b, R_MID), 0x14);
}

static void test_identify_packet_device(void **state)
{
    struct bench *b = *state;
    u16 id[256];
    set(b, R_COMMAND, 0xa1);
    wait(b);
    read_words(b, id, 256);
    assert_int_equal(id[0], 0x85c0);
    assert_memory_equal(&id[10], "MQ0000 2", 6);
    assert_memory_equal(&id[27], "EQUMD DVR-MO", 12);
    assert_int_equal(id[49], 0x0300);
    assert_int_equal(id[53], 7);
    assert_int_equal(id[63], 7);
    assert_int_equal(id[80], 0x1e);
    assert_int_equal(id[88], 0x203f);
    simple(b, 0xef, 0x03, 0x42);
    set(b, R_COMMAND, 0xa1);
    wait(b);
    read_words(b, id, 256);
    assert_int_equal(id[88], 0x043f);
}

/* DEVICE RESET gets through in the middle of a packet, and makes no interrupt. */
static void test_device_reset(void **state)
{
    struct bench *b = *state;
    PACKET(b, 2048, 0x28, 0, 0, 0, 0, 1, 0, 0, 1);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    set(b, R_COMMAND, 0x08);
    wait(b);
    assert_false(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0);
    assert_int_equal(reg(b, R_MID), 0x14);
    PACKET(b, 0, 0x00);
    assert_good(b);
}

static void test_inquiry(void **state)
{
    struct bench *b = *state;
    u8 d[64];
    PACKET(b, 64, 0x12, 0, 0, 0, 36);
    assert_int_equal(take(b, d, sizeof(d)), 36);
    assert_good(b);
    assert_int_equal(d[0], 5);
    assert_int_equal(d[1], 0x80);
    assert_int_equal(d[3], 0x21);
    assert_int_equal(d[4], 31);
    assert_memory_equal(d + 8, "QEMU    QEMU DVD-ROM    2.5+", 28);
    PACKET(b, 64, 0x12, 0, 0, 0, 5); /* cut at the allocation length: an odd one */
    assert_int_equal(take(b, d, sizeof(d)), 5);
    assert_good(b);
    PACKET(b, 64, 0x12, 1, 0x83, 0, 36);
    assert_check(b, 5, 0x24);
}

static void test_unknown_command(void **state)
{
    struct bench *b = *state;
    PACKET(b, 64, 0x2a);
    assert_check(b, 5, 0x20);
    assert_true(harness_logged(&b->h, "packet command 2a"));
    PACKET(b, 18, 0x03, 0, 0, 0, 18); /* told once */
    u8 s[20];
    take(b, s, sizeof(s));
    assert_int_equal(s[2], 0);
}

static void test_read_capacity(void **state)
{
    struct bench *b = *state;
    u8 d[16];
    PACKET(b, 8, 0x25);
    assert_int_equal(take(b, d, sizeof(d)), 8);
    assert_memory_equal(d, ((u8[]){ 0, 0, (CD_SECTORS - 1) >> 8, (CD_SECTORS - 1) & 0xff, 0, 0, 8, 0 }), 8);
}

/* Bursts are as long as the host's limit, an odd limit is rounded down. */
static void test_read_by_pio(void **state)
{
    static const unsigned limits[] = { 2048, 0xffff, 0xfffe, 512, 100, 0x800, 3, 6001 };
    struct bench *b = *state;
    u8 *d = malloc(10 * 2048 + 2);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        PACKET(b, limits[i], 0x28, 0, 0, 0, 0, 33, 0, 0, 9);
        unsigned first = reg(b, R_MID) | (unsigned)reg(b, R_HIGH) << 8;
        assert_true(first <= limits[i] && first % 2 == 0);
        assert_int_equal(take(b, d, 10 * 2048), 9 * 2048);
        assert_good(b);
        assert_memory_equal(d, sector(b, 33), 9 * 2048);
    }
    PACKET(b, 2048, 0xa8, 0, 0, 0, 0, 2, 0, 0, 0, 2);
    assert_int_equal(take(b, d, 10 * 2048), 2 * 2048);
    assert_memory_equal(d, sector(b, 2), 2 * 2048);
    free(d);
}

static void test_read_by_dma(void **state)
{
    struct bench *b = *state;
    const u8 read[12] = { 0x28, 0, 0, 0, 0, 7, 0, 0, 20 };
    prd(b, 0, DATA, 0x8000, false);
    prd(b, 1, DATA + 0x8000, 20 * 2048 - 0x8000, true);
    packet(b, read, 0, true);
    bm_start(b, true);
    harness_advance(&b->h, 40 * LATER);
    assert_int_equal(bm_status(b) & 0x07, 0x04);
    assert_good(b);
    assert_memory_equal(b->h.ram + DATA, sector(b, 7), 20 * 2048);
    /* data that are not sectors */
    prd(b, 0, DATA, 36, true);
    packet(b, (u8[12]){ 0x12, 0, 0, 0, 36 }, 0, true);
    bm_start(b, true);
    harness_advance(&b->h, 4 * LATER);
    assert_good(b);
    assert_memory_equal(b->h.ram + DATA + 16, "QEMU DVD-ROM", 12);
}

static void test_out_of_range(void **state)
{
    struct bench *b = *state;
    PACKET(b, 2048, 0x28, 0, 0, 0, CD_SECTORS >> 8, CD_SECTORS & 0xff, 0, 0, 1);
    assert_check(b, 5, 0x21);
    PACKET(b, 2048, 0x28, 0, 0, 0, 0, 0, 0, CD_SECTORS >> 8, (CD_SECTORS & 0xff) + 1);
    assert_check(b, 5, 0x21);
    PACKET(b, 2048, 0xa8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    assert_check(b, 5, 0x21);
    PACKET(b, 2048, 0x28);
    assert_good(b); /* no sectors: no data */
    PACKET(b, 0, 0x2b, 0, 0, 0, 1, 0);
    assert_good(b);
    PACKET(b, 0, 0x2b, 0, 0, 0, 2, 0);
    assert_check(b, 5, 0x21);
}

/* A byte count limit of 0 with data to come is an error of the ATA command. */
static void test_no_limit(void **state)
{
    struct bench *b = *state;
    PACKET(b, 0, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x51);
    assert_int_equal(reg(b, R_ERROR), 0x04);
}

static void test_host_failure(void **state)
{
    struct bench *b = *state;
    b->disk[1].fail = true;
    PACKET(b, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    assert_check(b, 3, 0x11);
}

static void test_read_cd(void **state)
{
    struct bench *b = *state;
    u8 *d = malloc(4 * 2352);
    PACKET(b, 0x3000, 0xbe, 0, 0, 0, 0, 5, 0, 0, 2, 0x10);
    assert_int_equal(take(b, d, 4 * 2352), 2 * 2048);
    assert_memory_equal(d, sector(b, 5), 2 * 2048);
    PACKET(b, 0x3000, 0xbe, 0, 0, 0, 0, 5, 0, 0, 3, 0xf8);
    assert_int_equal(take(b, d, 4 * 2352), 3 * 2352);
    assert_memory_equal(d + 2352, "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x02\x06\x01", 16);
    assert_memory_equal(d + 2352 + 16, sector(b, 6), 2048);
    PACKET(b, 0x3000, 0xbe, 0, 0, 0, 0, 5, 0, 0, 3, 0);
    assert_good(b); /* nothing selected: nothing sent */
    PACKET(b, 0x3000, 0xbe, 0x04, 0, 0, 0, 5, 0, 0, 3, 0x10);
    assert_check(b, 5, 0x24); /* audio is asked for */
    PACKET(b, 0x3000, 0xb9, 0, 0, 0, 2, 5, 0, 2, 6, 0x10);
    assert_int_equal(take(b, d, 4 * 2352), 2048);
    assert_memory_equal(d, sector(b, 5), 2048);
    free(d);
}

static void test_read_toc(void **state)
{
    struct bench *b = *state;
    u8 d[64];
    PACKET(b, 64, 0x43, 0, 0, 0, 0, 0, 0, 0, 64);
    assert_int_equal(take(b, d, sizeof(d)), 20);
    assert_memory_equal(
        d,
        ((u8[]){ 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x16, 0xaa, 0, 0, 0, CD_SECTORS >> 8, CD_SECTORS & 0xff }),
        20);
    PACKET(b, 64, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 64); /* MSF, the lead-out alone: 650 frames */
    assert_int_equal(take(b, d, sizeof(d)), 12);
    assert_memory_equal(d + 8, ((u8[]){ 0, 0, 8, 50 }), 4);
    PACKET(b, 64, 0x43, 0, 1, 0, 0, 0, 0, 0, 64);
    assert_int_equal(take(b, d, sizeof(d)), 12);
    assert_int_equal(d[1], 10);
    PACKET(b, 64, 0x43, 0, 2, 0, 0, 0, 0, 0, 64);
    assert_int_equal(take(b, d, sizeof(d)), 48);
    assert_int_equal(d[4 + 3], 0xa0);
    assert_int_equal(d[26 + 3], 0xa2);
    assert_int_equal(d[26 + 9], 8);
    PACKET(b, 64, 0x43, 0, 0, 0, 0, 0, 2, 0, 64); /* there is no track 2 */
    assert_check(b, 5, 0x24);
    PACKET(b, 64, 0x43, 0, 5, 0, 0, 0, 0, 0, 64);
    assert_check(b, 5, 0x24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DRIVE(test_signature),       TEST_DRIVE(test_identify_packet_device),
        TEST_DRIVE(test_device_reset),    TEST_DRIVE(test_inquiry),
        TEST_DRIVE(test_unknown_command), TEST_DRIVE(test_read_capacity),
        TEST_DRIVE(test_read_by_pio),     TEST_DRIVE(test_read_by_dma),
        TEST_DRIVE(test_out_of_range),    TEST_DRIVE(test_no_limit),
        TEST_DRIVE(test_host_failure),    TEST_DRIVE(test_read_cd),
        TEST_DRIVE(test_read_toc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
