#include "post.h"
void acpi_init(void) {}
void smbios_init(void) {}
void mptable_init(void) {}
void pirtable_init(void) {}
void mtrr_init(void) {}
void smp_init(void)
{
    FSEG->cpus = 1;
}
void smm_init(void) {}
void ap_main(void) {}
