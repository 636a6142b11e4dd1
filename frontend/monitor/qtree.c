/* qtree.c: info qtree. */
#include "commands.h"

void info_qtree(struct monitor *m, const struct args *a)
{
    (void)a, (void)m;
}
