/* shell.c: the debugger's commands by their names, and how a line becomes a call. Words may be cut short where that
 * leaves no doubt, as in GDB; what is not the debugger's own is asked of the monitor. */
#include "debugger.h"

#include "commands.h"
#include "symbols.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define SOURCE_DEPTH_MAX 8

static const struct debugger_command commands[] = {
    { "step", "s|stepi|si", "[N]", "one instruction, into calls (N: so many)", cmd_step },
    { "next", "n|nexti|ni", "[N]", "one instruction; calls, INT and REP are run to their end", cmd_next },
    { "finish", "", "", "to the end of this function or handler", cmd_finish },
    { "until", "u", "WHAT", "to an address, or until mode, interrupt, exception, cr, msr, port, task, block, text…",
      cmd_until },
    { "continue", "c", "", "on, to the next breakpoint; Ctrl-C stops", cmd_continue },
    { "reverse-step", "rs|reverse-stepi|rsi", "[N]", "one instruction back", cmd_reverse_step },
    { "reverse-next", "rn|reverse-nexti|rni", "[N]", "one back, over calls and interrupts", cmd_reverse_next },
    { "reverse-continue", "rc", "", "back to the last hit of a breakpoint", cmd_reverse_continue },
    { "goto", "", "N", "to the place before instruction N (back or forward)", cmd_goto },
    { "who-wrote", "who", "[phys] ADDRESS [LENGTH]", "the last write to that memory", cmd_who_wrote },
    { "when", "", "REGISTER = VALUE", "back to where this (or any condition) began to hold", cmd_when },
    { "break", "b", "[KIND] ADDRESS [if CONDITION]",
      "stop there; KIND: exec, read, write, access, change, port, mmio, interrupt, "
      "exception, mode, cr, msr, task, block, branch, iret, halt, reset, shutdown",
      cmd_break },
    { "tbreak", "tb", "[KIND] ADDRESS [if CONDITION]", "the same, once", cmd_tbreak },
    { "watch", "", "ADDRESS [LENGTH] [if CONDITION]", "stop where the memory changes", cmd_watch },
    { "delete", "d", "[N …]", "delete breakpoints", cmd_delete },
    { "enable", "", "[N …]", "switch breakpoints on", cmd_enable },
    { "disable", "", "[N …]", "switch breakpoints off", cmd_disable },
    { "ignore", "", "N COUNT", "pass breakpoint N COUNT times", cmd_ignore },
    { "condition", "", "N [EXPRESSION]", "stop at breakpoint N only if this holds", cmd_condition },
    { "explain", "e", "", "the current instruction, in full", cmd_explain },
    { "why", "", "", "the cause of the last exception", cmd_why },
    { "where", "", "", "the current instruction", cmd_where },
    { "list", "l", "[ADDRESS [COUNT]]", "disassemble", cmd_list },
    { "backtrace", "bt", "", "who called", cmd_backtrace },
    { "symbol-file", "", "[FILE [OFFSET]]", "the names of an ELF or map file in place of all others", cmd_symbol_file },
    { "add-symbol-file", "", "FILE [OFFSET]", "those as well", cmd_add_symbol_file },
    { "x", "", "/FORMAT ADDRESS", "memory: /COUNT, then x d u o c i, then b h w g", cmd_examine },
    { "history", "", "[COUNT]", "the flight recorder: interrupts, exceptions, modes, control registers, branches",
      show_history },
    { "set", "", "NAME on|off, or REGISTER = VALUE", "set handlers: step into interrupt handlers", cmd_set },
    { "layout", "", "on|off", "the whole terminal: registers, code, stack, memory, the guest's screen", cmd_layout },
    { "echo", "", "TEXT", "print a line", cmd_echo },
    { "source", "", "FILE", "the commands of a file", cmd_source },
    { "help", "h|?", "[COMMAND]", "this list", cmd_dhelp },
    { "quit", "q", "", "leave", cmd_dquit },
    { NULL, NULL, NULL, NULL, NULL },
};

static const struct debugger_command show_commands[] = {
    { "gdt", "", "[INDEX]", "the global descriptor table; one descriptor as a diagram", show_gdt },
    { "ldt", "", "[INDEX]", "the local descriptor table", show_ldt },
    { "idt", "", "[VECTOR]", "the interrupt descriptor table; one gate as a diagram", show_idt },
    { "ivt", "", "[VECTOR]", "the interrupt vectors of real mode", show_ivt },
    { "tss", "", "", "the task state segment", show_tss },
    { "cr", "", "", "control registers, bit by bit", show_cr },
    { "msr", "", "[NUMBER]", "model-specific registers", show_msr },
    { "mode", "", "", "the processor's mode, and what makes it", show_mode },
    { "paging", "", "[ADDRESS]", "the kind of paging; the walk for an address", show_paging },
    { "flags", "", "", "EFLAGS, bit by bit", show_flags },
    { "bda", "", "", "the BIOS data area", show_bda },
    { "ebda", "", "", "the extended BIOS data area", show_ebda },
    { "e820", "", "", "the memory map that the firmware has made", show_e820 },
    { "acpi", "", "", "the ACPI tables", show_acpi },
    { "symbol", "", "ADDRESS", "the symbol that it belongs to", show_symbol },
    { "branches", "", "[COUNT]", "the last taken branches", show_branches },
    { "timeline", "", "", "how far back there is a recording", show_timeline },
    { "breakpoints", "", "", "breakpoints and watchpoints", show_breakpoints },
    { "pit", "", "", "the interval timer", show_chip },
    { "hpet", "", "", "the high precision timer", show_chip },
    { "ide", "", "", "the IDE controller", show_chip },
    { "vga", "", "", "the display adapter", show_chip },
    { NULL, NULL, NULL, NULL, NULL },
};

/* ---- words ---- */

size_t debugger_word(const char **text)
{
    while (isspace((unsigned char)**text))
        ++*text;
    return strcspn(*text, " \t\r\n");
}

bool debugger_is(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncmp(text, word, len) == 0;
}

void debugger_fail(struct debugger *d, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(d->out, format, ap);
    va_end(ap);
    fputc('\n', d->out);
    d->failed = true;
}

bool debugger_expression(struct debugger *d, const char **text, u64 *value)
{
    char error[EXPR_ERROR_MAX];
    const char *start = *text;
    if (expr_parse(text, &d->names, (s64 *)value, error))
        return true;
    debugger_fail(d, "%s: %s", *start ? start : "nothing", error);
    return false;
}

/* ---- finding a command ---- */

static bool begins(const struct debugger_command *c, const char *word, size_t len)
{
    return strncmp(c->name, word, len) == 0;
}

static bool is_called(const struct debugger_command *c, const char *word, size_t len)
{
    return debugger_is(word, len, c->name) || command_is(c->aliases, word, len);
}

/* By the whole name, or by a beginning that only one has; *many: several have it. */
static const struct debugger_command *find(const struct debugger_command *table, const char *word, size_t len,
                                           bool *many)
{
    const struct debugger_command *found = NULL;
    *many = false;
    for (const struct debugger_command *c = table; c->name; c++)
        if (is_called(c, word, len))
            return c;
    for (const struct debugger_command *c = table; c->name; c++)
        if (begins(c, word, len)) {
            *many = found != NULL;
            found = c;
        }
    return found;
}

static void show(struct debugger *d, const char *args, const char *line)
{
    bool many;
    size_t len = debugger_word(&args);
    const char *rest = args + len;
    const struct debugger_command *c = len ? find(show_commands, args, len, &many) : NULL;
    debugger_word(&rest);
    if (c && c->run == show_chip)
        show_chip(d, c->name);
    else if (c)
        c->run(d, rest);
    else
        monitor_command(&d->monitor, line, d->out);
}

static void show_or_run(struct debugger *d, const char *line)
{
    bool many;
    char whole[512];
    const char *word = line;
    size_t len = debugger_word(&word);
    size_t name = strcspn(word, "/ \t");
    const char *args = word + (name < len ? name : len);
    debugger_word(&args);
    if (len >= 1 && strncmp("info", word, len) == 0) {
        snprintf(whole, sizeof whole, "info %s", args);
        show(d, args, whole);
        return;
    }
    const struct debugger_command *c = name ? find(commands, word, name < len ? name : len, &many) : NULL;
    if (c && !many)
        c->run(d, args);
    else if (c && !command_is("stop|cont", word, len))
        debugger_fail(d, "\"%.*s\": which command? (help lists them)", (int)len, word);
    else
        monitor_command(&d->monitor, line, d->out);
}

/* ---- what the monitor's commands have asked for ---- */

static void settle(struct debugger *d)
{
    struct control *c = d->monitor.control;
    d->quit = d->quit || c->quit;
    if (c->reset) {
        c->reset = false;
        machine_reset(d->machine);
        d->reason = STOP_NONE;
        d->status = MACHINE_RUNNING;
        debugger_where(d);
    }
    d->cpu = d->monitor.cpu;
}

static bool repeats(const char *word, size_t len)
{
    return command_is(
        "reverse-step|rs|rsi|reverse-next|rn|reverse-continue|rc|step|s|stepi|si|next|n|nexti|ni|list|l|continue|c",
        word, len);
}

void debugger_command(struct debugger *d, const char *line)
{
    const char *word = line;
    size_t len = debugger_word(&word);
    d->failed = false;
    d->monitor.cpu = d->cpu;
    if (*word == '#')
        return;
    if (!len)
        word = d->repeat;
    else
        snprintf(d->repeat, sizeof d->repeat, "%s", repeats(word, len) ? word : "");
    if (!*word)
        return;
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", word);
    size_t end = strlen(copy);
    while (end && isspace((unsigned char)copy[end - 1]))
        copy[--end] = 0;
    d->monitor.misread = false;
    show_or_run(d, copy);
    d->failed = d->failed || d->monitor.misread;
    settle(d);
    fflush(d->out);
}

bool debugger_source(struct debugger *d, const char *path)
{
    char line[1024];
    FILE *file = fopen(path, "re");
    if (!file) {
        debugger_fail(d, "%s: %s", path, strerror(errno));
        return false;
    }
    while (!d->quit && fgets(line, sizeof line, file))
        if (line[strspn(line, " \t\r\n")])
            debugger_command(d, line);
    fclose(file);
    return true;
}

/* ---- commands of the shell itself ---- */

void cmd_source(struct debugger *d, const char *args)
{
    debugger_source(d, args);
}

void cmd_echo(struct debugger *d, const char *args)
{
    fprintf(d->out, "%s\n", args);
}

void cmd_layout(struct debugger *d, const char *args)
{
    size_t len = debugger_word(&args);
    bool on = debugger_is(args, len, "on");
    if (!on && !debugger_is(args, len, "off"))
        debugger_fail(d, "layout on, or layout off?");
    else if (on && !d->has_terminal)
        debugger_fail(d, "layout: there is no terminal, or pcemu was built without ncurses");
    else
        d->layout = on;
}

void cmd_dquit(struct debugger *d, const char *args)
{
    (void)args;
    d->quit = true;
}

static void help_table(struct debugger *d, const struct debugger_command *table, const char *prefix, const char *word,
                       size_t len)
{
    for (const struct debugger_command *c = table; c->name; c++)
        if (!len || begins(c, word, len) || is_called(c, word, len))
            fprintf(d->out, "%s%s %s -- %s\n", prefix, c->name, c->params, c->help);
}

void cmd_dhelp(struct debugger *d, const char *args)
{
    size_t len = debugger_word(&args);
    bool many;
    const struct debugger_command *c = len ? find(commands, args, len, &many) : NULL;
    if (len && !c && strncmp("info", args, len) != 0) {
        char line[128];
        snprintf(line, sizeof line, "help %s", args);
        monitor_command(&d->monitor, line, d->out);
        return;
    }
    if (!len || c)
        help_table(d, commands, "", args, len);
    if (!len || !c)
        help_table(d, show_commands, "info ", "", 0);
    if (!len)
        fputs("and the commands of the monitor (docs/running.md)\n", d->out);
}

/* ---- completion ---- */

static size_t offer_table(const struct debugger_command *table, const char *typed, size_t len, const char **words,
                          size_t count, size_t room)
{
    for (const struct debugger_command *c = table; c->name && count < room; c++)
        if (strncmp(c->name, typed, len) == 0)
            words[count++] = c->name;
    return count;
}

static size_t offer_symbols(const struct symbols *s, const char *typed, size_t len, const char **words, size_t count,
                            size_t room)
{
    const char *name;
    for (size_t i = 0; count < room && (name = symbols_name(s, i)); i++)
        if (len && strncmp(name, typed, len) == 0)
            words[count++] = name;
    return count;
}

static size_t offer_kinds(const char *typed, size_t len, const char **words, size_t count, size_t room)
{
    for (size_t i = 0; stop_kinds[i] && count < room; i++)
        if (strncmp(stop_kinds[i], typed, len) == 0)
            words[count++] = stop_kinds[i];
    return count;
}

size_t debugger_complete(struct debugger *d, const char *text, size_t len, const char **words, size_t room,
                         size_t *typed)
{
    size_t start = len, count = command_complete(text, len, words, room, typed);
    while (start && !isspace((unsigned char)text[start - 1]))
        start--;
    const char *first = text + strspn(text, " "), *last = text + start;
    size_t first_len = strcspn(first, " "), last_len = len - start;
    *typed = last_len;
    if (first >= last)
        return offer_table(commands, last, last_len, words, count, room);
    if (strncmp("info", first, first_len) == 0)
        return offer_table(show_commands, last, last_len, words, count, room);
    if (command_is("break|b|tbreak|watch|until|u", first, first_len))
        count = offer_kinds(last, last_len, words, count, room);
    return offer_symbols(d->symbols, last, last_len, words, count, room);
}

/* ---- the debugger itself ---- */

/* Ctrl-C ends a search through history. */
static bool go_on(void *self, u64 icount)
{
    const struct debugger *d = self;
    (void)icount;
    return !d->host.interrupted(d->host.self);
}

bool debugger_init(struct debugger *d, struct control *control, const struct debugger_host *host, FILE *out)
{
    *d = (struct debugger){ .machine = control->machine, .host = *host, .out = out, .list_at = DEBUG_NOWHERE };
    d->memory_at = DEBUG_NOWHERE;
    monitor_init(&d->monitor, control, false);
    names_init(d);
    d->symbols = symbols_new();
    d->triple_fault = stop_add(d, BIT(PROBE_SHUTDOWN), "");
    if (d->triple_fault) {
        d->triple_fault->wanted = motion_triple_fault;
        stop_attach(d->triple_fault);
    }
    bochs_listen(d);
    if (host->timeline)
        timeline_set_progress(host->timeline, go_on, d);
    return d->symbols;
}

void debugger_free(struct debugger *d)
{
    if (d->host.timeline)
        timeline_set_progress(d->host.timeline, NULL, NULL);
    stop_delete_all(d);
    symbols_free(d->symbols);
    monitor_free(&d->monitor);
}
