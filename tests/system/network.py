#!/usr/bin/env python3
"""network.py: the network card and the user network, by a Linux guest that boots over them: iPXE (the card's option ROM)
gets PXELINUX, Debian's installer kernel and an initramfs of busybox by TFTP. The guest takes an address by DHCP, fetches
a large file from an HTTP server on the host's loopback, and serves one through hostfwd. A second guest uses the network's
own services only: two runs of it are the same to the byte, and so is what passed on the wire. PCEMU is the emulator.
Exit status 77: something needed is missing."""
import functools
import gzip
import hashlib
import http.server
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.dont_write_bytecode = True  # the source tree stays as it is

INSTALLER = "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64"
OPTION_ROM = "/usr/lib/ipxe/qemu/efi-e1000.rom"
BUSYBOX = "/bin/busybox"
LDLINUX = "/usr/lib/syslinux/modules/bios/ldlinux.c32"
DRIVER = "lib/modules/*/kernel/drivers/net/ethernet/intel/e1000/e1000.ko"
LARGE = 64 << 20
PATIENCE = 900  # seconds of the host

INIT = r"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
port=$(sed -n 's/.*http=\([0-9]*\).*/\1/p' /proc/cmdline)
insmod /e1000.ko
ip link set eth0 up
udhcpc -i eth0 -n -q -s /lease
ping -c 2 10.0.2.2 >/dev/null && echo "GATEWAY answers"
if [ -n "$port" ]; then
    wget -q -O - http://10.0.2.2:$port/large | sha256sum | sed 's/^/SHA /'
    mkdir /www
    dd if=/dev/zero bs=1M count=4 2>/dev/null | tr '\0' 'x' >/www/served
    httpd -p 80 -h /www
    echo "SERVING"
    while [ ! -e /www/stop ]; do sleep 1; [ -e /tmp/n ]; wget -q -O /dev/null http://10.0.2.2:$port/stop && break; done
fi
dmesg | grep -i -E "e1000|eth0|BUG|Oops|Call Trace" | sed 's/^/DMESG /'
echo "COUNTERS $(cat /sys/class/net/eth0/statistics/*_errors 2>/dev/null | tr '\n' ' ')"
poweroff -f
"""

LEASE = r"""#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add $ip/24 dev eth0
ip route add default via $router
echo "LEASE $ip router $router dns $dns"
"""


def need(*paths):
    for path in paths:
        if not os.path.exists(path):
            print(f"{path} is missing")
            sys.exit(77)


class Bench:
    def __init__(self, directory):
        self.directory = directory
        self.failures = 0

    def check(self, name, true, detail=""):
        print(f"ok: {name}" if true else f"FAILED: {name} {detail}", flush=True)
        self.failures += not true

    def path(self, name):
        return os.path.join(self.directory, name)

    def file(self, name, data, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(self.path(name), mode)


def run(command, directory, stdin=None):
    return subprocess.run(command, cwd=directory, input=stdin, stdout=subprocess.PIPE, check=True, shell=True).stdout


def make_tftp(bench):
    """What the guest boots by TFTP: the installer's kernel, its driver, busybox."""
    archive = gzip.open(os.path.join(INSTALLER, "initrd.gz")).read()
    os.makedirs(bench.path("installer"))
    run(f"cpio -i --quiet --make-directories '{DRIVER}' || true", bench.path("installer"), archive)
    driver = run(f"echo {DRIVER}", bench.path("installer")).decode().strip()
    for d in ("bin", "proc", "dev", "sys", "tmp"):
        os.makedirs(bench.path("root/" + d))
    shutil.copy(BUSYBOX, bench.path("root/bin/busybox"))
    shutil.copy(os.path.join(bench.path("installer"), driver), bench.path("root/e1000.ko"))
    bench.file("root/init", INIT.replace("mount -t devtmpfs", "mount -t sysfs sys /sys\nmount -t devtmpfs"), 0o755)
    bench.file("root/lease", LEASE, 0o755)
    cpio = run("find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0", bench.path("root"))
    bench.file("tftp/initrd.gz", gzip.compress(cpio, mtime=0))
    shutil.copy(os.path.join(INSTALLER, "linux"), bench.path("tftp/linux"))
    shutil.copy(os.path.join(INSTALLER, "pxelinux.0"), bench.path("tftp/pxelinux.0"))
    shutil.copy(LDLINUX, bench.path("tftp/ldlinux.c32"))


def boot_with(bench, words):
    bench.file("tftp/pxelinux.cfg/default", "DEFAULT linux\nLABEL linux\n KERNEL linux\n"
               f" APPEND initrd=initrd.gz console=ttyS0 quiet panic=-1 {words}\n")


class Guest:
    """A running pcemu; its serial port's output, as it comes."""

    def __init__(self, bench, name, network=""):
        self.serial, self.pcap = bench.path(name + ".serial"), bench.path(name + ".pcap")
        self.process = subprocess.Popen(
            [os.environ["PCEMU"], "-display", "none", "-m", "512", "-boot", "n", "-no-reboot", "-nodefaults",
             "-serial", "file:" + self.serial, "-timeout", "3000",
             "-netdev", f"user,id=net,tftp={bench.path('tftp')},bootfile=/pxelinux.0{network}",
             "-device", "e1000,netdev=net", "-object", f"filter-dump,id=dump,netdev=net,file={self.pcap}"],
            stderr=subprocess.PIPE, text=True)

    def text(self):
        try:
            with open(self.serial, errors="replace") as f:
                return f.read().replace("\r", "")
        except FileNotFoundError:  # it has just started
            return ""

    def wait_for(self, word):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if word in self.text():
                return True
            time.sleep(0.2)
        return word in self.text()

    def end(self):
        """Its exit status, and what it said."""
        try:
            _, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, err = self.process.communicate()
        return self.process.returncode, err


class Server(http.server.BaseHTTPRequestHandler):
    """/large is a file; /stop is there once the guest shall end."""
    large, stop = b"", threading.Event()

    def do_GET(self):
        there = self.path == "/large" or (self.path == "/stop" and self.stop.is_set())
        body = self.large if self.path == "/large" else b"stop"
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", str(len(body) if there else 0))
        self.end_headers()
        if there:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def frames(path):
    """Time (µs) and bytes of each frame of a dump in libpcap's format."""
    data = open(path, "rb").read()
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1), "not a dump of Ethernet frames"
    at, result = 24, []
    while at < len(data):
        seconds, micros, kept, length = struct.unpack_from("<IIII", data, at)
        assert kept == length and len(data) >= at + 16 + kept
        result.append((seconds * 1000000 + micros, data[at + 16 : at + 16 + kept]))
        at += 16 + kept
    return result


def is_udp(frame, port):
    return frame[12:14] == b"\x08\x00" and frame[23] == 17 and port in struct.unpack_from(">HH", frame, 34)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def traffic(bench):
    """A guest that talks with the host, both ways."""
    Server.large = random.Random(1).randbytes(LARGE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    forwarded = free_port()
    boot_with(bench, f"http={server.server_port}")
    start = time.monotonic()
    guest = Guest(bench, "traffic", f",hostfwd=tcp:127.0.0.1:{forwarded}-:80")
    if guest.wait_for("SERVING"):
        served = urllib.request.urlopen(f"http://127.0.0.1:{forwarded}/served", timeout=PATIENCE).read()
        bench.check("a file comes out of the guest through hostfwd", served == b"x" * (4 << 20), len(served))
    Server.stop.set()
    status, err = guest.end()
    server.shutdown()
    text = guest.text()
    bench.check("the guest powers off", status == 0, f"status {status}: {err}\n{text}")
    bench.check("DHCP gives an address", "LEASE 10.0.2.15 router 10.0.2.2 dns 10.0.2.3" in text, text)
    bench.check("the gateway answers a ping", "GATEWAY answers" in text)
    bench.check("64 MiB arrive as they were sent", "SHA " + hashlib.sha256(Server.large).hexdigest() in text, text)
    bench.check("the driver has no complaint",
                "NIC Link is Up 1000 Mbps Full Duplex" in text and "Hang" not in text and "Trace" not in text, text)
    bench.check("the card met nothing unknown", "e1000" not in err, err)
    print(f"   (in {time.monotonic() - start:.0f} s)")


def repeated(bench):
    """Two guests that use only what the network has itself."""
    boot_with(bench, "")
    guests = [Guest(bench, name) for name in ("first", "second")]
    ends = [g.end() for g in guests]
    bench.check("guests without sockets power off", all(e[0] == 0 for e in ends), ends)
    bench.check("they have an address", "LEASE 10.0.2.15" in guests[0].text(), guests[0].text())
    bench.check("their serial ports say the same", guests[0].text() == guests[1].text())
    wire = [open(g.pcap, "rb").read() for g in guests]
    bench.check("the same frames passed at the same times", wire[0] == wire[1], f"{len(wire[0])} {len(wire[1])}")
    seen = frames(guests[0].pcap)
    bench.check("the dump shows DHCP and TFTP",
                sum(is_udp(f, 67) for _, f in seen) >= 4 and sum(is_udp(f, 69) for _, f in seen) > 1000)
    bench.check("its times don't go back", all(a[0] <= b[0] for a, b in zip(seen, seen[1:])))


def main():
    need(INSTALLER, OPTION_ROM, BUSYBOX, LDLINUX, shutil.which("cpio") or "cpio")
    with tempfile.TemporaryDirectory(prefix="pcemu-network-") as directory:
        bench = Bench(directory)
        make_tftp(bench)
        repeated(bench)
        traffic(bench)
        return bench.failures


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
