/* test_space.c: accesses through a map: splitting, shadowing as the 440FX's PAM does it, ROM, nothing at all, ports at
 * the end of their space, DMA, and devices that change the map under the access they are serving. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "space.h"

#define RAM_SIZE 0x20000
#define ROM_AT 0x20000
#define ROM_SIZE 0x2000
#define DEVICE_AT 0x30000
#define DEVICE_SIZE 0x20
#define SHREDS 200

struct device {
    struct region region;
    char seen[256];
    u64 last_written;
    void (*act)(struct device *d); /* done in the middle of every access */
    struct bench *bench;
};

struct bench {
    struct log log;
    FILE *file;
    char *text;
    size_t len;
    struct ram_pool pool;
    struct region root, ram, rom;
    struct device device, other;
    struct address_space as;
    struct ram_listener listener;
    char heard[256];
    unsigned changed;
    struct region shred[2 * SHREDS];
    unsigned shreds;
};

static void note(char *where, const char *text)
{
    size_t used = strlen(where);
    snprintf(where + used, 256 - used, "%s ", text);
}

static u64 device_read(void *dev, u64 offset, unsigned size)
{
    struct device *d = dev;
    char text[64];
    snprintf(text, sizeof text, "r%x.%u", (unsigned)offset, size);
    note(d->seen, text);
    if (d->act)
        d->act(d);
    return 0x8877665544332211u + offset * 0x0101010101010101u;
}

static void device_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct device *d = dev;
    char text[64];
    snprintf(text, sizeof text, "w%x.%u", (unsigned)offset, size);
    note(d->seen, text);
    d->last_written = value;
    if (d->act)
        d->act(d);
}

static const struct region_ops device_ops = { device_read, device_write, 0, 0 };

static void hear(void *self, u64 ram_page, u32 mask)
{
    char text[64];
    snprintf(text, sizeof text, "%x:%x", (unsigned)ram_page, mask);
    note(((struct bench *)self)->heard, text);
}

static void count_changed(void *self)
{
    ((struct bench *)self)->changed++;
}

static int setup_as(void **state, bool is_io)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->file = open_memstream(&b->text, &b->len);
    assert_non_null(b->file);
    log_init(&b->log, b->file);
    ram_pool_init(&b->pool);
    b->listener = (struct ram_listener){ .code_written = hear, .self = b };
    ram_pool_listen(&b->pool, &b->listener);
    region_init_container(&b->root, "root", is_io ? 0x10000 : 0);
    region_init_io(&b->device.region, "device", DEVICE_SIZE, &device_ops, &b->device);
    region_init_io(&b->other.region, "other", 1, &device_ops, &b->other);
    b->device.bench = b->other.bench = b;
    space_init(&b->as, is_io ? "I/O" : "memory", &b->root, &b->pool, &b->log, is_io);
    b->as.changed = count_changed;
    b->as.changed_self = b;
    *state = b;
    return 0;
}

static int setup_ports(void **state)
{
    return setup_as(state, true);
}

/* RAM up to 20000, ROM up to 22000, the device at 30000. */
static int setup(void **state)
{
    setup_as(state, false);
    struct bench *b = *state;
    assert_true(region_init_ram(&b->ram, "ram", RAM_SIZE, &b->pool));
    assert_true(region_init_rom(&b->rom, "rom", ROM_SIZE, &b->pool));
    for (unsigned i = 0; i < ROM_SIZE; i++)
        b->rom.host[i] = (u8)(i * 7);
    region_add(&b->root, 0, &b->ram, 0);
    region_add(&b->root, ROM_AT, &b->rom, 0);
    region_add(&b->root, DEVICE_AT, &b->device.region, 0);
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    space_free(&b->as);
    ram_pool_free(&b->pool);
    fclose(b->file);
    free(b->text);
    free(b);
    return 0;
}

static unsigned count_said(struct bench *b, const char *part)
{
    unsigned n = 0;
    fflush(b->file);
    for (const char *p = b->text; (p = strstr(p, part)); p++)
        n++;
    return n;
}

static void ram_keeps_what_is_written(void **state)
{
    struct bench *b = *state;
    u64 v = 0x8877665544332211;
    for (unsigned size = 1; size <= 8; size *= 2) {
        space_write(&b->as, 0x1ffd, v, size);
        assert_true(space_read(&b->as, 0x1ffd, size) == low_bytes(v, size));
        assert_int_equal(b->ram.host[0x1ffd + size], 0);
    }
    assert_int_equal(b->ram.host[0x1ffe], 0x22);
}

static void rom_is_read_only(void **state)
{
    struct bench *b = *state;
    assert_int_equal(space_read(&b->as, ROM_AT + 1, 2), 0x0e07);
    for (int i = 0; i < 5; i++)
        space_write(&b->as, ROM_AT + 1, 0, 4);
    assert_int_equal(space_read(&b->as, ROM_AT + 1, 2), 0x0e07);
    assert_int_equal(count_said(b, "ROM"), 1);
}

static void nothing_reads_ones(void **state)
{
    struct bench *b = *state;
    assert_int_equal(space_read(&b->as, 0x50000, 1), 0xff);
    assert_int_equal(space_read(&b->as, 0x50000, 4), 0xffffffff);
    assert_true(space_read(&b->as, 0x50000, 8) == UINT64_MAX);
    space_write(&b->as, 0x50000, 1, 4);
    assert_int_equal(count_said(b, "guest: memory"), 4);
    b->as.unmapped_read = 0;
    assert_int_equal(space_read(&b->as, 0x50000, 4), 0);
}

static void accesses_split_where_sections_end(void **state)
{
    struct bench *b = *state;
    b->ram.host[RAM_SIZE - 1] = 0xab;
    assert_int_equal(space_read(&b->as, ROM_AT - 1, 4), 0x0e0700ab);
    space_write(&b->as, ROM_AT - 2, 0x44332211, 4);
    assert_int_equal(get_le16(b->ram.host + RAM_SIZE - 2), 0x2211);
    assert_int_equal(b->rom.host[1], 7);
    /* into the device, by bytes, and out of it into nothing */
    assert_int_equal(space_read(&b->as, DEVICE_AT - 2, 4), 0x1211ffff);
    assert_int_equal(space_read(&b->as, DEVICE_AT + DEVICE_SIZE - 1, 2), 0xff30);
    assert_string_equal(b->device.seen, "r0.1 r1.1 r1f.1 ");
    /* the end of all addresses is not followed by address 0 */
    b->ram.host[0] = 1;
    assert_int_equal(space_read(&b->as, UINT64_MAX, 4), 0xffffffff);
    space_write(&b->as, UINT64_MAX, 0, 4);
    assert_int_equal(b->ram.host[0], 1);
}

/* A dword at the device goes to it whole, though a byte in its middle is another chip's (ports CF8 and CF9). */
static void an_inner_region_does_not_split(void **state)
{
    struct bench *b = *state;
    region_add(&b->root, DEVICE_AT + 1, &b->other.region, 1);
    space_write(&b->as, DEVICE_AT, 0x80000004, 4);
    assert_int_equal(b->device.last_written, 0x80000004);
    assert_string_equal(b->other.seen, "");
    space_read(&b->as, DEVICE_AT + 1, 1);
    assert_string_equal(b->other.seen, "r0.1 ");
    space_write(&b->as, DEVICE_AT, 0x1234, 2); /* ends in the other: by bytes */
    assert_int_equal(b->other.last_written, 0x12);
    space_read(&b->as, DEVICE_AT + 1, 2);
    assert_string_equal(b->other.seen, "r0.1 w0.1 r0.1 ");
    assert_string_equal(b->device.seen, "w0.4 w0.1 r2.1 ");
}

/* A chip that decodes the place where an access begins gets it whole, beyond its end; not one that begins elsewhere. */
static void a_wide_register_takes_all(void **state)
{
    struct bench *b = *state;
    region_add(&b->root, DEVICE_AT + 1, &b->other.region, 1);
    b->other.region.wide = true;
    assert_int_equal(space_read(&b->as, DEVICE_AT + 1, 4), 0x44332211);
    space_write(&b->as, DEVICE_AT + 1, 0x12345678, 2);
    assert_int_equal(b->other.last_written, 0x5678);
    assert_string_equal(b->other.seen, "r0.4 w0.2 ");
    assert_string_equal(b->device.seen, "");
    space_read(&b->as, DEVICE_AT, 2);
    assert_string_equal(b->other.seen, "r0.4 w0.2 r0.1 ");
    assert_string_equal(b->device.seen, "r0.1 ");
}

/* The four modes of a PAM segment: reads and writes each from the shadow or from the bus (82441FX, 3.2.18). */
static void pam_modes_are_exact(void **state)
{
    struct bench *b = *state;
    struct region pam;
    region_init_alias(&pam, "pam", &b->ram, 0x10000, 0x1000);
    region_add(&b->root, ROM_AT, &pam, 1);
    for (unsigned mode = REGION_NONE; mode <= REGION_RW; mode++) {
        region_set_access(&pam, (enum region_access)mode);
        b->ram.host[0x10008] = 0x55;
        space_write(&b->as, ROM_AT + 8, 0x99, 1);
        u8 shadow = mode & REGION_W ? 0x99 : 0x55;
        assert_int_equal(b->ram.host[0x10008], shadow);
        assert_int_equal(space_read(&b->as, ROM_AT + 8, 1), mode & REGION_R ? shadow : 8 * 7);
        struct page read = space_page(&b->as, ROM_AT, false), write = space_page(&b->as, ROM_AT, true);
        assert_ptr_equal(read.host, mode & REGION_R ? b->ram.host + 0x10000 : b->rom.host);
        assert_ptr_equal(write.host, mode & REGION_W ? b->ram.host + 0x10000 : NULL);
        if (write.host)
            assert_int_equal(write.ram_page, 0x10);
    }
    assert_ptr_equal(space_page(&b->as, ROM_AT + 0x1000, false).host, b->rom.host + 0x1000);
}

/* Aliases of neighbouring stretches join, so a shadowed ROM is one section again. */
static void neighbours_join(void **state)
{
    struct bench *b = *state;
    struct region pam[4];
    for (unsigned i = 0; i < 4; i++) {
        region_init_alias(&pam[i], "pam", &b->ram, 0x18000 + 0x1000 * i, 0x1000);
        region_add(&b->root, 0x18000 + 0x1000 * i, &pam[i], 1);
    }
    const struct section *s = space_find(&b->as, 0x19000, false);
    assert_true(s->first == 0 && s->last == RAM_SIZE - 1);
}

static void pages_are_ram_or_nothing(void **state)
{
    struct bench *b = *state;
    struct region odd;
    assert_ptr_equal(space_page(&b->as, 0x3abc, true).host, b->ram.host + 0x3000);
    assert_int_equal(space_page(&b->as, ROM_AT + 0x1000, false).ram_page, RAM_SIZE / PAGE_SIZE + 1);
    assert_null(space_page(&b->as, ROM_AT, true).host);
    assert_null(space_page(&b->as, DEVICE_AT, false).host);
    assert_null(space_page(&b->as, 0x50000, false).host);
    assert_null(space_page(&b->as, UINT64_MAX, false).host);
    region_init_alias(&odd, "odd", &b->ram, 0x800, 0x4000); /* the page's bytes are not a page of RAM */
    region_add(&b->root, 0x40000, &odd, 0);
    assert_null(space_page(&b->as, 0x40000, false).host);
    assert_int_equal(space_read(&b->as, 0x40000, 1), 0);
    region_add(&b->root, 0x5800, &b->other.region, 1); /* a register in the middle of a page */
    assert_null(space_page(&b->as, 0x5000, false).host);
    assert_non_null(space_page(&b->as, 0x6000, false).host);
    region_remove(&b->other.region);
    assert_non_null(space_page(&b->as, 0x5000, false).host);
}

/* A page is in a stretch where it is the same RAM to reads and writes, and so are all the others of that stretch. */
static unsigned check_stretch(struct bench *b, u64 at)
{
    struct page r = space_page(&b->as, at, false), w = space_page(&b->as, at, true);
    struct ram_stretch s;
    bool found = space_stretch(&b->as, at, &s);
    assert_int_equal(found, w.host && r.host == w.host);
    if (!found)
        return 0;
    assert_true(s.first <= at && at - s.first <= s.last - s.first && !((s.first | (s.last + 1)) & ~PAGE_MASK));
    for (u64 page = s.first; page <= s.last; page += PAGE_SIZE) {
        assert_ptr_equal(space_page(&b->as, page, true).host, s.host + (page - s.first));
        assert_int_equal(space_page(&b->as, page, false).ram_page, (s.ram_addr + (page - s.first)) >> PAGE_SHIFT);
    }
    return 1;
}

static void stretches_are_what_their_pages_are(void **state)
{
    struct bench *b = *state;
    struct region window[24], shadow;
    unsigned found = 0;
    for (unsigned i = 0, seed = 5; i < ARRAY_LEN(window); i++) {
        seed = seed * 1103515245 + 12345;
        u64 size = (1 + (seed >> 24) % 4) * 0x1000 - (i % 5 ? 0 : 0x400), from = i % 2 ? (seed >> 16) % 12 * 0x1000 : 0;
        region_init_alias(&window[i], "window", i % 3 ? &b->ram : &b->rom, from + (i % 7 ? 0 : 0x200), size);
        region_add(&b->root, (seed >> 8) % 64 * 0x1000 + (i % 6 ? 0 : 0x800), &window[i], (int)(seed >> 20) % 4);
        region_set_access(&window[i], (enum region_access)(i % 4 ? REGION_RW : (seed >> 12) % 4));
        for (u64 page = 0; page < 0x48000; page += PAGE_SIZE)
            found += check_stretch(b, page + i);
    }
    assert_true(found > ARRAY_LEN(window) * (RAM_SIZE >> PAGE_SHIFT) / 2);
    assert_int_equal(check_stretch(b, UINT64_MAX), 0);
    region_init_alias(&shadow, "shadow", &b->ram, 0, 0x1000); /* RAM to reads, the same place of a ROM to writes */
    region_add(&b->root, ROM_AT, &shadow, 9);
    region_set_access(&shadow, REGION_R);
    assert_int_equal(check_stretch(b, ROM_AT), 0);
}

static void code_writes_are_told(void **state)
{
    struct bench *b = *state;
    memset(b->pool.code_lines, 0xff, b->pool.pages * sizeof(u32));
    space_write(&b->as, 0x100, 0, 1);
    assert_string_equal(b->heard, "0:4 ");
    space_write(&b->as, 0x100, 0, 8);
    assert_string_equal(b->heard, "0:4 ");
    space_write(&b->as, 0x1ffe, 0, 4); /* two pages */
    assert_string_equal(b->heard, "0:4 1:80000000 2:1 ");
    space_write(&b->as, 0x307f, 0, 2); /* two lines */
    assert_string_equal(b->heard, "0:4 1:80000000 2:1 3:3 ");
    b->heard[0] = 0;
    u8 buf[0x1100] = { 0 };
    space_write_bytes(&b->as, 0x5f80, buf, sizeof buf);
    assert_string_equal(b->heard, "5:80000000 6:ffffffff 7:1 ");
    b->heard[0] = 0;
    space_read(&b->as, 0x8000, 8);
    space_read_bytes(&b->as, 0x8000, buf, sizeof buf);
    space_write(&b->as, ROM_AT, 0, 8);
    space_write_bytes(&b->as, ROM_AT, buf, 16);
    assert_string_equal(b->heard, "");
    assert_int_equal(b->pool.code_lines[8], 0xffffffff);
}

static void dma_reaches_memory_alone(void **state)
{
    struct bench *b = *state;
    struct dma dma = space_dma(&b->as);
    u8 buf[64];
    memset(buf, 0x5a, sizeof buf);
    dma_write(&dma, DEVICE_AT - 16, buf, sizeof buf);
    dma_read(&dma, DEVICE_AT - 16, buf, sizeof buf);
    for (unsigned i = 0; i < sizeof buf; i++)
        assert_int_equal(buf[i], 0xff);
    assert_string_equal(b->device.seen, "");
    assert_int_equal(count_said(b, "not memory"), 1);
    memset(buf, 0x5a, sizeof buf);
    dma_write(&dma, ROM_AT - 32, buf, sizeof buf); /* RAM, then ROM */
    dma_read(&dma, ROM_AT - 32, buf, sizeof buf);
    assert_int_equal(buf[31], 0x5a);
    assert_int_equal(buf[33], 7);
    dma_read(&dma, 0x50000, buf, 0);
    assert_int_equal(buf[0], 0x5a);
    dma_write(&dma, UINT64_MAX - 3, buf, 8); /* does not come round */
    dma_read(&dma, UINT64_MAX - 3, buf, 8);
    assert_int_equal(b->ram.host[0], 0);
    assert_int_equal(buf[7], 0xff);
}

static void changes_are_told_once(void **state)
{
    struct bench *b = *state;
    space_read(&b->as, 0, 1);
    u64 generation = b->as.generation;
    unsigned changed = b->changed;
    region_set_enabled(&b->rom, true);
    region_set_addr(&b->device.region, DEVICE_AT);
    assert_int_equal(b->changed, changed);
    region_set_enabled(&b->rom, false);
    region_set_addr(&b->device.region, DEVICE_AT + 0x100);
    assert_int_equal(b->changed, changed + 1);
    assert_int_equal(space_read(&b->as, ROM_AT, 1), 0xff);
    assert_int_equal(b->as.generation, generation + 1);
    region_set_addr(&b->rom, 0x70000); /* not in the map: nothing changes */
    assert_false(b->as.stale);
}

/* Makes the map over, with more sections than before, so that the old ones are gone from the heap. */
static void upheave(struct device *d)
{
    struct bench *b = d->bench;
    d->act = NULL;
    region_set_enabled(&d->region, false);
    for (unsigned i = 0; i < SHREDS; i++) {
        struct region *r = &b->shred[b->shreds++];
        region_init_io(r, "shred", 1, &device_ops, &b->other);
        region_add(&b->root, 0x100000 + 2 * b->shreds, r, 0);
    }
    space_find(&b->as, 0, false);
}

static void a_device_may_change_the_map(void **state)
{
    struct bench *b = *state;
    b->device.act = upheave;
    assert_int_equal(space_read(&b->as, DEVICE_AT + 4, 4), 0x48372615);
    assert_int_equal(space_read(&b->as, DEVICE_AT + 4, 4), 0xffffffff);
    region_set_enabled(&b->device.region, true);
    b->device.act = upheave;
    space_write(&b->as, DEVICE_AT + 30, 0x44332211, 4); /* by bytes: the second finds the device gone */
    assert_string_equal(b->device.seen, "r4.4 w1e.1 ");
}

static void ports_end_at_ffff(void **state)
{
    struct bench *b = *state;
    region_add(&b->root, 0xffff, &b->other.region, 0);
    region_add(&b->root, 0, &b->device.region, 0);
    assert_int_equal(space_read(&b->as, 0xffff, 4), 0xffffff11);
    space_write(&b->as, 0xfffe, 0x44332211, 4);
    assert_int_equal(b->other.last_written, 0x22);
    assert_string_equal(b->other.seen, "r0.1 w0.1 ");
    assert_int_equal(space_read(&b->as, 0x10000, 4), 0xffffffff);
    assert_string_equal(b->device.seen, "");
    assert_int_equal(space_read(&b->as, 0, 2), 0x2211);
    assert_non_null(b->as.view[0].port);
}

static void an_absent_port_is_named_once(void **state)
{
    struct bench *b = *state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(space_read(&b->as, 0x2f8, 1), 0xff);
        space_write(&b->as, 0x279, 0, 1);
    }
    assert_int_equal(count_said(b, "unimp: I/O: no device at port 0x02f8"), 1);
    assert_int_equal(count_said(b, "unimp: I/O: no device at port 0x0279"), 1);
    assert_int_equal(count_said(b, "\n"), 2);
    space_expect_nothing(&b->as, 0x3e8, 8);
    for (u64 port = 0x3e7; port <= 0x3f0; port++)
        assert_int_equal(space_read(&b->as, port, 1), 0xff);
    assert_int_equal(count_said(b, "unimp: I/O: no device at port 0x03e7"), 1);
    assert_int_equal(count_said(b, "unimp: I/O: no device at port 0x03f0"), 1);
    assert_int_equal(count_said(b, "\n"), 4);
}

/* Each port its own section: more sections than the table can number; look-up searches instead. */
static void a_shredded_port_space_still_works(void **state)
{
    struct bench *b = *state;
    struct region *shred = calloc(0x10000, sizeof *shred);
    assert_non_null(shred);
    for (unsigned i = 0; i < 0x10000; i++) {
        region_init_io(&shred[i], "shred", 1, &device_ops, &b->other);
        region_add(&b->root, 0xffff - i, &shred[i], 0);
        if (i == 0)
            space_find(&b->as, 0, false);
    }
    assert_ptr_equal(space_find(&b->as, 0x1234, true)->region, &shred[0xffff - 0x1234]);
    assert_null(b->as.view[1].port);
    space_free(&b->as);
    b->root.children = NULL;
    free(shred);
    space_init(&b->as, "I/O", &b->root, &b->pool, &b->log, true);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define WITH_PORTS(name) cmocka_unit_test_setup_teardown(name, setup_ports, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(ram_keeps_what_is_written),
        WITH(rom_is_read_only),
        WITH(nothing_reads_ones),
        WITH(accesses_split_where_sections_end),
        WITH(an_inner_region_does_not_split),
        WITH(a_wide_register_takes_all),
        WITH(pam_modes_are_exact),
        WITH(neighbours_join),
        WITH(pages_are_ram_or_nothing),
        WITH(stretches_are_what_their_pages_are),
        WITH(code_writes_are_told),
        WITH(dma_reaches_memory_alone),
        WITH(changes_are_told_once),
        WITH(a_device_may_change_the_map),
        WITH_PORTS(ports_end_at_ffff),
        WITH_PORTS(an_absent_port_is_named_once),
        WITH_PORTS(a_shredded_port_space_still_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
