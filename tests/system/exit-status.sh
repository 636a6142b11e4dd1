#!/bin/sh
# Every way in which a run ends has the exit status that docs/running.md gives it.
. "$(dirname "$0")/library.sh"

# sector NAME OPTIONS...: boots one of the small boot sectors.
sector() {
    image=$SECTORS/$1.img
    shift
    timeout 300 "$PCEMU" -display none -snapshot "$@" "$image" </dev/null
}

check 'power-off is 0' status 0 timeout 300 "$PCEMU" -display none
check 'isa-debug-exit is (v << 1) | 1' status 67 sector exit -device isa-debug-exit,iobase=0xf4,iosize=4
check 'triple fault under -no-reboot is 4' status 4 sector triple -no-reboot
check '... and has a post-mortem' said 'triple fault after'
check '... with registers' said 'EIP=00007c'
check '-timeout is 6' status 6 sector spin -timeout 0.25
check '... at that very time' said 'at 0.250000000 s'
check 'halted for ever is 12' status 12 sector stuck
check '... and says why' said 'halted with interrupts off'
check 'a reset under -no-reboot is 14' status 14 sector reset -no-reboot
check 'a reset without it goes on' status 6 sector reset -timeout 0.5 # a start takes 0.02 s
check 'SIGTERM is 16' status 16 timeout --preserve-status -s TERM 2 sh -c 'exec "$0" -display none -snapshot "$1" </dev/null' "$PCEMU" "$SECTORS/spin.img"
finish
