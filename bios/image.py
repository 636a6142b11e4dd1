#!/usr/bin/env python3
"""image.py FLAT ROM16 SEG32 OUT: puts the firmware's parts together: 256 KiB that end at 4 GiB (include/memmap.h).

  FFFC0000  flat code      FFFE0000  nothing      FFFF0000  the F segment, with the 32-bit segmented code in it"""
import sys

IMAGE, FLAT, SEGMENT, CODE32 = 0x40000, 0x20000, 0x10000, 0xD000

flat, rom16, seg32 = (open(name, "rb").read() for name in sys.argv[1:4])
assert len(flat) <= FLAT and len(rom16) == SEGMENT and not any(rom16[CODE32 : CODE32 + len(seg32)])
rom16 = rom16[:CODE32] + seg32 + rom16[CODE32 + len(seg32) :]
image = flat.ljust(IMAGE - SEGMENT, b"\xff") + rom16
assert len(image) == IMAGE
open(sys.argv[4], "wb").write(image)
