/* options_device.c: -device and -global: what can be added to the machine, and the small devices' own words. */
#include "options.h"

#include "keyval.h"

#define EXIT_IOBASE 0x501 /* QEMU's defaults for isa-debug-exit */
#define EXIT_IOSIZE 2
#define PORT_MAX 0xffff

static bool add_debug_exit(struct options *o, const struct keyvals *kv)
{
    u64 iobase = EXIT_IOBASE, iosize = EXIT_IOSIZE;
    for (unsigned i = 1; i < kv->count; i++) {
        const struct keyval *item = &kv->item[i];
        bool base = strcmp(item->key, "iobase") == 0;
        if (!base && strcmp(item->key, "iosize") != 0)
            return options_fail(o, "-device isa-debug-exit: no property '%s'", item->key);
        if (!parse_number(item->value, PORT_MAX, base ? &iobase : &iosize))
            return options_fail(o, "-device isa-debug-exit: %s=%s is not a port number", item->key, item->value);
    }
    if (o->exit_device)
        return options_fail(o, "-device isa-debug-exit: there is one already");
    if (iosize == 0 || iobase + iosize > PORT_MAX + 1)
        return options_fail(o, "-device isa-debug-exit: its ports do not fit into 0 to 0xffff");
    o->exit_device = true;
    o->exit_port = (u16)iobase;
    o->exit_size = (u32)iosize;
    return true;
}

static bool set_debugcon_port(struct options *o, const char *value)
{
    u64 port;
    if (!parse_number(value, PORT_MAX, &port))
        return options_fail(o, "isa-debugcon: iobase=%s is not a port number", value);
    o->debugcon_port = (u16)port;
    return true;
}

static bool add_debugcon(struct options *o, const struct keyvals *kv)
{
    for (unsigned i = 1; i < kv->count; i++) {
        const struct keyval *item = &kv->item[i];
        if (strcmp(item->key, "chardev") == 0) {
            o->debugcon = (struct stream_option){ .by_id = true, .id = options_keep(o, item->value) };
            if (!o->debugcon.id)
                return false;
        } else if (strcmp(item->key, "iobase") != 0) {
            return options_fail(o, "-device isa-debugcon: no property '%s'", item->key);
        } else if (!set_debugcon_port(o, item->value)) {
            return false;
        }
    }
    return o->debugcon.by_id || options_fail(o, "-device isa-debugcon: chardev= is missing");
}

static bool set_vga_rom(struct options *o, const char *file)
{
    if (!*file)
        return options_fail(o, "VGA: romfile= is empty, and the adapter needs a ROM");
    return (o->vga_rom = options_keep(o, file));
}

/* The adapter is there in any case; this is a word about it. */
static bool add_vga(struct options *o, const struct keyvals *kv)
{
    for (unsigned i = 0; i < kv->count; i++) {
        const struct keyval *item = &kv->item[i];
        if (strcmp(item->key, "driver") == 0 || strcmp(item->key, "id") == 0)
            continue;
        if (strcmp(item->key, "romfile") != 0)
            return options_fail(o, "-device VGA: pcemu's adapter has no property '%s'", item->key);
        if (!set_vga_rom(o, item->value))
            return false;
    }
    return true;
}

static bool add_testdev(struct options *o, const struct keyvals *kv)
{
    (void)kv;
    return o->testdev = true;
}

static const struct {
    const char *name;
    bool (*add)(struct options *o, const struct keyvals *kv);
    const char *what; /* as QEMU lists it */
} drivers[] = {
    { "VGA", add_vga, ", bus PCI" },
    { "e1000", options_add_e1000, ", bus PCI, desc \"Intel Gigabit Ethernet\"" },
    { "edu", options_add_edu, ", bus PCI" },
    { "floppy", options_add_drive, ", bus floppy-bus, desc \"virtual floppy drive\"" },
    { "ide-cd", options_add_drive, ", bus IDE, desc \"virtual IDE CD-ROM\"" },
    { "ide-hd", options_add_drive, ", bus IDE, desc \"virtual IDE disk\"" },
    { "isa-debug-exit", add_debug_exit, ", bus ISA" },
    { "isa-debugcon", add_debugcon, ", bus ISA" },
    { "loader", options_add_loader, ", desc \"Generic Loader\"" },
    { "pc-testdev", add_testdev, ", bus ISA" },
    { "pci-testdev", options_add_pci_testdev, ", bus PCI, desc \"PCI Test Device\"" },
};

void options_list_devices(FILE *out)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        fprintf(out, "name \"%s\"%s\n", drivers[i].name, drivers[i].what);
}

bool option_device(struct options *o, const char *name, const char *arg)
{
    struct keyvals kv;
    bool ok = keyvals_split(&kv, arg, "driver") || options_fail(o, "-%s: too many properties", name);
    const char *driver = ok ? keyvals_get(&kv, "driver") : NULL;
    bool known = false;
    for (unsigned i = 0; driver && i < ARRAY_LEN(drivers); i++)
        if (strcmp(driver, drivers[i].name) == 0) {
            known = true;
            ok = drivers[i].add(o, &kv);
        }
    if (ok && !known)
        ok =
            options_fail(o, "-%s %s: pcemu has no such device (-device help lists those that can be added)", name, arg);
    keyvals_free(&kv);
    return ok;
}

bool option_global(struct options *o, const char *name, const char *arg)
{
    static const char iobase[] = "isa-debugcon.iobase=", romfile[] = "VGA.romfile=";
    if (strncmp(arg, iobase, sizeof iobase - 1) == 0)
        return set_debugcon_port(o, arg + sizeof iobase - 1);
    if (strncmp(arg, romfile, sizeof romfile - 1) == 0)
        return set_vga_rom(o, arg + sizeof romfile - 1);
    return options_fail(o, "-%s %s: pcemu has only isa-debugcon.iobase and VGA.romfile", name, arg);
}
