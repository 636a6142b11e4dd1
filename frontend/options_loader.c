/* options_loader.c: -device loader: bytes of a file, or a number, that are put into memory at every reset. QEMU's
 * generic loader, for raw contents. */
#include "options.h"

#include "keyval.h"

#include <stdlib.h>

#define LEN_MAX 8

static bool loader_property(struct options *o, struct load_option *l, const struct keyval *item, u64 *len)
{
    bool on;
    if (strcmp(item->key, "file") == 0)
        return (l->file = options_keep(o, item->value)) != NULL;
    if (strcmp(item->key, "addr") == 0)
        return parse_number(item->value, UINT64_MAX, &l->addr) && (l->placed = true);
    if (strcmp(item->key, "data") == 0)
        return parse_number(item->value, UINT64_MAX, &l->data);
    if (strcmp(item->key, "data-len") == 0)
        return parse_number(item->value, LEN_MAX, len);
    if (strcmp(item->key, "force-raw") == 0)
        return parse_bool(item->value, &on);
    return false;
}

bool options_add_loader(struct options *o, const struct keyvals *kv)
{
    struct load_option l = { 0 };
    u64 len = 0;
    if (o->loaders == MACHINE_LOADS)
        return options_fail(o, "-device loader: more than %d", MACHINE_LOADS);
    for (unsigned i = 1; i < kv->count; i++)
        if (!loader_property(o, &l, &kv->item[i], &len))
            return options_fail(
                o, "-device loader: %s=%s: file=, addr=, data=, data-len= (1 to 8) and force-raw= are known",
                kv->item[i].key, kv->item[i].value);
    l.data_len = (u8)len;
    if (!l.placed || !l.file == !len)
        return options_fail(o, "-device loader: needs addr=, and file= or data= with data-len=");
    o->loader[o->loaders++] = l;
    return true;
}
