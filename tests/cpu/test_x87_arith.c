/* test_x87_arith.c: every x87 instruction that computes, loads, stores or compares, against the host's own FPU, from
 * states with edge values, all rounding and precision modes, masked and unmasked exceptions, empty and full stacks. */
#include "host_x87.h"

#define ROUNDS 3000

enum memory { NO_MEM, M_F32, M_F64, M_F80, M_INT, M_BCD };

struct insn {
    u8 op, modrm; /* memory forms: modrm.reg << 3, mod 0, rm 6: [rsi] */
    enum memory mem;
};

static void put_f32(u8 *p, u64 *seed)
{
    static const u32 edges[] = { 0,          0x80000000, 1,          0x807fffff, 0x00400000, 0x00800000,
                                 0x3f800000, 0xbf800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7f800001,
                                 0xffbfffff, 0x7fc00000, 0xffc12345, 0x40490fdb };
    u64 r = x87_random(seed);
    put_le32(p, r & BIT64(40) ? (u32)r : edges[r % ARRAY_LEN(edges)]);
}

static void put_f64(u8 *p, u64 *seed)
{
    static const u64 edges[] = { 0,
                                 BIT64(63),
                                 1,
                                 0x800fffffffffffff,
                                 0x0008000000000000,
                                 0x0010000000000000,
                                 0x3ff0000000000000,
                                 0xbff0000000000000,
                                 0x7fefffffffffffff,
                                 0x7ff0000000000000,
                                 0xfff0000000000000,
                                 0x7ff0000000000001,
                                 0xfff7ffffffffffff,
                                 0x7ff8000000000000,
                                 0xfff8123456789abc,
                                 0x400921fb54442d18 };
    u64 r = x87_random(seed);
    put_le64(p, r & BIT64(40) ? x87_random(seed) : edges[r % ARRAY_LEN(edges)]);
}

static void fill_memory(u8 *p, enum memory kind, u64 *seed)
{
    struct f80 v = x87_operand(seed);
    u64 r = x87_random(seed);
    for (unsigned i = 0; i < X87_STATE_MEM; i++)
        p[i] = (u8)(0xa0 + i);
    if (kind == M_F32)
        put_f32(p, seed);
    if (kind == M_F64)
        put_f64(p, seed);
    if (kind == M_F80) {
        put_le64(p, v.mant);
        put_le16(p + 8, v.se);
    }
    if (kind == M_INT)
        put_le64(p, r & BIT64(63) ? 0x8000000080008000u : x87_random(seed) & (UINT64_MAX >> (r & 63)));
    if (kind == M_BCD)
        for (unsigned i = 0; i < 10; i++) /* digits; the sign byte's low seven bits are ignored */
            p[i] = i == 9 ? (u8)(r >> 56) : (u8)((x87_random(seed) % 10) << 4 | x87_random(seed) % 10);
}

static void try_insn(struct x87_bench *t, const struct insn *in, enum x87_pointers ptr, u64 *seed)
{
    u8 bytes[2] = { in->op, (u8)(in->mem ? in->modrm << 3 | 6 : in->modrm) };
    unsigned bad = 0;
    x87_set_code(t, bytes, 2);
    for (unsigned n = x87_rounds(ROUNDS); n && bad < 3; n--) {
        struct x87_state s;
        x87_random_state(seed, &s);
        fill_memory(s.mem, in->mem, seed);
        bad += !x87_same(t, &s, ptr);
    }
    assert_int_equal(bad, 0);
}

static void try_all(const struct insn *list, size_t n, bool control)
{
    struct x87_bench *t = x87_bench_new();
    if (!t)
        skip();
    u64 seed = 1;
    for (size_t i = 0; i < n; i++)
        try_insn(t, &list[i], control ? PTR_KEPT : list[i].mem ? PTR_MEM : PTR_INSN, &seed);
    x87_bench_free(t);
}
#define TRY_ALL(list) try_all(list, ARRAY_LEN(list), false)

/* Register forms with every ST(i) of a row. */
static void try_rows(const u8 (*rows)[2], size_t n)
{
    struct x87_bench *t = x87_bench_new();
    if (!t)
        skip();
    u64 seed = 2;
    for (size_t k = 0; k < n; k++)
        for (unsigned i = 0; i < 8; i += (i > 1 ? 2 : 1))
            try_insn(t, &(struct insn){ rows[k][0], (u8)(rows[k][1] + i), NO_MEM }, PTR_INSN, &seed);
    x87_bench_free(t);
}

static void arithmetic_registers(void **state)
{
    (void)state;
    static const u8 rows[][2] = { { 0xd8, 0xc0 }, { 0xd8, 0xc8 }, { 0xd8, 0xe0 }, { 0xd8, 0xe8 }, { 0xd8, 0xf0 },
                                  { 0xd8, 0xf8 }, { 0xdc, 0xc0 }, { 0xdc, 0xc8 }, { 0xdc, 0xe0 }, { 0xdc, 0xe8 },
                                  { 0xdc, 0xf0 }, { 0xdc, 0xf8 }, { 0xde, 0xc0 }, { 0xde, 0xc8 }, { 0xde, 0xe0 },
                                  { 0xde, 0xe8 }, { 0xde, 0xf0 }, { 0xde, 0xf8 } };
    try_rows(rows, ARRAY_LEN(rows));
}

static void arithmetic_memory(void **state)
{
    (void)state;
    static const u8 reg[] = { 0, 1, 4, 5, 6, 7 };
    struct insn list[4 * ARRAY_LEN(reg)];
    for (unsigned i = 0; i < ARRAY_LEN(reg); i++) {
        list[4 * i] = (struct insn){ 0xd8, reg[i], M_F32 };
        list[4 * i + 1] = (struct insn){ 0xdc, reg[i], M_F64 };
        list[4 * i + 2] = (struct insn){ 0xda, reg[i], M_INT };
        list[4 * i + 3] = (struct insn){ 0xde, reg[i], M_INT };
    }
    TRY_ALL(list);
}

static void comparisons(void **state)
{
    (void)state;
    static const u8 rows[][2] = { { 0xd8, 0xd0 }, { 0xd8, 0xd8 }, { 0xdd, 0xe0 }, { 0xdd, 0xe8 },
                                  { 0xdb, 0xe8 }, { 0xdb, 0xf0 }, { 0xdf, 0xe8 }, { 0xdf, 0xf0 },
                                  { 0xdc, 0xd0 }, { 0xdc, 0xd8 }, { 0xde, 0xd0 } };
    static const struct insn others[] = { { 0xd8, 2, M_F32 }, { 0xd8, 3, M_F32 },     { 0xdc, 2, M_F64 },
                                          { 0xdc, 3, M_F64 }, { 0xda, 2, M_INT },     { 0xda, 3, M_INT },
                                          { 0xde, 2, M_INT }, { 0xde, 3, M_INT },     { 0xd9, 0xe4, 0 },
                                          { 0xd9, 0xe5, 0 },  { 0xda, 0xe9, NO_MEM }, { 0xde, 0xd9, NO_MEM } };
    try_rows(rows, ARRAY_LEN(rows));
    TRY_ALL(others);
}

static void loads(void **state)
{
    (void)state;
    static const struct insn list[] = { { 0xd9, 0, M_F32 }, { 0xdd, 0, M_F64 }, { 0xdb, 5, M_F80 }, { 0xdf, 0, M_INT },
                                        { 0xdb, 0, M_INT }, { 0xdf, 5, M_INT }, { 0xdf, 4, M_BCD }, { 0xd9, 0xe8, 0 },
                                        { 0xd9, 0xe9, 0 },  { 0xd9, 0xea, 0 },  { 0xd9, 0xeb, 0 },  { 0xd9, 0xec, 0 },
                                        { 0xd9, 0xed, 0 },  { 0xd9, 0xee, 0 } };
    static const u8 rows[][2] = { { 0xd9, 0xc0 } };
    TRY_ALL(list);
    try_rows(rows, ARRAY_LEN(rows));
}

static void stores(void **state)
{
    (void)state;
    static const struct insn list[] = { { 0xd9, 2, M_F32 }, { 0xd9, 3, M_F32 }, { 0xdd, 2, M_F64 }, { 0xdd, 3, M_F64 },
                                        { 0xdb, 7, M_F80 }, { 0xdf, 2, M_INT }, { 0xdf, 3, M_INT }, { 0xdb, 2, M_INT },
                                        { 0xdb, 3, M_INT }, { 0xdf, 7, M_INT }, { 0xdf, 1, M_INT }, { 0xdb, 1, M_INT },
                                        { 0xdd, 1, M_INT }, { 0xdf, 6, M_BCD } };
    TRY_ALL(list);
}

static void moves(void **state)
{
    (void)state;
    static const u8 rows[][2] = { { 0xdd, 0xd0 }, { 0xdd, 0xd8 }, { 0xd9, 0xc8 }, { 0xda, 0xc0 }, { 0xda, 0xc8 },
                                  { 0xda, 0xd0 }, { 0xda, 0xd8 }, { 0xdb, 0xc0 }, { 0xdb, 0xc8 }, { 0xdb, 0xd0 },
                                  { 0xdb, 0xd8 }, { 0xdd, 0xc0 }, { 0xdf, 0xc0 }, { 0xd9, 0xd8 }, { 0xdd, 0xc8 },
                                  { 0xdf, 0xc8 }, { 0xdf, 0xd0 }, { 0xdf, 0xd8 } };
    try_rows(rows, ARRAY_LEN(rows));
}

static void one_operand(void **state)
{
    (void)state;
    static const struct insn list[] = { { 0xd9, 0xe0, 0 }, { 0xd9, 0xe1, 0 }, { 0xd9, 0xfa, 0 }, { 0xd9, 0xfc, 0 },
                                        { 0xd9, 0xf4, 0 }, { 0xd9, 0xd0, 0 }, { 0xd9, 0xf6, 0 }, { 0xd9, 0xf7, 0 } };
    TRY_ALL(list);
}

static void remainder_and_scale(void **state)
{
    (void)state;
    static const struct insn list[] = { { 0xd9, 0xf5, 0 }, { 0xd9, 0xf8, 0 }, { 0xd9, 0xfd, 0 } };
    TRY_ALL(list);
}

static void control(void **state)
{
    (void)state;
    static const struct insn list[] = { { 0xdb, 0xe0, 0 }, { 0xdb, 0xe1, 0 }, { 0xdb, 0xe2, 0 },  { 0xdb, 0xe3, 0 },
                                        { 0xdb, 0xe4, 0 }, { 0xdf, 0xe0, 0 }, { 0xd9, 7, M_INT }, { 0xdd, 7, M_INT } };
    try_all(list, ARRAY_LEN(list), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_registers),
        cmocka_unit_test(arithmetic_memory),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(loads),
        cmocka_unit_test(stores),
        cmocka_unit_test(moves),
        cmocka_unit_test(one_operand),
        cmocka_unit_test(remainder_and_scale),
        cmocka_unit_test(control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
