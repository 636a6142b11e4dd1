#!/bin/bash
# grub.sh LINUX-DIR DIR: GRUB from the first IDE disk (ext4) shows its menu and boots the kernel of the second (FAT).
. "$(dirname "$0")/library.sh"
linux=${1:?usage: grub.sh LINUX-DIR DIR}
dir=${2:?}
PATH=$PATH:/usr/sbin:/sbin
modules=/usr/lib/grub/i386-pc
for tool in grub-mkimage mke2fs sfdisk; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
[ -r $modules/boot.img ] || { echo "grub-pc-bin is missing"; exit 77; }
"$(dirname "$0")/linux-disk.sh" "$linux" || exit
mkdir -p "$dir"
image=$dir/grub.img

mkdir -p "$work/root/boot/grub"
cp "$linux/initrd.gz" "$work/root/initrd.gz"
cat >"$work/root/boot/grub/grub.cfg" <<'CFG'
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set timeout=2
menuentry "The kernel of the second disk" {
    linux (hd1,msdos1)/vmlinuz console=tty0 console=ttyS0,115200 panic=-1
    initrd (hd0,msdos1)/initrd.gz
}
menuentry "Nothing" {
    halt
}
CFG
rm -f "$image" "$work/part"
truncate -s 32M "$image"
printf 'label: dos\nstart=2048, type=83, bootable\n' | sfdisk -q "$image"
mke2fs -q -t ext4 -d "$work/root" "$work/part" $((31 * 1024))
dd if="$work/part" of="$image" bs=1M seek=1 conv=notrunc status=none
grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o "$work/core.img" \
    biosdisk part_msdos ext2 fat normal configfile linux serial terminal halt
dd if=$modules/boot.img of="$image" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$image" bs=512 seek=1 conv=notrunc status=none

check 'it boots and powers off' timeout 600 "$PCEMU" -display none -serial "file:$work/serial" -snapshot \
    -hda "$image" -hdb "$linux/linux.img" </dev/null 2>"$work/err"
check 'the menu was shown' grep -qa 'The kernel of the second disk' "$work/serial"
tr -d '\r' <"$work/serial" | sed '1,/^work begins/d; /^work ends/,$d' | grep -av '^\[ *[0-9.]*\]' >"$work/lines"
check 'Linux did its work' diff -u "$linux/expected.txt" "$work/lines"
[ "$failures" -eq 0 ] || tail -c 2000 "$work/serial"
finish
