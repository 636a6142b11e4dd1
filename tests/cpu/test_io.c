/* Port instructions: sizes, the I/O permission bitmap, INS and OUTS with REP (SDM vol. 1, chapter 19). */
#include "harness.h"
#include "flags.h"

#define BITMAP (BENCH_TSS + 0x68)

static void check_gp(struct bench *b, u64 ip)
{
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0);
    assert_int_equal(b->frame_ip, ip);
}

static void test_sizes(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->port_value = 0x89abcdef;
    b->cpu->r[RAX] = 0x1122334455667788;
    bench_run(b, /* in al,0x71; hlt */ CODE("\xe4\x71\xf4"));
    assert_true(b->cpu->r[RAX] == 0x11223344556677ef);
    assert_int_equal(b->port, 0x71);
    assert_int_equal(b->port_size, 1);
    b->cpu->r[RDX] = 0xffff1234;
    bench_run(b, /* in ax,dx; hlt */ CODE("\x66\xed\xf4"));
    assert_true(b->cpu->r[RAX] == 0x112233445566cdef);
    assert_int_equal(b->port, 0x1234);
    assert_int_equal(b->port_size, 2);
    bench_run(b, /* in eax,dx; hlt */ CODE("\xed\xf4"));
    assert_true(b->cpu->r[RAX] == 0x89abcdef);
    bench_run(b, CODE("\x48\xed\xf4")); /* REX.W: no 64-bit ports */
    assert_int_equal(b->port_size, 4);
    b->cpu->r[RAX] = 0xffffffff12345678;
    bench_run(b, /* out dx,ax; hlt */ CODE("\x66\xef\xf4"));
    assert_int_equal(b->port_value, 0x5678);
    assert_int_equal(b->port_size, 2);
    bench_run(b, /* out 0x80,eax; hlt */ CODE("\xe7\x80\xf4"));
    assert_int_equal(b->port_value, 0x12345678);
    assert_int_equal(b->port, 0x80);
    bench_free(b);
}

static void test_bitmap(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U); /* IOPL 0: the bitmap decides */
    bench_run(b, /* in al,0x60; int3 */ CODE("\xe4\x60\xcc"));
    assert_int_equal(b->vector, EXC_BP);
    bench_reset(b);
    bench_put(b, BITMAP + 0x60 / 8, 1, 1);
    bench_run(b, /* in al,0x60; int3 */ CODE("\xe4\x60\xcc"));
    check_gp(b, BENCH_CODE);
    bench_reset(b);
    bench_put(b, BITMAP + 0x60 / 8, 2, 1); /* port 61 */
    bench_run(b, /* in al,0x60; in ax,0x60 */ CODE("\xe4\x60\x66\xe5\x60"));
    check_gp(b, BENCH_CODE + 2);
    bench_reset(b);
    bench_put(b, BITMAP + 0x68 / 8, 1, 1); /* the second byte counts for a word at 67 */
    bench_run(b, /* in al,0x67; out 0x67,ax */ CODE("\xe4\x67\x66\xe7\x67"));
    check_gp(b, BENCH_CODE + 2);
    bench_reset(b);
    bench_put(b, BITMAP + 0x60 / 8, 1, 1);
    b->cpu->eflags |= FL_IOPL;
    cpu_update_mode(b->cpu);
    bench_run(b, /* in al,0x60; int3 */ CODE("\xe4\x60\xcc"));
    assert_int_equal(b->vector, EXC_BP);
    bench_free(b);
}

static void test_bitmap_limit(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    b->cpu->seg[TR].limit = 0x68 + 12; /* two bytes are read: those of port 60 are 12 and 13 */
    bench_run(b, /* in al,0x5f; in al,0x60 */ CODE("\xe4\x5f\xe4\x60"));
    check_gp(b, BENCH_CODE + 2);
    bench_reset(b);
    b->cpu->seg[TR].limit = 0x66; /* no word at 66 */
    bench_run(b, /* in al,0 */ CODE("\xe4\x00"));
    check_gp(b, BENCH_CODE);
    bench_reset(b);
    b->cpu->seg[TR].attr = DESC_P | SYS_TSS16_BUSY << 8; /* has no bitmap */
    bench_put(b, BENCH_TSS + 2, 0x7000, 2);              /* SP0 */
    bench_put(b, BENCH_TSS + 4, SEL_DATA32, 2);
    bench_run(b, /* in al,0 */ CODE("\xe4\x00"));
    check_gp(b, BENCH_CODE);
    bench_free(b);
    b = bench_new(BENCH_64U);
    bench_put(b, BITMAP + 0x60 / 8, 1, 1);
    bench_run(b, /* in al,0x60 */ CODE("\xe4\x60"));
    check_gp(b, BENCH_CODE);
    bench_free(b);
}

static void test_ins(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->port_value = 0xaabbccdd;
    b->cpu->r[RDI] = BENCH_DATA;
    b->cpu->r[RDX] = 0x1f0;
    b->cpu->r[RCX] = 256;
    bench_run(b, /* rep insw; hlt */ CODE("\xf3\x66\x6d\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDI], BENCH_DATA + 512);
    assert_int_equal(b->cpu->r[RCX], 0);
    assert_int_equal(bench_get(b, BENCH_DATA + 510, 2), 0xccdd);
    assert_int_equal(bench_get(b, BENCH_DATA + 512, 2), 0);
    assert_int_equal(b->port_size, 2);
    bench_run(b, /* insb; std; insd; rep insb; hlt */ CODE("\x6c\xfd\x6d\xf3\x6c\xf4")); /* CX = 0: nothing */
    assert_int_equal(b->cpu->r[RDI], BENCH_DATA + 512 + 1 - 4);
    bench_reset(b);
    bench_free(b);
}

static void test_ins_pages(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->port_value = 0x55;
    b->cpu->r[RDI] = BENCH_DATA + 0xff9;
    b->cpu->r[RCX] = 3000;
    bench_run(b, /* rep insd; hlt */ CODE("\xf3\x6d\xf4")); /* crosses pages, in the middle of an element too */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDI], BENCH_DATA + 0xff9 + 12000);
    for (u32 i = 0; i < 3000; i++)
        assert_int_equal(bench_get(b, BENCH_DATA + 0xff9 + 4 * i, 4), 0x55);
    bench_free(b);
}

/* A page that is not there, in the middle: what was done is done, the count says so. */
static void test_ins_fault(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_put(b, BENCH_PTE(0x21), 0, 8);
    tlb_flush_all(b->cpu);
    b->cpu->r[RDI] = BENCH_DATA + 0xff0;
    b->cpu->r[RCX] = 64;
    bench_run(b, /* rep insb; hlt */ CODE("\xf3\x6c\xf4"));
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    assert_int_equal(b->cpu->cr2, BENCH_DATA + 0x1000);
    assert_int_equal(b->cpu->r[RCX], 48);
    assert_int_equal(b->cpu->r[RDI], BENCH_DATA + 0x1000);
    bench_free(b);
}

static void test_ins_limit(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, 0x68, BENCH_DATA, 0x0f, DESC_P | DESC_S | DESC_RW | DESC_DB);
    b->cpu->r[RCX] = 64;
    b->cpu->r[RDI] = 0;
    bench_run(b, /* mov eax,0x68; mov es,eax; rep insb; hlt */ CODE("\xb8\x68\x00\x00\x00\x8e\xc0\xf3\x6c\xf4"));
    check_gp(b, BENCH_CODE + 7);
    assert_int_equal(b->cpu->r[RCX], 48);
    assert_int_equal(b->cpu->r[RDI], 16);
    bench_free(b);
}

static void test_wrap_16(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    b->port_value = 0x77;
    b->cpu->r[RDI] = 0xaaaafffe;
    b->cpu->r[RCX] = 0xbbbb0004;
    bench_put(b, 0x600, 0, 4);
    bench_run(b, /* mov ax,0x2000; mov es,ax; rep insb; hlt */ CODE("\xb8\x00\x20\x8e\xc0\xf3\x6c\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDI], 0xaaaa0002);
    assert_int_equal(b->cpu->r[RCX], 0xbbbb0000);
    assert_int_equal(bench_get(b, 0x2ffff, 1), 0x77);
    assert_int_equal(bench_get(b, 0x20001, 1), 0x77);
    assert_int_equal(bench_get(b, 0x20002, 1), 0);
    bench_free(b);
}

static void test_outs(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    for (u32 i = 0; i < 16; i++)
        bench_put(b, BENCH_DATA + 4 * i, 0x1000 + i, 4);
    b->cpu->r[RSI] = BENCH_DATA;
    b->cpu->r[RCX] = 16;
    bench_run(b, /* rep outsd; hlt */ CODE("\xf3\x6f\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->port_value, 0x100f);
    assert_int_equal(b->cpu->r[RSI], BENCH_DATA + 64);
    assert_int_equal(b->cpu->r[RCX], 0);
    b->cpu->r[RSI] = BENCH_DATA + 60;
    b->cpu->r[RCX] = 2;
    bench_run(b, /* std; rep outsw; cld; hlt */ CODE("\xfd\xf3\x66\x6f\xfc\xf4"));
    assert_int_equal(b->port_value, 0); /* the upper half of the element before */
    assert_int_equal(b->cpu->r[RSI], BENCH_DATA + 56);
    bench_free(b);
}

/* The permission is asked before the memory; even for a count of 0, as on silicon. */
static void test_string_permission(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    bench_put(b, BITMAP + 0x60 / 8, 1, 1);
    b->cpu->r[RDX] = 0x60;
    b->cpu->r[RCX] = 5;
    b->cpu->r[RDI] = BENCH_DATA;
    bench_run(b, /* rep insb */ CODE("\xf3\x6c"));
    check_gp(b, BENCH_CODE);
    assert_int_equal(b->cpu->r[RCX], 5);
    bench_reset(b);
    bench_put(b, BITMAP + 0x60 / 8, 1, 1);
    b->cpu->r[RDX] = 0x60;
    bench_run(b, /* rep insb; int3 */ CODE("\xf3\x6c\xcc"));
    check_gp(b, BENCH_CODE);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),        cmocka_unit_test(test_bitmap),
        cmocka_unit_test(test_bitmap_limit), cmocka_unit_test(test_ins),
        cmocka_unit_test(test_ins_pages),    cmocka_unit_test(test_ins_fault),
        cmocka_unit_test(test_ins_limit),    cmocka_unit_test(test_wrap_16),
        cmocka_unit_test(test_outs),         cmocka_unit_test(test_string_permission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
