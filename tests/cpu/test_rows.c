/* The instruction table: every encoding has one row at most, every row a handler, and libcapstone reads the same bytes
 * as the same instruction of the same length, with the same memory operand. Where it does not, the reason is in the
 * tables below. */
#include "block.h"
#include "capstone_operands.h"
#include "encode.h"
#include "harness.h"

#include <stdio.h>

/* ---- one row at most ---- */

static bool claims(const struct row *r, unsigned op, unsigned modrm, u32 prefix, bool w, bool l, bool bits64)
{
    bool opcode = (r->attr & A_PLUSR) ? (op & 0xf8) == r->op : op == r->op;
    if (!opcode || (r->attr & (bits64 ? A_NO64 : A_ONLY64)))
        return false;
    if (((r->ext & X_REG(0)) && (r->ext & 7) != (modrm >> 3 & 7)) ||
        ((r->ext & X_RM(0)) && (r->ext >> 4 & 7) != (modrm & 7)))
        return false;
    if (((r->ext & X_MEM) && modrm >= 0xc0) || ((r->ext & X_MOD3) && modrm < 0xc0))
        return false;
    if ((r->ext & X_PREFIXES) && !(r->ext & prefix))
        return false;
    if (((r->ext & X_L0) && l) || ((r->ext & X_L1) && !l))
        return false;
    return !((r->ext & X_W0) && w) && !((r->ext & X_W1) && !w);
}

/* F3 90 is PAUSE, F3 0F BC and BD are TZCNT and LZCNT: the only encodings that a more general row claims too. The
 * general row must stand behind, or be passed over. */
static bool is_general_too(unsigned map, unsigned op, u32 prefix)
{
    return prefix == X_F3 && ((map == MAP_1B && op == 0x90) || (map == MAP_0F && (op == 0xbc || op == 0xbd)));
}

static void check_unique(unsigned map, unsigned op)
{
    for (unsigned v = 0; v < 256 * 32; v++) {
        u32 prefix = (u32[]){ X_NP, X_66, X_F3, X_F2 }[v >> 8 & 3];
        unsigned n = 0;
        for (unsigned i = 0; i < cpu_row_count; i++)
            n += cpu_rows[i].map == map && claims(&cpu_rows[i], op, v & 255, prefix, v & 0x400, v & 0x1000, v & 0x800);
        if (n > 1 && !is_general_too(map, op, prefix))
            fail_msg("%u rows claim map %u opcode %02x modrm %02x", n, map, op, v & 255);
    }
}

static void test_unique(void **state)
{
    (void)state;
    for (unsigned map = 0; map < MAPS; map++)
        for (unsigned op = 0; op < 256; op++) {
            unsigned rows = 0;
            for (unsigned i = 0; i < cpu_row_count; i++)
                rows += cpu_rows[i].map == map &&
                        (op == cpu_rows[i].op || ((cpu_rows[i].attr & A_PLUSR) && (op & 0xf8) == cpu_rows[i].op));
            if (rows > 1)
                check_unique(map, op);
        }
}

/* ---- every row is reached and has a handler for each form and width ---- */

#define VECTORS (MODE_OSFXSR | MODE_OSXSAVE | MODE_AVX)
static const u32 modes[3] = { MODE_PE | VECTORS, MODE_PE | MODE_32 | MODE_SS32 | VECTORS | MODE_FLAT,
                              MODE_PE | MODE_LMA | MODE_64 | MODE_SS32 | VECTORS | MODE_FLAT };

static unsigned check_row(struct cpu *c, const struct row *r, const struct encoding *e)
{
    u8 bytes[ENCODING_MAX];
    struct uop u;
    if (!encode_row(r, e, 0, bytes))
        return 0;
    struct decoded d = decode_insn(c, &c->blocks->index, bytes, INSN_BYTES_MAX, 0, modes[e->bits / 32], &u);
    if (d.row != r)
        fail_msg("row %u, %s, %u bits: bytes %02x %02x %02x are %s", (unsigned)(r - cpu_rows), r->mnemonic, e->bits,
                 bytes[0], bytes[1], bytes[2], d.row ? d.row->mnemonic : "no instruction");
    if ((u.exec == op_ud) == cpu_has(c, r->since))
        fail_msg("row %u, %s, %u bits: %s handler", (unsigned)(r - cpu_rows), r->mnemonic, e->bits,
                 u.exec == op_ud ? "no" : "feature absent, but it has a");
    assert_int_equal(u_row(&u), r - cpu_rows);
    return 1;
}

static void test_handlers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_enable_avx(b);
    for (unsigned i = 0; i < cpu_row_count; i++) {
        unsigned forms = 0;
        for (unsigned v = 0; v < 3 * 4 * 4; v++) {
            struct encoding e = { .bits = (unsigned[]){ 16, 32, 64 }[v % 3],
                                  .size = v / 3 % 4,
                                  .memory = v / 12 & 1,
                                  .reg = v / 24 & 1 ? 3 : 2,
                                  .rm = 1 };
            if (e.size == 3 && e.bits != 64)
                continue;
            forms += check_row(b->cpu, &cpu_rows[i], &e);
        }
        if (!forms)
            fail_msg("row %u, %s: no encoding", i, cpu_rows[i].mnemonic);
    }
    bench_free(b);
}

/* ---- capstone ---- */

struct oracle {
    struct bench *b;
    csh cs[3];
    cs_insn *insn;
    unsigned long cases;
    unsigned differences;
};

/* Mnemonics that mean the same. A `+` stands for the operand size: b, w, d, q. */
static const struct {
    const char *ours, *theirs[4];
} aliases[] = {
    { "movs", { "movs+" } },
    { "cmps", { "cmps+" } },
    { "stos", { "stos+" } },
    { "lods", { "lods+" } },
    { "scas", { "scas+" } },
    { "ins", { "ins+", "insd" } }, /* there is no 64-bit one: REX.W is ignored */
    { "outs", { "outs+", "outsd" } },
    { "cbw", { "cbw", "cwde", "cdqe" } },
    { "cwd", { "cwd", "cdq", "cqo" } },
    { "xchg", { "nop" } },          /* 90 */
    { "pause", { "nop", "xchg" } }, /* F3 90: capstone forgets it beside 66 or REX */
    { "fwait", { "wait" } },
    { "pushf", { "pushf+" } },
    { "popf", { "popf+" } },
    { "pusha", { "pushaw", "pushal" } },
    { "popa", { "popaw", "popal" } },
    { "iret", { "iret+" } },
    { "retf", { "retfq" } },
    { "callf", { "lcall" } },
    { "jmpf", { "ljmp" } },
    { "mov", { "movabs" } },
    { "shl", { "sal" } },
    { "xlat", { "xlatb" } },
    { "icebp", { "int1" } },
    { "jcxz", { "jcxz", "jecxz", "jrcxz" } },
    { "fsetpm287_nop", { "fsetpm" } },
    { "ud1", { "ud2b" } },
    { "movq", { "movd" } },       /* 48 0F 6E is printed either way */
    { "fxsave", { "fxsave64" } }, /* with REX.W */
    { "fxrstor", { "fxrstor64" } },
    { "xsave", { "xsave64" } },
    { "xrstor", { "xrstor64" } },
    { "xsaveopt", { "xsaveopt64" } },
    { "xsavec", { "xsavec64" } },
    { "xsaves", { "xsaves64" } },
    { "xrstors", { "xrstors64" } },
    { "nop", { "endbr64", "endbr32" } }, /* CET is not modelled: these are NOPs */
    { "clwb", { "xsaveopt64" } },        /* 66 48 0F AE /6: capstone 4 loses the 66 */
    { "rdpid", { "rdseed" } },           /* F3 0F C7 /7: capstone 4 ignores the prefix */
    { "vmovd", { "vmovq" } },            /* outside 64-bit mode W does not count, says silicon */
    { "vpinsrd", { "vpinsrq" } },
    { "vpextrd", { "vpextrq" } },
    { "vcvtpd2ps", { "vcvtpd2psx" } },
    { "vcvtpd2dq", { "vcvtpd2dqx" } },
    { "vcvttpd2dq", { "vcvttpd2dqx" } },
    { "vcmpps", { "vcmp*ps" } },
    { "vcmppd", { "vcmp*pd" } },
    { "vcmpss", { "vcmp*ss" } },
    { "vcmpsd", { "vcmp*sd" } },
    { "cmpps", { "cmp*ps" } },
    { "cmppd", { "cmp*pd" } },
    { "cmpss", { "cmp*ss" } },
    { "cmpsd", { "cmp*sd" } },
};

/* Valid for capstone, #UD here, because CPUID does not show it. */
static const char *const not_modelled[] = {
    "k*",  /* AVX-512's masks */
    "vm*", /* VMX and SVM */
    "vaes*",     "vpclmulqdq", "vfmaddp*",    "vfmadds*",    "vfmsubp*",  "vfmsubs*", "vfnmaddp*", "vfnmadds*",
    "vfnmsubp*", "vfnmsubs*",  "vfmaddsubp*", "vfmsubaddp*", "vpermil2*", /* FMA4 and XOP, which AMD has
                                                                             left */
    "xabort",    "xbegin",     "xend",        "xtest",       "encl*",     "stgi",     "clgi",      "skinit",
    "invlpga",   "invept",     "invvpid",     "femms",       "getsec",    "montmul",  "xsha*",     "xstorerng",
    "xcrypt*",   "extrq",      "insertq",     "movnts*",     "pcommit",   "monitor",  "mwait",
};

static bool like(const char *name, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    if (!star)
        return !strcmp(name, pattern);
    size_t head = (size_t)(star - pattern), tail = strlen(star + 1), n = strlen(name);
    return n >= head + tail && !strncmp(name, pattern, head) && !strcmp(name + n - tail, star + 1);
}

static bool same_name(const char *ours, const char *theirs, unsigned size)
{
    if (!strcmp(ours, theirs))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        for (size_t k = 0; !strcmp(aliases[i].ours, ours) && k < 4 && aliases[i].theirs[k]; k++) {
            char name[32];
            snprintf(name, sizeof name, "%s", aliases[i].theirs[k]);
            char *plus = strchr(name, '+');
            if (plus)
                *plus = "bwdq"[size];
            if (like(theirs, name))
                return true;
        }
    return false;
}

static bool absent_feature(const char *theirs)
{
    for (size_t i = 0; i < ARRAY_LEN(not_modelled); i++)
        if (like(theirs, not_modelled[i]))
            return true;
    return false;
}

struct reading {
    struct decoded d;
    struct uop u;
    bool valid;
};

static struct reading read_bytes(struct oracle *o, unsigned mode, const u8 *bytes)
{
    struct reading r;
    r.d = decode_insn(o->b->cpu, &o->b->cpu->blocks->index, bytes, INSN_BYTES_MAX, 0, modes[mode], &r.u);
    r.valid = r.d.row && r.u.exec != op_ud;
    return r;
}

static bool is_simd_prefix(u8 b)
{
    return b == 0x66 || b == 0xf2 || b == 0xf3;
}

/* Without its 66, F2 and F3, and with another choice among them, is it a row with a prefix of its own? Then the prefix
 * that is there chose an empty place of the opcode map: #UD (so says silicon; capstone ignores such a prefix). */
static bool empty_place(struct oracle *o, unsigned mode, const u8 *bytes)
{
    u8 plain[INSN_BYTES_MAX] = { 0 };
    unsigned n = 0;
    bool in_prefixes = true;
    for (unsigned i = 0; i < INSN_BYTES_MAX; i++) {
        in_prefixes = in_prefixes && (is_simd_prefix(bytes[i]) || bytes[i] == 0xf0 || bytes[i] == 0x67 ||
                                      bytes[i] == 0x2e || bytes[i] == 0x64 || (mode == 2 && (bytes[i] & 0xf0) == 0x40));
        if (!in_prefixes || !is_simd_prefix(bytes[i]))
            plain[n++] = bytes[i];
    }
    struct reading r = read_bytes(o, mode, plain);
    return n < INSN_BYTES_MAX && r.d.row && (r.d.row->ext & X_PREFIXES);
}

static bool has_prefix(const u8 *bytes, u8 prefix)
{
    for (unsigned i = 0; i < 3; i++)
        if (bytes[i] == prefix)
            return true;
    return false;
}

/* Capstone loses 66 beside F2, F3 and REX.W. */
static bool loses_66(unsigned mode, const u8 *bytes)
{
    return has_prefix(bytes, 0x66) &&
           (has_prefix(bytes, 0xf3) || has_prefix(bytes, 0xf2) || (mode == 2 && has_prefix(bytes, 0x48)));
}

/* Ours is an instruction, capstone 4 knows none. */
static bool explained_valid(unsigned mode, const u8 *bytes, const struct row *r)
{
    static const char *const ok[] = {
        "vaesenc",  "vaesenclast",    "vaesdec", "vaesdeclast", "vpclmulqdq", /* of 256 bits */
        "lfence",   "mfence",         "sfence",                               /* with rm other than 0 */
        "nop",                                                                /* 0F 18-1F in all their forms */
        "prefetch",                                                           /* 0F 0D */
        "ud0",      "vbroadcasti128", "rdpkru",  "wrpkru",
    };
    for (size_t i = 0; i < ARRAY_LEN(ok); i++)
        if (!strcmp(r->mnemonic, ok[i]))
            return true;
    if (r->map == MAP_1B && (r->op == 0x8c || r->op == 0x8e)) /* no such segment: the handler raises #UD */
        return true;
    if (r->map == MAP_1B && (r->op & 0xfc) == 0xa0) /* MOV moffs with 66 and REP */
        return loses_66(mode, bytes);
    return mode == 0 &&
           (has_prefix(bytes, 0x66) || (r->ext & X_PREFIXES)); /* capstone 4 mixes up 66 and none in 16-bit code */
}

/* Behind VEX capstone ignores W and L, where the manual's pages name the one that is legal; silicon says #UD. */
static bool other_bits_are_legal(struct oracle *o, unsigned mode, const u8 *bytes)
{
    u8 other[INSN_BYTES_MAX];
    memcpy(other, bytes, sizeof other);
    for (unsigned flip = 0; flip < 4 && bytes[0] == 0xc4; flip++) {
        other[2] = (u8)(bytes[2] ^ (flip & 1 ? 0x80 : 0) ^ (flip & 2 ? 4 : 0));
        if (read_bytes(o, mode, other).valid)
            return true;
    }
    return false;
}

/* Capstone knows an instruction, ours is #UD. */
static bool explained_invalid(struct oracle *o, unsigned mode, const u8 *bytes, const struct row *r, const char *theirs)
{
    bool lock = has_prefix(bytes, 0xf0);
    if (lock || (r && !cpu_has(o->b->cpu, r->since))) /* LOCK where it is not allowed */
        return true;
    if (r && r->map == MAP_0F && (r->op & 0xfc) == 0x20) /* MOV with a control or debug register that does not exist */
        return true;
    if (mode != 2 && !strcmp(theirs, "swapgs"))
        return true;
    if (r && (r->operand[1] == OP_Mvd || r->operand[1] == OP_Mvq)) /* a gather without SIB */
        return true;
    return absent_feature(theirs) || empty_place(o, mode, bytes) || other_bits_are_legal(o, mode, bytes);
}

/* The length of a near branch does not depend on 66 in 64-bit mode (SDM vol. 2, 2.2.1.6); capstone follows AMD. */
static bool explained_length(unsigned mode, const u8 *bytes, const struct row *r)
{
    if (!strcmp(r->mnemonic, "ud1") || !strcmp(r->mnemonic, "ud0")) /* with modrm or without: never executed */
        return true;
    return loses_66(mode, bytes) || (mode == 2 && has_prefix(bytes, 0x66) && (r->attr & A_JUMP));
}

static bool same_width_forgotten(const char *ours, const char *theirs)
{
    return same_name(ours, theirs, 1) || same_name(ours, theirs, 2) || same_name(ours, theirs, 3);
}

static const char *bare(const char *name)
{
    const char *space = strrchr(name, ' '); /* after rep, lock, bnd, xacquire */
    return space ? space + 1 : name;
}

static void differ(struct oracle *o, unsigned mode, const u8 *bytes, const char *ours, unsigned len, const char *theirs,
                   unsigned n)
{
    if (o->differences++ >= 50)
        return;
    print_message("%u bits:", 16 << mode);
    for (unsigned i = 0; i < 10; i++)
        print_message(" %02x", bytes[i]);
    print_message(": %s (%u), capstone: %s (%u)\n", ours, len, theirs, n);
}

static void compare_one(struct oracle *o, unsigned mode, const u8 *bytes)
{
    const u8 *p = bytes;
    size_t left = INSN_BYTES_MAX;
    u64 address = 0;
    bool theirs = cs_disasm_iter(o->cs[mode], &p, &left, &address, o->insn);
    struct reading r = read_bytes(o, mode, bytes);
    const char *name = theirs ? bare(o->insn->mnemonic) : "invalid", *ours = r.d.row ? r.d.row->mnemonic : "none";
    unsigned n = theirs ? o->insn->size : 0;
    bool ok;
    o->cases++;
    if (!theirs)
        ok = !r.valid || explained_valid(mode, bytes, r.d.row);
    else if (!r.valid)
        ok = explained_invalid(o, mode, bytes, r.d.row, name);
    else
        ok = (n == r.d.len || explained_length(mode, bytes, r.d.row)) &&
             (same_name(ours, name, u_size(&r.u)) || (loses_66(mode, bytes) && same_width_forgotten(ours, name)));
    if (ok && theirs && r.valid && n == r.d.len && memory_operand_difference(&r.u, r.d.row, o->insn, 16u << mode)) {
        differ(o, mode, bytes, memory_operand_difference(&r.u, r.d.row, o->insn, 16u << mode), r.d.len, o->insn->op_str,
               n);
        return;
    }
    if (!ok && !(mode == 0 && r.d.row && (r.d.row->ext & X_PREFIXES))) /* see explained_valid() */
        differ(o, mode, bytes, ours, r.d.len, name, n);
}

static bool is_prefix(unsigned mode, unsigned map, unsigned op)
{
    if (map != MAP_1B)
        return map == MAP_0F && (op == 0x38 || op == 0x3a || op == 0x0f); /* 0F 0F: 3DNow! */
    return op == 0x0f || (op & 0xe7) == 0x26 || (op >= 0x64 && op <= 0x67) || op == 0xf0 || op == 0xf2 || op == 0xf3 ||
           (mode == 2 && (op & 0xf0) == 0x40);
}

static void compare_opcode(struct oracle *o, unsigned mode, const u8 *prefix, unsigned map, unsigned op)
{
    static const u8 tail[] = { 0x11, 0x22, 0x33, 0x44, 0x05, 0x16, 0x17, 0x18, 0x01 };
    u8 bytes[24] = { 0 };
    unsigned n = 0;
    while (*prefix)
        bytes[n++] = *prefix++;
    if (map != MAP_1B)
        bytes[n++] = 0x0f;
    if (map > MAP_0F)
        bytes[n++] = map == MAP_38 ? 0x38 : 0x3a;
    bytes[n++] = (u8)op;
    memcpy(bytes + n + 1, tail, sizeof tail);
    unsigned step = o->b->cpu->blocks->index.modrm[map][op] ? 1 : 17;
    for (unsigned modrm = 0; modrm < 256; modrm += step) {
        bytes[n] = (u8)modrm;
        if (!(map == MAP_1B && (op & 0xfe) == 0xc4 && (mode == 2 || modrm >= 0xc0))) /* VEX, see below */
            compare_one(o, mode, bytes);
    }
}

/* The bytes behind C4: a map, what the last prefix byte says, and the opcode. */
static void compare_vex(struct oracle *o, unsigned mode, unsigned map, unsigned last, unsigned op)
{
    u8 bytes[24] = { 0xc4, (u8)(0xe0 | map), (u8)last, (u8)op, 0, 0x15, 0x22, 0x33, 0x44, 0x05, 0x16, 0x17 };
    for (unsigned modrm = 0; modrm < 256; modrm += op == 0xf3 ? 1 : 11) {
        bytes[4] = (u8)modrm;
        compare_one(o, mode, bytes);
    }
}

static void compare_vex_mode(struct oracle *o, unsigned mode)
{
    static const u8 vvvv[] = { 0x78, 0x48 };
    for (unsigned map = 1; map < 4; map++)
        for (unsigned v = 0; v < 32; v++)
            for (unsigned op = 0; op < 256; op++)
                compare_vex(o, mode, map, (v & 7) | (v & 8) << 4 | vvvv[v >> 4], op);
}

static void compare_mode(struct oracle *o, unsigned mode)
{
    static const char *const prefixes[] = { "",     "\x66", "\xf3", "\xf2",     "\x66\xf3", "\x66\xf2", "\x67", "\xf0",
                                            "\x2e", "\x64", "\x48", "\x66\x48", "\xf3\x48", "\xf2\x48", "\x4f" };
    for (size_t i = 0; i < (mode == 2 ? ARRAY_LEN(prefixes) : 10); i++)
        for (unsigned map = 0; map < MAPS; map++)
            for (unsigned op = 0; op < 256; op++)
                if (!is_prefix(mode, map, op) && !map_is_vex(map))
                    compare_opcode(o, mode, (const u8 *)prefixes[i], map, op);
}

static void test_capstone(void **state)
{
    (void)state;
    static const cs_mode cs_modes[3] = { CS_MODE_16, CS_MODE_32, CS_MODE_64 };
    struct oracle o = { .b = bench_new(BENCH_64) };
    bench_enable_avx(o.b);
    for (unsigned m = 0; m < 3; m++) {
        assert_int_equal(cs_open(CS_ARCH_X86, cs_modes[m], &o.cs[m]), CS_ERR_OK);
        cs_option(o.cs[m], CS_OPT_DETAIL, CS_OPT_ON);
    }
    o.insn = cs_malloc(o.cs[0]);
    for (unsigned m = 0; m < 3; m++) {
        compare_mode(&o, m);
        compare_vex_mode(&o, m);
    }
    print_message("%lu encodings compared, %u unexplained differences\n", o.cases, o.differences);
    cs_free(o.insn, 1);
    for (unsigned m = 0; m < 3; m++)
        cs_close(&o.cs[m]);
    bench_free(o.b);
    assert_int_equal(o.differences, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_unique), cmocka_unit_test(test_handlers),
                                        cmocka_unit_test(test_capstone) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
