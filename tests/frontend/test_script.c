/* test_script.c: steps of a script, texts in what ports send, keys in texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "key_names.h"
#include "script.h"

struct bench {
    struct script_option option;
    struct script script;
};

static void expect(struct bench *b, enum script_place place, const char *text)
{
    b->option.step[b->option.steps++] = (struct script_step){ .kind = SCRIPT_EXPECT, .place = place, .text = text };
}

static void ban(struct bench *b, enum script_place place, const char *text)
{
    b->option.ban[b->option.bans++] = (struct script_step){ .kind = SCRIPT_EXPECT, .place = place, .text = text };
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    *state = b;
    if (b)
        script_init(&b->script, &b->option);
    return b ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* Sends a text; returns how many bytes went before the machine is to stop; -1: it is not. */
static int send(struct bench *b, enum script_place port, const char *text)
{
    for (int i = 0; text[i]; i++)
        if (script_take(&b->script, port, (u8)text[i]))
            return i + 1;
    return -1;
}

static void stops_at_the_last_byte(void **state)
{
    struct bench *b = *state;
    expect(b, SCRIPT_SERIAL, "login:");
    assert_int_equal(send(b, SCRIPT_SERIAL, "logi login: "), 11);
    assert_true(script_port_matches(&b->script));
    assert_false(script_is_over(&b->script));
    script_advance(&b->script);
    assert_true(script_is_over(&b->script));
    assert_null(script_step(&b->script));
    assert_int_equal(send(b, SCRIPT_SERIAL, "login:"), -1);
}

static void a_text_may_overlap_itself(void **state)
{
    struct bench *b = *state;
    expect(b, SCRIPT_SERIAL, "aab");
    assert_int_equal(send(b, SCRIPT_SERIAL, "aaaab"), 5);
    assert_true(script_port_matches(&b->script));
}

/* What was sent before a step's turn counts for it, what an earlier step has used does not. */
static void output_is_used_once(void **state)
{
    struct bench *b = *state;
    expect(b, SCRIPT_SERIAL, "one");
    expect(b, SCRIPT_DEBUGCON, "go");
    expect(b, SCRIPT_SERIAL, "two");
    expect(b, SCRIPT_SERIAL, "two");
    assert_int_equal(send(b, SCRIPT_SERIAL, "one"), 3);
    assert_true(script_port_matches(&b->script));
    script_advance(&b->script);
    assert_int_equal(send(b, SCRIPT_SERIAL, " two "), -1);
    assert_int_equal(send(b, SCRIPT_DEBUGCON, "go"), 2);
    assert_true(script_port_matches(&b->script));
    script_advance(&b->script);
    assert_true(script_port_matches(&b->script)); /* sent while the console was waited for */
    script_advance(&b->script);
    assert_false(script_port_matches(&b->script));
    assert_int_equal(send(b, SCRIPT_SERIAL, "two"), 3);
    assert_true(script_port_matches(&b->script));
}

static void more_output_than_is_kept(void **state)
{
    struct bench *b = *state;
    u8 tail[8];
    expect(b, SCRIPT_DEBUGCON, "go");
    expect(b, SCRIPT_SERIAL, "old");
    expect(b, SCRIPT_SERIAL, "new");
    send(b, SCRIPT_SERIAL, "old");
    for (unsigned i = 0; i < SCRIPT_KEPT; i++)
        assert_false(script_take(&b->script, SCRIPT_SERIAL, '.'));
    send(b, SCRIPT_DEBUGCON, "go");
    script_advance(&b->script);
    assert_false(script_port_matches(&b->script));
    assert_int_equal(send(b, SCRIPT_SERIAL, "old"), 3);
    assert_true(script_port_matches(&b->script));
    assert_int_equal(script_tail(&b->script, SCRIPT_SERIAL, tail, 5), 5);
    assert_memory_equal(tail, "..old", 5);
    assert_int_equal(script_tail(&b->script, SCRIPT_DEBUGCON, tail, 5), 2);
}

static void texts_that_must_not_come(void **state)
{
    struct bench *b = *state;
    expect(b, SCRIPT_SERIAL, "ok");
    ban(b, SCRIPT_SERIAL, "panic");
    ban(b, SCRIPT_SCREEN, "Oops");
    assert_true(script_wants_screen(&b->script));
    assert_true(script_wants_port(&b->option, SCRIPT_SERIAL));
    assert_false(script_wants_port(&b->option, SCRIPT_DEBUGCON));
    assert_int_equal(send(b, SCRIPT_DEBUGCON, "panic"), -1);
    assert_null(b->script.seen);
    script_check_screen(&b->script, "all is well\n");
    assert_null(b->script.seen);
    assert_int_equal(send(b, SCRIPT_SERIAL, "kernel panic"), 12);
    assert_ptr_equal(b->script.seen, &b->option.ban[0]);
    script_check_screen(&b->script, "Oops\n");
    assert_ptr_equal(b->script.seen, &b->option.ban[0]);
}

static void the_screen(void **state)
{
    struct bench *b = *state;
    expect(b, SCRIPT_SCREEN, "C:\\>");
    assert_true(script_wants_screen(&b->script));
    assert_false(script_screen_matches(&b->script, "A:\\>\n"));
    assert_true(script_screen_matches(&b->script, "A:\\>c:\nC:\\>\n"));
    assert_false(script_port_matches(&b->script));
    script_advance(&b->script);
    assert_false(script_wants_screen(&b->script));
}

/* A script that ends with keys leaves the end to the guest. */
static void keys_at_the_end(void **state)
{
    struct bench *b = *state;
    expect(b, SCRIPT_SERIAL, "x");
    b->option.step[b->option.steps++] = (struct script_step){ .kind = SCRIPT_TYPE, .text = "q" };
    script_advance(&b->script);
    script_advance(&b->script);
    assert_false(script_is_over(&b->script));
}

static void keys(const char *text, unsigned n, unsigned first, unsigned last)
{
    u16 key[SCRIPT_CHORD_MAX];
    const char *at = text;
    unsigned got = script_next_key(&at, key);
    if (got != n || *at)
        fail_msg("%s: %u keys, '%s' is left", text, got, at);
    assert_int_equal(key[0], first);
    assert_int_equal(key[n - 1], last);
}

static void keys_of_the_us_layout(void **state)
{
    (void)state;
    keys("a", 1, KEY_A, KEY_A);
    keys("Z", 2, KEY_LEFT_SHIFT, KEY_Z);
    keys("7", 1, KEY_7, KEY_7);
    keys("&", 2, KEY_LEFT_SHIFT, KEY_7);
    keys("\n", 1, KEY_ENTER, KEY_ENTER);
    keys("<ret>", 1, KEY_ENTER, KEY_ENTER);
    keys("<ctrl-alt-delete>", 3, KEY_LEFT_CTRL, KEY_DELETE);
    keys("<f12>", 1, KEY_F12, KEY_F12);
    keys("<lt>", 2, KEY_LEFT_SHIFT, KEY_COMMA);
    keys("<less>", 1, KEY_ISO_BACKSLASH, KEY_ISO_BACKSLASH);
    keys("<", 2, KEY_LEFT_SHIFT, KEY_COMMA);
    keys(">", 2, KEY_LEFT_SHIFT, KEY_PERIOD);
    for (char c = ' '; c < 0x7f; c++) {
        u16 key[SCRIPT_CHORD_MAX];
        const char text[] = { c, 0 }, *at = text;
        if (!script_next_key(&at, key))
            fail_msg("'%c' can't be typed", c);
    }
}

static void no_such_key(void **state)
{
    (void)state;
    static const char *const wrong[] = { "<hyper>", "<>", "<ctrl->", "<-a>", "<ctrl-c-d-e-f-g-h-i-j>", "\001", "\303" };
    for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
        u16 key[SCRIPT_CHORD_MAX];
        const char *at = wrong[i];
        if (script_next_key(&at, key) || at != wrong[i])
            fail_msg("%s is a key", wrong[i]);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stops_at_the_last_byte),   TEST(a_text_may_overlap_itself),         TEST(output_is_used_once),
        TEST(more_output_than_is_kept), TEST(texts_that_must_not_come),          TEST(the_screen),
        TEST(keys_at_the_end),          cmocka_unit_test(keys_of_the_us_layout), cmocka_unit_test(no_such_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
