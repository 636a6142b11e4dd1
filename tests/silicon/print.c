#include "compare.h"
#include "uop.h"

#include <stdio.h>

static void print_state(const char *who, const struct state *s)
{
    printf("    %s: vector %d error %x cr2 %llx rip %llx flags %06x\n      ", who,
           s->vector == NO_VECTOR ? -1 : (int)s->vector, s->error, (unsigned long long)s->cr2,
           (unsigned long long)s->rip, s->flags);
    for (unsigned i = 0; i < 16; i++)
        printf("%llx%s", (unsigned long long)s->r[i], i == 15 ? "\n" : " ");
    printf("      es %x cs %x ss %x ds %x fs %x gs %x bases %llx %llx", s->sel[ES], s->sel[CS], s->sel[SS], s->sel[DS],
           s->sel[FS], s->sel[GS], (unsigned long long)s->fs_base, (unsigned long long)s->gs_base);
    printf(" cw %04x sw %04x tw %02x fop %03x fip %llx mxcsr %04x\n", get_le16(s->fx), get_le16(s->fx + 2), s->fx[4],
           get_le16(s->fx + 6), (unsigned long long)get_le64(s->fx + 8), get_le32(s->fx + 24));
}

static void print_program(const struct program *p)
{
    for (unsigned i = 0; i < p->n; i++) {
        printf("    %05x: ", p->at + p->start[i]);
        for (unsigned k = p->start[i]; k < p->start[i + 1]; k++)
            printf("%02x ", p->bytes[k]);
        printf(" %s\n", p->row[i] == NO_ROW ? "" : cpu_rows[p->row[i]].mnemonic);
    }
}

static void print_registers80(const struct state *before, const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned at = 32 + 16 * i;
        if (memcmp(h->fx + at, e->fx + at, 10))
            printf("      st%u before %04x:%016llx host %04x:%016llx emulator %04x:%016llx\n", i,
                   get_le16(before->fx + at + 8), (unsigned long long)get_le64(before->fx + at),
                   get_le16(h->fx + at + 8), (unsigned long long)get_le64(h->fx + at), get_le16(e->fx + at + 8),
                   (unsigned long long)get_le64(e->fx + at));
    }
}

static void print_xmm(const struct state *before, const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned at = FX_XMM_AT + 16 * i;
        if (memcmp(h->fx + at, e->fx + at, 16))
            printf("      xmm%u before %016llx%016llx host %016llx%016llx emulator %016llx%016llx\n", i,
                   (unsigned long long)get_le64(before->fx + at + 8), (unsigned long long)get_le64(before->fx + at),
                   (unsigned long long)get_le64(h->fx + at + 8), (unsigned long long)get_le64(h->fx + at),
                   (unsigned long long)get_le64(e->fx + at + 8), (unsigned long long)get_le64(e->fx + at));
    }
}

static void print_memory(const char *what, u32 at, const u8 *before, const u8 *h, const u8 *e, u32 bytes)
{
    unsigned shown = 0;
    for (u32 i = 0; i < bytes && shown < 8; i++)
        if (h[i] != e[i]) {
            printf("      %s at %x: before %02x host %02x emulator %02x\n", what, at + i, before[i], h[i], e[i]);
            shown++;
        }
}

static void print_ymm(const struct state *before, const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < 16; i++)
        if (memcmp(h->ymm[i], e->ymm[i], 16))
            printf("      ymm%u, upper half: before %016llx%016llx host %016llx%016llx emulator %016llx%016llx\n", i,
                   (unsigned long long)get_le64(before->ymm[i] + 8), (unsigned long long)get_le64(before->ymm[i]),
                   (unsigned long long)get_le64(h->ymm[i] + 8), (unsigned long long)get_le64(h->ymm[i]),
                   (unsigned long long)get_le64(e->ymm[i] + 8), (unsigned long long)get_le64(e->ymm[i]));
}

void print_difference(const struct trial *t, const char *what, const struct outcome *h, const struct outcome *e)
{
    u8 image[MEM_CODE_SIZE];
    program_image(&t->p, t->s.sel[CS], image);
    printf("DIFF in %s, %u-bit code:\n", what, (unsigned)t->p.mode);
    print_program(&t->p);
    print_state("before  ", &t->s);
    print_state("host    ", &h->s);
    print_state("emulator", &e->s);
    print_xmm(&t->s, &h->s, &e->s);
    print_ymm(&t->s, &h->s, &e->s);
    print_registers80(&t->s, &h->s, &e->s);
    print_memory("memory", MEM_DATA, t->data, h->data, e->data, MEM_DATA_SIZE);
    print_memory("code", MEM_CODE, image, h->code, e->code, MEM_CODE_SIZE);
}
