/* mmx.c: MMX moves, EMMS, and the MMX-register instructions that came with SSE and SSE2 (SDM vol. 1, chapters 9
 * and 10.4.4). Packed arithmetic of both register files is in sse_int.c and sse_int2.c, shuffles are in sse_shuffle.c.
 */
#include "vec_op.h"

bool mmx_operand(struct cpu *c, const struct uop *u, union vec *s, unsigned mem_bytes)
{
    if (!mmx_begin(c))
        return false;
    s->q[0] = 0;
    if (u_mem(u))
        return load(c, u, s, mem_bytes);
    s->q[0] = mmx_get(c, u->src);
    return true;
}

EXEC(emms)
{
    TRY(mmx_begin(c));
    c->fpu.top = 0;
    c->fpu.valid = 0;
    NEXT;
}

/* MOVD/MOVQ between general registers or memory and MMX. */
static ALWAYS_INLINE const struct uop *mm_from_e(struct cpu *c, const struct uop *u, unsigned size)
{
    u64 v;
    TRY(mmx_begin(c) && load_src(c, u, size, &v));
    mmx_enter(c);
    mmx_put(c, u->dst, v);
    NEXT;
}
static ALWAYS_INLINE const struct uop *mm_to_e(struct cpu *c, const struct uop *u, unsigned size)
{
    TRY(mmx_begin(c) && store_dst(c, u, size, mmx_get(c, u->src)));
    mmx_enter(c);
    NEXT;
}
EXEC(mm_movd_load)
{
    return mm_from_e(c, u, 2);
}
EXEC(mm_movq_from_gpr)
{
    return mm_from_e(c, u, 3);
}
EXEC(mm_movd_store)
{
    return mm_to_e(c, u, 2);
}
EXEC(mm_movq_to_gpr)
{
    return mm_to_e(c, u, 3);
}

EXEC(mm_movq_load)
{
    union vec s;
    TRY(mmx_operand(c, u, &s, 8));
    mmx_enter(c);
    mmx_put(c, u->dst, s.q[0]);
    NEXT;
}
EXEC(mm_movq_store)
{
    u64 v = mmx_get(c, u->src);
    TRY(mmx_begin(c));
    if (u_mem(u))
        TRY(store(c, u, &v, 8));
    mmx_enter(c);
    if (!u_mem(u))
        mmx_put(c, u->dst, v);
    NEXT;
}

/* MOVQ2DQ and MOVDQ2Q between the register files. */
EXEC(movq2dq)
{
    TRY(mmx_begin(c));
    mmx_enter(c);
    c->xmm[u->dst].q[0] = mmx_get(c, u->src);
    c->xmm[u->dst].q[1] = 0;
    NEXT;
}
EXEC(movdq2q)
{
    TRY(mmx_begin(c));
    mmx_enter(c);
    mmx_put(c, u->dst, c->xmm[u->src].q[0]);
    NEXT;
}

EXEC(mm_pmovmskb)
{
    TRY(mmx_begin(c));
    u64 v = mmx_get(c, u->src) & 0x8080808080808080u;
    mmx_enter(c);
    /* Gathers bit 7 of byte i in bit 56 + i: the partial products never meet. */
    put32(c, u->dst, (u32)(((v >> 7) * 0x0102040810204080u) >> 56));
    NEXT;
}

/* PINSRW and PEXTRW: the immediate's low two bits name the word. */
EXEC(mm_pinsrw)
{
    u64 v;
    unsigned shift = 16 * ((unsigned)u->imm & 3);
    TRY(mmx_begin(c) && load_src(c, u, 1, &v));
    mmx_enter(c);
    mmx_put(c, u->dst, (mmx_get(c, u->dst) & ~(0xffffull << shift)) | (v << shift));
    NEXT;
}
EXEC(mm_pextrw)
{
    TRY(mmx_begin(c));
    mmx_enter(c);
    put32(c, u->dst, (u16)(mmx_get(c, u->src) >> (16 * ((unsigned)u->imm & 3))));
    NEXT;
}

/* MASKMOVQ, MASKMOVDQU: stores the bytes of op0 whose mask byte in op1 has its top bit set, at DS:rDI. As on silicon
 * all of it is checked, the upper half first, even with an all-zero mask (SDM vol. 2, MASKMOVDQU, leaves that open). */
static bool masked_store(struct cpu *c, const struct uop *u, const u8 *value, const u8 *mask, unsigned bytes)
{
    static const u64 asize_mask[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    u64 linear[2], offset_mask = asize_mask[u_asize(u) > 2 ? 2 : u_asize(u)];
    for (unsigned half = bytes / MMX_BYTES; half-- > 0;)
        if (!seg_aligned(c, u_seg(u), (c->r[RDI] + MMX_BYTES * half) & offset_mask, MMX_BYTES, true, &linear[half]) ||
            !lin_probe(c, linear[half], MMX_BYTES, true))
            return false;
    for (unsigned i = 0; i < bytes; i++)
        if ((mask[i] & 0x80) && !lin_write(c, linear[i / MMX_BYTES] + i % MMX_BYTES, &value[i], 1))
            return false;
    return true;
}
EXEC(maskmovq)
{
    u64 value = mmx_get(c, u->dst), mask = mmx_get(c, u->src);
    TRY(mmx_begin(c) && masked_store(c, u, (const u8 *)&value, (const u8 *)&mask, MMX_BYTES));
    mmx_enter(c);
    NEXT;
}
EXEC(maskmovdqu)
{
    TRY(masked_store(c, u, c->xmm[u->dst].b, c->xmm[u->src].b, XMM_BYTES));
    NEXT;
}
