/* symbols_elf.c: see symbols_elf.h. */
#include "symbols_elf.h"

#include <stdlib.h>

#ifdef HAVE_LIBDW
#include "library.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <unistd.h>

static bool is_wanted(const GElf_Sym *sym)
{
    unsigned type = GELF_ST_TYPE(sym->st_info);
    return sym->st_shndx != SHN_UNDEF && sym->st_name && (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

/* What is done with symbols: one of the two, with its `self`. */
struct taker {
    bool (*add)(void *self, const char *name, u64 address, u64 size);
    bool (*add_code)(void *self, const char *name, u64 address, bool function);
    void *self;
    u64 offset;
};

static bool give(const struct taker *t, const char *name, const GElf_Sym *sym)
{
    unsigned type = GELF_ST_TYPE(sym->st_info);
    if (t->add)
        return t->add(t->self, name, sym->st_value + t->offset, sym->st_size);
    return type == STT_OBJECT || t->add_code(t->self, name, sym->st_value, type == STT_FUNC);
}

static bool take_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const struct taker *t)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 0; data && i < count && i < INT32_MAX; i++) {
        GElf_Sym sym;
        if (!gelf_getsym(data, (int)i, &sym) || !is_wanted(&sym))
            continue;
        const char *name = elf_strptr(elf, header->sh_link, sym.st_name);
        if (name && !give(t, name, &sym))
            return false;
    }
    return true;
}

static bool take_symbols(const char *path, const struct taker *t, FILE *err)
{
    const char *why = library_load(&library_dw);
    if (why) {
        fprintf(err, "%s: ELF files can't be read: %s\n", path, why);
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    elf_version(EV_CURRENT);
    Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    bool ok = elf;
    for (Elf_Scn *s = NULL; ok && (s = elf_nextscn(elf, s));) {
        GElf_Shdr header;
        if (gelf_getshdr(s, &header) && header.sh_type == SHT_SYMTAB)
            ok = take_table(elf, s, &header, t);
    }
    if (!ok)
        fprintf(err, "%s: %s\n", path, elf ? "more symbols than there is memory for" : "can't be read as ELF");
    elf_end(elf);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool elf_symbols(const char *path, u64 offset, bool (*add)(void *self, const char *name, u64 address, u64 size),
                 void *self, FILE *err)
{
    return take_symbols(path, &(struct taker){ .add = add, .self = self, .offset = offset }, err);
}

bool elf_code_symbols(const char *path, bool (*add)(void *self, const char *name, u64 address, bool function),
                      void *self, FILE *err)
{
    return take_symbols(path, &(struct taker){ .add_code = add, .self = self }, err);
}

struct elf_lines {
    int fd;
    Dwarf *dwarf;
};

struct elf_lines *elf_lines_open(const char *path)
{
    struct elf_lines *l = library_load(&library_dw) ? NULL : calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->fd = open(path, O_RDONLY | O_CLOEXEC);
    l->dwarf = l->fd >= 0 ? dwarf_begin(l->fd, DWARF_C_READ) : NULL;
    if (l->dwarf)
        return l;
    elf_lines_close(l);
    return NULL;
}

void elf_lines_close(struct elf_lines *l)
{
    if (!l)
        return;
    dwarf_end(l->dwarf);
    if (l->fd >= 0)
        close(l->fd);
    free(l);
}

/* A path that does not depend on where the compiler stood. */
static void whole_path(const char *file, const char *directory, char *path, size_t size)
{
    if (*file == '/' || !directory)
        snprintf(path, size, "%s", file);
    else
        snprintf(path, size, "%s/%s", directory, file);
}

static bool each_line_of(Dwarf_Die *unit, bool (*take)(void *self, const char *file, unsigned line, u64 first, u64 end),
                         void *self)
{
    Dwarf_Lines *lines;
    Dwarf_Attribute attribute;
    size_t count;
    char path[PATH_MAX];
    const char *directory = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    if (dwarf_getsrclines(unit, &lines, &count) != 0)
        return true;
    for (size_t i = 0; i + 1 < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i);
        Dwarf_Addr first, end;
        bool last = false;
        int number = 0;
        const char *file = dwarf_linesrc(line, NULL, NULL);
        if (!file || dwarf_lineendsequence(line, &last) != 0 || last || dwarf_lineno(line, &number) != 0 ||
            number <= 0 || dwarf_lineaddr(line, &first) != 0 ||
            dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &end) != 0 || end <= first)
            continue;
        whole_path(file, directory, path, sizeof path);
        if (!take(self, path, (unsigned)number, first, end))
            return false;
    }
    return true;
}

bool elf_lines_each(struct elf_lines *l, bool (*take)(void *self, const char *file, unsigned line, u64 first, u64 end),
                    void *self)
{
    Dwarf_Off at = 0, next;
    size_t header;
    bool ok = true;
    while (ok && dwarf_nextcu(l->dwarf, at, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        ok = !dwarf_offdie(l->dwarf, at + header, &unit) || each_line_of(&unit, take, self);
        at = next;
    }
    return ok;
}

/* Compilers give files without .debug_aranges: then all units are asked. */
static Dwarf_Line *line_of(Dwarf *dwarf, u64 address)
{
    Dwarf_Off at = 0, next;
    size_t header;
    while (dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die die;
        Dwarf_Line *line = dwarf_offdie(dwarf, at + header, &die) ? dwarf_getsrc_die(&die, address) : NULL;
        if (line)
            return line;
        at = next;
    }
    return NULL;
}

bool elf_lines_find(struct elf_lines *l, u64 address, char *text, size_t size)
{
    int number = 0;
    Dwarf_Line *line = line_of(l->dwarf, address);
    const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
    if (!file || dwarf_lineno(line, &number) != 0)
        return false;
    const char *base = strrchr(file, '/');
    snprintf(text, size, "%s:%d", base ? base + 1 : file, number);
    return true;
}

#else

bool elf_symbols(const char *path, u64 offset, bool (*add)(void *self, const char *name, u64 address, u64 size),
                 void *self, FILE *err)
{
    (void)offset, (void)add, (void)self;
    fprintf(err, "%s: this pcemu was built without libdw, by which it reads ELF files\n", path);
    return false;
}

bool elf_code_symbols(const char *path, bool (*add)(void *self, const char *name, u64 address, bool function),
                      void *self, FILE *err)
{
    (void)add;
    return elf_symbols(path, 0, NULL, self, err);
}

struct elf_lines *elf_lines_open(const char *path)
{
    (void)path;
    return NULL;
}

void elf_lines_close(struct elf_lines *l)
{
    (void)l;
}

bool elf_lines_each(struct elf_lines *l, bool (*take)(void *self, const char *file, unsigned line, u64 first, u64 end),
                    void *self)
{
    (void)l, (void)take, (void)self;
    return true;
}

bool elf_lines_find(struct elf_lines *l, u64 address, char *text, size_t size)
{
    (void)l, (void)address, (void)text, (void)size;
    return false;
}

#endif
