/* test_segments_system.c: LDTR, TR, GDTR, IDTR; LAR, LSL, VERR, VERW, ARPL; bases and SWAPGS. */
#include "segments_bench.h"

/* ---- LDTR, TR, GDTR, IDTR ---- */

static void run_ax(struct bench *b, u16 sel, const u8 *code, size_t len)
{
    bench_reset(b);
    b->cpu->r[RAX] = sel;
    bench_run(b, code, len);
}

static void test_lldt(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x7000, 0x27, DESC_P | SYS_LDT << 8);
    bench_put(b, 0x7008, 0x00cf92000000ffff, 8);
    run_ax(b, SEL_A, /* lldt ax; mov cx,0xc; mov ds,ecx; sldt edx; hlt */
           CODE("\x0f\x00\xd0\x66\xb9\x0c\x00\x8e\xd9\x0f\x00\xc2\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDX], SEL_A);
    assert_int_equal(b->cpu->seg[DS].sel, 0xc);
    assert_int_equal(bench_get(b, 0x700d, 1), 0x93);
    run_ax(b, SEL_A,
           /* lldt ax; mov cx,0x2c; mov ds,ecx; hlt */ CODE("\x0f\x00\xd0\x66\xb9\x2c\x00\x8e\xd9\xf4")); /* beyond the
                                                                                                             LDT */
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0x2c);
    run_ax(b, 0,
           /* lldt ax; mov cx,0xc; mov ds,ecx; hlt */ CODE("\x0f\x00\xd0\x66\xb9\x0c\x00\x8e\xd9\xf4")); /* no LDT */
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0xc);
    run_ax(b, SEL_DATA32, /* lldt ax; hlt */ CODE("\x0f\x00\xd0\xf4"));
    check_fault(b, EXC_GP, SEL_DATA32);
    run_ax(b, SEL_A | 4, /* lldt ax; hlt */ CODE("\x0f\x00\xd0\xf4")); /* an LDT within the LDT */
    check_fault(b, EXC_GP, SEL_A | 4);
    bench_descriptor(b, SEL_A, 0x7000, 0x27, SYS_LDT << 8);
    run_ax(b, SEL_A, /* lldt ax; hlt */ CODE("\x0f\x00\xd0\xf4"));
    check_fault(b, EXC_NP, SEL_A);
    bench_free(b);
}

static void test_ltr(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8);
    run_ax(b, SEL_A, /* ltr ax; str [0x20000]; hlt */ CODE("\x0f\x00\xd8\x0f\x00\x0d\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_DATA, 2), SEL_A);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x8b); /* busy */
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, SEL_A);
    run_ax(b, 0, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, SYS_TSS32 << 8);
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_NP, SEL_A);
    bench_free(b);
}

static void test_ltr_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8);
    bench_put(b, BENCH_GDT + SEL_A + 8, 0xffff8000, 8);
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    assert_int_equal(b->vector, -1);
    assert_true(b->cpu->seg[TR].base == 0xffff800000006000);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8);
    bench_put(b, BENCH_GDT + SEL_A + 8, 0x01000000, 8); /* not canonical */
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, SEL_A);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x89);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS16 << 8);
    bench_put(b, BENCH_GDT + SEL_A + 8, 0, 8);
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4")); /* no 16-bit TSS in long mode */
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, 0xf8, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8); /* its upper half is outside */
    run_ax(b, 0xf8, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, 0xf8);
    bench_free(b);
}

static void test_gdtr(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_DATA, 0x1234, 2);
    bench_put(b, BENCH_DATA + 2, 0x89abcdef, 4);
    bench_run(b, /* lidt [0x20000]; sidt [0x20010]; o16 lidt [0x20000]; sidt [0x20020]; hlt */ CODE(
                  "\x0f\x01\x1d\x00\x00\x02\x00\x0f\x01\x0d\x10\x00\x02\x00\x66\x0f\x01\x1d\x00\x00\x02\x00\x0f\x01\x0d"
                  "\x20\x00\x02\x00\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA + 0x10, 6), 0x89abcdef1234);
    assert_int_equal(bench_get(b, BENCH_DATA + 0x20, 6), 0xabcdef1234); /* 24 bits */
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_put(b, BENCH_DATA, 0xff, 2);
    bench_put(b, BENCH_DATA + 2, 0x0100000000000000, 8);
    bench_run(b, /* lgdt [0x20000]; hlt */ CODE("\x0f\x01\x14\x25\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

static void test_umip(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const u8 *code;
        size_t len;
    } insn[] = { { "sgdt", /* sgdt [0x20000]; hlt */ CODE("\x0f\x01\x05\x00\x00\x02\x00\xf4") },
                 { "sidt", /* sidt [0x20000]; hlt */ CODE("\x0f\x01\x0d\x00\x00\x02\x00\xf4") },
                 { "sldt", /* sldt ax; nop; hlt */ CODE("\x66\x0f\x00\xc0\x90\xf4") },
                 { "str", /* str ax; nop; hlt */ CODE("\x66\x0f\x00\xc8\x90\xf4") },
                 { "smsw", /* smsw ax; nop; hlt */ CODE("\x66\x0f\x01\xe0\x90\xf4") } };
    struct bench *b = bench_new(BENCH_32U);
    for (unsigned i = 0; i < ARRAY_LEN(insn); i++) {
        bench_reset(b);
        bench_run(b, insn[i].code, insn[i].len);
        assert_int_equal(b->vector, EXC_GP); /* the HLT */
        assert_true(b->frame_ip > BENCH_CODE);
        bench_reset(b);
        b->cpu->cr4 |= CR4_UMIP;
        bench_run(b, insn[i].code, insn[i].len);
        check_fault(b, EXC_GP, 0);
    }
    bench_free(b);
}

/* ---- LAR, LSL, VERR, VERW, ARPL ---- */

static bool zf(const struct bench *b)
{
    return (flags_get(b->cpu) & FL_ZF) != 0;
}

static void test_lar_lsl(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0, 0x12345000, DATA | DESC_DB | DESC_G | DESC_AVL);
    run_ax(b, SEL_A, /* lar ebx,ax; lsl ecx,ax; hlt */ CODE("\x0f\x02\xd8\x0f\x03\xc8\xf4"));
    assert_true(zf(b));
    assert_int_equal(b->cpu->r[RBX], 0xd19200); /* with the limit's upper bits, as on silicon */
    assert_int_equal(b->cpu->r[RCX], 0x12345fff);
    bench_descriptor(b, SEL_A, 0, 0xff, DESC_P | SYS_CALL32 << 8);
    run_ax(b, SEL_A, /* mov ebx,7; mov ecx,7; lar ebx,ax; lsl ecx,ax; hlt */
           CODE("\xbb\x07\x00\x00\x00\xb9\x07\x00\x00\x00\x0f\x02\xd8\x0f\x03\xc8\xf4"));
    assert_int_equal(b->cpu->r[RBX], 0x8c00); /* a gate has rights but no limit */
    assert_int_equal(b->cpu->r[RCX], 7);
    assert_false(zf(b));
    bench_descriptor(b, SEL_A, 0, 0xff, DESC_P | SYS_INT32 << 8);
    run_ax(b, SEL_A, /* mov ebx,7; lar ebx,ax; hlt */ CODE("\xbb\x07\x00\x00\x00\x0f\x02\xd8\xf4"));
    assert_int_equal(b->cpu->r[RBX], 7);
    assert_false(zf(b));
    run_ax(b, SEL_DATA32 | 3, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4")); /* RPL 3 > DPL 0 */
    assert_false(zf(b));
    run_ax(b, 0, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4"));
    assert_false(zf(b));
    run_ax(b, 0x100, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4"));
    assert_false(zf(b));
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_descriptor(b, SEL_A, 0, 0xff, DESC_P | SYS_TASK_GATE << 8);
    run_ax(b, SEL_A, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4")); /* none in long mode */
    assert_false(zf(b));
    bench_free(b);
}

static void test_verify(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    static const struct {
        u32 attr;
        bool r, w;
    } cases[] = { { DATA | DPL(3), true, true },
                  { DATA, false, false },
                  { (DATA & ~DESC_RW) | DPL(3), true, false },
                  { CODE_X | DPL(3), false, false },
                  { CODE_X | DESC_RW | DPL(3), true, false },
                  { CODE_X | DESC_RW | DESC_EC, true, false },
                  { DESC_P | DPL(3) | SYS_LDT << 8, false, false } };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        bench_descriptor(b, SEL_A, 0, 0xff, cases[i].attr);
        run_ax(
            b, SEL_A | 3,
            /* verr ax; setz bl; verw ax; setz bh; hlt */ CODE("\x0f\x00\xe0\x0f\x94\xc3\x0f\x00\xe8\x0f\x94\xc7\xf4"));
        assert_int_equal(b->cpu->r[RBX] & 1, cases[i].r);
        assert_int_equal(b->cpu->r[RBX] >> 8 & 1, cases[i].w);
    }
    bench_free(b);
}

static void test_arpl(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RBX] = 3;
    run_ax(b, 0x11, /* mov ebx,3; arpl ax,bx; setz cl; arpl ax,bx; setz ch; mov [0x20000],bl; hlt */
           CODE("\xbb\x03\x00\x00\x00\x63\xd8\x0f\x94\xc1\x63\xd8\x0f\x94\xc5\x88\x1d\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x13);
    assert_int_equal(b->cpu->r[RCX] & 0xffff, 0x0001);
    bench_free(b);
    b = bench_new(BENCH_REAL);
    bench_run(b, /* arpl ax,bx; hlt */ CODE("\x63\xd8\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

/* ---- bases ---- */

static void test_bases(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RBX] = 0xffff800012345678;
    bench_run(b, /* wrfsbase rbx; hlt */ CODE("\xf3\x48\x0f\xae\xd3\xf4"));
    check_fault(b, EXC_UD, 0); /* CR4.FSGSBASE is clear */
    bench_reset(b);
    b->cpu->cr4 |= CR4_FSGSBASE;
    b->cpu->r[RBX] = 0xffff800012345678;
    bench_run(b, /* wrfsbase rbx; wrgsbase ebx; rdfsbase rcx; rdgsbase rdx; hlt */ CODE(
                  "\xf3\x48\x0f\xae\xd3\xf3\x0f\xae\xdb\xf3\x48\x0f\xae\xc1\xf3\x48\x0f\xae\xca\xf4"));
    assert_int_equal(b->vector, -1);
    assert_true(b->cpu->r[RCX] == 0xffff800012345678);
    assert_true(b->cpu->r[RDX] == 0x12345678);
    bench_reset(b);
    b->cpu->cr4 |= CR4_FSGSBASE;
    b->cpu->r[RBX] = 0x0100000000000000;
    bench_run(b, /* wrgsbase rbx; hlt */ CODE("\xf3\x48\x0f\xae\xdb\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

static void test_swapgs(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->seg[GS].base = BENCH_DATA;
    b->cpu->msr.kernel_gs_base = BENCH_DATA + 0x100;
    bench_put(b, BENCH_DATA, 1, 8);
    bench_put(b, BENCH_DATA + 0x100, 2, 8);
    bench_run(b, /* mov rax,[gs:0]; swapgs; mov rbx,[gs:0]; hlt */ CODE(
                  "\x65\x48\x8b\x04\x25\x00\x00\x00\x00\x0f\x01\xf8\x65\x48\x8b\x1c\x25\x00\x00\x00\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 1);
    assert_int_equal(b->cpu->r[RBX], 2);
    bench_free(b);
    b = bench_new(BENCH_64U);
    bench_run(b, /* swapgs; hlt */ CODE("\x0f\x01\xf8\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lldt),   cmocka_unit_test(test_ltr),  cmocka_unit_test(test_ltr_64),
        cmocka_unit_test(test_gdtr),   cmocka_unit_test(test_umip), cmocka_unit_test(test_lar_lsl),
        cmocka_unit_test(test_verify), cmocka_unit_test(test_arpl), cmocka_unit_test(test_bases),
        cmocka_unit_test(test_swapgs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
