/* model.c: the processors to choose from (models.def), and CPUID's features (cpuid_flags.def), which are the source of
 * CPUID's bits and of what the decoder takes for an instruction (cpu_has()). */
#include "model.h"

#include "ctrl.h"
#include "uop.h"

#include <stdlib.h>

#define ABSENT 255 /* not built: the name is known, that is all */

#define LINE_MAX_LEN 76
#define MODELS_LAST_LISTED 2 /* max and base: they come last */
#define MODEL_GENERATIONS 4  /* bases of bases */

/* A feature's bit, by QEMU's name and by ours (enum feature). */
struct flag {
    u8 word, bit;
    const char *name;
    u8 feature;
};

static const struct flag flags[] = {
#define FLAG(...) { __VA_ARGS__ },
#include "cpuid_flags.def"
#undef FLAG
};

static const struct {
    const char *name, *is;
} flag_aliases[] = {
    { "sse3", "pni" }, { "sse4-1", "sse4.1" }, { "sse4-2", "sse4.2" },      { "ffxsr", "fxsr-opt" },
    { "i64", "lm" },   { "xd", "nx" },         { "pclmuldq", "pclmulqdq" },
};

#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"
#define HYGON "HygonGenuine"
#define NOBODY ""
#define QEMU_BRAND "QEMU Virtual CPU version 2.5+"

#define P6_FEATURES "fpu de pse tsc msr mce cx8 pge cmov pat fxsr mmx sse sse2 pae sep apic"
#define QEMU64_FEATURES P6_FEATURES " mtrr clflush mca pse36 pni cx16 lm syscall nx lahf-lm"

static const struct cpu_model models[] = {
#define MODEL(...) { __VA_ARGS__, false, false },
#include "models.def"
#undef MODEL
};

/* ---- names ---- */

static bool same_flag_name(const char *typed, const char *name)
{
    for (; *typed && (*typed == *name || (*typed == '_' && *name == '-')); typed++)
        name++;
    return !*typed && !*name;
}

static const struct flag *flag_called(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(flag_aliases); i++)
        if (same_flag_name(name, flag_aliases[i].name))
            name = flag_aliases[i].is;
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (same_flag_name(name, flags[i].name))
            return &flags[i];
    return NULL;
}

bool cpu_flag_find(const char *name, enum cpuid_word *word, unsigned *bit)
{
    const struct flag *f = flag_called(name);
    if (!f)
        return false;
    *word = (enum cpuid_word)f->word;
    *bit = f->bit;
    return true;
}

const struct cpu_model *cpu_model_find(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(models); i++)
        if (strcmp(models[i].name, name) == 0 || (models[i].alias && strcmp(models[i].alias, name) == 0))
            return &models[i];
    return NULL;
}

const char *cpu_model_name(unsigned n)
{
    return n < ARRAY_LEN(models) ? models[n].name : NULL;
}

unsigned cpu_features_text(const struct cpu_features *features, char *text, size_t size)
{
    unsigned n = 0;
    size_t at = 0;
    *text = 0;
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++) {
        size_t len = strlen(flags[i].name);
        if (!(features->word[flags[i].word] & BIT(flags[i].bit)))
            continue;
        if (at + len + 2 <= size)
            at += (size_t)snprintf(text + at, size - at, "%s%s", n ? " " : "", flags[i].name);
        n++;
    }
    return n;
}

/* ---- a choice's features ---- */

/* Features by name, blank-separated; "-NAME" takes one away. */
static void add_names(struct cpu_features *to, const char *names)
{
    char name[32];
    for (int used = 0; sscanf(names, "%31s%n", name, &used) == 1; names += used) {
        const struct flag *f = flag_called(name + (*name == '-'));
        if (f && *name == '-')
            to->word[f->word] &= ~BIT(f->bit);
        else if (f)
            to->word[f->word] |= BIT(f->bit);
    }
}

static struct cpu_features built_features(void)
{
    struct cpu_features built = { { 0 } };
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].feature != ABSENT)
            built.word[flags[i].word] |= BIT(flags[i].bit);
    return built;
}

static struct cpu_features model_features(const struct cpu_model *m)
{
    struct cpu_features f = { { 0 } };
    if (!m->features)
        return built_features();
    if (*m->features)
        add_names(&f, "hypervisor");
    const struct cpu_model *line[MODEL_GENERATIONS];
    unsigned n = 0;
    for (; m && n < MODEL_GENERATIONS; m = m->base ? cpu_model_find(m->base) : NULL)
        line[n++] = m;
    while (n)
        add_names(&f, line[--n]->features);
    return f;
}

const struct cpu_model *cpu_choice_model(const struct cpu_choice *choice)
{
    return choice->model ? choice->model : &models[0];
}

struct cpu_model cpu_choice_identity(const struct cpu_choice *choice)
{
    struct cpu_model m = *cpu_choice_model(choice);
    const struct cpu_identity *id = &choice->identity;
    if (id->given & CPU_IDENTITY_VENDOR)
        m.vendor = id->vendor;
    if (id->given & CPU_IDENTITY_BRAND)
        m.brand = id->brand;
    if (id->given & CPU_IDENTITY_FAMILY)
        m.family = id->family;
    if (id->given & CPU_IDENTITY_MODEL)
        m.model = id->model;
    if (id->given & CPU_IDENTITY_STEPPING)
        m.stepping = id->stepping;
    if (id->given & CPU_IDENTITY_LEVEL)
        m.level = id->level;
    if (id->given & CPU_IDENTITY_XLEVEL)
        m.xlevel = id->xlevel;
    m.level_fixed = id->given & CPU_IDENTITY_LEVEL;
    m.xlevel_fixed = id->given & CPU_IDENTITY_XLEVEL;
    return m;
}

struct cpu_features cpu_choice_features(const struct cpu_choice *choice, struct cpu_features *lacking)
{
    struct cpu_features f = model_features(cpu_choice_model(choice)), built = built_features();
    for (unsigned i = 0; i < CPUID_WORDS; i++) {
        f.word[i] = (f.word[i] | choice->on[i]) & ~choice->off[i];
        if (lacking)
            lacking->word[i] = f.word[i] & ~built.word[i];
        f.word[i] &= built.word[i];
    }
    return f;
}

bool cpu_choice_has(const struct cpu_choice *choice, const char *name)
{
    struct cpu_features f = cpu_choice_features(choice, NULL);
    const struct flag *flag = flag_called(name);
    return flag && (f.word[flag->word] & BIT(flag->bit));
}

/* ---- for people ---- */

static void print_words(const char *text, FILE *out)
{
    for (const char *at = text; *at;) {
        size_t len = strlen(at);
        if (len > LINE_MAX_LEN)
            for (len = LINE_MAX_LEN; at[len] != ' ';)
                len--;
        fprintf(out, "  %.*s\n", (int)len, at);
        at += len + (at[len] == ' ');
    }
}

static void print_model(const char *name, const char *is, FILE *out)
{
    fprintf(out, "x86 %-20s  %s\n", name, is);
}

/* A name of -cpu help's list. */
struct listed {
    const struct cpu_model *model;
    bool alias;
};

static const char *listed_name(const struct listed *l)
{
    return l->alias ? l->model->alias : l->model->name;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(listed_name(a), listed_name(b));
}

static void print_listed(const struct listed *l, FILE *out)
{
    char text[64];
    const struct cpu_model *m = l->model;
    bool first = strcmp(m->name + strlen(m->name) - 3, "-v1") == 0;
    snprintf(text, sizeof text, "(alias of %s)", m->name);
    print_model(listed_name(l),
                !l->alias ? m->about ? m->about : m->brand
                : first   ? "(alias configured by machine type)"
                          : text,
                out);
}

void cpu_models_print(FILE *out)
{
    char text[4096];
    struct cpu_features all = { { 0 } }, built = built_features();
    struct listed list[2 * ARRAY_LEN(models)];
    unsigned n = 0;
    for (unsigned i = MODELS_LAST_LISTED; i < ARRAY_LEN(models); i++) {
        list[n++] = (struct listed){ &models[i], false };
        if (models[i].alias)
            list[n++] = (struct listed){ &models[i], true };
    }
    qsort(list, n, sizeof list[0], by_name);
    fprintf(out, "Available CPUs:\n");
    for (unsigned i = 0; i < n; i++)
        print_listed(&list[i], out);
    for (unsigned i = MODELS_LAST_LISTED; i-- > 0;)
        print_model(models[i].name, models[i].about, out);
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        all.word[flags[i].word] |= BIT(flags[i].bit);
    fprintf(out, "\nRecognized CPUID flags:\n");
    cpu_features_text(&all, text, sizeof text);
    print_words(text, out);
    fprintf(out, "\nBuilt:\n");
    cpu_features_text(&built, text, sizeof text);
    print_words(text, out);
}

void cpu_lacking_print(const struct cpu_features *lacking, FILE *out)
{
    static const struct {
        enum cpuid_word word;
        const char *leaf; /* as QEMU writes it, in QEMU's order */
    } leaves[] = {
        { CPUID_1_EDX, "01H:EDX" },        { CPUID_1_ECX, "01H:ECX" },        { CPUID_7_EBX, "07H:EBX" },
        { CPUID_7_ECX, "07H:ECX" },        { CPUID_7_EDX, "07H:EDX" },        { CPUID_7_1_EAX, "07H:EAX" },
        { CPUID_X1_EDX, "80000001H:EDX" }, { CPUID_X1_ECX, "80000001H:ECX" }, { CPUID_X7_EDX, "80000007H:EDX" },
        { CPUID_X8_EBX, "80000008H:EBX" }, { CPUID_XA_EDX, "8000000AH:EDX" }, { CPUID_D1_EAX, "0DH:EAX" },
        { CPUID_6_EAX, "06H:EAX" },
    };
    for (unsigned l = 0; l < ARRAY_LEN(leaves); l++)
        for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
            if (flags[i].word == leaves[l].word && lacking->word[flags[i].word] & BIT(flags[i].bit))
                fprintf(out, "pcemu: warning: TCG doesn't support requested feature: CPUID.%s.%s [bit %u]\n",
                        leaves[l].leaf, flags[i].name, flags[i].bit);
}

/* ---- a processor's model ---- */

bool model_is_amd(const struct cpu_model *model)
{
    return strcmp(model->vendor, AMD) == 0 || strcmp(model->vendor, HYGON) == 0;
}

u32 model_signature(const struct cpu_model *m)
{
    u32 family = m->family < 15 ? m->family : 15, above = m->family - family;
    return above << 20 | (u32)(m->model >> 4) << 16 | family << 8 | (m->model & 15u) << 4 | m->stepping;
}

u32 cpu_choice_signature(const struct cpu_choice *choice)
{
    struct cpu_model m = cpu_choice_identity(choice);
    return model_signature(&m);
}

/* Generations, and what came with one without a bit of its own. */
static void set_generation(struct cpu *c)
{
    unsigned family = c->model->family;
    for (unsigned g = I86; g <= I486; g++)
        c->has[g] = true;
    c->has[PENT] = family >= 5;
    c->has[P6] = c->has[F_NOPL] = family >= 6;
    c->has[F_PREFETCHW] |= c->has[F_LM]; /* APM vol. 3, PREFETCH: its bit, that of long mode or that of 3DNow! */
    c->has[F_RDPMC] = family >= 6 || c->has[F_MMX]; /* the Pentium with MMX had it first */
}

/* SDM vol. 2, CPUID leaf 8000_0008: where it is not there, 36 bits with PAE or PSE-36, else 32. */
static unsigned phys_bits(const struct cpu *c)
{
    if (c->has[F_LM])
        return PHYS_ADDRESS_BITS;
    return cpu_has(c, F_PAE) || cpu_has(c, F_PSE36) ? 36 : 32;
}

_Static_assert(FEATURES <= FEATURES_MAX, "struct cpu has room for all features");

void model_setup(struct cpu *c)
{
    static const struct cpu_choice by_default;
    const struct cpu_choice *choice = c->w.model ? c->w.model : &by_default;
    c->identity = cpu_choice_identity(choice);
    c->model = &c->identity;
    snprintf(c->vendor, sizeof c->vendor, "%s", c->identity.vendor);
    snprintf(c->brand, sizeof c->brand, "%s", c->identity.brand);
    c->identity.vendor = c->vendor;
    c->identity.brand = c->brand;
    c->features = cpu_choice_features(choice, NULL);
    memset(c->has, 0, sizeof c->has);
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].feature != ABSENT)
            c->has[flags[i].feature] = c->features.word[flags[i].word] & BIT(flags[i].bit);
    set_generation(c);
    c->has_la57 = cpu_has(c, F_LA57);
    c->phys_max = BIT64(phys_bits(c)) - 1;
}
