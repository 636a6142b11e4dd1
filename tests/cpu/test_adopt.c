/* test_adopt.c: registers written from outside: cpu_adopt(). */
#include "harness.h"

#include "far.h"
#include "flags.h"

#include "debug.h"

static struct debug_registers look(const struct bench *b)
{
    struct debug_registers r;
    cpu_inspect(b->cpu, &r);
    return r;
}

static bool same(const struct debug_registers *a, const struct debug_registers *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* What was read may be written back in every mode, and nothing has changed. */
static void test_writing_back_changes_nothing(void **state)
{
    static const enum bench_mode modes[] = { BENCH_REAL, BENCH_P16, BENCH_32, BENCH_32U, BENCH_64, BENCH_64U };
    for (unsigned i = 0; i < ARRAY_LEN(modes); i++) {
        struct bench *b = bench_new(modes[i]);
        bench_run(b, CODE("\xd9\xe8\xf4")); /* fld1; hlt */
        struct debug_registers before = look(b), after;
        assert_true(cpu_adopt(b->cpu, &before));
        after = look(b);
        assert_true(same(&before, &after));
        bench_free(b);
    }
    (void)state;
}

static void test_general_registers_flags_and_rip_take_effect(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    bench_run(b, CODE("\xf4\xf4\x72\x01\xf4\x48\x01\xd8\xf4")); /* hlt; hlt; jc +1; hlt; add rax, rbx; hlt */
    struct debug_registers r = look(b);
    r.gpr[0] = 0x1111111111111111;
    r.gpr[3] = 0x2222222222222222;
    r.rflags |= FL_CF;
    r.rip = BENCH_CODE + 2;
    assert_true(cpu_adopt(b->cpu, &r));
    bench_continue(b);
    assert_int_equal(b->cpu->r[RAX], 0x3333333333333333);
    assert_int_equal(b->cpu->rip, BENCH_CODE + 9);
    bench_free(b);
    (void)state;
}

static void test_a_selector_loads_its_segment(void **state)
{
    struct bench *b = bench_new(BENCH_REAL);
    struct debug_registers r = look(b);
    r.seg[DEBUG_CS].selector = 0xf000;
    r.seg[DEBUG_DS].selector = 0x1234;
    r.rip = 0xfff0;
    assert_true(cpu_adopt(b->cpu, &r));
    r = look(b);
    assert_int_equal(r.seg[DEBUG_CS].base, 0xf0000);
    assert_int_equal(r.seg[DEBUG_DS].base, 0x12340);
    bench_free(b);

    b = bench_new(BENCH_32);
    r = look(b);
    bench_descriptor(b, SEL_FREE, 0x5000, 0xff, DESC_P | DESC_S | DESC_RW);
    bench_descriptor(b, SEL_FREE + 8, 0, 0xffff, DESC_P | DESC_S | DESC_CODE | DESC_RW);
    r.seg[DEBUG_ES].selector = SEL_FREE;
    r.seg[DEBUG_CS].selector = SEL_FREE + 8;
    assert_true(cpu_adopt(b->cpu, &r));
    r = look(b);
    assert_int_equal(r.seg[DEBUG_ES].base, 0x5000);
    assert_int_equal(r.seg[DEBUG_ES].limit, 0xff);
    assert_int_equal(r.code, DEBUG_CODE_16);
    bench_free(b);
    (void)state;
}

/* A refused value leaves the processor running, without an exception that the guest would see. */
static void refuse(enum bench_mode mode, void (*spoil)(struct debug_registers *r))
{
    struct bench *b = bench_new(mode);
    struct debug_registers r = look(b);
    spoil(&r);
    assert_false(cpu_adopt(b->cpu, &r));
    assert_false(b->cpu->exc.valid);
    bench_run(b, CODE("\x90\xf4"));
    assert_int_equal(b->vector, -1);
    bench_free(b);
}

static void paging_without_protection(struct debug_registers *r)
{
    r->cr0 = (r->cr0 | CR0_PG) & ~(u64)CR0_PE;
}
static void selector_beyond_the_table(struct debug_registers *r)
{
    r->seg[DEBUG_DS].selector = 0xfff8;
}
static void data_as_code(struct debug_registers *r)
{
    r->seg[DEBUG_CS].selector = SEL_DATA32;
}
static void rip_not_canonical(struct debug_registers *r)
{
    r->rip = BIT64(47);
}
static void rip_too_wide(struct debug_registers *r)
{
    r->rip = BIT64(32);
}
static void reserved_mxcsr(struct debug_registers *r)
{
    r->mxcsr |= BIT(16);
}
static void undefined_flag(struct debug_registers *r)
{
    r->rflags |= BIT(3);
}
static void base_of_data(struct debug_registers *r)
{
    r->seg[DEBUG_DS].base += 16;
}

static void test_impossible_states_are_refused(void **state)
{
    refuse(BENCH_REAL, paging_without_protection);
    refuse(BENCH_32, selector_beyond_the_table);
    refuse(BENCH_32, data_as_code);
    refuse(BENCH_64, rip_not_canonical);
    refuse(BENCH_32, rip_too_wide);
    refuse(BENCH_64, reserved_mxcsr);
    refuse(BENCH_64, undefined_flag);
    refuse(BENCH_32, base_of_data);
    (void)state;
}

static void test_control_and_debug_registers(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    struct debug_registers r = look(b);
    r.cr0 |= CR0_TS;
    r.cr4 &= ~(u64)CR4_OSFXSR;
    r.efer ^= EFER_SCE;
    r.cr2 = 0x1234;
    r.kernel_gs_base = 0xffff900000000000;
    r.dr[0] = BENCH_CODE + 1;
    r.dr[7] |= 1;
    r.seg[DEBUG_FS].base = 0xffff800000000000;
    struct debug_registers want = r;
    want.cr0 = r.cr0;
    assert_true(cpu_adopt(b->cpu, &r));
    r = look(b);
    assert_true(same(&r, &want));
    bench_run(b, CODE("\x90\x90\xf4"));
    assert_int_equal(b->vector, EXC_DB);
    assert_int_equal(b->frame_ip, BENCH_CODE + 1);
    bench_free(b);
    (void)state;
}

static void test_x87_and_sse(void **state)
{
    struct bench *b = bench_new(BENCH_32);
    struct debug_registers r = look(b);
    r.fcw = 0x27f;
    r.fop = 0x123;
    r.fip = 0x456;
    r.fdp = 0x789;
    r.fsw = 7 << 11;
    r.ftw = 0x80;
    r.fpr[7].mantissa = BIT64(63);
    r.fpr[7].exponent = 0x4000; /* 2.0 */
    r.xmm[3][1] = 0x55;
    r.mxcsr = 0x1fa0;
    assert_true(cpu_adopt(b->cpu, &r));
    struct debug_registers now = look(b);
    assert_true(same(&r, &now));
    bench_run(b, CODE("\xd8\xc0\xd9\x1d\x00\x00\x02\x00\xf4")); /* fadd st0, st0; fstp dword [BENCH_DATA]; hlt */
    assert_int_equal(bench_get(b, BENCH_DATA, 4), 0x40800000);
    bench_free(b);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writing_back_changes_nothing),
        cmocka_unit_test(test_general_registers_flags_and_rip_take_effect),
        cmocka_unit_test(test_a_selector_loads_its_segment),
        cmocka_unit_test(test_impossible_states_are_refused),
        cmocka_unit_test(test_control_and_debug_registers),
        cmocka_unit_test(test_x87_and_sse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
