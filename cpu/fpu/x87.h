/* x87.h: what the x87 handlers share: the register stack, exceptions and their unmasked responses, error pointers. */
#ifndef PCEMU_X87_H
#define PCEMU_X87_H

#include "x87_host.h"

/* ---- the register stack ---- */
static ALWAYS_INLINE unsigned st_number(const struct cpu *c, unsigned i)
{
    return (c->fpu.top + i) & 7;
}
static ALWAYS_INLINE struct f80 *st_reg(struct cpu *c, unsigned i)
{
    return &c->fpu.reg[st_number(c, i)];
}
static ALWAYS_INLINE bool st_empty(const struct cpu *c, unsigned i)
{
    return !((c->fpu.valid >> st_number(c, i)) & 1);
}
static ALWAYS_INLINE void st_put(struct cpu *c, unsigned i, const struct f80 *v)
{
    unsigned n = st_number(c, i);
    f80_copy(&c->fpu.reg[n], v);
    c->fpu.valid |= (u8)BIT(n);
}
static ALWAYS_INLINE void st_free(struct cpu *c, unsigned i)
{
    c->fpu.valid &= (u8)~BIT(st_number(c, i));
}
static ALWAYS_INLINE void st_pop(struct cpu *c)
{
    st_free(c, 0);
    c->fpu.top = (c->fpu.top + 1) & 7;
}
static ALWAYS_INLINE void st_push(struct cpu *c, const struct f80 *v)
{
    c->fpu.top = (c->fpu.top - 1) & 7;
    st_put(c, 0, v);
}
/* The register that a push would take is in use. */
static ALWAYS_INLINE bool st_full(const struct cpu *c)
{
    return !st_empty(c, 7);
}

/* ---- error pointers ---- */
/* Every instruction but the control ones says where it is (SDM vol. 1, 8.1.8), and where its memory operand is:
 * x87_mem.h. */
static ALWAYS_INLINE void x87_track(struct cpu *c, const struct uop *u)
{
    c->fpu.fip = ip_of(c, u);
    c->fpu.fcs = c->seg[CS].sel;
}

/* ---- exceptions ---- */
/* The start of each waiting handler but the quick ones (x87_quick.h): its state is exact, and no exception is pending.
 * For TRY. */
static ALWAYS_INLINE bool x87_begin(struct cpu *c)
{
    if (UNLIKELY(c->fpu.quick))
        x87_settle(c);
    return fpu_check_pending(c);
}

/* Sticky flags that an operation may show again (x87_host.h). */
static ALWAYS_INLINE u16 x87_known(const struct cpu *c)
{
    return c->fpu.sw & c->fpu.cw & FSW_EXCEPTIONS;
}
/* Unmasked ones among `flags`, which are in the status word already: sets ES and B, records the opcode. False when the
 * instruction must not complete: invalid operation, denormal operand or division by zero. */
bool x87_unmasked(struct cpu *c, const struct uop *u, u32 flags) COLD;
/* Takes an operation's exception flags and C1. True when it completes: results are to be written, pops to be done. */
static ALWAYS_INLINE bool x87_retire(struct cpu *c, const struct uop *u, u16 sw)
{
    u32 flags = sw & FSW_EXCEPTIONS;
    c->fpu.sw = (u16)((c->fpu.sw & ~X87_C1) | (sw & (X87_C1 | FSW_EXCEPTIONS)));
    return LIKELY(!(flags & ~(u32)c->fpu.cw)) || x87_unmasked(c, u, flags);
}
/* The same for a store to memory, which an unmasked overflow or underflow forbids as well. To be asked before the
 * store, which may fault; then x87_retire(). */
static ALWAYS_INLINE bool x87_may_store(const struct cpu *c, u16 sw)
{
    return !(sw & ~(u32)c->fpu.cw & (X87_IE | X87_DE | X87_ZE | X87_OE | X87_UE));
}
/* Stack underflow and overflow: IE, SF, C1. True: masked, the response with indefinites is to be given. */
bool x87_stack_underflow(struct cpu *c, const struct uop *u) COLD;
bool x87_stack_overflow(struct cpu *c, const struct uop *u) COLD;
static ALWAYS_INLINE void x87_set_cc(struct cpu *c, u32 cc)
{
    c->fpu.sw = (u16)((c->fpu.sw & ~X87_CC) | cc);
}
static ALWAYS_INLINE void x87_clear_c1(struct cpu *c)
{
    c->fpu.sw &= (u16)~X87_C1;
}

/* ---- x87_pieces.c: operands in pieces. False: a fault, or a wish for exactness; nothing was stored ---- */
#define F80_BYTES 10u
#define ENV_UNITS 7u /* words or doublewords of an environment */
bool x87_load80(struct cpu *c, const struct uop *u, void *to);
bool x87_store80(struct cpu *c, const struct uop *u, const void *from);
/* An environment in units of 2 or 4 bytes, and `regs` registers behind it. */
bool x87_load_state(struct cpu *c, const struct uop *u, u8 *image, unsigned unit, unsigned regs);
bool x87_store_state(struct cpu *c, const struct uop *u, u8 *image, unsigned unit, unsigned regs);

#endif
