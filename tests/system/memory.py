#!/usr/bin/env python3
"""memory.py LINUX-DISK: what pcemu takes of the host's memory for itself, apart from the guest memory that was touched
(which it maps so that /proc/PID/smaps tells it: flag dc, no copy for children): at most LIMIT, with the bundled guest, in
a window, and with Linux on 1 GiB until it powers off. And which libraries are loaded."""
import os
import re
import subprocess
import sys
import tempfile
import time

import xscreen

LIMIT = 40  # MiB
ENOUGH = 3  # seconds of a run that does not end by itself
PATIENCE = 60
LIBRARIES = re.compile(r"lib(SDL2|capstone|slirp|dw|edit|ncursesw)\b")


def mappings(pid):
    """[(what, flags, KiB)]: a mapping's share of this process."""
    try:
        with open(f"/proc/{pid}/smaps", encoding="utf-8") as f:
            parts = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", f.read(), flags=re.M)[1:]
    except OSError:
        return []  # it has ended
    found = []
    for part in parts:
        share, flags = re.search(r"^Pss: +(\d+) kB", part, re.M), re.search(r"^VmFlags: (.*)", part, re.M)
        if share and flags:
            words = part.split("\n", 1)[0].split(None, 5)
            found.append((words[5] if len(words) > 5 else "anonymous", flags.group(1).split(), int(share.group(1))))
    return found


class Run:
    def __init__(self, *options, env=None):
        self.own, self.guest, self.most, self.libraries = 0, 0, [], set()
        self.process = subprocess.Popen([os.environ["PCEMU"], *options], env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sample(self):
        maps = mappings(self.process.pid)
        own = sum(share for _, flags, share in maps if "dc" not in flags)
        self.libraries |= {m.group(1) for what, _, _ in maps if (m := LIBRARIES.search(what))}
        if own > self.own:
            self.own, self.most = own, sorted(maps, key=lambda m: -m[2])[:12]
            self.guest = sum(share for _, flags, share in maps if "dc" in flags)

    def watch(self, enough):
        """Until the run ends or enough() is true."""
        while self.process.poll() is None and not enough():
            self.sample()
            time.sleep(0.1)
        self.process.kill()
        self.process.wait()

    def check(self, name, may_load):
        print(f"{name}: {self.own / 1024:.1f} MiB, and {self.guest / 1024:.1f} of the guest's")
        wrong = [] if 0 < self.own <= LIMIT * 1024 and self.guest else ["memory"]
        if not self.libraries <= may_load:
            wrong.append(f"libraries {sorted(self.libraries)}, allowed: {sorted(may_load)}")
        for word in wrong:
            print(f"FAILED: {name}: {word}")
        if wrong:
            print("\n".join(f"    {share:8} KiB  {' '.join(flags)}  {what}" for what, flags, share in self.most))
        return not wrong


def for_a_while():
    end = time.monotonic() + ENOUGH
    return lambda: time.monotonic() > end


def windowed(directory):
    """Sampled from when SDL is there."""
    screen = xscreen.Screen(directory, 1024, 768)
    try:
        run, end = Run("-serial", "null", env=screen.environment), time.monotonic() + PATIENCE
        while "SDL2" not in run.libraries and time.monotonic() < end:
            run.sample()
        run.watch(for_a_while())
        return run.check("the guest in a window", {"SDL2", "slirp"})
    finally:
        screen.close()


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.environ["PCEMU"], "rb") as f:
        if b"__asan_init" in f.read():
            sys.exit(77)  # has its own memory
    subprocess.run([os.path.join(here, "linux-disk.sh"), sys.argv[1]], check=True)
    guest = Run("-display", "none", "-serial", "null", "-nic", "none")  # its tests would soon send frames
    guest.watch(for_a_while())
    ok = guest.check("the guest", set())
    linux = Run("-display", "none", "-serial", "null", "-net", "none", "-m", "1G", "-snapshot",
                os.path.join(sys.argv[1], "linux.img"))
    linux.watch(lambda: False)
    ok = linux.check("Linux with 1 GiB", set()) and ok
    with tempfile.TemporaryDirectory(prefix="pcemu-memory-") as directory:
        ok = (windowed(directory) if os.environ.get("WINDOW") else True) and ok
    sys.exit(0 if ok else 1)


main()
