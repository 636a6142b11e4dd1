#!/bin/bash
# grub-disk.sh DIR LINUX PACKAGES ext4|fat: makes two disks, without root and without loop devices:
#   DIR/ext4.img or DIR/fat.img   GRUB 2 of Debian's grub-pc-bin in the MBR and the gap behind it; a partition of that
#       file system with GRUB's modules, its menu, the kernel and the initramfs of LINUX (see linux-disk.sh) and a
#       second initramfs whose /disks.sh says what the kernel finds on its disks, then goes on to the first's /init.
#   DIR/data.img   the second disk: 200 GiB, a hole but for two FAT partitions, one of them behind the 128 GiB that 28
#       bits can address, each with a file, and a few bytes in the last sector.
# DIR/*.txt are the files in them. Exit status 77: something needed is missing.
set -euo pipefail
dir=${1:?usage: grub-disk.sh DIR LINUX PACKAGES ext4|fat}
linux=$(realpath "${2:?}")
packages=$(realpath -m "${3:?}")
system=${4:?}
here=$(dirname "$(realpath "$0")")
PATH=$PATH:/usr/sbin:/sbin

"$here/linux-disk.sh" "$linux"
"$here/debian-package.sh" "$packages" grub-pc-bin
modules=$packages/grub-pc-bin/usr/lib/grub/i386-pc
mkimage=$(command -v grub-mkimage) || {
    "$here/debian-package.sh" "$packages" grub-common
    mkimage=$packages/grub-common/usr/bin/grub-mkimage
}
for tool in cpio mcopy mkfs.fat mke2fs sfdisk; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
"$mkimage" --version >/dev/null || { echo "grub-mkimage (of grub-common) does not run here"; exit 77; }

mkdir -p "$dir"
cd "$dir"
exec 8>lock
flock 8
export MTOOLS_SKIP_CHECK=1

FIRST=2048          # both disks: the first partition
FAR=300000000       # the second disk: the second partition, behind sector 2^28
DATA_SIZE=419430401 # sectors: an odd number behind 200 GiB
PART_KIB=16384

# What a command says is shown when it fails.
quietly() { "$@" >said.log 2>&1 || { cat said.log; return 1; }; }

# fat_partition IMAGE SECTOR LABEL FILE...
fat_partition() {
    quietly mkfs.fat -F 16 -n "$3" -i 70636d75 --offset "$2" "$1" $PART_KIB
    mcopy -i "$1@@$(($2 * 512))" "${@:4}" ::
}

data_disk() {
    echo 'a file near the start of the second disk' >near.txt
    echo 'a file beyond what 28 bits can address' >far.txt
    seq 1 100000 >numbers.txt
    rm -f data.img.new
    truncate -s $((DATA_SIZE * 512)) data.img.new
    printf 'label: dos\nlabel-id: 0x70636d76\nstart=%d, size=%d, type=e\nstart=%d, size=%d, type=e\n' \
        $FIRST $((2 * PART_KIB)) $FAR $((2 * PART_KIB)) | sfdisk -q data.img.new
    fat_partition data.img.new $FIRST NEAR near.txt
    fat_partition data.img.new $FAR FAR far.txt numbers.txt
    printf 'the end of the disk' | dd of=data.img.new bs=1 seek=$((DATA_SIZE * 512 - 19)) conv=notrunc status=none
    mv data.img.new data.img
}

# The initramfs of disks.sh, with the kernel's drivers for IDE disks and FAT.
disks_initramfs() {
    local module
    rm -rf root
    mkdir -p root/modules root/near root/far
    for module in scsi_common scsi_mod libata ata_piix sd_mod fat vfat nls_cp437 nls_ascii nls_iso8859-1; do
        find "$linux/kernel/lib/modules" -name $module.ko -exec cp {} root/modules \;
    done
    cat >root/disks.sh <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
cd /modules
for m in scsi_common scsi_mod libata ata_piix sd_mod fat nls_cp437 nls_ascii nls_iso8859-1 vfat; do
    [ ! -e $m.ko ] || insmod $m.ko
done
i=0
while [ ! -b /dev/sdb2 ] && [ $i -lt 100 ]; do usleep 100000; i=$((i + 1)); done
{
    echo "disks begin"
    for d in sda sda1 sdb sdb1 sdb2; do
        echo "$d has $(cat /sys/class/block/$d/size) sectors"
    done
    mount -o ro /dev/sdb1 /near && cat /near/near.txt
    mount /dev/sdb2 /far && cat /far/far.txt && md5sum </far/numbers.txt
    sort -rn /far/numbers.txt >/far/sorted.txt && umount /far && mount -o ro /dev/sdb2 /far && md5sum </far/sorted.txt
    tail -c 19 /dev/sdb && echo
    dd if=/dev/sda bs=1M count=40 2>/dev/null | md5sum
    echo "disks end"
} >/dev/ttyS0 2>&1
umount /near /far /dev /sys /proc
cd /
exec /init
INIT
    chmod +x root/disks.sh
    (cd root && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0 | gzip -n -9) >disks.gz
}

grub_menu() {
    cat <<'CFG'
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set timeout=-1
menuentry "Nothing at all" {
    true
}
menuentry "Linux on the first disk" {
    linux /boot/vmlinuz console=tty0 console=ttyS0,115200 panic=-1 rdinit=/disks.sh
    initrd /boot/initrd.gz /boot/disks.gz
}
menuentry "Power off" {
    halt
}
CFG
}

# What goes into the first disk's partition.
grub_files() {
    rm -rf files
    mkdir -p files/boot/grub/i386-pc
    cp "$linux"/kernel/boot/vmlinuz-* files/boot/vmlinuz
    cp "$linux/initrd.gz" disks.gz files/boot
    cp "$modules"/*.mod "$modules"/*.lst files/boot/grub/i386-pc
    grub_menu >files/boot/grub/grub.cfg
}

# grub_disk IMAGE: boot.img goes to sector 0; it loads sector 1, where core.img begins.
grub_disk() {
    rm -f "$1"
    truncate -s 64M "$1"
    case $system in
    ext4)
        printf 'label: dos\nlabel-id: 0x70636d75\nstart=%d, type=83, bootable\n' $FIRST | sfdisk -q "$1"
        mke2fs -q -t ext4 -O ^metadata_csum_seed,^orphan_file -E offset=$((FIRST * 512)) -d files "$1" 63M
        ;;
    fat)
        printf 'label: dos\nlabel-id: 0x70636d75\nstart=%d, type=e, bootable\n' $FIRST | sfdisk -q "$1"
        quietly mkfs.fat -F 16 -i 70636d75 --offset $FIRST "$1" $((63 * 1024))
        mcopy -s -i "$1@@$((FIRST * 512))" files/boot ::
        ;;
    esac
    "$mkimage" -d "$modules" -O i386-pc -p '(hd0,msdos1)/boot/grub' -o core.img biosdisk part_msdos ext2 fat
    dd if="$modules/boot.img" of="$1" bs=440 count=1 conv=notrunc status=none
    dd if=core.img of="$1" bs=512 seek=1 conv=notrunc status=none
}

[ -s data.img ] || data_disk
disks_initramfs
grub_files
grub_disk $system.img.new
mv $system.img.new $system.img
rm -rf root files said.log
