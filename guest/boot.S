/* boot.S: the boot sector of the bundled guest: loads the sectors behind it and goes there.
 *
 * The firmware loads sector 0 of the disk to 0000:7C00 and starts it with the drive's number in DL. The report
 * (report.S) is linked behind it, at 7E00, and fills the next REPORT_SECTORS sectors. */
        .code16
        .section .boot, "ax"
        .globl  start

        .set    REPORT_SECTORS, 15
        .set    DISK_EXTENDED_READ, 0x42
        .set    DISK_READ, 0x02
        .set    DISK_EXTENSIONS, 0x41

start:  ljmp    $0, $1f                 # some firmware starts us at 07C0:0000
1:      cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $start, %sp
        sti
        cld
        movb    %dl, boot_drive

        movb    $DISK_EXTENSIONS, %ah   # can it read by block number?
        movw    $0x55aa, %bx
        int     $0x13
        jc      by_chs
        cmpw    $0xaa55, %bx
        jne     by_chs
        movb    boot_drive, %dl
        movb    $DISK_EXTENDED_READ, %ah
        movw    $packet, %si
        int     $0x13
        jc      failed
        jmp     report

by_chs: movb    boot_drive, %dl         # no: cylinder 0, head 0, sector 2; a track has more than 16 sectors
        xorb    %dh, %dh
        movw    $2, %cx
        movw    $report, %bx
        movb    $DISK_READ, %ah
        movb    $REPORT_SECTORS, %al
        int     $0x13
        jnc     report

failed: movw    $text_failed, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        movb    $0x0e, %ah
        movw    $7, %bx
        int     $0x10
        jmp     1b
2:      hlt
        jmp     2b

        .balign 4
packet: .byte   16, 0                   # INT 13h disk address packet
        .word   REPORT_SECTORS
        .word   report, 0
        .quad   1

        .globl  boot_drive
boot_drive:
        .byte   0
text_failed:
        .asciz  "The rest of the guest can't be read from the disk.\r\n"

        .org    510
        .word   0xaa55
