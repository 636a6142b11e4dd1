/* rtc.c: the clock chip's interrupt (IRQ 8, int 70h): the alarm (int 4Ah) and the waits of int 15h/83h and 86h, which
 * count its periodic interrupt of 1024 Hz. */
#include "service.h"

#define RTC_A 0x0a
#define RTC_B 0x0b
#define RTC_C 0x0c
#define B_PIE 0x40
#define B_AIE 0x20
#define C_PF 0x40
#define C_AF 0x20
#define PERIOD_US 976u
#define MASK_IRQ8 0x01
#define WAIT_RUNS 0x01
#define WAIT_DONE 0x80
#define STATUS_BUSY 0x83

static void stop_periodic(void)
{
    SET_BDA(rtc_wait, 0);
    cmos_write(RTC_B, (u8)(cmos_read(RTC_B) & ~B_PIE));
}

static void count_down(void)
{
    u32 left = GET_BDA(wait_us);
    if (left > PERIOD_US) {
        SET_BDA(wait_us, left - PERIOD_US);
        return;
    }
    u16 seg = GET_BDA(wait_flag.seg), off = GET_BDA(wait_flag.off);
    stop_periodic();
    far_set(seg, off, far_get(seg, off, 1) | WAIT_DONE, 1);
}

void handle_70(struct bregs *regs);
void handle_70(struct bregs *regs)
{
    u8 enabled = cmos_read(RTC_B), cause = cmos_read(RTC_C);
    (void)regs;
    if (enabled & cause & C_AF) {
        struct bregs r = { .flags = 0 };
        cmos_write(RTC_B, (u8)(cmos_read(RTC_B) & ~B_AIE));
        call_vector(0x4a, &r);
    }
    if ((enabled & cause & C_PF) && (GET_BDA(rtc_wait) & WAIT_RUNS))
        count_down();
    irq_end(8);
}

static bool start_wait(u32 us, u16 seg, u16 off)
{
    if (GET_BDA(rtc_wait) & WAIT_RUNS)
        return false;
    SET_BDA(rtc_wait, WAIT_RUNS);
    SET_BDA(wait_us, us);
    SET_BDA(wait_flag.seg, seg);
    SET_BDA(wait_flag.off, off);
    outb(PORT_PIC2 + 1, (u8)(inb(PORT_PIC2 + 1) & ~MASK_IRQ8));
    cmos_write(RTC_A, (u8)((cmos_read(RTC_A) & 0xf0) | 6));
    cmos_write(RTC_B, (u8)(cmos_read(RTC_B) | B_PIE));
    return true;
}

/* 83h: a byte's bit 7 is set when the time is over (AL = 1: call it off). 86h: comes back when it is. */
void rtc_wait_service(struct bregs *regs)
{
    u32 us = (u32)regs->cx << 16 | regs->dx;
    if (regs->ah == 0x83 && regs->al == 1) {
        stop_periodic();
        set_cf(regs, false);
        return;
    }
    bool wait = regs->ah == 0x86;
    u16 flag = (u16)offsetof(struct bda, rtc_wait);
    if (!start_wait(us, wait ? SEG_BDA : regs->es, wait ? flag : regs->bx)) {
        regs->ah = STATUS_BUSY;
        set_cf(regs, true);
        return;
    }
    while (wait && (GET_BDA(rtc_wait) & WAIT_RUNS))
        halt_until_interrupt();
    if (wait)
        SET_BDA(rtc_wait, 0);
    regs->ah = 0;
    set_cf(regs, false);
}
