/* fwcfg.c: QEMU's firmware configuration device: by DMA where it has that, by port otherwise. */
#include "post.h"

#define PORT_SELECT 0x510
#define PORT_DATA 0x511
#define PORT_DMA_HIGH 0x514
#define PORT_DMA_LOW 0x518
#define KEY_SIGNATURE 0
#define KEY_ID 1
#define KEY_FILES 0x19
#define ID_DMA BIT(1)
#define DMA_ERROR BIT(0)
#define DMA_READ BIT(1)
#define DMA_SELECT BIT(3)

static bool present, has_dma;

static u32 swap32(u32 v)
{
    return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

/* By the chip, not by a variable: also when the machine wakes. */
bool fwcfg_present(void)
{
    char signature[4];
    outw(PORT_SELECT, KEY_SIGNATURE);
    for (unsigned i = 0; i < sizeof signature; i++)
        signature[i] = (char)inb(PORT_DATA);
    return memcmp(signature, "QEMU", sizeof signature) == 0;
}

static void read_ports(u8 *to, u32 n)
{
    __asm__ volatile("rep insb" : "+D"(to), "+c"(n) : "d"(PORT_DATA) : "memory");
}

static void read_dma(u16 key, void *to, u32 n)
{
    volatile struct {
        u32 control, length, address_high, address_low;
    } dma = { swap32((u32)key << 16 | DMA_SELECT | DMA_READ), swap32(n), 0, swap32((u32)to) };
    outl(PORT_DMA_HIGH, 0);
    outl(PORT_DMA_LOW, swap32((u32)&dma));
    while (dma.control & ~swap32(DMA_ERROR))
        cpu_relax();
}

bool fwcfg_item(u16 key, void *to, u32 size)
{
    memset(to, 0, size);
    if (!present)
        return false;
    if (has_dma) {
        read_dma(key, to, size);
    } else {
        outw(PORT_SELECT, key);
        read_ports(to, size);
    }
    return true;
}

bool fwcfg_init(void)
{
    char signature[4];
    u32 id = 0;
    present = true;
    has_dma = false;
    fwcfg_item(KEY_SIGNATURE, signature, sizeof signature);
    present = memcmp(signature, "QEMU", sizeof signature) == 0;
    if (fwcfg_item(KEY_ID, &id, sizeof id))
        has_dma = id & ID_DMA;
    return present;
}

struct raw_file {
    u32 size;
    u16 key, reserved;
    char name[56];
};
#define FILES_MAX 64

/* The directory, read once. */
static struct raw_file directory[FILES_MAX];
static unsigned files;
static bool directory_read;

static void read_directory(void)
{
    static struct {
        u32 count;
        struct raw_file file[FILES_MAX];
    } raw;
    directory_read = true;
    if (!fwcfg_item(KEY_FILES, &raw, sizeof raw))
        return;
    files = swap32(raw.count);
    if (files > FILES_MAX)
        files = FILES_MAX;
    memcpy(directory, raw.file, files * sizeof *directory);
}

bool fwcfg_file_at(unsigned n, struct fwcfg_file *file)
{
    if (!directory_read)
        read_directory();
    if (n >= files)
        return false;
    const struct raw_file *f = &directory[n];
    file->size = swap32(f->size);
    file->key = (u16)(f->key << 8 | f->key >> 8);
    memcpy(file->name, f->name, sizeof file->name);
    file->name[sizeof file->name - 1] = 0;
    return true;
}

bool fwcfg_find(const char *name, struct fwcfg_file *file)
{
    for (unsigned i = 0; fwcfg_file_at(i, file); i++)
        if (strlen(file->name) == strlen(name) && memcmp(file->name, name, strlen(name)) == 0)
            return true;
    return false;
}

void fwcfg_read(const struct fwcfg_file *file, void *to, u32 size)
{
    fwcfg_item(file->key, to, size < file->size ? size : file->size);
}
