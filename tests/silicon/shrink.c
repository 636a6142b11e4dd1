#include "emulator.h"
#include "pair.h"
#include "work.h"

#define TRIES_MAX 20000u
#define TRIES_SECONDS 10

struct shrinker {
    struct pair *p;
    struct trial *best;
    struct trial next;
    const char *what;
    unsigned tries;
    double until;
    bool gained;
};

/* Keeps `next` where it still shows the difference. */
static bool keep(struct shrinker *k)
{
    if (!memcmp(&k->next, k->best, sizeof k->next) || k->tries++ >= TRIES_MAX || work_clock() > k->until)
        return false;
    bool good = pair_run(k->p, &k->next) == DIFFERENT && !strcmp(k->p->what, k->what);
    if (good) {
        *k->best = k->next;
        k->gained = true;
    }
    k->next = *k->best;
    return good;
}

static void drop_insn(struct program *p, unsigned i)
{
    unsigned at = p->start[i], n = p->start[i + 1] - at;
    memmove(p->bytes + at, p->bytes + at + n, PROGRAM_BYTES - at - n);
    for (unsigned k = i; k + 1 <= p->n; k++)
        p->start[k] = (u16)(p->start[k + 1] - n);
    for (unsigned k = i; k + 1 < p->n; k++) {
        p->row[k] = p->row[k + 1];
        p->form[k] = p->form[k + 1];
    }
    p->changed = 0;
    p->len -= n;
    p->n--;
}

static void blank_insn(struct program *p, unsigned i)
{
    memset(p->bytes + p->start[i], 0x90, p->start[i + 1] - p->start[i]);
    p->row[i] = NO_ROW;
}

static void shrink_program(struct shrinker *k)
{
    for (unsigned i = k->best->p.n; i-- > 0;) {
        if (k->best->p.n > 1) {
            drop_insn(&k->next.p, i);
            if (keep(k))
                continue;
        }
        blank_insn(&k->next.p, i);
        keep(k);
    }
}

/* Bytes to what they are by default, in halves of halves. */
static void shrink_bytes(struct shrinker *k, void *best, void *next, const void *simple, size_t n)
{
    if (!memcmp(best, simple, n))
        return;
    memcpy(next, simple, n);
    if (keep(k) || n == 1)
        return;
    size_t half = (n + 1) / 2;
    shrink_bytes(k, best, next, simple, half);
    shrink_bytes(k, (u8 *)best + half, (u8 *)next + half, (const u8 *)simple + half, n - half);
}

#define SHRINK(field) shrink_bytes(k, &k->best->field, &k->next.field, &simple->field, sizeof simple->field)

static void shrink_state(struct shrinker *k, const struct trial *simple)
{
    SHRINK(data);
    for (unsigned i = 0; i < 16; i++)
        SHRINK(s.r[i]);
    SHRINK(s.flags);
    for (unsigned i = 0; i < SEG_COUNT; i++)
        if (i != CS) {
            k->next.s.sel[i] = simple->s.sel[i];
            keep(k);
        }
    SHRINK(s.fs_base);
    SHRINK(s.gs_base);
    for (unsigned at = FX_XMM_AT; at < FX_XMM_AT + FX_XMM_BYTES; at += 16)
        shrink_bytes(k, k->best->s.fx + at, k->next.s.fx + at, simple->s.fx + at, 16);
    for (unsigned i = 0; i < 16; i++)
        SHRINK(s.ymm[i]);
    for (unsigned at = 32; at < FX_XMM_AT; at += 16)
        shrink_bytes(k, k->best->s.fx + at, k->next.s.fx + at, simple->s.fx + at, 10);
    for (unsigned at = 0; at < 32; at += 2)
        shrink_bytes(k, k->best->s.fx + at, k->next.s.fx + at, simple->s.fx + at, 2);
}

void shrink(struct pair *p, struct trial *t)
{
    struct trial simple;
    struct shrinker k = {
        .p = p, .best = t, .next = *t, .what = p->what, .until = work_clock() + TRIES_SECONDS, .gained = true
    };
    replay_default(&simple, t->p.mode);
    while (k.gained && k.tries < TRIES_MAX && work_clock() < k.until) {
        k.gained = false;
        shrink_program(&k);
        shrink_state(&k, &simple);
    }
    pair_run(p, t);
}
