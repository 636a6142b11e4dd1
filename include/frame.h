/* frame.h: one picture of the guest's screen, on its way from the display adapter to a window or a file. */
#ifndef PCEMU_FRAME_H
#define PCEMU_FRAME_H

#include "base.h"

struct vga_frame {
    u32 *pixels;       /* 00RRGGBB, rows without gaps, top first; owned by the caller */
    size_t room;       /* pixels that fit */
    u32 width, height; /* set by the adapter; valid even where `room` was too small */
};

#endif
