#!/bin/bash
# linux-i386.sh DIR PACKAGES MODEL FAMILY FLAGS: boots a 32-bit Linux on `-cpu MODEL`, without long mode: it must say
# that family and those flags, compute what the host computes, and power off.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: linux-i386.sh DIR PACKAGES MODEL FAMILY FLAGS}
"$(dirname "$0")/i386-disk.sh" "$dir" "${2:?}" || exit
timeout 900 "$PCEMU" -cpu "$3" -m 256 -display none -serial "file:$work/out" -snapshot "$dir/i386.img" \
    2>"$work/err" </dev/null
check 'it powers off' test $? -eq 0
tr -d '\r' <"$work/out" | sed '1,/^work begins/d; /^work ends/,$d' | grep -v '^\[ *[0-9.]*\]' >"$work/lines"
check 'it computes what the host does' diff -u "$dir/expected.txt" "$work/lines"
check "a processor of family $4" grep -q "^cpu family.*: $4" "$work/out"
for flag in $5; do
    check "with $flag" grep -q "^flags.* $flag\b" "$work/out"
done
check 'without long mode' sh -c '! grep -q "^flags.* lm\b" "$0"' "$work/out"
check 'no kernel trouble' sh -c '! grep -aE "BUG:|Oops|Call Trace|unchecked MSR|Kernel panic" "$0"' "$work/out"
[ "$failures" -eq 0 ] || tail -n 40 "$work/out"
finish
