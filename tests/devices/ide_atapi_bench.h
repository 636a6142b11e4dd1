/* ide_atapi_bench.h: a CD drive on an IDE channel; packets are sent to it as a driver would. */
#ifndef PCEMU_TESTS_IDE_ATAPI_BENCH_H
#define PCEMU_TESTS_IDE_ATAPI_BENCH_H

#include "ide_bench.h"

#define DATA 0x4000u

static inline int setup_drive(void **state)
{
    setup_cdrom(state);
    set(*state, R_DEVICE, 0xb0);
    return 0;
}

/* Writes a packet command and its packet; the interrupt does not ask for the packet. */
static inline void packet(struct bench *b, const u8 *bytes, unsigned limit, bool dma)
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

static inline void assert_good(struct bench *b)
{
    assert_true(irq(b));
    assert_int_equal(reg(b, R_COUNT), 0x03);
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_false(irq(b));
}

/* CHECK CONDITION; then REQUEST SENSE says the same, once. */
static inline void assert_check(struct bench *b, unsigned key, unsigned asc)
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
static inline unsigned take(struct bench *b, u8 *to, unsigned room)
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

#define TEST_DRIVE(f) cmocka_unit_test_setup_teardown(f, setup_drive, teardown)

#endif
