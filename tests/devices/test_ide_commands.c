/* test_ide_commands.c: ATA commands without sectors: features, power, SMART, diagnostics (ATA/ATAPI-6, section 8). */
#include "ide_bench.h"

/* ---- other commands ---- */

static void test_plain_successes(void **state)
{
    static const u8 cmd[] = { 0x10, 0x1f, 0x94, 0x95, 0x96, 0x97, 0xe0, 0xe1, 0xe2, 0xe3, 0xe7, 0xea };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(cmd); i++) {
        simple(b, cmd[i], 0, 0);
        assert_ok(b);
    }
    assert_int_equal(b->disk[0].flushes, 2);
}

static void test_not_built(void **state)
{
    static const u8 silent[] = { 0x00, 0x08, 0xa0, 0xa1 };
    static const u8 said[] = { 0x22, 0x37, 0x3d, 0x60, 0x92, 0xb1, 0xe4, 0xe8, 0xf1, 0xf5, 0xf9, 0xff };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(silent); i++) {
        simple(b, silent[i], 0, 0);
        assert_aborted(b);
    }
    assert_false(harness_logged(&b->h, "ATA command"));
    for (unsigned i = 0; i < ARRAY_LEN(said); i++) {
        simple(b, said[i], 0, 0);
        assert_aborted(b);
    }
    assert_true(harness_logged(&b->h, "ATA command 22"));
}

static void test_seek(void **state)
{
    struct bench *b = *state;
    command28(b, 0x70, SMALL - 1, 0);
    wait(b);
    assert_ok(b);
    command28(b, 0x70, SMALL, 0);
    wait(b);
    assert_int_equal(reg(b, R_ERROR), 0x10);
}

static void diagnose(struct bench *b)
{
    set(b, R_DEVICE, 0xb0);
    set(b, R_COMMAND, 0x90);
    wait(b);
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_int_equal(reg(b, R_ERROR), 0x01);
    assert_int_equal(reg(b, R_DEVICE), 0xa0);
    assert_int_equal(reg(b, R_COUNT), 1);
}

static void test_diagnostic(void **state)
{
    struct bench *b = *state;
    diagnose(b); /* the selected device 1 is absent, but device 0 takes it */
    b->base = 0x170;
    diagnose(b);
}

static void test_native_max(void **state)
{
    struct bench *b = *state;
    command28(b, 0xf8, 0, 0);
    wait(b);
    assert_ok(b);
    assert_int_equal(reg(b, R_LOW) | reg(b, R_MID) << 8 | reg(b, R_HIGH) << 16, SMALL - 1);
    b->base = 0x170;
    command28(b, 0xf8, 0, 0);
    wait(b);
    assert_int_equal(reg(b, R_DEVICE) & 0x0f, 0x0f);
    assert_int_equal(reg(b, R_HIGH), 0xff);
    command48(b, 0x27, 0, 0);
    wait(b);
    assert_int_equal(reg(b, R_HIGH), 0xff);
    control(b, 0x80);
    assert_int_equal(reg(b, R_LOW), 0xff);
    assert_int_equal(reg(b, R_MID), 0x00);
    control(b, 0);
    set(b, R_DEVICE, 0xa0);
    simple(b, 0x27, 0, 0);
    assert_aborted(b);
}

static void test_power_modes(void **state)
{
    struct bench *b = *state;
    simple(b, 0xe5, 0, 0x12);
    assert_int_equal(reg(b, R_COUNT), 0xff);
    simple(b, 0xe0, 0, 0);
    simple(b, 0xe5, 0, 0x12);
    assert_int_equal(reg(b, R_COUNT), 0x00);
    command28(b, 0x40, 0, 1); /* a media access wakes it */
    wait(b);
    simple(b, 0xe5, 0, 0x12);
    assert_int_equal(reg(b, R_COUNT), 0xff);
}

static void test_sleep(void **state)
{
    struct bench *b = *state;
    simple(b, 0xe6, 0, 0);
    assert_ok(b);
    simple(b, 0xe5, 0, 0x12);
    assert_false(irq(b));
    assert_int_equal(reg(b, R_COUNT), 0x12);
    control(b, 4);
    control(b, 0);
    harness_advance(&b->h, IDE_RESET_NS);
    simple(b, 0xe5, 0, 0x12);
    assert_int_equal(reg(b, R_COUNT), 0xff);
}

static void test_set_features(void **state)
{
    struct bench *b = *state;
    u16 id[256];
    simple(b, 0xef, 0x03, 0x22); /* multiword DMA 2 */
    assert_ok(b);
    simple(b, 0xef, 0x82, 0);
    assert_ok(b);
    assert_int_equal(b->disk[0].flushes, 1);
    simple(b, 0xef, 0x55, 0);
    assert_ok(b);
    identify(b, id);
    assert_int_equal(id[63], 0x0407);
    assert_int_equal(id[88], 0x003f);
    assert_int_equal(id[85], 0x4001);
    simple(b, 0xef, 0x03, 0x45); /* Ultra DMA 5 */
    identify(b, id);
    assert_int_equal(id[88], 0x203f);
    assert_int_equal(id[63], 0x0007);
    simple(b, 0xef, 0x03, 0x46);
    assert_aborted(b);
    simple(b, 0xef, 0x03, 0xff);
    assert_aborted(b);
    simple(b, 0xef, 0x99, 0);
    assert_aborted(b);
    assert_true(harness_logged(&b->h, "SET FEATURES subcommand 99"));
}

static void test_features_over_reset(void **state)
{
    struct bench *b = *state;
    u16 id[256];
    simple(b, 0xc6, 0, 4);
    simple(b, 0xef, 0x66, 0);
    soft_reset(b);
    identify(b, id);
    assert_int_equal(id[59], 0x0104);
    simple(b, 0xef, 0xcc, 0);
    soft_reset(b);
    identify(b, id);
    assert_int_equal(id[59], 0x0110);
}

static void smart(struct bench *b, u8 feature, u8 log, u8 count)
{
    set(b, R_LOW, log);
    set(b, R_MID, 0x4f);
    set(b, R_HIGH, 0xc2);
    simple(b, 0xb0, feature, count);
}

static void test_smart(void **state)
{
    struct bench *b = *state;
    u8 data[512], sum = 0;
    harness_advance(&b->h, 3 * 3600 * NS_PER_SEC);
    smart(b, 0xda, 0, 0);
    assert_ok(b);
    assert_int_equal(reg(b, R_MID), 0x4f);
    assert_int_equal(reg(b, R_HIGH), 0xc2);
    smart(b, 0xd0, 0, 0);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, data, 256);
    for (unsigned i = 0; i < 512; i++)
        sum = (u8)(sum + data[i]);
    assert_int_equal(sum, 0);
    assert_int_equal(data[0], 1);
    assert_int_equal(data[2 + 4 * 12], 9);
    assert_int_equal(get_le32(data + 2 + 4 * 12 + 5), 4); /* hours */
    assert_memory_equal(data + 2 + 6 * 12, ((u8[]){ 190, 3, 0, 69, 69, 31, 0, 31, 31 }), 9);
    assert_memory_equal(data + 362, ((u8[]){ 0x82, 0, 0x20, 1, 0, 0x19, 3, 0, 1, 0, 2, 0x36, 1 }), 13);
    smart(b, 0xd1, 0, 0);
    read_words(b, data, 256);
    assert_int_equal(data[2], 1);
    smart(b, 0xd5, 1, 1);
    read_words(b, data, 256);
    assert_int_equal(data[0], 1);
    smart(b, 0xd5, 0x77, 1);
    assert_aborted(b);
    for (unsigned i = 0; i < 22; i++) { /* the log has room for 21 */
        smart(b, 0xd4, 1 + i % 2, 0);
        assert_ok(b);
    }
    smart(b, 0xd4, 3, 0);
    assert_aborted(b);
    smart(b, 0xd5, 6, 1);
    read_words(b, data, 256);
    assert_int_equal(data[508], 1);
    assert_int_equal(data[2], 2);
    smart(b, 0xd9, 0, 0);
    assert_ok(b);
    smart(b, 0xd0, 0, 0);
    assert_aborted(b);
    smart(b, 0xd8, 0, 0);
    assert_ok(b);
    simple(b, 0xb0, 0xd0, 0); /* no longer after the wrong key */
    set(b, R_MID, 0);
    reg(b, R_STATUS);
    soft_reset(b);
    simple(b, 0xb0, 0xd0, 0);
    assert_aborted(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain_successes),     TEST(test_not_built),   TEST(test_seek),  TEST(test_diagnostic),
        TEST(test_native_max),          TEST(test_power_modes), TEST(test_sleep), TEST(test_set_features),
        TEST(test_features_over_reset), TEST(test_smart),
    };
    return cmocka_run_group_tests_name("ide_commands", tests, NULL, NULL);
}
