/* lib.c: the few library functions that POST needs, and its messages. */
#include "post.h"

#include <stdarg.h>

#define DEBUG_PORT 0x402
#define DEBUG_PRESENT 0xe9
#define SCREEN_ATTRIBUTE 7

void *memset(void *to, int v, size_t n)
{
    void *d = to;
    size_t words = n / 4, rest = n % 4;
    u32 pattern = (u8)v * 0x01010101u;
    __asm__ volatile("rep stosl" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    void *d = to;
    size_t words = n / 4, rest = n % 4;
    __asm__ volatile("rep movsl" : "+D"(d), "+S"(from), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    u8 *d = to;
    const u8 *s = from;
    if (d <= s)
        return memcpy(to, from, n);
    while (n--)
        d[n] = s[n];
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

u8 checksum(const void *data, size_t n)
{
    const u8 *p = data;
    u8 sum = 0;
    while (n--)
        sum = (u8)(sum + *p++);
    return sum;
}

void console_init(bool screen)
{
    LOW->console = screen;
}

static void video(u16 ax, u16 bx, u16 dx)
{
    struct bregs r = { .ax = ax, .bx = bx, .dx = dx };
    call16_int(&r, 0x10);
}

void console_cursor(unsigned row, unsigned column)
{
    if (LOW->console)
        video(0x0200, 0, (u16)(row << 8 | column));
}

/* Where text goes: a buffer, the debug port, the screen. */
struct sink {
    char *to;
    unsigned room, n;
    bool debug, screen;
};

static void put(struct sink *s, char c)
{
    if (s->to && s->n + 1 < s->room)
        s->to[s->n] = c;
    s->n++;
    if (s->debug && inb(DEBUG_PORT) == DEBUG_PRESENT)
        outb(DEBUG_PORT, (u8)c);
    if (s->screen && LOW->console) {
        if (c == '\n')
            video(0x0e00 | '\r', SCREEN_ATTRIBUTE, 0);
        video((u16)(0x0e00 | (u8)c), SCREEN_ATTRIBUTE, 0);
    }
}

static void put_number(struct sink *s, u32 v, u32 base, unsigned width)
{
    char digits[12];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    for (; width > n; width--)
        put(s, '0');
    while (n)
        put(s, digits[--n]);
}

static void put_string(struct sink *s, const char *text)
{
    while (*text)
        put(s, *text++);
}

static void format_va(struct sink *s, const char *f, va_list *args)
{
    for (; *f; f++) {
        if (*f != '%') {
            put(s, *f);
            continue;
        }
        unsigned width = 0;
        while (*++f >= '0' && *f <= '9')
            width = width * 10 + (unsigned)(*f - '0');
        if (*f == 's')
            put_string(s, va_arg(*args, const char *));
        else if (*f == 'c')
            put(s, (char)va_arg(*args, int));
        else if (*f == 'x')
            put_number(s, va_arg(*args, u32), 16, width);
        else
            put_number(s, va_arg(*args, u32), 10, width);
    }
    if (s->to && s->room)
        s->to[s->n < s->room ? s->n : s->room - 1] = 0;
}

void print(const char *format, ...)
{
    struct sink s = { .debug = true, .screen = true };
    va_list args;
    va_start(args, format);
    format_va(&s, format, &args);
    va_end(args);
}

void debug(const char *format, ...)
{
    struct sink s = { .debug = true };
    va_list args;
    va_start(args, format);
    format_va(&s, format, &args);
    va_end(args);
}

unsigned format_text(char *to, unsigned room, const char *format, ...)
{
    struct sink s = { .to = to, .room = room };
    va_list args;
    va_start(args, format);
    format_va(&s, format, &args);
    va_end(args);
    return s.n < room ? s.n : room - 1;
}
