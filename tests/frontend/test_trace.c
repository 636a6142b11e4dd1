/* test_trace.c: traces of a small program in a ROM: the same bytes from every build, text and binary forms that say the
 * same, files that can be sought, that were cut short, and that were damaged; filters, triggers, names. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "reader.h"
#include "text.h"
#include "trace.h"

#include <zlib.h>

#define ROM_SIZE 65536u
#define RESET_VECTOR 0xfff0u
#define HANDLER 0x80u
#define ROM_LINEAR 0xf0000u

/* What every build on every host writes of the program below: a new version of the format, or another count of its
 * instructions, changes it. */
#define GOLDEN_PCT 0xddbf8ffe64ac3422u
#define GOLDEN_RECORDS 214u

/* F000:0000. The loop's ADD is at 15, OUT 80 behind it. */
static const u8 program[] = {
    0xfa,                               /* cli */
    0x31, 0xc0,                         /* xor ax, ax */
    0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, /* mov ds, ax; mov es, ax; mov ss, ax */
    0xbc, 0x00, 0x7c,                   /* mov sp, 7c00 */
    0xbe, 0x00, 0x06, 0xbf, 0x00, 0x07, /* mov si, 600; mov di, 700 */
    0xb9, 0x20, 0x00, 0xf3, 0xa4,       /* mov cx, 32; rep movsb */
    0xb9, 0x0a, 0x00,                   /* mov cx, 10 */
    0x01, 0xc8, 0xe2, 0xfc,             /* loop: add ax, cx; loop loop */
    0xe6, 0x80, 0xe4, 0x92,             /* out 80, al; in al, 92 */
    0x0f, 0x20, 0xc0, 0x0c, 0x01,       /* mov eax, cr0; or al, 1 */
    0x0f, 0x22, 0xc0, 0x24, 0xfe,       /* mov cr0, eax; and al, fe */
    0x0f, 0x22, 0xc0,                   /* mov cr0, eax */
    0xc7, 0x06, 0x0c, 0x00, 0x80, 0x00, /* mov word [3 * 4], HANDLER */
    0xc7, 0x06, 0x0e, 0x00, 0x00, 0xf0, /* mov word [3 * 4 + 2], F000 */
    0xcc,                               /* int3 */
    0xb0, 0x31, 0xe6, 0xf4,             /* mov al, 31; out f4, al: the end */
    0xf4,
};
#define ADD_AT 26u
#define OUT_80_AT 30u
#define LOOPS 10u

struct bench {
    struct log log;
    u8 rom[ROM_SIZE];
    struct machine_config config;
    struct trace_options options;
    char path[64];
};

static int set_up(void **state)
{
    static const u8 jump[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 };
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    memcpy(b->rom, program, sizeof program);
    b->rom[HANDLER] = 0xcf; /* iret */
    memcpy(b->rom + RESET_VECTOR, jump, sizeof jump);
    b->config = (struct machine_config){ .ram_size = 2 * MIB,
                                         .bios = b->rom,
                                         .bios_size = ROM_SIZE,
                                         .exit_device = true,
                                         .exit_port = 0xf4,
                                         .exit_size = 4,
                                         .icount_shift = 3,
                                         .seed = 1,
                                         .log = &b->log };
    snprintf(b->path, sizeof b->path, "/tmp/pcemu-trace-%d", (int)getpid());
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    unlink(b->path);
    free(b);
    return 0;
}

static void choose(struct bench *b, const char *list)
{
    char items[128];
    const char *why;
    snprintf(items, sizeof items, "%s", list);
    b->options.items = (struct trace_items){ 0 };
    assert_null(trace_items_add(&b->options.items, items, &why));
}

/* Runs the program; `form` is the end of the file's name. */
static void trace(struct bench *b, const char *form)
{
    FILE *f = fopen(b->path, "w+");
    struct machine *m = machine_new(&b->config);
    struct tracer *t = tracer_new(&b->options, f, form);
    enum machine_status status;
    assert_non_null(m);
    assert_non_null(t);
    assert_true(tracer_attach(t, m));
    do {
        status = machine_run(m);
        assert_true(tracer_poll(t));
        if (status == MACHINE_STOPPED)
            assert_true(tracer_stopped(t));
    } while (status == MACHINE_RUNNING || status == MACHINE_STOPPED);
    assert_int_equal(status, MACHINE_DEBUG_EXIT);
    assert_true(tracer_close(t));
    machine_free(m);
    fclose(f);
}

static char *read_all(const char *path, size_t *len)
{
    FILE *f = fopen(path, "r");
    char *data = malloc(16 * MIB);
    *len = fread(data, 1, 16 * MIB - 1, f);
    data[*len] = '\0';
    fclose(f);
    return data;
}

/* A .gz of several members. */
static char *unzip(const char *path, size_t *len)
{
    gzFile f = gzopen(path, "r");
    char *data = malloc(16 * MIB);
    int n = gzread(f, data, 16 * MIB - 1);
    assert_true(n >= 0);
    *len = (size_t)n;
    data[n] = '\0';
    gzclose(f);
    return data;
}

#define EVERYTHING "exec,int,mode,cr,msr,io,mmio,mmu,mem,task,reset,halt,block,branch,in_asm,pcall"

static void every_build_writes_the_same(void **state)
{
    struct bench *b = *state;
    struct trace_reader r;
    size_t len;
    unsigned records = 0;
    u64 hash = 0xcbf29ce484222325u;
    choose(b, EVERYTHING);
    trace(b, "x.pct");
    char *data = read_all(b->path, &len);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (u8)data[i]) * 0x100000001b3u;
    free(data);
    assert_true(trace_reader_open(&r, b->path));
    while (trace_reader_next(&r))
        records++;
    assert_false(r.failed);
    trace_reader_close(&r);
    assert_int_equal(records, GOLDEN_RECORDS);
    assert_int_equal(hash, GOLDEN_PCT); /* docs/tracing.md: the format */
}

static bool to_stream(void *self, const char *text, size_t len)
{
    return fwrite(text, 1, len, self) == len;
}

static char *shown(const char *path)
{
    struct trace_reader r;
    struct trace_text text;
    char *out = NULL;
    size_t len = 0;
    const struct trace_record *e;
    FILE *f = open_memstream(&out, &len);
    assert_true(trace_reader_open(&r, path));
    assert_true(trace_text_open(&text, to_stream, f));
    while ((e = trace_reader_next(&r)))
        trace_text_record(&text, e);
    assert_false(r.failed);
    assert_true(trace_text_close(&text));
    trace_reader_close(&r);
    fclose(f);
    return out;
}

static void all_forms_agree(struct bench *b, const char *text)
{
    size_t len, packed_len;
    trace(b, "x.gz");
    char *unzipped = unzip(b->path, &packed_len);
    assert_string_equal(unzipped, text);
    free(unzipped);
    trace(b, "x.pct");
    char *binary = shown(b->path);
    assert_string_equal(binary, text);
    free(binary);
    char *plain = read_all(b->path, &len);
    trace(b, "x.pct.gz");
    binary = shown(b->path);
    assert_string_equal(binary, text);
    free(binary);
    unzipped = unzip(b->path, &packed_len);
    assert_int_equal(packed_len, len - 8); /* all but where the index is */
    free(unzipped);
    free(plain);
}

static void all_forms_say_the_same(void **state)
{
    struct bench *b = *state;
    size_t len;
    choose(b, EVERYTHING);
    trace(b, "x.txt");
    char *text = read_all(b->path, &len);
    assert_non_null(strstr(text, "; rax=37")); /* 10 + 9 + … + 1 */
    assert_non_null(strstr(text, "out 80 = 37 (ioport80)"));
    assert_non_null(strstr(text, "real -> prot16"));
    all_forms_agree(b, text);
    free(text);
}

/* They take a way of their own. */
static void instructions_alone(void **state)
{
    struct bench *b = *state;
    size_t len;
    choose(b, "exec");
    trace(b, "x.txt");
    char *text = read_all(b->path, &len);
    assert_non_null(strstr(text, "; rax=37"));
    assert_null(strstr(text, "ioport80"));
    all_forms_agree(b, text);
    free(text);
}

/* Without its end the file is read as far as it goes. */
static void a_run_that_was_killed(void **state)
{
    struct bench *b = *state;
    struct trace_reader r;
    size_t len;
    choose(b, "exec");
    for (unsigned gz = 0; gz < 2; gz++) {
        trace(b, gz ? "x.pct.gz" : "x.pct");
        char *data = read_all(b->path, &len);
        free(data);
        assert_int_equal(truncate(b->path, (off_t)len - 10), 0);
        assert_true(trace_reader_open(&r, b->path));
        assert_non_null(trace_reader_next(&r));
        assert_non_null(trace_reader_next(&r));
        trace_reader_close(&r);
    }
}

static u32 next_random(u32 *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Whatever stands in a file: it is read or refused. */
static void damaged_files(void **state)
{
    struct bench *b = *state;
    u32 x = 12345;
    size_t len;
    choose(b, EVERYTHING);
    int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO); /* each is refused with a line of its own */
    for (unsigned i = 0; i < 400; i++) {
        struct trace_reader r;
        if (i % 200 == 0)
            trace(b, i ? "x.pct.gz" : "x.pct");
        char *data = read_all(b->path, &len);
        for (unsigned n = 0; n < 4; n++)
            data[next_random(&x) % (n ? len : 64)] ^= (char)(1u << (next_random(&x) & 7));
        char damaged[80];
        snprintf(damaged, sizeof damaged, "%s-damaged", b->path);
        FILE *f = fopen(damaged, "w");
        fwrite(data, 1, len, f);
        fclose(f);
        free(data);
        unsigned records = 0;
        if (trace_reader_open(&r, damaged))
            while (trace_reader_next(&r))
                assert_true(++records < 10000000);
        trace_reader_close(&r);
        unlink(damaged);
    }
    dup2(err, STDERR_FILENO);
    close(err);
    close(null);
}

static unsigned count_kind(struct bench *b, unsigned kind, u64 *first)
{
    struct trace_reader r;
    const struct trace_record *e;
    unsigned n = 0;
    assert_true(trace_reader_open(&r, b->path));
    while ((e = trace_reader_next(&r)))
        if (e->kind == kind && n++ == 0)
            *first = e->linear;
    trace_reader_close(&r);
    return n;
}

static void ranges(void **state)
{
    struct bench *b = *state;
    u64 first = 0;
    choose(b, "exec");
    assert_true(trace_parse_ranges(&b->options, "0xf001a+2,0xf001a..0xf001b"));
    assert_int_equal(b->options.ranges, 2);
    trace(b, "x.pct");
    assert_int_equal(count_kind(b, TRACE_EXEC, &first), LOOPS); /* though both ranges have it */
    assert_int_equal(first, ROM_LINEAR + ADD_AT);
    b->options.ranges = 0;
    assert_true(trace_parse_ranges(&b->options, "0x1000-0x10"));
    assert_int_equal(b->options.range[0].first, 0xff1);
    assert_int_equal(b->options.range[0].last, 0x1000);
    static const char *const bad[] = { "", "1", "1+", "1+0", "5..4", "1+2,", "x+1", "-1+2", "1*2", "1+2;" };
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(trace_parse_ranges(&(struct trace_options){ 0 }, bad[i]));
}

static void triggers(void **state)
{
    struct bench *b = *state;
    u64 first = 0;
    choose(b, "exec");
    assert_true(trace_parse_trigger(&b->options.from, "address:0xf001e"));
    assert_true(trace_parse_trigger(&b->options.until, "mode:prot16"));
    trace(b, "x.pct");
    assert_int_equal(count_kind(b, TRACE_EXEC, &first), 5); /* out, in, mov, or, mov cr0 */
    assert_int_equal(first, ROM_LINEAR + OUT_80_AT);
    b->options.from = (struct trace_trigger){ 0 };
    assert_true(trace_parse_trigger(&b->options.until, "count:7"));
    trace(b, "x.pct");
    assert_int_equal(count_kind(b, TRACE_EXEC, &first), 7);
    assert_true(trace_parse_trigger(&b->options.from, "count:3"));
    trace(b, "x.pct");
    assert_int_equal(count_kind(b, TRACE_EXEC, &first), 4);
    static const char *const bad[] = {
        "", "address:", "count:x", "mode:fast", "text:", "when:1", "count:1x", "count:-1"
    };
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(trace_parse_trigger(&(struct trace_trigger){ 0 }, bad[i]));
}

/* Chips by their windows' names. */
static void only_a_chip(void **state)
{
    struct bench *b = *state;
    u64 first = 0;
    choose(b, "ide,pic");
    trace(b, "x.pct");
    assert_int_equal(count_kind(b, TRACE_PORT, &first), 0);
    choose(b, "io");
    trace(b, "x.pct");
    assert_int_equal(count_kind(b, TRACE_PORT, &first), 3);
    assert_true(trace_wants_name(&b->options.items, true, NULL));
    assert_false(trace_wants_name(&b->options.items, false, NULL));
    choose(b, "ide");
    assert_true(trace_wants_name(&b->options.items, true, "ide"));
    assert_false(trace_wants_name(&b->options.items, true, "rtc"));
}

static void names(void **state)
{
    struct trace_items t = { 0 };
    const char *why = NULL;
    char good[] = "int,cpu_reset,guest_errors,unimp,exec,in_asm,cpu,mmu,page,pcall,nochain", op[] = "int,op_opt",
         no[] = "exec,int2";
    (void)state;
    assert_null(trace_items_add(&t, good, &why));
    assert_true(t.unimp && t.guest && t.cpu_blocks && t.cpu_reset && !t.fault_walks_only);
    assert_string_equal(trace_items_add(&t, op, &why), "op_opt");
    assert_string_equal(why, "is about QEMU's translator");
    assert_string_equal(trace_items_add(&t, no, &why), "int2");
    assert_int_equal(trace_kinds_named("io,exec"), BIT(TRACE_PORT) | BIT(TRACE_EXEC) | BIT(TRACE_STATE));
    assert_int_equal(trace_kinds_named("io,nothing"), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(every_build_writes_the_same),
        CASE(all_forms_say_the_same),
        CASE(instructions_alone),
        CASE(a_run_that_was_killed),
        CASE(damaged_files),
        CASE(ranges),
        CASE(triggers),
        CASE(only_a_chip),
        CASE(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
