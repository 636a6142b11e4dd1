/* encodings.c: the opcode space walked on both sides: which bytes are an instruction at all (#UD or not), and how long
 * it is. An encoding is put right before the end of the code pages: first all of its bytes by our decoder's count,
 * which must suffice, then one byte less, which must not: the processor then wants the page behind.
 *
 * All opcodes of the one-byte, 0F, 0F 38 and 0F 3A maps, plain and with each class of prefixes; the VEX maps with every
 * pp, W and L; with ModRM bytes of every reg field, memory with and without SIB and displacement, and registers. */
#include "block.h"
#include "emulator.h"
#include "gen.h"
#include "pair.h"
#include "work.h"

#include <stdio.h>

#define CODE_END (MEM_CODE + MEM_CODE_SIZE)
#define PF_FETCH BIT(4) /* error code */

enum answer { UNDEFINED, WANTS_MORE, KNOWN };
static const char *const answers[] = { "#UD", "wants more bytes", "an instruction" };

struct walk {
    struct pair *p;
    struct trial t;
    u8 bytes[32];
    unsigned head; /* prefixes, opcode: what stands before ModRM */
    enum opcode_map map;
    u8 shown[MAPS][256][8]; /* unexplained differences of an opcode and reg field */
    bool sparse;            /* less than all ModRM bytes */
    u64 cases, explained, unexplained;
    const char *why[16]; /* of the explained ones, and how often */
    u64 times[16];
};

#define ANY_REG 0xffu
#define VEX_L BIT(2) /* of the prefix's last byte */
#define NOT_MODELLED(what) what " is not in the model"

/* What hosts know and the model does not, or what is not the decoder's affair. */
static const struct reason {
    const char *why;
    u8 map, first, last; /* opcodes */
    u8 regs;             /* the values of ModRM.reg, as bits */
    u8 modrm;            /* this one alone, or 0 */
    bool only_256;       /* with VEX.L */
} reasons[] = {
    { NOT_MODELLED("RTM"), MAP_1B, 0xc6, 0xc7, BIT(7), 0xf8, false }, /* XABORT, XBEGIN */
    { NOT_MODELLED("RTM"), MAP_0F, 0x01, 0x01, BIT(2), 0xd5, false }, /* XEND */
    { NOT_MODELLED("RTM"), MAP_0F, 0x01, 0x01, BIT(2), 0xd6, false }, /* XTEST */
    { "a call of the hypervisor, where the host has one", MAP_0F, 0x01, 0x01, BIT(0), 0xc1, false },
    { "a call of the hypervisor, where the host has one", MAP_0F, 0x01, 0x01, BIT(3), 0xd9, false },
    { NOT_MODELLED("GFNI"), MAP_38, 0xcf, 0xcf, ANY_REG, 0, false },
    { NOT_MODELLED("GFNI"), MAP_3A, 0xce, 0xcf, ANY_REG, 0, false },
    { NOT_MODELLED("GFNI"), MAP_V38, 0xcf, 0xcf, ANY_REG, 0, false },
    { NOT_MODELLED("GFNI"), MAP_V3A, 0xce, 0xcf, ANY_REG, 0, false },
    { NOT_MODELLED("AVX-512"), MAP_V0F, 0x41, 0x4b, ANY_REG, 0, false }, /* mask registers */
    { NOT_MODELLED("AVX-512"), MAP_V0F, 0x90, 0x93, ANY_REG, 0, false },
    { NOT_MODELLED("AVX-512"), MAP_V0F, 0x98, 0x99, ANY_REG, 0, false },
    { NOT_MODELLED("AVX-512"), MAP_V3A, 0x30, 0x33, ANY_REG, 0, false },
};

static const char *reason_for(const struct walk *w, enum answer host, enum answer ours)
{
    u8 op = w->bytes[w->head - 1], modrm = w->bytes[w->head];
    if (host == UNDEFINED && ours == KNOWN && w->map == MAP_0F && (op == 0x05 || op == 0x07) && w->t.p.mode != CODE64)
        return "SYSCALL and SYSRET outside 64-bit code: AMD's processors have them, Intel's do not";
    if (ours != UNDEFINED)
        return NULL;
    if (map_is_vex(w->map) && !w->p->caps->has[F_AVX])
        return NOT_MODELLED("AVX");
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        const struct reason *r = &reasons[i];
        if (r->map == w->map && op >= r->first && op <= r->last && (r->regs >> (modrm >> 3 & 7) & 1) &&
            (!r->modrm || r->modrm == modrm) && (!r->only_256 || (w->bytes[w->head - 2] & VEX_L)))
            return r->why;
    }
    return NULL;
}

static enum answer answer_of(const struct state *s, u64 start)
{
    if (s->rip != start)
        return KNOWN;
    if (s->vector == EXC_UD)
        return UNDEFINED;
    return s->vector == EXC_PF && s->cr2 == CODE_END && (s->error & PF_FETCH) ? WANTS_MORE : KNOWN;
}

/* `n` bytes before the end. */
static void ask(struct walk *w, unsigned n, enum answer *host, enum answer *ours)
{
    u8 image[MEM_CODE_SIZE];
    struct trial *t = &w->t;
    t->p.at = CODE_END - n;
    t->p.n = 1;
    t->p.len = n;
    t->p.start[1] = (u16)n;
    memcpy(t->p.bytes, w->bytes, n);
    t->s.rip = t->p.at - sel_base(t->s.sel[CS]);
    program_image(&t->p, t->s.sel[CS], image);
    emulator_run(w->p->b, t, image, BUDGET, &w->p->emulator);
    host_run(t, image, w->p->emulator.s.endless, &w->p->host);
    *host = answer_of(&w->p->host.s, t->s.rip);
    *ours = answer_of(&w->p->emulator.s, t->s.rip);
}

static void explain(struct walk *w, const char *why)
{
    unsigned i = 0;
    while (i < ARRAY_LEN(w->why) - 1 && w->why[i] && strcmp(w->why[i], why))
        i++;
    w->why[i] = why;
    w->times[i]++;
    w->explained++;
}

static void differ(struct walk *w, unsigned n, enum answer host, enum answer ours, const struct row *row)
{
    const char *why = reason_for(w, host, ours);
    if (why) {
        explain(w, why);
        return;
    }
    w->unexplained++;
    if (w->shown[w->map][w->bytes[w->head - 1]][w->bytes[w->head] >> 3 & 7]++)
        return;
    printf("%2u bits:", (unsigned)w->t.p.mode);
    for (unsigned i = 0; i < n; i++)
        printf(" %02x", w->bytes[i]);
    printf(": %s (%u bytes): %s, on the host %s\n", row ? row->mnemonic : "none", n, answers[ours], answers[host]);
}

static void check(struct walk *w)
{
    unsigned len;
    const struct row *row = emulator_row(w->p->b, w->t.p.mode, w->bytes, sizeof w->bytes, &len);
    enum answer host, ours;
    w->cases++;
    ask(w, len, &host, &ours);
    if (ours == UNDEFINED && host == WANTS_MORE) /* how long what we do not know would be, we can't know */
        ask(w, INSN_BYTES_MAX, &host, &ours);
    if (host != ours) {
        differ(w, len, host, ours, row);
        return;
    }
    if (host == UNDEFINED || len < 2)
        return;
    ask(w, len - 1, &host, &ours);
    if (host != WANTS_MORE || ours != WANTS_MORE)
        differ(w, len - 1, host, ours, row);
}

static void walk_modrm(struct walk *w)
{
    /* [reg], [reg] + SIB, disp32 or disp16, disp8, wide displacement, and registers */
    static const u8 forms[] = { 0x01, 0x04, 0x05, 0x06, 0x41, 0x44, 0x81, 0xc0, 0xc1, 0xc7 };
    for (unsigned reg = 0; reg < 8; reg++)
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
            if (w->sparse && forms[i] != 0x01 && forms[i] != 0x44 && forms[i] != 0xc1)
                continue;
            w->bytes[w->head] = (u8)(forms[i] | reg << 3);
            check(w);
        }
}

/* Groups whose registers are opcodes of their own. */
static bool is_dense(unsigned map, unsigned op)
{
    return (map == MAP_1B && (op & 0xf8) == 0xd8) || (map == MAP_0F && (op == 0x01 || op == 0xae || op == 0xc7));
}

static void walk_opcode(struct walk *w, unsigned map, unsigned op)
{
    w->bytes[w->head++] = (u8)op;
    walk_modrm(w);
    for (unsigned modrm = 0xc0; is_dense(map, op) && modrm <= 0xff; modrm++) {
        w->bytes[w->head] = (u8)modrm;
        check(w);
    }
    w->bytes[w->head] = 0;
    w->head--;
}

static bool is_prefix(enum code_mode mode, unsigned map, unsigned op)
{
    if (map != MAP_1B)
        return map == MAP_0F && (op == 0x38 || op == 0x3a);
    return op == 0x0f || (op & 0xe7) == 0x26 || (op >= 0x64 && op <= 0x67) || op == 0xf0 || op == 0xf2 || op == 0xf3 ||
           (mode == CODE64 && (op & 0xf0) == 0x40);
}

static void walk_maps(struct walk *w, const char *prefix)
{
    for (unsigned map = MAP_1B; map <= MAP_3A; map++)
        for (unsigned op = 0; op < 256; op++) {
            if (is_prefix(w->t.p.mode, map, op))
                continue;
            w->map = (enum opcode_map)map;
            memset(w->bytes, 0, sizeof w->bytes);
            w->head = (unsigned)strlen(prefix);
            memcpy(w->bytes, prefix, w->head);
            if (map != MAP_1B)
                w->bytes[w->head++] = 0x0f;
            if (map > MAP_0F)
                w->bytes[w->head++] = map == MAP_38 ? 0x38 : 0x3a;
            walk_opcode(w, map, op);
        }
}

/* C5, or C4 with a map: all of pp, L, W, and vvvv unused or naming a register. */
static void walk_vex(struct walk *w)
{
    for (unsigned v = 0; v < 4 * 32; v++)
        for (unsigned op = 0; op < 256; op++) {
            bool wide = v & 4, is_256 = v & 8, named = v & 16, is_short = v < 32;
            u8 last = (u8)((wide ? 0x80 : 0) | (named ? 0x68 : 0x78) | (is_256 ? 4 : 0) | (v & 3));
            if (is_short && !wide) /* that bit is R, which has to be 1 outside 64-bit code */
                continue;
            memset(w->bytes, 0, sizeof w->bytes);
            w->map = is_short ? MAP_V0F : (enum opcode_map)(MAP_V0F + (v >> 5) - 1);
            w->head = 0;
            w->bytes[w->head++] = is_short ? 0xc5 : 0xc4;
            if (!is_short)
                w->bytes[w->head++] = (u8)(0xe0 | v >> 5);
            w->bytes[w->head++] = last;
            walk_opcode(w, MAPS, op);
        }
}

static void walk_mode(struct walk *w, enum code_mode mode)
{
    static const char *const prefixes[] = { "",         "\x66",     "\xf3",     "\xf2",     "\x66\xf3",
                                            "\x66\xf2", "\x67",     "\xf0",     "\x2e",     "\x64",
                                            "\x48",     "\x66\x48", "\xf3\x48", "\xf2\x48", "\xf0\x48" };
    replay_default(&w->t, mode);
    for (unsigned i = 0; i < (mode == CODE64 ? 16 : 8); i++)
        w->t.s.r[i] = MEM_DATA + 0x800 - (mode == CODE16 ? sel_base(w->t.s.sel[DS]) : 0);
    w->t.s.r[RCX] = 1;
    for (size_t i = 0; i < (mode == CODE64 ? ARRAY_LEN(prefixes) : 10); i++)
        walk_maps(w, prefixes[i]);
    walk_vex(w);
}

int encodings_walk(struct pair *p, const struct options *o)
{
    static struct walk w;
    w.sparse = !strcmp(o->encodings, "sparse");
    w.p = p;
    for (unsigned mode = CODE16; mode <= CODE64; mode *= 2)
        if ((mode != CODE16 || p->caps->ldt) && (!o->bits || o->bits == mode))
            walk_mode(&w, (enum code_mode)mode);
    for (unsigned i = 0; i < ARRAY_LEN(w.why) && w.why[i]; i++)
        printf("%8llu %s\n", (unsigned long long)w.times[i], w.why[i]);
    printf("silicon: %llu encodings, %llu explained, %llu unexplained differences\n", (unsigned long long)w.cases,
           (unsigned long long)w.explained, (unsigned long long)w.unexplained);
    return w.unexplained != 0;
}
