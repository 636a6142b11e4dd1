/* test_replay.c: a recording replays to the same machine, under either clock and in slices of another length; what is
 * not the recorded run is noticed; a hostile recording does no harm. */
#include "snapshot_files.h"

#include "debug.h"
#include "firmware.h"
#include "keys.h"
#include "replay.h"

#define NS_PER_MS 1000000u
#define INPUTS 60

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

/* A host whose clock goes on by itself, unevenly. */
static u64 host_now(void *host)
{
    u64 *now = host;
    *now += 30000 + *now / 7 % 50000;
    return *now;
}

struct bench {
    struct log log;
    u64 host_ns;
    struct machine *m;
};

static void open_bench(struct bench *b, enum machine_clock clock, u64 slice, u64 seed)
{
    *b = (struct bench){ 0 };
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = b->log.quiet[LOG_HOST] = true;
    struct machine_config c = { .ram_size = 4 * MIB,
                                .icount_shift = 3,
                                .slice_insns = slice,
                                .clock = clock,
                                .host_now = host_now,
                                .host = &b->host_ns,
                                .seed = seed,
                                .log = &b->log };
    if (!add_firmware(&c, bios, vga_bios))
        skip();
    b->m = machine_new(&c);
    assert_non_null(b->m);
}

static void give_input(struct machine *m, unsigned n)
{
    const u8 text[4] = { (u8)n, 1, 2, 3 };
    switch (n % 9) {
    case 0:
    case 1:
        machine_key(m, KEY_A + n / 18, n % 9 == 0);
        break;
    case 2:
        machine_mouse(m, -(int)n, (int)n, -1, n & 3);
        break;
    case 3:
        machine_serial_receive(m, (u8)n);
        break;
    case 4:
        debug_write(m, 0, DEBUG_PHYSICAL, 0x90000 + n, text, sizeof text);
        break;
    case 5:
        debug_port_write(m, 0x80, n, 1);
        debug_port_read(m, 0x3f8, 1);
        break;
    case 6:
        machine_set_boot_order(m, "dca");
        break;
    case 7:
        machine_press_power(m);
        break;
    default:
        if (n > INPUTS / 2 && n < INPUTS / 2 + 9)
            machine_reset(m);
        break;
    }
}

static struct bytes record(enum machine_clock clock, u64 *hash)
{
    struct bench b;
    struct bytes f = { 0 };
    struct snapshot_info info = { 0 };
    open_bench(&b, clock, 0, 7);
    assert_true(machine_record(b.m));
    for (unsigned i = 0; i < INPUTS; i++) {
        for (unsigned slices = 1 + i % 4; slices; slices--)
            machine_run(b.m);
        give_input(b.m, i);
    }
    *hash = machine_hash(b.m);
    FILE *out = open_memstream((char **)&f.data, &f.len);
    struct snapshot_writer *w = out ? snapshot_begin(out) : NULL;
    assert_true(w && machine_record_end(b.m, w) && snapshot_end(w, &info));
    fclose(out);
    machine_free(b.m);
    return f;
}

static struct replay *open_replay(const struct bytes *f)
{
    char why[SNAPSHOT_WHY_MAX];
    struct snapshot_info info;
    assert_true(snapshot_look(f->data, f->len, &info, why));
    return replay_open(f->data, f->len, why);
}

/* Replays for at most so many slices. */
static enum machine_replay replay(const struct bytes *f, enum machine_clock clock, u64 slice, unsigned slices,
                                  u64 *hash)
{
    struct bench b;
    char why[SNAPSHOT_WHY_MAX];
    struct replay *r = open_replay(f);
    if (!r)
        return MACHINE_REPLAY_NONE;
    open_bench(&b, clock, slice, replay_start(r).seed);
    enum machine_replay state = MACHINE_REPLAY_NONE;
    if (machine_replay(b.m, r, NULL, NULL, why)) {
        do {
            machine_key(b.m, KEY_B, true); /* somebody types: it is dropped */
            enum machine_status status = machine_run(b.m);
            state = machine_replay_state(b.m);
            if (status != MACHINE_RUNNING)
                break;
        } while (state == MACHINE_REPLAY_RUNS && slices--);
        *hash = machine_hash(b.m);
    }
    replay_close(r);
    machine_free(b.m);
    return state;
}

static void replays(enum machine_clock clock)
{
    static const u64 slices[] = { 0, 777, 50000 };
    u64 want, have = 0;
    struct bytes f = record(clock, &want);
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++) {
        assert_int_equal(replay(&f, clock, slices[i], UINT32_MAX, &have), MACHINE_REPLAY_SAME);
        assert_true(have == want);
    }
    free(f.data);
}

static void the_clock_of_instructions(void **state)
{
    (void)state;
    replays(MACHINE_CLOCK_INSN);
}

static void the_clock_of_the_host(void **state)
{
    (void)state;
    replays(MACHINE_CLOCK_HOST);
}

static void another_start_is_refused(void **state)
{
    (void)state;
    struct bench b;
    char why[SNAPSHOT_WHY_MAX] = "";
    u64 hash;
    struct bytes f = record(MACHINE_CLOCK_INSN, &hash);
    struct replay *r = open_replay(&f);
    assert_non_null(r);
    assert_int_equal(replay_start(r).seed, 7);
    assert_int_equal(replay_start(r).icount_shift, 3);
    open_bench(&b, MACHINE_CLOCK_INSN, 0, 7);
    machine_run(b.m);
    assert_false(machine_replay(b.m, r, NULL, NULL, why));
    assert_non_null(strstr(why, "another state"));
    machine_free(b.m);
    replay_close(r);
    free(f.data);
}

static void a_changed_input_is_noticed(void **state)
{
    (void)state;
    u64 hash, have;
    struct bytes f = record(MACHINE_CLOCK_INSN, &hash), p = payload_of(&f);
    p.data[p.len - 1] ^= 1; /* of what was written to memory last */
    struct bytes changed = file_of(&p);
    assert_int_equal(replay(&changed, MACHINE_CLOCK_INSN, 0, UINT32_MAX, &have), MACHINE_REPLAY_DIVERGED);
    free(changed.data);
    free(p.data);
    free(f.data);
}

static void hostile_recordings_do_no_harm(enum machine_clock clock)
{
    u64 hash, have;
    u32 seed;
    struct bytes f = record(clock, &hash), p = payload_of(&f);
    size_t words = 8 + get_le32(p.data + 4), events = words + 80;
    unsigned n = attacks(30, &seed), ran = 0;
    for (unsigned i = 0; i < n; i++) {
        struct bytes bad = damaged_file(&p, i % 4 ? events : words, p.len - (i % 4 ? events : words), &seed);
        ran += replay(&bad, clock, 0, 12, &have) != MACHINE_REPLAY_NONE;
        free(bad.data);
    }
    assert_true(ran > 0 || n < 30);
    free(p.data);
    free(f.data);
}

static void hostile_under_both_clocks(void **state)
{
    (void)state;
    hostile_recordings_do_no_harm(MACHINE_CLOCK_INSN);
    hostile_recordings_do_no_harm(MACHINE_CLOCK_HOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_of_instructions), cmocka_unit_test(the_clock_of_the_host),
        cmocka_unit_test(another_start_is_refused),  cmocka_unit_test(a_changed_input_is_noticed),
        cmocka_unit_test(hostile_under_both_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
