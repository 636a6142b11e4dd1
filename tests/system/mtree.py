#!/usr/bin/env python3
"""The machine's map and its PCI functions after the firmware's work, against QEMU's: the same lines in every section of
`info mtree`, and the same `info pci`, of both emulators with 1 GiB and a disk that halts; by SeaBIOS in both, and by our
firmware here."""
import re
import shutil
import sys
import tempfile

from monitor_client import SEABIOS, Checks, pcemu, qemu, sector

HALTED = r"EIP=00007c10[^\n]*HLT=1"
OPTIONS = ["-machine", "pc", "-m", "1024", *sector("stuck")]


def sections(text):
    """{names: lines} of `info mtree`: a section's spaces, whatever their order, and its lines."""
    found = {}
    for block in text.strip().split("\n\n"):
        lines = block.split("\n")
        names = frozenset(line for line in lines if not line.startswith(" "))
        found.setdefault(names, []).append(frozenset(line for line in lines if line.startswith(" ")))
    return found


def differences(ours, theirs):
    for names in sorted(set(ours) | set(theirs), key=sorted):
        title = ", ".join(sorted(names))
        if names not in theirs or names not in ours:
            yield f"{'more' if names in ours else 'missing'}: the section {title}"
            continue
        a, b = ours[names], theirs[names]
        if len(a) != len(b):
            yield f"{title}: {len(a)} times, not {len(b)}"
        for line in sorted(a[0] - b[0]):
            yield f"more in {title}: {line}"
        for line in sorted(b[0] - a[0]):
            yield f"missing in {title}: {line}"


def memory_lines(text):
    """The lines of RAM and ROM above the option ROMs, where the map does not depend on what is absent."""
    lines = {line for line in text.split("\n") if re.search(r"(ram|rom)\): ", line)}
    return {line for line in lines if not "c0000" <= line.strip()[11:16] <= "e7fff"}


def look(emulator):
    with emulator as monitor:
        monitor.until("info registers", HALTED)
        network = re.sub(r"#net\d+", "#net", monitor.command("info network"))
        return monitor.command("info mtree"), monitor.command("info pci"), monitor.command("info mtree -f"), network


def main():
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: there is no qemu-system-x86_64")
        return 77
    check = Checks()
    with tempfile.TemporaryDirectory() as directory:
        bundled = look(pcemu(directory, *OPTIONS))
        tree, pci, flat, net = look(pcemu(directory, *SEABIOS, *OPTIONS))
        network = [] if "8086:100e" in pci else ["-nic", "none"]  # no card on our board: none there
        qemu_tree, qemu_pci, qemu_flat, qemu_net = look(qemu(directory, *OPTIONS, *network))
    for name, (our_tree, our_pci, our_flat, our_net) in {"SeaBIOS": (tree, pci, flat, net), "our firmware": bundled}.items():
        wrong = list(differences(sections(our_tree), sections(qemu_tree)))
        check(f"{name}: info mtree has QEMU's sections, and each has QEMU's lines", not wrong, "\n".join(wrong))
        check(f"{name}: info pci is QEMU's", our_pci == qemu_pci, f"pcemu's:\n{our_pci}QEMU's:\n{qemu_pci}")
        check(f"{name}: info network is QEMU's", our_net == qemu_net, our_net + qemu_net)
        wrong = sorted(memory_lines(our_flat) ^ memory_lines(qemu_flat))
        check(f"{name}: info mtree -f has QEMU's memory", not wrong, "\n".join(wrong))
    return check.failed != 0


sys.exit(main())
