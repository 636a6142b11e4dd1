/* png.h: a picture of the guest's screen as a PNG file. */
#ifndef PCEMU_PNG_H
#define PCEMU_PNG_H

#include "frame.h"
#include <stdio.h>

/* Writes the frame (width and height not 0) as 8-bit RGB. Return: true, or false for a host error: no memory, a short
 * write (errno says which). */
bool png_write(FILE *out, const struct vga_frame *frame);

/* The same into a file made at `path`. False with errno set; no half-written file is left. */
bool png_save(const char *path, const struct vga_frame *frame);

#endif
