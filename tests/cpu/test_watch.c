/* test_watch.c: probes on one processor: what each kind tells, where a run stops, and that an instruction is told of
 * once. That history stays the same is test_exact.c's. */
#include "harness.h"

#include "probe_set.h"

#include <stdlib.h>

#define EVENTS_MAX 64
#define PAGE_TABLE_FREE 0x200000u

struct watcher {
    struct bench *b;
    struct probe probe;
    struct probe_set set;
    u64 others;
    u32 stop_at; /* kinds that are answered PROBE_STOP */
    unsigned count;
    struct probe_event seen[EVENTS_MAX];
    u8 bytes[EVENTS_MAX][16];
    u64 rax[EVENTS_MAX], memory[EVENTS_MAX];
};

static enum probe_answer note(void *self, const struct probe_event *e)
{
    struct watcher *w = self;
    assert_true(w->count < EVENTS_MAX);
    w->seen[w->count] = *e;
    if (e->kind == PROBE_EXEC)
        memcpy(w->bytes[w->count], e->bytes, e->length);
    w->rax[w->count] = w->b->cpu->r[RAX];
    w->memory[w->count] = bench_get(w->b, BENCH_DATA, 8);
    w->count++;
    return (w->stop_at & BIT(e->kind)) ? PROBE_STOP : PROBE_GO;
}

static void watch_space(struct watcher *w, u32 kinds, enum debug_space space, u64 first, u64 last)
{
    w->probe = (struct probe){ kinds, space, first, last, -1, note, w };
    w->set = (struct probe_set){ .probe = &w->probe, .count = 1, .kinds = kinds, .icount_others = &w->others };
    assert_true(cpu_set_probes(w->b->cpu, &w->set, 0));
}

static void watch(struct watcher *w, u32 kinds, u64 first, u64 last)
{
    watch_space(w, kinds, DEBUG_LINEAR, first, last);
}

static struct watcher *new_watcher(enum bench_mode mode, u32 kinds)
{
    struct watcher *w = calloc(1, sizeof *w);
    w->b = bench_new(mode);
    watch(w, kinds, 0, UINT64_MAX);
    return w;
}

static void free_watcher(struct watcher *w)
{
    bench_free(w->b);
    free(w);
}

#define RUN(w, code) bench_run((w)->b, CODE(code))

static void expect(const struct watcher *w, unsigned i, enum probe_kind kind, u64 linear)
{
    assert_true(i < w->count);
    assert_int_equal(w->seen[i].kind, kind);
    assert_int_equal(w->seen[i].linear, linear);
}

/* inc eax; inc eax; hlt */
static void every_instruction(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
    w->b->cpu->r[RAX] = 5;
    w->others = 1000;
    u64 before = cpu_icount(w->b->cpu);
    RUN(w, "\x40\x66\x40\xf4");
    assert_int_equal(w->count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(w->seen[i].icount, before + i + 1000);
        assert_int_equal(w->rax[i], 5 + i); /* it sees the registers of that instruction */
    }
    expect(w, 0, PROBE_EXEC, BENCH_CODE);
    expect(w, 1, PROBE_EXEC, BENCH_CODE + 1);
    expect(w, 2, PROBE_EXEC, BENCH_CODE + 3);
    assert_int_equal(w->seen[1].length, 2);
    assert_memory_equal(w->bytes[1], "\x66\x40", 2);
    assert_int_equal(w->seen[1].code, DEBUG_CODE_32);
    assert_int_equal(w->seen[1].physical, BENCH_CODE + 1);
    free_watcher(w);
}

/* An access that is made again as a block of its own, to the instruction's own page. */
static void an_instruction_made_again_is_told_of_once(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC) | BIT(PROBE_WRITE));
    RUN(w, "\x40\xc6\x05\x09\x00\x01\x00\x40\x40\x90\xf4"); /* inc eax; mov byte [10009], 40; inc eax; (nop); hlt */
    assert_int_equal(w->count, 6);
    expect(w, 1, PROBE_EXEC, BENCH_CODE + 1);
    expect(w, 2, PROBE_WRITE, BENCH_CODE + 1);
    expect(w, 3, PROBE_EXEC, BENCH_CODE + 8);
    assert_int_equal(w->bytes[4][0], 0x40); /* and what it wrote is executed */
    assert_int_equal(w->b->cpu->r[RAX], 3);
    free_watcher(w);
}

static void code_that_crosses_a_page(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, BIT(PROBE_EXEC));
    static const u8 code[] = { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 0xf4 }; /* mov rax, imm64; hlt */
    for (u32 i = 0; i < sizeof code; i++)
        bench_put(w->b, BENCH_DATA - 5 + i, code[i], 1);
    w->b->cpu->rip = BENCH_DATA - 5;
    bench_continue(w->b);
    assert_int_equal(w->count, 2);
    assert_int_equal(w->seen[0].length, 10);
    assert_memory_equal(w->bytes[0], code, 10);
    assert_int_equal(w->seen[0].code, DEBUG_CODE_64);
    free_watcher(w);
}

static void only_in_the_range(void **state)
{
    (void)state;
    for (enum debug_space space = DEBUG_LINEAR; space <= DEBUG_PHYSICAL; space++) {
        struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
        watch_space(w, BIT(PROBE_EXEC), space, BENCH_CODE + 1, BENCH_CODE + 2);
        RUN(w, "\x40\x40\x40\x40\xf4");
        assert_int_equal(w->count, 2);
        expect(w, 0, PROBE_EXEC, BENCH_CODE + 1);
        expect(w, 1, PROBE_EXEC, BENCH_CODE + 2);
        free_watcher(w);
    }
}

/* The same code by another linear address: only the physical range has it. */
static void linear_and_physical_differ(void **state)
{
    (void)state;
    for (enum debug_space space = DEBUG_LINEAR; space <= DEBUG_PHYSICAL; space++) {
        struct watcher *w = new_watcher(BENCH_64, 0);
        bench_put(w->b, BENCH_PTE(0x300), BENCH_CODE | 7, 8);
        bench_put(w->b, BENCH_CODE, 0xf4c0ff48, 4); /* inc rax; hlt */
        watch_space(w, BIT(PROBE_EXEC), space, BENCH_CODE, BENCH_CODE);
        w->b->cpu->rip = 0x300000;
        bench_continue(w->b);
        assert_int_equal(w->b->cpu->r[RAX], 1);
        assert_int_equal(w->count, space == DEBUG_PHYSICAL);
        free_watcher(w);
    }
}

/* A pass of a repeated instruction is one: 5000 bytes lie in two pages. */
static void a_repeated_instruction(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC) | BIT(PROBE_BLOCK) | BIT(PROBE_BRANCH));
    w->b->cpu->r[RCX] = 5000;
    w->b->cpu->r[RDI] = BENCH_DATA;
    RUN(w, "\xf3\xaa\xf4"); /* rep stosb; hlt */
    assert_int_equal(w->count, 4);
    expect(w, 0, PROBE_BLOCK, BENCH_CODE);
    expect(w, 1, PROBE_EXEC, BENCH_CODE);
    expect(w, 2, PROBE_EXEC, BENCH_CODE);
    assert_int_equal(w->seen[2].icount, w->seen[1].icount + 1);
    expect(w, 3, PROBE_EXEC, BENCH_CODE + 2);
    free_watcher(w);
}

static u64 run_some(struct watcher *w)
{
    return cpu_run(w->b->cpu, 1000);
}

/* Where it stopped it goes on, and is not told again. */
static void a_run_stops_before_the_instruction(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    watch(w, BIT(PROBE_EXEC), BENCH_CODE + 2, BENCH_CODE + 2);
    w->stop_at = BIT(PROBE_EXEC);
    bench_put(w->b, BENCH_CODE, 0xfbeb404040, 5); /* inc eax; inc eax; inc eax; jmp back 2 */
    bench_put(w->b, BENCH_CODE + 5, 0xf4, 1);
    w->b->cpu->rip = BENCH_CODE;
    for (unsigned i = 0; i < 3; i++) {
        u64 ran = run_some(w);
        assert_int_equal(ran, i ? 4 : 2);
        assert_true(cpu_take_probe_stop(w->b->cpu));
        assert_false(cpu_take_probe_stop(w->b->cpu));
        assert_int_equal(w->count, i + 1);
        assert_int_equal(w->b->cpu->rip, BENCH_CODE + 2);
        assert_int_equal(w->b->cpu->r[RAX], 2 + 3 * i);
        assert_int_equal(w->b->cpu->events, 0);
    }
    free_watcher(w);
}

/* inc dword [20000], watched: read, then written; the run stops behind it. */
static void data_read_and_written(void **state)
{
    (void)state;
    for (enum debug_space space = DEBUG_LINEAR; space <= DEBUG_PHYSICAL; space++) {
        struct watcher *w = new_watcher(BENCH_32, 0);
        watch_space(w, BIT(PROBE_READ) | BIT(PROBE_WRITE), space, BENCH_DATA + 3, BENCH_DATA + 3);
        w->stop_at = BIT(PROBE_READ) | BIT(PROBE_WRITE);
        bench_put(w->b, BENCH_DATA, 41, 4);
        bench_put(w->b, BENCH_CODE, 0x0002000005ff40, 7);
        bench_put(w->b, BENCH_CODE + 7, 0xf440, 2); /* inc eax; inc dword [20000]; inc eax; hlt */
        w->b->cpu->rip = BENCH_CODE;
        assert_int_equal(run_some(w), 2);
        assert_int_equal(w->count, 2);
        expect(w, 0, PROBE_READ, BENCH_CODE + 1);
        expect(w, 1, PROBE_WRITE, BENCH_CODE + 1);
        assert_int_equal(w->seen[0].value, 41);
        assert_int_equal(w->seen[0].addr, BENCH_DATA);
        assert_int_equal(w->seen[0].physical, BENCH_DATA);
        assert_int_equal(w->seen[0].size, 4);
        assert_int_equal(w->seen[1].old, 41);
        assert_int_equal(w->seen[1].value, 42);
        assert_int_equal(w->memory[1], 41); /* not yet written */
        assert_int_equal(bench_get(w->b, BENCH_DATA, 4), 42);
        assert_int_equal(w->b->cpu->r[RAX], 1);
        free_watcher(w);
    }
}

/* Neighbours in the page make no event; neither does the page once nobody asks for it. */
static void only_those_data(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    RUN(w, "\xa3\x00\x00\x02\x00\xf4"); /* the page is in the TLB already: mov [20000], eax; hlt */
    watch(w, BIT(PROBE_WRITE), BENCH_DATA + 8, BENCH_DATA + 0xf);
    RUN(w, "\xa3\x00\x00\x02\x00\xa1\x08\x00\x02\x00\xa3\x08\x00\x02\x00\xf4"); /* write; read; write the place */
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_WRITE, BENCH_CODE + 10);
    assert_true(cpu_set_probes(w->b->cpu, NULL, 0));
    assert_null(w->b->cpu->probe);
    RUN(w, "\xa3\x08\x00\x02\x00\xf4");
    assert_int_equal(w->count, 1);
    free_watcher(w);
}

/* 16 bytes come in two parts, those of a page's end in more. */
static void wide_data_come_in_parts(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, 0);
    watch(w, BIT(PROBE_WRITE), 0, UINT64_MAX);
    w->b->cpu->cr4 |= CR4_OSFXSR;
    cpu_update_mode(w->b->cpu);
    w->b->cpu->xmm[0].q[0] = 0x1111;
    w->b->cpu->xmm[0].q[1] = 0x2222;
    RUN(w, "\x0f\x11\x04\x25\x00\x00\x02\x00\x0f\x11\x04\x25\xfc\x0f\x02\x00\xf4"); /* movups [20000], then [20ffc] */
    assert_int_equal(w->count, 2 + 3);
    assert_int_equal(w->seen[1].addr, BENCH_DATA + 8);
    assert_int_equal(w->seen[1].value, 0x2222);
    assert_int_equal(w->seen[2].size, 4);
    assert_int_equal(w->seen[3].addr, BENCH_DATA + 0x1000);
    free_watcher(w);
}

static void the_processors_own_accesses(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    watch(w, BIT(PROBE_READ), BENCH_IDT, BENCH_IDT + 0x7ff);
    RUN(w, "\xcd\x40"); /* int 40 */
    assert_int_equal(w->b->vector, 0x40);
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_READ, BENCH_CODE);
    assert_int_equal(w->seen[0].addr, BENCH_IDT + 8 * 0x40);
    free_watcher(w);
}

static void ports(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    watch(w, BIT(PROBE_PORT), 0x60, 0x70);
    w->b->port_value = 0xab;
    w->b->cpu->r[RAX] = 7;
    w->b->cpu->r[RDX] = 0x5e;
    RUN(w, "\xe6\x50\xe6\x60\xe4\x70\xed\xf4"); /* out 50; out 60; in al, 70; in eax, dx (5E to 61); hlt */
    assert_int_equal(w->count, 3);
    expect(w, 0, PROBE_PORT, BENCH_CODE + 2);
    assert_true(w->seen[0].write);
    assert_int_equal(w->seen[0].addr, 0x60);
    assert_int_equal(w->seen[0].value, 7);
    assert_int_equal(w->seen[0].size, 1);
    assert_false(w->seen[1].write);
    assert_int_equal(w->seen[1].value, 7); /* what the bench's port was written */
    assert_int_equal(w->seen[2].size, 4);
    free_watcher(w);
}

static u64 read_reg(void *dev, u64 offset, unsigned size)
{
    (void)dev;
    (void)size;
    return 0x100 + offset;
}
static void write_reg(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)offset;
    (void)size;
    *(u64 *)dev = value;
}
static const struct region_ops reg_ops = { read_reg, write_reg, 1, 8 };

static void registers_of_chips(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, 0);
    struct region chip;
    u64 written = 0;
    region_init_io(&chip, "chip", 0x1000, &reg_ops, &written);
    region_add(&w->b->root, 0xe00000, &chip, 1);
    watch(w, BIT(PROBE_MMIO), 0xe00000, 0xe00fff);
    w->b->cpu->r[RAX] = 9;
    RUN(w,
        "\xa3\x04\x00\xe0\x00\xa1\x08\x00\xe0\x00\xa3\x00\x00\x02\x00\xf4"); /* mov [chip + 4], eax; mov eax, [+ 8] */
    assert_int_equal(written, 9);
    assert_int_equal(w->count, 2);
    assert_true(w->seen[0].write);
    assert_int_equal(w->seen[0].addr, 0xe00004);
    assert_int_equal(w->seen[0].value, 9);
    expect(w, 1, PROBE_MMIO, BENCH_CODE + 5);
    assert_int_equal(w->seen[1].value, 0x108);
    free_watcher(w);
}

#define EXCEPTION_KINDS (BIT(PROBE_INTERRUPT) | BIT(PROBE_EXCEPTION) | BIT(PROBE_IRET) | BIT(PROBE_SHUTDOWN))

/* div by zero: raised, delivered; the run stops at the handler's first instruction. */
static void exceptions(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    w->stop_at = BIT(PROBE_INTERRUPT);
    bench_put(w->b, BENCH_CODE, 0xf1f7c931, 4); /* xor ecx, ecx; div ecx */
    w->b->cpu->rip = BENCH_CODE;
    assert_int_equal(run_some(w), 2);
    assert_int_equal(w->count, 2);
    expect(w, 0, PROBE_EXCEPTION, BENCH_CODE + 2);
    expect(w, 1, PROBE_INTERRUPT, BENCH_CODE + 2);
    assert_int_equal(w->seen[1].source, PROBE_FROM_EXCEPTION);
    assert_int_equal(w->seen[1].vector, EXC_DE);
    assert_int_equal(w->seen[1].icount, w->seen[0].icount);
    assert_int_equal(w->b->cpu->rip, BENCH_HANDLERS);
    free_watcher(w);
}

static void software_interrupts_and_return(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    bench_put(w->b, BENCH_HANDLERS + 16 * 0x40, 0xcf, 1); /* iretd */
    RUN(w, "\xcd\x40\xf4");
    assert_int_equal(w->count, 2);
    expect(w, 0, PROBE_INTERRUPT, BENCH_CODE);
    assert_int_equal(w->seen[0].source, PROBE_FROM_SOFTWARE);
    assert_int_equal(w->seen[0].vector, 0x40);
    expect(w, 1, PROBE_IRET, BENCH_HANDLERS + 16 * 0x40);
    assert_int_equal(w->seen[1].addr, BENCH_CODE + 2);
    free_watcher(w);
}

static void external_interrupts(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    w->b->pending = 0x33;
    cpu_set_intr(w->b->cpu, true);
    RUN(w, "\xfb\x90\x90\xf4"); /* sti; nop */
    assert_int_equal(w->b->vector, 0x33);
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_INTERRUPT, BENCH_CODE + 2);
    assert_int_equal(w->seen[0].source, PROBE_FROM_INTR);
    free_watcher(w);
    w = new_watcher(BENCH_32, EXCEPTION_KINDS);
    cpu_nmi(w->b->cpu);
    RUN(w, "\x90\xf4");
    assert_int_equal(w->count, 1);
    assert_int_equal(w->seen[0].source, PROBE_FROM_NMI);
    assert_int_equal(w->seen[0].vector, EXC_NMI);
    free_watcher(w);
}

/* No IDT to speak of: #UD becomes #GP twice, then #DF, then the end. */
static void a_triple_fault(void **state)
{
    (void)state;
    static const u8 vectors[] = { EXC_UD, EXC_GP, EXC_GP, EXC_DF, EXC_GP };
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXCEPTION) | BIT(PROBE_SHUTDOWN));
    w->b->cpu->idt.limit = 0;
    RUN(w, "\x0f\x0b");
    assert_int_equal(w->b->vector, -3);
    assert_int_equal(w->count, ARRAY_LEN(vectors) + 1);
    for (unsigned i = 0; i < ARRAY_LEN(vectors); i++) {
        expect(w, i, PROBE_EXCEPTION, BENCH_CODE);
        assert_int_equal(w->seen[i].vector, vectors[i]);
    }
    assert_int_equal(w->seen[ARRAY_LEN(vectors)].kind, PROBE_SHUTDOWN);
    free_watcher(w);
}

static void page_walks(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, BIT(PROBE_TLB));
    bench_put(w->b, BENCH_PTE(0x300), 0, 8);
    RUN(w, "\xa1\x00\x00\x02\x00\x00\x00\x00\x00\x89\x04\x25\x00\x00\x30\x00"); /* read 20000; write 300000 */
    assert_int_equal(w->b->vector, EXC_PF);
    unsigned i = 0;
    while (i < w->count && (w->seen[i].fetch || w->seen[i].linear != BENCH_CODE))
        i++;
    assert_true(i < w->count);
    assert_int_equal(w->seen[i].addr, BENCH_DATA);
    assert_int_equal(w->seen[i].physical, BENCH_DATA);
    assert_int_equal(w->seen[i].value & PAGE_MASK, BENCH_DATA);
    while (i < w->count && !w->seen[i].has_error)
        i++;
    assert_true(i < w->count);
    assert_int_equal(w->seen[i].linear, BENCH_CODE + 9);
    assert_int_equal(w->seen[i].addr, 0x300000);
    assert_int_equal(w->seen[i].error, 2); /* not present, write */
    assert_true(w->seen[i].write);
    free_watcher(w);
}

static void control_registers(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_CR));
    u32 cr0 = w->b->cpu->cr0;
    w->b->cpu->r[RAX] = cr0 | CR0_TS;
    w->b->cpu->r[RBX] = 0x5000;
    RUN(w, "\x0f\x22\xc0\x0f\x06\x0f\x22\xdb\xf4"); /* mov cr0, eax; clts; mov cr3, ebx; hlt */
    assert_int_equal(w->count, 3);
    assert_int_equal(w->seen[0].addr, 0);
    assert_int_equal(w->seen[0].old, cr0);
    assert_int_equal(w->seen[0].value, cr0 | CR0_TS);
    expect(w, 1, PROBE_CR, BENCH_CODE + 3);
    assert_int_equal(w->seen[1].value, cr0);
    assert_int_equal(w->seen[2].addr, 3);
    assert_int_equal(w->seen[2].value, 0x5000);
    free_watcher(w);
}

static void msrs(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, 0);
    watch(w, BIT(PROBE_MSR), 0xc0000082, 0xc0000082);
    w->b->cpu->r[RCX] = 0xc0000082;
    w->b->cpu->r[RAX] = 0x1234;
    w->b->cpu->r[RDX] = 0;
    RUN(w, "\x0f\x30\x31\xc0\x0f\x32\xff\xc1\x0f\x32\xf4"); /* wrmsr; xor eax, eax; rdmsr; inc ecx; rdmsr; hlt */
    assert_int_equal(w->count, 2);
    assert_true(w->seen[0].write);
    assert_int_equal(w->seen[0].value, 0x1234);
    assert_int_equal(w->seen[0].addr, 0xc0000082);
    assert_false(w->seen[1].write);
    assert_int_equal(w->seen[1].value, 0x1234);
    free_watcher(w);
}

/* To real mode and there: mov cr0; jmp far. */
static void modes(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_P16, BIT(PROBE_MODE));
    w->b->cpu->r[RAX] = w->b->cpu->cr0 & ~CR0_PE;
    RUN(w, "\x0f\x22\xc0\xf4");
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_MODE, BENCH_CODE + 3);
    assert_int_equal(w->seen[0].old, PROBE_MODE_PROTECTED_16);
    assert_int_equal(w->seen[0].value, PROBE_MODE_REAL);
    free_watcher(w);
    w = new_watcher(BENCH_COMPAT, BIT(PROBE_MODE));
    w->b->limit = 1;
    RUN(w, "\xea\x00\x00\x03\x00\x33\x00"); /* jmp 33:30000, code of 64 bits; and the run ends there */
    assert_int_equal(w->count, 1);
    assert_int_equal(w->seen[0].old, PROBE_MODE_COMPATIBILITY_32);
    assert_int_equal(w->seen[0].value, PROBE_MODE_LONG);
    assert_int_equal(w->b->cpu->events, 0);
    free_watcher(w);
}

/* SMI in 64-bit mode. */
static void system_management(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_64, BIT(PROBE_MODE) | BIT(PROBE_INTERRUPT));
    w->b->cpu->msr.smbase = 0x30000;
    bench_put(w->b, 0x38000, 0xaa0f, 2); /* rsm */
    cpu_smi(w->b->cpu);
    RUN(w, "\x90\xf4");
    assert_int_equal(w->count, 3);
    expect(w, 0, PROBE_INTERRUPT, BENCH_CODE);
    assert_int_equal(w->seen[0].source, PROBE_FROM_SMI);
    assert_int_equal(w->seen[1].value, PROBE_MODE_REAL | PROBE_MODE_SMM);
    assert_int_equal(w->seen[2].value, PROBE_MODE_LONG);
    expect(w, 2, PROBE_MODE, BENCH_CODE);
    free_watcher(w);
}

static void tasks(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_TASK) | BIT(PROBE_CR));
    bench_descriptor(w->b, SEL_FREE, BENCH_DATA, 0x67, DESC_P | SYS_TSS32 << 8);
    bench_put(w->b, BENCH_DATA + 0x20, BENCH_CODE + 0x100, 4); /* EIP */
    bench_put(w->b, BENCH_DATA + 0x24, 2, 4);
    bench_put(w->b, BENCH_DATA + 0x38, BENCH_STACK, 4); /* ESP */
    bench_put(w->b, BENCH_DATA + 0x4c, SEL_CODE32, 4);
    bench_put(w->b, BENCH_DATA + 0x50, SEL_DATA32, 4);
    bench_put(w->b, BENCH_CODE + 0x100, 0xf4, 1);
    RUN(w, "\x90\xea\x00\x00\x00\x00\x68\x00"); /* nop; jmp 68:0 */
    assert_int_equal(w->b->vector, -1);
    assert_int_equal(w->count, 2);
    expect(w, 0, PROBE_TASK, BENCH_CODE + 1);
    assert_int_equal(w->seen[0].old, SEL_TSS);
    assert_int_equal(w->seen[0].value, SEL_FREE);
    assert_int_equal(w->seen[0].addr, BENCH_DATA);
    assert_int_equal(w->seen[1].kind, PROBE_CR); /* TS is set */
    free_watcher(w);
}

/* call next; jz (not taken); jmp to itself once, by ecx: jecxz. */
static void blocks_and_branches(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_BLOCK) | BIT(PROBE_BRANCH));
    w->b->cpu->r[RCX] = 2;
    /* call next; next: dec ecx; jnz next; jmp over; hlt; over: hlt */
    RUN(w, "\xe8\x00\x00\x00\x00\x49\x75\xfd\xeb\x01\xf4\xf4");
    assert_int_equal(w->count, 7);
    expect(w, 0, PROBE_BLOCK, BENCH_CODE);
    expect(w, 1, PROBE_BRANCH, BENCH_CODE); /* also to the instruction behind it */
    assert_int_equal(w->seen[1].addr, BENCH_CODE + 5);
    expect(w, 2, PROBE_BLOCK, BENCH_CODE + 5);
    expect(w, 3, PROBE_BRANCH, BENCH_CODE + 6);
    assert_int_equal(w->seen[3].rip, BENCH_CODE + 6);
    assert_int_equal(w->seen[3].addr, BENCH_CODE + 5);
    expect(w, 4, PROBE_BLOCK, BENCH_CODE + 5);
    expect(w, 5, PROBE_BRANCH, BENCH_CODE + 8);
    expect(w, 6, PROBE_BLOCK, BENCH_CODE + 11);
    free_watcher(w);
}

static void halt_and_init(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_HALT) | BIT(PROBE_RESET));
    w->stop_at = BIT(PROBE_HALT);
    RUN(w, "\x90\xf4");
    assert_int_equal(w->count, 1);
    expect(w, 0, PROBE_HALT, BENCH_CODE + 1);
    assert_true(cpu_take_probe_stop(w->b->cpu));
    w->stop_at = BIT(PROBE_RESET);
    cpu_init_pin(w->b->cpu);
    assert_int_equal(run_some(w), 0);
    assert_true(cpu_take_probe_stop(w->b->cpu));
    assert_int_equal(w->seen[1].kind, PROBE_RESET);
    assert_int_equal(w->seen[1].value, 1);
    assert_int_equal(w->b->cpu->rip, 0xfff0); /* it stopped after it */
    free_watcher(w);
}

/* A trap by TF comes once, though the run stopped before the instruction that it follows. */
static void stopping_makes_no_trap(void **state)
{
    (void)state;
    struct watcher *w = new_watcher(BENCH_32, BIT(PROBE_EXEC));
    w->stop_at = BIT(PROBE_EXEC);
    bench_put(w->b, BENCH_CODE, 0xf44040, 3);
    w->b->cpu->rip = BENCH_CODE;
    cpu_set_eflags(w->b->cpu, FL_TF, FL_TF);
    assert_int_equal(run_some(w), 0);
    assert_true(cpu_take_probe_stop(w->b->cpu));
    assert_int_equal(w->b->cpu->dr6_pending, 0);
    w->stop_at = 0;
    bench_continue(w->b);
    assert_int_equal(w->b->vector, EXC_DB);
    assert_int_equal(w->b->frame_ip, BENCH_CODE + 1);
    free_watcher(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction),
        cmocka_unit_test(an_instruction_made_again_is_told_of_once),
        cmocka_unit_test(code_that_crosses_a_page),
        cmocka_unit_test(only_in_the_range),
        cmocka_unit_test(linear_and_physical_differ),
        cmocka_unit_test(a_repeated_instruction),
        cmocka_unit_test(a_run_stops_before_the_instruction),
        cmocka_unit_test(data_read_and_written),
        cmocka_unit_test(only_those_data),
        cmocka_unit_test(wide_data_come_in_parts),
        cmocka_unit_test(the_processors_own_accesses),
        cmocka_unit_test(ports),
        cmocka_unit_test(registers_of_chips),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(software_interrupts_and_return),
        cmocka_unit_test(external_interrupts),
        cmocka_unit_test(a_triple_fault),
        cmocka_unit_test(page_walks),
        cmocka_unit_test(control_registers),
        cmocka_unit_test(msrs),
        cmocka_unit_test(modes),
        cmocka_unit_test(system_management),
        cmocka_unit_test(tasks),
        cmocka_unit_test(blocks_and_branches),
        cmocka_unit_test(halt_and_init),
        cmocka_unit_test(stopping_makes_no_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
