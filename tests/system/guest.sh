#!/bin/sh
# The bundled guest, headless: what it reports, and that two runs are the same to the byte.
. "$(dirname "$0")/library.sh"
expected=$(dirname "$0")/guest.txt

run() { timeout 60 "$PCEMU" -display none -serial "file:$1" 2>"$work/err"; }

check 'it powers off' run "$work/first"
tr -d '\r' <"$work/first" >"$work/text"
check 'it reports what it should' diff -u "$expected" "$work/text"
check 'it powers off again' run "$work/second"
check 'two runs are the same' cmp "$work/first" "$work/second"
check 'so is one with more memory, but for the map' sh -c \
    '"$PCEMU" -m 6G -display none -serial "file:$0/large" 2>/dev/null && grep -q "0000000100000000-00000001bfffffff RAM" "$0/large"' \
    "$work"
finish
