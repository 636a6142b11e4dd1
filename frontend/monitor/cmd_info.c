/* cmd_info.c: the info commands that show the machine's parts and the run. Those of page tables are in cmd_paging.c, of
 * drives in cmd_media.c. */
#include "commands.h"

#define VM_MOUSE 2 /* the number that QEMU gives the PS/2 mouse */

void info_registers(struct monitor *m, const struct args *a)
{
    unsigned cpus = debug_cpus(m->control->machine);
    bool all = args_given(a, "cpustate_all");
    s64 one = args_number(a, "vcpu", m->cpu);
    if (!all && (one < 0 || one >= cpus)) {
        fprintf(m->out, "CPU#%d not available\n", (int)one);
        return;
    }
    for (unsigned i = 0; i < cpus; i++)
        if (all || i == (unsigned)one) {
            fprintf(m->out, "\nCPU#%u\n", i);
            debug_print_registers(m->control->machine, i, m->out);
        }
}

void info_mtree(struct monitor *m, const struct args *a)
{
    if (args_given(a, "owner") || args_given(a, "dispatch_tree")) {
        fprintf(m->out, "mtree: QEMU has the option -%c, pcemu does not\n", args_given(a, "owner") ? 'o' : 'd');
        return;
    }
    enum debug_map form = args_given(a, "flatview")   ? DEBUG_MAP_FLAT
                          : args_given(a, "disabled") ? DEBUG_MAP_DISABLED
                                                      : DEBUG_MAP_TREE;
    if (!debug_print_map(m->control->machine, form, m->out))
        fputs("no memory for the map\n", m->out);
}

void info_pic(struct monitor *m, const struct args *a)
{
    (void)a;
    debug_print_ioapic(m->control->machine, m->out);
    debug_print_pic(m->control->machine, m->out);
}

void info_ioapic(struct monitor *m, const struct args *a)
{
    (void)a;
    debug_print_ioapic(m->control->machine, m->out);
}

void info_irq(struct monitor *m, const struct args *a)
{
    (void)a;
    debug_print_irqs(m->control->machine, m->out);
}

void info_lapic(struct monitor *m, const struct args *a)
{
    s64 id = args_number(a, "apic-id", m->cpu);
    if (id < 0 || id >= debug_cpus(m->control->machine))
        fputs("No CPU available\n", m->out);
    else
        debug_print_lapic(m->control->machine, (unsigned)id, m->out);
}

void info_pci(struct monitor *m, const struct args *a)
{
    (void)a;
    debug_print_pci(m->control->machine, m->out);
}

void info_roms(struct monitor *m, const struct args *a)
{
    (void)a;
    debug_print_roms(m->control->machine, m->out);
}

void info_qtree(struct monitor *m, const struct args *a)
{
    (void)a;
    debug_print_qtree(m->control->machine, m->out);
}

void info_cpus(struct monitor *m, const struct args *a)
{
    (void)a;
    for (unsigned i = 0; i < debug_cpus(m->control->machine); i++)
        fprintf(m->out, "%c CPU #%u:\n", i == m->cpu ? '*' : ' ', i);
}

void info_status(struct monitor *m, const struct args *a)
{
    (void)a;
    const struct control *c = m->control;
    bool suspended = machine_suspended(c->machine);
    fprintf(m->out, "VM status: %s%s\n", c->paused || suspended ? "paused" : "running",
            c->paused && c->shut_down   ? " (shutdown)"
            : c->paused && c->prelaunch ? " (prelaunch)"
            : suspended                 ? " (suspended)"
                                        : "");
}

void info_version(struct monitor *m, const struct args *a)
{
    (void)a;
    fprintf(m->out, "%s\n", m->control->version);
}

void info_name(struct monitor *m, const struct args *a)
{
    (void)a;
    if (m->control->name)
        fprintf(m->out, "%s\n", m->control->name);
}

/* The machine has none: -uuid is not had. */
void info_uuid(struct monitor *m, const struct args *a)
{
    (void)a;
    fputs("00000000-0000-0000-0000-000000000000\n", m->out);
}

void info_mice(struct monitor *m, const struct args *a)
{
    (void)a;
    fprintf(m->out, "* Mouse #%d: QEMU PS/2 Mouse\n", VM_MOUSE);
}

void cmd_mouse_set(struct monitor *m, const struct args *a)
{
    int index = (int)args_number(a, "index", 0);
    if (index == VM_MOUSE - 1)
        fputs("Input device 'QEMU PS/2 Keyboard' is not a mouse\n", m->out);
    else if (index != VM_MOUSE)
        fprintf(m->out, "Mouse at index '%d' not found\n", index);
}

void info_chardev(struct monitor *m, const struct args *a)
{
    (void)a;
    for (unsigned i = 0; i < m->control->streams; i++)
        fprintf(m->out, "%s: filename=%s\n", m->control->stream[i].label, m->control->stream[i].filename);
}

void info_network(struct monitor *m, const struct args *a)
{
    (void)a;
    if (m->control->print_network)
        m->control->print_network(m->control->self, m->out);
}

void info_history(struct monitor *m, const struct args *a)
{
    (void)a;
    for (unsigned i = 0; i < LINE_HISTORY && m->line.history[i]; i++)
        fprintf(m->out, "%u: '%s'\n", i, m->line.history[i]);
}
