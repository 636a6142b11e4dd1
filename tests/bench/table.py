#!/usr/bin/env python3
"""table.py [options]: `make bench`: one table of workloads: Linux's phases (boot.py's disk) and the kernels of bench_cpu's
ROM, in pcemu, QEMU (TCG) and Bochs, in turn. Times are medians; ratios are medians of the ratios of rounds, to QEMU, so
that a host that is slow for a while is slow for both. Bochs takes part in the first round alone. An emulator that is not
installed is left out. On a host to oneself this takes six minutes, with --short one."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import boot

EMULATORS = {"qemu": "qemu-system-x86_64", "pcemu": None, "bochs": "bochs-bin"}  # the one that ratios are to comes first
HEADINGS = {"qemu": "QEMU TCG", "pcemu": "pcemu", "bochs": "Bochs"}
WHAT = {"mixed-page": "code and data in one page", "real-int": "16-bit code", "x87-arith": "x87", "sse-packed": "SSE"}
ELAPSED, PROCESSOR = 0, 1


def present(build):
    """The emulators that can run, and a line about the others."""
    names = [n for n, program in EMULATORS.items() if program is None or shutil.which(program)]
    for missing in EMULATORS.keys() - names:
        print(f"{HEADINGS[missing]} is not installed: left out", file=sys.stderr)
    os.environ["PCEMU_BUILD"] = os.path.abspath(build)  # for the script ./pcemu
    return names


def run_in_turn(title, names, rounds, options):
    """{emulator: [{phase: (seconds, processor seconds)} of each round]}"""
    seen = {n: [] for n in names}
    for turn in range(rounds):
        for name in names:
            if name == "bochs" and turn:
                continue
            print(f"{title}, round {turn + 1} of {rounds}: {HEADINGS[name]}", file=sys.stderr, flush=True)
            seen[name].append(boot.run(name, options))
    return seen


def ratio(mine, theirs, phase, clock):
    pairs = [m[phase][clock] / t[phase][clock] for m, t in zip(mine, theirs)
             if phase in m and phase in t and t[phase][clock] > 0]
    return f"{statistics.median(pairs):.2f}" if pairs else "-"


def seconds(runs, phase, clock):
    times = [r[phase][clock] for r in runs if phase in r]
    return f"{statistics.median(times):.2f}" if times else "-"


def rows(seen, names, clock):
    base = names[0]
    for phase in next((r for r in seen[names[-1]] + seen[base] if r), {}):
        label = f"{phase}: {WHAT[phase]}" if phase in WHAT else phase
        yield [label, *(seconds(seen[n], phase, clock) for n in names),
               *(ratio(seen[n], seen[base], phase, clock) for n in names[1:])]


def print_table(lines, names, clock):
    head = [("processor time, s" if clock == PROCESSOR else "host's clock, s"), *(HEADINGS[n] for n in names),
            *(f"{HEADINGS[n]} / {HEADINGS[names[0]]}" for n in names[1:])]
    lines = [head, ["---"] * len(head), *lines]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        cells = [cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths))]
        print("| " + " | ".join(cells) + " |")


def linux(args, names):
    if not args.disk:
        args.disk = os.path.join(args.build, "linux-disk", "bench.img")
        made = subprocess.run([os.path.join(boot.ROOT, "tests/system/linux-disk.sh"), os.path.dirname(args.disk)])
        if made.returncode:
            print("no Linux disk: its phases are left out", file=sys.stderr)
            return None
    options = argparse.Namespace(disk=args.disk, rom=None, megs=1024, timeout=900, until="boot" if args.short else "all")
    return run_in_turn("Linux", names, args.rounds, options)


def kernels(args, names):
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        rom = os.path.join(directory, "bench.rom")
        subprocess.run([os.path.join(args.build, "tests/bench/bench_cpu"), "--write-rom", rom, "--scale", str(args.scale)],
                       check=True)
        options = argparse.Namespace(disk=None, rom=rom, megs=128, timeout=900, until="all")
        return run_in_turn("kernels", names, args.rounds, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(boot.ROOT, "build"), help="the build to measure (build)")
    parser.add_argument("--rounds", type=int, help="(3; with --short 1)")
    parser.add_argument("--scale", type=float, help="the kernels' work (3; with --short 1)")
    parser.add_argument("--short", action="store_true", help="Linux's boot alone, no Bochs")
    parser.add_argument("--clock", action="store_true", help="the host's clock instead of processor time")
    parser.add_argument("--disk", help="a disk such as tests/system/linux-disk.sh makes (made where there is none)")
    parser.add_argument("--only", choices=["linux", "kernels"], help="that part of the table")
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.short else 3)
    args.scale = args.scale or (1 if args.short else 3)
    clock, names = ELAPSED if args.clock else PROCESSOR, present(args.build)
    if args.short and "bochs" in names:
        names.remove("bochs")
    lines = []
    for part in (linux, kernels):
        if args.only in (None, part.__name__):
            lines += rows(seen, names, clock) if (seen := part(args, names)) else []
    print_table(lines, names, clock)


main()
