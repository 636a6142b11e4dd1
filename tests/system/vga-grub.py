#!/usr/bin/env python3
"""vga-grub.py: GRUB's menu in a VESA mode of 1024 x 768 dots, in pcemu and in QEMU: the pictures become the same. PCEMU is
the emulator, VGABIOS the VGA BIOS of both. Exit status 77: GRUB or QEMU is missing."""
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

QEMU = "qemu-system-x86_64"
MODULES = "/usr/lib/grub/i386-pc"
FONT = "/usr/share/grub/ascii.pf2"
SIZE = b"1024 768"
PATIENCE = 90
MENU = """set timeout=-1
loadfont (memdisk)/font.pf2
set gfxmode=1024x768x32
terminal_output gfxterm
menuentry 'one' { halt }
menuentry 'two' { halt }
"""
NEEDED = "memdisk tar vbe gfxterm font normal video video_fb biosdisk halt configfile".split()


def make_disk(directory):
    archive, core, disk = (os.path.join(directory, name) for name in ("mem.tar", "core.img", "disk.img"))
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        tar.add(FONT, "font.pf2")
        entry = tarfile.TarInfo("grub.cfg")
        entry.size = len(MENU)
        tar.addfile(entry, io.BytesIO(MENU.encode()))
    subprocess.run(["grub-mkimage", "-O", "i386-pc", "-o", core, "-m", archive, "-p", "(memdisk)/", *NEEDED], check=True)
    with open(disk, "wb") as out:
        for part in (os.path.join(MODULES, "boot.img"), core):
            with open(part, "rb") as f:
                shutil.copyfileobj(f, out)
        out.truncate(8 << 20)
    return disk


class Machine:
    def __init__(self, command, disk, shot):
        self.shot = shot
        self.process = subprocess.Popen(
            [*command, "-global", f"VGA.romfile={os.environ['VGABIOS']}", "-display", "none", "-monitor", "stdio", "-nic",
             "none", "-drive", f"file={disk},format=raw,snapshot=on"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def picture(self):
        self.process.stdin.write(f"screendump {self.shot}\n".encode())
        self.process.stdin.flush()
        time.sleep(0.5)
        if not os.path.exists(self.shot):
            return b""
        with open(self.shot, "rb") as f:
            data = f.read()
        return data.split(b"\n", 3)[3] if SIZE in data[:20] else b""

    def end(self):
        self.process.kill()
        self.process.wait()


def main():
    if not all((shutil.which(QEMU), shutil.which("grub-mkimage"), os.path.isdir(MODULES), os.path.exists(FONT))):
        print("QEMU or GRUB is missing")
        return 77
    with tempfile.TemporaryDirectory(prefix="pcemu-test-") as directory:
        disk = make_disk(directory)
        machines = [Machine(command, disk, os.path.join(directory, f"{i}.ppm")) for i, command in
                    enumerate(([os.environ["PCEMU"], "-clock", "host"], [QEMU, "-vga", "std"]))]
        end, same, lit = time.monotonic() + PATIENCE, False, 0
        while time.monotonic() < end and not same:
            ours, theirs = (m.picture() for m in machines)
            lit = len(ours) - ours.count(0)
            same = ours == theirs and lit > 10000  # the selected line alone is more
        for m in machines:
            m.end()
    print("ok: the menu is QEMU's" if same else f"FAILED: the menus differ, {lit} bytes are lit")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
