/* Near branches: operand sizes, address sizes of the counters, targets cut to 16 or 32 bits, links between blocks and
 * what breaks them. Targets beyond the code segment are in test_fetch.c, conditions in test_bits.c. */
#include "flags.h"
#include "harness.h"

static void put_code(struct bench *b, u32 at, const char *code, size_t len)
{
    for (u32 i = 0; i < len; i++)
        bench_put(b, at + i, (u8)code[i], 1);
}

/* CALL pushes what follows it, by its operand size; RET with a count drops arguments. */
static void test_call_ret(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    bench_run(b,
              /* call +1; hlt; mov rax,[rsp]; ret 24 */ CODE("\xe8\x01\x00\x00\x00\xf4\x48\x8b\x04\x24\xc2\x18\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RAX], BENCH_CODE + 5);
    assert_int_equal(c->r[RSP], BENCH_STACK + 24);
    bench_reset(b);
    c->r[RBX] = BENCH_CODE + 0x100;
    bench_put(b, BENCH_DATA, BENCH_CODE + 0x110, 8);
    put_code(b, BENCH_CODE + 0x100, "\x48\xff\xc1\xc3", 4);
    put_code(b, BENCH_CODE + 0x110, "\x48\xff\xc2\xc3", 4);
    c->r[RCX] = c->r[RDX] = 0;
    bench_run(b, /* call rbx; call [0x20000]; 66 call rbx: still 64 bits; hlt */
              CODE("\xff\xd3\xff\x14\x25\x00\x00\x02\x00\x66\xff\xd3\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RCX], 2);
    assert_int_equal(c->r[RDX], 1);
    assert_int_equal(c->r[RSP], BENCH_STACK);
    bench_free(b);
}

/* CALL through rSP, and from the word that it overwrites: the target is read first. */
static void test_call_stack_operand(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_put(b, BENCH_STACK - 8, BENCH_CODE + 0x100, 8);
    put_code(b, BENCH_CODE + 0x100, "\x58\xf4", 2); /* pop rax; hlt */
    bench_run(b, /* call [rsp-8] */ CODE("\xff\x54\x24\xf8\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], BENCH_CODE + 4);
    assert_int_equal(b->cpu->rip, BENCH_CODE + 0x102);
    bench_free(b);
}

/* With a 16-bit operand size the target is cut to 16 bits (SDM vol. 2, JMP). */
static void test_cut(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, 0x7010, "\x43\xf4", 2);
    static const struct {
        const char *code;
        unsigned len;
    } branches[] = { { "\x66\xe9\x0c\x70", 4 },
                     { "\x66\xff\xe1", 3 },
                     { "\x66\x74\x0d", 3 },
                     { "\x66\xff\xd1", 3 },
                     { "\x66\xc3", 2 } };
    for (size_t i = 0; i < ARRAY_LEN(branches); i++) {
        bench_reset(b);
        b->cpu->r[RBX] = 0;
        b->cpu->r[RCX] = 0x12347010;
        bench_put(b, BENCH_STACK, 0x55557010, 4);
        put_code(b, 0x10, "\x43\xf4", 2);
        cpu_set_eflags(b->cpu, FL_ZF, FL_ZF);
        bench_run(b, (const u8 *)branches[i].code, branches[i].len);
        assert_int_equal(b->vector, -1);
        assert_int_equal(b->cpu->r[RBX], 1);
        assert_int_equal(b->cpu->rip, i == 2 ? 0x12 : 0x7012);
    }
    bench_free(b);
}

/* LOOP counts CX, ECX or RCX by the address size; the counter is decremented before it is looked at. */
static void test_loop(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RAX] = 0;
    c->r[RCX] = 0x100000003;
    b->limit = 100;
    bench_run(b, /* inc eax; a32 loop; hlt */ CODE("\xff\xc0\x67\xe2\xfb\xf4"));
    assert_int_equal(c->r[RAX], 3);
    assert_int_equal(c->r[RCX], 0); /* ECX written: the upper half is cleared */
    bench_free(b);
    b = bench_new(BENCH_32);
    c = b->cpu;
    c->r[RAX] = 0;
    c->r[RCX] = 0x50000;
    bench_run(b, /* inc eax; a16 loop; hlt: 65536 times */ CODE("\x40\x67\xe2\xfc\xf4"));
    assert_int_equal(b->vector == -1 || b->vector == -2, 1);
    bench_continue(b);
    assert_int_equal(c->r[RAX], 0x10000);
    assert_int_equal(c->r[RCX], 0x50000);
    for (unsigned zf = 0; zf < 2; zf++)
        for (u32 n = 1; n < 3; n++) {
            c->r[RCX] = n;
            c->r[RAX] = 0;
            cpu_set_eflags(c, zf ? FL_ZF : 0, FL_ZF);
            bench_run(b, /* loope +1; inc eax... : loope over mov al,1; hlt */ CODE("\xe1\x02\xb0\x01\xf4"));
            assert_int_equal(c->r[RAX], zf && n == 2 ? 0 : 1);
            assert_int_equal(c->r[RCX], n - 1);
            c->r[RCX] = n;
            c->r[RAX] = 0;
            bench_run(b, /* loopne */ CODE("\xe0\x02\xb0\x01\xf4"));
            assert_int_equal(c->r[RAX], !zf && n == 2 ? 0 : 1);
        }
    bench_free(b);
}

static void test_jcxz(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const struct {
        u64 rcx;
        bool jrcxz, jecxz;
    } cases[] = { { 0, true, true }, { 1, false, false }, { 0x100000000, false, true }, { 0x10000, false, false } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        b->cpu->r[RCX] = cases[i].rcx;
        b->cpu->r[RAX] = b->cpu->r[RBX] = 0;
        bench_run(b,
                  /* jrcxz +2; mov al,1; jecxz +2; mov bl,1; hlt */ CODE("\xe3\x02\xb0\x01\x67\xe3\x02\xb3\x01\xf4"));
        assert_int_equal(b->cpu->r[RAX], !cases[i].jrcxz);
        assert_int_equal(b->cpu->r[RBX], !cases[i].jecxz);
    }
    bench_free(b);
    b = bench_new(BENCH_32);
    b->cpu->r[RCX] = 0x10000;
    b->cpu->r[RAX] = 0;
    bench_run(b, /* jcxz +2 */ CODE("\x67\xe3\x02\xb0\x01\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0);
    bench_free(b);
}

/* 64-bit branch displacements are 32 bits whatever 66 says, and a jump over a canonical edge faults. */
static void test_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_run(b, /* 66 jmp rel32 +1; hlt; inc; hlt */ CODE("\x66\xe9\x01\x00\x00\x00\xf4\xff\xc0\xf4"));
    assert_int_equal(b->cpu->rip, BENCH_CODE + 10);
    static const char *const code[] = { "\xff\xe3", "\xff\xd3", "\xc3" }; /* jmp rbx, call rbx, ret */
    for (unsigned i = 0; i < 3; i++) {
        bench_reset(b);
        b->cpu->r[RBX] = 0x800000000000;
        bench_put(b, BENCH_STACK, 0xffff7fffffffffff, 8);
        bench_run(b, (const u8 *)code[i], strlen(code[i]));
        assert_int_equal(b->vector, EXC_GP);
        assert_int_equal(b->frame_ip, BENCH_CODE);
        assert_int_equal(b->frame_sp, BENCH_STACK);
    }
    bench_free(b);
}

/* A loop over several blocks, often enough that all links are in place; then one block is changed, and one page
 * remapped. */
static void test_links(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RBP] = 1000;
    c->r[RAX] = 0;
    /* 10000: test bpl,1; jz 10080; add rax,1; jmp 10100 - 10080: add rax,2; jmp 10100 - 10100: call 11000; dec ebp; jnz
     * 10000 */
    put_code(b, BENCH_CODE + 0x80, "\x48\x83\xc0\x02\xeb\x7a", 6);
    put_code(b, BENCH_CODE + 0x100, "\xe8\xfb\x0e\x00\x00\xff\xcd\x0f\x85\xf3\xfe\xff\xff\xf4", 14);
    put_code(b, BENCH_CODE + 0x1000, "\x48\x83\xc0\x04\xc3", 5);
    static const char start[] = "\x40\xf6\xc5\x01\x74\x7a\x48\x83\xc0\x01\xe9\xf1\x00\x00\x00";
    bench_run(b, CODE(start));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RAX], 500 + 2 * 500 + 4 * 1000);
    bench_put(b, BENCH_CODE + 0x83, 5, 1); /* add rax,5 */
    c->r[RBP] = 1000;
    c->r[RAX] = 0;
    c->rip = BENCH_CODE;
    c->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(c->r[RAX], 500 + 5 * 500 + 4 * 1000);
    put_code(b, 0x60000, "\x48\x83\xc0\x06\xc3", 5); /* another page 11 */
    bench_put(b, BENCH_PTE(0x11), 0x60007, 8);
    tlb_flush_page(c, 0x11000);
    c->r[RBP] = 1000;
    c->r[RAX] = 0;
    c->rip = BENCH_CODE;
    c->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(c->r[RAX], 500 + 5 * 500 + 6 * 1000);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call_ret), cmocka_unit_test(test_call_stack_operand),
        cmocka_unit_test(test_cut),      cmocka_unit_test(test_loop),
        cmocka_unit_test(test_jcxz),     cmocka_unit_test(test_64),
        cmocka_unit_test(test_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
