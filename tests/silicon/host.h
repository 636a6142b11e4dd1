/* host.h: a user program on the processor that we run on. The state is put into a signal frame with TF set; the kernel
 * loads it, one instruction runs, and SIGTRAP brings the next state, until the program has left its own instructions or
 * has faulted. */
#ifndef PCEMU_TESTS_SILICON_HOST_H
#define PCEMU_TESTS_SILICON_HOST_H

#include "state.h"

/* What this host can do, found out by host_init(). */
struct host_caps {
    bool ldt;      /* local descriptors: 16-bit code, segments with bases and limits */
    bool fsgsbase; /* FS and GS bases can be set by a program */
    bool avx;      /* YMM registers and all instructions behind VEX that the table has */
    u32 own_rights,
        own_limit; /* of the kernel's data segment OWN_DATA, which a random selector may find; rights 0: none */
};

/* Maps the memory and installs the signal handlers. False, with a word on stderr, where this host can't. */
bool host_init(struct host_caps *caps);
/* Runs the program from `s`; the result replaces it, and p->after its bytes. */
void host_run(struct state *s, struct program *p);

#endif
