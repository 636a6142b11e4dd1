/* calls_guest.h: a ROM whose program calls a function and counts, for ever: for the tests of those who look on. */
#ifndef PCEMU_TESTS_CALLS_GUEST_H
#define PCEMU_TESTS_CALLS_GUEST_H

#include "base.h"

#include <string.h>

#define ROM_SIZE 0x10000u
#define RESET_VECTOR 0xfff0u

/* f000:0000: ss:sp = 0:7c00; call 20; inc word [500]; jmp 9.  20: push bp; mov bp,sp; pop bp; ret */
static inline void put_calls_guest(u8 rom[ROM_SIZE])
{
    static const u8 reset[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    static const u8 start[] = { 0x31, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0x8e, 0xd8,
                                0xe8, 0x14, 0x00, 0xff, 0x06, 0x00, 0x05, 0xeb, 0xf7 };
    static const u8 function[] = { 0x55, 0x89, 0xe5, 0x5d, 0xc3 };
    memcpy(rom + RESET_VECTOR, reset, sizeof reset);
    memcpy(rom, start, sizeof start);
    memcpy(rom + 0x20, function, sizeof function);
}

#endif
