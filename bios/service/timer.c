/* timer.c: real time for the services, without interrupts: the ACPI PM timer (3.579545 MHz, 24 bits), or, where there
 * is none, the refresh request at port 61h, which toggles every 15.085 us. */
#include "service.h"

#define PM_TIMER 8
#define PM_KHZ 3580u
#define PM_MASK 0xffffffu
#define PORT_61 0x61
#define REFRESH 0x10
#define TOGGLES_MS 66u

static u32 now(u32 pm)
{
    return pm ? inl((u16)(pm + PM_TIMER)) & PM_MASK : inb(PORT_61) & REFRESH;
}

void timer_start(struct timer *t, u32 ms)
{
    t->pm = GET_FSEG(pm_base);
    t->left = ms * (t->pm ? PM_KHZ : TOGGLES_MS);
    t->last = now(t->pm);
}

bool timer_expired(struct timer *t)
{
    u32 at = now(t->pm), gone = t->pm ? (at - t->last) & PM_MASK : at != t->last;
    t->last = at;
    t->left = t->left > gone ? t->left - gone : 0;
    return t->left == 0;
}

void delay_us(u32 us)
{
    struct timer t;
    timer_start(&t, 1);
    t.left = us * t.left / 1000 + 1;
    while (!timer_expired(&t))
        cpu_relax();
}
