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
    CPUID_X7_EDX, /* leaf 8000_0007 */
    CPUID_X8_EBX, /* leaf 8000_0008 */
    CPUID_WORDS
};

struct cpu_model;

/* What -cpu says. All zero: the default model as it is. */
struct cpu_choice {
    const struct cpu_model *model; /* NULL: the default model */
    u32 on[CPUID_WORDS], off[CPUID_WORDS];
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
/* For -cpu help: the models, and the names of the features that are built. */
void cpu_models_print(FILE *out);

#endif
