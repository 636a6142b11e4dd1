/* cmd_snapshot.c: savevm, loadvm, delvm, info snapshots. */
#include "commands.h"

typedef bool snapshot_fn(void *self, const char *tag, FILE *err);

/* The host's side does it, and says in one line what is wrong. */
static void act(struct monitor *m, snapshot_fn *fn, const char *tag)
{
    static const char own[] = "pcemu: ";
    char text[CONTROL_ERROR_MAX] = "";
    FILE *err = fmemopen(text, sizeof text, "w");
    bool ok = err && fn && fn(m->control->self, tag, err);
    if (err)
        fclose(err);
    if (!ok)
        fprintf(m->out, "Error: %s", strncmp(text, own, sizeof own - 1) == 0 ? text + sizeof own - 1 : text);
}

void cmd_savevm(struct monitor *m, const struct args *a)
{
    act(m, m->control->save, args_text(a, "name"));
}

void cmd_loadvm(struct monitor *m, const struct args *a)
{
    act(m, m->control->load, args_text(a, "name"));
}

void cmd_delvm(struct monitor *m, const struct args *a)
{
    act(m, m->control->delete_snapshot, args_text(a, "name"));
}

void info_snapshots(struct monitor *m, const struct args *a)
{
    (void)a;
    if (m->control->list_snapshots)
        m->control->list_snapshots(m->control->self, m->out);
}
