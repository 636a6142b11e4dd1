/* test_timeline.c: every place of the past that is gone to is what it was, with the inputs that came. Searches:
 * test_timeline_find.c. */
#include "timeline_harness.h"

/* What a run that never stops has, after each input. */
static u64 hash_behind(struct bench *b, unsigned n)
{
    go_and_compare(b, n);
    while (machine_icount(b->m) < b->place[n].icount + 1000)
        timeline_goto(b->t, b->place[n].icount + 1000);
    return machine_hash(b->m);
}

static void places_are_what_they_were(u8 cpus, u64 memory)
{
    struct bench plain, b;
    u64 behind[PLACES];
    open_bench(&plain, cpus);
    open_bench(&b, cpus);
    begin(&b, memory);
    run_all(&plain);
    run_all(&b);
    for (unsigned i = 0; i < PLACES; i++)
        assert_true(b.place[i].hash == plain.place[i].hash && b.place[i].icount == plain.place[i].icount);
    unsigned first = 0;
    while (b.place[first].icount < timeline_first(b.t))
        first++;
    for (unsigned i = 0; i + 1 < PLACES; i++)
        if (i >= first)
            behind[i] = hash_behind(&b, i);
    for (unsigned i = PLACES - 1; i-- > first;) /* in another order, from other snapshots: the same */
        assert_true(hash_behind(&b, i) == behind[i]);
    assert_int_equal(timeline_goto(b.t, UINT64_MAX), TIMELINE_ENDED);
    assert_false(timeline_in_past(b.t));
    assert_true(machine_hash(b.m) == plain.place[PLACES - 1].hash);
    run_on(&plain, plain.place[PLACES - 1].icount + 1000000, 1);
    run_on(&b, b.place[PLACES - 1].icount + 1000000, 1);
    assert_true(machine_hash(b.m) == machine_hash(plain.m));
    assert_int_equal(b.sent, plain.sent);
    close_bench(&b);
    close_bench(&plain);
}

/* No run without a past is the same: places are compared with what they were, and with themselves. */
static void also_by_the_hosts_clock(void **state)
{
    struct bench b;
    u64 behind[PLACES];
    (void)state;
    open_bench_by(&b, 1, MACHINE_CLOCK_HOST);
    begin(&b, 0);
    run_all(&b);
    for (unsigned i = 0; i + 1 < PLACES; i++)
        behind[i] = hash_behind(&b, i);
    for (unsigned i = PLACES - 1; i-- > 0;)
        assert_true(hash_behind(&b, i) == behind[i]);
    assert_int_equal(timeline_goto(b.t, UINT64_MAX), TIMELINE_ENDED);
    assert_true(machine_hash(b.m) == b.place[PLACES - 1].hash);
    run_on(&b, b.place[PLACES - 1].icount + 1000000, 1);
    assert_int_equal(timeline_goto(b.t, b.place[0].icount), TIMELINE_OK);
    assert_int_equal(timeline_goto(b.t, UINT64_MAX), TIMELINE_ENDED);
    close_bench(&b);
}

static void the_past_is_what_it_was(void **state)
{
    (void)state;
    places_are_what_they_were(1, 0);
}

static void also_of_two_processors(void **state)
{
    (void)state;
    places_are_what_they_were(2, 0);
}

static void also_with_little_memory(void **state)
{
    (void)state;
    places_are_what_they_were(1, 3 * MIB);
}

static void steps_go_back(void **state)
{
    (void)state;
    struct bench b;
    u64 hash[50];
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    run_on(&b, machine_icount(b.m) + 1000000, 0);
    timeline_step_back(b.t, ARRAY_LEN(hash));
    for (unsigned i = 0; i < ARRAY_LEN(hash); i++) {
        hash[i] = machine_hash(b.m);
        timeline_goto(b.t, machine_icount(b.m) + 1);
    }
    for (unsigned i = ARRAY_LEN(hash); i--;) {
        assert_int_equal(timeline_step_back(b.t, 1), TIMELINE_OK);
        assert_true(machine_hash(b.m) == hash[i]);
    }
    assert_int_equal(timeline_goto(b.t, 0), TIMELINE_BEGINNING);
    assert_int_equal(timeline_step_back(b.t, 1), TIMELINE_BEGINNING);
    close_bench(&b);
}

static void disks_go_back(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1);
    boot(&b);
    begin(&b, 0);
    u64 start = machine_icount(b.m);
    u16 then = get_le16(b.data + BLOCK_SECTOR);
    run_on(&b, start + 3000000, 0);
    u16 now = get_le16(b.data + BLOCK_SECTOR);
    assert_true(now > then + 4);
    timeline_goto(b.t, start);
    assert_int_equal(get_le16(b.data + BLOCK_SECTOR), then);
    timeline_goto(b.t, UINT64_MAX);
    assert_int_equal(get_le16(b.data + BLOCK_SECTOR), now);
    close_bench(&b);
    assert_int_equal(get_le16(b.data + BLOCK_SECTOR), now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_past_is_what_it_was), cmocka_unit_test(also_of_two_processors),
        cmocka_unit_test(also_by_the_hosts_clock), cmocka_unit_test(also_with_little_memory),
        cmocka_unit_test(steps_go_back),           cmocka_unit_test(disks_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
