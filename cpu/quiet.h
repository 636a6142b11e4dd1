/* quiet.h: what register instructions do that can't be left in the middle and whose flags nobody sees (ops_quiet.c):
 * do_NAME_BITS(c, u). */
#ifndef PCEMU_QUIET_H
#define PCEMU_QUIET_H

#include "fast.h"

#define QUIET(name, bits, result)                                                                                      \
    static ALWAYS_INLINE void do_##name##_##bits(struct cpu *c, const struct uop *u)                                   \
    {                                                                                                                  \
        put##bits(c, u->dst, (u##bits)(result));                                                                       \
    }
#define BOTH(name, operator)                                                                                           \
    QUIET(name##_rr, 32, get32(c, u->dst) operator get32(c, u->src))                                                   \
    QUIET(name##_rr, 64, get64(c, u->dst) operator get64(c, u->src))                                                   \
    QUIET(name##_ri, 32, get32(c, u->dst) operator(u32) u->imm)                                                        \
    QUIET(name##_ri, 64, get64(c, u->dst) operator u->imm)
#define AT(bits) (u->imm & (bits - 1))
#define BACK(bits) (-u->imm & (bits - 1))
#define SHIFTS(bits)                                                                                                   \
    QUIET(shl_ri, bits, get##bits(c, u->dst) << AT(bits))                                                              \
    QUIET(shr_ri, bits, get##bits(c, u->dst) >> AT(bits))                                                              \
    QUIET(sar_ri, bits, (s##bits)get##bits(c, u->dst) >> AT(bits))                                                     \
    QUIET(rol_ri, bits, get##bits(c, u->dst) << AT(bits) | get##bits(c, u->dst) >> BACK(bits))                         \
    QUIET(ror_ri, bits, get##bits(c, u->dst) >> AT(bits) | get##bits(c, u->dst) << BACK(bits))

BOTH(add, +)
BOTH(sub, -)
BOTH(and, &)
BOTH(or, |)
BOTH(xor, ^)
SHIFTS(32)
SHIFTS(64)
QUIET(mov_rr, 32, get32(c, u->src))
QUIET(mov_rr, 64, get64(c, u->src))
QUIET(mov_ri, 32, u->imm)
QUIET(movzx_b_rr, 32, get8(c, u->src))
QUIET(movzx_w_rr, 32, get16(c, u->src))
QUIET(movsx_d_rr, 64, (s64)(s32)get32(c, u->src))
QUIET(lea_bd, 64, ea_fast(c, u, EA_BD64))
QUIET(lea_bis, 64, ea_fast(c, u, EA_BIS64))
QUIET(imul2_rr, 32, get32(c, u->dst) * get32(c, u->src))
QUIET(imul2_rr, 64, get64(c, u->dst) * get64(c, u->src))
QUIET(imul3_rr, 32, get32(c, u->src) * (u32)u->imm)
QUIET(imul3_rr, 64, get64(c, u->src) * u->imm)

#undef BOTH
#undef SHIFTS
#undef AT
#undef BACK

#endif
