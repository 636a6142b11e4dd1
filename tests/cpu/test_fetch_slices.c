/* History does not depend on how long the processor runs at a time, also where page tables change under running code
 * and nothing tells the TLB (SDM vol. 3, 4.10.2 and 4.10.4.1): when an entry is replaced by another page's or dropped
 * by a page fault is the guest's doing alone. */
#include "harness.h"

#define CODE_P 0x40000u                             /* linear; physical at first */
#define OTHER_P 0x50000u                            /* physical, later */
#define CODE_Q (CODE_P + FETCH_ENTRIES * PAGE_SIZE) /* linear */
#define CODE_Q_P 0x240000u
#define HANDLER 0x30000u
#define P_BITS 0x7u
#define LARGE_BIT 0x80u
#define LARGE_PAGE 0x200000u
#define BENCH_PDE(linear) (BENCH_PML4 + 0x2000u + (linear) / LARGE_PAGE * 8)
#define BYTES4(v) (u8)(v), (u8)((v) >> 8), (u8)((v) >> 16), (u8)((v) >> 24)

struct outcome {
    u64 r[16], count, entry;
};

static void put(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

static struct outcome run_in_slices(struct bench *b, const u8 *code, size_t len, u64 slice)
{
    struct cpu *c = b->cpu;
    struct outcome o;
    u64 before = cpu_icount(c);
    put(b, BENCH_CODE, code, len);
    c->rip = BENCH_CODE;
    while (c->activity == ACT_RUNNING && cpu_icount(c) - before < b->limit)
        cpu_run(c, slice);
    assert_true(cpu_is_halted(c));
    memcpy(o.r, c->r, sizeof o.r);
    o.count = cpu_icount(c) - before;
    o.entry = bench_get(b, BENCH_PTE(CODE_P >> PAGE_SHIFT), 8);
    return o;
}

static void in_any_slices(struct outcome (*run)(u64 slice))
{
    static const u64 slices[] = { 1, 2, 3, 7, 10, 1000 };
    struct outcome first = run(100000);
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++) {
        struct outcome o = run(slices[i]);
        assert_memory_equal(&o, &first, sizeof o);
    }
}

/* Calls P, Q, whose entry takes P's place, and P, whose page table entry is another each time. */
static struct outcome run_replaced(u64 slice)
{
    const u32 entry = BENCH_PTE(CODE_P >> PAGE_SHIFT);
    const u8 code[] = {
        0xb9,
        BYTES4(40), /* mov ecx, 40 */
        0xb8,
        BYTES4(CODE_P),
        0xff,
        0xd0,
        0xff,
        0xd0, /* mov eax, P; call rax; call rax */
        0xba,
        BYTES4(CODE_Q),
        0xff,
        0xd2, /* mov edx, Q; call rdx */
        0x81,
        0x34,
        0x25,
        BYTES4(entry),
        BYTES4(0x10000), /* xor dword [entry], 10000 */
        0xff,
        0xd0, /* call rax */
        0x80,
        0x24,
        0x25,
        BYTES4(entry),
        0xdf, /* and byte [entry], ~A */
        0xff,
        0xd2,
        0xff,
        0xd0,
        0xff,
        0xd0 /* call rdx; call rax; call rax */,
        0xff,
        0xc9,
        0x75,
        0xd2,
        0xf4 /* dec ecx; jnz; hlt */
    };
    struct bench *b = bench_new(BENCH_64);
    put(b, CODE_P, CODE("\x83\xc3\x01\xc3"));              /* add ebx, 1; ret */
    put(b, OTHER_P, CODE("\x81\xc3\x00\x10\x00\x00\xc3")); /* add ebx, 1000; ret */
    put(b, CODE_Q_P, CODE("\x83\xc6\x01\xc3"));            /* add esi, 1; ret */
    bench_put(b, BENCH_PDE(CODE_Q), (CODE_Q_P & ~(LARGE_PAGE - 1)) | P_BITS | LARGE_BIT, 8);
    struct outcome o = run_in_slices(b, code, sizeof code, slice);
    assert_int_equal(o.r[RSI] - 0, 80);
    assert_true(o.r[RBX] > 0x1000 && (o.r[RBX] & 0xfff));
    bench_free(b);
    return o;
}

static void test_replaced(void **state)
{
    (void)state;
    in_any_slices(run_replaced);
}

/* Code writes to its own page, which may be read only; the handler puts another one in its place. */
static struct outcome run_faulting(u64 slice)
{
    const u32 entry = BENCH_PTE(CODE_P >> PAGE_SHIFT);
    const u8 code[] = { 0xb8, BYTES4(CODE_P), 0xff, 0xd0, 0xff, 0xd0, 0xf4 }; /* mov eax, P; call rax; call rax; hlt */
    const u8 handler[] = { 0xc7, 0x04, 0x25, BYTES4(entry), BYTES4(OTHER_P | P_BITS), /* mov dword [entry], other */
                           0x48, 0x83, 0xc4, 0x08,          0x48,
                           0xcf }; /* add rsp, 8; iretq */
    struct bench *b = bench_new(BENCH_64);
    b->cpu->cr0 |= CR0_WP;
    bench_put(b, entry, CODE_P | (P_BITS & ~2u), 8);
    tlb_flush_all(b->cpu);
    bench_gate(b, EXC_PF, SEL_CODE64, HANDLER, SYS_INT32, 0, 0);
    put(b, HANDLER, handler, sizeof handler);
    put(b, CODE_P, CODE("\x88\x88\x00\x08\x00\x00\x83\xc3\x01\xc3")); /* mov [rax + 800], cl; add ebx, 1; ret */
    put(b, OTHER_P, CODE("\x88\x88\x00\x08\x00\x00\x83\xc3\x40\xc3"));
    struct outcome o = run_in_slices(b, code, sizeof code, slice);
    assert_int_equal(o.r[RBX], 0x80); /* all that ran through was the other page's */
    bench_free(b);
    return o;
}

static void test_faulting(void **state)
{
    (void)state;
    in_any_slices(run_faulting);
}

/* P's entry changes, and then what should tell the TLB: what P does shows whether it did. */
enum told { BY_CR3, BY_CR3_GLOBAL, BY_INVLPG, BY_INVLPG_ELSEWHERE };

static void put_change(struct bench *b, u32 at, enum told told)
{
    const u8 change[] = { 0x81, 0x34, 0x25, BYTES4(BENCH_PTE(CODE_P >> PAGE_SHIFT)), BYTES4(0x10000) }; /* xor */
    put(b, at, change, sizeof change);
    at += sizeof change;
    if (told == BY_CR3 || told == BY_CR3_GLOBAL)
        put(b, at, CODE("\x0f\x20\xd8\x0f\x22\xd8")); /* mov rax, cr3; mov cr3, rax */
    else if (told == BY_INVLPG)
        put(b, at, CODE("\x0f\x01\x3b\x0f\x1f\x00")); /* invlpg [rbx]; nop */
    else
        put(b, at, CODE("\x0f\x01\x3f\x0f\x1f\x00")); /* invlpg [rdi]; nop */
    put(b, at + 6, CODE("\x48\xcf"));                 /* iretq */
}

/* Calls P, changes it, calls P again, 40 times, at level 0 or 3. */
static u64 run_told(enum bench_mode mode, enum told told, u64 slice)
{
    const u8 code[] = { 0xb9, BYTES4(40), 0xbb, BYTES4(CODE_P), 0xbf, BYTES4(CODE_P + PAGE_SIZE), /* ecx, ebx, edi */
                        0xff, 0xd3,       0xcd, 0x80,           0xff, 0xd3, /* call rbx; int 80; call rbx */
                        0xff, 0xc9,       0x75, 0xf6,           0xcd, 0x81 /* dec ecx; jnz; int 81 */ };
    struct bench *b = bench_new(mode);
    u64 global = told == BY_CR3_GLOBAL ? 0x100 : 0;
    b->cpu->cr4 |= CR4_PGE;
    bench_put(b, BENCH_PTE(CODE_P >> PAGE_SHIFT), CODE_P | P_BITS | global, 8);
    tlb_flush_all(b->cpu);
    bench_gate(b, 0x80, SEL_CODE64, HANDLER, SYS_INT32, 3, 0);
    put_change(b, HANDLER, told);
    put(b, CODE_P, CODE("\x83\xc6\x01\xc3"));              /* add esi, 1; ret */
    put(b, OTHER_P, CODE("\x81\xc6\x00\x10\x00\x00\xc3")); /* add esi, 1000; ret */
    struct outcome o = run_in_slices(b, code, sizeof code, slice);
    bench_free(b);
    return o.r[RSI];
}

static void test_told(void **state)
{
    static const u64 slices[] = { 1, 2, 7, 1000, 100000 }, want[] = { 40 * 0x1001, 80, 40 * 0x1001, 80 };
    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++)
        for (enum told told = BY_CR3; told <= BY_INVLPG_ELSEWHERE; told++) {
            assert_int_equal(run_told(BENCH_64, told, slices[i]), want[told]);
            assert_int_equal(run_told(BENCH_64U, told, slices[i]), want[told]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_faulting),
        cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
