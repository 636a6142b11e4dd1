/* serial.c: the 16550 of COM1 in its loopback: nothing of it is heard outside. Data sheet: National PC16550D. */
#include "irq.h"
#include "tests.h"

#define COM1 0x3f8
enum { RBR = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };
enum { LSR_DR = 0x01, LSR_THRE = 0x20, LSR_TEMT = 0x40 };
enum { MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 16 };
#define LCR_DLAB 0x80
#define IIR_FIFOS 0xc0
#define IIR_NONE 0x01
#define IIR_DATA 0x04

/* What is found is said in the end, when the port is the outside's again. */
static struct {
    int passed;
    const char *name;
} notes[16];
static u32 noted;

static void note(int passed, const char *name)
{
    notes[noted].passed = passed;
    notes[noted++].name = name;
}

static u8 in(u32 reg)
{
    return inb((u16)(COM1 + reg));
}

static void out(u32 reg, u8 v)
{
    outb((u16)(COM1 + reg), v);
}

static int line(u8 bits)
{
    for (u32 i = 0; i < 1000 && (in(LSR)&bits) != bits; i++)
        delay_us(100);
    return (in(LSR)&bits) == bits;
}

static void quiet(void)
{
    in(RBR);
}

static void loop(u8 mcr)
{
    u32 right = 0;
    out(MCR, (u8)(mcr | MCR_LOOP));
    in(RBR);
    for (u32 i = 0; i < 8; i++) {
        u8 v = (u8)(0x81 + 13 * i);
        line(LSR_THRE);
        out(RBR, v);
        right += line(LSR_DR) && in(RBR) == v;
    }
    note(right == 8, "loopback: eight bytes come back");
    out(MCR, MCR_LOOP | MCR_DTR | MCR_OUT2);
    note((in(MSR)&0xf0) == 0xa0, "loopback: DTR is DSR, OUT2 is DCD");
    out(MCR, MCR_LOOP | MCR_RTS | MCR_OUT1);
    note((in(MSR)&0xf0) == 0x50, "loopback: RTS is CTS, OUT1 is RI");
    note((in(MSR)&0x0f) == 0, "MSR: a read clears the changes");
    out(FCR, 0x07);
    note((in(IIR)&IIR_FIFOS) == IIR_FIFOS, "FCR: the FIFOs are on");
    out(MCR, (u8)(mcr | MCR_LOOP));
    for (u32 i = 0; i < 4; i++)
        out(RBR, (u8)(0x40 + i));
    line(LSR_TEMT);
    right = 0;
    for (u32 i = 0; i < 4; i++)
        right += line(LSR_DR) && in(RBR) == 0x40 + i;
    note(right == 4, "the FIFO keeps four bytes in their order");
    out(FCR, 0);
}

static void interrupt(u8 mcr)
{
    irq_begin();
    irq_open(IRQ_COM1, quiet);
    out(MCR, (u8)(mcr | MCR_LOOP | MCR_OUT2));
    out(IER, 1);
    out(RBR, 0x55);
    int first = wait_for(&irq_count[IRQ_COM1], 1, 200);
    out(IER, 0);
    irq_end();
    note(!first || ON_QEMU || ON_BOCHS, "loopback: the OUT2 pin is off, and with it IRQ4 (QEMU and Bochs leave it on)");
}

void serial_tests(void)
{
    u8 lcr = in(LCR), mcr = in(MCR), scr = in(SCR);
    line(LSR_TEMT);
    out(SCR, 0x5a);
    note(in(SCR) == 0x5a, "the scratch register");
    out(SCR, scr);
    out(LCR, (u8)(lcr | LCR_DLAB));
    u8 low = in(0), high = in(1);
    out(0, 0x34);
    out(1, 0x12);
    note(in(0) == 0x34 && in(1) == 0x12, "DLAB: the divisor latch");
    out(0, low);
    out(1, high);
    out(LCR, lcr);
    note(in(IIR)&IIR_NONE || in(IIR)&IIR_NONE, "IIR: nothing is pending");
    loop(mcr);
    interrupt(mcr);
    out(MCR, mcr);
    in(RBR);
    for (u32 i = 0; i < noted; i++)
        ok(notes[i].passed, notes[i].name);
}
