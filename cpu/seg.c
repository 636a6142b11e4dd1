/* seg.c: segment registers and descriptors (SDM vol. 3, chapter 3 and 5.2-5.7; loading rules: vol. 2, MOV, LLDT, LTR).
 * Descriptors live in the GDT and LDT; a load copies them, checked, to the hidden part of the register. */
#include "far.h"

#define ATTR_FLAT (DESC_P | DESC_S | DESC_RW | DESC_A | DESC_G)
#define RAW_BUSY BIT64(41) /* the busy bit of a TSS descriptor's type */

/* Expand-down segments are left to the full check. */
static void derive_ends(struct seg *s)
{
    u64 end = s->lo ? 0 : (u64)s->hi + 1;
    s->read_end = (s->perm & SEG_R) ? end : 0;
    s->write_end = (s->perm & SEG_W) ? end : 0;
}

static void derive_bounds(struct seg *s)
{
    u32 attr = s->attr;
    bool usable = (attr & (DESC_P | DESC_S)) == (DESC_P | DESC_S), code = (attr & DESC_CODE) != 0;
    bool rw = (attr & DESC_RW) != 0;
    s->perm = (u8)(!usable ? 0 : code ? (rw ? SEG_R : 0) : (rw ? SEG_R | SEG_W : SEG_R));
    s->lo = 0;
    s->hi = s->limit;
    if (code || !(attr & DESC_EC))
        return;
    /* Expand-down: what lies above the limit (SDM vol. 3, 5.3). */
    bool none = s->limit == 0xffffffff;
    s->lo = none ? 0xffffffff : s->limit + 1;
    s->hi = none ? 0 : (attr & DESC_DB) ? 0xffffffff : 0xffff;
}

static ALWAYS_INLINE void derive(struct seg *s)
{
    derive_bounds(s);
    derive_ends(s);
}

void seg_derive(struct seg *s, bool is_code)
{
    (void)is_code; /* in real mode CS is a data segment: the type alone decides */
    derive(s);
}

void seg_set_real(struct cpu *c, unsigned seg, u16 sel)
{
    struct seg *s = &c->seg[seg];
    s->sel = sel;
    s->base = (u64)sel << 4;
    if (in_vm86(c)) {
        s->limit = 0xffff;
        s->attr = ATTR_VM86;
    }
    /* Real mode leaves limit and type as they are, which is what "unreal mode" lives on; only a null segment of
     * protected mode becomes usable again. */
    s->attr |= DESC_P | DESC_S;
    seg_derive(s, seg == CS);
}

void desc_to_seg(struct seg *s, u16 sel, u64 raw)
{
    u32 attr = desc_attr(raw), limit = (u32)(raw & 0xffff) | (attr & 0xf0000);
    s->sel = sel;
    s->base = ((raw >> 16) & 0xffffff) | (attr & 0xff000000);
    s->limit = attr & DESC_G ? (limit << 12) | 0xfff : limit;
    s->attr = attr & DESC_ATTR_MASK;
    derive(s);
}

bool desc_locate(const struct cpu *c, u16 sel, unsigned bytes, u64 *linear)
{
    const struct seg *ldt = &c->seg[LDTR];
    bool local = (sel & SEL_TI) != 0;
    if (local && !(ldt->attr & DESC_P))
        return false;
    u64 base = local ? ldt->base : c->gdt.base, limit = local ? ldt->limit : c->gdt.limit;
    u32 offset = sel & 0xfff8u;
    if ((u64)offset + bytes - 1 > limit)
        return false;
    *linear = system_linear(c, base, offset);
    return true;
}

bool desc_read_ext(struct cpu *c, u16 sel, u64 raw[2], bool wide, unsigned vector, u32 ext)
{
    u64 linear;
    unsigned bytes = wide ? 16 : 8;
    raw[0] = raw[1] = 0;
    if (!desc_locate(c, sel, bytes, &linear))
        return vector ? cpu_fault(c, vector, sel_error(sel, ext)) : false;
    return sys_read(c, linear, raw, bytes);
}

bool desc_read(struct cpu *c, u16 sel, u64 raw[2], bool wide, unsigned vector)
{
    return desc_read_ext(c, sel, raw, wide, vector, 0);
}

/* Writes the descriptor's second doubleword, where type and accessed bit are. */
static bool desc_write_attr(struct cpu *c, u16 sel, u64 raw)
{
    u64 linear;
    u32 high = desc_attr(raw);
    return desc_locate(c, sel, 8, &linear) && sys_write(c, linear + 4, &high, 4);
}

bool desc_mark_accessed(struct cpu *c, u16 sel, u64 *raw)
{
    if (desc_attr(*raw) & DESC_A)
        return true;
    u64 accessed = *raw | (u64)DESC_A << 32;
    if (!desc_write_attr(c, sel, accessed))
        return false;
    *raw = accessed;
    return true;
}

bool desc_mark_busy(struct cpu *c, u16 sel, bool busy)
{
    u64 raw[2];
    if (!desc_read(c, sel, raw, false, EXC_GP))
        return false;
    return desc_write_attr(c, sel, busy ? raw[0] | RAW_BUSY : raw[0] & ~RAW_BUSY);
}

void seg_set_null(struct seg *s, u16 sel)
{
    s->sel = sel;
    s->attr = 0;
    seg_derive(s, false);
}

void seg_set_null_stack(struct seg *s, unsigned cpl)
{
    *s = (struct seg){ .sel = (u16)cpl, .limit = 0xffffffff, .attr = cpl << DESC_DPL_SHIFT };
    seg_derive(s, false);
}

bool seg_check_stack(struct cpu *c, u16 sel, unsigned cpl, unsigned vector, u32 ext, u64 *raw)
{
    u64 desc[2];
    if (sel_null(sel))
        return cpu_fault(c, vector, ext);
    if (!desc_read_ext(c, sel, desc, false, vector, ext))
        return false;
    u32 attr = desc_attr(desc[0]);
    if (sel_rpl(sel) != cpl || !desc_is_writable_data(attr) || DESC_GET_DPL(attr) != cpl)
        return cpu_fault(c, vector, sel_error(sel, ext));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_SS, sel_error(sel, ext));
    if (!desc_mark_accessed(c, sel, &desc[0]))
        return false;
    *raw = desc[0];
    return true;
}

bool seg_check_data(struct cpu *c, u16 sel, unsigned vector, u32 ext, u64 *raw)
{
    u64 desc[2];
    if (!desc_read_ext(c, sel, desc, false, vector, ext))
        return false;
    u32 attr = desc_attr(desc[0]);
    unsigned dpl = DESC_GET_DPL(attr);
    bool readable = (attr & DESC_S) && (!(attr & DESC_CODE) || (attr & DESC_RW));
    bool too_private = !desc_is_conforming(attr) && (dpl < c->cpl || dpl < sel_rpl(sel));
    if (!readable || too_private)
        return cpu_fault(c, vector, sel_error(sel, ext));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, ext));
    if (!desc_mark_accessed(c, sel, &desc[0]))
        return false;
    *raw = desc[0];
    return true;
}

/* SS may be null in 64-bit mode below level 3 (SDM vol. 2, MOV). */
static bool load_stack(struct cpu *c, u16 sel)
{
    u64 raw;
    if (sel_null(sel) && in_64(c) && c->cpl < 3 && sel_rpl(sel) == c->cpl) {
        seg_set_null_stack(&c->seg[SS], c->cpl);
        return true;
    }
    if (!seg_check_stack(c, sel, c->cpl, EXC_GP, 0, &raw))
        return false;
    desc_to_seg(&c->seg[SS], sel, raw);
    return true;
}

static bool load_data(struct cpu *c, unsigned seg, u16 sel)
{
    u64 raw;
    if (sel_null(sel)) {
        c->seg[seg].base = 0;
        seg_set_null(&c->seg[seg], sel);
        return true;
    }
    if (!seg_check_data(c, sel, EXC_GP, 0, &raw))
        return false;
    desc_to_seg(&c->seg[seg], sel, raw);
    return true;
}

bool seg_load(struct cpu *c, unsigned seg, u16 sel)
{
    if (seg_only_moves(c, &c->seg[seg])) {
        seg_move(&c->seg[seg], sel);
        return true;
    }
    if (is_paragraph_mode(c))
        seg_set_real(c, seg, sel);
    else if (!(seg == SS ? load_stack(c, sel) : load_data(c, seg, sel)))
        return false;
    cpu_update_mode(c);
    return true;
}

/* LDTR and TR: in long mode their descriptors are 16 bytes, the upper type field must be 0 and the base canonical. */
static bool read_system(struct cpu *c, u16 sel, u64 raw[2])
{
    bool wide = in_long(c);
    if (sel & SEL_TI)
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    return desc_read(c, sel, raw, wide, EXC_GP);
}

static bool load_system(struct cpu *c, unsigned seg, u16 sel, const u64 raw[2])
{
    struct seg s;
    memset(&s, 0, sizeof s);
    desc_to_seg(&s, sel, raw[0]);
    s.base |= raw[1] << 32;
    if (in_long(c) && (((raw[1] >> 40) & 0x1f) != 0 || !is_canonical_base(c, s.base)))
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    if (!(s.attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, 0));
    if (seg == TR) {
        if (!desc_mark_busy(c, sel, true))
            return false;
        s.attr |= (u32)(RAW_BUSY >> 32);
    }
    c->seg[seg] = s;
    return true;
}

bool seg_load_ldtr(struct cpu *c, u16 sel)
{
    u64 raw[2];
    if (sel_null(sel)) {
        seg_set_null(&c->seg[LDTR], sel);
        return true;
    }
    if (!read_system(c, sel, raw))
        return false;
    u32 attr = desc_attr(raw[0]);
    if ((attr & DESC_S) || DESC_TYPE(attr) != SYS_LDT)
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    return load_system(c, LDTR, sel, raw);
}

bool seg_load_tr(struct cpu *c, u16 sel)
{
    u64 raw[2];
    if (sel_null(sel))
        return cpu_fault(c, EXC_GP, 0);
    if (!read_system(c, sel, raw))
        return false;
    u32 attr = desc_attr(raw[0]);
    bool is_tss = DESC_TYPE(attr) == SYS_TSS32 || (DESC_TYPE(attr) == SYS_TSS16 && !in_long(c));
    if ((attr & DESC_S) || !is_tss)
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    return load_system(c, TR, sel, raw);
}

void seg_set_cs(struct cpu *c, u16 sel, u64 raw, unsigned cpl)
{
    desc_to_seg(&c->seg[CS], (u16)((sel & ~SEL_RPL) | cpl), raw);
    c->cpl = (u8)cpl;
    cpu_update_mode(c);
}

static void set_flat(struct seg *s, u16 sel, u32 attr)
{
    *s = (struct seg){ .sel = sel, .limit = 0xffffffff, .attr = ATTR_FLAT | attr };
    seg_derive(s, false);
}

void seg_set_flat_code(struct cpu *c, u16 sel, unsigned cpl, bool is_64)
{
    set_flat(&c->seg[CS], sel, DESC_CODE | (cpl << DESC_DPL_SHIFT) | (is_64 ? DESC_L : DESC_DB));
    c->cpl = (u8)cpl;
}

void seg_set_flat_stack(struct cpu *c, u16 sel, unsigned cpl)
{
    set_flat(&c->seg[SS], sel, (cpl << DESC_DPL_SHIFT) | DESC_DB);
}

void seg_drop_inner(struct cpu *c)
{
    static const u8 data[] = { ES, DS, FS, GS };
    for (unsigned i = 0; i < ARRAY_LEN(data); i++) {
        struct seg *s = &c->seg[data[i]];
        /* A null selector stays: in long mode its base may be in use (FS, GS). */
        if (!sel_null(s->sel) && !desc_is_conforming(s->attr) && DESC_GET_DPL(s->attr) < c->cpl)
            seg_set_null(s, 0);
    }
}

bool code_check_ip(struct cpu *c, u64 raw, u64 ip, u32 ext)
{
    struct seg s;
    if (in_long(c) && (desc_attr(raw) & DESC_L))
        return is_canonical(c, ip) ? true : cpu_fault(c, EXC_GP, ext);
    desc_to_seg(&s, 0, raw);
    return ip <= s.limit ? true : cpu_fault(c, EXC_GP, ext);
}
