/* trail.c: see trail.h. */
#include "trail.h"

#include "symbols.h"

#include <inttypes.h>
#include <stdlib.h>

#define LINE_MAX_WIDTH 100
#define LOOP_MAX 24 /* stretches in a loop */

/* How often the `period` entries at `e` follow each other. */
static size_t rounds(const struct debug_entry *e, size_t n, size_t period)
{
    size_t same = period;
    while (same < n && e[same].linear == e[same - period].linear)
        same++;
    return same / period;
}

/* The loop that takes most of what follows; 1: none. */
static size_t find_period(const struct debug_entry *e, size_t n)
{
    size_t best = 1, covered = rounds(e, n, 1);
    for (size_t period = 2; period <= LOOP_MAX && 2 * period <= n; period++) {
        size_t r = rounds(e, n, period);
        if (r > 1 && r * period > covered) {
            best = period;
            covered = r * period;
        }
    }
    return best;
}

static void put_place(u64 linear, const struct symbols *s, FILE *out)
{
    u64 distance = 0;
    const char *name = s ? symbols_at(s, linear, &distance) : NULL;
    if (!name)
        fprintf(out, "%05" PRIx64, linear);
    else if (distance)
        fprintf(out, "%s+%" PRIu64, name, distance);
    else
        fputs(name, out);
}

/* One place, or a loop: its text; returns how many entries it stands for. */
static size_t format_item(const struct debug_entry *e, size_t n, const struct symbols *s, FILE *out)
{
    size_t period = find_period(e, n), r = rounds(e, n, period);
    bool brackets = r > 1 && period > 1;
    fputs(brackets ? "(" : "", out);
    for (size_t i = 0; i < period; i++) {
        fputs(i ? " " : "", out);
        put_place(e[i].linear, s, out);
    }
    fputs(brackets ? ")" : "", out);
    if (r > 1)
        fprintf(out, "x%zu", r);
    return r * period;
}

void trail_print(const struct debug_entry *e, size_t n, const struct symbols *s, FILE *out)
{
    size_t width = 0;
    for (size_t i = 0; i < n;) {
        char *text = NULL;
        size_t len = 0;
        u64 icount = e[i].icount;
        FILE *item = open_memstream(&text, &len);
        if (!item)
            return;
        i += format_item(e + i, n - i, s, item);
        fclose(item);
        if (!width || width + len + 1 > LINE_MAX_WIDTH) {
            fprintf(out, "%s%12" PRIu64 " ", width ? "\n" : "", icount);
            width = 13;
        }
        fprintf(out, " %s", text);
        width += len + 1;
        free(text);
    }
    fputs(width ? "\n" : "", out);
}

void trail_print_recorded(const struct machine *m, unsigned cpu, size_t count, const struct symbols *s, FILE *out)
{
    struct debug_entry *e = calloc(DEBUG_ENTRIES, sizeof *e);
    if (!e)
        return;
    trail_print(e, debug_entries(m, cpu, e, count < DEBUG_ENTRIES ? count : DEBUG_ENTRIES), s, out);
    free(e);
}
