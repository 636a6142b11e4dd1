#!/usr/bin/env python3
"""finish.py IN OUT: makes an option ROM of an image: fills it up, writes its size in units of 512 bytes into the header and
into the PCI data structure, and the checksum into the last byte."""
import struct
import sys

UNIT = 512
SIZE = 40 * 1024  # option ROMs behind it are where QEMU's machine has them
SIZE_AT, PCIR_POINTER_AT, PCIR_LENGTH_AT = 2, 0x18, 0x10

with open(sys.argv[1], "rb") as f:
    rom = bytearray(f.read())
assert rom[:2] == b"\x55\xaa" and len(rom) < SIZE, len(rom)
rom += bytes(SIZE - len(rom))
rom[SIZE_AT] = len(rom) // UNIT
pcir, = struct.unpack_from("<H", rom, PCIR_POINTER_AT)
assert rom[pcir:pcir + 4] == b"PCIR"
struct.pack_into("<H", rom, pcir + PCIR_LENGTH_AT, len(rom) // UNIT)
rom[-1] = -sum(rom) & 0xFF
with open(sys.argv[2], "wb") as f:
    f.write(rom)
