/* test_ps2_mouse.c: the mouse behind the keyboard controller, by IBM's PS/2 reference and Microsoft's wheel mouse. */
#include "i8042_bench.h"

/* A byte of the mouse's, waited for. */
static u8 mouse_byte(struct bench *b)
{
    for (unsigned i = 0; i < 120 && !(status(b) & OBF); i++)
        harness_advance(&b->h, MS);
    assert_int_equal(status(b) & (OBF | AUX), OBF | AUX);
    return data(b);
}

static void expect(struct bench *b, const char *hex)
{
    for (char *end; *hex; hex = end) {
        unsigned long expected = strtoul(hex, &end, 16);
        assert_int_equal(mouse_byte(b), expected);
    }
}

/* Sends bytes to the mouse, each of which is acknowledged. */
static void tell(struct bench *b, const char *hex)
{
    for (char *end; *hex; hex = end) {
        command_with(b, 0xd4, (u8)strtoul(hex, &end, 16));
        expect(b, "fa");
    }
}

static void ask(struct bench *b, u8 v, const char *answer)
{
    command_with(b, 0xd4, v);
    expect(b, answer);
}

static void move(struct bench *b, int dx, int dy, int dz, unsigned buttons)
{
    ps2_mouse_move(&b->mouse, dx, dy, dz, buttons);
}

static void be_wheel_mouse(struct bench *b)
{
    tell(b, "f3 c8 f3 64 f3 50");
    ask(b, 0xf2, "fa 03");
}

static void be_explorer(struct bench *b)
{
    tell(b, "f3 c8 f3 c8 f3 50");
    ask(b, 0xf2, "fa 04");
}

static void test_reset_and_type(void **state)
{
    struct bench *b = *state;
    assert_nothing(b); /* the self-test at power-on is over */
    be_wheel_mouse(b);
    tell(b, "e8 03 e7 f4");
    command_with(b, 0xd4, 0xff);
    expect(b, "fa");
    assert_false(status(b) & OBF);
    expect(b, "aa 00");
    ask(b, 0xf2, "fa 00");
    ask(b, 0xe9, "fa 00 02 64");
}

static void test_port_enables_itself(void **state)
{
    struct bench *b = *state;
    command(b, 0xa7);
    ask(b, 0xf2, "fa 00");
    command(b, 0x20);
    assert_int_equal(data(b) & 0x20, 0);
}

static void test_bytes_take_time_and_pull_irq12(void **state)
{
    struct bench *b = *state;
    command_with(b, 0xd4, 0xf4);
    harness_advance(&b->h, 687499);
    assert_false(status(b) & OBF);
    harness_advance(&b->h, 1);
    assert_int_equal(status(b) & (OBF | AUX), OBF | AUX);
    assert_true(b->h.irq[IRQ12]);
    assert_false(b->h.irq[IRQ1]);
    assert_int_equal(data(b), 0xfa);
    assert_false(b->h.irq[IRQ12]);
    move(b, 1, 0, 0, 0);
    expect(b, "08 01 00");
    assert_int_equal(b->h.rises[IRQ12], 4);
    assert_int_equal(b->h.rises[IRQ1], 0);
}

static void test_disabled_port_holds(void **state)
{
    struct bench *b = *state;
    tell(b, "f4");
    command(b, 0xa7);
    move(b, 3, 0, 0, 0);
    assert_nothing(b);
    command(b, 0xa8);
    expect(b, "08 03 00");
}

static void test_plain_packets(void **state)
{
    struct bench *b = *state;
    tell(b, "f4");
    move(b, 5, 7, 0, 0); /* down is negative */
    expect(b, "28 05 f9");
    move(b, -1, -2, 0, PS2_MOUSE_LEFT);
    expect(b, "19 ff 02");
    move(b, 0, 0, 0, PS2_MOUSE_LEFT | PS2_MOUSE_RIGHT | PS2_MOUSE_MIDDLE);
    expect(b, "0f 00 00");
    move(b, 0, 0, 3, PS2_MOUSE_LEFT | PS2_MOUSE_RIGHT | PS2_MOUSE_MIDDLE | PS2_MOUSE_BACK); /* it has none of those */
    assert_nothing(b);
    move(b, 0, 0, 0, 0);
    expect(b, "08 00 00");
    assert_nothing(b);
}

static void test_long_ways_take_several_packets(void **state)
{
    struct bench *b = *state;
    tell(b, "f4");
    move(b, 600, 256, 0, 0);
    expect(b, "28 ff 01 28 ff ff 08 5a 00");
    assert_nothing(b);
    move(b, -255, 0, 0, 0);
    expect(b, "18 01 00");
    move(b, INT32_MIN, INT32_MAX, INT32_MIN, UINT32_MAX);
    for (unsigned i = 0; i < 8192 / 255; i++)
        expect(b, "3f 01 01");
    expect(b, "3f e0 e0"); /* what is left of 8192 counts */
    assert_nothing(b);
}

static void test_wheel(void **state)
{
    struct bench *b = *state;
    be_wheel_mouse(b);
    tell(b, "f4");
    move(b, 0, 0, 1, 0);
    expect(b, "08 00 00 01");
    move(b, 2, 0, -1, PS2_MOUSE_BACK);
    expect(b, "08 02 00 ff");
    move(b, 0, 0, -9, 0);
    expect(b, "08 00 00 f9 08 00 00 fe");
    assert_nothing(b);
}

static void test_explorer(void **state)
{
    struct bench *b = *state;
    be_explorer(b);
    tell(b, "f4");
    move(b, 0, 0, 0, PS2_MOUSE_BACK);
    expect(b, "08 00 00 10");
    move(b, 0, 0, -1, PS2_MOUSE_BACK | PS2_MOUSE_FORWARD | PS2_MOUSE_LEFT);
    expect(b, "09 00 00 3f");
    move(b, 0, 0, 1, 0);
    expect(b, "08 00 00 01");
}

/* The knock is of three rates, set one after the other. */
static void test_half_a_knock(void **state)
{
    struct bench *b = *state;
    tell(b, "f3 c8 f3 64 f3 3c f3 50");
    ask(b, 0xf2, "fa 00");
    tell(b, "f3 c8 f3 c8 f3 64 f3 50"); /* ends in the wheel's */
    ask(b, 0xf2, "fa 03");
    tell(b, "f6"); /* defaults don't change the type */
    ask(b, 0xf2, "fa 03");
}

static void test_status(void **state)
{
    struct bench *b = *state;
    move(b, 0, 0, 0, PS2_MOUSE_LEFT);
    ask(b, 0xe9, "fa 04 02 64");
    move(b, 0, 0, 0, PS2_MOUSE_RIGHT | PS2_MOUSE_MIDDLE);
    tell(b, "e7 f3 14 e8 01");
    ask(b, 0xe9, "fa 13 01 14");
    tell(b, "f0 f4");
    ask(b, 0xe9, "fa 73 01 14");
    tell(b, "ea e6 f5");
    ask(b, 0xe9, "fa 03 01 14");
    tell(b, "f6");
    ask(b, 0xe9, "fa 03 02 64");
}

static void test_sample_rate(void **state)
{
    struct bench *b = *state;
    static const u8 rates[] = { 10, 20, 40, 60, 80, 100, 200 };
    for (unsigned i = 0; i < ARRAY_LEN(rates); i++) {
        command_with(b, 0xd4, 0xf3);
        expect(b, "fa");
        command_with(b, 0xd4, rates[i]);
        expect(b, "fa");
        tell(b, "f4");
        harness_advance(&b->h, NS_PER_SEC);
        unsigned packets = 0;
        for (u64 us = 0; us < 1000000; us += 500) {
            move(b, 1, 0, 0, 0);
            harness_advance(&b->h, 500000);
            if (status(b) & OBF)
                packets += data(b) == 0x08; /* no count of these is 8 */
        }
        assert_in_range(packets, rates[i], rates[i] + 1u);
        tell(b, "f5");
    }
}

static void test_illegal_arguments(void **state)
{
    struct bench *b = *state;
    tell(b, "f3");
    ask(b, 0x00, "fe"); /* again, please */
    ask(b, 0x63, "fc"); /* given up */
    ask(b, 0xe9, "fa 00 02 64");
    tell(b, "e8");
    ask(b, 0x04, "fe");
    tell(b, "03");
    ask(b, 0xe9, "fa 00 03 64");
    ask(b, 0x12, "fe");
    ask(b, 0xe1, "fc");
    ask(b, 0xe1, "fe");
    tell(b, "e8 f3 28"); /* a command instead of the argument */
    ask(b, 0xe9, "fa 00 03 28");
    assert_true(harness_logged(&b->h, "byte 63 refused"));
}

static void test_remote_mode(void **state)
{
    struct bench *b = *state;
    tell(b, "f0 f4");
    move(b, 4, -4, 0, PS2_MOUSE_RIGHT);
    assert_nothing(b);
    ask(b, 0xeb, "fa 0a 04 04");
    ask(b, 0xeb, "fa 0a 00 00");
    ask(b, 0xfe, "0a 00 00");
    move(b, 300, 0, 0, 0);
    ask(b, 0xeb, "fa 08 ff 00");
    ask(b, 0xeb, "fa 08 2d 00");
    move(b, 1, 0, 0, 0);
    tell(b, "ea"); /* a command clears the counters */
    assert_nothing(b);
    move(b, 1, 0, 0, 0);
    expect(b, "08 01 00");
}

static void test_wrap_mode(void **state)
{
    struct bench *b = *state;
    tell(b, "f4 ee");
    ask(b, 0xe9, "e9");
    ask(b, 0x00, "00");
    ask(b, 0xfe, "fe");
    ask(b, 0xee, "ee");
    move(b, 1, 0, 0, 0);
    assert_nothing(b);
    tell(b, "ec");
    assert_nothing(b);
    move(b, 2, 0, 0, 0);
    expect(b, "08 02 00");
    tell(b, "ee");
    ask(b, 0xff, "fa aa 00");
    ask(b, 0xf2, "fa 00");
}

static void test_scaling(void **state)
{
    struct bench *b = *state;
    static const struct {
        int in;
        const char *packet;
    } table[] = { { 1, "08 01 00" }, { 2, "08 01 00" },   { 3, "08 03 00" },  { 4, "08 06 00" }, { 5, "08 09 00" },
                  { 6, "08 0c 00" }, { 127, "08 fe 00" }, { -3, "18 fd 00" }, { -7, "18 f2 00" } };
    tell(b, "e7 f4");
    for (unsigned i = 0; i < ARRAY_LEN(table); i++) {
        move(b, table[i].in, 0, 0, 0);
        expect(b, table[i].packet);
    }
    move(b, 128, 0, 0, 0);
    expect(b, "08 fe 00 08 01 00");
    tell(b, "f0"); /* not in remote mode */
    move(b, 7, 0, 0, 0);
    ask(b, 0xeb, "fa 08 07 00");
}

static void test_resend(void **state)
{
    struct bench *b = *state;
    ask(b, 0xe9, "fa 00 02 64");
    ask(b, 0xfe, "fa 00 02 64");
    tell(b, "f4");
    move(b, 9, 0, 0, 0);
    assert_int_equal(mouse_byte(b), 0x08);
    ask(b, 0xfe, "08 09 00"); /* from the first byte on */
    ask(b, 0xfe, "08 09 00");
    assert_nothing(b);
}

/* A command in the middle of a packet: the rest of it is dropped. */
static void test_command_ends_a_packet(void **state)
{
    struct bench *b = *state;
    tell(b, "f4");
    move(b, 9, 0, 0, 0);
    assert_int_equal(mouse_byte(b), 0x08);
    ask(b, 0xf2, "fa 00");
    assert_nothing(b);
}

/* Clicks are not lost by a front end that waits. */
static void test_clicks(void **state)
{
    struct bench *b = *state;
    assert_true(ps2_mouse_ready(&b->mouse));
    move(b, 0, 0, 0, PS2_MOUSE_LEFT);
    assert_true(ps2_mouse_ready(&b->mouse)); /* nobody wants to know */
    tell(b, "f4");
    assert_nothing(b); /* a button held is no news */
    move(b, 0, 0, 0, 0);
    expect(b, "08 00 00");
    move(b, 1, 0, 0, 0);
    move(b, 1, 0, 0, PS2_MOUSE_LEFT);
    assert_false(ps2_mouse_ready(&b->mouse));
    expect(b, "09 02 00"); /* of one sample */
    assert_true(ps2_mouse_ready(&b->mouse));
    move(b, 0, 0, 0, 0);
    expect(b, "08 00 00");
    tell(b, "f5");
    move(b, 0, 0, 0, PS2_MOUSE_LEFT);
    assert_true(ps2_mouse_ready(&b->mouse));
}

/* A change of buttons while a command is being answered is told after it. */
static void test_change_during_a_command(void **state)
{
    struct bench *b = *state;
    tell(b, "f4");
    command_with(b, 0xd4, 0xe9);
    move(b, 0, 0, 0, PS2_MOUSE_LEFT);
    expect(b, "fa 20 02 64 09 00 00");
    tell(b, "ee");
    move(b, 0, 0, 0, 0);
    tell(b, "ec");
    expect(b, "08 00 00");
}

static void test_nudge(void **state)
{
    struct bench *b = *state;
    ps2_mouse_nudge(&b->mouse);
    assert_nothing(b);
    tell(b, "f4");
    ps2_mouse_nudge(&b->mouse);
    expect(b, "08 01 00");
}

/* Keyboard and mouse share the output buffer; each byte comes on its own interrupt. */
static void test_beside_the_keyboard(void **state)
{
    struct bench *b = *state;
    tell(b, "f4");
    unsigned irq1 = b->h.rises[IRQ1], irq12 = b->h.rises[IRQ12];
    ps2_keyboard_key(&b->keyboard, KEY_A, true);
    move(b, 1, 0, 0, 0);
    ps2_keyboard_key(&b->keyboard, KEY_A, false);
    char got[64] = "";
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned ms = 0; ms < 20 && !(status(b) & OBF); ms++)
            harness_advance(&b->h, MS);
        bool aux = status(b) & AUX;
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%02x ", aux ? "m" : "k", data(b));
    }
    assert_string_equal(got, "k1c kf0 k1c m08 m01 m00 ");
    assert_int_equal(b->h.rises[IRQ1] - irq1, 3);
    assert_int_equal(b->h.rises[IRQ12] - irq12, 3);
}

static void test_machine_reset(void **state)
{
    struct bench *b = *state;
    be_explorer(b);
    tell(b, "f4");
    move(b, 5, 5, 5, PS2_MOUSE_LEFT);
    ps2_mouse_reset(&b->mouse);
    i8042_reset(&b->kbc);
    assert_nothing(b);
    ask(b, 0xf2, "fa 00");
    ask(b, 0xe9, "fa 04 02 64"); /* a finger is still on the button */
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&ps2_mouse_state, &b->mouse, &other->mouse);
    teardown((void **)&other);
}

/* Whatever a guest sends and however the mouse moves, state hostile to begin with. */
static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->kbc.data_io, &b->kbc.cmd_io };
    b->mouse.out.count = PS2_QUEUE_SIZE;
    b->mouse.out.head = PS2_QUEUE_SIZE - 1;
    b->mouse.last_len = PS2_MOUSE_ANSWER_MAX;
    b->mouse.rate = 0;
    b->mouse.reporting = true;
    for (unsigned i = 0; i < 3000; i++) {
        harness_fuzz(&b->h, regions, 2, 1 + i % 7);
        command_with(b, 0xd4, (u8)(0xe0 + i * 7 % 32));
        command_with(b, 0xd4, (u8)(i * 13));
        int d = (int)(i * 2654435761u);
        move(b, d, -(d / 3), d % 20, i);
        harness_advance(&b->h, i % 13 * MS);
        data(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reset_and_type),
        T(test_port_enables_itself),
        T(test_bytes_take_time_and_pull_irq12),
        T(test_disabled_port_holds),
        T(test_plain_packets),
        T(test_long_ways_take_several_packets),
        T(test_wheel),
        T(test_explorer),
        T(test_half_a_knock),
        T(test_status),
        T(test_sample_rate),
        T(test_illegal_arguments),
        T(test_remote_mode),
        T(test_wrap_mode),
        T(test_scaling),
        T(test_resend),
        T(test_command_ends_a_packet),
        T(test_clicks),
        T(test_change_during_a_command),
        T(test_nudge),
        T(test_beside_the_keyboard),
        T(test_machine_reset),
        T(test_state),
        T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
