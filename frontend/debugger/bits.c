/* bits.c: see bits.h (SDM vol. 3, 2.2.1, 2.3, 2.5; vol. 4). */
#include "bits.h"

const struct bit_name cr0_bits[] = {
    { 0, "PE", "protection" },
    { 1, "MP", "monitor coprocessor" },
    { 2, "EM", "FPU emulation" },
    { 3, "TS", "task switched" },
    { 4, "ET", "extension type" },
    { 5, "NE", "numeric error" },
    { 16, "WP", "write protection" },
    { 18, "AM", "alignment mask" },
    { 29, "NW", "not write-through" },
    { 30, "CD", "cache disabled" },
    { 31, "PG", "paging" },
    { 0, NULL, NULL },
};

const struct bit_name cr4_bits[] = {
    { 0, "VME", "virtual-8086 extensions" },
    { 1, "PVI", "virtual interrupts" },
    { 2, "TSD", "no RDTSC for users" },
    { 3, "DE", "debugging extensions" },
    { 4, "PSE", "4 MiB pages" },
    { 5, "PAE", "physical address extension" },
    { 6, "MCE", "machine check" },
    { 7, "PGE", "global pages" },
    { 8, "PCE", "RDPMC for users" },
    { 9, "OSFXSR", "SSE" },
    { 10, "OSXMMEXCPT", "SSE exceptions" },
    { 11, "UMIP", "user-mode instruction prevention" },
    { 12, "LA57", "5-level paging" },
    { 16, "FSGSBASE", "RDFSBASE and the like" },
    { 17, "PCIDE", "process contexts" },
    { 18, "OSXSAVE", "XSAVE" },
    { 20, "SMEP", "no execution of user pages" },
    { 21, "SMAP", "no access to user pages" },
    { 22, "PKE", "protection keys" },
    { 0, NULL, NULL },
};

const struct bit_name efer_bits[] = {
    { 0, "SCE", "SYSCALL" },
    { 8, "LME", "long mode enable" },
    { 10, "LMA", "long mode active" },
    { 11, "NXE", "no-execute" },
    { 0, NULL, NULL },
};

const struct bit_name flag_bits[] = {
    { 0, "CF", "carry" },      { 2, "PF", "parity" },       { 4, "AF", "adjust" },        { 6, "ZF", "zero" },
    { 7, "SF", "sign" },       { 8, "TF", "trap" },         { 9, "IF", "interrupts" },    { 10, "DF", "direction" },
    { 11, "OF", "overflow" },  { 14, "NT", "nested" },      { 16, "RF", "resume" },       { 17, "VM", "virtual-8086" },
    { 18, "AC", "alignment" }, { 19, "VIF", "virtual IF" }, { 20, "VIP", "VIF pending" }, { 21, "ID", "CPUID" },
    { 0, NULL, NULL },
};

const struct bit_name *bits_of_cr(unsigned cr)
{
    return cr == 0 ? cr0_bits : cr == 4 ? cr4_bits : NULL;
}

void bits_print(const struct bit_name *table, u64 value, FILE *out)
{
    const char *blank = "";
    for (const struct bit_name *b = table; b->name; b++)
        if (value >> b->bit & 1) {
            fprintf(out, "%s%s", blank, b->name);
            blank = " ";
        }
}

void bits_print_change(const struct bit_name *table, u64 old, u64 value, FILE *out)
{
    const char *comma = "";
    for (const struct bit_name *b = table; b->name; b++)
        if ((old ^ value) >> b->bit & 1) {
            fprintf(out, "%s%s %s (%s)", comma, value >> b->bit & 1 ? "sets" : "clears", b->name, b->meaning);
            comma = ", ";
        }
    if (!*comma)
        fputs("changes no bit that has a name", out);
}

static const struct {
    u32 number;
    const char *name;
} msrs[] = {
    { 0x10, "TSC" },
    { 0x1b, "IA32_APIC_BASE" },
    { 0x3a, "IA32_FEATURE_CONTROL" },
    { 0x8b, "IA32_BIOS_SIGN_ID" },
    { 0xfe, "IA32_MTRRCAP" },
    { 0x174, "IA32_SYSENTER_CS" },
    { 0x175, "IA32_SYSENTER_ESP" },
    { 0x176, "IA32_SYSENTER_EIP" },
    { 0x179, "IA32_MCG_CAP" },
    { 0x17a, "IA32_MCG_STATUS" },
    { 0x1a0, "IA32_MISC_ENABLE" },
    { 0x1d9, "IA32_DEBUGCTL" },
    { 0x200, "IA32_MTRR_PHYSBASE0" },
    { 0x201, "IA32_MTRR_PHYSMASK0" },
    { 0x277, "IA32_PAT" },
    { 0x2ff, "IA32_MTRR_DEF_TYPE" },
    { 0x6e0, "IA32_TSC_DEADLINE" },
    { 0xc0000080, "IA32_EFER" },
    { 0xc0000081, "IA32_STAR" },
    { 0xc0000082, "IA32_LSTAR" },
    { 0xc0000083, "IA32_CSTAR" },
    { 0xc0000084, "IA32_FMASK" },
    { 0xc0000100, "IA32_FS_BASE" },
    { 0xc0000101, "IA32_GS_BASE" },
    { 0xc0000102, "IA32_KERNEL_GS_BASE" },
    { 0xc0000103, "IA32_TSC_AUX" },
};

const char *msr_name(u32 msr)
{
    for (unsigned i = 0; i < ARRAY_LEN(msrs); i++)
        if (msrs[i].number == msr)
            return msrs[i].name;
    return NULL;
}

u32 msr_number(unsigned index, const char **name)
{
    *name = index < ARRAY_LEN(msrs) ? msrs[index].name : NULL;
    return *name ? msrs[index].number : 0;
}
