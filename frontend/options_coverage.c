/* options_coverage.c: -coverage: where the counts go, and of which programs they are. */
#include "options.h"

#include "keyval.h"

static bool set_item(struct options *o, const char *name, const struct keyval *item)
{
    const char *value = options_keep(o, item->value);
    if (strcmp(item->key, "file") == 0)
        return (o->coverage_file = value) != NULL;
    if (strcmp(item->key, "symbols") != 0)
        return options_fail(o, "-%s: no property '%s' (file, symbols)", name, item->key);
    if (o->coverage_programs == COVERAGE_PROGRAMS_MAX)
        return options_fail(o, "-%s: more than %d of symbols=", name, COVERAGE_PROGRAMS_MAX);
    return (o->coverage_program[o->coverage_programs++] = value) != NULL;
}

bool option_coverage(struct options *o, const char *name, const char *arg)
{
    struct keyvals kv;
    bool ok = keyvals_split(&kv, arg, "file") || options_fail(o, "-%s: too many properties", name);
    for (unsigned i = 0; ok && i < kv.count; i++)
        ok = set_item(o, name, &kv.item[i]);
    keyvals_free(&kv);
    return ok && (o->coverage_file || options_fail(o, "-%s: needs file=", name));
}

bool options_settle_coverage(struct options *o)
{
    if (!o->coverage_file || o->coverage_programs)
        return true;
    if (!o->kernel)
        return options_fail(o, "-coverage: needs symbols=ELF, or -kernel with an ELF file");
    o->coverage_program[o->coverage_programs++] = o->kernel;
    return true;
}
