/* Interrupts and exceptions (SDM vol. 3, chapter 6): gates, frames, error codes, stacks, double and triple faults. */
#include "harness.h"
#include "flags.h"

#define DATA (DESC_P | DESC_S | DESC_RW)
#define CODE_R (DESC_P | DESC_S | DESC_CODE | DESC_RW)
#define FLAT32 (DESC_G | DESC_DB)
#define DPL(n) ((u32)(n) << DESC_DPL_SHIFT)
#define SEL_A 0x68
#define TARGET 0x18000u
#define IDT_ERROR(v) ((u32)(v)*8 + 2)

static void check(struct bench *b, int vector, u32 error, u64 ip)
{
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, error);
    assert_int_equal(b->frame_ip, ip);
}

static void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

/* ---- frames ---- */

static void test_int_same_level(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->eflags |= FL_IF | FL_NT;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->frame_cs, SEL_CODE32);
    assert_int_equal(b->frame_flags, FL_IF | FL_NT | FL_ONE);
    assert_int_equal(b->cpu->eflags & (FL_IF | FL_NT | FL_TF), 0);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 12);
    bench_reset(b); /* a trap gate leaves IF */
    bench_gate(b, 0x80, SEL_CODE32, BENCH_HANDLERS + 16 * 0x80, SYS_TRAP32, 3, 0);
    b->cpu->eflags |= FL_IF;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->cpu->eflags & FL_IF, FL_IF);
    bench_free(b);
}

static void test_int_inner(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->frame_cs, SEL_CODE32U);
    assert_int_equal(b->frame_sp, BENCH_STACK);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK0 - 20);
    assert_int_equal(bench_get(b, BENCH_STACK0 - 4, 4), SEL_DATA32U);
    assert_int_equal(b->cpu->seg[SS].sel, SEL_DATA32);
    assert_int_equal(b->cpu->seg[DS].sel, SEL_DATA32U); /* stays */
    assert_int_equal(b->cpu->cpl, 0);
    bench_free(b);
}

static void test_int_16_gate(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, TARGET, 0xffff, CODE_R | DESC_DB);
    put_code(b, TARGET, /* hlt */ CODE("\xf4"));
    bench_gate(b, 0x80, SEL_A, 0xffff0000, SYS_INT16, 3, 0); /* the offset's upper half is not looked at */
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->rip, 1);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 6);
    assert_int_equal(bench_get(b, BENCH_STACK - 6, 2), 2); /* IP */
    assert_int_equal(bench_get(b, BENCH_STACK - 4, 2), SEL_CODE32);
    bench_free(b);
}

static void test_int_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RSP] = BENCH_STACK - 5; /* aligned to 16 before the pushes */
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->frame_sp, BENCH_STACK - 5);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 16 - 40);
    assert_int_equal(b->cpu->seg[SS].sel, SEL_DATA32); /* no change of level: SS stays */
    bench_reset(b);
    bench_gate(b, 0x80, SEL_CODE64, BENCH_HANDLERS + 16 * 0x80, SYS_INT32, 0, 1);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->cpu->r[RSP], BENCH_IST1 - 40);
    bench_free(b);
    b = bench_new(BENCH_64U);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK0 - 40);
    assert_int_equal(b->cpu->seg[SS].sel, 0);
    assert_int_equal(bench_get(b, BENCH_STACK0 - 8, 8), SEL_DATA32U);
    bench_free(b);
}

static void test_int_from_compat(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_COMPAT);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_true(in_64(b->cpu));
    assert_int_equal(b->frame_cs, SEL_CODE32U);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK0 - 40);
    /* what RSP has above ESP is not pushed */
    bench_reset(b);
    b->cpu->r[RSP] |= 0x1800000000000000u;
    bench_run(b, CODE("\xcd\x80"));
    assert_int_equal(b->frame_sp, BENCH_STACK);
    bench_free(b);
}

/* System structures lie at 64-bit addresses for compatibility mode too. */
static void test_compat_high_tables(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_COMPAT);
    const u64 high = 0xffff800000000000;
    bench_put(b, BENCH_PML4 + 256 * 8, (BENCH_PML4 + 0x1000u) | 7, 8);
    bench_put(b, BENCH_TSS + 4, high + BENCH_STACK0, 8);
    b->cpu->idt.base += high;
    b->cpu->gdt.base += high;
    b->cpu->seg[TR].base += high;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_true(b->cpu->r[RSP] == high + BENCH_STACK0 - 40);
    bench_free(b);
}

static void test_real(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    b->cpu->r[RSP] = 0xf000;
    b->cpu->eflags |= FL_IF;
    bench_run(b, /* int 0x21 */ CODE("\xcd\x21"));
    check(b, 0x21, 0, 2);
    assert_int_equal(b->frame_cs, BENCH_CODE >> 4);
    assert_int_equal(b->cpu->eflags & FL_IF, 0);
    assert_int_equal(b->frame_flags & FL_IF, FL_IF);
    assert_int_equal(b->cpu->r[RSP], 0xf000 - 6);
    bench_reset(b);
    b->cpu->idt.limit = 0x21 * 4 + 2; /* beyond the table: #GP, without an error code */
    b->cpu->r[RSP] = 0xf000;
    bench_run(b, /* int 0x21 */ CODE("\xcd\x21"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->cpu->r[RSP], 0xf000 - 6);
    assert_int_equal(b->frame_ip, 0);
    bench_reset(b);
    b->cpu->idt.limit = 0;
    bench_run(b, /* int 0x21 */ CODE("\xcd\x21"));
    assert_int_equal(b->vector, -3);
    bench_free(b);
}

/* ---- gates that refuse ---- */

static void test_gate_errors(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    bench_gate(b, 0x80, SEL_CODE32, TARGET, SYS_INT32, 2, 0); /* DPL < CPL */
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, IDT_ERROR(0x80), BENCH_CODE);
    bench_reset(b);
    bench_gate(b, EXC_UD, SEL_CODE32, BENCH_HANDLERS + 16 * EXC_UD, SYS_INT32, 0, 0); /* exceptions may */
    bench_run(b, /* ud2 */ CODE("\x0f\x0b"));
    check(b, EXC_UD, 0, BENCH_CODE);
    bench_reset(b);
    bench_gate(b, 0x80, SEL_CODE32, TARGET, SYS_CALL32, 3, 0);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, IDT_ERROR(0x80), BENCH_CODE);
    bench_reset(b);
    bench_put(b, BENCH_IDT + 0x80 * 8 + 5, 0x6e, 1); /* not present */
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_NP, IDT_ERROR(0x80), BENCH_CODE);
    bench_reset(b);
    bench_gate(b, 0x80, 0, TARGET, SYS_INT32, 3, 0);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, 0, BENCH_CODE);
    bench_reset(b);
    bench_gate(b, 0x80, SEL_DATA32, TARGET, SYS_INT32, 3, 0);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, SEL_DATA32, BENCH_CODE);
    bench_reset(b);
    b->cpu->idt.limit = 0x80 * 8 + 6;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, IDT_ERROR(0x80), BENCH_CODE);
    bench_reset(b); /* for an exception EXT is set in the error code */
    bench_gate(b, EXC_UD, 0, TARGET, SYS_INT32, 3, 0);
    bench_run(b, /* ud2 */ CODE("\x0f\x0b"));
    check(b, EXC_GP, 1, BENCH_CODE);
    bench_reset(b);
    bench_put(b, BENCH_IDT + EXC_UD * 8 + 5, 0x6e, 1);
    bench_run(b, /* ud2 */ CODE("\x0f\x0b"));
    check(b, EXC_NP, IDT_ERROR(EXC_UD) | 1, BENCH_CODE);
    bench_free(b);
}

static void test_long_gate_errors(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_gate(b, 0x80, SEL_CODE32, TARGET, SYS_INT32, 3, 0); /* leads to 64-bit code only */
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, SEL_CODE32, BENCH_CODE);
    bench_reset(b);
    bench_gate(b, 0x80, SEL_CODE64, TARGET, SYS_INT16, 3, 0);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, IDT_ERROR(0x80), BENCH_CODE);
    bench_reset(b);
    bench_gate(b, 0x80, SEL_CODE64, 0x0001000000000000, SYS_INT32, 3, 0);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, 0, BENCH_CODE);
    bench_reset(b);
    b->cpu->idt.limit = 0x80 * 16 + 14;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_GP, IDT_ERROR(0x80), BENCH_CODE);
    bench_free(b);
}

/* ---- RF, TF, single instructions ---- */

static void test_rf(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* ud2 */ CODE("\x0f\x0b"));
    assert_int_equal(b->frame_flags & FL_RF, FL_RF); /* a fault */
    bench_reset(b);
    bench_run(b, /* int3 */ CODE("\xcc"));
    check(b, EXC_BP, 0, BENCH_CODE + 1);
    assert_int_equal(b->frame_flags & FL_RF, 0); /* a trap */
    bench_free(b);
}

static void test_into_icebp(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* into; mov al,0x7f; inc al; into; hlt */ CODE("\xce\xb0\x7f\xfe\xc0\xce\xf4"));
    check(b, EXC_OF, 0, BENCH_CODE + 6);
    bench_reset(b);
    bench_run(b, CODE("\xf1\xf4"));
    check(b, EXC_DB, 0, BENCH_CODE + 1);
    bench_free(b);
    b = bench_new(BENCH_32U); /* INT1 does not look at the gate's DPL */
    bench_gate(b, EXC_DB, SEL_CODE32, BENCH_HANDLERS + 16 * EXC_DB, SYS_INT32, 0, 0);
    bench_run(b, CODE("\xf1\xf4"));
    check(b, EXC_DB, 0, BENCH_CODE + 1);
    bench_free(b);
}

static void test_single_step(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* pushfd; or dword [esp],0x100; popfd; inc eax; inc eax; hlt */ CODE(
                  "\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d\x40\x40\xf4"));
    check(b, EXC_DB, 0, BENCH_CODE + 10);
    assert_int_equal(b->cpu->r[RAX], 1);
    assert_int_equal(b->cpu->dr6 & 0xe00f, BIT(14));
    assert_int_equal(b->frame_flags & FL_TF, FL_TF);
    assert_int_equal(b->cpu->eflags & FL_TF, 0);
    bench_free(b);
}

/* ---- interrupts ---- */

static void test_external(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    b->cpu->eflags |= FL_IF;
    b->pending = 0x30;
    bench_gate(b, 0x30, SEL_CODE32, BENCH_HANDLERS + 16 * 0x30, SYS_INT32, 0, 0); /* DPL does not matter */
    cpu_set_intr(b->cpu, true);
    bench_run(b, /* nop; nop */ CODE("\x90\x90"));
    check(b, 0x30, 0, BENCH_CODE);
    assert_int_equal(b->frame_flags & FL_RF, 0);
    bench_reset(b);
    b->cpu->eflags |= FL_IF;
    b->pending = 0x30;
    bench_put(b, BENCH_IDT + 0x30 * 8 + 5, 0x6e, 1);
    cpu_set_intr(b->cpu, true);
    bench_run(b, /* nop; nop */ CODE("\x90\x90"));
    check(b, EXC_NP, IDT_ERROR(0x30) | 1, BENCH_CODE);
    bench_free(b);
}

static void test_sti_shadow(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->pending = 0x30;
    cpu_set_intr(b->cpu, true);
    bench_run(b, /* sti; inc eax; inc eax; hlt */ CODE("\xfb\x40\x40\xf4"));
    check(b, 0x30, 0, BENCH_CODE + 2); /* after one more instruction */
    assert_int_equal(b->cpu->r[RAX], 1);
    bench_reset(b);
    b->cpu->eflags |= FL_IF;
    b->pending = 0x30;
    b->cpu->r[RAX] = SEL_DATA32;
    cpu_set_intr(b->cpu, false);
    bench_run(b, /* cli; int3 */ CODE("\xfa\xcc"));
    bench_reset(b);
    b->pending = 0x30;
    b->cpu->r[RAX] = SEL_DATA32;
    cpu_set_intr(b->cpu, true);
    bench_run(b, /* sti; mov ss,eax; mov esp,0x30000; nop; hlt */ CODE(
                  "\xfb\x8e\xd0\xbc\x00\x00\x03\x00\x90\xf4")); /* the second one counts as well */
    assert_int_equal(b->vector, 0x30);
    assert_int_equal(b->frame_ip, BENCH_CODE + 8);
    bench_free(b);
}

static void test_nmi(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, BENCH_HANDLERS + 16 * EXC_NMI, /* inc ebx; iret */ CODE("\x43\xcf"));
    cpu_nmi(b->cpu);
    bench_run(b, /* nop; nop; hlt */ CODE("\x90\x90\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 1);
    assert_false(b->cpu->nmi_blocked);
    bench_reset(b);
    b->cpu->nmi_blocked = true;
    cpu_nmi(b->cpu);
    bench_run(b, /* nop; nop; hlt */ CODE("\x90\x90\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 0);
    bench_free(b);
}

/* ---- double and triple faults ---- */

static void test_double_fault(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_gate(b, EXC_GP, 0, TARGET, SYS_INT32, 3, 0);
    bench_run(b, /* mov eax,0x100; mov ds,eax; hlt */ CODE(
                  "\xb8\x00\x01\x00\x00\x8e\xd8\xf4")); /* #GP, then #GP: contributory twice */
    check(b, EXC_DF, 0, BENCH_CODE + 5);
    bench_reset(b);
    bench_gate(b, EXC_UD, 0, TARGET, SYS_INT32, 3, 0);
    bench_run(b, /* ud2 */ CODE("\x0f\x0b")); /* benign, then contributory: the second is delivered */
    check(b, EXC_GP, 1, BENCH_CODE);
    bench_reset(b);
    bench_gate(b, EXC_GP, 0, TARGET, SYS_INT32, 3, 0);
    bench_gate(b, EXC_DF, 0, TARGET, SYS_INT32, 3, 0);
    bench_run(b, /* mov eax,0x100; mov ds,eax; hlt */ CODE("\xb8\x00\x01\x00\x00\x8e\xd8\xf4"));
    assert_int_equal(b->vector, -3);
    assert_true(cpu_is_shutdown(b->cpu));
    bench_free(b);
}

/* The stack is not there: page fault while pushing. */
static void test_double_fault_paging(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_gate(b, EXC_DF, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_DF, SYS_INT32, 0, 1);
    b->cpu->r[RSP] = 0x40000000;
    bench_run(b, /* mov al,[0x50000000] */ CODE("\x8a\x04\x25\x00\x00\x00\x50")); /* a page fault whose frame faults */
    check(b, EXC_DF, 0, BENCH_CODE);
    assert_int_equal(b->cpu->cr2, 0x40000000 - 8); /* the first value pushed */
    bench_reset(b);                                /* #GP, then #PF: no double fault (table 6-5) */
    bench_gate(b, EXC_PF, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_PF, SYS_INT32, 0, 1);
    b->cpu->r[RSP] = 0x40000000;
    b->cpu->r[RAX] = 0x8000000000000000;
    bench_run(b, /* mov rbx,[rax] */ CODE("\x48\x8b\x18"));
    check(b, EXC_PF, 2, BENCH_CODE);
    bench_free(b);
}

static void test_fault_restores_nothing(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_gate(b, EXC_PF, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_PF, SYS_INT32, 0, 1);
    b->cpu->r[RSP] = 0x40000000;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80")); /* its frame does not fit: the INT itself faults */
    check(b, EXC_PF, 2, BENCH_CODE);
    assert_int_equal(b->frame_sp, 0x40000000);
    bench_free(b);
}

/* The inner stack goes on into a page that is not there: what lies in the first page stays as it was. */
static void test_frame_across_pages(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64U);
    bench_gate(b, EXC_PF, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_PF, SYS_INT32, 0, 1);
    bench_put(b, BENCH_TSS + 4, 0x38010, 8);
    bench_put(b, BENCH_PTE(0x37), 0, 8);
    bench_put(b, 0x38000, 0x1111111111111111, 8);
    bench_put(b, 0x38008, 0x2222222222222222, 8);
    tlb_flush_all(b->cpu);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, EXC_PF, 2, BENCH_CODE);
    assert_int_equal(b->cpu->cr2, 0x37ff8);
    assert_int_equal(b->frame_cs, SEL_CODE64U);
    assert_int_equal(b->frame_sp, BENCH_STACK);
    assert_true(bench_get(b, 0x38000, 8) == 0x1111111111111111);
    assert_true(bench_get(b, 0x38008, 8) == 0x2222222222222222);
    bench_put(b, BENCH_PTE(0x37), 0x37007, 8); /* with the page it goes through */
    bench_reset(b);
    bench_put(b, BENCH_TSS + 4, 0x38010, 8);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    check(b, 0x80, 0, BENCH_CODE + 2);
    assert_int_equal(b->cpu->r[RSP], 0x38010 - 40);
    assert_int_equal(bench_get(b, 0x38008, 8), SEL_DATA32U);
    bench_free(b);
}

static void test_inner_stack_errors(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    /* a conforming handler runs at level 3, on the old stack */
    bench_descriptor(b, SEL_A, 0, 0xffffffff, CODE_R | DESC_EC | FLAT32);
    bench_gate(b, EXC_TS, SEL_A, TARGET, SYS_TRAP32, 3, 0);
    put_code(b, TARGET, /* pop eax; jmp $ */ CODE("\x58\xeb\xfe"));
    bench_put(b, BENCH_TSS + 8, 0x100, 2);
    b->limit = 100;
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    assert_int_equal(b->vector, -2);
    assert_int_equal(b->cpu->r[RAX], 0x100); /* EXT = 0: INT n */
    bench_reset(b);
    bench_gate(b, EXC_TS, SEL_A, TARGET, SYS_TRAP32, 3, 0);
    bench_put(b, BENCH_TSS + 8, 0x100, 2);
    b->limit = 100;
    bench_run(b, /* ud2 */ CODE("\x0f\x0b"));
    assert_int_equal(b->cpu->r[RAX], 0x101); /* EXT = 1: exception */
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_int_same_level),
        cmocka_unit_test(test_int_inner),
        cmocka_unit_test(test_int_16_gate),
        cmocka_unit_test(test_int_64),
        cmocka_unit_test(test_int_from_compat),
        cmocka_unit_test(test_compat_high_tables),
        cmocka_unit_test(test_real),
        cmocka_unit_test(test_gate_errors),
        cmocka_unit_test(test_long_gate_errors),
        cmocka_unit_test(test_rf),
        cmocka_unit_test(test_into_icebp),
        cmocka_unit_test(test_single_step),
        cmocka_unit_test(test_external),
        cmocka_unit_test(test_sti_shadow),
        cmocka_unit_test(test_nmi),
        cmocka_unit_test(test_double_fault),
        cmocka_unit_test(test_double_fault_paging),
        cmocka_unit_test(test_fault_restores_nothing),
        cmocka_unit_test(test_inner_stack_errors),
        cmocka_unit_test(test_frame_across_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
