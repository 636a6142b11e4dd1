#!/usr/bin/env python3
"""compare.py [--rounds N] RUN RUN... [-- KERNEL...]: bench_cpu's figures side by side, ratios to the first RUN.

A RUN is a file that `bench_cpu --tsv` wrote, or a bench_cpu program, with a name if it is given as NAME=PATH. Programs
run in alternating rounds, so that a host whose speed drifts is the same to all of them; the figures are medians, in
million guest instructions a host second."""
import math
import os
import statistics
import subprocess
import sys

DEFAULT_ROUNDS = 5


def parse(text):
    rows = [line.split("\t") for line in text.splitlines()]
    return {r[0]: float(r[rows[0].index("median_mips")]) for r in rows[1:]}


def measure(program, kernels):
    return parse(subprocess.run([program, "--tsv", "--rounds", "1", *kernels], capture_output=True, text=True,
                                check=True).stdout)


def collect(runs, rounds, kernels):
    """[{kernel: median}] in the order of the runs."""
    samples = [{} for _ in runs]
    for turn in range(rounds):
        for (_, path), seen in zip(runs, samples):
            if os.access(path, os.X_OK):
                figures = measure(path, kernels)
            elif turn == 0:
                with open(path) as f:
                    figures = parse(f.read())
            else:
                continue
            for kernel, value in figures.items():
                seen.setdefault(kernel, []).append(value)
    return [{k: statistics.median(v) for k, v in seen.items()} for seen in samples]


def row(head, values):
    return f"{head:16}" + "".join(f"{v:12.1f}" for v in values) + "".join(f"{v / values[0]:7.2f}" for v in values[1:])


def main():
    args, rounds = sys.argv[1:], DEFAULT_ROUNDS
    if args[:1] == ["--rounds"] and len(args) > 1:
        rounds, args = int(args[1]), args[2:]
    kernels = args[args.index("--") + 1:] if "--" in args else []
    args = args[:args.index("--")] if "--" in args else args
    if len(args) < 2:
        sys.exit(__doc__)
    runs = [tuple(a.split("=", 1)) if "=" in a else (os.path.basename(a), a) for a in args]
    figures = collect(runs, rounds, kernels)
    print(f"{'kernel':16}" + "".join(f"{name[:11]:>12}" for name, _ in runs) + f"{'x':>7}" * (len(runs) - 1))
    shared = [k for k in figures[0] if all(k in f for f in figures)]
    for k in shared:
        print(row(k, [f[k] for f in figures]))
    print(row("geometric mean", [math.exp(statistics.mean(math.log(f[k]) for k in shared)) for f in figures]))


main()
