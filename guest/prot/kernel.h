/* kernel.h: what the 32-bit kernel's files know of each other. It runs flat, in ring 0, with paging off and interrupts
 * off, but where a test says otherwise. */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include "boot_info.h"
#include "desc.h"
#include "io.h"
#include "print.h"
#include "tap.h"

enum vector {
    VECTOR_DE = 0,
    VECTOR_DB = 1,
    VECTOR_NMI = 2,
    VECTOR_BP = 3,
    VECTOR_OF = 4,
    VECTOR_BR = 5,
    VECTOR_UD = 6,
    VECTOR_NM = 7,
    VECTOR_DF = 8,
    VECTOR_TS = 10,
    VECTOR_NP = 11,
    VECTOR_SS = 12,
    VECTOR_GP = 13,
    VECTOR_PF = 14,
    VECTOR_MF = 16,
    VECTOR_AC = 17,
    VECTOR_XM = 19,
    VECTOR_IRQ = 0x20,     /* where the 8259s are while a test uses them */
    VECTOR_FREE = 0x50,    /* … 7F: for APIC tests */
    VECTOR_RETURN = 0x80,  /* how ring 3 comes back: DPL 3 */
    VECTOR_PRIVATE = 0x81, /* the same with DPL 0 */
    NO_FAULT = 0x100
};

enum {
    CR0_PE = BIT(0),
    CR0_MP = BIT(1),
    CR0_EM = BIT(2),
    CR0_TS = BIT(3),
    CR0_NE = BIT(5),
    CR0_WP = BIT(16),
    CR0_AM = BIT(18),
    CR4_VME = BIT(0),
    CR4_PVI = BIT(1),
    CR4_TSD = BIT(2),
    CR4_DE = BIT(3),
    CR4_PSE = BIT(4),
    CR4_PAE = BIT(5),
    CR4_PGE = BIT(7),
    CR4_OSFXSR = BIT(9),
    CR4_OSXMMEXCPT = BIT(10),
    CR4_SMEP = BIT(20),
    CR4_SMAP = BIT(21)
};
#define CR0_PG 0x80000000u

enum {
    FLAG_CF = BIT(0),
    FLAG_ZF = BIT(6),
    FLAG_TF = BIT(8),
    FLAG_IF = BIT(9),
    FLAG_IOPL = 3 << 12,
    FLAG_NT = BIT(14),
    FLAG_RF = BIT(16),
    FLAG_VM = BIT(17),
    FLAG_AC = BIT(18),
    FLAG_VIF = BIT(19),
    FLAG_ID = BIT(21)
};

#define MSR_APIC_BASE 0x1b
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_EFER 0xc0000080u
#define EFER_SCE BIT(0)
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
#define EFER_NXE BIT(11)

/* What is on the stack when trap() is called; the last four of a virtual-8086 task alone. */
struct trap_frame {
    u32 gs, fs, es, ds;
    u32 edi, esi, ebp, esp_inside, ebx, edx, ecx, eax;
    u32 vector, error;
    u32 eip, cs, eflags, esp, ss;
    u32 v86_es, v86_ds, v86_fs, v86_gs;
};

/* trap.c. A handler takes an interrupt; it returns to where that came from. */
typedef void trap_handler(struct trap_frame *);
void trap_init(void);
/* NULL: nobody; then the vector ends the present try_…(), or the kernel. */
void trap_handle(u32 vector, trap_handler *handler);
struct gate_desc *idt_entry(u32 vector);
void idt_load(void);

/* The exception that ended a try. */
struct fault {
    u32 vector, error, cr2, eip, cs, eflags, esp, ss;
};
extern struct fault fault;

/* try.S: run f(arg) in ring 0, in ring 3; the vector that ended it. A function of ring 0 that returns gives NO_FAULT,
 * one of ring 3 VECTOR_RETURN. What ring 3 touches must be of segments and pages with DPL 3. */
u32 try_call(void (*f)(void *), void *arg);
u32 try_user(void (*f)(void *), void *arg);
u32 try_stack(void); /* where the handlers' stack begins while try_user() runs */
/* Ends the try from a handler. */
void try_end(u32 vector) __attribute__((noreturn));

/* gdt.c */
void gdt_init(void);
void gdt_set(u32 selector, struct segment_desc d);
void gdt_set_gate(u32 selector, struct gate_desc d);
struct segment_desc gdt_get(u32 selector);
void ldt_set(u32 selector, struct segment_desc d);
extern struct tss tss_main, tss_other;
extern u8 tss_io_map[8193];
/* A descriptor's type in words. */
const char *desc_kind(u8 access);
/* long/run.c: the page tables of long mode; the top table's address. */
u32 long_tables(void);
void gdt_show(void);
void idt_show(void);

/* real.c: a service of the firmware, in real mode. Paging must be off. */
void real_init(void);
void real_int(u32 vector, struct real_regs *r);
/* key.c: a key's character, or KEY_SPECIAL | scan code; 0: none (key_wait(): none within so many ticks of 55 ms). */
#define KEY_SPECIAL 0x100
u32 key_now(void);
u32 key_wait(u32 most);
void wait_a_tick(void);
u32 ticks(void);
/* Text mode 3, an empty screen. */
void screen_reset(void);
void screen_clear(u8 attribute);
void screen_goto(u32 row, u32 column);

/* exit.c: isa-debug-exit, else the power management, else a halt. */
void machine_exit(u32 failed) __attribute__((noreturn));
void power_off(void);

/* tests/run.c: the plan, started by a key of the tour; does not come back. */
void tests_from_tour(void);

/* memory */
void *mem_set(void *to, u32 v, u32 size);
void *mem_copy(void *to, const void *from, u32 size);
int mem_same(const void *a, const void *b, u32 size);
int text_same(const char *a, const char *b);

#define CR_READ(n)                                                                                                     \
    static inline uptr read_cr##n(void)                                                                                \
    {                                                                                                                  \
        uptr v;                                                                                                        \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v));                                                              \
        return v;                                                                                                      \
    }                                                                                                                  \
    static inline void write_cr##n(uptr v)                                                                             \
    {                                                                                                                  \
        __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");                                                     \
    }
CR_READ(0)
CR_READ(2)
CR_READ(3)
CR_READ(4)
#undef CR_READ

static inline void cli(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void sti(void)
{
    __asm__ volatile("sti" : : : "memory");
}

/* Lets in what waits, for a few instructions. */
static inline void let_in(void)
{
    __asm__ volatile("sti; nop; nop; pause; pause; pause; cli" : : : "memory");
}

#define MMIO32(address) (*(volatile u32 *)(uptr)(address))

#endif
