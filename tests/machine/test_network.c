/* test_network.c: a machine whose network waits for the host: how its idle time passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "debug.h"
#include "machine.h"

#define ROM_SIZE 65536
#define MS ((u64)1000000)

struct bench {
    struct log log;
    u8 rom[ROM_SIZE];
    u64 host; /* the host's clock */
    bool waits;
    unsigned asked;
    struct machine *machine;
};

static void nic_send(void *self, u64 now, const u8 *frame, size_t len)
{
    (void)self, (void)now, (void)frame, (void)len;
}

/* Nothing comes; ask again at the next whole millisecond. */
static size_t nic_receive(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct bench *b = self;
    (void)frame, (void)room;
    b->asked++;
    *again = (now / MS + 1) * MS;
    return 0;
}

static bool nic_waits(void *self)
{
    return ((struct bench *)self)->waits;
}

static u64 host_now(void *self)
{
    return ((struct bench *)self)->host;
}

static int set_up(void **state)
{
    static const u8 start[] = { 0xfb, 0xf4, 0xeb, 0xfd };               /* sti; hlt; jmp back */
    static const u8 jump_to_start[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 }; /* jmp F000:0000 */
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, stderr);
    memcpy(b->rom, start, sizeof start);
    memcpy(b->rom + 0xfff0, jump_to_start, sizeof jump_to_start);
    b->host = 77 * MS; /* as good a time as any */
    const struct machine_config config = {
        .ram_size = 2 * MIB,
        .bios = b->rom,
        .bios_size = ROM_SIZE,
        .nic = { { .slot = 3, .net = { nic_send, nic_receive, nic_waits, b } } },
        .nics = 1,
        .clock = MACHINE_CLOCK_INSN,
        .icount_shift = 3,
        .host_now = host_now,
        .host = b,
        .log = &b->log,
    };
    b->machine = machine_new(&config);
    assert_non_null(b->machine);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    machine_free(b->machine);
    free(b);
    return 0;
}

static void test_without_sockets_time_is_skipped(void **state)
{
    struct bench *b = *state;
    while (machine_now_ns(b->machine) < 1000 * MS)
        assert_int_equal(machine_run(b->machine), MACHINE_RUNNING);
    assert_true(b->asked >= 1000);
}

static void test_with_sockets_it_passes_at_the_hosts_pace(void **state)
{
    struct bench *b = *state;
    b->waits = true;
    assert_int_equal(machine_run(b->machine), MACHINE_IDLE);
    for (u64 ms = 1; ms < 50; ms++) {
        u64 before = machine_now_ns(b->machine), idle = machine_idle_ns(b->machine);
        assert_true(before < ms * MS);
        assert_in_range(idle, 1, MS);
        b->host += idle - 1;
        assert_int_equal(machine_run(b->machine), MACHINE_IDLE); /* not yet: and time stands still till then */
        assert_true(machine_now_ns(b->machine) == before);
        b->host += 1;
        assert_int_equal(machine_run(b->machine), MACHINE_IDLE);
        assert_true(machine_now_ns(b->machine) == ms * MS);
    }
    b->waits = false;
    assert_int_equal(machine_run(b->machine), MACHINE_RUNNING);
    assert_true(machine_now_ns(b->machine) > 60 * MS);
}

/* How fast the host is leaves no trace. */
static void test_history_is_the_same(void **state)
{
    struct bench *b = *state;
    void *other;
    set_up(&other);
    struct bench *slow = other;
    slow->waits = true;
    while (machine_now_ns(slow->machine) < 100 * MS) {
        machine_run(slow->machine);
        slow->host += 300000;
    }
    u64 end = machine_now_ns(slow->machine), icount = machine_icount(slow->machine);
    b->waits = true;
    while (machine_now_ns(b->machine) < end) {
        machine_run(b->machine);
        b->host += machine_idle_ns(b->machine);
    }
    assert_true(machine_now_ns(b->machine) == end && machine_icount(b->machine) == icount);
    assert_true(machine_hash(b->machine) == machine_hash(slow->machine));
    tear_down(&other);
}

static void test_cable(void **state)
{
    struct bench *b = *state;
    u64 plugged = machine_hash(b->machine);
    machine_set_link(b->machine, 5, false); /* there is no such card */
    assert_true(machine_hash(b->machine) == plugged);
    machine_set_link(b->machine, 0, false);
    assert_true(machine_hash(b->machine) != plugged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
        T(test_without_sockets_time_is_skipped),
        T(test_with_sockets_it_passes_at_the_hosts_pace),
        T(test_history_is_the_same),
        T(test_cable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
