#!/usr/bin/env python3
"""The monitor: its commands at a machine that has halted in a boot sector, side by side with QEMU where there is one;
what they do to a running machine; and the ways to it: a socket, a pipe, a terminal shared with the serial port."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from monitor_client import SEABIOS, Checks, Failed, SECTORS, pcemu, qemu, sector

HALTED = r"EIP=00007c10[^\n]*HLT=1"
OPTIONS = ["-machine", "pc", "-m", "64", *sector("stuck")]

# What both print alike, to the byte.
ALIKE = """
x/4i 0x7c00
x/6xb 0x7c00
x/3dh 0x7c00
x/3uw 0x7c00
x/3ow 0x7c00
x/2c 0x7c00
x/2dg 0x7c00
xp/2ob 0x7c00
xp /2xL 0xffffffe0
x 0x7c00
xp/8xb 0xfffffff0
x/5z 0
xp/-1 0
x
x/
p $eip
p $esp+4*2
p $esi
p $ss
p $r8
p $pc
p/x 1+2&3
p ~5
p/d -5
p/o 8
p/c 65
p/u -5
p/i 5
p 'a'
p 'a
p '
p (1
p $nothing
p 1 2
p 10 / 0
p 08
p 99999999999999999999999
p
p $cs.base
p $cs.limit
sum 0xfffc0000 0x1000
i/b 0x70 0
i /b 0x92
o/b 0x80 1
cpu 1
cpu 0
info status
info mem
info tlb
info name
info uuid
info registers 1
info lapic 5
info mice
info nothing
nothing
help nothing
help x
info mtree -x
info registers zzz
sendkey
sendkey zzz
sendkey ret-
mouse_set 7
mouse_move 1
boot_set zz
boot_set cc
boot_set c
eject zzz
eject ide0-hd0
eject
memsave 0 16 "/nonexistent/file"
pmemsave 0 16 "/nonexistent/file"
screendump /nonexistent/file
screendump
logfile
quit now
stop
info status
c
info status
gva2gpa 0x7c00
system_powerdown
""".strip().split("\n")


def side_by_side(check, directory):
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: no qemu-system-x86_64 to compare with")
        return
    with pcemu(directory, *SEABIOS, *OPTIONS) as ours, qemu(directory, *OPTIONS) as theirs:
        for monitor in (ours, theirs):
            monitor.until("info registers", HALTED)
        for line in ALIKE:
            got, wanted = ours.command(line), theirs.command(line)
            check(f"'{line}' prints what QEMU prints", got == wanted, f"pcemu:\n{got}QEMU:\n{wanted}")


def looking_leaves_no_trace(check, directory):
    """A read of a serial port's register through memory is none; of the HPET, the screen and the APIC through xp, too."""
    with pcemu(directory, *OPTIONS) as monitor:
        monitor.until("info registers", HALTED)
        before = monitor.command("info pic") + monitor.command("info lapic") + monitor.command("info irq")
        screen = monitor.command("xp/16xh 0xb8000")
        check("xp reads the screen", re.search(r"000b8000:( 0x07[0-9a-f]{2}){8}", screen), screen)
        check("twice alike", screen == monitor.command("xp/16xh 0xb8000"))
        hpet = monitor.command("xp/2xw 0xfed00000")
        check("xp reads the HPET", hpet == "00000000fed00000: 0x8086a201 0x00989680\n", hpet)
        check("xp reads the APIC", monitor.command("xp/xw 0xfee00030").startswith("00000000fee00030: 0x000500"))
        after = monitor.command("info pic") + monitor.command("info lapic") + monitor.command("info irq")
        check("and the chips stand as before", before == after, after)


def acting(check, directory):
    with pcemu(directory, "-S", *sector("keys"), "-serial", f"file:{directory}/keys") as monitor:
        check("-S: paused before the start", monitor.command("info status") == "VM status: paused (prelaunch)\n")
        check("at the reset vector", "EIP=0000fff0" in monitor.command("info registers"))
        monitor.command("cont")
        check("cont", monitor.command("info status") == "VM status: running\n")
        monitor.until("info registers", r"EIP=00007c")
        monitor.command("stop")
        check("stop", monitor.command("info status") == "VM status: paused\n")
        first = monitor.command("info registers")
        time.sleep(0.3)
        check("nothing moves", first == monitor.command("info registers"))
        monitor.command("screendump " + directory + "/a.png")
        monitor.command("screendump " + directory + "/a.ppm")
        with open(directory + "/a.png", "rb") as f:
            check("a PNG by its name", f.read(8) == b"\x89PNG\r\n\x1a\n")
        with open(directory + "/a.ppm", "rb") as f:
            check("a PPM", f.read(15) == b"P6\n720 400\n255\n" and len(f.read()) == 720 * 400 * 3)
        monitor.command(f'pmemsave 0x7c00 512 "{directory}/sector"')
        with open(directory + "/sector", "rb") as saved, open(SECTORS + "/keys.img", "rb") as image:
            check("pmemsave", saved.read() == image.read())
        monitor.command("cont")
        check("quit has status 0", monitor.quit() == 0)


def typing(check, directory):
    """The sector shows every byte of the keyboard on COM1 (keys.S)."""
    serial = directory + "/typed"
    with pcemu(directory, *sector("keys"), "-serial", "file:" + serial) as monitor:
        def said():
            with open(serial, encoding="ascii") as f:
                return f.read().split()
        end = time.monotonic() + 60
        while "ready" not in said() and time.monotonic() < end:
            time.sleep(0.05)
        monitor.command("sendkey ctrl-alt-delete 10")
        monitor.command("sendkey 0x1c")
        wanted = "ready 1d 38 e0 53 e0 d3 b8 9d 1c 9c".split()
        while len(said()) < len(wanted) and time.monotonic() < end:
            time.sleep(0.05)
        check("keys go down in order, up in reverse", said() == wanted, said())
    with pcemu(directory, *sector("stuck")) as monitor:
        monitor.until("info registers", HALTED)
        monitor.command("system_reset")
        check("system_reset: at the reset vector or on", monitor.until("info registers", "EIP=") != "")
        monitor.until("info registers", HALTED)
        check("and the firmware boots anew", True)
    with pcemu(directory, *sector("stuck"), "-no-reboot") as monitor:
        monitor.until("info registers", HALTED)
        monitor.socket.sendall(b"system_reset\n")
        check("system_reset under -no-reboot is status 14", monitor.process.wait(60) == 14)


def editing(check, directory):
    with pcemu(directory, *OPTIONS) as monitor:
        check("the greeting", b"monitor - type 'help' for more information\r\n(qemu) " in monitor.greeting)
        monitor.socket.sendall(b"info xx\x7f\x7fstat\t")
        time.sleep(0.2)
        text = monitor.command("")
        check("backspace and Tab", "VM status" in text, text)
        check("the arrow calls the last line back", "VM status" in monitor.command("\x1b[A"))
        check("history", "'info status '" in monitor.command("info history"))


def pipe(check):
    def run(commands, *options):
        return subprocess.run([os.environ["PCEMU"], "-display", "none", *options], input=commands, timeout=60,
                              capture_output=True, text=True, check=False)
    done = run("info status\nquit\n", "-S", "-monitor", "stdio")
    check("from a pipe: prompts without echo", "(qemu) VM status: paused (prelaunch)\n(qemu) " in done.stdout,
          done.stdout)
    check("status 0", done.returncode == 0)
    done = run("\x01cinfo status\n\x01h\x01x", "-S", "-nographic")
    check("Ctrl-A c changes to the monitor", "VM status: paused (prelaunch)\r\n" in done.stdout.replace("\n", "\r\n")
          .replace("\r\r", "\r"), done.stdout)
    check("Ctrl-A h helps", "C-a c    switch between console and monitor" in done.stdout, done.stdout)
    check("Ctrl-A x ends it", done.returncode == 10)


def determinism(check, directory):
    """A run that was only looked at is the run that was not."""
    def run(name, look):
        text = f"{directory}/{name}.txt"
        with pcemu(directory, *sector("spin"), "-timeout", "2", "-screen-text", text, "-S", name=name) as monitor:
            monitor.command("cont")
            try:
                while look and monitor.process.poll() is None:
                    for line in ("info registers", "xp/8xh 0xb8000", "info mtree", "xp/4xw 0xfee00000"):
                        monitor.command(line)
            except (OSError, Failed):
                pass
            status = monitor.process.wait(60)
        with open(f"{directory}/{name}.err", encoding="utf-8") as f:
            return status, [line for line in f if "instructions" in line], open(text, encoding="utf-8").read()
    alone, looked = run("alone", False), run("looked", True)
    check("the time-out ends both", alone[0] == 6 and len(alone[1]) == 1, alone)
    check("looking does not change a run under the instruction clock", alone == looked, looked)


def no_shutdown(check, directory):
    """A machine that is off stands, and goes on after a reset alone: in both emulators."""
    emulators = [("pcemu", pcemu)] + ([("qemu", qemu)] if shutil.which("qemu-system-x86_64") else [])
    for name, emulator in emulators:
        with emulator(directory, *sector("off"), "-no-shutdown") as monitor:
            monitor.until("info status", r"VM status: paused \(shutdown\)")
            refused = monitor.command("cont")
            check(f"{name}: off is off", "Resetting the Virtual Machine is required" in refused, refused)
            monitor.command("system_reset")
            monitor.until("info status", r"VM status: paused( \(prelaunch\))?\n")
            monitor.command("cont")
            monitor.until("info status", r"VM status: paused \(shutdown\)")


def main():
    check = Checks()
    with tempfile.TemporaryDirectory() as directory:
        side_by_side(check, directory)
        looking_leaves_no_trace(check, directory)
        acting(check, directory)
        typing(check, directory)
        editing(check, directory)
        determinism(check, directory)
        no_shutdown(check, directory)
    pipe(check)
    print(f"{check.failed} failed")
    return check.failed != 0


sys.exit(main())
