/* acpi.c: ACPI tables that the machine makes: QEMU's loader script ("etc/table-loader": entries of 128 bytes) says
 * which files to put into which zone, where pointers become addresses, and where checksums stand. Where there is no
 * script: acpi_own.c. */
#include "post.h"

#define LOADER_FILE "etc/table-loader"
#define NAME 56
#define ENTRY 128
#define CMD_ALLOCATE 1
#define CMD_ADD_POINTER 2
#define CMD_ADD_CHECKSUM 3
#define CMD_WRITE_POINTER 4
#define ZONE_IS_FSEG 2
#define FILES_MAX 16
#define RSDP_RSDT 16
#define HEADER 36
#define LENGTH 4
#define FADT_FACS 36
#define RSDP_SIGNATURE "RSD PTR "

struct entry {
    u32 command;
    union {
        struct {
            char name[NAME];
            u32 align;
            u8 zone;
        } PACKED allocate;
        struct {
            char in[NAME], to[NAME];
            u32 offset;
            u8 size;
        } PACKED pointer;
        struct {
            char name[NAME];
            u32 offset, start, length;
        } PACKED sum;
        u8 pad[ENTRY - 4];
    };
} PACKED;
_Static_assert(sizeof(struct entry) == ENTRY, "loader script");

static struct {
    char name[NAME];
    u8 *data;
    u32 size;
} loaded[FILES_MAX];
static unsigned files;
static u32 rsdp;

u32 acpi_rsdp(void)
{
    return rsdp;
}

static bool same_name(const char *a, const char *b)
{
    return memcmp(a, b, strlen(a) + 1) == 0;
}

static int find(const char *name)
{
    for (unsigned i = 0; i < files; i++)
        if (same_name(loaded[i].name, name))
            return (int)i;
    return -1;
}

static bool allocate(const struct entry *e)
{
    struct fwcfg_file file;
    if (files == FILES_MAX || !fwcfg_find(e->allocate.name, &file) || !file.size)
        return false;
    enum zone z = e->allocate.zone == ZONE_IS_FSEG ? ZONE_FSEG : ZONE_HIGH;
    u8 *data = memory_alloc(z, file.size, e->allocate.align, ~0u);
    if (!data)
        return false;
    fwcfg_read(&file, data, file.size);
    memcpy(loaded[files].name, e->allocate.name, NAME);
    loaded[files].data = data;
    loaded[files++].size = file.size;
    if (z == ZONE_FSEG && file.size >= 20 && memcmp(data, RSDP_SIGNATURE, 8) == 0)
        rsdp = (u32)data;
    return true;
}

static bool add_pointer(const struct entry *e)
{
    int in = find(e->pointer.in), to = find(e->pointer.to);
    u32 at = e->pointer.offset;
    u64 v = 0;
    if (in < 0 || to < 0 || e->pointer.size > 8 || at > loaded[in].size || loaded[in].size - at < e->pointer.size)
        return false;
    memcpy(&v, loaded[in].data + at, e->pointer.size);
    v += (u32)loaded[to].data;
    memcpy(loaded[in].data + at, &v, e->pointer.size);
    return true;
}

static bool add_checksum(const struct entry *e)
{
    int i = find(e->sum.name);
    if (i < 0 || e->sum.offset >= loaded[i].size || e->sum.start > loaded[i].size ||
        e->sum.length > loaded[i].size - e->sum.start)
        return false;
    u8 *at = loaded[i].data + e->sum.offset;
    *at = (u8)(*at - checksum(loaded[i].data + e->sum.start, e->sum.length));
    return true;
}

static bool execute(const struct entry *e)
{
    switch (e->command) {
    case CMD_ALLOCATE:
        return allocate(e);
    case CMD_ADD_POINTER:
        return add_pointer(e);
    case CMD_ADD_CHECKSUM:
        return add_checksum(e);
    default: /* of later machines: what is not known is not needed for the tables of this one */
        return true;
    }
}

static bool run_script(const struct fwcfg_file *script)
{
    u8 *entries = malloc_tmp(script->size);
    bool ok = entries != NULL;
    if (!ok)
        return false;
    fwcfg_read(script, entries, script->size);
    for (u32 at = 0; ok && at + ENTRY <= script->size; at += ENTRY)
        ok = execute((const struct entry *)(entries + at));
    memory_free(entries);
    return ok;
}

/* By RSDT and FADT to the FACS, where a system that sleeps leaves its waking vector. */
static void find_facs(void)
{
    const u8 *rsdt = rsdp ? *(const u8 **)(rsdp + RSDP_RSDT) : NULL;
    for (u32 at = HEADER, n = rsdt ? *(const u32 *)(rsdt + LENGTH) : 0; at + 4 <= n; at += 4) {
        const u8 *table = *(const u8 *const *)(rsdt + at);
        if (memcmp(table, "FACP", 4) == 0)
            FSEG->facs = *(const u32 *)(table + FADT_FACS);
    }
}

static void load_tables(void)
{
    struct fwcfg_file script;
    if (!fwcfg_find(LOADER_FILE, &script)) {
        rsdp = acpi_own();
        return;
    }
    if (!run_script(&script)) {
        debug("ACPI tables: no room, or a script that can't be followed\n");
        if (rsdp)
            memset((void *)rsdp, 0, 8);
        rsdp = 0;
    }
}

void acpi_init(void)
{
    load_tables();
    find_facs();
}
