#!/usr/bin/env python3
"""determinism.py [options] DISK PCEMU...: the hash of a whole run's trace, from several builds, again and again.

Boots the disk with -snapshot under the instruction clock, in each build in turn, and traces every instruction with the
registers that it changes, interrupts, modes, ports, chips in memory space, control and model-specific registers. The
trace goes by a pipe into SHA-256 and is not kept. What the guest printed is hashed, too, and a recording (-record), which
ends with the hash of the machine's state. All must be the same: exit status 0; 1 where they differ.

The firmware is part of what runs, and another compiler makes another one: that of the first build is given to all.

    determinism.py DIR/linux.img gcc=build/frontend/pcemu clang=/tmp/clang/frontend/pcemu --runs 10 --jobs 2 --load 4

DIR is what tests/system/linux-disk.sh makes. A whole boot is some 10^9 instructions: --insns N stops all after that
many. NAME=PATH names a build."""
import argparse
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

ITEMS = "exec,int,io,mmio,mode,cr,msr,task,halt,reset"
NS_PER_INSN = 8  # -icount 3
ENDED, TIMED_OUT = 0, 6
BEHIND_DATE = 24  # bytes of a recording's head: machine/snapshot_file.c


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("disk", metavar="DISK")
    parser.add_argument("builds", metavar="[NAME=]PCEMU", nargs="+")
    parser.add_argument("--runs", type=int, help="of all builds together, in turn (default: one each)")
    parser.add_argument("--jobs", type=int, default=1, help="at the same time (default 1)")
    parser.add_argument("--load", type=int, default=0, help="processes that compute besides")
    parser.add_argument("--insns", type=float, default=0, help="million instructions of the machine's time (default: to its end)")
    parser.add_argument("--items", default=ITEMS, help=f"-d LIST (default {ITEMS})")
    parser.add_argument("--option", action="append", default=[], help="another option for pcemu; may be repeated")
    parser.add_argument("--limit", type=float, default=7200, help="seconds that a run may take (default 7200)")
    return parser.parse_args()


def read_hash(path, result):
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
            size += len(block)
    result.append((digest.hexdigest(), size))


def hash_of(path, skip=0):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()[skip:]).hexdigest()


def firmware(program):
    """Options that name what was built with a program."""
    where = os.path.join(os.path.dirname(os.path.abspath(program)), "..", "bios")
    return ["-bios", os.path.join(where, "bios.bin"), "-global", "VGA.romfile=" + os.path.join(where, "vga", "vgabios.bin")]


def run(args, program):
    """One run: (hash of the trace, its bytes, hashes of what was printed and of the end, seconds), or what went wrong."""
    begin, result = time.monotonic(), []
    stop = ["-timeout", f"{args.insns * 1e6 * NS_PER_INSN / 1e9:.9f}"] if args.insns else []
    with tempfile.TemporaryDirectory(prefix="determinism-") as directory:
        trace, serial, end = (os.path.join(directory, name) for name in ("trace.pct", "serial", "end"))
        os.mkfifo(trace)
        reader = threading.Thread(target=read_hash, args=(trace, result), daemon=True)
        reader.start()
        command = [program, "-display", "none", "-clock", "insn", "-nic", "none", "-snapshot", "-serial", "file:" + serial,
                   "-record", end, *args.firmware, *stop, "-d", args.items, "-D", trace, *args.option, args.disk]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=args.limit)
        except subprocess.TimeoutExpired:
            return f"took more than {args.limit} s"
        if done.returncode not in (ENDED, TIMED_OUT) or re.search("runtime error|Sanitizer", done.stderr):
            return f"exit status {done.returncode}: {done.stderr[-1000:]}"
        reader.join(60)
        others = [hash_of(serial), hash_of(end, BEHIND_DATE)]
    return (*result[0], others, time.monotonic() - begin) if result else "there is no trace"


def compare(args, pool):
    builds = [b.rpartition("=")[::2] for b in args.builds]
    builds = [(name or path, path) for name, path in builds]
    args.firmware = firmware(builds[0][1])
    turns = [builds[i % len(builds)] for i in range(args.runs or len(builds))]
    runs = [(name, pool.submit(run, args, path)) for name, path in turns]
    same, first = True, None
    for name, future in runs:
        got = future.result()
        if isinstance(got, str):
            print(f"{name}: {got}", flush=True)
            same = False
            continue
        digest, size, others, seconds = got
        first = first or (digest, others)
        same &= (digest, others) == first
        print(f"{digest[:24]} {others[0][:12]} {others[1][:12]} {size / 1e6:8.1f} MB {seconds:7.1f} s  {name}", flush=True)
    print("all the same" if same else "NOT the same")
    return same


def main():
    args = options()
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(args.load)]
    try:
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            sys.exit(not compare(args, pool))
    finally:
        for process in load:
            process.kill()


main()
