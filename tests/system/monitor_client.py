"""A client of the monitor on a Unix socket, pcemu's or QEMU's, and the two emulators with one."""
import os
import re
import socket
import subprocess
import time

PATIENCE = 60  # seconds
PROMPT = b"\n(qemu) "
SECTORS = os.environ.get("SECTORS", ".")


class Failed(Exception):
    pass


class Monitor:
    def __init__(self, path, process):
        self.process = process
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise Failed(f"no monitor at {path}") from None
                time.sleep(0.05)
        self.greeting = self.read()

    def read(self):
        """Everything up to the next prompt."""
        got = b""
        while not got.endswith(PROMPT):
            part = self.socket.recv(65536)
            if not part:
                raise Failed("the monitor has hung up")
            got += part
        return got

    def command(self, line):
        """What a command prints, without the echo of its line."""
        self.socket.sendall(line.encode() + b"\n")
        got = self.read()
        text = got[got.find(b"\r\n") + 2:].decode("utf-8", "replace").replace("\r\n", "\n")
        return text[:-len("(qemu) ")] if text.endswith("(qemu) ") else text

    def until(self, line, pattern, patience=PATIENCE):
        """Repeats a command until what it prints matches."""
        end = time.monotonic() + patience
        while True:
            text = self.command(line)
            if re.search(pattern, text):
                return text
            if time.monotonic() > end:
                raise Failed(f"{line}: no '{pattern}' within {patience} s; there is:\n{text}")
            time.sleep(0.1)

    def quit(self):
        self.socket.sendall(b"quit\n")
        return self.process.wait(PATIENCE)


class Emulator:
    """A running emulator with a monitor; `with` ends it."""

    def __init__(self, directory, name, program, *options):
        path = os.path.join(directory, name + ".sock")
        self.errors = os.path.join(directory, name + ".err")
        with open(self.errors, "w", encoding="utf-8") as err:
            self.process = subprocess.Popen(
                [program, "-display", "none", "-monitor", f"unix:{path},server,nowait", *options],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        try:
            self.monitor = Monitor(path, self.process)
        except Failed:
            self.process.kill()
            raise

    def __enter__(self):
        return self.monitor

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


SEABIOS = ["-bios", "bios-256k.bin", "-global", "VGA.romfile=vgabios-stdvga.bin"]  # for what is compared with QEMU: the same firmware


def pcemu(directory, *options, name="pcemu"):
    return Emulator(directory, name, os.environ["PCEMU"], *options)


def qemu(directory, *options):
    return Emulator(directory, "qemu", "qemu-system-x86_64", *options)


def sector(name):
    """Options for the boot sector `name` as the first disk."""
    return ["-drive", f"file={SECTORS}/{name}.img,format=raw,snapshot=on"]


class Checks:
    """Counts what was checked; each line on standard output."""

    def __init__(self):
        self.failed = 0

    def __call__(self, what, good, shown=""):
        print(f"{'ok' if good else 'FAILED'}: {what}")
        if not good:
            self.failed += 1
            if shown:
                print(shown)
