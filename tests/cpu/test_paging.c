/* Paging (SDM vol. 3, chapter 4). For 32-bit, PAE, 4-level and 5-level tables with every page size: each combination of
 * P, W, U, NX and a reserved bit in each entry of the path, met by each kind of access with CR0.WP, NXE, SMEP, SMAP and
 * EFLAGS.AC in each state. What must come out is computed here a second time from the manual's words. */
#include "harness.h"

#include <stdlib.h>

enum { P = 1, W_ = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
#define NX BIT64(63)
#define ALL_RIGHTS (P | W_ | U)
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };
enum access { READ, WRITE, FETCH };

#define TABLES 0x200000u /* page directory, PDPT or, in long mode, the PDPT of the tested half */
#define TARGET 0x800000u /* physical; also the offset from the tested range's start */
#define MARK 0x5a5a1234u
#define FIFTH 0x0055008000000000u /* needs 57 bits */

struct paging {
    const char *name;
    enum bench_mode super, user;
    unsigned levels;    /* entries on the way */
    unsigned entry;     /* bytes of one */
    bool large;         /* the last has PS */
    u64 linear;         /* the tested address */
    u64 reserved;       /* a reserved bit of the leaf; 0: none */
    u64 reserved_upper; /* and of the entries above it */
    u32 cr4;
};

static const struct paging modes[] = {
    { "32-bit", BENCH_32, BENCH_32U, 2, 4, false, 0x40000000 + TARGET, 0, 0, 0 },
    { "32-bit, 4 MiB", BENCH_32, BENCH_32U, 1, 4, true, 0x40000000 + TARGET, BIT64(21), 0, CR4_PSE },
    { "PAE", BENCH_32, BENCH_32U, 2, 8, false, 0x40000000 + TARGET, BIT64(45), BIT64(62), CR4_PAE },
    { "PAE, 2 MiB", BENCH_32, BENCH_32U, 1, 8, true, 0x40000000 + TARGET, BIT64(13), 0, CR4_PAE },
    { "4-level", BENCH_64, BENCH_64U, 4, 8, false, 0x8000000000 + TARGET, BIT64(40), BIT64(51), CR4_PAE },
    { "4-level, 2 MiB", BENCH_64, BENCH_64U, 3, 8, true, 0x8000000000 + TARGET, BIT64(20), BIT64(47), CR4_PAE },
    { "4-level, 1 GiB", BENCH_64, BENCH_64U, 2, 8, true, 0x8000000000 + TARGET, BIT64(29), BIT64(40), CR4_PAE },
    { "5-level", BENCH_64, BENCH_64U, 5, 8, false, FIFTH + TARGET, BIT64(40), BIT64(51), CR4_PAE | CR4_LA57 },
    { "5-level, 2 MiB", BENCH_64, BENCH_64U, 4, 8, true, FIFTH + TARGET, BIT64(20), BIT64(47), CR4_PAE | CR4_LA57 },
    { "5-level, 1 GiB", BENCH_64, BENCH_64U, 3, 8, true, FIFTH + TARGET, BIT64(29), BIT64(40), CR4_PAE | CR4_LA57 },
};

/* All the levels of the mode, of which a large page leaves the last out. */
static unsigned depth_of(const struct paging *m)
{
    return m->super != BENCH_64 ? 2 : m->cr4 & CR4_LA57 ? 5 : 4;
}

struct bed {
    struct bench *b;
    const struct paging *mode;
    bool user;
    u32 at[5]; /* physical addresses of the entries on the way, leaf last */
    u64 plain[5];
};

static void put_entry(struct bed *t, u32 at, u64 value)
{
    bench_put(t->b, at, value, t->mode->entry);
}
static u64 get_entry(struct bed *t, unsigned k)
{
    return bench_get(t->b, t->at[k], t->mode->entry);
}

/* Pages of the system are the supervisor's; the code, data and stack belong to the privilege under test. */
static u64 low_rights(const struct bed *t, u32 page)
{
    bool system = page < 0x10 || (page >= 0x37 && page < 0x40);
    return P | W_ | (t->user && !system ? U : 0);
}

static void map_low_legacy(struct bed *t)
{
    unsigned entry = t->mode->entry, per_table = 0x1000 / entry;
    u32 directory = entry == 8 ? TABLES + 0x1000 : TABLES;
    if (entry == 8)
        for (u32 i = 0; i < 4; i++)
            put_entry(t, TABLES + 8 * i, (TABLES + 0x1000 + (i == 1 ? 0x3000 : 0)) | P);
    put_entry(t, directory, (TABLES + 0x2000) | ALL_RIGHTS);
    for (u32 page = 0; page < per_table && page < 512; page++)
        put_entry(t, TABLES + 0x2000 + page * entry, (u64)page << 12 | low_rights(t, page));
}

/* The entries from the top: each points to the next table, the last to the target. */
static void map_target(struct bed *t)
{
    const struct paging *m = t->mode;
    bool from_tables = m->entry == 4 || (m->cr4 & CR4_LA57);
    u32 table = from_tables ? TABLES : m->super == BENCH_64 ? BENCH_PML4 : TABLES + 0x4000;
    unsigned bits = m->entry == 8 ? 9 : 10;
    unsigned depth = depth_of(m);
    for (unsigned k = 0; k < m->levels; k++) {
        unsigned shift = 12 + bits * (depth - 1 - k);
        bool leaf = k == m->levels - 1;
        u32 next = TABLES + 0x8000 + 0x1000 * k;
        t->at[k] = table + (u32)(m->linear >> shift & ((1u << bits) - 1)) * m->entry;
        t->plain[k] = leaf ? ((u64)TARGET & ~(BIT64(shift) - 1)) | (m->large ? PS : 0) : next;
        put_entry(t, t->at[k], t->plain[k] | ALL_RIGHTS);
        table = next;
    }
}

static struct bed new_bed(const struct paging *mode, bool user)
{
    struct bed t = { .b = bench_new(user ? mode->user : mode->super), .mode = mode, .user = user };
    memset(t.b->m + TABLES, 0, 0x10000);
    if (mode->super == BENCH_64) {
        for (u32 page = 0; page < 0x100; page++)
            bench_put(t.b, BENCH_PTE(page), (u64)page << 12 | low_rights(&t, page), 8);
        if (mode->cr4 & CR4_LA57) { /* the bench's tables are the first of the PML5's */
            put_entry(&t, TABLES, BENCH_PML4 | ALL_RIGHTS);
            t.b->cpu->cr3 = TABLES;
        }
    } else {
        map_low_legacy(&t);
        t.b->cpu->cr3 = TABLES;
        t.b->cpu->cr0 |= CR0_PG;
    }
    map_target(&t);
    t.b->cpu->cr4 |= mode->cr4;
    if (mode->cr4 == CR4_PAE && mode->super == BENCH_32)
        assert_true(mmu_load_pdptes(t.b->cpu, TABLES));
    bench_put(t.b, TARGET, MARK, 4);
    bench_put(t.b, TARGET + 0x100, 0xf4, 1);
    return t;
}

/* mov eax,[rbx]; hlt - mov [rbx],eax; hlt - jmp rbx, where HLT is. At CPL 3 HLT is #GP: it has come so far. */
static void run_access(struct bed *t, enum access access)
{
    struct cpu *c = t->b->cpu;
    tlb_flush_all(c);
    c->r[RAX] = MARK;
    c->r[RBX] = t->mode->linear + (access == FETCH ? 0x100 : 0);
    static const char *const code[] = { "\x8b\x03\xf4", "\x89\x03\xf4", "\xff\xe3\xf4" };
    bench_run(t->b, (const u8 *)code[access], 3);
}

static void back_to_start(struct bed *t, const struct cpu *start)
{
    memcpy(t->b->cpu, start, offsetof(struct cpu, w));
    cpu_update_mode(t->b->cpu);
}

struct rights {
    bool present, write, user, nx, reserved;
    bool wp, nxe, smep, smap, ac;
};

/* SDM vol. 3, 4.6.1 and 4.7. UINT32_MAX: no fault. */
static u32 expected(const struct bed *t, const struct rights *r, enum access access)
{
    bool has_nx = t->mode->entry == 8;
    u32 code = (access == WRITE ? PF_W : 0u) | (t->user ? PF_U : 0u) |
               (access == FETCH && (r->smep || (r->nxe && has_nx)) ? PF_I : 0u);
    if (!r->present)
        return code;
    if (r->reserved || (r->nx && !r->nxe))
        return code | PF_P | PF_RSVD;
    bool ok = r->user || !t->user;
    if (access == FETCH)
        ok = ok && !r->nx && !(!t->user && r->user && r->smep);
    else if (!t->user && r->user && r->smap && !r->ac)
        ok = false;
    if (access == WRITE)
        ok = ok && (r->write || (!t->user && !r->wp));
    return ok ? UINT32_MAX : code | PF_P;
}

static void check_flags(struct bed *t, const u64 before[5], enum access access, bool ok)
{
    for (unsigned k = 0; k < t->mode->levels; k++) {
        bool leaf = k == t->mode->levels - 1;
        u64 now = get_entry(t, k), set = now & ~before[k];
        assert_int_equal(before[k] & ~now, 0);
        assert_int_equal(set & ~(u64)(A | D), 0);
        if (ok)
            assert_int_equal(set, leaf && access == WRITE ? A | D : A);
        else
            assert_int_equal(set & D, 0);
    }
}

static void check_access(struct bed *t, const struct cpu *start, const struct rights *r, enum access access,
                         unsigned level)
{
    u64 before[5] = { 0 };
    back_to_start(t, start);
    struct cpu *c = t->b->cpu;
    c->cr0 = (c->cr0 & ~CR0_WP) | (r->wp ? CR0_WP : 0);
    c->cr4 |= (r->smep ? CR4_SMEP : 0) | (r->smap ? CR4_SMAP : 0);
    c->efer = (c->efer & ~(u64)EFER_NXE) | (r->nxe ? EFER_NXE : 0);
    c->eflags |= r->ac ? FL_AC : 0;
    for (unsigned k = 0; k < t->mode->levels; k++) {
        u64 bits = ALL_RIGHTS;
        if (k == level)
            bits = (r->present ? P : 0) | (r->write ? W_ : 0) | (r->user ? U : 0) | (r->nx ? NX : 0) |
                   (r->reserved ? (k == t->mode->levels - 1 ? t->mode->reserved : t->mode->reserved_upper) : 0);
        before[k] = t->plain[k] | bits;
        put_entry(t, t->at[k], before[k]);
    }
    run_access(t, access);
    u32 want = expected(t, r, access);
    bool faulted = t->b->vector == EXC_PF, reached = t->b->vector == (t->user ? EXC_GP : -1);
    if (faulted == (want == UINT32_MAX) || (faulted && t->b->error != want) || (!faulted && !reached))
        fail_msg("%s, %s, access %d, level %u, P %d W %d U %d NX %d RSVD %d, WP %d NXE %d SMEP %d SMAP %d AC %d: "
                 "vector %d error %x, "
                 "not %x",
                 t->mode->name, t->user ? "user" : "supervisor", access, level, r->present, r->write, r->user, r->nx,
                 r->reserved, r->wp, r->nxe, r->smep, r->smap, r->ac, t->b->vector, t->b->error, want);
    if (faulted) {
        assert_int_equal(c->cr2, t->mode->linear + (access == FETCH ? 0x100 : 0));
        assert_int_equal(t->b->frame_ip, access == FETCH ? c->cr2 : BENCH_CODE);
    } else if (access == READ) {
        assert_int_equal((u32)c->r[RAX], MARK);
    }
    check_flags(t, before, access, !faulted);
}

static void check_level(struct bed *t, const struct cpu *start, unsigned level)
{
    bool leaf = level == t->mode->levels - 1;
    for (unsigned v = 0; v < 1u << 10; v++) {
        struct rights r = { v & 1, v & 2, v & 4, v & 8, v & 16, v & 32, v & 64, v & 128, v & 256, v & 512 };
        bool has_reserved = leaf ? t->mode->reserved : t->mode->reserved_upper;
        if ((r.nx && t->mode->entry == 4) || (r.reserved && !has_reserved) || (r.ac && (!r.smap || t->user)))
            continue;
        for (enum access access = READ; access <= FETCH; access++)
            check_access(t, start, &r, access, level);
    }
}

static void test_rights(void **state)
{
    (void)state;
    struct cpu *start = malloc(sizeof *start);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        for (unsigned user = 0; user < 2; user++) {
            struct bed t = new_bed(&modes[i], user);
            memcpy(start, t.b->cpu, offsetof(struct cpu, w));
            for (unsigned level = 0; level < modes[i].levels; level++)
                check_level(&t, start, level);
            bench_free(t.b);
        }
    free(start);
}

/* ---- addresses ---- */

/* Each page size keeps its own low bits of the linear address. */
static void test_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct bed t = new_bed(&modes[i], false);
        u32 steps[] = { 0, 0xffc, 0x1ffc, 0x1ff000, 0x3ffffc, 0x600000 };
        for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
            u64 shift = 12 + (modes[i].entry == 8 ? 9u : 10u) * (depth_of(&modes[i]) - modes[i].levels);
            if (steps[k] >> shift)
                continue;
            bench_put(t.b, TARGET + steps[k], 0xabc0 + (u32)k, 4);
            t.b->cpu->r[RBX] = modes[i].linear + steps[k];
            bench_run(t.b, CODE("\x8b\x03\xf4"));
            assert_int_equal(t.b->vector, -1);
            assert_int_equal(t.b->cpu->r[RAX], 0xabc0 + k);
        }
        bench_free(t.b);
    }
}

/* PSE-36: bits 20:13 of the directory entry are address bits 39:32 (SDM vol. 3, table 4-4). */
static void test_pse36(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[1], false);
    struct region *high = calloc(1, sizeof *high);
    region_init_alias(high, "high", &t.b->ram, 0, BENCH_RAM);
    region_add(&t.b->root, 0xff00000000, high, 0);
    put_entry(&t, t.at[0], (TARGET & 0xffc00000) | 0xffu << 13 | PS | ALL_RIGHTS);
    t.b->cpu->r[RBX] = modes[1].linear;
    bench_run(t.b, CODE("\x8b\x03\xf4"));
    assert_int_equal(t.b->vector, -1);
    assert_int_equal(t.b->cpu->r[RAX], MARK);
    region_remove(high);
    space_mark_stale(&t.b->mem);
    bench_free(t.b);
    free(high);
}

/* Without CR4.PSE the bit means nothing: the entry points to a table. */
static void test_ps_without_pse(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[0], false);
    put_entry(&t, t.at[0], t.plain[0] | PS | ALL_RIGHTS);
    run_access(&t, READ);
    assert_int_equal(t.b->vector, -1);
    assert_int_equal((u32)t.b->cpu->r[RAX], MARK);
    bench_free(t.b);
}

/* PS is reserved in PML4 and PML5 entries. */
static void check_ps_reserved(const struct paging *mode, unsigned level)
{
    struct bed t = new_bed(mode, false);
    put_entry(&t, t.at[level], t.plain[level] | PS | ALL_RIGHTS);
    run_access(&t, WRITE);
    assert_int_equal(t.b->vector, EXC_PF);
    assert_int_equal(t.b->error, PF_P | PF_RSVD | PF_W);
    bench_free(t.b);
}

static void test_ps_in_pml4(void **state)
{
    (void)state;
    check_ps_reserved(&modes[4], 0);
    check_ps_reserved(&modes[7], 0);
    check_ps_reserved(&modes[7], 1);
}

/* An access across two pages: CR2 is the first byte that could not be reached, and neither page is written. */
static void test_crossing(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    u32 pt = t.at[3];
    put_entry(&t, pt + 8, 0);
    t.b->cpu->r[RBX] = modes[4].linear + 0xffd;
    t.b->cpu->r[RAX] = 0x11223344;
    bench_put(t.b, TARGET + 0xffc, 0xeeeeeeee, 4);
    bench_run(t.b, CODE("\x89\x03\xf4"));
    assert_int_equal(t.b->vector, EXC_PF);
    assert_int_equal(t.b->error, PF_W);
    assert_int_equal(t.b->cpu->cr2, modes[4].linear + 0x1000);
    assert_int_equal(bench_get(t.b, TARGET + 0xffc, 4), 0xeeeeeeee);
    bench_reset(t.b);
    map_target(&t);
    put_entry(&t, pt, 0); /* the first one missing */
    put_entry(&t, pt + 8, 0x900000 | ALL_RIGHTS);
    t.b->cpu->r[RBX] = modes[4].linear + 0xffd;
    bench_run(t.b, CODE("\x8b\x03\xf4"));
    assert_int_equal(t.b->vector, EXC_PF);
    assert_int_equal(t.b->cpu->cr2, modes[4].linear + 0xffd);
    bench_reset(t.b);
    map_target(&t);
    put_entry(&t, pt + 8, 0x900000 | ALL_RIGHTS); /* both there, far apart */
    t.b->cpu->r[RBX] = modes[4].linear + 0xffd;
    t.b->cpu->r[RAX] = 0x11223344;
    bench_run(t.b, CODE("\x89\x03\xf4"));
    assert_int_equal(t.b->vector, -1);
    assert_int_equal(bench_get(t.b, TARGET + 0xffd, 3), 0x223344);
    assert_int_equal(bench_get(t.b, 0x900000, 1), 0x11);
    bench_free(t.b);
}

/* ---- what the TLB may remember ---- */

static void run_again(struct bed *t, const char *code, size_t len)
{
    t->b->cpu->r[RBX] = t->mode->linear;
    bench_run(t->b, (const u8 *)code, len);
}
#define READ_IT "\x8b\x03\xf4", 3
#define WRITE_IT "\x89\x03\xf4", 3
#define INVLPG_READ "\x0f\x01\x3b\x8b\x03\xf4", 6

/* More rights need no flush: an access that the TLB refuses walks the tables (SDM vol. 3, 4.10.4.3). */
static void test_more_rights(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct bed t = new_bed(&modes[i], false);
        unsigned leaf = modes[i].levels - 1;
        t.b->cpu->cr0 |= CR0_WP;
        put_entry(&t, t.at[leaf], t.plain[leaf]);
        run_again(&t, READ_IT);
        assert_int_equal(t.b->vector, EXC_PF);
        put_entry(&t, t.at[leaf], t.plain[leaf] | P);
        run_again(&t, READ_IT);
        assert_int_equal(t.b->vector, -1);
        run_again(&t, WRITE_IT);
        assert_int_equal(t.b->vector, EXC_PF);
        put_entry(&t, t.at[leaf], t.plain[leaf] | P | W_);
        run_again(&t, WRITE_IT);
        assert_int_equal(t.b->vector, -1);
        bench_free(t.b);
    }
}

/* A page fault throws out what the TLB holds for the page (SDM vol. 3, 4.10.4.1). */
static void test_fault_invalidates(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    t.b->cpu->cr0 |= CR0_WP;
    put_entry(&t, t.at[3], t.plain[3] | P);
    run_again(&t, READ_IT);
    assert_int_equal(t.b->vector, -1);
    put_entry(&t, t.at[3], 0x900000 | P); /* stale: not seen by a read, perhaps */
    run_again(&t, WRITE_IT);
    assert_int_equal(t.b->vector, EXC_PF);
    bench_put(t.b, 0x900000, 0x77, 4);
    run_again(&t, READ_IT); /* seen now */
    assert_int_equal(t.b->cpu->r[RAX], 0x77);
    bench_free(t.b);
}

/* INVLPG takes a whole large page with it, whichever of its addresses is named. */
static void test_invlpg_large(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct bed t = new_bed(&modes[i], false);
        unsigned leaf = modes[i].levels - 1;
        run_again(&t, READ_IT);
        assert_int_equal((u32)t.b->cpu->r[RAX], MARK);
        put_entry(&t, t.at[leaf], 0);
        t.b->cpu->r[RBX] = modes[i].linear;
        t.b->cpu->r[RCX] = modes[i].linear + (modes[i].large ? 0x1ff000 : 0);
        bench_run(t.b, /* invlpg [rcx]; mov eax,[rbx]; hlt */ CODE("\x0f\x01\x39\x8b\x03\xf4"));
        assert_int_equal(t.b->vector, EXC_PF);
        bench_free(t.b);
    }
}

/* The dirty bit is set by the first write even when the page was read before, and again after it was cleared and
 * flushed. */
static void test_dirty_again(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    run_again(&t, READ_IT);
    assert_int_equal(get_entry(&t, 3) & (A | D), A);
    run_again(&t, WRITE_IT);
    assert_int_equal(get_entry(&t, 3) & (A | D), A | D);
    put_entry(&t, t.at[3], t.plain[3] | ALL_RIGHTS);
    run_again(&t, INVLPG_READ);
    assert_int_equal(get_entry(&t, 3) & (A | D), A);
    run_again(&t, WRITE_IT);
    assert_int_equal(get_entry(&t, 3) & (A | D), A | D);
    bench_free(t.b);
}

/* System structures are read as the supervisor, SMAP not lifted by AC (SDM vol. 3, 4.6.1: implicit accesses). */
static void test_implicit(void **state)
{
    (void)state;
    struct bed t = new_bed(&modes[4], false);
    t.b->cpu->cr4 |= CR4_SMAP;
    t.b->cpu->eflags |= FL_AC;
    bench_put(t.b, BENCH_PTE(1), 0x1000 | ALL_RIGHTS, 8); /* the GDT in a user page */
    tlb_flush_all(t.b->cpu);
    t.b->cpu->r[RAX] = SEL_DATA32;
    bench_run(t.b, /* mov ds,eax; hlt */ CODE("\x8e\xd8\xf4"));
    assert_int_equal(t.b->vector == EXC_PF || t.b->vector == -3, 1);
    assert_int_equal(t.b->cpu->cr2 & ~0xfffull, BENCH_GDT);
    bench_free(t.b);
    t = new_bed(&modes[4], true); /* and from CPL 3 they reach supervisor pages */
    t.b->cpu->r[RAX] = SEL_DATA32U;
    bench_run(t.b, CODE("\x8e\xd8\xf4"));
    assert_int_equal(t.b->vector, EXC_GP); /* HLT */
    assert_int_equal(t.b->frame_ip, BENCH_CODE + 2);
    bench_free(t.b);
}

/* ---- A20 ---- */

static void check_a20(struct bench *b, u64 linear)
{
    static const u32 want[] = { 0x2222, 0x1111 };
    for (unsigned on = 0; on < 2; on++) {
        cpu_set_a20(b->cpu, on);
        b->cpu->r[RBX] = linear;
        bench_run(b, CODE("\x8b\x03\xf4"));
        assert_int_equal(b->vector, -1);
        assert_int_equal((u32)b->cpu->r[RAX], want[!on ? 0 : 1]);
    }
}

static void test_a20(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_put(b, 0x120000, 0x1111, 4);
    bench_put(b, 0x20000, 0x2222, 4);
    check_a20(b, 0x120000);
    bench_free(b);
    struct bed t = new_bed(&modes[0], false); /* behind paging, and for the tables themselves (bit 20 of them is 0) */
    bench_put(t.b, 0x120000, 0x1111, 4);
    bench_put(t.b, 0x20000, 0x2222, 4);
    put_entry(&t, t.at[1], 0x120000 | ALL_RIGHTS);
    check_a20(t.b, modes[0].linear);
    bench_free(t.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),       cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_pse36),        cmocka_unit_test(test_ps_without_pse),
        cmocka_unit_test(test_ps_in_pml4),   cmocka_unit_test(test_crossing),
        cmocka_unit_test(test_more_rights),  cmocka_unit_test(test_fault_invalidates),
        cmocka_unit_test(test_invlpg_large), cmocka_unit_test(test_dirty_again),
        cmocka_unit_test(test_implicit),     cmocka_unit_test(test_a20),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
