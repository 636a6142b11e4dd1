/* irq.c: see irq.h. */
#include "irq.h"
#include "kernel.h"

#define ICW1_INIT 0x11 /* cascade, ICW4 follows */
#define ICW4_8086 0x01
#define FIRMWARE_MASTER 0x08
#define FIRMWARE_SLAVE 0x70
#define PIT0 0x40
#define PIT2 0x42
#define PIT_MODE 0x43
#define PIT0_RATE 0x34     /* channel 0, both bytes, mode 2 */
#define PIT2_ONE_SHOT 0xb0 /* channel 2, both bytes, mode 0 */
#define PORT_61 0x61
#define PORT_61_GATE2 1
#define PORT_61_SPEAKER 2
#define PORT_61_OUT2 0x20
#define DELAY_MOST 50000u

volatile u32 irq_count[16];
volatile u32 milliseconds;
static void (*quieting[16])(void);

void pic_remap(u32 master, u32 slave)
{
    outb(PIC1, ICW1_INIT);
    outb(PIC2, ICW1_INIT);
    outb(PIC1_DATA, (u8)master);
    outb(PIC2_DATA, (u8)slave);
    outb(PIC1_DATA, BIT(IRQ_CASCADE));
    outb(PIC2_DATA, IRQ_CASCADE);
    outb(PIC1_DATA, ICW4_8086);
    outb(PIC2_DATA, ICW4_8086);
    outb(PIC1_DATA, 0xff);
    outb(PIC2_DATA, 0xff);
}

void pit_rate(u32 count)
{
    outb(PIT_MODE, PIT0_RATE);
    outb(PIT0, (u8)count);
    outb(PIT0, (u8)(count >> 8));
}

static void on_irq(struct trap_frame *f)
{
    u32 irq = f->vector - VECTOR_IRQ;
    irq_count[irq]++;
    if (irq == IRQ_PIT)
        milliseconds++;
    if (quieting[irq])
        quieting[irq]();
    if (irq >= 8)
        outb(PIC2, PIC_EOI);
    outb(PIC1, PIC_EOI);
}

void irq_begin(void)
{
    pic_remap(VECTOR_IRQ, VECTOR_IRQ + 8);
    for (u32 i = 0; i < 16; i++) {
        irq_count[i] = 0;
        quieting[i] = NULL;
        trap_handle(VECTOR_IRQ + i, on_irq);
    }
    milliseconds = 0;
    pit_rate(PIT_HZ / 1000);
    irq_open(IRQ_PIT, NULL);
    sti();
}

void irq_end(void)
{
    cli();
    for (u32 i = 0; i < 16; i++)
        trap_handle(VECTOR_IRQ + i, NULL);
    pit_rate(0);
    pic_remap(FIRMWARE_MASTER, FIRMWARE_SLAVE);
}

void irq_open(u32 irq, void (*quiet)(void))
{
    quieting[irq] = quiet;
    if (irq >= 8) {
        outb(PIC2_DATA, inb(PIC2_DATA) & (u8)~BIT(irq - 8));
        irq = IRQ_CASCADE;
    }
    outb(PIC1_DATA, inb(PIC1_DATA) & (u8)~BIT(irq));
}

void irq_close(u32 irq)
{
    u16 port = irq >= 8 ? PIC2_DATA : PIC1_DATA;
    outb(port, inb(port) | (u8)BIT(irq & 7));
}

int wait_for(const volatile u32 *what, u32 value, u32 most)
{
    u32 began = milliseconds;
    while (*what < value && milliseconds - began <= most)
        __asm__ volatile("hlt");
    return *what >= value;
}

void wait_ms(u32 ms)
{
    u32 began = milliseconds;
    while (milliseconds - began < ms)
        __asm__ volatile("hlt");
}

void delay_us(u32 us)
{
    u32 count = us < DELAY_MOST ? us * 1193u / 1000 + 1 : DELAY_MOST * 1193u / 1000;
    outb(PORT_61, (u8)((inb(PORT_61) & ~PORT_61_SPEAKER) | PORT_61_GATE2));
    outb(PIT_MODE, PIT2_ONE_SHOT);
    outb(PIT2, (u8)count);
    outb(PIT2, (u8)(count >> 8));
    while (!(inb(PORT_61) & PORT_61_OUT2))
        pause();
}

u8 pic_isr(u32 slave)
{
    outb(slave ? PIC2 : PIC1, PIC_READ_ISR);
    return inb(slave ? PIC2 : PIC1);
}

u8 pic_irr(u32 slave)
{
    outb(slave ? PIC2 : PIC1, PIC_READ_IRR);
    return inb(slave ? PIC2 : PIC1);
}
