/* mtrr.c: what memory is cached: the memory type range registers (SDM vol. 3, 12.11), the same on all processors. RAM
 * is write-back by default; the video window, ROMs and PCI's memory are not cached. */
#include "post.h"

#define CPUID_MTRR BIT(12)
#define CPUID_MSR BIT(5)
#define MSR_CAP 0xfe
#define MSR_BASE0 0x200
#define MSR_MASK0 0x201
#define MSR_FIX64K 0x250
#define MSR_FIX16K_80000 0x258
#define MSR_FIX16K_A0000 0x259
#define MSR_FIX4K_C0000 0x268
#define MSR_DEFAULT 0x2ff
#define CAP_FIXED BIT(8)
#define CAP_COUNT 0xff
#define ENABLE 0xc00
#define WRITE_BACK 6
#define ALL_WRITE_BACK 0x0606060606060606ull
#define MASK_VALID 0x800
#define ADDRESS_BITS_LEAF 0x80000008u
#define PCI_START 0xe0000000u
#define PCI_START_SMALL 0x80000000u

static void cpuid(u32 leaf, u32 *a, u32 *d)
{
    u32 b, c = 0;
    __asm__ volatile("pushl %%ebx\n\tcpuid\n\tmovl %%ebx, %1\n\tpopl %%ebx"
                     : "=a"(*a), "=&r"(b), "+c"(c), "=d"(*d)
                     : "0"(leaf));
}

static bool has_cpuid(void)
{
    u32 before, after;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\tpushfl\n\tpopl "
                     "%1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after)
                     :
                     : "cc");
    return (before ^ after) & 0x200000;
}

static u64 rdmsr(u32 index)
{
    u64 v;
    __asm__ volatile("rdmsr" : "=A"(v) : "c"(index));
    return v;
}

static void set(u32 index, u64 value)
{
    if (LOW->mtrrs < ARRAY_LEN(LOW->mtrr)) {
        LOW->mtrr[LOW->mtrrs].index = index;
        LOW->mtrr[LOW->mtrrs++].value = value;
    }
}

static u64 address_mask(void)
{
    u32 a, d, bits = 36;
    cpuid(0x80000000u, &a, &d);
    if (a >= ADDRESS_BITS_LEAF) {
        cpuid(ADDRESS_BITS_LEAF, &a, &d);
        bits = a & 0xff;
    }
    return (1ull << bits) - 1;
}

void mtrr_copy(void)
{
    for (unsigned i = 0; i < LOW->mtrrs; i++)
        __asm__ volatile("wrmsr" : : "c"(LOW->mtrr[i].index), "A"(LOW->mtrr[i].value));
}

bool cpu_feature(u32 bit)
{
    u32 a, d;
    if (!has_cpuid())
        return false;
    cpuid(1, &a, &d);
    return d & bit;
}

u32 cpu_signature(u32 *features)
{
    u32 a = 0;
    *features = 0;
    if (has_cpuid())
        cpuid(1, &a, features);
    return a;
}

void mtrr_init(void)
{
    if (!cpu_feature(CPUID_MSR) || !cpu_feature(CPUID_MTRR))
        return;
    u64 cap = rdmsr(MSR_CAP), mask = address_mask();
    u32 start = FSEG->ram_below_4g <= PCI_START_SMALL ? PCI_START_SMALL : PCI_START;
    set(MSR_DEFAULT, 0);
    if (cap & CAP_FIXED) {
        set(MSR_FIX64K, ALL_WRITE_BACK);
        set(MSR_FIX16K_80000, ALL_WRITE_BACK);
        set(MSR_FIX16K_A0000, 0);
        for (u32 i = 0; i < 8; i++)
            set(MSR_FIX4K_C0000 + i, 0);
    }
    if (cap & CAP_COUNT) {
        set(MSR_BASE0, start);
        set(MSR_MASK0, (mask & ~(u64)(0u - start - 1)) | MASK_VALID);
    }
    set(MSR_DEFAULT, ENABLE | WRITE_BACK);
    mtrr_copy();
}
