/* ide_channel.c: one ATA cable: command block and control block registers, device selection, software reset, INTRQ.
 * ATA/ATAPI-6 sections 5 and 7; who answers when a device is absent: section 9.16.
 * An empty cable reads 00 everywhere, as QEMU's does. A data port access of one byte moves a whole word and keeps its
 * low half. */
#include "ide.h"

static const struct block_backend no_disk = { 0 };

static struct ide_drive *chosen(struct ide_channel *c)
{
    return &c->drive[c->selected & 1];
}

static bool cable_empty(const struct ide_channel *c)
{
    return !ide_present(&c->drive[0]) && !ide_present(&c->drive[1]);
}

/* ---- INTRQ ---- */

/* Only the selected device drives INTRQ, and not while nIEN is set. Its rising edge sets the bus master's interrupt
 * bit. */
void ide_update_irq(struct ide_channel *c)
{
    const struct ide_drive *d = chosen(c);
    bool level = ide_present(d) && d->intrq && !(c->control & IDE_CONTROL_NIEN);
    if (level == c->irq_level)
        return;
    c->irq_level = level;
    if (level)
        ide_bmdma_interrupt(c);
    irq_set(&c->irq, level);
}

/* ---- reads ---- */

static u8 read_status(struct ide_channel *c)
{
    const struct ide_drive *d = chosen(c);
    return ide_present(d) ? d->status : 0;
}

/* Device 0 alone on the cable answers for device 1, but with status 00. */
static u8 read_task(struct ide_channel *c, unsigned reg)
{
    const struct ide_drive *d = chosen(c);
    if (!ide_present(d) && d->unit == 1)
        d = &c->drive[0];
    if (!ide_present(d))
        return 0;
    if (reg == IDE_ERROR)
        return d->error;
    if (reg == IDE_DEVICE)
        return (u8)((d->device & ~IDE_DEVICE_DEV) | (c->selected ? IDE_DEVICE_DEV : 0) | IDE_DEVICE_OBSOLETE);
    return d->task[c->control & IDE_CONTROL_HOB ? 1 : 0][reg];
}

static u8 read_register(struct ide_channel *c, unsigned reg)
{
    if (cable_empty(c))
        return 0;
    if (reg != IDE_STATUS)
        return read_task(c, reg);
    u8 status = read_status(c);
    chosen(c)->intrq = false;
    ide_update_irq(c);
    return status;
}

static u32 read_data(struct ide_channel *c, unsigned size)
{
    struct ide_drive *d = chosen(c);
    if (!ide_present(d))
        return 0;
    u32 v = ide_data_read(d);
    if (size == 4)
        v |= (u32)ide_data_read(d) << 16;
    return (u32)low_bytes(v, size);
}

static u64 command_block_read(void *dev, u64 offset, unsigned size)
{
    struct ide_channel *c = dev;
    if (offset == IDE_DATA)
        return read_data(c, size);
    u64 v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= (u64)read_register(c, (unsigned)offset + i) << (8 * i);
    return v;
}

/* ---- writes ---- */

/* Both devices take what is written to the command block, but none that is at work. */
static bool takes_writes(const struct ide_drive *d)
{
    return !(d->status & (IDE_BSY | IDE_DRQ));
}

static void write_task(struct ide_channel *c, unsigned reg, u8 value)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];
        if (!takes_writes(d))
            continue;
        d->task[1][reg] = d->task[0][reg];
        d->task[0][reg] = value;
    }
}

static void write_device(struct ide_channel *c, u8 value)
{
    for (unsigned i = 0; i < 2; i++)
        if (takes_writes(&c->drive[i]))
            c->drive[i].device = value;
    c->selected = value & IDE_DEVICE_DEV ? 1 : 0;
    ide_update_irq(c);
}

/* EXECUTE DEVICE DIAGNOSTIC is taken by device 0 (or a lone device 1), whichever is selected. */
static void write_command(struct ide_channel *c, u8 value)
{
    struct ide_drive *d = chosen(c);
    if (value == IDE_EXECUTE_DEVICE_DIAGNOSTIC)
        d = &c->drive[ide_present(&c->drive[0]) ? 0 : 1];
    if (ide_present(d))
        ide_disk_command(d, value);
}

/* Section 7: while BSY or DRQ is set the command block is the device's; but DEVICE RESET gets through to a packet
 * device. */
static bool closed(struct ide_channel *c, unsigned reg, u8 value)
{
    if (!(read_status(c) & (IDE_BSY | IDE_DRQ)))
        return false;
    if (reg == IDE_COMMAND && value == IDE_DEVICE_RESET && chosen(c)->cdrom && chosen(c)->phase != IDE_IN_RESET)
        return false;
    log_guest(c->log, c->index ? "ide1" : "ide0", "register %u written (%02x) while the device is busy", reg, value);
    return true;
}

static void write_register(struct ide_channel *c, unsigned reg, u8 value)
{
    if (c->control & IDE_CONTROL_SRST)
        return;
    c->control &= (u8)~IDE_CONTROL_HOB;
    if (reg == IDE_DEVICE)
        write_device(c, value);
    else if (closed(c, reg, value))
        return;
    else if (reg == IDE_COMMAND)
        write_command(c, value);
    else
        write_task(c, reg, value);
}

static void write_data(struct ide_channel *c, u32 value, unsigned size)
{
    struct ide_drive *d = chosen(c);
    if (!ide_present(d))
        return;
    ide_data_write(d, (u16)value);
    if (size == 4)
        ide_data_write(d, (u16)(value >> 16));
}

static void command_block_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ide_channel *c = dev;
    if (offset == IDE_DATA) {
        write_data(c, (u32)value, size);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        write_register(c, (unsigned)offset + i, (u8)(value >> (8 * i)));
}

/* ---- device control and alternate status ---- */

static u64 control_block_read(void *dev, u64 offset, unsigned size)
{
    (void)offset, (void)size;
    return read_status(dev);
}

/* SRST: both devices are busy from its rise until some time after its fall. */
static void reset_rises(struct ide_channel *c)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];
        if (!ide_present(d))
            continue;
        timer_stop(&d->timer);
        d->phase = IDE_IN_RESET;
        d->status = IDE_BSY;
        d->intrq = false;
    }
}

static void reset_falls(struct ide_channel *c)
{
    c->selected = 0;
    for (unsigned i = 0; i < 2; i++) {
        c->drive[i].device = 0;
        if (ide_present(&c->drive[i]))
            ide_disk_busy(&c->drive[i], IDE_IN_RESET, IDE_RESET_NS);
    }
}

static void control_block_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ide_channel *c = dev;
    (void)offset, (void)size;
    u8 changed = (u8)(c->control ^ value) & IDE_CONTROL_SRST;
    c->control = value & (IDE_CONTROL_HOB | IDE_CONTROL_SRST | IDE_CONTROL_NIEN);
    if (changed && (value & IDE_CONTROL_SRST))
        reset_rises(c);
    else if (changed)
        reset_falls(c);
    ide_update_irq(c);
}

/* ---- the channel ---- */

static const struct region_ops command_block_ops = { .read = command_block_read,
                                                     .write = command_block_write,
                                                     .max_size = 4 };
static const struct region_ops control_block_ops = { .read = control_block_read,
                                                     .write = control_block_write,
                                                     .max_size = 1 };

void ide_channel_init(struct ide_channel *c, unsigned index, const struct ide_wiring *w, struct irq_line irq,
                      const struct ide_plug plug[2])
{
    static const char *const timer_name[2][2] = { { "ide0.0", "ide0.1" }, { "ide1.0", "ide1.1" } };
    c->index = index & 1;
    c->clock = w->clock;
    c->log = w->log;
    c->dma = w->dma;
    c->may_master = w->may_master;
    c->function = w->function;
    c->irq = irq;
    region_init_io(&c->command_block, "ide", 8, &command_block_ops, c);
    region_init_io(&c->control_block, "ide", 1, &control_block_ops, c);
    ide_bmdma_init(c);
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *d = &c->drive[i];
        d->channel = c;
        d->disk = plug[i].disk ? plug[i].disk : &no_disk;
        d->cdrom = plug[i].cdrom;
        d->unit = i;
        timer_init(&d->timer, c->clock, timer_name[c->index][i], 0, ide_disk_step, d);
    }
}

void ide_channel_reset(struct ide_channel *c)
{
    for (unsigned i = 0; i < 2; i++)
        ide_disk_power_on(&c->drive[i]);
    c->selected = 0;
    c->control = 0;
    ide_bmdma_reset(c);
    ide_update_irq(c);
}

static const struct state_field drive_fields[] = { STATE(struct ide_drive, status),
                                                   STATE(struct ide_drive, error),
                                                   STATE(struct ide_drive, device),
                                                   STATE(struct ide_drive, command),
                                                   STATE_BYTES(struct ide_drive, task),
                                                   STATE_MAX(struct ide_drive, phase, IDE_PHASE_MAX),
                                                   STATE_MAX(struct ide_drive, transfer, IDE_T_ALL),
                                                   STATE_MAX(struct ide_drive, intrq, 1),
                                                   STATE(struct ide_drive, lba),
                                                   STATE(struct ide_drive, remaining),
                                                   STATE_MAX(struct ide_drive, pos, IDE_BUFFER),
                                                   STATE_MAX(struct ide_drive, len, IDE_BUFFER),
                                                   STATE_BYTES(struct ide_drive, buffer),
                                                   STATE_MAX(struct ide_drive, multiple, IDE_MULTIPLE_MAX),
                                                   STATE_MAX(struct ide_drive, heads, 16),
                                                   STATE(struct ide_drive, sectors),
                                                   STATE(struct ide_drive, transfer_mode),
                                                   STATE_MAX(struct ide_drive, power, IDE_POWER_MAX),
                                                   STATE_MAX(struct ide_drive, write_cache, 1),
                                                   STATE_MAX(struct ide_drive, look_ahead, 1),
                                                   STATE_MAX(struct ide_drive, smart, 1),
                                                   STATE_MAX(struct ide_drive, smart_autosave, 1),
                                                   STATE_MAX(struct ide_drive, self_tests, IDE_SELF_TESTS),
                                                   STATE_BYTES(struct ide_drive, self_test),
                                                   STATE_MAX(struct ide_drive, keep_features, 1),
                                                   STATE_STRUCT(struct ide_drive, atapi, ide_atapi_fields),
                                                   STATE_TIMER(struct ide_drive, timer),
                                                   STATE_END };

const struct state_field ide_channel_fields[] = { STATE_ARRAY(struct ide_channel, drive, drive_fields),
                                                  STATE_MAX(struct ide_channel, selected, 1),
                                                  STATE(struct ide_channel, control),
                                                  STATE_MAX(struct ide_channel, irq_level, 1),
                                                  STATE_STRUCT(struct ide_channel, bm, ide_bmdma_fields),
                                                  STATE_END };
