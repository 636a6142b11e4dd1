/* pc_boot_image.c: see pc_boot_image.h. */
#include "pc_boot_image.h"

#include <stdlib.h>

#define LOWEST 0x10000u       /* nothing is loaded over what is the firmware's and the option ROM's */
#define TOP_RESERVED 0x28000u /* the firmware's tables are at the end of RAM */
#define DEFAULT_WIDTH 1024u
#define DEFAULT_HEIGHT 768u
#define DEFAULT_DEPTH 32u

bool boot_image_init(struct boot_image *b, u64 below_4g)
{
    *b = (struct boot_image){ .limit = below_4g > TOP_RESERVED ? below_4g - TOP_RESERVED : 0, .used = PLAN_SIZE };
    b->block = calloc(1, BLOCK_ROOM);
    return b->block;
}

/* ---- the image ---- */

/* Memory for what is to be loaded. */
static const char *claim(struct boot_image *b, u64 first, u64 end)
{
    if (first < LOWEST || end <= first || end > b->limit)
        return KERNEL_FITS_NOT;
    b->bytes = calloc(1, end - first);
    b->first = first;
    b->end = end;
    return b->bytes ? NULL : "no memory";
}

const char *boot_image_raw(struct boot_image *b, u64 first, const u8 *data, u64 size, u64 end)
{
    const char *why = claim(b, first, end > first + size ? end : first + size);
    if (!why)
        memcpy(b->bytes, data, size);
    return why;
}

const char *boot_image_elf(struct boot_image *b, const struct elf_file *e, u64 delta)
{
    struct elf_extent extent;
    const char *why = elf_measure(e, &extent);
    if (!why && extent.end > UINT32_MAX)
        why = KERNEL_FITS_NOT;
    if (!why)
        why = claim(b, extent.first + delta, extent.end + delta);
    if (why)
        return why;
    b->entry = (u32)(extent.entry + delta);
    elf_copy(e, &extent, b->bytes);
    return NULL;
}

static u64 page_up(u64 v)
{
    return (v + PAGE_SIZE - 1) & PAGE_MASK;
}

const char *boot_image_append(struct boot_image *b, const void *data, u64 size, u32 *at)
{
    u64 from = page_up(b->end);
    if (from > b->limit || size > b->limit - from)
        return KERNEL_FITS_NOT;
    u8 *bytes = realloc(b->bytes, from + size - b->first);
    if (!bytes)
        return "no memory";
    b->bytes = bytes;
    memset(bytes + (b->end - b->first), 0, from - b->end);
    if (size)
        memcpy(bytes + (from - b->first), data, size);
    b->end = from + size;
    *at = (u32)from;
    return NULL;
}

/* The address in section header i. */
static void set_section_address(const struct elf_file *e, u8 *headers, unsigned i, u32 address)
{
    put_le32(headers + (size_t)i * e->section_size + (e->is_64 ? 16 : 12), address);
}

static const char *append_sections(struct boot_image *b, const struct elf_file *e, u64 delta, u8 *headers)
{
    for (unsigned i = 0; i < e->sections; i++) {
        struct elf_section s;
        u32 at = 0;
        bool there = elf_section(e, i, &s);
        if (s.address) {
            if (delta)
                set_section_address(e, headers, i, (u32)(s.address + delta));
            continue;
        }
        if (!there || !s.size || s.type == ELF_SHT_NULL || s.type == ELF_SHT_NOBITS)
            continue;
        const char *why = boot_image_append(b, e->image + s.offset, s.size, &at);
        if (why)
            return why;
        set_section_address(e, headers, i, at);
    }
    return NULL;
}

const char *boot_image_sections(struct boot_image *b, const struct elf_file *e, u64 delta, u8 **headers)
{
    size_t size = (size_t)e->sections * e->section_size;
    u64 end = b->end;
    *headers = size ? malloc(size) : NULL;
    if (!*headers)
        return size ? "no memory" : NULL;
    memcpy(*headers, e->image + e->sections_at, size);
    if (append_sections(b, e, delta, *headers)) { /* they are a help, and not what the kernel can't do without */
        free(*headers);
        *headers = NULL;
        b->end = end;
    }
    return NULL;
}

/* ---- the block ---- */

u8 *boot_block(struct boot_image *b, size_t size, u32 *at)
{
    size_t from = (b->used + 7) & ~(size_t)7;
    if (from > BLOCK_ROOM || size > BLOCK_ROOM - from)
        return NULL;
    b->used = from + size;
    *at = (u32)from;
    return b->block + from;
}

bool boot_block_text(struct boot_image *b, u8 *field, const char *first, const char *second)
{
    u32 at;
    size_t length = strlen(first), more = strlen(second);
    u8 *to = boot_block(b, length + more + 2, &at);
    if (!to)
        return false;
    memcpy(to, first, length);
    if (more) {
        to[length] = ' ';
        memcpy(to + length + 1, second, more);
    }
    put_le32(field, BLOCK_AT + at);
    return true;
}

static u16 wish(u32 wanted, u32 otherwise)
{
    return (u16)(wanted && wanted <= UINT16_MAX ? wanted : otherwise);
}

void boot_plan_mode(struct boot_image *b, const struct boot_mode *wanted)
{
    bool sized = wanted->width && wanted->height;
    put_le16(b->block + PLAN_WIDTH, wish(sized ? wanted->width : 0, DEFAULT_WIDTH));
    put_le16(b->block + PLAN_HEIGHT, wish(sized ? wanted->height : 0, DEFAULT_HEIGHT));
    put_le16(b->block + PLAN_DEPTH, wish(wanted->depth, DEFAULT_DEPTH));
}

const char *boot_image_finish(struct boot_image *b, struct pc_kernel *k, struct fw_cfg *f)
{
    u32 size = (u32)(b->end - b->first);
    k->head = b->bytes;
    k->tail = b->block;
    fw_cfg_add_bytes(f, FW_CFG_KERNEL_DATA, k->head, size);
    fw_cfg_add_bytes(f, FW_CFG_INITRD_DATA, k->tail, BLOCK_ROOM);
    bool ok = fw_cfg_add_u32(f, FW_CFG_KERNEL_ADDR, (u32)b->first) && fw_cfg_add_u32(f, FW_CFG_KERNEL_SIZE, size) &&
              fw_cfg_add_u32(f, FW_CFG_KERNEL_ENTRY, b->entry) && fw_cfg_add_u32(f, FW_CFG_INITRD_ADDR, BLOCK_AT) &&
              fw_cfg_add_u32(f, FW_CFG_INITRD_SIZE, BLOCK_ROOM);
    return ok ? NULL : "no room in fw_cfg";
}

const u8 *boot_header(const struct machine_kernel *c, u32 magic, size_t search, size_t align, unsigned words)
{
    for (size_t at = 0; at + 4 * words <= c->size && at + 4 * words <= search; at += align) {
        u32 sum = 0;
        for (unsigned i = 0; i < words; i++)
            sum += get_le32(c->image + at + 4 * i);
        if (get_le32(c->image + at) == magic && !sum)
            return c->image + at;
    }
    return NULL;
}
