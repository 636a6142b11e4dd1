/* smbios.c: SMBIOS tables (DMTF DSP0134 2.8): the machine's own, with the BIOS's structure (type 0) before them; where
 * the machine has none, the few that a PC must have. */
#include "post.h"

#define FILE_ANCHOR "etc/smbios/smbios-anchor"
#define FILE_TABLES "etc/smbios/smbios-tables"
#define TYPE_BIOS 0
#define TYPE_SYSTEM 1
#define TYPE_ENCLOSURE 3
#define TYPE_END 127
#define ROOM_OWN 256u
#define FSEG_ROOM 1024u /* larger tables stand in the high zone */
#define CHARACTERISTICS_NOT_SUPPORTED 0x08
#define EXT2_TARGETED_CONTENT 0x04

struct anchor {
    char signature[4];
    u8 sum, length, major, minor;
    u16 largest;
    u8 revision, formatted[5];
    char dmi[5];
    u8 dmi_sum;
    u16 tables_length;
    u32 tables;
    u16 count;
    u8 bcd_revision;
} PACKED;

struct build {
    u8 *start, *at, *end;
    u16 count, largest;
};

/* A structure's fixed part and the strings that end it. */
static void add(struct build *b, const void *fixed, u8 length, const char *strings, u32 strings_length)
{
    u32 size = length + strings_length + 1;
    if (strings_length == 0)
        size++;
    if ((u32)(b->end - b->at) < size)
        return;
    memset(b->at, 0, size);
    memcpy(b->at, fixed, length);
    memcpy(b->at + length, strings, strings_length);
    b->at += size;
    b->count++;
    if (size > b->largest)
        b->largest = (u16)size;
}

static void add_bios(struct build *b)
{
    static const char strings[] = "pcemu\0" BIOS_VERSION "\0"
                                  "06/23/2024";
    struct {
        u8 type, length;
        u16 handle;
        u8 vendor, version;
        u16 segment;
        u8 date, rom_size;
        u64 characteristics;
        u8 extension[2], major, minor, ec_major, ec_minor;
    } PACKED t = { .type = TYPE_BIOS,
                   .length = sizeof t,
                   .handle = 0,
                   .vendor = 1,
                   .version = 2,
                   .segment = SEG_BIOS,
                   .date = 3,
                   .rom_size = IMAGE_SIZE / 0x10000 - 1,
                   .characteristics = CHARACTERISTICS_NOT_SUPPORTED,
                   .extension = { 0, EXT2_TARGETED_CONTENT },
                   .ec_major = 0xff,
                   .ec_minor = 0xff };
    add(b, &t, sizeof t, strings, sizeof strings);
}

static void add_own(struct build *b)
{
    static const char system[] = "pcemu\0PC", enclosure[] = "pcemu";
    struct {
        u8 type, length;
        u16 handle;
        u8 maker, product, version, serial, uuid[16], wake_up, sku, family;
    } PACKED s = { .type = TYPE_SYSTEM, .length = sizeof s, .handle = 0x100, .maker = 1, .product = 2, .wake_up = 6 };
    struct {
        u8 type, length;
        u16 handle;
        u8 maker, kind, version, serial, asset, states[4];
    } PACKED c = { TYPE_ENCLOSURE, sizeof c, 0x300, 1, 1, 0, 0, 0, { 3, 3, 3, 2 } };
    struct {
        u8 type, length;
        u16 handle;
    } PACKED e = { TYPE_END, sizeof e, 0x7f00 };
    add(b, &s, sizeof s, system, sizeof system);
    add(b, &c, sizeof c, enclosure, sizeof enclosure);
    add(b, &e, sizeof e, "", 0);
}

/* Is the first structure the BIOS's own already? */
static bool has_bios(const u8 *tables, u32 size)
{
    for (u32 at = 0; at + 4 <= size && tables[at] != TYPE_END;) {
        if (tables[at] == TYPE_BIOS)
            return true;
        at += tables[at + 1];
        while (at + 2 <= size && (tables[at] || tables[at + 1]))
            at++;
        at += 2;
    }
    return false;
}

static void finish(struct anchor *a, const struct build *b)
{
    a->tables = (u32)b->start;
    a->tables_length = (u16)(b->at - b->start);
    a->dmi_sum = (u8)(a->dmi_sum - checksum(&a->dmi, sizeof *a - offsetof(struct anchor, dmi)));
    a->sum = (u8)(a->sum - checksum(a, sizeof *a));
}

static void from_machine(struct anchor *a, const struct fwcfg_file *tables, struct build *b)
{
    struct fwcfg_file anchor;
    u8 *data = malloc_tmp(tables->size);
    if (!fwcfg_find(FILE_ANCHOR, &anchor) || !data)
        return;
    fwcfg_read(&anchor, a, sizeof *a);
    fwcfg_read(tables, data, tables->size);
    if (!has_bios(data, tables->size))
        add_bios(b);
    memcpy(b->at, data, tables->size);
    b->at += tables->size;
    a->count = (u16)(a->count + b->count);
    if (b->largest > a->largest)
        a->largest = b->largest;
    memory_free(data);
    finish(a, b);
}

void smbios_init(void)
{
    struct fwcfg_file tables;
    bool given = fwcfg_find(FILE_TABLES, &tables);
    u32 room = ROOM_OWN + (given ? tables.size : 0);
    struct anchor *a = malloc_fseg(sizeof *a);
    u8 *data = room <= FSEG_ROOM ? malloc_fseg(room) : NULL;
    if (!data)
        data = malloc_high(room);
    if (!a || !data)
        return;
    struct build b = { data, data, data + room, 0, 0 };
    if (given) {
        from_machine(a, &tables, &b);
        return;
    }
    add_bios(&b);
    add_own(&b);
    *a = (struct anchor){
        .length = sizeof *a, .major = 2, .minor = 8, .largest = b.largest, .count = b.count, .bcd_revision = 0x28
    };
    memcpy(a->signature, "_SM_", 4);
    memcpy(a->dmi, "_DMI_", 5);
    finish(a, &b);
}
