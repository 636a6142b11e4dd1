#include "random.h"

u64 rnd(struct rng *r) /* SplitMix64 */
{
    u64 z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

u64 edge(struct rng *r)
{
    static const u64 edges[] = { 0,
                                 1,
                                 2,
                                 3,
                                 7,
                                 8,
                                 9,
                                 0xf,
                                 0x10,
                                 0x1f,
                                 0x20,
                                 0x21,
                                 0x3f,
                                 0x40,
                                 0x7f,
                                 0x80,
                                 0xff,
                                 0x100,
                                 0x7fff,
                                 0x8000,
                                 0xffff,
                                 0x10000,
                                 0x7fffffff,
                                 0x80000000,
                                 0xffffffff,
                                 0x100000000,
                                 0x7fffffffffffffff,
                                 0x8000000000000000,
                                 UINT64_MAX,
                                 UINT64_MAX - 1 };
    u64 k = rnd(r);
    switch (k % 8) {
    case 0:
    case 1:
        return edges[(k >> 8) % ARRAY_LEN(edges)];
    case 2:
        return edges[(k >> 8) % ARRAY_LEN(edges)] + edges[(k >> 20) % ARRAY_LEN(edges)];
    case 3:
        return (u64)((s64)rnd(r) >> ((k >> 8) % 64));
    default:
        return rnd(r) >> ((k >> 8) % 64);
    }
}

u64 target(struct rng *r)
{
    switch (below(r, 24)) {
    case 0:
        return MEM_DATA + MEM_DATA_SIZE - 1 - below(r, 20);
    case 1:
        return MEM_DATA + 0x1000 - below(r, 20);
    case 2:
        return MEM_DATA - below(r, 20);
    default:
        break;
    }
    return MEM_DATA + 0x800 + (rnd(r) % 0x400 & (one_in(r, 3) ? ~0ull : ~15ull));
}

static u64 edge_double(struct rng *r)
{
    static const u64 edges[] = { 0,
                                 0x8000000000000000,
                                 0x3ff0000000000000,
                                 0xbff0000000000000,
                                 0x7ff0000000000000,
                                 0xfff0000000000000,
                                 0x7ff8000000000000,
                                 0x7ff0000000000001,
                                 1,
                                 0x000fffffffffffff,
                                 0x0010000000000000,
                                 0x7fefffffffffffff,
                                 0x41dfffffffc00000,
                                 0xc1e0000000000000,
                                 0x43e0000000000000,
                                 0xfff7ffffffffffff,
                                 0x3fe0000000000000,
                                 0x4008000000000000 };
    u64 k = rnd(r);
    return k % 3 ? (rnd(r) & 0x800fffffffffffff) | ((u64)(0x3e0 + rnd(r) % 0x40) << 52)
                 : edges[(k >> 8) % ARRAY_LEN(edges)];
}

static u32 edge_float(struct rng *r)
{
    static const u32 edges[] = { 0,          0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
                                 0x7fc00000, 0x7f800001, 1,          0x007fffff, 0x00800000, 0x7f7fffff,
                                 0x4effffff, 0xcf000000, 0x5f000000, 0x3f000000, 0x40400000 };
    u64 k = rnd(r);
    return k % 3 ? (u32)((rnd(r) & 0x807fffff) | ((0x70 + rnd(r) % 0x20) << 23)) : edges[(k >> 8) % ARRAY_LEN(edges)];
}

static void fill_vector(struct rng *r, u8 *p)
{
    unsigned kind = below(r, 4);
    for (unsigned i = 0; i < 16; i += 4)
        if (kind == 1)
            put_le32(p + i, edge_float(r));
        else if (i % 8 == 0)
            put_le64(p + i, kind == 0 ? edge_double(r) : edge(r));
}

#define X87_MASKED 0x37fu
#define X87_SW_CC 0x4700u
#define X87_TOP_SHIFT 11

static void fill_x87(struct rng *r, u8 *fx)
{
    static const u16 exps[] = { 0, 1, 0x3fff, 0x7ffe, 0x7fff, 0x3ffe, 0x4000, 0x403e, 0x3fbf };
    static const u16 precision[] = { 0x300, 0x300, 0x200, 0x000 };
    u16 cw = (u16)((X87_MASKED & ~0x300u) | precision[below(r, 4)] | below(r, 4) << 10);
    u16 sw = (u16)((rnd(r) & 7) << X87_TOP_SHIFT | (rnd(r) & X87_SW_CC));
    if (one_in(r, 6))
        cw &= (u16)(~0x3fu | rnd(r));
    if (one_in(r, 6)) /* sticky flags, now and then an unmasked one: pending */
        sw |= (u16)(rnd(r) & 0x7f & (one_in(r, 4) ? 0x7fu : cw | 0x40u));
    put_le16(fx, cw);
    put_le16(fx + 2, sw);
    fx[4] = one_in(r, 4) ? (u8)rnd(r) : 0xff;
    for (unsigned i = 0; i < 8; i++) {
        u64 k = rnd(r);
        u16 e = k % 3 ? (u16)(0x3fe0 + (k >> 8) % 64) : exps[(k >> 8) % ARRAY_LEN(exps)];
        u64 m = e ? rnd(r) | 1ull << 63 : rnd(r) & ~(1ull << 63);
        if (k % 5 == 0)
            m = e ? 1ull << 63 : 0;
        put_le64(fx + 32 + 16 * i, m);
        put_le16(fx + 40 + 16 * i, (u16)(e | (rnd(r) & 1) << 15));
    }
}

#define IMAGES 16
#define FRESH 64 /* bytes */

/* What programs find where nothing was put for them. The same for every seed. */
static const u8 *data_image(unsigned n)
{
    static u8 images[IMAGES][MEM_DATA_SIZE];
    static bool filled;
    if (!filled) {
        struct rng r = { 0x64617461 };
        for (unsigned i = 0; i < IMAGES * MEM_DATA_SIZE; i += 16)
            fill_vector(&r, images[0] + i);
        filled = true;
    }
    return images[n];
}

void refresh_data(struct rng *r, u8 *data, u64 at)
{
    u64 first = ((at - MEM_DATA) & ~15ull) - 16;
    for (u64 i = first; i != first + FRESH; i += 16)
        if (i < MEM_DATA_SIZE)
            fill_vector(r, data + i);
}

void random_state(struct rng *r, struct state *s, u8 *data)
{
    for (unsigned i = 0; i < 16; i++)
        s->r[i] = edge(r);
    s->flags = (u32)rnd(r) & FL_ARITH;
    s->flags |= one_in(r, 24) ? FL_AC : 0;
    memcpy(data, data_image(below(r, IMAGES)), MEM_DATA_SIZE);
    fill_x87(r, s->fx);
    u32 mxcsr = 0x1f80 | (u32)below(r, 4) << 13;
    mxcsr |= one_in(r, 6) ? 0x8040u & (u32)rnd(r) : 0;
    mxcsr |= one_in(r, 4) ? 0x3fu & (u32)rnd(r) : 0;
    mxcsr &= one_in(r, 6) ? ~(0x1f80u & (u32)rnd(r)) : ~0u;
    put_le32(s->fx + 24, mxcsr);
    for (unsigned i = 0; i < 16; i++)
        fill_vector(r, s->fx + 160 + 16 * i);
    for (unsigned i = 0; i < 16; i++)
        if (one_in(r, 4))
            memset(s->ymm[i], 0, 16);
        else
            fill_vector(r, s->ymm[i]);
}
