/* i82078.c: Intel 82078 floppy disk controller, as a PC/AT has it: registers, phases of a command, resets, INT and
 * DREQ.
 *
 * Data sheet: Intel 82078 (order 290475), AT mode. Modelled, here and in i82078_cmd.c and i82078_xfer.c: every command,
 * DMA and non-DMA transfers, overlapped and implied seeks, polling after a reset, the LOCK, data rates, the disk change
 * line, write protection. floppy_drive.c has the drives.
 * Not modelled: overruns and the FIFO's threshold (the data wait for the host); gaps, precompensation, perpendicular
 * recording and head timing (their registers are kept); FM; sectors that the image's format does not have; deleted
 * data marks, which a raw image can't hold; power-down, from which any access would wake the chip; the tape drive. */
#include "i82078.h"

#define WHO "i82078"

/* Offsets from 3F1. */
enum fdc_port { FDC_SRB, FDC_DOR, FDC_TDR, FDC_MSR, FDC_FIFO_PORT };
#define FDC_DSR FDC_MSR

#define SRB_ONES 0xc0u
#define SRB_DRIVE_SELECT_0 BIT(5)
#define SRB_MOTORS 0x03u
#define TDR_WRITABLE 0x0fu
#define RESET_PRECOMP_RATE FLOPPY_250K
#define DEFAULT_CONFIG CONFIG_EFIFO
#define POWER_ON_DOR 0x00u
#define PERPENDICULAR_DRIVES 0x3cu /* what a software reset leaves of the PERPENDICULAR MODE byte */

/* ---- lines ---- */

static bool uses_dma(const struct i82078 *s)
{
    return !(s->hlt_nd & HLT_ND);
}

static bool moves_data(const struct i82078 *s)
{
    return s->phase == FDC_GIVE || s->phase == FDC_TAKE;
}

/* DMAGATE low disconnects both. In a non-DMA transfer INT asks for each byte. */
void fdc_update_lines(struct i82078 *s)
{
    bool gate = s->dor & DOR_DMAGATE, data = moves_data(s);
    irq_set(&s->irq, gate && (s->int_pending || s->seek_end || (data && !uses_dma(s))));
    irq_set(&s->dreq, gate && data && uses_dma(s));
}

/* ---- phases ---- */

void fdc_command_done(struct i82078 *s)
{
    s->phase = FDC_COMMAND;
    s->pos = s->len = 0;
    fdc_update_lines(s);
}

void fdc_result(struct i82078 *s, unsigned n, bool interrupt)
{
    s->phase = FDC_RESULT;
    s->pos = 0;
    s->len = (u8)n;
    s->int_pending = interrupt;
    fdc_update_lines(s);
}

void fdc_execute(struct i82078 *s, enum fdc_step step, u64 ns)
{
    s->phase = FDC_EXECUTE;
    s->next_step = (u8)step;
    timer_set(&s->timer, clock_now(s->clock) + ns);
    fdc_update_lines(s);
}

/* ---- seeks ---- */

u64 fdc_seek_ns(int steps)
{
    u64 n = (u64)(steps < 0 ? -steps : steps);
    return FDC_SETTLE_NS + n * FDC_STEP_NS;
}

void fdc_start_seek(struct i82078 *s, unsigned unit, int steps, u8 st0)
{
    unsigned n = unit & FDC_UNIT_MASK;
    s->seek_busy |= (u8)BIT(n);
    s->seek_end &= (u8)~BIT(n);
    s->seek_st0[n] = st0;
    if (s->drive[n].type != FLOPPY_NONE)
        floppy_drive_step(&s->drive[n], steps);
    timer_set(&s->seek[n], clock_now(s->clock) + fdc_seek_ns(steps));
}

static void seek_ended(struct i82078 *s, unsigned unit)
{
    s->seek_end |= (u8)BIT(unit);
    fdc_update_lines(s);
}

static void seek_ended_0(void *self)
{
    seek_ended(self, 0);
}

static void seek_ended_1(void *self)
{
    seek_ended(self, 1);
}

static void seek_ended_2(void *self)
{
    seek_ended(self, 2);
}

static void seek_ended_3(void *self)
{
    seek_ended(self, 3);
}

/* ---- reset ---- */

/* What the RESET pin, DOR and DSR have in common (data sheet, "Reset"). */
static void stop(struct i82078 *s)
{
    timer_stop(&s->timer);
    for (unsigned i = 0; i < FDC_UNITS; i++) {
        timer_stop(&s->seek[i]);
        s->pcn[i] = 0;
    }
    s->phase = FDC_IN_RESET;
    s->pos = s->len = 0;
    s->int_pending = false;
    s->reset_status = s->seek_end = s->seek_busy = 0;
    s->data_pos = s->data_len = 0;
    if (s->lock) {
        s->config &= CONFIG_EFIFO | CONFIG_FIFOTHR;
    } else {
        s->config = DEFAULT_CONFIG;
        s->precomp_track = 0;
    }
    s->perpendicular &= PERPENDICULAR_DRIVES;
    s->dsr_power_down = false;
    fdc_update_lines(s);
}

/* Awake: polling finds that all drives have changed from "not ready" to "ready", and says so. */
static void woken(struct i82078 *s)
{
    s->phase = FDC_COMMAND;
    s->reset_status = (1u << FDC_UNITS) - 1;
    s->int_pending = true;
    fdc_update_lines(s);
}

static void leave_reset(struct i82078 *s)
{
    timer_set(&s->timer, clock_now(s->clock) + FDC_RESET_NS);
}

static void timer_fired(void *self)
{
    struct i82078 *s = self;
    if (s->phase == FDC_IN_RESET)
        woken(s);
    else if (s->phase == FDC_EXECUTE)
        fdc_transfer_step(s);
}

/* ---- registers ---- */

static u8 read_msr(const struct i82078 *s)
{
    u8 busy = s->seek_busy & MSR_DRIVES;
    switch (s->phase) {
    case FDC_COMMAND:
        return (u8)(MSR_RQM | (s->pos ? MSR_CMD_BUSY : 0) | busy);
    case FDC_EXECUTE:
        return (u8)(MSR_CMD_BUSY | (uses_dma(s) ? 0 : MSR_NON_DMA) | busy);
    case FDC_GIVE:
    case FDC_TAKE:
        if (uses_dma(s))
            return (u8)(MSR_CMD_BUSY | busy);
        return (u8)(MSR_CMD_BUSY | MSR_NON_DMA | MSR_RQM | (s->phase == FDC_GIVE ? MSR_DIO : 0) | busy);
    case FDC_RESULT:
        return (u8)(MSR_RQM | MSR_DIO | MSR_CMD_BUSY | busy);
    default:
        return 0;
    }
}

static u8 read_result(struct i82078 *s)
{
    u8 v = s->fifo[s->pos % FDC_FIFO];
    s->int_pending = false;
    if (++s->pos >= s->len)
        fdc_command_done(s);
    else
        fdc_update_lines(s);
    return v;
}

static u8 read_data(struct i82078 *s)
{
    u8 v = s->buffer[s->data_pos++ % FDC_SECTOR];
    if (s->data_pos >= s->data_len)
        fdc_buffer_done(s);
    return v;
}

static u8 read_fifo(struct i82078 *s)
{
    if (s->phase == FDC_RESULT)
        return read_result(s);
    if (s->phase == FDC_GIVE && !uses_dma(s))
        return read_data(s);
    log_guest(s->log, WHO, "the FIFO is read when it has nothing to say (MSR %02x)", read_msr(s));
    return 0;
}

static void write_data(struct i82078 *s, u8 v)
{
    s->buffer[s->data_pos++ % FDC_SECTOR] = v;
    if (s->data_pos >= s->data_len)
        fdc_buffer_done(s);
}

static void write_command(struct i82078 *s, u8 v)
{
    if (s->pos == 0)
        s->len = (u8)fdc_command_length(v);
    s->fifo[s->pos % FDC_FIFO] = v;
    s->pos++;
    if (s->pos >= s->len || fdc_command_complete(s))
        fdc_run_command(s);
}

static void write_fifo(struct i82078 *s, u8 v)
{
    if (s->phase == FDC_COMMAND)
        write_command(s, v);
    else if (s->phase == FDC_TAKE && !uses_dma(s))
        write_data(s, v);
    else
        log_guest(s->log, WHO, "the FIFO is written (%02x) when it takes nothing (MSR %02x)", v, read_msr(s));
}

static void write_dor(struct i82078 *s, u8 v)
{
    u8 changed = s->dor ^ v;
    s->dor = v;
    if ((changed & DOR_RESET) && !(v & DOR_RESET))
        stop(s);
    else if (changed & DOR_RESET)
        leave_reset(s);
    fdc_update_lines(s);
}

/* Its reset bit clears itself; precompensation and data rate stay. */
static void write_dsr(struct i82078 *s, u8 v)
{
    s->dsr = v & (DSR_PRECOMP | DSR_RATE);
    if ((v & DSR_SW_RESET) && (s->dor & DOR_RESET)) {
        stop(s);
        leave_reset(s);
    }
    s->dsr_power_down = v & DSR_POWER_DOWN;
    if (s->dsr_power_down)
        log_unimp(s->log, WHO, "power-down by DSR: the chip stays awake");
}

static u8 read_srb(const struct i82078 *s)
{
    u8 select = (s->dor & FDC_UNIT_MASK) == 0 ? SRB_DRIVE_SELECT_0 : 0;
    return (u8)(SRB_ONES | select | (s->dor >> DOR_MOTOR_SHIFT & SRB_MOTORS));
}

static u64 ports_read(void *dev, u64 offset, unsigned size)
{
    struct i82078 *s = dev;
    (void)size;
    switch (offset) {
    case FDC_SRB:
        return read_srb(s);
    case FDC_DOR:
        return s->dor;
    case FDC_TDR:
        return s->tdr;
    case FDC_MSR:
        return read_msr(s);
    default:
        return read_fifo(s);
    }
}

static void ports_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i82078 *s = dev;
    u8 v = (u8)value;
    (void)size;
    switch (offset) {
    case FDC_DOR:
        write_dor(s, v);
        break;
    case FDC_TDR:
        s->tdr = v & TDR_WRITABLE;
        break;
    case FDC_DSR:
        write_dsr(s, v);
        break;
    case FDC_FIFO_PORT:
        write_fifo(s, v);
        break;
    default:
        log_guest(s->log, WHO, "status register B written (%02x)", v);
        break;
    }
}

/* DIR: the change line of the drive that DOR selects; the other bits of 3F7 were the hard disk's. */
static u64 dir_read(void *dev, u64 offset, unsigned size)
{
    const struct i82078 *s = dev;
    (void)offset, (void)size;
    return s->drive[s->dor & FDC_UNIT_MASK].changed ? DIR_DSKCHG : 0;
}

static void ccr_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i82078 *s = dev;
    (void)offset, (void)size;
    s->dsr = (u8)((s->dsr & ~DSR_RATE) | (value & DSR_RATE));
}

/* ---- DMA ---- */

static void dma_cycle(void *self, enum dmac_cycle kind, u16 *data, bool tc)
{
    struct i82078 *s = self;
    if (!moves_data(s) || !uses_dma(s) || !(s->dor & DOR_DMAGATE))
        return; /* a request of software's own */
    if ((kind == DMAC_READ && s->phase == FDC_GIVE) || (kind == DMAC_WRITE && s->phase == FDC_TAKE))
        log_guest(s->log, WHO, "the DMA channel's direction is not the command's");
    s->x.tc = s->x.tc || tc;
    if (s->phase == FDC_GIVE)
        *data = s->buffer[s->data_pos++ % FDC_SECTOR];
    else
        s->buffer[s->data_pos++ % FDC_SECTOR] = (u8)*data;
    if (tc || s->data_pos >= s->data_len)
        fdc_buffer_done(s);
}

/* ---- the chip ---- */

static const struct region_ops ports_ops = { ports_read, ports_write, 1, 1 };
static const struct region_ops dir_ccr_ops = { dir_read, ccr_write, 1, 1 };

void fdc_init(struct i82078 *s, struct clock *clock, struct log *log, const struct fdc_wires *wires,
              const struct block_backend *const disk[FDC_DRIVES])
{
    static const char *const seek_name[FDC_UNITS] = { "fdc.seek0", "fdc.seek1", "fdc.seek2", "fdc.seek3" };
    static void (*const seek_fire[FDC_UNITS])(void *) = { seek_ended_0, seek_ended_1, seek_ended_2, seek_ended_3 };
    memset(s, 0, sizeof(*s));
    s->clock = clock;
    s->log = log;
    s->irq = wires->irq;
    s->dreq = dmac_dreq(wires->dmac, wires->dma_channel);
    dmac_connect(wires->dmac, wires->dma_channel, &(struct dmac_client){ dma_cycle, s });
    region_init_io(&s->ports, "fdc", 5, &ports_ops, s);
    region_init_io(&s->dir_ccr, "fdc", 1, &dir_ccr_ops, s);
    timer_init(&s->timer, clock, "fdc", 0, timer_fired, s);
    for (unsigned i = 0; i < FDC_UNITS; i++) {
        timer_init(&s->seek[i], clock, seek_name[i], 0, seek_fire[i], s);
        floppy_drive_init(&s->drive[i], i < FDC_DRIVES ? disk[i] : NULL);
    }
    fdc_reset(s);
}

void fdc_reset(void *self)
{
    struct i82078 *s = self;
    s->lock = false;
    stop(s);
    s->dor = POWER_ON_DOR;
    s->tdr = 0;
    s->dsr = RESET_PRECOMP_RATE;
    s->srt_hut = s->hlt_nd = s->perpendicular = s->power_mode = s->option = s->last_eot = 0;
    s->next_step = FDC_STEP_SECTOR;
    s->x = (struct fdc_transfer){ .step = 1 };
    memset(s->fifo, 0, sizeof(s->fifo));
    memset(s->buffer, 0, sizeof(s->buffer));
    memset(s->seek_st0, 0, sizeof(s->seek_st0));
    memset(s->drive_spec, 0, sizeof(s->drive_spec));
    for (unsigned i = 0; i < FDC_UNITS; i++)
        floppy_drive_reset(&s->drive[i]);
    fdc_update_lines(s);
}

void fdc_change_disk(struct i82078 *s, unsigned drive, const struct block_backend *disk)
{
    floppy_drive_change(&s->drive[drive % FDC_DRIVES], disk);
}

static bool post_load(void *self)
{
    const struct i82078 *s = self;
    bool data = s->phase == FDC_GIVE || s->phase == FDC_TAKE;
    return (!data || s->data_pos < s->data_len) && (s->phase != FDC_RESULT || s->pos < s->len) && s->x.step >= 1;
}

static const struct state_field transfer_fields[] = {
    STATE_MAX(struct fdc_transfer, kind, FDC_KIND_MAX),
    STATE(struct fdc_transfer, multi_track),
    STATE(struct fdc_transfer, skip),
    STATE_MAX(struct fdc_transfer, unit, FDC_UNITS - 1),
    STATE_MAX(struct fdc_transfer, head, 1),
    STATE(struct fdc_transfer, c),
    STATE(struct fdc_transfer, h),
    STATE(struct fdc_transfer, r),
    STATE(struct fdc_transfer, n),
    STATE(struct fdc_transfer, eot),
    STATE(struct fdc_transfer, left),
    STATE_MAX(struct fdc_transfer, step, 2),
    STATE(struct fdc_transfer, fill),
    STATE(struct fdc_transfer, tc),
    STATE(struct fdc_transfer, scan_met),
    STATE(struct fdc_transfer, scan_equal),
    STATE(struct fdc_transfer, st0),
    STATE(struct fdc_transfer, st1),
    STATE(struct fdc_transfer, st2),
    STATE_END,
};

static const struct state_field fdc_fields[] = {
    STATE(struct i82078, dor),
    STATE(struct i82078, tdr),
    STATE(struct i82078, dsr),
    STATE(struct i82078, dsr_power_down),
    STATE_MAX(struct i82078, phase, FDC_PHASE_MAX),
    STATE_MAX(struct i82078, next_step, FDC_STEP_MAX),
    STATE_BYTES(struct i82078, fifo),
    STATE_MAX(struct i82078, pos, FDC_FIFO),
    STATE_MAX(struct i82078, len, FDC_FIFO),
    STATE(struct i82078, int_pending),
    STATE_MAX(struct i82078, reset_status, MSR_DRIVES),
    STATE_MAX(struct i82078, seek_end, MSR_DRIVES),
    STATE_MAX(struct i82078, seek_busy, MSR_DRIVES),
    STATE_BYTES(struct i82078, seek_st0),
    STATE_BYTES(struct i82078, pcn),
    STATE(struct i82078, srt_hut),
    STATE(struct i82078, hlt_nd),
    STATE(struct i82078, config),
    STATE(struct i82078, precomp_track),
    STATE(struct i82078, perpendicular),
    STATE(struct i82078, power_mode),
    STATE(struct i82078, option),
    STATE_BYTES(struct i82078, drive_spec),
    STATE(struct i82078, last_eot),
    STATE(struct i82078, lock),
    STATE_STRUCT(struct i82078, x, transfer_fields),
    STATE_BYTES(struct i82078, buffer),
    STATE_MAX(struct i82078, data_pos, FDC_SECTOR),
    STATE_MAX(struct i82078, data_len, FDC_SECTOR),
    STATE_ARRAY(struct i82078, drive, floppy_drive_fields),
    STATE_TIMER(struct i82078, timer),
    STATE_TIMER(struct i82078, seek[0]),
    STATE_TIMER(struct i82078, seek[1]),
    STATE_TIMER(struct i82078, seek[2]),
    STATE_TIMER(struct i82078, seek[3]),
    STATE_END,
};
const struct state_table i82078_state = { "i82078", 1, fdc_fields, post_load };
