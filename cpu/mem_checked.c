/* mem_checked.c: memory operands of the checked forms of hot handlers (fast.h), numbers that come and go in registers:
 * first the ways that most of them take, then those of mem_access.c. */
#include "fast.h"

u64 ea_offset(struct cpu *c, const struct uop *u)
{
    u64 ea = get64(c, u->base) + (get64(c, u->index) << (u->scale & 3)) + (u64)(s64)u->disp;
    if (UNLIKELY(u->scale & ~3u)) /* what the fields of a uop can't hold, see decode.c */
        ea = (u->scale & SCALE_MOFFS) ? u->imm : ea + u_end(u);
    switch (u_asize(u)) {
    case 0:
        return (u16)ea;
    case 1:
        return (u32)ea;
    default:
        return ea;
    }
}

/* The most common case of a checked operand: 64-bit mode, FS or GS. A TLB hit makes every check that is left: an
 * address that is not canonical is in no entry, and alignment is not checked here (MODE_AC goes the other way). */
static u64 lin_64(struct cpu *c, const struct uop *u)
{
    unsigned seg = u_seg(u);
    return ea_offset(c, u) + (seg >= FS ? c->seg[seg].base : 0);
}

static bool plain_64(const struct cpu *c)
{
    return (c->mode & (MODE_64 | MODE_AC)) == MODE_64;
}

static bool plain_legacy(const struct cpu *c)
{
    return !(c->mode & (MODE_64 | MODE_AC));
}

/* Where the operand of a checked form is when it hits in the TLB; NULL: look closer. */
static void *plain_r(struct cpu *c, const struct uop *u, unsigned bytes)
{
    if (LIKELY(plain_64(c)))
        return tlb_host_r(c, lin_64(c, u), bytes);
    return plain_legacy(c) ? seg_host_r(c, u_seg(u), ea_offset(c, u), bytes) : NULL;
}
static void *host_w(struct cpu *c, u64 linear, unsigned bytes)
{
    void *p = tlb_host_w(c, linear, bytes);
    return LIKELY(p != NULL) ? p : mem_beside_code(c, linear, bytes);
}
static void *legacy_w(struct cpu *c, unsigned seg, u64 offset, unsigned bytes)
{
    const struct seg *s = &c->seg[seg];
    return LIKELY(offset + bytes <= s->write_end) ? host_w(c, (u32)(s->base + offset), bytes) : NULL;
}
static void *plain_w(struct cpu *c, const struct uop *u, unsigned bytes)
{
    if (LIKELY(plain_64(c)))
        return host_w(c, lin_64(c, u), bytes);
    return plain_legacy(c) ? legacy_w(c, u_seg(u), ea_offset(c, u), bytes) : NULL;
}

struct loaded mem_load_gen(struct cpu *c, const struct uop *u, unsigned bytes)
{
    struct loaded r = { 0, true };
    const void *p = plain_r(c, u, bytes);
    if (LIKELY(p != NULL)) {
        r.value = get_bytes(p, bytes);
        return r;
    }
    r.ok = load(c, u, &r.value, bytes);
    return r;
}

bool mem_store_gen(struct cpu *c, const struct uop *u, u64 value, unsigned bytes)
{
    void *p = plain_w(c, u, bytes);
    if (LIKELY(p != NULL)) {
        put_bytes(p, value, bytes);
        return true;
    }
    return store(c, u, &value, bytes);
}

struct loaded mem_load_rmw(struct cpu *c, const struct uop *u, unsigned bytes)
{
    struct loaded r = { 0, true };
    c->rmw_host = plain_w(c, u, bytes);
    if (LIKELY(c->rmw_host != NULL))
        r.value = get_bytes(c->rmw_host, bytes);
    else
        r.ok = load_rmw(c, u, &r.value, bytes, &c->rmw_lin);
    return r;
}

void mem_store_rmw(struct cpu *c, u64 value, unsigned bytes)
{
    if (LIKELY(c->rmw_host != NULL))
        put_bytes(c->rmw_host, value, bytes);
    else
        (void)lin_write(c, c->rmw_lin, &value, bytes);
}

struct loaded mem_load_stack(struct cpu *c, s64 delta, unsigned bytes)
{
    struct loaded r = { 0, false };
    if (LIKELY(plain_legacy(c))) {
        const void *p = stack_host_r(c, STACK_SEG, stack_offset(c, STACK_SEG, delta), bytes);
        if (LIKELY(p != NULL)) {
            r.value = get_bytes(p, bytes);
            r.ok = true;
            return r;
        }
    }
    r.ok = stack_read(c, delta, &r.value, bytes);
    return r;
}

bool mem_store_stack(struct cpu *c, s64 delta, u64 value, unsigned bytes)
{
    if (LIKELY(plain_legacy(c))) {
        void *p = legacy_w(c, SS, stack_offset(c, STACK_SEG, delta), bytes);
        if (LIKELY(p != NULL)) {
            put_bytes(p, value, bytes);
            return true;
        }
    }
    return stack_write(c, delta, &value, bytes);
}

bool mem_probe_stack(struct cpu *c, s64 delta, unsigned bytes)
{
    u64 lin;
    if (LIKELY(plain_legacy(c)) && stack_host_w(c, STACK_SEG, stack_offset(c, STACK_SEG, delta), bytes))
        return true;
    return seg_aligned(c, SS, stack_offset(c, STACK_SEG, delta), bytes, true, &lin) && lin_probe(c, lin, bytes, true);
}
