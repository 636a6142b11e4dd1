/* PUSH, POP, PUSHA, POPA, ENTER, LEAVE, PUSHF, POPF: operand and stack sizes, rSP as an operand, wrap-around, limits.
 */
#include "flags.h"
#include "harness.h"

static void set_ss(struct bench *b, u32 base, u32 limit, u32 attr)
{
    struct seg *ss = &b->cpu->seg[SS];
    ss->base = base;
    ss->limit = limit;
    ss->attr = attr;
    seg_derive(ss, false);
    cpu_update_mode(b->cpu);
}

#define DATA_SEG (DESC_P | DESC_S | DESC_RW | DESC_A)

static void test_sizes_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RAX] = 0x1122334455667788;
    bench_run(b, /* push rax; pop rbx; push ax; pop cx; push r8... hlt */ CODE("\x50\x5b\x66\x50\x66\x59\xf4"));
    assert_int_equal(c->r[RBX], 0x1122334455667788);
    assert_int_equal(c->r[RCX] & 0xffff, 0x7788);
    assert_int_equal(c->r[RSP], BENCH_STACK);
    assert_int_equal(bench_get(b, BENCH_STACK - 2, 2), 0x7788);
    bench_run(b, /* push -1 (6A); push 0x12345678; push word 0x4321; hlt */ CODE(
                  "\x6a\xff\x68\x78\x56\x34\x12\x66\x68\x21\x43\xf4"));
    assert_int_equal(c->r[RSP], BENCH_STACK - 18);
    assert_int_equal(bench_get(b, BENCH_STACK - 8, 8), UINT64_MAX);
    assert_int_equal(bench_get(b, BENCH_STACK - 16, 8), 0x12345678);
    assert_int_equal(bench_get(b, BENCH_STACK - 18, 2), 0x4321);
    c->r[RSP] = BENCH_STACK;
    bench_run(b, /* push fs; 66 push gs; pop fs... : the selectors; hlt */ CODE("\x0f\xa0\x66\x0f\xa8\xf4"));
    assert_int_equal(c->r[RSP], BENCH_STACK - 10);
    bench_free(b);
}

/* PUSH rSP stores the old value; POP rSP loads it without adding; POP [rSP + x] uses the new one (SDM vol. 2). */
static void test_rsp_operand(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    bench_run(b, /* push rsp; mov rax,[rsp]; push [rsp]; hlt */ CODE("\x54\x48\x8b\x04\x24\xff\x34\x24\xf4"));
    assert_int_equal(c->r[RAX], BENCH_STACK);
    assert_int_equal(c->r[RSP], BENCH_STACK - 16);
    assert_int_equal(bench_get(b, BENCH_STACK - 16, 8), BENCH_STACK);
    bench_put(b, BENCH_STACK, 0x22222, 8);
    c->r[RSP] = BENCH_STACK;
    bench_run(b, /* pop rsp; hlt */ CODE("\x5c\xf4"));
    assert_int_equal(c->r[RSP], 0x22222);
    c->r[RSP] = BENCH_STACK;
    bench_run(b, /* pop qword [rsp+8]; hlt */ CODE("\x8f\x44\x24\x08\xf4"));
    assert_int_equal(bench_get(b, BENCH_STACK + 16, 8), 0x22222);
    assert_int_equal(c->r[RSP], BENCH_STACK + 8);
    c->r[RSP] = BENCH_STACK; /* 16 bits: only SP is loaded */
    bench_run(b, /* pop sp; hlt */ CODE("\x66\x5c\xf4"));
    assert_int_equal(c->r[RSP], 0x32222);
    bench_free(b);
}

/* A 16-bit stack: SP counts, the upper half of ESP stays, and it wraps within 64 KiB. */
static void test_stack_16(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    set_ss(b, 0x40000, 0xffff, DATA_SEG);
    c->r[RSP] = 0xabcd0004;
    c->r[RAX] = 0x11111111;
    bench_run(b, /* push eax; push eax; hlt */ CODE("\x50\x50\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RSP], 0xabcdfffc);
    assert_int_equal(bench_get(b, 0x40000, 4), 0x11111111);
    assert_int_equal(bench_get(b, 0x4fffc, 4), 0x11111111);
    bench_run(b, /* pop ebx; pop ecx; hlt */ CODE("\x5b\x59\xf4"));
    assert_int_equal(c->r[RSP], 0xabcd0004);
    assert_int_equal(c->r[RCX], 0x11111111);
    c->r[RSP] = 0x50002; /* a doubleword pushed to FFFE would lie across the end */
    bench_run(b, CODE("\x50\xf4"));
    assert_int_equal(b->vector == EXC_SS || b->vector == EXC_DF || b->vector == -3, 1);
    bench_free(b);
}

/* The stack segment's limit, expand-up and expand-down; rSP is as it was. */
static void test_limits(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    struct cpu *c = b->cpu;
    for (u32 sp = 0x0ff8; sp < 0x1010; sp++) {
        bench_reset(b);
        set_ss(b, 0x40000, 0xfff, DATA_SEG | DESC_DB | DESC_DPL);
        c->r[RSP] = sp;
        bench_run(b, /* push eax; hlt */ CODE("\x50\xf4"));
        bool ok = sp <= 0x1000;
        assert_int_equal(b->vector, ok ? EXC_GP /* HLT */ : EXC_SS);
        assert_int_equal(b->frame_sp, ok ? sp - 4 : sp);
        assert_int_equal(b->error, 0);
        bench_reset(b);
        set_ss(b, 0x40000, 0xfff, DATA_SEG | DESC_DB | DESC_DPL | DESC_EC); /* expand-down: above the limit */
        c->r[RSP] = sp;
        bench_run(b, CODE("\x50\xf4"));
        ok = sp - 4 > 0xfff;
        assert_int_equal(b->vector, ok ? EXC_GP : EXC_SS);
        assert_int_equal(b->frame_sp, ok ? sp - 4 : sp);
    }
    bench_free(b);
}

/* In 64-bit mode an address that is not canonical is #SS through rSP and rBP, #GP through others. */
static void test_canonical(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64U);
    static const struct {
        const char *code;
        int vector;
    } cases[] = { { "\x50", EXC_SS },         { "\x58", EXC_SS },
                  { "\xc3", EXC_SS },         { "\xc9", EXC_SS },
                  { "\x8b\x45\x00", EXC_SS }, { "\x8b\x04\x24", EXC_SS },
                  { "\x8b\x03", EXC_GP },     { "\x41\x8b\x45\x00", EXC_GP } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bench_reset(b);
        b->cpu->r[RSP] = b->cpu->r[RBP] = b->cpu->r[RBX] = b->cpu->r[R13] = 0x8000000000001000;
        bench_run(b, (const u8 *)cases[i].code, strlen(cases[i].code) + 1);
        assert_int_equal(b->vector, cases[i].vector);
        assert_int_equal(b->frame_sp, 0x8000000000001000);
        assert_int_equal(b->cpu->r[RBP], 0x8000000000001000);
    }
    bench_free(b);
}

static void test_pusha(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    for (unsigned i = 0; i < 8; i++)
        c->r[i] = 0x11110000u * (i + 1) + i;
    c->r[RSP] = BENCH_STACK;
    bench_run(b, /* pusha; pushaw; hlt */ CODE("\x60\x66\x60\xf4"));
    for (u32 i = 0; i < 8; i++)
        assert_int_equal(bench_get(b, BENCH_STACK - 4 - 4 * i, 4), i == RSP ? BENCH_STACK : c->r[i]);
    for (u32 i = 0; i < 8; i++)
        assert_int_equal(bench_get(b, BENCH_STACK - 34 - 2 * i, 2), (i == RSP ? BENCH_STACK - 32 : c->r[i]) & 0xffff);
    for (unsigned i = 0; i < 8; i++)
        if (i != RSP)
            c->r[i] = 0;
    bench_run(b, /* popaw; popa; hlt */ CODE("\x66\x61\x61\xf4"));
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(c->r[i], i == RSP ? BENCH_STACK : 0x11110000u * (i + 1) + i);
    bench_free(b);
}

static void test_enter_leave(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RBP] = 0x1234;
    bench_run(b, /* enter 32,0; hlt */ CODE("\xc8\x20\x00\x00\xf4"));
    assert_int_equal(c->r[RBP], BENCH_STACK - 8);
    assert_int_equal(c->r[RSP], BENCH_STACK - 40);
    assert_int_equal(bench_get(b, BENCH_STACK - 8, 8), 0x1234);
    bench_run(b, /* leave; hlt */ CODE("\xc9\xf4"));
    assert_int_equal(c->r[RBP], 0x1234);
    assert_int_equal(c->r[RSP], BENCH_STACK);
    c->r[RBP] = BENCH_DATA; /* three levels: the two outer frame pointers are copied, then the new one */
    bench_put(b, BENCH_DATA - 8, 0xa1, 8);
    bench_put(b, BENCH_DATA - 16, 0xa2, 8);
    bench_run(b, /* enter 16,3; hlt */ CODE("\xc8\x10\x00\x03\xf4"));
    assert_int_equal(bench_get(b, BENCH_STACK - 8, 8), BENCH_DATA);
    assert_int_equal(bench_get(b, BENCH_STACK - 16, 8), 0xa1);
    assert_int_equal(bench_get(b, BENCH_STACK - 24, 8), 0xa2);
    assert_int_equal(bench_get(b, BENCH_STACK - 32, 8), BENCH_STACK - 8);
    assert_int_equal(c->r[RBP], BENCH_STACK - 8);
    assert_int_equal(c->r[RSP], BENCH_STACK - 48);
    bench_reset(b);
    c->r[RBP] = 0x5555;
    bench_run(b, /* enter 0,1: only the new one; enter 0,33 is enter 0,1 (modulo 32); hlt */ CODE(
                  "\xc8\x00\x00\x01\xc8\x00\x00\x21\xf4"));
    assert_int_equal(c->r[RSP], BENCH_STACK - 32);
    assert_int_equal(bench_get(b, BENCH_STACK - 16, 8), BENCH_STACK - 8);
    assert_int_equal(bench_get(b, BENCH_STACK - 24, 8), BENCH_STACK - 8);
    assert_int_equal(bench_get(b, BENCH_STACK - 32, 8), BENCH_STACK - 24);
    bench_free(b);
}

/* PUSHF hides RF and VM; POPF at CPL 3 leaves IF and IOPL alone and says nothing (SDM vol. 2, table 4-15). */
static void test_flags(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    bench_run(b, /* push 0x257ed5; popf; pushf; pop eax; hlt: all but TF, VM and RF */
              CODE("\x68\xd5\x7e\x25\x00\x9d\x9c\x58\xf4"));
    assert_int_equal(c->r[RAX], 0x247ed7);
    assert_int_equal(c->eflags & FL_RF, 0);
    bench_run(b,
              /* pushw 0; popfw; pushf; pop eax: the upper half stays; hlt */ CODE("\x66\x6a\x00\x66\x9d\x9c\x58\xf4"));
    assert_int_equal(c->r[RAX], 0x240002);
    bench_free(b);
    b = bench_new(BENCH_32U);
    b->cpu->eflags |= FL_IF;
    bench_run(b, /* push 0x3000; popf; pushf; pop eax; hlt */ CODE("\x68\x01\x30\x00\x00\x9d\x9c\x58\xf4"));
    assert_int_equal(b->vector, EXC_GP); /* HLT */
    assert_int_equal(b->cpu->r[RAX], 0x203);
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_run(b, /* push 0x240ad7; popfq; pushfq; pop rax; hlt */ CODE("\x68\xd7\x0a\x24\x00\x9d\x9c\x58\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x240ad7);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_64),    cmocka_unit_test(test_rsp_operand), cmocka_unit_test(test_stack_16),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_canonical),   cmocka_unit_test(test_pusha),
        cmocka_unit_test(test_enter_leave), cmocka_unit_test(test_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
