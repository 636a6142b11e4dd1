/* fast.h: the vocabulary of hot handlers. They pass on to the next instruction by a tail call, so they must not hold locals
 * whose address is taken; loads come back by value. Each is instantiated by form and by kind of address (uop.h), so that
 * none tests what the decoder knew. */
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
#elif defined(__clang__)
#define PASS_ON(next) __attribute__((musttail)) return (next)->exec(c, (next))
#else
#define PASS_ON(next) return (next)->exec(c, (next))
#endif
#define NEXT_FAST PASS_ON(u + 1)

/* Follows a direct link of the branch `u`: one compare covers both an unlinked branch (its stub costs more than any budget)
 * and the end of the run. */
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
        if (UNLIKELY(j_->ip != key_ || j_->tag != c->jump_tag))                                                      \
            return NULL;                                                                                               \
        const struct uop *t_ = j_->uop;                                                                                \
        s64 left_ = c->budget - uop_block_cost(t_);                                                                    \
        if (UNLIKELY(left_ < 0))                                                                                       \
            return NULL;                                                                                               \
        c->budget = left_;                                                                                             \
        c->r[R_PAGE] = j_->page;                                                                                       \
        PASS_ON(t_);                                                                                                   \
    } while (0)

static ALWAYS_INLINE s64 uop_block_cost(const struct uop *first) { return ((const s64 *)(const void *)first)[-1]; }
static ALWAYS_INLINE unsigned jump_hash(u64 key)
{
    return (unsigned)((key ^ (key >> 12) ^ (key >> 32)) & (JUMP_ENTRIES - 1));
}

const struct uop *cpu_follow_taken(struct cpu *c, const struct uop *u);
const struct uop *cpu_follow_fall(struct cpu *c, const struct uop *u);

/* Where the memory operand is. EA_GEN is not linear yet: it goes through the segment, out of line. */
static ALWAYS_INLINE u64 ea_fast(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    switch (kind) {
    case EA_BD64: return get64(c, u->base) + (u64)(s64)u->disp;
    case EA_BIS64: return get64(c, u->base) + (get64(c, u->index) << u->scale) + (u64)(s64)u->disp;
    case EA_BD32: return (u32)(get32(c, u->base) + (u32)u->disp);
    default: return (u32)(get32(c, u->base) + (get32(c, u->index) << u->scale) + (u32)u->disp);
    }
}

/* Host address when the whole access hits in the TLB, else NULL. */
static ALWAYS_INLINE void *tlb_host_r(struct cpu *c, u64 lin, unsigned bytes)
{
    const struct tlb_entry *e = &c->tlb[(lin >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    return LIKELY(e->tag_r == ((lin + bytes - 1) & PAGE_MASK)) ? (void *)(uintptr_t)(lin + e->addend) : NULL;
}
static ALWAYS_INLINE void *tlb_host_w(struct cpu *c, u64 lin, unsigned bytes)
{
    const struct tlb_entry *e = &c->tlb[(lin >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    return LIKELY(e->tag_w == ((lin + bytes - 1) & PAGE_MASK)) ? (void *)(uintptr_t)(lin + e->addend) : NULL;
}

struct loaded {
    u64 value;
    bool ok;
};
/* Slow sides (mem_access.c): `lin` is flat; limits, canonical form, faults, page crossing, registers, code pages. */
struct loaded mem_load_flat(struct cpu *c, const struct uop *u, u64 lin, unsigned bytes) COLD;
bool mem_store_flat(struct cpu *c, const struct uop *u, u64 lin, u64 value, unsigned bytes) COLD;
struct loaded mem_load_gen(struct cpu *c, const struct uop *u, unsigned bytes);
bool mem_store_gen(struct cpu *c, const struct uop *u, u64 value, unsigned bytes);
/* Read-modify-write, slow: loads after making sure that the store can't fail; *lin_out stays in c->rmw_lin. */
struct loaded mem_load_rmw(struct cpu *c, const struct uop *u, u64 lin, unsigned bytes, bool flat);
void mem_store_rmw(struct cpu *c, u64 value, unsigned bytes);

/* Loads `bytes` (1, 2, 4, 8) by value, zero-extended. */
static ALWAYS_INLINE struct loaded load_fast(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned bytes)
{
    if (kind == EA_GEN)
        return mem_load_gen(c, u, bytes);
    u64 lin = ea_fast(c, u, kind);
    const void *p = tlb_host_r(c, lin, bytes);
    if (UNLIKELY(!p))
        return mem_load_flat(c, u, lin, bytes);
    switch (bytes) {
    case 1: return (struct loaded){ *(const u8 *)p, true };
    case 2: return (struct loaded){ get_le16(p), true };
    case 4: return (struct loaded){ get_le32(p), true };
    default: return (struct loaded){ get_le64(p), true };
    }
}

static ALWAYS_INLINE void put_bytes(void *p, u64 value, unsigned bytes)
{
    switch (bytes) {
    case 1: *(u8 *)p = (u8)value; break;
    case 2: put_le16(p, (u16)value); break;
    case 4: put_le32(p, (u32)value); break;
    default: put_le64(p, value); break;
    }
}

static ALWAYS_INLINE bool store_fast(struct cpu *c, const struct uop *u, enum ea_kind kind, u64 value, unsigned bytes)
{
    if (kind == EA_GEN)
        return mem_store_gen(c, u, value, bytes);
    u64 lin = ea_fast(c, u, kind);
    void *p = tlb_host_w(c, lin, bytes);
    if (UNLIKELY(!p))
        return mem_store_flat(c, u, lin, value, bytes);
    put_bytes(p, value, bytes);
    return true;
}

#endif
