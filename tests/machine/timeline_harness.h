/* timeline_harness.h: a machine with a disk, a clock and a keyboard, whose way is noted while a timeline records it. */
#ifndef PCEMU_TESTS_TIMELINE_HARNESS_H
#define PCEMU_TESTS_TIMELINE_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "debug.h"
#include "firmware.h"
#include "keys.h"
#include "probe.h"
#include "snapshot.h"
#include "timeline.h"

#define SPACING 300000u
#define SLICE 10007u /* odd, so that places lie anywhere between snapshots */
#define PLACES 40
#define INSNS_BETWEEN 100000u
#define DISK_BYTES (64u * BLOCK_SECTOR)

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

struct place {
    u64 icount, hash;
};

struct bench {
    struct log log;
    struct block_backend disk;
    u8 data[DISK_BYTES];
    struct machine *m;
    struct timeline *t;
    struct place place[PLACES];
    u64 sent; /* bytes of the debug console */
    u64 host_ns;
};

/* A host whose clock goes on by itself, unevenly. */
static inline u64 host_now(void *self)
{
    struct bench *b = self;
    return b->host_ns += 30011 + b->host_ns % 7013;
}

static inline bool disk_read(void *self, u64 sector, void *buf, u32 count)
{
    struct bench *b = self;
    memcpy(buf, b->data + sector * BLOCK_SECTOR, (size_t)count * BLOCK_SECTOR);
    return true;
}

static inline bool disk_write(void *self, u64 sector, const void *buf, u32 count)
{
    struct bench *b = self;
    memcpy(b->data + sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
    return true;
}

static inline void console_write(void *self, u8 byte)
{
    struct bench *b = self;
    (void)byte;
    b->sent++;
}

/* A boot sector that writes its own counter to the disk's second sector, over and over. */
static const u8 boot_code[] = {
    0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xfb, /* cli; segments 0; sp 7c00; sti */
    0xff, 0x06, 0x00, 0x7e,                                                       /* 7c0d: inc word [7e00] */
    0xbb, 0x00, 0x7e,                                                             /* mov bx, 7e00 */
    0xb8, 0x01, 0x03, 0xb9, 0x02, 0x00, 0xba, 0x80, 0x00, 0xcd, 0x13,             /* int 13h: write one sector */
    0xf4,                                                                         /* hlt */
    0xeb, 0xeb,                                                                   /* jmp 7c0d */
};

#define BOOT_COUNTER 0x7e00

static inline void open_bench_by(struct bench *b, u8 cpus, enum machine_clock clock)
{
    *b = (struct bench){ 0 };
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    memcpy(b->data, boot_code, sizeof boot_code);
    b->data[510] = 0x55;
    b->data[511] = 0xaa;
    b->disk = (struct block_backend){
        .sectors = sizeof b->data / BLOCK_SECTOR, .read = disk_read, .write = disk_write, .self = b
    };
    struct machine_config c = { .smp = { .cpus = cpus, .cores = cpus },
                                .ram_size = 4 * MIB,
                                .disk = { &b->disk },
                                .icount_shift = 3,
                                .slice_insns = SLICE,
                                .clock = clock,
                                .host_now = host_now,
                                .host = b,
                                .debugcon = true,
                                .debugcon_port = 0x402,
                                .debugcon_out = { console_write, b },
                                .log = &b->log };
    if (!add_firmware(&c, bios, vga_bios))
        skip();
    b->m = machine_new(&c);
    assert_non_null(b->m);
}

static inline void open_bench(struct bench *b, u8 cpus)
{
    open_bench_by(b, cpus, MACHINE_CLOCK_INSN);
}

static inline void close_bench(struct bench *b)
{
    timeline_free(b->t);
    machine_free(b->m);
}

/* To about a place, with keys on the way. */
static inline void run_on(struct bench *b, u64 icount, unsigned key)
{
    static const unsigned keys[] = { KEY_A, KEY_B, KEY_SPACE };
    while (machine_icount(b->m) < icount)
        assert_true((b->t ? timeline_run(b->t) : machine_run(b->m)) <= MACHINE_IDLE);
    machine_key(b->m, keys[key % ARRAY_LEN(keys)], key / ARRAY_LEN(keys) % 2 == 0);
}

static inline void run_all(struct bench *b)
{
    u64 start = machine_icount(b->m);
    for (unsigned i = 0; i < PLACES; i++) {
        run_on(b, start + INSNS_BETWEEN * (i + 1), i);
        b->place[i] = (struct place){ machine_icount(b->m), machine_hash(b->m) };
    }
}

/* The firmware is through, the boot sector runs. */
static inline void boot(struct bench *b)
{
    u16 counter = 0;
    while (counter < 2) {
        assert_true(machine_run(b->m) <= MACHINE_IDLE);
        debug_read(b->m, 0, DEBUG_PHYSICAL, BOOT_COUNTER, &counter, sizeof counter);
        assert_true(machine_now_ns(b->m) < 60000000000u);
    }
}

static inline void begin(struct bench *b, u64 memory)
{
    const struct timeline_config config = { .spacing = SPACING, .memory_limit = memory };
    b->t = timeline_new(b->m, &config);
    assert_non_null(b->t);
}

/* At a place inputs may have come already: the hash is that before the last of them, or after. */
static inline void go_and_compare(struct bench *b, unsigned n)
{
    u64 sent = b->sent;
    enum timeline_result r = timeline_goto(b->t, b->place[n].icount + 1);
    assert_true(r == TIMELINE_OK || r == TIMELINE_ENDED);
    if (n + 1 < PLACES)
        assert_int_equal(machine_icount(b->m), b->place[n].icount + 1);
    r = timeline_goto(b->t, b->place[n].icount);
    assert_int_equal(r, TIMELINE_OK);
    assert_int_equal(machine_icount(b->m), b->place[n].icount);
    assert_int_equal(b->sent, sent); /* nothing is said twice */
}

#endif
