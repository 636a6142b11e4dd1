/* clock.c: IRQ 0 (int 08h) and int 1Ah: ticks, the clock's time, date and alarm, and the PCI BIOS. */
#include "service.h"

#define TICKS_A_DAY 0x1800b0u
#define RTC_SECONDS 0x00
#define RTC_SECONDS_ALARM 0x01
#define RTC_MINUTES 0x02
#define RTC_MINUTES_ALARM 0x03
#define RTC_HOURS 0x04
#define RTC_HOURS_ALARM 0x05
#define RTC_DAY 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_A 0x0a
#define RTC_B 0x0b
#define RTC_CENTURY 0x32
#define A_UIP 0x80
#define B_SET 0x80
#define B_AIE 0x20
#define B_DST 0x01
#define B_24H 0x02
#define UPDATE_MS 20
#define MASK_IRQ8 0x01

void handle_08(struct bregs *regs);
void handle_08(struct bregs *regs)
{
    struct bregs r = { .flags = 0 };
    u32 ticks = GET_BDA(ticks) + 1;
    (void)regs;
    fdc_motor_tick();
    if (ticks >= TICKS_A_DAY) {
        ticks = 0;
        SET_BDA(ticks_overflow, GET_BDA(ticks_overflow) + 1);
    }
    SET_BDA(ticks, ticks);
    call_vector(0x1c, &r);
    irq_end(0);
}

static bool updating(void)
{
    struct timer t;
    timer_start(&t, UPDATE_MS);
    while (cmos_read(RTC_A) & A_UIP)
        if (timer_expired(&t))
            return true;
    return false;
}

static void get_time(struct bregs *regs)
{
    regs->dh = cmos_read(RTC_SECONDS);
    regs->cl = cmos_read(RTC_MINUTES);
    regs->ch = cmos_read(RTC_HOURS);
    regs->dl = cmos_read(RTC_B) & B_DST;
}

static void set_time(struct bregs *regs)
{
    u8 b = cmos_read(RTC_B);
    cmos_write(RTC_B, (u8)(b | B_SET));
    cmos_write(RTC_SECONDS, regs->dh);
    cmos_write(RTC_MINUTES, regs->cl);
    cmos_write(RTC_HOURS, regs->ch);
    cmos_write(RTC_B, (u8)((b & ~(B_SET | B_DST)) | B_24H | (regs->dl & B_DST)));
}

static void get_date(struct bregs *regs)
{
    regs->cl = cmos_read(RTC_YEAR);
    regs->dh = cmos_read(RTC_MONTH);
    regs->dl = cmos_read(RTC_DAY);
    regs->ch = cmos_read(RTC_CENTURY);
}

static void set_date(struct bregs *regs)
{
    u8 b = cmos_read(RTC_B);
    cmos_write(RTC_B, (u8)(b | B_SET));
    cmos_write(RTC_YEAR, regs->cl);
    cmos_write(RTC_MONTH, regs->dh);
    cmos_write(RTC_DAY, regs->dl);
    cmos_write(RTC_CENTURY, regs->ch);
    cmos_write(RTC_B, (u8)(b & ~B_SET));
}

/* One alarm at a time. */
static bool set_alarm(struct bregs *regs)
{
    u8 b = cmos_read(RTC_B);
    if (b & B_AIE)
        return false;
    cmos_write(RTC_SECONDS_ALARM, regs->dh);
    cmos_write(RTC_MINUTES_ALARM, regs->cl);
    cmos_write(RTC_HOURS_ALARM, regs->ch);
    outb(PORT_PIC2 + 1, (u8)(inb(PORT_PIC2 + 1) & ~MASK_IRQ8));
    cmos_write(RTC_B, (u8)((b & ~B_SET) | B_AIE));
    return true;
}

static void ticks(struct bregs *regs)
{
    u32 n = GET_BDA(ticks);
    regs->cx = (u16)(n >> 16);
    regs->dx = (u16)n;
    regs->ax = GET_BDA(ticks_overflow);
    SET_BDA(ticks_overflow, 0);
}

static void set_ticks(struct bregs *regs)
{
    SET_BDA(ticks, (u32)regs->cx << 16 | regs->dx);
    SET_BDA(ticks_overflow, 0);
    regs->ah = 0;
}

/* Functions of the clock chip fail while it updates without end, that is, when its battery is dead. */
static bool rtc_function(struct bregs *regs)
{
    bool stuck = updating();
    switch (regs->ah) {
    case 0x02:
        get_time(regs);
        break;
    case 0x03:
        set_time(regs);
        break;
    case 0x04:
        get_date(regs);
        break;
    case 0x05:
        set_date(regs);
        break;
    case 0x06:
        return set_alarm(regs);
    default:
        cmos_write(RTC_B, (u8)(cmos_read(RTC_B) & ~(B_SET | B_AIE)));
    }
    return !stuck;
}

void handle_1a(struct bregs *regs);
void handle_1a(struct bregs *regs)
{
    set_cf(regs, false);
    switch (regs->ah) {
    case 0x00:
        ticks(regs);
        break;
    case 0x01:
        set_ticks(regs);
        break;
    case 0x02 ... 0x07: {
        bool ok = rtc_function(regs);
        set_cf(regs, !ok);
        regs->ah = 0;
        break;
    }
    default:
        if (regs->ah != 0xb1 || !pcibios_service(regs))
            set_cf(regs, true);
    }
}
