"""A virtual X server (Xvfb) for the window's test: looks at its picture, reads the text in it, and does with the window
what a window manager would. Keys are typed by xdotool. Needs nothing of Python but its standard library."""
import ctypes
import os
import struct
import subprocess
import zlib

CELL_WIDTH, CELL_HEIGHT = 9, 16


class Picture:
    """Pixels as bytes: blue, green, red, 0."""

    def __init__(self, width, height, rows):
        self.width, self.height, self.rows = width, height, rows

    def crop(self, x, y, width, height):
        """What of that rectangle is in the picture."""
        right, bottom = min(x + width, self.width), min(y + height, self.height)
        return Picture(right - x, bottom - y, [row[4 * x:4 * right] for row in self.rows[y:bottom]])

    def pixel(self, x, y):
        b, g, r = self.rows[y][4 * x:4 * x + 3]
        return r << 16 | g << 8 | b

    def lit(self):
        """The rows that are not all black."""
        return [y for y, row in enumerate(self.rows) if any(row)]

    def every(self, n):
        """One pixel of each square of n by n; None when the squares are not of one colour."""
        rows = [b"".join(row[i:i + 4] for i in range(0, len(row), 4 * n)) for row in self.rows[::n]]
        small = Picture(self.width // n, self.height // n, rows)
        big = [b"".join(row[i:i + 4] * n for i in range(0, len(row), 4)) for row in rows for _ in range(n)]
        return small if big == self.rows else None

    def save(self, path):
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        lines = bytearray()
        for row in self.rows:
            rgb = bytearray(3 * self.width)
            rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
            lines += b"\0" + rgb
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        with open(path, "wb") as out:
            out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) +
                      chunk(b"IEND", b""))


class Font:
    """The characters of the VGA BIOS, 8 by 16, to read a picture by. Cells that are no character of it read as '?' in
    `unknown`."""

    CURSOR_LINES = {13, 14}

    def __init__(self, rom):
        with open(rom, "rb") as f:
            data = f.read()
        letters = bytes.fromhex("0000386cc6c6c6fec6c6c6c600000000" "0000fcc6c6c6fcc6c6c6c6fc00000000")  # A and B
        start = data.index(letters) - 16 * ord("A")
        glyphs = [data[start + 16 * i:start + 16 * i + 16] for i in range(256)]
        self.code = {}
        for i in [*range(32, 127), *range(128, 256), *range(1, 32)]:
            self.code.setdefault(glyphs[i], bytes([i]).decode("cp437") if i >= 32 else "?")
        self.cells = {}

    def _dots(self, rows, color):
        return bytes(sum(0x80 >> i for i in range(8) if row[4 * i:4 * i + 4] == color) for row in rows)

    def _match(self, dots):
        if dots in self.code:
            return self.code[dots]
        if all(dots[i] == 0xFF for i in self.CURSOR_LINES):  # the cursor lies over it
            for glyph, char in self.code.items():
                if all(i in self.CURSOR_LINES or glyph[i] == dots[i] for i in range(CELL_HEIGHT)):
                    return char
        return None

    def _read_cell(self, rows):
        colors = {row[i:i + 4] for row in rows for i in range(0, 4 * CELL_WIDTH, 4)}
        if len(colors) == 1:
            return " "
        if len(colors) != 2:
            return None
        found = [self._match(self._dots(rows, color)) for color in colors]
        return next((char for char in found if char), None)

    def read(self, picture):
        """The lines of text in a picture of whole cells, and how many cells no character explains."""
        lines, unknown = [], 0
        for y in range(0, picture.height - CELL_HEIGHT + 1, CELL_HEIGHT):
            line = ""
            for x in range(0, 4 * (picture.width - CELL_WIDTH + 1), 4 * CELL_WIDTH):
                rows = [row[x:x + 4 * CELL_WIDTH] for row in picture.rows[y:y + CELL_HEIGHT]]
                key = b"".join(rows)
                if key not in self.cells:
                    self.cells[key] = self._read_cell(rows)
                char = self.cells[key]
                unknown += char is None
                line += char or "\N{REPLACEMENT CHARACTER}"
            lines.append(line.rstrip())
        return lines, unknown


class _ClientMessage(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("room", ctypes.c_long * 24)]


class Screen:
    """One Xvfb. `window` methods take X's number of a window."""

    CLIENT_MESSAGE = 33
    REVERT_TO_NONE = 0
    PATIENCE = 60  # seconds, with one command of xdotool

    def __init__(self, directory, width, height):
        self.corner = (width - 8, height - 8)
        self.frame_buffer = os.path.join(directory, "Xvfb_screen0")
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-fbdir", directory,
             "-nolisten", "tcp", "-noreset"], pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writer)
        with open(reader, encoding="ascii") as f:
            number = f.readline().strip()
        if not number:
            raise RuntimeError("Xvfb does not start")
        self.name = ":" + number
        self.environment = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "XAUTHORITY")}
        self.environment.update(DISPLAY=self.name, SDL_VIDEODRIVER="x11")
        self.x = ctypes.CDLL("libX11.so.6")
        self.on_error = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda display, error: 0)
        self.x.XSetErrorHandler(self.on_error)  # a window may be gone when it is asked for; Xlib would end this process
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        for f in ("XInternAtom", "XDefaultRootWindow", "XCreateSimpleWindow"):
            getattr(self.x, f).restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(self.name.encode()))
        if not self.display:
            raise RuntimeError("Xvfb does not answer")
        self.xdotool("mousemove", *self.corner)  # the pointer hides what is below it

    def close(self):
        self.x.XCloseDisplay(self.display)
        self.server.terminate()
        self.server.wait()

    def picture(self):
        """The whole screen, out of Xvfb's file in xwd format."""
        with open(self.frame_buffer, "rb") as f:
            data = bytearray(f.read())
        header = struct.unpack(">19I", data[:76])
        width, height, stride, start = header[4], header[5], header[12], header[0] + 12 * header[18]
        data[start + 3::4] = bytes(len(range(start + 3, len(data), 4)))
        return Picture(width, height, [bytes(data[start + y * stride:start + y * stride + 4 * width])
                                       for y in range(height)])

    def xdotool(self, *arguments):
        """What it prints. --sync waits for ever where what it waits for can't come: nothing that is not on the screen."""
        done = subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False, timeout=self.PATIENCE)
        return done.stdout

    def find(self, title):
        """The window on the screen with that title, or None."""
        found = self.xdotool("search", "--onlyvisible", "--name", title).split()
        return int(found[0]) if found else None

    def place(self, window):
        """Left, top, width, height, without what a window manager put around it."""
        left, top, width, height, ignored = (ctypes.c_int() for _ in range(5))
        parent, window = ctypes.c_ulong(), ctypes.c_ulong(window)
        root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        got = map(ctypes.byref, (parent, left, top, width, height, ignored, ignored))
        self.x.XGetGeometry(self.display, window, *got)
        self.x.XTranslateCoordinates(self.display, window, root, 0, 0, *map(ctypes.byref, (left, top, parent)))
        return left.value, top.value, width.value, height.value

    def run(self, *command):
        """A program on this screen."""
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def title(self, window):
        return self.xdotool("getwindowname", window).strip()

    def focus(self, window):
        self.xdotool("windowfocus", "--sync", window)

    def unfocus(self):
        """Gives the keyboard to a small window of our own, in the screen's last corner."""
        x = self.x
        root = x.XDefaultRootWindow(self.display)
        other = ctypes.c_ulong(x.XCreateSimpleWindow(self.display, ctypes.c_ulong(root), *self.corner, 8, 8, 0, 0, 0))
        x.XMapWindow(self.display, other)
        x.XSync(self.display, 0)
        x.XSetInputFocus(self.display, other, self.REVERT_TO_NONE, ctypes.c_ulong(0))
        x.XSync(self.display, 0)

    def ask_to_close(self, window):
        """What a window manager's close button does."""
        x = self.x
        message = _ClientMessage(type=self.CLIENT_MESSAGE, window=window, format=32,
                                 message_type=x.XInternAtom(self.display, b"WM_PROTOCOLS", 0))
        message.data[0] = x.XInternAtom(self.display, b"WM_DELETE_WINDOW", 0)
        x.XSendEvent(self.display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
        x.XSync(self.display, 0)
