/* e820.c: the memory map that int 15h/E820h gives, kept sorted, without overlaps, in the F segment. */
#include "post.h"

struct range {
    u64 start, end;
    u32 type;
};

static struct range map[E820_MAX];
static unsigned ranges;

static void insert(unsigned at, u64 start, u64 end, u32 type)
{
    if (start >= end || ranges == E820_MAX)
        return;
    memmove(&map[at + 1], &map[at], (ranges - at) * sizeof *map);
    map[at] = (struct range){ start, end, type };
    ranges++;
}

/* Cuts start…end out of what is there. Returns where a range that begins at `start` belongs. */
static unsigned cut(u64 start, u64 end)
{
    unsigned i = 0;
    while (i < ranges && map[i].end <= start)
        i++;
    if (i < ranges && map[i].start < start) {
        struct range r = map[i];
        map[i].end = start;
        insert(++i, start, r.end, r.type);
    }
    while (i < ranges && map[i].end <= end) {
        memmove(&map[i], &map[i + 1], (ranges - i - 1) * sizeof *map);
        ranges--;
    }
    if (i < ranges && map[i].start < end)
        map[i].start = end;
    return i;
}

static void merge(void)
{
    for (unsigned i = 0; i + 1 < ranges;) {
        if (map[i].end == map[i + 1].start && map[i].type == map[i + 1].type) {
            map[i].end = map[i + 1].end;
            memmove(&map[i + 1], &map[i + 2], (ranges - i - 2) * sizeof *map);
            ranges--;
        } else {
            i++;
        }
    }
}

static void publish(void)
{
    for (unsigned i = 0; i < ranges; i++) {
        u64 length = map[i].end - map[i].start;
        FSEG->e820[i] = (struct e820){ (u32)map[i].start, (u32)(map[i].start >> 32), (u32)length, (u32)(length >> 32),
                                       map[i].type };
    }
    FSEG->e820_entries = ranges;
}

void e820_add(u64 base, u64 length, u32 type)
{
    if (!length)
        return;
    unsigned at = cut(base, base + length);
    if (type)
        insert(at, base, base + length, type);
    merge();
    publish();
}
