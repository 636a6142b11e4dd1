/* test_short_ways.c: outside 64-bit mode most instructions that touch memory, and the far transfers of real mode, have
 * a short way for where the TLB knows the pages and nothing is in the way, and a checked one for all else. Random
 * instructions at the edges of segments and stacks are run with an empty TLB and again with a filled one: both must end
 * in the same state. */
#include "two_ways.h"

#define CODE_AT 0x10100u
#define CODE_BASE 0x10000u
#define ROUNDS 60

struct trial {
    struct two_ways w;
    bool is_32;
    u8 code[16];
    unsigned len;
};

/* Opcodes, and behind a space what follows them: m a ModRM byte that names memory, s one that names registers, b and w
 * a random byte or two, \2 a number below 4. */
static const char *const forms[] = {
    "\x50",       "\x53",        "\x54",       "\x58",    "\x5b",     "\x5c",     "\x60",   "\x61",       "\x68 w",
    "\x6a b",     "\x06",        "\x0e",       "\x16",    "\x1e",     "\x0f\xa0", "\x07",   "\x17",       "\x1f",
    "\x0f\xa1",   "\x0f\xa9",    "\x9c",       "\x9d",    "\xc8 w\2", "\xc9",     "\xe8 w", "\xff\xd0",   "\xff\xd4",
    "\xc3",       "\xc2 w",      "\x9a ww",    "\xea ww", "\xcb",     "\xca w",   "\xcd b", "\xcf",       "\xff\x1f",
    "\xff\x2c",   "\xff\x1e w",  "\xff\x2e w", "\x8e s",  "\x8e m",   "\x8c m",   "\xc4 m", "\xc5 m",     "\x0f\xb4 m",
    "\x0f\xb2 m", "\xe2 b",      "\xe1 b",     "\xe3 b",  "\xa4",     "\xa5",     "\xaa",   "\xab",       "\xac",
    "\xad",       "\xae",        "\xaf",       "\xa6",    "\xa7",     "\xf3\xa4", "\x88 m", "\x89 m",     "\x8a m",
    "\x8b m",     "\xc6 mb",     "\xc7 mw",    "\x28 m",  "\x01 m",   "\x02 m",   "\x03 m", "\x39 m",     "\x3a m",
    "\x81 mw",    "\xfe m",      "\xff m",     "\xf7 m",  "\xd1 m",   "\x87 m",   "\x8d m", "\x0f\xb6 m", "\x0f\xbf m",
    "\x0f\xa3 m", "\x0f\xab m",  "\x0f\xb1 m", "\x8f m",  "\xa0 w",   "\xa1 w",   "\xa2 w", "\xa3 w",     "\x0f\x94 m",
    "\x62 m",     "\x0f\xa4 mb", "\xd7",
};

static void emit(struct trial *t, u32 byte)
{
    if (t->len < sizeof t->code)
        t->code[t->len++] = (u8)byte;
}

/* A ModRM byte with memory; its displacement, too. `wide`: 32-bit addresses, without SIB. */
static void emit_memory(struct trial *t, bool wide)
{
    unsigned mod = draw(&t->w) % 3, rm = draw(&t->w) & 7;
    if (wide && rm == 4)
        rm = 5;
    emit(t, mod << 6 | (draw(&t->w) & 7) << 3 | rm);
    bool direct = mod == 0 && rm == (wide ? 5u : 6u);
    unsigned bytes = mod == 1 ? 1 : mod == 2 || direct ? (wide ? 4 : 2) : 0;
    for (unsigned i = 0; i < bytes; i++)
        emit(t, i >= 2 ? 0 : draw(&t->w) % 3 ? draw(&t->w) : 0xff);
}

static void make_code(struct trial *t, const char *form)
{
    static const u8 prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64 };
    bool wide = false;
    t->len = 0;
    if (draw(&t->w) % 4 == 0)
        emit(t, prefixes[draw(&t->w) % ARRAY_LEN(prefixes)]);
    if (draw(&t->w) % 3 == 0)
        emit(t, 0x66);
    if (draw(&t->w) % 4 == 0) {
        emit(t, 0x67);
        wide = true;
    }
    wide = wide != t->is_32;
    const char *end = strchr(form, ' ');
    for (const char *p = form; *p && p != end; p++)
        emit(t, (u8)*p);
    for (const char *p = end ? end + 1 : ""; *p; p++)
        if (*p == 'm')
            emit_memory(t, wide);
        else if (*p == 's')
            emit(t, 0xc0 | (draw(&t->w) & 0x3f));
        else
            for (unsigned i = 0; i < (*p == 'w' ? 2u : 1u); i++)
                emit(t, *p == '\2' ? draw(&t->w) & 3 : draw(&t->w));
    emit(t, 0xeb); /* jmp to itself */
    emit(t, 0xfe);
    while (t->len < sizeof t->code)
        emit(t, 0x90);
}

/* A number near the ends of things: of 64 KiB, of a page, of a segment's limit. */
static u32 near_edge(struct trial *t)
{
    static const u32 edges[] = { 0, 0x1000, 0x2fff, 0x8000, 0xffff, 0x10000, 0x7fff };
    u32 edge = edges[draw(&t->w) % ARRAY_LEN(edges)];
    return draw(&t->w) % 8 ? edge + draw(&t->w) % 24 - 12 : draw(&t->w) & 0xffff;
}

static void set_segment(struct trial *t, unsigned n)
{
    static const u32 limits[] = { 0xffff, 0xffff, 0xffff, 0x7fff, 0x2fff, 0xffffffff };
    static const u32 types[] = {
        DESC_RW, DESC_RW, 0, DESC_RW | DESC_EC, DESC_RW | DESC_EC | DESC_DB, DESC_CODE | DESC_RW, DESC_CODE
    };
    struct seg *s = &t->w.b->cpu->seg[n];
    bool paragraphs = t->w.b->mode == BENCH_REAL;
    s->base = (draw(&t->w) % 4 ? draw(&t->w) % 0x3000 : 0) << 4;
    s->sel = (u16)(paragraphs ? s->base >> 4 : s->sel);
    s->limit = draw(&t->w) % 3 ? 0xffff : limits[draw(&t->w) % ARRAY_LEN(limits)];
    u32 type = paragraphs || draw(&t->w) % 2 || n == SS ? DESC_RW : types[draw(&t->w) % ARRAY_LEN(types)];
    if (n == SS && !paragraphs && draw(&t->w) % 4 == 0)
        type = DESC_RW | DESC_EC;
    s->attr = DESC_P | DESC_S | DESC_A | type | (n == SS && !paragraphs && draw(&t->w) % 2 ? DESC_DB : 0);
    seg_derive(s, false);
}

/* All that a segment reaches but the tables of the bench, which has put its interrupt vectors where real mode looks for
 * them. */
static void fill_memory(struct trial *t)
{
    for (u32 at = 0x9000; at < MEMORY; at += 4)
        bench_put(t->w.b, at, draw(&t->w), 4);
}

static void make_state(struct trial *t)
{
    struct cpu *c = t->w.b->cpu;
    bench_reset(t->w.b);
    for (unsigned i = 0; i < 8; i++)
        c->r[i] = near_edge(t) | (draw(&t->w) % 4 ? 0 : (u64)draw(&t->w) << 16);
    for (unsigned n = 0; n < SEG_COUNT; n++)
        if (n != CS && draw(&t->w) % 8)
            set_segment(t, n);
    struct seg *cs = &c->seg[CS];
    cs->base = CODE_BASE;
    cs->sel = t->w.b->mode == BENCH_REAL ? CODE_BASE >> 4 : cs->sel;
    cs->limit = draw(&t->w) % 4 ? 0xffff : 0x7fff;
    cs->attr = (cs->attr & ~DESC_DB) | (t->is_32 ? DESC_DB : 0);
    seg_derive(cs, true);
    c->eflags = FL_ONE | (draw(&t->w) & (FL_DF | FL_IF | FL_IOPL | FL_NT));
    c->fl = (u16)draw(&t->w) & HF_ALL;
    c->rip = CODE_AT - CODE_BASE;
    if (draw(&t->w) % 2) /* a frame that can be returned to */
        bench_put(t->w.b, (u32)(c->seg[SS].base + (c->r[RSP] & 0xffff)) % MEMORY, 0x2345 + ((u64)0x1200 << 16), 6);
    memcpy(t->w.b->m + CODE_AT, t->code, sizeof t->code);
    cpu_update_mode(c);
}

static void run_trial(struct trial *t, const char *form)
{
    struct outcome cold, warm;
    make_code(t, form);
    make_state(t);
    if (same_both_ways(&t->w, &cold, &warm))
        return;
    print_message("mode %d, code", (int)t->w.b->mode);
    for (unsigned i = 0; i < sizeof t->code; i++)
        print_message(" %02x", t->code[i]);
    print_message("\nchecked: rip %llx ax %llx sp %llx; short: rip %llx ax %llx sp %llx\n",
                  (unsigned long long)cold.rip, (unsigned long long)cold.r[RAX], (unsigned long long)cold.r[RSP],
                  (unsigned long long)warm.rip, (unsigned long long)warm.r[RAX], (unsigned long long)warm.r[RSP]);
    fail_msg("the short way differs");
}

static void run_all(enum bench_mode mode, bool is_32)
{
    struct trial t = { .w = two_ways_new(mode), .is_32 = is_32 };
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill_memory(&t);
        for (unsigned i = 0; i < ARRAY_LEN(forms); i++)
            run_trial(&t, forms[i]);
    }
    two_ways_free(&t.w);
}

static void test_real(void **state)
{
    (void)state;
    run_all(BENCH_REAL, false);
}
static void test_16(void **state)
{
    (void)state;
    run_all(BENCH_P16, false);
}
static void test_32(void **state)
{
    (void)state;
    run_all(BENCH_32, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_real), cmocka_unit_test(test_16),
                                        cmocka_unit_test(test_32) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
