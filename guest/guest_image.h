/* guest_image.h: the disk that pcemu boots when it is given none. */
#ifndef PCEMU_GUEST_IMAGE_H
#define PCEMU_GUEST_IMAGE_H

#include "base.h"

extern const u8 guest_image[];
extern const size_t guest_image_size;

#endif
