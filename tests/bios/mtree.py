#!/usr/bin/env python3
"""The map after the firmware's POST, against info-mtree.txt, the transcript of `info mtree` that the board is built after:
each address space's and each region's lines, byte for byte. The card of that machine had a ROM of 512 KiB. (That monitor
printed an address space by itself even where two are the same; pcemu's, as QEMU 7.2's, puts their names together.)"""
import difflib
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from monitor_client import Checks, pcemu, sector  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
HALTED = r"EIP=00007c10[^\n]*HLT=1"
ROM_SIZE = 512 << 10


def sections(text):
    """{title: lines} of `info mtree`, in order."""
    found = {}
    for block in text.replace("\r", "").strip("\n").split("\n\n"):
        lines = block.split("\n")
        names = [line for line in lines if not line.startswith(" ")]
        body = [line for line in lines if line.startswith(" ")]
        found.update({name: body for name in names})
    return found


def flatten(found, order):
    return [line + "\n" for title in order for line in [title, *found.get(title, ["(missing)"]), ""]]


def main():
    check = Checks()
    with open(os.path.join(HERE, "info-mtree.txt"), encoding="ascii") as f:
        wanted = sections(f.read())
    with tempfile.TemporaryDirectory() as directory:
        rom = os.path.join(directory, "card.rom")
        with open("/usr/lib/ipxe/qemu/efi-e1000.rom", "rb") as f, open(rom, "wb") as to:
            to.write(f.read().ljust(ROM_SIZE, b"\0"))
        options = ["-bios", os.environ["BIOS"], "-m", "1024", "-nic", "none", "-device", f"e1000,romfile={rom}"]
        with pcemu(directory, *options, *sector("stuck")) as monitor:
            monitor.until("info registers", HALTED)
            ours = sections(monitor.command("info mtree"))
    order = list(wanted) + [title for title in ours if title not in wanted]
    difference = "".join(difflib.unified_diff(flatten(wanted, order), flatten(ours, order), "wanted", "is"))
    check("the map after POST is the transcript's", not difference, difference)
    return check.failed != 0


sys.exit(main())
