/* ops_string_one.c: MOVS CMPS STOS LODS SCAS without REP, on memory that the TLB knows; all else goes to ops_string.c.
 * The decoder chooses by the kind of the source's address (uop.h): outside 64-bit mode by the segments, or flat. */
#include "alu.h"
#include "fast.h"
#include "rows.h"
#include "string_op.h"

static ALWAYS_INLINE bool by_segment(enum ea_kind kind)
{
    return kind == EA_SEG16 || kind == EA_SEG32;
}

static ALWAYS_INLINE u64 pointer(const struct cpu *c, unsigned reg, enum ea_kind kind)
{
    return kind == EA_SEG16 ? (u16)c->r[reg] : kind == EA_BD64 ? c->r[reg] : (u32)c->r[reg];
}

static ALWAYS_INLINE const void *source(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned bytes)
{
    u64 offset = pointer(c, RSI, kind);
    return by_segment(kind) ? seg_host_r(c, u_seg(u), offset, bytes) : tlb_host_r(c, offset, bytes);
}
static ALWAYS_INLINE const void *compared(struct cpu *c, enum ea_kind kind, unsigned bytes)
{
    u64 offset = pointer(c, RDI, kind);
    return by_segment(kind) ? seg_host_r(c, ES, offset, bytes) : tlb_host_r(c, offset, bytes);
}
static ALWAYS_INLINE void *destination(struct cpu *c, enum ea_kind kind, unsigned bytes)
{
    u64 offset = pointer(c, RDI, kind);
    return by_segment(kind) ? seg_host_w(c, ES, offset, bytes) : tlb_host_w(c, offset, bytes);
}

static ALWAYS_INLINE void step(struct cpu *c, unsigned reg, enum ea_kind kind, unsigned bytes)
{
    u64 next = c->r[reg] + ((c->eflags & FL_DF) ? 0 - (u64)bytes : bytes);
    if (kind == EA_SEG16)
        put16(c, REG_OFFSET(reg), (u16)next);
    else
        c->r[reg] = kind == EA_BD64 ? next : (u32)next;
}

static ALWAYS_INLINE const struct uop *movs(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned size)
{
    const void *from = source(c, u, kind, 1u << size);
    void *to = destination(c, kind, 1u << size);
    if (UNLIKELY(!from || !to))
        PASS_TO(string_movs);
    put_bytes(to, get_bytes(from, 1u << size), 1u << size);
    step(c, RSI, kind, 1u << size);
    step(c, RDI, kind, 1u << size);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *stos(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned size)
{
    void *to = destination(c, kind, 1u << size);
    if (UNLIKELY(!to))
        PASS_TO(string_stos);
    put_bytes(to, c->r[RAX], 1u << size);
    step(c, RDI, kind, 1u << size);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *lods(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned size)
{
    const void *from = source(c, u, kind, 1u << size);
    if (UNLIKELY(!from))
        PASS_TO(string_lods);
    put_reg(c, REG_OFFSET(RAX), size, get_bytes(from, 1u << size));
    step(c, RSI, kind, 1u << size);
    NEXT_FAST;
}

static ALWAYS_INLINE void compare(struct cpu *c, u64 a, u64 b, unsigned size)
{
    if (size == 0)
        alu_cmp_8(c, (u8)a, (u8)b);
    else if (size == 1)
        alu_cmp_16(c, (u16)a, (u16)b);
    else if (size == 2)
        alu_cmp_32(c, (u32)a, (u32)b);
    else
        alu_cmp_64(c, a, b);
}

static ALWAYS_INLINE const struct uop *scas(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned size)
{
    const void *with = compared(c, kind, 1u << size);
    if (UNLIKELY(!with))
        PASS_TO(string_scas);
    compare(c, c->r[RAX], get_bytes(with, 1u << size), size);
    step(c, RDI, kind, 1u << size);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *cmps(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned size)
{
    const void *from = source(c, u, kind, 1u << size), *with = compared(c, kind, 1u << size);
    if (UNLIKELY(!from || !with))
        PASS_TO(string_cmps);
    compare(c, get_bytes(from, 1u << size), get_bytes(with, 1u << size), size);
    step(c, RSI, kind, 1u << size);
    step(c, RDI, kind, 1u << size);
    NEXT_FAST;
}

#define ONE(name, kind, suffix, size)                                                                                  \
    static const struct uop *name##_##suffix##_##size(struct cpu *c, const struct uop *u)                              \
    {                                                                                                                  \
        return name(c, u, kind, size);                                                                                 \
    }
#define KIND(name, kind, suffix) ONE(name, kind, suffix, 0) ONE(name, kind, suffix, 1) ONE(name, kind, suffix, 2)
#define SIZES(name, suffix) name##_##suffix##_0, name##_##suffix##_1, name##_##suffix##_2
#define STRING(name)                                                                                                   \
    KIND(name, EA_BD64, flat64)                                                                                        \
    ONE(name, EA_BD64, flat64, 3)                                                                                      \
    KIND(name, EA_BD32, flat32)                                                                                        \
    KIND(name, EA_SEG16, seg16)                                                                                        \
    KIND(name, EA_SEG32, seg32)                                                                                        \
    const struct exec_group exec_##name = { .any_width = string_##name,                                                \
                                            .rm = { [EA_BD64] = { SIZES(name, flat64), name##_flat64_3 },              \
                                                    [EA_BD32] = { SIZES(name, flat32) },                               \
                                                    [EA_SEG16] = { SIZES(name, seg16) },                               \
                                                    [EA_SEG32] = { SIZES(name, seg32) } } };

STRING(movs)
STRING(stos)
STRING(lods)
STRING(cmps)
STRING(scas)
