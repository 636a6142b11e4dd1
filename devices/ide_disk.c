/* ide_disk.c: the commands of an ATA hard disk, ATA/ATAPI-6 (T13/1410D) section 8, feature sets General, Power
 * Management, SMART and 48-bit Address; data moves in ide_transfer.c. A CD-ROM drive has a few of them, besides its
 * packets (ide_atapi.c).
 * Every command costs virtual time before its first effect, so interrupts never come inside the register write.
 * Not modelled, and answered with ABRT: host protected area (SET MAX), security, READ/WRITE BUFFER, READ/WRITE LONG,
 * DEVICE CONFIGURATION, queued and streaming commands, advanced power and acoustic management, standby timers
 * (the count of STANDBY and IDLE is ignored: a disk of ours never spins down by itself). */
#include "ide.h"

enum set_feature {
    ENABLE_WRITE_CACHE = 0x02,
    SET_TRANSFER_MODE = 0x03,
    DISABLE_LOOK_AHEAD = 0x55,
    DISABLE_REVERTING = 0x66,
    DISABLE_WRITE_CACHE = 0x82,
    ENABLE_LOOK_AHEAD = 0xaa,
    ENABLE_REVERTING = 0xcc,
};

#define PACKET_SIGNATURE_MID 0x14
#define PACKET_SIGNATURE_HIGH 0xeb
#define DSM_TRIM 0x01
#define DEFAULT_HEADS 16
#define DEFAULT_SECTORS 63
#define POWER_STANDBY 0x00u
#define POWER_ACTIVE 0xffu

/* ---- how commands end ---- */

static const char *who(const struct ide_drive *d)
{
    return d->channel->index ? "ide1" : "ide0";
}

void ide_disk_busy(struct ide_drive *d, enum ide_phase phase, u64 ns)
{
    d->phase = (u8)phase;
    d->status = IDE_BSY;
    timer_set(&d->timer, clock_now(d->channel->clock) + ns);
}

static void end(struct ide_drive *d, unsigned status, unsigned error)
{
    d->phase = IDE_IDLE;
    d->status = (u8)status;
    d->error = (u8)error;
    d->intrq = true;
    ide_update_irq(d->channel);
}

void ide_disk_done(struct ide_drive *d)
{
    end(d, IDE_READY, 0);
}

void ide_disk_fail(struct ide_drive *d, unsigned error)
{
    end(d, IDE_READY | IDE_ERR, error);
}

static void abort_command(struct ide_drive *d)
{
    ide_disk_fail(d, IDE_ABRT);
}

/* ---- reset ---- */

/* Section 9.12, device signatures. */
void ide_disk_put_signature(struct ide_drive *d)
{
    memset(d->task, 0, sizeof(d->task));
    d->task[0][IDE_COUNT] = 1;
    d->task[0][IDE_LBA_LOW] = 1;
    d->task[0][IDE_LBA_MID] = d->cdrom ? PACKET_SIGNATURE_MID : 0;
    d->task[0][IDE_LBA_HIGH] = d->cdrom ? PACKET_SIGNATURE_HIGH : 0;
    d->device = 0;
}

static void default_features(struct ide_drive *d)
{
    d->multiple = IDE_MULTIPLE_MAX;
    d->write_cache = true;
    d->look_ahead = true;
}

void ide_disk_reset_done(struct ide_drive *d)
{
    timer_stop(&d->timer);
    ide_disk_put_signature(d);
    d->phase = IDE_IDLE;
    d->status =
        ide_present(d) && !d->cdrom ? IDE_READY : 0; /* a packet device is not "ready" before its first command */
    d->error = IDE_DIAGNOSTIC_PASSED;
    d->intrq = false;
    d->power = IDE_ACTIVE;
    d->pos = d->len = d->remaining = 0;
}

void ide_disk_power_on(struct ide_drive *d)
{
    d->command = 0;
    d->transfer = 0;
    d->lba = 0;
    memset(d->buffer, 0, sizeof(d->buffer));
    d->heads = DEFAULT_HEADS;
    d->sectors = DEFAULT_SECTORS;
    d->transfer_mode = 0;
    d->smart = d->smart_autosave = true;
    d->self_tests = 0;
    memset(d->self_test, 0, sizeof(d->self_test));
    d->keep_features = false;
    default_features(d);
    atapi_power_on(d);
    ide_disk_reset_done(d);
}

/* ---- commands without data ---- */

static void nop(struct ide_drive *d)
{
    abort_command(d); /* by definition */
}

static void succeed(struct ide_drive *d)
{
    ide_disk_done(d);
}

static void seek(struct ide_drive *d)
{
    u64 lba;
    u32 count;
    d->task[0][IDE_COUNT] = 1; /* unused by the command, and not to be checked */
    if (ide_transfer_address(d, false, &lba, &count))
        ide_disk_done(d);
}

/* EXECUTE DEVICE DIAGNOSTIC is for both drives; device 0 reports, and is selected afterwards. */
static void diagnose(struct ide_drive *d)
{
    struct ide_channel *c = d->channel;
    for (unsigned i = 0; i < 2; i++)
        if (ide_present(&c->drive[i]))
            ide_disk_reset_done(&c->drive[i]);
    c->selected = 0;
    d->intrq = true;
    ide_update_irq(c);
}

static void initialize_device_parameters(struct ide_drive *d)
{
    u8 sectors = d->task[0][IDE_COUNT];
    if (sectors == 0) {
        abort_command(d);
        return;
    }
    d->sectors = sectors;
    d->heads = (u8)((d->device & IDE_DEVICE_HEAD) + 1);
    ide_disk_done(d);
}

static void flush(struct ide_drive *d)
{
    if (d->disk->flush(d->disk->self)) {
        ide_disk_done(d);
        return;
    }
    abort_command(d);
    d->status |= IDE_DF;
}

static void native_max(struct ide_drive *d, bool ext)
{
    u64 last = d->disk->sectors - 1, limit = ext ? UINT64_MAX >> 16 : 0x0fffffff;
    if (!(d->device & IDE_DEVICE_LBA)) {
        abort_command(d);
        return;
    }
    ide_transfer_put_address(d, last < limit ? last : limit, ext);
    ide_disk_done(d);
}

static void read_native_max(struct ide_drive *d)
{
    native_max(d, false);
}

static void read_native_max_ext(struct ide_drive *d)
{
    native_max(d, true);
}

static void standby(struct ide_drive *d)
{
    d->power = IDE_STANDBY;
    ide_disk_done(d);
}

static void idle(struct ide_drive *d)
{
    d->power = IDE_ACTIVE;
    ide_disk_done(d);
}

static void sleep(struct ide_drive *d)
{
    ide_disk_done(d);
    d->power = IDE_SLEEP;
}

static void check_power_mode(struct ide_drive *d)
{
    d->task[0][IDE_COUNT] = d->power == IDE_STANDBY ? POWER_STANDBY : POWER_ACTIVE;
    ide_disk_done(d);
}

static void set_multiple(struct ide_drive *d)
{
    u8 n = d->task[0][IDE_COUNT];
    if (n > IDE_MULTIPLE_MAX || (n & (n - 1))) {
        abort_command(d);
        return;
    }
    d->multiple = n;
    ide_disk_done(d);
}

/* Table in SET FEATURES, subcommand 03: bits 7:3 the kind of transfer, 2:0 the mode. */
static bool transfer_mode_exists(u8 v)
{
    u8 mode = v & 7;
    switch (v >> 3) {
    case 0:
        return mode <= 1; /* PIO default, without IORDY */
    case 1:
        return mode <= 4; /* PIO with flow control */
    case 2:
        return mode <= 2; /* single word DMA */
    case 4:
        return mode <= 2; /* multiword DMA */
    case 8:
        return mode <= 5; /* Ultra DMA */
    default:
        return false;
    }
}

static bool set_feature(struct ide_drive *d, u8 feature)
{
    switch (feature) {
    case ENABLE_WRITE_CACHE:
    case DISABLE_WRITE_CACHE:
        d->write_cache = feature == ENABLE_WRITE_CACHE;
        return d->write_cache || d->cdrom || d->disk->flush(d->disk->self);
    case SET_TRANSFER_MODE:
        if (!transfer_mode_exists(d->task[0][IDE_COUNT]))
            return false;
        d->transfer_mode = d->task[0][IDE_COUNT];
        return true;
    case ENABLE_LOOK_AHEAD:
    case DISABLE_LOOK_AHEAD:
        d->look_ahead = feature == ENABLE_LOOK_AHEAD;
        return true;
    case ENABLE_REVERTING:
    case DISABLE_REVERTING:
        d->keep_features = feature == DISABLE_REVERTING;
        return true;
    default:
        log_unimp(d->channel->log, who(d), "SET FEATURES subcommand %02x: aborted", feature);
        return false;
    }
}

static void set_features(struct ide_drive *d)
{
    if (set_feature(d, d->task[0][IDE_FEATURES]))
        ide_disk_done(d);
    else
        abort_command(d);
}

/* ATA8-ACS: TRIM is its one function. */
static void data_set_management(struct ide_drive *d)
{
    if (d->task[0][IDE_FEATURES] == DSM_TRIM)
        ide_transfer_trim(d);
    else
        abort_command(d);
}

static void identify(struct ide_drive *d)
{
    ide_identify(d);
    d->remaining = 0;
    ide_transfer_send(d, BLOCK_SECTOR);
}

/* ---- the table ---- */

struct ide_command {
    void (*run)(struct ide_drive *d); /* or a transfer: */
    u8 transfer;                      /* enum ide_transfer */
    bool is_transfer;
};

#define T(flags)                                                                                                       \
    {                                                                                                                  \
        .transfer = (flags), .is_transfer = true                                                                       \
    }
#define C(f)                                                                                                           \
    {                                                                                                                  \
        .run = (f)                                                                                                     \
    }

static const struct ide_command commands[256] = {
    [0x00] = C(nop),
    [0x06] = C(data_set_management),
    [0x08] = C(abort_command),    /* DEVICE RESET: packet devices only */
    [0x10 ... 0x1f] = C(succeed), /* RECALIBRATE */
    [0x20 ... 0x21] = T(0),
    [0x24] = T(IDE_T_EXT),
    [0x25] = T(IDE_T_EXT | IDE_T_DMA),
    [0x27] = C(read_native_max_ext),
    [0x29] = T(IDE_T_EXT | IDE_T_MULTIPLE),
    [0x30 ... 0x31] = T(IDE_T_WRITE),
    [0x34] = T(IDE_T_EXT | IDE_T_WRITE),
    [0x35] = T(IDE_T_EXT | IDE_T_WRITE | IDE_T_DMA),
    [0x39] = T(IDE_T_EXT | IDE_T_WRITE | IDE_T_MULTIPLE),
    [0x40 ... 0x41] = T(IDE_T_VERIFY),
    [0x42] = T(IDE_T_EXT | IDE_T_VERIFY),
    [0x70 ... 0x7f] = C(seek),
    [0x90] = C(diagnose),
    [0x91] = C(initialize_device_parameters),
    [0x94] = C(standby), /* 94 … 99: the same commands by their first numbers */
    [0x95] = C(idle),
    [0x96] = C(standby),
    [0x97] = C(idle),
    [0x98] = C(check_power_mode),
    [0x99] = C(sleep),
    [0xa0 ... 0xa1] = C(abort_command), /* PACKET, IDENTIFY PACKET DEVICE: how hosts find out */
    [0xb0] = C(ide_smart_command),
    [0xc4] = T(IDE_T_MULTIPLE),
    [0xc5] = T(IDE_T_MULTIPLE | IDE_T_WRITE),
    [0xc6] = C(set_multiple),
    [0xc8 ... 0xc9] = T(IDE_T_DMA),
    [0xca ... 0xcb] = T(IDE_T_DMA | IDE_T_WRITE),
    [0xe0] = C(standby),
    [0xe1] = C(idle),
    [0xe2] = C(standby),
    [0xe3] = C(idle),
    [0xe5] = C(check_power_mode),
    [0xe6] = C(sleep),
    [0xe7] = C(flush),
    [0xea] = C(flush),
    [0xec] = C(identify),
    [0xef] = C(set_features),
    [0xf8] = C(read_native_max),
};

/* How hosts find out that this is a packet device: IDENTIFY DEVICE and READ SECTORS fail, with the signature. */
static void abort_with_signature(struct ide_drive *d)
{
    ide_disk_put_signature(d);
    abort_command(d);
}

/* DEVICE RESET ends without an interrupt. */
static void device_reset(struct ide_drive *d)
{
    ide_disk_reset_done(d);
    ide_update_irq(d->channel);
}

static void identify_packet(struct ide_drive *d)
{
    ide_identify_packet(d);
    d->remaining = 0;
    ide_transfer_send(d, BLOCK_SECTOR);
}

static const struct ide_command packet_device_commands[256] = {
    [0x00] = C(nop),
    [IDE_DEVICE_RESET] = C(device_reset),
    [0x20] = C(abort_with_signature),
    [0x90] = C(diagnose),
    [0x94] = C(standby),
    [0x95] = C(idle),
    [0x96] = C(standby),
    [0x97] = C(idle),
    [0x98] = C(check_power_mode),
    [0x99] = C(sleep),
    [0xa0] = C(atapi_packet_command),
    [0xa1] = C(identify_packet),
    [0xe0] = C(standby),
    [0xe1] = C(idle),
    [0xe2] = C(standby),
    [0xe3] = C(idle),
    [0xe5] = C(check_power_mode),
    [0xe6] = C(sleep),
    [0xec] = C(abort_with_signature),
    [0xef] = C(set_features),
};

static void execute(struct ide_drive *d)
{
    const struct ide_command *c = d->cdrom ? &packet_device_commands[d->command] : &commands[d->command];
    if (c->is_transfer) {
        d->power = IDE_ACTIVE;
        ide_transfer_start(d, c->transfer);
    } else if (c->run) {
        c->run(d);
    } else {
        log_unimp(d->channel->log, who(d), "ATA command %02x: aborted", d->command);
        abort_command(d);
    }
}

void ide_disk_command(struct ide_drive *d, u8 command)
{
    d->intrq = false;
    ide_update_irq(d->channel);
    if (d->power == IDE_SLEEP && !(d->cdrom && command == IDE_DEVICE_RESET)) {
        log_guest(d->channel->log, who(d), "command %02x to a disk in sleep mode, which only a reset ends", command);
        return;
    }
    d->command = command;
    d->error = 0;
    ide_disk_busy(d, IDE_START, IDE_COMMAND_NS);
}

void ide_disk_step(void *drive)
{
    struct ide_drive *d = drive;
    if (!ide_present(d))
        return;
    switch (d->phase) {
    case IDE_START:
        execute(d);
        break;
    case IDE_IN_RESET:
        if (!d->keep_features)
            default_features(d);
        ide_disk_reset_done(d);
        ide_update_irq(d->channel);
        break;
    default:
        if (d->cdrom)
            atapi_step(d);
        else
            ide_transfer_step(d);
        break;
    }
}
