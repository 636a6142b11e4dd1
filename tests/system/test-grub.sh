#!/bin/bash
# test-grub.sh DIR LINUX PACKAGES ext4|fat: GRUB boots from the disk of grub-disk.sh, with a second one attached: it
# shows its menu on the screen, takes commands on the serial port and reads both disks, and boots Linux, which finds
# both, and does its work.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: test-grub.sh DIR LINUX PACKAGES ext4|fat}
linux=${2:?}
packages=${3:?}
system=${4:?}
"$(dirname "$0")/grub-disk.sh" "$dir" "$linux" "$packages" "$system" || exit
disks="-hda $dir/$system.img -hdb $dir/data.img"

# ---- the menu on the screen: 15 s after power-on it waits for a key (GRUB polls: 128 ns an instruction spare time) ----

check 'GRUB waits' status 6 timeout 300 "$PCEMU" -display none -snapshot -icount shift=7 -timeout 15 \
    -screen-text "$work/screen" $disks </dev/null
shows() { grep -qE "$1" "$work/screen" || { cat "$work/screen"; return 1; }; }
check 'it shows its name' shows '^ +GNU GRUB +version 2\.'
check '... and the menu' shows '^ .\*Nothing at all +.$'
check '... with all entries' shows '^ . Power off +.$'

# ---- a talk on the serial port ----

mkfifo "$work/in"
timeout 900 "$PCEMU" -display none -snapshot -serial stdio $disks <"$work/in" >"$work/out" 2>"$work/err" &
pcemu=$!
exec 5>"$work/in"
heard=0 # bytes of the output that were looked at

# hear TEXT: waits until the guest has sent TEXT after what was heard before.
hear() {
    local end=$((SECONDS + 600)) at
    while :; do
        at=$(tail -c +$((heard + 1)) "$work/out" | grep -obaF -m 1 -- "$1" | head -n 1 | cut -d : -f 1)
        [ -z "$at" ] || break
        if [ $SECONDS -gt $end ] || ! kill -0 $pcemu 2>/dev/null; then
            echo "the guest did not say '$1'; it said:"
            tail -c +$((heard + 1)) "$work/out" | tail -c 1500 | cat -v
            return 1
        fi
        sleep 0.1
    done
    heard=$((heard + at + ${#1}))
}

# answer COMMAND TEXT...: at GRUB's prompt, COMMAND makes it print the TEXTs, one after the other.
answer() {
    local text
    printf '%s\r' "$1" >&5
    shift
    for text in "$@"; do hear "$text" || return; done
    hear 'grub> '
}

check 'the menu is on the serial port, too' hear 'Nothing at all'
hear 'Power off'
printf c >&5
check 'c leads to the prompt' hear 'grub> '
check 'ls: both disks' answer 'ls' '(hd0) (hd0,msdos1) (hd1) (hd1,msdos2) (hd1,msdos1)'
check 'ls of the first disk' answer 'ls /boot/' 'vmlinuz '
check 'a file of the second' answer 'cat (hd1,msdos1)/near.txt' "$(cat "$dir/near.txt")"
check 'a file far out' answer 'cat (hd1,msdos2)/far.txt' "$(cat "$dir/far.txt")"
check 'the last sector of the BIOS disk' answer 'hexdump -s 493 -n 19 (hd1)419430400+1' 'the end of the'
check 'a large file' answer 'md5sum (hd1,msdos2)/numbers.txt' "$(md5sum <"$dir/numbers.txt" | cut -d ' ' -f 1)"
check 'the kernel' answer 'md5sum /boot/vmlinuz' "$(md5sum <"$(echo "$linux"/kernel/boot/vmlinuz-*)" | cut -d ' ' -f 1)"
check 'lsmmap: the memory map' answer 'lsmmap' 'base_addr = 0x0, length = 0x9fc00, available RAM' \
    'base_addr = 0x100000, length = 0x7ee0000, available RAM' 'base_addr = 0xfffc0000, length = 0x40000, reserved RAM'
check 'lspci: the chips' answer 'lspci' '00:00.0 8086:1237' '00:01.0 8086:7000' '00:01.1 8086:7010' '00:01.3 8086:7113' \
    '00:02.0 1234:1111'
check 'cpuid: long mode' answer 'if cpuid -l; then echo "l"ong; fi' 'long'
check 'date: the clock' answer 'date' '2024-01-01 00:0'
printf '\033' >&5
check 'Esc leads back to the menu' hear 'Power off'
printf '\033[B' >&5 # the arrow down
hear 'Linux on the first disk'
printf '\r' >&5
check 'Linux starts' hear 'Linux version'
check '... and does its work' hear 'work ends'
exec 5>&-
wait $pcemu
check '... and powers off' test $? -eq 0

# ---- what Linux said ----

{
    echo 'sda has 131072 sectors'
    echo 'sda1 has 129024 sectors'
    echo 'sdb has 419430401 sectors'
    echo 'sdb1 has 32768 sectors'
    echo 'sdb2 has 32768 sectors'
    cat "$dir/near.txt" "$dir/far.txt"
    md5sum <"$dir/numbers.txt"
    sort -rn "$dir/numbers.txt" | md5sum
    echo 'the end of the disk'
    head -c 40M "$dir/$system.img" | md5sum
} >"$work/expected"
tr -d '\r' <"$work/out" | grep -av '^\[ *[0-9.]*\]' >"$work/lines"
between() { sed "1,/^$1 begins*\$/d; /^$1 ends*\$/,\$d; /^$1 end\$/,\$d" "$work/lines"; }
check 'it found both disks and what is on them' diff -u "$work/expected" <(between disks)
check 'it computed what the host does' diff -u "$linux/expected.txt" <(between work)
check 'no trouble with the disks' sh -c '! grep -aE "Oops|Call Trace|hard resetting|failed command|I/O error" "$0"' "$work/out"
[ "$failures" -eq 0 ] || tail -n 60 "$work/out" | cat -v
finish
