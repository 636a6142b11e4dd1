/* clock.c: int 08h, 1Ah, 1Ch, 4Ah, 70h and the waits of int 15h. */
#include "test.h"

static void hook(u8 n, const void *handler)
{
    __asm__ volatile("cli");
    poke(n * 4u, far_here(handler), 4);
    __asm__ volatile("sti");
}

static bool three_ticks(void)
{
    return tick_count >= 3;
}

static void test_ticks(void)
{
    u32 old = peek(0x70, 4), before = ticks();
    hook(0x1c, hook_tick);
    check("int 1Ch is called", wait_until(three_ticks, 9));
    check("int 08h counts", ticks() - before >= 2);
    poke(0x70, old, 4);
    struct regs r = { .eax = 0 };
    interrupt(0x1a, &r);
    u32 now = (u32)r.cx << 16 | r.dx;
    check("int 1Ah/00h", now <= ticks() && ticks() - now < 3);
    r = (struct regs){ .eax = 0x0100, .ecx = 0x0012, .edx = 0x3456 };
    interrupt(0x1a, &r);
    check("int 1Ah/01h", ticks() - 0x123456 < 3);
    r = (struct regs){ .eax = 0x0100, .ecx = 0x0018, .edx = 0x00ae };
    interrupt(0x1a, &r);
    tick_count = 0;
    hook(0x1c, hook_tick);
    wait_until(three_ticks, 0x180000);
    poke(0x70, old, 4);
    r = (struct regs){ .eax = 0 };
    interrupt(0x1a, &r);
    check("int 08h: midnight", r.al == 1 && r.cx == 0 && r.dx < 18);
    r = (struct regs){ .eax = 0x0100, .ecx = now >> 16, .edx = now & 0xffff };
    interrupt(0x1a, &r);
}

static u8 bcd(u8 v)
{
    return (u8)((v >> 4) * 10 + (v & 15));
}

static bool alarm_rang(void)
{
    return alarm_count != 0;
}

static u8 to_bcd(u8 v)
{
    return (u8)(v / 10 * 16 + v % 10);
}

static void test_alarm(void)
{
    struct regs r = { .eax = 0x0200 };
    interrupt(0x1a, &r);
    u8 second = bcd(r.dh), minute = bcd(r.cl), hour = bcd(r.ch);
    second = (u8)(second + 2);
    if (second >= 60) {
        second = (u8)(second - 60);
        minute++;
    }
    if (minute >= 60) {
        minute = 0;
        hour = (u8)((hour + 1) % 24);
    }
    u32 old = peek(0x4a * 4, 4);
    hook(0x4a, hook_alarm);
    r = (struct regs){ .eax = 0x0600, .ecx = (u32)to_bcd(hour) << 8 | to_bcd(minute), .edx = (u32)to_bcd(second) << 8 };
    check("int 1Ah/06h", !interrupt(0x1a, &r));
    check("int 70h calls int 4Ah", wait_until(alarm_rang, 60));
    r = (struct regs){ .eax = 0x0700 };
    check("int 1Ah/07h", !interrupt(0x1a, &r));
    poke(0x4a * 4, old, 4);
}

static void test_date(void)
{
    struct regs r = { .eax = 0x0400 };
    bool ok = !interrupt(0x1a, &r) && (r.ch == 0x19 || r.ch == 0x20) && r.dh >= 1 && r.dh <= 0x12 && r.dl >= 1;
    check("int 1Ah/04h", ok);
    struct regs set = { .eax = 0x0500, .ecx = 0x2031, .edx = 0x1017 };
    ok = !interrupt(0x1a, &set);
    struct regs get = { .eax = 0x0400 };
    check("int 1Ah/05h", ok && !interrupt(0x1a, &get) && get.cx == 0x2031 && get.dx == 0x1017);
    set = (struct regs){ .eax = 0x0500, .ecx = r.ecx, .edx = r.edx };
    interrupt(0x1a, &set);
    set = (struct regs){ .eax = 0x0300, .ecx = 0x1234, .edx = 0x2000 };
    ok = !interrupt(0x1a, &set);
    get = (struct regs){ .eax = 0x0200 };
    check("int 1Ah/03h and 02h", ok && !interrupt(0x1a, &get) && get.cx == 0x1234 && get.dh >= 0x20 && get.dh < 0x25);
}

static volatile u8 wait_flag;

static bool flag_set(void)
{
    return wait_flag & 0x80;
}

static void test_waits(void)
{
    u32 before = ticks();
    struct regs r = { .eax = 0x8600, .ecx = 4, .edx = 0 }; /* 262 ms: 4.8 ticks */
    bool ok = !interrupt(0x15, &r);
    u32 gone = ticks() - before;
    check("int 15h/86h waits", ok && gone >= 4 && gone <= 12);
    r = (struct regs){ .eax = 0x8300, .ecx = 1, .edx = 0, .ebx = (u16)(u32)&wait_flag, .es = PROGRAM_SEGMENT };
    ok = !interrupt(0x15, &r) && !flag_set();
    check("int 15h/83h sets its flag", ok && wait_until(flag_set, 20));
    r = (struct regs){ .eax = 0x8301 };
    interrupt(0x15, &r);
}

void test_clock(void)
{
    test_ticks();
    test_date();
    test_alarm();
    test_waits();
}
