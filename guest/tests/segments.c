/* segments.c: segment descriptors in 32-bit protected mode: each field of desc.h's drawing is seen to count. */
#include "tests.h"

static u8 room[8192] __attribute__((aligned(4096)));

struct access {
    u32 offset, value;
    u16 selector;
};

static void load_fs(void *selector)
{
    __asm__ volatile("movw %w0, %%fs" : : "r"(selector));
}

static void load_ss(void *selector)
{
    __asm__ volatile("movw %w0, %%ss" : : "r"(selector));
}

static void load_tr(void *selector)
{
    __asm__ volatile("ltr %w0" : : "r"(selector));
}

static void load_ldt(void *selector)
{
    __asm__ volatile("lldt %w0" : : "r"(selector));
}

static void read8(void *arg)
{
    struct access *a = arg;
    u8 v;
    __asm__ volatile("movw %1, %%fs; movb %%fs:(%2), %0" : "=q"(v) : "r"(a->selector), "r"(a->offset));
    a->value = v;
}

static void read32(void *arg)
{
    struct access *a = arg;
    __asm__ volatile("movw %w1, %%fs; movl %%fs:(%2), %0" : "=&r"(a->value) : "r"((u32)a->selector), "r"(a->offset));
}

static void write8(void *arg)
{
    const struct access *a = arg;
    __asm__ volatile("movw %w0, %%fs; movb %b1, %%fs:(%2)"
                     :
                     : "r"((u32)a->selector), "q"(a->value), "r"(a->offset)
                     : "memory");
}

static struct access at(u32 offset)
{
    return (struct access){ offset, 0x5a, TEST_SLOT };
}

static u32 run(void (*f)(void *), u32 offset)
{
    struct access a = at(offset);
    return try_call(f, &a);
}

static u32 value(u32 offset)
{
    struct access a = at(offset);
    return try_call(read8, &a) == NO_FAULT ? a.value : NO_FAULT;
}

static u32 base(void)
{
    return (u32)(uptr)room;
}

static void limits(void)
{
    gdt_set(TEST_SLOT, segment_desc(base(), 15, SEG_DATA_RW, SEG_D));
    for (u32 i = 0; i < sizeof room; i++)
        room[i] = (u8)(i ^ i >> 8);
    is(value(15), 15, "base and limit: the last byte");
    strict(LENIENT, faulted(run(read8, 16), VECTOR_GP, 0), "a byte behind the limit: #GP(0)");
    strict(LENIENT, faulted(run(read32, 13), VECTOR_GP, 0), "a doubleword across the limit: #GP(0)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0, SEG_DATA_RW, SEG_D | SEG_G));
    is(value(4095), room[4095], "G: limit 0 is one page");
    strict(LENIENT, faulted(run(read8, 4096), VECTOR_GP, 0), "... and no more: #GP(0)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xfff, SEG_DATA_RW | SEG_EXPAND_DOWN, SEG_D));
    is(value(0x1000), room[0x1000], "E: an expand-down segment begins above its limit");
    strict(LENIENT, faulted(run(read8, 0xfff), VECTOR_GP, 0), "... and not at it: #GP(0)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xfff, SEG_DATA_RW | SEG_EXPAND_DOWN, 0));
    strict(LENIENT, faulted(run(read8, 0x10000), VECTOR_GP, 0), "B clear: an expand-down segment ends at FFFF");
    gdt_set(TEST_SLOT, segment_desc(base() + 0xff000000u, 0xfffff, SEG_DATA_RW, SEG_D | SEG_G));
    is(value(0x01000010), room[0x10], "Base 24..31: addresses wrap at 4 GiB");
}

static void types(void)
{
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_P | SEG_S, SEG_D));
    is(value(3), room[3], "W clear: can be read");
    strict(LENIENT, faulted(run(write8, 3), VECTOR_GP, 0), "W clear: a write is #GP(0)");
    ok(gdt_get(TEST_SLOT).access & SEG_ACCESSED, "A is set in memory by the load");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_CODE_RX, SEG_D));
    is(value(3), room[3], "code with R can be read");
    strict(LENIENT, faulted(run(write8, 3), VECTOR_GP, 0), "code can't be written: #GP(0)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_P | SEG_S | SEG_CODE, SEG_D));
    ok(faulted(run(read8, 3), VECTOR_GP, TEST_SLOT), "code without R in FS: #GP(selector)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_DATA_RW & ~SEG_P, SEG_D));
    ok(faulted(run(read8, 3), VECTOR_NP, TEST_SLOT), "P clear: #NP(selector)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_P | SYS_LDT, 0));
    ok(faulted(run(read8, 3), VECTOR_GP, TEST_SLOT), "S clear: a system segment in FS: #GP(selector)");
    strict(LENIENT, faulted(try_call(read8, &(struct access){ 3, 0, 0 }), VECTOR_GP, 0),
           "a null selector in FS, used: #GP(0)");
}

static void privileges(void)
{
    struct access a = at(3);
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_DATA_RW, SEG_D));
    ok(faulted(try_user(read8, &a), VECTOR_GP, TEST_SLOT), "DPL 0 from ring 3: #GP(selector)");
    a.selector |= RPL3;
    ok(faulted(try_call(read8, &a), VECTOR_GP, TEST_SLOT), "RPL 3 for DPL 0, in ring 0: #GP(selector)");
    gdt_set(TEST_SLOT, segment_desc(base(), 0xffff, SEG_DATA_RW | SEG_DPL3, SEG_D));
    a.selector = TEST_SLOT;
    ok(try_user(read8, &a) == VECTOR_RETURN && a.value == room[3], "DPL 3 from ring 3 is allowed");
    ok(try_call(read8, &a) == NO_FAULT, "... and from ring 0");
    ok(faulted(try_call(load_ss, (void *)(TEST_SLOT | RPL3)), VECTOR_GP, TEST_SLOT),
       "SS: RPL other than CPL: #GP(selector)");
    gdt_set(TEST_SLOT, segment_desc(0, 0xfffff, SEG_P | SEG_S, SEG_D | SEG_G));
    ok(faulted(try_call(load_ss, (void *)TEST_SLOT), VECTOR_GP, TEST_SLOT), "SS: W clear: #GP(selector)");
    gdt_set(TEST_SLOT, segment_desc(0, 0xfffff, SEG_DATA_RW & ~SEG_P, SEG_D | SEG_G));
    ok(faulted(try_call(load_ss, (void *)TEST_SLOT), VECTOR_SS, TEST_SLOT), "SS: P clear: #SS(selector)");
    ok(faulted(try_call(load_ss, (void *)0), VECTOR_GP, 0), "SS: null: #GP(0)");
}

static void tables(void)
{
    ok(faulted(try_call(load_fs, (void *)(8 * GDT_SLOTS)), VECTOR_GP, 8 * GDT_SLOTS),
       "Index beyond the GDT's limit: #GP(selector)");
    ldt_set(8, segment_desc(base() + 0x100, 0xff, SEG_DATA_RW, SEG_D));
    struct access a = { 0, 0, 8 | TI_LDT };
    ok(try_call(read8, &a) == NO_FAULT && a.value == room[0x100], "TI: index 1 of the LDT");
    ok(faulted(try_call(load_fs, (void *)(64 | TI_LDT)), VECTOR_GP, 64 | TI_LDT),
       "Index beyond the LDT's limit: #GP(selector with TI)");
    ok(try_call(load_fs, (void *)0) == NO_FAULT, "a null selector can be loaded");
    ok(faulted(try_call(load_ldt, (void *)DATA32), VECTOR_GP, DATA32), "LLDT of no LDT: #GP(selector)");
    ok(faulted(try_call(load_tr, (void *)TSS_MAIN), VECTOR_GP, TSS_MAIN), "LTR of a busy TSS: #GP(selector)");
    u32 ldt, tr;
    __asm__ volatile("sldt %0; str %1" : "=r"(ldt), "=r"(tr));
    is(ldt & 0xffff, LDT_MAIN, "SLDT");
    is(tr & 0xffff, TSS_MAIN, "STR");
    is(gdt_get(TSS_MAIN).access & 15, SYS_TSS_BUSY, "LTR made the TSS busy in memory");
    struct table_register g, i;
    __asm__ volatile("sgdt %0; sidt %1" : "=m"(g), "=m"(i));
    is(g.limit, 8 * GDT_SLOTS - 1, "SGDT: the limit");
    ok(i.limit == 8 * 256 - 1 && i.base == (uptr)idt_entry(0), "SIDT: limit and base");
}

static u32 lar(u32 selector)
{
    u32 v = 0xffffffffu;
    __asm__ volatile("lar %1, %0" : "+r"(v) : "r"(selector) : "cc");
    return v;
}

static u32 lsl(u32 selector)
{
    u32 v = 0xffffffffu;
    __asm__ volatile("lsl %1, %0" : "+r"(v) : "r"(selector) : "cc");
    return v;
}

static int verify(u32 selector, int write)
{
    u8 z;
    if (write)
        __asm__ volatile("verw %w1; setz %0" : "=q"(z) : "r"(selector) : "cc");
    else
        __asm__ volatile("verr %w1; setz %0" : "=q"(z) : "r"(selector) : "cc");
    return z;
}

static void questions(void)
{
    gdt_set(TEST_SLOT, segment_desc(0x123456, 0x89abc, SEG_P | SEG_S | SEG_DPL3, SEG_G | SEG_AVL | SEG_D));
    is(lar(TEST_SLOT) & 0x00f0ff00, 0x00d0f000, "LAR: P, DPL, S, Type, AVL, D/B, G");
    is(lsl(TEST_SLOT), 0x89abcfff, "LSL: the limit in bytes");
    ok(verify(TEST_SLOT, 0) && !verify(TEST_SLOT, 1), "VERR and VERW: readable, not writable");
    ok(!verify(0, 0) && lar(0) == 0xffffffffu, "VERR and LAR of a null selector: ZF is clear");
    u32 s = DATA32, t = RPL3;
    __asm__ volatile("arpl %w1, %w0" : "+r"(s) : "r"(t) : "cc");
    is(s, DATA32 | RPL3, "ARPL raises the RPL");
}

/* B of SS: with a 16-bit stack PUSH and POP move SP alone. */
static void stack_size(void)
{
    u32 after, old;
    gdt_set(TEST_SLOT, segment_desc(0, 0xffff, SEG_DATA_RW, 0));
    __asm__ volatile("movl %%esp, %1\n"
                     "movw %w2, %%ss\n"
                     "movl $0x00017000, %%esp\n"
                     "pushl $0x12345678\n"
                     "movl %%esp, %0\n"
                     "movw %w3, %%ss\n"
                     "movl %1, %%esp"
                     : "=&r"(after), "=&r"(old)
                     : "r"((u32)TEST_SLOT), "r"((u32)DATA32)
                     : "memory");
    is(after, 0x16ffc, "B clear in SS: PUSH moves SP, and leaves ESP's upper half");
    is(MMIO32(0x6ffc), 0x12345678, "... and writes at SS:SP");
}

/* D of CS: B8 34 12 90 90 is MOV AX and two NOPs, or MOV EAX. */
static u32 run_code(u32 flags)
{
    static const u8 code[] = { 0xb8, 0x34, 0x12, 0x90, 0x90, 0x66, 0xcb, 0xcb };
    static u8 copy[16];
    mem_copy(copy, code, sizeof code);
    if (flags)
        copy[5] = 0xcb; /* 32 bits are RETF's size there */
    gdt_set(TEST_SLOT, segment_desc((u32)(uptr)copy, 0xff, SEG_CODE_RX, flags));
    const struct {
        u32 offset;
        u16 selector;
    } PACKED target = { 0, TEST_SLOT };
    u32 v = 0;
    __asm__ volatile("lcall *%1" : "+a"(v) : "m"(target) : "memory");
    return v;
}

static void code_size(void)
{
    is(run_code(0), 0x1234, "D clear in CS: 16-bit code");
    is(run_code(SEG_D), 0x90901234u, "D set: 32-bit code");
}

static void expected_bits(void)
{
    const struct segment_desc d = segment_desc(0xaabbccdd, 0xfedcb, 0x9a, 0xc0);
    static const u8 bytes[8] = { 0xcb, 0xed, 0xdd, 0xcc, 0xbb, 0x9a, 0xcf, 0xaa };
    ok(mem_same(&d, bytes, sizeof d), "a descriptor's fields are at their bits");
}

void segment_tests(void)
{
    gdt_show();
    expected_bits();
    limits();
    types();
    privileges();
    tables();
    questions();
    stack_size();
    code_size();
}
