/* options_script.c: what is done and looked for in a run without a person: -expect-…, -fail-…, -type, -send-serial,
 * -wait. Their order on the command line is the order of the steps. */
#include "options.h"

#include "keyval.h"

#include <stdlib.h>

#define WAIT_MAX_S 1000000000.0

static struct script_step *add(struct options *o, const char *name, struct script_step *list, unsigned *count,
                               unsigned max)
{
    if (*count == max) {
        options_fail(o, "-%s: more than %u of them", name, max);
        return NULL;
    }
    return &list[(*count)++];
}

static struct script_step *add_step(struct options *o, const char *name)
{
    return add(o, name, o->script.step, &o->script.steps, SCRIPT_STEPS_MAX);
}

/* "expect-serial", "fail-screen" …: the place is the word behind the first dash. */
static enum script_place place_of(const char *name)
{
    const char *place = strchr(name, '-') + 1;
    return strcmp(place, "serial") == 0     ? SCRIPT_SERIAL
           : strcmp(place, "debugcon") == 0 ? SCRIPT_DEBUGCON
                                            : SCRIPT_SCREEN;
}

static bool text_ok(struct options *o, const char *name, const char *text)
{
    if (!*text)
        return options_fail(o, "-%s: the text is empty", name);
    return strlen(text) <= SCRIPT_TEXT_MAX ||
           options_fail(o, "-%s: the text is longer than %d bytes", name, SCRIPT_TEXT_MAX);
}

bool option_expect(struct options *o, const char *name, const char *arg)
{
    struct script_step *step = text_ok(o, name, arg) ? add_step(o, name) : NULL;
    if (step)
        *step = (struct script_step){ .kind = SCRIPT_EXPECT, .place = place_of(name), .text = arg };
    return step;
}

bool option_fail_text(struct options *o, const char *name, const char *arg)
{
    struct script_step *ban =
        text_ok(o, name, arg) ? add(o, name, o->script.ban, &o->script.bans, SCRIPT_BANS_MAX) : NULL;
    if (ban)
        *ban = (struct script_step){ .kind = SCRIPT_EXPECT, .place = place_of(name), .text = arg };
    return ban;
}

bool option_type(struct options *o, const char *name, const char *arg)
{
    u16 keys[SCRIPT_CHORD_MAX];
    const char *at = arg;
    if (!text_ok(o, name, arg))
        return false;
    while (script_next_key(&at, keys))
        ;
    if (*at)
        return options_fail(o, "-%s: no key is called or types '%.16s' (names as in sendkey: <ret>, <f1>, <ctrl-c>)",
                            name, at);
    struct script_step *step = add_step(o, name);
    if (step)
        *step = (struct script_step){ .kind = SCRIPT_TYPE, .text = arg };
    return step;
}

/* \n, \r, \t, \e, \\ and \xHH; 0: no such escape, or a byte 0, which no text of a command line can hold. */
static char unescape(const char **text)
{
    static const char letters[] = "nrte\\", values[] = "\n\r\t\033\\";
    char digits[3] = { 0 };
    const char *at = *text + 1, *letter = *at ? strchr(letters, *at) : NULL;
    *text = at + (*at != 0);
    if (letter)
        return values[letter - letters];
    if (*at != 'x' || strspn(at + 1, "0123456789abcdefABCDEF") < 2)
        return 0;
    memcpy(digits, at + 1, 2);
    *text = at + 3;
    return (char)strtol(digits, NULL, 16);
}

bool option_send_serial(struct options *o, const char *name, const char *arg)
{
    char text[SCRIPT_TEXT_MAX + 1];
    size_t len = 0;
    if (!text_ok(o, name, arg))
        return false;
    for (const char *at = arg; *at; len++) {
        text[len] = *at == '\\' ? unescape(&at) : *at++;
        if (!text[len])
            return options_fail(o, "-%s %s: the escapes are \\n, \\r, \\t, \\e, \\\\ and \\xHH (01 to ff)", name, arg);
    }
    text[len] = 0;
    const char *copy = options_keep(o, text);
    struct script_step *step = copy ? add_step(o, name) : NULL;
    if (step)
        *step = (struct script_step){ .kind = SCRIPT_SEND, .text = copy };
    return step;
}

bool option_wait(struct options *o, const char *name, const char *arg)
{
    u64 ns;
    if (!parse_seconds(arg, WAIT_MAX_S, &ns))
        return options_fail(o, "-%s %s: not a number of seconds above 0", name, arg);
    struct script_step *step = add_step(o, name);
    if (step)
        *step = (struct script_step){ .kind = SCRIPT_WAIT, .ns = ns };
    return step;
}

bool option_insn_limit(struct options *o, const char *name, const char *arg)
{
    return (parse_number(arg, UINT64_MAX, &o->insn_limit) && o->insn_limit) ||
           options_fail(o, "-%s %s: not a number of instructions above 0", name, arg);
}
