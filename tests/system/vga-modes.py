#!/usr/bin/env python3
"""vga-modes.py [MODE...]: every video mode of the VGA BIOS, drawn by a boot sector, in pcemu and in QEMU: the pictures are
equal but for what docs/differences.md says of QEMU's adapter. PCEMU is the emulator, SECTORS the directory of assembled
boot sectors, VGABIOS the VGA BIOS of both. Exit status 77: something needed is missing."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

QEMU = "qemu-system-x86_64"
PATIENCE = 90
WORKERS = 3
VGA = [*range(0x00, 0x08), *range(0x0D, 0x14)]
VBE = [*range(0x100, 0x108), *range(0x10D, 0x120), *range(0x140, 0x148), 0x18D, 0x18E, 0x190]
FORTY_COLUMNS = (0, 1)  # QEMU's are eight dots wide
PLANAR_VBE = (0x102, 0x104, 0x106)  # QEMU's can't be drawn in through the window
SHADES = bytes(v >> 3 for v in range(256))  # QEMU leaves low bits of narrow colours 0


def run(command, disk, directory, name):
    """Boots the disk, waits for its sign and returns the picture: width, height, bytes."""
    sign, shot = (os.path.join(directory, f"{name}.{end}") for end in ("sign", "ppm"))
    machine = subprocess.Popen([*command, "-global", f"VGA.romfile={os.environ['VGABIOS']}", "-display", "none",
                                "-monitor", "stdio", "-nic", "none", "-drive", f"file={disk},format=raw,snapshot=on",
                                "-debugcon", f"file:{sign}"],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not (os.path.exists(sign) and os.path.getsize(sign)):
        time.sleep(0.1)
    time.sleep(0.3)  # a frame or two
    try:
        machine.communicate(f"screendump {shot}\nquit\n".encode(), timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        machine.kill()
        machine.wait()
    with open(shot, "rb") as f:
        data = f.read()
    width, height = (int(n) for n in data.split(b"\n", 3)[1].split())
    return width, height, data[-3 * width * height:]


def compare(mode, directory):
    """What is wrong with the mode, or nothing."""
    with open(os.path.join(os.environ["SECTORS"], "mode.img"), "rb") as f:
        sector = bytearray(f.read())
    struct.pack_into("<H", sector, 508, mode)
    disk = os.path.join(directory, f"{mode:x}.img")
    with open(disk, "wb") as f:
        f.write(sector)
    ours = run([os.environ["PCEMU"], "-clock", "host"], disk, directory, f"{mode:x}-pcemu")
    theirs = run([QEMU, "-vga", "std"], disk, directory, f"{mode:x}-qemu")
    if mode in FORTY_COLUMNS:
        return "" if (ours[:2], theirs[:2]) == ((720, 400), (640, 400)) else f"{ours[:2]}, {theirs[:2]}"
    if ours[:2] != theirs[:2]:
        return f"pcemu shows {ours[:2]}, QEMU {theirs[:2]}"
    if not any(ours[2]):
        return "nothing is drawn"
    if mode in PLANAR_VBE:
        return "QEMU draws: compare" if any(theirs[2]) else ""
    a, b = ours[2].translate(SHADES), theirs[2].translate(SHADES)
    if a == b:
        return ""
    first = next(i for i in range(len(a)) if a[i] != b[i]) // 3
    return f"differs from ({first % ours[0]}, {first // ours[0]}) on"


def main():
    if not shutil.which(QEMU):
        print(f"{QEMU} is missing")
        return 77
    modes = [int(m, 16) for m in sys.argv[1:]] or VGA + VBE
    failures = 0
    with tempfile.TemporaryDirectory(prefix="pcemu-test-") as directory, ThreadPoolExecutor(WORKERS) as pool:
        for mode, wrong in zip(modes, pool.map(lambda m: compare(m, directory), modes)):
            print(f"FAILED: mode {mode:x}: {wrong}" if wrong else f"ok: mode {mode:x}", flush=True)
            failures += bool(wrong)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
