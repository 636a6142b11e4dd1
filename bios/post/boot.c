/* boot.c: what to boot from, in which order, and doing it: int 19h and int 18h come here. After hand-over POST's
 * variables are gone: boot_main() and what it calls use struct low and the stack alone. */
#include "post.h"

#define SIGNATURE_AT 510
#define SIGNATURE 0xaa55
#define CMOS_BOOT1 0x3d
#define CMOS_BOOT2 0x38
#define BOOT2_NO_SIGNATURE_CHECK 1
#define KEY_NOGRAPHIC 0x04

/* CMOS: 1 floppy, 2 hard disk, 3 CD, 4 network; 0 nothing. */
static u8 wanted_kind(unsigned n)
{
    static const u8 kinds[5] = { 0, BOOT_FLOPPY, BOOT_DISK, BOOT_CD, BOOT_BEV };
    u8 first = cmos_read(CMOS_BOOT1), second = cmos_read(CMOS_BOOT2);
    u8 code = n == 0 ? first & 15 : n == 1 ? first >> 4 : second >> 4;
    return code < ARRAY_LEN(kinds) ? kinds[code] : 0;
}

static unsigned rank(const struct boot_entry *e)
{
    u8 kind = e->kind == BOOT_BCV ? BOOT_DISK : e->kind;
    for (unsigned n = 0; n < 3; n++)
        if (wanted_kind(n) == kind)
            return n;
    return 3;
}

#define FILE_ORDER "bootorder"
#define ORDER_ROOM 2048u
#define RANKS_OF_FILE 200u /* what CMOS names comes behind what the file names */

/* Is `path` the start of the line, where * is anything but a slash? */
static bool matches(const char *path, const char *line)
{
    for (; *path; path++) {
        if (*path != '*') {
            if (*path != *line++)
                return false;
            continue;
        }
        while (*line && *line != '/' && *line != path[1])
            line++;
    }
    return *line == 0 || *line == '\n' || *line == '/';
}

/* The line of the machine's boot order that names it; -1: none does. */
static int line_of(const char *path)
{
    struct fwcfg_file file;
    static char text[ORDER_ROOM];
    if (!fwcfg_find(FILE_ORDER, &file) || !file.size)
        return -1;
    memset(text, 0, sizeof text);
    fwcfg_read(&file, text, sizeof text - 1);
    const char *line = text;
    for (unsigned n = 0; *line && n < RANKS_OF_FILE; n++) {
        if (matches(path, line))
            return (int)n;
        while (*line && *line != '\n')
            line++;
        line += *line == '\n';
    }
    return -1;
}

void boot_add(const struct boot_entry *e, const char *path)
{
    int line = line_of(path);
    if (LOW->boots == BOOT_MAX)
        return;
    LOW->boot[LOW->boots] = *e;
    LOW->boot[LOW->boots++].rank = (u8)(line >= 0 ? (unsigned)line : RANKS_OF_FILE + rank(e));
}

/* A far string of an option ROM, or the drive's title. */
void boot_name(const struct boot_entry *e, char *to, unsigned room)
{
    const char *rom = (const char *)(e->seg * 16u + e->product);
    if (e->kind == BOOT_BEV || e->kind == BOOT_BCV)
        format_text(to, room, "%s", e->product ? rom : "option ROM");
    else
        format_text(to, room, "%s", LOW->drive[e->drive].title);
}

/* Sorted by rank; what nobody names comes last, in the order found. */
void boot_order(void)
{
    for (unsigned i = 1; i < LOW->boots; i++) {
        struct boot_entry e = LOW->boot[i];
        unsigned j = i;
        for (; j && LOW->boot[j - 1].rank > e.rank; j--)
            LOW->boot[j] = LOW->boot[j - 1];
        LOW->boot[j] = e;
    }
}

static bool read_sector(u8 drive)
{
    struct bregs r = { .ax = 0x0201, .bx = BOOT_SECTOR, .cx = 1, .dx = drive, .flags = F_IF };
    call16_int(&r, 0x13);
    return !(r.flags & F_CF);
}

static bool is_bootable(u8 drive)
{
    if (drive < 0x80 && (cmos_read(CMOS_BOOT2) & BOOT2_NO_SIGNATURE_CHECK))
        return true;
    return *(u16 *)(BOOT_SECTOR + SIGNATURE_AT) == SIGNATURE;
}

static void start(u8 drive, u16 seg, u16 off)
{
    struct bregs r = { .dx = drive, .ax = SIGNATURE, .flags = F_IF };
    call16_far(&r, seg, off, false);
}

static void boot_sector(u8 drive)
{
    if (!read_sector(drive)) {
        print("Boot failed: could not read the boot disk\n\n");
        return;
    }
    if (!is_bootable(drive)) {
        print("Boot failed: not a bootable disk\n\n");
        return;
    }
    start(drive, 0, BOOT_SECTOR);
}

static u8 number_of(const u8 *mapped, unsigned n, u8 drive, u8 base)
{
    for (unsigned i = 0; i < n; i++)
        if (mapped[i] == drive)
            return (u8)(base + i);
    return base;
}

static void boot(const struct boot_entry *e)
{
    char name[80];
    boot_name(e, name, sizeof name);
    print("Booting from %s...\n", name);
    switch (e->kind) {
    case BOOT_FLOPPY:
        boot_sector(number_of(LOW->floppy_map, LOW->floppy_count, e->drive, 0));
        break;
    case BOOT_DISK:
        boot_sector(number_of(LOW->hd_map, LOW->hd_count, e->drive, 0x80));
        break;
    case BOOT_CD:
        boot_cd(e->drive, number_of(LOW->cd_map, LOW->cd_count, e->drive, 0xe0));
        break;
    case BOOT_BEV: {
        struct bregs r = { .flags = F_IF, .es = SEG_BIOS, .di = (u16)FSEG->pnp };
        call16_far(&r, e->seg, e->entry, true);
        break;
    }
    default: /* a ROM's disk: it hooked int 13h, and is the first of its kind */
        boot_sector(0x80);
    }
}

static void give_up(void)
{
    print("No bootable device.\n");
    for (;;)
        __asm__ volatile("sti; hlt");
}

void boot_main(u32 failed)
{
    if (!failed)
        LOW->boot_next = 0;
    while (LOW->boot_next < LOW->boots)
        boot(&LOW->boot[LOW->boot_next++]);
    give_up();
    __builtin_unreachable();
}
