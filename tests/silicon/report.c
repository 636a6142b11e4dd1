#include "emulator.h"
#include "gen.h"
#include "tally.h"

#define MODES 3

static const enum code_mode modes[MODES] = { CODE16, CODE32, CODE64 };

static void write_opcode(FILE *f, const struct row *row)
{
    static const char *const maps[MAPS] = { "", "0f ", "0f 38 ", "0f 3a ", "vex 0f ", "vex 0f 38 ", "vex 0f 3a " };
    char text[32];
    int n = snprintf(text, sizeof text, "%s%02x", maps[row->map], row->op);
    if (row->ext & X_REG(0))
        snprintf(text + n, sizeof text - (size_t)n, " /%u", row->ext & 7);
    fprintf(f, "%-12s %-12s", text, row->mnemonic);
}

static void write_count(FILE *f, const struct row *row, enum code_mode mode, const struct count *c)
{
    write_opcode(f, row);
    fprintf(f, " %u %9llu %9llu", (unsigned)mode, (unsigned long long)c->runs, (unsigned long long)c->faults);
    for (unsigned i = 0; i < FORMS; i++)
        fprintf(f, " %8llu", (unsigned long long)c->form[i]);
    fputc('\n', f);
}

static void write_uncovered(FILE *f, const struct tally *t, const struct host_caps *caps)
{
    fprintf(f, "\nNot covered:\n");
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned m = 0; m < MODES; m++) {
            const struct row *row = &cpu_rows[i];
            if (!row_legal(row, modes[m]) || t->count[i][m].runs)
                continue;
            const char *why = row_unusable(row, modes[m], caps);
            write_opcode(f, row);
            fprintf(f, " %u %s\n", (unsigned)modes[m], why ? why : "not met in this run");
        }
}

void report_coverage(const struct tally *t, unsigned *wanted, unsigned *met)
{
    *wanted = *met = 0;
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned m = 0; m < MODES; m++)
            if (row_usable(i, modes[m])) {
                ++*wanted;
                *met += t->count[i][m].runs != 0;
            }
}

void report_write(FILE *f, const struct tally *t, const struct host_caps *caps)
{
    unsigned wanted, met;
    report_coverage(t, &wanted, &met);
    fprintf(f, "%llu executions in %llu trials; %llu trials set aside, %llu unsteady, %llu differences, %llu crashes\n",
            (unsigned long long)t->executions, (unsigned long long)t->trials, (unsigned long long)t->aside,
            (unsigned long long)t->unsteady, (unsigned long long)t->differences, (unsigned long long)t->crashes);
    fprintf(f, "%u of %u rows and code sizes that can be compared were\n\n", met, wanted);
    fprintf(f, "opcode       mnemonic     code  runs    faults   memory register       66       67      REX    REX.W"
               "     LOCK       F2       F3  segment\n");
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned m = 0; m < MODES; m++)
            if (t->count[i][m].runs)
                write_count(f, &cpu_rows[i], modes[m], &t->count[i][m]);
    write_uncovered(f, t, caps);
}
