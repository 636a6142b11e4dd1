/* gdb_bench.h: a machine with a loop in its ROM, and a GDB stub that one talks to packet by packet. */
#ifndef PCEMU_TESTS_GDB_BENCH_H
#define PCEMU_TESTS_GDB_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "calls_guest.h"
#include "gdbstub.h"
#include "timeline.h"

#define COUNTER 0x500
#define LOOP_CALL 9  /* offsets in f000: */
#define LOOP_INC 0xc /* inc word [COUNTER] */
#define LOOP_JMP 0x10
#define TALK_MAX (64 * 1024)

struct bench {
    struct log log;
    u8 rom[ROM_SIZE];
    struct machine *machine;
    struct timeline *timeline;
    struct control control;
    struct gdbstub stub;
    char said[TALK_MAX]; /* the last answer, without frames; several are divided by | */
};

static inline bool no_change(void *self, const char *name, const char *file, enum control_mode mode, bool force,
                             FILE *err)
{
    (void)self, (void)name, (void)file, (void)mode, (void)force, (void)err;
    return false;
}

static inline struct bench *new_bench(u8 cpus)
{
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    put_calls_guest(b->rom);
    struct machine_config c = { .ram_size = MIB,
                                .bios = b->rom,
                                .bios_size = ROM_SIZE,
                                .icount_shift = 3,
                                .slice_insns = 1000,
                                .smp = { .cpus = cpus, .cores = cpus },
                                .log = &b->log };
    b->machine = machine_new(&c);
    assert_non_null(b->machine);
    b->timeline = timeline_new(b->machine, &(struct timeline_config){ .spacing = 500 });
    assert_non_null(b->timeline);
    b->control = (struct control){ .machine = b->machine, .log = &b->log, .version = "1.2", .change = no_change };
    gdbstub_init(&b->stub, &b->control);
    b->stub.timeline = b->timeline;
    gdbstub_connected(&b->stub);
    return b;
}

static inline void free_bench(struct bench *b)
{
    gdbstub_free(&b->stub);
    timeline_free(b->timeline);
    machine_free(b->machine);
    free(b);
}

/* ---- talking ---- */

/* Takes the stub's bytes: each packet must be framed well, with its sum. */
static inline void hear(struct bench *b)
{
    struct packet_link *l = &b->stub.link;
    size_t n = 0;
    for (size_t i = 0; i < l->out_len; i++) {
        if (l->out[i] != '$') {
            assert_true(l->out[i] == '+' || l->out[i] == '-');
            continue;
        }
        u8 sum = 0;
        if (n)
            b->said[n++] = '|';
        for (i++; i < l->out_len && l->out[i] != '#'; i++) {
            sum = (u8)(sum + l->out[i]);
            if (n < TALK_MAX - 2)
                b->said[n++] = (char)l->out[i];
        }
        assert_true(i + 2 < l->out_len);
        assert_int_equal(packet_digit(l->out[i + 1]) << 4 | packet_digit(l->out[i + 2]), sum);
        i += 2;
    }
    b->said[n] = 0;
    packet_sent(l, l->out_len);
}

static inline void send_bytes(struct bench *b, const u8 *data, size_t len)
{
    char sum_text[4];
    u8 sum = 0;
    gdbstub_receive(&b->stub, '$');
    for (size_t i = 0; i < len; i++) {
        gdbstub_receive(&b->stub, data[i]);
        sum = (u8)(sum + data[i]);
    }
    snprintf(sum_text, sizeof sum_text, "#%02x", sum);
    for (unsigned i = 0; i < 3; i++)
        gdbstub_receive(&b->stub, (u8)sum_text[i]);
}

/* What the stub answers at once. */
static inline const char *says(struct bench *b, const char *packet)
{
    send_bytes(b, (const u8 *)packet, strlen(packet));
    hear(b);
    return b->said;
}

/* Lets the machine run as the front end does, until it stands, at most so long. */
static inline void run(struct bench *b, unsigned slices)
{
    while (!b->control.paused && slices--) {
        if (timeline_run(b->timeline) == MACHINE_STOPPED)
            gdbstub_stopped(&b->stub);
        gdbstub_poll(&b->stub);
    }
}

/* What it says when the machine stands again. */
static inline const char *stops(struct bench *b, const char *packet)
{
    send_bytes(b, (const u8 *)packet, strlen(packet));
    run(b, 100);
    hear(b);
    return b->said;
}

#endif
