/* irq.c: hardware interrupts without a service of their own: ended, and what nobody asked for is masked (IBM PC/AT). */
#include "service.h"

#define EOI 0x20
#define READ_ISR 0x0b
#define CASCADE 0x04
#define IGNNE_PORT 0xf0
#define FLOPPY_INTERRUPT 0x80

void irq_end(u8 irq)
{
    if (irq >= 8)
        outb(PORT_PIC2, EOI);
    outb(PORT_PIC1, EOI);
}

static u8 in_service(u16 port)
{
    outb(port, READ_ISR);
    return inb(port);
}

/* No bit of the in-service register: a spurious one, not to be ended. */
void handle_irq1(struct bregs *regs);
void handle_irq1(struct bregs *regs)
{
    u8 isr = in_service(PORT_PIC1);
    (void)regs;
    SET_BDA(unexpected_irq, isr ? isr : 0xff);
    if (!isr)
        return;
    outb(PORT_PIC1 + 1, (u8)(inb(PORT_PIC1 + 1) | (isr & ~CASCADE)));
    outb(PORT_PIC1, EOI);
}

void handle_irq2(struct bregs *regs);
void handle_irq2(struct bregs *regs)
{
    u8 isr = in_service(PORT_PIC2);
    (void)regs;
    if (isr) {
        outb(PORT_PIC2 + 1, (u8)(inb(PORT_PIC2 + 1) | isr));
        outb(PORT_PIC2, EOI);
    }
    SET_BDA(unexpected_irq, isr ? isr : 0xff);
    outb(PORT_PIC1, EOI);
}

/* IRQ 6: the diskette. */
void handle_0e(struct bregs *regs);
void handle_0e(struct bregs *regs)
{
    (void)regs;
    SET_BDA(floppy_recal, GET_BDA(floppy_recal) | FLOPPY_INTERRUPT);
    irq_end(6);
}

/* IRQ 13: the coprocessor's error is handled as the 8087's was, by NMI. */
void handle_75(struct bregs *regs);
void handle_75(struct bregs *regs)
{
    struct bregs r = { .flags = 0 };
    (void)regs;
    outb(IGNNE_PORT, 0);
    irq_end(13);
    call_vector(0x02, &r);
}

/* IRQ 14: the disk. */
void handle_76(struct bregs *regs);
void handle_76(struct bregs *regs)
{
    (void)regs;
    SET_BDA(disk_irq, 0xff);
    irq_end(14);
}
