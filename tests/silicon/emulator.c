#include "emulator.h"
#include "../cpu/harness.h"
#include "block.h"
#include "fpu.h"
#include "gen.h"

#define ARENA_HOT MIB   /* of decoded code: more would leave the caches */
#define GDT_LIMIT 0x7fu /* Linux's */
#define PTE_PRESENT 1u
#define PTE_WRITE 2u
#define PTE_USER 4u
#define PTE_NX BIT64(63)

static void write_ldt(struct bench *b)
{
    memset(b->m + BENCH_LDT, 0, 0x100);
    for (unsigned i = 0; i < LDT_COUNT; i++) {
        const struct ldt_segment *l = &ldt_segments[i];
        u32 attr =
            DESC_S | DESC_A | DESC_DPL | (l->absent ? 0 : DESC_P) | (l->big ? DESC_DB : 0) | (l->in_pages ? DESC_G : 0);
        attr |= l->code ? DESC_CODE : l->down ? DESC_EC : 0;
        attr |= l->read_only ? 0 : DESC_RW;
        bench_put(b, BENCH_LDT + 8 * i, (l->limit & 0xffff) | l->base << 16, 4);
        bench_put(b, BENCH_LDT + 8 * i + 4,
                  (l->base >> 16 & 0xff) | (l->base & 0xff000000u) | (l->limit & 0xf0000u) | attr, 4);
    }
    desc_to_seg(&b->cpu->seg[LDTR], SEL_LDT, bench_get(b, BENCH_GDT + SEL_LDT, 8));
    b->cpu->seg[LDTR].limit = LDT_COUNT * 8 - 1;
}

static void map_user_pages(struct bench *b)
{
    for (u32 page = 0; page < BENCH_RAM >> PAGE_SHIFT; page++) {
        u32 at = page << PAGE_SHIFT;
        bool ours =
            (at >= MEM_CODE && at < MEM_CODE + MEM_CODE_SIZE) || (at >= MEM_DATA && at < MEM_DATA + MEM_DATA_SIZE);
        u32 bits = PTE_PRESENT | (ours ? PTE_WRITE | PTE_USER : at == MEM_RO ? PTE_USER : PTE_WRITE);
        bench_put(b, BENCH_PTE(page), at | bits | (at >= MEM_RO && at < MEM_DATA + MEM_DATA_SIZE ? PTE_NX : 0), 8);
    }
    memset(b->m + MEM_CODE, PAD_BYTE, MEM_CODE_SIZE);
    memset(b->m + MEM_RO, MEM_RO_BYTE, MEM_RO_SIZE);
}

void emulator_own_segment(struct bench *b, const struct host_caps *caps)
{
    bench_descriptor(b, OWN_DATA, 0, caps->own_limit, caps->own_rights);
}

struct bench *emulator_new(const struct host_caps *caps)
{
    struct bench *b = bench_new(BENCH_64U);
    emulator_take_host_features(b);
    struct cpu *c = b->cpu;
    for (unsigned v = 0; v < 256; v++)
        bench_gate(b, v, SEL_CODE64, BENCH_HANDLERS + 16 * v, SYS_INT32, v == EXC_BP || v == EXC_OF ? 3 : 0, 0);
    if (caps->avx)
        bench_enable_avx(b);
    map_user_pages(b);
    write_ldt(b);
    emulator_own_segment(b, caps);
    c->seg[TR].limit = 0x67; /* no I/O bitmap: ports are #GP */
    c->gdt.limit = GDT_LIMIT;
    c->cr0 |= CR0_AM;
    c->cr4 |= CR4_FSGSBASE;
    tlb_flush_all(c);
    cpu_update_mode(c);
    return b;
}

void emulator_free(struct bench *b)
{
    bench_free(b);
}

/* The exit is not mapped here: its #PF is the end. */
static bool at_exit(const struct bench *b, const struct state *s)
{
    return s->vector == EXC_PF && s->rip == EXIT_AT && b->cpu->cr2 == EXIT_AT && s->sel[CS] == USER_CS64;
}

static void load_seg(struct bench *b, unsigned seg, u16 sel)
{
    u32 table = sel & 4 ? BENCH_LDT : BENCH_GDT;
    struct seg *to = &b->cpu->seg[seg];
    desc_to_seg(to, sel, sel & ~3u ? bench_get(b, table + (sel & 0xfff8u), 8) : 0);
}

static void load_fpu(struct cpu *c, const struct state *s)
{
    const u8 *fx = s->fx;
    fx_get_x87(c, fx, true);
    sse_set_mxcsr(c, get_le32(fx + FX_MXCSR));
    for (unsigned i = 0; i < 16; i++) {
        memcpy(c->xmm[i].b, fx + FX_XMM + FX_REG_BYTES * i, FX_REG_BYTES);
        memcpy(c->xmm[i].b + 16, s->ymm[i], 16);
    }
}

/* Straight into the bench's memory; what was decoded there is dropped. (That there is code in these pages need not be
 * forgotten, as ram_code_written() would: there soon is again.) */
static void put_memory(struct bench *b, const struct trial *t, const u8 *image)
{
    const struct ram_listener *code = &b->cpu->blocks->listener;
    memcpy(b->m + MEM_DATA, t->data, MEM_DATA_SIZE);
    memcpy(b->m + MEM_CODE, image, MEM_CODE_SIZE);
    for (u32 at = MEM_CODE; at < MEM_CODE + MEM_CODE_SIZE; at += PAGE_SIZE)
        code->code_written(code->self, (b->ram.ram_base + at) >> PAGE_SHIFT, ~0u);
    if (b->cpu->blocks->used > ARENA_HOT)
        block_cache_flush(b->cpu->blocks);
}

static void enter(struct bench *b, const struct state *s)
{
    struct cpu *c = b->cpu;
    for (unsigned seg = 0; seg < SEG_COUNT; seg++)
        load_seg(b, seg, s->sel[seg]);
    if (!(s->sel[FS] & ~3u))
        c->seg[FS].base = s->fs_base;
    if (!(s->sel[GS] & ~3u))
        c->seg[GS].base = s->gs_base;
    c->cpl = 3;
    c->eflags = FL_ONE | FL_IF;
    memcpy(c->r, s->r, sizeof s->r);
    cpu_set_eflags(c, s->flags | FL_IF, FLAGS_SEEN | FL_IF);
    load_fpu(c, s);
    c->rip = s->rip;
    c->activity = ACT_RUNNING;
    cpu_update_mode(c);
}

/* What the handler of the exception found on its stack. */
static void take_frame(struct bench *b, struct state *s)
{
    struct cpu *c = b->cpu;
    s->vector = (unsigned)((c->rip - 1) - BENCH_HANDLERS) / 16;
    u32 sp = (u32)c->r[RSP];
    s->error = exception_has_error(s->vector) ? (u32)bench_get(b, sp, 4) : 0;
    sp += exception_has_error(s->vector) ? 8 : 0;
    s->cr2 = s->vector == EXC_PF ? c->cr2 : 0;
    s->rip = bench_get(b, sp, 8);
    s->sel[CS] = (u16)bench_get(b, sp + 8, 2);
    s->flags = (u32)bench_get(b, sp + 16, 8) & FLAGS_SEEN;
    s->r[RSP] = bench_get(b, sp + 24, 8);
    s->sel[SS] = (u16)bench_get(b, sp + 32, 2);
}

static void leave(struct bench *b, const struct trial *t, struct state *s)
{
    struct cpu *c = b->cpu;
    static const u8 data[] = { DS, ES, FS, GS };
    memcpy(s->r, c->r, sizeof s->r);
    s->endless = !cpu_is_halted(c);
    s->vector = NO_VECTOR;
    if (!s->endless)
        take_frame(b, s);
    if (at_exit(b, s)) {
        s->vector = NO_VECTOR;
        s->error = 0;
        s->cr2 = 0;
        s->sel[CS] = t->s.sel[CS];
        s->rip = t->p.at + t->p.len - sel_base(t->s.sel[CS]);
    }
    for (unsigned i = 0; i < ARRAY_LEN(data); i++)
        s->sel[data[i]] = c->seg[data[i]].sel;
    s->fs_base = c->seg[FS].base;
    s->gs_base = c->seg[GS].base;
    fx_put_x87(c, s->fx, true);
    put_le32(s->fx + FX_MXCSR, sse_get_mxcsr(c));
    for (unsigned i = 0; i < 16; i++) {
        memcpy(s->fx + FX_XMM + FX_REG_BYTES * i, c->xmm[i].b, FX_REG_BYTES);
        memcpy(s->ymm[i], c->xmm[i].b + 16, 16);
    }
}

void emulator_run(struct bench *b, const struct trial *t, const u8 *image, u64 budget, struct outcome *out)
{
    struct cpu *c = b->cpu;
    put_memory(b, t, image);
    enter(b, &t->s);
    u64 left = budget;
    while (left && c->activity == ACT_RUNNING) {
        u64 ran = cpu_run(c, left);
        left -= ran < left ? ran : left;
    }
    memset(&out->s, 0, sizeof out->s);
    leave(b, t, &out->s);
    out->data = b->m + MEM_DATA;
    out->code = b->m + MEM_CODE;
}

const struct row *emulator_row(struct bench *b, enum code_mode mode, const u8 *bytes, unsigned avail, unsigned *len)
{
    struct uop u;
    u32 m = MODE_PE | MODE_LMA | MODE_OSFXSR | MODE_AVX | MODE_FLAT |
            (mode == CODE64   ? MODE_64
             : mode == CODE32 ? MODE_32
                              : 0);
    struct decoded d = decode_insn(b->cpu, &b->cpu->blocks->index, bytes, avail, 0, m, &u);
    *len = d.len;
    return d.row;
}

enum code_mode emulator_code_mode(u16 cs)
{
    unsigned index = cs >> 3;
    if (!(cs & 4))
        return cs == USER_CS64 ? CODE64 : CODE32;
    return index < LDT_COUNT && ldt_segments[index].big ? CODE32 : CODE16;
}

void emulator_name_rows(struct bench *b, struct program *p)
{
    for (unsigned i = 0; i < p->n; i++) {
        unsigned len;
        const struct row *row = emulator_row(b, p->mode, p->bytes + p->start[i], p->start[i + 1] - p->start[i], &len);
        p->row[i] = row ? (u16)(row - cpu_rows) : NO_ROW;
    }
}

/* Does the program come back to its first instruction? */
static bool begins_again(struct bench *b, const struct trial *t, const u8 *image)
{
    struct cpu *c = b->cpu;
    unsigned visits = 0;
    put_memory(b, t, image);
    enter(b, &t->s);
    for (u64 left = BUDGET; left && c->activity == ACT_RUNNING && visits < 2; left--) {
        visits += c->rip + c->seg[CS].base == t->p.at;
        cpu_run(c, 1);
    }
    return visits > 1;
}

bool emulator_meets_unusable(struct bench *b, const struct trial *t)
{
    static const enum code_mode modes[] = { CODE16, CODE32, CODE64 };
    u8 image[MEM_CODE_SIZE];
    struct outcome out;
    u64 *uses = b->cpu->blocks->row_uses;
    memset(uses, 0, sizeof b->cpu->blocks->row_uses);
    program_image(&t->p, t->s.sel[CS], image);
    if (t->p.row[0] != NO_ROW && row_must_be_first(&cpu_rows[t->p.row[0]]) && begins_again(b, t, image))
        return true;
    emulator_run(b, t, image, BUDGET, &out);
    for (unsigned i = 0; i < cpu_row_count; i++) {
        bool usable = false;
        for (unsigned m = 0; m < ARRAY_LEN(modes); m++)
            usable = usable || row_usable(i, modes[m]);
        if (uses[i] && (!usable || (row_must_be_first(&cpu_rows[i]) && t->p.row[0] != i)))
            return true;
    }
    return false;
}

void emulator_features(struct host_caps *caps)
{
    struct bench *b = emulator_new(caps);
    memcpy(caps->has, b->cpu->has, sizeof caps->has);
    emulator_free(b);
}
