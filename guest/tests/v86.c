/* v86.c: virtual-8086 mode: real-mode code as a task of ring 3, and what its monitor sees. */
#include "tests.h"

#define TASK_ADDRESS 0x6000 /* under the boot sector: the firmware's stack is not in use meanwhile */
#define TASK_SEGMENT (TASK_ADDRESS / 16)
#define TASK_STACK 0x6ff0
#define DATA_SEGMENT 0x0680

/* What the task shall do; each ends with INT3, whose gate has DPL 3. */
#define TASK(name, code)                                                                                               \
    __asm__(".section .rodata\n.code16\n" #name ": " code "\nint3\n" #name "_end:\n.code32\n.text\n");                 \
    extern const u8 name[], name##_end[];
TASK(task_segments, "movw $0x0680, %ax; movw %ax, %es; movw $0x1234, %es:0x10; movw %cs, %ax")
TASK(task_cli, "cli; nop")
TASK(task_pushf, "pushfw; popw %ax")
TASK(task_int, "int $0x21")
TASK(task_hlt, "hlt")
TASK(task_in, "inb $0x80, %al")
TASK(task_sldt, "sldt %ax")
TASK(task_mov_cr0, "movl %cr0, %eax")
TASK(task_end, "movw $0xffff, %bx; movw (%bx), %ax")
TASK(task_sti, "sti; nop")
TASK(task_popf, "pushw $0x3202; popfw")

static struct trap_frame frame;
static int caught;

static void catch (struct trap_frame *f)
{
    frame = *f;
    caught = 1;
    try_end(f->vector);
}

struct run {
    u32 eflags;
};

/* IRET with EFLAGS.VM set takes all the segments from the stack. */
static void enter(void *arg)
{
    const struct run *r = arg;
    tss_main.esp0 = try_stack();
    __asm__ volatile("pushl %0; pushl %0; pushl %0; pushl %0\n" /* GS, FS, DS, ES */
                     "pushl %0; pushl %1; pushl %2; pushl %0; pushl $0\n"
                     "iretl"
                     :
                     : "r"(TASK_SEGMENT), "r"(TASK_STACK - TASK_ADDRESS), "r"(r->eflags | FLAG_VM | 2)
                     : "memory");
}

static u32 run(const u8 *code, const u8 *end, u32 eflags)
{
    static const u8 vectors[] = { VECTOR_BP, VECTOR_GP, VECTOR_UD, 0x21 };
    struct run r = { eflags };
    mem_copy((void *)TASK_ADDRESS, code, (u32)(end - code));
    for (u32 i = 0; i < sizeof vectors; i++)
        trap_handle(vectors[i], catch);
    caught = 0;
    u32 got = try_call(enter, &r);
    for (u32 i = 0; i < sizeof vectors; i++)
        trap_handle(vectors[i], NULL);
    return caught ? got : NO_FAULT;
}

#define RUN(name, eflags) run(name, name##_end, eflags)

static int general_protection(u32 got)
{
    return got == VECTOR_GP && frame.error == 0 && frame.eip == 0 && frame.eflags & FLAG_VM;
}

static void basics(void)
{
    ok(RUN(task_segments, FLAG_IOPL) == VECTOR_BP, "a task runs to its INT3");
    ok(frame.eflags & FLAG_VM && frame.cs == TASK_SEGMENT, "... the frame has VM, and CS as a paragraph");
    is(frame.eax & 0xffff, TASK_SEGMENT, "... where it saw the same CS");
    is(*(u16 *)(DATA_SEGMENT * 16 + 0x10), 0x1234, "... ES * 16 + offset is the address");
    is(frame.v86_es, DATA_SEGMENT, "... the frame has the task's ES");
    ok(frame.ds == 0 && frame.es == 0, "... and the handler gets null selectors");
}

static void sensitive(void)
{
    ok(general_protection(RUN(task_cli, 0)), "IOPL 0: CLI is #GP(0)");
    ok(general_protection(RUN(task_pushf, 0)), "IOPL 0: PUSHF is #GP(0)");
    ok(general_protection(RUN(task_int, 0)), "IOPL 0: INT n is #GP(0)");
    ok(RUN(task_cli, FLAG_IOPL) == VECTOR_BP && !(frame.eflags & FLAG_IF), "IOPL 3: CLI clears IF");
    ok(RUN(task_pushf, FLAG_IOPL) == VECTOR_BP && (frame.eax & FLAG_IOPL) == FLAG_IOPL, "IOPL 3: PUSHF shows it");
    ok(RUN(task_popf, FLAG_IOPL) == VECTOR_BP && frame.eflags & FLAG_IF && (frame.eflags & FLAG_IOPL) == FLAG_IOPL,
       "IOPL 3: POPF sets IF and leaves IOPL");
    idt_entry(0x21)->access |= SEG_DPL3;
    ok(RUN(task_int, FLAG_IOPL) == 0x21 && frame.eip == 2, "IOPL 3: INT n goes through the IDT's gate");
    idt_entry(0x21)->access &= (u8)~SEG_DPL3;
    ok(RUN(task_int, FLAG_IOPL) == VECTOR_GP && frame.error == 0x21 * 8 + 2, "... of DPL 3, else #GP(vector * 8 + 2)");
}

static void forbidden(void)
{
    ok(general_protection(RUN(task_hlt, FLAG_IOPL)), "HLT is #GP(0)");
    ok(general_protection(RUN(task_mov_cr0, FLAG_IOPL)), "MOV from CR0 is #GP(0)");
    ok(general_protection(RUN(task_in, FLAG_IOPL)), "IN asks the I/O map, whatever IOPL is: #GP(0)");
    ok(RUN(task_sldt, FLAG_IOPL) == VECTOR_UD, "SLDT is #UD");
    strict(LENIENT, RUN(task_end, FLAG_IOPL) == VECTOR_GP && frame.error == 0, "a word at offset FFFF: #GP(0)");
}

/* Virtual-mode extensions: CLI and STI work on VIF, and INT n may go to the task's own table. */
static void extensions(void)
{
    static struct {
        struct tss tss;
        u8 redirection[32], map[8];
    } PACKED tss;
    static const char *const names[] = { "CR4.VME: STI sets VIF, not IF", "CR4.VME: CLI clears VIF",
                                         "CR4.VME: INT n goes by the task's own vectors" };
    if (!has_edx(EDX_VME)) {
        for (u32 i = 0; i < ARRAY_LEN(names); i++)
            tap_skip(names[i], "CPUID has no VME");
        return;
    }
    write_cr4(read_cr4() | CR4_VME);
    ok(RUN(task_sti, 0) == VECTOR_BP && frame.eflags & FLAG_VIF && !(frame.eflags & FLAG_IF), names[0]);
    ok(RUN(task_cli, FLAG_VIF) == VECTOR_BP && !(frame.eflags & FLAG_VIF), names[1]);
    mem_set(&tss, 0, sizeof tss);
    tss.tss = tss_main;
    tss.tss.io_map = sizeof tss.tss + sizeof tss.redirection;
    tss.map[0] = 0xff;
    tss.tss.esp0 = (u32)(uptr)(tss_io_map + 4096);
    gdt_set(TEST_SLOT, segment_desc((u32)(uptr)&tss, sizeof tss - 1, SEG_P | SYS_TSS, 0));
    __asm__ volatile("ltr %w0" : : "r"(TEST_SLOT));
    u32 old = *(volatile u32 *)(4 * 0x21);
    *(volatile u32 *)(4 * 0x21) = TASK_SEGMENT << 16 | 2; /* the INT3 behind INT 21h */
    u32 got = RUN(task_int, 0);
    *(volatile u32 *)(4 * 0x21) = old;
    ok(got == VECTOR_BP && frame.eip == 3 && frame.esp == TASK_STACK - TASK_ADDRESS - 6, names[2]);
    gdt_set(TSS_MAIN, segment_desc((u32)(uptr)&tss_main, sizeof tss_main - 1, SEG_P | SYS_TSS, 0));
    __asm__ volatile("ltr %w0" : : "r"(TSS_MAIN));
    write_cr4(read_cr4() & ~(uptr)CR4_VME);
}

void v86_tests(void)
{
    basics();
    sensitive();
    forbidden();
    extensions();
}
