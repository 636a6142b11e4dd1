/* codec.h: records as bytes. What is written and read is small because both sides remember the same: the registers of
 * each processor, the instructions met so far, the names. All of that begins anew with each frame, so that a frame can
 * be read alone.
 *
 * An instruction: 0x80 | bits, then what the bits announce:
 *     ELSEWHERE  it does not follow the last one of its processor: varint, zigzag, of how far it is from there
 *     NEW        not met yet in this frame: length | mode << 4, CS, rip - linear, the bytes
 *     CHANGED    registers that differ from before: a varint mask, then for each the zigzag difference
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
    u32 frame; /* number, from 1 */
    unsigned cpu;
    u64 icount, ns, addr;
    struct {
        u64 rip, next; /* the last one's, the one behind it (linear) */
        u64 reg[TRACE_REGS];
    } on[TRACE_CPUS];
    struct trace_known {
        u32 frame;
        u8 length, mode;
        u16 cs;
        u64 linear, rip;
        u8 bytes[TRACE_INSN_MAX];
    } known[TRACE_DICTIONARY];
    unsigned names;
    char name[TRACE_NAMES + 1][TRACE_NAME_MAX]; /* the last: one too many, for the moment */
};

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

#endif
