/* i82078_cmd.c: the command set of the 82078 (data sheet, "Command Set/Descriptions"): how long each command is, and
 * those that move no data. */
#include "i82078.h"

#define WHO "i82078"

#define VERSION_ENHANCED 0x90 /* 82077AA, 82078 */
#define PART_ID_STEPPING 0x41 /* what QEMU's controller says; drivers take it for an 82078 */

#define LOCK_BIT BIT(7) /* of the LOCK command's code */
#define LOCK_RESULT_SHIFT 4
#define RELATIVE_DIR BIT(6)     /* of RELATIVE SEEK's code: inwards */
#define PERPENDICULAR_OW BIT(7) /* OW: the drives' bits are written, too */
#define PERPENDICULAR_GAP_WGATE 0x03u
#define PERPENDICULAR_ALL 0x3fu
#define SPEC_DN BIT(7)  /* the last byte of DRIVE SPECIFICATION */
#define SPEC_NRP BIT(6) /* no result phase */
#define SPEC_VALUE 0x1fu
#define SPEC_UNIT_SHIFT 5
#define ST3_WP BIT(6)
#define ST3_ONES 0x28u
#define ST3_T0 BIT(4)
#define RECALIBRATE_STEPS 80
#define DUMPREG_LOCK BIT(7)

/* ---- control ---- */

static void invalid(struct i82078 *s)
{
    log_guest(s->log, WHO, "invalid command %02x", s->fifo[0]);
    s->fifo[0] = ST0_IC_INVALID;
    fdc_result(s, 1, false);
}

static void specify(struct i82078 *s)
{
    s->srt_hut = s->fifo[1];
    s->hlt_nd = s->fifo[2];
    fdc_command_done(s);
}

static void configure(struct i82078 *s)
{
    s->config = s->fifo[2] & (CONFIG_EIS | CONFIG_EFIFO | CONFIG_POLL | CONFIG_FIFOTHR);
    s->precomp_track = s->fifo[3];
    fdc_command_done(s);
}

static void lock(struct i82078 *s)
{
    s->lock = s->fifo[0] & LOCK_BIT;
    s->fifo[0] = (u8)(s->lock << LOCK_RESULT_SHIFT);
    fdc_result(s, 1, false);
}

static void perpendicular_mode(struct i82078 *s)
{
    u8 v = s->fifo[1], mask = v & PERPENDICULAR_OW ? PERPENDICULAR_ALL : PERPENDICULAR_GAP_WGATE;
    s->perpendicular = (u8)((s->perpendicular & ~mask) | (v & mask));
    fdc_command_done(s);
}

static void version(struct i82078 *s)
{
    s->fifo[0] = VERSION_ENHANCED;
    fdc_result(s, 1, false);
}

static void part_id(struct i82078 *s)
{
    s->fifo[0] = PART_ID_STEPPING;
    fdc_result(s, 1, false);
}

static void power_down_mode(struct i82078 *s)
{
    s->power_mode = s->fifo[1];
    s->fifo[0] = s->power_mode;
    fdc_result(s, 1, false);
}

static void option(struct i82078 *s)
{
    s->option = s->fifo[1];
    fdc_command_done(s);
}

static u8 lock_and_perpendicular(const struct i82078 *s)
{
    return (u8)((s->lock ? DUMPREG_LOCK : 0) | s->perpendicular);
}

/* PCN 0-3, SPECIFY's bytes, SC/EOT, LOCK, CONFIGURE's bytes: what DUMPREG and SAVE have in common. */
static unsigned put_registers(const struct i82078 *s, u8 *to)
{
    memcpy(to, s->pcn, FDC_UNITS);
    to[4] = s->srt_hut;
    to[5] = s->hlt_nd;
    to[6] = s->last_eot;
    to[7] = lock_and_perpendicular(s);
    to[8] = s->config;
    to[9] = s->precomp_track;
    return 10;
}

static void dumpreg(struct i82078 *s)
{
    fdc_result(s, put_registers(s, s->fifo), false);
}

/* Sixteen bytes that RESTORE takes back. */
#define SAVE_BYTES 16
#define SAVE_REGISTERS 2
#define SAVE_DSR 0
#define SAVE_POWER 13
#define SAVE_OPTION 14

static void save(struct i82078 *s)
{
    memset(s->fifo, 0, SAVE_BYTES);
    put_registers(s, s->fifo + SAVE_REGISTERS);
    s->fifo[SAVE_DSR] = s->dsr & DSR_PRECOMP;
    s->fifo[SAVE_POWER] = s->power_mode;
    s->fifo[SAVE_OPTION] = s->option;
    fdc_result(s, SAVE_BYTES, false);
}

static void restore(struct i82078 *s)
{
    const u8 *saved = s->fifo + 1, *from = saved + SAVE_REGISTERS;
    s->dsr = (u8)((s->dsr & DSR_RATE) | (saved[SAVE_DSR] & DSR_PRECOMP));
    memcpy(s->pcn, from, FDC_UNITS);
    s->srt_hut = from[4];
    s->hlt_nd = from[5];
    s->last_eot = from[6];
    s->lock = from[7] & DUMPREG_LOCK;
    s->perpendicular = from[7] & PERPENDICULAR_ALL;
    s->config = from[8] & (CONFIG_EIS | CONFIG_EFIFO | CONFIG_POLL | CONFIG_FIFOTHR);
    s->precomp_track = from[9];
    s->power_mode = saved[SAVE_POWER];
    s->option = saved[SAVE_OPTION];
    fdc_command_done(s);
}

/* A byte for each drive that is told about, until one has DN. */
static void drive_specification(struct i82078 *s)
{
    u8 last = s->fifo[(s->pos - 1u) % FDC_FIFO];
    for (unsigned i = 1; i + 1u < s->pos; i++)
        s->drive_spec[s->fifo[i] >> SPEC_UNIT_SHIFT & FDC_UNIT_MASK] = s->fifo[i] & SPEC_VALUE;
    if (!(last & SPEC_DN) || (last & SPEC_NRP)) {
        fdc_command_done(s);
        return;
    }
    memcpy(s->fifo, s->drive_spec, FDC_UNITS);
    fdc_result(s, FDC_UNITS, false);
}

/* ---- status ---- */

/* After a reset each unit reports once; otherwise the seeks that have ended do, the lowest unit first. */
static void sense_interrupt_status(struct i82078 *s)
{
    for (unsigned unit = 0; unit < FDC_UNITS; unit++) {
        u8 bit = (u8)BIT(unit);
        if (!((s->reset_status | s->seek_end) & bit))
            continue;
        s->fifo[0] = s->reset_status & bit ? (u8)(ST0_IC_POLLING | unit) : s->seek_st0[unit];
        s->fifo[1] = s->pcn[unit];
        s->reset_status &= (u8)~bit;
        s->seek_end &= (u8)~bit;
        s->seek_busy &= (u8)~bit;
        fdc_result(s, 2, false);
        return;
    }
    s->fifo[0] = ST0_IC_INVALID;
    fdc_result(s, 1, false);
}

static void sense_drive_status(struct i82078 *s)
{
    u8 select = s->fifo[1] & (FDC_HDS | FDC_UNIT_MASK);
    const struct floppy_drive *d = &s->drive[select & FDC_UNIT_MASK];
    bool there = d->type != FLOPPY_NONE;
    s->fifo[0] =
        (u8)(ST3_ONES | select | (there && d->cylinder == 0 ? ST3_T0 : 0) | (there && d->disk->read_only ? ST3_WP : 0));
    fdc_result(s, 1, false);
}

/* ---- seeks: the command phase ends at once, SENSE INTERRUPT STATUS tells of the end ---- */

static void seek_to(struct i82078 *s, u8 select, u8 cylinder, int steps)
{
    unsigned unit = select & FDC_UNIT_MASK;
    s->pcn[unit] = cylinder;
    fdc_start_seek(s, unit, steps, (u8)(ST0_SE | (select & (FDC_HDS | FDC_UNIT_MASK))));
    fdc_command_done(s);
}

static void seek(struct i82078 *s)
{
    u8 to = s->fifo[2];
    seek_to(s, s->fifo[1], to, to - s->pcn[s->fifo[1] & FDC_UNIT_MASK]);
}

static void relative_seek(struct i82078 *s)
{
    u8 pcn = s->pcn[s->fifo[1] & FDC_UNIT_MASK], n = s->fifo[2];
    bool inwards = s->fifo[0] & RELATIVE_DIR;
    seek_to(s, s->fifo[1], (u8)(inwards ? pcn + n : pcn - n), inwards ? n : -(int)n);
}

/* Steps outwards until the drive says that it is at track 0, but no more than 80 times. */
static void recalibrate(struct i82078 *s)
{
    unsigned unit = s->fifo[1] & FDC_UNIT_MASK;
    const struct floppy_drive *d = &s->drive[unit];
    bool there = d->type != FLOPPY_NONE;
    int steps = there && d->cylinder < RECALIBRATE_STEPS ? d->cylinder : RECALIBRATE_STEPS;
    u8 st0 = (u8)(ST0_SE | unit);
    if (!there || d->cylinder > steps)
        st0 |= ST0_EC | ST0_IC_ABNORMAL;
    s->pcn[unit] = 0;
    fdc_start_seek(s, unit, -steps, st0);
    fdc_command_done(s);
}

/* ---- the table ---- */

struct fdc_command {
    u8 code, mask; /* the bits of `mask` must be those of `code` */
    u8 length;     /* bytes of the command phase */
    u8 kind;       /* a transfer, where run is NULL */
    void (*run)(struct i82078 *s);
};

static const struct fdc_command commands[] = {
    { 0x06, 0x1f, 9, FDC_READ, NULL },
    { 0x0c, 0x1f, 9, FDC_READ_DELETED, NULL },
    { 0x05, 0x3f, 9, FDC_WRITE, NULL },
    { 0x09, 0x3f, 9, FDC_WRITE_DELETED, NULL },
    { 0x02, 0xbf, 9, FDC_READ_TRACK, NULL },
    { 0x16, 0x1f, 9, FDC_VERIFY, NULL },
    { 0x0d, 0xbf, 6, FDC_FORMAT, NULL },
    { 0xad, 0xbf, 6, FDC_FORMAT_AND_WRITE, NULL },
    { 0x11, 0x1f, 9, FDC_SCAN_EQUAL, NULL },
    { 0x19, 0x1f, 9, FDC_SCAN_LOW, NULL },
    { 0x1d, 0x1f, 9, FDC_SCAN_HIGH, NULL },
    { 0x0a, 0xbf, 2, FDC_READ_ID, NULL },
    { 0x10, 0xff, 1, 0, version },
    { 0x07, 0xff, 2, 0, recalibrate },
    { 0x08, 0xff, 1, 0, sense_interrupt_status },
    { 0x03, 0xff, 3, 0, specify },
    { 0x04, 0xff, 2, 0, sense_drive_status },
    { 0x8e, 0xff, FDC_FIFO, 0, drive_specification },
    { 0x0f, 0xff, 3, 0, seek },
    { 0x8f, 0xbf, 3, 0, relative_seek },
    { 0x13, 0xff, 4, 0, configure },
    { 0x0e, 0xff, 1, 0, dumpreg },
    { 0x12, 0xff, 2, 0, perpendicular_mode },
    { 0x14, 0x7f, 1, 0, lock },
    { 0x18, 0xff, 1, 0, part_id },
    { 0x17, 0xff, 2, 0, power_down_mode },
    { 0x33, 0xff, 2, 0, option },
    { 0x2e, 0xff, 1, 0, save },
    { 0x4e, 0xff, 1 + SAVE_BYTES, 0, restore },
};

static const struct fdc_command *find_command(u8 code)
{
    static const struct fdc_command none = { .length = 1, .run = invalid };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if ((code & commands[i].mask) == commands[i].code)
            return &commands[i];
    return &none;
}

unsigned fdc_command_length(u8 code)
{
    return find_command(code)->length;
}

bool fdc_command_complete(const struct i82078 *s)
{
    return s->pos > 1 && find_command(s->fifo[0])->run == drive_specification &&
           (s->fifo[(s->pos - 1u) % FDC_FIFO] & SPEC_DN);
}

void fdc_run_command(struct i82078 *s)
{
    const struct fdc_command *c = find_command(s->fifo[0]);
    if (c->run)
        c->run(s);
    else
        fdc_start_transfer(s, (enum fdc_transfer_kind)c->kind);
}
