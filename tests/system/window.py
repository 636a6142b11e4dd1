#!/usr/bin/env python3
"""window.py DISK-DIR SHOTS [SCENARIO...]: the window on a virtual X server. The bundled guest, a boot sector that
shows what comes from the keyboard, and a Linux shell are worked with as a user would; what stands in the window is read
from its pixels by the VGA BIOS's font. Screenshots for human eyes are left in SHOTS. PCEMU is the emulator, SECTORS the
directory of assembled boot sectors, VGABIOS the VGA BIOS. Exit status 77: something needed is missing."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the source tree stays as it is
import xscreen
from emulator import CLOSED, Failed, Window
from window_linux import linux

SCREEN = (1600, 1000)
PICTURE = (720, 400)
ALL_PASSED = 33  # the guest's word to isa-debug-exit, and 1


class Bench:
    def __init__(self, directory, disks, shots):
        self.directory, self.disks, self.shots = directory, disks, shots
        self.font = xscreen.Font(os.environ["VGABIOS"])
        self.screen = xscreen.Screen(directory, *SCREEN)
        self.failures = 0

    def check(self, name, true, detail=""):
        print(f"ok: {name}" if true else f"FAILED: {name} {detail}", flush=True)
        self.failures += not true

    def put_pointer_away(self):
        """Where it covers no text."""
        self.screen.xdotool("mousemove", SCREEN[0] - 1, SCREEN[1] - 1)

    def run(self, scenario, *options):
        """A scenario works with one window, and stops at the first thing that does not come."""
        name = scenario.__name__
        window = None
        self.put_pointer_away()
        try:
            window = Window(self, "pcemu " + name, *options)
            scenario(self, window)
        except Failed as e:
            self.check(name, False, str(e))
            if window and window.process.poll() is None:
                self.screen.picture().save(os.path.join(self.shots, f"{name}-failed.png"))
        finally:
            if window:
                window.close()


# ---- the bundled guest ----

def bundled_guest(bench, w):
    w.shows("T: the tests")
    w.shot("guest")
    bench.check("the window has its title", w.screen.title(w.id) == "pcemu bundled_guest")
    bench.check("the window has the picture's size", w.screen.place(w.id)[2:] == PICTURE)
    w.until("a screen of characters alone", w.all_characters, 5)
    bench.check("the guest says what it found", "AuthenticAMD" in w.text() and "8086:1237" in w.text())
    w.keys("p")
    w.ends(0)
    bench.check("the P key powers the guest off, exit status 0", True)


# The tour's pages: a key, and what must be there.
TOUR = [("1", "How we came here"), ("2", "000000009fbff  RAM"), ("3", "IRQ0 timer"), ("4", "03f8 0000"),
        ("5", "TSS busy"), ("6", "DPL 3  int gate"), ("7", r"PML4\[000\]"), ("8", "8086:100e"),
        ("9", "Timer: initial count"), ("0", "I/O APIC at FEC00000"), ("t", "Enter goes there")]


def tour(bench, w):
    w.shows("T: the tests")
    w.keys("Return")
    w.shows("The boot chain")
    for key, text in TOUR:
        w.keys(key)
        w.shows(text)
        w.shot("tour-" + key)
    bench.check("each page of the tour comes by its key", True)
    w.keys("Right")
    w.shows("How we came here")
    w.keys("4")
    first = w.shows(r"46C  ticks +([0-9a-f]{8})").group(1)
    w.until("a page that lives", lambda: first not in w.text())
    w.keys("3", "Next", "Next")
    w.shows("^70  f000")
    bench.check("arrows and Page Down lead on; what changes is shown", True)
    w.keys("s")
    w.shows("^>")
    w.command("d 7df0 10")
    w.shows("55 aa")
    w.command("pci 0")
    w.shows("12378086")
    w.command("msr 1234")
    w.shows("Exception 0d")
    w.shot("tour-shell")
    bench.check("the shell shows memory and PCI, and survives a fault", True)
    w.keys("Escape")
    w.shows("^ 3  The interrupt vector table")
    w.keys("q")
    w.ends(0)
    bench.check("Q powers the machine off", True)


def guest_tests(bench, w):
    w.shows("T: the tests")
    w.keys("t")
    w.ends(ALL_PASSED, 90)
    bench.check("the tests run from the menu, and all pass", not re.search("^not ok|Bail", w.sent(), re.MULTILINE))


def closed_window(bench, w):
    w.shows("T: the tests")
    w.screen.ask_to_close(w.id)
    w.ends(CLOSED)
    bench.check("closing the window ends with status 10", True)


# ---- keys ----

# Keys that differ from the plain rule (X's number less 8 is the code of set 1) by X's numbers.
SPECIAL_KEYS = {
    104: "e01c", 105: "e01d", 106: "e035", 107: "e02ae037", 108: "e038", 110: "e047", 111: "e048", 112: "e049",
    113: "e04b", 114: "e04d", 115: "e04f", 116: "e050", 117: "e051", 118: "e052", 119: "e053", 133: "e05b",
    134: "e05c", 135: "e05d",
}
PAUSE, PAUSE_CODES = 127, "e11d45e19dc5"
PRINT, PRINT_UP = 107, "e0b7e0aa"


def expected_codes(key):
    """What a press and a release of a key send: set 1, as the controller translates."""
    if key == PAUSE:
        return PAUSE_CODES
    down = SPECIAL_KEYS.get(key, f"{key - 8:02x}")
    up = PRINT_UP if key == PRINT else down[:-2] + f"{int(down[-2:], 16) | 0x80:02x}"
    return down + up


def codes(w, start=0):
    return w.sent().split("ready\n")[-1].replace("\n", "")[start:]


def all_keys(bench, w):
    plain = [k + 8 for k in [*range(1, 84), 86, 87, 88]]
    for key in [*plain, *SPECIAL_KEYS, PAUSE]:
        start, want = len(codes(w)), expected_codes(key)
        w.keys("Escape" if key == 9 else key)
        if key in (66, 77, 78):  # locks: X's own state back to what it was
            w.keys(key)
            want *= 2
        try:
            w.until(f"key {key}", lambda: len(codes(w, start)) >= len(want), 5)
        except Failed:
            pass
        if codes(w, start) != want:
            bench.check(f"key {key}", False, f"sent {codes(w, start)}, not {want}")
            return
    bench.check("every key sends its codes", True)


def held_keys(bench, w):
    start = len(codes(w))
    w.screen.xdotool("keydown", "a")
    time.sleep(1.5)
    w.screen.xdotool("keyup", "a")
    w.until("the key's end", lambda: codes(w, start).endswith("9e"), 5)
    makes = codes(w, start).count("1e")
    bench.check("a held key repeats after half a second, 10.9 times a second", 6 <= makes <= 16, f"{makes} times")
    start = len(codes(w))
    w.screen.xdotool("keydown", "Shift_L", "keydown", "b")
    w.until("two keys", lambda: codes(w, start).startswith("2a30"), 5)
    w.screen.unfocus()
    try:
        w.until("their end", lambda: "aa" in codes(w, start) and "b0" in codes(w, start), 5)
        bench.check("keys held when the window loses the keyboard come up", True)
    except Failed:
        bench.check("keys held when the window loses the keyboard come up", False, codes(w, start))
    w.screen.xdotool("keyup", "b", "keyup", "Shift_L")
    start = len(codes(w))
    w.keys("x")
    w.screen.focus(w.id)
    w.keys("y")
    w.until("a key", lambda: "95" in codes(w, start), 5)
    bench.check("no key comes from elsewhere, and none sticks", codes(w, start) == "1595", codes(w, start))


def fast_typing(bench, w):
    """Faster than any typist; not faster than SDL tells a second press from a repeat by X's time stamps."""
    start, text = len(codes(w)), "the quick brown fox " * 3
    row = {c: k for k, c in enumerate("qwertyuiop", 0x10)} | {c: k for k, c in enumerate("asdfghjkl", 0x1e)}
    row |= {c: k for k, c in enumerate("zxcvbnm", 0x2c)} | {" ": 0x39}
    w.screen.xdotool("type", "--delay", 4, text)
    want = "".join(f"{row[c]:02x}{row[c] | 0x80:02x}" for c in text)
    try:
        w.until("the keys", lambda: len(codes(w, start)) >= len(want), 10)
    except Failed:
        pass
    bench.check("keys typed fast all come", codes(w, start) == want, codes(w, start))


def keyboard(bench, w):
    w.until("the sector", lambda: "ready\n" in w.sent())
    all_keys(bench, w)
    held_keys(bench, w)
    fast_typing(bench, w)
    window_size(bench, w)
    w.screen.ask_to_close(w.id)
    w.ends(CLOSED)


# ---- the window's size ----

def dots_are_squares(w, n):
    """The window has n times the picture's size, and shows the firmware's message."""
    if w.screen.place(w.id)[2:] != (n * PICTURE[0], n * PICTURE[1]):
        return False
    small = w.picture().every(n)
    return small is not None and "pcemu BIOS" in "\n".join(w.bench.font.read(small)[0])


def fills_screen(w):
    """The picture as large as the screen allows: bars above and below it only."""
    left, top, width, height = w.screen.place(w.id)
    if (left, top, width, height) != (0, 0, *SCREEN):
        return False
    lit = w.screen.picture().lit()
    return bool(lit) and lit[0] >= (SCREEN[1] - SCREEN[0] * PICTURE[1] // PICTURE[0]) // 2


def window_size(bench, w):
    w.screen.xdotool("windowmove", w.id, 0, 0)
    w.screen.xdotool("windowsize", w.id, 2 * PICTURE[0], 2 * PICTURE[1])
    w.until("a window twice as large", lambda: dots_are_squares(w, 2), 10)
    bench.check("in a window of twice the size dots are squares", True)
    w.shot("twice")
    w.screen.xdotool("windowsize", w.id, 1000, 700)
    w.until("another size", lambda: w.screen.place(w.id)[2:] == (1000, 700), 10)
    time.sleep(0.3)
    w.shot("odd-size")
    bar = (700 - 1000 * PICTURE[1] // PICTURE[0]) // 2
    bench.check("a picture of other proportions has bars", bar <= w.picture().lit()[0] < bar + 10)
    w.keys("ctrl+alt+u")
    w.until("the picture's own size", lambda: dots_are_squares(w, 1), 10)
    bench.check("Ctrl-Alt-U brings the picture's own size back", True)


# ---- a window manager ----

WINDOW_MANAGER = "openbox"


def alt_f4(w):
    """What a press of Alt-F4 brings to the guest."""
    start = len(codes(w))
    w.keys("alt+F4")
    time.sleep(1)
    return codes(w, start)


def managed(bench, w):
    w.until("the sector", lambda: "ready\n" in w.sent())
    w.keys("ctrl+alt+f")
    w.until("full screen", lambda: fills_screen(w), 10)
    w.shot("full-screen")
    w.keys("ctrl+alt+f")
    w.until("the end of full screen", lambda: w.screen.place(w.id)[2:] == PICTURE, 10)
    bench.put_pointer_away()
    w.until("the window again", lambda: dots_are_squares(w, 1), 10)
    bench.check("Ctrl-Alt-F makes it full screen, and back", True)
    w.keys("ctrl+alt+g")
    w.until("the grab", lambda: "Ctrl-Alt-G" in w.screen.title(w.id), 10)
    w.screen.picture().save(os.path.join(bench.shots, "grabbed.png"))
    got = alt_f4(w)
    bench.check("under Ctrl-Alt-G the guest gets the window manager's keys", got == "383eb8be", got)
    w.keys("ctrl+alt+g")
    w.until("its end", lambda: "Ctrl-Alt-G" not in w.screen.title(w.id), 10)
    bench.check("and the title says so", True)
    w.keys("alt+F4")
    w.ends(CLOSED)
    bench.check("without it Alt-F4 closes the window", True)


def window_manager(bench, w):
    if not shutil.which(WINDOW_MANAGER):
        print(f"skipped: {WINDOW_MANAGER} is missing")
        return
    manager = bench.screen.run(WINDOW_MANAGER)
    try:
        left, top, *_ = w.screen.place(w.id)
        w.until("a window manager", lambda: w.screen.place(w.id)[:2] != (left, top), 20)
        w.screen.xdotool("windowactivate", "--sync", w.id)
        managed(bench, w)
    finally:
        manager.terminate()
        manager.wait()


# ---- the mouse ----

def packets(w):
    """What the guest's mouse has sent: buttons, right, up, wheel towards the user, side buttons."""
    found = []
    for line in w.sent().split("ready\n")[-1].split():
        if len(line) == 8:
            first, x, y, last = bytes.fromhex(line)
            found.append((first & 7, x - (256 if first & 16 else 0), y - (256 if first & 32 else 0),
                          (last & 15) - (16 if last & 8 else 0), last >> 4))
    return found


def way(w, start):
    """The sum of all motion since then."""
    return tuple(sum(p[i] for p in packets(w)[start:]) for i in (1, 2, 3))


def grabs(w):
    return "Ctrl-Alt-G" in w.screen.title(w.id)


def mouse_moves(bench, w):
    for right, down in ((10, 0), (0, 7), (-25, -13), (300, 200)):
        start = len(packets(w))
        w.screen.xdotool("mousemove_relative", "--", right, down)
        try:
            w.until("the motion", lambda: way(w, start) == (right, -down, 0), 5)
        except Failed:
            bench.check(f"a move by {right}, {down}", False, str(way(w, start)))
            return
    bench.check("the guest's mouse goes as far as the host's", True)


def mouse_clicks(bench, w):
    for button, bits in ((1, (1, 0)), (3, (2, 0)), (2, (4, 0)), (8, (0, 1)), (9, (0, 2))):
        start = len(packets(w))
        w.screen.xdotool("click", "--delay", 0, button)
        try:
            w.until("a click", lambda: len(packets(w)) >= start + 2, 5)
        except Failed:
            pass
        got = [(p[0], p[4]) for p in packets(w)[start:]]
        if got != [bits, (0, 0)]:
            bench.check(f"button {button}", False, str(got))
            return
    bench.check("each of five buttons goes down and up", True)
    start = len(packets(w))
    w.screen.xdotool("click", "--repeat", 3, "--delay", 30, 5)
    w.until("the wheel", lambda: way(w, start) == (0, 0, 3), 5)
    w.screen.xdotool("click", "--repeat", 2, "--delay", 30, 4)
    w.until("the wheel back", lambda: way(w, start) == (0, 0, 1), 5)
    bench.check("the wheel turns both ways", True)


def mouse(bench, w):
    w.until("the sector", lambda: "ready\n" in w.sent())
    left, top, width, height = w.screen.place(w.id)
    w.screen.xdotool("mousemove", left + width // 2, top + height // 2, "click", 3)
    time.sleep(0.5)
    bench.check("a mouse that is not grabbed is the host's", not grabs(w) and not packets(w), str(packets(w)))
    w.screen.xdotool("click", 1)
    w.until("the grab", lambda: grabs(w), 10)
    time.sleep(0.5)
    bench.check("a click grabs it, and is not the guest's", not any(p[0] for p in packets(w)), str(packets(w)))
    mouse_moves(bench, w)
    mouse_clicks(bench, w)
    w.keys("ctrl+alt+g")
    w.until("its end", lambda: not grabs(w), 10)
    start = len(packets(w))
    w.screen.xdotool("mousemove_relative", 20, 20, "click", 3)
    time.sleep(0.5)
    bench.check("Ctrl-Alt-G gives it back", packets(w)[start:] == [], str(packets(w)[start:]))
    w.screen.ask_to_close(w.id)
    w.ends(CLOSED)


# Each with the options of its pcemu.
SCENARIOS = [
    (bundled_guest,),
    (tour,),
    (guest_tests, "-device", "isa-debug-exit,iobase=0xf4"),
    (closed_window,),
    (keyboard, "-snapshot", "{sectors}/keys.img"),
    (mouse, "-snapshot", "{sectors}/mouse.img"),
    (window_manager, "-snapshot", "{sectors}/keys.img"),
    (linux, "-snapshot", "{disks}/shell.img"),
]


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: window.py DISK-DIR SHOTS [SCENARIO...]")
    disks, shots, *chosen = sys.argv[1:]
    for tool in ("Xvfb", "xdotool"):
        if not shutil.which(tool):
            print(f"{tool} is missing")
            return 77
    here = os.path.dirname(os.path.abspath(__file__))
    made = subprocess.run([os.path.join(here, "linux-disk.sh"), disks], check=False)
    if made.returncode:
        return made.returncode
    os.makedirs(shots, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pcemu-test-") as directory:
        bench = Bench(directory, disks, shots)
        try:
            for scenario, *options in SCENARIOS:
                if not chosen or scenario.__name__ in chosen:
                    bench.run(scenario, *(o.format(sectors=os.environ["SECTORS"], disks=disks) for o in options))
        finally:
            bench.screen.close()
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
