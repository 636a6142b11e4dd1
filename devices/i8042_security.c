/* i8042_security.c: the keyboard controller's password and its diagnostic dump (IBM PS/2 Hardware Interface Technical
 * Reference, commands A4h to A6h and ACh).
 *
 * A password is a row of make codes, as the system gets them. While it is enabled nothing from keyboard and mouse
 * reaches the system, until the row has been typed; commands are still obeyed. RAM byte 13h, unless 0, is what the
 * system gets when the password is enabled, 14h when it has been typed; make codes in 16h and 17h (shift keys) don't
 * count. The dump has no program status word of an 8042 to show: that byte is 0. */
#include "i8042.h"

#define RAM_SECURITY_ON 0x13
#define RAM_SECURITY_OFF 0x14
#define RAM_IGNORED1 0x16
#define RAM_IGNORED2 0x17
#define BREAK_BIT 0x80

#define PASSWORD_INSTALLED 0xfa
#define NO_PASSWORD 0xf1

u8 i8042_test_password(const struct i8042 *s)
{
    return s->password_len ? PASSWORD_INSTALLED : NO_PASSWORD;
}

bool i8042_load_password(struct i8042 *s, u8 code)
{
    if (code && s->password_len < I8042_PASSWORD)
        s->password[s->password_len++] = code;
    return code;
}

u8 i8042_enable_password(struct i8042 *s)
{
    s->locked = s->password_len != 0;
    s->password_at = 0;
    return s->locked ? s->ram[RAM_SECURITY_ON] : 0;
}

u8 i8042_typed(struct i8042 *s, u8 code)
{
    if (code & BREAK_BIT || code == s->ram[RAM_IGNORED1] || code == s->ram[RAM_IGNORED2])
        return 0;
    if (code != s->password[s->password_at]) /* it may be the first of another try */
        s->password_at = 0;
    s->password_at = (u8)(s->password_at + (code == s->password[s->password_at]));
    if (s->password_at < s->password_len)
        return 0;
    s->locked = false;
    s->password_at = 0;
    return s->ram[RAM_SECURITY_OFF];
}

/* ---- the dump: bytes as two hexadecimal digits and a space, in scan codes ---- */

#define DUMP_RAM 16
#define DUMP_BYTES (DUMP_RAM + 3)
#define DUMP_CODES_A_BYTE 3
#define SCAN_SPACE 0x39

static u8 dumped_byte(const struct i8042 *s, unsigned n)
{
    const u8 ports[DUMP_BYTES - DUMP_RAM] = { I8042_INPUT_PORT, s->output_port, 0 };
    return n < DUMP_RAM ? s->ram[n] : ports[n - DUMP_RAM];
}

void i8042_start_dump(struct i8042 *s)
{
    s->dump_left = DUMP_BYTES * DUMP_CODES_A_BYTE;
}

u8 i8042_next_dumped(struct i8042 *s)
{
    static const u8 digit[] = { 0x0b, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                0x09, 0x0a, 0x1e, 0x30, 0x2e, 0x20, 0x12, 0x21 };
    unsigned at = DUMP_BYTES * DUMP_CODES_A_BYTE - s->dump_left--;
    u8 byte = dumped_byte(s, at / DUMP_CODES_A_BYTE);
    switch (at % DUMP_CODES_A_BYTE) {
    case 0:
        return digit[byte >> 4];
    case 1:
        return digit[byte & 0xf];
    default:
        return SCAN_SPACE;
    }
}
