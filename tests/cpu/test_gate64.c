/* test_gate64.c: interrupts, exceptions and IRETQ of 64-bit code have a short way (cpu/gate64.c). Gates, descriptors,
 * stacks and frames that are mostly good, and wrong in one place or another, are met by both ways. */
#include "gates_bench.h"
#include "two_ways.h"

#define ROUNDS 6000
#define VECTOR 0x40u
#define UNMAPPED 0x2000000u
#define HIGH 0x800000000000u /* not canonical */
#define PAGE_EDGE 0x31000u
enum { SEL_CODE = 0x68, SEL_STACK = 0x70, TSS_LIMIT = 0x20ff };

/* One of `n`, mostly the first. */
static unsigned pick(struct two_ways *t, unsigned n)
{
    return draw(t) % 8 ? 0 : draw(t) % n;
}

static bool rarely(struct two_ways *t)
{
    return draw(t) % 16 == 0;
}

static u64 any_stack(struct two_ways *t)
{
    const u64 at[] = { BENCH_STACK, PAGE_EDGE, PAGE_EDGE - 0x1000, 16, 0, UNMAPPED, HIGH, HIGH - 24, 0x34000 };
    return at[draw(t) % 2 ? 0 : draw(t) % ARRAY_LEN(at)] + (draw(t) % 3 ? draw(t) % 0x60 - 0x30 : 0);
}

static u64 any_ip(struct two_ways *t)
{
    const u64 at[] = { TARGET, TARGET + 2, HIGH, ~(u64)0xffff, UNMAPPED, HIGH - 1, PAGE_EDGE - 1 };
    return at[pick(t, ARRAY_LEN(at))];
}

static u16 any_code(struct two_ways *t)
{
    const u16 sel[] = { SEL_CODE, SEL_CODE64, SEL_CODE64U, SEL_CODE32,    SEL_CODE32U, SEL_DATA32,
                        0,        3,          0xf8,        SEL_CODE | 4u, SEL_TSS,     0xfff0 };
    return (u16)(sel[draw(t) % 2 ? 0 : draw(t) % ARRAY_LEN(sel)] | (rarely(t) ? draw(t) & 3 : draw(t) % 2 ? 3 : 0));
}

static u16 any_stack_selector(struct two_ways *t, u16 code)
{
    const u16 sel[] = { SEL_STACK, SEL_DATA32U, SEL_DATA32, 0, 1, 2, SEL_CODE64, SEL_STACK | 4u, 0xf8, SEL_TSS };
    return (u16)(sel[draw(t) % 2 ? 0 : draw(t) % ARRAY_LEN(sel)] | (rarely(t) ? draw(t) & 3 : code & 3u));
}

/* A code and a stack segment of a level each, seldom good in all. */
static void put_segments(struct two_ways *t)
{
    static const u32 flaws[] = { DESC_A, DESC_P, DESC_EC, DESC_DB, DESC_L, DESC_RW, DESC_S, DESC_CODE };
    unsigned level = draw(t) % 4 ? (draw(t) & 1) * 3 : draw(t) & 3;
    u32 code = CODE_R | DESC_A | DESC_G | DESC_L | DPL(level), stack = DESC_P | DESC_S | DESC_RW | DESC_A | DPL(level);
    if (draw(t) % 4 == 0)
        code ^= flaws[draw(t) % ARRAY_LEN(flaws)];
    if (draw(t) % 4 == 0)
        stack ^= flaws[draw(t) % ARRAY_LEN(flaws)];
    bench_descriptor(t->b, SEL_CODE, 0, rarely(t) ? 0xfffff : 0xffffffff, code);
    bench_descriptor(t->b, SEL_STACK, 0, 0xfffff, stack | (rarely(t) ? DPL(3) : 0));
}

static void put_tables(struct two_ways *t, unsigned vector)
{
    struct cpu *c = t->b->cpu;
    static const u8 types[] = { SYS_INT32, SYS_TRAP32, SYS_INT16, SYS_TASK_GATE, SYS_CALL32, 0 };
    unsigned type = draw(t) % 2 ? SYS_TRAP32 : types[pick(t, ARRAY_LEN(types))];
    put_segments(t);
    bench_gate(t->b, vector, any_code(t), any_ip(t), type, rarely(t) ? draw(t) & 3 : 3, rarely(t) ? draw(t) & 7 : 0);
    if (rarely(t))
        t->b->m[BENCH_IDT + vector * 16 + 5] &= 0x7f; /* not present */
    if (draw(t) % 2)
        bench_put(t->b, BENCH_TSS + 4, any_stack(t), 8);
    for (u32 ist = 0; ist < 7; ist++)
        bench_put(t->b, BENCH_TSS + 36 + 8 * ist, draw(t) % 2 ? any_stack(t) : BENCH_IST1 + 0x80 * ist, 8);
    if (draw(t) % 4 == 0) /* the kernel's own */
        bench_put(t->b, BENCH_PTE(BENCH_STACK >> PAGE_SHIFT), BENCH_STACK | 3, 8);
    c->seg[TR].limit = rarely(t) ? draw(t) % 64 : TSS_LIMIT;
    c->idt.limit = (u16)(rarely(t) ? vector * 16 + draw(t) % 20 : 0xfff);
    c->gdt.limit = (u16)(rarely(t) ? SEL_CODE + draw(t) % 16 : 0xff);
}

static void put_frame(struct two_ways *t)
{
    struct cpu *c = t->b->cpu;
    bool good = draw(t) % 4 != 0, to_user = c->cpl == 3 || draw(t) % 2;
    u16 code = !good ? any_code(t) : to_user ? SEL_CODE64U : SEL_CODE64;
    u16 stack = !good ? any_stack_selector(t, code) : to_user ? SEL_DATA32U : draw(t) % 2 ? SEL_DATA32 : 0;
    u32 flags = draw(t) & (FL_ARITH | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_ID | FL_AC | FL_VM | FL_VIF);
    u64 frame[] = { any_ip(t), code, flags | (rarely(t) ? FL_TF : 0) | (rarely(t) ? FL_RF : 0), any_stack(t), stack };
    for (unsigned i = 0; i < ARRAY_LEN(frame); i++)
        if (c->r[RSP] + 8 * i < MEMORY - 8)
            bench_put(t->b, (u32)c->r[RSP] + 8 * i, frame[i], 8);
}

static void put_state(struct two_ways *t)
{
    struct cpu *c = t->b->cpu;
    for (unsigned i = 0; i < 16; i++)
        c->r[i] = draw(t);
    c->r[RSP] = any_stack(t);
    c->r[RBX] = UNMAPPED;
    c->eflags = FL_ONE | (draw(t) & (FL_IF | FL_DF | FL_ID)) | (rarely(t) ? draw(t) & (FL_NT | FL_RF | FL_TF) : 0) |
                (draw(t) & FL_AC) | (draw(t) & FL_IOPL);
    c->cr0 |= draw(t) & CR0_AM;
    c->cr4 |= draw(t) & CR4_SMAP;
    c->fl = (u16)draw(t) & HF_ALL;
    c->nmi_blocked = draw(t) % 2;
    c->rip = BENCH_CODE + (draw(t) % 4 == 0); /* RF lasts for one instruction */
}

/* What is met: INT n and INT3, exceptions with an error code and without, NMI; and the way back. */
static const struct {
    const char *code;
    unsigned len, vector;
} events[] = {
    { "\x90\xcd\x40", 3, VECTOR },  { "\x90\x0f\x0b", 3, EXC_UD }, { "\x90\x8b\x03", 3, EXC_PF },
    { "\x90\xeb\xfe", 3, EXC_NMI }, { "\x90\x48\xcf", 3, EXC_GP }, { "\x90\x48\xcf", 3, EXC_NP },
    { "\x90\x90\xcc", 3, EXC_BP },
};
enum { EVENT_NMI = 3, EVENT_IRETQ = 4 };

static void run_trial(struct two_ways *t)
{
    struct cpu *c = t->b->cpu;
    struct outcome checked, quick;
    unsigned which = draw(t) % ARRAY_LEN(events);
    bench_reset(t->b);
    put_tables(t, events[which].vector);
    put_state(t);
    if (which >= EVENT_IRETQ)
        put_frame(t);
    memset(t->b->m + TARGET, 0x90, 64);
    memcpy(t->b->m + BENCH_CODE, events[which].code, events[which].len);
    c->events = which == EVENT_NMI ? EV_NMI : 0;
    cpu_update_mode(c);
    if (same_both_ways(t, &checked, &quick))
        return;
    print_message("event %u: checked: rip %llx sp %llx mode %x; short: rip %llx sp %llx mode %x\n", which,
                  (unsigned long long)checked.rip, (unsigned long long)checked.r[RSP], checked.mode,
                  (unsigned long long)quick.rip, (unsigned long long)quick.r[RSP], quick.mode);
    fail_msg("the short way differs");
}

static void run_all(enum bench_mode mode)
{
    struct two_ways t = two_ways_new(mode);
    for (unsigned i = 0; i < ROUNDS; i++)
        run_trial(&t);
    two_ways_free(&t);
}

static void test_kernel(void **state)
{
    (void)state;
    run_all(BENCH_64);
}
static void test_user(void **state)
{
    (void)state;
    run_all(BENCH_64U);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kernel), cmocka_unit_test(test_user) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
