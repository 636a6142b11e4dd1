/* fxsave.c: FXSAVE and FXRSTOR, and the legacy region that XSAVE shares with them (SDM vol. 1, 10.5; vol. 2, FXSAVE).
 * The abridged tag byte has one bit a physical register; the registers themselves stand in stack order. */
#include "fpu.h"

#define FX_ALIGN 16u
#define FX_CHECKED 4u /* where alignment checks are on, addresses that are no multiples of 4 are #AC, as on silicon */
#define FX_PIECE 64u  /* what one linear access may carry */

static const struct f80 *st(const struct cpu *c, unsigned i)
{
    return &c->fpu.reg[(c->fpu.top + i) & 7];
}

void fx_put_x87(const struct cpu *c, u8 *to, bool wide)
{
    const struct fpu *f = &c->fpu;
    put_le16(to + FX_FCW, f->cw);
    put_le16(to + FX_FSW, fpu_get_sw(c));
    put_le16(to + FX_FTW, f->valid);
    put_le16(to + FX_FOP, f->fop & FOP_MASK);
    put_le64(to + FX_FIP, wide ? f->fip : (u32)f->fip | (u64)f->fcs << 32);
    put_le64(to + FX_FDP, wide ? f->fdp : (u32)f->fdp | (u64)f->fds << 32);
    for (unsigned i = 0; i < 8; i++) {
        u8 *p = to + FX_ST + FX_REG_BYTES * i;
        memset(p, 0, FX_REG_BYTES);
        put_le64(p, st(c, i)->mant);
        put_le16(p + 8, st(c, i)->se);
    }
}

void fx_get_x87(struct cpu *c, const u8 *from, bool wide)
{
    struct fpu *f = &c->fpu;
    fpu_set_cw_sw(c, get_le16(from + FX_FCW), get_le16(from + FX_FSW));
    f->valid = from[FX_FTW];
    f->fop = get_le16(from + FX_FOP) & FOP_MASK;
    f->fip = wide ? get_le64(from + FX_FIP) : get_le32(from + FX_FIP);
    f->fdp = wide ? get_le64(from + FX_FDP) : get_le32(from + FX_FDP);
    f->fcs = wide ? 0 : get_le16(from + FX_FCS);
    f->fds = wide ? 0 : get_le16(from + FX_FDS);
    for (unsigned i = 0; i < 8; i++) {
        const u8 *p = from + FX_ST + FX_REG_BYTES * i;
        struct f80 *r = &f->reg[(f->top + i) & 7];
        r->mant = get_le64(p);
        r->se = get_le16(p + 8);
    }
}

void fx_put_xmm(const struct cpu *c, u8 *to)
{
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        memcpy(to + FX_XMM + FX_REG_BYTES * i, &c->xmm[i], FX_REG_BYTES);
}

void fx_get_xmm(struct cpu *c, const u8 *from)
{
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        memcpy(&c->xmm[i], from + FX_XMM + FX_REG_BYTES * i, FX_REG_BYTES);
}

bool fx_write(struct cpu *c, u64 linear, const u8 *from, unsigned bytes)
{
    for (unsigned at = 0, n; at < bytes; at += n) {
        n = bytes - at < FX_PIECE ? bytes - at : FX_PIECE;
        if (!lin_write(c, linear + at, from + at, n))
            return false;
    }
    return true;
}

bool fx_read(struct cpu *c, u64 linear, u8 *to, unsigned bytes)
{
    for (unsigned at = 0, n; at < bytes; at += n) {
        n = bytes - at < FX_PIECE ? bytes - at : FX_PIECE;
        if (!lin_read(c, linear + at, to + at, n))
            return false;
    }
    return true;
}

/* Where the image is: all 512 bytes inside the segment, aligned to 16. */
static bool fx_area(struct cpu *c, const struct uop *u, bool write, u64 *linear)
{
    if (!ea_linear(c, u, FX_CHECKED, false, linear)) /* of FXSAVE, too, as if it read */
        return false;
    if (*linear & (FX_ALIGN - 1))
        return cpu_fault(c, EXC_GP, 0);
    return seg_linear(c, u_seg(u), ea_offset(c, u), FX_BYTES, write, linear);
}

/* XMM registers are a part of the image only with CR4.OSFXSR. */
static unsigned fx_image_bytes(const struct cpu *c)
{
    return (c->cr4 & CR4_OSFXSR) ? FX_XMM + FX_REG_BYTES * fx_xmm_count(c) : FX_XMM;
}

EXEC(fxsave)
{
    u8 image[FX_BYTES];
    u64 linear;
    TRY(fx_area(c, u, true, &linear) && lin_probe(c, linear, FX_BYTES, true));
    x87_settle(c);
    fx_put_x87(c, image, u_size(u) == 3);
    put_le32(image + FX_MXCSR, sse_get_mxcsr(c));
    put_le32(image + FX_MXCSR_MASK, MXCSR_WRITABLE);
    fx_put_xmm(c, image);
    TRY(fx_write(c, linear, image, fx_image_bytes(c)));
    NEXT;
}

EXEC(fxrstor)
{
    u8 image[FX_BYTES];
    u64 linear;
    TRY(fx_area(c, u, false, &linear) && fx_read(c, linear, image, FX_UNUSED));
    u32 mxcsr = get_le32(image + FX_MXCSR);
    if ((c->cr4 & CR4_OSFXSR) && (mxcsr & ~MXCSR_WRITABLE))
        RAISE(EXC_GP, 0);
    fx_get_x87(c, image, u_size(u) == 3);
    if (c->cr4 & CR4_OSFXSR) {
        sse_set_mxcsr(c, mxcsr);
        fx_get_xmm(c, image);
    }
    NEXT;
}
