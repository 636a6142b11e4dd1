/* Fetching: instructions that are too long, that lie across two pages or at a segment's end, code segments whose base
 * is not page-aligned, and the instruction pointer's wrap-around. */
#include "block.h"
#include "flags.h"
#include "harness.h"

#define ALL_RIGHTS 7u

static void put_code(struct bench *b, u32 at, const void *code, size_t len)
{
    const u8 *p = code;
    for (u32 i = 0; i < len; i++)
        bench_put(b, at + i, p[i], 1);
}

static void run_at(struct bench *b, u64 rip)
{
    b->cpu->rip = rip;
    b->cpu->activity = ACT_RUNNING;
    cpu_update_mode(b->cpu);
    bench_continue(b);
}

static void map_page(struct bench *b, u32 page, u64 entry)
{
    bench_put(b, BENCH_PTE(page), entry, 8);
    tlb_flush_all(b->cpu);
}

/* ---- 15 bytes at most (SDM vol. 2, 2.3.11) ---- */

static void test_length_limit(void **state)
{
    (void)state;
    static const struct {
        const char *tail;
        unsigned len;
    } insns[] = { { "\x90", 1 },
                  { "\x01\xd8", 2 },
                  { "\x81\xc3\x01\x00\x00\x00", 6 },
                  { "\x0f\xb6\xc0", 3 },
                  { "\x0f\x38\x00\xc1", 4 } };
    for (unsigned mode = 0; mode < 2; mode++) {
        struct bench *b = bench_new(mode ? BENCH_64 : BENCH_32);
        for (size_t i = 0; i < ARRAY_LEN(insns); i++)
            for (unsigned total = 14; total <= 17; total++) {
                u8 code[20];
                memset(code, 0x3e, sizeof code);
                memcpy(code + total - insns[i].len, insns[i].tail, insns[i].len);
                code[total] = 0xf4;
                bench_reset(b);
                bench_run(b, code, total + 1);
                assert_int_equal(b->vector, total <= 15 ? -1 : EXC_GP);
                if (total > 15) {
                    assert_int_equal(b->error, 0);
                    assert_int_equal(b->frame_ip, BENCH_CODE);
                }
            }
        bench_free(b);
    }
}

/* Sixteen prefixes up to a page's end: the fault is the length, whatever follows; fifteen and fewer need the next page.
 */
static void test_length_limit_at_page(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (u32 n = 13; n < 18; n++) {
        u8 code[20];
        memset(code, 0x66, sizeof code);
        bench_reset(b);
        put_code(b, 0x41000 - n, code, n);
        map_page(b, 0x41, 0);
        run_at(b, 0x41000 - n);
        assert_int_equal(b->vector, n > 15 ? EXC_GP : EXC_PF);
        assert_int_equal(b->frame_ip, 0x41000 - n);
        if (n <= 15)
            assert_int_equal(b->cpu->cr2, 0x41000);
    }
    bench_free(b);
}

/* ---- across two pages ---- */

static const u8 movabs[] = {
    0x48, 0xb8, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x78, 0xf4
}; /* mov rax, imm64; hlt */

static void test_second_page_missing(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (u32 n = 1; n < 10; n++) {
        bench_reset(b);
        put_code(b, 0x41000 - n, movabs, sizeof movabs);
        b->cpu->r[RAX] = 5;
        map_page(b, 0x41, 0);
        run_at(b, 0x41000 - n);
        assert_int_equal(b->vector, EXC_PF);
        assert_int_equal(b->error, 0x10); /* a fetch (NXE is set), not present */
        assert_int_equal(b->cpu->cr2, 0x41000);
        assert_int_equal(b->frame_ip, 0x41000 - n);
        assert_int_equal(b->cpu->r[RAX], 5);
        map_page(b, 0x41, 0x41000 | ALL_RIGHTS); /* mended: it runs */
        b->cpu->r[RSP] = BENCH_STACK;
        run_at(b, 0x41000 - n);
        assert_int_equal(b->vector, -1);
        assert_int_equal(b->cpu->r[RAX], 0x7877665544332211);
    }
    bench_free(b);
}

/* What ends at the page's end needs no other page; nor does an opcode that is known to be illegal there. */
static void test_second_page_not_needed(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    map_page(b, 0x41, 0);
    put_code(b, 0x41000 - 3, "\xff\xc0\xf4", 3); /* inc eax; hlt */
    run_at(b, 0x41000 - 3);
    assert_int_equal(b->vector, -1);
    put_code(b, 0x41000 - 2, "\x0f\x0b", 2); /* ud2 */
    run_at(b, 0x41000 - 2);
    assert_int_equal(b->vector, EXC_UD);
    b->cpu->r[RSP] = BENCH_STACK;
    put_code(b, 0x41000 - 1, "\x06", 1); /* push es: not in 64-bit mode */
    run_at(b, 0x41000 - 1);
    assert_int_equal(b->vector, EXC_UD);
    b->cpu->r[RSP] = BENCH_STACK;
    put_code(b, 0x41000 - 4, "\x75\x02\xeb\xfc", 4); /* jnz +2 (not taken: ZF); jmp back: branches at the end */
    b->limit = 1000;
    cpu_set_eflags(b->cpu, FL_ZF, FL_ZF);
    run_at(b, 0x41000 - 4);
    assert_int_equal(b->vector, -2);
    b->limit = 100000;
    put_code(b, 0x41000 - 2, "\x90\x90", 2); /* but going on does */
    run_at(b, 0x41000 - 2);
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->frame_ip, 0x41000);
    assert_int_equal(b->cpu->cr2, 0x41000);
    bench_free(b);
}

/* The second page is another one later: the cached instruction must not be used. */
static void test_second_page_changes(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (u32 n = 1; n < 10; n++) {
        put_code(b, 0x41000 - n, movabs, n);
        for (u32 page = 0x41; page < 0x43; page++) {
            put_code(b, page << 12, movabs + n, sizeof movabs - n);
            bench_put(b, (page << 12) + 10 - n - 1, 0x70 + page, 1); /* the last byte of the immediate */
        }
        for (u32 round = 0; round < 4; round++) { /* nothing is written from here on: only the mapping changes */
            u32 page = 0x41 + (round & 1);
            map_page(b, 0x41, page << 12 | ALL_RIGHTS);
            run_at(b, 0x41000 - n);
            assert_int_equal(b->vector, -1);
            assert_int_equal(b->cpu->r[RAX] >> 56, 0x70 + page);
        }
    }
    map_page(b, 0x41, 0x41000 | ALL_RIGHTS | BIT64(63)); /* no execution there */
    run_at(b, 0x41000 - 4);
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->error, 0x11);
    assert_int_equal(b->cpu->cr2, 0x41000);
    bench_free(b);
}

/* ---- the end of the code segment (SDM vol. 3, 5.3) ---- */

static void set_code_segment(struct bench *b, u32 base, u32 limit, bool bits32)
{
    struct seg *cs = &b->cpu->seg[CS];
    cs->base = base;
    cs->limit = limit;
    cs->attr = (cs->attr & ~DESC_DB) | (bits32 ? DESC_DB : 0);
    seg_derive(cs, true);
    cpu_update_mode(b->cpu);
}

static void test_limit(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    static const u8 code[] = { 0x90, 0xb8, 1, 2, 3, 4, 0xf4 }; /* nop; mov eax, imm32; hlt at 10006 */
    for (u32 limit = 0x10000; limit < 0x10008; limit++) {
        bench_reset(b);
        b->cpu->r[RAX] = 0;
        put_code(b, BENCH_CODE, code, sizeof code);
        set_code_segment(b, 0, limit, true);
        run_at(b, BENCH_CODE);
        if (limit >= 0x10006) {
            assert_int_equal(b->vector, -1);
            continue;
        }
        assert_int_equal(b->vector, EXC_GP);
        assert_int_equal(b->error, 0);
        assert_int_equal(b->frame_ip, limit == 0x10005 ? 0x10006 : 0x10001);
        assert_int_equal(b->cpu->r[RAX], limit == 0x10005 ? 0x04030201 : 0);
    }
    bench_free(b);
}

/* The limit is a page's end: falling off it faults at the next instruction, after the last one has been done. */
static void test_limit_at_page_end(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    for (unsigned round = 0; round < 3; round++) {
        bench_reset(b);
        b->cpu->r[RAX] = 0;
        put_code(b, 0x41000 - 3, "\x40\x40\x40\x40\xf4", 5); /* inc eax three times, and beyond */
        set_code_segment(b, 0, 0x40fff, true);
        if (round == 1)
            cpu_set_eflags(b->cpu, FL_RF, FL_RF); /* in blocks of one */
        run_at(b, 0x41000 - 3);
        assert_int_equal(b->vector, EXC_GP);
        assert_int_equal(b->frame_ip, 0x41000);
        assert_int_equal(b->cpu->r[RAX], 3);
    }
    bench_reset(b); /* a branch not taken, likewise */
    put_code(b, 0x41000 - 2, "\x75\x10", 2);
    set_code_segment(b, 0, 0x40fff, true);
    cpu_set_eflags(b->cpu, FL_ZF, FL_ZF);
    run_at(b, 0x41000 - 2);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->frame_ip, 0x41000);
    bench_reset(b); /* taken to beyond the limit: the branch faults */
    put_code(b, 0x41000 - 2, "\x74\x10", 2);
    set_code_segment(b, 0, 0x40fff, true);
    cpu_set_eflags(b->cpu, FL_ZF, FL_ZF);
    run_at(b, 0x41000 - 2);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->frame_ip, 0x41000 - 2);
    bench_free(b);
}

/* In 64-bit mode the end is that of the canonical addresses. */
static void test_canonical_end(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 page = 0x7ffffffff000;
    bench_put(b, BENCH_PML4 + 255 * 8, 0x200000 | ALL_RIGHTS, 8);
    bench_put(b, 0x200000 + 511 * 8, 0x201000 | ALL_RIGHTS, 8);
    bench_put(b, 0x201000 + 511 * 8, 0x202000 | ALL_RIGHTS, 8);
    bench_put(b, 0x202000 + 511 * 8, 0x40000 | ALL_RIGHTS, 8);
    put_code(b, 0x41000 - 4, "\xff\xc0\xff\xc0", 4); /* inc eax; inc eax */
    b->cpu->r[RAX] = 0;
    run_at(b, page + 0xffc);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->frame_ip, 0x800000000000);
    assert_int_equal(b->cpu->r[RAX], 2);
    put_code(b, 0x41000 - 2, "\x48\xb8", 2); /* an instruction across it */
    b->cpu->r[RSP] = BENCH_STACK;
    run_at(b, page + 0xffe);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->frame_ip, page + 0xffe);
    bench_free(b);
}

/* The limit comes before the page: beyond the segment no page is asked for. */
static void test_limit_before_page(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_COMPAT);
    put_code(b, 0x41000 - 3, "\xb8\x01\x02", 3);
    map_page(b, 0x41, 0);
    set_code_segment(b, 0, 0x40fff, true);
    run_at(b, 0x41000 - 3);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->frame_ip, 0x41000 - 3);
    bench_free(b);
}

/* Branches whose target is beyond the limit fault themselves and change nothing. */
static void test_branch_beyond_limit(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        unsigned len;
    } branches[] = {
        { "\xeb\x40", 2 },                 /* jmp */
        { "\xe9\x40\x00\x00\x00", 5 },     /* jmp rel32 */
        { "\xe9\x00\x10\x00\x00", 5 },     /* jmp to another page */
        { "\x74\x40", 2 },                 /* jz */
        { "\x0f\x84\x40\x00\x00\x00", 6 }, /* jz rel32 */
        { "\xe2\x40", 2 },                 /* loop */
        { "\xe1\x40", 2 },                 /* loope */
        { "\xe8\x40\x00\x00\x00", 5 },     /* call */
        { "\xff\xe3", 2 },                 /* jmp ebx */
        { "\xff\xd3", 2 },                 /* call ebx */
        { "\xff\x26", 2 },                 /* jmp [esi] */
        { "\xff\x16", 2 },                 /* call [esi] */
        { "\xc3", 1 },                     /* ret */
        { "\xc2\x08\x00", 3 },             /* ret 8 */
        { "\xe3\x40", 2 },                 /* jecxz: not with ECX 5 */
    };
    struct bench *b = bench_new(BENCH_32);
    for (size_t i = 0; i < ARRAY_LEN(branches); i++) {
        bool jecxz = branches[i].code[0] == '\xe3';
        bench_reset(b);
        put_code(b, BENCH_CODE, branches[i].code, branches[i].len);
        set_code_segment(b, 0, BENCH_CODE + 0x20, true);
        cpu_set_eflags(b->cpu, FL_ZF, FL_ZF);
        b->cpu->r[RCX] = jecxz ? 0 : 5;
        b->cpu->r[RBX] = BENCH_CODE + 0x40;
        b->cpu->r[RSI] = BENCH_DATA;
        bench_put(b, BENCH_DATA, BENCH_CODE + 0x40, 4);
        bench_put(b, BENCH_STACK, BENCH_CODE + 0x40, 4);
        bench_put(b, BENCH_STACK - 16, 0x1234, 4);
        run_at(b, BENCH_CODE);
        assert_int_equal(b->vector, EXC_GP);
        assert_int_equal(b->frame_ip, BENCH_CODE);
        assert_int_equal(b->cpu->r[RCX], jecxz ? 0 : 5);
        assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 16); /* error code, EIP, CS, EFLAGS */
        assert_int_equal(b->cpu->r[RBX], BENCH_CODE + 0x40);
    }
    bench_free(b);
}

/* ---- segments that begin within a page ---- */

static void test_unaligned_base(void **state)
{
    (void)state;
    for (u32 base = 0x40000; base < 0x41000; base += 0x123) {
        struct bench *b = bench_new(BENCH_32);
        /* inc eax; cmp eax,3000 (crosses pages as eax does not); jb back: and calls beyond the page */
        put_code(b, base, "\x40\x3d\xb8\x0b\x00\x00\x72\xf8\xe8\x00\x10\x00\x00\xf4", 14);
        put_code(b, base + 13 + 0x1000, "\x43\xc3", 2); /* inc ebx; ret */
        b->cpu->r[RAX] = b->cpu->r[RBX] = 0;
        set_code_segment(b, base, 0x2000, true);
        run_at(b, 0);
        assert_int_equal(b->vector, -1);
        assert_int_equal(b->cpu->r[RAX], 3000);
        assert_int_equal(b->cpu->r[RBX], 1);
        assert_int_equal(b->cpu->rip, 14);
        bench_free(b);
    }
}

/* Two segments over the same bytes: their offsets differ, and what is cached for one is not for the other. */
static void test_two_bases(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, 0x40100, "\xe8\x00\x00\x00\x00\x58\xf4", 7); /* call next; pop eax: where am I? */
    for (u32 round = 0; round < 6; round++) {
        u32 base = (u32[]){ 0x40000, 0x40080, 0x3ff00 }[round % 3];
        set_code_segment(b, base, 0xffff, true);
        run_at(b, 0x40100 - base);
        assert_int_equal(b->vector, -1);
        assert_int_equal(b->cpu->r[RAX], 0x40105 - base);
    }
    /* the limit decides before what is cached does */
    set_code_segment(b, 0x40000, 0x101, true);
    run_at(b, 0x100);
    assert_int_equal(b->vector, EXC_GP);
    bench_free(b);
}

/* ---- the instruction pointer wraps ---- */

/* Offsets below 0 in a segment of 4 GiB: from FFFFFFFF on to 0, across the base in the middle of a page. */
static void test_wrap_32(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, 0x407fc, "\x40\x40\x40\x40\x40\x40\xf4", 7); /* inc eax six times */
    b->cpu->r[RAX] = 0;
    set_code_segment(b, 0x40800, 0xffffffff, true);
    run_at(b, 0xfffffffc);
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 6);
    assert_int_equal(b->cpu->rip, 3);
    put_code(b, 0x407fe, "\xeb\x02\x90\x90\xeb\xf6\x90", 7); /* jmp over the wrap and back */
    put_code(b, 0x407fa, "\x43\xf4", 2);
    b->cpu->r[RBX] = 0;
    run_at(b, 0xfffffffe);
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 1);
    assert_int_equal(b->cpu->rip, 0xfffffffc);
    bench_free(b);
}

/* In 16-bit code jumps wrap at 16 bits. Going on from FFFF does not: 10000 is beyond the limit, as on silicon. */
static void test_wrap_16(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    seg_set_real(b->cpu, CS, 0x4000);
    b->cpu->r[RSP] = 0x7000;
    put_code(b, 0x4fffe, "\xeb\x10", 2); /* jmp +16 at FFFE: to 0010 */
    put_code(b, 0x40010, "\x40\xf4", 2);
    b->cpu->r[RAX] = 0;
    run_at(b, 0xfffe);
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 1);
    assert_int_equal(b->cpu->rip, 0x12);
    put_code(b, 0x40020, "\xe9\xdb\xff", 3); /* jmp to FFFE */
    run_at(b, 0x20);
    assert_int_equal(b->cpu->rip, 0x12);
    put_code(b, 0x4fffe, "\x40\x40", 2); /* inc ax; inc ax */
    b->cpu->r[RAX] = 0;
    run_at(b, 0xfffe);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->cpu->r[RAX], 2);
    put_code(b, 0x4ffff, "\xb8", 1); /* an instruction that does not fit before FFFF: #GP */
    run_at(b, 0xffff);
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->frame_ip, 0xffff);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length_limit),
        cmocka_unit_test(test_length_limit_at_page),
        cmocka_unit_test(test_second_page_missing),
        cmocka_unit_test(test_second_page_not_needed),
        cmocka_unit_test(test_second_page_changes),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limit_at_page_end),
        cmocka_unit_test(test_canonical_end),
        cmocka_unit_test(test_limit_before_page),
        cmocka_unit_test(test_branch_beyond_limit),
        cmocka_unit_test(test_unaligned_base),
        cmocka_unit_test(test_two_bases),
        cmocka_unit_test(test_wrap_32),
        cmocka_unit_test(test_wrap_16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
