/* ops_string.c: MOVS CMPS STOS LODS SCAS, with and without REP (those without by a shorter way: ops_string_one.c).
 *
 * A repeated instruction works in passes. One pass does as many iterations as fit before the count is used up or one of
 * its pointers leaves its 4 KiB page, 4096 at most; then, when there is more to do, the instruction is entered again. A
 * pass counts as one instruction. Where a pass ends depends on registers only, never on what is cached, so time stays a
 * function of the guest's own history. Within a pass plain memory is worked on directly; anything else goes element by
 * element. */
#include "alu.h"
#include "fast.h"
#include "mmu.h"
#include "rows.h"
#include "string_op.h"

#define PASS_MAX 4096

struct string {
    unsigned size, bytes; /* of an element: log2, bytes */
    s64 step;             /* +bytes or -bytes, by DF */
    u64 mask;             /* of offsets, by address size */
    bool rep;             /* F3 or F2 */
    bool uses_si, uses_di;
    bool di_write;
    u64 src_lin, dst_lin; /* of the first element of this pass */
    u64 n;                /* iterations in this pass */
};

static u64 si(const struct cpu *c, const struct string *s)
{
    return c->r[RSI] & s->mask;
}
static u64 di(const struct cpu *c, const struct string *s)
{
    return c->r[RDI] & s->mask;
}
static u64 count(const struct cpu *c, const struct string *s)
{
    return c->r[RCX] & s->mask;
}

static void advance(struct cpu *c, const struct uop *u, const struct string *s, u64 n)
{
    s64 delta = s->step * (s64)n;
    unsigned width = u_asize(u) + 1;
    bool moves =
        n || s->di_write; /* without an iteration only REP MOVS and STOS cut their pointers to the address size */
    if (s->uses_si && moves)
        put_reg(c, REG_OFFSET(RSI), width, c->r[RSI] + (u64)delta);
    if (s->uses_di && moves)
        put_reg(c, REG_OFFSET(RDI), width, c->r[RDI] + (u64)delta);
    if (s->rep)
        put_reg(c, REG_OFFSET(RCX), width, c->r[RCX] - n);
}

/* Elements that lie wholly in the page of linear address `lin`, going in the direction of `step`; 1 when the first
 * already crosses. */
static u64 in_page(u64 lin, const struct string *s)
{
    u64 off = lin & (PAGE_SIZE - 1);
    if (off + s->bytes > PAGE_SIZE)
        return 1;
    return s->step > 0 ? (PAGE_SIZE - off) / s->bytes : off / s->bytes + 1;
}

/* Elements before the offset wraps around its address size. */
static u64 before_wrap(u64 off, const struct string *s)
{
    u64 room = s->step > 0 ? (s->mask - off) / s->bytes : off / s->bytes;
    return room ? room : 1;
}

static u64 at_most(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* The linear address of the element at `offset`; false when a segment check fails. */
static bool place(struct cpu *c, unsigned seg, u64 offset, const struct string *s, bool write, u64 *lin)
{
    return seg_aligned(c, seg, offset, s->bytes, write, lin);
}

/* The segment base decides the page: taken without a check, which is made when an element is touched. */
static u64 linear_unchecked(const struct cpu *c, unsigned seg, u64 offset)
{
    if (in_64(c))
        return offset + (seg >= FS ? c->seg[seg].base : 0);
    return (u32)(c->seg[seg].base + offset);
}

static struct string begin(const struct cpu *c, const struct uop *u, bool uses_si, bool uses_di, bool di_write)
{
    static const u64 masks[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    struct string s = { .size = u_size(u), .bytes = u_bytes(u), .mask = masks[u_asize(u)] };
    s.step = (c->eflags & FL_DF) ? -(s64)s.bytes : (s64)s.bytes;
    s.rep = (u->flags & (UF_REPZ | UF_REPNZ)) != 0;
    s.uses_si = uses_si;
    s.uses_di = uses_di;
    s.di_write = di_write;
    bool watched = (c->eflags & FL_TF) || (c->dr7 & 0xff); /* traps come between iterations */
    s.n = s.rep ? at_most(count(c, &s), watched ? 1 : PASS_MAX) : 1;
    if (uses_si) {
        s.src_lin = linear_unchecked(c, u_seg(u), si(c, &s));
        s.n = at_most(s.n, at_most(in_page(s.src_lin, &s), before_wrap(si(c, &s), &s)));
    }
    if (uses_di) {
        s.dst_lin = linear_unchecked(c, ES, di(c, &s));
        s.n = at_most(s.n, at_most(in_page(s.dst_lin, &s), before_wrap(di(c, &s), &s)));
    }
    return s;
}

/* Host address of the pass's elements at `lin`, or NULL unless they all lie in one page of plain memory and within the
 * segment. The lowest address comes back, whichever the direction. */
static u8 *plain(struct cpu *c, unsigned seg, u64 offset, u64 lin, const struct string *s, bool write)
{
    u64 span = s->n * s->bytes, back = s->step < 0 ? span - s->bytes : 0;
    u64 checked;
    if (!s->n || (lin & (PAGE_SIZE - 1)) + s->bytes > PAGE_SIZE || (c->mode & MODE_AC))
        return NULL;
    if (!seg_linear(c, seg, offset - back, (unsigned)span, write, &checked)) {
        c->exc.valid = false; /* element by element, then, up to the one that faults */
        return NULL;
    }
    return write ? tlb_host_w(c, lin - back, (unsigned)span) : tlb_host_r(c, lin - back, (unsigned)span);
}

/* The TLB entry may not be there yet: one probe brings it in, when the page is plain. */
static u8 *plain_or_probe(struct cpu *c, unsigned seg, u64 offset, u64 lin, const struct string *s, bool write)
{
    u8 *p = plain(c, seg, offset, lin, s, write);
    if (p || s->n < 2)
        return p;
    struct tlb_entry *e = mmu_lookup(c, lin, (enum tlb_set)c->tlb_set, write);
    if (!e) {
        c->exc.valid = false;
        return NULL;
    }
    if (write)
        mmu_touch(c, e);
    return plain(c, seg, offset, lin, s, write);
}

static bool is_finished(const struct cpu *c, const struct string *s, bool more)
{
    return !s->rep || !more || count(c, s) == 0;
}

/* After a pass: on to the next instruction, or the same again. */
static const struct uop *end_pass(struct cpu *c, const struct uop *u, const struct string *s, bool more)
{
    if (is_finished(c, s, more))
        return u + 1;
    c->rip = ip_of(c, u);
    c->budget += u_block(u)->n - u->ord - 1;
    return cpu_enter(c);
}

/* The instruction faults, or is to be made exact, after `done` iterations, whose effect stays. */
static const struct uop *stop_pass(struct cpu *c, const struct uop *u, const struct string *s, u64 done)
{
    if (done ||
        s->rep) /* silicon cuts the registers to the address size then, but not those of a single MOVS that faults */
        advance(c, u, s, done);
    LEAVE;
}

/* A repeated store may have hit the instruction itself: what it has become is fetched before the next iteration. */
static bool overwritten(const struct uop *u)
{
    return UNLIKELY(u_block(u)->dead);
}

/* ---- MOVS ---- */

static void copy_elements(u8 *d, const u8 *src, const struct string *s)
{
    u64 bytes = s->n * s->bytes;
    if (d + bytes <= src || src + bytes <= d) {
        memcpy(d, src, bytes);
        return;
    }
    for (u64 i = 0; i < s->n; i++) { /* overlapping: what was just written may be read again */
        u64 at = (s->step > 0 ? i : s->n - 1 - i) * s->bytes;
        u64 v = get_bytes(src + at, s->bytes);
        put_bytes(d + at, v, s->bytes);
    }
}

const struct uop *string_movs(struct cpu *c, const struct uop *u)
{
    struct string s = begin(c, u, true, true, true);
    u8 *from = plain_or_probe(c, u_seg(u), si(c, &s), s.src_lin, &s, false);
    u8 *to = from && s.n ? plain_or_probe(c, ES, di(c, &s), s.dst_lin, &s, true) : NULL;
    if (from && to) {
        from = plain(c, u_seg(u), si(c, &s), s.src_lin, &s,
                     false); /* the second probe may have replaced the first entry */
    }
    if (from && to) {
        copy_elements(to, from, &s);
        advance(c, u, &s, s.n);
        return end_pass(c, u, &s, true);
    }
    for (u64 i = 0; i < s.n; i++) {
        u64 a, b, v = 0, delta = (u64)(s.step * (s64)i);
        if (!place(c, u_seg(u), (si(c, &s) + delta) & s.mask, &s, false, &a) || !lin_read(c, a, &v, s.bytes) ||
            !place(c, ES, (di(c, &s) + delta) & s.mask, &s, true, &b) || !lin_write(c, b, &v, s.bytes))
            return stop_pass(c, u, &s, i);
        if (overwritten(u))
            s.n = i + 1;
    }
    advance(c, u, &s, s.n);
    return end_pass(c, u, &s, true);
}

/* ---- STOS ---- */

static void fill_elements(u8 *d, u64 v, const struct string *s)
{
    if (s->bytes == 1) {
        memset(d, (int)(v & 0xff), s->n);
        return;
    }
    for (u64 i = 0; i < s->n; i++)
        put_bytes(d + i * s->bytes, v, s->bytes);
}

const struct uop *string_stos(struct cpu *c, const struct uop *u)
{
    struct string s = begin(c, u, false, true, true);
    u8 *to = s.n ? plain_or_probe(c, ES, di(c, &s), s.dst_lin, &s, true) : NULL;
    if (to) {
        fill_elements(to, c->r[RAX], &s);
        advance(c, u, &s, s.n);
        return end_pass(c, u, &s, true);
    }
    for (u64 i = 0; i < s.n; i++) {
        u64 lin;
        if (!place(c, ES, (di(c, &s) + (u64)(s.step * (s64)i)) & s.mask, &s, true, &lin) ||
            !lin_write(c, lin, &c->r[RAX], s.bytes))
            return stop_pass(c, u, &s, i);
        if (overwritten(u))
            s.n = i + 1;
    }
    advance(c, u, &s, s.n);
    return end_pass(c, u, &s, true);
}

/* ---- LODS ---- */

const struct uop *string_lods(struct cpu *c, const struct uop *u)
{
    struct string s = begin(c, u, true, false, false);
    for (u64 i = 0; i < s.n; i++) {
        u64 lin, v = 0;
        if (!place(c, u_seg(u), (si(c, &s) + (u64)(s.step * (s64)i)) & s.mask, &s, false, &lin) ||
            !lin_read(c, lin, &v, s.bytes))
            return stop_pass(c, u, &s, i);
        put_reg(c, REG_OFFSET(RAX), s.size, v);
    }
    advance(c, u, &s, s.n);
    return end_pass(c, u, &s, true);
}

/* ---- CMPS, SCAS: REPE goes on while equal, REPNE while not. The flags change only when the instruction ends: a fault
 * or a trap between iterations finds those from before it (SDM vol. 2, REP). ---- */

static void compare(struct cpu *c, u64 a, u64 b, unsigned size)
{
    switch (size) {
    case 0:
        alu_cmp_8(c, (u8)a, (u8)b);
        break;
    case 1:
        alu_cmp_16(c, (u16)a, (u16)b);
        break;
    case 2:
        alu_cmp_32(c, (u32)a, (u32)b);
        break;
    default:
        alu_cmp_64(c, a, b);
        break;
    }
}

static bool goes_on(const struct uop *u, u64 a, u64 b, unsigned bytes)
{
    bool equal = low_bytes(a, bytes) == low_bytes(b, bytes);
    return (u->flags & UF_REPZ) ? equal : !equal;
}

static bool load_element(struct cpu *c, unsigned seg, u64 offset, const struct string *s, u64 *v)
{
    u64 lin;
    *v = 0;
    if (!place(c, seg, offset & s->mask, s, false, &lin))
        return false;
    const void *p = tlb_host_r(c, lin, s->bytes);
    if (UNLIKELY(!p))
        return lin_read(c, lin, v, s->bytes);
    *v = get_bytes(p, s->bytes);
    return true;
}

const struct uop *string_cmps(struct cpu *c, const struct uop *u)
{
    struct string s = begin(c, u, true, true, false);
    u64 a = 0, b = 0, i = 0;
    bool more = true;
    while (i < s.n && more) {
        u64 delta = (u64)(s.step * (s64)i), x, y;
        if (!load_element(c, ES, di(c, &s) + delta, &s, &y) || !load_element(c, u_seg(u), si(c, &s) + delta, &s, &x))
            return stop_pass(c, u, &s, i);
        a = x;
        b = y;
        i++;
        more = goes_on(u, a, b, s.bytes);
    }
    advance(c, u, &s, i);
    if (i && is_finished(c, &s, more))
        compare(c, a, b, s.size);
    return end_pass(c, u, &s, more);
}

const struct uop *string_scas(struct cpu *c, const struct uop *u)
{
    struct string s = begin(c, u, false, true, false);
    u64 b = 0, i = 0;
    bool more = true;
    while (i < s.n && more) {
        u64 y;
        if (!load_element(c, ES, di(c, &s) + (u64)(s.step * (s64)i), &s, &y))
            return stop_pass(c, u, &s, i);
        b = y;
        i++;
        more = goes_on(u, c->r[RAX], b, s.bytes);
    }
    advance(c, u, &s, i);
    if (i && is_finished(c, &s, more))
        compare(c, c->r[RAX], b, s.size);
    return end_pass(c, u, &s, more);
}
