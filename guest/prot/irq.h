/* irq.h: interrupts of the board, for tests that use them. Between irq_begin() and irq_end() the 8259s are at vectors
 * 20 to 2F with their inputs masked but for the timer's, which counts milliseconds; then they are the firmware's again.
 */
#ifndef GUEST_IRQ_H
#define GUEST_IRQ_H

#include "types.h"

#define PIC1 0x20
#define PIC1_DATA 0x21
#define PIC2 0xa0
#define PIC2_DATA 0xa1
#define PIC_EOI 0x20
#define PIC_READ_IRR 0x0a
#define PIC_READ_ISR 0x0b

enum {
    IRQ_PIT = 0,
    IRQ_KBD = 1,
    IRQ_CASCADE = 2,
    IRQ_COM1 = 4,
    IRQ_FDC = 6,
    IRQ_RTC = 8,
    IRQ_MOUSE = 12,
    IRQ_IDE1 = 14
};

extern volatile u32 irq_count[16];
extern volatile u32 milliseconds;

void irq_begin(void);
void irq_end(void);
/* Opens the input; `quiet` (or NULL) is called at each interrupt, before the end of interrupt. */
void irq_open(u32 irq, void (*quiet)(void));
void irq_close(u32 irq);
/* Waits, halted, until *what is at least `value`, for so many milliseconds at most. Whether it came. */
int wait_for(const volatile u32 *what, u32 value, u32 most);
void wait_ms(u32 ms);
/* Without interrupts, by channel 2 of the 8254: up to 50 ms. */
void delay_us(u32 us);
u8 pic_isr(u32 slave);
u8 pic_irr(u32 slave);
void pic_remap(u32 master, u32 slave);

#define PIT_HZ 1193182u
void pit_rate(u32 count);

#endif
