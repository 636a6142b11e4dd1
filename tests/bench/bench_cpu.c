/* bench_cpu.c: how fast the processor runs: kernels of guest code (rom/), each on a machine of its own, timed from
 * inside. Prints a table; see usage(), README.md and docs/performance.md. */
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure.h"

#define ROUNDS_MAX 100
#define ROM_NAME "bench.rom"

enum format { FORMAT_TABLE, FORMAT_TSV, FORMAT_JSON };

struct options {
    const char *rom, *write_rom;
    double scale;
    unsigned rounds;
    enum format format;
    bool list, exact;
    char **names; /* kernels wanted; none: all */
    int name_count;
};

struct results {
    unsigned rounds;
    struct cost cost[ROUNDS_MAX];
};

static void usage(FILE *out)
{
    fputs("usage: bench_cpu [options] [KERNEL...]      KERNEL: a name, or its beginning\n"
          "  --rounds N        measure each kernel N times, in turn (5)\n"
          "  --scale X         X times the usual work (1)\n"
          "  --tsv | --json    for programs\n"
          "  --list            the kernels' names\n"
          "  --exact           a KERNEL is a whole name\n"
          "  --probe           only the price of an indirect branch, in ns\n"
          "  --rom FILE        the ROM with the kernels (" ROM_NAME " beside this program)\n"
          "  --write-rom FILE  write the ROM for another emulator's -bios, with this scale and kernel (or all)\n",
          out);
}

/* ---- figures ---- */

static int by_time(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;
    return (x->host_ns > y->host_ns) - (x->host_ns < y->host_ns);
}

static double per(u64 n, u64 d)
{
    return d ? (double)n / (double)d : 0;
}

/* Millions a second. */
static double rate(double n, u64 ns)
{
    return ns ? n * 1e3 / (double)ns : 0;
}

struct figures {
    const char *name, *unit;
    u64 insns;
    double best, median; /* million guest instructions a second */
    double units;        /* million units of work a second, median */
    double host_insns, host_branches;
};

static struct figures figures_of(const struct bench_kernel *k, struct results *r, double scale)
{
    qsort(r->cost, r->rounds, sizeof r->cost[0], by_time);
    const struct cost *best = &r->cost[0], *median = &r->cost[r->rounds / 2];
    return (struct figures){ .name = k->name,
                             .unit = k->unit,
                             .insns = best->guest_insns,
                             .best = rate((double)best->guest_insns, best->host_ns),
                             .median = rate((double)median->guest_insns, median->host_ns),
                             .units = rate((double)bench_rom_passes(k, scale) * k->units, median->host_ns),
                             .host_insns = per(median->host_insns, median->guest_insns),
                             .host_branches = per(median->host_branches, median->guest_insns) };
}

static void print_optional(double value)
{
    if (value > 0)
        printf("%9.2f", value);
    else
        printf("%9s", "-");
}

static void print_row(const struct figures *f)
{
    printf("%-16s %8.1f %8.1f %8.1f %7.2f", f->name, (double)f->insns / 1e6, f->best, f->median,
           f->median > 0 ? 1e3 / f->median : 0);
    print_optional(f->host_insns);
    print_optional(f->host_branches);
    printf(" %11.3f  %s\n", f->units, f->unit);
}

static void print_tsv(const struct figures *f)
{
    printf("%s\t%" PRIu64 "\t%.3f\t%.3f\t%.3f\t%.3f\t%.6f\t%s\n", f->name, f->insns, f->best, f->median, f->host_insns,
           f->host_branches, f->units, f->unit);
}

static void print_json(const struct figures *f, bool last)
{
    printf("  {\"kernel\": \"%s\", \"guest_instructions\": %" PRIu64
           ", \"best_mips\": %.3f, \"median_mips\": %.3f, \"host_instructions\": %.3f, \"host_branches\": %.3f"
           ", \"munits_per_second\": %.6f, \"unit\": \"%s\"}%s\n",
           f->name, f->insns, f->best, f->median, f->host_insns, f->host_branches, f->units, f->unit, last ? "" : ",");
}

/* Geometric mean of the medians: one number to compare two builds by. */
static double mean_of(const struct figures *f, unsigned n)
{
    double product = 1;
    for (unsigned i = 0; i < n; i++)
        product *= __builtin_pow(f[i].median, 1.0 / n);
    return product;
}

static void print_all(const struct figures *f, unsigned n, enum format format)
{
    if (format == FORMAT_TABLE)
        printf("%-16s %8s %8s %8s %7s %8s %8s %11s\n", "kernel", "Minsn", "best", "median", "ns/insn", "host i/i",
               "br/insn", "Munit/s");
    if (format == FORMAT_TSV)
        puts("kernel\tguest_instructions\tbest_mips\tmedian_mips\thost_instructions\thost_branches\tmunits_per_"
             "second\tunit");
    if (format == FORMAT_JSON)
        puts("[");
    for (unsigned i = 0; i < n; i++) {
        if (format == FORMAT_TABLE)
            print_row(&f[i]);
        else if (format == FORMAT_TSV)
            print_tsv(&f[i]);
        else
            print_json(&f[i], i + 1 == n);
    }
    if (format == FORMAT_TABLE)
        printf("%-16s %8s %8s %8.1f   (million guest instructions a host second)\n", "geometric mean", "", "",
               mean_of(f, n));
    if (format == FORMAT_JSON)
        puts("]");
}

/* ---- measuring ---- */

static bool wanted(const struct options *o, const char *name)
{
    for (int i = 0; i < o->name_count; i++)
        if (strncmp(name, o->names[i], strlen(o->names[i]) + o->exact) == 0)
            return true;
    return o->name_count == 0;
}

static bool measure_round(const struct options *o, struct bench_rom *rom, struct results *results)
{
    for (unsigned k = 0; k < rom->count; k++) {
        struct results *r = &results[k];
        if (!wanted(o, rom->kernel[k].name))
            continue;
        bench_rom_select(rom, k, o->scale);
        if (!measure_kernel(rom, &r->cost[r->rounds])) {
            fprintf(stderr, "%s failed\n", rom->kernel[k].name);
            return false;
        }
        r->rounds++;
    }
    return true;
}

static bool measure(const struct options *o, struct bench_rom *rom)
{
    struct results *results = calloc(rom->count, sizeof *results);
    struct figures figures[BENCH_KERNELS_MAX];
    unsigned n = 0;
    bool ok = results != NULL;
    bench_rom_hurry(rom);
    for (unsigned i = 0; ok && i < o->rounds; i++) {
        if (o->format == FORMAT_TABLE && o->rounds > 1)
            fprintf(stderr, "round %u: an indirect branch costs %.2f ns\n", i + 1, measure_indirect_branch());
        ok = measure_round(o, rom, results);
    }
    for (unsigned k = 0; ok && k < rom->count; k++)
        if (results[k].rounds)
            figures[n++] = figures_of(&rom->kernel[k], &results[k], o->scale);
    if (ok && n)
        print_all(figures, n, o->format);
    else if (ok)
        fprintf(stderr, "no such kernel; see --list\n");
    free(results);
    return ok && n;
}

static bool write_rom(const struct options *o, struct bench_rom *rom)
{
    u32 which = BENCH_ALL;
    for (unsigned k = rom->count; o->name_count && k-- > 0;)
        if (wanted(o, rom->kernel[k].name))
            which = k;
    bench_rom_select(rom, which, o->scale);
    FILE *f = fopen(o->write_rom, "wb");
    bool ok = f && fwrite(rom->image, sizeof rom->image, 1, f) == 1;
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        perror(o->write_rom);
    return ok;
}

/* ---- the command line ---- */

/* The ROM lies beside the program. */
static const char *default_rom(char *path)
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (n <= 0)
        return ROM_NAME;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if ((size_t)(slash + 1 - path) + sizeof ROM_NAME > PATH_MAX)
        return ROM_NAME;
    memcpy(slash + 1, ROM_NAME, sizeof ROM_NAME);
    return path;
}

/* -1: go on; else the exit status. */
/* One option; the exit status, or -1: go on. */
static int take_option(struct options *o, int c)
{
    switch (c) {
    case 'r':
        o->rounds = (unsigned)strtoul(optarg, NULL, 10);
        break;
    case 's':
        o->scale = strtod(optarg, NULL);
        break;
    case 't':
        o->format = FORMAT_TSV;
        break;
    case 'j':
        o->format = FORMAT_JSON;
        break;
    case 'l':
        o->list = true;
        break;
    case 'e':
        o->exact = true;
        break;
    case 'R':
        o->rom = optarg;
        break;
    case 'w':
        o->write_rom = optarg;
        break;
    case 'p':
        printf("%.2f\n", measure_indirect_branch());
        return 0;
    case 'h':
        usage(stdout);
        return 0;
    default:
        usage(stderr);
        return 2;
    }
    return -1;
}

static int parse(struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        { "rounds", 1, NULL, 'r' },
        { "scale", 1, NULL, 's' },
        { "tsv", 0, NULL, 't' },
        { "json", 0, NULL, 'j' },
        { "list", 0, NULL, 'l' },
        { "probe", 0, NULL, 'p' },
        { "rom", 1, NULL, 'R' },
        { "help", 0, NULL, 'h' },
        { "write-rom", 1, NULL, 'w' },
        { "exact", 0, NULL, 'e' },
        { 0 },
    };
    int status = -1;
    for (int c; status < 0 && (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;)
        status = take_option(o, c);
    if (status >= 0)
        return status;
    o->names = argv + optind;
    o->name_count = argc - optind;
    if (o->rounds >= 1 && o->rounds <= ROUNDS_MAX && o->scale > 0)
        return -1;
    usage(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    struct options o = { .rom = default_rom(path), .scale = 1, .rounds = 5 };
    int status = parse(&o, argc, argv);
    if (status >= 0)
        return status;
    struct bench_rom *rom = malloc(sizeof *rom);
    bool ok = rom && bench_rom_load(rom, o.rom);
    if (ok && o.list)
        for (unsigned k = 0; k < rom->count; k++)
            puts(rom->kernel[k].name);
    else if (ok)
        ok = o.write_rom ? write_rom(&o, rom) : measure(&o, rom);
    free(rom);
    return ok ? 0 : 1;
}
