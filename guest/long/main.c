/* main.c: the 64-bit part's tables, and its rooms. */
#include "long.h"

#define STUB_SIZE 16
#define IST_FATAL 1

extern u8 long_stubs[];
extern u64 try_rsp;
void long_main(void);
void long_trap(struct long_frame *f);

struct long_frame long_fault;
u64 long_fault_cr2, long_frame_at;
struct tss64 long_tss;
static struct gate_desc64 idt[256] __attribute__((aligned(16)));
static u8 ist_stack[4096] __attribute__((aligned(16)));

struct gate_desc64 *long_idt(u32 vector)
{
    return &idt[vector];
}

void *long_gdt(u32 selector)
{
    struct table_register r;
    __asm__ volatile("sgdt %0" : "=m"(r));
    return (void *)(r.base + (selector & ~7u));
}

/* A system descriptor of long mode has the base's upper half in the next slot. */
static void load_tss(void)
{
    const u64 base = (u64)&long_tss;
    struct segment_desc *d = long_gdt(TSS_LONG);
    d[0] = segment_desc((u32)base, sizeof long_tss - 1, SEG_P | SYS_TSS, 0);
    mem_set(&d[1], 0, sizeof d[1]);
    *(u32 *)&d[1] = (u32)(base >> 32);
    long_tss.ist[IST_FATAL - 1] = (u64)(ist_stack + sizeof ist_stack);
    long_tss.io_map = sizeof long_tss;
    __asm__ volatile("ltr %w0" : : "r"(TSS_LONG));
}

static void load_idt(void)
{
    const struct table_register r = { sizeof idt - 1, (u64)idt };
    for (u32 i = 0; i < 256; i++) {
        u32 dpl = i == VECTOR_RETURN || i == VECTOR_BP ? SEG_DPL3 : 0, ist = i == VECTOR_DF ? IST_FATAL : 0;
        u64 stub = (u64)long_stubs + STUB_SIZE * i;
        idt[i] = (struct gate_desc64){ gate_desc(CODE64, (u32)stub, SEG_P | dpl | SYS_INTERRUPT_GATE, ist),
                                       (u32)(stub >> 32), 0 };
    }
    __asm__ volatile("lidt %0" : : "m"(r));
}

void long_trap(struct long_frame *f)
{
    long_fault = *f;
    long_fault_cr2 = read_cr2();
    long_frame_at = (u64)f;
    if (try_rsp)
        try_end((u32)f->vector);
    print_color(COLOR_RED);
    print("Bail out! Vector %02x, error %x, at %04x:%llx in long mode, CR2 %llx\n", (u32)f->vector, (u32)f->error,
          (u32)f->cs, f->rip, long_fault_cr2);
    for (;;) {
        outb(0xf4, 0x11);
        __asm__ volatile("cli; hlt");
    }
}

void long_main(void)
{
    load_tss();
    load_idt();
    long_cpu_tests();
    long_gate_tests();
    long_compat_tests();
    long_paging_tests();
    long_vector_tests();
}
