/* drives.c: finds the diskette drives (CMOS 10h) and what hangs on the IDE channels (ATA/ATAPI-6, 9.12 for the
 * signature, 8.15 and 8.16 for what a drive says of itself), gives them their int 13h numbers, and fixed disks their
 * geometry. */
#include "post.h"

#define CMOS_FLOPPY 0x10
#define CMOS_TRANSLATION 0x39
#define CLASS_IDE 0x0101
#define PROG_IF_NATIVE(channel) (1 << ((channel)*2))
#define REG_BAR0 0x10
#define REG_BAR4 0x20

#define REG_COUNT 2
#define REG_LBA1 4
#define REG_LBA2 5
#define REG_DEVICE 6
#define REG_STATUS 7
#define BSY 0x80
#define DRDY 0x40
#define DRQ 0x08
#define ERR 0x01
#define CONTROL_NO_IRQ 0x0a
#define CONTROL_IRQ 0x08
#define CMD_IDENTIFY 0xec
#define CMD_IDENTIFY_PACKET 0xa1
#define POLLS 100000u

#define ID_CYLINDERS 1
#define ID_HEADS 3
#define ID_SECTORS 6
#define ID_MODEL 27
#define ID_MODEL_WORDS 20
#define ID_CAPABILITY 49
#define ID_LBA28 60
#define ID_COMMANDS 83
#define ID_LBA48 100
#define CAPABILITY_DMA BIT(8)
#define COMMANDS_LBA48 BIT(10)

enum translation { TRANSLATE_NONE, TRANSLATE_LBA, TRANSLATE_LARGE, TRANSLATE_RECHS };
#define CHS_MAX_CYLINDERS 1024u

struct channel {
    u16 command, control, dma, bdf;
    u8 number;
};

static struct drive *new_drive(u8 kind)
{
    if (LOW->drives == DRIVES_MAX)
        return NULL;
    struct drive *d = &LOW->drive[LOW->drives++];
    d->kind = kind;
    return d;
}

static u8 index_of(const struct drive *d)
{
    return (u8)(d - LOW->drive);
}

static void find_floppies(void)
{
    static const char *const sizes[6] = { "", "360 KiB", "1.2 MiB", "720 KiB", "1.44 MiB", "2.88 MiB" };
    u8 types = cmos_read(CMOS_FLOPPY);
    for (u8 n = 0; n < 2; n++) {
        u8 type = n ? types & 15 : types >> 4;
        struct drive *d = type && type < ARRAY_LEN(sizes) ? new_drive(DRIVE_FLOPPY) : NULL;
        if (!d)
            continue;
        d->unit = n;
        d->floppy_type = type;
        d->removable = true;
        d->block_size = 512;
        format_text(d->title, sizeof d->title, "Floppy (%c: %s)", 'A' + n, sizes[type]);
        LOW->floppy_map[LOW->floppy_count++] = index_of(d);
        if (LOW->floppy_count == 1 && n == 0) /* a PC boots from drive A alone */
            boot_add(&(struct boot_entry){ .kind = BOOT_FLOPPY, .drive = index_of(d) },
                     "/pci@i0cf8/isa@1/fdc@03f0/floppy@0");
    }
}

static bool wait_status(u16 base, u8 mask, u8 value)
{
    for (u32 n = 0; n < POLLS; n++)
        if ((inb((u16)(base + REG_STATUS)) & mask) == value)
            return true;
    return false;
}

/* Is anybody at `unit`? A register that keeps what is written says so; a floating bus reads as ones. */
static bool select_unit(const struct channel *c, u8 unit)
{
    u8 device = (u8)(0xa0 | unit << 4);
    outb(c->control, CONTROL_NO_IRQ);
    if (inb((u16)(c->command + REG_STATUS)) == 0xff || !wait_status(c->command, BSY, 0))
        return false;
    outb((u16)(c->command + REG_DEVICE), device);
    for (unsigned i = 0; i < 4; i++)
        inb(c->control);
    outb((u16)(c->command + REG_COUNT), 0x55);
    outb((u16)(c->command + REG_LBA1), 0xaa);
    return wait_status(c->command, BSY, 0) && inb((u16)(c->command + REG_COUNT)) == 0x55 &&
           inb((u16)(c->command + REG_LBA1)) == 0xaa && inb((u16)(c->command + REG_DEVICE)) == device;
}

static bool identify(const struct channel *c, u8 command, u16 *id)
{
    outb((u16)(c->command + REG_STATUS), command);
    for (unsigned i = 0; i < 4; i++)
        inb(c->control);
    if (!wait_status(c->command, BSY, 0))
        return false;
    u8 status = inb((u16)(c->command + REG_STATUS));
    if ((status & ERR) || !(status & DRQ))
        return false;
    void *to = id;
    u32 words = 256;
    __asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(c->command) : "memory");
    inb((u16)(c->command + REG_STATUS));
    return true;
}

/* Bytes stand the wrong way round, and blanks fill the end. */
static void model_name(const u16 *id, char *to)
{
    unsigned end = 0;
    for (unsigned i = 0; i < ID_MODEL_WORDS * 2; i++) {
        u16 w = id[ID_MODEL + i / 2];
        to[i] = (char)(i & 1 ? w : w >> 8);
        if (to[i] != ' ' && to[i])
            end = i + 1;
    }
    to[end < 20 ? end : 20] = 0;
}

static void title(struct drive *d, const u16 *id, const char *what)
{
    char model[ID_MODEL_WORDS * 2 + 1];
    u32 mib = d->sectors_low / 2048 | d->sectors_high << 21;
    model_name(id, model);
    if (d->kind == DRIVE_ATA)
        format_text(d->title, sizeof d->title, "%s (%s %u MiB)", what, model, mib);
    else
        format_text(d->title, sizeof d->title, "%s (%s)", what, model);
}

/* Heads by the disk's size, so that 1024 cylinders reach as far as they can (Phoenix, "LBA assist"). */
static void translate_lba(struct drive *d)
{
    u32 heads = 16, tracks = d->sectors_low / 63;
    if (d->sectors_high || tracks > CHS_MAX_CYLINDERS * 255)
        tracks = CHS_MAX_CYLINDERS * 255;
    while (heads < 255 && tracks > heads * CHS_MAX_CYLINDERS)
        heads = heads * 2 < 255 ? heads * 2 : 255;
    u32 cylinders = tracks / heads;
    d->logical = (struct chs){ (u16)(cylinders < CHS_MAX_CYLINDERS ? cylinders : CHS_MAX_CYLINDERS), (u16)heads, 63 };
}

/* Halves cylinders and doubles heads until they fit. */
static void translate_bits(struct drive *d)
{
    struct chs g = d->physical;
    if (d->translation == TRANSLATE_RECHS && g.heads == 16) {
        g.heads = 15;
        g.cylinders = (u16)(g.cylinders > 61439 ? 65535 : g.cylinders * 16u / 15);
    }
    while (g.cylinders > CHS_MAX_CYLINDERS && g.heads <= 127) {
        g.cylinders /= 2;
        g.heads = (u16)(g.heads * 2);
    }
    d->logical = g;
}

static void set_geometry(struct drive *d)
{
    u8 at = (u8)(d->channel * 2 + d->unit), cmos = cmos_read(CMOS_TRANSLATION);
    d->translation = cmos >> (at % 4 * 2) & 3;
    bool large = d->sectors_high || d->physical.cylinders > CHS_MAX_CYLINDERS;
    if (d->translation == TRANSLATE_NONE && large)
        d->translation = TRANSLATE_LBA; /* nobody told: what everybody expects */
    d->logical = d->physical;
    if (d->translation == TRANSLATE_LBA)
        translate_lba(d);
    else if (d->translation != TRANSLATE_NONE)
        translate_bits(d);
    if (d->logical.cylinders > CHS_MAX_CYLINDERS)
        d->logical.cylinders = CHS_MAX_CYLINDERS;
}

static void publish_fdpt(const struct drive *d, unsigned n)
{
    struct ebda *ebda = (void *)(BDA->ebda_seg * 16u);
    struct fdpt *t = &ebda->fdpt[n];
    *t = (struct fdpt){ .cylinders = d->logical.cylinders,
                        .heads = (u8)d->logical.heads,
                        .precomp = 0xffff,
                        .control = (u8)(0xc0 | (d->logical.heads > 8 ? 8 : 0)),
                        .landing = d->logical.cylinders,
                        .sectors = (u8)d->logical.sectors };
    if (d->translation != TRANSLATE_NONE) {
        t->a0_signature = 0xa0;
        t->phys_sectors = (u8)d->physical.sectors;
        t->phys_cylinders = d->physical.cylinders;
        t->phys_heads = (u8)d->physical.heads;
        t->checksum = (u8)-checksum(t, sizeof *t - 1);
    }
    IVT[n ? 0x46 : 0x41] = (u32)BDA->ebda_seg << 16 | (u16)((u32)t - (u32)ebda);
}

static void add_entry(const struct drive *d, u8 kind)
{
    char path[48];
    format_text(path, sizeof path, "/pci@i0cf8/*@%x,%x/drive@%x/disk@%x", d->pci_bdf >> 3 & 31u, d->pci_bdf & 7u,
                d->channel & 1u, (u32)d->unit);
    boot_add(&(struct boot_entry){ .kind = kind, .drive = index_of(d) }, path);
}

static void add_disk(struct drive *d, const u16 *id)
{
    d->block_size = 512;
    d->lba48 = (id[ID_COMMANDS] & COMMANDS_LBA48) != 0;
    d->sectors_low = id[ID_LBA28] | (u32)id[ID_LBA28 + 1] << 16;
    if (d->lba48) {
        d->sectors_low = id[ID_LBA48] | (u32)id[ID_LBA48 + 1] << 16;
        d->sectors_high = id[ID_LBA48 + 2];
    }
    d->dma_ok = d->dma_port && (id[ID_CAPABILITY] & CAPABILITY_DMA);
    d->physical = (struct chs){ id[ID_CYLINDERS], id[ID_HEADS], id[ID_SECTORS] };
    set_geometry(d);
    title(d, id, "Hard Disk");
    if (LOW->hd_count == DISK_MAX)
        return;
    if (LOW->hd_count < 2)
        publish_fdpt(d, LOW->hd_count);
    LOW->hd_map[LOW->hd_count++] = index_of(d);
    BDA->hd_count = LOW->hd_count;
    add_entry(d, BOOT_DISK);
}

static void add_cd(struct drive *d, const u16 *id)
{
    d->block_size = 2048;
    d->removable = true;
    title(d, id, "DVD/CD");
    if (LOW->cd_count == DISK_MAX)
        return;
    LOW->cd_map[LOW->cd_count++] = index_of(d);
    add_entry(d, BOOT_CD);
}

static void probe_unit(const struct channel *c, u8 unit)
{
    u16 id[256];
    if (!select_unit(c, unit))
        return;
    bool packet = false, found = identify(c, CMD_IDENTIFY, id);
    if (!found)
        found = packet = select_unit(c, unit) && identify(c, CMD_IDENTIFY_PACKET, id);
    outb(c->control, CONTROL_IRQ);
    struct drive *d = found ? new_drive(packet ? DRIVE_ATAPI : DRIVE_ATA) : NULL;
    if (!d)
        return;
    d->unit = unit;
    d->channel = c->number;
    d->command_port = c->command;
    d->control_port = c->control;
    d->dma_port = c->dma;
    d->pci_bdf = c->bdf;
    if (packet)
        add_cd(d, id);
    else
        add_disk(d, id);
}

static void probe_channel(const struct channel *c)
{
    for (u8 unit = 0; unit < 2; unit++)
        probe_unit(c, unit);
    outb(c->control, CONTROL_IRQ);
}

static void probe_controller(const struct pci_fn *f, u8 first)
{
    u16 dma = (u16)(pci_read32(f->bdf, REG_BAR4) & 0xfffc);
    for (u8 n = 0; n < 2; n++) {
        bool native = f->prog_if & PROG_IF_NATIVE(n);
        u8 bar = (u8)(REG_BAR0 + n * 8);
        struct channel c = { n ? 0x170 : 0x1f0, n ? 0x376 : 0x3f6, dma ? (u16)(dma + n * 8) : 0, f->bdf,
                             (u8)(first + n) };
        if (native) {
            c.command = (u16)(pci_read32(f->bdf, bar) & 0xfffc);
            c.control = (u16)((pci_read32(f->bdf, (u8)(bar + 4)) & 0xfffc) + 2);
        }
        probe_channel(&c);
    }
}

void drives_find(void)
{
    u8 channel = 0;
    find_floppies();
    for (unsigned i = 0; i < pci_count; i++)
        if (pci_fns[i].class == CLASS_IDE) {
            probe_controller(&pci_fns[i], channel);
            channel = (u8)(channel + 2);
        }
    for (u8 n = 0; channel == 0 && n < 2; n++) { /* a machine without PCI */
        struct channel c = { n ? 0x170 : 0x1f0, n ? 0x376 : 0x3f6, 0, 0, n };
        probe_channel(&c);
    }
}
