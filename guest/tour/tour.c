/* tour.c: the guided tour. */
#include "kernel.h"
#include "tour.h"

#define TEN_MINUTES (10 * 60 * 182 / 10)

void tour_run(void)
{
    print("\nA key powers the machine off; ten minutes do, too.\n");
    key_wait(TEN_MINUTES);
    power_off();
}
