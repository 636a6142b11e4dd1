/* debug.c: debug registers (SDM vol. 3, chapter 17): instruction, data and I/O breakpoints. Single step is the run
 * loop's; DR7.GD is MOV DR's. Task-switch traps come from task.c. Not modelled: branch records, single step on
 * branches. */
#include "far.h"

enum { RW_EXECUTE, RW_WRITE, RW_IO, RW_ACCESS };

struct watch {
    bool enabled;
    unsigned rw;
    u64 first, last;
};

/* Breakpoint n as DR7 has it. LEN: 1, 2, 8 or 4 bytes; the address is aligned to it. */
static struct watch watch_of(const struct cpu *c, unsigned n)
{
    static const u8 bytes[4] = { 1, 2, 8, 4 };
    unsigned field = (unsigned)(c->dr7 >> (16 + 4 * n)) & 15;
    u64 span = bytes[field >> 2] - 1u, first = c->dr[n] & ~span;
    return (struct watch){ (c->dr7 >> (2 * n) & 3) != 0, field & 3, first, first + span };
}

static bool overlaps(const struct watch *w, u64 first, unsigned bytes)
{
    return first <= w->last && w->first <= first + bytes - 1;
}

/* Breakpoints whose conditions are met. One that is not enabled takes no trap, but where another does, DR6 shows it,
 * too (SDM vol. 3, 17.2.3). */
struct hits {
    u32 met;
    bool enabled;
};

static void note(struct hits *h, const struct watch *w, unsigned n)
{
    h->met |= BIT(n);
    h->enabled |= w->enabled;
}

static void trap_on(struct cpu *c, const struct hits *h)
{
    if (!h->enabled)
        return;
    c->dr6_pending |= h->met;
    c->events |= EV_DEBUG;
}

void debug_check_data(struct cpu *c, u64 linear, unsigned bytes, bool write)
{
    struct hits h = { 0 };
    for (unsigned n = 0; n < 4; n++) {
        struct watch w = watch_of(c, n);
        if ((w.rw == RW_ACCESS || (w.rw == RW_WRITE && write)) && overlaps(&w, linear, bytes))
            note(&h, &w, n);
    }
    trap_on(c, &h);
}

void debug_check_io(struct cpu *c, u16 port, unsigned bytes)
{
    if (LIKELY(!(c->dr7 & DR7_ENABLES)) || !(c->cr4 & CR4_DE))
        return;
    struct hits h = { 0 };
    for (unsigned n = 0; n < 4; n++) {
        struct watch w = watch_of(c, n);
        if (w.rw == RW_IO && overlaps(&w, port, bytes))
            note(&h, &w, n);
    }
    trap_on(c, &h);
}

bool debug_page_watched(const struct cpu *c, u64 linear_page)
{
    if (LIKELY(!(c->dr7 & DR7_ENABLES)))
        return false;
    for (unsigned n = 0; n < 4; n++) {
        struct watch w = watch_of(c, n);
        bool is_data = w.rw == RW_WRITE || w.rw == RW_ACCESS;
        if (w.enabled && is_data && (w.first & PAGE_MASK) == (linear_page & PAGE_MASK))
            return true;
    }
    return false;
}

u32 debug_fetch_hits(const struct cpu *c, u64 linear)
{
    struct hits h = { 0 };
    if (!in_long(c))
        linear = (u32)linear;
    for (unsigned n = 0; n < 4; n++) {
        struct watch w = watch_of(c, n);
        if (w.rw == RW_EXECUTE && c->dr[n] == linear)
            note(&h, &w, n);
    }
    return h.enabled ? h.met : 0;
}

bool debug_check_fetch(struct cpu *c, u64 linear)
{
    return UNLIKELY(c->dr7 & DR7_ENABLES) && debug_fetch_hits(c, linear) != 0;
}

void debug_dr7_changed(struct cpu *c)
{
    tlb_flush_all(c); /* entries know which pages are watched */
    cpu_update_mode(c);
}
