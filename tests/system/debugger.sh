#!/bin/sh
# The debugger's commands, by scripts: motion, breakpoints, expressions, and how -batch ends.
. "$(dirname "$0")/library.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# debug COMMANDS...: the output of these commands at the boot sector debugger.S.
debug() {
    printf '%s\n' 'symbol-file debugger.elf' 'until main' "$@" >"$work/script"
    (cd "$SECTORS" && timeout 60 "$PCEMU" -display none -snapshot -batch -x "$work/script" debugger.img 2>"$work/err" </dev/null) >"$work/out"
}
# shows PATTERN COMMANDS...: their output has a line like this.
shows() {
    pattern=$1
    shift
    debug "$@"
    grep -qE -- "$pattern" "$work/out" || { cat "$work/out"; return 1; }
}
# last PATTERN COMMANDS...: their last line is like this.
last() {
    pattern=$1
    shift
    debug "$@"
    tail -1 "$work/out" | grep -qE -- "$pattern" || { cat "$work/out"; return 1; }
}

check 'step goes into a call' shows '^function:' step
check 'next goes over it' shows '^after_call:' next
check 'next goes over INT' shows '^after_int:' next next
check 'step goes into INT' shows '^handler:' next step
check 'next goes over REP' last '^0x264$' 'until fill' next 'p di - 0x600 + 0x200'
check 'finish leaves a function' shows '^after_call:' step finish
check 'finish leaves two' last ' pop bp$' 'until inner' finish
check 'a step over HLT does not end in the timer handler' shows '^after_hlt:' 'until loop' 'step 2'
check '... unless asked' shows '^f000:.* push' 'set handlers on' 'until loop' 'step 3'
check 'a breakpoint stops' shows '^Breakpoint 1: code at' 'break inner' continue
check 'a condition holds it back' last '^0x5$' 'break loop if word [0x500] == 5' continue 'p word [0x500]'
check 'so does an ignore count' last '^0x3$|^3$' 'break loop' 'ignore 1 3' continue 'p word [0x500]'
check 'continue leaves a breakpoint, even after a journey' last '^0x1$' 'break loop' continue 'who-wrote 0x500' continue 'p word [0x500]'
check 'a breakpoint that is deleted does not' shows 'nothing will wake it' 'break loop' 'delete 1' continue
check 'nor one that is disabled' shows 'nothing will wake it' 'break loop' 'disable' continue
check 'a watchpoint tells old and new' shows '00000500: 0000 becomes 0001' 'watch 0x500 2' continue
check 'a byte within a word is watched, too' shows 'becomes' 'break write 0x501' continue
check 'reads are watched' shows '^Breakpoint 1: reads of 00000500' 'break read 0x500' continue
check 'a port' shows 'wrote 2e to 00e9' 'break port out 0xe9' continue
check 'an interrupt vector' shows '^Breakpoint 1: interrupt 60h' 'break interrupt 0x60' continue
check 'the timer' shows '^Breakpoint 1: interrupt 08h' 'break interrupt 8' continue
check 'until halt' shows 'after_hlt|hlt' 'until halt'
check 'until block' shows '^function:' 'until block'
check 'a backtrace of 16-bit code' shows '^#2  .*after_call' 'until inner' 'step 2' bt
check '... before the frame is made' shows '^#1  .*function.6' 'until inner' bt
check '... while it is made' shows '^#1  .*function.6' 'until inner' step bt
check '... and where it is gone' shows '^#1  .*function.6' 'until inner' 'step 4' bt
check 'a listing ends with its segment' status 1 shows '^ .*f000:00010' 'goto 0' 'list'
other() {
    (cd "$SECTORS" && timeout 60 "$PCEMU" -display none -snapshot -batch "$@" 2>"$work/err" </dev/null) >"$work/out"
}
lines_of_source() {
    other -ex 'symbol-file modes.elf' -ex 'until inner' -ex bt -ex list modes.img
    grep -qE '^#1  .* middle.9  .*modes.S:109$' "$work/out" && grep -qE '^  .*modes.S:113$' "$work/out"
}
check 'lines of source, in 64-bit code' lines_of_source
check 'reverse-step goes back into a function' shows '^0000:7c48 .*ret' next reverse-step
check 'reverse-next over it' last '^0000:7c20 .*call' next next reverse-next reverse-next
check 'reverse-continue goes to the last hit' last '^0x3$' 'break loop' continue continue continue continue reverse-continue 'p word [0x500] + 1'
check 'who-wrote names the instruction' shows '^00000504 was written by the instruction at 00007c4f' 'until after_int' 'who-wrote 0x504'
check '... and that nobody did' shows 'Nobody wrote there' 'who-wrote phys 0x1234560'
check 'when goes to where it became true' last '^0000:7c54 .*iret' 'until loop' 'when byte [0x504] = 1'
check 'goto goes back and forward' last '^same$' 'until after_call' 'goto icount - 1' 'goto icount + 1' 'p/x ip' 'echo same'
check 'what is set in the past makes another future' last '^0x7$' 'until loop' 'reverse-step 2' 'set byte 0x505 = 7' 'until after_hlt' 'p/x byte [0x505]'
check 'C expressions' last '^0x1$' 'p/x (1 << 4 == 16) && !(3 > 4) || 0'
check 'segment:offset' last '^0x12345$' 'p/x 1234:5'
check 'a register as a segment' last '^0x7c00$' 'p/x ss:sp'
check 'memory in expressions' last '^0xaa55$' 'p/x word [0x7dfe]'
check 'h at the end of a number' last '^0x7c00$' 'p/x 7c00h'
check 'flags' last '^0x1$' 'set eflags = 0x41' 'p/x zf'
check 'registers are set' last '^0xbeef$' 'set ax = 0xbeef' 'p/x ax'
check 'memory is set' last '^0x12$' 'set byte 0x700 = 0x12' 'p/x byte [0x700]'
check 'the IVT' shows '^  60  0000:7c' 'info ivt 0x60'
check 'the BIOS data area' shows '0413  memory, KiB +027F' 'info bda'
check 'the map of memory' shows '0000000000000000-000000000009fbff  RAM' 'info e820'
check 'the ACPI tables' shows 'FACP .*BOCHS' 'info acpi'
check 'the interval timer' shows '2: rate generator, low byte, then high byte, binary' 'info pit'
check '... and its rate' shows 'every 65536 pulses, 18.21 Hz' 'info pit'
check 'the HPET' shows '^  MAIN_CNT  *0{16}h, stands' 'info hpet'
check 'the IDE controller' shows 'Command  *20h  READ SECTOR' 'info ide'
check '... bit by bit' shows 'Status  *50h  DRDY DSC' 'info ide'
check 'the display adapter' shows '^text: 80 x 25 characters of 9 x 16, cursor at' 'info vga'
check '... register by register' shows '^  13  28h  Offset' 'info vga'
check 'a descriptor, bit by bit' shows '00cf9b000000ffff|Limit 0..15 .*FFFFh' 'info gdt 1'
check 'the history' shows 'interrupt 08h' continue history
check 'the monitor is there' shows 'VM status' 'info status'
check 'an unknown word is said to be so' shows "unknown command: 'nonsense'" nonsense
check 'branches are known from the recording' shows ' function.3 to [0-9a-f]* inner.0$' 'until loop' 'info branches'
check 'so are interrupts' shows 'interrupt to 00007c4f handler.0$' 'until loop' 'info branches 4'
check 'until text: of a debug console' shows '^[.]The text "." is on the debug console' 'until text .'
check '... at the very instruction' last '^0000:7c3e .*hlt' 'until debugcon .'
check '... and not elsewhere' shows 'nothing will wake it' 'until serial .'
check '... in the past as in the present' last '^0000:7c3e .*hlt' 'until end' 'goto icount - 4' 'until debugcon .'
check 'until serial' shows '^The text "k" is on the serial port' 'set dword pc = 0xb003f8ba' 'set dword pc + 4 = 0xf4ee6b' 'until text k'
check 'until screen' shows '^The text "Booting" is on the screen' 'goto 0' 'until screen Booting'
check 'until mode' shows '^  now in 16-bit protected mode' 'goto 0' 'until mode'
check 'until one mode' shows '^  now in 32-bit protected mode' 'goto 0' 'until mode protected32'
check 'until interrupt' shows '^  vector 60h at 00007c23' 'until interrupt'
check 'until exception' shows '^  #UD at 00007c20' 'set word pc = 0x0b0f' 'until exception'
check 'until one exception' shows 'nothing will wake it' 'until exception #de'
check 'until CR' shows '^  CR0: 60000010 to 00000011' 'goto 0' 'until cr 0'
check 'until port' shows '^[.]  wrote 2e to 00e9' 'until port out 0xe9'
check 'until count' last '^100$' 'goto 0' 'until count 100' 'p/d icount'
check 'until time' last '^1$' 'until time 12600000' 'p/d time == 12600000'
check 'the history ends with the way through the code' last 'start begin function inner function.6 after_call handler after_int$' 'until loop' history
check 'branches are recorded without one, when asked' shows ' function.3 to [0-9a-f]* inner.0$' 'set branches on' 'until loop' 'info branches'
msr_and_task() {
    other -ex 'until 0:7c00' -ex 'until msr write efer' -ex 'until task' lesson.img
    grep -q '^  MSR c0000080 := 0000000000000[19]00' "$work/out" || { cat "$work/out"; return 1; }
}
check 'until MSR' msr_and_task
lint() {
    timeout 60 "$PCEMU" -display none -snapshot -lint -timeout 5 $2 "$SECTORS/$1.img" 2>"$work/lint" </dev/null >/dev/null
    grep 'pcemu: lint:' "$work/lint"
}
lint lint >"$work/said"
cat "$work/said"
check 'lint: EOI with nothing in service' grep -q 'EOI to 8259 1, which has nothing in service (out 0x20, al)' "$work/said"
check 'lint: a missing ICW3' grep -q '8259 1 waits for ICW3, and gets a command (0B)' "$work/said"
check 'lint: a write to ROM' grep -q 'writes to ROM .* at physical 000f1234' "$work/said"
check 'lint: RAM that was never written' grep -q 'reads 2 bytes of RAM at 00104232 that were never written' "$work/said"
check 'lint: interrupts without an IDT' grep -q 'the IDT is still the vector table of real mode' "$work/said"
check 'lint: no more than that' test "$(wc -l <"$work/said")" -eq 5
check 'lint: nothing of a good boot sector' status 1 lint debugger
check 'lint: nothing of the lesson, up to 64-bit code' status 1 lint lesson
lint lint32 >"$work/said"
cat "$work/said"
check 'lint: interrupts on with a short IDT' grep -q 'interrupts on with an IDT whose limit is 00FFh' "$work/said"
check 'lint: a reserved bit of CR4' grep -q 'CR4 := 01000000 sets reserved bit 24' "$work/said"
check 'lint: a reserved bit of an MSR' grep -q 'EFER := 00020000 sets reserved bit 17' "$work/said"
check 'lint: a stack above its limit' grep -q "#SS(0000h): .* at SS:2000 pass the segment's limit 1FFFh" "$work/said"
check 'lint: a reserved bit of a page table entry' grep -q '#PF(0009h): .* page directory entry at physical 00010004 is 00000000006000a3 and has reserved bit 21 set' "$work/said"
check 'lint: no more than these' test "$(wc -l <"$work/said")" -eq 5
lint broken-iret -no-reboot >"$work/said"
check 'lint: IRET to a non-canonical address' grep -q 'iretq leads to RIP 0000800000000000, which is not canonical' "$work/said"
# Those that say when they are through; what lint says besides is in $work/lint.
lint_to_exit() {
    timeout 60 "$PCEMU" -display none -snapshot -lint -timeout 5 -device isa-debug-exit,iobase=0xf4,iosize=1 "$SECTORS/$1.img" 2>"$work/lint" </dev/null
    [ $? -eq 3 ] && grep -c 'pcemu: lint:' "$work/lint" | grep -qx "$2"
}
check 'lint: what DMA has brought is written' lint_to_exit lintdma 0
check 'lint: an interrupt through a TSS that is too short is taken, and remarked upon' lint_to_exit linttss 1
check 'lint: ... as such' grep -q "interrupt of level 3 with a TSS whose limit is 000Bh, below 0067h (int 1)" "$work/lint"
bochs() {
    timeout 60 "$PCEMU" -display none -snapshot -magic-break -batch "$@" "$SECTORS/lint.img" 2>/dev/null </dev/null >"$work/out"
    cat "$work/out"
}
bochs -ex continue -ex continue >/dev/null
check 'the magic break stops at xchg bx, bx' grep -q 'xchg bx, bx' "$work/out"
check 'port E9 is shown' grep -q '^!The machine is off' "$work/out"
check 'a triple fault stops' sh -c '"$0" -display none -snapshot -batch -ex continue -ex where "$1" 2>/dev/null </dev/null | grep -A80 "^Triple fault: #GP(0010h): CS selector 10h names a data segment" | tail -1 | grep -q "f000:fff0"' "$PCEMU" "$SECTORS/broken-far-jump.img"
check 'an error is an exit status of 2 for -batch' status 2 "$PCEMU" -display none -snapshot -batch -ex 'p 1/' "$SECTORS/debugger.img"
check 'none is one of 0' status 0 "$PCEMU" -display none -snapshot -batch -ex 'p 1' "$SECTORS/debugger.img"
finish
