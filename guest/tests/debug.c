/* debug.c: debug registers and single steps. */
#include "tests.h"

enum { DR6_B0 = BIT(0), DR6_B1 = BIT(1), DR6_BD = BIT(13), DR6_BS = BIT(14) };
#define DR6_CLEAR 0xffff0ff0u
#define DR7_CLEAR 0x400u
#define DR7_GD BIT(13)
#define DR7_ENABLE(n) (2u << 2 * (n)) /* G */
#define DR7_KIND(n, kind, length) (((u32)(kind) | (u32)((length)-1) << 2) << (16 + 4 * (n)))
enum { KIND_EXECUTE = 0, KIND_WRITE = 1, KIND_IO = 2, KIND_ACCESS = 3 };

extern u8 debug_here[], debug_next[];
volatile u32 watched[2]; /* (the assembler knows it, too) */
static u32 hits, hit_eip, hit_dr6, hit_flags;

#define DR(n)                                                                                                          \
    static void set_dr##n(u32 v)                                                                                       \
    {                                                                                                                  \
        __asm__ volatile("movl %0, %%dr" #n : : "r"(v) : "memory");                                                    \
    }
DR(0)
DR(1)
DR(6)
DR(7)
#undef DR

static u32 dr6(void)
{
    u32 v;
    __asm__ volatile("movl %%dr6, %0" : "=r"(v));
    return v;
}

static void on_debug(struct trap_frame *f)
{
    set_dr7(DR7_CLEAR);
    hits++;
    hit_dr6 = dr6();
    hit_eip = f->eip;
    hit_flags = f->eflags;
    set_dr6(DR6_CLEAR);
    f->eflags &= ~(u32)FLAG_TF;
    f->eflags |= FLAG_RF;
}

void debug_code(void);
__asm__("debug_code: movl $5, %eax\n"
        "debug_here: movl %eax, watched\n"
        "debug_next: movl watched, %eax\n"
        "ret\n");

static int hit(u32 bits, const void *eip)
{
    int all = hits == 1 && (hit_dr6 & 0xe00f) == bits && (!eip || hit_eip == (u32)(uptr)eip);
    hits = 0;
    return all;
}

static void breakpoints(void)
{
    set_dr0((u32)(uptr)debug_here);
    set_dr7(DR7_CLEAR | DR7_ENABLE(0));
    debug_code();
    ok(hit(DR6_B0, debug_here), "DR0, execution: a fault before the instruction, DR6.B0");
    ok(!(hit_flags & FLAG_RF), "... with RF clear in the saved flags: the handler must set it to go on");
    set_dr0((u32)(uptr)&watched[0]);
    set_dr7(DR7_CLEAR | DR7_ENABLE(0) | DR7_KIND(0, KIND_WRITE, 4));
    debug_code();
    ok(hit(DR6_B0, debug_next), "DR0, writes: a trap behind the instruction");
    set_dr7(DR7_CLEAR | DR7_ENABLE(0) | DR7_KIND(0, KIND_WRITE, 4));
    (void)watched[0];
    ok(hits == 0, "... not by reads");
    set_dr1((u32)(uptr)&watched[1]);
    set_dr7(DR7_CLEAR | DR7_ENABLE(1) | DR7_KIND(1, KIND_ACCESS, 4));
    (void)watched[1];
    ok(hit(DR6_B1, NULL), "DR1, reads and writes: a read, DR6.B1");
    set_dr1((u32)(uptr)&watched[1]);
    set_dr7(DR7_CLEAR | DR7_ENABLE(1) | DR7_KIND(1, KIND_WRITE, 1));
    *((volatile u8 *)&watched[1] + 1) = 1;
    ok(hits == 0, "LEN: a byte more is not watched");
    set_dr7(DR7_CLEAR);
}

static void read_dr4(void *arg)
{
    (void)arg;
    u32 v;
    __asm__ volatile("movl %%dr4, %0" : "=r"(v));
}

static void input_output(void)
{
    if (!has_edx(EDX_DE)) {
        tap_skip("CR4.DE", "CPUID has no DE");
        return;
    }
    write_cr4(read_cr4() & ~(uptr)CR4_DE);
    ok(try_call(read_dr4, NULL) == NO_FAULT, "CR4.DE clear: DR4 is DR6");
    write_cr4(read_cr4() | CR4_DE);
    ok(try_call(read_dr4, NULL) == VECTOR_UD, "CR4.DE set: DR4 is #UD");
    set_dr0(0x80);
    set_dr7(DR7_CLEAR | DR7_ENABLE(0) | DR7_KIND(0, KIND_IO, 1));
    outb(0x80, 0);
    ok(hit(DR6_B0, NULL), "CR4.DE: a breakpoint on a port");
    set_dr7(DR7_CLEAR);
    write_cr4(read_cr4() & ~(uptr)CR4_DE);
}

static void __attribute__((noinline)) step(void)
{
    __asm__ volatile("pushfl; orl $0x100, (%%esp); popfl\n"
                     "nop\n"
                     ".globl debug_stepped\n"
                     "debug_stepped: nop"
                     :
                     :
                     : "memory", "cc");
    extern u8 debug_stepped[];
    ok(hit(DR6_BS, debug_stepped), "EFLAGS.TF: a trap behind the next instruction, DR6.BS");
    ok(hit_flags & FLAG_TF, "... with TF in the saved flags");
}

static void general_detect(void)
{
    if (host() == HOST_TCG) {
        tap_skip("DR7.GD: an access to a debug register is #DB, DR6.BD", "the emulator has no GD");
        return;
    }
    set_dr7(DR7_CLEAR | DR7_GD);
    set_dr0(0); /* the handler clears GD; the instruction runs again */
    ok(hit(DR6_BD, NULL), "DR7.GD: an access to a debug register is #DB, DR6.BD");
}

static void icebp(void)
{
    if (host() == HOST_TCG) {
        tap_skip("INT1 (F1) is #DB", "the emulator has no F1 for guests");
        return;
    }
    __asm__ volatile(".byte 0xf1");
    ok(hits == 1, "INT1 (F1) is #DB");
    hits = 0;
}

void debug_tests(void)
{
    trap_handle(VECTOR_DB, on_debug);
    set_dr6(DR6_CLEAR);
    is(dr6(), DR6_CLEAR, "DR6: its fixed bits");
    breakpoints();
    input_output();
    step();
    general_detect();
    icebp();
    trap_handle(VECTOR_DB, NULL);
}
