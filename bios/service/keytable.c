/* keytable.c: what int 16h gives for a key of scan code set 1: with nothing, with Shift, Ctrl and Alt (IBM PC/AT
 * Technical Reference, "Keyboard encoding"; the codes of the 101-key keyboard by its function 10h). */
#include "service.h"

#define FLAG_SHIFT 0x03
#define FLAG_CTRL 0x04
#define FLAG_ALT 0x08
#define FLAG_NUM 0x20
#define FLAG_CAPS 0x40
#define NONE 0

struct key {
    u16 normal, shift, ctrl, alt;
    u8 lock; /* the lock that turns normal and shift about */
};

#define LETTER(scan, c)                                                                                                \
    {                                                                                                                  \
        (scan) << 8 | (c), (scan) << 8 | ((c)-32), (scan) << 8 | ((c)-96), (scan) << 8, FLAG_CAPS                      \
    }
#define PLAIN(scan, a, b, ctrl, alt)                                                                                   \
    {                                                                                                                  \
        (scan) << 8 | (a), (scan) << 8 | (b), ctrl, alt, 0                                                             \
    }
#define FUNCTION(n)                                                                                                    \
    {                                                                                                                  \
        (0x3a + (n)) << 8, (0x53 + (n)) << 8, (0x5d + (n)) << 8, (0x67 + (n)) << 8, 0                                  \
    }
#define PAD(scan, c, ctrl)                                                                                             \
    {                                                                                                                  \
        (scan) << 8, (scan) << 8 | (c), ctrl, NONE, FLAG_NUM                                                           \
    }

static const struct key keys[] VAR16 = {
    [0x01] = { 0x011b, 0x011b, 0x011b, 0x0100, 0 },
    [0x02] = PLAIN(0x02, '1', '!', NONE, 0x7800),
    [0x03] = PLAIN(0x03, '2', '@', 0x0300, 0x7900),
    [0x04] = PLAIN(0x04, '3', '#', NONE, 0x7a00),
    [0x05] = PLAIN(0x05, '4', '$', NONE, 0x7b00),
    [0x06] = PLAIN(0x06, '5', '%', NONE, 0x7c00),
    [0x07] = PLAIN(0x07, '6', '^', 0x071e, 0x7d00),
    [0x08] = PLAIN(0x08, '7', '&', NONE, 0x7e00),
    [0x09] = PLAIN(0x09, '8', '*', NONE, 0x7f00),
    [0x0a] = PLAIN(0x0a, '9', '(', NONE, 0x8000),
    [0x0b] = PLAIN(0x0b, '0', ')', NONE, 0x8100),
    [0x0c] = PLAIN(0x0c, '-', '_', 0x0c1f, 0x8200),
    [0x0d] = PLAIN(0x0d, '=', '+', NONE, 0x8300),
    [0x0e] = PLAIN(0x0e, 8, 8, 0x0e7f, 0x0e00),
    [0x0f] = { 0x0f09, 0x0f00, 0x9400, 0xa500, 0 },
    [0x10] = LETTER(0x10, 'q'),
    [0x11] = LETTER(0x11, 'w'),
    [0x12] = LETTER(0x12, 'e'),
    [0x13] = LETTER(0x13, 'r'),
    [0x14] = LETTER(0x14, 't'),
    [0x15] = LETTER(0x15, 'y'),
    [0x16] = LETTER(0x16, 'u'),
    [0x17] = LETTER(0x17, 'i'),
    [0x18] = LETTER(0x18, 'o'),
    [0x19] = LETTER(0x19, 'p'),
    [0x1a] = PLAIN(0x1a, '[', '{', 0x1a1b, 0x1a00),
    [0x1b] = PLAIN(0x1b, ']', '}', 0x1b1d, 0x1b00),
    [0x1c] = PLAIN(0x1c, 13, 13, 0x1c0a, 0x1c00),
    [0x1e] = LETTER(0x1e, 'a'),
    [0x1f] = LETTER(0x1f, 's'),
    [0x20] = LETTER(0x20, 'd'),
    [0x21] = LETTER(0x21, 'f'),
    [0x22] = LETTER(0x22, 'g'),
    [0x23] = LETTER(0x23, 'h'),
    [0x24] = LETTER(0x24, 'j'),
    [0x25] = LETTER(0x25, 'k'),
    [0x26] = LETTER(0x26, 'l'),
    [0x27] = PLAIN(0x27, ';', ':', NONE, 0x2700),
    [0x28] = PLAIN(0x28, '\'', '"', NONE, 0x2800),
    [0x29] = PLAIN(0x29, '`', '~', NONE, 0x2900),
    [0x2b] = PLAIN(0x2b, '\\', '|', 0x2b1c, 0x2b00),
    [0x2c] = LETTER(0x2c, 'z'),
    [0x2d] = LETTER(0x2d, 'x'),
    [0x2e] = LETTER(0x2e, 'c'),
    [0x2f] = LETTER(0x2f, 'v'),
    [0x30] = LETTER(0x30, 'b'),
    [0x31] = LETTER(0x31, 'n'),
    [0x32] = LETTER(0x32, 'm'),
    [0x33] = PLAIN(0x33, ',', '<', NONE, 0x3300),
    [0x34] = PLAIN(0x34, '.', '>', NONE, 0x3400),
    [0x35] = PLAIN(0x35, '/', '?', NONE, 0x3500),
    [0x37] = { 0x372a, 0x372a, 0x9600, 0x3700, 0 },
    [0x39] = PLAIN(0x39, ' ', ' ', 0x3920, 0x3920),
    [0x3b] = FUNCTION(1),
    [0x3c] = FUNCTION(2),
    [0x3d] = FUNCTION(3),
    [0x3e] = FUNCTION(4),
    [0x3f] = FUNCTION(5),
    [0x40] = FUNCTION(6),
    [0x41] = FUNCTION(7),
    [0x42] = FUNCTION(8),
    [0x43] = FUNCTION(9),
    [0x44] = FUNCTION(10),
    [0x47] = PAD(0x47, '7', 0x7700),
    [0x48] = PAD(0x48, '8', 0x8d00),
    [0x49] = PAD(0x49, '9', 0x8400),
    [0x4a] = { 0x4a2d, 0x4a2d, 0x8e00, 0x4a00, 0 },
    [0x4b] = PAD(0x4b, '4', 0x7300),
    [0x4c] = PAD(0x4c, '5', 0x8f00),
    [0x4d] = PAD(0x4d, '6', 0x7400),
    [0x4e] = { 0x4e2b, 0x4e2b, 0x9000, 0x4e00, 0 },
    [0x4f] = PAD(0x4f, '1', 0x7500),
    [0x50] = PAD(0x50, '2', 0x9100),
    [0x51] = PAD(0x51, '3', 0x7600),
    [0x52] = PAD(0x52, '0', 0x9200),
    [0x53] = PAD(0x53, '.', 0x9300),
    [0x56] = PLAIN(0x56, '\\', '|', NONE, NONE),
    [0x57] = { 0x8500, 0x8700, 0x8900, 0x8b00, 0 },
    [0x58] = { 0x8600, 0x8800, 0x8a00, 0x8c00, 0 },
};

/* 0: the key gives no code so. */
u16 key_code(u8 scan, u8 flags)
{
    if (scan >= ARRAY_LEN(keys))
        return NONE;
    if (flags & FLAG_ALT)
        return GET_CONST(keys[scan].alt);
    if (flags & FLAG_CTRL)
        return GET_CONST(keys[scan].ctrl);
    bool shift = flags & FLAG_SHIFT;
    if (flags & GET_CONST(keys[scan].lock))
        shift = !shift;
    return shift ? GET_CONST(keys[scan].shift) : GET_CONST(keys[scan].normal);
}
