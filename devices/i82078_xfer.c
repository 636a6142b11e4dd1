/* i82078_xfer.c: the commands of the 82078 that read and write sectors (data sheet, "Data Transfer Commands", FORMAT
 * TRACK, READ ID, SCAN, VERIFY): one sector a step of the timer, through the buffer, to or from the DMA channel or the
 * FIFO. A track has the sectors of the image's format: identifiers C = cylinder, H = head, R = 1 …, N = 2.
 * A command that comes to its end of track (EOT) without a terminal count ends abnormally with EN, as on the chip: in
 * non-DMA mode, where a PC has no TC, always. */
#include "i82078.h"

#define WHO "i82078"

#define CODE_MT BIT(7)
#define CODE_MFM BIT(6)
#define CODE_SK BIT(5)
#define VERIFY_EC BIT(7) /* in the second byte: the last one counts sectors */
#define SCAN_ALTERNATE 2
#define SCAN_WILDCARD 0xffu
#define FORMAT_ID_BYTES 4
#define RESULT_BYTES 7

static struct floppy_drive *drive(struct i82078 *s)
{
    return &s->drive[s->x.unit & FDC_UNIT_MASK];
}

static bool is_format(const struct fdc_transfer *x)
{
    return x->kind == FDC_FORMAT || x->kind == FDC_FORMAT_AND_WRITE;
}

static bool is_scan(const struct fdc_transfer *x)
{
    return x->kind >= FDC_SCAN_EQUAL;
}

static bool writes(const struct fdc_transfer *x)
{
    return x->kind == FDC_WRITE || x->kind == FDC_WRITE_DELETED || is_format(x);
}

/* ---- the end ---- */

/* ST0-ST2, then the address of the next sector. */
static void finish(struct i82078 *s)
{
    const struct fdc_transfer *x = &s->x;
    const u8 result[RESULT_BYTES] = { (u8)(x->st0 | x->head << 2 | x->unit), x->st1, x->st2, x->c, x->h, x->r, x->n };
    memcpy(s->fifo, result, sizeof(result));
    fdc_result(s, RESULT_BYTES, true);
}

/* Ends abnormally after `ns`. */
static void fail(struct i82078 *s, u8 st1, u8 st2, u64 ns)
{
    s->x.st0 |= ST0_IC_ABNORMAL;
    s->x.st1 |= st1;
    s->x.st2 |= st2;
    fdc_execute(s, FDC_STEP_END, ns);
}

/* The host's image failed us: what a guest sees is a sector that can't be read. */
static void fail_data(struct i82078 *s)
{
    fail(s, ST1_DE, ST2_DD, FDC_RESULT_NS);
}

/* ---- finding a sector ---- */

/* Address marks come by under the head: a disk turns there, recorded at the rate that was set. */
static bool sees_marks(struct i82078 *s)
{
    const struct floppy_drive *d = drive(s);
    return d->type != FLOPPY_NONE && floppy_drive_loaded(d) && (s->dor & BIT(DOR_MOTOR_SHIFT + s->x.unit)) &&
           d->format.rate == (s->dsr & DSR_RATE) && s->x.head < d->format.heads &&
           floppy_drive_track(d) < d->format.cylinders;
}

static u64 sector_number(const struct floppy_drive *d, unsigned c, unsigned head, unsigned r)
{
    return ((u64)c * d->format.heads + head) * d->format.sectors + (r - 1);
}

/* The number of the sector with this identifier, on a track that has marks. False: it isn't there; *st2 says more. */
static bool find_identifier(struct i82078 *s, u64 *sector, u8 *st2)
{
    const struct fdc_transfer *x = &s->x;
    const struct floppy_drive *d = drive(s);
    if (!floppy_drive_over(d, x->c)) {
        *st2 = ST2_WC;
        return false;
    }
    if (x->h != x->head || x->n != FLOPPY_SECTOR_N || x->r < 1 || x->r > d->format.sectors)
        return false;
    *sector = sector_number(d, x->c, x->head, x->r);
    return *sector < d->disk->sectors;
}

/* The sector that the command names. False: the command has failed. */
static bool find_sector(struct i82078 *s, u64 *sector)
{
    u8 st2 = 0;
    if (!sees_marks(s)) {
        fail(s, ST1_MA, 0, FDC_SEARCH_NS);
        return false;
    }
    if (!find_identifier(s, sector, &st2)) {
        fail(s, ST1_ND, st2, FDC_SEARCH_NS);
        return false;
    }
    return true;
}

static bool read_sector(struct i82078 *s, u64 sector)
{
    const struct block_backend *disk = drive(s)->disk;
    if (disk->read(disk->self, sector, s->buffer, 1))
        return true;
    fail_data(s);
    return false;
}

static bool write_sector(struct i82078 *s, u64 sector)
{
    const struct block_backend *disk = drive(s)->disk;
    if (disk->read_only) { /* changed since the command began */
        fail(s, ST1_NW, 0, FDC_RESULT_NS);
        return false;
    }
    if (disk->write(disk->self, sector, s->buffer, 1))
        return true;
    fail_data(s);
    return false;
}

/* ---- the buffer and the host ---- */

static void open_buffer(struct i82078 *s, enum fdc_phase phase, unsigned len)
{
    s->data_pos = 0;
    s->data_len = (u16)len;
    s->phase = (u8)phase;
    fdc_update_lines(s);
}

/* After a terminal count the rest of a sector is filled: with zeros, or in a SCAN with what matches anything. */
void fdc_buffer_done(struct i82078 *s)
{
    if (s->phase == FDC_TAKE && s->data_pos < s->data_len)
        memset(s->buffer + s->data_pos, is_scan(&s->x) ? (int)SCAN_WILDCARD : 0, (size_t)(s->data_len - s->data_pos));
    fdc_execute(s, FDC_STEP_STORE, FDC_RESULT_NS);
}

/* ---- from sector to sector ---- */

/* Goes on to the next sector of the command; false: that was the last. The address follows the data sheet's table
 * "result phase": after the end of a track it is the first sector of the other side or of the next cylinder. */
static bool advance(struct fdc_transfer *x)
{
    bool last = x->r <= x->eot && x->eot - x->r < x->step;
    if (!last) {
        x->r = (u8)(x->r + x->step);
        return true;
    }
    x->r = 1;
    if (x->multi_track && x->head == 0) {
        x->head = 1;
        x->h = 1;
        return true;
    }
    x->c++;
    if (x->multi_track)
        x->h = 0;
    return false;
}

/* Whether to go on after a sector that was dealt with: by a count, by EOT, by TC or by what was found. */
static void next_sector(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    bool counted = x->left != 0, enough = x->tc || x->scan_met;
    if (counted)
        enough = --x->left == 0 || enough;
    enough = enough || (x->kind == FDC_READ_DELETED && !x->skip); /* ended by the wrong mark */
    bool more = advance(x);
    if (x->kind == FDC_READ_TRACK)
        more = true;
    if (enough)
        finish(s);
    else if (more)
        fdc_execute(s, FDC_STEP_SECTOR, FDC_SECTOR_NS);
    else if (is_scan(x) || (x->kind == FDC_VERIFY && !counted) || (x->kind == FDC_READ_DELETED && x->skip))
        finish(s);
    else
        fail(s, ST1_EN, 0, FDC_RESULT_NS);
}

/* ---- reading ---- */

/* Every sector has a normal data mark, which READ DELETED DATA reports: it skips them, or reads one and ends. */
static void give_sector(struct i82078 *s)
{
    u64 sector;
    if (!find_sector(s, &sector))
        return;
    if (s->x.kind == FDC_READ_DELETED) {
        s->x.st2 |= ST2_CM;
        if (s->x.skip) {
            next_sector(s);
            return;
        }
    }
    if (!read_sector(s, sector))
        return;
    if (s->x.kind == FDC_VERIFY)
        next_sector(s);
    else
        open_buffer(s, FDC_GIVE, FDC_SECTOR);
}

/* What READ TRACK's EOT asks for. */
static u16 track_sectors(const struct fdc_transfer *x)
{
    return x->eot ? x->eot : 256;
}

/* READ TRACK takes the sectors as they come after the index hole; an identifier that is not the expected one is
 * reported at the end. */
static void give_track_sector(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    const struct floppy_drive *d = drive(s);
    unsigned place = track_sectors(x) - x->left + 1u;
    u64 named, sector;
    u8 st2 = 0;
    if (!sees_marks(s) || place > d->format.sectors) {
        fail(s, ST1_MA, 0, FDC_SEARCH_NS);
        return;
    }
    sector = sector_number(d, floppy_drive_track(d), x->head, place);
    if (!find_identifier(s, &named, &st2) || named != sector) {
        x->st1 |= ST1_ND;
        x->st2 |= st2;
    }
    if (sector >= d->disk->sectors)
        fail(s, ST1_ND, 0, FDC_SEARCH_NS);
    else if (read_sector(s, sector))
        open_buffer(s, FDC_GIVE, FDC_SECTOR);
}

/* The identifier that comes by next: the disk turns with virtual time. */
static void read_identifier(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    const struct floppy_drive *d = drive(s);
    if (!sees_marks(s)) {
        fail(s, ST1_MA, 0, FDC_SEARCH_NS);
        return;
    }
    x->c = (u8)floppy_drive_track(d);
    x->h = x->head;
    x->r = (u8)(clock_now(s->clock) / FDC_SECTOR_NS % d->format.sectors + 1);
    x->n = FLOPPY_SECTOR_N;
    finish(s);
}

/* ---- writing and comparing ---- */

static void take_sector(struct i82078 *s)
{
    u64 sector;
    if (find_sector(s, &sector))
        open_buffer(s, FDC_TAKE, FDC_SECTOR);
}

static void store_sector(struct i82078 *s)
{
    u64 sector;
    if (find_sector(s, &sector) && write_sector(s, sector))
        next_sector(s);
}

/* The first byte that differs decides; FF matches anything. Less than 0: the disk's data are the lower ones. */
static int compare(const u8 *disk, const u8 *host)
{
    for (unsigned i = 0; i < FDC_SECTOR; i++)
        if (disk[i] != host[i] && disk[i] != SCAN_WILDCARD && host[i] != SCAN_WILDCARD)
            return disk[i] < host[i] ? -1 : 1;
    return 0;
}

static void compare_sector(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    u8 host[FDC_SECTOR];
    u64 sector;
    memcpy(host, s->buffer, sizeof(host));
    if (!find_sector(s, &sector) || !read_sector(s, sector))
        return;
    int order = compare(s->buffer, host);
    x->scan_equal = order == 0;
    x->scan_met = order == 0 || (x->kind == FDC_SCAN_LOW && order < 0) || (x->kind == FDC_SCAN_HIGH && order > 0);
    x->st2 = (u8)((x->st2 & ~(ST2_SH | ST2_SN)) | (x->scan_equal ? ST2_SH : 0) | (x->scan_met ? 0 : ST2_SN));
    next_sector(s);
}

/* ---- formatting ---- */

static void take_identifier(struct i82078 *s)
{
    const struct floppy_drive *d = drive(s);
    if (d->type == FLOPPY_NONE || !floppy_drive_loaded(d) || !(s->dor & BIT(DOR_MOTOR_SHIFT + s->x.unit)))
        fail(s, ST1_MA, 0, FDC_SEARCH_NS);
    else if (s->x.left == 0)
        finish(s);
    else
        open_buffer(s, FDC_TAKE, FORMAT_ID_BYTES);
}

/* An image has room for the sectors of its own format alone. */
static bool take_address(struct i82078 *s, u64 *sector)
{
    struct fdc_transfer *x = &s->x;
    u8 st2 = 0;
    x->c = s->buffer[0];
    x->h = s->buffer[1];
    x->r = s->buffer[2];
    x->n = s->buffer[3];
    if (sees_marks(s) && find_identifier(s, sector, &st2))
        return true;
    log_unimp(s->log, WHO, "a sector C %u, H %u, R %u, N %u is formatted at rate %u, which the image can't hold", x->c,
              x->h, x->r, x->n, s->dsr & DSR_RATE);
    x->st0 |= ST0_EC;
    fail(s, 0, 0, FDC_RESULT_NS);
    return false;
}

static void format_sector(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    u64 sector;
    if (s->data_len == FORMAT_ID_BYTES) {
        bool tc = x->tc;
        if (!take_address(s, &sector))
            return;
        if (x->kind == FDC_FORMAT_AND_WRITE && !tc) {
            open_buffer(s, FDC_TAKE, FDC_SECTOR);
            return;
        }
        memset(s->buffer, x->fill, FDC_SECTOR);
    } else if (!find_sector(s, &sector)) {
        return;
    }
    if (!write_sector(s, sector))
        return;
    if (--x->left == 0 || x->tc)
        finish(s);
    else
        fdc_execute(s, FDC_STEP_SECTOR, FDC_SECTOR_NS);
}

/* ---- steps ---- */

static void sector_step(struct i82078 *s)
{
    switch (s->x.kind) {
    case FDC_READ:
    case FDC_READ_DELETED:
    case FDC_VERIFY:
        give_sector(s);
        break;
    case FDC_READ_TRACK:
        give_track_sector(s);
        break;
    case FDC_READ_ID:
        read_identifier(s);
        break;
    case FDC_FORMAT:
    case FDC_FORMAT_AND_WRITE:
        take_identifier(s);
        break;
    default:
        take_sector(s);
        break;
    }
}

static void store_step(struct i82078 *s)
{
    if (is_format(&s->x))
        format_sector(s);
    else if (is_scan(&s->x))
        compare_sector(s);
    else if (writes(&s->x))
        store_sector(s);
    else
        next_sector(s);
}

void fdc_transfer_step(struct i82078 *s)
{
    if (s->next_step == FDC_STEP_SECTOR)
        sector_step(s);
    else if (s->next_step == FDC_STEP_STORE)
        store_step(s);
    else
        finish(s);
}

/* ---- start ---- */

static void parse_sectors(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    const u8 *f = s->fifo;
    u8 last = f[8];
    x->c = f[2];
    x->h = f[3];
    x->r = f[4];
    x->n = f[5];
    x->eot = s->last_eot = f[6];
    x->multi_track = (f[0] & CODE_MT) && x->kind != FDC_READ_TRACK;
    x->skip = f[0] & CODE_SK;
    if (x->kind == FDC_VERIFY && (f[1] & VERIFY_EC))
        x->left = last ? last : 256;
    if (x->kind == FDC_READ_TRACK)
        x->left = track_sectors(x);
    if (is_scan(x) && last == SCAN_ALTERNATE)
        x->step = SCAN_ALTERNATE;
}

static void parse_format(struct i82078 *s)
{
    s->x.n = s->fifo[2];
    s->x.left = s->last_eot = s->fifo[3];
    s->x.fill = s->fifo[5];
}

/* CONFIGURE's EIS: the head goes where the command's address is. Returns the time that takes. */
static u64 implied_seek(struct i82078 *s)
{
    struct fdc_transfer *x = &s->x;
    int steps = x->c - s->pcn[x->unit];
    if (!(s->config & CONFIG_EIS) || is_format(x) || x->kind == FDC_READ_ID || steps == 0)
        return 0;
    if (drive(s)->type != FLOPPY_NONE)
        floppy_drive_step(drive(s), steps);
    s->pcn[x->unit] = x->c;
    return fdc_seek_ns(steps);
}

void fdc_start_transfer(struct i82078 *s, enum fdc_transfer_kind kind)
{
    u8 code = s->fifo[0], select = s->fifo[1];
    s->x = (struct fdc_transfer){ .kind = (u8)kind, .step = 1 };
    s->x.unit = select & FDC_UNIT_MASK;
    s->x.head = select & FDC_HDS ? 1 : 0;
    if (is_format(&s->x))
        parse_format(s);
    else if (kind != FDC_READ_ID)
        parse_sectors(s);
    u64 ns = FDC_SECTOR_NS + implied_seek(s);
    if (kind == FDC_WRITE_DELETED)
        log_unimp(s->log, WHO, "WRITE DELETED DATA: the image has no deleted marks, normal ones are written");
    if (!(code & CODE_MFM)) {
        log_unimp(s->log, WHO, "command %02x: single density (FM)", code);
        fail(s, ST1_MA, 0, FDC_SEARCH_NS);
    } else if (writes(&s->x) && drive(s)->disk->read_only) {
        fail(s, ST1_NW, 0, FDC_SECTOR_NS);
    } else {
        fdc_execute(s, FDC_STEP_SECTOR, ns);
    }
}
