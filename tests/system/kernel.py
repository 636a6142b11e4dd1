#!/usr/bin/env python3
"""kernel.py: kernels that are started without a boot loader. Debian's kernel with an initramfs of busybox and a command
line; a Multiboot kernel as an ELF file and by its header's addresses, with modules: what it is told is the same in QEMU,
where there is a qemu-system-x86_64. What can't be started is refused in one line. PCEMU is the emulator, SECTORS where the
Multiboot kernels are. Exit status 77: something needed is missing."""
import gzip
import os
import shutil
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


def linux(check, directory):
    if not (os.path.exists(LINUX) and os.path.exists(BUSYBOX)):
        print("skipped: Debian's installer kernel or busybox is missing")
        return
    initrd = os.path.join(directory, "initrd.gz")
    total = initramfs(initrd)
    words = "console=ttyS0 quiet panic=-1 words=of,my own"
    status, text, err = run(os.environ["PCEMU"], directory, "-m", "256", "-kernel", LINUX, "-initrd", initrd, "-append", words)
    check("Linux starts and powers off", status == 0, err + text)
    check("it has its command line", f"COMMAND LINE {words}\n" in text, text)
    check("it has its initramfs, whole", f"SUM {total}" in text, text)


def multiboot(check, directory):
    modules = [os.path.join(directory, name) for name in ("one", "two")]
    for path, content in zip(modules, ("the first module", "and another" * 1000)):
        with open(path, "w") as f:
            f.write(content)
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
    for options, words in cases:
        status, _, err = run(os.environ["PCEMU"], directory, *options)
        check(f"refused: {words}", status == 2 and words in err and err.count("\n") == 1, f"{status} {err}")


def main():
    check = Checks()
    with tempfile.TemporaryDirectory(prefix="pcemu-kernel-") as directory:
        linux(check, directory)
        multiboot(check, directory)
        refused(check, directory)
    return 1 if check.failed else 0


sys.exit(main())
