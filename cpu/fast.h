/* fast.h: the vocabulary of hot handlers. They pass on to the next instruction by a tail call, so they must not hold
 * locals whose address is taken, nor have functions inlined that do: a call in place of the jump nests with every
 * instruction of a guest's loop (tests/system/nesting.py looks for such). Loads come back by value. Each is
 * instantiated by form and by kind of address (uop.h), so that none tests what the decoder knew. */
#ifndef PCEMU_FAST_H
#define PCEMU_FAST_H

#include "exec.h"

/* With optimisation a handler's last call becomes a jump; without (or under sanitizers) it returns to the run loop. */
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__)
#define PCEMU_NO_TAIL_CALLS
#elif defined(__clang__)
#if __has_feature(address_sanitizer)
#define PCEMU_NO_TAIL_CALLS
#endif
#endif

#ifdef PCEMU_NO_TAIL_CALLS
#define PASS_ON(next) return (next)
#else
#define PASS_ON(next) return (next)->exec(c, (next))
#endif
/* The asm hides where the next uop stands: told, gcc 12 keeps both uops and spends four instructions where
 * `add $32, u; jmp *(u)` does. */
#define NEXT_FAST SKIP_FAST(1)
/* The same behind a handler that did `n` instructions. */
#define SKIP_FAST(n)                                                                                                   \
    do {                                                                                                               \
        const struct uop *next_ = u + (n);                                                                             \
        __asm__("" : "+r"(next_));                                                                                     \
        PASS_ON(next_);                                                                                                \
    } while (0)
/* A hot handler's checked form, to which it passes what is not plain. Inlined, its calls would give the hot form a
 * stack frame, too. */
#define CHECKED_FORM static __attribute__((noinline)) const struct uop *
/* The same instruction by another handler. */
#define PASS_TO(handler) return (handler)(c, u)

/* Follows a direct link of the branch `u`: one compare covers both an unlinked branch (its stub costs more than any
 * budget) and the end of the run. */
#define FOLLOW(which)                                                                                                  \
    do {                                                                                                               \
        const struct uop *t_ = ((const struct links *)(const void *)(u + 1))->which;                                   \
        s64 left_ = c->budget - uop_block_cost(t_);                                                                    \
        if (UNLIKELY(left_ < 0))                                                                                       \
            return cpu_follow_##which(c, u);                                                                           \
        c->budget = left_;                                                                                             \
        PASS_ON(t_);                                                                                                   \
    } while (0)

/* On to c->rip through the jump cache. */
#define ENTER_FAST                                                                                                     \
    do {                                                                                                               \
        u64 key_ = c->rip + c->jump_base;                                                                              \
        const struct jump_entry *j_ = &c->jump[jump_hash(key_)];                                                       \
        if (UNLIKELY(j_->ip != key_ || j_->tag != c->jump_tag))                                                        \
            return NULL;                                                                                               \
        const struct uop *t_ = j_->uop;                                                                                \
        s64 left_ = c->budget - uop_block_cost(t_);                                                                    \
        if (UNLIKELY(left_ < 0))                                                                                       \
            return NULL;                                                                                               \
        c->budget = left_;                                                                                             \
        c->r[R_PAGE] = j_->page;                                                                                       \
        PASS_ON(t_);                                                                                                   \
    } while (0)

static ALWAYS_INLINE s64 uop_block_cost(const struct uop *first)
{
    return ((const s64 *)(const void *)first)[-1];
}
static ALWAYS_INLINE unsigned jump_hash(u64 key)
{
    return (unsigned)(key * 0x9e3779b97f4a7c15u >> (64 - JUMP_BITS));
}

/* The block at `rip` in 64-bit mode, entered; NULL, and nothing has changed, where the jump cache does not know it.
 * What it knows was looked at (is it canonical?) when it came to know. */
static ALWAYS_INLINE const struct uop *jump_64(struct cpu *c, u64 rip)
{
    const struct jump_entry *j = &c->jump[jump_hash(rip)];
    if (UNLIKELY(j->ip != rip || j->tag != c->jump_tag))
        return NULL;
    const struct uop *t = j->uop;
    s64 left = c->budget - uop_block_cost(t);
    if (UNLIKELY(left < 0))
        return NULL;
    c->budget = left;
    c->r[R_PAGE] = rip & PAGE_MASK;
    if (!t)
        __builtin_unreachable(); /* spares the callers a second test */
    return t;
}

const struct uop *cpu_follow_taken(struct cpu *c, const struct uop *u);
const struct uop *cpu_follow_fall(struct cpu *c, const struct uop *u);

/* Where the memory operand is, of the flat kinds. */
static ALWAYS_INLINE u64 ea_fast(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    switch (kind) {
    case EA_BD64:
        return get64(c, u->base) + (u64)(s64)u->disp;
    case EA_BIS64:
        return get64(c, u->base) + (get64(c, u->index) << u->scale) + (u64)(s64)u->disp;
    case EA_BD32:
        return (u32)(get32(c, u->base) + (u32)u->disp);
    default:
        return (u32)(get32(c, u->base) + (get32(c, u->index) << u->scale) + (u32)u->disp);
    }
}

static ALWAYS_INLINE void *host_ptr(u64 address)
{
    if (!address)
        __builtin_unreachable(); /* spares the callers a second test for NULL */
    return (void *)(uintptr_t)address;
}
/* Host address when the whole access hits in the TLB, else NULL. */
static ALWAYS_INLINE void *tlb_host_r(struct cpu *c, u64 lin, unsigned bytes)
{
    const struct tlb_entry *e = &c->tlb[(lin >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    return LIKELY(e->tag_r == ((lin + bytes - 1) & PAGE_MASK)) ? host_ptr(lin + e->addend) : NULL;
}
static ALWAYS_INLINE void *tlb_host_w(struct cpu *c, u64 lin, unsigned bytes)
{
    const struct tlb_entry *e = &c->tlb[(lin >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    return LIKELY(e->tag_w == ((lin + bytes - 1) & PAGE_MASK)) ? host_ptr(lin + e->addend) : NULL;
}

/* By the rights of a set that need not be the present one, read or written. */
static ALWAYS_INLINE u8 *tlb_set_host(const struct cpu *c, unsigned set, u64 lin, unsigned bytes, bool write)
{
    const struct tlb_entry *e = &c->tlb_sets[set][(lin >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    u64 tag = write ? e->tag_w : e->tag_r;
    return LIKELY(tag == ((lin + bytes - 1) & PAGE_MASK)) ? host_ptr(lin + e->addend) : NULL;
}

/* The same for `bytes` at an offset of a segment, outside 64-bit mode: also NULL where the offset is not plainly legal.
 */
static ALWAYS_INLINE void *seg_host_r(struct cpu *c, unsigned seg, u64 offset, unsigned bytes)
{
    const struct seg *s = &c->seg[seg];
    return LIKELY(offset + bytes <= s->read_end) ? tlb_host_r(c, (u32)(s->base + offset), bytes) : NULL;
}
static ALWAYS_INLINE void *seg_host_w(struct cpu *c, unsigned seg, u64 offset, unsigned bytes)
{
    const struct seg *s = &c->seg[seg];
    return LIKELY(offset + bytes <= s->write_end) ? tlb_host_w(c, (u32)(s->base + offset), bytes) : NULL;
}

static ALWAYS_INLINE u64 seg_offset(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    if (kind == EA_SEG16) /* no scale */
        return (u16)(get32(c, u->base) + get32(c, u->index) + (u32)u->disp);
    return (u32)(get32(c, u->base) + (get32(c, u->index) << u->scale) + (u32)u->disp);
}

/* An address that is not canonical is in no TLB entry. */
static ALWAYS_INLINE u64 seg_linear_64(struct cpu *c, const struct uop *u)
{
    return ea_fast(c, u, EA_BIS64) + c->seg[u_seg(u)].base;
}

/* The memory operand in host memory, of all kinds but EA_GEN; NULL: not by the short way. */
static ALWAYS_INLINE void *operand_r(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned bytes)
{
    if (kind == EA_SEG16 || kind == EA_SEG32)
        return seg_host_r(c, u_seg(u), seg_offset(c, u, kind), bytes);
    return tlb_host_r(c, kind == EA_SEG64 ? seg_linear_64(c, u) : ea_fast(c, u, kind), bytes);
}
static ALWAYS_INLINE void *operand_w(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned bytes)
{
    if (kind == EA_SEG16 || kind == EA_SEG32)
        return seg_host_w(c, u_seg(u), seg_offset(c, u, kind), bytes);
    return tlb_host_w(c, kind == EA_SEG64 ? seg_linear_64(c, u) : ea_fast(c, u, kind), bytes);
}

/* A far pointer m16:16, whose selector would wrap on its own. */
static ALWAYS_INLINE void *far_pointer_16(struct cpu *c, const struct uop *u)
{
    u64 offset = seg_offset(c, u, EA_SEG16);
    return LIKELY(offset <= 0x10000 - 4) ? seg_host_r(c, u_seg(u), offset, 4) : NULL;
}

/* The stack outside 64-bit mode: the offset of rSP + delta, what lies there, and rSP moved to an offset. */
static ALWAYS_INLINE u64 stack_offset(struct cpu *c, enum stack_kind kind, s64 delta)
{
    u64 at = c->r[RSP] + (u64)delta;
    return kind == STACK_FLAT ? (u32)at : at & c->sp_mask;
}
static ALWAYS_INLINE void *stack_host_r(struct cpu *c, enum stack_kind kind, u64 offset, unsigned bytes)
{
    return kind == STACK_FLAT ? tlb_host_r(c, offset, bytes) : seg_host_r(c, SS, offset, bytes);
}
static ALWAYS_INLINE void *stack_host_w(struct cpu *c, enum stack_kind kind, u64 offset, unsigned bytes)
{
    return kind == STACK_FLAT ? tlb_host_w(c, offset, bytes) : seg_host_w(c, SS, offset, bytes);
}
/* Several values one upon the other, which would wrap one by one. */
static ALWAYS_INLINE void *stack_run_r(struct cpu *c, s64 delta, unsigned bytes)
{
    u64 offset = stack_offset(c, STACK_SEG, delta);
    return LIKELY(offset + bytes - 1 <= c->sp_mask) ? seg_host_r(c, SS, offset, bytes) : NULL;
}
static ALWAYS_INLINE void *stack_run_w(struct cpu *c, s64 delta, unsigned bytes)
{
    u64 offset = stack_offset(c, STACK_SEG, delta);
    return LIKELY(offset + bytes - 1 <= c->sp_mask) ? seg_host_w(c, SS, offset, bytes) : NULL;
}
static ALWAYS_INLINE void stack_move(struct cpu *c, enum stack_kind kind, s64 delta)
{
    if (kind == STACK_FLAT)
        c->r[RSP] = (u32)(c->r[RSP] + (u64)delta);
    else
        stack_add(c, delta);
}

/* A miss of any kind goes, by a tail call, to the handler's own EA_GEN form, which does every check; so the hot forms
 * keep no stack frame. What the EA_GEN forms are made of (mem_access.c), values returned in registers: */
struct loaded {
    u64 value;
    bool ok;
};
struct loaded mem_load_gen(struct cpu *c, const struct uop *u, unsigned bytes);
bool mem_store_gen(struct cpu *c, const struct uop *u, u64 value, unsigned bytes);
/* Read-modify-write: loads after making sure that the store can't fail; c keeps the address. */
struct loaded mem_load_rmw(struct cpu *c, const struct uop *u, unsigned bytes);
void mem_store_rmw(struct cpu *c, u64 value, unsigned bytes);
/* Stack at rSP + delta, any mode. */
struct loaded mem_load_stack(struct cpu *c, s64 delta, unsigned bytes);
bool mem_store_stack(struct cpu *c, s64 delta, u64 value, unsigned bytes);
/* Where a store of `bytes` that the TLB let not pass can be made at once: beside the code of a page that holds some, of
 * which nobody else wants to know; else NULL. */
void *mem_beside_code(struct cpu *c, u64 linear, unsigned bytes);
bool mem_probe_stack(struct cpu *c, s64 delta, unsigned bytes); /* would a store succeed? */

static ALWAYS_INLINE u64 get_bytes(const void *p, unsigned bytes)
{
    switch (bytes) {
    case 1:
        return *(const u8 *)p;
    case 2:
        return get_le16(p);
    case 4:
        return get_le32(p);
    default:
        return get_le64(p);
    }
}

static ALWAYS_INLINE void put_bytes(void *p, u64 value, unsigned bytes)
{
    switch (bytes) {
    case 1:
        *(u8 *)p = (u8)value;
        break;
    case 2:
        put_le16(p, (u16)value);
        break;
    case 4:
        put_le32(p, (u32)value);
        break;
    default:
        put_le64(p, value);
        break;
    }
}

/* Handlers of 16- and 32-bit stack operations for each kind of stack outside 64-bit mode: STACK_KINDS_OF(name) makes
 * name_flat_16 ... from the inline name(c, u, kind, bytes), STACK_TABLE(name) is their place in the exec_group. */
#define STACK_HANDLER(name, suffix, kind, bytes)                                                                       \
    static const struct uop *name##_##suffix(struct cpu *c, const struct uop *u)                                       \
    {                                                                                                                  \
        return name(c, u, kind, bytes);                                                                                \
    }
#define STACK_KINDS_OF(name)                                                                                           \
    STACK_HANDLER(name, flat_16, STACK_FLAT, 2)                                                                        \
    STACK_HANDLER(name, flat_32, STACK_FLAT, 4)                                                                        \
    STACK_HANDLER(name, seg_16, STACK_SEG, 2)                                                                          \
    STACK_HANDLER(name, seg_32, STACK_SEG, 4)
#define STACK_TABLE(name)                                                                                              \
    {                                                                                                                  \
        [STACK_FLAT] = { NULL, name##_flat_16, name##_flat_32 }, [STACK_SEG] = { NULL, name##_seg_16, name##_seg_32 }  \
    }

/* One handler for each flat kind of address: FLAT_KINDS(name) makes name_bd64 ... from the inline name(c, u, kind). */
#define FLAT_KINDS(name)                                                                                               \
    static const struct uop *name##_bd64(struct cpu *c, const struct uop *u)                                           \
    {                                                                                                                  \
        return name(c, u, EA_BD64);                                                                                    \
    }                                                                                                                  \
    static const struct uop *name##_bis64(struct cpu *c, const struct uop *u)                                          \
    {                                                                                                                  \
        return name(c, u, EA_BIS64);                                                                                   \
    }                                                                                                                  \
    static const struct uop *name##_bd32(struct cpu *c, const struct uop *u)                                           \
    {                                                                                                                  \
        return name(c, u, EA_BD32);                                                                                    \
    }                                                                                                                  \
    static const struct uop *name##_bis32(struct cpu *c, const struct uop *u)                                          \
    {                                                                                                                  \
        return name(c, u, EA_BIS32);                                                                                   \
    }

#endif
