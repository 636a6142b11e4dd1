/* symbols.c: see symbols.h. Symbols are kept sorted by address. Map files: NASM's ([map symbols]: "real virtual name")
 * and ld's ("address name"): any line whose last word is a name and whose first is a hexadecimal number. */
#define _GNU_SOURCE
#include "symbols.h"

#include "symbols_elf.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define NAME_LEN_MAX 255
#define SYMBOLS_MAX (BIT(22))
#define DISTANCE_MAX (64 * KIB) /* behind a symbol of unknown size an address belongs to it for so long */

struct symbol {
    u64 address, size;
    char *name;
};

struct symbols {
    struct symbol *symbol;
    size_t count, room;
    struct elf_lines *lines;
    u64 lines_offset;
};

struct symbols *symbols_new(void)
{
    return calloc(1, sizeof(struct symbols));
}

void symbols_clear(struct symbols *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->symbol[i].name);
    elf_lines_close(s->lines);
    s->lines = NULL;
    s->count = 0;
}

void symbols_free(struct symbols *s)
{
    if (!s)
        return;
    symbols_clear(s);
    free(s->symbol);
    free(s);
}

static bool add(void *self, const char *name, u64 address, u64 size)
{
    struct symbols *s = self;
    if (s->count == SYMBOLS_MAX)
        return false;
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 256;
        struct symbol *bigger = realloc(s->symbol, room * sizeof *bigger);
        if (!bigger)
            return false;
        s->symbol = bigger;
        s->room = room;
    }
    char *copy = strdup(name);
    if (!copy)
        return false;
    s->symbol[s->count++] = (struct symbol){ address, size, copy };
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

/* ---- map files ---- */

static bool is_symbol_name(const char *word)
{
    if (!isalpha((unsigned char)word[0]) && !strchr("_.$?@", word[0]))
        return false;
    for (const char *c = word; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_.$?@#~", *c))
            return false;
    return true;
}

/* "  7C00  7C00  start", "0x00007c00                start", "00007c00 T start". Lines of sections ("0x7c00 0x200 a.o",
 * "[0x…]") have more, or no name. */
static void take_map_line(struct symbols *s, char *line, u64 offset)
{
    char *word[4], *save = NULL, *end;
    unsigned n = 0;
    for (char *w = strtok_r(line, " \t\r\n", &save); w && n < ARRAY_LEN(word); w = strtok_r(NULL, " \t\r\n", &save))
        word[n++] = w;
    if (n < 2 || n > 3)
        return;
    errno = 0;
    u64 address = strtoull(word[0], &end, 16);
    if (*end || errno || !is_symbol_name(word[n - 1]) || strlen(word[n - 1]) > NAME_LEN_MAX)
        return;
    if (n == 3 && strlen(word[1]) > 1) { /* NASM: the second number is the address in memory */
        address = strtoull(word[1], &end, 16);
        if (*end)
            return;
    }
    add(s, word[n - 1], address + offset, 0);
}

static void load_map(struct symbols *s, FILE *file, u64 offset)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, file) > 0)
        take_map_line(s, line, offset);
    free(line);
}

/* ---- loading ---- */

static bool load_elf(struct symbols *s, const char *path, u64 offset, FILE *err)
{
    if (!elf_symbols(path, offset, add, s, err))
        return false;
    elf_lines_close(s->lines);
    s->lines = elf_lines_open(path);
    s->lines_offset = offset;
    return true;
}

bool symbols_load(struct symbols *s, const char *path, u64 offset, FILE *err)
{
    static const char magic[4] = { 0x7f, 'E', 'L', 'F' };
    char head[sizeof magic] = { 0 };
    size_t before = s->count;
    FILE *file = fopen(path, "re");
    if (!file) {
        fprintf(err, "%s: %s\n", path, strerror(errno));
        return false;
    }
    bool elf = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, magic, sizeof magic) == 0, ok = true;
    rewind(file);
    if (elf)
        ok = load_elf(s, path, offset, err);
    else
        load_map(s, file, offset);
    fclose(file);
    if (s->count)
        qsort(s->symbol, s->count, sizeof *s->symbol, by_address);
    if (ok && s->count == before)
        fprintf(err, "%s: no symbols in it\n", path);
    return ok && s->count > before;
}

/* ---- looking up ---- */

size_t symbols_count(const struct symbols *s)
{
    return s->count;
}

bool symbols_find(const struct symbols *s, const char *name, u64 *address)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->symbol[i].name, name) == 0) {
            *address = s->symbol[i].address;
            return true;
        }
    return false;
}

const char *symbols_at(const struct symbols *s, u64 address, u64 *distance)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->symbol[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    const struct symbol *found = &s->symbol[low - 1];
    *distance = address - found->address;
    u64 size = found->size ? found->size : DISTANCE_MAX;
    return *distance < size ? found->name : NULL;
}

const char *symbols_name(const struct symbols *s, size_t index)
{
    return index < s->count ? s->symbol[index].name : NULL;
}

bool symbols_line(const struct symbols *s, u64 address, char *text, size_t size)
{
    return s->lines && elf_lines_find(s->lines, address - s->lines_offset, text, size);
}
