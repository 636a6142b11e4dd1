/* test_machine.c: whole machines that run firmware of a few instructions: how time passes, how runs end, what a reset
 * is, and that nothing is shared between two machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "debug.h"
#include "machine.h"

#define ROM_SIZE 65536
#define RESET_VECTOR 0xfff0
#define NS_AN_INSN 8

struct bench {
    struct log log;
    FILE *log_file;
    char *log_text;
    size_t log_len;
    u8 rom[ROM_SIZE];
    struct machine_config config;
    struct machine *machine;
    char out[64]; /* what COM1 sent */
    size_t out_len;
};

static void com1_sent(void *self, u8 byte)
{
    struct bench *b = self;
    if (b->out_len + 1 < sizeof b->out)
        b->out[b->out_len++] = (char)byte;
}

static int set_up(void **state)
{
    static const u8 jump_to_start[] = { 0xea, 0x00, 0x00, 0x00, 0xf0 }; /* jmp F000:0000 */
    struct bench *b = calloc(1, sizeof *b);
    b->log_file = open_memstream(&b->log_text, &b->log_len);
    log_init(&b->log, b->log_file);
    memcpy(b->rom + RESET_VECTOR, jump_to_start, sizeof jump_to_start);
    b->config = (struct machine_config){
        .ram_size = 2 * MIB,
        .bios = b->rom,
        .bios_size = ROM_SIZE,
        .serial = { com1_sent, b },
        .exit_device = true,
        .exit_port = 0xf4,
        .exit_size = 4,
        .clock = MACHINE_CLOCK_INSN,
        .icount_shift = 3,
        .seed = 1,
        .log = &b->log,
    };
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    machine_free(b->machine);
    fclose(b->log_file);
    free(b->log_text);
    free(b);
    return 0;
}

static bool logged(struct bench *b, const char *text)
{
    fflush(b->log_file);
    return b->log_text && strstr(b->log_text, text);
}

/* Runs to the end of the run, or to a wait. */
static enum machine_status run(struct bench *b)
{
    enum machine_status status;
    do
        status = machine_run(b->machine);
    while (status == MACHINE_RUNNING);
    return status;
}

static enum machine_status run_code(struct bench *b, const u8 *code, size_t len)
{
    memcpy(b->rom, code, len);
    b->machine = machine_new(&b->config);
    assert_non_null(b->machine);
    return run(b);
}
#define RUN(b, ...) run_code(b, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

/* The instructions that the programs below are made of. */
#define MOV_AL(v) 0xb0, (v)
#define MOV_DX(v) 0xba, (v)&0xff, (v) >> 8
#define MOV_EAX(v) 0x66, 0xb8, (v)&0xff, (v) >> 8 & 0xff, (v) >> 16 & 0xff, (u8)((u32)(v) >> 24)
#define MOV_CX(v) 0xb9, (v)&0xff, (v) >> 8
#define OUT_IMM_AL(port) 0xe6, (port)
#define OUT_DX_AL 0xee
#define OUT_DX_AX 0xef
#define OUT_DX_EAX 0x66, 0xef
#define LOOP_HERE 0xe2, 0xfe
#define JUMP_HERE 0xeb, 0xfe
#define CLI 0xfa
#define STI 0xfb
#define HLT 0xf4
#define EXIT_WITH(v) MOV_AL(v), OUT_IMM_AL(0xf4)

static void debug_exit_ends_at_that_instruction(void **state)
{
    struct bench *b = *state;
    assert_int_equal(RUN(b, EXIT_WITH(0x10), EXIT_WITH(0x20)), MACHINE_DEBUG_EXIT);
    assert_int_equal(machine_exit_status(b->machine), 0x21);
    assert_int_equal(machine_icount(b->machine), 3); /* jmp, mov, out */
    assert_int_equal(run(b), MACHINE_DEBUG_EXIT);    /* and stays so */
    assert_int_equal(machine_icount(b->machine), 3);
}

static void an_instruction_takes_eight_nanoseconds(void **state)
{
    struct bench *b = *state;
    RUN(b, MOV_CX(1000), LOOP_HERE, EXIT_WITH(0));
    assert_int_equal(machine_icount(b->machine), 1 + 1 + 1000 + 2);
    assert_int_equal(machine_now_ns(b->machine), NS_AN_INSN * 1004);
}

static void every_reset_puts_bytes_into_memory(void **state)
{
    static const u8 bytes[] = { 0x5a, 0xa5 };
    struct bench *b = *state;
    u8 seen[3] = { 0 };
    b->config.load[0] = (struct machine_load){ .addr = 0x600, .data = bytes, .size = sizeof bytes };
    b->config.loads = 1;
    RUN(b, 0xc6, 0x06, 0x00, 0x06, 0x11, EXIT_WITH(0)); /* mov byte [600h], 11h */
    assert_int_equal(debug_read(b->machine, 0, DEBUG_PHYSICAL, 0x600, seen, 3), 3);
    assert_memory_equal(seen, ((const u8[]){ 0x11, 0xa5, 0 }), 3);
    machine_reset(b->machine);
    assert_int_equal(debug_read(b->machine, 0, DEBUG_PHYSICAL, 0x600, seen, 3), 3);
    assert_memory_equal(seen, ((const u8[]){ 0x5a, 0xa5, 0 }), 3);
}

/* Places the power management's ports at 600h; without the firmware's mark in CMOS memory it notes down a number and
 * goes to sleep; with it, it ends with PMSTS's high byte and that number. */
static enum machine_status run_sleeper(struct bench *b)
{
    return RUN(b, MOV_DX(0xcf8), MOV_EAX(0x80000b40), OUT_DX_EAX, MOV_DX(0xcfc), MOV_EAX(0x601),
               OUT_DX_EAX,                                                                          /* PMBASE */
               MOV_DX(0xcf8), MOV_EAX(0x80000b80), OUT_DX_EAX, MOV_DX(0xcfc), MOV_AL(1), OUT_DX_AL, /* PMREGMISC */
               MOV_AL(0x0f), OUT_IMM_AL(0x70), 0xe4, 0x71, 0x3c, 0xfe,                              /* cmp al, FEh */
               0x74, 19,                                                                            /* je resumed */
               0xc6, 0x06, 0x00, 0x05, 0x5a,                        /* mov byte [500h], 5Ah */
               MOV_DX(0x604), MOV_EAX(0x2400), OUT_DX_AX, CLI, HLT, /* PMCNTRL: SUS_TYP 1, SUS_EN */
               JUMP_HERE,                                           /* 14 bytes from the mov on: 19 in all */
               MOV_DX(0x600), 0xed,                                 /* resumed: in ax, dx */
               0x88, 0xe0, 0x32, 0x06, 0x00, 0x05,                  /* mov al, ah; xor al, [500h] */
               OUT_IMM_AL(0xf4));
}

static void the_power_button_ends_suspend_to_ram(void **state)
{
    struct bench *b = *state;
    assert_int_equal(run_sleeper(b), MACHINE_IDLE);
    assert_true(machine_suspended(b->machine));
    u64 slept = machine_icount(b->machine);
    assert_int_equal(run(b), MACHINE_IDLE);
    assert_int_equal(machine_icount(b->machine), slept); /* nothing runs */
    machine_press_power(b->machine);
    assert_int_equal(run(b), MACHINE_DEBUG_EXIT);
    assert_false(machine_suspended(b->machine));
    assert_int_equal(machine_exit_status(b->machine) >> 1, 0x81 ^ 0x5a);
}

static void so_does_a_key(void **state)
{
    struct bench *b = *state;
    assert_int_equal(run_sleeper(b), MACHINE_IDLE);
    machine_key(b->machine, 0x1e, true);
    assert_int_equal(run(b), MACHINE_DEBUG_EXIT);
    assert_int_equal(machine_exit_status(b->machine) >> 1, 0x81 ^ 0x5a);
}

static void halted_with_interrupts_off_is_stuck(void **state)
{
    struct bench *b = *state;
    assert_int_equal(RUN(b, CLI, HLT), MACHINE_STUCK);
}

static void halted_with_interrupts_on_waits_for_input(void **state)
{
    struct bench *b = *state;
    assert_int_equal(RUN(b, STI, HLT, JUMP_HERE), MACHINE_IDLE);
    assert_true(machine_idle_ns(b->machine) == UINT64_MAX);
}

static void a_timeout_ends_the_run_at_its_instruction(void **state)
{
    struct bench *b = *state;
    b->config.timeout_ns = 1000000;
    assert_int_equal(RUN(b, JUMP_HERE), MACHINE_TIMED_OUT);
    assert_int_equal(machine_icount(b->machine), 1000000 / NS_AN_INSN);
}

static void a_timeout_ends_a_wait(void **state)
{
    struct bench *b = *state;
    b->config.timeout_ns = 7 * (u64)1000000000 + 3;
    assert_int_equal(RUN(b, STI, HLT, JUMP_HERE), MACHINE_TIMED_OUT);
    assert_int_equal(machine_now_ns(b->machine), b->config.timeout_ns);
    assert_int_equal(machine_icount(b->machine), 3);
}

static void every_way_to_reset_ends_the_run_when_asked(void **state)
{
    struct bench *b = *state;
    b->config.no_reboot = true;
    assert_int_equal(RUN(b, MOV_DX(0xcf9), MOV_AL(2), OUT_DX_AL, MOV_AL(6), OUT_DX_AL, JUMP_HERE),
                     MACHINE_RESET_REQUEST);
    assert_int_equal(machine_icount(b->machine), 6);
    machine_free(b->machine);
    assert_int_equal(RUN(b, MOV_AL(0xfe), OUT_IMM_AL(0x64), JUMP_HERE), MACHINE_RESET_REQUEST);
    machine_free(b->machine);
    assert_int_equal(RUN(b, MOV_AL(1), OUT_IMM_AL(0x92), JUMP_HERE), MACHINE_RESET_REQUEST);
}

/* The program counts its starts in memory at 0:0600, which a reset leaves alone. */
static void a_reset_starts_again_with_memory_kept(void **state)
{
    struct bench *b = *state;
    assert_int_equal(RUN(b, 0xfe, 0x06, 0x00, 0x06, /* inc byte [0600] */
                         0xa0, 0x00, 0x06,          /* mov al, [0600] */
                         0x3c, 0x03,                /* cmp al, 3 */
                         0x74, 0x06,                /* je + 6 */
                         MOV_AL(0xfe), OUT_IMM_AL(0x64), JUMP_HERE, OUT_IMM_AL(0xf4)),
                     MACHINE_DEBUG_EXIT);
    assert_int_equal(machine_exit_status(b->machine), 7);
}

/* LIDT with a limit of 0, then INT3: no handler for it, for the #GP, for the double fault. */
#define TRIPLE_FAULT 0x0f, 0x01, 0x1e, 0x00, 0x05, 0xcc

static void a_triple_fault_ends_the_run_when_asked(void **state)
{
    struct bench *b = *state;
    char *text = NULL;
    size_t len;
    b->config.no_reboot = true;
    assert_int_equal(RUN(b, TRIPLE_FAULT), MACHINE_TRIPLE_FAULT);
    FILE *out = open_memstream(&text, &len);
    debug_print_registers(b->machine, 0, out);
    fclose(out);
    assert_non_null(strstr(text, "EIP=00000005 "));
    assert_non_null(strstr(text, "CS =f000 000f0000 "));
    free(text);
}

static void a_triple_fault_resets(void **state)
{
    struct bench *b = *state;
    b->config.timeout_ns = 1000000;
    assert_int_equal(RUN(b, TRIPLE_FAULT), MACHINE_TIMED_OUT);
    assert_true(logged(b, "triple fault after"));
}

#define PCI_WRITE(reg, v) MOV_EAX(0x80000b00u | (reg)), MOV_DX(0xcf8), OUT_DX_EAX, MOV_EAX(v), MOV_DX(0xcfc), OUT_DX_EAX

static void the_power_management_powers_off(void **state)
{
    struct bench *b = *state;
    assert_int_equal(
        RUN(b, PCI_WRITE(0x40, 0x601), PCI_WRITE(0x80, 1), MOV_DX(0x604), MOV_EAX(0x2000), OUT_DX_AX, JUMP_HERE),
        MACHINE_POWERED_OFF);
}

static void com1_is_wired(void **state)
{
    struct bench *b = *state;
    RUN(b, MOV_DX(0x3f8), MOV_AL('o'), OUT_DX_AL, MOV_AL('k'), OUT_DX_AL, EXIT_WITH(0));
    assert_string_equal(b->out, "ok");
}

/* Counter 0 of the 8254, one-shot, wakes the processor out of HLT by IRQ 0: 8259 at vector 8, whose handler (0000:0508)
 * the program puts there. */
static const u8 timer_program[] = {
    0x66,         0xb9,
    0x1b,         0x00,
    0x00,         0x00, /* mov ecx, IA32_APIC_BASE */
    0x0f,         0x32, /* rdmsr */
    0x66,         0x25,
    0xff,         0xf7,
    0xff,         0xff, /* and eax, ~EN: the 8259's INT goes to the processor */
    0x0f,         0x30, /* wrmsr */
    0xc7,         0x06,
    0x20,         0x00,
    0x00,         0x01, /* mov word [8 * 4], 0100 */
    0xc7,         0x06,
    0x22,         0x00,
    0x00,         0xf0, /* mov word [8 * 4 + 2], F000 */
    MOV_AL(0x11), OUT_IMM_AL(0x20),
    MOV_AL(0x08), OUT_IMM_AL(0x21),
    MOV_AL(0x04), OUT_IMM_AL(0x21),
    MOV_AL(0x01), OUT_IMM_AL(0x21),
    MOV_AL(0xfe), OUT_IMM_AL(0x21), /* 8259: vector 8, all but IRQ 0 masked */
    MOV_AL(0x30), OUT_IMM_AL(0x43),
    MOV_AL(0x00), OUT_IMM_AL(0x40),
    MOV_AL(0x80), OUT_IMM_AL(0x40), /* 8000h pulses */
    0xbc,         0x00,
    0x04, /* mov sp, 0400 */
    STI,          HLT,
    JUMP_HERE,
};
static const u8 timer_handler[] = { EXIT_WITH(5) };

static enum machine_status run_timer(struct bench *b)
{
    memcpy(b->rom + 0x100, timer_handler, sizeof timer_handler);
    return run_code(b, timer_program, sizeof timer_program);
}

static void the_timer_wakes_the_processor_at_its_time(void **state)
{
    struct bench *b = *state;
    assert_int_equal(run_timer(b), MACHINE_DEBUG_EXIT);
    u64 ns = (u64)0x8000 * 1000000000 / 1193182, now = machine_now_ns(b->machine);
    assert_in_range(now, ns, ns + 2000);
    assert_true(machine_icount(b->machine) < 60); /* the wait was skipped */
}

/* A host whose clock goes on by itself, a microsecond at every look. */
static u64 ticking_host(void *self)
{
    return *(u64 *)self += 1000;
}

static void the_host_clock_is_followed(void **state)
{
    struct bench *b = *state;
    u64 host_ns = 5000000000u, waits = 0;
    b->config.clock = MACHINE_CLOCK_HOST;
    b->config.host_now = ticking_host;
    b->config.host = &host_ns;
    enum machine_status status = run_timer(b);
    while (status == MACHINE_IDLE) {
        u64 idle = machine_idle_ns(b->machine);
        assert_true(idle < 30000000);
        host_ns += idle;
        waits++;
        status = run(b);
    }
    assert_int_equal(status, MACHINE_DEBUG_EXIT);
    assert_in_range(waits, 1, 3);
    u64 ns = (u64)0x8000 * 1000000000 / 1193182;
    assert_in_range(host_ns - 5000000000u, ns, ns + 1000000);
}

static void equal_histories_have_equal_hashes(void **state)
{
    struct bench *b = *state;
    run_timer(b);
    u64 first = machine_hash(b->machine);
    machine_free(b->machine);
    run_timer(b);
    assert_true(machine_hash(b->machine) == first);
    machine_free(b->machine);
    b->rom[0x101] = 6; /* another exit value */
    b->machine = machine_new(&b->config);
    run(b);
    assert_true(machine_hash(b->machine) != first);
}

static void two_machines_run_in_turns(void **state)
{
    struct bench *b = *state;
    static const u8 code[] = { MOV_CX(0xffff), 0x51, MOV_CX(0xffff), LOOP_HERE, 0x59, 0xe2, 0xf7, EXIT_WITH(9) };
    b->config.timeout_ns = 100000000;
    memcpy(b->rom, code, sizeof code);
    b->machine = machine_new(&b->config);
    struct machine *other = machine_new(&b->config);
    machine_run(b->machine);
    assert_int_equal(machine_icount(other), 0);
    while (machine_run(other) == MACHINE_RUNNING)
        machine_run(b->machine);
    run(b);
    assert_int_equal(machine_icount(other), machine_icount(b->machine));
    assert_true(machine_hash(other) == machine_hash(b->machine));
    machine_free(other);
}

static void wrong_configurations_are_refused(void **state)
{
    struct bench *b = *state;
    b->config.ram_size = MIB / 2;
    assert_null(machine_new(&b->config));
    b->config.ram_size = MIB;
    b->config.bios_size = 1000;
    assert_null(machine_new(&b->config));
    assert_true(logged(b, "multiple of 64 KiB"));
}

static void the_smallest_and_a_large_memory(void **state)
{
    struct bench *b = *state;
    b->config.ram_size = MIB;
    assert_int_equal(RUN(b, EXIT_WITH(1)), MACHINE_DEBUG_EXIT);
    machine_free(b->machine);
    b->config.ram_size = 6 * GIB;
    assert_int_equal(RUN(b, EXIT_WITH(1)), MACHINE_DEBUG_EXIT);
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_true(debug_print_map(b->machine, DEBUG_MAP_TREE, out));
    fclose(out);
    assert_non_null(strstr(text, "0000000000000000-00000000bfffffff (prio 0, ram): alias ram-below-4g @pc.ram"));
    assert_non_null(strstr(text, "0000000100000000-00000001bfffffff (prio 0, ram): alias ram-above-4g @pc.ram "
                                 "00000000c0000000-000000017fffffff"));
    free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(debug_exit_ends_at_that_instruction),
        TEST(an_instruction_takes_eight_nanoseconds),
        TEST(the_power_button_ends_suspend_to_ram),
        TEST(so_does_a_key),
        TEST(every_reset_puts_bytes_into_memory),
        TEST(halted_with_interrupts_off_is_stuck),
        TEST(halted_with_interrupts_on_waits_for_input),
        TEST(a_timeout_ends_the_run_at_its_instruction),
        TEST(a_timeout_ends_a_wait),
        TEST(every_way_to_reset_ends_the_run_when_asked),
        TEST(a_reset_starts_again_with_memory_kept),
        TEST(a_triple_fault_ends_the_run_when_asked),
        TEST(a_triple_fault_resets),
        TEST(the_power_management_powers_off),
        TEST(com1_is_wired),
        TEST(the_timer_wakes_the_processor_at_its_time),
        TEST(the_host_clock_is_followed),
        TEST(equal_histories_have_equal_hashes),
        TEST(two_machines_run_in_turns),
        TEST(wrong_configurations_are_refused),
        TEST(the_smallest_and_a_large_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
