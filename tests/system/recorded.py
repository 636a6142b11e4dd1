#!/usr/bin/env python3
"""recorded.py SHOTS: a session as a person has it is recorded and replayed. In a window, by the host's clock, iPXE's
command line is typed at; it takes an address by DHCP, a file by TFTP and a script by HTTP from this host, which shows a
word that nobody could know before. The replay has no window, no server and no file to ask for: its screen must be the
same in the end, and the machine itself says that it is the same. PCEMU is the emulator, VGABIOS the VGA BIOS. Exit
status 77: something needed is missing."""
import http.server
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True  # the source tree stays as it is
from emulator import CLOSED, Failed
from window import Bench

IPXE = "/usr/lib/ipxe/qemu/efi-e1000.rom"
REPLAY_LIMIT = 300  # seconds


def serve(script):
    """An HTTP server on the host's loopback that has one thing to give."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(script)))
            self.end_headers()
            self.wfile.write(script)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def command(w, text):
    """Typed in pieces, each seen before the next: a slow machine drops no key of it."""
    for end in range(8, len(text) + 8, 8):
        w.type(text[end - 8:end])
        words = [re.escape(word) for word in text[:end].split()]
        w.shows("iPXE> *" + r"\s+".join(words))
    w.keys("Return")


def to_command_line(w):
    """iPXE asks for Ctrl-B for a moment only."""
    def pressed():
        if "iPXE> " in w.text() + " ":
            return True
        w.keys("ctrl+b")
        return False
    w.until("iPXE's command line", pressed, 120)


def session(w, port, word):
    to_command_line(w)
    w.keys("Return")
    command(w, "dhcp")
    w.shows(r"ok\s+iPXE>")
    command(w, "imgfetch --name file tftp://10.0.2.2/file")
    w.shows(r"tftp://10\.0\.2\.2/file\.* ok")
    command(w, "imgstat")
    w.shows(r"file : 7000 bytes")
    command(w, f"chain http://10.0.2.2:{port}/script")
    w.shows(f"the word is {word}")
    command(w, "echo seen")
    w.shows("^seen")


def record(bench, path):
    """What the screen showed when the window was closed; the machine is left at its prompt."""
    word = secrets.token_hex(8)
    os.makedirs(path("tftp"))
    with open(path("tftp/file"), "wb") as f:
        f.write(os.urandom(7000))
    server = serve(f"#!ipxe\necho the word is {word}\n".encode())

    def interactive(_, w):
        session(w, server.server_port, word)
        w.shot("recorded")
        w.screen.ask_to_close(w.id)
        w.ends(CLOSED)

    try:
        bench.run(interactive, "-record", path("session"), "-screen-text", path("first"), "-boot", "n", "-nic",
                  "user,tftp=" + path("tftp"))
    finally:
        server.shutdown()
        server.server_close()
        shutil.rmtree(path("tftp"))
    if bench.failures:
        return False
    with open(path("first"), encoding="utf-8") as f:
        bench.check("what came from the network is on the screen", word in f.read())
    return True


def replay(bench, path):
    try:
        done = subprocess.run(
            [os.environ["PCEMU"], "-display", "none", "-name", "pcemu interactive", "-replay", path("session"), "-serial",
             "null", "-screen-text", path("second"), "-boot", "n", "-nic", "user,tftp=/nowhere"],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=REPLAY_LIMIT)
    except subprocess.TimeoutExpired:
        raise Failed(f"the replay does not end within {REPLAY_LIMIT} s") from None
    bench.check("the replay ends as the recording did", done.returncode == 0, f"{done.returncode} {done.stderr}")
    bench.check("it says that the machine is the same", re.search("replayed to its end, .* the same$", done.stderr, re.M),
                done.stderr)
    texts = [open(path(name), encoding="utf-8").read() for name in ("first", "second")]
    bench.check("its screen is the same", texts[0] == texts[1], "\n---\n".join(texts))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: recorded.py SHOTS")
    for tool in ("Xvfb", "xdotool"):
        if not shutil.which(tool):
            print(f"{tool} is missing")
            return 77
    if not os.path.exists(IPXE):
        print(f"{IPXE} is missing")
        return 77
    os.makedirs(sys.argv[1], exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pcemu-test-") as directory:
        bench = Bench(directory, None, sys.argv[1])
        try:
            if record(bench, lambda name: os.path.join(directory, name)):
                replay(bench, lambda name: os.path.join(directory, name))
        finally:
            bench.screen.close()
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
