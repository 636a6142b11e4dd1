/* test_paging.c: rights, accessed and dirty flags of every mode, level by level; sizes, reserved bits, crossings. What
 * is remembered: test_paging_tlb.c. */
#include "paging_bench.h"

#define NX BIT64(63)

enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };

enum access { READ, WRITE, FETCH };

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),         cmocka_unit_test(test_offsets),    cmocka_unit_test(test_pse36),
        cmocka_unit_test(test_ps_without_pse), cmocka_unit_test(test_ps_in_pml4), cmocka_unit_test(test_crossing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
