/* Debug registers: breakpoints, DR6 and DR7, general detect, single step (SDM vol. 3, chapter 17). */
#include "harness.h"
#include "flags.h"

#define B(n) (1u << (n))
#define BD 0x2000u
#define BS 0x4000u
#define ENABLE(n) (2u << (2 * (n))) /* Gn */
#define RWLEN(n, rw, len) ((u32)((rw) | (len) << 2) << (16 + 4 * (n)))
enum { EXECUTE, WRITE, IO, ACCESS };
enum { LEN1, LEN2, LEN8, LEN4 };

static void set_dr7(struct bench *b, u32 v)
{
    b->cpu->dr7 = v | 0x400;
    debug_dr7_changed(b->cpu);
}

static void check_db(struct bench *b, u64 ip, u32 dr6)
{
    assert_int_equal(b->vector, EXC_DB);
    assert_int_equal(b->frame_ip, ip);
    assert_int_equal(b->cpu->dr6 & 0xe00f, dr6);
}

static void test_execute(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[1] = BENCH_CODE + 2;
    set_dr7(b, ENABLE(1) | RWLEN(1, EXECUTE, LEN1));
    bench_run(b, /* inc eax; inc eax; inc eax; hlt */ CODE("\x40\x40\x40\xf4"));
    check_db(b, BENCH_CODE + 2, B(1));
    assert_int_equal(b->cpu->r[RAX], 2); /* a fault: the instruction has not run */
    assert_int_equal(b->frame_flags & FL_RF, 0);
    bench_reset(b); /* RF lets it pass, once */
    b->cpu->dr[1] = BENCH_CODE;
    set_dr7(b, ENABLE(1) | RWLEN(1, EXECUTE, LEN1));
    cpu_set_eflags(b->cpu, FL_RF, FL_RF);
    bench_run(b, /* inc eax; cmp eax,2; jb $-4; hlt */ CODE("\x40\x83\xf8\x02\x72\xfa\xf4"));
    check_db(b, BENCH_CODE, B(1));
    assert_int_equal(b->cpu->r[RAX], 1);
    bench_free(b);
}

static void test_iret_rf(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[0] = BENCH_CODE + 1;
    set_dr7(b, ENABLE(0) | RWLEN(0, EXECUTE, LEN1));
    /* the handler sets RF in its frame and returns: the instruction runs */
    static const u8 handler[] = { 0x80, 0x4c, 0x24, 0x0a, 0x01, 0x43, 0xcf }; /* or byte [esp+10],1; inc ebx; iret */
    for (u32 i = 0; i < sizeof handler; i++)
        bench_put(b, BENCH_HANDLERS + 16 + i, handler[i], 1);
    b->cpu->r[RBX] = 0;
    bench_run(b, /* inc eax; inc eax; inc eax; hlt */ CODE("\x40\x40\x40\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 3);
    assert_int_equal(b->cpu->r[RBX], 1);
    bench_free(b);
}

static void test_write(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[2] = BENCH_DATA + 4;
    set_dr7(b, ENABLE(2) | RWLEN(2, WRITE, LEN4));
    bench_run(b, /* mov eax,[0x20004]; mov [0x20000],eax; mov [0x20008],eax; mov byte [0x20007],1; inc ecx; hlt */ CODE(
                  "\xa1\x04\x00\x02\x00\xa3\x00\x00\x02\x00\xa3\x08\x00\x02\x00\xc6\x05\x07\x00\x02\x00\x01\x41\xf4"));
    check_db(b, BENCH_CODE + 22, B(2)); /* a trap, after the write */
    assert_int_equal(bench_get(b, BENCH_DATA + 7, 1), 1);
    assert_int_equal(b->cpu->r[RCX], 0);
    bench_reset(b);
    b->cpu->dr[2] = BENCH_DATA + 4;
    set_dr7(b, ENABLE(2) | RWLEN(2, WRITE, LEN4));
    bench_run(b, /* mov [0x20001],eax; nop; hlt */ CODE("\xa3\x01\x00\x02\x00\x90\xf4")); /* overlaps by one byte */
    check_db(b, BENCH_CODE + 5, B(2));
    bench_free(b);
}

static void test_access(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->dr[3] = BENCH_DATA + 3; /* aligned down to 8 */
    b->cpu->dr[0] = BENCH_DATA;
    set_dr7(b, ENABLE(3) | RWLEN(3, ACCESS, LEN8) | ENABLE(0) | RWLEN(0, ACCESS, LEN1));
    bench_run(b, /* mov al,[0x20008]; mov al,[0x20006]; hlt */ CODE(
                  "\x8a\x04\x25\x08\x00\x02\x00\x8a\x04\x25\x06\x00\x02\x00\xf4"));
    check_db(b, BENCH_CODE + 14, B(3));
    bench_reset(b);
    b->cpu->dr[3] = BENCH_DATA;
    b->cpu->dr[0] = BENCH_DATA;
    set_dr7(b, ENABLE(3) | RWLEN(3, ACCESS, LEN8) | ENABLE(0) | RWLEN(0, ACCESS, LEN1));
    bench_run(b, /* mov rax,[0x20000]; hlt */ CODE("\x48\x8b\x04\x25\x00\x00\x02\x00\xf4"));
    check_db(b, BENCH_CODE + 8, B(3) | B(0));
    bench_free(b);
}

static void test_disabled(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[0] = BENCH_DATA;
    set_dr7(b, RWLEN(0, ACCESS, LEN4));
    bench_run(b, /* mov eax,[0x20000]; hlt */ CODE("\xa1\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    bench_free(b);
}

static void test_port(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[0] = 0x60;
    b->cpu->cr4 |= CR4_DE;
    set_dr7(b, ENABLE(0) | RWLEN(0, IO, LEN1));
    bench_run(b, /* in al,0x61; in al,0x60; nop; hlt */ CODE("\xe4\x61\xe4\x60\x90\xf4"));
    check_db(b, BENCH_CODE + 4, B(0));
    bench_reset(b);
    b->cpu->dr[0] = 0x60;
    set_dr7(b, ENABLE(0) | RWLEN(0, IO, LEN1)); /* without DE: undefined, nothing happens */
    bench_run(b, /* in al,0x60; hlt */ CODE("\xe4\x60\xf4"));
    assert_int_equal(b->vector, -1);
    bench_free(b);
}

/* MOV SS holds the trap back until after the next instruction. */
static void test_mov_ss_shadow(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_DATA, SEL_DATA32, 2);
    b->cpu->dr[0] = BENCH_DATA;
    set_dr7(b, ENABLE(0) | RWLEN(0, ACCESS, LEN2));
    bench_run(b, /* mov ss,[0x20000]; inc eax; inc eax; hlt */ CODE("\x8e\x15\x00\x00\x02\x00\x40\x40\xf4"));
    check_db(b, BENCH_CODE + 7, B(0));
    assert_int_equal(b->cpu->r[RAX], 1);
    bench_free(b);
}

static void test_registers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* mov eax,0xffffffff; mov dr6,eax; mov ebx,dr6; xor eax,eax; mov dr6,eax; mov ecx,dr6; mov
                    eax,0xffffdc00; mov dr7,eax; mov edx,dr7; hlt */
              CODE("\xb8\xff\xff\xff\xff\x0f\x23\xf0\x0f\x21\xf3\x31\xc0\x0f\x23\xf0\x0f\x21\xf1\xb8\x00\xdc\xff\xff"
                   "\x0f\x23\xf8\x0f\x21\xfa\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 0xffffefff);
    assert_int_equal(b->cpu->r[RCX], 0xffff0ff0);
    assert_int_equal(b->cpu->r[RDX], 0xffff0400);
    bench_free(b);
    b = bench_new(BENCH_64);
    b->cpu->r[RAX] = BIT64(32);
    bench_run(b, /* mov dr7,rax */ CODE("\x0f\x23\xf8"));
    assert_int_equal(b->vector, EXC_GP);
    bench_reset(b);
    b->cpu->r[RAX] = 0x1122334455667788;
    bench_run(b, /* mov dr0,rax; mov rbx,dr0; hlt */ CODE("\x0f\x23\xc0\x0f\x21\xc3\xf4"));
    assert_true(b->cpu->r[RBX] == 0x1122334455667788);
    bench_reset(b);
    bench_run(b, CODE("\x44\x0f\x21\xc0")); /* DR8 */
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

static void test_aliases(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, CODE("\x0f\x21\xe8\xf4")); /* mov eax, dr5 */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0x400);
    bench_reset(b);
    b->cpu->cr4 |= CR4_DE;
    bench_run(b, CODE("\x0f\x21\xe8\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

static void test_general_detect(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    set_dr7(b, 0x2000);
    bench_run(b, /* mov eax,dr0; hlt */ CODE("\x0f\x21\xc0\xf4"));
    check_db(b, BENCH_CODE, BD); /* a fault */
    assert_int_equal(b->frame_flags & FL_RF, FL_RF);
    assert_int_equal(b->cpu->dr7 & 0x2000, 0); /* so that the handler can use them */
    bench_free(b);
}

static void test_step_and_break(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[0] = BENCH_DATA;
    set_dr7(b, ENABLE(0) | RWLEN(0, WRITE, LEN4));
    cpu_set_eflags(b->cpu, FL_TF, FL_TF);
    bench_run(b, /* mov [0x20000],eax; hlt */ CODE("\xa3\x00\x00\x02\x00\xf4"));
    check_db(b, BENCH_CODE + 5, BS | B(0)); /* one #DB for both */
    bench_reset(b);                         /* INT n: TF goes to the stack, no trap */
    cpu_set_eflags(b->cpu, FL_TF, FL_TF);
    bench_run(b, /* int 0x80 */ CODE("\xcd\x80"));
    assert_int_equal(b->vector, 0x80);
    assert_int_equal(b->frame_flags & FL_TF, FL_TF);
    bench_free(b);
}

/* The single-step trap of MOV SS itself is lost; its data breakpoint comes along with INT1's #DB, as one. */
static void test_mov_ss_and_icebp(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, BENCH_DATA, SEL_DATA32, 2);
    cpu_set_eflags(b->cpu, FL_TF, FL_TF);
    bench_run(b, /* mov ss,[0x20000]; db 0xf1; hlt */ CODE("\x8e\x15\x00\x00\x02\x00\xf1\xf4"));
    check_db(b, BENCH_CODE + 7, 0);
    bench_reset(b);
    b->cpu->dr[0] = BENCH_DATA;
    set_dr7(b, ENABLE(0) | RWLEN(0, ACCESS, LEN2));
    bench_run(b, /* mov ss,[0x20000]; db 0xf1; hlt */ CODE("\x8e\x15\x00\x00\x02\x00\xf1\xf4"));
    check_db(b, BENCH_CODE + 7, B(0));
    assert_int_equal(b->cpu->events & EV_DEBUG, 0);
    bench_reset(b); /* a general-detect fault is not held back */
    set_dr7(b, 0x2000);
    cpu_set_eflags(b->cpu, FL_TF, FL_TF);
    bench_run(b, /* mov ss,[0x20000]; mov eax,dr6; hlt */ CODE("\x8e\x15\x00\x00\x02\x00\x0f\x21\xf0\xf4"));
    check_db(b, BENCH_CODE + 6, BD);
    bench_free(b);
}

/* SYSCALL whose mask clears TF is not trapped; SYSRET that sets it is, before the first instruction. */
static void test_syscall_step(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    static const u8 target[] = { 0x41, 0x89, 0xc3, 0x48, 0x0f, 0x07 }; /* mov r11d, eax; sysretq */
    for (u32 i = 0; i < sizeof target; i++)
        bench_put(b, 0x18000 + i, target[i], 1);
    c->msr.star = (u64)SEL_CODE32U << 48 | (u64)SEL_CODE32 << 32;
    c->msr.lstar = 0x18000;
    c->msr.fmask = FL_TF;
    c->r[RAX] = FL_TF | FL_ONE;
    bench_run(b, /* pushfq; or dword [rsp],0x100; popfq; syscall; nop; nop; hlt */ CODE(
                  "\x9c\x81\x0c\x24\x00\x01\x00\x00\x9d\x0f\x05\x90\x90\xf4"));
    check_db(b, BENCH_CODE + 11, BS);
    assert_int_equal(b->frame_cs, SEL_CODE64U);
    bench_free(b);
}

static void test_string(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->dr[0] = BENCH_DATA + 0x20;
    b->cpu->r[RDI] = BENCH_DATA;
    b->cpu->r[RCX] = 0x40;
    set_dr7(b, ENABLE(0) | RWLEN(0, WRITE, LEN1));
    bench_run(b, /* rep insb; nop; hlt */ CODE("\xf3\x6c\x90\xf4"));
    check_db(b, BENCH_CODE, B(0)); /* after the iteration */
    assert_int_equal(b->cpu->r[RCX], 0x1f);
    bench_reset(b);
    b->cpu->r[RCX] = 0x40;
    b->cpu->r[RDI] = BENCH_DATA;
    cpu_set_eflags(b->cpu, FL_TF, FL_TF);
    bench_run(b, /* rep insb; nop; hlt */ CODE("\xf3\x6c\x90\xf4")); /* so does single step */
    check_db(b, BENCH_CODE, BS);
    assert_int_equal(b->cpu->r[RCX], 0x3f);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_execute),          cmocka_unit_test(test_iret_rf),        cmocka_unit_test(test_write),
        cmocka_unit_test(test_access),           cmocka_unit_test(test_disabled),       cmocka_unit_test(test_port),
        cmocka_unit_test(test_mov_ss_shadow),    cmocka_unit_test(test_registers),      cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_general_detect),   cmocka_unit_test(test_step_and_break), cmocka_unit_test(test_string),
        cmocka_unit_test(test_mov_ss_and_icebp), cmocka_unit_test(test_syscall_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
