/* test_timeline_find.c: searches in the past find what a run forwards sees; forks, and a machine without a past. */
#include "timeline_harness.h"

#define BDA_TICKS 0x46cu /* the BIOS counts the timer's interrupts here */
#define BDA_KEYS 0x41au  /* and keeps its keyboard buffer's head here */
#define BOOT_LOOP 0x7c0d

/* ---- searches ---- */

#define HITS 64

struct seen {
    u64 last, count, hit[HITS];
};

static enum probe_answer note(void *self, const struct probe_event *e)
{
    struct seen *s = self;
    s->last = e->icount;
    if (s->count < HITS)
        s->hit[s->count] = e->icount;
    s->count++;
    return PROBE_GO;
}

static enum probe_answer stop(void *self, const struct probe_event *e)
{
    (void)self, (void)e;
    return PROBE_STOP;
}

static int add_probe(struct machine *m, u32 kinds, u64 first, u64 last,
                     enum probe_answer (*event)(void *self, const struct probe_event *e), void *self)
{
    const struct probe p = {
        .kinds = kinds, .space = DEBUG_PHYSICAL, .first = first, .last = last, .cpu = -1, .event = event, .self = self
    };
    int number = machine_probe_add(m, &p);
    assert_true(number >= 0);
    return number;
}

static void writers_are_found(void **state)
{
    (void)state;
    static const u64 where[] = { BOOT_COUNTER, BDA_TICKS, BDA_KEYS, 0x7bf8 };
    struct bench b;
    struct seen seen[ARRAY_LEN(where)] = { 0 };
    int probe[ARRAY_LEN(where)];
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    for (unsigned i = 0; i < ARRAY_LEN(where); i++)
        probe[i] = add_probe(b.m, BIT(PROBE_WRITE), where[i], where[i] + 3, note, &seen[i]);
    run_all(&b);
    for (unsigned i = 0; i < ARRAY_LEN(where); i++)
        machine_probe_remove(b.m, probe[i]);
    u64 present = machine_icount(b.m), hash = machine_hash(b.m);
    for (unsigned i = 0; i < ARRAY_LEN(where); i++) {
        struct timeline_write w;
        enum timeline_result r = timeline_who_wrote(b.t, where[i], 4, &w);
        assert_int_equal(r, seen[i].count ? TIMELINE_OK : TIMELINE_BEGINNING);
        if (seen[i].count)
            assert_int_equal(w.icount, seen[i].last);
        assert_int_equal(machine_icount(b.m), present);
        assert_true(machine_hash(b.m) == hash);
    }
    assert_true(seen[0].count > 10 && seen[3].count > 10);
    close_bench(&b);
}

static void the_last_stop_is_found(void **state)
{
    (void)state;
    struct bench b;
    struct seen seen = { 0 };
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    int probe = add_probe(b.m, BIT(PROBE_EXEC), BOOT_LOOP, BOOT_LOOP, note, &seen);
    while (seen.count < HITS / 2)
        assert_true(timeline_run(b.t) <= MACHINE_IDLE);
    machine_probe_remove(b.m, probe);
    probe = add_probe(b.m, BIT(PROBE_EXEC), BOOT_LOOP, BOOT_LOOP, stop, NULL);
    for (u64 i = seen.count; i--;) {
        assert_int_equal(timeline_reverse_continue(b.t), TIMELINE_OK);
        assert_int_equal(machine_icount(b.m), seen.hit[i]);
    }
    assert_int_equal(timeline_reverse_continue(b.t), TIMELINE_BEGINNING);
    machine_stop_at(b.m, UINT64_MAX);
    enum machine_status status;
    while ((status = timeline_run(b.t)) <= MACHINE_IDLE) /* and forwards to the first again */
        ;
    assert_int_equal(status, MACHINE_STOPPED);
    assert_int_equal(machine_icount(b.m), seen.hit[0]);
    close_bench(&b);
}

/* Flow is known across the snapshots that the past is put together from. */
static void branches_are_told_again(void **state)
{
    (void)state;
    struct bench b;
    struct seen seen = { 0 }, again = { 0 };
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    u64 first = machine_icount(b.m);
    int probe = add_probe(b.m, BIT(PROBE_BRANCH) | BIT(PROBE_BLOCK), 0, UINT64_MAX, note, &seen);
    while (timeline_info(b.t).snapshots < 6)
        assert_true(timeline_run(b.t) <= MACHINE_IDLE);
    machine_probe_remove(b.m, probe);
    probe = add_probe(b.m, BIT(PROBE_BRANCH) | BIT(PROBE_BLOCK), 0, UINT64_MAX, note, &again);
    assert_int_equal(timeline_tell_again(b.t, first), TIMELINE_OK);
    assert_int_equal(again.count, seen.count);
    assert_memory_equal(again.hit, seen.hit, sizeof seen.hit);
    machine_probe_remove(b.m, probe);
    close_bench(&b);
}

/* From any place: what was told then is told again, no more and no less, whatever the answers are. */
static void the_past_is_told_again(void **state)
{
    (void)state;
    struct bench b;
    struct seen seen = { 0 }, again = { 0 };
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    u64 first = machine_icount(b.m);
    int probe = add_probe(b.m, BIT(PROBE_EXEC), BOOT_LOOP, BOOT_LOOP, note, &seen);
    while (seen.count < HITS / 2)
        assert_true(timeline_run(b.t) <= MACHINE_IDLE);
    machine_probe_remove(b.m, probe);
    u64 present = machine_icount(b.m), hash = machine_hash(b.m);
    probe = add_probe(b.m, BIT(PROBE_EXEC), BOOT_LOOP, BOOT_LOOP, note, &again);
    int stops = add_probe(b.m, BIT(PROBE_EXEC), BOOT_LOOP, BOOT_LOOP, stop, NULL);
    assert_int_equal(timeline_tell_again(b.t, first), TIMELINE_OK);
    assert_int_equal(again.count, seen.count);
    assert_memory_equal(again.hit, seen.hit, seen.count * sizeof seen.hit[0]);
    again.count = 0;
    assert_int_equal(timeline_tell_again(b.t, seen.hit[3]), TIMELINE_OK);
    assert_int_equal(again.count, seen.count - 3);
    again.count = 0;
    assert_int_equal(timeline_tell_again(b.t, 0), TIMELINE_BEGINNING);
    assert_int_equal(again.count, seen.count);
    assert_int_equal(timeline_tell_again(b.t, present), TIMELINE_BEGINNING);
    assert_int_equal(machine_icount(b.m), present);
    assert_false(timeline_in_past(b.t));
    assert_true(machine_hash(b.m) == hash);
    assert_int_equal(timeline_goto(b.t, seen.hit[5]), TIMELINE_OK); /* and from the past */
    again.count = 0;
    assert_int_equal(timeline_tell_again(b.t, seen.hit[1]), TIMELINE_OK);
    assert_int_equal(again.count, 4);
    assert_int_equal(machine_icount(b.m), seen.hit[5]);
    machine_probe_remove(b.m, probe);
    machine_probe_remove(b.m, stops);
    close_bench(&b);
}

static bool counter_is_big(void *self, struct machine *m)
{
    u16 counter = 0;
    debug_read(m, 0, DEBUG_PHYSICAL, BOOT_COUNTER, &counter, sizeof counter);
    return counter >= *(u16 *)self;
}

static void conditions_are_found(void **state)
{
    (void)state;
    struct bench b;
    struct timeline_write w;
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    run_on(&b, machine_icount(b.m) + 700000, 0);
    u64 present = machine_icount(b.m);
    u16 now = 0;
    debug_read(b.m, 0, DEBUG_PHYSICAL, BOOT_COUNTER, &now, sizeof now);
    assert_int_equal(timeline_who_wrote(b.t, BOOT_COUNTER, 2, &w), TIMELINE_OK);
    assert_int_equal(timeline_when(b.t, counter_is_big, &now), TIMELINE_OK);
    assert_int_equal(machine_icount(b.m), w.icount + 1);
    timeline_goto(b.t, present);
    assert_int_equal(timeline_find_back(b.t, counter_is_big, &now), TIMELINE_OK);
    assert_int_equal(machine_icount(b.m), present - 1);
    close_bench(&b);
}

static void a_fork_is_another_history(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    run_all(&b);
    go_and_compare(&b, PLACES / 2);
    u64 icount = machine_icount(b.m);
    machine_key(b.m, KEY_B, true); /* dropped: it is the past */
    timeline_fork(b.t);
    assert_false(timeline_in_past(b.t));
    assert_int_equal(timeline_present(b.t), icount);
    machine_press_nmi(b.m);
    run_on(&b, icount + 1500000, 0);
    struct place end = { machine_icount(b.m), machine_hash(b.m) };
    assert_int_equal(timeline_goto(b.t, icount - 200000), TIMELINE_OK);
    while (timeline_in_past(b.t))
        timeline_run(b.t);
    assert_int_equal(machine_icount(b.m), end.icount);
    assert_true(machine_hash(b.m) == end.hash);
    close_bench(&b);
}

static void a_loaded_machine_has_no_past(void **state)
{
    (void)state;
    struct bench b;
    char *file, why[SNAPSHOT_WHY_MAX];
    size_t len;
    struct snapshot_info info = { 0 };
    open_bench(&b, 1);
    boot(&b);
    FILE *out = open_memstream(&file, &len);
    struct snapshot_writer *w = out ? snapshot_begin(out) : NULL;
    assert_true(w && machine_save(b.m, w) && snapshot_end(w, &info));
    fclose(out);
    u64 icount = machine_icount(b.m), hash = machine_hash(b.m);
    begin(&b, 0);
    run_on(&b, icount + 1000000, 0);
    timeline_goto(b.t, icount + 500000);
    struct snapshot_reader *r = snapshot_open((const u8 *)file, len);
    assert_true(r && machine_load(b.m, r, why));
    snapshot_close(r);
    free(file);
    assert_false(timeline_in_past(b.t));
    assert_int_equal(timeline_step_back(b.t, 1), TIMELINE_BEGINNING);
    assert_true(machine_hash(b.m) == hash);
    run_on(&b, icount + 1000000, 0);
    assert_int_equal(timeline_goto(b.t, icount), TIMELINE_OK);
    assert_true(machine_hash(b.m) == hash);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writers_are_found),
        cmocka_unit_test(the_last_stop_is_found),
        cmocka_unit_test(the_past_is_told_again),
        cmocka_unit_test(branches_are_told_again),
        cmocka_unit_test(conditions_are_found),
        cmocka_unit_test(a_fork_is_another_history),
        cmocka_unit_test(a_loaded_machine_has_no_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
