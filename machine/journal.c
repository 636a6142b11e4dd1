/* journal.c: see journal.h. */
#include "pc.h"

#include "debug.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define FIRST_ROOM 256
#define RATE_MAX (VTIME_ONE_NS << 20) /* far above what pace.c makes */

struct journal *journal_new(void)
{
    struct journal *j = calloc(1, sizeof *j);
    if (j)
        j->end_icount = UINT64_MAX;
    return j;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    free(j->event);
    free(j->net);
    free(j->data);
    free(j);
}

void journal_record(struct journal *j)
{
    j->events = j->next;
    j->nets = j->next_net;
    j->mode = JOURNAL_RECORD;
    j->end_icount = UINT64_MAX;
}

void journal_forget(struct machine *m)
{
    struct journal *j = m->journal;
    if (!j || j->mode == JOURNAL_OFF)
        return;
    j->mode = JOURNAL_RECORD;
    j->end_icount = UINT64_MAX;
    j->events = j->next = j->nets = j->next_net = j->data_len = 0;
    j->cut = true;
    m->muted = m->at_present = false;
}

/* ---- taking notes ---- */

/* Room for `more` elements behind `used` of them. */
static bool make_room(void **array, size_t *room, size_t used, size_t more, size_t size)
{
    if (more <= *room - used)
        return true;
    size_t want = *room ? *room : FIRST_ROOM;
    while (want - used < more) {
        if (want > SIZE_MAX / 2 / size)
            return false;
        want *= 2;
    }
    void *bigger = realloc(*array, want * size);
    if (!bigger)
        return false;
    *array = bigger;
    *room = want;
    return true;
}

static u64 keep_data(struct journal *j, const void *data, size_t len)
{
    u64 at = j->data_len;
    if (!len)
        return at;
    if (!make_room((void **)&j->data, &j->data_room, j->data_len, len, 1)) {
        j->failed = true;
        return at;
    }
    memcpy(j->data + at, data, len);
    j->data_len += len;
    return at;
}

static void note(struct machine *m, struct journal_event e, const void *data, size_t len)
{
    struct journal *j = m->journal;
    e.icount = machine_icount(m);
    e.now = machine_now_ns(m);
    e.halted = m->halted;
    e.data = keep_data(j, data, len);
    e.len = (u32)len;
    if (j->failed || !make_room((void **)&j->event, &j->event_room, j->events, 1, sizeof *j->event)) {
        j->failed = true;
        return;
    }
    j->event[j->events++] = e;
    j->next = j->events;
}

static bool input(struct machine *m, struct journal_event e, const void *data, size_t len)
{
    struct journal *j = m->journal;
    if (!j || j->mode == JOURNAL_OFF || j->applying)
        return true;
    if (j->mode == JOURNAL_REPLAY)
        return false;
    note(m, e, data, len);
    return true;
}

bool journal_input(struct machine *m, enum journal_kind kind, u64 a, u64 b, u64 c)
{
    return input(m, (struct journal_event){ .kind = (u8)kind, .a = a, .b = b, .c = c }, NULL, 0);
}

bool journal_input_data(struct machine *m, enum journal_kind kind, u64 a, u64 b, const void *data, size_t len)
{
    return input(m, (struct journal_event){ .kind = (u8)kind, .a = a, .b = b }, data, len);
}

void journal_note(struct machine *m, enum journal_kind kind, u64 a)
{
    if (m->journal && m->journal->mode == JOURNAL_RECORD)
        note(m, (struct journal_event){ .kind = (u8)kind, .a = a }, NULL, 0);
}

/* ---- giving them again ---- */

static size_t last_event(const struct journal *j)
{
    return j->end_icount == UINT64_MAX ? j->events : j->end_event;
}

static const struct journal_event *next_event(const struct machine *m)
{
    const struct journal *j = m->journal;
    return j && j->mode == JOURNAL_REPLAY && j->next < last_event(j) ? &j->event[j->next] : NULL;
}

/* Where the next thing happens that is no net answer. False: never. */
static bool next_place(const struct machine *m, u64 *icount, u64 *now, bool *halted)
{
    const struct journal_event *e = next_event(m);
    const struct journal *j = m->journal;
    if (!j || j->mode != JOURNAL_REPLAY || (!e && (j->searches || j->end_icount == UINT64_MAX)))
        return false;
    *icount = e ? e->icount : j->end_icount;
    *now = e ? e->now : j->end_now;
    *halted = e ? e->halted : j->end_halted;
    return true;
}

u64 journal_next_icount(const struct machine *m)
{
    u64 icount, now;
    bool halted;
    return next_place(m, &icount, &now, &halted) ? icount : UINT64_MAX;
}

u64 journal_next_now(const struct machine *m)
{
    u64 icount, now;
    bool halted;
    return next_place(m, &icount, &now, &halted) && icount == machine_icount(m) ? now : UINT64_MAX;
}

static void say_diverged(struct machine *m, const char *what)
{
    if (!m->journal->diverged)
        log_host(m->log, "replay", "%s at instruction %" PRIu64 ": not the recorded history", what, machine_icount(m));
    m->journal->diverged = true;
}

/* Is the machine at that place? A place that was missed counts, too: it will not come again. */
static bool is_here(struct machine *m, u64 icount, u64 now, bool halted)
{
    u64 at = machine_icount(m), ns = machine_now_ns(m);
    if (at < icount || (at == icount && ns < now))
        return false;
    if (at != icount || ns != now)
        say_diverged(m, "an input came too late");
    else if (halted && !m->halted)
        return false;
    return true;
}

static void apply_mouse(struct machine *m, const struct journal_event *e)
{
    int dz = (int)(u32)e->c;
    unsigned buttons = (unsigned)(e->c >> 32);
    if (e->kind == JOURNAL_MOUSE)
        machine_mouse(m, (int)(u32)e->a, (int)(u32)e->b, dz, buttons);
    else
        machine_pointer(m, (unsigned)e->a, (unsigned)e->b, dz, buttons);
}

static void apply_boot(struct machine *m, const struct journal_event *e)
{
    char order[8] = { 0 };
    memcpy(order, &e->a, sizeof e->a - 1);
    machine_set_boot_order(m, order);
}

static void apply_registers(struct machine *m, const struct journal_event *e)
{
    struct debug_registers r;
    if (e->len != sizeof r || e->a >= debug_cpus(m))
        return;
    memcpy(&r, m->journal->data + e->data, sizeof r);
    debug_set_registers(m, (unsigned)e->a, &r);
}

static void apply_write(struct machine *m, const struct journal_event *e)
{
    unsigned cpu = (unsigned)(u32)e->a;
    enum debug_space space = e->a >> 32 == DEBUG_LINEAR ? DEBUG_LINEAR : DEBUG_PHYSICAL;
    if (cpu < debug_cpus(m))
        debug_write(m, cpu, space, e->b, m->journal->data + e->data, e->len);
}

static void apply_change(struct machine *m, const struct journal_event *e)
{
    const struct journal *j = m->journal;
    char name[4096];
    snprintf(name, sizeof name, "%.*s", (int)e->len, e->len ? (const char *)j->data + e->data : "");
    if (!j->change || !j->change(j->change_self, (unsigned)e->a, name, e->b))
        say_diverged(m, "a medium could not be put in");
}

static unsigned port_size(u64 size)
{
    return size == 2 || size == 4 ? (unsigned)size : 1;
}

/* The host's side of a machine that is driven by the host's clock. A wait never passes a deadline. */
static void apply_time(struct machine *m, const struct journal_event *e)
{
    u64 now = machine_now_ns(m);
    if (e->kind == JOURNAL_RATE && e->a && e->a <= RATE_MAX)
        vtime_set_rate(&m->time, machine_icount(m), e->a);
    else if (e->kind == JOURNAL_SKIP && e->a >= now && e->a <= m->clock.next && e->a != CLOCK_NEVER)
        vtime_skip(&m->time, machine_icount(m), e->a);
    else
        say_diverged(m, "the clock is set");
}

static void apply_end(struct machine *m, const struct journal_event *e)
{
    m->journal->ended = true;
    m->journal->ended_hash = e->a;
}

static void apply_button(struct machine *m, const struct journal_event *e)
{
    if (e->kind == JOURNAL_POWER)
        machine_press_power(m);
    else if (e->kind == JOURNAL_NMI)
        machine_press_nmi(m);
    else if (e->kind == JOURNAL_RESET)
        machine_reset(m);
    else
        machine_wake(m);
}

static void apply_debug(struct machine *m, const struct journal_event *e)
{
    if (e->kind == JOURNAL_WRITE)
        apply_write(m, e);
    else if (e->kind == JOURNAL_SET_REGS)
        apply_registers(m, e);
    else if (e->kind == JOURNAL_IN)
        debug_port_read(m, (u16)e->a, port_size(e->b));
    else
        debug_port_write(m, (u16)e->a, (u32)e->c, port_size(e->b));
}

static void apply(struct machine *m, const struct journal_event *e)
{
    switch ((enum journal_kind)e->kind) {
    case JOURNAL_KEY:
        machine_key(m, (unsigned)e->a, e->b);
        break;
    case JOURNAL_MOUSE:
    case JOURNAL_POINTER:
        apply_mouse(m, e);
        break;
    case JOURNAL_SERIAL:
        machine_serial_receive(m, (u8)e->a);
        break;
    case JOURNAL_POWER:
    case JOURNAL_NMI:
    case JOURNAL_RESET:
    case JOURNAL_WAKE:
        apply_button(m, e);
        break;
    case JOURNAL_BOOT:
        apply_boot(m, e);
        break;
    case JOURNAL_LINK:
        machine_set_link(m, (unsigned)e->a, e->b);
        break;
    case JOURNAL_RATE:
    case JOURNAL_SKIP:
        apply_time(m, e);
        break;
    case JOURNAL_WRITE:
    case JOURNAL_SET_REGS:
    case JOURNAL_IN:
    case JOURNAL_OUT:
        apply_debug(m, e);
        break;
    case JOURNAL_EJECT:
        machine_eject(m, (unsigned)e->a, e->b);
        break;
    case JOURNAL_CHANGE:
        apply_change(m, e);
        break;
    case JOURNAL_END:
        apply_end(m, e);
        break;
    case JOURNAL_KINDS:
        break;
    }
}

void journal_missed(struct machine *m)
{
    struct journal *j = m->journal;
    say_diverged(m, "a processor does not wait");
    if (j->next < last_event(j)) {
        j->event[j->next].now = machine_now_ns(m);
        j->event[j->next].halted = false;
    } else {
        j->end_now = machine_now_ns(m);
        j->end_halted = false;
    }
}

static void come_to_present(struct machine *m)
{
    struct journal *j = m->journal;
    if (j->end_mode == JOURNAL_RECORD)
        journal_record(j);
    j->end_icount = UINT64_MAX;
    j->cut = false;
    m->muted = false;
    m->at_present = true;
}

bool journal_step(struct machine *m)
{
    struct journal *j = m->journal;
    u64 icount, now;
    bool halted;
    if (!next_place(m, &icount, &now, &halted) || !is_here(m, icount, now, halted))
        return false;
    if (j->next == last_event(j)) {
        come_to_present(m);
        return true;
    }
    struct journal_event e = j->event[j->next++];
    j->applying = true;
    apply(m, &e);
    j->applying = false;
    return true;
}

/* ---- gates ---- */

static void gate_write(void *self, u8 byte)
{
    struct journal_stream_gate *g = self;
    if (!g->machine->muted)
        char_write(&g->real, byte);
}

static void gate_stream(struct machine *m, struct char_backend *b, struct journal_stream_gate *g)
{
    *g = (struct journal_stream_gate){ m, *b };
    if (b->write)
        *b = (struct char_backend){ gate_write, g };
}

static void gate_send(void *self, u64 now, const u8 *frame, size_t len)
{
    struct journal_net_gate *g = self;
    if (!g->machine->journal || g->machine->journal->mode != JOURNAL_REPLAY)
        g->real.send(g->real.self, now, frame, len);
}

/* The answer that was given here before. */
static size_t repeat_answer(struct journal_net_gate *g, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct machine *m = g->machine;
    struct journal *j = m->journal;
    const struct journal_net *n = j->next_net < j->nets ? &j->net[j->next_net] : NULL;
    *again = UINT64_MAX;
    if (!n || n->icount != machine_icount(m) || n->now != now || n->card != g->card || n->len > room) {
        say_diverged(m, "the network is asked");
        return 0;
    }
    j->next_net++;
    if (n->len)
        memcpy(frame, j->data + n->data, n->len);
    *again = n->again;
    return n->len;
}

static size_t gate_receive(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct journal_net_gate *g = self;
    struct machine *m = g->machine;
    struct journal *j = m->journal;
    if (j && j->mode == JOURNAL_REPLAY)
        return repeat_answer(g, now, frame, room, again);
    size_t len = g->real.receive(g->real.self, now, frame, room, again);
    if (!j || j->mode != JOURNAL_RECORD)
        return len;
    struct journal_net n = { machine_icount(m), now, *again, keep_data(j, frame, len), (u32)len, g->card };
    if (j->failed || !make_room((void **)&j->net, &j->net_room, j->nets, 1, sizeof n)) {
        j->failed = true;
        return len;
    }
    j->net[j->nets++] = n;
    j->next_net = j->nets;
    return len;
}

static bool gate_waits(void *self)
{
    const struct journal_net_gate *g = self;
    const struct journal *j = g->machine->journal;
    return (!j || j->mode != JOURNAL_REPLAY) && g->real.waits_for_host && g->real.waits_for_host(g->real.self);
}

static void gate_net(struct machine *m, unsigned card)
{
    struct journal_net_gate *g = &m->net_gate[card];
    struct net_backend *b = &m->config.nic[card].net;
    *g = (struct journal_net_gate){ m, card, *b };
    if (b->send)
        *b = (struct net_backend){ gate_send, gate_receive, gate_waits, g };
}

void journal_gate(struct machine *m)
{
    gate_stream(m, &m->config.serial, &m->stream_gate[0]);
    gate_stream(m, &m->config.printer, &m->stream_gate[1]);
    gate_stream(m, &m->config.debugcon_out, &m->stream_gate[2]);
    for (unsigned i = 0; i < m->config.nics; i++)
        gate_net(m, i);
}
