/* emulator.h: the same user program in the interpreter, on the processor tests' bench. */
#ifndef PCEMU_TESTS_SILICON_EMULATOR_H
#define PCEMU_TESTS_SILICON_EMULATOR_H

#include "host.h"

struct bench;
struct row;
/* A bench in long mode whose user sees what the host process sees. */
struct bench *emulator_new(const struct host_caps *caps);
void emulator_free(struct bench *b);
/* Fills in caps->has. */
void emulator_features(struct host_caps *caps);
/* features.c: leaves out what the host's CPUID does not show. */
void emulator_take_host_features(struct bench *b);
/* After host_own_segment(). */
void emulator_own_segment(struct bench *b, const struct host_caps *caps);
/* As host_run(), for so many instructions at most. */
#define BUDGET 20000u
#define BUDGET_LONG 100000000u
void emulator_run(struct bench *b, const struct trial *t, const u8 *image, u64 budget, struct outcome *out);
/* The row of the instruction at `bytes`, and its length; NULL: none. */
const struct row *emulator_row(struct bench *b, enum code_mode mode, const u8 *bytes, unsigned avail, unsigned *len);
/* Fills p->row[] by what the bytes say. */
void emulator_name_rows(struct bench *b, struct program *p);
/* Does the trial meet an instruction that can't be compared? Stores and jumps may lead to one. */
bool emulator_meets_unusable(struct bench *b, const struct trial *t);
enum code_mode emulator_code_mode(u16 cs);

#endif
