/* test_watch.c: probes on instructions, data, ports and registers. Events: test_watch_events.c. */
#include "watch_bench.h"

/* inc eax; inc eax; hlt */
static void every_instruction(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
    w->b->cpu->r[RAX] = 5;
    w->others = 1000;
    u64 before = cpu_icount(w->b->cpu);
    RUN(w, "\x40\x66\x40\xf4");
    assert_int_equal(w->count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(w->seen[i].icount, before + i + 1000);
        assert_int_equal(w->rax[i], 5 + i); /* it sees the registers of that instruction */
    }
    expect(w, 0, PROBE_EXEC, BENCH_CODE);
    expect(w, 1, PROBE_EXEC, BENCH_CODE + 1);
    expect(w, 2, PROBE_EXEC, BENCH_CODE + 3);
    assert_int_equal(w->seen[1].length, 2);
    assert_memory_equal(w->bytes[1], "\x66\x40", 2);
    assert_int_equal(w->seen[1].code, DEBUG_CODE_32);
    assert_int_equal(w->seen[1].physical, BENCH_CODE + 1);
    free_watcher(w);
}

/* An access that is made again as a block of its own, to the instruction's own page. */
static void an_instruction_made_again_is_told_of_once(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC) | BIT(PROBE_WRITE));
    RUN(w, "\x40\xc6\x05\x09\x00\x01\x00\x40\x40\x90\xf4"); /* inc eax; mov byte [10009], 40; inc eax; (nop); hlt */
    assert_int_equal(w->count, 6);
    expect(w, 1, PROBE_EXEC, BENCH_CODE + 1);
    expect(w, 2, PROBE_WRITE, BENCH_CODE + 1);
    expect(w, 3, PROBE_EXEC, BENCH_CODE + 8);
    assert_int_equal(w->bytes[4][0], 0x40); /* and what it wrote is executed */
    assert_int_equal(w->b->cpu->r[RAX], 3);
    free_watcher(w);
}

static void code_that_crosses_a_page(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, BIT(PROBE_EXEC));
    static const u8 code[] = { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 0xf4 }; /* mov rax, imm64; hlt */
    for (u32 i = 0; i < sizeof code; i++)
        bench_put(w->b, BENCH_DATA - 5 + i, code[i], 1);
    w->b->cpu->rip = BENCH_DATA - 5;
    bench_continue(w->b);
    assert_int_equal(w->count, 2);
    assert_int_equal(w->seen[0].length, 10);
    assert_memory_equal(w->bytes[0], code, 10);
    assert_int_equal(w->seen[0].code, DEBUG_CODE_64);
    free_watcher(w);
}

static void only_in_the_range(void **state)
{
    (void)state;
    for (enum debug_space space = DEBUG_LINEAR; space <= DEBUG_PHYSICAL; space++) {
        struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
        watch_space(w, BIT(PROBE_EXEC), space, BENCH_CODE + 1, BENCH_CODE + 2);
        RUN(w, "\x40\x40\x40\x40\xf4");
        assert_int_equal(w->count, 2);
        expect(w, 0, PROBE_EXEC, BENCH_CODE + 1);
        expect(w, 1, PROBE_EXEC, BENCH_CODE + 2);
        free_watcher(w);
    }
}

/* The same code by another linear address: only the physical range has it. */
static void linear_and_physical_differ(void **state)
{
    (void)state;
    for (enum debug_space space = DEBUG_LINEAR; space <= DEBUG_PHYSICAL; space++) {
        struct watcher *w = new_watcher(BENCH_64, 0);
        bench_put(w->b, BENCH_PTE(0x300), BENCH_CODE | 7, 8);
        bench_put(w->b, BENCH_CODE, 0xf4c0ff48, 4); /* inc rax; hlt */
        watch_space(w, BIT(PROBE_EXEC), space, BENCH_CODE, BENCH_CODE);
        w->b->cpu->rip = 0x300000;
        bench_continue(w->b);
        assert_int_equal(w->b->cpu->r[RAX], 1);
        assert_int_equal(w->count, space == DEBUG_PHYSICAL);
        free_watcher(w);
    }
}

/* A pass of a repeated instruction is one: 5000 bytes lie in two pages. */
static void a_repeated_instruction(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC) | BIT(PROBE_BLOCK) | BIT(PROBE_BRANCH));
    w->b->cpu->r[RCX] = 5000;
    w->b->cpu->r[RDI] = BENCH_DATA;
    RUN(w, "\xf3\xaa\xf4"); /* rep stosb; hlt */
    assert_int_equal(w->count, 4);
    expect(w, 0, PROBE_BLOCK, BENCH_CODE);
    expect(w, 1, PROBE_EXEC, BENCH_CODE);
    expect(w, 2, PROBE_EXEC, BENCH_CODE);
    assert_int_equal(w->seen[2].icount, w->seen[1].icount + 1);
    expect(w, 3, PROBE_EXEC, BENCH_CODE + 2);
    free_watcher(w);
}

/* Where it stopped it goes on, and is not told again. */
static void a_run_stops_before_the_instruction(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    watch(w, BIT(PROBE_EXEC), BENCH_CODE + 2, BENCH_CODE + 2);
    w->stop_at = BIT(PROBE_EXEC);
    bench_put(w->b, BENCH_CODE, 0xfbeb404040, 5); /* inc eax; inc eax; inc eax; jmp back 2 */
    bench_put(w->b, BENCH_CODE + 5, 0xf4, 1);
    w->b->cpu->rip = BENCH_CODE;
    for (unsigned i = 0; i < 3; i++) {
        u64 ran = run_some(w);
        assert_int_equal(ran, i ? 4 : 2);
        assert_true(cpu_take_probe_stop(w->b->cpu));
        assert_false(cpu_take_probe_stop(w->b->cpu));
        assert_int_equal(w->count, i + 1);
        assert_int_equal(w->b->cpu->rip, BENCH_CODE + 2);
        assert_int_equal(w->b->cpu->r[RAX], 2 + 3 * i);
        assert_int_equal(w->b->cpu->events, 0);
    }
    free_watcher(w);
}

/* inc dword [20000], watched: read, then written; the run stops behind it. */
static void data_read_and_written(void **state)
{
    (void)state;
    for (enum debug_space space = DEBUG_LINEAR; space <= DEBUG_PHYSICAL; space++) {
        struct watcher *w = new_watcher(BENCH_32, 0);
        watch_space(w, BIT(PROBE_READ) | BIT(PROBE_WRITE), space, BENCH_DATA + 3, BENCH_DATA + 3);
        w->stop_at = BIT(PROBE_READ) | BIT(PROBE_WRITE);
        bench_put(w->b, BENCH_DATA, 41, 4);
        bench_put(w->b, BENCH_CODE, 0x0002000005ff40, 7);
        bench_put(w->b, BENCH_CODE + 7, 0xf440, 2); /* inc eax; inc dword [20000]; inc eax; hlt */
        w->b->cpu->rip = BENCH_CODE;
        assert_int_equal(run_some(w), 2);
        assert_int_equal(w->count, 2);
        expect(w, 0, PROBE_READ, BENCH_CODE + 1);
        expect(w, 1, PROBE_WRITE, BENCH_CODE + 1);
        assert_int_equal(w->seen[0].value, 41);
        assert_int_equal(w->seen[0].addr, BENCH_DATA);
        assert_int_equal(w->seen[0].physical, BENCH_DATA);
        assert_int_equal(w->seen[0].size, 4);
        assert_int_equal(w->seen[1].old, 41);
        assert_int_equal(w->seen[1].value, 42);
        assert_int_equal(w->memory[1], 41); /* not yet written */
        assert_int_equal(bench_get(w->b, BENCH_DATA, 4), 42);
        assert_int_equal(w->b->cpu->r[RAX], 1);
        free_watcher(w);
    }
}

/* Neighbours in the page make no event; neither does the page once nobody asks for it. */
static void only_those_data(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    RUN(w, "\xa3\x00\x00\x02\x00\xf4"); /* the page is in the TLB already: mov [20000], eax; hlt */
    watch(w, BIT(PROBE_WRITE), BENCH_DATA + 8, BENCH_DATA + 0xf);
    RUN(w, "\xa3\x00\x00\x02\x00\xa1\x08\x00\x02\x00\xa3\x08\x00\x02\x00\xf4"); /* write; read; write the place */
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_WRITE, BENCH_CODE + 10);
    assert_true(cpu_set_probes(w->b->cpu, NULL, 0));
    assert_null(w->b->cpu->probe);
    RUN(w, "\xa3\x08\x00\x02\x00\xf4");
    assert_int_equal(w->count, 1);
    free_watcher(w);
}

/* 16 bytes come in two parts, those of a page's end in more. */
static void wide_data_come_in_parts(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, 0);
    watch(w, BIT(PROBE_WRITE), 0, UINT64_MAX);
    w->b->cpu->cr4 |= CR4_OSFXSR;
    cpu_update_mode(w->b->cpu);
    w->b->cpu->xmm[0].q[0] = 0x1111;
    w->b->cpu->xmm[0].q[1] = 0x2222;
    RUN(w, "\x0f\x11\x04\x25\x00\x00\x02\x00\x0f\x11\x04\x25\xfc\x0f\x02\x00\xf4"); /* movups [20000], then [20ffc] */
    assert_int_equal(w->count, 2 + 3);
    assert_int_equal(w->seen[1].addr, BENCH_DATA + 8);
    assert_int_equal(w->seen[1].value, 0x2222);
    assert_int_equal(w->seen[2].size, 4);
    assert_int_equal(w->seen[3].addr, BENCH_DATA + 0x1000);
    free_watcher(w);
}

static void the_processors_own_accesses(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    watch(w, BIT(PROBE_READ), BENCH_IDT, BENCH_IDT + 0x7ff);
    RUN(w, "\xcd\x40"); /* int 40 */
    assert_int_equal(w->b->vector, 0x40);
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_READ, BENCH_CODE);
    assert_int_equal(w->seen[0].addr, BENCH_IDT + 8 * 0x40);
    free_watcher(w);
}

static void ports(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    watch(w, BIT(PROBE_PORT), 0x60, 0x70);
    w->b->port_value = 0xab;
    w->b->cpu->r[RAX] = 7;
    w->b->cpu->r[RDX] = 0x5e;
    RUN(w, "\xe6\x50\xe6\x60\xe4\x70\xed\xf4"); /* out 50; out 60; in al, 70; in eax, dx (5E to 61); hlt */
    assert_int_equal(w->count, 3);
    expect(w, 0, PROBE_PORT, BENCH_CODE + 2);
    assert_true(w->seen[0].write);
    assert_int_equal(w->seen[0].addr, 0x60);
    assert_int_equal(w->seen[0].value, 7);
    assert_int_equal(w->seen[0].size, 1);
    assert_false(w->seen[1].write);
    assert_int_equal(w->seen[1].value, 7); /* what the bench's port was written */
    assert_int_equal(w->seen[2].size, 4);
    free_watcher(w);
}

static u64 read_reg(void *dev, u64 offset, unsigned size)
{
    (void)dev;
    (void)size;
    return 0x100 + offset;
}

static void write_reg(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)offset;
    (void)size;
    *(u64 *)dev = value;
}

static const struct region_ops reg_ops = { read_reg, write_reg, 1, 8 };

static void registers_of_chips(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    struct region chip;
    u64 written = 0;
    region_init_io(&chip, "chip", 0x1000, &reg_ops, &written);
    region_add(&w->b->root, 0xe00000, &chip, 1);
    watch(w, BIT(PROBE_MMIO), 0xe00000, 0xe00fff);
    w->b->cpu->r[RAX] = 9;
    RUN(w,
        "\xa3\x04\x00\xe0\x00\xa1\x08\x00\xe0\x00\xa3\x00\x00\x02\x00\xf4"); /* mov [chip + 4], eax; mov eax, [+ 8] */
    assert_int_equal(written, 9);
    assert_int_equal(w->count, 2);
    assert_true(w->seen[0].write);
    assert_int_equal(w->seen[0].addr, 0xe00004);
    assert_int_equal(w->seen[0].value, 9);
    expect(w, 1, PROBE_MMIO, BENCH_CODE + 5);
    assert_int_equal(w->seen[1].value, 0x108);
    free_watcher(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction),
        cmocka_unit_test(an_instruction_made_again_is_told_of_once),
        cmocka_unit_test(code_that_crosses_a_page),
        cmocka_unit_test(only_in_the_range),
        cmocka_unit_test(linear_and_physical_differ),
        cmocka_unit_test(a_repeated_instruction),
        cmocka_unit_test(a_run_stops_before_the_instruction),
        cmocka_unit_test(data_read_and_written),
        cmocka_unit_test(only_those_data),
        cmocka_unit_test(wide_data_come_in_parts),
        cmocka_unit_test(the_processors_own_accesses),
        cmocka_unit_test(ports),
        cmocka_unit_test(registers_of_chips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
