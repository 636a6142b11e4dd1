#!/bin/sh
# The first line that a triple fault leaves behind names its cause: boot sectors, each with one mistake.
. "$(dirname "$0")/library.sh"

# names SECTOR PATTERN: the line "pcemu: triple fault: ..." of this boot sector.
names() {
    timeout 60 "$PCEMU" -display none -snapshot -no-reboot -timeout 100 "$SECTORS/broken-$1.img" </dev/null >/dev/null 2>"$work/$1"
    grep -a '^pcemu: triple fault: ' "$work/$1" | head -1 >"$work/first"
    cat "$work/first"
    grep -qE -- "$2" "$work/first"
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check 'a GDT limit that is too small' names gdt-limit '#GP\(0008h\): CS selector 08h lies outside the GDT, whose limit is 0007h'
check 'a closed A20 gate' names a20 'the A20 gate is closed, so that the code at 0010000. is at physical 0000000.'
check 'a stack in ROM' names stack-rom 'the stack, at linear 000ffff., lies in ROM'
check 'a far jump to a data segment' names far-jump '#GP\(0010h\): CS selector 10h names a data segment, writable; type 2'
check 'code that has no page' names page-table '#PF\(0000h\): the instruction at linear 00007c.. has no page: the page directory entry at physical 00010000 is 0000000000000000 and is not present'
check '16-bit code that runs as 32-bit' names code16 '16-bit code runs as 32-bit: CS selector 08h has D=1'
check 'an IDT that is too small' names idt-small '#GP\(0182h\): vector 30h lies outside the IDT, whose limit is 003Fh'
check 'a TSS beside its place' names tss '#TS\(....h\): SS0 in the TSS .*the TSS is misaligned, its base 00007e02'
check 'long mode without PAE' names lme-pae '#GP\(0000h\): paging is turned on with EFER.LME set, but CR4.PAE is not'
check 'a return to a non-canonical address' names canonical '#GP\(0000h\): ret leads to RIP 0000800000000000, which is not canonical'
check '... with the chain to the triple fault' grep -q 'delivering #DF met #GP' "$work/canonical"
check '... and the way there' grep -q 'real mode to 16-bit protected mode' "$work/canonical"
check '... and through the code' grep -qE ' 07c8d 07c94$' "$work/canonical"
check 'a debugger shows the last branches' sh -c '"$0" -display none -snapshot -batch -ex continue "$1" 2>/dev/null </dev/null | grep -A32 "the last branches" | tail -1 | grep -q "00007c8d to 00007c94"' "$PCEMU" "$SECTORS/broken-canonical.img"
finish
