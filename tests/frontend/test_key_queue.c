/* test_key_queue.c: keys that wait for the guest: order, balance, and what happens when nobody takes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "key_queue.h"

static void expect(struct key_queue *q, unsigned key, bool down)
{
    struct key_change c;
    assert_true(key_queue_take(q, &c));
    assert_int_equal(c.key, key);
    assert_int_equal(c.down, down);
}

static void keeps_the_order(void **state)
{
    struct key_queue q = { 0 };
    struct key_change c;
    (void)state;
    assert_false(key_queue_take(&q, &c));
    for (unsigned i = 0; i < 3 * KEY_QUEUE_SIZE; i++) { /* round and round */
        key_queue_put(&q, KEY_LEFT_SHIFT, true);
        key_queue_put(&q, KEY_A, true);
        key_queue_put(&q, KEY_A, false);
        key_queue_put(&q, KEY_LEFT_SHIFT, false);
        expect(&q, KEY_LEFT_SHIFT, true);
        expect(&q, KEY_A, true);
        expect(&q, KEY_A, false);
        expect(&q, KEY_LEFT_SHIFT, false);
    }
    assert_false(key_queue_take(&q, &c));
}

static void leaves_out_what_is_no_change(void **state)
{
    struct key_queue q = { 0 };
    struct key_change c;
    (void)state;
    key_queue_put(&q, KEY_A, false);
    key_queue_put(&q, KEY_A, true);
    key_queue_put(&q, KEY_A, true);
    key_queue_put(&q, KEY_COUNT, true);
    expect(&q, KEY_A, true);
    assert_false(key_queue_take(&q, &c));
    key_queue_put(&q, KEY_RIGHT_GUI, true); /* the last key there is */
    expect(&q, KEY_RIGHT_GUI, true);
}

/* A key for which there was no room to go down does not come up, and every other does. */
static void stays_balanced_when_full(void **state)
{
    struct key_queue q = { 0 };
    struct key_change c;
    int down[KEY_COUNT] = { 0 };
    unsigned seen = 0;
    (void)state;
    srand(5);
    for (unsigned i = 0; i < 20000; i++) {
        key_queue_put(&q, (unsigned)rand() % KEY_COUNT, rand() & 1);
        if (rand() % 3 == 0 && key_queue_take(&q, &c)) {
            down[c.key] += c.down ? 1 : -1;
            assert_in_range(down[c.key], 0, 1);
            seen++;
        }
        assert_true(q.count + q.held <= KEY_QUEUE_SIZE);
    }
    for (unsigned key = 0; key < KEY_COUNT; key++)
        key_queue_put(&q, key, false);
    while (key_queue_take(&q, &c))
        down[c.key] += c.down ? 1 : -1;
    for (unsigned key = 0; key < KEY_COUNT; key++)
        assert_int_equal(down[key], 0);
    assert_true(seen > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(leaves_out_what_is_no_change),
        cmocka_unit_test(stays_balanced_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
