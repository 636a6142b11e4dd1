/* test_timeline.c: the past of a machine: every place that is gone to is what it was, with the inputs that came, and
 * searches find what a run forwards sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "debug.h"
#include "firmware.h"
#include "keys.h"
#include "probe.h"
#include "snapshot.h"
#include "timeline.h"

#define SPACING 300000u
#define SLICE 10007u /* odd, so that places lie anywhere between snapshots */
#define PLACES 40
#define INSNS_BETWEEN 100000u
#define DISK_BYTES (64u * BLOCK_SECTOR)
#define BDA_TICKS 0x46cu /* the BIOS counts the timer's interrupts here */
#define BDA_KEYS 0x41au  /* and keeps its keyboard buffer's head here */

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

struct place {
    u64 icount, hash;
};

struct bench {
    struct log log;
    struct block_backend disk;
    u8 data[DISK_BYTES];
    struct machine *m;
    struct timeline *t;
    struct place place[PLACES];
    u64 sent; /* bytes of the debug console */
    u64 host_ns;
};

/* A host whose clock goes on by itself, unevenly. */
static u64 host_now(void *self)
{
    struct bench *b = self;
    return b->host_ns += 30011 + b->host_ns % 7013;
}

static bool disk_read(void *self, u64 sector, void *buf, u32 count)
{
    struct bench *b = self;
    memcpy(buf, b->data + sector * BLOCK_SECTOR, (size_t)count * BLOCK_SECTOR);
    return true;
}

static bool disk_write(void *self, u64 sector, const void *buf, u32 count)
{
    struct bench *b = self;
    memcpy(b->data + sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
    return true;
}

static void console_write(void *self, u8 byte)
{
    struct bench *b = self;
    (void)byte;
    b->sent++;
}

/* A boot sector that writes its own counter to the disk's second sector, over and over. */
static const u8 boot_code[] = {
    0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xfb, /* cli; segments 0; sp 7c00; sti */
    0xff, 0x06, 0x00, 0x7e,                                                       /* 7c0d: inc word [7e00] */
    0xbb, 0x00, 0x7e,                                                             /* mov bx, 7e00 */
    0xb8, 0x01, 0x03, 0xb9, 0x02, 0x00, 0xba, 0x80, 0x00, 0xcd, 0x13,             /* int 13h: write one sector */
    0xf4,                                                                         /* hlt */
    0xeb, 0xeb,                                                                   /* jmp 7c0d */
};
#define BOOT_LOOP 0x7c0d
#define BOOT_COUNTER 0x7e00

static void open_bench_by(struct bench *b, u8 cpus, enum machine_clock clock)
{
    *b = (struct bench){ 0 };
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    memcpy(b->data, boot_code, sizeof boot_code);
    b->data[510] = 0x55;
    b->data[511] = 0xaa;
    b->disk = (struct block_backend){
        .sectors = sizeof b->data / BLOCK_SECTOR, .read = disk_read, .write = disk_write, .self = b
    };
    struct machine_config c = { .smp = { .cpus = cpus, .cores = cpus },
                                .ram_size = 4 * MIB,
                                .disk = { &b->disk },
                                .bios = bios,
                                .vga_bios = vga_bios,
                                .icount_shift = 3,
                                .slice_insns = SLICE,
                                .clock = clock,
                                .host_now = host_now,
                                .host = b,
                                .debugcon = true,
                                .debugcon_port = 0x402,
                                .debugcon_out = { console_write, b },
                                .log = &b->log };
    c.bios_size = read_firmware(BIOS_PATH, bios);
    c.vga_bios_size = read_firmware(VGA_BIOS_PATH, vga_bios);
    if (!c.bios_size || !c.vga_bios_size)
        skip();
    b->m = machine_new(&c);
    assert_non_null(b->m);
}

static void open_bench(struct bench *b, u8 cpus)
{
    open_bench_by(b, cpus, MACHINE_CLOCK_INSN);
}

static void close_bench(struct bench *b)
{
    timeline_free(b->t);
    machine_free(b->m);
}

/* To about a place, with keys on the way. */
static void run_on(struct bench *b, u64 icount, unsigned key)
{
    static const unsigned keys[] = { KEY_A, KEY_B, KEY_SPACE };
    while (machine_icount(b->m) < icount)
        assert_true((b->t ? timeline_run(b->t) : machine_run(b->m)) <= MACHINE_IDLE);
    machine_key(b->m, keys[key % ARRAY_LEN(keys)], key / ARRAY_LEN(keys) % 2 == 0);
}

static void run_all(struct bench *b)
{
    u64 start = machine_icount(b->m);
    for (unsigned i = 0; i < PLACES; i++) {
        run_on(b, start + INSNS_BETWEEN * (i + 1), i);
        b->place[i] = (struct place){ machine_icount(b->m), machine_hash(b->m) };
    }
}

/* The firmware is through, the boot sector runs. */
static void boot(struct bench *b)
{
    u16 counter = 0;
    while (counter < 2) {
        assert_true(machine_run(b->m) <= MACHINE_IDLE);
        debug_read(b->m, 0, DEBUG_PHYSICAL, BOOT_COUNTER, &counter, sizeof counter);
        assert_true(machine_now_ns(b->m) < 60000000000u);
    }
}

static void begin(struct bench *b, u64 memory)
{
    const struct timeline_config config = { .spacing = SPACING, .memory_limit = memory };
    b->t = timeline_new(b->m, &config);
    assert_non_null(b->t);
}

/* At a place inputs may have come already: the hash is that before the last of them, or after. */
static void go_and_compare(struct bench *b, unsigned n)
{
    u64 sent = b->sent;
    enum timeline_result r = timeline_goto(b->t, b->place[n].icount + 1);
    assert_true(r == TIMELINE_OK || r == TIMELINE_ENDED);
    if (n + 1 < PLACES)
        assert_int_equal(machine_icount(b->m), b->place[n].icount + 1);
    r = timeline_goto(b->t, b->place[n].icount);
    assert_int_equal(r, TIMELINE_OK);
    assert_int_equal(machine_icount(b->m), b->place[n].icount);
    assert_int_equal(b->sent, sent); /* nothing is said twice */
}

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
        cmocka_unit_test(the_past_is_what_it_was),
        cmocka_unit_test(also_of_two_processors),
        cmocka_unit_test(also_by_the_hosts_clock),
        cmocka_unit_test(also_with_little_memory),
        cmocka_unit_test(steps_go_back),
        cmocka_unit_test(disks_go_back),
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
