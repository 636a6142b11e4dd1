/* main.c: the kernel's course: tables, then what the menu chose. */
#include "kernel.h"
#include "tests.h"
#include "tour.h"

void kernel_main(void);

void kernel_main(void)
{
    gdt_init();
    trap_init();
    real_init();
    switch (info->entry) {
    case ENTRY_TESTS:
        tests_run();
        break;
    case ENTRY_RESUME:
        tests_resume();
        break;
    case ENTRY_OFF:
        power_off();
        break;
    default:
        tour_run();
        break;
    }
    machine_exit(0);
}
