#!/bin/bash
# loader.sh: -device loader puts ELF files by their segments, raw files and numbers into memory, and says where processors
# start; what stands in memory afterwards is what QEMU's loader puts there.
. "$(dirname "$0")/library.sh"

# Memory (an ELF file's two segments, their zeros, a raw file, numbers) and the instruction pointers.
look() {
    printf '%s\n' 'xp /24xb 0x100000' 'xp /20xb 0x110000' 'xp /8xb 0x1001f0' 'xp /8xb 0x20000' 'xp /8xb 0x30000' \
        'xp /8xb 0x30010' 'info registers' 'cpu 1' 'info registers' quit |
        timeout 60 "$1" -S -display none -nic none -smp 2 -m 16 -monitor stdio -serial none \
            -device "loader,file=$SECTORS/pvh.elf,cpu-num=0" -device "loader,file=$work/raw,addr=0x20000,force-raw=on" \
            -device loader,data=0x1122334455667788,data-len=4,addr=0x30000 \
            -device loader,data=0x1122334455667788,data-len=8,data-be=on,addr=0x30010 \
            -device loader,addr=0xfff4,cpu-num=1 2>"$work/err" |
        tr -d '\r' | sed 's/^([a-z]*) //' | grep -oE '^0*([0-9a-f]+): 0x.*|EIP=[0-9a-f]+' | sed 's/^0*//' >"$2"
}
refuses() { timeout 60 "$PCEMU" -display none -device "loader,$1" 2>"$work/err" </dev/null; [ $? -eq 2 ] &&
    [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "$2" "$work/err"; }

head -c 100 "$SECTORS/pvh.elf" >"$work/raw"
look "$PCEMU" "$work/ours"
check "an ELF file's note is in its place" grep -q '^110000: 0x04 0x00 0x00 0x00' "$work/ours"
check 'and its file is not' grep -q '^20000: 0x7f 0x45 0x4c 0x46' "$work/ours"
check 'a number' grep -q '^30000: 0x88 0x77 0x66 0x55 0x00' "$work/ours"
check 'a processor starts at the entry point' grep -q '^EIP=00100000' "$work/ours"
check 'another where it is told' grep -q '^EIP=0000fff4' "$work/ours"
check 'a file that is cut off is refused' refuses "file=$work/raw" 'cut off'
head -c 40 "$SECTORS/pvh.elf" >"$work/short"
check 'one without a whole header is raw' sh -c 'echo quit | timeout 60 "$0" -S -display none -monitor stdio -device "loader,file=$1,addr=0" >/dev/null' \
    "$PCEMU" "$work/short"
if command -v qemu-system-x86_64 >/dev/null; then
    look qemu-system-x86_64 "$work/theirs"
    check 'all as in QEMU' diff "$work/theirs" "$work/ours"
else
    echo 'not compared: there is no qemu-system-x86_64 here'
fi
finish
