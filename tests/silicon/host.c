#define _GNU_SOURCE
#include "frame.h"
#include "host.h"

#include <asm/ldt.h>
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <unistd.h>

#define HWCAP2_FSGSBASE 2u /* asm/hwcap2.h */
#define FX_USED 416u
#define FX_SOFTWARE 464u /* the kernel's own words in a signal frame's image; first, that an XSAVE area follows */
#define XSTATE_MAGIC 0x46505853u
#define XSTATE_BV 512u
#define MODIFY_LDT_WRITE 0x11
#define LEFT 0
#define SIGNALLED 1
/* A program that has seen so many ticks has no end. */
#define TICKS_MAX 2
#define TICK_US 1000000
#define TICK_SHORT_US 1000

#define CHECK(member, offset) _Static_assert(offsetof(struct host_frame, member) == (offset), #member)
CHECK(fx, FRAME_FX);
CHECK(xstate_bv, FRAME_XSTATE_BV);
CHECK(ymm, FRAME_YMM);
CHECK(r, FRAME_R);
CHECK(flags, FRAME_FLAGS);
CHECK(far_offset, FRAME_FAR);
CHECK(sel, FRAME_SEL);
CHECK(fs_base, FRAME_FS_BASE);
CHECK(gs_base, FRAME_GS_BASE);
CHECK(own_rsp, FRAME_OWN_RSP);
CHECK(own_fs_base, FRAME_OWN_FS_BASE);
CHECK(fsgsbase, FRAME_FSGSBASE);
CHECK(avx, FRAME_AVX);

/* What the signal handlers share with host_run(); signals leave no other way. */
struct host_frame host_frame;
static struct {
    struct state *s;
    bool in_flight;
    unsigned ticks;
} job;

static const int reg_of[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

/* REG_CSGSFS: CS, GS, FS, SS, 16 bits each (asm/sigcontext.h). */
static u16 get_sel(const greg_t *g, unsigned seg)
{
    return (u16)((u64)g[REG_CSGSFS] >> (seg == SS ? 48 : 0));
}

/* The kernel does not touch these when it delivers a signal. */
static void take_segments(struct state *s)
{
    __asm__ volatile("mov %%ds, %w0; mov %%es, %w1; mov %%gs, %w2; mov %%fs, %w3"
                     : "=r"(s->sel[DS]), "=r"(s->sel[ES]), "=r"(s->sel[GS]), "=r"(s->sel[FS]));
    if (!host_frame.fsgsbase)
        return;
    __asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(s->fs_base), "=r"(s->gs_base));
    __asm__ volatile("mov %w0, %%fs; wrfsbase %1" : : "r"(0), "r"(host_frame.own_fs_base));
}

/* From a signal frame's XSAVE area (SDM vol. 1, 13.4). A component in its initial state is not there, which the header
 * tells. */
static void take_ymm(const u8 *area, struct state *s)
{
    if (host_frame.avx && get_le32(area + FX_SOFTWARE) == XSTATE_MAGIC && (get_le64(area + XSTATE_BV) & XSTATE_AVX))
        memcpy(s->ymm, area + XSAVE_AVX, sizeof s->ymm);
    else
        memset(s->ymm, 0, sizeof s->ymm);
}

static void take_context(const ucontext_t *uc, struct state *s)
{
    const greg_t *g = uc->uc_mcontext.gregs;
    for (unsigned i = 0; i < 16; i++)
        s->r[i] = (u64)g[reg_of[i]];
    s->rip = (u64)g[REG_RIP];
    s->flags = (u32)g[REG_EFL] & FLAGS_SEEN;
    s->sel[CS] = get_sel(g, CS);
    s->sel[SS] = get_sel(g, SS);
    memcpy(s->fx, uc->uc_mcontext.fpregs, FX_USED);
    take_ymm((const u8 *)uc->uc_mcontext.fpregs, s);
    s->error = (u32)g[REG_ERR];
    s->cr2 = s->vector == EXC_PF ? (u64)g[REG_CR2] : 0;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    const greg_t *g = uc->uc_mcontext.gregs;
    bool outside = get_sel(g, CS) == USER_CS64 && (u64)g[REG_RIP] >= SANDBOX_END;
    (void)info;
    __asm__ volatile("pushfq; andl $~0x40000, (%%rsp); popfq"
                     :
                     :
                     : "cc", "memory"); /* AC: the kernel leaves it to us */
    if (sig == SIGALRM && (!job.in_flight || outside || ++job.ticks < TICKS_MAX))
        return;
    if (!job.in_flight)
        _exit(99);
    job.in_flight = false;
    job.s->endless = sig == SIGALRM;
    job.s->vector = sig == SIGSYS ? SYSCALL_VECTOR : (unsigned)g[REG_TRAPNO];
    take_segments(job.s);
    take_context(uc, job.s);
    host_return(SIGNALLED);
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

void host_own_segment(struct host_caps *caps)
{
    bool found;
    u32 rights = 0, limit = 0;
    __asm__("lar %3, %1; setz %0; lsl %3, %2" : "=&q"(found), "+r"(rights), "+r"(limit) : "r"(OWN_DATA) : "cc");
    caps->own_rights = found ? rights : 0;
    caps->own_limit = limit;
}

static bool map_page(u32 at, u32 size, int prot)
{
    void *want = (void *)(uintptr_t)at;
    return mmap(want, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == want;
}

/* JMP [RIP + 2], and the address, aligned for programs that have set AC. */
static bool map_exit(void)
{
    static const u8 jump[8] = { 0xff, 0x25, 2 };
    u8 *at = (u8 *)(uintptr_t)EXIT_AT;
    if (!map_page(EXIT_AT, PAGE_SIZE, PROT_READ | PROT_WRITE))
        return false;
    memcpy(at, jump, sizeof jump);
    put_le64(at + sizeof jump, (u64)(uintptr_t)host_leave);
    return mprotect(at, PAGE_SIZE, PROT_READ | PROT_EXEC) == 0;
}

static bool map_memory(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    if (!map_page(MEM_CODE, MEM_CODE_SIZE, rw | PROT_EXEC) || !map_page(MEM_DATA, MEM_DATA_SIZE, rw) ||
        !map_page(MEM_RO, MEM_RO_SIZE, rw) || !map_exit())
        return false;
    memset((void *)(uintptr_t)MEM_RO, MEM_RO_BYTE, MEM_RO_SIZE);
    return mprotect((void *)(uintptr_t)MEM_RO, MEM_RO_SIZE, PROT_READ) == 0;
}

static void tick_every(u32 us)
{
    const struct timeval t = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
    setitimer(ITIMER_REAL, &(struct itimerval){ t, t }, NULL);
}

static bool catch_signals(void)
{
    static u8 stack[65536];
    const int signals[] = { SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGALRM, SIGSYS };
    stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    if (sigaltstack(&alt, NULL) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &sa, NULL);
    tick_every(TICK_US);
    return true;
}

static u64 read_xcr0(void)
{
    u32 low, high, a, b, ecx, d;
    if (!__get_cpuid(1, &a, &b, &ecx, &d) || !(ecx & bit_OSXSAVE))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (u64)high << 32 | low;
}

void host_look(struct host_caps *caps)
{
    *caps = (struct host_caps){ .ldt = write_ldt(),
                                .fsgsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0,
                                .avx = __builtin_cpu_supports("avx"),
                                .xcr0 = read_xcr0() };
}

bool host_init(struct host_caps *caps)
{
    if (!map_memory()) {
        fprintf(stderr, "silicon: this host does not let us map low memory\n");
        return false;
    }
    host_look(caps);
    host_own_segment(caps);
    host_frame.fsgsbase = caps->fsgsbase;
    host_frame.avx = caps->avx;
    if (caps->fsgsbase)
        __asm__ volatile("rdfsbase %0" : "=r"(host_frame.own_fs_base));
    if (!catch_signals() || !sandbox_enter()) {
        fprintf(stderr, "silicon: this host gives us no signal stack, or no system call filter (seccomp)\n");
        return false;
    }
    return true;
}

static bool differs(const u8 *p, const u8 *q, size_t n)
{
    return memcmp(p, q, n) != 0;
}

/* What the processor is to think of as in use (XINUSE): what is not in its initial configuration, as the interpreter
 * has it. */
static u64 components_in_use(const struct state *s)
{
    static const u8 init[sizeof s->fx] = { 0x7f, 3 };
    bool x87 = differs(s->fx, init, 24) || differs(s->fx + 32, init + 32, 128);
    bool sse = differs(s->fx + 160, init + 160, 256), avx = differs(s->ymm[0], init + 160, sizeof s->ymm);
    return (x87 ? XSTATE_X87 : 0) | (sse ? XSTATE_SSE : 0) | (avx ? XSTATE_AVX : 0);
}

static void load_frame(const struct state *s)
{
    struct host_frame *f = &host_frame;
    memcpy(f->fx, s->fx, FX_USED);
    memcpy(f->ymm, s->ymm, sizeof f->ymm);
    f->xstate_bv = components_in_use(s);
    memcpy(f->r, s->r, sizeof f->r);
    memcpy(f->sel, s->sel, sizeof s->sel);
    f->flags = s->flags | FL_IF | FL_ONE;
    f->far_offset = (u32)s->rip;
    f->far_selector = s->sel[CS];
    f->fs_base = s->fs_base;
    f->gs_base = s->gs_base;
}

static void take_frame(const struct trial *t, struct state *s)
{
    const struct host_frame *f = &host_frame;
    memcpy(s->fx, f->fx, FX_USED);
    memcpy(s->ymm, f->ymm, sizeof s->ymm);
    memcpy(s->r, f->r, sizeof s->r);
    memcpy(s->sel, f->sel, sizeof s->sel);
    s->sel[CS] = t->s.sel[CS];
    s->flags = (u32)f->flags & FLAGS_SEEN;
    s->rip = t->p.at + t->p.len - sel_base(t->s.sel[CS]);
    s->fs_base = f->fs_base;
    s->gs_base = f->gs_base;
}

void host_run(const struct trial *t, const u8 *image, bool endless, struct outcome *out)
{
    struct state *s = &out->s;
    out->code = memcpy((void *)(uintptr_t)MEM_CODE, image, MEM_CODE_SIZE);
    out->data = memcpy((void *)(uintptr_t)MEM_DATA, t->data, MEM_DATA_SIZE);
    memset(s, 0, sizeof *s);
    s->vector = NO_VECTOR;
    load_frame(&t->s);
    job.s = s;
    job.ticks = endless ? TICKS_MAX - 1 : 0;
    if (endless)
        tick_every(TICK_SHORT_US);
    job.in_flight = true;
    int how = host_enter();
    job.in_flight = false;
    __asm__ volatile("pushq $0x202; popfq" : : : "cc", "memory"); /* NT and ID stay behind otherwise */
    if (endless)
        tick_every(TICK_US);
    if (how == LEFT)
        take_frame(t, s);
}
