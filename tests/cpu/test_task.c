/* Hardware task switches (SDM vol. 3, chapter 7). */
#include "harness.h"
#include "flags.h"

#define SEL_TSS2 0x68
#define SEL_GATE 0x70
#define SEL_BAD 0x78
#define TSS2 0x7000u
#define TASK2 0x18000u /* its code */
#define STACK2 0x28000u

static void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

static void put_tss32(struct bench *b)
{
    memset(b->m + TSS2, 0, 0x80);
    bench_put(b, TSS2 + 0x20, TASK2, 4);
    bench_put(b, TSS2 + 0x24, FL_ONE | FL_CF, 4);
    for (u32 i = 0; i < 8; i++)
        bench_put(b, TSS2 + 0x28 + 4 * i, 0x11110000u + i, 4);
    bench_put(b, TSS2 + 0x38, STACK2, 4);
    static const u16 sel[] = { SEL_DATA32, SEL_CODE32, SEL_DATA32, SEL_DATA32, 0, SEL_DATA16 };
    for (u32 i = 0; i < 6; i++)
        bench_put(b, TSS2 + 0x48 + 4 * i, sel[i], 2);
    bench_put(b, TSS2 + 0x66, 0x68, 2);
    bench_descriptor(b, SEL_TSS2, TSS2, 0x67, DESC_P | SYS_TSS32 << 8);
}

static struct bench *fresh(void)
{
    struct bench *b = bench_new(BENCH_32);
    put_tss32(b);
    put_code(b, TASK2, /* hlt */ CODE("\xf4"));
    return b;
}

static unsigned type_of(struct bench *b, u16 sel)
{
    return (unsigned)bench_get(b, BENCH_GDT + sel + 5u, 1) & 15;
}

static void test_jump(void **state)
{
    (void)state;
    struct bench *b = fresh();
    struct cpu *c = b->cpu;
    c->r[RBX] = 0x12345678;
    c->dr7 = 0x403;
    bench_run(b, /* stc; jmp 0x68:0 */ CODE("\xf9\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->rip, TASK2 + 1);
    assert_int_equal(c->r[RAX], 0x11110000);
    assert_int_equal(c->r[RDI], 0x11110007);
    assert_int_equal(c->r[RSP], STACK2);
    assert_int_equal(c->seg[TR].sel, SEL_TSS2);
    assert_int_equal(c->seg[GS].sel, SEL_DATA16);
    assert_int_equal(flags_get(c), FL_ONE | FL_CF);
    assert_true(c->cr0 & CR0_TS);
    assert_int_equal(c->dr7, 0x402); /* local breakpoints go */
    assert_int_equal(type_of(b, SEL_TSS), SYS_TSS32);
    assert_int_equal(type_of(b, SEL_TSS2), SYS_TSS32_BUSY);
    /* the old task */
    assert_int_equal(bench_get(b, BENCH_TSS + 0x20, 4), BENCH_CODE + 8);
    assert_int_equal(bench_get(b, BENCH_TSS + 0x24, 4), FL_ONE | FL_CF);
    assert_int_equal(bench_get(b, BENCH_TSS + 0x34, 4), 0x12345678);
    assert_int_equal(bench_get(b, BENCH_TSS + 0x38, 4), BENCH_STACK);
    assert_int_equal(bench_get(b, BENCH_TSS + 0x4c, 2), SEL_CODE32);
    assert_int_equal(bench_get(b, TSS2, 2), 0); /* no back link */
    bench_free(b);
}

static void test_call_and_return(void **state)
{
    (void)state;
    struct bench *b = fresh();
    put_code(b, TASK2, /* pushfd; pop ecx; mov [0x20000],ecx; iret; inc eax; jmp $-2 */
             CODE("\x9c\x59\x89\x0d\x00\x00\x02\x00\xcf\x40\xeb\xfc"));
    bench_run(b, /* mov eax,7; call 0x68:0; pushfd; pop ebx; hlt */ CODE(
                  "\xb8\x07\x00\x00\x00\x9a\x00\x00\x00\x00\x68\x00\x9c\x5b\xf4"));
    assert_int_equal(b->vector, -1);
    struct cpu *c = b->cpu;
    assert_int_equal(c->r[RAX], 7);
    assert_int_equal(bench_get(b, BENCH_DATA, 4), FL_ONE | FL_CF | FL_NT);
    assert_int_equal(c->r[RBX] & FL_NT, 0);
    assert_int_equal(bench_get(b, TSS2, 2), SEL_TSS);
    assert_int_equal(type_of(b, SEL_TSS), SYS_TSS32_BUSY);
    assert_int_equal(type_of(b, SEL_TSS2), SYS_TSS32);
    assert_int_equal(bench_get(b, TSS2 + 0x24, 4) & FL_NT, 0); /* saved without NT */
    assert_int_equal(bench_get(b, TSS2 + 0x20, 4), TASK2 + 9);
    assert_int_equal(bench_get(b, TSS2 + 0x2c, 4), FL_ONE | FL_CF | FL_NT); /* ECX */
    bench_free(b);
}

static void put_gate(struct bench *b, u16 tss, u32 attr)
{
    bench_put(b, BENCH_GDT + SEL_GATE, (u64)attr << 32 | (u32)tss << 16, 8);
}

static void test_task_gate(void **state)
{
    (void)state;
    struct bench *b = fresh();
    put_gate(b, SEL_TSS2, DESC_P | SYS_TASK_GATE << 8);
    bench_run(b, /* jmp 0x70:0 */ CODE("\xea\x00\x00\x00\x00\x70\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->seg[TR].sel, SEL_TSS2);
    bench_free(b);
    b = fresh();
    put_gate(b, SEL_TSS2, SYS_TASK_GATE << 8);
    bench_run(b, /* jmp 0x70:0 */ CODE("\xea\x00\x00\x00\x00\x70\x00"));
    assert_int_equal(b->vector, EXC_NP);
    assert_int_equal(b->error, SEL_GATE);
    bench_free(b);
    b = fresh();
    put_gate(b, SEL_TSS2 | 4, DESC_P | SYS_TASK_GATE << 8); /* a TSS in the LDT */
    bench_run(b, /* jmp 0x70:0 */ CODE("\xea\x00\x00\x00\x00\x70\x00"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, SEL_TSS2 | 4);
    bench_free(b);
    b = fresh();
    put_gate(b, SEL_TSS, DESC_P | SYS_TASK_GATE << 8); /* busy */
    bench_run(b, /* jmp 0x70:0 */ CODE("\xea\x00\x00\x00\x00\x70\x00"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, SEL_TSS);
    bench_free(b);
}

static void idt_task_gate(struct bench *b, unsigned v)
{
    bench_put(b, BENCH_IDT + v * 8, (u64)(DESC_P | 3u << DESC_DPL_SHIFT | SYS_TASK_GATE << 8) << 32 | SEL_TSS2 << 16,
              8);
}

static void test_interrupt(void **state)
{
    (void)state;
    struct bench *b = fresh();
    idt_task_gate(b, 0x80);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RSP], STACK2);
    assert_int_equal(bench_get(b, TSS2, 2), SEL_TSS);
    assert_true(b->cpu->eflags & FL_NT);
    assert_int_equal(bench_get(b, BENCH_TSS + 0x20, 4), BENCH_CODE + 2);
    bench_free(b);
    b = fresh(); /* with an error code, and RF for a fault */
    idt_task_gate(b, EXC_GP);
    bench_run(b, /* mov eax,0x100; mov ds,eax */ CODE("\xb8\x00\x01\x00\x00\x8e\xd8"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RSP], STACK2 - 4);
    assert_int_equal(bench_get(b, STACK2 - 4, 4), 0x100);
    assert_int_equal(bench_get(b, BENCH_TSS + 0x20, 4), BENCH_CODE + 5);
    assert_true(bench_get(b, BENCH_TSS + 0x24, 4) & FL_RF);
    bench_free(b);
}

/* What a double-fault handler is for: the stack of the interrupted task is unusable. */
static void test_double_fault_task(void **state)
{
    (void)state;
    struct bench *b = fresh();
    idt_task_gate(b, EXC_DF);
    b->cpu->seg[SS].limit = 0xfff;
    seg_derive(&b->cpu->seg[SS], false);
    bench_run(b, /* push eax */ CODE("\x50"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, STACK2 - 4, 4), 0);
    assert_int_equal(b->cpu->seg[TR].sel, SEL_TSS2);
    bench_free(b);
}

/* ---- before the switch: nothing changes ---- */

static void check_before(struct bench *b, int vector, u32 error)
{
    bench_run(b, /* jmp 0x68:0 */ CODE("\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, error);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    assert_int_equal(b->cpu->seg[TR].sel, SEL_TSS);
    assert_int_equal(type_of(b, SEL_TSS), SYS_TSS32_BUSY);
    bench_free(b);
}

static void test_refused(void **state)
{
    (void)state;
    struct bench *b = fresh();
    bench_descriptor(b, SEL_TSS2, TSS2, 0x66, DESC_P | SYS_TSS32 << 8);
    check_before(b, EXC_TS, SEL_TSS2);
    b = fresh();
    bench_descriptor(b, SEL_TSS2, TSS2, 0x67, SYS_TSS32 << 8);
    check_before(b, EXC_NP, SEL_TSS2);
    b = fresh();
    bench_descriptor(b, SEL_TSS2, TSS2, 0x67, DESC_P | SYS_TSS32_BUSY << 8);
    check_before(b, EXC_GP, SEL_TSS2);
    b = bench_new(BENCH_32U);
    put_tss32(b); /* DPL 0 */
    bench_run(b, /* jmp 0x6b:0 */ CODE("\xea\x00\x00\x00\x00\x6b\x00"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, SEL_TSS2);
    bench_free(b);
}

static void test_iret_refused(void **state)
{
    (void)state;
    struct bench *b = fresh();
    b->cpu->eflags |= FL_NT;
    bench_put(b, BENCH_TSS, SEL_TSS2, 2);
    bench_run(b, /* iret */ CODE("\xcf")); /* the previous task is not busy */
    assert_int_equal(b->vector, EXC_TS);
    assert_int_equal(b->error, SEL_TSS2);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    bench_free(b);
}

/* ---- in the new task (table 7-1) ---- */

static void check_after(struct bench *b, int vector, u32 error)
{
    bench_run(b, /* jmp 0x68:0 */ CODE("\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, error);
    assert_int_equal(b->frame_ip, TASK2); /* the new task's first instruction has not run */
    assert_int_equal(b->cpu->seg[TR].sel, SEL_TSS2);
    bench_free(b);
}

static void test_new_task_faults(void **state)
{
    (void)state;
    struct bench *b = fresh();
    bench_put(b, TSS2 + 0x54, 0x100, 2); /* DS */
    check_after(b, EXC_TS, 0x100);
    b = fresh();
    bench_descriptor(b, SEL_BAD, 0, 0xffff, DESC_S | DESC_RW);
    bench_put(b, TSS2 + 0x48, SEL_BAD, 2); /* ES */
    check_after(b, EXC_NP, SEL_BAD);
    b = fresh();
    bench_put(b, TSS2 + 0x60, SEL_DATA32, 2); /* LDT */
    bench_run(b, /* jmp 0x68:0 */ CODE("\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, -3); /* #TS with no stack to push on: #SS, then nothing helps */
    assert_int_equal(b->cpu->seg[TR].sel, SEL_TSS2);
    bench_free(b);
    b = fresh();
    bench_descriptor(b, SEL_BAD, 0, TASK2 - 1, DESC_P | DESC_S | DESC_CODE | DESC_DB);
    bench_put(b, TSS2 + 0x4c, SEL_BAD, 2); /* EIP beyond CS's limit */
    check_after(b, EXC_GP, 0);
}

static void test_trap_bit(void **state)
{
    (void)state;
    struct bench *b = fresh();
    bench_put(b, TSS2 + 0x64, 1, 2);
    bench_run(b, /* jmp 0x68:0 */ CODE("\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, EXC_DB);
    assert_int_equal(b->frame_ip, TASK2);
    assert_int_equal(b->cpu->dr6 & 0xe00f, BIT(15));
    bench_free(b);
}

/* ---- 16-bit TSS, virtual-8086 task, CR3 ---- */

static void test_16_bit(void **state)
{
    (void)state;
    struct bench *b = fresh();
    memset(b->m + TSS2, 0, 0x80);
    bench_put(b, TSS2 + 0x0e, 0x100, 2);
    bench_put(b, TSS2 + 0x10, FL_ONE | FL_CF, 2);
    bench_put(b, TSS2 + 0x12, 0xabcd, 2);
    bench_put(b, TSS2 + 0x1a, 0x8000, 2);
    bench_descriptor(b, SEL_BAD, TASK2, 0xffff, DESC_P | DESC_S | DESC_CODE);
    bench_put(b, TSS2 + 0x24, SEL_BAD, 2);
    bench_put(b, TSS2 + 0x26, SEL_DATA16, 2);
    bench_put(b, TSS2 + 0x28, SEL_DATA16, 2);
    bench_descriptor(b, SEL_TSS2, TSS2, 0x2b, DESC_P | SYS_TSS16 << 8);
    put_code(b, TASK2 + 0x100, /* mov bx,1; iret */ CODE("\xbb\x01\x00\xcf"));
    bench_run(b, /* call 0x68:0; hlt */ CODE("\x9a\x00\x00\x00\x00\x68\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->rip, BENCH_CODE + 8);
    assert_int_equal(bench_get(b, TSS2 + 0x12, 2), 0xabcd);
    assert_int_equal(bench_get(b, TSS2 + 0x18, 2), 1); /* BX */
    assert_int_equal(bench_get(b, TSS2 + 0x0e, 2), 0x104);
    bench_free(b);
}

static void test_vm86_task(void **state)
{
    (void)state;
    struct bench *b = fresh();
    static const u16 sel[] = { 0x2000, 0x1800, 0x2800, 0x2200, 0, 0 };
    bench_put(b, TSS2 + 0x20, 0, 4);
    bench_put(b, TSS2 + 0x24, FL_ONE | FL_VM | FL_IOPL, 4);
    for (u32 i = 0; i < 6; i++)
        bench_put(b, TSS2 + 0x48 + 4 * i, sel[i], 2);
    bench_put(b, TSS2 + 4, BENCH_STACK0, 4);
    bench_put(b, TSS2 + 8, SEL_DATA32, 2);
    put_code(b, TASK2, /* mov ax,ds; mov bx,cs; int3 */ CODE("\x8c\xd8\x8c\xcb\xcc"));
    bench_run(b, /* jmp 0x68:0 */ CODE("\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, EXC_BP);
    assert_int_equal(b->cpu->r[RAX] & 0xffff, 0x2200);
    assert_int_equal(b->cpu->r[RBX] & 0xffff, 0x1800);
    assert_int_equal(b->frame_flags & FL_VM, FL_VM);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jump),         cmocka_unit_test(test_call_and_return),   cmocka_unit_test(test_task_gate),
        cmocka_unit_test(test_interrupt),    cmocka_unit_test(test_double_fault_task), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_iret_refused), cmocka_unit_test(test_new_task_faults),   cmocka_unit_test(test_trap_bit),
        cmocka_unit_test(test_16_bit),       cmocka_unit_test(test_vm86_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
