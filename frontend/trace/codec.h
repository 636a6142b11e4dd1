/* codec.h: records as bytes. What is written and read is small because both sides remember the same: the registers of
 * each processor, the instructions met so far, the names. All of that begins anew with each frame, so that a frame can
 * be read alone.
 *
 * An instruction: 0x80 | bits, then what the bits announce:
 *     ELSEWHERE  it does not follow the last one of its processor: varint, zigzag, of how far it is from there
 *     NEW        not met yet in this frame: length | mode << 4, CS, rip - linear, the bytes
 *     CHANGED    registers that differ from before: a varint mask (bit 0 RFLAGS, then RAX, RCX …: few instructions need
 *                more than its first byte), then for each the zigzag difference
 *     OTHER_CPU  the processor
 *     LATER      the count is not that of the last instruction + 1: zigzag difference
 * Any other record: its kind, a varint of FIELD_ bits, then those fields. Numbers are varints of seven bits a byte, low
 *  ones first. TRACE_STATE alone, at the end: its kind, the processor, and what CHANGED announces. */
#ifndef PCEMU_TRACE_CODEC_H
#define PCEMU_TRACE_CODEC_H

#include "record.h"

#define TRACE_DICTIONARY 16384u
#define TRACE_NAMES 256u
#define TRACE_NAME_MAX 64u
#define TRACE_ENCODED_MAX 512u /* bytes of a record without its text */

struct trace_codec {
    u16 frame; /* number, from 1; what is known of another is not known any more */
    unsigned cpu;
    u64 icount, ns, addr;
    struct {
        u64 rip, next; /* the last one's, the one behind it (linear) */
        u64 reg[TRACE_REGS];
    } on[TRACE_CPUS];
    struct trace_known { /* half a cache line, for it is looked up for every instruction */
        u64 linear;
        u32 base; /* linear - rip: 0 in 64-bit code */
        u16 frame, cs;
        u8 length_mode; /* length | mode << 4 */
        u8 bytes[TRACE_INSN_MAX];
    } known[TRACE_DICTIONARY];
    unsigned names;
    char name[TRACE_NAMES + 1][TRACE_NAME_MAX]; /* the last: one too many, for the moment */
};

/* Is this what `k` holds, of that frame? Else: now it is. */
static inline bool trace_is_known(const struct trace_known *k, u16 frame, const struct trace_insn *i);
void trace_know(struct trace_known *k, u16 frame, const struct trace_insn *i);
static inline unsigned trace_known_place(u64 linear)
{
    return (unsigned)(linear ^ linear >> 14) % TRACE_DICTIONARY;
}

/* All is forgotten: a frame begins. */
void trace_codec_begin(struct trace_codec *c);
/* Both return the end of what they wrote; there is room for TRACE_ENCODED_MAX bytes and the record's text. */
u8 *trace_encode_insn(struct trace_codec *c, u8 *to, const struct trace_insn *i);
/* What the last instruction changed, where none follows: of `i` only processor, registers and flags count. */
u8 *trace_encode_state(struct trace_codec *c, u8 *to, const struct trace_insn *i);
u8 *trace_encode(struct trace_codec *c, u8 *to, const struct trace_record *r);
/* Reads what is one or, before an instruction whose predecessor changed registers, two records. r[0].text and names
 * point into `from` and the codec. Returns where the next begins, NULL: this is none; *count: 1 or 2. */
const u8 *trace_decode(struct trace_codec *c, const u8 *from, const u8 *end, struct trace_record r[2], unsigned *count);

/* memcmp() for the lengths of instructions: no byte beyond them is touched, they may end a page. */
static ALWAYS_INLINE bool trace_same_bytes(const u8 *a, const u8 *b, unsigned n)
{
    if (n >= 8)
        return get_le64(a) == get_le64(b) && get_le64(a + n - 8) == get_le64(b + n - 8);
    if (n >= 4)
        return get_le32(a) == get_le32(b) && get_le32(a + n - 4) == get_le32(b + n - 4);
    return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
}

static ALWAYS_INLINE bool trace_is_known(const struct trace_known *k, u16 frame, const struct trace_insn *i)
{
    return k->linear == i->linear && k->base == (u32)(i->linear - i->rip) && k->frame == frame && k->cs == i->cs &&
           k->length_mode == (u8)(i->length | i->mode << 4) && trace_same_bytes(k->bytes, i->bytes, i->length);
}

#endif
