/* decode.h: an instruction while it is decoded, for the decoder's own files. */
#ifndef PCEMU_DECODE_H
#define PCEMU_DECODE_H

#include "block.h"
#include "exec.h"

struct insn { /* what the bytes say */
    const u8 *p;
    unsigned avail, pos;
    bool short_of_bytes;
    u32 mode;
    bool opsize66, addr67, lock;
    u8 rep;  /* 0, F2, F3: the last one */
    u8 rex;  /* 0 or 40-4F */
    int seg; /* override, or -1 */
    enum opcode_map map;
    u8 op, modrm, sib;
    bool vex;       /* a VEX prefix: rep and opsize66 say its pp, rex its R, X, B and W */
    bool no_insn;   /* a prefix that VEX can't stand with, or a map that is none: #UD whatever follows */
    u8 vvvv;        /* VEX.vvvv, put right; 0 where it is not used */
    bool l256;      /* VEX.L */
    unsigned size;  /* log2 of the operand size */
    unsigned asize; /* 0: 16, 1: 32, 2: 64 */
    enum ea_kind ea;
};

static inline bool is64(const struct insn *in)
{
    return (in->mode & MODE_64) != 0;
}
static inline unsigned mod_of(const struct insn *in)
{
    return in->modrm >> 6;
}
static inline unsigned reg_of(const struct insn *in)
{
    return (in->modrm >> 3) & 7;
}
static inline unsigned rm_of(const struct insn *in)
{
    return in->modrm & 7;
}
static inline unsigned rex_r(const struct insn *in)
{
    return (in->rex & 4) ? 8 : 0;
}
static inline unsigned rex_x(const struct insn *in)
{
    return (in->rex & 2) ? 8 : 0;
}
static inline unsigned rex_b(const struct insn *in)
{
    return (in->rex & 1) ? 8 : 0;
}

/* 0: 16 bits, 1: 32, 2: 64. */
static inline unsigned address_size(const struct insn *in)
{
    if (is64(in))
        return in->addr67 ? 1 : 2;
    return ((in->mode & MODE_32) != 0) != in->addr67 ? 1 : 0;
}
static inline u8 fetch8(struct insn *in)
{
    if (in->pos >= in->avail) {
        in->short_of_bytes = true;
        return 0;
    }
    return in->p[in->pos++];
}

static inline u64 fetch_imm(struct insn *in, unsigned bytes)
{
    u64 v = 0;
    if (in->pos + bytes > in->avail) {
        in->short_of_bytes = true;
        return 0;
    }
    memcpy(&v, in->p + in->pos, bytes);
    in->pos += bytes;
    return v;
}

static inline u64 sign_extend(u64 v, unsigned bytes)
{
    return (u64)((s64)(v << (64 - 8 * bytes)) >> (64 - 8 * bytes));
}

/* decode_operand.c */
bool operand_uses_modrm(unsigned operand);
/* Is the operand memory or register by ModRM? */
bool operand_is_rm(unsigned operand);
bool operand_is_immediate(unsigned operand);
/* Does the operand come from VEX.vvvv? */
bool operand_is_vvvv(unsigned operand);
bool row_is_gather(const struct row *r);
/* Fetches what follows the opcode and fills in the uop's operands; the instruction is at `off` in its page. */
void decode_operands(struct insn *in, struct uop *u, const struct row *r, bool has_modrm, unsigned off);
/* Fetches what would follow an opcode that no row claims, where the map tells (`has_modrm`: ModRM was fetched); `u` is
 * scratch. */
void decode_unknown(struct insn *in, struct uop *u, bool has_modrm);

#endif
