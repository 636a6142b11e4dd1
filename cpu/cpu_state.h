/* cpu_state.h: the processor's whole state. Registers first, at small offsets from the pointer that every handler
 * holds. */
#ifndef PCEMU_CPU_STATE_H
#define PCEMU_CPU_STATE_H

#include "cpu.h"
#include "model.h"

/* General registers by number in the encoding; handlers hold byte offsets from the start of struct cpu, so that AH is
 * the byte at RAX + 1 and an absent base or index is the always-zero slot. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, R_ZERO, R_PAGE, R_SLOTS };

enum seg_name { ES, CS, SS, DS, FS, GS, SEG_COUNT, LDTR = SEG_COUNT, TR, SEGS_ALL };

/* Descriptor bits, in place as in the descriptor's second doubleword (SDM vol. 3, figure 3-8). */
#define DESC_A BIT(8)
#define DESC_RW BIT(9)  /* data: writable; code: readable */
#define DESC_EC BIT(10) /* data: expand-down; code: conforming */
#define DESC_CODE BIT(11)
#define DESC_S BIT(12)
#define DESC_DPL_SHIFT 13
#define DESC_DPL (3u << DESC_DPL_SHIFT)
#define DESC_P BIT(15)
#define DESC_AVL BIT(20)
#define DESC_L BIT(21)
#define DESC_DB BIT(22)
#define DESC_G BIT(23)
#define DESC_TYPE(attr) (((attr) >> 8) & 15)
#define DESC_GET_DPL(attr) (((attr) >> DESC_DPL_SHIFT) & 3)
#define DESC_ATTR_MASK 0x00f0ff00u

/* System descriptor types (SDM vol. 3, table 3-2). */
enum {
    SYS_TSS16 = 1,
    SYS_LDT,
    SYS_TSS16_BUSY,
    SYS_CALL16,
    SYS_TASK_GATE,
    SYS_INT16,
    SYS_TRAP16,
    SYS_TSS32 = 9,
    SYS_TSS32_BUSY = 11,
    SYS_CALL32,
    SYS_INT32 = 14,
    SYS_TRAP32
};

struct seg {
    u64 base;
    u32 limit; /* in bytes, granularity applied */
    u32 attr;  /* DESC_* */
    u16 sel;
    /* Derived by seg_derive(): what a legacy-mode access is checked against. An offset is legal when lo <= off and
     * off + size - 1 <= hi; perm says whether reads and writes are legal at all. */
    u8 perm; /* SEG_R | SEG_W */
    u32 lo, hi;
    u64 read_end,
        write_end; /* the same in one number, for hot handlers: offsets from 0 to here are legal; 0: look closer
                    */
};
enum { SEG_R = 1, SEG_W = 2 };

struct desc_table {
    u64 base;
    u16 limit;
};

/* EFLAGS (SDM vol. 3, 2.3). */
#define FL_CF BIT(0)
#define FL_ONE BIT(1)
#define FL_PF BIT(2)
#define FL_AF BIT(4)
#define FL_ZF BIT(6)
#define FL_SF BIT(7)
#define FL_TF BIT(8)
#define FL_IF BIT(9)
#define FL_DF BIT(10)
#define FL_OF BIT(11)
#define FL_IOPL_SHIFT 12
#define FL_IOPL (3u << 12)
#define FL_NT BIT(14)
#define FL_RF BIT(16)
#define FL_VM BIT(17)
#define FL_AC BIT(18)
#define FL_VIF BIT(19)
#define FL_VIP BIT(20)
#define FL_ID BIT(21)
#define FL_ARITH (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF)

#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_ET BIT(4)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)

#define CR4_VME BIT(0)
#define CR4_PVI BIT(1)
#define CR4_TSD BIT(2)
#define CR4_DE BIT(3)
#define CR4_PSE BIT(4)
#define CR4_PAE BIT(5)
#define CR4_MCE BIT(6)
#define CR4_PGE BIT(7)
#define CR4_PCE BIT(8)
#define CR4_OSFXSR BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP BIT(11)
#define CR4_LA57 BIT(12)
#define CR4_FSGSBASE BIT(16)
#define CR4_PCIDE BIT(17)
#define CR4_OSXSAVE BIT(18)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)
#define CR4_PKE BIT(22)

#define EFER_SCE BIT(0)
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
#define EFER_NXE BIT(11)

/* XCR0, and the state components of XSAVE (SDM vol. 1, 13.1). */
#define XSTATE_X87 BIT(0)
#define XSTATE_SSE BIT(1)
#define XSTATE_AVX BIT(2)
#define XSAVE_AVX 576u /* its offset in the standard format: behind the legacy region and the header */
#define XSAVE_AVX_BYTES 256u
#define XSTATE_PKRU BIT(9)
#define XSAVE_PKRU 2688u /* its offset: that of processors with AVX-512 */
#define XSAVE_PKRU_BYTES 8u

enum exception {
    EXC_DE,
    EXC_DB,
    EXC_NMI,
    EXC_BP,
    EXC_OF,
    EXC_BR,
    EXC_UD,
    EXC_NM,
    EXC_DF,
    EXC_TS = 10,
    EXC_NP,
    EXC_SS,
    EXC_GP,
    EXC_PF,
    EXC_MF = 16,
    EXC_AC,
    EXC_MC,
    EXC_XM
};

/* What decoding depends on: c->mode, a part of every block's key. Recomputed by cpu_update_mode(). */
#define MODE_64 BIT(0)    /* CS.L in long mode */
#define MODE_32 BIT(1)    /* CS.D */
#define MODE_SS32 BIT(2)  /* SS.B: 32-bit stack pointer (set too in 64-bit mode) */
#define MODE_PE BIT(3)    /* CR0.PE */
#define MODE_VM BIT(4)    /* EFLAGS.VM */
#define MODE_LMA BIT(5)   /* EFER.LMA */
#define MODE_CPL_SHIFT 6  /* two bits */
#define MODE_IOPL_SHIFT 8 /* two bits */
#define MODE_TS BIT(10)   /* CR0.TS */
#define MODE_EM BIT(11)   /* CR0.EM */
#define MODE_MP BIT(12)   /* CR0.MP */
#define MODE_OSFXSR BIT(13)
#define MODE_OSXSAVE BIT(14)
#define MODE_FLAT BIT(15) /* DS, ES, SS: base 0, limit 4 GiB, read/write (or 64-bit mode): no check, no base */
#define MODE_ONE BIT(16)  /* blocks of one instruction: exact restart, single step, code breakpoints */
#define MODE_FIRST                                                                                                     \
    BIT(17)             /* legacy: the page holds the segment's offset 0 with code before it (base not page-aligned) */
#define MODE_AC BIT(18) /* alignment checks are on: CR0.AM, EFLAGS.AC, CPL 3 */
#define MODE_SMM BIT(19)
#define MODE_AVX BIT(20) /* CR4.OSXSAVE, and XCR0 has SSE and AVX */

/* TLB: direct-mapped, one set per kind of access right. A hit is one compare of a tag with the page of the access's
 * last byte. Slow bits in a tag make it never hit; mem_slow() sorts them out. */
#define TLB_ENTRIES 1024
enum tlb_set {
    TLB_SUPER,
    TLB_USER,
    TLB_SUPER_AC,
    TLB_SETS
}; /* SUPER_AC: supervisor with SMAP suspended by EFLAGS.AC */
#define TLB_INVALID BIT64(0)
#define TLB_MMIO BIT64(1)  /* not plain memory: through the bus, at an exact instruction */
#define TLB_CODE BIT64(2)  /* writable, but lines of the page hold decoded code, or somebody tracks its writes */
#define TLB_WATCH BIT64(3) /* a data breakpoint (DR0-3) or watchpoint is in the page */
struct tlb_entry {
    u64 tag_r, tag_w; /* linear page | slow bits; TLB_INVALID when not readable/writable */
    u64 addend;       /* host address = linear + addend (plain memory) */
    u64 where;        /* plain read/write memory: ram address of the page; else its physical address; | TLB_GLOBAL */
};
#define TLB_GLOBAL BIT64(0)

struct fetch_entry { /* the same for instruction fetch, by page */
    u64 tag;         /* linear page | FETCH_USER, or TLB_INVALID */
    u64 ram_page;    /* ram address >> 12; NO_PAGE: not memory */
    const u8 *host;  /* NULL: not memory, fetched through the bus */
    u64 phys;        /* physical page | TLB_GLOBAL */
};
#define FETCH_ENTRIES 4096 /* 16 MiB: a kernel's code, whose pages then never take each other's places */
#define FETCH_USER BIT64(1)
#define NO_PAGE UINT64_MAX

struct f80 {
    u64 mant;
    u16 se; /* sign and exponent */
};

union vec {
    u8 b[32];
    u16 w[16];
    u32 d[8];
    u64 q[4];
    s8 sb[32];
    s16 sw[16];
    s32 sd[8];
    s64 sq[4];
    float f[8];
    double lf[4];
} __attribute__((aligned(32)));

struct fpu {
    struct f80 reg[8]; /* physical registers R0-R7: ST(i) is reg[(top + i) & 7]; MMi is reg[i].mant */
    u16 cw, sw;        /* sw without TOP, which is in top */
    bool quick;        /* struct x87_env has the newest of valid, C1 and the error pointers; no state */
    u8 top;
    u8 valid; /* bit i: physical register i is not empty (FXSAVE's abridged tag) */
    u16 fop, fcs, fds;
    u64 fip, fdp;
    bool ignne; /* port F0 was written: errors are not reported until the next one */
};

/* Who owns the host's MXCSR: no state of the guest's, never saved (fpu/sse_host.h). */
struct sse_env {
    bool live;      /* the host's MXCSR holds the guest's controls and newest sticky flags */
    u32 host_mxcsr; /* the host's own, to be put back */
};

/* What quick x87 instructions keep as it comes, while the host's control word is the guest's (fpu.quick;
 * fpu/x87_quick.h). No state of the guest's: settled between runs, never saved. */
struct x87_env {
    u8 valid;          /* fpu.valid; 0 when the environment is not in use */
    u8 unknown;        /* exception flags that the guest's status word does not have, or has not masked */
    u16 host_cw;       /* to be loaded */
    u32 c1;            /* C1 is this word's, not that of fpu.sw */
    u32 insn, operand; /* off_len and row_seg << 16 of the uops that FIP and FDP are of; 0: fpu has them */
    u64 page;          /* R_PAGE for the former */
    u64 result; /* of a store, before it goes to memory (in between, so that gcc 12 does not store both at once) */
    u64 fdp;
    u64 ip_mask; /* as it was at the entry, and selectors */
    u16 sel[SEG_COUNT];
};

/* Pending reasons to leave the fast path; tested at block ends. */
#define EV_INTR BIT(0) /* the INTR pin is high */
#define EV_NMI BIT(1)
#define EV_SMI BIT(2)
#define EV_INIT BIT(3)
#define EV_SIPI BIT(4)
#define EV_STOP BIT(5)  /* cpu_stop() */
#define EV_TLB BIT(6)   /* the memory map changed */
#define EV_DEBUG BIT(7) /* a #DB trap is due after this instruction (c->dr6_pending) */
#define EV_ALL 0xffu    /* that a state can have */
#define EV_PROBE BIT(8) /* watch_between() has something to do; never between runs */

enum activity { ACT_RUNNING, ACT_HALTED, ACT_WAIT_SIPI, ACT_SHUTDOWN };

struct pending_exception {
    bool valid;
    u8 vector;
    bool has_error;
    u32 error;
    u64 cr2; /* #PF */
};

struct block;
struct uop;
struct block_cache;
struct cpu_probe;

struct jump_entry { /* where a linear... instruction pointer leads: an indirect-branch cache, checked by ip and by tag
                     */
    u64 ip;         /* rip + c->jump_base */
    u64 tag;        /* c->jump_tag when it was filled: epoch and mode */
    const struct uop *uop;
    u64 page; /* R_PAGE for it */
};
#define JUMP_BITS 12
#define JUMP_ENTRIES (1u << JUMP_BITS)

#define FEATURES_MAX 128 /* more than there are in enum feature */

struct msrs {
    u64 sysenter_cs, sysenter_esp, sysenter_eip;
    u64 star, lstar, cstar, fmask, kernel_gs_base, tsc_aux, pat, misc_enable, mtrr_def_type;
    u64 mtrr_base[8], mtrr_mask[8], mtrr_fixed[11];
    u64 tsc_offset, debugctl, smbase, feature_control;
    u64 mcg_status, mcg_ctl, bios_sign_id;
    u64 hwcr, syscfg, int_pending, mc_ctl[5];
    u64 spare[8];
};

/* Bits above a canonical address's sign. */
#define CANONICAL_48 16
#define CANONICAL_57 7

struct recorder { /* recorder.h */
    struct debug_event event[DEBUG_EVENTS];
    u64 count; /* since the processor was made: the newest is event[(count - 1) % DEBUG_EVENTS] */
    u32 mode;  /* as it was last seen */
    struct debug_entry entry[DEBUG_ENTRIES];
    u64 entries;
    u64 exact; /* linear address of the last instruction that ran as a block of its own */
};

struct cpu {
    u64 r[R_SLOTS]; /* r[R_ZERO] is 0; r[R_PAGE] + offset in page is the instruction pointer of a byte of the current
                       page */
    s64 budget;     /* instructions left in this run, charged by block */
    u16 fl;         /* arithmetic flags, see flags.h */
    u8 tlb_set;     /* index of the active set */
    u32 events;     /* EV_* */
    u64 rip;        /* valid between blocks; inside one it is r[R_PAGE] + offset */
    struct tlb_entry *tlb; /* the active set */
    u64 jump_tag;          /* (epoch << 32) | mode; all ones while exact: no jump-cache entry matches */
    u64 jump_base;         /* CS.base << 32 outside 64-bit mode: makes the jump cache's key from rip */
    struct seg seg[SEGS_ALL];
    u32 eflags;         /* all but the arithmetic flags, which are in fl; bit 1 set */
    u32 mode;           /* MODE_* */
    u64 ip_mask;        /* FFFFFFFF, or all ones in 64-bit mode */
    u64 sp_mask;        /* by SS (or 64-bit mode) */
    u8 canonical_shift; /* CANONICAL_48 or CANONICAL_57, by CR4.LA57 */
    u8 cpl;
    u8 activity; /* enum activity */
    bool smm, nmi_blocked, a20;
    u64 icount_end;               /* icount = icount_end - budget */
    u64 inhibit_at;               /* interrupts are not taken when icount equals this (after STI, MOV SS, POP SS) */
    u64 inhibit_db_at;            /* nor #DB traps (after MOV SS, POP SS) */
    struct pending_exception exc; /* set by a failing access; delivered by the run loop */
    bool retry_exact;             /* the access must be made by a block of one instruction */
    bool exact;                   /* we are in such a block now */
    bool step_one;                /* the next block is of one instruction: interrupts become possible right after it */
    bool delivered;               /* the present instruction delivered an interrupt (INT n): no single-step trap */
    u32 cs_limit_seen;            /* by cpu_update_mode */
    u64 rmw_lin;                  /* between mem_load_rmw and mem_store_rmw of one instruction, */
    void *rmw_host;               /* or where it is in host memory; else NULL */

    u32 cr0, cr4;
    u64 cr2, cr3, xcr0;
    u32 pkru;
    u64 efer;
    u64 dr[4], dr6, dr7;
    u64 dr6_pending;
    struct desc_table gdt, idt;
    u64 pdpte[4];  /* PAE: loaded with CR3 */
    u64 phys_mask; /* A20 gate */
    struct msrs msr;
    u64 rand_state;
    u8 sipi_vector;

    u32 mxcsr;
    struct sse_env sse;
    struct fpu fpu;
    struct x87_env x87;
    union vec xmm[16]; /* YMM; the low halves are XMM */

    struct cpu_wiring w;
    const struct cpu_model *model; /* &identity */
    struct cpu_features features;  /* as CPUID shows them, but for what depends on state */
    bool has[FEATURES_MAX];        /* by enum feature */
    u64 phys_max;                  /* the highest physical address */
    bool has_la57;
    struct block_cache *blocks;
    struct cpu_probe *probe; /* watch.h; NULL: nobody watches */
    struct cpu *next_user;   /* of the same blocks */
    u32 epoch;               /* the last number given */
    u32 epochs[2];           /* of what the jump cache knows of code at levels 0 to 2, and at level 3 */
    u64 tlb_used[TLB_SETS]
                [TLB_ENTRIES / 64 / 8]; /* which groups of 8 entries hold something: a flush touches only those */
    u64 fetch_used[FETCH_ENTRIES / 64 / 8];
    struct fetch_entry fetch[FETCH_ENTRIES];
    struct tlb_entry tlb_sets[TLB_SETS][TLB_ENTRIES];
    u64 tlb_phys[TLB_SETS][TLB_ENTRIES]; /* physical page of an entry, for those who watch */
    u64 large_lo, large_hi;        /* linear addresses between which large pages were put into the TLB in pieces */
    struct ram_stretch stretch[3]; /* plain memory below 1 MiB, below 4 GiB and above, as last asked for */
    struct jump_entry jump[JUMP_ENTRIES];
    struct recorder recorder;
    struct cpu_model identity;
    char vendor[CPU_VENDOR_LEN + 1], brand[CPU_BRAND_MAX + 1];
};

#define REG_OFFSET(n) ((u8)((n)*8))

#endif
