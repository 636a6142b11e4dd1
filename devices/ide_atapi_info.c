/* ide_atapi_info.c: the packet commands by which a CD-ROM drive tells what it is and what disc is in it (MMC-3, SPC-3,
 * SFF-8020i, and the MMC-4 parts of DVD-ROM). Names and capabilities are those that QEMU's drive shows. */
#include "ide.h"

#define CD_SECTORS_MAX (80u * 60 * 75) /* a larger disc is a DVD */
#define FRAMES_PER_SECOND 75u
#define LEAD_IN_FRAMES 150u

/* ---- INQUIRY ---- */

#define INQUIRY_EVPD BIT(0)
#define INQUIRY_BYTES 36u
#define TYPE_CD 0x05u
#define REMOVABLE 0x80u
#define RESPONSE_ATAPI 0x21u
#define PAGE_PAGES 0x00u
#define PAGE_IDENTIFICATION 0x83u

static void put_padded(u8 *to, const char *text, size_t room)
{
    size_t len = strlen(text);
    memset(to, ' ', room);
    memcpy(to, text, len < room ? len : room);
}

static void vital_product_data(struct ide_drive *d)
{
    u8 *b = d->buffer;
    b[0] = TYPE_CD;
    b[1] = d->atapi.packet[2];
    if (b[1] == PAGE_PAGES) {
        b[3] = 2;
        b[4] = PAGE_PAGES;
        b[5] = PAGE_IDENTIFICATION;
        atapi_send(d, 6, get_be16(d->atapi.packet + 3));
    } else {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
    }
}

void atapi_inquiry(struct ide_drive *d)
{
    u8 *b = d->buffer;
    memset(b, 0, INQUIRY_BYTES);
    if (d->atapi.packet[1] & INQUIRY_EVPD) {
        vital_product_data(d);
        return;
    }
    b[0] = TYPE_CD;
    b[1] = REMOVABLE;
    b[3] = RESPONSE_ATAPI;
    b[4] = INQUIRY_BYTES - 5;
    put_padded(b + 8, "QEMU", 8);
    put_padded(b + 16, "QEMU DVD-ROM", 16);
    put_padded(b + 32, "2.5+", 4);
    atapi_send(d, INQUIRY_BYTES, get_be16(d->atapi.packet + 3));
}

/* ---- MODE SENSE (10) ---- */

#define MODE_HEADER 8u
#define MODE_MEDIUM_TYPE 0x70u /* door closed, no disc known */
#define MODE_CONTROL_SHIFT 6
#define PAGE_MASK_BITS 0x3fu
#define PAGE_ERROR_RECOVERY 0x01u
#define PAGE_AUDIO_CONTROL 0x0eu
#define PAGE_CAPABILITIES 0x2au
#define PAGE_ALL 0x3fu
#define CAPABILITIES_BYTES 22u
#define SPEED_4X 704u

enum { CONTROL_CURRENT, CONTROL_CHANGEABLE, CONTROL_DEFAULT, CONTROL_SAVED };

static u8 *error_recovery_page(u8 *p)
{
    p[0] = PAGE_ERROR_RECOVERY;
    p[1] = 6;
    p[3] = 5; /* retries */
    return p + 8;
}

static u8 *audio_control_page(u8 *p)
{
    p[0] = PAGE_AUDIO_CONTROL;
    p[1] = 14;
    return p + 16;
}

static u8 *capabilities_page(u8 *p, bool locked)
{
    p[0] = PAGE_CAPABILITIES;
    p[1] = CAPABILITIES_BYTES - 2;
    p[2] = 0x3b; /* reads CD-R, CD-RW, DVD-ROM, DVD-R, DVD-RAM */
    p[4] = 0x71; /* audio play, mode 2 forms 1 and 2, multisession */
    p[5] = 0x60;
    p[6] = (u8)(0x29 | (locked ? BIT(1) : 0)); /* tray, eject, lock */
    put_be16(p + 8, SPEED_4X);
    put_be16(p + 10, 2);   /* volume levels */
    put_be16(p + 12, 512); /* KiB of buffer */
    put_be16(p + 14, SPEED_4X);
    return p + CAPABILITIES_BYTES;
}

/* Nothing can be changed: that mask is of zeros. */
void atapi_mode_sense(struct ide_drive *d)
{
    const u8 *packet = d->atapi.packet;
    unsigned control = packet[2] >> MODE_CONTROL_SHIFT, page = packet[2] & PAGE_MASK_BITS;
    u8 *b = d->buffer, *p = b + MODE_HEADER;
    memset(b, 0, 64);
    if (control == CONTROL_SAVED) {
        atapi_check(d, SENSE_ILLEGAL, ASC_SAVING_NOT_SUPPORTED);
        return;
    }
    if (page == PAGE_ERROR_RECOVERY || page == PAGE_ALL)
        p = error_recovery_page(p);
    if (page == PAGE_AUDIO_CONTROL || page == PAGE_ALL)
        p = audio_control_page(p);
    if (page == PAGE_CAPABILITIES || page == PAGE_ALL)
        p = capabilities_page(p, d->atapi.locked);
    if (p == b + MODE_HEADER) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    if (control == CONTROL_CHANGEABLE && page != PAGE_ALL)
        memset(b + MODE_HEADER + 2, 0, (size_t)(p - b) - MODE_HEADER - 2);
    put_be16(b, (u32)(p - b) - 2);
    b[2] = MODE_MEDIUM_TYPE;
    atapi_send(d, (u32)(p - b), get_be16(packet + 7));
}

/* ---- GET CONFIGURATION ---- */

#define PROFILE_CD_ROM 0x0008u
#define PROFILE_DVD_ROM 0x0010u
#define FEATURE_CURRENT BIT(0)
#define FEATURE_PERSISTENT BIT(1)
#define CONFIGURATION_HEADER 8u

enum { RT_ALL, RT_CURRENT, RT_ONE };

static bool is_dvd(const struct ide_drive *d)
{
    return atapi_sectors(d) > CD_SECTORS_MAX;
}

static u32 current_profile(const struct ide_drive *d)
{
    return !atapi_ready(d) ? 0 : is_dvd(d) ? PROFILE_DVD_ROM : PROFILE_CD_ROM;
}

static u8 *put_profile(u8 *p, u32 profile, u32 current)
{
    put_be16(p, profile);
    p[2] = profile == current ? 1 : 0;
    return p + 4;
}

static u8 *feature_profile_list(const struct ide_drive *d, u8 *p)
{
    u32 current = current_profile(d);
    p[2] = FEATURE_PERSISTENT | FEATURE_CURRENT;
    p[3] = 8;
    return put_profile(put_profile(p + 4, PROFILE_DVD_ROM, current), PROFILE_CD_ROM, current);
}

static u8 *feature_core(const struct ide_drive *d, u8 *p)
{
    (void)d;
    p[2] = 2u << 2 | FEATURE_PERSISTENT | FEATURE_CURRENT;
    p[3] = 8;
    put_be32(p + 4, 2); /* ATAPI */
    p[8] = BIT(0);      /* events at a device that is busy */
    return p + 12;
}

static u8 *feature_removable_medium(const struct ide_drive *d, u8 *p)
{
    (void)d;
    p[2] = FEATURE_PERSISTENT | FEATURE_CURRENT;
    p[3] = 4;
    p[4] = 0x39; /* tray, eject, prevent jumper absent, lock */
    return p + 8;
}

static const struct {
    u16 number;
    u8 *(*put)(const struct ide_drive *d, u8 *p);
} features[] = {
    { 0x0000, feature_profile_list },
    { 0x0001, feature_core },
    { 0x0003, feature_removable_medium },
};

void atapi_get_configuration(struct ide_drive *d)
{
    const u8 *packet = d->atapi.packet;
    unsigned rt = packet[1] & 3, start = get_be16(packet + 2);
    u8 *b = d->buffer, *p = b + CONFIGURATION_HEADER;
    memset(b, 0, 64);
    if (rt > RT_ONE) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    put_be16(b + 6, current_profile(d));
    for (size_t i = 0; i < ARRAY_LEN(features); i++) {
        if (features[i].number < start || (rt == RT_ONE && features[i].number != start))
            continue;
        put_be16(p, features[i].number);
        p = features[i].put(d, p);
    }
    put_be32(b, (u32)(p - b) - 4);
    atapi_send(d, (u32)(p - b), get_be16(packet + 7));
}

/* ---- GET EVENT STATUS NOTIFICATION ---- */

#define EVENT_POLLED BIT(0)
#define EVENT_CLASS_MEDIA 4u
#define EVENT_NONE 0x80u
#define EVENT_SUPPORTED BIT(EVENT_CLASS_MEDIA)
enum { MEDIA_NO_CHANGE, MEDIA_EJECT_REQUEST, MEDIA_NEW };

static u8 media_event(struct ide_atapi *a)
{
    u8 event = a->new_media ? MEDIA_NEW : a->eject_requested ? MEDIA_EJECT_REQUEST : MEDIA_NO_CHANGE;
    if (event == MEDIA_NEW)
        a->new_media = false;
    else
        a->eject_requested = false;
    return event;
}

void atapi_get_event_status(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    u8 *b = d->buffer;
    u32 len = 4;
    memset(b, 0, 8);
    if (!(a->packet[1] & EVENT_POLLED)) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    b[2] = EVENT_NONE;
    b[3] = EVENT_SUPPORTED;
    if (a->packet[4] & EVENT_SUPPORTED) {
        b[2] = EVENT_CLASS_MEDIA;
        b[4] = media_event(a);
        b[5] = (u8)((a->tray_open ? 1 : 0) | (atapi_ready(d) ? 2 : 0));
        len = 8;
    }
    put_be16(b, len - 4);
    atapi_send(d, len, get_be16(a->packet + 7));
}

/* ---- the disc ---- */

void atapi_read_disc_information(struct ide_drive *d)
{
    u8 *b = d->buffer;
    memset(b, 0, 34);
    if (d->atapi.packet[1] & 7) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    put_be16(b, 32);
    b[2] = 0x0e;                   /* complete, finalised */
    b[3] = b[4] = b[5] = b[6] = 1; /* first track, sessions, first and last track of the last session */
    b[7] = 0x20;                   /* unrestricted use */
    atapi_send(d, 34, get_be16(d->atapi.packet + 7));
}

enum { TRACK_BY_ADDRESS, TRACK_BY_NUMBER, TRACK_BY_SESSION };
#define TRACK_DATA 4
#define TRACK_MODE_1 1

/* The one track is asked for by any of its sectors, or as track 1, or as session 1's first. */
void atapi_read_track_information(struct ide_drive *d)
{
    const u8 *packet = d->atapi.packet;
    unsigned by = packet[1] & 3;
    u32 which = get_be32(packet + 2), size = atapi_sectors(d);
    u8 *b = d->buffer;
    if (by > TRACK_BY_SESSION || (by == TRACK_BY_ADDRESS ? which >= size : which != 1)) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    memset(b, 0, 36);
    put_be16(b, 34);
    b[2] = b[3] = 1;
    b[5] = TRACK_DATA;
    b[6] = TRACK_MODE_1;
    put_be32(b + 24, size);
    atapi_send(d, 36, get_be16(packet + 7));
}

void atapi_mechanism_status(struct ide_drive *d)
{
    memset(d->buffer, 0, 8);
    d->buffer[5] = 1; /* slots */
    atapi_send(d, 8, get_be16(d->atapi.packet + 8));
}

/* ---- READ TOC ---- */

#define TOC_MSF BIT(1)
#define TOC_DATA_TRACK 0x14u /* Q subchannel: position; data, no copying */
#define TOC_LEAD_OUT_CONTROL 0x16u
#define LEAD_OUT 0xaau

static void put_msf(u8 *p, u32 frame)
{
    p[0] = (u8)(frame / FRAMES_PER_SECOND / 60);
    p[1] = (u8)(frame / FRAMES_PER_SECOND % 60);
    p[2] = (u8)(frame % FRAMES_PER_SECOND);
}

static void put_address(u8 *p, u32 lba, bool msf)
{
    put_be32(p, lba);
    if (msf) {
        p[0] = 0;
        put_msf(p + 1, lba + LEAD_IN_FRAMES);
    }
}

static u8 *put_track(u8 *p, u8 control, u8 track, u32 lba, bool msf)
{
    p[1] = control;
    p[2] = track;
    put_address(p + 4, lba, msf);
    return p + 8;
}

/* Format 0: the track and the lead-out. Returns the end, NULL when there is no such track. */
static u8 *toc_tracks(struct ide_drive *d, bool msf)
{
    u8 first = d->atapi.packet[6], *b = d->buffer, *p = b + 4;
    if (first > 1 && first != LEAD_OUT)
        return NULL;
    b[2] = b[3] = 1;
    if (first <= 1)
        p = put_track(p, TOC_DATA_TRACK, 1, 0, msf);
    return put_track(p, TOC_LEAD_OUT_CONTROL, LEAD_OUT, atapi_sectors(d), msf);
}

/* Format 1: where the last session begins. */
static u8 *toc_session(struct ide_drive *d, bool msf)
{
    d->buffer[2] = d->buffer[3] = 1;
    return put_track(d->buffer + 4, TOC_DATA_TRACK, 1, 0, msf);
}

static u8 *put_point(u8 *p, u8 point, u8 min, u8 sec, u8 frame)
{
    const u8 entry[11] = { 1, TOC_DATA_TRACK, 0, point, 0, 0, 0, 0, min, sec, frame };
    memcpy(p, entry, sizeof(entry));
    return p + sizeof(entry);
}

/* Format 2: the Q subchannel of the lead-in: first and last track, lead-out, the track. */
static u8 *toc_raw(struct ide_drive *d)
{
    u8 end[3], *p = d->buffer + 4;
    put_msf(end, atapi_sectors(d) + LEAD_IN_FRAMES);
    d->buffer[2] = d->buffer[3] = 1;
    p = put_point(p, 0xa0, 1, 0, 0);
    p = put_point(p, 0xa1, 1, 0, 0);
    p = put_point(p, 0xa2, end[0], end[1], end[2]);
    return put_point(p, 1, 0, LEAD_IN_FRAMES / FRAMES_PER_SECOND, 0);
}

void atapi_read_toc(struct ide_drive *d)
{
    const u8 *packet = d->atapi.packet;
    bool msf = packet[1] & TOC_MSF;
    u8 *b = d->buffer, *p = NULL;
    unsigned format = packet[2] & 0x0f;
    if (format == 0)
        format = packet[9] >> 6; /* where SFF-8020i has it */
    memset(b, 0, 64);
    if (format == 0)
        p = toc_tracks(d, msf);
    else if (format == 1)
        p = toc_session(d, msf);
    else if (format == 2)
        p = toc_raw(d);
    if (!p) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    put_be16(b, (u32)(p - b) - 2);
    atapi_send(d, (u32)(p - b), get_be16(packet + 7));
}

/* ---- READ DVD STRUCTURE ---- */

#define DVD_FIRST_SECTOR 0x30000u
#define DVD_LAYER_BYTES 20u

/* Format 0, the layer's description: DVD-ROM of 120 mm, one layer. Format 1: no copyright protection. */
void atapi_read_dvd_structure(struct ide_drive *d)
{
    const u8 *packet = d->atapi.packet;
    u8 *b = d->buffer, format = packet[7];
    u32 len = format == 0 ? DVD_LAYER_BYTES : 8;
    memset(b, 0, DVD_LAYER_BYTES);
    if (!is_dvd(d) || packet[6] != 0 || format > 1) {
        atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
        return;
    }
    put_be16(b, len - 2);
    if (format == 0) {
        b[4] = 1;    /* DVD-ROM, version 1 */
        b[5] = 0x0f; /* 120 mm, no maximum rate */
        b[6] = 1;    /* one layer, embossed */
        put_be32(b + 8, DVD_FIRST_SECTOR);
        put_be32(b + 12, DVD_FIRST_SECTOR + atapi_sectors(d) - 1);
        put_be32(b + 16, DVD_FIRST_SECTOR + atapi_sectors(d) - 1);
    }
    atapi_send(d, len, get_be16(packet + 8));
}
