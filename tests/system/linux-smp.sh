#!/bin/bash
# linux-smp.sh DIR: Linux, from the disk of linux-disk.sh, brings up four processors and does its work on all of them at
# once; a second run prints the same bytes. Where processors sit is what Linux says on QEMU, where that is there.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: linux-smp.sh DIR}
"$(dirname "$0")/linux-disk.sh" "$dir" || exit

# run FILE IMAGE OPTIONS...
run() { timeout 900 "$PCEMU" -display none -serial "file:$1" -snapshot "${@:3}" "$dir/$2" 2>"$work/err" </dev/null; }
lines() { tr -d '\r' <"$1" | sed "1,/^$2 begins/d; /^$2 ends/,\$d" | grep -v '^\[ *[0-9.]*\]'; }
trouble='BUG:|Oops|Call Trace|WARNING:|unchecked MSR|Kernel panic|TSC warp|TSC unstable|lockup|rcu.*stall|spurious|failed command|do_IRQ|No irq handler'

# four NAME FILE: what must be true of a run with four processors.
four() {
    check "$1: four processors" grep -qa 'Brought up 1 node, 4 CPUs' "$2"
    lines "$2" work >"$work/lines"
    check "$1: they compute what the host does" diff -u "$dir/expected-smp.txt" "$work/lines"
    check "$1: all four the same" [ "$(grep -ca '^processor [0-3] computes the same' "$2")" -eq 4 ]
    check "$1: they called each other" [ "$(grep -caE '^(RES|CAL): some' "$2")" -eq 2 ]
    check "$1: no kernel trouble" sh -c '! grep -aE "$1" "$0"' "$2" "$trouble"
}

check 'it powers off' run "$work/first" smp.img -smp 4
four 'instruction clock' "$work/first"
check 'it powers off again' run "$work/second" smp.img -smp 4
check 'two runs are the same' cmp "$work/first" "$work/second"
check 'it powers off by the host clock' run "$work/host" smp.img -smp 4 -clock host
four 'host clock' "$work/host"

qemu=$(command -v qemu-system-x86_64) || echo 'qemu-system-x86_64 is missing: no comparison'
if [ -n "$qemu" ]; then
    for smp in 4 2,maxcpus=4; do
        args="-m 128 -smp $smp"
        timeout 120 "$qemu" -machine pc -accel tcg $args -display none -nic none -serial "file:$work/qemu" -snapshot \
            -drive "file=$dir/cpus.img,format=raw" -no-reboot 2>/dev/null </dev/null
        run "$work/ours" cpus.img $args
        lines "$work/qemu" topology >"$work/theirs"
        lines "$work/ours" topology >"$work/topology"
        check "-smp $smp: it says something" [ -s "$work/topology" ]
        # QEMU runs its processors in threads: on a host with fewer it may not get that far.
        if grep -qa '^topology ends' "$work/qemu"; then
            check "-smp $smp is where QEMU has it" diff -u "$work/theirs" "$work/topology"
        else
            echo "-smp $smp: QEMU did not get through it in time: no comparison"
        fi
    done
fi
[ "$failures" -eq 0 ] || tail -n 60 "$work/first"
finish
