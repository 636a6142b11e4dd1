/* chips.c: the interrupt controllers, the timer, DMA, the clock, serial and parallel ports, as the PC/AT's BIOS leaves
 * them. */
#include "post.h"

#define PIC1 0x20
#define PIC2 0xa0
#define ICW1_INIT 0x11
#define VECTOR_IRQ0 0x08
#define VECTOR_IRQ8 0x70
#define PIC_CASCADE 2
#define MASK1 0xb8 /* timer, keyboard, cascade and diskette come through */
#define MASK2 0x8f /* clock is off until asked for; mouse, coprocessor, disks */

#define PIT_COUNTER0 0x40
#define PIT_COUNTER2 0x42
#define PIT_MODE 0x43
#define PIT_0_MODE2 0x34
#define PIT_1_MODE2 0x54
#define PIT_COUNTER1 0x41
#define REFRESH_COUNT 18
#define PORT_61 0x61
#define REFRESH_BIT 0x10
#define REFRESH_NS 15085

#define DMA1_CLEAR 0x0d
#define DMA2_CLEAR 0xda
#define DMA2_MODE 0xd6
#define DMA2_MASK 0xd4
#define MODE_CASCADE 0xc0

#define RTC_SECONDS 0
#define RTC_MINUTES 2
#define RTC_HOURS 4
#define RTC_A 0x0a
#define RTC_B 0x0b
#define RTC_A_DEFAULT 0x26
#define RTC_B_24H 0x02
#define RTC_A_UIP 0x80

#define CMOS_EQUIPMENT 0x14

static void pic_init(void)
{
    outb(PIC1, ICW1_INIT);
    outb(PIC2, ICW1_INIT);
    outb(PIC1 + 1, VECTOR_IRQ0);
    outb(PIC2 + 1, VECTOR_IRQ8);
    outb(PIC1 + 1, 1 << PIC_CASCADE);
    outb(PIC2 + 1, PIC_CASCADE);
    outb(PIC1 + 1, 1);
    outb(PIC2 + 1, 1);
    outb(PIC1 + 1, MASK1);
    outb(PIC2 + 1, MASK2);
}

static void pit_init(void)
{
    outb(PIT_MODE, PIT_0_MODE2);
    outb(PIT_COUNTER0, 0);
    outb(PIT_COUNTER0, 0);
    outb(PIT_MODE, PIT_1_MODE2);
    outb(PIT_COUNTER1, REFRESH_COUNT);
}

static void dma_init(void)
{
    outb(DMA1_CLEAR, 0);
    outb(DMA2_CLEAR, 0);
    outb(DMA2_MODE, MODE_CASCADE);
    outb(DMA2_MASK, 0);
}

static void rtc_init(void)
{
    cmos_write(RTC_A, RTC_A_DEFAULT);
    cmos_write(RTC_B, (u8)((cmos_read(RTC_B) & 1) | RTC_B_24H));
    cmos_read(0x0c);
    cmos_read(0x0d);
}

/* The clock runs on, and its alarm is what may have woken the machine. */
void chips_resume(void)
{
    dma_init();
    pic_init();
    pit_init();
}

void chips_init(void)
{
    chips_resume();
    rtc_init();
}

/* By the refresh request's toggling, which every AT has. */
void udelay(u32 us)
{
    u8 last = inb(PORT_61) & REFRESH_BIT;
    for (u32 n = us / (REFRESH_NS / 1000) + 1; n; n--) {
        u8 now = last;
        for (u32 tries = 0; now == last && tries < 100000; tries++)
            now = inb(PORT_61) & REFRESH_BIT;
        last = now;
    }
}

static u32 bcd(u8 v)
{
    return (v >> 4) * 10u + (v & 15u);
}

#define TICKS_A_DAY 1573040u
#define SECONDS_A_DAY 86400u

/* The day's ticks, 18.2065 a second, from the clock's time. */
void clock_set_ticks(void)
{
    for (u32 n = 0; (cmos_read(RTC_A) & RTC_A_UIP) && n < 100000; n++)
        ;
    u32 s = bcd(cmos_read(RTC_HOURS)) * 3600 + bcd(cmos_read(RTC_MINUTES)) * 60 + bcd(cmos_read(RTC_SECONDS));
    /* TICKS_A_DAY / SECONDS_A_DAY is 18 + 17840 / 86400 */
    BDA->ticks = s * 18 + s * 1784 / 8640;
    BDA->ticks_overflow = 0;
    cmos_write(RTC_B, cmos_read(RTC_B));
}

/* A UART keeps its scratch register's or, without one, its interrupt enable register's bits. */
static bool has_uart(u16 port)
{
    outb((u16)(port + 1), 2);
    if (inb((u16)(port + 1)) != 2 || (inb((u16)(port + 2)) & 0x3f) != 2)
        return false;
    outb((u16)(port + 1), 0);
    return true;
}

#define LPT_CONTROL_OUTPUT 0xdf /* not reading */

static bool has_parallel(u16 port)
{
    outb((u16)(port + 2), inb((u16)(port + 2)) & LPT_CONTROL_OUTPUT);
    outb(port, 0xaa);
    return inb(port) == 0xaa;
}

void ports_init(void)
{
    static const u16 com[4] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 }, lpt[3] = { 0x378, 0x278, 0x3bc };
    u16 coms = 0, lpts = 0;
    for (unsigned i = 0; i < 4; i++)
        if (has_uart(com[i])) {
            BDA->com_timeout[coms] = 10;
            BDA->com_port[coms++] = com[i];
        }
    for (unsigned i = 0; i < 3; i++)
        if (has_parallel(lpt[i])) {
            BDA->lpt_timeout[lpts] = 20;
            BDA->lpt_port[lpts++] = lpt[i];
        }
    BDA->equipment = (u16)(cmos_read(CMOS_EQUIPMENT) | coms << 9 | lpts << 14);
}
