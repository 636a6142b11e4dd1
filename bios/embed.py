#!/usr/bin/env python3
"""embed.py NAME IMAGE OUT.c: the bytes of a file as the array NAME of embedded.h."""
import sys

name, image, out = sys.argv[1:]
with open(image, "rb") as f:
    data = f.read()
rows = ["    " + ", ".join("0x%02x" % b for b in data[i:i + 16]) + "," for i in range(0, len(data), 16)]
with open(out, "w", encoding="ascii") as c:
    c.write(f'#include "embedded.h"\n\nconst u8 {name}[] = {{\n' + "\n".join(rows) + "\n};\n")
    c.write(f"const size_t {name}_size = sizeof {name};\n")
