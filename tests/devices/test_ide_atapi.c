/* test_ide_atapi.c: a CD-ROM drive as slave of a hard disk: the packet protocols of ATA/ATAPI-6 (section 9), the packet
 * commands of MMC-3 and SFF-8020i. */
#include "ide_bench.h"

#define DATA 0x4000u

static int setup_drive(void **state)
{
    setup_cdrom(state);
    set(*state, R_DEVICE, 0xb0);
    return 0;
}

static const u8 *sector(struct bench *b, unsigned lba)
{
    return b->disk[1].data + (size_t)lba * 2048;
}

/* Writes a packet command and its packet; the interrupt does not ask for the packet. */
static void packet(struct bench *b, const u8 *bytes, unsigned limit, bool dma)
{
    set(b, R_FEATURES, dma);
    set(b, R_MID, limit & 0xff);
    set(b, R_HIGH, limit >> 8);
    set(b, R_COMMAND, 0xa0);
    assert_int_equal(alt_status(b), 0x80);
    wait(b);
    assert_false(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x58);
    assert_int_equal(reg(b, R_COUNT), 0x01);
    write_words(b, bytes, 6);
    assert_int_equal(alt_status(b), 0x80);
    wait(b);
    harness_advance(&b->h, LATER);
}
#define PACKET(b, limit, ...) packet(b, (u8[12]){ __VA_ARGS__ }, limit, false)

static void assert_good(struct bench *b)
{
    assert_true(irq(b));
    assert_int_equal(reg(b, R_COUNT), 0x03);
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_false(irq(b));
}

/* CHECK CONDITION; then REQUEST SENSE says the same, once. */
static void assert_check(struct bench *b, unsigned key, unsigned asc)
{
    u8 s[18];
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x51);
    assert_int_equal(reg(b, R_ERROR) >> 4, key);
    PACKET(b, 18, 0x03, 0, 0, 0, 18);
    read_words(b, s, 9);
    wait(b);
    assert_good(b);
    assert_int_equal(s[0], 0xf0);
    assert_int_equal(s[2], key);
    assert_int_equal(s[7], 10);
    assert_int_equal(s[12], asc);
}

/* Takes all data of a packet in bursts; returns their bytes. */
static unsigned take(struct bench *b, u8 *to, unsigned room)
{
    unsigned got = 0;
    while (alt_status(b) & 0x08) {
        assert_int_equal(reg(b, R_STATUS), 0x58);
        unsigned n = reg(b, R_MID) | (unsigned)reg(b, R_HIGH) << 8;
        assert_int_equal(reg(b, R_COUNT), 0x02);
        assert_true(n >= 1 && got + n + 1 <= room);
        read_words(b, to + got, (n + 1) / 2);
        got += n;
        wait(b);
    }
    return got;
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

static void test_mode_sense(void **state)
{
    struct bench *b = *state;
    u8 d[80];
    PACKET(b, 64, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 64);
    assert_int_equal(take(b, d, sizeof(d)), 30);
    assert_int_equal(d[1], 28);
    assert_memory_equal(d + 8, ((u8[]){ 0x2a, 20, 0x3b, 0, 0x71, 0x60, 0x29, 0, 2, 0xc0, 0, 2, 2, 0 }), 14);
    PACKET(b, 0, 0x1e, 0, 0, 0, 1);
    PACKET(b, 64, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 64);
    take(b, d, sizeof(d));
    assert_int_equal(d[14], 0x2b); /* locked */
    PACKET(b, 64, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 80);
    assert_int_equal(take(b, d, sizeof(d)), 8 + 8 + 16 + 22);
    PACKET(b, 64, 0x5a, 0, 0xea, 0, 0, 0, 0, 0, 64);
    assert_check(b, 5, 0x39);
    PACKET(b, 64, 0x5a, 0, 0x11, 0, 0, 0, 0, 0, 64);
    assert_check(b, 5, 0x24);
}

static void test_get_configuration(void **state)
{
    struct bench *b = *state;
    u8 d[64];
    PACKET(b, 64, 0x46, 0, 0, 0, 0, 0, 0, 0, 64);
    assert_int_equal(take(b, d, sizeof(d)), 8 + 12 + 12 + 8);
    assert_int_equal(get_be32(d), 36);
    assert_int_equal(get_be16(d + 6), 8); /* a CD-ROM */
    assert_memory_equal(d + 8, ((u8[]){ 0, 0, 3, 8, 0, 0x10, 0, 0, 0, 8, 1, 0 }), 12);
    PACKET(b, 64, 0x46, 2, 0, 3, 0, 0, 0, 0, 64);
    assert_int_equal(take(b, d, sizeof(d)), 16);
    assert_int_equal(d[9], 3);
    atapi_change_disc(&b->chip.channel[0].drive[1], NULL);
    PACKET(b, 64, 0x46, 2, 0, 0, 0, 0, 0, 0, 64);
    take(b, d, sizeof(d));
    assert_int_equal(get_be16(d + 6), 0);
}

static void test_disc_and_mechanism(void **state)
{
    struct bench *b = *state;
    u8 d[64];
    PACKET(b, 64, 0x51, 0, 0, 0, 0, 0, 0, 0, 34);
    assert_int_equal(take(b, d, sizeof(d)), 34);
    assert_memory_equal(d, ((u8[]){ 0, 32, 0x0e, 1, 1, 1, 1, 0x20 }), 8);
    PACKET(b, 64, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8);
    assert_int_equal(take(b, d, sizeof(d)), 8);
    PACKET(b, 64, 0x52, 1, 0, 0, 0, 1, 0, 0, 36);
    assert_int_equal(take(b, d, sizeof(d)), 36);
    assert_memory_equal(d, ((u8[]){ 0, 34, 1, 1, 0, 4, 1 }), 7);
    assert_int_equal(get_be32(d + 24), CD_SECTORS);
    PACKET(b, 64, 0x52, 1, 0, 0, 0, 2, 0, 0, 36);
    assert_check(b, 5, 0x24);
    PACKET(b, 0, 0xbb, 0, 0xff, 0xff);
    assert_good(b);
    PACKET(b, 64, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 20);
    assert_check(b, 5, 0x24); /* no DVD */
}

static void test_dvd(void **state)
{
    struct bench *b = *state;
    u8 d[64];
    atapi_change_disc(&b->chip.channel[0].drive[1], &b->disk[2].backend);
    b->chip.channel[0].drive[1].atapi.changed = ATAPI_SAME;
    PACKET(b, 64, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 20);
    assert_int_equal(take(b, d, sizeof(d)), 20);
    assert_int_equal(get_be32(d + 8), 0x30000);
    assert_int_equal(get_be32(d + 12), 0x30000 + (1u << 30) - 1);
    PACKET(b, 64, 0x46, 0, 0, 0, 0, 0, 0, 0, 8);
    take(b, d, sizeof(d));
    assert_int_equal(get_be16(d + 6), 0x10);
}

static u8 media_event(struct bench *b, u8 *status)
{
    u8 d[16];
    PACKET(b, 64, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
    assert_int_equal(take(b, d, sizeof(d)), 8);
    assert_int_equal(get_be16(d), 4);
    assert_int_equal(d[2], 4);
    *status = d[5];
    return d[4];
}

static void test_events(void **state)
{
    struct bench *b = *state;
    u8 d[16], status;
    PACKET(b, 64, 0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8); /* not polled */
    assert_check(b, 5, 0x24);
    PACKET(b, 64, 0x4a, 1, 0, 0, 0x02, 0, 0, 0, 8);
    assert_int_equal(take(b, d, sizeof(d)), 4);
    assert_memory_equal(d, ((u8[]){ 0, 0, 0x80, 0x10 }), 4);
    assert_int_equal(media_event(b, &status), 0);
    assert_int_equal(status, 2);
    atapi_eject_button(&b->chip.channel[0].drive[1]);
    assert_int_equal(media_event(b, &status), 1);
    atapi_change_disc(&b->chip.channel[0].drive[1], NULL);
    assert_int_equal(media_event(b, &status), 0);
    assert_int_equal(status, 1);
    atapi_change_disc(&b->chip.channel[0].drive[1], &b->disk[1].backend);
    assert_int_equal(media_event(b, &status), 2);
    assert_int_equal(media_event(b, &status), 0);
    assert_int_equal(status, 2);
}

/* A changed disc: gone, then a unit attention, then there. */
static void test_medium_change(void **state)
{
    struct bench *b = *state;
    struct ide_drive *d = &b->chip.channel[0].drive[1];
    PACKET(b, 0, 0x00);
    assert_good(b);
    atapi_change_disc(d, NULL);
    PACKET(b, 0, 0x00);
    assert_check(b, 2, 0x3a);
    PACKET(b, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    assert_check(b, 2, 0x3a);
    atapi_change_disc(d, &b->disk[1].backend);
    PACKET(b, 0, 0x00);
    assert_check(b, 2, 0x3a);
    PACKET(b, 0, 0x00);
    assert_check(b, 6, 0x28);
    PACKET(b, 0, 0x00);
    assert_good(b);
}

static void test_disc_taken_out_while_read(void **state)
{
    struct bench *b = *state;
    u8 *d = malloc(20 * 2048);
    PACKET(b, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 16);
    atapi_change_disc(&b->chip.channel[0].drive[1], NULL);
    assert_int_equal(take(b, d, 20 * 2048), 4 * 2048);
    assert_check(b, 2, 0x3a);
    free(d);
}

static void test_tray(void **state)
{
    struct bench *b = *state;
    u8 status;
    PACKET(b, 0, 0x1e, 0, 0, 0, 1);
    assert_good(b);
    PACKET(b, 0, 0x1b, 0, 0, 0, 2); /* eject */
    assert_check(b, 2, 0x53);
    PACKET(b, 0, 0x1e, 0, 0, 0, 0);
    PACKET(b, 0, 0x1b, 0, 0, 0, 2);
    assert_good(b);
    PACKET(b, 0, 0x00);
    assert_check(b, 2, 0x3a);
    media_event(b, &status);
    assert_int_equal(status, 1);
    PACKET(b, 0, 0x1b, 0, 0, 0, 3); /* load */
    assert_good(b);
    PACKET(b, 0, 0x00);
    assert_check(b, 6, 0x28);
    PACKET(b, 0, 0x00);
    assert_good(b);
}

static void test_disk_commands_are_refused(void **state)
{
    static const u8 codes[] = { 0x20, 0x30, 0x25, 0x35, 0xc8, 0xca, 0xc4, 0xb0, 0xf8, 0x27, 0x91 };
    struct bench *b = *state;
    for (size_t i = 0; i < sizeof(codes); i++) {
        set(b, R_COUNT, 1);
        set(b, R_COMMAND, codes[i]);
        wait(b);
        assert_aborted(b);
    }
    assert_int_equal(b->disk[1].reads, 0);
    set(b, R_DEVICE, 0xa0); /* the disk beside it is one */
    u16 id[256];
    identify(b, id);
    assert_int_equal(id[0], 0x0040);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->chip.channel[0].command_block, &b->chip.channel[0].control_block,
                                 &b->chip.channel[0].bm_registers, &b->chip.channel[0].bm_table };
    for (unsigned i = 0; i < 50; i++) {
        harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 400);
        control(b, 0);
        set(b, R_DEVICE, 0xb0);
        set(b, R_COMMAND, 0x08);
        wait(b);
    }
}

/* Well-formed packets with random contents, PIO and DMA, discs that come and go. */
static void test_fuzz_packets(void **state)
{
    static const u8 codes[] = { 0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x2b, 0x43, 0x46, 0x4a,
                                0x51, 0x52, 0x5a, 0xa8, 0xad, 0xb9, 0xbb, 0xbd, 0xbe, 0x55 };
    struct bench *b = *state;
    u64 seed = 99;
    for (unsigned i = 0; i < 4000; i++) {
        u8 p[12];
        for (unsigned n = 0; n < 12; n++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            p[n] = (seed >> 40 & 3) ? (u8)(seed >> 50 & 1) : (u8)(seed >> 56);
        }
        p[0] = codes[(seed >> 33) % sizeof(codes)];
        prd(b, 0, DATA, (u32)(seed >> 20 & 0xffff), seed & BIT(19));
        bm_start(b, seed & BIT(18));
        set(b, R_COMMAND, 0x08);
        wait(b);
        packet(b, p, seed >> 10 & 0xffff, seed & BIT(17));
        for (unsigned n = 0; n < 5000 && (reg(b, R_STATUS) & 0x88); n++) {
            in(b, b->base, seed & BIT(16) ? 4 : 2);
            harness_advance(&b->h, IDE_BLOCK_NS);
        }
        if ((seed >> 44 & 15) == 0)
            atapi_change_disc(&b->chip.channel[0].drive[1], seed & BIT(15) ? &b->disk[1].backend : NULL);
    }
}

static void test_state(void **state)
{
    struct bench *b = *state;
    void *other;
    setup_cdrom(&other);
    harness_check_state(&piix3_ide_state, &b->chip, &((struct bench *)other)->chip);
    teardown(&other);
}

#define TEST_DRIVE(f) cmocka_unit_test_setup_teardown(f, setup_drive, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DRIVE(test_signature),
        TEST_DRIVE(test_identify_packet_device),
        TEST_DRIVE(test_device_reset),
        TEST_DRIVE(test_inquiry),
        TEST_DRIVE(test_unknown_command),
        TEST_DRIVE(test_read_capacity),
        TEST_DRIVE(test_read_by_pio),
        TEST_DRIVE(test_read_by_dma),
        TEST_DRIVE(test_out_of_range),
        TEST_DRIVE(test_no_limit),
        TEST_DRIVE(test_host_failure),
        TEST_DRIVE(test_read_cd),
        TEST_DRIVE(test_read_toc),
        TEST_DRIVE(test_mode_sense),
        TEST_DRIVE(test_get_configuration),
        TEST_DRIVE(test_disc_and_mechanism),
        TEST_DRIVE(test_dvd),
        TEST_DRIVE(test_events),
        TEST_DRIVE(test_medium_change),
        TEST_DRIVE(test_disc_taken_out_while_read),
        TEST_DRIVE(test_tray),
        TEST_DRIVE(test_disk_commands_are_refused),
        TEST_DRIVE(test_fuzz),
        TEST_DRIVE(test_fuzz_packets),
        TEST_DRIVE(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
