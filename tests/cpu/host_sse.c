#include "host_sse.h"

#ifdef __x86_64__

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

struct host_sse {
    u8 *code;
    struct sigaction before;
};

/* A signal handler has no argument of ours. */
static sigjmp_buf escape;
static volatile u32 mxcsr_at_fault;

static void on_fpe(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    (void)info;
    mxcsr_at_fault = uc->uc_mcontext.fpregs->mxcsr;
    siglongjmp(escape, sig);
}

struct host_sse *host_sse_open(void)
{
    struct sigaction act = { .sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO };
    struct host_sse *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (h->code == MAP_FAILED) {
        free(h);
        return NULL;
    }
    sigaction(SIGFPE, &act, &h->before);
    return h;
}

void host_sse_close(struct host_sse *h)
{
    sigaction(SIGFPE, &h->before, NULL);
    munmap(h->code, 4096);
    free(h);
}

/* Loads the registers from the state, calls the code, stores them back. Field offsets are spelt in bytes; see the
 * asserts. */
static void call_with(struct sse_state *state, const u8 *code)
{
    register struct sse_state *s __asm__("r8") = state;
    register const u8 *fn __asm__("r9") = code;
    register u8 *mem __asm__("rsi") = state->mem;
    register u8 *mem2 __asm__("rdi") = state->mem + 16;
    _Static_assert(offsetof(struct sse_state, mm) == 96 && offsetof(struct sse_state, gpr) == 120, "offsets below");
    _Static_assert(offsetof(struct sse_state, flags) == 144 && offsetof(struct sse_state, mxcsr) == 152,
                   "offsets below");
    __asm__ volatile("sub $256, %%rsp\n" /* over the red zone */
                     "movups 0(%%r8), %%xmm0\n movups 32(%%r8), %%xmm1\n movups 64(%%r8), %%xmm2\n"
                     "movq 96(%%r8), %%mm0\n movq 104(%%r8), %%mm1\n movq 112(%%r8), %%mm2\n"
                     "mov 120(%%r8), %%rax\n mov 128(%%r8), %%rcx\n mov 136(%%r8), %%rdx\n"
                     "pushq 144(%%r8)\n popfq\n ldmxcsr 152(%%r8)\n"
                     "call *%%r9\n"
                     "stmxcsr 152(%%r8)\n pushfq\n popq 144(%%r8)\n"
                     "mov %%rax, 120(%%r8)\n mov %%rcx, 128(%%r8)\n mov %%rdx, 136(%%r8)\n"
                     "movups %%xmm0, 0(%%r8)\n movups %%xmm1, 32(%%r8)\n movups %%xmm2, 64(%%r8)\n"
                     "movq %%mm0, 96(%%r8)\n movq %%mm1, 104(%%r8)\n movq %%mm2, 112(%%r8)\n emms\n"
                     "add $256, %%rsp\n"
                     : "+r"(s), "+r"(fn), "+r"(mem), "+r"(mem2)
                     :
                     : "rax", "rcx", "rdx", "xmm0", "xmm1", "xmm2", "memory", "cc", "st", "mm0", "mm1", "mm2");
}

void host_sse_run(struct host_sse *h, const u8 *insn, size_t len, struct sse_state *s)
{
    const u32 mine = 0x1f80;
    const struct sse_state before = *s;
    memcpy(h->code, insn, len);
    h->code[len] = 0xc3; /* ret */
    if (sigsetjmp(escape, 1)) {
        __asm__ volatile("emms");
        *s = before;
        s->mxcsr = mxcsr_at_fault;
        s->faulted = true;
    } else {
        call_with(s, h->code);
        s->faulted = false;
    }
    __asm__ volatile("ldmxcsr %0" : : "m"(mine));
}

#else

struct host_sse *host_sse_open(void)
{
    return NULL;
}
void host_sse_close(struct host_sse *h)
{
    (void)h;
}
void host_sse_run(struct host_sse *h, const u8 *insn, size_t len, struct sse_state *s)
{
    (void)h, (void)insn, (void)len, (void)s;
}

#endif
