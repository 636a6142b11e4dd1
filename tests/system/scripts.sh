#!/bin/sh
# Runs without a person: what they are told to look for and to type, and the exit status of each end.
. "$(dirname "$0")/library.sh"
exit_port='-device isa-debug-exit,iobase=0xf4'

# sector NAME OPTIONS...: boots one of the small boot sectors.
sector() {
    image=$SECTORS/$1.img
    shift
    timeout 300 "$PCEMU" -display none -snapshot "$@" "$image" </dev/null
}

# same A B: two files are equal, and not empty.
same() {
    [ -s "$1" ] && cmp "$1" "$2"
}

check 'a text on the serial port ends the run' status 0 sector keys -serial null -expect-serial ready
check '-insn-limit is 22' status 22 sector spin -insn-limit 1000000
check '... at that very instruction' said 'the limit after 1000000 instructions'
check 'a limit that is not reached' status 0 sector keys -serial null -expect-serial ready -insn-limit 100000000
check 'a text that must not come is 26' status 26 sector keys -serial null -fail-serial eady -timeout 5
check '... and says when it came' said "the text 'eady' was seen on the serial port after"
check '... and what came last' said '  | ready'
check 'on the screen, too' status 26 sector spin -fail-screen 'Booting from' -timeout 5
check 'a power-off before the text is 24' status 24 timeout 300 "$PCEMU" -display none -expect-serial 'no such text'
check '... says which' said "the text 'no such text' was not seen on the serial port"
check '... shows the serial port' said '  | Equipment '
check '... and the screen' said '  |  1  The boot chain'
check 'a text that is not on the screen is 28' status 28 sector exit $exit_port -expect-screen Gutenberg -expect-serial x
check '... and what should follow is counted' said ', nor 1 more that should follow'
check 'a time-out stays one' status 6 sector spin -timeout 1 -expect-serial x
check '... and says what is missing' said "the text 'x' was not seen on the serial port"
check 'a triple fault, too' status 4 sector triple -no-reboot -expect-serial x
check 'and a halt for ever' status 12 sector stuck -expect-screen Gutenberg
check 'the debug console' status 0 timeout 300 "$PCEMU" -display none -global isa-debugcon.iobase=0x402 \
    -expect-debugcon 'Booting from Hard Disk'

# Keys, and bytes for the serial port.
keys() {
    sector keys -serial "file:$work/$1" -expect-serial ready -type 'a<ctrl-c>' -expect-serial 9d -wait 0.5 \
        -type '<f1>' -expect-serial bb -d int -D "$work/$1.trace"
}
check 'keys are typed when a text has come' status 0 keys first
check '... each goes down and up' test "$(tr '\n' ' ' <"$work/first")" = 'ready 1e 9e 1d 2e ae 9d 3b bb'
check '... again' status 0 keys second
check '... at the same instructions' same "$work/first.trace" "$work/second.trace"
check '... and recorded' status 0 sector keys -serial null -record "$work/keys.rec" -expect-serial ready -type a \
    -expect-serial 9e
check '... and replayed' status 0 sector keys -serial null -replay "$work/keys.rec"
check '... as the recorded run' said 'replayed to its end'
check 'what a key brings about at once is seen' status 0 sector keys -serial null -expect-serial ready -type a \
    -expect-serial 1e
check 'bytes are sent to the serial port' status 0 sector echo $exit_port -serial null -send-serial 'HA\x4c' -expect-serial IBM
check 'a script that ends with them leaves the end to the guest' status 227 sector echo $exit_port -serial null \
    -send-serial 'H' -expect-serial I -send-serial q
check 'the guest reacts on the screen' status 0 timeout 300 "$PCEMU" -display none -expect-screen 'The boot chain' \
    -type 8 -expect-screen '8086:1237' -type q

# The picture at the end.
picture() {
    sector spin -insn-limit 10000000 -screen-dump "$work/$1" 2>"$work/err"
    dd if="$work/$1" bs=1 count=16 status=none | od -An -c | tr -d ' \n'
}
check 'a picture at the end, as PNG' test "$(picture end.png)" = '211PNG\r\n032\n\0\0\0\rIHDR'
check '... or as PPM' test "$(picture end.ppm | cut -c1-17)" = 'P6\n720400\n255\n'

# -no-shutdown, see monitor.py, too.
"$PCEMU" -display none -snapshot -no-reboot -no-shutdown "$SECTORS/triple.img" </dev/null 2>"$work/err" &
machine=$!
left=600
while ! grep -q 'triple fault after' "$work/err" && [ $left -gt 0 ]; do
    sleep 0.1
    left=$((left - 1))
done
kill -TERM $machine
wait $machine
check 'after -no-shutdown it waits for a signal' test $? -eq 16
check '... but not under -timeout' status 4 sector triple -no-reboot -no-shutdown -timeout 5

# wrong TEXT OPTIONS...
wrong() {
    text=$1
    shift
    status 2 timeout 100 "$PCEMU" -display none "$@" </dev/null && said "$text" && [ "$(wc -l <"$work/err")" -eq 1 ]
}
check 'a key that is none' wrong "no key is called or types '<hyper>'" -type 'a<hyper>'
check 'an empty text' wrong 'the text is empty' -expect-serial ''
check 'an escape that is none' wrong 'the escapes are' -send-serial 'a\q'
check 'a limit of nothing' wrong 'not a number of instructions' -insn-limit 0
check 'a wait for ever' wrong 'not a number of seconds' -wait -1
check 'with the debugger' wrong 'the debugger has no use for' -debug -batch -expect-serial x
finish
