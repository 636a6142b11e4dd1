/* tables.S: tables that hold far pointers to one another (IBM BIOS interface, "save pointer table"). POST puts the ROM of
 * a VGA at C0000; everything else in here runs anywhere. */
#define VGA_BIOS_SEGMENT 0xc000
#define SECONDARY_SIZE 26

        .section .romdata, "a"
        .globl  save_pointer_table, display_combinations, static_functionality
        .balign 2
save_pointer_table:
        .word   video_parameters, VGA_BIOS_SEGMENT
        .long   0                       # dynamic save area: the caller's
        .long   0                       # fonts of the caller's choice
        .long   0
        .word   secondary_table, VGA_BIOS_SEGMENT
        .long   0, 0
secondary_table:
        .word   SECONDARY_SIZE
        .word   display_combinations, VGA_BIOS_SEGMENT
        .long   0                       # second font
        .long   0                       # palette of the user's choice
        .long   0, 0, 0

/* Pairs of adapters; 40:8A counts them from 0. Each 0: none, 1: MDA, 2: CGA, 4 and 5: EGA with colour, monochrome
 * display, 6: PGA, 7 and 8: VGA with monochrome, colour display. */
display_combinations:
        .byte   16, 1, 8, 0             # pairs, version, highest code
        .byte   0,0, 0,1, 0,2, 2,1, 0,4, 4,1, 0,5, 2,5, 0,6, 6,1, 6,5, 0,8, 8,1, 0,7, 2,7, 6,7

/* Function 1B: what the adapter and this BIOS can do. */
static_functionality:
        .byte   0xff, 0xe0, 0x0f        # modes 00 to 07, 0D to 0F, 10 to 13
        .long   0
        .byte   0x07                    # 200, 350, 400 scan lines
        .byte   2                       # fonts that show at a time, of
        .byte   8                       # those that can be loaded
        .byte   0xe7, 0x0c              # all modes: gray summing, fonts, palette, cursor emulation, EGA palette, DAC,
                                        # DAC paging; save and restore, blinking or intensity, combinations
        .word   0
        .byte   0                       # nothing of the save pointers is used
        .byte   0
        .section .note.GNU-stack, "", @progbits
