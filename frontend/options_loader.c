/* options_loader.c: -device loader: bytes of a file, or a number, that are put into memory at every reset, and where a
 * processor starts. QEMU's generic loader (its docs/system/generic-loader.rst), but for U-Boot's images and Intel's
 * hexadecimal files, which are taken for raw bytes. */
#include "options.h"

#include "keyval.h"

#define DATA_MAX 8

/* What was given. */
struct given {
    u64 data, data_len, cpu;
    bool data_given, big_endian, placed;
};

static bool loader_property(struct options *o, struct load_option *l, const struct keyval *item, struct given *g)
{
    if (strcmp(item->key, "driver") == 0 || strcmp(item->key, "id") == 0)
        return true;
    if (strcmp(item->key, "file") == 0)
        return (l->file = options_keep(o, item->value)) != NULL;
    if (strcmp(item->key, "addr") == 0)
        return (g->placed = parse_number(item->value, UINT64_MAX, &l->addr));
    if (strcmp(item->key, "data") == 0)
        return (g->data_given = parse_number(item->value, UINT64_MAX, &g->data));
    if (strcmp(item->key, "data-len") == 0)
        return parse_number(item->value, DATA_MAX, &g->data_len);
    if (strcmp(item->key, "data-be") == 0)
        return parse_bool(item->value, &g->big_endian);
    if (strcmp(item->key, "force-raw") == 0)
        return parse_bool(item->value, &l->raw);
    if (strcmp(item->key, "cpu-num") == 0)
        return (l->starts = parse_number(item->value, MACHINE_CPUS_MAX - 1, &g->cpu));
    return false;
}

/* As QEMU stores it: the data's bytes in order of the machine, or turned around as a number of eight bytes. */
static void set_data(struct load_option *l, const struct given *g)
{
    put_le64(l->data_bytes, g->big_endian ? __builtin_bswap64(g->data) : g->data);
    l->data_len = (u8)g->data_len;
}

static bool check_loader(struct options *o, const struct load_option *l, const struct given *g)
{
    bool data = g->data_given || g->data_len || g->big_endian;
    if (data && l->file)
        return options_fail(o, "-device loader: file= and data= do not go together");
    if (data && l->raw)
        return options_fail(o, "-device loader: force-raw= goes with file= alone");
    if (data && !(g->data_given && g->data_len && g->placed))
        return options_fail(o, "-device loader: data= needs data-len= and addr=");
    if (l->raw && !l->file)
        return options_fail(o, "-device loader: force-raw= needs file=");
    if (!data && !l->file && !(g->placed && l->starts))
        return options_fail(o, "-device loader: needs file=, data= with data-len= and addr=, or addr= with cpu-num=");
    return true;
}

bool options_add_loader(struct options *o, const struct keyvals *kv)
{
    struct load_option l = { 0 };
    struct given g = { 0 };
    if (o->loaders == LOADERS_MAX)
        return options_fail(o, "-device loader: more than %d", LOADERS_MAX);
    for (unsigned i = 0; i < kv->count; i++)
        if (!loader_property(o, &l, &kv->item[i], &g))
            return options_fail(
                o,
                "-device loader: %s=%s: file=, addr=, cpu-num=, force-raw=, data=, data-len= (1 to 8) and "
                "data-be= are known",
                kv->item[i].key, kv->item[i].value);
    if (!check_loader(o, &l, &g))
        return false;
    l.cpu = (u8)g.cpu;
    set_data(&l, &g);
    o->loader[o->loaders++] = l;
    return true;
}

bool options_settle_loaders(struct options *o)
{
    unsigned cpus = o->smp.cpus ? o->smp.cpus : 1;
    for (unsigned i = 0; i < o->loaders; i++)
        if (o->loader[i].starts && o->loader[i].cpu >= cpus)
            return options_fail(o, "-device loader: Specified boot CPU#%u is nonexistent", o->loader[i].cpu);
    return true;
}
