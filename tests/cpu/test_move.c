/* Moves that do more than move: widening, exchanges with and without comparison, byte order, CRC32. */
#include "harness.h"

static void test_widening(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RAX] = 0xffffffffffffff80;
    bench_run(b, /* movzx ecx,al; movsx edx,al; movsx rbx,al; movzx esi,ax; movsxd rdi,eax; movsx bp,al; hlt */
              CODE("\x0f\xb6\xc8\x0f\xbe\xd0\x48\x0f\xbe\xd8\x0f\xb7\xf0\x48\x63\xf8\x66\x0f\xbe\xe8\xf4"));
    assert_int_equal(c->r[RCX], 0x80);
    assert_int_equal(c->r[RDX], 0xffffff80);
    assert_int_equal(c->r[RBX], (u64)-128);
    assert_int_equal(c->r[RSI], 0xff80);
    assert_int_equal(c->r[RDI], (u64)-128);
    assert_int_equal(c->r[RBP] & 0xffff, 0xff80);
    c->r[RAX] = 0x1111111111111180;
    bench_run(b, /* cbw; mov rcx,rax; cwde; mov rbx,rax; cdqe; cqo; hlt */
              CODE("\x66\x98\x48\x89\xc1\x98\x48\x89\xc3\x48\x98\x48\x99\xf4"));
    assert_int_equal(c->r[RCX], 0x111111111111ff80);
    assert_int_equal(c->r[RBX], 0xffffff80);
    assert_int_equal(c->r[RAX], (u64)-128);
    assert_int_equal(c->r[RDX], UINT64_MAX);
    c->r[RDX] = 0;
    bench_run(b, /* cdq; hlt */ CODE("\x99\xf4"));
    assert_int_equal(c->r[RDX], 0xffffffff);
    bench_free(b);
}

static void test_exchanges(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RBX] = BENCH_DATA;
    c->r[RCX] = 5;
    bench_put(b, BENCH_DATA, 7, 8);
    bench_run(b, /* lock xadd [rbx],rcx; xchg [rbx],ecx; hlt */ CODE("\xf0\x48\x0f\xc1\x0b\x87\x0b\xf4"));
    assert_int_equal(c->r[RCX], 12);
    assert_int_equal(bench_get(b, BENCH_DATA, 8), 7);
    c->r[RAX] = 7;
    c->r[RDX] = 99;
    bench_run(b, /* lock cmpxchg [rbx],edx; sete cl; cmpxchg [rbx],esi; sete ch; hlt: equal, then not */
              CODE("\xf0\x0f\xb1\x13\x0f\x94\xc1\x0f\xb1\x33\x0f\x94\xc5\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA, 4), 99);
    assert_int_equal(c->r[RAX], 99);
    assert_int_equal(c->r[RCX] & 0xffff, 1);
    bench_put(b, BENCH_DATA, 0x1111222233334444, 8);
    bench_put(b, BENCH_DATA + 8, 0x5555666677778888, 8);
    c->r[RSI] = BENCH_DATA;
    c->r[RAX] = 0x33334444;
    c->r[RDX] = 0x11112222;
    c->r[RBX] = 1;
    c->r[RCX] = 2;
    bench_run(b, /* cmpxchg8b [rsi]; sete dil; hlt */ CODE("\x0f\xc7\x0e\x40\x0f\x94\xc7\xf4"));
    assert_int_equal(bench_get(b, BENCH_DATA, 8), 0x200000001);
    assert_int_equal(c->r[RDI] & 0xff, 1);
    bench_run(b, /* cmpxchg16b [rsi]; sete dil; cmpxchg16b [rsi]; sete r8b; hlt: loads, then stores */
              CODE("\x48\x0f\xc7\x0e\x40\x0f\x94\xc7\x48\x0f\xc7\x0e\x41\x0f\x94\xc0\xf4"));
    assert_int_equal(c->r[RDI] & 0xff, 0);
    assert_int_equal(c->r[RAX], 0x200000001);
    assert_int_equal(c->r[RDX], 0x5555666677778888);
    assert_int_equal(c->r[R8] & 0xff, 1);
    assert_int_equal(bench_get(b, BENCH_DATA, 8), 1);
    assert_int_equal(bench_get(b, BENCH_DATA + 8, 8), 2);
    c->r[RSI] = BENCH_DATA + 8;
    bench_run(b, /* not aligned */ CODE("\x48\x0f\xc7\x0e\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    bench_free(b);
}

static void test_byte_order(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    c->r[RBX] = BENCH_DATA;
    c->r[RAX] = c->r[RDX] = 0x1122334455667788;
    bench_run(b, /* bswap rax; bswap edx; movbe [rbx],rax; movbe cx,[rbx]; crc32 esi,al; hlt */
              CODE("\x48\x0f\xc8\x0f\xca\x48\x0f\x38\xf1\x03\x66\x0f\x38\xf0\x0b\x31\xf6\xf2\x0f\x38\xf0\xf0\xf4"));
    assert_int_equal(c->r[RAX], 0x8877665544332211);
    assert_int_equal(c->r[RDX], 0x88776655);
    assert_int_equal(bench_get(b, BENCH_DATA, 8), 0x1122334455667788);
    assert_int_equal(c->r[RCX] & 0xffff, 0x8877);
    c->r[RSI] = 0xffffffff;
    for (u32 i = 0; i < 9; i++)
        bench_put(b, BENCH_DATA + i, (u64)'1' + i, 1);
    bench_run(b, /* crc32 rsi,qword [rbx]; crc32 esi,byte [rbx+8]; hlt */
              CODE("\xf2\x48\x0f\x38\xf1\x33\xf2\x0f\x38\xf0\x73\x08\xf4"));
    assert_int_equal(c->r[RSI] ^ 0xffffffff, 0xe3069283); /* CRC-32C's check value */
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_widening), cmocka_unit_test(test_exchanges),
                                        cmocka_unit_test(test_byte_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
