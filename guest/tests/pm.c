/* pm.c: the PIIX4's power management: timer, PM1 event block. ACPI 3.0, 4.7. */
#include "irq.h"
#include "pci.h"
#include "tests.h"

#define PMBASE 0x40
#define PMREGMISC 0x80
enum { PM1_STATUS = 0, PM1_ENABLE = 2, PM1_CONTROL = 4, PM_TIMER = 8 };
#define PM_TIMER_HZ 3579545u
#define TIMER_MASK 0xffffffu
#define PM1_ENABLES 0x0521
#define STATUS_TIMER 1

void pm_tests(void)
{
    u32 pm = pci_find(PCI_PIIX4_PM);
    if (pm == PCI_NONE || !(pci_read8(pm, PMREGMISC) & 1)) {
        tap_skip("power management", "there is no PIIX4, or it has no ports");
        return;
    }
    u16 base = (u16)(pci_read(pm, PMBASE) & 0xffc0);
    u32 a = inl((u16)(base + PM_TIMER));
    delay_us(10000);
    u32 passed = (inl((u16)(base + PM_TIMER)) - a) & TIMER_MASK;
    ok(passed > PM_TIMER_HZ / 100 / 10 * 9 && passed < PM_TIMER_HZ / 100 * (ON_QEMU ? 100 : 1) + PM_TIMER_HZ / 1000,
       "the PM timer counts 3,579,545 times a second");
    u16 enable = inw((u16)(base + PM1_ENABLE));
    outw((u16)(base + PM1_ENABLE), PM1_ENABLES);
    is(inw((u16)(base + PM1_ENABLE)), PM1_ENABLES, "PM1 enable reads back");
    outw((u16)(base + PM1_ENABLE), enable);
    outw((u16)(base + PM1_STATUS), 0xffff);
    ok(!(inw((u16)(base + PM1_STATUS)) & 0x0520), "PM1 status: ones clear");
    u16 control = inw((u16)(base + PM1_CONTROL));
    outw((u16)(base + PM1_CONTROL), (u16)(control ^ 2));
    ok((inw((u16)(base + PM1_CONTROL)) ^ control) == 2, "PM1 control: BM_RLD can be changed");
    outw((u16)(base + PM1_CONTROL), control);
}
