/* run.c: long mode's page tables, and its part of the test plan. Part of the 32-bit kernel. */
#include "tests.h"
#include "paging.h"

void long_run(u32 cr3);

static u64 level4[512] __attribute__((aligned(4096)));
static u64 level3[512] __attribute__((aligned(4096)));
static u64 level2[4][512] __attribute__((aligned(4096)));

/* The first 4 GiB, each address to itself, by pages of 2 MiB that ring 3 may use. */
u32 long_tables(void)
{
    for (u32 i = 0; i < 4 * 512; i++)
        level2[i / 512][i % 512] = (u64)i * PAGE_2M | PTE_PS | PTE_P | PTE_W | PTE_U;
    for (u32 i = 0; i < 4; i++)
        level3[i] = (u32)(uptr)level2[i] | PTE_P | PTE_W | PTE_U;
    level4[0] = (u32)(uptr)level3 | PTE_P | PTE_W | PTE_U;
    return (u32)(uptr)level4;
}

void long_tests(void)
{
    if (!has_extended_edx(EXT_LM)) {
        tap_skip("long mode", "CPUID has no LM");
        return;
    }
    long_run(long_tables());
    ok(!(rdmsr(MSR_EFER) & EFER_LMA) && !(read_cr0() & CR0_PG),
       "back in 32-bit protected mode: EFER.LMA and CR0.PG are clear");
    gdt_set(TSS_MAIN, segment_desc((u32)(uptr)&tss_main, sizeof tss_main - 1, SEG_P | SYS_TSS, 0));
    __asm__ volatile("ltr %w0; lldt %w1" : : "r"(TSS_MAIN), "r"(LDT_MAIN));
}
