/* options.c: the command line: the table of options and the walk over argv. Options of one value are set here; those
 * with a language of their own are in options_*.c. */
#include "options.h"

#include "keyval.h"

#include <stdarg.h>
#include <stdlib.h>

#define DEFAULT_RAM (128 * MIB)
#define DEFAULT_SHIFT 3 /* 8 ns an instruction: 125 million instructions a virtual second */
#define DEFAULT_DEBUGCON_PORT 0xe9
#define TIMEOUT_MAX_S 1000000000.0

static void say(struct options *o, const char *format, va_list ap)
{
    fputs("pcemu: ", o->err);
    vfprintf(o->err, format, ap);
    fputc('\n', o->err);
}

bool options_fail(struct options *o, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    say(o, format, ap);
    va_end(ap);
    return false;
}

void options_note(struct options *o, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    say(o, format, ap);
    va_end(ap);
}

const char *options_keep(struct options *o, const char *text)
{
    char *copy = o->texts < TEXTS_MAX ? strdup(text) : NULL;
    if (copy)
        o->text[o->texts++] = copy;
    else
        options_fail(o, "no memory for the command line");
    return copy;
}

void options_free(struct options *o)
{
    while (o->texts)
        free(o->text[--o->texts]);
}

static bool option_bios(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->bios = arg;
    return true;
}

static bool option_kernel(struct options *o, const char *name, const char *arg)
{
    const char **to = !strcmp(name, "kernel")   ? &o->kernel
                      : !strcmp(name, "initrd") ? &o->initrd
                                                : &o->kernel_arguments;
    *to = arg;
    return true;
}

static bool option_lib_dir(struct options *o, const char *name, const char *arg)
{
    if (o->lib_dirs == LIB_DIRS_MAX)
        return options_fail(o, "-%s: more than %d directories", name, LIB_DIRS_MAX);
    o->lib_dir[o->lib_dirs++] = arg;
    return true;
}

/* All of QEMU's windows are the one that there is; how it looks (gl=, show-cursor= …) is not the guest's business. */
static bool option_display(struct options *o, const char *name, const char *arg)
{
    static const char *const window[] = { "sdl", "gtk", "cocoa", "default" };
    size_t len = strcspn(arg, ",");
    bool known = len == 4 && strncmp(arg, "none", len) == 0;
    o->display = SCREEN_NONE;
    for (unsigned i = 0; i < ARRAY_LEN(window) && !known; i++)
        if (len == strlen(window[i]) && strncmp(arg, window[i], len) == 0) {
            o->display = i + 1 == ARRAY_LEN(window) ? SCREEN_AUTO : SCREEN_SDL;
            known = true;
        }
    return known ||
           options_fail(o, "-%s %s: pcemu has a window (sdl, which gtk and cocoa are taken for) and none", name, arg);
}

/* There is no server; but without one there is no window, either. */
static bool option_vnc(struct options *o, const char *name, const char *arg)
{
    if (strcmp(arg, "none") != 0)
        return options_fail(o, "-%s %s: pcemu has no VNC server (-display none shows nothing)", name, arg);
    if (o->display == SCREEN_AUTO)
        o->display = SCREEN_NONE;
    return true;
}

/* Only one value is true of this machine. */
static bool option_vga(struct options *o, const char *name, const char *arg)
{
    if (strcmp(arg, "std") == 0)
        return true;
    return options_fail(o, "-%s %s: pcemu has the adapter std", name, arg);
}

static bool option_clock(struct options *o, const char *name, const char *arg)
{
    if (strcmp(arg, "insn") == 0)
        o->clock = CLOCK_INSN;
    else if (strcmp(arg, "host") == 0)
        o->clock = CLOCK_HOST;
    else
        return options_fail(o, "-%s %s: the clocks are insn and host", name, arg);
    return true;
}

static bool option_timeout(struct options *o, const char *name, const char *arg)
{
    return parse_seconds(arg, TIMEOUT_MAX_S, &o->timeout_ns) ||
           options_fail(o, "-%s %s: not a number of seconds above 0", name, arg);
}

static bool option_seed(struct options *o, const char *name, const char *arg)
{
    o->seed_given = parse_number(arg, UINT64_MAX, &o->seed);
    return o->seed_given || options_fail(o, "-%s %s: not a number", name, arg);
}

static bool option_name(struct options *o, const char *name, const char *arg)
{
    struct keyvals kv;
    (void)name;
    bool ok = keyvals_split(&kv, arg, "guest");
    const char *guest = ok ? keyvals_get(&kv, "guest") : NULL;
    if (guest)
        o->name = options_keep(o, guest);
    o->name_given = o->name_given || guest;
    ok = ok && (!guest || o->name);
    keyvals_free(&kv);
    return ok;
}

static bool option_log_file(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->log_file = arg;
    return true;
}

static bool option_screen_text(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->screen_text = arg;
    return true;
}

static bool option_screen_dump(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->screen_dump = arg;
    return true;
}

static bool option_load(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->load = arg;
    return true;
}

static bool option_record(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->record = arg;
    return true;
}

static bool option_replay(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->replay = arg;
    return true;
}

static bool option_save(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->save = arg;
    return true;
}

static bool flag_snapshot(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->snapshot = true;
    return true;
}

static bool flag_no_reboot(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->no_reboot = true;
    return true;
}

static bool flag_no_shutdown(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->no_shutdown = true;
    return true;
}

static bool flag_no_defaults(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->no_defaults = true;
    return true;
}

static bool flag_nographic(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->nographic = true;
    return true;
}

static bool flag_paused(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->paused = true;
    return true;
}

static bool flag_debug(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->debug = true;
    return true;
}

static bool flag_batch(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->debug = o->batch = true;
    return true;
}

/* -ex "break magic". */
static bool flag_magic_break(struct options *o, const char *name, const char *arg)
{
    (void)arg;
    if (o->debug_commands == DEBUG_COMMANDS_MAX)
        return options_fail(o, "-%s: more than %d of -x and -ex", name, DEBUG_COMMANDS_MAX);
    o->debug_command[o->debug_commands++].text = "break magic";
    o->debug = true;
    return true;
}

static bool flag_lint(struct options *o, const char *name, const char *arg)
{
    (void)name, (void)arg;
    o->lint = true;
    return true;
}

static bool option_debug_command(struct options *o, const char *name, const char *arg)
{
    if (o->debug_commands == DEBUG_COMMANDS_MAX)
        return options_fail(o, "-%s: more than %d of -x and -ex", name, DEBUG_COMMANDS_MAX);
    o->debug_command[o->debug_commands].text = arg;
    o->debug_command[o->debug_commands++].file = strcmp(name, "x") == 0;
    o->debug = true;
    return true;
}

static bool option_pid_file(struct options *o, const char *name, const char *arg)
{
    (void)name;
    o->pid_file = arg;
    return true;
}

/* True of every pcemu: there is no configuration file; keys go by their place, whatever the layout (-k); how many
 * instructions are decoded together (-singlestep) is not the guest's business. */
static bool flag_already_so(struct options *o, const char *name, const char *arg)
{
    (void)o, (void)name, (void)arg;
    return true;
}

struct option {
    const char *name;
    bool has_arg;
    bool (*set)(struct options *o, const char *name, const char *arg);
};

static const struct option option_table[] = {
    { "S", false, flag_paused },
    { "s", false, option_gdb_short },
    { "L", true, option_lib_dir },
    { "M", true, option_machine },
    { "D", true, option_log_file },
    { "accel", true, option_accel },
    { "action", true, option_action },
    { "append", true, option_kernel },
    { "batch", false, flag_batch },
    { "bios", true, option_bios },
    { "boot", true, option_boot },
    { "cdrom", true, option_cdrom },
    { "chardev", true, option_chardev },
    { "clock", true, option_clock },
    { "coverage", true, option_coverage },
    { "cpu", true, option_cpu },
    { "d", true, option_log_items },
    { "dfilter", true, option_trace_filter },
    { "dfrom", true, option_trace_from },
    { "duntil", true, option_trace_until },
    { "debug", false, flag_debug },
    { "debugcon", true, option_debugcon },
    { "device", true, option_device },
    { "display", true, option_display },
    { "drive", true, option_drive },
    { "ex", true, option_debug_command },
    { "fda", true, option_fd },
    { "fdb", true, option_fd },
    { "enable-kvm", false, option_enable_kvm },
    { "expect-debugcon", true, option_expect },
    { "expect-screen", true, option_expect },
    { "expect-serial", true, option_expect },
    { "fail-debugcon", true, option_fail_text },
    { "fail-screen", true, option_fail_text },
    { "fail-serial", true, option_fail_text },
    { "global", true, option_global },
    { "hda", true, option_hd },
    { "hdb", true, option_hd },
    { "hdc", true, option_hd },
    { "hdd", true, option_hd },
    { "icount", true, option_icount },
    { "initrd", true, option_kernel },
    { "insn-limit", true, option_insn_limit },
    { "kernel", true, option_kernel },
    { "loadvm", true, option_load },
    { "lint", false, flag_lint },
    { "m", true, option_memory },
    { "machine", true, option_machine },
    { "magic-break", false, flag_magic_break },
    { "mon", true, option_mon },
    { "monitor", true, option_monitor },
    { "gdb", true, option_gdb },
    { "name", true, option_name },
    { "net", true, option_net },
    { "netdev", true, option_netdev },
    { "nic", true, option_nic },
    { "no-reboot", false, flag_no_reboot },
    { "no-shutdown", false, flag_no_shutdown },
    { "no-user-config", false, flag_already_so },
    { "nodefaults", false, flag_no_defaults },
    { "nographic", false, flag_nographic },
    { "object", true, option_object },
    { "k", true, flag_already_so },
    { "parallel", true, option_parallel },
    { "pidfile", true, option_pid_file },
    { "record", true, option_record },
    { "replay", true, option_replay },
    { "rtc", true, option_rtc },
    { "save", true, option_save },
    { "screen-dump", true, option_screen_dump },
    { "screen-text", true, option_screen_text },
    { "seed", true, option_seed },
    { "send-serial", true, option_send_serial },
    { "serial", true, option_serial },
    { "singlestep", false, flag_already_so },
    { "smp", true, option_smp },
    { "snapshot", false, flag_snapshot },
    { "timeout", true, option_timeout },
    { "type", true, option_type },
    { "vga", true, option_vga },
    { "vnc", true, option_vnc },
    { "wait", true, option_wait },
    { "x", true, option_debug_command },
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(option_table); i++)
        if (strcmp(option_table[i].name, name) == 0)
            return &option_table[i];
    return NULL;
}

static bool unknown_option(struct options *o, const char *name)
{
    if (qemu_has_option(name))
        return options_fail(o, "-%s: QEMU has this option, pcemu does not (-h lists those it has)", name);
    return options_fail(o, "-%s: no such option (-h lists them)", name);
}

/* Takes argv[*i], with its argument when it has one. */
static bool take_option(struct options *o, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 1;
    if (*name == '-')
        name++;
    const struct option *option = find_option(name);
    if (!option)
        return unknown_option(o, name);
    const char *arg = NULL;
    if (option->has_arg) {
        if (*i + 1 >= argc)
            return options_fail(o, "-%s: needs an argument", name);
        arg = argv[++*i];
    }
    return (arg && options_list(o, option->name, arg)) || option->set(o, option->name, arg);
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    if (word[0] != '-')
        return false;
    word += word[1] == '-' ? 2 : 1;
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static void set_defaults(struct options *o, FILE *err)
{
    *o = (struct options){ .err = err,
                           .ram_size = DEFAULT_RAM,
                           .debugcon_port = DEFAULT_DEBUGCON_PORT,
                           .icount_shift = DEFAULT_SHIFT,
                           .name = "pcemu" };
}

/* What several options say together. */
static bool settle(struct options *o)
{
    if (o->nographic && o->display == SCREEN_AUTO)
        o->display = SCREEN_NONE;
    if (o->nographic && o->serial.kind == STREAM_UNSET && !o->serial.by_id) {
        bool monitor = o->monitor.kind == STREAM_UNSET && !o->monitor.by_id;
        o->serial = (struct stream_option){ .kind = STREAM_STDIO, .escape = true, .mux = monitor };
    }
    if (o->no_defaults && o->parallel.kind == STREAM_UNSET && !o->parallel.by_id)
        o->no_parallel = true;
    if (!o->kernel && (o->initrd || o->kernel_arguments))
        return options_fail(o, "-%s: goes with -kernel alone", o->initrd ? "initrd" : "append");
    if (o->debug && (o->script.steps || o->script.bans || o->insn_limit))
        return options_fail(
            o, "the debugger has no use for -expect-…, -fail-…, -type and -insn-limit: it has breakpoints");
    if (o->icount && o->clock == CLOCK_HOST)
        return options_fail(o, "-icount: an instruction's time is not fixed under -clock host");
    if (o->icount)
        o->clock = CLOCK_INSN;
    options_settle_accel(o);
    return options_find_streams(o) && options_place_drives(o) && options_settle_loaders(o) &&
           options_settle_coverage(o) && options_settle_net(o);
}

enum options_result options_parse(struct options *o, int argc, char **argv, FILE *err)
{
    set_defaults(o, err);
    for (int i = 1; i < argc; i++) {
        if (is_one_of(argv[i], "h", "help"))
            return OPTIONS_HELP;
        if (is_one_of(argv[i], "version", "version"))
            return OPTIONS_VERSION;
        bool ok =
            argv[i][0] == '-' && argv[i][1] ? take_option(o, argc, argv, &i) : option_disk_image(o, "hda", argv[i]);
        if (!ok)
            return OPTIONS_WRONG;
    }
    if (o->list)
        return OPTIONS_LIST;
    return settle(o) ? OPTIONS_RUN : OPTIONS_WRONG;
}
