/* cpu_model.h: the processors that a machine can be built with, by QEMU's names, and the features that CPUID names. A
 * choice is a model with features put in and left out; the processor shows in CPUID, and executes, those of them that
 * are built. */
#ifndef PCEMU_CPU_MODEL_H
#define PCEMU_CPU_MODEL_H

#include "base.h"

#include <stdio.h>

/* The registers of CPUID that hold feature bits. */
enum cpuid_word {
    CPUID_1_EDX,
    CPUID_1_ECX,
    CPUID_6_EAX,
    CPUID_7_EBX,
    CPUID_7_ECX,
    CPUID_7_EDX,
    CPUID_D1_EAX,
    CPUID_X1_EDX, /* leaf 8000_0001 */
    CPUID_X1_ECX,
    CPUID_X7_EDX,  /* leaf 8000_0007 */
    CPUID_X8_EBX,  /* leaf 8000_0008 */
    CPUID_7_1_EAX, /* leaf 7, subleaf 1 */
    CPUID_XA_EDX,  /* leaf 8000_000A */
    CPUID_WORDS
};

struct cpu_model;

/* What -cpu says of a processor's identity: those that were `given`. */
#define CPU_VENDOR_LEN 12
#define CPU_BRAND_MAX 48
enum cpu_identity_part {
    CPU_IDENTITY_VENDOR = BIT(0),
    CPU_IDENTITY_BRAND = BIT(1),
    CPU_IDENTITY_FAMILY = BIT(2),
    CPU_IDENTITY_MODEL = BIT(3),
    CPU_IDENTITY_STEPPING = BIT(4),
    CPU_IDENTITY_LEVEL = BIT(5),
    CPU_IDENTITY_XLEVEL = BIT(6)
};
struct cpu_identity {
    unsigned given;
    char vendor[CPU_VENDOR_LEN + 1], brand[CPU_BRAND_MAX + 1];
    u16 family, model;
    u8 stepping;
    u32 level, xlevel; /* highest basic and extended leaf */
};

/* What -cpu says. All zero: the default model as it is. */
struct cpu_choice {
    const struct cpu_model *model; /* NULL: the default model */
    u32 on[CPUID_WORDS], off[CPUID_WORDS];
    struct cpu_identity identity;
};

struct cpu_features {
    u32 word[CPUID_WORDS];
};

/* The model called `name`, or an alias of it; NULL: there is none. */
const struct cpu_model *cpu_model_find(const char *name);
/* The n-th model's name, NULL behind the last. */
const char *cpu_model_name(unsigned n);
/* The bit that QEMU calls `name` (an underscore counts as a dash); false: it has no such name. */
bool cpu_flag_find(const char *name, enum cpuid_word *word, unsigned *bit);
/* What the processor of a choice has: what was chosen and is built. `lacking` (may be NULL): what was chosen, but is
 * not built. */
struct cpu_features cpu_choice_features(const struct cpu_choice *choice, struct cpu_features *lacking);
/* Whether the processor of a choice has the feature of that name. */
bool cpu_choice_has(const struct cpu_choice *choice, const char *name);
/* Family, model and stepping of a choice's model as CPUID leaf 1 gives them in EAX. */
u32 cpu_choice_signature(const struct cpu_choice *choice);
/* Writes names, blank-separated, as many as fit; returns how many there are. */
unsigned cpu_features_text(const struct cpu_features *features, char *text, size_t size);
/* A warning in QEMU's words for each feature. */
void cpu_lacking_print(const struct cpu_features *lacking, FILE *out);
/* For -cpu help: the models, the names of features that are known, and of those that are built. */
void cpu_models_print(FILE *out);

#endif
