/* FXSAVE, FXRSTOR, XSAVE, XRSTOR: layouts, headers, and what they refuse (SDM vol. 1, 10.5 and chapter 13). */
#include "fpu.h"
#include "harness.h"

#define AREA BENCH_DATA
#define AREA_BYTES 640u
#define FILL 0xa5

#define FXSAVE "\x0f\xae\x06\xf4" /* [rsi]; then HLT */
#define FXRSTOR "\x0f\xae\x0e\xf4"
#define FXSAVE64 "\x48\x0f\xae\x06\xf4"
#define FXRSTOR64 "\x48\x0f\xae\x0e\xf4"
#define XSAVE "\x0f\xae\x26\xf4"
#define XRSTOR "\x0f\xae\x2e\xf4"
#define XSAVEOPT "\x0f\xae\x36\xf4"

/* A recognizable state, TOP = 3. */
static void fill_state(struct cpu *c)
{
    struct fpu *f = &c->fpu;
    f->cw = 0x027f;
    f->sw = 0x4100;
    f->top = 3;
    f->valid = 0x5a;
    f->fop = 0x7d9;
    f->fip = 0x123456789abcdef0u;
    f->fcs = 0x1111;
    f->fdp = 0x0fedcba987654321u;
    f->fds = 0x2222;
    for (unsigned i = 0; i < 8; i++)
        f->reg[i] = (struct f80){ 0x8000000000000000u + i, (u16)(0x3f00 + i) };
    for (unsigned i = 0; i < 16; i++)
        c->xmm[i] = (union vec){ .q = { 0x1000 + i, 0x2000 + i } };
    sse_set_mxcsr(c, 0x9fa1);
}

static struct bench *open_bench(enum bench_mode mode)
{
    struct bench *b = bench_new(mode);
    fill_state(b->cpu);
    b->cpu->r[RSI] = AREA;
    memset(b->m + AREA, FILL, AREA_BYTES);
    return b;
}

static void enable_xsave(struct bench *b)
{
    b->cpu->cr4 |= CR4_OSXSAVE;
    b->cpu->xcr0 = XSTATE_X87 | XSTATE_SSE;
    cpu_update_mode(b->cpu);
}

static void assert_filled(struct bench *b, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        assert_int_equal(b->m[AREA + i], FILL);
}

static void assert_state_is(const struct cpu *c, const struct fpu *f, bool wide)
{
    assert_int_equal(c->fpu.cw, f->cw);
    assert_int_equal(c->fpu.sw, f->sw);
    assert_int_equal(c->fpu.top, f->top);
    assert_int_equal(c->fpu.valid, f->valid);
    assert_int_equal(c->fpu.fop, f->fop);
    assert_int_equal(c->fpu.fip, wide ? f->fip : (u32)f->fip);
    assert_int_equal(c->fpu.fdp, wide ? f->fdp : (u32)f->fdp);
    assert_int_equal(c->fpu.fcs, wide ? 0 : f->fcs);
    assert_int_equal(c->fpu.fds, wide ? 0 : f->fds);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(c->fpu.reg[i].mant, f->reg[i].mant);
        assert_int_equal(c->fpu.reg[i].se, f->reg[i].se);
    }
}

static void layout_in_64_bit_mode(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    (void)state;
    bench_run(b, CODE(FXSAVE64));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, AREA, 2), 0x027f);
    assert_int_equal(bench_get(b, AREA + 2, 2), 0x4100 | 3 << 11);
    assert_int_equal(bench_get(b, AREA + 4, 2), 0x5a);
    assert_int_equal(bench_get(b, AREA + 6, 2), 0x7d9);
    assert_int_equal(bench_get(b, AREA + 8, 8), 0x123456789abcdef0u);
    assert_int_equal(bench_get(b, AREA + 16, 8), 0x0fedcba987654321u);
    assert_int_equal(bench_get(b, AREA + 24, 4), 0x9fa1);
    assert_int_equal(bench_get(b, AREA + 28, 4), 0xffff);
    for (unsigned i = 0; i < 8; i++) { /* ST(i), not R(i) */
        unsigned r = (3 + i) & 7;
        assert_int_equal(bench_get(b, AREA + 32 + 16 * i, 8), 0x8000000000000000u + r);
        assert_int_equal(bench_get(b, AREA + 40 + 16 * i, 8), 0x3f00 + r);
    }
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(bench_get(b, AREA + 160 + 16 * i, 8), 0x1000 + i);
    assert_filled(b, 416, AREA_BYTES);
    bench_free(b);
}

static void layout_with_selectors(void **state)
{
    struct bench *b = open_bench(BENCH_32);
    (void)state;
    bench_run(b, CODE(FXSAVE));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, AREA + 8, 8), 0x11119abcdef0u);
    assert_int_equal(bench_get(b, AREA + 16, 8), 0x222287654321u);
    assert_int_equal(bench_get(b, AREA + 160 + 16 * 7, 8), 0x1007);
    assert_filled(b, 288, AREA_BYTES); /* eight XMM registers only */
    bench_free(b);
}

static void round_trip(void **state)
{
    static const struct {
        enum bench_mode mode;
        const char *save, *restore;
        size_t len;
        bool wide;
    } cases[] = { { BENCH_64, FXSAVE64, FXRSTOR64, 5, true },
                  { BENCH_64, FXSAVE, FXRSTOR, 4, false },
                  { BENCH_32, FXSAVE, FXRSTOR, 4, false } };
    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench *b = open_bench(cases[i].mode);
        struct cpu *c = b->cpu;
        const struct fpu before = c->fpu;
        bench_run(b, (const u8 *)cases[i].save, cases[i].len);
        fpu_reset(c);
        bench_run(b, (const u8 *)cases[i].restore, cases[i].len);
        assert_int_equal(b->vector, -1);
        assert_state_is(c, &before, cases[i].wide);
        assert_int_equal(sse_get_mxcsr(c), 0x9fa1);
        for (unsigned n = 0; n < 16; n++)
            assert_int_equal(c->xmm[n].q[1], n < (cases[i].mode == BENCH_64 ? 16u : 8u) ? 0x2000 + n : 0);
        bench_free(b);
    }
}

/* ES follows from what is restored. */
static void restoring_an_unmasked_error_sets_es(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    (void)state;
    bench_run(b, CODE(FXSAVE));
    bench_put(b, AREA, 0x037b, 2); /* zero divide unmasked */
    bench_put(b, AREA + 2, 0x0004, 2);
    bench_run(b, CODE(FXRSTOR));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->fpu.sw & (FSW_ES | FSW_B), FSW_ES | FSW_B);
    bench_free(b);
}

static void without_osfxsr_xmm_stays(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    (void)state;
    b->cpu->cr4 &= ~CR4_OSFXSR;
    cpu_update_mode(b->cpu);
    bench_run(b, CODE(FXSAVE));
    assert_int_equal(b->vector, -1);
    assert_filled(b, 160, AREA_BYTES);
    bench_put(b, AREA + 24, 0x12345678, 4); /* not looked at */
    bench_run(b, CODE(FXRSTOR));
    assert_int_equal(b->vector, -1);
    assert_int_equal(sse_get_mxcsr(b->cpu), 0x9fa1);
    bench_free(b);
}

static void refused(struct bench *b, const char *code, int vector)
{
    const struct fpu before = b->cpu->fpu;
    u8 image[AREA_BYTES];
    memcpy(image, b->m + AREA, AREA_BYTES);
    b->cpu->r[RSP] = BENCH_STACK;
    bench_run(b, (const u8 *)code, strlen(code));
    assert_int_equal(b->vector, vector);
    if (vector == EXC_GP)
        assert_int_equal(b->error, 0);
    assert_memory_equal(&b->cpu->fpu, &before, sizeof before);
    assert_memory_equal(b->m + AREA, image, AREA_BYTES);
}

static void refusals_of_fxsave(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    struct cpu *c = b->cpu;
    (void)state;
    bench_run(b, CODE(FXSAVE));
    c->r[RSI] = AREA + 8;
    refused(b, FXSAVE, EXC_GP);
    refused(b, FXRSTOR, EXC_GP);
    c->r[RSI] = AREA;
    bench_put(b, AREA + 24, 0x11f80, 4);
    refused(b, FXRSTOR, EXC_GP);
    c->cr0 |= CR0_TS;
    refused(b, FXSAVE, EXC_NM);
    c->cr0 = (c->cr0 & ~CR0_TS) | CR0_EM;
    refused(b, FXRSTOR, EXC_NM);
    bench_free(b);
}

/* The second half of the area is on an absent page: nothing is written, nothing restored. */
static void a_page_fault_changes_nothing(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    struct cpu *c = b->cpu;
    u32 at = AREA + 0x1000 - 256;
    (void)state;
    bench_put(b, BENCH_PTE((AREA >> 12) + 1), 0, 8);
    tlb_flush_all(c);
    memset(b->m + at, FILL, 256);
    c->r[RSI] = at;
    refused(b, FXSAVE, EXC_PF);
    assert_int_equal(c->cr2, AREA + 0x1000);
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(b->m[at + i], FILL);
    refused(b, FXRSTOR, EXC_PF);
    bench_free(b);
}

static void xsave_writes_what_is_asked_for(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    (void)state;
    enable_xsave(b);
    bench_put(b, AREA + 512, 0, 8);
    b->cpu->r[RAX] = XSTATE_SSE;
    b->cpu->r[RDX] = 0;
    bench_run(b, CODE(XSAVE));
    assert_int_equal(b->vector, -1);
    assert_filled(b, 0, 24);
    assert_int_equal(bench_get(b, AREA + 24, 4), 0x9fa1);
    assert_filled(b, 32, 160);
    assert_int_equal(bench_get(b, AREA + 160 + 16 * 15, 8), 0x100f);
    assert_filled(b, 416, 512);
    assert_int_equal(bench_get(b, AREA + 512, 8), XSTATE_SSE);
    assert_filled(b, 520, AREA_BYTES);
    b->cpu->r[RAX] = XSTATE_X87 | 0xfffffff8u; /* what XCR0 does not have is left out */
    bench_run(b, CODE(XSAVEOPT));
    assert_int_equal(bench_get(b, AREA, 2), 0x027f);
    assert_int_equal(bench_get(b, AREA + 512, 8), XSTATE_X87 | XSTATE_SSE);
    bench_free(b);
}

static void prepare_xrstor(struct bench *b, u64 bv)
{
    fill_state(b->cpu);
    b->cpu->r[RAX] = b->cpu->r[RDX] = 0xffffffff;
    memset(b->m + AREA + 512, 0, 64);
    bench_run(b, CODE(XSAVE));
    bench_put(b, AREA + 512, bv, 8);
}

static void xrstor_initializes_what_the_header_lacks(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    struct cpu *c = b->cpu;
    (void)state;
    enable_xsave(b);
    prepare_xrstor(b, XSTATE_SSE);
    fill_state(c);
    c->xmm[4].q[0] = 99;
    bench_run(b, CODE(XRSTOR));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->fpu.cw, FCW_INIT);
    assert_int_equal(c->fpu.valid, 0);
    assert_int_equal(c->fpu.reg[3].mant, 0);
    assert_int_equal(c->xmm[4].q[0], 0x1004);
    prepare_xrstor(b, XSTATE_X87);
    sse_set_mxcsr(c, 0x1f80);
    bench_run(b, CODE(XRSTOR));
    assert_int_equal(c->fpu.cw, 0x027f);
    assert_int_equal(c->xmm[4].q[0], 0);
    assert_int_equal(sse_get_mxcsr(c), 0x9fa1); /* from memory all the same */
    c->r[RAX] = XSTATE_X87;                     /* MXCSR goes with SSE */
    sse_set_mxcsr(c, 0x1f80);
    bench_run(b, CODE(XRSTOR));
    assert_int_equal(sse_get_mxcsr(c), 0x1f80);
    bench_free(b);
}

static void refusals_of_xrstor(void **state)
{
    struct bench *b = open_bench(BENCH_64);
    struct cpu *c = b->cpu;
    (void)state;
    enable_xsave(b);
    prepare_xrstor(b, XSTATE_X87 | XSTATE_SSE);
    bench_put(b, AREA + 512, XSTATE_X87 | XSTATE_AVX, 8); /* not in XCR0 */
    refused(b, XRSTOR, EXC_GP);
    bench_put(b, AREA + 512, XSTATE_X87, 8);
    bench_put(b, AREA + 520, BIT64(63), 8); /* compacted */
    refused(b, XRSTOR, EXC_GP);
    bench_put(b, AREA + 520, 0, 8);
    bench_put(b, AREA + 535, 1, 1); /* reserved */
    refused(b, XRSTOR, EXC_GP);
    bench_put(b, AREA + 535, 0, 1);
    bench_put(b, AREA + 24, 0x10000, 4); /* MXCSR */
    refused(b, XRSTOR, EXC_GP);
    bench_put(b, AREA + 24, 0x1f80, 4);
    c->r[RSI] = AREA + 16;
    refused(b, XRSTOR, EXC_GP);
    refused(b, XSAVE, EXC_GP);
    c->r[RSI] = AREA;
    c->cr0 |= CR0_TS;
    refused(b, XSAVE, EXC_NM);
    c->cr4 &= ~CR4_OSXSAVE;
    refused(b, XSAVE, EXC_UD);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_in_64_bit_mode),
        cmocka_unit_test(layout_with_selectors),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(restoring_an_unmasked_error_sets_es),
        cmocka_unit_test(without_osfxsr_xmm_stays),
        cmocka_unit_test(refusals_of_fxsave),
        cmocka_unit_test(a_page_fault_changes_nothing),
        cmocka_unit_test(xsave_writes_what_is_asked_for),
        cmocka_unit_test(xrstor_initializes_what_the_header_lacks),
        cmocka_unit_test(refusals_of_xrstor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
