/* Shifts and rotates: every count, width, form of the count and of the operand, against bit-by-bit definitions (SDM
 * vol. 2, SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD). Flags are compared where they are defined. */
#include "flags.h"
#include "harness.h"

enum op { ROL, ROR, RCL, RCR, SHL, SHR, SAL, SAR };

static u64 mask_of(unsigned bits)
{
    return bits == 64 ? UINT64_MAX : BIT64(bits) - 1;
}

struct outcome {
    u64 r;
    u32 flags, defined;
};

static bool even_parity(u64 v)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 8; i++)
        n += v >> i & 1;
    return n % 2 == 0;
}

/* One step at a time. */
static void step(enum op op, u64 *v, bool *cf, unsigned bits)
{
    u64 top = BIT64(bits - 1);
    bool high = *v & top, low = *v & 1, old = *cf;
    switch (op) {
    case ROL:
        *v = *v << 1 | high;
        *cf = high;
        break;
    case ROR:
        *v = *v >> 1 | (low ? top : 0);
        *cf = low;
        break;
    case RCL:
        *v = *v << 1 | old;
        *cf = high;
        break;
    case RCR:
        *v = *v >> 1 | (old ? top : 0);
        *cf = low;
        break;
    case SHL:
    case SAL:
        *v <<= 1;
        *cf = high;
        break;
    case SHR:
        *v >>= 1;
        *cf = low;
        break;
    case SAR:
        *v = *v >> 1 | (high ? top : 0);
        *cf = low;
        break;
    }
    *v &= mask_of(bits);
}

static struct outcome reference(enum op op, u64 v, unsigned count, u32 flags, unsigned bits)
{
    struct outcome o = { v, flags, FL_ARITH };
    bool cf = flags & FL_CF, first = v & BIT64(bits - 1);
    count &= bits == 64 ? 63 : 31;
    if (!count)
        return o;
    for (unsigned i = 0; i < count; i++)
        step(op, &o.r, &cf, bits);
    bool top = o.r >> (bits - 1) & 1, next = o.r >> (bits - 2) & 1, of;
    switch (op) {
    case ROL:
    case RCL:
    case SHL:
    case SAL:
        of = top != cf;
        break;
    case ROR:
    case RCR:
        of = top != next;
        break;
    case SHR:
        of = first;
        break;
    default:
        of = false;
        break;
    }
    o.flags = (flags & ~(FL_CF | FL_OF)) | (cf ? FL_CF : 0) | (of ? FL_OF : 0);
    if (op >= SHL) {
        o.flags = (o.flags & (FL_CF | FL_OF)) | (o.r ? 0 : FL_ZF) | (top ? FL_SF : 0) | (even_parity(o.r) ? FL_PF : 0);
        o.defined &= ~FL_AF;
        if (op != SAR && count > bits) /* CF of a count above the width */
            o.defined &= ~FL_CF;
    }
    if (count != 1)
        o.defined &= ~FL_OF;
    return o;
}

enum form { BY_ONE, BY_CL, BY_IMM };

static void check(struct bench *b, enum op op, unsigned bits, enum form form, bool memory, u64 v, unsigned count,
                  u32 flags)
{
    struct cpu *c = b->cpu;
    u8 code[8];
    unsigned n = 0;
    static const u8 opcodes[] = { 0xd0, 0xd2, 0xc0 };
    if (bits == 16)
        code[n++] = 0x66;
    if (bits == 64)
        code[n++] = 0x48;
    code[n++] = (u8)(opcodes[form] + (bits > 8));
    code[n++] = (u8)((memory ? 0x06 : 0xc2) | op << 3);
    if (form == BY_IMM)
        code[n++] = (u8)count;
    code[n++] = 0xf4;
    u64 around = 0xfedcba9876543210 & ~mask_of(bits);
    struct outcome want = reference(op, v & mask_of(bits), form == BY_ONE ? 1 : count, flags, bits);
    c->r[RDX] = around | (v & mask_of(bits));
    c->r[RCX] = 0xabcdef00 | count;
    c->r[RSI] = BENCH_DATA;
    bench_put(b, BENCH_DATA, c->r[RDX], 8);
    cpu_set_eflags(c, flags, FL_ARITH);
    bench_run(b, code, n);
    u64 got = memory ? bench_get(b, BENCH_DATA, 8) : c->r[RDX];
    u64 keep = bits == 32 && !memory ? want.r : around | want.r;
    if (b->vector != -1 || got != keep || ((flags_get(c) ^ want.flags) & want.defined))
        fail_msg("op %d, %u bits, form %d, %llx by %u, flags %x: %llx %x, not %llx %x", op, bits, form,
                 (unsigned long long)v, count, flags, (unsigned long long)got, flags_get(c) & FL_ARITH,
                 (unsigned long long)keep, want.flags);
}

static void test_all_counts(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 8; bits <= 64; bits *= 2) {
        const u64 values[] = { 0, 1, BIT64(bits - 1), mask_of(bits), 0x8123456789abcdef, 0x5555555555555555 };
        for (enum op op = ROL; op <= SAR; op++)
            for (unsigned count = 0; count < 72; count++)
                for (size_t i = 0; i < ARRAY_LEN(values); i++) {
                    enum form form = count == 1 ? (enum form)(i % 3) : i % 2 ? BY_CL : BY_IMM;
                    check(b, op, bits, form, count & 1 ? i % 2 : i % 3 == 0, values[i], count, i & 1 ? FL_ARITH : 0);
                    check(b, op, bits, BY_CL, false, values[i], count, i & 1 ? 0 : FL_ARITH);
                }
    }
    bench_free(b);
}

/* ---- SHLD, SHRD ---- */

static void check_double(struct bench *b, bool right, unsigned bits, bool by_cl, u64 a, u64 fill, unsigned count)
{
    struct cpu *c = b->cpu;
    u8 code[8];
    unsigned n = 0, masked = count & (bits == 64 ? 63 : 31);
    if (bits == 16)
        code[n++] = 0x66;
    if (bits == 64)
        code[n++] = 0x48;
    code[n++] = 0x0f;
    code[n++] = (u8)((right ? 0xac : 0xa4) + by_cl);
    code[n++] = 0xc0 | RBX << 3 | RDX; /* rdx, rbx */
    if (!by_cl)
        code[n++] = (u8)count;
    code[n++] = 0xf4;
    if (masked > bits) /* undefined for 16 bits */
        return;
    u64 m = mask_of(bits);
    u128 both = right ? (u128)(fill & m) << bits | (a & m) : (u128)(a & m) << bits | (fill & m);
    u64 want = (u64)(right ? both >> masked : both << masked >> bits) & m;
    bool cf = right ? masked && (both >> (masked - 1) & 1) : masked && (both >> (2 * bits - masked) & 1);
    c->r[RDX] = a & m;
    c->r[RBX] = fill & m;
    c->r[RCX] = count;
    cpu_set_eflags(c, FL_ZF | FL_OF, FL_ARITH);
    bench_run(b, code, n);
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RDX] & m, want);
    assert_int_equal(c->r[RBX], fill & m);
    if (!masked) {
        assert_int_equal(flags_get(c) & FL_ARITH, FL_ZF | FL_OF);
        return;
    }
    u32 flags =
        (cf ? FL_CF : 0) | (want ? 0 : FL_ZF) | (want >> (bits - 1) & 1 ? FL_SF : 0) | (even_parity(want) ? FL_PF : 0);
    assert_int_equal(flags_get(c) & (FL_CF | FL_ZF | FL_SF | FL_PF), flags);
    if (masked == 1) {
        bool of = ((a ^ want) >> (bits - 1)) & 1;
        assert_int_equal((flags_get(c) & FL_OF) != 0, of);
    }
}

static void test_double(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned bits = 16; bits <= 64; bits *= 2)
        for (unsigned count = 0; count < 70; count++)
            for (unsigned v = 0; v < 8; v++) {
                u64 a = v & 1 ? 0x8000000180008001 : 0x7123456789abcdee,
                    fill = v & 2 ? 0xfedcba9876543210 : 0x0123456789abcdef;
                check_double(b, v & 4, bits, count & 1, a, fill, count);
                check_double(b, v & 4, bits, true, a, fill, count);
            }
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_counts), cmocka_unit_test(test_double) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
