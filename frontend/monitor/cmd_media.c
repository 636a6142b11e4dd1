/* cmd_media.c: info block, eject, change: drives, under the names that QEMU gives them. */
#include "commands.h"

static void print_drive(const struct monitor *m, unsigned n, const struct machine_drive *d)
{
    const char *file = m->control->drive_file(m->control->self, n);
    char buf[16];
    const char *name = m->control->drive_name(m->control->self, n, buf);
    if (d->medium->sectors)
        fprintf(m->out, "%s: %s (raw%s)\n", name, file ? file : "(memory)", d->medium->read_only ? ", read-only" : "");
    else
        fprintf(m->out, "%s: [not inserted]\n", name);
    if (d->removable)
        fprintf(m->out, "    Removable device: %slocked, tray %s\n", d->locked ? "" : "not ",
                d->tray_open ? "open" : "closed");
    if (d->medium->sectors)
        fputs("    Cache mode:       writeback\n", m->out);
}

void info_block(struct monitor *m, const struct args *a)
{
    const char *wanted = args_text(a, "device");
    bool first = true;
    for (unsigned n = 0; n < MACHINE_DRIVES; n++) {
        struct machine_drive d = machine_drive(m->control->machine, n);
        char buf[16];
        if (!d.present || (wanted && strcmp(m->control->drive_name(m->control->self, n, buf), wanted) != 0))
            continue;
        if (!first)
            fputc('\n', m->out);
        first = false;
        print_drive(m, n, &d);
    }
}

/* The line in which the host's side says what is wrong, as QEMU would. */
static void print_error(struct monitor *m, const char *text)
{
    static const char own[] = "pcemu: ";
    if (strncmp(text, own, sizeof own - 1) == 0)
        text += sizeof own - 1;
    fprintf(m->out, "Error: %s", text);
}

void cmd_eject(struct monitor *m, const struct args *a)
{
    char text[CONTROL_ERROR_MAX] = "";
    FILE *err = fmemopen(text, sizeof text, "w");
    bool ok = err && m->control->eject(m->control->self, args_text(a, "device"), args_given(a, "force"), err);
    if (err)
        fclose(err);
    if (!ok)
        print_error(m, text);
}

/* QEMU's words for what the drive shall allow; false: none of them. */
static bool find_mode(const char *word, enum control_mode *mode)
{
    static const char *const words[] = { "retain", "read-only", "read-write" };
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i], word) == 0) {
            *mode = (enum control_mode)i;
            return true;
        }
    return false;
}

void cmd_change(struct monitor *m, const struct args *a)
{
    char text[CONTROL_ERROR_MAX] = "";
    const char *format = args_text(a, "arg"), *word = args_text(a, "read-only-mode");
    enum control_mode mode = CONTROL_RETAIN;
    if (word && !find_mode(word, &mode)) {
        fprintf(m->out, "Error: invalid parameter: %s\n", word);
        return;
    }
    if (format && strcmp(format, "raw") != 0) {
        fprintf(m->out, "Error: pcemu has the format raw, not '%s'\n", format);
        return;
    }
    FILE *err = fmemopen(text, sizeof text, "w");
    bool ok = err && m->control->change(m->control->self, args_text(a, "device"), args_text(a, "target"), mode,
                                        args_given(a, "force"), err);
    if (err)
        fclose(err);
    if (!ok)
        print_error(m, text);
}
