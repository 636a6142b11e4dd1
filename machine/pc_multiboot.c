/* pc_multiboot.c: kernels of the Multiboot Specification (0.6.96), with modules. The option ROM adds to the information
 * what the firmware knows: the memory map and the sizes of lower and upper memory.
 *
 * The kernel is an ELF file of 32 bits, or says in its header where it goes (bit 16). Modules follow it, each at a
 * page; the information lies at MBI_AT, the memory map behind it, then the modules' list and all texts. Not done: video
 * modes (bit 2 of the header's flags), drives, and what ELF files of 64 bits would need. */
#include "pc_kernel.h"

#include <stdlib.h>

#define HEADER_SEARCH 8192u
#define HEADER_MAGIC 0x1badb002u
#define HEADER_ADDRESSES BIT(16)
enum header { H_FLAGS = 4, H_CHECKSUM = 8, H_HEADER = 12, H_LOAD = 16, H_LOAD_END = 20, H_BSS_END = 24, H_ENTRY = 28 };
#define HEADER_SIZE 32u

/* ELF (System V ABI, chapter 4 and 5) */
enum elf_header {
    E_CLASS = 4,
    E_MACHINE = 18,
    E_ENTRY = 24,
    E_PHOFF = 28,
    E_PHENTSIZE = 42,
    E_PHNUM = 44,
    E_SIZE = 52
};
enum program_header { P_TYPE = 0, P_OFFSET = 4, P_PADDR = 12, P_FILESZ = 16, P_MEMSZ = 20, P_SIZE = 32 };
#define ELF_MAGIC 0x464c457fu
#define ELF_32 1
#define EM_386 3
#define PT_LOAD 1

/* The information, and what lies behind it. */
#define MBI_AT 0x9000u
#define MBI_MMAP 0x100u /* to MBI_MODULES: the option ROM's */
#define MBI_MODULES 0x800u
#define MBI_TEXTS (MBI_MODULES + MODULE_ENTRY * MACHINE_MODULES)
#define MBI_ROOM 0x2000u
#define MODULE_ENTRY 16u
#define MBI_FLAGS_VALUE 0x24fu /* memory, boot device, command line, modules, memory map, the loader's name */
#define BOOT_DEVICE_FIRST_DISK 0x8000ffffu
enum mbi { M_FLAGS = 0, M_DEVICE = 12, M_CMDLINE = 16, M_MODS = 20, M_MODS_ADDR = 24, M_MMAP_ADDR = 48, M_LOADER = 64 };

#define LOWEST 0x10000u /* nothing is loaded over what is the firmware's and the option ROM's */
#define FITS_NOT "kernel and modules do not fit into memory: give more with -m"

struct loaded {
    u64 first, end; /* physical addresses that the kernel takes */
    u32 entry;
    u8 *bytes;
};

static const u8 *find_header(const struct machine_kernel *c)
{
    for (size_t at = 0; at + 12 <= c->size && at + 12 <= HEADER_SEARCH; at += 4) {
        const u8 *h = c->image + at;
        if (get_le32(h) == HEADER_MAGIC && !(u32)(HEADER_MAGIC + get_le32(h + H_FLAGS) + get_le32(h + H_CHECKSUM)))
            return h;
    }
    return NULL;
}

bool machine_is_multiboot(const struct machine_kernel *config)
{
    return find_header(config);
}

static bool may_lie(const struct loaded *l, u64 limit)
{
    return l->first >= LOWEST && l->end > l->first && l->end <= limit;
}

/* By the header's own addresses. */
static const char *load_addressed(struct loaded *l, const struct machine_kernel *c, const u8 *h, u64 limit)
{
    u64 at = (u64)(h - c->image);
    if (at + HEADER_SIZE > c->size)
        return "a Multiboot kernel that is cut off";
    u32 header = get_le32(h + H_HEADER), load = get_le32(h + H_LOAD), end = get_le32(h + H_LOAD_END);
    u32 bss = get_le32(h + H_BSS_END);
    if (header < load || header - load > at)
        return "a Multiboot kernel whose header's addresses make no sense";
    u64 from = at - (header - load), size = end ? (u64)end - load : c->size - from;
    if (size > c->size - from || (end && end < load))
        return "a Multiboot kernel that is cut off";
    *l = (struct loaded){ load, load + size, get_le32(h + H_ENTRY), NULL };
    if (bss > l->end)
        l->end = bss;
    if (!may_lie(l, limit))
        return FITS_NOT;
    l->bytes = calloc(1, l->end - l->first);
    if (!l->bytes)
        return "no memory";
    memcpy(l->bytes, c->image + from, size);
    return NULL;
}

/* Segment `i` of an ELF file; NULL: there is none to be loaded. */
static const u8 *segment(const struct machine_kernel *c, unsigned i)
{
    u64 at = get_le32(c->image + E_PHOFF) + (u64)i * get_le16(c->image + E_PHENTSIZE);
    if (at + P_SIZE > c->size)
        return NULL;
    const u8 *p = c->image + at;
    return get_le32(p + P_TYPE) == PT_LOAD && get_le32(p + P_MEMSZ) ? p : NULL;
}

static const char *measure_elf(struct loaded *l, const struct machine_kernel *c)
{
    *l = (struct loaded){ .first = UINT64_MAX, .entry = get_le32(c->image + E_ENTRY) };
    for (unsigned i = 0; i < get_le16(c->image + E_PHNUM); i++) {
        const u8 *p = segment(c, i);
        if (!p)
            continue;
        u64 first = get_le32(p + P_PADDR), filesz = get_le32(p + P_FILESZ), memsz = get_le32(p + P_MEMSZ);
        if (filesz > memsz || get_le32(p + P_OFFSET) + filesz > c->size)
            return "an ELF file that is cut off";
        if (first < l->first)
            l->first = first;
        if (first + memsz > l->end)
            l->end = first + memsz;
    }
    return NULL;
}

static const char *load_elf(struct loaded *l, const struct machine_kernel *c, u64 limit)
{
    if (c->size < E_SIZE || get_le32(c->image) != ELF_MAGIC || c->image[E_CLASS] != ELF_32 ||
        get_le16(c->image + E_MACHINE) != EM_386 || get_le16(c->image + E_PHENTSIZE) < P_SIZE)
        return "a Multiboot kernel that is no ELF file of 32 bits and does not say where it goes";
    const char *why = measure_elf(l, c);
    if (why || !may_lie(l, limit))
        return why ? why : FITS_NOT;
    l->bytes = calloc(1, l->end - l->first);
    if (!l->bytes)
        return "no memory";
    for (unsigned i = 0; i < get_le16(c->image + E_PHNUM); i++) {
        const u8 *p = segment(c, i);
        if (p)
            memcpy(l->bytes + (get_le32(p + P_PADDR) - l->first), c->image + get_le32(p + P_OFFSET),
                   get_le32(p + P_FILESZ));
    }
    return NULL;
}

static u64 page_up(u64 v)
{
    return (v + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
}

/* Puts the modules behind the kernel, and their places into the information. */
static const char *add_modules(struct loaded *l, u8 *mbi, const struct machine_kernel *c, u64 limit)
{
    u64 end = l->end;
    for (unsigned i = 0; i < c->modules; i++) {
        u64 at = page_up(end);
        end = at + c->module[i].size;
        if (end > limit)
            return FITS_NOT;
        put_le32(mbi + MBI_MODULES + MODULE_ENTRY * i, (u32)at);
        put_le32(mbi + MBI_MODULES + MODULE_ENTRY * i + 4, (u32)end);
    }
    u8 *bytes = realloc(l->bytes, end - l->first);
    if (!bytes)
        return "no memory";
    l->bytes = bytes;
    memset(bytes + (l->end - l->first), 0, end - l->end);
    for (unsigned i = 0; i < c->modules; i++)
        memcpy(bytes + (get_le32(mbi + MBI_MODULES + MODULE_ENTRY * i) - l->first), c->module[i].data,
               c->module[i].size);
    l->end = end;
    return NULL;
}

/* Texts one after the other; the address goes to `field`. */
static bool add_text(u8 *mbi, size_t *used, u32 field, const char *first, const char *second)
{
    size_t length = strlen(first) + 1 + strlen(second) + 1;
    if (length > MBI_ROOM - *used)
        return false;
    char *to = (char *)mbi + *used;
    strcpy(to, first);
    if (*second) {
        strcat(to, " ");
        strcat(to, second);
    }
    put_le32(mbi + field, (u32)(MBI_AT + *used));
    *used += length;
    return true;
}

static bool fill_information(u8 *mbi, const struct machine_kernel *c)
{
    size_t used = MBI_TEXTS;
    put_le32(mbi + M_FLAGS, MBI_FLAGS_VALUE);
    put_le32(mbi + M_DEVICE, BOOT_DEVICE_FIRST_DISK);
    put_le32(mbi + M_MODS, c->modules);
    put_le32(mbi + M_MODS_ADDR, MBI_AT + MBI_MODULES);
    put_le32(mbi + M_MMAP_ADDR, MBI_AT + MBI_MMAP);
    bool ok = add_text(mbi, &used, M_CMDLINE, c->name, c->command_line ? c->command_line : "") &&
              add_text(mbi, &used, M_LOADER, "pcemu", "");
    for (unsigned i = 0; i < c->modules; i++)
        ok = ok && add_text(mbi, &used, MBI_MODULES + MODULE_ENTRY * i + 8, c->module[i].text, "");
    return ok;
}

const char *pc_multiboot_add(struct pc_kernel *k, struct fw_cfg *f, const struct machine_kernel *c, u64 below_4g)
{
    const u8 *h = find_header(c);
    struct loaded l = { 0 };
    u64 limit = below_4g - 0x28000; /* the firmware's tables are at the end */
    const char *why =
        get_le32(h + H_FLAGS) & HEADER_ADDRESSES ? load_addressed(&l, c, h, limit) : load_elf(&l, c, limit);
    k->tail = calloc(1, MBI_ROOM);
    if (!why && !k->tail)
        why = "no memory";
    if (!why)
        why = add_modules(&l, k->tail, c, limit);
    k->head = l.bytes;
    if (why)
        return why;
    if (!fill_information(k->tail, c))
        return "command line and modules' texts are too long";
    fw_cfg_add_bytes(f, FW_CFG_KERNEL_DATA, l.bytes, (u32)(l.end - l.first));
    fw_cfg_add_bytes(f, FW_CFG_INITRD_DATA, k->tail, MBI_ROOM);
    bool ok = fw_cfg_add_u32(f, FW_CFG_KERNEL_ADDR, (u32)l.first) &&
              fw_cfg_add_u32(f, FW_CFG_KERNEL_SIZE, (u32)(l.end - l.first)) &&
              fw_cfg_add_u32(f, FW_CFG_KERNEL_ENTRY, l.entry) && fw_cfg_add_u32(f, FW_CFG_INITRD_ADDR, MBI_AT) &&
              fw_cfg_add_u32(f, FW_CFG_INITRD_SIZE, MBI_ROOM);
    return ok ? NULL : "no room in fw_cfg";
}
