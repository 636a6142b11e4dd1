/* test_fused.c: pairs and runs of instructions that one handler does, and flags that are not computed, against the same
 * instructions kept apart by an XCHG of a register with itself: all registers, flags and the way taken are equal. */
#include "harness.h"

#include "flags.h"

static const u64 edges[] = { 0,
                             1,
                             2,
                             0x7f,
                             0x80,
                             0xff,
                             0x7fff,
                             0x8000,
                             0xffff,
                             0x7fffffff,
                             0x80000000,
                             0xffffffff,
                             0x7fffffffffffffff,
                             0x8000000000000000,
                             0xffffffffffffffff,
                             0x0123456789abcdef };

struct piece {
    const char *bytes;
    unsigned len;
};
#define PIECE(bytes)                                                                                                   \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1                                                                                       \
    }

/* First operand RAX or the memory at RBX, second RCX or an immediate. */
static const struct piece setters[] = {
    PIECE("\x38\xc8"),                         /* cmp al, cl */
    PIECE("\x66\x39\xc8"),                     /* cmp ax, cx */
    PIECE("\x39\xc8"),                         /* cmp eax, ecx */
    PIECE("\x48\x39\xc8"),                     /* cmp rax, rcx */
    PIECE("\x3c\x80"),                         /* cmp al, 0x80 */
    PIECE("\x66\x83\xf8\x01"),                 /* cmp ax, 1 */
    PIECE("\x83\xf8\xff"),                     /* cmp eax, -1 */
    PIECE("\x48\x83\xf8\x7f"),                 /* cmp rax, 127 */
    PIECE("\x84\xc0"),                         /* test al, al */
    PIECE("\x66\x85\xc8"),                     /* test ax, cx */
    PIECE("\x85\xc8"),                         /* test eax, ecx */
    PIECE("\x48\x85\xc0"),                     /* test rax, rax */
    PIECE("\xa8\x80"),                         /* test al, 0x80 */
    PIECE("\xa9\x00\x00\x00\x80"),             /* test eax, 0x80000000 */
    PIECE("\x48\xa9\x01\x00\x00\x80"),         /* test rax, 0xffffffff80000001 */
    PIECE("\x01\xc8"),                         /* add eax, ecx */
    PIECE("\x48\x01\xc8"),                     /* add rax, rcx */
    PIECE("\x83\xc0\x01"),                     /* add eax, 1 */
    PIECE("\x48\x83\xc0\xff"),                 /* add rax, -1 */
    PIECE("\x29\xc8"),                         /* sub eax, ecx */
    PIECE("\x48\x29\xc8"),                     /* sub rax, rcx */
    PIECE("\x83\xe8\x01"),                     /* sub eax, 1 */
    PIECE("\x48\x83\xe8\x80"),                 /* sub rax, -128 */
    PIECE("\x21\xc8"),                         /* and eax, ecx */
    PIECE("\x48\x21\xc8"),                     /* and rax, rcx */
    PIECE("\x83\xe0\x80"),                     /* and eax, 0xffffff80 */
    PIECE("\x48\x83\xe0\x0f"),                 /* and rax, 15 */
    PIECE("\xff\xc0"),                         /* inc eax */
    PIECE("\x48\xff\xc0"),                     /* inc rax */
    PIECE("\xff\xc8"),                         /* dec eax */
    PIECE("\x48\xff\xc8"),                     /* dec rax */
    PIECE("\x3a\x43\x10"),                     /* cmp al, [rbx+16] */
    PIECE("\x3b\x43\x10"),                     /* cmp eax, [rbx+16] */
    PIECE("\x48\x3b\x43\x10"),                 /* cmp rax, [rbx+16] */
    PIECE("\x3b\x04\x13"),                     /* cmp eax, [rbx+rdx] */
    PIECE("\x48\x3b\x04\x13"),                 /* cmp rax, [rbx+rdx] */
    PIECE("\x38\x43\x10"),                     /* cmp [rbx+16], al */
    PIECE("\x39\x43\x10"),                     /* cmp [rbx+16], eax */
    PIECE("\x48\x39\x43\x10"),                 /* cmp [rbx+16], rax */
    PIECE("\x80\x7b\x10\x00"),                 /* cmp byte [rbx+16], 0 */
    PIECE("\x83\x7b\x10\x80"),                 /* cmp dword [rbx+16], -128 */
    PIECE("\x48\x83\x7b\x10\x01"),             /* cmp qword [rbx+16], 1 */
    PIECE("\x80\x3c\x13\xff"),                 /* cmp byte [rbx+rdx], 255 */
    PIECE("\x83\x3c\x13\x01"),                 /* cmp dword [rbx+rdx], 1 */
    PIECE("\xf6\x43\x10\x80"),                 /* test byte [rbx+16], 0x80 */
    PIECE("\xf7\x43\x10\x00\x00\x00\x80"),     /* test dword [rbx+16], 0x80000000 */
    PIECE("\x48\xf7\x43\x10\x01\x00\x00\x80"), /* test qword [rbx+16], … */
};

/* What is done to RAX without flags, when CMP RSI, RDI follows. */
static const struct piece quiets[] = {
    PIECE("\x01\xc8"),                     /* add eax, ecx */
    PIECE("\x48\x01\xc8"),                 /* add rax, rcx */
    PIECE("\x83\xc0\x81"),                 /* add eax, -127 */
    PIECE("\x48\x05\xff\xff\xff\x7f"),     /* add rax, 0x7fffffff */
    PIECE("\x29\xc8"),                     /* sub eax, ecx */
    PIECE("\x48\x29\xc8"),                 /* sub rax, rcx */
    PIECE("\x48\x83\xe8\xff"),             /* sub rax, -1 */
    PIECE("\x21\xc8"),                     /* and eax, ecx */
    PIECE("\x48\x25\x00\x00\x00\x80"),     /* and rax, … */
    PIECE("\x09\xc8"),                     /* or eax, ecx */
    PIECE("\x48\x83\xc8\x80"),             /* or rax, -128 */
    PIECE("\x31\xc8"),                     /* xor eax, ecx */
    PIECE("\x48\x31\xc8"),                 /* xor rax, rcx */
    PIECE("\x48\x83\xf0\x01"),             /* xor rax, 1 */
    PIECE("\xc1\xe0\x07"),                 /* shl eax, 7 */
    PIECE("\x48\xc1\xe0\x3f"),             /* shl rax, 63 */
    PIECE("\x48\xc1\xe0\x40"),             /* shl rax, 64: nothing */
    PIECE("\xd1\xe8"),                     /* shr eax, 1 */
    PIECE("\xc1\xe8\x20"),                 /* shr eax, 32: nothing, but for the upper half */
    PIECE("\x48\xc1\xe8\x21"),             /* shr rax, 33 */
    PIECE("\xc1\xf8\x1f"),                 /* sar eax, 31 */
    PIECE("\x48\xc1\xf8\x05"),             /* sar rax, 5 */
    PIECE("\xc1\xc0\x07"),                 /* rol eax, 7 */
    PIECE("\x48\xc1\xc0\x21"),             /* rol rax, 33 */
    PIECE("\xc1\xc8\x20"),                 /* ror eax, 32: nothing, but for the upper half */
    PIECE("\x48\xc1\xc8\x01"),             /* ror rax, 1 */
    PIECE("\x0f\xaf\xc1"),                 /* imul eax, ecx */
    PIECE("\x48\x0f\xaf\xc0"),             /* imul rax, rax */
    PIECE("\x6b\xc1\x81"),                 /* imul eax, ecx, -127 */
    PIECE("\x48\x69\xc1\xff\xff\xff\x7f"), /* imul rax, rcx, 0x7fffffff */
    PIECE("\x89\xc8"),                     /* mov eax, ecx */
    PIECE("\x48\x89\xc8"),                 /* mov rax, rcx */
    PIECE("\xb8\xff\xff\xff\xff"),         /* mov eax, 0xffffffff */
    PIECE("\x48\x8d\x40\x81"),             /* lea rax, [rax-127] */
    PIECE("\x48\x8d\x44\x88\x7f"),         /* lea rax, [rax+rcx*4+127] */
};

/* What may stand between an instruction and the one that hides its flags; INC and DEC keep CF. */
static const struct piece between[] = {
    PIECE("\x89\xc2"),     /* mov edx, eax */
    PIECE("\xb2\x01"),     /* mov dl, 1 */
    PIECE("\x0f\xb6\xd0"), /* movzx edx, al */
    PIECE("\x48\x63\xd0"), /* movsxd rdx, eax */
    PIECE("\xf7\xd2"),     /* not edx */
    PIECE("\xff\xc2"),     /* inc edx */
    PIECE("\xff\xca"),     /* dec edx */
    PIECE("\xc0\xe2\x00"), /* shl dl, 0 */
    PIECE("\x66\xd3\xc2"), /* rol dx, cl */
};

struct outcome {
    u64 rax, r8;
    u32 flags;
};

static struct outcome run(struct bench *b, const u8 *code, size_t len, u64 x, u64 y, u32 flags)
{
    struct cpu *c = b->cpu;
    c->r[RAX] = x;
    c->r[RCX] = c->r[RSI] = y;
    c->r[RDI] = x;
    c->r[RBX] = BENCH_DATA;
    c->r[RDX] = 16;
    c->r[R8] = 0;
    bench_put(b, BENCH_DATA + 16, y, 8);
    cpu_set_eflags(c, flags, FL_ARITH);
    bench_run(b, code, len);
    assert_int_equal(b->vector, -1);
    return (struct outcome){ c->r[RAX], c->r[R8], flags_arith(c) };
}

static size_t put(u8 *code, size_t at, const char *bytes, size_t len)
{
    memcpy(code + at, bytes, len);
    return at + len;
}

/* FIRST, perhaps the XCHG, SECOND, and what shows the way that was taken. */
static size_t assemble(u8 *code, const struct piece *first, bool apart, const char *second, size_t len)
{
    size_t at = put(code, 0, first->bytes, first->len);
    if (apart)
        at = put(code, at, "\x48\x87\xd2", 3); /* xchg rdx, rdx: no part of any pair */
    at = put(code, at, second, len);
    at = put(code, at, "\x49\x83\xc8\x01", 4); /* or r8, 1 */
    return put(code, at, "\xf4", 1);
}

static void equal_outcomes(struct bench *b, const u8 *together, size_t n, const u8 *apart, size_t m, u64 x, u64 y)
{
    u32 flags = (x ^ y) & 1 ? FL_ARITH : 0;
    struct outcome t = run(b, together, n, x, y, flags);
    struct outcome a = run(b, apart, m, x, y, flags);
    assert_int_equal(t.rax, a.rax);
    assert_int_equal(t.r8, a.r8);
    assert_int_equal(t.flags, a.flags);
}

static void compare(struct bench *b, const struct piece *first, const char *second, size_t len)
{
    u8 together[32], apart[32];
    size_t n = assemble(together, first, false, second, len), m = assemble(apart, first, true, second, len);
    for (unsigned i = 0; i < ARRAY_LEN(edges); i++)
        for (unsigned j = 0; j < ARRAY_LEN(edges); j++)
            equal_outcomes(b, together, n, apart, m, edges[i], edges[j]);
}

static void test_flags_and_branch(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < ARRAY_LEN(setters); i++)
        for (unsigned cc = 0; cc < 16; cc++) {
            char branch[] = { (char)(0x70 + cc), 1, (char)0xf4 }; /* jcc +1; hlt */
            compare(b, &setters[i], branch, sizeof branch);
        }
    bench_free(b);
    (void)state;
}

static void test_flags_that_nobody_sees(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < ARRAY_LEN(quiets); i++)
        compare(b, &quiets[i], "\x48\x39\xfe\x0f\x92\xc3", 6); /* cmp rsi, rdi; setb bl */
    bench_free(b);
    (void)state;
}

/* FIRST, SECOND, perhaps with NOPs in between, and CMP RSI, RDI; SETB BL. */
static size_t assemble_three(u8 *code, const struct piece *first, const struct piece *second, bool apart)
{
    size_t at = put(code, 0, first->bytes, first->len);
    if (apart)
        at = put(code, at, "\x48\x87\xd2", 3); /* xchg rdx, rdx: no part of any pair */
    at = put(code, at, second->bytes, second->len);
    if (apart)
        at = put(code, at, "\x48\x87\xd2", 3); /* xchg rdx, rdx: no part of any pair */
    at = put(code, at, "\x48\x39\xfe\x0f\x92\xc3", 6);
    return put(code, at, "\xf4", 1);
}

static void compare_three(struct bench *b, const struct piece *first, const struct piece *second)
{
    u8 together[32], apart[32];
    size_t n = assemble_three(together, first, second, false), m = assemble_three(apart, first, second, true);
    for (unsigned i = 0; i < ARRAY_LEN(edges); i += 3)
        equal_outcomes(b, together, n, apart, m, edges[i], edges[ARRAY_LEN(edges) - 1 - i]);
}

static void test_pairs_without_flags(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < ARRAY_LEN(quiets); i++) {
        for (unsigned j = 0; j < ARRAY_LEN(quiets); j++)
            compare_three(b, &quiets[i], &quiets[j]);
        for (unsigned j = 0; j < ARRAY_LEN(between); j++)
            compare_three(b, &quiets[i], &between[j]);
    }
    bench_free(b);
    (void)state;
}

/* ADC, SETcc and an instruction that may fault see the flags: they are not left out. */
static void test_flags_that_somebody_sees(void **state)
{
    static const struct piece readers[] = {
        PIECE("\x83\xd2\x00"),             /* adc edx, 0 */
        PIECE("\x0f\x92\xc2"),             /* setb dl */
        PIECE("\x9c\x5a"),                 /* pushfq; pop rdx */
        PIECE("\x89\xc2\x0f\x42\xd1"),     /* mov edx, eax; cmovb edx, ecx */
        PIECE("\xff\xc2\x83\xd2\x00"),     /* inc edx; adc edx, 0 */
        PIECE("\xd3\xea\x0f\x94\xc2"),     /* shr edx, cl; setz dl */
        PIECE("\xc1\xea\x20\x0f\x94\xc2"), /* shr edx, 32; setz dl */
    };
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < ARRAY_LEN(quiets); i++)
        for (unsigned j = 0; j < ARRAY_LEN(readers); j++) {
            u8 together[32], apart[32];
            size_t n = assemble_three(together, &quiets[i], &readers[j], false);
            size_t m = assemble_three(apart, &quiets[i], &readers[j], true);
            for (unsigned k = 0; k < ARRAY_LEN(edges); k++) {
                run(b, together, n, edges[k], edges[15 - k], 0);
                u64 seen = b->cpu->r[RDX];
                run(b, apart, m, edges[k], edges[15 - k], 0);
                assert_int_equal(seen, b->cpu->r[RDX]);
            }
        }
    bench_free(b);
    (void)state;
}

/* ---- runs of PUSH and POP ---- */

#define RUN_LOWER 0x50000u /* a page that is there or not, below the stack's */
#define RUN_UPPER 0x51000u
#define RUN_LONGEST 8u

static void map_lower(struct bench *b, bool there)
{
    bench_put(b, BENCH_PTE(RUN_LOWER >> 12), RUN_LOWER | (there ? 7 : 6), 8);
    tlb_flush_all(b->cpu);
}

static void registers_are(struct cpu *c, u64 seed)
{
    for (unsigned r = 0; r < 16; r++)
        c->r[r] = seed * (r + 1);
}

/* PUSH or POP of RAX, RCX, RDX, RBX, RBP, RSI, RDI, R8 ..., then HLT. */
static size_t assemble_run(u8 *code, u8 opcode, unsigned n)
{
    static const u8 regs[RUN_LONGEST - 1] = { RAX, RCX, RDX, RBX, RBP, RSI, RDI };
    size_t at = 0;
    for (unsigned i = 0; i < n; i++)
        if (i < RUN_LONGEST - 1) {
            code[at++] = (u8)(opcode + regs[i]);
        } else {
            code[at++] = 0x41;
            code[at++] = opcode;
        }
    code[at++] = 0xf4;
    return at;
}

/* Every length, every place of the end of a page in it: what was pushed before the fault is there, and nothing else. */
static void test_runs_of_push(void **state)
{
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    u8 code[2 * RUN_LONGEST];
    for (unsigned n = 1; n <= RUN_LONGEST; n++)
        for (unsigned room = 0; room <= n; room++)
            for (unsigned there = 0; there < 2; there++) {
                bench_reset(b);
                map_lower(b, there);
                memset(b->m + RUN_LOWER, 0, 2 * PAGE_SIZE);
                registers_are(c, 0x0102030405060708);
                u64 first = c->r[RAX], second = c->r[RCX];
                c->r[RSP] = RUN_UPPER + 8 * room;
                bench_run(b, code, assemble_run(code, 0x50, n));
                bool faults = !there && room < n;
                assert_int_equal(b->vector, faults ? EXC_PF : EXC_GP); /* HLT at level 3 */
                assert_int_equal(b->frame_sp, RUN_UPPER + 8 * room - 8 * (faults ? room : n));
                assert_int_equal(b->frame_ip, BENCH_CODE + (faults ? room : n + (n == RUN_LONGEST)));
                if (room > 0)
                    assert_int_equal(bench_get(b, RUN_UPPER + 8 * room - 8, 8), first);
                if (room > 1 && n > 1)
                    assert_int_equal(bench_get(b, RUN_UPPER + 8 * room - 16, 8), second);
                for (unsigned i = n; i < 2 * RUN_LONGEST; i++)
                    assert_int_equal(bench_get(b, RUN_UPPER + 8 * room - 8 * (i + 1), 8), 0);
            }
    bench_free(b);
    (void)state;
}

static void test_runs_of_pop(void **state)
{
    static const u8 order[RUN_LONGEST] = { RAX, RCX, RDX, RBX, RBP, RSI, RDI, R8 };
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    u8 code[2 * RUN_LONGEST];
    for (unsigned n = 1; n <= RUN_LONGEST; n++)
        for (unsigned low = 0; low <= n; low++) /* slots in the lower page */
            for (unsigned there = 0; there < 2; there++) {
                bench_reset(b);
                map_lower(b, there);
                registers_are(c, 3);
                c->r[RSP] = RUN_UPPER - 8 * low;
                for (unsigned i = 0; i < n; i++)
                    bench_put(b, (u32)c->r[RSP] + 8 * i, 100 + i, 8);
                bench_run(b, code, assemble_run(code, 0x58, n));
                bool faults = !there && low;
                assert_int_equal(b->vector, faults ? EXC_PF : EXC_GP);
                assert_int_equal(b->frame_sp, RUN_UPPER - 8 * low + (faults ? 0 : 8 * n));
                for (unsigned i = 0; i < RUN_LONGEST; i++)
                    assert_int_equal(c->r[order[i]], faults || i >= n ? 3u * (order[i] + 1) : 100 + i);
            }
    bench_free(b);
    (void)state;
}

/* POPs and RET: first to themselves, which the processor knows, then to a HLT that it has not met, or to no address. */
static void test_pops_and_ret(void **state)
{
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    u8 code[64];
    for (unsigned n = 1; n <= RUN_LONGEST; n++)
        for (unsigned wrong = 0; wrong < 2; wrong++) {
            size_t at = assemble_run(code, 0x58, n);
            code[at - 1] = 0xc3; /* ret */
            code[at] = 0xf4;
            u64 target = wrong ? (u64)1 << 63 : BENCH_CODE + at;
            bench_reset(b);
            map_lower(b, true);
            c->r[RSP] = RUN_LOWER;
            for (unsigned i = 0; i < 2 * n + 2; i++)
                bench_put(b, RUN_LOWER + 8 * i, i == n ? BENCH_CODE : 7 + i, 8);
            bench_put(b, RUN_LOWER + 8 * (2 * n + 1), target, 8);
            bench_run(b, code, at + 1);
            assert_int_equal(b->vector, EXC_GP);
            assert_int_equal(b->frame_ip, wrong ? BENCH_CODE + at - 1 : target);
            assert_int_equal(b->frame_sp, RUN_LOWER + 8 * (2 * n + (wrong ? 1 : 2)));
            assert_int_equal(c->r[RAX], 7 + n + 1);
        }
    bench_free(b);
    (void)state;
}

/* The pair's load faults: the flags are those from before, and RIP is the load's. */
static void test_a_pair_that_faults_changes_nothing(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RBX] = BENCH_RAM - 16; /* [rbx+16] is not mapped */
    cpu_set_eflags(c, FL_CF | FL_OF, FL_ARITH);
    bench_run(b, CODE("\x48\x3b\x43\x10\x74\x01\x90\xf4"));
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    assert_int_equal(b->frame_flags & FL_ARITH, FL_CF | FL_OF);
    bench_free(b);
    (void)state;
}

/* The instruction before a load that faults keeps its flags, whatever comes behind. */
static void test_flags_before_a_fault_are_there(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RBX] = BENCH_RAM - 16;
    c->r[RAX] = UINT64_MAX;
    bench_run(b, CODE("\x48\x83\xc0\x01\x48\x3b\x43\x10\x74\x01\x90\xf4")); /* add rax, 1; cmp rax, [rbx+16]; je */
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->frame_flags & FL_ARITH, FL_CF | FL_ZF | FL_PF | FL_AF);
    bench_free(b);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags_and_branch),
        cmocka_unit_test(test_flags_that_nobody_sees),
        cmocka_unit_test(test_pairs_without_flags),
        cmocka_unit_test(test_flags_that_somebody_sees),
        cmocka_unit_test(test_runs_of_push),
        cmocka_unit_test(test_runs_of_pop),
        cmocka_unit_test(test_pops_and_ret),
        cmocka_unit_test(test_a_pair_that_faults_changes_nothing),
        cmocka_unit_test(test_flags_before_a_fault_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
