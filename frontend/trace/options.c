/* options.c: -dfilter, -dfrom and -duntil as they are written. */
#include "trace.h"

#include <errno.h>
#include <stdlib.h>

static bool number(const char *text, char **end, u64 *v)
{
    errno = 0;
    *v = strtoull(text, end, 0);
    return *end != text && *text != '-' && *text != '+' && errno == 0;
}

/* What follows START: +LENGTH, -LENGTH, ..END. */
static bool range_end(u64 start, const char *rest, char **end, u64 *first, u64 *last)
{
    u64 v;
    *first = *last = start;
    if (strncmp(rest, "..", 2) == 0) {
        if (!number(rest + 2, end, last))
            return false;
        return *last >= *first;
    }
    if ((*rest != '+' && *rest != '-') || !number(rest + 1, end, &v) || !v)
        return false;
    *last = *rest == '+' ? start + v - 1 : start;
    *first = *rest == '+' ? start : start - (v - 1);
    return *last >= *first;
}

bool trace_parse_ranges(struct trace_options *o, const char *text)
{
    for (;;) {
        char *end;
        u64 start;
        if (o->ranges == TRACE_RANGES_MAX || !number(text, &end, &start) ||
            !range_end(start, end, &end, &o->range[o->ranges].first, &o->range[o->ranges].last))
            return false;
        o->ranges++;
        if (!*end)
            return true;
        if (*end != ',')
            return false;
        text = end + 1;
    }
}

bool trace_parse_trigger(struct trace_trigger *t, const char *text)
{
    static const struct {
        const char *prefix;
        enum trace_when when;
    } kinds[] = { { "address:", TRACE_AT_ADDRESS },
                  { "count:", TRACE_AT_COUNT },
                  { "mode:", TRACE_AT_MODE },
                  { "text:", TRACE_AT_TEXT } };
    unsigned i = 0;
    while (i < ARRAY_LEN(kinds) && strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
        i++;
    if (i == ARRAY_LEN(kinds))
        return false;
    text += strlen(kinds[i].prefix);
    *t = (struct trace_trigger){ .when = kinds[i].when, .text = text };
    if (t->when == TRACE_AT_TEXT)
        return *text != '\0';
    if (t->when == TRACE_AT_MODE) {
        while (t->value <= PROBE_MODE_LONG && strcmp(trace_mode_name((u8)t->value), text) != 0)
            t->value++;
        return t->value <= PROBE_MODE_LONG;
    }
    char *end;
    return number(text, &end, &t->value) && !*end;
}

bool trace_is_wanted(const struct trace_options *o)
{
    return (o->items.kinds & ~BIT(TRACE_LOG)) || o->items.devices;
}
