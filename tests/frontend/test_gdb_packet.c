/* test_gdb_packet.c: the framing of GDB's remote protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "packet.h"

static enum packet_event feed(struct packet_link *p, const char *bytes)
{
    enum packet_event last = PACKET_NOTHING;
    for (; *bytes; bytes++) {
        enum packet_event e = packet_feed(p, (u8)*bytes);
        if (e != PACKET_NOTHING)
            last = e;
    }
    return last;
}

/* What waits to be sent, as text; it is forgotten. */
static const char *sent(struct packet_link *p, char *text, size_t size)
{
    assert_true(p->out_len < size);
    memcpy(text, p->out, p->out_len);
    text[p->out_len] = 0;
    packet_sent(p, p->out_len);
    return text;
}

static struct packet_link *fresh(void)
{
    struct packet_link *p = calloc(1, sizeof *p);
    assert_non_null(p);
    packet_reset(p);
    return p;
}

static void drop(struct packet_link *p)
{
    packet_free(p);
    free(p);
}

static void test_a_whole_packet_is_acknowledged(void **state)
{
    struct packet_link *p = fresh();
    char out[64];
    assert_int_equal(feed(p, "$qC#b4"), PACKET_READY);
    assert_string_equal((char *)p->data, "qC");
    assert_int_equal(p->len, 2);
    assert_string_equal(sent(p, out, sizeof out), "+");
    drop(p);
    (void)state;
}

static void test_a_wrong_sum_is_refused_and_noise_is_not_heard(void **state)
{
    struct packet_link *p = fresh();
    char out[64];
    assert_int_equal(feed(p, "+++noise$qC#b5"), PACKET_NOTHING);
    assert_string_equal(sent(p, out, sizeof out), "-");
    assert_int_equal(feed(p, "$qC#xx"), PACKET_NOTHING);
    assert_string_equal(sent(p, out, sizeof out), "-");
    assert_int_equal(feed(p, "\x03"), PACKET_INTERRUPT);
    drop(p);
    (void)state;
}

static void test_escapes_go_both_ways(void **state)
{
    struct packet_link *p = fresh();
    char out[64];
    assert_int_equal(feed(p, "$X}\x03}]#b2"), PACKET_READY); /* # and } behind escapes */
    assert_int_equal(p->len, 3);
    assert_memory_equal(p->data, "X#}", 3);
    sent(p, out, sizeof out);
    packet_send(p, "a$b");
    assert_string_equal(sent(p, out, sizeof out), "$a}\x04"
                                                  "b#44");
    drop(p);
    (void)state;
}

static void test_the_last_packet_is_repeated_on_request(void **state)
{
    struct packet_link *p = fresh();
    char out[64];
    packet_send(p, "OK");
    assert_string_equal(sent(p, out, sizeof out), "$OK#9a");
    feed(p, "-");
    assert_string_equal(sent(p, out, sizeof out), "$OK#9a");
    p->no_ack = true;
    assert_int_equal(feed(p, "$qC#b4"), PACKET_READY);
    assert_int_equal(p->out_len, 0);
    drop(p);
    (void)state;
}

static void test_a_packet_that_is_too_long_is_refused(void **state)
{
    struct packet_link *p = fresh();
    char out[64];
    u8 sum = 0;
    packet_feed(p, '$');
    for (unsigned i = 0; i < PACKET_MAX + 1; i++) {
        packet_feed(p, 'a');
        sum = (u8)(sum + 'a');
    }
    packet_feed(p, '#');
    snprintf(out, sizeof out, "%02x", sum);
    assert_int_equal(feed(p, out), PACKET_NOTHING);
    assert_string_equal(sent(p, out, sizeof out), "-");
    assert_int_equal(feed(p, "$qC#b4"), PACKET_READY);
    drop(p);
    (void)state;
}

static void test_digits(void **state)
{
    u8 data[3];
    assert_true(packet_unhex("01aBff", data, 3));
    assert_memory_equal(data, "\x01\xab\xff", 3);
    assert_false(packet_unhex("01a", data, 2));
    assert_false(packet_unhex("0g", data, 1));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_packet_is_acknowledged),
        cmocka_unit_test(test_a_wrong_sum_is_refused_and_noise_is_not_heard),
        cmocka_unit_test(test_escapes_go_both_ways),
        cmocka_unit_test(test_the_last_packet_is_repeated_on_request),
        cmocka_unit_test(test_a_packet_that_is_too_long_is_refused),
        cmocka_unit_test(test_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
