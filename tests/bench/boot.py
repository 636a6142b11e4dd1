#!/usr/bin/env python3
"""boot.py [options] NAME...: one guest in several emulators, in turn, and how long each phase of it took.

The guest is a disk (--disk) or the ROM of bench_cpu's kernels (--rom). It tells its phases on the serial port by lines
"BENCH <phase> start" and "BENCH <phase> end"; a phase without a start line starts at power-on; "BENCH all end" ends the
run. Time is the host's clock; a second table has the emulator's processor time (in steps of 10 ms), which leaves out what
it slept through: time that a guest waits passes at once under pcemu's instruction clock. Emulators alternate, so that a host that slows down slows each of them; ratios are of
the medians, to the first NAME. Where --bench-cpu is given, the price of an indirect branch is measured before each run
(on processors with IBRS it varies tenfold within minutes, and interpreters suffer most).

A NAME is pcemu, qemu or bochs, or NAME=COMMAND in which {disk}, {rom}, {serial}, {megs} and {dir} are replaced:
{serial} is the file to write COM1 to, {dir} a directory for the run.

    boot.py --disk DIR/bench.img --bench-cpu build/tests/bench/bench_cpu qemu pcemu bochs
    bench_cpu --write-rom k.rom --scale 20 && boot.py --rom k.rom qemu pcemu bochs
"""
import argparse
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
POLL_SECONDS = 0.002
PATIENCE_SECONDS = 10
EDGE = re.compile(rb"BENCH ([\w-]+) (start|end)\r?\n")

COMMANDS = {
    "pcemu": ("{root}/pcemu -display none -m {megs} -no-reboot -serial file:{serial}",
              " -snapshot {disk}", " -bios {rom}"),
    "qemu": ("qemu-system-x86_64 -machine pc -accel tcg -m {megs} -display none -no-reboot -net none -serial file:{serial}",
             " -drive file={disk},format=raw,if=ide,snapshot=on", " -bios {rom}"),
    "bochs": ("bochs-bin -q -f {dir}/bochsrc -rc {dir}/go", "", ""),
}


def prepare_bochs(args, directory, serial):
    """Bochs writes to its disk and takes no command line: a copy and a configuration."""
    lines, bios = "", args.rom
    if args.disk:
        copy = os.path.join(directory, "disk.img")
        shutil.copyfile(args.disk, copy)
        lines = ("vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest\n"
                 f'ata0-master: type=disk, path="{copy}", mode=flat\nboot: disk\n')
        bios = "/usr/share/bochs/BIOS-bochs-latest"
    with open(os.path.join(HERE, "bochsrc")) as f:
        text = f.read()
    for word, value in {"bios": bios, "megs": args.megs, "serial": serial, "dir": directory, "disk_lines": lines}.items():
        text = text.replace("{" + word + "}", str(value))
    with open(os.path.join(directory, "bochsrc"), "w") as f:
        f.write(text)
    with open(os.path.join(directory, "go"), "w") as f:
        f.write("c\n")


def command_line(name, args, directory, serial):
    if "=" in name:
        command = name.split("=", 1)[1]
    else:
        common, disk, rom = COMMANDS[name]
        command = common + (disk if args.disk else rom)
    if name == "bochs":
        prepare_bochs(args, directory, serial)
    words = {"root": ROOT, "disk": args.disk, "rom": args.rom, "megs": args.megs, "serial": serial, "dir": directory}
    return [re.sub(r"\{(\w+)\}", lambda m: str(words[m.group(1)]), w) for w in shlex.split(command)]


def processor_seconds(pid):
    """User and system time of all threads; proc(5)."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(child, serial, last, limit):
    """Reads the serial port's file until the guest has done the last phase, the emulator ends or the time is up.
    {phase: (seconds, processor seconds)}."""
    began, text, starts, phases = time.monotonic(), b"", {}, {}
    with open(serial, "rb") as out:
        while last not in phases:
            ended = child.poll() is not None
            text += out.read()
            now = time.monotonic() - began, processor_seconds(child.pid)
            seen = 0
            for m in EDGE.finditer(text):
                phase, seen = m.group(1).decode(), m.end()
                if m.group(2) == b"start":
                    starts.setdefault(phase, now)
                else:
                    began_at = starts.get(phase, (0, 0))
                    phases.setdefault(phase, (now[0] - began_at[0], now[1] - began_at[1]))
            text = text[seen:]
            if ended or now[0] > limit:
                break
            time.sleep(POLL_SECONDS)
    return phases


def end(child):
    """Politely first: a profiler has something to write."""
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def run(name, args):
    """One run: what watch() saw."""
    with tempfile.TemporaryDirectory(prefix="boot-") as directory:
        serial = os.path.join(directory, "serial")
        open(serial, "w").close()
        with open(os.path.join(directory, "said"), "w+") as said:
            child = subprocess.Popen(command_line(name, args, directory, serial), stdin=subprocess.DEVNULL,
                                     stdout=said, stderr=subprocess.STDOUT)
            try:
                phases = watch(child, serial, args.until, args.timeout)
            finally:
                end(child)
            if args.until not in phases:
                said.seek(0)
                text = said.read()[-500:]
                print(f"  {name} did not finish in {args.timeout:.0f} s; it said: {text}", file=sys.stderr)
    return phases


def branch_cost(args):
    if not args.bench_cpu:
        return ""
    return "; an indirect branch costs " + subprocess.run([args.bench_cpu, "--probe"], capture_output=True,
                                                          text=True, check=True).stdout.strip() + " ns"


def table(title, names, times, column):
    """times: {name: {phase: [(seconds, processor seconds)]}}."""
    print(f"{title:16}" + "".join(f"{n:>11}" for n in names) + "".join(f"{n + '/' + names[0]:>14}" for n in names[1:]))
    for phase in times[names[0]]:
        medians = [statistics.median(t[column] for t in times[n][phase]) if phase in times[n] else None for n in names]
        row = f"{phase:16}" + "".join(f"{m:10.3f}s" if m is not None else f"{'-':>11}" for m in medians)
        for m in medians[1:]:
            row += f"{m / medians[0]:13.2f}x" if m is not None and medians[0] else f"{'-':>14}"
        print(row)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--disk")
    parser.add_argument("--rom")
    parser.add_argument("--bench-cpu", metavar="PROGRAM", help="bench_cpu, for the price of an indirect branch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megs", type=int, default=1024, help="the guest's memory in MiB (1024)")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one run (900)")
    parser.add_argument("--until", metavar="PHASE", default="all", help="end a run after that phase")
    parser.add_argument("names", nargs="+", metavar="NAME")
    args = parser.parse_args()
    if bool(args.disk) == bool(args.rom):
        parser.error("either --disk or --rom")
    names = [n.split("=", 1)[0] for n in args.names]
    if bad := [n for n in args.names if "=" not in n and n not in COMMANDS]:
        parser.error(f"no such emulator: {bad[0]}")
    times = {n: {} for n in names}
    for turn in range(args.rounds):
        for name, short in zip(args.names, names):
            cost = branch_cost(args)
            phases = run(name, args)
            print(f"round {turn + 1} {short}: load {os.getloadavg()[0]:.1f}{cost}; "
                  + " ".join(f"{p} {t[0]:.2f}" for p, t in phases.items()), file=sys.stderr, flush=True)
            for phase, t in phases.items():
                times[short].setdefault(phase, []).append(t)
    table("elapsed", names, times, 0)
    table("processor time", names, times, 1)


if __name__ == "__main__":
    main()
