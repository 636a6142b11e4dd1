/* i8254.c: Intel 8254 programmable interval timer.
 *
 * Data sheet: Intel 82C54 (order 231244). Modelled: modes 0 to 5, binary and BCD, all read/write formats, counter
 * latch, read-back, null count, gates, and OUT edges on the exact pulse of the clock.
 * Nothing runs per pulse: a counter is brought up to date ("synced") when it is looked at, from one event (load, edge
 * of OUT) to the next, whole periods at once; counter 0 alone has a timer, set to its next event.
 * A count of 1 in modes 2 and 3 is illegal (data sheet, mode definitions): OUT stays high, and the log says so.
 * Not modelled: BCD digits above 9 (they count by their weight); the chip's sampling of GATE by its clock (a pulse
 * however short is seen). */
#include "i8254.h"

#define CW_BCD BIT(0)
#define CW_MODE_SHIFT 1
#define CW_RW_SHIFT 4
#define CW_SC_SHIFT 6
#define CW_SC_READ_BACK 3
#define RB_NO_COUNT BIT(5)
#define RB_NO_STATUS BIT(4)
#define RB_COUNTER_SHIFT 1
#define RW_LATCH 0
#define RW_LSB 1
#define RW_MSB 2
#define RW_BOTH 3
#define STATUS_OUT BIT(7)
#define STATUS_NULL BIT(6)

#define CONTROL_PORT 3
#define BINARY_MODULO 0x10000u
#define BCD_MODULO 10000u
#define PULSE_NEVER UINT64_MAX
/* Bound for pulse numbers in a loaded state, so that sums stay in 64 bits: 30,000 years. */
#define PULSE_MAX BIT64(60)

enum pit_mode {
    MODE_TERMINAL_COUNT = 0,
    MODE_ONE_SHOT = 1,
    MODE_RATE_GENERATOR = 2,
    MODE_SQUARE_WAVE = 3,
    MODE_SOFTWARE_STROBE = 4,
    MODE_HARDWARE_STROBE = 5,
};

/* Time. */

static u64 pulse_of_ns(u64 ns)
{
    return muldiv64(ns, PIT_HZ, NS_PER_SEC);
}

static u64 ns_of_pulse(u64 pulse)
{
    return (u64)(((u128)pulse * NS_PER_SEC + PIT_HZ - 1) / PIT_HZ);
}

u64 pit_pulses(const struct i8254 *s)
{
    return pulse_of_ns(clock_now(s->clock));
}

/* Counts. */

static u32 count_modulo(const struct i8254_counter *c)
{
    return c->bcd ? BCD_MODULO : BINARY_MODULO;
}

/* What the count register says, 0 being the largest count. */
static u32 count_value(const struct i8254_counter *c)
{
    u32 n = c->cr;
    if (c->bcd)
        n = (n >> 12) * 1000 + (n >> 8 & 15) * 100 + (n >> 4 & 15) * 10 + (n & 15);
    return n ? n : count_modulo(c);
}

static u16 to_bcd(u32 n)
{
    return (u16)((n / 1000 % 10) << 12 | (n / 100 % 10) << 8 | (n / 10 % 10) << 4 | n % 10);
}

static bool is_periodic(const struct i8254_counter *c)
{
    return c->mode == MODE_RATE_GENERATOR || c->mode == MODE_SQUARE_WAVE;
}

/* Modes whose GATE low suspends counting; in the others only its rising edge acts (data sheet, "Gate Pin Operations
 * Summary"). */
static bool gate_suspends(const struct i8254_counter *c)
{
    return c->mode != MODE_ONE_SHOT && c->mode != MODE_HARDWARE_STROBE;
}

/* The counting element at `pulse`, no event being due before it. */
static u32 ce_at(const struct i8254_counter *c, u64 pulse)
{
    u64 elapsed = pulse > c->at ? pulse - c->at : 0;
    if (!c->counting)
        return c->ce;
    if (is_periodic(c)) {
        u64 gone = c->mode == MODE_SQUARE_WAVE ? 2 * elapsed : elapsed;
        return gone < c->ce ? (u32)(c->ce - gone) : 0; /* 0: mode 3's extra pulse of an odd count */
    }
    u32 modulo = count_modulo(c);
    return (u32)((c->ce % modulo + modulo - elapsed % modulo) % modulo);
}

/* What the guest reads of it. A count that waits for its pulse reads as loaded: on a PC an access takes longer than a
 * pulse, and Linux, which calibrates its TSC here, counts on that; our processor can be back within the same pulse. */
static u16 ce_read(const struct i8254_counter *c, u64 pulse)
{
    if (c->load_pending)
        return c->mode == MODE_SQUARE_WAVE ? c->cr & 0xfffe : c->cr;
    u32 n = ce_at(c, pulse);
    return c->bcd ? to_bcd(n) : (u16)n;
}

/* Events. */

static void set_out(struct i8254_counter *c, bool level)
{
    if (c->out == level)
        return;
    c->out = level;
    irq_set(&c->out_line, level);
}

/* The pulse at which counting changes OUT next. */
static u64 next_edge(const struct i8254_counter *c)
{
    if (!is_periodic(c))
        return c->armed ? c->at + c->ce : PULSE_NEVER;
    if (c->loaded < 2)
        return PULSE_NEVER;
    if (c->mode == MODE_RATE_GENERATOR)
        return c->at + c->loaded - (c->out ? 1 : 0);
    return c->at + (c->out ? (c->loaded + 1) / 2 : c->loaded / 2);
}

static u64 next_event(const struct i8254_counter *c)
{
    u64 next = c->counting ? next_edge(c) : PULSE_NEVER;
    if (c->load_pending && c->load_at < next)
        next = c->load_at;
    if (c->strobe && c->strobe_end < next)
        next = c->strobe_end;
    return next;
}

/* Stops decrementing, keeping the value. */
static void counter_freeze(struct i8254_counter *c, u64 pulse)
{
    c->ce = ce_at(c, pulse);
    c->at = pulse;
    c->counting = false;
}

/* CR goes to CE. Mode 3 counts by two, from an even number. */
static void counter_load(struct i8254_counter *c, u64 pulse)
{
    c->load_pending = false;
    c->null_count = false;
    c->loaded = count_value(c);
    c->ce = c->mode == MODE_SQUARE_WAVE ? c->loaded & ~1u : c->loaded;
    c->at = pulse;
    c->armed = !is_periodic(c);
    c->counting = c->gate || !gate_suspends(c);
    if (c->mode == MODE_ONE_SHOT)
        set_out(c, false);
}

static void counter_edge(struct i8254_counter *c, u64 pulse)
{
    switch (c->mode) {
    case MODE_TERMINAL_COUNT:
    case MODE_ONE_SHOT:
        c->armed = false;
        set_out(c, true);
        break;
    case MODE_RATE_GENERATOR:
        if (!c->out)
            counter_load(c, pulse);
        set_out(c, !c->out);
        break;
    case MODE_SQUARE_WAVE:
        counter_load(c, pulse);
        set_out(c, !c->out);
        break;
    default: /* the strobes: low for one pulse */
        c->armed = false;
        c->strobe = true;
        c->strobe_end = pulse + 1;
        set_out(c, false);
        break;
    }
}

static void counter_event(struct i8254_counter *c, u64 pulse)
{
    if (c->strobe && c->strobe_end <= pulse) {
        c->strobe = false;
        set_out(c, true);
    }
    if (c->load_pending && c->load_at <= pulse)
        counter_load(c, pulse);
    else if (c->counting && next_edge(c) <= pulse)
        counter_edge(c, pulse);
}

/* A period has just begun and no new count waits: the whole periods up to `pulse` are all alike. */
static void skip_periods(struct i8254_counter *c, u64 pulse)
{
    if (is_periodic(c) && c->counting && c->out && !c->load_pending && !c->null_count && c->loaded >= 2)
        c->at += (pulse - c->at) / c->loaded * c->loaded;
}

static void counter_sync(struct i8254_counter *c, u64 pulse)
{
    for (u64 next = next_event(c); next <= pulse; next = next_event(c)) {
        counter_event(c, next);
        if (c->at == next)
            skip_periods(c, pulse);
    }
}

static void rearm(struct i8254 *s)
{
    u64 next = next_event(&s->counter[0]);
    if (next == PULSE_NEVER)
        timer_stop(&s->timer);
    else
        timer_set(&s->timer, ns_of_pulse(next));
}

static void pit_tick(void *self)
{
    struct i8254 *s = self;
    counter_sync(&s->counter[0], pit_pulses(s));
    rearm(s);
}

/* Gates. */

static void gate_falls(struct i8254_counter *c, u64 pulse)
{
    if (!gate_suspends(c))
        return;
    counter_freeze(c, pulse);
    if (is_periodic(c))
        set_out(c, true);
}

static void gate_rises(struct i8254_counter *c, u64 pulse)
{
    if (c->mode == MODE_TERMINAL_COUNT || c->mode == MODE_SOFTWARE_STROBE) {
        c->at = pulse;
        c->counting = c->loaded && !(c->mode == MODE_TERMINAL_COUNT && c->write_msb);
    } else if (c->cr_written) { /* a trigger: loads on the next pulse */
        c->load_pending = true;
        c->load_at = pulse + 1;
    }
}

void pit_set_gate(struct i8254 *s, unsigned counter, bool level)
{
    struct i8254_counter *c = &s->counter[counter % PIT_COUNTERS];
    u64 pulse = pit_pulses(s);
    counter_sync(c, pulse);
    if (c->gate == level)
        return;
    c->gate = level;
    if (level)
        gate_rises(c, pulse);
    else
        gate_falls(c, pulse);
    rearm(s);
}

bool pit_out(struct i8254 *s, unsigned counter)
{
    struct i8254_counter *c = &s->counter[counter % PIT_COUNTERS];
    counter_sync(c, pit_pulses(s));
    return c->out;
}

/* Writes. */

/* A control word stops the counter and brings OUT to the mode's initial level at once. */
static void write_control(struct i8254_counter *c, u8 v, u64 pulse)
{
    counter_freeze(c, pulse);
    c->rw = v >> CW_RW_SHIFT & 3;
    c->mode = v >> CW_MODE_SHIFT & 7;
    if (c->mode > MODE_HARDWARE_STROBE)
        c->mode &= 3; /* bit 2 is a don't-care for modes 2 and 3 */
    c->bcd = v & CW_BCD;
    c->cr = 0;
    c->cr_written = c->write_msb = c->read_msb = false;
    c->count_latched = c->status_latched = false;
    c->null_count = true;
    c->loaded = 0;
    c->armed = c->load_pending = c->strobe = false;
    set_out(c, c->mode != MODE_TERMINAL_COUNT);
}

static void latch_count(struct i8254_counter *c, u64 pulse)
{
    if (c->count_latched)
        return;
    c->count_latched = true;
    c->latch = ce_read(c, pulse);
}

static void latch_status(struct i8254_counter *c)
{
    if (c->status_latched)
        return;
    c->status_latched = true;
    unsigned programmed = (unsigned)c->rw << CW_RW_SHIFT | (unsigned)c->mode << CW_MODE_SHIFT | c->bcd;
    c->status = (u8)((c->out ? STATUS_OUT : 0) | (c->null_count ? STATUS_NULL : 0) | programmed);
}

static void read_back(struct i8254 *s, u8 v, u64 pulse)
{
    for (unsigned i = 0; i < PIT_COUNTERS; i++) {
        if (!(v >> RB_COUNTER_SHIFT & BIT(i)))
            continue;
        counter_sync(&s->counter[i], pulse);
        if (!(v & RB_NO_COUNT))
            latch_count(&s->counter[i], pulse);
        if (!(v & RB_NO_STATUS))
            latch_status(&s->counter[i]);
    }
}

static void write_control_port(struct i8254 *s, u8 v, u64 pulse)
{
    unsigned select = v >> CW_SC_SHIFT;
    if (select == CW_SC_READ_BACK) {
        read_back(s, v, pulse);
        return;
    }
    struct i8254_counter *c = &s->counter[select];
    counter_sync(c, pulse);
    if ((v >> CW_RW_SHIFT & 3) == RW_LATCH)
        latch_count(c, pulse);
    else
        write_control(c, v, pulse);
}

/* A count is complete in CR. Modes 0 and 4 load it on the next pulse, modes 2 and 3 when there is none yet, else at
 * the end of the period (mode 3: half period), modes 1 and 5 on a trigger. */
static void count_written(struct i8254_counter *c, u64 pulse)
{
    c->cr_written = true;
    c->null_count = true;
    if (c->mode == MODE_TERMINAL_COUNT)
        set_out(c, false);
    if (c->mode == MODE_TERMINAL_COUNT || c->mode == MODE_SOFTWARE_STROBE || (is_periodic(c) && c->loaded < 2)) {
        c->load_pending = true;
        c->load_at = pulse + 1;
    }
}

static void write_count(struct i8254 *s, struct i8254_counter *c, u8 v, u64 pulse)
{
    if (c->rw == RW_BOTH && !c->write_msb) {
        c->lsb = v;
        c->write_msb = true;
        if (c->mode == MODE_TERMINAL_COUNT) { /* the first byte stops the counting */
            counter_freeze(c, pulse);
            c->load_pending = false;
            c->armed = false;
            set_out(c, false);
        }
        return;
    }
    if (c->rw == RW_BOTH)
        c->cr = (u16)(v << 8 | c->lsb);
    else
        c->cr = (u16)(c->rw == RW_MSB ? v << 8 : v);
    c->write_msb = false;
    if (is_periodic(c) && count_value(c) == 1)
        log_guest(s->log, "i8254", "counter %d: a count of 1 is illegal in mode %u", (int)(c - s->counter), c->mode);
    count_written(c, pulse);
}

static void pit_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8254 *s = dev;
    u64 pulse = pit_pulses(s);
    (void)size;
    if (offset == CONTROL_PORT) {
        write_control_port(s, (u8)value, pulse);
    } else {
        counter_sync(&s->counter[offset], pulse);
        write_count(s, &s->counter[offset], (u8)value, pulse);
    }
    rearm(s);
}

/* Reads. A latched status comes first, then a latched count, else the count as it is. */

static u8 read_count(struct i8254_counter *c, u64 pulse)
{
    u16 n = c->count_latched ? c->latch : ce_read(c, pulse);
    bool msb = c->rw == RW_BOTH ? c->read_msb : c->rw == RW_MSB;
    if (c->rw == RW_BOTH)
        c->read_msb = !c->read_msb;
    if (msb || c->rw == RW_LSB)
        c->count_latched = false;
    return (u8)(msb ? n >> 8 : n);
}

static u64 pit_read(void *dev, u64 offset, unsigned size)
{
    struct i8254 *s = dev;
    u64 pulse = pit_pulses(s);
    (void)size;
    if (offset == CONTROL_PORT)
        return 0xff; /* write-only: the chip does not drive the bus */
    struct i8254_counter *c = &s->counter[offset];
    counter_sync(c, pulse);
    if (!c->status_latched)
        return read_count(c, pulse);
    c->status_latched = false;
    return c->status;
}

static const struct region_ops pit_ops = { pit_read, pit_write, 1, 1 };

void pit_init(struct i8254 *s, struct clock *clock, struct log *log, struct irq_line out0)
{
    *s = (struct i8254){ .clock = clock, .log = log };
    s->counter[0].out_line = out0;
    region_init_io(&s->io, "pit", 4, &pit_ops, s);
    timer_init(&s->timer, clock, "i8254", 0, pit_tick, s);
    pit_reset(s);
}

void pit_reset(void *self)
{
    struct i8254 *s = self;
    u64 pulse = pit_pulses(s);
    for (unsigned i = 0; i < PIT_COUNTERS; i++) {
        struct i8254_counter *c = &s->counter[i];
        write_control(c, RW_BOTH << CW_RW_SHIFT, pulse);
        c->lsb = 0;
        c->latch = 0;
        c->status = 0;
        c->ce = 0;
        c->load_at = c->strobe_end = 0;
        c->gate = i != 2;
    }
    rearm(s);
}

static const struct state_field counter_fields[] = {
    STATE_MAX(struct i8254_counter, rw, RW_BOTH),
    STATE_MAX(struct i8254_counter, mode, MODE_HARDWARE_STROBE),
    STATE_MAX(struct i8254_counter, bcd, 1),
    STATE(struct i8254_counter, cr),
    STATE_MAX(struct i8254_counter, cr_written, 1),
    STATE(struct i8254_counter, lsb),
    STATE_MAX(struct i8254_counter, write_msb, 1),
    STATE_MAX(struct i8254_counter, read_msb, 1),
    STATE_MAX(struct i8254_counter, count_latched, 1),
    STATE_MAX(struct i8254_counter, status_latched, 1),
    STATE(struct i8254_counter, latch),
    STATE(struct i8254_counter, status),
    STATE_MAX(struct i8254_counter, null_count, 1),
    STATE_MAX(struct i8254_counter, gate, 1),
    STATE_MAX(struct i8254_counter, out, 1),
    STATE_MAX(struct i8254_counter, counting, 1),
    STATE_MAX(struct i8254_counter, ce, BINARY_MODULO),
    STATE_MAX(struct i8254_counter, at, PULSE_MAX),
    STATE_MAX(struct i8254_counter, loaded, BINARY_MODULO),
    STATE_MAX(struct i8254_counter, armed, 1),
    STATE_MAX(struct i8254_counter, load_pending, 1),
    STATE_MAX(struct i8254_counter, load_at, PULSE_MAX),
    STATE_MAX(struct i8254_counter, strobe, 1),
    STATE_MAX(struct i8254_counter, strobe_end, PULSE_MAX),
    STATE_END,
};

static const struct state_field pit_fields[] = {
    STATE_ARRAY(struct i8254, counter, counter_fields),
    STATE_TIMER(struct i8254, timer),
    STATE_END,
};

const struct state_table i8254_state = { "i8254", 1, pit_fields, NULL };
