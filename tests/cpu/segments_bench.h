/* segments_bench.h: free descriptors, loaded and used. */
#ifndef PCEMU_TESTS_SEGMENTS_BENCH_H
#define PCEMU_TESTS_SEGMENTS_BENCH_H

#include "harness.h"
#include "flags.h"

#define DATA (DESC_P | DESC_S | DESC_RW)
#define CODE_X (DESC_P | DESC_S | DESC_CODE)
#define DPL(n) ((u32)(n) << DESC_DPL_SHIFT)
#define SEL_A 0x68 /* free descriptors */

static inline void check_fault(struct bench *b, int vector, u32 error)
{
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, error);
    assert_int_equal(b->frame_ip, BENCH_CODE);
}

#endif
