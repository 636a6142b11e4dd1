/* test_x87.c: what surrounds the arithmetic: which opcodes exist, #NM, #MF and FERR#, faulting operands, sticky flags.
 */
#include "host_x87.h"

#include <setjmp.h>
#include <signal.h>

static struct bench *open_bench(enum bench_mode mode)
{
    struct bench *b = bench_new(mode);
    struct fpu *f = &b->cpu->fpu;
    f->cw = 0x037f;
    f->sw = 0;
    f->top = 0;
    f->valid = 0x0f;
    for (unsigned i = 0; i < 8; i++)
        f->reg[i] = (struct f80){ BIT64(63) | i << 8, (u16)(0x3fff + i) };
    b->cpu->r[RSI] = BENCH_DATA;
    return b;
}

static void run2(struct bench *b, unsigned op, unsigned modrm)
{
    u8 code[3] = { (u8)op, (u8)modrm, 0xf4 };
    bench_run(b, code, sizeof code);
}

/* ---- which opcodes exist ---- */

static sigjmp_buf undefined; /* a signal handler has no argument of ours */

static void on_sigill(int sig)
{
    siglongjmp(undefined, sig);
}

static bool host_has(struct x87_bench *t, unsigned op, unsigned modrm)
{
    struct x87_state s;
    u64 seed = 1;
    u8 code[2] = { (u8)op, (u8)modrm };
    x87_random_state(&seed, &s);
    memset(s.mem, 0, sizeof s.mem);
    s.x.cw = 0x037f;
    s.x.sw = 0;
    s.x.tw = 0xffff;
    x87_set_code(t, code, 2);
    if (sigsetjmp(undefined, 1))
        return false;
    x87_run_host(t, &s);
    return true;
}

static void opcodes(void **state)
{
    (void)state;
    struct x87_bench *t = x87_bench_new();
    if (!t)
        skip();
    struct sigaction act = { .sa_handler = on_sigill }, before;
    unsigned bad = 0;
    sigaction(SIGILL, &act, &before);
    for (unsigned op = 0xd8; op < 0xe0; op++)
        for (unsigned i = 0; i < 64 + 8; i++) {
            unsigned modrm = i < 64 ? 0xc0 + i : (i - 64) << 3 | 6;
            bool has = host_has(t, op, modrm);
            struct bench *b = open_bench(BENCH_64);
            run2(b, op, modrm);
            if (b->vector != (has ? -1 : EXC_UD)) {
                print_message("%02x %02x: host %d, vector %d\n", op, modrm, has, b->vector);
                bad++;
            }
            bench_free(b);
        }
    sigaction(SIGILL, &before, NULL);
    x87_bench_free(t);
    assert_int_equal(bad, 0);
}

/* ---- #NM ---- */

static void set_cr0(struct bench *b, u32 bits)
{
    b->cpu->cr0 = (b->cpu->cr0 & ~(CR0_EM | CR0_TS | CR0_MP)) | bits;
    cpu_update_mode(b->cpu);
}

static void not_available(void **state)
{
    (void)state;
    static const u8 insns[][2] = { { 0xd9, 0xe8 }, { 0xdb, 0xe3 }, { 0xdb, 0xe2 }, { 0xdf, 0xe0 }, { 0xd9, 0x3e },
                                   { 0xdd, 0x36 }, { 0xd9, 0xd0 }, { 0xdb, 0xe0 }, { 0xdd, 0x3e } };
    struct bench *b = open_bench(BENCH_32);
    for (unsigned i = 0; i < ARRAY_LEN(insns); i++)
        for (unsigned cr0 = 0; cr0 < 8; cr0++) {
            set_cr0(b, cr0 << 1); /* MP, EM, TS */
            run2(b, insns[i][0], insns[i][1]);
            assert_int_equal(b->vector, cr0 & 6 ? EXC_NM : -1);
        }
    for (unsigned cr0 = 0; cr0 < 8; cr0++) {
        set_cr0(b, cr0 << 1);
        bench_run(b, CODE("\x9b\xf4"));
        assert_int_equal(b->vector, (cr0 & 5) == 5 ? EXC_NM : -1);
    }
    bench_free(b);
}

/* ---- pending exceptions ---- */

static void make_pending(struct bench *b)
{
    b->cpu->fpu.cw = 0x037b; /* ZM clear */
    b->cpu->fpu.sw = 0x8084; /* ZE, ES, B */
}

static bool waits(unsigned op, unsigned modrm)
{
    if (modrm >= 0xc0)
        return !(op == 0xdb && modrm >= 0xe0 && modrm <= 0xe4) && !(op == 0xdf && modrm == 0xe0);
    return !(op == 0xd9 && modrm >> 3 >= 6) && !(op == 0xdd && modrm >> 3 >= 6);
}

/* Every instruction that waits reports #MF, before its operand is looked at, and changes nothing. */
static void pending_reported(void **state)
{
    (void)state;
    for (unsigned op = 0xd8; op < 0xe0; op++)
        for (unsigned i = 0; i < 64 + 8; i++) {
            unsigned modrm = i < 64 ? 0xc0 + i : (i - 64) << 3 | 6;
            struct bench *b = open_bench(BENCH_64);
            make_pending(b);
            b->cpu->r[RSI] = waits(op, modrm) ? 0xf0000000u : BENCH_DATA; /* not present */
            struct fpu before = b->cpu->fpu;
            run2(b, op, modrm);
            if (b->vector == EXC_UD) {
                bench_free(b);
                continue;
            }
            assert_int_equal(b->vector, waits(op, modrm) ? EXC_MF : -1);
            if (waits(op, modrm)) {
                assert_int_equal(b->frame_ip, BENCH_CODE);
                assert_memory_equal(&before, &b->cpu->fpu, sizeof before);
            }
            bench_free(b);
        }
}

static void pending_reported_by_fwait(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_64);
    make_pending(b);
    bench_run(b, CODE("\x9b\xf4"));
    assert_int_equal(b->vector, EXC_MF);
    bench_free(b);
}

/* FLDCW that unmasks a flag already set: reported by the next waiting instruction, not by itself. */
static void unmasked_later(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_64);
    b->cpu->fpu.sw = 0x0004;
    bench_put(b, BENCH_DATA, 0x037b, 2);
    bench_run(b, CODE("\xd9\x2e\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->fpu.sw, 0x8084);
    bench_run(b, CODE("\xd9\xd0\xf4")); /* fnop */
    assert_int_equal(b->vector, EXC_MF);
    b->cpu->fpu.cw = 0x037b;
    bench_put(b, BENCH_DATA, 0x137f, 2); /* FNCLEX first: FLDCW waits too */
    bench_run(b, CODE("\xdb\xe2\xd9\x2e\x9b\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->fpu.sw, 0);
    assert_int_equal(b->cpu->fpu.cw, 0x137f);
    bench_free(b);
}

/* CR0.NE = 0: FERR#, and the processor waits at the instruction for an interrupt. */
static void watch_ferr(void *owner, bool level)
{
    struct bench *b = owner;
    b->port_value = level ? 1 : 2;
    if (level) { /* as IRQ 13 of the PIC */
        b->pending = 0x75;
        cpu_set_intr(b->cpu, true);
    }
}

static void ferr_and_ignne(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_32);
    b->cpu->w.ferr = watch_ferr;
    b->cpu->cr0 &= ~CR0_NE;
    b->cpu->eflags |= FL_IF;
    make_pending(b);
    bench_run(b, CODE("\x90\xd9\xe8\xf4")); /* nop; fld1 */
    assert_int_equal(b->vector, 0x75);
    assert_int_equal(b->frame_ip, BENCH_CODE + 1);
    assert_int_equal(b->port_value, 1);
    assert_int_equal(b->cpu->fpu.top, 0);

    /* The handler acknowledged at port F0: IGNNE# lets waiting instructions pass, until the error is cleared. */
    cpu_set_ignne(b->cpu);
    b->cpu->eflags |= FL_IF;
    bench_run(b, CODE("\xd9\xe8\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->fpu.top, 7);
    assert_true(b->cpu->fpu.ignne);
    bench_run(b, CODE("\xdb\xe2\xf4"));
    assert_int_equal(b->port_value, 2);
    assert_false(b->cpu->fpu.ignne);
    bench_free(b);
}

/* No interrupt comes: it waits, and goes on when the error is gone. Interrupts are taken though STI came right before.
 */
static void frozen(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_32);
    b->cpu->cr0 &= ~CR0_NE;
    make_pending(b);
    bench_run(b, CODE("\x9b\xf4"));
    assert_true(cpu_is_halted(b->cpu));
    assert_int_equal(b->cpu->rip, BENCH_CODE);
    b->cpu->w.ferr = watch_ferr;
    b->cpu->eflags &= ~FL_IF;
    bench_run(b, CODE("\xfb\x9b\xf4")); /* sti; fwait */
    assert_int_equal(b->vector, 0x75);
    assert_int_equal(b->frame_ip, BENCH_CODE + 1);
    bench_free(b);
}

/* ---- faulting operands: nothing changes ---- */

static void faulting_operand(void **state)
{
    (void)state;
    for (unsigned op = 0xd8; op < 0xe0; op++)
        for (unsigned reg = 0; reg < 8; reg++) {
            struct bench *b = open_bench(BENCH_64);
            struct fpu before = b->cpu->fpu;
            b->cpu->r[RSI] = BENCH_DATA + 0xfff; /* every operand is two bytes at least */
            bench_put(b, BENCH_PTE((BENCH_DATA >> 12) + 1), 0, 8);
            run2(b, op, reg << 3 | 6);
            assert_true(b->vector == EXC_PF || b->vector == EXC_UD);
            assert_memory_equal(&before, &b->cpu->fpu, sizeof before);
            assert_int_equal(b->m[BENCH_DATA + 0xfff], 0);
            bench_free(b);
        }
}

/* ---- sticky flags are the guest's, not what the host's FPU still shows ---- */

static void flags_do_not_leak(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_64);
    struct fpu *f = &b->cpu->fpu;
    f->sw = 0x003f; /* everything seen: inexact results, division by zero ... take the short way */
    f->reg[0] = (struct f80){ BIT64(63) | 1, 0x3fff };
    f->reg[1] = (struct f80){ 3ull << 62, 0x3fff };
    f->reg[2] = (struct f80){ 0, 0 };
    bench_run(b, CODE("\xd8\xf1\xd8\xc9\xd8\xf2\xf4")); /* fdiv st, st1; fmul st, st1; fdiv st, st2 */
    assert_int_equal(f->sw & 0xff, 0x3f);
    f->reg[0] = (struct f80){ BIT64(63), 0x3fff };
    bench_run(b, CODE("\xdb\xe2\xd8\xc0\xd8\xc8\xd9\xfa\xf4")); /* fnclex; fadd st, st; fmul st, st; fsqrt: exact */
    assert_int_equal(f->sw, 0);
    assert_int_equal(f->reg[0].se, 0x4000);
    bench_free(b);
}

/* ---- pointers and opcode ---- */

static void pointers(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_32);
    struct fpu *f = &b->cpu->fpu;
    bench_run(b, CODE("\x90\x36\xd8\x46\x10\xf4")); /* nop; fadd dword ss:[esi + 16] */
    assert_int_equal(f->fip, BENCH_CODE + 1);
    assert_int_equal(f->fcs, SEL_CODE32);
    assert_int_equal(f->fdp, BENCH_DATA + 16);
    assert_int_equal(f->fds, SEL_DATA32);
    assert_int_equal(f->fop, 0); /* no unmasked exception yet */
    f->cw = 0x037e;
    f->valid = 0xfe;
    bench_run(b, CODE("\x90\x3e\x66\xd9\xfa\xf4")); /* fsqrt of nothing, unmasked */
    assert_int_equal(f->sw & 0xff, 0xc1);
    assert_int_equal(f->fip, BENCH_CODE + 1);
    assert_int_equal(f->fdp, BENCH_DATA + 16);
    assert_int_equal(f->fop, 0x1fa);
    bench_run(b, CODE("\xdb\xe2\xd9\x2e\x9b\xf4")); /* control instructions record nothing */
    assert_int_equal(f->fip, BENCH_CODE + 1);
    assert_int_equal(f->fop, 0x1fa);
    bench_free(b);
}

/* Just below the least normal number of the format: rounding makes it normal, and keeps its sign. */
static void rounds_up_to_normal(void **state)
{
    (void)state;
    struct bench *b = open_bench(BENCH_64);
    b->cpu->fpu.reg[0] = (struct f80){ UINT64_MAX, 0xbf80 };
    run2(b, 0xd9, 0x16); /* fst dword [rsi] */
    assert_int_equal(bench_get(b, BENCH_DATA, 4), 0x80800000u);
    b->cpu->fpu.reg[0] = (struct f80){ UINT64_MAX, 0xbc00 };
    run2(b, 0xdd, 0x16); /* fst qword [rsi] */
    assert_true(bench_get(b, BENCH_DATA, 8) == 0x8010000000000000u);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opcodes),          cmocka_unit_test(not_available),
        cmocka_unit_test(pending_reported), cmocka_unit_test(pending_reported_by_fwait),
        cmocka_unit_test(unmasked_later),   cmocka_unit_test(ferr_and_ignne),
        cmocka_unit_test(frozen),           cmocka_unit_test(rounds_up_to_normal),
        cmocka_unit_test(faulting_operand), cmocka_unit_test(flags_do_not_leak),
        cmocka_unit_test(pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
