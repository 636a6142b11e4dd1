/* cmd_paging.c: info mem, info tlb: what the page tables say. */
#include "commands.h"

#include <inttypes.h>

/* Lines of one listing: a table that shows itself has no end. */
#define LINES_MAX (BIT(20))

#define ENTRY_PWT BIT64(3)
#define ENTRY_PCD BIT64(4)
#define ENTRY_A BIT64(5)
#define ENTRY_D BIT64(6)
#define ENTRY_G BIT64(8)
#define ENTRY_NX BIT64(63)
#define ENTRY_ADDR_50 (BIT64(50) - PAGE_SIZE)

struct listing {
    FILE *out;
    unsigned bits; /* of a linear address */
    bool wide;     /* entries of 8 bytes in long mode */
    u32 lines;
    /* info mem: the run of pages with equal rights; no rights: none */
    u64 start, end, rights;
};

static u64 canonical(const struct listing *l, u64 linear)
{
    return l->bits == 32 ? linear : (u64)((s64)(linear << (64 - l->bits)) >> (64 - l->bits));
}

/* ---- info tlb ---- */

static bool print_entry(void *self, const struct debug_mapping *map)
{
    struct listing *l = self;
    u64 e = map->entry, frame = l->wide ? ENTRY_ADDR_50 & ~(map->size - 1) : ~(map->size - 1);
    bool large = map->size != PAGE_SIZE; /* in a table of 4 KiB pages bit 7 is PAT */
    fprintf(l->out, "%016" PRIx64 ": %016" PRIx64 " %c%c%c%c%c%c%c%c%c\n", canonical(l, map->linear), e & frame,
            e & ENTRY_NX ? 'X' : '-', e & ENTRY_G ? 'G' : '-', large && e & DEBUG_ENTRY_PS ? 'P' : '-',
            e & ENTRY_D ? 'D' : '-', e & ENTRY_A ? 'A' : '-', e & ENTRY_PCD ? 'C' : '-', e & ENTRY_PWT ? 'T' : '-',
            e & DEBUG_ENTRY_U ? 'U' : '-', e & DEBUG_ENTRY_W ? 'W' : '-');
    return ++l->lines < LINES_MAX;
}

/* ---- info mem ---- */

static void print_run(struct listing *l)
{
    if (l->rights) {
        fprintf(l->out, "%016" PRIx64 "-%016" PRIx64 " %016" PRIx64 " %cr%c\n", canonical(l, l->start),
                canonical(l, l->end), canonical(l, l->end - l->start), l->rights & DEBUG_ENTRY_U ? 'u' : '-',
                l->rights & DEBUG_ENTRY_W ? 'w' : '-');
        l->lines++;
    }
    l->rights = 0;
}

static bool add_page(void *self, const struct debug_mapping *map)
{
    struct listing *l = self;
    u64 rights = map->rights & (DEBUG_ENTRY_P | DEBUG_ENTRY_W | DEBUG_ENTRY_U);
    if (l->rights != rights || l->end != map->linear) {
        print_run(l);
        l->start = map->linear;
        l->rights = rights;
    }
    l->end = map->linear + map->size;
    return l->lines < LINES_MAX;
}

static void list(struct monitor *m, bool (*each)(void *self, const struct debug_mapping *map))
{
    enum debug_paging paging = debug_paging(m->control->machine, m->cpu);
    struct listing l = { .out = m->out, .wide = paging >= DEBUG_PAGING_4_LEVELS };
    l.bits = paging == DEBUG_PAGING_5_LEVELS ? 57 : l.wide ? 48 : 32;
    if (paging == DEBUG_PAGING_OFF) {
        fputs("PG disabled\n", m->out);
        return;
    }
    bool all = debug_mappings(m->control->machine, m->cpu, each, &l);
    print_run(&l);
    if (!all)
        fputs("There is more; pcemu does not list tables without end.\n", m->out);
}

void info_mem(struct monitor *m, const struct args *a)
{
    (void)a;
    list(m, add_page);
}

void info_tlb(struct monitor *m, const struct args *a)
{
    (void)a;
    list(m, print_entry);
}
