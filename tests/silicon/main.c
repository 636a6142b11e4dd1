/* silicon: the interpreter compared with the processor that it runs on, by random user programs made from the rows of
 * the instruction table.
 *
 *   silicon [--seed S] [--count N] [--seconds T] [--jobs N] [--report FILE] [--row MNEMONIC] [--bits 16|32|64]
 *           [--insns N] [--show N] [--trial N]
 *   silicon --replay TRIAL
 *   silicon --encodings all|sparse [--bits 16|32|64]
 *
 * A trial is one program on both sides: one instruction, or up to --insns (16). Rows and code sizes take turns. --show
 * is how many differences each worker prints for a row; each is made small first, and ends in a line that --replay
 * takes. --trial runs that one of the seed's trials. --report writes what was compared, by row and code size.
 *
 * Exit status 0: no difference; 1: differences; 2: bad option; 77: this host can't. */
#include "emulator.h"
#include "gen.h"
#include "work.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 256u
#define CRASHES_MAX 20u

struct worker {
    pid_t pid;
    struct tally *tally;
};

static bool set_option(struct options *o, const char *name, const char *value)
{
    if (!strcmp(name, "--seed"))
        o->seed = strtoull(value, NULL, 0);
    else if (!strcmp(name, "--count"))
        o->count = strtoull(value, NULL, 0);
    else if (!strcmp(name, "--seconds"))
        o->seconds = strtod(value, NULL);
    else if (!strcmp(name, "--jobs"))
        o->jobs = (unsigned)strtoul(value, NULL, 0);
    else if (!strcmp(name, "--report"))
        o->report = value;
    else if (!strcmp(name, "--row"))
        o->row = value;
    else if (!strcmp(name, "--bits"))
        o->bits = (unsigned)strtoul(value, NULL, 0);
    else if (!strcmp(name, "--insns"))
        o->insns = (unsigned)strtoul(value, NULL, 0);
    else if (!strcmp(name, "--show"))
        o->show = (unsigned)strtoul(value, NULL, 0);
    else if (!strcmp(name, "--trial"))
        o->only = strtoull(value, NULL, 0);
    else if (!strcmp(name, "--encodings"))
        o->encodings = value;
    else if (!strcmp(name, "--replay"))
        o->replay = value;
    else
        return false;
    return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
    *o =
        (struct options){ .seed = 1, .count = 200000, .insns = SEQUENCE_MAX, .show = 2, .jobs = 1, .only = UINT64_MAX };
    for (int i = 1; i < argc; i += 2)
        if (i + 1 >= argc || !set_option(o, argv[i], argv[i + 1])) {
            fprintf(stderr, "silicon: what is %s? The options are described in tests/silicon/main.c\n", argv[i]);
            return false;
        }
    if (o->insns < 1 || o->insns > SEQUENCE_MAX || o->jobs < 1 || o->jobs > JOBS_MAX ||
        (o->bits && o->bits != 16 && o->bits != 32 && o->bits != 64)) {
        fprintf(stderr, "silicon: --insns 1 to %u, --jobs 1 to %u, --bits 16, 32 or 64\n", SEQUENCE_MAX, JOBS_MAX);
        return false;
    }
    if (o->only != UINT64_MAX)
        o->jobs = 1;
    return true;
}

static bool spawn(struct worker *w, const struct options *o, u64 first, double until)
{
    fflush(stdout);
    w->pid = fork();
    if (w->pid == 0) {
        int status = work(o, w->tally, first, until);
        fflush(stdout);
        _exit(status);
    }
    return w->pid > 0;
}

/* Waits for a worker. One that was killed by what it ran is noted, and another goes on after that trial. */
static int finish(struct worker *w, const struct options *o, double until)
{
    int status;
    while (waitpid(w->pid, &status, 0) == w->pid) {
        if (WIFEXITED(status) && WEXITSTATUS(status) != 99)
            return WEXITSTATUS(status);
        printf("CRASH: silicon --seed %llu --trial %llu\n", (unsigned long long)o->seed,
               (unsigned long long)w->tally->under_way);
        if (++w->tally->crashes > CRASHES_MAX || o->only != UINT64_MAX ||
            !spawn(w, o, w->tally->under_way + o->jobs, until))
            return 1;
    }
    return 1;
}

static int write_report(const struct options *o, const struct tally *t)
{
    struct host_caps caps;
    FILE *f = fopen(o->report, "w");
    host_look(&caps);
    emulator_features(&caps);
    if (!f) {
        fprintf(stderr, "silicon: can't write the report %s\n", o->report);
        return 2;
    }
    report_write(f, t, &caps);
    return fclose(f) ? 2 : 0;
}

static void summarize(const struct options *o, const struct tally *t, double seconds)
{
    struct host_caps caps;
    unsigned wanted, met;
    host_look(&caps);
    emulator_features(&caps);
    rows_init(&caps);
    report_coverage(t, &wanted, &met);
    for (unsigned n = 0; n < cpu_row_count; n++)
        if (t->differences_of[n])
            printf("%-12s row %u: %llu differences\n", cpu_rows[n].mnemonic, n,
                   (unsigned long long)t->differences_of[n]);
    printf(
        "silicon: seed %llu, %llu executions in %llu trials in %.0f s, %u of %u rows and code sizes, %llu set aside, "
        "%llu unsteady, %llu crashes, %llu differences\n",
        (unsigned long long)o->seed, (unsigned long long)t->executions, (unsigned long long)t->trials, seconds, met,
        wanted, (unsigned long long)t->aside, (unsigned long long)t->unsteady, (unsigned long long)t->crashes,
        (unsigned long long)t->differences);
}

static int run_all(const struct options *o)
{
    static struct worker workers[JOBS_MAX];
    struct tally *sum = tally_new();
    double begin = work_clock(), until = begin + o->seconds;
    int status = 0;
    for (unsigned i = 0; i < o->jobs; i++) {
        workers[i].tally = tally_new();
        if (!sum || !workers[i].tally || !spawn(&workers[i], o, o->only != UINT64_MAX ? o->only : i, until)) {
            fprintf(stderr, "silicon: no memory, or no process, for %u jobs\n", o->jobs);
            return 2;
        }
    }
    for (unsigned i = 0; i < o->jobs; i++) {
        int s = finish(&workers[i], o, until);
        status = s > status ? s : status;
        tally_add(sum, workers[i].tally);
    }
    if (status == EXIT_CANNOT || status == 2)
        return status;
    summarize(o, sum, work_clock() - begin);
    if (o->report && write_report(o, sum))
        return 2;
    return status || sum->differences || sum->crashes;
}

int main(int argc, char **argv)
{
    struct options o;
    if (!parse(argc, argv, &o))
        return 2;
    if (o.encodings)
        return work_encodings(&o);
    return o.replay ? work_replay(&o) : run_all(&o);
}
