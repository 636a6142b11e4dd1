#!/usr/bin/env python3
"""rom.py IN OUT: an option ROM's checksums: of its PnP expansion header, and of all of it."""
import sys

rom = bytearray(open(sys.argv[1], "rb").read())
pnp = rom[0x1A] | rom[0x1B] << 8
rom[pnp + 9] = -sum(rom[pnp : pnp + 32]) & 0xFF
rom[-1] = -sum(rom[: rom[2] * 512]) & 0xFF
open(sys.argv[2], "wb").write(rom)
