/* Two processors of one memory: decoded code that they share, what each has of its own, and how one is started (SDM
 * vol. 3, 9.4, 10.4.7.3, 11.6). They run in turns: b->cpu is the one whose turn it is. */
#include "block.h"
#include "harness.h"

struct pair {
    struct bench *b;
    struct cpu *cpu[2];
};

static bool second_rdmsr(void *owner, u32 msr, u64 *value)
{
    (void)owner;
    *value = msr == 0x1b ? 0xfee00800u : 0; /* not the boot-strap processor */
    return msr == 0x1b;
}

static struct pair pair_new(enum bench_mode mode)
{
    struct pair p = { .b = bench_new(mode) };
    p.cpu[0] = p.b->cpu;
    struct cpu_wiring w = p.cpu[0]->w;
    w.peer = p.cpu[0];
    w.model = NULL; /* as the first one's */
    w.apic_id = 1;
    w.apic_rdmsr = second_rdmsr;
    p.cpu[1] = cpu_new(&w);
    assert_non_null(p.cpu[1]);
    return p;
}

/* The second is where the first is, without a SIPI. */
static void copy_state(struct pair *p)
{
    struct state_buf buf = { 0 };
    const char *why;
    assert_true(state_save(&cpu_state_table, p->cpu[0], &buf));
    assert_true(state_load(&cpu_state_table, p->cpu[1], &buf, &why));
    state_buf_free(&buf);
}

static void pair_free(struct pair *p)
{
    cpu_free(p->cpu[1]);
    p->b->cpu = p->cpu[0];
    bench_free(p->b);
}

/* Runs processor n from `at` to its HLT. */
static void go(struct pair *p, unsigned n, u32 at)
{
    struct cpu *c = p->b->cpu = p->cpu[n];
    c->rip = at;
    c->activity = ACT_RUNNING;
    cpu_update_mode(c);
    bench_continue(p->b);
    assert_int_equal(p->b->vector, -1);
}

static void put_code(struct pair *p, u32 at, const u8 *code, size_t len)
{
    for (u32 i = 0; i < len; i++)
        bench_put(p->b, at + i, code[i], 1);
}

#define CODE_A 0x10000u
#define CODE_B 0x50000u

#define CALLER 0x40000u

/* mov al,imm; ret; and, in another page, so that the way there leads through the jump cache: call it; hlt */
static void put_answer(struct pair *p)
{
    put_code(p, CODE_A, CODE("\xb0\x11\xc3"));
    put_code(p, CALLER, CODE("\xe8\xfb\xff\xfc\xff\xf4"));
}

static void code_is_decoded_once(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    put_answer(&p);
    copy_state(&p);
    go(&p, 0, CALLER);
    u64 built = p.cpu[0]->blocks->built;
    go(&p, 1, CALLER);
    assert_int_equal(p.cpu[1]->r[RAX] & 0xff, 0x11);
    assert_ptr_equal(p.cpu[0]->blocks, p.cpu[1]->blocks);
    assert_int_equal(p.cpu[1]->blocks->built, built);
    pair_free(&p);
}

/* mov byte [CODE_A + 1],imm; hlt, by processor n */
static void patch(struct pair *p, unsigned n, u8 value)
{
    put_code(p, CODE_B, CODE("\xc6\x04\x25\x01\x00\x01\x00\x00\xf4"));
    bench_put(p->b, CODE_B + 7, value, 1);
    go(p, n, CODE_B);
}

static void expect_answer(struct pair *p, u8 value)
{
    for (unsigned n = 0; n < 2; n++) {
        go(p, n, CALLER);
        assert_int_equal(p->cpu[n]->r[RAX] & 0xff, value);
    }
}

/* Whoever decoded the code, and whether the writer has the page in its TLB from before or not. */
static void a_store_by_either_is_seen_by_both(void **state)
{
    (void)state;
    for (unsigned writer = 0; writer < 2; writer++)
        for (unsigned decoder = 0; decoder < 2; decoder++)
            for (unsigned warm = 0; warm < 2; warm++) {
                struct pair p = pair_new(BENCH_64);
                put_answer(&p);
                copy_state(&p);
                if (warm)
                    patch(&p, writer, 0x22); /* nothing is decoded there: the entry lets stores pass */
                go(&p, decoder, CALLER);
                patch(&p, writer, 0x33);
                expect_answer(&p, 0x33);
                patch(&p, !writer, 0x44);
                expect_answer(&p, 0x44);
                pair_free(&p);
            }
}

static void a_device_writes_code(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    put_answer(&p);
    copy_state(&p);
    expect_answer(&p, 0x11);
    const u8 value = 0x55;
    space_write_bytes(&p.b->mem, CODE_A + 1, &value, 1);
    expect_answer(&p, 0x55);
    pair_free(&p);
}

/* One is in a loop of linked blocks when its turn ends; the other opens the way out. */
static void a_loop_is_patched_from_outside(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    put_code(&p, CODE_A, CODE("\x90\xeb\xfd\xf4"));                     /* nop; jmp CODE_A; hlt */
    put_code(&p, CODE_B, CODE("\xc6\x04\x25\x02\x00\x01\x00\x00\xf4")); /* mov byte [CODE_A + 2],0; hlt */
    copy_state(&p);
    p.cpu[0]->rip = CODE_A;
    assert_int_equal(cpu_run(p.cpu[0], 1000), 1000);
    go(&p, 1, CODE_B);
    cpu_run(p.cpu[0], 1000);
    assert_true(cpu_is_halted(p.cpu[0]));
    assert_int_equal(p.cpu[0]->rip, CODE_A + 4);
    pair_free(&p);
}

/* All blocks go when the cache is full, whoever fills it. */
static void one_flushes_what_both_use(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    put_code(&p, CODE_A, CODE("\xff\xc0\xff\xc9\x75\xfa\xf4")); /* inc eax; dec ecx; jnz; hlt */
    copy_state(&p);
    for (unsigned n = 0; n < 2; n++) {
        p.cpu[n]->r[RAX] = 0;
        p.cpu[n]->r[RCX] = 1000;
        p.cpu[n]->rip = CODE_A;
    }
    for (unsigned round = 0; round < 10; round++) {
        cpu_run(p.cpu[0], 101);
        cpu_run(p.cpu[1], 103);
        block_cache_flush(p.cpu[round % 2]->blocks);
    }
    go(&p, 0, (u32)p.cpu[0]->rip);
    go(&p, 1, (u32)p.cpu[1]->rip);
    assert_int_equal(p.cpu[0]->r[RAX], 1000);
    assert_int_equal(p.cpu[1]->r[RAX], 1000);
    pair_free(&p);
}

/* The cache outlives the processor that made it. */
static void either_may_go_first(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    put_answer(&p);
    copy_state(&p);
    expect_answer(&p, 0x11);
    cpu_free(p.cpu[0]);
    go(&p, 1, CALLER);
    bench_free(p.b); /* with the second */
}

#define PAGE_0 0x60000u
#define PAGE_1 0x61000u

/* mov eax,[PAGE_0]; hlt */
static u32 look(struct pair *p, unsigned n)
{
    put_code(p, CODE_A, CODE("\x8b\x04\x25\x00\x00\x06\x00\xf4"));
    go(p, n, CODE_A);
    return (u32)p->cpu[n]->r[RAX];
}

/* invlpg [PAGE_0]; hlt */
static void forget(struct pair *p, unsigned n)
{
    put_code(p, CODE_B, CODE("\x0f\x01\x3c\x25\x00\x00\x06\x00\xf4"));
    go(p, n, CODE_B);
}

/* SDM vol. 3, 4.10.4.2: INVLPG is the executing processor's own; a shootdown needs one on each. */
static void each_has_a_tlb_of_its_own(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    copy_state(&p);
    bench_put(p.b, PAGE_0, 0xaaaa, 4);
    bench_put(p.b, PAGE_1, 0xbbbb, 4);
    assert_int_equal(look(&p, 0), 0xaaaa);
    assert_int_equal(look(&p, 1), 0xaaaa);
    bench_put(p.b, BENCH_PTE(PAGE_0 >> 12), PAGE_1 | 7, 8);
    forget(&p, 0);
    assert_int_equal(look(&p, 0), 0xbbbb);
    assert_int_equal(look(&p, 1), 0xaaaa);
    forget(&p, 1);
    assert_int_equal(look(&p, 1), 0xbbbb);
    pair_free(&p);
}

/* Accessed and dirty bits that one sets are in memory for the other to clear; it sets them again after its own flush.
 */
static void page_tables_are_shared(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_64);
    copy_state(&p);
    u32 pte = BENCH_PTE(PAGE_0 >> 12);
    look(&p, 0);
    assert_int_equal(bench_get(p.b, pte, 8) & 0x60, 0x20);
    bench_put(p.b, pte, PAGE_0 | 7, 8);
    look(&p, 1);
    assert_int_equal(bench_get(p.b, pte, 8) & 0x60, 0x20);
    bench_put(p.b, pte, PAGE_0 | 7, 8);
    look(&p, 0); /* from its TLB */
    assert_int_equal(bench_get(p.b, pte, 8) & 0x60, 0);
    forget(&p, 0);
    look(&p, 0);
    assert_int_equal(bench_get(p.b, pte, 8) & 0x60, 0x20);
    pair_free(&p);
}

/* ---- INIT and SIPI ---- */

static void the_second_waits_for_sipi(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_REAL);
    struct cpu *c = p.cpu[1];
    assert_true(cpu_is_halted(c));
    assert_false(cpu_has_work(c));
    cpu_set_intr(c, true);
    cpu_nmi(c);
    cpu_smi(c);
    assert_false(cpu_has_work(c));
    assert_int_equal(cpu_run(c, 100), 0);
    cpu_sipi(c, 0x9f);
    assert_true(cpu_has_work(c));
    pair_free(&p);
}

/* inc ax; hlt at 9f000 */
static void put_start(struct pair *p)
{
    put_code(p, 0x9f000, CODE("\x40\xf4"));
}

static void sipi_starts_at_its_vector(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_REAL);
    struct cpu *c = p.cpu[1];
    put_start(&p);
    cpu_sipi(c, 0x9f);
    cpu_sipi(c, 0x40); /* the first counts */
    cpu_run(c, 100);
    assert_int_equal(c->seg[CS].sel, 0x9f00);
    assert_int_equal(c->seg[CS].base, 0x9f000);
    assert_int_equal(c->rip, 2);
    assert_int_equal(c->r[RAX], 1);
    cpu_sipi(c, 0x40); /* it does not wait any more */
    assert_false(cpu_has_work(c));
    pair_free(&p);
}

/* The sender runs on between INIT and SIPI, the receiver does not. */
static void init_and_sipi_before_its_turn(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_REAL);
    struct cpu *c = p.cpu[1];
    put_start(&p);
    for (unsigned round = 0; round < 3; round++) { /* from waiting, from HLT, from running */
        cpu_init_pin(c);
        cpu_sipi(c, 0x9f);
        cpu_run(c, round == 1 ? 1 : 100);
        assert_int_equal(c->seg[CS].sel, 0x9f00);
        assert_int_equal(c->r[RAX], 1);
        assert_int_equal(cpu_is_halted(c), round != 1);
    }
    cpu_init_pin(c);
    cpu_sipi(c, 0x9f);
    cpu_init_pin(c); /* undoes it */
    cpu_run(c, 100);
    assert_int_equal(c->activity, ACT_WAIT_SIPI);
    assert_false(cpu_has_work(c));
    pair_free(&p);
}

static void init_without_sipi(void **state)
{
    (void)state;
    struct pair p = pair_new(BENCH_REAL);
    struct cpu *c = p.cpu[1];
    put_start(&p);
    cpu_sipi(c, 0x9f);
    cpu_run(c, 1);
    assert_int_equal(c->activity, ACT_RUNNING);
    cpu_init_pin(c);
    cpu_run(c, 100);
    assert_int_equal(c->activity, ACT_WAIT_SIPI);
    assert_int_equal(c->r[RAX], 0);
    /* the boot-strap processor starts anew, and hears no SIPI */
    cpu_init_pin(p.cpu[0]);
    cpu_sipi(p.cpu[0], 0x9f);
    cpu_run(p.cpu[0], 0);
    assert_true(cpu_has_work(p.cpu[0]));
    bench_put(p.b, 0xffff0, 0xf4, 1);
    cpu_run(p.cpu[0], 1);
    assert_int_not_equal(p.cpu[0]->seg[CS].sel, 0x9f00);
    pair_free(&p);
}

/* ---- PAUSE ---- */

static void count_pause(void *owner)
{
    struct bench *b = owner;
    b->port_value++;
    cpu_run_until(b->cpu, cpu_icount(b->cpu));
}

/* A run that PAUSE ends does so right behind it, wherever the run would have ended. */
static void pause_ends_a_run(void **state)
{
    (void)state;
    for (u64 slice = 1; slice < 8; slice++) {
        struct pair p = pair_new(BENCH_64);
        p.cpu[0]->w.paused = count_pause;
        put_code(&p, CODE_A, CODE("\x90\xf3\x90\x90\x90\xf4")); /* nop; pause; nop; nop; hlt */
        p.cpu[0]->rip = CODE_A;
        u64 ran = 0;
        while (!p.b->port_value)
            ran += cpu_run(p.cpu[0], slice);
        assert_int_equal(ran, 2);
        assert_int_equal(p.cpu[0]->rip, CODE_A + 3);
        cpu_run(p.cpu[0], 100);
        assert_int_equal(p.b->port_value, 1);
        assert_true(cpu_is_halted(p.cpu[0]));
        pair_free(&p);
    }
}

/* ---- CPUID's topology (leaves 1, 4, B, 8000_0008) ---- */

struct topology_case {
    struct cpu_topology topology;
    u8 apic_id;
    u32 leaf1_ebx, leaf_b0[3], leaf_b1[3], widths_ecx;
    bool htt;
};

static void topology_is(const char *model, const struct topology_case *t)
{
    struct pair p = pair_new(BENCH_64);
    struct cpu_choice choice = { .model = cpu_model_find(model) };
    struct cpu_wiring w = p.cpu[1]->w;
    u32 out[4];
    w.peer = NULL;
    w.model = &choice;
    w.topology = t->topology;
    w.apic_id = t->apic_id;
    struct cpu *c = cpu_new(&w);
    cpu_cpuid(c, 1, 0, out);
    assert_int_equal(out[1] & 0xffff0000u, t->leaf1_ebx);
    assert_int_equal(out[3] >> 28 & 1, t->htt);
    for (unsigned sub = 0; sub < 2; sub++) {
        cpu_cpuid(c, 0xb, sub, out);
        assert_memory_equal(out, sub ? t->leaf_b1 : t->leaf_b0, 12);
        assert_int_equal(out[3], t->apic_id);
    }
    cpu_cpuid(c, 0x80000008, 0, out);
    assert_int_equal(out[2], t->widths_ecx);
    cpu_cpuid(c, 0x80000001, 0, out);
    assert_int_equal(out[2] >> 1 & 1, t->htt && strcmp(model, "qemu64") == 0); /* CmpLegacy is AMD's */
    cpu_free(c);
    pair_free(&p);
}

static void topology(void **state)
{
    (void)state;
    static const struct topology_case cases[] = {
        { { 0, 0 }, 0, 0, { 0, 1, 0x100 }, { 0, 1, 0x201 }, 0, false },
        { { 1, 1 }, 3, 0x03000000, { 0, 1, 0x100 }, { 0, 1, 0x201 }, 0, false },
        { { 4, 1 }, 2, 0x02040000, { 0, 1, 0x100 }, { 2, 4, 0x201 }, 0x2003, true },
        { { 3, 1 }, 5, 0x05030000, { 0, 1, 0x100 }, { 2, 3, 0x201 }, 0x2002, true },
        { { 2, 4 }, 7, 0x07080000, { 2, 4, 0x100 }, { 3, 8, 0x201 }, 0x3007, true },
    };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        topology_is("qemu64", &cases[i]);
        topology_is("kvm64", &cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_decoded_once),
        cmocka_unit_test(a_store_by_either_is_seen_by_both),
        cmocka_unit_test(a_device_writes_code),
        cmocka_unit_test(a_loop_is_patched_from_outside),
        cmocka_unit_test(one_flushes_what_both_use),
        cmocka_unit_test(either_may_go_first),
        cmocka_unit_test(each_has_a_tlb_of_its_own),
        cmocka_unit_test(page_tables_are_shared),
        cmocka_unit_test(the_second_waits_for_sipi),
        cmocka_unit_test(sipi_starts_at_its_vector),
        cmocka_unit_test(init_and_sipi_before_its_turn),
        cmocka_unit_test(init_without_sipi),
        cmocka_unit_test(pause_ends_a_run),
        cmocka_unit_test(topology),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
