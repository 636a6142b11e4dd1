#include "state.h"

/* The 16-bit code segments put the code pages at offset 0, and so that offset FFFF is their last byte. */
const struct ldt_segment ldt_segments[LDT_COUNT] = {
    [LDT_CODE16] = { .base = MEM_CODE, .limit = 0xffff, .code = true },
    [LDT_CODE16_END] = { .base = MEM_CODE + MEM_CODE_SIZE - 0x10000, .limit = 0xffff, .code = true },
    [LDT_CODE32] = { .base = MEM_CODE - 0x123, .limit = 0x1500, .code = true, .big = true },
    [LDT_DATA32] = { .limit = 0xfffff, .in_pages = true, .big = true },
    [LDT_BASED] = { .base = MEM_DATA - 0x100, .limit = 0x1800, .big = true },
    [LDT_STACK16] = { .base = MEM_DATA - 0x200, .limit = 0xffff },
    [LDT_DOWN32] = { .base = MEM_DATA - 0x10000, .limit = 0x107ff, .down = true, .big = true },
    [LDT_DOWN16] = { .base = MEM_DATA - 0x4000, .limit = 0x47ff, .down = true },
    [LDT_READ_ONLY] = { .base = MEM_DATA, .limit = 0x1fff, .read_only = true },
    [LDT_EXECUTE_ONLY] = { .base = MEM_CODE, .limit = 0xffff, .code = true, .read_only = true },
    [LDT_ABSENT] = { .base = MEM_DATA, .limit = 0xffff, .absent = true },
};

u32 sel_base(u16 sel)
{
    unsigned index = sel >> 3;
    return (sel & 4) && index < LDT_COUNT ? ldt_segments[index].base : 0;
}

int program_index(const struct program *p, u64 linear)
{
    for (unsigned i = 0; i < p->n; i++)
        if (linear == p->at + p->start[i])
            return (int)i;
    return -1;
}
