#!/usr/bin/env python3
"""soname.py COMPILER... -lLIBRARY: prints the file name by which a program that is linked with that library loads it."""
import re
import subprocess
import sys
import tempfile

with tempfile.NamedTemporaryFile(suffix=".so") as linked:
    subprocess.run([*sys.argv[1:-1], "-shared", "-o", linked.name, "-x", "c", "/dev/null", "-x", "none", "-Wl,--no-as-needed",
                    sys.argv[-1]], check=True)
    dynamic = subprocess.run(["readelf", "-d", linked.name], capture_output=True, text=True, check=True).stdout
print(re.search(r"\(NEEDED\).*\[(.*)\]", dynamic).group(1))
