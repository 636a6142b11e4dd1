/* ns16550.h: a serial port.
 *
 * Bytes go out to a char_backend when their transmission starts; bytes come in by serial_receive() whenever
 * serial_can_receive() says that there is room. */
#ifndef PCEMU_NS16550_H
#define PCEMU_NS16550_H

#include "backend.h"
#include "clock.h"
#include "irq.h"
#include "region.h"
#include "state.h"

#define SERIAL_FIFO 16
#define SERIAL_NAME_MAX 24

struct serial_fifo {
    /* state */
    u8 byte[SERIAL_FIFO];
    u8 head, count;
};

struct ns16550 {
    /* wiring */
    struct region io; /* "serial", 8 bytes */
    struct clock *clock;
    struct irq_line irq;
    struct char_backend out;
    bool instant; /* see serial_set_instant() */
    char tx_name[SERIAL_NAME_MAX], rx_name[SERIAL_NAME_MAX];
    struct timer tx_timer; /* the end of the character in the transmitter shift register */
    struct timer rx_timer; /* the receiver FIFO's character time-out */
    /* state */
    struct serial_fifo tx, rx; /* THR and RBR: one deep while the FIFOs are off */
    u8 ier, fcr, lcr, mcr, lsr, msr, scr;
    u8 tsr;           /* transmitter shift register */
    bool tsr_busy;    /* until tx_timer fires */
    bool thre_irq;    /* the THRE interrupt is pending */
    bool timeout_irq; /* so is the character time-out */
    u16 divisor;
};

/* `number`: 0 for COM1, … makes timer names unique. `irq`: the interrupt, behind OUT2's buffer. */
void serial_init(struct ns16550 *s, unsigned number, struct clock *clock, struct irq_line irq, struct char_backend out);
/* The MR pin. Scratch register and divisor survive, as on the chip. */
void serial_reset(void *self);
/* True: characters take no time to go out (QEMU's serial ports do so), false (at first): as long as the baud rate
 * says. A choice of the machine's wiring, to be made before it runs. */
void serial_set_instant(struct ns16550 *s, bool instant);
/* How many bytes serial_receive() would take now without overrun. */
unsigned serial_can_receive(const struct ns16550 *s);
/* A byte has come in from the line; without room it overruns, as on the chip. */
void serial_receive(struct ns16550 *s, u8 byte);
/* Gives the backend what still waits in the transmitter, for when the machine stops for good. */
void serial_drain(struct ns16550 *s);

extern const struct state_table ns16550_state;

#endif
