/* long_paging.c: paging of four levels. */
#include "long.h"

#define SLOT 256 /* of the top table: the upper half's first */
#define HIGH 0xffff800000000000ull
#define CR4_PCIDE (1u << 17)
#define ECX_PCID 17

static u64 level3[512] __attribute__((aligned(4096)));
static u64 level2[512] __attribute__((aligned(4096)));
static u64 level1[512] __attribute__((aligned(4096)));
static u8 page[PAGE] __attribute__((aligned(4096)));

static u64 *top(void)
{
    return (u64 *)(read_cr3() & ~0xfffull);
}

static void flush(void)
{
    write_cr3(read_cr3());
}

static void set(u64 *entry, u64 v)
{
    *entry = v;
    flush();
}

static u64 address(const void *p)
{
    return (u64)p;
}

static void read(void *p)
{
    (void)*(volatile u32 *)p;
}

static void write(void *p)
{
    *(volatile u32 *)p = 0x600df00d;
}

static void execute(void *p)
{
    ((void (*)(void))p)();
}

static int fault_is(u32 got, u64 error)
{
    return got == VECTOR_PF && long_fault.error == error && long_fault_cr2 == HIGH;
}

static void levels(void)
{
    void *const high = (void *)HIGH;
    const u64 bits = PTE_P | PTE_W | PTE_U;
    ok(fault_is(try_call(read, high), 0), "P clear in the fourth level: #PF(0), CR2 has 64 bits");
    set(&top()[SLOT], address(level3) | bits);
    ok(fault_is(try_call(read, high), 0), "P clear in the third");
    set(&level3[0], address(level2) | bits);
    ok(fault_is(try_call(read, high), 0), "P clear in the second");
    set(&level2[0], address(level1) | bits);
    ok(fault_is(try_call(write, high), PF_W), "P clear in the first, a write: W");
    set(&level1[0], address(page) | bits);
    *(u32 *)page = 0x77777777;
    ok(try_call(read, high) == NO_FAULT && *(u32 *)high == 0x77777777, "four levels find the page in the upper half");
    ok(level1[0] & PTE_A && !(level1[0] & PTE_D) && top()[SLOT] & PTE_A, "A is set on all levels, D is not");
    ok(try_call(write, high) == NO_FAULT && level1[0] & PTE_D, "a write sets D");
    level3[0] &= ~(u64)PTE_U;
    flush();
    ok(fault_is(try_user(read, high), PF_P | PF_U), "U clear in the third level keeps ring 3 out");
    level3[0] |= PTE_U;
    top()[SLOT] &= ~(u64)PTE_W;
    flush();
    ok(fault_is(try_user(write, high), PF_P | PF_U | PF_W), "W clear in the fourth level counts");
    set(&top()[SLOT], address(level3) | bits);
    set(&level1[0], address(page) | bits | PTE_RESERVED_51);
    ok(fault_is(try_call(read, high), RESERVED_ERROR), "address bit 51 is reserved: RSVD");
    set(&level1[0], address(page) | bits);
    set(&top()[SLOT], address(level3) | bits | PTE_PS);
    ok(fault_is(try_call(read, high), RESERVED_ERROR), "PS is reserved in the fourth level: RSVD");
    set(&top()[SLOT], address(level3) | bits);
}

static void no_execute(void)
{
    void *const high = (void *)HIGH;
    page[0] = 0xc3; /* RET */
    if (!has_extended_edx(EXT_NX)) {
        tap_skip("NX", "CPUID has no NX");
        return;
    }
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    ok(try_call(execute, high) == NO_FAULT, "NX clear: it is executed");
    set(&level2[0], level2[0] | PTE_NX);
    ok(fault_is(try_call(execute, high), PF_P | PF_I), "NX in the second level: P and I");
    set(&level2[0], level2[0] & ~PTE_NX);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_NXE);
}

static void large_pages(void)
{
    const u64 mib2 = address(page) & ~(u64)(PAGE_2M - 1);
    const u64 inside = address(page) - mib2;
    *(u32 *)page = 0x12121212;
    set(&level2[0], mib2 | PTE_PS | PTE_P | PTE_W);
    is(*(volatile u32 *)(HIGH + inside), 0x12121212, "PS in the second level: a page of 2 MiB");
    if (has_extended_edx(EXT_1G)) {
        set(&level3[0], PTE_PS | PTE_P | PTE_W);
        is(*(volatile u32 *)(HIGH + address(page)), 0x12121212, "PS in the third level: a page of 1 GiB");
        set(&level3[0], PTE_PS | PTE_P | PTE_W | 1 << 13);
        ok(fault_is(try_call(read, (void *)HIGH), RESERVED_ERROR), "... whose address has no bit 13: RSVD");
    } else {
        tap_skip("PS in the third level: a page of 1 GiB", "CPUID has no 1 GiB pages");
        tap_skip("... whose address has no bit 13: RSVD", "CPUID has no 1 GiB pages");
    }
    set(&level3[0], address(level2) | PTE_P | PTE_W | PTE_U);
    set(&level2[0], address(level1) | PTE_P | PTE_W | PTE_U);
}

static void contexts(void)
{
    if (!has_ecx(ECX_PCID)) {
        tap_skip("CR4.PCIDE", "CPUID has no PCID");
        return;
    }
    write_cr4(read_cr4() | CR4_PCIDE);
    write_cr3(read_cr3() | 5);
    is(read_cr3() & 0xfff, 5, "CR4.PCIDE: CR3 has a context's number");
    write_cr3(read_cr3() & ~0xfffull);
    write_cr4(read_cr4() & ~(u64)CR4_PCIDE);
}

void long_paging_tests(void)
{
    levels();
    no_execute();
    large_pages();
    contexts();
    set(&top()[SLOT], 0);
}
