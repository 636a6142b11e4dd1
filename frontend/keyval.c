/* keyval.c: see keyval.h. */
#include "keyval.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Copies one item to `to`, with doubled commas undoubled; returns where the next item starts, or NULL after the last.
 */
static const char *copy_item(const char *arg, char **to)
{
    char *out = *to;
    const char *next = NULL;
    for (; *arg; arg++) {
        if (*arg == ',' && arg[1] != ',') {
            next = arg + 1;
            break;
        }
        if (*arg == ',')
            arg++;
        *out++ = *arg;
    }
    *out++ = 0;
    *to = out;
    return next;
}

static struct keyval make_item(char *item, const char *implied)
{
    char *equals = strchr(item, '=');
    if (equals) {
        *equals = 0;
        return (struct keyval){ item, equals + 1 };
    }
    if (implied)
        return (struct keyval){ implied, item };
    if (strncmp(item, "no", 2) == 0 && item[2])
        return (struct keyval){ item + 2, "off" };
    return (struct keyval){ item, "on" };
}

bool keyvals_split(struct keyvals *kv, const char *arg, const char *implied)
{
    kv->count = 0;
    kv->text = malloc(strlen(arg) + 2);
    if (!kv->text)
        return false;
    char *to = kv->text;
    while (arg) {
        char *item = to;
        arg = copy_item(arg, &to);
        if (*item) {
            if (kv->count == KEYVALS_MAX)
                return false;
            kv->item[kv->count++] = make_item(item, implied);
        }
        implied = NULL;
    }
    return true;
}

void keyvals_free(struct keyvals *kv)
{
    free(kv->text);
    *kv = (struct keyvals){ 0 };
}

const char *keyvals_get(const struct keyvals *kv, const char *key)
{
    for (unsigned i = kv->count; i-- > 0;)
        if (strcmp(kv->item[i].key, key) == 0)
            return kv->item[i].value;
    return NULL;
}

bool parse_bool(const char *text, bool *value)
{
    static const char *const yes[] = { "on", "yes", "true", "y" }, *const no[] = { "off", "no", "false", "n" };
    for (unsigned i = 0; i < ARRAY_LEN(yes); i++) {
        *value = strcmp(text, yes[i]) == 0;
        if (*value || strcmp(text, no[i]) == 0)
            return true;
    }
    return false;
}

bool parse_number(const char *text, u64 max, u64 *value)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return errno == 0 && *end == 0 && *value <= max;
}

/* What a suffix multiplies with; 0: no such suffix. */
static u64 suffix_unit(const char *suffix, u64 unit)
{
    static const char letters[] = "bkmgt";
    if (*suffix == 0)
        return unit;
    const char *at = strchr(letters, tolower((unsigned char)*suffix));
    if (!at || suffix[1])
        return 0;
    return (u64)1 << (10 * (at - letters));
}

bool parse_size(const char *text, u64 unit, u64 *bytes)
{
    if (!isdigit((unsigned char)*text))
        return false;
    const char *suffix = text + strspn(text, "0123456789.");
    u64 factor = suffix_unit(suffix, unit);
    if (!factor)
        return false;
    char *end;
    errno = 0;
    if (memchr(text, '.', (size_t)(suffix - text))) {
        double size = strtod(text, &end) * (double)factor;
        if (end != suffix || !(size < ldexp(1, 63)))
            return false;
        *bytes = (u64)size;
        return true;
    }
    u64 count = strtoull(text, &end, 10);
    if (errno || end != suffix || count > UINT64_MAX / factor)
        return false;
    *bytes = count * factor;
    return true;
}

bool parse_seconds(const char *text, double max, u64 *ns)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds > 0) || !(seconds <= max))
        return false;
    *ns = (u64)(seconds * 1e9);
    return true;
}
