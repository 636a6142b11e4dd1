/* test_library.c: libraries that are loaded when they are needed: what is filled in, and what is said when it can't be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "library.h"

#define FUNCTIONS 2

/* A library as functions.S.h declares it. */
static struct library unfilled(const char *file, const char *names, void *functions[FUNCTIONS])
{
    for (unsigned i = 0; i < FUNCTIONS; i++)
        functions[i] = (void *)library_not_loaded;
    return (struct library){ file, names, functions, functions + FUNCTIONS };
}

static void test_fills_the_jumps(void **state)
{
    (void)state;
    void *at[FUNCTIONS];
    const struct library l = unfilled("libc.so.6", "abs\0labs\0", at);
    int (*number)(int);
    long (*wide)(long);
    assert_null(library_load(&l));
    memcpy(&number, &at[0], sizeof number);
    memcpy(&wide, &at[1], sizeof wide);
    assert_int_equal(number(-5), 5);
    assert_int_equal(wide(-6), 6);
    assert_null(library_load(&l));
}

static void test_says_what_is_missing(void **state)
{
    (void)state;
    void *at[FUNCTIONS];
    const struct library absent = unfilled("libpcemu-absent.so.1", "abs\0labs\0", at);
    for (unsigned again = 0; again < 2; again++) {
        const char *why = library_load(&absent);
        assert_non_null(why);
        assert_non_null(strstr(why, "libpcemu-absent.so.1"));
        assert_null(strchr(why, '\n'));
    }
    const struct library old = unfilled("libc.so.6", "abs\0no_such_function_of_it\0", at);
    const char *why = library_load(&old);
    assert_non_null(why);
    assert_non_null(strstr(why, "no_such_function_of_it"));
    assert_non_null(library_load(&old));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fills_the_jumps),
        cmocka_unit_test(test_says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
