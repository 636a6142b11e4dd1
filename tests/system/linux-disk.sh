#!/bin/bash
# linux-disk.sh DIR: makes DIR/linux.img, a disk that boots Linux, out of Debian's packages alone: SYSLINUX on a FAT
# partition, the cloud kernel (downloaded, not installed), and an initramfs of busybox. What its /init does depends on
# the word "test=" on the kernel's command line:
#   work    (default) computes a few things, prints them on the serial port, powers off
#   shell   a shell on the screen and one on the serial port
#   bench   the phases of tests/bench/boot.py, each between its start and its end line
#   smp     where the processors sit, then other work on each of them at once
#   cpus    where the processors sit
# DIR/shell.img boots into the second, DIR/bench.img into the third, DIR/smp.img and DIR/cpus.img into the last ones;
# before the second SYSLINUX's prompt waits ten seconds. DIR/expected.txt holds the lines that "work" must print, computed here and now by the same busybox. Does
# nothing when they are there already, and younger than this script. Exit status 77: something needed is missing.
set -euo pipefail
dir=${1:?usage: linux-disk.sh DIR}
script=$(realpath "$0")
mkdir -p "$dir"
cd "$dir"
exec 9>lock
flock 9
[ linux.img -nt "$script" ] && [ shell.img -nt "$script" ] && [ bench.img -nt "$script" ] && [ smp.img -nt "$script" ] &&
    [ cpus.img -nt "$script" ] && [ -s expected.txt ] && [ -s expected-smp.txt ] && exit 0

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

# What each processor does at the same time as the others: computing, and processes that come and go and share memory
# (pipes, copies on write), so that the processors shoot at each other's TLBs.
cat >smp-work.sh <<'WORK'
$B head -c 200000 $B | $B gzip -c | $B md5sum
$B awk 'BEGIN { for (i = 0; i < 5000; i++) { s += i * i % 7; a[i % 100] = s; x += 1 / (i * i + 0.5) } print s, x }'
i=0; while [ $i -lt 10 ]; do echo $i | $B cat | $B sed 's/$/x/' | $B md5sum; i=$((i + 1)); done | $B md5sum
WORK

cat >cpus.sh <<'CPUS'
echo "topology begins"
grep -E '^(processor|physical id|siblings|core id|cpu cores|apicid|initial apicid)' /proc/cpuinfo
cd /sys/devices/system/cpu
echo "online $(cat online) possible $(cat possible)"
for c in cpu[0-9]*; do
    [ ! -d $c/topology ] ||
        echo "$c $(cd $c/topology && cat core_id physical_package_id thread_siblings core_siblings die_id | tr '\n' ' ')"
done
echo "topology ends"
CPUS

cat >smp.sh <<'SMP'
n=$(nproc)
c=0
while [ $c -lt $n ]; do
    taskset $(printf %x $((1 << c))) sh /smp-work.sh >/out.$c 2>&1 &
    sh /smp-work.sh >/free.$c 2>&1 &
    c=$((c + 1))
done
wait
c=0
while [ $c -lt $n ]; do
    cmp /out.0 /out.$c && cmp /out.0 /free.$c && echo "processor $c computes the same"
    c=$((c + 1))
done
awk '/^ *(RES|CAL|TLB):/ { s = 0; for (i = 2; $i ~ /^[0-9]+$/; i++) s += $i; print $1, (s > 0 ? "some" : "none") }' \
    /proc/interrupts
echo "work begins"
cat /out.0
echo "work ends"
SMP

rm -rf root
mkdir -p root/bin root/proc root/sys root/dev
cp $busybox root/bin/busybox
cp work.sh bench.sh cpus.sh smp.sh smp-work.sh root/
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
*test=smp*) (sh /cpus.sh; sh /smp.sh) >/dev/ttyS0 2>&1 ;;
*test=cpus*) sh /cpus.sh >/dev/ttyS0 2>&1 ;;
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

cp kernel/boot/vmlinuz-* vmlinuz
. "$(dirname "$script")/syslinux-disk.sh"
make_disk shell.img.new 100 'console=ttyS0,115200 console=tty0 panic=-1 test=shell'
make_disk bench.img.new 0 'console=tty0 console=ttyS0,115200 panic=-1 test=bench'
make_disk smp.img.new 0 'console=tty0 console=ttyS0,115200 panic=-1 test=smp'
make_disk cpus.img.new 0 'console=tty0 console=ttyS0,115200 panic=-1 test=cpus'
make_disk linux.img.new 0 'console=tty0 console=ttyS0,115200 panic=-1'
B=$busybox $busybox sh work.sh >expected.txt.new
B=$busybox $busybox sh smp-work.sh >expected-smp.txt.new
for f in shell.img bench.img smp.img cpus.img linux.img expected.txt expected-smp.txt; do mv "$f.new" "$f"; done
rm -rf root
