#include "emulator.h"
#include "../cpu/harness.h"
#include "fpu.h"

#define BUDGET 20000u
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

struct bench *emulator_new(const struct host_caps *caps)
{
    struct bench *b = bench_new(BENCH_64U);
    struct cpu *c = b->cpu;
    for (unsigned v = 0; v < 256; v++)
        bench_gate(b, v, SEL_CODE64, BENCH_HANDLERS + 16 * v, SYS_INT32, v == EXC_BP || v == EXC_OF ? 3 : 0, 0);
    bench_enable_avx(b);
    map_user_pages(b);
    write_ldt(b);
    bench_descriptor(b, OWN_DATA, 0, caps->own_limit, caps->own_rights);
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

static void put_changed(struct bench *b, u32 at, const u8 *from, u32 bytes)
{
    for (u32 i = 0; i < bytes; i += 8)
        if (get_le64(from + i) != get_le64(b->m + at + i))
            bench_put(b, at + i, get_le64(from + i), 8);
}

/* The code pages back to padding, stray stores of the program before included, and the new program into them. */
static void put_program(struct bench *b, const struct program *p)
{
    u8 code[MEM_CODE_SIZE];
    u32 at = p->at - MEM_CODE, room = MEM_CODE_SIZE - at;
    memset(code, PAD_BYTE, sizeof code);
    memcpy(code + at, p->bytes, room < PROGRAM_BYTES ? room : PROGRAM_BYTES);
    put_changed(b, MEM_CODE, code, MEM_CODE_SIZE);
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

static void enter(struct bench *b, const struct state *s, const struct program *p)
{
    struct cpu *c = b->cpu;
    put_changed(b, MEM_DATA, s->data, MEM_DATA_SIZE);
    put_program(b, p);
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

static void leave(struct bench *b, struct state *s, struct program *p)
{
    struct cpu *c = b->cpu;
    static const u8 data[] = { DS, ES, FS, GS };
    memcpy(s->r, c->r, sizeof s->r);
    s->endless = !cpu_is_halted(c);
    if (!s->endless)
        take_frame(b, s);
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
    memcpy(s->data, b->m + MEM_DATA, MEM_DATA_SIZE);
    u32 room = MEM_CODE + MEM_CODE_SIZE - p->at, bytes = room < PROGRAM_BYTES ? room : PROGRAM_BYTES;
    memcpy(p->after, b->m + p->at, bytes);
    memset(p->after + bytes, PAD_BYTE, PROGRAM_BYTES - bytes);
}

void emulator_run(struct bench *b, struct state *s, struct program *p)
{
    struct cpu *c = b->cpu;
    enter(b, s, p);
    u64 left = BUDGET;
    while (left && c->activity == ACT_RUNNING) {
        u64 ran = cpu_run(c, left);
        left -= ran < left ? ran : left;
    }
    leave(b, s, p);
    /* The host stops where the program ends; here the byte after it was fetched, and faulted. */
    if (program_index(p, s->rip + sel_base(s->sel[CS])) < 0 && s->vector != EXC_BP && s->vector != EXC_OF &&
        s->vector != EXC_DB) {
        s->vector = NO_VECTOR;
        s->error = 0;
        s->cr2 = 0;
    }
}
