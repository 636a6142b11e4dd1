/* pc_pvh.c: kernels that say by an ELF note (XEN_ELFNOTE_PHYS32_ENTRY) where they are entered in protected mode without
 * paging: Linux' uncompressed vmlinux, and others. Xen's docs/misc/pvh.pandoc (state at entry) and
 * xen/include/public/arch-x86/hvm/start_info.h. The option ROM adds the memory map and the place of ACPI's RSDP. As in
 * QEMU there is at most one module, the initrd, without a command line of its own. */
#include "pc_boot_image.h"

#define NOTE_OWNER "Xen"
#define NOTE_PHYS32_ENTRY 18
#define START_MAGIC 0x336ec578u
#define START_SIZE 56u
enum start_info {
    S_MAGIC = 0,
    S_VERSION = 4,
    S_MODULES = 12,
    S_MODULE_LIST = 16,
    S_COMMAND_LINE = 24,
    S_MAP = 40,
};
#define MODULE_ENTRY 32u

bool pc_pvh_is(const struct machine_kernel *c)
{
    return elf_is(c->image, c->size);
}

static const char *add_initrd(struct boot_image *b, u8 *info, const struct machine_kernel *c)
{
    u32 list, at;
    u8 *entry = boot_block(b, MODULE_ENTRY, &list);
    const char *why = entry ? boot_image_append(b, c->initrd, c->initrd_size, &at) : KERNEL_TEXTS_LONG;
    if (why)
        return why;
    put_le64(entry, at);
    put_le64(entry + 8, c->initrd_size);
    put_le32(info + S_MODULES, 1);
    put_le64(info + S_MODULE_LIST, BLOCK_AT + list);
    return NULL;
}

static const char *tell(struct boot_image *b, const struct machine_kernel *c)
{
    u32 at, map;
    u8 *info = boot_block(b, START_SIZE, &at), *plan = b->block;
    if (!info || !boot_block(b, BLOCK_MAP_BYTES, &map) ||
        !boot_block_text(b, info + S_COMMAND_LINE, c->command_line ? c->command_line : "", ""))
        return KERNEL_TEXTS_LONG;
    put_le32(info + S_MAGIC, START_MAGIC);
    put_le32(info + S_VERSION, 1);
    put_le64(info + S_MAP, BLOCK_AT + map);
    put_le32(plan + PLAN_EBX, BLOCK_AT + at);
    put_le16(plan + PLAN_KIND, PLAN_PVH);
    put_le16(plan + PLAN_MAP, (u16)map);
    put_le16(plan + PLAN_MAP_END, (u16)(map + BLOCK_MAP_BYTES - MAP_ENTRY));
    put_le16(plan + PLAN_MEMORY, PLAN_UNUSED);
    put_le16(plan + PLAN_INFO, (u16)at);
    return c->initrd_size ? add_initrd(b, info, c) : NULL;
}

const char *pc_pvh_add(struct boot_image *b, const struct machine_kernel *c)
{
    struct elf_file e;
    u32 size = 0;
    const char *why = elf_open(&e, c->image, c->size);
    if (why)
        return why;
    const u8 *entry = elf_note(&e, NOTE_OWNER, NOTE_PHYS32_ENTRY, &size);
    if (!entry)
        return "an ELF file without a Multiboot header and without a note of its PVH entry";
    if (size != 4 && size != 8)
        return "an ELF file whose note of its PVH entry has an impossible size";
    u64 at = size == 8 ? get_le64(entry) : get_le32(entry);
    if (at > UINT32_MAX)
        return "an ELF file whose PVH entry is above 4 GiB";
    why = boot_image_elf(b, &e, 0);
    b->entry = (u32)at;
    return why ? why : tell(b, c);
}
