# library.sh: what the system tests share. PCEMU is the emulator, SECTORS the directory of assembled boot sectors.
: "${PCEMU:?the emulator}"
work=$(mktemp -d "${TMPDIR:-/tmp}/pcemu-test-XXXXXX")
trap 'rm -rf "$work"' EXIT
failures=0

# check NAME COMMAND...: one thing that must be true.
check() {
    name=$1
    shift
    if "$@"; then
        echo "ok: $name"
    else
        echo "FAILED: $name"
        failures=$((failures + 1))
    fi
}

# status N COMMAND...: the command ends with that exit status; what it says on stderr is in $work/err.
status() {
    expected=$1
    shift
    "$@" 2>"$work/err"
    got=$?
    [ "$got" -eq "$expected" ] && return
    echo "exit status $got, not $expected: $*"
    cat "$work/err"
    return 1
}

# said TEXT...: the last command under `status` said so on stderr.
said() {
    grep -qF -- "$*" "$work/err" && return
    echo "stderr does not say '$*':"
    cat "$work/err"
    return 1
}

finish() {
    [ "$failures" -eq 0 ]
    exit
}
