/* disasm.c: see disasm.h. */
#include "disasm.h"

#include <stdlib.h>

#define TEXT_MAX 72u
#define KEPT 16384u

struct kept {
    u64 rip;
    u8 code, length;
    u8 bytes[TRACE_INSN_MAX];
    char text[TEXT_MAX];
};

#ifdef HAVE_CAPSTONE
#include "library.h"

#include <capstone/capstone.h>
#include <stdio.h>

struct trace_disasm {
    csh cs[3]; /* by enum debug_code */
    cs_insn *insn;
    struct kept kept[KEPT];
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

static void take_apart(struct trace_disasm *d, struct kept *k)
{
    const u8 *at = k->bytes;
    size_t left = k->length;
    u64 rip = k->rip;
    if (!d->insn)
        k->text[0] = '\0';
    else if (!cs_disasm_iter(d->cs[k->code], &at, &left, &rip, d->insn))
        snprintf(k->text, sizeof k->text, "(bad)");
    else
        snprintf(k->text, sizeof k->text, *d->insn->op_str ? "%s %s" : "%s", d->insn->mnemonic, d->insn->op_str);
}

#else

struct trace_disasm {
    struct kept kept[KEPT];
};

struct trace_disasm *trace_disasm_new(void)
{
    return calloc(1, sizeof(struct trace_disasm));
}

void trace_disasm_free(struct trace_disasm *d)
{
    free(d);
}

static void take_apart(struct trace_disasm *d, struct kept *k)
{
    (void)d;
    k->text[0] = '\0';
}

#endif

const char *trace_disasm(struct trace_disasm *d, u8 code, u64 rip, const u8 *bytes, unsigned length)
{
    struct kept *k = &d->kept[(rip ^ rip >> 14) % KEPT];
    if (k->rip == rip && k->code == code && k->length == length && memcmp(k->bytes, bytes, length) == 0)
        return k->text;
    *k = (struct kept){ .rip = rip, .code = code, .length = (u8)length };
    memcpy(k->bytes, bytes, length);
    take_apart(d, k);
    return k->text;
}
