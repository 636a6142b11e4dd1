/* uop.h: a decoded instruction, the block it stands in, and the table rows that both come from. */
#ifndef PCEMU_UOP_H
#define PCEMU_UOP_H

#include "cpu_state.h"

struct uop;
/* A handler does one instruction and passes on to the next: it returns what NEXT, LEAVE or a jump macro gives (exec.h).
 */
typedef const struct uop *exec_fn(struct cpu *c, const struct uop *u);

struct uop {
    exec_fn *exec;
    u64 imm;        /* immediate, sign-extended to 64 bits; a 64-bit moffs; the far pointer's offset | selector << 32 */
    s32 disp;       /* displacement; for RIP-relative operands counted from the page start (base is then R_PAGE); of
                       a direct branch the offset behind it, whose target's offset is imm */
    u8 dst, src;    /* byte offset of a general register in struct cpu, or the number of an XMM/MMX/ST/CR/DR/segment
                       register */
    u8 base, index; /* byte offsets of the address registers; absent: that of R_ZERO */
    u8 scale;       /* shift count 0-3 */
    u8 slot;        /* index of this uop in its block */
    u8 ord;         /* index of this instruction in its block */
    u8 flags;       /* UF_* */
    u16 off_len;    /* offset of the instruction in its page, and its length: off << 4 | len */
    u16 row_seg;    /* row number << 3 | segment register of the memory operand */
};
_Static_assert(sizeof(struct uop) == 32, "a uop is half a cache line");

/* In `scale`, beside the shift count, for operands that take the checked way (EA_GEN): */
#define SCALE_MOFFS 8u /* the offset is imm, 64 bits */
#define SCALE_RIP_FAR                                                                                                  \
    4u /* RIP-relative with a displacement that the page offset would overflow: add the end offset                     \
        */

#define UF_SIZE 3u       /* operand size: 0: 8-bit, 1: 16, 2: 32, 3: 64; vectors after VEX: VEX.L */
#define UF_MEM BIT(2)    /* the modrm operand is memory */
#define UF_ASIZE_SHIFT 3 /* address size: 0: 16, 1: 32, 2: 64 */
#define UF_ASIZE (3u << UF_ASIZE_SHIFT)
#define UF_LOCK BIT(5)
#define UF_REPZ BIT(6)  /* F3 */
#define UF_REPNZ BIT(7) /* F2 */

/* What a VEX prefix adds stands in `imm`, above the immediate byte. */
#define IMM_VVVV_SHIFT 8    /* VEX.vvvv: number of a vector register, or byte offset of a general one */
#define IMM_FOURTH_SHIFT 16 /* the register in bits 7:4 of the immediate byte, or a gather's index */

static inline unsigned u_vvvv(const struct uop *u)
{
    return (u8)(u->imm >> IMM_VVVV_SHIFT);
}
static inline unsigned u_fourth(const struct uop *u)
{
    return (u8)(u->imm >> IMM_FOURTH_SHIFT);
}
static inline unsigned u_size(const struct uop *u)
{
    return u->flags & UF_SIZE;
} /* log2 of the bytes */
static inline unsigned u_bytes(const struct uop *u)
{
    return 1u << (u->flags & UF_SIZE);
}
static inline bool u_mem(const struct uop *u)
{
    return (u->flags & UF_MEM) != 0;
}
static inline unsigned u_asize(const struct uop *u)
{
    return (u->flags & UF_ASIZE) >> UF_ASIZE_SHIFT;
}
static inline unsigned u_seg(const struct uop *u)
{
    return u->row_seg & 7u;
}
static inline unsigned u_row(const struct uop *u)
{
    return u->row_seg >> 3;
}
static inline unsigned u_off(const struct uop *u)
{
    return u->off_len >> 4;
}
static inline unsigned u_len(const struct uop *u)
{
    return u->off_len & 15u;
}
static inline unsigned u_end(const struct uop *u)
{
    return u_off(u) + u_len(u);
}

/* Ways to form a memory operand's linear address; a handler is chosen by it. Flat base + disp and base + index << scale
 * + disp, with 64- and 32-bit addresses; outside 64-bit mode 16- and 32-bit offsets in any segment; in 64-bit mode
 * 64-bit offsets in FS and GS; and all else, checked out of line. */
enum ea_kind { EA_BD64, EA_BIS64, EA_BD32, EA_BIS32, EA_SEG16, EA_SEG32, EA_SEG64, EA_GEN, EA_KINDS };

/* The stack outside 64-bit mode: flat with a 32-bit pointer, or any. */
enum stack_kind { STACK_FLAT, STACK_SEG, STACK_KINDS };

/* The handlers of one `exec` name, by operand form and width (index: log2 of the bytes). Where a special form is NULL
 * the decoder takes any[width], then any_width. A handler in `any` looks at the uop to see whether its operand is
 * memory. Where rm, mr or mi has nothing for EA_SEG16, EA_SEG32 or EA_SEG64, what it has for EA_GEN is taken. */
struct exec_group {
    const struct exec_group *before_p6; /* the same on older models, where it differs; else NULL */
    const struct joined *joined;        /* handlers that are done together with what stands before (fused.h), or NULL */
    exec_fn *any_width;
    exec_fn *aligned; /* instead of all that follow, with alignment checks on, where those would miss a stack access */
    exec_fn *stack[STACK_KINDS][4]; /* instead of all that follow, outside 64-bit mode and without alignment checks */
    exec_fn *any[4];
    exec_fn *rr[4];           /* register, register (or one register only) */
    exec_fn *ri[4];           /* register, immediate */
    exec_fn *rm[EA_KINDS][4]; /* register, memory */
    exec_fn *mr[EA_KINDS][4]; /* memory, register (or memory only) */
    exec_fn *mi[EA_KINDS][4]; /* memory, immediate */
};

/* Where a branch leads, kept in the uop slot after a direct branch. NULL: not linked yet (or another page). */
struct links {
    const struct uop *taken, *fall;
    u64 pad[2];
};
_Static_assert(sizeof(struct links) == 32, "links take one uop slot");

struct block {
    struct block *hash_next;
    struct block *page_next[2]; /* lists of the blocks of a page: [0] its first page, [1] the page it crosses into */
    u64 key;                    /* ram address of the first byte */
    u64 mode_key;               /* mode | (CS.base & FFF) << 32 with MODE_FIRST */
    u64 ram_page2;              /* second page of a block whose one instruction crosses; NO_PAGE otherwise */
    u32 lines[2];               /* 128-byte lines of each page that its bytes lie in */
    u16 first, end; /* offsets in the page: first byte, byte after the last (may pass 4096 for a crossing one) */
    u16 uops;
    bool has_links; /* its last uop slot is a struct links */
    bool dead;      /* its code was written: never entered again */
    s64 n;          /* instructions: what entering it costs the budget; stands right before uop[] */
    struct uop uop[];
};

/* The block that a uop is part of. */
static inline const struct block *u_block(const struct uop *u)
{
    return (const struct block *)(const void *)((const char *)(u - u->slot) - offsetof(struct block, uop));
}

/* Attributes of a table row. */
#define A_LOCK BIT(0)      /* LOCK is legal with a memory destination */
#define A_CPL0 BIT(1)      /* #GP(0) unless CPL = 0 (always legal in real mode) */
#define A_END BIT(2)       /* may change mode, events or flow: last in its block */
#define A_NO64 BIT(3)      /* #UD in 64-bit mode */
#define A_ONLY64 BIT(4)    /* another instruction, or #UD, outside 64-bit mode */
#define A_PE BIT(5)        /* #UD in real and virtual-8086 mode */
#define A_D64 BIT(6)       /* operand size defaults to 64 in 64-bit mode (66 gives 16, no 32) */
#define A_F64 BIT(7)       /* operand size is 64 in 64-bit mode whatever the prefixes */
#define A_BYTE BIT(8)      /* operand size is 8 */
#define A_REP BIT(9)       /* F3/F2 are repeat prefixes, not part of the opcode */
#define A_FPU BIT(10)      /* x87: #NM by CR0.EM or TS */
#define A_MMX BIT(11)      /* MMX: #UD by EM, #NM by TS */
#define A_SSE BIT(12)      /* SSE: #UD by EM or !OSFXSR, #NM by TS */
#define A_MODREG BIT(13)   /* modrm.mod is not looked at: a register operand (MOV to and from CR and DR) */
#define A_PLUSR BIT(14)    /* eight opcodes: the register is in the low three bits of the opcode (operand Z*) */
#define A_JUMP BIT(15)     /* direct near branch: a struct links follows */
#define A_AVX BIT(28)      /* #UD unless the system switched AVX on (CR4.OSXSAVE, XCR0), #NM by TS */
#define A_Y2 BIT(29)       /* its 256-bit form came with AVX2 */
#define A_OR_OLDER BIT(30) /* where CPUID does not show it, its prefix is ignored: a more general row's instruction */
#define A_MAY_END BIT(31)  /* may change the mode: its handler goes on in the block, or ends it where it did */
#define A_W(flags) ((u32)(flags) << 16) /* flags written: six bits, see AF_* */
#define A_R(flags) ((u32)(flags) << 22) /* flags read */
enum { AF_C = 1, AF_P = 2, AF_A = 4, AF_Z = 8, AF_S = 16, AF_O = 32, AF_ALL = 63 };
#define W(flags) A_W(flags)
#define R(flags) A_R(flags)
#define OSZAPC AF_ALL

/* Selectors beyond the opcode byte: a bit set of conditions on prefix, modrm and REX.W; after VEX on VEX.pp and W. */
#define X_ANY 0u
#define X_REG(n) (BIT(3) | (n))            /* modrm.reg = n */
#define X_RM(n) (BIT(7) | ((u32)(n) << 4)) /* modrm.rm = n (with X_MOD3) */
#define X_MEM BIT(8)                       /* modrm.mod != 3 */
#define X_MOD3 BIT(9)                      /* modrm.mod = 3 */
#define X_NP BIT(10)                       /* no 66, F3, F2 */
#define X_66 BIT(11)                       /* 66, not F3/F2 */
#define X_F3 BIT(12)
#define X_F2 BIT(13)
#define X_W0 BIT(14)
#define X_W1 BIT(15)
#define X_L0 BIT(16) /* VEX.L */
#define X_L1 BIT(17)
#define X_PREFIXES (X_NP | X_66 | X_F3 | X_F2)

enum opcode_map { MAP_1B, MAP_0F, MAP_38, MAP_3A, MAP_V0F, MAP_V38, MAP_V3A, MAPS };
static inline bool map_is_vex(unsigned map)
{
    return map >= MAP_V0F;
}

/* Operand notations: the SDM's opcode map letters (vol. 2, A.2). E, M, R, W, Q, U, N come from modrm.rm, G, S, C, D, V,
 * P from modrm.reg, H and B from VEX.vvvv, L from the immediate byte. Size x is VEX.L's; Mvd and Mvq are a gather's
 * memory, indexed by a vector of doublewords or quadwords. The size letters that matter to the decoder are in the
 * attribute; others are kept for tests and docs. */
enum operand {
    OP___,
    OP_Eb,
    OP_Ew,
    OP_Ed,
    OP_Eq,
    OP_Ev,
    OP_Ey,
    OP_Gb,
    OP_Gw,
    OP_Gd,
    OP_Gv,
    OP_Gy,
    OP_Gz,
    OP_M,
    OP_Mb,
    OP_Mw,
    OP_Md,
    OP_Mq,
    OP_Mdq,
    OP_Ma,
    OP_Mp,
    OP_Ms,
    OP_Mv,
    OP_My,
    OP_Rv,
    OP_Ry,
    OP_Rw,
    OP_Zb,
    OP_Zv,
    OP_Ib,
    OP_sIb,
    OP_Iw,
    OP_Iz,
    OP_Iv,
    OP_I1,
    OP_Jb,
    OP_Jz,
    OP_Ap,
    OP_Ob,
    OP_Ov,
    OP_Xb,
    OP_Xv,
    OP_Xz,
    OP_Yb,
    OP_Yv,
    OP_Yz,
    OP_AL,
    OP_AX,
    OP_eAX,
    OP_rAX,
    OP_CL,
    OP_DX,
    OP_Sw,
    OP_Cy,
    OP_Dy,
    OP_ES,
    OP_CS,
    OP_SS,
    OP_DS,
    OP_FS,
    OP_GS,
    OP_Fv,
    OP_Pd,
    OP_Pq,
    OP_Py,
    OP_Nq,
    OP_Qd,
    OP_Qq,
    OP_Vdq,
    OP_Vps,
    OP_Vpd,
    OP_Vss,
    OP_Vsd,
    OP_Vq,
    OP_Vy,
    OP_Vx,
    OP_Vqq,
    OP_Wdq,
    OP_Wps,
    OP_Wpd,
    OP_Wss,
    OP_Wsd,
    OP_Wq,
    OP_Wd,
    OP_Ww,
    OP_Wx,
    OP_Wqq,
    OP_Udq,
    OP_Ups,
    OP_Upd,
    OP_Uq,
    OP_Ux,
    OP_XMM0,
    OP_Mps,
    OP_Mpd,
    OP_Mx,
    OP_Mqq,
    OP_Mvd,
    OP_Mvq,
    OP_Hx,
    OP_Hdq,
    OP_Hss,
    OP_Hsd,
    OP_Lx,
    OP_By,
    OP_ST0,
    OP_STi,
    OP_Mf32,
    OP_Mf64,
    OP_Mf80,
    OP_Mi16,
    OP_Mi32,
    OP_Mi64,
    OP_Mbcd,
    OP_Menv,
    OP_Mfpu,
    OP_Mfx,
    OP_Mxs,
    OPERANDS
};

/* Processor generations and CPUID's features: what a row needs, or the processor's own code asks for (model.c says what
 * a model has). */
enum feature {
    I86,
    I186,
    I286,
    I386,
    I486,
    PENT,
    P6,
    F_CX8,
    F_CMOV,
    F_SEP,
    F_FPU,
    F_MMX,
    F_FXSR,
    F_SSE,
    F_SSE2,
    F_SSE3,
    F_SSSE3,
    F_SSE41,
    F_SSE42,
    F_POPCNT,
    F_MOVBE,
    F_CX16,
    F_LAHF64,
    F_XSAVE,
    F_XSAVEOPT,
    F_XSAVEC,
    F_XGETBV1,
    F_XSAVES,
    F_RDRAND,
    F_RDSEED,
    F_RDTSCP,
    F_SYSCALL,
    F_LM,
    F_FSGSBASE,
    F_INVPCID,
    F_SMAP,
    F_CLFSH,
    F_CLFLUSHOPT,
    F_MONITOR,
    F_NOPL,
    F_TSC,
    F_RDPID,
    F_PREFETCHW,
    F_ADX,
    F_MSR,
    F_RDPMC,
    F_VME,
    F_DE,
    F_PSE,
    F_PAE,
    F_MCE,
    F_APIC,
    F_MTRR,
    F_PGE,
    F_MCA,
    F_PAT,
    F_PSE36,
    F_PCID,
    F_X2APIC,
    F_TSC_DEADLINE,
    F_SMEP,
    F_UMIP,
    F_NX,
    F_PDPE1GB,
    F_HYPERVISOR,
    F_ARAT,
    F_INVTSC,
    F_LZCNT,
    F_BMI1,
    F_BMI2,
    F_AVX,
    F_AVX2,
    F_FMA,
    F_F16C,
    F_AES,
    F_PCLMULQDQ,
    F_SHA,
    F_CLWB,
    F_LA57,
    F_PKU,
    F_VAES,
    F_VPCLMULQDQ,
    FEATURES
};

#define ROW_OPERANDS 4
struct row {
    u8 map, op;
    u32 ext; /* X_* */
    const char *mnemonic;
    u8 operand[ROW_OPERANDS]; /* enum operand */
    const struct exec_group *exec;
    u32 attr; /* A_*, W(), R() */
    u8 since; /* enum feature */
};

extern const struct row *const cpu_rows;
extern const unsigned cpu_row_count;
#define ROWS_MAX 2048

#endif
