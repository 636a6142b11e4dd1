/* Every SSE and MMX row against the host's own execution, with edge values, every immediate, register and memory forms,
 * all rounding modes, and unmasked exceptions. */
#include "fpu.h"
#include "harness.h"
#include "host_sse.h"

#include <stdio.h>

#define MEM BENCH_DATA
#define RUNS 96           /* a row and form */
#define RUNS_IMMEDIATE 3  /* a row, form and immediate */
#define COUNT_OF_FLAGS 6u /* in MXCSR */

struct fixture {
    struct bench *b;
    struct host_sse *host;
    u64 seed;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ bench_new(BENCH_64), NULL, 88172645463325252u };
    *state = &f;
    return 0;
}
static int tear_down(void **state)
{
    bench_free(((struct fixture *)*state)->b);
    return 0;
}

/* ---- operands ---- */

static u64 next_random(struct fixture *f)
{
    f->seed ^= f->seed << 13;
    f->seed ^= f->seed >> 7;
    f->seed ^= f->seed << 17;
    return f->seed * 0x2545f4914f6cdd1du;
}

static u64 edge_single(struct fixture *f)
{
    static const u32 edges[] = {
        0,          0x80000000, 0x3f800000, 0xbf800000, 0x3fc00000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff,
        0x00800000, 0x80800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fc12345, 0xffc54321,
        0x7f812345, 0xff900001, 0x3dcccccd, 0x406ccccd, 0x4f000000, 0xcf000000, 0x4effffff, 0x5f000000, 0xdf000000,
        0x00012345, 0x1f800000, 0x5f7fffff, 0x3f000000, 0xbf000000, 0x3effffff, 0x40200000, 0x4b000001, 0x3f7fffff,
    };
    return edges[next_random(f) % ARRAY_LEN(edges)];
}
static u64 edge_double(struct fixture *f)
{
    static const u64 edges[] = {
        0,
        0x8000000000000000,
        0x3ff0000000000000,
        0xbff0000000000000,
        0x3ff8000000000000,
        0x0000000000000001,
        0x8000000000000001,
        0x000fffffffffffff,
        0x0010000000000000,
        0x8010000000000000,
        0x7fefffffffffffff,
        0xffefffffffffffff,
        0x7ff0000000000000,
        0xfff0000000000000,
        0x7ff8000000000000,
        0xfff8000087654321,
        0x7ff0000000012345,
        0xfff4000000000001,
        0x3fb999999999999a,
        0x41dfffffffc00000, /* 2^31 - 1 */
        0x41dfffffffe00000, /* and a half */
        0x41e0000000000000,
        0xc1e0000000000000,
        0xc1e0000000200000,
        0x43e0000000000000, /* 2^63 */
        0xc3e0000000000000,
        0x43dfffffffffffff,
        0x3fe0000000000000,
        0x4330000000000001,
        0x36a0000000000000, /* the least denormal single */
        0x3690000000000000, /* half of it */
        0x380fffffffffffff, /* just below the least normal single */
        0x47efffffe0000000, /* the greatest single */
        0x47effffff0000000, /* half a unit above it */
        0x1ff0000000000000,
        0x5fe0000000000000,
        0x3fefffffffffffff,
    };
    return edges[next_random(f) % ARRAY_LEN(edges)];
}
static u64 any_operand(struct fixture *f)
{
    switch (next_random(f) % 6) {
    case 0:
    case 1:
        return edge_single(f) | edge_single(f) << 32;
    case 2:
    case 3:
        return edge_double(f);
    case 4:
        return next_random(f);
    default: /* many zero bytes: string ends */
        return next_random(f) & next_random(f) & 0x8381828083818203u;
    }
}

enum masking { ALL_MASKED, ONE_UNMASKED, SOME_UNMASKED };

static u32 any_mxcsr(struct fixture *f, enum masking masking)
{
    u32 v = MXCSR_MASKS | ((u32)next_random(f) & (MXCSR_FLAGS | MXCSR_DAZ | MXCSR_RC | MXCSR_FZ));
    if (masking == ONE_UNMASKED)
        v &= ~(BIT(MXCSR_MASK_SHIFT) << (next_random(f) % COUNT_OF_FLAGS));
    if (masking == SOME_UNMASKED)
        v &= ~((u32)next_random(f) & MXCSR_MASKS);
    return v;
}

static struct sse_state any_state(struct fixture *f, enum masking masking)
{
    struct sse_state s;
    memset(&s, 0, sizeof s);
    for (unsigned i = 0; i < 3; i++) {
        s.xmm[i].q[0] = any_operand(f);
        s.xmm[i].q[1] = any_operand(f);
        s.mm[i] = any_operand(f);
        s.gpr[i] = (next_random(f) & 1) ? any_operand(f) : (u64)((s64)(next_random(f) % 41) - 20);
    }
    if (next_random(f) % 4 == 0)
        s.xmm[1] = s.xmm[2];
    if (next_random(f) % 8 == 0) /* shift counts */
        s.xmm[1].q[0] = s.mm[1] = next_random(f) % 80;
    for (unsigned i = 0; i < sizeof s.mem; i += 8)
        put_le64(s.mem + i, any_operand(f));
    s.flags = FL_ONE | (next_random(f) & FL_ARITH);
    s.mxcsr = any_mxcsr(f, masking);
    return s;
}

/* ---- the emulated side ---- */

static void emulate(struct fixture *f, const u8 *insn, size_t len, struct sse_state *s)
{
    struct cpu *c = f->b->cpu;
    u8 code[32];
    for (unsigned i = 0; i < 3; i++) {
        c->xmm[i] = s->xmm[i];
        c->fpu.reg[i].mant = s->mm[i];
    }
    c->r[RAX] = s->gpr[0];
    c->r[RCX] = s->gpr[1];
    c->r[RDX] = s->gpr[2];
    c->r[RSI] = MEM;
    c->r[RDI] = MEM + 16;
    c->r[RSP] = BENCH_STACK;
    flags_set_arith(c, (u32)s->flags);
    sse_set_mxcsr(c, s->mxcsr);
    memcpy(f->b->m + MEM, s->mem, sizeof s->mem);
    memcpy(code, insn, len);
    code[len] = 0xf4;
    bench_run(f->b, code, len + 1);
    for (unsigned i = 0; i < 3; i++) {
        s->xmm[i] = c->xmm[i];
        s->mm[i] = c->fpu.reg[i].mant;
    }
    s->gpr[0] = c->r[RAX];
    s->gpr[1] = c->r[RCX];
    s->gpr[2] = c->r[RDX];
    s->flags = flags_arith(c);
    s->mxcsr = sse_get_mxcsr(c);
    s->faulted = f->b->vector == EXC_XM;
    memcpy(s->mem, f->b->m + MEM, sizeof s->mem);
    if (!s->faulted)
        assert_int_equal(f->b->vector, -1);
}

static bool same(const struct sse_state *a, const struct sse_state *b)
{
    return memcmp(a->xmm, b->xmm, sizeof a->xmm) == 0 && memcmp(a->mm, b->mm, sizeof a->mm) == 0 &&
           memcmp(a->gpr, b->gpr, sizeof a->gpr) == 0 && a->flags == b->flags && a->mxcsr == b->mxcsr &&
           a->faulted == b->faulted && memcmp(a->mem, b->mem, sizeof a->mem) == 0;
}

static void print_state(const char *who, const struct sse_state *s)
{
    print_message("%s: mxcsr %04x flags %03x %s\n", who, s->mxcsr, (unsigned)s->flags, s->faulted ? "#XM" : "");
    for (unsigned i = 0; i < 3; i++)
        print_message("  xmm%u %016llx:%016llx  mm%u %016llx  gpr %016llx  mem %016llx\n", i,
                      (unsigned long long)s->xmm[i].q[1], (unsigned long long)s->xmm[i].q[0], i,
                      (unsigned long long)s->mm[i], (unsigned long long)s->gpr[i],
                      (unsigned long long)get_le64(s->mem + 8 * i));
}

/* ---- rows to bytes ---- */

struct form {
    const struct row *row;
    bool memory, rex_w, checked; /* checked: by way of FS, so that the hot handlers are not taken */
    u8 immediate;
};

static bool has_immediate(const struct row *r)
{
    return r->operand[1] == OP_Ib || r->operand[2] == OP_Ib;
}

static size_t encode(const struct form *form, bool for_host, u8 *to)
{
    const struct row *r = form->row;
    u8 reg = (r->ext & X_REG(0)) ? r->ext & 7 : 2;
    size_t n = 0;
    if (form->checked && !for_host)
        to[n++] = 0x64;
    if (r->ext & (X_66 | X_F3 | X_F2))
        to[n++] = (r->ext & X_66) ? 0x66 : (r->ext & X_F3) ? 0xf3 : 0xf2;
    if (form->rex_w)
        to[n++] = 0x48;
    to[n++] = 0x0f;
    if (r->map != MAP_0F)
        to[n++] = r->map == MAP_38 ? 0x38 : 0x3a;
    to[n++] = r->op;
    to[n++] = (u8)(reg << 3 | (form->memory ? 0x06 : 0xc1));
    if (has_immediate(r))
        to[n++] = form->immediate;
    return n;
}

static bool form_exists(const struct form *f)
{
    u32 x = f->row->ext;
    return !((x & X_MEM) && !f->memory) && !((x & X_MOD3) && f->memory) && !((x & X_W0) && f->rex_w) &&
           !((x & X_W1) && !f->rex_w) && !(f->checked && !f->memory);
}

/* Not compared: what has no ModRM byte, loads MXCSR, or is an approximation in which processors differ. */
static bool row_compared(const struct row *r)
{
    static const char *const left_out[] = { "emms", "ldmxcsr", "rcpps", "rcpss", "rsqrtps", "rsqrtss" };
    for (unsigned i = 0; i < ARRAY_LEN(left_out); i++)
        if (!strcmp(r->mnemonic, left_out[i]))
            return false;
    return (r->attr & (A_MMX | A_SSE)) != 0;
}

static void compare(struct fixture *f, const struct form *form, enum masking masking)
{
    u8 bytes[16];
    const struct sse_state before = any_state(f, masking);
    struct sse_state host = before, emulated = before;
    size_t n = encode(form, true, bytes);
    host_sse_run(f->host, bytes, n, &host);
    host.flags &= FL_ARITH;
    n = encode(form, false, bytes);
    emulate(f, bytes, n, &emulated);
    if (host.faulted)
        host.flags = before.flags & FL_ARITH;
    if (same(&host, &emulated))
        return;
    print_message("%s, %s, rex.w %d, imm %02x\n", form->row->mnemonic, form->memory ? "memory" : "register",
                  form->rex_w, form->immediate);
    print_state("before", &before);
    print_state("host", &host);
    print_state("emulated", &emulated);
    fail();
}

static void compare_form(struct fixture *f, struct form form, enum masking masking)
{
    unsigned immediates = has_immediate(form.row) ? 256 : 1;
    for (unsigned imm = 0; imm < immediates; imm++) {
        form.immediate = (u8)imm;
        for (unsigned i = 0; i < (immediates > 1 ? RUNS_IMMEDIATE : RUNS); i++)
            compare(f, &form, masking);
    }
}

static void compare_rows(struct fixture *f, enum masking masking)
{
    f->host = host_sse_open(); /* here, not before: cmocka takes SIGFPE when a test starts */
    if (!f->host)
        skip();
    for (unsigned i = 0; i < cpu_row_count; i++) {
        const struct row *r = &cpu_rows[i];
        if (!row_compared(r))
            continue;
        for (unsigned k = 0; k < 8; k++) {
            struct form form = { r, (k & 1) != 0, (k & 2) != 0, (k & 4) != 0, 0 };
            if (form_exists(&form))
                compare_form(f, form, masking);
        }
    }
    host_sse_close(f->host);
}

static void all_masked(void **state)
{
    compare_rows(*state, ALL_MASKED);
}
static void one_unmasked(void **state)
{
    compare_rows(*state, ONE_UNMASKED);
}
static void some_unmasked(void **state)
{
    compare_rows(*state, SOME_UNMASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_masked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_unmasked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(some_unmasked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
