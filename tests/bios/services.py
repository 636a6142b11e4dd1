#!/usr/bin/env python3
"""Boots the disk that calls every service of the firmware, and the option ROM that calls what is there for option ROMs:
all lines must say PASS, the last one's proof being that the machine is off. By itself: our firmware here, from disk and
diskette, with 1 MiB and with several processors. `services.py qemu`: our firmware, and SeaBIOS, on QEMU."""
import os
import shutil
import subprocess
import sys
import tempfile

PCEMU, IMAGES, BIOS = os.environ["PCEMU"], os.environ["IMAGES"], os.environ["BIOS"]
DISK, FLOPPY, ROM = (os.path.join(IMAGES, name) for name in ("services.img", "services-floppy.img", "test.rom"))

# What SeaBIOS 1.16.2 does otherwise, and why it may.
SEABIOS_DIFFERS = {
    "int 13h/45h: nothing to lock": "it grants locks of drives that have none; EDD 3.0 wants B2h",
    "int 13h/02h of a diskette across 64 KiB": "it says 09h, as the AT did",
    "int 13h/17h: 1.44 MB in a drive for that": "it has no 17h",
    "int 13h/18h gives a table of parameters": "it has no 18h",
    "real-mode PnP entry: an unknown function": "it answers 0 to every function",
    "int 15h/90h": "it has no default for the operating system's hooks",
    "int 09h: Alt and 65": "it has no entry of characters by the keypad",
    "int 17h/02h": "it shows the port's time-out bit as it stands",
    "int 1Ah/B109h: a register that is none": "it reads the word across the register's end",
}
NEEDS_RAM = ("an option ROM's segments are big", "PMM: high memory", "PMM: permanent memory")


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    return done.stdout.decode("latin1"), done.returncode


def judge(title, text, status, needs=(), excused=()):
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    passed = {line[5:] for line in lines if line.startswith("PASS ")}
    failed = [line[5:] for line in lines if line.startswith("FAIL ") and line[5:] not in excused]
    missing = [name for name in needs if name not in passed and name not in excused]
    ended = any(line.startswith("END") for line in lines)
    ok = not failed and not missing and ended and status == 0 and len(passed) > 100
    print(f"{'ok' if ok else 'FAILED'}: {title}: {len(passed)} passed")
    if not ok:
        print(f"  failed: {failed}\n  missing: {missing}\n  ended: {ended}, status {status}\n" + text[-2000:])
    return ok


def emulator(*options):
    return [PCEMU, "-display", "none", "-serial", "stdio", "-snapshot", "-timeout", "100", *options]


def qemu(*options):
    return ["qemu-system-x86_64", "-machine", "pc", "-display", "none", "-serial", "stdio", "-snapshot", *options]


def here():
    bios = ["-bios", BIOS]
    rom = ["-nic", "none", "-device", f"e1000,romfile={ROM}"]
    with tempfile.TemporaryDirectory() as directory:
        cd = os.path.join(directory, "cd.iso")
        with open(cd, "wb") as f:
            f.write(bytes(16 * 2048) + b"\x01CD001\x01".ljust(2048, b"\0") + bytes(64 * 2048))
        text, status = run(emulator(*bios, *rom, "-m", "256", "-hda", DISK, "-fda", FLOPPY, "-cdrom", cd, "-boot", "nc"))
    all_lines = {line[5:].strip() for line in text.split("\n") if line.startswith("PASS ")}
    ok = judge("disk, diskette, CD and option ROM", text, status,
               ("a boot entry vector is called", "int 13h/42h of a CD", "int 13h/02h of a diskette", "PMM: freed"))
    text, status = run(emulator(*bios, "-fda", FLOPPY, "-smp", "2"))
    ok &= judge("from the diskette, two processors", text, status, ("int 13h/02h of a far track",))
    small = all_lines - set(NEEDS_RAM) - {line for line in all_lines if "CD" in line or "diskette" in line}
    small -= {"the permanent high zone is reserved", "int 15h/87h moves to 2 MiB and back", "ACPI root pointer",
              "int 13h/02h of a far track", "int 0Eh turned the motor's count on", "int 13h/45h locks against 46h",
              "int 13h/45h unlocks", "a boot entry vector is called", "int 13h/4B01h: nothing is emulated",
              "int 13h/17h: 1.44 MB in a drive for that", "int 13h/18h gives a table of parameters",
              "int 13h/02h of a fresh track"}
    text, status = run(emulator(*bios, *rom, "-m", "1", "-hda", DISK))
    ok &= judge("a machine of 1 MiB", text, status, small, NEEDS_RAM)
    return ok


def there():
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: there is no qemu-system-x86_64")
        sys.exit(77)
    disks = ["-nic", "none", "-device", f"e1000,romfile={ROM}", "-m", "256",
             "-drive", f"file={DISK},format=raw,if=ide", "-drive", f"file={FLOPPY},format=raw,if=floppy", "-boot", "nc"]
    text, status = run(qemu("-bios", BIOS, *disks))
    ok = judge("our firmware on QEMU", text, status, ("a boot entry vector is called",))
    text, status = run(qemu(*disks))
    ok &= judge("SeaBIOS on QEMU", text, status, ("PMM: freed",), SEABIOS_DIFFERS)
    return ok


sys.exit(0 if (there() if sys.argv[1:] == ["qemu"] else here()) else 1)
