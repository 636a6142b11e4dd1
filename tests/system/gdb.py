#!/usr/bin/env python3
"""A real GDB on the stub: one session through 16-, 32- and 64-bit code, with breakpoints, watchpoints, backtraces and
registers written; the same at QEMU's stub where there is QEMU; GDB following the processor's mode; several processors;
what happens to a machine that GDB leaves, and to one whose run ends.
arguments: the directory with modes.elf and modes.img, the script pcemu.py; -s for the test of -s alone, whose port is
fixed: it takes a network namespace. Exit status 77: there is none to be had."""
import difflib
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PCEMU = os.environ["PCEMU"]
IMAGES, FOLLOW = sys.argv[1], sys.argv[2]
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
PATIENCE = 240
failures = 0

SESSION = """
reset: cs=f000 pc=fff0
first: start pc=7c00
where: cs=0 pc=7c00 cr0=10
real: real_call pc=7c42
bytes: 0x7c42 <real_call>:	0x66	0xff	0x06	0x30
registers: rbx=1234
segment: No symbol matches $pc. pc=0
linear: cs=900 cs_base=9000
protected: protected pc=7c4b
control: cr0=11 cs=8 ss=0
call32: protected_call pc=7cbf
long: long_mode pc=7cca
control64: cr0=80000011 cr4=20 efer=500 cs=18
code64: mov $0x7c00,%rsp ; xor %ebp,%ebp ; mov $0x5,%edi
watch: inner + 10 pc=7d06
counter: 3
backtrace: 0 inner () at modes.S:114; 1 middle () at modes.S:109; 2 outer () at modes.S:106; 3 long_mode () at modes.S:82
again: inner + 10 pc=7d06
counter: 4
stepi: inner + 11 pc=7d07
finish: middle + 14 pc=7cfa
rax: rax=1122334455667788
counter: 77
until: outer + 9 pc=7cea
flags: $1 = [ IOPL=0 ]
st0: $2 = 0
threads: Id Target Id Frame * 1 Thread 1.1 "CPU#0" (running) outer () at modes.S:107
monitor: VM status: paused
physical: sending: Qqemu.PhyMemMode:1 | received: "OK"
ended: [Inferior 1 (process 1) killed]
"""

# Where QEMU's stub has other words, or less.
QEMU_HAS = {
    "linear": "linear: cs=900 cs_base=error: Cannot convert value to long.",
    "threads": "threads: Id Target Id Frame * 1 Thread 1.1 (CPU#0 [running]) outer () at modes.S:107",
    "monitor": "monitor: VM status: paused (debug)",
}

FOLLOWED = """
reset: 0xfffffff0: ljmp $0xf000,$0xe05b | 0xfffffff5: xor %dh,0x322f | The target architecture is set to "i8086".
start: 0x7c00 <start>: ljmp $0x0,$0x7c05 | 0x7c05 <real>: xor %ax,%ax | The target architecture is set to "i8086".
real: 0x7c42 <real_call>: incl 0x7d30 | 0x7c47 <real_call+5>: ret | The target architecture is set to "i8086".
stack: 0x7bfe: 0x7c16 0x05ea
segment: 0x9000: inc %ebx | 0x9002: lret | The target architecture is set to "i8086".
offset: eip 0x9000 0x9000 | ip_offset 0x0 0 | cs 0x900 2304 | cs_base 0x9000 36864
stepi: 0x9002: lret | 0x9003: add %al,(%bx,%si) | The target architecture is set to "i8086".
protected: 0x7c4b <protected>: mov $0x10,%ax | 0x7c4f <protected+4>: mov %eax,%ds | The target architecture is set to "i386".
long: 0x7cfc <inner>: push %rbp | 0x7cfd <inner+1>: mov %rsp,%rbp | The target architecture is set to "i386:x86-64".
registers: rsp 0x7bd8 0x7bd8 | cr3 0x1000 4096 | efer 0x500 [ LME LMA ]
"""


REVERSED = """
watch: inner + 10 pc=7d06 counter=4
forwards: middle + 14 pc=7cfa counter=4
reverse-stepi: inner + 11 pc=7d07 counter=4
reverse-continue: inner + 4 pc=7d00 counter=3
reverse-continue: inner + 4 pc=7d00 counter=2
reverse-continue: protected_call + 3 pc=7cc2 counter=1
reverse-continue: real_call pc=7c42 counter=0
to a breakpoint: start pc=7c00 counter=0
beginning: No symbol matches $pc. pc=fff0 counter=0
and on: inner pc=7cfc counter=2
registers: rdi=5
changed: counter=50
from there on: inner + 10 pc=7d06 counter=51
"""


def check(name, got, want):
    global failures
    got, want = got.strip().splitlines(), want.strip().splitlines()
    if got == want:
        print(f"ok: {name}")
        return
    failures += 1
    print(f"FAILED: {name}")
    print("\n".join(difflib.unified_diff(want, got, "expected", "got", lineterm="")))


def wait_for(path):
    for _ in range(PATIENCE * 10):
        if os.path.exists(path):
            return
        time.sleep(0.1)
    sys.exit(f"{path} did not appear")


class Machine:
    """An emulator that waits for GDB at a socket."""

    def __init__(self, program, directory, *options):
        self.socket = os.path.join(directory, os.path.basename(program) + ".sock")
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        stub = "unix:" + self.socket + (",server=on,wait=off" if "qemu" in program else "")
        self.process = subprocess.Popen(
            [program, "-display", "none", "-drive", f"file={IMAGES}/modes.img,format=raw,snapshot=on", "-gdb", stub, "-S", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_for(self.socket)

    def gdb(self, *arguments):
        done = subprocess.run(["gdb", "-nx", "-batch", "-iex", "set substitute-path . .", f"{IMAGES}/modes.elf", "-ex",
                               f"target remote {self.socket}", *arguments],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=PATIENCE)
        return done.stdout

    def end(self):
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.terminate()
        self.errors = self.process.communicate()[1]
        return self.process.returncode


def lines(text):
    """What the scripts said; the paths of sources are the compiler's affair."""
    return "\n".join(re.sub(r"\S*/modes\.S", "modes.S", l[3:]) for l in text.splitlines() if l.startswith("== "))


def script(name):
    return ["-x", os.path.join(HERE, "gdb", name)]


def test_session(directory):
    machine = Machine(PCEMU, directory)
    check("a session through all modes", lines(machine.gdb(*script("session.py"))), SESSION)
    check("killed: the run ends", str(machine.end()), "0")


def test_qemu(directory):
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        print("skipped: QEMU's stub (no qemu-system-x86_64)")
        return
    machine = Machine(qemu, directory, "-accel", "tcg")
    # how it ends is a race there: killed, QEMU may be gone before it has said so
    want = "\n".join(QEMU_HAS.get(l.split(":")[0], l) for l in SESSION.strip().splitlines()[:-1])
    got = "\n".join(l for l in lines(machine.gdb(*script("session.py"))).splitlines() if not l.startswith("ended"))
    check("the same session at QEMU's stub", got, want)
    machine.end()


def test_follow(directory):
    machine = Machine(PCEMU, directory)
    got = lines(machine.gdb("-x", FOLLOW, *script("follow.py")))
    # what stands behind the reset vector's jump is the firmware's affair
    got = re.sub(r"(reset: 0xfffffff0: ljmp \$0xf000,\$0x)\w+ \| .*? \|", r"\1e05b | 0xfffffff5: xor %dh,0x322f |", got)
    check("GDB follows the mode", got, FOLLOWED)
    machine.end()


def test_reverse(directory):
    machine = Machine(PCEMU, directory)
    check("backwards to what was written, step by step, to the beginning and on", lines(machine.gdb(*script("reverse.py"))),
          REVERSED)
    machine.end()


def test_processors(directory):
    machine = Machine(PCEMU, directory, "-smp", "2")
    got = machine.gdb("-ex", "info threads", "-ex", "thread 2", "-ex", "info registers rip cs", "-ex", "thread 1",
                      "-ex", "break *0x7c00", "-ex", "continue", "-ex", "stepi", "-ex", "info registers rip", "-ex", "kill")
    found = re.findall(r'Thread 1\.\d "CPU#\d" \(\w+', got) + re.findall(r"^(?:rip|cs) .*$", got, re.M)
    check("two processors are two threads", "\n".join(" ".join(f.split()) for f in found), """
Thread 1.1 "CPU#0" (running
Thread 1.2 "CPU#1" (halted
rip 0xfff0 0xfff0
cs 0xf000 61440
rip 0x7c05 0x7c05 <real>""")
    machine.end()


def test_leaving(directory):
    """Detached, the machine runs on; a second GDB finds it running."""
    machine = Machine(PCEMU, directory)
    machine.gdb("-ex", "break real_call", "-ex", "continue", "-ex", "detach")
    time.sleep(1)
    got = machine.gdb("-ex", "info symbol $pc", "-ex", "print *(int*)&counter", "-ex", "kill")
    found = re.findall(r"^finished.*? in|^\$1 = .*", got, re.M)
    check("a second GDB finds the machine at its end", "\n".join(found).replace(" + 2 in", " in"), "finished in\n$1 = 4")
    machine.end()


def test_triple_fault(directory):
    """A run that would end with a triple fault waits for a look, and ends when GDB goes on."""
    machine = Machine(PCEMU, directory, "-no-reboot")
    got = machine.gdb("-ex", "break long_mode", "-ex", "continue", "-ex", "set var $pc = 0x7dfe", "-ex", "delete",
                      "-ex", "continue", "-ex", "info registers rip", "-ex", "continue")
    found = re.findall(r"pcemu: triple fault|SIGSEGV|^rip .*|exited with code \d+", got, re.M)
    check("a triple fault stops", "\n".join(" ".join(f.split()) for f in found), """
pcemu: triple fault
SIGSEGV
rip 0x7e00 0x7e00
exited with code 04""")
    check("and its exit status stands", str(machine.end()), "4")


def refused(*options):
    """How a run with such options ends: its exit status, and what it says."""
    done = subprocess.run([PCEMU, "-display", "none", "-S", "-snapshot", *options, f"{IMAGES}/modes.img"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    return f"{done.returncode}: {done.stderr.strip()}"


THROUGH_TCP = """
rip 0xfff0 0xfff0
1 y 0x00000000fffc0000 0x0000000100000000 ro nocache
2 y 0x0000000100000000 0x10000000000000000 rw nocache
Breakpoint 1 at 0xfffffff0
Note: automatically using hardware breakpoints for read-only addresses.
Cannot access memory at address 0xfffffff0
$1 = 77
0x7000: 0xea"""


def through_tcp(port, *stub):
    machine = subprocess.Popen([PCEMU, "-display", "none", "-S", "-snapshot", *stub, f"{IMAGES}/modes.img"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    commands = (f"target remote :{port}", "info registers rip", "info mem", "break *0xfffffff0",
                "set var *(int*)0xfffffff0=1", "print *(int*)0x600=77",
                f"restore {IMAGES}/modes.img binary 0x7000 0 64", "x/1xb 0x7000", "kill")
    got = subprocess.run(["gdb", "-nx", "-batch", f"{IMAGES}/modes.elf", "-ex", "set tcp connect-timeout 30",
                          *(word for command in commands for word in ("-ex", command))],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         timeout=PATIENCE).stdout
    try:
        machine.wait(20)
    except subprocess.TimeoutExpired:
        machine.terminate()
        machine.wait()
    found = re.findall(r"^(?:rip|Note:|Breakpoint|Cannot access|\$1|0x7000|[12] +y).*", got, re.M)
    return "\n".join(" ".join(f.split()) for f in found)


def test_ports(directory):
    """A port that can't be had ends the run with one line; one that can is listened at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        got = refused("-gdb", f"tcp:127.0.0.1:{port}")
        check("a port that is taken", str(bool(re.fullmatch(r"\d: pcemu: .*in use.*", got))) + got[:1], "True2")
    for bad in "tcp::99999", "tcp::", "tcp::no", "nonsense":
        got = refused("-gdb", bad)
        check(f"-gdb {bad}", str(bool(re.fullmatch(r"2: pcemu: .+", got))), "True")
    for _ in range(3):  # the port may be another's by now
        found = through_tcp(port, "-gdb", f"tcp::{port}")
        if found:
            break
    check("a port that is free, and the memory map", found, THROUGH_TCP)


# ---- -s ----

def alone():
    """What runs a command with a network of its own; None: nothing does here."""
    for how in ["unshare", "--net"], ["unshare", "--net", "--map-root-user"]:
        if shutil.which(how[0]) and not subprocess.run([*how, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            return how
    return None


def test_default_port():
    """In a new namespace, whose loopback is down."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
    except PermissionError as e:
        print(f"a network namespace without rights in it: {e}")
        sys.exit(77)
    check("-s listens at port 1234", through_tcp(1234, "-s"), THROUGH_TCP)


def default_port():
    if sys.argv[3] == "-s-alone":
        test_default_port()
        return failures != 0
    how = alone()
    if not how:
        print("no network namespace to be had")
        return 77
    return subprocess.run([*how, sys.executable, *sys.argv[:3], "-s-alone"], check=False).returncode


def main():
    if sys.argv[3:]:
        sys.exit(default_port())
    with tempfile.TemporaryDirectory(prefix="gdb-") as directory:
        for test in test_session, test_qemu, test_follow, test_reverse, test_processors, test_leaving, test_triple_fault, test_ports:
            test(directory)
    sys.exit(failures != 0)


main()
