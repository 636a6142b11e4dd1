/* bda.h: the BIOS data area's video part and the interrupt vectors that belong to the adapter. GET_BDA(field) and
 * SET_BDA(field, value) reach them whatever GS was. */
#ifndef VGA_BDA_H
#define VGA_BDA_H

#include "vga16.h"

struct PACKED bda {
    u8 to_410[0x10];
    u16 equipment; /* 410 */
    u8 to_449[0x449 - 0x412];
    u8 video_mode;    /* 449; VIDEO_MODE_VBE in VESA's modes */
    u16 columns;      /* 44A */
    u16 page_size;    /* 44C, bytes */
    u16 page_start;   /* 44E, bytes */
    u16 cursor[8];    /* 450, of each page: row in the high byte */
    u16 cursor_shape; /* 460, first line in the high byte */
    u8 page;          /* 462, the one that is shown */
    u16 crtc;         /* 463, port */
    u8 mode_select;   /* 465, what a CGA's mode select register would hold */
    u8 color_select;  /* 466, what its colour select register would hold */
    u8 to_484[0x484 - 0x467];
    u8 last_row;     /* 484 */
    u16 cell_height; /* 485, scan lines of a character */
    u8 control;      /* 487, CONTROL_… */
    u8 switches;     /* 488 */
    u8 options;      /* 489, OPTION_… */
    u8 combination;  /* 48A, index into the table of display combinations */
    u8 to_4a8[0x4a8 - 0x48b];
    u32 save_pointers; /* 4A8, far */
    u8 to_4b9[0x4b9 - 0x4ac];
    u8 power_state; /* 4B9, ours: VBE/PM */
    u16 vbe_mode;   /* 4BA, ours: the mode with its flags, as function 4F03 gives it */
};

#define BDA_AT 0x400
#define GET_BDA(field)                                                                                                 \
    ({                                                                                                                 \
        far_segment(0);                                                                                                \
        ((struct bda FAR *)BDA_AT)->field;                                                                             \
    })
#define SET_BDA(field, value)                                                                                          \
    do {                                                                                                               \
        __typeof__(((struct bda *)0)->field) bda_value_ = (__typeof__(bda_value_))(value);                             \
        far_segment(0);                                                                                                \
        ((struct bda FAR *)BDA_AT)->field = bda_value_;                                                                \
    } while (0)

#define EQUIPMENT_DISPLAY_MASK 0x30
#define EQUIPMENT_COLOR_80 0x20

#define VIDEO_MODE_VBE 0xff

#define CONTROL_NO_CURSOR_EMULATION BIT(0)
#define CONTROL_MONO BIT(1)
#define CONTROL_MEMORY_256K 0x60
#define CONTROL_NO_CLEAR BIT(7)

#define OPTION_VGA_ACTIVE BIT(0)
#define OPTION_GRAY_SUMMING BIT(1)
#define OPTION_NO_PALETTE_LOAD BIT(3)
#define OPTION_400_LINES BIT(4) /* with OPTION_200_LINES clear; neither: 350 lines */
#define OPTION_DISPLAY_SWITCH BIT(6)
#define OPTION_200_LINES BIT(7)

/* Interrupt vectors. */
#define VECTOR_VIDEO 0x10
#define VECTOR_UPPER_FONT 0x1f /* characters 80 to FF of the CGA's graphics modes */
#define VECTOR_PREVIOUS_VIDEO 0x42
#define VECTOR_GRAPHICS_FONT 0x43

static inline struct far get_vector(u8 n)
{
    return (struct far){ get_far16(0, (u16)(4 * n)), get_far16(0, (u16)(4 * n + 2)) };
}

static inline void set_vector(u8 n, struct far to)
{
    set_far16(0, (u16)(4 * n), to.offset);
    set_far16(0, (u16)(4 * n + 2), to.segment);
}

#endif
