/* test_ps2_keyboard.c: the keyboard behind its controller, by IBM's PS/2 reference. */
#include "i8042_bench.h"
#include "ps2_scancodes.h"

/* Scan codes of IBM's table for sets 1 and 2, a sample of each kind; set 1 without translation. */
static const struct {
    unsigned key;
    const char *make1, *break1, *make2, *break2, *make3;
} samples[] = {
    { KEY_GRAVE, "29", "a9", "0e", "f0 0e", "0e" },
    { KEY_1, "02", "82", "16", "f0 16", "16" },
    { KEY_0, "0b", "8b", "45", "f0 45", "45" },
    { KEY_MINUS, "0c", "8c", "4e", "f0 4e", "4e" },
    { KEY_BACKSPACE, "0e", "8e", "66", "f0 66", "66" },
    { KEY_TAB, "0f", "8f", "0d", "f0 0d", "0d" },
    { KEY_Q, "10", "90", "15", "f0 15", "15" },
    { KEY_BACKSLASH, "2b", "ab", "5d", "f0 5d", "5c" },
    { KEY_ISO_BACKSLASH, "56", "d6", "61", "f0 61", "13" },
    { KEY_Z, "2c", "ac", "1a", "f0 1a", "1a" },
    { KEY_SLASH, "35", "b5", "4a", "f0 4a", "4a" },
    { KEY_ENTER, "1c", "9c", "5a", "f0 5a", "5a" },
    { KEY_SPACE, "39", "b9", "29", "f0 29", "29" },
    { KEY_CAPS_LOCK, "3a", "ba", "58", "f0 58", "14" },
    { KEY_LEFT_SHIFT, "2a", "aa", "12", "f0 12", "12" },
    { KEY_RIGHT_SHIFT, "36", "b6", "59", "f0 59", "59" },
    { KEY_LEFT_ALT, "38", "b8", "11", "f0 11", "19" },
    { KEY_RIGHT_ALT, "e0 38", "e0 b8", "e0 11", "e0 f0 11", "39" },
    { KEY_LEFT_GUI, "e0 5b", "e0 db", "e0 1f", "e0 f0 1f", "8b" },
    { KEY_RIGHT_GUI, "e0 5c", "e0 dc", "e0 27", "e0 f0 27", "8c" },
    { KEY_MENU, "e0 5d", "e0 dd", "e0 2f", "e0 f0 2f", "8d" },
    { KEY_F1, "3b", "bb", "05", "f0 05", "07" },
    { KEY_F7, "41", "c1", "83", "f0 83", "37" },
    { KEY_F11, "57", "d7", "78", "f0 78", "56" },
    { KEY_F12, "58", "d8", "07", "f0 07", "5e" },
    { KEY_INSERT, "e0 52", "e0 d2", "e0 70", "e0 f0 70", "67" },
    { KEY_DELETE, "e0 53", "e0 d3", "e0 71", "e0 f0 71", "64" },
    { KEY_PAGE_DOWN, "e0 51", "e0 d1", "e0 7a", "e0 f0 7a", "6d" },
    { KEY_LEFT, "e0 4b", "e0 cb", "e0 6b", "e0 f0 6b", "61" },
    { KEY_NUM_LOCK, "45", "c5", "77", "f0 77", "76" },
    { KEY_SCROLL_LOCK, "46", "c6", "7e", "f0 7e", "5f" },
    { KEY_KP_SLASH, "e0 35", "e0 b5", "e0 4a", "e0 f0 4a", "77" },
    { KEY_KP_STAR, "37", "b7", "7c", "f0 7c", "7e" },
    { KEY_KP_MINUS, "4a", "ca", "7b", "f0 7b", "84" },
    { KEY_KP_PLUS, "4e", "ce", "79", "f0 79", "7c" },
    { KEY_KP_5, "4c", "cc", "73", "f0 73", "73" },
    { KEY_KP_PERIOD, "53", "d3", "71", "f0 71", "71" },
};

static void test_scan_code_sets(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(samples); i++)
        assert_key(b, samples[i].key, samples[i].make2, samples[i].break2);
    to_keyboard(b, 0xf0, "fa");
    to_keyboard(b, 1, "fa");
    for (unsigned i = 0; i < ARRAY_LEN(samples); i++)
        assert_key(b, samples[i].key, samples[i].make1, samples[i].break1);
    to_keyboard(b, 0xf0, "fa");
    to_keyboard(b, 0, "fa 01");
    to_keyboard(b, 0xf0, "fa");
    to_keyboard(b, 3, "fa");
    to_keyboard(b, 0xf8, "fa"); /* all keys make/break */
    for (unsigned i = 0; i < ARRAY_LEN(samples); i++) {
        key(b, samples[i].key, true);
        assert_bytes(b, samples[i].make3);
        key(b, samples[i].key, false);
        assert_bytes(b, "f0");
        assert_bytes(b, samples[i].make3);
    }
}

/* Every key of a 104-key keyboard exists, and no two send the same. */
static void test_all_keys_differ(void **state)
{
    unsigned keys = 0;
    (void)state;
    for (unsigned a = 0; a < KEY_COUNT; a++) {
        if (!ps2_has_key(a))
            continue;
        keys++;
        struct ps2_sequence x = ps2_set2_sequence(a, true, PS2_PRINT_PLAIN, false);
        assert_in_range(x.len, 1, PS2_SEQUENCE_MAX);
        for (unsigned c = a + 1; c < KEY_COUNT; c++) {
            if (!ps2_has_key(c) || (a == KEY_BACKSLASH && c == KEY_ISO_HASH))
                continue;
            struct ps2_sequence y = ps2_set2_sequence(c, true, PS2_PRINT_PLAIN, false);
            assert_false(x.len == y.len && memcmp(x.byte, y.byte, x.len) == 0);
            assert_int_not_equal(ps2_set3_code(a), ps2_set3_code(c));
        }
    }
    assert_int_equal(keys, 104 + 2 + 5); /* the 104, two of ISO keyboards, five Japanese */
}

static void test_print_screen_and_pause(void **state)
{
    struct bench *b = *state;
    assert_key(b, KEY_PRINT_SCREEN, "e0 12 e0 7c", "e0 f0 7c e0 f0 12");
    key(b, KEY_LEFT_SHIFT, true);
    assert_bytes(b, "12");
    assert_key(b, KEY_PRINT_SCREEN, "e0 7c", "e0 f0 7c");
    key(b, KEY_LEFT_SHIFT, false);
    assert_bytes(b, "f0 12");
    key(b, KEY_RIGHT_ALT, true);
    assert_bytes(b, "e0 11");
    key(b, KEY_PRINT_SCREEN, true);
    assert_bytes(b, "84");
    key(b, KEY_RIGHT_ALT, false);
    assert_bytes(b, "e0 f0 11");
    key(b, KEY_PRINT_SCREEN, false);
    assert_bytes(b, "f0 84"); /* as it went down */
    key(b, KEY_PAUSE, true);
    assert_bytes(b, "e1 14 77 e1 f0 14 f0 77");
    key(b, KEY_PAUSE, false);
    assert_nothing(b);
    key(b, KEY_LEFT_CTRL, true);
    assert_bytes(b, "14");
    key(b, KEY_PAUSE, true);
    assert_bytes(b, "e0 7e e0 f0 7e");
}

static void test_keyboard_commands(void **state)
{
    struct bench *b = *state;
    to_keyboard(b, 0xee, "ee");
    to_keyboard(b, 0xf2, "fa ab 83");
    to_keyboard(b, 0xfe, "83"); /* resend */
    to_keyboard(b, 0xfe, "83");
    to_keyboard(b, 0xed, "fa");
    to_keyboard(b, 0x05, "fa");
    assert_int_equal(b->keyboard.leds, PS2_LED_SCROLL | PS2_LED_CAPS);
    to_keyboard(b, 0xed, "fa");
    to_keyboard(b, 0x08, "fe"); /* not an argument: again, please */
    to_keyboard(b, 0x02, "fa");
    assert_int_equal(b->keyboard.leds, PS2_LED_NUM);
    to_keyboard(b, 0xed, "fa");
    to_keyboard(b, 0xee, "ee"); /* a command instead of the argument */
    to_keyboard(b, 0x01, "fe"); /* so this is none */
    to_keyboard(b, 0xf3, "fa");
    to_keyboard(b, 0xed, "fa");
    to_keyboard(b, 0x02, "fa");
    assert_int_equal(b->keyboard.leds, PS2_LED_NUM);
    to_keyboard(b, 0xef, "fe");
    to_keyboard(b, 0xf0, "fa");
    to_keyboard(b, 0x04, "fe");
    to_keyboard(b, 0x00, "fa 02");
    to_keyboard(b, 0xf3, "fa");
    to_keyboard(b, 0x80, "fe");
    to_keyboard(b, 0x7f, "fa");
    assert_int_equal(b->keyboard.typematic, 0x7f);
    to_keyboard(b, 0xf6, "fa");
    assert_int_equal(b->keyboard.typematic, 0x2b);
    assert_int_equal(b->keyboard.leds, 0);
}

static void test_enable_and_disable(void **state)
{
    struct bench *b = *state;
    to_keyboard(b, 0xf5, "fa");
    key(b, KEY_A, true);
    assert_nothing(b);
    to_keyboard(b, 0xf4, "fa");
    key(b, KEY_A, false);
    assert_bytes(b, "f0 1c");
}

static void test_keyboard_reset(void **state)
{
    struct bench *b = *state;
    to_keyboard(b, 0xf0, "fa");
    to_keyboard(b, 0x03, "fa");
    to_keyboard(b, 0xff, "fa");
    key(b, KEY_A, true); /* not seen during the self-test */
    assert_false(status(b) & OBF);
    assert_bytes(b, "aa");
    assert_int_equal(b->keyboard.set, 2);
    key(b, KEY_A, false);
    assert_bytes(b, "f0 1c");
}

static void test_overrun(void **state)
{
    struct bench *b = *state;
    command(b, 0xad);
    for (unsigned i = 0; i < 5; i++) { /* 15 bytes */
        key(b, KEY_A, true);
        key(b, KEY_A, false);
    }
    for (unsigned i = 0; i < 40; i++) {
        key(b, KEY_UP, true); /* 2 bytes don't fit */
        key(b, KEY_UP, false);
    }
    key(b, KEY_PAUSE, true);
    command(b, 0xae);
    for (unsigned i = 0; i < 5; i++)
        assert_bytes(b, "1c f0 1c");
    assert_bytes(b, "00");
    assert_nothing(b);
    key(b, KEY_B, true); /* and it goes on */
    assert_bytes(b, "32");
    key(b, KEY_B, false);
    assert_bytes(b, "f0 32");
    command(b, 0xad);
    key(b, KEY_PAUSE, false);
    for (unsigned i = 0; i < 2; i++) { /* 16 bytes are no overrun */
        key(b, KEY_PAUSE, true);
        key(b, KEY_PAUSE, false);
    }
    command(b, 0xae);
    for (unsigned i = 0; i < 2; i++)
        assert_bytes(b, "e1 14 77 e1 f0 14 f0 77");
    assert_nothing(b);
}

/* Who waits for room loses nothing, however long the guest does not read. */
static void test_room(void **state)
{
    struct bench *b = *state;
    assert_true(ps2_keyboard_ready(&b->keyboard));
    command(b, 0xad);
    unsigned pressed = 0;
    for (; ps2_keyboard_ready(&b->keyboard); pressed++)
        key(b, KEY_PAUSE, !(pressed & 1)); /* the longest of all */
    assert_int_equal(pressed, 3);
    harness_advance(&b->h, 1000 * MS);
    assert_false(ps2_keyboard_ready(&b->keyboard));
    command(b, 0xae);
    for (unsigned i = 0; i < 2; i++)
        assert_bytes(b, "e1 14 77 e1 f0 14 f0 77");
    assert_nothing(b);
    assert_true(ps2_keyboard_ready(&b->keyboard));
    key(b, KEY_PAUSE, false);
    to_keyboard(b, 0xf5, "fa"); /* not scanning: keys make no bytes */
    for (unsigned i = 0; i < 20; i++)
        key(b, KEY_UP, !(i & 1));
    assert_true(ps2_keyboard_ready(&b->keyboard));
}

static unsigned repeats_in(struct bench *b, u64 ms)
{
    unsigned n = 0;
    for (u64 i = 0; i < ms; i++) {
        harness_advance(&b->h, MS);
        if (status(b) & OBF) {
            assert_int_equal(data(b), 0x1c);
            n++;
        }
    }
    return n;
}

static void test_typematic(void **state)
{
    struct bench *b = *state;
    key(b, KEY_A, true);
    assert_int_equal(repeats_in(b, 490), 1);   /* the make; the delay is 500 ms */
    assert_int_equal(repeats_in(b, 1010), 11); /* 10.9 a second */
    key(b, KEY_A, true);                       /* the host's own repeat is no news */
    key(b, KEY_A, false);
    assert_bytes(b, "f0 1c");
    assert_nothing(b);
    to_keyboard(b, 0xf3, "fa");
    to_keyboard(b, 0x00, "fa"); /* 250 ms, 30 a second */
    key(b, KEY_A, true);
    assert_int_equal(repeats_in(b, 245), 1);
    assert_int_equal(repeats_in(b, 1010), 31);
    key(b, KEY_B, true); /* the last key pressed repeats */
    assert_bytes(b, "32");
    key(b, KEY_A, false);
    assert_bytes(b, "f0 1c"); /* that one's release does not stop it */
    harness_advance(&b->h, 300 * MS);
    assert_bytes(b, "32 32");
    key(b, KEY_B, false);
    assert_bytes(b, "f0 32");
    assert_nothing(b);
    harness_advance(&b->h, NS_PER_SEC);
    assert_nothing(b);
}

static void test_nobody_reads(void **state)
{
    struct bench *b = *state;
    command(b, 0xad);
    key(b, KEY_A, true);
    harness_advance(&b->h, 5 * NS_PER_SEC);
    key(b, KEY_A, false); /* it has waited for a reader, say */
    key(b, KEY_B, true);
    command(b, 0xae);
    assert_bytes(b, "1c f0 1c 32");
    assert_int_equal(b->keyboard.repeating, KEY_B);
    assert_nothing(b);
    harness_advance(&b->h, 5 * NS_PER_SEC);
    assert_bytes(b, "32 32"); /* one that the controller has, one behind it; and it rests */
    harness_advance(&b->h, 50 * MS);
    assert_nothing(b);
    assert_bytes(b, "32"); /* the period is 92 ms, from where the last was read */
    key(b, KEY_B, false);
    assert_bytes(b, "f0 32");
    harness_advance(&b->h, NS_PER_SEC);
    assert_nothing(b);
}

static void test_set3_key_types(void **state)
{
    struct bench *b = *state;
    to_keyboard(b, 0xf0, "fa");
    to_keyboard(b, 0x03, "fa");
    key(b, KEY_A, true); /* typematic: no break */
    assert_bytes(b, "1c");
    key(b, KEY_A, false);
    assert_nothing(b);
    assert_key(b, KEY_LEFT_SHIFT, "12", "f0 12"); /* make/break */
    key(b, KEY_F1, true);                         /* make only */
    assert_bytes(b, "07");
    harness_advance(&b->h, NS_PER_SEC);
    key(b, KEY_F1, false);
    assert_nothing(b);
    to_keyboard(b, 0xfc, "fa"); /* make/break for a list of keys */
    to_keyboard(b, 0x1c, "fa");
    to_keyboard(b, 0x07, "fa");
    to_keyboard(b, 0xf4, "fa");
    assert_key(b, KEY_A, "1c", "f0 1c");
    assert_key(b, KEY_F1, "07", "f0 07");
    to_keyboard(b, 0xfa, "fa");
    key(b, KEY_B, true);
    assert_bytes(b, "32");
    harness_advance(&b->h, 600 * MS);
    assert_bytes(b, "32");
    to_keyboard(b, 0xf9, "fa 32"); /* replies overtake keys */
    key(b, KEY_B, false);
}

static void test_unknown_key(void **state)
{
    struct bench *b = *state;
    key(b, KEY_NONE, true);
    key(b, 0xffffffff, true);
    assert_true(harness_logged(&b->h, "no scan code"));
    assert_nothing(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_scan_code_sets),
        T(test_all_keys_differ),
        T(test_print_screen_and_pause),
        T(test_keyboard_commands),
        T(test_enable_and_disable),
        T(test_keyboard_reset),
        T(test_overrun),
        T(test_room),
        T(test_typematic),
        T(test_nobody_reads),
        T(test_set3_key_types),
        T(test_unknown_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
