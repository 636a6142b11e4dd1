/* desc.c: see desc.h. */
#include "desc.h"

#include <inttypes.h>

static bool is_gate_type(unsigned type)
{
    return (type >= SYSTEM_CALL16 && type <= SYSTEM_TRAP16) || type == SYSTEM_CALL32 || type >= SYSTEM_INT32;
}

void descriptor_parse(struct descriptor *d, u64 raw, u64 high, bool in_long)
{
    u32 attr = (u32)(raw >> 32);
    *d = (struct descriptor){ .raw = raw, .high = high, .in_long = in_long };
    d->base = (raw >> 16 & 0xffffff) | (attr & 0xff000000) | high << 32;
    d->limit = (u32)(raw & 0xffff) | (attr & 0xf0000);
    if (attr & BIT(23))
        d->limit = d->limit << 12 | 0xfff;
    d->type = attr >> 8 & 15;
    d->segment = attr & BIT(12);
    d->dpl = attr >> 13 & 3;
    d->present = attr & BIT(15);
    d->long_code = attr & BIT(21);
    d->big = attr & BIT(22);
    d->code = d->segment && (d->type & 8);
    d->conforming = d->code && (d->type & 4);
    d->expand_down = d->segment && !d->code && (d->type & 4);
    d->rw = d->segment && (d->type & 2);
    d->accessed = d->segment && (d->type & 1);
    d->gate = !d->segment && is_gate_type(d->type);
    d->target = (u16)(raw >> 16);
    d->offset = (raw & 0xffff) | (d->type & 8 ? attr & 0xffff0000 : 0) | high << 32;
    d->ist = in_long ? attr & 7 : 0;
}

enum descriptor_found descriptor_read(const struct view *v, u16 selector, struct descriptor *d, u64 *linear)
{
    bool local = selector & SELECTOR_TI;
    u64 base = local ? v->r.seg[DEBUG_LDT].base : v->r.gdt.base, raw, high = 0;
    u32 limit = local ? v->r.seg[DEBUG_LDT].limit : v->r.gdt.limit, offset = selector & 0xfff8u;
    *linear = view_is_long(v) ? base + offset : (u32)(base + offset);
    if (local && !(v->r.seg[DEBUG_LDT].attr & BIT(15)))
        return DESCRIPTOR_NO_LDT;
    if (offset + 7 > limit)
        return DESCRIPTOR_OUTSIDE;
    if (!view_read_number(v, *linear, 8, &raw))
        return DESCRIPTOR_UNMAPPED;
    bool system = !(raw >> 44 & 1), wide = system && view_is_long(v) && offset + 15 <= limit;
    if (wide && !view_read_number(v, *linear + 8, 8, &high))
        high = 0;
    descriptor_parse(d, raw, high, view_is_long(v));
    return DESCRIPTOR_OK;
}

enum descriptor_found descriptor_read_gate(const struct view *v, unsigned vector, struct descriptor *d, u64 *linear)
{
    unsigned bytes = view_is_long(v) ? 16 : 8;
    u64 raw, high = 0;
    *linear = v->r.idt.base + vector * bytes;
    if (!view_is_long(v))
        *linear = (u32)*linear;
    if (vector * bytes + bytes - 1 > v->r.idt.limit)
        return DESCRIPTOR_OUTSIDE;
    if (!view_read_number(v, *linear, 8, &raw) || (bytes == 16 && !view_read_number(v, *linear + 8, 8, &high)))
        return DESCRIPTOR_UNMAPPED;
    descriptor_parse(d, raw, high, view_is_long(v));
    return DESCRIPTOR_OK;
}

static const char *system_name(const struct descriptor *d)
{
    static const char *const legacy[16] = {
        "a reserved type",         "an available 16-bit TSS", "an LDT",
        "a busy 16-bit TSS",       "a 16-bit call gate",      "a task gate",
        "a 16-bit interrupt gate", "a 16-bit trap gate",      "a reserved type",
        "an available 32-bit TSS", "a reserved type",         "a busy 32-bit TSS",
        "a 32-bit call gate",      "a reserved type",         "a 32-bit interrupt gate",
        "a 32-bit trap gate"
    };
    static const char *const wide[16] = { [SYSTEM_LDT] = "an LDT",
                                          [SYSTEM_TSS32] = "an available 64-bit TSS",
                                          [SYSTEM_TSS32_BUSY] = "a busy 64-bit TSS",
                                          [SYSTEM_CALL32] = "a 64-bit call gate",
                                          [SYSTEM_INT32] = "a 64-bit interrupt gate",
                                          [SYSTEM_TRAP32] = "a 64-bit trap gate" };
    if (!d->in_long)
        return legacy[d->type];
    return wide[d->type] ? wide[d->type] : "a type that long mode does not have";
}

void descriptor_describe(const struct descriptor *d, char *text, size_t size)
{
    const char *bits = d->long_code && d->in_long ? "64-bit" : d->big ? "32-bit" : "16-bit";
    if (!d->raw && !d->high)
        snprintf(text, size, "an empty descriptor");
    else if (!d->segment)
        snprintf(text, size, "%s", system_name(d));
    else if (d->code)
        snprintf(text, size, "a %s code segment, %s%s%s", bits, d->rw ? "readable" : "execute-only",
                 d->conforming ? ", conforming" : "", d->long_code && !d->in_long ? " (in long mode 64-bit: L=1)" : "");
    else
        snprintf(text, size, "a data segment, %s%s", d->rw ? "writable" : "read-only",
                 d->expand_down ? ", expand-down" : "");
}

void descriptor_print(const struct descriptor *d, FILE *out)
{
    char text[80];
    descriptor_describe(d, text, sizeof text);
    if (d->gate)
        fprintf(out, "%s to %04x:%0*" PRIx64, text, d->target, d->in_long ? 16 : 8, d->offset);
    else
        fprintf(out, "%s, base %08" PRIx64 ", limit %08" PRIx32, text, d->base, d->limit);
    fprintf(out, ", DPL %u%s", d->dpl, d->present ? "" : ", not present");
    if (d->gate && d->ist)
        fprintf(out, ", IST %u", d->ist);
}

/* ---- drawing ---- */

#define RULER "+--------+--------+--------+--------+--------+--------+--------+--------+\n"

/* Bits `high` … `low` of the descriptor in their columns: four words of 16 bits, each with a mark in its middle. */
static void draw_field(u64 raw, unsigned high, unsigned low, const char *label, FILE *out)
{
    for (unsigned bit = 64; bit-- > 0;) {
        if (bit % 16 == 15)
            fputc('|', out);
        fputc(bit > high || bit < low ? ' ' : raw >> bit & 1 ? '1' : '0', out);
        if (bit % 16 == 8)
            fputc(bit <= high && bit > low ? '_' : ' ', out);
    }
    fprintf(out, "| %s\n", label);
}

static void draw_value(u64 raw, unsigned high, unsigned low, const char *name, FILE *out)
{
    char label[64];
    u64 value = low_bytes(raw >> low, 8) & (BIT64(high - low + 1) - 1);
    snprintf(label, sizeof label, "%-14s %" PRIX64 "h", name, value);
    draw_field(raw, high, low, label, out);
}

static void draw_bit(u64 raw, unsigned bit, const char *name, const char *set, const char *clear, FILE *out)
{
    char label[64];
    bool on = raw >> bit & 1;
    snprintf(label, sizeof label, "%-14s %d: %s", name, on, on ? set : clear);
    draw_field(raw, bit, bit, label, out);
}

static void draw_type(const struct descriptor *d, FILE *out)
{
    draw_value(d->raw, 43, 40, "Type", out);
    if (!d->segment)
        return;
    draw_bit(d->raw, 40, "  A", "accessed", "not accessed", out);
    draw_bit(d->raw, 41, d->code ? "  R" : "  W", d->code ? "readable" : "writable",
             d->code ? "execute-only" : "read-only", out);
    draw_bit(d->raw, 42, d->code ? "  C" : "  E", d->code ? "conforming" : "expand-down",
             d->code ? "not conforming" : "expand-up", out);
    draw_bit(d->raw, 43, "  code/data", "code", "data", out);
}

static void draw_access(const struct descriptor *d, FILE *out)
{
    draw_type(d, out);
    draw_bit(d->raw, 44, "S", "code or data", "system", out);
    draw_value(d->raw, 46, 45, "DPL", out);
    draw_bit(d->raw, 47, "P", "present", "not present", out);
}

static void draw_segment(const struct descriptor *d, FILE *out)
{
    draw_value(d->raw, 15, 0, "Limit 0..15", out);
    draw_value(d->raw, 31, 16, "Base  0..15", out);
    fputs(RULER, out);
    draw_value(d->raw, 39, 32, "Base 16..23", out);
    draw_access(d, out);
    draw_value(d->raw, 51, 48, "Limit 16..19", out);
    draw_bit(d->raw, 52, "AVL", "free for software", "free for software", out);
    draw_bit(d->raw, 53, "L", d->code ? "64-bit code" : "reserved", "not 64-bit code", out);
    if (d->segment)
        draw_bit(d->raw, 54, d->code ? "D" : "B", "32-bit", "16-bit", out);
    draw_bit(d->raw, 55, "G", "limit in 4 KiB", "limit in bytes", out);
    draw_value(d->raw, 63, 56, "Base 24..31", out);
}

static void draw_gate(const struct descriptor *d, FILE *out)
{
    draw_value(d->raw, 15, 0, "Offset 0..15", out);
    draw_value(d->raw, 31, 16, "Selector", out);
    fputs(RULER, out);
    draw_value(d->raw, d->in_long ? 34 : 36, 32, d->in_long ? "IST" : "Parameters", out);
    draw_access(d, out);
    draw_value(d->raw, 63, 48, "Offset 16..31", out);
}

void descriptor_draw(const struct descriptor *d, FILE *out)
{
    fputs("63                47                31                15              0\n" RULER, out);
    if (d->gate)
        draw_gate(d, out);
    else
        draw_segment(d, out);
    fputs(RULER, out);
    if (!d->segment && d->in_long)
        fprintf(out, "%s 32..63: %08" PRIX64 "h, in the second 8 bytes\n", d->gate ? "Offset" : "Base",
                d->high & 0xffffffff);
}
