/* Virtual-8086 mode (SDM vol. 3, chapter 20): entry and exit, IOPL-sensitive instructions, VME, PVI. */
#include "harness.h"
#include "flags.h"

#define IO_BASE 0x100u

static void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

/* The I/O bitmap at 100 with all ports allowed, the redirection bitmap before it filled with `redirect`. */
static void set_bitmaps(struct bench *b, u8 redirect)
{
    bench_put(b, BENCH_TSS + 0x66, IO_BASE, 2);
    memset(b->m + BENCH_TSS + IO_BASE - 32, redirect, 32);
    memset(b->m + BENCH_TSS + IO_BASE, 0, 0x2000 - 0x100);
}

/* Enters virtual-8086 mode at 1000:0 with stack 2000:F000 (code at 10000) through IRETD at level 0. */
static void enter(struct bench *b, u32 flags, const u8 *code, size_t len)
{
    static const u32 frame[] = { 0, 0x1000, 0, 0xf000, 0x2000, 0x2100, 0x2200, 0x2300, 0x2400 };
    put_code(b, 0x10000, code, len);
    for (unsigned i = 0; i < ARRAY_LEN(frame); i++)
        bench_put(b, 0x2ff00 + 4 * i, frame[i], 4);
    bench_put(b, 0x2ff08, flags | FL_VM | FL_ONE, 4);
    put_code(b, 0x18000, /* mov esp,0x2ff00; iret */ CODE("\xbc\x00\xff\x02\x00\xcf"));
    b->cpu->rip = 0x18000;
    b->cpu->activity = ACT_RUNNING;
    cpu_update_mode(b->cpu);
    bench_continue(b);
}

#define IOPL(n) ((u32)(n) << FL_IOPL_SHIFT)

static struct bench *fresh(u32 cr4, u8 redirect)
{
    struct bench *b = bench_new(BENCH_32);
    b->cpu->cr4 |= cr4;
    set_bitmaps(b, redirect);
    return b;
}

static void check_gp(struct bench *b, u32 ip)
{
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0);
    assert_int_equal(b->frame_ip, ip);
}

static void test_enter_and_leave(void **state)
{
    (void)state;
    struct bench *b = fresh(0, 0);
    enter(b, IOPL(3), /* mov ax,cs; mov bx,ds; mov cx,es; mov dx,ss; mov si,fs; mov di,gs; hlt */
          CODE("\x8c\xc8\x8c\xdb\x8c\xc1\x8c\xd2\x8c\xe6\x8c\xef\xf4"));
    struct cpu *c = b->cpu;
    check_gp(b, 12); /* HLT: CPL is 3 */
    assert_int_equal(c->r[RAX], 0x1000);
    assert_int_equal(c->r[RBX], 0x2200);
    assert_int_equal(c->r[RCX], 0x2100);
    assert_int_equal(c->r[RDX] & 0xffff, 0x2000);
    assert_int_equal(c->r[RSI], 0x2300);
    assert_int_equal(c->r[RDI], 0x2400);
    assert_int_equal(b->frame_cs, 0x1000);
    assert_int_equal(b->frame_flags & FL_VM, FL_VM);
    assert_int_equal(b->frame_sp, 0xf000);
    /* GS FS DS ES SS ESP EFLAGS CS EIP error */
    assert_int_equal(c->r[RSP], BENCH_STACK0 - 40);
    assert_int_equal(bench_get(b, BENCH_STACK0 - 4, 4), 0x2400);
    assert_int_equal(bench_get(b, BENCH_STACK0 - 16, 4), 0x2100);
    assert_int_equal(c->seg[DS].sel | c->seg[ES].sel | c->seg[FS].sel | c->seg[GS].sel, 0);
    assert_int_equal(c->eflags & FL_VM, 0);
    bench_free(b);
}

/* A handler for level 0 must be nonconforming with DPL 0. */
static void test_handler_privilege(void **state)
{
    (void)state;
    struct bench *b = fresh(0, 0);
    bench_gate(b, EXC_UD, SEL_CODE32U & ~3, BENCH_HANDLERS, SYS_INT32, 3, 0);
    enter(b, IOPL(3), /* ud2 */ CODE("\x0f\x0b"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, (SEL_CODE32U & ~3u) | 1);
    bench_free(b);
}

static void test_limit(void **state)
{
    (void)state;
    struct bench *b = fresh(0, 0);
    enter(b, IOPL(3), /* mov bx,0xffff; mov ax,[bx]; hlt */ CODE("\xbb\xff\xff\x8b\x07\xf4"));
    check_gp(b, 3);
    bench_free(b);
}

/* Without VME and with IOPL < 3 these are #GP(0). */
static void test_sensitive(void **state)
{
    (void)state;
    static const struct {
        const u8 *code;
        size_t len;
    } insn[] = { { /* cli; hlt */ CODE("\xfa\xf4") },       { /* sti; hlt */ CODE("\xfb\xf4") },
                 { /* pushf; hlt */ CODE("\x9c\xf4") },     { /* popf; hlt */ CODE("\x9d\xf4") },
                 { /* int 0x21 */ CODE("\xcd\x21") },       { /* iret; hlt */ CODE("\xcf\xf4") },
                 { /* pushfd; hlt */ CODE("\x66\x9c\xf4") } };
    for (unsigned i = 0; i < ARRAY_LEN(insn); i++) {
        struct bench *b = fresh(0, 0);
        enter(b, IOPL(2), insn[i].code, insn[i].len);
        check_gp(b, 0);
        bench_free(b);
    }
    struct bench *b = fresh(0, 0);
    enter(b, IOPL(2), /* int3 */ CODE("\xcc")); /* not sensitive */
    assert_int_equal(b->vector, EXC_BP);
    bench_free(b);
}

static void test_iopl_3(void **state)
{
    (void)state;
    struct bench *b = fresh(0, 0);
    enter(b, IOPL(3) | FL_IF,
          /* pushf; pop ax; cli; pushf; pop bx; sti; pushf; pop cx; push word 0; popf; pushf; pop dx; hlt */
          CODE("\x9c\x58\xfa\x9c\x5b\xfb\x9c\x59\x6a\x00\x9d\x9c\x5a\xf4"));
    check_gp(b, 13);
    assert_int_equal(b->cpu->r[RAX] & 0x7200, 0x3200);
    assert_int_equal(b->cpu->r[RBX] & 0x7200, 0x3000);
    assert_int_equal(b->cpu->r[RCX] & 0x7200, 0x3200);
    assert_int_equal(b->cpu->r[RDX] & 0x7200, 0x3000); /* POPF does not change IOPL */
    bench_free(b);
    b = fresh(0, 0);
    enter(b, IOPL(3), /* int 0x21 */ CODE("\xcd\x21")); /* to the monitor */
    assert_int_equal(b->vector, 0x21);
    assert_int_equal(b->frame_ip, 2);
    bench_free(b);
    b = fresh(0, 0); /* the gate's DPL counts */
    bench_gate(b, 0x21, SEL_CODE32, BENCH_HANDLERS, SYS_INT32, 0, 0);
    enter(b, IOPL(3), /* int 0x21 */ CODE("\xcd\x21"));
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0x21 * 8 + 2);
    bench_free(b);
}

/* ---- VME ---- */

static void test_vme_flags(void **state)
{
    (void)state;
    struct bench *b = fresh(CR4_VME, 0xff);
    enter(b, FL_IF,
          /* pushf; pop ax; sti; pushf; pop bx; cli; pushf; pop cx; push word 0x200; popf; pushf; pop dx; hlt */
          CODE("\x9c\x58\xfb\x9c\x5b\xfa\x9c\x59\x68\x00\x02\x9d\x9c\x5a\xf4"));
    check_gp(b, 14);
    assert_int_equal(b->cpu->r[RAX] & 0x7200, 0x3000); /* VIF, and IOPL shown as 3 */
    assert_int_equal(b->cpu->r[RBX] & 0x7200, 0x3200);
    assert_int_equal(b->cpu->r[RCX] & 0x7200, 0x3000);
    assert_int_equal(b->cpu->r[RDX] & 0x7200, 0x3200);
    assert_int_equal(b->frame_flags & (FL_IF | FL_IOPL | FL_VIF), FL_IF | FL_VIF); /* the real ones */
    bench_free(b);
    b = fresh(CR4_VME, 0xff);
    enter(b, FL_VIP, /* cli; sti; hlt */ CODE("\xfa\xfb\xf4")); /* a virtual interrupt waits */
    check_gp(b, 1);
    bench_free(b);
    b = fresh(CR4_VME, 0xff);
    enter(b, FL_VIP, /* push word 0x200; popf; hlt */ CODE("\x68\x00\x02\x9d\xf4"));
    check_gp(b, 3);
    assert_int_equal(b->frame_sp, 0xeffe);
    bench_free(b);
    b = fresh(CR4_VME, 0xff);
    enter(b, 0, /* push word 0x100; popf; hlt */ CODE("\x68\x00\x01\x9d\xf4")); /* TF */
    check_gp(b, 3);
    bench_free(b);
    b = fresh(CR4_VME, 0xff);
    enter(b, 0, /* pushfd */ CODE("\x66\x9c")); /* 16 bits only */
    check_gp(b, 0);
    bench_free(b);
}

static void test_vme_redirect(void **state)
{
    (void)state;
    struct bench *b = fresh(CR4_VME, 0);
    bench_put(b, 0x21 * 4, 0x30000100, 4); /* 3000:100 */
    put_code(b, 0x30100, /* mov bp,sp; mov ax,[bp]; mov bx,[bp+2]; mov cx,[bp+4]; pushf; pop dx; iret */
             CODE("\x89\xe5\x8b\x46\x00\x8b\x5e\x02\x8b\x4e\x04\x9c\x5a\xcf"));
    enter(b, FL_IF | FL_VIF, /* int 0x21; hlt */ CODE("\xcd\x21\xf4"));
    check_gp(b, 2);
    assert_int_equal(b->cpu->r[RAX], 2);
    assert_int_equal(b->cpu->r[RBX], 0x1000);
    assert_int_equal(b->cpu->r[RCX] & 0x7200, 0x3200); /* IF is VIF's value */
    assert_int_equal(b->cpu->r[RDX] & 0x7200, 0x3000); /* VIF was cleared */
    assert_int_equal(b->frame_flags & (FL_IF | FL_VIF), FL_IF | FL_VIF);
    assert_int_equal(b->frame_sp, 0xf000);
    bench_free(b);
    b = fresh(CR4_VME, 0); /* IOPL 3: the real IF */
    bench_put(b, 0x21 * 4, 0x30000100, 4);
    put_code(b, 0x30100, /* hlt */ CODE("\xf4"));
    enter(b, FL_IF | IOPL(3), /* int 0x21; hlt */ CODE("\xcd\x21\xf4"));
    check_gp(b, 0x100);
    assert_int_equal(b->frame_flags & FL_IF, 0);
    bench_free(b);
    b = fresh(CR4_VME, 0xff); /* bit set: #GP below IOPL 3, the monitor's gate at 3 */
    enter(b, 0, /* int 0x21 */ CODE("\xcd\x21"));
    check_gp(b, 0);
    bench_free(b);
    b = fresh(CR4_VME, 0xff);
    enter(b, IOPL(3), /* int 0x21 */ CODE("\xcd\x21"));
    assert_int_equal(b->vector, 0x21);
    bench_free(b);
}

/* ---- PVI: protected mode, level 3 ---- */

static void test_pvi(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    bench_run(b, /* cli */ CODE("\xfa"));
    check_gp(b, BENCH_CODE);
    bench_reset(b);
    b->cpu->cr4 |= CR4_PVI;
    bench_run(b, /* sti; int3 */ CODE("\xfb\xcc"));
    assert_int_equal(b->vector, EXC_BP);
    assert_int_equal(b->frame_flags & (FL_IF | FL_VIF), FL_VIF);
    bench_reset(b);
    b->cpu->cr4 |= CR4_PVI;
    b->cpu->eflags |= FL_VIP;
    bench_run(b, /* cli; sti */ CODE("\xfa\xfb"));
    check_gp(b, BENCH_CODE + 1);
    bench_reset(b);
    b->cpu->eflags |= FL_IOPL;
    cpu_update_mode(b->cpu);
    bench_run(b, /* sti; int3 */ CODE("\xfb\xcc"));
    assert_int_equal(b->frame_flags & (FL_IF | FL_VIF), FL_IF);
    bench_free(b);
}

/* POPF at level 3 leaves IF and IOPL without a fault. */
static void test_popf_user(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    b->cpu->eflags |= FL_IF;
    bench_run(b, /* push dword 0x3c7cd7; popfd; pushfd; pop eax; int3 */ CODE("\x68\xd7\x7c\x3c\x00\x9d\x9c\x58\xcc"));
    assert_int_equal(b->vector, EXC_BP);
    assert_int_equal(b->cpu->r[RAX], 0x244ed7); /* no IOPL, VIF, VIP; IF as it was */
    bench_free(b);
    b = bench_new(BENCH_32);
    bench_run(b, /* push dword 0x3f7cd7; popfd; pushfd; pop eax; hlt */ CODE("\x68\xd7\x7c\x3f\x00\x9d\x9c\x58\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x247cd7); /* VIF, VIP, VM stay */
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enter_and_leave), cmocka_unit_test(test_handler_privilege),
        cmocka_unit_test(test_limit),           cmocka_unit_test(test_sensitive),
        cmocka_unit_test(test_iopl_3),          cmocka_unit_test(test_vme_flags),
        cmocka_unit_test(test_vme_redirect),    cmocka_unit_test(test_pvi),
        cmocka_unit_test(test_popf_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
