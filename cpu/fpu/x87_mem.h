/* x87_mem.h: memory operands of x87 instructions. EXEC_MEM(name) { ... } defines a handler that is made once for every
 * kind of address (uop.h), so that the flat ones reach memory by one compare; inside it `kind` is a constant. */
#ifndef PCEMU_X87_MEM_H
#define PCEMU_X87_MEM_H

#include "x87.h"

#include "fast.h"

#define X87_KIND(name, kind)                                                                                           \
    {                                                                                                                  \
        NULL, name##_##kind, name##_##kind, name##_##kind                                                              \
    }
#define EXEC_MEM_FORMS(name)                                                                                           \
    static ALWAYS_INLINE const struct uop *x_##name(struct cpu *c, const struct uop *u, enum ea_kind kind);            \
    FLAT_KINDS(x_##name)                                                                                               \
    static const struct uop *x_##name##_gen(struct cpu *c, const struct uop *u)                                        \
    {                                                                                                                  \
        return x_##name(c, u, EA_GEN);                                                                                 \
    }
/* `way`: x_ or q_ (x87_quick.h). */
#define EXEC_MEM_GROUP(name, way)                                                                                      \
    const struct exec_group exec_##name = { .any_width = x_##name##_gen,                                               \
                                            .mr = { X87_KIND(way##name, bd64), X87_KIND(way##name, bis64),             \
                                                    X87_KIND(way##name, bd32), X87_KIND(way##name, bis32) } };
#define EXEC_MEM(name)                                                                                                 \
    EXEC_MEM_FORMS(name)                                                                                               \
    EXEC_MEM_GROUP(name, x_)                                                                                           \
    static ALWAYS_INLINE const struct uop *x_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)

/* As load() and store(), for a number of bytes that the compiler knows. */
static ALWAYS_INLINE bool x87_load(struct cpu *c, const struct uop *u, enum ea_kind kind, void *to, unsigned bytes)
{
    u64 linear;
    if (kind != EA_GEN)
        linear = ea_fast(c, u, kind);
    else if (bytes == F80_BYTES)
        return x87_load80(c, u, to);
    else if (!ea_linear(c, u, bytes, false, &linear))
        return false;
    const void *p = tlb_host_r(c, linear, bytes);
    if (UNLIKELY(!p))
        return bytes == F80_BYTES ? x87_load80(c, u, to) : load(c, u, to, bytes);
    memcpy(to, p, bytes);
    return true;
}
static ALWAYS_INLINE bool x87_store(struct cpu *c, const struct uop *u, enum ea_kind kind, const void *from,
                                    unsigned bytes)
{
    u64 linear;
    if (kind != EA_GEN)
        linear = ea_fast(c, u, kind);
    else if (bytes == F80_BYTES)
        return x87_store80(c, u, from);
    else if (!ea_linear(c, u, bytes, true, &linear))
        return false;
    void *p = tlb_host_w(c, linear, bytes);
    if (UNLIKELY(!p))
        return bytes == F80_BYTES ? x87_store80(c, u, from) : store(c, u, from, bytes);
    memcpy(p, from, bytes);
    return true;
}

/* Error pointers: where the instruction and its operand are. */
static ALWAYS_INLINE void x87_track_mem(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    x87_track(c, u);
    c->fpu.fdp = kind == EA_GEN ? ea_offset(c, u) : ea_fast(c, u, kind); /* flat: the base is 0 */
    c->fpu.fds = c->seg[u_seg(u)].sel;
}

#endif
