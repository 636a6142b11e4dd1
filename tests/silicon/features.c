#include "emulator.h"
#include "../cpu/harness.h"
#include "model.h"

#include <cpuid.h>

/* Where CPUID has the words of include/cpu_model.h. */
static const struct {
    u32 leaf, sub;
    u8 reg; /* 0-3: EAX, EBX, ECX, EDX */
} places[CPUID_WORDS] = {
    [CPUID_1_EDX] = { 1, 0, 3 },           [CPUID_1_ECX] = { 1, 0, 2 },           [CPUID_6_EAX] = { 6, 0, 0 },
    [CPUID_7_EBX] = { 7, 0, 1 },           [CPUID_7_ECX] = { 7, 0, 2 },           [CPUID_7_EDX] = { 7, 0, 3 },
    [CPUID_D1_EAX] = { 0xd, 1, 0 },        [CPUID_X1_EDX] = { 0x80000001, 0, 3 }, [CPUID_X1_ECX] = { 0x80000001, 0, 2 },
    [CPUID_X7_EDX] = { 0x80000007, 0, 3 }, [CPUID_X8_EBX] = { 0x80000008, 0, 1 },
};

static u32 host_word(unsigned w)
{
    u32 r[4] = { 0 };
    if (!__get_cpuid_count(places[w].leaf, places[w].sub, &r[0], &r[1], &r[2], &r[3]))
        return 0;
    return r[places[w].reg];
}

void emulator_take_host_features(struct bench *b)
{
    struct cpu_choice choice = { .model = cpu_model_find("max") };
    for (unsigned w = 0; w < CPUID_WORDS; w++)
        choice.off[w] = ~host_word(w);
    b->cpu->w.model = &choice;
    model_setup(b->cpu);
    b->cpu->w.model = NULL;
}
