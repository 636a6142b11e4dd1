/* testfloat FUNCTION ROUNDING [PRECISION]: reads the cases that Berkeley TestFloat's testfloat_gen prints for FUNCTION
 * (operands, result and exception flags, in hexadecimal) from standard input and compares the interpreter's instruction
 * with them. ROUNDING is near_even, min, max or minMag; PRECISION 32, 64 or 80, of x87. Exit status 1 when any differs,
 * 2 when the function has no instruction here. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPERANDS_MAX 3
#define OPERAND_SIZE 16u
#define RESULT_AT 0x40u
#define SHOWN_MAX 5
#define MXCSR_MASKED 0x1f80u
#define FCW_MASKED 0x7fu
#define FCW_PC_SHIFT 8
#define RC_SSE_SHIFT 13
#define RC_X87_SHIFT 10

struct form {
    const char *function;
    bool sse;
    const u8 *code; /* 64-bit code: operands at [rsi], [rsi+16], [rsi+32]; the result goes to [rsi+64] */
    size_t len;
};

static const struct form forms[] = {
#include "testfloat_forms.h"
};

/* TestFloat's own bits, by those of MXCSR and of the x87 status word. */
static unsigned flags_of(u32 status)
{
    static const u8 bits[] = { 0x10, 0, 0x08, 0x04, 0x02, 0x01 }; /* IE DE ZE OE UE PE */
    unsigned f = 0;
    for (unsigned i = 0; i < ARRAY_LEN(bits); i++)
        f |= status >> i & 1 ? bits[i] : 0;
    return f;
}

/* A number of hexadecimal digits to bytes, the lowest first; the number of bytes, at least one. */
static unsigned to_bytes(u8 *to, const char *text)
{
    unsigned digits = (unsigned)strlen(text), n = 0;
    memset(to, 0, OPERAND_SIZE);
    for (unsigned end = digits; end > 0 && n<OPERAND_SIZE; end -= end> 1 ? 2 : 1) {
        char byte[3] = { end > 1 ? text[end - 2] : '0', text[end - 1], 0 };
        to[n++] = (u8)strtoul(byte, NULL, 16);
    }
    return n;
}

static bool is_zero(const u8 *number, unsigned size)
{
    u8 any = number[size - 1] & 0x7f;
    for (unsigned i = 0; i < size - 1; i++)
        any |= number[i];
    return !any;
}

/* Infinity times zero, and a NaN to add: IEEE 754 leaves it open. TestFloat has its default NaN and an exception,
 * Intel's processors the addend, and an exception if that is signaling (SDM vol. 1, 14.5.2). */
static bool is_left_open(struct bench *b, const struct form *f, unsigned size)
{
    static const u8 inf32[] = { 0, 0, 0x80, 0x7f }, inf64[] = { 0, 0, 0, 0, 0, 0, 0xf0, 0x7f };
    const u8 *inf = size == 4 ? inf32 : inf64;
    u8 plus[OPERANDS_MAX][8];
    if (!strstr(f->function, "mulAdd"))
        return false;
    for (unsigned i = 0; i < OPERANDS_MAX; i++) {
        memcpy(plus[i], b->m + BENCH_DATA + OPERAND_SIZE * i, size);
        plus[i][size - 1] &= 0x7f;
    }
    bool product = (!memcmp(plus[0], inf, size) && is_zero(plus[1], size)) ||
                   (!memcmp(plus[1], inf, size) && is_zero(plus[0], size));
    return product && (size == 4 ? get_le32(plus[2]) > get_le32(inf) : get_le64(plus[2]) > get_le64(inf));
}

static void execute(struct bench *b, unsigned rounding, unsigned precision)
{
    struct cpu *c = b->cpu;
    c->mxcsr = MXCSR_MASKED | rounding << RC_SSE_SHIFT;
    c->fpu.cw = (u16)(FCW_MASKED | precision << FCW_PC_SHIFT | rounding << RC_X87_SHIFT);
    c->fpu.sw = 0;
    c->fpu.top = 0;
    c->fpu.valid = 0;
    c->r[RSI] = BENCH_DATA;
    c->rip = BENCH_CODE;
    c->activity = ACT_RUNNING;
    memset(b->m + BENCH_DATA + RESULT_AT, 0, OPERAND_SIZE);
    bench_continue(b);
}

/* One line of cases; what differs goes to `differs`. False when the line is not one, or says nothing about us. */
static bool run_case(struct bench *b, const struct form *f, char *line, unsigned rounding, unsigned precision,
                     bool *differs)
{
    char *word[OPERANDS_MAX + 2], *rest = line, *w;
    unsigned words = 0;
    char whole[256];
    snprintf(whole, sizeof whole, "%s", line);
    while (words < ARRAY_LEN(word) && (w = strtok_r(rest, " \r\n", &rest)))
        word[words++] = w;
    if (words < 3)
        return false;
    for (unsigned i = 0; i + 2 < words; i++)
        to_bytes(b->m + BENCH_DATA + OPERAND_SIZE * i, word[i]);
    u8 expected[OPERAND_SIZE];
    unsigned size = to_bytes(expected, word[words - 2]);
    if (is_left_open(b, f, size))
        return false;
    execute(b, rounding, precision);
    unsigned flags = flags_of(f->sse ? b->cpu->mxcsr : b->cpu->fpu.sw);
    const u8 *got = b->m + BENCH_DATA + RESULT_AT;
    *differs = b->vector != -1 || memcmp(expected, got, size) != 0 || flags != strtoul(word[words - 1], NULL, 16);
    if (*differs) {
        printf("%s: %.*s: got ", f->function, (int)strcspn(whole, "\r\n"), whole);
        for (unsigned i = size; i-- > 0;)
            printf("%02X", got[i]);
        printf(" %02X%s\n", flags, b->vector != -1 ? ", and a fault" : "");
    }
    return true;
}

static int compare_all(struct bench *b, const struct form *f, unsigned rounding, unsigned precision)
{
    char line[256];
    unsigned long run = 0, different = 0;
    bool differs;
    for (size_t i = 0; i < f->len; i++)
        bench_put(b, BENCH_CODE + (u32)i, f->code[i], 1);
    while (different < SHOWN_MAX && fgets(line, sizeof line, stdin)) {
        if (!run_case(b, f, line, rounding, precision, &differs))
            continue;
        run++;
        different += differs;
    }
    printf("%-20s %9lu run, %lu different\n", f->function, run, different);
    return different != 0 || run == 0;
}

int main(int argc, char **argv)
{
    static const char *const roundings[] = { "near_even", "min", "max", "minMag" };
    unsigned rounding = 0;
    while (argc > 2 && rounding < ARRAY_LEN(roundings) && strcmp(argv[2], roundings[rounding]) != 0)
        rounding++;
    if (argc < 3 || rounding == ARRAY_LEN(roundings)) {
        fprintf(stderr, "usage: testfloat FUNCTION near_even|min|max|minMag [32|64|80] <cases\n");
        return 2;
    }
    unsigned precision = argc < 4 || strcmp(argv[3], "80") == 0 ? 3 : strcmp(argv[3], "64") == 0 ? 2 : 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (strcmp(forms[i].function, argv[1]) == 0) {
            struct bench *b = bench_new(BENCH_64);
            bench_enable_avx(b);
            b->limit = 10000; /* of one case */
            int status = compare_all(b, &forms[i], rounding, precision);
            bench_free(b);
            return status;
        }
    fprintf(stderr, "testfloat: no instruction here does %s\n", argv[1]);
    return 2;
}
