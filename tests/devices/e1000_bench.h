/* e1000_bench.h: a bench for the 82540EM: the card on a bus of its own, a network that records what is sent and has
 * frames ready, rings in the harness's memory. */
#ifndef PCEMU_TESTS_E1000_BENCH_H
#define PCEMU_TESTS_E1000_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "e1000.h"
#include "harness.h"
#include "pci_bench.h"

#define PIRQ 3 /* slot 3, INTA# → PIRQ C; the bench has PIRQ n on line n */
#define IRQ_LINE 2

#define CTRL 0x0000
#define STATUS 0x0008
#define EECD 0x0010
#define EERD 0x0014
#define MDIC 0x0020
#define VET 0x0038
#define ICR 0x00c0
#define ITR 0x00c4
#define ICS 0x00c8
#define IMS 0x00d0
#define IMC 0x00d8
#define RCTL 0x0100
#define TCTL 0x0400
#define PBA 0x1000
#define RDBAL 0x2800
#define RDBAH 0x2804
#define RDLEN 0x2808
#define RDH 0x2810
#define RDT 0x2818
#define RDTR 0x2820
#define RADV 0x282c
#define TDBAL 0x3800
#define TDLEN 0x3808
#define TDH 0x3810
#define TDT 0x3818
#define TIDV 0x3820
#define TADV 0x382c
#define RXCSUM 0x5000
#define MTA 0x5200
#define RAL0 0x5400
#define RAH0 0x5404
#define VFTA 0x5600

#define ICR_TXDW 0x01u
#define ICR_TXQE 0x02u
#define ICR_LSC 0x04u
#define ICR_RXDMT0 0x10u
#define ICR_RXO 0x40u
#define ICR_RXT0 0x80u
#define ICR_MDAC 0x200u

#define TX_RING 0x1000
#define RX_RING 0x2000
#define BUFFERS 0x10000
#define RING 8
#define SENT_MAX 96
#define COME_MAX 64
#define FRAME 2048

struct bench_frame {
    size_t len;
    u64 at;
    u8 data[16384];
};

struct bench {
    struct harness h;
    struct region memory, io;
    struct pci_bus bus;
    struct ram_pool pool;
    struct e1000 chip;
    struct bench_frame sent[SENT_MAX], come[COME_MAX];
    unsigned sends, comes, taken;
    u64 again;
};

static void bench_send(void *self, u64 now, const u8 *frame, size_t len)
{
    struct bench *b = self;
    assert_in_range(len, 14, sizeof b->sent[0].data);
    if (b->sends < SENT_MAX) {
        b->sent[b->sends].len = len;
        b->sent[b->sends].at = now;
        memcpy(b->sent[b->sends].data, frame, len);
    }
    b->sends++;
}

static size_t bench_receive(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct bench *b = self;
    (void)now;
    *again = b->again;
    if (b->taken == b->comes)
        return 0;
    const struct bench_frame *f = &b->come[b->taken++];
    assert_true(f->len <= room);
    memcpy(frame, f->data, f->len);
    return f->len;
}

static struct e1000_config bench_config(struct bench *b)
{
    return (struct e1000_config){
        .bus = &b->bus,
        .devfn = PCI_DEVFN(3, 0),
        .clock = &b->h.clock,
        .log = &b->h.log,
        .pool = &b->pool,
        .mac = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 },
        .net = { .send = bench_send, .receive = bench_receive, .self = b },
    };
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    b->again = CLOCK_NEVER;
    ram_pool_init(&b->pool);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    for (unsigned n = 0; n < PCI_PIRQS; n++)
        pci_bus_connect_pirq(&b->bus, n, harness_irq(&b->h, n));
    struct e1000_config config = bench_config(b);
    assert_true(e1000_init(&b->chip, &config));
    pci_config_write(&b->bus, PCI_DEVFN(3, 0), PCI_COMMAND, 7, 2);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

static u32 rd(struct bench *b, u32 reg)
{
    return (u32)harness_read(&b->h, &b->chip.mmio, reg, 4);
}

static void wr(struct bench *b, u32 reg, u32 value)
{
    harness_write(&b->h, &b->chip.mmio, reg, value, 4);
}

#define MS ((u64)1000000)
__attribute__((unused)) static void run(struct bench *b)
{
    harness_advance(&b->h, 5 * MS);
}

/* A frame to `to` (NULL: the card's address) of `len` bytes, filled with a pattern. */
__attribute__((unused)) static void make_frame(u8 *frame, const u8 *to, size_t len)
{
    static const u8 own[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 }, other[6] = { 0x52, 0x55, 0x0a, 0, 2, 2 };
    for (size_t i = 0; i < len; i++)
        frame[i] = (u8)(i * 7 + len);
    memcpy(frame, to ? to : own, 6);
    memcpy(frame + 6, other, 6);
    frame[12] = 0x88;
    frame[13] = 0xb5;
}

#endif
