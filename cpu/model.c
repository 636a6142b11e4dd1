/* model.c: the processors to choose from (models.def), and the list of CPUID's features, which is the source of CPUID's
 * bits and of what the decoder takes for an instruction (cpu_has()). */
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
    { CPUID_1_EDX, 0, "fpu", F_FPU },
    { CPUID_1_EDX, 1, "vme", F_VME },
    { CPUID_1_EDX, 2, "de", F_DE },
    { CPUID_1_EDX, 3, "pse", F_PSE },
    { CPUID_1_EDX, 4, "tsc", F_TSC },
    { CPUID_1_EDX, 5, "msr", F_MSR },
    { CPUID_1_EDX, 6, "pae", F_PAE },
    { CPUID_1_EDX, 7, "mce", F_MCE },
    { CPUID_1_EDX, 8, "cx8", F_CX8 },
    { CPUID_1_EDX, 9, "apic", F_APIC },
    { CPUID_1_EDX, 11, "sep", F_SEP },
    { CPUID_1_EDX, 12, "mtrr", F_MTRR },
    { CPUID_1_EDX, 13, "pge", F_PGE },
    { CPUID_1_EDX, 14, "mca", F_MCA },
    { CPUID_1_EDX, 15, "cmov", F_CMOV },
    { CPUID_1_EDX, 16, "pat", F_PAT },
    { CPUID_1_EDX, 17, "pse36", F_PSE36 },
    { CPUID_1_EDX, 18, "pn", ABSENT },
    { CPUID_1_EDX, 19, "clflush", F_CLFSH },
    { CPUID_1_EDX, 21, "ds", ABSENT },
    { CPUID_1_EDX, 22, "acpi", ABSENT },
    { CPUID_1_EDX, 23, "mmx", F_MMX },
    { CPUID_1_EDX, 24, "fxsr", F_FXSR },
    { CPUID_1_EDX, 25, "sse", F_SSE },
    { CPUID_1_EDX, 26, "sse2", F_SSE2 },
    { CPUID_1_EDX, 27, "ss", ABSENT },
    { CPUID_1_EDX, 28, "ht", ABSENT },
    { CPUID_1_EDX, 29, "tm", ABSENT },
    { CPUID_1_EDX, 30, "ia64", ABSENT },
    { CPUID_1_EDX, 31, "pbe", ABSENT },
    { CPUID_1_ECX, 0, "pni", F_SSE3 },
    { CPUID_1_ECX, 1, "pclmulqdq", F_PCLMULQDQ },
    { CPUID_1_ECX, 2, "dtes64", ABSENT },
    { CPUID_1_ECX, 3, "monitor", ABSENT },
    { CPUID_1_ECX, 4, "ds-cpl", ABSENT },
    { CPUID_1_ECX, 5, "vmx", ABSENT },
    { CPUID_1_ECX, 6, "smx", ABSENT },
    { CPUID_1_ECX, 7, "est", ABSENT },
    { CPUID_1_ECX, 8, "tm2", ABSENT },
    { CPUID_1_ECX, 9, "ssse3", F_SSSE3 },
    { CPUID_1_ECX, 10, "cid", ABSENT },
    { CPUID_1_ECX, 12, "fma", F_FMA },
    { CPUID_1_ECX, 13, "cx16", F_CX16 },
    { CPUID_1_ECX, 14, "xtpr", ABSENT },
    { CPUID_1_ECX, 15, "pdcm", ABSENT },
    { CPUID_1_ECX, 17, "pcid", F_PCID },
    { CPUID_1_ECX, 18, "dca", ABSENT },
    { CPUID_1_ECX, 19, "sse4.1", F_SSE41 },
    { CPUID_1_ECX, 20, "sse4.2", F_SSE42 },
    { CPUID_1_ECX, 21, "x2apic", F_X2APIC },
    { CPUID_1_ECX, 22, "movbe", F_MOVBE },
    { CPUID_1_ECX, 23, "popcnt", F_POPCNT },
    { CPUID_1_ECX, 24, "tsc-deadline", F_TSC_DEADLINE },
    { CPUID_1_ECX, 25, "aes", F_AES },
    { CPUID_1_ECX, 26, "xsave", F_XSAVE },
    { CPUID_1_ECX, 28, "avx", F_AVX },
    { CPUID_1_ECX, 29, "f16c", F_F16C },
    { CPUID_1_ECX, 30, "rdrand", F_RDRAND },
    { CPUID_1_ECX, 31, "hypervisor", F_HYPERVISOR },
    { CPUID_6_EAX, 2, "arat", F_ARAT },
    { CPUID_7_EBX, 0, "fsgsbase", F_FSGSBASE },
    { CPUID_7_EBX, 1, "tsc-adjust", ABSENT },
    { CPUID_7_EBX, 2, "sgx", ABSENT },
    { CPUID_7_EBX, 3, "bmi1", F_BMI1 },
    { CPUID_7_EBX, 4, "hle", ABSENT },
    { CPUID_7_EBX, 5, "avx2", F_AVX2 },
    { CPUID_7_EBX, 7, "smep", F_SMEP },
    { CPUID_7_EBX, 8, "bmi2", F_BMI2 },
    { CPUID_7_EBX, 9, "erms", ABSENT },
    { CPUID_7_EBX, 10, "invpcid", F_INVPCID },
    { CPUID_7_EBX, 11, "rtm", ABSENT },
    { CPUID_7_EBX, 14, "mpx", ABSENT },
    { CPUID_7_EBX, 16, "avx512f", ABSENT },
    { CPUID_7_EBX, 17, "avx512dq", ABSENT },
    { CPUID_7_EBX, 18, "rdseed", F_RDSEED },
    { CPUID_7_EBX, 19, "adx", F_ADX },
    { CPUID_7_EBX, 20, "smap", F_SMAP },
    { CPUID_7_EBX, 21, "avx512ifma", ABSENT },
    { CPUID_7_EBX, 22, "pcommit", ABSENT },
    { CPUID_7_EBX, 23, "clflushopt", F_CLFLUSHOPT },
    { CPUID_7_EBX, 24, "clwb", F_CLWB },
    { CPUID_7_EBX, 25, "intel-pt", ABSENT },
    { CPUID_7_EBX, 26, "avx512pf", ABSENT },
    { CPUID_7_EBX, 27, "avx512er", ABSENT },
    { CPUID_7_EBX, 28, "avx512cd", ABSENT },
    { CPUID_7_EBX, 29, "sha-ni", F_SHA },
    { CPUID_7_EBX, 30, "avx512bw", ABSENT },
    { CPUID_7_EBX, 31, "avx512vl", ABSENT },
    { CPUID_7_ECX, 1, "avx512vbmi", ABSENT },
    { CPUID_7_ECX, 2, "umip", F_UMIP },
    { CPUID_7_ECX, 3, "pku", F_PKU },
    { CPUID_7_ECX, 5, "waitpkg", ABSENT },
    { CPUID_7_ECX, 6, "avx512vbmi2", ABSENT },
    { CPUID_7_ECX, 8, "gfni", ABSENT },
    { CPUID_7_ECX, 9, "vaes", F_VAES },
    { CPUID_7_ECX, 10, "vpclmulqdq", F_VPCLMULQDQ },
    { CPUID_7_ECX, 11, "avx512vnni", ABSENT },
    { CPUID_7_ECX, 12, "avx512bitalg", ABSENT },
    { CPUID_7_ECX, 14, "avx512-vpopcntdq", ABSENT },
    { CPUID_7_ECX, 16, "la57", F_LA57 },
    { CPUID_7_ECX, 22, "rdpid", F_RDPID },
    { CPUID_7_ECX, 24, "bus-lock-detect", ABSENT },
    { CPUID_7_ECX, 25, "cldemote", ABSENT },
    { CPUID_7_ECX, 27, "movdiri", ABSENT },
    { CPUID_7_ECX, 28, "movdir64b", ABSENT },
    { CPUID_7_ECX, 31, "pks", ABSENT },
    { CPUID_7_EDX, 2, "avx512-4vnniw", ABSENT },
    { CPUID_7_EDX, 3, "avx512-4fmaps", ABSENT },
    { CPUID_7_EDX, 4, "fsrm", ABSENT },
    { CPUID_7_EDX, 8, "avx512-vp2intersect", ABSENT },
    { CPUID_7_EDX, 10, "md-clear", ABSENT },
    { CPUID_7_EDX, 14, "serialize", ABSENT },
    { CPUID_7_EDX, 26, "spec-ctrl", ABSENT },
    { CPUID_7_EDX, 27, "stibp", ABSENT },
    { CPUID_7_EDX, 29, "arch-capabilities", ABSENT },
    { CPUID_7_EDX, 30, "core-capability", ABSENT },
    { CPUID_7_EDX, 31, "ssbd", ABSENT },
    { CPUID_7_1_EAX, 4, "avx-vnni", ABSENT },
    { CPUID_7_1_EAX, 5, "avx512-bf16", ABSENT },
    { CPUID_D1_EAX, 0, "xsaveopt", F_XSAVEOPT },
    { CPUID_D1_EAX, 1, "xsavec", F_XSAVEC },
    { CPUID_D1_EAX, 2, "xgetbv1", F_XGETBV1 },
    { CPUID_D1_EAX, 3, "xsaves", F_XSAVES },
    { CPUID_X1_EDX, 11, "syscall", F_SYSCALL },
    { CPUID_X1_EDX, 20, "nx", F_NX },
    { CPUID_X1_EDX, 22, "mmxext", ABSENT },
    { CPUID_X1_EDX, 25, "fxsr-opt", ABSENT },
    { CPUID_X1_EDX, 26, "pdpe1gb", F_PDPE1GB },
    { CPUID_X1_EDX, 27, "rdtscp", F_RDTSCP },
    { CPUID_X1_EDX, 29, "lm", F_LM },
    { CPUID_X1_EDX, 30, "3dnowext", ABSENT },
    { CPUID_X1_EDX, 31, "3dnow", ABSENT },
    { CPUID_X1_ECX, 0, "lahf-lm", F_LAHF64 },
    { CPUID_X1_ECX, 1, "cmp-legacy", ABSENT },
    { CPUID_X1_ECX, 2, "svm", ABSENT },
    { CPUID_X1_ECX, 3, "extapic", ABSENT },
    { CPUID_X1_ECX, 4, "cr8legacy", ABSENT },
    { CPUID_X1_ECX, 5, "abm", F_LZCNT },
    { CPUID_X1_ECX, 6, "sse4a", ABSENT },
    { CPUID_X1_ECX, 7, "misalignsse", ABSENT },
    { CPUID_X1_ECX, 8, "3dnowprefetch", F_PREFETCHW },
    { CPUID_X1_ECX, 9, "osvw", ABSENT },
    { CPUID_X1_ECX, 10, "ibs", ABSENT },
    { CPUID_X1_ECX, 11, "xop", ABSENT },
    { CPUID_X1_ECX, 12, "skinit", ABSENT },
    { CPUID_X1_ECX, 13, "wdt", ABSENT },
    { CPUID_X1_ECX, 15, "lwp", ABSENT },
    { CPUID_X1_ECX, 16, "fma4", ABSENT },
    { CPUID_X1_ECX, 21, "tbm", ABSENT },
    { CPUID_X1_ECX, 22, "topoext", ABSENT },
    { CPUID_X1_ECX, 23, "perfctr-core", ABSENT },
    { CPUID_X1_ECX, 24, "perfctr-nb", ABSENT },
    { CPUID_X7_EDX, 8, "invtsc", F_INVTSC },
    { CPUID_X8_EBX, 0, "clzero", ABSENT },
    { CPUID_X8_EBX, 2, "xsaveerptr", ABSENT },
    { CPUID_X8_EBX, 9, "wbnoinvd", ABSENT },
    { CPUID_X8_EBX, 12, "ibpb", ABSENT },
    { CPUID_X8_EBX, 14, "ibrs", ABSENT },
    { CPUID_X8_EBX, 15, "amd-stibp", ABSENT },
    { CPUID_X8_EBX, 24, "amd-ssbd", ABSENT },
    { CPUID_X8_EBX, 25, "virt-ssbd", ABSENT },
    { CPUID_X8_EBX, 26, "amd-no-ssb", ABSENT },
    { CPUID_XA_EDX, 0, "npt", ABSENT },
    { CPUID_XA_EDX, 1, "lbrv", ABSENT },
    { CPUID_XA_EDX, 2, "svm-lock", ABSENT },
    { CPUID_XA_EDX, 3, "nrip-save", ABSENT },
    { CPUID_XA_EDX, 4, "tsc-scale", ABSENT },
    { CPUID_XA_EDX, 5, "vmcb-clean", ABSENT },
    { CPUID_XA_EDX, 6, "flushbyasid", ABSENT },
    { CPUID_XA_EDX, 7, "decodeassists", ABSENT },
    { CPUID_XA_EDX, 10, "pause-filter", ABSENT },
    { CPUID_XA_EDX, 12, "pfthreshold", ABSENT },
    { CPUID_XA_EDX, 13, "avic", ABSENT },
    { CPUID_XA_EDX, 15, "v-vmsave-vmload", ABSENT },
    { CPUID_XA_EDX, 16, "vgif", ABSENT },
    { CPUID_XA_EDX, 28, "svme-addr-chk", ABSENT },
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
