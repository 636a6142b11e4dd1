/* flags.h: arithmetic flags, kept as the host's LAHF and SETO give them: c->fl holds OF in bit 0 and SF ZF AF PF CF in
 * bits 15 14 12 10 8. On an x86-64 host an addition and its six flags are three instructions; elsewhere a portable
 * computation gives the same bits. Results are bit-exact on every host: only flags that the SDM defines are taken from
 * the host. */
#ifndef PCEMU_FLAGS_H
#define PCEMU_FLAGS_H

#include "cpu_state.h"

#define HF_OF 0x0001u
#define HF_CF 0x0100u
#define HF_PF 0x0400u
#define HF_AF 0x1000u
#define HF_ZF 0x4000u
#define HF_SF 0x8000u
#define HF_ALL (HF_OF | HF_CF | HF_PF | HF_AF | HF_ZF | HF_SF)

static ALWAYS_INLINE u32 flags_arith(const struct cpu *c) /* as EFLAGS bits */
{
    u32 f = c->fl;
    return ((f >> 8) & (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF)) | ((f & 1u) << 11);
}
/* Sets the six flags from EFLAGS bits. */
static ALWAYS_INLINE void flags_set_arith(struct cpu *c, u32 eflags)
{
    c->fl = (u16)(((eflags & (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF)) << 8) | ((eflags >> 11) & 1u));
}
/* EFLAGS, whole. */
static ALWAYS_INLINE u32 flags_get(const struct cpu *c)
{
    return (c->eflags & ~FL_ARITH) | FL_ONE | flags_arith(c);
}

/* ZF, SF, PF of a result of `bits` bits, as HF_ bits. */
static ALWAYS_INLINE u32 hf_szp(u64 res, unsigned bits)
{
    u64 v = bits == 64 ? res : res & (((u64)1 << bits) - 1);
    u32 f = (u32)((v >> (bits - 1)) & 1) << 15;
    f |= (v == 0) ? HF_ZF : 0;
    f |= __builtin_parity((unsigned)(v & 0xff)) ? 0 : HF_PF;
    return f;
}

/* Condition codes 0-15 as in Jcc (SDM vol. 1, appendix B). */
static ALWAYS_INLINE bool flags_cond(const struct cpu *c, unsigned cc)
{
    u32 f = c->fl;
    bool r;
    switch (cc >> 1) {
    case 0:
        r = (f & HF_OF) != 0;
        break;
    case 1:
        r = (f & HF_CF) != 0;
        break;
    case 2:
        r = (f & HF_ZF) != 0;
        break;
    case 3:
        r = (f & (HF_CF | HF_ZF)) != 0;
        break;
    case 4:
        r = (f & HF_SF) != 0;
        break;
    case 5:
        r = (f & HF_PF) != 0;
        break;
    case 6:
        r = (((f >> 15) ^ f) & 1) != 0;
        break;
    default:
        r = (f & HF_ZF) != 0 || (((f >> 15) ^ f) & 1) != 0;
        break;
    }
    return r != ((cc & 1) != 0);
}

#endif
