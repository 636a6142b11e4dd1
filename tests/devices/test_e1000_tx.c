/* test_e1000_tx.c: the 82540EM's transmitter: descriptors, checksum insertion, segmentation, VLAN tags, moderation,
 * loopback, statistics. Intel's 8254x Software Developer's Manual, sections 3.3 to 3.6. */
#include "e1000_bench.h"

#define EOP 0x01u
#define IFCS 0x02u
#define IC 0x04u
#define TSE 0x04u
#define RS 0x08u
#define DEXT 0x20u
#define VLE 0x40u
#define IDE 0x80u

static unsigned at; /* the next descriptor */

static int start(void **state)
{
    setup(state);
    struct bench *b = *state;
    at = 0;
    wr(b, TDBAL, TX_RING);
    wr(b, TDLEN, RING * 16);
    wr(b, TCTL, 0x0a); /* EN, PSP */
    return 0;
}

static u8 *descriptor(struct bench *b, unsigned n)
{
    return b->h.ram + TX_RING + 16 * (size_t)(n % RING);
}

static void add(struct bench *b, u64 low, u64 high)
{
    put_le64(descriptor(b, at), low);
    put_le64(descriptor(b, at) + 8, high);
    at++;
}

static void legacy(struct bench *b, u32 addr, unsigned len, u32 cmd)
{
    add(b, addr, len | (u64)cmd << 24);
}

static void data(struct bench *b, u32 addr, u32 len, u32 cmd, u32 popts)
{
    add(b, addr, len | 1u << 20 | (u64)(cmd | DEXT) << 24 | (u64)popts << 40);
}

static void go(struct bench *b)
{
    wr(b, TDT, at % RING);
    run(b);
}

static void test_legacy_frame(void **state)
{
    struct bench *b = *state;
    make_frame(b->h.ram + BUFFERS, NULL, 100);
    legacy(b, BUFFERS, 100, EOP | IFCS | RS);
    go(b);
    assert_int_equal(b->sends, 1);
    assert_int_equal(b->sent[0].len, 100);
    assert_memory_equal(b->sent[0].data, b->h.ram + BUFFERS, 100);
    assert_int_equal(rd(b, TDH), 1);
    assert_int_equal(descriptor(b, 0)[12] & 1, 1); /* DD */
    assert_int_equal(rd(b, ICR), ICR_TXDW | ICR_TXQE);
}

static void test_report_only_when_asked(void **state)
{
    struct bench *b = *state;
    legacy(b, BUFFERS, 60, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 1);
    assert_int_equal(descriptor(b, 0)[12], 0);
    assert_int_equal(rd(b, ICR), ICR_TXQE);
}

static void test_frame_of_pieces(void **state)
{
    struct bench *b = *state;
    make_frame(b->h.ram + BUFFERS, NULL, 900);
    legacy(b, BUFFERS, 14, IFCS);
    legacy(b, BUFFERS + 14, 0, IFCS); /* nothing, but a descriptor */
    legacy(b, BUFFERS + 14, 586, IFCS);
    legacy(b, BUFFERS + 600, 300, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 1);
    assert_int_equal(b->sent[0].len, 900);
    assert_memory_equal(b->sent[0].data, b->h.ram + BUFFERS, 900);
}

static void test_padding_and_crc(void **state)
{
    struct bench *b = *state;
    make_frame(b->h.ram + BUFFERS, NULL, 200);
    legacy(b, BUFFERS, 30, EOP | IFCS);
    legacy(b, BUFFERS, 104, EOP); /* software's own CRC */
    go(b);
    assert_int_equal(b->sent[0].len, 60);
    assert_int_equal(b->sent[0].data[30] | b->sent[0].data[59], 0);
    assert_int_equal(b->sent[1].len, 100);
}

static void test_ring_wraps(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 3 * RING; i++) {
        make_frame(b->h.ram + BUFFERS, NULL, 64 + i);
        legacy(b, BUFFERS, 64 + i, EOP | IFCS);
        go(b);
    }
    assert_int_equal(b->sends, 3 * RING);
    assert_int_equal(b->sent[3 * RING - 1].len, 64 + 3 * RING - 1);
}

/* 1500 bytes and what belongs to them take 12 µs at 1 Gb/s. */
static void test_wire_speed(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 4; i++)
        legacy(b, BUFFERS, 1514, EOP | IFCS);
    go(b);
    assert_int_equal(b->sent[1].at - b->sent[0].at, (1514 + 24) * 8);
    assert_int_equal(b->sent[3].at - b->sent[2].at, (1514 + 24) * 8);
}

static void test_no_link_no_transmission(void **state)
{
    struct bench *b = *state;
    e1000_set_link(&b->chip, false);
    legacy(b, BUFFERS, 100, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 0);
    assert_int_equal(rd(b, TDH), 0);
    e1000_set_link(&b->chip, true);
    harness_advance(&b->h, 510 * MS);
    assert_int_equal(b->sends, 1);
}

static void test_bus_master_off(void **state)
{
    struct bench *b = *state;
    pci_config_write(&b->bus, PCI_DEVFN(3, 0), PCI_COMMAND, 3, 2);
    legacy(b, BUFFERS, 100, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 0);
    pci_config_write(&b->bus, PCI_DEVFN(3, 0), PCI_COMMAND, 7, 2);
    run(b);
    assert_int_equal(b->sends, 1);
}

static u32 sum16(const u8 *p, size_t len)
{
    u32 sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += i & 1 ? p[i] : (u32)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void test_legacy_checksum(void **state)
{
    struct bench *b = *state;
    make_frame(b->h.ram + BUFFERS, NULL, 101);
    b->h.ram[BUFFERS + 40] = b->h.ram[BUFFERS + 41] = 0;
    add(b, BUFFERS, 101 | 40u << 16 | (u64)(EOP | IFCS | IC) << 24 | (u64)14 << 40);
    go(b);
    assert_int_equal(sum16(b->sent[0].data + 14, 101 - 14), 0xffff);
}

/* An IPv4 header and a TCP or UDP header with the pseudo header's sum, `payload` bytes after them. */
static void make_packet(u8 *f, bool tcp, unsigned payload, bool with_length)
{
    static const u8 ip[20] = { 0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, 0, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2 };
    unsigned header = tcp ? 20 : 8;
    make_frame(f, NULL, 14 + 20 + header + payload);
    f[12] = 8;
    f[13] = 0;
    memcpy(f + 14, ip, 20);
    f[14 + 9] = tcp ? 6 : 17;
    f[16] = (u8)((20 + header + payload) >> 8);
    f[17] = (u8)(20 + header + payload);
    u8 *t = f + 34;
    memset(t, 0, header);
    t[7] = 0x10; /* sequence number 0x10, or the low byte of UDP's checksum */
    t[4] = tcp ? 0x7f : 0;
    if (tcp) {
        t[12] = 0x50;
        t[13] = 0x19; /* ACK, PSH, FIN */
    }
    u32 sum = sum16(ip + 12, 8) + (tcp ? 6 : 17) + (with_length ? header + payload : 0);
    sum = (sum & 0xffff) + (sum >> 16);
    t[tcp ? 16 : 6] = (u8)(sum >> 8);
    t[tcp ? 17 : 7] = (u8)sum;
}

static void context(struct bench *b, bool tcp, u32 tucmd, u32 payload, u32 header, u32 mss)
{
    u64 tucso = tcp ? 34 + 16 : 34 + 6;
    u64 low = 14 | 24u << 8 | 33u << 16 | (u64)34 << 32 | tucso << 40;
    u64 high = payload | (u64)(tucmd | DEXT | (tcp ? 1 : 0) | 2) << 24 | (u64)header << 40 | (u64)mss << 48;
    add(b, low, high);
}

static void check_packet(const u8 *f, size_t len, bool tcp)
{
    const u8 *ip = f + 14;
    u32 total = (u32)(ip[2] << 8 | ip[3]), pseudo = sum16(ip + 12, 8) + (tcp ? 6 : 17) + total - 20;
    assert_int_equal(total, len - 14);
    assert_int_equal(sum16(ip, 20), 0xffff);
    u32 sum = sum16(f + 34, len - 34) + pseudo;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal(sum, 0xffff);
}

static void test_checksum_offload(void **state)
{
    struct bench *b = *state;
    make_packet(b->h.ram + BUFFERS, true, 301, true);
    make_packet(b->h.ram + BUFFERS + FRAME, false, 77, true);
    context(b, true, 0, 0, 0, 0);
    data(b, BUFFERS, 54 + 301, EOP | IFCS | RS, 3);
    context(b, false, 0, 0, 0, 0);
    data(b, BUFFERS + FRAME, 42 + 77, EOP | IFCS | RS, 3);
    go(b);
    assert_int_equal(b->sends, 2);
    check_packet(b->sent[0].data, b->sent[0].len, true);
    check_packet(b->sent[1].data, b->sent[1].len, false);
}

static void test_segmentation(void **state)
{
    struct bench *b = *state;
    u8 *f = b->h.ram + BUFFERS;
    make_packet(f, true, 5000, false);
    f[16] = f[17] = 0;
    context(b, true, TSE, 5000, 54, 1460);
    data(b, BUFFERS, 54 + 1000, IFCS | TSE, 3);
    data(b, BUFFERS + 1054, 4000, EOP | IFCS | TSE | RS, 0);
    go(b);
    assert_int_equal(b->sends, 4);
    for (unsigned i = 0, done = 0; i < 4; i++) {
        const u8 *s = b->sent[i].data;
        unsigned payload = i < 3 ? 1460 : 5000 - 3 * 1460;
        assert_int_equal(b->sent[i].len, 54 + payload);
        check_packet(s, b->sent[i].len, true);
        assert_int_equal(s[18] << 8 | s[19], 0x1234 + i); /* identification */
        assert_int_equal(s[38] << 24 | s[39] << 16 | s[40] << 8 | s[41], 0x7f000010 + done);
        assert_int_equal(s[47], i < 3 ? 0x10 : 0x19); /* FIN and PSH in the last alone */
        assert_memory_equal(s + 54, f + 54 + done, payload);
        done += payload;
    }
    assert_int_equal(rd(b, 0x40f8), 1); /* TSCTC */
    assert_int_equal(rd(b, TDH), 3);
}

/* A payload that is a multiple of the segment size ends without an empty segment. */
static void test_exact_segments(void **state)
{
    struct bench *b = *state;
    make_packet(b->h.ram + BUFFERS, true, 2920, false);
    context(b, true, TSE, 2920, 54, 1460);
    data(b, BUFFERS, 54, IFCS | TSE, 3);
    data(b, BUFFERS + 54, 1460, IFCS | TSE, 0);
    data(b, BUFFERS + 54 + 1460, 1460, EOP | IFCS | TSE, 0);
    go(b);
    assert_int_equal(b->sends, 2);
    check_packet(b->sent[1].data, b->sent[1].len, true);
    assert_int_equal(b->sent[1].len, 54 + 1460);
}

static void test_two_contexts_stay(void **state)
{
    struct bench *b = *state;
    make_packet(b->h.ram + BUFFERS, true, 100, true);
    context(b, true, 0, 0, 0, 0);
    context(b, false, TSE, 100, 42, 50);
    data(b, BUFFERS, 154, EOP | IFCS, 3);
    go(b);
    check_packet(b->sent[0].data, b->sent[0].len, true);
}

/* What would never end or not fit is dropped with a word. */
static void test_impossible_segments(void **state)
{
    struct bench *b = *state;
    context(b, true, TSE, 5000, 54, 0);
    data(b, BUFFERS, 5054, EOP | IFCS | TSE | RS, 3);
    go(b);
    assert_int_equal(b->sends, 0);
    assert_int_equal(descriptor(b, 1)[12] & 1, 1);
    context(b, true, TSE, 5000, 255, 65535);
    data(b, BUFFERS, 5054, EOP | IFCS | TSE, 3);
    legacy(b, BUFFERS, 60, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 1);
    assert_true(harness_logged(&b->h, "segments of 0 bytes"));
    assert_int_equal(rd(b, 0x40fc), 2); /* TSCTFC */
}

static void test_frame_too_long(void **state)
{
    struct bench *b = *state;
    legacy(b, BUFFERS, 65535, EOP | IFCS | RS);
    data(b, BUFFERS, 0xfffff, EOP | IFCS, 0);
    legacy(b, BUFFERS, 0, EOP | IFCS);
    legacy(b, BUFFERS, 9, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 1); /* padded */
    assert_int_equal(rd(b, TDH), 4);
    assert_true(harness_logged(&b->h, "is not sent"));
}

static void test_pointers_outside_the_ring(void **state)
{
    struct bench *b = *state;
    wr(b, TDT, 5000);
    run(b);
    wr(b, TDH, 60000);
    wr(b, TDT, 3);
    run(b);
    wr(b, TDLEN, 0);
    wr(b, TDT, 1);
    run(b);
    assert_int_equal(b->sends, 0);
    assert_true(harness_logged(&b->h, "outside the ring"));
}

static void test_vlan_insertion(void **state)
{
    struct bench *b = *state;
    wr(b, CTRL, rd(b, CTRL) | BIT(30));
    make_frame(b->h.ram + BUFFERS, NULL, 100);
    add(b, BUFFERS, 100 | (u64)(EOP | IFCS | VLE) << 24 | (u64)0x2123 << 48);
    go(b);
    const u8 *f = b->sent[0].data;
    assert_int_equal(b->sent[0].len, 104);
    assert_memory_equal(f, b->h.ram + BUFFERS, 12);
    assert_memory_equal(f + 12, "\x81\x00\x21\x23\x88\xb5", 6);
    assert_memory_equal(f + 18, b->h.ram + BUFFERS + 14, 86);
}

/* TIDV waits after the last, TADV bounds the wait after the first (units of 1.024 µs). */
static void test_delayed_interrupt(void **state)
{
    struct bench *b = *state;
    wr(b, IMS, ICR_TXDW);
    wr(b, TIDV, 100);
    legacy(b, BUFFERS, 60, EOP | IFCS | RS | IDE);
    wr(b, TDT, at % RING);
    harness_advance(&b->h, 90000);
    assert_int_equal(b->sends, 1);
    assert_int_equal(descriptor(b, 0)[12] & 1, 1);
    assert_false(b->h.irq[IRQ_LINE]);
    harness_advance(&b->h, 20000);
    assert_true(b->h.irq[IRQ_LINE]);
    rd(b, ICR);
    wr(b, TADV, 150);
    for (unsigned i = 0; i < 4; i++) {
        legacy(b, BUFFERS, 60, EOP | IFCS | RS | IDE);
        wr(b, TDT, at % RING);
        assert_false(b->h.irq[IRQ_LINE]);
        harness_advance(&b->h, 50000);
    }
    assert_true(b->h.irq[IRQ_LINE]);
    rd(b, ICR);
    run(b);
    rd(b, ICR);
    legacy(b, BUFFERS, 60, EOP | IFCS | RS | IDE);
    wr(b, TDT, at % RING);
    harness_advance(&b->h, 10000);
    assert_int_equal(rd(b, ICS) & ICR_TXDW, 0);
    wr(b, TIDV, 100 | BIT(31)); /* FPD */
    assert_int_equal(rd(b, ICS) & ICR_TXDW, ICR_TXDW);
}

static void test_low_threshold(void **state)
{
    struct bench *b = *state;
    wr(b, TDLEN, 16 * 16);
    wr(b, 0x3828, 1u << 25);
    for (unsigned i = 0; i < 10; i++) {
        put_le64(b->h.ram + TX_RING + 16 * i, BUFFERS);
        put_le64(b->h.ram + TX_RING + 16 * i + 8, 60 | (u64)(EOP | IFCS) << 24);
    }
    wr(b, TDT, 10);
    harness_advance(&b->h, 1001);
    assert_int_equal(rd(b, ICR) & BIT(15), 0);
    run(b);
    assert_int_equal(rd(b, ICR) & BIT(15), BIT(15));
}

static void loopback(struct bench *b)
{
    wr(b, RDBAL, RX_RING);
    wr(b, RDLEN, RING * 16);
    for (unsigned i = 0; i < RING; i++)
        put_le64(b->h.ram + RX_RING + 16 * (size_t)i, BUFFERS + FRAME * (2 + i));
    wr(b, RDT, RING - 1);
    make_frame(b->h.ram + BUFFERS, NULL, 100);
    legacy(b, BUFFERS, 100, EOP | IFCS);
    go(b);
    assert_int_equal(b->sends, 0);
    assert_int_equal(rd(b, RDH), 1);
    assert_memory_equal(b->h.ram + BUFFERS + 2 * FRAME, b->h.ram + BUFFERS, 100);
}

static void test_mac_loopback(void **state)
{
    struct bench *b = *state;
    wr(b, RCTL, 2 | 1u << 6);
    loopback(b);
}

static void test_phy_loopback(void **state)
{
    struct bench *b = *state;
    e1000_set_link(&b->chip, false);
    wr(b, RCTL, 2 | 3u << 6);
    wr(b, MDIC, 1u << 26 | 1u << 21 | 0x4140);
    loopback(b);
    assert_int_equal(rd(b, STATUS) & 2, 2);
}

/* A loop of rings: every frame that is received is the next descriptor that is sent. It may go on, step by step. */
static void test_rings_in_each_other(void **state)
{
    struct bench *b = *state;
    wr(b, RCTL, 2 | 8 | 1u << 6);
    wr(b, RDBAL, TX_RING);
    wr(b, RDLEN, RING * 16);
    wr(b, RDT, RING - 1);
    for (unsigned i = 0; i < RING - 1; i++)
        legacy(b, TX_RING, 128, EOP | IFCS | RS);
    go(b);
    run(b);
}

static void test_statistics(void **state)
{
    struct bench *b = *state;
    make_frame(b->h.ram + BUFFERS, NULL, 1514);
    make_frame(b->h.ram + BUFFERS + FRAME, (const u8 *)"\xff\xff\xff\xff\xff\xff", 60);
    make_frame(b->h.ram + BUFFERS + 2 * FRAME, (const u8 *)"\x33\x33\0\0\0\1", 100);
    legacy(b, BUFFERS, 1514, EOP | IFCS);
    legacy(b, BUFFERS + FRAME, 60, EOP | IFCS);
    legacy(b, BUFFERS + 2 * FRAME, 100, EOP | IFCS);
    go(b);
    assert_int_equal(rd(b, 0x40d4), 3); /* TPT */
    assert_int_equal(rd(b, 0x40d4), 0); /* cleared by reading */
    assert_int_equal(rd(b, 0x4080), 3);
    assert_int_equal(rd(b, 0x40d8), 1); /* 64 bytes */
    assert_int_equal(rd(b, 0x40dc), 1); /* to 127 */
    assert_int_equal(rd(b, 0x40ec), 1); /* to 1522 */
    assert_int_equal(rd(b, 0x40f0), 1); /* multicast */
    assert_int_equal(rd(b, 0x40f4), 1); /* broadcast */
    assert_int_equal(rd(b, 0x4090), 1514 + 60 + 100 + 12);
    assert_int_equal(rd(b, 0x4090), 1514 + 60 + 100 + 12); /* the upper half clears both */
    assert_int_equal(rd(b, 0x4094), 0);
    assert_int_equal(rd(b, 0x4090), 0);
    wr(b, 0x4080, 5);
    assert_int_equal(rd(b, 0x4080), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, start, teardown)
        T(test_legacy_frame),
        T(test_report_only_when_asked),
        T(test_frame_of_pieces),
        T(test_padding_and_crc),
        T(test_ring_wraps),
        T(test_wire_speed),
        T(test_no_link_no_transmission),
        T(test_bus_master_off),
        T(test_legacy_checksum),
        T(test_checksum_offload),
        T(test_segmentation),
        T(test_exact_segments),
        T(test_two_contexts_stay),
        T(test_impossible_segments),
        T(test_frame_too_long),
        T(test_pointers_outside_the_ring),
        T(test_vlan_insertion),
        T(test_delayed_interrupt),
        T(test_low_threshold),
        T(test_mac_loopback),
        T(test_phy_loopback),
        T(test_rings_in_each_other),
        T(test_statistics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
