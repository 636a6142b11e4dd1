/* stop_parse.c: the language in which a place to stop is named: a kind and its arguments. An address alone is `exec`.
 */
#include "debugger.h"

#include "bits.h"

#include <inttypes.h>

#define PORT_MAX 0xffff
#define VECTOR_MAX 255

static bool range(struct debugger *d, struct breakpoint *b, const char **args, u64 max)
{
    u64 length = 1;
    if (!debugger_expression(d, args, &b->filter.first))
        return false;
    if (**args && !debugger_expression(d, args, &length))
        return false;
    if (!length || b->filter.first > max || length - 1 > max - b->filter.first) {
        debugger_fail(d, "the range ends beyond %" PRIx64, max);
        return false;
    }
    b->filter.last = b->filter.first + length - 1;
    return true;
}

static bool memory(struct debugger *d, struct breakpoint *b, const char *args, u32 kinds, const char *what)
{
    bool physical = debugger_is(args, debugger_word(&args), "phys");
    args += physical ? 4 : 0;
    b->filter.kinds = kinds;
    b->filter.space = physical ? DEBUG_PHYSICAL : DEBUG_LINEAR;
    if (!range(d, b, &args, UINT64_MAX))
        return false;
    snprintf(b->what, sizeof b->what, "%s %s%08" PRIx64, what, physical ? "physical " : "", b->filter.first);
    if (b->filter.last != b->filter.first)
        snprintf(b->what + strlen(b->what), sizeof b->what - strlen(b->what), "-%08" PRIx64, b->filter.last);
    return true;
}

static bool parse_exec(struct debugger *d, struct breakpoint *b, const char *args)
{
    return memory(d, b, args, BIT(PROBE_EXEC), "code at");
}

static bool parse_read(struct debugger *d, struct breakpoint *b, const char *args)
{
    return memory(d, b, args, BIT(PROBE_READ), "reads of");
}

static bool parse_write(struct debugger *d, struct breakpoint *b, const char *args)
{
    return memory(d, b, args, BIT(PROBE_WRITE), "writes to");
}

static bool parse_access(struct debugger *d, struct breakpoint *b, const char *args)
{
    return memory(d, b, args, BIT(PROBE_READ) | BIT(PROBE_WRITE), "accesses to");
}

static bool parse_change(struct debugger *d, struct breakpoint *b, const char *args)
{
    b->change = true;
    return memory(d, b, args, BIT(PROBE_WRITE), "changes of");
}

/* in N, out N, port N [COUNT] */
static bool parse_port(struct debugger *d, struct breakpoint *b, const char *args)
{
    b->filter.kinds = BIT(PROBE_PORT);
    if (debugger_is(args, debugger_word(&args), "in") || debugger_is(args, debugger_word(&args), "out")) {
        b->write = args[0] == 'o';
        args += b->write ? 3 : 2;
    }
    if (!range(d, b, &args, PORT_MAX))
        return false;
    snprintf(b->what, sizeof b->what, "port %04" PRIX64 "%s", b->filter.first,
             b->write < 0 ? ""
             : b->write   ? ", output"
                          : ", input");
    return true;
}

/* An address, or a device by the name of its region: "mmio hpet". */
static bool parse_mmio(struct debugger *d, struct breakpoint *b, const char *args)
{
    b->filter.kinds = BIT(PROBE_MMIO);
    if (*args && !range(d, b, &args, UINT64_MAX))
        return false;
    snprintf(b->what, sizeof b->what, "device registers at %08" PRIx64 "-%08" PRIx64, b->filter.first, b->filter.last);
    return true;
}

static bool vector(struct debugger *d, struct breakpoint *b, const char *args, const char *what)
{
    static const char *const names[] = { "de", "db", "nmi", "bp", "of", "br", "ud", "nm", "df", "-",
                                         "ts", "np", "ss",  "gp", "pf", "-",  "mf", "ac", "mc", "xm" };
    u64 n = 0, error = 0;
    size_t len = debugger_word(&args);
    if (len && *args == '#') {
        args++;
        len--;
    }
    for (unsigned i = 0; len == 2 && i < ARRAY_LEN(names); i++)
        if (debugger_is(args, len, names[i])) {
            b->vector = (int)i;
            args += len;
        }
    if (len && b->vector < 0) {
        if (!debugger_expression(d, &args, &n))
            return false;
        if (n > VECTOR_MAX) {
            debugger_fail(d, "vectors go up to 255");
            return false;
        }
        b->vector = (int)n;
    }
    debugger_word(&args);
    if (*args && !debugger_expression(d, &args, &error))
        return false;
    b->error = b->vector >= 0 && error ? (int)(error & 0xffff) : -1;
    if (b->vector < 0)
        snprintf(b->what, sizeof b->what, "any %s", what);
    else
        snprintf(b->what, sizeof b->what, "%s %02Xh", what, (unsigned)b->vector);
    return true;
}

static bool parse_interrupt(struct debugger *d, struct breakpoint *b, const char *args)
{
    b->filter.kinds = BIT(PROBE_INTERRUPT);
    return vector(d, b, args, "interrupt");
}

static bool parse_exception(struct debugger *d, struct breakpoint *b, const char *args)
{
    b->filter.kinds = BIT(PROBE_EXCEPTION);
    return vector(d, b, args, "exception");
}

static bool mode_wanted(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    return debug_mode(d->machine, e->cpu) == (enum debug_mode)b->reg;
}

/* mode [real|protected16|protected32|vm86|compat16|compat32|long|smm] */
static bool parse_mode(struct debugger *d, struct breakpoint *b, const char *args)
{
    static const char *const names[] = { "real",     "protected16", "protected32", "vm86",
                                         "compat16", "compat32",    "long",        "smm" };
    size_t len = debugger_word(&args);
    b->filter.kinds = BIT(PROBE_MODE);
    snprintf(b->what, sizeof b->what, "change of mode");
    if (!len)
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (debugger_is(args, len, names[i])) {
            b->reg = (int)i;
            b->wanted = mode_wanted;
            snprintf(b->what, sizeof b->what, "entry to %s", view_mode_name((enum debug_mode)i));
            return true;
        }
    debugger_fail(d, "the modes are real, protected16, protected32, vm86, compat16, compat32, long and smm");
    return false;
}

static bool parse_cr(struct debugger *d, struct breakpoint *b, const char *args)
{
    u64 n = 0;
    b->filter.kinds = BIT(PROBE_CR);
    snprintf(b->what, sizeof b->what, "write of a control register");
    if (!*args)
        return true;
    if (!debugger_expression(d, &args, &n))
        return false;
    b->reg = (int)(n & 15);
    snprintf(b->what, sizeof b->what, "write of CR%d", b->reg);
    return true;
}

static bool parse_msr(struct debugger *d, struct breakpoint *b, const char *args)
{
    b->filter.kinds = BIT(PROBE_MSR);
    snprintf(b->what, sizeof b->what, "access to an MSR");
    if (debugger_is(args, debugger_word(&args), "write")) {
        b->write = 1;
        args += 5;
        debugger_word(&args);
    }
    if (!*args)
        return true;
    if (debugger_is(args, debugger_word(&args), "efer"))
        args = "0xc0000080";
    if (!range(d, b, &args, UINT32_MAX))
        return false;
    const char *name = msr_name((u32)b->filter.first);
    snprintf(b->what, sizeof b->what, "%s of MSR %08" PRIX64 "h%s%s", b->write == 1 ? "write" : "access",
             b->filter.first, name ? " " : "", name ? name : "");
    return true;
}

/* Kinds without arguments. */
static bool plain(struct breakpoint *b, enum probe_kind kind, const char *what)
{
    b->filter.kinds = BIT(kind);
    snprintf(b->what, sizeof b->what, "%s", what);
    return true;
}

static bool parse_task(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    return plain(b, PROBE_TASK, "task switch");
}

/* Where the machine stands already is told of once more. */
static bool is_new_block(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    return e->icount > d->begun_at;
}

static bool parse_block(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    b->wanted = is_new_block;
    return plain(b, PROBE_BLOCK, "block of code");
}

static bool parse_branch(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    return plain(b, PROBE_BRANCH, "taken branch");
}

static bool parse_magic(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    b->wanted = bochs_is_magic;
    return plain(b, PROBE_EXEC, "magic break (xchg bx, bx)");
}

static bool parse_iret(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    return plain(b, PROBE_IRET, "return from an interrupt");
}

static bool parse_halt(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    return plain(b, PROBE_HALT, "HLT");
}

static bool parse_reset(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    return plain(b, PROBE_RESET, "reset");
}

static bool parse_shutdown(struct debugger *d, struct breakpoint *b, const char *args)
{
    (void)d, (void)args;
    return plain(b, PROBE_SHUTDOWN, "triple fault");
}

static const struct {
    const char *name;
    bool (*parse)(struct debugger *d, struct breakpoint *b, const char *args);
} kinds[] = {
    { "exec", parse_exec },
    { "read", parse_read },
    { "write", parse_write },
    { "access", parse_access },
    { "change", parse_change },
    { "port", parse_port },
    { "mmio", parse_mmio },
    { "interrupt", parse_interrupt },
    { "exception", parse_exception },
    { "mode", parse_mode },
    { "cr", parse_cr },
    { "msr", parse_msr },
    { "task", parse_task },
    { "block", parse_block },
    { "branch", parse_branch },
    { "iret", parse_iret },
    { "halt", parse_halt },
    { "reset", parse_reset },
    { "shutdown", parse_shutdown },
    { "magic", parse_magic },
};

const char *const stop_kinds[] = { "exec",      "read",      "write", "access", "change",   "port",  "mmio",
                                   "interrupt", "exception", "mode",  "cr",     "msr",      "task",  "block",
                                   "branch",    "iret",      "halt",  "reset",  "shutdown", "magic", NULL };

bool stop_is_kind(const char *word, size_t len)
{
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        if (debugger_is(word, len, kinds[i].name))
            return true;
    return false;
}

bool stop_parse(struct debugger *d, struct breakpoint *b, const char *args)
{
    size_t len = debugger_word(&args);
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        if (debugger_is(args, len, kinds[i].name)) {
            args += len;
            debugger_word(&args);
            return kinds[i].parse(d, b, args);
        }
    return parse_exec(d, b, args);
}
