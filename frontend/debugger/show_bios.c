/* show_bios.c: what the firmware leaves in memory: the BIOS data area, the map of memory, ACPI's tables. */
#include "debugger.h"

#include <inttypes.h>

#define BDA 0x400u
#define ROM_FIRST 0xe0000u
#define ROM_LAST 0xfffffu
#define RSDP_BYTES 36
#define ACPI_TABLES_MAX 64
#define SDT_HEADER 36

static bool physical(struct debugger *d, u64 at, void *to, size_t len)
{
    return debug_read(d->machine, d->cpu, DEBUG_PHYSICAL, at, to, len) == len;
}

static u64 number(struct debugger *d, u64 at, unsigned size)
{
    u64 value = 0;
    physical(d, at, &value, size);
    return value;
}

/* ---- BIOS data area ---- */

struct bda_field {
    u16 at;
    u8 size, count;
    const char *name;
};

void show_bda(struct debugger *d, const char *args)
{
    static const struct bda_field fields[] = {
        { 0x00, 2, 4, "serial ports" },    { 0x08, 2, 3, "parallel ports" }, { 0x0e, 2, 1, "EBDA segment" },
        { 0x10, 2, 1, "equipment" },       { 0x13, 2, 1, "memory, KiB" },    { 0x17, 1, 2, "keyboard flags" },
        { 0x1a, 2, 1, "keyboard head" },   { 0x1c, 2, 1, "keyboard tail" },  { 0x40, 1, 1, "floppy motor time" },
        { 0x49, 1, 1, "video mode" },      { 0x4a, 2, 1, "columns" },        { 0x4c, 2, 1, "page size" },
        { 0x50, 2, 8, "cursor of pages" }, { 0x60, 2, 1, "cursor shape" },   { 0x62, 1, 1, "active page" },
        { 0x63, 2, 1, "CRTC port" },       { 0x6c, 4, 1, "timer ticks" },    { 0x70, 1, 1, "midnight passed" },
        { 0x72, 2, 1, "warm boot" },       { 0x75, 1, 1, "hard disks" },     { 0x80, 2, 1, "keyboard start" },
        { 0x82, 2, 1, "keyboard end" },    { 0x84, 1, 1, "rows - 1" },       { 0x85, 2, 1, "character height" },
    };
    (void)args;
    for (unsigned i = 0; i < ARRAY_LEN(fields); i++) {
        const struct bda_field *f = &fields[i];
        fprintf(d->out, "  %04X  %-18s", BDA + f->at, f->name);
        for (unsigned k = 0; k < f->count; k++)
            fprintf(d->out, " %0*" PRIX64, f->size * 2, number(d, BDA + f->at + k * f->size, f->size));
        fputc('\n', d->out);
    }
}

void show_ebda(struct debugger *d, const char *args)
{
    (void)args;
    u64 at = number(d, BDA + 0x0e, 2) << 4, kib = number(d, at, 1);
    if (!at || at >= 0xa0000)
        fputs("There is no EBDA yet (0040:000E is 0).\n", d->out);
    else
        fprintf(d->out, "EBDA: %05" PRIX64 "-%05" PRIX64 ", %" PRIu64 " KiB\n", at, at + kib * KIB - 1, kib);
}

/* ---- the map of memory ---- */

struct e820_entry {
    u64 start, length;
    u32 type;
} __attribute__((packed));

static const char *e820_type(u32 type)
{
    static const char *const name[] = { "?", "RAM", "reserved", "ACPI tables", "ACPI NVS", "bad" };
    return type < ARRAY_LEN(name) ? name[type] : "?";
}

static bool is_e820(const struct e820_entry *e, u64 ram_end)
{
    return e[0].start == 0 && e[0].type == 1 && e[0].length >= 512 * KIB && e[0].length <= 640 * KIB &&
           e[1].type >= 1 && e[1].type <= 5 && e[1].start >= e[0].length && e[1].start < MIB && e[1].length &&
           e[1].length < MIB && ram_end;
}

/* The firmware keeps the map, which INT 15h AX=E820h gives out, as a table somewhere in its memory: it is known by its
 * first two entries. Kernels keep copies in other forms. */
void show_e820(struct debugger *d, const char *args)
{
    static const u64 ranges[][2] = { { 0xe0000, 0x100000 }, { 0x400, 0xa0000 } };
    struct e820_entry e[32];
    (void)args;
    for (unsigned r = 0; r < ARRAY_LEN(ranges); r++)
        for (u64 at = ranges[r][0]; at + sizeof e <= ranges[r][1]; at += 4) {
            if (!physical(d, at, e, sizeof e) || !is_e820(e, MIB))
                continue;
            fprintf(d->out, "The firmware's map of memory, at %05" PRIX64 ":\n", at);
            for (unsigned i = 0; i < ARRAY_LEN(e) && e[i].type >= 1 && e[i].type <= 5 && e[i].length; i++)
                fprintf(d->out, "  %016" PRIx64 "-%016" PRIx64 "  %s\n", e[i].start, e[i].start + e[i].length - 1,
                        e820_type(e[i].type));
            return;
        }
    fputs("The firmware has made no map of memory yet.\n", d->out);
}

/* ---- ACPI ---- */

static bool checksum_ok(const u8 *bytes, size_t len)
{
    u8 sum = 0;
    for (size_t i = 0; i < len; i++)
        sum = (u8)(sum + bytes[i]);
    return sum == 0;
}

static u64 find_rsdp(struct debugger *d)
{
    u64 ebda = number(d, BDA + 0x0e, 2) << 4;
    for (u64 at = ROM_FIRST; at < ROM_LAST; at += 16) {
        u8 rsdp[20];
        if (physical(d, at, rsdp, sizeof rsdp) && memcmp(rsdp, "RSD PTR ", 8) == 0 && checksum_ok(rsdp, sizeof rsdp))
            return at;
    }
    for (u64 at = ebda; ebda && at < ebda + KIB; at += 16) {
        u8 rsdp[20];
        if (physical(d, at, rsdp, sizeof rsdp) && memcmp(rsdp, "RSD PTR ", 8) == 0)
            return at;
    }
    return 0;
}

static u32 print_table(struct debugger *d, u64 at)
{
    u8 h[SDT_HEADER];
    if (!physical(d, at, h, sizeof h))
        return 0;
    fprintf(d->out, "  %08" PRIX64 "  %.4s  %6" PRIu32 " bytes, revision %u, \"%.6s\" \"%.8s\"\n", at, (const char *)h,
            get_le32(h + 4), h[8], (const char *)h + 10, (const char *)h + 16);
    return get_le32(h + 4);
}

void show_acpi(struct debugger *d, const char *args)
{
    (void)args;
    u64 rsdp = find_rsdp(d);
    if (!rsdp) {
        fputs("The firmware has made no ACPI tables yet.\n", d->out);
        return;
    }
    u64 rsdt = number(d, rsdp + 16, 4);
    fprintf(d->out, "RSDP at %05" PRIX64 "\n", rsdp);
    u32 length = print_table(d, rsdt);
    for (u32 i = SDT_HEADER; i + 4 <= length && i < SDT_HEADER + 4 * ACPI_TABLES_MAX; i += 4) {
        u64 table = number(d, rsdt + i, 4);
        print_table(d, table);
        u8 sig[4];
        if (physical(d, table, sig, 4) && memcmp(sig, "FACP", 4) == 0) {
            print_table(d, number(d, table + 36, 4));
            print_table(d, number(d, table + 40, 4));
        }
    }
}
