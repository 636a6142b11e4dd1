#!/bin/bash
# window.sh DISK-DIR SHOTS: the window, on a virtual X server: firmware, boot loader and kernel appear in it, and a shell
# takes what is typed. Screenshots are left in SHOTS for eyes; here they are only asked whether enough of them is lit.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: window.sh DISK-DIR SHOTS}
shots=${2:?}
for tool in Xvfb xdotool xwdtopnm pnmtopng; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done
"$(dirname "$0")/linux-disk.sh" "$dir" || exit
mkdir -p "$shots"

# until SECONDS COMMAND...: waits for the command to succeed.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        kill -0 "$pcemu" 2>/dev/null || return 1
        sleep 0.2
    done
}
cleanup() {
    kill ${pcemu:-} ${xvfb:-} 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

exec 3>"$work/display"
Xvfb -displayfd 3 -screen 0 1024x768x24 -fbdir "$work" -nolisten tcp >/dev/null 2>&1 3>&3 &
xvfb=$!
for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
DISPLAY=:$(tr -d '\n' <"$work/display")
export DISPLAY
unset WAYLAND_DISPLAY

# shot NAME LIT: takes a picture; at least LIT thousandths of it are not black.
shot() {
    xwdtopnm "$work/Xvfb_screen0" 2>/dev/null >"$work/shot.ppm" || return 1
    pnmtopng "$work/shot.ppm" 2>/dev/null >"$shots/$1.png"
    [ "$(tail -c +16 "$work/shot.ppm" | tr -d '\0' | wc -c)" -gt $((1024 * 768 * 3 / 1000 * $2)) ]
}
type_line() {
    xdotool type --delay 40 "$1"
    xdotool key Return
}
serial_has() { grep -qa "$1" "$work/serial"; }
ready() { serial_has 'shell ready' && sleep 2; }

"$PCEMU" -name 'window test' -serial "file:$work/serial" -snapshot "$dir/shell.img" 2>"$work/err" </dev/null &
pcemu=$!
window_opens() { xdotool search --name 'window test' >/dev/null; }
check 'a window with that title opens' until_true 20 window_opens
xdotool search --name 'window test' windowfocus 2>/dev/null
check 'the firmware or the boot loader is seen' until_true 10 shot 1-firmware 3
sleep 3
check 'the kernel is seen' until_true 60 shot 2-kernel 10
check 'a shell comes up' until_true 120 ready
check 'it is seen' shot 3-shell 10
type_line 'echo "[$((6*7))] <Ok?>" | tr a-z A-Z >/dev/ttyS0'
check 'what is typed into the window comes back right' until_true 20 serial_has '\[42\] <OK?>'
type_line 'ls -l / | head -n 5; uname -m'
sleep 1
check 'and is seen' shot 4-typed 10
type_line 'poweroff -f'
wait "$pcemu"
check 'powered off from the keyboard' test $? -eq 0
[ "$failures" -eq 0 ] || { cat "$work/err"; tail -n 20 "$work/serial"; }
finish
