/* space.c: an address space: its flat views, kept fresh, and the accesses that go through them.
 *
 * A device's callback may change the map (a BAR, a PAM register) or come back here (DMA), so no pointer into a flat map
 * is used after a callback: what an access needs is copied out first. */
#include "space.h"
#include "flatten.h"
#include "region_io.h"
#include <inttypes.h>
#include <stdlib.h>

#define PORTS 65536

static const struct section nothing = { .first = 0, .last = UINT64_MAX };

void space_init(struct address_space *as, const char *name, struct region *root, struct ram_pool *pool, struct log *log,
                bool is_io)
{
    *as = (struct address_space){ .name = name,
                                  .root = root,
                                  .pool = pool,
                                  .log = log,
                                  .stale = true,
                                  .unmapped_read = UINT64_MAX,
                                  .is_io = is_io,
                                  .next_of_root = root->space };
    root->space = as;
}

void space_free(struct address_space *as)
{
    struct address_space **at = &as->root->space;
    while (*at && *at != as)
        at = &(*at)->next_of_root;
    if (*at)
        *at = as->next_of_root;
    for (unsigned i = 0; i < ARRAY_LEN(as->view); i++) {
        free(as->view[i].section);
        free(as->view[i].port);
    }
    free(as->port_said);
    *as = (struct address_space){ 0 };
}

void space_mark_stale(struct address_space *as)
{
    if (as->stale)
        return;
    as->stale = true;
    if (as->changed)
        as->changed(as->changed_self);
}

/* Flattening. */

/* Fills the table of ports; without one (no memory, too many sections for its type) look-up searches. */
static void index_ports(struct flat_map *map)
{
    if (map->n == 0 || map->n > UINT16_MAX) {
        free(map->port);
        map->port = NULL;
        return;
    }
    if (!map->port)
        map->port = malloc(PORTS * sizeof *map->port);
    if (!map->port)
        return;
    u16 *port = map->port; /* by a pointer and to an end that both stand, so that the compiler fills eight at once */
    for (size_t i = 0; i < map->n && map->section[i].first < PORTS; i++) {
        const struct section *s = &map->section[i];
        u32 end = s->last < PORTS ? (u32)s->last + 1 : PORTS;
        for (u32 p = (u32)s->first; p < end; p++)
            port[p] = (u16)i;
    }
}

static COLD void refresh(struct address_space *as)
{
    bool ok = flatten(&as->view[0], as->root, REGION_R);
    ok = flatten(&as->view[1], as->root, REGION_W) && ok;
    if (!ok)
        log_host(as->log, as->name, "no memory to flatten the map: parts of the machine are missing");
    if (as->is_io) {
        index_ports(&as->view[0]);
        index_ports(&as->view[1]);
    }
    as->stale = false;
    as->generation++;
}

static const struct section *search(struct flat_map *map, u64 addr)
{
    if (UNLIKELY(map->n == 0))
        return &nothing;
    const struct section *s = &map->section[map->hint];
    if (LIKELY(addr - s->first <= s->last - s->first))
        return s;
    size_t low = 0, high = map->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (map->section[middle].first <= addr)
            low = middle;
        else
            high = middle;
    }
    map->hint = low;
    return &map->section[low];
}

const struct section *space_find(struct address_space *as, u64 addr, bool write)
{
    if (UNLIKELY(as->stale))
        refresh(as);
    struct flat_map *map = &as->view[write];
    if (map->port && addr < PORTS)
        return &map->section[map->port[addr]];
    return search(map, addr);
}

struct page space_page(struct address_space *as, u64 page_addr, bool write)
{
    struct page none = { NULL, 0 };
    u64 addr = page_addr & PAGE_MASK;
    const struct section *s = space_find(as, addr, write);
    const struct region *r = s->region;
    if (!r || (r->kind != REGION_RAM && (write || r->kind != REGION_ROM)) || s->last - addr < PAGE_SIZE - 1)
        return none;
    u64 offset = s->offset + (addr - s->first);
    if (offset & ~PAGE_MASK)
        return none;
    return (struct page){ r->host + offset, (r->ram_base + offset) >> PAGE_SHIFT };
}

static bool is_ram(const struct section *s)
{
    return s->region && s->region->kind == REGION_RAM;
}

bool space_stretch(struct address_space *as, u64 page_addr, struct ram_stretch *stretch)
{
    u64 addr = page_addr & PAGE_MASK;
    const struct section *r = space_find(as, addr, false), *w = space_find(as, addr, true);
    if (!is_ram(r) || r->region != w->region)
        return false;
    u64 first = r->first > w->first ? r->first : w->first, last = r->last < w->last ? r->last : w->last;
    u64 offset = r->offset + (addr - r->first);
    if (offset != w->offset + (addr - w->first) || (offset & ~PAGE_MASK))
        return false;
    if (last - addr < PAGE_SIZE - 1)
        return false;
    first = (first + PAGE_SIZE - 1) & PAGE_MASK; /* `addr` or before */
    offset -= addr - first;
    last = addr + ((last - addr + 1) & PAGE_MASK) - 1;
    *stretch = (struct ram_stretch){ first, last, r->region->host + offset, r->region->ram_base + offset };
    return true;
}

/* What is said about accesses that hit nothing. */

static bool port_said_before(struct address_space *as, u64 port)
{
    if (!as->port_said)
        as->port_said = calloc(PORTS / 8, 1);
    if (!as->port_said)
        return false;
    u8 bit = (u8)BIT(port % 8), *byte = &as->port_said[port % PORTS / 8];
    bool said = *byte & bit;
    *byte |= bit;
    return said;
}

void space_expect_nothing(struct address_space *as, u64 first, unsigned count)
{
    for (u64 port = first; port < first + count; port++)
        port_said_before(as, port);
}

static COLD void say_unmapped(struct address_space *as, u64 addr, unsigned size, bool write)
{
    if (!as->is_io && write)
        log_guest(as->log, as->name, "write of %u bytes at %#" PRIx64 ", where nothing is mapped", size, addr);
    else if (!as->is_io)
        log_guest(as->log, as->name, "read of %u bytes at %#" PRIx64 ", where nothing is mapped", size, addr);
    else if (!port_said_before(as, addr))
        log_unimp(as->log, as->name, "no device at port %#06" PRIx64 " (%s of %u bytes)", addr,
                  write ? "write" : "read", size);
}

static COLD void say_rom_write(struct address_space *as, u64 addr)
{
    if (!as->said_rom_write)
        log_guest(as->log, as->name, "write to ROM at %#" PRIx64 " dropped (said once)", addr);
    as->said_rom_write = true;
}

static COLD void say_dma_miss(struct address_space *as, u64 addr)
{
    if (!as->said_dma_miss)
        log_guest(as->log, as->name, "DMA at %#" PRIx64 ", which is not memory (said once)", addr);
    as->said_dma_miss = true;
}

/* Memory. */

/* `len` bytes (at least 1) of RAM were written at a ram address. */
static void ram_written(struct ram_pool *pool, u64 ram_addr, u64 len)
{
    while (len) {
        unsigned offset = (unsigned)(ram_addr & ~PAGE_MASK);
        unsigned part = len < PAGE_SIZE - offset ? (unsigned)len : (unsigned)(PAGE_SIZE - offset);
        u64 page = ram_addr >> PAGE_SHIFT;
        if (UNLIKELY(pool->code_lines[page]))
            ram_code_written(pool, page, code_line_mask(offset, part));
        ram_addr += part;
        len -= part;
    }
}

static void ram_write(struct address_space *as, const struct region *r, u64 offset, const void *buf, size_t len)
{
    if (as->pool)
        ram_will_write(as->pool, r->ram_base + offset, len);
    memcpy(r->host + offset, buf, len);
    if (as->pool)
        ram_written(as->pool, r->ram_base + offset, len);
}

static void dma_ram_write(struct address_space *as, const struct region *r, u64 offset, const void *buf, size_t len)
{
    if (as->pool)
        as->pool->by_device = true;
    ram_write(as, r, offset, buf, len);
    if (as->pool)
        as->pool->by_device = false;
}

static bool is_memory(const struct region *r)
{
    return r && (r->kind == REGION_RAM || r->kind == REGION_ROM);
}

/* One access. */

/* Where an access goes as a whole: a region and an offset; region NULL where it must be split by bytes. */
struct goal {
    const struct region *region;
    u64 offset;
    bool whole;
};

/* An access within one section is whole. One that leaves its section is whole too if it ends in the same region at the
 * place where it would end without what lies between: chips decode by the first byte and the byte enables, so that a
 * dword at port CF8 is CONFADD's although CF9 in its middle is the reset control's. */
static struct goal find_goal(struct address_space *as, u64 addr, unsigned size, bool write)
{
    const struct section *s = space_find(as, addr, write);
    struct goal goal = { s->region, s->offset + (addr - s->first), true };
    if (LIKELY(s->last - addr >= size - 1))
        return goal;
    goal.whole = false;
    if (s->region && s->region->kind == REGION_IO && s->region->wide) {
        goal.whole = true;
        return goal;
    }
    if (!s->region || s->region->kind != REGION_IO || addr > UINT64_MAX - (size - 1))
        return goal;
    const struct section *end = space_find(as, addr + size - 1, write);
    goal.whole = end->region == goal.region && end->offset + (addr + size - 1 - end->first) == goal.offset + size - 1;
    return goal;
}

static u64 read_goal(struct address_space *as, struct goal goal, u64 addr, unsigned size)
{
    if (!goal.region) {
        say_unmapped(as, addr, size, false);
        return low_bytes(as->unmapped_read, size);
    }
    if (goal.region->kind == REGION_IO)
        return region_io_read(goal.region, goal.offset, size);
    u64 value = 0;
    memcpy(&value, goal.region->host + goal.offset, size);
    return value;
}

static void write_goal(struct address_space *as, struct goal goal, u64 addr, u64 value, unsigned size)
{
    if (!goal.region)
        say_unmapped(as, addr, size, true);
    else if (goal.region->kind == REGION_IO)
        region_io_write(goal.region, goal.offset, value, size);
    else if (goal.region->kind == REGION_RAM)
        ram_write(as, goal.region, goal.offset, &value, size);
    else
        say_rom_write(as, addr);
}

/* The byte at addr + i of an access that may run past the end of the space: nothing is there. */
static struct goal byte_goal(struct address_space *as, u64 addr, unsigned i, bool write)
{
    if (addr > UINT64_MAX - i)
        return (struct goal){ 0 };
    return find_goal(as, addr + i, 1, write);
}

u64 space_read(struct address_space *as, u64 addr, unsigned size)
{
    struct goal goal = find_goal(as, addr, size, false);
    if (LIKELY(goal.whole))
        return read_goal(as, goal, addr, size);
    u64 value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= read_goal(as, byte_goal(as, addr, i, false), addr + i, 1) << (8 * i);
    return value;
}

void space_write(struct address_space *as, u64 addr, u64 value, unsigned size)
{
    struct goal goal = find_goal(as, addr, size, true);
    if (LIKELY(goal.whole)) {
        write_goal(as, goal, addr, value, size);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        write_goal(as, byte_goal(as, addr, i, true), addr + i, value >> (8 * i) & 0xff, 1);
}

/* Byte strings. */

/* The stretch of one section that holds up to `len` bytes from addr on. */
static size_t stretch(const struct section *s, u64 addr, size_t len)
{
    u64 left = s->last - addr;
    return left < len - 1 ? (size_t)left + 1 : len;
}

/* How many of `len` bytes lie within the space; beyond its end is no memory, and no way round to address 0. */
static size_t clip(struct address_space *as, u64 addr, size_t len)
{
    if (len == 0 || UINT64_MAX - addr >= len - 1)
        return len;
    say_dma_miss(as, addr);
    return (size_t)(UINT64_MAX - addr) + 1;
}

void space_read_bytes(struct address_space *as, u64 addr, void *buf, size_t len)
{
    u8 *to = buf;
    size_t inside = clip(as, addr, len);
    memset(to + inside, 0xff, len - inside);
    len = inside;
    while (len) {
        const struct section *s = space_find(as, addr, false);
        size_t n = stretch(s, addr, len);
        if (is_memory(s->region)) {
            memcpy(to, s->region->host + s->offset + (addr - s->first), n);
        } else {
            say_dma_miss(as, addr);
            memset(to, 0xff, n);
        }
        addr += n;
        to += n;
        len -= n;
    }
}

void space_write_bytes(struct address_space *as, u64 addr, const void *buf, size_t len)
{
    const u8 *from = buf;
    len = clip(as, addr, len);
    while (len) {
        const struct section *s = space_find(as, addr, true);
        size_t n = stretch(s, addr, len);
        if (s->region && s->region->kind == REGION_RAM) {
            dma_ram_write(as, s->region, s->offset + (addr - s->first), from, n);
            if (UNLIKELY(as->device_wrote != NULL))
                as->device_wrote(as->device_wrote_self, addr, n);
        } else if (is_memory(s->region)) {
            say_rom_write(as, addr);
        } else {
            say_dma_miss(as, addr);
        }
        addr += n;
        from += n;
        len -= n;
    }
}

size_t space_peek(struct address_space *as, u64 addr, void *buf, size_t len)
{
    size_t done = 0;
    while (done < len) {
        const struct section *s = space_find(as, addr + done, false);
        size_t n = stretch(s, addr + done, len - done);
        if (!is_memory(s->region))
            break;
        memcpy((u8 *)buf + done, s->region->host + s->offset + (addr + done - s->first), n);
        done += n;
        if (addr + done < addr || addr + done == 0)
            break;
    }
    return done;
}

static void dma_read_space(void *bus, u64 addr, void *buf, size_t len)
{
    space_read_bytes(bus, addr, buf, len);
}

static void dma_write_space(void *bus, u64 addr, const void *buf, size_t len)
{
    space_write_bytes(bus, addr, buf, len);
}

struct dma space_dma(struct address_space *as)
{
    return (struct dma){ dma_read_space, dma_write_space, as };
}
