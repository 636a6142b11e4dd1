"""pcemu in a window, for tests that use it as a person does: types, looks, waits. A bench has the screen (xscreen.py),
the font to read it by, a directory for what the emulator writes and one for screenshots."""
import os
import re
import subprocess
import time

PATIENCE = 60  # seconds
CLOSED = 10  # the exit status of a closed window


class Failed(Exception):
    pass


def environment(screen):
    """Under AddressSanitizer leaks are not counted: D-Bus and Mesa keep memory to the end."""
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return screen.environment | {"ASAN_OPTIONS": sanitizer.lstrip(":")}


class Window:
    """pcemu in a window."""

    def __init__(self, bench, name, *options):
        self.bench, self.screen = bench, bench.screen
        self.serial = os.path.join(bench.directory, name + ".serial")
        self.errors = open(os.path.join(bench.directory, name + ".err"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [os.environ["PCEMU"], "-name", name, "-serial", "file:" + self.serial, *options],
            env=environment(self.screen), stdin=subprocess.DEVNULL, stderr=self.errors)
        self.id = self.until("a window", lambda: self.screen.find(name))
        self.screen.focus(self.id)

    def until(self, what, true, patience=PATIENCE):
        """Waits for true() to be true and returns its value."""
        end = time.monotonic() + patience
        while True:
            value = true()
            if value:
                return value
            if self.process.poll() is not None:
                raise Failed(f"{what}: pcemu ended with status {self.process.returncode}")
            if time.monotonic() > end:
                raise Failed(f"{what}: not within {patience} s")
            time.sleep(0.05)

    def picture(self):
        return self.screen.picture().crop(*self.screen.place(self.id))

    def shot(self, name):
        self.picture().save(os.path.join(self.bench.shots, name + ".png"))

    def text(self):
        """What stands in the window. Cells may be cut in two for a moment: a picture is read while it changes."""
        lines, _ = self.bench.font.read(self.picture())
        return "\n".join(lines)

    def shows(self, pattern, patience=PATIENCE):
        try:
            return self.until(f"'{pattern}' in the window",
                              lambda: re.search(pattern, self.text(), re.MULTILINE), patience)
        except Failed as e:
            raise Failed(f"{e}; there is:\n{self.text()}") from None

    def all_characters(self):
        return self.bench.font.read(self.picture())[1] == 0

    def sent(self):
        with open(self.serial, "rb") as f:
            return f.read().decode("utf-8", "replace").replace("\r", "")

    def keys(self, *names):
        self.screen.xdotool("key", "--delay", 30, *names)

    def type(self, text):
        self.screen.xdotool("type", "--delay", 30, text)

    def command(self, text):
        self.type(text)
        self.keys("Return")

    def answer(self, command, pattern, patience=15):
        """Types a command whose output goes to the serial port; the match there."""
        start = len(self.sent())
        self.command(f"{command} >/dev/ttyS0")
        try:
            return self.until(f"'{pattern}' after '{command}'",
                              lambda: re.search(pattern, self.sent()[start:], re.MULTILINE), patience)
        except Failed as e:
            raise Failed(f"{e}; there is: {self.sent()[start:]!r}, and in the window:\n{self.text()}") from None

    def processor_time(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ends(self, status, patience=20):
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failed("pcemu does not end") from None
        if self.process.returncode != status:
            raise Failed(f"exit status {self.process.returncode}, not {status}")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.errors.close()
