#!/usr/bin/env python3
"""probes.py [options] DISK [WORK]: what it costs a machine that nobody looks at that it could be looked at (probes:
debugger, tracer, GDB). Two builds of this source tree are made in WORK: one as it is, and one in which every test of
whether there are probes is answered "no" by the compiler. Both boot the disk under valgrind's callgrind for the same
number of instructions; the host's instructions are compared. Exit status 1 where they differ by more than --limit.

    tests/bench/probes.py DIR/linux.img        DIR: what tests/system/linux-disk.sh makes"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

NS_PER_INSN = 8  # -icount 3
OWN = {"watch.c", "watch.h", "cpu.c", "cpu_state.h"}  # what there is only with probes, and where they are attached
TEST = re.compile(r"\bc->probe\b(?!->)")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("disk", metavar="DISK")
    parser.add_argument("work", metavar="WORK", nargs="?", help="a directory to build in (default: a temporary one)")
    parser.add_argument("--insns", type=float, default=30, help="million instructions (default 30)")
    parser.add_argument("--limit", type=float, default=0.5, help="percent (default 0.5)")
    parser.add_argument("--jobs", default="3", help="of the builds (default 3)")
    return parser.parse_args()


def copy(source, to, without):
    """Returns how many tests were answered."""
    count = 0
    for name in subprocess.check_output(["git", "-C", source, "ls-files"], text=True).split("\n")[:-1]:
        path = os.path.join(to, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.path.join(source, name), "rb") as f:
            data = f.read()
        if without and name.startswith("cpu/") and name.endswith((".c", ".h")) and os.path.basename(name) not in OWN:
            text, n = TEST.subn("((const struct cpu_probe *)0)", data.decode())
            data, count = text.encode(), count + n
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, os.stat(os.path.join(source, name)).st_mode)
    return count


def build(args, directory):
    tree, out = os.path.join(directory, "source"), os.path.join(directory, "build")
    if not os.path.exists(out):
        subprocess.run(["meson", "setup", out, tree, "-Ddebug=false"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", out, "-j", args.jobs, "frontend/pcemu"], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(out, "frontend", "pcemu")


def count(args, program, directory):
    out = os.path.join(directory, "callgrind.out")
    seconds = args.insns * 1e6 * NS_PER_INSN / 1e9
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, program, "-display", "none", "-serial",
                           "null", "-nic", "none", "-snapshot", "-clock", "insn", "-timeout", f"{seconds:.6f}", args.disk],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if not found or "time-out after" not in done.stderr:
        sys.exit(f"probes.py: {done.stderr[-1000:]}")
    return int(found.group(1))


def main():
    args = options()
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with tempfile.TemporaryDirectory(prefix="probes-") as directory:
        there = [os.path.join(args.work or directory, name) for name in ("with", "without")]
        answered = [copy(source, os.path.join(d, "source"), without) for d, without in zip(there, (False, True))]
        print(f"{answered[1]} tests for probes answered by the compiler")
        counts = []
        for where in there:
            counts.append(count(args, build(args, where), directory))
            print(f"{os.path.basename(where):8} {counts[-1]:14} host instructions, "
                  f"{counts[-1] / args.insns / 1e6:.3f} an instruction", flush=True)
    percent = 100 * (counts[0] / counts[1] - 1)
    print(f"probes cost {percent:+.3f} % of a machine without any")
    sys.exit(abs(percent) > args.limit)


main()
