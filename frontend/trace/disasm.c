/* disasm.c: see disasm.h. */
#include "disasm.h"

#include <stdlib.h>

#ifdef HAVE_CAPSTONE
#include "library.h"

#include <capstone/capstone.h>
#include <stdio.h>

struct trace_disasm {
    csh cs[3]; /* by enum debug_code */
    cs_insn *insn;
};

struct trace_disasm *trace_disasm_new(void)
{
    static const cs_mode modes[] = {
        [DEBUG_CODE_16] = CS_MODE_16, [DEBUG_CODE_32] = CS_MODE_32, [DEBUG_CODE_64] = CS_MODE_64
    };
    const char *why = library_load(&library_capstone);
    struct trace_disasm *d = calloc(1, sizeof *d);
    if (why)
        fprintf(stderr, "pcemu: no instruction is put in words: %s\n", why);
    if (why || !d)
        return d;
    for (unsigned i = 0; i < ARRAY_LEN(modes); i++) {
        if (cs_open(CS_ARCH_X86, modes[i], &d->cs[i]) != CS_ERR_OK) {
            d->cs[i] = 0;
            trace_disasm_free(d);
            return NULL;
        }
        cs_option(d->cs[i], CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    }
    if (!(d->insn = cs_malloc(d->cs[0]))) {
        trace_disasm_free(d);
        return NULL;
    }
    return d;
}

void trace_disasm_free(struct trace_disasm *d)
{
    if (!d)
        return;
    if (d->insn)
        cs_free(d->insn, 1);
    for (unsigned i = 0; i < ARRAY_LEN(d->cs); i++)
        if (d->cs[i])
            cs_close(&d->cs[i]);
    free(d);
}

char *trace_disasm(struct trace_disasm *d, u8 code, u64 rip, const u8 *bytes, unsigned length, char *to)
{
    size_t left = length;
    if (!d->insn)
        *to = '\0';
    else if (!cs_disasm_iter(d->cs[code], &bytes, &left, &rip, d->insn))
        snprintf(to, TRACE_DISASM_MAX, "(bad)");
    else
        snprintf(to, TRACE_DISASM_MAX, *d->insn->op_str ? "%s %s" : "%s", d->insn->mnemonic, d->insn->op_str);
    return to + strlen(to);
}

#else

struct trace_disasm {
    char nothing;
};

struct trace_disasm *trace_disasm_new(void)
{
    return calloc(1, sizeof(struct trace_disasm));
}

void trace_disasm_free(struct trace_disasm *d)
{
    free(d);
}

char *trace_disasm(struct trace_disasm *d, u8 code, u64 rip, const u8 *bytes, unsigned length, char *to)
{
    (void)d, (void)code, (void)rip, (void)bytes, (void)length;
    return to;
}

#endif
