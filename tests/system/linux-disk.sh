#!/bin/bash
# linux-disk.sh DIR: makes DIR/linux.img, a disk that boots Linux, out of Debian's packages alone: SYSLINUX on a FAT
# partition, the cloud kernel (downloaded, not installed), and an initramfs of busybox. What its /init does depends on
# the word "test=" on the kernel's command line:
#   work    (default) computes a few things, prints them on the serial port, powers off
#   shell   a shell on the screen and one on the serial port
#   bench   the phases of tests/bench/boot.py, each between its start and its end line
# DIR/shell.img boots into the second, DIR/bench.img into the third; before the second SYSLINUX's prompt waits ten
# seconds. DIR/expected.txt holds the lines that "work" must print, computed here and now by the same busybox. Does
# nothing when they are there already, and younger than this script. Exit status 77: something needed is missing.
set -euo pipefail
dir=${1:?usage: linux-disk.sh DIR}
script=$(realpath "$0")
mkdir -p "$dir"
cd "$dir"
exec 9>lock
flock 9
[ linux.img -nt "$script" ] && [ shell.img -nt "$script" ] && [ bench.img -nt "$script" ] && [ -s expected.txt ] &&
    exit 0

for tool in apt-get dpkg-deb cpio mcopy mkfs.fat sfdisk syslinux; do
    PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
PATH=$PATH:/usr/sbin:/sbin
busybox=/bin/busybox
[ -x $busybox ] || { echo "busybox-static is missing"; exit 77; }

fetch_kernel() {
    local package
    package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$package" ] && apt-get download -q "$package" >/dev/null && dpkg-deb -x "$package"_*.deb kernel &&
        rm -f "$package"_*.deb
}
compgen -G 'kernel/boot/vmlinuz-*' >/dev/null || fetch_kernel || { echo "no kernel to be had"; exit 77; }

# The work: each line is computed by busybox, in the guest and on the host.
cat >work.sh <<'WORK'
dd if=/dev/zero bs=1M count=16 2>/dev/null | $B sha256sum
$B gzip -c $B | $B md5sum
$B awk 'BEGIN { for (i = 0; i < 200000; i++) { s += i * i % 7; a[i % 100] = s } print s }'
$B awk 'BEGIN { for (i = 1; i < 20000; i++) { x += 1 / (i * i + 0.5); y = (y + x) / 1.7 } printf "%.14f %.14f\n", x, y }'
i=0; while [ $i -lt 100 ]; do $B true; i=$((i + 1)); done; echo $i forks
WORK

cat >bench.sh <<'BENCH'
say() { echo "BENCH $*" >/dev/ttyS0; }
phase() {
    say "$1 start"
    $1_work >/dev/ttyS0
    say "$1 end"
}
sha256_work() { sha256sum /zeros; }
gzip_work() { gzip -c $B | md5sum; }
awk_work() { awk 'BEGIN { for (i = 0; i < 200000; i++) { s += i * i % 7; a[i % 100] = s } print s }'; }
float_work() { awk 'BEGIN { for (i = 1; i < 100000; i++) { x += 1 / (i * i + 0.5); y = (y + x) / 1.7 } printf "%.14f\n", y }'; }
sort_work() { seq 10000 | awk '{ print ($1 * 7919) % 30011 }' | sort -n | md5sum; }
fork_work() { i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done; }
say boot end
dd if=/dev/zero of=/zeros bs=1M count=16 2>/dev/null
for p in sha256 gzip awk float sort fork; do phase $p; done
say all end
BENCH

rm -rf root
mkdir -p root/bin root/proc root/sys root/dev
cp $busybox root/bin/busybox
cp work.sh bench.sh root/
cat >root/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin B=/bin/busybox
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
case $(cat /proc/cmdline) in
*test=shell*)
    echo "shell ready" >/dev/ttyS0
    setsid sh -c 'exec sh </dev/ttyS0 >/dev/ttyS0 2>&1' &
    setsid cttyhack sh </dev/tty1 >/dev/tty1 2>&1
    ;;
*test=bench*) sh /bench.sh ;;
*)
    echo "work begins" >/dev/ttyS0
    sh /work.sh >/dev/ttyS0 2>&1
    echo "work ends" >/dev/ttyS0
    ;;
esac
poweroff -f
INIT
chmod +x root/init
(cd root && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0 | gzip -n -9) >initrd.gz

# make_disk IMAGE PROMPT COMMAND-LINE: SYSLINUX's prompt waits for PROMPT tenths of a second; 0: there is none.
make_disk() {
    rm -f "$1"
    truncate -s 64M "$1"
    printf 'label: dos\nlabel-id: 0x70636d75\nstart=2048, type=e, bootable\n' | sfdisk -q "$1"
    mkfs.fat -F 16 -i 70636d75 --offset 2048 "$1" $((63 * 1024)) >/dev/null
    printf 'DEFAULT linux\nPROMPT %d\nTIMEOUT %d\nLABEL linux\n KERNEL vmlinuz\n APPEND initrd=initrd.gz %s\n' \
        $(($2 > 0)) "$2" "$3" >syslinux.cfg
    export MTOOLS_SKIP_CHECK=1
    mcopy -i "$1@@1M" kernel/boot/vmlinuz-* ::vmlinuz
    mcopy -i "$1@@1M" initrd.gz syslinux.cfg ::
    syslinux --install --offset $((2048 * 512)) "$1"
    dd if=/usr/lib/syslinux/mbr/mbr.bin of="$1" conv=notrunc bs=440 count=1 status=none
}
make_disk shell.img.new 100 'console=ttyS0,115200 console=tty0 panic=-1 test=shell'
make_disk bench.img.new 0 'console=tty0 console=ttyS0,115200 panic=-1 test=bench'
make_disk linux.img.new 0 'console=tty0 console=ttyS0,115200 panic=-1'
B=$busybox $busybox sh work.sh >expected.txt.new
for f in shell.img bench.img linux.img expected.txt; do mv "$f.new" "$f"; done
rm -rf root
