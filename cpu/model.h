/* model.h: a model's identity, for CPUID and for what else depends on it. */
#ifndef PCEMU_MODEL_H
#define PCEMU_MODEL_H

#include "cpu_model.h"

struct cpu;

#define FAMILY_P6 6

struct cpu_model {
    const char *name, *alias;
    const char *base;   /* the model whose features it has, too */
    const char *vendor; /* up to twelve characters, as CPUID leaf 0 has them in EBX, EDX, ECX */
    u16 family, model;
    u8 stepping;
    u32 level, xlevel;    /* highest basic and extended leaf; features raise them, unless they are fixed */
    const char *brand;    /* up to 48 characters */
    const char *about;    /* NULL: the brand */
    const char *features; /* names; NULL: all that is built */
    bool level_fixed, xlevel_fixed;
};

/* The model of a choice: never NULL. */
const struct cpu_model *cpu_choice_model(const struct cpu_choice *choice);
/* That model with what the choice says of its identity; its texts are the model's and the choice's. */
struct cpu_model cpu_choice_identity(const struct cpu_choice *choice);
bool model_is_amd(const struct cpu_model *model);
/* Family, model and stepping as leaf 1 gives them in EAX. */
u32 model_signature(const struct cpu_model *model);
/* Fills c->model, c->feature, c->has and the address widths from the wiring. */
void model_setup(struct cpu *c);

#endif
