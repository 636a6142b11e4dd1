/* test_ide_pio.c: IDENTIFY and the PIO data commands of an ATA disk (ATA/ATAPI-6, sections 8 and 9.5 to 9.7). */
#include "ide_bench.h"

/* ---- IDENTIFY ---- */

static void text(const u16 *id, unsigned word, unsigned words, char *to)
{
    for (unsigned i = 0; i < words; i++) {
        to[2 * i] = (char)(id[word + i] >> 8);
        to[2 * i + 1] = (char)id[word + i];
    }
    to[2 * words] = 0;
}

static void test_identify(void **state)
{
    struct bench *b = *state;
    u16 id[256];
    char s[41];
    identify(b, id);
    assert_int_equal(id[0], 0x0040);
    assert_int_equal(id[1], SMALL / (16 * 63));
    assert_int_equal(id[3], 16);
    assert_int_equal(id[4], 63 * 512);
    assert_int_equal(id[5], 512);
    assert_int_equal(id[6], 63);
    text(id, 10, 10, s);
    assert_string_equal(s, "QM00001             ");
    text(id, 27, 20, s);
    assert_string_equal(s, "QEMU HARDDISK                           ");
    assert_int_equal(id[47], 0x8010);
    assert_int_equal(id[49], 0x0b00);
    assert_int_equal(id[54], 4);
    assert_int_equal(id[57] | (u32)id[58] << 16, 4 * 16 * 63);
    assert_int_equal(id[59], 0x0110);
    assert_int_equal(id[60] | (u32)id[61] << 16, SMALL);
    assert_int_equal(get_le64(&id[100]), SMALL);
    assert_int_equal(id[83] & 0xc400, 0x4400);
    assert_int_equal(id[85], 0x4021);
    assert_int_equal(id[69], 0x4000);
    assert_int_equal(id[169], 0x0001);
    assert_int_equal(id[88], 0x203f);
}

static void test_identify_two_tib(void **state)
{
    struct bench *b = *state;
    u16 id[256];
    b->base = 0x170;
    identify(b, id);
    assert_int_equal(id[1], 16383);
    assert_int_equal(id[54], 16383);
    assert_int_equal(id[60] | (u32)id[61] << 16, 0x0fffffff);
    assert_true(get_le64(&id[100]) == (u64)1 << 32);
}

static void test_data_port_widths(void **state)
{
    struct bench *b = *state;
    u8 *data = b->disk[0].data;
    command28(b, 0x20, 0, 1);
    wait(b);
    assert_int_equal(in(b, b->base, 4), get_le32(data));
    assert_int_equal(in(b, b->base, 2), get_le16(data + 4));
    assert_int_equal(in(b, b->base, 1), data[6]); /* a word goes by */
    assert_int_equal(in(b, b->base, 2), get_le16(data + 8));
    assert_int_equal(in(b, b->base + R_COUNT, 2), 0 | 0 << 8); /* registers by the byte: count left 0, LBA 0 */
    for (unsigned i = 0; i < 250; i++)
        in(b, b->base, 2);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    in(b, b->base, 4); /* one word more than there is */
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_int_equal(in(b, b->base, 2), 0);
}

/* ---- PIO ---- */

static void test_read_sectors(void **state)
{
    struct bench *b = *state;
    u8 buf[3 * 512];
    command28(b, 0x20, 100, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(alt_status(b), 0x80);
        wait(b);
        assert_true(irq(b));
        assert_int_equal(reg(b, R_STATUS), 0x58);
        assert_int_equal(reg(b, R_COUNT), 2 - i);
        assert_int_equal(reg(b, R_LOW), 100 + i);
        read_words(b, buf + i * 512, 256);
    }
    assert_int_equal(reg(b, R_STATUS), 0x50);
    wait(b);
    assert_false(irq(b)); /* the last block needs no thanks */
    assert_memory_equal(buf, b->disk[0].data + 100 * 512, sizeof(buf));
    assert_int_equal(b->h.rises[14], 3);
}

static void test_read_256(void **state)
{
    struct bench *b = *state;
    u8 sector[512];
    command28(b, 0x20, 0, 0);
    for (unsigned i = 0; i < 256; i++) {
        wait(b);
        assert_int_equal(reg(b, R_STATUS), 0x58);
        read_words(b, sector, 256);
        assert_memory_equal(sector, b->disk[0].data + i * 512, 512);
    }
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x50);
}

static void test_write_sectors(void **state)
{
    struct bench *b = *state;
    u8 buf[1024];
    for (unsigned i = 0; i < sizeof(buf); i++)
        buf[i] = (u8)(i * 5 + 1);
    command28(b, 0x30, 200, 2);
    wait(b);
    assert_false(irq(b)); /* DRQ for the first block comes without one */
    assert_int_equal(reg(b, R_STATUS), 0x58);
    write_words(b, buf, 256);
    assert_int_equal(alt_status(b), 0x80);
    assert_int_equal(b->disk[0].writes, 0);
    wait(b);
    assert_int_equal(b->disk[0].writes, 1);
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x58);
    write_words(b, buf + 512, 256);
    wait(b);
    assert_ok(b);
    assert_memory_equal(b->disk[0].data + 200 * 512, buf, sizeof(buf));
    assert_int_equal(reg(b, R_LOW), 201);
}

static void test_multiple(void **state)
{
    struct bench *b = *state;
    u8 buf[10 * 512];
    simple(b, 0xc6, 0, 8);
    assert_ok(b);
    command28(b, 0xc4, 40, 10);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, buf, 8 * 256);
    assert_int_equal(alt_status(b), 0x80);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, buf + 8 * 512, 2 * 256);
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_memory_equal(buf, b->disk[0].data + 40 * 512, sizeof(buf));
    command28(b, 0xc5, 1000, 10);
    wait(b);
    write_words(b, buf, 8 * 256);
    wait(b);
    write_words(b, buf + 8 * 512, 2 * 256);
    wait(b);
    assert_ok(b);
    assert_memory_equal(b->disk[0].data + 1000 * 512, buf, sizeof(buf));
}

static void test_set_multiple(void **state)
{
    static const u8 bad[] = { 3, 17, 32, 128, 255 };
    struct bench *b = *state;
    u16 id[256];
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        simple(b, 0xc6, 0, bad[i]);
        assert_aborted(b);
    }
    simple(b, 0xc6, 0, 0);
    assert_ok(b);
    identify(b, id);
    assert_int_equal(id[59], 0);
    command28(b, 0xc4, 0, 1); /* MULTIPLE is off */
    wait(b);
    assert_aborted(b);
}

static void test_lba48(void **state)
{
    struct bench *b = *state;
    u64 last = ((u64)1 << 32) - 1;
    u8 sector[512];
    b->base = 0x170;
    command48(b, 0x24, last, 1);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, sector, 256);
    assert_true(get_le64(sector) == last);
    assert_int_equal(reg(b, R_LOW), 0xff);
    control(b, 0x80); /* HOB */
    assert_int_equal(reg(b, R_LOW), 0xff);
    assert_int_equal(reg(b, R_MID), 0x00);
    set(b, R_LOW, 0x12); /* a write ends HOB */
    assert_int_equal(reg(b, R_LOW), 0x12);
    memset(sector, 0x5a, sizeof(sector));
    command48(b, 0x34, 0x87654321, 1);
    wait(b);
    write_words(b, sector, 256);
    wait(b);
    assert_ok(b);
    assert_true(b->disk[2].last_write == 0x87654321);
}

static void test_beyond_the_end(void **state)
{
    struct bench *b = *state;
    static const u8 cmd[] = { 0x20, 0x30, 0x40, 0xc4, 0xc5, 0xc8, 0xca, 0x70 };
    for (unsigned i = 0; i < ARRAY_LEN(cmd); i++) {
        command28(b, cmd[i], SMALL, 2);
        wait(b);
        assert_true(irq(b));
        assert_int_equal(reg(b, R_STATUS), 0x51);
        assert_int_equal(reg(b, R_ERROR), 0x10);
    }
    command28(b, 0x20, 0x0fffffff, 1);
    wait(b);
    assert_int_equal(reg(b, R_ERROR), 0x10);
    command48(b, 0x24, ((u64)1 << 48) - 1, 0);
    wait(b);
    assert_int_equal(reg(b, R_ERROR), 0x10);
    assert_int_equal(b->disk[0].reads + b->disk[0].writes, 0);
}

/* The error, at the first sector that is not there. */
static void assert_left_disk(struct bench *b)
{
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x51);
    assert_int_equal(reg(b, R_ERROR), 0x10);
    assert_int_equal(reg(b, R_LOW) | reg(b, R_MID) << 8, SMALL);
}

static void test_leaving_the_disk(void **state)
{
    struct bench *b = *state;
    u8 buf[4 * 512];
    command28(b, 0x20, SMALL - 1, 2);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, buf, 256);
    assert_memory_equal(buf, b->disk[0].data + (SMALL - 1) * 512, 512);
    wait(b);
    assert_left_disk(b);
    command28(b, 0xc4, SMALL - 4, 8); /* a block of which half exists */
    wait(b);
    read_words(b, buf, 4 * 256);
    wait(b);
    assert_left_disk(b);
    memset(buf, 0xee, sizeof(buf));
    command28(b, 0x30, SMALL - 1, 2);
    wait(b);
    write_words(b, buf, 256);
    wait(b);
    assert_left_disk(b);
    assert_memory_equal(b->disk[0].data + (SMALL - 1) * 512, buf, 512);
    command28(b, 0x40, SMALL - 20, 40);
    wait(b);
    assert_left_disk(b);
}

static void test_ext_needs_lba(void **state)
{
    struct bench *b = *state;
    set(b, R_DEVICE, 0xa0);
    simple(b, 0x24, 0, 1);
    assert_aborted(b);
}

static void chs(struct bench *b, u8 cmd, unsigned cylinder, unsigned head, unsigned sector)
{
    set(b, R_DEVICE, 0xa0 | head);
    set(b, R_COUNT, 1);
    set(b, R_LOW, sector);
    set(b, R_MID, cylinder & 0xff);
    set(b, R_HIGH, cylinder >> 8);
    set(b, R_COMMAND, cmd);
    wait(b);
}

static void test_chs(void **state)
{
    struct bench *b = *state;
    u8 sector[512];
    chs(b, 0x20, 2, 3, 4);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, sector, 256);
    assert_memory_equal(sector, b->disk[0].data + ((2 * 16 + 3) * 63 + 3) * 512, 512);
    assert_int_equal(reg(b, R_LOW), 4);
    assert_int_equal(reg(b, R_MID), 2);
    assert_int_equal(reg(b, R_DEVICE) & 0x0f, 3);
    chs(b, 0x20, 0, 0, 0);
    assert_int_equal(reg(b, R_ERROR), 0x10);
    chs(b, 0x20, 0, 0, 64);
    assert_int_equal(reg(b, R_ERROR), 0x10);
    chs(b, 0x20, 5, 0, 1);
    assert_int_equal(reg(b, R_ERROR), 0x10);
}

static void test_translation(void **state)
{
    struct bench *b = *state;
    u8 sector[512];
    u16 id[256];
    set(b, R_DEVICE, 0xa0 | 3); /* 4 heads of 17 sectors */
    simple(b, 0x91, 0, 17);
    assert_ok(b);
    chs(b, 0x20, 10, 3, 17);
    read_words(b, sector, 256);
    assert_memory_equal(sector, b->disk[0].data + ((10 * 4 + 3) * 17 + 16) * 512, 512);
    chs(b, 0x20, 10, 4, 1);
    assert_int_equal(reg(b, R_ERROR), 0x10);
    identify(b, id);
    assert_int_equal(id[54], SMALL / (4 * 17));
    assert_int_equal(id[55], 4);
    assert_int_equal(id[56], 17);
    simple(b, 0x91, 0, 0);
    assert_aborted(b);
}

static void test_read_only(void **state)
{
    struct bench *b = *state;
    static const u8 cmd[] = { 0x30, 0x31, 0xc5, 0xca };
    b->base = 0x170;
    set(b, R_DEVICE, 0xb0);
    for (unsigned i = 0; i < ARRAY_LEN(cmd); i++) {
        command28(b, cmd[i], 1, 1);
        wait(b);
        assert_aborted(b);
    }
    command28(b, 0x20, 1, 1);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
}

static void test_host_failures(void **state)
{
    struct bench *b = *state;
    u8 sector[512] = { 0 };
    b->disk[0].fail = true;
    command28(b, 0x20, 9, 1);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x51);
    assert_int_equal(reg(b, R_ERROR), 0x40);
    assert_int_equal(reg(b, R_LOW), 9);
    command28(b, 0x30, 9, 1);
    wait(b);
    write_words(b, sector, 256);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x71);
    simple(b, 0xe7, 0, 0);
    assert_int_equal(reg(b, R_STATUS), 0x71);
}

static void test_verify(void **state)
{
    struct bench *b = *state;
    command28(b, 0x40, 0, 0);
    harness_advance(&b->h, IDE_COMMAND_NS);
    assert_int_equal(alt_status(b), 0x80); /* 256 sectors take more than one step */
    harness_advance(&b->h, 10 * IDE_BLOCK_NS);
    assert_ok(b);
    assert_int_equal(b->disk[0].reads, 256 / IDE_MULTIPLE_MAX);
    b->disk[0].fail = true;
    command48(b, 0x42, 0, 16);
    wait(b);
    assert_int_equal(reg(b, R_ERROR), 0x40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_identify), TEST(test_identify_two_tib), TEST(test_data_port_widths), TEST(test_read_sectors),
        TEST(test_read_256), TEST(test_write_sectors),    TEST(test_multiple),         TEST(test_set_multiple),
        TEST(test_lba48),    TEST(test_beyond_the_end),   TEST(test_leaving_the_disk), TEST(test_ext_needs_lba),
        TEST(test_chs),      TEST(test_translation),      TEST(test_read_only),        TEST(test_host_failures),
        TEST(test_verify),
    };
    return cmocka_run_group_tests_name("ide_pio", tests, NULL, NULL);
}
