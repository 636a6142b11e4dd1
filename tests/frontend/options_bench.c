/* options_bench.c: see options_bench.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options_bench.h"

#define WORDS_MAX 32

void parse(struct line *l, const char *text)
{
    char *argv[WORDS_MAX] = { (char[]){ "pcemu" } };
    int argc = 1;
    snprintf(l->words, sizeof l->words, "%s", text);
    for (char *word = strtok(l->words, " "); word; word = strtok(NULL, " ")) {
        assert_true(argc < WORDS_MAX);
        argv[argc++] = word;
    }
    FILE *err = open_memstream(&l->said, &l->said_len);
    l->result = options_parse(&l->o, argc, argv, err);
    fclose(err);
}

void forget(struct line *l)
{
    options_free(&l->o);
    free(l->said);
}

void runs(struct line *l, const char *text)
{
    parse(l, text);
    if (l->result != OPTIONS_RUN)
        fail_msg("%s: %s", text, l->said);
    assert_string_equal(l->said, "");
}

void is_wrong(const char *text, const char *about)
{
    struct line l;
    parse(&l, text);
    assert_int_equal(l.result, OPTIONS_WRONG);
    char *end = strchr(l.said, '\n');
    if (strncmp(l.said, "pcemu: ", 7) != 0 || !strstr(l.said, about) || !end || end[1])
        fail_msg("%s: said \"%s\", not one line about \"%s\"", text, l.said, about);
    forget(&l);
}
