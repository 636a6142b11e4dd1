/* test_x87_env.c: control word, environment and state in memory: the protected layouts against the host's FPU, the
 * real-mode ones against figures 8-10 and 8-12 of SDM vol. 1. */
#include "host_x87.h"

#define ROUNDS 5000

struct insn {
    u8 bytes[3];
    unsigned len;
};

/* An image for FLDENV or FRSTOR: a state with any bits in control, status and tag word. */
static void put_image(struct x87_state *s, bool wide, u64 *seed)
{
    struct x87_state other;
    x87_random_state(seed, &other);
    u64 r = x87_random(seed);
    memset(s->mem, 0xa5, X87_STATE_MEM);
    other.x.cw = (u16)r;
    other.x.sw = (u16)(r >> 16);
    other.x.tw = (u16)(r >> 32);
    if (wide) {
        memcpy(s->mem, &other.x, sizeof other.x);
        return;
    }
    u16 env[7] = { other.x.cw, other.x.sw, other.x.tw, (u16)other.x.fip, 0, (u16)other.x.fdp, 0 };
    memcpy(s->mem, env, sizeof env);
    memcpy(s->mem + sizeof env, other.x.reg, sizeof other.x.reg);
}

static void try_insn(struct insn in)
{
    struct x87_bench *t = x87_bench_new();
    if (!t)
        skip();
    u64 seed = in.bytes[1] + in.len;
    unsigned bad = 0;
    x87_set_code(t, in.bytes, in.len);
    for (unsigned n = x87_rounds(ROUNDS); n && bad < 3; n--) {
        struct x87_state s;
        x87_random_state(&seed, &s);
        put_image(&s, in.len == 2, &seed);
        bad += !x87_same(t, &s, PTR_KEPT);
    }
    x87_bench_free(t);
    assert_int_equal(bad, 0);
}

static void fldcw(void **state)
{
    (void)state;
    try_insn((struct insn){ { 0xd9, 0x2e }, 2 });
}
static void fnstenv(void **state)
{
    (void)state;
    try_insn((struct insn){ { 0xd9, 0x36 }, 2 });
    try_insn((struct insn){ { 0x66, 0xd9, 0x36 }, 3 });
}
static void fldenv(void **state)
{
    (void)state;
    try_insn((struct insn){ { 0xd9, 0x26 }, 2 });
    try_insn((struct insn){ { 0x66, 0xd9, 0x26 }, 3 });
}
static void fnsave(void **state)
{
    (void)state;
    try_insn((struct insn){ { 0xdd, 0x36 }, 2 });
    try_insn((struct insn){ { 0x66, 0xdd, 0x36 }, 3 });
}
static void frstor(void **state)
{
    (void)state;
    try_insn((struct insn){ { 0xdd, 0x26 }, 2 });
    try_insn((struct insn){ { 0x66, 0xdd, 0x26 }, 3 });
}

/* ---- real mode ---- */

#define DATA 0x5000u /* in segment 0 */

static struct bench *real_bench(void)
{
    struct bench *b = bench_new(BENCH_REAL);
    struct fpu *f = &b->cpu->fpu;
    b->cpu->r[RBX] = DATA;
    f->cw = 0x0340;
    f->sw = 0x4700;
    f->top = 6;
    f->valid = 0xc0; /* R6 and R7 */
    f->reg[6] = (struct f80){ 0, 0 };
    f->reg[7] = (struct f80){ BIT64(63), 0x3fff };
    f->fop = 0x5a5;
    f->fcs = 0xf123;
    f->fip = 0x4567; /* linear F5797 */
    f->fds = 0x9000;
    f->fdp = 0xfedc; /* linear 9FEDC */
    return b;
}

static void real16_fnstenv(void **state)
{
    (void)state;
    static const u16 expected[7] = { 0x0340, 0x7700, 0x1fff, 0x5797, 0xf5a5, 0xfedc, 0x9000 };
    struct bench *b = real_bench();
    bench_run(b, CODE("\xd9\x37\xf4")); /* fnstenv [bx] */
    assert_int_equal(b->vector, -1);
    assert_memory_equal(b->m + DATA, expected, sizeof expected);
    assert_int_equal(b->cpu->fpu.cw, 0x037f);
    bench_free(b);
}

static void real32_fnstenv(void **state)
{
    (void)state;
    static const u32 expected[7] = {
        0xffff0340, 0xffff7700, 0xffff1fff, 0xffff5797, 0x0000f5a5, 0xfffffedc, 0x00009000
    };
    struct bench *b = real_bench();
    bench_run(b, CODE("\x66\xd9\x37\xf4"));
    assert_int_equal(b->vector, -1);
    assert_memory_equal(b->m + DATA, expected, sizeof expected);
    bench_free(b);
}

static void real16_fldenv(void **state)
{
    (void)state;
    static const u16 image[7] = { 0x137f, 0x2800, 0xfff3, 0x5797, 0xf5a5, 0xfedc, 0x9000 };
    struct bench *b = real_bench();
    struct fpu *f = &b->cpu->fpu;
    memcpy(b->m + DATA, image, sizeof image);
    bench_run(b, CODE("\xd9\x27\xf4"));
    assert_int_equal(f->cw, 0x137f);
    assert_int_equal(f->top, 5);
    assert_int_equal(f->sw, 0);
    assert_int_equal(f->valid, 0x02);
    assert_int_equal(f->fop, 0x5a5);
    assert_int_equal(((u32)f->fcs << 4) + (u32)f->fip, 0xf5797);
    assert_int_equal(((u32)f->fds << 4) + (u32)f->fdp, 0x9fedc);
    bench_free(b);
}

static void real32_save_and_restore(void **state)
{
    (void)state;
    struct bench *b = real_bench();
    struct fpu *f = &b->cpu->fpu;
    f->fip = 0x12345678;
    f->fcs = 0;
    bench_run(b, CODE("\x66\xdd\x37\xf4")); /* fnsave */
    assert_int_equal(bench_get(b, DATA + 12, 4), 0xffff5678);
    assert_int_equal(bench_get(b, DATA + 16, 4), 0x012345a5);
    assert_int_equal(bench_get(b, DATA + 28, 8), 0); /* ST(0) = R6 */
    assert_int_equal(bench_get(b, DATA + 38, 8), BIT64(63));
    assert_int_equal(f->cw, 0x037f);
    assert_int_equal(f->sw | f->top | f->valid, 0);
    bench_run(b, CODE("\x66\xdd\x27\xf4")); /* frstor */
    assert_int_equal(f->cw, 0x0340);
    assert_int_equal(f->sw, 0x4700);
    assert_int_equal(f->top, 6);
    assert_int_equal(f->valid, 0xc0);
    assert_int_equal(f->fip, 0x12345678);
    assert_int_equal(f->reg[7].se, 0x3fff);
    bench_free(b);
}

/* 94 bytes: the last at FFFF passes, one more faults and changes nothing. */
static void real16_limit(void **state)
{
    (void)state;
    struct bench *b = real_bench();
    b->cpu->r[RBX] = 0x10000 - 94;
    bench_run(b, CODE("\xdd\x37\xf4"));
    assert_int_equal(b->vector, -1);
    bench_free(b);
    b = real_bench();
    b->cpu->r[RBX] = 0x10000 - 93;
    bench_run(b, CODE("\xdd\x37\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->cpu->fpu.cw, 0x0340);
    assert_int_equal(b->m[0x10000 - 93], 0);
    bench_free(b);
}

/* Each word wraps by itself, and of a number its mantissa and its exponent. */
static void real16_wraps(void **state)
{
    (void)state;
    struct bench *b = real_bench();
    b->cpu->r[RBX] = 0xfffa;
    bench_put(b, 0xfffa, 0x0d7f, 2);
    bench_put(b, 0xfffc, 0x4100, 2);
    bench_put(b, 0xfffe, 0xfffe, 2);
    bench_run(b, CODE("\xd9\x27\xf4")); /* fldenv [bx] */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->fpu.cw, 0x0d7f);
    assert_int_equal(b->cpu->fpu.valid, 1);
    bench_free(b);
    b = real_bench();
    b->cpu->r[RBX] = 0xfff8;
    bench_put(b, 0xfff8, BIT64(63), 8);
    bench_put(b, 0, 0x4001, 2);
    bench_run(b, CODE("\xdb\xe3\xdb\x2f\xf4")); /* fninit; fld tbyte [bx] */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->fpu.reg[7].se, 0x4001);
    bench_put(b, 0, 0, 2);
    bench_run(b, CODE("\xdb\x3f\xf4")); /* fstp tbyte [bx] */
    assert_int_equal(bench_get(b, 0, 2), 0x4001);
    b->cpu->r[RBX] = 0xfff9; /* the mantissa does not fit */
    bench_run(b, CODE("\xdb\x2f\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    bench_free(b);
}

/* 32-bit protected mode: selectors, and the opcode above CS. */
static void protected32_pointers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RBX] = BENCH_DATA;
    bench_put(b, BENCH_DATA, 0x3ff0000000000000u, 8);
    /* fninit; fld qword [ebx]; add ebx, 64; fldcw [ebx] (0: all unmasked); fdiv dword [ebx + 4] (zero) */
    bench_run(b, CODE("\xdb\xe3\xdd\x03\x83\xc3\x40\xd9\x2b\xd8\x73\x04\xd9\x33\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_DATA + 64, 4), 0xffff0040);
    assert_int_equal(bench_get(b, BENCH_DATA + 68, 4), 0xffffb884);
    assert_int_equal(bench_get(b, BENCH_DATA + 76, 4), BENCH_CODE + 9);
    assert_int_equal(bench_get(b, BENCH_DATA + 80, 4), 0x00730000 | SEL_CODE32);
    assert_int_equal(bench_get(b, BENCH_DATA + 84, 4), BENCH_DATA + 68);
    assert_int_equal(bench_get(b, BENCH_DATA + 88, 4), 0xffff0000 | SEL_DATA32);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fldcw),
        cmocka_unit_test(fnstenv),
        cmocka_unit_test(fldenv),
        cmocka_unit_test(fnsave),
        cmocka_unit_test(frstor),
        cmocka_unit_test(real16_fnstenv),
        cmocka_unit_test(real32_fnstenv),
        cmocka_unit_test(real16_fldenv),
        cmocka_unit_test(real16_limit),
        cmocka_unit_test(real16_wraps),
        cmocka_unit_test(real32_save_and_restore),
        cmocka_unit_test(protected32_pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
