#!/bin/bash
# test-memtest.sh PACKAGES IMAGE [MIB [CPUS]]: boots memtest86+ from its own boot image (IMAGE: x64 or ia32, of Debian's package
# memtest86+, unpacked under PACKAGES) on a machine with MIB of memory (16; MEMTEST_MIB wins) and CPUS processors (1), of
# which it must use all; its first pass must end without an error.
. "$(dirname "$0")/library.sh"
packages=${1:?usage: test-memtest.sh PACKAGES IMAGE [MIB [CPUS]]}
image=${2:?}
mib=${MEMTEST_MIB:-${3:-16}}
cpus=${4:-1}
"$(dirname "$0")/debian-package.sh" "$packages" memtest86+ || exit

# One test of the pass waits for three minutes by the machine's clock: with 128 ns an instruction that is soon over. The
# others take their time for each MiB.
case $image in
x64) seconds=$((300 + 130 * mib)) ;;
*) seconds=$((300 + 200 * mib)) ;;
esac
check 'it runs until the time is over' status 6 timeout $((600 + 30 * mib)) "$PCEMU" -display none -m "$mib" -smp "$cpus" -snapshot \
    -icount shift=7 -timeout $seconds -screen-text "$work/screen" \
    "$packages/memtest86+/usr/lib/memtest86+/memtest86+$image.iso" </dev/null

shows() { grep -qE "$1" "$work/screen"; }
check 'it is memtest86+' shows '^ *Memtest86\+ v[0-9.]+ '
check 'the first pass is over' shows 'Pass: +[1-9][0-9]* '
check '... without an error' shows 'Errors: 0 *$'
check '... and it says so' shows 'Status: Pass '
check 'it found the memory' shows "^Memory *: *$((mib - 1))MB"
check 'it knows the machine' shows 'QEMU Standard PC \(i440FX \+ PIIX, 1996\)'
[ "$cpus" -eq 1 ] || check 'it uses all processors' shows "^CPU: $cpus Cores +$cpus Threads +SMP: ${cpus}T \(PAR\)"
[ "$failures" -eq 0 ] || cat "$work/screen"
finish
