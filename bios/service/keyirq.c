/* keyirq.c: IRQ 1, int 09h: scan codes become keys in the BDA's buffer (IBM PC/AT Technical Reference, "Keyboard"). */
#include "service.h"

#define PORT_DATA 0x60
#define PORT_STATUS 0x64
#define OUT_FULL 0x01
#define OUT_MOUSE 0x20
#define CMD_KEYBOARD_OFF 0xad
#define CMD_KEYBOARD_ON 0xae

#define RELEASE 0x80
#define SCAN_E0 0xe0
#define SCAN_E1 0xe1
#define SCAN_CTRL 0x1d
#define SCAN_LSHIFT 0x2a
#define SCAN_RSHIFT 0x36
#define SCAN_ALT 0x38
#define SCAN_CAPS 0x3a
#define SCAN_NUM 0x45
#define SCAN_SCROLL 0x46
#define SCAN_SYSRQ 0x54
#define SCAN_DEL 0x53
#define SCAN_PRINT 0x37
#define SCAN_INS 0x52
#define SCAN_SLASH 0x35
#define SCAN_ENTER 0x1c

/* 40:17 */
#define F0_RSHIFT 0x01
#define F0_LSHIFT 0x02
#define F0_CTRL 0x04
#define F0_ALT 0x08
#define F0_SCROLL 0x10
#define F0_NUM 0x20
#define F0_CAPS 0x40
#define F0_INS 0x80
/* 40:18 */
#define F1_LCTRL 0x01
#define F1_LALT 0x02
#define F1_SYSRQ 0x04
#define F1_PAUSE 0x08
#define F1_SCROLL 0x10
#define F1_NUM 0x20
#define F1_CAPS 0x40
#define F1_INS 0x80
/* 40:96 */
#define F2_E1 0x01
#define F2_E0 0x02
#define F2_RCTRL 0x04
#define F2_RALT 0x08
#define WARM_BOOT 0x1234

bool key_put(u16 key)
{
    u16 tail = GET_BDA(kbd_tail), next = (u16)(tail + 2);
    if (next >= GET_BDA(kbd_buf_end))
        next = GET_BDA(kbd_buf_start);
    if (next == GET_BDA(kbd_head))
        return false;
    far_set(SEG_BDA, tail, key, 2);
    SET_BDA(kbd_tail, next);
    return true;
}

static void set_bit(u8 *flags, u8 bit, bool on)
{
    *flags = (u8)(on ? *flags | bit : *flags & ~bit);
}

/* A lock key turns its state about when it goes down first. */
static void lock(u8 f0_bit, u8 f1_bit, bool down)
{
    u8 f0 = GET_BDA(kbd_flag0), f1 = GET_BDA(kbd_flag1);
    if (down && !(f1 & f1_bit))
        SET_BDA(kbd_flag0, f0 ^ f0_bit);
    set_bit(&f1, f1_bit, down);
    SET_BDA(kbd_flag1, f1);
}

static void control(bool down, bool extended)
{
    u8 f0 = GET_BDA(kbd_flag0), f1 = GET_BDA(kbd_flag1), f2 = GET_BDA(kbd_flag2);
    set_bit(extended ? &f2 : &f1, extended ? F2_RCTRL : F1_LCTRL, down);
    set_bit(&f0, F0_CTRL, (f1 & F1_LCTRL) || (f2 & F2_RCTRL));
    SET_BDA(kbd_flag0, f0);
    SET_BDA(kbd_flag1, f1);
    SET_BDA(kbd_flag2, f2);
}

/* Releasing Alt ends a character that was typed as a number on the keypad. */
static void alt(bool down, bool extended)
{
    u8 f0 = GET_BDA(kbd_flag0), f1 = GET_BDA(kbd_flag1), f2 = GET_BDA(kbd_flag2), pad = GET_BDA(alt_keypad);
    set_bit(extended ? &f2 : &f1, extended ? F2_RALT : F1_LALT, down);
    set_bit(&f0, F0_ALT, (f1 & F1_LALT) || (f2 & F2_RALT));
    SET_BDA(kbd_flag0, f0);
    SET_BDA(kbd_flag1, f1);
    SET_BDA(kbd_flag2, f2);
    if (!down && !(f0 & F0_ALT) && pad) {
        key_put(pad);
        SET_BDA(alt_keypad, 0);
    }
}

static void shift(u8 bit, bool down)
{
    u8 f0 = GET_BDA(kbd_flag0);
    set_bit(&f0, bit, down);
    SET_BDA(kbd_flag0, f0);
}

static void break_key(void)
{
    struct bregs r = { .flags = 0 };
    SET_BDA(break_flag, 0x80);
    SET_BDA(kbd_head, GET_BDA(kbd_buf_start));
    SET_BDA(kbd_tail, GET_BDA(kbd_buf_start));
    key_put(0);
    call_vector(0x1b, &r);
}

static void system_request(bool down)
{
    struct bregs r = { .ax = (u16)(0x8500 | !down) };
    call_vector(0x15, &r);
}

static void restart(void)
{
    SET_BDA(warm_boot, WARM_BOOT);
    outb(PORT_STATUS, 0xfe);
    for (;;)
        __asm__ volatile("hlt");
}

/* Digits of the keypad while Alt is down. */
static bool alt_digit(u8 scan)
{
    static const u8 digit[13] VAR16 = { 7, 8, 9, 0xff, 4, 5, 6, 0xff, 1, 2, 3, 0, 0xff };
    u8 n = (u8)(scan - 0x47);
    if (n >= sizeof digit || GET_CONST(digit[n]) > 9)
        return false;
    SET_BDA(alt_keypad, GET_BDA(alt_keypad) * 10 + GET_CONST(digit[n]));
    return true;
}

/* The keys that the 101-key keyboard doubled: their codes end in E0h, so that function 10h tells them apart. */
static u16 extended_code(u8 scan, u8 flags)
{
    if (scan == SCAN_ENTER)
        return flags & F0_ALT ? 0xa600 : flags & F0_CTRL ? 0xe00a : 0xe00d;
    if (scan == SCAN_SLASH)
        return flags & F0_ALT ? 0xa400 : flags & F0_CTRL ? 0x9500 : 0xe02f;
    if (scan < 0x47 || scan > SCAN_DEL)
        return 0;
    if (flags & F0_ALT)
        return (u16)((scan + 0x50) << 8);
    u16 code = key_code(scan, flags & F0_CTRL);
    return code ? (u16)((code & 0xff00) | 0xe0) : 0;
}

static void ordinary(u8 scan, bool extended)
{
    u8 flags = GET_BDA(kbd_flag0);
    if (scan == SCAN_DEL && (flags & (F0_CTRL | F0_ALT)) == (F0_CTRL | F0_ALT))
        restart();
    if (!extended && (flags & F0_ALT) && alt_digit(scan))
        return;
    if (scan == SCAN_INS && !(flags & (F0_CTRL | F0_ALT)) && (extended || !(flags & F0_NUM)))
        lock(F0_INS, F1_INS, true);
    if (extended && (scan == SCAN_LSHIFT || scan == SCAN_RSHIFT))
        return; /* what the keyboard wraps around its doubled keys */
    if (extended && scan == SCAN_PRINT) {
        struct bregs r = { .flags = 0 };
        call_vector(0x05, &r);
        return;
    }
    u16 code = extended ? extended_code(scan, flags) : key_code(scan, flags);
    if (code)
        key_put(code);
}

static void key(u8 scan, bool extended)
{
    bool down = !(scan & RELEASE);
    scan &= (u8)~RELEASE;
    u8 flags = GET_BDA(kbd_flag0), f1 = GET_BDA(kbd_flag1);
    if (scan == SCAN_LSHIFT && !extended)
        shift(F0_LSHIFT, down);
    else if (scan == SCAN_RSHIFT && !extended)
        shift(F0_RSHIFT, down);
    else if (scan == SCAN_CTRL)
        control(down, extended);
    else if (scan == SCAN_ALT)
        alt(down, extended);
    else if (scan == SCAN_CAPS)
        lock(F0_CAPS, F1_CAPS, down);
    else if (scan == SCAN_NUM && !(flags & F0_CTRL))
        lock(F0_NUM, F1_NUM, down);
    else if (scan == SCAN_SCROLL && (extended || (flags & F0_CTRL)))
        down ? break_key() : (void)0;
    else if (scan == SCAN_SCROLL)
        lock(F0_SCROLL, F1_SCROLL, down);
    else if (scan == SCAN_SYSRQ)
        system_request(down);
    else if (down && (f1 & F1_PAUSE))
        SET_BDA(kbd_flag1, f1 & ~F1_PAUSE);
    else if (down)
        ordinary(scan, extended);
    else if (scan == SCAN_INS)
        SET_BDA(kbd_flag1, f1 & ~F1_INS);
}

/* E1 1D 45 E1 9D C5 is Pause: two bytes after each E1. The service's part of it is done when the sequence is. */
static void pause(u8 scan)
{
    if ((scan & ~RELEASE) == SCAN_CTRL)
        return;
    SET_BDA(kbd_flag2, GET_BDA(kbd_flag2) & ~F2_E1);
    if (scan & RELEASE)
        return;
    SET_BDA(kbd_flag1, GET_BDA(kbd_flag1) | F1_PAUSE);
}

static void scan_code(u8 scan)
{
    u8 f2 = GET_BDA(kbd_flag2);
    if (scan == SCAN_E0 || scan == SCAN_E1) {
        SET_BDA(kbd_flag2, f2 | (scan == SCAN_E0 ? F2_E0 : F2_E1));
        return;
    }
    if (f2 & F2_E1) {
        pause(scan);
        return;
    }
    key(scan, f2 & F2_E0);
    SET_BDA(kbd_flag2, GET_BDA(kbd_flag2) & ~F2_E0);
}

/* Function 4Fh of int 15h sees each code first, may change it or take it. */
static bool intercept(u8 *scan)
{
    struct bregs r = { .ax = (u16)(0x4f00 | *scan) };
    r.flags = F_CF;
    call_out(&r, GET_IVT(0x15));
    *scan = r.al;
    return r.flags & F_CF;
}

static void update_leds(u8 before)
{
    u8 now = GET_BDA(kbd_flag0) >> 4 & 7;
    if (now != (before >> 4 & 7)) {
        SET_BDA(kbd_led, (GET_BDA(kbd_led) & ~7) | now);
        kbd_set_leds(now);
    }
}

void handle_09(struct bregs *regs);
void handle_09(struct bregs *regs)
{
    (void)regs;
    u8 status = inb(PORT_STATUS), before = GET_BDA(kbd_flag0);
    if ((status & (OUT_FULL | OUT_MOUSE)) == OUT_FULL) {
        u8 scan = inb(PORT_DATA);
        kbc_command(CMD_KEYBOARD_OFF);
        outb(PORT_PIC1, 0x20);
        if (intercept(&scan))
            scan_code(scan);
        kbc_command(CMD_KEYBOARD_ON);
        update_leds(before);
        while (GET_BDA(kbd_flag1) & F1_PAUSE)
            halt_until_interrupt();
        return;
    }
    irq_end(1);
}
