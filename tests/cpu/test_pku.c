/* Protection keys (SDM vol. 3, 4.6.2 and 4.7; vol. 2, RDPKRU and WRPKRU): every combination of rights, privilege and
 * access against the manual's words, and that the TLB follows PKRU. */
#include "harness.h"

enum { P = 1, W_ = 2, U = 4, D = 0x40 };
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_I = 16, PF_PK = 32 };
enum access { READ, WRITE, FETCH };
enum { AD = 1, WD = 2 };

#define TARGET 0x50000u /* linear and physical */
#define KEY 9u
#define KEY_BITS ((u64)KEY << 59)
#define REACHED_USER EXC_GP /* HLT at CPL 3 */

/* Code that the user runs; the system's pages are the supervisor's, so that no key is asked for them. */
static struct bench *new_bed(bool user, u64 pte)
{
    struct bench *b = bench_new(user ? BENCH_64U : BENCH_64);
    for (u32 page = 0; page < 0x40; page++)
        bench_put(b, BENCH_PTE(page), (u64)page << 12 | P | W_ | (user && page >= 0x10 && page < 0x37 ? U : 0), 8);
    bench_put(b, BENCH_PTE(TARGET >> 12), TARGET | pte, 8);
    bench_put(b, TARGET, 0xf4, 1);
    b->cpu->cr4 |= CR4_PKE;
    tlb_flush_all(b->cpu);
    return b;
}

static void run_access(struct bench *b, enum access access)
{
    static const char *const code[] = { "\x8b\x03\xf4", "\x89\x0b\xf4", "\xff\xe3\xf4" };
    b->cpu->r[RBX] = TARGET;
    b->cpu->r[RCX] = 0xf4;
    bench_run(b, (const u8 *)code[access], 3);
}

struct rights {
    bool user, page_user, page_write, wp, pke;
    unsigned key; /* AD | WD */
};

/* The error code, or UINT32_MAX. */
static u32 expected(const struct rights *r, enum access access)
{
    u32 code = PF_P | (access == WRITE ? PF_W : 0u) | (r->user ? PF_U : 0u) | (access == FETCH ? PF_I : 0u);
    bool key_denies = r->pke && r->page_user && access != FETCH &&
                      ((r->key & AD) || ((r->key & WD) && access == WRITE && (r->user || r->wp)));
    bool denies = (r->user && !r->page_user) || (access == WRITE && !r->page_write && (r->user || r->wp));
    return key_denies ? code | PF_PK : denies ? code : UINT32_MAX;
}

static void check(const struct rights *r, enum access access)
{
    struct bench *b = new_bed(r->user, KEY_BITS | P | (r->page_user ? U : 0u) | (r->page_write ? W_ : 0u));
    struct cpu *c = b->cpu;
    c->pkru = ~(3u << (2 * KEY)) | r->key << (2 * KEY); /* all other keys deny */
    c->cr4 = r->pke ? c->cr4 | CR4_PKE : c->cr4 & ~CR4_PKE;
    c->cr0 = r->wp ? c->cr0 | CR0_WP : c->cr0 & ~CR0_WP;
    if (r->user) /* the code's key is 0, which must let it read its stack and itself */
        c->pkru &= ~3u;
    run_access(b, access);
    u32 want = expected(r, access);
    int reached = r->user ? REACHED_USER : -1;
    if (b->vector != (want == UINT32_MAX ? reached : EXC_PF) || (want != UINT32_MAX && b->error != want))
        fail_msg("user %d, page U %d W %d, WP %d, PKE %d, key %u, access %d: vector %d error %x, not %x", r->user,
                 r->page_user, r->page_write, r->wp, r->pke, r->key, access, b->vector, b->error, want);
    bench_free(b);
}

static void test_rights(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 1u << 7; v++)
        for (enum access access = READ; access <= FETCH; access++) {
            struct rights r = { v & 1, v & 2, v & 4, v & 8, v & 16, v >> 5 };
            check(&r, access);
        }
}

/* A key counts where the page is the user's at every level. */
static void test_upper_supervisor(void **state)
{
    (void)state;
    struct bench *b = new_bed(false, KEY_BITS | P | W_ | U);
    bench_put(b, BENCH_PML4 + 0x2000, (BENCH_PML4 + 0x3000) | P | W_, 8);
    tlb_flush_all(b->cpu);
    b->cpu->pkru = UINT32_MAX;
    run_access(b, WRITE);
    assert_int_equal(b->vector, -1);
    bench_free(b);
}

/* RDPKRU and WRPKRU: #UD without CR4.PKE, #GP for ECX, for EDX of WRPKRU; legal at CPL 3. */
static void test_instructions(void **state)
{
    (void)state;
    struct bench *b = new_bed(true, 0);
    struct cpu *c = b->cpu;
    c->r[RAX] = 0x55555550;
    c->r[RCX] = c->r[RDX] = (u64)1 << 32; /* upper halves do not count */
    bench_run(b, /* wrpkru; mov eax,0; rdpkru; hlt */ CODE("\x0f\x01\xef\xb8\x00\x00\x00\x00\x0f\x01\xee\xf4"));
    assert_int_equal(b->vector, REACHED_USER);
    assert_int_equal(c->r[RAX], 0x55555550);
    assert_int_equal(c->r[RDX], 0);
    static const struct {
        const char *code;
        u64 rcx, rdx;
        bool gp;
    } cases[] = { { "\x0f\x01\xee\xf4", 1, 0, true },
                  { "\x0f\x01\xee\xf4", 0, 1, false },
                  { "\x0f\x01\xef\xf4", 1, 0, true },
                  { "\x0f\x01\xef\xf4", 0, 1, true } };
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
        for (unsigned on = 0; on < 2; on++) {
            bench_free(b);
            b = new_bed(false, 0);
            b->cpu->cr4 = on ? b->cpu->cr4 : b->cpu->cr4 & ~CR4_PKE;
            b->cpu->r[RAX] = 0x0ff0;
            b->cpu->r[RCX] = cases[i].rcx;
            b->cpu->r[RDX] = cases[i].rdx;
            bench_run(b, (const u8 *)cases[i].code, 4);
            assert_int_equal(b->vector, !on ? EXC_UD : cases[i].gp ? EXC_GP : -1);
            assert_int_equal(b->cpu->pkru, 0);
        }
    bench_run(b, /* lock wrpkru */ CODE("\xf0\x0f\x01\xef\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

/* The TLB holds no right longer than PKRU gives it, and gives back what PKRU gives back. */
static void test_tlb(void **state)
{
    (void)state;
    struct bench *b = new_bed(false, KEY_BITS | P | W_ | U | D);
    struct cpu *c = b->cpu;
    c->cr0 |= CR0_WP;
    c->r[RBX] = TARGET;
    c->r[RCX] = c->r[RDX] = 0;
    c->r[RAX] = WD << (2 * KEY);
    /* mov [rbx], ecx; mov esi, [rbx]; wrpkru; mov edi, [rbx]; mov [rbx], edi */
    bench_run(b, CODE("\x89\x0b\x8b\x33\x0f\x01\xef\x8b\x3b\x89\x3b\xf4"));
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->error, PF_P | PF_W | PF_PK);
    assert_int_equal(b->frame_ip, BENCH_CODE + 9);
    c->r[RAX] = 0;
    bench_run(b, /* wrpkru; mov [rbx], ecx */ CODE("\x0f\x01\xef\x89\x0b\xf4"));
    assert_int_equal(b->vector, -1);
    c->r[RAX] = AD << (2 * KEY);
    bench_run(b, /* wrpkru; mov edi, [rbx] */ CODE("\x0f\x01\xef\x8b\x3b\xf4"));
    assert_int_equal(b->vector, EXC_PF);
    assert_int_equal(b->error, PF_P | PF_PK);
    c->r[RAX] = c->cr4 & ~CR4_PKE;
    bench_run(b, /* mov cr4, rax; mov edi, [rbx] */ CODE("\x0f\x22\xe0\x8b\x3b\xf4"));
    assert_int_equal(b->vector, -1);
    c->r[RAX] = c->cr4 | CR4_PKE;
    bench_run(b, /* mov cr4, rax; mov edi, [rbx] */ CODE("\x0f\x22\xe0\x8b\x3b\xf4"));
    assert_int_equal(b->vector, EXC_PF);
    bench_free(b);
}

/* PKRU is component 9 of XSAVE, at offset A80; in its initial configuration it is zero. */
static void test_xsave(void **state)
{
    (void)state;
    struct bench *b = new_bed(false, 0);
    struct cpu *c = b->cpu;
    u32 out[4];
    c->cr4 |= CR4_OSXSAVE;
    c->xcr0 = XSTATE_X87 | XSTATE_SSE | XSTATE_PKRU;
    c->pkru = 0x5a5a5a50;
    cpu_cpuid(c, 0xd, 0, out);
    assert_int_equal(out[0] & XSTATE_PKRU, XSTATE_PKRU);
    assert_int_equal(out[1], 0xa88);
    cpu_cpuid(c, 0xd, 9, out);
    assert_int_equal(out[0], 8);
    assert_int_equal(out[1], 0xa80);
    memset(b->m + BENCH_DATA, 0, 0x1000);
    bench_put(b, BENCH_DATA + 0xa88, 0x77, 1);
    c->r[RBX] = BENCH_DATA;
    c->r[RAX] = XSTATE_PKRU;
    c->r[RDX] = 0;
    bench_run(b, /* xsave [rbx] */ CODE("\x0f\xae\x23\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, BENCH_DATA + 512, 8), XSTATE_PKRU);
    assert_int_equal(bench_get(b, BENCH_DATA + 0xa80, 8), 0x5a5a5a50);
    assert_int_equal(bench_get(b, BENCH_DATA + 0xa88, 1), 0x77);
    c->pkru = 1;
    bench_run(b, /* xrstor [rbx] */ CODE("\x0f\xae\x2b\xf4"));
    assert_int_equal(c->pkru, 0x5a5a5a50);
    bench_put(b, BENCH_DATA + 512, 0, 8);
    bench_run(b, /* xrstor [rbx] */ CODE("\x0f\xae\x2b\xf4"));
    assert_int_equal(c->pkru, 0);
    c->r[RAX] = XSTATE_X87;
    c->pkru = 4;
    bench_run(b, /* xrstor [rbx]: not asked for */ CODE("\x0f\xae\x2b\xf4"));
    assert_int_equal(c->pkru, 4);
    bench_free(b);
}

/* CPUID shows OSPKE with CR4.PKE, which is reserved on a model without keys. */
static void test_elsewhere(void **state)
{
    (void)state;
    struct bench *b = new_bed(false, 0);
    u32 out[4];
    cpu_cpuid(b->cpu, 7, 0, out);
    assert_int_equal(out[2] & (BIT(3) | BIT(4)), BIT(3) | BIT(4));
    b->cpu->cr4 &= ~CR4_PKE;
    cpu_cpuid(b->cpu, 7, 0, out);
    assert_int_equal(out[2] & (BIT(3) | BIT(4)), BIT(3));
    bench_free(b);
    b = bench_new_cpu(BENCH_64, "qemu64");
    b->cpu->r[RAX] = b->cpu->cr4 | CR4_PKE;
    bench_run(b, /* mov cr4, rax */ CODE("\x0f\x22\xe0\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),       cmocka_unit_test(test_upper_supervisor),
        cmocka_unit_test(test_instructions), cmocka_unit_test(test_tlb),
        cmocka_unit_test(test_xsave),        cmocka_unit_test(test_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
