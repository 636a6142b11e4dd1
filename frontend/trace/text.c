/* text.c: see text.h. Numbers are put together by hand: printf() is too slow for millions of lines a second. */
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>

#define HELD_MAX (256 * KIB)

/* Columns of an instruction's line. */
enum { BEFORE_CS = 8, BEFORE_WORDS = 39, AFTER_WORDS = 104 }; /* the first two: behind the processor's number */
#define COUNT_TOO_LONG 1000000000000u

static const char *const reg_names[TRACE_REGS] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",   "r8",
                                                   "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rflags" };

/* ---- pieces of a line ---- */

static char *put_text(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    return p + n;
}

static char *put_hex(char *p, u64 v, unsigned digits)
{
    for (unsigned shift = 4 * digits; shift;) {
        shift -= 4;
        *p++ = "0123456789abcdef"[v >> shift & 15];
    }
    return p;
}

/* Two digits at a time: of 8 bits each four have a place of their own, and letters begin 39 after the digits. */
static char *put_byte(char *p, u8 v)
{
    u16 two = (u16)(v >> 4 | (v & 15) << 8), letters = (u16)((two + 0x0606) >> 4 & 0x0101);
    two = (u16)(two + 0x3030 + letters * 39);
    put_le16((u8 *)p, two);
    return p + 2;
}

/* Without leading zeros, by bytes. */
static char *put_short_hex(char *p, u64 v)
{
    for (unsigned shift = v ? (63u - (unsigned)__builtin_clzll(v)) & ~7u : 0;; shift -= 8) {
        p = put_byte(p, (u8)(v >> shift));
        if (!shift)
            return p;
    }
}

static char *put_decimal(char *p, u64 v, unsigned width)
{
    char digits[20];
    unsigned n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    for (; width > n; width--)
        *p++ = ' ';
    while (n)
        *p++ = digits[--n];
    return p;
}

static char *pad_to(char *line, char *p, unsigned column)
{
    size_t n = p < line + column ? (size_t)(line + column - p) : 1;
    memset(p, ' ', n);
    return p + n;
}

/* ---- an instruction: count, processor, mode, CS:RIP, bytes, words; changes ---- */

/* The count of the last line and one more: as by hand. */
static void next_count(char *digits)
{
    char *d = digits + TRACE_COUNT_DIGITS - 1;
    for (; *d == '9'; d--)
        *d = '0';
    *d = *d == ' ' ? '1' : (char)(*d + 1);
}

static char *put_head(struct trace_text *t, char *p, u64 icount, unsigned cpu)
{
    if (icount >= COUNT_TOO_LONG - 1) {
        p = put_decimal(p, icount, TRACE_COUNT_DIGITS);
    } else {
        if (icount == t->count + 1)
            next_count(t->digits);
        else if (icount != t->count || t->digits[0] == '\0')
            put_decimal(t->digits, icount, TRACE_COUNT_DIGITS);
        t->count = icount;
        memcpy(p, t->digits, TRACE_COUNT_DIGITS);
        p += TRACE_COUNT_DIGITS;
    }
    *p++ = ' ';
    *p++ = (char)('0' + cpu);
    *p++ = ' ';
    return p;
}

static void make_words(struct trace_text *t, struct trace_words *w)
{
    enum debug_code code = trace_code(w->mode);
    unsigned digits = code == DEBUG_CODE_64 ? 16 : 8;
    char *line = w->text, *p = put_text(line, trace_mode_name(w->mode));
    *p++ = w->mode & PROBE_MODE_SMM ? '!' : ' '; /* in SMM */
    p = pad_to(line, p, BEFORE_CS);
    p = put_hex(p, w->cs, 4);
    *p++ = ':';
    p = put_hex(p, w->rip, digits);
    *p++ = ' ';
    *p++ = ' ';
    for (unsigned i = 0; i < w->length; i++)
        p = put_byte(p, w->bytes[i]);
    p = pad_to(line, p, BEFORE_WORDS + digits);
    p = trace_disasm(t->disasm, (u8)code, w->rip, w->bytes, w->length, p);
    w->len = (u8)(p - line);
}

static char *put_insn(struct trace_text *t, char *p, u8 mode, u16 cs, u64 rip, const u8 *bytes, unsigned length)
{
    struct trace_words *w = &t->words[(rip ^ rip >> 14) % TRACE_WORDS_KEPT];
    if (UNLIKELY(w->rip != rip || w->cs != cs || w->mode != mode || w->length != length ||
                 memcmp(w->bytes, bytes, length) != 0)) {
        w->rip = rip;
        w->cs = cs;
        w->mode = mode;
        w->length = (u8)length;
        memcpy(w->bytes, bytes, length);
        make_words(t, w);
    }
    memcpy(p, w->text, w->len);
    return p + w->len;
}

static char *put_changes(char *line, char *p, const u64 *reg, u32 changed)
{
    if (changed) {
        p = pad_to(line, p, AFTER_WORDS);
        *p++ = ';';
    }
    for (; changed; changed &= changed - 1) {
        unsigned n = (unsigned)__builtin_ctz(changed);
        *p++ = ' ';
        p = put_text(p, reg_names[n]);
        *p++ = '=';
        p = put_short_hex(p, reg[n]);
    }
    return p;
}

/* ---- the other kinds ---- */

static char *put_field(char *p, const char *name, u64 v)
{
    p = put_text(p, name);
    return put_short_hex(p, v);
}

/* As QEMU's -d int has it: v vector, e error code, i by INT. */
static char *put_interrupt(struct trace_text *t, char *p, const struct trace_record *r)
{
    static const char *const sources[] = { "INTR", "NMI", "INT", "exception", "SMI" };
    p = put_decimal(p, t->interrupts++, 6);
    p = put_text(p, ": v=");
    p = put_hex(p, r->vector, 2);
    p = put_text(p, " e=");
    p = put_hex(p, r->error, 4);
    p = put_text(p, r->source == PROBE_FROM_SOFTWARE ? " i=1 cpl=" : " i=0 cpl=");
    *p++ = (char)('0' + (r->value >> 16 & 3));
    p = put_text(p, " IP=");
    p = put_hex(p, r->value & 0xffff, 4);
    *p++ = ':';
    p = put_hex(p, r->rip, 16);
    p = put_text(p, " pc=");
    p = put_hex(p, r->linear, 16);
    p = put_text(p, " SP=");
    p = put_hex(p, r->value >> 32 & 0xffff, 4);
    *p++ = ':';
    p = put_hex(p, r->old, 16);
    if (r->vector == 14 && r->source == PROBE_FROM_EXCEPTION)
        p = put_field(p, " CR2=", r->addr);
    *p++ = ' ';
    return put_text(p, sources[r->source <= PROBE_FROM_SMI ? r->source : PROBE_FROM_SMI]);
}

static char *put_data(char *p, const struct trace_record *r, const char *in, const char *out)
{
    p = put_text(p, r->flags & TRACE_IS_WRITE ? out : in);
    p = put_field(p, " ", r->addr);
    p = put_text(p, " = ");
    p = put_hex(p, r->value, r->size ? 2u * (r->size <= 8 ? r->size : 8) : 2);
    if (r->kind == TRACE_WRITE) {
        p = put_text(p, " was ");
        p = put_hex(p, r->old, r->size ? 2u * (r->size <= 8 ? r->size : 8) : 2);
    }
    if (!r->name)
        return p;
    *p++ = ' ';
    return p + snprintf(p, 80, "(%.64s)", r->name);
}

static char *put_change(char *p, const char *what, const struct trace_record *r)
{
    p = put_field(p, what, r->addr);
    p = put_field(p, " ", r->old);
    return put_field(p, " -> ", r->value);
}

static char *put_walk(char *p, const struct trace_record *r)
{
    p = put_text(p, r->flags & TRACE_IS_FETCH ? "fetch" : r->flags & TRACE_IS_WRITE ? "write" : "read");
    p = put_field(p, " ", r->addr);
    if (r->flags & TRACE_HAS_ERROR)
        return put_field(p, " #PF e=", r->error);
    p = put_field(p, " -> ", r->physical);
    return put_field(p, " entry ", r->value);
}

static char *put_mode(char *p, const struct trace_record *r)
{
    p = put_text(p, trace_mode_name((u8)r->old));
    p = put_text(p, r->old & PROBE_MODE_SMM ? " (SMM) -> " : " -> ");
    p = put_text(p, trace_mode_name((u8)r->value));
    return put_text(p, r->value & PROBE_MODE_SMM ? " (SMM)" : "");
}

static char *put_exception(char *p, const struct trace_record *r)
{
    p = put_text(p, "v=");
    p = put_hex(p, r->vector, 2);
    if (r->flags & TRACE_HAS_ERROR)
        p = put_field(p, " e=", r->error);
    return r->vector == 14 ? put_field(p, " CR2=", r->addr) : p;
}

static char *put_details(struct trace_text *t, char *p, const struct trace_record *r)
{
    switch (r->kind) {
    case TRACE_INT:
        return put_interrupt(t, p, r);
    case TRACE_EXCEPTION:
        return put_exception(p, r);
    case TRACE_PORT:
        return put_data(p, r, "in", "out");
    case TRACE_READ:
    case TRACE_WRITE:
    case TRACE_MMIO:
        return put_data(p, r, "read", "write");
    case TRACE_MSR:
        p = put_data(p, r, "rdmsr", "wrmsr");
        return p;
    case TRACE_CR:
        return put_change(p, "cr", r);
    case TRACE_TASK:
        return put_change(p, "tss ", r);
    case TRACE_MODE:
        return put_mode(p, r);
    case TRACE_WALK:
        return put_walk(p, r);
    case TRACE_BRANCH:
    case TRACE_IRET:
        return put_field(p, "to ", r->addr);
    case TRACE_RESET:
        return put_text(p, r->value ? "of the processor (INIT)" : "of the machine");
    default:
        return p;
    }
}

static char *put_other(struct trace_text *t, char *p, const struct trace_record *r)
{
    char *kind = p;
    p = put_text(p, trace_kind_name(r->kind));
    p = pad_to(kind, p, 10);
    p = put_details(t, p, r);
    return r->kind == TRACE_INT ? p : put_field(p, " pc=", r->linear);
}

size_t trace_text_line(struct trace_text *t, char *to, const struct trace_record *r)
{
    char *p = to;
    if (r->kind == TRACE_STATE)
        return (size_t)(put_changes(to, p, r->reg, r->changed) - to);
    p = put_head(t, p, r->icount, r->cpu);
    if (r->kind == TRACE_ASM)
        p = put_text(p, "in_asm ");
    if (r->kind == TRACE_EXEC || r->kind == TRACE_ASM)
        p = put_insn(t, p, r->mode, r->cs, r->rip, r->bytes, r->length);
    else
        p = put_other(t, p, r);
    return (size_t)(p - to);
}

size_t trace_text_behind(char *line, size_t len, const struct trace_record *r)
{
    return (size_t)(put_changes(line, line + len, r->reg, r->changed) - line);
}

/* ---- lines in order ---- */

bool trace_text_open(struct trace_text *t, bool (*out)(void *self, const char *text, size_t len), void *self)
{
    *t = (struct trace_text){ .disasm = trace_disasm_new(), .out = out, .self = self };
    t->words = calloc(TRACE_WORDS_KEPT, sizeof *t->words);
    return t->disasm && t->words;
}

static void send(struct trace_text *t, const char *text, size_t len)
{
    if (len && !t->failed && !t->out(t->self, text, len))
        t->failed = true;
}

void trace_text_flush(struct trace_text *t)
{
    if (t->len) {
        t->line[t->len++] = '\n';
        send(t, t->line, t->len);
    }
    send(t, t->held, t->held_len);
    t->len = t->held_len = 0;
}

static bool hold(struct trace_text *t, const char *text, size_t len)
{
    if (t->held_len + len > t->held_size) {
        size_t size = 2 * t->held_size + len;
        char *more = realloc(t->held, size);
        if (!more)
            return false;
        t->held = more;
        t->held_size = size;
    }
    memcpy(t->held + t->held_len, text, len);
    t->held_len += len;
    return true;
}

/* Behind the instruction that waits for its end, or out at once. */
static void add_text(struct trace_text *t, const char *text, size_t len)
{
    if (t->len && (t->held_len + len > HELD_MAX || !hold(t, text, len)))
        trace_text_flush(t);
    else if (t->len)
        return;
    send(t, text, len);
}

void trace_text_state(struct trace_text *t, const u64 *reg, u32 changed)
{
    if (t->len) /* else it stood before the first instruction */
        t->len = (size_t)(put_changes(t->line, t->line + t->len, reg, changed) - t->line);
}

void trace_text_record(struct trace_text *t, const struct trace_record *r)
{
    char line[TRACE_LINE_MAX];
    if (r->kind == TRACE_STATE) {
        trace_text_state(t, r->reg, r->changed);
        return;
    }
    if (r->kind == TRACE_EXEC) {
        trace_text_flush(t);
        t->len = trace_text_line(t, t->line, r);
        return;
    }
    if (!r->text) {
        size_t len = trace_text_line(t, line, r);
        line[len++] = '\n';
        add_text(t, line, len);
        return;
    }
    add_text(t, r->text, r->text_len);
}

void trace_text_insn(struct trace_text *t, const struct trace_insn *i)
{
    trace_text_flush(t);
    char *p = put_head(t, t->line, i->icount, i->cpu);
    p = put_insn(t, p, i->mode, i->cs, i->rip, i->bytes, i->length);
    t->len = (size_t)(p - t->line);
}

bool trace_text_close(struct trace_text *t)
{
    trace_text_flush(t);
    trace_disasm_free(t->disasm);
    free(t->words);
    free(t->held);
    return !t->failed;
}
