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

/* JMP EXIT_AT; outside 64-bit mode with the selector of 64-bit code. */
static unsigned exit_jump(const struct program *p, u8 *out)
{
    unsigned n = 0;
    if (p->mode == CODE64) {
        out[n++] = 0xe9;
        put_le32(out + n, EXIT_AT - (p->at + p->len + 5));
        return n + 4;
    }
    if (p->mode == CODE16)
        out[n++] = 0x66;
    out[n++] = 0xea;
    put_le32(out + n, EXIT_AT);
    put_le16(out + n + 4, USER_CS64);
    return n + 6;
}

/* The last byte that code of this segment can be fetched from. */
static u32 last_code_byte(u16 cs)
{
    u32 last = MEM_CODE + MEM_CODE_SIZE - 1, index = cs >> 3;
    if (!(cs & 4) || index >= LDT_COUNT)
        return last;
    u32 limit = ldt_segments[index].base + ldt_segments[index].limit;
    return limit < last ? limit : last;
}

void program_image(const struct program *p, u16 cs, u8 code[MEM_CODE_SIZE])
{
    u8 way_out[8];
    u32 at = p->at - MEM_CODE, room = MEM_CODE_SIZE - at;
    unsigned n = exit_jump(p, way_out);
    memset(code, PAD_BYTE, MEM_CODE_SIZE);
    memcpy(code + at, p->bytes, p->len < room ? p->len : room);
    if (p->at + p->len + n - 1 <= last_code_byte(cs))
        memcpy(code + at + p->len, way_out, n);
}
