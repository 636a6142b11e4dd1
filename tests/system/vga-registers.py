#!/usr/bin/env python3
"""vga-registers.py [CASE...]: what programs do with the VGA's registers beyond the BIOS's modes: unchained 256 colours,
split screens, doubled lines, other starts and pitches, odd/even and chained memory, plane and colour selects. A boot
sector programs the adapter; the picture is QEMU's. Where QEMU 7.2 looks away (panning), it is the picture without panning, moved,
as the data sheet says. What QEMU does otherwise (docs/differences.md) is left to tests/devices/test_vga_draw.c. PCEMU is the emulator, SECTORS the directory of assembled boot sectors, VGABIOS the
VGA BIOS of both. Exit status 77: QEMU is missing."""
import importlib.util
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
LIST_AT, LIST_ROOM, MODE_AT = 256, 250, 509

spec = importlib.util.spec_from_file_location("vga_modes", os.path.join(HERE, "vga-modes.py"))
vga_modes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vga_modes)


def regs(text):
    """'C13=28 S04=06': registers by the letter of their chip, index, value."""
    return b"".join(bytes([ord(r[0]), int(r[1:3], 16), int(r[4:], 16)]) for r in text.split())


def draw(*masks):
    return b"".join(bytes([ord("D"), mask, 37 * mask & 0xFF]) for mask in masks)


PLANES = draw(1, 2, 4, 8)
NO_CURSOR = regs("C0a=20")
UNCHAINED = regs("S04=06 C14=00 C17=e3") + PLANES
UNPROTECTED = regs("C11=0e")
LINES_480 = regs("C11=00 C06=0d C07=3e C10=ea C11=8c C12=df C15=e7 C16=06 M00=e3")
COLORS = bytes([ord("P"), 5, 0])
WORDS = bytes([ord("W"), 3, 9])
TEXT = NO_CURSOR + bytes([ord("T"), 3, 0])

# Name: mode, list. The picture is QEMU's.
LIKE_QEMU = {
    "mode X, 320x200": (0x13, UNCHAINED),
    "mode X, 320x240": (0x13, UNCHAINED + LINES_480),
    "mode X, 320x400": (0x13, UNCHAINED + regs("C09=40")),
    "mode X, second page": (0x13, UNCHAINED + regs("C0c=40 C0d=13")),
    "mode X, long lines": (0x13, UNCHAINED + regs("C13=40")),
    "chained, other start": (0x13, draw(15) + regs("C0c=01 C0d=23")),
    "chained, lines four times": (0x13, draw(15) + regs("C09=43")),
    "chained, plane mask": (0x13, draw(15, 5)),
    "split in 256 colours": (0x13, draw(15) + regs("C0c=03 C0d=20 C11=0e C07=1f C09=01 C18=7f")),
    "split in mode X": (0x13, UNCHAINED + regs("C0c=40 C11=0e C07=0f C09=01 C18=91")),
    "split in 16 colours": (0x12, PLANES + regs("C0c=10 C11=0c C07=2e C09=00 C18=c8")),
    "split, lines doubled": (0x0D, PLANES + regs("C0c=04 C11=0e C07=0f C09=80 C18=65")),
    "16 colours, three planes": (0x12, PLANES + regs("A12=0d")),
    "16 colours, pages of 16": (0x12, PLANES + COLORS + regs("A10=81 A14=05")),
    "16 colours, pages of 64": (0x12, PLANES + COLORS + regs("A14=0c")),
    "256 colours": (0x13, draw(15) + COLORS),
    "16 colours, long lines": (0x12, PLANES + regs("C13=40")),
    "set/reset": (0x12, PLANES + regs("G00=05 G01=07 G08=aa") + draw(15)),
    "rotate and exclusive or": (0x12, PLANES + regs("G03=1b") + draw(11)),
    "write mode 2": (0x12, PLANES + regs("G05=02") + draw(15)),
    "write mode 3": (0x12, PLANES + regs("G05=03 G00=09") + draw(15)),
    "a CGA's halves": (0x06, regs("G06=05") + draw(1)),
    "a CGA's halves, split": (0x06, regs("G06=05 C0c=01 C11=0e C07=0f C09=81 C18=83") + draw(1)),
    "four colours by words": (0x04, regs("G06=07") + WORDS),
    "text, fonts A and B": (3, TEXT + regs("S03=04")),
    "text, other start": (3, TEXT + regs("C0c=02 C0d=30")),
    "text, long lines": (3, TEXT + regs("C13=32")),
    "text, cells of 8 dots": (3, TEXT + regs("S01=01")),
    "text, cells of 10 lines": (3, TEXT + regs("C11=0e C09=49")),
}

# Name: mode, list, list with panning, dots that the picture moves to the left.
PANNED = {
    "panning in 16 colours": (0x12, PLANES, regs("A13=03"), 3),
    "panning in 256 colours": (0x13, draw(15), regs("A13=04"), 4),
    "panning in text": (3, TEXT, regs("A13=02"), 3),
    "panning in text of 8 dots": (3, TEXT + regs("S01=01 A13=00"), regs("A13=05"), 5),
    "byte panning": (0x12, PLANES, regs("C08=40"), 16),
    "byte and pel panning": (0x12, PLANES, regs("C08=20 A13=01"), 9),
}


def make_disk(directory, name, mode, what):
    with open(os.path.join(os.environ["SECTORS"], "vgaregs.img"), "rb") as f:
        sector = bytearray(f.read())
    assert len(what) < LIST_ROOM, name
    sector[LIST_AT:LIST_AT + len(what)] = what
    sector[MODE_AT] = mode
    disk = os.path.join(directory, name + ".img")
    with open(disk, "wb") as f:
        f.write(sector)
    return disk


def picture(command, directory, name, mode, what):
    return vga_modes.run(command, make_disk(directory, name, mode, what), directory, name)


def pcemu(directory, name, mode, what):
    return picture([os.environ["PCEMU"], "-clock", "host"], directory, name, mode, what)


def like_qemu(directory, number, name):
    mode, what = LIKE_QEMU[name]
    ours = pcemu(directory, f"{number}-pcemu", mode, what)
    theirs = picture([vga_modes.QEMU, "-vga", "std"], directory, f"{number}-qemu", mode, what)
    if ours[:2] != theirs[:2]:
        return f"pcemu shows {ours[:2]}, QEMU {theirs[:2]}"
    if not any(ours[2]):
        return "nothing is drawn"
    a, b = (p[2].translate(vga_modes.SHADES) for p in (ours, theirs))
    if a == b:
        return ""
    at = next(i for i in range(len(a)) if a[i] != b[i]) // 3
    return f"differs from ({at % ours[0]}, {at // ours[0]}) on"


def panned(directory, number, name):
    mode, what, panning, dots = PANNED[name]
    width, height, still = pcemu(directory, f"{number}-still", mode, what)
    _, _, moved = pcemu(directory, f"{number}-moved", mode, what + panning)
    pitch, left = 3 * width, 3 * dots
    for y in range(height):
        if still[y * pitch + left:(y + 1) * pitch] != moved[y * pitch:(y + 1) * pitch - left]:
            return f"line {y} has not moved by {dots} dots"
    return "" if still != moved else "nothing has moved"


def main():
    if not shutil.which(vga_modes.QEMU):
        print(f"{vga_modes.QEMU} is missing")
        return 77
    names = sys.argv[1:] or [*LIKE_QEMU, *PANNED]
    failures = 0
    with tempfile.TemporaryDirectory(prefix="pcemu-test-") as directory, \
            ThreadPoolExecutor(vga_modes.WORKERS) as pool:
        wrongs = pool.map(lambda job: (like_qemu if job[1] in LIKE_QEMU else panned)(directory, *job), enumerate(names))
        for name, wrong in zip(names, wrongs):
            print(f"FAILED: {name}: {wrong}" if wrong else f"ok: {name}", flush=True)
            failures += bool(wrong)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
