/* replay.c: see replay.h. The payload:
 *
 *     RPLY  the machine's description (length, text); 8 bytes each: seed, clock chip's start, time-out, clock, shift,
 *           -no-reboot, the machine's hash at the start; numbers of events and net answers, bytes of data
 *     …     events: 8 bytes each icount, time, a, b, c, place of data; 4 bytes length of data, kind, halted
 *     …     net answers: 8 bytes each icount, time, again, place of data; 4 bytes length of data, card
 *     …     data
 *
 * All is checked as it is read: kinds, places of data, numbers of cards; what an input does with its numbers, its
 * function checks as for any other caller. */
#include "pc.h"
#include "replay.h"

#include <stdlib.h>

#define TAG "RPLY"
#define EVENTS_MAX ((u64)1 << 32)
#define DATA_MAX (64 * GIB)
#define EVENT_BYTES 60u
#define NET_BYTES 40u

enum {
    START_SEED,
    START_RTC,
    START_TIMEOUT,
    START_CLOCK,
    START_SHIFT,
    START_NO_REBOOT,
    START_HASH,
    EVENTS,
    NETS,
    DATA,
    WORDS
};

struct replay {
    char *description;
    u64 word[WORDS];
    struct journal *journal;
};

static bool refuse(char *why, const char *text)
{
    snprintf(why, SNAPSHOT_WHY_MAX, "%s", text);
    return false;
}

/* ---- recording ---- */

bool machine_record(struct machine *m)
{
    if (!m->journal)
        m->journal = journal_new();
    if (!m->journal)
        return false;
    m->journal->mode = JOURNAL_RECORD;
    m->journal->start_hash = machine_hash(m);
    return true;
}

static bool put_event(struct snapshot_writer *w, const struct journal_event *e)
{
    u8 b[EVENT_BYTES];
    const u64 word[] = { e->icount, e->now, e->a, e->b, e->c, e->data };
    for (unsigned i = 0; i < ARRAY_LEN(word); i++)
        put_le64(b + 8 * i, word[i]);
    put_le32(b + 48, e->len);
    put_le32(b + 52, e->kind);
    put_le32(b + 56, e->halted);
    return snapshot_put(w, b, sizeof b);
}

static bool put_net(struct snapshot_writer *w, const struct journal_net *n)
{
    u8 b[NET_BYTES];
    const u64 word[] = { n->icount, n->now, n->again, n->data };
    for (unsigned i = 0; i < ARRAY_LEN(word); i++)
        put_le64(b + 8 * i, word[i]);
    put_le32(b + 32, n->len);
    put_le32(b + 36, n->card);
    return snapshot_put(w, b, sizeof b);
}

static bool put_journal(struct snapshot_writer *w, const struct journal *j)
{
    bool ok = true;
    for (size_t i = 0; ok && i < j->events; i++)
        ok = put_event(w, &j->event[i]);
    for (size_t i = 0; ok && i < j->nets; i++)
        ok = put_net(w, &j->net[i]);
    return ok && snapshot_put(w, j->data, j->data_len);
}

bool machine_record_end(struct machine *m, struct snapshot_writer *w)
{
    struct journal *j = m->journal;
    const struct machine_config *c = &m->config;
    journal_note(m, JOURNAL_END, machine_hash(m));
    j->mode = JOURNAL_OFF;
    const u64 word[WORDS] = {
        c->seed,      (u64)c->rtc_start, c->timeout_ns, c->clock, c->icount_shift,
        c->no_reboot, j->start_hash,     j->events,     j->nets,  j->data_len,
    };
    size_t len;
    u8 b[8 * WORDS];
    char *text = machine_description(m, &len);
    for (unsigned i = 0; i < WORDS; i++)
        put_le64(b + 8 * i, word[i]);
    bool ok = text && !j->failed && snapshot_put_block(w, TAG, text, len) && snapshot_put(w, b, sizeof b) &&
              put_journal(w, j);
    free(text);
    return ok;
}

/* ---- reading ---- */

static bool take_event(struct snapshot_reader *r, struct journal_event *e, u64 data_len)
{
    u8 b[EVENT_BYTES];
    if (!snapshot_take(r, b, sizeof b))
        return false;
    u32 kind = get_le32(b + 52);
    *e = (struct journal_event){ .icount = get_le64(b),
                                 .now = get_le64(b + 8),
                                 .a = get_le64(b + 16),
                                 .b = get_le64(b + 24),
                                 .c = get_le64(b + 32),
                                 .data = get_le64(b + 40),
                                 .len = get_le32(b + 48),
                                 .kind = (u8)kind,
                                 .halted = get_le32(b + 56) != 0 };
    return kind < JOURNAL_KINDS && e->data <= data_len && e->len <= data_len - e->data;
}

static bool take_net(struct snapshot_reader *r, struct journal_net *n, u64 data_len)
{
    u8 b[NET_BYTES];
    if (!snapshot_take(r, b, sizeof b))
        return false;
    *n = (struct journal_net){ .icount = get_le64(b),
                               .now = get_le64(b + 8),
                               .again = get_le64(b + 16),
                               .data = get_le64(b + 24),
                               .len = get_le32(b + 32),
                               .card = get_le32(b + 36) };
    return n->card < MACHINE_NICS && n->data <= data_len && n->len <= data_len - n->data;
}

/* Arrays as long as the file really is: a number that lies runs into the payload's end. */
static bool take_journal(struct snapshot_reader *r, struct journal *j, const u64 *word)
{
    if (word[EVENTS] > EVENTS_MAX || word[NETS] > EVENTS_MAX || word[DATA] > DATA_MAX)
        return false;
    if (word[EVENTS] * EVENT_BYTES + word[NETS] * NET_BYTES + word[DATA] != snapshot_left(r))
        return false;
    j->event = malloc(word[EVENTS] * sizeof *j->event + 1);
    j->net = malloc(word[NETS] * sizeof *j->net + 1);
    j->data = malloc(word[DATA] + 1);
    bool ok = j->event && j->net && j->data;
    for (; ok && j->events < word[EVENTS]; j->events++)
        ok = take_event(r, &j->event[j->events], word[DATA]);
    for (; ok && j->nets < word[NETS]; j->nets++)
        ok = take_net(r, &j->net[j->nets], word[DATA]);
    j->data_len = word[DATA];
    return ok && snapshot_take(r, j->data, word[DATA]) && snapshot_at_end(r);
}

static bool words_ok(const u64 *word)
{
    return word[START_CLOCK] <= MACHINE_CLOCK_HOST && word[START_SHIFT] <= MACHINE_SHIFT_MAX &&
           word[START_NO_REBOOT] <= 1;
}

static bool take_all(struct replay *p, struct snapshot_reader *r)
{
    u8 b[8 * WORDS];
    size_t len;
    p->journal = journal_new();
    p->description = (char *)snapshot_take_block(r, TAG, SNAPSHOT_DESCRIPTION_MAX, &len);
    if (!p->journal || !p->description || !snapshot_take(r, b, sizeof b))
        return false;
    for (unsigned i = 0; i < WORDS; i++)
        p->word[i] = get_le64(b + 8 * i);
    return words_ok(p->word) && take_journal(r, p->journal, p->word);
}

struct replay *replay_open(const u8 *file, size_t len, char *why)
{
    struct replay *p = calloc(1, sizeof *p);
    struct snapshot_reader *r = p ? snapshot_open(file, len) : NULL;
    bool ok = r && take_all(p, r);
    snapshot_close(r);
    if (ok)
        return p;
    refuse(why, r ? "not a recording, or of another version of pcemu" : "no memory");
    replay_close(p);
    return NULL;
}

void replay_close(struct replay *r)
{
    if (!r)
        return;
    journal_free(r->journal);
    free(r->description);
    free(r);
}

struct replay_start replay_start(const struct replay *r)
{
    return (struct replay_start){ .seed = r->word[START_SEED],
                                  .rtc_start = (s64)r->word[START_RTC],
                                  .timeout_ns = r->word[START_TIMEOUT],
                                  .clock = (enum machine_clock)r->word[START_CLOCK],
                                  .icount_shift = (unsigned)r->word[START_SHIFT],
                                  .no_reboot = r->word[START_NO_REBOOT] != 0 };
}

/* ---- the same run again ---- */

bool machine_replay(struct machine *m, struct replay *r,
                    bool (*change)(void *self, unsigned drive, const char *name, bool force), void *self, char *why)
{
    size_t len;
    char *ours = machine_description(m, &len);
    bool ok = ours ? snapshot_same_machine(r->description, ours, why) : refuse(why, "no memory");
    free(ours);
    if (!ok)
        return false;
    if (machine_hash(m) != r->word[START_HASH])
        return refuse(why, "the recording began in another state; give the same -loadvm, or none");
    journal_free(m->journal);
    m->journal = r->journal;
    r->journal = NULL;
    m->journal->mode = JOURNAL_REPLAY;
    m->journal->change = change;
    m->journal->change_self = self;
    return true;
}

enum machine_replay machine_replay_state(struct machine *m)
{
    const struct journal *j = m->journal;
    if (!journal_replays(m) || j->end_icount != UINT64_MAX)
        return MACHINE_REPLAY_NONE;
    if (j->diverged || (!j->ended && j->next == j->events))
        return MACHINE_REPLAY_DIVERGED;
    if (!j->ended)
        return MACHINE_REPLAY_RUNS;
    return machine_hash(m) == j->ended_hash ? MACHINE_REPLAY_SAME : MACHINE_REPLAY_DIVERGED;
}
