/* names.c: what the debugger's expressions may name: registers, their parts, flags, the event at hand, symbols. */
#include "debugger.h"

#include "desc.h"
#include "symbols.h"

#include <ctype.h>
#include <stdlib.h>

#define NAME_SIZE 64

static bool control(const struct view *v, const char *name, s64 *value)
{
    const struct {
        const char *name;
        u64 value;
    } names[] = { { "rip", v->r.rip },
                  { "eip", v->r.rip },
                  { "ip", v->r.rip },
                  { "pc", view_code(v) },
                  { "rflags", v->r.rflags },
                  { "eflags", v->r.rflags },
                  { "flags", v->r.rflags & 0xffff },
                  { "cr0", v->r.cr0 },
                  { "cr2", v->r.cr2 },
                  { "cr3", v->r.cr3 },
                  { "cr4", v->r.cr4 },
                  { "efer", v->r.efer },
                  { "gdtr.base", v->r.gdt.base },
                  { "gdtr.limit", v->r.gdt.limit },
                  { "idtr.base", v->r.idt.base },
                  { "idtr.limit", v->r.idt.limit },
                  { "cpl", v->r.cpl },
                  { "iopl", v->r.rflags >> FLAG_IOPL_SHIFT & 3 },
                  { "a20", v->r.a20 },
                  { "mxcsr", v->r.mxcsr },
                  { "fcw", v->r.fcw },
                  { "fsw", v->r.fsw },
                  { "stack", view_linear(v, DEBUG_SS, v->r.gpr[4] & view_stack_mask(v)) } };
    static const char flags[] = "cf\0pf\0af\0zf\0sf\0tf\0if\0df\0of\0nt\0vm";
    static const u8 bits[] = { 0, 2, 4, 6, 7, 8, 9, 10, 11, 14, 17 };
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i].name, name) == 0) {
            *value = (s64)names[i].value;
            return true;
        }
    for (unsigned i = 0; i < ARRAY_LEN(bits); i++)
        if (strcmp(flags + i * 3, name) == 0) {
            *value = v->r.rflags >> bits[i] & 1;
            return true;
        }
    if (name[0] != 'd' || name[1] != 'r' || name[2] < '0' || name[2] > '7' || name[3])
        return false;
    *value = (s64)v->r.dr[name[2] - '0'];
    return true;
}

/* cs, cs.base, cs.limit, cs.attr; ldtr and tr as well. */
static bool segment_part(const struct view *v, const char *name, s64 *value)
{
    char word[NAME_SIZE];
    size_t len = strcspn(name, ".");
    const char *part = name + len;
    snprintf(word, sizeof word, "%.*s", (int)len, name);
    unsigned n = strcmp(word, "ldtr") == 0 ? DEBUG_LDT : strcmp(word, "tr") == 0 ? DEBUG_TR : view_segment(word);
    if (n >= DEBUG_SEGMENTS)
        return false;
    if (!*part)
        *value = v->r.seg[n].selector;
    else if (strcmp(part, ".base") == 0)
        *value = (s64)v->r.seg[n].base;
    else if (strcmp(part, ".limit") == 0)
        *value = v->r.seg[n].limit;
    else if (strcmp(part, ".attr") == 0)
        *value = v->r.seg[n].attr;
    else
        return false;
    return true;
}

/* event.value and the like, in conditions. */
static bool event_part(const struct probe_event *e, const char *name, s64 *value)
{
    const struct {
        const char *name;
        u64 value;
    } parts[] = { { "event.addr", e->addr },   { "event.value", e->value }, { "event.old", e->old },
                  { "event.size", e->size },   { "event.write", e->write }, { "event.vector", e->vector },
                  { "event.error", e->error }, { "event.rip", e->rip },     { "event.physical", e->physical } };
    for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
        if (strcmp(parts[i].name, name) == 0) {
            *value = (s64)parts[i].value;
            return true;
        }
    return false;
}

static bool find(void *self, const char *name, s64 *value)
{
    struct debugger *d = self;
    char lower[NAME_SIZE];
    struct view v;
    u64 number;
    size_t n = 0;
    for (; name[n] && n < sizeof lower - 1; n++)
        lower[n] = (char)tolower((unsigned char)name[n]);
    lower[n] = 0;
    view_take(&v, d->machine, d->cpu);
    if (view_general(&v, lower, &number)) {
        *value = (s64)number;
        return true;
    }
    if (control(&v, lower, value) || segment_part(&v, lower, value) ||
        event_part(d->seen ? d->seen : &d->event, lower, value))
        return true;
    if (strcmp(lower, "icount") == 0 || strcmp(lower, "time") == 0) {
        *value = (s64)(lower[0] == 'i' ? machine_icount(d->machine) : machine_now_ns(d->machine));
        return true;
    }
    return symbols_find(d->symbols, name, (u64 *)value);
}

static bool memory(void *self, u64 linear, unsigned size, s64 *value)
{
    static const unsigned widths[] = { [DEBUG_CODE_16] = 2, [DEBUG_CODE_32] = 4, [DEBUG_CODE_64] = 8 };
    struct debugger *d = self;
    struct view v;
    *value = 0;
    if (size)
        return debug_read(d->machine, d->cpu, DEBUG_LINEAR, linear, value, size) == size;
    view_take(&v, d->machine, d->cpu);
    return view_read_number(&v, linear, widths[v.r.code], (u64 *)value);
}

/* The segment registers have their hidden bases; another selector's base is in its descriptor. */
static bool far(void *self, u16 selector, u64 offset, s64 *linear)
{
    struct debugger *d = self;
    struct descriptor desc;
    struct view v;
    u64 at;
    view_take(&v, d->machine, d->cpu);
    *linear = (s64)((u64)selector * 16 + offset);
    if (view_is_paragraph(&v))
        return true;
    for (unsigned i = 0; i <= DEBUG_GS; i++)
        if (v.r.seg[i].selector == selector) {
            *linear = (s64)view_linear(&v, i, offset);
            return true;
        }
    if (descriptor_read(&v, selector, &desc, &at) != DESCRIPTOR_OK || !desc.segment)
        return false;
    *linear = (s64)(desc.long_code && view_is_long(&v) ? offset : (u32)(desc.base + offset));
    return true;
}

static bool segment(void *self, const char *name, u64 offset, s64 *linear)
{
    struct debugger *d = self;
    char lower[4] = { 0 };
    struct view v;
    for (unsigned i = 0; i < 3 && name[i]; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    unsigned n = view_segment(lower);
    if (n >= DEBUG_SEGMENTS)
        return false;
    view_take(&v, d->machine, d->cpu);
    *linear = (s64)view_linear(&v, n, offset);
    return true;
}

void names_init(struct debugger *d)
{
    d->names = (struct expr_names){ .find = find, .self = d, .memory = memory, .far = far, .segment = segment };
    d->monitor.names = &d->names;
}
