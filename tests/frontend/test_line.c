/* test_line.c: the monitor's line editor: what the keys make of a line, and what the terminal is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "line.h"

struct bench {
    struct line line;
    FILE *out;
    char *text;
    size_t len;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->out = open_memstream(&b->text, &b->len);
    line_init(&b->line, "> ", true);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    line_free(&b->line);
    fclose(b->out);
    free(b->text);
    free(b);
    return 0;
}

static enum line_event type(struct bench *b, const char *keys)
{
    enum line_event event = LINE_MORE;
    for (; *keys; keys++)
        event = line_feed(&b->line, (u8)*keys, b->out);
    return event;
}

/* The line that these keys make. */
static void makes(struct bench *b, const char *keys, const char *line)
{
    line_reset(&b->line);
    type(b, keys);
    assert_string_equal(b->line.text, line);
    assert_int_equal(type(b, "\r"), LINE_DONE);
}

static void keys_edit(void **state)
{
    struct bench *b = *state;
    makes(b, "abc", "abc");
    makes(b, "abd\bc", "abc");
    makes(b, "abd\177c", "abc");
    makes(b, "bc\1a", "abc");
    makes(b, "bc\1a\5d", "abcd");
    makes(b, "xab\1\4", "ab");
    makes(b, "one two\27", "one ");
    makes(b, "one two  \27\27x", "x");
    makes(b, "ac\033[Db", "abc");
    makes(b, "ab\033[D\033[D\033[C\033[C\033[Cc", "abc");
    makes(b, "bc\033[1~a\033[4~d", "abcd");
    makes(b, "bc\033OHa\033OFd", "abcd");
    makes(b, "xa\033[H\033[3~", "a");
    makes(b, "a\033[99999999999~b", "ab");
    makes(b, "\177\b\4\27", "");
    makes(b, "a\2\3b", "ab"); /* other control characters are none */
}

static void a_full_line_takes_no_more(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < 2 * LINE_MAX_LEN; i++)
        type(b, "x");
    assert_int_equal(b->line.len, LINE_MAX_LEN);
    assert_int_equal(strlen(b->line.text), LINE_MAX_LEN);
}

static void history(void **state)
{
    struct bench *b = *state;
    makes(b, "one", "one");
    makes(b, "two", "two");
    makes(b, "\033[A\033[A", "one");
    makes(b, "\033[A\033[A\033[A", "two"); /* "one" is the newest now; nothing is older than "two" */
    makes(b, "\033[A\033[A\033[B", "two");
    makes(b, "\033[A\033[B", "");
    makes(b, "\033[A!", "two!");
    assert_string_equal(b->line.history[2], "two!");
    char text[16];
    for (unsigned i = 0; i < LINE_HISTORY + 5; i++) {
        snprintf(text, sizeof text, "line %u", i);
        makes(b, text, text);
    }
    assert_string_equal(b->line.history[LINE_HISTORY - 1], text);
    assert_string_equal(b->line.history[0], "line 5");
}

/* Byte for byte what QEMU's monitor sends. */
static void the_terminal(void **state)
{
    struct bench *b = *state;
    line_start(&b->line, b->out);
    type(b, "in\b\r");
    fflush(b->out);
    assert_string_equal(b->text, "> i\033[K\033[Din\033[K\033[D\033[Di\033[K\n");
}

static void without_a_terminal_nothing_is_shown(void **state)
{
    struct bench *b = *state;
    b->line.echo = false;
    assert_int_equal(type(b, "info\n"), LINE_DONE);
    fflush(b->out);
    assert_string_equal(b->text ? b->text : "", "");
}

static void completion(void **state)
{
    struct bench *b = *state;
    const char *const one[] = { "mouse_set" }, *const two[] = { "mouse_set", "mouse_move" };
    assert_int_equal(type(b, "mo\t"), LINE_TAB);
    line_complete(&b->line, two, 2, 2, b->out);
    assert_string_equal(b->line.text, "mouse_");
    fflush(b->out);
    assert_non_null(strstr(b->text, "\nmouse_set   mouse_move  \n> "));
    type(b, "s\t");
    line_complete(&b->line, one, 1, 7, b->out);
    assert_string_equal(b->line.text, "mouse_set ");
    line_complete(&b->line, one, 0, 0, b->out);
    assert_string_equal(b->line.text, "mouse_set ");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_edit),    TEST(a_full_line_takes_no_more),           TEST(history),
        TEST(the_terminal), TEST(without_a_terminal_nothing_is_shown), TEST(completion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
