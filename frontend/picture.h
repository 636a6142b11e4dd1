/* picture.h: the guest's screen in memory of our own. */
#ifndef PCEMU_PICTURE_H
#define PCEMU_PICTURE_H

#include "machine.h"

#include <stdio.h>

/* Draws into the frame, whose pixels (malloc's, or NULL) grow to the size of the picture. False: there is none, or no
 * memory for it. */
bool picture_draw(struct vga_frame *frame, struct machine *m);

/* A file of that name is to be PNG; else it is PPM. */
bool picture_is_png(const char *path);
bool picture_write(FILE *out, const struct vga_frame *frame, bool png);

#endif
