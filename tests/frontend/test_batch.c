/* test_batch.c: lists of batches, and the reports on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "batch.h"

/* Reads a list; what is said about it is in *said, which the caller frees. */
static bool reads(struct batch *b, const char *text, char **said)
{
    size_t len;
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r"), *err = open_memstream(said, &len);
    *b = (struct batch){ .path = "list" };
    bool ok = batch_read(b, in, err);
    fclose(in);
    fclose(err);
    return ok;
}

static void lists(void **state)
{
    (void)state;
    struct batch b;
    char *said;
    assert_true(reads(&b,
                      "# all of them\n\n"
                      "boot: -cdrom os.iso  -m 64\t-snapshot # a comment\r\n"
                      "  tests  33 : -kernel 'my kernel' \\\n"
                      "     -append \"a \\\"b\\\" \\c\" x\\ y#z ''\n"
                      "none:",
                      &said));
    assert_string_equal(said, "");
    assert_int_equal(b.runs, 3);
    assert_string_equal(b.run[0].name, "boot");
    assert_int_equal(b.run[0].expected, 0);
    assert_int_equal(b.run[0].words, 5);
    assert_string_equal(b.run[0].word[3], "64");
    assert_string_equal(b.run[1].name, "tests");
    assert_int_equal(b.run[1].expected, 33);
    assert_int_equal(b.run[1].words, 6);
    assert_string_equal(b.run[1].word[1], "my kernel");
    assert_string_equal(b.run[1].word[3], "a \"b\" \\c");
    assert_string_equal(b.run[1].word[4], "x y#z");
    assert_string_equal(b.run[1].word[5], "");
    assert_int_equal(b.run[2].words, 0);
    assert_int_equal(b.run[2].line, 6);
    free(said);
    batch_free(&b);
}

static void wrong_lists(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        { "# nothing\n", "list:2: there is no run in it\n" },
        { "boot -m 64\n", "list:1: wanted is NAME: OPTIONS" },
        { "a: -m 64\n\nb: -name 'open\n", "list:3: a quote is not closed" },
        { "a 256: -m 64\n", "a status from 0 to 255" },
        { "a b: -m 64\n", "a status from 0 to 255" },
        { "a/b: -m 64\n", "a name without blanks or slashes" },
        { ": -m 64\n", "a name without blanks or slashes" },
        { "a: \\\n-m 64\na: -m 32\n", "list:3: there is a run of this name already" },
    };
    for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
        struct batch b;
        char *said;
        assert_false(reads(&b, wrong[i][0], &said));
        if (strncmp(said, "pcemu batch: list:", 18) != 0 || !strstr(said, wrong[i][1]))
            fail_msg("%s: said %s", wrong[i][0], said);
        free(said);
        batch_free(&b);
    }
}

static FILE *file_of(const char *text, size_t len)
{
    FILE *f = tmpfile();
    assert_int_equal(fwrite(text, 1, len, f), len);
    return f;
}

/* Three runs: one as expected, one with another status, one that was too late. */
static void three(struct batch *b)
{
    static const char output[] = "<a> & \"b\"\r\n\001\xff\xc3\xa4\n";
    char *said;
    assert_true(reads(b, "good 33: -m 1\nbad: -m 2\nlate: -m 3\n", &said));
    free(said);
    for (unsigned i = 0; i < b->runs; i++)
        b->run[i].state = BATCH_DONE;
    b->run[0].status = 33;
    b->run[1].status = 6;
    b->run[1].output = file_of(output, sizeof output - 1);
    b->run[2].late = true;
    b->run[2].seconds = 2;
}

static void is_printed(struct batch *b, bool junit, const char *text)
{
    char *got;
    size_t len;
    FILE *out = open_memstream(&got, &len);
    for (unsigned i = 0; !junit && i < b->runs; i++)
        batch_tap(b, i, out);
    if (junit)
        batch_junit(b, 1.5, out);
    fclose(out);
    assert_string_equal(got, text);
    free(got);
    batch_free(b);
}

static void tap(void **state)
{
    (void)state;
    struct batch b;
    three(&b);
    is_printed(&b, false,
               "ok 1 - good\n"
               "not ok 2 - bad\n"
               "# pcemu -m 2\n"
               "# status 6 (-timeout), expected was 0\n"
               "#   <a> & \"b\"\n"
               "#   \001\xff\xc3\xa4\n"
               "not ok 3 - late\n"
               "# pcemu -m 3\n"
               "# it took longer than 2 seconds and was ended\n");
}

static void junit(void **state)
{
    (void)state;
    struct batch b;
    three(&b);
    is_printed(&b, true,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<testsuite name=\"list\" tests=\"3\" failures=\"2\" errors=\"0\" time=\"1.500\">\n"
               "  <testcase classname=\"pcemu\" name=\"good\" time=\"0.000\">\n"
               "  </testcase>\n"
               "  <testcase classname=\"pcemu\" name=\"bad\" time=\"0.000\">\n"
               "    <failure message=\"status 6 (-timeout), expected was 0\">&#60;a&#62; &#38; &#34;b&#34;\n"
               "??\xc3\xa4\n"
               "</failure>\n"
               "  </testcase>\n"
               "  <testcase classname=\"pcemu\" name=\"late\" time=\"2.000\">\n"
               "    <failure message=\"it took longer than 2 seconds and was ended\"></failure>\n"
               "  </testcase>\n"
               "</testsuite>\n");
}

/* Of a long output the end is shown, from the beginning of a line on. */
static void long_output(void **state)
{
    (void)state;
    struct batch b;
    char *said, *got;
    size_t len;
    assert_true(reads(&b, "a: x\n", &said));
    free(said);
    b.run[0].state = BATCH_DONE;
    b.run[0].status = 2;
    b.run[0].output = tmpfile();
    for (unsigned i = 0; i < 100000; i++)
        fprintf(b.run[0].output, "line %05u\n", i);
    FILE *out = open_memstream(&got, &len);
    batch_tap(&b, 0, out);
    fclose(out);
    assert_true(len < 200000);
    assert_non_null(strstr(got, "expected was 0\n#   line "));
    assert_string_equal(got + len - 15, "#   line 99999\n");
    free(got);
    batch_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists), cmocka_unit_test(wrong_lists), cmocka_unit_test(tap),
        cmocka_unit_test(junit), cmocka_unit_test(long_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
