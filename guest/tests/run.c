/* run.c: the plan: every room in its order; then the resets, each of which comes back here (real/main.c). */
#include "resume.h"
#include "tests.h"

static const struct {
    const char *name;
    void (*run)(void);
} rooms[] = {
    { "32-bit protected mode: segments", segment_tests },
    { "gates, privileges, double fault", gate_tests },
    { "tasks", task_tests },
    { "paging, 32-bit", paging_tests },
    { "paging, PAE", pae_tests },
    { "virtual-8086 mode", v86_tests },
    { "SYSENTER", sysenter_tests },
    { "debug registers", debug_tests },
    { "FPU and SSE", fpu_tests },
    { "long mode", long_tests },
    { "8259: interrupt controllers", pic_tests },
    { "8254: timers", pit_tests },
    { "MC146818: clock", rtc_tests },
    { "8042: keyboard, mouse, A20", kbd_tests },
    { "local APIC, I/O APIC", apic_tests },
    { "several processors", smp_tests },
    { "HPET", hpet_tests },
    { "PIIX4: power management", pm_tests },
    { "PCI", pci_tests },
    { "IDE", ide_tests },
    { "VGA", vga_tests },
    { "i440FX: shadow memory", pam_tests },
    { "system management mode", smm_tests },
    { "8237, 82078: DMA and floppy disk", floppy_tests },
    { "16550: serial port", serial_tests },
    { "82540EM: network card", e1000_tests },
    { "the allocator", alloc_tests },
};

void tests_run(void)
{
    resume_write(&(struct resume){ .stage = RESUME_RUNNING });
    for (u32 i = 0; i < ARRAY_LEN(rooms); i++) {
        tap_stage(rooms[i].name);
        rooms[i].run();
    }
    tap_stage("resets");
    reset_tests(0);
}

void tests_from_tour(void)
{
    info->tests = info->failed = info->skipped = 0;
    tests_run();
}

void tests_resume(void)
{
    reset_tests(info->reset_stage);
    machine_exit(tap_finish());
}
