/* test_segments.c: loading and using segments: checks, limits, expand-down, null, unreal. System segments:
 * test_segments_system.c. */
#include "segments_bench.h"

/* mov ds, ax; hlt with AX = sel */
static void load_ds(struct bench *b, u16 sel)
{
    bench_reset(b);
    b->cpu->r[RAX] = sel;
    bench_run(b, /* mov ds,eax; hlt */ CODE("\x8e\xd8\xf4"));
}

static void load_ss(struct bench *b, u16 sel)
{
    bench_reset(b);
    b->cpu->r[RAX] = sel;
    bench_run(b, /* mov ss,eax; hlt */ CODE("\x8e\xd0\xf4"));
}

/* bench_reset() rewrites the GDT below SEL_FREE only. */
static void test_data_load(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x12345678, 0xabcde, DATA | DESC_DB);
    load_ds(b, SEL_A);
    assert_int_equal(b->vector, -1);
    struct seg *ds = &b->cpu->seg[DS];
    assert_int_equal(ds->sel, SEL_A);
    assert_int_equal(ds->base, 0x12345678);
    assert_int_equal(ds->limit, 0xabcde);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x93); /* accessed */
    load_ds(b, 3);                                                  /* null, any RPL */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->seg[DS].sel, 3);
    load_ds(b, 0x100); /* the table's limit is FF */
    check_fault(b, EXC_GP, 0x100);
    load_ds(b, SEL_TSS);
    check_fault(b, EXC_GP, SEL_TSS);
    bench_descriptor(b, SEL_A, 0, 0xfff, CODE_X); /* execute-only */
    load_ds(b, SEL_A);
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xfff, CODE_X | DESC_RW);
    load_ds(b, SEL_A);
    assert_int_equal(b->vector, -1);
    bench_descriptor(b, SEL_A, 0, 0xfff, DATA & ~DESC_P);
    load_ds(b, SEL_A);
    check_fault(b, EXC_NP, SEL_A);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x12); /* not touched */
    bench_descriptor(b, SEL_A, 0, 0xfff, DATA);
    load_ds(b, SEL_A | 3); /* RPL 3 > DPL 0 */
    check_fault(b, EXC_GP, SEL_A);
    bench_free(b);
}

static void test_data_load_user(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    load_ds(b, SEL_DATA32 | 3);
    check_fault(b, EXC_GP, SEL_DATA32);
    bench_descriptor(b, SEL_A, 0, 0xfff, CODE_X | DESC_RW | DESC_EC); /* conforming: any privilege */
    load_ds(b, SEL_A | 3);
    assert_int_equal(b->vector, -1 + 1 + EXC_GP); /* HLT at CPL 3 */
    assert_int_equal(b->frame_ip, BENCH_CODE + 2);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1) & 1, 1);
    bench_free(b);
}

static void test_stack_load(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    load_ss(b, 0);
    check_fault(b, EXC_GP, 0);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA | DPL(1));
    load_ss(b, SEL_A); /* DPL */
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA);
    load_ss(b, SEL_A | 1); /* RPL */
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA & ~DESC_RW);
    load_ss(b, SEL_A);
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA & ~DESC_P);
    load_ss(b, SEL_A);
    check_fault(b, EXC_SS, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA);
    load_ss(b, SEL_A);
    assert_int_equal(b->vector, -1);
    assert_false(b->cpu->mode & MODE_SS32);
    bench_free(b);
}

static void test_null_stack_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    load_ss(b, 0);
    assert_int_equal(b->vector, -1);
    load_ss(b, 3); /* RPL must be CPL */
    check_fault(b, EXC_GP, 0);
    bench_free(b);
    b = bench_new(BENCH_64U);
    load_ss(b, 3);
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

/* mov al, [ebx] / mov [ebx], al through DS = SEL_A */
static void touch(struct bench *b, u32 offset, bool write)
{
    bench_reset(b);
    b->cpu->r[RAX] = SEL_A;
    b->cpu->r[RBX] = offset;
    if (write)
        bench_run(b, /* mov ds,eax; mov [ebx],eax; hlt */ CODE("\x8e\xd8\x89\x03\xf4"));
    else
        bench_run(b, /* mov ds,eax; mov eax,[ebx]; hlt */ CODE("\x8e\xd8\x8b\x03\xf4"));
}

static void check_touch(struct bench *b, u32 offset, bool write, bool faults)
{
    touch(b, offset, write);
    assert_int_equal(b->vector, faults ? EXC_GP : -1);
    assert_int_equal(b->error, 0);
}

static void test_limits(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, DATA | DESC_DB);
    check_touch(b, 0xffc, true, false);
    check_touch(b, 0xffd, true, true);
    check_touch(b, 0xffd, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0x1fff, DATA | DESC_DB | DESC_G);
    check_touch(b, 0x1ffc, false, false);
    check_touch(b, 0x1ffd, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, (DATA & ~DESC_RW) | DESC_DB);
    check_touch(b, 0, false, false);
    check_touch(b, 0, true, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, CODE_X | DESC_RW | DESC_DB);
    check_touch(b, 0, false, false);
    check_touch(b, 0, true, true);
    bench_free(b);
}

static void test_expand_down(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, DATA | DESC_EC); /* B = 0: 1000-FFFF */
    check_touch(b, 0xfff, false, true);
    check_touch(b, 0x1000, false, false);
    check_touch(b, 0xfffc, false, false);
    check_touch(b, 0xfffd, false, true);
    check_touch(b, 0x10000, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, DATA | DESC_EC | DESC_DB); /* to FFFFFFFF */
    check_touch(b, 0x10000, false, false);
    check_touch(b, 0xfff, false, true);
    check_touch(b, 0xfffffffd, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xffffffff, DATA | DESC_EC | DESC_DB | DESC_G); /* nothing at all */
    check_touch(b, 0xffffffff, false, true);
    check_touch(b, 0x1000, false, true);
    bench_free(b);
}

static void test_null_use(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b,
              /* xor eax,eax; mov ds,eax; mov eax,[0x20000]; hlt */ CODE("\x31\xc0\x8e\xd8\xa1\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0);
    assert_int_equal(b->frame_ip, BENCH_CODE + 4);
    bench_free(b);
}

static void test_unreal(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    bench_put(b, BENCH_DATA + 0x80000, 0x5a, 1);
    bench_put(b, 0x500, BENCH_GDT << 16 | 0xff, 6);
    /* lgdt; into protected mode; DS := flat; back; DS := 0: the limit stays 4 GiB */
    bench_run(b, /* lgdt [0x500]; mov eax,cr0; or al,1; mov cr0,eax; mov bx,0x10; mov ds,bx; and al,0xfe; mov cr0,eax;
                    xor bx,bx; mov ds,bx; mov ebx,0xa0000; mov al,[ebx]; hlt */
              CODE("\x0f\x01\x16\x00\x05\x0f\x20\xc0\x0c\x01\x0f\x22\xc0\xbb\x10\x00\x8e\xdb\x24\xfe\x0f\x22\xc0\x31"
                   "\xdb\x8e\xdb\x66\xbb\x00\x00\x0a\x00\x67\x8a\x03\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 0x5a);
    bench_free(b);
}

/* In real mode CS is a data segment: after reset, after INIT and SIPI, and back from protected mode. */
static void test_real_cs(void **state)
{
    static const u8 store[] = { 0x2e, 0xc6, 0x06, 0x00, 0x80, 0x5a, 0xf4 }; /* mov byte [cs:0x8000], 0x5a; hlt */
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    bench_run(b, store, sizeof store);
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_CODE + 0x8000, 1), 0x5a);
    cpu_start_at(b->cpu, BENCH_CODE >> 12);
    bench_put(b, BENCH_CODE + 0x8000, 0, 1);
    bench_continue(b);
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_CODE + 0x8000, 1), 0x5a);
    bench_free(b);
}

static void test_real_limit(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    b->cpu->r[RBX] = 0xffff;
    bench_run(b, /* mov ax,[bx]; hlt */ CODE("\x8b\x07\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    bench_reset(b);
    b->cpu->r[RBP] = 0xffff;
    bench_run(b, /* mov ax,[bp]; hlt */ CODE("\x8b\x46\x00\xf4"));
    assert_int_equal(b->vector, EXC_SS);
    bench_free(b);
}

static void test_mov_sreg_forms(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, CODE("\x8e\xc8\xf4")); /* mov cs, ax */
    check_fault(b, EXC_UD, 0);
    bench_reset(b);
    bench_run(b, CODE("\x8e\xf0\xf4")); /* sreg 6 */
    check_fault(b, EXC_UD, 0);
    bench_reset(b);
    bench_run(b, CODE("\x8c\xf8\xf4")); /* sreg 7 */
    check_fault(b, EXC_UD, 0);
    bench_reset(b);
    b->cpu->r[RAX] = b->cpu->r[RBX] = 0xaaaaaaaa;
    bench_put(b, BENCH_DATA, 0xffffffff, 4);
    bench_run(
        b, /* mov eax,ds; mov bx,ds; mov [0x20000],ds; hlt */ CODE("\x8c\xd8\x66\x8c\xdb\x8c\x1d\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], SEL_DATA32);
    assert_int_equal(b->cpu->r[RBX], 0xaaaa0010);
    assert_int_equal(bench_get(b, BENCH_DATA, 4), 0xffff0010);
    bench_free(b);
}

static void test_push_pop(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* push es; push cs; pop eax; pop fs; push word 0x10; o16 pop gs; hlt */ CODE(
                  "\x06\x0e\x58\x0f\xa1\x66\x6a\x10\x66\x0f\xa9\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], SEL_CODE32);
    assert_int_equal(b->cpu->seg[FS].sel, SEL_DATA32);
    assert_int_equal(b->cpu->seg[GS].sel, SEL_DATA32);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK);
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_run(b, /* push fs; pop gs; hlt */ CODE("\x0f\xa0\x0f\xa9\xf4"));
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK);
    assert_int_equal(bench_get(b, BENCH_STACK - 8, 8), SEL_DATA32);
    bench_free(b);
}

/* A fault in the load leaves the stack pointer and both registers. */
static void test_pop_fault_changes_nothing(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_STACK, 0x100, 4);
    bench_run(b, /* pop ds; hlt */ CODE("\x1f\xf4"));
    check_fault(b, EXC_GP, 0x100);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 16);
    assert_int_equal(b->cpu->seg[DS].sel, SEL_DATA32);
    bench_reset(b);
    bench_put(b, BENCH_DATA, 0x11223344, 4);
    bench_put(b, BENCH_DATA + 4, 0x100, 2);
    b->cpu->r[RAX] = 7;
    bench_run(b, /* les eax,[0x20000]; hlt */ CODE("\xc4\x05\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP, 0x100);
    assert_int_equal(b->cpu->r[RAX], 7);
    bench_free(b);
}

static void test_far_pointers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_DATA, 0x11223344, 4);
    bench_put(b, BENCH_DATA + 4, SEL_DATA16, 2);
    bench_run(b, /* les eax,[0x20000]; lfs ecx,[0x20000]; lgs edx,[0x20000]; hlt */ CODE(
                  "\xc4\x05\x00\x00\x02\x00\x0f\xb4\x0d\x00\x00\x02\x00\x0f\xb5\x15\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDX], 0x11223344);
    assert_int_equal(b->cpu->seg[ES].sel, SEL_DATA16);
    assert_int_equal(b->cpu->seg[GS].sel, SEL_DATA16);
    bench_put(b, BENCH_DATA + 2, SEL_DATA16, 2);
    bench_reset(b);
    b->cpu->r[RAX] = 0xffffffff;
    bench_run(b, /* lds ax,[0x20000]; hlt */ CODE("\x66\xc5\x05\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0xffff3344);
    assert_int_equal(b->cpu->seg[DS].sel, SEL_DATA16);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_load),
        cmocka_unit_test(test_data_load_user),
        cmocka_unit_test(test_stack_load),
        cmocka_unit_test(test_null_stack_64),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_expand_down),
        cmocka_unit_test(test_null_use),
        cmocka_unit_test(test_unreal),
        cmocka_unit_test(test_real_cs),
        cmocka_unit_test(test_real_limit),
        cmocka_unit_test(test_mov_sreg_forms),
        cmocka_unit_test(test_push_pop),
        cmocka_unit_test(test_pop_fault_changes_nothing),
        cmocka_unit_test(test_far_pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
