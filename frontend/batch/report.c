/* report.c: what became of the runs of a batch: lines of the Test Anything Protocol, and JUnit's XML. */
#include "batch.h"

#include <stdlib.h>

#define TAIL_MAX 65536 /* bytes of a run's output that are shown */

static const struct {
    int status;
    const char *what;
} meanings[] = {
    { 0, "powered off, or all was seen" },
    { 2, "bad usage, or an unreadable file" },
    { 4, "triple fault" },
    { 6, "-timeout" },
    { 8, "a mistake in pcemu" },
    { 10, "closed" },
    { 12, "halted for ever" },
    { 14, "reset" },
    { 16, "signal" },
    { 18, "the host failed" },
    { 20, "not the recorded run" },
    { 22, "-insn-limit" },
    { 24, "a text was not sent" },
    { 26, "a text that must not come" },
    { 28, "a text was not on the screen" },
};

static const char *meaning(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (meanings[i].status == status)
            return meanings[i].what;
    return status > 128 && status % 2 == 0 ? "killed by a signal" : "isa-debug-exit";
}

bool batch_run_is_good(const struct batch_run *r)
{
    return r->state == BATCH_DONE && !r->late && r->status == r->expected;
}

/* "status 6 (-timeout), expected was 0". */
static void print_reason(const struct batch_run *r, FILE *out)
{
    if (r->state != BATCH_DONE)
        fputs("it was not run to its end", out);
    else if (r->late)
        fprintf(out, "it took longer than %.0f seconds and was ended", r->seconds);
    else
        fprintf(out, "status %d (%s), expected was %d", r->status, meaning(r->status), r->expected);
}

/* The end of a run's output, from the beginning of a line on; free() it. */
static char *read_tail(const struct batch_run *r, size_t *len)
{
    char *text = malloc(TAIL_MAX + 1);
    *len = 0;
    if (!text || !r->output || fseek(r->output, 0, SEEK_END) != 0)
        return text;
    long size = ftell(r->output), from = size > TAIL_MAX ? size - TAIL_MAX : 0;
    if (size < 0 || fseek(r->output, from, SEEK_SET) != 0)
        return text;
    *len = fread(text, 1, TAIL_MAX, r->output);
    char *start = from ? memchr(text, '\n', *len) : NULL;
    if (start) {
        *len -= (size_t)(start + 1 - text);
        memmove(text, start + 1, *len);
    }
    return text;
}

/* ---- the Test Anything Protocol ---- */

static void print_diagnosis(const struct batch_run *r, FILE *out)
{
    size_t len;
    char *text = read_tail(r, &len);
    fputs("# pcemu", out);
    for (unsigned i = 0; i < r->words; i++)
        fprintf(out, " %s", r->word[i]);
    fputs("\n# ", out);
    print_reason(r, out);
    fputc('\n', out);
    for (size_t i = 0; text && i < len; i++) {
        if (i == 0 || text[i - 1] == '\n')
            fputs("#   ", out);
        if (text[i] != '\r')
            fputc(text[i], out);
    }
    if (text && len && text[len - 1] != '\n')
        fputc('\n', out);
    free(text);
}

void batch_tap(const struct batch *b, unsigned run, FILE *out)
{
    const struct batch_run *r = &b->run[run];
    bool good = batch_run_is_good(r);
    fprintf(out, "%s %u - %s\n", good ? "ok" : "not ok", run + 1, r->name);
    if (!good)
        print_diagnosis(r, out);
}

/* ---- JUnit ---- */

/* How many bytes of a character of UTF-8 stand at `text`, of which `len` are left; 0: none that XML may hold. */
static size_t character(const u8 *text, size_t len)
{
    u8 c = text[0];
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (n == 1)
        return c >= ' ' || c == '\n' || c == '\t';
    for (size_t i = 1; i < n; i++)
        if (i >= len || (text[i] & 0xc0) != 0x80)
            return 0;
    bool surrogate = c == 0xed && text[1] >= 0xa0,
         too_long = (c == 0xe0 && text[1] < 0xa0) || (c == 0xf0 && text[1] < 0x90);
    bool beyond = c == 0xf4 && text[1] >= 0x90, none = c == 0xef && text[1] == 0xbf && text[2] >= 0xbe;
    return n == 0 || surrogate || too_long || beyond || none ? 0 : n;
}

static void put_xml(const char *text, size_t len, FILE *out)
{
    for (size_t i = 0; i < len;) {
        size_t n = character((const u8 *)text + i, len - i);
        if (n == 0 && text[i] != '\r')
            fputc('?', out);
        else if (text[i] == '<' || text[i] == '>' || text[i] == '&' || text[i] == '"')
            fprintf(out, "&#%d;", text[i]);
        else
            fwrite(text + i, 1, n, out);
        i += n ? n : 1;
    }
}

static void put_failure(const struct batch_run *r, FILE *out)
{
    size_t len;
    char *text = read_tail(r, &len);
    fputs("    <failure message=\"", out);
    print_reason(r, out);
    fputs("\">", out);
    if (text)
        put_xml(text, len, out);
    fputs("</failure>\n", out);
    free(text);
}

void batch_junit(const struct batch *b, double seconds, FILE *out)
{
    unsigned failures = 0;
    for (unsigned i = 0; i < b->runs; i++)
        failures += !batch_run_is_good(&b->run[i]);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"", out);
    put_xml(b->path, strlen(b->path), out);
    fprintf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" time=\"%.3f\">\n", b->runs, failures, seconds);
    for (unsigned i = 0; i < b->runs; i++) {
        const struct batch_run *r = &b->run[i];
        fputs("  <testcase classname=\"pcemu\" name=\"", out);
        put_xml(r->name, strlen(r->name), out);
        fprintf(out, "\" time=\"%.3f\">\n", r->seconds);
        if (!batch_run_is_good(r))
            put_failure(r, out);
        fputs("  </testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
}
