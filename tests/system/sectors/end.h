/* end.h: ends the run, whoever runs it: by isa-debug-exit at F4 or 501 where there is one (10h), else by ACPI's power-off
 * (PMCNTRL: SLP_EN). */
        movb    $0x10, %al
        outb    %al, $0xf4
        movw    $0x501, %dx
        outb    %al, %dx
        movw    $0x604, %dx
        movw    $0x2000, %ax
        outw    %ax, %dx
1:      hlt
        jmp     1b
