/* ide_bench.h: the 82371SB's IDE function with disks on its cables, and the words of a driver. */
#ifndef PCEMU_TESTS_IDE_BENCH_H
#define PCEMU_TESTS_IDE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "pci_bench.h"
#include "piix3_ide.h"
#include "space.h"

#define DEVFN PCI_DEVFN(1, 1)
#define BM_BASE 0xc040u
#define SMALL 4096u /* sectors of the disk that is all in memory */
#define LATER (IDE_COMMAND_NS + 2 * IDE_BLOCK_NS)

enum { R_ERROR = 1, R_FEATURES = 1, R_COUNT, R_LOW, R_MID, R_HIGH, R_DEVICE, R_STATUS, R_COMMAND = 7 };

struct disk {
    struct block_backend backend;
    u8 *data; /* NULL: each sector holds its number, writes are remembered below */
    u64 last_write;
    u32 last_count;
    u8 last_bytes[8];
    unsigned reads, writes, flushes;
    bool fail;
};

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct region memory, io;
    struct address_space ports;
    struct pci_bus bus;
    struct piix3_ide chip;
    struct disk disk[4];
    unsigned base; /* the channel under test */
};

static inline bool disk_read(void *self, u64 sector, void *buf, u32 count)
{
    struct disk *d = self;
    assert_true(count >= 1 && sector < d->backend.sectors && count <= d->backend.sectors - sector);
    d->reads++;
    if (d->fail)
        return false;
    for (u32 i = 0; i < count; i++) {
        u8 *to = (u8 *)buf + (size_t)i * BLOCK_SECTOR;
        memset(to, 0, BLOCK_SECTOR);
        put_le64(to, sector + i);
        if (d->data)
            memcpy(to, d->data + (sector + i) * BLOCK_SECTOR, BLOCK_SECTOR);
    }
    return true;
}

static inline bool disk_write(void *self, u64 sector, const void *buf, u32 count)
{
    struct disk *d = self;
    assert_true(count >= 1 && sector < d->backend.sectors && count <= d->backend.sectors - sector);
    assert_false(d->backend.read_only);
    d->writes++;
    if (d->fail)
        return false;
    d->last_write = sector;
    d->last_count = count;
    memcpy(d->last_bytes, buf, sizeof(d->last_bytes));
    if (d->data)
        memcpy(d->data + sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
    return true;
}

static inline bool disk_flush(void *self)
{
    struct disk *d = self;
    d->flushes++;
    return !d->fail;
}

static inline void make_disk(struct disk *d, u64 sectors, bool in_memory)
{
    *d = (struct disk){ .backend = { .sectors = sectors,
                                     .read = disk_read,
                                     .write = disk_write,
                                     .flush = disk_flush,
                                     .self = d,
                                     .serial = "QM00001" } };
    if (!in_memory)
        return;
    d->data = malloc(sectors * BLOCK_SECTOR);
    assert_non_null(d->data);
    for (u64 i = 0; i < sectors * BLOCK_SECTOR; i++)
        d->data[i] = (u8)(i / BLOCK_SECTOR * 7 + i * 3);
}

#define CD_SECTORS 500u /* of the disc in the primary slave, where there is such a drive */

/* Primary master in memory; secondary master of 2 TiB, secondary slave small, read-only. */
static inline int setup_with(void **state, bool cdrom)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    make_disk(&b->disk[0], SMALL, true);
    if (cdrom)
        make_disk(&b->disk[1], 4 * CD_SECTORS, true);
    b->disk[1].backend.read_only = true;
    make_disk(&b->disk[2], (u64)1 << 32, false);
    make_disk(&b->disk[3], SMALL, false);
    b->disk[3].backend.read_only = true;
    const struct ide_plug drive[4] = { { &b->disk[0].backend, false },
                                       { &b->disk[1].backend, cdrom },
                                       { &b->disk[2].backend, false },
                                       { &b->disk[3].backend, false } };
    struct irq_line irq[2] = { harness_irq(&b->h, 14), harness_irq(&b->h, 15) };
    piix3_ide_init(&b->chip, &b->bus, DEVFN, &b->h.clock, irq, drive, &b->h.log);
    region_add(&b->io, 0x1f0, &b->chip.channel[0].command_block, 0);
    region_add(&b->io, 0x3f6, &b->chip.channel[0].control_block, 0);
    region_add(&b->io, 0x170, &b->chip.channel[1].command_block, 0);
    region_add(&b->io, 0x376, &b->chip.channel[1].control_block, 0);
    space_init(&b->ports, "I/O", &b->io, &b->pool, &b->h.log, true);
    pci_config_write(&b->bus, DEVFN, 0x20, BM_BASE, 4);
    pci_config_write(&b->bus, DEVFN, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MASTER, 2);
    b->base = 0x1f0;
    *state = b;
    return 0;
}

static inline int setup(void **state)
{
    return setup_with(state, false);
}

static inline int setup_cdrom(void **state)
{
    return setup_with(state, true);
}

static inline int teardown(void **state)
{
    struct bench *b = *state;
    space_free(&b->ports);
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b->disk[0].data);
    free(b->disk[1].data);
    free(b);
    return 0;
}

/* ---- a driver's words ---- */

static inline u32 in(struct bench *b, unsigned port, unsigned size)
{
    return (u32)space_read(&b->ports, port, size);
}

static inline void out(struct bench *b, unsigned port, u32 value, unsigned size)
{
    space_write(&b->ports, port, value, size);
}

static inline u8 reg(struct bench *b, unsigned r)
{
    return (u8)in(b, b->base + r, 1);
}

static inline void set(struct bench *b, unsigned r, u32 v)
{
    out(b, b->base + r, v, 1);
}

static inline u8 alt_status(struct bench *b)
{
    return (u8)in(b, b->base + 0x206, 1);
}

static inline void control(struct bench *b, u8 v)
{
    out(b, b->base + 0x206, v, 1);
}

static inline bool irq(struct bench *b)
{
    return b->h.irq[b->base == 0x1f0 ? 14 : 15];
}

static inline void wait(struct bench *b)
{
    harness_advance(&b->h, LATER);
}

static inline void command28(struct bench *b, u8 cmd, u32 lba, u8 count)
{
    set(b, R_DEVICE, 0xe0 | lba >> 24 | (reg(b, R_DEVICE) & 0x10));
    set(b, R_COUNT, count);
    set(b, R_LOW, lba & 0xff);
    set(b, R_MID, lba >> 8 & 0xff);
    set(b, R_HIGH, lba >> 16 & 0xff);
    set(b, R_COMMAND, cmd);
}

static inline void command48(struct bench *b, u8 cmd, u64 lba, u16 count)
{
    set(b, R_DEVICE, 0xe0 | (reg(b, R_DEVICE) & 0x10));
    set(b, R_COUNT, count >> 8);
    set(b, R_LOW, (u8)(lba >> 24));
    set(b, R_MID, (u8)(lba >> 32));
    set(b, R_HIGH, (u8)(lba >> 40));
    set(b, R_COUNT, (u8)count);
    set(b, R_LOW, (u8)lba);
    set(b, R_MID, (u8)(lba >> 8));
    set(b, R_HIGH, (u8)(lba >> 16));
    set(b, R_COMMAND, cmd);
}

static inline void simple(struct bench *b, u8 cmd, u8 features, u8 count)
{
    set(b, R_FEATURES, features);
    set(b, R_COUNT, count);
    set(b, R_COMMAND, cmd);
    wait(b);
}

static inline void read_words(struct bench *b, void *to, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        put_le16((u8 *)to + 2 * (size_t)i, (u16)in(b, b->base, 2));
}

static inline void write_words(struct bench *b, const void *from, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        out(b, b->base, get_le16((const u8 *)from + 2 * (size_t)i), 2);
}

static inline void assert_aborted(struct bench *b)
{
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x51);
    assert_int_equal(reg(b, R_ERROR), 0x04);
}

static inline void assert_ok(struct bench *b)
{
    assert_true(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_int_equal(reg(b, R_ERROR), 0);
}

static inline void identify(struct bench *b, u16 *id)
{
    set(b, R_COMMAND, 0xec);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, id, 256);
    assert_int_equal(reg(b, R_STATUS), 0x50);
}

enum { BM_CMD = 0, BM_STATUS = 2, BM_TABLE = 4 };
#define TABLE 0x2000u

static inline unsigned bm(struct bench *b)
{
    return b->base == 0x1f0 ? BM_BASE : BM_BASE + 8;
}

static inline void prd(struct bench *b, unsigned n, u32 addr, u32 count, bool last)
{
    put_le32(b->h.ram + TABLE + 8 * n, addr);
    put_le32(b->h.ram + TABLE + 8 * n + 4, (count & 0xffff) | (last ? BIT(31) : 0));
}

static inline void bm_start(struct bench *b, bool to_memory)
{
    out(b, bm(b) + BM_TABLE, TABLE, 4);
    out(b, bm(b) + BM_STATUS, 0x06, 1);
    out(b, bm(b) + BM_CMD, to_memory ? 0x08 : 0x00, 1);
    out(b, bm(b) + BM_CMD, to_memory ? 0x09 : 0x01, 1);
}

static inline u8 bm_status(struct bench *b)
{
    return (u8)in(b, bm(b) + BM_STATUS, 1);
}

static inline void soft_reset(struct bench *b)
{
    control(b, 4);
    control(b, 0);
    harness_advance(&b->h, IDE_RESET_NS);
}

#define TEST_CDROM(f) cmocka_unit_test_setup_teardown(f, setup_cdrom, teardown)
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
