/* region_io.h: the last step of a register access, shared by the address space and the test bench: fits an access to
 * the widths that a device declared. */
#ifndef PCEMU_REGION_IO_H
#define PCEMU_REGION_IO_H

#include "region.h"

/* An access of 1, 2, 4 or 8 bytes at `offset` of a REGION_IO region, that lies within it. Wider than max_size: made in
 * ascending pieces of max_size. Narrower than min_size, or not aligned to it: made as whole aligned units of min_size;
 * the unit's other bytes are dropped on reads, and on writes keep what the device reads there. */
u64 region_io_read(const struct region *r, u64 offset, unsigned size);
void region_io_write(const struct region *r, u64 offset, u64 value, unsigned size);

#endif
