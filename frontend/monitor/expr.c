/* expr.c: see expr.h. A descent by tables of operators; its depth is bounded by DEPTH_MAX. */
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

/* Operators of two operands, tightest first; a line ends at NULL. */
#define OPERATORS_MAX 5
#define LEVELS_MAX 10
#define LOOSEST LEVELS_MAX
typedef const char *const dialect[LEVELS_MAX][OPERATORS_MAX];
static dialect qemu_operators = { { "*", "/", "%" }, { "&", "|", "^" }, { "+", "-" } };
static dialect c_operators = { { "*", "/", "%" }, { "+", "-" }, { "<<", ">>" }, { "<", "<=", ">", ">=" },
                               { "==", "!=" },    { "&" },      { "^" },        { "|" },
                               { "&&" },          { "||" } };

static bool is_c(const struct parser *p)
{
    return p->names && p->names->memory;
}

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

static bool binary(struct parser *p, s64 *value, unsigned level);
static bool unary(struct parser *p, s64 *value);
static bool prefix(struct parser *p, s64 *value);

static bool parenthesis(struct parser *p, s64 *value)
{
    next(p);
    if (!binary(p, value, LOOSEST))
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

/* ---- the debugger's operands ---- */

static bool is_hex_word(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isxdigit((unsigned char)at[i]))
            return false;
    return len;
}

static size_t name_length(const char *at)
{
    size_t n = 0;
    while (is_name(at[n]))
        n++;
    return n;
}

/* SELECTOR:OFFSET, both hexadecimal: how many characters; 0: something else stands here. */
static size_t far_length(const char *at)
{
    size_t n = name_length(at);
    if (n > 4 || !is_hex_word(at, n) || at[n] != ':')
        return 0;
    size_t m = name_length(at + n + 1);
    return is_hex_word(at + n + 1, m) ? n + 1 + m : 0;
}

static bool far_address(struct parser *p, size_t len, s64 *value)
{
    char *end;
    u16 selector = (u16)strtoul(p->at, &end, 16);
    u64 offset = strtoull(end + 1, NULL, 16);
    p->at += len;
    skip_blanks(p);
    return p->names->far(p->names->self, selector, offset, value) || fail(p, "the selector names no segment");
}

/* 7c00h. */
static bool is_intel_number(const char *at)
{
    size_t n = name_length(at);
    return n > 1 && isdigit((unsigned char)at[0]) && (at[n - 1] | 32) == 'h' && is_hex_word(at, n - 1);
}

static bool intel_number(struct parser *p, s64 *value)
{
    char *end;
    errno = 0;
    *value = (s64)strtoull(p->at, &end, 16);
    p->at = end + 1;
    skip_blanks(p);
    return errno != ERANGE || fail(p, "number too large");
}

static bool memory(struct parser *p, unsigned size, bool bracket, s64 *value)
{
    s64 addr;
    next(p);
    if (!(bracket ? binary(p, &addr, LOOSEST) : unary(p, &addr)))
        return false;
    if (bracket && *p->at != ']')
        return fail(p, "']' expected");
    if (bracket)
        next(p);
    return p->names->memory(p->names->self, (u64)addr, size, value) || fail(p, "no memory can be read there");
}

/* How many bytes a word like "dword" stands for; 0: it is no such word. */
static unsigned size_word(const char *at, size_t len)
{
    static const char *const words[] = { "byte", "word", "dword", "qword" };
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i]) == len && strncmp(at, words[i], len) == 0)
            return 1u << i;
    return 0;
}

/* byte [ADDRESS], byte ptr [ADDRESS] */
static bool sized_memory(struct parser *p, size_t len, unsigned size, s64 *value)
{
    p->at += len;
    skip_blanks(p);
    if (strncmp(p->at, "ptr", 3) == 0 && !is_name(p->at[3]))
        p->at += 3;
    skip_blanks(p);
    return *p->at == '[' ? memory(p, size, true, value) : fail(p, "'[' expected");
}

static bool word(struct parser *p, s64 *value)
{
    char name[NAME_MAX_LEN + 1];
    size_t len = name_length(p->at);
    unsigned size = size_word(p->at, len);
    if (size)
        return sized_memory(p, len, size, value);
    snprintf(name, sizeof name, "%.*s", (int)len, p->at);
    p->at += len;
    if (*p->at == ':') {
        s64 offset = 0;
        next(p);
        return unary(p, &offset) && (p->names->segment(p->names->self, name, (u64)offset, value) ||
                                     fail(p, "there is no such segment register"));
    }
    skip_blanks(p);
    return p->names->find(p->names->self, name, value) || fail(p, "no such register, flag or symbol");
}

static bool is_c_operand(const struct parser *p)
{
    char c = *p->at;
    return c == '[' || c == '*' || c == '!' || isalpha((unsigned char)c) || c == '_' || c == '.' || far_length(p->at) ||
           is_intel_number(p->at);
}

static bool c_operand(struct parser *p, s64 *value)
{
    size_t len = far_length(p->at);
    if (len)
        return far_address(p, len, value);
    if (is_intel_number(p->at))
        return intel_number(p, value);
    if (*p->at == '[' || *p->at == '*')
        return memory(p, 0, *p->at == '[', value);
    return *p->at == '!' ? prefix(p, value) : word(p, value);
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
    else if (op == '!')
        *value = !*value;
    return true;
}

static bool unary_here(struct parser *p, s64 *value)
{
    if (is_c(p) && is_c_operand(p))
        return c_operand(p, value);
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

/* ---- operators of two operands ---- */

/* The longest operator of the dialect that stands here; NULL: none. *level: its place. */
static const char *find_operator(const struct parser *p, unsigned *level)
{
    dialect *table = is_c(p) ? &c_operators : &qemu_operators;
    const char *best = NULL;
    if (!*p->at || !strchr("*/%+-<>=!&|^", *p->at))
        return NULL;
    for (unsigned i = 0; i < LEVELS_MAX; i++)
        for (unsigned k = 0; k < OPERATORS_MAX && (*table)[i][k]; k++) {
            const char *op = (*table)[i][k];
            if (strncmp(p->at, op, strlen(op)) == 0 && (!best || strlen(op) > strlen(best))) {
                best = op;
                *level = i + 1;
            }
        }
    return best;
}

static s64 shift(s64 value, s64 by, bool left)
{
    if (by < 0 || by > 63)
        return 0;
    return left ? (s64)((u64)value << by) : (s64)((u64)value >> by);
}

static s64 compare(const char *op, s64 a, s64 b)
{
    bool less = (u64)a < (u64)b;
    if (op[0] == '=' || op[0] == '!')
        return (a == b) == (op[0] == '=');
    if (op[0] == '<')
        return less || (op[1] && a == b);
    return !less && (op[1] || a != b);
}

static bool apply(struct parser *p, const char *op, s64 *a, s64 b)
{
    switch (op[0]) {
    case '*':
        *a = (s64)((u64)*a * (u64)b);
        return true;
    case '/':
    case '%':
        return divide(p, op[0], a, b);
    case '+':
        *a = (s64)((u64)*a + (u64)b);
        return true;
    case '-':
        *a = (s64)((u64)*a - (u64)b);
        return true;
    case '^':
        *a ^= b;
        return true;
    case '&':
        *a = op[1] ? *a && b : *a & b;
        return true;
    case '|':
        *a = op[1] ? *a || b : *a | b;
        return true;
    default:
        *a = op[1] == op[0] && op[0] != '=' ? shift(*a, b, op[0] == '<') : compare(op, *a, b);
        return true;
    }
}

/* Operands joined by operators that bind as `level` does or tighter; level 0: one operand. */
static bool binary(struct parser *p, s64 *value, unsigned level)
{
    unsigned found = 0;
    const char *op;
    bool ok = unary(p, value);
    while (ok && (op = find_operator(p, &found)) && found <= level) {
        s64 right = 0;
        p->at += strlen(op);
        skip_blanks(p);
        ok = binary(p, &right, found - 1) && apply(p, op, value, right);
    }
    return ok;
}

bool expr_parse(const char **text, const struct expr_names *names, s64 *value, char error[EXPR_ERROR_MAX])
{
    struct parser p = { .at = *text, .names = names, .error = error };
    *value = 0;
    skip_blanks(&p);
    bool ok = binary(&p, value, LOOSEST);
    *text = p.at;
    return ok;
}
