/* gates_bench.h: descriptors and gates that far transfers are tried on. */
#ifndef PCEMU_TESTS_GATES_BENCH_H
#define PCEMU_TESTS_GATES_BENCH_H

#include "harness.h"
#include "flags.h"

#define CODE_R (DESC_P | DESC_S | DESC_CODE | DESC_RW)
#define FLAT32 (DESC_G | DESC_DB)
#define DPL(n) ((u32)(n) << DESC_DPL_SHIFT)
#define SEL_A 0x68
#define SEL_GATE 0x78   /* 16 bytes in long mode */
#define TARGET 0x18000u /* where gates lead */

static inline void check_fault(struct bench *b, int vector, u32 error)
{
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, error);
    assert_int_equal(b->frame_ip, BENCH_CODE);
}

static inline void put_gate(struct bench *b, u16 sel, u16 target, u32 offset, u32 attr, unsigned params)
{
    u32 at = BENCH_GDT + sel;
    bench_put(b, at, (offset & 0xffff) | (u32)target << 16, 4);
    bench_put(b, at + 4, (offset & 0xffff0000u) | attr | params, 4);
}

static inline void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

#endif
