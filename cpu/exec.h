/* exec.h: what a handler is written with.
 *
 *     EXEC(bswap) { ... NEXT; }         defines the handler and the exec_group `exec_bswap` that a row names
 *     TRY(load(c, u, &v, 4));           leaves the instruction, nothing changed, when the access faults or must be
 * repeated RAISE(EXC_GP, 0);                 the instruction faults NEXT;                             on to the next
 * instruction of the block END_BLOCK;                        after an instruction marked A_END: on to the next block,
 * events looked at first
 *
 * Law: a faulting instruction changes nothing. Every TRY and RAISE comes before the first write to register, flag or
 * memory; an instruction with several stores probes them first. A handler never holds state of its own.
 */
#ifndef PCEMU_EXEC_H
#define PCEMU_EXEC_H

#include "uop.h"
#include "flags.h"
#include "sys.h"

/* Handlers written here return where to go on, and the run loop goes there: the next uop, the first uop of another
 * block, or NULL to look at events. The hot ones (fast.h) pass on by a tail call instead; both are the same history. */
#define NEXT return u + 1
#define LEAVE return cpu_leave(c, u)
#define TRY(access)                                                                                                    \
    do {                                                                                                               \
        if (UNLIKELY(!(access)))                                                                                       \
            return cpu_leave(c, u);                                                                                    \
    } while (0)
#define RAISE(vector, error) return cpu_raise(c, u, (vector), (error))
#define END_BLOCK return cpu_end_block(c, u)
/* After c->rip was set to where execution goes on (an indirect or far transfer). */
#define JUMP_TO_RIP return cpu_enter(c)

#define EXEC(name)                                                                                                     \
    static const struct uop *x_##name(struct cpu *c, const struct uop *u);                                             \
    const struct exec_group exec_##name = { .any_width = x_##name };                                                   \
    static const struct uop *x_##name(__attribute__((unused)) struct cpu *c, const struct uop *u)

/* The same with more members of the exec_group, whose any_width it is. */
#define EXEC_WITH(name, ...)                                                                                           \
    static const struct uop *x_##name(struct cpu *c, const struct uop *u);                                             \
    const struct exec_group exec_##name = { .any_width = x_##name, __VA_ARGS__ };                                      \
    static const struct uop *x_##name(__attribute__((unused)) struct cpu *c, const struct uop *u)

/* run.c: out of line */
const struct uop *cpu_leave(struct cpu *c, const struct uop *u);
const struct uop *cpu_raise(struct cpu *c, const struct uop *u, unsigned vector, u32 error);
const struct uop *cpu_end_block(struct cpu *c, const struct uop *u); /* rip := after u; NULL: back to the run loop */
const struct uop *cpu_enter(struct cpu *c);                          /* the uop at c->rip; NULL: back to the run loop */

/* After an instruction marked A_MAY_END: the block ends here. */
static inline const struct uop *cut_block(struct cpu *c, const struct uop *u)
{
    c->budget += u_block(u)->n - u->ord - 1;
    return cpu_end_block(c, u);
}
/* It goes on unless it was decoded for another mode than that which the instruction left. */
static inline const struct uop *next_in_mode(struct cpu *c, const struct uop *u, u32 mode)
{
    return LIKELY(c->mode == mode) ? u + 1 : cut_block(c, u);
}

/* The instruction pointer (CS offset) of this instruction and of the next. */
static ALWAYS_INLINE u64 ip_of(const struct cpu *c, const struct uop *u)
{
    return (c->r[R_PAGE] + u_off(u)) & c->ip_mask;
}
static ALWAYS_INLINE u64 ip_after(const struct cpu *c, const struct uop *u)
{
    return (c->r[R_PAGE] + u_end(u)) & c->ip_mask;
}
/* Instructions run before this one: time, exact in the middle of a block. */
static ALWAYS_INLINE u64 icount_of(const struct cpu *c, const struct uop *u)
{
    return c->icount_end - (u64)(c->budget + u_block(u)->n - u->ord);
}

/* Registers through a uop's byte offsets. A 32-bit write clears the upper half (SDM vol. 1, 3.4.1.1). */
static ALWAYS_INLINE void *reg_ptr(struct cpu *c, unsigned off)
{
    return (char *)c + off;
}
static ALWAYS_INLINE u8 get8(struct cpu *c, unsigned off)
{
    return *(u8 *)reg_ptr(c, off);
}
static ALWAYS_INLINE u16 get16(struct cpu *c, unsigned off)
{
    return *(u16 *)reg_ptr(c, off);
}
static ALWAYS_INLINE u32 get32(struct cpu *c, unsigned off)
{
    return *(u32 *)reg_ptr(c, off);
}
static ALWAYS_INLINE u64 get64(struct cpu *c, unsigned off)
{
    return *(u64 *)reg_ptr(c, off);
}
static ALWAYS_INLINE void put8(struct cpu *c, unsigned off, u8 v)
{
    *(u8 *)reg_ptr(c, off) = v;
}
static ALWAYS_INLINE void put16(struct cpu *c, unsigned off, u16 v)
{
    *(u16 *)reg_ptr(c, off) = v;
}
static ALWAYS_INLINE void put32(struct cpu *c, unsigned off, u32 v)
{
    *(u64 *)reg_ptr(c, off) = v;
}
static ALWAYS_INLINE void put64(struct cpu *c, unsigned off, u64 v)
{
    *(u64 *)reg_ptr(c, off) = v;
}
/* The same by size at run time: `size` is log2 of the bytes. */
static inline u64 get_reg(struct cpu *c, unsigned off, unsigned size)
{
    switch (size) {
    case 0:
        return get8(c, off);
    case 1:
        return get16(c, off);
    case 2:
        return get32(c, off);
    default:
        return get64(c, off);
    }
}
static inline void put_reg(struct cpu *c, unsigned off, unsigned size, u64 v)
{
    switch (size) {
    case 0:
        put8(c, off, (u8)v);
        break;
    case 1:
        put16(c, off, (u16)v);
        break;
    case 2:
        put32(c, off, (u32)v);
        break;
    default:
        put64(c, off, v);
        break;
    }
}

/* ---- Memory operands
 * ------------------------------------------------------------------------------------------------- All return false
 * when the instruction must be left by TRY: a fault is recorded in c->exc, or the access must be repeated exactly
 * (c->retry_exact). mmu.c and mem_access.c hold the slow parts. */

/* The offset of the memory operand in its segment (effective address), cut to the address size. */
u64 ea_offset(struct cpu *c, const struct uop *u);
/* Offset -> linear, with the segment's limit, type and canonical checks, for `bytes` at `offset` of segment `seg`.
 * `write`: for writing. #SS for SS, #GP otherwise. */
bool seg_linear(struct cpu *c, unsigned seg, u64 offset, unsigned bytes, bool write, u64 *linear);
/* The memory operand's linear address for `bytes` bytes. */
bool ea_linear(struct cpu *c, const struct uop *u, unsigned bytes, bool write, u64 *linear);

/* The same with the alignment check (EFLAGS.AC). */
bool seg_aligned(struct cpu *c, unsigned seg, u64 offset, unsigned bytes, bool write, u64 *linear);

/* For 16 bytes that must be aligned: #GP(0) when they are not. */
bool ea_linear_16(struct cpu *c, const struct uop *u, bool write, u64 *linear);

/* Linear accesses with the current privilege. `bytes` up to 64; may cross pages; all or nothing. */
bool lin_read(struct cpu *c, u64 linear, void *to, unsigned bytes);
bool lin_write(struct cpu *c, u64 linear, const void *from, unsigned bytes);
/* Every byte of the stretch (up to 4096) may be read/written: faults and exactness sorted out, nothing done. After a
 * successful probe the same accesses in the same instruction do not fail. */
bool lin_probe(struct cpu *c, u64 linear, unsigned bytes, bool write);

/* The memory operand: EA, checks, access. */
bool load(struct cpu *c, const struct uop *u, void *to, unsigned bytes);
bool store(struct cpu *c, const struct uop *u, const void *from, unsigned bytes);
/* For read-modify-write: reads after checking that the write will succeed; then store_back(). */
bool load_rmw(struct cpu *c, const struct uop *u, void *to, unsigned bytes, u64 *linear);
void store_back(struct cpu *c, u64 linear, const void *from, unsigned bytes);
/* As load/store with the 16-byte alignment rule of SSE (#GP(0) when not aligned). */
bool load_aligned16(struct cpu *c, const struct uop *u, void *to);
bool store_aligned16(struct cpu *c, const struct uop *u, const void *from);
/* The E operand, register or memory, as a number of `size` (log2) in the source / destination role (u->src or u->dst).
 */
static inline bool load_src(struct cpu *c, const struct uop *u, unsigned size, u64 *v)
{
    *v = 0;
    if (u_mem(u))
        return load(c, u, v, 1u << size);
    *v = get_reg(c, u->src, size);
    return true;
}
static inline bool load_dst(struct cpu *c, const struct uop *u, unsigned size, u64 *v)
{
    *v = 0;
    if (u_mem(u))
        return load(c, u, v, 1u << size);
    *v = get_reg(c, u->dst, size);
    return true;
}
/* Stores to the E operand in the destination role. */
static inline bool store_dst(struct cpu *c, const struct uop *u, unsigned size, u64 v)
{
    if (u_mem(u))
        return store(c, u, &v, 1u << size);
    put_reg(c, u->dst, size, v);
    return true;
}

/* Stack, by the current stack size: reads or writes at SS:(rSP + delta) of `bytes` bytes; rSP itself is not changed. */
bool stack_read(struct cpu *c, s64 delta, void *to, unsigned bytes);
bool stack_write(struct cpu *c, s64 delta, const void *from, unsigned bytes);
static inline void stack_add(struct cpu *c, s64 delta)
{
    u64 mask = c->sp_mask, sp = c->r[RSP];
    c->r[RSP] = (mask == 0xffffffff) ? (u32)(sp + (u64)delta) : (sp & ~mask) | ((sp + (u64)delta) & mask);
}

#endif
