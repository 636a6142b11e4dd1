#!/usr/bin/env python3
"""firmware.py [--rounds N]: how long it takes from the start of the process to the boot sector's first instruction: pcemu
with its own firmware and QEMU (TCG) with SeaBIOS, in turn, with 1 GiB of memory and a hard disk whose boot sector ends the
emulator by isa-debug-exit; without a network card, whose ROM waits for a key. PCEMU is the emulator, SECTORS the directory
of the assembled boot sectors. Prints medians, and the ratio's median over the pairs."""
import argparse
import os
import statistics
import subprocess
import sys
import time

OPTIONS = ["-m", "1024", "-display", "none", "-nic", "none", "-snapshot", "-device", "isa-debug-exit,iobase=0xf4"]


def run(*command):
    """Milliseconds by the host's clock, and of processor time."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed = time.monotonic() - start
    if not os.waitstatus_to_exitcode(status) & 1:
        sys.exit(f"{command[0]}: the boot sector did not run (status {status})")
    return elapsed * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    disk = os.path.join(os.environ["SECTORS"], "exit.img")
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(run(os.environ["PCEMU"], *OPTIONS, "-drive", f"file={disk},format=raw"))
        theirs.append(run("qemu-system-x86_64", "-machine", "pc", "-accel", "tcg", *OPTIONS,
                          "-drive", f"file={disk},format=raw,if=ide"))
    for i, clock in enumerate(("host's clock", "processor time")):
        a, b = [t[i] for t in ours], [t[i] for t in theirs]
        ratio = statistics.median(x / y for x, y in zip(a, b))
        print(f"to the boot sector, {clock}, ms: pcemu {statistics.median(a):.0f} (least {min(a):.0f}), "
              f"QEMU {statistics.median(b):.0f} (least {min(b):.0f}), ratio {ratio:.3f}")


main()
