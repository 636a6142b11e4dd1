/* exit.c: how the guest ends: by isa-debug-exit at F4, which carries the verdict; without one, by the power management
 * of the PIIX4 (a write to PM1_CNT), Bochs' shutdown port or APM; without these, by waiting. */
#include "kernel.h"
#include "pci.h"

#define DEBUG_EXIT 0xf4
#define VERDICT_PASSED 0x10 /* exit status 33 */
#define VERDICT_FAILED 0x11 /* exit status 35 */
#define PIIX4_PMBASE 0x40
#define PM1_CNT 4
#define SLP_EN BIT(13) /* with SLP_TYP 0: off, on QEMU's board */
#define BOCHS_SHUTDOWN 0x8900
#define SYSTEM 0x15

static void apm_off(void)
{
    struct real_regs r = { .eax = 0x5301 };
    real_int(SYSTEM, &r);
    r = (struct real_regs){ .eax = 0x530e, .ecx = 0x0102 };
    real_int(SYSTEM, &r);
    r = (struct real_regs){ .eax = 0x5307, .ebx = 1, .ecx = 3 };
    real_int(SYSTEM, &r);
}

void power_off(void)
{
    u32 pm = pci_find(PCI_PIIX4_PM);
    if (pm != PCI_NONE)
        outw((u16)((pci_read(pm, PIIX4_PMBASE) & 0xffc0) + PM1_CNT), SLP_EN);
    for (const char *s = "Shutdown"; *s; s++)
        outb(BOCHS_SHUTDOWN, (u8)*s);
    apm_off();
}

void machine_exit(u32 failed)
{
    outb(DEBUG_EXIT, failed ? VERDICT_FAILED : VERDICT_PASSED);
    power_off();
    for (;;)
        __asm__ volatile("cli; hlt");
}
