/* log.c: what a machine says about itself, one line at a time, and never more of one kind than a reader can bear. */
#include "log.h"
#include <stdarg.h>

#define LINE_MAX_BYTES 512

static const char kind_name[LOG_KINDS][8] = { [LOG_UNIMP] = "unimp", [LOG_GUEST] = "guest", [LOG_HOST] = "host" };

void log_init(struct log *log, FILE *out)
{
    *log = (struct log){ .out = out };
}

/* How often this format string was said before, counting this time; when the table is full, strangers share a site. */
static u32 count_site(struct log *log, const void *key)
{
    size_t home = (size_t)(((u64)(uintptr_t)key * 0x9e3779b97f4a7c15u) >> 32) % LOG_SITES, i = home;
    while (log->site[i].key && log->site[i].key != key) {
        i = (i + 1) % LOG_SITES;
        if (i == home)
            break;
    }
    if (!log->site[i].key)
        log->site[i].key = key;
    if (log->site[i].count != UINT32_MAX)
        log->site[i].count++;
    return log->site[i].count;
}

/* Text may hold bytes the guest chose: a terminal must not obey them. */
static void defuse(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

void log_say(struct log *log, enum log_kind kind, const char *who, const char *format, ...)
{
    if (log->quiet[kind])
        return;
    u32 count = count_site(log, format);
    if (count > LOG_REPEAT_MAX)
        return;
    char text[LINE_MAX_BYTES];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    defuse(text);
    FILE *out = log->out ? log->out : stderr;
    fprintf(out, "pcemu: %s: %s: %s\n", kind_name[kind], who, text);
    if (count == LOG_REPEAT_MAX)
        fprintf(out, "pcemu: %s: %s: (no more lines like the last one)\n", kind_name[kind], who);
}
