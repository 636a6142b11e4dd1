#!/usr/bin/env python3
"""image.py LOW KERNEL SECTORS SCRATCH OUT: the guest's disk: the boot sector and the second stage (LOW, which is linked
at 7C00 and ends before 10000), the kernel, zeros, and SCRATCH sectors at the end for tests that write. As many whole
cylinders of 16 heads and 63 sectors as it takes."""
import sys

SECTOR, CYLINDER, LOW_SIZE = 512, 16 * 63 * 512, 0x10000 - 0x7c00
low, kernel = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
scratch = int(sys.argv[3]) * SECTOR
if len(low) > LOW_SIZE:
    sys.exit("the second stage is too large")
size = LOW_SIZE + len(kernel) + scratch
size += -size % CYLINDER
image = bytearray((low.ljust(LOW_SIZE, b"\0") + kernel).ljust(size, b"\0"))
image[446 + 12:446 + 16] = (size // SECTOR).to_bytes(4, "little")
at = image.index(b"KSECTORS", 512)
image[at:at + 8] = (-(-len(kernel) // SECTOR)).to_bytes(4, "little") + (size // SECTOR).to_bytes(4, "little")
open(sys.argv[4], "wb").write(image)
