#!/usr/bin/env python3
"""trace.py [options] PCEMU DISK: how fast -d exec is in each of its forms, and how large.

A disk boots twice: up to where the trace begins, and through it; the difference of the two processor times is the
trace's. Times are the best of the rounds. Files are written to a directory in memory, so that no disk is measured.

--callgrind counts the host's instructions for each traced one instead: that holds on a host with other work, too. Two
runs of different length go on from a snapshot of where the trace begins; their difference holds no start and no end."""
import argparse
import os
import re
import resource
import subprocess
import tempfile

NS_PER_INSN = 8  # -icount 3
FORMS = (("trace.pct", 1), ("trace.pct.gz", 1), ("trace.txt", 5), ("trace.gz", 5))  # fewer of the slow ones


def run(args, seconds, trace):
    """The processor time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([args.pcemu, "-display", "none", "-serial", "null", "-nic", "none", "-snapshot", "-clock", "insn",
                           "-timeout", f"{seconds:.6f}", *trace, args.disk], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not re.search(r"time-out after \d+ instructions", done.stderr):
        raise SystemExit(f"trace.py: {done.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def count(args, directory, snapshot, form, insns):
    """The host's instructions of one run from the snapshot through so many traced ones."""
    path = os.path.join(directory, form)
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + os.path.join(directory, "out"), args.pcemu,
                           "-display", "none", "-serial", "null", "-nic", "none", "-snapshot", "-clock", "insn", "-loadvm",
                           snapshot, "-timeout", f"{insns * NS_PER_INSN / 1e9:.9f}", "-d", "exec", "-D", path, args.disk],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if not found or "time-out after" not in done.stderr:
        raise SystemExit(f"trace.py: {done.stderr[-500:]}")
    os.unlink(path)
    return int(found.group(1))


def callgrind(args):
    few, many = 300000, 1300000
    with tempfile.TemporaryDirectory(prefix="trace-", dir="/dev/shm") as directory:
        snapshot = os.path.join(directory, "start")
        run(args, args.start, ["-save", snapshot])
        for form, _ in FORMS:
            counts = [count(args, directory, snapshot, form, n) for n in (few, many)]
            print(f"{form:14} {(counts[1] - counts[0]) / (many - few):8.1f} host instructions a traced one", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pcemu", metavar="PCEMU")
    parser.add_argument("disk", metavar="DISK")
    parser.add_argument("--from", dest="start", type=float, default=2.5, help="seconds of the machine's time (default 2.5)")
    parser.add_argument("--insns", type=float, default=20, help="million instructions, fewer for text (default 20)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--callgrind", action="store_true")
    args = parser.parse_args()
    if args.callgrind:
        callgrind(args)
        return
    start = int(args.start * 1e9 / NS_PER_INSN)
    lead = min(run(args, args.start, []) for _ in range(args.rounds))
    print(f"{'form':14} {'million insn/s':>14} {'bytes/insn':>11} {'MB/million insn':>16}")
    with tempfile.TemporaryDirectory(prefix="trace-", dir="/dev/shm") as directory:
        for name, less in (("", 1),) + FORMS:
            insns = args.insns / less
            path = os.path.join(directory, name)
            trace = ["-d", "exec", "-dfrom", f"count:{start}", "-D", path] if name else []
            seconds = args.start + insns * 1e6 * NS_PER_INSN / 1e9
            took = min(run(args, seconds, trace) for _ in range(args.rounds)) - lead
            size = os.path.getsize(path) if name else 0
            print(f"{name or 'no trace':14} {insns / max(took, 1e-9):14.1f} {size / insns / 1e6:11.2f} {size / insns / 1e6:16.2f}",
                  flush=True)
            if name:
                os.unlink(path)


main()
