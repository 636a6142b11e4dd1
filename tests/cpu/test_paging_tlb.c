/* test_paging_tlb.c: what the TLB may remember and what it must not; A20. */
#include "paging_bench.h"

/* ---- what the TLB may remember ---- */

static void run_again(struct bed *t, const char *code, size_t len)
{
    t->b->cpu->r[RBX] = t->mode->linear;
    bench_run(t->b, (const u8 *)code, len);
}

#define READ_IT "\x8b\x03\xf4", 3
#define WRITE_IT "\x89\x03\xf4", 3
#define INVLPG_READ "\x0f\x01\x3b\x8b\x03\xf4", 6

/* More rights need no flush: an access that the TLB refuses walks the tables (SDM vol. 3, 4.10.4.3). */
static void test_more_rights(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct bed t = new_bed(&modes[i], false);
        unsigned leaf = modes[i].levels - 1;
        t.b->cpu->cr0 |= CR0_WP;
        put_entry(&t, t.at[leaf], t.plain[leaf]);
        run_again(&t, READ_IT);
        assert_int_equal(t.b->vector, EXC_PF);
        put_entry(&t, t.at[leaf], t.plain[leaf] | P);
        run_again(&t, READ_IT);
        assert_int_equal(t.b->vector, -1);
        run_again(&t, WRITE_IT);
        assert_int_equal(t.b->vector, EXC_PF);
        put_entry(&t, t.at[leaf], t.plain[leaf] | P | W_);
        run_again(&t, WRITE_IT);
        assert_int_equal(t.b->vector, -1);
        bench_free(t.b);
    }
}

/* A page fault throws out what the TLB holds for the page (SDM vol. 3, 4.10.4.1). */
static void test_fault_invalidates(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    t.b->cpu->cr0 |= CR0_WP;
    put_entry(&t, t.at[3], t.plain[3] | P);
    run_again(&t, READ_IT);
    assert_int_equal(t.b->vector, -1);
    put_entry(&t, t.at[3], 0x900000 | P); /* stale: not seen by a read, perhaps */
    run_again(&t, WRITE_IT);
    assert_int_equal(t.b->vector, EXC_PF);
    bench_put(t.b, 0x900000, 0x77, 4);
    run_again(&t, READ_IT); /* seen now */
    assert_int_equal(t.b->cpu->r[RAX], 0x77);
    bench_free(t.b);
}

/* INVLPG takes a whole large page with it, whichever of its addresses is named. */
static void test_invlpg_large(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct bed t = new_bed(&modes[i], false);
        unsigned leaf = modes[i].levels - 1;
        run_again(&t, READ_IT);
        assert_int_equal((u32)t.b->cpu->r[RAX], MARK);
        put_entry(&t, t.at[leaf], 0);
        t.b->cpu->r[RBX] = modes[i].linear;
        t.b->cpu->r[RCX] = modes[i].linear + (modes[i].large ? 0x1ff000 : 0);
        bench_run(t.b, /* invlpg [rcx]; mov eax,[rbx]; hlt */ CODE("\x0f\x01\x39\x8b\x03\xf4"));
        assert_int_equal(t.b->vector, EXC_PF);
        bench_free(t.b);
    }
}

/* The dirty bit is set by the first write even when the page was read before, and again after it was cleared and
 * flushed. */
static void test_dirty_again(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    run_again(&t, READ_IT);
    assert_int_equal(get_entry(&t, 3) & (A | D), A);
    run_again(&t, WRITE_IT);
    assert_int_equal(get_entry(&t, 3) & (A | D), A | D);
    put_entry(&t, t.at[3], t.plain[3] | ALL_RIGHTS);
    run_again(&t, INVLPG_READ);
    assert_int_equal(get_entry(&t, 3) & (A | D), A);
    run_again(&t, WRITE_IT);
    assert_int_equal(get_entry(&t, 3) & (A | D), A | D);
    bench_free(t.b);
}

/* System structures are read as the supervisor, SMAP not lifted by AC (SDM vol. 3, 4.6.1: implicit accesses). */
static void test_implicit(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    t.b->cpu->cr4 |= CR4_SMAP;
    t.b->cpu->eflags |= FL_AC;
    bench_put(t.b, BENCH_PTE(1), 0x1000 | ALL_RIGHTS, 8); /* the GDT in a user page */
    tlb_flush_all(t.b->cpu);
    t.b->cpu->r[RAX] = SEL_DATA32;
    bench_run(t.b, /* mov ds,eax; hlt */ CODE("\x8e\xd8\xf4"));
    assert_int_equal(t.b->vector == EXC_PF || t.b->vector == -3, 1);
    assert_int_equal(t.b->cpu->cr2 & ~0xfffull, BENCH_GDT);
    bench_free(t.b);
    t = new_bed(&modes[4], true); /* and from CPL 3 they reach supervisor pages */
    t.b->cpu->r[RAX] = SEL_DATA32U;
    bench_run(t.b, CODE("\x8e\xd8\xf4"));
    assert_int_equal(t.b->vector, EXC_GP); /* HLT */
    assert_int_equal(t.b->frame_ip, BENCH_CODE + 2);
    bench_free(t.b);
}

/* ---- A20 ---- */

static void check_a20(struct bench *b, u64 linear)
{
    static const u32 want[] = { 0x2222, 0x1111 };
    for (unsigned on = 0; on < 2; on++) {
        cpu_set_a20(b->cpu, on);
        b->cpu->r[RBX] = linear;
        bench_run(b, CODE("\x8b\x03\xf4"));
        assert_int_equal(b->vector, -1);
        assert_int_equal((u32)b->cpu->r[RAX], want[!on ? 0 : 1]);
    }
}

static void test_a20(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, 0x120000, 0x1111, 4);
    bench_put(b, 0x20000, 0x2222, 4);
    check_a20(b, 0x120000);
    bench_free(b);
    struct bed t = new_bed(&modes[0], false); /* behind paging, and for the tables themselves (bit 20 of them is 0) */
    bench_put(t.b, 0x120000, 0x1111, 4);
    bench_put(t.b, 0x20000, 0x2222, 4);
    put_entry(&t, t.at[1], 0x120000 | ALL_RIGHTS);
    check_a20(t.b, modes[0].linear);
    bench_free(t.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_rights),  cmocka_unit_test(test_fault_invalidates),
        cmocka_unit_test(test_invlpg_large), cmocka_unit_test(test_dirty_again),
        cmocka_unit_test(test_implicit),     cmocka_unit_test(test_a20),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
