/* list.c: the list of a batch. */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>

#define RUNS_MAX 100000
#define STATUS_MAX 255

static bool fail(const struct batch *b, unsigned line, FILE *err, const char *why)
{
    fprintf(err, "pcemu batch: %s:%u: %s\n", b->path, line, why);
    return false;
}

static struct batch_run *add_run(struct batch *b)
{
    struct batch_run *runs = b->runs < RUNS_MAX ? realloc(b->run, (b->runs + 1) * sizeof *runs) : NULL;
    if (!runs)
        return NULL;
    b->run = runs;
    runs[b->runs] = (struct batch_run){ 0 };
    return &runs[b->runs++];
}

static bool add_word(struct batch_run *r, const char *text)
{
    char **words = realloc(r->word, (r->words + 1) * sizeof *words);
    if (!words)
        return false;
    r->word = words;
    return (words[r->words++] = strdup(text));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the quotes off the word at *at, in place: what is left of it begins at the return and ends with a 0; *at is
 * behind it. NULL: a quote is open. */
static char *unquote(char **at)
{
    char *word = *at, *to = *at, *from = *at, quote = 0;
    while (*from && (quote || !is_blank(*from))) {
        char c = *from++;
        if (c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else if (c == '\\' && *from && (!quote || (quote == '"' && strchr("\"\\$`", *from))))
            *to++ = *from++;
        else
            *to++ = c;
    }
    *at = from + (*from != 0);
    *to = 0;
    return quote ? NULL : word;
}

/* "NAME" or "NAME STATUS", up to the colon. */
static bool read_head(struct batch_run *r, char *head)
{
    char *rest = head, *name = strsep(&rest, " \t"), *end;
    while (rest && is_blank(*rest))
        rest++;
    r->name = strdup(name);
    if (!r->name || !*name || strchr(name, '/')) /* it may become a file's */
        return false;
    if (!rest || !*rest)
        return true;
    long status = strtol(rest, &end, 0);
    while (is_blank(*end))
        end++;
    r->expected = (int)status;
    return end != rest && !*end && status >= 0 && status <= STATUS_MAX;
}

static bool read_run(struct batch *b, char *line, unsigned number, FILE *err)
{
    char *colon = strchr(line, ':');
    if (!colon)
        return fail(b, number, err, "wanted is NAME: OPTIONS or NAME STATUS: OPTIONS");
    struct batch_run *r = add_run(b);
    if (!r)
        return fail(b, number, err, "no memory");
    *colon = 0;
    r->line = number;
    if (!read_head(r, line))
        return fail(b, number, err,
                    "before the colon stand a name without blanks or slashes and, perhaps, a status from 0 to 255");
    for (unsigned i = 0; i + 1 < b->runs; i++)
        if (strcmp(b->run[i].name, r->name) == 0)
            return fail(b, number, err, "there is a run of this name already");
    for (char *at = colon + 1; *at;) {
        if (is_blank(*at)) {
            at++;
            continue;
        }
        if (*at == '#')
            break;
        char *word = unquote(&at);
        if (!word)
            return fail(b, number, err, "a quote is not closed");
        if (!add_word(r, word))
            return fail(b, number, err, "no memory");
    }
    return true;
}

/* Appends the next line of the file to *text, of *len; false: there is none. */
static bool append_line(FILE *in, char **text, size_t *len)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t got = getline(&line, &room, in);
    char *more = got > 0 ? realloc(*text, *len + (size_t)got + 1) : NULL;
    if (more) {
        memcpy(more + *len, line, (size_t)got + 1);
        *text = more;
        *len += (size_t)got;
    }
    free(line);
    return more;
}

/* A line, with those that continue it; without its end. NULL: there is none. */
static char *read_line(FILE *in, unsigned *lines)
{
    char *text = NULL;
    size_t len = 0;
    *lines = 0;
    while (append_line(in, &text, &len)) {
        ++*lines;
        while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
            text[--len] = 0;
        if (!len || text[len - 1] != '\\')
            break;
        text[len - 1] = ' ';
    }
    return text;
}

bool batch_read(struct batch *b, FILE *in, FILE *err)
{
    unsigned number = 1, lines;
    bool ok = true;
    for (char *line; ok && (line = read_line(in, &lines)); number += lines) {
        char *start = line;
        while (is_blank(*start))
            start++;
        ok = !*start || *start == '#' || read_run(b, start, number, err);
        free(line);
    }
    if (ok && ferror(in))
        return fail(b, number, err, strerror(errno));
    return !ok || b->runs ? ok : fail(b, number, err, "there is no run in it");
}

void batch_free(struct batch *b)
{
    for (unsigned i = 0; i < b->runs; i++) {
        for (unsigned n = 0; n < b->run[i].words; n++)
            free(b->run[i].word[n]);
        free(b->run[i].word);
        free(b->run[i].name);
        if (b->run[i].output)
            fclose(b->run[i].output);
    }
    free(b->run);
}
