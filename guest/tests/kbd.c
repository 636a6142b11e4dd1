/* kbd.c: the 8042: its commands, the keyboard and the mouse behind it, its interrupts, A20. */
#include "irq.h"
#include "tests.h"

#define DATA 0x60
#define COMMAND 0x64
#define STATUS_FULL 0x01
#define STATUS_BUSY 0x02
#define STATUS_SYSTEM 0x04
#define STATUS_MOUSE 0x20
#define BYTE_KBD_IRQ 0x01
#define BYTE_MOUSE_IRQ 0x02
#define BYTE_SYSTEM 0x04
#define BYTE_KBD_OFF 0x10
#define BYTE_MOUSE_OFF 0x20
#define BYTE_TRANSLATE 0x40
#define OUTPUT_A20 0x02
#define NONE 0x100
#define PATIENCE 20000

static void ready(void)
{
    for (u32 i = 0; i < PATIENCE && inb(COMMAND) & STATUS_BUSY; i++)
        pause();
}

static void command(u8 v)
{
    ready();
    outb(COMMAND, v);
}

static void data(u8 v)
{
    ready();
    outb(DATA, v);
}

static u32 answer(void)
{
    for (u32 i = 0; i < PATIENCE; i++) {
        if (inb(COMMAND) & STATUS_FULL)
            return inb(DATA);
        delay_us(5);
    }
    return NONE;
}

static void drain(void)
{
    for (u32 i = 0; i < 32 && inb(COMMAND) & STATUS_FULL; i++) {
        inb(DATA);
        delay_us(1000);
    }
}

static u32 ask(u8 v)
{
    command(v);
    return answer();
}

static u32 keyboard(u8 v)
{
    data(v);
    return answer();
}

static u32 mouse(u8 v)
{
    command(0xd4);
    data(v);
    return answer();
}

static void controller(u8 byte)
{
    is(ask(0xaa), 0x55, "AA, self test: 55");
    is(ask(0xab), 0x00, "AB, test of the keyboard's interface: 00");
    is(ask(0xa9), 0x00, "A9, test of the mouse's: 00");
    command(0x60);
    data(byte);
    is(ask(0x20), byte, "60 and 20: the command byte reads back");
    ok(inb(COMMAND) & STATUS_SYSTEM, "status: the system flag is set");
    command(0xad);
    ok(ask(0x20) & BYTE_KBD_OFF, "AD turns the keyboard off, in the command byte");
    command(0xae);
    ok(!(ask(0x20) & BYTE_KBD_OFF), "AE turns it on");
    command(0xa7);
    ok(ask(0x20) & BYTE_MOUSE_OFF, "A7 turns the mouse off");
    command(0xa8);
    ok(!(ask(0x20) & BYTE_MOUSE_OFF), "A8 turns it on");
}

static void devices(u8 byte)
{
    is(keyboard(0xee), 0xee, "keyboard: EE, echo");
    is(keyboard(0xf5), 0xfa, "keyboard: F5, stop: FA");
    is(keyboard(0xf2), 0xfa, "keyboard: F2, identify: FA");
    u32 first = answer(), second = answer();
    ok(first == 0xab && (second == 0x83 || second == 0x41), "... AB 83 (41 when it is translated)");
    is(keyboard(0xed), 0xfa, "keyboard: ED, the lamps: FA");
    is(keyboard(0x07), 0xfa, "... FA for their byte");
    is(keyboard(0xf4), 0xfa, "keyboard: F4, go on: FA");
    (void)byte;
    is(mouse(0xf2), 0xfa, "mouse: F2, identify: FA");
    for (u32 i = 0; i < PATIENCE && !(inb(COMMAND) & STATUS_FULL); i++)
        delay_us(5);
    ok(inb(COMMAND) & STATUS_FULL && inb(COMMAND) & STATUS_MOUSE, "... its byte is marked as the mouse's");
    is(answer(), 0x00, "... 00");
    is(mouse(0xe9), 0xfa, "mouse: E9, status: FA");
    answer();
    first = answer();
    second = answer();
    ok(first <= 3 && second <= 200, "... resolution and rate");
}

static void quiet(void)
{
    inb(DATA);
}

static void interrupts(u8 byte)
{
    drain();
    irq_begin();
    irq_open(IRQ_KBD, quiet);
    irq_open(IRQ_MOUSE, quiet);
    command(0x60);
    data((u8)(byte | BYTE_KBD_IRQ | BYTE_MOUSE_IRQ));
    command(0xd2);
    data(0x1c);
    ok(wait_for(&irq_count[IRQ_KBD], 1, 50), "D2, a byte as if from the keyboard: IRQ1");
    command(0xd3);
    data(0x1c);
    ok(wait_for(&irq_count[IRQ_MOUSE], 1, 50), "D3, a byte as if from the mouse: IRQ12");
    is(irq_count[IRQ_KBD], 1, "... and no other");
    irq_end();
}

static int wraps(void)
{
    volatile u32 *low = (volatile u32 *)0x5f0, *high = (volatile u32 *)0x1005f0;
    u32 old = *high, kept = *low;
    *high = 0x12345678;
    *low = 0x9abcdef0;
    int same = *high == 0x9abcdef0;
    *low = kept;
    *high = old;
    if (same)
        *low = kept;
    return same;
}

static void a20(void)
{
    u32 port = ask(0xd0);
    ok(port != NONE && port & OUTPUT_A20, "D0: the output port has A20 open");
    command(0xd1);
    data((u8)(port & ~(u32)OUTPUT_A20));
    ready();
    int shut = wraps();
    command(0xd1);
    data((u8)(port | OUTPUT_A20));
    ready();
    ok(shut, "D1: A20 shut by the output port: 1 MiB is 0");
    ok(!wraps(), "D1: A20 open again");
}

void kbd_tests(void)
{
    drain();
    u8 byte = (u8)ask(0x20);
    u8 silent = BYTE_SYSTEM | (u8)(byte & ~(BYTE_KBD_IRQ | BYTE_MOUSE_IRQ | BYTE_KBD_OFF | BYTE_MOUSE_OFF));
    command(0x60);
    data(silent);
    controller(silent);
    command(0x60);
    data(silent);
    devices(silent);
    interrupts(silent);
    a20();
    command(0x60);
    data(byte);
    drain();
}
