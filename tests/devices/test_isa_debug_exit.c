/* test_isa_debug_exit.c: the port that ends the emulator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "harness.h"
#include "isa_debug_exit.h"

struct ending {
    u32 status;
    unsigned calls;
};

static void end(void *owner, u32 status)
{
    struct ending *e = owner;
    e->status = status;
    e->calls++;
}

static u32 status_of(struct harness *h, struct region *r, u64 offset, u64 value, unsigned size, struct ending *e)
{
    unsigned calls = e->calls;
    harness_write(h, r, offset, value, size);
    assert_int_equal(e->calls, calls + 1);
    return e->status;
}

static void test_status(void **state)
{
    struct harness h;
    struct ending e = { .calls = 0 };
    struct isa_debug_exit s;
    (void)state;
    harness_init(&h);
    isa_debug_exit_init(&s, 4, end, &e);
    assert_string_equal(s.io.name, "isa-debug-exit");
    assert_int_equal(harness_read(&h, &s.io, 0, 1), 0);
    assert_int_equal(e.calls, 0);
    assert_int_equal(status_of(&h, &s.io, 0, 0, 1, &e), 1);
    assert_int_equal(status_of(&h, &s.io, 0, 0x10, 1, &e), 0x21);
    assert_int_equal(status_of(&h, &s.io, 3, 0xff, 1, &e), 0x1ff);
    assert_int_equal(status_of(&h, &s.io, 0, 0x1234, 2, &e), 0x2469);
    assert_int_equal(status_of(&h, &s.io, 0, 0xffffffff, 4, &e), 0xffffffff);
    harness_free(&h);
}

static void test_sizes(void **state)
{
    struct isa_debug_exit s;
    struct ending e = { .calls = 0 };
    (void)state;
    for (u32 size = 1; size <= 8; size++) {
        isa_debug_exit_init(&s, size, end, &e);
        assert_int_equal(region_size(&s.io), size);
    }
    assert_int_equal(ISA_DEBUG_EXIT_IOBASE, 0x501);
    assert_int_equal(ISA_DEBUG_EXIT_IOSIZE, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
