#define _GNU_SOURCE
#include "host.h"

#include <asm/ldt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/time.h>
#include <unistd.h>

#define HWCAP2_FSGSBASE 2u   /* asm/hwcap2.h */
#define STRICT_RESTORE_SS 4u /* UC_STRICT_RESTORE_SS of asm/ucontext.h */
#define FX_USED 416u
#define FX_SOFTWARE 464u /* the kernel's own words in the image; first, that an XSAVE area follows */
#define XSTATE_MAGIC 0x46505853u
#define XSTATE_BV 512u
#define STEPS_MAX 300u
#define WATCHDOG_SECONDS 2
#define MODIFY_LDT_WRITE 0x11

/* What the signal handlers share with host_run(); signals leave no other way. */
static struct {
    struct state *s;
    const struct program *p;
    bool in_flight, has_fsgsbase, has_avx;
    int at; /* the instruction being run */
    unsigned steps;
    u64 own_fs_base;
    greg_t saved[NGREG];
    u8 saved_fx[FX_USED] __attribute__((aligned(16)));
    u8 saved_ymm[16][16];
} job;

static const int reg_of[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

/* REG_CSGSFS: CS, GS, FS, SS, 16 bits each (asm/sigcontext.h). */
static u16 get_sel(const greg_t *g, unsigned seg)
{
    return (u16)((u64)g[REG_CSGSFS] >> (seg == SS ? 48 : 0));
}

static void put_sels(greg_t *g, u16 cs, u16 ss)
{
    g[REG_CSGSFS] = (greg_t)(((u64)g[REG_CSGSFS] & 0x0000ffffffff0000u) | cs | (u64)ss << 48);
}

static void set_data_segments(const struct state *s)
{
    __asm__ volatile("mov %w0, %%ds; mov %w1, %%es; mov %w2, %%gs"
                     :
                     : "r"(s->sel[DS]), "r"(s->sel[ES]), "r"(s->sel[GS]));
    if (!job.has_fsgsbase)
        return;
    __asm__ volatile("mov %w0, %%fs" : : "r"(s->sel[FS]));
    if (!(s->sel[FS] & ~3u))
        __asm__ volatile("wrfsbase %0" : : "r"(s->fs_base));
    if (!(s->sel[GS] & ~3u))
        __asm__ volatile("wrgsbase %0" : : "r"(s->gs_base));
}

/* The upper halves of YMM in a signal frame's XSAVE area (SDM vol. 1, 13.4); a component in its initial state is not
 * there, which the header tells. */
static void put_ymm(u8 *area, u8 ymm[16][16])
{
    if (!job.has_avx)
        return;
    put_le64(area + XSTATE_BV, get_le64(area + XSTATE_BV) | XSTATE_X87 | XSTATE_SSE | XSTATE_AVX);
    memcpy(area + XSAVE_AVX, ymm, 256);
}

static void get_ymm(const u8 *area, u8 ymm[16][16])
{
    if (job.has_avx && (get_le64(area + XSTATE_BV) & XSTATE_AVX))
        memcpy(ymm, area + XSAVE_AVX, 256);
    else
        memset(ymm, 0, 256);
}

static void load_state(ucontext_t *uc)
{
    greg_t *g = uc->uc_mcontext.gregs;
    struct state *s = job.s;
    u8 *area = (u8 *)uc->uc_mcontext.fpregs;
    job.has_avx = job.has_avx && get_le32(area + FX_SOFTWARE) == XSTATE_MAGIC;
    memcpy(job.saved, g, sizeof job.saved);
    memcpy(job.saved_fx, area, FX_USED);
    get_ymm(area, job.saved_ymm);
    for (unsigned i = 0; i < 16; i++)
        g[reg_of[i]] = (greg_t)s->r[i];
    g[REG_RIP] = (greg_t)s->rip;
    g[REG_EFL] = (greg_t)(s->flags | FL_TF | FL_IF | FL_ONE);
    put_sels(g, s->sel[CS], s->sel[SS]);
    memcpy(area, s->fx, FX_USED);
    put_ymm(area, s->ymm);
    uc->uc_flags |= STRICT_RESTORE_SS;
    job.in_flight = true;
    job.at = 0;
    job.steps = 0;
    set_data_segments(s);
}

static void take_segments(struct state *s)
{
    __asm__ volatile("mov %%ds, %w0; mov %%es, %w1; mov %%gs, %w2; mov %%fs, %w3"
                     : "=r"(s->sel[DS]), "=r"(s->sel[ES]), "=r"(s->sel[GS]), "=r"(s->sel[FS]));
    if (!job.has_fsgsbase)
        return;
    __asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(s->fs_base), "=r"(s->gs_base));
    __asm__ volatile("mov %w0, %%fs; wrfsbase %1" : : "r"(0), "r"(job.own_fs_base));
}

static void take_state(ucontext_t *uc, unsigned vector)
{
    greg_t *g = uc->uc_mcontext.gregs;
    struct state *s = job.s;
    for (unsigned i = 0; i < 16; i++)
        s->r[i] = (u64)g[reg_of[i]];
    s->rip = (u64)g[REG_RIP];
    s->flags = (u32)g[REG_EFL] & FLAGS_SEEN;
    s->sel[CS] = get_sel(g, CS);
    s->sel[SS] = get_sel(g, SS);
    u8 *area = (u8 *)uc->uc_mcontext.fpregs;
    memcpy(s->fx, area, FX_USED);
    get_ymm(area, s->ymm);
    s->vector = vector;
    s->error = vector == NO_VECTOR ? 0 : (u32)g[REG_ERR];
    s->cr2 = vector == EXC_PF ? (u64)g[REG_CR2] : 0;
    memcpy(g, job.saved, sizeof job.saved);
    memcpy(area, job.saved_fx, FX_USED);
    put_ymm(area, job.saved_ymm);
    uc->uc_flags |= STRICT_RESTORE_SS;
    job.in_flight = false;
}

/* A pushed flag image has our TF in it. */
static void hide_trap_flag(const greg_t *g)
{
    u16 ss = get_sel(g, SS);
    u64 mask = get_sel(g, CS) == USER_CS64                                 ? UINT64_MAX
               : (ss == LDT_SEL(LDT_STACK16) || ss == LDT_SEL(LDT_DOWN16)) ? 0xffff
                                                                           : 0xffffffff;
    u64 linear = ((u64)g[REG_RSP] & mask) + (mask == UINT64_MAX ? 0 : sel_base(ss));
    bool in_data = linear >= MEM_DATA && linear < MEM_DATA + MEM_DATA_SIZE - 1;
    if (in_data || (linear >= MEM_CODE && linear < MEM_CODE + MEM_CODE_SIZE - 1))
        *(volatile u8 *)(uintptr_t)(linear + 1) &= (u8) ~(FL_TF >> 8);
}

/* One instruction is done. True when the program goes on. */
static bool step(ucontext_t *uc)
{
    greg_t *g = uc->uc_mcontext.gregs;
    int next = program_index(job.p, (u64)g[REG_RIP] + sel_base(get_sel(g, CS)));
    if (job.p->pushes_flags[job.at] && next != job.at)
        hide_trap_flag(g);
    if (next < 0 || ++job.steps > STEPS_MAX)
        return false;
    job.at = next;
    g[REG_EFL] |= FL_TF;
    uc->uc_flags |= STRICT_RESTORE_SS;
    return true;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)info;
    __asm__ volatile("pushfq; andl $~0x40000, (%%rsp); popfq"
                     :
                     :
                     : "cc", "memory"); /* AC: the kernel leaves it to us */
    if (sig == SIGUSR1 && job.s && !job.in_flight) {
        load_state(uc);
        return;
    }
    if (sig == SIGALRM && !job.in_flight)
        return; /* it rang just when the program had ended */
    if (!job.in_flight)
        _exit(99);
    if (sig == SIGALRM)
        job.steps = STEPS_MAX + 1;
    unsigned vector = sig == SIGTRAP && uc->uc_mcontext.gregs[REG_TRAPNO] == EXC_DB
                          ? NO_VECTOR
                          : (unsigned)uc->uc_mcontext.gregs[REG_TRAPNO];
    if (vector == NO_VECTOR && step(uc))
        return;
    take_segments(job.s);
    take_state(uc, vector);
}

static bool write_ldt(void)
{
    for (unsigned i = 0; i < LDT_COUNT; i++) {
        const struct ldt_segment *l = &ldt_segments[i];
        struct user_desc d = { .entry_number = i,
                               .base_addr = l->base,
                               .limit = l->limit,
                               .seg_32bit = l->big,
                               .contents = l->code ? 2 : l->down,
                               .read_exec_only = l->read_only,
                               .limit_in_pages = l->in_pages,
                               .seg_not_present = l->absent };
        if (syscall(SYS_modify_ldt, MODIFY_LDT_WRITE, &d, sizeof d) != 0)
            return false;
    }
    return true;
}

/* Stays on one processor, so that its own segment stays what it is. */
static void know_own_segment(struct host_caps *caps)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu() < 0 ? 0 : (unsigned)sched_getcpu(), &set);
    bool stays = sched_setaffinity(0, sizeof set, &set) == 0, found;
    u32 rights = 0, limit = 0;
    __asm__("lar %3, %1; setz %0; lsl %3, %2" : "=&q"(found), "+r"(rights), "+r"(limit) : "r"(OWN_DATA) : "cc");
    caps->own_rights = found && stays ? rights : 0;
    caps->own_limit = limit;
}

static bool map_page(u32 at, u32 size, int prot)
{
    void *want = (void *)(uintptr_t)at;
    return mmap(want, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == want;
}

static bool map_memory(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    if (!map_page(MEM_CODE, MEM_CODE_SIZE, rw | PROT_EXEC) || !map_page(MEM_DATA, MEM_DATA_SIZE, rw) ||
        !map_page(MEM_RO, MEM_RO_SIZE, rw))
        return false;
    memset((void *)(uintptr_t)MEM_CODE, PAD_BYTE, MEM_CODE_SIZE);
    memset((void *)(uintptr_t)MEM_RO, MEM_RO_BYTE, MEM_RO_SIZE);
    return mprotect((void *)(uintptr_t)MEM_RO, MEM_RO_SIZE, PROT_READ) == 0;
}

bool host_init(struct host_caps *caps)
{
    static u8 stack[65536];
    const int signals[] = { SIGUSR1, SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGALRM };
    stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    if (!map_memory()) {
        fprintf(stderr, "silicon: this host does not let us map low memory\n");
        return false;
    }
    if (sigaltstack(&alt, NULL) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &sa, NULL);
    know_own_segment(caps);
    caps->ldt = write_ldt();
    caps->fsgsbase = job.has_fsgsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
    caps->avx = job.has_avx = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (caps->fsgsbase)
        __asm__ volatile("rdfsbase %0" : "=r"(job.own_fs_base));
    return true;
}

/* A program that took TF away from us may never come back: it is set aside, then. */
static void watchdog(unsigned seconds)
{
    const struct itimerval t = { .it_value = { .tv_sec = seconds } };
    setitimer(ITIMER_REAL, &t, NULL);
}

void host_run(struct state *s, struct program *p)
{
    u8 *code = (u8 *)(uintptr_t)p->at;
    u32 room = MEM_CODE + MEM_CODE_SIZE - p->at;
    u32 bytes = room < PROGRAM_BYTES ? room : PROGRAM_BYTES;
    memset((void *)(uintptr_t)MEM_CODE, PAD_BYTE, MEM_CODE_SIZE);
    memcpy(code, p->bytes, bytes);
    memcpy((void *)(uintptr_t)MEM_DATA, s->data, MEM_DATA_SIZE);
    job.s = s;
    job.p = p;
    watchdog(WATCHDOG_SECONDS);
    raise(SIGUSR1);
    watchdog(0);
    job.s = NULL;
    __asm__ volatile("pushq $0x202; popfq" : : : "cc", "memory"); /* NT and ID stay behind otherwise */
    s->endless = job.steps > STEPS_MAX;
    memcpy(s->data, (void *)(uintptr_t)MEM_DATA, MEM_DATA_SIZE);
    memcpy(p->after, code, bytes);
    memset(p->after + bytes, PAD_BYTE, PROGRAM_BYTES - bytes);
}
