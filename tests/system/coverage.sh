#!/bin/bash
# coverage.sh: -coverage counts what ran of a program and writes it for lcov: the bundled guest's kernel by its symbols, a
# kernel with DWARF by its source lines and branches. genhtml takes what is written, where it is installed.
. "$(dirname "$0")/library.sh"

counts() { # the count of function $2 in file $1
    sed -n "s/^FNDA:\([0-9]*\),$2\$/\1/p" "$1"
}
run_kernel() { timeout 120 "$PCEMU" -display none -nic none -serial "file:$work/serial" -device isa-debug-exit,iobase=0xf4 \
    -device edu -device pci-testdev -kernel "$SECTORS/devices.elf" "$@" 2>"$work/err" </dev/null; [ $? -eq 67 ]; }
line_count() { # the count of the only line of devices.c with text $1
    number=$(grep -nF "$1" "$source" | cut -d: -f1)
    sed -n "s/^DA:$number,//p" "$work/lines"
}
refuses() { timeout 60 "$PCEMU" -display none -coverage "$1" 2>"$work/err" </dev/null; [ $? -eq 2 ] &&
    [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "$2" "$work/err"; }

source=$(dirname "$0")/kernels/devices.c
check 'the bundled guest runs' sh -c 'timeout 120 "$0" -display none -serial null -coverage "$1,symbols=$2" 2>"$3"' "$PCEMU" \
    "$work/guest" "$GUEST_ELF" "$work/err"
check 'a function of it that ran' test "$(counts "$work/guest" screen_clear)" -gt 0
check 'one that did not' test "$(counts "$work/guest" do_help)" -eq 0
check 'its file, and an end' test "$(grep -c "^SF:$GUEST_ELF\|^end_of_record" "$work/guest")" -eq 2
check 'a kernel runs' run_kernel
cp "$work/serial" "$work/without"
check 'it runs, counted' run_kernel -coverage "$work/lines"
check 'which changes nothing' cmp "$work/serial" "$work/without"
check 'functions by their counts' test "$(counts "$work/lines" factorial)" -eq 16
check 'one that never ran' test "$(counts "$work/lines" give_up)" -eq 0
check 'its source' grep -q '^SF:/.*/kernels/devices.c$' "$work/lines"
check 'a line that ran' test "$(line_count 'edu[0x08 / 4] = n;')" -eq 16
number=$(($(grep -n 'static void give_up' "$source" | cut -d: -f1) + 1))
check 'a line that did not' grep -q "^DA:$number,0\$" "$work/lines"
number=$(grep -nF 'if (config(slot, 0) == id)' "$source" | cut -d: -f1)
check 'a branch, both ways' test "$(sed -n "s/^BRDA:$number,0,[01],//p" "$work/lines" | sort -n | tr '\n' ' ')" = '2 7 '
check 'sums' test "$(sed -n 's/^LH://p' "$work/lines")" -lt "$(sed -n 's/^LF://p' "$work/lines")"
if command -v genhtml >/dev/null; then
    check 'genhtml takes it' sh -c 'genhtml -q --branch-coverage -o "$0/html" "$0/lines" && [ -s "$0/html/index.html" ]' "$work"
else
    echo 'not shown: there is no genhtml here'
fi
check 'without a program' refuses "$work/out" 'needs symbols='
check 'of no ELF file' refuses "$work/out,symbols=$source" 'no ELF file'
check 'of no file' refuses "$work/out,symbols=$work/none" 'No such file'
finish
