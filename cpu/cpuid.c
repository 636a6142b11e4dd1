/* cpuid.c: what the processor says it is and can (SDM vol. 2, CPUID; AMD CPUID specification): the identity of QEMU's
 * qemu64 model, with exactly the features that are built. One list is the source of CPUID's bits and of the decoder's
 * cpu_has(). */
#include "ctrl.h"
#include "msr.h"

#define SIGNATURE 0x00060fb1u /* family 15, model 107, stepping 1 */
#define LEAF_MAX 0x0du
#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_HYPERVISOR_MAX 0x40000001u
#define LEAF_EXTENDED 0x80000000u
#define LEAF_EXTENDED_MAX 0x8000000au
#define CLFLUSH_LINES 8u /* in units of 8 bytes */
#define LINEAR_ADDRESS_BITS 48u

enum { EAX, EBX, ECX, EDX };
enum word { L1_EDX, L1_ECX, L7_EBX, L7_ECX, LD1_EAX, X1_EDX, X1_ECX, X7_EDX, WORDS };

/* A feature's bit in CPUID; `feature` as rows name it, or NONE for those that no row needs. */
#define NONE 255
static const struct cpuid_bit {
    u8 word, bit, feature;
} built[] = {
    { L1_EDX, 0, F_FPU },
    { L1_EDX, 1, NONE /* VME */ },
    { L1_EDX, 2, NONE /* DE */ },
    { L1_EDX, 3, NONE /* PSE */ },
    { L1_EDX, 4, F_TSC },
    { L1_EDX, 5, NONE /* MSR */ },
    { L1_EDX, 6, NONE /* PAE */ },
    { L1_EDX, 7, NONE /* MCE */ },
    { L1_EDX, 8, F_CX8 },
    { L1_EDX, 9, NONE /* APIC */ },
    { L1_EDX, 11, F_SEP },
    { L1_EDX, 12, NONE /* MTRR */ },
    { L1_EDX, 13, NONE /* PGE */ },
    { L1_EDX, 14, NONE /* MCA */ },
    { L1_EDX, 15, F_CMOV },
    { L1_EDX, 16, NONE /* PAT */ },
    { L1_EDX, 17, NONE /* PSE36 */ },
    { L1_EDX, 19, F_CLFSH },
    { L1_EDX, 23, F_MMX },
    { L1_EDX, 24, F_FXSR },
    { L1_EDX, 25, F_SSE },
    { L1_EDX, 26, F_SSE2 },
    { L1_ECX, 0, F_SSE3 },
    { L1_ECX, 9, F_SSSE3 },
    { L1_ECX, 13, F_CX16 },
    { L1_ECX, 17, NONE /* PCID */ },
    { L1_ECX, 19, F_SSE41 },
    { L1_ECX, 20, F_SSE42 },
    { L1_ECX, 21, NONE /* x2APIC */ },
    { L1_ECX, 22, F_MOVBE },
    { L1_ECX, 23, F_POPCNT },
    { L1_ECX, 24, NONE /* TSC deadline */ },
    { L1_ECX, 26, F_XSAVE },
    { L1_ECX, 30, F_RDRAND },
    { L1_ECX, 31, NONE /* hypervisor */ },
    { L7_EBX, 0, F_FSGSBASE },
    { L7_EBX, 7, NONE /* SMEP */ },
    { L7_EBX, 10, F_INVPCID },
    { L7_EBX, 18, F_RDSEED },
    { L7_EBX, 20, F_SMAP },
    { L7_EBX, 23, F_CLFLUSHOPT },
    { L7_ECX, 2, NONE /* UMIP */ },
    { L7_ECX, 22, F_RDPID },
    { LD1_EAX, 0, F_XSAVEOPT },
    { X1_EDX, 11, F_SYSCALL },
    { X1_EDX, 20, NONE /* NX */ },
    { X1_EDX, 26, NONE /* 1 GiB pages */ },
    { X1_EDX, 27, F_RDTSCP },
    { X1_EDX, 29, F_LM },
    { X1_ECX, 0, F_LAHF64 },
    { X1_ECX, 8, F_PREFETCHW },
    { X7_EDX, 8, NONE /* invariant TSC */ },
};

#define L1_EDX_IN_X1 0x0183f3ffu /* AMD: bits of leaf 1's EDX that 8000_0001's repeats */
#define L1_EDX_APIC BIT(9)
#define L1_ECX_OSXSAVE BIT(27)
#define APIC_BASE_ENABLE BIT(11)
#define ARAT BIT(2) /* the APIC timer never stops */

static u32 bits_of(unsigned word)
{
    u32 v = 0;
    for (unsigned i = 0; i < ARRAY_LEN(built); i++)
        if (built[i].word == word)
            v |= BIT(built[i].bit);
    return v;
}

bool cpu_has(const struct cpu *c, unsigned feature)
{
    (void)c;                                  /* one model; a choice of models would be kept there */
    if (feature <= PENT || feature == F_NOPL) /* generations; NOPL came with CMOV and has no bit */
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(built); i++)
        if (built[i].feature == feature)
            return true;
    return false;
}

static bool apic_is_enabled(struct cpu *c)
{
    u64 base = 0;
    return c->w.apic_rdmsr && c->w.apic_rdmsr(c->w.owner, MSR_APIC_BASE, &base) && (base & APIC_BASE_ENABLE);
}

static u32 leaf1_edx(struct cpu *c)
{
    return bits_of(L1_EDX) & ~(apic_is_enabled(c) ? 0 : L1_EDX_APIC);
}

static void leaf_string(u32 *out, const char *text, unsigned words)
{
    memcpy(out, text, words * 4u);
}

static void leaf_1(struct cpu *c, u32 out[4])
{
    out[EAX] = SIGNATURE;
    out[EBX] = c->w.apic_id << 24 | CLFLUSH_LINES << 8;
    out[ECX] = bits_of(L1_ECX) | (c->cr4 & CR4_OSXSAVE ? L1_ECX_OSXSAVE : 0);
    out[EDX] = leaf1_edx(c);
}

/* Topology: one thread, one core. */
static void leaf_b(const struct cpu *c, u32 sub, u32 out[4])
{
    enum { LEVEL_SMT = 1, LEVEL_CORE = 2 };
    out[EBX] = sub < 2 ? 1 : 0;
    out[ECX] = sub | (sub == 0 ? LEVEL_SMT << 8 : sub == 1 ? LEVEL_CORE << 8 : 0);
    out[EDX] = c->w.apic_id;
}

#define XSAVE_LEGACY_BYTES 576u /* x87 and SSE, with the header */

static void leaf_d(u32 sub, u32 out[4])
{
    if (sub == 0) {
        out[EAX] = 3; /* XCR0: x87, SSE */
        out[EBX] = out[ECX] = XSAVE_LEGACY_BYTES;
    } else if (sub == 1) {
        out[EAX] = bits_of(LD1_EAX);
    }
}

static void basic(struct cpu *c, u32 leaf, u32 sub, u32 out[4])
{
    switch (leaf) {
    case 0:
        out[EAX] = LEAF_MAX;
        leaf_string(&out[EBX], "Auth", 1);
        leaf_string(&out[EDX], "enti", 1);
        leaf_string(&out[ECX], "cAMD", 1);
        break;
    case 1:
        leaf_1(c, out);
        break;
    case 6:
        out[EAX] = ARAT;
        break;
    case 7:
        if (sub == 0) {
            out[EBX] = bits_of(L7_EBX);
            out[ECX] = bits_of(L7_ECX);
        }
        break;
    case 0xb:
        leaf_b(c, sub, out);
        break;
    case 0xd:
        leaf_d(sub, out);
        break;
    default:
        break; /* 2-5, 8-A, C: nothing on this model */
    }
}

static void brand(u32 part, u32 out[4])
{
    static const char text[48] = "QEMU Virtual CPU version 2.5+";
    leaf_string(out, text + 16 * part, 4);
}

static void extended(struct cpu *c, u32 leaf, u32 out[4])
{
    switch (leaf) {
    case LEAF_EXTENDED:
        out[EAX] = LEAF_EXTENDED_MAX;
        leaf_string(&out[EBX], "AuthcAMDenti", 3);
        break;
    case 0x80000001:
        out[EAX] = SIGNATURE;
        out[ECX] = bits_of(X1_ECX);
        out[EDX] = bits_of(X1_EDX) | (leaf1_edx(c) & L1_EDX_IN_X1);
        break;
    case 0x80000002:
    case 0x80000003:
    case 0x80000004:
        brand(leaf - 0x80000002, out);
        break;
    case 0x80000005: /* L1: TLBs of 255 and 1 entries; 64 KiB, 2 ways, lines of 64 bytes */
        out[EAX] = out[EBX] = 0x01ff01ff;
        out[ECX] = out[EDX] = 0x40020140;
        break;
    case 0x80000006: /* L2: TLBs of 512; 512 KiB, 16 ways */
        out[EBX] = 0x42004200;
        out[ECX] = 0x02008140;
        break;
    case 0x80000007:
        out[EDX] = bits_of(X7_EDX);
        break;
    case 0x80000008:
        out[EAX] = LINEAR_ADDRESS_BITS << 8 | PHYS_ADDRESS_BITS;
        break;
    default:
        break;
    }
}

static void hypervisor(u32 leaf, u32 out[4])
{
    if (leaf != LEAF_HYPERVISOR)
        return;
    out[EAX] = LEAF_HYPERVISOR_MAX;
    leaf_string(&out[EBX], "PCEMUPCEMUPC", 3);
}

void cpu_cpuid(struct cpu *c, u32 leaf, u32 sub, u32 out[4])
{
    memset(out, 0, 4 * sizeof *out);
    if (leaf <= LEAF_MAX)
        basic(c, leaf, sub, out);
    else if (leaf >= LEAF_HYPERVISOR && leaf <= LEAF_HYPERVISOR_MAX)
        hypervisor(leaf, out);
    else if (leaf >= LEAF_EXTENDED && leaf <= LEAF_EXTENDED_MAX)
        extended(c, leaf, out);
}
