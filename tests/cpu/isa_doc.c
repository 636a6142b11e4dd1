/* isa_doc: what the instruction table says, for people.
 *
 *   isa_doc                     docs/isa.md on stdout
 *   isa_doc --check FILE        status 1 when FILE is not that
 *   isa_doc --coverage FILE...  reads the "rows:" lines of cpu_print_rows() and says which rows were met, and which
 * never
 */
#include "uop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct entry { /* a row in its own words */
    const char *map, *mnemonic, *operand[ROW_OPERANDS], *since;
    u8 op;
    u32 ext, attr;
};

/* The rows once more, with names instead of numbers. */
static const struct entry entries[] = {
#define ROW4(map_, op_, ext_, mnemonic_, op0, op1, op2, op3, exec_, attr_, since_)                                     \
    { #map_, mnemonic_, { #op0, #op1, #op2, #op3 }, #since_, op_, ext_, attr_ },
#include "insn.def"
#undef ROW4
};

/* ---- words ---- */

static const struct {
    const char *name, *text;
} generations[] = {
    { "I86", "8086" },       { "I186", "80186" },   { "I286", "80286" },  { "I386", "80386" },
    { "I486", "80486" },     { "PENT", "Pentium" }, { "F_CX8", "CX8" },   { "F_SSE41", "SSE4.1" },
    { "F_SSE42", "SSE4.2" }, { "F_FPU", "x87" },    { "F_LM", "x86-64" }, { "F_CX16", "CX16" },
};

static const char *since_text(const char *since)
{
    for (size_t i = 0; i < ARRAY_LEN(generations); i++)
        if (!strcmp(generations[i].name, since))
            return generations[i].text;
    return strncmp(since, "F_", 2) ? since : since + 2;
}

struct text {
    char s[160];
};

static void add(struct text *t, const char *format, ...) PRINTF_LIKE(2, 3);
static void add(struct text *t, const char *format, ...)
{
    size_t n = strlen(t->s);
    va_list args;
    va_start(args, format);
    vsnprintf(t->s + n, sizeof t->s - n, format, args);
    va_end(args);
}

static void add_modrm(struct text *t, u32 ext)
{
    bool reg = ext & X_REG(0), rm = ext & X_RM(0);
    if (reg && rm)
        add(t, " %02X", 0xc0 | (ext & 7) << 3 | (ext >> 4 & 7));
    else if (reg)
        add(t, " /%u", ext & 7);
    if (ext & X_MEM)
        add(t, " mem");
    if ((ext & X_MOD3) && !rm)
        add(t, " reg");
}

static void add_prefixes(struct text *t, u32 ext)
{
    static const struct {
        u32 bit;
        const char *text;
    } words[] = { { X_NP, "NP" }, { X_66, "66" }, { X_F3, "F3" }, { X_F2, "F2" } };
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (ext & words[i].bit)
            add(t, "%s%s", n++ ? "/" : "", words[i].text);
    if (n)
        add(t, " ");
    if (ext & X_W0)
        add(t, "W0 ");
    if (ext & X_W1)
        add(t, "W1 ");
    if (ext & X_L0)
        add(t, "L0 ");
    if (ext & X_L1)
        add(t, "L1 ");
}

static struct text opcode_text(const struct entry *e)
{
    static const struct {
        const char *map, *escape;
    } maps[] = { { "1B", "" },         { "0F", "0F " },         { "38", "0F 38 " },     { "3A", "0F 3A " },
                 { "V0F", "VEX 0F " }, { "V38", "VEX 0F 38 " }, { "V3A", "VEX 0F 3A " } };
    struct text t = { "" };
    add_prefixes(&t, e->ext);
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        if (!strcmp(e->map, maps[i].map))
            add(&t, "%s", maps[i].escape);
    add(&t, "%02X%s", e->op, e->attr & A_PLUSR ? "+r" : "");
    add_modrm(&t, e->ext);
    return t;
}

static struct text operands_text(const struct entry *e)
{
    struct text t = { "" };
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        if (strcmp(e->operand[k], "__") != 0)
            add(&t, "%s%s", t.s[0] ? ", " : "", e->operand[k]);
    return t;
}

static struct text flags_text(u32 six)
{
    static const char letters[] = "CPAZSO";
    struct text t = { "" };
    for (unsigned i = 6; i-- > 0;)
        if (six & BIT(i))
            add(&t, "%c", letters[i]);
    return t;
}

static struct text rules_text(const struct entry *e)
{
    static const struct {
        u32 bit;
        const char *text;
    } words[] = {
        { A_NO64, "not in 64-bit mode" },
        { A_ONLY64, "64-bit mode only" },
        { A_PE, "protected mode only" },
        { A_CPL0, "CPL 0" },
        { A_LOCK, "LOCK" },
        { A_REP, "REP" },
        { A_D64, "64 bits by default" },
        { A_F64, "64 bits always" },
        { A_MODREG, "mod ignored" },
        { A_OR_OLDER, "without the feature the prefix is ignored" },
        { A_Y2, "256 bits: AVX2" },
    };
    struct text t = { "" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (e->attr & words[i].bit)
            add(&t, "%s%s", t.s[0] ? ", " : "", words[i].text);
    return t;
}

/* ---- docs/isa.md ---- */

static const char head[] = "# Instructions\n"
                           "\n"
                           "Made by tests/cpu/isa_doc.c from cpu/insn_*.def, the table that the decoder reads: `ninja "
                           "-C build isa-doc` writes it\n"
                           "again. A row is one encoding; what no row claims is #UD.\n"
                           "\n"
                           "- **Opcode**: bytes in hexadecimal. `NP`, `66`, `F3`, `F2` before them: the prefix is part "
                           "of the opcode (`NP`: none of the\n"
                           "  three); of a `VEX` opcode VEX.pp is. `W0`, `W1`: REX.W or VEX.W; `L0`, `L1`: VEX.L. "
                           "`/n`: ModRM.reg is n; a last byte from C0 on is the whole "
                           "ModRM byte. `mem`, `reg`: ModRM names\n"
                           "  memory or a register only. `+r`: the low three bits are a register.\n"
                           "- **Operands**: the letters of the SDM's opcode map (volume 2, appendix A.2). `sIb` is a "
                           "sign-extended byte, `Zv` the\n"
                           "  register in the opcode; Mf, Mi, Mbcd, Menv, Mfpu are x87's memory formats, Mfx and Mxs "
                           "the FXSAVE and XSAVE areas.\n"
                           "- **Writes**, **reads**: of the six arithmetic flags O S Z A P C.\n"
                           "- **Since**: the processor generation or CPUID feature that an instruction came with. #UD "
                           "where CPUID does not show it.\n";

static void print_map(FILE *out, const char *map, const char *title)
{
    fprintf(
        out,
        "\n## %s\n\n| Opcode | Mnemonic | Operands | Writes | Reads | Since | Rules |\n|---|---|---|---|---|---|---|\n",
        title);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        const struct entry *e = &entries[i];
        if (!strcmp(e->map, map))
            fprintf(out, "| %s | %s | %s | %s | %s | %s | %s |\n", opcode_text(e).s, e->mnemonic, operands_text(e).s,
                    flags_text(e->attr >> 16 & 63).s, flags_text(e->attr >> 22 & 63).s, since_text(e->since),
                    rules_text(e).s);
    }
}

static void print_all(FILE *out)
{
    fprintf(out, "%s\n%zu rows.\n", head, ARRAY_LEN(entries));
    print_map(out, "1B", "One-byte opcodes");
    print_map(out, "0F", "Two-byte opcodes: 0F");
    print_map(out, "38", "Three-byte opcodes: 0F 38");
    print_map(out, "3A", "Three-byte opcodes: 0F 3A");
    print_map(out, "V0F", "Behind VEX: map 1, 0F");
    print_map(out, "V38", "Behind VEX: map 2, 0F 38");
    print_map(out, "V3A", "Behind VEX: map 3, 0F 3A");
}

static int check(const char *path)
{
    char *want = NULL, *have = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&want, &size), *in = fopen(path, "rb");
    if (!out || !in) {
        perror(path);
        return 2;
    }
    print_all(out);
    fclose(out);
    have = calloc(1, size + 2);
    bool same = have && fread(have, 1, size + 1, in) == size && !memcmp(have, want, size);
    fclose(in);
    free(have);
    free(want);
    if (!same)
        fprintf(stderr, "%s is not what the instruction table says: ninja -C BUILD isa-doc\n", path);
    return same ? 0 : 1;
}

/* ---- coverage ---- */

static void read_counts(const char *path, u64 *count)
{
    char line[256], name[64];
    unsigned row;
    unsigned long long n;
    FILE *in = fopen(path, "r");
    if (!in) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, in))
        if (sscanf(line, "rows: %u %llu %63s", &row, &n, name) == 3 && row < ARRAY_LEN(entries) &&
            !strcmp(entries[row].mnemonic, name))
            count[row] += n;
    fclose(in);
}

static int coverage(char **paths)
{
    u64 *count = calloc(ARRAY_LEN(entries), sizeof *count);
    size_t met = 0;
    if (!count)
        return 2;
    for (; *paths; paths++)
        read_counts(*paths, count);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++)
        met += count[i] != 0;
    printf("%zu of %zu rows met\n", met, ARRAY_LEN(entries));
    for (size_t i = 0; i < ARRAY_LEN(entries); i++)
        if (!count[i])
            printf("never: %-24s %-12s %s (%s)\n", opcode_text(&entries[i]).s, entries[i].mnemonic,
                   operands_text(&entries[i]).s, since_text(entries[i].since));
    free(count);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "--check"))
        return check(argv[2]);
    if (argc >= 3 && !strcmp(argv[1], "--coverage"))
        return coverage(argv + 2);
    print_all(stdout);
    return 0;
}
