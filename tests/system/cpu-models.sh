#!/bin/bash
# cpu-models.sh: CPUID of QEMU's models, dumped by a boot sector here and in QEMU, is the same but for what is listed
# in docs/differences.md: the hypervisor's name (leaf 40000000), VME, which QEMU does not emulate, and SVM (8000_0001
# ECX and leaf 8000_000A), which pcemu does not.
. "$(dirname "$0")/library.sh"

dump() { timeout 60 "$1" -display none -serial "file:$2" -device isa-debug-exit,iobase=0xf4 -snapshot -cpu "$3" \
    -drive "file=$SECTORS/cpuid.img,format=raw" 2>"$work/err" </dev/null; [ $? -eq 1 ]; }

# Leaf, subleaf and EAX to EDX, without what is known to differ.
common() {
    while read -r leaf sub a b c d; do
        case $leaf in
        40000000 | 8000000a) ;;
        00000001) printf '%s %s %s %s %s %08x\n' "$leaf" "$sub" "$a" "$b" "$c" $((0x$d & ~2)) ;;
        80000001) printf '%s %s %s %s %08x %08x\n' "$leaf" "$sub" "$a" "$b" $((0x$c & ~4)) $((0x$d & ~2)) ;;
        *) echo "$leaf $sub $a $b $c $d" ;;
        esac
    done <"$1"
}

same() {
    dump qemu-system-x86_64 "$work/theirs" "$1" && dump "$PCEMU" "$work/ours" "$1" &&
        diff <(common "$work/theirs") <(common "$work/ours")
}

check 'a model dumps its leaves' dump "$PCEMU" "$work/ours" 486
check 'a 486 with CPUID' grep -q '^00000001 00000000 00000480 ' "$work/ours"
check 'the default has all' sh -c '"$0" -cpu help | grep -q "^x86 max .*default"' "$PCEMU"
if command -v qemu-system-x86_64 >/dev/null; then
    for model in 486 pentium pentium2 pentium3 qemu32 qemu64 kvm32 kvm64; do
        check "$model as in QEMU" same $model
    done
else
    echo 'not compared: there is no qemu-system-x86_64 here'
fi
finish
