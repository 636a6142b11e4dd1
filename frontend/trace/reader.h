/* reader.h: the records of a trace file, one after the other. */
#ifndef PCEMU_TRACE_READER_H
#define PCEMU_TRACE_READER_H

#include "codec.h"
#include "file.h"

struct trace_reader {
    struct trace_source source;
    struct trace_codec *codec;
    const u8 *at, *end; /* of the frame */
    struct trace_record record[2];
    unsigned count, next;
    u64 reg[TRACE_CPUS][TRACE_REGS];
    bool failed; /* the file is damaged; a line on stderr has said so */
};

/* False: one line on stderr has said why. trace_reader_close() in either case. */
bool trace_reader_open(struct trace_reader *r, const char *path);
/* From the frame that has this instruction. */
void trace_reader_seek(struct trace_reader *r, u64 icount);
/* The next record, good until the next call but one; NULL: there is none. */
const struct trace_record *trace_reader_next(struct trace_reader *r);
void trace_reader_close(struct trace_reader *r);

#endif
