#!/bin/bash
# i386-disk.sh DIR PACKAGES: makes DIR/i386.img, a disk that boots a 32-bit Linux: the kernel of Debian's installer for
# i386 with an initramfs of its busybox, which says what /proc/cpuinfo says, computes a few things on the serial port and
# powers off. DIR/expected.txt holds the lines of the computation, made here by the host's tools. Exit status 77:
# something needed is missing.
set -euo pipefail
dir=${1:?usage: i386-disk.sh DIR PACKAGES}
packages=$(realpath -m "${2:?}")
script=$(realpath "$0")
here=$(dirname "$script")
PATH=$PATH:/usr/sbin:/sbin
for tool in cpio mcopy mkfs.fat sfdisk syslinux; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
package=debian-installer-12-netboot-i386
mkdir -p "$dir"
cd "$dir"
exec 9>lock
flock 9
[ i386.img -nt "$script" ] && [ -s expected.txt ] && exit 0
"$here/debian-package.sh" "$packages" $package
installer=$packages/$package/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386

rm -rf root
mkdir root
(cd root && zcat "$installer/initrd.gz" |
    cpio -id --quiet 'bin/*' 'lib/ld-linux.so.2' 'lib/i386-linux-gnu/ld-linux.so.2' 'lib/i386-linux-gnu/libc.so.6' 2>/dev/null)
mkdir -p root/proc root/dev
cat >work.sh <<'WORK'
dd if=/dev/zero bs=1M count=4 2>/dev/null | sha256sum
awk 'BEGIN { for (i = 1; i < 5000; i++) { x += 1 / (i * i + 0.5); y = (y + x) / 1.7 } printf "%.14f %.14f\n", x, y }'
i=0; while [ $i -lt 50 ]; do sh -c true; i=$((i + 1)); done; echo $i forks
WORK
cat >root/init <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
sha256sum() { $b sha256sum; }
awk() { $b awk "$@"; }
dd() { $b dd "$@"; }
{
    $b grep -E '^(vendor_id|cpu family|model|flags)' /proc/cpuinfo
    echo "work begins"
    . /work.sh
    echo "work ends"
} >/dev/ttyS0 2>&1
$b poweroff -f
INIT
chmod +x root/init
cp work.sh root/
(cd root && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0 | gzip -n -9) >initrd.gz
cp "$installer/linux" vmlinuz
. "$here/syslinux-disk.sh"
make_disk i386.img.new 0 'console=ttyS0,115200 panic=-1'
sh work.sh >expected.txt
mv i386.img.new i386.img
rm -rf root
