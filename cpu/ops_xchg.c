/* ops_xchg.c: XCHG XADD CMPXCHG CMPXCHG8B CMPXCHG16B BSWAP MOVBE CRC32 NOP BOUND. One processor runs at a time, so
 * every read-modify-write is atomic, LOCK or not. */
#include "alu.h"
#include "fast.h"
#include "rows.h"

EXEC(nop)
{
    NEXT_FAST;
}

EXEC(xchg)
{
    unsigned size = u_size(u);
    u64 a = 0, b = get_reg(c, u->src, size), lin;
    if (!u_mem(u)) {
        a = get_reg(c, u->dst, size);
        put_reg(c, u->dst, size, b);
    } else {
        TRY(load_rmw(c, u, &a, u_bytes(u), &lin));
        store_back(c, lin, &b, u_bytes(u));
    }
    put_reg(c, u->src, size, a);
    NEXT;
}

/* 90-97; plain 90 is NOP: not even the upper half of RAX is cleared. */
EXEC(xchg_acc)
{
    unsigned size = u_size(u);
    if (u->dst == u->src)
        NEXT_FAST;
    u64 a = get_reg(c, u->dst, size), b = get_reg(c, u->src, size);
    put_reg(c, u->dst, size, b);
    put_reg(c, u->src, size, a);
    NEXT;
}

static u64 add_sized(struct cpu *c, u64 a, u64 b, unsigned size)
{
    switch (size) {
    case 0:
        return alu_add_8(c, (u8)a, (u8)b);
    case 1:
        return alu_add_16(c, (u16)a, (u16)b);
    case 2:
        return alu_add_32(c, (u32)a, (u32)b);
    default:
        return alu_add_64(c, a, b);
    }
}

static void cmp_sized(struct cpu *c, u64 a, u64 b, unsigned size)
{
    switch (size) {
    case 0:
        alu_cmp_8(c, (u8)a, (u8)b);
        break;
    case 1:
        alu_cmp_16(c, (u16)a, (u16)b);
        break;
    case 2:
        alu_cmp_32(c, (u32)a, (u32)b);
        break;
    default:
        alu_cmp_64(c, a, b);
        break;
    }
}

EXEC(xadd)
{
    unsigned size = u_size(u);
    u64 a = 0, b = get_reg(c, u->src, size), lin = 0;
    if (u_mem(u))
        TRY(load_rmw(c, u, &a, u_bytes(u), &lin));
    else
        a = get_reg(c, u->dst, size);
    u64 sum = add_sized(c, a, b, size);
    put_reg(c, u->src, size, a);
    if (u_mem(u))
        store_back(c, lin, &sum, u_bytes(u));
    else
        put_reg(c, u->dst, size, sum);
    NEXT;
}

/* The destination is written in every case (SDM vol. 2, CMPXCHG): with itself when the comparison fails. */
EXEC(cmpxchg)
{
    unsigned size = u_size(u);
    u64 acc = get_reg(c, REG_OFFSET(RAX), size), d = 0, lin = 0;
    if (u_mem(u))
        TRY(load_rmw(c, u, &d, u_bytes(u), &lin));
    else
        d = get_reg(c, u->dst, size);
    u64 s = get_reg(c, u->src, size);
    cmp_sized(c, acc, d, size);
    bool equal = acc == d;
    u64 v = equal ? s : d;
    if (u_mem(u))
        store_back(c, lin, &v, u_bytes(u));
    else if (equal)
        put_reg(c, u->dst, size, v);
    if (!equal)
        put_reg(c, REG_OFFSET(RAX), size, d);
    NEXT;
}

static void set_zero_flag(struct cpu *c, bool z)
{
    c->fl = (u16)((c->fl & ~HF_ZF) | (z ? HF_ZF : 0));
}

EXEC(cmpxchg8b)
{
    u64 d, lin, want = (u64)(u32)c->r[RDX] << 32 | (u32)c->r[RAX];
    TRY(load_rmw(c, u, &d, 8, &lin));
    bool equal = d == want;
    u64 v = equal ? (u64)(u32)c->r[RCX] << 32 | (u32)c->r[RBX] : d;
    store_back(c, lin, &v, 8);
    if (!equal) {
        c->r[RAX] = (u32)d;
        c->r[RDX] = d >> 32;
    }
    set_zero_flag(c, equal);
    NEXT;
}

EXEC(cmpxchg16b)
{
    u64 d[2], lin;
    TRY(ea_linear_16(c, u, true, &lin) && lin_probe(c, lin, 16, true) && lin_read(c, lin, d, 16));
    bool equal = d[0] == c->r[RAX] && d[1] == c->r[RDX];
    u64 v[2] = { equal ? c->r[RBX] : d[0], equal ? c->r[RCX] : d[1] };
    store_back(c, lin, v, 16);
    if (!equal) {
        c->r[RAX] = d[0];
        c->r[RDX] = d[1];
    }
    set_zero_flag(c, equal);
    NEXT;
}

static u64 swap_bytes(u64 v, unsigned size)
{
    switch (size) {
    case 1:
        return __builtin_bswap16((u16)v);
    case 2:
        return __builtin_bswap32((u32)v);
    default:
        return __builtin_bswap64(v);
    }
}

/* With a 16-bit operand the result is undefined; processors give 0. */
EXEC(bswap)
{
    put_reg(c, u->dst, u_size(u), u_size(u) == 1 ? 0 : swap_bytes(get_reg(c, u->dst, u_size(u)), u_size(u)));
    NEXT;
}

EXEC(movbe_load)
{
    u64 v = 0;
    TRY(load(c, u, &v, u_bytes(u)));
    put_reg(c, u->dst, u_size(u), swap_bytes(v, u_size(u)));
    NEXT;
}

EXEC(movbe_store)
{
    u64 v = swap_bytes(get_reg(c, u->src, u_size(u)), u_size(u));
    TRY(store(c, u, &v, u_bytes(u)));
    NEXT;
}

/* CRC-32C, polynomial 11EDC6F41, bits reflected. */
static u32 crc32c(u32 crc, u64 data, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        crc ^= (u8)(data >> (8 * i));
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1)));
    }
    return crc;
}

EXEC(crc32_b)
{
    u64 v;
    TRY(load_src(c, u, 0, &v));
    put32(c, u->dst, crc32c(get32(c, u->dst), v, 1));
    NEXT;
}

EXEC(crc32_v)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    put32(c, u->dst, crc32c(get32(c, u->dst), v, u_bytes(u)));
    NEXT;
}

/* The upper bound is not read when the lower one is enough for #BR. */
EXEC(bound)
{
    unsigned n = u_bytes(u), shift = 64 - 8 * n;
    u64 lower = 0, upper = 0, lin, offset = ea_offset(c, u);
    s64 v = (s64)(get_reg(c, u->dst, u_size(u)) << shift) >> shift;
    TRY(seg_aligned(c, u_seg(u), offset, n, false, &lin) && lin_read(c, lin, &lower, n));
    if (v < (s64)(lower << shift) >> shift)
        RAISE(EXC_BR, 0);
    offset = low_bytes(offset + n, u_asize(u) ? 4 : 2);
    TRY(seg_aligned(c, u_seg(u), offset, n, false, &lin) && lin_read(c, lin, &upper, n));
    if (v > (s64)(upper << shift) >> shift)
        RAISE(EXC_BR, 0);
    NEXT;
}
