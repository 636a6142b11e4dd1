/* test_mouse_queue.c: the mouse's events between the window and the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mouse_queue.h"

static void put(struct mouse_queue *q, s32 x, s32 y, s32 dz, unsigned buttons)
{
    mouse_queue_put(q, &(struct mouse_change){ .x = x, .y = y, .dz = dz, .buttons = buttons });
}

static void put_place(struct mouse_queue *q, s32 x, s32 y, s32 dz, unsigned buttons)
{
    mouse_queue_put(q, &(struct mouse_change){ .absolute = true, .x = x, .y = y, .dz = dz, .buttons = buttons });
}

static void expect(struct mouse_queue *q, bool absolute, s32 x, s32 y, s32 dz, unsigned buttons)
{
    struct mouse_change c;
    assert_true(mouse_queue_take(q, &c));
    assert_int_equal(c.absolute, absolute);
    assert_int_equal(c.x, x);
    assert_int_equal(c.y, y);
    assert_int_equal(c.dz, dz);
    assert_int_equal(c.buttons, buttons);
}

static void expect_empty(struct mouse_queue *q)
{
    struct mouse_change c;
    assert_false(mouse_queue_take(q, &c));
}

static void motion_adds_up(void **state)
{
    struct mouse_queue q = { 0 };
    (void)state;
    expect_empty(&q);
    put(&q, 1, 2, 0, 0);
    put(&q, 3, -5, 1, 0);
    put(&q, 1, 0, 0, 1);
    put(&q, 1, 0, 0, 1);
    put(&q, 0, 0, 0, 0);
    expect(&q, false, 4, -3, 1, 0);
    expect(&q, false, 2, 0, 0, 1);
    expect(&q, false, 0, 0, 0, 0);
    expect_empty(&q);
}

static void places_replace_each_other(void **state)
{
    struct mouse_queue q = { 0 };
    (void)state;
    put_place(&q, 100, 200, 1, 0);
    put_place(&q, 101, 150, 1, 0);
    put(&q, 5, 5, 0, 0);
    put_place(&q, 7, 7, 0, 0);
    expect(&q, true, 101, 150, 2, 0);
    expect(&q, false, 5, 5, 0, 0);
    expect(&q, true, 7, 7, 0, 0);
    expect_empty(&q);
}

static void clicks_stay_apart(void **state)
{
    struct mouse_queue q = { 0 };
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        put(&q, 0, 0, 0, i & 1);
    for (unsigned i = 0; i < 10; i++)
        expect(&q, false, 0, 0, 0, i & 1);
    expect_empty(&q);
}

/* Where nobody takes them, the last state counts. */
static void a_full_queue_keeps_the_end(void **state)
{
    struct mouse_queue q = { 0 };
    struct mouse_change c = { 0 };
    unsigned taken = 0;
    (void)state;
    put(&q, 0, 0, 0, 1);
    expect(&q, false, 0, 0, 0, 1); /* the ring's start is not the array's */
    for (unsigned i = 0; i < 1000; i++)
        put(&q, INT32_MAX, INT32_MIN, 1, i & 3);
    put(&q, 0, 0, 0, 0);
    while (mouse_queue_take(&q, &c))
        taken++;
    assert_int_equal(taken, MOUSE_QUEUE_SIZE);
    assert_int_equal(c.buttons, 0);
    assert_int_equal(c.x, INT32_MAX);
    assert_int_equal(c.y, INT32_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(motion_adds_up),
        cmocka_unit_test(places_replace_each_other),
        cmocka_unit_test(clicks_stay_apart),
        cmocka_unit_test(a_full_queue_keeps_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
