#!/bin/bash
# media-cds.sh DIR: makes CDs that boot Linux by ISOLINUX (El Torito without emulation), out of Debian's packages alone:
# Debian's kernel (downloaded, not installed) with its modules for floppy, ATA and CD-ROM drives, and an initramfs of
# busybox. What its /init does is the CD's name; it says so on the serial port and powers off:
#   floppy.iso    formats the disk in /dev/fd0, makes a FAT file system, writes files, reads them back
#   dma.iso       makes a file system on /dev/sda and writes files under load
#   pio.iso       the same with DMA turned off
#   cdrom.iso     reads the files of this CD by DMA, and again by PIO
#   view.iso      prints what the kernel sees of the machine (guest-view.py reads it)
# DIR/emulation.iso boots by floppy emulation: DIR/floppy.img, which boots SYSLINUX and says "hello from the floppy".
# Does nothing when they are there already, and younger than this script. Exit status 77: something needed is missing.
set -euo pipefail
dir=${1:?usage: media-cds.sh DIR}
script=$(realpath "$0")
mkdir -p "$dir"
cd "$dir"
exec 9>lock
flock 9
[ view.iso -nt "$script" ] && exit 0

PATH=$PATH:/usr/sbin:/sbin
for tool in apt-get dpkg-deb cpio mcopy mkfs.fat syslinux genisoimage cc depmod modprobe; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
isolinux=/usr/lib/ISOLINUX/isolinux.bin
[ -f $isolinux ] || { echo "isolinux is missing"; exit 77; }
busybox=/bin/busybox
[ -x $busybox ] || { echo "busybox-static is missing"; exit 77; }

fetch_kernel() {
    local package
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$package" ] && apt-get download -q "$package" >/dev/null 2>&1 && dpkg-deb -x "$package"_*.deb kernel &&
        rm -f "$package"_*.deb
}
compgen -G 'kernel/boot/vmlinuz-*' >/dev/null || fetch_kernel || { echo "no kernel to be had"; exit 77; }

rm -rf root
mkdir -p root/bin root/proc root/sys root/dev root/mnt
cp $busybox root/bin/busybox
for file in $(command -v mkfs.fat) $(ldd "$(command -v mkfs.fat)" | grep -oE '/[^ ]+'); do
    cp -L --parents "$file" root/
done
# Formats each track of the drive by the kernel's FDFMTTRK.
cat >fdformat.c <<'FDFORMAT'
#include <fcntl.h>
#include <linux/fd.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
    struct floppy_struct geometry;
    struct format_descr at = { 0 };
    int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
    if (fd < 0 || ioctl(fd, FDGETPRM, &geometry) || ioctl(fd, FDFMTBEG, NULL))
        return perror("fdformat"), 1;
    for (at.track = 0; at.track < geometry.track; at.track++)
        for (at.head = 0; at.head < geometry.head; at.head++)
            if (ioctl(fd, FDFMTTRK, &at))
                return perror("FDFMTTRK"), 1;
    if (ioctl(fd, FDFMTEND, NULL))
        return perror("FDFMTEND"), 1;
    printf("formatted %u tracks, %u sectors\n", geometry.track * geometry.head, geometry.size);
    return 0;
}
FDFORMAT
cc -static -O1 -o root/bin/fdformat fdformat.c
release=$(basename kernel/lib/modules/*)
depmod -b kernel "$release"
for module in floppy sr_mod sd_mod ata_piix isofs vfat nls_cp437 nls_ascii ext4 crc32c_generic \
    e1000 i2c-piix4 parport_pc psmouse pcspkr; do
    modprobe -S "$release" -d "$PWD/kernel" --show-depends $module | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done >modules
sort -u modules | while read -r file; do
    mkdir -p "root/lib/modules/$release"
    cp "$file" "root/lib/modules/$release/"
done
depmod -b root "$release" 2>/dev/null

cat >root/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/sbin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
modprobe crc32c_generic

# sums DIRECTORY: the check sums of its files.
sums() {
    (cd "$1" && find . -type f | sort | xargs sha256sum)
}

# Reads come from the disk, not from what the kernel remembers.
forget() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

floppy() {
    modprobe floppy
    modprobe vfat
    modprobe nls_cp437
    modprobe nls_ascii
    fdformat /dev/fd0
    mkfs.fat -i 70636d75 /dev/fd0 >/dev/null 2>&1
    mount -t vfat /dev/fd0 /mnt
    seq 60000 >/mnt/numbers
    head -c 500000 /bin/busybox >/mnt/bytes
    sums /mnt
    umount /mnt
    echo "written"
    mount -t vfat /dev/fd0 /mnt
    sums /mnt
    umount /mnt
}

# How the kernel talks to each ATA device.
modes() {
    for device in /sys/class/ata_device/dev[12].0; do
        [ "$(cat $device/class)" = none ] || echo "mode $(cat $device/class) $(cat $device/xfer_mode)"
    done
}

# A loop of computation and system calls.
load() {
    while :; do seq 2000 | sort -n | md5sum; done >/dev/null
}

disk() {
    modprobe ata_piix
    modprobe sd_mod
    modprobe ext4
    sleep 1
    modes
    mke2fs /dev/sda >/dev/null
    mount -t ext4 /dev/sda /mnt
    load & load &
    for i in 1 2 3 4; do
        (seq $i 3 100000 >/mnt/seq$i; head -c 400000 /bin/busybox >/mnt/bytes$i; cp /mnt/seq$i /mnt/copy$i; sync) &
        writers="$writers $!"
    done
    wait $writers
    rm /mnt/seq2
    forget
    sums /mnt >/first
    forget
    sums /mnt | cmp - /first && echo "read twice"
    cat /first
    umount /mnt
}

read_cd() {
    modes
    forget
    mount -t iso9660 -o ro /dev/sr0 /mnt
    sums /mnt
    umount /mnt
}

cdrom() {
    modprobe isofs
    modprobe ata_piix
    modprobe sr_mod
    sleep 1
    read_cd
    rmmod sr_mod ata_piix libata
    echo "without DMA"
    modprobe libata dma=0
    modprobe ata_piix
    modprobe sr_mod
    sleep 1
    read_cd
}

# Suspends to RAM and is woken by the clock chip.
sleeps() {
    rmmod sr_mod sd_mod ata_piix
    dmesg -c >/dev/null
    cat /sys/power/state /sys/power/mem_sleep
    echo "dates $(date +%s) $(cat /sys/class/rtc/rtc0/since_epoch)"
    head -c 2000000 /dev/urandom >/before
    sha256sum </before
    echo +5 >/sys/class/rtc/rtc0/wakealarm
    echo mem >/sys/power/state
    echo "dates $(date +%s) $(cat /sys/class/rtc/rtc0/since_epoch)"
    sha256sum </before
}

# Pulls the network card out of its slot.
ejects() {
    echo 0 >/sys/bus/pci/slots/3/power
    cat /sys/bus/pci/slots/3/power
    ls /sys/bus/pci/devices
    echo 1 >/sys/bus/pci/rescan
    ls /sys/bus/pci/devices /sys/class/net
}

# section NAME COMMAND...: what a command prints, between marks.
section() {
    echo "== $1"
    shift
    "$@" 2>&1
}

view() {
    for m in ata_piix sd_mod sr_mod floppy e1000 i2c-piix4 parport_pc psmouse pcspkr; do modprobe $m; done
    ip link set eth0 up
    sleep 3
    for f in ioports iomem interrupts dma cpuinfo; do section $f cat /proc/$f; done
    for d in /sys/bus/pci/devices/*; do section pci-${d##*/} base64 $d/config; done
    for d in /sys/bus/pci/devices/*; do section pci-resource-${d##*/} cat $d/resource $d/irq; done
    for f in /sys/firmware/acpi/tables/[A-Z]*; do section acpi-${f##*/} base64 $f; done
    for d in /sys/bus/acpi/devices/*; do section acpi-device-${d##*/} cat $d/path $d/hid $d/status $d/adr $d/uid $d/power_state; done
    for d in /sys/bus/pnp/devices/*; do section pnp-${d##*/} cat $d/id $d/resources; done
    section slots sh -c 'cd /sys/bus/pci/slots && grep . */address */power'
    section cpus sh -c 'cd /sys/devices/system/cpu && cat possible present online; cat vulnerabilities/* | head -c 0'
    section clock sh -c 'cd /sys/devices/system/clocksource/clocksource0 && cat available_clocksource current_clocksource'
    section eject ejects
    section dmesg dmesg -r
    section sleep sleeps
    section dmesg-sleep dmesg -r
}

work=$(sed 's/.*test=\([a-z]*\).*/\1/' /proc/cmdline)
echo "work begins"
case $work in
dma) disk ;;
pio) modprobe libata dma=0; disk ;;
*) $work ;;
esac
echo "work ends"
dmesg | grep -iE 'lost interrupt|spurious|exception Emask|I/O error|failed command|timed out|floppy.*error'
poweroff -f
INIT
chmod +x root/init
(cd root && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0 | gzip -n -9) >initrd.gz

# make_cd NAME
make_cd() {
    rm -rf cd
    mkdir -p cd/isolinux
    cp $isolinux /usr/lib/syslinux/modules/bios/ldlinux.c32 cd/isolinux/
    cp kernel/boot/vmlinuz-* cd/vmlinuz
    cp initrd.gz cd/
    printf 'DEFAULT linux\nLABEL linux\n KERNEL /vmlinuz\n APPEND initrd=/initrd.gz console=ttyS0,115200 quiet panic=-1 test=%s\n' \
        "$1" >cd/isolinux/isolinux.cfg
    genisoimage -quiet -R -o "$1.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
        -boot-info-table cd
    (cd cd && find . -type f | sort | xargs sha256sum) >"$1.sums"
}

truncate -s 1440K floppy.img
mkfs.fat -F 12 -i 70636d75 floppy.img >/dev/null
printf 'SERIAL 0 115200\nDISPLAY hello.txt\nPROMPT 1\n' >syslinux.cfg
printf 'hello from the floppy\n' >hello.txt
mcopy -o -i floppy.img syslinux.cfg hello.txt ::
syslinux --install floppy.img
cp floppy.img cd.img
rm -rf cd
mkdir cd
cp floppy.img cd/
genisoimage -quiet -o emulation.iso -b floppy.img -c boot.cat cd
for name in floppy dma pio cdrom view; do make_cd $name; done
rm -rf root cd modules
