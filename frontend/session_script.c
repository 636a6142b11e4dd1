/* session_script.c: a session's script (script.h): when its steps are done, and what is said where they could not be.
 * Every look at the guest is at a moment of the guest's: the machine stops at the instruction that sends the byte which
 * completes a text, and rings at frames and at the ends of waits. */
#include "session.h"

#include "probe.h"

#include <stdlib.h>

#define FRAME_NS 16666667u
#define PATIENCE_MAX 64 /* frames between two looks while the processor waits, and the picture can't change */
#define RETRY_NS 1000000u
#define KEY_HOLD_NS 20000000u
#define SCREEN_MAX (2 * MIB) /* above what the CRTC can show: 256 characters of 3 bytes, 2048 rows */
#define TAIL_MAX 4096        /* bytes of a port's output that are shown after a failure… */
#define TAIL_LINES 25        /* …and lines */

static const char *const place_name[] = { "serial port", "debug console", "screen" };

/* ---- the machine's side ---- */

static void gate_write(void *self, u8 byte)
{
    struct script_gate *g = self;
    char_write(&g->real, byte);
    if (script_take(&g->session->script.script, g->port, byte)) {
        g->session->script.stopped = true;
        machine_stop(g->session->machine);
    }
}

struct char_backend session_script_gate(struct session *s, enum script_place port, struct char_backend real)
{
    if (!s->script.active)
        return real;
    s->script.gate[port] = (struct script_gate){ s, port, real };
    return (struct char_backend){ gate_write, &s->script.gate[port] };
}

static enum probe_answer limit_reached(void *self, const struct probe_event *e)
{
    (void)e;
    ((struct script_run *)self)->limit_reached = true;
    return PROBE_STOP;
}

void session_script_init(struct session *s)
{
    const struct options *o = s->options;
    s->script.active = o->script.steps || o->script.bans;
    script_init(&s->script.script, &o->script);
}

bool session_script_open(struct session *s)
{
    u64 limit = s->options->insn_limit, now = machine_icount(s->machine);
    const struct probe p = { .kinds = BIT(PROBE_COUNT),
                             .first = limit > UINT64_MAX - now ? UINT64_MAX : now + limit,
                             .cpu = -1,
                             .event = limit_reached,
                             .self = &s->script };
    s->script.next = UINT64_MAX;
    if (s->script.active || s->options->screen_text)
        s->script.screen = malloc(SCREEN_MAX);
    if (((s->script.active || s->options->screen_text) && !s->script.screen) ||
        (limit && machine_probe_add(s->machine, &p) < 0)) {
        fputs("pcemu: no memory\n", stderr);
        return false;
    }
    return true;
}

void session_script_close(struct session *s)
{
    free(s->script.screen);
}

bool session_script_stopped(struct session *s)
{
    bool stopped = s->script.stopped || s->script.limit_reached;
    s->script.stopped = false;
    return stopped;
}

/* ---- steps ---- */

static void look_again(struct script_run *r, u64 ns)
{
    if (ns < r->next)
        r->next = ns;
}

/* At whole frames, and less often while the processor has run nothing in between. */
static bool frame_is_due(struct session *s, u64 now)
{
    struct script_run *r = &s->script;
    u64 icount = machine_icount(s->machine);
    bool due = now >= r->next_frame || r->next_frame > now + PATIENCE_MAX * FRAME_NS; /* time went back: loadvm */
    if (due) {
        r->patience = icount != r->frame_icount || !r->patience ? 1
                      : r->patience < PATIENCE_MAX              ? r->patience * 2
                                                                : PATIENCE_MAX;
        r->frame_icount = icount;
        r->next_frame = (now / FRAME_NS + r->patience) * FRAME_NS;
    }
    look_again(r, r->next_frame);
    return due;
}

static const char *screen_text(struct session *s)
{
    machine_text(s->machine, s->script.screen, SCREEN_MAX);
    return s->script.screen;
}

/* Done when the last key goes down: what it brings about need not wait for it to come up. */
static bool typed(struct session *s)
{
    struct script_run *r = &s->script;
    u16 keys[SCRIPT_CHORD_MAX];
    if (s->control.keys.count)
        return false;
    unsigned n = script_next_key(&r->left, keys);
    key_player_add(&s->control.keys, keys, n, KEY_HOLD_NS);
    return !*r->left;
}

static bool sent(struct session *s, u64 now)
{
    struct script_run *r = &s->script;
    while (now >= r->step_ns && *r->left && machine_serial_ready(s->machine))
        machine_serial_receive(s->machine, (u8)*r->left++);
    if (!*r->left)
        return true;
    if (now >= r->step_ns)
        r->step_ns = now + RETRY_NS;
    look_again(r, r->step_ns);
    return false;
}

static bool waited(struct script_run *r, u64 now)
{
    if (now >= r->step_ns)
        return true;
    look_again(r, r->step_ns);
    return false;
}

static void begin_step(struct script_run *r, const struct script_step *step, u64 now)
{
    r->left = step->text;
    r->step_ns = now + step->ns;
    r->begun = true;
}

static bool step_is_done(struct session *s, const struct script_step *step, u64 now, bool frame)
{
    struct script_run *r = &s->script;
    if (!r->begun)
        begin_step(r, step, now);
    switch (step->kind) {
    case SCRIPT_TYPE:
        return typed(s);
    case SCRIPT_SEND:
        return sent(s, now);
    case SCRIPT_WAIT:
        return waited(r, now);
    case SCRIPT_EXPECT:
        break;
    }
    if (step->place == SCRIPT_SCREEN)
        return frame && script_screen_matches(&r->script, screen_text(s));
    return script_port_matches(&r->script);
}

static void do_steps(struct session *s, bool frame)
{
    struct script_run *r = &s->script;
    u64 now = machine_now_ns(s->machine);
    for (const struct script_step *step; (step = script_step(&r->script)) && step_is_done(s, step, now, frame);) {
        script_advance(&r->script);
        r->begun = false;
    }
}

/* The last look may come between two frames. */
static void look(struct session *s, bool last)
{
    struct script_run *r = &s->script;
    bool wants = script_wants_screen(&r->script),
         frame = wants && (last || frame_is_due(s, machine_now_ns(s->machine)));
    if (frame)
        script_check_screen(&r->script, screen_text(s));
    if (!r->script.seen)
        do_steps(s, frame);
}

u64 session_script_poll(struct session *s)
{
    struct script_run *r = &s->script;
    r->next = UINT64_MAX;
    if (r->active && !s->control.paused)
        look(s, false);
    return r->next;
}

bool session_script_types(const struct session *s)
{
    const struct script_step *step = script_step(&s->script.script);
    return step && step->kind == SCRIPT_TYPE && !s->control.paused && !s->script.script.seen;
}

bool session_script_ended(const struct session *s)
{
    const struct script_run *r = &s->script;
    return r->limit_reached || (r->active && (r->script.seen || script_is_over(&r->script)));
}

/* ---- how it ended ---- */

/* The last lines of a text, each with a mark before it; bytes that are no text as '?'. */
static void print_tail(const char *what, const u8 *text, size_t len)
{
    size_t from = len, lines = 0;
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r' || text[len - 1] == ' '))
        len--;
    for (from = len; from; from--)
        if (text[from - 1] == '\n' && ++lines == TAIL_LINES)
            break;
    fprintf(stderr, "pcemu: %s%s\n", what, len ? ":" : ": nothing");
    for (bool start = true; from < len; from++) {
        u8 c = text[from];
        if (c == '\r')
            continue;
        if (start)
            fputs("  | ", stderr);
        start = c == '\n';
        fputc(c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f) ? c : '?', stderr);
    }
    if (len)
        fputc('\n', stderr);
}

static void print_port(const struct session *s, enum script_place port, const char *what)
{
    u8 tail[TAIL_MAX];
    print_tail(what, tail, script_tail(&s->script.script, port, tail, sizeof tail));
}

static void print_what_was_there(struct session *s)
{
    const struct options *o = s->options;
    bool console = script_wants_port(&o->script, SCRIPT_DEBUGCON);
    if (s->script.active && s->serial_option.kind != STREAM_STDIO)
        print_port(s, SCRIPT_SERIAL, "the end of the serial output");
    if (console && o->debugcon.kind != STREAM_STDIO)
        print_port(s, SCRIPT_DEBUGCON, "the end of the debug console's output");
    if (s->script.screen) {
        const char *text = screen_text(s);
        print_tail("the screen", (const u8 *)text, strlen(text));
    }
}

/* The first text that did not come; NULL: all did. */
static const struct script_step *missing(const struct session *s, unsigned *others)
{
    const struct script_option *o = &s->options->script;
    const struct script_step *first = NULL;
    *others = 0;
    for (unsigned i = s->script.script.now; i < o->steps; i++) {
        if (o->step[i].kind != SCRIPT_EXPECT)
            continue;
        *others += first != NULL;
        first = first ? first : &o->step[i];
    }
    return first;
}

static int say_missing(const struct session *s, int status, bool guests_end)
{
    unsigned others;
    char more[48] = "";
    const struct script_step *step = missing(s, &others);
    if (!step)
        return status;
    if (others)
        snprintf(more, sizeof more, ", nor %u more that should follow", others);
    fprintf(stderr, "pcemu: the text '%s' was not seen on the %s%s\n", step->text, place_name[step->place], more);
    if (!guests_end)
        return status;
    return step->place == SCRIPT_SCREEN ? STATUS_NOT_SHOWN : STATUS_NOT_SENT;
}

/* What is said next begins a line, whatever the guest has sent to the same terminal. */
static void begin_line(struct session *s)
{
    u8 last = '\n';
    script_tail(&s->script.script, SCRIPT_SERIAL, &last, 1);
    stream_flush(&s->serial);
    if (s->serial_option.kind == STREAM_STDIO && last != '\n')
        fputc('\n', stderr);
}

static int script_status(struct session *s, int status)
{
    struct script_run *r = &s->script;
    bool guests_end = status == STATUS_POWERED_OFF || status == STATUS_RESET || status % 2;
    if (!r->active)
        return status;
    if (!r->script.seen && !script_is_over(&r->script))
        look(s, true);
    if (!r->script.seen && script_is_over(&r->script))
        return guests_end ? STATUS_POWERED_OFF : status;
    begin_line(s);
    if (!r->script.seen)
        return say_missing(s, status, guests_end);
    char what[SCRIPT_TEXT_MAX + 64];
    snprintf(what, sizeof what, "the text '%s' was seen on the %s", r->script.seen->text,
             place_name[r->script.seen->place]);
    session_say_end(s, what);
    return STATUS_FAIL_TEXT;
}

int session_script_status(struct session *s, int status)
{
    bool over = s->script.active && script_is_over(&s->script.script);
    if (s->script.limit_reached && status == STATUS_POWERED_OFF && !over) {
        session_say_end(s, "the limit");
        status = STATUS_INSN_LIMIT;
    }
    bool user = status == STATUS_CLOSED || status == STATUS_SIGNAL || status == STATUS_HOST;
    if (!user)
        status = script_status(s, status);
    if (status && status % 2 == 0 && !user)
        print_what_was_there(s);
    return status;
}
