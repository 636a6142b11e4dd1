/* host.h: one user-mode instruction on the processor that we run on. The state is put into a signal frame with TF set; the
 * kernel loads it, one instruction runs, and the state comes back with SIGTRAP, or with the signal of its fault. */
#ifndef PCEMU_TESTS_SILICON_HOST_H
#define PCEMU_TESTS_SILICON_HOST_H

#include "base.h"

/* The memory that both sides have at the same linear addresses. The page after it is not mapped. */
#define MEM_CODE 0x10000u
#define MEM_DATA 0x20000u
#define MEM_DATA_SIZE 0x2000u

enum outcome { RAN, FAULT_UD, FAULT_DE, FAULT_GP_OR_PF, FAULT_AC, FAULT_XM_OR_MF, FAULT_OTHER };

struct state {
    u64 r[16];
    u64 rip;
    u32 flags;
    u8 fx[512] __attribute__((aligned(16))); /* FXSAVE image, 64-bit form */
    u8 data[MEM_DATA_SIZE];
    enum outcome outcome;
};

/* Maps the memory and installs the signal handlers. False, with a word on stderr, where this host can't. */
bool host_init(void);
/* Runs one instruction of `code` from `s`; the result replaces it. `bits` is 64 or 32 (compatibility mode). */
void host_run(struct state *s, const u8 *code, size_t len, unsigned bits);

#endif
