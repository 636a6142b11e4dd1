/* desc.h: the descriptors of segments, gates and tables, as the processor reads them. The drawings show which bits of
 * the 64 are a field's; the most significant is left. (Intel SDM vol. 3, 3.4.5, 5.8.3, 6.11, 7.2; in long mode 5.8.3.1,
 * 6.14.1, 7.2.3.) */
#ifndef GUEST_DESC_H
#define GUEST_DESC_H

#include "selectors.h"
#include "types.h"

/* A segment descriptor: code, data, or a system segment (LDT, TSS).
 *
 *   63                                31                                  0
 *   +--------+---------+--------+--------+--------+--------+--------+--------+
 *   |        |         |        |        |        |        |********|********| Limit 0..15
 *   |        |         |        |        |********|********|        |        | Base  0..15
 *   +--------+---------+--------+--------+--------+--------+--------+--------+
 *   |        |         |        |********|        |        |        |        | Base 16..23
 *   |        |         |    ****|        |        |        |        |        | Type
 *   |        |         |       .|        |        |        |        |        |   A  Accessed
 *   |        |         |      . |        |        |        |        |        |   W  Writable       (code: R Readable)
 *   |        |         |     .  |        |        |        |        |        |   E  Expand down    (code: C Conforming)
 *   |        |         |    .   |        |        |        |        |        |   0: data, 1: code
 *   |        |         |   *    |        |        |        |        |        | S    1: code or data, 0: system
 *   |        |         | **     |        |        |        |        |        | DPL  Descriptor Privilege Level
 *   |        |         |*       |        |        |        |        |        | P    Present
 *   |        |     ****|        |        |        |        |        |        | Limit 16..19
 *   |        |    *    |        |        |        |        |        |        | AVL  Available to system programmers
 *   |        |   *     |        |        |        |        |        |        | L    64-bit code (else 0)
 *   |        |  *      |        |        |        |        |        |        | D/B  Default size, Big
 *   |        | *       |        |        |        |        |        |        | G    Granularity: the limit counts pages
 *   |********|         |        |        |        |        |        |        | Base 24..31
 *   +--------+---------+--------+--------+--------+--------+--------+--------+
 *
 * In 64-bit mode base and limit of code and data segments are ignored; a system descriptor has eight more bytes, whose
 * lower half is Base 32..63. */
struct segment_desc {
    u16 limit_0_15;
    u16 base_0_15;
    u8 base_16_23;
    u8 access;                /* P, DPL, S, Type */
    u8 flags_and_limit_16_19; /* G, D/B, L, AVL */
    u8 base_24_31;
} PACKED;

/* Access bytes. */
enum {
    SEG_ACCESSED = 0x01,
    SEG_WRITABLE = 0x02, /* data */
    SEG_READABLE = 0x02, /* code */
    SEG_EXPAND_DOWN = 0x04,
    SEG_CONFORMING = 0x04,
    SEG_CODE = 0x08,
    SEG_S = 0x10,
    SEG_DPL3 = 0x60,
    SEG_P = 0x80,
    SEG_DATA_RW = SEG_P | SEG_S | SEG_WRITABLE,
    SEG_CODE_RX = SEG_P | SEG_S | SEG_CODE | SEG_READABLE,
    SYS_TSS16 = 0x01,
    SYS_LDT = 0x02,
    SYS_CALL_GATE16 = 0x04,
    SYS_TASK_GATE = 0x05,
    SYS_INTERRUPT_GATE16 = 0x06,
    SYS_TSS = 0x09,
    SYS_TSS_BUSY = 0x0b,
    SYS_CALL_GATE = 0x0c,
    SYS_INTERRUPT_GATE = 0x0e,
    SYS_TRAP_GATE = 0x0f
};

/* Flags, in the upper half of their byte. */
enum { SEG_AVL = 0x10, SEG_L = 0x20, SEG_D = 0x40, SEG_G = 0x80 };

/* A gate: where a call, an interrupt or an exception goes.
 *
 *   63                                31                                  0
 *   +--------+---------+--------+--------+--------+--------+--------+--------+
 *   |        |         |        |        |        |        |********|********| Offset 0..15
 *   |        |         |        |        |********|********|        |        | Selector
 *   |        |         |        |   *****|        |        |        |        | Parameters (call gate); IST (long mode)
 *   |        |         |    ****|        |        |        |        |        | Type
 *   |        |         |   *    |        |        |        |        |        | 0 (system)
 *   |        |         | **     |        |        |        |        |        | DPL
 *   |        |         |*       |        |        |        |        |        | P
 *   |********|*********|        |        |        |        |        |        | Offset 16..31
 *   +--------+---------+--------+--------+--------+--------+--------+--------+
 *
 * In long mode eight more bytes follow, whose lower half is Offset 32..63. */
struct gate_desc {
    u16 offset_0_15;
    u16 selector;
    u8 count; /* parameters, or IST */
    u8 access;
    u16 offset_16_31;
} PACKED;

/* An IDT entry of long mode. */
struct gate_desc64 {
    struct gate_desc low;
    u32 offset_32_63;
    u32 zero;
} PACKED;

/* LGDT's and LIDT's operand. */
struct table_register {
    u16 limit;
    uptr base;
} PACKED;

/* The task state segment of 32 bits: a task's registers while another runs. */
struct tss {
    u32 link;
    u32 esp0, ss0, esp1, ss1, esp2, ss2;
    u32 cr3, eip, eflags;
    u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
    u32 es, cs, ss, ds, fs, gs, ldt;
    u16 trap, io_map;
} PACKED;

/* The task state segment of long mode: stacks alone. */
struct tss64 {
    u32 zero;
    u64 rsp[3];
    u64 zero2;
    u64 ist[7]; /* IST1 is ist[0] */
    u64 zero3;
    u16 zero4, io_map;
} PACKED;

static inline struct segment_desc segment_desc(u32 base, u32 limit, u32 access, u32 flags)
{
    return (struct segment_desc){
        (u16)limit, (u16)base, (u8)(base >> 16), (u8)access, (u8)(flags | (limit >> 16 & 15)), (u8)(base >> 24)
    };
}

static inline struct gate_desc gate_desc(u16 selector, u32 offset, u32 access, u32 count)
{
    return (struct gate_desc){ (u16)offset, selector, (u8)count, (u8)access, (u16)(offset >> 16) };
}

#endif
