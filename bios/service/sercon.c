/* sercon.c: the console on COM1 besides the screen, for machines that are told to have no display: what int 10h writes
 * is sent, too, with the cursor's moves as ANSI X3.64 sequences; what the terminal sends becomes keys for int 16h. */
#include "service.h"

#define PORT 0x3f8
#define LSR (PORT + 5)
#define LSR_READY 0x01
#define LSR_EMPTY 0x20
#define SEND_MS 20
#define ESC 0x1b

static void send(u8 c)
{
    if (ata_wait(LSR, LSR_EMPTY, LSR_EMPTY, SEND_MS))
        outb(PORT, c);
}

static void send_number(u32 v)
{
    if (v >= 10)
        send_number(v / 10);
    send((u8)('0' + v % 10));
}

static void send_csi(u32 a, u32 b, u8 end)
{
    send(ESC);
    send('[');
    send_number(a);
    if (b) {
        send(';');
        send_number(b);
    }
    send(end);
}

/* Line drawing and the like become what a terminal has. */
static void send_glyph(u8 c)
{
    if (c == 0xc4 || c == 0xcd)
        c = '-';
    else if (c == 0xb3 || c == 0xba)
        c = '|';
    else if (c >= 0xb0 && c <= 0xdf)
        c = '+';
    send(c < ' ' || c >= 0x7f ? ' ' : c);
}

static void send_text(u8 c)
{
    if (c == '\r' || c == '\n' || c == '\b' || c == '\a' || c >= ' ')
        send(c >= 0x7f ? '?' : c);
}

static void send_string(const struct bregs *regs)
{
    u16 step = regs->al & 2 ? 2 : 1, off = regs->bp;
    send_csi(regs->dh + 1u, regs->dl + 1u, 'H');
    for (u16 n = regs->cx < 2000 ? regs->cx : 2000; n; n--, off = (u16)(off + step))
        send_text((u8)far_get(regs->es, off, 1));
}

static void mirror(const struct bregs *regs)
{
    switch (regs->ah) {
    case 0x00:
        send_csi(2, 0, 'J');
        send_csi(1, 1, 'H');
        break;
    case 0x02:
        send_csi(regs->dh + 1u, regs->dl + 1u, 'H');
        break;
    case 0x06:
    case 0x07:
        if (!regs->al && !regs->cx)
            send_csi(2, 0, 'J');
        break;
    case 0x09:
    case 0x0a:
        send(ESC);
        send('7');
        for (u16 n = regs->cx < 80 ? regs->cx : 80; n; n--)
            send_glyph(regs->al);
        send(ESC);
        send('8');
        break;
    case 0x0e:
        send_text(regs->al);
        break;
    case 0x13:
        send_string(regs);
        break;
    default:
        break;
    }
}

/* Vector 10h, where there is no video BIOS, or the serial console stands before it. */
void handle_10(struct bregs *regs);
void handle_10(struct bregs *regs)
{
    u16 seg = GET_LOW(sercon_int10.seg), off = GET_LOW(sercon_int10.off);
    if (GET_LOW(sercon))
        mirror(regs);
    if (!seg)
        return;
    u16 flags = regs->flags;
    call_out(regs, (u32)seg << 16 | off);
    regs->flags = flags;
}

struct sequence {
    char bytes[4];
    u16 key;
};

static const struct sequence sequences[] VAR16 = {
    { "[A", 0x48e0 }, { "[B", 0x50e0 },  { "[C", 0x4de0 },  { "[D", 0x4be0 },  { "[H", 0x47e0 },
    { "[F", 0x4fe0 }, { "[2~", 0x52e0 }, { "[3~", 0x53e0 }, { "[5~", 0x49e0 }, { "[6~", 0x51e0 },
    { "OP", 0x3b00 }, { "OQ", 0x3c00 },  { "OR", 0x3d00 },  { "OS", 0x3e00 },
};

/* The scan code of an ASCII character, as keytable.c has it. */
static u16 key_of(u8 c)
{
    if (c == 0x7f)
        return 0x0e08;
    for (u8 flags = 0; flags <= 4; flags = flags ? (u8)(flags * 2) : 1)
        for (u8 scan = 1; scan < 0x3a; scan++) {
            u16 key = key_code(scan, flags);
            if ((u8)key == c && (key & 0xff))
                return key;
        }
    return c;
}

static void put_sequence(void)
{
    u8 n = GET_LOW(sercon_keys);
    for (unsigned i = 0; i < ARRAY_LEN(sequences); i++) {
        bool same = true;
        for (u8 j = 0; j < 4 && same; j++)
            same = (u8)GET_CONST(sequences[i].bytes[j]) == (j < n ? GET_LOW(sercon_key[j]) : 0);
        if (same) {
            key_put(GET_CONST(sequences[i].key));
            return;
        }
    }
}

static bool ends_sequence(u8 n, u8 c)
{
    return (n > 1 && (c >= '@' || c == '~')) || n == 3;
}

static void received(u8 c)
{
    u8 n = GET_LOW(sercon_keys);
    if (GET_LOW(sercon) != 2) {
        if (c != ESC)
            key_put(key_of(c == '\n' ? '\r' : c));
        else
            SET_LOW(sercon, 2); /* perhaps a sequence */
        return;
    }
    SET_LOW(sercon_key[n], c);
    SET_LOW(sercon_keys, ++n);
    if (n == 1 && c != '[' && c != 'O') {
        key_put(key_of(ESC));
        key_put(key_of(c));
    } else if (!ends_sequence(n, c)) {
        return;
    } else {
        put_sequence();
    }
    SET_LOW(sercon, 1);
    SET_LOW(sercon_keys, 0);
}

void sercon_poll(void)
{
    if (!GET_LOW(sercon))
        return;
    bool any = false;
    for (unsigned i = 0; i < 16 && (inb(LSR) & LSR_READY); i++, any = true)
        received(inb(PORT));
    if (!any && GET_LOW(sercon) == 2 && !GET_LOW(sercon_keys)) {
        key_put(key_of(ESC)); /* nothing follows: the key itself */
        SET_LOW(sercon, 1);
    }
}
