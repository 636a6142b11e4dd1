/* insn.h: one instruction read by libcapstone, and what it would touch: for explanations, and for stepping over it. */
#ifndef PCEMU_INSN_H
#define PCEMU_INSN_H

#include "view.h"

#define INSN_BYTES_MAX 15
#define INSN_OPERANDS_MAX 4

enum insn_kind {
    INSN_OTHER,
    INSN_JUMP, /* near; also conditional */
    INSN_CALL,
    INSN_RET,
    INSN_FAR_JUMP,
    INSN_FAR_CALL,
    INSN_FAR_RET,
    INSN_IRET,
    INSN_INT, /* INT n, INT3, INTO */
    INSN_PUSH,
    INSN_POP,
    INSN_LOAD_SEGMENT, /* MOV to, POP of, LDS … LSS */
    INSN_MOV_CR,       /* to a control register */
    INSN_WRMSR,
    INSN_RDMSR,
    INSN_LTR,
    INSN_LLDT,
    INSN_LGDT,
    INSN_LIDT,
    INSN_IN,
    INSN_OUT,
    INSN_DIVIDE,
    INSN_PRIVILEGED, /* needs CPL 0, and has no kind of its own */
    INSN_IOPL,       /* CLI, STI, PUSHF, POPF */
};

enum operand_kind { OPERAND_REGISTER, OPERAND_IMMEDIATE, OPERAND_MEMORY };

struct insn_operand {
    enum operand_kind kind;
    unsigned size;    /* bytes */
    bool read, write; /* as libcapstone has it */
    u64 value;        /* of a register, an immediate */
    unsigned segment; /* of memory; of a register: that segment register, else DEBUG_SEGMENTS */
    u64 offset;       /* of memory */
    int control;      /* of a register: CRn; else -1 */
    char name[12];    /* of a register */
};

struct insn {
    enum insn_kind kind;
    unsigned length;
    u8 bytes[INSN_BYTES_MAX];
    char text[192]; /* Intel's syntax */
    unsigned size;  /* of operands, by prefix and mode: 2, 4, 8 */
    unsigned loads; /* INSN_LOAD_SEGMENT: which */
    bool repeats;   /* REP, REPE, REPNE */
    bool conditional;
    unsigned operands;
    struct insn_operand operand[INSN_OPERANDS_MAX];
};

/* Is there a disassembler? */
bool insn_available(void);
/* Reads the instruction at a linear address as code of this kind, with the registers of `v`. `rip`: its offset. False:
 * it can't be read, or is none. */
bool insn_read(const struct view *v, u64 linear, u64 rip, enum debug_code code, struct insn *i);
/* The same, of bytes. */
bool insn_decode(const struct view *v, const u8 *bytes, size_t len, u64 rip, enum debug_code code, struct insn *i);
/* The instruction at CS:RIP. */
bool insn_here(const struct view *v, struct insn *i);

#endif
