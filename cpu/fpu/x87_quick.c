/* x87_quick.c: coming and going of the x87 environment in which instructions take their quick ways (x87_quick.h). */
#include "x87_quick.h"

#if X87_HOST

static void load_host_cw(struct cpu *c, u16 cw)
{
    c->x87.host_cw = cw;
    __asm__ volatile("fldcw %0" : : "m"(c->x87.host_cw));
}

/* Underflow must be masked: unmasked, exact results raise it, too. */
static bool is_quick_cw(u16 cw)
{
    return (cw & X87_UE) != 0;
}

static bool may_enter(const struct cpu *c)
{
    u32 flat = MODE_FLAT | MODE_PE;
    return !(c->fpu.sw & FSW_ES) && is_quick_cw(c->fpu.cw) && (c->mode & (flat | MODE_VM)) == flat;
}

static void take_cw(struct cpu *c)
{
    c->x87.unknown = FSW_EXCEPTIONS & ~x87_known(c);
    load_host_cw(c, c->fpu.cw | FCW_MASKS);
}

static void enter(struct cpu *c)
{
    struct x87_env *e = &c->x87;
    e->valid = c->fpu.valid;
    e->c1 = c->fpu.sw;
    e->insn = e->operand = 0;
    e->ip_mask = c->ip_mask;
    for (unsigned i = 0; i < SEG_COUNT; i++)
        e->sel[i] = c->seg[i].sel;
    take_cw(c);
    c->fpu.quick = true;
}

const struct uop *x87_quick_enter(struct cpu *c, const struct uop *u, exec_fn *checked)
{
    if (c->fpu.quick || !may_enter(c))
        return checked(c, u);
    enter(c);
    return u;
}

bool x87_quick_set_cw(struct cpu *c, u16 cw)
{
    bool ferr = !(c->cr0 & CR0_NE) && c->w.ferr; /* to be let go: fpu_set_cw() does that */
    if (!c->fpu.quick || ferr || !is_quick_cw(cw) || (c->fpu.sw & ~cw & FSW_EXCEPTIONS))
        return false;
    c->fpu.cw = (u16)((cw & FCW_WRITABLE) | FCW_ONE);
    c->fpu.ignne = false;
    take_cw(c);
    return true;
}

static unsigned place_off(u32 place)
{
    return (place & 0xffff) >> 4;
}
static unsigned place_seg(u32 place)
{
    return (place >> 16) & 7;
}

void x87_settle(struct cpu *c)
{
    struct x87_env *e = &c->x87;
    struct fpu *f = &c->fpu;
    if (!f->quick)
        return;
    f->quick = false;
    f->valid = e->valid;
    e->valid = 0;
    f->sw = (u16)((f->sw & ~X87_C1) | (e->c1 & X87_C1));
    if (e->insn) {
        f->fip = (e->page + place_off(e->insn)) & e->ip_mask;
        f->fcs = e->sel[CS];
    }
    if (e->operand) {
        f->fdp = e->fdp;
        f->fds = e->sel[place_seg(e->operand)];
    }
    load_host_cw(c, X87_HOME_CW);
}

#else

bool x87_quick_set_cw(struct cpu *c, u16 cw)
{
    (void)c;
    (void)cw;
    return false;
}

void x87_settle(struct cpu *c)
{
    (void)c;
}

#endif
