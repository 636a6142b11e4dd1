#!/bin/sh
# Snapshots by the command line and the monitor: a run in two parts prints what the whole run does; what can't be loaded
# is refused in one line.
. "$(dirname "$0")/library.sh"
cd "$work" || exit 1
export TZ=UTC

run() { timeout 60 "$PCEMU" -display none "$@" 2>err; }
ends() { want=$1; shift; run "$@"; test $? -eq "$want"; }
one_line() { test "$(wc -l <err)" -eq 1 && grep -q "$1" err; }
refused() { ends 2 -serial null -loadvm "$1" && one_line "$2"; }

check 'the whole run' ends 0 -serial file:whole
for part in 0.1 0.5 1; do
    check "saving at $part s" ends 6 -serial file:first -timeout $part -save early
    check "going on from $part s" ends 0 -serial file:second -loadvm early
    cat first second >both
    check "together at $part s they print the same" cmp whole both
done

check 'nothing is left beside the file' test "$(echo early*)" = early.pcvm
head -c 5000 early.pcvm >short.pcvm
check 'a short file is refused' refused short 'short.pcvm: the snapshot is cut short'
cp early.pcvm bad.pcvm
printf x | dd of=bad.pcvm bs=1 seek=3000 conv=notrunc 2>/dev/null
check 'a damaged file is refused' refused bad 'bad.pcvm: the snapshot is damaged'
check 'no file is refused' refused none 'none.pcvm: No such file'
check 'another file is refused' refused ./whole 'not a snapshot'
check 'a directory is refused' refused / 'not a file'
check 'another machine is refused' ends 2 -serial null -loadvm early -m 64
check 'and told what differs' one_line "'memory: 131072 KiB', this machine 'memory: 65536 KiB'"

cp "$SECTORS/spin.img" disk.img
check 'an image that changes is no part of a snapshot' ends 2 -save x disk.img
check 'and said to be none' one_line "Device 'ide0-hd0' is writable but does not support snapshots"

cat >commands <<'END'
info snapshots
savevm here
loadvm here
loadvm bad
delvm ./whole
info snapshots
delvm here
loadvm here
q
END
rm -f early.pcvm short.pcvm
run -S -snapshot -serial null -monitor stdio disk.img <commands | grep -v '^pcemu ' |
    sed 's/\r//; s/(qemu) //g; s/20[0-9-]* [0-9:]*/DATE/; s/[0-9.]* MiB/SIZE/' | tr -s ' ' >said
cat >expected <<'END'
List of snapshots present in the current directory:
ID TAG VM SIZE DATE VM CLOCK ICOUNT
-- bad SIZE DATE 00:00:01.000 8144568
Error: bad.pcvm: the snapshot is damaged: its checksum differs
Error: ./whole: not a snapshot of pcemu's
List of snapshots present in the current directory:
ID TAG VM SIZE DATE VM CLOCK ICOUNT
-- bad SIZE DATE 00:00:01.000 8144568
-- here SIZE DATE 00:00:00.000 0
Error: here.pcvm: No such file or directory
END
sed -i 's/ [0-9]*$/ N/; /^ *N*$/d' said expected
check 'the monitor saves, loads, lists and deletes' diff -u expected said
finish
