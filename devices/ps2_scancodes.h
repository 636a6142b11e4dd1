/* ps2_scancodes.h: what keyboards send for each key, in the three scan code sets. */
#ifndef PCEMU_PS2_SCANCODES_H
#define PCEMU_PS2_SCANCODES_H

#include "base.h"
#include "keys.h"

#define PS2_PREFIX_E0 0xe0
#define PS2_PREFIX_E1 0xe1
#define PS2_BREAK 0xf0
#define PS2_SEQUENCE_MAX 8

/* Key types of set 3: which of its events a key sends. */
enum ps2_key_type { PS2_MAKE_ONLY = 0, PS2_BREAKS = 1, PS2_REPEATS = 2, PS2_TYPEMATIC = PS2_BREAKS | PS2_REPEATS };

/* Print Screen sends one of three codes, by the shift keys held when it goes down. */
enum ps2_print_form { PS2_PRINT_PLAIN, PS2_PRINT_SHIFTED, PS2_PRINT_SYSRQ, PS2_PRINT_FORMS };

struct ps2_sequence {
    u8 byte[PS2_SEQUENCE_MAX];
    u8 len;
};

/* True when the key exists on this keyboard. */
bool ps2_has_key(unsigned key);
/* The set 3 code of an existing key. */
u8 ps2_set3_code(unsigned key);
/* Power-on type of a set 3 code. */
enum ps2_key_type ps2_set3_type(u8 code);
/* The bytes of an existing key's make or break in sets 1 and 2. `print` is used for Print Screen; `ctrl` (Ctrl is held)
 * turns Pause into Break. Pause sends all on make. */
struct ps2_sequence ps2_set2_sequence(unsigned key, bool down, enum ps2_print_form print, bool ctrl);
struct ps2_sequence ps2_set1_sequence(unsigned key, bool down, enum ps2_print_form print, bool ctrl);
/* The keyboard controller's translation of one byte of set 2 to set 1 (F0h is not a code but a prefix: it makes the
 * next code's bit 7). */
u8 ps2_translate(u8 set2);

#endif
