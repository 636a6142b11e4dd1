/* gate64.c: interrupts and exceptions that meet 64-bit code, and IRETQ between 64-bit code, where nothing is in the way
 * (SDM vol. 3, 6.14; vol. 2, IRET): gate, descriptors, TSS and stack frame in memory that the TLB knows, the frame in
 * one page, code segments of the GDT that are not conforming and marked accessed, nobody watching. They check before
 * they change anything; all else is done by fault.c and ret.c, whose results these must match. */
#include "far.h"
#include "fast.h"

#define GATE_BYTES 16u
#define VALUE_BYTES 8u
#define FRAME_VALUES 5u /* RIP, CS, RFLAGS, RSP, SS */
#define IRETQ_BYTES (FRAME_VALUES * VALUE_BYTES)
#define TSS_RSP0 4u
#define TSS_IST1 36u

/* What of a descriptor's second doubleword must be how. */
#define CODE64_LOOKS (DESC_P | DESC_S | DESC_CODE | DESC_EC | DESC_A | DESC_L | DESC_DB)
#define CODE64_IS (DESC_P | DESC_S | DESC_CODE | DESC_A | DESC_L)
#define STACK_LOOKS (DESC_P | DESC_S | DESC_CODE | DESC_RW | DESC_A)
#define STACK_IS (DESC_P | DESC_S | DESC_RW | DESC_A)
#define GATE_LOOKS (DESC_P | DESC_S | (SYS_TRAP32 & ~1u) << 8) /* bit 0 of the type: interrupt or trap gate */
#define GATE_IS (DESC_P | SYS_INT32 << 8)

static ALWAYS_INLINE const u8 *system_r(const struct cpu *c, u64 linear, unsigned bytes)
{
    return tlb_set_host(c, TLB_SUPER, linear, bytes, false);
}

/* The descriptor of a selector of the GDT; 0, which is none that is present: not plainly there. */
static ALWAYS_INLINE u64 gdt_entry(const struct cpu *c, u16 sel)
{
    u32 offset = sel & 0xfff8u;
    if (sel_null(sel) || (sel & SEL_TI) || offset + 7 > c->gdt.limit)
        return 0;
    const u8 *p = system_r(c, c->gdt.base + offset, 8);
    return p ? get_le64(p) : 0;
}

static ALWAYS_INLINE bool is_code_64(u64 raw)
{
    return (desc_attr(raw) & CODE64_LOOKS) == CODE64_IS;
}

static ALWAYS_INLINE unsigned dpl_of(u64 raw)
{
    return DESC_GET_DPL(desc_attr(raw));
}

static ALWAYS_INLINE void set_code(struct cpu *c, u16 sel, u64 raw, unsigned cpl, u64 ip)
{
    desc_to_seg(&c->seg[CS], (u16)((sel & ~SEL_RPL) | cpl), raw);
    c->cpl = (u8)cpl;
    c->rip = ip;
}

/* ---- in ---- */

/* The gate's two quadwords; false: none of 64-bit mode that this event may take. */
static ALWAYS_INLINE bool read_gate(const struct cpu *c, const struct event *e, u64 gate[2])
{
    u32 offset = e->vector * GATE_BYTES;
    if (offset + GATE_BYTES - 1 > c->idt.limit)
        return false;
    const u8 *p = system_r(c, c->idt.base + offset, GATE_BYTES);
    if (UNLIKELY(!p))
        return false;
    gate[0] = get_le64(p);
    gate[1] = get_le64(p + 8);
    return (desc_attr(gate[0]) & GATE_LOOKS) == GATE_IS && !(is_soft(e->source) && dpl_of(gate[0]) < c->cpl);
}

/* The stack pointer of the handler of level `dpl`; false: not plainly. */
static ALWAYS_INLINE bool handler_stack(const struct cpu *c, unsigned dpl, unsigned ist, u64 *sp)
{
    const struct seg *tr = &c->seg[TR];
    u32 offset = ist ? TSS_IST1 + (ist - 1) * 8 : TSS_RSP0 + dpl * 8;
    *sp = c->r[RSP];
    if (!ist && dpl == c->cpl)
        return true;
    const u8 *p = offset + 7 <= tr->limit ? system_r(c, tr->base + offset, 8) : NULL;
    *sp = p ? get_le64(p) : 0;
    return p != NULL;
}

/* Pushes the frame below `sp`; false: its place is not one stretch of plain memory. */
static ALWAYS_INLINE bool push_frame(struct cpu *c, const struct event *e, u64 sp, unsigned set)
{
    unsigned bytes = (FRAME_VALUES + e->has_error) * VALUE_BYTES;
    u8 *p = tlb_set_host(c, set, sp - bytes, bytes, true);
    if (UNLIKELY(!p))
        return false;
    if (e->has_error) {
        put_le64(p, e->error);
        p += VALUE_BYTES;
    }
    put_le64(p, c->rip);
    put_le64(p + 8, c->seg[CS].sel);
    put_le64(p + 16, e->flags);
    put_le64(p + 24, c->r[RSP]);
    put_le64(p + 32, c->seg[SS].sel);
    c->r[RSP] = sp - bytes;
    return true;
}

bool gate64_deliver(struct cpu *c, const struct event *e)
{
    u64 gate[2], sp;
    if (UNLIKELY(!in_64(c) || c->probe || !read_gate(c, e, gate)))
        return false;
    u32 attr = desc_attr(gate[0]);
    u64 offset = (gate[0] & 0xffff) | (attr & 0xffff0000u) | gate[1] << 32;
    u16 sel = (u16)(gate[0] >> 16);
    u64 raw = gdt_entry(c, sel);
    unsigned cpl = dpl_of(raw);
    if (!is_code_64(raw) || cpl > c->cpl || !is_canonical(c, offset) || !handler_stack(c, cpl, attr & 7, &sp))
        return false;
    bool inner = cpl < c->cpl, is_trap_gate = (attr & 1u << 8) != 0;
    if (!push_frame(c, e, sp & ~(u64)15, inner ? TLB_SUPER : c->tlb_set))
        return false;
    if (inner)
        seg_set_null_stack(&c->seg[SS], cpl);
    c->eflags &= ~(FL_TF | FL_VM | FL_RF | FL_NT | (is_trap_gate ? 0 : FL_IF));
    flags_set_arith(c, e->flags); /* the same flags, without what the host left beside them */
    set_code(c, sel, raw, cpl, offset);
    cpu_update_level(c);
    return true;
}

/* ---- out ---- */

/* SS of the return to level `rpl`; false: not plainly one. */
static ALWAYS_INLINE bool return_stack(const struct cpu *c, u16 sel, unsigned rpl, struct seg *ss)
{
    if (sel_null(sel)) {
        seg_set_null_stack(ss, rpl);
        ss->sel = sel;
        return rpl != 3;
    }
    u64 raw = gdt_entry(c, sel);
    desc_to_seg(ss, sel, raw);
    return sel_rpl(sel) == rpl && dpl_of(raw) == rpl && (desc_attr(raw) & STACK_LOOKS) == STACK_IS;
}

bool gate64_iretq(struct cpu *c)
{
    if (UNLIKELY(!in_64(c) || c->probe || (c->mode & MODE_AC) || (c->eflags & FL_NT)))
        return false;
    const u8 *p = tlb_host_r(c, c->r[RSP], IRETQ_BYTES);
    if (UNLIKELY(!p))
        return false;
    struct seg ss;
    u64 ip = get_le64(p), sp = get_le64(p + 24);
    u16 sel = get_le16(p + 8);
    u32 flags = get_le32(p + 16), mask = iret_flags(c, 3);
    u64 raw = gdt_entry(c, sel);
    unsigned rpl = sel_rpl(sel);
    if (!is_code_64(raw) || dpl_of(raw) != rpl || rpl < c->cpl || !is_canonical(c, ip) ||
        !return_stack(c, get_le16(p + 32), rpl, &ss))
        return false;
    bool was_inner = rpl > c->cpl;
    c->seg[SS] = ss;
    c->r[RSP] = sp;
    set_code(c, sel, raw, rpl, ip);
    if (was_inner)
        seg_drop_inner(c);
    c->eflags = ((c->eflags & ~mask) | (flags & mask & ~FL_ARITH)) | FL_ONE;
    flags_set_arith(c, flags);
    cpu_update_level(c);
    return true;
}
