/* The decoder: every way to write a memory operand at every address size, run and compared with the manual's tables
 * (SDM vol. 2, tables 2-1 to 2-3); prefixes and their order, REX, LOCK, operand sizes, immediates. Lengths and opcodes
 * as such are compared with capstone in test_rows.c. */
#include "block.h"
#include "encode.h"
#include "flags.h"
#include "harness.h"

#define SELF 0x14000u /* here each doubleword holds its own address */
#define SELF_END 0x100000u

static struct bench *new_bench(enum bench_mode mode)
{
    struct bench *b = bench_new(mode);
    for (u32 at = SELF; at < SELF_END; at += 4)
        bench_put(b, at, at, 4);
    return b;
}

/* ---- memory operands ---- */

struct form {
    unsigned asize; /* bits */
    unsigned rex;   /* RXB */
    u8 modrm, sib;
    s32 disp;
    bool has_sib;
    unsigned disp_bytes;
    bool rip;
    int base, index; /* registers, -1 none */
};

static void understand(struct form *f, bool bits64)
{
    static const s8 base16[8] = { RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX },
                    index16[8] = { RSI, RDI, RSI, RDI, -1, -1, -1, -1 };
    unsigned mod = f->modrm >> 6, rm = f->modrm & 7;
    f->base = f->index = -1;
    f->disp_bytes = mod == 1 ? 1 : mod == 2 ? (f->asize == 16 ? 2 : 4) : 0;
    if (f->asize == 16) {
        f->base = base16[rm];
        f->index = index16[rm];
        if (mod == 0 && rm == 6) {
            f->base = -1;
            f->disp_bytes = 2;
        }
        return;
    }
    f->has_sib = rm == 4;
    if (f->has_sib) {
        unsigned index = (f->sib >> 3 & 7u) | (f->rex & 2 ? 8u : 0);
        f->index = index == RSP ? -1 : (int)index;
        f->base = (int)((f->sib & 7u) | (f->rex & 1 ? 8u : 0));
        if ((f->sib & 7) == 5 && mod == 0) {
            f->base = -1;
            f->disp_bytes = 4;
        }
    } else if (mod == 0 && rm == 5) {
        f->disp_bytes = 4;
        f->rip = bits64;
    } else {
        f->base = (int)(rm | (f->rex & 1 ? 8u : 0));
    }
}

static u64 address_of(const struct bench *b, const struct form *f, u64 next)
{
    const u64 *r = b->cpu->r;
    u64 a = (f->base >= 0 ? r[f->base] : 0) + (f->index >= 0 ? r[f->index] << (f->has_sib ? f->sib >> 6 : 0) : 0);
    a += (u64)(s64)f->disp + (f->rip ? next : 0);
    return f->asize == 16 ? (u16)a : f->asize == 32 ? (u32)a : a;
}

/* The segment that the form implies (SDM vol. 1, table 3-5). */
static unsigned segment_of(const struct form *f)
{
    bool rsp = f->asize != 16 && f->base == RSP;
    return rsp || f->base == RBP ? SS : DS;
}

/* Runs 8B /r with the form; the doubleword that it loads is its address. */
static void run_form(struct bench *b, struct form *f, bool bits64, bool other_size)
{
    u8 code[24];
    unsigned n = 0;
    struct uop u;
    understand(f, bits64);
    if (f->disp_bytes >= 2 && f->base < 0 && f->index < 0)
        f->disp = f->rip ? 0x50000 - (s32)BENCH_CODE : f->asize == 16 ? 0x7ffc : 0x5432c;
    else
        f->disp = f->disp_bytes == 1 ? -0x38 : f->disp_bytes == 2 ? 0x1234 : f->disp_bytes == 4 ? 0x12344 : 0;
    if (other_size)
        code[n++] = 0x67;
    if (bits64)
        code[n++] = (u8)(0x40 | f->rex);
    code[n++] = 0x8b;
    code[n++] = f->modrm;
    if (f->has_sib)
        code[n++] = f->sib;
    memcpy(code + n, &f->disp, 4);
    n += f->disp_bytes;
    code[n] = 0xf4;
    u64 want = address_of(b, f, BENCH_CODE + n);
    memset(code + n + 1, 0x90, sizeof code - n - 1);
    struct decoded d = decode_insn(b->cpu, &b->cpu->blocks->index, code, INSN_BYTES_MAX, 0, b->cpu->mode, &u);
    if (d.len != n || u_seg(&u) != segment_of(f))
        fail_msg("modrm %02x sib %02x rex %x: length %u, not %u; segment %u", f->modrm, f->sib, f->rex, d.len, n,
                 u_seg(&u));
    u64 regs[16];
    memcpy(regs, b->cpu->r, sizeof regs);
    bench_run(b, code, n + 1);
    u64 got = b->cpu->r[(f->modrm >> 3 & 7u) | (f->rex & 4 ? 8u : 0)];
    memcpy(b->cpu->r, regs, sizeof regs);
    assert_in_range(want, SELF, SELF_END - 4);
    if (b->vector != -1 || (u32)got != bench_get(b, (u32)want, 4))
        fail_msg("modrm %02x sib %02x rex %x, %u-bit address: vector %d, %llx, not what is at %llx", f->modrm, f->sib,
                 f->rex, f->asize, b->vector, (unsigned long long)got, (unsigned long long)want);
}

static void set_registers(struct bench *b)
{
    for (unsigned i = 0; i < 16; i++)
        b->cpu->r[i] = 0x18000 + 0x44 * i;
    b->cpu->r[RSP] = 0x1a000;
    cpu_update_mode(b->cpu);
}

static void all_forms(struct bench *b, unsigned asize, bool bits64, bool other_size)
{
    unsigned rex_end = bits64 ? 8 : 1;
    set_registers(b);
    for (unsigned rex = 0; rex < rex_end; rex++)
        for (unsigned modrm = 0; modrm < 0xc0; modrm++) {
            bool sib = asize != 16 && (modrm & 7) == 4;
            if (sib && (modrm >> 3 & 7) != 2) /* one register is enough beside all SIB bytes */
                continue;
            for (unsigned s = 0; s < (sib ? 256u : 1); s++) {
                struct form f = { .asize = asize, .rex = rex, .modrm = (u8)modrm, .sib = (u8)s };
                run_form(b, &f, bits64, other_size);
            }
        }
}

static void test_forms_64(void **state)
{
    (void)state;
    struct bench *b = new_bench(BENCH_64);
    all_forms(b, 64, true, false);
    all_forms(b, 32, true, true);
    bench_free(b);
}

static void test_forms_32(void **state)
{
    (void)state;
    struct bench *b = new_bench(BENCH_32);
    all_forms(b, 32, false, false);
    b->cpu->seg[ES].limit = 0xfffff; /* the same through segments that are not flat */
    seg_derive(&b->cpu->seg[ES], false);
    cpu_update_mode(b->cpu);
    assert_false(b->cpu->mode & MODE_FLAT);
    all_forms(b, 32, false, false);
    bench_free(b);
}

/* 16-bit addresses reach 64 KiB: the segments' base brings them to the marked memory. */
static void test_forms_16(void **state)
{
    (void)state;
    for (unsigned other = 0; other < 2; other++) {
        struct bench *b = bench_new(BENCH_32);
        for (unsigned s = 0; s < SEG_COUNT; s++)
            if (s != CS)
                b->cpu->seg[s].base = 0x50000;
        for (u32 at = 0; at < 0x10000; at += 4)
            bench_put(b, 0x50000 + at, at, 4);
        for (unsigned i = 0; i < 8; i++)
            b->cpu->r[i] = 0xabcd0000 + 0x2100 * i;
        cpu_update_mode(b->cpu);
        for (unsigned modrm = 0; modrm < 0xc0; modrm++) {
            struct form f = { .asize = 16, .modrm = (u8)modrm };
            u8 code[8] = { 0x67, 0x8b, (u8)modrm };
            u64 regs[16];
            understand(&f, false);
            f.disp = f.disp_bytes == 1 ? -0x44 : f.disp_bytes == 2 ? -0x4568 : 0; /* wraps around 64 KiB now and then */
            memcpy(code + 3, &f.disp, 2);
            code[3 + f.disp_bytes] = 0xf4;
            u64 want = address_of(b, &f, 0);
            memcpy(regs, b->cpu->r, sizeof regs);
            bench_run(b, code, 4 + f.disp_bytes);
            assert_int_equal(b->vector, -1);
            assert_int_equal((u32)b->cpu->r[modrm >> 3 & 7], want);
            memcpy(b->cpu->r, regs, sizeof regs);
        }
        bench_free(b);
    }
}

/* RIP-relative: from the end of the instruction, immediates included; cut to 32 bits by 67; any distance. */
static void test_rip_relative(void **state)
{
    (void)state;
    struct bench *b = new_bench(BENCH_64);
    bench_run(b, /* lea rax,[rip+0x7fffffff]; lea rbx,[rip-0x80000000]; lea ecx,[eip+5]; lea rdx,[eip-0x20000]; hlt */
              CODE("\x48\x8d\x05\xff\xff\xff\x7f\x48\x8d\x1d\x00\x00\x00\x80\x67\x8d\x0d\x05\x00\x00\x00\x67\x48\x8d"
                   "\x15\x00\x00\xfe\xff\xf4"));
    assert_int_equal(b->cpu->r[RAX], BENCH_CODE + 7 + 0x7fffffffull);
    assert_int_equal(b->cpu->r[RBX], (s64)BENCH_CODE + 14 - 0x80000000ll);
    assert_int_equal(b->cpu->r[RCX], BENCH_CODE + 21 + 5);
    assert_int_equal(b->cpu->r[RDX], (u32)(BENCH_CODE + 29 - 0x20000));
    bench_run(b, /* cmp dword [rip+0x30000],0x40010 (10 bytes: 4000A); sete al; add byte [rip+..],1; hlt */
              CODE("\x81\x3d\x02\x00\x03\x00\x0c\x00\x04\x00\x0f\x94\xc0\xf4"));
    assert_int_equal(b->cpu->r[RAX] & 0xff, 1); /* [4000C] is 4000C */
    for (u32 k = 0; k < 16; k++) { /* at the end of a page, where displacement and offset add up to more than 4096 */
        u32 at = 0x10ff0 + k;
        static const u8 load[] = { 0x8b, 0x05, 0, 0, 3, 0, 0xf4 };
        for (u32 i = 0; i < sizeof load; i++)
            bench_put(b, at + i, load[i], 1);
        b->cpu->rip = at;
        b->cpu->activity = ACT_RUNNING;
        bench_continue(b);
        u32 a = at + 6 + 0x30000;
        assert_int_equal(b->cpu->r[RAX], bench_get(b, a, 4));
    }
    bench_free(b);
}

/* MOV with a direct offset: as long as an address. */
static void test_moffs(void **state)
{
    (void)state;
    struct bench *b = new_bench(BENCH_64);
    bench_run(b, /* mov eax,[qword 0x54320]; hlt */ CODE("\xa1\x20\x43\x05\x00\x00\x00\x00\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x54320);
    bench_run(b, /* 67: four bytes */ CODE("\x67\x48\xa1\x24\x43\x05\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x0005432800054324);
    bench_run(b, /* mov [qword 0x54328],al */ CODE("\xa2\x28\x43\x05\x00\x00\x00\x00\x00\xf4"));
    assert_int_equal(bench_get(b, 0x54328, 1), 0x24);
    b->cpu->seg[FS].base = 0x54300; /* the whole 64 bits count: base + offset wraps */
    bench_run(b, CODE("\x64\xa1\xfc\xff\xff\xff\xff\xff\xff\xff\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x542fc);
    bench_run(b, /* not canonical */ CODE("\xa1\x00\x00\x00\x00\x00\x00\x00\x80\xf4"));
    assert_int_equal(b->vector, EXC_GP);
    bench_free(b);
    b = new_bench(BENCH_32);
    bench_run(b, CODE("\xa1\x20\x43\x05\x00\x66\x67\xa3\x00\x70\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x54320);
    assert_int_equal(bench_get(b, 0x7000, 4), 0x4320);
    bench_free(b);
}

/* ---- prefixes ---- */

static void test_prefix_order(void **state)
{
    (void)state;
    struct bench *b = new_bench(BENCH_64);
    struct cpu *c = b->cpu;
    c->seg[FS].base = 0x100;
    c->seg[GS].base = 0x200;
    c->r[RBX] = 0x50000;
    static const struct {
        const char *code;
        unsigned len;
        u64 rax;
    } cases[] = {
        { "\x8b\x03\xf4", 3, 0x50000 },
        { "\x64\x8b\x03\xf4", 4, 0x50100 },
        { "\x64\x65\x8b\x03\xf4", 5, 0x50200 }, /* the last segment counts */
        { "\x65\x64\x8b\x03\xf4", 5, 0x50100 },
        { "\x64\x2e\x36\x3e\x26\x8b\x03\xf4", 8,
          0x50100 }, /* in 64-bit mode these four are nothing, not even an override */
        { "\x48\x8b\x03\xf4", 4, 0x0005000400050000 },
        { "\x48\x66\x8b\x03\xf4", 5, 0xffffffffffff0000 }, /* REX not last: ignored; 66 counts  */
        { "\x66\x48\x8b\x03\xf4", 5, 0x0005000400050000 }, /* REX.W over 66 */
        { "\x48\x40\x8b\x03\xf4", 5, 0x50000 },            /* the last REX */
        { "\x40\x48\x8b\x03\xf4", 5, 0x0005000400050000 },
        { "\x48\x64\x8b\x03\xf4", 5, 0x50100 },
        { "\x66\x66\x66\x8b\x03\xf4", 6, 0xffffffffffff0000 }, /* twice is once */
        { "\x67\x67\x8b\x03\xf4", 5, 0x50000 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        c->r[RAX] = UINT64_MAX;
        bench_run(b, (const u8 *)cases[i].code, cases[i].len);
        assert_int_equal(b->vector, -1);
        assert_int_equal(c->r[RAX], cases[i].rax);
    }
    bench_free(b);
    b = new_bench(BENCH_32);
    b->cpu->seg[FS].base = 0x100;
    b->cpu->r[RBX] = 0x50000;
    bench_run(b, CODE("\x64\x3e\x8b\x03\xf4")); /* in legacy modes 3E overrides FS */
    assert_int_equal(b->cpu->r[RAX], 0x50000);
    bench_free(b);
}

/* F2 and F3: the last one chooses, and both win over 66. */
static void test_mandatory_prefix(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const struct {
        const char *code, *name;
    } cases[] = {
        { "\x0f\x58\xc1", "addps" },
        { "\x66\x0f\x58\xc1", "addpd" },
        { "\xf3\x0f\x58\xc1", "addss" },
        { "\xf2\x0f\x58\xc1", "addsd" },
        { "\x66\xf2\x0f\x58\xc1", "addsd" },
        { "\xf2\x66\x0f\x58\xc1", "addsd" },
        { "\xf3\xf2\x0f\x58\xc1", "addsd" },
        { "\xf2\xf3\x0f\x58\xc1", "addss" },
        { "\xf3\x66\x48\x0f\x58\xc1", "addss" },
        { "\xf3\x90", "pause" },
        { "\x66\x90", "xchg" },
        { "\xf3\x0f\xb8\xc1", "popcnt" },
        { "\xf3\x0f\xbc\xc1", "tzcnt" },
        { "\xf2\x0f\xbc\xc1", "bsf" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        u8 bytes[INSN_BYTES_MAX] = { 0 };
        struct uop u;
        memcpy(bytes, cases[i].code, strlen(cases[i].code));
        struct decoded d = decode_insn(b->cpu, &b->cpu->blocks->index, bytes, INSN_BYTES_MAX, 0, b->cpu->mode, &u);
        assert_non_null(d.row);
        assert_string_equal(d.row->mnemonic, cases[i].name);
        assert_int_equal(d.len, strlen(cases[i].code));
    }
    bench_free(b);
}

/* Byte registers: AH to BH without REX, SPL to DIL with any REX. */
static void test_byte_registers(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct cpu *c = b->cpu;
    bench_run(b, /* mov ah,1; mov ch,2; mov dh,3; mov bh,4; mov sil,5; mov dil,6; mov bpl,7; mov r8b,8; hlt */
              CODE("\xb4\x01\xb5\x02\xb6\x03\xb7\x04\x40\xb6\x05\x40\xb7\x06\x40\xb5\x07\x41\xb0\x08\xf4"));
    assert_int_equal(c->r[RAX] >> 8 & 0xff, 1);
    assert_int_equal(c->r[RCX] >> 8 & 0xff, 2);
    assert_int_equal(c->r[RDX] >> 8 & 0xff, 3);
    assert_int_equal(c->r[RBX] >> 8 & 0xff, 4);
    assert_int_equal(c->r[RSI] & 0xff, 5);
    assert_int_equal(c->r[RDI] & 0xff, 6);
    assert_int_equal(c->r[RBP] & 0xff, 7);
    assert_int_equal(c->r[R8] & 0xff, 8);
    c->r[RAX] = 0x1234;
    bench_run(b, /* add al,ah; movzx ecx,ah; mov r9b,sil; hlt */ CODE("\x00\xe0\x0f\xb6\xcc\x41\x88\xf1\xf4"));
    assert_int_equal(c->r[RAX], 0x1246);
    assert_int_equal(c->r[RCX], 0x12);
    assert_int_equal(c->r[R9] & 0xff, 5);
    bench_free(b);
}

/* A 32-bit result clears the upper half, an 8- or 16-bit one does not (SDM vol. 1, 3.4.1.1). */
static void test_upper_half(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned i = 0; i < 4; i++)
        b->cpu->r[i] = UINT64_MAX;
    bench_run(b,
              /* inc eax; inc cx; inc dl; xchg ebx,ebx by 87; hlt */ CODE("\xff\xc0\x66\xff\xc1\xfe\xc2\x87\xdb\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0);
    assert_int_equal(b->cpu->r[RCX], 0xffffffffffff0000);
    assert_int_equal(b->cpu->r[RDX], 0xffffffffffffff00);
    assert_int_equal(b->cpu->r[RBX], 0xffffffff);
    b->cpu->r[RAX] = UINT64_MAX;
    bench_run(b, /* 90 is NOP; 41 90 is XCHG; hlt */ CODE("\x90\x48\x90\x66\x90\xf4"));
    assert_int_equal(b->cpu->r[RAX], UINT64_MAX);
    b->cpu->r[R8] = 0x1122334455667788;
    bench_run(b, CODE("\x41\x90\xf4"));
    assert_int_equal(b->cpu->r[RAX], 0x55667788);
    assert_int_equal(b->cpu->r[R8], 0xffffffff);
    bench_free(b);
}

/* Immediates are sign-extended to 64 bits, but for MOV r64, imm64. */
static void test_immediates(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_run(
        b, /* mov rax,-2 (C7); mov rcx,imm64; mov edx,imm32; mov bx,imm16; push -3; pop rsi; push imm32; pop rdi; hlt */
        CODE("\x48\xc7\xc0\xfe\xff\xff\xff\x48\xb9\x88\x77\x66\x55\x44\x33\x22\x11\xba\xff\xff\xff\xff\x66\xbb\x34\x12"
             "\x6a\xfd\x5e"
             "\x68\x00\x00\x00\x80\x5f\xf4"));
    assert_int_equal(b->cpu->r[RAX], -2);
    assert_int_equal(b->cpu->r[RCX], 0x1122334455667788);
    assert_int_equal(b->cpu->r[RDX], 0xffffffff);
    assert_int_equal(b->cpu->r[RBX], 0x1234);
    assert_int_equal(b->cpu->r[RSI], -3);
    assert_int_equal(b->cpu->r[RDI], 0xffffffff80000000);
    bench_free(b);
}

/* ---- LOCK ---- */

static bool may_lock(const struct row *r)
{
    static const char *const names[] = { "add",       "adc",        "and", "btc",  "btr", "bts", "cmpxchg",
                                         "cmpxchg8b", "cmpxchg16b", "dec", "inc",  "neg", "not", "or",
                                         "sbb",       "sub",        "xor", "xadd", "xchg" };
    unsigned o = r->operand[0];
    bool writes_memory = (o >= OP_Eb && o <= OP_Ey) || (o >= OP_M && o <= OP_My);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(r->mnemonic, names[i]))
            return writes_memory;
    return false;
}

static void test_lock(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    unsigned legal = 0;
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned v = 0; v < 4; v++) {
            struct encoding e = {
                .bits = v & 1 ? 64 : 32, .size = 2, .memory = v >> 1, .reg = 2, .rm = 1, .lock = true
            };
            u8 bytes[ENCODING_MAX];
            struct uop u;
            const struct row *r = &cpu_rows[i];
            if (!cpu_has(b->cpu, r->since) || !encode_row(r, &e, 0, bytes))
                continue;
            u32 mode = MODE_PE | MODE_OSFXSR | MODE_SS32 | (v & 1 ? MODE_LMA | MODE_64 : MODE_32);
            decode_insn(b->cpu, &b->cpu->blocks->index, bytes, INSN_BYTES_MAX, 0, mode, &u);
            bool want = may_lock(r) && e.memory && row_has_memory_form(r);
            if ((u.exec != op_ud) != want)
                fail_msg("lock %s, row %u, %s: %s", r->mnemonic, i, e.memory ? "memory" : "register",
                         want ? "#UD" : "legal");
            legal += want;
        }
    assert_in_range(legal, 100, 400);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_64),
        cmocka_unit_test(test_forms_32),
        cmocka_unit_test(test_forms_16),
        cmocka_unit_test(test_rip_relative),
        cmocka_unit_test(test_moffs),
        cmocka_unit_test(test_prefix_order),
        cmocka_unit_test(test_mandatory_prefix),
        cmocka_unit_test(test_byte_registers),
        cmocka_unit_test(test_upper_half),
        cmocka_unit_test(test_immediates),
        cmocka_unit_test(test_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
