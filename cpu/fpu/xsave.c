/* xsave.c: XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR and XRSTORS, in the standard and the compacted format, for the
 * components x87, SSE, AVX and PKRU (SDM vol. 1, chapter 13). A component is in use while it differs from its initial
 * configuration; processors may track that less exactly (13.6). XSAVEOPT, XSAVEC and XSAVES leave out what is not in
 * use, and nothing for being unmodified. No supervisor component is built: IA32_XSS stays 0. */
#include "fpu.h"

#define XSAVE_ALIGN 64u
#define XSAVE_CHECKED 4u /* where alignment checks are on: as FXSAVE's */
#define XHDR 512u
#define XHDR_BYTES 64u
#define XHDR_BV 512u      /* XSTATE_BV */
#define XHDR_COMP_BV 520u /* XCOMP_BV; 0 in the standard format */
#define XHDR_RESERVED 528u
#define XHDR_CHECKED 536u   /* of a standard header bytes 23:8 must be zero (SDM vol. 1, 13.8.1) */
#define COMPACTED BIT64(63) /* of XCOMP_BV */
#define MXCSR_AND_MASK 8u
#define MXCSR_OWNERS (XSTATE_SSE | XSTATE_AVX)
#define PARTS_MAX 64u /* 48 at most: pieces of 16 bytes where addresses wrap */

/* An area on its way from or to memory, and those parts of it that are accessed. */
struct xarea {
    u8 image[XSAVE_PKRU + XSAVE_PKRU_BYTES];
    struct {
        u16 at, bytes;
        u64 linear;
    } part[PARTS_MAX];
    unsigned parts;
    unsigned piece;   /* the most bytes of a part */
    u64 offset, mask; /* of the area in its segment, and what addresses wrap at */
};

/* Addresses of 16 and 32 bits wrap inside the area, as on silicon: piece by piece. */
static void area_init(struct cpu *c, struct xarea *a, const struct uop *u)
{
    static const u64 masks[] = { 0xffff, 0xffffffff, UINT64_MAX, UINT64_MAX };
    a->parts = 0;
    a->offset = ea_offset(c, u);
    a->mask = masks[u_asize(u)];
    a->piece = a->mask - a->offset < sizeof a->image ? FX_REG_BYTES : sizeof a->image;
}

static void add_part(struct xarea *a, bool wanted, unsigned at, unsigned bytes)
{
    for (unsigned n; wanted && bytes && a->parts < PARTS_MAX; at += n, bytes -= n) {
        n = bytes < a->piece ? bytes : a->piece;
        a->part[a->parts].at = (u16)at;
        a->part[a->parts++].bytes = (u16)n;
    }
}

/* Where PKRU is; `layout` is XCOMP_BV. All other components have one place in both formats. */
static unsigned pkru_at(u64 layout)
{
    if (!(layout & COMPACTED))
        return XSAVE_PKRU;
    return layout & XSTATE_AVX ? XSAVE_AVX + XSAVE_AVX_BYTES : XSAVE_AVX;
}

/* The components' parts (SDM vol. 1, 13.4): x87 in bytes 0-23 and 32-159, and as many registers as the mode has. */
static void add_components(const struct cpu *c, struct xarea *a, u64 components, bool mxcsr, u64 layout)
{
    add_part(a, components & XSTATE_X87, 0, FX_MXCSR);
    add_part(a, mxcsr, FX_MXCSR, MXCSR_AND_MASK);
    add_part(a, components & XSTATE_X87, FX_ST, FX_XMM - FX_ST);
    add_part(a, components & XSTATE_SSE, FX_XMM, FX_REG_BYTES * fx_xmm_count(c));
    add_part(a, components & XSTATE_AVX, XSAVE_AVX, FX_REG_BYTES * fx_xmm_count(c));
    add_part(a, components & XSTATE_PKRU, pkru_at(layout), XSAVE_PKRU_BYTES);
}

/* All segment checks and, for writing, all pages come before the first byte. */
static bool find_parts(struct cpu *c, const struct uop *u, struct xarea *a, bool write)
{
    for (unsigned i = 0; i < a->parts; i++) {
        u64 at = (a->offset + a->part[i].at) & a->mask;
        if (!seg_linear(c, u_seg(u), at, a->part[i].bytes, write, &a->part[i].linear) ||
            (write && !lin_probe(c, a->part[i].linear, a->part[i].bytes, true)))
            return false;
    }
    return true;
}

static bool read_parts(struct cpu *c, const struct uop *u, struct xarea *a)
{
    if (!find_parts(c, u, a, false))
        return false;
    for (unsigned i = 0; i < a->parts; i++)
        if (!fx_read(c, a->part[i].linear, a->image + a->part[i].at, a->part[i].bytes))
            return false;
    return true;
}

static bool write_parts(struct cpu *c, const struct uop *u, struct xarea *a)
{
    if (!find_parts(c, u, a, true))
        return false;
    for (unsigned i = 0; i < a->parts; i++)
        if (!fx_write(c, a->part[i].linear, a->image + a->part[i].at, a->part[i].bytes))
            return false;
    return true;
}

/* The checks that come before any access (SDM vol. 2, XSAVE and XSAVES: exceptions). */
static bool area_checks(struct cpu *c, const struct uop *u, bool supervisor)
{
    u64 linear;
    if (!(c->cr4 & CR4_OSXSAVE))
        return cpu_fault(c, EXC_UD, 0);
    if (supervisor && c->cpl > 0)
        return cpu_fault(c, EXC_GP, 0);
    if (c->cr0 & CR0_TS)
        return cpu_fault(c, EXC_NM, 0);
    if (!ea_linear(c, u, XSAVE_CHECKED, false, &linear))
        return false;
    return !(linear & (XSAVE_ALIGN - 1)) || cpu_fault(c, EXC_GP, 0);
}

/* RFBM: the components asked for and enabled. */
static u64 requested(const struct cpu *c)
{
    return ((u64)(u32)c->r[RDX] << 32 | (u32)c->r[RAX]) & c->xcr0;
}

/* ---- what is in use ---- */

static bool x87_in_use(const struct cpu *c)
{
    const struct fpu *f = &c->fpu;
    u64 used = (u64)(f->cw ^ FCW_INIT) | fpu_get_sw(c) | f->valid | f->fop | f->fip | f->fdp | f->fcs | f->fds;
    for (unsigned i = 0; i < ARRAY_LEN(f->reg); i++)
        used |= f->reg[i].mant | f->reg[i].se;
    return used != 0;
}

u64 cpu_xinuse(const struct cpu *c)
{
    u64 low = 0, high = 0;
    for (unsigned i = 0; i < ARRAY_LEN(c->xmm); i++) {
        low |= c->xmm[i].q[0] | c->xmm[i].q[1];
        high |= c->xmm[i].q[2] | c->xmm[i].q[3];
    }
    return (x87_in_use(c) ? XSTATE_X87 : 0) | (low ? XSTATE_SSE : 0) | (high ? XSTATE_AVX : 0) |
           (c->pkru ? XSTATE_PKRU : 0);
}

u64 cpu_xinuse_mxcsr(struct cpu *c)
{
    x87_settle(c);
    return cpu_xinuse(c) | (sse_get_mxcsr(c) != MXCSR_RESET ? XSTATE_SSE : 0);
}

/* ---- saving ---- */

/* Components that are not going to be written are put there, too. */
static void fill_image(struct cpu *c, struct xarea *a, bool wide, u64 layout)
{
    fx_put_x87(c, a->image, wide);
    put_le32(a->image + FX_MXCSR, sse_get_mxcsr(c));
    put_le32(a->image + FX_MXCSR_MASK, MXCSR_WRITABLE);
    fx_put_xmm(c, a->image);
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        memcpy(a->image + XSAVE_AVX + FX_REG_BYTES * i, c->xmm[i].b + FX_REG_BYTES, FX_REG_BYTES);
    put_le64(a->image + pkru_at(layout), c->pkru);
}

/* XSAVE and XSAVEOPT: the standard format. `optimised`: without what is not in use. (SDM vol. 1, 13.7 and 13.9) */
static bool save(struct cpu *c, const struct uop *u, bool optimised)
{
    struct xarea a, header;
    x87_settle(c);
    u64 rfbm = requested(c), used = cpu_xinuse(c);
    area_init(c, &a, u);
    area_init(c, &header, u);
    add_part(&header, true, XHDR_BV, 8);
    add_components(c, &a, optimised ? rfbm & used : rfbm, rfbm & MXCSR_OWNERS, 0);
    add_part(&a, true, XHDR_BV, 8);
    if (!area_checks(c, u, false) || !read_parts(c, u, &header))
        return false;
    fill_image(c, &a, u_size(u) == 3, 0);
    put_le64(a.image + XHDR_BV, (get_le64(header.image + XHDR_BV) & ~rfbm) | (rfbm & used));
    return write_parts(c, u, &a);
}

/* XSAVEC and XSAVES: the compacted format. MXCSR belongs to SSE, and makes it be in use. (SDM vol. 1, 13.10, 13.11) */
static bool save_compacted(struct cpu *c, const struct uop *u, bool supervisor)
{
    struct xarea a;
    u64 rfbm = requested(c), bv = rfbm & cpu_xinuse_mxcsr(c), layout = rfbm | COMPACTED;
    area_init(c, &a, u);
    add_components(c, &a, bv, bv & XSTATE_SSE, layout);
    add_part(&a, true, XHDR_BV, 16);
    if (!area_checks(c, u, supervisor))
        return false;
    fill_image(c, &a, u_size(u) == 3, layout);
    put_le64(a.image + XHDR_BV, bv);
    put_le64(a.image + XHDR_COMP_BV, layout);
    return write_parts(c, u, &a);
}

EXEC(xsave)
{
    TRY(save(c, u, false));
    NEXT;
}

EXEC(xsaveopt)
{
    TRY(save(c, u, true));
    NEXT;
}

EXEC(xsavec)
{
    TRY(save_compacted(c, u, false));
    NEXT;
}

EXEC(xsaves)
{
    TRY(save_compacted(c, u, true));
    NEXT;
}

/* ---- restoring ---- */

/* A component whose bit in XSTATE_BV is clear takes its initial configuration (SDM vol. 1, 13.6). */
static void restore_x87(struct cpu *c, const struct xarea *a, u64 bv, bool wide)
{
    if (bv & XSTATE_X87) {
        fx_get_x87(c, a->image, wide);
    } else {
        memset(c->fpu.reg, 0, sizeof(c->fpu.reg));
        fpu_init(c);
    }
}

static void restore_sse(struct cpu *c, const struct xarea *a, u64 bv)
{
    if (bv & XSTATE_SSE)
        fx_get_xmm(c, a->image);
    else
        for (unsigned i = 0; i < fx_xmm_count(c); i++)
            memset(&c->xmm[i], 0, FX_REG_BYTES);
}

static void restore_avx(struct cpu *c, const struct xarea *a, u64 bv)
{
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        if (bv & XSTATE_AVX)
            memcpy(c->xmm[i].b + FX_REG_BYTES, a->image + XSAVE_AVX + FX_REG_BYTES * i, FX_REG_BYTES);
        else
            memset(c->xmm[i].b + FX_REG_BYTES, 0, FX_REG_BYTES);
}

static bool all_zero(const u8 *p, unsigned bytes)
{
    u8 any = 0;
    for (unsigned i = 0; i < bytes; i++)
        any |= p[i];
    return !any;
}

/* SDM vol. 1, 13.8 and 13.12. */
static bool header_ok(const struct cpu *c, const u8 *image, bool supervisor)
{
    u64 bv = get_le64(image + XHDR_BV), layout = get_le64(image + XHDR_COMP_BV);
    if (!(layout & COMPACTED))
        return !supervisor && !(bv & ~c->xcr0) && all_zero(image + XHDR_COMP_BV, XHDR_CHECKED - XHDR_COMP_BV);
    return cpu_has(c, F_XSAVEC) && !(layout & ~COMPACTED & ~c->xcr0) && !(bv & ~(layout & ~COMPACTED)) &&
           all_zero(image + XHDR_RESERVED, XHDR + XHDR_BYTES - XHDR_RESERVED);
}

/* Reads and checks all that `rfbm` names. The compacted format has MXCSR as a part of SSE; the standard one gives it to
 * SSE and AVX, whatever XSTATE_BV says. */
static bool fetch(struct cpu *c, const struct uop *u, struct xarea *a, u64 rfbm, bool supervisor)
{
    area_init(c, a, u);
    add_part(a, true, XHDR, XHDR_BYTES);
    if (!area_checks(c, u, supervisor) || !read_parts(c, u, a))
        return false;
    if (!header_ok(c, a->image, supervisor))
        return cpu_fault(c, EXC_GP, 0);
    u64 bv = get_le64(a->image + XHDR_BV), layout = get_le64(a->image + XHDR_COMP_BV);
    bool mxcsr = (layout & COMPACTED ? rfbm & bv & XSTATE_SSE : rfbm & MXCSR_OWNERS) != 0;
    area_init(c, a, u);
    put_le32(a->image + FX_MXCSR, MXCSR_RESET);
    add_components(c, a, rfbm & bv, mxcsr, layout);
    if (!read_parts(c, u, a))
        return false;
    return !(get_le32(a->image + FX_MXCSR) & ~MXCSR_WRITABLE) || cpu_fault(c, EXC_GP, 0);
}

static const struct uop *restore(struct cpu *c, const struct uop *u, bool supervisor)
{
    struct xarea a;
    u64 rfbm = requested(c);
    TRY(fetch(c, u, &a, rfbm, supervisor));
    u64 bv = get_le64(a.image + XHDR_BV), layout = get_le64(a.image + XHDR_COMP_BV);
    if (rfbm & XSTATE_X87)
        restore_x87(c, &a, bv, u_size(u) == 3);
    if (rfbm & (layout & COMPACTED ? XSTATE_SSE : MXCSR_OWNERS))
        sse_set_mxcsr(c, get_le32(a.image + FX_MXCSR));
    if (rfbm & XSTATE_SSE)
        restore_sse(c, &a, bv);
    if (rfbm & XSTATE_AVX)
        restore_avx(c, &a, bv);
    if (rfbm & XSTATE_PKRU)
        cpu_write_pkru(c, bv & XSTATE_PKRU ? get_le32(a.image + pkru_at(layout)) : 0);
    END_BLOCK; /* it may have emptied the TLB */
}

EXEC(xrstor)
{
    return restore(c, u, false);
}

EXEC(xrstors)
{
    return restore(c, u, true);
}
