/* Control registers, flushes, HLT, RDTSC and the like (SDM vol. 3, chapter 2). */
#include "harness.h"
#include "flags.h"

#define TARGET 0x18000u

static void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bench_put(b, at + (u32)i, code[i], 1);
}

static void check_fault(struct bench *b, int vector)
{
    assert_int_equal(b->vector, vector);
    assert_int_equal(b->error, 0);
    assert_int_equal(b->frame_ip, BENCH_CODE);
}

/* mov cr0/3/4, rax with `v`; true when it was taken. */
static bool set_cr(struct bench *b, unsigned n, u64 v)
{
    const u8 code[] = { 0x0f, 0x22, (u8)(0xc0 | n << 3), 0xf4 };
    b->cpu->r[RAX] = v;
    bench_run(b, code, sizeof code);
    if (b->vector == -1)
        return true;
    check_fault(b, EXC_GP);
    return false;
}

static void test_cr0(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    assert_false(set_cr(b, 0, CR0_PG)); /* without PE */
    bench_reset(b);
    assert_false(set_cr(b, 0, CR0_PE | CR0_NW));
    bench_reset(b);
    assert_true(set_cr(b, 0, CR0_PE | CR0_NW | CR0_CD | BIT(17) | BIT(28)));
    assert_int_equal(b->cpu->cr0, CR0_PE | CR0_NW | CR0_CD | CR0_ET); /* reserved bits are dropped, ET stays */
    bench_free(b);
    b = bench_new(BENCH_64);
    assert_false(set_cr(b, 0, CR0_PE | CR0_PG | BIT64(32)));
    bench_reset(b);
    assert_false(set_cr(b, 0, CR0_PE)); /* paging cannot be turned off in 64-bit mode */
    bench_free(b);
}

static void test_cr4(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 base = b->cpu->cr4;
    assert_true(set_cr(b, 4, base | CR4_PGE | CR4_UMIP | CR4_FSGSBASE | CR4_OSXSAVE));
    bench_reset(b);
    assert_false(set_cr(b, 4, base & ~(u64)CR4_PAE)); /* in long mode */
    bench_reset(b);
    assert_false(set_cr(b, 4, base | BIT(12))); /* LA57 */
    bench_reset(b);
    assert_false(set_cr(b, 4, base | BIT(13))); /* VMXE */
    bench_reset(b);
    assert_false(set_cr(b, 4, base | BIT64(32)));
    bench_reset(b);
    b->cpu->cr3 |= 8;
    assert_false(set_cr(b, 4, base | CR4_PCIDE)); /* CR3[11:0] must be 0 */
    bench_reset(b);
    assert_true(set_cr(b, 4, base | CR4_PCIDE));
    bench_free(b);
    b = bench_new(BENCH_32);
    assert_false(set_cr(b, 4, CR4_PCIDE)); /* outside long mode */
    bench_free(b);
}

static void test_cr3(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    assert_true(set_cr(b, 3, BENCH_PML4 | 0x18));
    assert_false(set_cr(b, 3, BENCH_PML4 | BIT64(40))); /* beyond the physical address */
    bench_reset(b);
    assert_false(set_cr(b, 3, BENCH_PML4 | BIT64(63)));
    bench_reset(b);
    b->cpu->cr4 |= CR4_PCIDE;
    assert_true(set_cr(b, 3, BENCH_PML4 | 5 | BIT64(63)));
    assert_true(b->cpu->cr3 == (BENCH_PML4 | 5)); /* "no flush" is not kept */
    bench_free(b);
}

/* 32-bit to long mode, step by step, and the steps that are not allowed. */
static void test_enter_long(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    c->cr3 = BENCH_PML4;
    c->efer = EFER_LME;
    assert_false(set_cr(b, 0, CR0_PE | CR0_PG)); /* PAE is off */
    bench_reset(b);
    c->cr3 = BENCH_PML4;
    c->cr4 |= CR4_PAE;
    c->efer = EFER_LME;
    c->seg[TR].attr = DESC_P | SYS_TSS16_BUSY << 8;
    assert_false(set_cr(b, 0, CR0_PE | CR0_PG));
    bench_reset(b);
    c->cr3 = BENCH_PML4;
    put_code(b, TARGET, /* mov rax,0x1122334455667788; hlt */ CODE("\x48\xb8\x88\x77\x66\x55\x44\x33\x22\x11\xf4"));
    bench_run(b, /* mov eax,cr4; or al,0x20; mov cr4,eax; mov ecx,0xc0000080; rdmsr; or ah,1; wrmsr; mov eax,cr0; or
                    eax,0x80000000; mov cr0,eax; rdmsr; mov ebx,eax; jmp 0x18:0x18000 */
              CODE("\x0f\x20\xe0\x0c\x20\x0f\x22\xe0\xb9\x80\x00\x00\xc0\x0f\x32\x80\xcc\x01\x0f\x30\x0f\x20\xc0\x0d"
                   "\x00\x00\x00\x80\x0f\x22\xc0\x0f\x32\x89\xc3\xea\x00\x80\x01\x00\x18\x00"));
    assert_true(in_64(c));
    assert_true(c->r[RAX] == 0x1122334455667788);
    assert_int_equal(c->r[RBX], EFER_LME | EFER_LMA);
    bench_free(b);
}

static void test_pae_pdptes(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    struct cpu *c = b->cpu;
    const u32 pdpt = 0x7000;
    memset(b->m + pdpt, 0, 32);
    bench_put(b, pdpt, 0x102000 | 1, 8); /* the bench's page directory */
    c->cr4 |= CR4_PAE;
    c->cr3 = pdpt;
    bench_put(b, pdpt + 8, 0x102000 | 3, 8); /* bit 1 is reserved */
    assert_false(set_cr(b, 0, CR0_PE | CR0_PG));
    assert_int_equal(c->cr0 & CR0_PG, 0);
    bench_put(b, pdpt + 8, 2, 8); /* not when not present */
    bench_reset(b);
    c->cr4 |= CR4_PAE;
    c->cr3 = pdpt;
    assert_true(set_cr(b, 0, CR0_PE | CR0_PG));
    bench_put(b, pdpt, 0x102000 | 0x21, 8);
    assert_false(set_cr(b, 3, pdpt));
    bench_free(b);
}

static void test_leave_protected(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_descriptor(b, 0x68, TARGET, 0xffff, DESC_P | DESC_S | DESC_CODE | DESC_RW);
    /* back in real mode CS may be written through */
    put_code(b, TARGET, /* mov eax,cr0; and al,0xfe; mov cr0,eax; mov bx,1; mov [cs:0x500],bx; hlt */
             CODE("\x0f\x20\xc0\x24\xfe\x0f\x22\xc0\xbb\x01\x00\x2e\x89\x1e\x00\x05\xf4"));
    bench_run(b, /* jmp 0x68:0 */ CODE("\xea\x00\x00\x00\x00\x68\x00"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, TARGET + 0x500, 2), 1);
    assert_true(in_real(b->cpu));
    bench_free(b);
}

static void test_lmsw_smsw(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* mov ax,0xfffe; lmsw ax; smsw ebx; clts; smsw [0x20000]; hlt */ CODE(
                  "\x66\xb8\xfe\xff\x0f\x01\xf0\x0f\x01\xe3\x0f\x06\x0f\x01\x25\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE); /* PE stays */
    assert_int_equal(bench_get(b, BENCH_DATA, 4), CR0_PE | CR0_MP | CR0_EM | CR0_ET | CR0_NE);
    bench_free(b);
}

static void test_illegal_numbers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const u8 numbers[] = { 1, 5, 6, 7 };
    for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
        const u8 code[] = { 0x0f, 0x20, (u8)(0xc0 | numbers[i] << 3), 0xf4 };
        bench_reset(b);
        bench_run(b, code, sizeof code);
        check_fault(b, EXC_UD);
    }
    bench_reset(b);
    bench_run(b, CODE("\x44\x0f\x20\xc8\xf4")); /* CR9 */
    check_fault(b, EXC_UD);
    bench_reset(b);
    b->cpu->r[RAX] = 16;
    bench_run(b, CODE("\x44\x0f\x22\xc0\xf4")); /* CR8 := 16 */
    check_fault(b, EXC_GP);
    bench_reset(b);
    bench_run(b, CODE("\x44\x0f\x20\xc0\xf4")); /* from CR8 */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0);
    bench_free(b);
}

static void test_mod_is_ignored(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->cr2 = 0x12345678;
    bench_run(b, CODE("\x0f\x20\x13\xf4")); /* mod 0: still EBX */
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 0x12345678);
    bench_free(b);
}

static void test_privilege(void **state)
{
    (void)state;
    static const struct {
        const u8 *code;
        size_t len;
    } insn[] = { { /* mov eax,cr0 */ CODE("\x0f\x20\xc0") },
                 { /* mov cr3,eax */ CODE("\x0f\x22\xd8") },
                 { /* mov eax,dr0 */ CODE("\x0f\x21\xc0") },
                 { /* mov dr7,eax */ CODE("\x0f\x23\xf8") },
                 { /* clts */ CODE("\x0f\x06") },
                 { /* lmsw ax */ CODE("\x0f\x01\xf0") },
                 { /* hlt */ CODE("\xf4") },
                 { /* invd */ CODE("\x0f\x08") },
                 { /* wbinvd */ CODE("\x0f\x09") },
                 { /* invlpg [eax] */ CODE("\x0f\x01\x38") },
                 { /* rdmsr */ CODE("\x0f\x32") },
                 { /* wrmsr */ CODE("\x0f\x30") },
                 { /* lgdt [0x20000] */ CODE("\x0f\x01\x15\x00\x00\x02\x00") },
                 { /* lidt [0x20000] */ CODE("\x0f\x01\x1d\x00\x00\x02\x00") },
                 { /* lldt ax */ CODE("\x0f\x00\xd0") },
                 { /* ltr ax */ CODE("\x0f\x00\xd8") },
                 { /* rdpmc */ CODE("\x0f\x33") },
                 { /* invpcid eax,[0x20000] */ CODE("\x66\x0f\x38\x82\x05\x00\x00\x02\x00") } };
    struct bench *b = bench_new(BENCH_32U);
    for (unsigned i = 0; i < ARRAY_LEN(insn); i++) {
        bench_reset(b);
        bench_run(b, insn[i].code, insn[i].len);
        check_fault(b, EXC_GP);
    }
    bench_free(b);
}

static void test_tsc(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32U);
    bench_run(b, /* rdtsc; mov ebx,eax; nop; nop; nop; rdtsc; sub eax,ebx; int3 */ CODE(
                  "\x0f\x31\x89\xc3\x90\x90\x90\x0f\x31\x29\xd8\xcc"));
    assert_int_equal(b->vector, EXC_BP);
    assert_int_equal(b->cpu->r[RAX], 5); /* the bench's clock counts instructions */
    bench_reset(b);
    b->cpu->cr4 |= CR4_TSD;
    bench_run(b, /* rdtsc */ CODE("\x0f\x31"));
    check_fault(b, EXC_GP);
    bench_free(b);
    b = bench_new(BENCH_64);
    b->cpu->cr4 |= CR4_TSD;
    b->cpu->msr.tsc_aux = 0x12345678;
    bench_run(b, /* rdtscp; rdpid rbx; hlt */ CODE("\x0f\x01\xf9\xf3\x0f\xc7\xfb\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RCX], 0x12345678);
    assert_int_equal(b->cpu->r[RBX], 0x12345678);
    bench_free(b);
}

/* ---- TLB ---- */

static void test_invlpg(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_put(b, 0x50000, 0x11, 8);
    bench_put(b, 0x51000, 0x22, 8);
    b->cpu->r[RDI] = BENCH_PTE(0x50);
    b->cpu->r[RBX] = 0x51007;
    bench_run(b,
              /* mov rax,[0x50000]; mov [rdi],rbx; mov rcx,[0x50000]; invlpg [0x50123]; mov rdx,[0x50000]; hlt */ CODE(
                  "\x48\x8b\x04\x25\x00\x00\x05\x00\x48\x89\x1f\x48\x8b\x0c\x25\x00\x00\x05\x00\x0f\x01\x3c\x25\x23\x01"
                  "\x05\x00\x48\x8b\x14\x25\x00\x00\x05\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x11);
    assert_int_equal(b->cpu->r[RCX], 0x11); /* stale, as the TLB may be */
    assert_int_equal(b->cpu->r[RDX], 0x22);
    bench_free(b);
}

static void test_global_pages(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->cr4 |= CR4_PGE;
    bench_put(b, BENCH_PTE(0x50), 0x50107, 8);
    tlb_flush_all(b->cpu);
    bench_put(b, 0x50000, 0x11, 8);
    bench_put(b, 0x51000, 0x22, 8);
    b->cpu->r[RDI] = BENCH_PTE(0x50);
    b->cpu->r[RBX] = 0x51107;
    bench_run(b, /* mov rax,[0x50000]; mov [rdi],rbx; mov rcx,cr3; mov cr3,rcx; mov rcx,[0x50000]; mov rax,cr4; xor
                    al,0x80; mov cr4,rax; mov rdx,[0x50000]; hlt */
              CODE("\x48\x8b\x04\x25\x00\x00\x05\x00\x48\x89\x1f\x0f\x20\xd9\x0f\x22\xd9\x48\x8b\x0c\x25\x00\x00\x05"
                   "\x00\x0f\x20\xe0\x34\x80\x0f\x22\xe0\x48\x8b\x14\x25\x00\x00\x05\x00\xf4"));
    assert_int_equal(b->cpu->r[RCX], 0x11); /* CR3 keeps it */
    assert_int_equal(b->cpu->r[RDX], 0x22); /* CR4.PGE does not */
    bench_free(b);
}

static void test_invpcid(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RAX] = 4;
    bench_run(b, /* invpcid rax,[0x20000]; hlt */ CODE("\x66\x48\x0f\x38\x82\x04\x25\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP); /* no such type */
    bench_reset(b);
    bench_put(b, BENCH_DATA, 1, 8); /* a PCID without CR4.PCIDE */
    b->cpu->r[RAX] = 1;
    bench_run(b, /* invpcid rax,[0x20000]; hlt */ CODE("\x66\x48\x0f\x38\x82\x04\x25\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP);
    bench_reset(b);
    b->cpu->r[RAX] = 2; /* all: the descriptor's PCID is not looked at */
    bench_run(b, /* invpcid rax,[0x20000]; hlt */ CODE("\x66\x48\x0f\x38\x82\x04\x25\x00\x00\x02\x00\xf4"));
    assert_int_equal(b->vector, -1);
    bench_put(b, BENCH_DATA, 0x1000, 8); /* reserved bits */
    bench_reset(b);
    b->cpu->r[RAX] = 2;
    bench_run(b, /* invpcid rax,[0x20000]; hlt */ CODE("\x66\x48\x0f\x38\x82\x04\x25\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP);
    bench_put(b, BENCH_DATA, 0, 8);
    bench_put(b, BENCH_DATA + 8, 0x0100000000000000, 8);
    bench_reset(b);
    b->cpu->r[RAX] = 0;
    bench_run(b, /* invpcid rax,[0x20000]; hlt */ CODE("\x66\x48\x0f\x38\x82\x04\x25\x00\x00\x02\x00\xf4"));
    check_fault(b, EXC_GP);
    bench_free(b);
}

/* ---- XCR0, SMAP flags, RDRAND ---- */

static void test_xcr0(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_run(b, /* xgetbv */ CODE("\x0f\x01\xd0"));
    check_fault(b, EXC_UD);
    bench_reset(b);
    b->cpu->cr4 |= CR4_OSXSAVE;
    cpu_update_mode(b->cpu);
    bench_run(b, /* xor ecx,ecx; xor edx,edx; mov eax,3; xsetbv; xor eax,eax; xgetbv; hlt */ CODE(
                  "\x31\xc9\x31\xd2\xb8\x03\x00\x00\x00\x0f\x01\xd1\x31\xc0\x0f\x01\xd0\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 3);
    static const u64 illegal[] = { 0, 2, 5, 6, 15, BIT64(63) | 1 };
    for (unsigned i = 0; i < ARRAY_LEN(illegal); i++) {
        bench_reset(b);
        b->cpu->cr4 |= CR4_OSXSAVE;
        b->cpu->r[RCX] = 0;
        b->cpu->r[RAX] = (u32)illegal[i];
        b->cpu->r[RDX] = illegal[i] >> 32;
        bench_run(b, /* xsetbv */ CODE("\x0f\x01\xd1"));
        check_fault(b, EXC_GP);
    }
    bench_free(b);
}

static void test_clac_stac(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_run(b, /* stac; pushfq; pop rax; clac; pushfq; pop rbx; hlt */ CODE(
                  "\x0f\x01\xcb\x9c\x58\x0f\x01\xca\x9c\x5b\xf4"));
    assert_true(b->cpu->r[RAX] & FL_AC);
    assert_false(b->cpu->r[RBX] & FL_AC);
    bench_free(b);
    b = bench_new(BENCH_64U);
    bench_run(b, /* stac */ CODE("\x0f\x01\xcb"));
    check_fault(b, EXC_UD);
    bench_free(b);
}

static void test_random(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64), *other = bench_new(BENCH_64);
    b->cpu->r[RCX] = other->cpu->r[RCX] = 0x1122334455667788;
    bench_run(b, /* stc; rdrand rax; rdseed ebx; rdrand cx; hlt */ CODE(
                  "\xf9\x48\x0f\xc7\xf0\x0f\xc7\xfb\x66\x0f\xc7\xf1\xf4"));
    assert_int_equal(flags_arith(b->cpu), FL_CF);
    assert_true(b->cpu->r[RAX] >> 32 && !(b->cpu->r[RBX] >> 32));
    assert_true(b->cpu->r[RCX] >> 16 == 0x112233445566);
    bench_run(other, /* stc; rdrand rax; rdseed ebx; rdrand cx; hlt */ CODE(
                  "\xf9\x48\x0f\xc7\xf0\x0f\xc7\xfb\x66\x0f\xc7\xf1\xf4"));
    assert_true(other->cpu->r[RAX] == b->cpu->r[RAX]); /* history repeats */
    bench_free(b);
    bench_free(other);
}

static void test_hlt(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, /* hlt; inc eax; hlt */ CODE("\xf4\x40\xf4"));
    assert_true(cpu_is_halted(b->cpu));
    assert_int_equal(b->cpu->rip, BENCH_CODE + 1);
    cpu_nmi(b->cpu);
    put_code(b, BENCH_HANDLERS + 32, /* iret */ CODE("\xcf"));
    bench_continue(b);
    assert_int_equal(b->cpu->r[RAX], 1);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cr0),
        cmocka_unit_test(test_cr4),
        cmocka_unit_test(test_cr3),
        cmocka_unit_test(test_enter_long),
        cmocka_unit_test(test_pae_pdptes),
        cmocka_unit_test(test_leave_protected),
        cmocka_unit_test(test_lmsw_smsw),
        cmocka_unit_test(test_illegal_numbers),
        cmocka_unit_test(test_mod_is_ignored),
        cmocka_unit_test(test_privilege),
        cmocka_unit_test(test_tsc),
        cmocka_unit_test(test_invlpg),
        cmocka_unit_test(test_global_pages),
        cmocka_unit_test(test_invpcid),
        cmocka_unit_test(test_xcr0),
        cmocka_unit_test(test_clac_stac),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_hlt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
