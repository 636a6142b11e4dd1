/* changes.h: which registers an instruction finds changed: asked for every one that is traced. */
#ifndef PCEMU_TRACE_CHANGES_H
#define PCEMU_TRACE_CHANGES_H

#include "record.h"

#ifdef __SSE2__
#include <emmintrin.h>

static ALWAYS_INLINE __m128i trace_two_registers(const u64 *r)
{
    return _mm_loadu_si128((const __m128i *)(const void *)r);
}

/* Words of all ones where the eight registers are the same. */
static ALWAYS_INLINE __m128i trace_same_eight(const u64 *a, const u64 *b)
{
    __m128i same[4]; /* two registers each, in halves of 32 bits */
    for (unsigned k = 0; k < 4; k++)
        same[k] = _mm_cmpeq_epi32(trace_two_registers(a + 2 * k), trace_two_registers(b + 2 * k));
    __m128i halves = _mm_packs_epi16(_mm_packs_epi32(same[0], same[1]), _mm_packs_epi32(same[2], same[3]));
    return _mm_cmpeq_epi16(halves, _mm_set1_epi16(-1));
}

static ALWAYS_INLINE u32 trace_gprs_changed(const u64 *old, const u64 *now)
{
    __m128i same = _mm_packs_epi16(trace_same_eight(old, now), trace_same_eight(old + 8, now + 8));
    return (u32)_mm_movemask_epi8(same) ^ 0xffffu;
}
#else
static ALWAYS_INLINE u32 trace_gprs_changed(const u64 *old, const u64 *now)
{
    u32 mask = 0;
    for (unsigned n = 0; n < TRACE_GPRS; n++)
        mask |= (u32)(old[n] != now[n]) << n;
    return mask;
}
#endif

/* Bit n: register n is not what it was in old[TRACE_REGS]. */
static ALWAYS_INLINE u32 trace_changes(const u64 *old, const struct trace_insn *i)
{
    return trace_gprs_changed(old, i->gpr) | (u32)(old[TRACE_FLAGS] != i->rflags) << TRACE_FLAGS;
}

#endif
