#!/usr/bin/env python3
"""compare.py BEFORE.tsv AFTER.tsv...: the medians of several `bench_cpu --tsv` runs, ratios to the first."""
import math
import os
import sys


def read(path):
    with open(path) as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    return {r[0]: float(r[rows[0].index("median_mips")]) for r in rows[1:]}


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    runs = [read(path) for path in sys.argv[1:]]
    heads = [os.path.basename(path)[:14] for path in sys.argv[1:]]
    print(f"{'kernel':16}" + "".join(f"{h:>15}" for h in heads) + "".join(f"{'x':>8}" for _ in heads[1:]))
    shared = [k for k in runs[0] if all(k in r for r in runs)]
    for k in shared:
        print(f"{k:16}" + "".join(f"{r[k]:15.1f}" for r in runs)
              + "".join(f"{r[k] / runs[0][k]:8.2f}" for r in runs[1:]))
    means = [math.exp(sum(math.log(r[k]) for k in shared) / len(shared)) for r in runs]
    print(f"{'geometric mean':16}" + "".join(f"{m:15.1f}" for m in means)
          + "".join(f"{m / means[0]:8.2f}" for m in means[1:]))


main()
