#!/bin/bash
# laws.sh SOURCE BUILD: rules of the house that a machine can check: who includes whom, and no variables of file scope.
. "$(dirname "$0")/library.sh"
source=${1:?usage: laws.sh SOURCE BUILD}
build=${2:?}

# The headers that the files of a folder name in quotes, apart from those of that folder: "file: header".
foreign_headers() {
    local folder=$1
    grep -rnoE '^#include "[^"]+"' "$source/$folder" --include='*.[ch]' |
        sed -E "s|^$source/||; s/#include \"([^\"]+)\"/\1/" |
        while IFS=: read -r file _ header; do
            [ -e "$source/$(dirname "$file")/$header" ] || [ -e "$source/$folder/$header" ] || echo "$file: $header"
        done
}

# allowed FOLDER PLACES...: every header that files of FOLDER include stands in FOLDER or in one of PLACES.
allowed() {
    local folder=$1 bad=0 file header place found
    shift
    while read -r file header; do
        found=0
        for place in "$@"; do
            [ -e "$source/$place/$header" ] && found=1
        done
        [ $found -eq 1 ] || { echo "$file $header"; bad=1; }
    done < <(foreign_headers "$folder")
    return $bad
}

# Variables in .data and .bss of a library: read-only tables with pointers stand in .data.rel.ro.
no_variables() {
    local found
    found=$(objdump -t "$@" 2>/dev/null | grep -E ' O \.(data|bss)(\.[a-z_0-9.]+)?	' | grep -vE '\.data\.rel\.ro|__|asan|ubsan|\.LASAN')
    [ -z "$found" ] || { echo "$found"; return 1; }
}

no_addresses() {
    ! grep -nE 'region_add\([^;]*0x' "$source"/devices/*.c "$source"/mem/*.c
}

no_host_time() {
    ! grep -nE '\b(clock_gettime|gettimeofday|time|rand|random|usleep|nanosleep|getrandom)\(' -r "$source"/{cpu,mem,devices,machine} --include='*.[ch]'
}

check 'mem/ knows include/' allowed mem include
check 'devices/ knows include/' allowed devices include
check 'cpu/ knows include/' allowed cpu include
check 'machine/core knows include/' allowed machine/core include
check 'machine/ knows include/ and devices/' allowed machine include devices
check 'frontend/ knows include/, guest/ and bios/' allowed frontend include guest bios frontend/libraries frontend/monitor frontend/debugger frontend/gdbstub frontend/batch
check 'the front end does not know the processor' sh -c '! grep -rln "\"cpu.h\"\|\"space.h\"" "$0/frontend"' "$source"
check 'no variables of file scope' no_variables "$build"/machine/core/libcore.a "$build"/mem/libmem.a \
    "$build"/devices/libdevices.a "$build"/cpu/libcpu.a "$build"/machine/libmachine.a "$build"/frontend/libfrontend.a
check 'no host time, no randomness' no_host_time
check 'addresses are named in pc_map.h' no_addresses
finish
