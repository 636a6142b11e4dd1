/* model.h: a model's identity, for CPUID and for what else depends on it. */
#ifndef PCEMU_MODEL_H
#define PCEMU_MODEL_H

#include "cpu_model.h"

struct cpu;

#define FAMILY_P6 6

struct cpu_model {
    const char *name, *alias;
    const char *base;   /* the model whose features it has, too */
    const char *vendor; /* twelve characters, as CPUID leaf 0 has them in EBX, EDX, ECX */
    u8 family, model, stepping;
    u32 level, xlevel; /* highest basic and extended leaf; features can raise them */
    const char *brand; /* up to 47 characters */
    const char *about;
    const char *features; /* names; NULL: all that is built */
};

/* The model of a choice: never NULL. */
const struct cpu_model *cpu_choice_model(const struct cpu_choice *choice);
bool model_is_amd(const struct cpu_model *model);
/* Family, model and stepping as leaf 1 gives them in EAX. */
u32 model_signature(const struct cpu_model *model);
/* Fills c->model, c->feature, c->has and the address widths from the wiring; says in the log what is lacking. */
void model_setup(struct cpu *c);

#endif
