/* Bit tests and scans, SETcc, CMOVcc, POPCNT: register and memory forms; BT's far reach from a memory operand. */
#include "flags.h"
#include "harness.h"

/* The bit offset in a register is signed and reaches beyond the operand in memory (SDM vol. 2, BT and 3.1.1.9). */
static void check_reach(struct bench *b, unsigned op, unsigned bits, s64 index)
{
    static const u8 opcodes[] = { 0xa3, 0xab, 0xb3, 0xbb }; /* bt bts btr btc */
    struct cpu *c = b->cpu;
    u8 code[8];
    unsigned n = 0;
    u32 at = (u32)(BENCH_DATA + 0x800 + (index >> 3));
    if (bits == 16)
        code[n++] = 0x66;
    if (bits == 64)
        code[n++] = 0x48;
    code[n++] = 0x0f;
    code[n++] = opcodes[op];
    code[n++] = 0x0b; /* [rbx], rcx */
    code[n++] = 0xf4;
    for (unsigned set = 0; set < 2; set++) {
        u8 before = set ? 0xff : 0, bit = (u8)(1 << (index & 7));
        u8 want = op == 1 ? before | bit : op == 2 ? before & (u8)~bit : op == 3 ? before ^ bit : before;
        memset(b->m + BENCH_DATA, before, 0x1000);
        c->r[RBX] = BENCH_DATA + 0x800;
        c->r[RCX] = (u64)index & (bits == 64 ? UINT64_MAX : BIT64(bits) - 1);
        bench_run(b, code, n);
        assert_int_equal(b->vector, -1);
        assert_int_equal(bench_get(b, at, 1), want);
        assert_int_equal(flags_get(c) & FL_CF, set);
        b->m[at] = before;
        for (u32 i = 0; i < 0x1000; i++)
            assert_int_equal(b->m[BENCH_DATA + i], before);
    }
}

static void test_reach(void **state)
{
    (void)state;
    static const s64 indices[] = { 0,    7,      8,  15, 16, 31,  32,  63,  64,  65,
                                   1000, 0x3fff, -1, -8, -9, -16, -32, -64, -65, -0x4000 };
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 16; bits <= 64; bits *= 2)
        for (unsigned op = 0; op < 4; op++)
            for (size_t i = 0; i < ARRAY_LEN(indices); i++)
                check_reach(b, op, bits, indices[i]);
    bench_free(b);
}

/* In a register, and with an immediate, the offset is taken modulo the width. */
static void test_modulo(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    for (unsigned v = 0; v < 256; v++) {
        const u8 code[] = { 0x48, 0x0f, 0xba, 0xe8,  (u8)v, /* bts rax,imm8 */
                            0x0f, 0xab, 0xca,               /* bts edx,ecx */
                            0x66, 0x0f, 0xbb, 0xcb,         /* btc bx,cx */
                            0x0f, 0xba, 0x36, (u8)v,        /* btr dword [rsi],imm8 */
                            0xf4 };
        c->r[RAX] = c->r[RDX] = c->r[RBX] = 0;
        c->r[RCX] = v;
        c->r[RSI] = BENCH_DATA;
        bench_put(b, BENCH_DATA, UINT64_MAX, 8);
        bench_run(b, code, sizeof code);
        assert_int_equal(b->vector, -1);
        assert_int_equal(c->r[RAX], BIT64(v & 63));
        assert_int_equal(c->r[RDX], BIT64(v & 31));
        assert_int_equal(c->r[RBX], BIT64(v & 15));
        assert_int_equal(bench_get(b, BENCH_DATA, 8), ~BIT64(v & 31));
        assert_int_equal(flags_get(c) & FL_CF, 1);
    }
    bench_free(b);
}

/* BSF and BSR leave the destination alone when the source is 0 (as all processors do; SDM: undefined). */
static void test_scans(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    for (unsigned n = 0; n <= 64; n++) {
        u64 v = n < 64 ? BIT64(n) | BIT64(63 - (63 - n) / 2) : 0;
        c->r[RAX] = v;
        c->r[RCX] = c->r[RDX] = c->r[RBX] = 0x5555555555555555;
        bench_run(b, /* bsf rcx,rax; setz sil; bsr rdx,rax; popcnt rdi,rax; bsf bx,ax; hlt */
                  CODE("\x48\x0f\xbc\xc8\x40\x0f\x94\xc6\x48\x0f\xbd\xd0\xf3\x48\x0f\xb8\xf8\x66\x0f\xbc\xd8\xf4"));
        assert_int_equal(c->r[RCX], v ? (u64)__builtin_ctzll(v) : 0x5555555555555555);
        assert_int_equal(c->r[RDX], v ? 63u - (u64)__builtin_clzll(v) : 0x5555555555555555);
        assert_int_equal(c->r[RSI] & 0xff, v == 0);
        assert_int_equal(c->r[RDI], (u64)__builtin_popcountll(v));
        assert_int_equal(c->r[RBX] & 0xffff, (u16)v ? (u64)__builtin_ctzll(v & 0xffff) : 0x5555);
        assert_int_equal(c->r[RBX] >> 16, 0x555555555555);
    }
    c->r[RAX] = 0;
    cpu_set_eflags(c, FL_ARITH, FL_ARITH);
    bench_run(b, /* popcnt ecx,eax; hlt */ CODE("\xf3\x0f\xb8\xc8\xf4"));
    assert_int_equal(flags_get(c) & FL_ARITH, FL_ZF);
    bench_free(b);
}

/* The sixteen conditions (SDM vol. 1, appendix B) from all 64 states of the flags: SETcc, CMOVcc, Jcc. */
static bool condition(unsigned cc, u32 f)
{
    bool c = f & FL_CF, z = f & FL_ZF, s = f & FL_SF, o = f & FL_OF, p = f & FL_PF;
    const bool yes[] = { o, c, z, c || z, s, p, s != o, z || s != o };
    return yes[cc >> 1] != (cc & 1);
}

static void test_conditions(void **state)
{
    (void)state;
    static const u32 bits[] = { FL_CF, FL_PF, FL_AF, FL_ZF, FL_SF, FL_OF };
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    bench_put(b, BENCH_DATA, 0x77777777, 8);
    for (unsigned v = 0; v < 64 * 16; v++) {
        unsigned cc = v & 15;
        u32 flags = 0;
        for (unsigned i = 0; i < 6; i++)
            flags |= v >> (4 + i) & 1 ? bits[i] : 0;
        const u8 code[] = { 0x0f,
                            (u8)(0x90 | cc),
                            0xc1, /* setcc cl */
                            0x0f,
                            (u8)(0x40 | cc),
                            0x16, /* cmovcc edx,[rsi] */
                            (u8)(0x70 | cc),
                            2,
                            0xb3,
                            1, /* jcc +2; mov bl,1 */
                            0x0f,
                            (u8)(0x80 | cc),
                            2,
                            0,
                            0,
                            0,
                            0xb7,
                            1, /* jcc +2; mov bh,1 */
                            0xf4 };
        c->r[RCX] = c->r[RBX] = 0;
        c->r[RDX] = 0x1111111122222222;
        c->r[RSI] = BENCH_DATA;
        cpu_set_eflags(c, flags, FL_ARITH);
        bench_run(b, code, sizeof code);
        bool yes = condition(cc, flags);
        assert_int_equal(c->r[RCX], yes);
        assert_int_equal(c->r[RDX], yes ? 0x77777777 : 0x22222222); /* the upper half is cleared in any case */
        assert_int_equal(c->r[RBX], yes ? 0 : 0x101);
        assert_int_equal(flags_get(c) & FL_ARITH, flags);
    }
    bench_free(b);
}

/* CMOVcc reads its operand even when the condition is false. */
static void test_cmov_reads(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RSI] = 0x1000000; /* not mapped */
    cpu_set_eflags(b->cpu, 0, FL_ARITH);
    bench_run(b, /* cmovz eax,[rsi] */ CODE("\x0f\x44\x06\xf4"));
    assert_int_equal(b->vector, EXC_PF);
    bench_free(b);
}

static void test_flag_instructions(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    for (unsigned v = 0; v < 256; v++) {
        c->r[RAX] = v << 8;
        cpu_set_eflags(c, FL_OF, FL_ARITH);
        bench_run(b, /* sahf; lahf; hlt */ CODE("\x9e\x9f\xf4"));
        assert_int_equal(c->r[RAX] >> 8 & 0xff, (v & 0xd5) | 2);
        assert_int_equal(flags_get(c) & FL_OF, FL_OF);
    }
    bench_run(b, /* stc; setc al; cmc; setc bl; clc; setc cl; std; cld; hlt */
              CODE("\xf9\x0f\x92\xc0\xf5\x0f\x92\xc3\xf8\x0f\x92\xc1\xfd\xfc\xf4"));
    assert_int_equal(c->r[RAX] & 1, 1);
    assert_int_equal(c->r[RBX] & 1, 0);
    assert_int_equal(c->r[RCX] & 1, 0);
    assert_int_equal(flags_get(c) & FL_DF, 0);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reach),      cmocka_unit_test(test_modulo),     cmocka_unit_test(test_scans),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_cmov_reads), cmocka_unit_test(test_flag_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
