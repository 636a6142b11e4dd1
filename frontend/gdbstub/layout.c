/* layout.c: see layout.h. */
#include "layout.h"

#define CORE "org.gnu.gdb.i386.core"
#define SSE "org.gnu.gdb.i386.sse"
#define SYSTEM "org.pcemu.i386.system"

/* Where in struct debug_registers a value lies. */
enum place {
    P_GPR,
    P_RIP,
    P_LINEAR_IP, /* with CS.base added */
    P_LINEAR_SP, /* with SS.base added */
    P_SELECTOR,
    P_BASE,
    P_LIMIT,
    P_U16, /* at an offset */
    P_U32,
    P_U64,
    P_FTW,
    P_ST,
    P_XMM,
};

struct reg {
    const char *name;
    const char *type;
    u8 bits;
    u8 place; /* enum place */
    u16 n;    /* number of the register, or offset of the field */
};

enum { SP_NUMBER = 4 };

#define FIELD(f) (u16) offsetof(struct debug_registers, f)

static const struct reg gpr32[] = {
    { "eax", "int32", 32, P_GPR, 0 },    { "ecx", "int32", 32, P_GPR, 1 },
    { "edx", "int32", 32, P_GPR, 2 },    { "ebx", "int32", 32, P_GPR, 3 },
    { "esp", "data_ptr", 32, P_GPR, 4 }, { "ebp", "data_ptr", 32, P_GPR, 5 },
    { "esi", "int32", 32, P_GPR, 6 },    { "edi", "int32", 32, P_GPR, 7 },
    { "eip", "code_ptr", 32, P_RIP, 0 }, { "eflags", "eflags", 32, P_U64, FIELD(rflags) }
};

static const struct reg gpr16[] = {
    { "eax", "int32", 32, P_GPR, 0 },          { "ecx", "int32", 32, P_GPR, 1 },
    { "edx", "int32", 32, P_GPR, 2 },          { "ebx", "int32", 32, P_GPR, 3 },
    { "esp", "data_ptr", 32, P_LINEAR_SP, 0 }, { "ebp", "data_ptr", 32, P_GPR, 5 },
    { "esi", "int32", 32, P_GPR, 6 },          { "edi", "int32", 32, P_GPR, 7 },
    { "eip", "code_ptr", 32, P_LINEAR_IP, 0 }, { "eflags", "eflags", 32, P_U64, FIELD(rflags) }
};

static const struct reg gpr64[] = {
    { "rax", "int64", 64, P_GPR, 0 },    { "rbx", "int64", 64, P_GPR, 3 },
    { "rcx", "int64", 64, P_GPR, 1 },    { "rdx", "int64", 64, P_GPR, 2 },
    { "rsi", "int64", 64, P_GPR, 6 },    { "rdi", "int64", 64, P_GPR, 7 },
    { "rbp", "data_ptr", 64, P_GPR, 5 }, { "rsp", "data_ptr", 64, P_GPR, 4 },
    { "r8", "int64", 64, P_GPR, 8 },     { "r9", "int64", 64, P_GPR, 9 },
    { "r10", "int64", 64, P_GPR, 10 },   { "r11", "int64", 64, P_GPR, 11 },
    { "r12", "int64", 64, P_GPR, 12 },   { "r13", "int64", 64, P_GPR, 13 },
    { "r14", "int64", 64, P_GPR, 14 },   { "r15", "int64", 64, P_GPR, 15 },
    { "rip", "code_ptr", 64, P_RIP, 0 }, { "eflags", "eflags", 32, P_U64, FIELD(rflags) }
};

static const struct reg selectors[] = {
    { "cs", "int32", 32, P_SELECTOR, DEBUG_CS }, { "ss", "int32", 32, P_SELECTOR, DEBUG_SS },
    { "ds", "int32", 32, P_SELECTOR, DEBUG_DS }, { "es", "int32", 32, P_SELECTOR, DEBUG_ES },
    { "fs", "int32", 32, P_SELECTOR, DEBUG_FS }, { "gs", "int32", 32, P_SELECTOR, DEBUG_GS }
};

static const struct reg control32[] = {
    { "fs_base", "int32", 32, P_BASE, DEBUG_FS },
    { "gs_base", "int32", 32, P_BASE, DEBUG_GS },
    { "k_gs_base", "int32", 32, P_U64, FIELD(kernel_gs_base) },
    { "cr0", "cr0", 32, P_U64, FIELD(cr0) },
    { "cr2", "int32", 32, P_U64, FIELD(cr2) },
    { "cr3", "int32", 32, P_U64, FIELD(cr3) },
    { "cr4", "cr4", 32, P_U64, FIELD(cr4) },
    { "cr8", "int32", 32, P_U64, FIELD(cr8) },
    { "efer", "efer", 32, P_U64, FIELD(efer) },
};

static const struct reg control64[] = {
    { "fs_base", "int64", 64, P_BASE, DEBUG_FS },
    { "gs_base", "int64", 64, P_BASE, DEBUG_GS },
    { "k_gs_base", "int64", 64, P_U64, FIELD(kernel_gs_base) },
    { "cr0", "cr0", 64, P_U64, FIELD(cr0) },
    { "cr2", "int64", 64, P_U64, FIELD(cr2) },
    { "cr3", "int64", 64, P_U64, FIELD(cr3) },
    { "cr4", "cr4", 64, P_U64, FIELD(cr4) },
    { "cr8", "int64", 64, P_U64, FIELD(cr8) },
    { "efer", "efer", 64, P_U64, FIELD(efer) },
};

static const struct reg x87[] = { { "st0", "i387_ext", 80, P_ST, 0 },        { "st1", "i387_ext", 80, P_ST, 1 },
                                  { "st2", "i387_ext", 80, P_ST, 2 },        { "st3", "i387_ext", 80, P_ST, 3 },
                                  { "st4", "i387_ext", 80, P_ST, 4 },        { "st5", "i387_ext", 80, P_ST, 5 },
                                  { "st6", "i387_ext", 80, P_ST, 6 },        { "st7", "i387_ext", 80, P_ST, 7 },
                                  { "fctrl", "int", 32, P_U16, FIELD(fcw) }, { "fstat", "int", 32, P_U16, FIELD(fsw) },
                                  { "ftag", "int", 32, P_FTW, 0 },           { "fiseg", "int", 32, P_U16, FIELD(fcs) },
                                  { "fioff", "int", 32, P_U64, FIELD(fip) }, { "foseg", "int", 32, P_U16, FIELD(fds) },
                                  { "fooff", "int", 32, P_U64, FIELD(fdp) }, { "fop", "int", 32, P_U16, FIELD(fop) } };

static const struct reg xmm[] = { { "xmm0", "vec128", 128, P_XMM, 0 },   { "xmm1", "vec128", 128, P_XMM, 1 },
                                  { "xmm2", "vec128", 128, P_XMM, 2 },   { "xmm3", "vec128", 128, P_XMM, 3 },
                                  { "xmm4", "vec128", 128, P_XMM, 4 },   { "xmm5", "vec128", 128, P_XMM, 5 },
                                  { "xmm6", "vec128", 128, P_XMM, 6 },   { "xmm7", "vec128", 128, P_XMM, 7 },
                                  { "xmm8", "vec128", 128, P_XMM, 8 },   { "xmm9", "vec128", 128, P_XMM, 9 },
                                  { "xmm10", "vec128", 128, P_XMM, 10 }, { "xmm11", "vec128", 128, P_XMM, 11 },
                                  { "xmm12", "vec128", 128, P_XMM, 12 }, { "xmm13", "vec128", 128, P_XMM, 13 },
                                  { "xmm14", "vec128", 128, P_XMM, 14 }, { "xmm15", "vec128", 128, P_XMM, 15 } };
#define XMMS_32 8

static const struct reg mxcsr[] = { { "mxcsr", "i386_mxcsr", 32, P_U32, FIELD(mxcsr) } };

/* What QEMU's stub lacks: where segments and tables are, and the debug registers. */
static const struct reg system_regs[] = {
    { "ip_offset", "int64", 64, P_RIP, 0 },
    { "sp_offset", "int64", 64, P_GPR, SP_NUMBER },
    { "cs_base", "int64", 64, P_BASE, DEBUG_CS },
    { "cs_limit", "int64", 64, P_LIMIT, DEBUG_CS },
    { "ss_base", "int64", 64, P_BASE, DEBUG_SS },
    { "ss_limit", "int64", 64, P_LIMIT, DEBUG_SS },
    { "ds_base", "int64", 64, P_BASE, DEBUG_DS },
    { "ds_limit", "int64", 64, P_LIMIT, DEBUG_DS },
    { "es_base", "int64", 64, P_BASE, DEBUG_ES },
    { "es_limit", "int64", 64, P_LIMIT, DEBUG_ES },
    { "gdtr_base", "int64", 64, P_U64, FIELD(gdt.base) },
    { "gdtr_limit", "int64", 64, P_U16, FIELD(gdt.limit) },
    { "idtr_base", "int64", 64, P_U64, FIELD(idt.base) },
    { "idtr_limit", "int64", 64, P_U16, FIELD(idt.limit) },
    { "ldtr", "int32", 32, P_SELECTOR, DEBUG_LDT },
    { "ldtr_base", "int64", 64, P_BASE, DEBUG_LDT },
    { "ldtr_limit", "int64", 64, P_LIMIT, DEBUG_LDT },
    { "tr", "int32", 32, P_SELECTOR, DEBUG_TR },
    { "tr_base", "int64", 64, P_BASE, DEBUG_TR },
    { "tr_limit", "int64", 64, P_LIMIT, DEBUG_TR },
    { "dr0", "int64", 64, P_U64, FIELD(dr[0]) },
    { "dr1", "int64", 64, P_U64, FIELD(dr[1]) },
    { "dr2", "int64", 64, P_U64, FIELD(dr[2]) },
    { "dr3", "int64", 64, P_U64, FIELD(dr[3]) },
    { "dr6", "int64", 64, P_U64, FIELD(dr[6]) },
    { "dr7", "int64", 64, P_U64, FIELD(dr[7]) },
};

/* Groups in order of their numbers; neighbours of one feature are one feature. */
struct group {
    const char *feature;
    const struct reg *reg;
    unsigned count;
};

#define GROUP(feature, regs)                                                                                           \
    {                                                                                                                  \
        feature, regs, ARRAY_LEN(regs)                                                                                 \
    }

static const struct group i8086[] = { GROUP(CORE, gpr16),         GROUP(CORE, selectors), GROUP(CORE, control32),
                                      GROUP(CORE, x87),           { SSE, xmm, XMMS_32 },  GROUP(SSE, mxcsr),
                                      GROUP(SYSTEM, system_regs), { NULL, NULL, 0 } };
static const struct group i386[] = { GROUP(CORE, gpr32),         GROUP(CORE, selectors), GROUP(CORE, control32),
                                     GROUP(CORE, x87),           { SSE, xmm, XMMS_32 },  GROUP(SSE, mxcsr),
                                     GROUP(SYSTEM, system_regs), { NULL, NULL, 0 } };
static const struct group amd64[] = { GROUP(CORE, gpr64),         GROUP(CORE, selectors), GROUP(CORE, control64),
                                      GROUP(CORE, x87),           GROUP(SSE, xmm),        GROUP(SSE, mxcsr),
                                      GROUP(SYSTEM, system_regs), { NULL, NULL, 0 } };

static const struct {
    const char *name;
    const struct group *group;
} layouts[] = {
    [LAYOUT_I8086] = { "i8086", i8086 }, [LAYOUT_I386] = { "i386", i386 }, [LAYOUT_AMD64] = { "i386:x86-64", amd64 }
};

unsigned layout_count(enum layout_arch arch)
{
    unsigned count = 0;
    for (const struct group *g = layouts[arch].group; g->reg; g++)
        count += g->count;
    return count;
}

static const struct reg *find(enum layout_arch arch, unsigned n)
{
    const struct group *g = layouts[arch].group;
    while (n >= g->count) {
        n -= g->count;
        g++;
    }
    return &g->reg[n];
}

unsigned layout_bytes(enum layout_arch arch, unsigned n)
{
    return find(arch, n)->bits / 8;
}

/* ---- the x87 tag word, whole (SDM vol. 1, 8.1.7) ---- */

enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

static unsigned tag_of(const struct debug_registers *r, unsigned n)
{
    u16 exponent = r->fpr[n].exponent & 0x7fff;
    u64 mantissa = r->fpr[n].mantissa;
    if (!(r->ftw & BIT(n)))
        return TAG_EMPTY;
    if (exponent == 0 && mantissa == 0)
        return TAG_ZERO;
    return exponent != 0 && exponent != 0x7fff && mantissa >> 63 ? TAG_VALID : TAG_SPECIAL;
}

static u16 tag_word(const struct debug_registers *r)
{
    unsigned word = 0;
    for (unsigned n = 0; n < 8; n++)
        word |= tag_of(r, n) << (2 * n);
    return (u16)word;
}

static u8 abridged(u16 word)
{
    unsigned tags = 0;
    for (unsigned n = 0; n < 8; n++)
        tags |= (word >> (2 * n) & 3) != TAG_EMPTY ? BIT(n) : 0;
    return (u8)tags;
}

static unsigned physical_st(const struct debug_registers *r, unsigned i)
{
    return ((unsigned)(r->fsw >> 11 & 7) + i) & 7;
}

/* ---- values ---- */

static u64 get(const struct reg *reg, const struct debug_registers *r)
{
    const u8 *field = (const u8 *)r + reg->n;
    switch ((enum place)reg->place) {
    case P_GPR:
        return r->gpr[reg->n];
    case P_RIP:
        return r->rip;
    case P_LINEAR_IP:
        return r->seg[DEBUG_CS].base + r->rip;
    case P_LINEAR_SP:
        return r->seg[DEBUG_SS].base + r->gpr[SP_NUMBER];
    case P_SELECTOR:
        return r->seg[reg->n].selector;
    case P_BASE:
        return r->seg[reg->n].base;
    case P_LIMIT:
        return r->seg[reg->n].limit;
    case P_U16:
        return *(const u16 *)(const void *)field;
    case P_U32:
        return *(const u32 *)(const void *)field;
    case P_U64:
        return *(const u64 *)(const void *)field;
    case P_FTW:
        return tag_word(r);
    case P_ST:
    case P_XMM:
        break;
    }
    return 0;
}

unsigned layout_get(enum layout_arch arch, unsigned n, const struct debug_registers *r, u8 value[LAYOUT_VALUE_MAX])
{
    const struct reg *reg = find(arch, n);
    u64 v;
    switch (reg->place) {
    case P_ST:
        memcpy(value, &r->fpr[physical_st(r, reg->n)].mantissa, 8);
        memcpy(value + 8, &r->fpr[physical_st(r, reg->n)].exponent, 2);
        break;
    case P_XMM:
        memcpy(value, r->xmm[reg->n], 16);
        break;
    default:
        v = get(reg, r);
        memcpy(value, &v, reg->bits / 8);
        break;
    }
    return reg->bits / 8;
}

/* In a narrow layout the upper half of a wide register stays as it is. */
static void merge(u64 *to, const struct reg *reg, u64 v)
{
    *to = reg->bits == 64 ? v : (*to & ~(u64)UINT32_MAX) | (u32)v;
}

static void put(const struct reg *reg, struct debug_registers *r, u64 v)
{
    u8 *field = (u8 *)r + reg->n;
    switch ((enum place)reg->place) {
    case P_GPR:
        merge(&r->gpr[reg->n], reg, v);
        break;
    case P_RIP:
        r->rip = v;
        break;
    case P_LINEAR_IP:
        r->rip = (u32)(v - r->seg[DEBUG_CS].base);
        break;
    case P_LINEAR_SP:
        merge(&r->gpr[SP_NUMBER], reg, v - r->seg[DEBUG_SS].base);
        break;
    case P_SELECTOR:
        r->seg[reg->n].selector = (u16)v;
        break;
    case P_BASE:
        merge(&r->seg[reg->n].base, reg, v);
        break;
    case P_LIMIT:
        r->seg[reg->n].limit = (u32)v;
        break;
    case P_U16:
        *(u16 *)(void *)field = (u16)v;
        break;
    case P_U32:
        *(u32 *)(void *)field = (u32)v;
        break;
    case P_U64:
        merge((u64 *)(void *)field, reg, v);
        break;
    case P_FTW:
        r->ftw = abridged((u16)v);
        break;
    case P_ST:
    case P_XMM:
        break;
    }
}

void layout_put(enum layout_arch arch, unsigned n, struct debug_registers *r, const u8 value[LAYOUT_VALUE_MAX])
{
    const struct reg *reg = find(arch, n);
    u64 v = 0;
    switch (reg->place) {
    case P_ST:
        memcpy(&r->fpr[physical_st(r, reg->n)].mantissa, value, 8);
        memcpy(&r->fpr[physical_st(r, reg->n)].exponent, value + 8, 2);
        break;
    case P_XMM:
        memcpy(r->xmm[reg->n], value, 16);
        break;
    default:
        memcpy(&v, value, reg->bits / 8);
        put(reg, r, v);
        break;
    }
}

/* ---- the description ---- */

struct bit {
    const char *name;
    u8 first, last;
};

static const struct bit eflags_bits[] = { { "CF", 0, 0 },    { "", 1, 1 },     { "PF", 2, 2 },     { "AF", 4, 4 },
                                          { "ZF", 6, 6 },    { "SF", 7, 7 },   { "TF", 8, 8 },     { "IF", 9, 9 },
                                          { "DF", 10, 10 },  { "OF", 11, 11 }, { "IOPL", 12, 13 }, { "NT", 14, 14 },
                                          { "RF", 16, 16 },  { "VM", 17, 17 }, { "AC", 18, 18 },   { "VIF", 19, 19 },
                                          { "VIP", 20, 20 }, { "ID", 21, 21 } };
static const struct bit cr0_bits[] = { { "PE", 0, 0 },   { "MP", 1, 1 },   { "EM", 2, 2 },   { "TS", 3, 3 },
                                       { "ET", 4, 4 },   { "NE", 5, 5 },   { "WP", 16, 16 }, { "AM", 18, 18 },
                                       { "NW", 29, 29 }, { "CD", 30, 30 }, { "PG", 31, 31 } };
static const struct bit cr4_bits[] = {
    { "VME", 0, 0 },          { "PVI", 1, 1 },    { "TSD", 2, 2 },    { "DE", 3, 3 },         { "PSE", 4, 4 },
    { "PAE", 5, 5 },          { "MCE", 6, 6 },    { "PGE", 7, 7 },    { "PCE", 8, 8 },        { "OSFXSR", 9, 9 },
    { "OSXMMEXCPT", 10, 10 }, { "UMIP", 11, 11 }, { "LA57", 12, 12 }, { "FSGSBASE", 16, 16 }, { "PCIDE", 17, 17 },
    { "OSXSAVE", 18, 18 },    { "SMEP", 20, 20 }, { "SMAP", 21, 21 }, { "PKE", 22, 22 }
};
static const struct bit efer_bits[] = { { "SCE", 0, 0 }, { "LME", 8, 8 }, { "LMA", 10, 10 }, { "NXE", 11, 11 } };
static const struct bit mxcsr_bits[] = { { "IE", 0, 0 },   { "DE", 1, 1 },   { "ZE", 2, 2 },   { "OE", 3, 3 },
                                         { "UE", 4, 4 },   { "PE", 5, 5 },   { "DAZ", 6, 6 },  { "IM", 7, 7 },
                                         { "DM", 8, 8 },   { "ZM", 9, 9 },   { "OM", 10, 10 }, { "UM", 11, 11 },
                                         { "PM", 12, 12 }, { "RC", 13, 14 }, { "FZ", 15, 15 } };

static void print_flags(FILE *out, const char *id, unsigned bytes, const struct bit *bits, unsigned count)
{
    fprintf(out, "<flags id=\"%s\" size=\"%u\">", id, bytes);
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "<field name=\"%s\" start=\"%u\" end=\"%u\"/>", bits[i].name, bits[i].first, bits[i].last);
    fputs("</flags>\n", out);
}

static void print_core_types(FILE *out, unsigned bytes)
{
    print_flags(out, "eflags", 4, eflags_bits, ARRAY_LEN(eflags_bits));
    print_flags(out, "cr0", bytes, cr0_bits, ARRAY_LEN(cr0_bits));
    print_flags(out, "cr4", bytes, cr4_bits, ARRAY_LEN(cr4_bits));
    print_flags(out, "efer", bytes, efer_bits, ARRAY_LEN(efer_bits));
}

static void print_sse_types(FILE *out)
{
    static const struct {
        const char *id, *type;
        unsigned count;
    } vectors[] = { { "v4f", "ieee_single", 4 }, { "v2d", "ieee_double", 2 }, { "v16i8", "int8", 16 },
                    { "v8i16", "int16", 8 },     { "v4i32", "int32", 4 },     { "v2i64", "int64", 2 } };
    for (unsigned i = 0; i < ARRAY_LEN(vectors); i++)
        fprintf(out, "<vector id=\"%s\" type=\"%s\" count=\"%u\"/>\n", vectors[i].id, vectors[i].type,
                vectors[i].count);
    fputs("<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/><field name=\"v2_double\" type=\"v2d\"/>"
          "<field name=\"v16_int8\" type=\"v16i8\"/><field name=\"v8_int16\" type=\"v8i16\"/>"
          "<field name=\"v4_int32\" type=\"v4i32\"/><field name=\"v2_int64\" type=\"v2i64\"/>"
          "<field name=\"uint128\" type=\"uint128\"/></union>\n",
          out);
    print_flags(out, "i386_mxcsr", 4, mxcsr_bits, ARRAY_LEN(mxcsr_bits));
}

void layout_print_xml(enum layout_arch arch, FILE *out)
{
    const char *feature = "";
    fprintf(out,
            "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n"
            "<architecture>%s</architecture>\n",
            layouts[arch].name);
    for (const struct group *g = layouts[arch].group; g->reg; g++) {
        if (strcmp(g->feature, feature) != 0) {
            fprintf(out, "%s<feature name=\"%s\">\n", *feature ? "</feature>\n" : "", g->feature);
            feature = g->feature;
            if (strcmp(feature, CORE) == 0)
                print_core_types(out, arch == LAYOUT_AMD64 ? 8 : 4);
            else if (strcmp(feature, SSE) == 0)
                print_sse_types(out);
        }
        for (unsigned i = 0; i < g->count; i++)
            fprintf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>\n", g->reg[i].name, g->reg[i].bits,
                    g->reg[i].type);
    }
    fputs("</feature>\n</target>\n", out);
}
