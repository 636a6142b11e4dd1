/* test_options_drive.c: drives on the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options_bench.h"

static void disks(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-hdb b.img -drive file=c.img,format=raw,if=ide,index=2,media=disk,snapshot=on,readonly=on a.img");
    assert_string_equal(l.o.drive[0].file, "a.img");
    assert_string_equal(l.o.drive[1].file, "b.img");
    assert_string_equal(l.o.drive[2].file, "c.img");
    assert_null(l.o.drive[3].file);
    assert_true(l.o.drive[2].raw && l.o.drive[2].snapshot && l.o.drive[2].read_only);
    assert_false(l.o.drive[0].raw || l.o.drive[0].snapshot);
    forget(&l);
}

static void drives_without_a_place_take_the_first_free_one(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-drive file=a.img -drive file=d.img,bus=1,unit=1 -drive file=b.img");
    assert_string_equal(l.o.drive[0].file, "a.img");
    assert_string_equal(l.o.drive[1].file, "b.img");
    assert_string_equal(l.o.drive[3].file, "d.img");
    forget(&l);
}

static void floppy_drives(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-hda a.img");
    assert_true(l.o.drive[4].present); /* A: is there without being asked, and empty */
    assert_null(l.o.drive[4].file);
    assert_false(l.o.drive[5].present);
    forget(&l);
    runs(&l, "-nodefaults -hda a.img");
    assert_false(l.o.drive[4].present);
    forget(&l);
    runs(&l, "-fdb b.img -drive if=floppy,file=a.img,id=boot,snapshot=on");
    assert_string_equal(l.o.drive[4].file, "a.img");
    assert_string_equal(l.o.drive[4].id, "boot");
    assert_true(l.o.drive[4].snapshot);
    assert_string_equal(l.o.drive[5].file, "b.img");
    forget(&l);
    runs(&l, "-drive if=floppy,index=1");
    assert_true(l.o.drive[5].present);
    assert_null(l.o.drive[5].file);
    forget(&l);
}

static void cdrom_drives(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-hda a.img");
    assert_true(l.o.drive[2].present && l.o.drive[2].cdrom); /* there without being asked, and empty */
    assert_null(l.o.drive[2].file);
    forget(&l);
    runs(&l, "-nodefaults -hda a.img");
    assert_false(l.o.drive[2].present);
    forget(&l);
    runs(&l, "-hdc c.img -drive media=cdrom,index=1,file=b.iso");
    assert_false(l.o.drive[2].cdrom);
    assert_true(l.o.drive[1].cdrom && l.o.drive[1].read_only);
    forget(&l);
    runs(&l, "-cdrom c.iso");
    assert_true(l.o.drive[2].cdrom && l.o.drive[2].read_only);
    assert_string_equal(l.o.drive[2].file, "c.iso");
    forget(&l);
}

static void a_drive_can_opt_out_of_snapshot(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-snapshot -hda a.img -drive file=b.img,snapshot=off");
    assert_true(l.o.drive[0].snapshot);
    assert_false(l.o.drive[1].snapshot);
    forget(&l);
}

/* -drive if=none describes a drive, -device puts it into the machine. */
static void drives_of_devices(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-device ide-hd,drive=b,bus=ide.1,unit=1 -drive if=none,id=a,file=a.img,format=raw,file.locking=off "
             "-drive if=none,id=b,file=b.img,cache=none -device ide-hd,drive=a -device ide-cd,drive=c,bus=ide.1 "
             "-drive if=none,id=c,media=cdrom -drive if=none,id=d,file=d.img -device floppy,drive=d,unit=1 "
             "-drive if=none,id=e,file=e.img");
    assert_string_equal(l.o.drive[0].file, "a.img");
    assert_true(l.o.drive[0].no_lock && !l.o.drive[3].no_lock);
    assert_string_equal(l.o.drive[3].file, "b.img");
    assert_true(l.o.drive[2].cdrom && !l.o.drive[2].file);
    assert_string_equal(l.o.drive[5].file, "d.img");
    assert_false(l.o.drive[1].present);
    forget(&l);
    is_wrong("-drive if=none,file=a.img", "needs id=");
    is_wrong("-device ide-hd,drive=a", "can't find the drive 'a'");
    is_wrong("-device ide-hd", "drive= is missing");
    is_wrong("-drive file=a.img,id=a -device ide-hd,drive=a", "is in use");
    is_wrong("-drive if=none,file=a,id=a -device ide-hd,drive=a -device ide-hd,drive=a", "is in use");
    is_wrong("-drive if=none,file=a,id=a -device ide-hd,drive=a,bus=ahci.0", "there is no bus ahci.0");
    is_wrong("-drive if=none,file=a,id=a -device ide-hd,drive=a,bootindex=1", "no property 'bootindex'");
    is_wrong("-device ide-hd,drive=a,unit=2", "neither 0 nor 1");
    is_wrong("-drive file=x,file.locking=perhaps", "neither on, auto nor off");
}

static void wrong_disks(void **state)
{
    (void)state;
    is_wrong("-hda a.img b.img", "both are disk 0");
    is_wrong("-drive format=raw", "file= is missing");
    is_wrong("-drive file=x,format=qcow2", "raw");
    is_wrong("-drive file=x,if=virtio", "if=ide, if=floppy or if=none");
    is_wrong("-drive file=x,cache=writethrough", "cache=writeback");
    is_wrong("-drive file=x,cache=write", "cache=writeback");
    is_wrong("-drive file=x,if=floppy,index=2", "floppy drives 0 and 1");
    is_wrong("-fda a.img -drive file=b.img,if=floppy,index=0", "both are floppy 0 (-fda)");
    is_wrong("-drive file=x,media=tape", "media=disk or media=cdrom");
    is_wrong("-drive if=floppy,media=cdrom", "can't be media=cdrom");
    is_wrong("-cdrom a.iso -hdc b.img", "both are disk 2 (-hdc)");
    is_wrong("-drive file=x,index=4", "0 to 3");
    is_wrong("-drive file=x,snapshot=maybe", "neither on nor off");
    is_wrong("-drive file=x,colour=red", "no property 'colour'");
    is_wrong("-drive file=a -drive file=b -drive file=c -drive file=d -drive file=e", "more than 4 disks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disks),
        cmocka_unit_test(drives_without_a_place_take_the_first_free_one),
        cmocka_unit_test(floppy_drives),
        cmocka_unit_test(cdrom_drives),
        cmocka_unit_test(a_drive_can_opt_out_of_snapshot),
        cmocka_unit_test(drives_of_devices),
        cmocka_unit_test(wrong_disks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
