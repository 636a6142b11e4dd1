/* System management mode: entry, save area, RSM (AMD APM vol. 2, chapter 10). */
#include "harness.h"
#include "flags.h"

#define SMBASE 0x30000u
#define AREA (SMBASE + 0x8000)
#define HANDLER (SMBASE + 0x8000)
#define NEW_BASE 0x60000u

static void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

static void test_entry(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    put_code(b, HANDLER, /* mov eax,0x12345678; mov [dword 0x60000],eax; mov bx,cs; mov edx,cr0; hlt */
             CODE("\x66\xb8\x78\x56\x34\x12\x66\x67\xa3\x00\x00\x06\x00\x8c\xcb\x0f\x20\xc2\xf4"));
    c->r[R15] = 0x1515151515151515;
    c->eflags |= FL_IF;
    c->dr7 = 0x403;
    bench_put(b, BENCH_CODE, 0x9090, 2);
    cpu_smi(c);
    bench_run(b, /* nop; hlt */ CODE("\x90\xf4"));
    assert_true(cpu_is_halted(c));
    assert_true(c->smm);
    assert_int_equal(c->rip, 0x8013);
    assert_int_equal(c->r[RBX] & 0xffff, 0x3000);
    assert_int_equal(c->r[RDX] & (CR0_PE | CR0_PG), 0);
    assert_int_equal(c->seg[CS].base, SMBASE);
    assert_int_equal(c->seg[DS].limit, 0xffffffff);
    assert_int_equal(c->efer, 0);
    assert_int_equal(c->cr4, 0);
    assert_int_equal(c->dr7, 0x400);
    assert_int_equal(c->eflags & FL_IF, 0);
    assert_int_equal(bench_get(b, 0x60000, 4), 0x12345678);
    /* the save area */
    assert_int_equal(bench_get(b, AREA + 0x7efc, 4), 0x20064);
    assert_int_equal(bench_get(b, AREA + 0x7f00, 4), SMBASE);
    assert_int_equal(bench_get(b, AREA + 0x7f78, 8), BENCH_CODE);
    assert_int_equal(bench_get(b, AREA + 0x7f70, 8), FL_IF | FL_ONE);
    assert_int_equal(bench_get(b, AREA + 0x7f80, 8), 0x1515151515151515);
    assert_int_equal(bench_get(b, AREA + 0x7fd8, 8), BENCH_STACK);
    assert_int_equal(bench_get(b, AREA + 0x7f50, 8), BENCH_PML4);
    assert_int_equal(bench_get(b, AREA + 0x7ed0, 8), EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE);
    assert_int_equal(bench_get(b, AREA + 0x7e10, 2), SEL_CODE64);
    assert_int_equal(bench_get(b, AREA + 0x7e12, 2), 0xa09b);
    assert_int_equal(bench_get(b, AREA + 0x7e68, 8), BENCH_GDT);
    assert_int_equal(bench_get(b, AREA + 0x7ec9, 1), 0);
    bench_free(b);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    put_code(b, HANDLER, /* mov eax,1; mov esp,2; mov cr2,eax; rsm */
             CODE("\x66\xb8\x01\x00\x00\x00\x66\xbc\x02\x00\x00\x00\x0f\x22\xd0\x0f\xaa"));
    for (unsigned i = 0; i < 16; i++)
        if (i != RSP)
            c->r[i] = 0x1111111111111111u * i;
    c->eflags |= FL_IF | FL_AC;
    cpu_smi(c);
    bench_run(b, /* int3 */ CODE("\xcc"));
    assert_int_equal(b->vector, EXC_BP);
    assert_false(c->smm);
    assert_int_equal(b->frame_cs, SEL_CODE64U);
    assert_int_equal(b->frame_ip, BENCH_CODE + 1);
    assert_int_equal(b->frame_sp, BENCH_STACK);
    assert_int_equal(b->frame_flags, FL_IF | FL_AC | FL_ONE);
    for (unsigned i = 0; i < 16; i++)
        if (i != RSP)
            assert_true(c->r[i] == 0x1111111111111111u * i);
    assert_true(in_64(c));
    bench_free(b);
}

static void test_relocation(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, HANDLER, /* mov ebx,0x3ff00; mov dword [ebx],0x60000; rsm */
             CODE("\x66\xbb\x00\xff\x03\x00\x66\x67\xc7\x03\x00\x00\x06\x00\x0f\xaa"));
    put_code(b, NEW_BASE + 0x8000,
             /* mov ax,cs; mov [dword 0x20000],ax; rsm */ CODE("\x8c\xc8\x67\xa3\x00\x00\x02\x00\x0f\xaa"));
    cpu_smi(b->cpu);
    bench_run(b, /* inc ecx; hlt */ CODE("\x41\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->msr.smbase, NEW_BASE);
    cpu_smi(b->cpu);
    bench_run(b, /* inc ecx; hlt */ CODE("\x41\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA, 2), NEW_BASE >> 4);
    bench_free(b);
}

/* In HLT: RSM goes back to it, unless the handler cleared the flag. */
static void test_halt(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, HANDLER, /* inc word [0x500]; rsm */ CODE("\xff\x06\x00\x05\x0f\xaa"));
    bench_run(b, /* hlt; mov eax,7; hlt */ CODE("\xf4\xb8\x07\x00\x00\x00\xf4"));
    assert_int_equal(b->vector, -1);
    cpu_smi(b->cpu);
    bench_continue(b);
    assert_int_equal(bench_get(b, 0x500, 2), 1);
    assert_int_equal(bench_get(b, AREA + 0x7ec9, 1), 1);
    assert_true(cpu_is_halted(b->cpu));
    assert_int_equal(b->cpu->rip, BENCH_CODE + 1);
    put_code(b, HANDLER,
             /* mov ebx,0x3fec9; mov byte [ebx],0; rsm */ CODE("\x66\xbb\xc9\xfe\x03\x00\x67\xc6\x03\x00\x0f\xaa"));
    cpu_smi(b->cpu);
    bench_continue(b);
    assert_int_equal(b->cpu->r[RAX], 7);
    assert_int_equal(b->cpu->rip, BENCH_CODE + 7);
    bench_free(b);
}

static void test_nmi(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, HANDLER, /* nop; nop; nop; rsm */ CODE("\x90\x90\x90\x0f\xaa"));
    cpu_smi(b->cpu);
    cpu_nmi(b->cpu); /* waits for RSM */
    bench_run(b, /* nop; hlt */ CODE("\x90\xf4"));
    assert_int_equal(b->vector, EXC_NMI);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    bench_reset(b); /* blocked before, blocked after */
    b->cpu->nmi_blocked = true;
    cpu_smi(b->cpu);
    bench_run(b, /* nop; hlt */ CODE("\x90\xf4"));
    assert_int_equal(b->vector, -1);
    assert_true(b->cpu->nmi_blocked);
    bench_free(b);
}

static void test_nested(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    put_code(b, HANDLER, /* inc word [0x500]; rsm */ CODE("\xff\x06\x00\x05\x0f\xaa"));
    cpu_smi(b->cpu);
    bench_run(b, /* nop; hlt */ CODE("\x90\xf4"));
    cpu_smi(b->cpu);
    bench_continue(b);
    assert_int_equal(bench_get(b, 0x500, 2), 2);
    bench_free(b);
}

static void test_rsm_outside(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* rsm */ CODE("\x0f\xaa"));
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

static void test_invalid_state(void **state)
{
    (void)state;
    static const struct {
        u16 at;
        u32 value;
    } bad[] = {
        { 0x7f48, BIT(13) }, { 0x7f58, CR0_PG }, { 0x7f58, CR0_PE | CR0_NW }, { 0x7ed0, EFER_LMA }, { 0x7ed0, BIT(12) }
    };
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        struct bench *b = bench_new(BENCH_32);
        put_code(b, HANDLER, /* mov ebx,[0x500]; mov eax,[0x504]; mov [ebx],eax; rsm */
                 CODE("\x66\x8b\x1e\x00\x05\x66\xa1\x04\x05\x66\x67\x89\x03\x0f\xaa"));
        bench_put(b, 0x500, AREA + bad[i].at, 4);
        bench_put(b, 0x504, bad[i].value, 4);
        cpu_smi(b->cpu);
        bench_run(b, /* nop; hlt */ CODE("\x90\xf4"));
        assert_int_equal(b->vector, -3);
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry),       cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_relocation),
        cmocka_unit_test(test_halt),        cmocka_unit_test(test_nmi),           cmocka_unit_test(test_nested),
        cmocka_unit_test(test_rsm_outside), cmocka_unit_test(test_invalid_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
