#!/bin/bash
# linux-snapshots.sh DIR POINTS BENCH: Linux is saved at moments of its boot and goes on in new machines, and its past is
# gone to: the same hash everywhere. SNAPSHOT_POINTS=N: at N random moments of a longer run, printed with their seed.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: linux-snapshots.sh DIR POINTS BENCH}
points=${2:?the program snapshot_points}
bench=${3:?the program timeline_bench}
"$(dirname "$0")/linux-disk.sh" "$dir" || exit

last=2600
moments='700 1700 2300'
if [ -n "${SNAPSHOT_POINTS:-}" ]; then
    last=9000
    RANDOM=${SNAPSHOT_SEED:-$$}
    echo "SNAPSHOT_SEED=${SNAPSHOT_SEED:-$$}"
    moments=$(for ((i = 0; i < SNAPSHOT_POINTS; i++)); do echo $((RANDOM * RANDOM % (last - 50))); done | sort -n)
fi
# shellcheck disable=SC2086 # words are meant
check 'one processor goes on' "$points" "$dir/linux.img" 1 $last $moments
# shellcheck disable=SC2086
check 'two processors go on' "$points" "$dir/linux.img" 2 $last $moments
check 'every place of the past is what it was' "$bench" "$dir/linux.img" 2 "${TIMELINE_MILLIONS:-250}"
finish
