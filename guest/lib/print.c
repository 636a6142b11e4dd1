/* print.c: a small printf, and the ports that text goes to. */
#include "print.h"
#include "boot_info.h"
#include "io.h"

#define COM1 0x3f8
#define COM_LSR 5
#define LSR_THR_EMPTY 0x20
#define PATIENCE 100000 /* polls of a port that may not be there */
#define DEBUG_CONSOLE 0xe9

static u8 attribute = COLOR_PLAIN;
static u32 listening = TO_SCREEN | TO_PORTS;

void print_color(enum color color)
{
    attribute = (u8)color;
}

void print_to(u32 listeners)
{
    listening = listeners;
}

static void serial_putc(char c)
{
    for (u32 i = 0; i < PATIENCE && !(inb(COM1 + COM_LSR) & LSR_THR_EMPTY); i++)
        pause();
    outb(COM1, (u8)c);
}

/* Where there is one, it reads as its own number. */
static int debug_console(void)
{
    static u8 known, there;
    if (!known) {
        known = 1;
        there = inb(DEBUG_CONSOLE) == DEBUG_CONSOLE;
    }
    return there;
}

static void put(char c)
{
    if (listening & TO_PORTS) {
        if (c == '\n')
            serial_putc('\r');
        serial_putc(c);
        if (debug_console())
            outb(DEBUG_CONSOLE, (u8)c);
    }
    if (listening & TO_SCREEN && !info->quiet_screen)
        screen_putc(c, attribute);
}

/* v / base and v % base without the library's 64-bit division: bit by bit. */
static u32 divide(u64 *v, u32 base)
{
    u64 quotient = 0, rest = 0;
    for (int i = 63; i >= 0; i--) {
        rest = rest << 1 | (*v >> i & 1);
        if (rest >= base) {
            rest -= base;
            quotient |= 1ull << i;
        }
    }
    *v = quotient;
    return (u32)rest;
}

static void put_number(u64 v, u32 base, u32 width, char pad)
{
    char digits[24];
    u32 n = 0;
    do
        digits[n++] = "0123456789abcdef"[divide(&v, base)];
    while (v);
    for (; width > n; width--)
        put(pad);
    while (n)
        put(digits[--n]);
}

static void put_string(const char *s, u32 width)
{
    u32 n = 0;
    for (; s[n]; n++)
        put(s[n]);
    for (; n < width; n++)
        put(' ');
}

static void put_signed(i32 v, u32 width)
{
    if (v < 0)
        put('-');
    put_number(v < 0 ? -(u32)v : (u32)v, 10, width, ' ');
}

void print_args(const char *p, __builtin_va_list args)
{
    for (; *p; p++) {
        if (*p != '%') {
            put(*p);
            continue;
        }
        p += p[1] == '-';
        char pad = p[1] == '0' ? '0' : ' ';
        u32 width = 0, wide = 0;
        for (p++; *p >= '0' && *p <= '9'; p++)
            width = 10 * width + (u32)(*p - '0');
        for (; *p == 'l'; p++)
            wide++;
        if (*p == 's')
            put_string(__builtin_va_arg(args, const char *), width);
        else if (*p == 'c')
            put((char)__builtin_va_arg(args, int));
        else if (*p == 'd')
            put_signed(__builtin_va_arg(args, int), width);
        else if (*p == 'x' || *p == 'u')
            put_number(wide ? __builtin_va_arg(args, u64) : __builtin_va_arg(args, u32), *p == 'x' ? 16 : 10, width,
                       pad);
        else
            put(*p);
    }
}

void print(const char *format, ...)
{
    __builtin_va_list args;
    __builtin_va_start(args, format);
    print_args(format, args);
    __builtin_va_end(args);
}
