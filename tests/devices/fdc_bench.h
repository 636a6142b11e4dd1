/* fdc_bench.h: a floppy controller with two drives and the DMA controller behind it, and the words of a driver. */
#ifndef PCEMU_TESTS_FDC_BENCH_H
#define PCEMU_TESTS_FDC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "i82078.h"

enum { P_SRB, P_DOR, P_TDR, P_MSR, P_FIFO, P_DSR = P_MSR };
enum { IRQ = 6, CHANNEL = 2, DMA_AT = 0x20000 };
#define LONG_NS (50 * FDC_SEARCH_NS)

struct floppy {
    struct block_backend backend;
    u8 *data;
    bool fail;
    unsigned writes;
};

struct bench {
    struct harness h;
    struct i8237_pair dmac;
    struct i82078 fdc;
    struct floppy disk[2];
    u8 result[FDC_FIFO];
    unsigned results;
};

static inline bool floppy_read(void *self, u64 sector, void *buf, u32 count)
{
    struct floppy *f = self;
    assert_true(sector + count <= f->backend.sectors);
    memcpy(buf, f->data + sector * BLOCK_SECTOR, (size_t)count * BLOCK_SECTOR);
    return !f->fail;
}

static inline bool floppy_write(void *self, u64 sector, const void *buf, u32 count)
{
    struct floppy *f = self;
    assert_true(sector + count <= f->backend.sectors);
    assert_false(f->backend.read_only);
    memcpy(f->data + sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
    f->writes++;
    return !f->fail;
}

/* A disk each of whose sectors begins with its number. */
static inline void make_floppy(struct floppy *f, u64 sectors)
{
    *f = (struct floppy){ .backend = { .sectors = sectors, .read = floppy_read, .write = floppy_write, .self = f } };
    f->data = calloc(sectors ? sectors : 1, BLOCK_SECTOR);
    assert_non_null(f->data);
    for (u64 i = 0; i < sectors; i++) {
        put_le32(f->data + i * BLOCK_SECTOR, (u32)i);
        memset(f->data + i * BLOCK_SECTOR + 4, (int)(i * 7 & 0xff), BLOCK_SECTOR - 4);
    }
}

static inline void out(struct bench *b, unsigned port, unsigned v)
{
    harness_write(&b->h, &b->fdc.ports, port, v, 1);
}

static inline u8 in(struct bench *b, unsigned port)
{
    return (u8)harness_read(&b->h, &b->fdc.ports, port, 1);
}

static inline u8 dir(struct bench *b)
{
    return (u8)harness_read(&b->h, &b->fdc.dir_ccr, 0, 1);
}

static inline void rate(struct bench *b, unsigned v)
{
    harness_write(&b->h, &b->fdc.dir_ccr, 0, v, 1);
}

static inline bool irq(struct bench *b)
{
    return b->h.irq[IRQ];
}

/* Writes a command; each byte must be asked for. */
static inline void command(struct bench *b, unsigned n, const u8 *bytes)
{
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(in(b, P_MSR) & 0xc0, 0x80);
        out(b, P_FIFO, bytes[i]);
    }
}
#define COMMAND(b, ...) command(b, sizeof((u8[]){ __VA_ARGS__ }), (u8[]){ __VA_ARGS__ })

/* Reads the result phase to its end. */
static inline unsigned result(struct bench *b)
{
    b->results = 0;
    while ((in(b, P_MSR) & 0xd0) == 0xd0) {
        assert_true(b->results < FDC_FIFO);
        b->result[b->results++] = in(b, P_FIFO);
    }
    return b->results;
}

/* Time passes until the interrupt comes. */
static inline void wait_irq(struct bench *b)
{
    for (unsigned i = 0; i < 100000 && !irq(b); i++)
        harness_advance(&b->h, 10000);
    assert_true(irq(b));
}

static inline void sense(struct bench *b)
{
    COMMAND(b, 0x08);
    result(b);
}

static inline void assert_result(struct bench *b, unsigned st0, unsigned st1, unsigned st2)
{
    wait_irq(b);
    assert_int_equal(result(b), 7);
    assert_int_equal(b->result[0], st0);
    assert_int_equal(b->result[1], st1);
    assert_int_equal(b->result[2], st2);
    assert_false(irq(b));
}

static inline void assert_address(struct bench *b, unsigned c, unsigned h, unsigned r)
{
    assert_int_equal(b->result[3], c);
    assert_int_equal(b->result[4], h);
    assert_int_equal(b->result[5], r);
    assert_int_equal(b->result[6], 2);
}

/* Releases the reset and takes the four status reports. */
static inline void start(struct bench *b)
{
    out(b, P_DOR, 0x1c); /* motor and drive 0, DMA gate, no reset */
    wait_irq(b);
    for (unsigned i = 0; i < 4; i++)
        sense(b);
    COMMAND(b, 0x03, 0xaf, 0x02);
    rate(b, 0);
}

static inline void seek(struct bench *b, unsigned unit, unsigned c)
{
    COMMAND(b, 0x0f, (u8)unit, (u8)c);
    wait_irq(b);
    sense(b);
}

static inline void dma_out(struct bench *b, unsigned reg, unsigned v)
{
    harness_write(&b->h, &b->dmac.chip[0].cont_io, reg, v, 1);
}

/* The channel for `bytes` bytes at DMA_AT; mode 0x44: to memory, 0x48: from memory, 0x40: verify. */
static inline void dma_program(struct bench *b, unsigned mode, unsigned bytes)
{
    dma_out(b, 2, 4 | CHANNEL);
    dma_out(b, 4, 0);
    dma_out(b, 3, mode | CHANNEL);
    for (unsigned i = 0; i < 2; i++)
        harness_write(&b->h, &b->dmac.chip[0].chan_io, 4, DMA_AT >> (8 * i) & 0xff, 1);
    for (unsigned i = 0; i < 2; i++)
        harness_write(&b->h, &b->dmac.chip[0].chan_io, 5, (bytes - 1) >> (8 * i) & 0xff, 1);
    harness_write(&b->h, &b->dmac.chip[0].page_low, 0, DMA_AT >> 16, 1);
    dma_out(b, 2, CHANNEL);
}

static inline int setup_disks(void **state, u64 a, u64 bsize)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    dmac_init(&b->dmac, b->h.dma, &b->h.log);
    harness_write(&b->h, &b->dmac.chip[1].cont_io, 6, 0xc0, 1); /* channel 4 cascades */
    harness_write(&b->h, &b->dmac.chip[1].cont_io, 4, 0, 1);
    make_floppy(&b->disk[0], a);
    make_floppy(&b->disk[1], bsize);
    const struct block_backend *disks[2] = { &b->disk[0].backend, &b->disk[1].backend };
    const struct fdc_wires wires = { harness_irq(&b->h, IRQ), &b->dmac, CHANNEL };
    fdc_init(&b->fdc, &b->h.clock, &b->h.log, &wires, disks);
    *state = b;
    return 0;
}

/* A: 1.44 MB, B: 360 KB. */
static inline int setup(void **state)
{
    setup_disks(state, 2880, 720);
    start(*state);
    return 0;
}

static inline int setup_cold(void **state)
{
    return setup_disks(state, 2880, 720);
}

static inline int teardown(void **state)
{
    struct bench *b = *state;
    harness_free(&b->h);
    free(b->disk[0].data);
    free(b->disk[1].data);
    free(b);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_COLD(f) cmocka_unit_test_setup_teardown(f, setup_cold, teardown)

#endif
