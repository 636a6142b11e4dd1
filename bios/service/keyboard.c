/* keyboard.c: int 16h: keys out of the BDA's buffer. */
#include "service.h"

#define ENHANCED_PREFIX 0xe0
#define FUNCTIONS 0x30 /* 09h: delay and rate can be set, 10h-12h are there */
#define SET_RATE 0xf3

static bool peek(u16 *key, bool take)
{
    u16 head = GET_BDA(kbd_head);
    if (head == GET_BDA(kbd_tail))
        return false;
    *key = (u16)far_get(SEG_BDA, head, 2);
    if (take) {
        head = (u16)(head + 2);
        SET_BDA(kbd_head, head >= GET_BDA(kbd_buf_end) ? GET_BDA(kbd_buf_start) : head);
    }
    return true;
}

/* Functions 0 and 1 know the 84-key keyboard: codes of the doubled keys look like the old ones, and those of new keys
 * do not exist. */
static bool old_code(u16 *key)
{
    u8 scan = (u8)(*key >> 8), c = (u8)*key;
    if (scan == ENHANCED_PREFIX) {
        *key = (u16)(c == '/' ? 0x3500 | c : 0x1c00 | c);
        return true;
    }
    if (c == ENHANCED_PREFIX && scan)
        *key = (u16)(scan << 8);
    return scan <= 0x84 || c == ENHANCED_PREFIX;
}

static bool next(struct bregs *regs, bool enhanced, bool take)
{
    u16 key;
    while (peek(&key, false)) {
        bool fits = enhanced || old_code(&key);
        if (enhanced && (key & 0xff) == 0xf0 && key >> 8)
            key &= 0xff00;
        u16 drop;
        if (take || !fits)
            peek(&drop, true);
        if (fits) {
            regs->ax = key;
            return true;
        }
    }
    return false;
}

static void wait_key(struct bregs *regs, bool enhanced)
{
    for (;;) {
        sercon_poll();
        if (next(regs, enhanced, true))
            return;
        halt_until_interrupt();
    }
}

static void look(struct bregs *regs, bool enhanced)
{
    sercon_poll();
    if (next(regs, enhanced, false)) {
        regs->flags &= (u16)~F_ZF;
        return;
    }
    regs->flags |= F_ZF;
    let_interrupts_in();
}

static void set_rate(struct bregs *regs)
{
    u8 v = (u8)((regs->bh & 3) << 5 | (regs->bl & 0x1f)), mode = kbc_mode();
    kbc_set_mode((u8)((mode & ~0x13) | 0x20));
    if (kbc_write(SET_RATE)) {
        delay_us(2000);
        inb(0x60);
        kbc_write(v);
        delay_us(2000);
        inb(0x60);
    }
    kbc_set_mode(mode);
}

void handle_16(struct bregs *regs);
void handle_16(struct bregs *regs)
{
    switch (regs->ah) {
    case 0x00:
        wait_key(regs, false);
        break;
    case 0x10:
        wait_key(regs, true);
        break;
    case 0x01:
        look(regs, false);
        break;
    case 0x11:
        look(regs, true);
        break;
    case 0x02:
        regs->al = GET_BDA(kbd_flag0);
        break;
    case 0x12: {
        u8 f1 = GET_BDA(kbd_flag1), f2 = GET_BDA(kbd_flag2);
        regs->al = GET_BDA(kbd_flag0);
        regs->ah = (u8)((f1 & 0x73) | (f1 & 0x04) << 5 | (f2 & 0x0c));
        break;
    }
    case 0x03:
        if (regs->al == 5)
            set_rate(regs);
        break;
    case 0x05:
        regs->al = !key_put(regs->cx);
        break;
    case 0x09:
        regs->al = FUNCTIONS;
        break;
    case 0x0a: { /* the keyboard's identity */
        regs->bx = 0x41ab;
        break;
    }
    case 0x92: /* how programs ask whether 10h-12h, and 20h-22h, are there */
        regs->ah = 0x80;
        break;
    case 0xa2:
        break;
    default:
        break;
    }
}
