/* test_gates_long.c: far transfers and IRET in long mode, SYSCALL, SYSENTER. */
#include "gates_bench.h"

/* ---- long mode ---- */

static void put_gate64(struct bench *b, u16 sel, u16 target, u64 offset, u32 attr)
{
    put_gate(b, sel, target, (u32)offset, attr, 0);
    bench_put(b, BENCH_GDT + sel + 8u, offset >> 32, 8);
}

static void jump64(struct bench *b, u16 sel, u64 offset)
{
    bench_reset(b);
    bench_put(b, BENCH_DATA, offset, 8);
    bench_put(b, BENCH_DATA + 8, sel, 2);
    bench_run(b, /* jmp far qword [0x20000] */ CODE("\x48\xff\x2c\x25\x00\x00\x02\x00"));
}

static void test_long_jump(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    jump64(b, SEL_CODE64, TARGET);
    assert_int_equal(b->vector, -1);
    assert_true(in_64(b->cpu));
    jump64(b, SEL_CODE32, TARGET);
    assert_int_equal(b->vector, -1);
    assert_false(in_64(b->cpu)); /* compatibility mode */
    jump64(b, SEL_CODE64, 0x0000800000000000);
    check_fault(b, EXC_GP, 0);
    bench_descriptor(b, SEL_A, 0, 0xffffffff, CODE_R | FLAT32 | DESC_L);
    jump64(b, SEL_A, TARGET); /* L and D */
    check_fault(b, EXC_GP, SEL_A);
    jump64(b, SEL_TSS, TARGET); /* no task switches */
    check_fault(b, EXC_GP, SEL_TSS);
    bench_run(b, CODE("\xea\x00\x80\x01\x00\x18\x00")); /* jmp ptr16:32: none in 64-bit mode */
    check_fault(b, EXC_UD, 0);
    bench_free(b);
}

static void test_long_gate(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64U);
    put_code(b, TARGET,
             /* mov rcx,rsp; mov rdx,ss; mov rsi,cs; mov r8,[rsp+24]; mov r9,[rsp+16]; mov r10,[rsp+8]; o64 retf */
             CODE("\x48\x89\xe1\x8c\xd2\x8c\xce\x4c\x8b\x44\x24\x18\x4c\x8b\x4c\x24\x10\x4c\x8b\x54\x24\x08\x48\xcb"));
    put_gate64(b, SEL_GATE, SEL_CODE64, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8);
    bench_put(b, BENCH_DATA + 4, SEL_GATE, 2);
    bench_run(b, /* call far dword [0x20000]; mov rbp,rsp; hlt */ CODE("\xff\x1c\x25\x00\x00\x02\x00\x48\x89\xe5\xf4"));
    assert_int_equal(b->vector, EXC_GP); /* HLT at level 3 */
    assert_int_equal(b->cpu->r[RCX], BENCH_STACK0 - 32);
    assert_int_equal(b->cpu->r[RDX], 0); /* null, RPL 0 */
    assert_int_equal(b->cpu->r[RSI], SEL_CODE64);
    assert_int_equal(b->cpu->r[RBP], BENCH_STACK);
    assert_int_equal(b->cpu->r[R8], SEL_DATA32U);
    assert_int_equal(b->cpu->r[R9], BENCH_STACK);
    assert_int_equal(b->cpu->r[R10], SEL_CODE64U);
    bench_reset(b); /* the type field of the upper half */
    bench_put(b, BENCH_GDT + SEL_GATE + 12, 0x100, 4);
    bench_run(b, /* call far dword [0x20000] */ CODE("\xff\x1c\x25\x00\x00\x02\x00"));
    check_fault(b, EXC_GP, SEL_GATE);
    bench_reset(b); /* a gate leads to 64-bit code only */
    put_gate64(b, SEL_GATE, SEL_CODE32, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8);
    bench_run(b, /* call far dword [0x20000] */ CODE("\xff\x1c\x25\x00\x00\x02\x00"));
    check_fault(b, EXC_GP, SEL_CODE32);
    bench_reset(b);
    put_gate64(b, SEL_GATE, SEL_CODE64, TARGET, DESC_P | DPL(3) | SYS_CALL32 << 8);
    bench_put(b, BENCH_TSS + 4, 0x0001000000000000, 8);
    bench_gate(b, EXC_SS, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_SS, SYS_INT32, 0, 1);
    bench_run(b, /* call far dword [0x20000] */ CODE("\xff\x1c\x25\x00\x00\x02\x00"));
    check_fault(b, EXC_SS, 0);
    bench_free(b);
}

static void test_long_return(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    bench_put(b, BENCH_STACK, TARGET, 8);
    bench_put(b, BENCH_STACK + 8, SEL_CODE64, 8);
    bench_run(b, /* o64 retf */ CODE("\x48\xcb"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->rip, TARGET + 1);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK + 16);
    bench_reset(b);
    bench_put(b, BENCH_STACK, 0x8000000000000000, 8);
    bench_run(b, /* o64 retf */ CODE("\x48\xcb"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

/* ---- IRET ---- */

static void test_iret_flags(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    put_code(b, TARGET, /* pushfd; pop eax; hlt */ CODE("\x9c\x58\xf4"));
    bench_put(b, BENCH_STACK, TARGET, 4);
    bench_put(b, BENCH_STACK + 4, SEL_CODE32U, 4);
    bench_put(b, BENCH_STACK + 8, 0x003f7ed7, 4); /* all but TF, with VM; NT after it */
    bench_run(b, /* iret */ CODE("\xcf"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->cpu->r[RAX],
                     0x00244cd7); /* ID AC NT OF DF and the six; not IF, IOPL, VM, VIF, VIP; RF is pushed as 0 */
    bench_free(b);
    b = bench_new(BENCH_32);
    put_code(b, TARGET, /* pushfd; pop eax; hlt */ CODE("\x9c\x58\xf4"));
    bench_put(b, BENCH_STACK, TARGET, 4);
    bench_put(b, BENCH_STACK + 4, SEL_CODE32, 4);
    bench_put(b, BENCH_STACK + 8, 0x003d7ed7, 4);
    bench_run(b, /* iret */ CODE("\xcf"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0x003c7ed7);
    bench_free(b);
}

static void test_iretq(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    bench_put(b, BENCH_STACK, TARGET, 8);
    bench_put(b, BENCH_STACK + 8, SEL_CODE64, 8);
    bench_put(b, BENCH_STACK + 16, 2, 8);
    bench_put(b, BENCH_STACK + 24, BENCH_DATA + 0x100, 8); /* SS:RSP always */
    bench_put(b, BENCH_STACK + 32, 0, 8);
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RSP], BENCH_DATA + 0x100);
    assert_int_equal(b->cpu->seg[SS].sel, 0);
    bench_reset(b);
    bench_put(b, BENCH_STACK, 0x0001000000000000, 8); /* not canonical: #GP at level 0 */
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    check_fault(b, EXC_GP, 0);
    assert_int_equal(b->cpu->cpl, 0);
    bench_reset(b); /* to level 3 with a null SS */
    bench_put(b, BENCH_STACK, TARGET, 8);
    bench_put(b, BENCH_STACK + 8, SEL_CODE64U, 8);
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    check_fault(b, EXC_GP, 0);
    bench_put(b, BENCH_STACK + 8, SEL_CODE32, 8); /* to compatibility mode with a null SS */
    bench_reset(b);
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    check_fault(b, EXC_GP, 0);
    bench_reset(b); /* NT in long mode */
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    bench_reset(b);
    b->cpu->eflags |= FL_NT;
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

static void test_iret_to_compat(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    put_code(b, TARGET, /* mov eax,esp; dec eax; int3 */ CODE("\x89\xe0\x48\xcc"));
    bench_put(b, BENCH_STACK, TARGET, 8);
    bench_put(b, BENCH_STACK + 8, SEL_CODE32U, 8);
    bench_put(b, BENCH_STACK + 16, 0x3002, 8);
    bench_put(b, BENCH_STACK + 24, 0x1122334455667788, 8);
    bench_put(b, BENCH_STACK + 32, SEL_DATA32U, 8);
    bench_run(b, /* iretq */ CODE("\x48\xcf"));
    assert_int_equal(b->vector, EXC_BP);
    assert_int_equal(b->cpu->r[RAX], 0x55667787);
    assert_int_equal(b->frame_cs, SEL_CODE32U);
    bench_free(b);
}

/* ---- SYSCALL, SYSENTER ---- */

static void test_syscall(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    put_code(b, TARGET, /* mov rbx,cs; mov rdx,ss; pushfq; pop rsi; mov rax,rcx; mov rdi,r11; o64 sysret */
             CODE("\x8c\xcb\x8c\xd2\x9c\x5e\x48\x89\xc8\x4c\x89\xdf\x48\x0f\x07"));
    c->msr.star = (u64)(SEL_CODE32U - 0) << 48 | (u64)SEL_CODE32 << 32;
    c->msr.lstar = TARGET;
    c->msr.fmask = FL_IF | FL_DF;
    c->eflags |= FL_DF | FL_IF;
    /* SYSRET takes CS from 23 + 16, SS from 23 + 8 */
    bench_run(b, /* mov rsp,0x30000; syscall; mov r8,cs; mov r9,ss; hlt */ CODE(
                  "\xbc\x00\x00\x03\x00\x0f\x05\x41\x8c\xc8\x41\x8c\xd1\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(c->r[RBX], SEL_CODE32);
    assert_int_equal(c->r[RDX], SEL_CODE32 + 8);
    assert_int_equal(c->r[RSI] & (FL_IF | FL_DF), 0);
    assert_int_equal(c->r[RAX], BENCH_CODE + 9 - 2);
    assert_int_equal(c->r[RDI] & (FL_IF | FL_DF), FL_IF | FL_DF);
    assert_int_equal(c->r[R8], SEL_CODE64U);
    assert_int_equal(c->r[R9], SEL_DATA32U);
    assert_int_equal(b->frame_flags & (FL_IF | FL_DF), FL_IF | FL_DF);
    bench_reset(b);
    c->efer &= ~(u64)EFER_SCE;
    bench_run(b, /* syscall */ CODE("\x0f\x05"));
    check_fault(b, EXC_UD, 0);
    bench_free(b);
    b = bench_new(BENCH_64);
    b->cpu->r[RCX] = 0x0000800000000000;
    bench_run(b, /* o64 sysret */ CODE("\x48\x0f\x07"));
    check_fault(b, EXC_GP, 0);
    assert_int_equal(b->cpu->cpl, 0);
    bench_free(b);
}

static void test_sysenter(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    struct cpu *c = b->cpu;
    bench_run(b, /* sysenter */ CODE("\x0f\x34"));
    check_fault(b, EXC_GP, 0); /* selector 0 */
    bench_reset(b);
    put_code(b, TARGET, /* mov eax,cs; mov ebx,ss; mov esi,esp; mov edx,0x10003; mov ecx,0x2fff0; sysexit */
             CODE("\x8c\xc8\x8c\xd3\x89\xe6\xba\x03\x00\x01\x00\xb9\xf0\xff\x02\x00\x0f\x35"));
    c->msr.sysenter_cs = 0x10b; /* RPL is not looked at, nor is the GDT */
    c->msr.sysenter_esp = 0x38000;
    c->msr.sysenter_eip = TARGET;
    bench_run(b, /* sysenter; nop; mov ebp,cs; mov edi,ss; hlt */ CODE("\x0f\x34\x90\x8c\xcd\x8c\xd7\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(c->r[RAX], 0x108);
    assert_int_equal(c->r[RBX], 0x110);
    assert_int_equal(c->r[RSI], 0x38000);
    assert_int_equal(c->r[RBP], 0x11b);
    assert_int_equal(c->r[RDI], 0x123);
    assert_int_equal(b->frame_sp, 0x2fff0);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_jump),  cmocka_unit_test(test_long_gate), cmocka_unit_test(test_long_return),
        cmocka_unit_test(test_iret_flags), cmocka_unit_test(test_iretq),     cmocka_unit_test(test_iret_to_compat),
        cmocka_unit_test(test_syscall),    cmocka_unit_test(test_sysenter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
