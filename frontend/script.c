/* script.c: see script.h. */
#include "script.h"

#include "key_names.h"

bool script_wants_port(const struct script_option *o, enum script_place port)
{
    bool wants = false;
    for (unsigned i = 0; i < o->steps; i++)
        wants = wants || (o->step[i].kind == SCRIPT_EXPECT && o->step[i].place == port);
    for (unsigned i = 0; i < o->bans; i++)
        wants = wants || o->ban[i].place == port;
    return wants;
}

void script_init(struct script *s, const struct script_option *option)
{
    memset(s, 0, sizeof *s);
    s->option = option;
}

const struct script_step *script_step(const struct script *s)
{
    return s->now < s->option->steps ? &s->option->step[s->now] : NULL;
}

void script_advance(struct script *s)
{
    s->now++;
    for (unsigned i = 0; i < SCRIPT_PORTS; i++)
        s->output[i].looked = s->output[i].consumed;
}

/* ---- what ports send ---- */

/* Do the bytes before `end` end in the text, without going back before `from`? */
static bool ends_with(const struct script_output *o, u64 from, u64 end, const char *text)
{
    size_t len = strlen(text);
    if (end - from < len)
        return false;
    for (size_t i = 1; i <= len; i++)
        if (o->byte[(end - i) % SCRIPT_KEPT] != (u8)text[len - i])
            return false;
    return true;
}

static u64 oldest_kept(const struct script_output *o)
{
    return o->sent > SCRIPT_KEPT ? o->sent - SCRIPT_KEPT : 0;
}

bool script_port_matches(struct script *s)
{
    const struct script_step *step = script_step(s);
    if (!step || step->kind != SCRIPT_EXPECT || step->place >= SCRIPT_PORTS)
        return false;
    struct script_output *o = &s->output[step->place];
    u64 kept = oldest_kept(o), from = o->consumed > kept ? o->consumed : kept;
    if (o->looked < from)
        o->looked = from;
    while (o->looked < o->sent)
        if (ends_with(o, from, ++o->looked, step->text)) {
            o->consumed = o->looked;
            return true;
        }
    return false;
}

static bool is_banned_text(struct script *s, enum script_place port)
{
    const struct script_output *o = &s->output[port];
    for (unsigned i = 0; i < s->option->bans && !s->seen; i++) {
        const struct script_step *ban = &s->option->ban[i];
        if (ban->place == port && ends_with(o, oldest_kept(o), o->sent, ban->text))
            s->seen = ban;
    }
    return s->seen;
}

/* The text is looked for again when the machine has stopped: here nothing but the newest byte is new. */
static bool completes_step(const struct script *s, enum script_place port)
{
    const struct script_step *step = script_step(s);
    const struct script_output *o = &s->output[port];
    return step && step->kind == SCRIPT_EXPECT && step->place == port &&
           ends_with(o, o->consumed > oldest_kept(o) ? o->consumed : oldest_kept(o), o->sent, step->text);
}

bool script_take(struct script *s, enum script_place port, u8 byte)
{
    struct script_output *o = &s->output[port];
    o->byte[o->sent++ % SCRIPT_KEPT] = byte;
    return is_banned_text(s, port) || completes_step(s, port);
}

size_t script_tail(const struct script *s, enum script_place port, u8 *to, size_t room)
{
    const struct script_output *o = &s->output[port];
    u64 kept = o->sent - oldest_kept(o);
    size_t len = kept < room ? (size_t)kept : room;
    for (size_t i = 0; i < len; i++)
        to[i] = o->byte[(o->sent - len + i) % SCRIPT_KEPT];
    return len;
}

/* ---- the screen ---- */

bool script_screen_matches(const struct script *s, const char *screen)
{
    const struct script_step *step = script_step(s);
    return step && step->kind == SCRIPT_EXPECT && step->place == SCRIPT_SCREEN && strstr(screen, step->text);
}

void script_check_screen(struct script *s, const char *screen)
{
    for (unsigned i = 0; i < s->option->bans && !s->seen; i++)
        if (s->option->ban[i].place == SCRIPT_SCREEN && strstr(screen, s->option->ban[i].text))
            s->seen = &s->option->ban[i];
}

bool script_wants_screen(const struct script *s)
{
    const struct script_step *step = script_step(s);
    bool wants = step && step->kind == SCRIPT_EXPECT && step->place == SCRIPT_SCREEN;
    for (unsigned i = 0; i < s->option->bans; i++)
        wants = wants || s->option->ban[i].place == SCRIPT_SCREEN;
    return wants;
}

bool script_is_over(const struct script *s)
{
    unsigned n = s->option->steps;
    return n && s->now >= n && s->option->step[n - 1].kind == SCRIPT_EXPECT;
}

/* ---- keys ---- */

/* The characters of the US layout, and the names of their keys; the second of two needs Shift. */
static const struct {
    char plain, shifted;
    const char *name;
} us_layout[] = {
    { '1', '!', "1" },
    { '2', '@', "2" },
    { '3', '#', "3" },
    { '4', '$', "4" },
    { '5', '%', "5" },
    { '6', '^', "6" },
    { '7', '&', "7" },
    { '8', '*', "8" },
    { '9', '(', "9" },
    { '0', ')', "0" },
    { '-', '_', "minus" },
    { '=', '+', "equal" },
    { '[', '{', "bracket_left" },
    { ']', '}', "bracket_right" },
    { ';', ':', "semicolon" },
    { '\'', '"', "apostrophe" },
    { '`', '~', "grave_accent" },
    { '\\', '|', "backslash" },
    { ',', '<', "comma" },
    { '.', '>', "dot" },
    { '/', '?', "slash" },
    { ' ', 0, "spc" },
    { '\n', 0, "ret" },
    { '\t', 0, "tab" },
};

static unsigned press(const char *name, size_t len, bool shift, u16 keys[SCRIPT_CHORD_MAX])
{
    unsigned key = key_by_name(name, len), n = 0;
    if (key == KEY_NONE)
        return 0;
    if (shift)
        keys[n++] = KEY_LEFT_SHIFT;
    keys[n++] = (u16)key;
    return n;
}

static unsigned press_character(char c, u16 keys[SCRIPT_CHORD_MAX])
{
    bool upper = c >= 'A' && c <= 'Z';
    char letter = upper ? (char)(c - 'A' + 'a') : c;
    if (letter >= 'a' && letter <= 'z')
        return press(&letter, 1, upper, keys);
    for (size_t i = 0; i < ARRAY_LEN(us_layout); i++)
        if (c && (c == us_layout[i].plain || c == us_layout[i].shifted))
            return press(us_layout[i].name, strlen(us_layout[i].name), c == us_layout[i].shifted, keys);
    return 0;
}

/* "ctrl-alt-delete", of `len` characters. */
static unsigned press_chord(const char *name, size_t len, u16 keys[SCRIPT_CHORD_MAX])
{
    unsigned n = 0;
    if (len == 2 && strncmp(name, "lt", len) == 0)
        return press_character('<', keys);
    for (size_t at = 0; at <= len; n++) {
        size_t part = strcspn(name + at, "->");
        unsigned key = key_by_name(name + at, part);
        if (key == KEY_NONE || n == SCRIPT_CHORD_MAX)
            return 0;
        keys[n] = (u16)key;
        at += part + 1;
    }
    return n;
}

unsigned script_next_key(const char **text, u16 keys[SCRIPT_CHORD_MAX])
{
    const char *at = *text, *end = *at == '<' ? strchr(at, '>') : NULL;
    unsigned n = end ? press_chord(at + 1, (size_t)(end - at - 1), keys) : press_character(*at, keys);
    if (n)
        *text = end ? end + 1 : at + 1;
    return n;
}
