#!/usr/bin/env python3
"""makefiles.py: command lines of public hobby systems, as their Makefiles, scripts and CI files give them to
qemu-system-i386 and qemu-system-x86_64, run unchanged with pcemu under those names in PATH. What they boot is a disk, a
floppy disk, a CD or a kernel of our own in the place that the line names. Variables of make and of the shell are
written out with their projects' defaults; a trailing & is left out; nothing else is changed. Lines that need what pcemu
does not model are refused in one line that names it.
PCEMU is the emulator, SECTORS where the guests are; Exit status 77: something needed is missing."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from monitor_client import SECTORS, Checks

PATIENCE = 120  # seconds of the host's, for one line
EXIT = 33  # isa-debug-exit, 10h
OFF = 0
STAYS = None  # -no-shutdown, or a window of somebody who is not there: it is ended by SIGTERM

XV6 = "-drive file=fs.img,index=1,media=disk,format=raw -drive file=xv6.img,index=0,media=disk,format=raw -smp 2 -m 512"

# Where it is from; the line; how it ends; where the greeting is found; files that must have something in them.
LINES = [
    ("mit-pdos/xv6-public, Makefile, qemu-nox", f"qemu-system-i386 -nographic {XV6}", OFF),
    ("mit-pdos/xv6-public, Makefile, qemu", f"qemu-system-i386 -serial mon:stdio {XV6}", OFF),
    ("mit-pdos/xv6-public, Makefile, qemu-memfs",
     "qemu-system-i386 -drive file=xv6memfs.img,index=0,media=disk,format=raw -smp 2 -m 256", OFF),
    ("mit-pdos/xv6-public, Makefile, qemu-nox-gdb",
     f"qemu-system-i386 -nographic {XV6} -S -gdb tcp::26000", OFF),
    ("cfenollosa/os-tutorial, 23-fixes/Makefile, run", "qemu-system-i386 -fda os-image.bin", OFF),
    ("cfenollosa/os-tutorial, 23-fixes/Makefile, debug",
     "qemu-system-i386 -s -fda os-image.bin -d guest_errors,int", OFF),
    ("phil-opp/blog_os, Cargo.toml, test-args behind bootimage's command",
     "qemu-system-x86_64 -drive format=raw,file=bootimage-blog_os.bin -device isa-debug-exit,iobase=0xf4,iosize=0x04 "
     "-serial stdio -display none", EXIT),
    ("dthain/basekernel, Makefile", "qemu-system-i386 -cdrom basekernel.iso", OFF),
    ("intermezzOS/kernel, Makefile", "qemu-system-x86_64 -drive format=raw,file=os.iso", OFF),
    ("davidcallanan/os-series, README.md", "qemu-system-x86_64 -cdrom dist/x86_64/kernel.iso", OFF),
    ("arjun024/mkernel, README.md", "qemu-system-i386 -kernel kernel", OFF),
    ("Overv/MineAssemble, Makefile, test", "qemu-system-i386 -kernel bin/mineassemble.bin", OFF),
    ("nanobyte-dev/nanobyte_os, run.sh", "qemu-system-i386 -fda build/main_floppy.img", OFF),
    ("ghaiklor/ghaiklor-os-gcc, Makefile", "qemu-system-x86_64 -fda os-image.bin", OFF),
    ("redox-os/redox, mk/qemu.mk, ARCH=i586 audio=no kvm=no",
     'qemu-system-i386 -d guest_errors -name "Redox OS i586" -smp 1 -m 1024 '
     '-chardev stdio,id=debug,signal=off,mux=on,"" -serial chardev:debug -mon chardev=debug -machine pc '
     "-device e1000,netdev=net0,id=nic0 -netdev user,id=net0 "
     "-object filter-dump,id=f1,netdev=net0,file=build/network.pcap -vga std "
     "-drive file=build/harddrive.img,format=raw -drive file=build/extra.img,format=raw -cpu pentium2", OFF),
    ("kvm-unit-tests, x86/run",
     "qemu-system-x86_64 -enable-kvm -device pc-testdev -device isa-debug-exit,iobase=0xf4,iosize=0x4 -vnc none "
     "-serial stdio -device pci-testdev -kernel x86/smptest.flat", EXIT),
    ("FenwickOS, Makefile, run",
     "qemu-system-x86_64 -cdrom build/FenwickOS.iso -vga std -serial file:build/qemu-serial.log -display gtk "
     "-no-shutdown -d int -D build/qemu.log", STAYS, "build/qemu-serial.log", "build/qemu.log"),
    ("deko_os, Makefile, run",
     "qemu-system-x86_64 -drive format=raw,file=target/x86_64-deko_os/debug/bootimage-deko_os.bin "
     "-device isa-debug-exit,iobase=0xf4,iosize=0x04 -serial mon:stdio", EXIT),
    ("axiomicaOS, Makefile, run",
     "qemu-system-i386 -cdrom build/axiomicaos.iso -serial stdio -display none -no-reboot -no-shutdown", STAYS),
    ("MyPeachOS, README", "qemu-system-x86_64 -hda ./boot.bin", OFF),
    ("RT-Thread on a PC, run script", "qemu-system-i386 -cdrom bootable.iso -boot d -nographic", OFF),
    ("mini-os, tests/ccboot_check.sh",
     'qemu-system-i386 -kernel "kernel" -display none -vga std -no-reboot -no-shutdown -m 64 -nic none -serial stdio '
     "-monitor none", STAYS),
    ("soupOS, a test of its shell",
     'qemu-system-i386 -accel kvm -cpu host -drive "file=disk.img,format=raw,if=ide,index=0" -cdrom soupOS.iso -boot d '
     '-m 128M -no-reboot -no-shutdown -display none -serial "file:serial.log" -monitor "unix:mon.sock,server,nowait"',
     STAYS, "serial.log"),
    ("a multitasking kernel, Makefile, run",
     "qemu-system-i386 -d int -D qemu.log -drive format=raw,file=os-image.img", OFF, None, "qemu.log"),
    ("a kernel on Limine's template, run.sh",
     "qemu-system-x86_64 -d int -D ./logs.txt -cdrom template.iso -m 512M -serial stdio", OFF, None, "logs.txt"),
    ("qloader2 (Limine's first name), Makefile, echfs-test", "qemu-system-x86_64 -hda test.img -monitor stdio", OFF,
     "nowhere"),
    ("NMV course, run-qemu.sh",
     'exec qemu-system-x86_64 -hda "nmv-tp.img" -hdb "myHome.img" -m 2G -net nic -net user -boot c', OFF),
    ("a boot loader for MSYS2, build.sh -n", "qemu-system-x86_64 -drive format=raw,file=bootloader.img -icount shift=1",
     OFF),
    ("a boot sector, run.sh",
     "qemu-system-i386 -m 1G  -s -S -drive format=raw,file=myos.img  -nographic -no-reboot -d cpu_reset", OFF),
    ("a C++ kernel, build.sh run", "qemu-system-x86_64 -cdrom whiteos.iso -display gtk -serial stdio", OFF),
]

# What pcemu lacks, and what the one line that it says is about.
REFUSED = [
    ("limine-bootloader/limine-c-template-x86-64, GNUmakefile, run",
     "qemu-system-x86_64 -M q35 -cdrom template.iso -boot d -m 2G", "pcemu has the machine pc"),
    ("SerenityOS/serenity, Meta/run.sh ci",
     "qemu-system-i386 -m 1G -cpu max,-x2apic -d guest_errors -no-reboot -smp 2 "
     "-drive file=_disk_image,format=raw,index=0,media=disk -device ich9-ahci -nographic -display none "
     "-debugcon file:debug.log -kernel kernel -initrd kernel -append hello", "-device ich9-ahci"),
    ("klange/toaruos, Makefile of the first ToAruOS, run",
     "qemu-system-i386 -sdl -kernel toaruos-kernel -m 1024 -serial stdio -vga std", "-sdl: no such option"),
    ("Molton, run.sh", "qemu-system-x86_64 -kernel kernel -m 4G -serial stdio -vga virtio -cpu host -enable-kvm "
     "-no-reboot -no-shutdown", "-vga virtio: pcemu has the adapter std"),
    ("CpOS, build script", "qemu-system-i386 -cdrom cpos.iso -serial stdio -device sb16 -net nic,model=pcnet -m 4096",
     "-device sb16"),
    ("a kernel in a .hdd, Makefile, run",
     "qemu-system-x86_64 -hda build/kernel.hdd -accel kvm -no-reboot -no-shutdown -s -debugcon stdio "
     "-global isa-debugcon.iobase=0x400 -vnc :1 -cpu host", "pcemu has no VNC server"),
    ("x64BareBones, run.sh", "qemu-system-x86_64 -hda Image/x64BareBonesImage.qcow2 -m 512", "a qcow2 image"),
]


def guests(directory):
    """What the lines name, by the ends of the names."""
    sector = open(os.path.join(SECTORS, "hello.img"), "rb").read()
    os.makedirs(os.path.join(directory, "cd"))
    shutil.copy(os.path.join(SECTORS, "hello.img"), os.path.join(directory, "cd", "hello.img"))
    subprocess.run(["genisoimage", "-quiet", "-o", "hello.iso", "-b", "hello.img", "-c", "boot.cat", "-no-emul-boot",
                    "-boot-load-size", "4", "cd"], cwd=directory, check=True)
    cd = bytearray(open(os.path.join(directory, "hello.iso"), "rb").read())
    cd[:512] = sector  # what ISO 9660 leaves to others; grub-mkrescue's images boot as disks, too
    return {".iso": bytes(cd), ".img": sector + bytes(1474560 - 512), ".bin": sector + bytes(512 * 30), ".hdd": sector,
            ".qcow2": b"QFI\xfb" + bytes(508), "kernel": open(os.path.join(SECTORS, "hello32.elf"), "rb").read()}


def lay_out(directory, line, contents):
    """Makes the files that a line names."""
    for word in line.replace("=", " ").replace(",", " ").replace('"', " ").split():
        name = word if "/" in word or "." in word else word
        data = contents.get(os.path.splitext(name)[1]) or (contents["kernel"] if "kernel" in name else None)
        if "mineassemble" in name or name.endswith(".flat"):
            data = contents["kernel"]
        if "_disk_image" == name:
            data = contents[".img"]
        if data is None or name.startswith("-"):
            continue
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


def gdb_port(line):
    """The port of a stub that the machine waits for; None: it does not wait."""
    words = line.split()
    if "-S" not in words:
        return None
    return int(words[words.index("-gdb") + 1].split(":")[-1]) if "-gdb" in words else 1234


def go_on(port, process):
    """What a developer does in GDB: continue."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as gdb:
                gdb.sendall(b"$c#63")
                while gdb.recv(4096):
                    pass
                return
        except OSError:
            time.sleep(0.1)


def read(*path):
    try:
        with open(os.path.join(*path), errors="replace") as f:
            return f.read()
    except OSError:
        return ""


class Run:
    """One line in a directory of its own."""

    def __init__(self, line, contents, programs, stays=False, greeting=None):
        self.directory = tempfile.mkdtemp(prefix="pcemu-line-")
        lay_out(self.directory, line, contents)
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        environment.update(PATH=programs + ":" + os.environ["PATH"], SDL_VIDEODRIVER="dummy")
        with open(os.path.join(self.directory, "out"), "wb") as out, \
                open(os.path.join(self.directory, "err"), "wb") as err:
            self.process = subprocess.Popen(["sh", "-c", line], cwd=self.directory, env=environment, stdout=out,
                                            stderr=err, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            self.status = self.wait(line, stays, greeting)
            self.wait_for_all()
        finally:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
        self.out, self.err = read(self.directory, "out"), read(self.directory, "err")

    def wait(self, line, stays, greeting):
        if gdb_port(line):
            go_on(gdb_port(line), self.process)
        end = time.monotonic() + PATIENCE
        while stays and self.process.poll() is None and time.monotonic() < end:
            if "hello from a" in read(self.directory, greeting or "out"):
                os.killpg(self.process.pid, signal.SIGTERM)
                break
            time.sleep(0.1)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "still running"

    def wait_for_all(self):
        """The shell may have ended by the signal before the emulator has written its last."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def works(check, contents, programs, source, line, status, greeting=None, log=None):
    run = Run(line, contents, programs, status is STAYS, None if greeting == "nowhere" else greeting)
    if "built without SDL" in run.err:
        print(f"left out, there is no SDL: {line}")
        run.close()
        return
    said = read(run.directory, greeting) if greeting else run.out
    good = run.status in ((16, -signal.SIGTERM) if status is STAYS else (status,))
    check(f"{source}: ends", good, f"{line}\nstatus {run.status}\n{run.out}\n{run.err}")
    check(f"{source}: greets", greeting == "nowhere" or "hello from a" in said, f"{line}\n{said}\n{run.err}")
    if log:
        check(f"{source}: logs", read(run.directory, log) != "", line)
    run.close()


def refused(check, contents, programs, source, line, about):
    run = Run(line, contents, programs)
    check(f"{source}: is refused", run.status == 2 and about in run.err and run.err.count("\n") == 1,
          f"{line}\nstatus {run.status}\n{run.err}")
    run.close()


def isolate():
    """Lines name fixed ports: with a network of our own nobody else has them."""
    if os.environ.get("PCEMU_ISOLATED") or not shutil.which("unshare") or not shutil.which("ip"):
        return
    command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.environ["PCEMU_ISOLATED"] = "1"
        os.execvp(command[0], [*command, sys.executable, *sys.argv])


def port_is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("", port))
        except OSError:
            return False
    return True


def main():
    if not shutil.which("genisoimage"):
        print("genisoimage is missing")
        return 77
    isolate()
    check = Checks()
    with tempfile.TemporaryDirectory() as directory:
        contents = guests(directory)
        for name in ("qemu-system-i386", "qemu-system-x86_64"):
            os.symlink(os.environ["PCEMU"], os.path.join(directory, name))
        for source, line, *rest in LINES:
            port = gdb_port(line) or (1234 if " -s " in line else None)
            if port and not port_is_free(port):
                print(f"left out, port {port} is somebody else's: {line}")
                continue
            works(check, contents, directory, source, line, *rest)
        for source, line, about in REFUSED:
            refused(check, contents, directory, source, line, about)
    print(f"{len(LINES)} of {len(LINES) + len(REFUSED)} lines should run; {check.failed} failed")
    return check.failed != 0


sys.exit(main())
