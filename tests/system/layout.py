#!/usr/bin/env python3
"""The debugger at a terminal: line editing, completion, Ctrl-C, and the layout that takes the whole screen."""
import os
import pty
import re
import select
import signal
import struct
import sys
import time
import fcntl
import termios

PCEMU = os.environ["PCEMU"]
SECTORS = os.environ["SECTORS"]
ROWS, COLUMNS = 40, 130
failed = 0


class Terminal:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            # libedit never frees the names of functions that are added to it
            os.environ["ASAN_OPTIONS"] = (os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0").lstrip(":")
            null = os.open("/dev/null", os.O_WRONLY)
            os.dup2(null, 2)
            os.chdir(SECTORS)
            os.execv(PCEMU, [PCEMU, "-display", "none", "-snapshot", "-debug", "debugger.img"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.seen = ""

    def read(self, seconds):
        end = time.time() + seconds
        while time.time() < end:
            if not select.select([self.fd], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.seen += data.decode("utf-8", "replace")

    def wait_for(self, pattern, seconds=20):
        """Reads until the pattern has come; what came before it is forgotten."""
        end = time.time() + seconds
        while time.time() < end:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return True
            self.read(0.1)
        return False

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        self.read(0.5)
        for _ in range(100):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.1)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None


def check(what, ok):
    global failed
    print(("ok: " if ok else "FAILED: ") + what)
    failed += not ok


t = Terminal()
check("it stands at the reset vector", t.wait_for(r"f000:fff0 .*ljmp"))
check("... with a prompt", t.wait_for(r"\(pcemu\) "))
t.type("symb\tdebugger.elf\r")
check("a command is completed", t.wait_for(r"\d+ symbols"))
t.type("until after_c\t\r")
check("so is a symbol", t.wait_for(r"after_call:\r?\n.*0000:7c23"))
t.type("step\r")
check("step", t.wait_for(r"handler:"))
t.type("\r")
check("an empty line steps again", t.wait_for(r"iret"))
t.type("\x1b[A\r")
check("history: the arrow up", t.wait_for(r"after_int:"))
t.type("layout on\r")
check("the layout has registers, code, stack and memory",
      t.wait_for(r"real mode") and t.wait_for(r"after_int|handler|code") and t.wait_for(r"stack") and t.wait_for(r"memory"))
t.type("next\r")
check("a step in it", t.wait_for(r"last: vector 60h|iret|0000:7c"))
t.type("until text \"never there\"\r")
time.sleep(1)
t.type("\x03")
check("Ctrl-C, or the end of all events, gives the prompt back", t.wait_for(r"Interrupted|nothing will"))
t.type("layout off\r")
check("the terminal is put back", t.wait_for(r"\x1b\[\?1049l"))
t.type("p 6 * 7\r")
check("the prompt is there again", t.wait_for(r"(42|0x2a)"))
t.type("quit\r")
check("quit ends with 0", t.end() == 0)
sys.exit(failed != 0)
