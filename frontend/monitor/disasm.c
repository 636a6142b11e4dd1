/* disasm.c: the i format: instructions as libcapstone reads them, in AT&T's order, as QEMU shows them. */
#include "commands.h"

#include <inttypes.h>

#define INSN_MAX 15
#define SPLIT 8 /* bytes on a line */
#define INSNS_MAX 65536

#ifdef HAVE_CAPSTONE
#include "library.h"

#include <capstone/capstone.h>

static void print_bytes(u64 addr, const u8 *bytes, size_t n, FILE *out)
{
    fprintf(out, "0x%08" PRIx64 ": ", addr);
    for (size_t i = 0; i < n; i++)
        fprintf(out, " %02x", bytes[i]);
}

static void print_insn(const cs_insn *insn, FILE *out)
{
    size_t first = insn->size < SPLIT ? insn->size : SPLIT;
    print_bytes(insn->address, insn->bytes, first, out);
    fprintf(out, "%*s  %-8s %s\n", (int)(3 * (SPLIT - first)), "", insn->mnemonic, insn->op_str);
    for (size_t i = SPLIT; i < insn->size; i += SPLIT) {
        print_bytes(insn->address + i, insn->bytes + i, insn->size - i < SPLIT ? insn->size - i : SPLIT, out);
        fputc('\n', out);
    }
}

static bool open_disassembler(csh *cs, enum debug_code code)
{
    static const cs_mode modes[] = {
        [DEBUG_CODE_16] = CS_MODE_16, [DEBUG_CODE_32] = CS_MODE_32, [DEBUG_CODE_64] = CS_MODE_64
    };
    if (cs_open(CS_ARCH_X86, modes[code], cs) != CS_ERR_OK)
        return false;
    cs_option(*cs, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    cs_option(*cs, CS_OPT_SKIPDATA, CS_OPT_ON);
    return true;
}

/* One instruction; returns its length, 0 where memory ends. */
static size_t print_one(struct monitor *m, csh cs, cs_insn *insn, enum debug_space space, u64 addr)
{
    u8 bytes[INSN_MAX];
    size_t len = debug_read(m->control->machine, m->cpu, space, addr, bytes, sizeof bytes);
    const u8 *at = bytes;
    u64 next = addr;
    if (!len || !cs_disasm_iter(cs, &at, &len, &next, insn)) {
        fprintf(m->out, "0x%08" PRIx64 ":  Cannot access memory\n", addr);
        return 0;
    }
    print_insn(insn, m->out);
    return insn->size;
}

void monitor_disassemble(struct monitor *m, enum debug_space space, u64 addr, s64 count)
{
    struct debug_registers r;
    csh cs;
    const char *why = library_load(&library_capstone);
    if (why) {
        fprintf(m->out, "%s\n", why);
        return;
    }
    debug_get_registers(m->control->machine, m->cpu, &r);
    cs_insn *insn = open_disassembler(&cs, r.code) ? cs_malloc(cs) : NULL;
    if (!insn) {
        fputs("no memory for the disassembler\n", m->out);
        return;
    }
    size_t len = 1;
    for (s64 i = 0; i < count && i < INSNS_MAX && len; i++) {
        len = print_one(m, cs, insn, space, addr);
        addr += len;
    }
    cs_free(insn, 1);
    cs_close(&cs);
}

#else

void monitor_disassemble(struct monitor *m, enum debug_space space, u64 addr, s64 count)
{
    (void)space, (void)addr, (void)count;
    fputs("this pcemu was built without libcapstone, by which it disassembles\n", m->out);
}

#endif
