/* pae.c: PAE paging: entries of 64 bits, three levels, no-execute. */
#include "tests.h"
#include "paging.h"

static u64 pointers[4] __attribute__((aligned(32)));
static u64 directories[4][512] __attribute__((aligned(4096)));
static u64 table[512] __attribute__((aligned(4096)));
static u8 pages[2][PAGE] __attribute__((aligned(4096)));

#define WINDOW_POINTER (WINDOW >> 30)

static void invlpg(void)
{
    __asm__ volatile("invlpg (%0)" : : "r"(WINDOW) : "memory");
}

static void set(u64 v)
{
    table[0] = v;
    invlpg();
}

static u32 page(u32 n)
{
    return (u32)(uptr)pages[n];
}

static void begin(void)
{
    for (u32 i = 0; i < 4 * 512; i++)
        directories[i / 512][i % 512] = (u64)i * PAGE_2M | PTE_PS | PTE_P | PTE_W | PTE_U;
    for (u32 i = 0; i < 4; i++)
        pointers[i] = (u32)(uptr)directories[i] | PTE_P;
    mem_set(table, 0, sizeof table);
    directories[WINDOW_POINTER][0] = (u32)(uptr)table | PTE_P | PTE_W | PTE_U;
    write_cr4(read_cr4() | CR4_PAE);
    write_cr3((u32)(uptr)pointers);
    write_cr0(read_cr0() | CR0_PG);
}

static void read(void *address)
{
    (void)*(volatile u32 *)address;
}

static void write(void *address)
{
    *(volatile u32 *)address = 0x600df00d;
}

static void execute(void *address)
{
    ((void (*)(void))(uptr)address)();
}

static void load_cr3(void *value)
{
    write_cr3((uptr)value);
}

static int fault_is(u32 got, u32 error)
{
    return got == VECTOR_PF && fault.error == error && fault.cr2 == WINDOW;
}

static void no_execute(void)
{
    void *const w = (void *)WINDOW;
    *(u8 *)(uptr)page(0) = 0xc3; /* RET */
    set(page(0) | PTE_P | PTE_U | PTE_NX);
    ok(fault_is(try_call(read, w), RESERVED_ERROR), "bit 63 without EFER.NXE is reserved: P and RSVD");
    if (!has_extended_edx(EXT_NX)) {
        tap_skip("EFER.NXE", "CPUID has no NX");
        return;
    }
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    set(page(0) | PTE_P | PTE_U | PTE_NX);
    ok(try_call(read, w) == NO_FAULT, "NX: data can be read");
    ok(fault_is(try_call(execute, w), PF_P | PF_I), "NX: a fetch is #PF: P and I");
    ok(fault_is(try_user(execute, w), PF_P | PF_U | PF_I), "NX: a fetch of ring 3: P, U and I");
    set(page(0) | PTE_P | PTE_U);
    ok(try_call(execute, w) == NO_FAULT, "NX clear: it is executed");
    set(0);
    ok(fault_is(try_call(execute, w), PF_I), "P clear, a fetch with EFER.NXE: I");
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_NXE);
}

static void pointer_table(void)
{
    void *const w = (void *)WINDOW;
    u64 old = pointers[WINDOW_POINTER];
    pointers[WINDOW_POINTER] = 0;
    write_cr3((u32)(uptr)pointers);
    ok(fault_is(try_call(read, w), 0), "P clear in the pointer table: #PF(0)");
    pointers[WINDOW_POINTER] = old | PTE_W;
    if (host() == HOST_TCG)
        tap_skip("a reserved bit in the pointer table: #GP(0) from the load of CR3",
                 "the emulator reads it at each walk");
    else
        ok(faulted(try_call(load_cr3, pointers), VECTOR_GP, 0),
           "a reserved bit in the pointer table: #GP(0) from the load of CR3");
    pointers[WINDOW_POINTER] = old;
    write_cr3((u32)(uptr)pointers);
}

void pae_tests(void)
{
    void *const w = (void *)WINDOW;
    if (!has_edx(EDX_PAE)) {
        tap_skip("PAE", "CPUID has no PAE");
        return;
    }
    begin();
    *(u32 *)(uptr)page(1) = 0x33333333;
    set(page(1) | PTE_P | PTE_W | PTE_U);
    is(MMIO32(WINDOW), 0x33333333, "three levels of 64-bit entries find a page");
    ok(try_call(write, w) == NO_FAULT && (table[0] & (PTE_A | PTE_D)) == (PTE_A | PTE_D), "A and D are set");
    is(MMIO32(page(1)), 0x600df00d, "PS: a page of 2 MiB shows the same byte");
    set(page(1) | PTE_P | PTE_U);
    ok(fault_is(try_user(write, w), PF_P | PF_U | PF_W), "W clear: P, U and W");
    set(page(1) | PTE_P | PTE_RESERVED_51);
    ok(fault_is(try_call(read, w), RESERVED_ERROR), "address bit 51 is reserved: P and RSVD");
    no_execute();
    pointer_table();
    write_cr0(read_cr0() & ~CR0_PG);
    write_cr4(read_cr4() & ~(uptr)CR4_PAE);
}
