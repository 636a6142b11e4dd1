/* sleep.c: suspend to RAM (ACPI's S3). The power management function asks for it; the processors stop, memory keeps its
 * contents, time goes on. What wakes the machine, as ACPI 3.0 sections 4.7.2.2.1 and 4.7.2.4 say: the power button, the
 * clock chip's alarm and the PM timer where PMEN has them enabled, and as in QEMU a key. Then everything is reset, the
 * firmware finds QEMU's mark in CMOS memory and jumps to the guest's waking vector, and PMSTS says what woke it. What
 * is shadow RAM stays so: there the firmware has what it knows. */
#include "pc.h"

#include "pc_map.h"

/* The shutdown code; this value tells SeaBIOS that memory holds a sleeping system. */
#define CMOS_SHUTDOWN 0x0f
#define SHUTDOWN_RESUME 0xfe

/* SeaBIOS leaves the floppy controller alone when it wakes a system; QEMU's comes out of its reset by itself. */
#define FDC_DOR 1 /* the second of the ports from PORT_FDC on */
#define DOR_RUNS 0x0c

static void stop(struct machine *m)
{
    if (m->in_cpu)
        cpu_stop(turn_cpu(m));
}

void machine_ask_suspend(void *machine)
{
    struct machine *m = machine;
    m->suspended = true;
    m->wake = PIIX4_WAKE_NONE;
    rtc_set_cmos(&m->rtc, CMOS_SHUTDOWN, SHUTDOWN_RESUME);
    stop(m);
}

void pc_wake(void *machine, enum piix4_wake by)
{
    struct machine *m = machine;
    if (m->suspended && m->wake == PIIX4_WAKE_NONE && piix4_pm_wakes(&m->pm, by))
        m->wake = (u8)by;
}

void pc_timer_wakes(void *machine)
{
    pc_wake(machine, PIIX4_WAKE_TIMER);
}

bool machine_suspended(const struct machine *m)
{
    return m->suspended;
}

void machine_wake(struct machine *m)
{
    if (journal_input(m, JOURNAL_WAKE, 0, 0, 0))
        pc_wake(m, PIIX4_WAKE_BUTTON);
}

void sleep_end(struct machine *m)
{
    enum piix4_wake by = (enum piix4_wake)m->wake;
    u8 pam[I440FX_PAM_REGISTERS];
    memcpy(pam, m->i440fx.pci.config + I440FX_PAM0, sizeof pam);
    pc_reset(m);
    i440fx_set_pam(&m->i440fx, pam);
    space_write(&m->port_space, PORT_FDC + FDC_DOR, DOR_RUNS, 1);
    piix4_pm_woke(&m->pm, by);
}
