/* pc_kernel.c: -kernel, -initrd and -append: the parts of a Linux kernel and where they go. The option ROM of
 * rom/kernelrom.S moves them there and jumps; it has what it needs from fw_cfg's items, which are QEMU's.
 *
 * References: Linux' Documentation/x86/boot.rst (protocols 2.00 to 2.15; "the setup header", "memory layout"); QEMU's
 * docs/specs/fw_cfg.rst. Not done: kernels older than protocol 2.00, and those that load low (zImage); the kernel's EFI
 * entry; a device tree. */
#include "pc_kernel.h"

#include "pc.h"
#include "pc_boot_image.h"

#include <stdlib.h>

/* The setup header (boot.rst, "details of header fields"). */
enum setup_header {
    SETUP_SECTS = 0x1f1,
    VID_MODE = 0x1fa,
    HEADER_MAGIC = 0x202,
    VERSION = 0x206,
    TYPE_OF_LOADER = 0x210,
    LOADFLAGS = 0x211,
    RAMDISK_IMAGE = 0x218,
    RAMDISK_SIZE = 0x21c,
    HEAP_END_PTR = 0x224,
    CMD_LINE_PTR = 0x228,
    INITRD_ADDR_MAX = 0x22c,
    XLOADFLAGS = 0x236,
    CMDLINE_SIZE = 0x238,
    HEADER_END = 0x268
};
#define MAGIC_HDRS 0x53726448
#define SECTOR 512
#define SETUP_SECTS_DEFAULT 4
#define LOADED_HIGH BIT(0)
#define CAN_USE_HEAP BIT(7)
#define LOADER_OF_QEMU 0xb0
#define XLF_CAN_BE_LOADED_ABOVE_4G BIT(1)
#define PROTOCOL_CMD_LINE_PTR 0x202
#define PROTOCOL_INITRD_MAX 0x203
#define PROTOCOL_CMDLINE_SIZE 0x206
#define PROTOCOL_XLOADFLAGS 0x20c
#define INITRD_MAX_OLD 0x37ffffffu
#define CMDLINE_MAX_OLD 255

#define SETUP_AT 0x10000u
#define CMDLINE_AT 0x20000u
#define CMDLINE_ROOM 0x10000u
#define KERNEL_AT 0x100000u
#define TOP_RESERVED 0x28000u /* the firmware puts ACPI tables at the end of RAM */

#define VGA_ASK 0xfffd
#define VGA_EXTENDED 0xfffe
#define VGA_NORMAL 0xffff

struct linux_image {
    const u8 *image;
    size_t size, setup_size;
    unsigned protocol;
};

static const char *look_at(struct linux_image *l, const struct machine_kernel *config)
{
    *l = (struct linux_image){ .image = config->image, .size = config->size };
    if (l->size < HEADER_END || get_le32(l->image + HEADER_MAGIC) != MAGIC_HDRS)
        return "neither a Linux kernel (bzImage) nor one for Multiboot or PVH";
    l->protocol = get_le16(l->image + VERSION);
    if (!(l->image[LOADFLAGS] & LOADED_HIGH) || l->protocol < PROTOCOL_CMD_LINE_PTR)
        return "a Linux kernel for below 1 MiB or of a boot protocol older than 2.02, which is not supported";
    unsigned sectors = l->image[SETUP_SECTS] ? l->image[SETUP_SECTS] : SETUP_SECTS_DEFAULT;
    l->setup_size = (sectors + 1u) * SECTOR;
    if (l->setup_size >= l->size || l->setup_size > CMDLINE_AT - SETUP_AT)
        return "a Linux kernel that is cut off";
    return NULL;
}

/* Where an initramfs may end, at most. */
static u64 initrd_last(const struct linux_image *l, u64 below_4g)
{
    u64 last = INITRD_MAX_OLD, end = below_4g - TOP_RESERVED;
    if (l->protocol >= PROTOCOL_XLOADFLAGS && get_le16(l->image + XLOADFLAGS) & XLF_CAN_BE_LOADED_ABOVE_4G)
        last = UINT32_MAX;
    else if (l->protocol >= PROTOCOL_INITRD_MAX)
        last = get_le32(l->image + INITRD_ADDR_MAX);
    return last < end ? last : end - 1;
}

/* "vga=" on the command line is the boot loader's business. */
static u16 video_mode(const char *command_line, u16 otherwise)
{
    const char *vga = strstr(command_line, "vga=");
    if (!vga || (vga != command_line && vga[-1] != ' '))
        return otherwise;
    vga += strlen("vga=");
    if (strncmp(vga, "normal", strlen("normal")) == 0)
        return VGA_NORMAL;
    if (strncmp(vga, "ext", strlen("ext")) == 0)
        return VGA_EXTENDED;
    if (strncmp(vga, "ask", strlen("ask")) == 0)
        return VGA_ASK;
    return (u16)strtoul(vga, NULL, 0);
}

static void fill_header(u8 *h, const char *command_line, u32 initrd, u32 initrd_size)
{
    put_le16(h + VID_MODE, video_mode(command_line, get_le16(h + VID_MODE)));
    h[TYPE_OF_LOADER] = LOADER_OF_QEMU;
    h[LOADFLAGS] |= CAN_USE_HEAP;
    put_le16(h + HEAP_END_PTR, (u16)(CMDLINE_AT - SETUP_AT - 0x200));
    put_le32(h + CMD_LINE_PTR, CMDLINE_AT);
    put_le32(h + RAMDISK_IMAGE, initrd);
    put_le32(h + RAMDISK_SIZE, initrd_size);
}

static u32 cmdline_most(const struct linux_image *l)
{
    u32 most = l->protocol >= PROTOCOL_CMDLINE_SIZE ? get_le32(l->image + CMDLINE_SIZE) : CMDLINE_MAX_OLD;
    return most < CMDLINE_ROOM ? most : CMDLINE_ROOM - 1;
}

/* A part's three items: place, size, bytes. */
struct part {
    u16 addr_key, size_key, data_key;
    u32 addr;
    const void *data;
    size_t size;
};

static bool add_parts(struct fw_cfg *f, const struct part *part, unsigned n)
{
    bool ok = true;
    for (unsigned i = 0; i < n; i++) {
        ok = ok && fw_cfg_add_u32(f, part[i].addr_key, part[i].addr) &&
             fw_cfg_add_u32(f, part[i].size_key, (u32)part[i].size);
        fw_cfg_add_bytes(f, part[i].data_key, part[i].data, (u32)part[i].size);
    }
    return ok;
}

static const char *linux_add(struct pc_kernel *k, struct fw_cfg *f, const struct machine_kernel *c, u64 below_4g)
{
    struct linux_image l;
    const char *why = look_at(&l, c), *command_line = c->command_line ? c->command_line : "";
    if (why)
        return why;
    size_t length = strlen(command_line), kernel = l.size - l.setup_size;
    if (length > cmdline_most(&l))
        return "a command line (-append) that is longer than the kernel takes";
    u64 last = initrd_last(&l, below_4g);
    if (c->initrd_size > last - KERNEL_AT || kernel > last - KERNEL_AT - c->initrd_size)
        return "kernel and initrd do not fit into memory: give more with -m";
    u32 initrd = (u32)(last + 1 - c->initrd_size) & ~(u32)(PAGE_SIZE - 1);
    k->head = malloc(l.setup_size);
    if (!k->head)
        return "no memory";
    memcpy(k->head, l.image, l.setup_size);
    fill_header(k->head, command_line, c->initrd_size ? initrd : 0, (u32)c->initrd_size);
    const struct part parts[] = {
        { FW_CFG_SETUP_ADDR, FW_CFG_SETUP_SIZE, FW_CFG_SETUP_DATA, SETUP_AT, k->head, l.setup_size },
        { FW_CFG_CMDLINE_ADDR, FW_CFG_CMDLINE_SIZE, FW_CFG_CMDLINE_DATA, CMDLINE_AT, command_line, length + 1 },
        { FW_CFG_KERNEL_ADDR, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA, KERNEL_AT, l.image + l.setup_size, kernel },
        { FW_CFG_INITRD_ADDR, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA, initrd, c->initrd, c->initrd_size },
    };
    return add_parts(f, parts, ARRAY_LEN(parts)) ? NULL : "no room in fw_cfg";
}

/* Those that are entered in protected mode. */
static const char *image_add(struct pc_kernel *k, struct fw_cfg *f, const struct machine_kernel *c,
                             enum machine_kernel_kind kind, u64 below_4g)
{
    struct boot_image b;
    const char *why = boot_image_init(&b, below_4g) ? NULL : "no memory";
    if (!why)
        why = kind == MACHINE_KERNEL_MULTIBOOT    ? pc_multiboot_add(&b, c)
              : kind == MACHINE_KERNEL_MULTIBOOT2 ? pc_multiboot2_add(&b, c)
                                                  : pc_pvh_add(&b, c);
    if (!why)
        return boot_image_finish(&b, k, f);
    free(b.bytes);
    free(b.block);
    return why;
}

/* As in QEMU, Linux' header counts more than Multiboot's, and that more than a PVH note. */
enum machine_kernel_kind machine_kernel_kind(const struct machine_kernel *c)
{
    struct elf_file e;
    bool elf_64 = !elf_open(&e, c->image, c->size) && e.is_64;
    if (c->size >= HEADER_END && get_le32(c->image + HEADER_MAGIC) == MAGIC_HDRS)
        return MACHINE_KERNEL_LINUX;
    if (pc_multiboot2_is(c) && (elf_64 || !pc_multiboot_is(c)))
        return MACHINE_KERNEL_MULTIBOOT2;
    if (pc_multiboot_is(c))
        return MACHINE_KERNEL_MULTIBOOT;
    return elf_is(c->image, c->size) ? MACHINE_KERNEL_PVH : MACHINE_KERNEL_LINUX;
}

const char *pc_kernel_add(struct pc_kernel *k, struct fw_cfg *fw_cfg, const struct machine_kernel *config, u64 below_4g)
{
    enum machine_kernel_kind kind = machine_kernel_kind(config);
    bool linux_kernel = kind == MACHINE_KERNEL_LINUX;
    const char *why =
        linux_kernel ? linux_add(k, fw_cfg, config, below_4g) : image_add(k, fw_cfg, config, kind, below_4g);
    if (!why && !fw_cfg_add_file(fw_cfg, linux_kernel ? KERNEL_ROM_LINUX : KERNEL_ROM_MULTIBOOT, kernel_rom,
                                 kernel_rom_size, kernel_rom_size))
        why = "no room in fw_cfg";
    return why;
}

const char *machine_kernel_check(const struct machine_kernel *kernel, u64 ram_size, struct log *log)
{
    struct fw_cfg *scratch = calloc(1, sizeof *scratch);
    struct pc_kernel k = { 0 };
    if (!scratch)
        return "no memory";
    fw_cfg_init(scratch, (struct dma){ 0 }, log);
    const char *why = pc_kernel_add(&k, scratch, kernel, pc_ram_below_4g(ram_size));
    pc_kernel_free(&k);
    free(scratch);
    return why;
}

void pc_kernel_free(struct pc_kernel *k)
{
    free(k->head);
    free(k->tail);
    *k = (struct pc_kernel){ 0 };
}
