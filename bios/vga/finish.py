#!/usr/bin/env python3
"""finish.py IN OUT: makes an option ROM of an image: fills it up to whole units of 512 bytes, writes their number into
the header and into the PCI data structure, and the checksum into the last byte."""
import struct
import sys

UNIT = 512
MOST = 0x10000
SIZE_AT, PCIR_POINTER_AT, PCIR_LENGTH_AT = 2, 0x18, 0x10

with open(sys.argv[1], "rb") as f:
    rom = bytearray(f.read())
rom += bytes(-(len(rom) + 1) % UNIT + 1)
assert rom[:2] == b"\x55\xaa" and len(rom) <= MOST, len(rom)
rom[SIZE_AT] = len(rom) // UNIT & 0xFF
pcir, = struct.unpack_from("<H", rom, PCIR_POINTER_AT)
assert rom[pcir:pcir + 4] == b"PCIR"
struct.pack_into("<H", rom, pcir + PCIR_LENGTH_AT, len(rom) // UNIT)
rom[-1] = -sum(rom) & 0xFF
with open(sys.argv[2], "wb") as f:
    f.write(rom)
