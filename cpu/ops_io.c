/* ops_io.c: IN, OUT, INS, OUTS (SDM vol. 2; permission: vol. 1, 19.5). Rows end their block, so that a device sees
 * exact time. */
#include "far.h"
#include "watch.h"

#define TSS_IOMAP_AT 0x66u /* word: where the I/O permission bitmap begins */
#define TSS_LIMIT_MIN 0x67u

/* The bits of `bytes` ports from `port` on, in the TSS's bitmap. Two bytes are read, as the processor does: both must
 * lie in the limit. */
static bool bitmap_allows(struct cpu *c, u16 port, unsigned bytes)
{
    const struct seg *tr = &c->seg[TR];
    u16 map = 0, bits = 0;
    bool usable = (tr->attr & DESC_P) && (DESC_TYPE(tr->attr) & 8) && tr->limit >= TSS_LIMIT_MIN;
    if (!usable)
        return cpu_fault(c, EXC_GP, 0);
    if (!sys_read(c, system_linear(c, tr->base, TSS_IOMAP_AT), &map, 2))
        return false;
    u32 at = map + port / 8u;
    if (at + 1 > tr->limit)
        return cpu_fault(c, EXC_GP, 0);
    if (!sys_read(c, system_linear(c, tr->base, at), &bits, 2))
        return false;
    return ((unsigned)bits >> (port & 7)) & ((1u << bytes) - 1) ? cpu_fault(c, EXC_GP, 0) : true;
}

bool io_allowed(struct cpu *c, u16 port, unsigned bytes)
{
    if (LIKELY(in_real(c) || (!in_vm86(c) && c->cpl <= cpu_iopl(c))))
        return true;
    return bitmap_allows(c, port, bytes);
}

static u64 port_read(struct cpu *c, u16 port, unsigned bytes)
{
    debug_check_io(c, port, bytes);
    u64 value = space_read(c->w.io, port, bytes);
    if (UNLIKELY(c->probe))
        watch_bus(c, PROBE_PORT, port, value, bytes, false);
    return value;
}

static void port_write(struct cpu *c, u16 port, u64 value, unsigned bytes)
{
    debug_check_io(c, port, bytes);
    if (UNLIKELY(c->probe))
        watch_bus(c, PROBE_PORT, port, value, bytes, true);
    space_write(c->w.io, port, low_bytes(value, bytes), bytes);
}

/* There are no 64-bit ports: REX.W has no effect. */
static unsigned io_size(const struct uop *u)
{
    return u_size(u) == 3 ? 2 : u_size(u);
}

static const struct uop *in(struct cpu *c, const struct uop *u, u16 port)
{
    unsigned size = io_size(u);
    TRY(io_allowed(c, port, 1u << size));
    put_reg(c, REG_OFFSET(RAX), size, port_read(c, port, 1u << size));
    END_BLOCK;
}

static const struct uop *out(struct cpu *c, const struct uop *u, u16 port)
{
    unsigned size = io_size(u);
    TRY(io_allowed(c, port, 1u << size));
    port_write(c, port, get_reg(c, REG_OFFSET(RAX), size), 1u << size);
    END_BLOCK;
}

EXEC(in_imm)
{
    return in(c, u, (u8)u->imm);
}
EXEC(in_dx)
{
    return in(c, u, get16(c, REG_OFFSET(RDX)));
}
EXEC(out_imm)
{
    return out(c, u, (u8)u->imm);
}
EXEC(out_dx)
{
    return out(c, u, get16(c, REG_OFFSET(RDX)));
}

/* ---- INS, OUTS ---- */

/* Events that end a pass when an iteration raises them: something may have to happen before the next one. Those that
 * come from outside the machine (EV_STOP) must not, or history would depend on them. */
#define PASS_ENDERS (EV_INTR | EV_NMI | EV_SMI | EV_INIT | EV_TLB | EV_DEBUG)

/* One pass of a string instruction: elements that lie in one page. It counts as one instruction. */
struct pass {
    unsigned pointer; /* RSI or RDI */
    unsigned seg, bytes;
    u16 port;
    bool backward, is_repeated;
    u64 mask;  /* of pointer and count: the address size */
    u64 count; /* iterations left to the instruction */
    u64 offset;
};

static struct pass pass_of(struct cpu *c, const struct uop *u, unsigned pointer, unsigned seg)
{
    static const u64 masks[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    struct pass p = { .pointer = pointer, .seg = seg, .bytes = 1u << io_size(u), .port = get16(c, REG_OFFSET(RDX)) };
    p.mask = masks[u_asize(u)];
    p.is_repeated = (u->flags & (UF_REPZ | UF_REPNZ)) != 0;
    p.count = p.is_repeated ? c->r[RCX] & p.mask : 1;
    p.backward = (c->eflags & FL_DF) != 0;
    p.offset = c->r[pointer] & p.mask;
    return p;
}

static u64 put_masked(u64 old, u64 v, u64 mask)
{
    return mask == 0xffff ? (old & ~mask) | (v & mask) : v & mask; /* 32 bits: the upper half becomes 0 */
}

/* Takes `done` iterations into the registers. */
static void advance(struct cpu *c, const struct pass *p, u64 done)
{
    u64 span = done * p->bytes;
    c->r[p->pointer] = put_masked(c->r[p->pointer], p->backward ? p->offset - span : p->offset + span, p->mask);
    if (p->is_repeated)
        c->r[RCX] = put_masked(c->r[RCX], p->count - done, p->mask);
}

/* How many elements from offset/linear on lie in this page and do not wrap. */
static unsigned elements_here(const struct pass *p, u64 linear)
{
    u64 room = p->backward ? 1 : (PAGE_SIZE - (linear & (PAGE_SIZE - 1))) / p->bytes;
    u64 unwrapped = p->mask == UINT64_MAX ? room : (p->mask - p->offset + 1) / p->bytes;
    u64 n = p->count < room ? p->count : room;
    n = n < unwrapped ? n : unwrapped;
    return (unsigned)(n ? n : 1);
}

/* The linear address of as many elements as can be had at once, *n of them; one, with its fault, where more cannot. */
static bool locate(struct cpu *c, const struct pass *p, bool write, u64 *linear, unsigned *n)
{
    if (!seg_linear(c, p->seg, p->offset, p->bytes, write, linear))
        return false;
    bool watched = (c->dr7 & DR7_ENABLES) || (c->eflags & FL_TF); /* traps come between iterations */
    *n = watched ? 1 : elements_here(p, *linear);
    if (*n > 1 && seg_linear(c, p->seg, p->offset, *n * p->bytes, write, linear))
        return lin_probe(c, *linear, *n * p->bytes, write);
    c->exc.valid = false;
    *n = 1;
    return lin_probe(c, *linear, p->bytes, write);
}

/* Leaves rip at the instruction while iterations remain. */
static const struct uop *end_pass(struct cpu *c, const struct uop *u, const struct pass *p, u64 done)
{
    advance(c, p, done);
    if (done == p->count)
        END_BLOCK;
    c->rip = ip_of(c, u);
    JUMP_TO_RIP;
}

EXEC(ins)
{
    struct pass p = pass_of(c, u, RDI, ES);
    u8 buffer[PAGE_SIZE];
    u64 linear;
    unsigned n, done = 0;
    u32 before = c->events;
    TRY(io_allowed(c, p.port, p.bytes)); /* even for no iteration at all */
    if (!p.count)
        END_BLOCK;
    TRY(locate(c, &p, true, &linear, &n));
    while (done < n) {
        u64 v = port_read(c, p.port, p.bytes);
        memcpy(buffer + done++ * p.bytes, &v, p.bytes);
        if (c->events & ~before & PASS_ENDERS)
            break;
    }
    (void)lin_write(c, linear, buffer, done * p.bytes); /* probed */
    return end_pass(c, u, &p, done);
}

EXEC(outs)
{
    struct pass p = pass_of(c, u, RSI, u_seg(u));
    u8 buffer[PAGE_SIZE];
    u64 linear;
    unsigned n, done = 0;
    u32 before = c->events;
    TRY(io_allowed(c, p.port, p.bytes)); /* even for no iteration at all */
    if (!p.count)
        END_BLOCK;
    TRY(locate(c, &p, false, &linear, &n));
    TRY(lin_read(c, linear, buffer, n * p.bytes));
    while (done < n) {
        u64 v = 0;
        memcpy(&v, buffer + done++ * p.bytes, p.bytes);
        port_write(c, p.port, v, p.bytes);
        if (c->events & ~before & PASS_ENDERS)
            break;
    }
    return end_pass(c, u, &p, done);
}
