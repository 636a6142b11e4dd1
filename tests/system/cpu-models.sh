#!/bin/bash
# cpu-models.sh: CPUID of QEMU's models, dumped by a boot sector here and in QEMU, is the same but for what is listed
# in docs/differences.md: the hypervisor's name (leaf 40000000), VME, which QEMU does not emulate, SVM (8000_0001 ECX and
# leaf 8000_000A), which pcemu does not, and EBX of leaf D, subleaf 1, without XSAVEC. Of later models that is compared
# which both have. Identities, warnings and refusals, too.
. "$(dirname "$0")/library.sh"

topology=
dump() { timeout 60 "$1" -display none -serial "file:$2" -device isa-debug-exit,iobase=0xf4 -snapshot -cpu "$3" $topology \
    -drive "file=$SECTORS/cpuid.img,format=raw" 2>"$work/err" </dev/null; [ $? -eq 1 ]; }

# Leaf, subleaf and EAX to EDX, without what is known to differ.
common() {
    while read -r leaf sub a b c d; do
        case $leaf in
        40000000 | 8000000a) ;;
        0000000d) [ "$sub" = 00000001 ] && b=-; echo "$leaf $sub $a $b $c $d" ;;
        00000001) printf '%s %s %s %s %s %08x\n' "$leaf" "$sub" "$a" "$b" "$c" $((0x$d & ~2)) ;;
        80000001) printf '%s %s %s %s %08x %08x\n' "$leaf" "$sub" "$a" "$b" $((0x$c & ~4)) $((0x$d & ~2)) ;;
        *) echo "$leaf $sub $a $b $c $d" ;;
        esac
    done <"$1"
}

# For `-smp FORM`: the topology, and where each form's missing numbers come from.
same_topology() {
    topology="-smp $2"
    same "$1"
    local ok=$?
    topology=
    return $ok
}

same() {
    dump qemu-system-x86_64 "$work/theirs" "$1" && dump "$PCEMU" "$work/ours" "$1" &&
        diff <(common "$work/theirs") <(common "$work/ours")
}

check 'a model dumps its leaves' dump "$PCEMU" "$work/ours" 486
check 'a 486 with CPUID' grep -q '^00000001 00000000 00000480 ' "$work/ours"
refuses() { timeout 60 "$PCEMU" -display none -cpu "$1" 2>"$work/err" </dev/null; [ $? -eq 2 ] && grep -q "$2" "$work/err"; }
check 'enforce' refuses qemu64,+vmx,enforce 'has no vmx'
check 'a vendor has twelve characters' refuses qemu64,vendor=Intel 'vendor=Intel: 12 to 12 characters'
check 'no such family' refuses qemu64,family=271 'family=271'
check 'no such model' refuses nosuch "unable to find CPU model 'nosuch'"
check 'the default has all' sh -c '"$0" -cpu help | grep -q "^x86 max .*default"' "$PCEMU"
if command -v qemu-system-x86_64 >/dev/null; then
    mine=-pcid,-x2apic,-tsc-deadline,-invpcid theirs=-hle,-rtm,-erms
    for model in 486 pentium pentium2 pentium3 qemu32 qemu64 kvm32 kvm64 Penryn-v1 Opteron_G2 \
        Nehalem SandyBridge,-x2apic,-tsc-deadline "Haswell,$mine,$theirs" \
        "Skylake-Client,$mine,$theirs,-rdseed,-mpx,-3dnowprefetch,-xsavec" \
        qemu64,vendor=GenuineIntel,family=0x12,model=42,stepping=7,level=5,xlevel=0x80000004,model-id=own; do
        check "$model as in QEMU" same $model
    done
    for smp in 6,maxcpus=8 sockets=2,cores=2,threads=2 cpus=5,maxcpus=6,sockets=3; do
        check "-smp $smp as in QEMU" same_topology kvm64 $smp
    done
    warnings() { timeout 60 "$1" -cpu "$2" -S -display none -monitor stdio <<<quit 2>&1 >/dev/null | grep -o 'warning: .*'; }
    check 'what is not built is warned of as in QEMU' diff <(warnings qemu-system-x86_64 kvm64,+avx512f,+rtm,+smx,+fma4) \
        <(warnings "$PCEMU" kvm64,+avx512f,+rtm,+smx,+fma4)
    listed() { "$1" -cpu help | sed -n '/^x86 [4A-Za-w]/p' | grep -vE '^x86 (host|max|base) '; }
    check 'the list of models is as in QEMU' diff <(listed qemu-system-x86_64) <(listed "$PCEMU")
else
    echo 'not compared: there is no qemu-system-x86_64 here'
fi
finish
