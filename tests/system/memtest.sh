#!/bin/bash
# memtest.sh DIR: Debian's memtest86+ passes once over a small memory without an error. An instruction takes 256 ns, so
# that the waits of its bit fade test cost little.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: memtest.sh DIR}
PATH=$PATH:/usr/sbin:/sbin
memtest=/boot/memtest86+x64.bin
for file in $memtest /usr/lib/syslinux/mbr/mbr.bin; do
    [ -r $file ] || { echo "$file is missing"; exit 77; }
done
mkdir -p "$dir"
image=$dir/memtest.img

rm -f "$image"
truncate -s 16M "$image"
printf 'label: dos\nstart=2048, type=e, bootable\n' | sfdisk -q "$image"
mkfs.fat -F 12 --offset 2048 "$image" $((15 * 1024)) >/dev/null
printf 'DEFAULT m\nPROMPT 0\nLABEL m\n LINUX memtest.bin\n APPEND console=ttyS0,115200\n' >"$work/syslinux.cfg"
export MTOOLS_SKIP_CHECK=1
mcopy -i "$image@@1M" $memtest ::memtest.bin
mcopy -i "$image@@1M" "$work/syslinux.cfg" ::
syslinux --install --offset $((2048 * 512)) "$image"
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$image" conv=notrunc bs=440 count=1 status=none

"$PCEMU" -m 16M -icount 8 -display none -serial "file:$work/serial" -snapshot "$image" 2>"$work/err" </dev/null &
pcemu=$!
first_pass_done() { grep -qa 'Pass: *1 ' "$work/serial" 2>/dev/null; }
end=$((SECONDS + 900))
until first_pass_done || [ $SECONDS -gt $end ] || ! kill -0 $pcemu 2>/dev/null; do sleep 0.5; done
kill $pcemu
wait $pcemu
check 'stopped by the signal' test $? -eq 16
check 'the first pass is done' first_pass_done
check 'it counted no errors' sh -c 'grep -qa "Errors: 0" "$0" && ! grep -qaE "Errors: [1-9]" "$0"' "$work/serial"
[ "$failures" -eq 0 ] || tail -c 2000 "$work/serial"
finish
