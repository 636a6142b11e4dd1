/* key_names.c: see key_names.h. The names are those of QEMU's QKeyCode; keys that no PC keyboard of 105 keys has are
 * left out. */
#include "key_names.h"

#include <stdlib.h>

static const struct {
    const char *name;
    u16 key;
    u8 number; /* make code in set 1, bit 7: behind E0 */
} table[] = {
    { "shift", KEY_LEFT_SHIFT, 0x2a },
    { "shift_r", KEY_RIGHT_SHIFT, 0x36 },
    { "alt", KEY_LEFT_ALT, 0x38 },
    { "alt_r", KEY_RIGHT_ALT, 0xb8 },
    { "ctrl", KEY_LEFT_CTRL, 0x1d },
    { "ctrl_r", KEY_RIGHT_CTRL, 0x9d },
    { "meta_l", KEY_LEFT_GUI, 0xdb },
    { "meta_r", KEY_RIGHT_GUI, 0xdc },
    { "menu", KEY_MENU, 0x9e },
    { "compose", KEY_MENU, 0xdd },
    { "esc", KEY_ESC, 0x01 },
    { "1", KEY_1, 0x02 },
    { "2", KEY_2, 0x03 },
    { "3", KEY_3, 0x04 },
    { "4", KEY_4, 0x05 },
    { "5", KEY_5, 0x06 },
    { "6", KEY_6, 0x07 },
    { "7", KEY_7, 0x08 },
    { "8", KEY_8, 0x09 },
    { "9", KEY_9, 0x0a },
    { "0", KEY_0, 0x0b },
    { "minus", KEY_MINUS, 0x0c },
    { "equal", KEY_EQUAL, 0x0d },
    { "backspace", KEY_BACKSPACE, 0x0e },
    { "tab", KEY_TAB, 0x0f },
    { "q", KEY_Q, 0x10 },
    { "w", KEY_W, 0x11 },
    { "e", KEY_E, 0x12 },
    { "r", KEY_R, 0x13 },
    { "t", KEY_T, 0x14 },
    { "y", KEY_Y, 0x15 },
    { "u", KEY_U, 0x16 },
    { "i", KEY_I, 0x17 },
    { "o", KEY_O, 0x18 },
    { "p", KEY_P, 0x19 },
    { "bracket_left", KEY_LEFT_BRACKET, 0x1a },
    { "bracket_right", KEY_RIGHT_BRACKET, 0x1b },
    { "ret", KEY_ENTER, 0x1c },
    { "a", KEY_A, 0x1e },
    { "s", KEY_S, 0x1f },
    { "d", KEY_D, 0x20 },
    { "f", KEY_F, 0x21 },
    { "g", KEY_G, 0x22 },
    { "h", KEY_H, 0x23 },
    { "j", KEY_J, 0x24 },
    { "k", KEY_K, 0x25 },
    { "l", KEY_L, 0x26 },
    { "semicolon", KEY_SEMICOLON, 0x27 },
    { "apostrophe", KEY_APOSTROPHE, 0x28 },
    { "grave_accent", KEY_GRAVE, 0x29 },
    { "backslash", KEY_BACKSLASH, 0x2b },
    { "z", KEY_Z, 0x2c },
    { "x", KEY_X, 0x2d },
    { "c", KEY_C, 0x2e },
    { "v", KEY_V, 0x2f },
    { "b", KEY_B, 0x30 },
    { "n", KEY_N, 0x31 },
    { "m", KEY_M, 0x32 },
    { "comma", KEY_COMMA, 0x33 },
    { "dot", KEY_PERIOD, 0x34 },
    { "slash", KEY_SLASH, 0x35 },
    { "asterisk", KEY_KP_STAR, 0x37 },
    { "spc", KEY_SPACE, 0x39 },
    { "caps_lock", KEY_CAPS_LOCK, 0x3a },
    { "f1", KEY_F1, 0x3b },
    { "f2", KEY_F2, 0x3c },
    { "f3", KEY_F3, 0x3d },
    { "f4", KEY_F4, 0x3e },
    { "f5", KEY_F5, 0x3f },
    { "f6", KEY_F6, 0x40 },
    { "f7", KEY_F7, 0x41 },
    { "f8", KEY_F8, 0x42 },
    { "f9", KEY_F9, 0x43 },
    { "f10", KEY_F10, 0x44 },
    { "f11", KEY_F11, 0x57 },
    { "f12", KEY_F12, 0x58 },
    { "num_lock", KEY_NUM_LOCK, 0x45 },
    { "scroll_lock", KEY_SCROLL_LOCK, 0x46 },
    { "kp_divide", KEY_KP_SLASH, 0xb5 },
    { "kp_multiply", KEY_KP_STAR, 0x37 },
    { "kp_subtract", KEY_KP_MINUS, 0x4a },
    { "kp_add", KEY_KP_PLUS, 0x4e },
    { "kp_enter", KEY_KP_ENTER, 0x9c },
    { "kp_decimal", KEY_KP_PERIOD, 0x53 },
    { "kp_0", KEY_KP_0, 0x52 },
    { "kp_1", KEY_KP_1, 0x4f },
    { "kp_2", KEY_KP_2, 0x50 },
    { "kp_3", KEY_KP_3, 0x51 },
    { "kp_4", KEY_KP_4, 0x4b },
    { "kp_5", KEY_KP_5, 0x4c },
    { "kp_6", KEY_KP_6, 0x4d },
    { "kp_7", KEY_KP_7, 0x47 },
    { "kp_8", KEY_KP_8, 0x48 },
    { "kp_9", KEY_KP_9, 0x49 },
    { "kp_comma", KEY_KP_COMMA, 0x7e },
    { "kp_equals", KEY_KP_EQUAL, 0x59 },
    { "less", KEY_ISO_BACKSLASH, 0x56 },
    { "sysrq", KEY_PRINT_SCREEN, 0x54 },
    { "print", KEY_PRINT_SCREEN, 0xb7 },
    { "pause", KEY_PAUSE, 0xc6 },
    { "home", KEY_HOME, 0xc7 },
    { "pgup", KEY_PAGE_UP, 0xc9 },
    { "pgdn", KEY_PAGE_DOWN, 0xd1 },
    { "end", KEY_END, 0xcf },
    { "left", KEY_LEFT, 0xcb },
    { "up", KEY_UP, 0xc8 },
    { "down", KEY_DOWN, 0xd0 },
    { "right", KEY_RIGHT, 0xcd },
    { "insert", KEY_INSERT, 0xd2 },
    { "delete", KEY_DELETE, 0xd3 },
    { "power", KEY_POWER, 0xde },
    { "ro", KEY_INTL_1, 0x73 },
    { "katakanahiragana", KEY_INTL_2, 0x70 },
    { "hiragana", KEY_INTL_2, 0x77 },
    { "yen", KEY_INTL_3, 0x7d },
    { "henkan", KEY_INTL_4, 0x79 },
    { "muhenkan", KEY_INTL_5, 0x7b },
};

const char *key_name(size_t n)
{
    return n < ARRAY_LEN(table) ? table[n].name : NULL;
}

static unsigned key_by_number(const char *name, size_t len)
{
    char text[8], *end;
    if (len >= sizeof text)
        return KEY_NONE;
    memcpy(text, name, len);
    text[len] = 0;
    unsigned long number = strtoul(text, &end, 0);
    if (*end)
        return KEY_NONE;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].number == number)
            return table[i].key;
    return KEY_NONE;
}

unsigned key_by_name(const char *name, size_t len)
{
    if (len > 2 && name[0] == '0' && name[1] == 'x')
        return key_by_number(name, len);
    if (len == 1 && *name == '<')
        return KEY_ISO_BACKSLASH;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strncmp(table[i].name, name, len) == 0 && table[i].name[len] == 0)
            return table[i].key;
    return KEY_NONE;
}
