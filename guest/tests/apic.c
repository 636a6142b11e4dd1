/* apic.c: the local APIC (every register of the notes' list) and the I/O APIC. */
#include "apic.h"
#include "irq.h"
#include "tests.h"

#define VECTOR_A (VECTOR_FREE + 0) /* class 5 */
#define VECTOR_B (VECTOR_FREE + 0x10)
#define VECTOR_SPURIOUS 0x7f
#define PIN_PIT 2
#define PIN_COM1 4
#define COM1 0x3f8
#define COM_IER 1
#define COM_IIR 2
#define COM_MCR 4
#define IER_THRE 2
#define MCR_OUT2 8
#define TIMER_MOST 2000 /* milliseconds */
#define DIVIDE_BY_16 3
#define ESR_ILLEGAL_VECTOR (BIT(5) | BIT(6))

static volatile u32 hits_a, hits_b, nmis, isr_inside, order, level_hits, irr_inside;

static void on_a(struct trap_frame *f)
{
    (void)f;
    hits_a++;
    order = order << 4 | 0xa;
    isr_inside = (u32)lapic_bit(LAPIC_ISR, VECTOR_A);
    lapic_write(LAPIC_EOI, 0);
}

static void on_b(struct trap_frame *f)
{
    (void)f;
    hits_b++;
    order = order << 4 | 0xb;
    lapic_write(LAPIC_EOI, 0);
}

static void on_nmi(struct trap_frame *f)
{
    (void)f;
    nmis++;
}

static void ipi(u32 low)
{
    lapic_write(LAPIC_ICR_LOW, low | ICR_ASSERT);
    for (u32 i = 0; i < 100000 && lapic_read(LAPIC_ICR_LOW) & ICR_PENDING; i++)
        pause();
    for (u32 i = 0; i < 100; i++)
        pause();
}

static void registers(void)
{
    ok(rdmsr(MSR_APIC_BASE) & BIT(11), "IA32_APIC_BASE: enabled");
    is(rdmsr(MSR_APIC_BASE) & 0xfffff000u, LAPIC, "IA32_APIC_BASE: FEE00000");
    ok(rdmsr(MSR_APIC_BASE) & BIT(8), "IA32_APIC_BASE: BSP");
    is(lapic_read(LAPIC_ID) >> 24, cpuid(1, 0).ebx >> 24, "020 ID: what CPUID says");
    u32 version = lapic_read(LAPIC_VERSION);
    ok((version & 0xf0) == 0x10 && (version >> 16 & 0xff) >= 3, "030 version: 1xh, four LVT entries or more");
    lapic_write(LAPIC_LDR, 0xff000000u);
    is(lapic_read(LAPIC_LDR), 0xff000000u, "0D0 LDR: bits 24 to 31 read back");
    lapic_write(LAPIC_LDR, 0x01000000u);
    lapic_write(LAPIC_DFR, 0x0fffffffu);
    is(lapic_read(LAPIC_DFR), 0x0fffffffu, "0E0 DFR: cluster model");
    lapic_write(LAPIC_DFR, 0xffffffffu);
    is(lapic_read(LAPIC_DFR), 0xffffffffu, "0E0 DFR: flat model");
    static const struct {
        u32 reg;
        const char *name;
    } lvt[] = {
        { LAPIC_LVT_TIMER, "320 LVT timer reads back" },
        { LAPIC_LVT_THERMAL, "330 LVT thermal monitor reads back" },
        { LAPIC_LVT_PERFORMANCE, "340 LVT performance counter reads back" },
        { LAPIC_LVT_LINT0, "350 LVT LINT0 reads back" },
        { LAPIC_LVT_LINT1, "360 LVT LINT1 reads back" },
        { LAPIC_LVT_ERROR, "370 LVT error reads back" },
    };
    for (u32 i = 0; i < ARRAY_LEN(lvt); i++) {
        u32 old = lapic_read(lvt[i].reg);
        lapic_write(lvt[i].reg, LVT_MASKED | 0x44);
        is(lapic_read(lvt[i].reg) & 0x100ff, LVT_MASKED | 0x44, lvt[i].name);
        lapic_write(lvt[i].reg, old);
    }
    lapic_write(LAPIC_ICR_HIGH, 0x5a000000u);
    is(lapic_read(LAPIC_ICR_HIGH), 0x5a000000u, "310 ICR bits 32 to 63: the destination reads back");
    lapic_write(LAPIC_ICR_HIGH, 0);
}

static void arbitration_and_cmci(void)
{
    u32 apr = lapic_read(LAPIC_APR), cmci = lapic_read(LAPIC_LVT_CMCI);
    ok(apr <= 0xff, "090 APR: reads as a priority (0 where there is no arbitration)");
    if ((lapic_read(LAPIC_VERSION) >> 16 & 0xff) < 6)
        is(cmci & ~(u32)LVT_MASKED, 0, "2F0 CMCI: not there with fewer than seven LVT entries: nothing");
    else
        ok(cmci & LVT_MASKED, "2F0 CMCI: masked");
}

static void self_ipis(void)
{
    hits_a = hits_b = 0;
    cli();
    ipi(ICR_SELF | VECTOR_A);
    ok(lapic_bit(LAPIC_IRR, VECTOR_A), "300 ICR, to itself: IRR while interrupts are off");
    let_in();
    ok(hits_a == 1 && isr_inside, "... then the interrupt, in service in ISR");
    ok(!lapic_bit(LAPIC_ISR, VECTOR_A) && !lapic_bit(LAPIC_IRR, VECTOR_A), "0B0 EOI: neither afterwards");
    ok(!lapic_bit(LAPIC_TMR, VECTOR_A), "TMR: an IPI is edge triggered");
    order = 0;
    ipi(ICR_SELF | VECTOR_A);
    ipi(ICR_SELF | VECTOR_B);
    let_in();
    is(order, 0xba, "the higher vector comes first");
    hits_a = hits_b = 0;
    lapic_write(LAPIC_TPR, 0x50);
    ipi(ICR_SELF | VECTOR_A);
    ipi(ICR_SELF | VECTOR_B);
    let_in();
    sti();
    ok(hits_a == 0 && hits_b == 1, "080 TPR: holds back its class and those below");
    is(lapic_read(LAPIC_PPR), 0x50, "0A0 PPR: the task priority while nothing is in service");
    lapic_write(LAPIC_TPR, 0);
    pause();
    is(hits_a, 1, "080 TPR: 0 lets it in");
    hits_a = 0;
    lapic_write(LAPIC_ICR_HIGH, 0x01000000u);
    ipi(ICR_LOGICAL | VECTOR_A);
    is(hits_a, 1, "logical destination: LDR's bit");
    lapic_write(LAPIC_ICR_HIGH, 0x02000000u);
    ipi(ICR_LOGICAL | VECTOR_A);
    is(hits_a, 1, "logical destination: not another's");
    lapic_write(LAPIC_ICR_HIGH, lapic_read(LAPIC_ID));
    ipi(VECTOR_A);
    is(hits_a, 2, "physical destination: its own number");
    lapic_write(LAPIC_ICR_HIGH, lapic_read(LAPIC_ID));
    ipi(DELIVERY_NMI);
    is(nmis, 1, "delivery mode NMI: vector 2");
    cli();
}

static void errors(void)
{
    lapic_write(LAPIC_ESR, 0);
    lapic_write(LAPIC_ESR, 0);
    check_unless(ON_QEMU, lapic_read(LAPIC_ESR) == 0, "280 ESR: clear", "the emulator never clears it");
    if (ON_QEMU) {
        tap_skip("280 ESR: an IPI with vector 5 is an illegal vector", "the emulator delivers it");
        return;
    }
    ipi(ICR_SELF | 5);
    lapic_write(LAPIC_ESR, 0);
    ok(lapic_read(LAPIC_ESR) & ESR_ILLEGAL_VECTOR, "280 ESR: an IPI with vector 5 is an illegal vector");
    lapic_write(LAPIC_ESR, 0);
    lapic_write(LAPIC_ESR, 0);
}

static void timer(void)
{
    hits_a = 0;
    lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_16);
    is(lapic_read(LAPIC_TIMER_DIVIDE) & 0xb, DIVIDE_BY_16, "3E0 divide configuration reads back");
    lapic_write(LAPIC_LVT_TIMER, VECTOR_A);
    lapic_write(LAPIC_TIMER_INITIAL, 1000000);
    is(lapic_read(LAPIC_TIMER_INITIAL), 1000000, "380 initial count reads back");
    u32 first = lapic_read(LAPIC_TIMER_CURRENT);
    for (u32 i = 0; i < 1000; i++)
        pause();
    ok(first <= 1000000 && lapic_read(LAPIC_TIMER_CURRENT) < first, "390 current count goes down");
    sti();
    ok(wait_for(&hits_a, 1, TIMER_MOST), "320 timer, one shot: an interrupt");
    wait_ms(5);
    ok(hits_a == 1 && lapic_read(LAPIC_TIMER_CURRENT) == 0, "... one, and the count stays 0");
    lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | VECTOR_A);
    lapic_write(LAPIC_TIMER_INITIAL, 50000);
    ok(wait_for(&hits_a, 4, TIMER_MOST), "320 timer, periodic: again and again");
    lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | LVT_MASKED | VECTOR_A);
    u32 so_far = hits_a;
    wait_ms(5);
    is(hits_a, so_far, "320 timer, masked: none");
    lapic_write(LAPIC_TIMER_INITIAL, 0);
    is(lapic_read(LAPIC_TIMER_CURRENT), 0, "initial count 0 stops it");
    cli();
    static const u8 codes[] = { 0xb, DIVIDE_BY_16, 0x8 }; /* by 1, 16, 32 */
    u32 passed[3];
    for (u32 i = 0; i < ARRAY_LEN(codes); i++) {
        lapic_write(LAPIC_TIMER_DIVIDE, codes[i]);
        lapic_write(LAPIC_TIMER_INITIAL, 0xffffffffu);
        delay_us(5000);
        passed[i] = 0xffffffffu - lapic_read(LAPIC_TIMER_CURRENT);
    }
    lapic_write(LAPIC_TIMER_INITIAL, 0);
    static const char why[] = "its clock is the host's, which may be late";
    u32 fast = passed[0] / 16, slow = passed[2] * 2;
    check_unless(ON_QEMU, fast > passed[1] / 10 * 9 && fast < passed[1] / 10 * 11,
                 "divide by 16 is a sixteenth of divide by 1", why);
    check_unless(ON_QEMU, slow > passed[1] / 10 * 9 && slow < passed[1] / 10 * 11,
                 "divide by 32 is half as fast as by 16", why);
}

static void on_level(struct trap_frame *f)
{
    (void)f;
    level_hits++;
    irr_inside = ioapic_read(IOAPIC_ENTRY(PIN_COM1)) & RTE_REMOTE_IRR;
    if (level_hits == 3)
        inb(COM1 + COM_IIR); /* which takes the request away */
    lapic_write(LAPIC_EOI, 0);
}

static void io_apic(void)
{
    ok((ioapic_read(IOAPIC_VERSION) >> 16 & 0xff) >= 23, "I/O APIC: 24 inputs");
    ioapic_write(IOAPIC_ID, 5u << 24);
    is(ioapic_read(IOAPIC_ID) >> 24 & 15, 5, "I/O APIC: its number can be written");
    ioapic_write(IOAPIC_ID, 0);
    u32 old_high = ioapic_read(IOAPIC_ENTRY(PIN_PIT) + 1), old_low = ioapic_read(IOAPIC_ENTRY(PIN_PIT));
    ioapic_write(IOAPIC_ENTRY(PIN_PIT) + 1, lapic_read(LAPIC_ID));
    ioapic_write(IOAPIC_ENTRY(PIN_PIT), RTE_MASKED | 0x44);
    is(ioapic_read(IOAPIC_ENTRY(PIN_PIT)), RTE_MASKED | 0x44, "I/O APIC: an entry reads back");
    irq_close(IRQ_PIT);
    hits_a = 0;
    delay_us(3000);
    is(hits_a, 0, "masked: nothing");
    ioapic_write(IOAPIC_ENTRY(PIN_PIT), VECTOR_A);
    sti();
    delay_us(ON_QEMU ? 50000 : 20000);
    cli();
    ok(hits_a >= (ON_QEMU ? 1u : 18u) && hits_a <= (ON_QEMU ? 5000u : 22u),
       "edge: the timer's interrupts come by input 2");
    ioapic_write(IOAPIC_ENTRY(PIN_PIT), old_low);
    ioapic_write(IOAPIC_ENTRY(PIN_PIT) + 1, old_high);
    irq_open(IRQ_PIT, NULL);
}

/* COM1 asks for interrupts as long as its transmitter is empty and nobody has read IIR: a level. */
static void level_triggered(void)
{
    u8 ier = inb(COM1 + COM_IER), mcr = inb(COM1 + COM_MCR);
    u32 old = ioapic_read(IOAPIC_ENTRY(PIN_COM1)), old_high = ioapic_read(IOAPIC_ENTRY(PIN_COM1) + 1);
    trap_handle(VECTOR_B, on_level);
    level_hits = 0;
    ioapic_write(IOAPIC_ENTRY(PIN_COM1) + 1, lapic_read(LAPIC_ID));
    ioapic_write(IOAPIC_ENTRY(PIN_COM1), RTE_LEVEL | VECTOR_B);
    outb(COM1 + COM_MCR, (u8)(mcr | MCR_OUT2));
    outb(COM1 + COM_IER, IER_THRE);
    sti();
    wait_for(&level_hits, 3, 100);
    wait_ms(3);
    cli();
    outb(COM1 + COM_IER, ier);
    outb(COM1 + COM_MCR, mcr);
    u32 remote = ioapic_read(IOAPIC_ENTRY(PIN_COM1)) & RTE_REMOTE_IRR;
    ioapic_write(IOAPIC_ENTRY(PIN_COM1), old);
    ioapic_write(IOAPIC_ENTRY(PIN_COM1) + 1, old_high);
    static const char why[] = "the emulator sends a level once, without remote IRR";
    check_unless(ON_BOCHS, level_hits == 3, "level: again after each EOI, until the line falls", why);
    check_unless(ON_BOCHS, irr_inside, "level: remote IRR is set inside the handler", why);
    is(remote, 0, "level: ... and clear when all is done");
}

void apic_tests(void)
{
    if (!has_edx(EDX_APIC)) {
        tap_skip("the local APIC", "CPUID has no APIC");
        return;
    }
    trap_handle(VECTOR_A, on_a);
    trap_handle(VECTOR_B, on_b);
    trap_handle(VECTOR_NMI, on_nmi);
    u32 svr = lapic_read(LAPIC_SVR);
    lapic_write(LAPIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
    is(lapic_read(LAPIC_SVR) & 0x1ff, SVR_ENABLE | VECTOR_SPURIOUS, "0F0 SVR: enabled");
    irq_begin();
    cli();
    registers();
    arbitration_and_cmci();
    self_ipis();
    errors();
    timer();
    io_apic();
    level_triggered();
    irq_end();
    lapic_write(LAPIC_SVR, svr | SVR_ENABLE);
    let_in();
    for (u32 v = VECTOR_A; v <= VECTOR_B; v += VECTOR_B - VECTOR_A)
        trap_handle(v, NULL);
    trap_handle(VECTOR_NMI, NULL);
}
