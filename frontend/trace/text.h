/* text.h: records as lines. */
#ifndef PCEMU_TRACE_TEXT_H
#define PCEMU_TRACE_TEXT_H

#include "disasm.h"

#define TRACE_LINE_MAX 640u
#define TRACE_COUNT_DIGITS 12u
#define TRACE_WORDS_MAX 160u
#define TRACE_WORDS_KEPT 16384u

/* What stands in an instruction's line between count and changes, kept for when it is met again: most of the work of a
 * line is in it. */
struct trace_words {
    u64 rip;
    u16 cs;
    u8 mode, length, len; /* length of the instruction, of the text */
    u8 bytes[TRACE_INSN_MAX];
    char text[TRACE_WORDS_MAX];
};

/* Lines wait here until the instruction's own is complete: what it changed is known last and stands in its line. */
struct trace_text {
    struct trace_disasm *disasm;
    bool (*out)(void *self, const char *text, size_t len);
    void *self;
    bool failed;
    u64 interrupts;
    struct trace_words *words; /* TRACE_WORDS_KEPT of them */
    u64 count;                 /* the last one printed, and how it was */
    char digits[TRACE_COUNT_DIGITS];
    size_t len; /* of the instruction's line, which is without its end as yet; 0: there is none */
    char line[TRACE_LINE_MAX];
    char *held; /* lines that follow it */
    size_t held_len, held_size;
};

/* False: no memory. */
bool trace_text_open(struct trace_text *t, bool (*out)(void *self, const char *text, size_t len), void *self);
/* What the last instruction changed, of reg[TRACE_REGS]. */
void trace_text_state(struct trace_text *t, const u64 *reg, u32 changed);
void trace_text_insn(struct trace_text *t, const struct trace_insn *i);
void trace_text_record(struct trace_text *t, const struct trace_record *r);
/* What waits goes out. */
void trace_text_flush(struct trace_text *t);
/* False: something was not written. */
bool trace_text_close(struct trace_text *t);
/* One record as a line without its end into `to`; returns its length. TRACE_STATE: the changes alone. */
size_t trace_text_line(struct trace_text *t, char *to, const struct trace_record *r);
/* A TRACE_STATE behind its instruction's line of `len` characters: the new length. */
size_t trace_text_behind(char *line, size_t len, const struct trace_record *r);

#endif
