/* gen.h: random user programs of one or a few instructions, made from the table's rows. */
#ifndef PCEMU_TESTS_SILICON_GEN_H
#define PCEMU_TESTS_SILICON_GEN_H

#include "host.h"
#include "random.h"
#include "uop.h"

enum fix_kind { FIX_REL, FIX_CODE, FIX_DATA, FIX_REG };
/* A place that gets a branch target once it is known where the instructions are. */
struct fix {
    enum fix_kind kind;
    unsigned insn;  /* of the branch */
    unsigned where; /* FIX_REL, FIX_CODE: offset in the program; FIX_DATA: in the data; FIX_REG: the register */
    unsigned bytes;
    u16 cs; /* code segment there; when it is another one, only the program's end will do */
};

struct gen {
    struct rng *r;
    struct state *s;
    struct program *p;
    u8 *data; /* MEM_DATA */
    const struct host_caps *caps;
    bool vectors; /* x87, MMX and SSE as often as the others */
    bool steady;  /* a later instruction of several: addresses by the registers kept for it */
    u32 set_regs; /* registers that an address is already made of */
    bool xsave_first;
    u64 xsave_rax, xsave_rdx, xsave_at; /* registers and area of the first instruction, one of XSAVE's family */
    struct fix fix[2 * PROGRAM_INSNS];
    unsigned fixes;
    struct {
        u16 at;
        u8 bytes;
    } imm[PROGRAM_INSNS]; /* immediates, for stores into the code; bytes 0: none */
};

/* One instruction while it is encoded. */
struct encoding {
    const struct row *row;
    unsigned size;  /* operand size: 1, 2, 4, 8 bytes */
    unsigned asize; /* address size: 2, 4, 8 bytes */
    u8 rex, rep;
    bool op66;
    int seg; /* override that counts, or -1 */
    u8 modrm, reg, rm, vvvv;
    bool has_modrm, mem;
    u64 at;   /* linear address of the memory operand, when it is memory */
    u16 form; /* enum form */
    u8 *out;
    unsigned n;
};

static inline void emit(struct encoding *e, u64 value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        e->out[e->n++] = (u8)(value >> (8 * i));
}

#define OUR_COMPONENTS 7u /* of XSAVE: those that the bench switches on */

/* rows.c: may this row be run by a user program and be compared? NULL: yes; else why not. */
const char *row_unusable(const struct row *row, enum code_mode mode, const struct host_caps *caps);
/* The same, by number, looked up. rows_init() makes the table. */
void rows_init(const struct host_caps *caps);
bool row_usable(unsigned row, enum code_mode mode);
/* Does the mode have it? */
bool row_legal(const struct row *row, enum code_mode mode);
bool row_named(const struct row *row, const char *mnemonic);
bool row_has(const struct row *row, unsigned first, unsigned last);
bool row_wants_modrm(const struct row *row);
/* Runs on, but its result can't be the start of something else. */
bool row_must_be_last(const struct row *row);
/* Its memory image tells what silicon does not keep (FCS, FDS, FDP): only as the reset state has it. And IRET, whose
 * frame must be made for it. */
bool row_must_be_first(const struct row *row);

bool row_branches(const struct row *row);
bool row_is_far(const struct row *row);

/* prefix.c: prefixes and REX; sets what they decide. */
void encode_prefixes(struct gen *g, struct encoding *e, bool locked);
/* For the rows behind VEX. */
void encode_vex_prefixes(struct gen *g, struct encoding *e);

/* operand.c: a ModRM memory operand at e->at; sets base and index registers. */
void encode_memory(struct gen *g, struct encoding *e);
/* Linear base of a segment register as the program starts. */
u64 segment_base(const struct gen *g, unsigned seg);
/* A general register for a result: in longer programs mostly not one that addresses are made of. */
unsigned result_reg(struct gen *g, unsigned rex_bit);
u64 address_mask(const struct encoding *e);

/* special.c: what some instructions need besides their operands: counts, pointers, stack contents. Before encoding /
 * after. */
void prepare_implicit(struct gen *g, struct encoding *e);
void prepare_operand(struct gen *g, struct encoding *e);
u16 some_selector(struct gen *g);
/* The selector of a far transfer: mostly the one that we are in. */
u16 some_cs(struct gen *g);
void store_data(struct gen *g, u64 linear, u64 value, unsigned bytes);
void add_fix(struct gen *g, enum fix_kind kind, unsigned where, unsigned bytes, u16 cs);

/* gen.c. A linear address for an operand, with fresh data there. */
u64 some_target(struct gen *g);
/* Fills a trial: `row` in code of `mode`, alone or among others, `max_insns` at most. */
void gen_trial(struct rng *r, const struct host_caps *caps, enum code_mode mode, const struct row *row,
               unsigned max_insns, struct trial *t);

#endif
