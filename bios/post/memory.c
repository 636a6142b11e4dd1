/* memory.c: how much RAM there is, and the zones that POST and option ROMs allocate from.
 *
 *   ZONE_LOW       the E segment, downwards from the firmware's variables; more of it is opened by PAM as it grows
 *   ZONE_FSEG      the F segment's free start
 *   ZONE_HIGH      permanent: the top of the RAM below 4 GiB; reserved in the e820 map, what is left over given back
 *   ZONE_TMP_HIGH  from 1 MiB up to there; nobody's after POST
 *   ZONE_TMP_LOW   20000-90000; zero after POST, as the specification of the Post Memory Manager asks
 *
 * A machine with 1 MiB has no high zones. */
#include "post.h"

#define MIB 0x100000u
#define HIGH_SIZE 0x40000u
#define HIGH_LEAST_RAM 0x200000u
#define PAGE 4096u
#define FW_CFG_E820 "etc/e820"
#define BIOS_SIZE IMAGE_SIZE

#define CMOS_EXT_KIB 0x30
#define CMOS_ABOVE_16M 0x34
#define CMOS_ABOVE_4G 0x5b

struct block {
    enum zone zone;
    u32 start, size, handle;
};
#define BLOCKS_MAX 128
static struct block block[BLOCKS_MAX];
static unsigned blocks;
static struct {
    u32 start, end;
} zone[ZONES];
static u32 ram_end;   /* below 4 GiB */
static u64 ram_above; /* bytes above 4 GiB */

static u32 cmos16(u8 at)
{
    return (u32)cmos_read(at) | (u32)cmos_read((u8)(at + 1)) << 8;
}

void memory_find(void)
{
    u32 above_16m = cmos16(CMOS_ABOVE_16M);
    ram_end = above_16m ? above_16m * 0x10000u + 16 * MIB : cmos16(CMOS_EXT_KIB) * 1024u + MIB;
    ram_above = (u64)(cmos16(CMOS_ABOVE_4G) | (u32)cmos_read(CMOS_ABOVE_4G + 2) << 16) << 16;
}

u32 memory_mib(void)
{
    return (ram_end >> 20) + (u32)(ram_above >> 20);
}

/* The map as the machine tells it, or as CMOS does; then what every PC has. */
static void map_ram(void)
{
    struct fwcfg_file file;
    static struct {
        u64 base, length;
        u32 type;
    } PACKED entry[E820_MAX];
    if (fwcfg_find(FW_CFG_E820, &file)) {
        fwcfg_read(&file, entry, sizeof entry);
        for (unsigned i = 0; i < E820_MAX && (i + 1) * sizeof *entry <= file.size; i++)
            e820_add(entry[i].base, entry[i].length, entry[i].type);
    } else {
        e820_add(0, ram_end, E820_RAM);
        e820_add(1ull << 32, ram_above, E820_RAM);
    }
    e820_add(EBDA_DEFAULT, 0xa0000 - EBDA_DEFAULT, E820_RESERVED);
    e820_add(0xa0000, BIOS_BASE - 0xa0000, 0);
    e820_add(BIOS_BASE, 0x10000, E820_RESERVED);
    e820_add(0u - BIOS_SIZE, BIOS_SIZE, E820_RESERVED);
}

static u32 high_size(void)
{
    return ram_end >= HIGH_LEAST_RAM ? HIGH_SIZE : 0;
}

void memory_init_zones(void)
{
    u32 top = ram_end - high_size();
    zone[ZONE_LOW].start = LOW_BASE;
    zone[ZONE_LOW].end = LOW_HEAP_TOP;
    zone[ZONE_FSEG].start = BIOS_BASE + FSEG_HEAP;
    zone[ZONE_FSEG].end = BIOS_BASE + FSEG_HEAP_END;
    zone[ZONE_HIGH].start = top;
    zone[ZONE_HIGH].end = ram_end;
    zone[ZONE_TMP_HIGH].start = ram_end > MIB ? MIB : top;
    zone[ZONE_TMP_HIGH].end = top;
    zone[ZONE_TMP_LOW].start = TMP_LOW_HEAP;
    zone[ZONE_TMP_LOW].end = TMP_LOW_END;
    FSEG->ram_below_4g = top > MIB ? top : MIB;
    FSEG->ram_above_4g_64k = (u32)(ram_above >> 16);
    map_ram();
}

/* Is start…start + size free? If not, *next is below what is in the way. */
static bool is_free(u32 start, u32 size, u32 *next)
{
    for (unsigned i = 0; i < blocks; i++)
        if (start < block[i].start + block[i].size && block[i].start < start + size) {
            *next = block[i].start;
            return false;
        }
    return true;
}

/* The highest free place, 0: none. */
static u32 find_place(enum zone z, u32 size, u32 align)
{
    u32 end = zone[z].end, next;
    while (end >= zone[z].start && end - zone[z].start >= size) {
        u32 start = ALIGN_DOWN(end - size, align);
        if (start < zone[z].start)
            return 0;
        if (is_free(start, size, &next))
            return start;
        end = next;
    }
    return 0;
}

void *memory_alloc(enum zone z, u32 size, u32 align, u32 handle)
{
    size = ALIGN_UP(size, 16u);
    u32 at = size && blocks < BLOCKS_MAX ? find_place(z, size, align < 16 ? 16 : align) : 0;
    if (!at || (z == ZONE_LOW && !low_grow(at)))
        return NULL;
    block[blocks++] = (struct block){ z, at, size, handle };
    return memset((void *)at, 0, size);
}

bool memory_free(void *p)
{
    for (unsigned i = 0; i < blocks; i++)
        if (block[i].start == (u32)p) {
            block[i] = block[--blocks];
            return true;
        }
    return false;
}

void *memory_by_handle(u32 handle)
{
    for (unsigned i = 0; handle != ~0u && i < blocks; i++)
        if (block[i].handle == handle)
            return (void *)block[i].start;
    return NULL;
}

u32 memory_largest(enum zone z)
{
    u32 low = 0, high = zone[z].end - zone[z].start;
    while (low < high) { /* the largest size for which there is a place */
        u32 middle = low + (high - low + 1) / 2;
        if (find_place(z, middle, 16))
            low = middle;
        else
            high = middle - 1;
    }
    return low & ~15u;
}

void memory_close(void)
{
    u32 first = zone[ZONE_HIGH].end;
    for (unsigned i = 0; i < blocks; i++)
        if (block[i].zone == ZONE_HIGH && block[i].start < first)
            first = block[i].start;
    first = ALIGN_DOWN(first, PAGE);
    e820_add(first, zone[ZONE_HIGH].end - first, E820_RESERVED);
    FSEG->ram_below_4g = first > MIB ? first : MIB;
}
