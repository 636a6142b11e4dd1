/* String instructions: element sizes, directions, repeat prefixes, pages, overlaps, wrap-around, faults half-way,
 * interrupts between passes, devices. */
#include "flags.h"
#include "harness.h"

#define SRC 0x40000u
#define DST 0x50000u

static void fill(struct bench *b, u32 at, u32 len, u32 seed)
{
    for (u32 i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        b->m[at + i] = (u8)(seed >> 24);
    }
}

/* What the SDM's operation section does, an element at a time. */
static void reference_movs(u8 *m, u32 si, u32 di, u32 count, unsigned bytes, bool down)
{
    for (u32 i = 0; i < count; i++) {
        memmove(m + di, m + si, bytes);
        si = down ? si - bytes : si + bytes;
        di = down ? di - bytes : di + bytes;
    }
}

static u8 want[0x4000];

static void check_movs(struct bench *b, unsigned size, bool down, u32 si, u32 di, u32 count)
{
    struct cpu *c = b->cpu;
    unsigned bytes = 1u << size, n = 0;
    u8 code[6];
    fill(b, DST - 0x2000, 0x4000, si + di + count);
    memcpy(want, b->m + DST - 0x2000, sizeof want);
    /* the reference works in a copy of the same stretch: both operands lie in it */
    reference_movs(want, si - (DST - 0x2000), di - (DST - 0x2000), count, bytes, down);
    if (size == 1)
        code[n++] = 0x66;
    code[n++] = 0xf3;
    if (size == 3)
        code[n++] = 0x48;
    code[n++] = size ? 0xa5 : 0xa4;
    code[n++] = 0xf4;
    c->r[RSI] = si;
    c->r[RDI] = di;
    c->r[RCX] = count;
    cpu_set_eflags(c, down ? FL_DF : 0, FL_DF);
    bench_run(b, code, n);
    s64 moved = (s64)count * bytes * (down ? -1 : 1);
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RSI], (u64)(si + moved));
    assert_int_equal(c->r[RDI], (u64)(di + moved));
    assert_int_equal(c->r[RCX], 0);
    assert_memory_equal(b->m + DST - 0x2000, want, sizeof want);
}

static void test_movs(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const u32 counts[] = { 0, 1, 2, 7, 100, 300, 511 };
    static const s32 distances[] = { 0x1234, 1, 3, 4, 8, 9, 64, -1, -4, -7, -8, -100, -0x1001 };
    for (unsigned size = 0; size < 4; size++)
        for (unsigned down = 0; down < 2; down++)
            for (size_t k = 0; k < ARRAY_LEN(counts); k++)
                for (size_t d = 0; d < ARRAY_LEN(distances); d++) {
                    u32 count = counts[k] >> (size ? size - 1 : 0), span = count << size;
                    u32 middle = DST - 0x40 + (down ? span / 2 : 0) - (down ? 0 : span / 2);
                    check_movs(b, size, down, middle - (u32)(distances[d] / 2),
                               middle + (u32)(distances[d] - distances[d] / 2), count);
                }
    bench_free(b);
}

static void test_stos(void **state)
{
    (void)state;
    static const char *const code[] = { "\xf3\xaa\xf4", "\x66\xf3\xab\xf4", "\xf3\xab\xf4", "\xf3\x48\xab\xf4" };
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    for (unsigned size = 0; size < 4; size++)
        for (unsigned down = 0; down < 2; down++)
            for (u32 start = DST + 0xfe0; start < DST + 0x1008; start += 3) {
                memset(b->m + DST, 0x55, 0x3000);
                c->r[RAX] = 0x8877665544332211;
                c->r[RDI] = start;
                c->r[RCX] = 40;
                cpu_set_eflags(c, down ? FL_DF : 0, FL_DF);
                bench_run(b, (const u8 *)code[size], strlen(code[size]));
                u32 first = down ? start - (39u << size) : start, end = first + (40u << size);
                for (u32 i = DST; i < DST + 0x3000; i++)
                    assert_int_equal(b->m[i], i < first || i >= end ? 0x55 : 0x11 * ((i - first) % (1u << size) + 1));
                assert_int_equal(c->r[RCX], 0);
            }
    bench_free(b);
}

static void test_lods(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_put(b, SRC, 0x8877665544332211, 8);
    b->cpu->r[RSI] = SRC;
    b->cpu->r[RAX] = UINT64_MAX;
    bench_run(b, /* lodsb; mov rbx,rax; lodsw; mov rcx,rax; lodsd; hlt */
              CODE("\xac\x48\x89\xc3\x66\xad\x48\x89\xc1\xad\xf4"));
    assert_int_equal(b->cpu->r[RBX], 0xffffffffffffff11);
    assert_int_equal(b->cpu->r[RCX], 0xffffffffffff3322);
    assert_int_equal(b->cpu->r[RAX], 0x77665544);
    assert_int_equal(b->cpu->r[RSI], SRC + 7);
    b->cpu->r[RCX] = 3; /* REP LODS: the last one stays */
    b->cpu->r[RSI] = SRC;
    bench_run(b, CODE("\xf3\xac\xf4"));
    assert_int_equal(b->cpu->r[RAX] & 0xff, 0x33);
    bench_free(b);
}

/* REPE and REPNE end at the first difference or match, the flags those of that comparison. */
static void test_compare(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    for (u32 at = 0; at < 0x1400; at += 0x3d) { /* where the difference is: pages are crossed on the way */
        memset(b->m + SRC, 'x', 0x3000);
        memset(b->m + DST, 'x', 0x3000);
        b->m[DST + 0x700 + at] = 'y';
        c->r[RSI] = SRC + 0x300;
        c->r[RDI] = DST + 0x700;
        c->r[RCX] = 0x1000;
        bench_run(b, /* repe cmpsb; hlt */ CODE("\xf3\xa6\xf4"));
        bool found = at < 0x1000;
        assert_int_equal(c->r[RCX], found ? 0xfff - at : 0);
        assert_int_equal(c->r[RSI], SRC + 0x300 + (found ? at + 1 : 0x1000));
        assert_int_equal(flags_get(c) & (FL_ZF | FL_CF), found ? FL_CF : FL_ZF);
        c->r[RDI] = DST + 0x700;
        c->r[RCX] = 0x1000;
        c->r[RAX] = 'y';
        bench_run(b, /* repne scasb; hlt */ CODE("\xf2\xae\xf4"));
        assert_int_equal(c->r[RCX], found ? 0xfff - at : 0);
        assert_int_equal(flags_get(c) & FL_ZF, found ? FL_ZF : 0);
    }
    c->r[RCX] = 0; /* nothing to do: the flags stay */
    cpu_set_eflags(c, FL_ARITH, FL_ARITH);
    bench_run(b, CODE("\xf3\xa6\xf2\xae\xf4"));
    assert_int_equal(flags_get(c) & FL_ARITH, FL_ARITH);
    bench_put(b, SRC, 0x123456789, 8); /* wide elements, downwards */
    bench_put(b, SRC - 8, 5, 8);
    c->r[RDI] = SRC;
    c->r[RCX] = 9;
    c->r[RAX] = 5;
    cpu_set_eflags(c, FL_DF, FL_DF);
    bench_run(b, /* repne scasq; hlt */ CODE("\xf2\x48\xaf\xf4"));
    assert_int_equal(c->r[RCX], 7);
    assert_int_equal(c->r[RDI], SRC - 16);
    bench_free(b);
}

/* ---- addresses ---- */

/* Only DS:rSI can be overridden; ES:rDI can't. 67 halves pointers and counter. */
static void test_addresses(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->seg[FS].base = 0x1000;
    bench_put(b, SRC + 0x1000, 0x77, 1);
    c->r[RSI] = SRC;
    c->r[RDI] = DST;
    bench_run(b, /* fs movsb; hlt */ CODE("\x64\xa4\xf4"));
    assert_int_equal(bench_get(b, DST, 1), 0x77);
    c->r[RSI] = 0xaaaaaaaa00000000 | SRC;
    c->r[RDI] = 0xbbbbbbbb00000000 | DST;
    c->r[RCX] = 0xcccccccc00000003;
    bench_run(b, /* 67 rep movsb; hlt */ CODE("\x67\xf3\xa4\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RSI], SRC + 3); /* 32-bit registers are written: the upper halves go */
    assert_int_equal(c->r[RDI], DST + 3);
    assert_int_equal(c->r[RCX], 0);
    c->r[RCX] = 0xcccccccc00000000; /* ECX is 0: nothing is done */
    bench_run(b, CODE("\x67\xf3\xa4\xf4"));
    assert_int_equal(c->r[RSI], SRC + 3);
    bench_free(b);
}

/* 16-bit pointers wrap at 64 KiB; the bits above stay. */
static void test_wrap(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    c->seg[ES].base = DST;
    cpu_update_mode(c);
    for (u32 count = 14; count < 18; count++) {
        memset(b->m + DST, 0, 0x10000);
        c->r[RDI] = 0x1234fff0;
        c->r[RCX] = 0x56780000 | count;
        c->r[RAX] = 0x99;
        bench_run(b, /* a16 rep stosb; hlt */ CODE("\x67\xf3\xaa\xf4"));
        assert_int_equal(b->vector, -1);
        assert_int_equal(c->r[RDI], 0x12340000 | ((0xfff0 + count) & 0xffff));
        assert_int_equal(c->r[RCX], 0x56780000);
        for (u32 i = 0; i < 20; i++)
            assert_int_equal(b->m[DST + ((0xfff0 + i) & 0xffff)], i < count ? 0x99 : 0);
    }
    bench_free(b);
    b = bench_new(BENCH_REAL);
    b->cpu->r[RDI] = 0xfff8;
    b->cpu->r[RSP] = 0x7000;
    b->cpu->r[RCX] = 4;
    seg_set_real(b->cpu, ES, DST >> 4);
    bench_run(b, /* rep stosd in 16-bit code: two fit, then 0000 */ CODE("\x66\xf3\xab\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDI] & 0xffff, 8);
    b->cpu->r[RDI] = 0xfffe;
    b->cpu->r[RCX] = 2;
    bench_run(b, CODE("\x66\xf3\xab\xf4")); /* a doubleword at FFFE: #GP */
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->cpu->r[RCX] & 0xffff, 2);
    bench_free(b);
}

/* ---- faults and interrupts half-way ---- */

/* What was done stays done, the registers stand at the element that faulted, and the instruction starts again there. */
static void test_fault_midway(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    for (unsigned which = 0; which < 2; which++)
        for (unsigned down = 0; down < 2; down++) {
            u32 page = (which ? DST : SRC) >> 12;
            bench_reset(b);
            memset(b->m + SRC - 0x1000, 0x11, 0x3000);
            memset(b->m + DST - 0x1000, 0x22, 0x3000);
            bench_put(b, BENCH_PTE(page + (down ? -1u : 1)), 0, 8);
            tlb_flush_all(c);
            c->r[RSI] = down ? SRC + 0x200 : SRC + 0xe04;
            c->r[RDI] = down ? DST + 0x200 : DST + 0xe04;
            c->r[RCX] = 0x300;
            cpu_set_eflags(c, down ? FL_DF : 0, FL_DF);
            bench_run(b, /* rep movsd */ CODE("\xf3\xa5\xf4"));
            u32 done = down ? 0x81 : 0x7f;
            assert_int_equal(b->vector, EXC_PF);
            assert_int_equal(b->error, which ? 2 : 0);
            assert_int_equal(b->frame_ip, BENCH_CODE);
            assert_int_equal(c->r[RCX], 0x300 - done);
            assert_int_equal(c->r[RSI], down ? SRC - 4 : SRC + 0x1000);
            assert_int_equal(c->cr2, (which ? DST : SRC) + (down ? -4u : 0x1000));
            assert_int_equal(bench_get(b, down ? DST : DST + 0xffc, 4), 0x11111111);
            u32 rest = (u32)c->r[RDI];
            if (!which)
                assert_int_equal(bench_get(b, rest, 4), 0x22222222);
            bench_put(b, BENCH_PTE(page + (down ? -1u : 1)), (u64)(page + (down ? -1u : 1)) << 12 | 7, 8); /* mended */
            c->r[RSP] = BENCH_STACK;
            cpu_set_eflags(c, down ? FL_DF : 0, FL_DF);
            bench_run(b, CODE("\xf3\xa5\xf4"));
            assert_int_equal(b->vector, -1);
            assert_int_equal(c->r[RCX], 0);
        }
    bench_free(b);
}

/* An interrupt between two passes pushes the address of the string instruction itself, and it goes on after IRET. */
static void test_interrupted(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    memset(b->m + SRC, 0x33, 0x8000);
    memset(b->m + DST, 0, 0x8000);
    bench_put(b, BENCH_HANDLERS + 16 * 0x40, 0xcf48f4, 3); /* hlt; iretq */
    c->r[RSI] = SRC;
    c->r[RDI] = DST;
    c->r[RCX] = 0x8000;
    cpu_set_eflags(c, FL_IF, FL_IF);
    for (u32 i = 0; i < 4; i++)
        bench_put(b, BENCH_CODE + i, "\x90\xf3\xa4\xf4"[i] & 0xff, 1); /* nop; rep movsb; hlt */
    c->rip = BENCH_CODE;
    c->activity = ACT_RUNNING;
    assert_int_equal(cpu_run(c, 3), 3); /* NOP and two passes */
    assert_in_range(c->r[RCX], 1, 0x7fff);
    u64 left = c->r[RCX];
    b->pending = 0x40;
    cpu_set_intr(c, true);
    bench_continue(b);
    assert_int_equal(b->vector, 0x40);
    assert_int_equal(b->frame_ip, BENCH_CODE + 1);
    assert_int_equal(c->r[RCX], left);
    assert_int_equal(c->r[RSI] - SRC, 0x8000 - left);
    c->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RCX], 0);
    assert_memory_equal(b->m + SRC, b->m + DST, 0x8000);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_movs),         cmocka_unit_test(test_stos),        cmocka_unit_test(test_lods),
        cmocka_unit_test(test_compare),      cmocka_unit_test(test_addresses),   cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_fault_midway), cmocka_unit_test(test_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
