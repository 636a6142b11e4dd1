/* xsave.c: XSAVE, XSAVEOPT and XRSTOR in the standard format, for the components x87, SSE, AVX and PKRU (SDM vol. 1,
 * chapter 13). x87 and SSE count as in use always; AVX does while the upper half of a YMM register is not zero, PKRU
 * while it is not zero. XSAVEOPT writes what XSAVE writes. Not built: the compacted format (XSAVEC, XSAVES). */
#include "fpu.h"

#define XSAVE_ALIGN 64u
#define XHDR_BV 512u      /* XSTATE_BV */
#define XHDR_COMP_BV 520u /* XCOMP_BV; 0 in the standard format */
#define XHDR_RESERVED 528u
#define XHDR_CHECKED 536u /* XRSTOR wants bytes 23:8 of the header to be zero (SDM vol. 1, 13.8) */

/* RFBM: the components asked for and enabled. */
static u64 requested(const struct cpu *c)
{
    return ((u64)(u32)c->r[RDX] << 32 | (u32)c->r[RAX]) & c->xcr0;
}

/* The length of an area with these components, PKRU aside. */
static unsigned image_bytes(u64 components)
{
    return components & XSTATE_AVX ? XSAVE_AVX + XSAVE_AVX_BYTES : XSAVE_AVX;
}
static unsigned area_bytes(u64 components)
{
    return components & XSTATE_PKRU ? XSAVE_PKRU + XSAVE_PKRU_BYTES : image_bytes(components);
}

/* Checks that come before any access, and the area's address (SDM vol. 2, XSAVE: exceptions). */
static bool xsave_area(struct cpu *c, const struct uop *u, bool write, u64 *linear)
{
    if (!(c->cr4 & CR4_OSXSAVE))
        return cpu_fault(c, EXC_UD, 0);
    if (c->cr0 & CR0_TS)
        return cpu_fault(c, EXC_NM, 0);
    if (!ea_linear(c, u, area_bytes(requested(c)), write, linear))
        return false;
    if (*linear & (XSAVE_ALIGN - 1))
        return cpu_fault(c, EXC_GP, 0);
    return true;
}

/* XINUSE (SDM vol. 1, 13.6): what is not in use is in its initial configuration. */
static u64 in_use(const struct cpu *c)
{
    u64 upper = 0;
    for (unsigned i = 0; i < ARRAY_LEN(c->xmm); i++)
        upper |= c->xmm[i].q[2] | c->xmm[i].q[3];
    return XSTATE_X87 | XSTATE_SSE | (upper ? XSTATE_AVX : 0) | (c->pkru ? XSTATE_PKRU : 0);
}

/* The upper halves of as many YMM registers as the mode has (SDM vol. 1, 13.5.3). */
static bool xsave_avx(struct cpu *c, u64 linear)
{
    u8 image[XSAVE_AVX_BYTES];
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        memcpy(image + FX_REG_BYTES * i, c->xmm[i].b + FX_REG_BYTES, FX_REG_BYTES);
    return fx_write(c, linear + XSAVE_AVX, image, FX_REG_BYTES * fx_xmm_count(c));
}

/* Writes the parts of the legacy region that RFBM names: x87 (bytes 0-23 and 32-159), MXCSR (24-31, with SSE or AVX)
 * and the XMM registers; the rest of the area is not touched. */
static bool xsave_legacy(struct cpu *c, u64 linear, u64 rfbm, bool wide)
{
    u8 image[FX_BYTES];
    fx_put_x87(c, image, wide);
    put_le32(image + FX_MXCSR, sse_get_mxcsr(c));
    put_le32(image + FX_MXCSR_MASK, MXCSR_WRITABLE);
    fx_put_xmm(c, image);
    if ((rfbm & XSTATE_X87) &&
        !(fx_write(c, linear, image, FX_MXCSR) && fx_write(c, linear + FX_ST, image + FX_ST, FX_XMM - FX_ST)))
        return false;
    if ((rfbm & (XSTATE_SSE | XSTATE_AVX)) && !fx_write(c, linear + FX_MXCSR, image + FX_MXCSR, 8))
        return false;
    return !(rfbm & XSTATE_SSE) || fx_write(c, linear + FX_XMM, image + FX_XMM, FX_REG_BYTES * fx_xmm_count(c));
}

EXEC(xsave)
{
    u64 linear, bv, rfbm = requested(c);
    TRY(xsave_area(c, u, true, &linear));
    TRY(lin_read(c, linear + XHDR_BV, &bv, 8) && lin_probe(c, linear, area_bytes(rfbm), true));
    bv = (bv & ~rfbm) | (rfbm & in_use(c));
    TRY(xsave_legacy(c, linear, rfbm, u_size(u) == 3));
    TRY(!(rfbm & XSTATE_AVX) || xsave_avx(c, linear));
    const u64 pkru = c->pkru;
    TRY(!(rfbm & XSTATE_PKRU) || lin_write(c, linear + XSAVE_PKRU, &pkru, XSAVE_PKRU_BYTES));
    TRY(lin_write(c, linear + XHDR_BV, &bv, 8));
    NEXT;
}

/* A component whose bit in XSTATE_BV is clear takes its initial configuration (SDM vol. 1, 13.6). */
static void xrstor_x87(struct cpu *c, const u8 *image, u64 bv, bool wide)
{
    if (bv & XSTATE_X87) {
        fx_get_x87(c, image, wide);
    } else {
        memset(c->fpu.reg, 0, sizeof(c->fpu.reg));
        fpu_init(c);
    }
}
static void xrstor_sse(struct cpu *c, const u8 *image, u64 bv)
{
    if (bv & XSTATE_SSE)
        fx_get_xmm(c, image);
    else
        for (unsigned i = 0; i < fx_xmm_count(c); i++)
            memset(&c->xmm[i], 0, FX_REG_BYTES);
}

static void xrstor_avx(struct cpu *c, const u8 *image, u64 bv)
{
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        if (bv & XSTATE_AVX)
            memcpy(c->xmm[i].b + FX_REG_BYTES, image + XSAVE_AVX + FX_REG_BYTES * i, FX_REG_BYTES);
        else
            memset(c->xmm[i].b + FX_REG_BYTES, 0, FX_REG_BYTES);
}

static bool xrstor_header_ok(const struct cpu *c, const u8 *image)
{
    u64 bv = get_le64(image + XHDR_BV);
    bool reserved = false;
    for (unsigned i = XHDR_COMP_BV; i < XHDR_CHECKED; i++)
        reserved = reserved || image[i];
    return !reserved && !(bv & ~c->xcr0);
}

EXEC(xrstor)
{
    u8 image[XSAVE_AVX + XSAVE_AVX_BYTES];
    u64 linear, pkru = 0, rfbm = requested(c);
    TRY(xsave_area(c, u, false, &linear) && fx_read(c, linear, image, image_bytes(rfbm)));
    TRY(!(rfbm & XSTATE_PKRU) || lin_read(c, linear + XSAVE_PKRU, &pkru, XSAVE_PKRU_BYTES));
    bool mxcsr_too = (rfbm & (XSTATE_SSE | XSTATE_AVX)) != 0;
    u32 mxcsr = get_le32(image + FX_MXCSR);
    if (!xrstor_header_ok(c, image) || (mxcsr_too && (mxcsr & ~MXCSR_WRITABLE)))
        RAISE(EXC_GP, 0);
    u64 bv = get_le64(image + XHDR_BV);
    if (rfbm & XSTATE_X87)
        xrstor_x87(c, image, bv, u_size(u) == 3);
    if (mxcsr_too)
        sse_set_mxcsr(c, mxcsr);
    if (rfbm & XSTATE_SSE)
        xrstor_sse(c, image, bv);
    if (rfbm & XSTATE_AVX)
        xrstor_avx(c, image, bv);
    if (rfbm & XSTATE_PKRU) {
        cpu_write_pkru(c, bv & XSTATE_PKRU ? (u32)pkru : 0);
        END_BLOCK; /* it may have emptied the TLB */
    }
    NEXT;
}
