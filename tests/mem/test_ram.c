/* test_ram.c: the pool of RAM: one number space for all pages, and word of writes to decoded code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "space.h"

struct ear {
    struct ram_listener listener;
    unsigned calls;
    u64 page;
    u32 mask;
};

static void hear(void *self, u64 ram_page, u32 mask)
{
    struct ear *e = self;
    e->calls++;
    e->page = ram_page;
    e->mask = mask;
}

static void blocks_are_numbered_by_pages(void **state)
{
    (void)state;
    struct ram_pool pool;
    struct region a, b;
    ram_pool_init(&pool);
    assert_true(region_init_ram(&a, "a", 5000, &pool));
    assert_true(region_init_rom(&b, "b", 0x10000, &pool));
    assert_int_equal(a.kind, REGION_RAM);
    assert_int_equal(b.kind, REGION_ROM);
    assert_int_equal(a.ram_base, 0);
    assert_int_equal(region_size(&a), 5000);
    assert_int_equal(b.ram_base, 2 * PAGE_SIZE);
    assert_int_equal(pool.pages, 18);
    assert_ptr_equal(ram_page_host(&pool, 1), a.host + PAGE_SIZE);
    assert_ptr_equal(ram_page_host(&pool, 17), b.host + 15 * PAGE_SIZE);
    assert_null(ram_page_host(&pool, 18));
    assert_null(ram_page_host(&pool, UINT64_MAX));
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(a.host[i], 0);
    ram_pool_free(&pool);
}

static void what_the_host_lacks_is_refused(void **state)
{
    (void)state;
    struct ram_pool pool;
    struct region r;
    ram_pool_init(&pool);
    assert_false(region_init_ram(&r, "r", 0, &pool));
    assert_false(region_init_ram(&r, "r", UINT64_MAX, &pool));
    assert_false(region_init_ram(&r, "r", (u64)1 << 60, &pool));
    for (unsigned i = 0; i < RAM_BLOCKS_MAX; i++)
        assert_true(region_init_ram(&r, "r", 1, &pool));
    assert_false(region_init_ram(&r, "r", 1, &pool));
    assert_int_equal(pool.pages, RAM_BLOCKS_MAX);
    ram_pool_free(&pool);
}

static void masks_name_lines(void **state)
{
    (void)state;
    assert_int_equal(code_line_mask(0, 1), 1);
    assert_int_equal(code_line_mask(127, 2), 3);
    assert_int_equal(code_line_mask(128, 128), 2);
    assert_int_equal(code_line_mask(4095, 1), 0x80000000);
    assert_int_equal(code_line_mask(0, 4096), 0xffffffff);
}

static void every_listener_hears_what_held_code(void **state)
{
    (void)state;
    struct ram_pool pool;
    struct region r;
    struct ear a = { 0 }, b = { 0 };
    a.listener = (struct ram_listener){ .code_written = hear, .self = &a };
    b.listener = (struct ram_listener){ .code_written = hear, .self = &b };
    ram_pool_init(&pool);
    assert_true(region_init_ram(&r, "r", 0x4000, &pool));
    ram_pool_listen(&pool, &a.listener);
    ram_pool_listen(&pool, &b.listener);
    pool.code_lines[2] = 0x0f;
    ram_code_written(&pool, 2, 0xf0);
    ram_code_written(&pool, 1, 0xff);
    ram_code_written(&pool, 4, 0xff);
    ram_code_written(&pool, UINT64_MAX, 0xff);
    assert_int_equal(a.calls, 0);
    ram_code_written(&pool, 2, 0x3c);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 1);
    assert_int_equal(b.page, 2);
    assert_int_equal(b.mask, 0x0c);
    assert_int_equal(pool.code_lines[2], 0x03);
    ram_code_written(&pool, 2, 0x3c);
    assert_int_equal(a.calls, 1);
    ram_pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_numbered_by_pages),
        cmocka_unit_test(what_the_host_lacks_is_refused),
        cmocka_unit_test(masks_name_lines),
        cmocka_unit_test(every_listener_hears_what_held_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
