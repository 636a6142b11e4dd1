/* silicon: the interpreter compared with the processor that it runs on, by random user programs made from the rows of
 * the instruction table.
 *
 *   silicon [--seed S] [--count N] [--seconds T] [--row MNEMONIC] [--bits 16|32|64] [--insns N] [--show N]
 *
 * One run is one program on both sides. Without --bits all three code sizes take turns; --insns 1 gives single
 * instructions only (8: half of the programs have 2 to 8); --show is how many differences are printed for a row. The
 * long form that a change of the processor should pass: for s in 1 2 3 4; do silicon --seed $s --count 5000000; done
 *
 * Exit status 0: no difference; 1: differences; 77: this host can't. */
#include "compare.h"
#include "emulator.h"
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct options {
    u64 seed, count;
    double seconds;
    const char *row;
    unsigned bits, insns, show;
};

struct tally {
    u64 runs, differences, endless;
    unsigned *by_row;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool set_option(struct options *o, const char *name, const char *value)
{
    if (!strcmp(name, "--seed"))
        o->seed = strtoull(value, NULL, 0);
    else if (!strcmp(name, "--count"))
        o->count = strtoull(value, NULL, 0);
    else if (!strcmp(name, "--seconds"))
        o->seconds = strtod(value, NULL);
    else if (!strcmp(name, "--row"))
        o->row = value;
    else if (!strcmp(name, "--bits"))
        o->bits = (unsigned)strtoul(value, NULL, 0);
    else if (!strcmp(name, "--insns"))
        o->insns = (unsigned)strtoul(value, NULL, 0);
    else if (!strcmp(name, "--show"))
        o->show = (unsigned)strtoul(value, NULL, 0);
    else
        return false;
    return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .seed = 1, .count = 200000, .insns = 8, .show = 2 };
    for (int i = 1; i < argc; i += 2)
        if (i + 1 >= argc || !set_option(o, argv[i], argv[i + 1])) {
            fprintf(stderr, "silicon: what is %s?\n", argv[i]);
            return false;
        }
    if (o->insns < 1 || o->insns > 8)
        o->insns = 8;
    return true;
}

static enum code_mode choose_mode(struct rng *r, const struct options *o, const struct host_caps *caps)
{
    if (o->bits)
        return o->bits == 16 ? CODE16 : o->bits == 32 ? CODE32 : CODE64;
    unsigned k = below(r, 8);
    return k < 4 ? CODE64 : k < 6 || !caps->ldt ? CODE32 : CODE16;
}

static bool row_exists(const struct options *o, const struct host_caps *caps)
{
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned bits = 16; bits <= 64; bits *= 2)
            if (row_named(&cpu_rows[i], o->row) && row_usable(&cpu_rows[i], (enum code_mode)bits, caps) &&
                (!o->bits || o->bits == bits))
                return true;
    return false;
}

static void run_one(struct bench *b, struct rng *r, const struct options *o, const struct host_caps *caps,
                    struct tally *t)
{
    static struct state before, host, emulator;
    static struct program p;
    u8 host_code[PROGRAM_BYTES];
    gen_program(r, caps, choose_mode(r, o, caps), o->row, o->insns, &before, &p);
    host = before;
    emulator = before;
    host_run(&host, &p);
    memcpy(host_code, p.after, sizeof host_code);
    emulator_run(b, &emulator, &p);
    t->runs++;
    u64 at = host.rip + sel_base(host.sel[CS]);
    /* A jump into an instruction, or to what the program has stored behind its end: the host stops there. */
    bool inside = program_index(&p, at) < 0 && at - p.at < PROGRAM_BYTES && p.after[at - p.at] != PAD_BYTE;
    if (host.endless || inside ||
        (emulator.vector == EXC_DB && !emulator.endless)) { /* the program set TF: the host had it all along */
        t->endless++;
        return;
    }
    const char *what = emulator.endless ? "endless" : difference(&p, &host, &emulator, host_code);
    if (!what)
        return;
    t->differences++;
    u16 row = p.n && p.row[p.n - 1] != UINT16_MAX ? p.row[p.n - 1] : p.row[0];
    if (row == UINT16_MAX || t->by_row[row]++ < o->show)
        print_difference(&p, what, &before, &host, &emulator);
}

static void report(const struct tally *t, double seconds)
{
    for (unsigned n = 0; n < cpu_row_count; n++)
        if (t->by_row[n])
            printf("%-12s row %u: %u differences\n", cpu_rows[n].mnemonic, n, t->by_row[n]);
    printf("silicon: %llu runs in %.0f s, %llu set aside, %llu differences\n", (unsigned long long)t->runs, seconds,
           (unsigned long long)t->endless, (unsigned long long)t->differences);
}

int main(int argc, char **argv)
{
    struct options o;
    struct host_caps caps;
    if (!parse(argc, argv, &o))
        return 2;
    if (!host_init(&caps))
        return 77;
    if (!caps.ldt && o.bits == 16) {
        fprintf(stderr, "silicon: this host gives programs no local descriptors: no 16-bit code\n");
        return 77;
    }
    if (o.row && !row_exists(&o, &caps)) {
        fprintf(stderr, "silicon: no comparable row is called %s\n", o.row);
        return 2;
    }
    struct rng r = { o.seed };
    struct bench *b = emulator_new(&caps);
    struct tally t = { .by_row = calloc(cpu_row_count, sizeof(unsigned)) };
    double start = now();
    while (o.seconds > 0 ? now() < start + o.seconds : t.runs < o.count)
        run_one(b, &r, &o, &caps, &t);
    report(&t, now() - start);
    free(t.by_row);
    emulator_free(b);
    return t.differences != 0;
}
