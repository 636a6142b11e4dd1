/* Integer arithmetic and logic: every operation at every width in every operand form, results and the six flags
 * computed here from their definitions (SDM vol. 1, 3.4.3.1); multiplication, division and its faults, decimal
 * adjustments. */
#include "flags.h"
#include "harness.h"

#define ALL_FLAGS FL_ARITH

enum op { ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST };

static u64 mask_of(unsigned bits)
{
    return bits == 64 ? UINT64_MAX : BIT64(bits) - 1;
}

static bool even_parity(u64 v)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 8; i++)
        n += v >> i & 1;
    return n % 2 == 0;
}

static u32 result_flags(u64 r, unsigned bits)
{
    return ((r & mask_of(bits)) ? 0 : FL_ZF) | (r >> (bits - 1) & 1 ? FL_SF : 0) | (even_parity(r) ? FL_PF : 0);
}

struct outcome {
    u64 r;
    u32 flags;
};

static struct outcome reference(enum op op, u64 a, u64 b, bool cf, unsigned bits)
{
    struct outcome o = { 0, 0 };
    u64 m = mask_of(bits), sign = BIT64(bits - 1);
    u128 wide;
    switch (op) {
    case ADD:
    case ADC:
        wide = (u128)a + b + (op == ADC && cf);
        o.r = (u64)wide & m;
        o.flags =
            (wide >> bits ? FL_CF : 0) | ((a ^ o.r) & (b ^ o.r) & sign ? FL_OF : 0) | ((a ^ b ^ o.r) & 16 ? FL_AF : 0);
        break;
    case SUB:
    case SBB:
    case CMP:
        wide = (u128)b + (op == SBB && cf);
        o.r = (a - (u64)wide) & m;
        o.flags =
            ((u128)a < wide ? FL_CF : 0) | ((a ^ b) & (a ^ o.r) & sign ? FL_OF : 0) | ((a ^ b ^ o.r) & 16 ? FL_AF : 0);
        break;
    case OR:
        o.r = a | b;
        break;
    case XOR:
        o.r = a ^ b;
        break;
    default:
        o.r = a & b;
        break;
    }
    o.flags |= result_flags(o.r, bits);
    return o;
}

/* ---- forms ---- */

enum form { RR, RR_BACK, MR, RM, RI, MI, RI8, MI8, ACC, FORMS };

struct code {
    u8 b[24];
    unsigned n;
};

static void emit(struct code *c, unsigned byte)
{
    c->b[c->n++] = (u8)byte;
}

static void emit_imm(struct code *c, u64 v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        emit(c, (unsigned)(v >> (8 * i)) & 0xff);
}

/* First operand rDX or [rSI], second rCX or an immediate; ACC: rAX. False where there is no such form. */
static bool encode(struct code *c, enum op op, enum form form, unsigned bits, u64 b)
{
    unsigned wide = bits > 8, imm_bytes = bits == 8 ? 1 : bits == 16 ? 2 : 4;
    bool memory = form == MR || form == RM || form == MI || form == MI8;
    unsigned modrm = (memory ? 0x06u : 0xc2u);
    if (form >= RI && (u64)(s64)(s32)b != (bits == 64 ? b : (u64)(s64)(s32)b))
        return false;
    if ((form == RI8 || form == MI8) &&
        (bits == 8 || op == TEST || (b & mask_of(bits)) != ((u64)(s64)(s8)b & mask_of(bits))))
        return false;
    c->n = 0;
    if (bits == 16)
        emit(c, 0x66);
    if (bits == 64)
        emit(c, 0x48);
    if (op == TEST && (form == RR_BACK || form == RM))
        return false;
    unsigned base = (unsigned)op * 8;
    switch (form) {
    case RR:
    case MR:
        emit(c, (op == TEST ? 0x84u : base) + wide);
        emit(c, modrm | 1 << 3);
        break;
    case RR_BACK: /* the other direction: reg is the destination */
        emit(c, base + 2 + wide);
        emit(c, 0xc0 | 2 << 3 | 1);
        break;
    case RM: /* rDX op= [rSI]: the memory holds the second operand */
        emit(c, base + 2 + wide);
        emit(c, 0x06 | 2 << 3);
        break;
    case RI:
    case MI:
        emit(c, (op == TEST ? 0xf6u : 0x80u) + wide);
        emit(c, modrm | (op == TEST ? 0 : (unsigned)op << 3));
        emit_imm(c, b, imm_bytes);
        break;
    case RI8:
    case MI8:
        emit(c, 0x83);
        emit(c, modrm | (unsigned)op << 3);
        emit(c, (u8)b);
        break;
    default:
        emit(c, (op == TEST ? 0xa8u : base + 4) + wide);
        emit_imm(c, b, imm_bytes);
        break;
    }
    emit(c, 0xf4);
    return true;
}

static const u64 upper = 0x1234567890abcdef; /* what lies around a narrow operand */

static u64 merge(u64 old, u64 v, unsigned bits)
{
    return bits == 32 ? (u32)v : (old & ~mask_of(bits)) | (v & mask_of(bits));
}

static void check_one(struct bench *b, enum op op, enum form form, unsigned bits, u64 x, u64 y, bool cf)
{
    struct code code;
    struct cpu *c = b->cpu;
    bool to_memory = form == MR || form == MI || form == MI8;
    unsigned reg = form == ACC ? RAX : RDX;
    if (!encode(&code, op, form, bits, y))
        return;
    struct outcome want = reference(op, x & mask_of(bits), y & mask_of(bits), cf, bits);
    u64 start = merge(upper, x, bits == 32 ? 64 : bits), other = merge(~upper, y, bits == 32 ? 64 : bits);
    c->r[reg] = to_memory ? upper : start;
    c->r[RCX] = other;
    c->r[RSI] = BENCH_DATA;
    bench_put(b, BENCH_DATA, to_memory ? start : other, 8);
    cpu_set_eflags(c, (cf ? FL_CF : 0) | (x & 1 ? FL_AF | FL_ZF | FL_OF : 0), ALL_FLAGS);
    bench_run(b, code.b, code.n);
    u64 got = to_memory ? bench_get(b, BENCH_DATA, 8) : c->r[reg];
    u64 keep = to_memory && bits == 32 ? (start & ~mask_of(32)) | want.r : merge(start, want.r, bits);
    if (op == CMP || op == TEST)
        keep = start;
    u32 logic = op == OR || op == AND || op == XOR || op == TEST ? FL_AF : 0; /* undefined, and not looked at */
    if (b->vector != -1 || got != keep || ((flags_get(c) ^ want.flags) & ALL_FLAGS & ~logic))
        fail_msg("op %d form %d, %u bits, %llx %llx %d: %llx flags %x, not %llx %x", op, form, bits,
                 (unsigned long long)x, (unsigned long long)y, cf, (unsigned long long)got, flags_get(c) & ALL_FLAGS,
                 (unsigned long long)keep, want.flags);
}

static void check_width(struct bench *b, unsigned bits)
{
    u64 top = BIT64(bits - 1);
    const u64 values[] = {
        0, 1, 0xf, 0x10, top - 1, top, top + 1, mask_of(bits), 0x5a & mask_of(bits), 0xffffffffffffff80
    };
    for (enum op op = ADD; op <= TEST; op++)
        for (enum form form = RR; form < FORMS; form++)
            for (size_t i = 0; i < ARRAY_LEN(values) * ARRAY_LEN(values) * 2; i++)
                check_one(b, op, form, bits, values[i / 2 % ARRAY_LEN(values)], values[i / 2 / ARRAY_LEN(values)],
                          i & 1);
}

static void test_binary(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 8; bits <= 64; bits *= 2)
        check_width(b, bits);
    bench_free(b);
}

/* ---- one operand ---- */

static void check_unary(struct bench *b, unsigned bits, u64 x, bool cf, bool memory)
{
    static const struct {
        u8 opcode, digit;
    } ops[] = { { 0xfe, 0 }, { 0xfe, 1 }, { 0xf6, 2 }, { 0xf6, 3 } }; /* inc dec not neg */
    struct cpu *c = b->cpu;
    for (unsigned k = 0; k < 4; k++) {
        struct code code = { .n = 0 };
        u64 m = mask_of(bits), a = x & m;
        struct outcome want = k == 0   ? reference(ADD, a, 1, false, bits)
                              : k == 1 ? reference(SUB, a, 1, false, bits)
                              : k == 3 ? reference(SUB, 0, a, false, bits)
                                       : (struct outcome){ ~a & m, 0 };
        if (bits == 16)
            emit(&code, 0x66);
        if (bits == 64)
            emit(&code, 0x48);
        emit(&code, ops[k].opcode + (bits > 8 ? 1u : 0));
        emit(&code, (memory ? 0x06u : 0xc2u) | (unsigned)ops[k].digit << 3);
        emit(&code, 0xf4);
        u32 before = cf ? ALL_FLAGS : 0;
        cpu_set_eflags(c, before, ALL_FLAGS);
        c->r[RDX] = x;
        c->r[RSI] = BENCH_DATA;
        bench_put(b, BENCH_DATA, x, 8);
        bench_run(b, code.b, code.n);
        u32 flags = k == 2  ? before
                    : k < 2 ? (want.flags & ~FL_CF) | (before & FL_CF)
                            : want.flags; /* INC, DEC keep CF; NOT all */
        assert_int_equal((memory ? bench_get(b, BENCH_DATA, 8) : c->r[RDX]) & m, want.r);
        assert_int_equal(flags_get(c) & ALL_FLAGS, flags);
    }
}

static void test_unary(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 8; bits <= 64; bits *= 2) {
        u64 top = BIT64(bits - 1);
        const u64 values[] = { 0, 1, 0xf, 0x10, top - 1, top, mask_of(bits), 0x1234567890abcdef };
        for (size_t i = 0; i < ARRAY_LEN(values) * 4; i++)
            check_unary(b, bits, values[i / 4], i & 1, i & 2);
    }
    bench_free(b);
}

/* ---- multiplication and division ---- */

static void run_f7(struct bench *b, unsigned digit, unsigned bits, u64 high, u64 low, u64 operand)
{
    struct code code = { .n = 0 };
    struct cpu *c = b->cpu;
    if (bits == 16)
        emit(&code, 0x66);
    if (bits == 64)
        emit(&code, 0x48);
    emit(&code, bits == 8 ? 0xf6 : 0xf7);
    emit(&code, 0xc1u | digit << 3); /* rCX */
    emit(&code, 0xf4);
    c->r[RAX] = bits == 8 ? (high & 0xff) << 8 | (low & 0xff) : low & mask_of(bits);
    c->r[RDX] = bits == 8 ? 0 : high & mask_of(bits);
    c->r[RCX] = operand & mask_of(bits);
    c->r[RSP] = BENCH_STACK;
    bench_run(b, code.b, code.n);
}

static u64 low_half(const struct bench *b, unsigned bits)
{
    return b->cpu->r[RAX] & mask_of(bits);
}
static u64 high_half(const struct bench *b, unsigned bits)
{
    return bits == 8 ? b->cpu->r[RAX] >> 8 & 0xff : b->cpu->r[RDX] & mask_of(bits);
}

static s128 sext(u128 v, unsigned bits)
{
    return (s128)(v << (128 - bits)) >> (128 - bits);
}

static void test_multiply(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 8; bits <= 64; bits *= 2) {
        u64 top = BIT64(bits - 1);
        const u64 values[] = { 0, 1, 2, 7, top - 1, top, top + 1, mask_of(bits), 0x6b & mask_of(bits) };
        for (size_t i = 0; i < ARRAY_LEN(values) * ARRAY_LEN(values); i++) {
            u64 x = values[i % ARRAY_LEN(values)], y = values[i / ARRAY_LEN(values)];
            u128 p = (u128)x * y;
            run_f7(b, 4, bits, 0x77, x, y); /* mul */
            assert_int_equal(low_half(b, bits), (u64)p & mask_of(bits));
            assert_int_equal(high_half(b, bits), (u64)(p >> bits) & mask_of(bits));
            u32 want = p >> bits ? FL_CF | FL_OF : 0;
            assert_int_equal(flags_get(b->cpu) & (FL_CF | FL_OF), want);
            s128 q = sext(x, bits) * sext(y, bits);
            run_f7(b, 5, bits, 0x77, x, y); /* imul */
            assert_int_equal(low_half(b, bits), (u64)q & mask_of(bits));
            assert_int_equal(high_half(b, bits), (u64)(q >> bits) & mask_of(bits));
            want = q == sext((u128)q, bits) ? 0 : FL_CF | FL_OF;
            assert_int_equal(flags_get(b->cpu) & (FL_CF | FL_OF), want);
        }
    }
    bench_run(b, /* mov rcx,-3; imul rdx,rcx,-5; imul rbx,rdx,1000; mov rsi,rbx; imul rsi,rcx; hlt */
              CODE("\x48\xc7\xc1\xfd\xff\xff\xff\x48\x6b\xd1\xfb\x48\x69\xda\xe8\x03\x00\x00\x48\x89\xde\x48\x0f\xaf"
                   "\xf1\xf4"));
    assert_int_equal(b->cpu->r[RDX], 15);
    assert_int_equal(b->cpu->r[RBX], 15000);
    assert_int_equal(b->cpu->r[RSI], (u64)-45000);
    bench_free(b);
}

/* A quotient that does not fit, or a divisor of 0, is #DE and leaves the registers alone. */
static void check_division(struct bench *b, unsigned bits, u64 high, u64 low, u64 d)
{
    u64 m = mask_of(bits);
    u128 n = (u128)(high & m) << bits | (low & m);
    for (unsigned is_signed = 0; is_signed < 2; is_signed++) {
        bool fits = (d & m) != 0;
        u64 q = 0, r = 0;
        if (fits && !is_signed) {
            fits = n / (d & m) <= m;
            q = (u64)(n / (d & m));
            r = (u64)(n % (d & m));
        } else if (fits) {
            s128 sn = sext(n, 2 * bits), sd = sext(d & m, bits);
            bool overflow = sn == (s128)((u128)1 << 127) && sd == -1;
            s128 sq = overflow ? 0 : sn / sd;
            fits = !overflow && sq == sext((u128)sq, bits);
            q = (u64)sq & m;
            r = overflow ? 0 : (u64)(sn % sd) & m;
        }
        run_f7(b, 6 + is_signed, bits, high, low, d);
        assert_int_equal(b->vector, fits ? -1 : EXC_DE);
        assert_int_equal(low_half(b, bits), fits ? q : low & m);
        assert_int_equal(high_half(b, bits), fits ? r : high & m);
        if (!fits)
            assert_int_equal(b->frame_ip, BENCH_CODE);
    }
}

static void test_divide(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 8; bits <= 64; bits *= 2) {
        u64 top = BIT64(bits - 1), m = mask_of(bits);
        const u64 values[] = { 0, 1, 2, 10, top - 1, top, top + 1, m - 1, m, 0x35 };
        for (size_t i = 0; i < ARRAY_LEN(values) * ARRAY_LEN(values) * ARRAY_LEN(values); i++)
            check_division(b, bits, values[i % 10], values[i / 10 % 10], values[i / 100]);
    }
    bench_free(b);
}

/* ---- decimal (SDM vol. 2, the operation sections), all inputs ---- */

static struct outcome daa_das(u8 al, bool cf, bool af, bool subtract)
{
    u8 old = al;
    bool old_cf = cf;
    cf = false;
    if ((al & 15) > 9 || af) {
        cf = old_cf || (subtract ? al < 6 : al > 0xf9);
        al = (u8)(subtract ? al - 6 : al + 6);
        af = true;
    } else {
        af = false;
    }
    if (old > 0x99 || old_cf) {
        al = (u8)(subtract ? al - 0x60 : al + 0x60);
        cf = true;
    } else if (!subtract) {
        cf = false;
    }
    return (struct outcome){ al, (cf ? FL_CF : 0) | (af ? FL_AF : 0) | result_flags(al, 8) };
}

static void test_decimal(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    for (u32 v = 0; v < 1024; v++) {
        u32 flags = (v & 256 ? FL_CF : 0) | (v & 512 ? FL_AF : 0);
        for (unsigned subtract = 0; subtract < 2; subtract++) {
            struct outcome want = daa_das((u8)v, v & 256, v & 512, subtract);
            c->r[RAX] = v & 255;
            cpu_set_eflags(c, flags, ALL_FLAGS);
            bench_run(b, (const u8 *)(subtract ? "\x2f\xf4" : "\x27\xf4"), 2);
            assert_int_equal(c->r[RAX] & 255, want.r);
            assert_int_equal(flags_get(c) & ALL_FLAGS & ~FL_OF, want.flags);
            bool adjust = (v & 15) > 9 || (v & 512); /* AAA, AAS */
            u16 ax = (u16)(0x0500 | (v & 255)), moved = (u16)(subtract ? ax - 0x106 : ax + 0x106);
            c->r[RAX] = ax;
            cpu_set_eflags(c, flags, ALL_FLAGS);
            bench_run(b, (const u8 *)(subtract ? "\x3f\xf4" : "\x37\xf4"), 2);
            assert_int_equal(c->r[RAX] & 0xffff, (adjust ? moved : ax) & 0xff0f);
            assert_int_equal(flags_get(c) & (FL_CF | FL_AF), adjust ? FL_CF | FL_AF : 0);
        }
    }
    c->r[RAX] = 0x1263;
    bench_run(b, /* aam; hlt */ CODE("\xd4\x0a\xf4"));
    assert_int_equal(c->r[RAX] & 0xffff, 0x0909);
    bench_run(b, /* aad; hlt */ CODE("\xd5\x0a\xf4"));
    assert_int_equal(c->r[RAX] & 0xffff, 99);
    bench_run(b, /* aam 0 */ CODE("\xd4\x00\xf4"));
    assert_int_equal(b->vector, EXC_DE);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary), cmocka_unit_test(test_unary),   cmocka_unit_test(test_multiply),
        cmocka_unit_test(test_divide), cmocka_unit_test(test_decimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
