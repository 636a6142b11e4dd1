#!/bin/sh
# -d exec and `pcemu trace`: a boot traced twice is the same, a trace changes no history, and of two builds of one guest
# the first instruction that differs is found.
. "$(dirname "$0")/library.sh"

# run TRACE OPTIONS...: the firmware and a boot sector, for a moment.
run() {
    file=$1
    shift
    timeout 120 "$PCEMU" -display none -serial null -snapshot -clock insn -timeout 0.05 -D "$file" "$@" </dev/null 2>"$work/err"
    [ $? -eq 6 ]
}

same() {
    cmp "$1" "$2"
}

# build BYTE: firmware that counts in a loop, with another constant in each build.
# xor ax, ax; again: add ax, BYTE; out 80, ax; jmp again. At the reset vector: jmp F000:0000.
build() {
    { printf '\061\300\005'; printf "$1"; printf '\000\347\200\353\371'; head -c 65511 /dev/zero
      printf '\352\000\000\000\360'; head -c 11 /dev/zero; } >"$work/$2"
}

# data BYTE: firmware of the same instructions, that finds other data: cs mov ax, [0100]; hlt.
data() {
    { printf '\056\241\000\001\364'; head -c 251 /dev/zero; printf "$1"; head -c 65263 /dev/zero
      printf '\352\000\000\000\360'; head -c 11 /dev/zero; } >"$work/$2"
}

rom() {
    timeout 60 "$PCEMU" -display none -serial null -clock insn -timeout 0.0001 -bios "$work/$1" -d exec,io -D "$work/$1.pct" \
        </dev/null 2>"$work/err"
    [ $? -eq 6 ]
}

# It halts for good.
stops() {
    timeout 60 "$PCEMU" -display none -serial null -clock insn -bios "$work/$1" -d exec -D "$work/$1.pct" </dev/null 2>"$work/err"
    [ $? -eq 12 ]
}

differ() {
    "$PCEMU" trace diff "$work/a.rom.pct" "$work/b.rom.pct" >"$work/diff"
    [ $? -eq 1 ] && grep -q '^first difference after 4 equal records, at instruction 2$' "$work/diff" &&
        grep -q '^- .*050100  *addw \$1, %ax  *; rax=01' "$work/diff" &&
        grep -q '^+ .*050200  *addw \$2, %ax  *; rax=02' "$work/diff" && grep -q '^  .*xorw %ax, %ax' "$work/diff" && return
    cat "$work/diff"
    return 1
}

# One instruction on both sides, and what it loaded there.
differ_in_data() {
    "$PCEMU" trace diff "$work/c.rom.pct" "$work/d.rom.pct" >"$work/diff"
    [ $? -eq 1 ] && grep -q '^first difference after 3 equal records, at instruction 1$' "$work/diff" &&
        grep -q '^- .*2ea10001  *movw .*; rax=11' "$work/diff" && grep -q '^+ .*2ea10001  *movw .*; rax=22' "$work/diff" &&
        ! grep -q '^  .*movw' "$work/diff" && return
    cat "$work/diff"
    return 1
}

# Counts of a.rom's loop of three, which lie within one of each other.
stats() {
    timeout 60 "$PCEMU" -display none -serial null -net none -clock insn -timeout 0.0001 -bios "$work/a.rom" $1 -D "$work/stats" \
        </dev/null 2>"$work/err"
    [ $? -eq 6 ]
}
counts() {
    awk '/05 add$/ { a = $1 } /E7 out$/ { o = $1 } /EB jmp$/ { j = $1 } /^stats: [0-9]* instructions;/ { n = $2 }
        END { exit !(a > 4000 && a - o <= 1 && o - j <= 1 && j <= a && a + o + j + 2 == n) }' "$work/stats" &&
        grep -q 'at 0xf0002 (real), entered [0-9]* times' "$work/stats" && grep -q '^ *addw \$1, %ax$' "$work/stats" &&
        grep -q '^stats: [0-9]* page walks' "$work/stats" && return
    cat "$work/stats"
    return 1
}

timeline() {
    "$PCEMU" trace export "$work/1.pct.gz" -o "$work/json" &&
        python3 -c 'import json, sys; t = json.load(open(sys.argv[1]))["traceEvents"]; sys.exit(len(t) < 100)' "$work/json"
}

check 'a boot is traced' run "$work/1.pct.gz" -d exec,int,io,mode
check '... and again' run "$work/2.pct.gz" -d exec,int,io,mode
check '... with the same bytes' same "$work/1.pct.gz" "$work/2.pct.gz"
check 'diff finds nothing' status 0 "$PCEMU" trace diff "$work/1.pct.gz" "$work/2.pct.gz"
check 'count counts' sh -c '"$0" trace count "$1" | grep -qE "^exec +[0-9]{6,}$"' "$PCEMU" "$work/1.pct.gz"
check 'show takes a part' sh -c '[ "$("$0" trace show --from 1000 --to 1999 --kind exec "$1" | wc -l)" -eq 1000 ]' "$PCEMU" "$work/1.pct.gz"
check 'filter writes another' status 0 "$PCEMU" trace filter --kind io -o "$work/io.pct" "$work/1.pct.gz"
check '... of that alone' sh -c '[ "$("$0" trace count "$1" | grep -c "^[a-z]* *[0-9]*$")" -eq 1 ]' "$PCEMU" "$work/io.pct"
check 'export makes JSON' timeline
check 'text to a file' run "$work/t.txt" -d int,cpu_reset
check '... as QEMU prints interrupts' grep -qE 'v=[0-9a-f]{2} e=[0-9a-f]{4} i=[01] cpl=[0-3] IP=[0-9a-f]{4}:[0-9a-f]{16} pc=[0-9a-f]{16} SP=' "$work/t.txt"
build '\001' a.rom
build '\002' b.rom
check 'a build' rom a.rom
check 'another' rom b.rom
check 'the first different instruction' differ
data '\021' c.rom
data '\042' d.rom
check 'the same with other data' stops c.rom
check '... and others' stops d.rom
check 'the first instruction that finds another value' differ_in_data
check 'a run without statistics' stats ''
cp "$work/err" "$work/plain"
check 'one with' stats '-d stats'
check '... is the same run' cmp "$work/plain" "$work/err"
check '... and is counted' counts
check 'a file that is none is refused' status 2 "$PCEMU" trace show "$work/t.txt"
check '... in a word' said 'is no binary trace'
check 'nonsense is refused' status 2 "$PCEMU" trace frobnicate
check '-d help lists' sh -c '"$0" -d help | grep -q "^exec"' "$PCEMU"
finish
