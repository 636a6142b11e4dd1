/* vectors FILE…: runs single-step vectors that were captured on a real 80286 (the SingleStepTests project's 80286 set,
 * real mode) in the interpreter, and compares registers, flags and memory. What the manual leaves undefined is masked;
 * what the 80386 changed is left out and counted by reason. Exit status 1 when anything else differs. */
#include "moo.h"
#include "rules.h"

#include "flags.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSNS_MAX 400
#define SHOWN_MAX 5 /* differences of one file that are printed */
#define REAL_FLAGS 0x0fffu

static const char *const reg_name[MOO_REGS] = { "ax", "bx", "cx", "dx", "cs", "ss", "ds",
                                                "es", "sp", "bp", "si", "di", "ip", "flags" };
static const u8 general[] = { RAX, RBX, RCX, RDX };
static const u8 pointers[] = { RSP, RBP, RSI, RDI };
static const u8 segments[] = { CS, SS, DS, ES };

static void set_registers(struct cpu *c, const u16 *reg)
{
    for (unsigned i = 0; i < 4; i++) {
        c->r[general[i]] = reg[MOO_AX + i];
        c->r[pointers[i]] = reg[MOO_SP + i];
        seg_set_real(c, segments[i], reg[MOO_CS + i]);
    }
    c->rip = reg[MOO_IP];
    u32 flags = reg[MOO_FLAGS] & REAL_FLAGS;
    c->eflags = (flags & ~FL_ARITH) | FL_ONE;
    flags_set_arith(c, flags);
}

static void get_registers(const struct cpu *c, u16 *reg)
{
    for (unsigned i = 0; i < 4; i++) {
        reg[MOO_AX + i] = (u16)c->r[general[i]];
        reg[MOO_SP + i] = (u16)c->r[pointers[i]];
        reg[MOO_CS + i] = c->seg[segments[i]].sel;
    }
    reg[MOO_IP] = (u16)c->rip;
    reg[MOO_FLAGS] = (u16)(flags_get(c) & REAL_FLAGS);
}

static void put(struct bench *b, const struct moo_state *s)
{
    for (u32 i = 0; i < s->ram_count; i++)
        if (moo_address(s, i) < BENCH_RAM)
            bench_put(b, moo_address(s, i), moo_byte(s, i), 1);
}

static void clear(struct bench *b, const struct moo_state *s)
{
    for (u32 i = 0; i < s->ram_count; i++)
        if (moo_address(s, i) < BENCH_RAM)
            bench_put(b, moo_address(s, i), 0, 1);
}

static void run(struct bench *b, const struct moo_test *t)
{
    struct cpu *c = b->cpu;
    cpu_reset(c);
    c->idt = (struct desc_table){ 0, 0x3ff };
    put(b, &t->before);
    if (t->has_exception && t->vector == VECTOR_SEGMENT)
        bench_put(b, 4 * VECTOR_STACK, bench_get(b, 4 * VECTOR_SEGMENT, 4), 4);
    set_registers(c, t->before.reg);
    c->activity = ACT_RUNNING;
    cpu_update_mode(c);
    b->port_value = 0xffff;
    b->shutdown = false;
    b->limit = INSNS_MAX;
    bench_continue(b);
}

/* Physical address of the FLAGS in the frame that the exception pushed. */
static u32 pushed_flags_at(const struct moo_test *t)
{
    return (u32)t->after.reg[MOO_SS] * 16 + (u16)(t->after.reg[MOO_SP] + 4);
}

/* What differs, as text; empty when nothing does. */
static void compare(struct bench *b, const struct moo_test *t, char *text, size_t size)
{
    u16 reg[MOO_REGS];
    u16 undefined = undefined_flags(t);
    u32 flags_at = t->has_exception ? pushed_flags_at(t) : UINT32_MAX - 1;
    get_registers(b->cpu, reg);
    text[0] = 0;
    for (unsigned i = 0; i < MOO_REGS; i++) {
        u16 mask = i == MOO_FLAGS ? (u16)(REAL_FLAGS & ~undefined) : 0xffff;
        if ((reg[i] ^ t->after.reg[i]) & mask)
            snprintf(text + strlen(text), size - strlen(text), " %s %04x, silicon %04x", reg_name[i], reg[i] & mask,
                     t->after.reg[i] & mask);
    }
    for (u32 i = 0; i < t->after.ram_count; i++) {
        u32 at = moo_address(&t->after, i);
        u8 mask = (u8) ~(at == flags_at ? undefined : at == flags_at + 1 ? undefined >> 8 : 0);
        if (at < BENCH_RAM && (b->m[at] ^ moo_byte(&t->after, i)) & mask)
            snprintf(text + strlen(text), size - strlen(text), " [%x] %02x, silicon %02x", at, b->m[at],
                     moo_byte(&t->after, i));
    }
}

struct counts {
    unsigned run, left_out[RULES], different;
};

static void test_file(struct bench *b, const char *path, struct counts *all)
{
    struct moo_file f;
    struct moo_test t;
    struct counts n = { 0 };
    char text[1000];
    if (!moo_open(&f, path)) {
        all->different++;
        moo_close(&f);
        return;
    }
    while (moo_next(&f, &t)) {
        enum rule rule = rule_of(&t);
        if (rule != RULE_NONE) {
            all->left_out[rule]++;
            continue;
        }
        run(b, &t);
        compare(b, &t, text, sizeof text);
        all->run++;
        if (text[0]) {
            all->different++;
            if (n.different++ < SHOWN_MAX)
                printf("%s: %u: %s:%s\n", path, t.index, t.name, text);
        }
        bench_put(b, 4 * VECTOR_STACK, 0, 4);
        clear(b, &t.before);
        clear(b, &t.after);
    }
    /* All that a test names is zero again; so what is not was written without a reason. */
    for (u32 at = 0; at < BENCH_RAM; at++)
        if (b->m[at]) {
            printf("%s: wrote to [%x], silicon did not\n", path, at);
            all->different++;
            memset(b->m, 0, BENCH_RAM);
        }
    if (n.different > SHOWN_MAX)
        printf("%s: %u differences\n", path, n.different);
    moo_close(&f);
}

int main(int argc, char **argv)
{
    struct counts n = { 0 };
    if (argc < 2) {
        fprintf(stderr, "usage: vectors FILE.MOO.gz…\n");
        return 2;
    }
    struct bench *b = bench_new(BENCH_REAL);
    memset(b->m, 0, BENCH_RAM);
    for (int i = 1; i < argc; i++)
        test_file(b, argv[i], &n);
    bench_free(b);
    for (unsigned i = 1; i < RULES; i++)
        printf("%u left out: %s\n", n.left_out[i], rule_text[i]);
    printf("%u run, %u different\n", n.run, n.different);
    return n.different != 0;
}
