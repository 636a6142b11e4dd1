#include "gen.h"

bool row_named(const struct row *row, const char *mnemonic)
{
    return !strcmp(row->mnemonic, mnemonic);
}

/* Not comparable: what depends on the machine, the kernel or the moment. The kernel itself answers the second group for
 * a program (UMIP); the last needs operating-system support that the model's bench does not switch on. */
static const char *const unusable[] = {
    "cpuid",    "rdtsc",  "rdtscp",  "rdrand", "rdseed",  "rdpmc", "rdpid",  "syscall",
    "sysenter", "sysret", "sysexit", "icebp",  "monitor", "mwait", "sgdt",   "sidt",
    "sldt",     "str",    "smsw",    "xgetbv", "xsetbv",  "xsave", "xrstor", "xsaveopt",
};

static bool wants_fs(const struct row *row)
{
    return row_has(row, OP_FS, OP_FS) || row_named(row, "lfs") || row_named(row, "rdfsbase") ||
           row_named(row, "wrfsbase") || row_named(row, "rdgsbase") || row_named(row, "wrgsbase");
}

bool row_usable(const struct row *row, enum code_mode mode, const struct host_caps *caps)
{
    if (mode == CODE64 ? (row->attr & A_NO64) : (row->attr & A_ONLY64))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(unusable); i++)
        if (row_named(row, unusable[i]))
            return false;
    return (caps->fsgsbase || !wants_fs(row)) && (caps->avx || !map_is_vex(row->map));
}

bool row_has(const struct row *row, unsigned first, unsigned last)
{
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        if (row->operand[k] >= first && row->operand[k] <= last)
            return true;
    return false;
}

bool row_wants_modrm(const struct row *row)
{
    return (row->ext & (X_REG(0) | X_RM(0) | X_MEM | X_MOD3)) || row_has(row, OP_Eb, OP_Rw) ||
           row_has(row, OP_Sw, OP_Dy) || row_has(row, OP_Pd, OP_Ux) || row_has(row, OP_Mps, OP_Mvq) ||
           row_has(row, OP_STi, OP_Mxs);
}

static bool is_one_of(const struct row *row, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (row_named(row, names[i]))
            return true;
    return false;
}

bool row_must_be_last(const struct row *row)
{
    static const char *const names[] = { "rcpps", "rcpss", "rsqrtps", "rsqrtss" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

bool row_must_be_first(const struct row *row)
{
    static const char *const names[] = { "fnstenv", "fnsave", "fxsave", "iret" };
    return is_one_of(row, names, ARRAY_LEN(names));
}
