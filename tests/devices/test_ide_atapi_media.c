/* test_ide_atapi_media.c: the CD drive's commands about itself and its media, medium changes, fuzz. */
#include "ide_atapi_bench.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
