/* set.c: `set`: the debugger's switches, and changes to registers and memory. */
#include "debugger.h"

#include <ctype.h>
#include <inttypes.h>

static bool on_off(struct debugger *d, const char *args, bool *value)
{
    size_t len = debugger_word(&args);
    *value = debugger_is(args, len, "on");
    if (*value || debugger_is(args, len, "off"))
        return true;
    debugger_fail(d, "on or off?");
    return false;
}

/* ---- registers ---- */

static bool set_general(struct debug_registers *r, const char *name, size_t len, u64 value)
{
    static const char *const names[DEBUG_GPRS] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                                   "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };
    for (unsigned i = 0; i < DEBUG_GPRS; i++) {
        const char *narrow = names[i] + (i < 8);
        if (debugger_is(name, len, names[i]))
            r->gpr[i] = value;
        else if (i < 8 && len == 3 && name[0] == 'e' && strncmp(name + 1, narrow, 2) == 0)
            r->gpr[i] = (u32)value;
        else if (i < 8 && debugger_is(name, len, narrow))
            r->gpr[i] = (r->gpr[i] & ~(u64)0xffff) | (u16)value;
        else
            continue;
        return true;
    }
    return false;
}

static bool set_other(struct debug_registers *r, const char *name, size_t len, u64 value)
{
    const struct {
        const char *name;
        u64 *at;
    } names[] = { { "rip", &r->rip },       { "eip", &r->rip },   { "ip", &r->rip },   { "rflags", &r->rflags },
                  { "eflags", &r->rflags }, { "cr0", &r->cr0 },   { "cr2", &r->cr2 },  { "cr3", &r->cr3 },
                  { "cr4", &r->cr4 },       { "dr7", &r->dr[7] }, { "efer", &r->efer } };
    char word[4] = { 0 };
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (debugger_is(name, len, names[i].name)) {
            *names[i].at = value;
            return true;
        }
    memcpy(word, name, len < 3 ? len : 3);
    unsigned segment = len == 2 ? view_segment(word) : DEBUG_SEGMENTS;
    if (segment < DEBUG_SEGMENTS)
        r->seg[segment].selector = (u16)value;
    return segment < DEBUG_SEGMENTS;
}

static void set_register(struct debugger *d, const char *name, size_t len, u64 value)
{
    struct debug_registers r;
    debug_get_registers(d->machine, d->cpu, &r);
    travel_fork(d);
    if (!set_general(&r, name, len, value) && !set_other(&r, name, len, value))
        debugger_fail(d, "%.*s: no register that can be set", (int)len, name);
    else if (!debug_set_registers(d->machine, d->cpu, &r))
        debugger_fail(d, "%.*s: the processor can't hold that", (int)len, name);
}

/* ---- memory ---- */

static void set_memory(struct debugger *d, const char *args, unsigned size)
{
    u64 addr, value;
    if (!debugger_expression(d, &args, &addr))
        return;
    if (*args++ != '=') {
        debugger_fail(d, "set byte ADDRESS = VALUE");
        return;
    }
    if (!debugger_expression(d, &args, &value))
        return;
    travel_fork(d);
    if (debug_write(d->machine, d->cpu, DEBUG_LINEAR, addr, &value, size) != size)
        debugger_fail(d, "no RAM at %08" PRIx64, addr);
}

void cmd_set(struct debugger *d, const char *args)
{
    static const char *const sizes[] = { "byte", "word", "dword", "qword" };
    size_t len = debugger_word(&args);
    const char *name = args, *rest = args + len;
    u64 value;
    debugger_word(&rest);
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        if (debugger_is(args, len, sizes[i])) {
            set_memory(d, rest, 1u << i);
            return;
        }
    if (debugger_is(args, len, "memory")) {
        d->memory_at = DEBUG_NOWHERE;
        if (*rest && debugger_expression(d, &rest, &value))
            d->memory_at = value;
        return;
    }
    if (debugger_is(args, len, "branches")) {
        bool on;
        if (on_off(d, rest, &on))
            branches_set(d, on);
        return;
    }
    if (debugger_is(args, len, "handlers")) {
        on_off(d, rest, &d->into_handlers);
        return;
    }
    if (*name == '$')
        name++;
    len = 0;
    while (isalnum((unsigned char)name[len]))
        len++;
    rest = name + len;
    debugger_word(&rest);
    if (!len || *rest != '=') {
        debugger_fail(d, "set handlers on|off, set REGISTER = VALUE, or set byte|word|dword|qword ADDRESS = VALUE");
        return;
    }
    rest++;
    if (debugger_expression(d, &rest, &value))
        set_register(d, name, len, value);
}
