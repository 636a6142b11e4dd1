/* What MMX instructions do to the x87 state they live in (SDM vol. 1, 9.5, 9.6), and what stops them. Results of the
 * arithmetic are compared with silicon in test_sse.c. */
#include "fpu.h"
#include "harness.h"

static int set_up(void **state)
{
    *state = bench_new(BENCH_64);
    return 0;
}
static int tear_down(void **state)
{
    bench_free(*state);
    return 0;
}

/* x87 in a state that an MMX instruction has to change: TOP = 5, registers empty, exponents not all ones. */
static void disturb(struct cpu *c)
{
    c->fpu.top = 5;
    c->fpu.valid = 0x10;
    for (unsigned i = 0; i < 8; i++)
        c->fpu.reg[i] = (struct f80){ 0x1111111111111111u * i, 0x4000 };
}

static void a_write_enters_mmx_and_fills_the_exponent(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    disturb(c);
    bench_run(b, CODE("\x0f\xfc\xd1\xf4")); /* paddb mm2, mm1 */
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->fpu.top, 0);
    assert_int_equal(c->fpu.valid, 0xff);
    assert_int_equal(c->fpu.reg[2].mant, 0x3333333333333333u);
    assert_int_equal(c->fpu.reg[2].se, 0xffff);
    assert_int_equal(c->fpu.reg[1].se, 0x4000);
}

static void a_read_enters_mmx_too(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    disturb(c);
    bench_run(b, CODE("\x0f\x7e\xd8\xf4")); /* movd eax, mm3 */
    assert_int_equal(c->r[RAX], 0x33333333);
    assert_int_equal(c->fpu.top, 0);
    assert_int_equal(c->fpu.valid, 0xff);
    assert_int_equal(c->fpu.reg[3].se, 0x4000);
}

static void emms_empties_all(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    disturb(c);
    c->fpu.valid = 0xff;
    bench_run(b, CODE("\x0f\x77\xf4"));
    assert_int_equal(c->fpu.valid, 0);
    assert_int_equal(c->fpu.top, 0);
    assert_int_equal(c->fpu.reg[3].se, 0x4000);
}

/* CVTPI2PD from memory leaves the x87 unit alone; from a register it does not (SDM vol. 2, CVTPI2PD). */
static void cvtpi2pd_from_memory_stays_out(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    disturb(c);
    c->r[RSI] = BENCH_DATA;
    bench_put(b, BENCH_DATA, 0xfffffffe00000003u, 8);
    bench_run(b, CODE("\x66\x0f\x2a\x16\xf4")); /* cvtpi2pd xmm2, [rsi] */
    assert_int_equal(c->fpu.top, 5);
    assert_int_equal(c->fpu.valid, 0x10);
    assert_true(c->xmm[2].lf[0] == 3.0 && c->xmm[2].lf[1] == -2.0);
    bench_run(b, CODE("\x66\x0f\x2a\xd1\xf4")); /* cvtpi2pd xmm2, mm1 */
    assert_int_equal(c->fpu.top, 0);
    assert_int_equal(c->fpu.valid, 0xff);
}

/* A pending x87 error comes first; with CR0.NE it is #MF, and nothing has happened. */
static void a_pending_error_is_reported_first(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    static const struct {
        const char *bytes;
        size_t len;
    } code[] = { { "\x0f\xfc\xd1\xf4", 4 },       /* paddb mm2, mm1 */
                 { "\x0f\x7e\xd8\xf4", 4 },       /* movd eax, mm3 */
                 { "\x0f\x77\xf4", 3 },           /* emms */
                 { "\x0f\x2d\xd1\xf4", 4 },       /* cvtps2pi mm2, xmm1 */
                 { "\xf3\x0f\xd6\xd1\xf4", 5 },   /* movq2dq xmm2, mm1 */
                 { "\x0f\x71\xf2\x03\xf4", 5 } }; /* psllw mm2, 3 */
    for (unsigned i = 0; i < ARRAY_LEN(code); i++) {
        disturb(c);
        c->r[RAX] = 77;
        c->r[RSP] = BENCH_STACK;
        c->fpu.cw = FCW_INIT & ~1u;
        c->fpu.sw = 1 | FSW_ES | FSW_B;
        bench_run(b, (const u8 *)code[i].bytes, code[i].len);
        assert_int_equal(b->vector, EXC_MF);
        assert_int_equal(b->frame_ip, BENCH_CODE);
        assert_int_equal(c->fpu.top, 5);
        assert_int_equal(c->fpu.valid, 0x10);
        assert_int_equal(c->r[RAX], 77);
    }
}

static void em_is_ud_and_ts_is_nm(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    c->cr0 |= CR0_EM | CR0_TS;
    bench_run(b, CODE("\x0f\xfc\xd1\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    c->cr0 &= ~CR0_EM;
    bench_run(b, CODE("\x0f\xfc\xd1\xf4"));
    assert_int_equal(b->vector, EXC_NM);
    c->cr0 &= ~CR0_TS;
    bench_run(b, CODE("\x0f\xfc\xd1\xf4"));
    assert_int_equal(b->vector, -1);
}

/* MMX does not need CR4.OSFXSR, but the forms with an XMM register do. */
static void without_osfxsr(void **state)
{
    struct bench *b = *state;
    b->cpu->cr4 &= ~CR4_OSFXSR;
    bench_run(b, CODE("\x0f\xfc\xd1\xf4"));
    assert_int_equal(b->vector, -1);
    bench_run(b, CODE("\x0f\x2d\xd1\xf4")); /* cvtps2pi mm2, xmm1 */
    assert_int_equal(b->vector, EXC_UD);
}

static void maskmovq_stores_chosen_bytes_at_ds_rdi(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    bench_put(b, BENCH_DATA, 0x0807060504030201u, 8);
    c->r[RDI] = BENCH_DATA;
    c->fpu.reg[2].mant = 0x1817161514131211u;
    c->fpu.reg[1].mant = 0x80007fff00ff0080u;
    bench_run(b, CODE("\x0f\xf7\xd1\xf4")); /* maskmovq mm2, mm1 */
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_DATA, 8), 0x1807061504130211u);
    /* an override names another segment: FS with a base */
    c->seg[FS].base = 0x100;
    bench_put(b, BENCH_DATA + 0x100, 0, 8);
    bench_run(b, CODE("\x64\x0f\xf7\xd1\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA + 0x100, 8), 0x1800001500130011u);
}

/* In 32-bit code the segment is DS, not ES. */
static void maskmovq_uses_ds(void **state)
{
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    (void)state;
    bench_descriptor(b, SEL_FREE, 0x1000, 0xfffff, DESC_G | DESC_P | DESC_S | DESC_A | DESC_RW | DESC_DB);
    assert_true(seg_load(c, DS, SEL_FREE));
    cpu_update_mode(c);
    c->r[RDI] = BENCH_DATA;
    c->fpu.reg[2].mant = 0x55;
    c->fpu.reg[1].mant = 0x80;
    bench_put(b, BENCH_DATA, 0, 1);
    bench_put(b, BENCH_DATA + 0x1000, 0, 1);
    bench_run(b, CODE("\x0f\xf7\xd1\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_DATA, 1), 0);
    assert_int_equal(bench_get(b, BENCH_DATA + 0x1000, 1), 0x55);
    bench_free(b);
}

/* The low interleaves read only 32 bits of memory: the last ones of a page whose neighbour is absent will do. */
static void punpcklbw_reads_four_bytes(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    u32 page = (BENCH_DATA >> 12) + 1;
    bench_put(b, BENCH_PTE(page), 0, 8);
    tlb_flush_all(c);
    c->r[RSI] = BENCH_DATA + 0xffc;
    bench_put(b, BENCH_DATA + 0xffc, 0xddccbbaa, 4);
    c->fpu.reg[2].mant = 0x44332211;
    bench_run(b, CODE("\x0f\x60\x16\xf4")); /* punpcklbw mm2, [rsi] */
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->fpu.reg[2].mant, 0xdd44cc33bb22aa11u);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_write_enters_mmx_and_fills_the_exponent),
        T(a_read_enters_mmx_too),
        T(emms_empties_all),
        T(cvtpi2pd_from_memory_stays_out),
        T(a_pending_error_is_reported_first),
        T(em_is_ud_and_ts_is_nm),
        T(without_osfxsr),
        T(maskmovq_stores_chosen_bytes_at_ds_rdi),
        T(maskmovq_uses_ds),
        T(punpcklbw_reads_four_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
