/* pc_multiboot2.c: kernels of the Multiboot2 Specification (2.0) on a PC without EFI. What the kernel asks for is in
 * tags of its header, what it is told in tags of the information: the option ROM adds those that only the firmware
 * knows (mode, ACPI's RSDP, APM, memory map, end).
 *
 * The kernel is an ELF file of 32 or 64 bits, or says by an address tag where it goes; either may be relocatable. It is
 * entered in protected mode. Not given: boot device, SMBIOS tables, the network's, and what EFI has; a kernel that
 * can't do without is refused. Texts are arguments without the file's name, as GRUB gives them. */
#include "pc_boot_image.h"

#include <stdlib.h>

#define HEADER_SEARCH 32768u
#define HEADER_MAGIC 0xe85250d6u
#define HEADER_SIZE 16u
#define ARCHITECTURE_I386 0
enum header { H_ARCHITECTURE = 4, H_LENGTH = 8 };

/* 3.1.3 to 3.1.13 */
enum header_tag {
    HT_END,
    HT_INFORMATION_REQUEST,
    HT_ADDRESS,
    HT_ENTRY,
    HT_CONSOLE_FLAGS,
    HT_FRAMEBUFFER,
    HT_MODULE_ALIGN,
    HT_EFI_BOOT_SERVICES,
    HT_ENTRY_EFI32,
    HT_ENTRY_EFI64,
    HT_RELOCATABLE,
    HEADER_TAGS
};
#define TAG_OPTIONAL BIT(0)
#define CONSOLE_TEXT_SUPPORTED BIT(1)
enum preference { ANYWHERE, LOWEST_FIRST, HIGHEST_FIRST };

/* 3.6 */
enum tag {
    T_COMMAND_LINE = 1,
    T_LOADER = 2,
    T_MODULE = 3,
    T_MEMORY = 4,
    T_MAP = 6,
    T_VBE = 7,
    T_FRAMEBUFFER = 8,
    T_SECTIONS = 9,
    T_APM = 10,
    T_RSDP_OLD = 14,
    T_LOAD_BASE = 21,
    TAGS
};
#define MULTIBOOT2_MAGIC 0x36d76289u
#define TAG_HEADER 8u
#define FRAMEBUFFER_SIZE 38u
#define FRAMEBUFFER_TEXT 2
#define TEXT_AT 0xb8000u
/* What the option ROM adds: the mode, RSDP twice, APM, the map with its header, the end. */
#define ROM_TAGS (TAG_HEADER + PLAN_VBE_SIZE + 32 + 48 + 32 + 16 + BLOCK_MAP_BYTES + TAG_HEADER)
#define LOW_END 0x80000u
#define HIGH_AT 0x100000u
#define CUT_OFF "a Multiboot 2 kernel whose header is cut off"
#define NONSENSE "a Multiboot 2 kernel whose header's addresses make no sense"

struct request {
    const struct machine_kernel *c;
    const u8 *header;
    const u8 *tag[HEADER_TAGS]; /* the last of each kind; NULL: none */
    bool sections_required;
};

static const u8 *find_header(const struct machine_kernel *c)
{
    return boot_header(c, HEADER_MAGIC, HEADER_SEARCH, 8, 4);
}

bool pc_multiboot2_is(const struct machine_kernel *c)
{
    return find_header(c);
}

/* ---- the header ---- */

static const char *check_request(struct request *r, const u8 *tag, u32 size)
{
    static const u32 given = BIT(T_COMMAND_LINE) | BIT(T_LOADER) | BIT(T_MODULE) | BIT(T_MEMORY) | BIT(T_MAP) |
                             BIT(T_VBE) | BIT(T_FRAMEBUFFER) | BIT(T_SECTIONS) | BIT(T_APM) | BIT(T_RSDP_OLD) |
                             BIT(T_LOAD_BASE);
    static const char *const names[] = {
        [5] = "requires the boot device (tag 5), which -kernel has not",
        [11] = "requires EFI's 32-bit system table (tag 11): the firmware is a BIOS",
        [12] = "requires EFI's 64-bit system table (tag 12): the firmware is a BIOS",
        [13] = "requires SMBIOS tables (tag 13), which are not handed over",
        [15] = "requires ACPI's new RSDP (tag 15): the machine has ACPI 1.0",
        [16] = "requires the network's acknowledgement (tag 16): it was not booted from there",
        [17] = "requires EFI's memory map (tag 17): the firmware is a BIOS",
        [18] = "requires EFI's boot services (tag 18): the firmware is a BIOS",
        [19] = "requires EFI's 32-bit image handle (tag 19): the firmware is a BIOS",
        [20] = "requires EFI's 64-bit image handle (tag 20): the firmware is a BIOS",
    };
    for (u32 at = TAG_HEADER; at + 4 <= size; at += 4) {
        u32 type = get_le32(tag + at);
        if (type < TAGS && given >> type & 1)
            r->sections_required |= type == T_SECTIONS;
        else
            return type < ARRAY_LEN(names) && names[type] ? names[type] : "requires information of an unknown kind";
    }
    return NULL;
}

static const char *take_tag(struct request *r, const u8 *tag, u32 size)
{
    static const u8 size_of[HEADER_TAGS] = { 8, 8, 24, 12, 12, 20, 8, 8, 12, 12, 24 };
    unsigned type = get_le16(tag);
    bool optional = get_le16(tag + 2) & TAG_OPTIONAL;
    if (type >= HEADER_TAGS)
        return optional ? NULL : "requires a feature of an unknown kind (a tag of its header)";
    if (size < size_of[type])
        return "a Multiboot 2 kernel with a tag in its header that is too short";
    r->tag[type] = tag;
    return type == HT_INFORMATION_REQUEST && !optional ? check_request(r, tag, size) : NULL;
}

static const char *read_header(struct request *r)
{
    u64 at = (u64)(r->header - r->c->image), end = at + get_le32(r->header + H_LENGTH);
    if (get_le32(r->header + H_ARCHITECTURE) != ARCHITECTURE_I386)
        return "a Multiboot 2 kernel for another processor";
    if (end > r->c->size)
        return CUT_OFF;
    for (at += HEADER_SIZE; at + TAG_HEADER <= end;) {
        const u8 *tag = r->c->image + at;
        u32 size = get_le32(tag + 4);
        if (size < TAG_HEADER || size > end - at)
            return CUT_OFF;
        if (get_le16(tag) == HT_END)
            return NULL;
        const char *why = take_tag(r, tag, size);
        if (why)
            return why;
        at += (size + 7u) & ~(u64)7;
    }
    return NULL;
}

/* ---- the place ---- */

static u64 align_up(u64 v, u64 align)
{
    return (v + align - 1) / align * align;
}

/* Where an image of `size` bytes that was made for address `first` goes; 0: nowhere. 3.1.13. */
static u64 choose_place(const struct boot_image *b, const u8 *tag, u64 first, u64 size)
{
    u64 min = get_le32(tag + 8), max = get_le32(tag + 12), align = get_le32(tag + 16), end;
    u32 preference = get_le32(tag + 20);
    align = align ? align : 1;
    end = max + 1 < b->limit ? max + 1 : b->limit;
    min = min < PAGE_SIZE * 16 ? PAGE_SIZE * 16 : min;
    if (preference == ANYWHERE && first >= min && first + size <= end && first % align == 0)
        return first;
    u64 low = align_up(min, align), high = align_up(min < HIGH_AT ? HIGH_AT : min, align);
    if (preference == HIGHEST_FIRST && size <= end && (end - size) / align * align >= high)
        return (end - size) / align * align;
    if (preference == LOWEST_FIRST && low + size <= (end < LOW_END ? end : LOW_END))
        return low;
    return high + size <= end ? high : 0;
}

static const char *relocate(const struct boot_image *b, const struct request *r, u64 first, u64 end, u64 *delta)
{
    const u8 *tag = r->tag[HT_RELOCATABLE];
    *delta = 0;
    if (!tag)
        return NULL;
    u64 to = choose_place(b, tag, first, end - first);
    *delta = to - first;
    return to ? NULL : "a Multiboot 2 kernel that does not fit into the memory where it can be";
}

static const char *load_addressed(struct boot_image *b, const struct request *r, u64 *delta)
{
    const u8 *tag = r->tag[HT_ADDRESS];
    u64 at = (u64)(r->header - r->c->image), from = 0;
    u32 header = get_le32(tag + 8), load = get_le32(tag + 12), load_end = get_le32(tag + 16);
    u64 bss_end = get_le32(tag + 20);
    if (!r->tag[HT_ENTRY])
        return "a Multiboot 2 kernel with an address tag and without an entry address";
    if (load == UINT32_MAX) { /* the file's beginning */
        if (header < at)
            return NONSENSE;
        load = header - (u32)at;
    } else if (header < load || header - load > at) {
        return NONSENSE;
    } else {
        from = at - (header - load);
    }
    u64 size = load_end ? (u64)load_end - load : r->c->size - from;
    if ((load_end && load_end < load) || size > r->c->size - from)
        return "a Multiboot 2 kernel that is cut off";
    u64 end = bss_end > load + size ? bss_end : load + size;
    const char *why = relocate(b, r, load, end, delta);
    return why ? why : boot_image_raw(b, load + *delta, r->c->image + from, size, end + *delta);
}

static const char *load(struct boot_image *b, const struct request *r, struct elf_file *e, u64 *delta)
{
    struct elf_extent extent;
    const char *why;
    if (r->tag[HT_ADDRESS]) {
        why = load_addressed(b, r, delta);
    } else {
        why = elf_is(r->c->image, r->c->size)
                  ? elf_open(e, r->c->image, r->c->size)
                  : "a Multiboot 2 kernel that is no ELF file and does not say where it goes";
        why = why ? why : elf_measure(e, &extent);
        why = why ? why : relocate(b, r, extent.first, extent.end, delta);
        why = why ? why : boot_image_elf(b, e, *delta);
    }
    if (!why && r->tag[HT_ENTRY])
        b->entry = get_le32(r->tag[HT_ENTRY] + 8) + (u32)*delta;
    return why;
}

/* ---- the information ---- */

/* A tag of the information; NULL: no room. */
static u8 *tag(struct boot_image *b, u32 type, u32 size)
{
    u32 at;
    u8 *t = boot_block(b, size, &at);
    if (t) {
        put_le32(t, type);
        put_le32(t + 4, size);
    }
    return t;
}

static bool text_tag(struct boot_image *b, u32 type, const char *text)
{
    size_t size = strlen(text) + 1;
    u8 *t = size <= BLOCK_ROOM ? tag(b, type, TAG_HEADER + (u32)size) : NULL;
    if (t)
        memcpy(t + TAG_HEADER, text, size);
    return t;
}

/* The arguments behind a module's file name. */
static const char *arguments(const char *text)
{
    const char *blank = strchr(text, ' ');
    return blank ? blank + 1 : "";
}

static const char *add_modules(struct boot_image *b, const struct machine_kernel *c)
{
    for (unsigned i = 0; i < c->modules; i++) {
        u32 at = 0;
        const char *text = arguments(c->module[i].text), *why;
        size_t size = strlen(text) + 1;
        u8 *t = size <= BLOCK_ROOM ? tag(b, T_MODULE, TAG_HEADER + 8 + (u32)size) : NULL;
        if (!t)
            return KERNEL_TEXTS_LONG;
        why = boot_image_append(b, c->module[i].data, c->module[i].size, &at);
        if (why)
            return why;
        put_le32(t + 8, at);
        put_le32(t + 12, (u32)(at + c->module[i].size));
        memcpy(t + 16, text, size);
    }
    return NULL;
}

static const char *add_sections(struct boot_image *b, const struct request *r, const struct elf_file *e, u64 delta)
{
    u8 *headers = NULL, *t = NULL;
    size_t size = (size_t)e->sections * e->section_size;
    const char *why = e->sections ? boot_image_sections(b, e, delta, &headers) : NULL;
    if (headers && size + TAG_HEADER + 12 + ROM_TAGS <= BLOCK_ROOM - b->used)
        t = tag(b, T_SECTIONS, TAG_HEADER + 12 + (u32)size);
    if (t) {
        put_le32(t + 8, e->sections);
        put_le32(t + 12, e->section_size);
        put_le32(t + 16, e->names);
        memcpy(t + 20, headers, size);
    } else if (r->sections_required && !why) {
        why = "requires its sections (tag 9), which it has not or which are too many";
    }
    free(headers);
    return why;
}

/* Text of 80 by 25, which is the firmware's mode. */
static bool add_framebuffer(struct boot_image *b)
{
    u8 *t = tag(b, T_FRAMEBUFFER, FRAMEBUFFER_SIZE);
    if (!t)
        return false;
    put_le64(t + 8, TEXT_AT);
    put_le32(t + 16, 160);
    put_le32(t + 20, 80);
    put_le32(t + 24, 25);
    t[28] = 16;
    t[29] = FRAMEBUFFER_TEXT;
    put_le16(b->block + PLAN_FRAMEBUFFER, (u16)(t + 8 - b->block));
    put_le16(b->block + PLAN_COLORS, (u16)(t + 32 - b->block));
    return true;
}

static void plan_mode(struct boot_image *b, const struct request *r)
{
    const u8 *wanted = r->tag[HT_FRAMEBUFFER], *console = r->tag[HT_CONSOLE_FLAGS];
    struct boot_mode mode = { 0 };
    if (wanted)
        mode = (struct boot_mode){ get_le32(wanted + 8), get_le32(wanted + 12), get_le32(wanted + 16) };
    if (wanted || (console && !(get_le32(console + 8) & CONSOLE_TEXT_SUPPORTED)))
        boot_plan_mode(b, &mode);
}

static bool add_fixed(struct boot_image *b, const struct request *r)
{
    const char *command_line = r->c->command_line ? r->c->command_line : "";
    u8 *memory = tag(b, T_MEMORY, TAG_HEADER + 8), *base = NULL;
    if (memory)
        put_le16(b->block + PLAN_MEMORY, (u16)(memory + 8 - b->block));
    if (r->tag[HT_RELOCATABLE] && (base = tag(b, T_LOAD_BASE, TAG_HEADER + 4)) != NULL)
        put_le32(base + 8, (u32)b->first);
    return memory && text_tag(b, T_COMMAND_LINE, command_line) && text_tag(b, T_LOADER, "pcemu") && add_framebuffer(b);
}

static const char *tell(struct boot_image *b, const struct request *r, const struct elf_file *e, u64 delta)
{
    u32 info, tail;
    u8 *plan = b->block;
    boot_block(b, TAG_HEADER, &info); /* the first in the block: there is room */
    if (!add_fixed(b, r))
        return KERNEL_TEXTS_LONG;
    const char *why = add_modules(b, r->c);
    if (!why)
        why = add_sections(b, r, e, delta);
    if (!why && !boot_block(b, ROM_TAGS, &tail))
        why = KERNEL_TEXTS_LONG;
    if (why)
        return why;
    put_le32(plan + PLAN_EAX, MULTIBOOT2_MAGIC);
    put_le32(plan + PLAN_EBX, BLOCK_AT + info);
    put_le16(plan + PLAN_KIND, PLAN_MULTIBOOT2);
    put_le16(plan + PLAN_MAP, (u16)tail);
    put_le16(plan + PLAN_VBE, (u16)(tail + TAG_HEADER));
    put_le16(plan + PLAN_MAP_END, (u16)(tail + ROM_TAGS - TAG_HEADER - MAP_ENTRY));
    put_le16(plan + PLAN_INFO, (u16)info);
    plan_mode(b, r);
    return NULL;
}

const char *pc_multiboot2_add(struct boot_image *b, const struct machine_kernel *c)
{
    struct request r = { .c = c, .header = find_header(c) };
    struct elf_file e = { 0 };
    u64 delta;
    const char *why = read_header(&r);
    if (!why)
        why = load(b, &r, &e, &delta);
    return why ? why : tell(b, &r, &e, delta);
}
