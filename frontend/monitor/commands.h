/* commands.h: the monitor's commands, by the table of command.c. */
#ifndef PCEMU_COMMANDS_H
#define PCEMU_COMMANDS_H

#include "debug.h"
#include "monitor.h"

typedef void command_fn(struct monitor *m, const struct args *a);

struct command {
    const char *name;   /* alternatives divided by | */
    const char *args;   /* args.h */
    const char *params; /* the same for people */
    const char *help;
    command_fn *run;
    const struct command *sub; /* a table, for `info` */
};

/* The name `word` of `len` characters is one of `names`. */
bool command_is(const char *names, const char *word, size_t len);

command_fn cmd_boot_set, cmd_change, cmd_cont, cmd_cpu, cmd_delvm, cmd_eject, cmd_gva2gpa, cmd_help, cmd_i, cmd_loadvm,
    cmd_log, cmd_logfile, cmd_memsave, cmd_mouse_button, cmd_mouse_move, cmd_mouse_set, cmd_nmi, cmd_o, cmd_pmemsave,
    cmd_print, cmd_quit, cmd_savevm, cmd_screendump, cmd_sendkey, cmd_stop, cmd_sum, cmd_system_powerdown,
    cmd_system_reset, cmd_system_wakeup, cmd_x, cmd_xp;
command_fn info_block, info_chardev, info_cpus, info_history, info_ioapic, info_irq, info_lapic, info_mem, info_mice,
    info_mtree, info_name, info_network, info_pci, info_pic, info_qtree, info_registers, info_roms, info_snapshots,
    info_status, info_tlb, info_uuid, info_version;

/* The words that the last of the `len` characters at `text` could go on to, at most `room`; `typed`: how many of its
 * characters stand there. Returns how many. */
size_t command_complete(const char *text, size_t len, const char **words, size_t room, size_t *typed);

/* The processor that the monitor looks at, for expressions. */
struct expr_names monitor_names(struct monitor *m);
/* disasm.c: prints `count` instructions from `addr` on. */
void monitor_disassemble(struct monitor *m, enum debug_space space, u64 addr, s64 count);

#endif
