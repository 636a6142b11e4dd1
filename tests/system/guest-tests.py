#!/usr/bin/env python3
"""guest-tests.py IMAGE [EMULATOR...]: the bundled guest's test plan, run by pcemu (twice, and as the embedded disk), by
QEMU and by Bochs where they are installed. Each check of the plan must pass or say why it is left out; how many are left
out is bounded, so that none gets lost."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PLAN = 640  # no fewer checks than that
ENTRY_BYTE = 0x1B7  # of the boot sector; 't' runs the tests
PASSED = 0x10 << 1 | 1  # isa-debug-exit's status
SKIPPED = {"pcemu": 0, "qemu": 60, "bochs": 30}  # no more than that are left out
EXIT_PORT = ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/guest.md")
ROWS = 70  # of its tables
PATIENCE = 120

FLOPPY_SECTORS, FLOPPY_MARK = 2880, 0x464C4F50  # what the guest expects in drive A

BOCHSRC = """config_interface: textconfig
display_library: rfb, options="timeout=0"
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
megs: 128
cpu: model=corei7_haswell_4770, count=1, ips=100000000, reset_on_triple_fault=1
clock: sync=none
port_e9_hack: enabled=1
com1: enabled=1, mode=file, dev={serial}
sound: driver=dummy
plugin_ctrl: speaker=0, gameport=0
log: {directory}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
ata0-master: type=disk, path={disk}, mode=flat, cylinders={cylinders}, heads=16, spt=63
floppya: 1_44={floppy}, status=inserted
boot: disk
"""


class Plan:
    """What a run printed."""

    def __init__(self, text):
        self.text = text.replace("\r", "")
        self.lines = re.findall(r"^(not ok|ok) (\d+) - (.*)$", self.text, re.MULTILINE)
        self.failed = [name for verdict, _, name in self.lines if verdict == "not ok"]
        self.skipped = [name for _, _, name in self.lines if "# SKIP" in name]
        plan = re.search(r"^1\.\.(\d+)$", self.text, re.MULTILINE)
        self.count = int(plan.group(1)) if plan else 0

    def numbered(self):
        return [int(n) for _, n, _ in self.lines] == list(range(1, self.count + 1))


class Runs:
    def __init__(self, image, directory):
        self.directory, self.failures = directory, 0
        self.disk = os.path.join(directory, "disk.img")
        shutil.copy(image, self.disk)
        os.chmod(self.disk, 0o644)
        self.floppy = os.path.join(directory, "floppy.img")
        with open(self.floppy, "wb") as f:
            for i in range(FLOPPY_SECTORS):
                f.write((FLOPPY_MARK ^ i).to_bytes(4, "little") * 128)
        with open(self.disk, "r+b") as f:
            f.seek(ENTRY_BYTE)
            f.write(b"t")

    def check(self, name, passed, say=""):
        print(f"{'ok' if passed else 'FAILED'}: {name}{'' if passed else chr(10) + say}", flush=True)
        self.failures += not passed

    def judge(self, name, text):
        plan = Plan(text)
        self.check(f"{name}: the whole plan, in order", plan.count >= PLAN and plan.numbered(), text[-2000:])
        self.check(f"{name}: all pass", not plan.failed, "\n".join(plan.failed))
        self.check(f"{name}: {len(plan.skipped)} of {plan.count} are left out", len(plan.skipped) <= SKIPPED[name],
                   "\n".join(plan.skipped))
        return plan

    def run(self, command, serial, **how):
        with open(os.path.join(self.directory, "said"), "w", encoding="utf-8") as said:
            done = subprocess.run(command, stdout=said, stderr=said, timeout=PATIENCE, check=False, **how)
        with open(serial, encoding="ascii", errors="replace", newline="") as f:
            return done.returncode, f.read()

    def pcemu(self):
        serial, debug = os.path.join(self.directory, "serial"), os.path.join(self.directory, "debug")
        command = [os.environ["PCEMU"], "-display", "none", "-smp", "4", *EXIT_PORT]
        status, text = self.run([*command, "-serial", "file:" + serial, "-debugcon", "file:" + debug, "-snapshot", self.disk,
                                 "-fda", self.floppy, "-boot", "c"], serial, stdin=subprocess.DEVNULL)
        self.check("pcemu: the exit status is the verdict's", status == PASSED, str(status))
        plan = self.judge("pcemu", text)
        with open(debug, encoding="ascii", errors="replace") as f:
            self.check("the debug console has the same lines", Plan(f.read()).lines == plan.lines)
        key = os.path.join(self.directory, "key")  # a file: a pipe may be filled too late
        with open(key, "wb") as f:
            f.write(b"t")
        with open(key, "rb") as f:
            done = subprocess.run([*command, "-serial", "stdio"], stdin=f, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        other = Plan(done.stdout.decode("ascii", "replace"))
        self.check("a T on the serial port starts those of the embedded disk from the menu",
                   done.returncode == PASSED and other.count >= PLAN - 10 and not other.failed, str(done.returncode))

        self.covers(plan)

    def covers(self, plan):
        """The tables of docs/guest.md name checks that there are."""
        with open(DOCUMENT, encoding="utf-8") as f:
            tables = f.read().split("## What covers what")[1].split("\n## ")[0]
        rows = [line for line in tables.split("\n") if line.startswith("|") and "`" in line]
        named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
        missing = named - {name for _, _, name in plan.lines}
        self.check(f"docs/guest.md: {len(rows)} rows, {len(named)} checks, all in the plan",
                   len(rows) >= ROWS and not missing, "\n".join(missing))

    def qemu(self):
        serial = os.path.join(self.directory, "serial-qemu")
        status, text = self.run(["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-display", "none", "-serial",
                                 "file:" + serial, "-drive", f"file={self.disk},format=raw,snapshot=on", "-drive",
                                 f"if=floppy,file={self.floppy},format=raw,snapshot=on", "-boot", "c", *EXIT_PORT],
                                serial, stdin=subprocess.DEVNULL)
        self.check("qemu: the exit status is the verdict's", status == PASSED, str(status))
        self.judge("qemu", text)

    def bochs(self):
        serial = os.path.join(self.directory, "serial-bochs")
        config, commands = os.path.join(self.directory, "bochsrc"), os.path.join(self.directory, "go")
        cylinders = os.path.getsize(self.disk) // (16 * 63 * 512)
        with open(config, "w", encoding="ascii") as f:
            f.write(BOCHSRC.format(serial=serial, directory=self.directory, disk=self.disk, floppy=self.floppy, cylinders=cylinders))
        with open(commands, "w", encoding="ascii") as f:
            f.write(8 * "c\n")  # it stops at each reset
        _, text = self.run(["bochs", "-q", "-f", config, "-rc", commands], serial, stdin=subprocess.DEVNULL)
        self.judge("bochs", text)


def main():
    with tempfile.TemporaryDirectory(prefix="pcemu-guest-") as directory:
        runs = Runs(sys.argv[1], directory)
        for name in sys.argv[2:] or ["pcemu", "qemu", "bochs"]:
            program = {"qemu": "qemu-system-x86_64", "bochs": "bochs"}.get(name)
            if program and not shutil.which(program):
                print(f"{program} is not installed")
                continue
            getattr(runs, name)()
        return runs.failures != 0


sys.exit(main())
