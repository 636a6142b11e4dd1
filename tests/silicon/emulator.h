/* emulator.h: the same user program in the interpreter, on the processor tests' bench. */
#ifndef PCEMU_TESTS_SILICON_EMULATOR_H
#define PCEMU_TESTS_SILICON_EMULATOR_H

#include "host.h"

struct bench;
/* A bench in long mode whose user sees what the host process sees. */
struct bench *emulator_new(const struct host_caps *caps);
void emulator_free(struct bench *b);
/* As host_run(). */
void emulator_run(struct bench *b, struct state *s, struct program *p);

#endif
