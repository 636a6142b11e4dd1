/* cmd_run.c: the commands that act on the run: stop, cont, quit, the machine's buttons, the log. */
#include "commands.h"

#define BOOT_ORDER_MAX 3

void cmd_stop(struct monitor *m, const struct args *a)
{
    (void)a;
    m->control->paused = true;
}

void cmd_cont(struct monitor *m, const struct args *a)
{
    (void)a;
    if (m->control->shut_down)
        fputs("Error: Resetting the Virtual Machine is required\n", m->out);
    else
        m->control->paused = m->control->prelaunch = false;
}

void cmd_quit(struct monitor *m, const struct args *a)
{
    (void)a;
    m->control->quit = true;
}

void cmd_system_reset(struct monitor *m, const struct args *a)
{
    (void)a;
    m->control->reset = true;
}

void cmd_system_powerdown(struct monitor *m, const struct args *a)
{
    (void)a;
    machine_press_power(m->control->machine);
}

void cmd_system_wakeup(struct monitor *m, const struct args *a)
{
    (void)a;
    if (machine_suspended(m->control->machine))
        machine_wake(m->control->machine);
    else
        fputs("Error: Unable to wake up: guest is not in suspended state\n", m->out);
}

void cmd_nmi(struct monitor *m, const struct args *a)
{
    (void)a;
    machine_press_nmi(m->control->machine);
}

void cmd_cpu(struct monitor *m, const struct args *a)
{
    s64 index = args_number(a, "index", 0);
    if (index < 0 || index >= debug_cpus(m->control->machine))
        fputs("invalid CPU index\n", m->out);
    else
        m->cpu = (unsigned)index;
}

void cmd_boot_set(struct monitor *m, const struct args *a)
{
    const char *order = args_text(a, "bootdevice");
    for (const char *c = order; *c; c++) {
        if (*c < 'a' || *c > 'p') {
            fprintf(m->out, "Invalid boot device '%c'\n", *c);
            return;
        }
        if (memchr(order, *c, (size_t)(c - order))) {
            fprintf(m->out, "Boot device '%c' was given twice\n", *c);
            return;
        }
        if (!strchr("acdn", *c)) {
            fprintf(m->out, "pcemu boots from a, c, d and n, not from '%c'\n", *c);
            return;
        }
    }
    if (strlen(order) > BOOT_ORDER_MAX) {
        fputs("Too many boot devices for PC\n", m->out);
        return;
    }
    machine_set_boot_order(m->control->machine, order);
    fprintf(m->out, "boot device list now set to %s\n", order);
}

void cmd_logfile(struct monitor *m, const struct args *a)
{
    char error[CONTROL_ERROR_MAX];
    const char *path = args_text(a, "filename");
    if (!m->control->set_log_file(m->control->self, path, error))
        fprintf(m->out, "Error opening logfile %s: %s\n", path, error);
}

static void log_help(struct monitor *m)
{
    fputs("Log items (comma separated):\n"
          "none       remove all logs\n"
          "unimp      what pcemu does not model, and the guest asks for\n"
          "guest_errors what the data sheets call a mistake of the guest\n",
          m->out);
}

void cmd_log(struct monitor *m, const struct args *a)
{
    const char *items = args_text(a, "items");
    bool unimp = false, guest = false;
    for (const char *p = items; *p || p == items;) {
        size_t n = strcspn(p, ",");
        if (command_is("unimp", p, n)) {
            unimp = true;
        } else if (command_is("guest_errors", p, n)) {
            guest = true;
        } else if (!command_is("none", p, n)) {
            log_help(m);
            return;
        }
        p += n;
        p += *p == ',';
        if (!*p)
            break;
    }
    m->control->log->quiet[LOG_UNIMP] = !unimp;
    m->control->log->quiet[LOG_GUEST] = !guest;
}
