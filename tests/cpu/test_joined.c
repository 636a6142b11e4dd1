/* test_joined.c: pairs of instructions that one handler does, whose second one may fault, branch or leave the block:
 * each front with each second one, against the same two kept apart by an instruction that is no part of any pair. In
 * 64-bit code, with operands that now and then lie where no memory is: registers, flags, memory and the fault
 * are the same. Each is run twice, the first time with TLBs that know nothing. */
#include "harness.h"

#include "flags.h"

struct piece {
    const char *bytes;
    unsigned len;
};
#define PIECE(bytes)                                                                                                   \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1                                                                                       \
    }

static const struct piece fronts[] = {
    PIECE("\x89\xc8"),             /* mov eax, ecx */
    PIECE("\x48\x89\xc8"),         /* mov rax, rcx */
    PIECE("\x25\xf0\xff\x00\x80"), /* and eax, … */
    PIECE("\x0f\xb6\xc1"),         /* movzx eax, cl */
    PIECE("\x0f\xb6\xc5"),         /* movzx eax, ch */
    PIECE("\x0f\xb6\x43\x10"),     /* movzx eax, byte [rbx+16] */
    PIECE("\x0f\xb7\x43\x10"),     /* movzx eax, word [rbx+16] */
    PIECE("\x8b\x43\x10"),         /* mov eax, [rbx+16] */
    PIECE("\x48\x8b\x43\x10"),     /* mov rax, [rbx+16] */
    PIECE("\x48\x8b\x1b"),         /* mov rbx, [rbx] */
    PIECE("\x66\x90"),             /* xchg ax, ax */
    PIECE("\x0f\x1f\x44\x00\x00"), /* nop [rax+rax] */
    PIECE("\xb8\xff\xff\xff\xff"), /* mov eax, 0xffffffff */
    PIECE("\x48\x8d\x5b\x08"),     /* lea rbx, [rbx+8] */
    PIECE("\x48\x63\xc1"),         /* movsxd rax, ecx */
    PIECE("\x48\x01\xc8"),         /* add rax, rcx */
    PIECE("\x48\x83\xc4\x08"),     /* add rsp, 8 */
    PIECE("\x48\x83\xec\x18"),     /* sub rsp, 24 */
    PIECE("\x83\xe0\x7f"),         /* and eax, 127 */
    PIECE("\x31\xc0"),             /* xor eax, eax */
    PIECE("\x31\xc8"),             /* xor eax, ecx */
    PIECE("\x89\x43\x10"),         /* mov [rbx+16], eax */
    PIECE("\x48\x89\x43\x10"),     /* mov [rbx+16], rax */
    PIECE("\x51"),                 /* push rcx */
    PIECE("\x54"),                 /* push rsp */
};

/* Branches lead over one or two instructions, returns to where the stack says. */
static const struct piece seconds[] = {
    PIECE("\x8a\x43\x10"),                         /* mov al, [rbx+16] */
    PIECE("\x66\x8b\x43\x10"),                     /* mov ax, [rbx+16] */
    PIECE("\x8b\x53\x10"),                         /* mov edx, [rbx+16] */
    PIECE("\x48\x8b\x50\x10"),                     /* mov rdx, [rax+16] */
    PIECE("\x48\x8b\x14\x8b"),                     /* mov rdx, [rbx+rcx*4] */
    PIECE("\x88\x43\x10"),                         /* mov [rbx+16], al */
    PIECE("\x66\x89\x43\x10"),                     /* mov [rbx+16], ax */
    PIECE("\x89\x53\x14"),                         /* mov [rbx+20], edx */
    PIECE("\x48\x89\x43\x10"),                     /* mov [rbx+16], rax */
    PIECE("\x48\x89\x14\x8b"),                     /* mov [rbx+rcx*4], rdx */
    PIECE("\xc6\x43\x10\x55"),                     /* mov byte [rbx+16], … */
    PIECE("\x48\xc7\x43\x10\xff\xff\xff\x7f"),     /* mov qword [rbx+16], … */
    PIECE("\x64\x8b\x43\x10"),                     /* mov eax, fs:[rbx+16] */
    PIECE("\x64\x48\x8b\x04\x25\x28\x00\x00\x00"), /* mov rax, fs:[0x28] */
    PIECE("\x0f\xb6\x50\x10"),                     /* movzx edx, byte [rax+16] */
    PIECE("\x0f\xb7\x14\x4b"),                     /* movzx edx, word [rbx+rcx*2] */
    PIECE("\x48\x0f\xbe\x53\x10"),                 /* movsx rdx, byte [rbx+16] */
    PIECE("\x48\x63\x53\x10"),                     /* movsxd rdx, dword [rbx+16] */
    PIECE("\x48\x63\x14\x8b"),                     /* movsxd rdx, dword [rbx+rcx*4] */
    PIECE("\x50"),                                 /* push rax */
    PIECE("\x50\x51\x52"),                         /* push rax; push rcx; push rdx */
    PIECE("\x5a"),                                 /* pop rdx */
    PIECE("\x5a\x5d"),                             /* pop rdx; pop rbp */
    PIECE("\x5a\xc3"),                             /* pop rdx; ret */
    PIECE("\x5a\x5d\x5e\xc3"),                     /* pop rdx; pop rbp; pop rsi; ret */
    PIECE("\xc3"),                                 /* ret */
    PIECE("\xe8\x02\x00\x00\x00"),                 /* call +2 */
    PIECE("\xe8\x00\x10\x00\x00"),                 /* call into the next page */
    PIECE("\xeb\x04"),                             /* jmp */
    PIECE("\xe9\x00\x10\x00\x00"),                 /* jmp into the next page */
    PIECE("\x74\x04"),                             /* je */
    PIECE("\x72\x04"),                             /* jb */
    PIECE("\x7f\x04"),                             /* jg */
    PIECE("\x78\x04"),                             /* js */
    PIECE("\x48\x01\xc2"),                         /* add rdx, rax */
    PIECE("\x03\x53\x10"),                         /* add edx, [rbx+16] */
    PIECE("\x48\x03\x53\x10"),                     /* add rdx, [rbx+16] */
    PIECE("\x48\x11\xc2"),                         /* adc rdx, rax */
    PIECE("\x1b\x53\x10"),                         /* sbb edx, [rbx+16] */
    PIECE("\x48\x83\xec\x08"),                     /* sub rsp, 8 */
    PIECE("\x81\xca\x00\x01\x00\x00"),             /* or edx, 256 */
    PIECE("\x48\x33\x53\x10"),                     /* xor rdx, [rbx+16] */
    PIECE("\x48\x3b\x50\x10"),                     /* cmp rdx, [rax+16] */
    PIECE("\x85\xc0"),                             /* test eax, eax */
    PIECE("\xff\xc0"),                             /* inc eax */
    PIECE("\x48\xff\xca"),                         /* dec rdx */
    PIECE("\x48\xf7\xd8"),                         /* neg rax */
    PIECE("\xc1\xe0\x05"),                         /* shl eax, 5 */
    PIECE("\x48\xc1\xe8\x21"),                     /* shr rax, 33 */
    PIECE("\x48\xc1\xf8\x01"),                     /* sar rax, 1 */
    PIECE("\xd1\xd0"),                             /* rcl eax, 1 */
    PIECE("\x85\xc0\x74\x04"),                     /* test eax, eax; je */
    PIECE("\x48\x85\xc0\x79\x04"),                 /* test rax, rax; jns */
    PIECE("\xa8\x01\x75\x04"),                     /* test al, 1; jne */
    PIECE("\x3c\x7f\x77\x04"),                     /* cmp al, 127; ja */
    PIECE("\x39\xc8\x72\x04"),                     /* cmp eax, ecx; jb */
    PIECE("\x48\x39\xd0\x7e\x04"),                 /* cmp rax, rdx; jle */
    PIECE("\x83\xf8\xff\x74\x04"),                 /* cmp eax, -1; je */
    PIECE("\x48\x83\xf8\x10\x76\x04"),             /* cmp rax, 16; jbe */
    PIECE("\x0f\xba\x63\x10\x05\x72\x04"),         /* bt dword [rbx+16], 5; jb */
    PIECE("\x48\x0f\xba\xe0\x3f\x73\x04"),         /* bt rax, 63; jae */
    PIECE("\x64\x48\x2b\x43\x10\x75\x04"),         /* sub rax, fs:[rbx+16]; jne */
    PIECE("\xff\x4b\x10\x74\x04"),                 /* dec dword [rbx+16]; je */
    PIECE("\x38\x44\x0b\x01\x75\x04"),             /* cmp [rbx+rcx+1], al; jne */
};

#define APART "\x48\x87\xd2" /* xchg rdx, rdx */
#define APART_BYTES 3u
#define AREA 0x4000u /* from BENCH_DATA on, of which the last page is not there */
#define GONE (BENCH_DATA + AREA - 0x1000u)
#define FAR (BENCH_CODE + 0x1000u)
#define HALT (BENCH_CODE + 0x80u)

struct ended {
    u64 r[16], ip, flags, cr2;
    int vector;
    u32 error;
    u8 memory[AREA];
};

static u64 draw(u64 *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 29;
}

/* An address in the area: anywhere, at a page's end, or where memory ends. */
static u64 address(u64 *seed)
{
    u64 edge = draw(seed) % 4 ? BENCH_DATA + 0x1000 * (1 + draw(seed) % 2) : GONE;
    return draw(seed) % 3 ? BENCH_DATA + 0x100 + draw(seed) % 0x2800 : edge + draw(seed) % 48 - 40;
}

static void prepare(struct bench *b, u64 seed)
{
    struct cpu *c = b->cpu;
    for (unsigned at = 0; at < AREA - 0x1000; at += 8)
        bench_put(b, BENCH_DATA + at, draw(&seed) % 2 ? HALT : draw(&seed) % 2 ? draw(&seed) : address(&seed), 8);
    for (unsigned i = 0; i < 16; i++)
        c->r[i] = draw(&seed) % 2 ? draw(&seed) << (draw(&seed) % 32) : address(&seed);
    c->r[RBX] = address(&seed);
    c->r[RCX] = draw(&seed) % 2 ? draw(&seed) % 8 : c->r[RCX];
    c->r[RSP] = address(&seed) & ~(draw(&seed) % 4 ? 7u : 0u);
    c->seg[FS].base = draw(&seed) % 2 ? 0 : BENCH_DATA;
    c->cr2 = 0;
    cpu_set_eflags(c, (u32)draw(&seed), FL_ARITH);
}

static void run(struct bench *b, const u8 *code, size_t len, u64 seed, struct ended *e)
{
    prepare(b, seed);
    memset(b->m + FAR, 0xf4, 0x100);
    memset(b->m + HALT, 0xf4, 1);
    bench_run(b, code, len);
    bool faulted = b->vector != -1;
    for (unsigned i = 0; i < 16; i++)
        e->r[i] = i == RSP && faulted ? b->frame_sp : b->cpu->r[i];
    e->ip = faulted ? b->frame_ip : b->cpu->rip;
    e->flags = faulted ? b->frame_flags & FL_ARITH : flags_arith(b->cpu);
    e->vector = b->vector;
    e->error = faulted ? b->error : 0;
    e->cr2 = b->cpu->cr2;
    memcpy(e->memory, b->m + BENCH_DATA, AREA);
}

/* The second one stands at the same place both times. */
static size_t assemble(u8 *code, const struct piece *front, const struct piece *second, bool apart)
{
    size_t at = 0;
    if (!apart)
        memcpy(code, APART, APART_BYTES), at = APART_BYTES;
    memcpy(code + at, front->bytes, front->len), at += front->len;
    if (apart)
        memcpy(code + at, APART, APART_BYTES), at += APART_BYTES;
    memcpy(code + at, second->bytes, second->len), at += second->len;
    memcpy(code + at, "\x49\x83\xc8\x01\x49\x83\xc8\x02\xf4", 9); /* or r8, 1; or r8, 2; hlt */
    return at + 9;
}

static void same(struct ended *together, struct ended *apart, unsigned front_len)
{
    if (together->ip == BENCH_CODE + APART_BYTES && apart->ip == BENCH_CODE && front_len) /* the front faulted */
        apart->ip += APART_BYTES;
    assert_int_equal(together->vector, apart->vector);
    assert_int_equal(together->error, apart->error);
    assert_int_equal(together->ip, apart->ip);
    assert_int_equal(together->flags, apart->flags);
    assert_int_equal(together->cr2, apart->cr2);
    assert_memory_equal(together->r, apart->r, sizeof together->r);
    assert_memory_equal(together->memory, apart->memory, AREA);
}

#define ROUNDS 5

static void compare(struct bench *b, const struct piece *front, const struct piece *second, u64 *seed)
{
    static struct ended together[2 * ROUNDS], apart[2 * ROUNDS];
    u8 code[64];
    u64 first = *seed;
    for (unsigned way = 0; way < 2; way++) {
        size_t len = assemble(code, front, second, way == 1);
        struct ended *ended = way ? apart : together;
        *seed = first;
        for (unsigned i = 0; i < 2 * ROUNDS; i++, *seed += i & 1 ? 977 : 0) /* each twice */
            run(b, code, len, *seed, &ended[i]);
    }
    for (unsigned i = 0; i < 2 * ROUNDS; i++)
        same(&together[i], &apart[i], front->len);
}

static void test_each_front_with_each_second(void **state)
{
    struct bench *b = bench_new(BENCH_64);
    b->cpu->efer |= EFER_NXE;
    for (u32 page = BENCH_DATA >> 12; page < GONE >> 12; page++) /* where a return may lead: nothing random is run */
        bench_put(b, BENCH_PTE(page), bench_get(b, BENCH_PTE(page), 8) | BIT64(63), 8);
    bench_put(b, BENCH_PTE(GONE >> 12), 0, 8);
    for (unsigned v = EXC_SS; v <= EXC_PF; v++) /* whatever RSP is */
        bench_gate(b, v, SEL_CODE64, BENCH_HANDLERS + 16 * v, 14, 0, 1);
    u64 seed = 1;
    for (unsigned i = 0; i < ARRAY_LEN(fronts); i++)
        for (unsigned j = 0; j < ARRAY_LEN(seconds); j++)
            compare(b, &fronts[i], &seconds[j], &seed);
    bench_free(b);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_front_with_each_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
