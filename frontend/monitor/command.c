/* command.c: the table of commands, and how a line becomes a call. Names, arguments and messages are those of QEMU
 * 7.2's human monitor; what it has and pcemu has not is named below and said to be so. */
#include "commands.h"

#include <ctype.h>

#define NAME_MAX_LEN 255

static const struct command info_commands[] = {
    { "block", "nodes:-n,verbose:-v,device:B?", "[-n] [-v] [device]", "show the drives and what is in them", info_block,
      NULL },
    { "chardev", "", "", "show the character devices", info_chardev, NULL },
    { "cpus", "", "", "show the processors", info_cpus, NULL },
    { "history", "", "", "show the lines typed before", info_history, NULL },
    { "ioapic", "", "", "show the I/O APIC", info_ioapic, NULL },
    { "irq", "", "", "show how often each interrupt came", info_irq, NULL },
    { "lapic", "apic-id:i?", "[apic-id]", "show a local APIC (apic-id: which; default: the current CPU's)", info_lapic,
      NULL },
    { "mem", "", "", "show the active virtual memory mappings", info_mem, NULL },
    { "mice", "", "", "show which mouse receives events", info_mice, NULL },
    { "mtree", "flatview:-f,dispatch_tree:-d,owner:-o,disabled:-D", "[-f][-d][-o][-D]",
      "show the memory tree (-f: what accesses find, flat; -D: disabled regions, too)", info_mtree, NULL },
    { "name", "", "", "show the machine's name", info_name, NULL },
    { "network", "", "", "show the network", info_network, NULL },
    { "pci", "", "", "show PCI info", info_pci, NULL },
    { "pic", "", "", "show the interrupt controllers", info_pic, NULL },
    { "qtree", "", "", "show device tree", info_qtree, NULL },
    { "registers", "cpustate_all:-a,vcpu:i?", "[-a|vcpu]",
      "show the cpu registers (-a: of all cpus; vcpu: of this one)", info_registers, NULL },
    { "roms", "", "", "show roms", info_roms, NULL },
    { "snapshots", "", "", "show the snapshots in the current directory", info_snapshots, NULL },
    { "status", "", "", "show whether the machine runs", info_status, NULL },
    { "tlb", "", "", "show virtual to physical memory mappings", info_tlb, NULL },
    { "uuid", "", "", "show the machine's UUID", info_uuid, NULL },
    { "version", "", "", "show the version of pcemu", info_version, NULL },
    { 0 },
};

static const struct command commands[] = {
    { "boot_set", "bootdevice:s", "bootdevice", "set the boot order for the next start", cmd_boot_set, NULL },
    { "change", "device:B,force:-f,target:F,arg:s?,read-only-mode:s?", "device [-f] filename [format [read-only-mode]]",
      "change a removable medium (-f: even where it is locked)", cmd_change, NULL },
    { "cont|c", "", "", "resume emulation", cmd_cont, NULL },
    { "cpu", "index:i", "index", "set the default CPU", cmd_cpu, NULL },
    { "delvm", "name:s", "tag", "delete a snapshot of the machine", cmd_delvm, NULL },
    { "eject", "force:-f,device:B", "[-f] device", "eject a removable medium (-f: even where it is locked)", cmd_eject,
      NULL },
    { "gva2gpa", "addr:l", "addr", "print the physical address of a linear one", cmd_gva2gpa, NULL },
    { "help|?", "name:S?", "[cmd]", "show the help", cmd_help, NULL },
    { "i", "fmt:/,addr:i,index:i.", "/fmt addr", "I/O port read", cmd_i, NULL },
    { "info", "item:s?", "[subcommand]", "show various information about the system state", NULL, info_commands },
    { "loadvm", "name:s", "tag", "restore the machine from a snapshot", cmd_loadvm, NULL },
    { "log", "items:s", "item1[,...]", "log these items alone (unimp, guest_errors; none)", cmd_log, NULL },
    { "logfile", "filename:F", "filename", "send the log to 'filename'", cmd_logfile, NULL },
    { "memsave", "val:l,size:i,filename:s", "addr size file", "save virtual memory to a file", cmd_memsave, NULL },
    { "mouse_button", "button_state:i", "state", "change the mouse buttons (1=L, 2=M, 4=R)", cmd_mouse_button, NULL },
    { "mouse_move", "dx_str:s,dy_str:s,dz_str:s?", "dx dy [dz]", "send mouse move events", cmd_mouse_move, NULL },
    { "mouse_set", "index:i", "index", "set which mouse receives events", cmd_mouse_set, NULL },
    { "nmi", "", "", "inject an NMI", cmd_nmi, NULL },
    { "o", "fmt:/,addr:i,val:i", "/fmt addr value", "I/O port write", cmd_o, NULL },
    { "pmemsave", "val:l,size:i,filename:s", "addr size file", "save physical memory to a file", cmd_pmemsave, NULL },
    { "print|p", "fmt:/,val:l", "/fmt expr", "print expression value (use $reg for CPU register access)", cmd_print,
      NULL },
    { "quit|q", "", "", "quit the emulator", cmd_quit, NULL },
    { "savevm", "name:s?", "[tag]", "save a snapshot of the machine (default tag: by the date)", cmd_savevm, NULL },
    { "screendump", "filename:F,format:-fs,device:s?,head:i?", "filename [-f format]",
      "save the screen as an image (format: ppm or png; else by the name's end)", cmd_screendump, NULL },
    { "sendkey", "keys:s,hold-time:i?", "keys [hold_ms]",
      "press keys (e.g. 'sendkey ctrl-alt-f1', default hold time=100 ms)", cmd_sendkey, NULL },
    { "stop|s", "", "", "stop emulation", cmd_stop, NULL },
    { "sum", "start:i,size:i", "addr size", "compute the checksum of a memory region", cmd_sum, NULL },
    { "system_powerdown", "", "", "press the power button", cmd_system_powerdown, NULL },
    { "system_reset", "", "", "press the reset button", cmd_system_reset, NULL },
    { "system_wakeup", "", "", "wake the guest from suspend to RAM", cmd_system_wakeup, NULL },
    { "x", "fmt:/,addr:l", "/fmt addr", "virtual memory dump starting at 'addr'", cmd_x, NULL },
    { "xp", "fmt:/,addr:l", "/fmt addr", "physical memory dump starting at 'addr'", cmd_xp, NULL },
    { 0 },
};

/* QEMU 7.2's other commands. */
static const char qemu_commands[] =
    "announce_self|balloon|block_job_cancel|block_job_complete|block_job_pause|block_job_resume|block_job_set_speed|"
    "block_resize|block_set_io_throttle|block_stream|calc_dirty_rate|cancel_vcpu_dirty_limit|chardev-add|"
    "chardev-change|chardev-remove|chardev-send-break|client_migrate_info|closefd|commit|device_add|device_del|"
    "drive_add|drive_backup|drive_del|drive_mirror|dump-guest-memory|dumpdtb|exit_preconfig|expire_password|gdbserver|"
    "getfd|gpa2hpa|gpa2hva|hostfwd_add|hostfwd_remove|mce|migrate|migrate_cancel|migrate_continue|"
    "migrate_incoming|migrate_pause|migrate_recover|migrate_set_capability|migrate_set_parameter|"
    "migrate_start_postcopy|nbd_server_add|nbd_server_remove|nbd_server_start|nbd_server_stop|netdev_add|netdev_del|"
    "object_add|object_del|pcie_aer_inject_error|qemu-io|qom-get|qom-list|qom-set|replay_break|replay_delete_break|"
    "replay_seek|ringbuf_read|ringbuf_write|set_link|set_password|set_vcpu_dirty_limit|singlestep|"
    "snapshot_blkdev|snapshot_blkdev_internal|snapshot_delete_blkdev_internal|stopcapture|sync-profile|system_wakeup|"
    "trace-event|watchdog_action|wavcapture|x_colo_lost_heartbeat";
static const char qemu_info[] =
    "balloon|block-jobs|blockstats|capture|dirty_rate|dump|hotpluggable-cpus|iothreads|jit|kvm|memdev|memory-devices|"
    "memory_size_summary|migrate|migrate_capabilities|migrate_parameters|numa|opcount|profile|qdm|qom-tree|ramblock|"
    "rdma|replay|rocker|rocker-of-dpa-flows|rocker-of-dpa-groups|rocker-ports|sev|sgx|spice|stats|"
    "sync-profile|tpm|trace-events|usb|usbhost|usernet|vcpu_dirty_limit|virtio|virtio-queue-element|"
    "virtio-queue-status|virtio-status|virtio-vhost-queue-status|vm-generation-id|vnc";

bool command_is(const char *names, const char *word, size_t len)
{
    for (const char *p = names; p; p = strchr(p, '|')) {
        p += *p == '|';
        if (strcspn(p, "|") == len && strncmp(p, word, len) == 0)
            return true;
    }
    return false;
}

static const struct command *find(const struct command *table, const char *word, size_t len)
{
    for (const struct command *c = table; c->name; c++)
        if (command_is(c->name, word, len))
            return c;
    return NULL;
}

/* ---- from a line to a call ---- */

/* What to say of a word that is not in a table. */
static const char *unknown(const struct command *table, const char *word, size_t len)
{
    bool qemu_has = command_is(table == commands ? qemu_commands : qemu_info, word, len);
    return qemu_has ? "QEMU has this command, pcemu does not" : "unknown command";
}

/* The command that `*at` starts with; moves *at behind its name. `line` is where the whole line starts. */
static const struct command *take_name(struct monitor *m, const struct command *table, const char *line,
                                       const char **at)
{
    const char *word = *at + strspn(*at, " \t\r\n\v\f");
    size_t len = strcspn(word, "/ \t\r\n\v\f");
    len = len < NAME_MAX_LEN ? len : NAME_MAX_LEN;
    if (!*word)
        return NULL;
    const struct command *c = find(table, word, len);
    if (!c) {
        fprintf(m->out, "%s: '%.*s'\n", unknown(table, word, len), (int)(word + len - line), line);
        return NULL;
    }
    *at = word + len;
    *at += strspn(*at, " \t\r\n\v\f");
    return c->sub && **at ? take_name(m, c->sub, line, at) : c;
}

static void run_help(struct monitor *m, const char *words);

void monitor_command(struct monitor *m, const char *line, FILE *out)
{
    const char *at = line, *start = line;
    m->out = out;
    const struct command *c = take_name(m, commands, line, &at);
    m->misread = !c && line[strspn(line, " \t\r\n\v\f")];
    if (!c)
        return;
    if (!c->run) {
        run_help(m, c->name);
        return;
    }
    struct args a;
    struct expr_names names = monitor_names(m);
    const char *arguments = at;
    if (args_parse(&a, c->args, &arguments, c->name, &names, &m->format, out)) {
        c->run(m, &a);
    } else {
        m->misread = true;
        while (at > start && isspace((unsigned char)at[-1]))
            at--;
        fprintf(out, "Try \"help %.*s\" for more information\n", (int)(at - start), start);
    }
    args_free(&a);
}

/* ---- help ---- */

static void help_line(struct monitor *m, const struct command *c, const char *prefix)
{
    fprintf(m->out, "%s%s %s -- %s\n", prefix, c->name, c->params, c->help);
}

static void help_table(struct monitor *m, const struct command *table, const char *prefix)
{
    for (const struct command *c = table; c->name; c++)
        help_line(m, c, prefix);
}

static void run_help(struct monitor *m, const char *words)
{
    char word[ARGS_WORD_MAX];
    const char *at = words, *prefix = "";
    const struct command *table = commands, *c;
    while (args_word(&at, word, m->out)) {
        c = find(table, word, strlen(word));
        if (!c) {
            fprintf(m->out, "%s: '%s%s'\n", unknown(table, word, strlen(word)), prefix, word);
            return;
        }
        if (!c->sub) {
            help_line(m, c, prefix);
            return;
        }
        table = c->sub;
        prefix = "info ";
    }
    if (!at[strspn(at, " \t")]) /* else: a word that can't be read */
        help_table(m, table, prefix);
}

void cmd_help(struct monitor *m, const struct args *a)
{
    const char *words = args_text(a, "name");
    run_help(m, words ? words : "");
}

/* ---- completion ---- */

static bool offer(const char *name, const char *typed, size_t len, const char **words, size_t *count, size_t room)
{
    if (strncmp(name, typed, len) != 0 || *count == room)
        return false;
    words[(*count)++] = name;
    return true;
}

size_t command_complete(const char *text, size_t len, const char **words, size_t room, size_t *typed)
{
    size_t count = 0, start = len;
    while (start && !isspace((unsigned char)text[start - 1]))
        start--;
    const char *first = text + strspn(text, " ");
    size_t first_len = strcspn(first, " ");
    const struct command *table = commands;
    *typed = len - start;
    if (first < text + start) {
        const struct command *c = find(commands, first, first_len);
        bool help = c && c->run == cmd_help;
        if (c && c->run == cmd_sendkey)
            for (size_t i = 0; key_name(i); i++)
                offer(key_name(i), text + start, *typed, words, &count, room);
        if (!c || !(c->sub || help))
            return count;
        table = c->sub ? c->sub : commands;
    }
    for (const struct command *c = table; c->name; c++)
        if (!strchr(c->name, '|'))
            offer(c->name, text + start, *typed, words, &count, room);
    static const char *const doubles[] = { "cont", "help", "print", "quit", "stop" };
    for (size_t i = 0; table == commands && i < ARRAY_LEN(doubles); i++)
        offer(doubles[i], text + start, *typed, words, &count, room);
    return count;
}
