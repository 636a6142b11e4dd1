/* far.h: what the files of the processor's system side share: selectors and gates taken apart, frames pushed on a stack
 * all or nothing, far transfers. Functions that return bool return false when nothing has changed and an exception (or
 * a wish for an exact repetition) is recorded. */
#ifndef PCEMU_FAR_H
#define PCEMU_FAR_H

#include "exec.h"
#include "recorder.h"

/* Access rights of segments loaded in real mode after reset, and in virtual-8086 mode. */
#define ATTR_REAL_DATA (DESC_P | DESC_S | DESC_RW | DESC_A)
#define ATTR_VM86 (ATTR_REAL_DATA | DESC_DPL)

#define SEL_RPL 3u
#define SEL_TI BIT(2)
#define ERR_EXT BIT(0) /* error code: the event was external to the program (SDM vol. 3, 6.13) */
#define ERR_IDT BIT(1) /* error code: the index is of a gate in the IDT */

static inline bool sel_null(u16 sel)
{
    return (sel & ~SEL_RPL) == 0;
}
static inline unsigned sel_rpl(u16 sel)
{
    return sel & SEL_RPL;
}
/* The error code that names a selector. */
static inline u32 sel_error(u16 sel, u32 ext)
{
    return (sel & 0xfffcu) | ext;
}
static inline u32 desc_attr(u64 raw)
{
    return (u32)(raw >> 32);
}
static inline bool desc_is_code(u32 attr)
{
    return (attr & (DESC_S | DESC_CODE)) == (DESC_S | DESC_CODE);
}
static inline bool desc_is_conforming(u32 attr)
{
    return desc_is_code(attr) && (attr & DESC_EC);
}
static inline bool desc_is_writable_data(u32 attr)
{
    return (attr & (DESC_S | DESC_CODE | DESC_RW)) == (DESC_S | DESC_RW);
}
static inline unsigned cpu_iopl(const struct cpu *c)
{
    return (c->eflags & FL_IOPL) >> FL_IOPL_SHIFT;
}
/* Virtual-8086 or real mode: selectors are paragraphs. */
static inline bool is_paragraph_mode(const struct cpu *c)
{
    return in_real(c) || in_vm86(c);
}
/* Of a load in real or virtual-8086 mode: what of the segment does not follow from the selector stays as it is, and so
 * does the mode. */
static ALWAYS_INLINE bool seg_only_moves(const struct cpu *c, const struct seg *s)
{
    u32 usable = DESC_P | DESC_S;
    if (c->mode & MODE_VM)
        return s->limit == 0xffff && s->attr == ATTR_VM86;
    return !(c->mode & MODE_PE) && (s->attr & usable) == usable && s->hi == 0xffff; /* larger ones may be flat */
}
/* Such a load, of any but CS. */
static ALWAYS_INLINE void seg_move(struct seg *s, u16 sel)
{
    s->sel = sel;
    s->base = (u64)sel << 4;
}
/* base + offset as the mode wraps it. */
static inline u64 system_linear(const struct cpu *c, u64 base, u64 offset)
{
    return in_long(c) ? base + offset : (u32)(base + offset);
}
/* A handler's callee failed: because of a fault, or because it must run as a block of its own. */
static inline bool was_refused(const struct cpu *c)
{
    return c->exc.valid || c->retry_exact;
}

/* ---- seg.c ---- */
/* desc_read with EXT in the error code. */
bool desc_read_ext(struct cpu *c, u16 sel, u64 raw[2], bool wide, unsigned vector, u32 ext);
/* Sets the accessed bit of the code or data descriptor `sel` in memory and in *raw. */
bool desc_mark_accessed(struct cpu *c, u16 sel, u64 *raw);
/* Sets or clears the busy bit of the TSS descriptor `sel` in memory. */
bool desc_mark_busy(struct cpu *c, u16 sel, bool busy);
/* Linear address of a descriptor of `bytes` bytes; false when it lies outside its table. */
bool desc_locate(const struct cpu *c, u16 sel, unsigned bytes, u64 *linear);
/* Checks `sel` as a stack segment for privilege `cpl`: `vector`(sel), #SS(sel) when not present; then marks it
 * accessed. Null selectors fail. */
bool seg_check_stack(struct cpu *c, u16 sel, unsigned cpl, unsigned vector, u32 ext, u64 *raw);
/* Checks `sel` as a data segment for DS, ES, FS, GS; not null. */
bool seg_check_data(struct cpu *c, u16 sel, unsigned vector, u32 ext, u64 *raw);
/* Null selector: unusable segment; the base stays where `keep_base`. */
void seg_set_null(struct seg *s, u16 sel);
/* The stack segment of long mode's inner levels: null selector with RPL = DPL = cpl. */
void seg_set_null_stack(struct seg *s, unsigned cpl);
/* Flat segment as SYSCALL, SYSENTER and their returns make it. */
void seg_set_flat_code(struct cpu *c, u16 sel, unsigned cpl, bool is_64);
void seg_set_flat_stack(struct cpu *c, u16 sel, unsigned cpl);
/* After a return to an outer level: data segments that it may not use become null (SDM vol. 2, RET). */
void seg_drop_inner(struct cpu *c);
/* Is `ip` a legal place in the code segment `raw` (canonical, or in the limit)? #GP(ext) when not. */
bool code_check_ip(struct cpu *c, u64 raw, u64 ip, u32 ext);
/* L and D both set is no code segment in long mode. */
static inline bool code_is_malformed(const struct cpu *c, u32 attr)
{
    return in_long(c) && (attr & (DESC_L | DESC_DB)) == (DESC_L | DESC_DB);
}

/* ---- frame.c: values pushed on a stack, checked as a whole before the first is written ---- */
#define FRAME_MAX 36 /* call gate: SS, SP, 31 parameters, CS, IP, and one spare */
struct frame {
    struct seg ss;
    u64 sp, mask;
    bool is_64;       /* no limits; canonical addresses */
    bool is_inner;    /* the stack of a more privileged level: supervisor accesses */
    bool is_whole;    /* one stretch of memory, linear[0] is its lowest byte */
    u32 error;        /* of the #SS when it does not fit */
    unsigned size, n; /* bytes of each value; number of values */
    u64 value[FRAME_MAX], linear[FRAME_MAX];
};
/* A frame on the current stack. */
void frame_on_current(const struct cpu *c, struct frame *f, unsigned size, u32 error);
/* A frame on the stack ss:sp of a more privileged level. */
void frame_on_inner(struct frame *f, const struct seg *ss, u64 sp, bool is_64, unsigned size, u32 error);
void frame_push(struct frame *f, u64 value);
/* Every check and probe; after it frame_write cannot fail. */
bool frame_probe(struct cpu *c, struct frame *f);
/* Writes the values and loads rSP (not SS). */
void frame_write(struct cpu *c, struct frame *f);
/* The stack of level `dpl` in the current TSS: SS:(E)SP, #TS(TR) when outside its limit. */
bool tss_stack(struct cpu *c, unsigned dpl, u32 ext, u16 *ss, u64 *sp);
/* A 64-bit TSS's RSPn or, with ist 1-7, ISTn. */
bool tss_stack64(struct cpu *c, unsigned dpl, unsigned ist, u32 ext, u64 *sp);

/* ---- ops_far_real.c: short ways of real and virtual-8086 mode; where they don't lead, any_width is taken ---- */
exec_fn real_jmp_far, real_call_far_16, real_call_far_32, real_ret_far_16, real_ret_far_32, real_jmp_far_m,
    real_call_far_m, real_int_n, real_iret;

/* ---- ops_far.c ---- */
struct far_pointer {
    u16 sel;
    u64 offset;
};
/* The memory operand m16:16, m16:32 or m16:64. */
bool far_pointer_load(struct cpu *c, const struct uop *u, struct far_pointer *p);

/* ---- gate.c, ret.c: `size` is log2 of the operand size; c->rip is set on success ---- */
bool far_jump(struct cpu *c, u16 sel, u64 offset, unsigned size, u64 next_ip);
bool far_call(struct cpu *c, u16 sel, u64 offset, unsigned size, u64 next_ip);
bool far_return(struct cpu *c, unsigned size, unsigned release);
bool far_iret(struct cpu *c, unsigned size, u64 next_ip);
/* The flags that IRET loads at the present level. */
u32 iret_flags(const struct cpu *c, unsigned size);
/* Entry to a code segment through a call, interrupt or trap gate: selector checks. */
bool gate_check_target(struct cpu *c, u16 sel, u32 ext, bool jump, u64 *raw);

/* ---- task.c ---- */
/* The TSS that a task gate or its own selector names: #GP unless an available TSS in the GDT, #NP when not present. */
bool task_check_available(struct cpu *c, u16 sel, u32 ext, u64 *raw);
bool task_switch_ext(struct cpu *c, u16 sel, u64 raw, enum task_source source, u64 next_ip, bool has_error, u32 error,
                     u32 ext);
bool task_return(struct cpu *c, u64 next_ip); /* IRET with NT set */

/* ---- fault.c ---- */
struct event {
    u8 vector;
    enum intr_source source;
    bool has_error;
    u32 error;
    u32 ext;   /* ERR_EXT unless the program asked for it */
    u32 flags; /* the image to be pushed */
};
static inline bool is_soft(enum intr_source source)
{
    return source == INTR_SOFT || source == INTR_INT3 || source == INTR_INTO;
}
/* SYSCALL and SYSRET: single step goes by TF at their end. */
void single_step_by_new_tf(struct cpu *c);
/* As cpu_interrupt, for handlers: true also when a task switch was made and its new task faulted (c->exc is valid). */
bool interrupt_deliver(struct cpu *c, unsigned vector, enum intr_source source, bool has_error, u32 error);
void cpu_shut_down(struct cpu *c);

/* ---- gate64.c: short ways of 64-bit mode. False: nothing has changed, and how it ends the checked way decides ---- */
bool gate64_deliver(struct cpu *c, const struct event *e);
bool gate64_iretq(struct cpu *c);

/* ---- debug.c ---- */
#define DR6_BD BIT(13)
#define DR6_BS BIT(14)
#define DR6_BT BIT(15)
#define DR6_B0_B3 15u
#define DR6_ONES 0xffff0ff0u
#define DR6_WRITABLE (DR6_B0_B3 | DR6_BD | DR6_BS | DR6_BT)
#define DR7_LOCAL 0x155u /* L0-L3, LE */
#define DR7_ENABLES 0xffu
#define DR7_GD BIT(13)
#define DR7_ONES BIT(10)
#define DR7_WRITABLE 0xffff23ffu
/* The enabled instruction breakpoints at a linear address, as bits of DR6. */
u32 debug_fetch_hits(const struct cpu *c, u64 linear);

/* ---- ops_io.c ---- */
/* May the program reach `bytes` ports at `port`? #GP(0) by the I/O permission bitmap. */
bool io_allowed(struct cpu *c, u16 port, unsigned bytes);

/* The end of a handler whose far transfer succeeded. A task switch may have left a fault of the new task. */
#define FAR_DONE                                                                                                       \
    do {                                                                                                               \
        record_mode(c, ip_of(c, u));                                                                                   \
        if (c->exc.valid)                                                                                              \
            return NULL;                                                                                               \
        JUMP_TO_RIP;                                                                                                   \
    } while (0)

#endif
