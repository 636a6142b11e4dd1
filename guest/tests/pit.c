/* pit.c: the 8254: its modes on channel 2, whose gate and output are at port 61, and channel 0's interrupt. Data sheet:
 * Intel 231164. */
#include "irq.h"
#include "tests.h"

#define PIT2 0x42
#define PIT_MODE 0x43
#define PORT_61 0x61
#define GATE2 0x01
#define REFRESH 0x10
#define OUT2 0x20
#define CHANNEL2 0x80
#define BOTH 0x30
#define LATCH 0x00
#define READ_BACK_STATUS2 0xe8
#define READ_BACK_COUNT2 0xd8
#define STATUS_OUT 0x80
#define STATUS_NULL 0x40

static void gate(int up)
{
    outb(PORT_61, (u8)((inb(PORT_61) & 0x0c) | (up ? GATE2 : 0)));
}

static int out(void)
{
    return (inb(PORT_61) & OUT2) != 0;
}

static void load(u32 mode, u32 count)
{
    outb(PIT_MODE, (u8)(CHANNEL2 | BOTH | mode << 1));
    outb(PIT2, (u8)count);
    outb(PIT2, (u8)(count >> 8));
}

static u32 latched(void)
{
    outb(PIT_MODE, CHANNEL2 | LATCH);
    u32 low = inb(PIT2);
    return low | (u32)inb(PIT2) << 8;
}

static u8 status(void)
{
    outb(PIT_MODE, READ_BACK_STATUS2);
    return inb(PIT2);
}

static void few_clocks(void)
{
    for (u32 i = 0; i < 200; i++)
        inb(PORT_61);
}

/* How often OUT changes until a count of 60000 (50 ms) of nobody's has passed: by polls. */
static u32 changes(u32 polls)
{
    u32 n = 0;
    int last = out();
    for (u32 i = 0; i < polls; i++) {
        int now = out();
        n += now != last;
        last = now;
    }
    return n;
}

static int rises(u32 polls)
{
    while (!out() && polls)
        polls--;
    return polls != 0;
}

#define POLLS 1000000u

static const char why[] = "the emulator has neither gates, nor BCD, nor the null count";

static void one_shots(void)
{
    gate(1);
    load(0, 50000);
    ok(!out(), "mode 0: OUT is low while it counts");
    ok(rises(POLLS), "mode 0: OUT rises at the end");
    ok(changes(2000) == 0 && out(), "mode 0: ... and stays");
    gate(0);
    load(0, 1000);
    u32 first = latched(), again;
    for (u32 i = 0; i < 100; i++)
        pause();
    again = latched();
    check_unless(ON_QEMU, first == again, "mode 0: GATE low holds the count", why);
    gate(0);
    load(1, 30000);
    ok(out(), "mode 1: OUT is high before the trigger");
    gate(1);
    few_clocks();
    check_unless(ON_QEMU, !out() && rises(POLLS), "mode 1: GATE's rise starts a pulse, low to its end", why);
}

static void counting(void)
{
    gate(1);
    load(2, 0xf000);
    few_clocks();
    u32 a = latched();
    few_clocks();
    u32 b = latched();
    ok(a <= 0xf000 && b < a, "the latch command: the count goes down");
    few_clocks();
    outb(PIT_MODE, READ_BACK_COUNT2);
    u32 low = inb(PIT2), c = low | (u32)inb(PIT2) << 8;
    ok(c < b, "the read-back command latches the count, too");
    is(status() & 0x3f, BOTH | 2 << 1, "the read-back status: access and mode");
    gate(0);
    load(2, 0xf000);
    check_unless(ON_QEMU, status() & STATUS_OUT, "mode 2 with GATE low: OUT is high", why);
    outb(PIT_MODE, CHANNEL2 | BOTH);
    check_unless(ON_QEMU, status() & STATUS_NULL, "a control word: the null count is set", why);
    outb(PIT_MODE, CHANNEL2 | 0x10); /* low byte alone */
    outb(PIT2, 0x42);
    gate(1);
    few_clocks();
    outb(PIT_MODE, CHANNEL2 | 0x20 | 2 << 1); /* high byte alone */
    outb(PIT2, 0x80);
    u32 high = inb(PIT2);
    ok(high <= 0x80, "access to the upper byte alone");
    outb(PIT_MODE, CHANNEL2 | BOTH | 2 << 1 | 1);
    outb(PIT2, 0x00);
    outb(PIT2, 0x10); /* 1000 in BCD */
    u32 decimal = 1, v = 0;
    for (u32 i = 0; i < 200; i++) {
        v = latched();
        for (u32 shift = 0; shift < 16; shift += 4)
            decimal &= (v >> shift & 15) <= 9;
    }
    check_unless(ON_QEMU, decimal && v <= 0x1000, "BCD: every digit is one", why);
}

static void square_wave(void)
{
    gate(1);
    load(3, 100);
    ok(changes(20000) > 4, "mode 3: OUT goes up and down");
    load(3, 60000);
    u32 odd = 0;
    for (u32 i = 0; i < 50; i++)
        odd |= latched() & 1;
    is(odd, 0, "mode 3: an even count goes down by two");
    gate(0);
    ok(out(), "mode 3: GATE low makes OUT high");
    u32 n = 0;
    u8 last = inb(PORT_61) & REFRESH;
    for (u32 i = 0; i < 20000; i++) {
        u8 now = inb(PORT_61) & REFRESH;
        n += now != last;
        last = now;
    }
    ok(n > 4, "port 61: the refresh bit toggles");
}

static void strobes(void)
{
    gate(1);
    load(4, 20000);
    check_unless(ON_QEMU, out(), "mode 4: OUT is high while it counts", why);
    gate(0);
    load(5, 20000);
    check_unless(ON_QEMU, out() && (status() & 0x0e) == 5 << 1, "mode 5: OUT is high before the trigger", why);
}

/* The rate: milliseconds by channel 0 against 40 ms by channel 2. */
static void rate(void)
{
    irq_begin();
    wait_ms(2);
    u32 began = milliseconds;
    for (u32 i = 0; i < 4; i++)
        delay_us(10000);
    u32 passed = milliseconds - began;
    u32 least = ON_QEMU ? 4 : 36,
        most = ON_QEMU ? 1000 : 44; /* under the host's clock a busy host loses ticks, or is late */
    ok(passed >= least && passed <= most, "mode 2: channel 0 interrupts a thousand times a second");
    if (passed < least || passed > most)
        tap_say("%u in 40 ms", passed);
    irq_end();
}

void pit_tests(void)
{
    one_shots();
    counting();
    square_wave();
    strobes();
    rate();
}
