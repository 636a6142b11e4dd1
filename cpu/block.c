/* block.c: the cache of decoded blocks, keyed by where the code is in RAM and by the mode it was decoded for. Code is
 * tracked in lines of 128 bytes; a processor's write that changes bytes of a block drops the blocks that have some of
 * them, and no others; data beside them does not matter. Other writers tell lines alone, and all in them is dropped.
 * All processors share one cache: they are never in the middle of a block but for the one that runs, so that dropping
 * blocks only has to close every processor's ways into them. */
#include "block.h"
#include "exec.h"
#include "fused.h"
#include "watch.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Of decoded code: the most of what pcemu needs for itself (docs/performance.md). */
#define ARENA_BYTES (24 * MIB)
#define HASH_BITS 16
#define HASH_SIZE (1u << HASH_BITS)

/* A branch that is not linked leads here: entering it costs more than any budget, so it is never entered. */
static const struct {
    s64 n;
    struct uop uop;
} unlinked = { INT64_MAX / 2, { 0 } };
const struct uop *const block_unlinked = &unlinked.uop;

static void code_written(void *self, u64 ram_page, u32 mask);

static void cache_free(struct block_cache *bc)
{
    if (bc->arena)
        munmap(bc->arena, bc->size);
    free(bc->hash);
    free(bc->page_head);
    free(bc);
}

struct block_cache *block_cache_new(struct cpu *c)
{
    struct block_cache *bc = calloc(1, sizeof *bc);
    if (!bc)
        return NULL;
    void *arena = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bc->hash = calloc(HASH_SIZE, sizeof *bc->hash);
    if (arena == MAP_FAILED || !bc->hash) {
        if (arena != MAP_FAILED)
            munmap(arena, ARENA_BYTES);
        cache_free(bc);
        return NULL;
    }
    bc->arena = arena;
    bc->size = ARENA_BYTES;
    decode_index_init(&bc->index);
    bc->pool = c->w.pool;
    bc->listener = (struct ram_listener){ code_written, bc, NULL };
    ram_pool_listen(bc->pool, &bc->listener);
    block_cache_join(bc, c);
    return bc;
}

void block_cache_join(struct block_cache *bc, struct cpu *c)
{
    c->blocks = bc;
    c->next_user = bc->users;
    bc->users = c;
}

static void stop_listening(struct block_cache *bc)
{
    struct ram_listener **p = &bc->pool->listeners;
    while (*p && *p != &bc->listener)
        p = &(*p)->next;
    if (*p)
        *p = bc->listener.next;
}

void block_cache_leave(struct cpu *c)
{
    struct block_cache *bc = c->blocks;
    struct cpu **p = &bc->users;
    while (*p && *p != c)
        p = &(*p)->next_user;
    if (*p)
        *p = c->next_user;
    c->blocks = NULL;
    if (bc->users)
        return;
    stop_listening(bc);
    cache_free(bc);
}

/* The memory of blocks is used again: not even what a jump cache led to before may be looked at. */
static void forget_ways(struct block_cache *bc)
{
    for (struct cpu *c = bc->users; c; c = c->next_user)
        for (unsigned i = 0; i < JUMP_ENTRIES; i++)
            c->jump[i].uop = block_unlinked;
}

/* No processor's jump cache leads into a dropped block any more. */
static void close_ways(struct block_cache *bc)
{
    for (struct cpu *c = bc->users; c; c = c->next_user)
        cpu_new_epoch(c);
}

static unsigned hash_of(u64 key, u64 mode_key)
{
    u64 h = (key ^ mode_key * 0x9e3779b97f4a7c15u) * 0x9e3779b97f4a7c15u;
    return (unsigned)(h >> (64 - HASH_BITS));
}

void block_cache_flush(struct block_cache *bc)
{
    for (u64 page = 0; page < bc->pages; page++)
        if (bc->page_head[page]) {
            bc->page_head[page] = NULL;
            bc->pool->code_lines[page] = 0;
        }
    memset(bc->hash, 0, HASH_SIZE * sizeof *bc->hash);
    bc->used = 0;
    bc->flushes++;
    forget_ways(bc);
    close_ways(bc);
}

/* ---- building ---- */

/* The uop after the last instruction: it stands where that one stands, so that its end is where the next begins (4096
 * or more would not fit into an offset). */
static void append_end(struct block *b, exec_fn *exec, const struct uop *last)
{
    struct uop *u = &b->uop[b->uops];
    *u = (struct uop){ .exec = exec, .slot = (u8)b->uops, .ord = (u8)b->n, .off_len = last->off_len };
    b->uops++;
}

static void append_links(struct block *b)
{
    struct links *l = (struct links *)(void *)&b->uop[b->uops++];
    *l = (struct links){ .taken = block_unlinked, .fall = block_unlinked };
    b->has_links = true;
}

/* Somebody watches: puts a hook in front of the instruction just decoded, if it needs one. Returns where that is now.
 */
static COLD struct uop *hook(const struct cpu *c, struct block *b, const struct row *row, u32 mode)
{
    struct uop *u = &b->uop[b->uops];
    unsigned what = watch_hook(c, row, mode, u_off(u));
    if (!what)
        return u;
    u[1] = u[0];
    u[0] = (struct uop){ .exec = op_hook, .imm = what, .slot = (u8)b->uops, .ord = (u8)b->n, .off_len = u->off_len };
    b->uops++;
    return u + 1;
}

/* Decodes from `p` on until a branch, the end of the page, or enough. Returns false when not even one instruction fits
 * into the `avail` bytes. */
static bool fill(struct cpu *c, struct block *b, const u8 *p, unsigned avail, unsigned off, u32 mode)
{
    unsigned limit = (mode & MODE_ONE) ? 1 : BLOCK_INSNS_MAX, at = 0;
    bool ended = false;
    b->first = (u16)off;
    while (b->n < (s64)limit && !ended && at < avail) {
        struct uop *u = &b->uop[b->uops];
        struct decoded d = decode_insn(c, &c->blocks->index, p + at, avail - at, off + at, mode, u);
        if (!d.len)
            break;
        if (UNLIKELY(c->probe))
            u = hook(c, b, d.row, mode);
        u->slot = (u8)b->uops++;
        u->ord = (u8)b->n++;
        at += d.len;
        if (d.row && u->exec != op_ud && u->exec != op_gp0 && u->exec != op_nm)
            c->blocks->row_uses[u_row(u) % ROWS_MAX]++;
        ended = d.ends_block;
        if (d.is_jump)
            append_links(b);
    }
    b->end = (u16)(off + at);
    if (b->n && !ended) {
        append_end(b, (mode & MODE_ONE) ? op_stop : op_fall, &b->uop[b->uops - 1]);
        append_links(b);
    }
    return b->n != 0;
}

/* The handler that does more than the instruction `u`, behind `front`. */
static exec_fn *several(const struct block *b, const struct uop *u, enum front front)
{
    unsigned left = (unsigned)b->n - u->ord;
    exec_fn *run = fused_run(u, left, front);
    return run || left != 2 || !b->has_links ? run : fused_with_branch(u, u + 1, front);
}

static exec_fn *joined(struct fused_index *ix, const struct block *b, const struct uop *u)
{
    enum front front = fused_front(ix, u, (unsigned)b->n - u->ord);
    if (!front)
        return NULL;
    if (several(b, u + 1, FRONT_NONE))
        return several(b, u + 1, front);
    return fused_behind(u + 1, front);
}

static exec_fn *fused(struct fused_index *ix, const struct block *b, const struct uop *u)
{
    unsigned left = (unsigned)b->n - u->ord;
    exec_fn *all = several(b, u, FRONT_NONE);
    if (!all)
        all = fused_quiet_pair(ix, u, left);
    if (!all)
        all = joined(ix, b, u);
    return all ? all : fused_quiet(ix, u, left);
}

/* Neighbours that one handler can do, and flags that nobody can see: between two instructions that can't be left in the
 * middle, nobody looks. From the first on, so that those behind are as the decoder made them. */
static void fuse(struct fused_index *ix, struct block *b)
{
    for (unsigned i = 0; i + 1 < b->uops; i++) {
        struct uop *u = &b->uop[i];
        if (u->slot != i || u->ord + 1 >= b->n) /* the last instruction, and what stands behind it */
            break;
        exec_fn *both = fused(ix, b, u);
        if (both)
            u->exec = both;
    }
}

static bool room_for_block(struct block_cache *bc)
{
    u64 pages = bc->pool->pages;
    if (bc->pages < pages) { /* RAM was added since */
        struct block **heads = calloc(pages, sizeof *heads);
        if (!heads)
            return false;
        if (bc->page_head)
            memcpy(heads, bc->page_head, bc->pages * sizeof *heads);
        free(bc->page_head);
        bc->page_head = heads;
        bc->pages = pages;
    }
    size_t most = sizeof(struct block) + (2 * BLOCK_INSNS_MAX + 4) * sizeof(struct uop) + 64; /* with hooks */
    if (bc->used + most > bc->size)
        block_cache_flush(bc);
    return true;
}

static void track(struct block_cache *bc, u64 ram_page, u32 lines)
{
    u32 *have = &bc->pool->code_lines[ram_page];
    for (struct cpu *c = *have ? NULL : bc->users; c; c = c->next_user)
        mmu_protect_code(c, ram_page);
    *have |= lines;
}

static void insert(struct block_cache *bc, struct block *b)
{
    unsigned h = hash_of(b->key, b->mode_key);
    u64 page = b->key >> PAGE_SHIFT;
    unsigned first_end = b->end > PAGE_SIZE ? (unsigned)PAGE_SIZE : b->end;
    b->hash_next = bc->hash[h];
    bc->hash[h] = b;
    b->page_next[0] = bc->page_head[page];
    bc->page_head[page] = b;
    b->lines[0] = code_line_mask(b->first, first_end - b->first);
    track(bc, page, b->lines[0]);
    if (b->end > PAGE_SIZE && b->ram_page2 != NO_PAGE) {
        b->page_next[1] = bc->page_head[b->ram_page2];
        bc->page_head[b->ram_page2] = b;
        b->lines[1] = code_line_mask(0, b->end - (unsigned)PAGE_SIZE);
        track(bc, b->ram_page2, b->lines[1]);
    }
}

/* How many bytes of the code segment are left at rip (legacy modes; SDM vol. 3, 5.3). */
static unsigned within_limit(const struct cpu *c, unsigned avail)
{
    if (in_64(c))
        return avail;
    u64 left = (u64)c->seg[CS].limit - c->rip + 1;
    return left < avail ? (unsigned)left : avail;
}

/* The bytes at `lin` where they can't be taken from one page of memory: an instruction that crosses into the next page,
 * or code behind the bus. Returns how many bytes are there; 0 with an exception recorded. */
static unsigned gather(struct cpu *c, const struct fetch_entry *f, u64 lin, u8 *buf, u64 *ram_page2)
{
    unsigned off = (unsigned)(lin & (PAGE_SIZE - 1)), n = 0;
    struct fetch_entry first = *f;
    for (; n < INSN_BYTES_MAX && off + n < PAGE_SIZE; n++)
        buf[n] = first.host ? first.host[off + n] : (u8)space_read(cpu_space(c), (first.phys & PAGE_MASK) + off + n, 1);
    if (n == INSN_BYTES_MAX || within_limit(c, n + 1) <= n)
        return n;
    u64 next = (lin & PAGE_MASK) + PAGE_SIZE;
    if (in_64(c) && !is_canonical(c, next)) {
        cpu_fault(c, EXC_GP, 0);
        return 0;
    }
    const struct fetch_entry *s = mmu_fetch(c, in_64(c) ? next : (u32)next);
    if (!s)
        return 0;
    *ram_page2 = s->host && first.host ? s->ram_page : NO_PAGE;
    for (unsigned i = 0; n < INSN_BYTES_MAX; i++, n++)
        buf[n] = s->host ? s->host[i] : (u8)space_read(cpu_space(c), (s->phys & PAGE_MASK) + i, 1);
    return n;
}

/* An instruction too long whose 16th byte lies in the next page: silicon has fetched that before it complains. */
static bool sixteenth_byte_is_there(struct cpu *c, u64 lin)
{
    u64 next = lin + INSN_BYTES_MAX;
    if ((next & (PAGE_SIZE - 1)) || within_limit(c, INSN_BYTES_MAX + 1) <= INSN_BYTES_MAX)
        return true;
    return (in_64(c) && !is_canonical(c, next)) || mmu_fetch(c, in_64(c) ? next : (u32)next);
}

static struct block *build(struct cpu *c, const struct fetch_entry *f, u64 lin, u32 mode, u64 key, u64 mode_key)
{
    if (!room_for_block(c->blocks)) {
        log_host(c->w.log, "cpu", "out of memory for decoded code");
        c->activity = ACT_SHUTDOWN;
        return NULL;
    }
    struct block *b = (struct block *)(void *)(c->blocks->arena + c->blocks->used);
    unsigned off = (unsigned)(lin & (PAGE_SIZE - 1));
    *b = (struct block){ .key = key, .mode_key = mode_key, .ram_page2 = NO_PAGE };
    bool cached = f->host != NULL;
    unsigned avail = within_limit(c, (unsigned)PAGE_SIZE - off);
    if (!cached || !fill(c, b, f->host + off, avail, off, mode)) {
        u8 bytes[INSN_BYTES_MAX];
        unsigned have = gather(c, f, lin, bytes, &b->ram_page2);
        if (!have)
            return NULL;
        if (UNLIKELY(c->probe))
            watch_gathered(c, bytes, have);
        have = within_limit(c, have);
        if (!fill(c, b, bytes, have, off, mode | MODE_ONE)) { /* the segment ends inside the instruction, or 15 bytes */
            if (have < INSN_BYTES_MAX || sixteenth_byte_is_there(c, lin))
                cpu_fault(c, EXC_GP, 0);
            return NULL;
        }
        cached = cached && (b->end <= PAGE_SIZE || b->ram_page2 != NO_PAGE);
    }
    fuse(&c->blocks->fused, b);
    c->blocks->used += (sizeof *b + b->uops * sizeof(struct uop) + 63) & ~(size_t)63;
    c->blocks->built++;
    if (cached)
        insert(c->blocks, b);
    return b;
}

/* A crossing block is good only while the next page still maps to where its tail was. */
static bool tail_ok(struct cpu *c, const struct block *b, u64 lin, bool *faulted)
{
    if (b->ram_page2 == NO_PAGE)
        return true;
    u64 next = (lin & PAGE_MASK) + PAGE_SIZE;
    const struct fetch_entry *s = mmu_fetch(c, in_64(c) ? next : (u32)next);
    *faulted = !s;
    return s && s->ram_page == b->ram_page2;
}

struct block *block_get(struct cpu *c, const struct fetch_entry *f, u64 lin, u32 mode)
{
    u64 key = f->host ? f->ram_page << PAGE_SHIFT | (lin & (PAGE_SIZE - 1)) : UINT64_MAX;
    u64 mode_key = mode | ((mode & MODE_FIRST) ? (c->seg[CS].base & (PAGE_SIZE - 1)) << 32 : 0);
    struct fetch_entry entry = *f; /* a look-up of the next page may replace *f */
    if (f->host)
        for (struct block *b = c->blocks->hash[hash_of(key, mode_key)]; b; b = b->hash_next) {
            bool faulted = false;
            if (b->key == key && b->mode_key == mode_key && !b->dead) {
                if (tail_ok(c, b, lin, &faulted))
                    return b;
                if (faulted)
                    return NULL;
            }
        }
    return build(c, &entry, lin, mode, key, mode_key);
}

/* ---- dropping ---- */

static void unhash(struct block_cache *bc, struct block *b)
{
    struct block **p = &bc->hash[hash_of(b->key, b->mode_key)];
    while (*p && *p != b)
        p = &(*p)->hash_next;
    if (*p)
        *p = b->hash_next;
}

static struct block **next_in_page(struct block *b, u64 page)
{
    return &b->page_next[b->key >> PAGE_SHIFT != page];
}

static void unlink_dead(struct block *b)
{
    struct links *l = (struct links *)(void *)&b->uop[b->uops - 1];
    if (l->taken != block_unlinked && u_block(l->taken)->dead)
        l->taken = block_unlinked;
    if (l->fall != block_unlinked && u_block(l->fall)->dead)
        l->fall = block_unlinked;
}

/* Does it have any of these bytes of a page? */
static bool overlaps(const struct block *b, u64 ram_page, unsigned off, unsigned bytes)
{
    bool second = b->key >> PAGE_SHIFT != ram_page;
    unsigned first = second ? 0 : b->first, end = second ? b->end - (unsigned)PAGE_SIZE : b->end;
    return off < end && first < off + bytes;
}

bool block_holds(const struct block_cache *bc, u64 ram_page, unsigned off, unsigned bytes)
{
    if (ram_page >= bc->pages)
        return false;
    for (struct block *b = bc->page_head[ram_page]; b; b = *next_in_page(b, ram_page))
        if (!b->dead && overlaps(b, ram_page, off, bytes))
            return true;
    return false;
}

/* Drops the blocks of a page that have some of these bytes. Returns the lines of those that stay. */
static u32 drop(struct block_cache *bc, u64 ram_page, unsigned off, unsigned bytes)
{
    bool any = false;
    u32 kept = 0;
    for (struct block **p = &bc->page_head[ram_page]; *p;) {
        struct block *b = *p;
        if (!b->dead && !overlaps(b, ram_page, off, bytes)) {
            kept |= b->lines[b->key >> PAGE_SHIFT != ram_page];
            p = next_in_page(b, ram_page);
            continue;
        }
        if (!b->dead) { /* a dead one here was dropped through its other page */
            b->dead = true;
            unhash(bc, b);
            any = true;
        }
        *p = *next_in_page(b, ram_page);
    }
    if (!any)
        return kept;
    for (struct block *b = bc->page_head[ram_page]; b; b = *next_in_page(b, ram_page))
        if (b->has_links)
            unlink_dead(b);
    close_ways(bc);
    return kept;
}

void block_bytes_written(struct block_cache *bc, u64 ram_page, unsigned off, unsigned bytes)
{
    u32 kept = drop(bc, ram_page, off, bytes), *lines = &bc->pool->code_lines[ram_page];
    *lines = (*lines & ~code_line_mask(off, bytes)) | kept;
}

/* Somebody knows no more than lines. */
static void code_written(void *self, u64 ram_page, u32 mask)
{
    struct block_cache *bc = self;
    if (ram_page >= bc->pages)
        return;
    for (u64 left = mask; left;) {
        unsigned first = (unsigned)__builtin_ctzll(left), n = (unsigned)__builtin_ctzll(~(left >> first));
        (void)drop(bc, ram_page, first << CODE_LINE_SHIFT, n << CODE_LINE_SHIFT);
        left &= UINT64_MAX << (first + n);
    }
}
