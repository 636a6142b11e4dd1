#!/bin/bash
# boot-media.sh DIR: SYSLINUX from a floppy disk, and from a CD that emulates one; ISOLINUX's boot is in media.sh.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: boot-media.sh DIR}
"$(dirname "$0")/media-cds.sh" "$dir" || exit

greets() {
    status 6 timeout 100 "$PCEMU" -display none -serial "file:$work/text" -timeout 20 "$@" </dev/null &&
        grep -q '^SYSLINUX' "$work/text" && grep -q 'hello from the floppy' "$work/screen"
}

check 'a floppy disk boots' greets -snapshot -fda "$dir/floppy.img" -screen-text "$work/screen"
check 'drive B does not' sh -c '! "$@"' sh "$PCEMU" -display none -serial "file:$work/text" -timeout 20 -snapshot \
    -fdb "$dir/floppy.img" </dev/null 2>/dev/null
check '... and says nothing' sh -c '! grep -q SYSLINUX "$0"' "$work/text"
check 'a CD boots as a floppy disk' greets -cdrom "$dir/emulation.iso" -boot d -screen-text "$work/screen"
check 'the media are as they were' cmp "$dir/floppy.img" "$dir/cd.img"
finish
