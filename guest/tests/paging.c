/* paging.c: 32-bit paging: each bit of an entry, each bit of a page fault's error code. */
#include "tests.h"
#include "paging.h"

static u32 directory[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));
static u8 pages[4][PAGE] __attribute__((aligned(4096)));

static void invlpg(u32 address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static u32 page(u32 n)
{
    return (u32)(uptr)pages[n];
}

/* Page n of the window. */
static u32 *entry(u32 n)
{
    return &table[n];
}

static u32 at(u32 n)
{
    return WINDOW + n * PAGE;
}

static void set(u32 n, u32 v)
{
    *entry(n) = v;
    invlpg(at(n));
}

static void identity(u32 bits)
{
    for (u32 i = 0; i < 1024; i++)
        if (i != WINDOW / PAGE_4M)
            directory[i] = i * PAGE_4M | PTE_PS | PTE_P | PTE_W | bits;
    write_cr3((u32)(uptr)directory);
}

static void begin(void)
{
    mem_set(table, 0, sizeof table);
    directory[WINDOW / PAGE_4M] = (u32)(uptr)table | PTE_P | PTE_W | PTE_U;
    write_cr4(read_cr4() | CR4_PSE);
    identity(PTE_U);
    write_cr0(read_cr0() | CR0_PG);
}

static void end(void)
{
    write_cr0(read_cr0() & ~(CR0_PG | CR0_WP));
    write_cr4(read_cr4() & ~(uptr)(CR4_PSE | CR4_PGE | CR4_SMEP | CR4_SMAP));
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

static int fault_at(u32 got, u32 error, u32 address)
{
    return got == VECTOR_PF && fault.error == error && fault.cr2 == address;
}

static int reads(u32 address)
{
    return try_call(read, (void *)address) == NO_FAULT;
}

static void translation(void)
{
    *(u32 *)(uptr)page(0) = 0x11111111;
    *(u32 *)(uptr)page(1) = 0x22222222;
    set(0, page(0) | PTE_P | PTE_W);
    is(MMIO32(at(0)), 0x11111111, "a page is where its entry says");
    set(0, page(1) | PTE_P | PTE_W);
    is(MMIO32(at(0)), 0x22222222, "... and, after INVLPG, where the new one says");
    *entry(0) = page(0) | PTE_P | PTE_W;
    write_cr3(read_cr3());
    is(MMIO32(at(0)), 0x11111111, "... a load of CR3 forgets the old one, too");
    is(MMIO32(page(1)), 0x22222222, "PS: a page of 4 MiB");
}

static void accessed_and_dirty(void)
{
    set(0, page(0) | PTE_P | PTE_W);
    directory[WINDOW / PAGE_4M] &= ~(u32)PTE_A;
    invlpg(at(0));
    ok(reads(at(0)) && *entry(0) & PTE_A && !(*entry(0) & PTE_D), "a read sets A, not D");
    ok(directory[WINDOW / PAGE_4M] & PTE_A, "... in the directory, too");
    ok(try_call(write, (void *)at(0)) == NO_FAULT && *entry(0) & PTE_D, "a write sets D");
}

static void not_present(void)
{
    set(0, 0);
    ok(fault_at(try_call(read, (void *)(at(0) + 4)), 0, at(0) + 4), "P clear, a read: #PF(0), CR2 is the address");
    ok(fault_at(try_call(write, (void *)at(0)), PF_W, at(0)), "P clear, a write: W");
    ok(fault_at(try_user(read, (void *)at(0)), PF_U, at(0)), "P clear, a read of ring 3: U");
    ok(fault_at(try_user(write, (void *)at(0)), PF_U | PF_W, at(0)), "P clear, a write of ring 3: U and W");
    ok(fault_at(try_call(execute, (void *)at(0)), 0, at(0)), "P clear, a fetch: no I without NX");
    set(0, page(0) | PTE_P | PTE_W);
    set(1, 0);
    ok(fault_at(try_call(read, (void *)(at(1) - 2)), 0, at(1)), "a read across a page end: CR2 is the second page");
}

static void protection(void)
{
    set(0, page(0) | PTE_P | PTE_W);
    ok(fault_at(try_user(read, (void *)at(0)), PF_P | PF_U, at(0)), "U clear, ring 3: P and U");
    set(0, page(0) | PTE_P | PTE_U);
    ok(try_user(read, (void *)at(0)) == VECTOR_RETURN, "U set: ring 3 reads");
    ok(fault_at(try_user(write, (void *)at(0)), PF_P | PF_U | PF_W, at(0)), "W clear, a write of ring 3: P, U and W");
    ok(try_call(write, (void *)at(0)) == NO_FAULT, "CR0.WP clear: ring 0 writes all the same");
    write_cr0(read_cr0() | CR0_WP);
    ok(fault_at(try_call(write, (void *)at(0)), PF_P | PF_W, at(0)), "CR0.WP set: ring 0 does not: P and W");
    write_cr0(read_cr0() & ~(uptr)CR0_WP);
    set(0, page(0) | PTE_P | PTE_W | PTE_U);
    ok(try_user(write, (void *)at(0)) == VECTOR_RETURN, "U and W set: ring 3 writes");
    directory[WINDOW / PAGE_4M] &= ~(u32)PTE_W;
    invlpg(at(0));
    ok(fault_at(try_user(write, (void *)at(0)), PF_P | PF_U | PF_W, at(0)), "W clear in the directory counts, too");
    directory[WINDOW / PAGE_4M] |= PTE_W;
    invlpg(at(0));
}

static void global_pages(void)
{
    if (!has_edx(EDX_PGE)) {
        tap_skip("CR4.PGE", "CPUID has no PGE");
        return;
    }
    write_cr4(read_cr4() | CR4_PGE);
    set(0, page(0) | PTE_P | PTE_W | PTE_G);
    ok(reads(at(0)), "G: a global page");
    *entry(0) = page(1) | PTE_P | PTE_W;
    write_cr4(read_cr4() & ~(uptr)CR4_PGE);
    is(MMIO32(at(0)), 0x22222222, "a change of CR4.PGE forgets it");
}

/* Large pages with bits beyond the address that the processor has. */
static void reserved(void)
{
    u32 old = directory[1023 - 8];
    u32 address = (1023 - 8) * PAGE_4M;
    directory[1023 - 8] = old | BIT(21);
    invlpg(address);
    ok(fault_at(try_call(read, (void *)address), RESERVED_ERROR, address),
       "a reserved bit of a 4 MiB entry: P and RSVD");
    directory[1023 - 8] = old;
    invlpg(address);
}

static void stac(void)
{
    __asm__ volatile(".byte 0x0f, 0x01, 0xcb" : : : "memory", "cc");
}

static void clac(void)
{
    __asm__ volatile(".byte 0x0f, 0x01, 0xca" : : : "memory", "cc");
}

static void supervisor_modes(void)
{
    *(u8 *)(uptr)page(2) = 0xc3; /* RET */
    set(2, page(2) | PTE_P | PTE_U);
    ok(try_call(execute, (void *)at(2)) == NO_FAULT, "ring 0 executes a page of ring 3");
    identity(0);
    if (has_leaf7_ebx(EBX7_SMEP)) {
        write_cr4(read_cr4() | CR4_SMEP);
        ok(fault_at(try_call(execute, (void *)at(2)), PF_P | PF_I, at(2)), "CR4.SMEP: not any more: P and I");
        write_cr4(read_cr4() & ~(uptr)CR4_SMEP);
    } else {
        tap_skip("CR4.SMEP: not any more: P and I", "CPUID has no SMEP");
    }
    if (has_leaf7_ebx(EBX7_SMAP)) {
        write_cr4(read_cr4() | CR4_SMAP);
        clac();
        ok(fault_at(try_call(read, (void *)at(2)), PF_P, at(2)), "CR4.SMAP: ring 0 reads no page of ring 3: P");
        stac();
        ok(reads(at(2)), "... unless EFLAGS.AC is set");
        clac();
        write_cr4(read_cr4() & ~(uptr)CR4_SMAP);
    } else {
        tap_skip("CR4.SMAP: ring 0 reads no page of ring 3: P", "CPUID has no SMAP");
        tap_skip("... unless EFLAGS.AC is set", "CPUID has no SMAP");
    }
    identity(PTE_U);
}

void paging_tests(void)
{
    begin();
    ok(read_cr0() & CR0_PG, "CR0.PG: paging is on");
    translation();
    accessed_and_dirty();
    not_present();
    protection();
    global_pages();
    reserved();
    supervisor_modes();
    end();
    ok(!(read_cr0() & CR0_PG), "CR0.PG: paging is off again");
}
