/* snapshot_points.c: boots a disk, saves the machine at given moments (ms of its time), restores each in a new machine
 * and runs both to the same end: the same hash.
 *
 *     snapshot_points IMAGE CPUS LAST POINT... */
#include "disk_bench.h"
#include "snapshot.h"

#include <inttypes.h>
#include <stdlib.h>

#define NS_PER_MS 1000000u

struct saved {
    char *file;
    size_t len;
    u64 hash;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "snapshot_points: %s: %s\n", what, why);
    exit(1);
}

static void run_to(struct machine *m, u64 ms)
{
    machine_set_alarm(m, ms * NS_PER_MS);
    while (machine_now_ns(m) < ms * NS_PER_MS)
        if (machine_run(m) > MACHINE_IDLE)
            fail("run", "the machine ended");
}

static struct saved save(struct disk_bench *b)
{
    struct saved s = { 0 };
    struct snapshot_info info = { .icount = machine_icount(b->machine) };
    FILE *out = open_memstream(&s.file, &s.len);
    struct snapshot_writer *w = out ? snapshot_begin(out) : NULL;
    if (!w || !machine_save(b->machine, w) || !disk_save(&b->disk, w) || !snapshot_end(w, &info) || fclose(out) != 0)
        fail("save", "no memory");
    s.hash = machine_hash(b->machine);
    return s;
}

static void load(struct disk_bench *b, const struct saved *s)
{
    char why[SNAPSHOT_WHY_MAX] = "no memory";
    struct snapshot_info info;
    struct overlay *o = NULL;
    if (!snapshot_look((const u8 *)s->file, s->len, &info, why))
        fail("look", why);
    struct snapshot_reader *r = snapshot_open((const u8 *)s->file, s->len);
    if (!r || !machine_check(b->machine, r, why) || !(o = disk_read_changes(&b->disk, r, why)))
        fail("check", why);
    if (!snapshot_at_end(r) || !snapshot_rewind(r) || !machine_load(b->machine, r, why))
        fail("load", why);
    disk_take_changes(&b->disk, o);
    snapshot_close(r);
}

static bool same(const char *what, u64 at, u64 have, u64 want)
{
    if (have == want)
        return true;
    printf("%" PRIu64 ": hash %s is %016" PRIx64 ", not %016" PRIx64 "\n", at, what, have, want);
    return false;
}

static bool compare(const char *image, unsigned cpus, const struct saved *s, u64 point, u64 last, u64 want)
{
    struct disk_bench b;
    disk_bench_open(&b, image, cpus);
    load(&b, s);
    u64 at = machine_icount(b.machine);
    bool ok = same("after loading", at, machine_hash(b.machine), s->hash);
    run_to(b.machine, last);
    ok = same("at the end", at, machine_hash(b.machine), want) && ok;
    printf("%" PRIu64 " (%" PRIu64 "): %zu KiB, %s\n", at, point, s->len / 1024, ok ? "same" : "DIFFERENT");
    fflush(stdout);
    disk_bench_close(&b);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fail("usage", "IMAGE CPUS LAST POINT...");
    unsigned cpus = (unsigned)atoi(argv[2]), points = (unsigned)argc - 4;
    u64 last = strtoull(argv[3], NULL, 0);
    struct saved *saved = calloc(points, sizeof *saved);
    struct disk_bench b;
    disk_bench_open(&b, argv[1], cpus);
    for (unsigned i = 0; saved && i < points; i++) {
        run_to(b.machine, strtoull(argv[4 + i], NULL, 0));
        saved[i] = save(&b);
    }
    run_to(b.machine, last);
    u64 want = machine_hash(b.machine);
    bool ok = saved;
    disk_bench_close(&b);
    for (unsigned i = 0; saved && i < points; i++) {
        ok = compare(argv[1], cpus, &saved[i], strtoull(argv[4 + i], NULL, 0), last, want) && ok;
        free(saved[i].file);
    }
    free(saved);
    return ok ? 0 : 1;
}
