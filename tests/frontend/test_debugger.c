/* test_debugger.c: the debugger at a machine of its own, without the front end around it: motion and history, symbols,
 * descriptors, and lines of nonsense, of which none may do harm (run it under AddressSanitizer). */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include <unistd.h>

#include "calls_guest.h"
#include "debugger.h"
#include "desc.h"
#include "symbols.h"

#define FUZZ_LINES 30000

struct bench {
    struct log log;
    u8 rom[ROM_SIZE];
    struct machine *machine;
    struct timeline *timeline;
    struct control control;
    struct debugger debugger;
    FILE *out;
    char *text;
    size_t len;
};

static enum machine_status run_machine(void *self)
{
    struct bench *b = self;
    return timeline_run(b->timeline);
}

static bool nobody_interrupts(void *self)
{
    (void)self;
    return false;
}

static bool no_change(void *self, const char *name, const char *file, enum control_mode mode, bool force, FILE *err)
{
    (void)self, (void)file, (void)mode, (void)force;
    fprintf(err, "Device '%s' not found\n", name);
    return false;
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    put_calls_guest(b->rom);
    struct machine_config c = {
        .ram_size = MIB, .bios = b->rom, .bios_size = ROM_SIZE, .icount_shift = 3, .slice_insns = 1000, .log = &b->log
    };
    b->machine = machine_new(&c);
    assert_non_null(b->machine);
    b->timeline = timeline_new(b->machine, &(struct timeline_config){ .spacing = 500 });
    assert_non_null(b->timeline);
    b->control = (struct control){ .machine = b->machine, .log = &b->log, .version = "1.2", .change = no_change };
    b->out = open_memstream(&b->text, &b->len);
    struct debugger_host host = {
        .self = b, .run = run_machine, .interrupted = nobody_interrupts, .timeline = b->timeline
    };
    assert_true(debugger_init(&b->debugger, &b->control, &host, b->out));
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    debugger_free(&b->debugger);
    timeline_free(b->timeline);
    machine_free(b->machine);
    fclose(b->out);
    free(b->text);
    free(b);
    return 0;
}

/* What the command prints. */
static const char *says(struct bench *b, const char *line)
{
    fflush(b->out);
    rewind(b->out);
    debugger_command(&b->debugger, line);
    fputc(0, b->out);
    fflush(b->out);
    return b->text;
}

static u64 at(struct bench *b)
{
    struct view v;
    view_take(&v, b->machine, 0);
    return v.r.rip;
}

static void motion(void **state)
{
    struct bench *b = *state;
    says(b, "step 5");
    assert_int_equal(at(b), 9);
    says(b, "next");
    assert_int_equal(at(b), 0xc);
    says(b, "until f000:20");
    assert_int_equal(at(b), 0x20);
    says(b, "finish");
    assert_int_equal(at(b), 0xc);
    says(b, "nonsense");
    assert_true(b->debugger.failed);
}

static void history(void **state)
{
    struct bench *b = *state;
    says(b, "tbreak exec 0xf0010 if word [0x500] == 30");
    says(b, "continue");
    assert_int_equal(at(b), 0x10);
    assert_non_null(strstr(says(b, "p/d word [0x500]"), "30"));
    says(b, "when word [0x500] = 20");
    assert_non_null(strstr(says(b, "p/d word [0x500]"), "20"));
    assert_int_equal(at(b), 0x10);
    says(b, "reverse-step");
    assert_int_equal(at(b), 0xc);
    says(b, "reverse-next");
    assert_int_equal(at(b), 9);
    says(b, "goto 0");
    assert_int_equal(at(b), RESET_VECTOR);
    says(b, "break change 0x500 2");
    says(b, "goto 200");
    says(b, "reverse-continue");
    assert_int_equal(b->debugger.event.kind, PROBE_WRITE);
    assert_int_equal(b->debugger.event.value, b->debugger.event.old + 1);
}

/* Branches are found by running the past again, and nothing else notices. */
static void branches(void **state)
{
    struct bench *b = *state;
    says(b, "break exec 0xf000c");
    says(b, "ignore 1 1000000");
    says(b, "until count 5000");
    const struct breakpoint *passed = NULL;
    for (unsigned i = 0; i < BREAKPOINTS_MAX; i++)
        passed = b->debugger.breakpoint[i].number == 1 ? &b->debugger.breakpoint[i] : passed;
    assert_non_null(passed);
    u64 ignore = passed->ignore, here = machine_icount(b->machine);
    assert_true(ignore < 1000000);
    says(b, "info branches 2000");
    assert_true(b->debugger.branches >= BRANCHES);
    const char *text = says(b, "info branches 5");
    assert_non_null(strstr(text, "000f0009 to 000f0020"));
    assert_non_null(strstr(text, "000f0024 to 000f000c"));
    assert_non_null(strstr(text, "000f0010 to 000f0009"));
    text = says(b, "history 1024");
    assert_non_null(strstr(text, ")x341"));
    assert_int_equal(machine_icount(b->machine), here);
    assert_int_equal(passed->ignore, ignore);
    says(b, "goto 20");
    text = says(b, "info branches");
    assert_non_null(strstr(text, "fffffff0 to 000f0000"));
    assert_int_equal(machine_icount(b->machine), 20);
}

/* What was changed in the past is the present from then on. */
static void another_future(void **state)
{
    struct bench *b = *state;
    says(b, "until count 200");
    says(b, "goto 100");
    says(b, "set word 0x500 = 0x1000");
    assert_int_equal(timeline_present(b->timeline), 100);
    says(b, "until f000:10");
    assert_non_null(strstr(says(b, "p/x word [0x500]"), "0x1001"));
}

/* ---- symbols ---- */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static void map_files(void **state)
{
    (void)state;
    char path[] = "/tmp/test_debugger.XXXXXX";
    u64 value, distance;
    close(mkstemp(path));
    write_file(path, "- NASM Map file ----\n\nReal  Virtual  Name\n   0   7C00  start\n  10   7C10  .loop\n"
                     "0x00007d00                ld_symbol\n0000000000007e00 T nm_symbol\n"
                     ".text  0x7c00  0x200 lesson.o\nnot a line of symbols at all\n");
    struct symbols *s = symbols_new();
    assert_true(symbols_load(s, path, 0x100, stderr));
    unlink(path);
    assert_int_equal(symbols_count(s), 4);
    assert_true(symbols_find(s, "start", &value));
    assert_int_equal(value, 0x7d00);
    assert_true(symbols_find(s, "nm_symbol", &value));
    assert_int_equal(value, 0x7f00);
    assert_string_equal(symbols_at(s, 0x7d15, &distance), ".loop");
    assert_int_equal(distance, 5);
    assert_null(symbols_at(s, 0x7cff, &distance));
    assert_null(symbols_name(s, 4));
    FILE *null = fopen("/dev/null", "w");
    assert_false(symbols_load(s, "/nonexistent", 0, null));
    fclose(null);
    symbols_free(s);
}

/* ---- descriptors ---- */

static void describes(u64 raw, u64 high, bool in_long, const char *text)
{
    struct descriptor d;
    char got[128];
    descriptor_parse(&d, raw, high, in_long);
    descriptor_describe(&d, got, sizeof got);
    assert_string_equal(got, text);
}

static void descriptors(void **state)
{
    (void)state;
    struct descriptor d;
    describes(0x00cf9a000000ffff, 0, false, "a 32-bit code segment, readable");
    describes(0x00cf92000000ffff, 0, false, "a data segment, writable");
    describes(0x00af9a000000ffff, 0, true, "a 64-bit code segment, readable");
    describes(0x0000890000000067, 0, false, "an available 32-bit TSS");
    describes(0x00008b0000000067, 0, true, "a busy 64-bit TSS");
    describes(0x00008e0000081234, 0, false, "a 32-bit interrupt gate");
    describes(0, 0, false, "an empty descriptor");
    descriptor_parse(&d, 0x12cf9a345678ffff, 0, false);
    assert_int_equal(d.base, 0x12345678);
    assert_int_equal(d.limit, 0xffffffff);
    descriptor_parse(&d, 0x1234ee0000085678, 0xffffffff, true);
    assert_int_equal(d.offset, 0xffffffff12345678);
    assert_int_equal(d.target, 8);
    assert_int_equal(d.dpl, 3);
}

/* ---- nonsense ---- */

static u64 next_random(u64 *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static void add_word(char *line, size_t size, u64 *seed)
{
    static const char *const words[] = { "step",
                                         "next",
                                         "finish",
                                         "until",
                                         "break",
                                         "tbreak",
                                         "watch",
                                         "delete",
                                         "enable",
                                         "disable",
                                         "ignore",
                                         "condition",
                                         "explain",
                                         "why",
                                         "where",
                                         "list",
                                         "bt",
                                         "x",
                                         "/4xb",
                                         "/3i",
                                         "/999i",
                                         "history",
                                         "set",
                                         "echo",
                                         "help",
                                         "info",
                                         "gdt",
                                         "ldt",
                                         "idt",
                                         "ivt",
                                         "tss",
                                         "cr",
                                         "msr",
                                         "mode",
                                         "paging",
                                         "flags",
                                         "bda",
                                         "ebda",
                                         "e820",
                                         "acpi",
                                         "breakpoints",
                                         "pit",
                                         "vga",
                                         "hpet",
                                         "ide",
                                         "symbol",
                                         "timeline",
                                         "branches",
                                         "reverse-step",
                                         "rn",
                                         "rc",
                                         "goto",
                                         "who-wrote",
                                         "when",
                                         "exec",
                                         "read",
                                         "write",
                                         "access",
                                         "change",
                                         "port",
                                         "mmio",
                                         "interrupt",
                                         "exception",
                                         "#gp",
                                         "real",
                                         "long",
                                         "task",
                                         "block",
                                         "branch",
                                         "magic",
                                         "text",
                                         "count",
                                         "0",
                                         "1",
                                         "-1",
                                         "0x500",
                                         "f000:20",
                                         "es:0",
                                         "ax",
                                         "=",
                                         "==",
                                         "[",
                                         "]",
                                         "(",
                                         ")",
                                         "if",
                                         "byte",
                                         "word",
                                         "handlers",
                                         "on",
                                         "off",
                                         "phys",
                                         "layout",
                                         "p",
                                         "0xffffffffffffffff",
                                         "\"",
                                         "*",
                                         "cs.base",
                                         "/",
                                         "%",
                                         "icount",
                                         "+",
                                         "20",
                                         "7c00h",
                                         "registers",
                                         "mem",
                                         "tlb",
                                         "mtree",
                                         "pic",
                                         "lapic" };
    size_t len = strlen(line);
    snprintf(line + len, size - len, "%s ", words[next_random(seed) % ARRAY_LEN(words)]);
}

/* A run that nothing stops is not what is tried here. */
static bool runs_for_ever(const char *line)
{
    return strncmp(line, "until", 5) == 0 || strncmp(line, "u ", 2) == 0 || strncmp(line, "finish", 6) == 0 ||
           strncmp(line, "step -", 6) == 0 || strncmp(line, "step 0x", 7) == 0 || strncmp(line, "next ", 5) == 0 ||
           strncmp(line, "step ", 5) == 0;
}

static void nonsense(void **state)
{
    struct bench *b = *state;
    u64 seed = 0xdeb9;
    says(b, "until count 300");
    for (unsigned i = 0; i < FUZZ_LINES; i++) {
        char line[256] = "";
        for (u64 n = next_random(&seed) % 6 + 1; n; n--)
            add_word(line, sizeof line, &seed);
        if (!runs_for_ever(line))
            says(b, line);
        assert_true(b->len < 64 * MIB);
        b->debugger.quit = false;
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(motion),
        TEST(history),
        TEST(branches),
        TEST(another_future),
        cmocka_unit_test(map_files),
        cmocka_unit_test(descriptors),
        TEST(nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
