/* test_debugcon.c: the debug console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "debugcon.h"
#include "harness.h"

struct capture {
    u8 byte[16];
    unsigned count;
};

static void take(void *self, u8 byte)
{
    struct capture *c = self;
    c->byte[c->count++ % sizeof c->byte] = byte;
}

static void test_bytes_go_out(void **state)
{
    struct harness h;
    struct capture c = { .count = 0 };
    struct debugcon s;
    (void)state;
    harness_init(&h);
    debugcon_init(&s, (struct char_backend){ take, &c });
    assert_string_equal(s.io.name, "debugcon");
    assert_int_equal(region_size(&s.io), 1);
    harness_write(&h, &s.io, 0, 'A', 1);
    harness_write(&h, &s.io, 0, 0xff, 1);
    assert_int_equal(c.count, 2);
    assert_int_equal(c.byte[0], 'A');
    assert_int_equal(c.byte[1], 0xff);
    assert_int_equal(harness_read(&h, &s.io, 0, 1), 0xe9);
    assert_int_equal(c.count, 2);
    harness_free(&h);
}

static void test_no_backend(void **state)
{
    struct harness h;
    struct debugcon s;
    (void)state;
    harness_init(&h);
    debugcon_init(&s, (struct char_backend){ NULL, NULL });
    harness_write(&h, &s.io, 0, 'A', 1);
    assert_int_equal(harness_read(&h, &s.io, 0, 1), DEBUGCON_READBACK);
    harness_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_go_out),
        cmocka_unit_test(test_no_backend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
