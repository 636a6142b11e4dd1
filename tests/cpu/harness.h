/* harness.h: a bench for the processor: 16 MiB of flat memory, a few ports, an interrupt table whose 256 handlers each
 * halt at an address of their own, so that a test sees which vector was taken, with which error code and frame.
 *
 *     struct bench *b = bench_new(BENCH_64);
 *     bench_run(b, CODE("\x48\x01\xd8\xf4"));        add rax, rbx; hlt
 *     assert_int_equal(b->cpu->r[RAX], 3);
 *     assert_int_equal(b->vector, -1);
 */
#ifndef PCEMU_TESTS_CPU_HARNESS_H
#define PCEMU_TESTS_CPU_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys.h"
#include "uop.h"

enum bench_mode {
    BENCH_REAL,  /* real mode, all segments 0 */
    BENCH_P16,   /* protected mode, 16-bit flat code, 4 GiB data, CPL 0 */
    BENCH_32,    /* protected mode, 32-bit flat, CPL 0, no paging */
    BENCH_32U,   /* the same at CPL 3 */
    BENCH_64,    /* long mode, CPL 0, first 16 MiB mapped one to one (4 KiB pages, user, writable) */
    BENCH_64U,   /* the same at CPL 3 */
    BENCH_COMPAT /* long mode, 32-bit code segment, CPL 3 */
};

/* Where things are (linear = physical). */
#define BENCH_CODE 0x10000u   /* bench_run() puts the code here */
#define BENCH_DATA 0x20000u   /* free for the test */
#define BENCH_STACK 0x30000u  /* rSP at the start */
#define BENCH_STACK0 0x38000u /* ring 0 stack of the TSS (RSP0, SS0:ESP0) */
#define BENCH_IST1 0x3c000u
#define BENCH_GDT 0x1000u /* selectors: see enum */
#define BENCH_IDT 0x2000u
#define BENCH_TSS 0x4000u
#define BENCH_LDT 0x5000u                                 /* empty, limit FF */
#define BENCH_HANDLERS 0x8000u                            /* handler of vector v: HLT at + 16 * v */
#define BENCH_PML4 0x100000u                              /* then PDPT, PD, PTs */
#define BENCH_PTE(page) (BENCH_PML4 + 0x3000u + (page)*8) /* physical address of the PTE of a page (long mode) */
#define BENCH_RAM (16u << 20)

enum { /* selectors in the bench's GDT */
       SEL_CODE32 = 0x08,
       SEL_DATA32 = 0x10,
       SEL_CODE64 = 0x18,
       SEL_CODE32U = 0x23,
       SEL_DATA32U = 0x2b,
       SEL_CODE64U = 0x33,
       SEL_CODE16 = 0x38,
       SEL_DATA16 = 0x40,
       SEL_TSS = 0x48 /* 16 bytes in long mode */,
       SEL_LDT = 0x58 /* 16 bytes */,
       SEL_FREE = 0x68 /* and on, to 0xf8: for the test */
};

struct bench {
    struct cpu *cpu;
    struct log log;
    struct ram_pool pool;
    struct address_space mem, io;
    struct region root, ram, io_root, ports;
    u8 *m; /* the memory, by physical address */
    enum bench_mode mode;
    int vector; /* the handler that halted: 0-255; -1: the code's own HLT; -2: ran out of instructions; -3: shutdown */
    u32 error;  /* its error code, for vectors that push one */
    u64 frame_ip, frame_flags, frame_sp; /* of the interrupt frame (sp: only where it was pushed) */
    u16 frame_cs;
    u64 limit;      /* instructions that bench_run() allows: 100,000 unless set */
    int pending;    /* vector that INTR acknowledges, -1 none */
    u32 port_value; /* what the last OUT wrote, what IN reads, at any port */
    u16 port;
    unsigned port_size;
    bool shutdown, avx;
};

#define CODE(bytes) (const u8 *)(bytes), sizeof(bytes) - 1

struct bench *bench_new(enum bench_mode mode);
/* The same with a chosen processor: a model's name, then features as +name or -name, each behind a comma. The modes
 * from BENCH_64 on need one with long mode. */
struct bench *bench_new_cpu(enum bench_mode mode, const char *cpu);
void bench_free(struct bench *b);
/* AVX switched on by CR4 and XCR0, from now on. */
void bench_enable_avx(struct bench *b);
/* Back to the state after bench_new() without clearing memory above BENCH_DATA. */
void bench_reset(struct bench *b);
/* Copies code to BENCH_CODE, sets rIP there and runs until a HLT. Registers keep what the test set before. */
void bench_run(struct bench *b, const u8 *code, size_t len);
/* Goes on from where it is. */
void bench_continue(struct bench *b);
/* A descriptor for the bench's GDT at selector `sel`: attr as DESC_* (with G, DB, L). */
void bench_descriptor(struct bench *b, u16 sel, u32 base, u32 limit, u32 attr);
/* Points vector v at its handler with gate type and DPL (SYS_INT32 ...; in long mode 14/15 with the IST index). */
void bench_gate(struct bench *b, unsigned v, u16 sel, u64 offset, unsigned type, unsigned dpl, unsigned ist);
u64 bench_get(struct bench *b, u32 addr, unsigned bytes);
void bench_put(struct bench *b, u32 addr, u64 value, unsigned bytes);

#endif
