/* tool.h: the commands of `pcemu trace`. */
#ifndef PCEMU_TRACE_TOOL_H
#define PCEMU_TRACE_TOOL_H

#include "reader.h"
#include "trace.h"

enum { TOOL_OK = 0, TOOL_DIFFER = 1, TOOL_FAILED = 2 };

struct tool {
    const char *file[2];
    unsigned files;
    const char *out;             /* -o; NULL: stdout */
    u32 kinds;                   /* --kind */
    u64 from, to;                /* --from, --to: counts of instructions, inclusive */
    struct trace_options filter; /* --range */
    u64 context;                 /* -C */
    bool no_count, no_state;     /* --ignore count, state */
};

/* Is it one of those that the options choose? */
bool tool_chooses(const struct tool *t, const struct trace_record *r);
int tool_diff(const struct tool *t);
int tool_export(const struct tool *t);

#endif
