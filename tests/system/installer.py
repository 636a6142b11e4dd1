#!/usr/bin/env python3
"""installer.py ARCHITECTURE KIND: Debian's network installer, its own kernel and initrd on a SYSLINUX disk, comes to its
first menu and takes an answer. ARCHITECTURE: amd64 or i386. KIND: text, where the menu is read from text memory; gtk,
where the kernel drives the frame buffer (bochs-drm), X draws the menu, and its picture is compared with QEMU's where there
is a qemu-system-x86_64. PCEMU is the emulator; SCREENSHOTS, if set, a directory for the pictures. Each takes a processor
one to five minutes. Exit status 77: something needed is missing."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from monitor_client import Checks, Failed, pcemu, qemu

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGES = "/usr/lib/debian-installer/images/12/{0}/{1}/debian-installer/{0}"
PATIENCE = 1500  # seconds of the host until the first menu
TEXT = (0xB8000, 80, 16384)  # text memory: where, columns, cells
ALIKE = 0.99  # of all pixels: a cursor may blink


def make_disk(directory, images, append):
    for name, target in (("linux", "vmlinuz"), ("initrd.gz", "initrd.gz")):
        shutil.copy(os.path.join(images, name), os.path.join(directory, target))
    tools = os.environ | {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run(["bash", "-ec", '. "$0"; make_disk disk.img 0 "$1" 192', os.path.join(HERE, "syslinux-disk.sh"), append],
                   cwd=directory, env=tools, check=True)
    return os.path.join(directory, "disk.img")


def options(disk):
    return ["-m", "1024", "-nic", "none", "-drive", f"file={disk},format=raw,snapshot=on"]


def screen(monitor):
    """Text memory's lines, those on the screen and those that were or will be."""
    start, columns, cells = TEXT
    dump = monitor.command(f"xp /{cells}hx {start:#x}")
    text = "".join(chr(c & 0xFF) if 32 <= c & 0xFF < 127 else " "
                   for c in (int(word, 16) for word in re.findall(r"0x([0-9a-f]{4})\b", dump)))
    return "\n".join(text[i : i + columns].rstrip() for i in range(0, len(text), columns))


def until(what, look, patience):
    """The first value of look() that is true."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = look()
        if value:
            return value
        time.sleep(2)
    raise Failed(f"{what}: not within {patience} s")


def text_menu(check, disk, directory):
    with pcemu(directory, "-clock", "host", *options(disk)) as monitor:
        menu = until("the first menu", lambda: (s := screen(monitor)) and "Select a language" in s and s, PATIENCE)
        check("the first menu asks for the language", "Choose the language to be used for the installation process" in menu)
        check("and offers languages", all(word in menu for word in ("English", "Deutsch", "Go Back")), menu)
        shot(monitor, directory, "text")
        monitor.command("sendkey ret")
        check("an answer leads to the next question", until(
            "the second menu", lambda: "Select your location" in screen(monitor), PATIENCE / 3))


def picture(monitor, path):
    """Width, height and pixels of the screen."""
    monitor.command(f"screendump {path}")
    with open(path, "rb") as f:
        data = f.read()
    match = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    return (int(match[1]), int(match[2]), data[match.end() :]) if match else (0, 0, b"")


def shot(monitor, directory, name):
    if os.environ.get("SCREENSHOTS"):
        monitor.command(f"screendump {os.environ['SCREENSHOTS']}/installer-{name}-{os.path.basename(directory)}.png")


def written(size):
    """Is there a menu: below the banner most is light, and some, the letters, is dark?"""
    width, height, pixels = size
    body = pixels[3 * width * (height // 6) : 3 * width * (height * 5 // 6)]
    dark = sum(body[i] < 0x60 for i in range(0, len(body), 3))
    return 0.003 < dark / (len(body) / 3) < 0.3


def settled(monitor, path):
    """A large picture of a menu that stays so."""
    first = picture(monitor, path)
    if first[0] < 640 or not written(first):
        return None
    time.sleep(20)
    return first if alike(first, picture(monitor, path)) > ALIKE else None


def alike(a, b):
    """The part of the pixels that are equal."""
    if a[:2] != b[:2] or len(a[2]) != len(b[2]):
        return 0
    pixels = len(a[2]) // 3
    return sum(a[2][i : i + 3] == b[2][i : i + 3] for i in range(0, 3 * pixels, 3)) / pixels


def graphical_menu(check, disk, directory):
    with pcemu(directory, "-clock", "host", *options(disk)) as monitor:
        ours = until("the graphical menu", lambda: settled(monitor, os.path.join(directory, "p.ppm")), PATIENCE)
        shot(monitor, directory, "gtk")
        check("a menu is drawn in the frame buffer", True)
        print(f"{ours[0]}x{ours[1]}")
        monitor.command("sendkey down")  # the language after English
        time.sleep(20)
        part = alike(ours, picture(monitor, os.path.join(directory, "p2.ppm")))
        check("the menu follows the keyboard", 0.9 < part < 0.9999, part)
    if not shutil.which("qemu-system-x86_64"):
        return
    with qemu(directory, *options(disk)) as monitor:
        theirs = until("QEMU's menu", lambda: settled(monitor, os.path.join(directory, "q.ppm")), PATIENCE)
    check("QEMU's picture is the same", alike(ours, theirs) > ALIKE, f"{alike(ours, theirs)} {ours[:2]} {theirs[:2]}")


def main():
    architecture, kind = sys.argv[1:3]
    images = IMAGES.format(architecture, kind)
    for needed in (images, shutil.which("mcopy") or "mcopy", shutil.which("syslinux") or "syslinux"):
        if not os.path.exists(needed):
            print(f"{needed} is missing")
            return 77
    check = Checks()
    with tempfile.TemporaryDirectory(prefix=f"pcemu-installer-{architecture}-") as directory:
        try:
            if kind == "text":
                disk = make_disk(directory, images, "vga=normal nomodeset fb=false consoleblank=0")
                text_menu(check, disk, directory)
            else:
                disk = make_disk(directory, images, "vga=788 consoleblank=0 quiet")
                graphical_menu(check, disk, directory)
        except Failed as e:
            check(str(e), False)
    return 1 if check.failed else 0


sys.exit(main())
