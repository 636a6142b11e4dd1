/* test_snapshot.c: a machine that was saved and restored goes on as if nothing had happened; files that are damaged,
 * cut short, of another machine or made to do harm are refused, or loaded and run without harm. */
#include "snapshot_files.h"

#include "firmware.h"

#define RAM (4 * MIB)
#define NS_PER_MS 1000000u
#define SAVE_MS 20u
#define END_MS 60u
#define HEAD_CRC 12 /* as snapshot_file.c has it */

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

static struct machine *build(struct log *log, u64 ram, u8 cpus)
{
    log_init(log, NULL);
    log->quiet[LOG_UNIMP] = log->quiet[LOG_GUEST] = true;
    struct machine_config c = { .smp = { .cpus = cpus, .cores = cpus },
                                .ram_size = ram,
                                .icount_shift = 3,
                                .nics = 1,
                                .nic = { { .slot = 3 } },
                                .log = log };
    if (!add_firmware(&c, bios, vga_bios))
        skip();
    struct machine *m = machine_new(&c);
    assert_non_null(m);
    return m;
}

static void run_to_ms(struct machine *m, u64 ms)
{
    machine_set_alarm(m, ms * NS_PER_MS);
    while (machine_now_ns(m) < ms * NS_PER_MS)
        assert_true(machine_run(m) <= MACHINE_IDLE);
}

static struct bytes save(struct machine *m)
{
    struct bytes f = { 0 };
    struct snapshot_info info = { .date = 1, .now_ns = machine_now_ns(m), .icount = machine_icount(m) };
    FILE *out = open_memstream((char **)&f.data, &f.len);
    assert_non_null(out);
    struct snapshot_writer *w = snapshot_begin(out);
    assert_non_null(w);
    assert_true(machine_save(m, w));
    assert_true(snapshot_end(w, &info));
    fclose(out);
    return f;
}

/* All that -loadvm does. */
static bool load(struct machine *m, const struct bytes *f, char *why)
{
    struct snapshot_info info;
    if (!snapshot_look(f->data, f->len, &info, why))
        return false;
    struct snapshot_reader *r = snapshot_open(f->data, f->len);
    assert_non_null(r);
    bool ok = machine_check(m, r, why);
    if (ok && !snapshot_at_end(r)) {
        strcpy(why, "something behind");
        ok = false;
    }
    ok = ok && snapshot_rewind(r) && machine_load(m, r, why);
    snapshot_close(r);
    return ok;
}

/* A machine that was never stopped, its snapshot, and its hash at the end. */
struct reference {
    struct bytes file;
    u64 at_save, at_end;
};

static struct reference make_reference(u8 cpus)
{
    struct log log;
    struct reference r;
    struct machine *m = build(&log, RAM, cpus);
    run_to_ms(m, SAVE_MS);
    r.file = save(m);
    r.at_save = machine_hash(m);
    run_to_ms(m, END_MS);
    r.at_end = machine_hash(m);
    assert_true(r.at_end != r.at_save);
    machine_free(m);
    return r;
}

static void goes_on(u8 cpus, u64 before_ms)
{
    char why[SNAPSHOT_WHY_MAX];
    struct log log;
    struct reference r = make_reference(cpus);
    struct machine *m = build(&log, RAM, cpus);
    run_to_ms(m, before_ms);
    assert_true(load(m, &r.file, why));
    assert_true(machine_hash(m) == r.at_save);
    run_to_ms(m, END_MS);
    assert_true(machine_hash(m) == r.at_end);
    machine_free(m);
    free(r.file.data);
}

static void a_new_machine_goes_on(void **state)
{
    (void)state;
    goes_on(1, 0);
}

static void so_do_two_processors(void **state)
{
    (void)state;
    goes_on(2, 0);
}

static void what_ran_before_leaves_no_trace(void **state)
{
    (void)state;
    goes_on(1, 45);
    goes_on(2, 45);
}

static void saving_changes_nothing(void **state)
{
    (void)state;
    struct log log;
    struct reference r = make_reference(1);
    struct machine *m = build(&log, RAM, 1);
    run_to_ms(m, END_MS);
    assert_true(machine_hash(m) == r.at_end);
    machine_free(m);
    free(r.file.data);
}

static void refused(struct machine *m, const struct bytes *f, const char *text)
{
    char why[SNAPSHOT_WHY_MAX] = "";
    u64 before = machine_hash(m);
    assert_false(load(m, f, why));
    if (!strstr(why, text))
        fail_msg("'%s' does not say '%s'", why, text);
    assert_true(machine_hash(m) == before);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    struct log log;
    struct reference r = make_reference(1);
    struct machine *m = build(&log, RAM, 1);
    struct bytes f = { malloc(r.file.len + 1), 0 };
    assert_non_null(f.data);
    memcpy(f.data, r.file.data, r.file.len);
    refused(m, &f, "not a snapshot");
    for (f.len = 1; f.len < r.file.len; f.len += 1 + f.len / 7)
        refused(m, &f, "cut short");
    f.len = r.file.len + 1;
    f.data[r.file.len] = 0;
    refused(m, &f, "follows");
    f.len = r.file.len;
    f.data[r.file.len / 2] ^= 1;
    refused(m, &f, "checksum");
    f.data[r.file.len / 2] ^= 1;
    f.data[20] ^= 1;
    refused(m, &f, "head");
    f.data[20] ^= 1;
    f.data[8]++;
    refused(m, &f, "another version");
    f.data[0] = 'x';
    refused(m, &f, "not a snapshot");
    machine_free(m);
    free(f.data);
    free(r.file.data);
}

static void other_machines_are_refused(void **state)
{
    (void)state;
    struct log log;
    struct reference r = make_reference(1);
    struct machine *m = build(&log, 2 * RAM, 1);
    refused(m, &r.file, "memory: 4096 KiB");
    machine_free(m);
    m = build(&log, RAM, 2);
    refused(m, &r.file, "processors: 1 of 1");
    machine_free(m);
    free(r.file.data);
}

/* ---- hostile files ---- */

/* Where the chips' state stands in a payload. */
static void find_chips(const struct bytes *p, size_t *first, size_t *len)
{
    size_t at = 8 + get_le32(p->data + 4);
    assert_memory_equal(p->data + at, "CHIP", 4);
    *len = get_le32(p->data + at + 4);
    *first = at + 8;
}

static void run_a_little(struct machine *m)
{
    for (unsigned i = 0; i < 4; i++)
        if (machine_run(m) > MACHINE_IDLE)
            machine_reset(m);
    machine_hash(m);
}

static unsigned attack(struct machine *m, const struct bytes *good, size_t first, size_t len, unsigned times, u32 seed)
{
    char why[SNAPSHOT_WHY_MAX];
    unsigned loaded = 0;
    for (unsigned i = 0; i < times; i++) {
        struct bytes f = damaged_file(good, first, len, &seed);
        if (load(m, &f, why)) {
            run_a_little(m);
            loaded++;
        }
        free(f.data);
    }
    return loaded;
}

static void hostile_files_do_no_harm(void **state)
{
    (void)state;
    struct log log;
    struct reference r = make_reference(2);
    struct bytes p = payload_of(&r.file);
    struct machine *m = build(&log, RAM, 2);
    u32 start;
    unsigned n = attacks(60, &start);
    size_t first, len;
    find_chips(&p, &first, &len);
    assert_true(attack(m, &p, first, len, n, start) > n / 8);   /* the tables let values pass that are in range */
    assert_int_equal(attack(m, &p, 0, first, n / 2, start), 0); /* but nothing of the frame around them */
    machine_free(m);
    free(p.data);
    free(r.file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_machine_goes_on),           cmocka_unit_test(so_do_two_processors),
        cmocka_unit_test(what_ran_before_leaves_no_trace), cmocka_unit_test(saving_changes_nothing),
        cmocka_unit_test(damaged_files_are_refused),       cmocka_unit_test(other_machines_are_refused),
        cmocka_unit_test(hostile_files_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
