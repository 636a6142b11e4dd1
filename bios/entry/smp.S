/* smp.S: where application processors start: the first page of the F segment's code, for SIPI's vector F2h. Each takes its
 * turn (low.smp_lock) on the one stack they share, and does in flat code what smp.c says; then it waits for the operating
 * system's INIT. */
#include "memmap.h"

        .code16
        .section .page.smp, "ax"
        .global entry_ap
entry_ap:
        cli
        cld
        ljmpw   $SEG_BIOS, $1f  /* SIPI has made CS F200 */
1:      movl    %cr0, %eax
        andl    $0x9fffffff, %eax
        lgdtl   %cs:gdt_pointer
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $SEL_CODE32, $(BIOS_BASE + 1f)
        .code32
1:      movw    $SEL_DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
2:      lock btsl $0, LOW_BASE + LOW_VARS + 16  /* low.smp_lock */
        jnc     3f
        pause
        jmp     2b
3:      movl    $(TMP_LOW_HEAP + 0x1000), %esp /* smp.c took that page for the while */
        movl    BIOS_BASE + FSEG_VARS + 16, %eax
        call    *%eax
        lock btrl $0, LOW_BASE + LOW_VARS + 16
4:      cli
        hlt
        jmp     4b
