/* host.h: a user program on the processor that we run on. enter.S loads its registers; it runs freely until it jumps to
 * EXIT_AT or faults, which a signal tells. */
#ifndef PCEMU_TESTS_SILICON_HOST_H
#define PCEMU_TESTS_SILICON_HOST_H

#include "state.h"

/* What this host can do, found out by host_init(). */
struct host_caps {
    bool ldt;               /* local descriptors: 16-bit code, segments with bases and limits */
    bool fsgsbase;          /* FS and GS bases can be set by a program */
    bool avx;               /* YMM registers, switched on by the kernel */
    u64 xcr0;               /* the components of XSAVE that the kernel has switched on; 0: no XSAVE */
    bool has[FEATURES_MAX]; /* by enum feature: this processor and the interpreter have it */
    u32 own_rights,
        own_limit; /* of the kernel's data segment OWN_DATA, which a random selector may find; rights 0: none */
};

/* What the host has, but for its own segment. */
void host_look(struct host_caps *caps);
/* Fills in the own segment: it changes when the kernel moves us to another processor. */
void host_own_segment(struct host_caps *caps);
/* Maps the memory, installs the signal handlers, shuts the programs off from the kernel. False, with a word on stderr,
 * where this host can't. */
bool host_init(struct host_caps *caps);
/* Runs a trial whose program_image() is `image`. `endless`: the other side found no end; it is given up soon. */
void host_run(const struct trial *t, const u8 *image, bool endless, struct outcome *out);

/* sandbox.c. From now on a system call made by an instruction below SANDBOX_END, or in the 32-bit way, is SIGSYS. */
#define SANDBOX_END 0x100000u
bool sandbox_enter(void);

#endif
