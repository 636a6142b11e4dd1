/* key_names.h: QEMU's names of keys, as `sendkey` takes them. */
#ifndef PCEMU_KEY_NAMES_H
#define PCEMU_KEY_NAMES_H

#include "base.h"
#include "keys.h"

/* The key (keys.h) called `name`, of `len` characters, or written as the number of its make code ("0x1c"; 0xe0 prefixed
 * ones with bit 7 set). KEY_NONE: there is none, or no PC keyboard has it. */
unsigned key_by_name(const char *name, size_t len);
/* The n-th of the names, for completion; NULL behind the last. */
const char *key_name(size_t n);

#endif
