/* What stops SSE instructions, and that a faulting one changes nothing. */
#include "fpu.h"
#include "harness.h"

#include <math.h>

#define PAGE_A 0x40000u /* present; the page after it is absent or read-only */
#define PAGE_B 0x41000u
#define FILL 0x5a

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

/* ---- every row with a memory operand, faulting ---- */

static bool memory_row(const struct row *r)
{
    return (r->attr & (A_MMX | A_SSE)) && !(r->ext & X_MOD3) && strcmp(r->mnemonic, "emms") != 0;
}

static size_t encode(const struct row *r, bool checked, u8 *to)
{
    size_t n = 0;
    if (checked)
        to[n++] = 0x64;
    if (r->ext & (X_66 | X_F3 | X_F2))
        to[n++] = (r->ext & X_66) ? 0x66 : (r->ext & X_F3) ? 0xf3 : 0xf2;
    if (r->ext & X_W1)
        to[n++] = 0x48;
    to[n++] = 0x0f;
    if (r->map != MAP_0F)
        to[n++] = r->map == MAP_38 ? 0x38 : 0x3a;
    to[n++] = r->op;
    to[n++] = (u8)(((r->ext & X_REG(0)) ? r->ext & 7 : 2) << 3 | 6); /* [rsi] */
    if (r->operand[1] == OP_Ib || r->operand[2] == OP_Ib)
        to[n++] = 0;
    to[n++] = 0xf4;
    return n;
}

struct snapshot {
    u64 gpr[16];
    union vec xmm[16];
    struct fpu fpu;
    u32 mxcsr;
    u8 memory[64];
};

static struct snapshot take(struct bench *b)
{
    struct snapshot s;
    memset(&s, 0, sizeof s);
    memcpy(s.gpr, b->cpu->r, sizeof s.gpr);
    memcpy(s.xmm, b->cpu->xmm, sizeof s.xmm);
    s.fpu = b->cpu->fpu;
    s.mxcsr = sse_get_mxcsr(b->cpu);
    memcpy(s.memory, b->m + PAGE_B - 32, 64);
    return s;
}

static void disturb(struct bench *b, u64 rsi)
{
    struct cpu *c = b->cpu;
    for (unsigned i = 0; i < 16; i++) {
        c->r[i] = 0x0101010101010101u * i;
        c->xmm[i] = (union vec){ .q = { 0x3ff0000000000000u + i, 0x4000000000000000u + i } };
    }
    for (unsigned i = 0; i < 8; i++)
        c->fpu.reg[i] = (struct f80){ i, (u16)i };
    c->fpu.top = 3;
    c->fpu.valid = 1;
    c->r[RSP] = BENCH_STACK;
    c->r[RSI] = rsi;
    memset(b->m + PAGE_B - 32, FILL, 64);
}

static void must_fault(struct bench *b, const struct row *r, u64 rsi, int vector, bool checked)
{
    u8 code[24];
    size_t n = encode(r, checked, code);
    disturb(b, rsi);
    struct snapshot before = take(b);
    bench_run(b, code, n);
    before.gpr[RSP] = b->cpu->r[RSP];
    const struct snapshot after = take(b);
    if (b->vector != vector || memcmp(&before, &after, sizeof before) != 0)
        print_message("%s at %llx: vector %d\n", r->mnemonic, (unsigned long long)rsi, b->vector);
    assert_int_equal(b->vector, vector);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(b->frame_ip, BENCH_CODE);
}

static void absent_page(void **state)
{
    struct bench *b = *state;
    bench_put(b, BENCH_PTE(PAGE_B >> 12), 0, 8);
    tlb_flush_all(b->cpu);
    for (unsigned i = 0; i < cpu_row_count; i++)
        if (memory_row(&cpu_rows[i]))
            for (unsigned checked = 0; checked < 2; checked++)
                must_fault(b, &cpu_rows[i], PAGE_B, EXC_PF, checked);
}

static bool one_byte(const struct row *r)
{
    return r->operand[0] == OP_Mb || r->operand[1] == OP_Mb;
}
static bool aligned_row(const struct row *r, struct bench *b)
{
    u8 code[24];
    size_t n = encode(r, false, code);
    disturb(b, PAGE_A + 1);
    bench_run(b, code, n);
    return b->vector == EXC_GP;
}

/* An operand that starts in the present page: #PF for the second, or #GP where it must be aligned. */
static void crossing_into_an_absent_page(void **state)
{
    struct bench *b = *state;
    bench_put(b, BENCH_PTE(PAGE_B >> 12), 0, 8);
    tlb_flush_all(b->cpu);
    for (unsigned i = 0; i < cpu_row_count; i++) {
        const struct row *r = &cpu_rows[i];
        if (!memory_row(r) || one_byte(r))
            continue;
        int vector = aligned_row(r, b) ? EXC_GP : EXC_PF;
        for (unsigned checked = 0; checked < 2; checked++)
            must_fault(b, r, PAGE_B - 1, vector, checked);
        if (vector == EXC_PF)
            assert_int_equal(b->cpu->cr2, PAGE_B);
    }
}

static bool stores(const struct row *r)
{
    switch (r->operand[0]) {
    case OP_Wps:
    case OP_Wpd:
    case OP_Wss:
    case OP_Wsd:
    case OP_Wdq:
    case OP_Wq:
    case OP_Mq:
    case OP_Mdq:
    case OP_Mps:
    case OP_Mpd:
    case OP_Mb:
    case OP_Mw:
    case OP_Ed:
    case OP_Eq:
    case OP_Qq:
        return true;
    default:
        return strcmp(r->mnemonic, "stmxcsr") == 0;
    }
}

static void read_only_page(void **state)
{
    struct bench *b = *state;
    unsigned seen = 0;
    bench_put(b, BENCH_PTE(PAGE_B >> 12), PAGE_B | 1, 8);
    tlb_flush_all(b->cpu);
    for (unsigned i = 0; i < cpu_row_count; i++)
        if (memory_row(&cpu_rows[i]) && stores(&cpu_rows[i])) {
            must_fault(b, &cpu_rows[i], PAGE_B, EXC_PF, false);
            assert_int_equal(b->error, 3); /* present, write */
            seen++;
        }
    assert_true(seen > 20);
}

/* Which rows insist on alignment: those with a 16-byte operand, but the moves that say unaligned and the string
 * comparisons. */
static void alignment(void **state)
{
    static const char *const free_of_it[] = { "movups",    "movupd",    "movdqu",    "lddqu",    "pcmpestri",
                                              "pcmpestrm", "pcmpistri", "pcmpistrm", "cvtps2pd", "cvtdq2pd" };
    struct bench *b = *state;
    for (unsigned i = 0; i < cpu_row_count; i++) {
        const struct row *r = &cpu_rows[i];
        bool wide = false;
        if (!memory_row(r))
            continue;
        for (unsigned k = 0; k < 2; k++) {
            u8 o = r->operand[k];
            wide |= o == OP_Wps || o == OP_Wpd || o == OP_Wdq || o == OP_Mps || o == OP_Mpd || o == OP_Mdq;
        }
        for (unsigned k = 0; k < ARRAY_LEN(free_of_it); k++)
            wide &= strcmp(r->mnemonic, free_of_it[k]) != 0;
        if (aligned_row(r, b) != wide)
            print_message("%s\n", r->mnemonic);
        assert_int_equal(b->vector, wide ? EXC_GP : b->vector);
        assert_true(wide || b->vector != EXC_GP || strcmp(r->mnemonic, "ldmxcsr") == 0);
    }
}

/* ---- mode ---- */

static void em_ts_and_osfxsr(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    c->cr0 |= CR0_EM | CR0_TS;
    bench_run(b, CODE("\x0f\x58\xd1\xf4")); /* addps xmm2, xmm1 */
    assert_int_equal(b->vector, EXC_UD);
    c->cr0 &= ~CR0_EM;
    bench_run(b, CODE("\x0f\x58\xd1\xf4"));
    assert_int_equal(b->vector, EXC_NM);
    c->cr4 &= ~CR4_OSFXSR;
    bench_run(b, CODE("\x0f\x58\xd1\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    bench_run(b, CODE("\x0f\xae\xf8\xf4")); /* sfence needs none of it */
    assert_int_equal(b->vector, -1);
}

/* ---- MXCSR ---- */

static void ldmxcsr_refuses_reserved_bits(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    c->r[RSI] = BENCH_DATA;
    for (unsigned bit = 0; bit < 32; bit++) {
        bench_put(b, BENCH_DATA, BIT(bit), 4);
        sse_set_mxcsr(c, MXCSR_RESET);
        bench_run(b, CODE("\x0f\xae\x16\x0f\xae\x5e\x04\xf4")); /* ldmxcsr [rsi]; stmxcsr [rsi+4] */
        assert_int_equal(b->vector, bit < 16 ? -1 : EXC_GP);
        assert_int_equal(sse_get_mxcsr(c), bit < 16 ? BIT(bit) : MXCSR_RESET);
        if (bit < 16)
            assert_int_equal(bench_get(b, BENCH_DATA + 4, 4), BIT(bit));
    }
}

/* Sticky flags are exact wherever the guest looks, and out of the run loop. */
static void sticky_flags(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    c->r[RSI] = BENCH_DATA;
    c->xmm[1].d[0] = 0x40400000; /* 3 */
    c->xmm[2].d[0] = 0x3f800000; /* 1 */
    c->xmm[3].d[0] = 0;
    bench_run(b, CODE("\x0f\xae\x1e"     /* stmxcsr [rsi] */
                      "\xf3\x0f\x58\xca" /* addss xmm1, xmm2: exact */
                      "\x0f\xae\x5e\x04" /* stmxcsr [rsi+4] */
                      "\xf3\x0f\x5e\xd1" /* divss xmm2, xmm1: 1/4 */
                      "\xf3\x0f\x58\xca" /* addss xmm1, xmm2 */
                      "\xf3\x0f\x5e\xd1" /* divss xmm2, xmm1: inexact */
                      "\x0f\xae\x5e\x08" /* stmxcsr [rsi+8] */
                      "\xf3\x0f\x5e\xd3" /* divss xmm2, xmm3: by zero */
                      "\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA, 4), MXCSR_RESET);
    assert_int_equal(bench_get(b, BENCH_DATA + 4, 4), MXCSR_RESET);
    assert_int_equal(bench_get(b, BENCH_DATA + 8, 4), MXCSR_RESET | MXCSR_PE);
    assert_int_equal(c->mxcsr, MXCSR_RESET | MXCSR_PE | MXCSR_ZE);
    assert_false(c->sse.live);
}

/* The guest's rounding mode is the guest's alone. */
static void the_host_keeps_its_rounding(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    volatile float third = 3.0f;
    float before = 1.0f / third;
    sse_set_mxcsr(c, MXCSR_RESET | MXCSR_RC);
    c->xmm[1].f[0] = 2.0f;
    c->xmm[2].f[0] = 3.0f;
    bench_run(b, CODE("\xf3\x0f\x5e\xca\xf4")); /* divss xmm1, xmm2, toward zero */
    assert_int_equal(c->xmm[1].d[0], 0x3f2aaaaa);
    assert_true(1.0f / third == before);
    sse_set_mxcsr(c, MXCSR_RESET);
    c->xmm[1].f[0] = 2.0f;
    bench_run(b, CODE("\xf3\x0f\x5e\xca\xf4"));
    assert_int_equal(c->xmm[1].d[0], 0x3f2aaaab);
}

static void unmasked_is_xm_or_ud(void **state)
{
    struct bench *b = *state;
    struct cpu *c = b->cpu;
    for (unsigned enabled = 0; enabled < 2; enabled++) {
        sse_set_mxcsr(c, MXCSR_RESET & ~(MXCSR_ZE << MXCSR_MASK_SHIFT));
        c->cr4 = (c->cr4 & ~CR4_OSXMMEXCPT) | (enabled ? CR4_OSXMMEXCPT : 0);
        c->xmm[1].lf[0] = 1.0;
        c->xmm[2].lf[0] = 0.0;
        bench_run(b, CODE("\xf2\x0f\x5e\xca\xf4")); /* divsd xmm1, xmm2 */
        assert_int_equal(b->vector, enabled ? EXC_XM : EXC_UD);
        assert_int_equal(b->frame_ip, BENCH_CODE);
        assert_true(c->xmm[1].lf[0] == 1.0);
        assert_int_equal(c->mxcsr & MXCSR_FLAGS, MXCSR_ZE);
    }
}

/* ---- approximations ---- */

static u32 approximate(struct bench *b, u8 opcode, u32 x)
{
    u8 code[] = { 0xf3, 0x0f, opcode, 0xca, 0xf4 }; /* xmm1, xmm2 */
    b->cpu->xmm[2].d[0] = x;
    bench_run(b, code, sizeof code);
    assert_int_equal(b->vector, -1);
    return b->cpu->xmm[1].d[0];
}

/* Within 1.5 * 2^-12, special values as the manual's tables say, no flags. */
static void reciprocals(void **state)
{
    static const u32 special[][3] = {
        /* x, rcpss, rsqrtss */
        { 0x00000000, 0x7f800000, 0x7f800000 }, { 0x80000000, 0xff800000, 0xff800000 },
        { 0x00012345, 0x7f800000, 0x7f800000 }, { 0x80012345, 0xff800000, 0xff800000 },
        { 0x7f800000, 0x00000000, 0x00000000 }, { 0xff800000, 0x80000000, 0xffc00000 },
        { 0x7f812345, 0x7fc12345, 0x7fc12345 }, { 0xffc54321, 0xffc54321, 0xffc54321 },
        { 0xbf800000, 0xbf800000, 0xffc00000 }, { 0x7f7fffff, 0x00000000, 0x1f800000 },
        { 0x40800000, 0x3e800000, 0x3f000000 }, { 0xfe900000, 0x80000000, 0xffc00000 },
    };
    const double limit = 1.5 / 4096;
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(special); i++) {
        u32 rcp = approximate(b, 0x53, special[i][0]), rsqrt = approximate(b, 0x52, special[i][0]);
        assert_int_equal(rcp, special[i][1]);
        if (special[i][0] != 0x7f7fffff)
            assert_int_equal(rsqrt, special[i][2]);
    }
    for (u32 x = 0x00900000; x < 0x7e000000; x += 0x00213579) {
        union vec v = { .d = { x, approximate(b, 0x53, x), approximate(b, 0x52, x) } };
        assert_true(fabs((double)v.f[1] * (double)v.f[0] - 1) <= limit);
        assert_true(fabs((double)v.f[2] * sqrt((double)v.f[0]) - 1) <= limit);
    }
    assert_int_equal(sse_get_mxcsr(b->cpu), MXCSR_RESET);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(absent_page),          T(crossing_into_an_absent_page),
        T(read_only_page),       T(alignment),
        T(em_ts_and_osfxsr),     T(ldmxcsr_refuses_reserved_bits),
        T(sticky_flags),         T(the_host_keeps_its_rounding),
        T(unmasked_is_xm_or_ud), T(reciprocals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
