/* compute.c: what a program built for x86-64-v3 does: loops that the compiler turns into AVX2, FMA, BMI and F16C, and
 * glibc's string and mathematical functions, which are chosen by CPUID when it starts. Prints a sum of each, the same
 * on every processor that computes right. */
#include <immintrin.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define N 4096u
#define STRING_MAX 700u

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t sum_of(const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static void show(const char *what, const void *data, size_t n)
{
    printf("%s %016" PRIx64 "\n", what, sum_of(data, n));
}

/* ---- loops for the vectoriser ---- */

static void integers(uint64_t *seed)
{
    static int32_t a[N], b[N], c[N];
    static int16_t s[N];
    static uint64_t q[N];
    int64_t total = 0;
    for (unsigned i = 0; i < N; i++) {
        a[i] = (int32_t)next_random(seed);
        b[i] = (int32_t)(next_random(seed) % N);
    }
    for (unsigned i = 0; i < N; i++)
        c[i] = a[b[i]]; /* gathered */
    for (unsigned i = 0; i < N; i++)
        total += c[i] > a[i] ? c[i] - (int64_t)a[i] : a[i] & b[i];
    for (unsigned i = 0; i < N; i++)
        s[i] = (int16_t)((int16_t)a[i] * (int16_t)c[i] >> 7);
    for (unsigned i = 0; i < N; i++)
        q[i] = (uint64_t)(uint32_t)a[i] << (b[i] & 31) | (uint64_t)(uint32_t)c[i] >> (b[i] & 15);
    show("gather", c, sizeof c);
    show("select", &total, sizeof total);
    show("multiply", s, sizeof s);
    show("shift", q, sizeof q);
}

static void floats(uint64_t *seed)
{
    static float f[N], g[N];
    static double x[N], y[N];
    static uint16_t half[N];
    for (unsigned i = 0; i < N; i++) {
        f[i] = (float)(int32_t)next_random(seed) * 0x1p-20f;
        x[i] = (double)(int64_t)next_random(seed) * 0x1p-50;
    }
    for (unsigned i = 0; i < N; i++) {
        g[i] = __builtin_fmaf(f[i], f[N - 1 - i], 0.5f) / (1 + f[i] * f[i]);
        y[i] = __builtin_fma(x[i], x[N - 1 - i], -0.25) / sqrt(1 + x[i] * x[i]);
    }
    for (unsigned i = 0; i < N; i += 8)
        _mm_storeu_si128((__m128i *)(void *)(half + i), _mm256_cvtps_ph(_mm256_loadu_ps(g + i), 0));
    show("fma32", g, sizeof g);
    show("fma64", y, sizeof y);
    show("halves", half, sizeof half);
    for (unsigned i = 0; i < N; i++)
        y[i] = floor(x[i]) + ceil(y[i]) + rint(x[i] * y[i]) + (double)(float)x[i];
    show("rounded", y, sizeof y);
}

static void bits(uint64_t *seed)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < N; i++) {
        uint64_t a = next_random(seed) >> (i & 63), b = next_random(seed);
        unsigned long long high;
        sum += _pdep_u64(b, a) ^ _pext_u64(b, a);
        sum = sum * 3 + _mulx_u64(a, b, &high);
        sum ^= high + _bzhi_u64(b, i & 63) + (_blsr_u64(a) ^ _blsmsk_u64(b)) + (~a & b);
        sum += (uint64_t)_lzcnt_u64(a) + (uint64_t)_tzcnt_u64(a) * 64 + (uint64_t)_mm_popcnt_u64(b);
        sum = (sum >> 13 | sum << 51) + __builtin_bswap64(b);
    }
    show("bits", &sum, sizeof sum);
}

/* ---- glibc ---- */

static void mathematics(uint64_t *seed)
{
    static double out[9 * 256];
    double *o = out;
    for (unsigned i = 0; i < 256; i++) {
        double x = (double)(int64_t)next_random(seed) * 0x1p-59, y = fabs(x) + 0x1p-30;
        *o++ = sin(x);
        *o++ = cos(x * 1e5);
        *o++ = tan(x);
        *o++ = exp(x);
        *o++ = log(y);
        *o++ = pow(y, x);
        *o++ = atan2(x, y);
        *o++ = (double)expf((float)x) + (double)logf((float)y) + (double)powf((float)y, (float)x);
        *o++ = (double)sinf((float)x) + (double)cosf((float)x);
    }
    show("libm", out, sizeof out);
}

static uint64_t string_case(uint64_t *seed, char *a, char *b)
{
    size_t at = next_random(seed) % 64, n = next_random(seed) % (STRING_MAX - 80), other = next_random(seed) % 64;
    uint8_t c = (uint8_t)('a' + next_random(seed) % 26);
    for (size_t i = 0; i < n; i++)
        a[at + i] = (char)('a' + next_random(seed) % 25);
    a[at + n] = 0;
    memcpy(b + other, a + at, n + 1);
    if (n)
        b[other + next_random(seed) % n] ^= (char)(next_random(seed) & 1);
    const char *found = strchr(a + at, c), *last = strrchr(a + at, c), *in = strstr(a + at, b + other + n / 2);
    uint64_t r = strlen(a + at) * 31 + (uint64_t)(strcmp(a + at, b + other) > 0);
    r = r * 31 + (found ? (uint64_t)(found - a) : 999) + (last ? (uint64_t)(last - a) : 777);
    r = r * 31 + (in ? (uint64_t)(in - a) : 555) + (uint64_t)(memcmp(a + at, b + other, n) < 0);
    memmove(a + at + 3, a + at, n);
    memset(b + other, c, n / 3);
    r = r * 31 + strnlen(b + other, 40) + strspn(b + other, (char[]){ (char)c, 0 }) + strcspn(a + at, "xyz");
    return r * 31 + sum_of(a, STRING_MAX) + sum_of(b, STRING_MAX);
}

static void strings(uint64_t *seed)
{
    static char a[STRING_MAX + 80], b[STRING_MAX + 80];
    uint64_t sum = 0;
    for (unsigned i = 0; i < 300; i++)
        sum = sum * 0x100000001b3u + string_case(seed, a, b);
    show("strings", &sum, sizeof sum);
}

int main(void)
{
    uint64_t seed = 1;
    for (unsigned round = 0; round < 3; round++) {
        integers(&seed);
        floats(&seed);
        bits(&seed);
        mathematics(&seed);
        strings(&seed);
    }
    return 0;
}
