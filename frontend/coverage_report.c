/* coverage_report.c: the counts of a program's instructions as an lcov tracefile (geninfo(1), "FILES"): by source line
 * and by symbol, and the ways that conditional branches went. What DWARF has no line for is not told; a program without
 * DWARF is told as one file with a line for each symbol. */
#include "coverage_counts.h"

#include "debugger/symbols_elf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* A run of instructions of one source line. */
struct row {
    u64 first, end;
    size_t file;
    unsigned line;
};

/* What is told of a line, in the order in which lcov has it. */
enum item_kind { ITEM_FUNCTION, ITEM_BRANCH, ITEM_LINE };
struct item {
    size_t file;
    enum item_kind kind;
    unsigned line;
    u64 address;
    const char *name; /* of a function */
    u32 count, other; /* branch: taken, passed */
};

struct list {
    void *data;
    size_t count, room;
};

struct report {
    const struct coverage_unit *unit;
    struct list files, rows, items, names; /* char *, struct row, struct item, char * */
};

static void *grow(struct list *l, size_t size)
{
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 256;
        void *more = realloc(l->data, room * size);
        if (!more)
            return NULL;
        l->data = more;
        l->room = room;
    }
    return (char *)l->data + size * l->count++;
}

static bool add_text(struct list *l, const char *text)
{
    char *copy = strdup(text), **to = copy ? grow(l, sizeof *to) : NULL;
    if (to)
        *to = copy;
    else
        free(copy);
    return to;
}

/* ---- what DWARF says ---- */

static bool take_row(void *self, const char *file, unsigned line, u64 first, u64 end)
{
    struct report *r = self;
    char **files = r->files.data;
    if (first < r->unit->first || end > r->unit->end || !line)
        return true;
    if (!r->files.count || strcmp(files[r->files.count - 1], file) != 0) {
        if (!add_text(&r->files, file))
            return false;
    }
    struct row *row = grow(&r->rows, sizeof *row);
    if (row)
        *row = (struct row){ first, end, r->files.count - 1, line };
    return row;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_address(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* Each file once, in order of their names. */
static bool number_files(struct report *r)
{
    size_t n = r->files.count, unique = 0;
    char **files = r->files.data, **sorted = n ? malloc(n * sizeof *sorted) : NULL;
    if (!sorted)
        return !n;
    memcpy(sorted, files, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 0; i < n; i++)
        if (!i || strcmp(sorted[i], sorted[unique - 1]) != 0)
            sorted[unique++] = sorted[i];
    struct row *row = r->rows.data;
    for (size_t i = 0; i < r->rows.count; i++) {
        char **at = bsearch(&files[row[i].file], sorted, unique, sizeof *sorted, by_text);
        row[i].file = (size_t)(at - sorted);
    }
    for (size_t i = 0; i < n; i++) { /* those that are not needed any more */
        char **at = bsearch(&files[i], sorted, unique, sizeof *sorted, by_text);
        if (*at != files[i])
            free(files[i]);
    }
    memcpy(files, sorted, unique * sizeof *sorted);
    r->files.count = unique;
    free(sorted);
    return true;
}

static const struct row *row_at(const struct report *r, u64 address)
{
    const struct row *rows = r->rows.data;
    size_t low = 0, high = r->rows.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].first <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < rows[low - 1].end ? &rows[low - 1] : NULL;
}

/* ---- what is told ---- */

static u32 runs_at(const struct coverage_unit *u, u64 address)
{
    const struct coverage_page *page = coverage_page_at(u, address);
    return page ? page->runs[coverage_place(u, address)] : 0;
}

static bool add_item(struct report *r, struct item item)
{
    struct item *to = grow(&r->items, sizeof *to);
    if (to)
        *to = item;
    return to;
}

/* A line ran as often as the instruction of it that ran most; the branches among them. */
static bool add_row(struct report *r, const struct row *row)
{
    struct item line = { row->file, ITEM_LINE, row->line, 0, NULL, 0, 0 };
    bool ok = true;
    for (u64 at = row->first; ok && at < row->end; at++) {
        const struct coverage_page *page = coverage_page_at(r->unit, at);
        if (!page) {
            at |= ~PAGE_MASK;
            continue;
        }
        unsigned place = coverage_place(r->unit, at);
        if (page->runs[place] > line.count)
            line.count = page->runs[place];
        if (page->taken[place] || page->passed[place])
            ok = add_item(r, (struct item){ row->file, ITEM_BRANCH, row->line, at, NULL, page->taken[place],
                                            page->passed[place] });
    }
    return ok && add_item(r, line);
}

/* A symbol of code that has a line is taken for a function. Without lines, labels may be of data: they count if they
 * ran.
 */
static bool take_symbol(void *self, const char *name, u64 address, bool function)
{
    struct report *r = self;
    const struct row *row = row_at(r, address);
    if (!r->rows.count && !function && !runs_at(r->unit, address))
        return true;
    if (address < r->unit->first || address >= r->unit->end || (r->rows.count && !row))
        return true;
    if (!add_text(&r->names, name))
        return false;
    const char *kept = ((char **)r->names.data)[r->names.count - 1];
    unsigned line = row ? row->line : (unsigned)r->names.count;
    u32 runs = runs_at(r->unit, address);
    if (!row && !add_item(r, (struct item){ 0, ITEM_LINE, line, address, NULL, runs, 0 }))
        return false;
    return add_item(r, (struct item){ row ? row->file : 0, ITEM_FUNCTION, line, address, kept, runs, 0 });
}

static int by_place(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->address < y->address ? -1 : x->address > y->address;
}

/* ---- the file ---- */

struct totals {
    unsigned functions, functions_hit, branches, branches_hit, lines, lines_hit;
};

static void print_branch(const struct item *i, unsigned number, FILE *out, struct totals *t)
{
    fprintf(out, "BRDA:%u,%u,0,%u\nBRDA:%u,%u,1,%u\n", i->line, number, i->count, i->line, number, i->other);
    t->branches += 2;
    t->branches_hit += (i->count != 0) + (i->other != 0 ? 1u : 0);
}

/* Rows of one line stand together: the count is the largest. Returns how many items were told. */
static size_t print_line(const struct item *i, size_t left, FILE *out, struct totals *t)
{
    size_t n = 0;
    u32 most = 0;
    for (; n < left && i[n].file == i->file && i[n].kind == ITEM_LINE && i[n].line == i->line; n++)
        if (i[n].count > most)
            most = i[n].count;
    fprintf(out, "DA:%u,%u\n", i->line, most);
    t->lines++;
    t->lines_hit += most != 0;
    return n;
}

static size_t print_file(const struct item *item, size_t left, const char *file, FILE *out)
{
    struct totals t = { 0 };
    size_t n = 0;
    unsigned branch = 0, branch_line = 0;
    fprintf(out, "TN:\nSF:%s\n", file);
    while (n < left && item[n].file == item->file) {
        const struct item *i = &item[n];
        if (i->kind == ITEM_LINE) {
            n += print_line(i, left - n, out, &t);
            continue;
        }
        if (i->kind == ITEM_FUNCTION) {
            fprintf(out, "FN:%u,%s\nFNDA:%u,%s\n", i->line, i->name, i->count, i->name);
            t.functions++;
            t.functions_hit += i->count != 0;
        } else {
            branch = i->line == branch_line ? branch + 1 : 0;
            branch_line = i->line;
            print_branch(i, branch, out, &t);
        }
        n++;
    }
    fprintf(out, "FNF:%u\nFNH:%u\nBRF:%u\nBRH:%u\nLF:%u\nLH:%u\nend_of_record\n", t.functions, t.functions_hit,
            t.branches, t.branches_hit, t.lines, t.lines_hit);
    return n;
}

static void print_items(const struct report *r, FILE *out)
{
    char *const *files = r->files.data;
    const struct item *items = r->items.data;
    for (size_t n = 0; n < r->items.count;)
        n += print_file(&items[n], r->items.count - n, r->rows.count ? files[items[n].file] : r->unit->path, out);
}

static bool collect(struct report *r, FILE *err)
{
    struct elf_lines *lines = elf_lines_open(r->unit->path);
    bool ok = !lines || elf_lines_each(lines, take_row, r);
    elf_lines_close(lines);
    ok = ok && number_files(r);
    if (r->rows.count)
        qsort(r->rows.data, r->rows.count, sizeof(struct row), by_address);
    ok = ok && elf_code_symbols(r->unit->path, take_symbol, r, err);
    const struct row *rows = r->rows.data;
    for (size_t i = 0; ok && i < r->rows.count; i++)
        ok = add_row(r, &rows[i]);
    if (r->items.count)
        qsort(r->items.data, r->items.count, sizeof(struct item), by_place);
    return ok;
}

static void free_texts(struct list *l)
{
    char **text = l->data;
    for (size_t i = 0; i < l->count; i++)
        free(text[i]);
    free(text);
}

bool coverage_report(const struct coverage_unit *u, FILE *out, FILE *err)
{
    struct report r = { .unit = u };
    errno = 0;
    bool ok = collect(&r, err);
    if (ok)
        print_items(&r, out);
    free_texts(&r.files);
    free_texts(&r.names);
    free(r.rows.data);
    free(r.items.data);
    return ok && !ferror(out);
}
