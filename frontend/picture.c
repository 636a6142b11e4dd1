/* picture.c: see picture.h. */
#include "picture.h"

#include "png.h"

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

bool picture_is_png(const char *path)
{
    size_t len = strlen(path);
    return len >= 4 && strcmp(path + len - 4, ".png") == 0;
}

static bool write_ppm(FILE *out, const struct vga_frame *f)
{
    fprintf(out, "P6\n%u %u\n255\n", f->width, f->height);
    for (size_t i = 0; i < (size_t)f->width * f->height; i++) {
        u32 p = f->pixels[i];
        const u8 rgb[3] = { (u8)(p >> 16), (u8)(p >> 8), (u8)p };
        fwrite(rgb, 1, sizeof rgb, out);
    }
    return !ferror(out);
}

bool picture_write(FILE *out, const struct vga_frame *frame, bool png)
{
    return png ? png_write(out, frame) : write_ppm(out, frame);
}
