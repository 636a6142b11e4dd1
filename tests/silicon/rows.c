#include "block.h"
#include "gen.h"

bool row_named(const struct row *row, const char *mnemonic)
{
    return !strcmp(row->mnemonic, mnemonic);
}

/* Not comparable, and why. */
static const struct {
    const char *reason, *mnemonic[12];
} unusable[] = {
    { "its result is the machine's own", { "cpuid", "rdpid" } },
    { "a clock or a counter", { "rdtsc", "rdtscp", "rdpmc" } },
    { "a random number", { "rdrand", "rdseed" } },
    { "the kernel answers a program", { "syscall", "sysenter", "sysret", "sysexit" } },
    { "the kernel emulates it for programs (UMIP)", { "sgdt", "sidt", "sldt", "str", "smsw" } },
    { "what the operating system has switched on decides", { "xgetbv", "xsetbv", "rdpkru", "wrpkru" } },
    { "hypervisors differ in it", { "monitor", "mwait" } },
};

static bool wants_fs(const struct row *row)
{
    return row_has(row, OP_FS, OP_FS) || row_named(row, "lfs") || row_named(row, "rdfsbase") ||
           row_named(row, "wrfsbase") || row_named(row, "rdgsbase") || row_named(row, "wrgsbase");
}

const char *row_unusable(const struct row *row, enum code_mode mode, const struct host_caps *caps)
{
    if (mode == CODE16 && !caps->ldt)
        return "this host gives programs no local descriptors";
    for (size_t i = 0; i < ARRAY_LEN(unusable); i++)
        for (unsigned k = 0; k < ARRAY_LEN(unusable[i].mnemonic) && unusable[i].mnemonic[k]; k++)
            if (row_named(row, unusable[i].mnemonic[k]))
                return unusable[i].reason;
    if (!caps->fsgsbase && wants_fs(row))
        return "this host has no FSGSBASE";
    return !caps->has[row->since] ? "this host's processor does not have it, or not this model's" : NULL;
}

/* By row: bits of 16, 32 and 64. */
static u8 usable_bits[ROWS_MAX];

bool row_legal(const struct row *row, enum code_mode mode)
{
    return !(row->attr & (mode == CODE64 ? A_NO64 : A_ONLY64));
}

void rows_init(const struct host_caps *caps)
{
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned mode = CODE16; mode <= CODE64; mode *= 2)
            if (row_legal(&cpu_rows[i], (enum code_mode)mode) &&
                !row_unusable(&cpu_rows[i], (enum code_mode)mode, caps))
                usable_bits[i] |= (u8)mode;
}

bool row_usable(unsigned row, enum code_mode mode)
{
    return usable_bits[row] & mode;
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
    static const char *const names[] = { "rcpps",  "rcpss",  "rsqrtps",  "rsqrtss",
                                         "vrcpps", "vrcpss", "vrsqrtps", "vrsqrtss" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

bool row_must_be_first(const struct row *row)
{
    static const char *const names[] = {
        "fnstenv", "fnsave", "fxsave", "xsave", "xsaveopt", "xsavec", "xrstor", "iret"
    };
    return is_one_of(row, names, ARRAY_LEN(names));
}

bool row_is_far(const struct row *row)
{
    static const char *const names[] = { "callf", "jmpf", "retf", "iret" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* What comes after it is not certain to be what stands behind it. */
bool row_branches(const struct row *row)
{
    static const char *const names[] = { "ret", "retf", "iret", "call", "callf", "jmp", "jmpf", "int", "into", "int3" };
    return (row->attr & A_JUMP) || is_one_of(row, names, ARRAY_LEN(names));
}
