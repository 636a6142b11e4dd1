/* screen.h: the debugger on the whole terminal (`layout on`): registers with their changes marked, code, stack, memory,
 * what the guest shows, the last event, and a line to type at. By ncurses, where pcemu was built with it. */
#ifndef PCEMU_SCREEN_H
#define PCEMU_SCREEN_H

#include "debugger.h"

struct screen;

bool screen_available(void);
/* Takes the terminal. NULL: it can't be; stderr has said why. */
struct screen *screen_open(struct debugger *d);
void screen_close(struct screen *s);
/* Shows the machine as it stands. */
void screen_draw(struct screen *s);
/* Appends what a command printed. */
void screen_print(struct screen *s, const char *text, size_t len);
/* A byte that was typed; true: a whole line is there, until the next call. */
bool screen_type(struct screen *s, u8 byte, const char **line);

#endif
