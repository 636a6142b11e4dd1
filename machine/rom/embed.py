"""embed.py IN OUT: an option ROM as a C array: padded to units of 512 bytes, its size and its two checksums filled in."""
import sys

UNIT, PNP = 512, 0x20
data = bytearray(open(sys.argv[1], "rb").read())
data += bytes(-(len(data) + 1) % UNIT + 1)  # a byte is left for the checksum
data[2] = len(data) // UNIT
length = 16 * data[PNP + 5]
data[PNP + 9] = -sum(data[PNP : PNP + length]) & 0xFF
data[-1] = -sum(data) & 0xFF
lines = (", ".join(f"{b:#04x}" for b in data[i : i + 16]) + "," for i in range(0, len(data), 16))
with open(sys.argv[2], "w") as out:
    out.write('#include "pc_kernel.h"\n\nconst u8 kernel_rom[] = {\n' + "\n".join(lines) + "\n};\n")
    out.write(f"const u32 kernel_rom_size = {len(data)};\n")
