"""A Linux shell in the window: window.py's last scenario. What is typed is answered, on the screen and on the serial port."""
import os
import re
import time

from emulator import CLOSED

# Of a processor, for a machine that waits: it is 0.07, and under the sanitizers 0.17, up to 0.3 where others take the
# host's caches. One that never sleeps takes what there is, at every look.
IDLE_SHARE = 0.5 if os.environ.get("SANITIZED") else 0.25
IDLE_LOOKS = 4


def boot(bench, w):
    w.shows(r"pcemu BIOS \(version")
    w.shot("linux-1-firmware")
    bench.check("the firmware is seen", True)
    w.shows(r"^boot:")
    bench.check("SYSLINUX is seen", w.shows("SYSLINUX") is not None)
    w.shot("linux-2-boot-loader")
    w.command("linux typed=yes")
    w.shows(r"\[ +\d+\.\d{6}\] ")
    w.shot("linux-3-kernel")
    bench.check("the kernel's console is seen", True)
    w.shows("^/ #", 120)
    w.shot("linux-4-shell")
    w.until("a screen of characters alone", w.all_characters, 5)
    bench.check("the shell is seen, and nothing that is no character", True)


def typed_commands(bench, w):
    release = re.search(r"vmlinuz-(\S+)", " ".join(os.listdir(f"{bench.disks}/kernel/boot"))).group(1)
    w.command("clear; echo $((6*7)); uname -r; cat /proc/cpuinfo | head -5")
    w.shows("^cpu family")
    w.shows("^/ #$")
    lines = w.text().split("\n")
    w.shot("linux-5-typed")
    bench.check("what was typed is answered in the window", lines[0] == "42" and lines[1] == release and
                lines[3].endswith(": AuthenticAMD"), "\n".join(lines))
    bench.check("the boot loader took what was typed", "typed=yes" in w.answer("cat /proc/cmdline", ".+").group())
    every = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) != "'")
    got = w.answer(f"echo '{every}'", "^.*~").group()
    bench.check("every character of the keyboard comes", got == every, got)


def editing_keys(bench, w):
    w.command("clear; sleep 100")
    time.sleep(0.5)
    w.keys("ctrl+c")
    w.shows(r"^\^C")
    bench.check("Ctrl-C interrupts", w.answer("echo $?", r"\d+").group() == "130")
    w.type("echo ad >/dev/ttyS0")
    w.keys(*["Left"] * 13, "b", "c", "Home", "Delete", "e", "End", "BackSpace", "0")
    start = len(w.sent())
    w.keys("Return")
    w.until("the edited line", lambda: "abcd" in w.sent()[start:], 10)
    bench.check("arrows, Home, End, Delete and Backspace edit", True)
    start = len(w.sent())
    w.keys("Up", "Return")
    w.until("the line before", lambda: "abcd" in w.sent()[start:], 10)
    bench.check("the up arrow brings it again", True)
    w.type("cat -v >/dev/ttyS0")
    start = len(w.sent())
    w.keys("Return", "F1", "F5", "F12", "Insert", "Prior", "alt+q", "Return", "ctrl+d")
    found = w.until("the keys' codes", lambda: re.search(r"\^\[.*", w.sent()[start:]), 10).group()
    bench.check("function keys come", found == "^[[[A^[[[E^[[24~^[[2~^[[5~^[q", found)


def lamp(w, name):
    return w.answer(f"cat /sys/class/leds/input*::{name}/brightness", r"\d").group()


def locks(bench, w):
    start = len(w.sent())
    w.type("echo ")
    w.keys("Caps_Lock", "a", "b", "shift+c", "1", "Caps_Lock")
    w.type(" >/dev/ttyS0")
    w.keys("Return")
    w.until("capitals", lambda: "ABc1" in w.sent()[start:], 10)
    bench.check("Caps Lock makes capitals", True)
    before = lamp(w, "numlock")
    w.keys("Num_Lock")
    after = lamp(w, "numlock")
    bench.check("Num Lock turns its lamp", {before, after} == {"0", "1"}, before + after)
    w.type("echo x")
    w.keys(*([] if after == "1" else ["Num_Lock"]), 79, 84, 90, 86)  # 7 5 0 + of the keypad
    w.type(" >/dev/ttyS0")
    start = len(w.sent())
    w.keys("Return")
    w.until("digits", lambda: "x750+" in w.sent()[start:], 10)
    bench.check("the keypad makes digits under Num Lock", True)


def colors_and_cursor(bench, w):
    w.command(r"clear; printf '\033[0;31;44mX\033[1;33;40mX\033[0m\342\224\200\342\224\200\n\033[5mX\033[0m\n'")
    w.shows("^/ #$")
    w.shot("linux-6-colors")
    p = w.picture()
    cell = {p.pixel(x, y) for x in range(9) for y in range(16)}
    bench.check("red on blue", cell == {0xAA0000, 0x0000AA}, str([f"{c:06x}" for c in cell]))
    cell = {p.pixel(x, y) for x in range(9, 18) for y in range(16)}
    bench.check("bright yellow on black", cell == {0xFFFF55, 0}, str([f"{c:06x}" for c in cell]))
    full = [y for y in range(16) if all(p.pixel(x, y) for x in range(18, 36))]
    bench.check("lines go on from cell to cell", len(full) == 1)
    seen = {"character": set(), "cursor": set()}
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        p = w.picture()
        seen["character"].add(bool(p.crop(0, 16, 9, 16).lit()))
        seen["cursor"].add(bool(p.crop(4 * 9, 2 * 16, 9, 16).lit()))
    bench.check("characters blink", seen["character"] == {True, False})
    bench.check("the cursor blinks", seen["cursor"] == {True, False})


def times(w):
    """The host's and the guest's, in seconds."""
    guest = float(w.answer("cat /proc/uptime", r"^\d+\.\d+").group())
    return time.monotonic(), guest


def idle_share(w):
    """Of a processor, over some seconds."""
    before, busy = time.monotonic(), w.processor_time()
    time.sleep(4)
    return (w.processor_time() - busy) / (time.monotonic() - before)


def time_and_rest(bench, w):
    first = times(w)
    shares = [idle_share(w)]
    second = times(w)
    while shares[-1] >= IDLE_SHARE and len(shares) < IDLE_LOOKS:
        shares.append(idle_share(w))
    host, guest = (after - before for before, after in zip(first, second))
    print(f"idle: {100 * shares[-1]:.1f} % of a processor; {host:.2f} s of the host are {guest:.2f} s of the guest")
    bench.check("time goes at the host's pace", abs(host - guest) < 0.1 * host + 0.3)
    bench.check("a waiting machine leaves the host's processor alone", shares[-1] < IDLE_SHARE, str(shares))


def linux(bench, w):
    for step in (boot, typed_commands, editing_keys, locks, colors_and_cursor, time_and_rest):
        step(bench, w)
    w.keys("ctrl+alt+Delete")
    w.shows("^boot:")
    bench.check("Ctrl-Alt-Del starts the machine again", True)
    w.screen.ask_to_close(w.id)
    w.ends(CLOSED)
