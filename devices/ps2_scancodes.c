/* ps2_scancodes.c: scan code sets 1, 2 and 3.
 *
 * References: IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)"; Microsoft, "Keyboard
 * Scan Code Specification" (the 104-key codes). Set 1 is set 2 as the 8042 translates it, by construction. Not
 * modelled: the shift codes that the grey cursor keys wrap around themselves under Shift or Num Lock for programs of
 * 84-key keyboards. */
#include "ps2_scancodes.h"

#define EXT 0x100 /* set 2: prefixed with E0 */

#define SET2_CTRL 0x14
#define SET2_SHIFT 0x12
#define SET2_PRINT 0x7c
#define SET2_SYSRQ 0x84
#define SET2_NUM_LOCK 0x77
#define SET2_BREAK_KEY 0x7e
#define SET1_BREAK_BIT 0x80

struct codes {
    u16 set2;
    u8 set3;
};

/* Print Screen and Pause have sequences of their own in sets 1 and 2; their set 2 entry is only not 0. */
static const struct codes key_codes[KEY_COUNT] = {
    [KEY_A] = { 0x1c, 0x1c },
    [KEY_B] = { 0x32, 0x32 },
    [KEY_C] = { 0x21, 0x21 },
    [KEY_D] = { 0x23, 0x23 },
    [KEY_E] = { 0x24, 0x24 },
    [KEY_F] = { 0x2b, 0x2b },
    [KEY_G] = { 0x34, 0x34 },
    [KEY_H] = { 0x33, 0x33 },
    [KEY_I] = { 0x43, 0x43 },
    [KEY_J] = { 0x3b, 0x3b },
    [KEY_K] = { 0x42, 0x42 },
    [KEY_L] = { 0x4b, 0x4b },
    [KEY_M] = { 0x3a, 0x3a },
    [KEY_N] = { 0x31, 0x31 },
    [KEY_O] = { 0x44, 0x44 },
    [KEY_P] = { 0x4d, 0x4d },
    [KEY_Q] = { 0x15, 0x15 },
    [KEY_R] = { 0x2d, 0x2d },
    [KEY_S] = { 0x1b, 0x1b },
    [KEY_T] = { 0x2c, 0x2c },
    [KEY_U] = { 0x3c, 0x3c },
    [KEY_V] = { 0x2a, 0x2a },
    [KEY_W] = { 0x1d, 0x1d },
    [KEY_X] = { 0x22, 0x22 },
    [KEY_Y] = { 0x35, 0x35 },
    [KEY_Z] = { 0x1a, 0x1a },
    [KEY_1] = { 0x16, 0x16 },
    [KEY_2] = { 0x1e, 0x1e },
    [KEY_3] = { 0x26, 0x26 },
    [KEY_4] = { 0x25, 0x25 },
    [KEY_5] = { 0x2e, 0x2e },
    [KEY_6] = { 0x36, 0x36 },
    [KEY_7] = { 0x3d, 0x3d },
    [KEY_8] = { 0x3e, 0x3e },
    [KEY_9] = { 0x46, 0x46 },
    [KEY_0] = { 0x45, 0x45 },
    [KEY_ENTER] = { 0x5a, 0x5a },
    [KEY_ESC] = { 0x76, 0x08 },
    [KEY_BACKSPACE] = { 0x66, 0x66 },
    [KEY_TAB] = { 0x0d, 0x0d },
    [KEY_SPACE] = { 0x29, 0x29 },
    [KEY_MINUS] = { 0x4e, 0x4e },
    [KEY_EQUAL] = { 0x55, 0x55 },
    [KEY_LEFT_BRACKET] = { 0x54, 0x54 },
    [KEY_RIGHT_BRACKET] = { 0x5b, 0x5b },
    [KEY_BACKSLASH] = { 0x5d, 0x5c },
    [KEY_ISO_HASH] = { 0x5d, 0x53 },
    [KEY_SEMICOLON] = { 0x4c, 0x4c },
    [KEY_APOSTROPHE] = { 0x52, 0x52 },
    [KEY_GRAVE] = { 0x0e, 0x0e },
    [KEY_COMMA] = { 0x41, 0x41 },
    [KEY_PERIOD] = { 0x49, 0x49 },
    [KEY_SLASH] = { 0x4a, 0x4a },
    [KEY_CAPS_LOCK] = { 0x58, 0x14 },
    [KEY_F1] = { 0x05, 0x07 },
    [KEY_F2] = { 0x06, 0x0f },
    [KEY_F3] = { 0x04, 0x17 },
    [KEY_F4] = { 0x0c, 0x1f },
    [KEY_F5] = { 0x03, 0x27 },
    [KEY_F6] = { 0x0b, 0x2f },
    [KEY_F7] = { 0x83, 0x37 },
    [KEY_F8] = { 0x0a, 0x3f },
    [KEY_F9] = { 0x01, 0x47 },
    [KEY_F10] = { 0x09, 0x4f },
    [KEY_F11] = { 0x78, 0x56 },
    [KEY_F12] = { 0x07, 0x5e },
    [KEY_PRINT_SCREEN] = { EXT | SET2_PRINT, 0x57 },
    [KEY_SCROLL_LOCK] = { 0x7e, 0x5f },
    [KEY_PAUSE] = { EXT | SET2_BREAK_KEY, 0x62 },
    [KEY_INSERT] = { EXT | 0x70, 0x67 },
    [KEY_HOME] = { EXT | 0x6c, 0x6e },
    [KEY_PAGE_UP] = { EXT | 0x7d, 0x6f },
    [KEY_DELETE] = { EXT | 0x71, 0x64 },
    [KEY_END] = { EXT | 0x69, 0x65 },
    [KEY_PAGE_DOWN] = { EXT | 0x7a, 0x6d },
    [KEY_RIGHT] = { EXT | 0x74, 0x6a },
    [KEY_LEFT] = { EXT | 0x6b, 0x61 },
    [KEY_DOWN] = { EXT | 0x72, 0x60 },
    [KEY_UP] = { EXT | 0x75, 0x63 },
    [KEY_NUM_LOCK] = { SET2_NUM_LOCK, 0x76 },
    [KEY_KP_SLASH] = { EXT | 0x4a, 0x77 },
    [KEY_KP_STAR] = { 0x7c, 0x7e },
    [KEY_KP_MINUS] = { 0x7b, 0x84 },
    [KEY_KP_PLUS] = { 0x79, 0x7c },
    [KEY_KP_ENTER] = { EXT | 0x5a, 0x79 },
    [KEY_KP_1] = { 0x69, 0x69 },
    [KEY_KP_2] = { 0x72, 0x72 },
    [KEY_KP_3] = { 0x7a, 0x7a },
    [KEY_KP_4] = { 0x6b, 0x6b },
    [KEY_KP_5] = { 0x73, 0x73 },
    [KEY_KP_6] = { 0x74, 0x74 },
    [KEY_KP_7] = { 0x6c, 0x6c },
    [KEY_KP_8] = { 0x75, 0x75 },
    [KEY_KP_9] = { 0x7d, 0x7d },
    [KEY_KP_0] = { 0x70, 0x70 },
    [KEY_KP_PERIOD] = { 0x71, 0x71 },
    [KEY_ISO_BACKSLASH] = { 0x61, 0x13 },
    [KEY_MENU] = { EXT | 0x2f, 0x8d },
    [KEY_INTL_1] = { 0x51, 0x51 },
    [KEY_INTL_2] = { 0x13, 0x87 },
    [KEY_INTL_3] = { 0x6a, 0x5d },
    [KEY_INTL_4] = { 0x64, 0x86 },
    [KEY_INTL_5] = { 0x67, 0x85 },
    [KEY_LEFT_CTRL] = { SET2_CTRL, 0x11 },
    [KEY_LEFT_SHIFT] = { SET2_SHIFT, 0x12 },
    [KEY_LEFT_ALT] = { 0x11, 0x19 },
    [KEY_LEFT_GUI] = { EXT | 0x1f, 0x8b },
    [KEY_RIGHT_CTRL] = { EXT | SET2_CTRL, 0x58 },
    [KEY_RIGHT_SHIFT] = { 0x59, 0x59 },
    [KEY_RIGHT_ALT] = { EXT | 0x11, 0x39 },
    [KEY_RIGHT_GUI] = { EXT | 0x27, 0x8c },
};

/* The 8042's table for codes below 86h; 84h is the last that changes. */
static const u8 translation[] = {
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59, /* 00 */
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b, /* 10 */
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d, /* 20 */
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f, /* 30 */
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61, /* 40 */
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76, /* 50 */
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f, /* 60 */
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54, /* 70 */
    0x80, 0x81, 0x82, 0x41, 0x54,                                                                   /* 80 */
};

u8 ps2_translate(u8 set2)
{
    return set2 < ARRAY_LEN(translation) ? translation[set2] : set2;
}

bool ps2_has_key(unsigned key)
{
    return key < KEY_COUNT && key_codes[key].set2;
}

u8 ps2_set3_code(unsigned key)
{
    return key < KEY_COUNT ? key_codes[key].set3 : 0;
}

enum ps2_key_type ps2_set3_type(u8 code)
{
    /* "Scan code set 3" of the reference: make/break keys are left Ctrl, Shift and Alt, Caps Lock and right Shift;
     * make-only are the function keys, the keypad, most of the editing block and the right Ctrl and Alt; the rest
     * repeats. */
    static const u8 breaks[] = { 0x11, 0x12, 0x14, 0x19, 0x59 };
    static const u8 make_only[] = {
        0x07, 0x08, 0x0f, 0x17, 0x1f, 0x27, 0x2f, 0x37, 0x39, 0x3f, 0x47, 0x4f, 0x56, 0x57,
        0x58, 0x5e, 0x5f, 0x62, 0x65, 0x67, 0x69, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71,
        0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x79, 0x7a, 0x7d, 0x7e, 0x84, 0x8b, 0x8c, 0x8d
    };
    if (memchr(breaks, code, sizeof breaks))
        return PS2_BREAKS;
    return memchr(make_only, code, sizeof make_only) ? PS2_MAKE_ONLY : PS2_REPEATS;
}

/* Appends one code of set 2, its prefix and its break prefix. */
static void append(struct ps2_sequence *q, u16 code, bool down)
{
    if (code & EXT)
        q->byte[q->len++] = PS2_PREFIX_E0;
    if (!down)
        q->byte[q->len++] = PS2_BREAK;
    q->byte[q->len++] = (u8)code;
}

static void append_pause(struct ps2_sequence *q, bool ctrl)
{
    if (ctrl) {
        append(q, EXT | SET2_BREAK_KEY, true);
        append(q, EXT | SET2_BREAK_KEY, false);
        return;
    }
    q->byte[q->len++] = PS2_PREFIX_E1;
    append(q, SET2_CTRL, true);
    append(q, SET2_NUM_LOCK, true);
    q->byte[q->len++] = PS2_PREFIX_E1;
    append(q, SET2_CTRL, false);
    append(q, SET2_NUM_LOCK, false);
}

static void append_print(struct ps2_sequence *q, bool down, enum ps2_print_form form)
{
    if (form == PS2_PRINT_SYSRQ) {
        append(q, SET2_SYSRQ, down);
        return;
    }
    if (form == PS2_PRINT_PLAIN && down)
        append(q, EXT | SET2_SHIFT, true);
    append(q, EXT | SET2_PRINT, down);
    if (form == PS2_PRINT_PLAIN && !down)
        append(q, EXT | SET2_SHIFT, false);
}

struct ps2_sequence ps2_set2_sequence(unsigned key, bool down, enum ps2_print_form print, bool ctrl)
{
    struct ps2_sequence q = { .len = 0 };
    if (key == KEY_PRINT_SCREEN)
        append_print(&q, down, print);
    else if (key != KEY_PAUSE)
        append(&q, key_codes[key % KEY_COUNT].set2, down);
    else if (down)
        append_pause(&q, ctrl);
    return q;
}

/* What the controller's translation would make of a set 2 sequence. */
struct ps2_sequence ps2_set1_sequence(unsigned key, bool down, enum ps2_print_form print, bool ctrl)
{
    struct ps2_sequence set2 = ps2_set2_sequence(key, down, print, ctrl), q = { .len = 0 };
    u8 break_bit = 0;
    for (unsigned i = 0; i < set2.len; i++) {
        if (set2.byte[i] == PS2_BREAK) {
            break_bit = SET1_BREAK_BIT;
            continue;
        }
        q.byte[q.len++] = (u8)(ps2_translate(set2.byte[i]) | break_bit);
        break_bit = 0;
    }
    return q;
}
