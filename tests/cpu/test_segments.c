/* Segment registers, descriptor tables and the instructions that look at descriptors (SDM vol. 3, chapters 3 and 5). */
#include "harness.h"
#include "flags.h"

#define DATA (DESC_P | DESC_S | DESC_RW)
#define CODE_X (DESC_P | DESC_S | DESC_CODE)
#define DPL(n) ((u32)(n) << DESC_DPL_SHIFT)
#define SEL_A 0x68 /* free descriptors */
#define SEL_B 0x70

static void check_fault(struct bench *b, int vector, u32 error)
{
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, error);
    assert_int_equal(b->frame_ip, BENCH_CODE);
}

/* mov ds, ax; hlt with AX = sel */
static void load_ds(struct bench *b, u16 sel)
{
    bench_reset(b);
    b->cpu->r[RAX] = sel;
    bench_run(b, /* mov ds,eax; hlt */ CODE("\x8e\xd8\xf4"));
}

static void load_ss(struct bench *b, u16 sel)
{
    bench_reset(b);
    b->cpu->r[RAX] = sel;
    bench_run(b, /* mov ss,eax; hlt */ CODE("\x8e\xd0\xf4"));
}

/* bench_reset() rewrites the GDT below SEL_FREE only. */
static void test_data_load(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x12345678, 0xabcde, DATA | DESC_DB);
    load_ds(b, SEL_A);
    assert_int_equal(b->vector, -1);
    struct seg *ds = &b->cpu->seg[DS];
    assert_int_equal(ds->sel, SEL_A);
    assert_int_equal(ds->base, 0x12345678);
    assert_int_equal(ds->limit, 0xabcde);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x93); /* accessed */
    load_ds(b, 3);                                                  /* null, any RPL */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->seg[DS].sel, 3);
    load_ds(b, 0x100); /* the table's limit is FF */
    check_fault(b, EXC_GP, 0x100);
    load_ds(b, SEL_TSS);
    check_fault(b, EXC_GP, SEL_TSS);
    bench_descriptor(b, SEL_A, 0, 0xfff, CODE_X); /* execute-only */
    load_ds(b, SEL_A);
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xfff, CODE_X | DESC_RW);
    load_ds(b, SEL_A);
    assert_int_equal(b->vector, -1);
    bench_descriptor(b, SEL_A, 0, 0xfff, DATA & ~DESC_P);
    load_ds(b, SEL_A);
    check_fault(b, EXC_NP, SEL_A);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x12); /* not touched */
    bench_descriptor(b, SEL_A, 0, 0xfff, DATA);
    load_ds(b, SEL_A | 3); /* RPL 3 > DPL 0 */
    check_fault(b, EXC_GP, SEL_A);
    bench_free(b);
}

static void test_data_load_user(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    load_ds(b, SEL_DATA32 | 3);
    check_fault(b, EXC_GP, SEL_DATA32);
    bench_descriptor(b, SEL_A, 0, 0xfff, CODE_X | DESC_RW | DESC_EC); /* conforming: any privilege */
    load_ds(b, SEL_A | 3);
    assert_int_equal(b->vector, -1 + 1 + EXC_GP); /* HLT at CPL 3 */
    assert_int_equal(b->frame_ip, BENCH_CODE + 2);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1) & 1, 1);
    bench_free(b);
}

static void test_stack_load(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    load_ss(b, 0);
    check_fault(b, EXC_GP, 0);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA | DPL(1));
    load_ss(b, SEL_A); /* DPL */
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA);
    load_ss(b, SEL_A | 1); /* RPL */
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA & ~DESC_RW);
    load_ss(b, SEL_A);
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA & ~DESC_P);
    load_ss(b, SEL_A);
    check_fault(b, EXC_SS, SEL_A);
    bench_descriptor(b, SEL_A, 0, 0xffff, DATA);
    load_ss(b, SEL_A);
    assert_int_equal(b->vector, -1);
    assert_false(b->cpu->mode & MODE_SS32);
    bench_free(b);
}

static void test_null_stack_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    load_ss(b, 0);
    assert_int_equal(b->vector, -1);
    load_ss(b, 3); /* RPL must be CPL */
    check_fault(b, EXC_GP, 0);
    bench_free(b);
    b = bench_new(BENCH_64U);
    load_ss(b, 3);
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

/* mov al, [ebx] / mov [ebx], al through DS = SEL_A */
static void touch(struct bench *b, u32 offset, bool write)
{
    bench_reset(b);
    b->cpu->r[RAX] = SEL_A;
    b->cpu->r[RBX] = offset;
    if (write)
        bench_run(b, /* mov ds,eax; mov [ebx],eax; hlt */ CODE("\x8e\xd8\x89\x03\xf4"));
    else
        bench_run(b, /* mov ds,eax; mov eax,[ebx]; hlt */ CODE("\x8e\xd8\x8b\x03\xf4"));
}

static void check_touch(struct bench *b, u32 offset, bool write, bool faults)
{
    touch(b, offset, write);
    assert_int_equal(b->vector, faults ? EXC_GP : -1);
    assert_int_equal(b->error, 0);
}

static void test_limits(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, DATA | DESC_DB);
    check_touch(b, 0xffc, true, false);
    check_touch(b, 0xffd, true, true);
    check_touch(b, 0xffd, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0x1fff, DATA | DESC_DB | DESC_G);
    check_touch(b, 0x1ffc, false, false);
    check_touch(b, 0x1ffd, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, (DATA & ~DESC_RW) | DESC_DB);
    check_touch(b, 0, false, false);
    check_touch(b, 0, true, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, CODE_X | DESC_RW | DESC_DB);
    check_touch(b, 0, false, false);
    check_touch(b, 0, true, true);
    bench_free(b);
}

static void test_expand_down(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, DATA | DESC_EC); /* B = 0: 1000-FFFF */
    check_touch(b, 0xfff, false, true);
    check_touch(b, 0x1000, false, false);
    check_touch(b, 0xfffc, false, false);
    check_touch(b, 0xfffd, false, true);
    check_touch(b, 0x10000, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xfff, DATA | DESC_EC | DESC_DB); /* to FFFFFFFF */
    check_touch(b, 0x10000, false, false);
    check_touch(b, 0xfff, false, true);
    check_touch(b, 0xfffffffd, false, true);
    bench_descriptor(b, SEL_A, BENCH_DATA, 0xffffffff, DATA | DESC_EC | DESC_DB | DESC_G); /* nothing at all */
    check_touch(b, 0xffffffff, false, true);
    check_touch(b, 0x1000, false, true);
    bench_free(b);
}

static void test_null_use(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b,
              /* xor eax,eax; mov ds,eax; mov eax,[0x20000]; hlt */ CODE("\x31\xc0\x8e\xd8\xa1\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0);
    assert_int_equal(b->frame_ip, BENCH_CODE + 4);
    bench_free(b);
}

static void test_unreal(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    bench_put(b, BENCH_DATA + 0x80000, 0x5a, 1);
    bench_put(b, 0x500, BENCH_GDT << 16 | 0xff, 6);
    /* lgdt; into protected mode; DS := flat; back; DS := 0: the limit stays 4 GiB */
    bench_run(b, /* lgdt [0x500]; mov eax,cr0; or al,1; mov cr0,eax; mov bx,0x10; mov ds,bx; and al,0xfe; mov cr0,eax;
                    xor bx,bx; mov ds,bx; mov ebx,0xa0000; mov al,[ebx]; hlt */
              CODE("\x0f\x01\x16\x00\x05\x0f\x20\xc0\x0c\x01\x0f\x22\xc0\xbb\x10\x00\x8e\xdb\x24\xfe\x0f\x22\xc0\x31"
                   "\xdb\x8e\xdb\x66\xbb\x00\x00\x0a\x00\x67\x8a\x03\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 0x5a);
    bench_free(b);
}

/* In real mode CS is a data segment: after reset, after INIT and SIPI, and back from protected mode. */
static void test_real_cs(void **state)
{
    static const u8 store[] = { 0x2e, 0xc6, 0x06, 0x00, 0x80, 0x5a, 0xf4 }; /* mov byte [cs:0x8000], 0x5a; hlt */
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    bench_run(b, store, sizeof store);
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_CODE + 0x8000, 1), 0x5a);
    cpu_start_at(b->cpu, BENCH_CODE >> 12);
    bench_put(b, BENCH_CODE + 0x8000, 0, 1);
    bench_continue(b);
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_CODE + 0x8000, 1), 0x5a);
    bench_free(b);
}

static void test_real_limit(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    b->cpu->r[RBX] = 0xffff;
    bench_run(b, /* mov ax,[bx]; hlt */ CODE("\x8b\x07\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    bench_reset(b);
    b->cpu->r[RBP] = 0xffff;
    bench_run(b, /* mov ax,[bp]; hlt */ CODE("\x8b\x46\x00\xf4"));
    assert_int_equal(b->vector, EXC_SS);
    bench_free(b);
}

static void test_mov_sreg_forms(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, CODE("\x8e\xc8\xf4")); /* mov cs, ax */
    check_fault(b, EXC_UD, 0);
    bench_reset(b);
    bench_run(b, CODE("\x8e\xf0\xf4")); /* sreg 6 */
    check_fault(b, EXC_UD, 0);
    bench_reset(b);
    bench_run(b, CODE("\x8c\xf8\xf4")); /* sreg 7 */
    check_fault(b, EXC_UD, 0);
    bench_reset(b);
    b->cpu->r[RAX] = b->cpu->r[RBX] = 0xaaaaaaaa;
    bench_put(b, BENCH_DATA, 0xffffffff, 4);
    bench_run(
        b, /* mov eax,ds; mov bx,ds; mov [0x20000],ds; hlt */ CODE("\x8c\xd8\x66\x8c\xdb\x8c\x1d\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], SEL_DATA32);
    assert_int_equal(b->cpu->r[RBX], 0xaaaa0010);
    assert_int_equal(bench_get(b, BENCH_DATA, 4), 0xffff0010);
    bench_free(b);
}

static void test_push_pop(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* push es; push cs; pop eax; pop fs; push word 0x10; o16 pop gs; hlt */ CODE(
                  "\x06\x0e\x58\x0f\xa1\x66\x6a\x10\x66\x0f\xa9\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], SEL_CODE32);
    assert_int_equal(b->cpu->seg[FS].sel, SEL_DATA32);
    assert_int_equal(b->cpu->seg[GS].sel, SEL_DATA32);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK);
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_run(b, /* push fs; pop gs; hlt */ CODE("\x0f\xa0\x0f\xa9\xf4"));
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK);
    assert_int_equal(bench_get(b, BENCH_STACK - 8, 8), SEL_DATA32);
    bench_free(b);
}

/* A fault in the load leaves the stack pointer and both registers. */
static void test_pop_fault_changes_nothing(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_STACK, 0x100, 4);
    bench_run(b, /* pop ds; hlt */ CODE("\x1f\xf4"));
    check_fault(b, EXC_GP, 0x100);
    assert_int_equal(b->cpu->r[RSP], BENCH_STACK - 16);
    assert_int_equal(b->cpu->seg[DS].sel, SEL_DATA32);
    bench_reset(b);
    bench_put(b, BENCH_DATA, 0x11223344, 4);
    bench_put(b, BENCH_DATA + 4, 0x100, 2);
    b->cpu->r[RAX] = 7;
    bench_run(b, /* les eax,[0x20000]; hlt */ CODE("\xc4\x05\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP, 0x100);
    assert_int_equal(b->cpu->r[RAX], 7);
    bench_free(b);
}

static void test_far_pointers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_DATA, 0x11223344, 4);
    bench_put(b, BENCH_DATA + 4, SEL_DATA16, 2);
    bench_run(b, /* les eax,[0x20000]; lfs ecx,[0x20000]; lgs edx,[0x20000]; hlt */ CODE(
                  "\xc4\x05\x00\x00\x02\x00\x0f\xb4\x0d\x00\x00\x02\x00\x0f\xb5\x15\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDX], 0x11223344);
    assert_int_equal(b->cpu->seg[ES].sel, SEL_DATA16);
    assert_int_equal(b->cpu->seg[GS].sel, SEL_DATA16);
    bench_put(b, BENCH_DATA + 2, SEL_DATA16, 2);
    bench_reset(b);
    b->cpu->r[RAX] = 0xffffffff;
    bench_run(b, /* lds ax,[0x20000]; hlt */ CODE("\x66\xc5\x05\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0xffff3344);
    assert_int_equal(b->cpu->seg[DS].sel, SEL_DATA16);
    bench_free(b);
}

/* ---- LDTR, TR, GDTR, IDTR ---- */

static void run_ax(struct bench *b, u16 sel, const u8 *code, size_t len)
{
    bench_reset(b);
    b->cpu->r[RAX] = sel;
    bench_run(b, code, len);
}

static void test_lldt(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x7000, 0x27, DESC_P | SYS_LDT << 8);
    bench_put(b, 0x7008, 0x00cf92000000ffff, 8);
    run_ax(b, SEL_A, /* lldt ax; mov cx,0xc; mov ds,ecx; sldt edx; hlt */
           CODE("\x0f\x00\xd0\x66\xb9\x0c\x00\x8e\xd9\x0f\x00\xc2\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDX], SEL_A);
    assert_int_equal(b->cpu->seg[DS].sel, 0xc);
    assert_int_equal(bench_get(b, 0x700d, 1), 0x93);
    run_ax(b, SEL_A,
           /* lldt ax; mov cx,0x2c; mov ds,ecx; hlt */ CODE("\x0f\x00\xd0\x66\xb9\x2c\x00\x8e\xd9\xf4")); /* beyond the
                                                                                                             LDT */
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0x2c);
    run_ax(b, 0,
           /* lldt ax; mov cx,0xc; mov ds,ecx; hlt */ CODE("\x0f\x00\xd0\x66\xb9\x0c\x00\x8e\xd9\xf4")); /* no LDT */
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0xc);
    run_ax(b, SEL_DATA32, /* lldt ax; hlt */ CODE("\x0f\x00\xd0\xf4"));
    check_fault(b, EXC_GP, SEL_DATA32);
    run_ax(b, SEL_A | 4, /* lldt ax; hlt */ CODE("\x0f\x00\xd0\xf4")); /* an LDT within the LDT */
    check_fault(b, EXC_GP, SEL_A | 4);
    bench_descriptor(b, SEL_A, 0x7000, 0x27, SYS_LDT << 8);
    run_ax(b, SEL_A, /* lldt ax; hlt */ CODE("\x0f\x00\xd0\xf4"));
    check_fault(b, EXC_NP, SEL_A);
    bench_free(b);
}

static void test_ltr(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8);
    run_ax(b, SEL_A, /* ltr ax; str [0x20000]; hlt */ CODE("\x0f\x00\xd8\x0f\x00\x0d\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_DATA, 2), SEL_A);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x8b); /* busy */
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, SEL_A);
    run_ax(b, 0, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, SYS_TSS32 << 8);
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_NP, SEL_A);
    bench_free(b);
}

static void test_ltr_64(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8);
    bench_put(b, BENCH_GDT + SEL_A + 8, 0xffff8000, 8);
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    assert_int_equal(b->vector, -1);
    assert_true(b->cpu->seg[TR].base == 0xffff800000006000);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8);
    bench_put(b, BENCH_GDT + SEL_A + 8, 0x01000000, 8); /* not canonical */
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, SEL_A);
    assert_int_equal(bench_get(b, BENCH_GDT + SEL_A + 5, 1), 0x89);
    bench_descriptor(b, SEL_A, 0x6000, 0x67, DESC_P | SYS_TSS16 << 8);
    bench_put(b, BENCH_GDT + SEL_A + 8, 0, 8);
    run_ax(b, SEL_A, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4")); /* no 16-bit TSS in long mode */
    check_fault(b, EXC_GP, SEL_A);
    bench_descriptor(b, 0xf8, 0x6000, 0x67, DESC_P | SYS_TSS32 << 8); /* its upper half is outside */
    run_ax(b, 0xf8, /* ltr ax; hlt */ CODE("\x0f\x00\xd8\xf4"));
    check_fault(b, EXC_GP, 0xf8);
    bench_free(b);
}

static void test_gdtr(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_DATA, 0x1234, 2);
    bench_put(b, BENCH_DATA + 2, 0x89abcdef, 4);
    bench_run(b, /* lidt [0x20000]; sidt [0x20010]; o16 lidt [0x20000]; sidt [0x20020]; hlt */ CODE(
                  "\x0f\x01\x1d\x00\x00\x02\x00\x0f\x01\x0d\x10\x00\x02\x00\x66\x0f\x01\x1d\x00\x00\x02\x00\x0f\x01\x0d"
                  "\x20\x00\x02\x00\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA + 0x10, 6), 0x89abcdef1234);
    assert_int_equal(bench_get(b, BENCH_DATA + 0x20, 6), 0xabcdef1234); /* 24 bits */
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_put(b, BENCH_DATA, 0xff, 2);
    bench_put(b, BENCH_DATA + 2, 0x0100000000000000, 8);
    bench_run(b, /* lgdt [0x20000]; hlt */ CODE("\x0f\x01\x14\x25\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

static void test_umip(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const u8 *code;
        size_t len;
    } insn[] = { { "sgdt", /* sgdt [0x20000]; hlt */ CODE("\x0f\x01\x05\x00\x00\x02\x00\xf4") },
                 { "sidt", /* sidt [0x20000]; hlt */ CODE("\x0f\x01\x0d\x00\x00\x02\x00\xf4") },
                 { "sldt", /* sldt ax; nop; hlt */ CODE("\x66\x0f\x00\xc0\x90\xf4") },
                 { "str", /* str ax; nop; hlt */ CODE("\x66\x0f\x00\xc8\x90\xf4") },
                 { "smsw", /* smsw ax; nop; hlt */ CODE("\x66\x0f\x01\xe0\x90\xf4") } };
    struct bench *b = bench_new(BENCH_32U);
    for (unsigned i = 0; i < ARRAY_LEN(insn); i++) {
        bench_reset(b);
        bench_run(b, insn[i].code, insn[i].len);
        assert_int_equal(b->vector, EXC_GP); /* the HLT */
        assert_true(b->frame_ip > BENCH_CODE);
        bench_reset(b);
        b->cpu->cr4 |= CR4_UMIP;
        bench_run(b, insn[i].code, insn[i].len);
        check_fault(b, EXC_GP, 0);
    }
    bench_free(b);
}

/* ---- LAR, LSL, VERR, VERW, ARPL ---- */

static bool zf(const struct bench *b)
{
    return (flags_get(b->cpu) & FL_ZF) != 0;
}

static void test_lar_lsl(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, SEL_A, 0, 0x12345000, DATA | DESC_DB | DESC_G | DESC_AVL);
    run_ax(b, SEL_A, /* lar ebx,ax; lsl ecx,ax; hlt */ CODE("\x0f\x02\xd8\x0f\x03\xc8\xf4"));
    assert_true(zf(b));
    assert_int_equal(b->cpu->r[RBX], 0xd19200); /* with the limit's upper bits, as on silicon */
    assert_int_equal(b->cpu->r[RCX], 0x12345fff);
    bench_descriptor(b, SEL_A, 0, 0xff, DESC_P | SYS_CALL32 << 8);
    run_ax(b, SEL_A, /* mov ebx,7; mov ecx,7; lar ebx,ax; lsl ecx,ax; hlt */
           CODE("\xbb\x07\x00\x00\x00\xb9\x07\x00\x00\x00\x0f\x02\xd8\x0f\x03\xc8\xf4"));
    assert_int_equal(b->cpu->r[RBX], 0x8c00); /* a gate has rights but no limit */
    assert_int_equal(b->cpu->r[RCX], 7);
    assert_false(zf(b));
    bench_descriptor(b, SEL_A, 0, 0xff, DESC_P | SYS_INT32 << 8);
    run_ax(b, SEL_A, /* mov ebx,7; lar ebx,ax; hlt */ CODE("\xbb\x07\x00\x00\x00\x0f\x02\xd8\xf4"));
    assert_int_equal(b->cpu->r[RBX], 7);
    assert_false(zf(b));
    run_ax(b, SEL_DATA32 | 3, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4")); /* RPL 3 > DPL 0 */
    assert_false(zf(b));
    run_ax(b, 0, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4"));
    assert_false(zf(b));
    run_ax(b, 0x100, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4"));
    assert_false(zf(b));
    bench_free(b);
    b = bench_new(BENCH_64);
    bench_descriptor(b, SEL_A, 0, 0xff, DESC_P | SYS_TASK_GATE << 8);
    run_ax(b, SEL_A, /* lar ebx,ax; hlt */ CODE("\x0f\x02\xd8\xf4")); /* none in long mode */
    assert_false(zf(b));
    bench_free(b);
}

static void test_verify(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    static const struct {
        u32 attr;
        bool r, w;
    } cases[] = { { DATA | DPL(3), true, true },
                  { DATA, false, false },
                  { (DATA & ~DESC_RW) | DPL(3), true, false },
                  { CODE_X | DPL(3), false, false },
                  { CODE_X | DESC_RW | DPL(3), true, false },
                  { CODE_X | DESC_RW | DESC_EC, true, false },
                  { DESC_P | DPL(3) | SYS_LDT << 8, false, false } };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        bench_descriptor(b, SEL_A, 0, 0xff, cases[i].attr);
        run_ax(
            b, SEL_A | 3,
            /* verr ax; setz bl; verw ax; setz bh; hlt */ CODE("\x0f\x00\xe0\x0f\x94\xc3\x0f\x00\xe8\x0f\x94\xc7\xf4"));
        assert_int_equal(b->cpu->r[RBX] & 1, cases[i].r);
        assert_int_equal(b->cpu->r[RBX] >> 8 & 1, cases[i].w);
    }
    bench_free(b);
}

static void test_arpl(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RBX] = 3;
    run_ax(b, 0x11, /* mov ebx,3; arpl ax,bx; setz cl; arpl ax,bx; setz ch; mov [0x20000],bl; hlt */
           CODE("\xbb\x03\x00\x00\x00\x63\xd8\x0f\x94\xc1\x63\xd8\x0f\x94\xc5\x88\x1d\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x13);
    assert_int_equal(b->cpu->r[RCX] & 0xffff, 0x0001);
    bench_free(b);
    b = bench_new(BENCH_REAL);
    bench_run(b, /* arpl ax,bx; hlt */ CODE("\x63\xd8\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

/* ---- bases ---- */

static void test_bases(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RBX] = 0xffff800012345678;
    bench_run(b, /* wrfsbase rbx; hlt */ CODE("\xf3\x48\x0f\xae\xd3\xf4"));
    check_fault(b, EXC_UD, 0); /* CR4.FSGSBASE is clear */
    bench_reset(b);
    b->cpu->cr4 |= CR4_FSGSBASE;
    b->cpu->r[RBX] = 0xffff800012345678;
    bench_run(b, /* wrfsbase rbx; wrgsbase ebx; rdfsbase rcx; rdgsbase rdx; hlt */ CODE(
                  "\xf3\x48\x0f\xae\xd3\xf3\x0f\xae\xdb\xf3\x48\x0f\xae\xc1\xf3\x48\x0f\xae\xca\xf4"));
    assert_int_equal(b->vector, -1);
    assert_true(b->cpu->r[RCX] == 0xffff800012345678);
    assert_true(b->cpu->r[RDX] == 0x12345678);
    bench_reset(b);
    b->cpu->cr4 |= CR4_FSGSBASE;
    b->cpu->r[RBX] = 0x0100000000000000;
    bench_run(b, /* wrgsbase rbx; hlt */ CODE("\xf3\x48\x0f\xae\xdb\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

static void test_swapgs(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->seg[GS].base = BENCH_DATA;
    b->cpu->msr.kernel_gs_base = BENCH_DATA + 0x100;
    bench_put(b, BENCH_DATA, 1, 8);
    bench_put(b, BENCH_DATA + 0x100, 2, 8);
    bench_run(b, /* mov rax,[gs:0]; swapgs; mov rbx,[gs:0]; hlt */ CODE(
                  "\x65\x48\x8b\x04\x25\x00\x00\x00\x00\x0f\x01\xf8\x65\x48\x8b\x1c\x25\x00\x00\x00\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 1);
    assert_int_equal(b->cpu->r[RBX], 2);
    bench_free(b);
    b = bench_new(BENCH_64U);
    bench_run(b, /* swapgs; hlt */ CODE("\x0f\x01\xf8\xf4"));
    check_fault(b, EXC_GP, 0);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_load),
        cmocka_unit_test(test_data_load_user),
        cmocka_unit_test(test_stack_load),
        cmocka_unit_test(test_null_stack_64),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_expand_down),
        cmocka_unit_test(test_null_use),
        cmocka_unit_test(test_unreal),
        cmocka_unit_test(test_real_cs),
        cmocka_unit_test(test_real_limit),
        cmocka_unit_test(test_mov_sreg_forms),
        cmocka_unit_test(test_push_pop),
        cmocka_unit_test(test_pop_fault_changes_nothing),
        cmocka_unit_test(test_far_pointers),
        cmocka_unit_test(test_lldt),
        cmocka_unit_test(test_ltr),
        cmocka_unit_test(test_ltr_64),
        cmocka_unit_test(test_gdtr),
        cmocka_unit_test(test_umip),
        cmocka_unit_test(test_lar_lsl),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_arpl),
        cmocka_unit_test(test_bases),
        cmocka_unit_test(test_swapgs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
