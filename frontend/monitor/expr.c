/* expr.c: see expr.h. A descent of one function a level; depth is bounded by the length of a line. */
#include "expr.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_MAX_LEN 127
#define DEPTH_MAX 1000

struct parser {
    const char *at;
    const struct expr_names *names;
    char *error;
    unsigned depth;
};

static bool fail(struct parser *p, const char *why)
{
    snprintf(p->error, EXPR_ERROR_MAX, "%s", why);
    return false;
}

static void skip_blanks(struct parser *p)
{
    while (isspace((unsigned char)*p->at))
        p->at++;
}

/* Over one character and the blanks behind it. */
static void next(struct parser *p)
{
    p->at++;
    skip_blanks(p);
}

static bool sum(struct parser *p, s64 *value);
static bool unary(struct parser *p, s64 *value);

static bool parenthesis(struct parser *p, s64 *value)
{
    next(p);
    if (!sum(p, value))
        return false;
    if (*p->at != ')')
        return fail(p, "')' expected");
    next(p);
    return true;
}

static bool character(struct parser *p, s64 *value)
{
    p->at++;
    if (!*p->at)
        return fail(p, "character constant expected");
    *value = *p->at++;
    if (*p->at != '\'')
        return fail(p, "missing terminating ' character");
    next(p);
    return true;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static bool reg(struct parser *p, s64 *value)
{
    char name[NAME_MAX_LEN + 1];
    size_t n = 0;
    for (p->at++; is_name(*p->at); p->at++)
        if (n < NAME_MAX_LEN)
            name[n++] = *p->at;
    name[n] = 0;
    skip_blanks(p);
    return (p->names && p->names->find(p->names->self, name, value)) || fail(p, "unknown register");
}

static bool number(struct parser *p, s64 *value)
{
    char *end;
    errno = 0;
    *value = (s64)strtoull(p->at, &end, 0);
    if (errno == ERANGE)
        return fail(p, "number too large");
    if (end == p->at) {
        snprintf(p->error, EXPR_ERROR_MAX, "invalid char '%c' in expression", *p->at);
        return false;
    }
    p->at = end;
    skip_blanks(p);
    return true;
}

static bool prefix(struct parser *p, s64 *value)
{
    char op = *p->at;
    next(p);
    if (!unary(p, value))
        return false;
    if (op == '-')
        *value = (s64)(0 - (u64)*value);
    else if (op == '~')
        *value = ~*value;
    return true;
}

static bool unary_here(struct parser *p, s64 *value)
{
    switch (*p->at) {
    case '+':
    case '-':
    case '~':
        return prefix(p, value);
    case '(':
        return parenthesis(p, value);
    case '\'':
        return character(p, value);
    case '$':
        return reg(p, value);
    case 0:
        return fail(p, "unexpected end of expression");
    default:
        return number(p, value);
    }
}

static bool unary(struct parser *p, s64 *value)
{
    if (p->depth == DEPTH_MAX)
        return fail(p, "expression too deep");
    p->depth++;
    bool ok = unary_here(p, value);
    p->depth--;
    return ok;
}

static bool divide(struct parser *p, char op, s64 *value, s64 by)
{
    if (by == 0)
        return fail(p, "division by zero");
    if (by == -1) /* the least number has no opposite */
        *value = op == '/' ? (s64)(0 - (u64)*value) : 0;
    else
        *value = op == '/' ? *value / by : *value % by;
    return true;
}

static bool product(struct parser *p, s64 *value)
{
    bool ok = unary(p, value);
    while (ok && (*p->at == '*' || *p->at == '/' || *p->at == '%')) {
        char op = *p->at;
        s64 right = 0;
        next(p);
        ok = unary(p, &right);
        if (ok && op == '*')
            *value = (s64)((u64)*value * (u64)right);
        else if (ok)
            ok = divide(p, op, value, right);
    }
    return ok;
}

static bool logic(struct parser *p, s64 *value)
{
    bool ok = product(p, value);
    while (ok && (*p->at == '&' || *p->at == '|' || *p->at == '^')) {
        char op = *p->at;
        s64 right = 0;
        next(p);
        ok = product(p, &right);
        *value = op == '&' ? *value & right : op == '|' ? *value | right : *value ^ right;
    }
    return ok;
}

static bool sum(struct parser *p, s64 *value)
{
    bool ok = logic(p, value);
    while (ok && (*p->at == '+' || *p->at == '-')) {
        char op = *p->at;
        s64 right = 0;
        next(p);
        ok = logic(p, &right);
        *value = (s64)(op == '+' ? (u64)*value + (u64)right : (u64)*value - (u64)right);
    }
    return ok;
}

bool expr_parse(const char **text, const struct expr_names *names, s64 *value, char error[EXPR_ERROR_MAX])
{
    struct parser p = { .at = *text, .names = names, .error = error };
    *value = 0;
    skip_blanks(&p);
    bool ok = sum(&p, value);
    *text = p.at;
    return ok;
}
