/* encode.h: an instruction as bytes, in the function that asks for it: a trace is made of these, and the way to another
 * file and back took a tenth of its time. For codec.c, which has the rest, and the tracer. */
#ifndef PCEMU_TRACE_ENCODE_H
#define PCEMU_TRACE_ENCODE_H

#include "changes.h"
#include "codec.h"

enum {
    TRACE_BIT_INSN = 0x80,
    TRACE_BIT_ELSEWHERE = 1,
    TRACE_BIT_NEW = 2,
    TRACE_BIT_CHANGED = 4,
    TRACE_BIT_OTHER_CPU = 8,
    TRACE_BIT_LATER = 16
};

u8 *trace_encode_new(u8 *p, const struct trace_codec *c, struct trace_known *k, const struct trace_insn *i);

static ALWAYS_INLINE u8 *trace_put(u8 *p, u64 v)
{
    while (v >= 0x80) {
        *p++ = (u8)(v | 0x80);
        v >>= 7;
    }
    *p++ = (u8)v;
    return p;
}

static ALWAYS_INLINE u64 trace_zigzag(u64 v)
{
    return v << 1 ^ (u64)((s64)v >> 63);
}

static ALWAYS_INLINE u8 *trace_put_changes(u8 *p, u64 *old, const struct trace_insn *i, u32 mask)
{
    p = trace_put(p, (mask << 1 | mask >> TRACE_FLAGS) & (BIT(TRACE_REGS) - 1));
    if (mask & BIT(TRACE_FLAGS)) {
        p = trace_put(p, trace_zigzag(i->rflags - old[TRACE_FLAGS]));
        old[TRACE_FLAGS] = i->rflags;
    }
    for (mask &= BIT(TRACE_GPRS) - 1; mask; mask &= mask - 1) {
        unsigned n = (unsigned)__builtin_ctz(mask);
        p = trace_put(p, trace_zigzag(i->gpr[n] - old[n]));
        old[n] = i->gpr[n];
    }
    return p;
}

static ALWAYS_INLINE u8 *trace_encode_insn_here(struct trace_codec *c, u8 *to, const struct trace_insn *i)
{
    u8 *p = to + 1, bits = TRACE_BIT_INSN;
    unsigned cpu = i->cpu % TRACE_CPUS;
    if (cpu != c->cpu) {
        bits |= TRACE_BIT_OTHER_CPU;
        *p++ = (u8)cpu;
        c->cpu = cpu;
    }
    if (i->icount != c->icount + 1) {
        bits |= TRACE_BIT_LATER;
        p = trace_put(p, trace_zigzag(i->icount - c->icount));
    }
    c->icount = i->icount;
    u32 mask = trace_changes(c->on[cpu].reg, i);
    if (mask) {
        bits |= TRACE_BIT_CHANGED;
        p = trace_put_changes(p, c->on[cpu].reg, i, mask);
    }
    if (i->linear != c->on[cpu].next) {
        bits |= TRACE_BIT_ELSEWHERE;
        p = trace_put(p, trace_zigzag(i->linear - c->on[cpu].next));
    }
    c->on[cpu].next = i->linear + i->length;
    c->on[cpu].rip = i->rip;
    struct trace_known *k = &c->known[trace_known_place(i->linear)];
    if (UNLIKELY(!trace_is_known(k, c->frame, i))) {
        bits |= TRACE_BIT_NEW;
        p = trace_encode_new(p, c, k, i);
    }
    *to = bits;
    return p;
}

#endif
