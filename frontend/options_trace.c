/* options_trace.c: -d, -dfilter, -dfrom, -duntil: what is traced, where, and when. */
#include "options.h"

#include <stdlib.h>

bool option_log_items(struct options *o, const char *name, const char *arg)
{
    char *items = strdup(arg);
    const char *why = NULL, *wrong = items ? trace_items_add(&o->trace.items, items, &why) : "";
    bool ok = items && !wrong;
    if (!ok)
        options_fail(o, "-%s %s: %s", name, items ? wrong : arg, items ? why : "no memory");
    free(items);
    o->log_unimp = o->trace.items.unimp;
    o->log_guest = o->trace.items.guest;
    o->log_rows = o->trace.items.rows;
    o->log_stats = o->trace.items.stats;
    o->log_chosen = o->log_unimp || o->log_guest;
    return ok;
}

bool option_trace_filter(struct options *o, const char *name, const char *arg)
{
    return trace_parse_ranges(&o->trace, arg) ||
           options_fail(o, "-%s %s: wanted are START+LENGTH, START-LENGTH or START..END, %d at most", name, arg,
                        TRACE_RANGES_MAX);
}

static bool trigger(struct options *o, struct trace_trigger *t, const char *name, const char *arg)
{
    return trace_parse_trigger(t, arg) ||
           options_fail(
               o, "-%s %s: wanted is address:N, count:N, mode:real|vm86|prot16|prot32|comp16|comp32|long or text:TEXT",
               name, arg);
}

bool option_trace_from(struct options *o, const char *name, const char *arg)
{
    return trigger(o, &o->trace.from, name, arg);
}

bool option_trace_until(struct options *o, const char *name, const char *arg)
{
    return trigger(o, &o->trace.until, name, arg);
}
