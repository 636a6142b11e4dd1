/* ops_protect.c: descriptor-table registers and the instructions that look at descriptors: LGDT ... STR, LAR, LSL,
 * VERR, VERW, ARPL (SDM vol. 2); SMAP's CLAC and STAC. */
#include "far.h"

/* ---- GDTR, IDTR ---- */

static bool umip_forbids(const struct cpu *c)
{
    return (c->cr4 & CR4_UMIP) && c->cpl > 0;
}

static const struct uop *store_table(struct cpu *c, const struct uop *u, const struct desc_table *t)
{
    u8 image[10];
    if (umip_forbids(c))
        RAISE(EXC_GP, 0);
    put_le16(image, t->limit);
    put_le64(image + 2, t->base);
    TRY(store(c, u, image, in_64(c) ? 10 : 6));
    NEXT;
}

static const struct uop *load_table(struct cpu *c, const struct uop *u, struct desc_table *t)
{
    u8 image[10] = { 0 };
    TRY(load(c, u, image, in_64(c) ? 10 : 6));
    u64 base = get_le64(image + 2);
    if (in_64(c) && !is_canonical_base(c, base))
        RAISE(EXC_GP, 0);
    if (!in_64(c) && u_size(u) == 1)
        base &= 0xffffff; /* the 286's 24 bits */
    t->limit = get_le16(image);
    t->base = base;
    END_BLOCK;
}

EXEC(sgdt)
{
    return store_table(c, u, &c->gdt);
}
EXEC(sidt)
{
    return store_table(c, u, &c->idt);
}
EXEC(lgdt)
{
    return load_table(c, u, &c->gdt);
}
EXEC(lidt)
{
    return load_table(c, u, &c->idt);
}

/* ---- LDTR, TR ---- */

static const struct uop *store_selector(struct cpu *c, const struct uop *u, u16 sel)
{
    if (umip_forbids(c))
        RAISE(EXC_GP, 0);
    TRY(store_dst(c, u, u_mem(u) ? 1 : u_size(u), sel));
    NEXT;
}

EXEC(sldt)
{
    return store_selector(c, u, c->seg[LDTR].sel);
}
EXEC(str)
{
    return store_selector(c, u, c->seg[TR].sel);
}

EXEC(lldt)
{
    u64 sel;
    TRY(load_dst(c, u, 1, &sel));
    TRY(seg_load_ldtr(c, (u16)sel));
    END_BLOCK;
}

EXEC(ltr)
{
    u64 sel;
    TRY(load_dst(c, u, 1, &sel));
    TRY(seg_load_tr(c, (u16)sel));
    END_BLOCK;
}

/* ---- looking at descriptors ---- */

static void set_zf(struct cpu *c, bool on)
{
    c->fl = (u16)((c->fl & ~HF_ZF) | (on ? HF_ZF : 0));
}

/* The descriptor that `sel` names. False: none, ZF becomes 0; a page fault shows in was_refused(). */
static bool look_up(struct cpu *c, u16 sel, u64 *raw)
{
    u64 desc[2];
    if (sel_null(sel) || !desc_read(c, sel, desc, false, 0))
        return false;
    *raw = desc[0];
    return true;
}

static bool is_visible(const struct cpu *c, u16 sel, u32 attr)
{
    unsigned dpl = DESC_GET_DPL(attr);
    return desc_is_conforming(attr) || (dpl >= c->cpl && dpl >= sel_rpl(sel));
}

/* System types that LAR and LSL accept (SDM vol. 2, tables 3-53 and 3-58): bit n for type n. */
#define LAR_TYPES                                                                                                      \
    (BIT(SYS_TSS16) | BIT(SYS_LDT) | BIT(SYS_TSS16_BUSY) | BIT(SYS_CALL16) | BIT(SYS_TASK_GATE) | LAR_TYPES_LONG)
#define LAR_TYPES_LONG (BIT(SYS_LDT) | BIT(SYS_TSS32) | BIT(SYS_TSS32_BUSY) | BIT(SYS_CALL32))
#define LSL_TYPES (BIT(SYS_TSS16) | BIT(SYS_LDT) | BIT(SYS_TSS16_BUSY) | LSL_TYPES_LONG)
#define LSL_TYPES_LONG (BIT(SYS_LDT) | BIT(SYS_TSS32) | BIT(SYS_TSS32_BUSY))

static bool type_in(u32 attr, u32 types)
{
    return (attr & DESC_S) || (types & BIT(DESC_TYPE(attr)));
}

/* For LAR and LSL: the descriptor when the program may see it. */
static bool look_visible(struct cpu *c, u16 sel, u32 types, u64 *raw)
{
    return look_up(c, sel, raw) && type_in(desc_attr(*raw), types) && is_visible(c, sel, desc_attr(*raw));
}

/* The bits of the limit that stand among the rights come along (undefined in the SDM). */
#define LAR_MASK 0x00ffff00u

EXEC(lar)
{
    u64 sel, raw = 0;
    TRY(load_src(c, u, 1, &sel));
    bool found = look_visible(c, (u16)sel, in_long(c) ? LAR_TYPES_LONG : LAR_TYPES, &raw);
    if (was_refused(c))
        LEAVE;
    set_zf(c, found);
    if (found)
        put_reg(c, u->dst, u_size(u), desc_attr(raw) & LAR_MASK);
    NEXT;
}

EXEC(lsl)
{
    u64 sel, raw = 0;
    struct seg s;
    TRY(load_src(c, u, 1, &sel));
    bool found = look_visible(c, (u16)sel, in_long(c) ? LSL_TYPES_LONG : LSL_TYPES, &raw);
    if (was_refused(c))
        LEAVE;
    set_zf(c, found);
    if (found) {
        desc_to_seg(&s, (u16)sel, raw);
        put_reg(c, u->dst, u_size(u), s.limit);
    }
    NEXT;
}

static const struct uop *verify(struct cpu *c, const struct uop *u, bool write)
{
    u64 sel, raw = 0;
    TRY(load_dst(c, u, 1, &sel));
    bool found = look_up(c, (u16)sel, &raw);
    if (was_refused(c))
        LEAVE;
    u32 attr = desc_attr(raw);
    bool code = (attr & DESC_CODE) != 0, rw = (attr & DESC_RW) != 0;
    bool right = write ? !code && rw : !code || rw;
    set_zf(c, found && (attr & DESC_S) && right && is_visible(c, (u16)sel, attr));
    NEXT;
}

EXEC(verr)
{
    return verify(c, u, false);
}
EXEC(verw)
{
    return verify(c, u, true);
}

EXEC(arpl)
{
    u64 v;
    u16 rpl = get16(c, u->src) & SEL_RPL;
    TRY(load_dst(c, u, 1, &v));
    bool raise = (v & SEL_RPL) < rpl;
    if (raise) /* memory that needs no change need not be writable */
        TRY(store_dst(c, u, 1, (v & ~(u64)SEL_RPL) | rpl));
    set_zf(c, raise);
    NEXT;
}

/* ---- SMAP ---- */

static const struct uop *set_ac(struct cpu *c, const struct uop *u, u32 value)
{
    if (c->cpl > 0)
        RAISE(EXC_UD, 0);
    cpu_set_eflags(c, value, FL_AC);
    END_BLOCK;
}

EXEC(clac)
{
    return set_ac(c, u, 0);
}
EXEC(stac)
{
    return set_ac(c, u, FL_AC);
}
