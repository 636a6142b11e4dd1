#!/usr/bin/env python3
"""transcript.py IMAGE: the bundled guest builds, step by step, the state of two transcripts of QEMU's monitor
(tests/system/transcript) when the byte that chooses what it does says so, or when the tour's last page is asked for; ours
prints the same bytes."""
import os
import shutil
import sys
import tempfile
import time

from monitor_client import Checks, pcemu

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "transcript")
ENTRY_BYTE = 0x1B7  # of the boot sector
TOUR_KEYS = ["ret", "t", "ret"]  # from the menu to the tour, to its last page, and there on
SECONDS_A_KEY = 2
HEADING = "\nCPU#0\n"  # which the transcripts' QEMU did not have yet


def expected(name):
    with open(os.path.join(HERE, name), encoding="ascii") as f:
        return f.read()


def compare(check, monitor):
    registers = monitor.until("info registers", r"RIP=000000000000824f[^\n]*HLT=1")
    check("a heading says which processor", registers.startswith(HEADING), registers)
    check("info registers", registers[len(HEADING):] == expected("registers.txt"), registers)
    memory = monitor.command("info mem")
    check("info mem", memory == expected("mem.txt"), memory)


def main():
    check = Checks()
    with tempfile.TemporaryDirectory() as directory:
        disk = os.path.join(directory, "disk.img")
        shutil.copy(sys.argv[1], disk)
        os.chmod(disk, 0o644)
        with open(disk, "r+b") as f:
            f.seek(ENTRY_BYTE)
            f.write(b"s")
        with pcemu(directory, "-m", "1024", disk) as monitor:
            compare(check, monitor)
        with pcemu(directory, "-m", "1024", "-clock", "host", name="tour") as monitor:
            for key in TOUR_KEYS:
                time.sleep(SECONDS_A_KEY)
                monitor.command("sendkey " + key)
            compare(check, monitor)
    return check.failed != 0


sys.exit(main())
