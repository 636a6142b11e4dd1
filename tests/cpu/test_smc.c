/* Code that changes itself. The processor sees a store into the instruction stream at the next instruction (as the
 * Pentium and its successors do: SDM vol. 3, 11.6 asks for a jump, silicon needs none), whatever is cached: in the same
 * block, the same 128-byte line, another line of the page, another page, under another linear address, by a string
 * instruction, by a device. */
#include "block.h"
#include "flags.h"
#include "harness.h"

static void put_code(struct bench *b, u32 at, const u8 *code, size_t len)
{
    for (u32 i = 0; i < len; i++)
        bench_put(b, at + i, code[i], 1);
}

/* The very next instruction: mov byte [rip + 1],42 ; mov al,0 ; hlt */
static void test_next_instruction(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (unsigned round = 0; round < 3; round++) { /* fresh, and with its own block cached */
        bench_run(b, CODE("\xc6\x05\x01\x00\x00\x00\x42\xb0\x00\xf4"));
        assert_int_equal(b->cpu->r[RAX] & 0xff, 0x42);
    }
    bench_free(b);
}

/* The instruction itself, and one before it: nothing happens this time, all of it the next. */
static void test_itself(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RCX] = 2;
    bench_run(b, /* inc eax; mov byte [0x10000],0x43 (inc ebx); loop 0x10000; hlt */
              CODE("\x40\xc6\x05\x00\x00\x01\x00\x43\xe2\xf6\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], 1);
    assert_int_equal(b->cpu->r[RBX], 1);
    bench_reset(b);
    b->cpu->r[RAX] = b->cpu->r[RBX] = 0;
    b->cpu->r[RCX] = 2;
    bench_run(b, /* mov byte [0x10006],0x09; loop 0x10000; hlt: the second time it writes 9 */
              CODE("\xc6\x05\x06\x00\x01\x00\x07\xe2\xf7\xf4"));
    assert_int_equal(bench_get(b, BENCH_CODE + 6, 1), 7);
    bench_free(b);
}

/* A loop whose body is patched from within, each time around: `distance` bytes before the patched instruction. */
static void patch_loop(unsigned distance, u32 base)
{
    struct bench *b = bench_new(BENCH_32);
    u32 target = base + distance;
    struct cpu *c = b->cpu;
    /* base: mov [target+1],cl ; jmp target */
    put_code(b, base, CODE("\x88\x0d"));
    bench_put(b, base + 2, target + 1, 4);
    bench_put(b, base + 6, 0xe9, 1);
    bench_put(b, base + 7, target - (base + 11), 4);
    /* target: mov al,imm ; add ebx,eax ; dec ecx ; jz +5 ; jmp base ; hlt */
    put_code(b, target, CODE("\xb0\x00\x01\xc3\x49\x74\x05\xe9\x00\x00\x00\x00\xf4"));
    bench_put(b, target + 8, base - (target + 12), 4);
    c->r[RAX] = c->r[RBX] = 0;
    c->r[RCX] = 100;
    c->rip = base;
    c->activity = ACT_RUNNING;
    cpu_update_mode(c);
    bench_continue(b);
    assert_int_equal(b->vector, -1);
    assert_int_equal(c->r[RBX], 100 * 101 / 2);
    bench_free(b);
}

static void test_patched_loop(void **state)
{
    (void)state;
    static const u32 bases[] = { 0x10000, 0x10070, 0x107fa, 0x10ff5, 0x10ff8, 0x10fff };
    static const unsigned distances[] = { 11, 12, 100, 128, 200, 2000, 0x1000, 0x1ff0, 0x3000 };
    for (size_t i = 0; i < ARRAY_LEN(bases); i++)
        for (size_t k = 0; k < ARRAY_LEN(distances); k++)
            patch_loop(distances[k], bases[i]);
}

/* Data in the same line and page as the code: other blocks stay, and the data is right. */
static void test_data_beside_code(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RCX] = 1000;
    b->cpu->r[RAX] = 0;
    u64 built = b->cpu->blocks->built;
    bench_run(b, /* add [0x10040],ecx; add eax,[0x10040]; add [0x10900],ecx; dec ecx; jnz; hlt */
              CODE("\x01\x0d\x40\x00\x01\x00\x03\x05\x40\x00\x01\x00\x01\x0d\x00\x09\x01\x00\x49\x75\xeb\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, 0x10040, 4), 500500);
    assert_int_equal(bench_get(b, 0x10900, 4), 500500);
    assert_in_range(b->cpu->blocks->built - built, 1, 10); /* a line in common is no reason to drop the code */
    built = b->cpu->blocks->built;
    b->cpu->r[RCX] = 1000;
    bench_run(b, /* add [0x10900],ecx; dec ecx; jnz; hlt */ CODE("\x01\x0d\x00\x09\x01\x00\x49\x75\xf7\xf4"));
    assert_in_range(b->cpu->blocks->built - built, 1, 10);
    bench_free(b);
}

/* Stores of each width, from wholly before an instruction (MOV EAX, imm32) to wholly behind it: the code is what memory
 * says. `at` is where it stands. */
static void store_around(struct bench *b, u32 at, unsigned bytes)
{
    static const char *const store[] = { "\x88\x1f\xf4", "\x66\x89\x1f\xf4", "\x89\x1f\xf4" }; /* mov [edi],bl/bx/ebx */
    for (u32 to = at - 5; to < at + 8; to++) {
        u64 value = bench_get(b, to, bytes);
        for (u32 i = 0; i < bytes; i++)
            if (to + i > at && to + i < at + 5) /* of the immediate */
                value ^= 0x5aull << (8 * i);
        b->cpu->r[RBX] = value;
        b->cpu->r[RDI] = to;
        bench_run(b, (const u8 *)store[bytes >> 1], bytes == 2 ? 4 : 3);
        b->cpu->rip = at;
        b->cpu->activity = ACT_RUNNING;
        bench_continue(b);
        assert_int_equal(b->cpu->rip, at + 6);
        assert_int_equal(b->cpu->r[RAX], bench_get(b, at + 1, 4));
    }
}

static void test_each_byte(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    static const u32 places[] = { 0x12040, 0x1207d, 0x12ffa, 0x12ffc, 0x12fff, 0x13000 };
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        for (unsigned bytes = 1; bytes <= 4; bytes *= 2) {
            put_code(b, places[i], CODE("\xb8\x11\x22\x33\x44\xf4"));
            b->cpu->rip = places[i];
            b->cpu->activity = ACT_RUNNING;
            bench_continue(b);
            assert_int_equal(b->cpu->r[RAX], 0x44332211);
            store_around(b, places[i], bytes);
        }
    bench_free(b);
}

/* An instruction that lies across two pages, changed in its second. */
static void test_crossing_instruction(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    for (u32 tail = 1; tail < 5; tail++) {
        u32 at = 0x12000 - tail;
        put_code(b, at, CODE("\xb8\x11\x11\x11\x11\xf4")); /* mov eax,imm32; hlt */
        for (u32 round = 0; round < 3; round++) {
            bench_run(b, /* jmp to it */ CODE("\xff\xe3"));
            b->cpu->rip = at;
            b->cpu->activity = ACT_RUNNING;
            bench_put(b, 0x12000, 0x20 + round, 1); /* in its second page */
            u64 want = bench_get(b, at + 1, 4);
            bench_continue(b);
            assert_int_equal(b->cpu->r[RAX], want);
        }
    }
    bench_free(b);
}

/* A string instruction writes over what follows it, in this page and into the next. */
static void test_string(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RAX] = 0x40;
    b->cpu->r[RBX] = 0;
    b->cpu->r[RCX] = 8;
    b->cpu->r[RDI] = BENCH_CODE + 2;
    bench_run(b, /* rep stosb; 8 inc ebx; hlt */ CODE("\xf3\xaa\x43\x43\x43\x43\x43\x43\x43\x43\xf4"));
    assert_int_equal(b->cpu->r[RBX], 0);
    assert_int_equal(b->cpu->r[RAX], 0x48);
    /* over itself: once its first byte is a NOP it is fetched again, as a single STOSB */
    bench_reset(b);
    b->cpu->r[RAX] = 0x90;
    b->cpu->r[RCX] = 0x2000;
    b->cpu->r[RDI] = BENCH_CODE + 0x800;
    b->cpu->r[RBX] = 0;
    put_code(b, BENCH_CODE + 0x900, CODE("\xf3\xaa\xf4")); /* rep stosb; hlt */
    b->cpu->rip = BENCH_CODE + 0x900;
    b->cpu->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 0);
    assert_int_equal(b->cpu->r[RCX], 0x2000 - 0x101);
    assert_int_equal(b->cpu->r[RDI], BENCH_CODE + 0x902);
    bench_free(b);
}

/* The same page of memory at two linear addresses: executed at one, written at the other. */
static void test_alias(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    bench_put(b, BENCH_PTE(0x40), BENCH_CODE | 7, 8);
    for (unsigned round = 0; round < 3; round++) {
        bench_run(b, /* mov byte [0x40009],0x42; nop; mov al,0; hlt */ CODE(
                      "\xc6\x04\x25\x0a\x00\x04\x00\x42\x90\xb0\x00\xf4"));
        assert_int_equal(b->cpu->r[RAX] & 0xff, 0x42);
    }
    /* executed at both, written at one: 40100 is 10100 */
    put_code(b, BENCH_CODE + 0x100, CODE("\xb0\x01\xc3")); /* mov al,1; ret */
    bench_run(b, /* call 0x40100; mov ebx,eax; mov byte [0x10101],7; call 0x40100; mov ecx,eax; call 0x10100; hlt */
              CODE("\xe8\xfb\x00\x03\x00\x88\xc3\xc6\x04\x25\x01\x01\x01\x00\x07\xe8\xec\x00\x03\x00\x88\xc1\xe8\xe5"
                   "\x00\x00\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX] & 0xff, 1);
    assert_int_equal(b->cpu->r[RCX] & 0xff, 7);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 7);
    bench_free(b);
}

/* A device writes into decoded code between two runs, and in the middle of one (from a port write). */
static void patch_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct bench *b = dev;
    u8 v = (u8)value;
    (void)offset, (void)size;
    space_write_bytes(&b->mem, BENCH_CODE + 7, &v, 1);
}

static u64 patch_read(void *dev, u64 offset, unsigned size)
{
    return (void)dev, (void)offset, (void)size, 0;
}
static const struct region_ops dma_ops = { patch_read, patch_write, 1, 4 };

static void test_dma(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    static const u8 code[] = "\xb0\x01\xeb\x00\xf4"; /* mov al,1; jmp; hlt */
    bench_run(b, code, 5);
    u8 two = 2;
    space_write_bytes(&b->mem, BENCH_CODE + 1, &two, 1);
    b->cpu->rip = BENCH_CODE;
    b->cpu->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 2);

    struct region device;
    region_init_io(&device, "dma", 0x1000, &dma_ops, b);
    region_add(&b->root, 0xe00000, &device, 1);
    for (unsigned round = 0; round < 3; round++) {
        b->cpu->r[RCX] = 0x50 + round;
        bench_run(b, /* mov [0xe00000],ecx; mov al,0; hlt */ CODE("\x89\x0d\x00\x00\xe0\x00\xb0\x00\xf4"));
        assert_int_equal(b->cpu->r[RAX] & 0xff, 0x50 + round);
    }
    region_remove(&device);
    bench_free(b);
}

/* The write may be an instruction's push, an RMW, a 16-byte store, an x87 store or a system structure's update. */
static void test_by_other_writes(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RSP] = BENCH_CODE + 9;
    bench_run(b, /* push 0x07b007b0; nop; mov al,0; ... hlt: writes mov al,7; mov al,7 at 10005 */
              CODE("\x68\xb0\x07\xb0\x07\xb0\x00\xb0\x00\xf4"));
    assert_int_equal(b->cpu->r[RAX] & 0xff, 7);
    bench_reset(b);
    bench_run(b, /* add byte [0x10008],5; mov al,1; hlt */ CODE("\x80\x05\x08\x00\x01\x00\x05\xb0\x01\xf4"));
    assert_int_equal(b->cpu->r[RAX] & 0xff, 6);
    bench_reset(b);
    bench_put(b, BENCH_DATA, 0xf4f409b0, 4);
    bench_run(b, /* movups xmm0,[0x4000]; movups [0x10010],xmm0; nop; nop; mov al,1; hlt */
              CODE("\x0f\x10\x05\x00\x00\x02\x00\x0f\x11\x05\x10\x00\x01\x00\x90\x90\xb0\x01\xf4"));
    assert_int_equal(b->cpu->r[RAX] & 0xff, 9);
    bench_reset(b);
    bench_run(b, /* fninit; fild dword [0x4000]; fistp dword [0x1000f]; nop; mov al,1; hlt */
              CODE("\xdb\xe3\xdb\x05\x00\x00\x02\x00\xdb\x1d\x0f\x00\x01\x00\x90\xb0\x01\xf4"));
    assert_int_equal(b->cpu->r[RAX] & 0xff, 9);
    bench_reset(b);
    b->cpu->r[RDX] = 0;
    bench_run(b, /* sgdt [0x10007]: limit 00FF, which is inc dword [eax], and two additions of 0 */ CODE(
                  "\x0f\x01\x05\x07\x00\x01\x00\xb0\x00\xb0\x00\xb0\x00\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(bench_get(b, 0, 4), 1);
    bench_free(b);
}

/* Page-table writes by the processor itself: the accessed bit of an entry that is also code. */
static void test_accessed_bit_in_code(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u32 pte =
        BENCH_PTE(0x60); /* low byte 07 -> 27 when page 60 is read: 07 is POP ES (#UD), 27 is DAA (#UD) in 64-bit code;
                          * so the entry is read as data by an instruction stream that holds it as an immediate */
    put_code(b, pte - 1, CODE("\xb8")); /* mov eax, imm32 = the entry */
    bench_put(b, pte + 4, 0xf4, 1);     /* hlt: bits 32-39 of the entry: reserved and ignored by nobody */
    b->cpu->rip = pte - 1;
    b->cpu->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(b->cpu->r[RAX], 0x60007);
    bench_put(b, pte + 4, 0, 1);
    bench_run(b, /* mov ebx,[0x60000]; hlt */ CODE("\x8b\x1c\x25\x00\x00\x06\x00\xf4"));
    bench_put(b, pte + 4, 0xf4, 1);
    b->cpu->rip = pte - 1;
    b->cpu->activity = ACT_RUNNING;
    bench_continue(b);
    assert_int_equal(b->cpu->r[RAX], 0x60027);
    bench_free(b);
}

/* The mapping changes instead of the bytes. */
static void test_remapped(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    put_code(b, 0x40000, CODE("\xb0\x01\xc3")); /* mov al,1; ret */
    put_code(b, 0x41000, CODE("\xb0\x02\xc3"));
    b->cpu->r[RBX] = 0x40000;
    b->cpu->r[RCX] = BENCH_PTE(0x40);
    bench_run(b, /* call rbx; mov edx,eax; mov dword [rcx],0x41007; invlpg [rbx]; call rbx; hlt */
              CODE("\xff\xd3\x88\xc2\xc7\x01\x07\x10\x04\x00\x0f\x01\x3b\xff\xd3\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RDX] & 0xff, 1);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 2);
    bench_free(b);
}

/* The same bytes in another mode are other instructions: 40 is INC EAX or a prefix. */
static void test_mode_is_part_of_it(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    static const u8 code[] = "\x40\x66\x40\x40\xf4";
    for (u32 i = 0; i < 3; i++) { /* 32-bit: inc eax; inc ax; inc eax. 16-bit: inc ax; inc eax; inc ax */
        put_code(b, 0x7000, code, 5);
        b->cpu->seg[CS].attr ^= i ? DESC_DB : 0;
        b->cpu->r[RAX] = 0xfffe;
        b->cpu->rip = 0x7000;
        b->cpu->activity = ACT_RUNNING;
        cpu_update_mode(b->cpu);
        bench_continue(b);
        assert_int_equal(b->cpu->r[RAX], i == 1 ? 0x10001 : 1);
    }
    bench_free(b);
}

/* What is built anew each time around a loop that stores into its own line: the patched block alone, and nothing where
 * the bytes are there already. */
static void test_what_is_built(void **state)
{
    (void)state;
    /* mov byte [patched + 1],cl (or 7) ; jmp patched ; patched: mov al,7 ; loop to the start ; hlt */
    static const u8 changes[] = { 0x88, 0x0d, 9, 0, 1, 0, 0xeb, 0, 0xb0, 7, 0xe2, 0xf4, 0xf4 };
    static const u8 same[] = { 0xc6, 0x05, 10, 0, 1, 0, 7, 0xeb, 0, 0xb0, 7, 0xe2, 0xf3, 0xf4 };
    struct bench *b = bench_new(BENCH_32);
    b->cpu->r[RCX] = 200;
    u64 built = b->cpu->blocks->built;
    bench_run(b, changes, sizeof changes);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 1);
    assert_in_range(b->cpu->blocks->built - built, 200, 210);
    b->cpu->r[RCX] = 200;
    built = b->cpu->blocks->built;
    bench_run(b, same, sizeof same);
    assert_int_equal(b->cpu->r[RAX] & 0xff, 7);
    assert_in_range(b->cpu->blocks->built - built, 1, 10);
    bench_free(b);
}

/* Somebody wrote a whole page that has code in lines far from each other. */
static void test_whole_page(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    const u32 page = 0x40000;
    for (u8 value = 1; value < 4; value++) {
        for (u32 line = 0; line < 32; line += 3) /* add eax,value ; ret */
            memcpy(b->m + page + line * 128, (const u8[]){ 0x83, 0xc0, value, 0xc3 }, 4);
        ram_code_written(&b->pool, page >> PAGE_SHIFT, UINT32_MAX);
        b->cpu->r[RAX] = 0;
        b->cpu->r[RBX] = page;
        b->cpu->r[RCX] = 11;
        bench_run(b, CODE("\xff\xd3\x81\xc3\x80\x01\x00\x00\xe2\xf6\xf4")); /* call ebx ; add ebx,0x180 ; loop */
        assert_int_equal(b->cpu->r[RAX], 11 * value);
    }
    bench_free(b);
}

/* ---- random stores into random code ---- */

#define SLOTS 24u
#define SLOT 16u
#define TURNS 12u

/* Arithmetic whose opcode and operand are written by stores among it, of which some end a block, in three lines. */
static void put_random_code(struct bench *b, u64 seed)
{
    static const u8 arithmetic[] = { 0x05, 0x2d, 0x35 }; /* add, sub, xor eax,imm32 */
    bool stores[SLOTS];
    for (u32 i = 0, at = BENCH_CODE; i < SLOTS; i++, at += SLOT) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        u32 r = (u32)(seed >> 33), victim = BENCH_CODE + (r >> 8) % SLOTS * SLOT, offset = (r >> 4) % 3;
        memset(b->m + at, 0x90, SLOT);
        stores[i] = r % 3 == 0;
        if (!stores[i]) {
            b->m[at] = arithmetic[r % 3];
            bench_put(b, at + 1, seed >> 8, 4);
        } else if (offset == 0) { /* mov byte [victim],opcode */
            memcpy(b->m + at, "\xc6\x05", 2);
            bench_put(b, at + 2, victim, 4);
            b->m[at + 6] = arithmetic[(r >> 16) % 3];
        } else { /* mov [victim + 1 or 2],eax */
            b->m[at] = 0xa3;
            bench_put(b, at + 1, victim + offset - (offset == 2 && i % 2), 4);
        }
        if (r & 0x40000)
            memcpy(b->m + at + SLOT - 2, "\xeb\x00", 2); /* jmp to the next slot */
    }
    memcpy(b->m + BENCH_CODE + SLOTS * SLOT, "\x49\x0f\x85", 3); /* dec ecx ; jnz to the start ; hlt */
    bench_put(b, BENCH_CODE + SLOTS * SLOT + 3, (u32) - (s32)(SLOTS * SLOT + 7), 4);
    b->m[BENCH_CODE + SLOTS * SLOT + 7] = 0xf4;
    b->cpu->r[RCX] = TURNS;
    b->cpu->r[RAX] = seed;
    b->cpu->rip = BENCH_CODE;
}

/* With blocks, and with a cache that is emptied before each instruction: the same. */
static void test_random(void **state)
{
    (void)state;
    u64 dropped = 0;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct bench *b[2];
        for (unsigned i = 0; i < 2; i++) {
            b[i] = bench_new(BENCH_32);
            put_random_code(b[i], seed);
            while (cpu_has_work(b[i]->cpu) && cpu_icount(b[i]->cpu) < 4000) {
                if (i)
                    block_cache_flush(b[i]->cpu->blocks);
                cpu_run(b[i]->cpu, i ? 1 : 4000 - cpu_icount(b[i]->cpu));
            }
        }
        assert_memory_equal(b[0]->cpu->r, b[1]->cpu->r, R_ZERO * sizeof(u64));
        assert_memory_equal(b[0]->m, b[1]->m, BENCH_STACK0);
        assert_int_equal(b[0]->cpu->rip, b[1]->cpu->rip);
        assert_int_equal(cpu_icount(b[0]->cpu), cpu_icount(b[1]->cpu));
        dropped += b[0]->cpu->blocks->built > 2 * SLOTS;
        bench_free(b[0]);
        bench_free(b[1]);
    }
    assert_true(dropped > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_instruction),
        cmocka_unit_test(test_itself),
        cmocka_unit_test(test_patched_loop),
        cmocka_unit_test(test_data_beside_code),
        cmocka_unit_test(test_each_byte),
        cmocka_unit_test(test_crossing_instruction),
        cmocka_unit_test(test_string),
        cmocka_unit_test(test_alias),
        cmocka_unit_test(test_dma),
        cmocka_unit_test(test_by_other_writes),
        cmocka_unit_test(test_accessed_bit_in_code),
        cmocka_unit_test(test_remapped),
        cmocka_unit_test(test_mode_is_part_of_it),
        cmocka_unit_test(test_what_is_built),
        cmocka_unit_test(test_whole_page),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
