/* test_stream.c: byte streams to files and through standard input and output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "stream.h"

struct bench {
    char path[64];
    struct log log;
    struct stream stream;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    strcpy(b->path, "/tmp/pcemu-stream-XXXXXX");
    close(mkstemp(b->path));
    log_init(&b->log, NULL);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    unlink(b->path);
    free(b);
    return 0;
}

static void put(struct stream *s, const char *text)
{
    struct char_backend out = stream_backend(s);
    for (; *text; text++)
        char_write(&out, (u8)*text);
}

static void file_holds(struct bench *b, const char *text)
{
    char buf[2 * STREAM_BUFFER] = "";
    FILE *f = fopen(b->path, "r");
    size_t n = fread(buf, 1, sizeof buf - 1, f);
    fclose(f);
    assert_int_equal(n, strlen(text));
    assert_string_equal(buf, text);
}

static void a_file_is_truncated_or_appended_to(void **state)
{
    struct bench *b = *state;
    struct stream_option o = { .kind = STREAM_FILE, .path = b->path };
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    put(&b->stream, "first");
    stream_close(&b->stream);
    file_holds(b, "first");
    o.append = true;
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    put(&b->stream, " second");
    stream_flush(&b->stream);
    file_holds(b, "first second");
    stream_close(&b->stream);
    o.append = false;
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    stream_close(&b->stream);
    file_holds(b, "");
}

static void more_than_a_buffer(void **state)
{
    struct bench *b = *state;
    struct stream_option o = { .kind = STREAM_FILE, .path = b->path };
    char text[STREAM_BUFFER + 100];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    put(&b->stream, text);
    stream_close(&b->stream);
    file_holds(b, text);
}

static void a_stream_nobody_asked_for_swallows(void **state)
{
    struct bench *b = *state;
    u8 byte;
    assert_true(stream_open(&b->stream, &(struct stream_option){ 0 }, &b->log, stderr));
    put(&b->stream, "gone");
    assert_false(stream_read(&b->stream, &byte));
    stream_close(&b->stream);
}

static void a_file_that_cannot_be_made_is_refused(void **state)
{
    struct bench *b = *state;
    char *said = NULL;
    size_t len;
    FILE *err = open_memstream(&said, &len);
    struct stream_option o = { .kind = STREAM_FILE, .path = "/nowhere/out.txt" };
    assert_false(stream_open(&b->stream, &o, &b->log, err));
    fclose(err);
    assert_string_equal(said, "pcemu: /nowhere/out.txt: No such file or directory\n");
    free(said);
}

/* Runs stream_read over `input` on a pipe that stands for standard input; returns what came through. */
static size_t read_through(struct bench *b, bool escape, const char *input, char *got, size_t room)
{
    int ends[2], saved = dup(STDIN_FILENO);
    u8 byte;
    size_t n = 0;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], input, strlen(input)), (ssize_t)strlen(input));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct stream_option o = { .kind = STREAM_STDIO, .escape = escape };
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    while (n + 1 < room && stream_read(&b->stream, &byte))
        got[n++] = (char)byte;
    got[n] = 0;
    dup2(saved, STDIN_FILENO);
    close(saved);
    return n;
}

static void standard_input_comes_through(void **state)
{
    struct bench *b = *state;
    char got[32];
    read_through(b, false, "ls\r\x01x", got, sizeof got);
    assert_string_equal(got, "ls\r\x01x");
    assert_false(b->stream.quit);
    assert_int_equal(b->stream.in, -1); /* the end was seen */
}

static void the_escape_character(void **state)
{
    struct bench *b = *state;
    char got[32];
    read_through(b, true,
                 "a\x01\x01"
                 "b\x01xc",
                 got, sizeof got);
    assert_string_equal(got, "a\x01"
                             "bc");
    assert_true(b->stream.quit);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_truncated_or_appended_to), TEST(more_than_a_buffer),
        TEST(a_stream_nobody_asked_for_swallows), TEST(a_file_that_cannot_be_made_is_refused),
        TEST(standard_input_comes_through),       TEST(the_escape_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
