#!/usr/bin/env python3
"""symbols.py NM ELF OUT.ld: the offsets of the entry points (entry_*) of a linked part, for the link of another."""
import subprocess
import sys

nm, elf, out = sys.argv[1:]
rows = [line.split() for line in subprocess.run([nm, elf], check=True, capture_output=True, text=True).stdout.splitlines()]
with open(out, "w") as f:
    f.writelines(f"{name} = 0x{value};\n" for value, _, name in sorted(rows) if name.startswith("entry_"))
