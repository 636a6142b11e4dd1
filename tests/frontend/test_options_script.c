/* test_options_script.c: what a run without a person is told on the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options_bench.h"

static void is_step(const struct script_step *s, enum script_kind kind, enum script_place place, const char *text)
{
    assert_int_equal(s->kind, kind);
    assert_int_equal(s->place, place);
    assert_string_equal(s->text, text);
}

static void steps_stand_in_their_order(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-expect-serial login: -type root<ret> -fail-serial panic -expect-screen # -wait 1.5 -expect-debugcon x "
             "-fail-screen Oops -fail-debugcon y -send-serial a\\n\\x41\\\\\\e");
    assert_int_equal(l.o.script.steps, 6);
    assert_int_equal(l.o.script.bans, 3);
    is_step(&l.o.script.step[0], SCRIPT_EXPECT, SCRIPT_SERIAL, "login:");
    assert_int_equal(l.o.script.step[1].kind, SCRIPT_TYPE);
    assert_string_equal(l.o.script.step[1].text, "root<ret>");
    is_step(&l.o.script.step[2], SCRIPT_EXPECT, SCRIPT_SCREEN, "#");
    assert_int_equal(l.o.script.step[3].kind, SCRIPT_WAIT);
    assert_true(l.o.script.step[3].ns == 1500000000);
    is_step(&l.o.script.step[4], SCRIPT_EXPECT, SCRIPT_DEBUGCON, "x");
    assert_int_equal(l.o.script.step[5].kind, SCRIPT_SEND);
    assert_string_equal(l.o.script.step[5].text, "a\nA\\\033");
    is_step(&l.o.script.ban[0], SCRIPT_EXPECT, SCRIPT_SERIAL, "panic");
    is_step(&l.o.script.ban[1], SCRIPT_EXPECT, SCRIPT_SCREEN, "Oops");
    is_step(&l.o.script.ban[2], SCRIPT_EXPECT, SCRIPT_DEBUGCON, "y");
    forget(&l);
}

static void limits(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-insn-limit 0x10 -timeout 2 -no-shutdown");
    assert_true(l.o.insn_limit == 16 && l.o.timeout_ns == 2000000000 && l.o.no_shutdown);
    forget(&l);
    is_wrong("-insn-limit 0", "not a number of instructions");
    is_wrong("-insn-limit many", "not a number of instructions");
    is_wrong("-wait 0", "not a number of seconds");
    is_wrong("-wait 1s", "not a number of seconds");
}

static void wrong_steps(void **state)
{
    (void)state;
    is_wrong("-type a<hyper>b", "types '<hyper>b'");
    is_wrong("-send-serial a\\q", "the escapes are");
    is_wrong("-send-serial a\\x0", "the escapes are");
    is_wrong("-send-serial a\\x00", "the escapes are");
    is_wrong("-send-serial a\\", "the escapes are");
    is_wrong("-debug -expect-serial x", "the debugger has no use for");
    is_wrong("-expect-serial", "needs an argument");
}

/* One more than there is room for. */
static void too_many(void **state)
{
    (void)state;
    struct options o;
    char *argv[2 * SCRIPT_STEPS_MAX + 3], *said, option[] = "-expect-serial", text[] = "x", name[] = "pcemu";
    size_t len;
    int argc = 0;
    argv[argc++] = name;
    for (unsigned i = 0; i <= SCRIPT_STEPS_MAX; i++) {
        argv[argc++] = option;
        argv[argc++] = text;
    }
    FILE *err = open_memstream(&said, &len);
    assert_int_equal(options_parse(&o, argc, argv, err), OPTIONS_WRONG);
    fclose(err);
    assert_non_null(strstr(said, "-expect-serial: more than 128 of them\n"));
    options_free(&o);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_stand_in_their_order),
        cmocka_unit_test(limits),
        cmocka_unit_test(wrong_steps),
        cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
