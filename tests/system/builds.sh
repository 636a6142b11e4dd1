#!/bin/sh
# builds.sh SOURCE DIR: the same trace from this build, from this build on a host with other work, and from one that
# another compiler made without optimization (made here). The first millions of instructions of the Linux disk in DIR,
# each with the registers that it changes; determinism.py compares whole boots and as many builds as it is given.
. "$(dirname "$0")/library.sh"
source=${1:?usage: builds.sh SOURCE DIR}
dir=${2:?usage: builds.sh SOURCE DIR}
"$(dirname "$0")/linux-disk.sh" "$dir" || exit

for compiler in "${OTHER_CC:-clang}" gcc cc; do
    command -v "$compiler" >/dev/null && break
done

other() {
    CC=$compiler CFLAGS='' meson setup "$work/other" "$source" -Doptimization=0 -Ddebug=false >"$work/log" 2>&1 &&
        ninja -C "$work/other" -j 2 frontend/pcemu >>"$work/log" 2>&1 && return
    tail -n 30 "$work/log"
    return 1
}

compare() {
    "$(dirname "$0")/determinism.py" "$dir/linux.img" "this=$PCEMU" "loaded=$PCEMU" "other=$work/other/frontend/pcemu" \
        --load 2 --insns "${MILLIONS:-5}" --limit 240
}

check "another build, by $compiler" other
check 'three traces are the same' compare
finish
