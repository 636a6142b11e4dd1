/* The models: what CPUID says of each, that every row of the instruction table is #UD exactly where its feature is not
 * in the model, and that control registers and MSRs agree. The numbers are those that QEMU 7.2 shows for the models of
 * its names, but for VME, which it does not emulate, and SVM, which pcemu does not. */
#include "block.h"
#include "encode.h"
#include "flags.h"
#include "harness.h"
#include "model.h"

#include <stdio.h>

#define VME BIT(1)

struct leaf {
    u32 a, b, c, d;
};

static struct leaf cpuid(struct bench *b, u32 leaf, u32 sub)
{
    u32 out[4];
    cpu_cpuid(b->cpu, leaf, sub, out);
    return (struct leaf){ out[0], out[1], out[2], out[3] };
}

/* ---- the catalogue ---- */

static void check_model(const struct cpu_model *m)
{
    char name[32];
    int used = 0;
    assert_true(strlen(m->vendor) == 12 || (strcmp(m->name, "base") == 0 && !*m->vendor));
    assert_true(strlen(m->brand) <= CPU_BRAND_MAX);
    assert_true(!m->base || cpu_model_find(m->base));
    for (const char *at = m->features; at && sscanf(at, "%31s%n", name, &used) == 1; at += used) {
        const char *plain = name + (*name == '-');
        enum cpuid_word word;
        unsigned bit;
        if (!cpu_flag_find(plain, &word, &bit))
            fail_msg("%s: no feature is called %s", m->name, plain);
    }
}

static void test_catalogue(void **state)
{
    (void)state;
    unsigned n = 0;
    for (; cpu_model_name(n); n++)
        check_model(cpu_model_find(cpu_model_name(n)));
    assert_true(n >= 70);
    assert_ptr_equal(cpu_model_find("qemu64-v1"), cpu_model_find("qemu64"));
    assert_ptr_equal(cpu_model_find("Haswell-noTSX"), cpu_model_find("Haswell-v2"));
    assert_null(cpu_model_find("host"));
    enum cpuid_word word;
    unsigned bit;
    assert_true(cpu_flag_find("sse4_1", &word, &bit) && word == CPUID_1_ECX && bit == 19);
    assert_true(cpu_flag_find("nx", &word, &bit) && word == CPUID_X1_EDX && bit == 20);
    assert_true(!cpu_flag_find("sse4", &word, &bit) && !cpu_flag_find("", &word, &bit));
}

/* ---- what CPUID says ---- */

static const struct identity {
    const char *name, *vendor;
    u32 level, signature, ecx, edx; /* leaf 1, without VME */
    u32 xlevel, xecx, xedx;         /* leaf 8000_0001 */
} identities[] = {
    { "486", "GenuineIntel", 1, 0x480, 0x80000000, 0x9, 0, 0, 0 },
    { "pentium", "GenuineIntel", 1, 0x543, 0x80000000, 0x8003bd, 0, 0, 0 },
    { "pentium2", "GenuineIntel", 2, 0x652, 0x80000000, 0x183fbfd, 0, 0, 0 },
    { "pentium3", "GenuineIntel", 3, 0x673, 0x80000000, 0x383fbfd, 0, 0, 0 },
    { "qemu32", "GenuineIntel", 4, 0x663, 0x80000001, 0x781abfd, 0x80000004, 0, 0 },
    { "qemu64", "AuthenticAMD", 13, 0x60fb1, 0x80002001, 0x78bfbfd, 0x8000000a, 1, 0x2193fbfd },
    { "kvm64", "GenuineIntel", 13, 0xf61, 0x80002001, 0x78bfbfd, 0x80000008, 0, 0x20100800 },
    { "Nehalem", "GenuineIntel", 11, 0x106a3, 0x80982201, 0x78bfbfd, 0x80000008, 1, 0x20100800 },
    { "phenom", "AuthenticAMD", 5, 0x100f23, 0x80802001, 0x78bfbfd, 0x8000001a, 0x21, 0x2d93fbfd },
    { "x86-64-v2", "AuthenticAMD", 13, 0x60fb1, 0x80982201, 0x78bfbfd, 0x8000000a, 1, 0x2193fbfd },
};

static void check_identity(const struct identity *id)
{
    struct bench *b = bench_new_cpu(BENCH_32, id->name);
    struct leaf l = cpuid(b, 0, 0), x = cpuid(b, 0x80000000, 0), x1 = cpuid(b, 0x80000001, 0);
    u32 name[3] = { l.b, l.d, l.c };
    assert_int_equal(l.a, id->level);
    assert_memory_equal(name, id->vendor, 12);
    l = cpuid(b, 1, 0);
    assert_int_equal(l.a, id->signature);
    assert_int_equal(b->cpu->r[RDX], id->signature); /* since reset */
    assert_int_equal(l.c, id->ecx);
    assert_int_equal(l.d & ~VME, id->edx);
    if (id->xlevel) {
        assert_int_equal(x.a, id->xlevel);
        assert_int_equal(x1.c, id->xecx);
        assert_int_equal(x1.d & ~VME, id->xedx);
    } else { /* beyond its leaves an Intel processor shows its highest */
        struct leaf last = cpuid(b, id->level, 0);
        assert_memory_equal(&x, &last, sizeof x);
    }
    bench_free(b);
}

static void test_identities(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(identities); i++)
        check_identity(&identities[i]);
}

/* Intel's models have leaves 2 and 4, AMD's have not. */
static void test_caches(void **state)
{
    (void)state;
    struct bench *b = bench_new_cpu(BENCH_32, "kvm64");
    assert_int_equal(cpuid(b, 2, 0).d, 0x002c307d);
    assert_int_equal(cpuid(b, 4, 0).a, 0x121);
    assert_int_equal(cpuid(b, 4, 3).b, 0x03c0003f);
    assert_int_equal(cpuid(b, 4, 3).c, 0x3fff);
    assert_int_equal(cpuid(b, 4, 4).a, 0);
    assert_int_equal(cpuid(b, 0x80000008, 0).a, 0x3028);
    bench_free(b);
    b = bench_new_cpu(BENCH_32, "qemu64");
    assert_int_equal(cpuid(b, 2, 0).d | cpuid(b, 4, 0).a, 0);
    assert_int_equal(cpuid(b, 0x80000006, 0).d, 0x00808140);
    bench_free(b);
}

/* A feature that is put in raises the highest leaf; one that is left out is gone from CPUID and from the decoder. */
static void test_features_in_and_out(void **state)
{
    (void)state;
    struct bench *b = bench_new_cpu(BENCH_32, "pentium,+smep,+rdtscp,-mmx");
    assert_int_equal(cpuid(b, 0, 0).a, 7);
    assert_int_equal(cpuid(b, 7, 0).b, BIT(7));
    assert_int_equal(cpuid(b, 0x80000000, 0).a, 0x80000001);
    assert_int_equal(cpuid(b, 0x80000001, 0).d, BIT(27));
    assert_false(cpu_has(b->cpu, F_MMX));
    bench_run(b, /* emms */ CODE("\x0f\x77\xf4"));
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

/* ---- #UD, and nothing else ---- */

#define VECTORS (MODE_OSFXSR | MODE_OSXSAVE | MODE_AVX)
static const u32 modes[3] = { MODE_PE | VECTORS, MODE_PE | MODE_32 | MODE_SS32 | VECTORS | MODE_FLAT,
                              MODE_PE | MODE_LMA | MODE_64 | MODE_SS32 | VECTORS | MODE_FLAT };

static unsigned check_row(struct cpu *c, const struct row *r, const struct encoding *e)
{
    u8 bytes[ENCODING_MAX];
    struct uop u;
    if (!encode_row(r, e, 0, bytes))
        return 0;
    struct decoded d = decode_insn(c, &c->blocks->index, bytes, INSN_BYTES_MAX, 0, modes[e->bits / 32], &u);
    bool legal = d.row == r && u.exec != op_ud;  /* another row, where a prefix means nothing without the feature */
    if (r->since == F_FPU && !cpu_has(c, F_FPU)) /* without one they do nothing */
        return 0;
    if ((r->attr & A_Y2) && cpu_has(c, F_AVX) && !cpu_has(c, F_AVX2)) /* half of them: by VEX.L */
        return 0;
    if (legal != cpu_has(c, r->since))
        fail_msg("%s: row %u, %s, %u bits is %s", c->model->name, (unsigned)(r - cpu_rows), r->mnemonic, e->bits,
                 u.exec == op_ud ? "#UD" : "executed");
    return u.exec == op_ud;
}

/* Returns how many encodings were #UD. */
static unsigned check_rows(const char *model)
{
    struct bench *b = bench_new_cpu(BENCH_32, model);
    unsigned absent = 0;
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned v = 0; v < 2 * 4 * 2 * 2; v++) { /* 64-bit code only where there is long mode */
            struct encoding e = { .bits = v & 1                   ? 32
                                          : cpu_has(b->cpu, F_LM) ? 64
                                                                  : 16,
                                  .size = v / 2 % 4,
                                  .memory = v & 8,
                                  .reg = v & 16 ? 3 : 2,
                                  .rm = 1 };
            if (e.size < 3 || e.bits == 64)
                absent += check_row(b->cpu, &cpu_rows[i], &e);
        }
    bench_free(b);
    return absent;
}

/* What -cpu says of the identity is what CPUID says; a version of a model is the first with changes. */
static void test_other_identities(void **state)
{
    (void)state;
    struct cpu_choice choice = { .model = cpu_model_find("qemu64"),
                                 .identity = { CPU_IDENTITY_VENDOR | CPU_IDENTITY_FAMILY | CPU_IDENTITY_MODEL |
                                                   CPU_IDENTITY_STEPPING,
                                               "CentaurHauls", "", 0x12, 0x3f, 5, 0, 0 } };
    assert_int_equal(cpu_choice_signature(&choice), 0x00330ff5);
    struct cpu_choice haswell = { .model = cpu_model_find("Haswell") },
                      later = { .model = cpu_model_find("Haswell-v4") };
    struct cpu_features lacking;
    enum cpuid_word word;
    unsigned bit;
    assert_true(cpu_flag_find("rtm", &word, &bit));
    cpu_choice_features(&haswell, &lacking);
    assert_true(lacking.word[word] & BIT(bit));
    cpu_choice_features(&later, &lacking);
    assert_false(lacking.word[word] & BIT(bit));
    assert_true(cpu_flag_find("spec-ctrl", &word, &bit));
    assert_true(lacking.word[word] & BIT(bit));
    assert_true(cpu_choice_has(&later, "avx2") && cpu_choice_has(&later, "hypervisor"));
    struct cpu_choice base = { .model = cpu_model_find("base") };
    assert_false(cpu_choice_has(&base, "fpu") || cpu_choice_has(&base, "hypervisor"));
}

static void test_every_row(void **state)
{
    (void)state;
    unsigned pentium3 = check_rows("pentium3"), pentium = check_rows("pentium"), i486 = check_rows("486");
    for (unsigned n = 0; cpu_model_name(n); n++)
        check_rows(cpu_model_name(n));
    assert_true(i486 > pentium && pentium > pentium3 && pentium3 > 0);
}

static int vector_of(struct bench *b, const u8 *code, size_t len)
{
    bench_reset(b);
    b->cpu->cr4 = 0; /* what the bench sets is not in every model */
    b->cpu->r[RBX] = BENCH_DATA;
    b->cpu->r[RCX] = 0x10;
    bench_run(b, code, len);
    return b->vector;
}

/* Instructions by the model that came with them. */
static void test_generations(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        u8 len;
        int i486, pentium, pentium3;
    } insns[] = {
        { "\x0f\xc8\xf4", 3, -1, -1, -1 },                    /* bswap eax */
        { "\x0f\xa2\xf4", 3, -1, -1, -1 },                    /* cpuid */
        { "\x0f\x32\xf4", 3, EXC_UD, -1, -1 },                /* rdmsr of the TSC */
        { "\x0f\x31\xf4", 3, EXC_UD, -1, -1 },                /* rdtsc */
        { "\x0f\xc7\x0b\xf4", 4, EXC_UD, -1, -1 },            /* cmpxchg8b [ebx] */
        { "\x0f\x77\xf4", 3, EXC_UD, -1, -1 },                /* emms */
        { "\x0f\x33\xf4", 3, EXC_UD, EXC_GP, EXC_GP },        /* rdpmc: there is no counter */
        { "\x0f\x44\xc8\xf4", 4, EXC_UD, EXC_UD, -1 },        /* cmove ecx, eax */
        { "\xdb\xf0\xf4", 3, EXC_UD, EXC_UD, -1 },            /* fcomi */
        { "\x0f\x1f\xc0\xf4", 4, EXC_UD, EXC_UD, -1 },        /* nop eax */
        { "\x0f\x34\xf4", 3, EXC_UD, EXC_UD, EXC_GP },        /* sysenter: CS is 0 */
        { "\x0f\xae\x03\xf4", 4, EXC_UD, EXC_UD, -1 },        /* fxsave [ebx] */
        { "\x0f\x18\x0b\xf4", 4, EXC_UD, EXC_UD, -1 },        /* prefetcht0 [ebx] */
        { "\x0f\xae\xf0\xf4", 4, EXC_UD, EXC_UD, EXC_UD },    /* mfence */
        { "\xdf\x0b\xf4", 3, EXC_UD, EXC_UD, EXC_UD },        /* fisttp [ebx] */
        { "\x0f\x05\xf4", 3, EXC_UD, EXC_UD, EXC_UD },        /* syscall */
        { "\xf3\x0f\xb8\xc0\xf4", 5, EXC_UD, EXC_UD, EXC_UD } /* popcnt */
    };
    struct bench *i486 = bench_new_cpu(BENCH_32, "486"), *pentium = bench_new_cpu(BENCH_32, "pentium"),
                 *pentium3 = bench_new_cpu(BENCH_32, "pentium3");
    for (unsigned i = 0; i < ARRAY_LEN(insns); i++) {
        const u8 *code = (const u8 *)insns[i].code;
        assert_int_equal(vector_of(i486, code, insns[i].len), insns[i].i486);
        assert_int_equal(vector_of(pentium, code, insns[i].len), insns[i].pentium);
        assert_int_equal(vector_of(pentium3, code, insns[i].len), insns[i].pentium3);
    }
    bench_free(i486);
    bench_free(pentium);
    bench_free(pentium3);
}

/* PREFETCHW came with 3DNow! and its own bit, or silently with long mode: AMD's kernels use it without asking. */
static void test_prefetchw(void **state)
{
    (void)state;
    static const struct {
        const char *cpu;
        int vector;
    } expect[] = { { "pentium3", EXC_UD }, { "pentium3,+3dnowprefetch", -1 }, { "qemu64", -1 }, { "kvm64", -1 } };
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        struct bench *b = bench_new_cpu(BENCH_32, expect[i].cpu);
        assert_int_equal(vector_of(b, CODE("\x0f\x0d\x0b\xf4")), expect[i].vector);
        assert_int_equal(cpuid(b, 0x80000001, 0).c & BIT(8), i == 1 ? BIT(8) : 0);
        bench_free(b);
    }
}

/* Without a coprocessor its instructions do nothing, so that FNINIT and FNSTSW find none; with EM or TS they are #NM
 * (i486 data sheet, 486 SX: FNSTSW leaves AX as it was). */
static void test_no_fpu(void **state)
{
    (void)state;
    struct bench *b = bench_new_cpu(BENCH_32, "486,-fpu");
    b->cpu->r[RAX] = 0x5a5a;
    b->cpu->r[RBX] = BENCH_DATA;
    bench_put(b, BENCH_DATA, 0x1234, 2);
    bench_run(b, /* fninit; fnstsw ax; fnstcw [ebx]; fwait */ CODE("\xdb\xe3\xdf\xe0\xd9\x3b\x9b\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 0x5a5a);
    assert_int_equal(bench_get(b, BENCH_DATA, 2), 0x1234);
    b->cpu->cr0 |= CR0_EM;
    bench_run(b, /* fninit */ CODE("\xdb\xe3\xf4"));
    assert_int_equal(b->vector, EXC_NM);
    bench_free(b);
}

/* OF of rotates by more than 1, which the manual leaves undefined: by the result before the P6, by one step since. */
static void test_rotates(void **state)
{
    (void)state;
    static const struct {
        const char *code; /* rotates AL = 01, CF = 0 */
        bool old, new;
    } rotates[] = {
        { "\xc0\xc0\x07\xf4", true, false },  /* rol al, 7: 80, CF = 0; OF is left alone since */
        { "\xc0\xd0\x07\xf4", true, false },  /* rcl al, 7: 80, CF = 0 */
        { "\xc0\xc8\x07\xf4", false, false }, /* ror al, 7: 02 */
        { "\xc0\xd8\x02\xf4", true, false },  /* rcr al, 2: 80 */
    };
    struct bench *old = bench_new_cpu(BENCH_32, "pentium"), *new = bench_new_cpu(BENCH_32, "pentium3");
    for (unsigned i = 0; i < ARRAY_LEN(rotates); i++) {
        struct bench *const both[] = { old, new };
        for (unsigned j = 0; j < 2; j++) {
            struct cpu *c = both[j]->cpu;
            c->r[RAX] = 1;
            flags_set_arith(c, 0);
            bench_run(both[j], (const u8 *)rotates[i].code, 4);
            assert_int_equal((flags_arith(c) & FL_OF) != 0, j ? rotates[i].new : rotates[i].old);
        }
    }
    bench_free(old);
    bench_free(new);
}

/* ---- control registers and MSRs ---- */

static void test_cr4(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        u32 allowed;
    } expect[] = {
        { "486", CR4_VME | CR4_PVI | CR4_PSE },
        { "pentium", CR4_VME | CR4_PVI | CR4_PSE | CR4_TSD | CR4_DE | CR4_MCE | CR4_PCE },
        { "pentium3", 0x7ff },
        { "qemu64", 0x7fc },
        { "x86-64-v2", 0x7ff },
    };
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        struct bench *b = bench_new_cpu(BENCH_32, expect[i].model);
        for (unsigned bit = 0; bit < 32; bit++) {
            bench_reset(b);
            b->cpu->cr4 = 0;
            b->cpu->r[RAX] = BIT(bit);
            bench_run(b, /* mov cr4, eax */ CODE("\x0f\x22\xe0\xf4"));
            assert_int_equal(b->vector, expect[i].allowed & BIT(bit) ? -1 : EXC_GP);
        }
        bench_free(b);
    }
}

static bool has_msr(struct bench *b, u32 msr)
{
    bench_reset(b);
    b->cpu->cr4 = 0;
    b->cpu->r[RCX] = msr;
    bench_run(b, /* rdmsr */ CODE("\x0f\x32\xf4"));
    assert_true(b->vector == -1 || b->vector == EXC_GP);
    return b->vector == -1;
}

static void test_msrs(void **state)
{
    (void)state;
    static const struct {
        u32 msr;
        bool pentium, pentium3, kvm64, qemu64;
    } expect[] = {
        { 0x10, true, true, true, true },           /* TSC */
        { 0x1b, true, true, true, true },           /* APIC_BASE */
        { 0x8b, false, true, true, true },          /* BIOS_SIGN_ID */
        { 0xfe, false, true, true, true },          /* MTRRcap */
        { 0x174, false, true, true, true },         /* SYSENTER_CS */
        { 0x179, false, true, true, true },         /* MCG_CAP */
        { 0x250, false, true, true, true },         /* MTRRfix64K */
        { 0x277, false, true, true, true },         /* PAT */
        { 0x400, false, true, true, true },         /* MC0_CTL */
        { 0x6e0, false, false, false, false },      /* TSC_DEADLINE */
        { 0xc0000080, false, false, true, true },   /* EFER */
        { 0xc0000081, false, false, true, true },   /* STAR */
        { 0xc0000082, false, false, true, true },   /* LSTAR */
        { 0xc0000102, false, false, true, true },   /* KERNEL_GS_BASE */
        { 0xc0000103, false, false, false, false }, /* TSC_AUX */
        { 0xc0010015, false, false, false, true },  /* HWCR: AMD's */
    };
    struct bench *pentium = bench_new_cpu(BENCH_32, "pentium"), *pentium3 = bench_new_cpu(BENCH_32, "pentium3"),
                 *kvm64 = bench_new_cpu(BENCH_32, "kvm64"), *qemu64 = bench_new_cpu(BENCH_32, "qemu64");
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        assert_int_equal(has_msr(pentium, expect[i].msr), expect[i].pentium);
        assert_int_equal(has_msr(pentium3, expect[i].msr), expect[i].pentium3);
        assert_int_equal(has_msr(kvm64, expect[i].msr), expect[i].kvm64);
        assert_int_equal(has_msr(qemu64, expect[i].msr), expect[i].qemu64);
    }
    bench_free(pentium);
    bench_free(pentium3);
    bench_free(kvm64);
    bench_free(qemu64);
}

/* Bits of EFER go with NX, SYSCALL and long mode. */
static void test_efer(void **state)
{
    (void)state;
    static const struct {
        const char *cpu;
        u32 allowed;
    } expect[] = { { "pentium3,+nx", EFER_NXE },
                   { "qemu32,+syscall", EFER_SCE },
                   { "qemu64", EFER_SCE | EFER_LME | EFER_NXE | EFER_LMA /* not written, not refused */ } };
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        struct bench *b = bench_new_cpu(BENCH_32, expect[i].cpu);
        for (unsigned bit = 0; bit < 16; bit++) {
            bench_reset(b);
            b->cpu->cr4 = 0;
            b->cpu->r[RCX] = 0xc0000080;
            b->cpu->r[RAX] = BIT(bit);
            b->cpu->r[RDX] = 0;
            bench_run(b, /* wrmsr */ CODE("\x0f\x30\xf4"));
            assert_int_equal(b->vector, expect[i].allowed & BIT(bit) ? -1 : EXC_GP);
        }
        bench_free(b);
    }
}

/* ---- paging ---- */

#define PD 0x100000u

/* Reads linear 400000 through a 4 MiB entry; the error code, -1: none. */
static s64 large_page_error(const char *model, u32 pde)
{
    struct bench *b = bench_new_cpu(BENCH_32, model);
    bench_put(b, PD, 0x83, 4); /* what runs */
    bench_put(b, PD + 4, pde, 4);
    b->cpu->cr4 = CR4_PSE;
    b->cpu->cr3 = PD;
    b->cpu->cr0 |= CR0_PG;
    cpu_update_mode(b->cpu);
    bench_run(b, /* mov eax, [400000] */ CODE("\xa1\x00\x00\x40\x00\xf4"));
    s64 error = b->vector == -1 ? -1 : b->vector == EXC_PF ? (s64)b->error : -2;
    bench_free(b);
    return error;
}

/* Bits 21:13 of a 4 MiB entry are reserved, but for those that PSE-36 makes address bits (SDM vol. 3, table 4-4). */
static void test_pse36(void **state)
{
    (void)state;
    assert_int_equal(large_page_error("pentium", 0x83), -1);
    for (unsigned bit = 13; bit <= 21; bit++) {
        assert_int_equal(large_page_error("pentium", 0x83 | BIT(bit)), 9);
        assert_int_equal(large_page_error("pentium3", 0x83 | BIT(bit)), bit <= 16 ? -1 : 9);
        assert_int_equal(large_page_error("qemu64", 0x83 | BIT(bit)), bit <= 20 ? -1 : 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_caches),
        cmocka_unit_test(test_features_in_and_out),
        cmocka_unit_test(test_other_identities),
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_generations),
        cmocka_unit_test(test_prefetchw),
        cmocka_unit_test(test_no_fpu),
        cmocka_unit_test(test_rotates),
        cmocka_unit_test(test_cr4),
        cmocka_unit_test(test_msrs),
        cmocka_unit_test(test_efer),
        cmocka_unit_test(test_pse36),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
