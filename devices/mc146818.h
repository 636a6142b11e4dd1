/* mc146818.h: real-time clock and 128 bytes of CMOS memory. */
#ifndef PCEMU_MC146818_H
#define PCEMU_MC146818_H

#include "clock.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define RTC_CMOS_SIZE 128

/* Registers, by index. The century is the PC's, not the chip's. */
enum rtc_register {
    RTC_SECONDS = 0x00,
    RTC_SECONDS_ALARM = 0x01,
    RTC_MINUTES = 0x02,
    RTC_MINUTES_ALARM = 0x03,
    RTC_HOURS = 0x04,
    RTC_HOURS_ALARM = 0x05,
    RTC_DAY_OF_WEEK = 0x06,
    RTC_DATE = 0x07,
    RTC_MONTH = 0x08,
    RTC_YEAR = 0x09,
    RTC_REG_A = 0x0a,
    RTC_REG_B = 0x0b,
    RTC_REG_C = 0x0c,
    RTC_REG_D = 0x0d,
    RTC_FIRST_RAM = 0x0e,
    RTC_CENTURY = 0x32,
};

struct mc146818 {
    /* wiring */
    struct region io;       /* "rtc", 2 bytes, with index_io in it */
    struct region index_io; /* "rtc-index", 1 byte */
    struct clock *clock;
    struct log *log;
    struct irq_line irq;
    struct timer update_timer, periodic_timer;
    /* state */
    u8 cmos[RTC_CMOS_SIZE];
    u8 index;
    bool nmi_masked;
    u64 divider_base; /* ns: when the divider chain started from 0 */
    u64 periods_seen; /* periodic edges since then that PF knows of */
    u64 next_update;  /* ns: the next update cycle, while the divider runs */
};

/* `irq8`: the IRQ pin. `unix_seconds`: the date and time (UTC) at the present instant. */
void rtc_init(struct mc146818 *s, struct clock *clock, struct log *log, struct irq_line irq8, u64 unix_seconds);
/* The RESET pin: interrupts off. Time, date, alarm and memory are battery-backed and stay. */
void rtc_reset(void *self);
/* For the machine's start: sets a byte of the memory; index RTC_FIRST_RAM to 127. */
void rtc_set_cmos(struct mc146818 *s, u8 index, u8 value);
/* Bit 7 of port 70h. */
bool rtc_nmi_masked(const struct mc146818 *s);

extern const struct state_table mc146818_state;

#endif
