#include "harness.h"

#include <stdlib.h>

static u64 port_read(void *dev, u64 offset, unsigned size)
{
    struct bench *b = dev;
    b->port = (u16)offset;
    b->port_size = size;
    return low_bytes(b->port_value, size);
}

static void port_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct bench *b = dev;
    b->port = (u16)offset;
    b->port_size = size;
    b->port_value = (u32)value;
}

static const struct region_ops port_ops = { port_read, port_write, 1, 4 };

static u64 time_ns(void *owner)
{
    return cpu_icount(((struct bench *)owner)->cpu);
}

static int ack(void *owner)
{
    struct bench *b = owner;
    int v = b->pending;
    b->pending = -1;
    cpu_set_intr(b->cpu, false);
    return v;
}

static u8 get_tpr(void *owner)
{
    return (void)owner, 0;
}
static void set_tpr(void *owner, u8 tpr)
{
    (void)owner, (void)tpr;
}

static bool apic_rdmsr(void *owner, u32 msr, u64 *value)
{
    (void)owner;
    *value = msr == 0x1b ? 0xfee00900u : 0;
    return msr == 0x1b;
}

static bool apic_wrmsr(void *owner, u32 msr, u64 value)
{
    return (void)owner, (void)value, msr == 0x1b;
}
static void ferr(void *owner, bool level)
{
    (void)owner, (void)level;
}
static void shut_down(void *owner)
{
    ((struct bench *)owner)->shutdown = true;
}

u64 bench_get(struct bench *b, u32 addr, unsigned bytes)
{
    u64 v = 0;
    memcpy(&v, b->m + addr, bytes);
    return v;
}

void bench_put(struct bench *b, u32 addr, u64 value, unsigned bytes)
{
    space_write(&b->mem, addr, value, bytes);
}

void bench_descriptor(struct bench *b, u16 sel, u32 base, u32 limit, u32 attr)
{
    u32 at = BENCH_GDT + (sel & 0xfff8u);
    if (attr & DESC_G)
        limit >>= 12;
    bench_put(b, at, (limit & 0xffff) | base << 16, 4);
    bench_put(b, at + 4, (base >> 16 & 0xff) | (base & 0xff000000u) | (limit & 0xf0000u) | attr, 4);
}

static bool is_long(const struct bench *b)
{
    return b->mode >= BENCH_64;
}

void bench_gate(struct bench *b, unsigned v, u16 sel, u64 offset, unsigned type, unsigned dpl, unsigned ist)
{
    u32 at = BENCH_IDT + v * (is_long(b) ? 16 : 8);
    bench_put(b, at, (offset & 0xffff) | (u64)sel << 16, 4);
    bench_put(b, at + 4, (offset & 0xffff0000u) | 0x8000u | dpl << 13 | type << 8 | ist, 4);
    if (is_long(b)) {
        bench_put(b, at + 8, offset >> 32, 4);
        bench_put(b, at + 12, 0, 4);
    }
}

#define FLAT (DESC_G | DESC_P | DESC_S | DESC_A | DESC_RW)
#define CODE_SEG (FLAT | DESC_CODE)
#define USER (3u << DESC_DPL_SHIFT)

static void fill_gdt(struct bench *b)
{
    bench_descriptor(b, SEL_CODE32, 0, 0xffffffff, CODE_SEG | DESC_DB);
    bench_descriptor(b, SEL_DATA32, 0, 0xffffffff, FLAT | DESC_DB);
    bench_descriptor(b, SEL_CODE64, 0, 0xffffffff, CODE_SEG | DESC_L);
    bench_descriptor(b, SEL_CODE32U, 0, 0xffffffff, CODE_SEG | DESC_DB | USER);
    bench_descriptor(b, SEL_DATA32U, 0, 0xffffffff, FLAT | DESC_DB | USER);
    bench_descriptor(b, SEL_CODE64U, 0, 0xffffffff, CODE_SEG | DESC_L | USER);
    bench_descriptor(b, SEL_CODE16, 0, 0xffffffff, CODE_SEG);
    bench_descriptor(b, SEL_DATA16, 0, 0xffffffff, FLAT);
    bench_descriptor(b, SEL_TSS, BENCH_TSS, 0x20ff, DESC_P | SYS_TSS32_BUSY << 8);
    bench_put(b, BENCH_GDT + SEL_TSS + 8, 0, 8);
    bench_descriptor(b, SEL_LDT, BENCH_LDT, 0xff, DESC_P | SYS_LDT << 8);
    bench_put(b, BENCH_GDT + SEL_LDT + 8, 0, 8);
}

static void fill_idt(struct bench *b)
{
    memset(b->m + BENCH_HANDLERS, 0xf4, 256 * 16);
    for (unsigned v = 0; v < 256; v++) {
        u32 handler = BENCH_HANDLERS + 16 * v;
        if (b->mode == BENCH_REAL)
            bench_put(b, 4 * v, handler, 4);
        else
            bench_gate(b, v, is_long(b) ? SEL_CODE64 : SEL_CODE32, handler, 14, 3, 0);
    }
}

static void fill_tss(struct bench *b)
{
    memset(b->m + BENCH_TSS, 0, 0x2100);
    if (is_long(b)) {
        bench_put(b, BENCH_TSS + 4, BENCH_STACK0, 8);
        bench_put(b, BENCH_TSS + 36, BENCH_IST1, 8);
    } else {
        bench_put(b, BENCH_TSS + 4, BENCH_STACK0, 4);
        bench_put(b, BENCH_TSS + 8, SEL_DATA32, 4);
    }
    bench_put(b, BENCH_TSS + 102, 0x68, 2); /* I/O bitmap: all ports allowed, the byte after it all ones */
    bench_put(b, BENCH_TSS + 0x68 + 0x2000, 0xff, 1);
}

static void fill_page_tables(struct bench *b)
{
    const u64 all = 7;
    memset(b->m + BENCH_PML4, 0, 0x3000);
    bench_put(b, BENCH_PML4, (BENCH_PML4 + 0x1000u) | all, 8);
    bench_put(b, BENCH_PML4 + 0x1000, (BENCH_PML4 + 0x2000u) | all, 8);
    for (u32 i = 0; i < 8; i++)
        bench_put(b, BENCH_PML4 + 0x2000 + 8 * i, (BENCH_PML4 + 0x3000u + 0x1000u * i) | all, 8);
    for (u32 page = 0; page < BENCH_RAM >> 12; page++)
        bench_put(b, BENCH_PTE(page), (u64)page << 12 | all, 8);
}

static void set_segments(struct bench *b)
{
    static const u16 code[] = { 0, SEL_CODE16, SEL_CODE32, SEL_CODE32U, SEL_CODE64, SEL_CODE64U, SEL_CODE32U };
    struct cpu *c = b->cpu;
    bool user = b->mode == BENCH_32U || b->mode == BENCH_64U || b->mode == BENCH_COMPAT;
    u16 data = user ? SEL_DATA32U : SEL_DATA32;
    c->cpl = user ? 3 : 0;
    for (unsigned s = 0; s < SEG_COUNT; s++) {
        if (b->mode == BENCH_REAL) {
            seg_set_real(c, s, 0);
            continue;
        }
        u16 sel = s == CS ? code[b->mode] : data;
        desc_to_seg(&c->seg[s], sel, bench_get(b, BENCH_GDT + (sel & 0xfff8u), 8));
        seg_derive(&c->seg[s], s == CS);
    }
    if (b->mode != BENCH_REAL)
        desc_to_seg(&c->seg[TR], SEL_TSS, bench_get(b, BENCH_GDT + SEL_TSS, 8));
}

void bench_enable_avx(struct bench *b)
{
    b->avx = true;
    b->cpu->cr4 |= CR4_OSXSAVE;
    b->cpu->xcr0 = XSTATE_X87 | XSTATE_SSE | XSTATE_AVX;
    cpu_update_mode(b->cpu);
}

void bench_reset(struct bench *b)
{
    struct cpu *c = b->cpu;
    cpu_reset(c);
    fill_gdt(b);
    fill_idt(b);
    fill_tss(b);
    fill_page_tables(b);
    c->gdt = (struct desc_table){ BENCH_GDT, 0xff };
    c->idt = (struct desc_table){ b->mode == BENCH_REAL ? 0 : BENCH_IDT, 0xfff };
    c->cr0 = CR0_ET | CR0_NE | (b->mode == BENCH_REAL ? 0 : CR0_PE);
    c->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
    if (is_long(b)) {
        c->cr0 |= CR0_PG | CR0_WP;
        c->cr4 |= CR4_PAE;
        c->cr3 = BENCH_PML4;
        c->efer = EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE;
    }
    set_segments(b);
    if (b->avx)
        bench_enable_avx(b);
    c->r[RSP] = BENCH_STACK;
    b->limit = 100000;
    b->pending = -1;
    b->shutdown = false;
    tlb_flush_all(c);
    cpu_update_mode(c);
}

static void choose(struct cpu_choice *choice, const char *cpu)
{
    char text[256], *rest = text;
    snprintf(text, sizeof text, "%s", cpu);
    choice->model = cpu_model_find(strsep(&rest, ","));
    assert_non_null(choice->model);
    while (rest) {
        const char *feature = strsep(&rest, ",");
        enum cpuid_word word;
        unsigned bit;
        assert_true(cpu_flag_find(feature + 1, &word, &bit));
        (*feature == '+' ? choice->on : choice->off)[word] |= BIT(bit);
    }
}

struct bench *bench_new(enum bench_mode mode)
{
    return bench_new_cpu(mode, "max");
}

struct bench *bench_new_cpu(enum bench_mode mode, const char *cpu)
{
    struct cpu_choice choice = { 0 };
    choose(&choice, cpu);
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->mode = mode;
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    ram_pool_init(&b->pool);
    region_init_container(&b->root, "system", 0);
    assert_true(region_init_ram(&b->ram, "pc.ram", BENCH_RAM, &b->pool));
    region_add(&b->root, 0, &b->ram, 0);
    region_init_container(&b->io_root, "io", 0x10000);
    region_init_io(&b->ports, "ports", 0x10000, &port_ops, b);
    region_add(&b->io_root, 0, &b->ports, 0);
    space_init(&b->mem, "memory", &b->root, &b->pool, &b->log, false);
    space_init(&b->io, "I/O", &b->io_root, &b->pool, &b->log, true);
    b->m = b->ram.host;
    struct cpu_wiring w = { .mem = &b->mem,
                            .smm_mem = &b->mem,
                            .io = &b->io,
                            .pool = &b->pool,
                            .log = &b->log,
                            .model = &choice,
                            .owner = b,
                            .time_ns = time_ns,
                            .ack = ack,
                            .get_tpr = get_tpr,
                            .set_tpr = set_tpr,
                            .apic_rdmsr = apic_rdmsr,
                            .apic_wrmsr = apic_wrmsr,
                            .ferr = ferr,
                            .shutdown = shut_down,
                            .seed = 1 };
    b->cpu = cpu_new(&w);
    assert_non_null(b->cpu);
    bench_reset(b);
    return b;
}

/* For coverage reports (tests/coverage): which instructions this bench met, appended to the file PCEMU_ROWS. */
static void note_rows(const struct cpu *c)
{
    const char *path = getenv("PCEMU_ROWS");
    FILE *f = path ? fopen(path, "a") : NULL;
    if (!f)
        return;
    cpu_print_rows(c, f);
    fclose(f);
}

void bench_free(struct bench *b)
{
    note_rows(b->cpu);
    cpu_free(b->cpu);
    space_free(&b->mem);
    space_free(&b->io);
    ram_pool_free(&b->pool);
    free(b);
}

/* The frame that the handler of `b->vector` found on its stack. */
static void read_frame(struct bench *b)
{
    static const unsigned widths[] = { 2, 4, 4, 4, 8, 8, 8 };
    unsigned w = widths[b->mode];
    u32 sp = (u32)b->cpu->r[RSP];
    if (b->mode != BENCH_REAL && exception_has_error((unsigned)b->vector)) {
        b->error = (u32)bench_get(b, sp, 4);
        sp += w;
    }
    b->frame_ip = bench_get(b, sp, w);
    b->frame_cs = (u16)bench_get(b, sp + w, 2);
    b->frame_flags = bench_get(b, sp + 2 * w, w);
    b->frame_sp = bench_get(b, sp + 3 * w, w);
}

void bench_continue(struct bench *b)
{
    u64 left = b->limit;
    while (left && cpu_has_work(b->cpu) && !b->shutdown) {
        u64 ran = cpu_run(b->cpu, left);
        left -= ran < left ? ran : left;
        if (!ran)
            break;
    }
    u64 ip = b->cpu->rip - 1;
    b->error = 0;
    b->vector = b->shutdown ? -3 : cpu_is_halted(b->cpu) ? -1 : -2;
    if (b->vector == -1 && ip >= BENCH_HANDLERS && ip < BENCH_HANDLERS + 256 * 16) {
        b->vector = (int)((ip - BENCH_HANDLERS) / 16);
        read_frame(b);
    }
}

void bench_run(struct bench *b, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, BENCH_CODE + (u32)i, code[i], 1);
    b->cpu->rip = b->mode == BENCH_REAL ? BENCH_CODE & 0xffff : BENCH_CODE;
    if (b->mode == BENCH_REAL)
        seg_set_real(b->cpu, CS, BENCH_CODE >> 4);
    b->cpu->activity = ACT_RUNNING;
    cpu_update_mode(b->cpu);
    bench_continue(b);
}
