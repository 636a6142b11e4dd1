#!/bin/sh
# The serial port in both directions, and the debug console.
. "$(dirname "$0")/library.sh"
exit_port='-device isa-debug-exit,iobase=0xf4'

(sleep 1; printf 'HAL'; sleep 0.2; printf 'q') |
    timeout 60 "$PCEMU" -display none -serial stdio -snapshot $exit_port "$SECTORS/echo.img" >"$work/out" 2>"$work/err"
check 'q ended it' test $? -eq $(((113 << 1 | 1) & 255))
check 'input came in and answers went out' grep -q 'IBM' "$work/out"

printf 'HALq' | timeout 60 "$PCEMU" -clock host -display none -serial stdio -snapshot $exit_port "$SECTORS/echo.img" \
    >"$work/out" 2>"$work/err"
check 'under the host clock, too' grep -q 'IBM' "$work/out"

timeout 60 "$PCEMU" -display none -debugcon "file:$work/debug" -global isa-debugcon.iobase=0x402 2>"$work/err"
check 'the firmware talks on the debug console' grep -q '^Booting from Hard Disk' "$work/debug"
timeout 60 "$PCEMU" -bios bios-256k.bin -display none -debugcon "file:$work/debug" -global isa-debugcon.iobase=0x402 \
    -snapshot "$SECTORS/off.img" 2>"$work/err"
check 'so does SeaBIOS' grep -q 'Booting from 0000:7c00' "$work/debug"
check 'it found its tables' grep -q 'ACPI: parse DSDT' "$work/debug"

timeout 60 "$PCEMU" -display none -snapshot -parallel "file:$work/paper" $exit_port "$SECTORS/print.img" 2>"$work/err"
check 'the firmware finds a printer' test $? -eq 1
check 'what is printed is on the paper' test "$(cat "$work/paper")" = 'On paper.'
timeout 60 "$PCEMU" -display none -snapshot -parallel none $exit_port "$SECTORS/print.img" 2>"$work/err"
check '-parallel none takes the port off the board' test $? -eq 3

timeout 60 "$PCEMU" -nographic </dev/null >"$work/out" 2>"$work/err"
check '-nographic shows the firmware on the serial port' grep -q '^pcemu BIOS (version' "$work/out"
check 'the guest prints there once' test "$(grep -c "bundled guest" "$work/out")" -eq 1
finish
