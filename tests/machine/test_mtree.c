/* test_mtree.c: the map of a machine with 1 GiB after its firmware has set it up, line for line. It is QEMU's `info
 * mtree` of the same machine but for chips that are not on our board (docs/differences.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "firmware.h"
#include "debug.h"
#include "machine.h"

/* The firmware has long done its work then, and says that it finds no disk. */
#define RUN_NS 1000000000u

/* The map as text; freed by the caller. */
static char *print_map(struct machine *m)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_true(debug_print_map(m, DEBUG_MAP_TREE, out));
    fclose(out);
    return text;
}

/* Says which line differs first; the whole map goes to stderr. */
static void assert_same_lines(const char *got, const char *expected)
{
    for (unsigned line = 1; *got || *expected; line++) {
        size_t a = strcspn(got, "\n"), b = strcspn(expected, "\n");
        if (a != b || memcmp(got, expected, a) != 0)
            fail_msg("line %u: \"%.*s\", not \"%.*s\"", line, (int)a, got, (int)b, expected);
        got += a + (got[a] != 0);
        expected += b + (expected[b] != 0);
    }
}

static void the_map_is_what_we_say(void **state)
{
    (void)state;
    u8 *bios = malloc(FIRMWARE_MAX), *vga = malloc(FIRMWARE_MAX), *golden = calloc(1, FIRMWARE_MAX + 1);
    u8 *vapic = malloc(FIRMWARE_MAX);
    struct log log;
    log_init(&log, NULL);
    log.quiet[LOG_UNIMP] = log.quiet[LOG_GUEST] = true;
    struct machine_config c = { .ram_size = GIB, .icount_shift = 3, .parallel = true, .log = &log };
    bool firmware = add_firmware(&c, bios, vga);
    c.vapic_rom = vapic;
    c.vapic_rom_size = read_firmware(VAPIC_ROM_PATH, vapic);
    if (!firmware || !c.vapic_rom_size)
        skip();
    assert_true(read_firmware(GOLDEN, golden) != 0);
    struct machine *m = machine_new(&c);
    while (machine_now_ns(m) < RUN_NS)
        assert_int_equal(machine_run(m), MACHINE_RUNNING);
    char *map = print_map(m);
    if (strcmp(map, (const char *)golden) != 0)
        fputs(map, stderr);
    assert_same_lines(map, (const char *)golden);
    free(map);
    machine_free(m);
    free(golden);
    free(vapic);
    free(vga);
    free(bios);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_map_is_what_we_say) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
