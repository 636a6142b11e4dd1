/* test_keyval.c: option arguments: commas, implied keys, flags, numbers, sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "keyval.h"

static void splits_keys_and_values(void **state)
{
    (void)state;
    struct keyvals kv;
    assert_true(keyvals_split(&kv, "file=a.img,if=ide,index=2", NULL));
    assert_int_equal(kv.count, 3);
    assert_string_equal(kv.item[0].key, "file");
    assert_string_equal(kv.item[0].value, "a.img");
    assert_string_equal(keyvals_get(&kv, "index"), "2");
    assert_null(keyvals_get(&kv, "media"));
    keyvals_free(&kv);
}

static void a_doubled_comma_is_text(void **state)
{
    (void)state;
    struct keyvals kv;
    assert_true(keyvals_split(&kv, "file=a,,b=c,,,id=x", NULL));
    assert_string_equal(keyvals_get(&kv, "file"), "a,b=c,");
    assert_string_equal(keyvals_get(&kv, "id"), "x");
    keyvals_free(&kv);
}

static void the_first_word_takes_the_implied_key(void **state)
{
    (void)state;
    struct keyvals kv;
    assert_true(keyvals_split(&kv, "pc,usb=off", "type"));
    assert_string_equal(keyvals_get(&kv, "type"), "pc");
    keyvals_free(&kv);
    assert_true(keyvals_split(&kv, "usb=off,pc", "type"));
    assert_null(keyvals_get(&kv, "type"));
    keyvals_free(&kv);
}

static void words_are_flags(void **state)
{
    (void)state;
    struct keyvals kv;
    assert_true(keyvals_split(&kv, "snapshot,noreadonly,,no", NULL));
    assert_string_equal(keyvals_get(&kv, "snapshot"), "on");
    assert_string_equal(keyvals_get(&kv, "readonly,no"), "off");
    keyvals_free(&kv);
}

static void the_last_of_two_counts(void **state)
{
    (void)state;
    struct keyvals kv;
    assert_true(keyvals_split(&kv, "a=1,a=2", NULL));
    assert_string_equal(keyvals_get(&kv, "a"), "2");
    keyvals_free(&kv);
}

static void too_many_items_are_refused(void **state)
{
    (void)state;
    char arg[4 * KEYVALS_MAX + 8] = "a";
    for (unsigned i = 0; i < KEYVALS_MAX; i++)
        strcat(arg, ",a");
    struct keyvals kv;
    assert_false(keyvals_split(&kv, arg, NULL));
    keyvals_free(&kv);
}

static void booleans(void **state)
{
    (void)state;
    bool v = false;
    assert_true(parse_bool("on", &v) && v);
    assert_true(parse_bool("no", &v) && !v);
    assert_true(parse_bool("true", &v) && v);
    assert_false(parse_bool("1", &v));
}

static void numbers(void **state)
{
    (void)state;
    u64 v = 0;
    assert_true(parse_number("0xf4", 0xffff, &v) && v == 0xf4);
    assert_true(parse_number("65535", 0xffff, &v));
    assert_false(parse_number("65536", 0xffff, &v));
    assert_false(parse_number("-1", UINT64_MAX, &v));
    assert_false(parse_number("1x", UINT64_MAX, &v));
    assert_false(parse_number("", UINT64_MAX, &v));
    assert_false(parse_number("99999999999999999999", UINT64_MAX, &v));
}

static void sizes(void **state)
{
    (void)state;
    u64 v = 0;
    assert_true(parse_size("64", MIB, &v) && v == 64 * MIB);
    assert_true(parse_size("64k", MIB, &v) && v == 64 * KIB);
    assert_true(parse_size("1G", MIB, &v) && v == GIB);
    assert_true(parse_size("1.5g", MIB, &v) && v == GIB + GIB / 2);
    assert_true(parse_size("4096b", MIB, &v) && v == 4096);
    assert_false(parse_size("1Q", MIB, &v));
    assert_false(parse_size("1GG", MIB, &v));
    assert_false(parse_size("G", MIB, &v));
    assert_false(parse_size("-1", MIB, &v));
    assert_false(parse_size("1.2.3", MIB, &v));
    assert_false(parse_size("99999999999T", MIB, &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_keys_and_values),
        cmocka_unit_test(a_doubled_comma_is_text),
        cmocka_unit_test(the_first_word_takes_the_implied_key),
        cmocka_unit_test(words_are_flags),
        cmocka_unit_test(the_last_of_two_counts),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(booleans),
        cmocka_unit_test(numbers),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
