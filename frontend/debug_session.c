/* debug_session.c: the debugger's end in the session: its prompt, edited by libedit where pcemu was built with it, the
 * commands of -x and -ex, and the slices that the machine runs between two of them. */
#define _GNU_SOURCE
#include "session.h"

#include "debugger.h"
#include "screen.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define PROMPT "(pcemu) "
#define LINE_SIZE 1024
#define COMPLETIONS_MAX 512
#define DRAW_NS 100000000u

struct debug_session {
    struct session *session;
    struct debugger debugger;
    struct screen *screen; /* NULL: the layout is off */
    u64 drawn;             /* host time, ns */
    bool interrupted, hung_up;
};

/* ---- what the debugger borrows ---- */

/* Ctrl-C is for the debugger; the other signals end the run. */
static void take_signals(struct debug_session *ds)
{
    struct signalfd_siginfo info;
    while (read(ds->session->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo == SIGINT)
            ds->interrupted = true;
        else
            ds->hung_up = ds->debugger.quit = ds->interrupted = true;
}

/* While the machine runs, the layout is drawn anew ten times a second. */
static void draw_sometimes(struct debug_session *ds)
{
    struct timespec t;
    if (!ds->screen)
        return;
    clock_gettime(CLOCK_MONOTONIC, &t);
    u64 now = (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
    if (now - ds->drawn < DRAW_NS)
        return;
    ds->drawn = now;
    screen_draw(ds->screen);
}

static enum machine_status run(void *self)
{
    struct debug_session *ds = self;
    take_signals(ds);
    draw_sometimes(ds);
    return session_slice(ds->session);
}

static bool interrupted(void *self)
{
    struct debug_session *ds = self;
    take_signals(ds);
    bool was = ds->interrupted;
    ds->interrupted = false;
    return was;
}

/* ---- the layout ---- */

static void command_on_screen(struct debug_session *ds, const char *line)
{
    char *text = NULL;
    size_t len = 0;
    FILE *was = ds->debugger.out, *out = open_memstream(&text, &len);
    if (!out)
        return;
    fprintf(out, "(pcemu) %s\n", line);
    ds->debugger.out = out;
    debugger_command(&ds->debugger, line);
    ds->debugger.out = was;
    if (fclose(out) == 0)
        screen_print(ds->screen, text, len);
    free(text);
}

static ssize_t log_on_screen(void *self, const char *text, size_t len)
{
    struct debug_session *ds = self;
    screen_print(ds->screen, text, len);
    return (ssize_t)len;
}

/* What the machine's log would write across the screen comes among what the commands print. Returns where it was. */
static FILE *take_log(struct debug_session *ds)
{
    struct log *log = &ds->session->log;
    FILE *was = log->out, *on_screen = NULL;
    if (!was || was == stderr)
        on_screen = fopencookie(ds, "w", (cookie_io_functions_t){ .write = log_on_screen });
    if (on_screen) {
        setvbuf(on_screen, NULL, _IOLBF, BUFSIZ);
        log->out = on_screen;
    }
    return was;
}

static void give_log_back(struct debug_session *ds, FILE *was)
{
    FILE *out = ds->session->log.out;
    ds->session->log.out = was;
    if (out != was)
        fclose(out);
}

/* Until `layout off`, or the end. */
static void run_layout(struct debug_session *ds)
{
    const char *line;
    u8 byte;
    ds->screen = screen_open(&ds->debugger);
    if (!ds->screen) {
        ds->debugger.layout = false;
        return;
    }
    FILE *log = take_log(ds);
    while (ds->debugger.layout && !ds->debugger.quit) {
        screen_draw(ds->screen);
        if (read(STDIN_FILENO, &byte, 1) != 1)
            ds->debugger.quit = true;
        else if (screen_type(ds->screen, byte, &line))
            command_on_screen(ds, line);
    }
    give_log_back(ds, log);
    screen_close(ds->screen);
    ds->screen = NULL;
}

/* ---- the prompt ---- */

/* Where there is nothing to edit lines with. */
static void plain_lines(struct debug_session *ds)
{
    char line[LINE_SIZE];
    while (!ds->debugger.quit) {
        if (ds->debugger.layout) {
            run_layout(ds);
            continue;
        }
        fputs(PROMPT, stdout);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            break;
        debugger_command(&ds->debugger, line);
    }
}

#ifdef HAVE_LIBEDIT
#include "library.h"

#include <histedit.h>

static char *prompt(EditLine *e)
{
    (void)e;
    return (char *)(uintptr_t)PROMPT; /* which libedit only reads */
}

/* What all of them begin with, beyond what was typed. */
static size_t common_length(const char *const *words, size_t count)
{
    size_t len = strlen(words[0]);
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < len; k++)
            if (words[i][k] != words[0][k])
                len = k;
    return len;
}

static unsigned char complete(EditLine *e, int key)
{
    struct debug_session *ds;
    const char *words[COMPLETIONS_MAX];
    char more[256];
    size_t typed;
    const LineInfo *line = el_line(e);
    (void)key;
    el_get(e, EL_CLIENTDATA, &ds);
    size_t count = debugger_complete(&ds->debugger, line->buffer, (size_t)(line->cursor - line->buffer), words,
                                     COMPLETIONS_MAX, &typed);
    if (!count)
        return CC_REFRESH_BEEP;
    size_t common = common_length(words, count);
    snprintf(more, sizeof more, "%.*s%s", (int)(common - typed), words[0] + typed, count == 1 ? " " : "");
    if (*more)
        el_insertstr(e, more);
    if (*more || count == 1)
        return CC_REFRESH;
    fputc('\n', stdout);
    for (size_t i = 0; i < count; i++)
        printf("%s%s", words[i], i % 6 == 5 || i + 1 == count ? "\n" : "  ");
    return CC_REDISPLAY;
}

static EditLine *open_editor(struct debug_session *ds, History **past)
{
    HistEvent event;
    EditLine *e = el_init("pcemu", stdin, stdout, stderr);
    *past = history_init();
    if (!e || !*past)
        return e;
    history(*past, &event, H_SETSIZE, 1000);
    history(*past, &event, H_SETUNIQUE, 1);
    el_set(e, EL_PROMPT, prompt);
    el_set(e, EL_EDITOR, "emacs");
    el_set(e, EL_HIST, history, *past);
    el_set(e, EL_CLIENTDATA, ds);
    el_set(e, EL_ADDFN, "pcemu-complete", "Complete the word", complete);
    el_set(e, EL_BIND, "^I", "pcemu-complete", NULL);
    el_set(e, EL_BIND, "^R", "em-inc-search-prev", NULL);
    return e;
}

static void edit_lines(struct debug_session *ds)
{
    History *past;
    HistEvent event;
    const char *line;
    int len;
    const char *why = library_load(&library_edit);
    if (why) {
        fprintf(stderr, "pcemu: lines can't be edited: %s\n", why);
        plain_lines(ds);
        return;
    }
    EditLine *e = open_editor(ds, &past);
    while (e && !ds->debugger.quit) {
        char copy[LINE_SIZE];
        if (ds->debugger.layout) {
            run_layout(ds);
            continue;
        }
        if (!(line = el_gets(e, &len)) || len <= 0)
            break;
        snprintf(copy, sizeof copy, "%s", line);
        if (past && copy[strspn(copy, " \t\r\n")])
            history(past, &event, H_ENTER, copy);
        debugger_command(&ds->debugger, copy);
    }
    if (past)
        history_end(past);
    if (e)
        el_end(e);
}

#else

static void edit_lines(struct debug_session *ds)
{
    plain_lines(ds);
}

#endif

static void read_lines(struct debug_session *ds)
{
    char line[LINE_SIZE];
    while (!ds->debugger.quit && fgets(line, sizeof line, stdin))
        debugger_command(&ds->debugger, line);
}

static void take_lines(struct debug_session *ds)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        edit_lines(ds);
    else
        read_lines(ds);
}

/* -x and -ex, in the order in which they were given. */
static void run_scripts(struct debug_session *ds)
{
    const struct options *o = ds->session->options;
    for (unsigned i = 0; i < o->debug_commands && !ds->debugger.quit; i++)
        if (o->debug_command[i].file)
            debugger_source(&ds->debugger, o->debug_command[i].text);
        else
            debugger_command(&ds->debugger, o->debug_command[i].text);
}

int session_debug(struct session *s)
{
    struct debug_session *ds = calloc(1, sizeof *ds);
    struct debugger_host host = { .self = ds, .run = run, .interrupted = interrupted };
    if (!ds)
        return STATUS_HOST;
    ds->session = s;
    session_record(s);
    host.timeline = s->timeline;
    int status = STATUS_HOST;
    if (debugger_init(&ds->debugger, &s->control, &host, stdout)) {
        ds->debugger.batch = s->options->batch;
        ds->debugger.has_terminal =
            screen_available() && !s->options->batch && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
        debugger_where(&ds->debugger);
        run_scripts(ds);
        if (!s->options->batch)
            take_lines(ds);
        bool failed = s->options->batch && ds->debugger.failed;
        status = ds->hung_up ? STATUS_SIGNAL : failed ? STATUS_USAGE : STATUS_POWERED_OFF;
        debugger_free(&ds->debugger);
    }
    free(ds);
    return status;
}
