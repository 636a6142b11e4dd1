/* gdt.c: the global and a local descriptor table, the task registers; and how they look. */
#include "kernel.h"

#define LIMIT_64K 0xffff
#define LIMIT_4G 0xfffff /* pages */
#define LDT_SLOTS 8

struct tss tss_main, tss_other;
u8 tss_io_map[8193];
static struct segment_desc gdt[GDT_SLOTS] __attribute__((aligned(16)));
static struct segment_desc ldt[LDT_SLOTS] __attribute__((aligned(16)));

void gdt_set(u32 selector, struct segment_desc d)
{
    gdt[selector / 8] = d;
}

void gdt_set_gate(u32 selector, struct gate_desc d)
{
    mem_copy(&gdt[selector / 8], &d, sizeof d);
}

struct segment_desc gdt_get(u32 selector)
{
    return gdt[selector / 8];
}

void ldt_set(u32 selector, struct segment_desc d)
{
    ldt[selector / 8] = d;
}

static void fill(void)
{
    const u32 code = SEG_CODE_RX, data = SEG_DATA_RW, flat = SEG_G | SEG_D;
    gdt_set(CODE32, segment_desc(0, LIMIT_4G, code, flat));
    gdt_set(DATA32, segment_desc(0, LIMIT_4G, data, flat));
    gdt_set(USER_CODE32, segment_desc(0, LIMIT_4G, code | SEG_DPL3, flat));
    gdt_set(USER_DATA32, segment_desc(0, LIMIT_4G, data | SEG_DPL3, flat));
    gdt_set(USER_CODE64, segment_desc(0, LIMIT_4G, code | SEG_DPL3, SEG_G | SEG_L));
    gdt_set(USER_DATA64, segment_desc(0, LIMIT_4G, data | SEG_DPL3, flat));
    gdt_set(CODE64, segment_desc(0, LIMIT_4G, code, SEG_G | SEG_L));
    gdt_set(DATA64, segment_desc(0, LIMIT_4G, data, flat));
    gdt_set(CODE16, segment_desc(0, LIMIT_64K, code, 0));
    gdt_set(DATA16, segment_desc(0, LIMIT_64K, data, 0));
    gdt_set(TSS_MAIN, segment_desc((u32)(uptr)&tss_main, sizeof tss_main - 1, SEG_P | SYS_TSS, 0));
    gdt_set(TSS_OTHER, segment_desc((u32)(uptr)&tss_other, sizeof tss_other - 1, SEG_P | SYS_TSS, 0));
    gdt_set(LDT_MAIN, segment_desc((u32)(uptr)ldt, sizeof ldt - 1, SEG_P | SYS_LDT, 0));
}

void gdt_init(void)
{
    const struct table_register r = { sizeof gdt - 1, (uptr)gdt };
    fill();
    __asm__ volatile("lgdt %0\n"
                     "ljmp %1, $1f\n"
                     "1: mov %2, %%ds; mov %2, %%es; mov %2, %%fs; mov %2, %%gs; mov %2, %%ss"
                     :
                     : "m"(r), "i"(CODE32), "r"(DATA32)
                     : "memory");
    tss_main = (struct tss){ .ss0 = DATA32, .io_map = sizeof tss_main };
    __asm__ volatile("ltr %w0; lldt %w1" : : "r"(TSS_MAIN), "r"(LDT_MAIN));
}

const char *desc_kind(u8 access)
{
    static const char *const system[16] = { "reserved",     "TSS 16",    "LDT",         "TSS 16 busy",
                                            "call gate 16", "task gate", "int gate 16", "trap gate 16",
                                            "reserved",     "TSS",       "reserved",    "TSS busy",
                                            "call gate",    "reserved",  "int gate",    "trap gate" };
    static const char *const data[8] = { "data R", "data R A", "data RW", "data RW A",
                                         "down R", "down R A", "down RW", "down RW A" };
    static const char *const code[8] = { "code X", "code X A", "code RX", "code RX A",
                                         "conf X", "conf X A", "conf RX", "conf RX A" };
    return !(access & SEG_S) ? system[access & 15] : access & SEG_CODE ? code[access & 7] : data[access & 7];
}

static void show_entry(u32 selector, const struct segment_desc *d)
{
    u32 base = d->base_0_15 | (u32)d->base_16_23 << 16 | (u32)d->base_24_31 << 24;
    u32 limit = d->limit_0_15 | (d->flags_and_limit_16_19 & 15u) << 16, flags = d->flags_and_limit_16_19;
    print("# %04x  base %08x limit %08x  DPL %u  %s %s%s%s\n", selector, base,
          flags & SEG_G ? limit << 12 | 0xfff : limit, d->access >> 5 & 3, desc_kind(d->access),
          flags & SEG_G ? "G " : "", flags & SEG_D ? "D " : "", flags & SEG_L ? "L" : "");
}

void gdt_show(void)
{
    for (u32 i = 1; i < GDT_SLOTS; i++)
        if (gdt[i].access & SEG_P)
            show_entry(8 * i, &gdt[i]);
}

void idt_show(void)
{
    u32 gates = 0;
    for (u32 v = 0; v < 256; v++)
        gates += idt_entry(v)->access >> 7;
    const struct gate_desc *g = idt_entry(0), *r = idt_entry(VECTOR_RETURN);
    print("# IDT: %u gates; 00: %04x:%04x%04x %s; 80: DPL %u\n", gates, g->selector, g->offset_16_31, g->offset_0_15,
          desc_kind(g->access), r->access >> 5 & 3);
}
