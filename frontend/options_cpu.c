/* options_cpu.c: -cpu: a model, another identity, and features put in or left out. */
#include "options.h"

#include "keyval.h"

#include <stdio.h>

static bool no_such_model(struct options *o, const char *name, const char *model)
{
    return options_fail(o, "-%s: unable to find CPU model '%s' (-cpu help lists them)", name, model);
}

/* ---- identity ---- */

#define FAMILY_MAX 0x10e /* the highest that CPUID can say: 0xff + 0xf */

static bool set_text(struct options *o, const char *name, const char *key, const char *value, char *to, size_t size,
                     size_t least)
{
    size_t length = strlen(value);
    if (length < least || length >= size)
        return options_fail(o, "-%s %s=%s: %zu to %zu characters", name, key, value, least, size - 1);
    memset(to, 0, size);
    memcpy(to, value, length);
    return true;
}

/* True: it was one of the identity's, and *ok says whether the value was good. */
static bool set_identity(struct options *o, const char *name, const char *key, const char *value, bool *ok)
{
    struct cpu_identity *id = &o->cpu.identity;
    const struct {
        const char *key;
        enum cpu_identity_part part;
        u64 max;
    } numbers[] = { { "family", CPU_IDENTITY_FAMILY, FAMILY_MAX },
                    { "model", CPU_IDENTITY_MODEL, 0xff },
                    { "stepping", CPU_IDENTITY_STEPPING, 0xf },
                    { "level", CPU_IDENTITY_LEVEL, UINT32_MAX },
                    { "xlevel", CPU_IDENTITY_XLEVEL, UINT32_MAX } };
    if (strcmp(key, "vendor") == 0) {
        *ok = set_text(o, name, key, value, id->vendor, sizeof id->vendor, CPU_VENDOR_LEN);
        id->given |= CPU_IDENTITY_VENDOR;
        return true;
    }
    if (strcmp(key, "model-id") == 0 || strcmp(key, "model_id") == 0) {
        *ok = set_text(o, name, key, value, id->brand, sizeof id->brand, 0);
        id->given |= CPU_IDENTITY_BRAND;
        return true;
    }
    for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
        u64 n = 0;
        if (strcmp(key, numbers[i].key) != 0)
            continue;
        *ok = parse_number(value, numbers[i].max, &n) || options_fail(o, "-%s %s=%s: not a number up to %llu", name,
                                                                      key, value, (unsigned long long)numbers[i].max);
        id->given |= numbers[i].part;
        if (numbers[i].part == CPU_IDENTITY_FAMILY)
            id->family = (u16)n;
        else if (numbers[i].part == CPU_IDENTITY_MODEL)
            id->model = (u16)n;
        else if (numbers[i].part == CPU_IDENTITY_STEPPING)
            id->stepping = (u8)n;
        else if (numbers[i].part == CPU_IDENTITY_LEVEL)
            id->level = (u32)n;
        else
            id->xlevel = (u32)n;
        return true;
    }
    return false;
}

/* ---- features ---- */

/* +feature, -feature; `on` as -cpu says it last. */
static bool set_feature(struct options *o, const char *name, const char *feature, bool on)
{
    enum cpuid_word word;
    unsigned bit;
    if (!cpu_flag_find(feature, &word, &bit))
        return options_fail(o, "-%s: no feature '%s' (-cpu help lists them)", name, feature);
    u32 *to = on ? o->cpu.on : o->cpu.off, *from = on ? o->cpu.off : o->cpu.on;
    to[word] |= BIT(bit);
    from[word] &= ~BIT(bit);
    return true;
}

/* What QEMU's TCG knows as well, and what is so here in any case. */
static bool is_settled(const char *item, bool on)
{
    return strcmp(item, "migratable") == 0 || (strcmp(item, "pmu") == 0 && !on) || strcmp(item, "kvm") == 0;
}

static bool set_item(struct options *o, const char *name, char *item)
{
    char *value = strchr(item, '=');
    bool on = true, ok = true;
    if (*item == '+' || *item == '-')
        return set_feature(o, name, item + 1, *item == '+');
    if (value)
        *value++ = 0;
    if (value && set_identity(o, name, item, value, &ok))
        return ok;
    if (value && !parse_bool(value, &on))
        return options_fail(o, "-%s: no feature '%s' that could be '%s'", name, item, value);
    if (strcmp(item, "enforce") == 0)
        o->cpu_enforce = on;
    else if (strcmp(item, "check") == 0)
        o->cpu_unchecked = !on;
    else if (!is_settled(item, on))
        return set_feature(o, name, item, on);
    return true;
}

/* What is asked for and not built is warned of; with enforce, it ends pcemu. */
static bool check_features(struct options *o, const char *name)
{
    struct cpu_features lacking;
    char names[512];
    cpu_choice_features(&o->cpu, &lacking);
    if (!o->cpu_unchecked && !o->cpu_enforce)
        cpu_lacking_print(&lacking, o->err);
    return !o->cpu_enforce || !cpu_features_text(&lacking, names, sizeof names) ||
           options_fail(o, "-%s enforce: pcemu's processor has no %s", name, names);
}

bool option_cpu(struct options *o, const char *name, const char *arg)
{
    char text[1024], *rest = text;
    if (snprintf(text, sizeof text, "%s", arg) >= (int)sizeof text)
        return options_fail(o, "-%s: too long", name);
    const char *model = strsep(&rest, ",");
    if (strcmp(model, "host") == 0) { /* goes with an accelerator, under which QEMU's max is the same */
        options_note(o, "-%s host: the processor is not the host's, but pcemu's own with all it has (max)", name);
        model = "max";
    }
    o->cpu = (struct cpu_choice){ .model = cpu_model_find(model) };
    o->cpu_enforce = o->cpu_unchecked = false;
    if (!o->cpu.model)
        return no_such_model(o, name, model);
    while (rest)
        if (!set_item(o, name, strsep(&rest, ",")))
            return false;
    return check_features(o, name);
}
