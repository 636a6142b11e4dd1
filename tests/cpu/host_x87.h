/* host_x87.h: runs one x87 instruction on the host itself and in the bench, from the same state, and compares all that
 * it leaves: registers, tags, control and status word, pointers, flags, memory. Only on x86-64 hosts; elsewhere
 * x87_bench_new() returns NULL and tests skip. */
#ifndef PCEMU_TESTS_CPU_HOST_X87_H
#define PCEMU_TESTS_CPU_HOST_X87_H

#include <stdlib.h>
#include <sys/mman.h>

#include "harness.h"

#include "flags.h"

#define X87_STATE_MEM 128 /* bytes at [rsi] */

/* The 108 bytes of FNSAVE with 32-bit operand size in protected mode (SDM vol. 1, figure 8-9). */
struct x87_image {
    u16 cw, ones0, sw, ones1, tw, ones2;
    u32 fip;
    u16 fcs, fop;
    u32 fdp;
    u16 fds, ones3;
    u8 reg[8][10]; /* ST(0) first */
} __attribute__((packed));
_Static_assert(sizeof(struct x87_image) == 108, "as in memory");

struct x87_state {
    struct x87_image x;
    u64 rax, flags; /* arithmetic flags */
    u8 mem[X87_STATE_MEM];
};

struct x87_bench {
    struct bench *b;
    u8 *code;
};

/* How many states each instruction is tried from: PCEMU_TEST_ROUNDS, or `usual`. */
static inline unsigned x87_rounds(unsigned usual)
{
    const char *s = getenv("PCEMU_TEST_ROUNDS");
    return s ? (unsigned)strtoul(s, NULL, 0) : usual;
}

static inline struct x87_bench *x87_bench_new(void)
{
#ifdef __x86_64__
    struct x87_bench *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->b = bench_new(BENCH_64);
    t->code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_ptr_not_equal(t->code, MAP_FAILED);
    return t;
#else
    return NULL;
#endif
}

static inline void x87_bench_free(struct x87_bench *t)
{
    munmap(t->code, 4096);
    bench_free(t->b);
    free(t);
}

/* The instruction for both sides; its memory operand, if any, is [rsi]. */
static inline void x87_set_code(struct x87_bench *t, const u8 *insn, size_t len)
{
    memcpy(t->code, insn, len);
    t->code[len] = 0xc3;
    for (size_t i = 0; i < len; i++)
        bench_put(t->b, BENCH_CODE + (u32)i, insn[i], 1);
    bench_put(t->b, BENCH_CODE + (u32)len, 0xf4, 1);
}

static inline void x87_run_host(const struct x87_bench *t, struct x87_state *s)
{
#ifdef __x86_64__
    static const u16 home = 0x037f;
    u64 flags = s->flags, rax = s->rax;
    struct x87_image *x = &s->x;
    u8 *mem = s->mem;
    const u8 *code = t->code; /* it touches no general register but rax */
    __asm__ volatile("sub $256, %%rsp\n\tfrstor (%[x])\n\tpush %[flags]\n\tpopfq\n\tcall *%[code]\n\t"
                     "pushfq\n\tpop %[flags]\n\tfnsave (%[x])\n\tadd $256, %%rsp\n\tfldcw (%[home])"
                     : [flags] "+r"(flags), "+a"(rax)
                     : [x] "r"(x), [code] "r"(code), "S"(mem), [home] "r"(&home)
                     : "memory", "cc", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
    s->flags = flags & FL_ARITH;
    s->rax = rax;
    s->x.fip -= (u32)(uintptr_t)t->code;
    s->x.fdp -= (u32)(uintptr_t)s->mem;
#else
    (void)t, (void)s;
#endif
}

static inline void x87_set_guest(struct cpu *c, const struct x87_image *x)
{
    c->fpu.cw = x->cw;
    c->fpu.top = (x->sw >> 11) & 7;
    c->fpu.sw = (u16)(x->sw & ~0x3800u);
    c->fpu.valid = 0;
    for (unsigned i = 0; i < 8; i++) {
        struct f80 *r = &c->fpu.reg[(c->fpu.top + i) & 7];
        r->mant = get_le64(x->reg[i]);
        r->se = get_le16(x->reg[i] + 8);
        if (((x->tw >> (2 * i)) & 3) != 3)
            c->fpu.valid |= (u8)BIT(i);
    }
    c->fpu.fip = x->fip;
    c->fpu.fdp = x->fdp;
    c->fpu.fop = x->fop;
    c->fpu.fcs = x->fcs;
    c->fpu.fds = x->fds;
}

static inline u16 x87_tag(const struct f80 *r)
{
    unsigned e = r->se & 0x7fff;
    if (e == 0 && r->mant == 0)
        return 1;
    return e == 0 || e == 0x7fff || !(r->mant >> 63) ? 2 : 0;
}

static inline void x87_get_guest(const struct cpu *c, struct x87_image *x)
{
    memset(x, 0, sizeof *x);
    x->cw = c->fpu.cw;
    x->sw = (u16)(c->fpu.sw | c->fpu.top << 11);
    for (unsigned i = 0; i < 8; i++) {
        const struct f80 *r = &c->fpu.reg[(c->fpu.top + i) & 7];
        put_le64(x->reg[i], r->mant);
        put_le16(x->reg[i] + 8, r->se);
        x->tw = (u16)(x->tw | ((c->fpu.valid >> i) & 1 ? x87_tag(&c->fpu.reg[i]) : 3) << (2 * i));
    }
    x->fip = (u32)c->fpu.fip - BENCH_CODE;
    x->fdp = (u32)c->fpu.fdp - BENCH_DATA;
    x->fop = c->fpu.fop;
    x->fcs = c->fpu.fcs;
    x->fds = c->fpu.fds;
}

static inline void x87_run_guest(struct x87_bench *t, struct x87_state *s)
{
    struct bench *b = t->b;
    struct cpu *c = b->cpu;
    x87_set_guest(c, &s->x);
    flags_set_arith(c, (u32)s->flags);
    c->r[RAX] = s->rax;
    c->r[RSI] = BENCH_DATA;
    memcpy(b->m + BENCH_DATA, s->mem, X87_STATE_MEM);
    c->rip = BENCH_CODE;
    c->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(b->vector, -1);
    x87_get_guest(c, &s->x);
    s->flags = flags_get(c) & FL_ARITH;
    s->rax = c->r[RAX];
    memcpy(s->mem, b->m + BENCH_DATA, X87_STATE_MEM);
}

static inline void x87_print(const char *who, const struct x87_state *s)
{
    print_message("%s cw %04x sw %04x tw %04x fop %03x fip %x fdp %x flags %03x rax %llx\n", who, s->x.cw, s->x.sw,
                  s->x.tw, s->x.fop, s->x.fip, s->x.fdp, (unsigned)s->flags, (unsigned long long)s->rax);
    for (unsigned i = 0; i < 8; i++)
        print_message("   st%u %04x %016llx%s", i, get_le16(s->x.reg[i] + 8), (unsigned long long)get_le64(s->x.reg[i]),
                      i & 1 ? "\n" : "");
    print_message("   mem");
    for (unsigned i = 0; i < 16; i++)
        print_message(" %02x", s->mem[i]);
    print_message("\n");
}

/* What the instruction records: the pointer to itself; that to its memory operand as well; neither. */
enum x87_pointers { PTR_INSN, PTR_MEM, PTR_KEPT };

/* Makes the two sides' pointers comparable. FCS and FDS are not looked at, for newer hosts have none; nor FDP, which
 * they record at unmasked exceptions only, unless there is one. */
static inline void x87_adjust(const struct x87_bench *t, struct x87_image *h, struct x87_image *g, const u8 *mem,
                              enum x87_pointers ptr)
{
    h->ones0 = h->ones1 = h->ones2 = h->ones3 = 0;
    h->fcs = g->fcs = h->fds = g->fds = 0;
    if (ptr == PTR_KEPT) {
        h->fip += (u32)(uintptr_t)t->code;
        g->fip += BENCH_CODE;
    }
    if (ptr != PTR_MEM) {
        h->fdp += (u32)(uintptr_t)mem;
        g->fdp += BENCH_DATA;
    } else if (!(h->sw & BIT(7))) {
        h->fdp = g->fdp = 0;
    }
}

/* Runs the code set before on both sides and compares. */
static inline bool x87_same(struct x87_bench *t, const struct x87_state *from, enum x87_pointers ptr)
{
    struct x87_state h = *from, g = *from;
    x87_run_host(t, &h);
    x87_run_guest(t, &g);
    struct x87_state hc = h, gc = g;
    x87_adjust(t, &hc.x, &gc.x, h.mem, ptr);
    if (memcmp(&hc, &gc, sizeof hc) == 0)
        return true;
    print_message("code %02x %02x %02x\n", t->code[0], t->code[1], t->code[2]);
    x87_print("from ", from);
    x87_print("host ", &h);
    x87_print("guest", &g);
    return false;
}

/* ---- states to start from ---- */

static inline u64 x87_random(u64 *seed)
{
    u64 z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static const struct f80 x87_edges[] = {
    { 0, 0x0000 }, /* zero */
    { 0, 0x8000 },
    { 1, 0x0000 },                  /* least denormal */
    { 0x7fffffffffffffff, 0x0000 }, /* greatest denormal */
    { 0x0000000100000000, 0x8000 },
    { 0x8000000000000000, 0x0000 }, /* pseudo-denormal */
    { 0xffffffffffffffff, 0x8000 },
    { 0x8000000000000000, 0x0001 }, /* least normal */
    { 0x8000000000000001, 0x8001 },
    { 0x4000000000000000, 0x3fff }, /* unnormal */
    { 0x0000000000000000, 0x4001 }, /* pseudo-zero */
    { 0x8000000000000000, 0x3fff }, /* one */
    { 0x8000000000000000, 0xbfff },
    { 0x8000000000000001, 0x3fff },
    { 0xc000000000000000, 0x3fff }, /* 1.5 */
    { 0x8000000000000000, 0x4000 }, /* 2 */
    { 0xa000000000000000, 0x4000 }, /* 2.5 */
    { 0xe000000000000000, 0xc000 }, /* -3.5 */
    { 0xc90fdaa22168c235, 0x4000 }, /* pi */
    { 0xc90fdaa22168c235, 0xbfff },
    { 0x8000000000000000, 0x3ffe }, /* 0.5 */
    { 0x8000000000000001, 0xbffe },
    { 0xffffffffffffffff, 0x3ffd },
    { 0x95f619980c4336f7, 0x3ffd }, /* near 1 - sqrt(2) / 2 */
    { 0xffffffffffffffff, 0x3ffe }, /* just below one */
    { 0xffffff8000000000, 0x3ffe }, /* halfway for single */
    { 0xfffffffffffffc00, 0xbffe }, /* halfway for double */
    { 0xfffe000000000000, 0x400d }, /* 32767 */
    { 0xffff000000000000, 0x400d }, /* 32767.5 */
    { 0x8000800000000000, 0xc00e }, /* -32768.5 */
    { 0xfffffffe00000000, 0x401d }, /* 2^31 - 1 */
    { 0xffffffff00000000, 0x401d },
    { 0x8000000080000000, 0xc01e },
    { 0x8000000000000000, 0x401e },
    { 0xffffffffffffffff, 0x403d }, /* just below 2^63 */
    { 0x8000000000000000, 0x403e }, /* 2^63 */
    { 0x8000000000000000, 0xc03e },
    { 0xde0b6b3a763fffe0, 0x403a }, /* 999,999,999,999,999,998 */
    { 0xde0b6b3a763ffff8, 0xc03a },
    { 0xde0b6b3a76400000, 0x403a }, /* 10^18 */
    { 0x8000000000000000, 0x407f },
    { 0xffffff7fffffffff, 0x407e }, /* rounds to the greatest single */
    { 0xffffff8000000000, 0x407e }, /* or to infinity */
    { 0x8000000000000000, 0x3f81 }, /* least normal single */
    { 0xffffffffffffffff, 0x3f80 },
    { 0x8000000000000000, 0x3f6a }, /* least denormal single */
    { 0xc000000000000000, 0xbf69 },
    { 0x9000000000000000, 0x3f75 }, /* a denormal single */
    { 0xfffffffffffffbff, 0x43fe }, /* rounds to the greatest double */
    { 0xfffffffffffffc00, 0xc3fe },
    { 0x8000000000000000, 0x3c01 }, /* least normal double */
    { 0xffffffffffffffff, 0x3c00 },
    { 0x8000000000000000, 0x3bcd },
    { 0x9100000000000000, 0x3bef },
    { 0xffffffffffffffff, 0x7ffe }, /* greatest */
    { 0xffffffffffffffff, 0xfffe },
    { 0x8000000000000000, 0x7ffe },
    { 0xb504f333f9de6484, 0x5fff },
    { 0xb504f333f9de6485, 0x1fff },
    { 0x8000000000000000, 0x7fff }, /* infinity */
    { 0x8000000000000000, 0xffff },
    { 0x0000000000000000, 0x7fff }, /* pseudo-infinity */
    { 0x4000000000000000, 0x7fff }, /* pseudo-NaN */
    { 0xc000000000000000, 0xffff }, /* indefinite */
    { 0xc000000000000000, 0x7fff },
    { 0xc123456789abcdef, 0x7fff }, /* quiet NaN */
    { 0xffffffffffffffff, 0xffff },
    { 0x8000000000000001, 0x7fff }, /* signalling NaN */
    { 0x8123456789abcdef, 0xffff },
    { 0xbfffffffffffffff, 0x7fff },
    { 0xa000010000000000, 0x7fff },
};

static inline struct f80 x87_operand(u64 *seed)
{
    u64 r = x87_random(seed), m = x87_random(seed);
    unsigned kind = (unsigned)(r >> 32) % 16;
    if (kind < 9)
        return x87_edges[(u32)r % ARRAY_LEN(x87_edges)];
    u16 sign = (u16)(r & 0x8000);
    if (kind < 12) /* about one, few or many bits */
        return (struct f80){ (m << (r & 63)) | BIT64(63), (u16)(sign | (0x3fe0 + (r & 63))) };
    if (kind < 13) /* near the single and double limits */
        return (struct f80){ m | BIT64(63), (u16)(sign | ((r & 64 ? 0x3f60 : 0x3bc0) + (r & 63))) };
    if (kind < 14)
        return (struct f80){ m | BIT64(63), (u16)(sign | ((r & 64 ? 0x4060 : 0x43e0) + (r & 63))) };
    if (kind < 15)
        return (struct f80){ m | BIT64(63), (u16)(sign | (r & 0x7fff)) };
    return (struct f80){ m, (u16)r };
}

/* A state with nothing pending. */
static inline void x87_random_state(u64 *seed, struct x87_state *s)
{
    u64 r = x87_random(seed);
    u16 masks = (r & 3) == 0 ? (u16)(r >> 8) & 63 : (r & 3) == 1 ? 0 : 63;
    memset(s, 0, sizeof *s);
    s->x.cw = (u16)(0x40 | masks | ((r >> 16) & 0x1f00));
    if ((r >> 2 & 3) == 0)
        s->x.cw = (u16)((s->x.cw & 63) | 0x340);
    s->x.sw = (u16)(((r >> 32) & 0x7f00) | ((r >> 48) & masks));
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = x87_operand(seed);
        put_le64(s->x.reg[i], v.mant);
        put_le16(s->x.reg[i] + 8, v.se);
    }
    u64 e = x87_random(seed);
    if ((e & 15) == 0) { /* any tags */
        for (unsigned i = 0; i < 8; i++)
            s->x.tw = (u16)(s->x.tw | (((e >> (8 + i)) & 1) ? 3 : 0) << (2 * i));
    } else if ((e & 15) != 1) { /* three registers in use; else all */
        unsigned top = (s->x.sw >> 11) & 7;
        for (unsigned i = 3; i < 8; i++)
            s->x.tw = (u16)(s->x.tw | 3 << (2 * ((top + i) & 7)));
    }
    s->flags = x87_random(seed) & FL_ARITH;
    s->rax = x87_random(seed);
    s->x.fip = (u32)x87_random(seed);
    s->x.fdp = (u32)x87_random(seed);
    s->x.fop = (u16)(x87_random(seed) & 0x7ff);
}

#endif
