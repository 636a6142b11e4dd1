/* args.c: see args.h. */
#include "args.h"

#include <ctype.h>
#include <stdlib.h>

#define COUNT_MAX 1000000000

struct reader {
    struct args *args;
    const char *types; /* where we are in the list */
    const char *at;    /* and in the line */
    const char *who;
    const struct expr_names *names;
    struct format *last;
    size_t used; /* of args->storage */
    FILE *out;
};

static void skip_blanks(const char **at)
{
    while (isspace((unsigned char)**at))
        ++*at;
}

/* ---- words ---- */

/* The character behind a backslash; 0: no such escape. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case '\\':
    case '\'':
    case '"':
        return c;
    default:
        return 0;
    }
}

static bool quoted(const char **line, char *word, FILE *out)
{
    const char *p = *line + 1;
    size_t n = 0;
    for (; *p && *p != '"'; p++) {
        char c = *p;
        if (c == '\\' && !(c = unescape(*++p))) {
            fprintf(out, "unsupported escape code: '\\%c'\n", *p ? *p : ' ');
            *line = p;
            return false;
        }
        if (n < ARGS_WORD_MAX - 1)
            word[n++] = c;
    }
    word[n] = 0;
    *line = *p ? p + 1 : p;
    if (!*p)
        fputs("unterminated string\n", out);
    return *p;
}

bool args_word(const char **line, char word[ARGS_WORD_MAX], FILE *out)
{
    size_t n = 0;
    skip_blanks(line);
    word[0] = 0;
    if (**line == '"')
        return quoted(line, word, out);
    for (; **line && !isspace((unsigned char)**line); ++*line)
        if (n < ARGS_WORD_MAX - 1)
            word[n++] = **line;
    word[n] = 0;
    return n != 0;
}

/* ---- one argument of each type ---- */

static bool add(struct reader *r, const char *name, s64 value, const char *text)
{
    struct args *a = r->args;
    if (a->count == ARGS_MAX)
        return false;
    a->arg[a->count].name = name;
    a->arg[a->count].number = !text;
    a->arg[a->count].value = value;
    a->arg[a->count].text = NULL;
    if (text) {
        a->arg[a->count].text = a->storage + r->used;
        strcpy(a->storage + r->used, text);
        r->used += strlen(text) + 1;
    }
    a->count++;
    return true;
}

/* Takes the marks behind a type: true where the argument is not there. */
static bool is_absent(struct reader *r)
{
    skip_blanks(&r->at);
    if (*r->types == '?') {
        r->types++;
        return *r->at == 0;
    }
    if (*r->types != '.')
        return false;
    r->types++;
    if (*r->at != '.')
        return true;
    r->at++;
    skip_blanks(&r->at);
    return false;
}

static bool take_word(struct reader *r, const char *name, char type)
{
    char word[ARGS_WORD_MAX];
    if (is_absent(r))
        return true;
    if (args_word(&r->at, word, r->out))
        return add(r, name, 0, word);
    fprintf(r->out, "%s: %s expected\n", r->who,
            type == 'F'   ? "filename"
            : type == 'B' ? "block device name"
                          : "string");
    return false;
}

static bool take_rest(struct reader *r, const char *name)
{
    if (is_absent(r))
        return true;
    if (!*r->at) {
        fprintf(r->out, "%s: string expected\n", r->who);
        return false;
    }
    bool ok = add(r, name, 0, r->at);
    r->at += strlen(r->at);
    return ok;
}

static bool take_expression(struct reader *r, const char *name, char type)
{
    char error[EXPR_ERROR_MAX];
    s64 value;
    if (is_absent(r))
        return true;
    if (!expr_parse(&r->at, r->names, &value, error)) {
        fprintf(r->out, "%s\n", error);
        return false;
    }
    if (type == 'i' && value >> 32 & 0xffffffff) {
        fprintf(r->out, "'%s' has failed: integer is for 32-bit values\n", r->who);
        return false;
    }
    return add(r, name, value, NULL);
}

/* A letter of a format; false: not one. */
static bool format_letter(struct format *f, char c)
{
    static const char letters[] = "odxuic", sizes[] = "bhwgL";
    const char *size;
    if (!c)
        return false;
    if (strchr(letters, c)) {
        f->letter = c;
        return true;
    }
    size = strchr(sizes, c);
    if (size)
        f->size = c == 'L' ? 8 : 1 << (size - sizes);
    return size;
}

static bool take_format(struct reader *r)
{
    struct format f = { .count = 1, .size = -1 };
    skip_blanks(&r->at);
    if (*r->at != '/') {
        r->args->format = *r->last;
        r->args->format.count = 1;
        r->args->format.size = r->last->letter == 'i' ? -1 : r->last->size;
        return true;
    }
    r->at++;
    if (isdigit((unsigned char)*r->at))
        for (f.count = 0; isdigit((unsigned char)*r->at); r->at++)
            f.count = f.count < COUNT_MAX ? f.count * 10 + (*r->at - '0') : COUNT_MAX;
    while (format_letter(&f, *r->at))
        r->at++;
    if (*r->at && !isspace((unsigned char)*r->at)) {
        fprintf(r->out, "invalid char in format: '%c'\n", *r->at);
        return false;
    }
    f.letter = f.letter ? f.letter : r->last->letter;
    if (f.letter != 'i')
        r->last->size = f.size = f.size < 0 ? r->last->size : f.size;
    r->last->letter = f.letter;
    r->args->format = f;
    return true;
}

/* Is c one of the flags from here on in the list? */
static bool is_flag(const char *types, char c)
{
    const char option[3] = { '-', c, 0 };
    return c && strstr(types, option);
}

static bool take_value(struct reader *r, const char *name, char flag)
{
    char word[ARGS_WORD_MAX];
    if (args_word(&r->at, word, r->out))
        return add(r, name, 0, word);
    fprintf(r->out, "%s: value expected for -%c\n", r->who, flag);
    return false;
}

static bool take_flag(struct reader *r, const char *name)
{
    char flag = *r->types++;
    skip_blanks(&r->at);
    bool valued = *r->types == 's';
    r->types += valued;
    if (*r->at != '-')
        return true;
    if (r->at[1] == flag) {
        r->at += 2;
        return valued ? take_value(r, name, flag) : add(r, name, 1, NULL);
    }
    if (is_flag(r->types, r->at[1]))
        return true;
    r->at++;
    fprintf(r->out, "%s: unsupported option -%c\n", r->who, *r->at ? *r->at : ' ');
    return false;
}

static bool take(struct reader *r, const char *name, char type)
{
    switch (type) {
    case '/':
        return take_format(r);
    case '-':
        return take_flag(r, name);
    case 'i':
    case 'l':
        return take_expression(r, name, type);
    case 'S':
        return take_rest(r, name);
    default:
        return take_word(r, name, type);
    }
}

static bool take_all(struct reader *r)
{
    while (*r->types) {
        const char *name = r->types, *type = strchr(name, ':');
        r->types = type + 2;
        if (!take(r, name, type[1]))
            return false;
        r->types += *r->types == ',';
    }
    skip_blanks(&r->at);
    if (!*r->at)
        return true;
    fprintf(r->out, "%s: extraneous characters at the end of line\n", r->who);
    return false;
}

bool args_parse(struct args *a, const char *types, const char **line, const char *who, const struct expr_names *names,
                struct format *last, FILE *out)
{
    *a = (struct args){ .storage = malloc(strlen(*line) + ARGS_MAX + 1) };
    struct reader r = { a, types, *line, who, names, last, 0, out };
    bool ok = a->storage && take_all(&r);
    *line = r.at;
    return ok;
}

void args_free(struct args *a)
{
    free(a->storage);
    *a = (struct args){ 0 };
}

/* ---- looking at them ---- */

static bool has_name(const char *name, const char *wanted)
{
    size_t n = strlen(wanted);
    return strncmp(name, wanted, n) == 0 && name[n] == ':';
}

static int find(const struct args *a, const char *name)
{
    for (unsigned i = 0; i < a->count; i++)
        if (has_name(a->arg[i].name, name))
            return (int)i;
    return -1;
}

const char *args_text(const struct args *a, const char *name)
{
    int i = find(a, name);
    return i < 0 ? NULL : a->arg[i].text;
}

bool args_given(const struct args *a, const char *name)
{
    return find(a, name) >= 0;
}

s64 args_number(const struct args *a, const char *name, s64 otherwise)
{
    int i = find(a, name);
    return i < 0 ? otherwise : a->arg[i].value;
}
