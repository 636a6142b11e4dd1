/* mc146818.c: Motorola MC146818A real-time clock, as a PC has it: 128 bytes of CMOS behind ports 70h and 71h.
 *
 * Data sheet: Motorola MC146818A. The time registers hold what the guest wrote, in the guest's format (BCD or binary,
 * 12 or 24 hours), and are counted up in place once a second, as on the chip: a change of format converts nothing.
 * Modelled: update cycle with UIP (244 us ahead of it), SET, divider reset, alarm with don't-cares, periodic, alarm and
 * update-ended interrupts, the century in byte 32h (PC practice; it makes the leap years Gregorian), NMI mask.
 * Not modelled: daylight saving (DSE: logged), the square wave pin, time bases other than 32.768 kHz (logged), the
 * 1.9 ms that an update takes (it is done in an instant, at the end of UIP). */
#include "mc146818.h"

#include <assert.h>

#define A_RS 0x0f
#define A_DV 0x70
#define A_DV_32KHZ 0x20
#define A_DV_RESET 0x60 /* and 70h */
#define A_UIP BIT(7)
#define B_DSE BIT(0)
#define B_24H BIT(1)
#define B_DM BIT(2) /* binary */
#define B_SQWE BIT(3)
#define B_UIE BIT(4)
#define B_AIE BIT(5)
#define B_PIE BIT(6)
#define B_SET BIT(7)
#define C_UF BIT(4)
#define C_AF BIT(5)
#define C_PF BIT(6)
#define C_IRQF BIT(7)
#define C_FLAGS (C_UF | C_AF | C_PF)
#define D_VRT BIT(7)
#define HOURS_PM BIT(7)
#define ALARM_DONT_CARE 0xc0
#define INDEX_NMI_MASK BIT(7)

#define RTC_HZ 32768u
#define UIP_NS ((u64)244000)            /* data sheet, t_BUC */
#define AFTER_RESET_NS (NS_PER_SEC / 2) /* first update after the divider's reset */
#define SECONDS_PER_DAY 86400
#define NS_MAX BIT64(62)    /* for times in a loaded state, so that sums stay in 64 bits */
#define DAYS_PER_ERA 146097 /* of the Gregorian calendar: 400 years */

/* Periodic interrupt. */

/* The period in 1/32768 s; 0: none selected. Rates 1 and 2 repeat 8 and 9 (data sheet, table of periodic rates). */
static u32 period(const struct mc146818 *s)
{
    unsigned rs = s->cmos[RTC_REG_A] & A_RS;
    if (rs == 0)
        return 0;
    return BIT((rs < 3 ? rs + 7 : rs) - 1);
}

static bool divider_runs(const struct mc146818 *s)
{
    return (s->cmos[RTC_REG_A] & A_DV) < A_DV_RESET;
}

static u64 periods_now(const struct mc146818 *s)
{
    u64 now = clock_now(s->clock);
    u32 p = period(s);
    if (!p || !divider_runs(s) || now < s->divider_base)
        return 0;
    return muldiv64(now - s->divider_base, RTC_HZ, NS_PER_SEC) / p;
}

/* PF is set by each edge of the selected rate, wanted or not; edges are counted when somebody looks. */
static void sync_periodic(struct mc146818 *s)
{
    u64 n = periods_now(s);
    if (n > s->periods_seen)
        s->cmos[RTC_REG_C] |= C_PF;
    s->periods_seen = n;
}

/* The timer runs only while its edge would make an interrupt: PIE is on, PF off. */
static void arm_periodic(struct mc146818 *s)
{
    u32 p = period(s);
    if (!p || !divider_runs(s) || !(s->cmos[RTC_REG_B] & B_PIE) || (s->cmos[RTC_REG_C] & C_PF)) {
        timer_stop(&s->periodic_timer);
        return;
    }
    u128 ticks = (u128)(s->periods_seen + 1) * p;
    timer_set(&s->periodic_timer, s->divider_base + (u64)((ticks * NS_PER_SEC + RTC_HZ - 1) / RTC_HZ));
}

/* Register C's IRQF and the pin: any flag whose enable in B, at the same bit, is on. */
static void update_irq(struct mc146818 *s)
{
    u8 *c = &s->cmos[RTC_REG_C];
    bool level = *c & s->cmos[RTC_REG_B] & C_FLAGS;
    *c = (u8)((*c & C_FLAGS) | (level ? C_IRQF : 0));
    irq_set(&s->irq, level);
    arm_periodic(s);
}

static void periodic_fire(void *self)
{
    struct mc146818 *s = self;
    sync_periodic(s);
    update_irq(s);
}

/* Counting time. */

static u8 decode(const struct mc146818 *s, u8 v)
{
    return s->cmos[RTC_REG_B] & B_DM ? v : (u8)((v >> 4) * 10 + (v & 15));
}

static u8 encode(const struct mc146818 *s, unsigned n)
{
    return (u8)(s->cmos[RTC_REG_B] & B_DM ? n : n / 10 % 10 << 4 | n % 10);
}

static unsigned get_hours(const struct mc146818 *s)
{
    u8 v = s->cmos[RTC_HOURS];
    if (s->cmos[RTC_REG_B] & B_24H)
        return decode(s, v);
    return decode(s, (u8)(v & ~HOURS_PM)) % 12u + (v & HOURS_PM ? 12 : 0);
}

static void set_hours(struct mc146818 *s, unsigned hours)
{
    u8 v = encode(s, hours);
    if (!(s->cmos[RTC_REG_B] & B_24H))
        v = (u8)(encode(s, hours % 12 ? hours % 12 : 12) | (hours >= 12 ? HOURS_PM : 0));
    s->cmos[RTC_HOURS] = v;
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned full_year(const struct mc146818 *s)
{
    return decode(s, s->cmos[RTC_CENTURY]) * 100u + decode(s, s->cmos[RTC_YEAR]);
}

static unsigned days_in_month(unsigned month, unsigned year)
{
    static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (month == 2 && is_leap(year))
        return 29;
    return month >= 1 && month <= ARRAY_LEN(days) ? days[month - 1] : 31;
}

/* Adds one to a register that runs from `first` to `last`; true when it wraps. */
static bool count_up(struct mc146818 *s, u8 reg, unsigned first, unsigned last)
{
    unsigned n = decode(s, s->cmos[reg]);
    s->cmos[reg] = encode(s, n >= last ? first : n + 1);
    return n >= last;
}

static void next_day(struct mc146818 *s)
{
    unsigned days = days_in_month(decode(s, s->cmos[RTC_MONTH]), full_year(s));
    count_up(s, RTC_DAY_OF_WEEK, 1, 7);
    if (count_up(s, RTC_DATE, 1, days) && count_up(s, RTC_MONTH, 1, 12) && count_up(s, RTC_YEAR, 0, 99))
        count_up(s, RTC_CENTURY, 0, 99);
}

static void next_second(struct mc146818 *s)
{
    if (!count_up(s, RTC_SECONDS, 0, 59) || !count_up(s, RTC_MINUTES, 0, 59))
        return;
    unsigned hours = get_hours(s) + 1;
    set_hours(s, hours >= 24 ? 0 : hours);
    if (hours >= 24)
        next_day(s);
}

static bool alarm_byte_matches(const struct mc146818 *s, u8 time, u8 alarm)
{
    return (s->cmos[alarm] & ALARM_DONT_CARE) == ALARM_DONT_CARE || s->cmos[alarm] == s->cmos[time];
}

static void update_cycle(struct mc146818 *s)
{
    next_second(s);
    s->cmos[RTC_REG_C] |= C_UF;
    if (alarm_byte_matches(s, RTC_SECONDS, RTC_SECONDS_ALARM) &&
        alarm_byte_matches(s, RTC_MINUTES, RTC_MINUTES_ALARM) && alarm_byte_matches(s, RTC_HOURS, RTC_HOURS_ALARM))
        s->cmos[RTC_REG_C] |= C_AF;
    update_irq(s);
}

/* Once a second while the divider runs; SET holds the update off, not the divider. */
static void update_fire(void *self)
{
    struct mc146818 *s = self;
    s->next_update += NS_PER_SEC;
    timer_set(&s->update_timer, s->next_update);
    if (!(s->cmos[RTC_REG_B] & B_SET))
        update_cycle(s);
}

static bool update_in_progress(const struct mc146818 *s)
{
    return divider_runs(s) && !(s->cmos[RTC_REG_B] & B_SET) && clock_now(s->clock) + UIP_NS >= s->next_update;
}

/* Registers. */

static void start_divider(struct mc146818 *s, u64 first_update)
{
    s->divider_base = clock_now(s->clock);
    s->next_update = first_update;
    timer_set(&s->update_timer, first_update);
}

static void write_reg_a(struct mc146818 *s, u8 v)
{
    bool ran = divider_runs(s);
    sync_periodic(s);
    s->cmos[RTC_REG_A] = v & (A_DV | A_RS);
    if (divider_runs(s) && (v & A_DV) != A_DV_32KHZ)
        log_unimp(s->log, "mc146818", "time base %u: counts as 32.768 kHz", (v & A_DV) >> 4);
    if (divider_runs(s) && !ran)
        start_divider(s, clock_now(s->clock) + AFTER_RESET_NS);
    else if (!divider_runs(s))
        timer_stop(&s->update_timer);
    s->periods_seen = periods_now(s);
    update_irq(s);
}

static void write_reg_b(struct mc146818 *s, u8 v)
{
    sync_periodic(s);
    if ((v & B_SET) && !(s->cmos[RTC_REG_B] & B_SET))
        v &= (u8)~B_UIE; /* data sheet, register B, UIE: cleared by SET going high */
    if (v & B_DSE)
        log_unimp(s->log, "mc146818", "daylight saving (register B %02x)", v);
    s->cmos[RTC_REG_B] = v;
    update_irq(s);
}

static u8 read_reg_c(struct mc146818 *s)
{
    sync_periodic(s);
    update_irq(s);
    u8 v = s->cmos[RTC_REG_C];
    s->cmos[RTC_REG_C] = 0;
    update_irq(s);
    return v;
}

static u8 read_cmos(struct mc146818 *s)
{
    switch (s->index) {
    case RTC_REG_A:
        return (u8)(s->cmos[RTC_REG_A] | (update_in_progress(s) ? A_UIP : 0));
    case RTC_REG_C:
        return read_reg_c(s);
    default:
        return s->cmos[s->index];
    }
}

static void write_cmos(struct mc146818 *s, u8 v)
{
    switch (s->index) {
    case RTC_REG_A:
        write_reg_a(s, v);
        break;
    case RTC_REG_B:
        write_reg_b(s, v);
        break;
    case RTC_REG_C:
    case RTC_REG_D:
        break; /* read-only */
    default:
        s->cmos[s->index] = v;
        break;
    }
}

static u64 rtc_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return offset ? read_cmos(dev) : 0xff; /* the index is write-only */
}

static void rtc_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct mc146818 *s = dev;
    (void)size;
    if (offset) {
        write_cmos(s, (u8)value);
        return;
    }
    s->index = (u8)value % RTC_CMOS_SIZE;
    s->nmi_masked = value & INDEX_NMI_MASK;
}

static const struct region_ops rtc_ops = { rtc_read, rtc_write, 1, 1 };

/* Setting up. */

/* Days since 1970-01-01 to a date, by eras of 400 years that begin on 1 March, when leap days come last. */
static void set_date(struct mc146818 *s, u64 days)
{
    u64 from_era = days + 719468; /* 1 March of year 0 to 1 January 1970 */
    u64 doe = from_era % DAYS_PER_ERA;
    u64 yoe = (doe - doe / 1460 + doe / 36524 - doe / (DAYS_PER_ERA - 1)) / 365;
    u64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    u64 mp = (5 * doy + 2) / 153; /* months since March; 153 days are five of them */
    unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    u64 year = from_era / DAYS_PER_ERA * 400 + yoe + (month <= 2);
    s->cmos[RTC_DATE] = encode(s, (unsigned)(doy - (153 * mp + 2) / 5 + 1));
    s->cmos[RTC_MONTH] = encode(s, month);
    s->cmos[RTC_YEAR] = encode(s, (unsigned)(year % 100));
    s->cmos[RTC_CENTURY] = encode(s, (unsigned)(year / 100 % 100));
    s->cmos[RTC_DAY_OF_WEEK] = encode(s, (unsigned)((days + 4) % 7 + 1)); /* 1970 began on a Thursday; Sunday is 1 */
}

static void set_time(struct mc146818 *s, u64 unix_seconds)
{
    unsigned second = (unsigned)(unix_seconds % SECONDS_PER_DAY);
    set_date(s, unix_seconds / SECONDS_PER_DAY);
    set_hours(s, second / 3600);
    s->cmos[RTC_MINUTES] = encode(s, second / 60 % 60);
    s->cmos[RTC_SECONDS] = encode(s, second % 60);
}

void rtc_init(struct mc146818 *s, struct clock *clock, struct log *log, struct irq_line irq8, u64 unix_seconds)
{
    *s = (struct mc146818){ .clock = clock, .log = log, .irq = irq8 };
    region_init_io(&s->io, "rtc", 2, &rtc_ops, s);
    region_init_io(&s->index_io, "rtc-index", 1, &rtc_ops, s);
    region_add(&s->io, 0, &s->index_io, 0);
    timer_init(&s->update_timer, clock, "mc146818 update", 0, update_fire, s);
    timer_init(&s->periodic_timer, clock, "mc146818 periodic", 0, periodic_fire, s);
    s->cmos[RTC_REG_A] = A_DV_32KHZ | 6; /* 1024 Hz, as the BIOS of an AT leaves it */
    s->cmos[RTC_REG_B] = B_24H;
    s->cmos[RTC_REG_D] = D_VRT;
    set_time(s, unix_seconds);
    start_divider(s, clock_now(clock) + NS_PER_SEC);
    rtc_reset(s);
}

void rtc_reset(void *self)
{
    struct mc146818 *s = self;
    s->cmos[RTC_REG_B] &= (u8) ~(B_PIE | B_AIE | B_UIE | B_SQWE);
    s->periods_seen = periods_now(s);
    s->cmos[RTC_REG_C] = 0;
    s->nmi_masked = true; /* PIIX3, "RTC index register": default of bit 7 */
    s->index = 0;
    update_irq(s);
}

void rtc_set_cmos(struct mc146818 *s, u8 index, u8 value)
{
    assert(index >= RTC_FIRST_RAM && index < RTC_CMOS_SIZE);
    s->cmos[index] = value;
}

bool rtc_nmi_masked(const struct mc146818 *s)
{
    return s->nmi_masked;
}

static const struct state_field rtc_fields[] = {
    STATE_BYTES(struct mc146818, cmos),
    STATE_MAX(struct mc146818, index, RTC_CMOS_SIZE - 1),
    STATE_MAX(struct mc146818, nmi_masked, 1),
    STATE_MAX(struct mc146818, divider_base, NS_MAX),
    STATE(struct mc146818, periods_seen),
    STATE_MAX(struct mc146818, next_update, NS_MAX),
    STATE_TIMER(struct mc146818, update_timer),
    STATE_TIMER(struct mc146818, periodic_timer),
    STATE_END,
};

const struct state_table mc146818_state = { "mc146818", 1, rtc_fields, NULL };
