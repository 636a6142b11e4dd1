/* print.h: text to whoever listens: COM1, the debug console at port E9, the screen. Compiled once for each size of
 * code.
 */
#ifndef GUEST_PRINT_H
#define GUEST_PRINT_H

#include "types.h"

enum color { COLOR_PLAIN = 0x07, COLOR_BRIGHT = 0x0f, COLOR_GREEN = 0x0a, COLOR_RED = 0x0c, COLOR_YELLOW = 0x0e };

/* %s %c %d %u %x, a width with or without a leading 0, %llx and %llu for 64 bits. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_args(const char *format, __builtin_va_list args);
/* The colour of what is printed next on the screen. */
void print_color(enum color color);
/* Which of the listeners hear: the tour's pages are for the screen alone. */
enum { TO_SCREEN = 1, TO_PORTS = 2 };
void print_to(u32 listeners);

/* screen.c (protected and long mode) and real/screen.c (the firmware's services) have one each. */
void screen_putc(char c, u8 attribute);

#endif
