/* A faulting instruction changes nothing. Every row of the table that touches memory is run once, to learn from the
 * accessed and dirty bits which pages it touches; then each of those pages is made not present, and each page that it
 * wrote read-only, in turn, and nothing but the fault may be seen. Operands lie within a page and across two.
 *
 * The faults lead to shutdown, because the interrupt table's gates are not present: so the processor shows its state as
 * the instruction left it. Registers are compared through the declared state, memory byte by byte. */
#include "encode.h"
#include "harness.h"

#include <stdlib.h>

#define OPERAND 0x40000u
#define OPERAND2 0x50000u
#define STACK 0x30000u
#define VECTOR 0x40 /* what `fill` bytes name as INT's vector */
#define PAGES_WATCHED 0x60u

struct place { /* where operands lie: offsets from the middle of two pages */
    s32 operand, operand2, stack;
};

struct sweep {
    struct bench *b;
    unsigned bits;
    struct cpu *saved;
    u8 *memory;
    struct state_buf before, after;
    const struct row *row;
    u8 code[ENCODING_MAX];
    bool ran; /* the row, at least once, without a fault */
    unsigned runs, faults, failures;
};

static const struct {
    u32 at, len;
} watched[] = { { 0x1000, 0x6000 }, { 0x2f000, 0x4000 }, { 0x40000, 0x2000 }, { 0x50000, 0x2000 } };

static void save_memory(struct sweep *s)
{
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        memcpy(s->memory + watched[i].at, s->b->m + watched[i].at, watched[i].len);
}

static void restore_memory(struct sweep *s)
{
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        memcpy(s->b->m + watched[i].at, s->memory + watched[i].at, watched[i].len);
}

static bool memory_same(struct sweep *s)
{
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        if (memcmp(s->b->m + watched[i].at, s->memory + watched[i].at, watched[i].len) != 0)
            return false;
    return true;
}

/* Everything in struct cpu before the wiring is state or follows from it. */
static void restore_cpu(struct sweep *s)
{
    struct cpu *c = s->b->cpu;
    memcpy(c, s->saved, offsetof(struct cpu, w));
    tlb_flush_all(c);
    cpu_update_mode(c);
    s->b->shutdown = false;
    s->b->port = 0xffff;
}

static void set_entry(struct sweep *s, unsigned page, u64 bits)
{
    put_le64(s->b->m + BENCH_PTE(page), (u64)page << 12 | bits);
}

enum { P = 1, W_ = 2, U = 4, A = 0x20, D = 0x40 };

static void map_all(struct sweep *s)
{
    for (unsigned page = 0; page < PAGES_WATCHED; page++)
        set_entry(s, page, P | W_ | U);
}

/* The processor's state without what a fault that shuts down leaves behind by nature. */
static void save_state(struct sweep *s, struct state_buf *to)
{
    struct cpu *c = s->b->cpu;
    c->activity = ACT_RUNNING;
    c->cr2 = s->saved->cr2;
    c->icount_end = s->saved->icount_end;
    c->budget = s->saved->budget;
    to->len = 0;
    assert_true(state_save(&cpu_state_table, c, to));
}

static bool run_one(struct sweep *s)
{
    restore_cpu(s);
    cpu_run(s->b->cpu, 1);
    s->runs++;
    return !s->b->shutdown;
}

static void complain(struct sweep *s, const char *what, unsigned page)
{
    if (s->failures++ < 20)
        print_message("row %u, %s, %u bits, %02x %02x %02x %02x %02x %02x, page %02x: %s\n",
                      (unsigned)(s->row - cpu_rows), s->row->mnemonic, s->bits, s->code[0], s->code[1], s->code[2],
                      s->code[3], s->code[4], s->code[5], page, what);
}

/* A gather that faults keeps the elements that it has (test_avx.c). */
static bool is_gather(const struct row *r)
{
    return r->operand[1] == OP_Mvd || r->operand[1] == OP_Mvq;
}

static void check_unchanged(struct sweep *s, unsigned page)
{
    bool ports = s->b->port != 0xffff;
    s->faults++;
    save_state(s, &s->after);
    if (s->after.len != s->before.len || memcmp(s->after.data, s->before.data, s->before.len) != 0)
        complain(s, "registers changed", page);
    if (!memory_same(s))
        complain(s, "memory changed", page);
    if (ports)
        complain(s, "a port was accessed", page);
    restore_memory(s);
}

/* With this page table entry for `page` the instruction must fault. */
static void check_fault(struct sweep *s, unsigned page, u64 entry)
{
    set_entry(s, page, entry);
    if (run_one(s))
        complain(s, (entry & P) ? "no fault on a read-only page" : "no fault on a page that is not present", page);
    check_unchanged(s, page);
    set_entry(s, page, P | W_ | U);
}

static void sweep_one(struct sweep *s)
{
    unsigned touched[PAGES_WATCHED], n = 0;
    map_all(s);
    restore_cpu(s);
    save_state(s, &s->before);
    if (!run_one(s)) {
        check_unchanged(s, 0);
        return;
    }
    s->ran = true;
    restore_memory(s);
    for (unsigned page = 0; page < PAGES_WATCHED; page++) {
        u64 bits = get_le64(s->b->m + BENCH_PTE(page)) & (A | D);
        if (bits && page != BENCH_CODE >> 12)
            touched[n++] = page | (bits & D ? 0x100 : 0);
    }
    map_all(s);
    for (unsigned i = 0; i < n; i++) {
        check_fault(s, touched[i] & 0xff, W_ | U);
        if (touched[i] & 0x100)
            check_fault(s, touched[i] & 0xff, P | U);
    }
}

/* ---- operands ---- */

static bool is_string(unsigned o)
{
    return o >= OP_Xb && o <= OP_Yz;
}

static bool wants_far_pointer(const struct row *r)
{
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        if (r->operand[k] == OP_Mp)
            return true;
    return false;
}

static bool is_xsave(const struct row *r)
{
    return r->operand[0] == OP_Mxs;
}

/* XSAVE's header: all three components, in the format that XRSTORS wants. */
static void fill_xsave_header(struct sweep *s, u32 at)
{
    u64 components = XSTATE_X87 | XSTATE_SSE | XSTATE_AVX;
    put_le64(s->b->m + at + 512, components);
    put_le64(s->b->m + at + 520, strcmp(s->row->mnemonic, "xrstors") ? 0 : components | BIT64(63));
}

/* What the instruction finds at its operand: mostly zeros; a far pointer, a selector, a mask where they are asked for.
 */
static void fill_operand(struct sweep *s, u32 at, unsigned size)
{
    u8 *m = s->b->m;
    u16 code = s->bits == 64 ? SEL_CODE64 : SEL_CODE32;
    memset(m + OPERAND, 0, 0x2000);
    memset(m + OPERAND2, 0, 0x2000);
    if (wants_far_pointer(s->row)) {
        bool transfer = s->row->op == 0xff;
        put_le32(m + at, BENCH_CODE & (size == 1 ? 0xffffu : ~0u));
        put_le16(m + at + (1u << size), transfer ? code : SEL_DATA32);
    } else if (!strcmp(s->row->mnemonic, "ltr") || !strcmp(s->row->mnemonic, "lldt") ||
               !strcmp(s->row->mnemonic, "mov")) {
        put_le16(m + at, !strcmp(s->row->mnemonic, "ltr")    ? SEL_TSS
                         : !strcmp(s->row->mnemonic, "lldt") ? SEL_LDT
                                                             : SEL_DATA32);
    } else if (!strcmp(s->row->mnemonic, "div") || !strcmp(s->row->mnemonic, "idiv")) {
        m[at] = m[at + 1] = 0x7f; /* more than twice rDX */
    } else if (is_xsave(s->row)) {
        fill_xsave_header(s, at);
    } else if (!strcmp(s->row->mnemonic, "bound")) {
        m[at + (1u << size)] = 0x7f;
    }
}

/* A frame for RET, RETF and IRET of `size`. */
static void fill_stack(struct sweep *s, u32 at, unsigned size)
{
    u8 *m = s->b->m;
    u32 w = 1u << size;
    bool far = s->row->mnemonic[0] == 'i' || s->row->op == 0xca || s->row->op == 0xcb;
    u16 code = s->bits == 64 ? SEL_CODE64 : SEL_CODE32;
    memset(m + STACK - 0x1000, 0, 0x4000);
    put_le16(m + at, size == 1 ? BENCH_CODE & 0xffff : (u16)(BENCH_CODE & 0xffff));
    if (size > 1)
        put_le32(m + at, BENCH_CODE);
    put_le16(m + at + w, far ? code : SEL_DATA32);
    put_le16(m + at + 2 * w, FL_ONE);
    put_le32(m + at + 3 * w, size == 1 ? STACK & 0xffff : STACK);
    put_le16(m + at + 4 * w, SEL_DATA32);
    if (!far && s->row->mnemonic[0] == 'p') /* POP of a segment register */
        put_le16(m + at, SEL_DATA32);
}

static void set_registers(struct sweep *s, const struct place *p)
{
    struct cpu *c = s->b->cpu;
    bench_reset(s->b);
    for (unsigned i = 0; i < 16; i++)
        c->r[i] = i < 8 || s->bits == 64 ? 0x11 * (i + 1) : 0;
    c->r[RAX] = is_xsave(s->row) ? XSTATE_X87 | XSTATE_SSE | XSTATE_AVX : 0;
    c->r[RCX] = 3;
    bool high_half = !strcmp(s->row->mnemonic, "invpcid") || is_xsave(s->row);
    c->r[RDX] = high_half ? 0 : 0x40; /* a port, less than a divisor; INVPCID's type, XSAVE's components 63:32 */
    c->r[RBX] = c->r[RSI] = OPERAND + 0x1000u + (u32)p->operand;
    c->r[RDI] = OPERAND2 + 0x1000u + (u32)p->operand2;
    c->r[RSP] = STACK + 0x1000u + (u32)p->stack;
    c->r[RBP] = STACK + 0x1000u + (u32)p->stack + 0x10;
    for (unsigned i = 0; i < 16; i++)
        memset(c->xmm[i].b, 0x80 + (int)i, 16);
    fpu_init(c);
    for (unsigned i = 0; i < 8; i++)
        c->fpu.reg[i] = (struct f80){ 0x8000000000000000u + i, 0x3fff };
    c->fpu.valid = 0x3f;
    c->fpu.top = 0;
    c->cr0 |= CR0_MP;
    c->cr4 |= CR4_OSXSAVE | CR4_FSGSBASE;
    c->msr.sysenter_cs = SEL_CODE32;
    if (s->bits == 32) { /* compatibility mode at CPL 0 */
        c->cpl = 0;
        desc_to_seg(&c->seg[CS], SEL_CODE32, bench_get(s->b, BENCH_GDT + SEL_CODE32, 8));
        seg_derive(&c->seg[CS], true);
        for (unsigned i = 0; i < SEG_COUNT; i++)
            if (i != CS) {
                desc_to_seg(&c->seg[i], SEL_DATA32, bench_get(s->b, BENCH_GDT + SEL_DATA32, 8));
                seg_derive(&c->seg[i], false);
            }
    }
    c->rip = BENCH_CODE;
    cpu_update_mode(c);
}

/* Only the gates of software interrupts are present. */
static void close_gates(struct sweep *s)
{
    for (unsigned v = 0; v < 256; v++)
        if (v != VECTOR && v != EXC_DB && v != EXC_BP && v != EXC_OF)
            s->b->m[BENCH_IDT + 16 * v + 5] &= 0x7f;
}

static void free_task(struct sweep *s)
{
    if (!strcmp(s->row->mnemonic, "ltr"))
        s->b->m[BENCH_GDT + SEL_TSS + 5] &= 0xfd; /* not busy */
}

static void place_code(struct sweep *s, unsigned len)
{
    u32 address = (u32)s->b->cpu->r[RBX];
    if (s->row->map == MAP_1B && (s->row->op & 0xfc) == 0xa0) /* moffs */
        put_le64(s->code + len, address);
    if (s->row->operand[0] == OP_Ap) { /* CALL, JMP ptr16:32 */
        put_le32(s->code + len, BENCH_CODE);
        put_le16(s->code + len + 4, SEL_CODE32);
    }
    if (!strcmp(s->row->mnemonic, "enter")) {
        put_le16(s->code + len, 0x20);
        s->code[len + 2] = 3;
    }
    for (unsigned i = 0; i < ENCODING_MAX; i++)
        bench_put(s->b, BENCH_CODE + i, s->code[i], 1);
}

static void sweep_encoding(struct sweep *s, const struct encoding *e, const struct place *p, bool rep)
{
    u8 bytes[ENCODING_MAX];
    unsigned len = encode_row(s->row, e, VECTOR, bytes);
    if (!len)
        return;
    s->code[0] = 0xf3;
    memcpy(s->code + rep, bytes, ENCODING_MAX - 1);
    set_registers(s, p);
    close_gates(s);
    free_task(s);
    fill_operand(s, (u32)s->b->cpu->r[RBX], e->size);
    fill_stack(s, (u32)s->b->cpu->r[RSP], e->size);
    place_code(s, len + rep);
    memcpy(s->saved, s->b->cpu, offsetof(struct cpu, w));
    save_memory(s);
    sweep_one(s);
}

static void sweep_row(struct sweep *s)
{
    static const struct place places[] = {
        { -0x800, -0x800, -0x800 },
        { -1, -1, -1 },
        { -2, -2, 4 },
        { -4, -2, 2 },
        { -8, -6, 1 },
        { -9, -8, -4 },
        { -17, 0, -6 },
        { -0x28, -4, -2 },
        { -0xc0, -4, -2 }, /* XSAVE's and XRSTOR's alone: inside the XMM registers, inside AVX */
        { -0x280, -4, -2 },
    };
    bool string = is_string(s->row->operand[0]) || is_string(s->row->operand[1]);
    for (size_t i = 0; i < ARRAY_LEN(places) - (is_xsave(s->row) ? 0 : 2); i++)
        for (unsigned size = 1; size <= (s->bits == 64 ? 3 : 2); size++)
            for (unsigned rep = 0; rep <= string; rep++)
                for (unsigned memory = 0; memory < 2; memory++) {
                    struct encoding e = { .bits = s->bits, .size = size, .memory = memory, .reg = 2, .rm = 1 };
                    if (memory && !row_has_memory_form(s->row))
                        continue;
                    if (row_has_memory_form(s->row) && !memory)
                        continue;
                    sweep_encoding(s, &e, &places[i], rep);
                }
}

/* Instructions that fault here for another reason than their operand. */
static bool never_runs(const struct row *r)
{
    static const char *const names[] = { "ud0",   "ud1",   "ud2",   "rsm",    "xgetbv", "xsetbv",
                                         "rdmsr", "wrmsr", "rdpmc", "rdpkru", "wrpkru" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(r->mnemonic, names[i]))
            return true;
    return false;
}

static void sweep(enum bench_mode mode, unsigned bits)
{
    struct sweep s = { .b = bench_new(mode), .bits = bits };
    bench_enable_avx(s.b);
    s.saved = malloc(sizeof *s.saved);
    s.memory = calloc(1, 0x60000);
    for (unsigned i = 0; i < cpu_row_count; i++) {
        s.row = &cpu_rows[i];
        s.ran = false;
        if (is_gather(s.row) || !cpu_has(s.b->cpu, s.row->since) || (s.row->attr & (bits == 64 ? A_NO64 : A_ONLY64)) ||
            (bits == 32 && (s.row->ext & X_W1) && !map_is_vex(s.row->map)))
            continue;
        sweep_row(&s);
        if (!s.ran && !never_runs(s.row))
            complain(&s, "never ran without a fault", 0);
    }
    print_message("%u instructions run, %u of them faulted, %u failures\n", s.runs, s.faults, s.failures);
    free(s.saved);
    free(s.memory);
    state_buf_free(&s.before);
    state_buf_free(&s.after);
    bench_free(s.b);
    assert_int_equal(s.failures, 0);
}

static void test_64(void **state)
{
    (void)state;
    sweep(BENCH_64, 64);
}

static void test_32(void **state)
{
    (void)state;
    sweep(BENCH_COMPAT, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_64), cmocka_unit_test(test_32) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
