#!/bin/sh
# Bad usage and unreadable files: one line that says what is wrong, exit status 2.
. "$(dirname "$0")/library.sh"

# wrong TEXT OPTIONS...: refused with one line that holds TEXT.
wrong() {
    text=$1
    shift
    status 2 timeout 20 "$PCEMU" -display none "$@" </dev/null && said "$text" && [ "$(wc -l <"$work/err")" -eq 1 ]
}

mkdir "$work/directory"
: >"$work/empty.img"
printf 'QFI\373' | dd of="$work/qcow.img" conv=sync bs=512 status=none
dd if=/dev/zero of="$work/disk.img" bs=512 count=100 status=none
head -c 1000 /dev/zero >"$work/short.bin"

check 'an option of QEMU' wrong '-dtb: QEMU has this option, pcemu does not' -dtb x
check 'an unknown option' wrong '-frobnicate: no such option' --frobnicate
check 'a missing argument' wrong '-m: needs an argument' -m
check 'a missing image' wrong 'No such file or directory' "$work/nothing.img"
check 'a directory' wrong 'is a directory, not a disk image' "$work/directory"
check 'an empty image' wrong 'is empty' "$work/empty.img"
check 'a qcow2 image' wrong 'a qcow2 image; pcemu reads raw ones' "$work/qcow.img"
check 'two writers' wrong 'is in use by another program' -hda "$work/disk.img" -hdb "$work/disk.img"
check 'missing firmware' wrong 'nowhere.bin: firmware not found' -bios nowhere.bin
check 'a serial file that cannot be made' wrong '/nowhere/out: No such file' -serial file:/nowhere/out
check 'a screen text that cannot be made' wrong '/nowhere/out: No such file' -screen-text /nowhere/out
check 'a picture that cannot be made' wrong '/nowhere/out: No such file' -screen-dump /nowhere/out
check 'firmware of an odd size' status 18 timeout 20 "$PCEMU" -display none -bios "$work/short.bin" -timeout 1
check '-h is help' status 0 "$PCEMU" -h
check '-version is the version' status 0 "$PCEMU" --version
check 'help names the exit statuses' sh -c '"$0" -h | grep -q "^Exit status: 0 powered off"' "$PCEMU"
finish
