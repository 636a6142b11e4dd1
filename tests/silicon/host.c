#define _GNU_SOURCE
#include "host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <unistd.h>

#define FLAGS_TF 0x100u
#define USER_CS_64 0x33u
#define USER_CS_32 0x23u
#define USER_DATA 0x2b

/* What the signal handlers share with host_run(); signals leave no other way. */
static struct {
    struct state *s;
    unsigned bits;
    bool in_flight;
    greg_t saved[NGREG];
    u8 saved_fx[512] __attribute__((aligned(16)));
} job;

static const int reg_of[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

static void load_state(ucontext_t *uc)
{
    greg_t *g = uc->uc_mcontext.gregs;
    memcpy(job.saved, g, sizeof job.saved);
    memcpy(job.saved_fx, uc->uc_mcontext.fpregs, 416);
    for (unsigned i = 0; i < 16; i++)
        g[reg_of[i]] = (greg_t)job.s->r[i];
    g[REG_RIP] = MEM_CODE;
    g[REG_EFL] = (greg_t)(job.s->flags | FLAGS_TF | 0x202);
    u64 segs = (u64)g[REG_CSGSFS] & ~(u64)0xffff;
    g[REG_CSGSFS] = (greg_t)(segs | (job.bits == 32 ? USER_CS_32 : USER_CS_64));
    memcpy(uc->uc_mcontext.fpregs, job.s->fx, 416);
    job.in_flight = true;
}

static enum outcome outcome_of(int sig)
{
    switch (sig) {
    case SIGTRAP: return RAN;
    case SIGILL: return FAULT_UD;
    case SIGSEGV: return FAULT_GP_OR_PF;
    case SIGBUS: return FAULT_AC;
    default: return FAULT_OTHER;
    }
}

static void take_state(int sig, siginfo_t *info, ucontext_t *uc)
{
    greg_t *g = uc->uc_mcontext.gregs;
    struct state *s = job.s;
    for (unsigned i = 0; i < 16; i++)
        s->r[i] = (u64)g[reg_of[i]];
    s->rip = (u64)g[REG_RIP];
    s->flags = (u32)g[REG_EFL] & 0xcd5u;
    memcpy(s->fx, uc->uc_mcontext.fpregs, 416);
    s->outcome = outcome_of(sig);
    if (sig == SIGFPE)
        s->outcome = (u64)g[REG_TRAPNO] == 0 ? FAULT_DE : FAULT_XM_OR_MF;
    (void)info;
    memcpy(g, job.saved, sizeof job.saved);
    memcpy(uc->uc_mcontext.fpregs, job.saved_fx, 416);
    job.in_flight = false;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    if (sig == SIGUSR1 && job.s && !job.in_flight)
        load_state(context);
    else if (job.in_flight)
        take_state(sig, info, context);
    else
        _exit(99);
}

bool host_init(void)
{
    static u8 stack[65536];
    const int signals[] = { SIGUSR1, SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGFPE };
    stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    const int prot = PROT_READ | PROT_WRITE | PROT_EXEC, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    if (mmap((void *)MEM_CODE, 0x2000, prot, flags, -1, 0) != (void *)MEM_CODE ||
        mmap((void *)MEM_DATA, MEM_DATA_SIZE, prot, flags, -1, 0) != (void *)MEM_DATA) {
        fprintf(stderr, "silicon: this host does not let us map low memory\n");
        return false;
    }
    sigaltstack(&alt, NULL);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &sa, NULL);
    return true;
}

void host_run(struct state *s, const u8 *code, size_t len, unsigned bits)
{
    memset((void *)MEM_CODE, 0x90, 64);
    memcpy((void *)MEM_CODE, code, len);
    memcpy((void *)MEM_DATA, s->data, MEM_DATA_SIZE);
    job.s = s;
    job.bits = bits;
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(USER_DATA)); /* a 64-bit process has null ones */
    raise(SIGUSR1);
    job.s = NULL;
    memcpy(s->data, (void *)MEM_DATA, MEM_DATA_SIZE);
}
