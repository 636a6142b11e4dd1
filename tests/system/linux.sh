#!/bin/bash
# linux.sh DIR [OPTIONS...]: boots Linux headless from the disk of linux-disk.sh; it must compute what busybox computes
# here, and power off. With TWICE=1 a second run must print the same bytes, time stamps included.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: linux.sh DIR}
shift
"$(dirname "$0")/linux-disk.sh" "$dir" || exit

run() { timeout 600 "$PCEMU" -display none -serial "file:$1" -snapshot "${@:2}" "$dir/linux.img" 2>"$work/err" </dev/null; }

check 'it powers off' run "$work/first" "$@"
tr -d '\r' <"$work/first" | sed '1,/^work begins/d; /^work ends/,$d' | grep -v '^\[ *[0-9.]*\]' >"$work/lines"
check 'it computes what the host does' diff -u "$dir/expected.txt" "$work/lines"
check 'no kernel trouble' sh -c '! grep -aE "BUG:|Oops|Call Trace|unchecked MSR|Kernel panic|hard resetting|failed command" "$0"' \
    "$work/first"
if [ -n "${TWICE:-}" ]; then
    check 'it powers off again' run "$work/second" "$@"
    check 'two runs are the same' cmp "$work/first" "$work/second"
fi
[ "$failures" -eq 0 ] || tail -n 40 "$work/first"
finish
