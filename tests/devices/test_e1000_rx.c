/* test_e1000_rx.c: the 82540EM's receiver: filters, descriptors, checksums, the packet buffer, moderation. Intel's
 * 8254x Software Developer's Manual, sections 3.2, 9.3, 13.4.22 and 13.8. */
#include "e1000_bench.h"

#define EN 0x02u
#define UPE 0x08u
#define MPE 0x10u
#define LPE 0x20u
#define BAM 0x8000u
#define VFE 0x40000u
#define SECRC 0x4000000u
#define BSEX 0x2000000u

static int start(void **state)
{
    setup(state);
    struct bench *b = *state;
    for (unsigned i = 0; i < RING; i++)
        put_le64(b->h.ram + RX_RING + 16 * (size_t)i, BUFFERS + FRAME * i);
    wr(b, RDBAL, RX_RING);
    wr(b, RDLEN, RING * 16);
    wr(b, RDT, RING - 1);
    wr(b, RCTL, EN);
    return 0;
}

static u8 *descriptor(struct bench *b, unsigned n)
{
    return b->h.ram + RX_RING + 16 * (size_t)n;
}

static u8 *come(struct bench *b, const u8 *to, size_t len)
{
    struct bench_frame *f = &b->come[b->comes++];
    f->len = len;
    make_frame(f->data, to, len);
    return f->data;
}

/* Lets what has come arrive, as the answer to a frame does. */
static void arrive(struct bench *b)
{
    wr(b, RCTL, rd(b, RCTL));
    run(b);
}

static bool accepted(struct bench *b, const u8 *to)
{
    u32 head = rd(b, RDH);
    come(b, to, 60);
    arrive(b);
    bool yes = rd(b, RDH) != head;
    wr(b, RDT, (rd(b, RDH) + RING - 1) % RING);
    return yes;
}

static void test_frame(void **state)
{
    struct bench *b = *state;
    const u8 *f = come(b, NULL, 100);
    arrive(b);
    const u8 *d = descriptor(b, 0);
    assert_int_equal(get_le16(d + 8), 104); /* with CRC */
    assert_int_equal(d[12], 0x07);          /* DD, EOP, IXSM */
    assert_int_equal(d[13], 0);
    assert_memory_equal(b->h.ram + BUFFERS, f, 100);
    assert_int_equal(rd(b, RDH), 1);
    assert_int_equal(rd(b, ICR), ICR_RXT0);
}

/* IEEE 802.3's CRC over "123456789" is CBF43926; over a frame and its CRC the remainder is fixed. */
static void test_crc(void **state)
{
    struct bench *b = *state;
    come(b, NULL, 60);
    arrive(b);
    const u8 *p = b->h.ram + BUFFERS;
    u32 crc = UINT32_MAX;
    for (unsigned i = 0; i < 64; i++) {
        crc ^= p[i];
        for (unsigned k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    assert_int_equal(crc, 0xdebb20e3);
    wr(b, RCTL, EN | SECRC);
    come(b, NULL, 60);
    arrive(b);
    assert_int_equal(get_le16(descriptor(b, 1) + 8), 60);
}

static void test_short_frame_is_padded(void **state)
{
    struct bench *b = *state;
    come(b, NULL, 42);
    arrive(b);
    assert_int_equal(get_le16(descriptor(b, 0) + 8), 64);
    assert_int_equal(b->h.ram[BUFFERS + 42] | b->h.ram[BUFFERS + 59], 0);
}

static void test_address_filters(void **state)
{
    static const u8 other[6] = { 2, 0, 0, 0, 0, 1 }, group[6] = { 0x01, 0x00, 0x5e, 0x12, 0x34, 0x56 };
    static const u8 all[6] = { 255, 255, 255, 255, 255, 255 };
    struct bench *b = *state;
    assert_true(accepted(b, NULL));
    assert_false(accepted(b, other));
    assert_false(accepted(b, group));
    assert_false(accepted(b, all));
    wr(b, RCTL, EN | BAM);
    assert_true(accepted(b, all));
    wr(b, RCTL, EN | UPE);
    assert_true(accepted(b, other));
    assert_int_equal(descriptor(b, (rd(b, RDH) + RING - 1) % RING)[12] & 0x80, 0x80); /* PIF */
    assert_false(accepted(b, group));
    wr(b, RCTL, EN | MPE);
    assert_true(accepted(b, group));
    assert_false(accepted(b, other));
    wr(b, RCTL, EN);
    wr(b, RAL0 + 8, 2);
    wr(b, RAH0 + 8, 0x80000100);
    assert_true(accepted(b, other));
    wr(b, RAH0 + 8, 0x00000100); /* not valid */
    assert_false(accepted(b, other));
    wr(b, RAL0 + 8, 0x000a5552);
    wr(b, RAH0 + 8, 0x80010202); /* compares the source */
    assert_true(accepted(b, other));
    wr(b, RCTL, 0);
    assert_false(accepted(b, NULL));
}

/* 3.2.1.3: bits [47:36], [46:35], [45:34] or [43:32] of the address. */
static void test_multicast_hash(void **state)
{
    static const u8 group[6] = { 0x01, 0x00, 0x5e, 0x12, 0x34, 0x56 };
    static const unsigned hash[4] = { 0x563, 0xac6, 0x58d, 0x634 };
    struct bench *b = *state;
    for (unsigned mo = 0; mo < 4; mo++) {
        wr(b, RCTL, EN | mo << 12);
        assert_false(accepted(b, group));
        wr(b, MTA + 4 * (hash[mo] >> 5), 1u << (hash[mo] & 31));
        assert_true(accepted(b, group));
        wr(b, MTA + 4 * (hash[mo] >> 5), 0);
    }
}

static void tag(u8 *f, u16 tci)
{
    f[12] = 0x81;
    f[13] = 0;
    f[14] = (u8)(tci >> 8);
    f[15] = (u8)tci;
}

static void test_vlan(void **state)
{
    struct bench *b = *state;
    wr(b, CTRL, rd(b, CTRL) | BIT(30));
    u8 *f = come(b, NULL, 100);
    tag(f, 0x6123);
    arrive(b);
    const u8 *d = descriptor(b, 0);
    assert_int_equal(get_le16(d + 8), 100); /* 96 and CRC */
    assert_int_equal(d[12] & 8, 8);
    assert_int_equal(get_le16(d + 14), 0x6123);
    assert_memory_equal(b->h.ram + BUFFERS, f, 12);
    assert_memory_equal(b->h.ram + BUFFERS + 12, f + 16, 84);
    wr(b, RCTL, EN | VFE);
    tag(come(b, NULL, 100), 0x6123);
    arrive(b);
    assert_int_equal(rd(b, RDH), 1); /* not in the table */
    wr(b, VFTA + 4 * (0x123 >> 5), 1u << (0x123 & 31));
    tag(come(b, NULL, 100), 0x6123);
    arrive(b);
    assert_int_equal(rd(b, RDH), 2);
    wr(b, RCTL, EN | VFE | BIT(19)); /* CFI must be 0 */
    tag(come(b, NULL, 100), 0x1123);
    arrive(b);
    assert_int_equal(rd(b, RDH), 2);
}

static void test_long_frames(void **state)
{
    struct bench *b = *state;
    come(b, NULL, 1518);
    come(b, NULL, 1519);
    arrive(b);
    assert_int_equal(rd(b, RDH), 1);
    assert_int_equal(rd(b, 0x40ac), 1); /* ROC */
    wr(b, RCTL, EN | LPE);
    const u8 *f = come(b, NULL, 5000);
    arrive(b);
    assert_int_equal(rd(b, RDH), 4);
    assert_int_equal(get_le16(descriptor(b, 1) + 8), 2048);
    assert_int_equal(descriptor(b, 1)[12] & 3, 1); /* not the end */
    assert_int_equal(get_le16(descriptor(b, 3) + 8), 5004 - 4096);
    assert_int_equal(descriptor(b, 3)[12] & 3, 3);
    assert_memory_equal(b->h.ram + BUFFERS + 2 * FRAME, f + 2048, 2048);
}

/* 13.4.22: BSIZE and BSEX. */
static void test_buffer_sizes(void **state)
{
    static const struct {
        u32 rctl;
        unsigned size;
    } sizes[] = { { 0, 2048 }, { 1u << 16, 1024 }, { 2u << 16, 512 }, { 3u << 16, 256 }, { 3u << 16 | BSEX, 4096 } };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        u32 head = rd(b, RDH);
        wr(b, RDT, (head + RING - 1) % RING);
        wr(b, RCTL, EN | LPE | sizes[i].rctl);
        come(b, NULL, 1400);
        arrive(b);
        unsigned n = (rd(b, RDH) + RING - head) % RING;
        assert_int_equal(n, (1404 + sizes[i].size - 1) / sizes[i].size);
        assert_int_equal(get_le16(descriptor(b, head) + 8), sizes[i].size < 1404 ? sizes[i].size : 1404);
    }
}

/* Without descriptors frames wait in the packet buffer; those it does not hold wait in the network. */
static void test_no_descriptors(void **state)
{
    struct bench *b = *state;
    wr(b, RDT, 0);
    for (unsigned i = 0; i < 60; i++)
        come(b, NULL, 1500);
    arrive(b);
    assert_int_equal(rd(b, RDH), 0);
    assert_int_equal(rd(b, 0x2430), b->taken); /* RDFPC */
    assert_in_range(b->taken, 30, 32);         /* 48 KiB */
    assert_int_equal(rd(b, 0x40a0), b->taken); /* RNBC */
    assert_int_equal(rd(b, ICR), 0);
    for (unsigned i = 0; i < 60; i++) {
        wr(b, RDT, (i + 1) % RING);
        run(b);
        assert_int_equal(rd(b, RDH), (i + 1) % RING);
    }
    assert_int_equal(b->taken, 60);
    assert_int_equal(rd(b, 0x4074), 60); /* GPRC */
    assert_int_equal(rd(b, 0x4010), 0);  /* MPC */
}

static void test_overrun(void **state)
{
    struct bench *b = *state;
    wr(b, PBA, 1);
    wr(b, RDT, 0);
    wr(b, RCTL, EN | LPE);
    come(b, NULL, 2000);
    arrive(b);
    assert_int_equal(rd(b, 0x4010), 1);
    assert_int_equal(rd(b, ICR), ICR_RXO);
}

static void test_packet_buffer_overwritten(void **state)
{
    struct bench *b = *state;
    wr(b, RDT, 0);
    come(b, NULL, 300);
    arrive(b);
    wr(b, 0x10000, UINT32_MAX);
    wr(b, RDT, 5);
    run(b);
    assert_int_equal(rd(b, RDH), 0);
    assert_true(harness_logged(&b->h, "overwritten"));
    wr(b, 0x2410, 0x1fff); /* RDFH beyond the receive half */
    assert_int_equal(rd(b, 0x2410), 0);
}

static void test_descriptor_without_buffer(void **state)
{
    struct bench *b = *state;
    put_le64(descriptor(b, 0), 0);
    come(b, NULL, 100);
    arrive(b);
    assert_int_equal(get_le16(descriptor(b, 0) + 8), 0);
    assert_int_equal(descriptor(b, 0)[12] & 3, 1);
    assert_int_equal(get_le16(descriptor(b, 1) + 8), 104);
    for (unsigned i = 0; i < RING; i++)
        put_le64(descriptor(b, i), 0);
    come(b, NULL, 100);
    arrive(b); /* comes to an end */
}

static void test_ring_pointers(void **state)
{
    struct bench *b = *state;
    wr(b, RDT, 4000); /* never reached: all descriptors are the card's */
    for (unsigned i = 0; i < 12; i++)
        come(b, NULL, 60);
    arrive(b);
    assert_int_equal(rd(b, RDH), 12 % RING);
    wr(b, RDH, 9000);
    come(b, NULL, 60);
    arrive(b);
    assert_true(harness_logged(&b->h, "outside the ring"));
    wr(b, RDLEN, 0);
    arrive(b);
    wr(b, RDH, 0);
    wr(b, RDLEN, 128);
    wr(b, 0x2804, UINT32_MAX); /* nowhere */
    wr(b, RDT, 7);
    arrive(b);
}

static void make_udp(u8 *f, unsigned payload)
{
    static const u8 ip[20] = { 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 2, 2, 10, 0, 2, 15 };
    u32 sum = 0, total = 28 + payload;
    f[12] = 8;
    f[13] = 0;
    memcpy(f + 14, ip, 20);
    f[16] = (u8)(total >> 8);
    f[17] = (u8)total;
    f[24] = f[25] = 0;
    for (unsigned i = 0; i < 20; i += 2)
        sum += (u32)(f[14 + i] << 8 | f[15 + i]);
    sum = ~((sum & 0xffff) + (sum >> 16));
    f[24] = (u8)(sum >> 8);
    f[25] = (u8)sum;
    u8 *u = f + 34;
    u[4] = (u8)((8 + payload) >> 8);
    u[5] = (u8)(8 + payload);
    u[6] = u[7] = 0;
    sum = 17 + 8 + payload;
    for (unsigned i = 0; i < 8; i += 2)
        sum += (u32)(f[26 + i] << 8 | f[27 + i]);
    for (unsigned i = 0; i < 8 + payload; i++)
        sum += i & 1 ? u[i] : (u32)u[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    u[6] = (u8)(~sum >> 8);
    u[7] = (u8)~sum;
}

static void test_checksum_offload(void **state)
{
    struct bench *b = *state;
    wr(b, RXCSUM, 0x300 | 14);
    u8 *f = come(b, NULL, 14 + 28 + 101);
    make_udp(f, 101);
    arrive(b);
    const u8 *d = descriptor(b, 0);
    assert_int_equal(d[12], 0x63); /* TCPCS, IPCS, EOP, DD */
    assert_int_equal(d[13], 0);
    f = come(b, NULL, 14 + 28 + 101);
    make_udp(f, 101);
    f[100] ^= 1;
    arrive(b);
    assert_int_equal(descriptor(b, 1)[13], 0x20); /* TCPE */
    f = come(b, NULL, 14 + 28 + 101);
    make_udp(f, 101);
    f[22] ^= 1; /* time to live */
    arrive(b);
    assert_int_equal(descriptor(b, 2)[13], 0x40); /* IPE */
    f = come(b, NULL, 14 + 28 + 101);
    make_udp(f, 101);
    f[16] = 0xff; /* longer than it is: not looked at */
    arrive(b);
    assert_int_equal(descriptor(b, 3)[12], 0x07);
    u32 sum = 0;
    for (unsigned i = 14; i < 14 + 28 + 101; i++)
        sum += i & 1 ? f[i] : (u32)f[i] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    const u8 *c = descriptor(b, 3) + 10;
    assert_int_equal(c[0] << 8 | c[1], sum);
}

/* RDTR waits after the last frame, RADV bounds the wait. */
static void test_delayed_interrupt(void **state)
{
    struct bench *b = *state;
    wr(b, RDTR, 100);
    wr(b, IMS, ICR_RXT0);
    come(b, NULL, 60);
    wr(b, RCTL, EN);
    harness_advance(&b->h, 100000);
    assert_int_equal(rd(b, RDH), 1);
    assert_false(b->h.irq[IRQ_LINE]);
    harness_advance(&b->h, 2401);
    assert_true(b->h.irq[IRQ_LINE]);
    rd(b, ICR);
    wr(b, RADV, 150);
    for (unsigned i = 0; i < 4; i++) {
        come(b, NULL, 60);
        assert_false(b->h.irq[IRQ_LINE]);
        wr(b, RCTL, EN);
        harness_advance(&b->h, 50000);
    }
    assert_true(b->h.irq[IRQ_LINE]);
    rd(b, ICR);
    run(b);
    rd(b, ICR);
    come(b, NULL, 60);
    wr(b, RCTL, EN);
    harness_advance(&b->h, 5000);
    assert_int_equal(rd(b, ICS) & ICR_RXT0, 0);
    wr(b, RDTR, BIT(31) | 100);
    assert_int_equal(rd(b, ICS) & ICR_RXT0, ICR_RXT0);
}

static void test_minimum_threshold(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 3; i++) {
        come(b, NULL, 60);
        arrive(b);
        assert_int_equal(rd(b, ICR) & ICR_RXDMT0, i < 2 ? 0 : ICR_RXDMT0); /* half of 8 */
    }
}

static void test_small_packet(void **state)
{
    struct bench *b = *state;
    wr(b, RDTR, 1000);
    wr(b, 0x2c00, 64);
    come(b, NULL, 60);
    wr(b, RCTL, EN);
    harness_advance(&b->h, 5000);
    assert_int_equal(rd(b, ICR), BIT(16));
}

static void test_pause_frame(void **state)
{
    static const u8 group[6] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };
    struct bench *b = *state;
    wr(b, CTRL, rd(b, CTRL) | BIT(27)); /* RFCE */
    wr(b, RCTL, EN | MPE);
    u8 *f = come(b, group, 60);
    memcpy(f + 12, "\x88\x08\x00\x01\x01\x00", 6); /* 256 quanta of 512 ns */
    wr(b, RCTL, EN | MPE);
    harness_advance(&b->h, 1000);
    assert_int_equal(rd(b, RDH), 0);
    assert_int_equal(rd(b, 0x4050), 1); /* XOFFRXC */
    assert_int_equal(rd(b, STATUS) & BIT(4), BIT(4));
    wr(b, TDBAL, TX_RING);
    wr(b, TDLEN, 128);
    put_le64(b->h.ram + TX_RING, BUFFERS);
    put_le64(b->h.ram + TX_RING + 8, 60 | 0x03000000);
    wr(b, TCTL, 2);
    wr(b, TDT, 1);
    harness_advance(&b->h, 128000);
    assert_int_equal(b->sends, 0);
    harness_advance(&b->h, 4000);
    assert_int_equal(b->sends, 1);
    wr(b, RCTL, EN | MPE | BIT(23)); /* PMCF: software wants to see them */
    f = come(b, group, 60);
    memcpy(f + 12, "\x88\x08\x00\x01\x00\x00", 6);
    arrive(b);
    assert_int_equal(rd(b, RDH), 1);
    assert_int_equal(rd(b, 0x4048), 1); /* XONRXC */
}

/* The network is asked when it said, and after each frame sent. */
static void test_asking(void **state)
{
    struct bench *b = *state;
    run(b);
    b->again = b->h.now + 2 * MS;
    arrive(b);
    come(b, NULL, 60);
    harness_advance(&b->h, MS);
    assert_int_equal(b->taken, 1); /* arrive() passed 5 ms: `again` lies in the past, and one asks all the time */
    b->again = b->h.now + 20 * MS;
    run(b);
    come(b, NULL, 60);
    run(b);
    assert_int_equal(b->taken, 1);
    harness_advance(&b->h, 15 * MS);
    assert_int_equal(b->taken, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, start, teardown)
        T(test_frame),
        T(test_crc),
        T(test_short_frame_is_padded),
        T(test_address_filters),
        T(test_multicast_hash),
        T(test_vlan),
        T(test_long_frames),
        T(test_buffer_sizes),
        T(test_no_descriptors),
        T(test_overrun),
        T(test_packet_buffer_overwritten),
        T(test_descriptor_without_buffer),
        T(test_ring_pointers),
        T(test_checksum_offload),
        T(test_delayed_interrupt),
        T(test_minimum_threshold),
        T(test_small_packet),
        T(test_pause_frame),
        T(test_asking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
