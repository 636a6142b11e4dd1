/* test_monitor.c: the monitor at a machine of its own, whose firmware halts: commands, and lines of nonsense, of which
 * none may do harm (run it under AddressSanitizer). */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include <unistd.h>

#include "debug.h"
#include "monitor.h"

#define ROM_SIZE 65536
#define RESET_VECTOR 0xfff0
#define FUZZ_LINES 20000
#define FUZZ_BYTES 200000

struct bench {
    struct log log;
    u8 rom[ROM_SIZE];
    struct machine *machine;
    struct control control;
    struct monitor monitor;
    char *text;
    size_t len;
    char directory[32];
};

static const char *drive_name(void *self, unsigned drive, char buf[16])
{
    (void)self;
    snprintf(buf, 16, "drive%u", drive);
    return buf;
}

static const char *drive_file(void *self, unsigned drive)
{
    (void)self, (void)drive;
    return NULL;
}

static bool no_eject(void *self, const char *name, bool force, FILE *err)
{
    (void)self, (void)force;
    fprintf(err, "Device '%s' not found\n", name);
    return false;
}

static bool no_change(void *self, const char *name, const char *file, enum control_mode mode, bool force, FILE *err)
{
    (void)file, (void)mode;
    return no_eject(self, name, force, err);
}

static bool no_log_file(void *self, const char *path, char *error)
{
    (void)self, (void)path;
    snprintf(error, CONTROL_ERROR_MAX, "not here");
    return false;
}

static int set_up(void **state)
{
    static const u8 program[] = { 0xfa, 0xf4 }; /* cli, hlt */
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    memcpy(b->rom + RESET_VECTOR, program, sizeof program);
    struct machine_config c = {
        .ram_size = MIB, .bios = b->rom, .bios_size = ROM_SIZE, .icount_shift = 3, .log = &b->log
    };
    b->machine = machine_new(&c);
    assert_non_null(b->machine);
    machine_run(b->machine);
    b->control = (struct control){ .machine = b->machine,
                                   .log = &b->log,
                                   .version = "1.2",
                                   .drive_name = drive_name,
                                   .drive_file = drive_file,
                                   .eject = no_eject,
                                   .change = no_change,
                                   .set_log_file = no_log_file };
    monitor_init(&b->monitor, &b->control, true);
    strcpy(b->directory, "/tmp/pcemu-monitor-XXXXXX");
    assert_non_null(mkdtemp(b->directory));
    assert_int_equal(chdir(b->directory), 0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    char command[64];
    monitor_free(&b->monitor);
    machine_free(b->machine);
    free(b->text);
    snprintf(command, sizeof command, "rm -rf %s", b->directory);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(command), 0);
    free(b);
    return 0;
}

static const char *run(struct bench *b, const char *line)
{
    free(b->text);
    FILE *out = open_memstream(&b->text, &b->len);
    monitor_command(&b->monitor, line, out);
    fclose(out);
    return b->text;
}

static void prints(struct bench *b, const char *line, const char *wanted)
{
    assert_string_equal(run(b, line), wanted);
}

static void examining(void **state)
{
    struct bench *b = *state;
    prints(b, "xp/4xb 0xffff0", "00000000000ffff0: 0xfa 0xf4 0x00 0x00\n");
    prints(b, "xp/xw 0xfffffffe", "00000000fffffffe: 0xffff0000\n"); /* nothing is above the firmware */
    prints(b, "x/2xh $pc", "00000000fffffff2: 0x0000 0x0000\n");
    prints(b, "p $eip", "0xfff2\n");
    prints(b, "p $cs", "0xf000\n");
    prints(b, "p $cs.base", "0xffff0000\n");
}

static void numbers_of_registers(void **state)
{
    struct bench *b = *state;
    prints(b, "p $r15", "0\n");
    prints(b, "p $r16", "unknown register\nTry \"help p\" for more information\n");
    prints(b, "p $espx", "unknown register\nTry \"help p\" for more information\n");
    prints(b, "p $csx", "unknown register\nTry \"help p\" for more information\n");
}

static void the_format_is_remembered(void **state)
{
    struct bench *b = *state;
    prints(b, "xp/2xb 0xffff0", "00000000000ffff0: 0xfa 0xf4\n");
    prints(b, "xp 0xffff0", "00000000000ffff0: 0xfa\n");
    prints(b, "p/d 255", "255\n");
    prints(b, "p 255", "255\n");
}

static void writing_to_memory(void **state)
{
    struct bench *b = *state;
    u8 bytes[4] = { 1, 2, 3, 4 }, got[4];
    assert_int_equal(debug_write(b->machine, 0, DEBUG_PHYSICAL, 0x5000, bytes, 4), 4);
    assert_int_equal(debug_read(b->machine, 0, DEBUG_LINEAR, 0x5000, got, 4), 4);
    assert_memory_equal(got, bytes, 4);
    prints(b, "xp/xw 0x5000", "0000000000005000: 0x04030201\n");
    prints(b, "sum 0x5000 4", "08198\n");
    assert_int_equal(debug_write(b->machine, 0, DEBUG_PHYSICAL, 0xfffffff0, bytes, 4), 0); /* ROM */
    assert_int_equal(debug_write(b->machine, 0, DEBUG_PHYSICAL, 0xfec00000, bytes, 4), 0); /* registers */
}

static void the_end_of_the_address_space(void **state)
{
    struct bench *b = *state;
    u8 bytes[16];
    assert_int_equal(debug_read(b->machine, 0, DEBUG_PHYSICAL, UINT64_MAX - 3, bytes, 16), 4);
    prints(b, "xp/8xw 0xfffffffffffffff8", "fffffffffffffff8: Cannot access memory\n");
    assert_non_null(strstr(run(b, "xp/999999999xg 0"), "pcemu shows at most 4194304 bytes\n"));
}

/* Registers of chips are read as the processor would, and then stand as they stood. */
static void reading_leaves_no_trace(void **state)
{
    struct bench *b = *state;
    u64 before = machine_hash(b->machine);
    run(b, "xp/64xw 0xfec00000");
    run(b, "xp/64xw 0xfed00000");
    run(b, "xp/64xw 0xfee00000");
    run(b, "xp/64xb 0xa0000");
    run(b, "info mtree -f");
    run(b, "info registers -a");
    run(b, "x/20i 0");
    assert_int_equal(machine_hash(b->machine), before);
}

static void the_run(void **state)
{
    struct bench *b = *state;
    prints(b, "info status", "VM status: running\n");
    run(b, "stop");
    prints(b, "info status", "VM status: paused\n");
    run(b, "c");
    assert_false(b->control.paused);
    prints(b, "info version", "1.2\n");
    run(b, "system_reset");
    assert_true(b->control.reset);
    run(b, "q");
    assert_true(b->control.quit);
}

static void qemus_other_commands_are_named(void **state)
{
    struct bench *b = *state;
    prints(b, "gdbserver", "QEMU has this command, pcemu does not: 'gdbserver'\n");
    prints(b, "info usb", "QEMU has this command, pcemu does not: 'info usb'\n");
    prints(b, "nonsense", "unknown command: 'nonsense'\n");
    prints(b, "  info nonsense", "unknown command: '  info nonsense'\n");
    prints(b, "help info nonsense", "unknown command: 'info nonsense'\n");
}

static void every_command_has_help(void **state)
{
    struct bench *b = *state;
    assert_non_null(strstr(run(b, "help"), "xp /fmt addr -- "));
    assert_non_null(strstr(run(b, "info"), "info tlb  -- "));
    assert_non_null(strstr(run(b, "help info tlb"), "info tlb  -- "));
    prints(b, "help quit", "quit|q  -- quit the emulator\n");
}

/* ---- nonsense ---- */

/* xorshift64*: the same nonsense each time. */
static u64 next_random(u64 *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1du;
}

static void add_word(char *line, size_t size, u64 *seed)
{
    static const char *const words[] = {
        "info",
        "registers",
        "mem",
        "tlb",
        "mtree",
        "-f",
        "-D",
        "-a",
        "lapic",
        "pic",
        "irq",
        "pci",
        "block",
        "roms",
        "x",
        "xp",
        "/4xb",
        "/20i",
        "/3dg",
        "/2cw",
        "/uh",
        "p",
        "print",
        "i",
        "o",
        "sum",
        "help",
        "cpu",
        "sendkey",
        "ctrl-alt-delete",
        "a-b-c",
        "0x1c",
        "-",
        "<",
        "mouse_move",
        "mouse_button",
        "mouse_set",
        "nmi",
        "boot_set",
        "cda",
        "system_powerdown",
        "stop",
        "cont",
        "eject",
        "change",
        "log",
        "none",
        "unimp,guest_errors",
        "$eip",
        "$cs.base",
        "$es",
        "(",
        ")",
        "1",
        "-1",
        "0x7c00",
        "0xfee00000",
        "0xffffffff",
        "0xfffffffffffffff0",
        "+",
        "*",
        "/",
        "%",
        "'a'",
        "\"",
        "\"a b\"",
        "\\",
        "'",
        ".",
        "history",
        "qtree",
        "chardev",
        "gva2gpa",
        "gdbserver",
        "",
        "\x01\xff",
        "%s%n",
        "network",
        "name",
        "uuid",
        "mice",
        "cpus",
        "version",
        "status",
        "ioapic",
    };
    size_t at = strlen(line);
    snprintf(line + at, size - at, "%s%s", words[next_random(seed) % ARRAY_LEN(words)],
             next_random(seed) % 8 ? " " : "");
}

static void nonsense_of_words(void **state)
{
    struct bench *b = *state;
    u64 seed = 0x5eed;
    for (unsigned i = 0; i < FUZZ_LINES; i++) {
        char line[256] = "";
        for (u64 n = next_random(&seed) % 7; n; n--)
            add_word(line, sizeof line, &seed);
        run(b, line);
        assert_true(b->len < 64 * MIB);
        if (i % 64 == 0) {
            machine_set_alarm(b->machine, key_player_run(&b->control.keys, b->machine));
            machine_run(b->machine);
        }
    }
}

static void nonsense_of_bytes(void **state)
{
    struct bench *b = *state;
    u64 seed = 0xb17e5;
    for (unsigned i = 0; i < FUZZ_BYTES; i++) {
        monitor_receive(&b->monitor, (u8)next_random(&seed));
        if (i % 97 == 0)
            monitor_receive(&b->monitor, '\n');
        monitor_sent(&b->monitor, b->monitor.pending_len);
    }
    assert_true(b->monitor.line.len <= LINE_MAX_LEN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(examining),
        TEST(numbers_of_registers),
        TEST(the_format_is_remembered),
        TEST(writing_to_memory),
        TEST(the_end_of_the_address_space),
        TEST(reading_leaves_no_trace),
        TEST(the_run),
        TEST(qemus_other_commands_are_named),
        TEST(every_command_has_help),
        TEST(nonsense_of_words),
        TEST(nonsense_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
