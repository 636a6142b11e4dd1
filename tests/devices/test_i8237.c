/* test_i8237.c: the DMA controllers, after the data sheet of the 8237A (modes, registers) and of the 82371SB (pages,
 * 16-bit channels). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "i8237.h"

enum { STATUS = 0, COMMAND = 0, REQUEST, SINGLE_MASK, MODE, CLEAR_FF, TEMP, MASTER_CLEAR = 5, CLEAR_MASK, ALL_MASK };
enum {
    VERIFY = 0x00,
    WRITE = 0x04,
    READ = 0x08,
    AUTO = 0x10,
    DOWN = 0x20,
    SINGLE = 0x40,
    BLOCK = 0x80,
    CASCADE = 0xc0
};

/* A chip that counts what is asked of it and lowers its DREQ after `stop` cycles. */
struct chip {
    struct irq_line dreq;
    unsigned cycles, tcs, stop;
    u16 next, taken[16];
    enum dmac_cycle kind;
};

struct bench {
    struct harness h;
    struct i8237_pair p;
    struct chip chip[8];
};

static void cycle(void *self, enum dmac_cycle kind, u16 *data, bool tc)
{
    struct chip *c = self;
    c->kind = kind;
    if (kind == DMAC_WRITE)
        *data = c->next++;
    else if (kind == DMAC_READ)
        c->taken[c->cycles % 16] = *data;
    c->tcs += tc;
    if (++c->cycles == c->stop || tc)
        irq_set(&c->dreq, false);
}

static void out(struct bench *b, unsigned chip, unsigned reg, unsigned v)
{
    harness_write(&b->h, &b->p.chip[chip].cont_io, reg << chip, v, 1);
}

static u8 in(struct bench *b, unsigned chip, unsigned reg)
{
    return (u8)harness_read(&b->h, &b->p.chip[chip].cont_io, reg << chip, 1);
}

static void out16(struct bench *b, unsigned chip, unsigned reg, unsigned v)
{
    harness_write(&b->h, &b->p.chip[chip].chan_io, reg << chip, v & 0xff, 1);
    harness_write(&b->h, &b->p.chip[chip].chan_io, reg << chip, v >> 8, 1);
}

static u16 in16(struct bench *b, unsigned chip, unsigned reg)
{
    unsigned low = (unsigned)harness_read(&b->h, &b->p.chip[chip].chan_io, reg << chip, 1);
    return (u16)(low | harness_read(&b->h, &b->p.chip[chip].chan_io, reg << chip, 1) << 8);
}

static void set_page(struct bench *b, unsigned channel, u8 page)
{
    static const u8 place[4] = { 3, 2, 0, 1 };
    struct i8237 *c = &b->p.chip[channel / 4];
    if (channel % 4)
        harness_write(&b->h, &c->page_low, place[channel % 4], page, 1);
    else
        harness_write(&b->h, &c->page_high, 0, page, 1);
}

/* Programs a channel as drivers do, and unmasks it. `count` transfers. */
static void program(struct bench *b, unsigned channel, unsigned mode, u32 address, unsigned count)
{
    unsigned chip = channel / 4, n = channel % 4;
    out(b, chip, SINGLE_MASK, 4 | n);
    out(b, chip, CLEAR_FF, 0);
    out(b, chip, MODE, mode | n);
    out16(b, chip, 2 * n, (chip ? address >> 1 : address) & 0xffff);
    out16(b, chip, 2 * n + 1, count - 1);
    set_page(b, channel, (u8)(address >> 16));
    out(b, chip, SINGLE_MASK, n);
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    dmac_init(&b->p, b->h.dma, &b->h.log);
    for (unsigned i = 0; i < 8; i++) {
        b->chip[i].dreq = dmac_dreq(&b->p, i);
        b->chip[i].next = (u16)(0x10 * (i + 1));
        dmac_connect(&b->p, i, &(struct dmac_client){ cycle, &b->chip[i] });
    }
    out(b, 1, MODE, CASCADE);
    out(b, 1, SINGLE_MASK, 0);
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

static void ask(struct bench *b, unsigned channel)
{
    irq_set(&b->chip[channel].dreq, true);
}

static void test_regions(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 2; i++) {
        const struct i8237 *c = &b->p.chip[i];
        assert_string_equal(c->chan_io.name, "dma-chan");
        assert_string_equal(c->cont_io.name, "dma-cont");
        assert_string_equal(c->page_low.name, "dma-page");
        assert_string_equal(c->page_high.name, "dma-page");
        assert_int_equal(region_size(&c->chan_io), i ? 16 : 8);
        assert_int_equal(region_size(&c->cont_io), i ? 16 : 8);
        assert_int_equal(region_size(&c->page_low), 3);
        assert_int_equal(region_size(&c->page_high), 1);
    }
}

/* Low byte, high byte, by the flip-flop that all channels share; base and current are written together. */
static void test_flip_flop(void **state)
{
    struct bench *b = *state;
    for (unsigned chip = 0; chip < 2; chip++) {
        out(b, chip, CLEAR_FF, 0);
        for (unsigned reg = 0; reg < 8; reg++)
            out16(b, chip, reg, 0x1234 + 0x1111 * reg);
        for (unsigned reg = 0; reg < 8; reg++)
            assert_int_equal(in16(b, chip, reg), 0x1234 + 0x1111 * reg);
        harness_read(&b->h, &b->p.chip[chip].chan_io, 0, 1);
        assert_int_equal(harness_read(&b->h, &b->p.chip[chip].chan_io, 0, 1), 0x12);
        harness_read(&b->h, &b->p.chip[chip].chan_io, 0, 1);
        out(b, chip, CLEAR_FF, 0);
        assert_int_equal(harness_read(&b->h, &b->p.chip[chip].chan_io, 0, 1), 0x34);
    }
    /* the second controller's registers stand at every second port, and at the one after it */
    out(b, 1, CLEAR_FF, 0);
    assert_int_equal(harness_read(&b->h, &b->p.chip[1].chan_io, 1, 1), 0x34);
}

static void test_pages(void **state)
{
    struct bench *b = *state;
    static const u8 low[3] = { 2, 3, 1 };
    for (unsigned i = 0; i < 3; i++)
        harness_write(&b->h, &b->p.chip[0].page_low, i, 0x50 + i, 1);
    harness_write(&b->h, &b->p.chip[0].page_high, 0, 0x57, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(b->p.chip[0].channel[low[i]].page, 0x50 + i);
        assert_int_equal(harness_read(&b->h, &b->p.chip[0].page_low, i, 1), 0x50 + i);
    }
    assert_int_equal(harness_read(&b->h, &b->p.chip[0].page_high, 0, 1), 0x57);
}

static void test_demand_write_ends_at_tc(void **state)
{
    struct bench *b = *state;
    program(b, 2, WRITE, 0x21000, 4);
    ask(b, 2);
    assert_int_equal(b->chip[2].cycles, 4);
    assert_int_equal(b->chip[2].tcs, 1);
    assert_memory_equal(b->h.ram + 0x21000, "\x30\x31\x32\x33\x00", 5);
    assert_int_equal(in16(b, 0, 4), 0x1004);
    assert_int_equal(in16(b, 0, 5), 0xffff);
    assert_int_equal(in(b, 0, ALL_MASK) & 4, 4); /* masked at its end */
    assert_int_equal(in(b, 0, STATUS), 0x04);
    assert_int_equal(in(b, 0, STATUS), 0x00); /* reading clears */
}

/* In demand mode the chip pauses a transfer by lowering DREQ. */
static void test_demand_pauses(void **state)
{
    struct bench *b = *state;
    program(b, 1, READ, 0x3000, 8);
    memcpy(b->h.ram + 0x3000, "abcdefgh", 8);
    b->chip[1].stop = 3;
    ask(b, 1);
    assert_int_equal(b->chip[1].cycles, 3);
    assert_int_equal(b->chip[1].kind, DMAC_READ);
    assert_int_equal(in16(b, 0, 3), 4);
    b->chip[1].stop = 0;
    ask(b, 1);
    assert_int_equal(b->chip[1].cycles, 8);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(b->chip[1].taken[i] & 0xff, "abcdefgh"[i]);
}

static void test_masked_waits(void **state)
{
    struct bench *b = *state;
    program(b, 3, WRITE, 0x100, 2);
    out(b, 0, SINGLE_MASK, 4 | 3);
    ask(b, 3);
    assert_int_equal(b->chip[3].cycles, 0);
    assert_int_equal(in(b, 0, STATUS), 0x80);
    out(b, 0, CLEAR_MASK, 0);
    assert_int_equal(b->chip[3].cycles, 2);
    program(b, 3, WRITE, 0x100, 2);
    out(b, 0, COMMAND, 0x04); /* controller disabled */
    ask(b, 3);
    assert_int_equal(b->chip[3].cycles, 2);
    out(b, 0, COMMAND, 0);
    assert_int_equal(b->chip[3].cycles, 4);
}

/* Requests of channels 0 to 3 go through channel 4. */
static void test_cascade(void **state)
{
    struct bench *b = *state;
    program(b, 0, WRITE, 0x100, 1);
    out(b, 1, SINGLE_MASK, 4);
    ask(b, 0);
    assert_int_equal(b->chip[0].cycles, 0);
    out(b, 1, SINGLE_MASK, 0);
    assert_int_equal(b->chip[0].cycles, 1);
    ask(b, 4); /* a cascade channel moves nothing itself */
    assert_int_equal(b->chip[4].cycles, 0);
}

static void test_single_and_block(void **state)
{
    struct bench *b = *state;
    program(b, 1, SINGLE | WRITE, 0x200, 5);
    b->chip[1].stop = 1;
    ask(b, 1);
    assert_int_equal(b->chip[1].cycles, 1);
    program(b, 3, BLOCK | WRITE, 0x300, 5);
    b->chip[3].stop = 1; /* DREQ may fall: a block goes on */
    ask(b, 3);
    assert_int_equal(b->chip[3].cycles, 5);
}

static void test_autoinitialise(void **state)
{
    struct bench *b = *state;
    program(b, 2, AUTO | SINGLE | WRITE, 0x400, 3);
    ask(b, 2);
    assert_int_equal(b->chip[2].cycles, 3);
    assert_int_equal(in16(b, 0, 4), 0x400);
    assert_int_equal(in16(b, 0, 5), 2);
    assert_int_equal(in(b, 0, ALL_MASK) & 4, 0);
    ask(b, 2);
    assert_int_equal(b->chip[2].cycles, 6);
    assert_memory_equal(b->h.ram + 0x400, "\x33\x34\x35", 3);
}

static void test_decrement_and_wrap(void **state)
{
    struct bench *b = *state;
    program(b, 2, DOWN | WRITE, 0x10001, 4);
    ask(b, 2);
    assert_int_equal(b->h.ram[0x10001], 0x30);
    assert_int_equal(b->h.ram[0x10000], 0x31);
    assert_int_equal(b->h.ram[0x1ffff], 0x32); /* the page stays */
    assert_int_equal(b->h.ram[0x1fffe], 0x33);
    program(b, 1, WRITE, 0x2fffe, 4);
    ask(b, 1);
    assert_int_equal(b->h.ram[0x2ffff], 0x21);
    assert_int_equal(b->h.ram[0x20000], 0x22);
    assert_int_equal(b->h.ram[0x30000], 0);
}

/* Words: the address register counts words within 128 KiB, bit 0 of the page is not used. */
static void test_words(void **state)
{
    struct bench *b = *state;
    program(b, 5, WRITE, 0x3fffc, 4);
    set_page(b, 5, 0x03);
    ask(b, 5);
    assert_int_equal(b->chip[5].cycles, 4);
    assert_int_equal(get_le16(b->h.ram + 0x3fffc), 0x60);
    assert_int_equal(get_le16(b->h.ram + 0x3fffe), 0x61);
    assert_int_equal(get_le16(b->h.ram + 0x20000), 0x62);
    assert_int_equal(get_le16(b->h.ram + 0x20002), 0x63);
    program(b, 7, READ, 0x20000, 2);
    ask(b, 7);
    assert_int_equal(b->chip[7].taken[1], 0x63);
}

static void test_verify_moves_nothing(void **state)
{
    struct bench *b = *state;
    program(b, 2, VERIFY, 0x500, 4);
    memset(b->h.ram + 0x500, 0xee, 4);
    ask(b, 2);
    assert_int_equal(b->chip[2].cycles, 4);
    assert_int_equal(b->chip[2].tcs, 1);
    assert_int_equal(b->chip[2].kind, DMAC_VERIFY);
    assert_memory_equal(b->h.ram + 0x500, "\xee\xee\xee\xee", 4);
    assert_int_equal(in(b, 0, STATUS), 0x04);
}

/* Software requests can't be masked, and end with the terminal count. */
static void test_software_request(void **state)
{
    struct bench *b = *state;
    program(b, 1, BLOCK | WRITE, 0x600, 3);
    out(b, 0, SINGLE_MASK, 4 | 1);
    out(b, 0, REQUEST, 4 | 1);
    assert_int_equal(b->chip[1].cycles, 3);
    assert_int_equal(in(b, 0, STATUS), 0x02);
    out(b, 0, COMMAND, 4);
    out(b, 0, REQUEST, 4 | 1);
    assert_int_equal(in(b, 0, STATUS), 0x20);
    out(b, 0, REQUEST, 1);
    assert_int_equal(in(b, 0, STATUS), 0x00);
}

static void test_memory_to_memory(void **state)
{
    struct bench *b = *state;
    memcpy(b->h.ram + 0x1000, "0123456789", 10);
    program(b, 0, BLOCK | READ, 0x1000, 10);
    program(b, 1, BLOCK | WRITE, 0x2000, 6);
    out(b, 0, COMMAND, 0x01);
    out(b, 0, REQUEST, 4 | 0);
    assert_memory_equal(b->h.ram + 0x2000, "012345\0", 7);
    assert_int_equal(in(b, 0, TEMP), '5');
    assert_int_equal(in(b, 0, STATUS), 0x02);
    assert_int_equal(b->chip[0].cycles + b->chip[1].cycles, 0);
    program(b, 0, BLOCK | READ, 0x1003, 10);
    program(b, 1, BLOCK | WRITE, 0x2000, 4);
    out(b, 0, COMMAND, 0x03); /* hold channel 0's address: fills */
    out(b, 0, REQUEST, 4 | 0);
    assert_memory_equal(b->h.ram + 0x2000, "333345", 6);
}

static void test_priority(void **state)
{
    struct bench *b = *state;
    program(b, 2, SINGLE | WRITE, 0x100, 1);
    program(b, 3, SINGLE | WRITE, 0x100, 1);
    out(b, 0, COMMAND, 0x04);
    ask(b, 2);
    ask(b, 3);
    out(b, 0, COMMAND, 0); /* fixed: 2 first, 3 overwrites */
    assert_int_equal(b->h.ram[0x100], 0x40);
    program(b, 2, SINGLE | WRITE, 0x100, 1);
    program(b, 3, SINGLE | WRITE, 0x100, 1);
    out(b, 0, COMMAND, 0x14);
    b->p.chip[0].next = 3; /* channel 2 was served last */
    ask(b, 2);
    ask(b, 3);
    out(b, 0, COMMAND, 0x10); /* rotating: 3 first */
    assert_int_equal(b->h.ram[0x100], 0x31);
}

static void test_master_clear(void **state)
{
    struct bench *b = *state;
    program(b, 2, WRITE, 0x100, 4);
    out(b, 0, COMMAND, 0x10);
    harness_read(&b->h, &b->p.chip[0].chan_io, 0, 1);
    out(b, 0, MASTER_CLEAR, 0);
    assert_int_equal(in(b, 0, ALL_MASK), 0x0f);
    assert_int_equal(b->p.chip[0].command, 0);
    assert_false(b->p.chip[0].flip_flop);
    assert_int_equal(in16(b, 0, 4), 0x100); /* addresses stay */
    out(b, 0, ALL_MASK, 0x05);
    assert_int_equal(in(b, 0, ALL_MASK), 0x05);
}

/* A chip that never stops asking, in a channel that reloads itself: the host is not held for ever. */
static void test_endless_request_is_bounded(void **state)
{
    struct bench *b = *state;
    dmac_connect(&b->p, 2, &(struct dmac_client){ 0 });
    program(b, 2, AUTO | WRITE, 0x100, 1);
    ask(b, 2);
    assert_int_equal(b->h.ram[0x100], 0xff);
    dmac_reset(&b->p);
    assert_int_equal(in(b, 0, STATUS), 0x40);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->p.chip[0].chan_io, &b->p.chip[0].cont_io, &b->p.chip[0].page_low,
                                 &b->p.chip[1].chan_io, &b->p.chip[1].cont_io, &b->p.chip[1].page_high };
    for (unsigned i = 0; i < 200; i++) {
        for (unsigned n = 0; n < 8; n++)
            b->chip[n].stop = b->chip[n].cycles + 5;
        harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 20);
        ask(b, i % 8);
    }
}

static void test_state(void **state)
{
    struct bench *b = *state;
    struct i8237_pair other;
    dmac_init(&other, b->h.dma, &b->h.log);
    harness_check_state(&i8237_state, &b->p, &other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_regions),
        TEST(test_flip_flop),
        TEST(test_pages),
        TEST(test_demand_write_ends_at_tc),
        TEST(test_demand_pauses),
        TEST(test_masked_waits),
        TEST(test_cascade),
        TEST(test_single_and_block),
        TEST(test_autoinitialise),
        TEST(test_decrement_and_wrap),
        TEST(test_words),
        TEST(test_verify_moves_nothing),
        TEST(test_software_request),
        TEST(test_memory_to_memory),
        TEST(test_priority),
        TEST(test_master_clear),
        TEST(test_endless_request_is_bounded),
        TEST(test_fuzz),
        TEST(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
