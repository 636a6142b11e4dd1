/* listing.c: disassembly: addresses as the mode writes them, bytes, the instruction, the symbol it belongs to. */
#include "debugger.h"

#include "insn.h"
#include "symbols.h"

#include <inttypes.h>

#define LIST_DEFAULT 10
#define LIST_MAX 100000
#define BYTES_SHOWN 8
#define SOURCE_MAX 256
#define LAST_IP_16 0xffffu

/* `last`: the line of source that was printed last. */
static void print_symbol(const struct symbols *s, u64 linear, char last[SOURCE_MAX], FILE *out)
{
    u64 distance;
    char line[SOURCE_MAX];
    const char *name = symbols_at(s, linear, &distance);
    if (name && distance == 0)
        fprintf(out, "%s:\n", name);
    if (!symbols_line(s, linear, line, sizeof line) || strcmp(line, last) == 0)
        return;
    fprintf(out, "  %s\n", line);
    memcpy(last, line, SOURCE_MAX);
}

/* One instruction with its address; `mark` stands before it. */
void listing_line(const struct view *v, u64 linear, u64 rip, const char *mark, FILE *out, unsigned *length)
{
    struct insn i;
    bool ok = insn_read(v, linear, rip, v->r.code, &i);
    fputs(mark, out);
    view_print_address(v, v->r.seg[DEBUG_CS].selector, rip, out);
    if (!ok) {
        u64 byte;
        bool readable = view_read_number(v, linear, 1, &byte);
        fputs(readable ? "  (no instruction)\n" : "  (no memory there)\n", out);
        *length = readable;
        return;
    }
    fputs("  ", out);
    for (unsigned n = 0; n < BYTES_SHOWN; n++)
        if (n < i.length)
            fprintf(out, "%02X", i.bytes[n]);
        else
            fputs("  ", out);
    fprintf(out, "%s %s\n", i.length > BYTES_SHOWN ? "+" : " ", i.text);
    *length = i.length;
}

void debugger_where(struct debugger *d)
{
    struct view v;
    char last[SOURCE_MAX] = "";
    unsigned length;
    if (d->quiet)
        return;
    view_take(&v, d->machine, d->cpu);
    print_symbol(d->symbols, view_code(&v), last, d->out);
    if (debug_cpus(d->machine) > 1)
        fprintf(d->out, "CPU %u: ", d->cpu);
    listing_line(&v, view_code(&v), v.r.rip, "", d->out, &length);
    d->list_at = DEBUG_NOWHERE;
}

void listing_print(struct debugger *d, u64 linear, u64 rip, u64 count)
{
    struct view v;
    char last[SOURCE_MAX] = "";
    view_take(&v, d->machine, d->cpu);
    u64 end = v.r.code == DEBUG_CODE_16 && rip <= LAST_IP_16 ? LAST_IP_16 : UINT64_MAX;
    for (u64 i = 0; i < count && i < LIST_MAX && rip <= end; i++) {
        unsigned length;
        print_symbol(d->symbols, linear, last, d->out);
        listing_line(&v, linear, rip, linear == view_code(&v) ? "=> " : "   ", d->out, &length);
        if (!length)
            break;
        linear += length;
        rip += length;
    }
    d->list_at = linear;
}

/* list [ADDRESS [COUNT]]: without an address from where the last listing ended. */
void cmd_list(struct debugger *d, const char *args)
{
    struct view v;
    u64 count = LIST_DEFAULT, at;
    view_take(&v, d->machine, d->cpu);
    at = d->list_at == DEBUG_NOWHERE ? view_code(&v) : d->list_at;
    if (*args && !debugger_expression(d, &args, &at))
        return;
    if (*args && !debugger_expression(d, &args, &count))
        return;
    listing_print(d, at, v.r.rip + (at - view_code(&v)), count);
}

/* x /FORMAT ADDRESS: instructions are shown here, all else by the monitor. */
void cmd_examine(struct debugger *d, const char *args)
{
    char line[512];
    const char *at = args, *types = "fmt:/,addr:l";
    struct args a;
    struct format last = d->monitor.format;
    struct view v;
    if (!args_parse(&a, types, &at, "x", &d->names, &last, d->out)) {
        d->failed = true;
    } else if (a.format.letter == 'i') {
        view_take(&v, d->machine, d->cpu);
        u64 linear = (u64)args_number(&a, "addr", 0);
        d->monitor.format = last;
        listing_print(d, linear, v.r.rip + (linear - view_code(&v)), (u64)a.format.count);
    } else {
        snprintf(line, sizeof line, "x %s", args);
        monitor_command(&d->monitor, line, d->out);
    }
    args_free(&a);
}
