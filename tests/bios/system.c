/* system.c: int 10h's presence, 11h, 15h, keyboard and mouse, ports. */
#include "test.h"

#define KBC_STATUS 0x64
#define KBC_DATA 0x60
#define KBC_KEYBOARD_OUTPUT 0xd2
#define KBC_MOUSE_OUTPUT 0xd3

void test_system(void)
{
    struct regs r = { .eax = 0x0f00 };
    interrupt(0x10, &r);
    check_equal("int 10h/0Fh", r.ax, peek(0x449, 1) | peek(0x44a, 1) << 8);
    r = (struct regs){ .eax = 0 };
    interrupt(0x11, &r);
    check("int 11h", r.ax == peek(0x410, 2) && (r.ax >> 9 & 7) >= 1);
    r = (struct regs){ .eax = 0xc000 };
    bool ok = !interrupt(0x15, &r) && r.ah == 0;
    u32 table = r.es * 16u + r.bx;
    check("int 15h/C0h", ok && peek(table, 2) >= 8 && peek(table + 2, 1) == 0xfc);
    r = (struct regs){ .eax = 0xc100 };
    check("int 15h/C1h", !interrupt(0x15, &r) && r.es == peek(0x40e, 2));
    r = (struct regs){ .eax = 0x4f1e };
    check("int 15h/4Fh leaves the code", interrupt(0x15, &r) && r.al == 0x1e);
    r = (struct regs){ .eax = 0x9000 };
    check("int 15h/90h", !interrupt(0x15, &r));
    u32 keep = 0x12345678;
    __asm__ volatile("outb %%al, $0xb2" : "+b"(keep) : "a"(0x5a) : "memory");
    check("a system management interrupt comes back", keep == 0x12345678);
    r = (struct regs){ .eax = 0x7f00 };
    check("int 15h fails for no function", interrupt(0x15, &r) && r.ah == 0x86);
}

static bool key_there(void)
{
    return peek(0x41a, 2) != peek(0x41c, 2);
}

static void controller(u8 command, u8 v)
{
    while (inb(KBC_STATUS) & 2)
        ;
    outb(KBC_STATUS, command);
    while (inb(KBC_STATUS) & 2)
        ;
    outb(KBC_DATA, v);
}

/* As if from the keyboard: its output buffer is filled, and IRQ 1 follows. */
static u16 typed(const u8 *codes, unsigned n, bool enhanced)
{
    for (unsigned i = 0; i < n; i++) {
        controller(KBC_KEYBOARD_OUTPUT, codes[i]);
        for (unsigned wait = 0; wait < 50000 && (inb(KBC_STATUS) & 1); wait++)
            __asm__ volatile("sti; nop");
    }
    if (!wait_until(key_there, 9))
        return 0;
    struct regs r = { .eax = enhanced ? 0x1000 : 0 };
    interrupt(0x16, &r);
    return r.ax;
}

static void test_codes(void)
{
    static const u8 a[] = { 0x1e, 0x9e }, shift_a[] = { 0x2a, 0x1e, 0x9e, 0xaa }, ctrl_c[] = { 0x1d, 0x2e, 0xae, 0x9d },
                    alt_x[] = { 0x38, 0x2d, 0xad, 0xb8 }, f1[] = { 0x3b, 0xbb }, up[] = { 0xe0, 0x48, 0xe0, 0xc8 },
                    caps_a[] = { 0x3a, 0xba, 0x1e, 0x9e, 0x3a, 0xba },
                    alt_65[] = { 0x38, 0x4d, 0xcd, 0x4c, 0xcc, 0xb8 };
    check_equal("int 09h: a", typed(a, sizeof a, false), 0x1e61);
    check_equal("int 09h: Shift+a", typed(shift_a, sizeof shift_a, false), 0x1e41);
    check_equal("int 09h: Ctrl+c", typed(ctrl_c, sizeof ctrl_c, false), 0x2e03);
    check_equal("int 09h: Alt+x", typed(alt_x, sizeof alt_x, false), 0x2d00);
    check_equal("int 09h: F1", typed(f1, sizeof f1, false), 0x3b00);
    check_equal("int 16h/00h: arrow", typed(up, sizeof up, false), 0x4800);
    check_equal("int 16h/10h: arrow", typed(up, sizeof up, true), 0x48e0);
    check_equal("int 09h: Caps Lock", typed(caps_a, sizeof caps_a, false), 0x1e41);
    check_equal("int 09h: Alt and 65", typed(alt_65, sizeof alt_65, false) & 0xff, 0x41);
}

void test_keyboard(void)
{
    struct regs r = { .eax = 0x0500, .ecx = 0x1c0d };
    interrupt(0x16, &r);
    check("int 16h/05h", r.al == 0);
    r = (struct regs){ .eax = 0x0100 };
    interrupt(0x16, &r);
    check("int 16h/01h", !(r.flags & ZF) && r.ax == 0x1c0d);
    r = (struct regs){ .eax = 0x1100 };
    interrupt(0x16, &r);
    check("int 16h/11h", !(r.flags & ZF) && r.ax == 0x1c0d);
    r = (struct regs){ .eax = 0x0000 };
    interrupt(0x16, &r);
    check_equal("int 16h/00h", r.ax, 0x1c0d);
    r = (struct regs){ .eax = 0x0100 };
    interrupt(0x16, &r);
    check("int 16h/01h: none left", r.flags & ZF);
    test_codes();
    static const u8 shift[] = { 0x2a };
    controller(KBC_KEYBOARD_OUTPUT, shift[0]);
    for (u32 start = ticks(); ticks() - start < 2;)
        __asm__ volatile("sti; hlt");
    r = (struct regs){ .eax = 0x0200 };
    interrupt(0x16, &r);
    bool ok = r.al & 2;
    r = (struct regs){ .eax = 0x1200 };
    interrupt(0x16, &r);
    check("int 16h/02h and 12h", ok && (r.al & 2));
    controller(KBC_KEYBOARD_OUTPUT, 0xaa);
    for (u32 start = ticks(); ticks() - start < 2;)
        __asm__ volatile("sti; hlt");
    r = (struct regs){ .eax = 0x0900 };
    interrupt(0x16, &r);
    check("int 16h/09h", r.al & 0x20);
}

static bool mouse_called(void)
{
    return mouse_count != 0;
}

static u8 mouse(u16 ax, u16 bx)
{
    struct regs r = { .eax = ax, .ebx = bx };
    if (ax == 0xc207)
        r.es = PROGRAM_SEGMENT;
    return interrupt(0x15, &r) ? (r.ah ? r.ah : 0xff) : r.ah;
}

void test_mouse(void)
{
    struct regs r = { .eax = 0xc205, .ebx = 0x0300 };
    check("int 15h/C205h", !interrupt(0x15, &r));
    r = (struct regs){ .eax = 0xc201 };
    check("int 15h/C201h", !interrupt(0x15, &r) && r.bl == 0xaa && r.bh == 0);
    check("int 15h/C202h", mouse(0xc202, 0x0500) == 0);
    check("int 15h/C203h", mouse(0xc203, 0x0200) == 0);
    r = (struct regs){ .eax = 0xc204 };
    check("int 15h/C204h", !interrupt(0x15, &r) && r.bh == 0);
    r = (struct regs){ .eax = 0xc206 };
    check("int 15h/C206h", !interrupt(0x15, &r) && r.dl == 100 && r.cl == 2);
    check("int 15h/C207h", mouse(0xc207, (u16)(u32)hook_mouse) == 0);
    check("int 15h/C200h", mouse(0xc200, 0x0100) == 0);
    static const u8 packet[3] = { 0x09, 0x05, 0x03 };
    for (unsigned i = 0; i < 3; i++) {
        controller(KBC_MOUSE_OUTPUT, packet[i]);
        for (u32 start = ticks(); ticks() - start < 2;)
            __asm__ volatile("sti; hlt");
    }
    check("int 74h calls the handler",
          wait_until(mouse_called, 9) && mouse_seen[0] == 9 && mouse_seen[1] == 5 && mouse_seen[2] == 3);
    check("int 15h/C200h: off", mouse(0xc200, 0x0000) == 0);
    check("int 15h/C2FFh fails", mouse(0xc2ff, 0) == 1);
}

void test_ports(void)
{
    struct regs r = { .eax = 0x0300 };
    interrupt(0x14, &r);
    check("int 14h/03h", (r.ah & 0x60) == 0x60);
    r = (struct regs){ .eax = 0x00e3 };
    interrupt(0x14, &r);
    outb(0x3fb, 0x83);
    u16 divisor = (u16)(inb(0x3f8) | inb(0x3f9) << 8);
    outb(0x3f8, 1);
    outb(0x3f9, 0);
    outb(0x3fb, 3);
    check_equal("int 14h/00h sets 9600 bits a second", divisor, 12);
    bool ok = true;
    static const char text[] = "NOTE by int 14h\r\n";
    for (unsigned i = 0; text[i]; i++) {
        r = (struct regs){ .eax = 0x0100u | (u8)text[i] };
        interrupt(0x14, &r);
        ok = ok && !(r.ah & 0x80);
    }
    check("int 14h/01h", ok);
    outb(0x3fc, 0x13); /* loop back */
    outb(0x3f8, 'x');
    r = (struct regs){ .eax = 0x0200 };
    interrupt(0x14, &r);
    outb(0x3fc, 3);
    check("int 14h/02h", r.al == 'x' && !(r.ah & 0x80));
    r = (struct regs){ .eax = 0x0200 };
    interrupt(0x17, &r);
    bool printer = peek(0x408, 2) != 0;
    check("int 17h/02h", printer ? !(r.ah & 1) : r.ah & 1);
    r = (struct regs){ .eax = 0x0100 };
    interrupt(0x17, &r);
    check("int 17h/01h", !printer || !(r.ah & 1));
    r = (struct regs){ .eax = 'p' };
    interrupt(0x17, &r);
    check("int 17h/00h", !printer || !(r.ah & 1));
}
