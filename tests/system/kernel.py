#!/usr/bin/env python3
"""kernel.py: kernels that are started without a boot loader. Debian's kernel with an initramfs of busybox and a command
line, as bzImage and, unpacked, by its PVH entry; a Multiboot kernel as an ELF file and by its header's addresses, with
modules, and a PVH kernel: what they are told is the same in QEMU, where there is a qemu-system-x86_64. A Multiboot 2
kernel, of which QEMU knows nothing, is held against the specification. What can't be started is refused in one line. PCEMU is the emulator, SECTORS where the
Multiboot kernels are. Exit status 77: something needed is missing."""
import gzip
import lzma
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from monitor_client import SECTORS, Checks

LINUX = "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux"
BUSYBOX = "/bin/busybox"
PATIENCE = 300
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
exec >/dev/ttyS0 2>&1
echo "COMMAND LINE $(/bin/busybox cat /proc/cmdline)"
echo "SUM $(/bin/busybox sha256sum </bin/busybox)"
/bin/busybox poweroff -f
"""


def run(program, directory, *options):
    """Exit status, serial port, standard error."""
    serial = os.path.join(directory, "serial")
    if os.path.exists(serial):
        os.remove(serial)
    result = subprocess.run([program, "-display", "none", "-no-reboot", "-nic", "none", "-serial", "file:" + serial,
                             "-device", "isa-debug-exit,iobase=0xf4,iosize=4", *options], timeout=PATIENCE,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    text = ""
    if os.path.exists(serial):
        with open(serial, errors="replace") as f:
            text = f.read().replace("\r", "")
    return result.returncode, text, result.stderr


def initramfs(path):
    """A cpio archive of /bin/busybox, /init and the directories they need."""
    with open(BUSYBOX, "rb") as f:
        busybox = f.read()
    archive = bytearray()
    for number, (name, mode, data) in enumerate((("bin", 0o40755, b""), ("proc", 0o40755, b""), ("dev", 0o40755, b""),
                                                ("dev/ttyS0", 0o20600, b""), ("bin/busybox", 0o100755, busybox),
                                                ("init", 0o100755, INIT.encode()), ("TRAILER!!!", 0, b"")), 1):
        device = (4, 64) if name == "dev/ttyS0" else (0, 0)
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        archive += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        archive += bytes(-len(archive) % 4) + data
        archive += bytes(-len(archive) % 4)
    with open(path, "wb") as f:
        f.write(gzip.compress(bytes(archive), 1, mtime=0))
    return subprocess.run(["sha256sum"], input=busybox, stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def unpacked(path):
    """Linux' ELF file out of a bzImage: the setup header says where it is packed (boot.rst, payload_offset)."""
    with open(LINUX, "rb") as f:
        image = f.read()
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (image[0x1F1] + 1) * 512 + offset
    with open(path, "wb") as f:
        f.write(lzma.LZMADecompressor().decompress(image[start:start + length]))


def linux(check, directory):
    if not (os.path.exists(LINUX) and os.path.exists(BUSYBOX)):
        print("skipped: Debian's installer kernel or busybox is missing")
        return
    initrd, vmlinux = os.path.join(directory, "initrd.gz"), os.path.join(directory, "vmlinux")
    total = initramfs(initrd)
    unpacked(vmlinux)
    words = "console=ttyS0 quiet panic=-1 words=of,my own"
    for kernel, how in ((LINUX, ""), (vmlinux, " by its PVH entry")):
        status, text, err = run(os.environ["PCEMU"], directory, "-m", "256", "-kernel", kernel, "-initrd", initrd, "-append", words)
        check(f"Linux starts{how} and powers off", status == 0, err + text)
        check("it has its command line", f"COMMAND LINE {words}\n" in text, text)
        check("it has its initramfs, whole", f"SUM {total}" in text, text)


def write_modules(directory):
    modules = [os.path.join(directory, name) for name in ("one", "two")]
    for path, content in zip(modules, ("the first module", "and another" * 1000)):
        with open(path, "w") as f:
            f.write(content)
    return modules


def multiboot(check, directory):
    modules = write_modules(directory)
    qemu = shutil.which("qemu-system-x86_64")
    for kind in ("multiboot.elf", "multiboot.bin"):
        options = ["-m", "64", "-kernel", os.path.join(SECTORS, kind), "-append", "some words", "-initrd",
                   f"{modules[0]} with words,{modules[1]}"]
        status, text, err = run(os.environ["PCEMU"], directory, *options)
        check(f"{kind} runs to its end", status == 0x43, f"{status} {err}{text}")
        check("it gets its modules", f"{modules[0]} with words:the first module" in text and "and another" * 1000 in text, text)
        check("and its command line", f"{kind} some words\n" in text, text)
        if qemu:
            check("all that it is told is what QEMU tells", text == run(qemu, directory, *options)[1],
                  text + run(qemu, directory, *options)[1])


def multiboot_mode(check, directory):
    """The header's video mode: QEMU ignores the wish. Flags: APM, VBE and frame buffer; then the description."""
    _, text, err = run(os.environ["PCEMU"], directory, "-kernel", os.path.join(SECTORS, "multiboot-mode.elf"))
    lines = text.split("\n")
    words = next((line.split() for line in lines if line.endswith(" mode")), [])
    check("a wished mode is set", words[1:6] == ["FD000000", "00000000", "00000A00", "00000280", "000001E0"], text + err)
    check("with its colours", words[6:8] == ["08100120", "08000808"] and words[8:9] == ["01E00280"], text)
    check("and the flags say so", bool(words) and int(words[0], 16) & 0x1820 == 0x1820, text)
    check("the ELF file's sections are told", any(re.fullmatch("[0-9A-F]{8} sections", line) and line[:8] != "00000000"
                                                  for line in lines), text)


def tags_of(text):
    """What multiboot2.S prints: type to (size, bytes), in order; and lines that are none."""
    tags, rest = [], []
    for line in text.split("\n"):
        match = re.fullmatch("([0-9A-F]{8}) ([0-9A-F]{8}) ((?:[0-9A-F]{2} )*)", line)
        if match:
            tags.append((int(match[1], 16), int(match[2], 16), bytes.fromhex(match[3])))
        else:
            rest.append(line)
    return tags, "\n".join(rest)


def multiboot2(check, directory):
    modules = write_modules(directory)
    for kind, place in (("multiboot2.elf", 0x100000), ("multiboot2.bin", 0x100000), ("multiboot2-move.elf", 0x2E00000)):
        status, text, err = run(os.environ["PCEMU"], directory, "-m", "64", "-kernel", os.path.join(SECTORS, kind), "-append",
                                "some words", "-initrd", f"{modules[0]} with words,{modules[1]}")
        tags, rest = tags_of(text)
        one = {kind: data for kind, _, data in tags}
        check(f"{kind} runs to its end", status == 0x43, f"{status} {err}{text}")
        check("it is in its place", f"36D76289 magic\n{place:08X} place\n00000000 bss\n" in rest, rest)
        check("the tags end with the last", bool(tags) and tags[-1] == (0, 8, b""), text)
        check("it has its command line", one.get(1) == b"some words\0" and one.get(2) == b"pcemu\0", text)
        told = [data for kind, _, data in tags if kind == 3]
        check("it has its modules", [data[8:] for data in told] == [b"with words\0", b"\0"] and
              "the first module\n" in rest and ("and another" * 3)[:32] in rest, text)
        check("each at a page", all(struct.unpack_from("<I", data)[0] % 4096 == 0 for data in told), text)
        check("memory", struct.unpack("<II", one[4])[0] == 639 and 62 << 10 < struct.unpack("<II", one[4])[1] < 63 << 10, text)
        check("the memory map", one[6][:8] == struct.pack("<II", 24, 0) and
              struct.unpack_from("<QQI", one[6], 8) == (0, 0x9FC00, 1) and (len(one[6]) - 8) % 24 == 0, text)
        check("ACPI's tables", one[14].startswith(b"RSD PTR ") and sum(one[14]) % 256 == 0 and len(one[14]) == 20, text)
        if kind.endswith("move.elf"):
            check("where it was put", struct.unpack("<I", one[21]) == (place,), text)
            check("its frame buffer", struct.unpack_from("<QIIIBB", one[8]) == (0xFD000000, 3200, 800, 600, 32, 1) and
                  one[8][24:] == bytes((16, 8, 8, 8, 0, 8)), text)
        else:
            check("the text screen", struct.unpack_from("<QIIIBB", one[8]) == (0xB8000, 160, 80, 25, 16, 2), text)
        check("its sections", (9 in one) == kind.endswith(".elf"), text)


def pvh(check, directory):
    module = write_modules(directory)[0]
    qemu = shutil.which("qemu-system-x86_64")
    options = ["-m", "64", "-kernel", os.path.join(SECTORS, "pvh.elf"), "-append", "some words", "-initrd", module]
    status, text, err = run(os.environ["PCEMU"], directory, *options)
    check("a PVH kernel runs to its end", status == 0x43, f"{status} {err}{text}")
    check("it has its command line and its module", "\nsome words\nRSD PTR \nthe first module\n" in text, text)
    if qemu:
        check("all that it is told is what QEMU tells", text == run(qemu, directory, *options)[1], text)


def refused(check, directory):
    linux_there = os.path.exists(LINUX)
    large = os.path.join(directory, "large")
    with open(large, "wb") as f:
        f.truncate(300 << 20)
    cases = [(["-kernel", __file__], "neither a Linux kernel"), (["-kernel", directory + "/none"], "none: No such file")]
    if linux_there:
        with open(LINUX, "rb") as f, open(directory + "/cut", "wb") as cut:
            cut.write(f.read(5000))
        cases += [(["-kernel", LINUX, "-initrd", large], "do not fit"), (["-kernel", LINUX, "-append", "x" * 5000], "longer"),
                  (["-kernel", directory + "/cut"], "cut off")]
    cases += [(["-kernel", os.path.join(SECTORS, "multiboot2-efi.elf")], "multiboot2-efi.elf: requires EFI's 64-bit"),
              (["-kernel", os.environ["PCEMU"]], "without a Multiboot header and without a note")]
    for options, words in cases:
        status, _, err = run(os.environ["PCEMU"], directory, *options)
        check(f"refused: {words}", status == 2 and words in err and err.count("\n") == 1, f"{status} {err}")


def main():
    check = Checks()
    with tempfile.TemporaryDirectory(prefix="pcemu-kernel-") as directory:
        linux(check, directory)
        multiboot(check, directory)
        multiboot_mode(check, directory)
        multiboot2(check, directory)
        pvh(check, directory)
        refused(check, directory)
    return 1 if check.failed else 0


sys.exit(main())
