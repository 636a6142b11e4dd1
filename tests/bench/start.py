#!/usr/bin/env python3
"""start.py [--rounds N] [NAME=PCEMU...]: what it takes from the start of the process to the guest's first instruction: a
ROM whose first two end pcemu by isa-debug-exit. Programs run in turn, and /bin/true with them, for what any process takes.
With --callgrind host instructions are counted instead, which no load disturbs."""
import argparse
import os
import re
import statistics
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROM_SIZE, RESET = 65536, 0xfff0
EXIT = b"\xb0\x00\xe6\xf4"  # mov al, 0; out 0xf4, al


def write_rom(directory):
    rom = os.path.join(directory, "exit.rom")
    with open(rom, "wb") as f:
        f.write(EXIT.rjust(RESET + len(EXIT), b"\x90").ljust(ROM_SIZE, b"\xf4"))
    return ["-display", "none", "-bios", rom, "-device", "isa-debug-exit,iobase=0xf4"]


def run(command):
    """(ms on the host's clock, ms of processor time)"""
    start = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = os.wait4(child.pid, 0)[2]
    return (time.monotonic() - start) * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def count(command):
    said = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                          capture_output=True, text=True).stderr
    return re.search(r"refs:\s+([\d,]+)", said).group(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--callgrind", action="store_true")
    parser.add_argument("programs", nargs="*", default=["pcemu=" + os.path.join(ROOT, "pcemu")])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        options = write_rom(directory)
        commands = {name: [path, *options] for name, path in (p.split("=", 1) for p in args.programs)}
        if args.callgrind:
            for name, command in commands.items():
                print(f"{name:16} {count(command)} host instructions")
            return
        commands["/bin/true"] = ["/bin/true"]
        times = {name: [] for name in commands}
        for _ in range(args.rounds):
            for name, command in commands.items():
                times[name].append(run(command))
    for name, seen in times.items():
        clock, processor = zip(*seen)
        print(f"{name:16} host's clock, ms: least {min(clock):.2f}, median {statistics.median(clock):.2f};"
              f" processor time: least {min(processor):.2f}, median {statistics.median(processor):.2f}")


main()
