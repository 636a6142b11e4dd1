/* rtc.c: the MC146818: time, alarm, its three interrupts, its memory. */
#include "irq.h"
#include "resume.h"
#include "tests.h"

enum {
    SECONDS = 0,
    SECONDS_ALARM = 1,
    MINUTES = 2,
    MINUTES_ALARM = 3,
    HOURS = 4,
    HOURS_ALARM = 5,
    REG_A = 10,
    REG_B = 11,
    REG_C = 12,
    REG_D = 13,
    SHUTDOWN = 15
};
enum { A_UIP = 0x80, A_1024_HZ = 0x26, A_8192_HZ = 0x23 };
enum { B_SET = 0x80, B_PIE = 0x40, B_AIE = 0x20, B_UIE = 0x10, B_DM = 0x04 };
enum { C_IRQF = 0x80, C_PF = 0x40, C_AF = 0x20, C_UF = 0x10 };
#define ANY 0xc0 /* an alarm byte that matches everything */
#define D_VRT 0x80

static volatile u32 seen_c;

static void quiet(void)
{
    seen_c = cmos_read(REG_C);
}

static u32 rate(u8 a, u32 ms)
{
    cmos_write(REG_A, a);
    u32 began = irq_count[IRQ_RTC];
    wait_ms(ms);
    return irq_count[IRQ_RTC] - began;
}

static void periodic(u8 b)
{
    cmos_write(REG_B, (u8)(b | B_PIE));
    cmos_read(REG_C);
    u32 n = rate(A_1024_HZ, 50);
    ok(n >= (ON_QEMU ? 5u : 46u) && n <= (ON_QEMU ? 1000u : 57u), "periodic: 1024 interrupts a second");
    ok((seen_c & (C_IRQF | C_PF)) == (C_IRQF | C_PF), "... with IRQF and PF in register C");
    n = rate(A_8192_HZ, 20);
    ok(n >= (ON_QEMU ? 20u : 130u) && n <= (ON_QEMU ? 4000u : 180u), "periodic: 8192 a second by RS");
    cmos_write(REG_A, A_1024_HZ);
    cmos_write(REG_B, b);
    wait_ms(2);
    n = rate(A_1024_HZ, 5);
    is(n, 0, "PIE clear: none");
    u8 first = cmos_read(REG_C), second = cmos_read(REG_C);
    check_unless(ON_QEMU || ON_BOCHS, first & C_PF, "... but PF is set all the same", "the emulator stops the divider");
    ok(!(second & C_PF), "... and a read of register C clears it");
}

static void update_and_alarm(u8 b)
{
    u8 alarm[3] = { cmos_read(SECONDS_ALARM), cmos_read(MINUTES_ALARM), cmos_read(HOURS_ALARM) };
    u32 n = irq_count[IRQ_RTC];
    u8 before = cmos_read(SECONDS);
    cmos_write(REG_B, (u8)(b | B_UIE));
    ok(wait_for(&irq_count[IRQ_RTC], n + 1, 1500), "update ended: an interrupt within a second");
    ok(seen_c & C_UF && cmos_read(SECONDS) != before, "... with UF, and the second has changed");
    for (u32 i = 0; i < 3; i++)
        cmos_write((u8)(SECONDS_ALARM + 2 * i), ANY);
    cmos_write(REG_B, (u8)(b | B_AIE));
    cmos_read(REG_C);
    n = irq_count[IRQ_RTC];
    ok(wait_for(&irq_count[IRQ_RTC], n + 1, 1500) && seen_c & C_AF, "alarm: \"any\" matches each second, with AF");
    u8 now = cmos_read(SECONDS);
    cmos_write(SECONDS_ALARM, (u8)(now == 0x59 ? 0 : (now & 15) == 9 ? now + 7 : now + 1)); /* BCD */
    n = irq_count[IRQ_RTC];
    ok(wait_for(&irq_count[IRQ_RTC], n + 1, 1500) && cmos_read(SECONDS) == cmos_read(SECONDS_ALARM),
       "alarm: at its second");
    cmos_write(REG_B, b);
    for (u32 i = 0; i < 3; i++)
        cmos_write((u8)(SECONDS_ALARM + 2 * i), alarm[i]);
}

static void formats(u8 b)
{
    u8 minutes = cmos_read(MINUTES);
    ok((minutes & 15) <= 9 && minutes < 0x60, "minutes in BCD");
    cmos_write(REG_B, (u8)(b | B_SET));
    ok(!(cmos_read(REG_A) & A_UIP), "SET: no update is in progress");
    u8 old = cmos_read(SECONDS);
    cmos_write(SECONDS, 0x30);
    is(cmos_read(SECONDS), 0x30, "SET: the time can be written");
    cmos_write(SECONDS, old);
    cmos_write(REG_B, b);
    ok(cmos_read(REG_D) & D_VRT, "register D: the battery is good");
}

static void memory(void)
{
    u8 old = cmos_read(RESUME_CMOS), shutdown = cmos_read(SHUTDOWN);
    cmos_write(RESUME_CMOS, 0xa5);
    cmos_write(SHUTDOWN, 0x0a);
    ok(cmos_read(RESUME_CMOS) == 0xa5 && cmos_read(SHUTDOWN) == 0x0a,
       "the memory keeps what is written, the shutdown byte, too");
    cmos_write(RESUME_CMOS, old);
    cmos_write(SHUTDOWN, shutdown);
    u32 kib = cmos_read(0x15) | (u32)cmos_read(0x16) << 8;
    is(kib, 640, "bytes 15 and 16: 640 KiB of base memory");
}

void rtc_tests(void)
{
    irq_begin();
    irq_open(IRQ_RTC, quiet);
    u8 b = cmos_read(REG_B) & (u8) ~(B_PIE | B_AIE | B_UIE);
    cmos_read(REG_C);
    periodic(b);
    update_and_alarm(b);
    formats(b);
    memory();
    irq_end();
}
