/* smm.S: system management mode (SDM vol. 3, 32): the code that moves SMBASE, run once at 38000, and the handler that
 * stays at A8000 afterwards. Both are copied there by smm.c. The save map's form follows from its revision: with 64 bits
 * SMBASE stands at FF00, else at FEF8 (offsets from SMBASE). */
#include "memmap.h"

#define SMM_BASE 0xa0000
#define REVISION 0xfefc
#define REVISION_64 0x64
#define SMBASE_64 0xff00
#define SMBASE_32 0xfef8
#define PORT_APMC 0xb2
#define PORT_APMS 0xb3
#define ACPI_ENABLE 0xf1
#define ACPI_DISABLE 0xf0
#define PM1_CONTROL 4

        .code16
        .section .rodata.smm, "a"
        .global smm_relocate, smm_relocate_end, smm_handler, smm_handler_end
smm_relocate:
        movw    %cs:REVISION, %ax
        movl    $SMM_BASE, %ebx
        cmpb    $REVISION_64, %al
        je      1f
        movl    %ebx, %cs:SMBASE_32
        jmp     2f
1:      movl    %ebx, %cs:SMBASE_64
2:      xorb    %al, %al
        outb    %al, $PORT_APMS
        rsm
smm_relocate_end:

/* ACPI's enable and disable, on chips that leave SCI_EN to us; all else is only acknowledged. The PM base is patched. */
smm_handler:
        inb     $PORT_APMC, %al
        movw    $0, %dx
        .global smm_pm_base
        .set    smm_pm_base, . - 2
        addw    $PM1_CONTROL, %dx
        movb    %al, %bl
        cmpb    $ACPI_ENABLE, %bl
        je      1f
        cmpb    $ACPI_DISABLE, %bl
        jne     3f
        inw     %dx, %ax
        andw    $~1, %ax
        jmp     2f
1:      inw     %dx, %ax
        orw     $1, %ax
2:      outw    %ax, %dx
3:      rsm
smm_handler_end:
