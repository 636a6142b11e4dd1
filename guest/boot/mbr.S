/* mbr.S: the boot sector of the bundled guest: loads the second stage behind it and goes there.
 *
 * The firmware loads sector 0 of the disk to 0000:7C00 and starts it with the drive's number in DL. The second stage is
 * linked behind it, at 7E00. The byte at 1B7, in front of where a partition table's signature would be, chooses what is
 * booted without a question: 't' the tests, 'o' the tour, 'p' nothing, 0 the menu. The partition table has one entry
 * that spans the disk, for firmware that starts nothing else. */
#include "../lib/boot_info.h"

#define DISK_EXTENDED_READ 0x42
#define DISK_READ 0x02
#define DISK_EXTENSIONS 0x41
#define TRACK 63 /* sectors; the second stage is a little more than what is left of the first */

        .code16
        .section .boot, "ax"
        .globl  start
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
        jmp     loaded

by_chs: movb    boot_drive, %dl         # no: cylinder 0: head 0 from sector 2 on, then what is left from head 1
        xorb    %dh, %dh
        movw    $2, %cx
        movw    $stage2, %bx
        movb    $DISK_READ, %ah
        movb    $(TRACK - 1), %al
        int     $0x13
        jc      failed
        movb    boot_drive, %dl
        movb    $1, %dh
        movw    $1, %cx
        movw    $(stage2 + (TRACK - 1) * SECTOR), %bx
        movb    $DISK_READ, %ah
        movb    $(STAGE2_SECTORS - TRACK + 1), %al
        int     $0x13
        jc      failed
loaded: movb    boot_drive, %dl
        jmp     stage2

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
        .word   STAGE2_SECTORS
        .word   stage2, 0
        .quad   1

        .globl  boot_drive
boot_drive:
        .byte   0
text_failed:
        .asciz  "The rest of the guest can't be read from the disk.\r\n"

        .org    0x1b7
        .globl  boot_entry
boot_entry:
        .byte   0
        .org    446
        .byte   0x80, 0, 1, 0           # active, from cylinder 0, head 0, sector 1
        .byte   0xda, 0xff, 0xff, 0xff  # "data", to wherever
        .long   0, 0                    # image.py knows the size
        .org    510
        .word   0xaa55

        .section .note.GNU-stack, "", @progbits
