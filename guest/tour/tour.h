/* tour.h: the guided tour: pages that show the machine as it is now, named as the chapters of docs/guest.md, and a
 * shell.
 */
#ifndef GUEST_TOUR_H
#define GUEST_TOUR_H

#include "kernel.h"

#define ROWS 25
#define COLUMNS 80
#define FIRST_ROW 2
#define LAST_ROW 22

/* A page draws rows FIRST_ROW to LAST_ROW, by line(), which knows what is scrolled away. */
struct tour_page {
    char key;
    const char *title;
    void (*draw)(void);
};

extern const struct tour_page tour_pages[];
extern const u32 tour_page_count;

void tour_run(void);

/* Begins a page, with so many lines scrolled away; a line of it: the rest of the row is made empty; its end. */
void line_begin(u32 from);
void line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void heading(const char *text);
void line_end(void);
/* How many lines the last page had. */
u32 lines_drawn(void);

void shell_run(void);

#endif
