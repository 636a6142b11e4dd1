/* state.h: what both sides start from and end with: a user program's registers and the few pages that it may touch,
 * which lie at the same linear addresses in this process and in the interpreter's bench. */
#ifndef PCEMU_TESTS_SILICON_STATE_H
#define PCEMU_TESTS_SILICON_STATE_H

#include "cpu_state.h"

#define MEM_CODE 0x10000u
#define MEM_CODE_SIZE 0x2000u
#define MEM_RO 0x1f000u /* one page that may only be read; 12000-1EFFF are not mapped */
#define MEM_RO_SIZE 0x1000u
#define MEM_RO_BYTE 0x5au
#define MEM_DATA 0x20000u /* the page after it is not mapped */
#define MEM_DATA_SIZE 0x2000u
#define PAD_BYTE 0xf4u /* HLT, a #GP for a program: what the code pages hold but for the program */

/* Flags that a program can see change: the six, DF, NT, AC, ID. */
#define FLAGS_SEEN (FL_ARITH | FL_DF | FL_NT | FL_AC | FL_ID)
#define NO_VECTOR 255u

enum code_mode { CODE16 = 16, CODE32 = 32, CODE64 = 64 };

struct state {
    u64 r[16];
    u64 rip;
    u32 flags;
    u16 sel[SEG_COUNT];                      /* by enum seg_name */
    u64 fs_base, gs_base;                    /* where the selector is null, or in 64-bit mode */
    u8 fx[512] __attribute__((aligned(16))); /* FXSAVE image, 64-bit form */
    u8 ymm[16][16];                          /* the upper halves of the YMM registers */
    u8 data[MEM_DATA_SIZE];
    /* Only afterwards: */
    unsigned vector; /* of the exception that ended the run; NO_VECTOR: it came to a place that is not the program's */
    u32 error;
    u64 cr2;
    bool endless; /* more steps than either side is given */
};

#define PROGRAM_INSNS 10
#define PROGRAM_BYTES 192

struct program {
    enum code_mode mode;
    u32 at; /* linear address of its first byte */
    u32 cs_base;
    unsigned n, len;
    u8 start[PROGRAM_INSNS + 1]; /* where each instruction begins; start[n] = len */
    bool pushes_flags[PROGRAM_INSNS];
    u16 row[PROGRAM_INSNS];
    u8 bytes[PROGRAM_BYTES];
    u8 after[PROGRAM_BYTES]; /* the same bytes after a run: programs write into themselves */
};

/* The instruction that begins at a linear address; -1: none. */
int program_index(const struct program *p, u64 linear);

/* Segments of the local descriptor table that both sides have. */
enum ldt_index {
    LDT_CODE16,
    LDT_CODE16_END,
    LDT_CODE32,
    LDT_DATA32,
    LDT_BASED,
    LDT_STACK16,
    LDT_DOWN32,
    LDT_DOWN16,
    LDT_READ_ONLY,
    LDT_EXECUTE_ONLY,
    LDT_ABSENT,
    LDT_COUNT
};
#define LDT_SEL(index) ((u16)((index)*8u + 7u))
struct ldt_segment {
    u32 base, limit;
    bool in_pages, big, code, down, read_only, absent;
};
extern const struct ldt_segment ldt_segments[LDT_COUNT];

/* Selectors of the flat segments, the same in Linux and in the bench. */
#define USER_CS32 0x23u
#define USER_DATA 0x2bu
#define USER_CS64 0x33u
#define OWN_DATA 0x7bu /* Linux: its limit tells which processor it is */
/* The base of a selector that is one of ours. */
u32 sel_base(u16 sel);

#endif
