#!/usr/bin/env python3
"""disk.py SECTOR PROGRAM DISK FLOPPY: the test disk: a boot sector, the program, and room to write to; 4 MiB. And the same
as a diskette of 1.44 MB, with marks that the test looks for."""
import sys

SECTORS, HEADS = 18, 2


def mark(image, cylinder, head, sector, text):
    at = ((cylinder * HEADS + head) * SECTORS + sector - 1) * 512
    image[at : at + len(text)] = text


sector, program = (open(name, "rb").read() for name in sys.argv[1:3])
assert len(sector) == 512
data = sector + program
open(sys.argv[3], "wb").write(data.ljust(4 << 20, b"\0"))
floppy = bytearray(data.ljust(1440 << 10, b"\0"))
mark(floppy, 70, 1, 17, b"FAR TRACK")
mark(floppy, 70, 1, 18, b"NEXT")
open(sys.argv[4], "wb").write(floppy)
