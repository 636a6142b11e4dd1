/* test_x87_trans.c: the transcendental instructions against the host's own FPU. Where that computes them for the guest
 * too, what can go wrong is ours: operand order, stack, condition codes, exceptions, ranges. The portable arithmetic
 * may differ in the last place, and so in whether it rounded up. */
#include "host_x87.h"

#include "x87_host.h"

#define ROUNDS 3000

#if !X87_HOST
#define ULPS 2

static u128 position(const u8 *reg) /* neighbouring numbers have neighbouring ones */
{
    return (u128)(get_le16(reg + 8) & 0x7fff) << 63 | (get_le64(reg) & (BIT64(63) - 1));
}

/* Takes over what is near enough. */
static void forgive(struct x87_image *guest, const struct x87_image *host)
{
    for (unsigned i = 0; i < 8; i++) {
        u128 g = position(guest->reg[i]), h = position(host->reg[i]);
        bool same_sign = guest->reg[i][9] >> 7 == host->reg[i][9] >> 7;
        if (same_sign && (g > h ? g - h : h - g) <= ULPS)
            memcpy(guest->reg[i], host->reg[i], 10);
    }
    u32 empty_g = guest->tw & guest->tw >> 1 & 0x5555u, empty_h = host->tw & host->tw >> 1 & 0x5555u;
    if (empty_g == empty_h)
        guest->tw = host->tw;
    guest->sw = (u16)((guest->sw & ~X87_C1) | (host->sw & X87_C1));
}
#endif

static bool agree(struct x87_bench *t, const struct x87_state *from)
{
#if X87_HOST
    return x87_same(t, from, PTR_INSN);
#else
    struct x87_state h = *from, g = *from;
    x87_run_host(t, &h);
    x87_run_guest(t, &g);
    struct x87_state near = g;
    x87_adjust(t, &h.x, &near.x, h.mem, PTR_INSN);
    forgive(&near.x, &h.x);
    if (memcmp(&near, &h, sizeof near) == 0)
        return true;
    x87_print("from ", from);
    x87_print("host ", &h);
    x87_print("guest", &g);
    return false;
#endif
}

static void try_insn(u8 modrm)
{
    struct x87_bench *t = x87_bench_new();
    if (!t)
        skip();
    u8 bytes[2] = { 0xd9, modrm };
    u64 seed = modrm;
    unsigned bad = 0;
    x87_set_code(t, bytes, 2);
    for (unsigned n = x87_rounds(ROUNDS); n && bad < 3; n--) {
        struct x87_state s;
        x87_random_state(&seed, &s);
        bad += !agree(t, &s);
    }
    x87_bench_free(t);
    assert_int_equal(bad, 0);
}

static void f2xm1(void **state)
{
    (void)state;
    try_insn(0xf0);
}
static void fyl2x(void **state)
{
    (void)state;
    try_insn(0xf1);
}
static void fptan(void **state)
{
    (void)state;
    try_insn(0xf2);
}
static void fpatan(void **state)
{
    (void)state;
    try_insn(0xf3);
}
static void fyl2xp1(void **state)
{
    (void)state;
    try_insn(0xf9);
}
static void fsincos(void **state)
{
    (void)state;
    try_insn(0xfb);
}
static void fsin(void **state)
{
    (void)state;
    try_insn(0xfe);
}
static void fcos(void **state)
{
    (void)state;
    try_insn(0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f2xm1),   cmocka_unit_test(fyl2x),   cmocka_unit_test(fptan), cmocka_unit_test(fpatan),
        cmocka_unit_test(fyl2xp1), cmocka_unit_test(fsincos), cmocka_unit_test(fsin),  cmocka_unit_test(fcos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
