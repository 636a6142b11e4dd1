#!/bin/sh
# Disk images: written through, left alone under -snapshot, protected when read-only.
. "$(dirname "$0")/library.sh"

# Runs the program that copies sector 5 of disk 1 to sector 6 with one added to each byte; $1: the status it ends with.
copy() {
    expected=$1
    shift
    status "$expected" timeout 60 "$PCEMU" -display none -device isa-debug-exit,iobase=0xf4 \
        -drive "file=$SECTORS/disk1.img,format=raw,snapshot=on" "$@" </dev/null
}
fresh() {
    dd if=/dev/zero of="$work/disk.img" bs=512 count=2000 status=none
    head -c 512 /dev/zero | tr '\0' 'a' | dd of="$work/disk.img" bs=512 seek=5 conv=notrunc status=none
}
sector6() { [ "$(dd if="$work/disk.img" bs=512 skip=6 count=1 status=none | tr -d '\0' | cut -c 1-4)" = "$1" ]; }

fresh
check 'the disk is written' copy 1 -hdb "$work/disk.img"
check '... into the file' sector6 bbbb
fresh
check 'a snapshot is written' copy 1 -snapshot -hdb "$work/disk.img"
check '... not into the file' sector6 ''
fresh
check 'a read-only disk refuses' copy $((0x0c << 1 | 1)) -drive "file=$work/disk.img,format=raw,index=1,readonly=on"
check '... and stays as it is' sector6 ''

# The drives of a machine that never starts.
drives() { timeout 60 "$PCEMU" -display none "$@" -batch -ex 'info block' </dev/null 2>"$work/err" >"$work/drives"; }
head -c 65536 /dev/zero >"$work/firmware.bin"
check 'a bare machine has a look at its drives' drives
check 'without any word about them the bundled guest is the disk' grep -q '^ide0-hd0: (memory)' "$work/drives"
check 'so has one with other firmware' drives -bios "$work/firmware.bin"
check '... which has no disk' sh -c '! grep hd0 "$1"' - "$work/drives"
check '... but the empty drives that come with any machine' grep -q '^ide1-cd0: \[not inserted\]' "$work/drives"
check 'nor has it the guest beside a disk of its own' drives -bios "$work/firmware.bin" -snapshot "$work/disk.img"
check '... which is the file' grep -q '^ide0-hd0: .*/disk.img' "$work/drives"
finish
