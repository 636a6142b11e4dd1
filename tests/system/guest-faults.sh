#!/bin/sh
# guest-faults.sh [DIR]: shows that the bundled guest's tests find faults of the machine. Into a copy of the tree (in DIR,
# or a temporary directory) faults are put one after the other, each in another room; each copy boots the guest's tests,
# and at least one line must turn red. Not part of the suite: it builds the emulator fifteen times. Exit status 0: all
# were found, and nothing in the tree as it is.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-$(mktemp -d)}
missed=0
found=0

# What the tests say, in $dir/$1.log; status 0: a whole plan without a failure.
run() {
    ninja -C "$dir/build" -j"${JOBS:-2}" frontend/pcemu >"$dir/build.log" 2>&1 || { grep -m3 error "$dir/build.log"; exit 2; }
    printf t >"$dir/key"
    timeout 120 "$dir/build/frontend/pcemu" -display none -smp 4 -serial stdio -timeout 300 \
        -device isa-debug-exit,iobase=0xf4,iosize=4 2>/dev/null <"$dir/key" | tr -d '\r' >"$dir/$1.log"
    grep -q '^1\.\.' "$dir/$1.log" && ! grep -q -e '^not ok' -e '^Bail' "$dir/$1.log"
}

# seed NAME FILE SED-EXPRESSION: the fault, the run, and away with it. ONLY, where it is set, names those that are wanted.
seed() {
    case " ${ONLY:-$1} " in *" $1 "*) ;; *) return ;; esac
    cp "$dir/tree/$2" "$dir/saved"
    sed -i "$3" "$dir/tree/$2"
    if cmp -s "$dir/saved" "$dir/tree/$2"; then
        echo "$1: nothing to change in $2 any more" && exit 2
    fi
    echo "== $1 ($2)"
    diff "$dir/saved" "$dir/tree/$2" | grep '^[<>]' | head -4
    if run "$1"; then
        echo "NOT FOUND" && missed=$((missed + 1))
    else
        found=$((found + 1))
        grep -m3 -e '^not ok' -e '^Bail' "$dir/$1.log" || echo "(it stops after: $(tail -1 "$dir/$1.log"))"
    fi
    cp "$dir/saved" "$dir/tree/$2"
}

rm -rf "$dir/tree" "$dir/build"
mkdir -p "$dir/tree"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$dir/tree")
meson setup "$dir/build" "$dir/tree" >/dev/null || exit 2
echo "== as it is"
run as-it-is || { grep -m3 -e '^not ok' -e '^Bail' "$dir/as-it-is.log"; echo "failures without a fault"; exit 1; }
seed interrupt-controller devices/i8259.c 's/    c->isr |= level_bit(level);/    (void)level;/'
seed timer devices/i8254.c 's/return c->bcd ? to_bcd(n) : (u16)n;/return to_bcd(0) | (u16)n;/'
seed clock devices/mc146818.c 's/s->cmos\[RTC_REG_C\] |= C_PF;/s->cmos[RTC_REG_C] |= C_UF;/'
seed local-apic-timer devices/lapic_timer.c 's/return (code + 1) & 7;/return code \& 7;/'
seed io-apic devices/ioapic.c 's/    s->redir\[pin\] |= REDIR_REMOTE_IRR;//'
seed hpet devices/hpet.c 's/    if (t->config & TN_PERIODIC)$/    if (!t)/'
seed bus-master-dma devices/ide_bmdma.c 's/b->addr = get_le32(prd) & ~1u;/b->addr = (get_le32(prd) \& ~1u) + 2;/'
seed vga-latches devices/vga_mem.c 's/ | (s->latch & ~bit_mask);/;/'
seed shadow-memory devices/i440fx_pam.c 's/#define PAM_WE BIT(1)/#define PAM_WE BIT(0)/'
seed serial-port devices/ns16550.c 's/(s->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2/(s->mcr \& MCR_OUT2) != 0/'
seed network-card devices/e1000_stats.c 's/    e1000_count(s, R_GPTC);//'
seed expand-down-segment cpu/seg.c 's/0xffffffff : s->limit + 1;/0xffffffff : s->limit;/'
seed page-protection cpu/mmu.c 's/w->write = w->write && (entry & PTE_W);/w->write = w->write || (entry \& PTE_W);/'
seed interrupt-stack cpu/fault.c 's/g->ist = in_long(c) ? attr & 7 : 0;/g->ist = 0;/'
seed task-switch cpu/task.c 's/(nests ? FL_NT : 0)/0/'
echo "$found found, $missed not"
exit $missed
