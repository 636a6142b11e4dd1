/* test_log.c: the form of a line, the flood limit, quiet kinds, and bytes that a terminal must not obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "log.h"

struct bench {
    struct log log;
    FILE *file;
    char *text;
    size_t len;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    b->file = open_memstream(&b->text, &b->len);
    log_init(&b->log, b->file);
    *state = b;
    return b->file ? 0 : -1;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    fclose(b->file);
    free(b->text);
    free(b);
    return 0;
}

static const char *said(struct bench *b)
{
    fflush(b->file);
    return b->text;
}

static unsigned count_lines(struct bench *b, const char *part)
{
    unsigned n = 0;
    for (const char *p = said(b); (p = strstr(p, part)); p++)
        n++;
    return n;
}

static void a_line_names_kind_and_speaker(void **state)
{
    struct bench *b = *state;
    log_unimp(&b->log, "i8254", "mode %d", 7);
    log_guest(&b->log, "i8259", "no ICW1");
    log_host(&b->log, "disk", "gone");
    assert_string_equal(said(b), "pcemu: unimp: i8254: mode 7\n"
                                 "pcemu: guest: i8259: no ICW1\n"
                                 "pcemu: host: disk: gone\n");
}

static void a_flood_is_cut_off_once(void **state)
{
    struct bench *b = *state;
    for (int i = 0; i < 100 * LOG_REPEAT_MAX; i++)
        log_guest(&b->log, "chip", "flood %d", i);
    assert_int_equal(count_lines(b, "flood"), LOG_REPEAT_MAX);
    assert_int_equal(count_lines(b, "no more lines"), 1);
    log_guest(&b->log, "chip", "another");
    assert_int_equal(count_lines(b, "another"), 1);
}

static void a_quiet_kind_says_nothing(void **state)
{
    struct bench *b = *state;
    b->log.quiet[LOG_GUEST] = true;
    log_guest(&b->log, "chip", "hush");
    log_unimp(&b->log, "chip", "heard");
    assert_string_equal(said(b), "pcemu: unimp: chip: heard\n");
}

static void control_bytes_are_defused(void **state)
{
    struct bench *b = *state;
    log_guest(&b->log, "chip", "a%sb", "\x1b[2J\n\x7f");
    assert_string_equal(said(b), "pcemu: guest: chip: a?[2J??b\n");
}

static void long_text_is_cut(void **state)
{
    struct bench *b = *state;
    char text[4000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    log_guest(&b->log, "chip", "%s", text);
    assert_true(strlen(said(b)) < 600);
    assert_int_equal(b->text[strlen(b->text) - 1], '\n');
}

/* More format strings than sites: strangers share a count, nothing is written out of the table. */
static void a_full_table_still_works(void **state)
{
    struct bench *b = *state;
    static char formats[2 * LOG_SITES][8];
    for (unsigned i = 0; i < ARRAY_LEN(formats); i++) {
        const char *format = memcpy(formats[i], "fill", 5);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
        log_say(&b->log, LOG_GUEST, "chip", format);
#pragma GCC diagnostic pop
    }
    assert_true(count_lines(b, "fill") >= LOG_SITES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_names_kind_and_speaker, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_is_cut_off_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_quiet_kind_says_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(control_bytes_are_defused, setup, teardown),
        cmocka_unit_test_setup_teardown(long_text_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_table_still_works, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
