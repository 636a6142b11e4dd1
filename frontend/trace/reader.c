/* reader.c: see reader.h. */
#include "reader.h"

#include <stdlib.h>

bool trace_reader_open(struct trace_reader *r, const char *path)
{
    *r = (struct trace_reader){ .codec = calloc(1, sizeof *r->codec) };
    if (!r->codec) {
        fputs("pcemu: no memory\n", stderr);
        return false;
    }
    return trace_source_open(&r->source, path, stderr);
}

void trace_reader_seek(struct trace_reader *r, u64 icount)
{
    trace_source_seek(&r->source, icount);
    r->at = r->end = NULL;
    r->count = r->next = 0;
}

static bool next_frame(struct trace_reader *r)
{
    const u8 *data;
    if (!trace_source_frame(&r->source, &data, stderr, &r->failed))
        return false;
    r->at = data;
    r->end = data + r->source.header.bytes;
    trace_codec_begin(r->codec);
    return true;
}

/* A frame begins with all registers: those that are what they were have not changed. */
static void find_changes(struct trace_reader *r, struct trace_record *state)
{
    u64 *was = r->reg[state->cpu];
    const u64 *now = r->codec->on[state->cpu].reg;
    state->changed = 0;
    for (unsigned n = 0; n < TRACE_REGS; n++)
        if (was[n] != now[n]) {
            state->changed |= BIT(n);
            state->reg[n] = was[n] = now[n];
        }
}

const struct trace_record *trace_reader_next(struct trace_reader *r)
{
    if (r->next < r->count)
        return &r->record[r->next++];
    while (r->at == r->end)
        if (r->failed || !next_frame(r))
            return NULL;
    r->next = 0;
    r->at = trace_decode(r->codec, r->at, r->end, r->record, &r->count);
    if (!r->at) {
        fprintf(stderr, "pcemu: %s: is damaged: a record can't be read\n", r->source.path);
        r->failed = true;
        r->at = r->end;
        r->count = 0;
        return NULL;
    }
    if (r->record[0].kind == TRACE_STATE)
        find_changes(r, &r->record[0]);
    return &r->record[r->next++];
}

void trace_reader_close(struct trace_reader *r)
{
    trace_source_close(&r->source);
    free(r->codec);
}
