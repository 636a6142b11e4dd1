#!/bin/sh
# pcemu batch: results in the order of the list, and how it ends; a run that hangs; a signal.
. "$(dirname "$0")/library.sh"

# holds FILE TEXT
holds() {
    grep -qF -- "$2" "$1" && return
    cat "$1"
    return 1
}

cat >"$work/good" <<END
# The second is ready first.
slow: -snapshot -serial null -expect-serial x9e -timeout 2 -fail-serial 9 $SECTORS/spin.img
exit 33: -snapshot -device isa-debug-exit,iobase=0xf4 $SECTORS/hello.img
keys: -snapshot -serial null -expect-serial ready -type a \\
    -expect-serial 9e '$SECTORS/keys.img'
END
sed 's/^slow:/slow 6:/' "$work/good" >"$work/list"
check 'all as expected' status 0 "$PCEMU" batch -j 3 -junit "$work/report.xml" "$work/list" >"$work/out"
check '... in order' test "$(grep '^ok [0-9]' "$work/out" | tr '\n' ' ')" = 'ok 1 - slow ok 2 - exit ok 3 - keys '
check '... with a plan' holds "$work/out" '1..3'
check '... counted' holds "$work/out" '# 3 passed, 0 failed'
check '... in XML, too' holds "$work/report.xml" 'tests="3" failures="0"'

mkdir "$work/logs"
check 'one is not' status 1 "$PCEMU" batch -output "$work/logs" "$work/good" >"$work/out"
check '... and says so' holds "$work/out" 'not ok 1 - slow'
check '... how it ended' holds "$work/out" '# status 6 (-timeout), expected was 0'
check '... what it wrote' holds "$work/out" "#   pcemu: the text 'x9e' was not seen"
check '... the others go on' holds "$work/out" 'ok 3 - keys'
check '... logs are kept' holds "$work/logs/exit.log" 'hello from a sector'

printf 'hangs: -snapshot -no-reboot -no-shutdown -serial null %s\n' "$SECTORS/triple.img" >"$work/hangs"
check 'a run that hangs' status 1 "$PCEMU" batch -timeout 2 "$work/hangs" >"$work/out"
check '... is ended' holds "$work/out" 'it took longer than 2 seconds and was ended'

# A signal ends the children, too: they say their numbers.
printf 'a: -snapshot -no-shutdown -no-reboot -pidfile %s/a.pid %s\n' "$work" "$SECTORS/triple.img" >"$work/two"
printf 'b: -snapshot -no-shutdown -no-reboot -pidfile %s/b.pid %s\n' "$work" "$SECTORS/triple.img" >>"$work/two"
"$PCEMU" batch -j 2 "$work/two" >"$work/out" 2>&1 &
batch=$!
left=600
while { [ ! -s "$work/a.pid" ] || [ ! -s "$work/b.pid" ]; } && [ $left -gt 0 ]; do
    sleep 0.1
    left=$((left - 1))
done
children="$(cat "$work/a.pid") $(cat "$work/b.pid")"
kill -TERM $batch
wait $batch
check 'a signal ends it' test $? -eq 16
check '... and says so' holds "$work/out" 'Bail out! a signal'
check '... and its children' sh -c '! kill -0 $0 2>/dev/null && ! kill -0 $1 2>/dev/null' $children

check 'a list that is not there' status 2 "$PCEMU" batch "$work/nothing"
check '... is named' said 'No such file or directory'
check 'no list' status 2 "$PCEMU" batch
check 'an unknown option' status 2 "$PCEMU" batch -colour red "$work/list"
check 'a list on standard input' status 0 sh -c '"$0" batch - <"$1"' "$PCEMU" "$work/list" >"$work/out"
check 'a report that cannot be written' status 18 "$PCEMU" batch -junit /nowhere/x "$work/list" >"$work/out"
finish
