/* cpuid.c: CPUID's leaves (SDM vol. 2, CPUID; AMD CPUID specification), filled from the model and its features
 * (model.c). What is neither identity nor feature (caches, widths) is what QEMU gives the models of its names. */
#include "ctrl.h"
#include "model.h"
#include "msr.h"
#include "uop.h"

#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_HYPERVISOR_MAX 0x40000001u
#define LEAF_EXTENDED 0x80000000u
#define CLFLUSH_LINES 8u /* in units of 8 bytes */
#define L7_ECX_OSPKE BIT(4)
#define L1_EDX_IN_X1 0x0183f3ffu /* AMD: bits of leaf 1's EDX that 8000_0001's repeats */
#define L1_EDX_APIC BIT(9)
#define L1_ECX_OSXSAVE BIT(27)
#define APIC_BASE_ENABLE BIT(11)
#define L1_EDX_HTT BIT(28)       /* EBX[23:16] says how many IDs a package has */
#define X1_ECX_CMP_LEGACY BIT(1) /* AMD: those are cores, not threads */

enum { EAX, EBX, ECX, EDX };

static u32 word(const struct cpu *c, enum cpuid_word w)
{
    return c->features.word[w];
}

static bool apic_is_enabled(struct cpu *c)
{
    u64 base = 0;
    return c->w.apic_rdmsr && c->w.apic_rdmsr(c->w.owner, MSR_APIC_BASE, &base) && (base & APIC_BASE_ENABLE);
}

static u32 leaf1_edx(struct cpu *c)
{
    return word(c, CPUID_1_EDX) & ~(apic_is_enabled(c) ? 0 : L1_EDX_APIC);
}

static void put_vendor(const struct cpu *c, u32 out[4])
{
    memcpy(&out[EBX], c->vendor, 4);
    memcpy(&out[EDX], c->vendor + 4, 4);
    memcpy(&out[ECX], c->vendor + 8, 4);
}

/* ---- basic leaves ---- */

/* The highest basic leaf: the model's, or that of a feature which was put in. */
static u32 level(const struct cpu *c)
{
    u32 most = c->model->level;
    if (c->model->level_fixed)
        return most;
    if (word(c, CPUID_6_EAX) && most < 6)
        most = 6;
    if ((word(c, CPUID_7_EBX) || word(c, CPUID_7_ECX) || word(c, CPUID_7_EDX)) && most < 7)
        most = 7;
    return cpu_has(c, F_XSAVE) && most < 0xd ? 0xd : most;
}

/* Topology: logical processors of a core, and of a package. */
static unsigned core_threads(const struct cpu *c)
{
    return c->w.topology.threads ? c->w.topology.threads : 1;
}

static unsigned package_threads(const struct cpu *c)
{
    return core_threads(c) * (c->w.topology.cores ? c->w.topology.cores : 1);
}

/* The APIC ID's bits below the number of the package. */
static unsigned package_bits(const struct cpu *c)
{
    return cpu_id_bits(core_threads(c)) + cpu_id_bits(c->w.topology.cores);
}

static void leaf_1(struct cpu *c, u32 out[4])
{
    unsigned threads = package_threads(c);
    out[EAX] = model_signature(c->model);
    out[EBX] = c->w.apic_id << 24 | CLFLUSH_LINES << 8 | (threads > 1 ? threads << 16 : 0);
    out[ECX] = word(c, CPUID_1_ECX) | (c->cr4 & CR4_OSXSAVE ? L1_ECX_OSXSAVE : 0);
    out[EDX] = leaf1_edx(c) | (threads > 1 ? L1_EDX_HTT : 0);
}

/* Intel's cache descriptors: 2 MiB of L2, 32 KiB each of L1 for code and data; L3 is in leaf 4. */
static void leaf_2(u32 out[4])
{
    out[EAX] = 1;
    out[ECX] = 0x4d;
    out[EDX] = 0x002c307d;
}

/* Intel's caches in full: ways, lines of 64 bytes, sets; L3 is the package's, L2 a core's, and L1 (so has it QEMU) a
 * thread's. */
static void leaf_4(const struct cpu *c, u32 sub, u32 out[4])
{
    enum { DATA = 1, CODE, UNIFIED, SELF_INIT = 8, NO_INVD_SHARING = 1, INCLUSIVE = 2, COMPLEX = 4 };
    static const struct {
        u8 type, level, ways, flags;
        u32 sets;
    } cache[] = {
        { DATA, 1, 8, NO_INVD_SHARING, 64 },
        { CODE, 1, 8, NO_INVD_SHARING, 64 },
        { UNIFIED, 2, 16, NO_INVD_SHARING, 4096 },
        { UNIFIED, 3, 16, INCLUSIVE | COMPLEX, 16384 },
    };
    if (sub >= ARRAY_LEN(cache))
        return;
    out[EAX] = cache[sub].type | (u32)cache[sub].level << 5 | SELF_INIT << 5;
    const unsigned sharing[] = { 1, core_threads(c), BIT(package_bits(c)) };
    out[EAX] |= (sharing[cache[sub].level - 1] - 1) << 14;
    out[EAX] |= (package_threads(c) / core_threads(c) - 1) << 26;
    out[EBX] = (cache[sub].ways - 1u) << 22 | 63;
    out[ECX] = cache[sub].sets - 1;
    out[EDX] = cache[sub].flags;
}

static void leaf_b(const struct cpu *c, u32 sub, u32 out[4])
{
    enum { LEVEL_SMT = 1, LEVEL_CORE = 2 };
    if (sub == 0) {
        out[EAX] = cpu_id_bits(core_threads(c));
        out[EBX] = core_threads(c);
        out[ECX] = LEVEL_SMT << 8;
    } else if (sub == 1) {
        out[EAX] = package_bits(c);
        out[EBX] = package_threads(c);
        out[ECX] = LEVEL_CORE << 8;
    }
    out[ECX] |= sub & 0xff;
    out[EDX] = c->w.apic_id;
}

u64 cpu_xstates(const struct cpu *c)
{
    return XSTATE_X87 | XSTATE_SSE | (cpu_has(c, F_AVX) ? XSTATE_AVX : 0) | (cpu_has(c, F_PKU) ? XSTATE_PKRU : 0);
}

/* The size of an area in the standard format that holds these components. */
static u32 xsave_bytes(u64 components)
{
    return components & XSTATE_PKRU  ? XSAVE_PKRU + XSAVE_PKRU_BYTES
           : components & XSTATE_AVX ? XSAVE_AVX + XSAVE_AVX_BYTES
                                     : XSAVE_AVX;
}

/* The same in the compacted format. */
static u32 compacted_bytes(u64 components)
{
    return XSAVE_AVX + (components & XSTATE_AVX ? XSAVE_AVX_BYTES : 0) +
           (components & XSTATE_PKRU ? XSAVE_PKRU_BYTES : 0);
}

static void leaf_d(const struct cpu *c, u32 sub, u32 out[4])
{
    u64 all = cpu_xstates(c);
    if (!cpu_has(c, F_XSAVE))
        return;
    if (sub == 0) {
        out[EAX] = (u32)all;
        out[EBX] = xsave_bytes(c->xcr0);
        out[ECX] = xsave_bytes(all);
    } else if (sub == 1) {
        out[EAX] = word(c, CPUID_D1_EAX);
        out[EBX] = cpu_has(c, F_XSAVEC) || cpu_has(c, F_XSAVES) ? compacted_bytes(c->xcr0) : 0;
    } else if (sub < 64 && BIT64(sub) == XSTATE_AVX && (all & XSTATE_AVX)) {
        out[EAX] = XSAVE_AVX_BYTES;
        out[EBX] = XSAVE_AVX;
    } else if (sub < 64 && BIT64(sub) == XSTATE_PKRU && (all & XSTATE_PKRU)) {
        out[EAX] = XSAVE_PKRU_BYTES;
        out[EBX] = XSAVE_PKRU;
    }
}

static void basic(struct cpu *c, u32 leaf, u32 sub, u32 out[4])
{
    bool intel = !model_is_amd(c->model);
    switch (leaf) {
    case 0:
        out[EAX] = level(c);
        put_vendor(c, out);
        break;
    case 1:
        leaf_1(c, out);
        break;
    case 2:
        if (intel)
            leaf_2(out);
        break;
    case 4:
        if (intel)
            leaf_4(c, sub, out);
        break;
    case 5:
        out[ECX] = 3; /* MONITOR's enumeration as QEMU has it, whether the instruction is there or not */
        break;
    case 6:
        out[EAX] = word(c, CPUID_6_EAX);
        break;
    case 7:
        if (sub == 0) {
            out[EBX] = word(c, CPUID_7_EBX);
            out[ECX] = word(c, CPUID_7_ECX) | (c->cr4 & CR4_PKE ? L7_ECX_OSPKE : 0);
            out[EDX] = word(c, CPUID_7_EDX);
        }
        break;
    case 0xb:
        leaf_b(c, sub, out);
        break;
    case 0xd:
        leaf_d(c, sub, out);
        break;
    default:
        break; /* 3, 8-A, C: nothing */
    }
}

/* ---- extended leaves ---- */

static u32 xlevel(const struct cpu *c)
{
    u32 most = c->model->xlevel;
    if (c->model->xlevel_fixed)
        return most;
    if ((word(c, CPUID_X1_EDX) || word(c, CPUID_X1_ECX)) && most < 0x80000001)
        most = 0x80000001;
    if (word(c, CPUID_X7_EDX) && most < 0x80000007)
        most = 0x80000007;
    return (cpu_has(c, F_LM) || word(c, CPUID_X8_EBX)) && most < 0x80000008 ? 0x80000008 : most;
}

static void brand(const struct cpu *c, u32 part, u32 out[4])
{
    char text[48] = { 0 };
    memcpy(text, c->model->brand, strlen(c->model->brand));
    memcpy(out, text + 16 * part, 16);
}

/* 8000_0008: without long mode the widths are 32 and that of PAE (QEMU says 32 linear bits as 0). */
static void leaf_widths(const struct cpu *c, u32 out[4])
{
    unsigned phys = 64 - (unsigned)__builtin_clzll(c->phys_max);
    out[EAX] = phys | (cpu_has(c, F_LA57) ? 57u << 8 : cpu_has(c, F_LM) ? 48u << 8 : 0);
    out[EBX] = word(c, CPUID_X8_EBX);
    if (package_threads(c) > 1)
        out[ECX] = package_bits(c) << 12 | (package_threads(c) - 1);
}

static void extended(struct cpu *c, u32 leaf, u32 out[4])
{
    switch (leaf) {
    case LEAF_EXTENDED:
        out[EAX] = xlevel(c);
        put_vendor(c, out);
        break;
    case 0x80000001:
        out[EAX] = model_signature(c->model);
        out[ECX] = word(c, CPUID_X1_ECX) | (model_is_amd(c->model) && package_threads(c) > 1 ? X1_ECX_CMP_LEGACY : 0);
        out[EDX] = word(c, CPUID_X1_EDX) | (model_is_amd(c->model) ? leaf1_edx(c) & L1_EDX_IN_X1 : 0);
        break;
    case 0x80000002:
    case 0x80000003:
    case 0x80000004:
        brand(c, leaf - 0x80000002, out);
        break;
    case 0x80000005: /* L1: TLBs of 255 and 1 entries; 64 KiB, 2 ways, lines of 64 bytes */
        out[EAX] = out[EBX] = 0x01ff01ff;
        out[ECX] = out[EDX] = 0x40020140;
        break;
    case 0x80000006: /* L2: TLBs of 512; 512 KiB, 16 ways. L3: 16 MiB, 16 ways */
        out[EBX] = 0x42004200;
        out[ECX] = 0x02008140;
        out[EDX] = 0x00808140;
        break;
    case 0x80000007:
        out[EDX] = word(c, CPUID_X7_EDX);
        break;
    case 0x80000008:
        leaf_widths(c, out);
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
    memcpy(&out[EBX], "PCEMUPCEMUPC", 12);
}

void cpu_cpuid(struct cpu *c, u32 leaf, u32 sub, u32 out[4])
{
    u32 most = level(c);
    memset(out, 0, 4 * sizeof *out);
    if (leaf <= most)
        basic(c, leaf, sub, out);
    else if (leaf >= LEAF_HYPERVISOR && leaf <= LEAF_HYPERVISOR_MAX)
        hypervisor(leaf, out);
    else if (leaf >= LEAF_EXTENDED && leaf <= xlevel(c))
        extended(c, leaf, out);
    else if (!model_is_amd(c->model)) /* Intel: as the highest basic leaf; AMD: zeros */
        basic(c, most, sub, out);
}
