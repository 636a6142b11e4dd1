/* test_e1000_fuzz.c: a hostile guest before the 82540EM: random registers, rings anywhere, descriptors of any kind,
 * frames that come all the time, loopback; a fixed seed. For the sanitizers, and for the bench, which fails when a
 * timer feeds itself or the network gets a frame of an impossible length. */
#include "e1000_bench.h"

static u64 random_next(u64 *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Registers that make things happen, oftener than the others. */
static u32 some_register(u64 *seed)
{
    static const u32 hot[] = { CTRL,   EECD,   MDIC,  ICR,  ICS,     IMS,     IMC,    RCTL,   TCTL,
                               PBA,    RDBAL,  RDLEN, RDH,  RDT,     RDTR,    RADV,   TDBAL,  TDLEN,
                               TDH,    TDT,    TIDV,  TADV, ITR,     RXCSUM,  0x2410, 0x2418, 0x2430,
                               0x2c00, 0x3828, 0x18,  VET,  0x10000, 0x10004, 0x10008 };
    u64 v = random_next(seed);
    return v & 15 ? hot[(v >> 8) % ARRAY_LEN(hot)] : (u32)(v >> 8) % E1000_MMIO_SIZE & ~3u;
}

static u32 some_value(u64 *seed)
{
    static const u32 edge[] = { 0, 1, 2, 7, 0x80, 0x100, 0xffff, 0x1000, 0x10000, 0x8000, UINT32_MAX, 0x0420c003 };
    u64 v = random_next(seed);
    return v & 3 ? edge[(v >> 8) % ARRAY_LEN(edge)] : (u32)(v >> 8);
}

static void some_descriptors(struct bench *b, u64 *seed)
{
    for (unsigned i = 0; i < 64; i++) {
        u8 *d = b->h.ram + (random_next(seed) >> 8) % 0x20000;
        put_le64(d, random_next(seed) >> (random_next(seed) & 63));
        put_le64(d + 8, random_next(seed) & ~(random_next(seed) & random_next(seed)));
    }
}

/* Rings that work, so that the guest gets further than the first check. */
static void some_rings(struct bench *b, u64 *seed)
{
    u64 v = random_next(seed);
    wr(b, CTRL, v & 1 ? 0x40000040 : 0x04000000);
    wr(b, MDIC, 0x04200000 | (v >> 1 & 1 ? 0x5140 : 0x1140));
    wr(b, RDBAL, 0x8000 * (u32)(v >> 8 & 3));
    wr(b, RDLEN, 128u << (v >> 12 & 7));
    wr(b, RDH, 0);
    wr(b, RDT, (u32)(v >> 16 & 0xff));
    wr(b, RCTL, 2 | 0x8018 | (u32)(v >> 24 & 0x060300e0));
    wr(b, TDBAL, 0x8000 * (u32)(v >> 10 & 3));
    wr(b, TDLEN, 0x1000);
    wr(b, TDH, 0);
    wr(b, TCTL, 10);
    wr(b, TDT, (u32)(v >> 56));
}

static size_t flood(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct bench *b = self;
    u64 *seed = &b->again, v = random_next(seed);
    *again = now + (v & 0xff);
    if (!(v >> 8 & 3))
        return 0;
    size_t len = v >> 16 & 1 ? 14 + (v >> 20) % 1505 : 14 + (v >> 20) % (room - 13);
    memset(frame, (u8)v, len);
    if (v >> 17 & 1)
        memcpy(frame, "\x52\x54\x00\x12\x34\x56\x52\x55\x0a\x00\x02\x02\x08\x00\x45\x00\x00\x30", 18);
    if (v >> 18 & 1)
        memcpy(frame + 12, v >> 19 & 1 ? "\x88\x08" : "\x81\x00", 2);
    return len;
}

static void sink(void *self, u64 now, const u8 *frame, size_t len)
{
    struct bench *b = self;
    (void)now;
    assert_in_range(len, 14, E1000_FRAME_MAX);
    b->sends += frame[len - 1] ? 1 : 2;
}

static void fuzz(struct bench *b, u64 seed, unsigned steps)
{
    b->again = seed * 3 + 1;
    b->chip.net = (struct net_backend){ .send = sink, .receive = flood, .self = b };
    for (unsigned i = 0; i < steps; i++) {
        u64 dice = random_next(&seed);
        if ((dice & 63) == 0)
            some_descriptors(b, &seed);
        if ((dice & 63) == 1)
            some_rings(b, &seed);
        if (dice >> 6 & 1)
            wr(b, some_register(&seed), some_value(&seed));
        else
            rd(b, some_register(&seed));
        if ((dice >> 8 & 3) == 0)
            harness_advance(&b->h, random_next(&seed) >> 46);
    }
}

static void test_hostile_guest(void **state)
{
    struct bench *b = *state;
    for (u64 seed = 1; seed <= 8; seed++) {
        fuzz(b, seed * 0x9e3779b97f4a7c15u, 20000);
        e1000_reset(&b->chip);
        pci_config_write(&b->bus, PCI_DEVFN(3, 0), PCI_COMMAND, 7, 2);
    }
    assert_true(b->sends > 100); /* it did something */
}

static void test_any_access(void **state)
{
    struct bench *b = *state;
    struct region *const regions[] = { &b->chip.mmio, &b->chip.io };
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 100000);
}

/* A state that a load accepts is one that the card can go on from. */
static void test_any_state(void **state)
{
    struct bench *b = *state;
    u64 seed = 99;
    unsigned accepted = 0;
    for (unsigned i = 0; i < 300; i++) {
        struct state_buf image = { 0 };
        const char *why;
        assert_true(state_save(&e1000_state, &b->chip, &image));
        for (unsigned n = 0; n < 40; n++)
            image.data[random_next(&seed) % image.len] = (u8)random_next(&seed);
        if (state_load(&e1000_state, &b->chip, &image, &why)) {
            accepted++;
            pci_config_write(&b->bus, PCI_DEVFN(3, 0), PCI_COMMAND, 7, 2);
            fuzz(b, seed, 200);
        } else {
            e1000_reset(&b->chip);
        }
        state_buf_free(&image);
    }
    assert_true(accepted > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        T(test_hostile_guest),
        T(test_any_access),
        T(test_any_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
