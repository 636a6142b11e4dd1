/* test_gates.c: far jumps, call gates and far returns: every check and stack of the SDM's volume 3, chapter 5. Long
 * mode: test_gates_long.c. */
#include "gates_bench.h"

#define DATA (DESC_P | DESC_S | DESC_RW)
#define SEL_B 0x70

/* jmp far [20000] with the pointer sel:offset */
static void jump(struct bench *b, u16 sel, u32 offset)
{
    bench_reset(b);
    bench_put(b, BENCH_DATA, offset, 4);
    bench_put(b, BENCH_DATA + 4, sel, 2);
    bench_run(b, /* jmp far dword [0x20000] */ CODE("\xff\x2d\x00\x00\x02\x00"));
}

static void test_jump_checks(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    jump(b, SEL_CODE32, TARGET);
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->rip, TARGET + 1);
    jump(b, SEL_CODE32 | 1, TARGET); /* RPL > CPL */
    check_fault(b, EXC_GP, SEL_CODE32);
    jump(b, 0, TARGET);
    check_fault(b, EXC_GP, 0);
    jump(b, 0x100, TARGET);
    check_fault(b, EXC_GP, 0x100);
    jump(b, SEL_DATA32, TARGET);
    check_fault(b, EXC_GP, SEL_DATA32);
    jump(b, SEL_CODE32U, TARGET); /* outward */
    check_fault(b, EXC_GP, SEL_CODE32U & ~3u);
    bench_descriptor(b, SEL_A, 0, 0xffffffff, (CODE_R & ~DESC_P) | FLAT32);
    jump(b, SEL_A, TARGET);
    check_fault(b, EXC_NP, SEL_A);
    bench_descriptor(b, SEL_A, 0, TARGET - 1, CODE_R | DESC_DB);
    jump(b, SEL_A, TARGET); /* beyond the limit: #GP(0), before the jump */
    check_fault(b, EXC_GP, 0);
    assert_int_equal(b->frame_cs, SEL_CODE32);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1) & 1, 0);
    bench_descriptor(b, SEL_A, TARGET, 0xfff, CODE_R | DESC_DB);
    jump(b, SEL_A, 0);
    assert_int_equal(b->cpu->rip, 1);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1) & 1, 1);
    bench_free(b);
}

static void test_jump_user(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    jump(b, SEL_CODE32 | 3, TARGET); /* inward */
    check_fault(b, EXC_GP, SEL_CODE32);
    bench_descriptor(b, SEL_A, 0, 0xffffffff, CODE_R | DESC_EC | FLAT32); /* conforming: stays at level 3 */
    jump(b, SEL_A, TARGET);
    assert_int_equal(b->vector, EXC_GP); /* HLT */
    assert_int_equal(b->frame_ip, TARGET);
    assert_int_equal(b->frame_cs, SEL_A | 3);
    bench_free(b);
}

static void test_sixteen_bits(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x12000, 0xffff, CODE_R);
    put_code(b, 0x12100,
             /* mov ax,[cs:0x200]; call 0x68:0x300; hlt */ CODE("\x2e\xa1\x00\x02\x9a\x00\x03\x68\x00\xf4"));
    put_code(b, 0x12300, /* mov bx,7; retf */ CODE("\xbb\x07\x00\xcb"));
    bench_put(b, 0x12200, 0x1234, 2);
    bench_run(b, /* jmp word 0x68:0x100 */ CODE("\x66\xea\x00\x01\x68\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0x1234);
    assert_int_equal(b->cpu->r[RBX], 7);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK);
    assert_int_equal(bench_get(b, BENCH_STACK - 2, 2), SEL_A);
    bench_free(b);
}

static void test_real(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    b->cpu->r[RSP] = 0xf000;
    put_code(b, 0x12340, /* mov ax,cs; retf 4 */ CODE("\x8c\xc8\xca\x04\x00"));
    bench_run(b,
              /* push dword 0; call 0x1234:0; mov bx,sp; hlt */ CODE("\x66\x6a\x00\x9a\x00\x00\x34\x12\x89\xe3\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0x1234);
    assert_int_equal(b->cpu->r[RBX], 0xf000);
    bench_reset(b);
    bench_run(b, /* jmp dword 0:0x10000 */ CODE("\x66\xea\x00\x00\x01\x00\x00\x00")); /* IP beyond FFFF */
    assert_int_equal(b->vector, EXC_GP);
    bench_reset(b);
    b->cpu->r[RSP] =
        3; /* the stack wraps word by word; a word across FFFF does not fit, nor does the frame of #SS, of #DF */
    bench_run(b, /* call 0x1234:0 */ CODE("\x9a\x00\x00\x34\x12"));
    assert_int_equal(b->vector, -3);
    bench_free(b);
}

/* ---- call gates, 32-bit ---- */

static void test_gate_same_level(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, TARGET, /* mov eax,1; retf */ CODE("\xb8\x01\x00\x00\x00\xcb"));
    put_gate(b, SEL_GATE, SEL_CODE32, TARGET, DESC_P | SYS_CALL32 << 8, 5);
    bench_run(b, /* call 0x78:0x12345678; mov ebx,esp; hlt */ CODE("\x9a\x78\x56\x34\x12\x78\x00\x89\xe3\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 1);
    assert_int_equal(b->cpu->r[RBX], BENCH_STACK);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    bench_reset(b);
    bench_run(b, /* jmp 0x78:0 */ CODE("\xea\x00\x00\x00\x00\x78\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->rip, TARGET + 1);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK);
    bench_free(b);
}

static void user_gate(struct bench *b, unsigned params)
{
    bench_reset(b);
    put_gate(b, SEL_GATE, SEL_CODE32, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8, params);
}

static void test_gate_inner(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    put_code(
        b, TARGET,
        /* mov eax,[esp+8]; mov ebx,[esp+12]; mov ecx,esp; mov edx,cs; mov esi,[esp+20]; mov edi,[esp+16]; retf 8 */
        CODE("\x8b\x44\x24\x08\x8b\x5c\x24\x0c\x89\xe1\x8c\xca\x8b\x74\x24\x14\x8b\x7c\x24\x10\xca\x08\x00"));
    user_gate(b, 2);
    bench_run(b, /* push dword 0x11; push dword 0x22; call 0x7b:0; mov ebp,esp; hlt */ CODE(
                  "\x6a\x11\x6a\x22\x9a\x00\x00\x00\x00\x7b\x00\x89\xe5\xf4"));
    assert_int_equal(b->vector, EXC_GP); /* HLT back at level 3 */
    struct cpu *c = b->cpu;
    assert_int_equal(c->r[RAX], 0x22);
    assert_int_equal(c->r[RBX], 0x11);
    assert_int_equal(c->r[RCX], BENCH_STACK0 - 24); /* SS ESP p p CS EIP */
    assert_int_equal(c->r[RDX], SEL_CODE32);
    assert_int_equal(c->r[RSI], SEL_DATA32U);
    assert_int_equal(c->r[RDI], BENCH_STACK - 8);
    assert_int_equal(c->r[RBP], BENCH_STACK);
    assert_int_equal(b->frame_cs, SEL_CODE32U);
    bench_free(b);
}

static void test_gate_inner_16(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    put_code(b, TARGET, /* mov ax,[esp+4]; mov ecx,esp; hlt */ CODE("\x66\x8b\x44\x24\x04\x89\xe1\xf4"));
    bench_reset(b);
    bench_descriptor(b, SEL_A, TARGET, 0xffff, CODE_R | DESC_DB);
    put_gate(b, SEL_GATE, SEL_A, 0xffff0000, DESC_P | DPL(3) | SYS_CALL16 << 8, 1); /* upper offset not looked at */
    bench_run(b, /* push word 0x11; call 0x78:0 */ CODE("\x66\x6a\x11\x9a\x00\x00\x00\x00\x78\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0x11);
    assert_int_equal(b->cpu->r[RCX], BENCH_STACK0 - 10);
    bench_free(b);
}

static void expect_gate_fault(struct bench *b, int vector, u32 error)
{
    bench_run(b, /* call 0x78:0 */ CODE("\x9a\x00\x00\x00\x00\x78\x00"));
    check_fault(b, vector, error);
    assert_int_equal(b->frame_cs, SEL_CODE32U);
    assert_int_equal(b->frame_sp, BENCH_STACK); /* not changed */
}

static void test_gate_faults(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    user_gate(b, 0);
    put_gate(b, SEL_GATE, SEL_CODE32, TARGET, DESC_P | DPL(2) | SYS_CALL32 << 8, 0);
    expect_gate_fault(b, EXC_GP, SEL_GATE);
    bench_reset(b);
    put_gate(b, SEL_GATE, SEL_CODE32, TARGET, DPL(3) | SYS_CALL32 << 8, 0);
    expect_gate_fault(b, EXC_NP, SEL_GATE);
    bench_reset(b);
    put_gate(b, SEL_GATE, 0, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8, 0);
    expect_gate_fault(b, EXC_GP, 0);
    bench_reset(b);
    put_gate(b, SEL_GATE, SEL_DATA32, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8, 0);
    expect_gate_fault(b, EXC_GP, SEL_DATA32);
    bench_reset(b);
    bench_descriptor(b, SEL_A, 0, 0xffffffff, (CODE_R & ~DESC_P) | FLAT32);
    put_gate(b, SEL_GATE, SEL_A, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8, 0);
    expect_gate_fault(b, EXC_NP, SEL_A);
    bench_reset(b);
    bench_descriptor(b, SEL_A, 0, TARGET - 1, CODE_R | DESC_DB);
    put_gate(b, SEL_GATE, SEL_A, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8, 0);
    expect_gate_fault(b, EXC_GP, 0);
    bench_free(b);
}

/* The inner stack: faults name it. The handlers of #TS and #SS need a stack of their own, a conforming segment does. */
static void test_gate_stack_faults(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    bench_descriptor(b, SEL_A, 0, 0xffffffff, CODE_R | DESC_EC | FLAT32);
    static const struct {
        u16 ss;
        u32 attr, limit;
        int vector;
        u32 error;
    } cases[] = { { 0, 0, 0, EXC_TS, 0 },
                  { 0x100, 0, 0, EXC_TS, 0x100 },
                  { SEL_B | 1, DATA | FLAT32, 0xffffffff, EXC_TS, SEL_B },
                  { SEL_B, DATA | FLAT32 | DPL(1), 0xffffffff, EXC_TS, SEL_B },
                  { SEL_B, (DATA & ~DESC_RW) | FLAT32, 0xffffffff, EXC_TS, SEL_B },
                  { SEL_B, (DATA & ~DESC_P) | FLAT32, 0xffffffff, EXC_SS, SEL_B },
                  { SEL_B, DATA | DESC_DB, BENCH_STACK0 - 2, EXC_SS, SEL_B } };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        user_gate(b, 0);
        for (unsigned v = 0; v < 32; v++)
            bench_gate(b, v, SEL_A, BENCH_HANDLERS + 16 * v, SYS_INT32, 3, 0);
        bench_descriptor(b, SEL_B, 0, cases[i].limit, cases[i].attr);
        bench_put(b, BENCH_TSS + 8, cases[i].ss, 2);
        b->limit = 10;
        bench_run(b, /* call 0x78:0 */ CODE("\x9a\x00\x00\x00\x00\x78\x00"));
        /* HLT at level 3 in the handler is #GP: look at the frame below */
        assert_int_equal(b->vector, -2);
        u32 sp = BENCH_STACK - 16;
        assert_int_equal(bench_get(b, sp, 4), cases[i].error);
        assert_int_equal(bench_get(b, sp + 4, 4), BENCH_CODE);
        assert_int_equal(bench_get(b, sp - 12, 4), BENCH_HANDLERS + 16u * (u32)cases[i].vector);
    }
    user_gate(b, 0);
    for (unsigned v = 0; v < 32; v++)
        bench_gate(b, v, SEL_A, BENCH_HANDLERS + 16 * v, SYS_INT32, 3, 0);
    b->limit = 10;
    b->cpu->seg[TR].limit = 8; /* SS0 would be at 8-9 */
    bench_run(b, /* call 0x78:0 */ CODE("\x9a\x00\x00\x00\x00\x78\x00"));
    assert_int_equal(bench_get(b, BENCH_STACK - 16, 4), SEL_TSS);
    assert_int_equal(bench_get(b, BENCH_STACK - 28, 4), BENCH_HANDLERS + 16 * EXC_TS);
    bench_free(b);
}

/* ---- returns ---- */

/* Pushes what a far return takes and returns. */
static void return_to(struct bench *b, u32 ip, u16 cs, u32 sp, u16 ss)
{
    bench_reset(b);
    bench_put(b, BENCH_STACK, ip, 4);
    bench_put(b, BENCH_STACK + 4, cs, 4);
    bench_put(b, BENCH_STACK + 8, sp, 4);
    bench_put(b, BENCH_STACK + 12, ss, 4);
    bench_run(b, /* retf */ CODE("\xcb"));
}

static void test_return_checks(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    return_to(b, TARGET, 0, 0, 0);
    check_fault(b, EXC_GP, 0);
    return_to(b, TARGET, 0x100, 0, 0);
    check_fault(b, EXC_GP, 0x100);
    return_to(b, TARGET, SEL_DATA32, 0, 0);
    check_fault(b, EXC_GP, SEL_DATA32);
    return_to(b, TARGET, SEL_CODE32U & ~3, 0, 0); /* DPL 3, RPL 0 */
    check_fault(b, EXC_GP, SEL_CODE32U & ~3u);
    bench_descriptor(b, SEL_A, 0, 0xffffffff, (CODE_R & ~DESC_P) | FLAT32);
    return_to(b, TARGET, SEL_A, 0, 0);
    check_fault(b, EXC_NP, SEL_A);
    bench_descriptor(b, SEL_A, 0, TARGET - 1, CODE_R | DESC_DB);
    return_to(b, TARGET, SEL_A, 0, 0);
    check_fault(b, EXC_GP, 0);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 16);
    return_to(b, TARGET, SEL_CODE32U, BENCH_DATA, 0); /* outward with a null SS */
    check_fault(b, EXC_GP, 0);
    return_to(b, TARGET, SEL_CODE32U, BENCH_DATA, SEL_DATA32);
    check_fault(b, EXC_GP, SEL_DATA32);
    bench_descriptor(b, SEL_B, 0, 0xffffffff, (DATA & ~DESC_P) | DPL(3));
    return_to(b, TARGET, SEL_CODE32U, BENCH_DATA, SEL_B | 3);
    check_fault(b, EXC_SS, SEL_B);
    bench_free(b);
}

static void test_return_inward(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    return_to(b, TARGET, SEL_CODE32, 0, 0); /* RPL 0 < CPL 3 */
    check_fault(b, EXC_GP, SEL_CODE32);
    bench_free(b);
}

/* The outer level keeps no segment that it may not use; a 16-bit outer stack keeps the inner ESP's upper half. */
static void test_return_outer(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, TARGET, /* mov eax,ds; mov ebx,es; mov ecx,esp; int3 */ CODE("\x8c\xd8\x8c\xc3\x89\xe1\xcc"));
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA | DPL(3));
    bench_reset(b);
    bench_put(b, BENCH_STACK, TARGET, 4);
    bench_put(b, BENCH_STACK + 4, SEL_CODE32U, 4);
    bench_put(b, BENCH_STACK + 8 + 4, 0x55551000, 4);
    bench_put(b, BENCH_STACK + 12 + 4, SEL_A | 3, 4);
    bench_run(b, /* mov ax,0x2b; mov es,eax; retf 4 */ CODE("\x66\xb8\x2b\x00\x8e\xc0\xca\x04\x00"));
    assert_int_equal(b->vector, EXC_BP);
    assert_int_equal(b->cpu->r[RAX], 0);
    assert_int_equal(b->cpu->r[RBX], SEL_DATA32U);
    assert_int_equal(b->cpu->r[RCX], 0x31004);
    assert_int_equal(b->cpu->seg[DS].sel, 0);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jump_checks),       cmocka_unit_test(test_jump_user),
        cmocka_unit_test(test_sixteen_bits),      cmocka_unit_test(test_real),
        cmocka_unit_test(test_gate_same_level),   cmocka_unit_test(test_gate_inner),
        cmocka_unit_test(test_gate_inner_16),     cmocka_unit_test(test_gate_faults),
        cmocka_unit_test(test_gate_stack_faults), cmocka_unit_test(test_return_checks),
        cmocka_unit_test(test_return_inward),     cmocka_unit_test(test_return_outer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
