/* pic.c: the two 8259s: requests, service, masks, the cascade, ends of interrupt. Data sheet: Intel 231468. */
#include "irq.h"
#include "tests.h"

#define PIT0 0x40
#define PIT_MODE 0x43
#define PIT0_ONE_SHOT 0x30 /* channel 0, mode 0: OUT rises when the count ends, and stays */
#define SPECIFIC_EOI(irq) (0x60 | (irq))
#define OCW3_POLL 0x0c
#define POLL_THERE 0x80
#define ICW1_INIT 0x11
#define ICW4_AUTO_EOI 0x03
#define ELCR1 0x4d0
#define ELCR2 0x4d1

static volatile u32 isr_inside, slave_inside;

static void look(void)
{
    isr_inside = pic_isr(0);
    slave_inside = pic_isr(1);
}

static void quiet_rtc(void)
{
    look();
    cmos_read(0x0c);
}

/* One edge on IRQ0, now; interrupts are off. */
static void edge(void)
{
    outb(PIT_MODE, PIT0_ONE_SHOT);
    outb(PIT0, 20);
    outb(PIT0, 0);
    for (u32 i = 0; i < 250 && !(pic_irr(0) & 1); i++) /* a busy host may be late */
        delay_us(200);
}

static void requests(void)
{
    cli();
    outb(PIC1_DATA, 0xa5);
    is(inb(PIC1_DATA), 0xa5, "the mask register reads back");
    outb(PIC1_DATA, 0xff);
    edge();
    ok(pic_irr(0) & 1, "IRR: a masked request waits");
    sti();
    is(irq_count[IRQ_PIT], 0, "... and interrupts nobody");
    irq_open(IRQ_PIT, look);
    ok(wait_for(&irq_count[IRQ_PIT], 1, 0) || irq_count[IRQ_PIT] == 1, "... until the mask is cleared: vector 20");
    is(isr_inside, 1, "ISR: in service while its handler runs");
    is(pic_isr(0), 0, "... and not after the end of interrupt");
    ok(!(pic_irr(0) & 1), "IRR: the request is gone");
}

static void priorities(void)
{
    cli();
    edge();
    outb(PIC1, OCW3_POLL);
    u8 level = inb(PIC1);
    check_unless(ON_BOCHS, level == (POLL_THERE | IRQ_PIT), "the poll command answers with the level",
                 "its poll answers without bit 7");
    check_unless(ON_BOCHS, pic_isr(0) == 1, "... and takes it in service", "its poll ends the service at once");
    outb(PIC1, SPECIFIC_EOI(IRQ_PIT));
    is(pic_isr(0), 0, "the specific end of interrupt ends it");
    outb(PIC1, ICW1_INIT);
    outb(PIC1_DATA, VECTOR_IRQ);
    outb(PIC1_DATA, BIT(IRQ_CASCADE));
    outb(PIC1_DATA, ICW4_AUTO_EOI);
    is(inb(PIC1_DATA), 0, "ICW1 clears the mask");
    outb(PIC1_DATA, 0xfe);
    isr_inside = 0xff;
    edge();
    sti();
    wait_for(&irq_count[IRQ_PIT], 2, 0);
    is(isr_inside, 0, "automatic end of interrupt: not in service inside the handler");
    cli();
}

static void cascade(void)
{
    irq_begin();
    irq_open(IRQ_RTC, quiet_rtc);
    u8 a = cmos_read(0x0a), b = cmos_read(0x0b);
    cmos_write(0x0a, 0x26);
    cmos_read(0x0c);
    cmos_write(0x0b, (u8)(b | 0x40)); /* the periodic interrupt, 1024 a second */
    ok(wait_for(&irq_count[IRQ_RTC], 1, 100), "IRQ8 comes through the cascade, as vector 28");
    ok((isr_inside & BIT(IRQ_CASCADE)) && slave_inside == 1,
       "... in service on IR2 of the master and IR0 of the slave");
    cmos_write(0x0b, b);
    cmos_write(0x0a, a);
    ok(pic_isr(0) == 0 && pic_isr(1) == 0, "... and, after two ends of interrupt, on neither");
    u32 before = irq_count[IRQ_RTC];
    irq_close(IRQ_RTC);
    cmos_write(0x0b, (u8)(b | 0x40));
    cmos_read(0x0c);
    wait_ms(3);
    ok(irq_count[IRQ_RTC] == before && pic_irr(1) & 1, "masked at the slave, the request waits there");
    cmos_write(0x0b, b);
    cmos_read(0x0c);
}

static void edge_or_level(void)
{
    u8 one = inb(ELCR1), two = inb(ELCR2);
    outb(ELCR1, 0xf8);
    outb(ELCR2, 0xde);
    ok(inb(ELCR1) == 0xf8 && inb(ELCR2) == 0xde, "ELCR: level by input");
    outb(ELCR1, 0xff);
    outb(ELCR2, 0xff);
    ok(!(inb(ELCR1) & 7) && !(inb(ELCR2) & 0x21), "ELCR: inputs 0, 1, 2, 8 and 13 stay edge triggered");
    outb(ELCR1, one);
    outb(ELCR2, two);
}

void pic_tests(void)
{
    irq_begin();
    cli();
    irq_count[IRQ_PIT] = 0;
    requests();
    priorities();
    cascade();
    irq_end();
    edge_or_level();
}
