/* test_pm_smbus.c: the PIIX4's SMBus host controller (data sheet 290562, section 7.3) and the EEPROMs behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "pm_smbus.h"

#define STS 0
#define CNT 2
#define CMD 3
#define ADD 4
#define DAT0 5
#define DAT1 6
#define BLK 7

#define QUICK 0x40
#define BYTE 0x44
#define BYTE_DATA 0x48
#define WORD_DATA 0x4c
#define BLOCK 0x54

#define DONE 0x02
#define DEV_ERR 0x04

struct bench {
    struct harness h;
    struct pm_smbus bus;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    pm_smbus_init(&b->bus, &b->h.log);
    pm_smbus_reset(&b->bus);
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

static u8 rd(struct bench *b, unsigned reg)
{
    return (u8)harness_read(&b->h, &b->bus.io, reg, 1);
}

static void wr(struct bench *b, unsigned reg, unsigned v)
{
    harness_write(&b->h, &b->bus.io, reg, v, 1);
}

/* A transaction; returns its status, which is cleared. */
static u8 go(struct bench *b, unsigned address, unsigned command, unsigned control)
{
    wr(b, ADD, address);
    wr(b, CMD, command);
    wr(b, CNT, control);
    u8 status = rd(b, STS);
    wr(b, STS, 0x1e);
    assert_int_equal(rd(b, STS), 0);
    return status;
}

static void test_who_is_there(void **state)
{
    struct bench *b = *state;
    for (unsigned a = 0; a < 0x80; a++)
        for (unsigned read = 0; read < 2; read++)
            assert_int_equal(go(b, a << 1 | read, 0, QUICK), a >= 0x50 && a <= 0x57 ? DONE : DEV_ERR);
}

static void test_blank_modules(void **state)
{
    struct bench *b = *state;
    for (unsigned a = 0x50; a < 0x58; a++)
        for (unsigned at = 0; at < 256; at++) {
            wr(b, DAT0, 0xff);
            assert_int_equal(go(b, a << 1 | 1, at, BYTE_DATA), DONE);
            assert_int_equal(rd(b, DAT0), 0);
        }
}

static void test_bytes_and_words(void **state)
{
    struct bench *b = *state;
    wr(b, DAT0, 0x12);
    assert_int_equal(go(b, 0xa2, 0x10, BYTE_DATA), DONE);
    wr(b, DAT0, 0x34);
    wr(b, DAT1, 0x56);
    assert_int_equal(go(b, 0xa2, 0xff, WORD_DATA), DONE); /* wraps */
    assert_int_equal(go(b, 0xa3, 0x10, BYTE_DATA), DONE);
    assert_int_equal(rd(b, DAT0), 0x12);
    assert_int_equal(go(b, 0xa3, 0xff, WORD_DATA), DONE);
    assert_int_equal(rd(b, DAT0), 0x34);
    assert_int_equal(rd(b, DAT1), 0x56);
    assert_int_equal(go(b, 0xa2, 0x0f, BYTE), DONE); /* send byte sets the place… */
    assert_int_equal(go(b, 0xa3, 0x77, BYTE), DONE); /* …that receive byte reads on from */
    assert_int_equal(rd(b, DAT0), 0x00);
    assert_int_equal(go(b, 0xa3, 0x77, BYTE), DONE);
    assert_int_equal(rd(b, DAT0), 0x12);
    assert_int_equal(go(b, 0xa1, 0x10, BYTE_DATA), DONE); /* another module */
    assert_int_equal(rd(b, DAT0), 0x00);
}

static void test_blocks(void **state)
{
    struct bench *b = *state;
    rd(b, CNT); /* the block starts anew */
    for (unsigned i = 0; i < 5; i++)
        wr(b, BLK, 0x60 + i);
    wr(b, DAT0, 5);
    assert_int_equal(go(b, 0xa0, 0x20, BLOCK), DONE);
    static const u8 stored[] = { 5, 0x60, 0x61, 0x62, 0x63, 0x64, 0 };
    for (unsigned i = 0; i < sizeof stored; i++) {
        assert_int_equal(go(b, 0xa1, 0x20 + i, BYTE_DATA), DONE);
        assert_int_equal(rd(b, DAT0), stored[i]);
    }
    wr(b, DAT0, 0);
    assert_int_equal(go(b, 0xa1, 0x20, BLOCK), DONE);
    assert_int_equal(rd(b, DAT0), 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(rd(b, BLK), 0x60 + i);
    rd(b, CNT);
    assert_int_equal(rd(b, BLK), 0x60);
    assert_int_equal(go(b, 0xa1, 0x21, BLOCK), DONE); /* an impossible length */
    assert_int_equal(rd(b, DAT0), 0);
    wr(b, DAT0, 33);
    assert_int_equal(go(b, 0xa0, 0x20, BLOCK), DEV_ERR);
}

static void test_registers(void **state)
{
    struct bench *b = *state;
    wr(b, CNT, 0x0c);
    assert_int_equal(rd(b, CNT), 0x0c);
    assert_int_equal(rd(b, STS), 0);
    assert_int_equal(go(b, 0xa1, 0, 0x50), DEV_ERR); /* protocol 4 */
    assert_true(harness_logged(&b->h, "protocol 4"));
    wr(b, CNT, 0x02); /* KILL */
    assert_int_equal(rd(b, STS), 0x10);
    wr(b, STS, 0x10);
    assert_int_equal(rd(b, STS), 0);
    wr(b, CNT, 0x01);
    assert_true(harness_logged(&b->h, "interrupt at the end"));
    wr(b, DAT0, 0x55);
    go(b, 0xa0, 0, BYTE_DATA);
    pm_smbus_reset(&b->bus);
    go(b, 0xa1, 0, BYTE_DATA);
    assert_int_equal(rd(b, DAT0), 0);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->bus.io };
    b->bus.index = 0xff;
    for (unsigned i = 0; i < 3000; i++) {
        harness_fuzz(&b->h, regions, 1, 1 + i % 9);
        wr(b, ADD, 0xa0 + i % 16);
        wr(b, DAT0, i * 7);
        wr(b, CNT, 0x40 | i);
        rd(b, BLK);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_who_is_there), T(test_blank_modules), T(test_bytes_and_words),
        T(test_blocks),       T(test_registers),     T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
