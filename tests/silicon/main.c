/* silicon: the interpreter compared with the processor that it runs on, row by row of the instruction table.
 *
 *   silicon [--seed S] [--count N] [--seconds T] [--row MNEMONIC] [--bits 32|64]
 *
 * Exit status 0: no difference; 1: differences (printed, at most ten a row); 77: this host can't. */
#include "gen.h"
#include "../cpu/harness.h"
#include "flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void enter_emulator(struct bench *b, const struct state *s, const u8 *code, size_t len)
{
    struct cpu *c = b->cpu;
    for (size_t i = 0; i < 32; i++)
        bench_put(b, MEM_CODE + (u32)i, i < len ? code[i] : 0x90, 1);
    for (u32 i = 0; i < MEM_DATA_SIZE; i += 8)
        if (get_le64(s->data + i) != get_le64(b->m + MEM_DATA + i))
            memcpy(b->m + MEM_DATA + i, s->data + i, 8);
    memcpy(c->r, s->r, sizeof s->r);
    cpu_set_eflags(c, s->flags | FL_IF, FL_ARITH | FL_DF | FL_IF);
    c->fpu.cw = get_le16(s->fx);
    c->fpu.top = (u8)(get_le16(s->fx + 2) >> 11 & 7);
    c->fpu.sw = get_le16(s->fx + 2) & 0xc7ff;
    c->fpu.valid = s->fx[4];
    for (unsigned i = 0; i < 8; i++) {
        c->fpu.reg[(c->fpu.top + i) & 7].mant = get_le64(s->fx + 32 + 16 * i);
        c->fpu.reg[(c->fpu.top + i) & 7].se = get_le16(s->fx + 40 + 16 * i);
    }
    c->mxcsr = get_le32(s->fx + 24);
    for (unsigned i = 0; i < 16; i++)
        memcpy(c->xmm[i].b, s->fx + 160 + 16 * i, 16);
    c->rip = MEM_CODE;
    c->activity = ACT_RUNNING;
    cpu_update_mode(c);
}

static enum outcome outcome_of(unsigned vector)
{
    switch (vector) {
    case EXC_UD: return FAULT_UD;
    case EXC_DE: return FAULT_DE;
    case EXC_AC: case EXC_SS: return FAULT_AC; /* both are SIGBUS */
    case EXC_MF: case EXC_XM: return FAULT_XM_OR_MF;
    case EXC_GP: case EXC_PF: return FAULT_GP_OR_PF;
    default: return FAULT_OTHER;
    }
}

static void run_emulator(struct bench *b, struct state *s, const u8 *code, size_t len)
{
    struct cpu *c = b->cpu;
    enter_emulator(b, s, code, len);
    s->outcome = RAN;
    unsigned passes = 0;
    do /* a string instruction may take passes */
        cpu_run(c, 1);
    while (c->rip == MEM_CODE && ++passes < 64);
    if (c->cpl != 3) { /* a handler: take the state of the fault back from its frame */
        unsigned v = (unsigned)((c->rip & ~15ull) - BENCH_HANDLERS) / 16;
        u32 sp = (u32)c->r[RSP] + (exception_has_error(v) ? 8 : 0);
        s->outcome = outcome_of(v);
        s->rip = bench_get(b, sp, 8);
        s->flags = (u32)bench_get(b, sp + 16, 8) & 0xcd5u;
        memcpy(s->r, c->r, sizeof s->r);
        s->r[RSP] = bench_get(b, sp + 24, 8);
        struct cpu *k = c;
        u16 sel = b->mode == BENCH_64U ? SEL_CODE64U : SEL_CODE32U;
        desc_to_seg(&k->seg[CS], sel, bench_get(b, BENCH_GDT + (sel & 0xfff8u), 8));
        seg_derive(&k->seg[CS], true);
        desc_to_seg(&k->seg[SS], SEL_DATA32U, bench_get(b, BENCH_GDT + (SEL_DATA32U & 0xfff8u), 8));
        seg_derive(&k->seg[SS], false);
        k->cpl = 3;
        cpu_update_mode(k);
    } else {
        s->rip = c->rip;
        s->flags = flags_get(c) & 0xcd5u;
        memcpy(s->r, c->r, sizeof s->r);
    }
    put_le16(s->fx, c->fpu.cw);
    put_le16(s->fx + 2, (u16)(c->fpu.sw | c->fpu.top << 11));
    s->fx[4] = c->fpu.valid;
    for (unsigned i = 0; i < 8; i++) {
        put_le64(s->fx + 32 + 16 * i, c->fpu.reg[(c->fpu.top + i) & 7].mant);
        put_le16(s->fx + 40 + 16 * i, c->fpu.reg[(c->fpu.top + i) & 7].se);
    }
    put_le32(s->fx + 24, c->mxcsr);
    for (unsigned i = 0; i < 16; i++)
        memcpy(s->fx + 160 + 16 * i, c->xmm[i].b, 16);
    memcpy(s->data, b->m + MEM_DATA, MEM_DATA_SIZE);
}

/* Flags that the SDM leaves undefined after an instruction, as EFLAGS bits. */
static u32 undefined_flags(const struct row *row, const struct state *before, const u8 *code, size_t len)
{
    (void)before;
    (void)code;
    (void)len;
    static const struct {
        const char *mnemonic;
        u32 flags;
    } table[] = {
        { "mul", FL_SF | FL_ZF | FL_AF | FL_PF }, { "imul", FL_SF | FL_ZF | FL_AF | FL_PF }, { "div", FL_ARITH }, { "idiv", FL_ARITH },
        { "bsf", FL_ARITH & ~FL_ZF }, { "bsr", FL_ARITH & ~FL_ZF }, { "bt", FL_ARITH & ~(FL_CF | FL_ZF) },
        { "bts", FL_ARITH & ~(FL_CF | FL_ZF) }, { "btr", FL_ARITH & ~(FL_CF | FL_ZF) }, { "btc", FL_ARITH & ~(FL_CF | FL_ZF) },
        { "shl", FL_AF | FL_OF }, { "shr", FL_AF | FL_OF }, { "sar", FL_AF }, { "rol", FL_OF }, { "ror", FL_OF }, { "rcl", FL_OF },
        { "rcr", FL_OF }, { "shld", FL_AF | FL_OF }, { "shrd", FL_AF | FL_OF }, { "and", FL_AF }, { "or", FL_AF }, { "xor", FL_AF },
        { "test", FL_AF }, { "aam", FL_CF | FL_OF | FL_AF }, { "aad", FL_CF | FL_OF | FL_AF },
        { "daa", FL_OF }, { "das", FL_OF }, { "aaa", FL_OF | FL_SF | FL_ZF | FL_PF }, { "aas", FL_OF | FL_SF | FL_ZF | FL_PF },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(row->mnemonic, table[i].mnemonic))
            return table[i].flags;
    return 0;
}

static bool fx_equal(const struct state *a, const struct state *b, u16 sw_mask)
{
    if ((get_le16(a->fx + 2) & sw_mask) != (get_le16(b->fx + 2) & sw_mask))
        return false;
    return get_le16(a->fx) == get_le16(b->fx) && a->fx[4] == b->fx[4] && get_le32(a->fx + 24) == get_le32(b->fx + 24);
}

static bool regs80_equal(const struct state *a, const struct state *b)
{
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(a->fx + 32 + 16 * i, b->fx + 32 + 16 * i, 10))
            return false;
    return true;
}

static const char *difference(const struct state *h, const struct state *e, u32 ignore)
{
    if (h->outcome != e->outcome)
        return "outcome";
    if (h->rip != e->rip)
        return "rip";
    if (memcmp(h->r, e->r, sizeof h->r))
        return "registers";
    if ((h->flags ^ e->flags) & ~ignore)
        return "flags";
    if (memcmp(h->fx + 160, e->fx + 160, 256))
        return "xmm";
    if (!regs80_equal(h, e))
        return "st/mm";
    if (!fx_equal(h, e, 0xffff))
        return "fpu control";
    return memcmp(h->data, e->data, MEM_DATA_SIZE) ? "memory" : NULL;
}

static void print_state(const char *who, const struct state *s)
{
    printf("    %s: outcome %d rip %llx flags %03x sw %04x tag %02x mxcsr %04x\n      ", who, (int)s->outcome, (unsigned long long)s->rip,
           s->flags, get_le16(s->fx + 2), s->fx[4], get_le32(s->fx + 24));
    for (unsigned i = 0; i < 16; i++)
        printf("%llx%s", (unsigned long long)s->r[i], i == 15 ? "\n" : " ");
}

static void print_difference(const struct row *row, const u8 *code, size_t len, const char *what, const struct state *before,
                             const struct state *h, const struct state *e)
{
    printf("DIFF %s in %s:", row->mnemonic, what);
    for (size_t i = 0; i < len; i++)
        printf(" %02x", code[i]);
    printf("\n");
    print_state("before  ", before);
    print_state("host    ", h);
    print_state("emulator", e);
    for (unsigned i = 0; i < 16; i++)
        if (memcmp(h->fx + 160 + 16 * i, e->fx + 160 + 16 * i, 16))
            printf("      xmm%u host %016llx%016llx emulator %016llx%016llx\n", i, (unsigned long long)get_le64(h->fx + 168 + 16 * i),
                   (unsigned long long)get_le64(h->fx + 160 + 16 * i), (unsigned long long)get_le64(e->fx + 168 + 16 * i),
                   (unsigned long long)get_le64(e->fx + 160 + 16 * i));
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(h->fx + 32 + 16 * i, e->fx + 32 + 16 * i, 10))
            printf("      st%u before %04x:%016llx host %04x:%016llx emulator %04x:%016llx\n", i, get_le16(before->fx + 40 + 16 * i),
                   (unsigned long long)get_le64(before->fx + 32 + 16 * i), get_le16(h->fx + 40 + 16 * i),
                   (unsigned long long)get_le64(h->fx + 32 + 16 * i), get_le16(e->fx + 40 + 16 * i), (unsigned long long)get_le64(e->fx + 32 + 16 * i));
    for (u32 i = 0; i < MEM_DATA_SIZE; i++)
        if (h->data[i] != e->data[i]) {
            printf("      memory at %x: before %02x host %02x emulator %02x\n", MEM_DATA + i, before->data[i], h->data[i], e->data[i]);
            break;
        }
}

struct options {
    u64 seed, count;
    double seconds;
    const char *row;
    unsigned bits;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct options parse(int argc, char **argv)
{
    struct options o = { 1, 200000, 0, NULL, 64 };
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--seed"))
            o.seed = strtoull(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--count"))
            o.count = strtoull(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--seconds"))
            o.seconds = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--row"))
            o.row = argv[i + 1];
        else if (!strcmp(argv[i], "--bits"))
            o.bits = (unsigned)atoi(argv[i + 1]);
    }
    return o;
}

static struct bench *user_bench(unsigned bits)
{
    struct bench *b = bench_new(bits == 64 ? BENCH_64U : BENCH_COMPAT);
    for (u32 page = 0; page < BENCH_RAM >> 12; page++) /* the user sees what the host process sees */
        if (page != MEM_CODE >> 12 && page != (MEM_CODE >> 12) + 1 && page != MEM_DATA >> 12 && page != (MEM_DATA >> 12) + 1)
            bench_put(b, BENCH_PTE(page), (u64)page << 12 | 3, 8);
    tlb_flush_all(b->cpu);
    return b;
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv);
    struct rng r = { o.seed };
    if (!host_init())
        return 77;
    struct bench *b = user_bench(o.bits);
    u64 runs = 0, diffs = 0;
    unsigned *shown = calloc(cpu_row_count, sizeof *shown);
    double end = o.seconds > 0 ? now() + o.seconds : 0;
    static struct state before, h, e;
    while (end > 0 ? now() < end : runs < o.count) {
        unsigned n = (unsigned)(rnd(&r) % cpu_row_count);
        const struct row *row = &cpu_rows[n];
        if (!gen_usable(row, o.bits) || (o.row && strcmp(o.row, row->mnemonic)))
            continue;
        u8 code[24];
        size_t len = gen_insn(&r, row, o.bits, &before, code);
        h = before;
        e = before;
        do /* TF stops a repeated string instruction after each iteration */
            host_run(&h, code, len, o.bits);
        while ((row->attr & A_REP) && h.outcome == RAN && h.rip == MEM_CODE);
        run_emulator(b, &e, code, len);
        runs++;
        const char *what = difference(&h, &e, undefined_flags(row, &before, code, len));
        if (what) {
            diffs++;
            if (shown[n]++ < 2)
                print_difference(row, code, len, what, &before, &h, &e);
        }
    }
    for (unsigned n = 0; n < cpu_row_count; n++)
        if (shown[n])
            printf("%-12s row %u: %u differences\n", cpu_rows[n].mnemonic, n, shown[n]);
    printf("silicon: %llu runs, %llu differences\n", (unsigned long long)runs, (unsigned long long)diffs);
    free(shown);
    bench_free(b);
    return diffs != 0;
}
