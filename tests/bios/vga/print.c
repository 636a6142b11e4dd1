/* print.c: lines on COM1. */
#include "image.h"

#define COM1 0x3f8
#define LINE_STATUS 5
#define TRANSMITTER_EMPTY BIT(5)

#define LINE_CONTROL 3
#define DIVISOR_ACCESS 0x80
#define EIGHT_BITS 0x03

static char prefix[16];

/* 115200 bits a second. */
void print_init(void)
{
    outb(COM1 + LINE_CONTROL, DIVISOR_ACCESS);
    outw(COM1, 1);
    outb(COM1 + LINE_CONTROL, EIGHT_BITS);
}

static void put(char c)
{
    while (!(inb(COM1 + LINE_STATUS) & TRANSMITTER_EMPTY))
        ;
    outb(COM1, (u8)c);
}

void print(const char *text)
{
    while (*text)
        put(*text++);
}

static char digit(u32 value)
{
    return "0123456789abcdef"[value & 15];
}

void print_hex(u32 value, u8 digits)
{
    while (digits--)
        put(digit(value >> (4 * digits)));
}

void set_prefix(const char *kind, u16 number)
{
    char *to = prefix;
    while (*kind)
        *to++ = *kind++;
    *to++ = ' ';
    for (int i = 2; i >= 0; i--)
        *to++ = digit((u32)number >> (4 * i));
    *to++ = ' ';
    *to = 0;
}

void line_begin(const char *name)
{
    print(prefix);
    print(name);
    put(':');
}

void line_end(void)
{
    print("\r\n");
}

void line_value(const char *name, u32 value)
{
    line_begin(name);
    put(' ');
    print_hex(value, 8);
    line_end();
}

void line_bytes(const char *name, const u8 *bytes, u16 n)
{
    line_begin(name);
    while (n--) {
        put(' ');
        print_hex(*bytes++, 2);
    }
    line_end();
}

void check(const char *name, bool ok)
{
    print(ok ? "PASS " : "FAIL ");
    print(name);
    line_end();
}
