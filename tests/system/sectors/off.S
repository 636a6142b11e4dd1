/* Powers the machine off by ACPI: SLP_TYP 0 and SLP_EN in the PIIX4's PMCNTRL, where the firmware puts it. */
#include "common.h"
BEGIN
        movw    $0x604, %dx
        movw    $0x2000, %ax
        outw    %ax, %dx
1:      hlt
        jmp     1b
END
