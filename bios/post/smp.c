/* smp.c: wakes the application processors (SDM vol. 3, 9.4): INIT, then SIPI to the F segment's first page of code
 * (entry/smp.S). Each is given the memory types of the first, counted, and left waiting. */
#include "post.h"

#define LAPIC 0xfee00000u
#define LAPIC_ID (*(volatile u32 *)(LAPIC + 0x020))
#define LAPIC_SVR (*(volatile u32 *)(LAPIC + 0x0f0))
#define LAPIC_ICR (*(volatile u32 *)(LAPIC + 0x300))
#define LAPIC_LINT0 (*(volatile u32 *)(LAPIC + 0x350))
#define LAPIC_LINT1 (*(volatile u32 *)(LAPIC + 0x360))
#define SVR_ENABLE 0x1ff
#define LINT_EXTINT 0x8700
#define LINT_NMI 0x8400
#define ICR_INIT_OTHERS 0xc4500
#define ICR_SIPI_OTHERS 0xc4600
#define KEY_CPUS 0x05
#define CMOS_CPUS 0x5f
#define WAIT_US 200u
#define WAITS 2500u
#define GUESS_WAITS 50u

extern char entry_ap[];

u8 apic_ids[256];

void ap_main(void)
{
    mtrr_copy();
    LAPIC_SVR = SVR_ENABLE;
    apic_ids[LOW->smp_cpus & 255] = (u8)(LAPIC_ID >> 24);
    LOW->smp_cpus++;
}

/* 0: nobody told. */
static u32 expected(void)
{
    u16 n = 0;
    return fwcfg_item(KEY_CPUS, &n, sizeof n) ? n : 0;
}

static void wake_others(u32 want)
{
    LAPIC_ICR = ICR_INIT_OTHERS;
    udelay(10);
    LAPIC_ICR = ICR_SIPI_OTHERS | (BIOS_BASE + (u32)entry_ap) >> 12;
    for (u32 n = want ? WAITS : GUESS_WAITS; n && !(want && *(volatile u32 *)&LOW->smp_cpus >= want); n--)
        udelay(WAIT_US);
}

void smp_init(void)
{
    u32 want = expected();
    FSEG->cpus = 1;
    if (!cpu_feature(CPUID_APIC))
        return;
    LAPIC_SVR = SVR_ENABLE;
    LAPIC_LINT0 = LINT_EXTINT;
    LAPIC_LINT1 = LINT_NMI;
    apic_ids[0] = (u8)(LAPIC_ID >> 24);
    LOW->smp_cpus = 1;
    if (want != 1)
        wake_others(want);
    FSEG->cpus = (u16)LOW->smp_cpus;
}
