/* smp.c: other processors: INIT, startup, interrupts to each and to all, one memory. */
#include "apic.h"
#include "irq.h"
#include "tests.h"

#define VECTOR_WORK VECTOR_FREE
#define ROUNDS 1000u

extern const u8 ap_start[], ap_start_end[], ap_gdtr[];
extern volatile u32 ap_tickets;
void ap_main(u32 number);

static volatile u32 ready, answers, ids[AP_MOST], together, go, finished;
static volatile u32 cr0_at_start;

static void on_work(struct trap_frame *f)
{
    (void)f;
    __atomic_fetch_add(&answers, 1, __ATOMIC_SEQ_CST);
    lapic_write(LAPIC_EOI, 0);
}

/* The other processors: enter, wait for `go`, add, then wait for interrupts. */
void ap_main(u32 number)
{
    idt_load();
    lapic_write(LAPIC_SVR, SVR_ENABLE | 0x7f);
    ids[number % AP_MOST] = lapic_read(LAPIC_ID) >> 24;
    cr0_at_start = (u32)read_cr0();
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (!go)
        pause();
    for (u32 i = 0; i < ROUNDS; i++)
        __atomic_fetch_add(&together, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
    for (;;)
        __asm__ volatile("sti; hlt");
}

static void ipi(u32 to, u32 low)
{
    lapic_write(LAPIC_ICR_HIGH, to << 24);
    lapic_write(LAPIC_ICR_LOW, low | ICR_ASSERT);
    for (u32 i = 0; i < 100000 && lapic_read(LAPIC_ICR_LOW) & ICR_PENDING; i++)
        pause();
}

static int comes(const volatile u32 *what, u32 value, u32 ms)
{
    for (u32 i = 0; i < ms && *what < value; i++)
        delay_us(1000);
    return *what >= value;
}

static void start(void)
{
    struct table_register *r = (struct table_register *)(AP_START + (ap_gdtr - ap_start));
    mem_copy((void *)AP_START, ap_start, (u32)(ap_start_end - ap_start));
    __asm__ volatile("sgdt %0" : "=m"(*r));
    ap_tickets = ready = 0;
    ipi(0, ICR_OTHERS | DELIVERY_INIT);
    delay_us(10000);
    for (u32 i = 0; i < 2; i++) {
        ipi(0, ICR_OTHERS | DELIVERY_STARTUP | AP_START / 4096);
        delay_us(1000);
    }
    comes(&ready, AP_MOST, 100);
}

static void work(u32 others)
{
    u32 own = lapic_read(LAPIC_ID) >> 24, different = 1;
    for (u32 i = 0; i < others; i++) {
        different &= ids[i] != own;
        for (u32 j = 0; j < i; j++)
            different &= ids[i] != ids[j];
    }
    ok(different, "each has a number of its own");
    go = 1;
    for (u32 i = 0; i < ROUNDS; i++)
        __atomic_fetch_add(&together, 1, __ATOMIC_SEQ_CST);
    ok(comes(&finished, others, 2000), "all come to the end of their work");
    is(together, ROUNDS * (others + 1), "LOCK: no addition is lost");
    answers = 0;
    ipi(ids[0], VECTOR_WORK);
    ok(comes(&answers, 1, 500) && answers == 1, "an interrupt for one of them");
    answers = 0;
    ipi(0, ICR_OTHERS | VECTOR_WORK);
    ok(comes(&answers, others, 500) && answers == others, "an interrupt for all others");
    answers = 0;
    ipi(0, ICR_ALL | VECTOR_WORK);
    let_in();
    ok(comes(&answers, others + 1, 500) && answers == others + 1, "an interrupt for all");
    ok(cr0_at_start & CR0_PE, "they came out of real mode");
}

static void stop(void)
{
    ipi(0, ICR_OTHERS | DELIVERY_INIT);
    delay_us(1000);
    answers = 0;
    ipi(0, ICR_OTHERS | VECTOR_WORK);
    delay_us(5000);
    is(answers, 0, "INIT: they wait for a startup, and hear no interrupt");
}

void smp_tests(void)
{
    static const char *const names[] = { "INIT and startup: the other processors run",
                                         "interrupts between processors" };
    trap_handle(VECTOR_WORK, on_work);
    lapic_write(LAPIC_SVR, lapic_read(LAPIC_SVR) | SVR_ENABLE);
    start();
    u32 others = ready;
    if (others) {
        tap_say("%u other processors", others);
        ok(others == ap_tickets, names[0]);
        work(others < AP_MOST ? others : AP_MOST);
        stop();
    } else {
        for (u32 i = 0; i < ARRAY_LEN(names); i++)
            tap_skip(names[i], "there is one processor");
    }
    trap_handle(VECTOR_WORK, NULL);
}
