/* elf_file.c: see elf_file.h. System V ABI, chapter 4 (object files) and 5 (program loading); its AMD64 supplement has
 * the layouts of 64 bits. Not taken: files for other processors, big-endian ones, more than 65534 segments or sections
 * (which the first section's header would count). */
#include "elf_file.h"

#define MAGIC 0x464c457fu
enum identification { EI_CLASS = 4, EI_DATA = 5, CLASS_32 = 1, CLASS_64 = 2, DATA_LITTLE_ENDIAN = 1 };
enum {
    E_MACHINE = 18,
    HEADER_32 = 52,
    HEADER_64 = 64,
    PROGRAM_32 = 32,
    PROGRAM_64 = 56,
    SECTION_32 = 40,
    SECTION_64 = 64
};
#define NOTE_HEADER 12u
#define CUT_OFF "an ELF file that is cut off"

static u64 word(const struct elf_file *e, const u8 *at)
{
    return e->is_64 ? get_le64(at) : get_le32(at);
}

/* Do `size` bytes from `offset` on lie within the file? */
static bool within(const struct elf_file *e, u64 offset, u64 size)
{
    return offset <= e->size && size <= e->size - offset;
}

bool elf_is(const u8 *image, size_t size)
{
    return size >= HEADER_32 && get_le32(image) == MAGIC;
}

/* The fields behind e_version: addresses of four or of eight bytes, then words of two from e_ehsize on. */
static void read_header(struct elf_file *e)
{
    const u8 *entry = e->image + 24, *halves = e->image + (e->is_64 ? 52 : 40);
    unsigned width = e->is_64 ? 8 : 4;
    e->machine = get_le16(e->image + E_MACHINE);
    e->entry = word(e, entry);
    e->segments_at = word(e, entry + width);
    e->sections_at = word(e, entry + 2 * width);
    e->segment_size = get_le16(halves + 2);
    e->segments = get_le16(halves + 4);
    e->section_size = get_le16(halves + 6);
    e->sections = get_le16(halves + 8);
    e->names = get_le16(halves + 10);
}

static const char *check_segments(const struct elf_file *e)
{
    if (!within(e, e->segments_at, (u64)e->segments * e->segment_size))
        return CUT_OFF;
    for (unsigned i = 0; i < e->segments; i++) {
        struct elf_segment s = elf_segment(e, i);
        if (s.type != ELF_PT_LOAD && s.type != ELF_PT_NOTE)
            continue;
        if (!within(e, s.offset, s.file_size))
            return CUT_OFF;
        if (s.type == ELF_PT_LOAD && (s.file_size > s.memory_size || s.physical + s.memory_size < s.physical))
            return "an ELF file with a segment of impossible size";
    }
    return NULL;
}

const char *elf_open(struct elf_file *e, const u8 *image, size_t size)
{
    *e = (struct elf_file){ .image = image, .size = size };
    if (!elf_is(image, size))
        return "no ELF file";
    e->is_64 = image[EI_CLASS] == CLASS_64;
    if ((!e->is_64 && image[EI_CLASS] != CLASS_32) || image[EI_DATA] != DATA_LITTLE_ENDIAN)
        return "an ELF file of an unknown class or byte order";
    if (e->is_64 && size < HEADER_64)
        return CUT_OFF;
    read_header(e);
    if (e->machine != ELF_MACHINE_386 && e->machine != ELF_MACHINE_X86_64)
        return "an ELF file for another processor";
    if (!e->segments || e->segment_size < (e->is_64 ? PROGRAM_64 : PROGRAM_32))
        return "an ELF file without segments to load (an object file?)";
    if (e->section_size < (e->is_64 ? SECTION_64 : SECTION_32) ||
        !within(e, e->sections_at, (u64)e->sections * e->section_size))
        e->sections = 0;
    return check_segments(e);
}

struct elf_segment elf_segment(const struct elf_file *e, unsigned i)
{
    const u8 *p = e->image + e->segments_at + (u64)i * e->segment_size;
    if (e->is_64)
        return (struct elf_segment){ get_le32(p),      get_le32(p + 4),  get_le64(p + 8), get_le64(p + 16),
                                     get_le64(p + 24), get_le64(p + 32), get_le64(p + 40) };
    return (struct elf_segment){ get_le32(p),      get_le32(p + 24), get_le32(p + 4), get_le32(p + 8),
                                 get_le32(p + 12), get_le32(p + 16), get_le32(p + 20) };
}

bool elf_section(const struct elf_file *e, unsigned i, struct elf_section *section)
{
    const u8 *s = e->image + e->sections_at + (u64)i * e->section_size;
    unsigned width = e->is_64 ? 8 : 4;
    const u8 *words = s + 8 + width; /* behind sh_flags */
    *section =
        (struct elf_section){ get_le32(s + 4), word(e, words), word(e, words + width), word(e, words + 2 * width) };
    return section->type == ELF_SHT_NOBITS || within(e, section->offset, section->size);
}

/* The entry is a virtual address: it goes with the segment that it is in. */
static u64 physical_entry(const struct elf_file *e)
{
    for (unsigned i = 0; i < e->segments; i++) {
        struct elf_segment s = elf_segment(e, i);
        if (s.type == ELF_PT_LOAD && s.flags & ELF_PF_X && e->entry >= s.virtual && e->entry - s.virtual < s.file_size)
            return e->entry - s.virtual + s.physical;
    }
    return e->entry;
}

const char *elf_measure(const struct elf_file *e, struct elf_extent *extent)
{
    *extent = (struct elf_extent){ UINT64_MAX, 0, physical_entry(e) };
    for (unsigned i = 0; i < e->segments; i++) {
        struct elf_segment s = elf_segment(e, i);
        if (s.type != ELF_PT_LOAD || !s.memory_size)
            continue;
        if (s.physical < extent->first)
            extent->first = s.physical;
        if (s.physical + s.memory_size > extent->end)
            extent->end = s.physical + s.memory_size;
    }
    return extent->end ? NULL : "an ELF file without segments to load (an object file?)";
}

void elf_copy(const struct elf_file *e, const struct elf_extent *extent, u8 *memory)
{
    for (unsigned i = 0; i < e->segments; i++) {
        struct elf_segment s = elf_segment(e, i);
        if (s.type == ELF_PT_LOAD && s.file_size)
            memcpy(memory + (s.physical - extent->first), e->image + s.offset, s.file_size);
    }
}

/* Notes: sizes of name and contents, a type, then both, each padded to four bytes. */
static const u8 *find_note(const u8 *at, u64 left, const char *owner, u32 type, u32 *size)
{
    size_t length = strlen(owner) + 1;
    while (left >= NOTE_HEADER) {
        u64 name = get_le32(at), contents = get_le32(at + 4), name_room = (name + 3) & ~3ull,
            room = (contents + 3) & ~3ull;
        if (name_room > left - NOTE_HEADER || contents > left - NOTE_HEADER - name_room)
            return NULL;
        const u8 *text = at + NOTE_HEADER;
        if (name == length && memcmp(text, owner, length) == 0 && get_le32(at + 8) == type) {
            *size = (u32)contents;
            return text + name_room;
        }
        if (room > left - NOTE_HEADER - name_room)
            return NULL;
        at = text + name_room + room;
        left -= NOTE_HEADER + name_room + room;
    }
    return NULL;
}

const u8 *elf_note(const struct elf_file *e, const char *owner, u32 type, u32 *size)
{
    const u8 *found = NULL;
    for (unsigned i = 0; i < e->segments && !found; i++) {
        struct elf_segment s = elf_segment(e, i);
        if (s.type == ELF_PT_NOTE)
            found = find_note(e->image + s.offset, s.file_size, owner, type, size);
    }
    return found;
}
