/* ns16550.c: National PC16550D UART, as a PC's serial port.
 *
 * Data sheet: National Semiconductor PC16550D. Modelled: all registers, 16-byte FIFOs with trigger levels and character
 * time-out, interrupt priorities, loopback, transmission timed by divisor and frame format in virtual time, the PC's
 * interrupt gate (OUT2; off in loopback, when the chip's OUT pins are inactive).
 * The line at the other end is always ready: CTS, DSR and DCD are on.
 * Not modelled: receive timing (the front end may fill the FIFO at once), framing, parity and break errors (the host's
 * stream has none), word lengths under 8 (whole bytes go through), sending a break, DMA modes, the delay of the THRE
 * interrupt after a lone character. A divisor of 0, undefined on the chip, counts as 1. */
#include "ns16550.h"

#include <stdio.h>

#define IER_ERBFI BIT(0)
#define IER_ETBEI BIT(1)
#define IER_ELSI BIT(2)
#define IER_EDSSI BIT(3)
#define IER_WRITABLE 0x0f
#define IIR_NONE 0x01
#define IIR_MSR 0x00
#define IIR_THRE 0x02
#define IIR_RDA 0x04
#define IIR_RLS 0x06
#define IIR_TIMEOUT 0x0c
#define IIR_FIFOS 0xc0
#define FCR_ENABLE BIT(0)
#define FCR_RX_RESET BIT(1)
#define FCR_TX_RESET BIT(2)
#define FCR_TRIGGER_SHIFT 6
#define FCR_STORED 0xc9
#define LCR_WLS 0x03
#define LCR_STB BIT(2)
#define LCR_PEN BIT(3)
#define LCR_DLAB BIT(7)
#define MCR_DTR BIT(0)
#define MCR_RTS BIT(1)
#define MCR_OUT1 BIT(2)
#define MCR_OUT2 BIT(3)
#define MCR_LOOP BIT(4)
#define MCR_WRITABLE 0x1f
#define LSR_DR BIT(0)
#define LSR_OE BIT(1)
#define LSR_PE BIT(2)
#define LSR_FE BIT(3)
#define LSR_BI BIT(4)
#define LSR_THRE BIT(5)
#define LSR_TEMT BIT(6)
#define LSR_ERRORS (LSR_OE | LSR_PE | LSR_FE | LSR_BI)
#define MSR_DELTAS 0x0f
#define MSR_TERI BIT(2)
#define MSR_CTS BIT(4)
#define MSR_DSR BIT(5)
#define MSR_RI BIT(6)
#define MSR_DCD BIT(7)
#define MSR_DELTA_SHIFT 4
#define MSR_LINE_READY (MSR_CTS | MSR_DSR | MSR_DCD)

#define CRYSTAL_HZ 1843200u
#define CLOCKS_PER_BIT 16
#define DIVISOR_9600 12
#define TIMEOUT_CHARACTERS 4

enum serial_port { PORT_DATA, PORT_IER, PORT_IIR_FCR, PORT_LCR, PORT_MCR, PORT_LSR, PORT_MSR, PORT_SCR };

/* FIFOs. */

static unsigned fifo_depth(const struct ns16550 *s)
{
    return s->fcr & FCR_ENABLE ? SERIAL_FIFO : 1;
}

static void fifo_push(struct serial_fifo *f, u8 v)
{
    if (f->count >= SERIAL_FIFO)
        return;
    f->byte[(f->head + f->count) % SERIAL_FIFO] = v;
    f->count++;
}

static u8 fifo_pop(struct serial_fifo *f)
{
    u8 v = f->byte[f->head % SERIAL_FIFO];
    f->head = (u8)((f->head + 1u) % SERIAL_FIFO);
    f->count--;
    return v;
}

static void fifo_clear(struct serial_fifo *f)
{
    f->head = f->count = 0;
}

static unsigned rx_trigger(const struct ns16550 *s)
{
    static const u8 trigger[] = { 1, 4, 8, 14 };
    return s->fcr & FCR_ENABLE ? trigger[s->fcr >> FCR_TRIGGER_SHIFT] : 1;
}

/* Interrupts. */

/* The identification of the pending interrupt of highest priority (data sheet, table of interrupt control functions).
 */
static u8 pending_interrupt(const struct ns16550 *s)
{
    if ((s->ier & IER_ELSI) && (s->lsr & LSR_ERRORS))
        return IIR_RLS;
    if ((s->ier & IER_ERBFI) && s->rx.count >= rx_trigger(s))
        return IIR_RDA;
    if ((s->ier & IER_ERBFI) && s->timeout_irq)
        return IIR_TIMEOUT;
    if ((s->ier & IER_ETBEI) && s->thre_irq)
        return IIR_THRE;
    if ((s->ier & IER_EDSSI) && (s->msr & MSR_DELTAS))
        return IIR_MSR;
    return IIR_NONE;
}

static void update_irq(struct ns16550 *s)
{
    bool gate = (s->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
    irq_set(&s->irq, gate && pending_interrupt(s) != IIR_NONE);
}

/* Time of one character: start bit, 5 to 8 data bits, parity, 1, 1.5 or 2 stop bits. Counted in half bits. */
static u64 character_ns(const struct ns16550 *s)
{
    unsigned data = 5u + (s->lcr & LCR_WLS);
    unsigned stop_halves = !(s->lcr & LCR_STB) ? 2 : data == 5 ? 3 : 4;
    unsigned halves = 2 * (1 + data + (s->lcr & LCR_PEN ? 1 : 0)) + stop_halves;
    unsigned divisor = s->divisor ? s->divisor : 1;
    return (u64)halves * CLOCKS_PER_BIT * divisor * NS_PER_SEC / (2 * CRYSTAL_HZ);
}

/* Receiver. */

static void arm_timeout(struct ns16550 *s)
{
    if ((s->fcr & FCR_ENABLE) && s->rx.count)
        timer_set(&s->rx_timer, clock_now(s->clock) + TIMEOUT_CHARACTERS * character_ns(s));
    else
        timer_stop(&s->rx_timer);
}

static void rx_timeout(void *self)
{
    struct ns16550 *s = self;
    s->timeout_irq = s->rx.count > 0;
    update_irq(s);
}

/* A character is complete in the receiver shift register. Full FIFO: it is lost; full RBR: it takes the place. */
static void receive(struct ns16550 *s, u8 v)
{
    if (s->rx.count >= fifo_depth(s)) {
        s->lsr |= LSR_OE;
        if (!(s->fcr & FCR_ENABLE))
            fifo_clear(&s->rx);
    }
    if (s->rx.count < fifo_depth(s))
        fifo_push(&s->rx, v);
    s->lsr |= LSR_DR;
    arm_timeout(s);
    update_irq(s);
}

unsigned serial_can_receive(const struct ns16550 *s)
{
    unsigned depth = fifo_depth(s);
    return (s->mcr & MCR_LOOP) || s->rx.count >= depth ? 0 : depth - s->rx.count;
}

void serial_receive(struct ns16550 *s, u8 byte)
{
    if (!(s->mcr & MCR_LOOP)) /* in loopback the SIN pin is cut off */
        receive(s, byte);
}

static u8 read_rbr(struct ns16550 *s)
{
    u8 v = s->rx.byte[s->rx.head % SERIAL_FIFO]; /* an empty receiver shows the last byte's place */
    if (s->rx.count)
        v = fifo_pop(&s->rx);
    if (!s->rx.count)
        s->lsr &= (u8)~LSR_DR;
    s->timeout_irq = false;
    arm_timeout(s);
    update_irq(s);
    return v;
}

static void reset_rx(struct ns16550 *s)
{
    fifo_clear(&s->rx);
    s->lsr &= (u8) ~(LSR_DR | LSR_ERRORS);
    s->timeout_irq = false;
    timer_stop(&s->rx_timer);
}

/* Transmitter. */

/* THR became empty. */
static void set_thre(struct ns16550 *s)
{
    s->lsr |= LSR_THRE;
    s->thre_irq = true;
}

/* THR, or the FIFO's oldest, moves to the shift register; from here on it can't be taken back. */
static void start_character(struct ns16550 *s)
{
    s->tsr = fifo_pop(&s->tx);
    s->tsr_busy = true;
    s->lsr &= (u8)~LSR_TEMT;
    if (!s->tx.count)
        set_thre(s);
    if (!(s->mcr & MCR_LOOP))
        char_write(&s->out, s->tsr);
}

/* The stop bit is out. */
static void end_character(struct ns16550 *s)
{
    s->tsr_busy = false;
    if (s->mcr & MCR_LOOP)
        receive(s, s->tsr);
    if (!s->tx.count)
        s->lsr |= LSR_TEMT;
}

static void run_transmitter(struct ns16550 *s)
{
    while (!s->tsr_busy && s->tx.count) {
        start_character(s);
        if (s->instant)
            end_character(s);
        else
            timer_set(&s->tx_timer, clock_now(s->clock) + character_ns(s));
    }
    update_irq(s);
}

static void tx_fire(void *self)
{
    struct ns16550 *s = self;
    if (s->tsr_busy)
        end_character(s);
    run_transmitter(s);
}

static void write_thr(struct ns16550 *s, u8 v)
{
    if (!(s->fcr & FCR_ENABLE))
        fifo_clear(&s->tx); /* an unsent character is overwritten */
    fifo_push(&s->tx, v);
    s->lsr &= (u8) ~(LSR_THRE | LSR_TEMT);
    s->thre_irq = false;
    update_irq(s); /* the request drops before an empty shift register makes it anew */
    run_transmitter(s);
}

static void reset_tx(struct ns16550 *s)
{
    fifo_clear(&s->tx);
    if (!(s->lsr & LSR_THRE))
        set_thre(s);
    if (!s->tsr_busy)
        s->lsr |= LSR_TEMT;
}

void serial_drain(struct ns16550 *s)
{
    while (s->tx.count) {
        u8 v = fifo_pop(&s->tx);
        if (!(s->mcr & MCR_LOOP))
            char_write(&s->out, v);
    }
    set_thre(s);
    if (!s->tsr_busy)
        s->lsr |= LSR_TEMT;
    update_irq(s);
}

void serial_set_instant(struct ns16550 *s, bool instant)
{
    s->instant = instant;
}

/* Modem lines. In loopback RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD. */

static u8 modem_inputs(const struct ns16550 *s)
{
    if (!(s->mcr & MCR_LOOP))
        return MSR_LINE_READY;
    return (u8)((s->mcr & MCR_RTS ? MSR_CTS : 0) | (s->mcr & MCR_DTR ? MSR_DSR : 0) | (s->mcr & MCR_OUT1 ? MSR_RI : 0) |
                (s->mcr & MCR_OUT2 ? MSR_DCD : 0));
}

/* Each change sets its delta bit; RI only when it goes off (TERI). */
static void update_msr(struct ns16550 *s)
{
    u8 now = modem_inputs(s), before = s->msr & (u8)~MSR_DELTAS;
    u8 delta = (u8)((now ^ before) >> MSR_DELTA_SHIFT);
    if (now & MSR_RI)
        delta &= (u8)~MSR_TERI;
    s->msr = (u8)(now | (s->msr & MSR_DELTAS) | delta);
}

/* Registers. */

static void write_ier(struct ns16550 *s, u8 v)
{
    bool asks = (v & IER_ETBEI) && !(s->ier & IER_ETBEI);
    s->ier = v & IER_WRITABLE;
    if (asks && (s->lsr & LSR_THRE))
        s->thre_irq = true;
    update_irq(s);
}

static void write_fcr(struct ns16550 *s, u8 v)
{
    bool toggled = (v ^ s->fcr) & FCR_ENABLE;
    if (toggled || ((v & FCR_ENABLE) && (v & FCR_RX_RESET)))
        reset_rx(s);
    if (toggled || ((v & FCR_ENABLE) && (v & FCR_TX_RESET)))
        reset_tx(s);
    s->fcr = v & FCR_ENABLE ? v & FCR_STORED : 0; /* other bits stick only while bit 0 is written as 1 */
    arm_timeout(s);
    update_irq(s);
}

static u8 read_iir(struct ns16550 *s)
{
    u8 v = pending_interrupt(s);
    if (v == IIR_THRE) {
        s->thre_irq = false;
        update_irq(s);
    }
    return (u8)(v | (s->fcr & FCR_ENABLE ? IIR_FIFOS : 0));
}

static u8 read_lsr(struct ns16550 *s)
{
    u8 v = s->lsr;
    s->lsr &= (u8)~LSR_ERRORS;
    update_irq(s);
    return v;
}

static u8 read_msr(struct ns16550 *s)
{
    u8 v = s->msr;
    s->msr &= (u8)~MSR_DELTAS;
    update_irq(s);
    return v;
}

static void write_mcr(struct ns16550 *s, u8 v)
{
    s->mcr = v & MCR_WRITABLE;
    update_msr(s);
    update_irq(s);
}

static u64 serial_read(void *dev, u64 offset, unsigned size)
{
    struct ns16550 *s = dev;
    bool dlab = s->lcr & LCR_DLAB;
    (void)size;
    switch (offset) {
    case PORT_DATA:
        return dlab ? (u8)s->divisor : read_rbr(s);
    case PORT_IER:
        return dlab ? s->divisor >> 8 : s->ier;
    case PORT_IIR_FCR:
        return read_iir(s);
    case PORT_LCR:
        return s->lcr;
    case PORT_MCR:
        return s->mcr;
    case PORT_LSR:
        return read_lsr(s);
    case PORT_MSR:
        return read_msr(s);
    default:
        return s->scr;
    }
}

static void serial_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ns16550 *s = dev;
    u8 v = (u8)value;
    bool dlab = s->lcr & LCR_DLAB;
    (void)size;
    switch (offset) {
    case PORT_DATA:
        if (dlab)
            s->divisor = (u16)((s->divisor & 0xff00) | v);
        else
            write_thr(s, v);
        break;
    case PORT_IER:
        if (dlab)
            s->divisor = (u16)((s->divisor & 0x00ff) | v << 8);
        else
            write_ier(s, v);
        break;
    case PORT_IIR_FCR:
        write_fcr(s, v);
        break;
    case PORT_LCR:
        s->lcr = v;
        break;
    case PORT_MCR:
        write_mcr(s, v);
        break;
    case PORT_SCR:
        s->scr = v;
        break;
    default: /* LSR and MSR: read-only but for the factory's tests */
        break;
    }
}

static const struct region_ops serial_ops = { serial_read, serial_write, 1, 1 };

void serial_init(struct ns16550 *s, unsigned number, struct clock *clock, struct irq_line irq, struct char_backend out)
{
    *s = (struct ns16550){ .clock = clock, .irq = irq, .out = out, .divisor = DIVISOR_9600 };
    region_init_io(&s->io, "serial", 8, &serial_ops, s);
    snprintf(s->tx_name, sizeof s->tx_name, "ns16550.%u tx", number);
    snprintf(s->rx_name, sizeof s->rx_name, "ns16550.%u rx", number);
    timer_init(&s->tx_timer, clock, s->tx_name, 0, tx_fire, s);
    timer_init(&s->rx_timer, clock, s->rx_name, 0, rx_timeout, s);
    serial_reset(s);
}

void serial_reset(void *self)
{
    struct ns16550 *s = self;
    timer_stop(&s->tx_timer);
    timer_stop(&s->rx_timer);
    fifo_clear(&s->tx);
    fifo_clear(&s->rx);
    s->ier = s->fcr = s->lcr = s->mcr = 0;
    s->lsr = LSR_THRE | LSR_TEMT;
    s->msr = MSR_LINE_READY;
    s->tsr = 0;
    s->tsr_busy = s->thre_irq = s->timeout_irq = false;
    update_irq(s);
}

static const struct state_field fifo_fields[] = {
    STATE_BYTES(struct serial_fifo, byte),
    STATE_MAX(struct serial_fifo, head, SERIAL_FIFO - 1),
    STATE_MAX(struct serial_fifo, count, SERIAL_FIFO),
    STATE_END,
};

static const struct state_field serial_fields[] = {
    STATE_STRUCT(struct ns16550, tx, fifo_fields),
    STATE_STRUCT(struct ns16550, rx, fifo_fields),
    STATE_MAX(struct ns16550, ier, IER_WRITABLE),
    STATE(struct ns16550, fcr),
    STATE(struct ns16550, lcr),
    STATE_MAX(struct ns16550, mcr, MCR_WRITABLE),
    STATE(struct ns16550, lsr),
    STATE(struct ns16550, msr),
    STATE(struct ns16550, scr),
    STATE(struct ns16550, tsr),
    STATE_MAX(struct ns16550, tsr_busy, 1),
    STATE_MAX(struct ns16550, thre_irq, 1),
    STATE_MAX(struct ns16550, timeout_irq, 1),
    STATE(struct ns16550, divisor),
    STATE_TIMER(struct ns16550, tx_timer),
    STATE_TIMER(struct ns16550, rx_timer),
    STATE_END,
};

const struct state_table ns16550_state = { "ns16550", 1, serial_fields, NULL };
