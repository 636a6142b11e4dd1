#include "tally.h"
#include "gen.h"

#include <sys/mman.h>

struct tally *tally_new(void)
{
    void *p = mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void tally_free(struct tally *t)
{
    munmap(t, sizeof *t);
}

static void tally_insn(struct tally *t, const struct program *p, unsigned i, bool faulted)
{
    t->executions++;
    if (p->row[i] == NO_ROW || (p->changed & BIT(i)))
        return;
    struct count *c = &t->count[p->row[i]][mode_index(p->mode)];
    c->runs++;
    c->faults += faulted;
    for (unsigned f = 0; f < FORMS; f++)
        c->form[f] += p->form[i] >> f & 1;
}

void tally_trial(struct tally *t, const struct trial *trial, const struct state *host)
{
    const struct program *p = &trial->p;
    int at = is_exception(host->vector) ? program_index(p, host->rip + sel_base(host->sel[CS])) : -1;
    bool branched = false;
    t->trials++;
    for (unsigned i = 0; i < p->n && !branched; i++) {
        bool fault = (int)i == at;
        tally_insn(t, p, i, fault);
        if (fault)
            return;
        branched = p->row[i] == NO_ROW ? false : row_branches(&cpu_rows[p->row[i]]);
    }
}

void tally_add(struct tally *to, const struct tally *from)
{
    to->trials += from->trials;
    to->executions += from->executions;
    to->aside += from->aside;
    to->unsteady += from->unsteady;
    to->differences += from->differences;
    to->crashes += from->crashes;
    for (unsigned i = 0; i < ROWS_MAX; i++) {
        to->differences_of[i] += from->differences_of[i];
        for (unsigned m = 0; m < 3; m++) {
            struct count *c = &to->count[i][m];
            const struct count *add = &from->count[i][m];
            c->runs += add->runs;
            c->faults += add->faults;
            for (unsigned f = 0; f < FORMS; f++)
                c->form[f] += add->form[f];
        }
    }
}
