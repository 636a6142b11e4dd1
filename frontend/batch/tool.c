/* tool.c: `pcemu batch`: starts the runs of a list, as many at a time as it may, and tells what became of them in the
 * order of the list. Runs are processes: one that crashes or hangs takes nobody with it, and a signal ends them all. */
#define _GNU_SOURCE
#include "batch.h"

#include "keyval.h"
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 1024
#define PATIENCE_S 600.0
#define PATIENCE_MAX_S 1e6
#define GRACE_S 5.0 /* between asking a run to end and ending it */
#define STATUS_FAILED 1
#define SIGNALLED 128

static const char usage[] =
    "usage: pcemu batch [options] LIST\n"
    "Runs a machine for each line of LIST (\"NAME: OPTIONS\" or \"NAME STATUS: OPTIONS\"; -: standard input), as on a "
    "host\n"
    "without a display, and compares its exit status. Results are lines of TAP on standard output, with the output of\n"
    "those runs that failed.\n"
    "  -j N              as many at a time (default 1)\n"
    "  -timeout SECONDS  of the host's time for each (default 600)\n"
    "  -junit FILE       the results as JUnit's XML, too\n"
    "  -output DIR       each run's output in DIR/NAME.log\n"
    "Exit status: 0 all as expected; 1 some not; 2 bad usage; 16 a signal; 18 the host failed\n";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- one run ---- */

static FILE *open_output(const struct batch *b, const struct batch_run *r)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.log", b->outputs ? b->outputs : "", r->name);
    FILE *f = b->outputs ? fopen(path, "w+e") : tmpfile();
    if (f)
        fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
    return f;
}

/* The child: becomes the emulator, as on a host without a display, and without input. */
static _Noreturn void become(const struct batch_run *r, const sigset_t *signals)
{
    static const char name[] = "pcemu";
    const char **argv = calloc(r->words + 2u, sizeof *argv);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), out = fileno(r->output);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, signals, NULL);
    if (argv && null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(out, STDERR_FILENO) >= 0) {
        argv[0] = name;
        for (unsigned i = 0; i < r->words; i++)
            argv[1 + i] = r->word[i];
        unsetenv("DISPLAY");
        unsetenv("WAYLAND_DISPLAY");
        execv("/proc/self/exe", (char **)(uintptr_t)argv);
    }
    _exit(STATUS_HOST);
}

static bool start(struct batch *b, struct batch_run *r, const sigset_t *signals)
{
    r->output = open_output(b, r);
    fflush(stdout);
    r->process = r->output ? fork() : -1;
    if (r->process == 0)
        become(r, signals);
    if (r->process < 0) {
        fprintf(stderr, "pcemu batch: %s: %s\n", r->name, strerror(errno));
        return false;
    }
    setpgid(r->process, r->process); /* whoever is first */
    r->started = now();
    r->state = BATCH_RUNS;
    return true;
}

static void reap(struct batch_run *r)
{
    int status;
    if (r->state != BATCH_RUNS || waitpid(r->process, &status, WNOHANG) != r->process)
        return;
    r->state = BATCH_DONE;
    r->seconds = now() - r->started;
    r->status = WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A run that has taken too long is asked to end, then made to. Return: when to look again. */
static double hurry(const struct batch *b, struct batch_run *r)
{
    double end = r->started + b->patience + (r->late ? GRACE_S : 0);
    if (now() < end)
        return end;
    kill(-r->process, r->late ? SIGKILL : SIGTERM);
    r->late = true;
    return now() + GRACE_S;
}

/* ---- all of them ---- */

static unsigned count(const struct batch *b, enum batch_state state)
{
    unsigned n = 0;
    for (unsigned i = 0; i < b->runs; i++)
        n += b->run[i].state == state;
    return n;
}

/* Waits for a child's end, a signal (then its number is returned) or a moment. */
static int wait_until(const sigset_t *wanted, double moment)
{
    double seconds = moment - now();
    seconds = seconds > 0 ? seconds : 0;
    struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    int got = sigtimedwait(wanted, NULL, &t);
    return got == SIGCHLD || got < 0 ? 0 : got;
}

static void end_all(struct batch *b, const sigset_t *wanted)
{
    double end = now() + GRACE_S;
    for (unsigned i = 0; i < b->runs; i++)
        if (b->run[i].state == BATCH_RUNS)
            kill(-b->run[i].process, SIGTERM);
    while (count(b, BATCH_RUNS)) {
        for (unsigned i = 0; i < b->runs; i++) {
            reap(&b->run[i]);
            if (b->run[i].state == BATCH_RUNS && now() >= end)
                kill(-b->run[i].process, SIGKILL);
        }
        if (count(b, BATCH_RUNS))
            wait_until(wanted, now() + 0.1);
    }
}

/* Starts what there is room for; reports what is done, in order. False: the host failed. */
static bool serve(struct batch *b, const sigset_t *signals, unsigned *told, double *next)
{
    for (unsigned i = 0; i < b->runs; i++)
        reap(&b->run[i]);
    unsigned running = count(b, BATCH_RUNS);
    *next = now() + b->patience;
    for (unsigned i = 0; i < b->runs; i++) {
        struct batch_run *r = &b->run[i];
        bool starts = r->state == BATCH_WAITS && running < b->jobs;
        if (starts && !start(b, r, signals))
            return false;
        running += starts;
        double look = r->state == BATCH_RUNS ? hurry(b, r) : *next;
        *next = look < *next ? look : *next;
    }
    for (; *told < b->runs && b->run[*told].state == BATCH_DONE; ++*told)
        batch_tap(b, *told, stdout);
    fflush(stdout);
    return true;
}

static int run_all(struct batch *b)
{
    sigset_t wanted, before;
    unsigned told = 0;
    double next;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_BLOCK, &wanted, &before);
    printf("TAP version 13\n1..%u\n", b->runs);
    for (;;) {
        bool ok = serve(b, &before, &told, &next);
        if (ok && told == b->runs)
            return 0;
        int interrupted = ok ? wait_until(&wanted, next) : 0;
        if (ok && !interrupted)
            continue;
        end_all(b, &wanted);
        printf("Bail out! %s\n", ok ? "a signal" : "a run could not be started");
        return ok ? STATUS_SIGNAL : STATUS_HOST;
    }
}

static bool write_junit(const struct batch *b, double seconds)
{
    FILE *out = fopen(b->junit, "we");
    if (out)
        batch_junit(b, seconds, out);
    bool ok = out && !ferror(out);
    if ((out && fclose(out) != 0) || !ok) {
        fprintf(stderr, "pcemu batch: %s: %s\n", b->junit, strerror(errno));
        return false;
    }
    return true;
}

static int run_and_report(struct batch *b)
{
    double begin = now();
    int status = run_all(b);
    unsigned good = 0;
    for (unsigned i = 0; i < b->runs; i++)
        good += batch_run_is_good(&b->run[i]);
    printf("# %u passed, %u failed, in %.1f seconds\n", good, b->runs - good, now() - begin);
    if (b->junit && !write_junit(b, now() - begin))
        return STATUS_HOST;
    return status ? status : good == b->runs ? 0 : STATUS_FAILED;
}

/* ---- the command line ---- */

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "pcemu batch: %s%s\n", what, why);
    return STATUS_USAGE;
}

static bool set(struct batch *b, const char *name, const char *value)
{
    u64 number;
    if (strcmp(name, "j") == 0 && parse_number(value, JOBS_MAX, &number) && number) {
        b->jobs = (unsigned)number;
    } else if (strcmp(name, "timeout") == 0 && parse_seconds(value, PATIENCE_MAX_S, &number)) {
        b->patience = (double)number / 1e9;
    } else if (strcmp(name, "junit") == 0) {
        b->junit = value;
    } else if (strcmp(name, "output") == 0) {
        b->outputs = value;
    } else {
        complain(name, ": no such option, or not such a value (pcemu batch -h)");
        return false;
    }
    return true;
}

static bool open_list(struct batch *b)
{
    bool standard = strcmp(b->path, "-") == 0;
    FILE *in = standard ? stdin : fopen(b->path, "re");
    bool ok = in && batch_read(b, in, stderr);
    if (!in)
        fprintf(stderr, "pcemu batch: %s: %s\n", b->path, strerror(errno));
    if (in && !standard)
        fclose(in);
    return ok;
}

int batch_tool(int argc, char **argv)
{
    struct batch b = { .jobs = 1, .patience = PATIENCE_S };
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || !word[1]) {
            if (b.path)
                return complain(word, ": one list at a time");
            b.path = word;
            continue;
        }
        word += word[1] == '-' ? 2 : 1;
        if (strcmp(word, "h") == 0 || strcmp(word, "help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (i + 1 >= argc)
            return complain(word, ": needs an argument");
        if (!set(&b, word, argv[++i]))
            return STATUS_USAGE;
    }
    if (!b.path)
        return complain("", "needs a list (pcemu batch -h)");
    int status = open_list(&b) ? run_and_report(&b) : STATUS_USAGE;
    batch_free(&b);
    return status;
}
