/* mode.c: what decoding depends on (c->mode) and what follows from it: masks, the active TLB, the tag by which the jump
 * cache is open. */
#include "exec.h"
#include "watch.h"

static bool flat(const struct seg *s)
{
    return s->base == 0 && s->lo == 0 && s->hi == 0xffffffffu && s->perm == (SEG_R | SEG_W);
}

static bool code_breakpoints(const struct cpu *c)
{
    for (unsigned i = 0; i < 4; i++)
        if (((c->dr7 >> (2 * i)) & 3) && ((c->dr7 >> (16 + 4 * i)) & 3) == 0)
            return true;
    return false;
}

/* What of the mode depends on CPL and EFLAGS. */
#define MODE_OF_LEVEL (3u << MODE_CPL_SHIFT | 3u << MODE_IOPL_SHIFT | MODE_ONE | MODE_AC)
static ALWAYS_INLINE u32 level_bits(const struct cpu *c)
{
    u32 m = (u32)c->cpl << MODE_CPL_SHIFT | ((c->eflags >> FL_IOPL_SHIFT) & 3) << MODE_IOPL_SHIFT;
    m |= (c->eflags & (FL_TF | FL_RF)) || ((c->dr7 & 0xff) && code_breakpoints(c)) ? MODE_ONE : 0;
    m |= (c->cr0 & CR0_AM) && (c->eflags & FL_AC) && c->cpl == 3 ? MODE_AC : 0;
    return m;
}

static u32 mode_bits(const struct cpu *c)
{
    bool lma = in_long(c), vm = in_vm86(c), real = in_real(c);
    bool l64 = lma && (c->seg[CS].attr & DESC_L);
    u32 m = level_bits(c);
    m |= l64 ? MODE_64 : (c->seg[CS].attr & DESC_DB) ? MODE_32 : 0;
    m |= l64 || (c->seg[SS].attr & DESC_DB) ? MODE_SS32 : 0;
    m |= real ? 0 : MODE_PE;
    m |= vm ? MODE_VM : 0;
    m |= lma ? MODE_LMA : 0;
    m |= (c->cr0 & CR0_TS) ? MODE_TS : 0;
    m |= (c->cr0 & CR0_EM) ? MODE_EM : 0;
    m |= (c->cr0 & CR0_MP) ? MODE_MP : 0;
    m |= (c->cr4 & CR4_OSFXSR) ? MODE_OSFXSR : 0;
    m |= (c->cr4 & CR4_OSXSAVE) ? MODE_OSXSAVE : 0;
    m |= l64 || (flat(&c->seg[DS]) && flat(&c->seg[ES]) && flat(&c->seg[SS])) ? MODE_FLAT : 0;
    m |= c->smm ? MODE_SMM : 0;
    m |= (c->cr4 & CR4_OSXSAVE) && (~c->xcr0 & (XSTATE_SSE | XSTATE_AVX)) == 0 ? MODE_AVX : 0;
    return m;
}

void cpu_set_jump_tag(struct cpu *c)
{
    if (!c->exact)
        c->jump_tag = ((u64)c->epochs[c->cpl == 3] << 32) | c->mode;
}

void cpu_new_epoch_of(struct cpu *c, bool user)
{
    if (++c->epoch == 0) { /* the number came round: old entries must not look new */
        for (unsigned i = 0; i < JUMP_ENTRIES; i++)
            c->jump[i].tag = UINT64_MAX - 1;
        c->epochs[!user] = 0;
    }
    c->epochs[user] = c->epoch;
    cpu_set_jump_tag(c);
}

void cpu_new_epoch(struct cpu *c)
{
    cpu_new_epoch_of(c, false);
    cpu_new_epoch_of(c, true);
}

/* What follows from CPL, EFLAGS.AC, the code segment's limit and c->mode. */
static ALWAYS_INLINE void open_ways(struct cpu *c)
{
    if (UNLIKELY(c->fpu.quick))
        x87_settle(c); /* CS and others may be new */
    c->tlb_set = c->cpl == 3 ? TLB_USER : (c->cr4 & CR4_SMAP) && (c->eflags & FL_AC) ? TLB_SUPER_AC : TLB_SUPER;
    c->tlb = c->tlb_sets[c->tlb_set];
    if (c->cs_limit_seen != c->seg[CS].limit) { /* what the jump cache holds was checked against the old limit */
        c->cs_limit_seen = c->seg[CS].limit;
        cpu_new_epoch(c);
    }
    cpu_set_jump_tag(c);
    if (UNLIKELY(c->probe))
        watch_mode(c);
}

void cpu_update_level(struct cpu *c)
{
    c->mode = (c->mode & ~MODE_OF_LEVEL) | level_bits(c);
    open_ways(c);
}

void cpu_update_mode(struct cpu *c)
{
    u32 m = mode_bits(c);
    bool l64 = (m & MODE_64) != 0;
    c->mode = m;
    c->canonical_shift = (c->cr4 & CR4_LA57) && in_long(c) ? CANONICAL_57 : CANONICAL_48;
    c->ip_mask = l64 ? UINT64_MAX : 0xffffffffu; /* 16-bit code does not wrap: it runs into its limit */
    c->sp_mask = l64 ? UINT64_MAX : (m & MODE_SS32) ? 0xffffffffu : 0xffff;
    c->jump_base = l64 ? 0 : c->seg[CS].base << 32;
    open_ways(c);
}

void cpu_set_eflags(struct cpu *c, u32 value, u32 mask)
{
    u32 f = (flags_get(c) & ~mask) | (value & mask) | FL_ONE;
    flags_set_arith(c, f);
    u32 changed = (c->eflags ^ f) & (FL_TF | FL_RF | FL_VM | FL_AC | FL_IOPL);
    c->eflags = f & ~FL_ARITH;
    if (changed & FL_VM)
        cpu_update_mode(c);
    else if (changed)
        cpu_update_level(c);
}
