/* joined.h: an instruction that goes on to the next one together with a second one of any kind, which may fault, leave
 * the block or branch: one dispatch instead of two. The first (the front) is done whole or not at all; the second is
 * the handler that it is alone, inlined, so that there is no other truth about it.
 *
 *     JOINED(mov_rm_bd64_64)                    defines FRONT_then_mov_rm_bd64_64 for each front
 *     JOINED_ROW(mov_rm_bd64_64)                their row in the group's `joined`
 *
 * To add a front: what it does here, a line in EACH_FRONT, and how it is known in ops_quiet.c or ops_joined.c. */
#ifndef PCEMU_JOINED_H
#define PCEMU_JOINED_H

#include "alu.h"
#include "fused.h"
#include "quiet.h"

/* False: nothing was done, and the front's own handler does it. */
#define FRONT_QUIET(name)                                                                                              \
    static ALWAYS_INLINE bool front_##name(struct cpu *c, const struct uop *u)                                         \
    {                                                                                                                  \
        do_##name(c, u);                                                                                               \
        return true;                                                                                                   \
    }
#define FRONT_ALU(name, bits, operation, operand)                                                                      \
    static ALWAYS_INLINE bool front_##name##_##bits(struct cpu *c, const struct uop *u)                                \
    {                                                                                                                  \
        put##bits(c, u->dst, alu_##operation##_##bits(c, get##bits(c, u->dst), (operand)));                            \
        return true;                                                                                                   \
    }
#define FRONT_LOAD(name, bits, from)                                                                                   \
    static ALWAYS_INLINE bool front_##name(struct cpu *c, const struct uop *u)                                         \
    {                                                                                                                  \
        const void *p = tlb_host_r(c, ea_fast(c, u, EA_BD64), from / 8);                                               \
        if (LIKELY(p != NULL))                                                                                         \
            put##bits(c, u->dst, (u##from)get_bytes(p, from / 8));                                                     \
        return p != NULL;                                                                                              \
    }
#define FRONT_STORE(bits)                                                                                              \
    static ALWAYS_INLINE bool front_store_##bits(struct cpu *c, const struct uop *u)                                   \
    {                                                                                                                  \
        void *p = tlb_host_w(c, ea_fast(c, u, EA_BD64), bits / 8);                                                     \
        if (LIKELY(p != NULL))                                                                                         \
            put_le##bits(p, get##bits(c, u->src));                                                                     \
        return p != NULL;                                                                                              \
    }
FRONT_QUIET(mov_rr_32)
FRONT_QUIET(mov_rr_64)
FRONT_QUIET(mov_ri_32)
FRONT_QUIET(movzx_b_rr_32)
FRONT_QUIET(movsx_d_rr_64)
FRONT_QUIET(lea_bd_64)
FRONT_QUIET(and_ri_32)
FRONT_ALU(add_rr_and_flags, 64, add, get64(c, u->src))
FRONT_ALU(add_ri_and_flags, 64, add, u->imm)
FRONT_ALU(sub_ri_and_flags, 64, sub, u->imm)
FRONT_ALU(and_ri_and_flags, 32, and, (u32)u->imm)
FRONT_ALU(xor_rr_and_flags, 32, xor, get32(c, u->src))
FRONT_LOAD(load_zx_8, 32, 8)
FRONT_LOAD(load_zx_16, 32, 16)
FRONT_LOAD(load_32, 32, 32)
FRONT_LOAD(load_64, 64, 64)
FRONT_STORE(32)
FRONT_STORE(64)
static ALWAYS_INLINE bool front_nop(struct cpu *c, const struct uop *u)
{
    return (void)c, (void)u, true;
}
static ALWAYS_INLINE bool front_push_64(struct cpu *c, const struct uop *u)
{
    u64 sp = c->r[RSP] - 8;
    void *p = tlb_host_w(c, sp, 8);
    if (UNLIKELY(!p))
        return false;
    put_le64(p, get64(c, u->dst));
    c->r[RSP] = sp;
    return true;
}
#undef FRONT_QUIET
#undef FRONT_ALU
#undef FRONT_LOAD
#undef FRONT_STORE

/* flatten: the second one is inlined, but for its checked form. */
#define JOIN(second, front)                                                                                            \
    __attribute__((flatten)) static const struct uop *front##_then_##second(struct cpu *c, const struct uop *u)        \
    {                                                                                                                  \
        if (UNLIKELY(!front_##front(c, u)))                                                                            \
            PASS_TO(*fused_front_alone[FRONT_##front]);                                                                \
        u++;                                                                                                           \
        return second(c, u);                                                                                           \
    }
#define ENTRY_JOINED(second, front) [FRONT_##front] = front##_then_##second,
#define JOINED(second) EACH_FRONT(JOIN, second)
#define JOINED_VALUE(second) EACH_VALUE_FRONT(JOIN, second)
#define JOINED_ROW(second)                                                                                             \
    {                                                                                                                  \
        second,                                                                                                        \
        {                                                                                                              \
            EACH_FRONT(ENTRY_JOINED, second)                                                                           \
        }                                                                                                              \
    }

#endif
