/* History is a function of the machine alone: the same program in slices of 1, 2, 3, 7, 1000 and all instructions, with
 * warm and with cold caches, ends in the same state and makes the same accesses to devices at the same instructions.
 * With probes for everything that happens history is the same, too, and they are told the same in every slice.
 * First a program of our own with a device, interrupts, string instructions, code that writes itself, single steps and
 * HLT; then random rows of the table, faults included. */
#include "block.h"
#include "encode.h"
#include "harness.h"
#include "probe_set.h"

#include <stdlib.h>

#define DEVICE 0xe00000u
#define COUNTER 0x21000u
#define IRQ_VECTOR 0x80u
#define PERIOD 97u /* instructions between two interrupts */
#define ALL UINT64_MAX
#define COLD_LIMIT 1200                     /* instructions, where the cache is emptied before each slice */
enum { REG_IRQ_NOW = 8, REG_IRQ_IN = 0xc }; /* the device: reads give the time, writes here raise an interrupt */

struct machine {
    struct bench *b;
    struct region device;
    u64 next; /* instruction count of the next interrupt */
    u64 log;  /* hash over all accesses to the device: when, where, what */
    bool periodic;
    struct probe probe;
    struct probe_set probes;
    u64 others; /* instructions of other processors: none */
    u64 told;   /* hash over all events */
    u64 events;
};

static void note(struct machine *m, u64 what)
{
    u64 when = cpu_icount(m->b->cpu);
    m->log = (m->log ^ when) * 0x100000001b3u;
    m->log = (m->log ^ what) * 0x100000001b3u;
}

static void raise_interrupt(struct machine *m)
{
    m->b->pending = (int)IRQ_VECTOR;
    cpu_set_intr(m->b->cpu, true);
}

static u64 device_read(void *dev, u64 offset, unsigned size)
{
    struct machine *m = dev;
    note(m, offset << 4 | size);
    return cpu_icount(m->b->cpu);
}

static void device_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct machine *m = dev;
    note(m, offset << 40 | (u64)size << 36 | (u32)value);
    if (offset == REG_IRQ_NOW)
        raise_interrupt(m);
    if (offset != REG_IRQ_IN)
        return;
    m->next = cpu_icount(m->b->cpu) + value;
    cpu_run_until(m->b->cpu, m->next);
}

static const struct region_ops device_ops = { device_read, device_write, 1, 8 };

static struct machine *machine_new(enum bench_mode mode, bool periodic)
{
    struct machine *m = calloc(1, sizeof *m);
    m->b = bench_new(mode);
    m->next = periodic ? PERIOD : ALL;
    m->periodic = periodic;
    region_init_io(&m->device, "device", 0x1000, &device_ops, m);
    region_add(&m->b->root, DEVICE, &m->device, 1);
    return m;
}

static void machine_free(struct machine *m)
{
    bench_free(m->b);
    free(m);
}

#define NOTE(field) m->told = (m->told ^ (u64)(field)) * 0x100000001b3u

static enum probe_answer note_event(void *self, const struct probe_event *e)
{
    struct machine *m = self;
    if (e->kind == PROBE_TLB && e->fetch)
        return PROBE_GO; /* when instructions are fetched is the caches' business */
    m->events++;
    NOTE(e->kind);
    NOTE(e->icount);
    NOTE(e->rip);
    NOTE(e->linear);
    NOTE(e->addr);
    NOTE(e->physical);
    NOTE(e->old);
    NOTE(e->value);
    NOTE(e->error);
    NOTE(e->size);
    NOTE(e->vector);
    NOTE(e->source);
    NOTE(e->write);
    NOTE(e->length);
    for (unsigned i = 0; i < e->length; i++)
        NOTE(e->bytes[i]);
    return PROBE_GO;
}

static void watch(struct machine *m, u32 kinds, u64 first, u64 last)
{
    m->probe = (struct probe){ kinds, DEBUG_LINEAR, first, last, -1, note_event, m };
    m->probes = (struct probe_set){ .probe = &m->probe, .count = 1, .kinds = kinds, .icount_others = &m->others };
    assert_true(cpu_set_probes(m->b->cpu, &m->probes, 0));
}

/* Runs `limit` instructions in slices of `slice`, or until it halts for good. */
static void machine_run(struct machine *m, u64 slice, u64 limit, bool cold)
{
    struct cpu *c = m->b->cpu;
    while (cpu_icount(c) < limit && !m->b->shutdown) {
        u64 now = cpu_icount(c);
        if (now >= m->next) {
            m->next = m->periodic ? now + PERIOD : ALL;
            raise_interrupt(m);
        }
        if (cold)
            block_cache_flush(c->blocks);
        u64 end = m->next < limit ? m->next : limit, n = end - now < slice ? end - now : slice;
        cpu_run(c, n);
        if (cpu_has_work(c))
            continue;
        if (m->next == ALL || !cpu_interrupts_enabled(c))
            break;
        cpu_set_icount(c, m->next > cpu_icount(c) ? m->next : cpu_icount(c)); /* idle time is skipped */
    }
}

static u64 machine_hash(const struct machine *m)
{
    u64 h = state_hash(&cpu_state_table, m->b->cpu, m->log);
    for (u32 at = 0; at < 0x100000; at += 8)
        h = (h ^ get_le64(m->b->m + at)) * 0x100000001b3u;
    return h;
}

static void put_handler(struct bench *b, unsigned vector, const u8 *code, size_t len)
{
    for (u32 i = 0; i < len; i++)
        bench_put(b, BENCH_HANDLERS + 16 * vector + i, code[i], 1);
}

/* Compares every way to run with all instructions in one go. `make` gives a machine ready to run. */
static void check_all_slices(struct machine *(*make)(unsigned seed), unsigned seed, u64 limit)
{
    static const u64 slices[] = { ALL, 1, 2, 3, 7, 31, 1000 };
    u64 want = 0, instructions = 0;
    for (unsigned i = 0; i < 2 * ARRAY_LEN(slices); i++) {
        bool cold = i >= ARRAY_LEN(slices);
        struct machine *m = make(seed);
        machine_run(m, slices[i % ARRAY_LEN(slices)], cold ? COLD_LIMIT : limit, cold);
        u64 h = machine_hash(m), n = cpu_icount(m->b->cpu);
        if (i % ARRAY_LEN(slices) == 0) {
            want = h;
            instructions = n;
        } else if (h != want) {
            fail_msg("seed %u: slices of %llu, caches %s: another history (%llu and %llu instructions)", seed,
                     (unsigned long long)slices[i % ARRAY_LEN(slices)], cold ? "cold" : "warm", (unsigned long long)n,
                     (unsigned long long)instructions);
        }
        machine_free(m);
    }
}

/* Who watches changes nothing, and sees the same however long the slices are. */
static void check_watched(struct machine *(*make)(unsigned seed), unsigned seed, u64 limit, u32 kinds, u64 first)
{
    static const u64 slices[] = { ALL, 1, 3, 1000 };
    struct machine *m = make(seed);
    machine_run(m, ALL, limit, false);
    u64 want = machine_hash(m), told = 0;
    machine_free(m);
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++) {
        m = make(seed);
        watch(m, kinds, first, first ? first + 0xfff : UINT64_MAX);
        machine_run(m, slices[i], limit, false);
        if (machine_hash(m) != want)
            fail_msg("seed %u, probes %x, slices of %llu: another history", seed, kinds, (unsigned long long)slices[i]);
        assert_true(m->events > 0);
        if (i == 0)
            told = m->told;
        if (m->told != told)
            fail_msg("seed %u, probes %x, slices of %llu: told otherwise", seed, kinds, (unsigned long long)slices[i]);
        machine_free(m);
    }
}

static void check_all_probes(struct machine *(*make)(unsigned seed), unsigned seed, u64 limit)
{
    check_watched(make, seed, limit, PROBE_ALL_KINDS, 0);
    check_watched(make, seed, limit, BIT(PROBE_EXEC), 0);
    check_watched(make, seed, limit, BIT(PROBE_READ) | BIT(PROBE_WRITE) | BIT(PROBE_EXEC), BENCH_CODE);
    check_watched(make, seed, limit, PROBE_ALL_KINDS & ~(BIT(PROBE_EXEC) | BIT(PROBE_READ) | BIT(PROBE_WRITE)), 0);
}

/* ---- a program with everything in it ---- */

/* clang-format off */
static const u8 program[] =
    "\xfb" /* sti */
    "\xbd\x28\x00\x00\x00" /* mov ebp, 40 */
    "\xb9\x32\x00\x00\x00" /* outer: mov ecx, 50 */
    "\x48\x01\xc8" /* inner: add rax, rcx */
    "\x48\x6b\xd0\x07" /* imul rdx, rax, 7 */
    "\x48\x11\xda" /* adc rdx, rbx */
    "\x48\x89\x14\xcd\x00\x00\x02\x00" /* mov [0x20000 + rcx*8], rdx */
    "\x48\x33\x1c\xcd\x08\x00\x02\x00" /* xor rbx, [0x20008 + rcx*8] */
    "\xff\xc9" /* dec ecx */
    "\x75\xe2" /* jnz inner */
    "\x48\x8b\x34\x25\x00\x00\xe0\x00" /* mov rsi, [DEV] */
    "\x49\x01\xf0" /* add r8, rsi */
    "\x89\x2c\x25\x08\x00\xe0\x00" /* mov [DEV + 8], ebp */
    "\x4c\x03\x04\x25\x00\x10\x02\x00" /* add r8, [0x21000] */
    "\xfa" /* cli */
    "\x89\x2c\x25\x08\x00\xe0\x00" /* mov [DEV + 8], ebp */
    "\x90" /* nop */
    "\xfb" /* sti */
    "\x90" /* nop */
    "\x90" /* nop */
    "\xfa" /* cli */
    "\x89\x2c\x25\x08\x00\xe0\x00" /* mov [DEV + 8], ebp */
    "\x66\x8c\xd0" /* mov ax, ss */
    "\xfb" /* sti */
    "\x8e\xd0" /* mov ss, ax */
    "\x90" /* nop */
    "\x90" /* nop */
    "\xb9\xbc\x02\x00\x00" /* mov ecx, 700 */
    "\xbe\x00\x00\x02\x00" /* mov esi, 0x20000 */
    "\xbf\xf0\x2f\x02\x00" /* mov edi, 0x22ff0 */
    "\xf3\x48\xa5" /* rep movsq */
    "\xb9\x28\x00\x00\x00" /* mov ecx, 40 */
    "\xbe\x00\x00\x02\x00" /* mov esi, 0x20000 */
    "\xbf\x00\x01\xe0\x00" /* mov edi, DEV + 0x100 */
    "\xf3\xa5" /* rep movsd */
    "\xb9\x28\x23\x00\x00" /* mov ecx, 9000 */
    "\xbf\x01\x70\x02\x00" /* mov edi, 0x27001 */
    "\x40\x88\xe8" /* mov al, bpl */
    "\xf3\xaa" /* rep stosb */
    "\xbf\x01\x70\x02\x00" /* mov edi, 0x27001 */
    "\xb9\x29\x23\x00\x00" /* mov ecx, 9001 */
    "\xf3\xae" /* repe scasb */
    "\x49\x01\xc9" /* add r9, rcx */
    "\x40\x88\x2d\x04\x00\x00\x00" /* mov [rel patch + 1], bpl */
    "\x49\xff\xc2" /* inc r10 */
    "\xb1\x00" /* patch: mov cl, 0 */
    "\x49\x01\xca" /* add r10, rcx */
    "\xe8\x3a\x00\x00\x00" /* call sub */
    "\x89\xe8" /* mov eax, ebp */
    "\xe6\x55" /* out 0x55, al */
    "\xed" /* in eax, dx */
    "\x0f\x31" /* rdtsc */
    "\x49\x01\xc3" /* add r11, rax */
    "\xc7\x04\x25\x0c\x00\xe0\x00\x05\x00\x00\x00" /* mov dword [DEV + 0xc], 5 */
    "\xf4" /* hlt */
    "\x9c" /* pushfq */
    "\x81\x0c\x24\x00\x01\x00\x00" /* or dword [rsp], 0x100 */
    "\x9d" /* popfq */
    "\x90" /* nop */
    "\x49\x83\xc4\x01" /* add r12, 1 */
    "\x4d\x01\xe5" /* add r13, r12 */
    "\x9c" /* pushfq */
    "\x81\x24\x24\xff\xfe\xff\xff" /* and dword [rsp], ~0x100 */
    "\x9d" /* popfq */
    "\xff\xcd" /* dec ebp */
    "\x0f\x85\x1a\xff\xff\xff" /* jnz outer */
    "\xfa" /* cli */
    "\xf4" /* hlt */
    "\x53" /* sub: push rbx */
    "\x31\xd2" /* xor edx, edx */
    "\xb9\x03\x00\x00\x00" /* mov ecx, 3 */
    "\x48\x89\xd8" /* mov rax, rbx */
    "\x48\xf7\xf1" /* div rcx */
    "\x49\x01\xc6" /* add r14, rax */
    "\x48\xf7\xf2" /* div rdx */
    "\x49\x01\xd6" /* add r14, rdx */
    "\x90" /* nop */
    "\x90" /* nop */
    "\x90" /* nop */
    "\x5b" /* pop rbx */
    "\xc3"; /* ret */
/* clang-format on */

static struct machine *make_program(unsigned seed)
{
    struct machine *m = machine_new(BENCH_64, seed != 0);
    struct bench *b = m->b;
    for (u32 i = 0; i < sizeof program - 1; i++)
        bench_put(b, BENCH_CODE + i, program[i], 1);
    put_handler(b, EXC_DE, CODE("\x48\x83\x04\x24\x03\x48\xcf"));                 /* add qword [rsp],3; iretq */
    put_handler(b, EXC_DB, CODE("\x49\xff\xc7\x48\xcf"));                         /* inc r15; iretq */
    put_handler(b, IRQ_VECTOR, CODE("\x48\xff\x04\x25\x00\x10\x02\x00\x48\xcf")); /* inc qword [COUNTER]; iretq */
    b->cpu->rip = BENCH_CODE;
    return m;
}

static void test_program(void **state)
{
    (void)state;
    check_all_slices(make_program, 0, 1000000);
    check_all_slices(make_program, 1, 1000000);
    check_all_probes(make_program, 0, 1000000);
    check_all_probes(make_program, 1, 1000000);
    struct machine *m = make_program(0);
    machine_run(m, ALL, 1000000, false);
    assert_true(cpu_is_halted(m->b->cpu)); /* it came to its end, */
    assert_int_equal(m->b->cpu->r[RBP], 0);
    assert_int_equal(m->b->cpu->r[R12], 40);
    assert_int_equal(m->b->cpu->r[R15], 40 * 6);           /* single-stepped: nop to popf, 6 instructions, */
    assert_int_equal(bench_get(m->b, COUNTER, 4), 40 * 4); /* and saw four interrupts each time */
    machine_free(m);
}

/* ---- random rows ---- */

#define SLOT 64u /* bytes for each: registers are loaded, one row is run */
#define SLOTS 512u
#define OPERANDS_AT 0x60000u

static u32 next_random(u32 *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Somewhere in the data, now and then at a page's end, in the device, in the code, or nowhere. */
static u32 random_address(u32 *x)
{
    u32 r = next_random(x);
    switch (r & 15) {
    case 0:
        return OPERANDS_AT + 0xff0 + (r >> 8 & 15);
    case 1:
        return DEVICE + (r >> 8 & 0xff0) / 2 + 0x10;
    case 2:
        return BENCH_CODE + (r >> 8) % (SLOT * SLOTS);
    case 3:
        return 0x1000000 + (r >> 8 & 0xffff);
    default:
        return OPERANDS_AT + (r >> 8 & 0x1ff0);
    }
}

static bool fit_for_random(const struct row *r)
{
    static const char *const not_these[] = { "jmp",  "call",    "ret",    "jmpf",     "callf",   "retf",
                                             "iret", "syscall", "sysret", "sysenter", "sysexit", "icebp",
                                             "int",  "popf",    "les",    "lds",      "lss",     "pop" };
    for (size_t i = 0; i < ARRAY_LEN(not_these); i++)
        if (!strcmp(r->mnemonic, not_these[i]))
            return r->operand[0] == OP_Zv || (r->operand[0] == OP_Ev && r->op == 0x8f);
    return true;
}

static u32 put_load(struct bench *b, u32 at, unsigned reg, u32 value)
{
    bench_put(b, at, 0xb8 + reg, 1); /* mov r32, imm32 */
    bench_put(b, at + 1, value, 4);
    return at + 5;
}

static void put_slot(struct bench *b, u32 at, unsigned bits, u32 *x)
{
    u8 bytes[ENCODING_MAX];
    struct encoding e;
    const struct row *r;
    do {
        u32 v = next_random(x);
        r = &cpu_rows[(v >> 8) % cpu_row_count];
        e = (struct encoding){ .bits = bits,
                               .size = v & 3,
                               .memory = row_has_memory_form(r) && (v & 4),
                               .reg = v >> 3 & 7,
                               .rm = v >> 6 & 7,
                               .lock = (v & 0x30000000) == 0 };
    } while (!fit_for_random(r) || (e.size == 3 && bits != 64) || !encode_row(r, &e, 0, bytes));
    unsigned rep = next_random(x) & 1 && (r->attr & A_REP);
    for (u32 i = 0; i < SLOT; i++)
        bench_put(b, at + i, 0x90, 1);
    u32 p = put_load(b, at, RBX, random_address(x));
    p = put_load(b, p, RSI, random_address(x));
    p = put_load(b, p, RDI, random_address(x));
    p = put_load(b, p, RCX, next_random(x) % 20);
    if (rep)
        bench_put(b, p++, 0xf3, 1);
    for (u32 i = 0; i < 16; i++)
        bench_put(b, p + i, bytes[i], 1);
}

static struct machine *make_random(unsigned seed, enum bench_mode mode, unsigned bits)
{
    struct machine *m = machine_new(mode, true);
    struct bench *b = m->b;
    u32 x = 0x9e3779b9u * (seed + 1);
    for (u32 i = 0; i < SLOTS; i++)
        put_slot(b, BENCH_CODE + SLOT * i, bits, &x);
    bench_put(b, BENCH_CODE + SLOT * SLOTS, 0xfeeb, 2); /* jmp $ */
    for (u32 i = 0; i < 0x3000; i += 4)
        bench_put(b, OPERANDS_AT + i, next_random(&x), 4);
    for (unsigned v = 0; v < 32; v++) { /* on to the next slot: or qword [rsp],63; inc qword [rsp]; iretq */
        if (exception_has_error(v))
            put_handler(b, v, CODE("\x48\x83\xc4\x08\x48\x83\x0c\x24\x3f\x48\xff\x04\x24\x48\xcf"));
        else
            put_handler(b, v, CODE("\x48\x83\x0c\x24\x3f\x48\xff\x04\x24\x48\xcf"));
    }
    put_handler(b, IRQ_VECTOR, CODE("\x48\xff\x04\x25\x00\x10\x02\x00\x48\xcf"));
    b->cpu->eflags |= FL_IF | 3u << FL_IOPL_SHIFT;
    b->cpu->cr4 |= CR4_OSXSAVE | CR4_FSGSBASE;
    b->cpu->rip = BENCH_CODE;
    cpu_update_mode(b->cpu);
    return m;
}

static struct machine *make_random_64(unsigned seed)
{
    return make_random(seed, BENCH_64U, 64);
}
static struct machine *make_random_32(unsigned seed)
{
    return make_random(seed, BENCH_COMPAT, 32);
}

static void test_random_64(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 12; seed++)
        check_all_slices(make_random_64, seed, 5000);
    for (unsigned seed = 0; seed < 12; seed++)
        check_all_probes(make_random_64, seed, 5000);
}

static void test_random_32(void **state)
{
    (void)state;
    for (unsigned seed = 100; seed < 112; seed++)
        check_all_slices(make_random_32, seed, 5000);
    for (unsigned seed = 100; seed < 112; seed++)
        check_all_probes(make_random_32, seed, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_program), cmocka_unit_test(test_random_64),
                                        cmocka_unit_test(test_random_32) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
