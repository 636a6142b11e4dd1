/* points.c: break- and watchpoints: each is a probe. */
#include "gdbstub.h"

#include "probe.h"

#include <stdlib.h>

static const char *const names[POINT_KINDS] = { [POINT_SOFTWARE] = "swbreak",
                                                [POINT_HARDWARE] = "hwbreak",
                                                [POINT_WRITE] = "watch",
                                                [POINT_READ] = "rwatch",
                                                [POINT_ACCESS] = "awatch" };

static bool is_break(unsigned kind)
{
    return kind == POINT_SOFTWARE || kind == POINT_HARDWARE;
}

/* GDB takes a stop at a breakpoint for a late one, and goes on, when its pc is not the breakpoint's address: so it is
 * not told where the code segment has a base that it doesn't know. */
static bool is_said(const struct point *p, const struct probe_event *e)
{
    const struct gdbstub *g = p->stub;
    if (!is_break(p->kind))
        return true;
    return (p->kind == POINT_SOFTWARE ? g->swbreak : g->hwbreak) && (g->arch == LAYOUT_I8086 || e->rip == e->linear);
}

static enum probe_answer hit(void *point, const struct probe_event *e)
{
    const struct point *p = point;
    struct gdbstub *g = p->stub;
    g->stop = (struct gdb_stop){ GDB_SIGNAL_TRAP, e->cpu, is_said(p, e) ? names[p->kind] : NULL, e->addr };
    return PROBE_STOP;
}

static u32 kinds_of(enum point_kind kind)
{
    switch (kind) {
    case POINT_WRITE:
        return BIT(PROBE_WRITE);
    case POINT_READ:
        return BIT(PROBE_READ);
    case POINT_ACCESS:
        return BIT(PROBE_READ) | BIT(PROBE_WRITE);
    default:
        return BIT(PROBE_EXEC);
    }
}

static bool arm(struct point *p)
{
    struct probe probe = { .kinds = kinds_of(p->kind),
                           .space = p->stub->physical ? DEBUG_PHYSICAL : DEBUG_LINEAR,
                           .first = p->addr,
                           .last = is_break(p->kind) ? p->addr : p->addr + p->len - 1,
                           .cpu = -1,
                           .event = hit,
                           .self = p };
    p->probe = machine_probe_add(p->stub->control->machine, &probe);
    return p->probe >= 0;
}

static unsigned find(const struct gdbstub *g, enum point_kind kind, u64 addr, u64 len)
{
    unsigned i = 0;
    while (i < g->points &&
           !(g->point[i]->kind == kind && g->point[i]->addr == addr && (is_break(kind) || g->point[i]->len == len)))
        i++;
    return i;
}

bool points_add(struct gdbstub *g, enum point_kind kind, u64 addr, u64 len)
{
    if (find(g, kind, addr, len) < g->points)
        return true; /* GDB may repeat itself */
    struct point *p = g->points < POINTS_MAX ? malloc(sizeof *p) : NULL;
    if (!p)
        return false;
    *p = (struct point){ g, addr, len ? len : 1, (u8)kind, -1 };
    if (p->len - 1 > UINT64_MAX - addr || !arm(p)) {
        free(p);
        return false;
    }
    g->point[g->points++] = p;
    return true;
}

static void drop(struct gdbstub *g, unsigned i)
{
    machine_probe_remove(g->control->machine, g->point[i]->probe);
    free(g->point[i]);
    g->point[i] = g->point[--g->points];
}

bool points_remove(struct gdbstub *g, enum point_kind kind, u64 addr, u64 len)
{
    unsigned i = find(g, kind, addr, len);
    if (i == g->points)
        return false;
    drop(g, i);
    return true;
}

void points_clear(struct gdbstub *g)
{
    while (g->points)
        drop(g, g->points - 1);
}
