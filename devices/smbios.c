/* smbios.c: SMBIOS tables after DMTF DSP0134 version 2.8: system (1), chassis (3), one processor (4) for each CPU,
 * memory array (16), a memory device (17) for each 16 GiB, mapped address ranges (19), boot status (32) and the end
 * (127): the set, order and handles of QEMU 7.2's pc. The BIOS information (0) is left to the firmware, which adds its
 * own; the anchor's address and checksums are the firmware's to fill in, too. */
#include "smbios.h"

#include <stdio.h>

#define VERSION_MAJOR 2
#define VERSION_MINOR 8
#define VERSION_BCD 0x28

#define ANCHOR_LENGTH 5
#define ANCHOR_MAJOR 6
#define ANCHOR_MAX_STRUCTURE 8
#define ANCHOR_DMI 16
#define ANCHOR_TABLE_LENGTH 22
#define ANCHOR_COUNT 28
#define ANCHOR_BCD 30

#define HANDLE_SYSTEM 0x100
#define HANDLE_CHASSIS 0x300
#define HANDLE_PROCESSOR 0x400
#define HANDLE_ARRAY 0x1000
#define HANDLE_DEVICE 0x1100
#define HANDLE_RANGE 0x1300
#define HANDLE_BOOT 0x2000
#define HANDLE_END 0x7f00

#define DIMM_MAX (16 * GIB)
#define UNKNOWN_WIDTH 0xffff
#define NO_ERROR_HANDLE 0xfffe
#define NO_CACHE_HANDLE 0xffff
#define EXTENDED_CAPACITY 0x80000000 /* KiB: the 64-bit field says it */
#define EXTENDED_SIZE 0x7fff         /* MiB: the 32-bit field says it */
#define EXTENDED_ADDRESS 0xffffffff

enum { OTHER = 1, UNKNOWN = 2, SAFE = 3 };

/* One build: `start` is where the structure under way begins; its strings follow it. */
struct build {
    struct smbios *s;
    u32 start, max_structure, count;
    const char *string[3];
    unsigned strings;
    bool full;
};

static void put_bytes(struct build *b, const void *bytes, u32 n)
{
    if (b->full || n > SMBIOS_ROOM - b->s->len) {
        b->full = true;
        return;
    }
    memcpy(b->s->tables + b->s->len, bytes, n);
    b->s->len += n;
}

static void put8(struct build *b, u8 v)
{
    put_bytes(b, &v, sizeof(v));
}

static void put16(struct build *b, u16 v)
{
    put_bytes(b, &v, sizeof(v));
}

static void put32(struct build *b, u32 v)
{
    put_bytes(b, &v, sizeof(v));
}

static void put64(struct build *b, u64 v)
{
    put_bytes(b, &v, sizeof(v));
}

static void begin(struct build *b, u8 type, u16 handle)
{
    b->start = b->s->len;
    b->strings = 0;
    put8(b, type);
    put8(b, 0); /* length */
    put16(b, handle);
}

/* A field that names a string: its number, counted from 1. The string must live until end(). */
static void put_string(struct build *b, const char *text)
{
    b->string[b->strings++] = text;
    put8(b, (u8)b->strings);
}

static void end(struct build *b)
{
    if (!b->full)
        b->s->tables[b->start + 1] = (u8)(b->s->len - b->start);
    for (unsigned i = 0; i < b->strings; i++)
        put_bytes(b, b->string[i], (u32)strlen(b->string[i]) + 1);
    if (!b->strings)
        put8(b, 0);
    put8(b, 0);
    u32 size = b->s->len - b->start;
    if (size > b->max_structure)
        b->max_structure = size;
    b->count++;
}

/* 7.2.1: the first three fields of a UUID are little-endian. */
static void put_uuid(struct build *b, const u8 uuid[16])
{
    static const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

    for (unsigned i = 0; i < 16; i++)
        put8(b, uuid[order[i]]);
}

static void put_system(struct build *b, const struct smbios_machine *m)
{
    begin(b, 1, HANDLE_SYSTEM);
    put_string(b, m->manufacturer);
    put_string(b, m->product);
    put_string(b, m->version);
    put8(b, 0); /* serial number */
    put_uuid(b, m->uuid);
    put8(b, 6); /* woken by the power switch */
    put8(b, 0); /* SKU */
    put8(b, 0); /* family */
    end(b);
}

static void put_chassis(struct build *b, const struct smbios_machine *m)
{
    begin(b, 3, HANDLE_CHASSIS);
    put_string(b, m->manufacturer);
    put8(b, OTHER);
    put_string(b, m->version);
    put8(b, 0);       /* serial number */
    put8(b, 0);       /* asset tag */
    put8(b, SAFE);    /* boot-up state */
    put8(b, SAFE);    /* power supply */
    put8(b, SAFE);    /* thermal */
    put8(b, UNKNOWN); /* security */
    put32(b, 0);      /* OEM */
    put8(b, 0);       /* height */
    put8(b, 0);       /* power cords */
    put8(b, 0);       /* contained elements, and their length */
    put8(b, 0);
    put8(b, 0); /* SKU */
    end(b);
}

static u8 at_least_1(unsigned n)
{
    return n ? (u8)n : 1;
}

static void put_processor(struct build *b, const struct smbios_machine *m, unsigned n)
{
    char socket[16];

    snprintf(socket, sizeof(socket), "CPU %u", n);
    begin(b, 4, (u16)(HANDLE_PROCESSOR + n));
    put_string(b, socket);
    put8(b, 3); /* a central processor */
    put8(b, OTHER);
    put_string(b, m->manufacturer);
    put32(b, m->cpu_signature);
    put32(b, m->cpu_features);
    put_string(b, m->version);
    put8(b, 0);  /* voltage */
    put16(b, 0); /* external clock */
    put16(b, m->cpu_mhz);
    put16(b, m->cpu_mhz);
    put8(b, 0x41); /* socket populated, enabled */
    put8(b, OTHER);
    for (unsigned level = 1; level <= 3; level++)
        put16(b, NO_CACHE_HANDLE);
    put8(b, 0); /* serial number */
    put8(b, 0); /* asset tag */
    put8(b, 0); /* part number */
    put8(b, at_least_1(m->cpu_cores));
    put8(b, at_least_1(m->cpu_cores)); /* enabled */
    put8(b, at_least_1(m->cpu_threads));
    put16(b, BIT(1)); /* characteristics: unknown */
    put16(b, OTHER);  /* family, again */
    end(b);
}

static u64 ram_size(const struct smbios_machine *m)
{
    u64 size = 0;

    for (unsigned i = 0; i < m->rams; i++)
        size += m->ram[i].size;
    return size;
}

static void put_array(struct build *b, u64 size, unsigned devices)
{
    bool extended = size / KIB >= EXTENDED_CAPACITY;

    begin(b, 16, HANDLE_ARRAY);
    put8(b, OTHER); /* location */
    put8(b, 3);     /* used as system memory */
    put8(b, 6);     /* corrects errors of more than one bit */
    put32(b, extended ? EXTENDED_CAPACITY : (u32)(size / KIB));
    put16(b, NO_ERROR_HANDLE);
    put16(b, (u16)devices);
    put64(b, extended ? size : 0);
    end(b);
}

static void put_device(struct build *b, const struct smbios_machine *m, unsigned n, u64 size)
{
    char locator[16];
    u64 mib = size / MIB;
    bool extended = mib >= EXTENDED_SIZE;

    snprintf(locator, sizeof(locator), "DIMM %u", n);
    begin(b, 17, (u16)(HANDLE_DEVICE + n));
    put16(b, HANDLE_ARRAY);
    put16(b, NO_ERROR_HANDLE);
    put16(b, UNKNOWN_WIDTH); /* total */
    put16(b, UNKNOWN_WIDTH); /* data */
    put16(b, extended ? EXTENDED_SIZE : (u16)mib);
    put8(b, 9); /* DIMM */
    put8(b, 0); /* of no set */
    put_string(b, locator);
    put8(b, 0);       /* bank */
    put8(b, 7);       /* RAM */
    put16(b, BIT(1)); /* type detail: other */
    put16(b, 0);      /* speed */
    put_string(b, m->manufacturer);
    put8(b, 0); /* serial number */
    put8(b, 0); /* asset tag */
    put8(b, 0); /* part number */
    put8(b, 0); /* attributes */
    put32(b, extended ? (u32)mib : 0);
    put16(b, 0); /* configured speed */
    put16(b, 0); /* voltages: least, greatest, configured */
    put16(b, 0);
    put16(b, 0);
    end(b);
}

static void put_range(struct build *b, unsigned n, const struct smbios_range *r)
{
    u64 first = r->first / KIB, last = (r->first + r->size - 1) / KIB;
    bool extended = last >= EXTENDED_ADDRESS;

    begin(b, 19, (u16)(HANDLE_RANGE + n));
    put32(b, extended ? EXTENDED_ADDRESS : (u32)first);
    put32(b, extended ? EXTENDED_ADDRESS : (u32)last);
    put16(b, HANDLE_ARRAY);
    put8(b, 1); /* one device makes a row */
    put64(b, extended ? r->first : 0);
    put64(b, extended ? r->first + r->size - 1 : 0);
    end(b);
}

static void put_memory(struct build *b, const struct smbios_machine *m)
{
    u64 size = ram_size(m);
    unsigned devices = (unsigned)((size + DIMM_MAX - 1) / DIMM_MAX);

    put_array(b, size, devices);
    for (unsigned i = 0; i < devices && !b->full; i++) {
        u64 left = size - i * DIMM_MAX;
        put_device(b, m, i, left < DIMM_MAX ? left : DIMM_MAX);
    }
    for (unsigned i = 0; i < m->rams; i++)
        put_range(b, i, &m->ram[i]);
}

static void put_boot_and_end(struct build *b)
{
    static const u8 reserved[6];

    begin(b, 32, HANDLE_BOOT);
    put_bytes(b, reserved, sizeof(reserved));
    put8(b, 0); /* no errors detected */
    end(b);
    begin(b, 127, HANDLE_END);
    end(b);
}

/* 5.2.1 */
static void write_anchor(const struct build *b)
{
    u8 *a = b->s->anchor;

    memset(a, 0, SMBIOS_ANCHOR_SIZE);
    memcpy(a, "_SM_", 4);
    a[ANCHOR_LENGTH] = SMBIOS_ANCHOR_SIZE;
    a[ANCHOR_MAJOR] = VERSION_MAJOR;
    a[ANCHOR_MAJOR + 1] = VERSION_MINOR;
    put_le16(a + ANCHOR_MAX_STRUCTURE, (u16)b->max_structure);
    memcpy(a + ANCHOR_DMI, "_DMI_", 5);
    put_le16(a + ANCHOR_TABLE_LENGTH, (u16)b->s->len);
    put_le16(a + ANCHOR_COUNT, (u16)b->count);
    a[ANCHOR_BCD] = VERSION_BCD;
}

bool smbios_build(struct smbios *s, const struct smbios_machine *m)
{
    struct build b = { .s = s };

    s->len = 0;
    put_system(&b, m);
    put_chassis(&b, m);
    for (unsigned i = 0; i < m->cpus && !b.full; i++)
        put_processor(&b, m, i);
    put_memory(&b, m);
    put_boot_and_end(&b);
    write_anchor(&b);
    return !b.full;
}
