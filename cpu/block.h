/* block.h: decoding, and the cache of decoded blocks. */
#ifndef PCEMU_BLOCK_H
#define PCEMU_BLOCK_H

#include "fused.h"
#include "mmu.h"
#include "uop.h"

#define BLOCK_INSNS_MAX 32
#define INSN_BYTES_MAX 15

/* ---- decode.c ---- */
struct decode_index { /* rows by map and opcode byte; built once per processor from cpu_rows[] */
    u16 first[MAPS][256];
    u8 count[MAPS][256];
    bool modrm[MAPS][256];
    u16 list[4096];
};
void decode_index_init(struct decode_index *ix);

struct decoded {
    unsigned len;          /* bytes; 0: more bytes than `avail` are needed */
    const struct row *row; /* NULL: no such instruction (exec raises #UD or #GP) */
    bool ends_block;
    bool is_jump; /* direct near branch: links follow */
};
/* Decodes one instruction at `p`, of which `avail` bytes may be read, for `mode`; `off` is its offset in its page. */
struct decoded decode_insn(struct cpu *c, const struct decode_index *ix, const u8 *p, unsigned avail, unsigned off,
                           u32 mode, struct uop *u);

/* ---- block.c ---- */

/* Decoded code, one cache for all processors of a memory: a block holds nothing of the processor that decoded it. A
 * processor's own are the ways into it: its jump cache, and TLB tags that let no store into decoded lines pass. */
struct block_cache {
    struct ram_pool *pool;
    struct ram_listener listener;
    struct cpu *users; /* by next_user */
    struct decode_index index;
    struct fused_index fused;
    u8 *arena;
    size_t used, size;
    struct block **hash;
    struct block **page_head; /* by ram page */
    u64 pages;
    u64 flushes, built;     /* for statistics */
    u64 row_uses[ROWS_MAX]; /* how often each row of the instruction table was decoded into a block */
};
/* The cache of `c`, which is its first user. NULL when the host has no memory. */
struct block_cache *block_cache_new(struct cpu *c);
void block_cache_join(struct block_cache *bc, struct cpu *c);
/* The last user frees it. */
void block_cache_leave(struct cpu *c);
/* The block at linear address `lin`, whose page is `f`, for `mode` (MODE_FIRST and MODE_ONE included); builds it where
 * it is not there. NULL: fetching raised an exception. */
struct block *block_get(struct cpu *c, const struct fetch_entry *f, u64 lin, u32 mode);
static inline bool block_crosses(const struct block *b)
{
    return b->ram_page2 != NO_PAGE || b->end > PAGE_SIZE;
}
/* Is any of these bytes of a page (`off` to `off + bytes` within it) part of an instruction in a block? */
bool block_holds(const struct block_cache *bc, u64 ram_page, unsigned off, unsigned bytes);
/* They were written: drops the blocks that have some of them. For other writers than processors: ram_code_written(). */
void block_bytes_written(struct block_cache *bc, u64 ram_page, unsigned off, unsigned bytes);
/* Drops all blocks. */
void block_cache_flush(struct block_cache *bc);
/* What an unlinked branch points to: entering it costs more than any budget. */
extern const struct uop *const block_unlinked;

/* Handlers of the decoder's own making. */
exec_fn op_ud, op_gp0, op_nm, op_nop, op_fall, op_stop;

#endif
