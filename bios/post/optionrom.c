/* optionrom.c: option ROMs: those on the bus under E0000, those behind PCI ROM BARs, those that the machine gives as
 * files (genroms/, vgaroms/). Each is copied to C0000 and up at the next 2 KiB, called at its offset 3 in big real
 * mode, and shrunk to what it then says its size is. A ROM with a PnP expansion header (PnP BIOS
 * specification 1.0a, 3.2) can be booted from. */
#include "post.h"

#define SIGNATURE 0xaa55
#define STEP 0x800u
#define BLOCK 512u
#define ROM_AREA_END 0xe0000u
#define ROM_AREA (ROM_AREA_END - OPTION_ROM_START)
#define INIT_OFFSET 3
#define PCIR 0x52494350u /* "PCIR" */
#define CODE_PC 0
#define LAST_IMAGE 0x80
#define PNP 0x506e5024u /* "$PnP" */
#define REG_ROM 0x30
#define ROM_ENABLE 1
#define CLASS_VGA 0x0300

struct rom_header {
    u16 signature;
    u8 blocks;
    u8 init[21];
    u16 pcir, pnp;
} PACKED;

struct pcir {
    u32 signature;
    u16 vendor, device, vpd, length;
    u8 revision, class[3];
    u16 blocks, code_revision;
    u8 type, last;
} PACKED;

struct pnp_header {
    u32 signature;
    u8 revision, length;
    u16 next;
    u8 reserved, sum;
    u32 id;
    u16 maker, product;
    u8 type[3], indicators;
    u16 bcv, disconnect, bev, reserved_1c, resource;
} PACKED;

static u32 rom_end;

u32 option_roms_end(void)
{
    return rom_end;
}

static bool is_rom(const struct rom_header *h)
{
    return h->signature == SIGNATURE && h->blocks;
}

/* ROMs that answer on the bus before the shadow RAM lies over them are copied out and, after that, in again. */
static bool bus_roms;

void option_roms_save(void)
{
    for (u32 at = OPTION_ROM_START; at < ROM_AREA_END && !bus_roms; at += STEP)
        bus_roms = is_rom((struct rom_header *)at);
    if (bus_roms)
        memcpy((void *)TMP_LOW_HEAP, (void *)OPTION_ROM_START, ROM_AREA);
    rom_end = OPTION_ROM_START;
}

void option_roms_restore(void)
{
    memset((void *)OPTION_ROM_START, 0, LOW_FIRST - OPTION_ROM_START);
    if (bus_roms)
        memcpy((void *)OPTION_ROM_START, (void *)TMP_LOW_HEAP, ROM_AREA);
}

static u32 rom_size(const struct rom_header *h)
{
    return h->blocks * BLOCK;
}

/* The PnP headers of a ROM that has run: each vector is something to boot. */
static void add_boot_entries(const struct rom_header *h, const char *path)
{
    u16 offset = h->pnp, seg = (u16)((u32)h >> 4);
    for (unsigned n = 0; offset && n < 16; n++) {
        const struct pnp_header *p = (const void *)((const u8 *)h + offset);
        if (p->signature != PNP)
            return;
        if (p->bev)
            boot_add(&(struct boot_entry){ .kind = BOOT_BEV, .seg = seg, .entry = p->bev, .product = p->product },
                     path);
        else if (p->bcv)
            boot_add(&(struct boot_entry){ .kind = BOOT_BCV, .seg = seg, .entry = p->bcv, .product = p->product },
                     path);
        offset = p->next;
    }
}

static void run(struct rom_header *h, u16 bdf, const char *path)
{
    struct bregs r = { .ax = bdf, .bx = 0xffff, .dx = 0xffff, .es = SEG_BIOS, .di = (u16)(pnp_address - BIOS_BASE) };
    debug("option rom at %x size %x\n", (u32)h, rom_size(h));
    call16_far(&r, (u16)((u32)h >> 4), INIT_OFFSET, true);
    rom_end = ALIGN_UP((u32)h + rom_size(h), STEP);
    add_boot_entries(h, path);
}

/* Where the next ROM goes; NULL: there is no room left for it. */
static void *next_place(u32 size)
{
    return rom_end + size <= LOW_FIRST ? (void *)rom_end : NULL;
}

/* The image for a PC within a PCI ROM that is visible at `rom`. */
static const struct rom_header *pc_image(u32 rom, u32 size)
{
    u32 at = 0;
    while (at + sizeof(struct rom_header) < size) {
        const struct rom_header *h = (const void *)(rom + at);
        const struct pcir *p = (const void *)((const u8 *)h + h->pcir);
        if (h->signature != SIGNATURE || h->pcir + at > size - sizeof *p || p->signature != PCIR)
            return NULL;
        if (p->type == CODE_PC && is_rom(h))
            return h;
        if ((p->last & LAST_IMAGE) || !p->blocks)
            return NULL;
        at += p->blocks * BLOCK;
    }
    return NULL;
}

static void run_pci(struct pci_fn *f)
{
    char path[32];
    if (!f->rom)
        return;
    pci_write32(f->bdf, REG_ROM, f->rom | ROM_ENABLE);
    const struct rom_header *h = pc_image(f->rom, f->rom_size);
    u32 size = h ? rom_size(h) : 0;
    void *to = next_place(size);
    if (h && to && size <= f->rom_size)
        memcpy(to, h, size);
    pci_write32(f->bdf, REG_ROM, f->rom);
    if (h && to) {
        f->has_rom_run = true;
        unsigned device = f->bdf >> 3 & 31u, function = f->bdf & 7u;
        format_text(path, sizeof path, function ? "/pci@i0cf8/*@%x,%x" : "/pci@i0cf8/*@%x", device, function);
        run(to, f->bdf, path);
    }
}

/* Those that were on the bus; they stay where they are. */
static void run_bus_roms(u32 from, u32 to)
{
    for (u32 at = from; bus_roms && at < to;) {
        struct rom_header *h = (void *)at;
        if (is_rom(h) && at + rom_size(h) <= LOW_FIRST && checksum(h, rom_size(h)) == 0) {
            run(h, 0, "/rom@");
            at = rom_end;
        } else {
            at += STEP;
        }
    }
}

static bool starts_with(const char *s, const char *prefix)
{
    return memcmp(s, prefix, strlen(prefix)) == 0;
}

static void run_files(const char *prefix)
{
    struct fwcfg_file file;
    char path[64];
    for (unsigned i = 0; fwcfg_file_at(i, &file); i++) {
        if (!starts_with(file.name, prefix))
            continue;
        struct rom_header *h = next_place(file.size);
        if (!h)
            continue;
        fwcfg_read(&file, h, file.size);
        format_text(path, sizeof path, "/rom@%s", file.name);
        if (is_rom(h))
            run(h, 0, path);
    }
}

#define VGA_AREA 0x8000u
#define TEXT_MODE 0x0003
#define VGA_ROOM_END 0xca000u /* the video BIOS has 40 KiB, so where the others stand does not depend on it */

void option_rom_vga(void)
{
    run_bus_roms(OPTION_ROM_START, OPTION_ROM_START + VGA_AREA);
    for (unsigned i = 0; i < pci_count && rom_end == OPTION_ROM_START; i++)
        if (pci_fns[i].class == CLASS_VGA)
            run_pci(&pci_fns[i]);
    if (rom_end == OPTION_ROM_START)
        run_files("vgaroms/");
    if (rom_end > OPTION_ROM_START) {
        struct bregs r = { .ax = TEXT_MODE };
        call16_int(&r, 0x10);
        console_init(true);
    }
    if (rom_end < VGA_ROOM_END)
        rom_end = VGA_ROOM_END;
}

void option_roms_run(void)
{
    run_bus_roms(rom_end, ROM_AREA_END);
    for (unsigned i = 0; i < pci_count; i++)
        if (pci_fns[i].class != CLASS_VGA && !pci_fns[i].has_rom_run)
            run_pci(&pci_fns[i]);
    run_files("genroms/");
}
