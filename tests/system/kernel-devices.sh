#!/bin/bash
# kernel-devices.sh: QEMU's devices for tests, used by a kernel (kernels/devices.c): edu's factorials, interrupts by pin and
# by message and DMA; pci-testdev's tables and counts. What the kernel sees is the same in QEMU.
. "$(dirname "$0")/library.sh"

run() { timeout 120 "$1" -display none -nic none -serial "file:$2" -device isa-debug-exit,iobase=0xf4,iosize=4 -device edu \
    -device pci-testdev -kernel "$SECTORS/devices.elf" 2>"$work/err" </dev/null; [ $? -eq 67 ]; }

check 'the kernel runs to its end' run "$PCEMU" "$work/ours"
check 'factorials' grep -q '^factorial 1c8cfc00' "$work/ours"
check 'interrupts by pin' grep -q '^by pin 00000003' "$work/ours"
check 'interrupts by message' grep -q '^by message 00000002' "$work/ours"
check 'DMA there and back, twice' test "$(grep -c '^moved there and back 00000fe0' "$work/ours")" -eq 2
check 'pci-testdev counts' grep -q '^count 00000014' "$work/ours"
if command -v qemu-system-x86_64 >/dev/null; then
    check 'it runs in QEMU' run qemu-system-x86_64 "$work/theirs"
    check 'all that it sees is what it sees in QEMU' diff "$work/theirs" "$work/ours"
else
    echo 'not compared: there is no qemu-system-x86_64 here'
fi
finish
