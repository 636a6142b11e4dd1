/* test_media.c: drives as somebody in front of the machine sees them: which there are, what can be taken out and put
 * in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "machine.h"

#define ROM_SIZE 65536

struct bench {
    struct log log;
    u8 rom[ROM_SIZE];
    struct machine *machine;
};

static const struct block_backend hard_disk = { .sectors = 100 }, disc = { .sectors = 400 },
                                  floppy = { .sectors = 2880 }, other_disc = { .sectors = 800 }, empty = { 0 };

/* A hard disk, a CD with a disc in it, an empty floppy drive A. */
static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    struct machine_config config = {
        .ram_size = 2 * MIB,
        .bios = b->rom,
        .bios_size = ROM_SIZE,
        .disk = { &hard_disk, NULL, &disc, NULL },
        .cdrom = { [2] = true },
        .floppy = { &empty, NULL },
        .icount_shift = 3,
        .log = &b->log,
    };
    b->machine = machine_new(&config);
    assert_non_null(b->machine);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    machine_free(b->machine);
    free(b);
    return 0;
}

static void the_drives(void **state)
{
    struct machine *m = ((struct bench *)*state)->machine;
    struct machine_drive d = machine_drive(m, 0);
    assert_true(d.present && !d.removable && d.medium == &hard_disk);
    d = machine_drive(m, 2);
    assert_true(d.present && d.removable && !d.locked && !d.tray_open && d.medium == &disc);
    d = machine_drive(m, 4);
    assert_true(d.present && d.removable && !d.tray_open && d.medium->sectors == 0);
    assert_false(machine_drive(m, 1).present);
    assert_false(machine_drive(m, 3).present);
    assert_false(machine_drive(m, 5).present);
    assert_false(machine_drive(m, MACHINE_DRIVES).present);
}

static void what_cannot_be_changed(void **state)
{
    struct machine *m = ((struct bench *)*state)->machine;
    assert_int_equal(machine_eject(m, 0, true), MACHINE_MEDIA_FIXED);
    assert_int_equal(machine_change(m, 0, &disc, true), MACHINE_MEDIA_FIXED);
    assert_int_equal(machine_eject(m, 1, true), MACHINE_MEDIA_NO_DRIVE);
    assert_int_equal(machine_eject(m, 5, true), MACHINE_MEDIA_NO_DRIVE);
    assert_int_equal(machine_eject(m, MACHINE_DRIVES, true), MACHINE_MEDIA_NO_DRIVE);
    assert_ptr_equal(machine_drive(m, 0).medium, &hard_disk);
}

static void discs_come_and_go(void **state)
{
    struct machine *m = ((struct bench *)*state)->machine;
    static const struct {
        unsigned drive;
        const struct block_backend *medium;
    } t[] = { { 2, &other_disc }, { 4, &floppy } };
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        assert_int_equal(machine_eject(m, t[i].drive, false), MACHINE_MEDIA_OK);
        struct machine_drive d = machine_drive(m, t[i].drive);
        assert_true(d.present && d.tray_open && d.medium->sectors == 0);
        assert_int_equal(machine_change(m, t[i].drive, t[i].medium, false), MACHINE_MEDIA_OK);
        d = machine_drive(m, t[i].drive);
        assert_true(d.present && !d.tray_open && d.medium == t[i].medium);
    }
}

/* The state of a drive is the machine's, the medium is not: a reset leaves it inside. */
static void a_reset_leaves_media(void **state)
{
    struct machine *m = ((struct bench *)*state)->machine;
    machine_change(m, 4, &floppy, false);
    machine_eject(m, 2, false);
    machine_reset(m);
    assert_ptr_equal(machine_drive(m, 4).medium, &floppy);
    assert_true(machine_drive(m, 2).tray_open);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_drives),
        TEST(what_cannot_be_changed),
        TEST(discs_come_and_go),
        TEST(a_reset_leaves_media),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
