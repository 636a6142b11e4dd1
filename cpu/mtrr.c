/* mtrr.c: memory type range registers and the page attribute table (SDM vol. 3, 11.11 and 11.12). Held and checked
 * only. */
#include "ctrl.h"
#include "msr.h"

enum { MEM_UC = 0, MEM_WC = 1, MEM_WT = 4, MEM_WP = 5, MEM_WB = 6, MEM_UC_MINUS = 7 };
#define FIXED_DRAM_BITS 0x18u /* AMD: RdMem and WrMem in each byte, while SYSCFG shows them */

static bool mtrr_type_ok(u64 type)
{
    return type == MEM_UC || type == MEM_WC || type == MEM_WT || type == MEM_WP || type == MEM_WB;
}

static bool all_bytes(u64 v, bool (*ok)(u64 byte))
{
    for (unsigned i = 0; i < 8; i++)
        if (!ok((v >> (8 * i)) & 0xff))
            return false;
    return true;
}

static bool pat_type_ok(u64 type)
{
    return mtrr_type_ok(type) || type == MEM_UC_MINUS;
}

/* Index of a fixed-range register, or -1. */
static int fixed_index(u32 msr)
{
    if (msr == MSR_MTRR_FIX64K)
        return 0;
    if (msr == MSR_MTRR_FIX16K || msr == MSR_MTRR_FIX16K + 1)
        return (int)(1 + msr - MSR_MTRR_FIX16K);
    if (msr >= MSR_MTRR_FIX4K && msr < MSR_MTRR_FIX4K + 8)
        return (int)(3 + msr - MSR_MTRR_FIX4K);
    return -1;
}

static u64 dram_bits(const struct cpu *c)
{
    return c->msr.syscfg & SYSCFG_FIX_DRAM_MOD_EN ? FIXED_DRAM_BITS * 0x0101010101010101u : 0;
}

static bool is_variable(u32 msr)
{
    return msr >= MSR_MTRR_BASE0 && msr < MSR_MTRR_BASE0 + 2 * MTRR_VARIABLE;
}

bool mtrr_read(struct cpu *c, u32 msr, u64 *value)
{
    int fixed = fixed_index(msr);
    if (fixed >= 0) {
        *value = c->msr.mtrr_fixed[fixed] & ~(FIXED_DRAM_BITS * 0x0101010101010101u & ~dram_bits(c));
        return true;
    }
    if (is_variable(msr)) {
        unsigned n = (msr - MSR_MTRR_BASE0) / 2;
        *value = msr & 1 ? c->msr.mtrr_mask[n] : c->msr.mtrr_base[n];
        return true;
    }
    switch (msr) {
    case MSR_MTRR_CAP:
        *value = MTRR_VARIABLE | MTRR_CAP_FIX | MTRR_CAP_WC;
        return true;
    case MSR_MTRR_DEF_TYPE:
        *value = c->msr.mtrr_def_type;
        return true;
    default:
        return false;
    }
}

static enum mtrr_result write_fixed(struct cpu *c, unsigned n, u64 v)
{
    u64 all = FIXED_DRAM_BITS * 0x0101010101010101u, shown = dram_bits(c);
    if (!all_bytes(v & ~shown, mtrr_type_ok))
        return MTRR_BAD;
    c->msr.mtrr_fixed[n] = v | (c->msr.mtrr_fixed[n] & all & ~shown); /* hidden bits are kept */
    return MTRR_DONE;
}

static enum mtrr_result write_variable(struct cpu *c, u32 msr, u64 v)
{
    unsigned n = (msr - MSR_MTRR_BASE0) / 2;
    u64 address = c->phys_max & PAGE_MASK;
    if (msr & 1) {
        if (v & ~(address | MTRR_MASK_VALID))
            return MTRR_BAD;
        c->msr.mtrr_mask[n] = v;
        return MTRR_DONE;
    }
    if ((v & ~(address | 0xff)) || !mtrr_type_ok(v & 0xff))
        return MTRR_BAD;
    c->msr.mtrr_base[n] = v;
    return MTRR_DONE;
}

enum mtrr_result mtrr_write(struct cpu *c, u32 msr, u64 value)
{
    int fixed = fixed_index(msr);
    if (fixed >= 0)
        return write_fixed(c, (unsigned)fixed, value);
    if (is_variable(msr))
        return write_variable(c, msr, value);
    switch (msr) {
    case MSR_PAT:
        if (!all_bytes(value, pat_type_ok))
            return MTRR_BAD;
        c->msr.pat = value;
        return MTRR_DONE;
    case MSR_MTRR_DEF_TYPE:
        if ((value & ~(u64)(0xff | MTRR_DEF_FE | MTRR_DEF_E)) || !mtrr_type_ok(value & 0xff))
            return MTRR_BAD;
        c->msr.mtrr_def_type = value;
        return MTRR_DONE;
    case MSR_MTRR_CAP:
        return MTRR_BAD;
    default:
        return MTRR_NOT_ONE;
    }
}
