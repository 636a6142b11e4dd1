/* pc_multiboot.c: kernels of the Multiboot Specification (0.6.96), with modules. The option ROM adds to the information
 * what the firmware knows: the memory map, the sizes of lower and upper memory, APM, the graphics mode.
 *
 * The kernel is an ELF file of 32 bits, or says in its header where it goes (bit 16). Modules follow it, each at a
 * page, and behind them the sections of the ELF file that are not loaded (symbols). Not given: drives, the
 * configuration table, an a.out file's symbols. */
#include "pc_boot_image.h"

#include <stdlib.h>

#define HEADER_SEARCH 8192u
#define HEADER_MAGIC 0x1badb002u
#define HEADER_VIDEO BIT(2)
#define HEADER_REQUIRES_UNKNOWN 0xfff8u /* 3.1.2: what must be understood, and is not defined */
#define HEADER_ADDRESSES BIT(16)
enum header {
    H_FLAGS = 4,
    H_HEADER = 12,
    H_LOAD = 16,
    H_LOAD_END = 20,
    H_BSS_END = 24,
    H_ENTRY = 28,
    H_ADDRESSES_END = 32,
    H_MODE_TYPE = 32,
    H_WIDTH = 36,
    H_HEIGHT = 40,
    H_DEPTH = 44,
    H_MODE_END = 48
};
#define MODE_TYPE_TEXT 1

/* The information. */
#define MULTIBOOT_MAGIC 0x2badb002u
#define MBI_SIZE 116u
#define MODULE_ENTRY 16u
#define MBI_FLAGS_VALUE 0x24fu /* memory, boot device, command line, modules, memory map, the loader's name */
#define MBI_HAS_SECTIONS BIT(5)
#define BOOT_DEVICE_FIRST_DISK 0x8000ffffu
enum mbi {
    M_FLAGS = 0,
    M_MEMORY = 4,
    M_DEVICE = 12,
    M_CMDLINE = 16,
    M_MODS = 20,
    M_MODS_ADDR = 24,
    M_SECTIONS = 28,
    M_MMAP_ADDR = 48,
    M_LOADER = 64,
    M_FRAMEBUFFER = 88,
    M_COLORS = 110
};

#define CUT_OFF "a Multiboot kernel that is cut off"

static const u8 *find_header(const struct machine_kernel *c)
{
    return boot_header(c, HEADER_MAGIC, HEADER_SEARCH, 4, 3);
}

bool pc_multiboot_is(const struct machine_kernel *c)
{
    return find_header(c);
}

/* By the header's own addresses. */
static const char *load_addressed(struct boot_image *b, const struct machine_kernel *c, const u8 *h)
{
    u64 at = (u64)(h - c->image);
    if (at + H_ADDRESSES_END > c->size)
        return CUT_OFF;
    u32 header = get_le32(h + H_HEADER), load = get_le32(h + H_LOAD), end = get_le32(h + H_LOAD_END);
    if (header < load || header - load > at)
        return "a Multiboot kernel whose header's addresses make no sense";
    u64 from = at - (header - load), size = end ? (u64)end - load : c->size - from;
    if (size > c->size - from || (end && end < load))
        return CUT_OFF;
    b->entry = get_le32(h + H_ENTRY);
    return boot_image_raw(b, load, c->image + from, size, get_le32(h + H_BSS_END));
}

static const char *load_elf(struct boot_image *b, const struct machine_kernel *c, struct elf_file *e)
{
    if (!elf_is(c->image, c->size))
        return "a Multiboot kernel that is no ELF file of 32 bits and does not say where it goes";
    const char *why = elf_open(e, c->image, c->size);
    if (!why && (e->is_64 || e->machine != ELF_MACHINE_386))
        why = "a Multiboot kernel that is an ELF file of 64 bits: Multiboot 1 wants 32 bits";
    return why ? why : boot_image_elf(b, e, 0);
}

static const char *plan_mode(struct boot_image *b, const struct machine_kernel *c, const u8 *h)
{
    u32 at;
    if (!(get_le32(h + H_FLAGS) & HEADER_VIDEO))
        return NULL;
    if ((u64)(h - c->image) + H_MODE_END > c->size)
        return CUT_OFF;
    if (get_le32(h + H_MODE_TYPE) == MODE_TYPE_TEXT)
        return NULL;
    if (!boot_block(b, PLAN_VBE_SIZE, &at))
        return KERNEL_TEXTS_LONG;
    put_le16(b->block + PLAN_VBE, (u16)at);
    boot_plan_mode(b, &(struct boot_mode){ get_le32(h + H_WIDTH), get_le32(h + H_HEIGHT), get_le32(h + H_DEPTH) });
    return NULL;
}

static const char *add_modules(struct boot_image *b, u8 *info, const struct machine_kernel *c)
{
    u32 list;
    u8 *entry = boot_block(b, MODULE_ENTRY * MACHINE_MODULES, &list);
    const char *why = entry ? NULL : KERNEL_TEXTS_LONG;
    for (unsigned i = 0; !why && i < c->modules; i++, entry += MODULE_ENTRY) {
        u32 at = 0;
        why = boot_image_append(b, c->module[i].data, c->module[i].size, &at);
        put_le32(entry, at);
        put_le32(entry + 4, (u32)(at + c->module[i].size));
        if (!why && !boot_block_text(b, entry + 8, c->module[i].text, ""))
            why = KERNEL_TEXTS_LONG;
    }
    put_le32(info + M_MODS, c->modules);
    put_le32(info + M_MODS_ADDR, BLOCK_AT + list);
    return why;
}

static const char *add_sections(struct boot_image *b, u8 *info, const struct elf_file *e)
{
    u8 *headers = NULL;
    u32 at;
    const char *why = boot_image_sections(b, e, 0, &headers);
    if (headers && !boot_image_append(b, headers, (u64)e->sections * e->section_size, &at)) {
        put_le32(info + M_FLAGS, get_le32(info + M_FLAGS) | MBI_HAS_SECTIONS);
        put_le32(info + M_SECTIONS, e->sections);
        put_le32(info + M_SECTIONS + 4, e->section_size);
        put_le32(info + M_SECTIONS + 8, at);
        put_le32(info + M_SECTIONS + 12, e->names);
    }
    free(headers);
    return why;
}

/* The memory map: entries with their size before the address. */
static bool plan_information(struct boot_image *b, u8 *info, u32 info_at)
{
    u32 map;
    u8 *entry = boot_block(b, BLOCK_MAP_BYTES, &map), *plan = b->block;
    for (unsigned i = 0; entry && i < BLOCK_MAP_BYTES / MAP_ENTRY; i++)
        put_le32(entry + MAP_ENTRY * i, MAP_ENTRY - 4);
    put_le32(info + M_MMAP_ADDR, BLOCK_AT + map);
    put_le32(plan + PLAN_EAX, MULTIBOOT_MAGIC);
    put_le32(plan + PLAN_EBX, BLOCK_AT + info_at);
    put_le16(plan + PLAN_KIND, PLAN_MULTIBOOT);
    put_le16(plan + PLAN_MAP, (u16)(map + 4));
    put_le16(plan + PLAN_MAP_END, (u16)(map + BLOCK_MAP_BYTES - MAP_ENTRY));
    put_le16(plan + PLAN_MEMORY, (u16)(info_at + M_MEMORY));
    put_le16(plan + PLAN_INFO, (u16)info_at);
    put_le16(plan + PLAN_FRAMEBUFFER, (u16)(info_at + M_FRAMEBUFFER));
    put_le16(plan + PLAN_COLORS, (u16)(info_at + M_COLORS));
    return entry;
}

static const char *tell(struct boot_image *b, const struct machine_kernel *c)
{
    u32 at;
    u8 *info = boot_block(b, MBI_SIZE, &at);
    if (!info || !plan_information(b, info, at))
        return KERNEL_TEXTS_LONG;
    put_le32(info + M_FLAGS, MBI_FLAGS_VALUE);
    put_le32(info + M_DEVICE, BOOT_DEVICE_FIRST_DISK);
    if (!boot_block_text(b, info + M_CMDLINE, c->name, c->command_line ? c->command_line : "") ||
        !boot_block_text(b, info + M_LOADER, "pcemu", ""))
        return KERNEL_TEXTS_LONG;
    return add_modules(b, info, c);
}

const char *pc_multiboot_add(struct boot_image *b, const struct machine_kernel *c)
{
    const u8 *h = find_header(c);
    struct elf_file e = { 0 };
    u32 flags = get_le32(h + H_FLAGS);
    if (flags & HEADER_REQUIRES_UNKNOWN)
        return "a Multiboot kernel that requires what the specification does not know (flags 3 to 15)";
    const char *why = flags & HEADER_ADDRESSES ? load_addressed(b, c, h) : load_elf(b, c, &e);
    if (!why)
        why = tell(b, c);
    if (!why)
        why = plan_mode(b, c, h);
    if (!why && e.sections)
        why = add_sections(b, b->block + get_le16(b->block + PLAN_INFO), &e);
    return why;
}
