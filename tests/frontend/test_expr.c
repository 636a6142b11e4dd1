/* test_expr.c: the monitor's expressions and arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "args.h"

static bool find(void *self, const char *name, s64 *value)
{
    (void)self;
    *value = 0x1000;
    return strcmp(name, "eip") == 0 || strcmp(name, "cs.base") == 0;
}

static const struct expr_names names = { .find = find };

static void is(const char *text, s64 value)
{
    char error[EXPR_ERROR_MAX];
    s64 got;
    const char *at = text;
    assert_true(expr_parse(&at, &names, &got, error));
    assert_int_equal(got, value);
    assert_string_equal(at, "");
}

static void fails(const char *text, const char *why)
{
    char error[EXPR_ERROR_MAX];
    s64 got;
    assert_false(expr_parse(&text, &names, &got, error));
    assert_string_equal(error, why);
}

static void numbers(void **state)
{
    (void)state;
    is("10", 10);
    is("0x10", 16);
    is("010", 8);
    is(" 7 ", 7);
    is("'a'", 'a');
    is("-1", -1);
    is("~0", -1);
    is("+5", 5);
    is("- -5", 5);
    is("0xffffffffffffffff", -1);
    is("$eip", 0x1000);
    is("$cs.base + 1", 0x1001);
}

/* * / % bind tightest, then & | ^, then + -. */
static void precedence(void **state)
{
    (void)state;
    is("1+2*3", 7);
    is("1+2&3", 3);
    is("(1+2)&3", 3);
    is("4|1+2", 7);
    is("6&3*2", 6);
    is("10-2-3", 5);
    is("100/5/2", 10);
    is("17%5", 2);
    is("2*(3+(4))", 14);
    is("5^1", 4);
}

static void what_c_leaves_undefined(void **state)
{
    (void)state;
    is("0x8000000000000000 / -1", INT64_MIN);
    is("0x8000000000000000 % -1", 0);
    is("-0x8000000000000000", INT64_MIN);
    is("0x7fffffffffffffff + 1", INT64_MIN);
    is("0x7fffffffffffffff * 2", -2);
}

static void mistakes(void **state)
{
    (void)state;
    fails("", "unexpected end of expression");
    fails("1+", "unexpected end of expression");
    fails("(1", "')' expected");
    fails("1/0", "division by zero");
    fails("1%0", "division by zero");
    fails("zzz", "invalid char 'z' in expression");
    fails("'", "character constant expected");
    fails("'a", "missing terminating ' character");
    fails("$nothing", "unknown register");
    fails("99999999999999999999", "number too large");
    char deep[4096];
    memset(deep, '(', sizeof deep);
    deep[sizeof deep - 1] = 0;
    fails(deep, "expression too deep");
    memset(deep, '-', sizeof deep - 1);
    fails(deep, "expression too deep");
}

/* ---- the debugger's dialect ---- */

static bool memory(void *self, u64 linear, unsigned size, s64 *value)
{
    (void)self;
    *value = (s64)(linear * 10 + size);
    return linear != 0x666;
}

static bool far(void *self, u16 selector, u64 offset, s64 *linear)
{
    (void)self;
    *linear = selector * 16 + (s64)offset;
    return true;
}

static bool segment(void *self, const char *name, u64 offset, s64 *linear)
{
    (void)self;
    *linear = 0x10000 + (s64)offset;
    return strcmp(name, "es") == 0;
}

static const struct expr_names c_names = { .find = find, .memory = memory, .far = far, .segment = segment };

static void c_is(const char *text, s64 value)
{
    char error[EXPR_ERROR_MAX];
    s64 got;
    const char *at = text;
    assert_true(expr_parse(&at, &c_names, &got, error));
    assert_int_equal(got, value);
    assert_string_equal(at, "");
}

static void c_fails(const char *text, const char *why)
{
    char error[EXPR_ERROR_MAX];
    s64 got;
    assert_false(expr_parse(&text, &c_names, &got, error));
    assert_string_equal(error, why);
}

static void precedence_of_c(void **state)
{
    (void)state;
    c_is("1+2*3", 7);
    c_is("1+2&3", 3);
    c_is("4|1+2", 7);
    c_is("1 << 4 + 1", 32);
    c_is("0x80 >> 3", 16);
    c_is("1 < 2 == 1", 1);
    c_is("3 <= 2 || 2 >= 2 && 1 != 0", 1);
    c_is("!5 + 1", 1);
    c_is("~0 > 1", 1); /* unsigned, as addresses are */
    c_is("1 << 64", 0);
    c_is("6 ^ 3 & 1", 7);
}

static void operands_of_the_debugger(void **state)
{
    (void)state;
    c_is("7c00h", 0x7c00);
    c_is("0ffh", 0xff);
    c_is("eip", 0x1000);
    c_is("$eip + 1", 0x1001);
    c_is("[2]", 20);
    c_is("*2 + 1", 21);
    c_is("byte [1 + 1]", 21);
    c_is("dword ptr [2] + 1", 25);
    c_is("f000:fff0", 0xffff0);
    c_is("0:7c00 + 1", 0x7c01);
    c_is("es:4", 0x10004);
    c_fails("ds:4", "there is no such segment register");
    c_fails("nothing", "no such register, flag or symbol");
    c_fails("[0x666]", "no memory can be read there");
    c_fails("[1", "']' expected");
    c_fails("byte 1", "'[' expected");
    c_fails("1 <", "unexpected end of expression");
}

/* ---- arguments ---- */

struct reading {
    struct args args;
    bool ok;
    char said[256];
};

static struct format last = { 1, 'x', 4 };

static struct reading read_args(const char *types, const char *line)
{
    struct reading r = { .ok = false };
    FILE *out = fmemopen(r.said, sizeof r.said, "w");
    last = (struct format){ 1, 'x', 4 };
    r.ok = args_parse(&r.args, types, &line, "cmd", &names, &last, out);
    fclose(out);
    return r;
}

static void refused(const char *types, const char *line, const char *why)
{
    struct reading r = read_args(types, line);
    assert_false(r.ok);
    assert_string_equal(r.said, why);
    args_free(&r.args);
}

static void words_and_numbers(void **state)
{
    (void)state;
    struct reading r = read_args("file:F,addr:l,mode:s?", "\"a \\\"b\\\"\\n\" 0x10+1");
    assert_true(r.ok);
    assert_string_equal(args_text(&r.args, "file"), "a \"b\"\n");
    assert_int_equal(args_number(&r.args, "addr", 0), 17);
    assert_null(args_text(&r.args, "mode"));
    assert_false(args_given(&r.args, "mode"));
    args_free(&r.args);
    refused("file:F", "", "cmd: filename expected\n");
    refused("device:B", " ", "cmd: block device name expected\n");
    refused("text:s", "\"abc", "unterminated string\ncmd: string expected\n");
    refused("text:s", "\"a\\q\"", "unsupported escape code: '\\q'\ncmd: string expected\n");
    refused("n:i", "0x100000000", "'cmd' has failed: integer is for 32-bit values\n");
    refused("n:i", "1 2", "cmd: extraneous characters at the end of line\n");
    refused("", "x", "cmd: extraneous characters at the end of line\n");
}

static void flags(void **state)
{
    (void)state;
    static const char types[] = "force:-f,all:-a,name:s,fmt:-ts";
    struct reading r = read_args(types, "-a x -t png");
    assert_true(r.ok);
    assert_false(args_given(&r.args, "force"));
    assert_true(args_given(&r.args, "all"));
    assert_string_equal(args_text(&r.args, "name"), "x");
    assert_string_equal(args_text(&r.args, "fmt"), "png");
    args_free(&r.args);
    refused(types, "-z x", "cmd: unsupported option -z\n");
    refused(types, "-f x -t", "cmd: value expected for -t\n");
}

static void formats(void **state)
{
    (void)state;
    struct reading r = read_args("fmt:/,addr:l", "/16xb $eip");
    assert_true(r.ok);
    assert_int_equal(r.args.format.count, 16);
    assert_int_equal(r.args.format.letter, 'x');
    assert_int_equal(r.args.format.size, 1);
    assert_int_equal(last.size, 1);
    args_free(&r.args);
    r = read_args("fmt:/,addr:l", "/99999999999i 0");
    assert_true(r.ok);
    assert_int_equal(r.args.format.size, -1);
    assert_int_equal(last.size, 4);
    assert_int_equal(last.letter, 'i');
    args_free(&r.args);
    refused("fmt:/,addr:l", "/4s 0", "invalid char in format: 's'\n");
}

/* `i ADDR.INDEX`, with the blanks that may be there. */
static void an_argument_behind_a_point(void **state)
{
    (void)state;
    struct reading r = read_args("addr:i,index:i.", "0x70 . 5");
    assert_true(r.ok);
    assert_int_equal(args_number(&r.args, "index", -1), 5);
    args_free(&r.args);
    r = read_args("addr:i,index:i.", "0x70");
    assert_true(r.ok);
    assert_false(args_given(&r.args, "index"));
    args_free(&r.args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(precedence),
        cmocka_unit_test(what_c_leaves_undefined),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(precedence_of_c),
        cmocka_unit_test(operands_of_the_debugger),
        cmocka_unit_test(words_and_numbers),
        cmocka_unit_test(flags),
        cmocka_unit_test(formats),
        cmocka_unit_test(an_argument_behind_a_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
