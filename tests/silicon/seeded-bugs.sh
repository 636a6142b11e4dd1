#!/bin/sh
# seeded-bugs.sh [DIR]: shows that the comparison finds bugs. Three are put, one after the other, into a copy of the tree
# (in DIR, or a temporary directory): a flag of one instruction, the operand size of another, a store that crosses a page
# end. Each copy runs what the test suite runs; exit status 0: all three were found, and nothing in the tree as it is.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-$(mktemp -d)}
args=$(sed -n "s/.*'silicon', silicon, args: \[\(.*\)\], suite.*/\1/p" "$root/tests/silicon/meson.build" | tr -d "',")
missed=0

build() {
    ninja -C "$dir/build" tests/silicon/silicon >"$dir/build.log" 2>&1 || { tail -20 "$dir/build.log"; exit 2; }
}

# run NAME: what the suite's run says.
run() {
    build
    # shellcheck disable=SC2086 # the arguments are words
    "$dir/build/tests/silicon/silicon" $args >"$dir/$1.log" 2>&1
    status=$?
    tail -1 "$dir/$1.log"
    return $status
}

# seed NAME FILE SED-EXPRESSION: the bug, the run, and away with it.
seed() {
    cp "$dir/tree/$2" "$dir/saved"
    sed -i "$3" "$dir/tree/$2"
    if cmp -s "$dir/saved" "$dir/tree/$2"; then
        echo "$1: nothing to change in $2 any more" && exit 2
    fi
    echo "== $1 ($2)"
    diff "$dir/saved" "$dir/tree/$2"
    if run "$1"; then
        echo "NOT FOUND" && missed=$((missed + 1))
    else
        grep -m1 DIFF "$dir/$1.log" && grep -m1 -o 'silicon --replay.*' "$dir/$1.log" | cut -c1-200
    fi
    cp "$dir/saved" "$dir/tree/$2"
}

[ "$(uname -m)" = x86_64 ] || { echo "seeded-bugs: needs an x86-64 host" >&2; exit 77; }
rm -rf "$dir/tree" "$dir/build"
mkdir -p "$dir/tree"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$dir/tree")
meson setup "$dir/build" "$dir/tree" >/dev/null || exit 2
echo "== as it is"
run as-it-is || { echo "differences without a bug"; exit 1; }
seed flag cpu/ops_bcd.c 's/(adjust ? HF_CF | HF_AF : 0)/(adjust ? HF_CF : 0)/'
seed operand-size cpu/insn_int.def '/0xc1, X_ANY, "xadd"/s/W(OSZAPC)/A_BYTE | W(OSZAPC)/'
seed page-crossing-store cpu/mem_access.c 's/do_part(c, lin, p, n, set, write);/do_part(c, lin, p, write \&\& n == 3 ? 2 : n, set, write);/'
[ $missed -eq 0 ] && echo "all three found"
exit $missed
