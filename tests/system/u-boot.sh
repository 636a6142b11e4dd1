#!/bin/bash
# u-boot.sh PACKAGES: U-Boot of Debian's package u-boot-qemu as the firmware, in 32 and 64 bits: it sets the board up by
# itself, finds disk and card, and gets an address from the built-in network.
. "$(dirname "$0")/library.sh"
packages=${1:?usage: u-boot.sh PACKAGES}
"$(dirname "$0")/debian-package.sh" "$packages" u-boot-qemu || exit
truncate -s 4M "$work/disk.img"

shows() { grep -qE "$1" "$work/serial"; }
for kind in x86 x86_64; do
    check "$kind: it runs until the time is over" status 6 "$PCEMU" -display none -serial file:"$work/serial" -timeout 12 \
        -bios "$packages/u-boot-qemu/usr/lib/u-boot/qemu-$kind/u-boot.rom" -hda "$work/disk.img" </dev/null
    check "$kind: it is U-Boot" shows '^U-Boot 20'
    check "$kind: it knows the machine" shows '^Model: QEMU x86 \(I440FX\)'
    check "$kind: it finds the memory" shows '^DRAM: +128 MiB'
    check "$kind: it finds the disk" shows 'Capacity: 4\.0 MB = 0\.0 GB \(8192 x 512\)'
    check "$kind: it finds the network card" shows 'e1000: 52:54:00:12:34:56'
    check "$kind: it gets an address" shows 'DHCP client bound to address 10\.0\.2\.15'
    check "$kind: it comes to its prompt" shows '^=> '
    check "$kind: no register is unknown" sh -c '! grep "unknown register" "$1"' - "$work/err"
    [ "$failures" -eq 0 ] || cat "$work/serial"
done
finish
