/* panel.c: the buttons that somebody in front of the machine presses, and the alarm by which he is told the time. */
#include "pc.h"

#include "pc_cmos.h"

/* Alarms come before the chips' timers of the same instant: what is done then is seen by them. */
#define ALARM_PRIORITY -1

void machine_press_power(struct machine *m)
{
    if (!journal_input(m, JOURNAL_POWER, 0, 0, 0))
        return;
    pc_wake(m, PIIX4_WAKE_BUTTON);
    if (!m->suspended)
        piix4_pm_power_button(&m->pm);
}

/* The chip set's NMI is at LINT1 of every processor; its APIC says what comes of it. */
void machine_press_nmi(struct machine *m)
{
    if (!journal_input(m, JOURNAL_NMI, 0, 0, 0))
        return;
    struct irq_line nmi = lapic_bus_lint(&m->apic_bus, 1);
    irq_pulse(&nmi);
}

void machine_set_boot_order(struct machine *m, const char *order)
{
    u64 letters = 0;
    strncpy((char *)&letters, order, sizeof letters - 1);
    if (!journal_input(m, JOURNAL_BOOT, letters, 0, 0))
        return;
    memset(m->config.boot_order, 0, sizeof m->config.boot_order);
    strncpy(m->config.boot_order, order, sizeof m->config.boot_order - 1);
    pc_cmos_set_boot_order(&m->rtc, m->config.boot_order);
}

static void ring(void *machine)
{
    struct machine *m = machine;
    m->alarm_rang = true;
}

void pc_build_alarm(struct machine *m)
{
    timer_init(&m->alarm, &m->clock, "alarm", ALARM_PRIORITY, ring, m);
}

void machine_set_alarm(struct machine *m, u64 ns)
{
    if (ns == UINT64_MAX)
        timer_stop(&m->alarm);
    else
        timer_set(&m->alarm, ns);
}
