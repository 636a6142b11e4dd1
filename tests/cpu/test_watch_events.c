/* test_watch_events.c: probes on exceptions, interrupts, page walks, control registers, MSRs, modes, tasks, blocks. */
#include "watch_bench.h"

#define EXCEPTION_KINDS (BIT(PROBE_INTERRUPT) | BIT(PROBE_EXCEPTION) | BIT(PROBE_IRET) | BIT(PROBE_SHUTDOWN))

/* div by zero: raised, delivered; the run stops at the handler's first instruction. */
static void exceptions(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    w->stop_at = BIT(PROBE_INTERRUPT);
    bench_put(w->b, BENCH_CODE, 0xf1f7c931, 4); /* xor ecx, ecx; div ecx */
    w->b->cpu->rip = BENCH_CODE;
    assert_int_equal(run_some(w), 2);
    assert_int_equal(w->count, 2);
    expect(w, 0, PROBE_EXCEPTION, BENCH_CODE + 2);
    expect(w, 1, PROBE_INTERRUPT, BENCH_CODE + 2);
    assert_int_equal(w->seen[1].source, PROBE_FROM_EXCEPTION);
    assert_int_equal(w->seen[1].vector, EXC_DE);
    assert_int_equal(w->seen[1].icount, w->seen[0].icount);
    assert_int_equal(w->b->cpu->rip, BENCH_HANDLERS);
    free_watcher(w);
}

static void software_interrupts_and_return(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    bench_put(w->b, BENCH_HANDLERS + 16 * 0x40, 0xcf, 1); /* iretd */
    RUN(w, "\xcd\x40\xf4");
    assert_int_equal(w->count, 2);
    expect(w, 0, PROBE_INTERRUPT, BENCH_CODE);
    assert_int_equal(w->seen[0].source, PROBE_FROM_SOFTWARE);
    assert_int_equal(w->seen[0].vector, 0x40);
    expect(w, 1, PROBE_IRET, BENCH_HANDLERS + 16 * 0x40);
    assert_int_equal(w->seen[1].addr, BENCH_CODE + 2);
    free_watcher(w);
}

static void external_interrupts(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    w->b->pending = 0x33;
    cpu_set_intr(w->b->cpu, true);
    RUN(w, "\xfb\x90\x90\xf4"); /* sti; nop */
    assert_int_equal(w->b->vector, 0x33);
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_INTERRUPT, BENCH_CODE + 2);
    assert_int_equal(w->seen[0].source, PROBE_FROM_INTR);
    free_watcher(w);
    w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    cpu_nmi(w->b->cpu);
    RUN(w, "\x90\xf4");
    assert_int_equal(w->count, 1);
    assert_int_equal(w->seen[0].source, PROBE_FROM_NMI);
    assert_int_equal(w->seen[0].vector, EXC_NMI);
    free_watcher(w);
}

/* No IDT to speak of: #UD becomes #GP twice, then #DF, then the end. */
static void a_triple_fault(void **state)
{
    (void)state;
    static const u8 vectors[] = { EXC_UD, EXC_GP, EXC_GP, EXC_DF, EXC_GP };
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXCEPTION) | BIT(PROBE_SHUTDOWN));
    w->b->cpu->idt.limit = 0;
    RUN(w, "\x0f\x0b");
    assert_int_equal(w->b->vector, -3);
    assert_int_equal(w->count, ARRAY_LEN(vectors) + 1);
    for (unsigned i = 0; i < ARRAY_LEN(vectors); i++) {
        expect(w, i, PROBE_EXCEPTION, BENCH_CODE);
        assert_int_equal(w->seen[i].vector, vectors[i]);
    }
    assert_int_equal(w->seen[ARRAY_LEN(vectors)].kind, PROBE_SHUTDOWN);
    free_watcher(w);
}

static void page_walks(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, BIT(PROBE_TLB));
    bench_put(w->b, BENCH_PTE(0x300), 0, 8);
    RUN(w, "\xa1\x00\x00\x02\x00\x00\x00\x00\x00\x89\x04\x25\x00\x00\x30\x00"); /* read 20000; write 300000 */
    assert_int_equal(w->b->vector, EXC_PF);
    unsigned i = 0;
    while (i < w->count && (w->seen[i].fetch || w->seen[i].linear != BENCH_CODE))
        i++;
    assert_true(i < w->count);
    assert_int_equal(w->seen[i].addr, BENCH_DATA);
    assert_int_equal(w->seen[i].physical, BENCH_DATA);
    assert_int_equal(w->seen[i].value & PAGE_MASK, BENCH_DATA);
    while (i < w->count && !w->seen[i].has_error)
        i++;
    assert_true(i < w->count);
    assert_int_equal(w->seen[i].linear, BENCH_CODE + 9);
    assert_int_equal(w->seen[i].addr, 0x300000);
    assert_int_equal(w->seen[i].error, 2); /* not present, write */
    assert_true(w->seen[i].write);
    free_watcher(w);
}

static void control_registers(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_CR));
    u32 cr0 = w->b->cpu->cr0;
    w->b->cpu->r[RAX] = cr0 | CR0_TS;
    w->b->cpu->r[RBX] = 0x5000;
    RUN(w, "\x0f\x22\xc0\x0f\x06\x0f\x22\xdb\xf4"); /* mov cr0, eax; clts; mov cr3, ebx; hlt */
    assert_int_equal(w->count, 3);
    assert_int_equal(w->seen[0].addr, 0);
    assert_int_equal(w->seen[0].old, cr0);
    assert_int_equal(w->seen[0].value, cr0 | CR0_TS);
    expect(w, 1, PROBE_CR, BENCH_CODE + 3);
    assert_int_equal(w->seen[1].value, cr0);
    assert_int_equal(w->seen[2].addr, 3);
    assert_int_equal(w->seen[2].value, 0x5000);
    free_watcher(w);
}

static void msrs(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, 0);
    watch(w, BIT(PROBE_MSR), 0xc0000082, 0xc0000082);
    w->b->cpu->r[RCX] = 0xc0000082;
    w->b->cpu->r[RAX] = 0x1234;
    w->b->cpu->r[RDX] = 0;
    RUN(w, "\x0f\x30\x31\xc0\x0f\x32\xff\xc1\x0f\x32\xf4"); /* wrmsr; xor eax, eax; rdmsr; inc ecx; rdmsr; hlt */
    assert_int_equal(w->count, 2);
    assert_true(w->seen[0].write);
    assert_int_equal(w->seen[0].value, 0x1234);
    assert_int_equal(w->seen[0].addr, 0xc0000082);
    assert_false(w->seen[1].write);
    assert_int_equal(w->seen[1].value, 0x1234);
    free_watcher(w);
}

/* To real mode and there: mov cr0; jmp far. */
static void modes(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_P16, BIT(PROBE_MODE));
    w->b->cpu->r[RAX] = w->b->cpu->cr0 & ~CR0_PE;
    RUN(w, "\x0f\x22\xc0\xf4");
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_MODE, BENCH_CODE + 3);
    assert_int_equal(w->seen[0].old, PROBE_MODE_PROTECTED_16);
    assert_int_equal(w->seen[0].value, PROBE_MODE_REAL);
    free_watcher(w);
    w = new_watcher(BENCH_COMPAT, BIT(PROBE_MODE));
    w->b->limit = 1;
    RUN(w, "\xea\x00\x00\x03\x00\x33\x00"); /* jmp 33:30000, code of 64 bits; and the run ends there */
    assert_int_equal(w->count, 1);
    assert_int_equal(w->seen[0].old, PROBE_MODE_COMPATIBILITY_32);
    assert_int_equal(w->seen[0].value, PROBE_MODE_LONG);
    assert_int_equal(w->b->cpu->events, 0);
    free_watcher(w);
}

/* SMI in 64-bit mode. */
static void system_management(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, BIT(PROBE_MODE) | BIT(PROBE_INTERRUPT));
    w->b->cpu->msr.smbase = 0x30000;
    bench_put(w->b, 0x38000, 0xaa0f, 2); /* rsm */
    cpu_smi(w->b->cpu);
    RUN(w, "\x90\xf4");
    assert_int_equal(w->count, 3);
    expect(w, 0, PROBE_INTERRUPT, BENCH_CODE);
    assert_int_equal(w->seen[0].source, PROBE_FROM_SMI);
    assert_int_equal(w->seen[1].value, PROBE_MODE_REAL | PROBE_MODE_SMM);
    assert_int_equal(w->seen[2].value, PROBE_MODE_LONG);
    expect(w, 2, PROBE_MODE, BENCH_CODE);
    free_watcher(w);
}

static void tasks(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_TASK) | BIT(PROBE_CR));
    bench_descriptor(w->b, SEL_FREE, BENCH_DATA, 0x67, DESC_P | SYS_TSS32 << 8);
    bench_put(w->b, BENCH_DATA + 0x20, BENCH_CODE + 0x100, 4); /* EIP */
    bench_put(w->b, BENCH_DATA + 0x24, 2, 4);
    bench_put(w->b, BENCH_DATA + 0x38, BENCH_STACK, 4); /* ESP */
    bench_put(w->b, BENCH_DATA + 0x4c, SEL_CODE32, 4);
    bench_put(w->b, BENCH_DATA + 0x50, SEL_DATA32, 4);
    bench_put(w->b, BENCH_CODE + 0x100, 0xf4, 1);
    RUN(w, "\x90\xea\x00\x00\x00\x00\x68\x00"); /* nop; jmp 68:0 */
    assert_int_equal(w->b->vector, -1);
    assert_int_equal(w->count, 2);
    expect(w, 0, PROBE_TASK, BENCH_CODE + 1);
    assert_int_equal(w->seen[0].old, SEL_TSS);
    assert_int_equal(w->seen[0].value, SEL_FREE);
    assert_int_equal(w->seen[0].addr, BENCH_DATA);
    assert_int_equal(w->seen[1].kind, PROBE_CR); /* TS is set */
    free_watcher(w);
}

/* call next; jz (not taken); jmp to itself once, by ecx: jecxz. */
static void blocks_and_branches(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_BLOCK) | BIT(PROBE_BRANCH));
    w->b->cpu->r[RCX] = 2;
    /* call next; next: dec ecx; jnz next; jmp over; hlt; over: hlt */
    RUN(w, "\xe8\x00\x00\x00\x00\x49\x75\xfd\xeb\x01\xf4\xf4");
    assert_int_equal(w->count, 7);
    expect(w, 0, PROBE_BLOCK, BENCH_CODE);
    expect(w, 1, PROBE_BRANCH, BENCH_CODE); /* also to the instruction behind it */
    assert_int_equal(w->seen[1].addr, BENCH_CODE + 5);
    expect(w, 2, PROBE_BLOCK, BENCH_CODE + 5);
    expect(w, 3, PROBE_BRANCH, BENCH_CODE + 6);
    assert_int_equal(w->seen[3].rip, BENCH_CODE + 6);
    assert_int_equal(w->seen[3].addr, BENCH_CODE + 5);
    expect(w, 4, PROBE_BLOCK, BENCH_CODE + 5);
    expect(w, 5, PROBE_BRANCH, BENCH_CODE + 8);
    expect(w, 6, PROBE_BLOCK, BENCH_CODE + 11);
    free_watcher(w);
}

static void halt_and_init(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_HALT) | BIT(PROBE_RESET));
    w->stop_at = BIT(PROBE_HALT);
    RUN(w, "\x90\xf4");
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_HALT, BENCH_CODE + 1);
    assert_true(cpu_take_probe_stop(w->b->cpu));
    w->stop_at = BIT(PROBE_RESET);
    cpu_init_pin(w->b->cpu);
    assert_int_equal(run_some(w), 0);
    assert_true(cpu_take_probe_stop(w->b->cpu));
    assert_int_equal(w->seen[1].kind, PROBE_RESET);
    assert_int_equal(w->seen[1].value, 1);
    assert_int_equal(w->b->cpu->rip, 0xfff0); /* it stopped after it */
    free_watcher(w);
}

/* The block look-ups that were told, first digit first. */
static unsigned blocks_looked_up(const struct watcher *w)
{
    unsigned reasons = 0;
    for (unsigned i = 0; i < w->count; i++)
        if (w->seen[i].kind == PROBE_LOOKUP && w->seen[i].value < PROBE_LOOKUP_BLOCKS)
            reasons = reasons * 10 + (unsigned)w->seen[i].value;
    return reasons;
}

/* mov ebx, target; jmp ebx; target: mov eax, 5; hlt */
static void look_ups(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_LOOKUP));
    RUN(w, "\xbb\x07\x00\x01\x00\xff\xe3\xb8\x05\x00\x00\x00\xf4");
    assert_int_equal(blocks_looked_up(w), PROBE_LOOKUP_BEGIN * 10 + PROBE_LOOKUP_NEW);
    w->b->cpu->rip = BENCH_CODE;
    w->b->cpu->activity = ACT_RUNNING;
    w->b->cpu->eflags |= FL_TF;
    cpu_update_mode(w->b->cpu);
    w->count = 0;
    cpu_run(w->b->cpu, 1);
    assert_int_equal(blocks_looked_up(w), PROBE_LOOKUP_ALONE);
    free_watcher(w);
}

static void rows_of_instructions(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
    char name[DEBUG_ROW_NAME];
    RUN(w, "\x83\xc0\x05\x0f\xaf\xc0\xf4"); /* add eax, 5; imul eax, eax; hlt */
    static const char *const names[] = { "83 /0 add", "0F AF imul", "F4 hlt" };
    assert_int_equal(w->count, ARRAY_LEN(names));
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        cpu_row_name(w->seen[i].row, name, sizeof name);
        assert_string_equal(name, names[i]);
    }
    cpu_row_name(cpu_row_count, name, sizeof name);
    assert_string_equal(name, "");
    free_watcher(w);
}

/* A trap by TF comes once, though the run stopped before the instruction that it follows. */
static void stopping_makes_no_trap(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
    w->stop_at = BIT(PROBE_EXEC);
    bench_put(w->b, BENCH_CODE, 0xf44040, 3);
    w->b->cpu->rip = BENCH_CODE;
    cpu_set_eflags(w->b->cpu, FL_TF, FL_TF);
    assert_int_equal(run_some(w), 0);
    assert_true(cpu_take_probe_stop(w->b->cpu));
    assert_int_equal(w->b->cpu->dr6_pending, 0);
    w->stop_at = 0;
    bench_continue(w->b);
    assert_int_equal(w->b->vector, EXC_DB);
    assert_int_equal(w->b->frame_ip, BENCH_CODE + 1);
    free_watcher(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exceptions),
        cmocka_unit_test(software_interrupts_and_return),
        cmocka_unit_test(external_interrupts),
        cmocka_unit_test(a_triple_fault),
        cmocka_unit_test(page_walks),
        cmocka_unit_test(control_registers),
        cmocka_unit_test(msrs),
        cmocka_unit_test(modes),
        cmocka_unit_test(system_management),
        cmocka_unit_test(tasks),
        cmocka_unit_test(blocks_and_branches),
        cmocka_unit_test(halt_and_init),
        cmocka_unit_test(look_ups),
        cmocka_unit_test(rows_of_instructions),
        cmocka_unit_test(stopping_makes_no_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
