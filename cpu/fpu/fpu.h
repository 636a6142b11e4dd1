/* fpu.h: what the files of cpu/fpu share: the x87 environment as MMX and FXSAVE see it, MXCSR, and the state images. */
#ifndef PCEMU_FPU_H
#define PCEMU_FPU_H

#include "exec.h"

/* x87 control and status word (SDM vol. 1, 8.1.3 and 8.1.5). */
#define FCW_RESET 0x0040u /* after RESET (SDM vol. 3, table 10-1) */
#define FCW_INIT 0x037fu  /* after FNINIT */
#define FCW_MASKS 0x003fu
#define FCW_ONE BIT(6)       /* reserved, reads as one */
#define FCW_WRITABLE 0x1f3fu /* masks, PC, RC and the infinity control that nothing heeds */
#define FSW_EXCEPTIONS 0x003fu
#define FSW_ES BIT(7)
#define FSW_B BIT(15)
#define FSW_C1 BIT(9)
#define FSW_TOP_SHIFT 11
#define FSW_TOP (7u << FSW_TOP_SHIFT)
#define FOP_MASK 0x07ffu
#define FPU_QUICK BIT(16) /* fpu.quick, read together with fpu.sw */

/* MXCSR (SDM vol. 1, 10.2.3). */
#define MXCSR_IE BIT(0)
#define MXCSR_DE BIT(1)
#define MXCSR_ZE BIT(2)
#define MXCSR_OE BIT(3)
#define MXCSR_UE BIT(4)
#define MXCSR_PE BIT(5)
#define MXCSR_FLAGS 0x3fu
#define MXCSR_DAZ BIT(6)
#define MXCSR_MASK_SHIFT 7
#define MXCSR_UM BIT(11)
#define MXCSR_MASKS (MXCSR_FLAGS << MXCSR_MASK_SHIFT)
#define MXCSR_RC_SHIFT 13
#define MXCSR_RC (3u << MXCSR_RC_SHIFT)
#define MXCSR_FZ BIT(15)
#define MXCSR_RESET 0x1f80u
#define MXCSR_WRITABLE 0xffffu /* FXSAVE's MXCSR_MASK: all other bits are reserved */

/* The status word as FNSTSW gives it, TOP included. */
static inline u16 fpu_get_sw(const struct cpu *c)
{
    u32 sw = c->fpu.quick ? (c->fpu.sw & ~FSW_C1) | (c->x87.c1 & FSW_C1) : c->fpu.sw;
    return (u16)((sw & ~FSW_TOP) | ((u32)c->fpu.top << FSW_TOP_SHIFT));
}
/* Loads the control word; ES and B follow from the exceptions that it leaves unmasked (SDM vol. 1, 8.1.3.3), and FERR#
 * is let go when there are none. */
void fpu_set_cw(struct cpu *c, u16 cw);
/* Loads status and control word together. */
void fpu_set_cw_sw(struct cpu *c, u16 cw, u16 sw);
/* An unmasked x87 exception is pending: reports it as CR0.NE says. False: leave the instruction, #MF was recorded or,
 * with NE = 0, FERR# asserted and the processor waits for an interrupt. True: IGNNE# lets it go on. */
bool fpu_report_pending(struct cpu *c) COLD;
/* The check that every waiting x87 instruction starts with: use in TRY. */
static ALWAYS_INLINE bool fpu_check_pending(struct cpu *c)
{
    return LIKELY(!(c->fpu.sw & FSW_ES)) || fpu_report_pending(c);
}
bool mmx_begin_slow(struct cpu *c) COLD;
/* The same for MMX instructions, which want the tags where they belong: one test for both. */
static ALWAYS_INLINE bool mmx_begin(struct cpu *c)
{
#if defined(__x86_64__)
    u32 sw_quick;
    memcpy(&sw_quick, &c->fpu.sw, sizeof sw_quick);
    return LIKELY(!(sw_quick & (FSW_ES | FPU_QUICK))) || mmx_begin_slow(c);
#else
    return fpu_check_pending(c); /* never quick */
#endif
}

/* MMX registers are the mantissas of the physical x87 registers. */
static ALWAYS_INLINE u64 mmx_get(const struct cpu *c, unsigned n)
{
    return c->fpu.reg[n & 7].mant;
}
/* Exponent and sign become all ones (SDM vol. 1, 9.6.2). */
static ALWAYS_INLINE void mmx_put(struct cpu *c, unsigned n, u64 v)
{
    c->fpu.reg[n & 7].mant = v;
    c->fpu.reg[n & 7].se = 0xffff;
}
/* Every MMX instruction but EMMS: TOP = 0, all tags valid (SDM vol. 1, 9.6.1). Call it after the last TRY. */
static ALWAYS_INLINE void mmx_enter(struct cpu *c)
{
    c->fpu.top = 0;
    c->fpu.valid = 0xff;
}

/* The guest's MXCSR, sticky flags exact. */
u32 sse_get_mxcsr(struct cpu *c);
/* Sets it; reserved bits are the caller's business. */
void sse_set_mxcsr(struct cpu *c, u32 value);
/* sse_release() is in sys.h: code of this folder that does floating-point arithmetic of its own calls it first. */

/* The legacy region of FXSAVE and XSAVE (SDM vol. 1, table 10-2 and 13.4.1): byte offsets. */
enum fx_offset {
    FX_FCW = 0,
    FX_FSW = 2,
    FX_FTW = 4,
    FX_FOP = 6,
    FX_FIP = 8,
    FX_FCS = 12,
    FX_FDP = 16,
    FX_FDS = 20,
    FX_MXCSR = 24,
    FX_MXCSR_MASK = 28,
    FX_ST = 32,
    FX_XMM = 160,
    FX_UNUSED = 416,
    FX_BYTES = 512
};
#define FX_REG_BYTES 16
#define FX_ST_BYTES 10

/* How many XMM registers an image of this moment has: 16 in 64-bit mode, else 8. */
static inline unsigned fx_xmm_count(const struct cpu *c)
{
    return in_64(c) ? 16 : 8;
}
/* Parts of the image at `to`/`from` (FX_BYTES bytes). `wide`: REX.W, 64-bit instruction and data pointers. */
void fx_put_x87(const struct cpu *c, u8 *to, bool wide);
void fx_get_x87(struct cpu *c, const u8 *from, bool wide);
void fx_put_xmm(const struct cpu *c, u8 *to);
void fx_get_xmm(struct cpu *c, const u8 *from);
/* Writes `bytes` of the image at the linear address, which was probed. */
bool fx_write(struct cpu *c, u64 linear, const u8 *from, unsigned bytes);
bool fx_read(struct cpu *c, u64 linear, u8 *to, unsigned bytes);

#endif
