/* gates.c: call, interrupt and trap gates, changes of privilege, what ring 3 may not do. */
#include "tests.h"

#define IDT_ERROR(vector) ((vector)*8 + 2)
#define PORT_FREE 0x80 /* the POST code port: reading and writing it harms nothing */

extern u32 user_eflags;
extern u8 gate_entry[], conforming_entry[];
static volatile u32 seen_cs, seen_ss, seen_sum, seen_flags;

/* Behind the call gate: 0(%esp) EIP, CS, two parameters, ESP, SS. */
__asm__(".globl gate_entry\n"
        "gate_entry: movl %cs, %eax\n"
        "movl %eax, %ss:seen_cs\n"
        "movl %ss, %eax\n"
        "movl %eax, %ss:seen_ss\n"
        "movl 8(%esp), %eax\n"
        "shll $8, %eax\n"
        "addl 12(%esp), %eax\n"
        "movl %eax, %ss:seen_sum\n"
        "lret $8\n"
        ".globl conforming_entry\n"
        "conforming_entry: movl %cs, %eax\n"
        "movl %eax, %ds:seen_cs\n"
        "lret\n");

static void call_gate(void *selector)
{
    const struct {
        u32 offset;
        u16 selector;
    } PACKED target = { 0xdeadbeef, (u16)(uptr)selector }; /* a gate's caller gives no offset */
    __asm__ volatile("pushl $0x12; pushl $0x34; lcall *(%0)" : : "c"(&target), "m"(target) : "eax", "memory");
}

static void call_conforming(void *selector)
{
    const struct {
        u32 offset;
        u16 selector;
    } PACKED target = { (u32)(uptr)conforming_entry, (u16)(uptr)selector };
    __asm__ volatile("lcall *%0" : : "m"(target) : "eax", "memory");
}

static void call_gates(void)
{
    const u32 entry = (u32)(uptr)gate_entry;
    gdt_set_gate(CALL_GATE, gate_desc(CODE32, entry, SEG_P | SEG_DPL3 | SYS_CALL_GATE, 2));
    seen_cs = seen_ss = seen_sum = 0;
    ok(try_user(call_gate, (void *)(CALL_GATE | RPL3)) == VECTOR_RETURN, "ring 3 through a call gate and back");
    is(seen_cs, CODE32, "... runs in ring 0");
    is(seen_ss, DATA32, "... on the stack that the TSS names");
    is(seen_sum, 0x3412, "... with its two parameters copied");
    gdt_set_gate(CALL_GATE, gate_desc(CODE32, entry, SEG_P | SYS_CALL_GATE, 2));
    ok(faulted(try_user(call_gate, (void *)(CALL_GATE | RPL3)), VECTOR_GP, CALL_GATE),
       "a call gate of DPL 0 from ring 3: #GP(selector)");
    gdt_set_gate(CALL_GATE, gate_desc(CODE32, entry, SEG_DPL3 | SYS_CALL_GATE, 2));
    ok(faulted(try_user(call_gate, (void *)(CALL_GATE | RPL3)), VECTOR_NP, CALL_GATE),
       "a call gate with P clear: #NP(selector)");
    gdt_set_gate(CALL_GATE, gate_desc(DATA32, entry, SEG_P | SEG_DPL3 | SYS_CALL_GATE, 2));
    ok(faulted(try_user(call_gate, (void *)(CALL_GATE | RPL3)), VECTOR_GP, DATA32),
       "a call gate to a data segment: #GP(its selector)");
    ok(faulted(try_user(call_conforming, (void *)CODE32), VECTOR_GP, CODE32),
       "CALL from ring 3 to code of DPL 0: #GP(selector)");
    gdt_set(TEST_SLOT, segment_desc(0, 0xfffff, SEG_CODE_RX | SEG_CONFORMING, SEG_D | SEG_G));
    ok(try_user(call_conforming, (void *)TEST_SLOT) == VECTOR_RETURN && (seen_cs & 3) == 3,
       "C: conforming code of DPL 0 runs in ring 3");
}

static void int_private(void *arg)
{
    (void)arg;
    __asm__ volatile("int $0x81");
}

static void int_free(void *arg)
{
    (void)arg;
    __asm__ volatile("int $0x50");
}

static void on_interrupt(struct trap_frame *f)
{
    __asm__ volatile("pushfl; popl %0" : "=r"(seen_flags));
    seen_cs = f->cs;
    seen_ss = f->ss;
}

static void interrupt_gates(void)
{
    ok(faulted(try_user(int_private, NULL), VECTOR_GP, IDT_ERROR(0x81)),
       "INT n through a gate of DPL 0 from ring 3: #GP(vector * 8 + 2)");
    ok(try_call(int_private, NULL) == VECTOR_PRIVATE, "... but not from ring 0");
    trap_handle(VECTOR_FREE, on_interrupt);
    idt_entry(VECTOR_FREE)->access |= SEG_DPL3;
    sti();
    ok(try_call(int_free, NULL) == NO_FAULT && !(seen_flags & FLAG_IF), "an interrupt gate clears IF");
    idt_entry(VECTOR_FREE)->access = SEG_P | SEG_DPL3 | SYS_TRAP_GATE;
    ok(try_call(int_free, NULL) == NO_FAULT && seen_flags & FLAG_IF, "a trap gate keeps it");
    cli();
    ok(try_user(int_free, NULL) == VECTOR_RETURN && (seen_cs & 3) == 3 && seen_ss == USER_DATA32,
       "the frame of an interrupt from ring 3 has its CS and SS");
    idt_entry(VECTOR_FREE)->access &= (u8)~SEG_P;
    ok(faulted(try_call(int_free, NULL), VECTOR_NP, IDT_ERROR(0x50)), "a gate with P clear: #NP(vector * 8 + 2)");
    *idt_entry(VECTOR_FREE) = gate_desc(DATA32, 0, SEG_P | SYS_INTERRUPT_GATE, 0);
    ok(faulted(try_call(int_free, NULL), VECTOR_GP, DATA32), "a gate to a data segment: #GP(its selector)");
    trap_handle(VECTOR_FREE, NULL);
    trap_init();
    const struct table_register shorter = { 8 * 0x50 - 1, (uptr)idt_entry(0) };
    __asm__ volatile("lidt %0" : : "m"(shorter));
    ok(faulted(try_call(int_free, NULL), VECTOR_GP, IDT_ERROR(0x50)),
       "a vector beyond the IDT's limit: #GP(vector * 8 + 2)");
    idt_load();
}

static void int_return(void *arg)
{
    (void)arg;
    __asm__ volatile("int $0x3");
}

static void double_fault(void)
{
    idt_entry(VECTOR_GP)->access &= (u8)~SEG_P;
    u32 got = try_user(int_private, NULL);
    idt_entry(VECTOR_GP)->access |= SEG_P;
    ok(faulted(got, VECTOR_DF, 0), "#NP on the way to #GP: a double fault, error code 0");
    ok(try_user(int_return, NULL) == VECTOR_BP, "INT3 from ring 3 through its gate of DPL 3");
}

#define PRIVILEGED(name, instruction)                                                                                  \
    static void name(void *arg)                                                                                        \
    {                                                                                                                  \
        u32 value = (u32)(uptr)arg;                                                                                    \
        __asm__ volatile(instruction : "+a"(value) : : "ecx", "edx", "memory");                                        \
    }
PRIVILEGED(do_hlt, "hlt")
PRIVILEGED(do_cli, "cli")
PRIVILEGED(do_clts, "clts")
PRIVILEGED(do_mov_cr0, "movl %%cr0, %0")
PRIVILEGED(do_mov_dr7, "movl %%dr7, %0")
PRIVILEGED(do_lmsw, "lmsw %w0")
PRIVILEGED(do_lgdt, "lgdt (%0)")
PRIVILEGED(do_lldt, "lldt %w0")
PRIVILEGED(do_invlpg, "invlpg (%0)")
PRIVILEGED(do_wbinvd, "wbinvd")
PRIVILEGED(do_rdmsr, "movl $0x1b, %%ecx; rdmsr")
PRIVILEGED(do_in, "inb $0x80, %b0")
PRIVILEGED(do_out, "outb %b0, $0x80")
PRIVILEGED(do_inw, "inw $0x80, %w0")
PRIVILEGED(do_rdtsc, "rdtsc")
PRIVILEGED(do_iret_up, "pushl $2; pushl %%eax; pushl $1f; iretl\n1:")
PRIVILEGED(do_popf, "pushl $0x3202; popfl; pushfl; popl %0; movl %0, seen_flags")
#undef PRIVILEGED

static void privileged_instructions(void)
{
    static const struct {
        void (*f)(void *);
        const char *name;
    } all[] = {
        { do_hlt, "ring 3: HLT is #GP(0)" },
        { do_cli, "ring 3: CLI with IOPL 0 is #GP(0)" },
        { do_clts, "ring 3: CLTS is #GP(0)" },
        { do_mov_cr0, "ring 3: MOV from CR0 is #GP(0)" },
        { do_lmsw, "ring 3: LMSW is #GP(0)" },
        { do_mov_dr7, "ring 3: MOV from DR7 is #GP(0)" },
        { do_lgdt, "ring 3: LGDT is #GP(0)" },
        { do_lldt, "ring 3: LLDT is #GP(0)" },
        { do_invlpg, "ring 3: INVLPG is #GP(0)" },
        { do_wbinvd, "ring 3: WBINVD is #GP(0)" },
        { do_rdmsr, "ring 3: RDMSR is #GP(0)" },
        { do_in, "ring 3: IN without a map is #GP(0)" },
        { do_out, "ring 3: OUT without a map is #GP(0)" },
    };
    for (u32 i = 0; i < ARRAY_LEN(all); i++)
        ok(faulted(try_user(all[i].f, (void *)&seen_flags), VECTOR_GP, 0), all[i].name);
    ok(faulted(try_user(do_iret_up, (void *)CODE32), VECTOR_GP, CODE32), "ring 3: IRET to ring 0 is #GP(selector)");
    ok(try_user(do_popf, NULL) == VECTOR_RETURN && !(seen_flags & (FLAG_IF | FLAG_IOPL)),
       "ring 3: POPF leaves IF and IOPL alone");
    u32 cr4 = (u32)read_cr4();
    write_cr4(cr4 | CR4_TSD);
    ok(faulted(try_user(do_rdtsc, NULL), VECTOR_GP, 0), "CR4.TSD: RDTSC in ring 3 is #GP(0)");
    write_cr4(cr4);
    ok(try_user(do_rdtsc, NULL) == VECTOR_RETURN, "CR4.TSD clear: RDTSC in ring 3");
}

/* A TSS with an I/O permission map behind it. */
static struct {
    struct tss tss;
    u8 map[0x2000 / 8 + 1];
} PACKED wide;

static void io_privilege(void)
{
    user_eflags |= FLAG_IOPL;
    ok(try_user(do_cli, NULL) == VECTOR_RETURN && try_user(do_in, NULL) == VECTOR_RETURN,
       "IOPL 3: CLI and IN in ring 3");
    user_eflags &= ~(u32)FLAG_IOPL;
    mem_set(&wide, 0xff, sizeof wide);
    wide.tss = tss_main;
    wide.tss.io_map = sizeof wide.tss;
    wide.map[PORT_FREE / 8] = 0xfe;
    /* try_user() sets the stack of tss_main: this one has the same place for ring 0, which is free while we are here */
    static u8 stack[4096];
    wide.tss.esp0 = (u32)(uptr)(stack + sizeof stack);
    gdt_set(TEST_SLOT, segment_desc((u32)(uptr)&wide, sizeof wide - 1, SEG_P | SYS_TSS, 0));
    __asm__ volatile("ltr %w0" : : "r"(TEST_SLOT));
    ok(try_user(do_in, NULL) == VECTOR_RETURN, "the TSS's I/O map: a clear bit allows the port");
    ok(faulted(try_user(do_inw, NULL), VECTOR_GP, 0), "... a word needs two bits");
    wide.map[PORT_FREE / 8] = 0xff;
    ok(faulted(try_user(do_in, NULL), VECTOR_GP, 0), "... a set bit: #GP(0)");
    gdt_set(TSS_MAIN, segment_desc((u32)(uptr)&tss_main, sizeof tss_main - 1, SEG_P | SYS_TSS, 0));
    __asm__ volatile("ltr %w0" : : "r"(TSS_MAIN));
}

void gate_tests(void)
{
    idt_show();
    call_gates();
    interrupt_gates();
    double_fault();
    privileged_instructions();
    io_privilege();
}
