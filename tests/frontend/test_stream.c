/* test_stream.c: byte streams to files and through standard input and output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static void output_goes_to_a_log_too(void **state)
{
    struct bench *b = *state;
    struct stream_option o = { .kind = STREAM_NULL, .log = b->path };
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    put(&b->stream, "first");
    stream_close(&b->stream);
    o.log_append = true;
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    put(&b->stream, " second");
    stream_close(&b->stream);
    file_holds(b, "first second");
}

/* Reads what is there from a descriptor that has `len` bytes, and compares. */
static void arrives(int fd, const void *data, size_t len)
{
    u8 got[256];
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, got + at, len - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    assert_memory_equal(got, data, len);
}

#define PATIENCE_MS 20000

/* What was written at the other end comes out of the stream, though a terminal may take its time. */
static void comes_in(struct stream *s, const char *text)
{
    u8 byte;
    for (; *text; text++) {
        struct pollfd p = { s->in, POLLIN, 0 };
        assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
        assert_true(stream_read(s, &byte));
        assert_int_equal(byte, *text);
    }
    assert_false(stream_read(s, &byte));
}

static void named_pipes(void **state)
{
    struct bench *b = *state;
    char in[80], out[80];
    struct stream_option o = { .kind = STREAM_PIPE, .path = b->path };
    snprintf(in, sizeof in, "%s.in", b->path);
    snprintf(out, sizeof out, "%s.out", b->path);
    assert_true(mkfifo(in, 0600) == 0 && mkfifo(out, 0600) == 0);
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    int reader = open(out, O_RDONLY), writer = open(in, O_WRONLY);
    put(&b->stream, "out");
    stream_flush(&b->stream);
    arrives(reader, "out", 3);
    assert_int_equal(write(writer, "in", 2), 2);
    comes_in(&b->stream, "in");
    close(reader);
    close(writer);
    stream_close(&b->stream);
    unlink(in);
    unlink(out);
}

static void a_pseudo_terminal(void **state)
{
    struct bench *b = *state;
    struct stream_option o = { .kind = STREAM_PTY, .label = "serial0" };
    char *said, name[64];
    size_t len;
    FILE *err = open_memstream(&said, &len);
    assert_true(stream_open(&b->stream, &o, &b->log, err));
    fclose(err);
    assert_int_equal(sscanf(said, "char device redirected to %63s (label serial0)", name), 1);
    free(said);
    u8 byte;
    assert_false(stream_read(&b->stream, &byte));
    assert_true(b->stream.in >= 0);
    int other = open(name, O_RDWR | O_NOCTTY);
    assert_true(other >= 0);
    put(&b->stream, "a\nb");
    stream_flush(&b->stream);
    arrives(other, "a\nb", 3);
    assert_int_equal(write(other, "x\r\003", 3), 3);
    comes_in(&b->stream, "x\r\003");
    close(other);
    stream_close(&b->stream);
}

static void telnet(void **state)
{
    struct bench *b = *state;
    struct stream_option o = { .kind = STREAM_TCP, .host = "127.0.0.1", .port = "0", .server = true, .telnet = true };
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    assert_true(stream_open(&b->stream, &o, &b->log, stderr));
    assert_int_equal(getsockname(b->stream.listening, (struct sockaddr *)&address, &size), 0);
    int other = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(other, (const struct sockaddr *)&address, sizeof address), 0);
    struct pollfd p = { b->stream.listening, POLLIN, 0 };
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    stream_accept(&b->stream);
    arrives(other, "\xff\xfb\1\xff\xfb\3\xff\xfb\0\xff\xfd\0", 12);
    put(&b->stream, "a\xff");
    stream_flush(&b->stream);
    arrives(other, "a\xff\xff", 3);
    static const char commands[] = "x\xff\xfd\3y\xff\xfa\x18\1\xff\xffq\xff\xf0z\xff\xf1\n";
    assert_int_equal(send(other, commands, sizeof commands - 1, 0), sizeof commands - 1);
    shutdown(other, SHUT_WR);
    char got[16] = "";
    u8 byte;
    for (unsigned n = 0; b->stream.in >= 0;) /* to the end of what was sent */
        if (stream_read(&b->stream, &byte) && n < sizeof got - 1)
            got[n++] = (char)byte;
    assert_string_equal(got, "xyz\n");
    close(other);
    stream_close(&b->stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_truncated_or_appended_to),
        TEST(more_than_a_buffer),
        TEST(a_stream_nobody_asked_for_swallows),
        TEST(a_file_that_cannot_be_made_is_refused),
        TEST(standard_input_comes_through),
        TEST(the_escape_character),
        TEST(output_goes_to_a_log_too),
        TEST(named_pipes),
        TEST(a_pseudo_terminal),
        TEST(telnet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
