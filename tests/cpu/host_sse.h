/* host_sse.h: runs one SSE or MMX instruction on the host itself, so that the emulated processor can be compared with
 * silicon. Only on x86-64 hosts; elsewhere host_sse_open() returns NULL and tests skip. */
#ifndef PCEMU_TESTS_CPU_HOST_SSE_H
#define PCEMU_TESTS_CPU_HOST_SSE_H

#include "cpu_state.h"

/* What instructions under test may use: xmm0-2, mm0-2, rax, rcx, rdx; memory at [rsi] (= mem) and [rdi] (= mem + 16).
 */
struct sse_state {
    union vec xmm[3];
    u64 mm[3];
    u64 gpr[3];
    u64 flags; /* arithmetic flags only are compared */
    u32 mxcsr;
    bool faulted; /* an unmasked floating-point exception: everything but mxcsr is as before */
    u8 mem[64] __attribute__((aligned(16)));
};

struct host_sse;
struct host_sse *host_sse_open(void);
void host_sse_close(struct host_sse *h);
/* Replaces *s by what the host makes of the instruction of `len` bytes (at most 15). */
void host_sse_run(struct host_sse *h, const u8 *insn, size_t len, struct sse_state *s);

#endif
