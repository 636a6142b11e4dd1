/* snapshot_points.c: boots a disk, saves the machine at given moments (ms of its time), restores each in a new machine
 * and runs both to the same end: the same hash.
 *
 *     snapshot_points IMAGE CPUS LAST POINT... */
#include "disk.h"
#include "firmware.h"
#include "snapshot.h"

#include <inttypes.h>
#include <stdlib.h>

#define NS_PER_MS 1000000u

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

struct bench {
    struct log log;
    struct disk disk;
    struct machine *machine;
};

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

static void open_bench(struct bench *b, const char *image, unsigned cpus)
{
    struct disk_options o = { .path = image, .snapshot = true };
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    if (!disk_open(&b->disk, &o, &b->log, stderr))
        exit(1);
    struct machine_config c = { .smp = { .cpus = (u8)cpus, .cores = (u8)cpus },
                                .ram_size = 128 * MIB,
                                .disk = { &b->disk.backend },
                                .bios = bios,
                                .vga_bios = vga_bios,
                                .icount_shift = 3,
                                .log = &b->log };
    c.bios_size = read_firmware(BIOS_PATH, bios);
    c.vga_bios_size = read_firmware(VGA_BIOS_PATH, vga_bios);
    b->machine = machine_new(&c);
    if (!b->machine)
        exit(1);
}

static void close_bench(struct bench *b)
{
    machine_free(b->machine);
    disk_close(&b->disk);
}

static void run_to(struct machine *m, u64 ms)
{
    machine_set_alarm(m, ms * NS_PER_MS);
    while (machine_now_ns(m) < ms * NS_PER_MS)
        if (machine_run(m) > MACHINE_IDLE)
            fail("run", "the machine ended");
}

static struct saved save(struct bench *b)
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

static void load(struct bench *b, const struct saved *s)
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
    struct bench b;
    open_bench(&b, image, cpus);
    load(&b, s);
    u64 at = machine_icount(b.machine);
    bool ok = same("after loading", at, machine_hash(b.machine), s->hash);
    run_to(b.machine, last);
    ok = same("at the end", at, machine_hash(b.machine), want) && ok;
    printf("%" PRIu64 " (%" PRIu64 "): %zu KiB, %s\n", at, point, s->len / 1024, ok ? "same" : "DIFFERENT");
    fflush(stdout);
    close_bench(&b);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fail("usage", "IMAGE CPUS LAST POINT...");
    unsigned cpus = (unsigned)atoi(argv[2]), points = (unsigned)argc - 4;
    u64 last = strtoull(argv[3], NULL, 0);
    struct saved *saved = calloc(points, sizeof *saved);
    struct bench b;
    open_bench(&b, argv[1], cpus);
    for (unsigned i = 0; saved && i < points; i++) {
        run_to(b.machine, strtoull(argv[4 + i], NULL, 0));
        saved[i] = save(&b);
    }
    run_to(b.machine, last);
    u64 want = machine_hash(b.machine);
    bool ok = saved;
    close_bench(&b);
    for (unsigned i = 0; saved && i < points; i++) {
        ok = compare(argv[1], cpus, &saved[i], strtoull(argv[4 + i], NULL, 0), last, want) && ok;
        free(saved[i].file);
    }
    free(saved);
    return ok ? 0 : 1;
}
