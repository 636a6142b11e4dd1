#!/usr/bin/env python3
"""compare.py IMAGE VGABIOS [pcemu|qemu|debian|bochs...]: the test image (image.h) with our VGA BIOS in pcemu, where every
check must pass; in QEMU and in Bochs, where it must say the same but for what those adapters lack; and with Debian's VGA
BIOS in pcemu, whose differences are explained below. PCEMU is the emulator. What is not installed is left out; exit
status 77: nothing to compare with is there."""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

DEBIAN = "/usr/share/seabios/vgabios-stdvga.bin"
OPTIONS_AT = 508  # of the boot sector
NO_DIRECT_COLOR = 1
SECTOR = 512
CYLINDERS, HEADS, TRACK = 2, 16, 63
PATIENCE = 300
END = "END"

# Lines, by their names, in which an adapter or a BIOS differs, and why.
EXPLAINED = {
    "qemu": {
        r"use 102 (drawn|scrolled|scrolled down|kept)": "the plane mask of DISPI's 4-bit modes stays 0",
        r"FAIL 0?[0d8]+: a (dot|character) is read": "the same",
    },
    "debian": {
        r"mode ... gfx": "colour don't care is 0f in text modes, where nothing reads it",
        r"mode ... bda 449": "465 and 466, a CGA's registers, are left 0",
        r"mode ... bda 484": "48A is the code of the combination, not its index",
        r"mode ... read( upper)?": "AH is a colour in graphics modes, too",
        r"mode 011 (crtc|attr)": "mode 11 is mode 12 with another palette",
        r"mode 00f (misc|attr)": "mode 0F has its CRTC at 3D4",
        r"mode 007 (crtc|attr)": "the attribute flip-flop is reset at 3DA alone; the CRTC's ports are told wrong until a mode is set",
        r"cursor 607 shape": "an underline moves by one line when it is set again",
        r"0b0[01] ... palette": "the border does not follow the background",
        r"font 000 page size": "is rounded up",
        r"info 000 (state|static)": "as 465, 466; modes 08 to 0F are told by other bits",
        r"vbe ... attributes": "no mode has text; those of the VGA are told as incompatible",
        r"vbe ... pages": "of the banked window, at least one more",
        r"vbe 013 frame buffer": "mode 13 is told to have one",
        r"vbe ... window": "another address of the window function, and one for the VGA's modes",
        r"use 192 .*|use 112 .*": "no window in linear modes",
        r"use 107 (scrolled down|kept)": "the window's bank stays the first",
        r"use 102 (lines|kept)": "counts memory otherwise, and clears it",
        r"FAIL 1230: .*|FAIL 1231: .*|FAIL 1236: dark": "not there",
        r"FAIL 1b: modes.*": "0D to 13 are left out",
        r"FAIL 1c00: a size": "in bytes of its own",
        r"FAIL 4f05: .*": "no window in linear modes",
        r"FAIL 4f06: the most": "another meaning",
        r"FAIL 4f09: .*|FAIL 4f0a: .*": "not there",
        r"FAIL 4f10: the screen is dark": "the state is kept alone",
    },
    "bochs": {
        r"vbe ... .*": "other memory, and only modes that the display shows",
        r"use ... .*": "the same",
        r"FAIL 4f00: version 3, 16 MiB": "other memory",
        r"FAIL 00: mode 6a is VESA's": "the display is not so wide",
        r"FAIL 4f15: .*": "no EDID is to be had",
        r"vbe 000 edid": "the same",
    },
}

BOCHSRC = """config_interface: textconfig
display_library: rfb, options="timeout=0"
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file={rom}
vga: extension=vbe
megs: 32
cpu: ips=50000000
clock: sync=none
sound: driver=dummy
plugin_ctrl: speaker=0, gameport=0
ata0-master: type=disk, path={disk}, mode=flat, cylinders={cylinders}, heads={heads}, spt={track}
boot: disk
com1: enabled=1, mode=file, dev={serial}
log: {directory}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
"""


def lines_of(text):
    """Checks by name with their verdicts, values by name."""
    verdicts, values = {}, {}
    for line in text.replace("\r", "").split("\n"):
        if line[:5] in ("PASS ", "FAIL "):
            verdicts[line[5:]] = verdicts.get(line[5:], True) and line.startswith("PASS")
        elif ": " in line:
            name, value = line.split(": ", 1)
            values[name] = value
    return verdicts, values


class Comparison:
    def __init__(self, image, rom, directory):
        self.rom, self.directory, self.failures = os.path.abspath(rom), directory, 0
        with open(image, "rb") as f:
            self.image = bytearray(f.read())

    def check(self, name, true, detail=""):
        print(f"ok: {name}" if true else f"FAILED: {name}{chr(10)}{detail}", flush=True)
        self.failures += not true

    def disk(self, name, options=0):
        path = os.path.join(self.directory, name + ".img")
        struct.pack_into("<H", self.image, OPTIONS_AT, options)
        with open(path, "wb") as f:
            f.write(self.image)
            f.truncate(CYLINDERS * HEADS * TRACK * SECTOR)
        return path

    def said(self, name):
        path = os.path.join(self.directory, name + ".serial")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="ascii", errors="replace", newline="") as f:
            return f.read()

    def wait(self, name, command):
        """Until the image has said all, or the emulator has ended."""
        with open(os.path.join(self.directory, name + ".said"), "w", encoding="utf-8") as out:
            machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        end = time.monotonic() + PATIENCE
        while machine.poll() is None and END + "\r" not in self.said(name) and time.monotonic() < end:
            time.sleep(0.2)
        machine.kill()
        machine.wait()
        text = self.said(name)
        self.check(f"{name}: says all", END + "\r" in text, text[-500:])
        return lines_of(text)

    def run(self, name, command, rom):
        return self.wait(name, [*command, "-vga", "std", "-global", f"VGA.romfile={rom}", "-display", "none", "-nic",
                                "none", "-drive", f"file={self.disk(name)},format=raw,snapshot=on", "-serial",
                                f"file:{os.path.join(self.directory, name)}.serial", "-device", "isa-debug-exit"])

    def pcemu(self):
        return self.run("pcemu", [os.environ["PCEMU"]], self.rom)

    def qemu(self):
        return self.run("qemu", ["qemu-system-x86_64"], self.rom)

    def debian(self):
        return self.run("debian", [os.environ["PCEMU"]], DEBIAN)

    def bochs(self):
        config, commands = (os.path.join(self.directory, f) for f in ("bochsrc", "go"))
        with open(config, "w", encoding="ascii") as f:
            f.write(BOCHSRC.format(rom=self.rom, disk=self.disk("bochs", NO_DIRECT_COLOR), cylinders=CYLINDERS,
                                   heads=HEADS, track=TRACK, serial=os.path.join(self.directory, "bochs.serial"),
                                   directory=self.directory))
        with open(commands, "w", encoding="ascii") as f:
            f.write("c\n")
        return self.wait("bochs", ["bochs", "-q", "-f", config, "-rc", commands])

    def explained(self, name, line):
        return any(re.fullmatch(pattern, line) for pattern in EXPLAINED[name])

    def compare(self, name, ours, theirs):
        failed = [c for c, passed in theirs[0].items() if not passed and not self.explained(name, "FAIL " + c)]
        self.check(f"{name}: the checks pass", not failed, "\n".join(failed))
        differ = [f"{n}: {v}, {name}: {theirs[1].get(n)}" for n, v in ours[1].items()
                  if theirs[1].get(n) != v and not self.explained(name, n)]
        self.check(f"{name}: {len(ours[1])} lines are the same", not differ, "\n".join(differ[:40]))


def main():
    image, rom, *chosen = sys.argv[1:]
    there = {"qemu": shutil.which("qemu-system-x86_64"), "debian": os.path.exists(DEBIAN), "bochs": shutil.which("bochs")}
    with tempfile.TemporaryDirectory(prefix="pcemu-test-") as directory:
        comparison = Comparison(image, rom, directory)
        ours = comparison.pcemu()
        failed = [c for c, passed in ours[0].items() if not passed]
        comparison.check(f"pcemu: all {len(ours[0])} checks pass", not failed and len(ours[0]) > 100, "\n".join(failed))
        for name in (n for n in ("qemu", "debian", "bochs") if there[n] and (not chosen or n in chosen)):
            comparison.compare(name, ours, getattr(comparison, name)())
    return 1 if comparison.failures else 0 if any(there.values()) else 77


if __name__ == "__main__":
    sys.exit(main())
