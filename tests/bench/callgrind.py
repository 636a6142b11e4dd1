#!/usr/bin/env python3
"""callgrind.py BENCH_CPU [KERNEL...]: what one guest instruction costs in host instructions, branches and indirect
branches, counted by valgrind's callgrind: for hosts whose processor or hypervisor does not count.

Each kernel runs twice, with different amounts of work; the difference of the two runs holds the kernel alone, without
the machine's construction and the way to the kernel. --top N also lists the functions that took most of the larger run."""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

EVENTS = ("Ir", "Bc", "Bi")


def without_debug_info(bench, directory):
    """A copy beside a copy of the ROM: valgrind reads no debug information newer than itself."""
    copy = os.path.join(directory, "bench_cpu")
    subprocess.run(["objcopy", "--strip-debug", bench, copy], check=True)
    shutil.copy(os.path.join(os.path.dirname(os.path.abspath(bench)), "bench.rom"), directory)
    return copy


def count(bench, kernel, scale, directory):
    """One run under callgrind: (guest instructions, {event: count}, output file)."""
    out = os.path.join(directory, f"{kernel}-{scale}.out")
    command = ["valgrind", "--tool=callgrind", "--branch-sim=yes", f"--callgrind-out-file={out}",
               bench, "--tsv", "--rounds", "1", "--scale", str(scale), "--exact", kernel]
    done = subprocess.run(command, capture_output=True, text=True)
    rows = done.stdout.splitlines()
    if done.returncode or len(rows) != 2:
        sys.exit(f"callgrind.py: {kernel}: {done.stdout}{done.stderr[-2000:]}")
    text = open(out).read()
    names = re.search(r"^events: (.*)$", text, re.M).group(1).split()
    totals = re.search(r"^(?:totals|summary): (.*)$", text, re.M).group(1).split()
    return int(rows[1].split("\t")[1]), dict(zip(names, map(int, totals))), out


def top_functions(out, n):
    text = subprocess.run(["callgrind_annotate", "--show=Ir,Bi", out], capture_output=True, text=True).stdout
    for row in [r for r in text.splitlines() if re.match(r"\s*[\d,]+ \(", r) and "PROGRAM" not in r][:n]:
        print("    " + re.sub(r"\?\?\?:|\[[^]]*\]", "", row).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", metavar="BENCH_CPU")
    parser.add_argument("kernels", nargs="*", metavar="KERNEL")
    parser.add_argument("--scale", type=float, default=0.05, help="of the larger run (default 0.05)")
    parser.add_argument("--top", type=int, default=0, metavar="N", help="list the N most expensive functions")
    args = parser.parse_intermixed_args()
    names = subprocess.run([args.bench, "--list"], capture_output=True, text=True, check=True).stdout.split()
    names = [n for n in names if not args.kernels or any(n.startswith(k) for k in args.kernels)]
    print(f"{'kernel':16} {'host insn':>10} {'cond. br.':>10} {'indirect':>10}   for one guest instruction")
    costs = []
    with tempfile.TemporaryDirectory(prefix="callgrind-") as directory:
        bench = without_debug_info(args.bench, directory)
        for name in names:
            less, before, _ = count(bench, name, args.scale / 3, directory)
            more, after, out = count(bench, name, args.scale, directory)
            each = [(after[e] - before[e]) / (more - less) for e in EVENTS]
            print(f"{name:16}" + "".join(f" {x:10.2f}" for x in each), flush=True)
            costs.append(each[0])
            if args.top:
                top_functions(out, args.top)
    if costs:
        print(f"{'geometric mean':16} {statistics.geometric_mean(costs):10.2f}")


main()
