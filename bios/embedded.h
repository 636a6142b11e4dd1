/* embedded.h: firmware as pcemu has it within itself. */
#ifndef PCEMU_EMBEDDED_H
#define PCEMU_EMBEDDED_H

#include "base.h"

extern const u8 embedded_bios[], embedded_vga_bios[];
extern const size_t embedded_bios_size, embedded_vga_bios_size;

#endif
