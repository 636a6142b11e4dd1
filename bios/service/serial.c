/* serial.c: int 14h, serial ports (NS16550 data sheet for the registers), and int 17h, printers. */
#include "service.h"

#define UART_DATA 0
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define LCR_DLAB 0x80
#define LSR_READY 0x01
#define LSR_EMPTY 0x20
#define LSR_ALL_EMPTY 0x40
#define MCR_DTR_RTS 0x03
#define STATUS_TIMEOUT 0x80
#define TIMEOUT_UNIT_MS 55

static const u16 divisors[8] VAR16 = { 0x417, 0x300, 0x180, 0xc0, 0x60, 0x30, 0x18, 0x0c };

static void status(struct bregs *regs, u16 port)
{
    regs->ah = inb((u16)(port + UART_LSR));
    regs->al = inb((u16)(port + UART_MSR));
}

static void set_up(struct bregs *regs, u16 port)
{
    u16 divisor = GET_CONST(divisors[regs->al >> 5]);
    outb((u16)(port + UART_LCR), (regs->al & 0x1f) | LCR_DLAB);
    outb(port, (u8)divisor);
    outb((u16)(port + 1), (u8)(divisor >> 8));
    outb((u16)(port + UART_LCR), regs->al & 0x1f);
    status(regs, port);
}

static bool wait_line(u16 port, u8 bits, u8 timeout)
{
    return ata_wait((u16)(port + UART_LSR), bits, bits, timeout * (u32)TIMEOUT_UNIT_MS);
}

static void send(struct bregs *regs, u16 port, u8 timeout)
{
    outb((u16)(port + UART_MCR), (u8)(inb((u16)(port + UART_MCR)) | MCR_DTR_RTS));
    bool ok = wait_line(port, LSR_EMPTY | LSR_ALL_EMPTY, timeout);
    if (ok)
        outb(port, regs->al);
    regs->ah = (u8)(inb((u16)(port + UART_LSR)) | (ok ? 0 : STATUS_TIMEOUT));
}

static void receive(struct bregs *regs, u16 port, u8 timeout)
{
    outb((u16)(port + UART_MCR), (u8)(inb((u16)(port + UART_MCR)) | MCR_DTR_RTS));
    bool ok = wait_line(port, LSR_READY, timeout);
    regs->ah = (u8)(inb((u16)(port + UART_LSR)) | (ok ? 0 : STATUS_TIMEOUT));
    if (ok) {
        regs->al = inb(port);
        regs->ah &= 0x1e; /* the errors alone */
    }
}

void handle_14(struct bregs *regs);
void handle_14(struct bregs *regs)
{
    u16 port = regs->dx < 4 ? GET_BDA(com_port[regs->dx]) : 0;
    if (!port)
        return;
    u8 timeout = GET_BDA(com_timeout[regs->dx]);
    switch (regs->ah) {
    case 0:
        set_up(regs, port);
        break;
    case 1:
        send(regs, port, timeout);
        break;
    case 2:
        receive(regs, port, timeout);
        break;
    case 3:
        status(regs, port);
        break;
    case 4: { /* extended set-up: AL break, BH parity, BL stop bits, CH length, CL rate */
        static const u8 parity[5] VAR16 = { 0x00, 0x08, 0x18, 0x28, 0x38 };
        u16 divisor = regs->cl == 8 ? 6 : GET_CONST(divisors[regs->cl & 7]);
        u8 lcr = (u8)((regs->ch & 3) | (regs->bl & 1) << 2 | (regs->bh < 5 ? GET_CONST(parity[regs->bh]) : 0) |
                      (regs->al & 1) << 6);
        outb((u16)(port + UART_LCR), lcr | LCR_DLAB);
        outb(port, (u8)divisor);
        outb((u16)(port + 1), (u8)(divisor >> 8));
        outb((u16)(port + UART_LCR), lcr);
        status(regs, port);
        break;
    }
    case 5: /* modem control: AL = 0 read, 1 write, BL */
        if (regs->al)
            outb((u16)(port + UART_MCR), regs->bl & 0x1f);
        regs->bl = inb((u16)(port + UART_MCR));
        status(regs, port);
        break;
    default:
        break;
    }
}

#define LPT_STATUS 1
#define LPT_CONTROL 2
#define LPT_BUSY_NOT 0x80
#define LPT_STROBE 0x01
#define LPT_INIT_NOT 0x04
#define LPT_SELECT 0x08
#define LPT_STATUS_FLIP 0x48

static u8 printer_status(u16 port)
{
    return (u8)((inb((u16)(port + LPT_STATUS)) ^ LPT_STATUS_FLIP) & 0xf8);
}

static bool print(u16 port, u8 c, u8 timeout)
{
    outb(port, c);
    if (!ata_wait((u16)(port + LPT_STATUS), LPT_BUSY_NOT, LPT_BUSY_NOT, timeout * (u32)TIMEOUT_UNIT_MS))
        return false;
    outb((u16)(port + LPT_CONTROL), LPT_SELECT | LPT_INIT_NOT | LPT_STROBE);
    delay_us(1);
    outb((u16)(port + LPT_CONTROL), LPT_SELECT | LPT_INIT_NOT);
    return true;
}

void handle_17(struct bregs *regs);
void handle_17(struct bregs *regs)
{
    u16 port = regs->dx < 3 ? GET_BDA(lpt_port[regs->dx]) : 0;
    bool ok = true;
    if (!port || regs->ah > 2) {
        regs->ah = 1; /* timed out */
        return;
    }
    if (regs->ah == 0)
        ok = print(port, regs->al, GET_BDA(lpt_timeout[regs->dx]));
    if (regs->ah == 1) {
        outb((u16)(port + LPT_CONTROL), LPT_SELECT);
        delay_us(50);
        outb((u16)(port + LPT_CONTROL), LPT_SELECT | LPT_INIT_NOT);
    }
    regs->ah = (u8)(printer_status(port) | (ok ? 0 : 1));
}
