#!/usr/bin/env python3
"""A boot image builds, step by step, the state of two transcripts of QEMU's monitor (tests/system/transcript); ours
prints the same bytes."""
import os
import sys
import tempfile

from monitor_client import Checks, pcemu, sector

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "transcript")
HEADING = "\nCPU#0\n"  # which the transcripts' QEMU did not have yet


def expected(name):
    with open(os.path.join(HERE, name), encoding="ascii") as f:
        return f.read()


def main():
    check = Checks()
    with tempfile.TemporaryDirectory() as directory, pcemu(directory, "-m", "1024", *sector("transcript")) as monitor:
        registers = monitor.until("info registers", r"RIP=000000000000824f[^\n]*HLT=1")
        check("a heading says which processor", registers.startswith(HEADING), registers)
        check("info registers", registers[len(HEADING):] == expected("registers.txt"), registers)
        memory = monitor.command("info mem")
        check("info mem", memory == expected("mem.txt"), memory)
    return check.failed != 0


sys.exit(main())
