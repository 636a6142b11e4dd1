/* AES (vectors of Intel's white paper on it, of silicon and of FIPS 197), carry-less multiplication, SHA (FIPS 180-4's
 * message "abc", hashed by the instructions) and ADX. */
#include "flags.h"
#include "harness.h"

/* Register values are written as the manuals do, the highest byte first. */
static void put(union vec *v, u64 high, u64 low)
{
    v->q[0] = low;
    v->q[1] = high;
}

static void check(const union vec *v, u64 high, u64 low)
{
    assert_int_equal(v->q[0], low);
    assert_int_equal(v->q[1], high);
}

/* Runs an instruction on XMM1 and XMM2. */
static void run(struct bench *b, const char *code, size_t len)
{
    u8 bytes[16];
    memcpy(bytes, code, len);
    bytes[len] = 0xf4;
    bench_run(b, bytes, len + 1);
    assert_int_equal(b->vector, -1);
}
#define RUN(b, code) run(b, code, sizeof(code) - 1)

#define TEXT 0x7b5b546573745665, 0x63746f725d53475d
#define KEY 0x4869285368617929, 0x5b477565726f6e5d

static void test_aes_rounds(void **state)
{
    (void)state;
    static const struct {
        u8 op;
        u64 high, low;
    } expect[] = {
        { 0xdc, 0xa8311c2f9fdba3c5, 0x8b104b58ded7e595 }, /* aesenc */
        { 0xdd, 0xc7fb881e938c5964, 0x177ec42553fdc611 }, /* aesenclast */
        { 0xde, 0x138ac342faea2787, 0xb58eb95eb730392a }, /* aesdec */
        { 0xdf, 0xc5a391ef6b317f95, 0xd410637b72a593d0 }, /* aesdeclast */
        { 0xdb, 0x597f8df109efaa15, 0xf39bc5a119d859b6 }, /* aesimc */
    };
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        u8 code[] = { 0x66, 0x0f, 0x38, expect[i].op, 0xca }; /* xmm1, xmm2 */
        put(&b->cpu->xmm[1], TEXT);
        put(&b->cpu->xmm[2], KEY);
        run(b, (const char *)code, sizeof code);
        check(&b->cpu->xmm[1], expect[i].high, expect[i].low);
        check(&b->cpu->xmm[2], KEY);
    }
    put(&b->cpu->xmm[2], 0x3c4fcf098815f7ab, 0xa6d2ae2816157e2b);
    RUN(b, /* aeskeygenassist xmm1, xmm2, 1 */ "\x66\x0f\x3a\xdf\xca\x01");
    check(&b->cpu->xmm[1], 0x01eb848beb848a01, 0x3424b5e524b5e434);
    bench_free(b);
}

/* FIPS 197, appendix C.1: ten rounds with keys that the instructions expand, and back again. */
static void test_aes_128(void **state)
{
    (void)state;
    static const u8 rcon[] = { 1, 2, 4, 8, 16, 32, 64, 128, 27, 54 };
    struct bench *b = bench_new(BENCH_64);
    union vec *x = b->cpu->xmm, key[11];
    put(&key[0], 0x0f0e0d0c0b0a0908, 0x0706050403020100);
    for (unsigned i = 0; i < 10; i++) {
        u8 code[] = { 0x66, 0x0f, 0x3a, 0xdf, 0xca, rcon[i] };
        x[2] = key[i];
        run(b, (const char *)code, sizeof code);
        u32 t = x[1].d[3];
        for (unsigned k = 0; k < 4; k++)
            key[i + 1].d[k] = t ^= key[i].d[k];
    }
    check(&key[10], 0xc5302b4d8ba707f3, 0x174a94e37f1d1113);
    put(&x[1], 0xffeeddccbbaa9988 ^ key[0].q[1], 0x7766554433221100 ^ key[0].q[0]);
    for (unsigned i = 1; i < 11; i++) {
        x[2] = key[i];
        if (i < 10)
            RUN(b, /* aesenc xmm1, xmm2 */ "\x66\x0f\x38\xdc\xca");
        else
            RUN(b, /* aesenclast */ "\x66\x0f\x38\xdd\xca");
    }
    check(&x[1], 0x5ac5b47080b7cdd8, 0x30047b6ad8e0c469);
    x[1].q[0] ^= key[10].q[0];
    x[1].q[1] ^= key[10].q[1];
    for (unsigned i = 9; i < 10; i--) { /* the equivalent inverse cipher */
        x[2] = key[i];
        if (i)
            RUN(b, /* aesimc xmm2, xmm2; aesdec xmm1, xmm2 */ "\x66\x0f\x38\xdb\xd2\x66\x0f\x38\xde\xca");
        else
            RUN(b, /* aesdeclast */ "\x66\x0f\x38\xdf\xca");
    }
    check(&x[1], 0xffeeddccbbaa9988, 0x7766554433221100);
    bench_free(b);
}

static void test_pclmulqdq(void **state)
{
    (void)state;
    static const struct {
        u8 imm;
        u64 high, low;
    } expect[] = { { 0x00, 0x1d4d84c85c3440c0, 0x929633d5d36f0451 },
                   { 0x10, 0x1bd17c8d556ab5a1, 0x7fa540ac2a281315 },
                   { 0x01, 0x1a2bf6db3a30862f, 0xbabf262df4b7d5c9 },
                   { 0x11, 0x1d1e1f2c592e7c45, 0xd66ee03e410fd4ed },
                   { 0xee, 0x1d4d84c85c3440c0, 0x929633d5d36f0451 } /* other bits do not count */ };
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        u8 code[] = { 0x66, 0x0f, 0x3a, 0x44, 0xca, expect[i].imm };
        put(&b->cpu->xmm[1], TEXT);
        put(&b->cpu->xmm[2], KEY);
        run(b, (const char *)code, sizeof code);
        check(&b->cpu->xmm[1], expect[i].high, expect[i].low);
    }
    bench_free(b);
}

/* Memory operands are aligned ones. */
static void test_alignment(void **state)
{
    (void)state;
    static const u8 ops[][4] = {
        { 0x66, 0x0f, 0x38, 0xdc }, { 0x66, 0x0f, 0x38, 0xdb }, { 0, 0x0f, 0x38, 0xc9 }, { 0, 0x0f, 0x38, 0xcb }
    };
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < 2 * ARRAY_LEN(ops); i++) {
        u8 code[8];
        unsigned n = 0;
        for (unsigned k = ops[i / 2][0] ? 0 : 1; k < 4; k++)
            code[n++] = ops[i / 2][k];
        code[n++] = 0x0b; /* xmm1, [rbx] */
        code[n++] = 0xf4;
        b->cpu->r[RBX] = BENCH_DATA + (i & 1 ? 8 : 0);
        bench_reset(b);
        b->cpu->r[RBX] = BENCH_DATA + (i & 1 ? 8 : 0);
        bench_run(b, code, n);
        assert_int_equal(b->vector, i & 1 ? EXC_GP : -1);
    }
    bench_free(b);
}

/* ---- SHA ---- */

/* "abc" as a padded block, in words. */
static void message(u32 w[16])
{
    memset(w, 0, 64);
    w[0] = 0x61626380;
    w[15] = 24;
}

static void put_words(union vec *v, const u32 *w, bool top_first)
{
    for (unsigned i = 0; i < 4; i++)
        v->d[top_first ? 3 - i : i] = w[i];
}

/* Four words of SHA-1's schedule in a register, by the instructions, from the four before. */
static union vec sha1_schedule(struct bench *b, const union vec *last)
{
    union vec *x = b->cpu->xmm;
    x[1] = last[0];
    x[2] = last[1];
    RUN(b, /* sha1msg1 xmm1, xmm2 */ "\x0f\x38\xc9\xca");
    x[1].q[0] ^= last[2].q[0];
    x[1].q[1] ^= last[2].q[1];
    x[2] = last[3];
    RUN(b, /* sha1msg2 xmm1, xmm2 */ "\x0f\x38\xca\xca");
    return x[1];
}

static void test_sha1(void **state)
{
    (void)state;
    static const u32 start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    struct bench *b = bench_new(BENCH_64);
    union vec *x = b->cpu->xmm, w[20], abcd, before, e;
    u32 m[16];
    message(m);
    for (unsigned i = 0; i < 20; i++)
        if (i < 4)
            put_words(&w[i], m + 4 * i, true);
        else
            w[i] = sha1_schedule(b, w + i - 4);
    put_words(&abcd, start, true);
    put(&e, (u64)start[4] << 32, 0);
    for (unsigned i = 0; i < 20; i++) {
        u8 code[] = { 0x0f, 0x3a, 0xcc, 0xca, (u8)(i / 5) }; /* sha1rnds4 xmm1, xmm2, imm */
        if (i == 0) {
            e.d[3] += w[0].d[3];
            memcpy(&e, &w[0], 12);
        } else {
            x[1] = before;
            x[2] = w[i];
            RUN(b, /* sha1nexte xmm1, xmm2 */ "\x0f\x38\xc8\xca");
            e = x[1];
        }
        before = abcd;
        x[1] = abcd;
        x[2] = e;
        run(b, (const char *)code, sizeof code);
        abcd = x[1];
    }
    static const u32 digest[5] = { 0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d };
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(abcd.d[3 - i] + start[i], digest[i]);
    assert_int_equal((before.d[3] << 30 | before.d[3] >> 2) + start[4], digest[4]);
    bench_free(b);
}

static const u32 sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static union vec sha256_schedule(struct bench *b, const union vec *last)
{
    union vec *x = b->cpu->xmm;
    x[1] = last[0];
    x[2] = last[1];
    RUN(b, /* sha256msg1 xmm1, xmm2 */ "\x0f\x38\xcc\xca");
    for (unsigned i = 0; i < 4; i++) /* W[t - 7] */
        x[1].d[i] += i < 3 ? last[2].d[i + 1] : last[3].d[0];
    x[2] = last[3];
    RUN(b, /* sha256msg2 xmm1, xmm2 */ "\x0f\x38\xcd\xca");
    return x[1];
}

static void test_sha256(void **state)
{
    (void)state;
    static const u32 start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    static const u32 digest[8] = { 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                   0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad };
    struct bench *b = bench_new(BENCH_64);
    union vec *x = b->cpu->xmm, w[16], abef, cdgh;
    u32 m[16];
    message(m);
    for (unsigned i = 0; i < 16; i++)
        if (i < 4)
            put_words(&w[i], m + 4 * i, false);
        else
            w[i] = sha256_schedule(b, w + i - 4);
    put_words(&abef, (const u32[]){ start[0], start[1], start[4], start[5] }, true);
    put_words(&cdgh, (const u32[]){ start[2], start[3], start[6], start[7] }, true);
    for (unsigned i = 0; i < 32; i++) {
        x[0].d[0] = w[i / 2].d[2 * (i & 1)] + sha256_k[2 * i];
        x[0].d[1] = w[i / 2].d[2 * (i & 1) + 1] + sha256_k[2 * i + 1];
        x[1] = cdgh;
        x[2] = abef;
        RUN(b, /* sha256rnds2 xmm1, xmm2 */ "\x0f\x38\xcb\xca");
        cdgh = abef;
        abef = x[1];
    }
    const u32 end[8] = { abef.d[3], abef.d[2], cdgh.d[3], cdgh.d[2], abef.d[1], abef.d[0], cdgh.d[1], cdgh.d[0] };
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(end[i] + start[i], digest[i]);
    bench_free(b);
}

/* ---- ADX ---- */

static void test_adx(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    const u32 others = FL_PF | FL_AF | FL_ZF | FL_SF;
    c->r[RAX] = UINT64_MAX;
    c->r[RBX] = 0;
    cpu_set_eflags(c, FL_CF | others, FL_ARITH);
    RUN(b, /* adcx rax, rbx */ "\x66\x48\x0f\x38\xf6\xc3");
    assert_int_equal(c->r[RAX], 0);
    assert_int_equal(flags_get(c) & FL_ARITH, FL_CF | others);
    RUN(b, /* adox rax, rbx */ "\xf3\x48\x0f\x38\xf6\xc3"); /* its carry is OF */
    assert_int_equal(c->r[RAX], 0);
    c->r[RAX] = 0xffffffffffffffff;
    c->r[RBX] = 1;
    RUN(b, /* adox eax, ebx */ "\xf3\x0f\x38\xf6\xc3");
    assert_int_equal(c->r[RAX], 0);
    assert_int_equal(flags_get(c) & FL_ARITH, FL_CF | FL_OF | others);
    c->r[RAX] = 5;
    RUN(b, /* adox eax, ebx */ "\xf3\x0f\x38\xf6\xc3");
    assert_int_equal(c->r[RAX], 7);
    assert_int_equal(flags_get(c) & FL_ARITH, FL_CF | others);
    bench_free(b);
    b = bench_new(BENCH_P16); /* never 16 bits wide */
    b->cpu->r[RAX] = 0xffffffff;
    b->cpu->r[RBX] = 1;
    RUN(b, /* adcx eax, ebx */ "\x66\x0f\x38\xf6\xc3");
    assert_int_equal(b->cpu->r[RAX], 0);
    assert_int_equal(flags_get(b->cpu) & FL_CF, FL_CF);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aes_rounds), cmocka_unit_test(test_aes_128), cmocka_unit_test(test_pclmulqdq),
        cmocka_unit_test(test_alignment),  cmocka_unit_test(test_sha1),    cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_adx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
