#!/usr/bin/env python3
"""embed.py IMAGE OUT.c: the bytes of a file as a C array."""
import sys

data = open(sys.argv[1], "rb").read()
rows = ["    " + ", ".join("0x%02x" % b for b in data[i:i + 16]) + "," for i in range(0, len(data), 16)]
with open(sys.argv[2], "w") as out:
    out.write('#include "guest_image.h"\n\nconst u8 guest_image[] = {\n' + "\n".join(rows) + "\n};\n")
    out.write("const size_t guest_image_size = sizeof guest_image;\n")
