/* ide_bmdma.c: the bus master of one IDE channel: command, status, descriptor table pointer, and the walk along the
 * physical region descriptors. Programming Interface for Bus Master IDE Controller, revision 1.0 (SFF-8038i).
 * A transfer runs while the start bit is set and the PCI function may master the bus; it advances in steps of the
 * drive's timer, so that work per step is bounded whatever the table says.
 * Not modelled: a transfer whose direction differs from the command's is run in the drive's direction (and logged). */
#include "ide.h"

enum bm_register { BM_COMMAND = 0, BM_STATUS = 2 };

#define BM_COMMAND_SSBM 0x01u
#define BM_COMMAND_RWCON 0x08u /* 1: the bus master writes memory */
#define BM_STATUS_ACTIVE 0x01u
#define BM_STATUS_ERROR 0x02u
#define BM_STATUS_INTERRUPT 0x04u
#define BM_STATUS_CAPABLE 0x60u /* drives can do DMA: set and read by software alone */

#define PRD_BYTES 8u
#define PRD_EOT BIT(31)
#define PRD_TABLE_MAX 0x10000u /* a table does not cross a 64 KiB boundary */
#define PRD_COUNT_MASK 0xfffeu
#define PRD_COUNT_MAX 0x10000u /* what a count of 0 means */

static const char *who(const struct ide_channel *c)
{
    return c->index ? "ide1" : "ide0";
}

bool ide_bmdma_running(const struct ide_channel *c)
{
    return (c->bm.command & BM_COMMAND_SSBM) && (c->bm.status & BM_STATUS_ACTIVE) && c->may_master(c->function);
}

/* Takes the next descriptor. False: the table is at its end. */
static bool fetch(struct ide_channel *c)
{
    struct ide_bmdma *b = &c->bm;
    u8 prd[PRD_BYTES];
    if (b->last)
        return false;
    if (b->next - b->table >= PRD_TABLE_MAX) {
        log_guest(c->log, who(c), "descriptor table without an end at %08x", b->table);
        b->status |= BM_STATUS_ERROR;
        return false;
    }
    dma_read(c->dma, b->next, prd, sizeof(prd));
    b->next += PRD_BYTES;
    b->addr = get_le32(prd) & ~1u;
    b->left = get_le32(prd + 4) & PRD_COUNT_MASK;
    if (b->left == 0)
        b->left = PRD_COUNT_MAX;
    b->last = get_le32(prd + 4) & PRD_EOT;
    return true;
}

/* One piece that lies in one descriptor and does not wrap at 4 GiB. Returns its size, at least 1. */
static u32 move_piece(struct ide_channel *c, u8 *buf, u32 len, bool to_memory)
{
    struct ide_bmdma *b = &c->bm;
    u32 n = len < b->left ? len : b->left;
    if (b->addr + (n - 1) < b->addr)
        n = 0u - b->addr;
    if (to_memory)
        dma_write(c->dma, b->addr, buf, n);
    else
        dma_read(c->dma, b->addr, buf, n);
    b->addr += n;
    b->left -= n;
    return n;
}

u32 ide_bmdma_move(struct ide_channel *c, u8 *buf, u32 len, bool to_memory)
{
    struct ide_bmdma *b = &c->bm;
    u32 done = 0;
    if (to_memory != !!(b->command & BM_COMMAND_RWCON))
        log_guest(c->log, who(c), "bus master direction differs from the drive's command");
    while (done < len) {
        if (b->left == 0 && !fetch(c))
            break;
        done += move_piece(c, buf + done, len - done, to_memory);
    }
    if (done < len || (b->left == 0 && b->last))
        b->status &= (u8)~BM_STATUS_ACTIVE;
    return done;
}

void ide_bmdma_interrupt(struct ide_channel *c)
{
    c->bm.status |= BM_STATUS_INTERRUPT;
}

/* ---- registers ---- */

void ide_bmdma_wake(struct ide_channel *c)
{
    if (!ide_bmdma_running(c))
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];
        if ((d->phase == IDE_DMA_IN || d->phase == IDE_DMA_OUT) && !timer_running(&d->timer))
            timer_set(&d->timer, clock_now(c->clock) + IDE_BLOCK_NS);
    }
}

/* 0 to 1 loads the table pointer; 1 to 0 drops what was going on, it can't be resumed. */
static void write_command(struct ide_channel *c, u8 value)
{
    struct ide_bmdma *b = &c->bm;
    u8 rising = value & ~b->command & BM_COMMAND_SSBM;
    b->command = value & (BM_COMMAND_SSBM | BM_COMMAND_RWCON);
    if (!(value & BM_COMMAND_SSBM))
        b->status &= (u8)~BM_STATUS_ACTIVE;
    if (!rising)
        return;
    b->status |= BM_STATUS_ACTIVE;
    b->next = b->table;
    b->left = 0;
    b->last = false;
    if (!c->may_master(c->function))
        log_guest(c->log, who(c), "bus master started with PCI bus mastering off: it waits");
    ide_bmdma_wake(c);
}

static void write_status(struct ide_bmdma *b, u8 value)
{
    u8 cleared = value & (BM_STATUS_ERROR | BM_STATUS_INTERRUPT);
    b->status = (u8)((b->status & ~BM_STATUS_CAPABLE & ~cleared) | (value & BM_STATUS_CAPABLE));
}

static u64 bm_read(void *dev, u64 offset, unsigned size)
{
    const struct ide_channel *c = dev;
    (void)size;
    return offset == BM_COMMAND ? c->bm.command : offset == BM_STATUS ? c->bm.status : 0;
}

static void bm_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ide_channel *c = dev;
    (void)size;
    if (offset == BM_COMMAND)
        write_command(c, (u8)value);
    else if (offset == BM_STATUS)
        write_status(&c->bm, (u8)value);
}

static u64 table_read(void *dev, u64 offset, unsigned size)
{
    const struct ide_channel *c = dev;
    (void)size;
    return c->bm.table >> (8 * offset);
}

static void table_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ide_channel *c = dev;
    unsigned shift = (unsigned)(8 * offset);
    u32 mask = (u32)low_bytes(UINT32_MAX, size) << shift;
    c->bm.table = ((c->bm.table & ~mask) | ((u32)value << shift & mask)) & ~3u;
}

static const struct region_ops bm_ops = { .read = bm_read, .write = bm_write, .max_size = 1 };
static const struct region_ops table_ops = { .read = table_read, .write = table_write, .max_size = 4 };

void ide_bmdma_init(struct ide_channel *c)
{
    region_init_io(&c->bm_registers, "piix-bmdma", 4, &bm_ops, c);
    region_init_io(&c->bm_table, "bmdma", 4, &table_ops, c);
}

void ide_bmdma_reset(struct ide_channel *c)
{
    c->bm = (struct ide_bmdma){ 0 };
}

const struct state_field ide_bmdma_fields[] = {
    STATE(struct ide_bmdma, command),     STATE(struct ide_bmdma, status),
    STATE(struct ide_bmdma, table),       STATE(struct ide_bmdma, next),
    STATE(struct ide_bmdma, addr),        STATE_MAX(struct ide_bmdma, left, PRD_COUNT_MAX),
    STATE_MAX(struct ide_bmdma, last, 1), STATE_END
};
