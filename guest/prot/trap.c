/* trap.c: the interrupt descriptor table, and what becomes of exceptions. */
#include "kernel.h"
#include "resume.h"

#define STUB_SIZE 16

extern u8 isr_stubs[];
void trap(struct trap_frame *f);

struct fault fault;
static struct gate_desc idt[256] __attribute__((aligned(16)));
static trap_handler *handlers[256];

struct gate_desc *idt_entry(u32 vector)
{
    return &idt[vector];
}

void idt_load(void)
{
    const struct table_register r = { sizeof idt - 1, (uptr)idt };
    __asm__ volatile("lidt %0" : : "m"(r));
}

void trap_init(void)
{
    for (u32 i = 0; i < ARRAY_LEN(idt); i++) {
        u32 dpl = i == VECTOR_RETURN || i == VECTOR_BP || i == VECTOR_OF ? SEG_DPL3 : 0;
        idt[i] = gate_desc(CODE32, (u32)(uptr)isr_stubs + STUB_SIZE * i, SEG_P | dpl | SYS_INTERRUPT_GATE, 0);
    }
    idt_load();
}

void trap_handle(u32 vector, trap_handler *handler)
{
    handlers[vector] = handler;
}

static void __attribute__((noreturn)) panic(const struct trap_frame *f)
{
    print_color(COLOR_RED);
    print("Bail out! Vector %02x, error %x, at %04x:%08x, EFLAGS %08x, CR2 %08x\n", f->vector, f->error, f->cs, f->eip,
          f->eflags, (u32)read_cr2());
    print("# EAX %08x EBX %08x ECX %08x EDX %08x ESI %08x EDI %08x EBP %08x\n", f->eax, f->ebx, f->ecx, f->edx, f->esi,
          f->edi, f->ebp);
    cmos_write(RESUME_CMOS, 0);
    machine_exit(1);
}

void trap(struct trap_frame *f)
{
    if (handlers[f->vector]) {
        handlers[f->vector](f);
        return;
    }
    if (!try_stack())
        panic(f);
    fault = (struct fault){ f->vector, f->error, (u32)read_cr2(), f->eip, f->cs, f->eflags, f->esp, f->ss };
    try_end(f->vector);
}
