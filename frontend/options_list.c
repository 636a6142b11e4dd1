/* options_list.c: -device help, -machine help …: what there is of a kind, in QEMU's form: scripts look into it. */
#include "options.h"

static void list_machines(FILE *out)
{
    fputs("Supported machines are:\n"
          "pc                   Standard PC (i440FX + PIIX, 1996) (alias of pc-i440fx-7.2)\n"
          "pc-i440fx-7.2        Standard PC (i440FX + PIIX, 1996) (default)\n",
          out);
}

static void list_accelerators(FILE *out)
{
    fputs("Accelerators supported in QEMU binary:\ntcg\n", out);
}

static void list_displays(FILE *out)
{
    fputs("Available display backend types:\nnone\nsdl\n", out);
}

static void list_chardevs(FILE *out)
{
    fputs("Available chardev backend types: \n  stdio\n  file\n  null\n  socket\n  pipe\n  pty\n", out);
}

static void list_netdevs(FILE *out)
{
    fputs("Available netdev backend types:\nuser\n", out);
}

static void list_adapters(FILE *out)
{
    fputs("std                  standard VGA (default)\n", out);
}

bool options_list(struct options *o, const char *option, const char *arg)
{
    static const struct {
        const char *option;
        void (*list)(FILE *out);
    } lists[] = {
        { "M", list_machines },       { "accel", list_accelerators }, { "chardev", list_chardevs },
        { "cpu", cpu_models_print },  { "d", trace_items_help },      { "device", options_list_devices },
        { "display", list_displays }, { "machine", list_machines },   { "netdev", list_netdevs },
        { "vga", list_adapters },
    };
    if (strcmp(arg, "help") != 0 && strcmp(arg, "?") != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (strcmp(option, lists[i].option) == 0)
            o->list = lists[i].list;
    return o->list;
}
