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

/* Flags that a program can see change: the six, DF, NT, AC, ID. TF is its own affair: a #DB on both sides. */
#define FLAGS_SEEN (FL_ARITH | FL_DF | FL_NT | FL_AC | FL_ID)
#define NO_VECTOR 255u
#define SYSCALL_VECTOR 254u /* it made a system call, which the sandbox refused */

enum code_mode { CODE16 = 16, CODE32 = 32, CODE64 = 64 };

struct state {
    u64 r[16];
    u64 rip;
    u32 flags;
    u16 sel[SEG_COUNT];                      /* by enum seg_name */
    u64 fs_base, gs_base;                    /* where the selector is null, or in 64-bit mode */
    u8 fx[512] __attribute__((aligned(16))); /* FXSAVE image, 64-bit form */
    u8 ymm[16][16];                          /* the upper halves of the YMM registers */
    /* Only afterwards: */
    unsigned vector; /* of the exception that ended the run; NO_VECTOR: it came to its end */
    u32 error;
    u64 cr2;
    bool endless; /* more steps than either side is given */
};

#define SEQUENCE_MAX 16
#define PROGRAM_INSNS 18 /* and what does not count as one of the sequence */
#define PROGRAM_BYTES 320
#define NO_ROW UINT16_MAX /* a store into the program */

/* What an instruction of a program is made of, for the report. */
enum form {
    FORM_MEM = 1,
    FORM_REG = 2, /* modrm.mod = 3 */
    FORM_66 = 4,
    FORM_67 = 8,
    FORM_REX = 16,
    FORM_REXW = 32,
    FORM_LOCK = 64,
    FORM_F2 = 128,
    FORM_F3 = 256,
    FORM_SEG = 512,
    FORMS = 10
};

struct program {
    enum code_mode mode;
    u32 at; /* linear address of its first byte */
    unsigned n, len;
    u16 start[PROGRAM_INSNS + 1]; /* where each instruction begins; start[n] = len */
    u16 row[PROGRAM_INSNS];       /* that it was made from, or NO_ROW */
    u16 form[PROGRAM_INSNS];      /* enum form */
    u32 changed;                  /* instructions that a store of the program makes others of */
    u8 bytes[PROGRAM_BYTES];
};

/* What is run: on both sides from the same state, program and memory. */
struct trial {
    struct state s;
    struct program p;
    u8 data[MEM_DATA_SIZE];
};

/* How it ended. The memory is that of the side itself, until its next run. */
struct outcome {
    struct state s;
    const u8 *data, *code; /* MEM_DATA, MEM_CODE and on */
};

/* The instruction that begins at a linear address; -1: none. */
int program_index(const struct program *p, u64 linear);

/* Where a program that has done its last instruction jumps: 64-bit code. No data and no address that
 * programs are made of looks like it. */
#define EXIT_AT 0x6d3b1000u
/* The code pages with the program in them and, where it has room, the jump to EXIT_AT behind it. What else is there is
 * PAD_BYTE. */
void program_image(const struct program *p, u16 cs, u8 code[MEM_CODE_SIZE]);

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
