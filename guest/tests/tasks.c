/* tasks.c: hardware task switches: JMP, CALL, an interrupt through a task gate; what is saved and marked. */
#include "tests.h"

#define DR6_BT BIT(15)
#define TASK_EAX 0x1234abcdu

static u8 task_stack[4096];
static volatile struct {
    u32 tr, eax, eflags, cr0, ldt, runs;
} seen;

/* The other task: looks around, then goes back as it was told (EBX: 0 by JMP, 1 by IRET). */
static void __attribute__((noreturn)) task(void)
{
    u32 eax, ebx;
    __asm__ volatile("" : "=a"(eax), "=b"(ebx));
    u32 tr, ldt, eflags;
    __asm__ volatile("str %0; sldt %1; pushfl; popl %2" : "=r"(tr), "=r"(ldt), "=r"(eflags));
    seen.tr = tr & 0xffff;
    seen.ldt = ldt & 0xffff;
    seen.eax = eax;
    seen.eflags = eflags;
    seen.cr0 = (u32)read_cr0();
    seen.runs++;
    if (ebx)
        __asm__ volatile("iretl");
    __asm__ volatile("ljmp %0, $0" : : "i"(TSS_MAIN));
    __builtin_unreachable();
}

static void prepare(u32 by_iret)
{
    tss_other = (struct tss){ .ss0 = DATA32,
                              .esp0 = (u32)(uptr)(task_stack + sizeof task_stack),
                              .eip = (u32)(uptr)task,
                              .eflags = 2,
                              .eax = TASK_EAX,
                              .ebx = by_iret,
                              .esp = (u32)(uptr)(task_stack + sizeof task_stack - 16),
                              .es = DATA32,
                              .cs = CODE32,
                              .ss = DATA32,
                              .ds = DATA32,
                              .fs = DATA32,
                              .gs = DATA32,
                              .ldt = LDT_MAIN,
                              .cr3 = (u32)read_cr3(),
                              .io_map = sizeof tss_other };
    gdt_set(TSS_OTHER, segment_desc((u32)(uptr)&tss_other, sizeof tss_other - 1, SEG_P | SYS_TSS, 0));
    seen.tr = seen.eax = 0;
}

static void jump(void *arg)
{
    (void)arg;
    __asm__ volatile("ljmp %0, $0" : : "i"(TSS_OTHER) : "memory");
}

static void call(void *arg)
{
    (void)arg;
    __asm__ volatile("lcall %0, $0" : : "i"(TSS_OTHER) : "memory");
}

static void call_task_gate(void *arg)
{
    (void)arg;
    __asm__ volatile("lcall %0, $0" : : "i"(TASK_GATE) : "memory");
}

static void jump_to_self(void *arg)
{
    (void)arg;
    __asm__ volatile("ljmp %0, $0" : : "i"(TSS_MAIN) : "memory");
}

static void int_free(void *arg)
{
    (void)arg;
    __asm__ volatile("int $0x50" : : : "memory");
}

static u32 type(u32 selector)
{
    return gdt_get(selector).access & 15;
}

static void by_jump(void)
{
    prepare(0);
    ok(try_call(jump, NULL) == NO_FAULT && seen.tr == TSS_OTHER, "JMP to a TSS switches tasks, and back");
    is(seen.eax, TASK_EAX, "... the registers come from the TSS");
    is(seen.ldt, LDT_MAIN, "... so does the LDT");
    ok(seen.cr0 & CR0_TS, "... CR0.TS is set");
    ok(!(seen.eflags & FLAG_NT), "... NT is clear");
    ok(type(TSS_OTHER) == SYS_TSS && type(TSS_MAIN) == SYS_TSS_BUSY, "... busy is the running task's alone");
    __asm__ volatile("clts");
}

static void by_call(void)
{
    prepare(1);
    ok(try_call(call, NULL) == NO_FAULT && seen.tr == TSS_OTHER, "CALL to a TSS, IRET back");
    ok(seen.eflags & FLAG_NT, "... NT is set");
    is(tss_other.link, TSS_MAIN, "... the link names the caller");
    ok(type(TSS_OTHER) == SYS_TSS && type(TSS_MAIN) == SYS_TSS_BUSY, "... IRET clears the busy bit");
    ok(!(tss_other.eflags & FLAG_NT), "... and NT in the saved flags");
    prepare(1);
    gdt_set_gate(TASK_GATE, gate_desc(TSS_OTHER, 0, SEG_P | SYS_TASK_GATE, 0));
    ok(try_call(call_task_gate, NULL) == NO_FAULT && seen.tr == TSS_OTHER, "CALL through a task gate");
    __asm__ volatile("clts");
}

static void by_interrupt(void)
{
    prepare(1);
    *idt_entry(VECTOR_FREE) = gate_desc(TSS_OTHER, 0, SEG_P | SYS_TASK_GATE, 0);
    ok(try_call(int_free, NULL) == NO_FAULT && seen.tr == TSS_OTHER, "an interrupt through a task gate");
    trap_init();
    __asm__ volatile("clts");
}

static void faults(void)
{
    ok(faulted(try_call(jump_to_self, NULL), VECTOR_GP, TSS_MAIN), "JMP to a busy TSS: #GP(selector)");
    prepare(0);
    gdt_set(TSS_OTHER, segment_desc((u32)(uptr)&tss_other, sizeof tss_other - 1, SYS_TSS, 0));
    ok(faulted(try_call(jump, NULL), VECTOR_NP, TSS_OTHER), "JMP to a TSS with P clear: #NP(selector)");
    gdt_set(TSS_OTHER, segment_desc((u32)(uptr)&tss_other, 0x60, SEG_P | SYS_TSS, 0));
    ok(faulted(try_call(jump, NULL), VECTOR_TS, TSS_OTHER), "JMP to a TSS with a limit under 67: #TS(selector)");
}

void task_tests(void)
{
    by_jump();
    by_call();
    by_interrupt();
    faults();
}
