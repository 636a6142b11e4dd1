/* harness.c: see harness.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "region_io.h"
#include "space.h"

/* More deadlines than this without the clock moving on, and a timer feeds itself. */
#define STUCK 100

static u64 bench_now(void *source)
{
    return ((const struct harness *)source)->now;
}

static void bench_dma_read(void *bus, u64 addr, void *buf, size_t len)
{
    const struct harness *h = bus;
    u8 *to = buf;
    for (size_t i = 0; i < len; i++)
        to[i] = addr + i < HARNESS_RAM ? h->ram[addr + i] : 0xff;
}

static void bench_dma_write(void *bus, u64 addr, const void *buf, size_t len)
{
    struct harness *h = bus;
    const u8 *from = buf;
    for (size_t i = 0; i < len; i++)
        if (addr + i < HARNESS_RAM)
            h->ram[addr + i] = from[i];
}

void harness_init(struct harness *h)
{
    memset(h, 0, sizeof *h);
    clock_init(&h->clock);
    h->clock.now = bench_now;
    h->clock.source = h;
    h->log_file = open_memstream(&h->log_text, &h->log_len);
    assert_non_null(h->log_file);
    log_init(&h->log, h->log_file);
    h->ram = calloc(1, HARNESS_RAM);
    assert_non_null(h->ram);
    h->dma = (struct dma){ bench_dma_read, bench_dma_write, h };
}

void harness_free(struct harness *h)
{
    fclose(h->log_file);
    free(h->log_text);
    free(h->ram);
}

static void bench_irq_set(void *receiver, unsigned n, bool level)
{
    struct harness *h = receiver;
    if (level && !h->irq[n])
        h->rises[n]++;
    h->irq[n] = level;
}

struct irq_line harness_irq(struct harness *h, unsigned n)
{
    assert_in_range(n, 0, HARNESS_LINES - 1);
    return (struct irq_line){ bench_irq_set, h, n };
}

void harness_advance(struct harness *h, u64 ns)
{
    u64 target = h->now + ns;
    unsigned stuck = 0;
    while (h->clock.next <= target) {
        stuck = h->clock.next > h->now ? 0 : stuck + 1;
        assert_true(stuck < STUCK);
        if (h->clock.next > h->now)
            h->now = h->clock.next;
        clock_run_due(&h->clock);
    }
    h->now = target;
}

/* A container, or a register window that others stand in: seen through a space of its own. */
static bool needs_space(const struct region *r)
{
    return r->kind == REGION_CONTAINER || r->kind == REGION_ALIAS || r->children;
}

/* A BAR's region is disabled until the guest enables it; the bench reaches it all the same. */
static void open_space(struct harness *h, struct address_space *as, struct region *r)
{
    bool enabled = r->enabled;
    space_init(as, r->name, r, NULL, &h->log, false);
    r->enabled = true;
    space_find(as, 0, false);
    r->enabled = enabled;
}

static void check_access(const struct region *r, u64 offset, unsigned size)
{
    assert_true(size == 1 || size == 2 || size == 4 || size == 8);
    assert_true(offset <= r->last && size - 1 <= r->last - offset);
}

u64 harness_read(struct harness *h, struct region *r, u64 offset, unsigned size)
{
    check_access(r, offset, size);
    if (r->kind == REGION_IO && !r->children)
        return region_io_read(r, offset, size);
    u64 value = 0;
    if (!needs_space(r)) {
        memcpy(&value, r->host + offset, size);
        return value;
    }
    struct address_space as;
    open_space(h, &as, r);
    value = space_read(&as, offset, size);
    space_free(&as);
    return value;
}

void harness_write(struct harness *h, struct region *r, u64 offset, u64 value, unsigned size)
{
    check_access(r, offset, size);
    if (r->kind == REGION_IO && !r->children) {
        region_io_write(r, offset, value, size);
    } else if (!needs_space(r)) {
        if (r->kind == REGION_RAM)
            memcpy(r->host + offset, &value, size);
    } else {
        struct address_space as;
        open_space(h, &as, r);
        space_write(&as, offset, value, size);
        space_free(&as);
    }
}

bool harness_logged(struct harness *h, const char *text)
{
    fflush(h->log_file);
    return h->log_text && strstr(h->log_text, text) != NULL;
}

#define SEED 0x9e3779b97f4a7c15u

/* xorshift64*: the same values in every run. */
static u64 random_next(u64 *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1du;
}

/* Guests' favourites beside plain noise. */
static u64 fuzz_value(u64 *seed)
{
    static const u64 edge[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, UINT64_MAX };
    u64 v = random_next(seed);
    return v % 3 ? v >> 8 : edge[(v >> 8) % ARRAY_LEN(edge)];
}

static u64 fuzz_offset(const struct region *r, unsigned size, u64 *seed)
{
    u64 places = r->last - size + 2;
    return places ? (random_next(seed) >> 8) % places : random_next(seed);
}

void harness_fuzz(struct harness *h, struct region *const *regions, size_t count, unsigned steps)
{
    u64 seed = SEED;
    for (unsigned i = 0; i < steps; i++) {
        u64 dice = random_next(&seed) >> 16;
        struct region *r = regions[(dice >> 8) % count];
        unsigned size = 1u << (dice & 3);
        while (size > 1 && size - 1 > r->last)
            size /= 2;
        u64 offset = fuzz_offset(r, size, &seed);
        if (dice & 4)
            harness_read(h, r, offset, size);
        else
            harness_write(h, r, offset, fuzz_value(&seed), size);
        if ((dice >> 3 & 7) == 0)
            harness_advance(h, random_next(&seed) >> 48);
    }
}

/* State. */

#define ROUNDS 200
static void fill_fields(const struct state_field *f, u8 *self, u64 *seed);

static void fill_int(const struct state_field *f, u8 *at, u64 *seed)
{
    u64 v = low_bytes(random_next(seed), f->size);
    if (v > f->max)
        v %= f->max + 1;
    memcpy(at, &v, f->size);
}

static void fill_element(const struct state_field *f, u8 *at, u64 *seed)
{
    switch (f->kind) {
    case STATE_K_INT:
        fill_int(f, at, seed);
        break;
    case STATE_K_BYTES:
        for (u32 i = 0; i < f->size; i++)
            at[i] = (u8)(random_next(seed) >> 32);
        break;
    case STATE_K_STRUCT:
        fill_fields(f->sub, at, seed);
        break;
    case STATE_K_TIMER:
        timer_set((struct timer *)(void *)at, random_next(seed) % 4 ? random_next(seed) >> 8 : CLOCK_NEVER);
        break;
    case STATE_K_END:
        break;
    }
}

static void fill_fields(const struct state_field *f, u8 *self, u64 *seed)
{
    for (; f->kind != STATE_K_END; f++)
        for (u32 i = 0; i < f->count; i++)
            fill_element(f, self + f->offset + (size_t)i * f->size, seed);
}

static void clear_fields(const struct state_field *f, u8 *self)
{
    for (; f->kind != STATE_K_END; f++)
        for (u32 i = 0; i < f->count; i++) {
            u8 *at = self + f->offset + (size_t)i * f->size;
            if (f->kind == STATE_K_STRUCT)
                clear_fields(f->sub, at);
            else if (f->kind == STATE_K_TIMER)
                timer_stop((struct timer *)(void *)at);
            else
                memset(at, 0, f->size);
        }
}

/* Loads the image into `to` and saves it again: nothing may differ. False when the device refuses it. */
static bool round_trip(const struct state_table *t, struct state_buf *image, void *to)
{
    struct state_buf again = { 0 };
    const char *why = NULL;
    image->pos = 0;
    if (!state_load(t, to, image, &why)) {
        if (strcmp(why, "(post-load check)") != 0)
            fail_msg("%s: legal state refused at %s", t->name, why);
        return false;
    }
    assert_int_equal(image->pos, image->len);
    assert_true(state_save(t, to, &again));
    assert_int_equal(again.len, image->len);
    for (size_t i = 0; i < image->len; i++)
        if (again.data[i] != image->data[i])
            fail_msg("%s: saved state changes at byte %zu of %zu after a load", t->name, i, image->len);
    state_buf_free(&again);
    return true;
}

void harness_check_state(const struct state_table *t, void *self, void *other)
{
    u64 seed = SEED;
    unsigned accepted = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct state_buf image = { 0 };
        fill_fields(t->fields, self, &seed);
        assert_true(state_save(t, self, &image));
        if (round_trip(t, &image, other)) {
            assert_true(state_hash(t, self, 0) == state_hash(t, other, 0));
            clear_fields(t->fields, self);
            assert_true(round_trip(t, &image, self));
            accepted++;
        }
        state_buf_free(&image);
    }
    if (!accepted)
        fail_msg("%s: the post-load check refused every one of %u random legal states", t->name, ROUNDS);
}
