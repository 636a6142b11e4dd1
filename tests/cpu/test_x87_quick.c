/* test_x87_quick.c: x87 instructions have a quick way for flat code and a checked one for all else (x87_quick.h).
 * Random programs are run by both, in 32-bit and in 64-bit mode: all must end in the same state. The checked way is had
 * by a segment ES that ends early, which makes the mode one that is not flat, and is used by nothing here. */
#include "harness.h"
#include "x87_host.h"

#include <stdlib.h>

#define PROGRAMS_DEFAULT 8000
#define INSTRUCTIONS 24
#define CODE_MAX (INSTRUCTIONS * 8)
#define AREA 0x1f80u   /* the data: its end is 128 bytes before that of a page ... */
#define AREA_BYTES 256 /* ... so that operands lie across */
#define CW_AT 0x78     /* of a control word that can be loaded */
#define SEL_OTHER SEL_FREE

static u64 rng;

static u32 draw(u32 n)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (u32)(rng >> 33) % n;
}
static u64 draw64(void)
{
    return (u64)draw(UINT32_MAX) << 32 ^ (u64)draw(UINT32_MAX) << 8 ^ draw(256);
}

struct program {
    u8 code[CODE_MAX];
    unsigned len;
    struct fpu fpu; /* at the start */
    u8 data[AREA_BYTES];
    u64 cr0;
};

struct end {
    u64 r[8], icount, frame_ip;
    int vector;
    u16 fl;
    struct fpu fpu;
    u8 data[AREA_BYTES];
};

/* ---- programs ---- */

static void emit(struct program *p, unsigned n, ...)
{
    va_list ap;
    va_start(ap, n);
    for (unsigned i = 0; i < n; i++)
        p->code[p->len++] = (u8)va_arg(ap, unsigned);
    va_end(ap);
}

/* ModRM and what follows: ESI + displacement, or ESI + EDI + displacement. */
static void emit_memory(struct program *p, unsigned op, unsigned reg)
{
    unsigned disp = draw(16) * 8 + (draw(4) ? 0 : draw(8));
    if (draw(4))
        emit(p, 3, op, 0x46 | reg << 3, disp);
    else
        emit(p, 4, op, 0x44 | reg << 3, 0x3e, disp);
}

/* One that has a quick way; registers 0 to 3 mostly, which mostly hold something. */
static void emit_quick(struct program *p)
{
    static const u8 pairs[][2] = {
        /* opcode and first of eight ModRM bytes */
        { 0xd8, 0xc0 }, { 0xd8, 0xc8 }, { 0xd8, 0xd0 }, { 0xd8, 0xd8 }, { 0xd8, 0xe0 }, { 0xd8, 0xe8 }, { 0xd8, 0xf0 },
        { 0xd8, 0xf8 }, { 0xdc, 0xc0 }, { 0xdc, 0xc8 }, { 0xdc, 0xe0 }, { 0xdc, 0xe8 }, { 0xdc, 0xf0 }, { 0xdc, 0xf8 },
        { 0xde, 0xc0 }, { 0xde, 0xc8 }, { 0xde, 0xe0 }, { 0xde, 0xe8 }, { 0xde, 0xf0 }, { 0xde, 0xf8 }, { 0xd9, 0xc0 },
        { 0xd9, 0xc0 }, { 0xd9, 0xc8 }, { 0xdd, 0xd0 }, { 0xdd, 0xd8 }, { 0xdb, 0xe8 }, { 0xdb, 0xf0 }, { 0xdf, 0xe8 },
        { 0xdf, 0xf0 }, { 0xdd, 0xe0 }, { 0xdd, 0xe8 }, { 0xda, 0xc0 }, { 0xda, 0xc8 }, { 0xda, 0xd0 }, { 0xda, 0xd8 },
        { 0xdb, 0xc0 }, { 0xdb, 0xc8 }, { 0xdb, 0xd0 }, { 0xdb, 0xd8 }
    };
    static const u8 single[][2] = { { 0xd9, 0xe0 }, { 0xd9, 0xe1 }, { 0xd9, 0xe8 }, { 0xd9, 0xee }, { 0xd9, 0xfa },
                                    { 0xd9, 0xfc }, { 0xd9, 0xf0 }, { 0xd9, 0xf1 }, { 0xd9, 0xf3 }, { 0xd9, 0xf9 },
                                    { 0xd9, 0xfd }, { 0xd9, 0xe4 }, { 0xd9, 0xe5 }, { 0xd9, 0xe9 }, { 0xd9, 0xea },
                                    { 0xd9, 0xeb }, { 0xd9, 0xec }, { 0xd9, 0xed }, { 0xd9, 0xfe }, { 0xd9, 0xff },
                                    { 0xde, 0xd9 }, { 0xda, 0xe9 }, { 0xdf, 0xe0 }, { 0xd9, 0xd0 } };
    unsigned i = draw(100), n = i < 45 ? draw(ARRAY_LEN(pairs)) : draw(ARRAY_LEN(single));
    if (i < 45)
        emit(p, 2, pairs[n][0], pairs[n][1] | (draw(4) ? draw(4) : draw(8)));
    else if (i < 60)
        emit(p, 2, single[n][0], single[n][1]);
    else
        emit_memory(p, 0xd8 + draw(8), draw(8));
}

static void emit_one(struct program *p)
{
    switch (draw(24)) {
    case 0: /* any */
        emit(p, 2, 0xd8 + draw(8), 0xc0 | draw(64));
        break;
    case 1: /* another DS */
        emit(p, 2, 0x8e, draw(2) ? 0xdb : 0xd9);
        break;
    case 2:
        emit(p, 3, 0xd9, 0x6e, CW_AT); /* FLDCW */
        break;
    case 3:
        emit_memory(p, draw(2) ? 0xd9 : 0xdd, 6 + draw(2)); /* FNSTENV, FNSTCW, FNSAVE, FNSTSW */
        break;
    case 4: /* MMX, rarely: it leaves all registers in use */
        if (draw(4) == 0)
            emit(p, 3, 0x0f, 0x6f, 0xc0 | draw(64));
        if (draw(8) == 0)
            emit(p, 2, 0x0f, 0x77);
        break;
    case 5:
        emit(p, 1, 0x9b);
        break;
    case 6:
        emit(p, 2, 0xdb, 0xe2); /* FNCLEX */
        break;
    default:
        emit_quick(p);
    }
}

/* ---- operands ---- */

static u64 some_double(void)
{
    switch (draw(10)) {
    case 0:
        return draw64();
    case 1:
        return draw(2) ? 0 : BIT64(63);
    case 2:
        return (draw64() & (BIT64(52) - 1)) | (draw(2) ? 0x7ff0000000000000u : 0); /* denormals, NaNs */
    case 3:
        return (u64)(draw(3) ? 1 : 0) << (40 + draw(12)) | 0x7ff0000000000000u; /* infinity */
    case 4:
        return draw(2000); /* an integer, or a denormal */
    default:               /* ordinary, some with few digits */
        return (u64)(0x3c0 + draw(0x80)) << 52 | (u64)draw(2) << 63 | (draw(2) ? draw64() >> 13 : (u64)draw(16) << 48);
    }
}

/* Near where a format ends: those of memory, the integers', its own. */
static u16 edge_exponent(void)
{
    static const u16 edges[] = { 0,           0x3fff - 127, 0x3fff - 1023, 0x3fff + 15, 0x3fff + 31,
                                 0x3fff + 63, 0x3fff + 128, 0x3fff + 1024, 0x7fff - 1 };
    u32 edge = edges[draw(ARRAY_LEN(edges))];
    return (u16)(edge + draw(6) - (edge && edge < 0x7ff0 ? 3 : 0));
}

/* One of `odds` is near an edge. */
static struct f80 some_register(u32 odds)
{
    struct f80 v = { draw64(), (u16)draw(0x10000) };
    if (draw(12) == 0)
        return v;
    bool edge = draw(odds) == 0;
    v.mant = draw(edge ? 2 : 3) ? v.mant | BIT64(63) : BIT64(63) | (u64)draw(64) << 57;
    v.se = (u16)((v.se & 0x8000) | ((edge ? edge_exponent() : 0x3fe0 + draw(64)) & 0x7fff));
    if (draw(12) == 0)
        v.mant = v.se = 0;
    return v;
}

static void make_program(struct program *p)
{
    static const u16 words[] = {
        0x037f, 0x037f, 0x027f, 0x007f, 0x0f7f, 0x0b7f, 0x077f, 0x1332, 0x037e, 0x0372, 0x036f
    };
    memset(p, 0, sizeof *p);
    for (unsigned i = 0; i < INSTRUCTIONS; i++)
        emit_one(p);
    emit(p, 1, 0xf4);
    for (unsigned i = 0; i < AREA_BYTES; i += 8)
        put_le64(p->data + i, some_double());
    put_le16(p->data + CW_AT, draw(8) ? words[draw(ARRAY_LEN(words))] : (u16)draw(0x10000));
    p->fpu.cw = words[draw(ARRAY_LEN(words))];
    p->fpu.sw = (u16)(draw(0x10000) & p->fpu.cw & 0x473f) | (draw(2) ? 0x20 : 0);
    if (p->fpu.sw & ~p->fpu.cw & 0x3f)
        p->fpu.sw |= FSW_ES | FSW_B;
    p->fpu.top = (u8)draw(8);
    p->fpu.valid = (u8)(draw(256) | 1u << p->fpu.top | 1u << ((p->fpu.top + 1) & 7));
    for (unsigned i = 0; i < 8; i++)
        p->fpu.reg[i] = some_register(p->fpu.cw & 0x10 ? 5 : 1); /* unmasked underflow is seen with tiny values alone */
    p->fpu.fip = draw64() & UINT32_MAX;
    p->fpu.fdp = draw64() & UINT32_MAX;
    p->fpu.fcs = (u16)draw(0x10000);
    p->fpu.fds = (u16)draw(0x10000);
    p->fpu.fop = (u16)draw(0x800);
    p->cr0 = draw(8) ? CR0_NE : 0;
}

/* ---- runs ---- */

static void set_state(struct bench *b, const struct program *p, bool checked)
{
    struct cpu *c = b->cpu;
    bench_reset(b);
    bench_descriptor(b, SEL_OTHER, 0, 0xffffffff, c->seg[DS].attr);
    memcpy(b->m + BENCH_DATA + AREA, p->data, AREA_BYTES);
    for (unsigned i = 0; i < 8; i++)
        c->r[i] = i == RSP ? c->r[i] : 0;
    c->r[RSI] = BENCH_DATA + AREA;
    c->r[RDI] = 8;
    c->r[RBX] = SEL_DATA32;
    c->r[RCX] = SEL_OTHER;
    c->seg[CS].sel = SEL_CODE32; /* the same in all modes: it is seen in FCS */
    if (checked) {
        c->seg[ES].limit = 0xfffffffe;
        seg_derive(&c->seg[ES], false);
    }
    c->cr0 = (c->cr0 & ~CR0_NE) | (u32)p->cr0;
    c->fl = 0;
    c->fpu = p->fpu;
    c->x87.insn = 0;
    cpu_update_mode(c);
}

/* How often the quick way was gone is counted in *quick. */
static void run(struct bench *b, const struct program *p, bool checked, struct end *e, unsigned *quick)
{
    struct cpu *c = b->cpu;
    set_state(b, p, checked);
    u64 start = cpu_icount(c);
    b->limit = 4 * INSTRUCTIONS;
    bench_run(b, p->code, p->len);
    memset(e, 0, sizeof *e);
    for (unsigned i = 0; i < 8; i++)
        e->r[i] = i == RSP ? 0 : c->r[i];
    e->icount = cpu_icount(c) - start;
    e->vector = b->vector;
    e->frame_ip = b->vector >= 0 ? b->frame_ip : c->rip;
    e->fl = c->fl;
    memcpy(e->data, b->m + BENCH_DATA + AREA, AREA_BYTES);
    assert_false(c->fpu.quick);
    struct fpu *f = &e->fpu;
    for (unsigned i = 0; i < 8; i++) {
        f->reg[i].mant = c->fpu.reg[i].mant;
        f->reg[i].se = c->fpu.reg[i].se;
    }
    f->cw = c->fpu.cw, f->sw = c->fpu.sw, f->top = c->fpu.top, f->valid = c->fpu.valid;
    f->fop = c->fpu.fop, f->fcs = c->fpu.fcs, f->fds = c->fpu.fds;
    f->fip = c->fpu.fip, f->fdp = c->fpu.fdp, f->ignne = c->fpu.ignne;
    *quick += c->x87.insn != 0;
}

static void print_end(const char *name, const struct end *e)
{
    const struct fpu *f = &e->fpu;
    print_message(
        "%s: vector %d ip %llx cw %x sw %x top %u valid %x fop %x ip %x:%llx dp %x:%llx fl %x ax %llx n %llu\n", name,
        e->vector, (unsigned long long)e->frame_ip, f->cw, f->sw, f->top, f->valid, f->fop, f->fcs,
        (unsigned long long)f->fip, f->fds, (unsigned long long)f->fdp, e->fl, (unsigned long long)e->r[RAX],
        (unsigned long long)e->icount);
    for (unsigned i = 0; i < 8; i++)
        print_message(" %04x:%016llx", f->reg[i].se, (unsigned long long)f->reg[i].mant);
    print_message("\n");
}

static void compare(const struct program *p, const char *name, const struct end *checked, const struct end *quick)
{
    if (memcmp(checked, quick, sizeof *checked) == 0)
        return;
    print_message("%s, code", name);
    for (unsigned i = 0; i < p->len; i++)
        print_message(" %02x", p->code[i]);
    print_message("\nat first cw %x sw %x top %u valid %x cr0 %llx\n", p->fpu.cw, p->fpu.sw, p->fpu.top, p->fpu.valid,
                  (unsigned long long)p->cr0);
    for (unsigned i = 0; i < AREA_BYTES; i++)
        if (checked->data[i] != quick->data[i])
            print_message("memory %x: %02x, %02x\n", i, checked->data[i], quick->data[i]);
    for (unsigned i = 0; i < 8; i++)
        if (checked->r[i] != quick->r[i])
            print_message("register %u: %llx, %llx\n", i, (unsigned long long)checked->r[i],
                          (unsigned long long)quick->r[i]);
    print_end("checked", checked);
    print_end("quick", quick);
    fail_msg("the quick way differs");
}

static void programs(void **state)
{
    (void)state;
    const char *count = getenv("X87_PROGRAMS"), *seed = getenv("X87_SEED");
    unsigned n = count ? (unsigned)strtoul(count, NULL, 0) : PROGRAMS_DEFAULT, quick = 0, none = 0;
    struct bench *b32 = bench_new(BENCH_32), *b64 = bench_new(BENCH_64);
    rng = seed ? strtoull(seed, NULL, 0) : 87;
    for (unsigned i = 0; i < n; i++) {
        static struct program p;
        static struct end checked, flat, wide;
        make_program(&p);
        run(b32, &p, true, &checked, &none);
        run(b32, &p, false, &flat, &quick);
        run(b64, &p, false, &wide, &quick);
        compare(&p, "32 bits", &checked, &flat);
        compare(&p, "64 bits", &checked, &wide);
    }
    if (X87_HOST)
        assert_true(quick > n);
    assert_int_equal(none, 0);
    bench_free(b32);
    bench_free(b64);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(programs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
