#include "pair.h"
#include "emulator.h"
#include "gen.h"

#define VSYSCALL_PAGE 0xffffffffff600u

/* It came to the exit in another code size, for which it is not made. */
static bool is_exit(const struct state *s)
{
    return s->vector != NO_VECTOR && s->rip - EXIT_AT < PAGE_SIZE;
}

enum verdict pair_run(struct pair *p, const struct trial *t)
{
    u8 image[MEM_CODE_SIZE];
    program_image(&t->p, t->s.sel[CS], image);
    emulator_run(p->b, t, image, BUDGET, &p->emulator);
    host_run(t, image, p->emulator.s.endless, &p->host);
    if (p->emulator.s.endless && !p->host.s.endless)
        emulator_run(p->b, t, image, BUDGET_LONG, &p->emulator);
    p->what = NULL;
    if (p->host.s.vector == SYSCALL_VECTOR || (p->host.s.endless && p->emulator.s.endless) || is_exit(&p->host.s) ||
        is_exit(&p->emulator.s))
        return ASIDE;
    p->what = difference(p->b, t, &p->host, &p->emulator);
    return p->what ? DIFFERENT : SAME;
}

/* A jump into an instruction has found something that is in no row, and that this host may have. */
static bool ran_astray(const struct pair *p, const struct trial *t)
{
    const struct state *e = &p->emulator.s;
    return e->vector == EXC_UD && program_index(&t->p, e->rip + sel_base(e->sel[CS])) < 0;
}

/* A far transfer may leave Linux in a loop, see docs/cpu-conformance.md. */
static bool is_far_without_end(const struct pair *p)
{
    const struct row *row = faulting_row(p->b, &p->emulator, &p->emulator);
    return p->host.s.endless && row && row_is_far(row);
}

/* A jump has led to the page where Linux itself answers programs (vsyscall). */
static bool is_at_vsyscall(const struct pair *p)
{
    return p->host.s.rip >> PAGE_SHIFT == VSYSCALL_PAGE;
}

/* A repeated store has written over its own bytes: silicon, which stores by cache lines, goes on to the end of one. */
static bool repeats_over_itself(const struct pair *p, const struct trial *t)
{
    static const char *const stores[] = { "stosb", "stos", "movsb", "movs" };
    u8 image[MEM_CODE_SIZE];
    program_image(&t->p, t->s.sel[CS], image);
    for (unsigned i = 0; i < t->p.n; i++) {
        const struct row *row = t->p.row[i] == NO_ROW ? NULL : &cpu_rows[t->p.row[i]];
        u64 at = t->p.at + t->p.start[i] - MEM_CODE;
        bool is_store = false;
        for (unsigned k = 0; row && k < ARRAY_LEN(stores); k++)
            is_store = is_store || row_named(row, stores[k]);
        if (is_store && memcmp(image + at, p->emulator.code + at, t->p.start[i + 1] - t->p.start[i]))
            return true;
    }
    return false;
}

enum verdict pair_judge(struct pair *p, const struct trial *t)
{
    enum verdict v = pair_run(p, t);
    if (v != DIFFERENT)
        return v;
    if (is_at_vsyscall(p) || repeats_over_itself(p, t) || ran_astray(p, t) || is_far_without_end(p) ||
        emulator_meets_unusable(p->b, t))
        return ASIDE;
    host_own_segment(p->caps);
    emulator_own_segment(p->b, p->caps);
    for (unsigned again = 0; again < 3 && v == DIFFERENT; again++)
        v = pair_run(p, t);
    return v == DIFFERENT ? DIFFERENT : UNSTEADY;
}
