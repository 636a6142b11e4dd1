/* bench.h: what the files of the benchmark's ROM share: the memory map, the segments, the table of kernels.
 *
 * The ROM is linked at 10000 and copies itself there from F0000; offsets in its real-mode segment are addresses less
 * 10000. A kernel is a routine that is called with the count of passes in EBX (32 and 64 bit, real mode: EBX, too) and
 * may use every register but the stack pointer. */

/* Kernels start in one of these. */
#define MODE_32 0   /* protected mode, flat, CPL 0, no paging */
#define MODE_64 1   /* long mode, CPL 0, the first GiB mapped one to one by 2 MiB pages, global */
#define MODE_REAL 2 /* real mode, CS = 1000, DS = ES = SS = 0 */

#define IMAGE 0x10000
#define IMAGE_SEGMENT 0x1000
#define ROM_SEGMENT 0xf000
#define STACK32 0x9000
#define STACK_REAL 0x8000
#define IDT 0x5000 /* of long mode, one page */
#define TSS 0x6000
#define SYSCALL_STACK 0x9f000
#define USER_STACK 0x9e000
#define BUFFER 0x400000 /* 4 MiB of scratch memory */
#define BUFFER2 0x500000

/* Page tables: two trees that share what lies below their PDPTs. */
#define PML4 0x200000
#define PDPT 0x201000
#define PD_LOW 0x202000
#define PD_HIGH 0x203000
#define PML4_OTHER 0x204000
#define PDPT_OTHER 0x205000
#define PT_HIGH 0x210000     /* 32 tables: 64 MiB in 4 KiB pages */
#define HIGH 0x40000000      /* where they are mapped */
#define HIGH_TARGET 0x2000000 /* the memory behind, at 32 MiB */
#define HIGH_SIZE 0x4000000
#define UNMAPPED 0x7f000000 /* nothing there */

#define PTE_P 0x01
#define PTE_W 0x02
#define PTE_U 0x04
#define PTE_PS 0x80
#define PTE_G 0x100

/* Selectors, in the order that SYSCALL and SYSRET ask for. */
#define SEL_CODE64 0x08
#define SEL_DATA 0x10
#define SEL_CODE32 0x18
#define SEL_USER_DATA 0x23
#define SEL_USER_CODE64 0x2b
#define SEL_CODE16 0x30
#define SEL_DATA16 0x38
#define SEL_TSS 0x40

#define CR0_PE 0x1
#define CR0_MP 0x2
#define CR0_NE 0x20
#define CR0_WP 0x10000
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define CR4_PGE 0x80
#define CR4_OSFXSR 0x200
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define EFER_SCE 0x1
#define EFER_LME 0x100

/* One row of the table that start.S walks and bench_cpu reads: 16 bytes of name, entry, passes, units of
 * work a pass, mode, 15 bytes for what a unit is called. */
#ifdef __ASSEMBLER__
.macro KERNEL name, mode, passes, units, unit
        .section .table, "a"
1:      .ascii  "\name"
        .org    1b + 16, 0
        .long   9f, \passes, \units, \mode
        .ascii  "\unit"
        .org    1b + 48, 0
        .text
        .balign 64
9:
.endm
#endif
