/* test_i8042.c: the keyboard controller, by IBM's PS/2 reference. The keyboard is tested in test_ps2_keyboard.c. */
#include "i8042_bench.h"

static void test_regions(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->kbc.data_io.name, "i8042-data");
    assert_string_equal(b->kbc.cmd_io.name, "i8042-cmd");
    assert_int_equal(region_size(&b->kbc.data_io), 1);
    assert_int_equal(region_size(&b->kbc.cmd_io), 1);
}

static void test_self_test(void **state)
{
    struct bench *b = *state;
    assert_int_equal(status(b), 0x10);
    command(b, 0xaa);
    assert_int_equal(status(b), 0x10 | OBF | SYS | CMD);
    assert_int_equal(data(b), 0x55);
    assert_int_equal(status(b), 0x10 | SYS | CMD);
    send(b, 0xee);
    assert_int_equal(status(b) & CMD, 0);
}

static void test_command_byte_and_ram(void **state)
{
    struct bench *b = *state;
    command(b, 0x20);
    assert_int_equal(data(b), MODE_PLAIN);
    command_with(b, 0x60, 0x74);
    command(b, 0x20);
    assert_int_equal(data(b), 0x74);
    assert_int_equal(status(b) & SYS, SYS);
    command_with(b, 0x7f, 0xa1);
    command_with(b, 0x61, 0xb2);
    command(b, 0x3f);
    assert_int_equal(data(b), 0xa1);
    command(b, 0x21);
    assert_int_equal(data(b), 0xb2);
    command(b, 0xa7);
    command(b, 0xad);
    command(b, 0x20);
    assert_int_equal(data(b), 0x74);
    command(b, 0xa8);
    command(b, 0xae);
    command(b, 0x20);
    assert_int_equal(data(b), 0x44);
    assert_false(harness_logged(&b->h, "i8042"));
}

static void test_interface_tests_and_ports(void **state)
{
    struct bench *b = *state;
    static const struct {
        u8 command, answer;
    } known[] = { { 0xa9, 0x00 }, { 0xab, 0x00 }, { 0xc0, 0x80 }, { 0xa4, 0xf1 }, { 0xe0, 0x00 } };
    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        command(b, known[i].command);
        assert_int_equal(status(b) & OBF, OBF);
        assert_int_equal(data(b), known[i].answer);
    }
    command(b, 0xac + 0x10);
    assert_int_equal(status(b) & OBF, 0);
    assert_true(harness_logged(&b->h, "command bc"));
}

static void test_output_port(void **state)
{
    struct bench *b = *state;
    command(b, 0xd0);
    assert_int_equal(data(b), 0xc3);
    command_with(b, 0xd1, 0xdd);
    assert_false(b->h.irq[A20]);
    command(b, 0xd0);
    assert_int_equal(data(b), 0xc1);
    command_with(b, 0xd1, 0xdf);
    assert_true(b->h.irq[A20]);
    command(b, 0xdd);
    assert_false(b->h.irq[A20]);
    command(b, 0xdf);
    assert_true(b->h.irq[A20]);
    assert_int_equal(b->h.rises[RESET], 0);
    assert_false(harness_logged(&b->h, "i8042"));
    command_with(b, 0xd2, 0x00); /* IRQ 1 is visible in bit 4 */
    command(b, 0xd0);
    assert_int_equal(data(b), 0x00);
    assert_int_equal(data(b), 0xd3);
}

static void test_reset_line(void **state)
{
    struct bench *b = *state;
    command(b, 0xfe);
    assert_int_equal(b->h.rises[RESET], 1);
    command(b, 0xff);
    assert_false(harness_logged(&b->h, "i8042"));
    command(b, 0xf1);
    assert_int_equal(b->h.rises[RESET], 1);
    command(b, 0xf0);
    assert_int_equal(b->h.rises[RESET], 2);
    command_with(b, 0xd1, 0xde);
    assert_int_equal(b->h.rises[RESET], 3);
    command_with(b, 0xd1, 0xde); /* low already */
    assert_int_equal(b->h.rises[RESET], 3);
}

static void test_a20_pulse(void **state)
{
    struct bench *b = *state;
    command(b, 0xdf);
    assert_true(b->h.irq[A20]);
    command(b, 0xfd);
    assert_false(b->h.irq[A20]);
    harness_advance(&b->h, 5000); /* ns */
    assert_false(b->h.irq[A20]);
    harness_advance(&b->h, 1000);
    assert_true(b->h.irq[A20]);
    command(b, 0xdd);
    command(b, 0xfd); /* low stays low */
    harness_advance(&b->h, 6000);
    assert_false(b->h.irq[A20]);
    assert_int_equal(b->h.rises[RESET], 0);
}

/* Until the next command the status register's upper half shows half of the input port: 80h. */
static void test_input_port_polling(void **state)
{
    struct bench *b = *state;
    u8 plain = status(b);
    command(b, 0xc1);
    assert_int_equal(status(b), (plain & 0x07) | CMD);
    command(b, 0xc2);
    assert_int_equal(status(b) & 0xf0, 0x80);
    command_with(b, 0xd2, 0x11);
    assert_int_equal(status(b) & 0xf0, plain & 0xf0);
}

/* RAM, input port, output port, program status word: digits in scan codes, a space after each byte. */
static void test_diagnostic_dump(void **state)
{
    static const u8 digit[] = { 0x0b, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                0x09, 0x0a, 0x1e, 0x30, 0x2e, 0x20, 0x12, 0x21 };
    struct bench *b = *state;
    for (unsigned i = 1; i < 16; i++)
        command_with(b, (u8)(0x60 + i), (u8)(0x10 * i + 15 - i));
    command(b, 0xac);
    for (unsigned i = 0; i < 19; i++) {
        u8 byte = (u8)(i == 0 ? 0x03 : i < 16 ? 0x10 * i + 15 - i : i == 16 ? 0x80 : i == 17 ? 0x03 : 0);
        assert_int_equal(data(b), digit[byte >> 4]);
        assert_int_equal(data(b), digit[byte & 15]);
        assert_int_equal(data(b), 0x39);
    }
    assert_int_equal(status(b) & OBF, 0);
    command(b, 0xac);
    command(b, 0xab); /* another command ends it */
    data(b);
    assert_int_equal(data(b), 0x00);
    assert_int_equal(status(b) & OBF, 0);
}

static void type_key(struct bench *b, unsigned k)
{
    ps2_keyboard_key(&b->keyboard, k, true);
    ps2_keyboard_key(&b->keyboard, k, false);
    harness_advance(&b->h, 30 * MS);
}

static void load_password(struct bench *b)
{
    static const u8 password[] = { 0x1e, 0x1e, 0x30, 0 }; /* a, a, b */
    command_with(b, 0x60, MODE_PC);
    command(b, 0xa5);
    for (unsigned i = 0; i < sizeof password; i++)
        send(b, password[i]);
    command(b, 0xa4);
    assert_int_equal(data(b), 0xfa);
}

static void test_password(void **state)
{
    struct bench *b = *state;
    command(b, 0xa6); /* there is none: nothing happens */
    load_password(b);
    command_with(b, 0x76, 0x2a); /* shift does not count */
    type_key(b, KEY_LEFT_SHIFT);
    assert_bytes(b, "2a aa");
    command(b, 0xa6);
    type_key(b, KEY_1);
    type_key(b, KEY_A);
    type_key(b, KEY_B);
    type_key(b, KEY_A);
    type_key(b, KEY_LEFT_SHIFT);
    type_key(b, KEY_A);
    assert_nothing(b);
    ps2_keyboard_key(&b->keyboard, KEY_B, true);
    assert_nothing(b); /* the last code of the password is not passed on, either */
    ps2_keyboard_key(&b->keyboard, KEY_B, false);
    assert_bytes(b, "b0");
    type_key(b, KEY_1);
    assert_bytes(b, "02 82");
}

/* RAM 13h and 14h: what is said when the password is enabled and when it has been typed. */
static void test_password_answers(void **state)
{
    struct bench *b = *state;
    load_password(b);
    command_with(b, 0x73, 0x77);
    command_with(b, 0x74, 0x78);
    command(b, 0xa6);
    assert_int_equal(data(b), 0x77);
    type_key(b, KEY_A);
    type_key(b, KEY_A);
    ps2_keyboard_key(&b->keyboard, KEY_B, true);
    assert_bytes(b, "78");
}

static void test_password_is_bounded(void **state)
{
    struct bench *b = *state;
    command_with(b, 0x60, MODE_PC);
    command(b, 0xa5);
    for (unsigned i = 0; i < 300; i++)
        send(b, 0x1e);
    send(b, 0);
    command(b, 0xa6);
    for (unsigned i = 0; i < I8042_PASSWORD - 1; i++)
        type_key(b, KEY_A);
    assert_nothing(b);
    ps2_keyboard_key(&b->keyboard, KEY_A, true);
    assert_nothing(b);
    ps2_keyboard_key(&b->keyboard, KEY_A, false);
    assert_bytes(b, "9e");
}

static void test_loop_through_the_buffers(void **state)
{
    struct bench *b = *state;
    command_with(b, 0xd2, 0x5a);
    assert_int_equal(status(b) & (OBF | AUX), OBF);
    assert_true(b->h.irq[IRQ1]);
    assert_false(b->h.irq[IRQ12]);
    assert_int_equal(data(b), 0x5a);
    assert_false(b->h.irq[IRQ1]);
    command_with(b, 0xd3, 0xa5);
    assert_int_equal(status(b) & (OBF | AUX), OBF | AUX);
    assert_false(b->h.irq[IRQ1]);
    assert_true(b->h.irq[IRQ12]);
    assert_int_equal(data(b), 0xa5);
    assert_false(b->h.irq[IRQ12]);
    assert_int_equal(status(b) & (OBF | AUX), 0);
    assert_int_equal(data(b), 0xa5); /* the last byte stays readable */
}

static void test_interrupts_follow_the_command_byte(void **state)
{
    struct bench *b = *state;
    command_with(b, 0x60, 0x00);
    command_with(b, 0xd2, 0x11);
    assert_false(b->h.irq[IRQ1]);
    command_with(b, 0x60, 0x01);
    assert_true(b->h.irq[IRQ1]);
    command_with(b, 0x60, 0x00);
    assert_false(b->h.irq[IRQ1]);
}

static void test_replies_wait_for_the_buffer(void **state)
{
    struct bench *b = *state;
    command_with(b, 0xd2, 0x11);
    command_with(b, 0xd3, 0x22);
    assert_int_equal(data(b), 0x11);
    assert_int_equal(status(b) & (OBF | AUX), OBF | AUX);
    assert_int_equal(b->h.rises[IRQ12], 1);
    assert_int_equal(data(b), 0x22);
    command_with(b, 0xd2, 1);
    command_with(b, 0xd2, 2);
    command_with(b, 0xd2, 3);
    assert_true(harness_logged(&b->h, "lost"));
    assert_int_equal(data(b), 1);
    assert_int_equal(data(b), 3);
    assert_int_equal(status(b) & OBF, 0);
}

static void test_keyboard_bytes_take_time(void **state)
{
    struct bench *b = *state;
    key(b, KEY_A, true);
    harness_advance(&b->h, 687499);
    assert_false(status(b) & OBF);
    harness_advance(&b->h, 1);
    assert_int_equal(status(b) & (OBF | AUX), OBF);
    assert_true(b->h.irq[IRQ1]);
    key(b, KEY_A, false);
    harness_advance(&b->h, 100 * MS);
    assert_int_equal(b->h.rises[IRQ1], 1); /* the next waits for the buffer */
    assert_int_equal(data(b), 0x1c);
    assert_false(status(b) & OBF);
    assert_bytes(b, "f0 1c");
    assert_nothing(b);
}

static void test_disabled_interface_holds(void **state)
{
    struct bench *b = *state;
    command(b, 0xad);
    key(b, KEY_B, true);
    assert_nothing(b);
    command(b, 0xae);
    assert_bytes(b, "32");
    key(b, KEY_B, false);
    command(b, 0xad); /* while the byte is on its way */
    assert_nothing(b);
    send(b, 0xee); /* sending to the keyboard enables the interface; the reply comes first */
    assert_bytes(b, "ee f0 32");
}

static void test_translation(void **state)
{
    struct bench *b = *state;
    command_with(b, 0x60, MODE_PC);
    assert_key(b, KEY_A, "1e", "9e");
    assert_key(b, KEY_ESC, "01", "81");
    assert_key(b, KEY_F7, "41", "c1");
    assert_key(b, KEY_F12, "58", "d8");
    assert_key(b, KEY_UP, "e0 48", "e0 c8");
    assert_key(b, KEY_KP_ENTER, "e0 1c", "e0 9c");
    assert_key(b, KEY_RIGHT_CTRL, "e0 1d", "e0 9d");
    assert_key(b, KEY_PRINT_SCREEN, "e0 2a e0 37", "e0 b7 e0 aa");
    key(b, KEY_PAUSE, true);
    assert_bytes(b, "e1 1d 45 e1 9d c5");
    key(b, KEY_PAUSE, false);
    assert_nothing(b);
    to_keyboard(b, 0xf2, "fa ab 41"); /* the ID is translated, too */
}

/* A command in the middle of a sequence: the code comes before the reply, and stays a break. */
static void test_reply_does_not_split_a_sequence(void **state)
{
    struct bench *b = *state;
    command_with(b, 0x60, MODE_PC);
    assert_key(b, KEY_A, "1e", "9e");
    key(b, KEY_A, true);
    assert_bytes(b, "1e");
    key(b, KEY_A, false);
    harness_advance(&b->h, 700000); /* F0 is out */
    send(b, 0xee);
    assert_bytes(b, "9e ee");
    key(b, KEY_UP, true);
    harness_advance(&b->h, 700000); /* E0 is out */
    send(b, 0xee);
    assert_bytes(b, "e0 48 ee");
    key(b, KEY_UP, false);
    assert_bytes(b, "e0 c8");
    key(b, KEY_A, true);
    assert_bytes(b, "1e");
    key(b, KEY_A, false);
    harness_advance(&b->h, 700000);
    to_keyboard(b, 0xf4, "fa"); /* Enable drops the rest of the sequence */
    key(b, KEY_B, true);
    assert_bytes(b, "30");
}

static void test_controller_reset(void **state)
{
    struct bench *b = *state;
    command_with(b, 0x60, 0x74);
    command_with(b, 0xd2, 0x33);
    key(b, KEY_A, true);
    ps2_keyboard_reset(&b->keyboard);
    i8042_reset(&b->kbc);
    assert_false(b->h.irq[IRQ1]);
    assert_int_equal(status(b), 0x10);
    command(b, 0x20);
    assert_int_equal(data(b), MODE_PLAIN);
    assert_nothing(b);
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&i8042_state, &b->kbc, &other->kbc);
    harness_check_state(&ps2_keyboard_state, &b->keyboard, &other->keyboard);
    teardown((void **)&other);
}

/* Whatever state was loaded, the queues stay in their arrays. */
static void test_hostile_state(void **state)
{
    struct bench *b = *state;
    b->keyboard.replies.count = b->keyboard.scan_codes.count = PS2_QUEUE_SIZE;
    b->keyboard.replies.head = PS2_QUEUE_SIZE - 1;
    b->keyboard.set = 0;
    for (unsigned i = 0; i < 200; i++) {
        key(b, KEY_A + i % 20, i & 1);
        send(b, (u8)(i * 37));
        harness_advance(&b->h, MS);
        data(b);
    }
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->kbc.data_io, &b->kbc.cmd_io };
    for (unsigned i = 0; i < 3000; i++) {
        harness_fuzz(&b->h, regions, 2, 1 + i % 11);
        key(b, i * 7 % (KEY_COUNT + 10), i % 5 < 3);
        harness_advance(&b->h, i % 13 * MS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_regions),
        T(test_self_test),
        T(test_command_byte_and_ram),
        T(test_interface_tests_and_ports),
        T(test_output_port),
        T(test_reset_line),
        T(test_a20_pulse),
        T(test_input_port_polling),
        T(test_diagnostic_dump),
        T(test_password),
        T(test_password_answers),
        T(test_password_is_bounded),
        T(test_loop_through_the_buffers),
        T(test_interrupts_follow_the_command_byte),
        T(test_replies_wait_for_the_buffer),
        T(test_keyboard_bytes_take_time),
        T(test_disabled_interface_holds),
        T(test_translation),
        T(test_reply_does_not_split_a_sequence),
        T(test_controller_reset),
        T(test_state),
        T(test_hostile_state),
        T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
