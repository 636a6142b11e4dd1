/* options_cpu.c: -cpu: a model, and features put in or left out. */
#include "options.h"

#include "keyval.h"

#include <stdio.h>

/* QEMU's models that are no processors of their own. */
static bool no_such_model(struct options *o, const char *name, const char *model)
{
    char names[256] = "";
    if (strcmp(model, "base") == 0)
        return options_fail(o, "-%s %s: max has all that pcemu's processor has", name, model);
    for (unsigned n = 0; cpu_model_name(n); n++) {
        size_t at = strlen(names);
        snprintf(names + at, sizeof names - at, "%s%s", n ? ", " : "", cpu_model_name(n));
    }
    return options_fail(o, "-%s %s: pcemu's models are %s", name, model, names);
}

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

static bool set_item(struct options *o, const char *name, char *item)
{
    char *value = strchr(item, '=');
    bool on = true;
    if (*item == '+' || *item == '-')
        return set_feature(o, name, item + 1, *item == '+');
    if (value)
        *value++ = 0;
    if (value && !parse_bool(value, &on))
        return options_fail(o, "-%s: no feature '%s' that could be '%s'", name, item, value);
    if (strcmp(item, "enforce") == 0)
        o->cpu_enforce = on;
    else if (strcmp(item, "check") != 0) /* what is lacking is said in any case */
        return set_feature(o, name, item, on);
    return true;
}

/* With enforce, what is asked for and not built ends it. */
static bool enforce(struct options *o, const char *name)
{
    struct cpu_features lacking;
    char names[512];
    cpu_choice_features(&o->cpu, &lacking);
    return !cpu_features_text(&lacking, names, sizeof names) ||
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
    o->cpu_enforce = false;
    if (!o->cpu.model)
        return no_such_model(o, name, model);
    while (rest)
        if (!set_item(o, name, strsep(&rest, ",")))
            return false;
    return !o->cpu_enforce || enforce(o, name);
}
