# syslinux-disk.sh: what the makers of Linux disks share. make_disk IMAGE PROMPT COMMAND-LINE [MIB]: IMAGE boots by SYSLINUX,
# from a FAT partition, the kernel "vmlinuz" and the initramfs "initrd.gz" of the current directory. SYSLINUX's prompt
# waits for PROMPT tenths of a second; 0: there is none.
make_disk() {
    rm -f "$1"
    local size=${4:-64}
    truncate -s "${size}M" "$1"
    printf 'label: dos\nlabel-id: 0x70636d75\nstart=2048, type=e, bootable\n' | sfdisk -q "$1"
    mkfs.fat -F 16 -i 70636d75 --offset 2048 "$1" $(((size - 1) * 1024)) >/dev/null
    printf 'DEFAULT linux\nPROMPT %d\nTIMEOUT %d\nLABEL linux\n KERNEL vmlinuz\n APPEND initrd=initrd.gz %s\n' \
        $(($2 > 0)) "$2" "$3" >syslinux.cfg
    export MTOOLS_SKIP_CHECK=1
    mcopy -i "$1@@1M" vmlinuz initrd.gz syslinux.cfg ::
    syslinux --install --offset $((2048 * 512)) "$1"
    dd if=/usr/lib/syslinux/mbr/mbr.bin of="$1" conv=notrunc bs=440 count=1 status=none
}
