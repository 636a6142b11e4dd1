#!/usr/bin/env python3
"""guest-view.py DIR: what Linux sees of the machine: its port and memory maps, interrupts, DMA channels, the PCI functions'
configuration and resources, the ACPI tables and the devices that it makes of them, and its log. It is compared with what
is written down in guest-view.txt, and with what the same CD sees in QEMU's `pc`, where there is a qemu-system-x86_64.
DIR is where media-cds.sh makes the CD. PCEMU is the emulator, with SeaBIOS, as QEMU has it. `guest-view.py DIR --write`
boots QEMU alone and writes guest-view.txt. Exit status 77: something needed is missing."""
import base64
import difflib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from monitor_client import Checks

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTED = os.path.join(HERE, "guest-view.txt")
PATIENCE = 300  # seconds of the host
OPTIONS = ["-m", "256", "-cpu", "max", "-display", "none", "-boot", "d", "-no-reboot", "-nic", "user", "-parallel", "null"]
TROUBLE = re.compile(r"spurious|lost interrupt|time[ds]?.?out|\b(?-i:BUG)\b|WARNING|Oops|Call Trace|I/O error|exception Emask"
                     r"|failed command|ACPI (BIOS )?(Error|Warning)|unreliable|nobody cared|unhandled|can't allocate", re.I)
# What the kernel warns of everywhere: a bus without PCI Express's configuration space, and a PIT that QEMU under load
# lets tick too late.
KNOWN = ("fail to add MMCONFIG", "Unable to calibrate against PIT")

SEABIOS = ["-bios", "bios-256k.bin", "-global", "VGA.romfile=vgabios-stdvga.bin"]


def boot(program, iso, directory, name):
    """Boots the CD; the serial port's text."""
    serial = os.path.join(directory, name + ".serial")
    disks = []
    for drive, size, more in (("hd", 64 << 20, ""), ("fd", 1440 << 10, ",if=floppy")):
        path = os.path.join(directory, name + "." + drive)
        with open(path, "wb") as f:
            f.truncate(size)
        disks += ["-drive", f"file={path},format=raw{more}"]
    result = subprocess.run([*program, *OPTIONS, "-cdrom", iso, *disks, "-serial", "file:" + serial], timeout=PATIENCE,
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    with open(serial, errors="replace") as f:
        text = f.read().replace("\r", "")
    if result.returncode or "\nwork ends\n" not in text:
        raise RuntimeError(f"{name} ends with {result.returncode}: {result.stderr}{text[-2000:]}")
    return text


def sections(text):
    """{name: lines} of what the guest printed between its marks."""
    found, lines = {}, []
    for line in text.partition("\nwork ends\n")[0].split("\n"):
        if line.startswith("== "):
            lines = found.setdefault(line[3:], [])
        else:
            lines.append(line)
    return found


def is_binary(name):
    return name.startswith(("pci-0000", "acpi-")) and not name.startswith("acpi-device")


def configuration(data):
    """A function's configuration space, the double words that are not 0."""
    words = [data[i : i + 4][::-1].hex() for i in range(0, len(data), 4)]
    return [f"{4 * i:02x}: {word}" for i, word in enumerate(words) if int(word, 16)]


def normalise(name, lines):
    """Without what differs from run to run: where the kernel lies, how often an interrupt came."""
    if name == "iomem":
        return [line for line in lines if "Kernel" not in line]
    if name == "interrupts":
        lines = [re.sub(r"\s+", " ", re.sub(r":\s+\d+", ":", line)).strip() for line in lines]
        return [line for line in lines if line != "CPU0"]
    if is_binary(name):
        data = base64.b64decode("".join(lines))
        if name.startswith("pci-"):
            return configuration(data)
        return [f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"]
    return lines


def view(found):
    text = []
    for name in sorted(found):
        if name not in ("dmesg", "cpuinfo", "sleep", "dmesg-sleep"):
            text += ["== " + name, *normalise(name, found[name])]
    return [line.rstrip() for line in text if line.strip()]


def difference(ours, theirs):
    return "\n".join(difflib.unified_diff(theirs, ours, "QEMU", "pcemu", lineterm="", n=2))


def disassembled(found, name, directory):
    """A table in ASL, for people, where iasl is there."""
    if name not in found or not shutil.which("iasl"):
        return []
    path = os.path.join(directory, "table.aml")
    with open(path, "wb") as f:
        f.write(base64.b64decode("".join(found[name])))
    subprocess.run(["iasl", "-d", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with open(path[:-3] + "dsl", errors="replace") as f:
        return [line.rstrip() for line in f if not line.startswith(" *")]


def lspci(found, directory):
    """`lspci -nn` over what the guest read, where lspci is there."""
    if not shutil.which("lspci"):
        return []
    dump = []
    for name in sorted(found):
        if name.startswith("pci-0000"):
            data = base64.b64decode("".join(found[name]))
            dump.append(name[len("pci-0000:") :] + " function")
            dump += [f"{i:02x}: " + data[i : i + 16].hex(" ") for i in range(0, len(data), 16)] + [""]
    path = os.path.join(directory, "lspci")
    with open(path, "w") as f:
        f.write("\n".join(dump) + "\n")
    return subprocess.run(["lspci", "-F", path, "-nn"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def warnings(found, section="dmesg"):
    """The kernel's lines of importance `warning` and above, and those that speak of trouble."""
    lines = [re.sub(r"^(<\d>)\[[^]]*\] ", r"\1", line) for line in found[section]]
    return [line for line in lines
            if (re.match("<[0-4]>", line) or TROUBLE.search(line)) and not any(known in line for known in KNOWN)]


def counts(found):
    """How often each interrupt came, by its name's last word or its number."""
    result = {}
    for line in found["interrupts"]:
        words = line.replace(":", " : ").split()
        if len(words) > 2 and words[1] == ":":
            result[words[0]] = result[words[-1]] = int(words[2])
    return result


def slept(found):
    """How long the guest slept; 0: its memory is not what it was."""
    dates = [[int(word) for word in line.split()[1:]] for line in found["sleep"] if line.startswith("dates")]
    sums = [line for line in found["sleep"] if line.endswith("  -")]
    log = "\n".join(found["dmesg-sleep"])
    if len(dates) != 2 or len(sums) != 2 or sums[0] != sums[1] or "Waking up from system sleep state S3" not in log:
        return 0
    return min(dates[1][0] - dates[0][0], dates[1][1] - dates[0][1])


def main():
    directory, write = sys.argv[1], "--write" in sys.argv[2:]
    made = subprocess.run([os.path.join(HERE, "media-cds.sh"), directory], check=False).returncode
    if made:
        return made
    iso = os.path.join(directory, "view.iso")
    qemu = shutil.which("qemu-system-x86_64")
    with tempfile.TemporaryDirectory(prefix="pcemu-view-") as work:
        if write:
            with open(EXPECTED, "w") as f:
                f.write("\n".join(view(sections(boot([qemu, "-M", "pc", "-accel", "tcg"], iso, work, "qemu")))) + "\n")
            return 0
        return check_all(iso, qemu, work)


def check_all(iso, qemu, work):
    check = Checks()
    ours = sections(boot([os.environ["PCEMU"], *SEABIOS], iso, work, "pcemu"))
    with open(EXPECTED) as f:
        expected = f.read().splitlines()
    wrong = difference(view(ours), expected)
    check("Linux sees the machine that is written down", not wrong, wrong)
    trouble = warnings(ours)
    check("its log has no warning and speaks of no trouble", not trouble, "\n".join(trouble))
    came = counts(ours)
    check("interrupts came from timer, disk, network and floppy",
          all(came.get(who, 0) for who in ("LOC", "ata_piix", "eth0", "floppy", "i8042")), came)
    check("and none that nobody asked for", not any(came.get(who, 0) for who in ("SPU", "ERR", "MIS")), came)
    check("it sleeps (S3), is woken by its alarm, and finds its memory", 4 <= slept(ours) <= 7, "\n".join(ours["sleep"]))
    trouble = warnings(ours, "dmesg-sleep")
    check("without trouble", not trouble, "\n".join(trouble))
    if qemu:
        theirs = sections(boot([qemu, "-M", "pc", "-accel", "tcg"], iso, work, "qemu"))
        wrong = difference(view(ours), view(theirs))
        check("it sees the same in QEMU", not wrong, wrong)
        for name in sorted(name for name in theirs if is_binary(name) and name.startswith("acpi-")):
            same = ours.get(name) == theirs[name]
            check(f"the table {name[5:]} has the same bytes", same,
                  "" if same else difference(disassembled(ours, name, work), disassembled(theirs, name, work)))
        check("lspci -nn prints the same", lspci(ours, work) == lspci(theirs, work),
              difference(lspci(ours, work), lspci(theirs, work)))
    return 1 if check.failed else 0


sys.exit(main())
