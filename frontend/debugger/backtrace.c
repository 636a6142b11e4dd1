/* backtrace.c: who called: by the chain of frame pointers where there is one; where there is none, by the words on the
 * stack that point behind a call, marked with a question mark since they may be left from earlier. Also the commands on
 * symbol files. */
#include "debugger.h"

#include "insn.h"
#include "symbols.h"

#include <inttypes.h>

#define FRAMES_MAX 64
#define SCAN_WORDS 512

struct frames {
    struct debugger *d;
    struct view v;
    unsigned size; /* bytes of a word on the stack */
    unsigned count;
};

static u64 code_at(const struct frames *f, u64 offset)
{
    return view_linear(&f->v, DEBUG_CS, offset);
}

static void print_frame(struct frames *f, u64 offset, bool certain)
{
    u64 distance;
    char line[256];
    u64 linear = code_at(f, offset);
    const char *name = symbols_at(f->d->symbols, linear, &distance);
    fprintf(f->d->out, "#%-2u %s", f->count++, certain ? "" : "? ");
    view_print_address(&f->v, f->v.r.seg[DEBUG_CS].selector, offset, f->d->out);
    if (name)
        fprintf(f->d->out, "  %s+%" PRIu64, name, distance);
    bool caller = f->count > 1; /* the call is before the address */
    if (symbols_line(f->d->symbols, linear - caller, line, sizeof line))
        fprintf(f->d->out, "  %s", line);
    fputc('\n', f->d->out);
}

/* Does a call end at this offset? Near ones of 2 to 7 bytes. */
static bool is_behind_call(const struct frames *f, u64 offset)
{
    struct insn i;
    for (unsigned len = 2; len <= 7 && len <= offset; len++) {
        u64 at = offset - len;
        if (insn_read(&f->v, code_at(f, at), at, f->v.r.code, &i) && i.length == len && i.kind == INSN_CALL)
            return true;
    }
    return false;
}

static bool stack_word(const struct frames *f, u64 offset, u64 *value)
{
    return view_read_number(&f->v, view_linear(&f->v, DEBUG_SS, offset & view_stack_mask(&f->v)), f->size, value);
}

/* Follows the frame pointers from `bp`; false: there is no chain. */
static bool by_frames(struct frames *f, u64 bp)
{
    unsigned found = 0;
    u64 sp = f->v.r.gpr[4] & view_stack_mask(&f->v);
    while (f->count < FRAMES_MAX && bp >= sp) {
        u64 caller, back;
        if (!stack_word(f, bp, &caller) || !stack_word(f, bp + f->size, &back) || !is_behind_call(f, back))
            break;
        print_frame(f, back, true);
        found++;
        if (caller <= bp)
            break;
        sp = bp;
        bp = caller;
    }
    return found;
}

/* Before a function has made its frame, and where it has taken it down, the chain begins with the caller's: the address
 * that leads to the caller lies at the top of the stack, or under the pointer that was just pushed. */
static void by_top(struct frames *f)
{
    static const char *const no_frame[] = { "push bp", "push ebp", "push rbp", "endbr32", "endbr64" };
    static const char *const pushed[] = { "mov bp, sp", "mov ebp, esp", "mov rbp, rsp" };
    struct insn i;
    u64 back;
    if (!insn_here(&f->v, &i))
        return;
    bool top = i.kind == INSN_RET, under = false;
    for (unsigned n = 0; n < ARRAY_LEN(no_frame); n++)
        top |= strcmp(i.text, no_frame[n]) == 0;
    for (unsigned n = 0; n < ARRAY_LEN(pushed); n++)
        under |= strcmp(i.text, pushed[n]) == 0;
    if ((top || under) && stack_word(f, f->v.r.gpr[4] + (under ? f->size : 0), &back) && is_behind_call(f, back))
        print_frame(f, back, true);
}

static void by_scan(struct frames *f)
{
    u64 sp = f->v.r.gpr[4], value;
    for (unsigned i = 0; i < SCAN_WORDS && f->count < FRAMES_MAX && stack_word(f, sp + i * f->size, &value); i++)
        if (value && is_behind_call(f, value))
            print_frame(f, value, false);
}

void cmd_backtrace(struct debugger *d, const char *args)
{
    static const unsigned sizes[] = { [DEBUG_CODE_16] = 2, [DEBUG_CODE_32] = 4, [DEBUG_CODE_64] = 8 };
    struct frames f = { .d = d };
    (void)args;
    view_take(&f.v, d->machine, d->cpu);
    f.size = sizes[f.v.r.code];
    print_frame(&f, f.v.r.rip, true);
    by_top(&f);
    u64 mask = view_stack_mask(&f.v);
    if (!by_frames(&f, f.v.r.gpr[5] & mask) && f.count == 1)
        by_scan(&f);
}

/* ---- symbol files ---- */

static void load(struct debugger *d, const char *args)
{
    char path[512];
    u64 offset = 0;
    size_t len = debugger_word(&args);
    snprintf(path, sizeof path, "%.*s", (int)len, args);
    args += len;
    debugger_word(&args);
    if (*args && !debugger_expression(d, &args, &offset))
        return;
    if (symbols_load(d->symbols, path, offset, d->out))
        fprintf(d->out, "%zu symbols\n", symbols_count(d->symbols));
    else
        d->failed = true;
}

void cmd_symbol_file(struct debugger *d, const char *args)
{
    symbols_clear(d->symbols);
    if (*args)
        load(d, args);
}

void cmd_add_symbol_file(struct debugger *d, const char *args)
{
    load(d, args);
}

void show_symbol(struct debugger *d, const char *args)
{
    u64 address, distance;
    char line[256];
    if (!debugger_expression(d, &args, &address))
        return;
    const char *name = symbols_at(d->symbols, address, &distance);
    if (name)
        fprintf(d->out, "%s+%" PRIu64 "\n", name, distance);
    else
        fprintf(d->out, "%08" PRIx64 " belongs to no symbol\n", address);
    if (symbols_line(d->symbols, address, line, sizeof line))
        fprintf(d->out, "%s\n", line);
}
