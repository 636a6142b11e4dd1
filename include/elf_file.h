/* elf_file.h: ELF files of 32 and 64 bits for x86 (System V ABI, chapters 4 and 5), as loaders see them: segments that
 * go to physical addresses, sections, notes. Such files come from outside: every size and offset in them is checked
 * here, and what is handed out lies within the file. */
#ifndef PCEMU_ELF_FILE_H
#define PCEMU_ELF_FILE_H

#include "base.h"

struct elf_file {
    const u8 *image; /* not owned */
    size_t size;
    bool is_64;
    u16 machine;
    u64 entry; /* as the header has it */
    u64 segments_at, sections_at;
    u32 segments, segment_size, sections, section_size, names; /* names: the section that has the sections' names */
};

#define ELF_MACHINE_386 3
#define ELF_MACHINE_X86_64 62

enum elf_segment_type { ELF_PT_LOAD = 1, ELF_PT_NOTE = 4 };
#define ELF_PF_X BIT(0)

struct elf_segment {
    u32 type, flags;
    u64 offset, virtual, physical, file_size, memory_size; /* offset + file_size: within the file */
};

enum elf_section_type { ELF_SHT_NULL = 0, ELF_SHT_NOBITS = 8 };

struct elf_section {
    u32 type;
    u64 address, offset, size; /* offset + size: within the file, but for ELF_SHT_NOBITS */
};

/* Where the segments of a file go: from physical address `first` up to, and without, `end`; and the physical address of
 * its entry point. */
struct elf_extent {
    u64 first, end, entry;
};

/* Does it begin as an ELF file does? */
bool elf_is(const u8 *image, size_t size);
/* NULL: it is one that can be loaded, and all its segments are within it; else what is wrong, for people: "an ELF file
 * …". `image` outlives `e`. */
const char *elf_open(struct elf_file *e, const u8 *image, size_t size);
/* Segment i of e->segments. */
struct elf_segment elf_segment(const struct elf_file *e, unsigned i);
/* Section i of e->sections; false: it lies outside of the file. */
bool elf_section(const struct elf_file *e, unsigned i, struct elf_section *section);
/* NULL, or what is wrong. */
const char *elf_measure(const struct elf_file *e, struct elf_extent *extent);
/* Puts what the segments hold into `memory`, which has extent->end - extent->first bytes, all zero. */
void elf_copy(const struct elf_file *e, const struct elf_extent *extent, u8 *memory);
/* The contents of the note `type` of `owner` in any note segment; NULL: there is none. */
const u8 *elf_note(const struct elf_file *e, const char *owner, u32 type, u32 *size);

#endif
