#!/bin/bash
# media.sh DIR CD: boots Linux from a CD of media-cds.sh and looks at what it did to its disks.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: media.sh DIR CD}
cd=${2:?}
"$(dirname "$0")/media-cds.sh" "$dir" || exit
PATH=$PATH:/usr/sbin:/sbin

# boot OPTIONS...: the serial port's text is in $work/text; what the guest worked on, in $work/lines.
boot() {
    timeout 600 "$PCEMU" -m 256 -display none -serial "file:$work/text" -cdrom "$dir/$cd.iso" -boot d "$@" \
        2>"$work/err" </dev/null || { cat "$work/err"; return 1; }
    tr -d '\r' <"$work/text" | sed '/^work ends/,$d; 0,/^work begins/d' | grep -v '^\[ *[0-9.]*\]' >"$work/lines"
}

# same_sums COMMAND...: `COMMAND FILE` gives the bytes of each file that the guest has printed a check sum of.
same_sums() {
    grep -E '^[0-9a-f]{64}  ' "$work/lines" | sort -u >"$work/sums"
    [ -s "$work/sums" ] || return 1
    while read -r sum file; do
        "$@" "${file#./}" >"$work/file" && [ "$(sha256sum <"$work/file")" = "$sum  -" ] || return 1
    done <"$work/sums"
}
from_floppy() { mtype -i "$work/disk" "::$1"; }
from_disk() { debugfs -R "cat $1" "$work/disk" 2>/dev/null; }

no_trouble() { ! sed '1,/^work ends/d' "$work/text" | grep -iE 'lost interrupt|spurious|exception|error|failed|timed'; }

case $cd in
floppy)
    truncate -s 1440K "$work/disk"
    check 'Linux formats a floppy disk and powers off' boot -fda "$work/disk"
    check 'every track was formatted' grep -q '^formatted 160 tracks, 2880 sectors' "$work/lines"
    check 'the guest reads what it has written' test "$(sed '1,/^written/d' "$work/lines")" = \
        "$(sed '/^written/,$d' "$work/lines" | grep -E '^[0-9a-f]{64}')"
    check 'the file system is good' fsck.fat -n "$work/disk"
    check 'its files are what the guest says' same_sums from_floppy
    ;;
dma | pio)
    truncate -s 64M "$work/disk"
    check 'Linux writes a disk under load and powers off' boot -hda "$work/disk"
    check "by ${cd^^}" grep -q "^mode ata .*${cd^^}" "$work/lines"
    check 'it reads the same twice' grep -q '^read twice' "$work/lines"
    check 'the file system is good' e2fsck -fn "$work/disk"
    check 'its files are what the guest says' same_sums from_disk
    ;;
cdrom)
    check 'Linux reads its CD and powers off' boot
    check 'by DMA, then by PIO' test "$(grep -c '^mode atapi.*DMA' "$work/lines")$(grep -c '^mode atapi.*PIO' "$work/lines")" = 11
    check 'the same both times' test "$(sed '/^without DMA/,$d; /^mode/d' "$work/lines")" = \
        "$(sed '1,/^without DMA/d; /^mode/d' "$work/lines")"
    grep -E '^[0-9a-f]{64}  ' "$work/lines" | grep -v boot.cat | sort -u >"$work/sums"
    check 'its files are those that were put there' diff <(sort "$dir/cdrom.sums") "$work/sums"
    ;;
esac
check 'no trouble in the kernel log' no_trouble
[ "$failures" -eq 0 ] || tail -n 40 "$work/text"
finish
