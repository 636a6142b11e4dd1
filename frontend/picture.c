/* picture.c: see picture.h. */
#include "picture.h"

#include <stdlib.h>

bool picture_draw(struct vga_frame *frame, struct machine *m)
{
    if (machine_draw(m, frame))
        return true;
    size_t room = (size_t)frame->width * frame->height;
    u32 *pixels = room ? realloc(frame->pixels, room * sizeof *pixels) : NULL;
    if (!pixels)
        return false;
    frame->pixels = pixels;
    frame->room = room;
    return machine_draw(m, frame);
}
