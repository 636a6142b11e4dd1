#!/bin/sh
# -record and -replay: serial input under both clocks, keys, the network, from the start and from a snapshot: the same
# output, and the machine itself says that it is the same.
. "$(dirname "$0")/library.sh"
cd "$work" || exit 1

run() { timeout 60 "$PCEMU" -display none -snapshot -net none "$@" 2>err; }
ends() { want=$1; shift; run "$@"; got=$?; test $got -eq "$want" || { echo "status $got"; cat err; false; }; }
same() { grep -q 'replayed to its end, .* the same$' err || { cat err; false; }; }

# feed TEXT...: types each after a pause.
feed() {
    for text; do
        sleep 0.3
        printf '%b' "$text"
    done
    sleep 0.3
}

for clock in insn host; do
    feed 'one' 'two ' 'three' | run -clock $clock -timeout 2 -serial stdio -record serial.rec "$SECTORS/echo.img" >first
    check "a run with serial input is recorded (-clock $clock)" test -s serial.rec
    check '... and replayed to the same end' ends 6 -serial file:second -replay serial.rec "$SECTORS/echo.img" </dev/null
    check '... which it says' same
    check '... with the same output' cmp first second
done

check 'a snapshot to start from' ends 6 -clock host -timeout 0.5 -serial null -save start "$SECTORS/echo.img"
feed 'four' 'five' | run -clock host -timeout 1.5 -serial stdio -loadvm start -record serial.rec "$SECTORS/echo.img" >first
check 'input behind a snapshot is replayed' \
    ends 6 -serial file:second -loadvm start -replay serial.rec "$SECTORS/echo.img"
check '... to the same end' same
check '... with the same output' cmp first second
check 'without the snapshot it is refused' ends 2 -serial null -replay serial.rec "$SECTORS/echo.img"
check '... in a word' grep -q 'began in another state' err

feed 'sendkey a\n' 'sendkey shift-b\nmouse_move 3 4\n' 'sendkey ret\n' 'nmi\n' 'sendkey c\nsystem_reset\n' 'sendkey d\n' 'q\n' |
    run -monitor stdio -serial null -icount 3,rr=record,rrfile=keys.rec -screen-text first "$SECTORS/keys.img" \
    >monitor.out
check 'keys and buttons are recorded' test -s keys.rec
check '... and replayed' ends 0 -icount shift=3,rr=replay,rrfile=keys.rec -screen-text second -serial null "$SECTORS/keys.img"
check '... to the same end' same
check '... with the same screen' cmp first second

if [ -e /usr/lib/ipxe/qemu/efi-e1000.rom ] || [ -e /usr/lib/ipxe/qemu/pxe-e1000.rom ]; then
    mkdir tftp
    cp "$SECTORS/exit.img" tftp/boot
    netboot() {
        timeout 60 "$PCEMU" -display none -nodefaults -nic "user,tftp=$1,bootfile=boot" -boot n -serial null \
            -device isa-debug-exit,iobase=0xf4,iosize=4 -drive if=ide,media=cdrom "$2" "$3" 2>err
    }
    netboot tftp -record net.rec
    check 'a boot over the network is recorded' test $? -eq 67
    rm -r tftp
    netboot /nowhere -replay net.rec
    check '... and replayed, though nobody is there' test $? -eq 67
    check '... to the same end' same
fi

head -c 200 keys.rec >short.rec
check 'a short file is refused' ends 2 -replay short.rec -serial null "$SECTORS/keys.img"
check '... in a word' grep -q 'short.rec: .*cut short' err
check 'a snapshot is no recording' ends 2 -replay start.pcvm -serial null "$SECTORS/keys.img"
check '... and said to be none' grep -q 'not a recording' err
check 'another machine is refused' ends 2 -replay keys.rec -m 64 -serial null "$SECTORS/keys.img"
check 'another disk is noticed' ends 20 -replay keys.rec -serial null "$SECTORS/echo.img"
check '... and said' grep -q 'not the recorded run' err
check 'an image that changes is refused' status 2 "$PCEMU" -display none -record x.rec "$SECTORS/keys.img"
finish
