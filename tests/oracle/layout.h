/* layout.h: where things are, for the boot code, the runtime and (read as text) the generator. */
#define ROM_BASE 0xfffc0000
#define ROM_SIZE 0x40000
#define ROM_RUNTIME 0
#define RUNTIME_SIZE 0x2000
#define ROM_TEMPLATE 0x2000 /* goes to RAM_TABLES before each case */
#define TEMPLATE_SIZE 0xa000
#define ROM_CASES 0xc000

#define RAM_TABLES 0x1000
#define RAM_GDT 0x1000  /* 64 descriptors */
#define RAM_IDT 0x2000
#define RAM_LDT 0x3000  /* 16 descriptors */
#define RAM_TSS 0x4000  /* of the case, 32 bits, with I/O bitmap */
#define RAM_TSS2 0x7000 /* what tasks are switched to: 32 bits */
#define RAM_TSS16 0x7100
#define RAM_TSS_DF 0x7200 /* of the double fault handler */
#define RAM_TSS_RUN 0x7300
#define RAM_PD 0x8000 /* page directory; then a page table for the first 4 MiB */
#define RAM_PT 0x9000
#define RAM_CODE 0x10000
#define TARGET_OFFSET 0x800 /* behind RAM_CODE: where gates and far branches lead */
#define RAM_DATA 0x20000 /* 64 KiB, zero, like the stacks */
#define RAM_STACK3 0x34000
#define RAM_STACK0 0x38000
#define RAM_STACK1 0x3a000
#define RAM_STACK2 0x3c000
#define RAM_SCRATCH 0x20000 /* what is cleared and summed */
#define SCRATCH_SIZE 0x1e000
#define RAM_STACK_RUN 0x3fff0
#define RAM_RUNTIME 0x40000

#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_TSS_RUN 0x18
#define SEL_TSS_DF 0x20
#define SEL_TSS 0x28
#define SEL_LDT 0x30
#define SEL_TSS2 0x38
#define SEL_TSS16 0x40

#define END_VECTOR 0x81
